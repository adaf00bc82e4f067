//! THE site map: every address, the spec of every route, every link builder. Nouns and opaque ids; never a
//! name or a UPN.

use time::Date;
use uuid::Uuid;

use super::{
    page::NavLink,
    routes::{Audit, Gate, IdOf, Method, RouteSpec},
};
use crate::domain::{
    ids::{
        AbsenceId, ActionId, CaseId, ContactId, DirectionId, ExclusionId, IncidentId, MeetingId, NoticeId,
        PanelId, ProposalId, PupilId, ReferralId, SchoolId, SupportId, TargetId, TransferId,
    },
    permission::{Actor, Capability, FirstPage},
};

const CASE: &[(&str, IdOf)] = &[("case", IdOf::Case)];
const PUPIL: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil)];
const CONTACT: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil), ("contact", IdOf::Contact)];
const TARGET: &[(&str, IdOf)] = &[("case", IdOf::Case), ("target", IdOf::Target)];
const ABSENCE: &[(&str, IdOf)] = &[("case", IdOf::Case), ("absence", IdOf::Absence)];

const fn get(
    name: &'static str,
    pattern: &'static str,
    capability: Capability,
    ids: &'static [(&'static str, IdOf)],
    audit: Audit,
) -> RouteSpec {
    RouteSpec { name, method: Method::Get, pattern, gate: Gate::Holds(capability), ids, fields: &[], audit }
}

const fn post(
    name: &'static str,
    pattern: &'static str,
    capability: Capability,
    ids: &'static [(&'static str, IdOf)],
    fields: &'static [&'static str],
    audit: Audit,
) -> RouteSpec {
    RouteSpec { name, method: Method::Post, pattern, gate: Gate::Holds(capability), ids, fields, audit }
}

const fn public(
    name: &'static str,
    method: Method,
    pattern: &'static str,
    reason: &'static str,
) -> RouteSpec {
    RouteSpec { name, method, pattern, gate: Gate::Public(reason), ids: &[], fields: &[], audit: Audit::None }
}

// Accounts.
/// Sends each role to its own first page.
pub static HOME: RouteSpec = public("home", Method::Get, "/", "only redirects, to sign-in or the first page");
/// The sign-in form.
pub static SIGN_IN: RouteSpec = public("sign_in_page", Method::Get, "/sign-in", "the way in");
/// Signs in.
pub static SIGN_IN_POST: RouteSpec = public("sign_in", Method::Post, "/sign-in", "the way in; throttled");
/// Signs out.
pub static SIGN_OUT: RouteSpec =
    public("sign_out", Method::Post, "/sign-out", "must also work when the session has ended");
/// The process is up.
pub static LIVE: RouteSpec =
    public("live", Method::Get, "/live", "for the service manager; says nothing else");
/// The database answers too.
pub static READY: RouteSpec =
    public("ready", Method::Get, "/ready", "for the service manager; says nothing else");
/// The person's own account.
pub static ACCOUNT: RouteSpec = get("account", "/account", Capability::OwnAccount, &[], Audit::None);
/// The form to change one's password.
pub static PASSWORD: RouteSpec =
    get("password_page", "/account/password", Capability::OwnAccount, &[], Audit::None);
/// Changes one's password.
pub static PASSWORD_POST: RouteSpec = post(
    "change_password",
    "/account/password",
    Capability::OwnAccount,
    &[],
    &["current", "new"],
    Audit::Write,
);
/// A form that was kept when the session under it ended.
pub static DRAFT: RouteSpec =
    get("draft", "/account/drafts/{draft}", Capability::OwnAccount, &[("draft", IdOf::Draft)], Audit::None);

// Pupils.
const PUPIL_FIELDS: &[&str] = &[
    "given_name",
    "family_name",
    "known_as",
    "pronouns",
    "born_on.*",
    "upn",
    "no_upn_reason",
    "year_group",
    "year_reason",
    "send",
    "looked_after",
    "eal",
    "enrolled_on.*",
    "school",
    "version",
];
const CONTACT_FIELDS: &[&str] = &[
    "name",
    "relationship",
    "parental_responsibility",
    "contact_order",
    "phone",
    "email",
    "address",
    "address_confidential",
    "no_contact",
    "no_contact_reason",
    "language",
    "version",
];
/// Pupils of the school.
pub static PUPILS: RouteSpec = get("pupils", "/pupils", Capability::SeePupils, &[], Audit::Read);
/// The form to add a pupil.
pub static PUPIL_NEW: RouteSpec =
    get("pupil_form", "/pupils/new", Capability::ManagePupils, &[], Audit::None);
/// Adds a pupil.
pub static PUPIL_CREATE: RouteSpec =
    post("add_pupil", "/pupils", Capability::ManagePupils, &[], PUPIL_FIELDS, Audit::Write);
/// One pupil.
pub static PUPIL_SHOW: RouteSpec = get("pupil", "/pupils/{pupil}", Capability::SeePupils, PUPIL, Audit::Read);
/// The form to change a pupil.
pub static PUPIL_EDIT: RouteSpec =
    get("pupil_edit_form", "/pupils/{pupil}/edit", Capability::ManagePupils, PUPIL, Audit::Read);
/// Changes a pupil.
pub static PUPIL_UPDATE: RouteSpec =
    post("change_pupil", "/pupils/{pupil}/edit", Capability::ManagePupils, PUPIL, PUPIL_FIELDS, Audit::Write);
