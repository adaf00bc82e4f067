//! The one error of handlers. Each kind's doc comment is its HTTP answer.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::permission::Denied,
    web::page::{self, Chrome},
};

/// Why a handler has no page to show.
#[derive(Debug)]
pub enum Error {
    /// 404: it does not exist, or this person may not see that it does.
    NotFound,
    /// 403: says who can.
    Forbidden(Denied),
    /// 303 to sign in, then back here.
    SignedOut {
        /// Where to come back to: a path of ours.
        back: String,
    },
    /// 401 without a page: the script that asked still holds what was typed and says so.
    SignedOutUnderScript,
    /// 303: this form was acted on before; where that led.
    Done(String),
    /// 409: somebody was faster; a page with both versions.
    Conflict(Box<Conflict>),
    /// 409: the same form came before with other contents.
    SentBefore(Box<SentBefore>),
    /// 400: not a form of ours.
    BadRequest(&'static str),
    /// 429: too many tries.
    TooMany(String),
    /// 503: nothing was saved, pressing again is safe.
    Busy,
    /// 500 with a reference; the cause goes to the log only.
    Internal(String),
}

/// Two versions of one thing: what is stored now and what was sent.
#[derive(Debug)]
pub struct Conflict {
    /// What it is, as in "This target".
    pub what: String,
    /// Who changed it meanwhile and when, in words.
    pub changed: String,
    /// Field by field: label, what is stored now, what was sent.
    pub fields: Vec<(String, String, String)>,
    /// Where the current version can be edited.
    pub edit: String,
}

/// A form that was saved before, and comes with other contents.
#[derive(Debug)]
pub struct SentBefore {
    /// What it says now: label and words.
    pub typed: Vec<(String, String)>,
    /// Where the first one led.
    pub location: String,
}

#[derive(Template)]
#[template(path = "errors/sent_before.html")]
struct SentBeforePage {
    chrome: Chrome,
    sent: SentBefore,
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    chrome: Chrome,
    title: &'static str,
    paragraphs: Vec<String>,
}

/// The page of a conflict.
#[derive(Template)]
#[template(path = "errors/conflict.html")]
pub struct ConflictPage {
    chrome: Chrome,
    conflict: Conflict,
    /// Fields that are the same in both.
    same: Vec<String>,
}

impl ConflictPage {
    /// Both versions: where they differ, and what is the same.
    pub fn of(mut conflict: Conflict) -> Self {
        let (same, differing): (Vec<_>, Vec<_>) =
            conflict.fields.into_iter().partition(|(_, now, sent)| now == sent);
        conflict.fields = differing;
        let same = same.into_iter().map(|(label, ..)| label).collect();
        Self { chrome: Chrome::plain(), conflict, same }
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy(cause) => {
                tracing::warn!(%cause, "the database is busy");
                Self::Busy
            }
            DbError::AlreadyDone => Self::Busy,
            // The record was made one with another a moment ago: it is not there any more.
            DbError::Constraint { constraint } if constraint == "pupil_record_stands" => Self::NotFound,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Forbidden(denied)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, title, paragraphs) = match self {
            Self::SignedOut { back } => return Redirect::to(&super::urls::sign_in(&back)).into_response(),
            Self::SignedOutUnderScript => return StatusCode::UNAUTHORIZED.into_response(),
            Self::Done(location) => return Redirect::to(&location).into_response(),
            Self::Conflict(conflict) => {
                return page::answer_unhidden(StatusCode::CONFLICT, &ConflictPage::of(*conflict));
            }
            Self::SentBefore(sent) => {
                let page = SentBeforePage { chrome: Chrome::plain(), sent: *sent };
                return page::answer_unhidden(StatusCode::CONFLICT, &page);
            }
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Page not found",
                vec![
                    "If you typed the address, check it is correct. If you followed a link, the record may have \
                     moved, or it may belong to a school you do not work with."
                        .to_owned(),
                ],
            ),
            Self::Forbidden(denied) => (
                StatusCode::FORBIDDEN,
                "You cannot do this",
                vec![denied.to_string(), "Nothing was changed.".to_owned()],
            ),
            Self::BadRequest(why) => (
                StatusCode::BAD_REQUEST,
                "This form could not be read",
                vec![why.to_owned(), "Nothing was saved. Go back, load the page again and send the form once more.".to_owned()],
            ),
            Self::TooMany(what) => (StatusCode::TOO_MANY_REQUESTS, "Wait a moment", vec![what]),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Waymark is busy",
                vec![
                    "Nothing was saved. What you typed is still in your browser: go back and send it again. \
                     Sending it again is safe, it is never saved twice."
                        .to_owned(),
                ],
            ),
            Self::Internal(cause) => {
                let reference = Uuid::new_v4().simple().to_string()[..8].to_owned();
                tracing::error!(%reference, %cause, "a request failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something went wrong",
                    vec![
                        "Nothing was saved by this step. Go back and try again.".to_owned(),
                        format!("If it happens again, tell whoever looks after Waymark this reference: {reference}."),
                    ],
                )
            }
        };
        let mut response = page::answer(status, &ErrorPage { chrome: Chrome::plain(), title, paragraphs });
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
