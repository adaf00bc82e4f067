//! Moves, exits and ends: every clause that weighs on them, and the scenarios of the programme that concern
//! stages.

use time::{Duration, macros::date};
use uuid::Uuid;
use waymark::domain::{
    checklist::{self, EarlyHelpDuty, early_help_duty, monitoring_days},
    decision::{Command, Reasons, Standing, standing},
    ids::CaseId,
    meeting::{Attendance, MeetingKind, Minutes, Part},
    pupil::YearGroup,
    review::Rating,
    rules::Class,
    stage::{CaseState, Ending, Entry, Event, Stage, UpReason},
    step::{Audience, Contract, EarlyHelp, Step, Told, incident::Seriousness},
};

use super::story::{Known, TODAY, at, incident, leaflet, newcomer};

fn up(to: Stage, reason: UpReason) -> Command {
    Command::MoveUp { to, reason, incident: None, exclusion_in_view: false }
}

fn up_to_3(reason: UpReason) -> Command {
    Command::MoveUp { to: Stage::Three, reason, incident: Some(incident(1)), exclusion_in_view: true }
}

fn exit() -> Command {
    Command::Exit { told_parents: true, told_pupil: true, recognised: true }
}

fn because(clauses: &[&str]) -> Reasons {
    clauses.iter().map(|clause| ((*clause).to_owned(), "A named person’s reason".to_owned())).collect()
}

/// A case ready to move from Stage 1 to 2 for lack of improvement.
fn ready_for_2() -> Known {
    at(Stage::One, Stage::One, date!(2026 - 10 - 12)).checklist_of_stage_1()
}

fn stage_2() -> Known {
    at(Stage::Two, Stage::One, date!(2026 - 10 - 12))
}

fn item(known: &Known, clause: &str) -> bool {
    checklist::items(&known.ground())
        .into_iter()
        .find(|item| item.requirement.clause == clause)
        .unwrap_or_else(|| panic!("{clause} is not on the checklist"))
        .requirement
        .met
}

#[test]
fn every_stage_leads_only_where_the_state_machine_says() {
    let (one, two, three) = (Stage::One, Stage::Two, Stage::Three);
    for (from, command, exists) in [
        (one, up(two, UpReason::Escalation), true),
        (one, up(one, UpReason::Escalation), false),
        (two, up(one, UpReason::Escalation), false),
        (two, up(three, UpReason::Escalation), true),
        (three, up(three, UpReason::Escalation), false),
        (one, Command::StepDown { to: one }, false),
        (two, Command::StepDown { to: one }, true),
        (three, Command::StepDown { to: one }, true),
        (three, Command::StepDown { to: two }, true),
        (one, Command::Reopen { stage: one }, false),
    ] {
        let known = at(from, one, date!(2026 - 11 - 02));
        let follows = known.decide(&command).map_or_else(
            |refusal| refusal.requirements.iter().find(|r| r.clause == "7.3").is_some_and(|r| r.met),
            |_| true,
        );
        assert_eq!(follows, exists, "{from} {command:?}");
    }
    // Nothing but opening begins a case, and an open case does not open.
    assert!(newcomer().missing(&exit()).contains(&"7.3"));
    assert!(at(one, one, TODAY).missing(&super::story::open_at_1()).contains(&"7.3"));
}

#[test]
fn a1_entry_at_2_or_3_rests_on_a_serious_incident() {
    let open =
        |stage, reason| Command::Open { stage, reason, incident: Some(incident(1)), exclusion_in_view: true };
    let known = newcomer().incident(1, Seriousness::VerySerious);
    assert_eq!(known.missing(&open(Stage::Two, Entry::SeriousIncident)), [""; 0]);
    assert_eq!(known.missing(&open(Stage::Three, Entry::SeriousIncident)), [""; 0]);
    assert_eq!(known.missing(&open(Stage::Two, Entry::Concern)), ["A1"], "a reason is asked");
    assert!(known.decide_with(&open(Stage::Two, Entry::Concern), &because(&["A1"])).is_ok());
    assert_eq!(known.missing(&open(Stage::Two, Entry::Continuation)), [""; 0], "A17");
    assert_eq!(known.missing(&open(Stage::Three, Entry::Continuation)), [""; 0], "A17");
    // At Stage 3 there is no other reason, and no explaining it.
    assert_eq!(known.missing(&open(Stage::Three, Entry::Concern)), ["A1"]);
    assert!(known.decide_with(&open(Stage::Three, Entry::Concern), &because(&["A1"])).is_err());
    // The incident was recorded as serious.
    for (seriousness, missing) in [
        (Seriousness::Concern, vec!["S3.00"]),
        (Seriousness::Serious, vec![]),
        (Seriousness::VerySerious, vec![]),
    ] {
        let known = newcomer().incident(1, seriousness);
        assert_eq!(known.missing(&open(Stage::Two, Entry::SeriousIncident)), missing, "{seriousness:?}");
    }
    // What the stage below asks is carried: the pupil still needs it.
    let entered = at(Stage::Two, Stage::Two, TODAY);
    let carried = checklist::items(&entered.ground());
    assert!(carried.iter().any(|item| item.stage == Stage::One && item.requirement.clause == "S1.04"));
    assert!(checklist::direct_entry(&entered.case).unwrap().contains("Stage 2 after a serious incident"));
    assert_eq!(checklist::direct_entry(&stage_2().case), None);
}

