//! Pupils and their contacts.

use super::{PUPIL, get, post};
use crate::{
    domain::{
        ids::{ContactId, PupilId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const CONTACT: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil), ("contact", IdOf::Contact)];

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
