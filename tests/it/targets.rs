//! Setting and changing targets.

use axum::http::StatusCode;

use crate::support::Town;

fn target<'a>(words: &'a str, day: &'a str, month: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("words", words),
        ("criterion", "Seen in lessons"),
        ("due_on.day", day),
        ("due_on.month", month),
        ("due_on.year", "2026"),
        ("pupil_words", ""),
    ]
}

#[tokio::test]
async fn a_lead_sets_targets_and_more_than_four_ask_why() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let case = town.greenfield.case.case;
    let path = format!("/cases/{case}/targets/new");
    for words in ["Third", "Fourth"] {
        assert_eq!(town.post(&lead, &path, &target(words, "11", "12")).await.status, StatusCode::SEE_OTHER);
    }
    let fifth = town.post(&lead, &path, &target("Fifth", "11", "12")).await;
    assert_eq!(fifth.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(fifth.body.contains("5 targets. More than 4"), "{}", fifth.body);
    let mut with_reason = target("Fifth", "11", "12");
    with_reason.push(("reason.S1.08", "Agreed with the family for two weeks"));
    assert_eq!(town.post(&lead, &path, &with_reason).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &format!("/cases/{case}/targets")).await;
    assert!(page.body.contains("Fifth") && page.body.contains("5 targets"));
    // The day sheet has no room for a sixth, whatever the reason.
    let mut sixth = target("Sixth", "11", "12");
    sixth.push(("reason.S1.08", "One more"));
    let refused = town.post(&lead, &path, &sixth).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("End one before you set another"), "{}", refused.body);
}

#[tokio::test]
async fn every_form_error_is_said_the_same_in_three_places() {
    let town = Town::new().await;
    let path = format!("/cases/{}/targets/new", town.greenfield.case.case);
    let answer = town.post(&town.greenfield.lead, &path, &target("", "31", "11")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("<title>Error: Set a target"));
    for message in ["Enter target", "Date to meet it by must be a real date"] {
        assert_eq!(answer.body.matches(message).count(), 2, "{message}: summary and field");
    }
    assert!(answer.body.contains("href=\"#due_on.day\""));
    let past = town.post(&town.greenfield.lead, &path, &target("x", "20", "11")).await;
    assert!(past.body.contains("must be today or later"));
    assert!(!past.body.contains("style="));
}

#[tokio::test]
async fn changing_keeps_every_wording_and_two_people_do_not_overwrite_each_other() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let id = town.greenfield.case.targets[0];
    let path = format!("/cases/{}/targets/{id}", town.greenfield.case.case);
    let mut mine = target("Listen first", "11", "12");
    mine.push(("version", "1"));
    assert_eq!(town.post(&lead, &path, &mine).await.status, StatusCode::SEE_OTHER);
    let mut theirs = target("Listen, then talk", "11", "12");
    theirs.push(("version", "1"));
    let clash = town.post(&head, &path, &theirs).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(
        clash.body.contains("Listen first") && clash.body.contains("Listen, then talk"),
        "{}",
        clash.body
    );
    assert_eq!(town.count("select count(*) from app.target_versions where target_id = $1", id).await, 2);
    let ended = town.post(&lead, &format!("{path}/end"), &[("version", "2")]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(
        town.count("select count(*) from app.targets where id = $1 and ended_on = '2026-11-24'", id).await,
        1
    );
}

#[tokio::test]
async fn a_target_moves_up() {
    let mut town = Town::new().await;
    let [first, second] = town.greenfield.case.targets;
    let path = format!("/cases/{}/targets/{second}/raise", town.greenfield.case.case);
    assert_eq!(
        town.post(&town.greenfield.lead.clone(), &path, &[("version", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    let case = town.greenfield.case.case;
    let order: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from app.targets where case_id = $1 order by position")
            .bind(case)
            .fetch_all(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(order, [second, first]);
}
