//! Planning a meeting: kind, when, where and who is asked.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde::Deserialize;
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    after::version,
    queries::{self, Asked, InviteeRow, Plan},
    views::{self, Meeting},
};
use crate::{
    db::case::CaseOf,
    domain::{
        dates,
        ids::{CaseId, MeetingId, UserId},
        meeting::{MeetingKind, Part, time_typed},
        permission::{Capability, HoldMeetings},
        text,
    },
    state::london,
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Rows for people who are not on the case's own lists.
const ROWS: usize = 4;

/// Which kind to start with.
#[derive(Debug, Default, Deserialize)]
pub struct Kind {
    kind: Option<String>,
}

#[derive(Template)]
#[template(path = "meetings/plan.html")]
struct PlanPage {
    chrome: Chrome,
    form: Form,
    name: String,
    title: &'static str,
    action: String,
    back: String,
    /// The kinds; empty when it cannot change any more.
    kinds: Vec<(&'static str, &'static str)>,
    invite: Vec<(String, String)>,
    /// People who must not be asked, and why.
    forbidden: Vec<(String, String)>,
    remove: Vec<(String, String)>,
    parts: Vec<(&'static str, &'static str)>,
    rows: Vec<(String, String)>,
    cancel: Option<String>,
}

/// Somebody on the case's lists: the word the form sends, who they are, why they must not be asked.
struct Choice {
    key: String,
    words: String,
    asked: Asked,
    forbidden: Option<String>,
}

fn choices(case: &CaseOf, rows: Vec<InviteeRow>) -> Vec<Choice> {
    let choice = |key: String, part: Part, name: String, user, contact, about: &str| {
        let about = if about.is_empty() { text::within(part.label()) } else { text::within(about) };
        Choice {
            key,
            words: format!("{name} ({about})"),
            asked: Asked { part, name, user, contact },
            forbidden: None,
        }
    };
    let mut found = vec![
        choice("pupil".to_owned(), Part::Pupil, case.name(), None, None, ""),
        choice("lead".to_owned(), Part::Lead, case.lead_name.clone(), Some(case.lead.uuid()), None, ""),
    ];
    for row in rows {
        let part = Part::from_stored(&row.part).unwrap_or(Part::Other);
        let (user, contact) = if part == Part::Parent { (None, Some(row.id)) } else { (Some(row.id), None) };
        if user == Some(case.lead.uuid()) {
            continue;
        }
        let key = format!("{}.{}", row.part, row.id);
        let mut one = choice(key, part, row.name, user, contact, &row.about);
        one.forbidden = row.forbidden;
        // Parents come after the pupil, before the school.
        let at = if part == Part::Parent { found.len() - 1 } else { found.len() };
        found.insert(at, one);
    }
    found
}

/// Those not asked yet.
fn left(choices: Vec<Choice>, meeting: Option<&Meeting>) -> Vec<Choice> {
    let Some(meeting) = meeting else { return choices };
    let there = |one: &Asked| {
        meeting.people.iter().any(|person| match (one.user, one.contact) {
            (Some(user), _) => person.user.map(UserId::uuid) == Some(user),
            (_, Some(contact)) => person.contact == Some(contact),
            _ => person.part == one.part.as_str(),
        })
    };
    choices.into_iter().filter(|choice| !there(&choice.asked)).collect()
}

fn page(
    chrome: Chrome,
    form: Form,
    case: &CaseOf,
    choices: &[Choice],
    meeting: Option<&Meeting>,
) -> PlanPage {
    let place = meeting.map_or_else(|| urls::meetings(case.id), |m| urls::meeting(case.id, m.row.id));
    PlanPage {
        chrome,
        form,
        name: case.name(),
        title: if meeting.is_some() { "Change a meeting" } else { "Plan a meeting" },
        action: if meeting.is_some() { format!("{place}/edit") } else { format!("{place}/new") },
        kinds: if meeting.is_some() { Vec::new() } else { MeetingKind::choices() },
        invite: choices
            .iter()
            .filter(|choice| choice.forbidden.is_none())
            .map(|choice| (choice.key.clone(), choice.words.clone()))
            .collect(),
        forbidden: choices
            .iter()
            .filter_map(|choice| Some((choice.words.clone(), choice.forbidden.clone()?)))
            .collect(),
        remove: meeting.map_or_else(Vec::new, |meeting| {
            meeting
                .people
                .iter()
                .map(|person| {
                    let part = text::within(Part::from_stored(&person.part).map_or("", Part::label));
                    (person.position.to_string(), format!("{} ({part})", person.name))
                })
                .collect()
        }),
        parts: std::iter::once(("", "Choose")).chain(Part::choices()).collect(),
        rows: (1..=ROWS).map(|n| (format!("other.{n}.part"), format!("other.{n}.name"))).collect(),
        cancel: meeting.map(|_| format!("{place}/cancel")),
        back: place,
    }
}

/// The form, with the pupil, the contacts and the school's people ticked.
pub async fn new(Id(id): Id<CaseId>, Query(asked): Query<Kind>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::HoldMeetings).await?;
    if case.closed_on.is_some() {
        return Err(Error::Done(urls::meetings(id)));
    }
    let rows = queries::invitees(visit.tx.conn(), case.school, case.pupil, today).await?;
    let choices = choices(&case, rows);
    let mut pairs = Vec::new();
    if let Some(kind) = asked.kind.as_deref().and_then(MeetingKind::from_stored) {
        pairs.push(("kind".to_owned(), kind.as_str().to_owned()));
    }
    for choice in choices.iter().filter(|choice| choice.forbidden.is_none()) {
        pairs.push(("invite".to_owned(), choice.key.clone()));
    }
    let page = page(visit.chrome(), Form::from_pairs(pairs), &case, &choices, None);
    visit.show(case.trace(&[]), &page).await
}

