//! Calendars on screen: the model and a school's own days, what a change moves, files, and who may not.

use axum::http::StatusCode;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    overview::in_sql,
    support::{Answer, Person, Town},
};

const ADD: &str = "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
                   select gen_random_uuid(), $1, $2, 'closure', 'X', '2026-11-27', '2026-11-27' where $3 <> $4";
const REMOVE: &str =
    "update app.calendar_spans set removed_at = now() where id = $2 and $1 <> $3 and $3 <> $4";
const READ: &str = "select 1 from app.read_to_reckon(), app.cases where $1 <> $2 and $2 <> $3 and $3 <> $4";

async fn admin(town: &mut Town) -> Person {
    town.person("la_administrator", None).await
}

/// A span from one day of a month to another of the next, as a form.
fn span<'a>(kind: &'a str, name: &'a str, from: [&'a str; 3], to: [&'a str; 3]) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", kind),
        ("name", name),
        ("from.day", from[0]),
        ("from.month", from[1]),
        ("from.year", from[2]),
        ("to.day", to[0]),
        ("to.month", to[1]),
        ("to.year", to[2]),
    ]
}

async fn add(town: &Town, who: &Person, place: &str, fields: &[(&str, &str)], go: &str) -> Answer {
    let mut fields = fields.to_vec();
    fields.push(("go", go));
    town.post(who, &format!("/admin/calendars/{place}/spans/new"), &fields).await
}

async fn spans(town: &mut Town, school: Option<Uuid>) -> Vec<String> {
    sqlx::query_scalar(
        "select kind || ' ' || name || ' ' || from_on || ' ' || to_on from app.calendar_spans
         where authority_id = $1 and school_id is not distinct from $2 and removed_at is null order by from_on, name",
    )
    .bind(town.authority)
    .bind(school)
    .fetch_all(&mut town.owner)
    .await
    .unwrap()
}

