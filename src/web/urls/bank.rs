//! The bank of example targets: the authority's, and each school's own.

use super::{get, post};
use crate::{
    domain::{
        ids::{BankTargetId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const ONE: &[(&str, IdOf)] = &[("example", IdOf::Example)];

/// The examples of the authority, or of a school.
pub static BANK: RouteSpec = get("bank", "/admin/targets", Capability::ManageTargetBank, &[], Audit::None);
/// What a file of the examples would hold, and why it is wanted.
pub static BANK_EXPORT_NEW: RouteSpec =
    get("examples_export_form", "/admin/targets/export", Capability::ManageTargetBank, &[], Audit::None);
/// Takes the examples of the authority, or of a school, out as a file.
pub static BANK_EXPORT: RouteSpec = post(
    "export_examples",
    "/admin/targets/export",
    Capability::ManageTargetBank,
    &[],
    &["place", "format", "why", "words"],
    Audit::Read,
);
/// The form to add an example.
pub static BANK_NEW: RouteSpec =
    get("example_form", "/admin/targets/new", Capability::ManageTargetBank, &[], Audit::None);
/// Adds an example.
pub static BANK_ADD: RouteSpec = post(
    "add_example",
    "/admin/targets/new",
    Capability::ManageTargetBank,
    &[],
    &["place", "theme", "words", "criterion"],
    Audit::Write,
);
/// The form to change an example.
pub static BANK_EDIT: RouteSpec =
    get("example_change_form", "/admin/targets/{example}", Capability::ManageTargetBank, ONE, Audit::None);
/// Changes an example.
pub static BANK_CHANGE: RouteSpec = post(
    "change_example",
    "/admin/targets/{example}",
    Capability::ManageTargetBank,
    ONE,
    &["theme", "words", "criterion", "version"],
    Audit::Write,
);
/// Moves an example up or down.
pub static BANK_MOVE: RouteSpec = post(
    "move_example",
    "/admin/targets/{example}/move",
    Capability::ManageTargetBank,
    ONE,
    &["way"],
    Audit::Write,
);
/// Takes an example out.
pub static BANK_REMOVE: RouteSpec = post(
    "remove_example",
    "/admin/targets/{example}/remove",
    Capability::ManageTargetBank,
    ONE,
    &["version"],
    Audit::Write,
);

/// The examples of a school; none: of the authority.
pub fn bank(place: Option<SchoolId>) -> String {
    place.map_or_else(
        || "/admin/targets?place=authority".to_owned(),
        |school| format!("/admin/targets?place={school}"),
    )
}

/// What a file of a school's examples would hold; none: of the authority's.
pub fn export_bank(place: Option<SchoolId>) -> String {
    bank(place).replacen(BANK.pattern, BANK_EXPORT.pattern, 1)
}

/// The form to change an example.
pub fn example(id: BankTargetId) -> String {
    format!("/admin/targets/{id}")
}