/// The form to add a contact.
pub static CONTACT_NEW: RouteSpec =
    get("contact_form", "/pupils/{pupil}/contacts/new", Capability::ManagePupils, PUPIL, Audit::Read);
/// Adds a contact.
pub static CONTACT_CREATE: RouteSpec = post(
    "add_contact",
    "/pupils/{pupil}/contacts/new",
    Capability::ManagePupils,
    PUPIL,
    CONTACT_FIELDS,
    Audit::Write,
);
/// The form to change a contact.
pub static CONTACT_EDIT: RouteSpec = get(
    "contact_edit_form",
    "/pupils/{pupil}/contacts/{contact}",
    Capability::ManagePupils,
    CONTACT,
    Audit::Read,
);
/// Changes a contact.
pub static CONTACT_UPDATE: RouteSpec = post(
    "change_contact",
    "/pupils/{pupil}/contacts/{contact}",
    Capability::ManagePupils,
    CONTACT,
    CONTACT_FIELDS,
    Audit::Write,
);
/// Takes a contact off the pupil's list.
pub static CONTACT_REMOVE: RouteSpec = post(
    "remove_contact",
    "/pupils/{pupil}/contacts/{contact}/remove",
    Capability::ManagePupils,
    CONTACT,
    &["version"],
    Audit::Write,
);

// Cases.
/// Cases within reach.
pub static CASES: RouteSpec = get("cases", "/cases", Capability::SeeCases, &[], Audit::Read);
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
/// One day as it was written: who marked what when, and what corrections replaced.
pub static DAY: RouteSpec = get("day", "/cases/{case}/day", Capability::SeeCases, CASE, Audit::Read);

// Stages.
/// Where a case stands: its checklist, what waits, and the moves there are.
pub static STAGE_SHOW: RouteSpec =
    get("stage", "/cases/{case}/stage", Capability::SeeWholeCase, CASE, Audit::Read);
/// A move with what it asks, on a day of one's choice.
pub static MOVE_NEW: RouteSpec =
    get("move_form", "/cases/{case}/stage/move", Capability::ProposeMoves, CASE, Audit::Read);
/// Decides a move, or proposes it to the headteacher.
pub static MOVE_CREATE: RouteSpec = post(
    "move",
    "/cases/{case}/stage/move",
    Capability::ProposeMoves,
    &[("case", IdOf::Case), ("incident", IdOf::Incident)],
    &[
        "to",
        "why",
        "incident",
        "exclusion_in_view",
        "until.*",
        "told_parents",
        "told_pupil",
        "recognised",
        "words",
        "reason.*",
    ],
    Audit::Write,
);
/// Answers a proposal: confirms, declines or withdraws it.
pub static PROPOSAL_ANSWER: RouteSpec = post(
    "answer_proposal",
    "/cases/{case}/proposals/{proposal}",
    Capability::ProposeMoves,
    &[("case", IdOf::Case), ("proposal", IdOf::Proposal)],
    &["answer", "words"],
    Audit::Write,
);
/// The form to record a step of the programme.
pub static STEP_NEW: RouteSpec =
    get("step_form", "/cases/{case}/steps/new", Capability::RecordExplanation, CASE, Audit::Read);
/// Records a step of the programme.
pub static STEP_CREATE: RouteSpec = post(
    "record_step",
    "/cases/{case}/steps/new",
    Capability::RecordExplanation,
    CASE,
    &[
        "kind",
        "on_date.*",
        "decision",
        "why",
        "reference",
        "lead_professional",
        "by_la",
        "by",
        "parents+",
        "pupil",
        "how",
        "attempts",
        "audience",
        "language",
        "parent",
        "state",
        "words",
        "until",
        "appropriate",
        "safeguarding_asked",
        "what",
        "policy",
        "if_improves",
        "if_not",
        "incident",
        "move_to_3",
        "who",
        "names",
        "settled",
        "clause",
    ],
    Audit::Write,
);

// Targets.
const TARGET_FIELDS: &[&str] = &["words", "criterion", "due_on.*", "pupil_words", "version", "reason.*"];
/// The targets of a case, with the form to add one.
pub static TARGETS: RouteSpec =
    get("targets", "/cases/{case}/targets", Capability::SeeCases, CASE, Audit::Read);
/// The form to add a target, empty or from the bank.
pub static TARGET_NEW: RouteSpec =
    get("target_form", "/cases/{case}/targets/new", Capability::SetTargets, CASE, Audit::Read);
/// Adds a target.
pub static TARGET_CREATE: RouteSpec = post(
    "set_target",
    "/cases/{case}/targets/new",
    Capability::SetTargets,
    CASE,
    TARGET_FIELDS,
    Audit::Write,
);
/// The form to change a target.
pub static TARGET_EDIT: RouteSpec =
    get("target_edit_form", "/cases/{case}/targets/{target}", Capability::SetTargets, TARGET, Audit::Read);
/// Changes a target; the earlier wording stays.
pub static TARGET_UPDATE: RouteSpec = post(
    "change_target",
    "/cases/{case}/targets/{target}",
    Capability::SetTargets,
    TARGET,
    TARGET_FIELDS,
    Audit::Write,
);
/// Ends work on a target; its marks stay.
pub static TARGET_END: RouteSpec = post(
    "end_target",
    "/cases/{case}/targets/{target}/end",
    Capability::SetTargets,
    TARGET,
    &["version"],
    Audit::Write,
);
/// Moves a target up the list.
pub static TARGET_RAISE: RouteSpec = post(
    "raise_target",
    "/cases/{case}/targets/{target}/raise",
    Capability::SetTargets,
    TARGET,
    &["version"],
    Audit::Write,
);

