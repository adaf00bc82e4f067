//! Pupils and their contacts.

use super::{PUPIL, get, post};
use crate::{
    domain::{
        ids::{ContactId, PupilFileId, PupilId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const CONTACT: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil), ("contact", IdOf::Contact)];

const TWO_PUPILS: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil), ("other", IdOf::Pupil)];
const PUPIL_FILE: &[(&str, IdOf)] = &[("file", IdOf::PupilFile)];

const PUPIL_FIELDS: &[&str] = &[
    "given_name",
    "family_name",
    "known_as",
    "pronouns",
    "born_on.*",
    "upn",
    "no_upn_reason",
    "year_group",
    "year_reason",
    "send",
    "looked_after",
    "eal",
    "enrolled_on.*",
    "school",
    "version",
];
const CONTACT_FIELDS: &[&str] = &[
    "name",
    "relationship",
    "parental_responsibility",
    "contact_order",
    "phone",
    "email",
    "address",
    "address_confidential",
    "no_contact",
    "no_contact_reason",
    "language",
    "version",
];
/// Pupils of the school.
pub static PUPILS: RouteSpec = get("pupils", "/pupils", Capability::SeePupils, &[], Audit::Read);
/// What a file of a school's pupils would hold, and why it is wanted.
pub static PUPILS_EXPORT_NEW: RouteSpec =
    get("pupils_export_form", "/pupils/export", Capability::ExportCases, &[], Audit::None);
/// Takes a school's pupils out as a file.
pub static PUPILS_EXPORT: RouteSpec = post(
    "export_pupils",
    "/pupils/export",
    Capability::ExportCases,
    &[],
    &["school", "format", "why", "words"],
    Audit::Read,
);
/// The form to add a pupil.
pub static PUPIL_NEW: RouteSpec =
    get("pupil_form", "/pupils/new", Capability::ManagePupils, &[], Audit::None);
/// Adds a pupil.
pub static PUPIL_CREATE: RouteSpec =
    post("add_pupil", "/pupils", Capability::ManagePupils, &[], PUPIL_FIELDS, Audit::Write);
/// One pupil.
pub static PUPIL_SHOW: RouteSpec = get("pupil", "/pupils/{pupil}", Capability::SeePupils, PUPIL, Audit::Read);
/// The form to change a pupil.
pub static PUPIL_EDIT: RouteSpec =
    get("pupil_edit_form", "/pupils/{pupil}/edit", Capability::ManagePupils, PUPIL, Audit::Read);
/// Changes a pupil.
pub static PUPIL_UPDATE: RouteSpec =
    post("change_pupil", "/pupils/{pupil}/edit", Capability::ManagePupils, PUPIL, PUPIL_FIELDS, Audit::Write);
/// The form to add a contact.
pub static CONTACT_NEW: RouteSpec =
    get("contact_form", "/pupils/{pupil}/contacts/new", Capability::ManagePupils, PUPIL, Audit::Read);
/// Adds a contact.
pub static CONTACT_CREATE: RouteSpec = post(
    "add_contact",
    "/pupils/{pupil}/contacts/new",
    Capability::ManagePupils,
    PUPIL,
    CONTACT_FIELDS,
    Audit::Write,
);
/// The form to change a contact.
pub static CONTACT_EDIT: RouteSpec = get(
    "contact_edit_form",
    "/pupils/{pupil}/contacts/{contact}",
    Capability::ManagePupils,
    CONTACT,
    Audit::Read,
);
/// Changes a contact.
pub static CONTACT_UPDATE: RouteSpec = post(
    "change_contact",
    "/pupils/{pupil}/contacts/{contact}",
    Capability::ManagePupils,
    CONTACT,
    CONTACT_FIELDS,
    Audit::Write,
);
/// Takes a contact off the pupil's list.
pub static CONTACT_REMOVE: RouteSpec = post(
    "remove_contact",
    "/pupils/{pupil}/contacts/{contact}/remove",
    Capability::ManagePupils,
    CONTACT,
    &["version"],
    Audit::Write,
);

