//! Stage 3: every alternative to a permanent exclusion considered, the outcomes agreed, and the parents' formal
//! agreement sought for each of them (S3.04, S3.05, P2.03b).

use time::Date;

use super::{
    dates,
    facts::{ContactFact, Facts},
    moves::Ground,
    pupil::YearGroup,
    rules::{Class, Fix, Requirement},
    stage::{CaseState, Stage, words},
};

words! {
    /// What Stage 3 can come to instead of a permanent exclusion (S3.04): any of them, together or alone.
    Alternative {
        /// A last resort (P2.03b): a managed move, or an off-site direction to begin with.
        SupportedTransfer = "supported_transfer", "Supported transfer";
        /// Back to school with a plan.
        ReInduction = "re_induction", "Re-induction to school";
        /// With the pupil referral unit or the behaviour support team; open to every year.
        JointPlanning = "joint_planning", "Joint planning or delivery with the PRU or behaviour support";
        /// Part of a flexible programme.
        WorkToLearn = "work_to_learn", "Work to Learn";
        /// Part of a flexible programme.
        College = "college", "College provision";
        /// Part of a flexible programme: a referral to the pupil referral unit.
        PruReferral = "pru_referral", "PRU referral";
        /// Something else the meeting thought of.
        Other = "other", "Something else";
    }
}

impl Alternative {
    /// Whether it is for Key Stage 4 only: the whole flexible programme (7.1, our reading R2).
    pub const fn key_stage_4_only(self) -> bool {
        match self {
            Self::WorkToLearn | Self::College | Self::PruReferral => true,
            Self::SupportedTransfer | Self::ReInduction | Self::JointPlanning | Self::Other => false,
        }
    }

    /// The programme names it, so that it is considered, one way or the other, in every case at Stage 3.
    pub const fn named(self) -> bool {
        !matches!(self, Self::Other)
    }

    /// What whoever considers it should know.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::SupportedTransfer => {
                "A last resort. A managed move is for good and needs a parent’s agreement; an off-site direction \
                 ends on a day"
            }
            Self::ReInduction => "Back to lessons with a plan: who meets the pupil, what is different",
            Self::JointPlanning => "For every year, also before Key Stage 4",
            Self::WorkToLearn | Self::College | Self::PruReferral => {
                "Key Stage 4 only: the first day must be in Year 10 or 11"
            }
            Self::Other => "Only if the meeting thought of something else",
        }
    }
}

words! {
    /// How a supported transfer is made: the two lawful ways since 26 July 2026. There is no trial (domain 3.3).
    Route {
        /// For good, and voluntary.
        ManagedMove = "managed_move", "Managed move";
        /// For a time, on both schools' rolls, to improve behaviour.
        OffSite = "off_site", "Off-site direction first";
    }
}

words! {
    /// Where an alternative stands.
    Status {
        /// Considered or not, and not chosen.
        NotChosen = "not_chosen", "Not chosen";
        /// Chosen; parents are asked.
        Proposed = "proposed", "Proposed";
        /// The headteacher agreed it.
        Agreed = "agreed", "Agreed";
        /// It was not agreed after all.
        Declined = "declined", "Not agreed";
        /// It was agreed and is stopped before its end.
        Stopped = "stopped", "Stopped";
        /// It ran its course and was reviewed.
        Ended = "ended", "Ended";
    }
}

impl Status {
    /// It is being worked on.
    pub const fn live(self) -> bool {
        matches!(self, Self::Proposed | Self::Agreed)
    }
}

/// What was chosen: how, by whom, from when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What exactly, and who provides it.
    pub words: String,
    /// Of a supported transfer.
    pub route: Option<Route>,
    /// Of a supported transfer: why nothing else will do (P2.03b).
    pub last_resort: Option<String>,
    /// The first day.
    pub starts_on: Date,
    /// When somebody looks whether it helps.
    pub review_on: Date,
    /// The last day, when there is one.
    pub ends_on: Option<Date>,
}

/// An alternative of the case's present entry to Stage 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternativeFact {
    /// Which.
    pub kind: Alternative,
    /// The meeting considered it. "Not considered, because ..." is an answer too.
    pub considered: bool,
    /// Where it stands.
    pub status: Status,
    /// What was chosen.
    pub plan: Option<Plan>,
}

words! {
    /// A parent's answer about one outcome.
    Answer {
        /// Agrees.
        Agreed = "agreed", "Agrees";
        /// Does not agree.
        Declined = "declined", "Does not agree";
        /// Wants to think about it.
        WantsTime = "wants_time", "Wants time to think";
        /// Was asked and has not answered.
        NoReply = "no_reply", "No reply yet";
    }
}

