//! The headteacher's page: what waits, what they were told and when they opened it (P2.01), who decides in their
//! place (7.2 A8).

use axum::http::StatusCode;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use waymark::{db, web::session};

use crate::support::{Answer, NOW, Person, School, Town, day, grant, web_options};

const NEW: &str = "/overview/delegates/new";

// Statements of the web role: $1 authority, $2 school, $3 somebody or something, $4 who acts.
const GRANT: &str = "insert into app.grants (id, authority_id, school_id, user_id, made_by, role, from_on, to_on, made_at)
        values (gen_random_uuid(), $1, $2, $3, $4, 'head_delegate', '2026-11-24', '2026-12-18', '2026-11-24')";
const END: &str = "update app.grants set to_on = '2026-11-24' where user_id = $3 and $1 <> $2 and $2 <> $4";
const LENGTHEN: &str =
    "update app.grants set role = 'headteacher' where user_id = $3 and $1 <> $2 and $2 <> $4";
const OPEN: &str =
    "update app.head_notices set seen_at = '2026-11-24', seen_by = $4 where school_id = $2 and $1 <> $3";
const PUBLISH: &str =
    "insert into app.policies (id, authority_id, version, effective_on, settings, source, published_by)
        select gen_random_uuid(), $1, 2, '2026-11-24', '{}', 'x', $4 from given where $2 <> $3";
const COUNTED: &str = "select 1 from app.cases_by_policy() where $1 <> $2 and $3 <> $4";
const CASES: &str = "select 1 from app.cases where $1 <> $2 and $3 <> $4";

async fn notice(town: &mut Town, school: &School, kind: &str, at: OffsetDateTime) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at, duty, words)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(id)
    .bind(town.authority)
    .bind(school.id)
    .bind(school.case.case)
    .bind(kind)
    .bind(at.date())
    .bind(at)
    .bind((kind == "overdue").then(|| format!("Sign the review {id}")))
    .execute(&mut town.owner)
    .await
    .unwrap();
    id
}

