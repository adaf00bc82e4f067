//! THE site map: every address, the spec of every route, every link builder. Nouns and opaque ids; never a
//! name or a UPN.

use time::Date;
use uuid::Uuid;

use super::{
    page::NavLink,
    routes::{Audit, Gate, IdOf, Method, RouteSpec},
};
use crate::domain::{
    ids::{AbsenceId, CaseId, ContactId, PupilId, SchoolId, TargetId},
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
/// Opens a case at Stage 1.
pub static CASE_CREATE: RouteSpec = post(
    "open_case",
    "/cases",
    Capability::OpenCase,
    &[("pupil", IdOf::Pupil), ("lead", IdOf::User)],
    &[
        "pupil",
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
        FirstPage::Cases => "/cases",
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
        ("Today", "/today", Capability::SeeToday),
        ("Cases", "/cases", Capability::SeeCases),
        ("Pupils", "/pupils", Capability::SeePupils),
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
