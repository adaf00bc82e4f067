//! Stage 3: alternatives and the parents' answers.

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{CaseId, ContactId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const ALTERNATIVE_FIELDS: &[&str] = &[
    "considered",
    "pupil_view",
    "parent_view",
    "why",
    "chosen",
    "route",
    "last_resort",
    "plan",
    "starts_on.*",
    "review_on.*",
    "ends_on.*",
    "version",
];
const AGREEMENT: &[(&str, IdOf)] = &[("case", IdOf::Case), ("contact", IdOf::Contact)];
/// What the case came to at Stage 3.
pub static STAGE_3: RouteSpec =
    get("stage_3", "/cases/{case}/stage-3", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form about one alternative to a permanent exclusion.
pub static ALTERNATIVE_FORM: RouteSpec = get(
    "alternative_form",
    "/cases/{case}/stage-3/{alternative}",
    Capability::RecordSteps,
    CASE,
    Audit::Read,
);
/// Writes it down.
pub static ALTERNATIVE_SAVE: RouteSpec = post(
    "save_alternative",
    "/cases/{case}/stage-3/{alternative}",
    Capability::RecordSteps,
    CASE,
    ALTERNATIVE_FIELDS,
    Audit::Write,
);
/// What the programme asks before an outcome is agreed.
pub static AGREE_FORM: RouteSpec = get(
    "agree_form",
    "/cases/{case}/stage-3/{alternative}/agree",
    Capability::DecideMoves,
    CASE,
    Audit::Read,
);
/// The headteacher decides about a proposed outcome.
pub static AGREE: RouteSpec = post(
    "agree",
    "/cases/{case}/stage-3/{alternative}/agree",
    Capability::DecideMoves,
    CASE,
    &["answer", "words", "version", "reason.*"],
    Audit::Write,
);
/// An agreed outcome came to its end.
pub static OUTCOME_END: RouteSpec = post(
    "end_outcome",
    "/cases/{case}/stage-3/{alternative}/end",
    Capability::RecordSteps,
    CASE,
    &["how", "words", "version"],
    Audit::Write,
);
/// The form for a parent's answer.
pub static AGREEMENT_FORM: RouteSpec = get(
    "agreement_form",
    "/cases/{case}/agreements/{contact}",
    Capability::RecordSteps,
    AGREEMENT,
    Audit::Read,
);
/// Records it.
pub static AGREEMENT_SAVE: RouteSpec = post(
    "save_agreement",
    "/cases/{case}/agreements/{contact}",
    Capability::RecordSteps,
    AGREEMENT,
    &[
        "answer.*",
        "asked_on.*",
        "how",
        "explained",
        "advised",
        "answered_on.*",
        "presence",
        "words",
        "ask_again_on.*",
        "copy_given",
    ],
    Audit::Write,
);
/// The form a parent reads and signs, to print.
pub static AGREEMENT_PRINT: RouteSpec = get(
    "agreement_print",
    "/cases/{case}/agreements/{contact}/print",
    Capability::SeeWholeCase,
    AGREEMENT,
    Audit::Read,
);

/// What a case came to at Stage 3.
pub fn stage_3(case: CaseId) -> String {
    format!("/cases/{case}/stage-3")
}

/// One alternative of a case, by its stored word.
pub fn alternative(case: CaseId, alternative: &str) -> String {
    format!("/cases/{case}/stage-3/{alternative}")
}

/// The headteacher's decision about one alternative.
pub fn agree_alternative(case: CaseId, alternative: &str) -> String {
    format!("/cases/{case}/stage-3/{alternative}/agree")
}

/// What a parent is asked and answers.
pub fn agreement(case: CaseId, contact: ContactId) -> String {
    format!("/cases/{case}/agreements/{contact}")
}
