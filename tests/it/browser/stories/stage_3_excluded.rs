//! The headteacher excludes permanently after all: nothing holds it up, the case ends, and the clocks of the law run.

use time::macros::date;
use waymark::domain::stage::{CaseState, Ended, Ending};

use super::{
    tale::{Tale, Who},
    weeks::MIDDLING,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permanent_exclusion_after_all_and_the_clocks_of_the_law() {
    let mut tale = Tale::begin(true).await;
    Box::pin(under_way(&mut tale)).await;
    let exclusion = Box::pin(excluded(&mut tale)).await;
    Box::pin(clocks(&mut tale, &exclusion)).await;
    Box::pin(the_board(&mut tale, &exclusion)).await;
}

/// 22 to 24 February: Stage 3, with a managed move in view.
async fn under_way(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.adds_father().await;
    tale.head_opens_case_at("3").await;
    tale.set_targets("2027-04-16").await;
    tale.marks("2027-02-22", MIDDLING).await;
    let days = [("starts_on.*", "2027-03-15"), ("review_on.*", "2027-04-16")];
    tale.transfer_is_chosen("managed_move", &days).await;
    tale.marks("2027-02-23", MIDDLING).await;
}

/// Wednesday 24 February: a second incident, and the decision.
async fn excluded(tale: &mut Tale) -> String {
    tale.on("2027-02-24");
    let incident = tale.incident("2027-02-24").await;
    let decided = [("kind", "permanent"), ("first.*", "2027-02-25"), ("incident", incident.as_str())];
    let follows = ["under way as an alternative", "ends as permanently excluded", "Tier D", "15 school days"];
    let exclusion = tale.head_excludes(&decided, &follows).await;
    // The case is closed by it, and says so to everybody who sees it.
    let case = tale.case.clone();
    let CaseState::Ended { how, on, .. } = tale.decisions_replay().await else { panic!("it is open") };
    assert_eq!((how, on), (Ended::Otherwise(Ending::Excluded), date!(2027 - 02 - 24)));
    for who in [Who::Lead, Who::La] {
        tale.opens(who, &case).await;
        tale.says("ermanent").await;
    }
    tale.on("2027-02-25");
    tale.opens(Who::Tutor, "/today").await;
    tale.says_not("Quill").await;
    tale.is_kept_from(Who::Tutor, &exclusion).await;
    tale.is_kept_from(Who::Receiving, &exclusion).await;
    exclusion
}

/// 25 February to 4 March: who is told and by when; letters and notices; work and the sixth day.
async fn clocks(tale: &mut Tale, exclusion: &str) {
    tale.opens(Who::Head, "/overview").await;
    tale.leads("main", exclusion).await;
    tale.opens(Who::Lead, exclusion).await;
    let overdue = tale.text_of("main table").await;
    assert!(overdue.contains("Overdue"), "the first notices were for yesterday: {overdue}");
    // The sixth school day is Thursday 4 March; fifteen school days after the notice, the board.
    tale.says("4 March 2027").await;
    for contact in [tale.contact, tale.father] {
        tale.opens(Who::Lead, &format!("{exclusion}/letter?contact={contact}")).await;
        tale.says("Permanent exclusion of Robin Quill").await;
        tale.says("representations").await;
        assert!(tale.browser.printed().await.starts_with(b"%PDF"));
    }
    tale.opens(Who::Lead, exclusion).await;
    let notices = tale.hrefs("main a[href*='/notices/']").await;
    assert!(notices.len() >= 2, "{notices:?}");
    for notice in notices {
        tale.opens(Who::Lead, &notice).await;
        tale.says("To: ").await;
    }
    tale.everybody_is_told(exclusion).await;
    tale.after_exclusion(exclusion, "work_set", &[]).await;
    tale.on("2027-03-03");
    let education = [
        ("by_whom", "The Pathways Centre"),
        ("where", "2 Mill Lane"),
        ("times_of_day", "9am to 2:30pm"),
        ("ask_for", "Mr Hale"),
        ("starts.*", "2027-03-04"),
    ];
    tale.after_exclusion(exclusion, "education", &education).await;
    tale.opens(Who::Lead, exclusion).await;
    assert!(
        !tale.has("main .govuk-tag--red").await,
        "nothing is late any more: {}",
        tale.browser.text().await
    );
}

/// 11 to 15 March: the governing board, its decision, and what is left to do.
async fn the_board(tale: &mut Tale, exclusion: &str) {
    tale.on("2027-03-11");
    tale.after_exclusion(exclusion, "representations", &[("say", "The mother says it was one bad week")])
        .await;
    tale.after_exclusion(exclusion, "board_met", &[("time", "9:30am")]).await;
    // Once the board has begun to meet nobody cancels.
    tale.opens(Who::Head, exclusion).await;
    assert!(!tale.has("main a[href$='/cancel']").await, "{}", tale.browser.text().await);
    tale.says("the governing board has begun to meet").await;
    tale.after_exclusion(exclusion, "board_decided", &[("result", "upheld")]).await;
    tale.opens(Who::Lead, exclusion).await;
    let owed = tale.hrefs("main table a[href*='step=decision_told']").await;
    assert_eq!(owed.len(), 1, "the decision is to be told: {}", tale.browser.text().await);
    tale.after_exclusion(exclusion, "decision_told", &[("how", "letter")]).await;
    tale.opens(Who::Lead, exclusion).await;
    tale.says("Nothing is owed").await;
    tale.opens(Who::Head, "/overview").await;
    assert!(!tale.has(&format!("main a[href='{exclusion}']")).await, "nothing of it is owed");
    tale.timeline_tells(&["Stage 3 began", "Permanent exclusion"]).await;
}
