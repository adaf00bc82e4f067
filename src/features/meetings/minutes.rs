//! Minutes: who came, what was settled and agreed; a draft until they are signed off, final afterwards.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    after::version,
    plan::clash,
    queries::{self, ActionRow, NewAction, Settled},
    views::{self, Meeting},
};
use crate::{
    db::case::CaseOf,
    domain::{
        dates,
        ids::{CaseId, MeetingId},
        meeting::{self, Attendance, MeetingKind, Minutes, Part, Psp},
        permission::{Capability, HoldMeetings},
        text,
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Most rows of actions one form takes.
const MOST_ROWS: usize = 30;
/// Most letters of one part of the minutes.
const MAX: usize = 8000;

/// A part of the minutes that is words: field, label, hint.
type Words = (&'static str, &'static str, &'static str);

/// What this kind of meeting settles in words, in the order of the form.
fn words_of(kind: MeetingKind) -> Vec<Words> {
    let mut words = vec![("notes", "What was said (optional)", "")];
    match kind {
        MeetingKind::Stage1 => words.extend([
            ("difficulties", "Difficulties that were made clear", ""),
            ("support_check", "Whether support is in place", "What was agreed before, and what is missing"),
        ]),
        MeetingKind::Stage2 => words.extend([
            ("earlier_plans", "Each earlier plan or agreement, and how it went", "If there was none, say so"),
            ("further_support", "Further support needed", "If none is needed, say so"),
            ("strategies", "Strategies to help progress", ""),
        ]),
        MeetingKind::Restorative | MeetingKind::Mediation => {
            words.push(("outcome", "What came of it", "Other pupils as Pupil A, Pupil B: no names"));
        }
        MeetingKind::Stage3 | MeetingKind::Review => {}
    }
    words.push(("decisions", "What was decided", ""));
    if matches!(kind, MeetingKind::Stage1 | MeetingKind::Stage2 | MeetingKind::Stage3) {
        words.push(("without_parent", "If no parent was there: why, and what was tried", ""));
    }
    if kind == MeetingKind::Stage2 {
        words.push(("without_service", "If services are active and none was there: why", ""));
    }
    if kind == MeetingKind::Stage3 {
        words.push((
            "without_la_representative",
            "If the LA representative was not there: why, and how they were asked",
            "",
        ));
    }
    words
}

struct Person {
    field: String,
    legend: String,
}

struct Row {
    words: String,
    owner: String,
    due: String,
    number: usize,
}

#[derive(Template)]
#[template(path = "meetings/minutes.html")]
struct MinutesPage {
    chrome: Chrome,
    form: Form,
    name: String,
    kind: &'static str,
    action: String,
    back: String,
    people: Vec<Person>,
    came: Vec<(&'static str, &'static str)>,
    words: Vec<Words>,
    psp: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    done: Vec<String>,
}

fn page(chrome: Chrome, form: Form, case: &CaseOf, found: &Meeting) -> MinutesPage {
    let kind = found.kind();
    let typed = (1..=MOST_ROWS).rev().find(|n| !row_is_empty(&form, *n)).unwrap_or(0);
    let back = urls::meeting(case.id, found.row.id);
    MinutesPage {
        name: case.name(),
        kind: kind.label(),
        action: format!("{back}/minutes"),
        back,
        people: found
            .people
            .iter()
            .map(|person| Person {
                field: format!("came.{}", person.position),
                legend: format!(
                    "{} ({})",
                    person.name,
                    text::within(Part::from_stored(&person.part).map_or("", Part::label))
                ),
            })
            .collect(),
        came: Attendance::choices(),
        words: words_of(kind),
        psp: if kind == MeetingKind::Stage1 { Psp::choices() } else { Vec::new() },
        rows: (1..=(typed + 3).min(MOST_ROWS))
            .map(|number| Row {
                words: format!("agreed.{number}.words"),
                owner: format!("agreed.{number}.owner"),
                due: format!("agreed.{number}.due"),
                number,
            })
            .collect(),
        done: found
            .actions
            .iter()
            .filter(|action| action.done_on.is_some())
            .map(|action| format!("{} ({})", action.words, action.owner_name))
            .collect(),
        chrome,
        form,
    }
}

fn word_of<'a>(minutes: &'a Minutes, field: &str) -> Option<&'a String> {
    match field {
        "notes" => minutes.notes.as_ref(),
        "decisions" => minutes.decisions.as_ref(),
        "difficulties" => minutes.difficulties.as_ref(),
        "support_check" => minutes.support_check.as_ref(),
        "earlier_plans" => minutes.earlier_plans.as_ref(),
        "further_support" => minutes.further_support.as_ref(),
        "strategies" => minutes.strategies.as_ref(),
        "outcome" => minutes.outcome.as_ref(),
        "without_parent" => minutes.without_parent.as_ref(),
        "without_service" => minutes.without_service.as_ref(),
        "without_la_representative" => minutes.without_la_representative.as_ref(),
        _ => None,
    }
}

fn filled(found: &Meeting, today: Date) -> Form {
    let mut form = Form::empty();
    let row = &found.row;
    form.set("version", &row.version.to_string());
    // The day it was planned for is the likely one.
    if let Some(day) = row.held_on.or((row.planned_on <= today).then_some(row.planned_on)) {
        form.set_date("held_on", day);
    }
    if let Some(day) = row.next_review_on {
        form.set_date("next_review_on", day);
    }
    for person in &found.people {
        form.set(&format!("came.{}", person.position), person.attendance.as_deref().unwrap_or_default());
    }
    for (field, ..) in words_of(found.kind()) {
        if let Some(words) = word_of(&row.minutes, field) {
            form.set(field, words);
        }
    }
    form.set("psp", row.minutes.psp.map_or("", Psp::as_str));
    for (n, action) in (1..).zip(found.actions.iter().filter(|action| action.done_on.is_none())) {
        form.set(&format!("agreed.{n}.words"), &action.words);
        form.set(&format!("agreed.{n}.owner"), &action.owner_name);
        form.set_date(&format!("agreed.{n}.due"), action.due_on);
    }
    form
}

/// The form of the minutes; final minutes are read on the page of the meeting.
pub async fn form(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::HoldMeetings).await?;
    let found = views::one(visit.tx.conn(), &case, meeting).await?;
    if case.closed_on.is_some() || !found.open() {
        return Err(Error::Done(urls::meeting(id, meeting)));
    }
    let page = page(visit.chrome(), filled(&found, today), &case, &found);
    visit.show(case.trace(&[]), &page).await
}

