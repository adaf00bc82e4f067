//! The checklist of a stage: what the programme plainly describes (class "checklist") or asks to be considered.
//! Each ends as done or as not applicable with a reason before a case ends with progress; it never delays
//! anything urgent. A case that came straight to a higher stage carries the items of the stages below (7.2 A1).

use time::Date;

use super::{
    calendar::NotLoaded,
    dates,
    facts::{DayFact, Facts},
    meeting::{MeetingFact, MeetingKind, Part},
    moves::Ground,
    people::Role,
    rules::{Class, Fix, Requirement, SCHOOL},
    stage::{CaseState, Entry, Stage},
    stage_3,
    step::{Audience, EarlyHelp, Step, StepKind},
    suspension::history::{Issued, Link},
};

/// The clause of the statutory clocks. It is never waived as not applicable: what it asks is done or explained.
pub const STATUTORY: &str = "S3.02";

/// School days before Stage 3 began within which a suspension counts as the alternative it may use (S3.01).
pub const SUSPENDED_BEFORE: u32 = 10;

/// One item of the checklist.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it asks and whether it is done.
    pub requirement: Requirement,
    /// The stage it belongs to.
    pub stage: Stage,
    /// It does not apply, for this reason.
    pub not_applicable: Option<String>,
    /// School days from the beginning of the stage in which it is due.
    pub due_in: u32,
    /// What to do about it, as a sentence.
    pub todo: &'static str,
}

/// Every item of the stage the case is at, and of the stages below.
pub fn items(on: &Ground<'_>) -> Vec<Item> {
    on.case.stage().map_or_else(Vec::new, |stage| stage.and_below().flat_map(|below| of(below, on)).collect())
}

/// Items of the stage the case is at and below, as requirements: what an exit asks and a move carries.
pub fn open(on: &Ground<'_>) -> Vec<Requirement> {
    items(on).into_iter().map(|item| item.requirement).collect()
}

fn of(stage: Stage, on: &Ground<'_>) -> Vec<Item> {
    let (facts, days) = (on.facts, on.policy.checklist_days);
    let list = match stage {
        Stage::One => vec![
            (s1_02_formal_meeting(facts), days, "Plan the formal meeting"),
            (s1_02_parenting_contract(facts), days, "Offer the parents a parenting contract"),
            (s1_03_early_help(facts), days, "Consider early help (CAF)"),
            (s1_04_explained(facts), days, "Explain the programme to parents and pupil"),
            (s1_05_leaflets(facts), on.policy.leaflet_days, "Give the leaflet to parents and to the pupil"),
            (s1_06_restorative(facts), days, "Decide whether a restorative meeting is appropriate"),
            (s1_07_support(on), days, "Arrange support from the school’s own resources"),
            (s1_09_rewards_and_sanctions(facts), 2 * days, "Record a reward or a sanction"),
        ],
        Stage::Two => vec![
            (s2_01_meeting(facts), days, "Plan the Stage 2 meeting"),
            (s2_02_early_help(on), days, "Look at early help (CAF) at this stage"),
            (s2_03_sanctions_advised(facts), days, "Say what more serious sanctions could follow"),
            (s2_04_outcomes_reminded(facts), days, "Remind parents and pupil of both outcomes"),
        ],
        Stage::Three => vec![
            (s3_01_suspension(on), days, "Record the suspension, or say why none was used"),
            (s3_02_statutory_clocks(on), 0, "Do what is owed after the exclusion"),
            (s3_03_review_meeting(facts), days, "Plan the Stage 3 review meeting"),
            (stage_3::s3_03_everybody_asked(facts), days, "Ask everybody of earlier meetings to the review"),
            (stage_3::s3_04_considered(facts), days, "Consider every alternative to a permanent exclusion"),
            (stage_3::s3_05_sought_for_all(facts), days, "Seek the parents’ formal agreement"),
            (s3_06_early_help(on), days, "Look at early help (CAF) at this stage"),
        ],
    };
    list.into_iter()
        .map(|(mut requirement, due_in, todo)| {
            let waived = Some(requirement.clause).filter(|clause| *clause != STATUTORY);
            let not_applicable = waived.and_then(|clause| facts.not_applicable(clause)).map(str::to_owned);
            if let (false, Some(why)) = (requirement.met, &not_applicable) {
                requirement.met = true;
                requirement.says = format!("Does not apply: {why}");
            }
            Item { requirement, stage, not_applicable, due_in, todo }
        })
        .collect()
}

