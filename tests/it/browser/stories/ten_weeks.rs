//! From the first concern to the door of Stage 3.

use time::macros::date;
use waymark::domain::stage::{CaseState, Stage};

use super::{
    tale::{Tale, Who},
    weeks::{MIDDLING, POOR, Week},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_weeks_from_first_concern_to_the_door_of_stage_3() {
    ten_weeks(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_weeks_from_first_concern_to_the_door_of_stage_3_without_javascript() {
    ten_weeks(false).await;
}

async fn ten_weeks(javascript: bool) {
    let mut tale = Tale::begin(javascript).await;
    // Each part on the heap: together they are more than a thread's stack holds.
    Box::pin(first_week(&mut tale)).await;
    Box::pin(stage_1(&mut tale)).await;
    Box::pin(proposed_and_decided(&mut tale)).await;
    Box::pin(stage_2(&mut tale)).await;
    Box::pin(to_the_door(&mut tale)).await;
    Box::pin(what_remains(&mut tale)).await;
}

/// 22 to 26 February: the case is opened, and everything of Stage 1 is begun.
async fn first_week(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.opens_case_with_a_reason().await;
    tale.set_targets("2027-04-23").await;
    tale.leaflets_are_given().await;
    let sheet = format!("/today?date=2027-02-22&school={}", tale.town.greenfield.id);
    tale.next_is(&sheet).await;
    tale.marks("2027-02-22", MIDDLING).await;
    staff_see_the_day_and_nothing_else(tale).await;
    tale.marks_by_hand("2027-02-23", MIDDLING).await;
    tale.la_explains_the_programme().await;
    tale.marks_of(&["2027-02-24", "2027-02-25"], MIDDLING).await;
    tale.formal_meeting("2027-02-26").await;
    tale.marks("2027-02-26", MIDDLING).await;
    tale.rest_of_stage_1().await;
    tale.transfer_is_for_stage_3_only().await;
    tale.reviews(&Week { last: "2027-02-26", light: "amber", next_steps: "Mentor from Monday" }).await;
    tale.tells_parent("2027-02-26", "Two good mornings; after break it is hard").await;
    tale.letter_says_what_the_screen_says("2027-02-26", "Mentor from Monday").await;
    headteacher_reads_of_the_case(tale).await;
}

async fn staff_see_the_day_and_nothing_else(tale: &mut Tale) {
    tale.opens(Who::Tutor, "/today").await;
    tale.says("Quill").await;
    tale.says("Arrive on time").await;
    assert!(!tale.has(".wm-duties").await, "what is owed is the lead’s");
    let case = tale.case.clone();
    for rest in ["", "/stage", "/timeline", "/reviews", "/meetings", "/support", "/targets"] {
        tale.is_kept_from(Who::Tutor, &format!("{case}{rest}")).await;
    }
}

/// P2.01: the opening is told on the page they come to first, and called new until they open their inbox.
async fn headteacher_reads_of_the_case(tale: &mut Tale) {
    let case = tale.case.clone();
    tale.is(Who::Head).await;
    let line = format!("tr:has(a[href='{case}'])");
    assert!(tale.has(&format!("{line} .govuk-tag")).await, "it is new");
    tale.opens(Who::Head, "/overview/inbox").await;
    assert!(tale.has(&format!("{line} .govuk-tag")).await, "it is new");
    tale.opens(Who::Head, "/overview/inbox").await;
    assert!(tale.has(&line).await && !tale.has(&format!("{line} .govuk-tag")).await, "it was opened");
}

/// 1 to 22 March: it gets no better, and a move before its time is refused.
async fn stage_1(tale: &mut Tale) {
    let move_up = tale.of_case("/stage/move");
    tale.marks_of(&["2027-03-01", "2027-03-02", "2027-03-03", "2027-03-04", "2027-03-05"], MIDDLING).await;
    tale.what_was_agreed_is_done().await;
    let mentor = tale.mentor.clone();
    tale.gives_session(Who::Lead, &mentor, "2027-03-05").await;
    tale.reviews(&Week { last: "2027-03-05", light: "amber", next_steps: "The same again" }).await;
    tale.tells_parent("2027-03-05", "Break is still hard").await;
    // Friday is a training day: the week ends on Thursday.
    tale.marks_of(&["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"], POOR).await;
    let review = tale.of_case("/reviews/2027-03-08");
    tale.today_owes(&review).await;
    tale.reviews(&Week { last: "2027-03-11", light: "red", next_steps: "Sit near the door" }).await;
    tale.tells_parent("2027-03-11", "A hard week").await;
    // S1.15: fourteen days are not twenty. Without a reason it is not even proposed.
    tale.opens(Who::Lead, &format!("{move_up}?to=up2")).await;
    tale.unmet("S1.15", true).await;
    tale.send(&move_up, &[("why", "not_improving"), ("words", "Nothing helps")]).await;
    tale.refused_for("S1.15", true).await;
    // The same page on a day of one's choice.
    tale.opens(Who::Lead, &format!("{move_up}?to=up2&why=not_improving&on=2027-03-24")).await;
    tale.met("S1.15").await;
    assert!(!tale.has("form[method='post'] button[type=submit]").await, "nothing is decided on another day");
    // S3.00: no incident, no statement of the headteacher, so no Stage 3.
    tale.opens(Who::Lead, &format!("{move_up}?to=up3")).await;
    tale.send(&move_up, &[("why", "escalation"), ("words", "Nothing helps")]).await;
    tale.refused_for("S3.00", false).await;
    tale.unmet("S3.00-HT", false).await;
    tale.unmet("A5", true).await;
    tale.marks_of(&["2027-03-15", "2027-03-16", "2027-03-17", "2027-03-18", "2027-03-19"], POOR).await;
    tale.reviews(&Week { last: "2027-03-19", light: "red", next_steps: "Lunch with the mentor" }).await;
    tale.tells_parent("2027-03-19", "Again a hard week").await;
    tale.marks("2027-03-22", POOR).await;
}

/// 23 to 25 March: the lead proposes; what it rests on changes; the headteacher decides, and says why.
async fn proposed_and_decided(tale: &mut Tale) {
    let (stage, move_up) = (tale.of_case("/stage"), tale.of_case("/stage/move"));
    tale.marks("2027-03-23", POOR).await;
    tale.opens(Who::Lead, &format!("{move_up}?to=up2")).await;
    for clause in ["S1.15", "S1.04", "S1.07"] {
        tale.met(clause).await;
    }
    tale.records(&move_up, &[("why", "not_improving"), ("words", "Four weeks, and no change")]).await;
    tale.opens(Who::Head, "/overview").await;
    tale.leads("main", &stage).await;
    tale.says("Four weeks, and no change").await;
    // The mentor leaves the school before the headteacher answers.
    let mentor = tale.mentor.clone();
    tale.opens(Who::Lead, &mentor).await;
    let left = [("effect", "helped_some"), ("why", "The mentor has left the school")];
    tale.records(&format!("{mentor}/end"), &left).await;
    tale.marks("2027-03-24", POOR).await;
    tale.opens(Who::Head, &stage).await;
    let proposal = tale.action("form[action*='/proposals/']").await;
    tale.send_with("button[value='confirm']", &proposal, &[]).await;
    tale.leads("main", &stage).await;
    tale.says("It changed since the move was proposed").await;
    tale.opens(Who::Head, &format!("{move_up}?to=up2")).await;
    tale.unmet("S1.07", true).await;
    let why = [("why", "not_improving"), ("words", "Agreed with the lead")];
    tale.send(&move_up, &why).await;
    tale.refused_for("S1.07", true).await;
    tale.records(&move_up, &[("reason.S1.07", "The new mentor begins after Easter")]).await;
    tale.opens(Who::Head, &stage).await;
    assert!(!tale.has("form[action*='/proposals/']").await, "nothing waits for an answer any more");
    tale.opens(Who::Head, "/overview").await;
    tale.says_not("Four weeks, and no change").await;
    // The LA representative is informed, reasons and all.
    tale.opens(Who::La, &stage).await;
    tale.says("The new mentor begins after Easter").await;
    tale.marks("2027-03-25", POOR).await;
    tale.reviews(&Week { last: "2027-03-25", light: "red", next_steps: "We meet after Easter" }).await;
    tale.tells_parent("2027-03-25", "We meet after Easter").await;
}

/// 12 to 23 April: services, the meeting with them, what was said to parents and pupil.
async fn stage_2(tale: &mut Tale) {
    let (stage, move_up) = (tale.of_case("/stage"), tale.of_case("/stage/move"));
    tale.marks("2027-04-12", POOR).await;
    // S1.07 went along, and is owed until a new mentor is there.
    let support = tale.of_case("/support");
    tale.next_is(&support).await;
    tale.mentor_begins().await;
    tale.records_step(Who::Lead, "services", &[("names", "Behaviour support")]).await;
    let service = tale.behaviour_support_is_asked("2027-04-12").await;
    tale.is_shared_with_the_service("2027-04-12").await;
    tale.marks("2027-04-13", POOR).await;
    tale.service_agrees(&service).await;
    let meeting = tale.stage_2_meeting_is_planned("2027-04-15").await;
    tale.marks("2027-04-14", POOR).await;
    // S2.05: Stage 2 is not left without its minutes.
    tale.opens(Who::Head, &format!("{move_up}?to=up3")).await;
    tale.send(&move_up, &[("why", "escalation"), ("exclusion_in_view", "yes")]).await;
    tale.refused_for("S2.05", false).await;
    tale.unmet("S3.00", false).await;
    tale.marks("2027-04-15", POOR).await;
    tale.stage_2_minutes(&meeting).await;
    tale.marks("2027-04-16", POOR).await;
    tale.what_stage_2_says().await;
    tale.opens(Who::Lead, &stage).await;
    for clause in ["S2.01", "S2.02", "S2.03", "S2.04"] {
        tale.met(clause).await;
    }
    tale.reviews(&Week { last: "2027-04-16", light: "red", next_steps: "Mornings with the service" }).await;
    tale.tells_parent("2027-04-16", "The plan of the meeting has begun").await;
    tale.marks_of(&["2027-04-19", "2027-04-20", "2027-04-21", "2027-04-22", "2027-04-23"], MIDDLING).await;
    tale.gives_session(Who::Service, &service, "2027-04-22").await;
    tale.reviews(&Week { last: "2027-04-23", light: "amber", next_steps: "More mornings" }).await;
    tale.tells_parent("2027-04-23", "Better with the service").await;
    tale.service_sees_support_only(&service).await;
}

/// 26 April to 12 May: an incident, the headteacher's consideration, and the door.
async fn to_the_door(tale: &mut Tale) {
    let move_up = tale.of_case("/stage/move");
    // The targets' day has passed: that is owed until they have a new one.
    tale.marks_of(&["2027-04-26", "2027-04-27"], POOR).await;
    let targets = tale.of_case("/targets");
    tale.is_owed(&targets).await;
    tale.targets_get_more_time("2027-05-21").await;
    tale.marks("2027-04-28", POOR).await;
    let incident = tale.incident("2027-04-28").await;
    let considered = tale.of_case("/steps/new?kind=stage_3_considered");
    tale.is_owed(&considered).await;
    tale.marks_of(&["2027-04-29", "2027-04-30"], POOR).await;
    // P2.03a: owed by the headteacher since Thursday.
    tale.next_is(&considered).await;
    tale.opens(Who::Head, "/overview").await;
    tale.leads(".wm-late", &considered).await;
    tale.reviews(&Week { last: "2027-04-30", light: "red", next_steps: "We look at what happened" }).await;
    tale.tells_parent("2027-04-30", "You know of Wednesday; we talk on Tuesday").await;
    // Monday is a bank holiday.
    tale.marks("2027-05-04", POOR).await;
    let consideration = [
        ("incident", incident.as_str()),
        ("move_to_3", "yes"),
        ("why", "It was dangerous, and the plan has not held"),
    ];
    tale.records_step(Who::Head, "stage_3_considered", &consideration).await;
    tale.opens(Who::Head, "/overview").await;
    assert!(!tale.has(&format!(".wm-late a[href='{considered}']")).await, "it is considered");
    tale.marks_of(&["2027-05-05", "2027-05-06", "2027-05-07"], POOR).await;
    tale.reviews(&Week { last: "2027-05-07", light: "red", next_steps: "The headteacher decides" }).await;
    tale.tells_parent("2027-05-07", "The headteacher decides next week").await;
    tale.marks_of(&["2027-05-10", "2027-05-11"], POOR).await;
    tale.opens(Who::Head, &format!("{move_up}?to=up3")).await;
    tale.met("S2.05").await;
    let why = [("why", "escalation"), ("incident", incident.as_str()), ("words", "The plan has not held")];
    tale.send(&move_up, &why).await;
    tale.refused_for("S3.00-HT", false).await;
    tale.met("S3.00").await;
    tale.records(&move_up, &[("exclusion_in_view", "yes")]).await;
    tale.marks_of(&["2027-05-12", "2027-05-13", "2027-05-14"], POOR).await;
    tale.reviews(&Week { last: "2027-05-14", light: "red", next_steps: "The Stage 3 meeting" }).await;
    tale.tells_parent("2027-05-14", "We plan the Stage 3 meeting").await;
}

/// What everybody sees at the end, and what the record says.
async fn what_remains(tale: &mut Tale) {
    let (case, stage) = (tale.case.clone(), tale.of_case("/stage"));
    tale.opens(Who::Lead, &case).await;
    tale.says("Stage 3").await;
    tale.opens(Who::La, &stage).await;
    tale.unmet("S3.06", false).await;
    tale.opens(Who::Head, "/overview/inbox").await;
    // P2.01: opened, moved, moved; and the proposal, which leads to where it is decided.
    let told = tale.hrefs("main tbody tr:not([data-told=overdue]) a").await;
    let count = |href: &str| told.iter().filter(|link| *link == href).count();
    assert_eq!((count(&case), count(&stage)), (3, 1), "{told:?}");
    tale.opens(Who::Head, "/cases?stage=3").await;
    tale.leads("main", &case).await;
    staff_see_the_day_and_nothing_else(tale).await;
    let stands = tale.decisions_replay().await;
    assert_eq!(
        (stands.stage(), stands.entry().map(|(stage, _)| stage)),
        (Some(Stage::Three), Some(Stage::One))
    );
    let CaseState::Open { since, .. } = stands else { panic!("the case is open") };
    assert_eq!(since, date!(2027 - 05 - 11));
    tale.timeline_tells(&[
        "Stage 1 began",
        "Target set: Arrive on time",
        "Leaflet given",
        "Programme explained: A la_representative",
        "Meeting planned: Formal meeting, Stage 1",
        "Minutes signed off: Formal meeting, Stage 1",
        "Parenting contract: Phone off at ten",
        "Early help considered: The family has what it needs",
        "Restorative meeting considered: Nobody was harmed",
        "Rewards and sanctions: A calm start on Tuesday",
        "Support arranged: ",
        "Weekly review signed: Week of 22 February 2027: amber",
        "Feedback given: Jo Quill: Two good mornings",
        "Action done: Greet Robin at the gate",
        "Weekly review signed: Week of 8 March 2027: red",
        "Support ended: ",
        "Stage 2 began",
        "Services involved: Behaviour support",
        "Priority agreed: ",
        "Meeting planned: Stage 2 meeting",
        "Minutes signed off: Stage 2 meeting",
        "Advice about sanctions: Behaviour policy, September 2026",
        "Reminder of outcomes",
        "Target changed: Arrive on time",
        "Incident: Science corridor",
        "Stage 3 considered: It was dangerous",
        "Stage 3 began",
        "Feedback given: Jo Quill: We plan the Stage 3 meeting",
    ])
    .await;
}