#[test]
fn r1_03_is_not_asked_after_a_serious_incident() {
    let known = newcomer()
        .incident(1, Seriousness::VerySerious)
        .with(|facts| (facts.opening.strategies, facts.opening.advice) = (0, 0));
    let open = |stage, reason| Command::Open {
        stage,
        reason,
        incident: Some(incident(1)),
        exclusion_in_view: false,
    };
    assert_eq!(known.missing(&open(Stage::Two, Entry::SeriousIncident)), [""; 0]);
    assert!(known.missing(&open(Stage::Two, Entry::Concern)).contains(&"R1.03"));
    assert_eq!(
        known.missing(&open(Stage::One, Entry::SeriousIncident)),
        ["R1.03"],
        "it leads straight to a higher stage, or it is no reason to leave support out"
    );
}

#[test]
fn a17_a_continuation_has_a_note_and_the_parents_know() {
    let open = |stage, reason| Command::Open { stage, reason, incident: None, exclusion_in_view: false };
    let bare = newcomer().with(|facts| {
        facts.opening.note_before = false;
        facts.opening.parents_know = false;
    });
    assert_eq!(bare.missing(&open(Stage::One, Entry::Continuation)), ["A17", "A17-note"]);
    assert_eq!(bare.missing(&open(Stage::Two, Entry::Continuation)), ["A17", "A17-note"]);
    assert_eq!(bare.missing(&open(Stage::One, Entry::Concern)), [""; 0], "nobody else is asked");
    let noted = bare.with(|facts| facts.opening.note_before = true);
    assert_eq!(noted.missing(&open(Stage::One, Entry::Continuation)), ["A17"]);
    let refusal = noted.decide_with(&open(Stage::One, Entry::Continuation), &because(&["A17"])).unwrap_err();
    assert!(!refusal.only_needs_reasons(), "no reason stands in for it");
}

#[test]
fn a8_above_stage_1_a_case_is_the_headteachers_to_open() {
    let known = newcomer().incident(1, Seriousness::VerySerious).with(|facts| facts.decides = false);
    let open = |stage| Command::Open {
        stage,
        reason: Entry::SeriousIncident,
        incident: Some(incident(1)),
        exclusion_in_view: true,
    };
    assert_eq!(known.missing(&open(Stage::One)), [""; 0]);
    for stage in [Stage::Two, Stage::Three] {
        assert_eq!(known.missing(&open(stage)), ["A8"], "{stage}");
        let refusal = known.decide(&open(stage)).unwrap_err();
        let says = &refusal.requirements.iter().find(|r| r.clause == "A8").unwrap().says;
        assert!(says.starts_with("Ask J Cole to open it"), "there is nothing to propose it on: {says}");
    }
}

#[test]
fn a8_the_headteacher_decides_and_the_lead_proposes() {
    let known = ready_for_2().reviewed(Rating::Green).with(|facts| facts.decides = false);
    for command in [up(Stage::Two, UpReason::Escalation), exit(), Command::StepDown { to: Stage::One }] {
        assert!(known.missing(&command).contains(&"A8"), "{command:?}");
        assert!(known.decide_with(&command, &because(&["A8"])).is_err(), "no reason stands in for them");
    }
    // Extending the timescale and closing for a pupil who left are the lead's.
    assert_eq!(known.missing(&Command::Extend { until: date!(2026 - 12 - 18) }), [""; 0]);
    assert_eq!(known.missing(&Command::Close { ending: Ending::Left }), [""; 0]);
}

