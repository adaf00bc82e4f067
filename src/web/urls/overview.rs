//! The headteacher's pages, and the lead's week.

use time::Date;
use uuid::Uuid;

use super::{REASON, get, post};
use crate::{
    domain::{
        ids::{NoticeId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

/// How the school's cases stand: what waits for the headteacher, and what they should know.
pub static OVERVIEW: RouteSpec = get("overview", "/overview", Capability::SeeOverview, &[], Audit::Read);
/// Everybody on the programme.
pub static OVERVIEW_PUPILS: RouteSpec =
    get("overview_pupils", "/overview/pupils", Capability::SeeOverview, &[], Audit::Read);
/// Everything overdue.
pub static OVERVIEW_OVERDUE: RouteSpec =
    get("overview_overdue", "/overview/overdue", Capability::SeeOverview, &[], Audit::Read);
/// How much of the 45 days pupils were suspended.
pub static OVERVIEW_DAYS: RouteSpec =
    get("overview_days", "/overview/suspension-days", Capability::SeeOverview, &[], Audit::Read);
/// Those of them near the limit.
pub const OVERVIEW_NEAR_LIMIT: &str = "/overview/suspension-days?near=1";
/// Who left the programme this school year.
pub static OVERVIEW_LEFT: RouteSpec =
    get("overview_left", "/overview/left", Capability::SeeOverview, &[], Audit::Read);
/// What a file of one of these lists, or of what is owed this week, would hold, and why it is wanted.
pub static OVERVIEW_EXPORT_NEW: RouteSpec =
    get("overview_export_form", "/overview/{list}/export", Capability::ExportCases, &[], Audit::None);
/// Takes one of these lists out as a file.
pub static OVERVIEW_EXPORT: RouteSpec =
    post("export_overview", "/overview/{list}/export", Capability::ExportCases, &[], REASON, Audit::Read);
/// The same for governors: nobody's name, no small numbers.
pub static GOVERNORS: RouteSpec =
    get("governors", "/overview/governors", Capability::SeeOverview, &[], Audit::None);
/// What the headteacher was told (P2.01).
pub static INBOX: RouteSpec = get("inbox", "/overview/inbox", Capability::SeeOverview, &[], Audit::Read);
/// A week of the school, named by its Monday.
pub static DIGEST: RouteSpec =
    get("digest", "/overview/weeks/{week}", Capability::SeeOverview, &[], Audit::Read);
/// Reminds the lead of a case of something overdue.
pub static REMIND: RouteSpec = post(
    "remind",
    "/overview/reminders",
    Capability::Remind,
    &[("case", IdOf::Case)],
    &["case", "duty"],
    Audit::Write,
);
/// What the lead's school owes this week.
pub static MY_WEEK: RouteSpec = get("my_week", "/week", Capability::ReviewWeeks, &[], Audit::Read);
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

/// The form to take a list of the overview, or what is owed this week, out as a file.
pub fn export_overview(list: &str) -> String {
    format!("/overview/{list}/export")
}

/// The form to name a delegate at a school.
pub fn name_delegate(school: SchoolId) -> String {
    format!("/overview/delegates/new?school={school}")
}

/// Ends a delegation.
pub fn end_delegation(delegation: Uuid) -> String {
    format!("/overview/delegates/{delegation}/end")
}

/// What the headteacher was told before a notice.
pub fn inbox_before(notice: NoticeId) -> String {
    format!("/overview/inbox?before={notice}")
}

/// A week of the school.
pub fn digest(monday: Date) -> String {
    format!("/overview/weeks/{monday}")
}
