//! What the LA asks about a case, and what the school answers (decisions: an LA representative asks for updates).

mod queries;

use askama::Template;
use axum::response::Response;

use self::queries::Update;
use super::selected::ANSWER_DAYS;
use crate::{
    db::case::CaseOf,
    domain::{
        dates,
        ids::CaseId,
        permission::{Actor, Capability, RecordSteps},
    },
    state::london,
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Longest answer.
const MAX_ANSWER: usize = 4_000;

#[derive(Template)]
#[template(path = "caseload/updates.html")]
struct UpdatesPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    action: String,
    lines: Vec<Line>,
    /// A question is open and the person may answer it.
    may_answer: bool,
    /// No question is open and the person may ask one.
    may_ask: bool,
    answer_days: u32,
}

struct Line {
    asked: String,
    words: Option<String>,
    due: String,
    answer: Option<String>,
    answered: String,
}

impl UpdatesPage {
    fn of(
        chrome: Chrome,
        form: Form,
        head: &CaseOf,
        actor: &Actor,
        updates: &[Update],
        today: time::Date,
    ) -> Self {
        let open = updates.iter().any(|update| update.answer.is_none());
        let running = head.closed_on.is_none();
        Self {
            chrome,
            form,
            identity: Identity::of(head, actor, today, "Updates"),
            case: head.id,
            action: urls::updates(head.id),
            lines: updates.iter().map(line).collect(),
            may_answer: open && running && actor.may_at(Capability::RecordSteps, head.school),
            may_ask: !open && running && actor.may_at(Capability::LookAfterCases, head.school),
            answer_days: ANSWER_DAYS,
        }
    }
}

fn line(update: &Update) -> Line {
    let at = |instant| {
        let local = london(instant);
        format!("{} at {}", dates::short(local.date()), dates::time_of_day(local.time()))
    };
    Line {
        asked: format!("{}, {}", update.asked_by, at(update.asked_at)),
        words: update.words.clone(),
        due: dates::full(update.due_on),
        answer: update.answer.clone(),
        answered: update
            .answered_at
            .map(|instant| format!("{}, {}", update.answered_by.as_deref().unwrap_or_default(), at(instant)))
            .unwrap_or_default(),
    }
}

pub async fn index(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::SeeWholeCase).await?;
    let updates = queries::updates(visit.tx.conn(), id).await?;
    let page = UpdatesPage::of(visit.chrome(), Form::empty(), &head, visit.actor(), &updates, today);
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}

pub async fn answer(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (head, permit) = posted.open_case::<RecordSteps>(id).await?;
    let words = posted.form.paragraph("words", "Answer", MAX_ANSWER);
    let updates = queries::updates(posted.tx.conn(), id).await?;
    if !updates.iter().any(|update| update.answer.is_none()) {
        posted.form.fail("words", "Nobody has asked, or a colleague answered a moment ago. See below");
    }
    let (false, Some(words)) = (posted.needs_another_look(), words) else {
        let page =
            UpdatesPage::of(posted.chrome(), posted.form.clone(), &head, posted.actor(), &updates, today);
        return posted.again(&page).await;
    };
    if !queries::answer(posted.tx.conn(), &permit, id, &words, (today, now)).await? {
        return Err(Error::Busy);
    }
    posted.done(head.trace(&["update_answer"]), &urls::updates(id), Some(Flash::UpdateAnswered)).await
}
