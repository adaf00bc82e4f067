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

/// The form to change an example.
pub fn example(id: BankTargetId) -> String {
    format!("/admin/targets/{id}")
}
