//! One alternative: whether it was considered, what pupil and parents say of it, why it is chosen or not, and how.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::Date;

use super::queries::{self, AlternativeRow, Card};
use crate::{
    db::{DbError, case::CaseOf, facts},
    domain::{
        dates,
        ids::CaseId,
        permission::{Capability, RecordSteps},
        stage::{CaseState, Stage},
        stage_3::{self, Alternative, Plan, Route, Status},
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_WORDS: usize = 2000;

#[derive(Template)]
#[template(path = "stage_3/alternative.html")]
struct CardPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    title: &'static str,
    hint: &'static str,
    action: String,
    back: String,
    /// Why it cannot be written down now.
    not_now: Option<String>,
    is_transfer: bool,
    routes: Vec<(&'static str, &'static str)>,
    yes_no: [(&'static str, &'static str); 2],
}

/// The alternative of a path. None of the programme's words: there is no such page.
pub fn of_path(word: &str) -> Result<Alternative, Error> {
    Alternative::from_stored(word).ok_or(Error::NotFound)
}

/// The day the case came to Stage 3, while it is there.
fn entered_on(state: &CaseState) -> Option<Date> {
    match state {
        CaseState::Open { stage: Stage::Three, since, .. } => Some(*since),
        CaseState::Open { .. } | CaseState::None | CaseState::Ended { .. } => None,
    }
}

fn not_now(state: &CaseState, row: Option<&AlternativeRow>) -> Option<String> {
    if entered_on(state).is_none() {
        let at = state.stage().map_or_else(|| "not open".to_owned(), |stage| format!("at {stage}"));
        return Some(format!(
            "The case is {at}. Alternatives to a permanent exclusion are considered, and agreed, at Stage 3 (P2.03b)"
        ));
    }
    let status = row.map(AlternativeRow::status)?;
    match status {
        Status::NotChosen | Status::Proposed => None,
        Status::Agreed | Status::Declined | Status::Stopped | Status::Ended => {
            Some(format!("{}: what was decided about it stays as it is", status.label()))
        }
    }
}

fn page(
    chrome: Chrome,
    form: Form,
    identity: Identity,
    (case, kind): (CaseId, Alternative),
    not_now: Option<String>,
) -> CardPage {
    CardPage {
        chrome,
        form,
        identity,
        title: kind.label(),
        hint: kind.hint(),
        action: urls::alternative(case, kind.as_str()),
        back: urls::stage_3(case),
        not_now,
        is_transfer: kind == Alternative::SupportedTransfer,
        routes: Route::choices(),
        yes_no: [("yes", "Yes"), ("no", "No")],
    }
}

fn filled(row: &AlternativeRow) -> Form {
    let mut form = Form::empty();
    let chosen = row.plan.is_some();
    form.set("considered", if row.considered { "yes" } else { "no" });
    form.set("chosen", if chosen { "yes" } else { "no" });
    form.set("why", &row.why);
    for (field, value) in [
        ("pupil_view", &row.pupil_view),
        ("parent_view", &row.parent_view),
        ("plan", &row.plan),
        ("route", &row.route),
        ("last_resort", &row.last_resort),
    ] {
        form.set(field, value.as_deref().unwrap_or_default());
    }
    for (field, day) in [("starts_on", row.starts_on), ("review_on", row.review_on), ("ends_on", row.ends_on)]
    {
        if let Some(day) = day {
            form.set_date(field, day);
        }
    }
    form.set("version", &row.version.to_string());
    form
}

/// What is written down of one alternative of a case.
pub async fn one(
    conn: &mut sqlx::PgConnection,
    of: &CaseOf,
    kind: Alternative,
) -> Result<Option<AlternativeRow>, DbError> {
    let rows = queries::alternatives(conn, of.id, of.school).await?;
    Ok(rows.into_iter().find(|row| row.kind() == kind))
}

pub async fn form(Path((case, word)): Path<(CaseId, String)>, mut visit: Visit) -> Result<Response, Error> {
    let (today, kind) = (visit.tx.today(), of_path(&word)?);
    let of = visit.case(case, Capability::RecordSteps).await?;
    let (state, _) = facts::of_case(visit.tx.conn(), &of, false, today).await?;
    let row = one(visit.tx.conn(), &of, kind).await?;
    let mut form = row.as_ref().map_or_else(Form::empty, filled);
    if row.is_none() {
        form.set("chosen", "no");
    }
    let identity = Identity::of(&of, visit.actor(), today, "Stage 3");
    let page = page(visit.chrome(), form, identity, (case, kind), not_now(&state, row.as_ref()));
    visit.show(of.trace(&[]), &page).await
}

struct Typed {
    considered: bool,
    pupil_view: Option<String>,
    parent_view: Option<String>,
    why: String,
    plan: Option<Plan>,
}

impl Typed {
    fn card(&self, kind: Alternative) -> Card<'_> {
        Card {
            kind,
            considered: self.considered,
            pupil_view: self.pupil_view.as_deref(),
            parent_view: self.parent_view.as_deref(),
            why: &self.why,
            plan: self.plan.as_ref(),
        }
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What was typed, checked. None: the messages are on the form.
fn read(form: &mut Form, kind: Alternative, today: Date) -> Option<Typed> {
    let considered = form.choice("considered", yes_or_no, "Say whether it was considered");
    let why = form.paragraph("why", "Why", MAX_WORDS);
    let view = |form: &mut Form, id: &str, what: &str| match considered {
        Some(true) => form.paragraph(id, what, MAX_WORDS).map(Some),
        Some(false) | None => form.optional_paragraph(id, what, MAX_WORDS),
    };
    let pupil_view = view(form, "pupil_view", "What the pupil says");
    let parent_view = view(form, "parent_view", "What the parents say");
    let chosen = match considered {
        Some(false) => Some(false),
        Some(true) | None => form.choice("chosen", yes_or_no, "Say whether it is chosen"),
    };
    let plan = if chosen? { Some(read_plan(form, kind, today)?) } else { None };
    Some(Typed {
        considered: considered?,
        pupil_view: pupil_view?,
        parent_view: parent_view?,
        why: why?,
        plan,
    })
}

fn read_plan(form: &mut Form, kind: Alternative, today: Date) -> Option<Plan> {
    let words = form.paragraph("plan", "What exactly, and who provides it", MAX_WORDS);
    let starts_on = form.date("starts_on", "First day");
    let review_on = form.date("review_on", "Review day");
    let ends_on = form.optional_date("ends_on", "Last day");
    let (route, last_resort) = if kind == Alternative::SupportedTransfer {
        let route = form.choice("route", Route::from_stored, "Choose how the supported transfer is made");
        let last = form.optional_paragraph("last_resort", "Why nothing else will do", MAX_WORDS);
        (Some(route?), last?)
    } else {
        (None, None)
    };
    let plan = Plan {
        words: words?,
        route,
        last_resort,
        starts_on: starts_on?,
        review_on: review_on?,
        ends_on: ends_on?,
    };
    for (field, message) in stage_3::faults(kind, &plan, today) {
        form.fail(field, &message);
    }
    Some(plan)
}

pub async fn save(Path((case, word)): Path<(CaseId, String)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now, kind) = (posted.tx.today(), posted.tx.now(), of_path(&word)?);
    let (of, permit) = posted.open_case::<RecordSteps>(case).await?;
    let (state, _) = facts::of_case(posted.tx.conn(), &of, false, today).await?;
    let row = one(posted.tx.conn(), &of, kind).await?;
    let typed = read(&mut posted.form, kind, today);
    let barred = not_now(&state, row.as_ref());
    if let Some(why) = &barred {
        posted.form.fail("considered", why);
    }
    let (false, Some(typed), Some(entered_on)) = (posted.needs_another_look(), typed, entered_on(&state))
    else {
        let identity = Identity::of(&of, posted.actor(), today, "Stage 3");
        let page = page(posted.chrome(), posted.form.clone(), identity, (case, kind), barred);
        return posted.again(&page).await;
    };
    let card = typed.card(kind);
    // Read before anything was written down: no version.
    let read = posted.form.value("version").parse().unwrap_or(0);
    if !queries::consider(posted.tx.conn(), &permit, (case, entered_on), read, &card, now).await? {
        // Whoever was faster may have written it for the first time a moment ago.
        let row = one(posted.tx.conn(), &of, kind).await?.ok_or(Error::NotFound)?;
        return Err(clash(case, &row, &typed));
    }
    posted.done(of.trace(&["alternative"]), &urls::stage_3(case), Some(Flash::AlternativeSaved)).await
}

/// Who changed it last, and when.
pub fn changed(row: &AlternativeRow) -> String {
    let at = london(row.changed_at);
    format!(
        "{} changed it on {} at {}",
        row.changed_by,
        dates::short(at.date()),
        dates::time_of_day(at.time())
    )
}

fn clash(case: CaseId, row: &AlternativeRow, sent: &Typed) -> Error {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let plan = sent.plan.as_ref().map(|plan| plan.words.clone()).unwrap_or_default();
    Error::Conflict(Box::new(Conflict {
        what: row.kind().label().to_owned(),
        changed: changed(row),
        fields: vec![
            ("Why".to_owned(), row.why.clone(), sent.why.clone()),
            ("What the pupil says".to_owned(), text(&row.pupil_view), text(&sent.pupil_view)),
            ("What the parents say".to_owned(), text(&row.parent_view), text(&sent.parent_view)),
            ("What exactly".to_owned(), text(&row.plan), plan),
        ],
        edit: urls::alternative(case, row.kind().as_str()),
    }))
}