#[test]
fn s1_15_twenty_monitoring_days_unless_behaviour_escalates() {
    // From Monday 12 October to Monday 23 November, half-term left out: 10 + 16 school days.
    let known = ready_for_2();
    assert_eq!(monitoring_days(&known.ground()), Ok(26));
    assert_eq!(known.missing(&up(Stage::Two, UpReason::NotImproving)), [""; 0]);
    // G10: twelve days.
    let twelve = at(Stage::One, Stage::One, date!(2026 - 11 - 06)).checklist_of_stage_1();
    assert_eq!(monitoring_days(&twelve.ground()), Ok(12));
    let command = up(Stage::Two, UpReason::NotImproving);
    assert_eq!(twelve.missing(&command), ["S1.15"]);
    let decided = twelve.decide_with(&command, &because(&["S1.15", "S1.04"])).unwrap();
    assert_eq!(
        decided.reasons().keys().collect::<Vec<_>>(),
        ["S1.15"],
        "reasons for what is met are not kept"
    );
    assert_eq!(twelve.missing(&up(Stage::Two, UpReason::Escalation)), [""; 0]);
    // The edge: nineteen and twenty days; an excused day is no monitoring day.
    for (since, days, missing) in
        [(date!(2026 - 10 - 21), 19, vec!["S1.15"]), (date!(2026 - 10 - 20), 20, vec![])]
    {
        let known = at(Stage::One, Stage::One, since).checklist_of_stage_1();
        assert_eq!(monitoring_days(&known.ground()), Ok(days));
        assert_eq!(known.missing(&command), missing);
    }
    let excused = at(Stage::One, Stage::One, date!(2026 - 10 - 20))
        .checklist_of_stage_1()
        .excused(date!(2026 - 11 - 10));
    assert_eq!(excused.missing(&command), ["S1.15"]);
    // A target that ended counts for its own days, and days of two targets count once.
    let mut replaced = ready_for_2();
    replaced.facts.targets[0].starts_on = date!(2026 - 11 - 09);
    assert_eq!(monitoring_days(&replaced.ground()), Ok(11));
    replaced.facts.earlier_targets =
        vec![(date!(2026 - 09 - 14), date!(2026 - 11 - 10)), (date!(2026 - 10 - 12), date!(2026 - 10 - 16))];
    assert_eq!(monitoring_days(&replaced.ground()), Ok(26));
    replaced.facts.targets.clear();
    assert_eq!(monitoring_days(&replaced.ground()), Ok(17));
    // A school may ask for another number: it is data.
    let mut stricter = ready_for_2();
    stricter.policy.monitoring_days = 30;
    assert_eq!(stricter.missing(&command), ["S1.15"]);
    // A day the calendar does not hold is never guessed.
    let mut later = ready_for_2();
    later.today = date!(2027 - 05 - 04);
    assert!(monitoring_days(&later.ground()).is_err());
}

#[test]
fn s1_15_may_is_never_automatic_and_open_items_are_carried() {
    let known = at(Stage::One, Stage::One, date!(2026 - 10 - 12));
    let command = up(Stage::Two, UpReason::Escalation);
    let decided = known.decide_with(&command, &because(&["S1.04", "S1.07"])).unwrap();
    let carried: Vec<_> = decided.carried().map(|r| r.clause).collect();
    assert_eq!(carried, ["S1.02", "S1.02-contract", "S1.03", "S1.05", "S1.06", "S1.09"]);
    assert_eq!(decided.after().stage(), Some(Stage::Two));
}

#[test]
fn s1_04_a_move_up_without_the_explanation_asks_why() {
    let told =
        |la: bool, why: Option<&str>, parents: bool, pupil: bool, attempts: Option<&str>| Step::Explanation {
            by_la: la,
            by: "R Osei".to_owned(),
            why_not_la: why.map(str::to_owned),
            parents: parents.then(|| Uuid::nil().into()).into_iter().collect(),
            pupil,
            how: Told::Phone,
            attempts: attempts.map(str::to_owned),
        };
    let met = |steps: Vec<Step>| {
        let known = at(Stage::One, Stage::One, date!(2026 - 10 - 12)).mentor();
        let known = steps.into_iter().fold(known, |known, step| known.step(Stage::One, TODAY, step));
        assert_eq!(
            item(&known, "S1.04"),
            !known.missing(&up(Stage::Two, UpReason::Escalation)).contains(&"S1.04")
        );
        item(&known, "S1.04")
    };
    assert!(!met(vec![]));
    assert!(met(vec![told(true, None, true, true, None)]));
    assert!(!met(vec![told(true, None, true, false, None)]), "the pupil too");
    assert!(!met(vec![told(true, None, false, true, None)]), "the parents too");
    assert!(
        met(vec![told(true, None, true, false, None), told(true, None, false, true, None)]),
        "separately"
    );
    assert!(met(vec![told(true, None, false, true, Some("Rang three times"))]), "attempts are recorded");
    assert!(!met(vec![told(false, None, true, true, None)]), "somebody else says why");
    assert!(met(vec![told(false, Some("On leave until January"), true, true, None)]));
}