fn check(
    clause: &'static str,
    asks: &'static str,
    met: bool,
    says: impl Into<String>,
    fix: Fix,
) -> Requirement {
    Requirement { clause, asks, class: Class::Check, met, says: says.into(), who: SCHOOL.to_vec(), fix }
}

/// Expected monitoring days of the stage so far: school days, today left out, on which a target was worked on
/// and no reason excused the whole day (S1.11, S1.15). A target that ended counts for its own days.
pub fn monitoring_days(on: &Ground<'_>) -> Result<u32, NotLoaded> {
    let CaseState::Open { since, .. } = on.case else { return Ok(0) };
    let (Some(yesterday), facts) = (on.today.previous_day(), on.facts) else { return Ok(0) };
    let live = facts.targets.iter().map(|target| (target.starts_on, yesterday));
    let mut spans: Vec<_> = live.chain(facts.earlier_targets.iter().copied()).collect();
    spans.sort_unstable();
    let excused = |from, to| {
        let whole = |day: &&DayFact| day.excused && (from..=to).contains(&day.on);
        facts.days.iter().filter(whole).filter(|day| on.calendar.is_school_day(day.on)).count()
    };
    let (mut count, mut next) = (0, *since);
    for (first, last) in spans {
        let (from, to) = (first.max(next), last.min(yesterday));
        if from > to {
            continue;
        }
        let days = on.calendar.school_days(from, to)?;
        count += days.saturating_sub(u32::try_from(excused(from, to)).unwrap_or(u32::MAX));
        next = to.next_day().unwrap_or(to);
    }
    Ok(count)
}

fn meeting_words(meetings: &[&MeetingFact]) -> String {
    let latest = meetings.iter().filter_map(|m| m.held_on).max();
    let planned = meetings.iter().filter(|m| m.held_on.is_none() && !m.cancelled).map(|m| m.planned_on).min();
    match (latest, planned) {
        (Some(held), _) => format!("Held on {}; the minutes are not signed off.", dates::long(held)),
        (None, Some(day)) => format!("Planned for {}.", dates::long(day)),
        (None, None) => "Not planned yet.".to_owned(),
    }
}

fn meeting(facts: &Facts, kind: MeetingKind, clause: &'static str, asks: &'static str) -> Requirement {
    let of_kind: Vec<_> = facts.meetings.iter().map(|(_, m)| m).filter(|m| m.kind == kind).collect();
    let done = of_kind.iter().find(|m| m.complete());
    let says = match done {
        Some(m) if !m.had(Part::Parent) => format!(
            "Held on {} without a parent: {}",
            m.held_on.map(dates::long).unwrap_or_default(),
            m.minutes.without_parent.as_deref().unwrap_or("no reason is given")
        ),
        Some(m) => format!("Held on {}.", m.held_on.map(dates::long).unwrap_or_default()),
        None => meeting_words(&of_kind),
    };
    check(clause, asks, done.is_some(), says, Fix::Meeting(kind))
}

/// S1.02: the formal meeting with the review of the PSP, minutes signed off.
pub fn s1_02_formal_meeting(facts: &Facts) -> Requirement {
    meeting(
        facts,
        MeetingKind::Stage1,
        "S1.02",
        "A formal meeting that reviews the PSP, makes difficulties clear and checks support",
    )
}

/// S1.02: a parenting contract is offered, or not appropriate. Declining is recorded and never held against
/// anybody.
pub fn s1_02_parenting_contract(facts: &Facts) -> Requirement {
    let latest = facts
        .steps_of(|step| match step {
            Step::ParentingContract { state, .. } => Some(*state),
            _ => None,
        })
        .next();
    check(
        "S1.02-contract",
        "A parenting contract offered to the parents",
        latest.is_some(),
        latest.map_or_else(
            || "Nothing is recorded yet.".to_owned(),
            |(state, _, day)| format!("{} on {}.", state.label(), dates::long(day)),
        ),
        Fix::Step(StepKind::ParentingContract),
    )
}

fn early_help_on(facts: &Facts, stage: Option<Stage>) -> Option<(EarlyHelp, Date)> {
    facts
        .steps_of(|step| match step {
            Step::EarlyHelp { decision, .. } => Some(*decision),
            _ => None,
        })
        .find(|(_, at, _)| stage.is_none_or(|stage| *at == stage))
        .map(|(decision, _, day)| (decision, day))
}

fn early_help_words(found: Option<(EarlyHelp, Date)>) -> String {
    found.map_or_else(
        || "No decision is recorded yet.".to_owned(),
        |(decision, day)| format!("{}, decided on {}.", decision.label(), dates::long(day)),
    )
}

