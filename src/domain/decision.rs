//! The only maker of decisions: a command is weighed against the rules and either decided or refused, with
//! the whole list either way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    ids::IncidentId,
    moves::{self, Ground},
    rules::{Class, Requirement},
    stage::{CaseState, Ending, Entry, Event, Impossible, Stage, UpReason},
};

/// What somebody wants the programme to do with a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Open a case (S1.01, 7.2 A1).
    Open {
        /// At this stage.
        stage: Stage,
        /// Why.
        reason: Entry,
        /// The incident it rests on.
        incident: Option<IncidentId>,
        /// The headteacher states that a permanent exclusion may follow (S3.00).
        exclusion_in_view: bool,
    },
    /// Move a case up (S1.15, S3.00).
    MoveUp {
        /// To this stage.
        to: Stage,
        /// Why.
        reason: UpReason,
        /// The incident it rests on.
        incident: Option<IncidentId>,
        /// The headteacher states that a permanent exclusion may follow (S3.00).
        exclusion_in_view: bool,
    },
    /// Move a case down (7.2 A4).
    StepDown {
        /// To this stage.
        to: Stage,
    },
    /// Move the timescale of the targets on (S1.14).
    Extend {
        /// To this day.
        until: Date,
    },
    /// The pupil made progress and leaves the programme (S1.14, 7.2 A2, A3).
    Exit {
        /// Parents are told.
        told_parents: bool,
        /// The pupil is told.
        told_pupil: bool,
        /// The progress is recognised.
        recognised: bool,
    },
    /// End a case otherwise (7.2 A17, A19, A20).
    Close {
        /// How.
        ending: Ending,
    },
    /// Open an ended case again (7.2 A20).
    Reopen {
        /// At this stage.
        stage: Stage,
    },
}

impl Command {
    /// As it is stored with the decision.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::MoveUp { .. } => "move_up",
            Self::StepDown { .. } => "step_down",
            Self::Extend { .. } => "extend",
            Self::Exit { .. } => "exit",
            Self::Close { .. } => "close",
            Self::Reopen { .. } => "reopen",
        }
    }

    /// What happens when it is decided.
    pub const fn event(&self) -> Event {
        match self {
            Self::Open { stage, reason, .. } => Event::Opened { stage: *stage, reason: *reason },
            Self::MoveUp { to, reason, .. } => Event::MovedUp { to: *to, reason: *reason },
            Self::StepDown { to } => Event::SteppedDown { to: *to },
            Self::Extend { until } => Event::Extended { until: *until },
            Self::Exit { .. } => Event::Exited,
            Self::Close { ending } => Event::Closed { ending: *ending },
            Self::Reopen { stage } => Event::Reopened { stage: *stage },
        }
    }

    /// The stage ends as complete, so its checklist ends too (decision 1).
    const fn completes(&self) -> bool {
        match self {
            Self::Exit { .. } => true,
            Self::Open { .. }
            | Self::MoveUp { .. }
            | Self::StepDown { .. }
            | Self::Extend { .. }
            | Self::Close { .. }
            | Self::Reopen { .. } => false,
        }
    }

    /// A statutory power or a fact: nothing of the programme stops it (principle one of section 7).
    const fn is_statutory(&self) -> bool {
        matches!(self, Self::Close { ending: Ending::Excluded | Ending::Left | Ending::MovedOut })
    }
}

/// Reasons a named person gives for going on, by clause.
pub type Reasons = BTreeMap<String, String>;

/// What a requirement does to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Met.
    Met,
    /// Refuses it.
    Blocks,
    /// Refuses it until a reason is given.
    AsksWhy,
    /// Goes along, open, into what follows.
    Carried,
}

/// How a requirement stands to a command.
pub fn standing(requirement: &Requirement, command: &Command) -> Standing {
    match Standing::of(requirement) {
        Standing::AsksWhy if command.is_statutory() => Standing::Carried,
        Standing::Carried if command.completes() => Standing::Blocks,
        usual @ (Standing::Met | Standing::Blocks | Standing::AsksWhy | Standing::Carried) => usual,
    }
}

