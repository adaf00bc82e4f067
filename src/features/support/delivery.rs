//! What happens to support that was arranged: sessions, priority (P2.02), the end.

use axum::{extract::Path, response::Response};
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    arranging::{changed, version},
    handlers::{ANSWERS, DELIVERED, OnePage, Rights, answers, one},
    queries::{self, Ending, NewSession, SupportRow},
    views,
};
use crate::{
    db::{DbError, case::CaseOf},
    domain::{
        dates,
        ids::{CaseId, SupportId},
        permission::{DeliverSupport, ManageSupport},
        support::{Effect, SupportKind},
    },
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::Posted,
        page::Flash,
        urls,
    },
};

const MAX_NOTE: usize = 1000;
const MAX_LINE: usize = 200;

/// The page of the support once more, with what was typed.
async fn again(mut posted: Posted, of: &CaseOf, row: &SupportRow) -> Result<Response, Error> {
    let today = posted.tx.today();
    let sessions = queries::sessions(posted.tx.conn(), of.id, row.id).await?;
    // The page's other forms start as they do on a first look.
    for (field, day) in [("held", today.min(row.ended_on.unwrap_or(today))), ("ended", today)] {
        if !posted
            .form
            .pairs()
            .iter()
            .any(|(name, _)| name.strip_prefix(field).is_some_and(|rest| rest.starts_with('.')))
        {
            posted.form.set_date(field, day);
        }
    }
    let identity = Identity::of(of, posted.actor(), today, "Support");
    let rights = Rights::of(posted.actor(), of, row);
    let page =
        OnePage::of((posted.chrome(), posted.form.clone()), identity, of.id, row, &sessions, rights, today);
    posted.again(&page).await
}

pub async fn end(Path((case, id)): Path<(CaseId, SupportId)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<ManageSupport>(case).await?;
    let row = one(posted.tx.conn(), &of, id, today).await?;
    let version = version(&posted.form)?;
    let on = posted.form.date("ended", "Last day");
    if let Some(on) = on {
        if on > today {
            posted.form.fail("ended", "Last day must be today or in the past");
        } else if on < row.starts_on {
            let says = format!("Last day must be on or after {}, when it began", dates::long(row.starts_on));
            posted.form.fail("ended", &says);
        } else if let Some(last) = row.last_session_on.filter(|last| *last > on) {
            let says =
                format!("Last day must be on or after {}, when a session was recorded", dates::long(last));
            posted.form.fail("ended", &says);
        }
    }
    let effect = posted.form.choice("effect", Effect::from_stored, "Select what it did");
    let why = posted.form.paragraph("why", "Why it ends", MAX_NOTE);
    let (false, Some(on), Some(effect), Some(why)) = (posted.needs_another_look(), on, effect, why) else {
        return again(posted, &of, &row).await;
    };
    let ending = Ending { on, effect, why };
    let ended = version == row.version
        && queries::end(posted.tx.conn(), &permit, case, id, version, &ending, now).await?;
    if !ended {
        let row = one(posted.tx.conn(), &of, id, today).await?;
        return Err(ended_before(case, &row, &ending));
    }
    posted.done(of.trace(&["support"]), &urls::one_support(case, id), Some(Flash::SupportEnded)).await
}

fn ended_before(case: CaseId, row: &SupportRow, sent: &Ending) -> Error {
    let effect = row.effect.as_deref().and_then(Effect::from_stored).map_or("", Effect::label);
    Error::Conflict(Box::new(Conflict {
        what: "This support".to_owned(),
        changed: changed(row),
        fields: vec![
            (
                "Last day".to_owned(),
                row.ended_on.map_or_else(|| "not ended".to_owned(), dates::long),
                dates::long(sent.on),
            ),
            ("What it did".to_owned(), effect.to_owned(), sent.effect.label().to_owned()),
            ("Why it ends".to_owned(), row.ended_why.clone().unwrap_or_default(), sent.why.clone()),
        ],
        edit: urls::one_support(case, row.id),
    }))
}

