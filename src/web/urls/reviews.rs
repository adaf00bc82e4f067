//! Weekly reviews, feedback, letters and leaflets.

use time::Date;

use super::{CASE, get, post};
use crate::{
    domain::{
        ids::{CaseId, ContactId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

// Weekly reviews and feedback.
/// The weeks of a case, newest first.
pub static REVIEWS: RouteSpec =
    get("reviews", "/cases/{case}/reviews", Capability::SeeWholeCase, CASE, Audit::Read);
/// The reviews of the latest week of a school, one pupil after another.
pub static REVIEW_RUN: RouteSpec =
    get("review_run", "/reviews/run", Capability::ReviewWeeks, &[], Audit::Read);
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
        "run",
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

/// The weekly reviews of a case.
pub fn reviews(case: CaseId) -> String {
    format!("/cases/{case}/reviews")
}

/// One week of a case, named by its Monday.
pub fn review(case: CaseId, week: Date) -> String {
    format!("/cases/{case}/reviews/{week}")
}

/// The same in a run: after it comes the next pupil.
pub fn review_in_run(case: CaseId, week: Date) -> String {
    format!("/cases/{case}/reviews/{week}?run=1")
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
