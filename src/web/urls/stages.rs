//! Where a case stands, its moves and steps.

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{CaseId, ProposalId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

/// Where a case stands: its checklist, what waits, and the moves there are.
pub static STAGE_SHOW: RouteSpec =
    get("stage", "/cases/{case}/stage", Capability::SeeWholeCase, CASE, Audit::Read);
/// A move with what it asks, on a day of one's choice.
pub static MOVE_NEW: RouteSpec =
    get("move_form", "/cases/{case}/stage/move", Capability::ProposeMoves, CASE, Audit::Read);
/// Decides a move, or proposes it to the headteacher.
pub static MOVE_CREATE: RouteSpec = post(
    "move",
    "/cases/{case}/stage/move",
    Capability::ProposeMoves,
    &[("case", IdOf::Case), ("incident", IdOf::Incident)],
    &[
        "to",
        "why",
        "incident",
        "exclusion_in_view",
        "until.*",
        "told_parents",
        "told_pupil",
        "recognised",
        "words",
        "reason.*",
    ],
    Audit::Write,
);
/// Answers a proposal: confirms, declines or withdraws it.
pub static PROPOSAL_ANSWER: RouteSpec = post(
    "answer_proposal",
    "/cases/{case}/proposals/{proposal}",
    Capability::ProposeMoves,
    &[("case", IdOf::Case), ("proposal", IdOf::Proposal)],
    &["answer", "words"],
    Audit::Write,
);
/// The form to record a step of the programme.
pub static STEP_NEW: RouteSpec =
    get("step_form", "/cases/{case}/steps/new", Capability::RecordExplanation, CASE, Audit::Read);
/// Records a step of the programme.
pub static STEP_CREATE: RouteSpec = post(
    "record_step",
    "/cases/{case}/steps/new",
    Capability::RecordExplanation,
    CASE,
    &[
        "kind",
        "on_date.*",
        "decision",
        "why",
        "reference",
        "lead_professional",
        "by_la",
        "by",
        "parents+",
        "pupil",
        "how",
        "attempts",
        "audience",
        "language",
        "parent",
        "state",
        "words",
        "until",
        "appropriate",
        "safeguarding_asked",
        "what",
        "policy",
        "if_improves",
        "if_not",
        "incident",
        "move_to_3",
        "who",
        "names",
        "settled",
        "clause",
    ],
    Audit::Write,
);

/// Where a case stands, and why it can or cannot move.
pub fn stage(case: CaseId) -> String {
    format!("/cases/{case}/stage")
}

/// A move of a case: "up2", "exit" and so on.
pub fn a_move(case: CaseId, to: &str) -> String {
    format!("/cases/{case}/stage/move?to={to}")
}

/// Answers a proposal.
pub fn proposal(case: CaseId, proposal: ProposalId) -> String {
    format!("/cases/{case}/proposals/{proposal}")
}

/// The form to record a step of this kind.
pub fn step(case: CaseId, kind: &str) -> String {
    format!("/cases/{case}/steps/new?kind={kind}")
}
