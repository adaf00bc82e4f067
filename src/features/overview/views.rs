//! Words of the headteacher's page.

use std::collections::BTreeSet;

use time::Date;

use super::queries::{DelegationRow, NoticeRow, StageCount, Waiting};
use crate::{
    db::{Trace, exclusions::Owing},
    domain::{
        dates,
        decision::Command,
        duties::Duty,
        ids::{PupilId, SchoolId},
        pupil::display_name,
        stage::Stage,
        text,
    },
    state::london,
    web::urls,
};

/// An exclusion about which something is owed (S3.02).
pub struct OwingLine {
    pub href: String,
    pub name: String,
    pub school: Option<String>,
    pub title: String,
    pub next: String,
    pub by: String,
    pub more: usize,
    pub overdue: usize,
}

/// Nothing is owed but the report to the governing board for the term (N8), and its day is not past.
pub fn only_the_report(owing: &Owing, today: Date) -> bool {
    match owing.duties.as_slice() {
        [only] => only.what.clause() == "N8" && only.due_on >= today && !owing.explanation,
        _ => false,
    }
}

/// Those that owe nothing else, in one sentence: one by one they would hide what is urgent.
pub fn reports(owing: &[Owing]) -> Option<String> {
    let by = owing.iter().filter_map(|owing| owing.duties.first()).map(|duty| duty.due_on).min()?;
    Some(match owing.len() {
        1 => format!("One suspension owes only the report to the governing board, by {}.", dates::full(by)),
        n => format!(
            "{n} suspensions owe only the report to the governing board, the first by {}.",
            dates::full(by)
        ),
    })
}

/// P2.03a: owed when an exclusion was not preceded by Stage 3.
pub const EXPLAIN: &str = "Say why Stage 3 was not considered first";

/// A step after an exclusion, beside the exclusion's title.
pub fn step(owing: &Owing, duty: &Duty) -> String {
    text::capital(duty.what.words().trim_start_matches(&format!("{}: ", owing.title)))
}

impl OwingLine {
    /// With what is owed next.
    pub fn of(owing: &Owing, place: Place<'_>, today: Date) -> Self {
        let next = owing.duties.first();
        Self {
            href: urls::exclusion(owing.exclusion),
            name: owing.name.clone(),
            school: place(owing.school),
            title: owing.title.clone(),
            next: next.map_or_else(|| EXPLAIN.to_owned(), |duty| step(owing, duty)),
            by: next.map_or_else(String::new, |duty| dates::full(duty.due_on)),
            more: (owing.duties.len() + usize::from(owing.explanation)).saturating_sub(1),
            overdue: owing.duties.iter().filter(|duty| duty.due_on < today).count(),
        }
    }
}

/// What the headteacher is told about a pupil (P2.01).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Opened,
    Moved,
    SteppedDown,
    Extended,
    Exited,
    Closed,
    Reopened,
    Proposed,
    FeedbackMissed,
    Outcome,
    Suspended,
    Excluded,
    ExclusionCancelled,
    Overdue,
}

impl Told {
    /// From how a notice stores it.
    fn from_stored(kind: &str) -> Option<Self> {
        match kind {
            "opened" => Some(Self::Opened),
            "moved" => Some(Self::Moved),
            "stepped_down" => Some(Self::SteppedDown),
            "extended" => Some(Self::Extended),
            "exited" => Some(Self::Exited),
            "closed" => Some(Self::Closed),
            "reopened" => Some(Self::Reopened),
            "proposed" => Some(Self::Proposed),
            "outcome" => Some(Self::Outcome),
            "feedback_missed" => Some(Self::FeedbackMissed),
            "suspended" => Some(Self::Suspended),
            "excluded" => Some(Self::Excluded),
            "exclusion_cancelled" => Some(Self::ExclusionCancelled),
            "overdue" => Some(Self::Overdue),
            _ => None,
        }
    }

    /// As the headteacher reads it.
    const fn words(self) -> &'static str {
        match self {
            Self::Opened => "A case was opened",
            Self::Moved => "The case moved to a higher stage",
            Self::SteppedDown => "The case stepped down to a lower stage",
            Self::Extended => "The targets were given more time",
            Self::Exited => "The pupil made progress and left the programme",
            Self::Closed => "The case was closed",
            Self::Reopened => "The case was opened again",
            Self::Proposed => "A decision was asked of you",
            Self::Outcome => "An outcome of Stage 3 was decided",
            // S1.12: told after two weeks.
            Self::FeedbackMissed => "Parents had no feedback for two weeks",
            Self::Suspended => "The pupil was suspended",
            Self::Excluded => "The pupil was permanently excluded",
            Self::ExclusionCancelled => "A suspension or exclusion was cancelled",
            Self::Overdue => "Overdue",
        }
    }
}

/// A school's name, when the person has more than one.
pub type Place<'a> = &'a dyn Fn(SchoolId) -> Option<String>;