fn time_of(form: &mut Form, id: &str, message: &str) -> Option<time::Time> {
    let read = time_typed(form.value(id));
    if read.is_none() {
        form.fail(id, message);
    }
    read
}

/// Reads when and where. `kind` is given for a meeting that has one.
fn read_plan(form: &mut Form, kind: Option<MeetingKind>, today: Date) -> Option<Plan> {
    let kind = match kind {
        Some(kind) => Some(kind),
        None => form.choice("kind", MeetingKind::from_stored, "Select the kind of meeting"),
    };
    let planned_on = form.date("planned_on", "The date of the meeting");
    if let Some(day) = planned_on {
        if day < today - Duration::days(366) {
            form.fail("planned_on", "Date of the meeting must be within the last year, or later");
        } else if day > today + Duration::days(731) {
            form.fail("planned_on", "Date of the meeting must be within the next two years");
        }
    }
    let starts_at = time_of(form, "starts_at", "Enter the time it starts, like 3:30pm or 15:30");
    let ends_at = time_of(form, "ends_at", "Enter the time it ends, like 4:15pm or 16:15");
    if let (Some(start), Some(end)) = (starts_at, ends_at)
        && end <= start
    {
        form.fail("ends_at", "The time it ends must be after the time it starts");
    }
    let place = form.line("place", "The place", 200);
    Some(Plan {
        kind: kind?.as_str(),
        planned_on: planned_on?,
        starts_at: starts_at?,
        ends_at: ends_at?,
        place: place?,
    })
}

/// Reads who is asked: those ticked, and those typed. Somebody a court order keeps away is refused, with the
/// reason; somebody who is not on this case's lists does not exist.
fn read_asked(form: &mut Form, choices: Vec<Choice>) -> Result<Vec<Asked>, Error> {
    let keys: Vec<String> = form.values_of("invite").into_iter().map(str::to_owned).collect();
    if let Some(strange) = keys.iter().find(|key| !choices.iter().any(|choice| choice.key == **key)) {
        tracing::debug!(length = strange.len(), "somebody who is not on the lists");
        return Err(Error::NotFound);
    }
    let mut asked = Vec::new();
    for choice in choices {
        if !keys.contains(&choice.key) {
            continue;
        }
        if let Some(why) = &choice.forbidden {
            form.fail("invite", &format!("{} must not be invited: {why}", choice.words));
            continue;
        }
        asked.push(choice.asked);
    }
    for n in 1..=ROWS {
        let (part_id, name_id) = (format!("other.{n}.part"), format!("other.{n}.name"));
        let part = Part::from_stored(form.value(&part_id));
        match (text::optional_line(form.value(&name_id), 120), part) {
            (Ok(None), None) => {}
            (Ok(None), Some(_)) => form.fail(&name_id, "Enter the name, or leave the row empty"),
            (Ok(Some(_)), None) => form.fail(&part_id, "Select why this person is asked"),
            (Ok(Some(name)), Some(part)) => asked.push(Asked { part, name, user: None, contact: None }),
            (Err(error), _) => form.fail(&name_id, &error.message("Name")),
        }
    }
    Ok(asked)
}

/// Plans a meeting.
pub async fn create(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let rows = queries::invitees(posted.tx.conn(), case.school, case.pupil, today).await?;
    let shown = choices(&case, rows);
    let plan = read_plan(&mut posted.form, None, today);
    let asked = read_asked(&mut posted.form, clone(&shown))?;
    if asked.is_empty() {
        posted.form.fail("invite", "Select or enter at least one person to ask");
    }
    let (false, Some(plan)) = (posted.needs_another_look(), plan) else {
        let page = page(posted.chrome(), posted.form.clone(), &case, &shown, None);
        return posted.again(&page).await;
    };
    let meeting: MeetingId = Uuid::now_v7().into();
    queries::plan(posted.tx.conn(), &permit, id, case.stage, meeting, &plan, &asked, today, now).await?;
    posted.done(case.trace(&["meeting"]), &urls::meeting(id, meeting), Some(Flash::MeetingPlanned)).await
}