/// P2.02 is for support that a service gives.
fn of_service(row: &SupportRow) -> Result<SupportKind, Error> {
    let kind = views::kind(row);
    if !kind.of_service() {
        return Err(Error::BadRequest(
            "Priority is agreed with a support service, and the school gives this support.",
        ));
    }
    if row.ended_on.is_some() {
        return Err(Error::BadRequest("This support has ended, and what it was stays as it is."));
    }
    Ok(kind)
}

pub async fn priority(
    Path((case, id)): Path<(CaseId, SupportId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (of, permit) = posted.open_case::<ManageSupport>(case).await?;
    let row = one(posted.tx.conn(), &of, id, today).await?;
    of_service(&row)?;
    let ask = match posted.form.value("ask") {
        "ask" => true,
        "withdraw" => false,
        _ => return Err(Error::BadRequest("It does not say whether to ask or to withdraw.")),
    };
    let done = if posted.needs_another_look() {
        false
    } else if ask {
        queries::ask_priority(posted.tx.conn(), &permit, case, id, today).await?
    } else {
        queries::withdraw_priority(posted.tx.conn(), &permit, case, id).await?
    };
    if !done {
        if !posted.resumed {
            let says = if ask { "Priority was asked for already" } else { "There is no request to withdraw" };
            posted.form.fail("ask", says);
        }
        return again(posted, &of, &row).await;
    }
    let flash = if ask { Flash::PriorityAsked } else { Flash::PriorityWithdrawn };
    posted.done(of.trace(&["priority"]), &urls::one_support(case, id), Some(flash)).await
}

pub async fn answer(
    Path((case, id)): Path<(CaseId, SupportId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<DeliverSupport>(case).await?;
    let row = one(posted.tx.conn(), &of, id, today).await?;
    of_service(&row)?;
    if let Err(why) = answers(posted.actor(), &of, &row) {
        posted.form.fail("answer", why);
    }
    let accepted = posted.form.choice(
        "answer",
        |text| ANSWERS.iter().any(|(known, _)| *known == text).then(|| text == "accept"),
        "Select whether the service can give it priority",
    );
    let words = posted.form.optional_paragraph("words", "What the service says", MAX_NOTE);
    if let (Some(false), Some(None)) = (accepted, &words) {
        posted.form.fail("words", "Enter why not, so that the school can look elsewhere");
    }
    let (false, Some(accepted), Some(words)) = (posted.needs_another_look(), accepted, words) else {
        return again(posted, &of, &row).await;
    };
    let answered =
        queries::answer_priority(posted.tx.conn(), &permit, case, id, accepted, words.as_deref(), today, now)
            .await?;
    if !answered {
        let row = one(posted.tx.conn(), &of, id, today).await?;
        posted.form.fail("answer", "There is no request that waits for this answer");
        return again(posted, &of, &row).await;
    }
    posted.done(of.trace(&["priority"]), &urls::one_support(case, id), Some(Flash::PriorityAnswered)).await
}

pub async fn session(
    Path((case, id)): Path<(CaseId, SupportId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<DeliverSupport>(case).await?;
    let row = one(posted.tx.conn(), &of, id, today).await?;
    let replaces = match posted.form.value("corrects") {
        "" => None,
        typed => Some(typed.parse::<Uuid>().map_err(|_| Error::NotFound)?),
    };
    let session = read_session(&mut posted, &row, replaces, today);
    if let Some(corrected) = replaces {
        let sessions = queries::sessions(posted.tx.conn(), case, id).await?;
        let stands = sessions.iter().find(|known| known.id == corrected).ok_or(Error::NotFound)?;
        if stands.replaced && !posted.resumed {
            return Err(corrected_before(case, id, &sessions, corrected, session.as_ref()));
        }
    }
    let (false, Some(session)) = (posted.needs_another_look(), session) else {
        return again(posted, &of, &row).await;
    };
    match queries::record_session(posted.tx.conn(), &permit, case, id, &session, now).await {
        // Somebody corrects the same session at this very moment: what they wrote shows on the next look.
        Err(DbError::Constraint { constraint }) if constraint == "support_sessions_replaced_once" => {
            return Err(corrected_before(case, id, &[], Uuid::nil(), Some(&session)));
        }
        other => other?,
    }
    posted
        .done(of.trace(&["support_session"]), &urls::one_support(case, id), Some(Flash::SessionRecorded))
        .await
}

fn read_session(
    posted: &mut Posted,
    row: &SupportRow,
    replaces: Option<Uuid>,
    today: Date,
) -> Option<NewSession> {
    let form = &mut posted.form;
    let on = form.date("held", "The day of the session");
    if let Some(on) = on {
        let last = row.ended_on.unwrap_or(today).min(today);
        if on > today {
            form.fail("held", "The day of the session must be today or in the past");
        } else if on > last {
            let says = format!(
                "The day of the session must be on or before {}, when the support ended",
                dates::long(last)
            );
            form.fail("held", &says);
        } else if on < row.starts_on {
            let says = format!(
                "The day of the session must be on or after {}, when the support began",
                dates::long(row.starts_on)
            );
            form.fail("held", &says);
        } else if on < today - Duration::days(731) {
            form.fail("held", "The day of the session must be within the last 2 years");
        }
    }
    let delivered = form.choice(
        "delivered",
        |text| DELIVERED.iter().any(|(known, _)| *known == text).then(|| text == "yes"),
        "Select whether the session was given",
    );
    let why_not = form.optional_line("why_not", "Why it was not given", MAX_LINE);
    match (delivered, &why_not) {
        (Some(false), Some(None)) => form.fail("why_not", "Enter why the session was not given"),
        (Some(true), Some(Some(_))) => {
            form.fail("why_not", "Select No if the session was not given, or clear why it was not");
        }
        _ => {}
    }
    let note = form.optional_paragraph("note", "Note", MAX_NOTE);
    let (Some(on), Some(delivered), Some(why_not), Some(note)) = (on, delivered, why_not, note) else {
        return None;
    };
    Some(NewSession { on, delivered, why_not, note, replaces })
}

fn corrected_before(
    case: CaseId,
    id: SupportId,
    sessions: &[queries::SessionRow],
    corrected: Uuid,
    sent: Option<&NewSession>,
) -> Error {
    let stands = sessions.iter().find(|session| session.replaces == Some(corrected));
    let given = |delivered: bool| if delivered { "Given" } else { "Not given" }.to_owned();
    let own = |words: Option<&String>| words.cloned().unwrap_or_default();
    let field = |label: &str, stored: String, sent: String| (label.to_owned(), stored, sent);
    Error::Conflict(Box::new(Conflict {
        what: "This session".to_owned(),
        changed: stands.map_or_else(
            || "Somebody corrected it a moment ago".to_owned(),
            |session| format!("{} corrected it", session.by),
        ),
        fields: vec![
            field(
                "Day",
                stands.map_or_else(String::new, |session| dates::long(session.on_date)),
                sent.map_or_else(String::new, |session| dates::long(session.on)),
            ),
            field(
                "Given",
                stands.map_or_else(String::new, |session| given(session.delivered)),
                sent.map_or_else(String::new, |session| given(session.delivered)),
            ),
            field(
                "Why not",
                own(stands.and_then(|session| session.why_not.as_ref())),
                own(sent.and_then(|session| session.why_not.as_ref())),
            ),
            field(
                "Note",
                own(stands.and_then(|session| session.note.as_ref())),
                own(sent.and_then(|session| session.note.as_ref())),
            ),
        ],
        edit: urls::one_support(case, id),
    }))
}
