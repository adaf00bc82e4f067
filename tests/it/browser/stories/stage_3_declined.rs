//! A parent says no: the transfer cannot begin, and another outcome is agreed instead. Told without JavaScript.

use super::{
    tale::{Tale, Who},
    weeks::MIDDLING,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_declines_and_another_outcome_is_agreed_without_javascript() {
    let mut tale = Tale::begin(false).await;
    Box::pin(asked(&mut tale)).await;
    Box::pin(declined(&mut tale)).await;
    Box::pin(instead(&mut tale)).await;
}

/// 22 and 23 February: Stage 3, the meeting, a managed move in view.
async fn asked(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.head_opens_case_at("3").await;
    tale.set_targets("2027-04-16").await;
    tale.marks("2027-02-22", MIDDLING).await;
    let meeting = tale.stage_3_meeting_is_planned("2027-02-23").await;
    tale.on("2027-02-23");
    tale.stage_3_minutes(&meeting).await;
    tale.others_are_not_chosen(&["supported_transfer"]).await;
    let days = [("starts_on.*", "2027-03-15"), ("review_on.*", "2027-04-16")];
    tale.transfer_is_chosen("managed_move", &days).await;
}

/// 24 February: the mother says no, and that is the end of it.
async fn declined(tale: &mut Tale) {
    tale.on("2027-02-24");
    let no = [("answer.supported_transfer", "declined"), ("words", "All friends are here")];
    tale.parent_answers(tale.contact, &no).await;
    tale.says("Does not agree").await;
    let decide = tale.of_case("/stage-3/supported_transfer/agree");
    tale.opens(Who::Head, &decide).await;
    tale.unmet("S3.05", false).await;
    tale.says("Jo Quill: does not agree").await;
    tale.unmet("S3.05-all", false).await;
    // A parent’s no is nobody’s to put right.
    tale.says_not("Who can put it right").await;
    assert!(!tale.has("button[value='agree']").await, "there is nothing to agree");
    // Nor does it begin by another door.
    let transfer = tale.of_case("/transfer");
    tale.opens(Who::Lead, &transfer).await;
    tale.unmet("S3.07", false).await;
    tale.says("No supported transfer is agreed at Stage 3").await;
    assert!(!tale.has("main form[method='post']").await, "there is nothing to begin");
    tale.opens(Who::Head, &decide).await;
    // Not agreed: somebody says why.
    tale.send_with("button[value='decline']", &decide, &[]).await;
    assert!(tale.has(".govuk-error-summary a[href*='words']").await, "declined without a word");
    let words = [("words", "A move is voluntary, and the family does not want it")];
    tale.send_with("button[value='decline']", &decide, &words).await;
    tale.done("declining").await;
}

/// The same day and the next: back to lessons with a plan.
async fn instead(tale: &mut Tale) {
    let plan = [
        ("why", "The family and the school both want this"),
        ("chosen", "yes"),
        ("plan", "Ten mornings with the mentor, then lessons"),
        ("starts_on.*", "2027-03-01"),
        ("review_on.*", "2027-03-15"),
    ];
    tale.considers("re_induction", &plan).await;
    tale.parent_answers(tale.contact, &[("answer.re_induction", "agreed")]).await;
    tale.on("2027-02-25");
    tale.head_agrees("re_induction", &[]).await;
    let page = tale.of_case("/stage-3");
    tale.opens(Who::Lead, &page).await;
    tale.says("Ten mornings with the mentor").await;
    tale.says("Not agreed").await;
    let stage = tale.of_case("/stage");
    tale.opens(Who::La, &stage).await;
    tale.unfolds().await;
    tale.met("S3.04").await;
    tale.met("S3.05-sought").await;
    tale.on("2027-03-15");
    tale.is_owed(&page).await;
    tale.opens(Who::Lead, &page).await;
    let end = [("how", "ended"), ("words", "In every lesson since Monday")];
    tale.records(&tale.of_case("/stage-3/re_induction/end"), &end).await;
    tale.timeline_tells(&[
        "Stage 3 began",
        "Minutes signed off: Stage 3 review meeting",
        "Supported transfer: Nothing else keeps everybody safe",
        "Supported transfer: Jo Quill. All friends are here",
        "Supported transfer: A move is voluntary, and the family does not want it",
        "Re-induction to school: Jo Quill",
        "Re-induction to school: Ten mornings with the mentor",
        "Re-induction to school: In every lesson since Monday",
    ])
    .await;
}
