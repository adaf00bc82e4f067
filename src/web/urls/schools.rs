//! The schools of an authority: what each is, and the periods of its day.

use super::{REASON, get, post};
use crate::{
    domain::{ids::SchoolId, permission::Capability},
    web::routes::{Audit, IdOf, RouteSpec},
};

const ONE: &[(&str, IdOf)] = &[("school", IdOf::School)];

/// The schools.
pub static SCHOOLS: RouteSpec = get("schools", "/admin/schools", Capability::ManageSchools, &[], Audit::None);
/// What a file of the schools would hold, and why it is wanted.
pub static SCHOOL_SETTINGS_EXPORT_NEW: RouteSpec =
    get("school_settings_export_form", "/admin/schools/export", Capability::ManageSchools, &[], Audit::None);
/// Takes the schools and their settings out as a file.
pub static SCHOOL_SETTINGS_EXPORT: RouteSpec = post(
    "export_school_settings",
    "/admin/schools/export",
    Capability::ManageSchools,
    &[],
    REASON,
    Audit::Read,
);
/// The form to add a school.
pub static SCHOOL_NEW: RouteSpec =
    get("new_school_form", "/admin/schools/new", Capability::ManageSchools, &[], Audit::None);
/// Adds a school.
pub static SCHOOL_ADD: RouteSpec = post(
    "add_school",
    "/admin/schools/new",
    Capability::ManageSchools,
    &[],
    &["name", "urn", "establishment", "phase", "goal", "like", "takes_part"],
    Audit::Write,
);
/// One school.
pub static SCHOOL: RouteSpec =
    get("school", "/admin/schools/{school}", Capability::ManageSchools, ONE, Audit::None);
/// The form to change a school.
pub static SCHOOL_EDIT: RouteSpec =
    get("school_form", "/admin/schools/{school}/edit", Capability::ManageSchools, ONE, Audit::None);
/// Changes a school.
pub static SCHOOL_UPDATE: RouteSpec = post(
    "change_school",
    "/admin/schools/{school}/edit",
    Capability::ManageSchools,
    ONE,
    &["name", "urn", "establishment", "phase", "takes_part", "word.*", "goal", "letterhead", "version"],
    Audit::Write,
);
/// The form to change the periods of a school's day.
pub static PERIODS_EDIT: RouteSpec =
    get("periods_form", "/admin/schools/{school}/periods", Capability::ManageSchools, ONE, Audit::None);
/// Changes the periods of a school's day.
pub static PERIODS_UPDATE: RouteSpec = post(
    "change_periods",
    "/admin/schools/{school}/periods",
    Capability::ManageSchools,
    ONE,
    &["label.*", "starts.*", "ends.*", "from_on.*", "version"],
    Audit::Write,
);

/// One school.
pub fn school(id: SchoolId) -> String {
    format!("/admin/schools/{id}")
}
