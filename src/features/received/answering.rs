//! What the receiving school does: accept or decline, the first day, the roll, follow-ups, files that came.

use axum::response::Response;
use time::{Date, Duration};

use super::{
    handlers::{again, found, trace},
    queries,
};
use crate::{
    db::{
        DbError,
        transfer::{self, Appended, Author, TransferRow},
    },
    domain::{
        dates,
        ids::{SchoolId, TransferId},
        permission::{AnswerPlacement, Permit},
        transfer::{Event, File, State},
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted},
        page::Flash,
        urls,
    },
};

const MAX_WORDS: usize = 2000;

/// The transfer with the proof that this person answers for the receiving school.
async fn theirs(
    posted: &mut Posted,
    id: TransferId,
) -> Result<(TransferRow, SchoolId, Permit<AnswerPlacement>), Error> {
    let actor = posted.actor().clone();
    let (row, own) = found(posted.tx.conn(), &actor, id).await?;
    let permit = actor.permit_received::<AnswerPlacement>(row.home, own)?;
    Ok((row, own, permit))
}

fn overtaken(row: &TransferRow, sent: &str) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This transfer".to_owned(),
        changed: "Somebody changed it since you opened the page".to_owned(),
        fields: vec![("Transfer".to_owned(), row.state.state.label().to_owned(), sent.to_owned())],
        edit: urls::received(row.id),
    }))
}

/// Refuses a form that was read at another version than the transfer has now.
fn same_version(posted: &Posted, row: &TransferRow, sent: &str) -> Result<(), Error> {
    if posted.form.value("version") == row.version.to_string() { Ok(()) } else { Err(overtaken(row, sent)) }
}

