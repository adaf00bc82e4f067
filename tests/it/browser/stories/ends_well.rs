//! A case that ends well, and the pupil who comes back.

use waymark::domain::stage::{CaseState, Ended};

use super::{
    tale::{Tale, Who},
    weeks::{GOOD, MIDDLING, Week},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_ends_well_at_stage_1() {
    let mut tale = Tale::begin(true).await;
    Box::pin(first_week(&mut tale)).await;
    Box::pin(five_weeks(&mut tale)).await;
    Box::pin(the_end(&mut tale)).await;
    Box::pin(afterwards(&mut tale)).await;
}

async fn first_week(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.opens_case_with_a_reason().await;
    tale.set_targets("2027-04-16").await;
    tale.leaflets_are_given().await;
    tale.marks_of(&["2027-02-22", "2027-02-23"], MIDDLING).await;
    tale.la_explains_the_programme().await;
    tale.marks_of(&["2027-02-24", "2027-02-25"], MIDDLING).await;
    tale.formal_meeting("2027-02-26").await;
    tale.marks("2027-02-26", MIDDLING).await;
    // S1.14: in the first week nobody leaves. No target is rated, and no week reviewed.
    let exit = tale.of_case("/stage/move");
    tale.opens(Who::Lead, &format!("{exit}?to=exit")).await;
    let told = [("told_parents", "yes"), ("told_pupil", "yes"), ("recognised", "yes"), ("words", "It helps")];
    tale.send(&exit, &told).await;
    tale.refused_for("S1.14-rated", false).await;
    tale.unmet("S1.14-review", false).await;
    tale.unmet("S1.07", false).await;
    tale.rest_of_stage_1().await;
    tale.reviews(&Week { last: "2027-02-26", light: "amber", next_steps: "Mentor from Monday" }).await;
    tale.tells_parent("2027-02-26", "A good beginning").await;
}

async fn five_weeks(tale: &mut Tale) {
    for (days, next_steps) in [
        (&["2027-03-01", "2027-03-02", "2027-03-03", "2027-03-04", "2027-03-05"][..], "The same again"),
        (&["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"], "A seat near the door"),
        (&["2027-03-15", "2027-03-16", "2027-03-17", "2027-03-18", "2027-03-19"], "Carry on"),
        (&["2027-03-22", "2027-03-23", "2027-03-24", "2027-03-25"], "A good holiday"),
        (&["2027-04-12", "2027-04-13", "2027-04-14", "2027-04-15", "2027-04-16"], "Talk about leaving"),
    ] {
        tale.marks_of(days, GOOD).await;
        let last = days.last().unwrap();
        let mentor = tale.mentor.clone();
        tale.gives_session(Who::Lead, &mentor, last).await;
        tale.reviews(&Week { last, light: "green", next_steps }).await;
        tale.tells_parent(last, "Nearly every target met").await;
    }
    tale.letter_says_what_the_screen_says("2027-04-16", "Talk about leaving").await;
}

/// 16 April: the week suggests it, the lead proposes it, the headteacher confirms.
async fn the_end(tale: &mut Tale) {
    let (case, stage, exit) = (tale.case.clone(), tale.of_case("/stage"), tale.of_case("/stage/move"));
    tale.opens(Who::Lead, &format!("{case}/reviews/2027-04-12")).await;
    tale.leads("section[aria-labelledby='figures']", &stage).await;
    tale.opens(Who::Lead, &format!("{exit}?to=exit")).await;
    for clause in ["S1.14-rated", "S1.14-review", "S1.14-met", "S1.14-week"] {
        tale.met(clause).await;
    }
    tale.send(&exit, &[("told_parents", "yes"), ("words", "Four green weeks")]).await;
    tale.refused_for("S1.14-told", false).await;
    tale.unmet("S1.14-recognised", false).await;
    tale.records(&exit, &[("told_pupil", "yes"), ("recognised", "yes")]).await;
    tale.is(Who::Head).await;
    tale.leads("main", &stage).await;
    tale.says("Four green weeks").await;
    tale.opens(Who::Head, &stage).await;
    let proposal = tale.action("form[action*='/proposals/']").await;
    tale.send_with("button[value='confirm']", &proposal, &[]).await;
    tale.done("confirming").await;
    tale.opens(Who::Head, "/overview").await;
    tale.says_not("Four green weeks").await;
    tale.leads("main", &case).await;
    let aftercare = tale.of_case("/steps/new?kind=aftercare");
    tale.next_is(&aftercare).await;
    tale.says("Friday 14 May 2027").await;
    let stands = tale.decisions_replay().await;
    assert!(matches!(stands, CaseState::Ended { how: Ended::Progress, .. }), "{stands:?}");
}

/// Four school weeks later, and the day the pupil is back on the programme.
async fn afterwards(tale: &mut Tale) {
    let aftercare = tale.of_case("/steps/new?kind=aftercare");
    tale.on("2027-04-19");
    tale.opens(Who::Tutor, "/today").await;
    tale.says_not("Quill").await;
    tale.on("2027-05-14");
    tale.today_owes(&aftercare).await;
    tale.records_step(Who::Lead, "aftercare", &[("words", "Calm, and on time"), ("settled", "yes")]).await;
    let case = tale.case.clone();
    tale.opens(Who::Lead, &case).await;
    assert!(!tale.has(".wm-next").await, "nothing is owed any more");
    tale.timeline_tells(&[
        "Stage 1 began",
        "Target set: Arrive on time",
        "Programme explained",
        "Minutes signed off",
        "Weekly review signed: Week of 1 March 2027: green",
        "Left the programme: progress made",
        "Aftercare check: Calm, and on time",
    ])
    .await;
    tale.on("2027-05-24");
    let pupil = tale.pupil.rsplit('/').next().unwrap().to_owned();
    tale.opens(Who::Lead, &format!("/cases/new?pupil={pupil}")).await;
    let lead = tale.person(Who::Lead).id.to_string();
    let again = [
        ("lead", lead.as_str()),
        ("rationale", "A suspension after five calm weeks"),
        ("support_what", "The mentor of the spring"),
        ("advice_what", "A card to leave the room"),
        ("advice_outcome", "It was made"),
    ];
    tale.records("/cases", &again).await;
    let later = tale.browser.path().await;
    tale.leads("main", &case).await;
    tale.opens(Who::Lead, &case).await;
    tale.leads("main", &later).await;
    // A16: one open case at a time.
    tale.opens(Who::Lead, &format!("/cases/new?pupil={pupil}")).await;
    tale.unmet("A16", false).await;
    tale.send("/cases", &again).await;
    tale.refused_for("A16", false).await;
}