fn row_is_empty(form: &Form, n: usize) -> bool {
    ["words", "owner", "due.day", "due.month", "due.year"]
        .iter()
        .all(|part| form.value(&format!("agreed.{n}.{part}")).trim().is_empty())
}

/// An action as typed: what, who, by when.
type Agreed = (String, String, Date);

fn read_actions(form: &mut Form) -> Vec<Agreed> {
    let mut agreed = Vec::new();
    for n in 1..=MOST_ROWS {
        if row_is_empty(form, n) {
            continue;
        }
        let words = form.line(&format!("agreed.{n}.words"), &format!("Action {n}"), 300);
        let owner = form.line(&format!("agreed.{n}.owner"), &format!("Who does action {n}"), 120);
        let due = form.date(&format!("agreed.{n}.due"), &format!("Date for action {n}"));
        if let (Some(words), Some(owner), Some(due)) = (words, owner, due) {
            agreed.push((words, owner, due));
        }
    }
    agreed
}

/// Reads what is settled. Parts this kind of meeting does not have stay as they are stored.
fn read(form: &mut Form, found: &Meeting, case: &CaseOf, today: Date) -> Settled {
    let mut minutes = found.row.minutes.0.clone();
    for (field, label, _) in words_of(found.kind()) {
        let read = match text::optional_paragraph(form.value(field), MAX) {
            Ok(words) => words,
            Err(error) => {
                form.fail(field, &error.message(label));
                None
            }
        };
        match field {
            "notes" => minutes.notes = read,
            "decisions" => minutes.decisions = read,
            "difficulties" => minutes.difficulties = read,
            "support_check" => minutes.support_check = read,
            "earlier_plans" => minutes.earlier_plans = read,
            "further_support" => minutes.further_support = read,
            "strategies" => minutes.strategies = read,
            "outcome" => minutes.outcome = read,
            "without_parent" => minutes.without_parent = read,
            "without_service" => minutes.without_service = read,
            "without_la_representative" => minutes.without_la_representative = read,
            _ => {}
        }
    }
    if found.kind() == MeetingKind::Stage1 {
        minutes.psp = Psp::from_stored(form.value("psp"));
    }
    let held_on = form.optional_date("held_on", "The day it was held").flatten();
    if let Some(day) = held_on {
        if day > today {
            form.fail("held_on", "Day it was held must be today or in the past");
        } else if day < case.opened_on - Duration::days(366) {
            form.fail("held_on", "Day it was held must not be more than a year before the case began");
        }
    }
    let next_review_on = form.optional_date("next_review_on", "Next review").flatten();
    if let (Some(held), Some(next)) = (held_on, next_review_on)
        && next <= held
    {
        form.fail("next_review_on", "Next review must be after the day the meeting was held");
    }
    let mut attended = Vec::new();
    for person in &found.people {
        let field = format!("came.{}", person.position);
        let typed = form.value(&field).to_owned();
        match Attendance::from_stored(&typed) {
            Some(attendance) => attended.push((person.position, attendance)),
            None if typed.is_empty() => {}
            None => form.fail(&field, "Select whether they came"),
        }
    }
    Settled { minutes, held_on, next_review_on, came: attended }
}

