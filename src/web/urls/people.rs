//! The people of an authority: their accounts and roles.

use uuid::Uuid;

use super::{get, post, public};
use crate::{
    domain::{
        ids::{SchoolId, UserId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, Method, RouteSpec},
};

const ONE: &[(&str, IdOf)] = &[("person", IdOf::Person)];
const ROLE: &[(&str, IdOf)] = &[("person", IdOf::Person), ("role", IdOf::Role)];

/// The people.
pub static PEOPLE: RouteSpec = get("people", "/admin/people", Capability::ManagePeople, &[], Audit::None);
/// People by name or address.
pub static PEOPLE_SEARCH: RouteSpec =
    post("find_people", "/admin/people", Capability::ManagePeople, &[], &["q"], Audit::None);
/// What a file of the people would hold, and why it is wanted.
pub static PEOPLE_EXPORT_NEW: RouteSpec =
    get("people_export_form", "/admin/people/export", Capability::ManagePeople, &[], Audit::None);
/// Takes the list of people out as a file.
pub static PEOPLE_EXPORT: RouteSpec = post(
    "export_people",
    "/admin/people/export",
    Capability::ManagePeople,
    &[],
    &["standing", "school", "role", "format", "why", "words"],
    Audit::Read,
);
/// The form to add somebody.
pub static PERSON_NEW: RouteSpec =
    get("person_form", "/admin/people/new", Capability::ManagePeople, &[], Audit::None);
/// Adds somebody.
pub static PERSON_CREATE: RouteSpec = post(
    "add_person",
    "/admin/people/new",
    Capability::ManagePeople,
    &[],
    &["name", "email", "role", "school", "from_on.*", "to_on.*"],
    Audit::Write,
);
/// Somebody's account and roles.
pub static PERSON: RouteSpec =
    get("person", "/admin/people/{person}", Capability::ManagePeople, ONE, Audit::None);
/// Makes a link with which they choose a password.
pub static PERSON_LINK: RouteSpec = post(
    "make_account_link",
    "/admin/people/{person}/link",
    Capability::ManagePeople,
    ONE,
    &[],
    Audit::Write,
);
/// The form to give somebody another role.
pub static ROLE_NEW: RouteSpec =
    get("role_form", "/admin/people/{person}/roles/new", Capability::ManagePeople, ONE, Audit::None);
/// Gives somebody another role.
pub static ROLE_GIVE: RouteSpec = post(
    "give_role",
    "/admin/people/{person}/roles/new",
    Capability::ManagePeople,
    ONE,
    &["role", "school", "from_on.*", "to_on.*"],
    Audit::Write,
);
/// The form to end a role, with the cases to hand over.
pub static ROLE_END: RouteSpec = get(
    "role_end_form",
    "/admin/people/{person}/roles/{role}/end",
    Capability::ManagePeople,
    ROLE,
    Audit::Read,
);
/// Ends a role.
pub static ROLE_END_POST: RouteSpec = post(
    "end_role",
    "/admin/people/{person}/roles/{role}/end",
    Capability::ManagePeople,
    ROLE,
    &["last_on.*", "was", "to.*", "case.*"],
    Audit::Write,
);
/// The form to stop an account, with the cases to hand over.
pub static PERSON_DISABLE: RouteSpec =
    get("disable_form", "/admin/people/{person}/disable", Capability::ManagePeople, ONE, Audit::Read);
/// Stops an account.
pub static PERSON_DISABLE_POST: RouteSpec = post(
    "disable_person",
    "/admin/people/{person}/disable",
    Capability::ManagePeople,
    ONE,
    &["sure", "to.*", "case.*"],
    Audit::Write,
);
/// Lets somebody sign in again.
pub static PERSON_ENABLE: RouteSpec =
    post("enable_person", "/admin/people/{person}/enable", Capability::ManagePeople, ONE, &[], Audit::Write);
/// Choosing a password with a link.
pub static WELCOME: RouteSpec =
    public("welcome_page", Method::Get, "/welcome/{token}", "whoever holds the link has no password yet");
/// Sets the password.
pub static WELCOME_POST: RouteSpec =
    public("welcome", Method::Post, "/welcome/{token}", "the link is the proof, and works once");

/// The form to add somebody, filled in for a lead of a school.
pub fn new_lead(school: SchoolId) -> String {
    format!("{}?lead_of={school}", PERSON_NEW.pattern)
}

/// Somebody's account and roles.
pub fn person(id: UserId) -> String {
    format!("/admin/people/{id}")
}

/// The form to end a role.
pub fn end_role(person: UserId, role: Uuid) -> String {
    format!("/admin/people/{person}/roles/{role}/end")
}

/// Where a link leads.
pub fn welcome(token: &str) -> String {
    format!("/welcome/{token}")
}
