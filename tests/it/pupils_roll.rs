//! Leaving the roll: one pupil, all who leave in summer, and coming back.

use axum::http::StatusCode;
use time::{Date, OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::support::{Answer, Person, Town, day, pupil};

const LEFT: [(&str, &str); 4] =
    [("last_on.day", "27"), ("last_on.month", "11"), ("last_on.year", "2026"), ("why", "Moved to Wales")];

/// A pupil on Greenfield's roll without a case.
async fn another(town: &mut Town, family: &str, born: &str) -> Uuid {
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.id);
    let (id, _) = pupil(&mut town.owner, town.authority, school, lead, family).await;
    sqlx::query("update app.pupils set born_on = $2, given_name = 'Kit' where id = $1")
        .bind(id)
        .bind(day(born))
        .execute(&mut town.owner)
        .await
        .unwrap();
    id
}

async fn days(town: &mut Town, pupil: Uuid) -> Vec<(Date, Option<Date>)> {
    sqlx::query_as("select from_on, to_on from app.enrolments where pupil_id = $1 order by from_on")
        .bind(pupil)
        .fetch_all(&mut town.owner)
        .await
        .unwrap()
}

/// Moves the clock, and the session with it.
async fn go_to(town: &mut Town, who: &Person, at: OffsetDateTime) {
    let by = at - town.now();
    town.later(by);
    sqlx::query("update app.sessions set made_at = $2, seen_at = $2, ends_at = $2 + interval '12 hours' where user_id = $1")
        .bind(who.id)
        .bind(at)
        .execute(&mut town.owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_pupil_leaves_and_is_put_back_when_that_was_a_mistake() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let id = another(&mut town, "Leaver", "2012-12-25").await;
    let page = format!("/pupils/{id}");
    let left = town.post(&lead, &format!("{page}/leave"), &LEFT).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
    assert!(town.get(&lead, "/pupils").await.body.contains("Kit Leaver"), "until the last day");
    let shown = town.get(&lead, &page).await;
    assert!(
        shown.body.contains("2 September 2024 to 27 November 2026") && shown.body.contains("Moved to Wales"),
        "{}",
        shown.body
    );
    let twice = town.post(&lead, &format!("{page}/leave"), &LEFT).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);

    go_to(&mut town, &lead, datetime!(2026-11-30 09:00 UTC)).await;
    assert!(!town.get(&lead, "/pupils").await.body.contains("Kit Leaver"));
    assert!(town.get(&lead, "/pupils?left=1").await.body.contains("Kit Leaver"));
    assert!(
        town.get(&lead, &format!("/cases/new?pupil={id}")).await.body.contains("roll"),
        "no case for who is not on the roll"
    );

    let unsaid = town.post(&lead, &format!("{page}/back"), &[("how", "")]).await;
    assert!(unsaid.body.contains("Select whether leaving was a mistake"), "{}", unsaid.body);
    let early = [("how", "again"), ("back_on.day", "27"), ("back_on.month", "11"), ("back_on.year", "2026")];
    let refused = town.post(&lead, &format!("{page}/back"), &early).await;
    assert!(
        refused.body.contains("must be after the last day on the roll, 27 November 2026"),
        "{}",
        refused.body
    );
    let back = town.post(&lead, &format!("{page}/back"), &[("how", "mistake")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(days(&mut town, id).await, [(day("2024-09-02"), None)]);
    assert!(town.get(&lead, "/pupils").await.body.contains("Kit Leaver"));

    // Later the pupil really leaves, and comes back.
    town.post(&lead, &format!("{page}/leave"), &LEFT).await;
    let again = [("how", "again"), ("back_on.day", "4"), ("back_on.month", "1"), ("back_on.year", "2027")];
    let back = town.post(&lead, &format!("{page}/back"), &again).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(
        days(&mut town, id).await,
        [(day("2024-09-02"), Some(day("2026-11-27"))), (day("2027-01-04"), None)]
    );
}

#[tokio::test]
async fn an_open_case_is_closed_first() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case);
    let address = format!("/pupils/{}/leave", case.pupil);
    let page = town.get(&lead, &address).await;
    assert!(
        page.body.contains(&format!("/cases/{}", case.case)) && !page.body.contains("name=\"why\""),
        "{}",
        page.body
    );
    let refused = town.post(&lead, &address, &LEFT).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Close the open case first"), "{}", refused.body);
    // The database says so too.
    let raw = sqlx::query(
        "update app.enrolments set to_on = '2026-11-27', left_why = 'x', left_at = now(), left_by = $2 where pupil_id = $1",
    )
    .bind(case.pupil)
    .bind(lead.id)
    .execute(&mut town.owner)
    .await;
    assert!(raw.unwrap_err().to_string().contains("an open case is closed first"));
    assert_eq!(days(&mut town, case.pupil).await, [(day("2024-09-02"), None)]);
}

