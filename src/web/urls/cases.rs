//! Cases and what is known of them.

use time::Date;

use super::{CASE, REASON, get, post};
use crate::{
    domain::{
        ids::{AbsenceId, CaseId, PupilId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

/// Cases within reach.
pub static CASES: RouteSpec = get("cases", "/cases", Capability::SeeCases, &[], Audit::Read);
/// What a file of the list would hold, and why it is wanted.
pub static CASES_EXPORT_NEW: RouteSpec =
    get("cases_export_form", "/cases/export", Capability::ExportCases, &[], Audit::None);
/// Takes the list out as a file.
pub static CASES_EXPORT: RouteSpec = post(
    "export_cases",
    "/cases/export",
    Capability::ExportCases,
    &[],
    &["stage", "closed", "format", "why", "words"],
    Audit::Read,
);
/// The form to open a case.
pub static CASE_NEW: RouteSpec =
    get("case_form", "/cases/new", Capability::OpenCase, &[("pupil", IdOf::Pupil)], Audit::Read);
/// Opens a case, and records the incident it begins with when that is told on the form.
pub static CASE_CREATE: RouteSpec = post(
    "open_case",
    "/cases",
    Capability::OpenCase,
    &[("pupil", IdOf::Pupil), ("lead", IdOf::User), ("incident", IdOf::Incident)],
    &[
        "pupil",
        "stage",
        "why",
        "incident",
        "happened_on.*",
        "happened_at",
        "place",
        "what",
        "seriousness",
        "followed",
        "exclusion_in_view",
        "note_before",
        "parents_know",
        "lead",
        "rationale",
        "support_what+",
        "support_detail+",
        "support_outcome+",
        "advice_what+",
        "advice_detail+",
        "advice_outcome+",
        "reason.*",
    ],
    Audit::Write,
);
/// One case.
pub static CASE_SHOW: RouteSpec = get("case", "/cases/{case}", Capability::SeeCases, CASE, Audit::Read);
/// The form to name another lead.
pub static LEAD_EDIT: RouteSpec =
    get("lead_form", "/cases/{case}/lead", Capability::NominateLead, CASE, Audit::Read);
/// Names another lead.
pub static LEAD_UPDATE: RouteSpec = post(
    "nominate_lead",
    "/cases/{case}/lead",
    Capability::NominateLead,
    &[("case", IdOf::Case), ("lead", IdOf::User)],
    &["lead", "version"],
    Audit::Write,
);
/// Everything that happened, newest first.
pub static TIMELINE: RouteSpec =
    get("timeline", "/cases/{case}/timeline", Capability::SeeWholeCase, CASE, Audit::Read);
/// Every recorded day.
pub static MONITORING: RouteSpec =
    get("monitoring", "/cases/{case}/monitoring", Capability::SeeCases, CASE, Audit::Read);
/// What a file of the timeline would hold, and why it is wanted.
pub static TIMELINE_EXPORT_NEW: RouteSpec =
    get("timeline_export_form", "/cases/{case}/timeline/export", Capability::ExportCases, CASE, Audit::None);
/// Takes the timeline out as a file.
pub static TIMELINE_EXPORT: RouteSpec = post(
    "export_timeline",
    "/cases/{case}/timeline/export",
    Capability::ExportCases,
    CASE,
    &["kind+", "by", "format", "why", "words"],
    Audit::Read,
);
/// What a file of the recorded days would hold, and why it is wanted.
pub static MONITORING_EXPORT_NEW: RouteSpec = get(
    "monitoring_export_form",
    "/cases/{case}/monitoring/export",
    Capability::ExportCases,
    CASE,
    Audit::None,
);
/// Takes the recorded days out as a file.
pub static MONITORING_EXPORT: RouteSpec = post(
    "export_monitoring",
    "/cases/{case}/monitoring/export",
    Capability::ExportCases,
    CASE,
    REASON,
    Audit::Read,
);
/// One day as it was written: who marked what when, and what corrections replaced.
pub static DAY: RouteSpec = get("day", "/cases/{case}/day", Capability::SeeCases, CASE, Audit::Read);

/// The form to open a case for a pupil.
pub fn open_case(pupil: PupilId) -> String {
    format!("/cases/new?pupil={pupil}")
}

/// One case.
pub fn case(id: CaseId) -> String {
    format!("/cases/{id}")
}

/// The recorded days of a case.
pub fn monitoring(case: CaseId) -> String {
    format!("/cases/{case}/monitoring")
}

/// The timeline of a case.
pub fn timeline(case: CaseId) -> String {
    format!("/cases/{case}/timeline")
}

/// The form to take the timeline of a case out as a file.
pub fn export_timeline(case: CaseId) -> String {
    format!("/cases/{case}/timeline/export")
}

/// The form to take the recorded days of a case out as a file.
pub fn export_monitoring(case: CaseId) -> String {
    format!("/cases/{case}/monitoring/export")
}

/// One day of a case as it was written.
pub fn day(case: CaseId, day: Date) -> String {
    format!("/cases/{case}/day?date={day}")
}

/// Cases at a stage.
pub fn cases_at(stage: i16) -> String {
    format!("/cases?stage={stage}")
}

/// The form to take the list out as a file: the open cases or the closed, of every stage or one.
pub fn export_cases(stage: Option<i16>, closed: bool) -> String {
    let stage = stage.map_or_else(String::new, |stage| format!("stage={stage}"));
    let closed = if closed { "closed=1" } else { "" };
    let query =
        [stage.as_str(), closed].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
    if query.is_empty() { "/cases/export".to_owned() } else { format!("/cases/export?{query}") }
}

/// What is known beforehand about a pupil's days.
pub fn absences(case: CaseId) -> String {
    format!("/cases/{case}/absences")
}

/// Takes back something known beforehand.
pub fn withdraw_absence(case: CaseId, absence: AbsenceId) -> String {
    format!("/cases/{case}/absences/{absence}/withdraw")
}