#[test]
fn s1_07_a_move_up_without_support_asks_why() {
    let known = ready_for_2().with(|facts| facts.support.clear());
    assert_eq!(known.missing(&up(Stage::Two, UpReason::Escalation)), ["S1.07"]);
    let mut ended = ready_for_2();
    ended.facts.support[0].1.ended_on = Some(TODAY - Duration::DAY);
    assert!(!item(&ended, "S1.07"));
    // Whichever stage it leads to.
    let straight_to_3 = known.incident(1, Seriousness::VerySerious);
    assert_eq!(straight_to_3.missing(&up_to_3(UpReason::SeriousIncident)), ["S1.07"]);
}

#[test]
fn s1_04_and_s1_07_are_carried_where_a_move_does_not_weigh_them() {
    let carried = |known: &Known, command: &Command, reasons: &[&str]| -> Vec<_> {
        known.decide_with(command, &because(reasons)).unwrap().carried().map(|r| r.clause).collect()
    };
    // From Stage 2, into which the case came straight: both are open still (7.2 A1).
    let entered = at(Stage::Two, Stage::Two, TODAY).incident(1, Seriousness::Serious).meeting(
        MeetingKind::Stage2,
        &[],
        Minutes::default(),
        true,
    );
    let clauses = carried(&entered, &up_to_3(UpReason::Escalation), &[]);
    assert!(clauses.contains(&"S1.04") && clauses.contains(&"S1.07"), "{clauses:?}");
    // From Stage 1 to 3 support is weighed, the explanation carried.
    let first = at(Stage::One, Stage::One, TODAY).incident(1, Seriousness::Serious);
    let clauses = carried(&first, &up_to_3(UpReason::SeriousIncident), &["S1.07"]);
    assert!(clauses.contains(&"S1.04") && !clauses.contains(&"S1.07"), "{clauses:?}");
    // A step down carries what is open, of the stage it leaves too (7.3).
    let down = carried(&at(Stage::Two, Stage::One, TODAY), &Command::StepDown { to: Stage::One }, &[]);
    assert!(down.contains(&"S1.04") && down.contains(&"S2.03"), "{down:?}");
}

#[test]
fn s1_02_the_formal_meeting_has_signed_minutes() {
    let known = at(Stage::One, Stage::One, date!(2026 - 11 - 02));
    let come = &[(Part::Parent, Attendance::Video)][..];
    assert!(!item(&known, "S1.02"));
    assert!(!item(&known.clone().meeting(MeetingKind::Stage1, come, Minutes::default(), false), "S1.02"));
    assert!(!item(&known.clone().meeting(MeetingKind::Review, come, Minutes::default(), true), "S1.02"));
    assert!(item(&known.meeting(MeetingKind::Stage1, come, Minutes::default(), true), "S1.02"));
}

#[test]
fn s1_02_declining_a_parenting_contract_is_an_answer() {
    for state in Contract::ALL {
        let known = at(Stage::One, Stage::One, TODAY).step(
            Stage::One,
            TODAY,
            Step::ParentingContract { state: *state, parent: None, words: None, until: None },
        );
        assert!(item(&known, "S1.02-contract"), "{state:?}");
    }
    assert!(!item(&at(Stage::One, Stage::One, TODAY), "S1.02-contract"));
}

#[test]
fn s1_03_any_decision_about_early_help_will_do() {
    for decision in EarlyHelp::ALL {
        let step =
            Step::EarlyHelp { decision: *decision, why: None, reference: None, lead_professional: None };
        assert!(item(&at(Stage::One, Stage::One, TODAY).step(Stage::One, TODAY, step), "S1.03"));
    }
    assert!(!item(&at(Stage::One, Stage::One, TODAY), "S1.03"));
    // At Stage 2 the item of Stage 1 still says what was decided there; only where nothing was, a later one counts.
    let decided =
        |decision| Step::EarlyHelp { decision, why: None, reference: None, lead_professional: None };
    let later = stage_2().step(Stage::Two, TODAY, decided(EarlyHelp::Start));
    assert!(checklist::s1_03_early_help(&later.facts).says.starts_with("Start an assessment"));
    let both = stage_2().step(Stage::One, TODAY, decided(EarlyHelp::NotNeeded));
    let both = both.step(Stage::Two, TODAY, decided(EarlyHelp::Start));
    assert!(checklist::s1_03_early_help(&both.facts).says.starts_with("Not needed now"));
}

#[test]
fn s1_05_parents_and_pupil_have_their_own_leaflet() {
    let known = at(Stage::One, Stage::One, TODAY).step(Stage::One, TODAY, leaflet(Audience::Parents));
    assert!(!item(&known, "S1.05"));
    assert!(item(&known.step(Stage::One, TODAY, leaflet(Audience::Pupil)), "S1.05"));
}

