//! The headteacher's page.

use uuid::Uuid;

use super::{get, post};
use crate::{
    domain::{
        ids::{NoticeId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

/// How the school's cases stand: what waits for the headteacher, and what they should know.
pub static OVERVIEW: RouteSpec = get("overview", "/overview", Capability::SeeOverview, &[], Audit::Read);
/// The form to name a delegate.
pub static DELEGATE_NEW: RouteSpec =
    get("delegate_form", "/overview/delegates/new", Capability::NameDelegates, &[], Audit::None);
/// Names a delegate.
pub static DELEGATE_CREATE: RouteSpec = post(
    "name_delegate",
    "/overview/delegates/new",
    Capability::NameDelegates,
    &[("person", IdOf::User)],
    &["school", "person", "from_on.*", "to_on.*"],
    Audit::Write,
);
/// Ends a delegation.
pub static DELEGATION_END: RouteSpec = post(
    "end_delegation",
    "/overview/delegates/{delegation}/end",
    Capability::NameDelegates,
    &[("delegation", IdOf::Delegation)],
    &[],
    Audit::Write,
);

/// The form to name a delegate at a school.
pub fn name_delegate(school: SchoolId) -> String {
    format!("/overview/delegates/new?school={school}")
}

/// Ends a delegation.
pub fn end_delegation(delegation: Uuid) -> String {
    format!("/overview/delegates/{delegation}/end")
}

/// What the headteacher was told before a notice.
pub fn overview_before(notice: NoticeId) -> String {
    format!("/overview?before={notice}")
}