/// The names of these schools, when there are several.
pub fn place(schools: &[(SchoolId, String)]) -> impl Fn(SchoolId) -> Option<String> + '_ {
    move |school| {
        (schools.len() > 1)
            .then(|| schools.iter().find(|(id, _)| *id == school).map(|(_, name)| name.clone()))
            .flatten()
    }
}

/// What a page about these pupils leaves in the audit trail.
pub fn trace(schools: &[(SchoolId, String)], pupils: impl Iterator<Item = PupilId>) -> Trace {
    Trace {
        school: if let [(school, _)] = schools { Some(*school) } else { None },
        pupils: pupils.collect::<BTreeSet<_>>().into_iter().collect(),
        ..Trace::default()
    }
}

/// "1 duty overdue", "5 duties overdue"
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// "5 steps after a suspension or exclusion are overdue", when there are any.
pub fn steps_late(steps: usize) -> Option<String> {
    let one = "step after a suspension or exclusion is overdue";
    let many = "steps after a suspension or exclusion are overdue";
    (steps > 0).then(|| counted(steps, one, many))
}

/// A move that waits.
pub struct WaitingLine {
    pub href: String,
    pub name: String,
    pub school: Option<String>,
    pub what: String,
    pub words: String,
    pub by: String,
    pub since: String,
}

impl WaitingLine {
    pub fn of(row: &Waiting, place: Place<'_>) -> Self {
        Self {
            href: urls::stage(row.case),
            name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
            school: place(row.school),
            what: proposed(&row.command, row.stage),
            words: row.words.clone(),
            by: row.by.clone(),
            since: dates::short(row.proposed_on),
        }
    }
}

/// What a stored command asks for, for a case that is at `stage`. A command this page does not know yet is still
/// shown, with its reasons and the way to it.
fn proposed(command: &Command, stage: i16) -> String {
    match command {
        Command::Open { stage, .. } => format!("Open a case at {stage}"),
        Command::MoveUp { to, reason, .. } => format!("Move from Stage {stage} to {to}. {}", reason.label()),
        Command::StepDown { to } => format!("Step down from Stage {stage} to {to}"),
        Command::Extend { .. } => "Give the targets more time".to_owned(),
        Command::Exit { .. } => "Leave the programme: progress made".to_owned(),
        Command::Close { ending } => format!("Close the case. {}", ending.label()),
        Command::Reopen { stage } => format!("Open the case again at {stage}"),
    }
}

/// Something the headteacher was told.
pub struct NoticeLine {
    pub href: String,
    pub name: String,
    pub school: Option<String>,
    /// As it is stored.
    pub kind: String,
    pub what: String,
    pub now: String,
    pub on: String,
    /// None: nobody opened it before this page.
    pub opened: Option<String>,
}

impl NoticeLine {
    pub fn of(row: &NoticeRow, place: Place<'_>) -> Self {
        let opened = row.seen_at.map(london).map(|at| {
            let by = row.seen_by.as_deref().unwrap_or("somebody");
            format!("{} at {}, {by}", dates::short(at.date()), dates::time_of_day(at.time()))
        });
        let told = Told::from_stored(&row.kind);
        Self {
            // A move is decided where the case's stage is explained.
            href: if told == Some(Told::Proposed) { urls::stage(row.case) } else { urls::case(row.case) },
            name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
            school: place(row.school),
            kind: row.kind.clone(),
            what: match (told.map_or("Something changed", Told::words), &row.words) {
                (what, Some(words)) => format!("{what}: {words}"),
                (what, None) => what.to_owned(),
            },
            now: match row.closed_on {
                None => format!("Stage {}", row.stage),
                Some(day) => format!("Closed on {}", dates::short(day)),
            },
            on: dates::short(row.made_on),
            opened,
        }
    }
}

/// How many pupils are at each stage. Of somebody with several schools, the link goes to the list of this one.
pub fn stages(counts: &[StageCount], school: SchoolId, of_several: bool) -> Vec<(String, String, String)> {
    Stage::ALL
        .into_iter()
        .map(|stage| {
            let here = |count: &&StageCount| count.school == school && count.stage == stage.number();
            let pupils = match counts.iter().find(here).map_or(0, |count| count.cases) {
                1 => "1 pupil".to_owned(),
                n => format!("{n} pupils"),
            };
            let at = stage.number();
            let href = if of_several { urls::caseload_at(school, at) } else { urls::cases_at(at) };
            (stage.to_string(), pupils, href)
        })
        .collect()
}

/// Somebody who decides in the headteacher's place.
pub struct DelegateLine {
    pub name: String,
    pub days: String,
    /// They can decide today.
    pub live: bool,
    /// Where it is ended, by somebody who may.
    pub end: Option<String>,
}

impl DelegateLine {
    pub fn of(row: &DelegationRow, may_end: bool, today: Date) -> Self {
        Self {
            name: row.name.clone(),
            days: match row.to_on {
                Some(to) => dates::range(row.from_on, to),
                None => format!("from {}, with no end", dates::long(row.from_on)),
            },
            live: row.from_on <= today,
            end: may_end.then(|| urls::end_delegation(row.id)),
        }
    }
}