impl Standing {
    /// How a requirement stands to what is no move: a must blocks, a should asks why, the rest goes along.
    pub const fn of(requirement: &Requirement) -> Self {
        match (requirement.met, requirement.class) {
            (true, _) => Self::Met,
            (false, Class::Must) => Self::Blocks,
            (false, Class::Should) => Self::AsksWhy,
            (false, Class::Check | Class::Consider) => Self::Carried,
        }
    }
}

/// The reason given for a requirement, when there is one.
fn given<'a>(reasons: &'a Reasons, r: &Requirement) -> Option<&'a str> {
    reasons.get(r.clause).map(|reason| reason.trim()).filter(|reason| !reason.is_empty())
}

/// Weighs what is no move: the reasons to keep, or the list again when a must is not met or a reason is missing.
pub fn weigh(requirements: Vec<Requirement>, reasons: &Reasons) -> Result<Reasons, Vec<Requirement>> {
    let allowed = requirements.iter().all(|r| match Standing::of(r) {
        Standing::Met | Standing::Carried => true,
        Standing::AsksWhy => given(reasons, r).is_some(),
        Standing::Blocks => false,
    });
    if !allowed {
        return Err(requirements);
    }
    let unmet = requirements.iter().filter(|r| !r.met);
    Ok(unmet.filter_map(|r| Some((r.clause.to_owned(), given(reasons, r)?.to_owned()))).collect())
}

/// The rules allow it. Only [`decide`] makes one; writing a stage asks for it.
#[derive(Clone, Debug)]
pub struct Decision {
    command: Command,
    after: CaseState,
    requirements: Vec<Requirement>,
    reasons: Reasons,
    unexplained: Vec<String>,
}

impl Decision {
    /// What was decided.
    pub const fn command(&self) -> &Command {
        &self.command
    }

    /// Where the case stands afterwards.
    pub const fn after(&self) -> &CaseState {
        &self.after
    }

    /// The list as it stood.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Reasons given for clauses that were not met.
    pub const fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    /// Clauses that should have been met and were not, for which nobody gave a reason: a statutory step was not
    /// held up for it, and the reason is owed.
    pub fn unexplained(&self) -> &[String] {
        &self.unexplained
    }

    /// Checklist clauses that go along open.
    pub fn carried(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(|r| standing(r, &self.command) == Standing::Carried)
    }
}

/// The rules do not allow it yet: the whole list, met or not.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Every requirement.
    pub requirements: Vec<Requirement>,
    command: Command,
}

impl Refusal {
    /// A refusal made of one requirement, for what only the database can see.
    pub fn of(command: Command, requirement: Requirement) -> Self {
        Self { requirements: vec![requirement], command }
    }

    /// Nothing but reasons is missing.
    pub fn only_needs_reasons(&self) -> bool {
        self.requirements.iter().all(|r| standing(r, &self.command) != Standing::Blocks)
    }
}

/// Weighs a command on the ground it stands on. A must that is not met refuses it; a should that is not met
/// refuses it until somebody gives a reason; a checklist clause refuses only what ends a stage as complete.
/// Reasons for clauses that are met are not kept.
pub fn decide(command: &Command, reasons: &Reasons, on: &Ground<'_>) -> Result<Decision, Refusal> {
    let requirements = moves::asks(command, on);
    let allowed = requirements.iter().all(|r| match standing(r, command) {
        Standing::Met | Standing::Carried => true,
        Standing::AsksWhy => given(reasons, r).is_some(),
        Standing::Blocks => false,
    });
    let after: Result<CaseState, Impossible> = on.case.after(&command.event(), on.today);
    let (true, Ok(after)) = (allowed, after) else {
        return Err(Refusal { requirements, command: command.clone() });
    };
    let unmet = || requirements.iter().filter(|r| !r.met);
    let kept = unmet().filter_map(|r| Some((r.clause.to_owned(), given(reasons, r)?.to_owned()))).collect();
    let unexplained = unmet()
        .filter(|r| r.class == Class::Should && given(reasons, r).is_none())
        .map(|r| r.clause.to_owned())
        .collect();
    Ok(Decision { command: command.clone(), after, requirements, reasons: kept, unexplained })
}