/// Nothing is owed in this town today, so that nothing becomes overdue under a test about something else.
async fn quiet(town: &mut Town) {
    sqlx::query(
        "update app.case_duties set reckoned_on = '2026-11-24', duties = '[]' where authority_id = $1",
    )
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

async fn opened_by(town: &mut Town, notice: Uuid) -> Option<Uuid> {
    sqlx::query_scalar("select seen_by from app.head_notices where id = $1")
        .bind(notice)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

/// The form to name the tutor at Greenfield from today until 18 December, with some fields typed otherwise.
async fn name(town: &Town, who: &Person, other: &[(&str, &str)]) -> Answer {
    let (school, tutor) = (town.greenfield.id.to_string(), town.greenfield.tutor.id.to_string());
    let mut fields = vec![
        ("school", school.as_str()),
        ("person", tutor.as_str()),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
        ("to_on.day", "18"),
        ("to_on.month", "12"),
        ("to_on.year", "2026"),
    ];
    for (field, typed) in other {
        fields.iter_mut().find(|(name, _)| name == field).unwrap().1 = typed;
    }
    town.post(who, NEW, &fields).await
}

/// Delegations of somebody, by first day: id, first and last day.
async fn delegations(town: &mut Town, of: Uuid) -> Vec<(Uuid, time::Date, Option<time::Date>)> {
    sqlx::query_as(
        "select id, from_on, to_on from app.grants where user_id = $1 and role = 'head_delegate' order by from_on",
    )
    .bind(of)
    .fetch_all(&mut town.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn p2_01_the_headteacher_is_told_and_when_they_opened_it_is_noted() {
    let mut town = Town::new().await;
    quiet(&mut town).await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let earlier = NOW - time::Duration::hours(20);
    let first = notice(&mut town, &own, "opened", earlier).await;
    let second = notice(&mut town, &own, "feedback_missed", earlier + time::Duration::minutes(1)).await;
    let foreign = notice(&mut town, &other, "moved", earlier).await;
    let delegate = town.person("head_delegate", Some(own.id)).await;
    let seen = town.get(&delegate, "/overview/inbox").await;
    assert_eq!(seen.body.matches(">New</strong>").count(), 2, "{}", seen.body);
    assert_eq!(opened_by(&mut town, first).await, None, "a delegate does not open it in the head's place");

    assert_eq!(town.get(&own.head, "/").await.location, "/overview");
    let page = town.get(&own.head, "/overview/inbox").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.body.matches(">New</strong>").count(), 2, "{}", page.body);
    assert!(page.body.contains("<span class=\"wm-badge\">2<"), "counted beside Overview, {}", page.body);
    let (newest, older) =
        (page.body.find("Parents had no feedback").unwrap(), page.body.find("A case was opened").unwrap());
    assert!(newest < older, "newest first");
    assert!(page.body.contains(&format!("href=\"/cases/{}\"", own.case.case)));
    assert!(!page.body.contains(&other.sentinel) && !page.body.contains("moved to a higher stage"));
    for id in [first, second] {
        assert_eq!(opened_by(&mut town, id).await, Some(own.head.id));
    }
    assert_eq!(opened_by(&mut town, foreign).await, None);
    // Who opened it first and when stays, whoever looks later.
    town.later(time::Duration::minutes(10));
    let acting = town.person("headteacher", Some(own.id)).await;
    for who in [&acting, &own.head] {
        let again = town.get(who, "/overview/inbox").await;
        assert!(!again.body.contains(">New</strong>"), "{}", again.body);
        assert_eq!(again.body.matches("24 Nov 2026 at 11:45am, A headteacher").count(), 2, "{}", again.body);
    }
    assert_eq!(opened_by(&mut town, first).await, Some(own.head.id));
    let audited: i64 = sqlx::query_scalar(
        "select count(*) from app.audit_events where actor = $1 and action = 'inbox' and pupils = array[$2]",
    )
    .bind(own.head.id)
    .bind(own.case.pupil)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn p2_01_every_kind_of_notice_has_its_words_and_none_is_lost_beyond_the_first_page() {
    let mut town = Town::new().await;
    quiet(&mut town).await;
    let own = town.greenfield.clone();
    let kinds: String = sqlx::query_scalar(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'head_notices_kind'",
    )
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    let kinds: Vec<_> = kinds.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(kinds.len() >= 9, "{kinds:?}");
    for (n, kind) in kinds.iter().cycle().take(40).enumerate() {
        let at = NOW - time::Duration::hours(2) + time::Duration::minutes(i64::try_from(n).unwrap());
        notice(&mut town, &own, kind, at).await;
    }
    let page = town.get(&own.head, "/overview/inbox").await;
    assert_eq!(page.body.matches(">New</strong>").count(), 30);
    assert!(page.body.contains("10 more that are new are on another page"), "{}", page.body);
    assert!(!page.body.contains("Something changed"), "a kind without words");
    assert!(
        page.body.contains(&format!("href=\"/cases/{}/stage\"", own.case.case)),
        "a decision asked leads there"
    );
    let sql = "select count(*) from app.head_notices where school_id = $1 and seen_at is null";
    assert_eq!(town.count(sql, own.id).await, 10, "what was not shown is not opened");
    let older =
        page.body.split("/overview/inbox?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let rest = town.get(&own.head, &format!("/overview/inbox?before={older}")).await;
    assert_eq!(rest.body.matches(">New</strong>").count(), 10, "{}", rest.body);
    assert!(!rest.body.contains("Earlier</a>") && rest.body.contains("Newest</a>"));
    assert_eq!(town.count(sql, own.id).await, 0);
    // Another school's notice is no place in this list.
    let hillside = town.hillside.clone();
    let foreign = notice(&mut town, &hillside, "opened", NOW).await;
    let beyond = town.get(&own.head, &format!("/overview/inbox?before={foreign}")).await;
    assert!(beyond.body.contains("There is nothing earlier"), "{}", beyond.body);
    assert_eq!(town.get(&own.head, "/overview/inbox?before=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a8_what_waits_for_the_headteacher_comes_first_and_goes_when_it_is_answered() {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    for (command, words) in [
        (
            "{\"command\": \"exit\", \"told_parents\": true, \"told_pupil\": true, \"recognised\": true}",
            "Leave the programme: progress made",
        ),
        (
            "{\"command\": \"move_up\", \"to\": 2, \"reason\": \"escalation\", \"exclusion_in_view\": false}",
            "Move from Stage 1 to Stage 2. Behaviour has got worse",
        ),
        ("{\"command\": \"close\", \"ending\": \"left\"}", "Close the case. The pupil left the school"),
    ] {
        sqlx::query("update app.proposals set command = $2::text::jsonb where id = $1")
            .bind(own.case.proposal)
            .bind(command)
            .execute(&mut town.owner)
            .await
            .unwrap();
        let page = town.get(&own.head, "/overview").await;
        assert!(page.body.contains(words), "{command}: {}", page.body);
        assert!(page.body.contains(&format!("href=\"/cases/{}/stage\">Sam {}", own.case.case, own.sentinel)));
        assert!(page.body.contains(&format!("Words {}", own.sentinel)), "the lead's own words");
        assert!(page.body.contains("24 Nov 2026") && page.body.contains("A school_lead"));
        assert!(!page.body.contains(&town.hillside.sentinel));
    }
    sqlx::query(
        "update app.proposals set answer = 'declined', answered_by = $2, answered_at = $3, answered_on = '2026-11-24'
         where id = $1",
    )
    .bind(own.case.proposal)
    .bind(own.head.id)
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let page = town.get(&own.head, "/overview").await;
    assert!(page.body.contains("Nothing waits for a decision"), "{}", page.body);
}

#[tokio::test]
async fn pupils_are_counted_by_stage_and_a_closed_case_counts_no_more() {
    let mut town = Town::new().await;
    town.class(2, 1).await;
    let own = town.greenfield.clone();
    sqlx::query("update app.cases set stage = 3 where id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&own.head, "/overview").await;
    for (stage, words) in [(1, "2 pupils"), (2, "0 pupils"), (3, "1 pupil<")] {
        let link = format!("href=\"/cases?stage={stage}\">");
        let after = page.body.split(&link).nth(1).unwrap();
        assert!(after.starts_with(words), "stage {stage}: {}", page.body);
    }
    sqlx::query("update app.cases set closed_on = '2026-11-23', ended_as = 'progress' where id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    notice(&mut town, &own, "exited", NOW).await;
    let page = town.get(&own.head, "/overview").await;
    assert!(page.body.contains("href=\"/cases?stage=3\">0 pupils"), "{}", page.body);
    assert!(page.body.contains("Closed on 23 Nov 2026"), "what was told of it stays");
}

#[tokio::test]
async fn only_the_headteacher_and_their_delegate_see_it() {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", None).await;
    let admin = town.person("la_administrator", None).await;
    let delegate = town.person("head_delegate", Some(own.id)).await;
    quiet(&mut town).await;
    let before = town.digest().await;
    for who in [&own.tutor, &own.lead, &la, &admin] {
        for page in ["/overview", NEW] {
            let answer = town.get(who, page).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {page}", who.email);
            assert!(!answer.body.contains(&own.sentinel));
        }
        assert_eq!(name(&town, who, &[]).await.status, StatusCode::FORBIDDEN, "{}", who.email);
    }
    // A delegate sees it, names nobody and ends nobody.
    let page = town.get(&delegate, "/overview").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("A head_delegate") && !page.body.contains(NEW), "{}", page.body);
    assert!(!page.body.contains("End now"));
    assert_eq!(town.get(&delegate, NEW).await.status, StatusCode::FORBIDDEN);
    assert_eq!(name(&town, &delegate, &[]).await.status, StatusCode::FORBIDDEN);
    let (id, ..) = delegations(&mut town, delegate.id).await[0];
    let end = format!("/overview/delegates/{id}/end");
    assert_eq!(town.post(&delegate, &end, &[]).await.status, StatusCode::FORBIDDEN);
    // The other school's headteacher finds no such delegation, and no such school.
    assert_eq!(town.post(&town.hillside.head.clone(), &end, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(name(&town, &town.hillside.head.clone(), &[]).await.status, StatusCode::NOT_FOUND);
    let foreign = format!("{NEW}?school={}", town.hillside.id);
    assert_eq!(town.get(&own.head, &foreign).await.status, StatusCode::NOT_FOUND);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn a8_a_headteacher_names_somebody_with_dates_and_ends_it() {
    let mut town = Town::new().await;
    let (own, tutor) = (town.greenfield.clone(), town.greenfield.tutor.clone());
    assert_eq!(town.get(&tutor, "/overview").await.status, StatusCode::FORBIDDEN);
    let form = town.get(&own.head, NEW).await;
    assert!(
        form.body.contains("A staff</option>") && form.body.contains("A school_lead</option>"),
        "{}",
        form.body
    );
    assert!(!form.body.contains("A headteacher</option>"), "not oneself");
    assert!(!form.body.contains(&town.hillside.tutor.id.to_string()), "nobody of another school");
    let named = name(&town, &own.head, &[]).await;
    assert_eq!(
        (named.status, named.location.as_str()),
        (StatusCode::SEE_OTHER, "/overview"),
        "{}",
        named.body
    );
    let stored: (Uuid, Uuid, OffsetDateTime, Uuid) = sqlx::query_as(
        "select id, made_by, made_at, school_id from app.grants where user_id = $1 and role = 'head_delegate'
           and from_on = '2026-11-24' and to_on = '2026-12-18'",
    )
    .bind(tutor.id)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!((stored.1, stored.2, stored.3), (own.head.id, NOW, own.id));
    let page = town.get(&own.head, "/overview").await;
    assert!(
        page.body.contains("24 November to 18 December 2026") && page.body.contains("End now"),
        "{}",
        page.body
    );
    // At once they decide in the head's place; the page the tutor begins with stays the day.
    assert_eq!(town.get(&tutor, "/overview").await.status, StatusCode::OK);
    assert_eq!(town.get(&tutor, &format!("/cases/{}", own.case.case)).await.status, StatusCode::OK);
    assert_eq!(town.get(&tutor, "/").await.location, "/today");

    let end = format!("/overview/delegates/{}/end", stored.0);
    assert!(page.body.contains(&format!("action=\"{end}\"")));
    for _ in 0..2 {
        // Pressing it again, on a page that is open still, changes nothing more.
        let ended = town.post(&own.head, &end, &[]).await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
        let now = delegations(&mut town, tutor.id).await;
        assert_eq!(now, [(stored.0, day("2026-11-24"), Some(day("2026-11-23")))]);
        assert_eq!(town.get(&tutor, "/overview").await.status, StatusCode::FORBIDDEN, "at once");
    }
    let page = town.get(&own.head, "/overview").await;
    assert!(page.body.contains("Only the headteacher decides") && !page.body.contains(&end), "{}", page.body);
    town.later(time::Duration::DAY);
    sqlx::query(
        "update app.sessions set seen_at = $1, ends_at = $1 + interval '1 hour' where user_id in ($2, $3)",
    )
    .bind(town.now())
    .bind(tutor.id)
    .bind(own.head.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(town.get(&tutor, "/overview").await.status, StatusCode::FORBIDDEN, "over");
    assert!(town.get(&own.head, "/overview").await.body.contains("Only the headteacher decides"));
    assert_eq!(town.post(&own.head, &end, &[]).await.status, StatusCode::SEE_OTHER);
    let now = delegations(&mut town, tutor.id).await;
    assert_eq!(now, [(stored.0, day("2026-11-24"), Some(day("2026-11-23")))], "what is over stays as it was");
    let audited: Vec<String> = sqlx::query_scalar(
        "select action from app.audit_events where actor = $1 and subject = $2 and outcome = 'allowed' order by id",
    )
    .bind(own.head.id)
    .bind(stored.0)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(audited, ["name_delegate", "end_delegation", "end_delegation", "end_delegation"]);
}

#[tokio::test]
async fn a8_a_delegation_taken_back_before_its_first_day_never_begins() {
    let mut town = Town::new().await;
    let (own, tutor) = (town.greenfield.clone(), town.greenfield.tutor.clone());
    let from = [("from_on.day", "25")];
    assert_eq!(name(&town, &own.head, &from).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get(&tutor, "/overview").await.status, StatusCode::FORBIDDEN, "not yet");
    let page = town.get(&own.head, "/overview").await;
    assert!(page.body.contains("Not yet") && page.body.contains("Take back"), "{}", page.body);
    let (id, ..) = delegations(&mut town, tutor.id).await[0];
    let back = town.post(&own.head, &format!("/overview/delegates/{id}/end"), &[]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert!(town.get(&own.head, "/overview").await.body.contains("Only the headteacher decides"));
    // It stands in nobody's way, and whoever took it back may think again.
    assert_eq!(name(&town, &own.head, &from).await.status, StatusCode::SEE_OTHER);
    let both = delegations(&mut town, tutor.id).await;
    let void = both.iter().find(|(of, ..)| *of == id).unwrap();
    assert_eq!((both.len(), void.2), (2, Some(day("2026-11-24"))), "the day before its first");
}

#[tokio::test]
async fn what_cannot_be_delegated_is_said_at_its_field() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let head_id = own.head.id.to_string();
    let before = town.digest().await;
    for (other, message) in [
        (&[("person", "")] as &[(&str, &str)], "Select who decides in your place"),
        (&[("person", head_id.as_str())], "Select somebody else: you decide already"),
        (&[("from_on.day", "23")], "First day must be today or later"),
        (
            &[("from_on.year", "2027"), ("from_on.month", "12"), ("to_on.year", "2027")],
            "First day must be within a year",
        ),
        (&[("from_on.day", "")], "First day must include a day"),
        (&[("to_on.day", "31"), ("to_on.month", "11")], "Last day must be a real date"),
        (&[("to_on.day", "23"), ("to_on.month", "11")], "Last day must not be before the first day"),
        (&[("to_on.year", "2027")], "Last day must be within a year of the first day"),
        (&[("to_on.year", "9999")], "Last day must be within a year of the first day"),
        (&[("to_on.day", ""), ("to_on.month", ""), ("to_on.year", "")], "Enter the last day"),
    ] {
        let answer = name(&town, &own.head, other).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}: {}", answer.body);
        assert_eq!(answer.body.matches(message).count(), 2, "{message}: {}", answer.body);
        assert!(answer.body.contains("<title>Error: Name somebody"));
    }
    let typed = name(&town, &own.head, &[("to_on.year", "2027")]).await;
    let chosen = format!("value=\"{}\" selected", own.tutor.id);
    assert!(typed.body.contains(&chosen) && typed.body.contains("value=\"2027\""), "{}", typed.body);
    // Somebody of another school, and nobody at all, do not exist here.
    let panel = town.person("panel_member", None).await;
    let before_people = town.digest().await;
    assert_ne!(before, before_people, "the digest sees roles");
    for stranger in [town.hillside.tutor.id, town.hillside.head.id, panel.id, Uuid::now_v7()] {
        let stranger = stranger.to_string();
        assert_eq!(name(&town, &own.head, &[("person", &stranger)]).await.status, StatusCode::NOT_FOUND);
    }
    for person in ["x", "'; drop table app.grants; --", &"9".repeat(5000)] {
        assert_eq!(name(&town, &own.head, &[("person", person)]).await.status, StatusCode::NOT_FOUND);
    }
    for school in ["", "x", &town.hillside.id.to_string()] {
        assert_eq!(name(&town, &own.head, &[("school", school)]).await.status, StatusCode::NOT_FOUND);
    }
    for id in ["x".to_owned(), Uuid::now_v7().to_string()] {
        let end = format!("/overview/delegates/{id}/end");
        assert_eq!(town.post(&own.head, &end, &[]).await.status, StatusCode::NOT_FOUND);
    }
    // A role that is no delegation is not ended here.
    let lead: Uuid = sqlx::query_scalar("select id from app.grants where user_id = $1")
        .bind(own.lead.id)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let end = format!("/overview/delegates/{lead}/end");
    assert_eq!(town.post(&own.head, &end, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(before_people, town.digest().await);
    // Nor can somebody be named whose account is closed, or whose time at the school is over.
    sqlx::query("update app.users set disabled_at = $2 where id = $1")
        .bind(own.tutor.id)
        .bind(NOW)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let before = town.digest().await;
    assert_eq!(name(&town, &own.head, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn a8_the_same_days_are_not_delegated_twice() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    assert_eq!(name(&town, &own.head, &[]).await.status, StatusCode::SEE_OTHER);
    for from in ["24", "30"] {
        let again = name(&town, &own.head, &[("from_on.day", from), ("from_on.month", "11")]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        let says = "A staff decides in your place already: 24 November to 18 December 2026";
        assert_eq!(again.body.matches(says).count(), 2, "{}", again.body);
    }
    let after = [("from_on.day", "19"), ("from_on.month", "12"), ("to_on.day", "20")];
    assert_eq!(name(&town, &own.head, &after).await.status, StatusCode::SEE_OTHER);
    // Two headteachers at once: one of them is told.
    let acting = town.person("headteacher", Some(own.id)).await;
    let lead = own.lead.id.to_string();
    let person = [("person", lead.as_str())];
    let (a, b) = tokio::join!(name(&town, &own.head, &person), name(&town, &acting, &person));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "{} {}", a.body, b.body);
    assert_eq!(delegations(&mut town, own.lead.id).await.len(), 1);
    // One form sent twice names once.
    let key = Uuid::new_v4().to_string();
    let (school, tutor) = (own.id.to_string(), own.tutor.id.to_string());
    let fields = [
        ("school", school.as_str()),
        ("person", &tutor),
        ("from_on.day", "4"),
        ("from_on.month", "1"),
        ("from_on.year", "2027"),
        ("to_on.day", "5"),
        ("to_on.month", "1"),
        ("to_on.year", "2027"),
        ("form_key", &key),
    ];
    for _ in 0..2 {
        let sent = town.post_exactly(&own.head, NEW, &fields, &[]).await;
        assert_eq!((sent.status, sent.location.as_str()), (StatusCode::SEE_OTHER, "/overview"));
    }
    assert_eq!(delegations(&mut town, own.tutor.id).await.len(), 3);
}

#[tokio::test]
async fn p2_01_a_headteacher_of_two_schools_sees_both_and_which_is_which() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    grant(
        &mut town.owner,
        town.authority,
        own.head.id,
        "headteacher",
        Some(other.id),
        day("2026-09-01"),
        None,
    )
    .await;
    let page = town.get(&own.head, "/overview").await;
    for school in [&own, &other] {
        assert!(page.body.contains(&school.sentinel));
        assert!(page.body.contains(&format!("href=\"{NEW}?school={}\"", school.id)), "{}", page.body);
    }
    assert!(page.body.contains("Pupils on the programme: Hillside School"), "{}", page.body);
    let at_hillside = format!("href=\"/caseload?school={}&#38;stage=1\">1 pupil<", other.id);
    assert!(page.body.contains(&at_hillside), "the list of that school: {}", page.body);
    quiet(&mut town).await;
    town.get(&own.head, "/overview/inbox").await;
    let sql = "select count(*) from app.head_notices where seen_by = $1 and kind = 'opened'";
    assert_eq!(town.count(sql, own.head.id).await, 2);
    // Named for the one school, not for the other; the other school's tutor for the other.
    let form = town.get(&own.head, &format!("{NEW}?school={}", other.id)).await;
    assert!(form.body.contains("Hillside School") && form.body.contains(&other.tutor.id.to_string()));
    let (school, person) = (other.id.to_string(), other.tutor.id.to_string());
    let crossed = name(&town, &own.head, &[("person", &person)]).await;
    assert_eq!(crossed.status, StatusCode::NOT_FOUND);
    let named = name(&town, &own.head, &[("school", &school), ("person", &person)]).await;
    assert_eq!(named.status, StatusCode::SEE_OTHER, "{}", named.body);
    let (id, ..) = delegations(&mut town, other.tutor.id).await[0];
    let ended = town.post(&own.head, &format!("/overview/delegates/{id}/end"), &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
}

/// As the web role and this person, one statement; answers how many rows it changed, or what the database said.
#[tokio::test]
async fn the_weeks_of_two_schools_are_those_of_either() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let sql = "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
               values (gen_random_uuid(), $1, $2, 'closure', 'Flood', '2026-11-09', '2026-11-13')";
    sqlx::query(sql).bind(town.authority).bind(own.id).execute(&mut town.owner).await.unwrap();
    let week = ">Friday 13 November 2026</th>";
    for page in ["/overview", "/overview/governors"] {
        assert!(!town.get(&own.head, page).await.body.contains(week), "{page}: closed");
    }
    let both = own.head.id;
    grant(&mut town.owner, town.authority, both, "headteacher", Some(other.id), day("2026-09-01"), None)
        .await;
    for page in ["/overview", "/overview/governors"] {
        assert!(town.get(&own.head, page).await.body.contains(week), "{page}: open at Hillside");
    }
}

#[tokio::test]
async fn a_pupil_who_was_away_for_weeks_stands_as_they_stood_when_they_were_there() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    sqlx::query(
        "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                               first_saved_at, saved_at, saved_by, entered_late, reason)
         select $1, $2, $3, '2026-11-23'::date - n, 1, case when n >= 25 then 8 else 0 end, case when n >= 25 then 10 else 0 end,
                case when n >= 25 then 5 else 0 end, case when n >= 25 then 12 else 0 end, $4, $4, $5, false,
                case when n < 25 then 'absent' end
         from generate_series(0, 27) n",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(own.case.case)
    .bind(NOW)
    .bind(own.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let page = town.get(&own.head, "/overview/pupils").await;
    assert!(page.body.contains("24 of 30 points"), "{}", page.body);
    assert!(!page.body.contains("Nothing recorded"), "{}", page.body);
}

#[tokio::test]
async fn what_is_overdue_is_said_as_it_is_counted() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    town.suspend(own.case.case, day("2026-11-12"), day("2026-11-12")).await;
    quiet(&mut town).await;
    let page = town.get(&own.head, "/overview").await;
    let number = page.body.split("href=\"/overview/overdue\"><strong>").nth(1).unwrap();
    let number: usize = number.split('<').next().unwrap().parse().unwrap();
    assert!(number > 1, "{}", page.body);
    assert!(!page.body.contains("Nothing is overdue."), "{}", page.body);
    let said = format!("{number} steps after a suspension or exclusion are overdue</a>, and nothing else");
    assert!(page.body.contains(&said), "{}", page.body);
}

#[tokio::test]
async fn without_terms_governors_are_told_that_days_cannot_be_worked_out() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    for case in town.class(6, 1).await {
        town.suspend(case, day("2026-11-12"), day("2026-11-12")).await;
    }
    let unknown = "Cannot be worked out: the school’s terms are not loaded</th>";
    let six = "<td class=\"govuk-table__cell govuk-table__cell--numeric\">6</td>";
    let page = town.get(&own.head, "/overview/governors").await;
    assert!(
        page.body.contains(&format!("Up to 5 days</th>{six}")) && !page.body.contains(unknown),
        "{}",
        page.body
    );
    sqlx::query("delete from app.calendar_spans where authority_id = $1")
        .bind(town.authority)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&own.head, "/overview/governors").await;
    assert!(page.body.contains(&format!("{unknown}{six}")), "{}", page.body);
}

pub async fn in_sql(who: &Person, sql: &'static str, ids: [Uuid; 4]) -> Result<u64, String> {
    let mut conn: PgConnection = db::owner(&web_options()).await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let token = who.cookie.split_once('=').unwrap().1;
    sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
        .bind(session::hash_of(token).as_slice())
        .bind(NOW)
        .execute(&mut *tx)
        .await
        .unwrap();
    let [one, two, three, four] = ids;
    let sql = format!("with given as (select $1::uuid, $2::uuid, $3::uuid, $4::uuid) {sql}");
    let done = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(one)
        .bind(two)
        .bind(three)
        .bind(four)
        .execute(&mut *tx)
        .await;
    done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a8_the_database_lets_a_headteacher_grant_that_role_there_and_no_other() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let delegate = town.person("head_delegate", Some(own.id)).await;
    let admin = town.person("la_administrator", None).await;
    let ids = |school: &School, user: Uuid, by: &Person| [town.authority, school.id, user, by.id];
    assert_eq!(
        in_sql(&own.head, GRANT, ids(&own, own.tutor.id, &own.head)).await,
        Ok(1),
        "or it proves nothing"
    );
    for (who, school, user, by) in [
        (&own.head, &other, other.tutor.id, &own.head),
        (&own.head, &own, own.head.id, &own.head),
        (&own.head, &own, own.tutor.id, &own.lead),
        (&own.lead, &own, own.tutor.id, &own.lead),
        (&own.tutor, &own, own.tutor.id, &own.tutor),
        (&delegate, &own, own.tutor.id, &delegate),
        (&admin, &own, own.tutor.id, &admin),
        (&other.head, &own, own.tutor.id, &other.head),
    ] {
        let refused = in_sql(who, GRANT, ids(school, user, by)).await.unwrap_err();
        assert!(refused.contains("row-level security"), "{}: {refused}", who.email);
    }
    // Leads and staff they give too (people.rs), nobody else.
    for role in ["headteacher", "la_representative"] {
        let sql: &'static str = Box::leak(GRANT.replace("head_delegate", role).into_boxed_str());
        let refused = in_sql(&own.head, sql, ids(&own, own.tutor.id, &own.head)).await.unwrap_err();
        assert!(refused.contains("row-level security"), "{role}: {refused}");
    }
    let endless: &'static str = Box::leak(GRANT.replace("'2026-12-18'", "null").into_boxed_str());
    assert!(in_sql(&own.head, endless, ids(&own, own.tutor.id, &own.head)).await.is_err(), "without an end");

    // Ending: one's own delegates, nothing of anybody else, nothing but the last day.
    for (who, user, rows) in [
        (&own.head, delegate.id, 1),
        (&own.head, own.head.id, 0),
        (&own.head, other.lead.id, 0),
        (&own.lead, delegate.id, 0),
        (&delegate, delegate.id, 0),
        (&other.head, delegate.id, 0),
    ] {
        assert_eq!(in_sql(who, END, ids(&own, user, who)).await, Ok(rows), "{}", who.email);
    }
    let refused = in_sql(&own.head, LENGTHEN, ids(&own, delegate.id, &own.head)).await.unwrap_err();
    assert!(refused.contains("permission denied"), "{refused}");

    // P2.01: that a notice was opened, the headteacher says, and only of themselves.
    assert_eq!(in_sql(&own.head, OPEN, ids(&own, own.head.id, &own.head)).await, Ok(1));
    assert_eq!(in_sql(&own.lead, OPEN, ids(&own, own.head.id, &own.lead)).await, Ok(0));
    assert_eq!(in_sql(&delegate, OPEN, ids(&own, own.head.id, &delegate)).await, Ok(0));
    assert_eq!(in_sql(&other.head, OPEN, ids(&own, own.head.id, &other.head)).await, Ok(0));
    assert!(in_sql(&own.head, OPEN, ids(&own, own.head.id, &own.lead)).await.is_err(), "in somebody's name");
}

#[tokio::test]
async fn g_01_the_database_lets_an_administrator_publish_and_nobody_change_what_was() {
    let mut town = Town::new().await;
    let (own, elsewhere) = (town.greenfield.clone(), Town::new().await);
    let admin = town.person("la_administrator", None).await;
    let ids = |authority: Uuid| [authority, own.id, own.case.case, admin.id];
    assert_eq!(in_sql(&admin, PUBLISH, ids(town.authority)).await, Ok(1));
    assert!(in_sql(&admin, PUBLISH, ids(elsewhere.authority)).await.is_err());
    let in_anothers_name = [town.authority, own.id, own.case.case, own.head.id];
    assert!(in_sql(&admin, PUBLISH, in_anothers_name).await.unwrap_err().contains("row-level security"));
    for who in [&own.lead, &own.head, &own.tutor] {
        assert!(in_sql(who, PUBLISH, ids(town.authority)).await.unwrap_err().contains("row-level security"));
    }
    for sql in [
        "update app.policies set source = 'y' where authority_id = $1 and $2 <> $3 and $3 <> $4",
        "delete from app.policies where authority_id = $1 and $2 <> $3 and $3 <> $4",
    ] {
        assert!(in_sql(&admin, sql, ids(town.authority)).await.unwrap_err().contains("permission denied"));
    }
    // Counts are for administrators, of their own authority.
    assert_eq!(in_sql(&admin, COUNTED, ids(town.authority)).await, Ok(1));
    assert_eq!(in_sql(&own.head, COUNTED, ids(town.authority)).await, Ok(0));
    assert_eq!(in_sql(&admin, CASES, ids(town.authority)).await, Ok(0), "and no case");
}
