//! Incidents.

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{CaseId, IncidentId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const INCIDENT: &[(&str, IdOf)] = &[("case", IdOf::Case), ("incident", IdOf::Incident)];
const INCIDENT_FIELDS: &[&str] = &[
    "happened_on.*",
    "happened_at",
    "place",
    "what",
    "seriousness",
    "followed",
    "other_pupil+",
    "other_words+",
    "other_part+",
    "find",
    "look",
    "version",
];
/// The incidents of a case.
pub static INCIDENTS: RouteSpec =
    get("incidents", "/cases/{case}/incidents", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form to record an incident.
pub static INCIDENT_NEW: RouteSpec =
    get("incident_form", "/cases/{case}/incidents/new", Capability::RecordIncidents, CASE, Audit::Read);
/// Records an incident, or finds pupils for the form.
pub static INCIDENT_CREATE: RouteSpec = post(
    "record_incident",
    "/cases/{case}/incidents/new",
    Capability::RecordIncidents,
    &[("case", IdOf::Case), ("other_pupil", IdOf::Pupil)],
    INCIDENT_FIELDS,
    Audit::Write,
);
/// One incident with its earlier versions.
pub static INCIDENT_SHOW: RouteSpec =
    get("incident", "/cases/{case}/incidents/{incident}", Capability::SeeWholeCase, INCIDENT, Audit::Read);
/// The form to correct an incident.
pub static INCIDENT_EDIT: RouteSpec = get(
    "incident_edit_form",
    "/cases/{case}/incidents/{incident}/edit",
    Capability::RecordIncidents,
    INCIDENT,
    Audit::Read,
);
/// Corrects an incident; the earlier version stays.
pub static INCIDENT_UPDATE: RouteSpec = post(
    "correct_incident",
    "/cases/{case}/incidents/{incident}/edit",
    Capability::RecordIncidents,
    &[("case", IdOf::Case), ("incident", IdOf::Incident), ("other_pupil", IdOf::Pupil)],
    INCIDENT_FIELDS,
    Audit::Write,
);

/// The incidents of a case.
pub fn incidents(case: CaseId) -> String {
    format!("/cases/{case}/incidents")
}

/// One incident of a case.
pub fn incident(case: CaseId, incident: IncidentId) -> String {
    format!("/cases/{case}/incidents/{incident}")
}
