//! The calendars: the authority's model, and each school's own days over it.

use super::{REASON, get, post};
use crate::{
    domain::{
        ids::{SchoolId, SpanId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const PLACE: &[(&str, IdOf)] = &[("place", IdOf::School)];
const SPAN: &[(&str, IdOf)] = &[("place", IdOf::School), ("span", IdOf::Span)];

/// Every calendar.
pub static CALENDARS: RouteSpec =
    get("calendars", "/admin/calendars", Capability::ManageCalendars, &[], Audit::None);
/// What a file of how far each is loaded would hold, and why it is wanted.
pub static CALENDARS_EXPORT_NEW: RouteSpec =
    get("calendars_export_form", "/admin/calendars/export", Capability::ManageCalendars, &[], Audit::None);
/// Takes out how far each is loaded.
pub static CALENDARS_EXPORT: RouteSpec = post(
    "export_calendars",
    "/admin/calendars/export",
    Capability::ManageCalendars,
    &[],
    REASON,
    Audit::Read,
);
/// One calendar, a school year at a time.
pub static CALENDAR: RouteSpec =
    get("calendar", "/admin/calendars/{place}", Capability::ManageCalendars, PLACE, Audit::None);
/// The form to add a span.
pub static SPAN_NEW: RouteSpec =
    get("span_form", "/admin/calendars/{place}/spans/new", Capability::ManageCalendars, PLACE, Audit::None);
/// Checks, then adds a span.
pub static SPAN_ADD: RouteSpec = post(
    "add_span",
    "/admin/calendars/{place}/spans/new",
    Capability::ManageCalendars,
    PLACE,
    &["kind", "name", "from.*", "to.*", "go"],
    Audit::Write,
);
/// The form to change or remove a span.
pub static SPAN_EDIT: RouteSpec = get(
    "span_change_form",
    "/admin/calendars/{place}/spans/{span}",
    Capability::ManageCalendars,
    SPAN,
    Audit::None,
);
/// Checks, then changes or removes a span.
pub static SPAN_CHANGE: RouteSpec = post(
    "change_span",
    "/admin/calendars/{place}/spans/{span}",
    Capability::ManageCalendars,
    SPAN,
    &["kind", "name", "from.*", "to.*", "version", "what", "go"],
    Audit::Write,
);
/// Checks, then copies spans of a school year.
pub static CALENDAR_COPY: RouteSpec = post(
    "copy_calendar",
    "/admin/calendars/{place}/copy",
    Capability::ManageCalendars,
    PLACE,
    &["source", "year", "go"],
    Audit::Write,
);
/// What a file of a calendar would hold, and why it is wanted.
pub static CALENDAR_EXPORT_NEW: RouteSpec = get(
    "calendar_export_form",
    "/admin/calendars/{place}/export",
    Capability::ManageCalendars,
    PLACE,
    Audit::None,
);
/// Takes a calendar out as a file.
pub static CALENDAR_EXPORT: RouteSpec = post(
    "export_calendar",
    "/admin/calendars/{place}/export",
    Capability::ManageCalendars,
    PLACE,
    REASON,
    Audit::Read,
);
/// The form to bring in a file.
pub static CALENDAR_FILE: RouteSpec = get(
    "calendar_file_form",
    "/admin/calendars/{place}/import",
    Capability::ManageCalendars,
    PLACE,
    Audit::None,
);
/// Checks, then brings in a file.
pub static CALENDAR_IMPORT: RouteSpec = post(
    "import_calendar",
    "/admin/calendars/{place}/import",
    Capability::ManageCalendars,
    PLACE,
    &["file", "go"],
    Audit::Write,
);

/// The calendar of a school; none: the authority's model.
pub fn calendar(place: Option<SchoolId>) -> String {
    place.map_or_else(|| "/admin/calendars/model".to_owned(), |school| format!("/admin/calendars/{school}"))
}

/// The form to change a span.
pub fn span(place: Option<SchoolId>, id: SpanId) -> String {
    format!("{}/spans/{id}", calendar(place))
}
