//! The only maker of decisions: a command is weighed against the rules and either decided or refused, with
//! the whole list either way.

use std::collections::BTreeMap;

use super::{
    policy::ProgrammePolicy,
    rules::{self, Class, OpeningFacts, Requirement},
};

/// What somebody wants the programme to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a case at Stage 1.
    OpenAtStage1(OpeningFacts),
}

impl Command {
    /// As it is stored with the decision.
    fn name(&self) -> &'static str {
        match self {
            Self::OpenAtStage1(_) => "open_at_stage_1",
        }
    }
}

/// Reasons a named person gives for going on, by clause.
pub type Reasons = BTreeMap<String, String>;

/// The rules allow it. Only [`decide`] makes one; writing a stage asks for it.
#[derive(Clone, Debug)]
pub struct Decision {
    command: &'static str,
    requirements: Vec<Requirement>,
    reasons: Reasons,
}

impl Decision {
    /// What was decided.
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// The list as it stood.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Reasons given for clauses that were not met.
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }
}

/// The rules do not allow it yet: the whole list, met or not.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Every requirement.
    pub requirements: Vec<Requirement>,
}

impl Refusal {
    /// Nothing but reasons is missing.
    pub fn only_needs_reasons(&self) -> bool {
        self.requirements.iter().all(|r| r.met || r.class != Class::Must)
    }
}

/// Weighs a command. A must that is not met refuses it; a should that is not met refuses it until somebody
/// gives a reason. Reasons for clauses that are met are not kept.
pub fn decide(command: &Command, reasons: &Reasons, policy: &ProgrammePolicy) -> Result<Decision, Refusal> {
    let requirements = match command {
        Command::OpenAtStage1(facts) => rules::opening_at_stage_1(facts, policy),
    };
    let given = |r: &Requirement| reasons.get(r.clause).is_some_and(|reason| !reason.trim().is_empty());
    let allowed = requirements.iter().all(|r| r.met || (r.class != Class::Must && given(r)));
    if !allowed {
        return Err(Refusal { requirements });
    }
    let kept = requirements
        .iter()
        .filter(|r| !r.met)
        .filter_map(|r| reasons.get(r.clause).map(|reason| (r.clause.to_owned(), reason.clone())))
        .collect();
    Ok(Decision { command: command.name(), requirements, reasons: kept })
}
