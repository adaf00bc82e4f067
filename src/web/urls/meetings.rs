//! Meetings and their actions.

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{ActionId, CaseId, MeetingId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const MEETING: &[(&str, IdOf)] = &[("case", IdOf::Case), ("meeting", IdOf::Meeting)];
const ACTION: &[(&str, IdOf)] = &[("case", IdOf::Case), ("action", IdOf::Action)];
const PLAN_FIELDS: &[&str] =
    &["kind", "planned_on.*", "starts_at", "ends_at", "place", "invite+", "other.*", "remove+", "version"];
const MINUTES_FIELDS: &[&str] = &[
    "held_on.*",
    "came.*",
    "notes",
    "decisions",
    "difficulties",
    "support_check",
    "psp",
    "earlier_plans",
    "further_support",
    "strategies",
    "outcome",
    "without_parent",
    "without_service",
    "without_la_representative",
    "next_review_on.*",
    "agreed.*",
    "version",
];
/// The meetings of a case and what was agreed at them.
pub static MEETINGS: RouteSpec =
    get("meetings", "/cases/{case}/meetings", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form to plan a meeting.
pub static MEETING_NEW: RouteSpec =
    get("meeting_form", "/cases/{case}/meetings/new", Capability::HoldMeetings, CASE, Audit::Read);
/// Plans a meeting.
pub static MEETING_CREATE: RouteSpec = post(
    "plan_meeting",
    "/cases/{case}/meetings/new",
    Capability::HoldMeetings,
    CASE,
    PLAN_FIELDS,
    Audit::Write,
);
/// One meeting.
pub static MEETING_SHOW: RouteSpec =
    get("meeting", "/cases/{case}/meetings/{meeting}", Capability::SeeWholeCase, MEETING, Audit::Read);
/// The form to change when, where and who.
pub static MEETING_EDIT: RouteSpec = get(
    "meeting_edit_form",
    "/cases/{case}/meetings/{meeting}/edit",
    Capability::HoldMeetings,
    MEETING,
    Audit::Read,
);
/// Changes when, where and who.
pub static MEETING_UPDATE: RouteSpec = post(
    "change_meeting",
    "/cases/{case}/meetings/{meeting}/edit",
    Capability::HoldMeetings,
    MEETING,
    PLAN_FIELDS,
    Audit::Write,
);
/// Calls a meeting off.
pub static MEETING_CANCEL: RouteSpec = post(
    "cancel_meeting",
    "/cases/{case}/meetings/{meeting}/cancel",
    Capability::HoldMeetings,
    MEETING,
    &["why", "version"],
    Audit::Write,
);
/// The meeting as a calendar file, without the pupil's name.
pub static MEETING_INVITATION: RouteSpec = get(
    "meeting_invitation",
    "/cases/{case}/meetings/{meeting}/invitation.ics",
    Capability::SeeWholeCase,
    MEETING,
    Audit::Read,
);
/// The form of the minutes.
pub static MINUTES: RouteSpec = get(
    "minutes_form",
    "/cases/{case}/meetings/{meeting}/minutes",
    Capability::HoldMeetings,
    MEETING,
    Audit::Read,
);
/// Saves the minutes as a draft.
pub static MINUTES_SAVE: RouteSpec = post(
    "save_minutes",
    "/cases/{case}/meetings/{meeting}/minutes",
    Capability::HoldMeetings,
    MEETING,
    MINUTES_FIELDS,
    Audit::Write,
);
/// Saves the minutes and signs them off.
pub static MINUTES_SIGN: RouteSpec = post(
    "sign_minutes",
    "/cases/{case}/meetings/{meeting}/minutes/sign",
    Capability::HoldMeetings,
    MEETING,
    MINUTES_FIELDS,
    Audit::Write,
);
/// Adds words to signed minutes.
pub static ADDENDUM: RouteSpec = post(
    "add_addendum",
    "/cases/{case}/meetings/{meeting}/addenda",
    Capability::HoldMeetings,
    MEETING,
    &["words"],
    Audit::Write,
);
/// Says whether oneself was at a meeting.
pub static ATTENDANCE: RouteSpec = post(
    "own_attendance",
    "/cases/{case}/meetings/{meeting}/attendance",
    Capability::RecordOwnAttendance,
    MEETING,
    &["attendance"],
    Audit::Write,
);
/// The minutes on paper.
pub static MEETING_PRINT: RouteSpec = get(
    "meeting_print",
    "/cases/{case}/meetings/{meeting}/print",
    Capability::SeeWholeCase,
    MEETING,
    Audit::Read,
);
/// Marks an action as done.
pub static ACTION_DONE: RouteSpec = post(
    "action_done",
    "/cases/{case}/actions/{action}/done",
    Capability::HoldMeetings,
    ACTION,
    &["result"],
    Audit::Write,
);

/// The meetings of a case.
pub fn meetings(case: CaseId) -> String {
    format!("/cases/{case}/meetings")
}

/// One meeting of a case.
pub fn meeting(case: CaseId, meeting: MeetingId) -> String {
    format!("/cases/{case}/meetings/{meeting}")
}

/// Marks an action of a case as done.
pub fn action_done(case: CaseId, action: ActionId) -> String {
    format!("/cases/{case}/actions/{action}/done")
}
