//! An off-site direction with a planned return: at another place for a time, marked as such on the day sheet.

use super::{
    tale::{Tale, Who},
    weeks::{GOOD, MIDDLING},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_off_site_direction_with_a_planned_return() {
    let mut tale = Tale::begin(true).await;
    Box::pin(agreed(&mut tale)).await;
    let direction = Box::pin(directed(&mut tale)).await;
    Box::pin(away(&mut tale, &direction)).await;
    Box::pin(back(&mut tale, &direction)).await;
}

/// Monday 22 and Tuesday 23 February: Stage 3, the meeting, and what it came to.
async fn agreed(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.head_opens_case_at("3").await;
    tale.set_targets("2027-04-16").await;
    tale.marks("2027-02-22", MIDDLING).await;
    let meeting = tale.stage_3_meeting_is_planned("2027-02-23").await;
    tale.on("2027-02-23");
    tale.stage_3_minutes(&meeting).await;
    tale.others_are_not_chosen(&["supported_transfer"]).await;
    // Nobody directs a pupil off site whom Stage 3 has not come to it for.
    let direction = tale.of_case("/direction");
    tale.opens(Who::Lead, &direction).await;
    tale.says("None is recorded").await;
    let days = [("starts_on.*", "2027-03-01"), ("review_on.*", "2027-03-15"), ("ends_on.*", "2027-04-16")];
    tale.transfer_is_chosen("off_site", &days).await;
    tale.parent_answers(tale.contact, &[("answer.supported_transfer", "agreed")]).await;
    tale.head_agrees("supported_transfer", &[]).await;
}

/// Wednesday 24 February: the decision and its written notice.
async fn directed(tale: &mut Tale) -> String {
    tale.on("2027-02-24");
    let form = tale.of_case("/direction/new");
    tale.opens(Who::Lead, &form).await;
    let settled = [
        ("decided_on.*", "2027-02-23"),
        ("decided_for", "The chair of governors"),
        ("place", "The Bridge Centre"),
        ("address", "1 River Road"),
        ("report_to", "Ms Okafor"),
        ("times", "9am to 3pm"),
        ("starts_on.*", "2027-02-26"),
        ("ends_on.*", "2027-04-16"),
        ("reasons", "Behaviour in unsupervised time"),
        ("objectives", "Calm breaks, and a plan for the way back"),
        ("notice_on.*", "2027-02-25"),
        ("notice_how", "By hand"),
    ];
    // Two school days between the notice and the first day (2.9).
    tale.send(&form, &settled).await;
    assert!(tale.has(".govuk-error-summary").await, "too soon: {}", tale.browser.text().await);
    tale.records(&form, &[("starts_on.*", "2027-03-01"), ("notice_on.*", "2027-02-24")]).await;
    let notice = tale.href("main a[href$='/notice']").await;
    tale.opens(Who::Lead, &notice).await;
    for words in ["1 River Road", "Ms Okafor", "9am to 3pm", "not a sanction", "Calm breaks", "1 March"] {
        tale.says(words).await;
    }
    assert!(tale.browser.printed().await.starts_with(b"%PDF"));
    tale.opens(Who::La, &tale.of_case("/direction")).await;
    tale.says("The Bridge Centre").await;
    assert!(!tale.has("main form").await, "the LA representative looks");
    notice.trim_end_matches("/notice").to_owned()
}

/// 26 February to 25 March: the last day here, the days there, and the reviews.
async fn away(tale: &mut Tale, direction: &str) {
    let page = tale.of_case("/direction");
    tale.marks("2027-02-26", MIDDLING).await;
    tale.on("2027-03-01");
    tale.opens(Who::Tutor, "/today").await;
    let sheet = format!("section[data-case='{}']", tale.case_id());
    assert!(tale.has(&format!("{sheet} input.wm-mark[value='o']")).await, "filled in as off site");
    assert!(!tale.has(&format!("{sheet} input.wm-mark[value='']")).await, "and nothing is left to mark");
    tale.says("Off-site direction").await;
    // That is enough for whoever marks: not where, and not why.
    tale.says_not("Bridge").await;
    tale.opens(Who::Lead, &page).await;
    tale.says("Running").await;
    tale.on("2027-03-12");
    tale.opens(Who::Lead, &tale.case.clone()).await;
    tale.leads(".wm-next", &page).await;
    tale.opens(Who::Lead, &page).await;
    let reviews = format!("{direction}/reviews");
    let review = [
        ("held.*", "2027-03-11"),
        ("kind", "planned"),
        ("people", "head"),
        ("people", "parents"),
        ("people", "nominee"),
        ("words", "Calm breaks from the second day"),
    ];
    tale.records(&reviews, &review).await;
    tale.says("Calm breaks from the second day").await;
    // The mother asks in writing; within ten weeks of a review it may be refused, and here it is held.
    let asked = [("asked.*", "2027-03-12"), ("asked_by", "The mother"), ("answer", "hold")];
    tale.records(&format!("{direction}/requests"), &asked).await;
    tale.says("Hold the review that was asked for").await;
    tale.on("2027-03-25");
    tale.opens(Who::Lead, &page).await;
    let review = [
        ("held.*", "2027-03-24"),
        ("kind", "asked"),
        ("people", "head"),
        ("people", "parents"),
        ("people", "nominee"),
        ("words", "The way back is planned"),
    ];
    tale.records(&reviews, &review).await;
    tale.says_not("Hold the review that was asked for").await;
}

/// 15 to 19 April: the planned return, a day early, and the ordinary sheet again.
async fn back(tale: &mut Tale, direction: &str) {
    tale.on("2027-04-15");
    tale.opens(Who::Lead, &tale.of_case("/direction")).await;
    let end = [("ended.*", "2027-04-15"), ("how", "planned_return"), ("why", "The objectives are reached")];
    tale.records(&format!("{direction}/end"), &end).await;
    tale.says("The pupil returns to this school").await;
    tale.on("2027-04-16");
    tale.opens(Who::Tutor, "/today").await;
    assert!(!tale.has("input.wm-mark[value='o']").await, "Robin is back");
    tale.says_not("Off-site direction").await;
    tale.marks_by_hand("2027-04-16", GOOD).await;
    let case = tale.case.clone();
    // No marks are asked for the days away, and why is among what is known.
    tale.opens(Who::Lead, &case).await;
    let away = ".wm-next a[href^='/today?date=2027-03-'], .wm-next a[href*='date=2027-04-15']";
    assert!(!tale.has(away).await, "{}", tale.browser.text().await);
    tale.opens(Who::Lead, &format!("{case}/absences")).await;
    tale.says("Off-site direction").await;
    let card = tale.of_case("/stage-3/supported_transfer");
    tale.opens(Who::Lead, &tale.of_case("/stage-3")).await;
    tale.records(&format!("{card}/end"), &[("how", "ended"), ("words", "Back, and calm")]).await;
    tale.timeline_tells(&[
        "Stage 3 began",
        "Off-site direction",
        "Off-site direction reviewed",
        "Off-site direction ended",
    ])
    .await;
}