/// What every open case of a school owes, as its pages show it: what and by when, reckoned anew.
async fn owed(town: &mut Town, of: &[(Person, Uuid)]) -> Vec<(Uuid, serde_json::Value)> {
    let mut all = Vec::new();
    for (lead, case) in of {
        assert_eq!(town.get(lead, &format!("/cases/{case}")).await.status, StatusCode::OK);
        let kept: Json<Vec<serde_json::Value>> = sqlx::query_scalar(
            "select duties from app.case_duties where case_id = $1 and reckoned_on is not null",
        )
        .bind(case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
        all.extend(kept.0.into_iter().map(|duty| (*case, duty)));
    }
    all
}

/// How many due dates differ, case by case: the slow way.
fn differing(
    before: &[(Uuid, serde_json::Value)],
    after: &[(Uuid, serde_json::Value)],
    cases: &[Uuid],
) -> (usize, usize) {
    let (mut dates, mut touched) = (0, 0);
    for case in cases {
        let of = |all: &[(Uuid, serde_json::Value)]| {
            all.iter().filter(|(id, _)| id == case).map(|(_, duty)| duty.to_string()).collect::<Vec<_>>()
        };
        let (was, is) = (of(before), of(after));
        let gone = was.iter().filter(|duty| !is.contains(duty)).count();
        let come = is.iter().filter(|duty| !was.contains(duty)).count();
        dates += gone.max(come);
        touched += usize::from(gone + come > 0);
    }
    (dates, touched)
}

#[tokio::test]
async fn what_a_change_moves_is_said_before_and_is_so_after() {
    let mut town = Town::new().await;
    let mut cases = town.class(3, 2).await;
    let (admin, own, other) = (admin(&mut town).await, town.greenfield.clone(), town.hillside.clone());
    cases.push(own.case.case);
    let mut of: Vec<_> = cases.iter().map(|case| (own.lead.clone(), *case)).collect();
    of.push((other.lead.clone(), other.case.case));
    cases.push(other.case.case);
    let before = owed(&mut town, &of).await;
    let digest = town.digest().await;

    // The whole of next week closed, for every school.
    let snow = span("closure", "Snow", ["25", "11", "2026"], ["4", "12", "2026"]);
    let check = add(&town, &admin, "model", &snow, "check").await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    assert_eq!(digest, town.digest().await, "checking saves nothing");
    for word in [&own.sentinel, &other.sentinel, &own.case.case.to_string(), "Robin"] {
        assert!(!check.body.contains(word), "the administrator sees numbers only: {word}");
    }
    let saved = add(&town, &admin, "model", &snow, "save").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let after = owed(&mut town, &of).await;
    let (dates, touched) = differing(&before, &after, &cases);
    assert!(dates > 3 && touched == 5, "or it proves nothing: {dates} of {touched}");
    let says = format!("This changes {dates} due dates of {touched} open cases, from ");
    assert!(check.body.contains(&says), "{says}: {}", check.body);
    assert_eq!(town.get(&admin, "/cases").await.status, StatusCode::FORBIDDEN, "and sees no case afterwards");

    // A closure of one school touches its cases alone, and the headteacher is told the same way.
    let again = span("closure", "Flood", ["7", "12", "2026"], ["9", "12", "2026"]);
    let place = other.id.to_string();
    let check = add(&town, &other.head, &place, &again, "check").await;
    assert!(check.body.contains(" of 1 open case, from "), "{}", check.body);
    let none =
        add(&town, &other.head, &place, &span("closure", "Far", ["3", "2", "2027"], ["", "", ""]), "check")
            .await;
    assert!(none.body.contains("This changes no due date."), "{}", none.body);
}

#[tokio::test]
async fn a_span_is_added_changed_and_removed_with_a_version() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let place = own.id.to_string();
    let inset = span("inset", "Training", ["27", "11", "2026"], ["", "", ""]);
    assert_eq!(add(&town, &own.head, &place, &inset, "save").await.status, StatusCode::SEE_OTHER);
    assert!(
        spans(&mut town, Some(own.id)).await.contains(&"inset Training 2026-11-27 2026-11-27".to_owned())
    );
    // Its own INSET days stand for the model's: the model's of 20 November is a school day here now.
    let page = town.get(&own.head, &format!("/admin/calendars/{place}")).await;
    assert!(page.body.contains("Training") && page.body.contains("Training day"), "{}", page.body);
    assert!(town.get(&own.tutor, "/today?date=2026-11-20").await.body.contains("P6"));
    let id: Uuid =
        sqlx::query_scalar("select id from app.calendar_spans where school_id = $1 and name = 'Training'")
            .bind(own.id)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    let path = format!("/admin/calendars/{place}/spans/{id}");
    let form = town.get(&own.head, &path).await;
    assert!(
        form.body.contains("value=\"27\"") && form.body.contains("name=\"version\" value=\"1\""),
        "{}",
        form.body
    );
    let mut moved = span("inset", "Training", ["30", "11", "2026"], ["", "", ""]);
    moved.extend([("version", "1"), ("go", "check")]);
    let check = town.post(&own.head, &path, &moved).await;
    assert!(
        check.body.contains("Goes out") && check.body.contains("Training: 30 November 2026 (INSET day)"),
        "{}",
        check.body
    );
    moved.last_mut().unwrap().1 = "save";
    assert_eq!(town.post(&own.head, &path, &moved).await.status, StatusCode::SEE_OTHER);
    let stale = town.post(&own.head, &path, &moved).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.body);
    let remove = [("what", "remove"), ("version", "2"), ("go", "save")];
    let asked = town.post(&own.head, &path, &remove[..2]).await;
    assert!(
        asked.status == StatusCode::OK && asked.body.contains("Goes out"),
        "removing is checked too: {}",
        asked.body
    );
    assert_eq!(town.post(&own.head, &path, &remove).await.status, StatusCode::SEE_OTHER);
    assert!(!spans(&mut town, Some(own.id)).await.iter().any(|span| span.contains("Training")));
    assert_eq!(town.get(&own.head, &path).await.status, StatusCode::NOT_FOUND, "it is gone");
    let kept = town
        .count("select count(*) from app.calendar_spans where id = $1 and removed_at is not null", id)
        .await;
    assert_eq!(kept, 1, "and the record of it stays");
}

