//! The parents' formal agreement: sought of each, recorded as they answer, never assumed (S3.05).

use askama::Template;
use axum::{extract::Path, response::Response};
use time::Date;

use super::{
    agreeing::{days_of, plan_of},
    queries::{self, Agreement, AlternativeRow, Asking},
};
use crate::{
    db::{case::CaseOf, facts},
    domain::{
        dates,
        facts::ContactFact,
        ids::{CaseId, ContactId},
        permission::{Capability, RecordSteps},
        stage_3::Answer,
        step::Told,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_WORDS: usize = 2000;
const MAX_LINE: usize = 200;
/// How far back the asking may be dated, in days.
const LONG_AGO: i64 = 366;

/// An outcome as it is read out to a parent.
struct Outcome {
    field: String,
    title: &'static str,
    plan: String,
    days: String,
}

#[derive(Template)]
#[template(path = "stage_3/agreement.html")]
struct AgreementPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    parent: String,
    outcomes: Vec<Outcome>,
    answers: Vec<(&'static str, &'static str)>,
    told: Vec<(&'static str, &'static str)>,
    action: String,
    back: String,
    print: String,
}

#[derive(Template)]
#[template(path = "stage_3/print.html")]
struct PrintPage {
    chrome: Chrome,
    identity: Identity,
    parent: String,
    school: String,
    outcomes: Vec<Outcome>,
    has_transfer: bool,
    back: String,
    today: String,
}

fn outcomes(rows: &[AlternativeRow]) -> Vec<Outcome> {
    rows.iter()
        .filter(|row| row.status().live())
        .filter_map(|row| {
            let plan = plan_of(row)?;
            Some(Outcome {
                field: format!("answer.{}", row.kind),
                title: row.kind().label(),
                days: days_of(&plan),
                plan: plan.words,
            })
        })
        .collect()
}

/// The parent of a path: somebody of this pupil with parental responsibility, whom nothing forbids to contact.
async fn parent(
    conn: &mut sqlx::PgConnection,
    of: &CaseOf,
    contact: ContactId,
    today: Date,
) -> Result<ContactFact, Error> {
    let (_, known) = facts::of_case(conn, of, false, today).await?;
    let found = known.contacts.into_iter().find(|c| c.id == contact).ok_or(Error::NotFound)?;
    if found.no_contact {
        return Err(Error::BadRequest(
            "Contact with this person is forbidden, so they are not asked. The pupil’s record says why.",
        ));
    }
    if !found.parental_responsibility {
        return Err(Error::BadRequest(
            "Only somebody with parental responsibility can agree. The pupil’s record says who has it.",
        ));
    }
    Ok(found)
}

fn page(
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    (parent, outcomes): (ContactFact, Vec<Outcome>),
) -> AgreementPage {
    AgreementPage {
        chrome,
        form,
        identity,
        action: urls::agreement(case, parent.id),
        print: format!("{}/print", urls::agreement(case, parent.id)),
        parent: parent.name,
        outcomes,
        answers: Answer::choices(),
        told: Told::choices(),
        back: urls::stage_3(case),
    }
}

pub async fn form(
    Path((case, contact)): Path<(CaseId, ContactId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::RecordSteps).await?;
    let parent = parent(visit.tx.conn(), &of, contact, today).await?;
    let rows = queries::alternatives(visit.tx.conn(), case, of.school).await?;
    let mut form = Form::empty();
    form.set_date("asked_on", today);
    let identity = Identity::of(&of, visit.actor(), today, "Stage 3");
    let page = page(visit.chrome(), form, identity, case, (parent, outcomes(&rows)));
    visit.show(of.trace(&[]), &page).await
}

pub async fn print(
    Path((case, contact)): Path<(CaseId, ContactId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let parent = parent(visit.tx.conn(), &of, contact, today).await?;
    let rows = queries::alternatives(visit.tx.conn(), case, of.school).await?;
    let page = PrintPage {
        chrome: visit.chrome(),
        identity: Identity::of(&of, visit.actor(), today, "Stage 3"),
        parent: parent.name,
        school: of.school_name.clone(),
        has_transfer: rows.iter().any(|row| row.status().live() && row.route.is_some()),
        outcomes: outcomes(&rows),
        back: urls::stage_3(case),
        today: dates::long(today),
    };
    visit.show(of.trace(&[]), &page).await
}

struct Typed {
    asked_on: Date,
    how: Told,
    explained: bool,
    advised: bool,
    answered_on: Option<Date>,
    presence: Option<String>,
    words: Option<String>,
    ask_again_on: Option<Date>,
    copy_given: bool,
    answers: Vec<Agreement>,
}

/// What was typed, checked. None: the messages are on the form.
fn read(form: &mut Form, rows: &[AlternativeRow], today: Date) -> Option<Typed> {
    let mut answers = Vec::new();
    let live: Vec<_> = rows.iter().filter(|row| row.status().live()).collect();
    if live.is_empty() {
        form.fail("asked_on", "There is no outcome to ask about yet: choose one first");
    }
    for row in live {
        let field = format!("answer.{}", row.kind);
        let message = format!("Choose an answer about {}", crate::domain::text::within(row.kind().label()));
        if let Some(answer) = form.choice(&field, Answer::from_stored, &message) {
            answers.push(Agreement { alternative: row.id, answer });
        }
    }
    // Answered on a page that was opened before the outcome came to its end.
    let over: Vec<_> = rows
        .iter()
        .filter(|row| !row.status().live() && !form.value(&format!("answer.{}", row.kind)).is_empty())
        .map(|row| row.kind().label())
        .collect();
    for label in over {
        let within = crate::domain::text::within(label);
        form.fail(
            "asked_on",
            &format!("There is nothing to answer about {within} any more: it has ended since"),
        );
    }
    let asked_on = form.date("asked_on", "The day they were asked");
    if asked_on.is_some_and(|day| day > today || day < today - time::Duration::days(LONG_AGO)) {
        form.fail("asked_on", "The day they were asked must be within the last year and not to come");
    }
    let how = form.choice("how", Told::from_stored, "Choose how they were asked");
    let (explained, advised) = (form.value("explained") == "yes", form.value("advised") == "yes");
    let answered_on = form.optional_date("answered_on", "The day they answered");
    let presence = form.optional_line("presence", "In whose presence", MAX_LINE);
    let words = form.optional_paragraph("words", "What they said", MAX_WORDS);
    let ask_again_on = form.optional_date("ask_again_on", "When to ask again");
    let agreed = answers.iter().any(|one| one.answer == Answer::Agreed);
    let open = answers.iter().any(|one| matches!(one.answer, Answer::WantsTime | Answer::NoReply));
    let replied = answers.iter().any(|one| one.answer != Answer::NoReply);
    if agreed && !explained {
        form.fail(
            "explained",
            "Agreement counts once it was explained: tick that it was, or record another answer",
        );
    }
    if agreed && presence == Some(None) {
        form.fail("presence", "Enter who heard or saw it");
    }
    match (answered_on, asked_on) {
        (Some(None), _) if replied => form.fail("answered_on", "Enter the day they answered"),
        (Some(Some(answered)), Some(asked)) if answered < asked || answered > today => {
            form.fail("answered_on", "The day they answered must not be before they were asked, nor to come");
        }
        _ => {}
    }
    match ask_again_on {
        Some(None) if open => form.fail("ask_again_on", "Enter when to ask again"),
        Some(Some(day)) if open && day < today => {
            form.fail("ask_again_on", "When to ask again must be today or later");
        }
        _ => {}
    }
    Some(Typed {
        asked_on: asked_on?,
        how: how?,
        explained,
        advised,
        answered_on: answered_on?,
        presence: presence?,
        words: words?,
        ask_again_on: ask_again_on?,
        copy_given: form.value("copy_given") == "yes",
        answers,
    })
}

pub async fn save(
    Path((case, contact)): Path<(CaseId, ContactId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<RecordSteps>(case).await?;
    let parent = parent(posted.tx.conn(), &of, contact, today).await?;
    let rows = queries::alternatives(posted.tx.conn(), case, of.school).await?;
    let typed = read(&mut posted.form, &rows, today);
    let (false, Some(typed)) = (posted.needs_another_look(), typed) else {
        let identity = Identity::of(&of, posted.actor(), today, "Stage 3");
        let asked = (parent, outcomes(&rows));
        let page = page(posted.chrome(), posted.form.clone(), identity, case, asked);
        return posted.again(&page).await;
    };
    let asking = Asking {
        contact,
        asked_on: typed.asked_on,
        how: typed.how,
        explained: typed.explained,
        advised: typed.advised,
        answered_on: typed.answered_on,
        presence: typed.presence.as_deref(),
        words: typed.words.as_deref(),
        ask_again_on: typed.ask_again_on,
        copy_given: typed.copy_given,
    };
    let at = (today, now);
    queries::record_answers(posted.tx.conn(), &permit, case, &asking, &typed.answers, at).await?;
    posted.done(of.trace(&["agreement"]), &urls::stage_3(case), Some(Flash::AgreementRecorded)).await
}
