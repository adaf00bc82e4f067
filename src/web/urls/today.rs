//! The day sheet.

use time::Date;

use super::{CASE, get, post};
use crate::{
    domain::{ids::SchoolId, permission::Capability},
    web::routes::{Audit, IdOf, RouteSpec},
};

const ABSENCE: &[(&str, IdOf)] = &[("case", IdOf::Case), ("absence", IdOf::Absence)];

/// The day's monitoring, by day or by period.
pub static TODAY: RouteSpec = get("today", "/today", Capability::SeeToday, &[], Audit::Read);
/// Saves marks: a whole school's sheet, or one pupil's by the script.
pub static TODAY_SAVE: RouteSpec = post(
    "save_marks",
    "/today",
    Capability::LogMarks,
    &[("case.*", IdOf::Case), ("mark.*", IdOf::Target)],
    &[
        "date",
        "period",
        "school",
        "view",
        "seen.*",
        "mark.*",
        "whole.*",
        "why.*",
        "all_met.*",
        "mine.*",
        "all_met",
    ],
    Audit::Write,
);
/// The form for a praise or concern note about one pupil's day.
pub static NOTE_NEW: RouteSpec =
    get("note_form", "/today/notes/{case}", Capability::LogMarks, CASE, Audit::Read);
/// Adds a note.
pub static NOTE_CREATE: RouteSpec = post(
    "add_note",
    "/today/notes/{case}",
    Capability::LogMarks,
    CASE,
    &["date", "period", "kind", "words"],
    Audit::Write,
);
/// A blank card to print, A5, for one pupil.
pub static CARD: RouteSpec = get("card", "/today/cards/{case}", Capability::PrintCards, CASE, Audit::Read);
/// A class sheet to print: every pupil of the day.
pub static CLASS_SHEET: RouteSpec =
    get("class_sheet", "/today/sheet", Capability::PrintCards, &[], Audit::Read);
/// What is known beforehand about a pupil's days.
pub static ABSENCES: RouteSpec =
    get("absences", "/cases/{case}/absences", Capability::PlanAbsences, CASE, Audit::Read);
/// Adds something known beforehand.
pub static ABSENCE_CREATE: RouteSpec = post(
    "plan_absence",
    "/cases/{case}/absences",
    Capability::PlanAbsences,
    CASE,
    &["reason", "from_on.*", "to_on.*", "periods+", "source"],
    Audit::Write,
);
/// Takes it back.
pub static ABSENCE_WITHDRAW: RouteSpec = post(
    "withdraw_absence",
    "/cases/{case}/absences/{absence}/withdraw",
    Capability::PlanAbsences,
    ABSENCE,
    &[],
    Audit::Write,
);

/// The day view of a school's day.
pub fn today(school: SchoolId, day: Date) -> String {
    format!("/today?date={day}&school={school}")
}

/// The period view of a school's day.
pub fn period(school: SchoolId, day: Date, period: i16) -> String {
    format!("/today?date={day}&period={period}&school={school}")
}