/// The form to add pupils from a file.
pub static PUPILS_FILE: RouteSpec =
    get("pupil_file_form", "/pupils/import", Capability::ManagePupils, &[], Audit::None);
/// An empty file to fill in.
pub static PUPILS_TEMPLATE: RouteSpec =
    get("pupil_file_template", "/pupils/import/pupils.csv", Capability::ManagePupils, &[], Audit::None);
/// Keeps a file to look at.
pub static PUPILS_FILE_KEEP: RouteSpec = post(
    "keep_pupil_file",
    "/pupils/import",
    Capability::ManagePupils,
    &[],
    &["school", "upload@", "pasted"],
    Audit::Write,
);
/// What a file would do, or did.
pub static PUPILS_FILE_SHOW: RouteSpec =
    get("pupil_file", "/pupils/import/{file}", Capability::ManagePupils, PUPIL_FILE, Audit::Read);
/// Brings a file in.
pub static PUPILS_FILE_IMPORT: RouteSpec = post(
    "import_pupils",
    "/pupils/import/{file}",
    Capability::ManagePupils,
    PUPIL_FILE,
    &["digest", "change+", "all", "leave_out"],
    Audit::Write,
);

/// What is to be done at the turn of the school year.
pub static NEW_YEAR: RouteSpec =
    get("new_year", "/pupils/new-year", Capability::ManagePupils, &[], Audit::Read);
/// Takes pupils off the roll at the end of the school year.
pub static NEW_YEAR_LEAVE: RouteSpec = post(
    "turn_year",
    "/pupils/new-year",
    Capability::ManagePupils,
    &[],
    &["school", "year", "leave+", "last_on.*", "why", "go"],
    Audit::Write,
);
/// The form to take a pupil off the roll, or put one back.
pub static PUPIL_LEAVE: RouteSpec =
    get("pupil_leave_form", "/pupils/{pupil}/leave", Capability::ManagePupils, PUPIL, Audit::Read);
/// Takes a pupil off the roll.
pub static PUPIL_LEFT: RouteSpec = post(
    "pupil_leaves",
    "/pupils/{pupil}/leave",
    Capability::ManagePupils,
    PUPIL,
    &["last_on.*", "why"],
    Audit::Write,
);
/// Puts a pupil back on the roll.
pub static PUPIL_BACK: RouteSpec = post(
    "pupil_back",
    "/pupils/{pupil}/back",
    Capability::ManagePupils,
    PUPIL,
    &["how", "back_on.*"],
    Audit::Write,
);
/// Records that may be the same pupil's.
pub static MERGE_CHOOSE: RouteSpec =
    get("merge_choices", "/pupils/{pupil}/merge", Capability::ManagePupils, PUPIL, Audit::Read);
/// Two records side by side.
pub static MERGE_SHOW: RouteSpec =
    get("merge_form", "/pupils/{pupil}/merge/{other}", Capability::ManagePupils, TWO_PUPILS, Audit::Read);
/// Makes two records one.
pub static MERGE: RouteSpec = post(
    "merge_pupils",
    "/pupils/{pupil}/merge/{other}",
    Capability::ManagePupils,
    TWO_PUPILS,
    &["stays", "field.*", "why", "version_first", "version_second"],
    Audit::Write,
);

/// Two records side by side.
pub fn merge(one: PupilId, other: PupilId) -> String {
    format!("/pupils/{one}/merge/{other}")
}

/// A file of pupils.
pub fn pupil_file(id: PupilFileId) -> String {
    format!("/pupils/import/{id}")
}

/// The form to take a school's pupils out as a file.
pub fn export_pupils(school: SchoolId) -> String {
    format!("/pupils/export?school={school}")
}

/// One pupil.
pub fn pupil(id: PupilId) -> String {
    format!("/pupils/{id}")
}

/// One contact of a pupil.
pub fn contact(pupil: PupilId, contact: ContactId) -> String {
    format!("/pupils/{pupil}/contacts/{contact}")
}