/// S1.03: early help (CAF, now EHAP) considered; any decision will do. What was decided at Stage 1 is said, not
/// what a later stage made of it.
pub fn s1_03_early_help(facts: &Facts) -> Requirement {
    let found = early_help_on(facts, Some(Stage::One)).or_else(|| early_help_on(facts, None));
    check(
        "S1.03",
        "Early help (CAF) considered",
        found.is_some(),
        early_help_words(found),
        Fix::Step(StepKind::EarlyHelp),
    )
}

/// What early help asks at a stage: considered where the programme began there, reviewed otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyHelpDuty {
    /// A first decision.
    Consider,
    /// Looked at again.
    Review,
}

/// S2.02, S3.06: which of the two it is at `stage` for a case that entered at `entry`.
pub fn early_help_duty(stage: Stage, entry: Stage) -> EarlyHelpDuty {
    if stage == entry { EarlyHelpDuty::Consider } else { EarlyHelpDuty::Review }
}

fn early_help_at(stage: Stage, clause: &'static str, on: &Ground<'_>) -> Requirement {
    let entry = on.case.entry().map_or(Stage::One, |(entry, _)| entry);
    let found = early_help_on(on.facts, Some(stage));
    check(
        clause,
        match early_help_duty(stage, entry) {
            EarlyHelpDuty::Consider => {
                "Early help (CAF) considered, because the programme began at this stage"
            }
            EarlyHelpDuty::Review => "Early help (CAF) looked at again at this stage",
        },
        found.is_some(),
        early_help_words(found),
        Fix::Step(StepKind::EarlyHelp),
    )
}

/// S2.02: early help at Stage 2.
pub fn s2_02_early_help(on: &Ground<'_>) -> Requirement {
    early_help_at(Stage::Two, "S2.02", on)
}

/// S3.03: the review meeting of Stage 3, minutes signed off. The LA representative should be present; without them
/// the minutes say why and how they were asked.
pub fn s3_03_review_meeting(facts: &Facts) -> Requirement {
    let asks = "The Stage 3 review meeting, with the LA representative";
    let asked = meeting(facts, MeetingKind::Stage3, "S3.03", asks);
    let done = facts.meetings.iter().map(|(_, m)| m).rfind(|m| m.kind == MeetingKind::Stage3 && m.complete());
    match done {
        Some(m) if !m.had(Part::LaRepresentative) => Requirement {
            says: format!(
                "Held on {} without the LA representative: {}",
                m.held_on.map(dates::long).unwrap_or_default(),
                m.minutes.without_la_representative.as_deref().unwrap_or("no reason is given")
            ),
            ..asked
        },
        Some(_) | None => asked,
    }
}

/// S3.06: early help at Stage 3.
pub fn s3_06_early_help(on: &Ground<'_>) -> Requirement {
    early_help_at(Stage::Three, "S3.06", on)
}

/// S3.01: a suspension is the alternative to a permanent exclusion, decided at Stage 3 or shortly before it began;
/// otherwise somebody says why none was used.
pub fn s3_01_suspension(on: &Ground<'_>) -> Requirement {
    let from = match on.case {
        CaseState::Open { since, .. } => on
            .calendar
            .nth_school_day_before(*since, SUSPENDED_BEFORE)
            .unwrap_or(*since - time::Duration::weeks(2)),
        CaseState::None | CaseState::Ended { .. } => Date::MAX,
    };
    let counts = |issued: &&Issued| {
        let exclusion = &issued.exclusion;
        issued.link != Link::OtherCase
            && !exclusion.is_permanent()
            && !exclusion.lost().is_empty()
            && exclusion.decided_on() >= from
    };
    let found = on.facts.exclusions.issued.iter().rfind(counts);
    let says = match found {
        Some(issued) => format!("{}.", issued.title()),
        None => "No suspension is recorded at this stage.".to_owned(),
    };
    let asks = "A suspension as an alternative to permanent exclusion, or why none was used";
    let mut asked = check("S3.01", asks, found.is_some(), says, Fix::Suspensions);
    asked.who = vec![Role::Headteacher];
    asked
}