async fn append(
    posted: &mut Posted,
    permit: &Permit<AnswerPlacement>,
    row: TransferRow,
    event: &Event,
    words: Option<&str>,
) -> Result<TransferRow, Error> {
    let when = (posted.tx.today(), posted.tx.now());
    let id = row.id;
    match transfer::append(posted.tx.conn(), Author::from(permit), row, event, words, None, when).await? {
        Appended::Done(row) => Ok(*row),
        Appended::Impossible => Err(Error::BadRequest("That cannot follow where the transfer stands.")),
        Appended::Overtaken => {
            let now = transfer::one(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
            Err(overtaken(&now, words.unwrap_or_default()))
        }
    }
}

/// A first day: a day to come within a year.
fn first_day(posted: &mut Posted, today: Date) -> Option<Date> {
    let day = posted.form.date("starts_on", "First day")?;
    if day < today || day > today + Duration::days(366) {
        posted.form.fail("starts_on", "First day must be from today on, within a year");
        return None;
    }
    Some(day)
}

pub async fn answer(Id(id): Id<TransferId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (row, own, permit) = theirs(&mut posted, id).await?;
    if !matches!(row.state.state, State::PanelAllocated { .. }) {
        return Err(Error::BadRequest("This school has answered already."));
    }
    let accepts = posted.form.choice(
        "answer",
        |text| match text {
            "accept" => Some(true),
            "decline" => Some(false),
            _ => None,
        },
        "Select whether this school takes the pupil",
    );
    let starts_on = if accepts == Some(true) { first_day(&mut posted, today) } else { None };
    let words = posted.form.optional_paragraph("words", "Why", MAX_WORDS);
    if let (Some(false), Some(None)) = (accepts, &words) {
        posted.form.fail("words", "Enter why this school does not take the pupil");
    }
    let (false, Some(accepts), Some(words)) = (posted.needs_another_look(), accepts, words) else {
        return again(posted, &row, own).await;
    };
    let sent = words.as_deref().unwrap_or(if accepts { "Accepted" } else { "Declined" });
    same_version(&posted, &row, sent)?;
    let seen = trace(&row, &["transfer"]);
    let event = match starts_on {
        Some(starts_on) => Event::Accepted { starts_on },
        None => Event::Declined,
    };
    append(&mut posted, &permit, row, &event, words.as_deref()).await?;
    // What was declined is not theirs to see any more.
    let location = if accepts { urls::received(id) } else { "/received".to_owned() };
    posted.done(seen, &location, Some(Flash::AllocationAnswered)).await
}

pub async fn start(Id(id): Id<TransferId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (row, own, permit) = theirs(&mut posted, id).await?;
    if !matches!(row.state.state, State::ReceivingAccepted { .. }) {
        return Err(Error::BadRequest("There is no first day to move."));
    }
    let starts_on = first_day(&mut posted, today);
    let words = posted.form.paragraph("words", "Why", MAX_WORDS);
    let (false, Some(starts_on), Some(words)) = (posted.needs_another_look(), starts_on, words) else {
        return again(posted, &row, own).await;
    };
    same_version(&posted, &row, &dates::long(starts_on))?;
    let seen = trace(&row, &["transfer"]);
    append(&mut posted, &permit, row, &Event::StartMoved { starts_on }, Some(&words)).await?;
    posted.done(seen, &urls::received(id), Some(Flash::StartMoved)).await
}

pub async fn roll(Id(id): Id<TransferId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (row, own, permit) = theirs(&mut posted, id).await?;
    if !matches!(row.state.state, State::ReceivingAccepted { .. }) {
        return Err(Error::BadRequest("The pupil is on the roll already, or was not accepted yet."));
    }
    let on = posted.form.date("on", "First day on the roll");
    if !queries::still_agreed(posted.tx.conn(), id).await? {
        posted.form.fail(
            "on",
            "The home school has no agreement of the parents any more, so the pupil does not move. Speak to that school",
        );
    }
    // Nobody is on a roll before the school agreed.
    let agreed_on = row.state.since;
    if let Some(day) = on {
        if day > today {
            posted.form.fail("on", "First day on the roll must be today or in the past");
        } else if agreed_on.is_some_and(|agreed| day < agreed) {
            posted.form.fail("on", "First day on the roll must not be before this school accepted the pupil");
        }
    }
    let (false, Some(on)) = (posted.needs_another_look(), on) else {
        return again(posted, &row, own).await;
    };
    same_version(&posted, &row, &dates::long(on))?;
    let seen = trace(&row, &["transfer", "enrolment"]);
    append(&mut posted, &permit, row, &Event::OnRoll { on }, None).await?;
    let enrolled = match queries::enrol(posted.tx.conn(), &permit, id, now).await {
        Err(DbError::Constraint { .. }) => {
            return Err(Error::BadRequest(
                "The pupil’s time on the rolls does not allow this day. Ask the LA administrator.",
            ));
        }
        other => other?,
    };
    if !enrolled {
        return Err(Error::BadRequest(
            "The pupil is not on the home school’s roll any more. Ask the LA administrator.",
        ));
    }
    posted.done(seen, &urls::received(id), Some(Flash::OnRoll)).await
}

pub async fn review(Id(id): Id<TransferId>, mut posted: Posted) -> Result<Response, Error> {
    let (row, own, permit) = theirs(&mut posted, id).await?;
    if !matches!(row.state.state, State::OnRoll { .. }) {
        return Err(Error::BadRequest("The pupil is not on this school’s roll yet."));
    }
    let words = posted.form.paragraph("words", "How the pupil is doing", MAX_WORDS);
    let last = posted.form.checked("last", "yes");
    let (false, Some(words)) = (posted.needs_another_look(), words) else {
        return again(posted, &row, own).await;
    };
    same_version(&posted, &row, &words)?;
    let seen = trace(&row, &["transfer"]);
    let row = append(&mut posted, &permit, row, &Event::FollowedUp, Some(&words)).await?;
    if last {
        append(&mut posted, &permit, row, &Event::Closed, None).await?;
        return posted.done(seen, "/received", Some(Flash::TransferClosed)).await;
    }
    posted.done(seen, &urls::received(id), Some(Flash::FollowedUp)).await
}

pub async fn files(Id(id): Id<TransferId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (row, own, permit) = theirs(&mut posted, id).await?;
    let file = posted.form.choice("file", File::from_stored, "Select which file");
    let on = posted.form.date("received_on", "The day it came");
    if on.is_some_and(|day| day > today) {
        posted.form.fail("received_on", "The day it came must be today or in the past");
    }
    let (false, Some(file), Some(on)) = (posted.needs_another_look(), file, on) else {
        return again(posted, &row, own).await;
    };
    let seen = trace(&row, &["transfer_file"]);
    append(&mut posted, &permit, row, &Event::FileReceived { file, on }, None).await?;
    posted.done(seen, &urls::received(id), Some(Flash::FileNoted)).await
}