// Today.
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

// Administration.
/// What there is to administer.
pub static ADMIN: RouteSpec = get("admin", "/admin", Capability::PublishPolicy, &[], Audit::None);
/// Every version of the policy.
pub static POLICIES: RouteSpec =
    get("policies", "/admin/policy", Capability::PublishPolicy, &[], Audit::None);
/// The form to publish a version.
pub static POLICY_NEW: RouteSpec =
    get("policy_form", "/admin/policy/new", Capability::PublishPolicy, &[], Audit::None);
/// Checks a version, then publishes it.
pub static POLICY_PUBLISH: RouteSpec = post(
    "publish_policy",
    "/admin/policy/new",
    Capability::PublishPolicy,
    &[],
    &["number.*", "effective_on.*", "source", "reason", "version", "go"],
    Audit::Write,
);
/// One version of the policy.
pub static POLICY_SHOW: RouteSpec = get(
    "policy",
    "/admin/policy/{version}",
    Capability::PublishPolicy,
    &[("version", IdOf::PolicyVersion)],
    Audit::None,
);

// Overview.
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

// Meetings.
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

// Support.
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
/// Records a session, or corrects one.
pub static SUPPORT_SESSION: RouteSpec = post(
    "record_session",
    "/cases/{case}/support/{support}/sessions",
    Capability::DeliverSupport,
    ONE_SUPPORT,
    &["held.*", "delivered", "why_not", "note", "corrects"],
    Audit::Write,
);

// Incidents.
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

// Weekly reviews and feedback.
/// The weeks of a case, newest first.
pub static REVIEWS: RouteSpec =
    get("reviews", "/cases/{case}/reviews", Capability::SeeWholeCase, CASE, Audit::Read);
/// One week: its figures, its review, and the form to sign it.
pub static REVIEW_SHOW: RouteSpec =
    get("review", "/cases/{case}/reviews/{week}", Capability::SeeWholeCase, CASE, Audit::Read);
/// Signs the review of a week; the earlier version stays.
pub static REVIEW_SIGN: RouteSpec = post(
    "sign_review",
    "/cases/{case}/reviews/{week}",
    Capability::ReviewWeeks,
    &[("case", IdOf::Case), ("rating.*", IdOf::Target)],
    &[
        "rating.*",
        "overall",
        "overall_why",
        "went_well",
        "next_steps",
        "services+",
        "services_words",
        "version",
    ],
    Audit::Write,
);
/// Who was told about a week, and the form to record it.
pub static FEEDBACK: RouteSpec =
    get("feedback", "/cases/{case}/reviews/{week}/feedback", Capability::SeeWholeCase, CASE, Audit::Read);
/// Records that a parent or carer was told.
pub static FEEDBACK_GIVE: RouteSpec = post(
    "give_feedback",
    "/cases/{case}/reviews/{week}/feedback",
    Capability::ReviewWeeks,
    &[("case", IdOf::Case), ("contact", IdOf::Contact)],
    &["contact", "how", "words", "reached", "answer"],
    Audit::Write,
);

// Letters and leaflets.
/// The weekly letter to one contact, to print; without one, the contacts to choose from.
pub static LETTER: RouteSpec = get(
    "letter",
    "/cases/{case}/letters/{week}",
    Capability::SeeWholeCase,
    &[("case", IdOf::Case), ("contact", IdOf::Contact)],
    Audit::Read,
);
/// The leaflets. They are about nobody.
pub static LEAFLETS: RouteSpec = get("leaflets", "/leaflets", Capability::SeeCases, &[], Audit::None);
/// One leaflet in one language, to print.
pub static LEAFLET: RouteSpec =
    get("leaflet", "/leaflets/{audience}/{language}", Capability::SeeCases, &[], Audit::None);

// Suspensions.
const ONE_EXCLUSION: &[(&str, IdOf)] = &[("exclusion", IdOf::Exclusion)];
/// What a suspension would come to. It is about nobody.
pub static CALCULATOR: RouteSpec =
    get("calculator", "/suspensions/calculator", Capability::SeeWholeCase, &[], Audit::None);
/// The suspensions of a pupil with their totals.
pub static SUSPENSIONS: RouteSpec =
    get("suspensions", "/pupils/{pupil}/suspensions", Capability::SeeWholeCase, PUPIL, Audit::Read);
/// The form to suspend or exclude a pupil.
pub static EXCLUSION_NEW: RouteSpec =
    get("exclusion_form", "/pupils/{pupil}/suspensions/new", Capability::IssueExclusions, PUPIL, Audit::Read);
