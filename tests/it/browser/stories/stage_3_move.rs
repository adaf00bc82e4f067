//! From a very serious incident at Stage 2 to a place at another school.

use time::macros::date;
use waymark::domain::stage::{CaseState, Ended, Ending};

use super::{
    tale::{Tale, Who},
    weeks::{MIDDLING, POOR},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_very_serious_incident_to_a_place_at_another_school() {
    let mut tale = Tale::begin(true).await;
    Box::pin(stage_2(&mut tale)).await;
    let meeting = Box::pin(the_incident(&mut tale)).await;
    Box::pin(the_meeting(&mut tale, &meeting)).await;
    Box::pin(both_parents_agree(&mut tale)).await;
    let panel = Box::pin(papers(&mut tale)).await;
    let place = Box::pin(the_panel(&mut tale, &panel)).await;
    Box::pin(the_other_school(&mut tale, &place)).await;
    Box::pin(the_move(&mut tale, &place)).await;
}

/// Monday 22 February: a pupil with both parents, and a case that begins at Stage 2.
async fn stage_2(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.adds_father().await;
    tale.head_opens_case_at("2").await;
    tale.set_targets("2027-03-25").await;
    tale.marks("2027-02-22", MIDDLING).await;
    tale.marks("2027-02-23", POOR).await;
}

/// Wednesday 24 February: the incident, the headteacher's consideration (P2.03a), Stage 3, a suspension.
async fn the_incident(tale: &mut Tale) -> String {
    tale.marks("2027-02-24", POOR).await;
    let incident = tale.incident("2027-02-24").await;
    let considered = tale.of_case("/steps/new?kind=stage_3_considered");
    tale.is_owed(&considered).await;
    tale.is(Who::Head).await;
    tale.opens(Who::Head, &tale.of_case("/stage")).await;
    let consideration = [
        ("incident", incident.as_str()),
        ("move_to_3", "yes"),
        ("why", "Twice in three days somebody was in danger"),
    ];
    tale.records_step(Who::Head, "stage_3_considered", &consideration).await;
    let up = tale.of_case("/stage/move");
    tale.opens(Who::Head, &format!("{up}?to=up3")).await;
    let why = [
        ("why", "serious_incident"),
        ("incident", incident.as_str()),
        ("exclusion_in_view", "yes"),
        ("words", "It cannot wait for a Stage 2 meeting"),
    ];
    // S2.05 holds nothing up after a serious incident, but somebody says why.
    tale.send(&up, &why).await;
    tale.refused_for("S2.05", true).await;
    tale.records(&up, &[("reason.S2.05", "Two days after the case began")]).await;
    // The lead does not suspend; the headteacher does, and sees first what follows.
    let suspend = format!("{}/suspensions/new", tale.pupil);
    tale.is_kept_from(Who::Lead, &suspend).await;
    let decided =
        [("kind", "suspension"), ("first.*", "2027-02-25"), ("length", "3"), ("incident", incident.as_str())];
    let follows = ["3 days", "Tier A", "The morning of Tuesday 2 March 2027", "42 days left of the 45 days"];
    let suspension = tale.head_excludes(&decided, &follows).await;
    tale.opens(Who::Head, "/overview").await;
    tale.leads("main", &suspension).await;
    for contact in [tale.contact, tale.father] {
        tale.opens(Who::Lead, &format!("{suspension}/letter?contact={contact}")).await;
        tale.says("Suspension of Robin Quill").await;
        tale.says("not made to bring about a move to another school").await;
        assert!(tale.browser.printed().await.starts_with(b"%PDF"));
    }
    tale.everybody_is_told(&suspension).await;
    tale.after_exclusion(&suspension, "work_set", &[]).await;
    let meeting = tale.stage_3_meeting_is_planned("2027-02-26").await;
    // S3.01: the suspension is found by itself.
    tale.opens(Who::Lead, &tale.of_case("/stage")).await;
    tale.unfolds().await;
    tale.met("S3.01").await;
    tale.unmet("S3.03", false).await;
    meeting
}

/// Friday 26 February: the meeting before the suspension ends; every alternative; the first answers.
async fn the_meeting(tale: &mut Tale, meeting: &str) {
    tale.on("2027-02-25");
    tale.opens(Who::Tutor, "/today").await;
    tale.says("Suspension").await;
    tale.on("2027-02-26");
    tale.stage_3_minutes(meeting).await;
    // Nothing is asked of parents before something is chosen.
    let mother = tale.contact;
    tale.opens(Who::Lead, &tale.of_case(&format!("/agreements/{mother}"))).await;
    tale.says("There is no outcome to ask about yet").await;
    tale.others_are_not_chosen(&["supported_transfer"]).await;
    tale.transfer_is_chosen("managed_move", &[("starts_on.*", "2027-03-15"), ("review_on.*", "2027-04-16")])
        .await;
    tale.says("6 of 6 considered").await;
    tale.opens(Who::Lead, &tale.of_case(&format!("/agreements/{mother}/print"))).await;
    tale.says("Year 9 at another school").await;
    tale.says("Saying no does not lead to an exclusion").await;
    let agreed = [("answer.supported_transfer", "agreed"), ("words", "If the mentor is there")];
    tale.parent_answers(mother, &agreed).await;
    let time = [("answer.supported_transfer", "wants_time"), ("ask_again_on.*", "2027-03-02")];
    tale.parent_answers(tale.father, &time).await;
    // The headteacher sees who has not answered yet, and waits.
    let decide = tale.of_case("/stage-3/supported_transfer/agree");
    tale.is_kept_from(Who::Lead, &decide).await;
    tale.opens(Who::Head, &decide).await;
    for clause in ["P2.03b", "P2.03b-last", "P2.03b-others", "S3.05"] {
        tale.met(clause).await;
    }
    tale.unmet("S3.05-all", true).await;
    tale.says("Ash Quill: wants time to think").await;
}

/// Tuesday 2 March: back in school; the father has made up his mind.
async fn both_parents_agree(tale: &mut Tale) {
    tale.on("2027-03-02");
    let father = tale.of_case(&format!("/agreements/{}", tale.father));
    tale.is_owed(&father).await;
    tale.opens(Who::Tutor, "/today").await;
    tale.says_not("Suspension").await;
    tale.marks("2027-03-02", MIDDLING).await;
    tale.parent_answers(tale.father, &[("answer.supported_transfer", "agreed")]).await;
    tale.head_agrees("supported_transfer", &[]).await;
    tale.says("Agreed").await;
    tale.opens(Who::La, &tale.of_case("/stage-3")).await;
    tale.says("The pupil who was hurt is in the same class").await;
    assert!(!tale.has("main a[href$='/agree']").await, "the LA representative looks");
}

/// The same day: a panel, the papers, and the headteacher who shares them.
async fn papers(tale: &mut Tale) -> String {
    let panel = tale.panel_is_planned("2027-03-09", "2027-03-04").await;
    tale.is(Who::Member).await;
    tale.opens(Who::Member, &panel).await;
    tale.says("Nothing is on the agenda").await;
    let transfer = tale.of_case("/transfer");
    tale.opens(Who::Lead, &transfer).await;
    tale.says("never a trial").await;
    tale.records(&transfer, &[]).await;
    // What is missing stops the headteacher.
    let submit = tale.of_case("/transfer/submit");
    tale.opens(Who::Head, &submit).await;
    let id = panel.rsplit('/').next().unwrap();
    tale.send(&submit, &[("panel", id), ("sure", "yes")]).await;
    assert!(tale.has(".govuk-error-summary").await && tale.has(".wm-unmet").await);
    tale.papers_are_written().await;
    tale.opens(Who::Lead, &format!("{transfer}/pack")).await;
    tale.says("Draft: not submitted.").await;
    tale.papers_say(&["identity", "parents", "risk"], &["agencies"]).await;
    tale.opens(Who::Member, &panel).await;
    tale.says_not("Quill").await;
    tale.head_submits(&panel).await;
    // Frozen: what the panel has stays as it is.
    tale.opens(Who::Lead, &format!("{transfer}/items/risk")).await;
    assert!(!tale.has("main form button[type=submit]").await, "it is frozen");
    panel
}

/// 4 and 9 March: the papers are complete; the panel meets and allocates a place.
async fn the_panel(tale: &mut Tale, panel: &str) -> String {
    tale.on("2027-03-04");
    let referral = tale.la_receives_the_papers(panel).await;
    tale.opens(Who::Member, &referral).await;
    tale.says("The decision is recorded once the panel has met").await;
    assert!(!tale.has(&format!("form[action='{referral}/decision']")).await);
    tale.opens(Who::Receiving, "/received").await;
    tale.says("No pupil is allocated").await;
    tale.on("2027-03-09");
    tale.opens(Who::Member, panel).await;
    tale.says("complete on 4 Mar").await;
    tale.opens(Who::Member, &referral).await;
    tale.papers_say(&["identity", "behaviour", "risk", "agreement"], &["parents", "flags", "agencies"]).await;
    tale.says("Hillside School (A cousin is there)").await;
    tale.sees_nothing_of_the_case(Who::Member).await;
    tale.opens(Who::Member, &referral).await;
    // Nobody abstains: this member has no interest to declare.
    let facts = tale.text_of("main dl").await;
    assert!(facts.contains("Abstain\nNobody") || facts.contains("Abstain Nobody"), "{facts}");
    let (hillside, home) = (tale.town.hillside.id.to_string(), tale.town.greenfield.id.to_string());
    assert!(!tale.has(&format!("select[name='school'] option[value='{home}']")).await, "not the home school");
    let decision = format!("{referral}/decision");
    let place = [
        ("outcome", "allocated"),
        ("school", hillside.as_str()),
        ("starts_on.*", "2027-03-15"),
        ("conditions", "A mentor from the first day"),
    ];
    tale.send(&decision, &place).await;
    assert!(tale.has(".govuk-error-summary a[href*='reasons']").await, "a decision has reasons");
    tale.records(&decision, &[("reasons", "There is room, and family")]).await;
    tale.opens(Who::Member, &format!("{panel}/minutes")).await;
    tale.says("Place allocated at Hillside School").await;
    tale.opens(Who::La, &format!("{panel}/minutes")).await;
    let came = tale.browser.find("select[name^='came.']").await.attr("name").await.unwrap().unwrap();
    tale.records(&format!("{panel}/minutes"), &[(&came, "present")]).await;
    tale.opens(Who::Receiving, "/received").await;
    tale.href("main table a[href^='/received/']").await
}

/// 9 and 10 March: what the receiving lead reads before and after the school accepts.
async fn the_other_school(tale: &mut Tale, place: &str) {
    tale.opens(Who::Receiving, place).await;
    tale.says("A mentor from the first day").await;
    tale.says("More may be shared once your school has accepted").await;
    tale.papers_say(&["identity", "behaviour", "risk"], &["parents", "flags", "agencies"]).await;
    tale.sees_nothing_of_the_case(Who::Receiving).await;
    tale.is_kept_from(Who::Tutor, place).await;
    tale.is_kept_from(Who::Lead, place).await;
    tale.on("2027-03-10");
    let answer = format!("{place}/answer");
    tale.opens(Who::Receiving, place).await;
    tale.records(&answer, &[("answer", "accept"), ("starts_on.*", "2027-03-15")]).await;
    tale.opens(Who::Receiving, place).await;
    tale.papers_say(&["identity", "risk", "parents", "flags"], &["agencies"]).await;
    tale.sees_nothing_of_the_case(Who::Receiving).await;
    tale.opens(Who::Lead, &tale.of_case("/transfer")).await;
    tale.says("Hillside School").await;
    tale.says("15 March 2027").await;
}

/// 15 to 24 March: on the roll, the files, the end of the home case, the follow-up.
async fn the_move(tale: &mut Tale, place: &str) {
    tale.on("2027-03-15");
    tale.opens(Who::Receiving, place).await;
    tale.records(&format!("{place}/roll"), &[("on.*", "2027-03-15")]).await;
    let pupil = tale.pupil.clone();
    tale.opens(Who::Receiving, &pupil).await;
    tale.says("Quill").await;
    tale.is_kept_from(Who::Lead, &pupil).await;
    let transfer = tale.of_case("/transfer");
    tale.opens(Who::Lead, &transfer).await;
    tale.says("On the roll of the receiving school").await;
    tale.says("Close the case").await;
    let files = format!("{transfer}/files");
    tale.records(&files, &[("file", "ctf"), ("sent_on.*", "2027-03-15")]).await;
    tale.opens(Who::Lead, &transfer).await;
    tale.records(&files, &[("file", "child_protection"), ("none", "yes")]).await;
    tale.opens(Who::Tutor, "/today").await;
    tale.says_not("Quill").await;
    let close = tale.of_case("/stage/move");
    tale.opens(Who::Lead, &tale.of_case("/stage")).await;
    tale.leads("main", &format!("{close}?to=left")).await;
    tale.opens(Who::Lead, &format!("{close}?to=left")).await;
    tale.records(&close, &[("words", "A managed move to Hillside School")]).await;
    let CaseState::Ended { how, on, .. } = tale.decisions_replay().await else { panic!("it is open") };
    assert_eq!((how, on), (Ended::Otherwise(Ending::Left), date!(2027 - 03 - 15)));
    tale.on("2027-03-24");
    tale.opens(Who::Receiving, place).await;
    tale.records(&format!("{place}/files"), &[("file", "ctf"), ("received_on.*", "2027-03-16")]).await;
    tale.opens(Who::Receiving, place).await;
    let follow_up = [("words", "Two calm weeks, and a friend"), ("last", "yes")];
    tale.records(&format!("{place}/reviews"), &follow_up).await;
    // The papers were shared for the move, and no longer.
    tale.is_kept_from(Who::Receiving, place).await;
    tale.opens(Who::Lead, &transfer).await;
    tale.says("Two calm weeks, and a friend").await;
    tale.timeline_tells(&[
        "Stage 2 began",
        "Incident: Science corridor",
        "Stage 3 considered",
        "Stage 3 began",
        "Suspension issued",
        "Minutes signed off: Stage 3 review meeting",
        "Parent agrees: Supported transfer: Jo Quill. If the mentor is there",
        "Parent wants time: Supported transfer: Ash Quill",
        "Parent agrees: Supported transfer: Ash Quill",
        "Supported transfer: Year 9 at another school",
        "Managed move begun",
        "allocated a place at Hillside School",
        "Follow-up review",
    ])
    .await;
}