#[test]
fn s1_06_restorative_meetings_are_considered_either_way() {
    let considered = |appropriate| {
        let step = Step::Restorative { appropriate, why: "x".to_owned(), safeguarding_asked: true };
        item(&at(Stage::One, Stage::One, TODAY).step(Stage::One, TODAY, step), "S1.06")
    };
    assert!(considered(true) && considered(false) && !item(&at(Stage::One, Stage::One, TODAY), "S1.06"));
    let known = at(Stage::One, Stage::One, TODAY);
    let class = checklist::items(&known.ground())
        .into_iter()
        .find(|item| item.requirement.clause == "S1.06")
        .map(|item| item.requirement.class);
    assert_eq!(class, Some(Class::Consider));
}

#[test]
fn s1_09_rewards_and_sanctions_are_referred_to() {
    assert!(!item(&at(Stage::One, Stage::One, TODAY), "S1.09") && item(&ready_for_2(), "S1.09"));
}

#[test]
fn a_checklist_item_may_not_apply_with_a_reason() {
    let waived =
        Step::NotApplicable { clause: "S1.02".to_owned(), reason: "Held last week elsewhere".to_owned() };
    let known = at(Stage::One, Stage::One, TODAY).step(Stage::One, TODAY, waived);
    assert!(item(&known, "S1.02") && !item(&known, "S1.03"));
}

#[test]
fn s2_01_a_service_that_is_involved_comes_or_the_minutes_say_why() {
    let services = |names: &[&str]| Step::Services { names: names.iter().map(|n| (*n).to_owned()).collect() };
    let parent = (Part::Parent, Attendance::Present);
    let held = |people: &[(Part, Attendance)], why: Option<&str>| {
        let minutes = Minutes { without_service: why.map(str::to_owned), ..Minutes::default() };
        stage_2().meeting(MeetingKind::Stage2, people, minutes, true)
    };
    assert!(item(&held(&[parent], None), "S2.01"), "no service is involved");
    let involved = |known: Known| known.step(Stage::Two, TODAY, services(&["Behaviour support"]));
    assert!(!item(&involved(held(&[parent], None)), "S2.01"));
    assert!(item(&involved(held(&[parent], Some("Ill that day"))), "S2.01"));
    let service = (Part::SupportService, Attendance::Present);
    assert!(item(&involved(held(&[parent, service], None)), "S2.01"));
    let absent = (Part::SupportService, Attendance::Apologies);
    assert!(!item(&involved(held(&[parent, absent], None)), "S2.01"));
    assert!(
        item(&involved(held(&[parent], None)).step(Stage::Two, TODAY, services(&[])), "S2.01"),
        "no longer"
    );
}

#[test]
fn s2_02_early_help_is_considered_where_the_case_began_and_reviewed_elsewhere() {
    // G5, G6, G7.
    assert_eq!(early_help_duty(Stage::Two, Stage::Two), EarlyHelpDuty::Consider);
    assert_eq!(early_help_duty(Stage::Two, Stage::One), EarlyHelpDuty::Review);
    assert_eq!(early_help_duty(Stage::Three, Stage::Two), EarlyHelpDuty::Review);
    assert_eq!(early_help_duty(Stage::Three, Stage::Three), EarlyHelpDuty::Consider);
    // A decision at Stage 1 is not the review at Stage 2.
    let step = || Step::EarlyHelp {
        decision: EarlyHelp::NotNeeded,
        why: None,
        reference: None,
        lead_professional: None,
    };
    let known = stage_2().step(Stage::One, TODAY, step());
    assert!(item(&known, "S1.03") && !item(&known, "S2.02"));
    assert!(item(&known.step(Stage::Two, TODAY, step()), "S2.02"));
}

#[test]
fn s2_03_parents_and_pupil_are_advised_about_sanctions() {
    let parents = || vec![Uuid::nil().into()];
    let advised = |parents: Vec<_>, pupil| Step::SanctionsAdvised {
        parents,
        pupil,
        how: Told::InPerson,
        policy: "September 2026".to_owned(),
    };
    assert!(!item(&stage_2().step(Stage::Two, TODAY, advised(parents(), false)), "S2.03"));
    assert!(!item(&stage_2().step(Stage::Two, TODAY, advised(vec![], true)), "S2.03"));
    assert!(item(&stage_2().step(Stage::Two, TODAY, advised(parents(), true)), "S2.03"));
}

