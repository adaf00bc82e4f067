//! Support: arranging it, giving it, priority with a service, and its end.

use axum::http::StatusCode;
use time::Duration;
use uuid::Uuid;

use crate::support::{Person, School, Town, day};

type Fields = Vec<(&'static str, String)>;

fn set(fields: &mut Fields, name: &'static str, value: &str) {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
}

fn date(fields: &mut Fields, names: [&'static str; 3], text: &str) {
    let mut parts = text.split('-').rev();
    for name in names {
        set(fields, name, parts.next().unwrap_or_default());
    }
}

const STARTS: [&str; 3] = ["starts_on.day", "starts_on.month", "starts_on.year"];
const REVIEW: [&str; 3] = ["review_on.day", "review_on.month", "review_on.year"];
const ENDS: [&str; 3] = ["ends_on.day", "ends_on.month", "ends_on.year"];

fn support(kind: &str, lead: &Person) -> Fields {
    let mut fields = vec![
        ("kind", kind.to_owned()),
        ("purpose", "Someone to check in with each morning".to_owned()),
        ("provider", "The school".to_owned()),
        ("lead", lead.id.to_string()),
        ("lead_name", String::new()),
        ("sessions_a_week", "2".to_owned()),
    ];
    date(&mut fields, STARTS, "2026-11-16");
    date(&mut fields, REVIEW, "2026-12-14");
    date(&mut fields, ENDS, "--");
    fields
}

fn session(on: &str, delivered: &str, why_not: &str) -> Fields {
    let mut fields =
        vec![("delivered", delivered.to_owned()), ("why_not", why_not.to_owned()), ("note", String::new())];
    date(&mut fields, ["held.day", "held.month", "held.year"], on);
    fields
}

fn ending(on: &str, effect: &str, version: &str) -> Fields {
    let mut fields = vec![
        ("effect", effect.to_owned()),
        ("why", "It did its work".to_owned()),
        ("version", version.to_owned()),
    ];
    date(&mut fields, ["ended.day", "ended.month", "ended.year"], on);
    fields
}

async fn send(town: &Town, who: &Person, path: &str, fields: &Fields) -> crate::support::Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    town.post(who, path, &fields).await
}

/// Arranges support and answers its path.
async fn arranged(town: &Town, who: &Person, case: Uuid, fields: &Fields) -> String {
    let answer = send(town, who, &format!("/cases/{case}/support/new"), fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn share(town: &mut Town, school: &School, with: Uuid, to: Option<&str>) {
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, to_on, made_at,
                                      made_by)
         values ($1, $2, $3, $4, $5, $6, 'test', '2026-11-01', $7, now(), $8)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(school.id)
    .bind(school.case.case)
    .bind(school.case.pupil)
    .bind(with)
    .bind(to.map(day))
    .bind(school.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

async fn close(town: &mut Town, case: Uuid) {
    sqlx::query("update app.cases set closed_on = '2026-11-23', ended_as = 'progress' where id = $1")
        .bind(case)
        .execute(&mut town.owner)
        .await
        .unwrap();
}

async fn timeline(town: &Town) -> String {
    let path = format!("/cases/{}/timeline", town.greenfield.case.case);
    let page = town.get(&town.greenfield.lead, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    page.body
}

#[tokio::test]
async fn r1_02_a_lead_arranges_support_from_the_catalogue() {
    let mut town = Town::new().await;
    let (lead, tutor, case) =
        (town.greenfield.lead.clone(), town.greenfield.tutor.clone(), town.greenfield.case.case);
    let form = town.get(&lead, &format!("/cases/{case}/support/new")).await;
    for kind in ["Mentor", "Internal exclusion", "It is not a suspension, and nobody is sent home", "A staff"]
    {
        assert!(form.body.contains(kind), "{kind}");
    }
    let empty = town.get(&lead, &format!("/cases/{case}/support")).await;
    assert!(empty.body.contains("No support is in place"));
    let path = arranged(&town, &lead, case, &support("mentor", &tutor)).await;
    let stored: (String, String, Uuid, String, i16, bool) = sqlx::query_as(
        "select kind, purpose, lead_id, lead_name, sessions_a_week, priority from app.supports where id = $1",
    )
    .bind(id_of(&path))
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(stored.0, "mentor");
    assert_eq!((stored.2, stored.3.as_str(), stored.4, stored.5), (tutor.id, "A staff", 2, false));
    for page in [town.get(&lead, &format!("/cases/{case}/support")).await, town.get(&lead, &path).await] {
        assert!(page.body.contains("Someone to check in with each morning"), "{}", page.body);
        assert!(page.body.contains("Monday 14 December 2026") && !page.body.contains("Overdue"));
        assert!(page.body.contains("Too few days to tell"));
    }
    // A name will do for whoever has no account.
    let mut named = support("other", &lead);
    set(&mut named, "lead", "other");
    set(&mut named, "lead_name", "B Stone, boxing club");
    let path = arranged(&town, &lead, case, &named).await;
    assert!(town.get(&lead, &path).await.body.contains("B Stone, boxing club"));
    let timeline = timeline(&town).await;
    assert!(timeline.contains("Support arranged:") && timeline.contains("Mentor: Someone to check in"));
    assert!(timeline.contains("for 16 Nov 2026"));
    let audited = town
        .count(
            "select count(*) from app.audit_events where action = 'arrange_support' and subject = $1",
            case,
        )
        .await;
    assert_eq!(audited, 2);
    // A month later the review is overdue.
    town.later(Duration::days(21));
    sqlx::query("update app.sessions set seen_at = $1, ends_at = $1 + interval '1 hour' where user_id = $2")
        .bind(town.now())
        .bind(lead.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&lead, &format!("/cases/{case}/support")).await;
    assert!(page.body.contains("Overdue"), "{}", page.body);
}

#[tokio::test]
async fn every_refusal_of_arranging_says_what_to_do_and_saves_nothing() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/support/new");
    let huge = "x".repeat(1001);
    let cases: [(&str, &str, &str); 18] = [
        ("kind", "", "Select which kind of support it is"),
        ("kind", "detention", "Select which kind of support it is"),
        ("purpose", "  ", "Enter what it is for"),
        ("purpose", &huge, "must be 1000 characters or fewer"),
        ("purpose", "a\u{202e}b", "must not include control characters"),
        ("provider", "", "Enter who provides it"),
        ("lead", "", "Select who gives it"),
        ("lead", "other", "Enter their name"),
        ("sessions_a_week", "26", "whole number from 0 to 25"),
        ("sessions_a_week", "-1", "whole number from 0 to 25"),
        ("sessions_a_week", "1.5", "whole number from 0 to 25"),
        ("sessions_a_week", "99999999999999999999", "whole number from 0 to 25"),
        ("starts_on.day", "31", "First day must be a real date"),
        ("starts_on.year", "1999", "First day must be within the last 2 years"),
        ("starts_on.year", "9999", "First day must be within a year from today"),
        ("review_on.month", "11", "Review day must be after the first day"),
        ("review_on.year", "2028", "within 16 weeks of the first day"),
        ("ends_on.day", "12", "Last day must include a month and a year"),
    ];
    for (field, value, message) in cases {
        let mut fields = support("mentor", &lead);
        set(&mut fields, field, value);
        let answer = send(&town, &lead, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert_eq!(answer.body.matches(message).count(), 2, "{field} {value}: {message}\n{}", answer.body);
        assert!(answer.body.contains("<title>Error: Arrange support"));
        if field != "purpose" {
            assert!(answer.body.contains("Someone to check in"), "what was typed is kept");
        }
    }
    let mut before = support("mentor", &lead);
    date(&mut before, ENDS, "2026-11-13");
    let answer = send(&town, &lead, &path, &before).await;
    assert!(answer.body.contains("Last day must be the same as or after the first day"));
    // Somebody of another school, and nobody at all, do not exist here.
    for stranger in [town.hillside.lead.id.to_string(), Uuid::now_v7().to_string(), "x' or 1=1".to_owned()] {
        let mut fields = support("mentor", &lead);
        set(&mut fields, "lead", &stranger);
        assert_eq!(send(&town, &lead, &path, &fields).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(town.count("select count(*) from app.supports where case_id = $1", case).await, 0);
}

#[tokio::test]
async fn p2_03b_a_supported_transfer_cannot_be_arranged_as_support() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    sqlx::query("update app.cases set stage = 3 where id = $1")
        .bind(case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let fields = support("supported_transfer", &lead);
    let answer = send(&town, &lead, &format!("/cases/{case}/support/new"), &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("agreed only at Stage 3 (P2.03b)"), "{}", answer.body);
    assert_eq!(town.count("select count(*) from app.supports where case_id = $1", case).await, 0);
}

#[tokio::test]
async fn s3_04_flexible_opportunities_wait_for_year_10() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/support/new");
    let mut fields = support("flexible_ks4", &lead);
    let answer = send(&town, &lead, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Year 9 on the first day (S3.04)"), "{}", answer.body);
    // Arranged in Year 9 for the first of September: Year 10.
    date(&mut fields, STARTS, "2027-09-01");
    date(&mut fields, REVIEW, "2027-10-01");
    let path = arranged(&town, &lead, case, &fields).await;
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Begins") && page.body.contains("It has not begun"));
    // And it cannot be moved back into Year 9.
    let mut earlier: Fields = fields.into_iter().filter(|(name, _)| *name != "kind").collect();
    earlier.push(("version", "1".to_owned()));
    date(&mut earlier, STARTS, "2027-08-31");
    let refused = send(&town, &lead, &format!("{path}/edit"), &earlier).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("S3.04"));
    assert_eq!(
        town.count(
            "select count(*) from app.supports where id = $1 and starts_on = '2027-09-01'",
            id_of(&path)
        )
        .await,
        1
    );
}

#[tokio::test]
async fn s1_07_sessions_are_counted_and_corrected() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = arranged(&town, &lead, case, &support("mentor", &lead)).await;
    let sessions = format!("{path}/sessions");
    let mut given = session("2026-11-23", "yes", "");
    set(&mut given, "note", "Made a plan for Friday");
    for fields in [
        &given,
        &session("2026-11-24", "no", "Away ill"),
        &session("2026-11-17", "yes", ""),
        &session("2026-11-17", "yes", ""),
    ] {
        let answer = send(&town, &lead, &sessions, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.location, path);
    }
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("This week 1 of 2 planned given"), "{}", page.body);
    assert!(page.body.contains("3 of 4 recorded sessions given"));
    assert!(page.body.contains("Not given: Away ill") && page.body.contains("Made a plan for Friday"));
    // A correction stands in for what it corrects; both are shown.
    let wrong: Uuid =
        sqlx::query_scalar("select id from app.support_sessions where support_id = $1 and not delivered")
            .bind(id_of(&path))
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    let form = town.get(&lead, &format!("{path}?correct={wrong}")).await;
    assert!(form.body.contains("Correct the session of Tues 24 Nov 2026") && form.body.contains("Away ill"));
    let mut right = session("2026-11-24", "yes", "");
    right.push(("corrects", wrong.to_string()));
    assert_eq!(send(&town, &lead, &sessions, &right).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("This week 2 of 2 planned given"));
    assert!(page.body.contains("4 of 4 recorded sessions given"));
    assert!(page.body.contains("Not given: Away ill") && page.body.contains("Corrected</strong>"));
    // Two people correct the same one: the second sees what the first wrote.
    let mut late = session("2026-11-24", "no", "In an exam");
    late.push(("corrects", wrong.to_string()));
    let clash = send(&town, &town.greenfield.head.clone(), &sessions, &late).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.body.contains("In an exam") && clash.body.contains("A school_lead corrected it"));
    assert_eq!(
        town.count("select count(*) from app.support_sessions where support_id = $1", id_of(&path)).await,
        5
    );
    // Corrections are of this support's sessions, once.
    assert_eq!(town.get(&lead, &format!("{path}?correct={wrong}")).await.status, StatusCode::NOT_FOUND);
    let other = arranged(&town, &lead, case, &support("mediation", &lead)).await;
    let mut elsewhere = session("2026-11-24", "yes", "");
    elsewhere.push(("corrects", wrong.to_string()));
    assert_eq!(
        send(&town, &lead, &format!("{other}/sessions"), &elsewhere).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_session_that_cannot_have_been_is_refused() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = arranged(&town, &lead, case, &support("mentor", &lead)).await;
    let sessions = format!("{path}/sessions");
    for (fields, message) in [
        (session("2026-11-25", "yes", ""), "must be today or in the past"),
        (session("2026-11-15", "yes", ""), "on or after 16 November 2026, when the support began"),
        (session("2026-13-01", "yes", ""), "must be a real date"),
        (session("--", "yes", ""), "Enter the day of the session"),
        (session("2026-11-24", "", ""), "Select whether the session was given"),
        (session("2026-11-24", "maybe", ""), "Select whether the session was given"),
        (session("2026-11-24", "no", " "), "Enter why the session was not given"),
        (session("2026-11-24", "yes", "Ill"), "Select No if the session was not given"),
    ] {
        let answer = send(&town, &lead, &sessions, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert_eq!(answer.body.matches(message).count(), 2, "{message}\n{}", answer.body);
    }
    let mut long = session("2026-11-24", "yes", "");
    set(&mut long, "note", &"n".repeat(1001));
    assert!(
        send(&town, &lead, &sessions, &long).await.body.contains("Note must be 1000 characters or fewer")
    );
    // The same form twice is one session.
    let key = Uuid::new_v4().to_string();
    let mut twice = session("2026-11-24", "yes", "");
    twice.push(("form_key", key));
    let fields: Vec<_> = twice.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for _ in 0..2 {
        let answer = town.post_exactly(&lead, &sessions, &fields, &[]).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
    }
    assert_eq!(
        town.count("select count(*) from app.support_sessions where support_id = $1", id_of(&path)).await,
        1
    );
}

#[tokio::test]
async fn two_people_change_support_and_neither_overwrites_the_other() {
    let mut town = Town::new().await;
    let (lead, head, case) =
        (town.greenfield.lead.clone(), town.greenfield.head.clone(), town.greenfield.case.case);
    let path = arranged(&town, &lead, case, &support("mentor", &lead)).await;
    let form = town.get(&lead, &format!("{path}/edit")).await;
    assert!(form.body.contains("name=\"version\" value=\"1\"") && form.body.contains("Someone to check in"));
    let edit = |purpose: &str, version: &str| {
        let mut fields: Fields =
            support("mentor", &lead).into_iter().filter(|(name, _)| *name != "kind").collect();
        set(&mut fields, "purpose", purpose);
        set(&mut fields, "version", version);
        fields
    };
    let first = send(&town, &lead, &format!("{path}/edit"), &edit("Mornings only", "1")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let clash = send(&town, &head, &format!("{path}/edit"), &edit("Afternoons only", "1")).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.body.contains("Mornings only") && clash.body.contains("Afternoons only"));
    let late = send(&town, &head, &format!("{path}/end"), &ending("2026-11-24", "helped", "1")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("It helped"));
    for version in ["", "x"] {
        let answer = send(&town, &lead, &format!("{path}/edit"), &edit("x", version)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    // The first day does not move past a session that was recorded.
    send(&town, &lead, &format!("{path}/sessions"), &session("2026-11-17", "yes", "")).await;
    let mut moved = edit("Mornings only", "2");
    date(&mut moved, STARTS, "2026-11-18");
    let answer = send(&town, &lead, &format!("{path}/edit"), &moved).await;
    assert!(
        answer.body.contains("on or before 17 November 2026, when a session was recorded"),
        "{}",
        answer.body
    );
    assert_eq!(
        town.count(
            "select count(*) from app.supports where id = $1 and purpose = 'Mornings only' and version = 2",
            id_of(&path)
        )
        .await,
        1
    );
}

#[tokio::test]
async fn r1_02_support_ends_with_what_it_did() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = arranged(&town, &lead, case, &support("learning_support_unit", &lead)).await;
    send(&town, &lead, &format!("{path}/sessions"), &session("2026-11-23", "yes", "")).await;
    let end = format!("{path}/end");
    for (fields, message) in [
        (ending("2026-11-25", "helped", "1"), "Last day must be today or in the past"),
        (ending("2026-11-13", "helped", "1"), "on or after 16 November 2026, when it began"),
        (ending("2026-11-20", "helped", "1"), "on or after 23 November 2026, when a session was recorded"),
        (ending("2026-11-24", "", "1"), "Select what it did"),
        (ending("2026-11-24", "cured", "1"), "Select what it did"),
    ] {
        let answer = send(&town, &lead, &end, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert_eq!(answer.body.matches(message).count(), 2, "{message}\n{}", answer.body);
        assert!(answer.body.contains("It did its work"));
    }
    let mut silent = ending("2026-11-24", "helped", "1");
    set(&mut silent, "why", "");
    assert!(send(&town, &lead, &end, &silent).await.body.contains("Enter why it ends"));
    let done = send(&town, &lead, &end, &ending("2026-11-24", "helped_some", "1")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let list = town.get(&lead, &format!("/cases/{case}/support")).await;
    assert!(list.body.contains("No support is in place"));
    assert!(
        list.body.contains("It helped a little on 24 November 2026") && list.body.contains("It did its work")
    );
    assert!(
        timeline(&town)
            .await
            .contains("Support ended:</strong> Learning support unit or similar: It did its work")
    );
    // What has ended stays as it was, and a late session can still be recorded.
    assert_eq!(town.get(&lead, &format!("{path}/edit")).await.status, StatusCode::BAD_REQUEST);
    let again = send(&town, &lead, &end, &ending("2026-11-24", "worse", "2")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let late = send(&town, &lead, &format!("{path}/sessions"), &session("2026-11-24", "yes", "")).await;
    assert_eq!(late.status, StatusCode::SEE_OTHER);
    assert_eq!(
        town.count(
            "select count(*) from app.supports where id = $1 and effect = 'helped_some'",
            id_of(&path)
        )
        .await,
        1
    );
}

#[tokio::test]
async fn p2_02_priority_shows_once_school_and_service_have_both_agreed() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let (lead, case) = (school.lead.clone(), school.case.case);
    let service = town.person("support_service", None).await;
    let fields = support("behaviour_support", &service);
    let path = arranged(&town, &lead, case, &fields).await;
    let (priority, answer) = (format!("{path}/priority"), format!("{path}/answer"));
    let accept: Fields = vec![("answer", "accept".to_owned()), ("words", "Two mornings a week".to_owned())];
    let tag = "govuk-tag--green\">Priority";
    // Without a share the service sees nothing, and the school is told so.
    assert_eq!(town.get(&service, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&town, &service, &answer, &accept).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.post(&lead, &priority, &[("ask", "ask")]).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &path).await;
    assert!(
        page.body.contains("not shared with A support_service") && page.body.contains("has not answered yet")
    );
    assert!(!page.body.contains(tag));
    // Asking twice is said, and the school does not answer for the service.
    assert!(town.post(&lead, &priority, &[("ask", "ask")]).await.body.contains("asked for already"));
    for who in [&lead, &school.head] {
        let own = send(&town, who, &answer, &accept).await;
        assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(own.body.contains("Only the support service can answer for itself"), "{}", own.body);
    }
    assert_eq!(
        town.count("select count(*) from app.supports where id = $1 and priority", id_of(&path)).await,
        0
    );
    share(&mut town, &school, service.id, None).await;
    let seen = town.get(&service, &path).await;
    assert!(seen.body.contains("Can the service give this pupil priority?"), "{}", seen.body);
    assert!(!seen.body.contains("End this support") && !seen.body.contains("Withdraw"));
    let no_reason: Fields = vec![("answer", "decline".to_owned()), ("words", " ".to_owned())];
    let refused = send(&town, &service, &answer, &no_reason).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Enter why not"));
    // Full: the reason is shown. Then a place is free.
    let full: Fields = vec![("answer", "decline".to_owned()), ("words", "Full until Christmas".to_owned())];
    assert_eq!(send(&town, &service, &answer, &full).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &format!("/cases/{case}/support")).await;
    assert!(page.body.contains("Service said no") && page.body.contains("It said: Full until Christmas"));
    assert!(!page.body.contains(tag));
    assert!(
        timeline(&town)
            .await
            .contains("Priority declined:</strong> Behaviour support team: Full until Christmas")
    );
    assert_eq!(town.post(&lead, &priority, &[("ask", "ask")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&town, &service, &answer, &accept).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &format!("/cases/{case}/support")).await;
    assert!(page.body.contains(tag) && page.body.contains("Two mornings a week"), "{}", page.body);
    assert!(timeline(&town).await.contains("Priority agreed:"));
    let stored: (bool, Option<Uuid>, Option<Uuid>) = sqlx::query_as(
        "select priority, school_agreed_by, service_agreed_by from app.supports where id = $1",
    )
    .bind(id_of(&path))
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(stored, (true, Some(lead.id), Some(service.id)));
    let again = send(&town, &service, &answer, &full).await;
    assert!(again.body.contains("no request that waits for this answer"));
    // The school may withdraw.
    assert_eq!(town.post(&lead, &priority, &[("ask", "withdraw")]).await.status, StatusCode::SEE_OTHER);
    assert!(!town.get(&lead, &path).await.body.contains(tag));
    assert_eq!(
        town.count("select count(*) from app.supports where id = $1 and priority", id_of(&path)).await,
        0
    );
    assert!(
        town.post(&lead, &priority, &[("ask", "withdraw")]).await.body.contains("no request to withdraw")
    );
    assert_eq!(town.post(&lead, &priority, &[("ask", "perhaps")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn p2_02_one_person_never_agrees_for_both_sides_and_only_the_service_that_gives_it_answers() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let case = school.case.case;
    let (giver, stranger) =
        (town.person("support_service", None).await, town.person("support_service", None).await);
    // The lead works for a service too, and the case is shared with them.
    crate::support::grant(
        &mut town.owner,
        town.authority,
        school.lead.id,
        "support_service",
        None,
        day("2026-09-01"),
        None,
    )
    .await;
    for who in [giver.id, stranger.id, school.lead.id] {
        share(&mut town, &school, who, None).await;
    }
    let mut fields = support("joint_planning", &giver);
    let accept: Fields = vec![("answer", "accept".to_owned()), ("words", String::new())];
    let path = arranged(&town, &school.lead, case, &fields).await;
    town.post(&school.lead, &format!("{path}/priority"), &[("ask", "ask")]).await;
    let other = send(&town, &stranger, &format!("{path}/answer"), &accept).await;
    assert!(other.body.contains("given by somebody else"), "{}", other.body);
    set(&mut fields, "lead", "other");
    set(&mut fields, "lead_name", "The outreach team");
    let path = arranged(&town, &school.lead, case, &fields).await;
    town.post(&school.lead, &format!("{path}/priority"), &[("ask", "ask")]).await;
    let both = send(&town, &school.lead, &format!("{path}/answer"), &accept).await;
    assert!(both.body.contains("You asked for priority on behalf of the school"), "{}", both.body);
    let any = send(&town, &giver, &format!("{path}/answer"), &accept).await;
    assert_eq!(any.status, StatusCode::SEE_OTHER);
    // The agreement holds while the same people give it; with others the request waits again.
    let count =
        "select count(*) from app.supports where id = $1 and priority and service_agreed_on is not null";
    let mut edited: Fields = fields.iter().filter(|(name, _)| *name != "kind").cloned().collect();
    for (name, agreed, version) in [("The outreach team", 1, "1"), ("Another team", 0, "2")] {
        set(&mut edited, "lead_name", name);
        set(&mut edited, "version", version);
        let saved = send(&town, &school.lead, &format!("{path}/edit"), &edited).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        assert_eq!(town.count(count, id_of(&path)).await, agreed, "{name}");
    }
    assert!(town.get(&school.lead, &path).await.body.contains("has not answered yet"));
    // A mentor of the school is no matter of priority.
    let mentor = arranged(&town, &school.lead, case, &support("mentor", &school.tutor)).await;
    for (who, leaf) in [(&school.lead, "priority"), (&giver, "answer")] {
        assert_eq!(town.post(who, &format!("{mentor}/{leaf}"), &[]).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn p2_02_a_service_records_sessions_while_the_share_lives() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let case = school.case.case;
    let service = town.person("support_service", None).await;
    share(&mut town, &school, service.id, None).await;
    let path = arranged(&town, &school.lead, case, &support("behaviour_support", &service)).await;
    let sessions = format!("{path}/sessions");
    let list = town.get(&service, &format!("/cases/{case}/support")).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(!list.body.contains("Tried before the case") && !list.body.contains("Arrange support"));
    let given = session("2026-11-24", "yes", "");
    assert_eq!(send(&town, &service, &sessions, &given).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        town.count("select count(*) from app.support_sessions where recorded_by = $1", service.id).await,
        1
    );
    // It arranges, changes and ends nothing.
    for (leaf, fields) in
        [("end", ending("2026-11-24", "helped", "1")), ("priority", vec![("ask", "ask".to_owned())])]
    {
        assert_eq!(
            send(&town, &service, &format!("{path}/{leaf}"), &fields).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(town.get(&service, &format!("{path}/edit")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.get(&service, &format!("/cases/{case}/timeline")).await.status, StatusCode::FORBIDDEN);
    sqlx::query("update app.case_shares set to_on = '2026-11-23' where with_user = $1")
        .bind(service.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.get(&service, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&town, &service, &sessions, &given).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn others_see_or_are_refused_as_their_role_says() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let path = arranged(&town, &own.lead, own.case.case, &support("mentor", &own.lead)).await;
    let la = town.person("la_representative", Some(own.id)).await;
    assert_eq!(town.get(&la, &path).await.status, StatusCode::OK);
    let before = town.digest().await;
    for (who, wanted) in [
        (&own.tutor, StatusCode::FORBIDDEN),
        (&la, StatusCode::FORBIDDEN),
        (&other.lead, StatusCode::NOT_FOUND),
    ] {
        for (leaf, fields) in
            [("/sessions", session("2026-11-24", "yes", "")), ("/end", ending("2026-11-24", "helped", "1"))]
        {
            assert_eq!(send(&town, who, &format!("{path}{leaf}"), &fields).await.status, wanted, "{leaf}");
        }
        let new = format!("/cases/{}/support/new", own.case.case);
        assert_eq!(send(&town, who, &new, &support("mentor", &own.lead)).await.status, wanted);
    }
    assert_eq!(before, town.digest().await);
    assert_eq!(town.get(&own.tutor, &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.get(&other.lead, &path).await.status, StatusCode::NOT_FOUND);
    // Support of one case is not found under another, though both are one's own.
    let second = town.class(1, 1).await[0];
    let id = id_of(&path);
    for leaf in ["", "/edit"] {
        assert_eq!(
            town.get(&own.lead, &format!("/cases/{second}/support/{id}{leaf}")).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let crossed = send(
        &town,
        &own.lead,
        &format!("/cases/{second}/support/{id}/end"),
        &ending("2026-11-24", "helped", "1"),
    )
    .await;
    assert_eq!(crossed.status, StatusCode::NOT_FOUND);
    // A closed case keeps what it holds, to read.
    close(&mut town, own.case.case).await;
    let closed = town.digest().await;
    for (leaf, fields) in [
        ("/sessions", session("2026-11-24", "yes", "")),
        ("/end", ending("2026-11-24", "helped", "1")),
        ("/priority", vec![("ask", "ask".to_owned())]),
    ] {
        assert_eq!(
            send(&town, &own.lead, &format!("{path}{leaf}"), &fields).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let page = town.get(&own.lead, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Record a session") && !page.body.contains("End this support"));
    assert_eq!(closed, town.digest().await);
}

#[tokio::test]
async fn marks_stand_beside_support_and_claim_nothing() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let case = school.case.case;
    // Twelve days before, of which the last ten count; four since; one without marks counts nowhere.
    let days: Vec<(String, i16, i16)> = (1..=12)
        .map(|n| (format!("2026-10-{n:02}"), if n <= 2 { 20 } else { 4 }, 10))
        .chain([("2026-10-31".to_owned(), 0, 0)])
        .chain((16..=19).map(|n| (format!("2026-11-{n:02}"), 15, 10)))
        .collect();
    for (on, points, recorded) in days {
        sqlx::query(
            "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                                   first_saved_at, saved_at, saved_by, entered_late)
             values ($1, $2, $3, $4, 1, $5, 2 * $6, $6, 10, now(), now(), $7, false)",
        )
        .bind(town.authority)
        .bind(school.id)
        .bind(case)
        .bind(day(&on))
        .bind(points)
        .bind(recorded)
        .bind(school.lead.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
    let path = arranged(&town, &school.lead, case, &support("mentor", &school.lead)).await;
    let page = town.get(&school.lead, &path).await;
    let words = "20% (40 of 200 points, 10 days) before it began, 75% (60 of 80 points, 4 days) lately";
    assert!(page.body.contains(words), "{}", page.body);
    assert!(page.body.contains("do not say that support made the difference"));
}