/// The latest that is known of a parent about one outcome (S3.05). Agreement is recorded, never assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementFact {
    /// Whose.
    pub contact: super::ids::ContactId,
    /// About what.
    pub kind: Alternative,
    /// Their answer.
    pub answer: Answer,
    /// When they were asked.
    pub asked_on: Date,
    /// When to ask again, if they want time or did not reply.
    pub ask_again_on: Option<Date>,
}

/// A requirement that is put right on the pages of Stage 3.
pub(super) fn of_stage_3(
    clause: &'static str,
    asks: &'static str,
    class: Class,
    met: bool,
    says: impl Into<String>,
) -> Requirement {
    Requirement::of_school(clause, asks, class, met, says, Fix::Stage3)
}

/// What the programme asks before an outcome is agreed: every requirement, met or not. `year_at_start`: the
/// pupil's actual year on the plan's first day.
pub fn asks(kind: Alternative, plan: &Plan, year_at_start: YearGroup, on: &Ground<'_>) -> Vec<Requirement> {
    // Stage 3 decisions are the headteacher's, or of somebody they named.
    let mut list = vec![super::moves::a8_headteacher(on.facts), at_stage_3(kind, on.case)];
    if kind.key_stage_4_only() {
        list.push(s3_04_key_stage_4(year_at_start));
        list.push(s3_04_not_before(plan.starts_on, year_at_start, on.facts.pupil.year));
    }
    if kind == Alternative::SupportedTransfer {
        list.extend([
            p2_03b_last_resort(plan),
            p2_03b_others_considered(on.facts),
            s3_04_no_contradiction(on.facts),
        ]);
    }
    match plan.route {
        Some(Route::ManagedMove) => {
            list.extend([s3_05_a_parent_agrees(on.facts), s3_05_no_parent_disagrees(kind, on.facts)]);
        }
        Some(Route::OffSite) => list.push(s3_05_views_sought(kind, on.facts)),
        None => list.push(s3_05_sought(kind, on.facts)),
    }
    list
}

/// P2.03b, S3.04: an outcome is agreed while the case is at Stage 3, a supported transfer never before.
pub fn at_stage_3(kind: Alternative, case: &CaseState) -> Requirement {
    let at = match case {
        CaseState::Open { stage, .. } => Some(*stage),
        CaseState::None | CaseState::Ended { .. } => None,
    };
    let says = match at {
        Some(stage) => format!("The case is at {stage}."),
        None => "The case is not open.".to_owned(),
    };
    let (clause, asks) = match kind {
        Alternative::SupportedTransfer => ("P2.03b", "A supported transfer is only agreed at Stage 3"),
        _ => ("S3.04-stage", "An outcome of Stage 3 is agreed at Stage 3"),
    };
    of_stage_3(clause, asks, Class::Must, at == Some(Stage::Three), says)
}

/// P2.03b: why nothing else will do, in words.
pub fn p2_03b_last_resort(plan: &Plan) -> Requirement {
    let said = plan.last_resort.is_some();
    of_stage_3(
        "P2.03b-last",
        "A supported transfer is a last resort: why nothing else will do",
        Class::Must,
        said,
        if said { "It is written down." } else { "It is not written down yet." },
    )
}

/// P2.03b, S3.04: every other alternative the programme names was looked at, with a reason for each.
pub fn p2_03b_others_considered(facts: &Facts) -> Requirement {
    let open = unconsidered(facts).into_iter().filter(|kind| *kind != Alternative::SupportedTransfer);
    let open: Vec<_> = open.map(Alternative::label).collect();
    of_stage_3(
        "P2.03b-others",
        "Every other alternative was considered, with the reason why not",
        Class::Must,
        open.is_empty(),
        if open.is_empty() { "All are.".to_owned() } else { format!("Not yet: {}.", open.join(", ")) },
    )
}

/// Alternatives the programme names of which nothing is said yet.
pub fn unconsidered(facts: &Facts) -> Vec<Alternative> {
    Alternative::ALL
        .iter()
        .copied()
        .filter(|kind| kind.named() && !facts.alternatives.iter().any(|fact| fact.kind == *kind))
        .collect()
}

/// S3.04, 7.1: Work to Learn, college and a PRU referral begin in Key Stage 4.
pub fn s3_04_key_stage_4(year_at_start: YearGroup) -> Requirement {
    of_stage_3(
        "S3.04-KS4",
        "Work to Learn, college and PRU referral are for Key Stage 4",
        Class::Must,
        year_at_start.key_stage() == Some(4),
        format!("The pupil is in {year_at_start} on the first day."),
    )
}