#[test]
fn s2_04_parents_and_pupil_are_reminded_of_both_outcomes() {
    for (improves, fails, told_parents, pupil, met) in [
        (true, true, true, true, true),
        (true, false, true, true, false),
        (false, true, true, true, false),
        (true, true, false, true, false),
        (true, true, true, false, false),
    ] {
        let reminded = Step::OutcomesReminded {
            if_improves: improves,
            if_not: fails,
            parents: if told_parents { vec![Uuid::nil().into()] } else { Vec::new() },
            pupil,
            how: Told::InPerson,
        };
        let known = stage_2().step(Stage::Two, TODAY, reminded);
        assert_eq!(item(&known, "S2.04"), met, "{improves} {fails} {told_parents} {pupil}");
    }
}

#[test]
fn s2_05_no_stage_3_without_minutes_but_a_serious_incident_does_not_wait() {
    // G9.
    let known = stage_2().incident(1, Seriousness::Serious);
    assert_eq!(known.missing(&up_to_3(UpReason::Escalation)), ["S2.05"]);
    assert!(known.decide_with(&up_to_3(UpReason::Escalation), &because(&["S2.05"])).is_err());
    assert_eq!(known.missing(&up_to_3(UpReason::SeriousIncident)), ["S2.05"]);
    assert!(known.decide_with(&up_to_3(UpReason::SeriousIncident), &because(&["S2.05"])).is_ok());
    let unsigned = known.clone().meeting(MeetingKind::Stage2, &[], Minutes::default(), false);
    assert_eq!(unsigned.missing(&up_to_3(UpReason::Escalation)), ["S2.05"]);
    let signed = known.meeting(MeetingKind::Stage2, &[], Minutes::default(), true);
    assert_eq!(signed.missing(&up_to_3(UpReason::Escalation)), [""; 0]);
}

#[test]
fn s2_05_stage_2_is_not_completed_without_minutes_even_when_its_meeting_does_not_apply() {
    let waived = |clause: &str| Step::NotApplicable { clause: clause.to_owned(), reason: "x".to_owned() };
    let known = ["S2.01", "S2.02", "S2.03", "S2.04"]
        .into_iter()
        .fold(stage_2().checklist_of_stage_1(), |known, clause| known.step(Stage::Two, TODAY, waived(clause)))
        .reviewed(Rating::Green);
    assert_eq!(known.missing(&exit()), ["S2.05"]);
    assert!(known.decide_with(&exit(), &because(&["S2.05"])).is_err());
    let signed = known.meeting(MeetingKind::Stage2, &[], Minutes::default(), true);
    assert_eq!(signed.missing(&exit()), [""; 0]);
}

#[test]
fn s3_00_stage_3_rests_on_an_incident_and_the_headteachers_statement() {
    let known = stage_2().meeting(MeetingKind::Stage2, &[], Minutes::default(), true);
    assert_eq!(known.missing(&up_to_3(UpReason::Escalation)), ["S3.00"], "the incident is not there");
    let with = known.incident(1, Seriousness::Concern);
    assert_eq!(with.missing(&up_to_3(UpReason::Escalation)), [""; 0], "repeated low-level escalation counts");
    assert_eq!(
        with.missing(&up_to_3(UpReason::SeriousIncident)),
        ["S3.00"],
        "a concern is no serious incident"
    );
    let unstated = Command::MoveUp {
        to: Stage::Three,
        reason: UpReason::Escalation,
        incident: Some(incident(1)),
        exclusion_in_view: false,
    };
    assert_eq!(with.missing(&unstated), ["S3.00-HT"]);
}

#[test]
fn a5_leaving_out_stage_2_asks_why_unless_the_incident_is_serious() {
    let known = ready_for_2().incident(1, Seriousness::VerySerious);
    assert_eq!(known.missing(&up_to_3(UpReason::SeriousIncident)), [""; 0]);
    assert_eq!(known.missing(&up_to_3(UpReason::Escalation)), ["A5"]);
    assert!(known.decide_with(&up_to_3(UpReason::Escalation), &because(&["A5"])).is_ok());
}

#[test]
fn a4_a_step_down_has_new_targets() {
    let known = stage_2();
    let command = Command::StepDown { to: Stage::One };
    assert_eq!(known.missing(&command), ["A4"]);
    for (age, missing) in [(14, vec![]), (15, vec!["A4"])] {
        let known = stage_2().with(|facts| facts.targets[0].written_on = TODAY - Duration::days(age));
        assert_eq!(known.missing(&command), missing, "{age} days old");
    }
}