/// S3.02: notices, work, education and the board's dates after an exclusion, as the statutory guidance asks: nothing
/// is overdue.
pub fn s3_02_statutory_clocks(on: &Ground<'_>) -> Requirement {
    let history = &on.facts.exclusions;
    let of_case: Vec<_> = history.issued.iter().filter(|issued| issued.link != Link::OtherCase).collect();
    let owed: Vec<_> = of_case.iter().flat_map(|issued| history.owed(issued, on.calendar)).collect();
    let overdue = owed.iter().filter(|owed| owed.overdue(on.today)).count();
    check(
        STATUTORY,
        "Work and procedure after an exclusion as the statutory guidance asks",
        overdue == 0,
        match (of_case.len(), owed.len(), overdue) {
            (0, ..) => "No exclusion is recorded.".to_owned(),
            (_, 0, _) => "Everything is done.".to_owned(),
            (_, _, 0) => "Nothing is overdue.".to_owned(),
            (_, _, 1) => "1 step is overdue.".to_owned(),
            (_, _, n) => format!("{n} steps are overdue."),
        },
        Fix::Suspensions,
    )
}

/// S1.04: the LA representative explained the programme and its possible outcomes to parents and to the pupil.
/// Somebody else explaining it counts with a reason; a parent nobody could reach counts with the attempts.
pub fn s1_04_explained(facts: &Facts) -> Requirement {
    let (mut parents, mut pupil, mut by_la, mut reason) = (false, false, false, false);
    for (told, ..) in facts.steps_of(|step| match step {
        Step::Explanation { by_la, why_not_la, parents, pupil, attempts, .. } => {
            Some((*by_la, why_not_la, parents, *pupil, attempts))
        }
        _ => None,
    }) {
        let (la, why, told_parents, told_pupil, attempts) = told;
        parents |= !told_parents.is_empty() || attempts.is_some();
        pupil |= told_pupil;
        by_la |= la;
        reason |= why.is_some();
    }
    let says = match (parents, pupil, by_la, reason) {
        (true, true, true, _) => "Parents and the pupil were told.",
        (true, true, false, true) => "Parents and the pupil were told, by somebody else than the LA.",
        (true, true, false, false) => "It is not said why the LA representative did not explain it.",
        (true, false, ..) => "The pupil was not told yet.",
        (false, true, ..) => "The parents were not told yet.",
        (false, false, ..) => "Nobody was told yet.",
    };
    let mut asked = check(
        "S1.04",
        "The LA representative explains the programme and its possible outcomes to parents and pupil",
        parents && pupil && (by_la || reason),
        says,
        Fix::Step(StepKind::Explanation),
    );
    asked.who = vec![Role::LaRepresentative, Role::SchoolLead];
    asked
}

/// S1.05: parents and the pupil have their leaflet.
pub fn s1_05_leaflets(facts: &Facts) -> Requirement {
    let given = |audience: Audience| {
        facts
            .steps_of(|step| match step {
                Step::Leaflet { audience, .. } => Some(*audience),
                _ => None,
            })
            .any(|(to, ..)| to == audience)
    };
    let (parents, pupil) = (given(Audience::Parents), given(Audience::Pupil));
    check(
        "S1.05",
        "The leaflet given to parents and to the pupil",
        parents && pupil,
        match (parents, pupil) {
            (true, true) => "Both have theirs.",
            (true, false) => "The pupil’s leaflet is not given yet.",
            (false, true) => "The parents’ leaflet is not given yet.",
            (false, false) => "Neither is given yet.",
        },
        Fix::Step(StepKind::Leaflet),
    )
}

/// S1.06: whether restorative or mediation meetings are appropriate is decided, and one that is has been held.
pub fn s1_06_restorative(facts: &Facts) -> Requirement {
    let decided = facts
        .steps_of(|step| match step {
            Step::Restorative { appropriate, .. } => Some(*appropriate),
            _ => None,
        })
        .next();
    let held = facts.meetings.iter().any(|(_, m)| {
        matches!(m.kind, MeetingKind::Restorative | MeetingKind::Mediation) && m.held_on.is_some()
    });
    let (met, says) = match (decided, held) {
        (_, true) => (true, "A meeting was held.".to_owned()),
        (Some((false, _, day)), false) => {
            (true, format!("Not appropriate, decided on {}.", dates::long(day)))
        }
        (Some((true, ..)), false) => (true, "Appropriate; the meeting is to be held.".to_owned()),
        (None, false) => (false, "Not decided yet.".to_owned()),
    };
    let fix = Fix::Step(StepKind::Restorative);
    let asked = check("S1.06", "Restorative or mediation meetings where appropriate", met, says, fix);
    Requirement { class: Class::Consider, ..asked }
}

/// S1.07: planned support from the school's inclusion resources, at least one active.
pub fn s1_07_support(on: &Ground<'_>) -> Requirement {
    let active = on
        .facts
        .support
        .iter()
        .filter(|(_, support)| support.kind.of_school() && support.active_on(on.today))
        .count();
    check(
        "S1.07",
        "Planned support from the school’s own resources",
        active > 0,
        match active {
            0 => "None is in place.".to_owned(),
            1 => "1 kind of support is in place.".to_owned(),
            n => format!("{n} kinds of support are in place."),
        },
        Fix::Support,
    )
}