/// 7.1: agreed before Key Stage 4 for a first day in it: a reason shows that nobody means to begin earlier.
pub fn s3_04_not_before(starts_on: Date, year_at_start: YearGroup, year_now: YearGroup) -> Requirement {
    let early = year_now.key_stage() != Some(4) && year_at_start.key_stage() == Some(4);
    of_stage_3(
        "S3.04-start",
        "The pupil is in Key Stage 4 already",
        Class::Should,
        !early,
        if early {
            format!("The pupil is in {year_now} now. It must not begin before {}.", dates::long(starts_on))
        } else {
            format!("The pupil is in {year_now}.")
        },
    )
}

/// S3.04: a supported transfer and a re-induction to this school contradict each other.
pub fn s3_04_no_contradiction(facts: &Facts) -> Requirement {
    let re_induction =
        facts.alternatives.iter().any(|fact| fact.kind == Alternative::ReInduction && fact.status.live());
    of_stage_3(
        "S3.04-both",
        "A supported transfer and a re-induction to this school are not chosen together",
        Class::Should,
        !re_induction,
        if re_induction { "Re-induction is chosen too." } else { "Re-induction is not chosen." },
    )
}

/// Everybody with parental responsibility, and their latest answer about an outcome.
pub fn answers(kind: Alternative, facts: &Facts) -> Vec<(&ContactFact, Option<&AgreementFact>)> {
    let of = |contact: &ContactFact| {
        facts.agreements.iter().rfind(|fact| fact.kind == kind && fact.contact == contact.id)
    };
    facts.contacts.iter().filter(|c| c.parental_responsibility).map(|c| (c, of(c))).collect()
}

fn says_of(kind: Alternative, facts: &Facts) -> String {
    let all = answers(kind, facts);
    if all.is_empty() {
        return "Nobody with parental responsibility is recorded.".to_owned();
    }
    let each = all.into_iter().map(|(contact, answer)| match answer {
        Some(fact) => format!("{}: {}.", contact.name, super::text::within(fact.answer.label())),
        None if contact.no_contact => format!("{}: contact is forbidden.", contact.name),
        None => format!("{}: not asked.", contact.name),
    });
    each.collect::<Vec<_>>().join(" ")
}

/// S3.05: a managed move is voluntary. Somebody with parental responsibility agrees.
pub fn s3_05_a_parent_agrees(facts: &Facts) -> Requirement {
    let kind = Alternative::SupportedTransfer;
    let agrees = answers(kind, facts)
        .iter()
        .any(|(_, answer)| answer.is_some_and(|fact| fact.answer == Answer::Agreed));
    let asked = of_stage_3(
        "S3.05",
        "Somebody with parental responsibility agrees to the managed move",
        Class::Must,
        agrees,
        says_of(kind, facts),
    );
    left_to_the_parents(asked, kind, facts)
}

/// Nobody at school puts right that a parent said no: where everybody who did not agree has declined, no one is named.
fn left_to_the_parents(asked: Requirement, kind: Alternative, facts: &Facts) -> Requirement {
    let all = answers(kind, facts);
    let said =
        |answer: Answer| all.iter().filter(move |(_, fact)| fact.is_some_and(|f| f.answer == answer)).count();
    let declined = said(Answer::Declined);
    let settled = declined > 0 && declined + said(Answer::Agreed) == all.len();
    if settled { Requirement { who: Vec::new(), ..asked } } else { asked }
}

/// S3.05: another parent who disagrees, or whose answer is not known, asks for a reason.
pub fn s3_05_no_parent_disagrees(kind: Alternative, facts: &Facts) -> Requirement {
    let all = answers(kind, facts);
    let unanimous = !all.is_empty()
        && all.iter().all(|(_, answer)| answer.is_some_and(|fact| fact.answer == Answer::Agreed));
    let asked = of_stage_3(
        "S3.05-all",
        "Everybody with parental responsibility agrees",
        Class::Should,
        unanimous,
        says_of(kind, facts),
    );
    left_to_the_parents(asked, kind, facts)
}

/// S3.05: an off-site direction needs no consent; the parents' views are sought, and going on against them asks
/// for a reason.
pub fn s3_05_views_sought(kind: Alternative, facts: &Facts) -> Requirement {
    Requirement {
        asks: "The parents’ views were sought, and they agree",
        ..s3_05_no_parent_disagrees(kind, facts)
    }
}