#[test]
fn s1_14_an_exit_is_reviewed_rated_told_and_recognised() {
    let ready = || ready_for_2().reviewed(Rating::Green);
    assert_eq!(ready().missing(&exit()), [""; 0]);
    let ended = *ready().decide(&exit()).unwrap().after();
    assert!(matches!(ended, CaseState::Ended { stage: Stage::One, .. }));
    assert_eq!(ready_for_2().missing(&exit()), ["S1.14-rated", "S1.14-review", "S1.14-met"]);
    assert_eq!(ready_for_2().reviewed(Rating::Amber).missing(&exit()), ["S1.14-met"]);
    assert!(ready_for_2().reviewed(Rating::Amber).decide_with(&exit(), &because(&["S1.14-met"])).is_ok());
    for (parents, pupil, recognised, missing) in [
        (false, true, true, "S1.14-told"),
        (true, false, true, "S1.14-told"),
        (true, true, false, "S1.14-recognised"),
    ] {
        let command = Command::Exit { told_parents: parents, told_pupil: pupil, recognised };
        assert_eq!(ready().missing(&command), [missing]);
    }
    // Before one full week: four days and five.
    for (since, missing) in [(date!(2026 - 11 - 18), vec!["S1.14-week"]), (date!(2026 - 11 - 17), vec![])] {
        let known = at(Stage::One, Stage::One, since).checklist_of_stage_1().reviewed(Rating::Green);
        assert_eq!(known.missing(&exit()), missing, "since {since}");
    }
    // A review of two school weeks ago is no final review.
    let mut old = ready();
    old.facts.reviews[0].week_on -= Duration::WEEK;
    assert_eq!(old.missing(&exit()), ["S1.14-review"]);
    // The checklist is closed as complete: what is open blocks.
    let open = ready().with(|facts| facts.steps.retain(|s| !matches!(s.step, Step::Leaflet { .. })));
    assert_eq!(open.missing(&exit()), ["S1.05"]);
}

#[test]
fn s1_14_a_timescale_is_extended_twice_and_then_asks_why() {
    let command = Command::Extend { until: date!(2026 - 12 - 18) };
    let mut known = at(Stage::One, Stage::One, date!(2026 - 11 - 02));
    for _ in 0..2 {
        assert_eq!(known.missing(&command), [""; 0]);
        known.case = *known.decide(&command).unwrap().after();
    }
    assert_eq!(known.missing(&command), ["S1.14"]);
    assert!(known.decide_with(&command, &because(&["S1.14"])).is_ok());
    let known = at(Stage::One, Stage::One, date!(2026 - 11 - 02));
    assert_eq!(known.missing(&Command::Extend { until: TODAY }), ["S1.14-date"]);
    assert_eq!(
        known.missing(&Command::Extend { until: date!(2027 - 01 - 29) }),
        ["S1.10"],
        "six school weeks"
    );
}

#[test]
fn p2_03a_a_permanent_exclusion_is_never_stopped() {
    // G11: whatever is missing, the headteacher's power stands; the reason is owed afterwards.
    let command = Command::Close { ending: Ending::Excluded };
    for known in [at(Stage::One, Stage::One, TODAY), stage_2()] {
        let decided = known.decide(&command).unwrap();
        assert_eq!(decided.unexplained(), ["P2.03a"]);
        let explained = known.decide_with(&command, &because(&["P2.03a"])).unwrap();
        assert!(explained.unexplained().is_empty() && explained.reasons().contains_key("P2.03a"));
    }
    let considered = stage_2().step(
        Stage::Two,
        TODAY,
        Step::Stage3Considered { incident: incident(1), move_to_3: false, why: "A weapon".to_owned() },
    );
    assert!(considered.decide(&command).unwrap().unexplained().is_empty());
    let at_3 = at(Stage::Three, Stage::Three, TODAY);
    assert!(at_3.decide(&command).unwrap().unexplained().is_empty());
    let nobody = at(Stage::One, Stage::One, TODAY).with(|facts| facts.decides = false);
    assert!(nobody.decide(&command).is_ok(), "recording the fact waits for nobody");
}

