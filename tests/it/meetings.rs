//! Meetings: planned, minuted, signed off, added to.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::support::{Answer, Person, Town};

type Fields = Vec<(&'static str, &'static str)>;

fn plan(kind: &'static str) -> Fields {
    vec![
        ("kind", kind),
        ("planned_on.day", "24"),
        ("planned_on.month", "11"),
        ("planned_on.year", "2026"),
        ("starts_at", "8:30am"),
        ("ends_at", "09:15"),
        ("place", "Room 4, upper floor"),
        ("invite", "pupil"),
        ("invite", "lead"),
    ]
}

/// Minutes with everything a Stage 1 meeting needs.
fn full() -> Fields {
    vec![
        ("version", "1"),
        ("held_on.day", "24"),
        ("held_on.month", "11"),
        ("held_on.year", "2026"),
        ("came.1", "present"),
        ("came.2", "video"),
        ("difficulties", "Lateness"),
        ("support_check", "Mentor in place"),
        ("psp", "created"),
        ("decisions", "Weekly call home"),
        ("without_parent", "Rang three times"),
        ("agreed.1.words", "Ring home"),
        ("agreed.1.owner", "A school_lead"),
        ("agreed.1.due.day", "4"),
        ("agreed.1.due.month", "12"),
        ("agreed.1.due.year", "2026"),
    ]
}

fn without(fields: &Fields, name: &str) -> Fields {
    fields.iter().copied().filter(|(field, _)| *field != name).collect()
}

