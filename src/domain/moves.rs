//! Moves: what the programme asks before a case opens, moves, ends or opens again (domain 7, 7.2, 7.3). One
//! function per clause; what each move asks is the list in [`asks`].

use time::Date;

use super::{
    calendar::SchoolCalendar,
    checklist, dates,
    decision::Command,
    facts::{Facts, IncidentFact},
    meeting::MeetingKind,
    people::Role,
    policy::ProgrammePolicy,
    review::Rating,
    rules::{self, Class, Fix, Requirement},
    stage::{CaseState, Ended, Ending, Entry, Stage, UpReason},
    stage_3,
    step::{Step, StepKind, incident::Seriousness},
};

/// Everything a command is weighed against.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Where the case stands.
    pub case: &'a CaseState,
    /// What is known.
    pub facts: &'a Facts,
    /// The policy the case is pinned to.
    pub policy: &'a ProgrammePolicy,
    /// The school's calendar.
    pub calendar: &'a SchoolCalendar,
    /// The day.
    pub today: Date,
}

/// Every requirement of a command, met or not, musts first.
pub fn asks(command: &Command, on: &Ground<'_>) -> Vec<Requirement> {
    let mut list = vec![follows(command, on)];
    match command {
        Command::Open { stage, reason, incident, exclusion_in_view } => {
            list.extend([
                rules::t_01_on_roll_in_years(on.facts, on.policy),
                rules::a16_one_open_case(on.facts),
                rules::s1_01_lead_nominated(on.facts),
                rules::r1_04_rationale(on.facts),
            ]);
            // A serious incident that leads straight to a higher stage is the reason by itself.
            if *reason != Entry::SeriousIncident || *stage == Stage::One {
                list.push(rules::r1_03_support_first(on.facts));
            }
            if *reason == Entry::Continuation {
                list.extend([a17_parents_know(on.facts), a17_note_before(on.facts)]);
            }
            if *stage > Stage::One {
                list.extend([a1_entry(*stage, *reason), a8_opens_higher(on.facts)]);
            }
            let serious = *reason == Entry::SeriousIncident;
            if serious || *stage == Stage::Three {
                list.push(s3_00_incident(on.facts, *incident, serious));
            }
            if *stage == Stage::Three {
                list.push(s3_00_exclusion_in_view(*exclusion_in_view));
            }
        }
        Command::MoveUp { to, reason, incident, exclusion_in_view } => {
            list.push(a8_headteacher(on.facts));
            let from = on.case.stage().unwrap_or(Stage::One);
            let serious = *reason == UpReason::SeriousIncident;
            if *to == Stage::Three || serious {
                list.push(s3_00_incident(on.facts, *incident, serious));
            }
            if *to == Stage::Three {
                list.push(s3_00_exclusion_in_view(*exclusion_in_view));
            }
            match (from, to) {
                (Stage::One, Stage::Two) => list.extend([
                    s1_15_monitoring_period(*reason, on),
                    s1_04_explained_before_moving(on.facts),
                    s1_07_support_before_moving(on),
                ]),
                (Stage::One, Stage::Three) => {
                    list.extend([a5_stage_2_skipped(*reason), s1_07_support_before_moving(on)]);
                }
                _ => {
                    let class = if serious { Class::Should } else { Class::Must };
                    list.push(s2_05_minutes(class, on.facts));
                }
            }
            carry(&mut list, on);
        }
        Command::StepDown { .. } => {
            list.extend([a8_headteacher(on.facts), a4_new_targets(on)]);
            carry(&mut list, on);
        }
        Command::Extend { until } => {
            list.extend([
                s1_14_date_to_come(*until, on.today),
                s1_14_extensions(on),
                rules::s1_10_timescale(*until, on.today, on.calendar, on.policy),
            ]);
        }
        Command::Exit { told_parents, told_pupil, recognised } => {
            list.extend([
                a8_headteacher(on.facts),
                s1_14_targets_rated(on.facts),
                s1_14_final_review(on),
                s1_14_told(*told_parents, *told_pupil),
                s1_14_recognised(*recognised),
                s1_14_targets_met(on.facts),
                s1_14_full_week(on),
            ]);
            if on.case.stage() == Some(Stage::Two) {
                list.push(s2_05_minutes(Class::Must, on.facts));
            }
            if on.case.stage() == Some(Stage::Three) {
                list.push(stage_3::a3_outcomes_reviewed(on.facts));
            }
            list.extend(checklist::open(on));
        }
        Command::Close { ending } => {
            if *ending == Ending::Excluded {
                list.push(p2_03a_stage_3_considered(on));
            } else {
                list.push(closing_reason(*ending));
            }
        }
        Command::Reopen { .. } => {
            list.extend([
                a8_headteacher(on.facts),
                rules::t_01_on_roll_in_years(on.facts, on.policy),
                rules::a16_one_open_case(on.facts),
                rules::s1_01_lead_nominated(on.facts),
                a20_not_excluded(on.facts),
            ]);
        }
    }
    list
}