/// S3.05: formal agreement is sought of everybody with parental responsibility whom nothing forbids to contact.
/// What they answer is recorded, and no answer holds anything up.
pub fn s3_05_sought(kind: Alternative, facts: &Facts) -> Requirement {
    let asked = sought(kind, facts);
    of_stage_3(
        "S3.05-sought",
        "The parents’ formal agreement was sought",
        Class::Check,
        asked,
        says_of(kind, facts),
    )
}

fn sought(kind: Alternative, facts: &Facts) -> bool {
    let mut entitled = answers(kind, facts).into_iter().filter(|(contact, _)| contact.entitled()).peekable();
    entitled.peek().is_some() && entitled.all(|(_, answer)| answer.is_some())
}

/// S3.04 on the checklist: nothing the programme names is left blank.
pub fn s3_04_considered(facts: &Facts) -> Requirement {
    let open = unconsidered(facts);
    let named = Alternative::ALL.iter().filter(|kind| kind.named()).count();
    of_stage_3(
        "S3.04",
        "Every alternative to a permanent exclusion considered with pupil and parents",
        Class::Check,
        open.is_empty(),
        format!("{} of {named} are.", named - open.len()),
    )
}

/// S3.05 on the checklist: agreement sought for every outcome that is chosen. Nothing chosen: nothing to seek yet.
pub fn s3_05_sought_for_all(facts: &Facts) -> Requirement {
    let chosen =
        || facts.alternatives.iter().filter(|fact| fact.status.live() || fact.status == Status::Ended);
    let open: Vec<_> =
        chosen().filter(|fact| !sought(fact.kind, facts)).map(|fact| fact.kind.label()).collect();
    of_stage_3(
        "S3.05-sought",
        "The parents’ formal agreement sought for the outcomes",
        Class::Check,
        chosen().next().is_some() && open.is_empty(),
        match (chosen().next().is_some(), open.is_empty()) {
            (false, _) => "No outcome is chosen yet.".to_owned(),
            (true, true) => "Everybody was asked.".to_owned(),
            (true, false) => format!("Not sought yet for: {}.", open.join(", ")),
        },
    )
}

/// 7.2 A3: a case leaves Stage 3 with progress once its outcomes were reviewed.
pub fn a3_outcomes_reviewed(facts: &Facts) -> Requirement {
    let open: Vec<_> =
        facts.alternatives.iter().filter(|f| f.status.live()).map(|fact| fact.kind.label()).collect();
    of_stage_3(
        "A3",
        "The outcomes of Stage 3 were reviewed and ended",
        Class::Must,
        open.is_empty(),
        if open.is_empty() {
            "None is left open.".to_owned()
        } else {
            format!("Still open: {}.", open.join(", "))
        },
    )
}

/// S3.03: everybody who was at a meeting before is asked to the review meeting, and says something there or in
/// writing, or could not.
pub fn s3_03_everybody_asked(facts: &Facts) -> Requirement {
    let (mut before, mut asked) = (Vec::new(), Vec::new());
    for (_, meeting) in &facts.meetings {
        let list = if meeting.kind == super::meeting::MeetingKind::Stage3 { &mut asked } else { &mut before };
        if !meeting.cancelled
            && (meeting.held_on.is_some() || meeting.kind == super::meeting::MeetingKind::Stage3)
        {
            list.extend(meeting.asked.iter());
        }
    }
    let missing: Vec<_> = {
        let mut names: Vec<_> = before
            .into_iter()
            .filter(|who| !asked.iter().any(|other| other.key == who.key))
            .map(|who| who.name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    };
    Requirement {
        fix: Fix::Meeting(super::meeting::MeetingKind::Stage3),
        ..of_stage_3(
            "S3.03-input",
            "Everybody who was at an earlier meeting is asked for their part in the review",
            Class::Check,
            missing.is_empty(),
            if missing.is_empty() {
                "Everybody is.".to_owned()
            } else {
                format!("Not asked: {}.", missing.join(", "))
            },
        )
    }
}

/// Why what was typed for a plan will not do: field and message.
pub fn faults(kind: Alternative, plan: &Plan, today: Date) -> Vec<(&'static str, String)> {
    let mut list = Vec::new();
    if (kind == Alternative::SupportedTransfer) != plan.route.is_some() {
        list.push(("route", "Choose how the supported transfer is made".to_owned()));
    }
    if plan.starts_on > today + time::Duration::days(366) {
        list.push(("starts_on", "The first day must be within a year from today".to_owned()));
    }
    if plan.review_on <= plan.starts_on {
        list.push(("review_on", "The review day must be after the first day".to_owned()));
    }
    if plan.ends_on.is_some_and(|ends| ends < plan.starts_on) {
        list.push(("ends_on", "The last day must not be before the first day".to_owned()));
    }
    list
}