/// Says what is missing before the minutes can be signed off.
fn demand(form: &mut Form, found: &Meeting, settled: &Settled, services: bool) {
    let people: Vec<(Part, Option<Attendance>)> = found
        .people
        .iter()
        .map(|person| {
            let part = Part::from_stored(&person.part).unwrap_or(Part::Other);
            let typed = settled.came.iter().find(|(position, _)| *position == person.position);
            let stored = person.attendance.as_deref().and_then(Attendance::from_stored);
            (part, typed.map(|(_, came)| *came).or(stored))
        })
        .collect();
    let unsaid: Vec<_> = people.iter().zip(&found.people).filter(|((_, came), _)| came.is_none()).collect();
    let held = settled.held_on.is_some();
    for (field, message) in meeting::missing(found.kind(), &settled.minutes, held, unsaid.len()) {
        match (field, unsaid.first()) {
            ("attendance", Some((_, person))) => form.fail(&format!("came.{}", person.position), &message),
            _ => form.fail(field, &message),
        }
    }
    for (field, message) in meeting::reasons_missing(found.kind(), &settled.minutes, &people, services) {
        form.fail(field, message);
    }
}

/// Saves a draft.
pub async fn save(path: Path<(CaseId, MeetingId)>, posted: Posted) -> Result<Response, Error> {
    write(path.0, posted, false).await
}

/// Saves and signs off: final.
pub async fn sign(path: Path<(CaseId, MeetingId)>, posted: Posted) -> Result<Response, Error> {
    write(path.0, posted, true).await
}

async fn write(
    (id, meeting): (CaseId, MeetingId),
    mut posted: Posted,
    sign: bool,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let found = views::one(posted.tx.conn(), &case, meeting).await?;
    let version = version(&posted.form)?;
    if found.row.cancelled_on.is_some() {
        return Err(Error::BadRequest("The meeting was cancelled. Plan a new one to write its minutes."));
    }
    let settled = read(&mut posted.form, &found, &case, today);
    let agreed = read_actions(&mut posted.form);
    if found.row.final_on.is_some() || version != found.row.version {
        return Err(late(&case, &found, &settled, &agreed));
    }
    if sign {
        let services = queries::services_active(posted.tx.conn(), case.school, id).await?;
        demand(&mut posted.form, &found, &settled, services);
    }
    if posted.needs_another_look() {
        let page = page(posted.chrome(), posted.form.clone(), &case, &found);
        return posted.again(&page).await;
    }
    let final_on = sign.then_some(today);
    let saved =
        queries::settle(posted.tx.conn(), &permit, id, meeting, version, &settled, final_on, now).await?;
    if !saved {
        let found = views::one(posted.tx.conn(), &case, meeting).await?;
        return Err(late(&case, &found, &settled, &agreed));
    }
    let same = |action: &ActionRow, (words, owner, due): &Agreed| {
        action.words == *words && action.owner_name == *owner && action.due_on == *due
    };
    let gone: Vec<Uuid> = found
        .actions
        .iter()
        .filter(|action| action.done_on.is_none() && !agreed.iter().any(|one| same(action, one)))
        .map(|action| action.id.uuid())
        .collect();
    if !gone.is_empty() {
        queries::drop_actions(posted.tx.conn(), &permit, id, &gone, now).await?;
    }
    let staff = queries::staff(posted.tx.conn(), case.school, today).await?;
    for one in agreed {
        if found.actions.iter().any(|action| same(action, &one)) {
            continue;
        }
        let (words, owner_name, due_on) = one;
        let mut named = staff.iter().filter(|(_, name)| name.eq_ignore_ascii_case(&owner_name));
        // Two people of one name: the name alone stays.
        let owner = match (named.next(), named.next()) {
            (Some((id, _)), None) => Some(*id),
            _ => None,
        };
        let action = NewAction { id: Uuid::now_v7().into(), words, owner, owner_name, due_on };
        queries::add_action(posted.tx.conn(), &permit, id, meeting, &action).await?;
    }
    let (what, flash): (&'static [&'static str], _) = if sign {
        (&["minutes", "minutes_signed"], Flash::MinutesSigned)
    } else {
        (&["minutes"], Flash::MinutesSaved)
    };
    posted.done(case.trace(what), &urls::meeting(id, meeting), Some(flash)).await
}

/// Somebody was faster, or signed meanwhile: both texts, part by part.
fn late(case: &CaseOf, found: &Meeting, settled: &Settled, agreed: &[Agreed]) -> Error {
    let mut fields = Vec::new();
    for (field, label, _) in words_of(found.kind()) {
        let stored = word_of(&found.row.minutes, field).cloned().unwrap_or_default();
        let sent = word_of(&settled.minutes, field).cloned().unwrap_or_default();
        if stored != sent {
            fields.push((label.to_owned(), stored, sent));
        }
    }
    let day = |day: Option<Date>| day.map_or_else(String::new, dates::full);
    fields.push(("Day it was held".to_owned(), day(found.row.held_on), day(settled.held_on)));
    let actions = |list: Vec<String>| list.join("; ");
    fields.push((
        "Actions".to_owned(),
        actions(found.actions.iter().map(|a| format!("{} ({})", a.words, a.owner_name)).collect()),
        actions(agreed.iter().map(|(words, owner, _)| format!("{words} ({owner})")).collect()),
    ));
    clash(case, found, fields)
}