async fn planned(town: &Town, kind: &'static str) -> String {
    let path = format!("/cases/{}/meetings/new", town.greenfield.case.case);
    let answer = town.post(&town.greenfield.lead, &path, &plan(kind)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

async fn refused(town: &Town, who: &Person, path: &str, fields: &Fields, message: &str) -> Answer {
    let answer = town.post(who, path, fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}: {}", answer.body);
    assert!(answer.body.contains(message), "{message}: {}", answer.body);
    answer
}

#[tokio::test]
async fn s1_02_a_meeting_is_planned_minuted_signed_and_then_only_added_to() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let place = planned(&town, "stage_1").await;
    let draft = town.post(&lead, &format!("{place}/minutes"), &[("version", "1"), ("notes", "So far")]).await;
    assert_eq!(draft.status, StatusCode::SEE_OTHER, "{}", draft.body);
    assert!(town.get(&lead, &format!("{place}/print")).await.body.contains("Draft: these minutes"));
    let mut fields = full();
    fields[0].1 = "2";
    let signed = town.post(&lead, &format!("{place}/minutes/sign"), &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let page = town.get(&lead, &place).await.body;
    for words in ["Minutes signed on 24 Nov 2026", "Weekly call home", "Rang three times", "Ring home"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    fields[0].1 = "3";
    let again = town.post(&lead, &format!("{place}/minutes"), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "signed minutes stay");
    let cancel = town.post(&lead, &format!("{place}/cancel"), &[("version", "3"), ("why", "x")]).await;
    assert_eq!(cancel.status, StatusCode::BAD_REQUEST);
    refused(&town, &lead, &format!("{place}/addenda"), &vec![("words", " ")], "Enter what is to be added")
        .await;
    let added = town.post(&lead, &format!("{place}/addenda"), &[("words", "A slip: two calls")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    assert!(town.get(&lead, &format!("{place}/print")).await.body.contains("A slip: two calls"));
    let timeline = town.get(&lead, &format!("/cases/{case}/timeline")).await.body;
    assert!(timeline.contains("Meeting planned") && timeline.contains("Minutes signed off"), "{timeline}");
    let changed = sqlx::query("update app.meetings set place = 'x' where case_id = $1")
        .bind(case)
        .execute(&mut town.owner)
        .await;
    assert!(changed.unwrap_err().to_string().contains("addendum"), "not even the owner changes them");
}

#[tokio::test]
async fn s1_02_sign_off_says_everything_that_is_missing_and_keeps_what_was_typed() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let sign = format!("{}/minutes/sign", planned(&town, "stage_1").await);
    for (field, message) in [
        ("difficulties", "Enter the difficulties"),
        ("support_check", "Say whether support is in place"),
        ("psp", "Say whether the PSP"),
        ("decisions", "Enter what was decided"),
        ("without_parent", "Say why no parent was there"),
        ("came.2", "Say for everybody"),
    ] {
        let answer = refused(&town, &lead, &sign, &without(&full(), field), message).await;
        assert!(answer.body.contains("Ring home"), "{field}");
    }
}

#[tokio::test]
async fn s1_02_a_contact_a_court_order_keeps_away_is_never_invited() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case);
    sqlx::query(
        "update app.contacts set no_contact = true, no_contact_reason = 'Order of 3 May' where id = $1",
    )
    .bind(case.contact)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let path = format!("/cases/{}/meetings/new", case.case);
    let key = format!("parent.{}", case.contact);
    let form = town.get(&lead, &path).await.body;
    assert!(form.contains("Order of 3 May") && !form.contains(&format!("value=\"{key}\"")), "{form}");
    let base = plan("stage_1");
    let mut fields: Vec<(&str, &str)> = base.clone();
    fields.push(("invite", &key));
    let answer = town.post(&lead, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("must not be invited: Order of 3 May"));
    let foreign = format!("parent.{}", town.hillside.case.contact);
    let mut fields: Vec<(&str, &str)> = base;
    fields.push(("invite", &foreign));
    assert_eq!(town.post(&lead, &path, &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.count("select count(*) from app.meetings where case_id = $1", case.case).await, 0);
}

#[tokio::test]
async fn s1_06_a_restorative_meeting_needs_its_outcome_and_no_parent() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let sign = format!("{}/minutes/sign", planned(&town, "restorative").await);
    let mut fields: Fields = full()
        .into_iter()
        .filter(|(field, _)| !["difficulties", "support_check", "psp", "without_parent"].contains(field))
        .collect();
    refused(&town, &lead, &sign, &fields, "Enter what came of it").await;
    fields.push(("outcome", "Both shook hands"));
    assert_eq!(town.post(&lead, &sign, &fields).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s2_01_a_stage_2_meeting_reviews_plans_and_s2_05_has_minutes() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let sign = format!("{}/minutes/sign", planned(&town, "stage_2").await);
    let mut fields: Fields = full()
        .into_iter()
        .filter(|(field, _)| !["difficulties", "support_check", "psp"].contains(field))
        .collect();
    for message in ["each earlier plan went", "Enter the further support", "Enter strategies"] {
        refused(&town, &lead, &sign, &fields, message).await;
    }
    fields.extend([("earlier_plans", "None"), ("further_support", "None"), ("strategies", "Seat at front")]);
    assert_eq!(town.post(&lead, &sign, &fields).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s2_05_minutes_need_their_day_and_late_ones_say_so() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let sign = format!("{}/minutes/sign", planned(&town, "stage_1").await);
    let mut fields = full();
    fields.retain(|(field, _)| !field.starts_with("held_on"));
    refused(&town, &lead, &sign, &fields, "Enter the day it was held").await;
    let mut fields = full();
    fields[1].1 = "25";
    refused(&town, &lead, &sign, &fields, "must be today or in the past").await;
    fields[1].1 = "9";
    let signed = town.post(&lead, &sign, &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    assert!(town.get(&lead, &signed.location).await.body.contains("Minutes signed late"));
    let case = town.greenfield.case.case;
    assert_eq!(
        town.count("select count(*) from app.meetings where case_id = $1 and final_on is not null", case)
            .await,
        1
    );
}

#[tokio::test]
async fn s3_03_without_the_la_representative_a_stage_3_meeting_asks_why() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let sign = format!("{}/minutes/sign", planned(&town, "stage_3").await);
    let mut fields: Fields = full()
        .into_iter()
        .filter(|(field, _)| !["difficulties", "support_check", "psp"].contains(field))
        .collect();
    refused(&town, &lead, &sign, &fields, "Say why the LA representative was not there").await;
    fields.push(("without_la_representative", "Asked on 3 November, ill"));
    assert_eq!(town.post(&lead, &sign, &fields).await.status, StatusCode::SEE_OTHER);
    let case = town.greenfield.case.case;
    let form = town.post(&la, &format!("/cases/{case}/meetings/new"), &plan("stage_3")).await;
    assert_eq!(form.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_la_representative_says_only_for_themselves_whether_they_came() {
    let mut town = Town::new().await;
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let key = format!("la_representative.{}", la.id);
    let mut fields: Vec<(&str, &str)> = plan("stage_3");
    fields.push(("invite", &key));
    let made = town.post(&lead, &format!("/cases/{case}/meetings/new"), &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let path = format!("{}/attendance", made.location);
    refused(&town, &la, &path, &vec![("attendance", "did_not_come")], "Select whether you were there").await;
    assert_eq!(town.post(&la, &path, &[("attendance", "video")]).await.status, StatusCode::SEE_OTHER);
    let head = town.greenfield.head.clone();
    assert_eq!(town.post(&head, &path, &[("attendance", "video")]).await.status, StatusCode::BAD_REQUEST);
    let sql = "select count(*) from app.meeting_people where user_id = $1 and attendance = 'video'";
    assert_eq!(town.count(sql, la.id).await, 1);
    let sql = "select count(*) from app.meeting_people where case_id = $1 and attendance is not null";
    assert_eq!(town.count(sql, case).await, 1);
}

#[tokio::test]
async fn a_plan_refuses_what_is_no_plan() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/meetings/new");
    let long = "x".repeat(201);
    for (field, value, message) in [
        ("kind", "party", "Select the kind of meeting"),
        ("starts_at", "half past", "Enter the time it starts"),
        ("ends_at", "8:30am", "must be after the time it starts"),
        ("planned_on.year", "2024", "within the last year"),
        ("planned_on.year", "2031", "within the next two years"),
        ("planned_on.day", "31", "must be a real date"),
        ("place", "", "Enter the place"),
        ("place", &long, "The place must be"),
    ] {
        let mut fields: Vec<(&str, &str)> = plan("review");
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|one| one.1 = value);
        let answer = town.post(&lead, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(answer.body.contains(message), "{message}: {}", answer.body);
    }
    let nobody: Fields = plan("review").into_iter().filter(|(field, _)| *field != "invite").collect();
    refused(&town, &lead, &path, &nobody, "Select or enter at least one person").await;
    assert_eq!(town.count("select count(*) from app.meetings where case_id = $1", case).await, 0);
    let key = Uuid::new_v4().to_string();
    let mut fields: Vec<(&str, &str)> = plan("review");
    fields.push(("form_key", &key));
    let first = town.post_exactly(&lead, &path, &fields, &[]).await;
    let second = town.post_exactly(&lead, &path, &fields, &[]).await;
    assert_eq!((first.status, &first.location), (second.status, &second.location));
    assert_eq!(town.count("select count(*) from app.meetings where case_id = $1", case).await, 1);
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other_and_cancelled_stays_cancelled() {
    let town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let place = planned(&town, "review").await;
    let mut fields: Fields =
        plan("review").into_iter().filter(|(f, _)| *f != "invite" && *f != "kind").collect();
    fields.extend([
        ("version", "1"),
        ("remove", "1"),
        ("other.1.part", "interpreter"),
        ("other.1.name", "Ms Ito"),
    ]);
    let first = town.post(&lead, &format!("{place}/edit"), &fields).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    assert!(town.get(&lead, &place).await.body.contains("Ms Ito"));
    fields.retain(|(field, _)| *field != "remove");
    let second = town.post(&head, &format!("{place}/edit"), &fields).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.body);
    let minutes = town.post(&head, &format!("{place}/minutes"), &[("version", "1"), ("notes", "Mine")]).await;
    assert_eq!(minutes.status, StatusCode::CONFLICT);
    assert!(minutes.body.contains("Mine"), "what was typed is shown: {}", minutes.body);
    refused(&town, &lead, &format!("{place}/cancel"), &vec![("version", "2"), ("why", "")], "Enter why")
        .await;
    let gone = town.post(&lead, &format!("{place}/cancel"), &[("version", "2"), ("why", "Illness")]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    let minutes = town.post(&lead, &format!("{place}/minutes"), &[("version", "3")]).await;
    assert_eq!(minutes.status, StatusCode::BAD_REQUEST);
    let list = town.get(&lead, &format!("/cases/{}/meetings", town.greenfield.case.case)).await.body;
    assert!(list.contains("Cancelled on 24 Nov 2026"));
}

#[tokio::test]
async fn an_action_is_done_once_and_the_calendar_file_names_no_child() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (lead, own, other) = (town.greenfield.lead.clone(), town.greenfield.clone(), town.hillside.clone());
    let done = format!("/cases/{}/actions/{}/done", own.case.case, own.case.action);
    assert_eq!(town.post(&lead, &done, &[("result", "Rang")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.post(&lead, &done, &[("result", "Rang")]).await.status, StatusCode::BAD_REQUEST);
    for (case, action) in [(own.case.case, other.case.action), (other.case.case, other.case.action)] {
        let answer = town.post(&lead, &format!("/cases/{case}/actions/{action}/done"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(town.post(&own.tutor, &done, &[]).await.status, StatusCode::FORBIDDEN);
    let file = town
        .get(&lead, &format!("/cases/{}/meetings/{}/invitation.ics", own.case.case, own.case.meeting))
        .await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let text = file.body.replace("\r\n ", "");
    assert!(text.contains("DTSTART;TZID=Europe/London:20261127T153000\r\n"), "{text}");
    assert!(
        text.contains("DTSTAMP:20261124T114500Z") && text.contains("SUMMARY:Meeting about a pupil\\, case ")
    );
    assert!(!text.contains("Sam "), "{text}");
}
