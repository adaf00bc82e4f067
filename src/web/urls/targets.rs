//! Targets.

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{CaseId, TargetId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const TARGET: &[(&str, IdOf)] = &[("case", IdOf::Case), ("target", IdOf::Target)];

const TARGET_FIELDS: &[&str] = &["words", "criterion", "due_on.*", "pupil_words", "version", "reason.*"];
/// The targets of a case, with the form to add one.
pub static TARGETS: RouteSpec =
    get("targets", "/cases/{case}/targets", Capability::SeeCases, CASE, Audit::Read);
/// The form to add a target, empty or from the bank.
pub static TARGET_NEW: RouteSpec =
    get("target_form", "/cases/{case}/targets/new", Capability::SetTargets, CASE, Audit::Read);
/// Adds a target.
pub static TARGET_CREATE: RouteSpec = post(
    "set_target",
    "/cases/{case}/targets/new",
    Capability::SetTargets,
    CASE,
    TARGET_FIELDS,
    Audit::Write,
);
/// The form to change a target.
pub static TARGET_EDIT: RouteSpec =
    get("target_edit_form", "/cases/{case}/targets/{target}", Capability::SetTargets, TARGET, Audit::Read);
/// Changes a target; the earlier wording stays.
pub static TARGET_UPDATE: RouteSpec = post(
    "change_target",
    "/cases/{case}/targets/{target}",
    Capability::SetTargets,
    TARGET,
    TARGET_FIELDS,
    Audit::Write,
);
/// Ends work on a target; its marks stay.
pub static TARGET_END: RouteSpec = post(
    "end_target",
    "/cases/{case}/targets/{target}/end",
    Capability::SetTargets,
    TARGET,
    &["version"],
    Audit::Write,
);
/// Moves a target up the list.
pub static TARGET_RAISE: RouteSpec = post(
    "raise_target",
    "/cases/{case}/targets/{target}/raise",
    Capability::SetTargets,
    TARGET,
    &["version"],
    Audit::Write,
);

/// The targets of a case.
pub fn targets(case: CaseId) -> String {
    format!("/cases/{case}/targets")
}

/// One target of a case.
pub fn target(case: CaseId, target: TargetId) -> String {
    format!("/cases/{case}/targets/{target}")
}
