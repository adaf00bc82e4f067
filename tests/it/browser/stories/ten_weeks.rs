//! From the first concern to the door of Stage 3.

use time::macros::time;
use uuid::Uuid;
use waymark::domain::stage::{CaseState, Stage};

use super::{
    tale::{Tale, Who},
    weeks::{MIDDLING, POOR, Week},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_weeks_from_first_concern_to_the_door_of_stage_3() {
    Box::pin(ten_weeks(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_weeks_without_javascript() {
    Box::pin(ten_weeks(false)).await;
}

async fn ten_weeks(javascript: bool) {
    let mut tale = Tale::begin(javascript).await;
    Box::pin(first_week(&mut tale)).await;
    Box::pin(to_stage_2(&mut tale)).await;
    Box::pin(at_stage_2(&mut tale)).await;
    Box::pin(to_the_door(&mut tale)).await;
    Box::pin(what_remains(&mut tale)).await;
}

/// 22 to 26 February: the case is opened, and everything of Stage 1 is begun.
async fn first_week(tale: &mut Tale) {
    tale.on("2027-02-22");
    tale.adds_pupil().await;
    tale.clocked("tale.adds_pupil");
    tale.opens_case_with_a_reason().await;
    tale.clocked("tale.opens_case_with_a_reason");
    tale.is_kept_from(Who::Tutor, &tale.case.clone()).await;
    tale.clocked("tale.is_kept_from");
    tale.set_targets("2027-04-23").await;
    tale.clocked("tale.set_targets");
    tale.leaflets_are_given().await;
    tale.clocked("tale.leaflets_are_given");
    tale.marks_by_hand("2027-02-23", MIDDLING).await;
    tale.clocked("tale.marks_by_hand");
    tale.la_explains_the_programme().await;
    tale.clocked("tale.la_explains_the_programme");
    tale.marks_of(&["2027-02-24", "2027-02-25"], MIDDLING).await;
    tale.clocked("tale.marks_of");
    tale.formal_meeting("2027-02-26").await;
    tale.clocked("tale.formal_meeting");
}

async fn to_stage_2(_tale: &mut Tale) {}
async fn at_stage_2(_tale: &mut Tale) {}
async fn to_the_door(_tale: &mut Tale) {}
async fn what_remains(_tale: &mut Tale) {}
