//! Feedback to parents and carers about a week (S1.12). Somebody who must not be contacted is never told.

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    handlers::Looked,
    queries::{self, ContactRow, NewFeedback},
    views::{self, MAX_MESSAGE, ToldRow, WAYS},
};
use crate::{
    db::Trace,
    domain::{
        ids::CaseId,
        permission::{Actor, Capability, ReviewWeeks},
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "reviews/feedback.html")]
struct FeedbackPage {
    chrome: Chrome,
    identity: Identity,
    form: Form,
    action: String,
    back: String,
    days: String,
    total: String,
    told: Vec<ToldRow>,
    contacts: Vec<(String, String)>,
    ways: [(&'static str, &'static str); 5],
    pupil: String,
    late: Option<String>,
    may_give: bool,
}

#[derive(Template)]
#[template(path = "reviews/barred.html")]
struct BarredPage {
    chrome: Chrome,
    name: String,
    reason: String,
    back: String,
    pupil: String,
}

async fn page(
    conn: &mut sqlx::PgConnection,
    chrome: Chrome,
    actor: &Actor,
    form: Form,
    looked: &Looked,
    contacts: &[ContactRow],
    today: Date,
) -> Result<FeedbackPage, Error> {
    let case = &looked.case;
    let on = looked.on();
    let feedback = queries::feedback(conn, case.id, case.school, on).await?;
    Ok(FeedbackPage {
        identity: Identity::of(case, actor, today, "Weekly reviews"),
        chrome,
        form,
        action: urls::feedback(case.id, on),
        back: urls::review(case.id, on),
        days: looked.week.span.words(),
        total: looked.figures().totals().words(),
        told: views::told_rows(contacts, &feedback, case.id, on),
        contacts: contacts
            .iter()
            .filter(|contact| !contact.no_contact)
            .map(|contact| (contact.id.to_string(), format!("{} ({})", contact.name, contact.relationship)))
            .collect(),
        ways: WAYS,
        pupil: urls::pupil(case.pupil),
        late: (on + time::Duration::days(6) < today && feedback.iter().all(|given| !given.reached))
            .then(|| crate::domain::dates::full(looked.week.span.last_day())),
        may_give: case.closed_on.is_none() && actor.may_at(Capability::ReviewWeeks, case.school),
    })
}

pub async fn index(Id((id, at)): Id<(CaseId, String)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let looked = Looked::at(visit.tx.conn(), case, &at, today).await?;
    let contacts = queries::contacts(visit.tx.conn(), looked.case.pupil, looked.case.school).await?;
    let mut form = Form::empty();
    if let Some(first) = contacts.iter().find(|contact| !contact.no_contact) {
        form.set("contact", &first.id.to_string());
    }
    let words =
        views::message(&looked.case, &looked.week.span.words(), looked.figures(), looked.versions.first());
    form.set("words", &words);
    let (chrome, actor) = (visit.chrome(), visit.actor().clone());
    let page = page(visit.tx.conn(), chrome, &actor, form, &looked, &contacts, today).await?;
    let trace = looked.case.trace(&[]);
    visit.show(trace, &page).await
}

/// What the way needs and the contact does not have.
fn lacking(contact: &ContactRow, how: &str) -> Option<&'static str> {
    let has = |detail: &Option<String>| detail.as_deref().is_some_and(|text| !text.trim().is_empty());
    match how {
        "phone" | "text" if !has(&contact.phone) => Some("telephone number"),
        "email" if !has(&contact.email) => Some("email address"),
        "letter" if !has(&contact.address) => Some("address"),
        _ => None,
    }
}

pub async fn give(Id((id, at)): Id<(CaseId, String)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<ReviewWeeks>(id).await?;
    let looked = Looked::at(posted.tx.conn(), case, &at, today).await?;
    let contacts = queries::contacts(posted.tx.conn(), looked.case.pupil, looked.case.school).await?;
    let typed = posted.form.value("contact").to_owned();
    let contact = contacts.iter().find(|contact| contact.id.to_string() == typed);
    match contact {
        // Somebody else's contact, and one who was removed, do not exist here.
        None if !typed.is_empty() => return Err(Error::NotFound),
        None => posted.form.fail("contact", "Select who was told"),
        Some(barred) if barred.no_contact => return refuse(posted, &looked, barred).await,
        Some(_) => {}
    }
    let how = posted.form.choice(
        "how",
        |typed| WAYS.iter().map(|(way, _)| *way).find(|way| *way == typed),
        "Select how they were told",
    );
    if let (Some(contact), Some(how)) = (contact, how)
        && let Some(what) = lacking(contact, how)
    {
        let message = format!(
            "{} has no {what} on record. Choose another way, or add it to the pupil’s record",
            contact.name
        );
        posted.form.fail("how", &message);
    }
    let words = posted.form.paragraph("words", "What was said", MAX_MESSAGE);
    let reached = posted.form.choice(
        "reached",
        |typed| match typed {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        "Select yes if they were reached",
    );
    let answer = posted.form.optional_paragraph("answer", "What they said", 500);
    let (false, Some(contact), Some(how), Some(words), Some(reached), Some(answer)) =
        (posted.needs_another_look(), contact, how, words, reached, answer)
    else {
        let (chrome, actor, form) = (posted.chrome(), posted.actor().clone(), posted.form.clone());
        let page = page(posted.tx.conn(), chrome, &actor, form, &looked, &contacts, today).await?;
        return posted.again(&page).await;
    };
    let feedback = NewFeedback {
        case: id,
        week_on: looked.on(),
        contact: contact.id,
        how,
        language: contact.language.as_deref(),
        words,
        figures: looked.figures(),
        reached,
        answer,
    };
    queries::give(posted.tx.conn(), &permit, feedback, now, today).await?;
    let trace = looked.case.trace(&["feedback"]);
    posted.done(trace, &urls::feedback(id, looked.on()), Some(Flash::FeedbackGiven)).await
}

/// S1.12: a court order or a safeguarding decision forbids contact. Nobody can go on, whatever the reason.
async fn refuse(posted: Posted, looked: &Looked, barred: &ContactRow) -> Result<Response, Error> {
    let page = BarredPage {
        chrome: posted.chrome(),
        name: barred.name.clone(),
        reason: barred.no_contact_reason.clone().unwrap_or_default(),
        back: urls::feedback(looked.case.id, looked.on()),
        pupil: urls::pupil(looked.case.pupil),
    };
    let trace = Trace { refused: true, ..looked.case.trace(&["feedback"]) };
    posted.refused(trace, &page).await
}
