//! Suspensions and permanent exclusions.

use super::{PUPIL, REASON, get, post};
use crate::{
    domain::{
        ids::{ExclusionId, PupilId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

const ONE_EXCLUSION: &[(&str, IdOf)] = &[("exclusion", IdOf::Exclusion)];
/// What a suspension would come to. It is about nobody.
pub static CALCULATOR: RouteSpec =
    get("calculator", "/suspensions/calculator", Capability::SeeWholeCase, &[], Audit::None);
/// The suspensions of a pupil with their totals.
pub static SUSPENSIONS: RouteSpec =
    get("suspensions", "/pupils/{pupil}/suspensions", Capability::SeeWholeCase, PUPIL, Audit::Read);
/// What a file of them would hold, and why it is wanted.
pub static SUSPENSIONS_EXPORT_NEW: RouteSpec = get(
    "suspensions_export_form",
    "/pupils/{pupil}/suspensions/export",
    Capability::ExportCases,
    PUPIL,
    Audit::None,
);
/// Takes them out as a file.
pub static SUSPENSIONS_EXPORT: RouteSpec = post(
    "export_suspensions",
    "/pupils/{pupil}/suspensions/export",
    Capability::ExportCases,
    PUPIL,
    REASON,
    Audit::Read,
);
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

/// The form to take a pupil's suspensions out as a file.
pub fn export_suspensions(id: PupilId) -> String {
    format!("/pupils/{id}/suspensions/export")
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
