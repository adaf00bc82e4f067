//! Support.

use super::{CASE, REASON, get, post};
use crate::{
    domain::{
        ids::{CaseId, SupportId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const ONE_SUPPORT: &[(&str, IdOf)] = &[("case", IdOf::Case), ("support", IdOf::Support)];
/// The support of a case.
pub static SUPPORT: RouteSpec =
    get("supports", "/cases/{case}/support", Capability::SeeSupport, CASE, Audit::Read);
/// The form to arrange support.
pub static SUPPORT_NEW: RouteSpec =
    get("support_form", "/cases/{case}/support/new", Capability::ManageSupport, CASE, Audit::Read);
/// Arranges support.
pub static SUPPORT_CREATE: RouteSpec = post(
    "arrange_support",
    "/cases/{case}/support/new",
    Capability::ManageSupport,
    &[("case", IdOf::Case), ("lead", IdOf::User)],
    &[
        "kind",
        "purpose",
        "provider",
        "lead",
        "lead_name",
        "sessions_a_week",
        "starts_on.*",
        "ends_on.*",
        "review_on.*",
    ],
    Audit::Write,
);
/// One support with its sessions.
pub static SUPPORT_SHOW: RouteSpec =
    get("support", "/cases/{case}/support/{support}", Capability::SeeSupport, ONE_SUPPORT, Audit::Read);
/// The form to change what was agreed.
pub static SUPPORT_EDIT: RouteSpec = get(
    "support_edit_form",
    "/cases/{case}/support/{support}/edit",
    Capability::ManageSupport,
    ONE_SUPPORT,
    Audit::Read,
);
/// Changes what was agreed.
pub static SUPPORT_UPDATE: RouteSpec = post(
    "change_support",
    "/cases/{case}/support/{support}/edit",
    Capability::ManageSupport,
    &[("case", IdOf::Case), ("support", IdOf::Support), ("lead", IdOf::User)],
    &[
        "purpose",
        "provider",
        "lead",
        "lead_name",
        "sessions_a_week",
        "starts_on.*",
        "ends_on.*",
        "review_on.*",
        "version",
    ],
    Audit::Write,
);
/// Ends support, with what it did.
pub static SUPPORT_END: RouteSpec = post(
    "end_support",
    "/cases/{case}/support/{support}/end",
    Capability::ManageSupport,
    ONE_SUPPORT,
    &["ended.*", "effect", "why", "version"],
    Audit::Write,
);
/// The school asks a service for priority, or withdraws that (P2.02).
pub static SUPPORT_PRIORITY: RouteSpec = post(
    "ask_priority",
    "/cases/{case}/support/{support}/priority",
    Capability::ManageSupport,
    ONE_SUPPORT,
    &["ask"],
    Audit::Write,
);
/// The service answers (P2.02).
pub static SUPPORT_ANSWER: RouteSpec = post(
    "answer_priority",
    "/cases/{case}/support/{support}/answer",
    Capability::DeliverSupport,
    ONE_SUPPORT,
    &["answer", "words"],
    Audit::Write,
);
/// What a file of the sessions would hold, and why it is wanted.
pub static SESSIONS_EXPORT_NEW: RouteSpec = get(
    "sessions_export_form",
    "/cases/{case}/support/{support}/export",
    Capability::ExportCases,
    ONE_SUPPORT,
    Audit::None,
);
/// Takes the sessions of one support out as a file.
pub static SESSIONS_EXPORT: RouteSpec = post(
    "export_sessions",
    "/cases/{case}/support/{support}/export",
    Capability::ExportCases,
    ONE_SUPPORT,
    REASON,
    Audit::Read,
);
/// Records a session, or corrects one.
pub static SUPPORT_SESSION: RouteSpec = post(
    "record_session",
    "/cases/{case}/support/{support}/sessions",
    Capability::DeliverSupport,
    ONE_SUPPORT,
    &["held.*", "delivered", "why_not", "note", "corrects"],
    Audit::Write,
);

/// The support of a case.
pub fn support(case: CaseId) -> String {
    format!("/cases/{case}/support")
}

/// One support of a case.
pub fn one_support(case: CaseId, support: SupportId) -> String {
    format!("/cases/{case}/support/{support}")
}

/// The form to take the sessions of one support out as a file.
pub fn export_sessions(case: CaseId, support: SupportId) -> String {
    format!("/cases/{case}/support/{support}/export")
}