/// Shows what would follow, then issues.
pub static EXCLUSION_ISSUE: RouteSpec = post(
    "issue_exclusion",
    "/pupils/{pupil}/suspensions/new",
    Capability::IssueExclusions,
    &[("pupil", IdOf::Pupil), ("incident", IdOf::Incident), ("further", IdOf::Exclusion)],
    &[
        "kind",
        "decided.*",
        "issuer",
        "first.*",
        "first_session",
        "length",
        "lunch.*",
        "lunch_count",
        "reason+",
        "what",
        "incident",
        "exam.*",
        "exam_session",
        "exam_name",
        "no_exams_left",
        "has_social_worker",
        "lives_away",
        "further",
        "further_reason",
        "evidence",
        "stage_3_reason",
        "seen",
        "ceiling_seen",
        "go",
    ],
    Audit::Write,
);
/// The days other schools gave as numbers, with the form to add some.
pub static DAYS_ELSEWHERE: RouteSpec = get(
    "days_elsewhere",
    "/pupils/{pupil}/suspensions/elsewhere",
    Capability::RecordExclusionSteps,
    PUPIL,
    Audit::Read,
);
/// Adds days another school gave.
pub static DAYS_ELSEWHERE_ADD: RouteSpec = post(
    "add_days_elsewhere",
    "/pupils/{pupil}/suspensions/elsewhere",
    Capability::RecordExclusionSteps,
    PUPIL,
    &["year", "legal_term", "length", "who_said"],
    Audit::Write,
);
/// Takes such days back.
pub static DAYS_ELSEWHERE_TAKE_BACK: RouteSpec = post(
    "take_back_days_elsewhere",
    "/pupils/{pupil}/suspensions/elsewhere/take-back",
    Capability::RecordExclusionSteps,
    PUPIL,
    &["entry"],
    Audit::Write,
);
/// One exclusion: what was issued, what it comes to, what is owed and done.
pub static EXCLUSION: RouteSpec =
    get("exclusion", "/suspensions/{exclusion}", Capability::SeeWholeCase, ONE_EXCLUSION, Audit::Read);
/// The form to record a step after an exclusion.
pub static EXCLUSION_STEP_NEW: RouteSpec = get(
    "exclusion_step_form",
    "/suspensions/{exclusion}/steps",
    Capability::RecordExclusionSteps,
    ONE_EXCLUSION,
    Audit::Read,
);
/// Records a step after an exclusion.
pub static EXCLUSION_STEP_CREATE: RouteSpec = post(
    "record_exclusion_step",
    "/suspensions/{exclusion}/steps",
    Capability::RecordExclusionSteps,
    ONE_EXCLUSION,
    &[
        "step",
        "told",
        "to",
        "day.*",
        "time",
        "how",
        "say",
        "result",
        "by_whom",
        "where",
        "times_of_day",
        "ask_for",
        "starts.*",
    ],
    Audit::Write,
);
/// Takes back a step that was recorded by mistake.
pub static EXCLUSION_STEP_TAKE_BACK: RouteSpec = post(
    "take_back_exclusion_step",
    "/suspensions/{exclusion}/steps/take-back",
    Capability::RecordExclusionSteps,
    ONE_EXCLUSION,
    &["entry", "say"],
    Audit::Write,
);
/// The form to cancel an exclusion.
pub static EXCLUSION_CANCEL_FORM: RouteSpec = get(
    "cancel_exclusion_form",
    "/suspensions/{exclusion}/cancel",
    Capability::IssueExclusions,
    ONE_EXCLUSION,
    Audit::Read,
);
/// Cancels an exclusion.
pub static EXCLUSION_CANCEL: RouteSpec = post(
    "cancel_exclusion",
    "/suspensions/{exclusion}/cancel",
    Capability::IssueExclusions,
    ONE_EXCLUSION,
    &["back.*", "back_session", "say"],
    Audit::Write,
);
/// The written notice to the parents, to print.
pub static EXCLUSION_LETTER: RouteSpec = get(
    "exclusion_letter",
    "/suspensions/{exclusion}/letter",
    Capability::SeeWholeCase,
    &[("exclusion", IdOf::Exclusion), ("contact", IdOf::Contact)],
    Audit::Read,
);
/// A notice to somebody else, to print.
pub static EXCLUSION_NOTICE: RouteSpec = get(
    "exclusion_notice",
    "/suspensions/{exclusion}/notices/{kind}",
    Capability::SeeWholeCase,
    ONE_EXCLUSION,
    Audit::Read,
);