#[test]
fn a20_an_exclusion_that_is_taken_back_opens_the_case_at_stage_3() {
    let excluded = |on| {
        let mut known = at(Stage::Two, Stage::One, date!(2026 - 10 - 12));
        known.case = known.case.after(&Event::Closed { ending: Ending::Excluded }, on).unwrap();
        known
    };
    let known = excluded(date!(2026 - 11 - 02));
    assert_eq!(known.missing(&Command::Reopen { stage: Stage::Three }), [""; 0]);
    assert_eq!(known.missing(&Command::Reopen { stage: Stage::Two }), ["7.3"]);
    let taken = excluded(TODAY).with(|facts| facts.pupil.open_case = Some((CaseId::from(Uuid::nil()), true)));
    assert_eq!(taken.missing(&Command::Reopen { stage: Stage::Three }), ["A16"]);
    // Any other end is corrected within a school day, where the case was.
    for (on, missing) in [(date!(2026 - 11 - 23), vec![]), (date!(2026 - 11 - 20), vec!["7.3"])] {
        let mut known = stage_2();
        known.case = known.case.after(&Event::Exited, on).unwrap();
        assert_eq!(known.missing(&Command::Reopen { stage: Stage::Two }), missing, "ended on {on}");
    }
    // The same day needs no calendar.
    let mut known = stage_2();
    known.today = date!(2028 - 08 - 01);
    known.case = known.case.after(&Event::Exited, known.today).unwrap();
    assert_eq!(known.missing(&Command::Reopen { stage: Stage::Two }), [""; 0]);
}

#[test]
fn a17_a_case_opened_by_mistake_says_why_it_ends() {
    let known = at(Stage::One, Stage::One, TODAY);
    for (ending, missing) in
        [(Ending::MovedOut, vec![]), (Ending::Left, vec![]), (Ending::OpenedInError, vec!["A17"])]
    {
        assert_eq!(known.missing(&Command::Close { ending }), missing);
    }
}

#[test]
fn a16_g16_a_second_case_is_refused_wherever_the_first_one_is() {
    for visible in [true, false] {
        let known =
            newcomer().with(|facts| facts.pupil.open_case = Some((CaseId::from(Uuid::nil()), visible)));
        assert_eq!(known.missing(&super::story::open_at_1()), ["A16"]);
    }
}

#[test]
fn s1_01_g17_no_case_opens_without_a_lead() {
    let known = newcomer().with(|facts| facts.lead = None);
    assert_eq!(known.missing(&super::story::open_at_1()), ["S1.01"]);
    let open = |stage| Command::Open {
        stage,
        reason: Entry::SeriousIncident,
        incident: Some(incident(1)),
        exclusion_in_view: true,
    };
    let known = known.incident(1, Seriousness::VerySerious);
    assert_eq!([Stage::Two, Stage::Three].map(|stage| known.missing(&open(stage))), [["S1.01"], ["S1.01"]]);
}

#[test]
fn t_01_a_pupil_outside_years_7_to_11_does_not_come_back() {
    let mut known = at(Stage::One, Stage::One, date!(2026 - 10 - 12));
    known.case = known.case.after(&Event::Closed { ending: Ending::Excluded }, TODAY).unwrap();
    let known = known.with(|facts| facts.pupil.year = YearGroup(12));
    assert_eq!(known.missing(&Command::Reopen { stage: Stage::Three }), ["T.01"]);
}

#[test]
fn every_refusal_names_its_clause_and_says_who_can_put_it_right() {
    let known = at(Stage::One, Stage::One, date!(2026 - 10 - 12)).with(|facts| {
        facts.decides = false;
        facts.targets.clear();
    });
    for command in [
        up(Stage::Two, UpReason::NotImproving),
        up(Stage::Three, UpReason::NotImproving),
        Command::Exit { told_parents: false, told_pupil: false, recognised: false },
        Command::Extend { until: TODAY },
        Command::Reopen { stage: Stage::One },
    ] {
        let refusal = known.decide(&command).unwrap_err();
        for r in &refusal.requirements {
            assert!(!r.clause.is_empty() && !r.asks.is_empty() && !r.says.is_empty() && !r.who.is_empty());
        }
        let blocked = refusal.requirements.iter().filter(|r| standing(r, &command) == Standing::Blocks);
        assert!(blocked.count() > 0, "{command:?}");
        assert!(!refusal.only_needs_reasons());
    }
}

#[test]
fn a_history_replayed_gives_the_state() {
    let day = |n: i64| date!(2026 - 09 - 07) + Duration::days(n);
    let history = [
        (Event::Opened { stage: Stage::One, reason: Entry::Concern }, day(0)),
        (Event::Extended { until: day(40) }, day(20)),
        (Event::MovedUp { to: Stage::Two, reason: UpReason::NotImproving }, day(41)),
        (Event::SteppedDown { to: Stage::One }, day(60)),
        (Event::Exited, day(70)),
    ];
    let state = CaseState::replay(history.iter().map(|(event, on)| (event, *on))).unwrap();
    assert!(matches!(state, CaseState::Ended { stage: Stage::One, on, .. } if on == day(70)));
    let backwards = history.iter().rev().map(|(event, on)| (event, *on));
    assert!(CaseState::replay(backwards).is_err());
    // Events survive being stored.
    for (event, _) in &history {
        let stored = serde_json::to_value(event).unwrap();
        assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), *event);
    }
}