/// 7.3: a move carries what is open on the checklist. What the move weighs itself is not listed twice.
fn carry(list: &mut Vec<Requirement>, on: &Ground<'_>) {
    let open = checklist::open(on);
    let twice = |clause: &str| list.iter().any(|weighed| weighed.clause == clause);
    let open: Vec<_> = open.into_iter().filter(|item| !twice(item.clause)).collect();
    list.extend(open);
}

/// 7.3: the move exists from where the case stands. A case ended with a permanent exclusion opens again at
/// Stage 3 (A20); one ended otherwise, the same or the next school day and where it was, as a correction.
fn follows(command: &Command, on: &Ground<'_>) -> Requirement {
    let event = command.event();
    let exists = on.case.after(&event, on.today).is_ok();
    let (met, says) = match (command, on.case) {
        (Command::Reopen { stage }, CaseState::Ended { how, on: ended, stage: was, .. }) => {
            let soon = on.today == *ended
                || on.calendar.nth_school_day_after(*ended, 1).is_ok_and(|next| on.today <= next);
            match how {
                Ended::Otherwise(Ending::Excluded) => (
                    *stage == Stage::Three,
                    "A case ended by a permanent exclusion opens again at Stage 3.".to_owned(),
                ),
                Ended::Progress | Ended::Otherwise(_) if soon => {
                    (stage == was, format!("It ended on {} and can be corrected.", dates::long(*ended)))
                }
                Ended::Progress | Ended::Otherwise(_) => (
                    false,
                    format!(
                        "It ended on {}. What happens now is a new case, linked to this one.",
                        dates::long(*ended)
                    ),
                ),
            }
        }
        (_, CaseState::None) => (exists, "No case is open.".to_owned()),
        (_, CaseState::Open { stage, .. }) => (exists, format!("The case is at {stage}.")),
        (_, CaseState::Ended { on: ended, .. }) => {
            (exists, format!("The case ended on {}.", dates::long(*ended)))
        }
    };
    Requirement::of_school(
        "7.3",
        "The programme has this step from here",
        Class::Must,
        met,
        says,
        Fix::Nowhere,
    )
}

/// A8: the headteacher decides, or somebody they named; the lead proposes.
pub fn a8_headteacher(facts: &Facts) -> Requirement {
    let mut asked = Requirement::of_school(
        "A8",
        "The headteacher, or somebody they named, decides",
        Class::Must,
        facts.decides,
        if facts.decides {
            "You decide this.".to_owned()
        } else {
            format!("Propose it, and {} decides.", facts.head.as_deref().unwrap_or("the headteacher"))
        },
        Fix::Headteacher,
    );
    asked.who = vec![Role::Headteacher, Role::HeadDelegate];
    asked
}

/// A8, opening at Stage 2 or 3: the headteacher's own decision. There is no case yet to propose it on.
pub fn a8_opens_higher(facts: &Facts) -> Requirement {
    let asked = a8_headteacher(facts);
    if asked.met {
        return asked;
    }
    let head = facts.head.as_deref().unwrap_or("the headteacher");
    let says = format!(
        "Ask {head} to open it at this stage, or open it at Stage 1 and propose the move from there."
    );
    Requirement { says, ..asked }
}

/// A20: a pupil who is permanently excluded is on no programme until that is cancelled or the board brings them back.
pub fn a20_not_excluded(facts: &Facts) -> Requirement {
    let stands = facts.exclusions.issued.iter().find(|one| one.exclusion.is_permanent() && one.stands());
    Requirement::of_school(
        "A20",
        "No permanent exclusion of the pupil stands",
        Class::Must,
        stands.is_none(),
        stands.map_or_else(
            || "None stands.".to_owned(),
            |one| {
                format!("{} stands. Cancel it, or record that the board brought the pupil back.", one.title())
            },
        ),
        Fix::Suspensions,
    )
}

