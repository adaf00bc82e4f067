//! The account of an incident on a form: what happened, when, where, how serious. The form of an incident asks for
//! it, and so does the form that opens a case because of one.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{error::Error, forms::Form};
use crate::{
    db::incident::{self as incidents, Account},
    domain::{
        ids::{PupilId, SchoolId},
        incident::{self, PupilName, Seriousness, names_somebody, plain},
    },
    state::london,
};

const MAX_PLACE: usize = 140;
const MAX_WHAT: usize = 4000;
const MAX_FOLLOWED: usize = 2000;
/// An account of longer ago is part of the history told when the case is opened.
const LONGEST_AGO: Duration = Duration::days(731);

/// The fields of an account that hold words.
pub const WORDS: [&str; 3] = ["place", "what", "followed"];

/// Whether anything of an account was typed.
pub fn told(form: &Form) -> bool {
    let dated = form.date_parts("happened_on");
    [dated.0, dated.1, dated.2]
        .into_iter()
        .chain(["happened_at", "place", "what", "seriousness", "followed"].map(|id| form.value(id)))
        .any(|typed| !typed.trim().is_empty())
}

/// What was typed, checked. None: a message is on the form.
pub fn read(form: &mut Form, now: OffsetDateTime) -> Option<Account> {
    let here = london(now);
    let happened_on = form.date("happened_on", "Date of the incident");
    if let Some(day) = happened_on {
        if day > here.date() {
            form.fail("happened_on", "Date of the incident must be today or in the past");
        } else if day < here.date() - LONGEST_AGO {
            form.fail("happened_on", "Date of the incident must be within the last 2 years");
        }
    }
    let typed = form.value("happened_at").trim().to_owned();
    let happened_at = if typed.is_empty() { None } else { incident::time_of_day(&typed) };
    if happened_at.is_none() && !typed.is_empty() {
        form.fail("happened_at", "Time must be a time of day, like 11:20am or 14:05");
    } else if happened_on == Some(here.date()) && happened_at.is_some_and(|at| at > here.time()) {
        form.fail("happened_at", "Time must not be later than now");
    }
    let place = form.line("place", "Where it happened", MAX_PLACE);
    let what = form.paragraph("what", "What happened", MAX_WHAT);
    let seriousness = form.choice("seriousness", Seriousness::from_stored, "Select how serious it was");
    let followed = form.optional_paragraph("followed", "What followed", MAX_FOLLOWED);
    Some(Account {
        happened_on: happened_on?,
        happened_at,
        place: place?,
        what: what?,
        seriousness: seriousness?,
        followed: followed?,
    })
}

/// Refuses the name of another pupil of the school in any of these fields, given with their text: other pupils are
/// letters in an account. `instead` says what to do.
pub async fn refuse_names(
    conn: &mut PgConnection,
    form: &mut Form,
    (school, pupil, own): (SchoolId, PupilId, &PupilName),
    fields: impl IntoIterator<Item = (String, String)>,
    instead: &str,
) -> Result<(), Error> {
    let fields: Vec<_> = fields.into_iter().map(|(id, text)| (id, plain(&text))).collect();
    let all = fields.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let others = incidents::perhaps_named(conn, school, pupil, &all).await?;
    for (id, text) in fields {
        if names_somebody(&text, own, &others) {
            form.fail(&id, &format!("This has another pupil’s name in it. {instead}"));
        }
    }
    Ok(())
}