// Stage 3.
const ALTERNATIVE_FIELDS: &[&str] = &[
    "considered",
    "pupil_view",
    "parent_view",
    "why",
    "chosen",
    "route",
    "last_resort",
    "plan",
    "starts_on.*",
    "review_on.*",
    "ends_on.*",
    "version",
];
const AGREEMENT: &[(&str, IdOf)] = &[("case", IdOf::Case), ("contact", IdOf::Contact)];
/// What the case came to at Stage 3.
pub static STAGE_3: RouteSpec =
    get("stage_3", "/cases/{case}/stage-3", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form about one alternative to a permanent exclusion.
pub static ALTERNATIVE_FORM: RouteSpec = get(
    "alternative_form",
    "/cases/{case}/stage-3/{alternative}",
    Capability::RecordSteps,
    CASE,
    Audit::Read,
);
/// Writes it down.
pub static ALTERNATIVE_SAVE: RouteSpec = post(
    "save_alternative",
    "/cases/{case}/stage-3/{alternative}",
    Capability::RecordSteps,
    CASE,
    ALTERNATIVE_FIELDS,
    Audit::Write,
);
/// What the programme asks before an outcome is agreed.
pub static AGREE_FORM: RouteSpec = get(
    "agree_form",
    "/cases/{case}/stage-3/{alternative}/agree",
    Capability::DecideMoves,
    CASE,
    Audit::Read,
);
/// The headteacher decides about a proposed outcome.
pub static AGREE: RouteSpec = post(
    "agree",
    "/cases/{case}/stage-3/{alternative}/agree",
    Capability::DecideMoves,
    CASE,
    &["answer", "words", "version", "reason.*"],
    Audit::Write,
);
/// An agreed outcome came to its end.
pub static OUTCOME_END: RouteSpec = post(
    "end_outcome",
    "/cases/{case}/stage-3/{alternative}/end",
    Capability::RecordSteps,
    CASE,
    &["how", "words", "version"],
    Audit::Write,
);
/// The form for a parent's answer.
pub static AGREEMENT_FORM: RouteSpec = get(
    "agreement_form",
    "/cases/{case}/agreements/{contact}",
    Capability::RecordSteps,
    AGREEMENT,
    Audit::Read,
);
/// Records it.
pub static AGREEMENT_SAVE: RouteSpec = post(
    "save_agreement",
    "/cases/{case}/agreements/{contact}",
    Capability::RecordSteps,
    AGREEMENT,
    &[
        "answer.*",
        "asked_on.*",
        "how",
        "explained",
        "advised",
        "answered_on.*",
        "presence",
        "words",
        "ask_again_on.*",
        "copy_given",
    ],
    Audit::Write,
);
/// The form a parent reads and signs, to print.
pub static AGREEMENT_PRINT: RouteSpec = get(
    "agreement_print",
    "/cases/{case}/agreements/{contact}/print",
    Capability::SeeWholeCase,
    AGREEMENT,
    Audit::Read,
);

// Supported transfers.
/// Where a transfer stands, its papers and what is next.
pub static TRANSFER: RouteSpec =
    get("transfer", "/cases/{case}/transfer", Capability::SeeWholeCase, CASE, Audit::Read);
/// Begins a managed move.
pub static TRANSFER_BEGIN: RouteSpec = post(
    "begin_transfer",
    "/cases/{case}/transfer",
    Capability::PrepareTransfer,
    CASE,
    &["route"],
    Audit::Write,
);
/// The form of one document of the pack.
pub static PACK_ITEM: RouteSpec = get(
    "pack_item_form",
    "/cases/{case}/transfer/items/{item}",
    Capability::PrepareTransfer,
    CASE,
    Audit::Read,
);
/// Saves one document of the pack.
pub static PACK_ITEM_SAVE: RouteSpec = post(
    "save_pack_item",
    "/cases/{case}/transfer/items/{item}",
    Capability::PrepareTransfer,
    CASE,
    &["presence", "words", "reason", "share", "told_on.*", "school+", "wish+", "why+", "version"],
    Audit::Write,
);
/// What submitting asks, and what will be shared with whom.
pub static TRANSFER_SUBMIT: RouteSpec =
    get("submit_form", "/cases/{case}/transfer/submit", Capability::SubmitToPanel, CASE, Audit::Read);
/// Freezes the papers and submits them to a panel.
pub static TRANSFER_SUBMIT_POST: RouteSpec = post(
    "submit_to_panel",
    "/cases/{case}/transfer/submit",
    Capability::SubmitToPanel,
    CASE,
    &["panel", "reason.*", "sure", "version"],
    Audit::Write,
);
/// The papers as they were submitted, to read and to print.
pub static TRANSFER_PACK: RouteSpec =
    get("pack", "/cases/{case}/transfer/pack", Capability::SeeWholeCase, CASE, Audit::Read);
/// Stops a transfer before it starts.
pub static TRANSFER_WITHDRAW: RouteSpec = post(
    "withdraw_transfer",
    "/cases/{case}/transfer/withdraw",
    Capability::PrepareTransfer,
    CASE,
    &["by", "words", "version"],
    Audit::Write,
);
/// Records that a file followed the pupil.
pub static TRANSFER_FILES: RouteSpec = post(
    "send_transfer_file",
    "/cases/{case}/transfer/files",
    Capability::PrepareTransfer,
    CASE,
    &["file", "sent_on.*", "none"],
    Audit::Write,
);

// Off-site directions.
const DIRECTION_ID: &[(&str, IdOf)] = &[("case", IdOf::Case), ("direction", IdOf::Direction)];
/// The off-site directions of a case.
pub static DIRECTION: RouteSpec =
    get("direction", "/cases/{case}/direction", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form for a direction.
pub static DIRECTION_NEW: RouteSpec =
    get("direction_form", "/cases/{case}/direction/new", Capability::PrepareTransfer, CASE, Audit::Read);
/// Records a direction.
pub static DIRECTION_CREATE: RouteSpec = post(
    "direct_off_site",
    "/cases/{case}/direction/new",
    Capability::PrepareTransfer,
    CASE,
    &[
        "decided_on.*",
        "decided_for",
        "place",
        "address",
        "report_to",
        "times",
        "reasons",
        "objectives",
        "notice_on.*",
        "notice_how",
        "starts_on.*",
        "ends_on.*",
        "la_told",
        "reason.*",
    ],
    Audit::Write,
);
/// The written notice, to print.
pub static DIRECTION_NOTICE: RouteSpec = get(
    "direction_notice",
    "/cases/{case}/direction/{direction}/notice",
    Capability::SeeWholeCase,
    DIRECTION_ID,
    Audit::Read,
);
/// Records a review.
pub static DIRECTION_REVIEW: RouteSpec = post(
    "review_direction",
    "/cases/{case}/direction/{direction}/reviews",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["held.*", "kind", "people+", "words"],
    Audit::Write,
);
/// Records that a review was asked for in writing, and the answer.
pub static DIRECTION_REQUEST: RouteSpec = post(
    "ask_direction_review",
    "/cases/{case}/direction/{direction}/requests",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["asked.*", "asked_by", "answer", "refused_why"],
    Audit::Write,
);
/// Ends a direction.
pub static DIRECTION_END: RouteSpec = post(
    "end_direction",
    "/cases/{case}/direction/{direction}/end",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["ended.*", "how", "why", "version"],
    Audit::Write,
);

// Panels.
const PANEL: &[(&str, IdOf)] = &[("panel", IdOf::Panel)];
const REFERRAL: &[(&str, IdOf)] = &[("panel", IdOf::Panel), ("referral", IdOf::Referral)];
const PANEL_FIELDS: &[&str] =
    &["meets_on.*", "starts_at", "place", "papers_close_on.*", "member+", "version"];
/// The panels.
pub static PANELS: RouteSpec = get("panels", "/panel", Capability::SeePanel, &[], Audit::None);
/// The form to plan a panel.
pub static PANEL_NEW: RouteSpec = get("panel_form", "/panel/new", Capability::PreparePanel, &[], Audit::None);
/// Plans a panel.
pub static PANEL_CREATE: RouteSpec =
    post("plan_panel", "/panel/new", Capability::PreparePanel, &[], PANEL_FIELDS, Audit::Write);
/// Places and pupils on roll, school by school.
pub static PLACES: RouteSpec =
    get("school_places", "/panel/places", Capability::PreparePanel, &[], Audit::None);
/// Records a count.
pub static PLACES_SAVE: RouteSpec = post(
    "count_places",
    "/panel/places",
    Capability::PreparePanel,
    &[],
    &["school", "places", "roll", "as_of.*"],
    Audit::Write,
);
/// One panel: its agenda, its members, what schools can take.
pub static PANEL_SHOW: RouteSpec = get("panel", "/panel/{panel}", Capability::SeePanel, PANEL, Audit::Read);
/// The form to change a panel.
pub static PANEL_EDIT: RouteSpec =
    get("panel_edit_form", "/panel/{panel}/edit", Capability::PreparePanel, PANEL, Audit::None);
/// Changes a panel.
pub static PANEL_UPDATE: RouteSpec =
    post("change_panel", "/panel/{panel}/edit", Capability::PreparePanel, PANEL, PANEL_FIELDS, Audit::Write);
/// The form to cancel a panel.
pub static PANEL_CANCEL: RouteSpec =
    get("panel_cancel_form", "/panel/{panel}/cancel", Capability::PreparePanel, PANEL, Audit::None);
/// Cancels a panel nothing waits for.
pub static PANEL_CANCEL_POST: RouteSpec =
    post("cancel_panel", "/panel/{panel}/cancel", Capability::PreparePanel, PANEL, &["words"], Audit::Write);
/// The agenda, to print.
pub static PANEL_AGENDA: RouteSpec =
    get("panel_agenda", "/panel/{panel}/agenda", Capability::SeePanel, PANEL, Audit::Read);
/// The minutes, to print.
pub static PANEL_MINUTES: RouteSpec =
    get("panel_minutes", "/panel/{panel}/minutes", Capability::SeePanel, PANEL, Audit::Read);
/// Saves who came and what was said besides the decisions.
pub static PANEL_MINUTES_SAVE: RouteSpec = post(
    "minute_panel",
    "/panel/{panel}/minutes",
    Capability::PreparePanel,
    PANEL,
    &["came.*", "words", "version"],
    Audit::Write,
);
/// One referral with its pack.
pub static REFERRAL_SHOW: RouteSpec =
    get("referral", "/panel/{panel}/referrals/{referral}", Capability::SeePanel, REFERRAL, Audit::Read);
/// Declares an interest.
pub static REFERRAL_INTEREST: RouteSpec = post(
    "declare_interest",
    "/panel/{panel}/referrals/{referral}/interests",
    Capability::Allocate,
    REFERRAL,
    &["interest", "interest_school", "interest_words"],
    Audit::Write,
);
/// Records the panel's decision.
pub static REFERRAL_DECIDE: RouteSpec = post(
    "decide_referral",
    "/panel/{panel}/referrals/{referral}/decision",
    Capability::Allocate,
    REFERRAL,
    &[
        "outcome",
        "school",
        "starts_on.*",
        "other_panel",
        "reasons",
        "conditions",
        "dissent",
        "objection",
        "reason.*",
        "version",
    ],
    Audit::Write,
);
/// Says that the papers are complete, or returns them.
pub static REFERRAL_RECEIPT: RouteSpec = post(
    "receive_papers",
    "/panel/{panel}/referrals/{referral}/receipt",
    Capability::PreparePanel,
    REFERRAL,
    &["receipt", "receipt_words", "version"],
    Audit::Write,
);

// Transfers allocated to one's school.
const RECEIVED_ID: &[(&str, IdOf)] = &[("transfer", IdOf::Received)];
/// The transfers allocated to one's school.
pub static RECEIVED: RouteSpec = get("received", "/received", Capability::SeeReceived, &[], Audit::Read);
/// One of them with what is shared.
pub static RECEIVED_SHOW: RouteSpec =
    get("received_one", "/received/{transfer}", Capability::SeeReceived, RECEIVED_ID, Audit::Read);
/// Accepts or declines.
pub static RECEIVED_ANSWER: RouteSpec = post(
    "answer_allocation",
    "/received/{transfer}/answer",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["answer", "starts_on.*", "words", "version"],
    Audit::Write,
);
/// Moves the first day.
pub static RECEIVED_START: RouteSpec = post(
    "move_start",
    "/received/{transfer}/start",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["starts_on.*", "words", "version"],
    Audit::Write,
);
/// Says that the pupil is on the roll.
pub static RECEIVED_ROLL: RouteSpec = post(
    "on_roll",
    "/received/{transfer}/roll",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["on.*", "version"],
    Audit::Write,
);
/// Records a follow-up review, or the last one.
pub static RECEIVED_REVIEW: RouteSpec = post(
    "follow_up_transfer",
    "/received/{transfer}/reviews",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["words", "last", "version"],
    Audit::Write,
);
/// Records that a file came.
pub static RECEIVED_FILES: RouteSpec = post(
    "receive_transfer_file",
    "/received/{transfer}/files",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["file", "received_on.*"],
    Audit::Write,
);

/// Sign-in, then back to a path of ours.
pub fn sign_in(back: &str) -> String {
    if back == "/" { "/sign-in".to_owned() } else { format!("/sign-in?back={}", encode(back)) }
}

/// A path of ours to come back to; anything that could lead elsewhere is the first page.
pub fn safe_back(back: &str) -> &str {
    let ours = back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && !back.chars().any(char::is_control)
        && !back.starts_with("/sign-");
    if ours { back } else { "/" }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A kept form.
pub fn draft(id: Uuid) -> String {
    format!("/account/drafts/{id}")
}

/// The first page of a person's roles.
pub fn first_page(page: FirstPage) -> &'static str {
    match page {
        FirstPage::Today => "/today",
        FirstPage::Overview => "/overview",
        FirstPage::Cases => "/cases",
        FirstPage::Admin => "/admin",
        FirstPage::Panels => "/panel",
        FirstPage::Account => "/account",
    }
}

/// One pupil.
pub fn pupil(id: PupilId) -> String {
    format!("/pupils/{id}")
}

/// One contact of a pupil.
pub fn contact(pupil: PupilId, contact: ContactId) -> String {
    format!("/pupils/{pupil}/contacts/{contact}")
}

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

/// One day of a case as it was written.
pub fn day(case: CaseId, day: Date) -> String {
    format!("/cases/{case}/day?date={day}")
}

/// Where a case stands, and why it can or cannot move.
pub fn stage(case: CaseId) -> String {
    format!("/cases/{case}/stage")
}

/// A move of a case: "up2", "exit" and so on.
pub fn a_move(case: CaseId, to: &str) -> String {
    format!("/cases/{case}/stage/move?to={to}")
}

/// Answers a proposal.
pub fn proposal(case: CaseId, proposal: ProposalId) -> String {
    format!("/cases/{case}/proposals/{proposal}")
}

/// The form to record a step of this kind.
pub fn step(case: CaseId, kind: &str) -> String {
    format!("/cases/{case}/steps/new?kind={kind}")
}

/// The weekly reviews of a case.
pub fn reviews(case: CaseId) -> String {
    format!("/cases/{case}/reviews")
}

/// The meetings of a case.
pub fn meetings(case: CaseId) -> String {
    format!("/cases/{case}/meetings")
}

/// The support of a case.
pub fn support(case: CaseId) -> String {
    format!("/cases/{case}/support")
}

/// The incidents of a case.
pub fn incidents(case: CaseId) -> String {
    format!("/cases/{case}/incidents")
}

/// The targets of a case.
pub fn targets(case: CaseId) -> String {
    format!("/cases/{case}/targets")
}

/// One target of a case.
pub fn target(case: CaseId, target: TargetId) -> String {
    format!("/cases/{case}/targets/{target}")
}

/// What is known beforehand about a pupil's days.
pub fn absences(case: CaseId) -> String {
    format!("/cases/{case}/absences")
}

/// Takes back something known beforehand.
pub fn withdraw_absence(case: CaseId, absence: AbsenceId) -> String {
    format!("/cases/{case}/absences/{absence}/withdraw")
}

/// The day view of a school's day.
pub fn today(school: SchoolId, day: Date) -> String {
    format!("/today?date={day}&school={school}")
}

/// The period view of a school's day.
pub fn period(school: SchoolId, day: Date, period: i16) -> String {
    format!("/today?date={day}&period={period}&school={school}")
}

/// Links in the header, for this person, on this page. A person sees only what they may open.
pub fn navigation(actor: &Actor, path: &str) -> Vec<NavLink> {
    [
        ("Overview", "/overview", Capability::SeeOverview),
        ("Today", "/today", Capability::SeeToday),
        ("Cases", "/cases", Capability::SeeCases),
        ("Pupils", "/pupils", Capability::SeePupils),
        ("Received", "/received", Capability::SeeReceived),
        ("Panels", "/panel", Capability::SeePanel),
        ("Administration", "/admin", Capability::PublishPolicy),
        ("Your account", "/account", Capability::OwnAccount),
    ]
    .into_iter()
    .filter(|(.., capability)| actor.may(*capability))
    .map(|(text, href, _)| NavLink {
        text,
        href,
        current: path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')),
    })
    .collect()
}

/// One version of the policy.
pub fn policy(version: i32) -> String {
    format!("/admin/policy/{version}")
}

/// The form to name a delegate at a school.
pub fn name_delegate(school: SchoolId) -> String {
    format!("/overview/delegates/new?school={school}")
}

/// Ends a delegation.
pub fn end_delegation(delegation: Uuid) -> String {
    format!("/overview/delegates/{delegation}/end")
}

/// Cases at a stage.
pub fn cases_at(stage: i16) -> String {
    format!("/cases?stage={stage}")
}

/// What the headteacher was told before a notice.
pub fn overview_before(notice: NoticeId) -> String {
    format!("/overview?before={notice}")
}

/// One meeting of a case.
pub fn meeting(case: CaseId, meeting: MeetingId) -> String {
    format!("/cases/{case}/meetings/{meeting}")
}

/// Marks an action of a case as done.
pub fn action_done(case: CaseId, action: ActionId) -> String {
    format!("/cases/{case}/actions/{action}/done")
}

/// One support of a case.
pub fn one_support(case: CaseId, support: SupportId) -> String {
    format!("/cases/{case}/support/{support}")
}

/// One incident of a case.
pub fn incident(case: CaseId, incident: IncidentId) -> String {
    format!("/cases/{case}/incidents/{incident}")
}

/// One week of a case, named by its Monday.
pub fn review(case: CaseId, week: Date) -> String {
    format!("/cases/{case}/reviews/{week}")
}

/// Who was told about a week.
pub fn feedback(case: CaseId, week: Date) -> String {
    format!("/cases/{case}/reviews/{week}/feedback")
}

/// The contacts a week's letter can go to.
pub fn letters(case: CaseId, week: Date) -> String {
    format!("/cases/{case}/letters/{week}")
}

/// A week's letter to one contact.
pub fn letter(case: CaseId, week: Date, contact: ContactId) -> String {
    format!("/cases/{case}/letters/{week}?contact={contact}")
}

/// A leaflet, by the stored words of its audience and language.
pub fn leaflet(audience: &str, language: &str) -> String {
    format!("/leaflets/{audience}/{language}")
}

/// The suspensions of a pupil.
pub fn suspensions(pupil: PupilId) -> String {
    format!("/pupils/{pupil}/suspensions")
}

/// The form to suspend or exclude a pupil.
pub fn suspend(pupil: PupilId) -> String {
    format!("/pupils/{pupil}/suspensions/new")
}

/// The days other schools gave for a pupil.
pub fn days_elsewhere(pupil: PupilId) -> String {
    format!("/pupils/{pupil}/suspensions/elsewhere")
}

/// One exclusion.
pub fn exclusion(id: ExclusionId) -> String {
    format!("/suspensions/{id}")
}

/// The form to record a step after an exclusion.
pub fn exclusion_step(id: ExclusionId, step: &str) -> String {
    format!("/suspensions/{id}/steps?step={step}")
}

/// The form to record that somebody was told of an exclusion.
pub fn exclusion_told(id: ExclusionId, notice: &str, to: &str) -> String {
    format!("/suspensions/{id}/steps?step=told&told={notice}&to={to}")
}

/// The form to cancel an exclusion.
pub fn cancel_exclusion(id: ExclusionId) -> String {
    format!("/suspensions/{id}/cancel")
}

/// The written notice of an exclusion to the parents.
pub fn exclusion_letter(id: ExclusionId) -> String {
    format!("/suspensions/{id}/letter")
}

/// A notice of an exclusion to somebody else.
pub fn exclusion_notice(id: ExclusionId, kind: &str) -> String {
    format!("/suspensions/{id}/notices/{kind}")
}

/// What a case came to at Stage 3.
pub fn stage_3(case: CaseId) -> String {
    format!("/cases/{case}/stage-3")
}

/// One alternative of a case, by its stored word.
pub fn alternative(case: CaseId, alternative: &str) -> String {
    format!("/cases/{case}/stage-3/{alternative}")
}

/// The headteacher's decision about one alternative.
pub fn agree_alternative(case: CaseId, alternative: &str) -> String {
    format!("/cases/{case}/stage-3/{alternative}/agree")
}

/// What a parent is asked and answers.
pub fn agreement(case: CaseId, contact: ContactId) -> String {
    format!("/cases/{case}/agreements/{contact}")
}

/// The transfer of a case.
pub fn transfer(case: CaseId) -> String {
    format!("/cases/{case}/transfer")
}

/// One document of the pack of a case's transfer.
pub fn pack_item(case: CaseId, item: &str) -> String {
    format!("/cases/{case}/transfer/items/{item}")
}

/// The off-site directions of a case.
pub fn directions(case: CaseId) -> String {
    format!("/cases/{case}/direction")
}

/// One off-site direction of a case.
pub fn direction(case: CaseId, direction: DirectionId) -> String {
    format!("/cases/{case}/direction/{direction}")
}

/// One panel.
pub fn panel(panel: PanelId) -> String {
    format!("/panel/{panel}")
}

/// One referral on the agenda of a panel.
pub fn referral(panel: PanelId, referral: ReferralId) -> String {
    format!("/panel/{panel}/referrals/{referral}")
}

/// One transfer that was allocated to one's school.
pub fn received(transfer: TransferId) -> String {
    format!("/received/{transfer}")
}