/// A17: a case goes on at the next school with the parents' knowledge.
pub fn a17_parents_know(facts: &Facts) -> Requirement {
    let know = facts.opening.parents_know;
    Requirement::of_school(
        "A17",
        "The parents know that the case goes on at this school",
        Class::Must,
        know,
        if know { "They know." } else { "It is not said that they know." },
        Fix::Form,
    )
}

/// A17: what the school before passed on.
pub fn a17_note_before(facts: &Facts) -> Requirement {
    let note = facts.opening.note_before;
    Requirement::of_school(
        "A17-note",
        "A note from the school before",
        Class::Must,
        note,
        if note { "It is written down." } else { "Nothing is written down yet." },
        Fix::Form,
    )
}

/// A1, A17: entry at Stage 2 or 3 is for a serious incident or a continuation. For another reason entry at 2 asks
/// why, and there is none at 3.
pub fn a1_entry(stage: Stage, reason: Entry) -> Requirement {
    Requirement::of_school(
        "A1",
        "A pupil begins at Stage 2 or 3 after a serious incident",
        if stage == Stage::Three { Class::Must } else { Class::Should },
        match reason {
            Entry::SeriousIncident | Entry::Continuation => true,
            Entry::Concern => false,
        },
        format!("{}.", reason.label()),
        Fix::Form,
    )
}

/// S3.00, 7.2 A1: the incident a move rests on. Repeated low-level escalation counts as one; a move or an entry
/// after a `serious` incident rests on one that was recorded as serious.
pub fn s3_00_incident(facts: &Facts, incident: Option<super::ids::IncidentId>, serious: bool) -> Requirement {
    let found = incident.and_then(|id| facts.incidents.iter().find(|fact| fact.id == id));
    let grave = |fact: &IncidentFact| match fact.seriousness {
        Seriousness::Serious | Seriousness::VerySerious => true,
        Seriousness::Concern => false,
    };
    Requirement::of_school(
        "S3.00",
        "The incident or escalation this rests on",
        Class::Must,
        found.is_some_and(|fact| !serious || grave(fact)),
        match (found, facts.incidents.is_empty()) {
            (Some(fact), _) if serious && !grave(fact) => {
                format!("The incident of {} is recorded as a concern, not as serious.", dates::long(fact.on))
            }
            (Some(fact), _) => format!("The incident of {}.", dates::long(fact.on)),
            (None, true) => "No incident is recorded yet.".to_owned(),
            (None, false) => "No incident is chosen.".to_owned(),
        },
        Fix::Incidents,
    )
}

/// S3.00: the headteacher states that a permanent exclusion is in view.
pub fn s3_00_exclusion_in_view(stated: bool) -> Requirement {
    let mut asked = Requirement::of_school(
        "S3.00-HT",
        "The headteacher states that a permanent exclusion may follow",
        Class::Must,
        stated,
        if stated { "Stated." } else { "Not stated." },
        Fix::Form,
    );
    asked.who = vec![Role::Headteacher, Role::HeadDelegate];
    asked
}

/// S1.15, 7.2 A6: a reasonable monitoring period before a move for lack of improvement. An escalation or a
/// serious incident needs none.
pub fn s1_15_monitoring_period(reason: UpReason, on: &Ground<'_>) -> Requirement {
    let days = checklist::monitoring_days(on);
    let (met, says) = match (reason, days) {
        (UpReason::Escalation | UpReason::SeriousIncident, _) => {
            (true, format!("{}: no monitoring period is asked.", reason.label()))
        }
        (UpReason::NotImproving, Ok(days)) => (
            days >= on.policy.monitoring_days,
            format!("{days} monitoring days at this stage; {} are usual.", on.policy.monitoring_days),
        ),
        (UpReason::NotImproving, Err(missing)) => (
            false,
            format!(
                "The monitoring days cannot be counted: the calendar does not cover {}.",
                dates::long(missing.0)
            ),
        ),
    };
    Requirement::of_school("S1.15", "A reasonable monitoring period", Class::Should, met, says, Fix::Nowhere)
}