/// S1.09: the school's rewards and sanctions system is used: at least once referred to.
pub fn s1_09_rewards_and_sanctions(facts: &Facts) -> Requirement {
    let count = facts
        .steps_of(|step| match step {
            Step::Recognition { what, .. } => Some(*what),
            _ => None,
        })
        .count();
    check(
        "S1.09",
        "The school’s rewards and sanctions system is used",
        count > 0,
        match count {
            0 => "Nothing is recorded yet.".to_owned(),
            1 => "Recorded once.".to_owned(),
            n => format!("Recorded {n} times."),
        },
        Fix::Step(StepKind::Recognition),
    )
}

/// S2.01: lead and services meet pupil and parents at Stage 2; without a service although services are active
/// the minutes say why.
pub fn s2_01_meeting(facts: &Facts) -> Requirement {
    let mut asked = meeting(
        facts,
        MeetingKind::Stage2,
        "S2.01",
        "A Stage 2 meeting with pupil, parents and the services involved",
    );
    let services = facts
        .steps_of(|step| match step {
            Step::Services { names } => Some(names.len()),
            _ => None,
        })
        .next()
        .is_some_and(|(count, ..)| count > 0);
    let done = facts.meetings.iter().map(|(_, m)| m).rfind(|m| m.kind == MeetingKind::Stage2 && m.complete());
    if let Some(m) = done
        && services
        && !m.had(Part::SupportService)
    {
        let why = m.minutes.without_service.as_deref();
        asked.met = why.is_some();
        asked.says = why.map_or_else(
            || "No service came although services are involved, and no reason is given.".to_owned(),
            |why| format!("Held without a service: {why}"),
        );
    }
    asked
}

/// S2.03: the school advised that more serious sanctions are possible.
pub fn s2_03_sanctions_advised(facts: &Facts) -> Requirement {
    let (mut parents, mut pupil) = (false, false);
    for ((to_parents, to_pupil), ..) in facts.steps_of(|step| match step {
        Step::SanctionsAdvised { parents, pupil, .. } => Some((!parents.is_empty(), *pupil)),
        _ => None,
    }) {
        parents |= to_parents;
        pupil |= to_pupil;
    }
    check(
        "S2.03",
        "Parents and pupil advised what more serious sanctions could follow",
        parents && pupil,
        told_words(parents, pupil),
        Fix::Step(StepKind::SanctionsAdvised),
    )
}

/// S2.04: both halves of the reminder were said, to parents and pupil.
pub fn s2_04_outcomes_reminded(facts: &Facts) -> Requirement {
    let (mut improves, mut fails, mut parents, mut pupil) = (false, false, false, false);
    for ((better, worse, to_parents, to_pupil), ..) in facts.steps_of(|step| match step {
        Step::OutcomesReminded { if_improves, if_not, parents, pupil, .. } => {
            Some((*if_improves, *if_not, !parents.is_empty(), *pupil))
        }
        _ => None,
    }) {
        improves |= better;
        fails |= worse;
        parents |= to_parents;
        pupil |= to_pupil;
    }
    let says = if parents && pupil && improves != fails {
        "Only one of the two outcomes was said."
    } else {
        told_words(parents, pupil)
    };
    check(
        "S2.04",
        "A strong reminder of what follows if behaviour improves and if it does not",
        improves && fails && parents && pupil,
        says,
        Fix::Step(StepKind::OutcomesReminded),
    )
}

fn told_words(parents: bool, pupil: bool) -> &'static str {
    match (parents, pupil) {
        (true, true) => "Parents and the pupil were told.",
        (true, false) => "The pupil was not told yet.",
        (false, true) => "The parents were not told yet.",
        (false, false) => "Nobody was told yet.",
    }
}

/// 7.2 A1: why a case came straight to a higher stage, in words for the checklist.
pub fn direct_entry(case: &CaseState) -> Option<String> {
    match case.entry() {
        Some((stage, reason)) if stage > Stage::One => {
            let why = match reason {
                Entry::SeriousIncident => "after a serious incident",
                Entry::Continuation => "continuing from the school before",
                Entry::Concern => "without the stages before it",
            };
            Some(format!(
                "The case began at {stage} {why}. What the lower stages ask is still owed, on the lists below."
            ))
        }
        Some(_) | None => None,
    }
}