fn clone(choices: &[Choice]) -> Vec<Choice> {
    choices
        .iter()
        .map(|one| Choice {
            key: one.key.clone(),
            words: one.words.clone(),
            asked: Asked {
                part: one.asked.part,
                name: one.asked.name.clone(),
                user: one.asked.user,
                contact: one.asked.contact,
            },
            forbidden: one.forbidden.clone(),
        })
        .collect()
}

/// The form to change when, where and who.
pub async fn edit(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::HoldMeetings).await?;
    let found = views::one(visit.tx.conn(), &case, meeting).await?;
    if case.closed_on.is_some() || !found.open() {
        return Err(Error::Done(urls::meeting(id, meeting)));
    }
    let rows = queries::invitees(visit.tx.conn(), case.school, case.pupil, today).await?;
    let choices = left(choices(&case, rows), Some(&found));
    let mut form = Form::empty();
    fill(&mut form, &found);
    let page = page(visit.chrome(), form, &case, &choices, Some(&found));
    visit.show(case.trace(&[]), &page).await
}

fn fill(form: &mut Form, found: &Meeting) {
    form.set_date("planned_on", found.row.planned_on);
    form.set("starts_at", &dates::time_of_day(found.row.starts_at));
    form.set("ends_at", &dates::time_of_day(found.row.ends_at));
    form.set("place", &found.row.place);
    form.set("version", &found.row.version.to_string());
}

/// Shows the form to change a meeting again, from a form that lacks its other fields.
pub async fn edit_again(mut posted: Posted, case: &CaseOf, found: &Meeting) -> Result<Response, Error> {
    let today = posted.tx.today();
    let rows = queries::invitees(posted.tx.conn(), case.school, case.pupil, today).await?;
    let choices = left(choices(case, rows), Some(found));
    if posted.form.value("place").is_empty() && posted.form.error("place").is_none() {
        let version = posted.form.value("version").to_owned();
        fill(&mut posted.form, found);
        posted.form.set("version", &version);
    }
    let page = page(posted.chrome(), posted.form.clone(), case, &choices, Some(found));
    posted.again(&page).await
}

/// Somebody was faster: who, when, and both texts.
pub fn clash(case: &CaseOf, found: &Meeting, fields: Vec<(String, String, String)>) -> Error {
    let at = london(found.row.changed_at);
    Error::Conflict(Box::new(Conflict {
        what: "This meeting".to_owned(),
        changed: format!(
            "{} changed it on {} at {}",
            found.row.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        ),
        fields,
        edit: urls::meeting(case.id, found.row.id),
    }))
}

/// Changes when, where and who.
pub async fn update(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let found = views::one(posted.tx.conn(), &case, meeting).await?;
    let version = version(&posted.form)?;
    if !found.open() {
        return Err(Error::BadRequest("It was signed off or cancelled, and stays as it is."));
    }
    let rows = queries::invitees(posted.tx.conn(), case.school, case.pupil, today).await?;
    let plan = read_plan(&mut posted.form, Some(found.kind()), today);
    let asked = read_asked(&mut posted.form, left(choices(&case, rows), Some(&found)))?;
    let mut off = Vec::new();
    for typed in posted.form.values_of("remove") {
        match found.people.iter().find(|person| person.position.to_string() == typed) {
            Some(person) => off.push(person.position),
            None => return Err(Error::NotFound),
        }
    }
    if off.len() == found.people.len() && asked.is_empty() {
        posted.form.fail("remove", "Somebody must be left on the list");
    }
    let (false, Some(plan)) = (posted.needs_another_look(), plan) else {
        return edit_again(posted, &case, &found).await;
    };
    let changed = version == found.row.version
        && queries::change_plan(posted.tx.conn(), &permit, id, meeting, version, &plan, now).await?;
    if !changed {
        let found = views::one(posted.tx.conn(), &case, meeting).await?;
        let when = |day, from, to| {
            format!("{}, {} to {}", dates::full(day), dates::time_of_day(from), dates::time_of_day(to))
        };
        let row = &found.row;
        let fields = vec![
            (
                "When".to_owned(),
                when(row.planned_on, row.starts_at, row.ends_at),
                when(plan.planned_on, plan.starts_at, plan.ends_at),
            ),
            ("Place".to_owned(), row.place.clone(), plan.place.clone()),
            (
                "People to add".to_owned(),
                String::new(),
                asked.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", "),
            ),
        ];
        return Err(clash(&case, &found, fields));
    }
    queries::unask(posted.tx.conn(), &permit, id, meeting, &off, now).await?;
    queries::ask(posted.tx.conn(), &permit, id, meeting, &asked, today).await?;
    posted.done(case.trace(&["meeting"]), &urls::meeting(id, meeting), Some(Flash::MeetingChanged)).await
}