/// S1.04: the LA representative's explanation comes before a move up.
pub fn s1_04_explained_before_moving(facts: &Facts) -> Requirement {
    let item = checklist::s1_04_explained(facts);
    Requirement { class: Class::Should, ..item }
}

/// S1.07: support is in place before a move up.
pub fn s1_07_support_before_moving(on: &Ground<'_>) -> Requirement {
    let item = checklist::s1_07_support(on);
    Requirement { class: Class::Should, ..item }
}

/// 7.2 A5: Stage 2 is left out only after a serious incident.
pub fn a5_stage_2_skipped(reason: UpReason) -> Requirement {
    Requirement::of_school(
        "A5",
        "Stage 2 is left out only after a serious incident",
        Class::Should,
        reason == UpReason::SeriousIncident,
        reason.label(),
        Fix::Form,
    )
}

/// S2.05: Stage 2 is not left upward or completed without its minutes (a must); after a serious incident they may
/// follow late (a should).
pub fn s2_05_minutes(class: Class, facts: &Facts) -> Requirement {
    let held = facts.meetings.iter().rev().find(|(_, meeting)| meeting.kind == MeetingKind::Stage2);
    let complete =
        facts.meetings.iter().any(|(_, meeting)| meeting.kind == MeetingKind::Stage2 && meeting.complete());
    Requirement::of_school(
        "S2.05",
        "The Stage 2 meeting’s details and outcomes are recorded",
        class,
        complete,
        match (complete, held) {
            (true, _) => "The minutes are signed off.",
            (false, Some((_, meeting))) if meeting.held_on.is_some() => {
                "The meeting was held; its minutes are not signed off."
            }
            (false, Some(_)) => "The meeting is planned and not held yet.",
            (false, None) => "No Stage 2 meeting is planned.",
        },
        Fix::Meeting(MeetingKind::Stage2),
    )
}

/// 7.2 A4: a step down has new targets.
pub fn a4_new_targets(on: &Ground<'_>) -> Requirement {
    let since = on.today - time::Duration::days(i64::from(on.policy.new_target_days));
    let new = on.facts.targets.iter().filter(|target| target.written_on >= since).count();
    Requirement::of_school(
        "A4",
        "New targets for the stage the pupil steps down to",
        Class::Must,
        new > 0,
        match new {
            0 => format!("No target was set or written anew since {}.", dates::long(since)),
            1 => "1 target is new.".to_owned(),
            n => format!("{n} targets are new."),
        },
        Fix::Targets,
    )
}

/// S1.14: an extension leads to a day to come.
pub fn s1_14_date_to_come(until: Date, today: Date) -> Requirement {
    Requirement::of_school(
        "S1.14-date",
        "The new date is to come",
        Class::Must,
        until > today,
        dates::full(until),
        Fix::Form,
    )
}

/// S1.14: a timescale is extended twice at most; a third time asks for a reason.
pub fn s1_14_extensions(on: &Ground<'_>) -> Requirement {
    let extended = match on.case {
        CaseState::Open { extensions, .. } => *extensions,
        CaseState::None | CaseState::Ended { .. } => 0,
    };
    Requirement::of_school(
        "S1.14",
        "At most two extensions of the timescale",
        Class::Should,
        extended < on.policy.extensions_before_warning,
        match extended {
            0 => "Not extended yet.".to_owned(),
            1 => "Extended once.".to_owned(),
            n => format!("Extended {n} times."),
        },
        Fix::Form,
    )
}

/// S1.14: every target is rated in the latest review.
pub fn s1_14_targets_rated(facts: &Facts) -> Requirement {
    let unrated = facts.targets.iter().filter(|target| target.rating.is_none()).count();
    Requirement::of_school(
        "S1.14-rated",
        "Every target is rated",
        Class::Must,
        !facts.targets.is_empty() && unrated == 0,
        match (facts.targets.len(), unrated) {
            (0, _) => "There is no target.".to_owned(),
            (n, 0) => format!("{n} of {n} targets are rated."),
            (n, missing) => format!("{missing} of {n} targets are not rated."),
        },
        Fix::Reviews,
    )
}