#[tokio::test]
async fn what_cannot_be_in_a_calendar_says_why() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let before = spans(&mut town, None).await;
    for (fields, says) in [
        (span("", "X", ["27", "11", "2026"], ["", "", ""]), "Select what it is"),
        (span("feast", "X", ["27", "11", "2026"], ["", "", ""]), "Select what it is"),
        (span("inset", "", ["27", "11", "2026"], ["", "", ""]), "Enter name"),
        (span("inset", "X", ["", "", ""], ["", "", ""]), "Enter the first day"),
        (
            span("inset", "X", ["27", "11", "2026"], ["26", "11", "2026"]),
            "Last day must not be before the first day",
        ),
        (span("closure", "X", ["1", "1", "2027"], ["1", "8", "2027"]), "fewer than 200 days"),
        (span("closure", "X", ["1", "1", "2037"], ["", "", ""]), "within three years of today"),
        (span("term", "Late", ["18", "12", "2026"], ["20", "1", "2027"]), "Terms must not overlap"),
    ] {
        for go in ["check", "save"] {
            let answer = add(&town, &admin, "model", &fields, go).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", answer.body);
            assert!(answer.body.contains(says), "{says}: {}", answer.body);
        }
    }
    assert_eq!(before, spans(&mut town, None).await);
    for place in ["nonsense", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(
            town.get(&admin, &format!("/admin/calendars/{place}")).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn a_calendar_is_copied_from_the_model_and_from_last_year() {
    let mut town = Town::new().await;
    let (admin, own) = (admin(&mut town).await, town.greenfield.clone());
    let place = own.id.to_string();
    let copy = |source: &'static str, year: &'static str, go: &'static str| {
        vec![("source", source), ("year", year), ("go", go)]
    };
    let path = format!("/admin/calendars/{place}/copy");
    let check = town.post(&own.head, &path, &copy("model", "2026", "check")).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    assert!(check.body.contains("Term 1: 2 September to 23 October 2026 (term)"), "{}", check.body);
    assert!(check.body.contains("This changes no due date."), "the same days: {}", check.body);
    assert_eq!(
        town.post(&own.head, &path, &copy("model", "2026", "save")).await.status,
        StatusCode::SEE_OTHER
    );
    let own_spans = spans(&mut town, Some(own.id)).await;
    assert_eq!(own_spans.iter().filter(|span| span.starts_with("term")).count(), 3, "{own_spans:?}");
    let twice = town.post(&own.head, &path, &copy("model", "2026", "save")).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("There is nothing to copy"), "{}", twice.body);

    // A year on: 52 weeks later, the same days of the week, and no bank holiday.
    let bank = span("bank_holiday", "Christmas Day", ["25", "12", "2026"], ["", "", ""]);
    assert_eq!(add(&town, &admin, "model", &bank, "save").await.status, StatusCode::SEE_OTHER);
    let model = "/admin/calendars/model/copy";
    assert_eq!(town.post(&admin, model, &copy("last", "2027", "save")).await.status, StatusCode::SEE_OTHER);
    let all = spans(&mut town, None).await;
    assert!(all.contains(&"term Term 1 2027-09-01 2027-10-22".to_owned()), "{all:?}");
    assert!(all.contains(&"inset Training day 2027-11-19 2027-11-19".to_owned()), "{all:?}");
    assert!(!all.iter().any(|span| span.contains("2027-12-24") || span.contains("2027-12-25")), "{all:?}");
    for (source, year) in [("model", "2026"), ("last", "1990"), ("", "2026"), ("last", "x")] {
        let answer = town.post(&admin, model, &[("source", source), ("year", year)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{source} {year}");
    }
}

const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Term 4\r\nDTSTART;VALUE=DATE:20270222\r\n\
DTEND;VALUE=DATE:20270326\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:INSET day\\, no\r\n  pupils\r\nDTSTART;VALUE=DATE:20270222\r\n\
END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Half term holiday\r\nDTSTART;VALUE=DATE:20270215\r\nDTEND;VALUE=DATE:20270220\r\n\
END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Term 1\r\nDTSTART;VALUE=DATE:20260902\r\nDTEND;VALUE=DATE:20261024\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

#[tokio::test]
async fn a_file_is_looked_at_first_and_comes_in_whole_or_not_at_all() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let path = "/admin/calendars/model/import";
    let before = spans(&mut town, None).await;
    let check = town.post(&admin, path, &[("file", ICS), ("go", "check")]).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    for words in [
        "Term 4: 22 February to 25 March 2027 (term)",
        "INSET day, no pupils: 22 February 2027 (INSET day)",
        "Is there already",
        "Term 1: 2 September to 23 October 2026 (term)",
        "Line 13: Half term holiday: holidays are the days between terms",
    ] {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    assert_eq!(before, spans(&mut town, None).await);
    let broken = ICS.replace("SUMMARY:Term 4", "SUMMARY:Sports day");
    let refused = town.post(&admin, path, &[("file", &broken), ("go", "save")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Line 3: Sports day: it does not say whether"), "{}", refused.body);
    assert_eq!(before, spans(&mut town, None).await, "nothing half brought in");
    let saved = town.post(&admin, path, &[("file", ICS), ("go", "save")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(spans(&mut town, None).await.len(), before.len() + 2);
    let twice = town.post(&admin, path, &[("file", ICS), ("go", "save")]).await;
    assert!(twice.body.contains("Everything in it is in the calendar already"), "{}", twice.body);
    let empty = town.post(&admin, path, &[("file", "  "), ("go", "save")]).await;
    assert!(empty.body.contains("Paste the contents of the file"), "{}", empty.body);
    let table = "Name,From,To,Kind\nSpring bank holiday,31/05/2027,,Bank holiday\n\"Term, the fifth\",12 April 2027,28/5/2027,term\n";
    let saved = town.post(&admin, path, &[("file", table), ("go", "save")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(spans(&mut town, None).await.contains(&"term Term, the fifth 2027-04-12 2027-05-28".to_owned()));
}

#[tokio::test]
async fn each_keeps_the_calendars_of_their_own() {
    let mut town = Town::new().await;
    let elsewhere = Town::new().await;
    let (admin, own, other) = (admin(&mut town).await, town.greenfield.clone(), town.hillside.clone());
    let list = town.get(&own.head, "/admin/calendars").await;
    assert!(
        list.body.contains("Greenfield School") && !list.body.contains("Hillside School"),
        "{}",
        list.body
    );
    assert!(list.body.contains("Loaded up to 12 February 2027"), "{}", list.body);
    let all = town.get(&admin, "/admin/calendars").await;
    assert!(
        all.body.contains("The authority’s model") && all.body.contains("Hillside School"),
        "{}",
        all.body
    );
    let (before, there) = (town.digest().await, elsewhere.greenfield.id.to_string());
    let closed = span("closure", "X", ["27", "11", "2026"], ["", "", ""]);
    for (who, place) in [
        (&own.head, "model".to_owned()),
        (&own.head, other.id.to_string()),
        (&own.lead, own.id.to_string()),
        (&own.tutor, own.id.to_string()),
        (&admin, there),
    ] {
        let refused = add(&town, who, &place, &closed, "save").await;
        assert!(
            [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&refused.status),
            "{place} {}",
            refused.status
        );
    }
    // A span of another school, under one's own address.
    let path = format!("/admin/calendars/{}/spans/{}", own.id, other.span);
    assert_eq!(
        town.post(&own.head, &path, &[("what", "remove"), ("version", "1"), ("go", "save")]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(before, town.digest().await);
    let ids = |one: Uuid| [town.authority, one, own.case.case, own.case.pupil];
    assert_eq!(in_sql(&own.head, ADD, ids(own.id)).await, Ok(1), "or it proves nothing");
    assert!(in_sql(&own.head, ADD, ids(other.id)).await.unwrap_err().contains("row-level security"));
    assert!(in_sql(&own.lead, ADD, ids(own.id)).await.unwrap_err().contains("row-level security"));
    assert_eq!(in_sql(&own.head, REMOVE, ids(own.span)).await, Ok(1));
    assert_eq!(in_sql(&own.head, REMOVE, ids(other.span)).await, Ok(0));
    // Reading to reckon opens nothing to anybody but an administrator, and to them their own authority.
    let (tutor_before, opened) =
        (in_sql(&own.tutor, READ, ids(own.id)).await, in_sql(&own.head, READ, ids(own.id)).await);
    assert_eq!(
        tutor_before,
        in_sql(&own.tutor, "select 1 from app.cases where $1 <> $2 and $2 <> $3 and $3 <> $4", ids(own.id))
            .await
    );
    assert_eq!(opened, Ok(1), "the headteacher’s own school as before");
}

#[tokio::test]
async fn a_calendar_that_is_not_loaded_says_so() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    sqlx::query("update app.calendar_spans set removed_at = now() where authority_id = $1 and kind = 'term'")
        .bind(town.authority)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let list = town.get(&admin, "/admin/calendars").await;
    assert_eq!(list.body.matches("Calendar not loaded").count(), 3, "{}", list.body);
}

#[tokio::test]
async fn how_far_a_calendar_is_loaded_is_the_same_on_every_page() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let la = town.person("la_representative", None).await;
    let school = town.greenfield.id;
    // Further on than a year, which is as far as due dates ever look.
    sqlx::query(
        "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
         values (gen_random_uuid(), $1, $2, 'term', 'Far', '2029-01-08', '2029-03-29')",
    )
    .bind(town.authority)
    .bind(school)
    .execute(&mut town.owner)
    .await
    .unwrap();
    for (who, page) in [
        (&admin, "/admin/calendars".to_owned()),
        (&admin, format!("/admin/calendars/{school}")),
        (&la, "/schools".to_owned()),
    ] {
        let answer = town.get(who, &page).await;
        let says = ["29 March 2029", "29 Mar 2029"].iter().any(|day| answer.body.contains(day));
        assert!(says, "{page}: {}", answer.body);
    }
    // Years there are no pages of are not linked.
    let first = town.get(&admin, "/admin/calendars/model?year=2000").await;
    assert!(!first.body.contains("year=1999") && first.body.contains("year=2001"), "{}", first.body);
    assert_eq!(town.get(&admin, "/admin/calendars/model?year=1999").await.status, StatusCode::NOT_FOUND);
}
