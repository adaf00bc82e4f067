//! The scenarios of 7.4 that concern stages, as written there; those of Stage 3's outcomes come with it.

use time::{Date, macros::date};
use waymark::domain::{
    checklist::{self, EarlyHelpDuty, early_help_duty},
    decision::{Command, Reasons},
    ids::CaseId,
    meeting::{Attendance, MeetingKind, Minutes, Part},
    rules::{Class, s1_08_targets_set},
    stage::{Stage, UpReason},
    step::incident::Seriousness,
};

use super::story::{Known, TODAY, at, calendar, incident, newcomer, open_at_1};

fn to_3(reason: UpReason) -> Command {
    Command::MoveUp { to: Stage::Three, reason, incident: Some(incident(1)), exclusion_in_view: true }
}

fn to_2(reason: UpReason) -> Command {
    Command::MoveUp { to: Stage::Two, reason, incident: None, exclusion_in_view: false }
}

/// A case at Stage 2 that would go on to Stage 3 but for its minutes.
fn at_2_without_minutes() -> Known {
    at(Stage::Two, Stage::One, date!(2026 - 10 - 12)).incident(1, Seriousness::Serious)
}

/// A case at Stage 1 with everything done and `n` expected monitoring days behind it.
fn monitored(n: u32) -> Known {
    let since = calendar().nth_school_day_before(TODAY, n).unwrap();
    at(Stage::One, Stage::One, since).checklist_of_stage_1()
}

fn refused(known: &Known, command: &Command) -> Vec<&'static str> {
    known.missing(command)
}

#[test]
fn g5_entered_at_2_for_a_serious_incident_early_help_is_considered() {
    assert_eq!(early_help_duty(Stage::Two, Stage::Two), EarlyHelpDuty::Consider);
    let known = at(Stage::Two, Stage::Two, date!(2026 - 11 - 02));
    let asks = checklist::s2_02_early_help(&known.ground()).asks;
    assert!(asks.contains("considered, because the programme began at this stage"), "{asks}");
}

#[test]
fn g6_entered_at_1_and_now_at_2_early_help_is_reviewed() {
    assert_eq!(early_help_duty(Stage::Two, Stage::One), EarlyHelpDuty::Review);
    let known = at(Stage::Two, Stage::One, date!(2026 - 11 - 02));
    assert!(checklist::s2_02_early_help(&known.ground()).asks.contains("looked at again"));
}

#[test]
fn g7_entered_at_2_and_now_at_3_early_help_is_reviewed_and_not_considered() {
    assert_eq!(early_help_duty(Stage::Three, Stage::Two), EarlyHelpDuty::Review);
    let known = at(Stage::Three, Stage::Two, date!(2026 - 11 - 02));
    assert!(checklist::s3_06_early_help(&known.ground()).asks.contains("looked at again"));
}

#[test]
fn g9_from_2_to_3_without_minutes_only_a_serious_incident_goes_on() {
    let known = at_2_without_minutes();
    assert_eq!(refused(&known, &to_3(UpReason::Escalation)), ["S2.05"]);
    let mut reasons = Reasons::from([("S2.05".to_owned(), "Nobody had time".to_owned())]);
    assert!(known.decide_with(&to_3(UpReason::Escalation), &reasons).is_err(), "no reason helps");
    assert_eq!(
        refused(&known, &to_3(UpReason::SeriousIncident)),
        ["S2.05"],
        "a warning, until it is answered"
    );
    reasons.insert("S2.05".to_owned(), "The meeting was yesterday; minutes follow".to_owned());
    let decided = known.decide_with(&to_3(UpReason::SeriousIncident), &reasons).unwrap();
    assert_eq!(decided.reasons()["S2.05"], "The meeting was yesterday; minutes follow");
    let signed = known.meeting(
        MeetingKind::Stage2,
        &[(Part::Parent, Attendance::Present), (Part::SupportService, Attendance::Present)],
        Minutes::default(),
        true,
    );
    assert_eq!(refused(&signed, &to_3(UpReason::Escalation)), Vec::<&str>::new());
}

#[test]
fn g10_after_12_monitoring_days_not_improving_warns_and_escalation_does_not() {
    let known = monitored(12);
    assert_eq!(refused(&known, &to_2(UpReason::NotImproving)), ["S1.15"]);
    let why = Reasons::from([("S1.15".to_owned(), "Every afternoon is worse than the last".to_owned())]);
    assert!(known.decide_with(&to_2(UpReason::NotImproving), &why).is_ok());
    assert_eq!(refused(&known, &to_2(UpReason::Escalation)), Vec::<&str>::new());
    assert_eq!(refused(&monitored(19), &to_2(UpReason::NotImproving)), ["S1.15"]);
    assert_eq!(refused(&monitored(20), &to_2(UpReason::NotImproving)), Vec::<&str>::new());
}

#[test]
fn g16_a_second_case_is_refused() {
    let known =
        newcomer().with(|facts| facts.pupil.open_case = Some((CaseId::from(uuid::Uuid::from_u128(1)), true)));
    assert_eq!(refused(&known, &open_at_1()), ["A16"]);
}

#[test]
fn g17_without_a_lead_no_case_opens_at_stage_1() {
    assert_eq!(refused(&newcomer().with(|facts| facts.lead = None), &open_at_1()), ["S1.01"]);
}

#[test]
fn g18_without_a_target_monitoring_does_not_begin() {
    let policy = waymark::domain::policy::ProgrammePolicy::first();
    let none = s1_08_targets_set(0, &policy);
    assert_eq!((none.clause, none.class, none.met), ("S1.08", Class::Must, false));
    assert!(none.says.contains("monitoring cannot begin"));
    assert!(s1_08_targets_set(1, &policy).met);
}

#[test]
fn r1_04_no_case_opens_without_saying_why_this_pupil() {
    assert_eq!(refused(&newcomer().with(|facts| facts.opening.rationale = false), &open_at_1()), ["R1.04"]);
}

#[test]
fn s1_14_an_exit_on_the_last_day_of_term_reckons_its_days_over_the_holiday() {
    // Half-term and Christmas do not make a case ready, nor unready.
    let last_day: Date = date!(2026 - 12 - 18);
    let mut known = monitored(20);
    known.today = last_day;
    let days = checklist::monitoring_days(&known.ground()).unwrap();
    known.today = date!(2027 - 01 - 03);
    assert_eq!(
        checklist::monitoring_days(&known.ground()).unwrap(),
        days + 1,
        "only the last day itself joins"
    );
}
