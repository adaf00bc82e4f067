//! What happens to a direction: reviews, requests for a review, the end.

use axum::{extract::Path, response::Response};

use super::{
    handlers::{PEOPLE, again, one},
    queries,
};
use crate::{
    db::{absence, case::CaseOf, direction::DirectionRow},
    domain::{
        dates,
        direction::{End, ReviewKind},
        ids::{CaseId, DirectionId},
        permission::PrepareTransfer,
        suspension::offsite,
    },
    web::{
        error::{Conflict, Error},
        extract::Posted,
        page::Flash,
        urls,
    },
};

const MAX_WORDS: usize = 2000;
const ENDED: Error = Error::BadRequest("This off-site direction has ended, and what it was stays as it is.");

pub async fn review(
    Path((case, id)): Path<(CaseId, DirectionId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let row = one(posted.tx.conn(), &of, id).await?;
    if row.ended_on.is_some() {
        return Err(ENDED);
    }
    let form = &mut posted.form;
    let held = form.date("held", "The day of the review");
    if let Some(day) = held {
        if day > today {
            form.fail("held", "The day of the review must be today or in the past");
        } else if day < row.starts_on {
            let says = format!(
                "The day of the review must be on or after {}, when it began",
                dates::long(row.starts_on)
            );
            form.fail("held", &says);
        }
    }
    let kind = form.choice("kind", ReviewKind::from_stored, "Select why the review was held");
    let people: Vec<String> = form.values_of("people").into_iter().map(str::to_owned).collect();
    if people.iter().any(|word| !PEOPLE.iter().any(|(known, _)| known == word)) {
        return Err(Error::BadRequest("It names somebody this form does not have."));
    }
    if people.is_empty() {
        form.fail("people", "Select who was there");
    }
    let words = form.paragraph("words", "What the review came to", MAX_WORDS);
    let (false, Some(held), Some(kind), Some(words)) = (posted.needs_another_look(), held, kind, words)
    else {
        return again(posted, &of).await;
    };
    let conn = posted.tx.conn();
    queries::review(conn, &permit, (case, id), (held, kind), &people, &words, now).await?;
    posted
        .done(of.trace(&["direction_review"]), &urls::directions(case), Some(Flash::DirectionReviewed))
        .await
}

pub async fn request(
    Path((case, id)): Path<(CaseId, DirectionId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let row = one(posted.tx.conn(), &of, id).await?;
    if row.ended_on.is_some() {
        return Err(ENDED);
    }
    let form = &mut posted.form;
    let asked = form.date("asked", "The day it was asked for");
    if asked.is_some_and(|day| day > today) {
        form.fail("asked", "The day it was asked for must be today or in the past");
    }
    let asked_by = form.line("asked_by", "Who asked", 140);
    let refused = form.choice(
        "answer",
        |text| match text {
            "hold" => Some(false),
            "refuse" => Some(true),
            _ => None,
        },
        "Select whether the review is held",
    );
    let why = form.optional_paragraph("refused_why", "Why it is refused", MAX_WORDS);
    if refused == Some(true) {
        if why == Some(None) {
            form.fail("refused_why", "Enter why it is refused");
        }
        let last = asked.and_then(|day| row.reviews.iter().rev().find(|held| **held <= day).copied());
        if asked.is_some_and(|day| !offsite::may_refuse_review(day, last)) {
            form.fail(
                "answer",
                "A review that is asked for in writing may be refused only when one was held in the ten weeks before",
            );
        }
    }
    let all = (posted.needs_another_look(), asked, asked_by, refused, why);
    let (false, Some(asked), Some(asked_by), Some(refused), Some(why)) = all else {
        return again(posted, &of).await;
    };
    let why = why.filter(|_| refused);
    let conn = posted.tx.conn();
    queries::ask(conn, &permit, (case, id), (asked, &asked_by), why.as_deref(), now).await?;
    posted.done(of.trace(&["direction_request"]), &urls::directions(case), Some(Flash::ReviewAsked)).await
}

pub async fn end(
    Path((case, id)): Path<(CaseId, DirectionId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let row = one(posted.tx.conn(), &of, id).await?;
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let on = posted.form.date("ended", "Last day");
    if let Some(day) = on {
        if day > today {
            posted.form.fail("ended", "Last day must be today or in the past");
        } else if day < row.decided_on {
            posted.form.fail("ended", "Last day must not be before the board’s decision");
        } else if day > row.ends_on {
            let says = format!(
                "Last day must not be after {}, until when it was directed",
                dates::long(row.ends_on)
            );
            posted.form.fail("ended", &says);
        }
    }
    let how = posted.form.choice("how", End::from_stored, "Select how it ends");
    let why = posted.form.paragraph("why", "What was decided", MAX_WORDS);
    let (false, Some(on), Some(how), Some(why)) = (posted.needs_another_look(), on, how, why) else {
        return again(posted, &of).await;
    };
    // The days after it are ordinary school days again; those before it stay off site.
    let conn = posted.tx.conn();
    let mut kept = row.absence;
    if on < row.ends_on {
        if let Some(before) = row.absence {
            absence::withdraw(conn, &permit, case, before, now).await?;
        }
        kept = if on >= row.starts_on {
            let source = "Off-site direction, ended early";
            Some(absence::off_site(conn, &permit, case, (row.starts_on, on), source, now).await?)
        } else {
            None
        };
    }
    if !queries::end(conn, &permit, (case, id), on, how, &why, kept, version, now).await? {
        let row = one(posted.tx.conn(), &of, id).await?;
        return Err(clash(&of, &row, (on, how, &why)));
    }
    posted.done(of.trace(&["direction"]), &urls::directions(case), Some(Flash::DirectionEnded)).await
}

fn clash(of: &CaseOf, row: &DirectionRow, (on, how, why): (time::Date, End, &str)) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This off-site direction".to_owned(),
        changed: format!("{} changed it since you opened the page", row.changed_by),
        fields: vec![
            ("Ended".to_owned(), row.ended_on.map_or_else(String::new, dates::long), dates::long(on)),
            (
                "How".to_owned(),
                row.ended_as.as_deref().and_then(End::from_stored).map_or("", End::label).to_owned(),
                how.label().to_owned(),
            ),
            ("Why".to_owned(), row.ended_why.clone().unwrap_or_default(), why.to_owned()),
        ],
        edit: urls::directions(of.id),
    }))
}
