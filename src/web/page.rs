//! What every page has around its own content.

use std::sync::OnceLock;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

/// Header, navigation and banners of a page.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// Links of the service navigation.
    pub nav: Vec<NavLink>,
    /// Who is signed in.
    pub person: Option<String>,
    /// Their school, when there is one.
    pub school: Option<String>,
    /// The demo world: a banner says so.
    pub demo: bool,
    /// What the step before did.
    pub flash: Option<Flash>,
    /// The key of the form on this page.
    pub form_key: Uuid,
}

/// Whether this process serves the demo world. A process serves one world, and pages that nobody in particular
/// sees (sign-in, errors) say so too.
static DEMO: OnceLock<bool> = OnceLock::new();

/// Says which world this process serves; the first word counts.
pub fn serves_demo(demo: bool) {
    let _ = DEMO.set(demo);
}

impl Chrome {
    /// For pages that nobody in particular sees.
    pub fn plain() -> Self {
        Self {
            nav: Vec::new(),
            person: None,
            school: None,
            demo: DEMO.get().copied().unwrap_or(false),
            flash: None,
            form_key: Uuid::new_v4(),
        }
    }
}

/// A link of the service navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavLink {
    /// What it says.
    pub text: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// This is where we are.
    pub current: bool,
}

macro_rules! flashes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What the step before did, said once on the next page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flash { $($(#[$doc])* $name,)* }

        impl Flash {
            /// As the cookie carries it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// From the cookie.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// For the person.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

flashes! {
    /// A password was changed.
    PasswordChanged = "password", "Your password is changed. Your other browsers are signed out.";
    /// A pupil was added.
    PupilAdded = "pupil-added", "Pupil added. Add the people to contact next.";
    /// A pupil was changed.
    PupilChanged = "pupil-changed", "Pupil’s details saved.";
    /// A contact was added.
    ContactAdded = "contact-added", "Contact added.";
    /// A contact was changed.
    ContactChanged = "contact-changed", "Contact saved.";
    /// A contact was removed.
    ContactRemoved = "contact-removed", "Contact removed from the list. The record of it is kept.";
    /// A case was opened.
    CaseOpened = "case-opened", "Case opened at Stage 1. Set the targets next.";
    /// A lead was named.
    LeadNamed = "lead-named", "The case has a new lead.";
    /// A target was set.
    TargetSet = "target-set", "Target set.";
    /// A target was changed.
    TargetChanged = "target-changed", "Target changed. The earlier wording is kept.";
    /// A target was ended.
    TargetEnded = "target-ended", "Target ended. Its marks are kept.";
    /// Marks were saved.
    MarksSaved = "marks-saved", "Marks saved.";
    /// A note was added.
    NoteAdded = "note-added", "Note added.";
    /// Something known beforehand was added.
    AbsencePlanned = "absence-planned", "Saved. Day sheets will be prefilled from it.";
    /// Something known beforehand was withdrawn.
    AbsenceWithdrawn = "absence-withdrawn", "Taken back. Days already recorded stay as they are.";
    /// A weekly review was signed.
    ReviewSigned = "review-signed", "Review signed. Tell the parents and carers next.";
    /// Feedback was recorded.
    FeedbackGiven = "feedback-given", "Feedback recorded.";
}

/// Renders a page.
pub fn answer(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a template failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
