//! Those who look after many cases: the caseload, its views, what is done to several cases at once, the schools, and how
//! a school answers about one case.

use super::{CASE, REASON, get, post};
use crate::{
    domain::{
        ids::{CaseId, SavedViewId, SchoolId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const SELECTED: &[(&str, IdOf)] = &[("case", IdOf::Case)];

/// Open cases within reach, by default in the order of concern.
pub static CASELOAD: RouteSpec = get("caseload", "/caseload", Capability::SeeCaseload, &[], Audit::Read);
/// Asks what to do with the selected cases: who is named, what is asked. Changes nothing.
pub static CASELOAD_SELECTED: RouteSpec = post(
    "caseload_selected",
    "/caseload/selected",
    Capability::LookAfterCases,
    SELECTED,
    &["case+", "go", "back"],
    Audit::Read,
);
/// Names who looks after the selected cases for the LA.
pub static CASELOAD_REPRESENTATIVE: RouteSpec = post(
    "name_representative",
    "/caseload/representative",
    Capability::LookAfterCases,
    &[("case", IdOf::Case), ("person", IdOf::User)],
    &["case+", "person", "back"],
    Audit::Write,
);
/// Asks the schools of the selected cases how they stand.
pub static CASELOAD_ASK: RouteSpec = post(
    "ask_for_updates",
    "/caseload/updates",
    Capability::LookAfterCases,
    &[("case", IdOf::Case), ("panel", IdOf::Panel)],
    &["case+", "go", "panel", "words", "back"],
    Audit::Write,
);
/// Keeps a view of the caseload.
pub static VIEW_SAVE: RouteSpec = post(
    "save_view",
    "/caseload/views",
    Capability::SeeCaseload,
    &[],
    &["query", "name", "shared"],
    Audit::Write,
);
/// Forgets a view one kept.
pub static VIEW_REMOVE: RouteSpec = post(
    "remove_view",
    "/caseload/views/{view}/remove",
    Capability::SeeCaseload,
    &[("view", IdOf::SavedView)],
    &[],
    Audit::Write,
);
/// What a file of the caseload would hold, and why it is wanted.
pub static CASELOAD_EXPORT_NEW: RouteSpec =
    get("caseload_export_form", "/caseload/export", Capability::ExportCases, &[], Audit::None);
/// Takes the caseload out as a file.
pub static CASELOAD_EXPORT: RouteSpec = post(
    "export_caseload",
    "/caseload/export",
    Capability::ExportCases,
    &[],
    &["query", "format", "why", "words"],
    Audit::Read,
);
/// What a file of the schools would hold, and why it is wanted.
pub static SCHOOLS_EXPORT_NEW: RouteSpec =
    get("schools_export_form", "/schools/export", Capability::ExportCases, &[], Audit::None);
/// Takes the list of schools out as a file.
pub static SCHOOLS_EXPORT: RouteSpec =
    post("export_schools", "/schools/export", Capability::ExportCases, &[], REASON, Audit::Read);
/// The schools within reach: how complete their records are, what is overdue.
pub static CASELOAD_SCHOOLS: RouteSpec =
    get("caseload_schools", "/schools", Capability::SeeCaseload, &[], Audit::None);
/// What the LA asked about a case, and what the school answered.
pub static UPDATES: RouteSpec =
    get("updates", "/cases/{case}/updates", Capability::SeeWholeCase, CASE, Audit::Read);
/// Answers what the LA asked.
pub static UPDATE_ANSWER: RouteSpec =
    post("answer_update", "/cases/{case}/updates", Capability::RecordSteps, CASE, &["words"], Audit::Write);

/// The caseload as a query asks for it.
pub fn caseload(query: &str) -> String {
    if query.is_empty() { "/caseload".to_owned() } else { format!("/caseload?{query}") }
}

/// The open cases of one school at a stage.
pub fn caseload_at(school: SchoolId, stage: i16) -> String {
    caseload(&format!("school={school}&stage={stage}"))
}

/// The form to take what a query asks for out as a file.
pub fn export_caseload(query: &str) -> String {
    if query.is_empty() { "/caseload/export".to_owned() } else { format!("/caseload/export?{query}") }
}

/// Forgets a view.
pub fn remove_view(view: SavedViewId) -> String {
    format!("/caseload/views/{view}/remove")
}

/// What the LA asked about a case.
pub fn updates(case: CaseId) -> String {
    format!("/cases/{case}/updates")
}