/// Sends the form of the turn of the year with one pupil ticked.
async fn send(town: &Town, who: &Person, pupil: &str, go: &str) -> Answer {
    let school = town.greenfield.id.to_string();
    let fields = [
        ("school", school.as_str()),
        ("year", "11"),
        ("leave", pupil),
        ("last_on.day", "31"),
        ("last_on.month", "8"),
        ("last_on.year", "2027"),
        ("why", "End of Year 11"),
        ("go", go),
    ];
    town.post(who, "/pupils/new-year", &fields).await
}

/// What the reports count for a school of the cases that began in 2026 to 2027, on a day.
async fn counts(town: &mut Town, school: Uuid, today: Date) -> sqlx::types::Json<Vec<i64>> {
    sqlx::query("select app.report_refresh($1, $2, now())")
        .bind(school)
        .bind(today)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query_scalar(
        "select to_jsonb(counts) from app.report_counts where school_id = $1 and school_year = 2026 and part = 'all'",
    )
    .bind(school)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// Pupils of two years, one of them taught a year below; the pupil with the case is of the last year too.
async fn two_years(town: &mut Town) -> [Uuid; 2] {
    let eleven = another(town, "Eleven", "2011-03-01").await;
    let ten = another(town, "Ten", "2012-03-01").await;
    let staying = another(town, "Below", "2011-03-01").await;
    sqlx::query("update app.pupils set year_offset = -1, year_reason = 'Illness' where id = $1")
        .bind(staying)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query("update app.pupils set born_on = '2010-12-25' where id = $1")
        .bind(town.greenfield.case.pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    [eleven, ten]
}

#[tokio::test]
async fn on_the_first_of_september_the_years_moved_and_the_leavers_are_gone() {
    let mut town = Town::new().await;
    let (lead, own) = (town.greenfield.lead.clone(), town.greenfield.clone());
    let [eleven, ten] = two_years(&mut town).await;
    go_to(&mut town, &lead, datetime!(2027-07-12 09:00 UTC)).await;
    let page = town.get(&lead, "/pupils/new-year").await;
    assert_eq!(page.status, StatusCode::OK);
    let (waiting, ticked) =
        page.body.split_once("<form method=\"post\" action=\"/pupils/new-year\"").unwrap();
    assert!(
        waiting.contains(&own.sentinel) && waiting.contains(&format!("/cases/{}", own.case.case)),
        "{waiting}"
    );
    assert!(waiting.contains("has no term of 2027 to 2028"), "{waiting}");
    assert!(
        ticked.contains("Kit Eleven") && !ticked.contains("Kit Ten") && !ticked.contains("Kit Below"),
        "{ticked}"
    );
    assert!(ticked.contains(&format!("value=\"{eleven}\" checked")), "{ticked}");
    let others = town.get(&lead, "/pupils/new-year?year=10").await;
    assert!(
        others.body.contains("Kit Ten")
            && others.body.contains("Kit Below")
            && !others.body.contains("checked>"),
        "{}",
        others.body
    );

    let ids = [eleven.to_string(), own.case.pupil.to_string()];
    let before = town.digest().await;
    let with_case = send(&town, &lead, &ids[1], "save").await;
    assert!(with_case.body.contains("Close the open case first"), "{}", with_case.body);
    let foreign = town.hillside.case.pupil.to_string();
    // Whoever is not on this roll, here or elsewhere, is not ticked any more; the other ticks stay.
    let mut both = vec![("leave", foreign.as_str()), ("leave", ids[0].as_str())];
    let school = own.id.to_string();
    both.extend([("school", school.as_str()), ("year", "11"), ("why", "End of Year 11"), ("go", "save")]);
    both.extend([("last_on.day", "31"), ("last_on.month", "8"), ("last_on.year", "2027")]);
    let changed = town.post(&lead, "/pupils/new-year", &both).await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(changed.body.contains("Somebody else changed who is on the roll"), "{}", changed.body);
    assert!(changed.body.contains(&format!("value=\"{eleven}\" checked")), "{}", changed.body);
    assert!(!changed.body.contains(&town.hillside.sentinel));
    let check = send(&town, &lead, &ids[0], "check").await;
    assert!(
        check.body.contains("Kit Eleven") && check.body.contains("Tuesday 31 August 2027"),
        "{}",
        check.body
    );
    assert_eq!(before, town.digest().await, "checking saves nothing");
    let saved = send(&town, &lead, &ids[0], "save").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let trail = "select count(*) from app.audit_events where action = 'turn_year' and outcome = 'allowed' and $1 = any (pupils)
                 and facts ->> 'left' = '1'";
    assert_eq!(town.count(trail, eleven).await, 1);

    // The case is closed with progress: now that pupil can leave too.
    sqlx::query("update app.cases set closed_on = '2027-07-09', ended_as = 'progress' where id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let saved = send(&town, &lead, &ids[1], "save").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);

    let counted = counts(&mut town, own.id, day("2027-08-31")).await;
    assert_eq!(counted.0, [0, 0, 0, 1], "or it proves nothing");
    go_to(&mut town, &lead, datetime!(2027-08-31 09:00 UTC)).await;
    let list = town.get(&lead, "/pupils").await;
    assert!(list.body.contains("Kit Eleven") && list.body.contains("Year 10"), "{}", list.body);
    go_to(&mut town, &lead, datetime!(2027-09-01 09:00 UTC)).await;
    let list = town.get(&lead, "/pupils").await;
    assert!(!list.body.contains("Kit Eleven"), "{}", list.body);
    let shown = town.get(&lead, &format!("/pupils/{ten}")).await;
    assert!(shown.body.contains("Year 11"), "{}", shown.body);
    assert!(town.get(&lead, &format!("/pupils/{eleven}")).await.body.contains("End of Year 11"));
    sqlx::query(
        "insert into app.calendar_spans (id, authority_id, kind, name, from_on, to_on)
         values (gen_random_uuid(), $1, 'term', 'Term 1', '2027-09-01', '2027-10-22')",
    )
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
    // (How a case is closed, and that it owes nothing then, is told in the stories of the stages.)
    let sheet = town.get(&lead, "/today").await.body;
    assert!(sheet.contains("No pupil of Greenfield School was on the programme on this day"), "{sheet}");
    let cases = town.get(&lead, "/cases").await.body;
    assert!(!cases.contains(&own.sentinel), "{cases}");
    let after = counts(&mut town, own.id, day("2027-09-01")).await;
    assert_eq!(counted, after, "last year counts them still");
}

#[tokio::test]
async fn the_administrator_is_told_of_calendars_that_are_missing() {
    let mut town = Town::new().await;
    let admin = town.person("la_administrator", None).await;
    let now = town.get(&admin, "/admin").await;
    assert!(!now.body.contains("no terms"), "this year is loaded: {}", now.body);
    go_to(&mut town, &admin, datetime!(2027-05-10 09:00 UTC)).await;
    let later = town.get(&admin, "/admin").await;
    assert!(later.body.contains("2 schools have no terms for 2027 to 2028"), "{}", later.body);
    sqlx::query(
        "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
         values (gen_random_uuid(), $1, $2, 'term', 'Term 1', '2027-09-02', '2027-10-22')",
    )
    .bind(town.authority)
    .bind(town.hillside.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let later = town.get(&admin, "/admin").await;
    assert!(later.body.contains("1 school has no terms for 2027 to 2028"), "{}", later.body);
}