/// S1.14: a final review, signed in this school week or the one before it.
pub fn s1_14_final_review(on: &Ground<'_>) -> Requirement {
    let latest = on.facts.reviews.last();
    let recent = latest.is_some_and(|review| {
        on.calendar.school_weeks(review.week_on, on.today).is_ok_and(|weeks| weeks <= 1)
    });
    Requirement::of_school(
        "S1.14-review",
        "A final review",
        Class::Must,
        recent,
        latest.map_or_else(
            || "No week is reviewed yet.".to_owned(),
            |review| format!("The latest review is of the week of {}.", dates::long(review.week_on)),
        ),
        Fix::Reviews,
    )
}

/// S1.14: parents and pupil are told; the headteacher knows, because they decide.
pub fn s1_14_told(parents: bool, pupil: bool) -> Requirement {
    Requirement::of_school(
        "S1.14-told",
        "Parents and the pupil are told",
        Class::Must,
        parents && pupil,
        match (parents, pupil) {
            (true, true) => "Both are told.",
            (true, false) => "The pupil is not told yet.",
            (false, true) => "The parents are not told yet.",
            (false, false) => "Neither is told yet.",
        },
        Fix::Form,
    )
}

/// S1.14: the progress is recognised.
pub fn s1_14_recognised(recognised: bool) -> Requirement {
    Requirement::of_school(
        "S1.14-recognised",
        "The progress is recognised",
        Class::Must,
        recognised,
        if recognised { "It is recognised." } else { "It is not recognised yet." },
        Fix::Form,
    )
}

/// S1.14: every target is met; otherwise a reason says why the pupil leaves all the same.
pub fn s1_14_targets_met(facts: &Facts) -> Requirement {
    let unmet = facts.targets.iter().filter(|target| target.rating != Some(Rating::Green)).count();
    Requirement::of_school(
        "S1.14-met",
        "Every target is met",
        Class::Should,
        unmet == 0,
        match unmet {
            0 => "Every target is green.".to_owned(),
            1 => "1 target is not green.".to_owned(),
            n => format!("{n} targets are not green."),
        },
        Fix::Reviews,
    )
}

/// S1.14: at least one full week of monitoring.
pub fn s1_14_full_week(on: &Ground<'_>) -> Requirement {
    let days = checklist::monitoring_days(on);
    Requirement::of_school(
        "S1.14-week",
        "At least one full week of monitoring",
        Class::Should,
        days.is_ok_and(|days| days >= on.policy.exit_monitoring_days),
        match days {
            Ok(days) => format!("{days} monitoring days at this stage."),
            Err(missing) => format!(
                "The monitoring days cannot be counted: the calendar does not cover {}.",
                dates::long(missing.0)
            ),
        },
        Fix::Nowhere,
    )
}

/// P2.03a: before a permanent exclusion a move to Stage 3 should be considered. It never blocks: a headteacher's
/// statutory power stands whatever is missing here.
pub fn p2_03a_stage_3_considered(on: &Ground<'_>) -> Requirement {
    let at_3 = on.case.stage() == Some(Stage::Three);
    let considered = on.facts.steps_of(|step| match step {
        Step::Stage3Considered { .. } => Some(()),
        _ => None,
    });
    let considered = considered.map(|((), _, day)| day).next();
    let mut asked = Requirement::of_school(
        "P2.03a",
        "A move to Stage 3 was considered",
        Class::Should,
        at_3 || considered.is_some(),
        match (at_3, considered) {
            (true, _) => "The case is at Stage 3.".to_owned(),
            (false, Some(day)) => format!("Considered on {}.", dates::long(day)),
            (false, None) => "It is not recorded that Stage 3 was considered.".to_owned(),
        },
        Fix::Step(StepKind::Stage3Considered),
    );
    asked.who = vec![Role::Headteacher];
    asked
}

/// A case opened by mistake is closed with a reason; a pupil who left needs none.
fn closing_reason(ending: Ending) -> Requirement {
    Requirement::of_school(
        "A17",
        "Why the case ends",
        Class::Should,
        match ending {
            Ending::MovedOut | Ending::Left | Ending::Excluded => true,
            Ending::OpenedInError => false,
        },
        ending.label(),
        Fix::Form,
    )
}

/// Incidents a headteacher could consider a permanent exclusion for.
pub fn very_serious(facts: &Facts) -> bool {
    facts.incidents.iter().any(|incident| incident.seriousness == Seriousness::VerySerious)
}
