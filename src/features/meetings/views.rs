//! Pages of meetings to read: the list, one meeting, its minutes on paper.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::Date;

use super::queries::{self, ActionRow, MeetingRow, PersonRow};
use crate::{
    db::{ScopedTx, calendar as school_calendar, case::CaseOf},
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{CaseId, MeetingId, UserId},
        meeting::{Attendance, MeetingKind, Minutes, Part, Psp},
        permission::{Actor, Capability},
        text,
    },
    state::london,
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

/// A meeting with everybody asked and everything agreed.
pub struct Meeting {
    pub row: MeetingRow,
    pub people: Vec<PersonRow>,
    pub actions: Vec<ActionRow>,
}

impl Meeting {
    /// Its kind; the database holds no other word.
    pub fn kind(&self) -> MeetingKind {
        MeetingKind::from_stored(&self.row.kind).unwrap_or(MeetingKind::Review)
    }

    /// Its plan and minutes may still change.
    pub fn open(&self) -> bool {
        self.row.final_on.is_none() && self.row.cancelled_on.is_none()
    }
}

/// Every meeting of a case.
pub async fn all(conn: &mut sqlx::PgConnection, case: &CaseOf) -> Result<Vec<Meeting>, Error> {
    let rows = queries::of_case(conn, case.school, case.id).await?;
    let mut people = queries::people(conn, case.school, case.id).await?;
    let mut actions = queries::actions(conn, case.school, case.id).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            Meeting {
                people: people.extract_if(.., |person| person.meeting == id).collect(),
                actions: actions.extract_if(.., |action| action.meeting == id).collect(),
                row,
            }
        })
        .collect())
}

/// One meeting of a case: 404 when it is not this case's.
pub async fn one(conn: &mut sqlx::PgConnection, case: &CaseOf, id: MeetingId) -> Result<Meeting, Error> {
    all(conn, case).await?.into_iter().find(|meeting| meeting.row.id == id).ok_or(Error::NotFound)
}

/// Somebody asked, in words.
pub struct PersonLine {
    pub name: String,
    pub part: String,
    pub came: &'static str,
    pub no_contact: bool,
}

/// Something agreed, in words.
pub struct ActionLine {
    pub words: String,
    pub owner: String,
    pub due: String,
    pub overdue: bool,
    pub done: Option<String>,
    pub form: String,
}

/// A meeting in words.
pub struct MeetingLine {
    pub href: String,
    pub kind: &'static str,
    pub when: String,
    pub place: String,
    pub people: Vec<PersonLine>,
    pub state: String,
    pub tone: &'static str,
    pub actions: Vec<ActionLine>,
}

/// Signed off more school days after it was held than the policy allows (S2.05).
fn late(row: &MeetingRow, calendar: &SchoolCalendar, days: u32) -> bool {
    let (Some(held), Some(signed)) = (row.held_on, row.final_on) else { return false };
    calendar.nth_school_day_after(held, days).is_ok_and(|last| signed > last)
}

fn state(row: &MeetingRow, today: Date, calendar: &SchoolCalendar, days: u32) -> (String, &'static str) {
    match (row.cancelled_on, row.final_on, row.held_on) {
        (Some(day), ..) => (format!("Cancelled on {}", dates::short(day)), "grey"),
        (_, Some(day), _) if late(row, calendar, days) => {
            (format!("Minutes signed late, on {}", dates::short(day)), "orange")
        }
        (_, Some(day), _) => (format!("Minutes signed on {}", dates::short(day)), "green"),
        (_, _, Some(_)) => ("Held, minutes not signed".to_owned(), "yellow"),
        _ if row.planned_on < today => ("Minutes to be written".to_owned(), "yellow"),
        _ => ("Planned".to_owned(), "blue"),
    }
}

fn line(case: &CaseOf, meeting: &Meeting, today: Date, calendar: &SchoolCalendar) -> MeetingLine {
    let row = &meeting.row;
    let (state, tone) = state(row, today, calendar, case.policy.minutes_days);
    MeetingLine {
        href: urls::meeting(case.id, row.id),
        kind: meeting.kind().label(),
        when: format!(
            "{}, {} to {}",
            dates::full(row.held_on.unwrap_or(row.planned_on)),
            dates::time_of_day(row.starts_at),
            dates::time_of_day(row.ends_at)
        ),
        place: row.place.clone(),
        people: meeting
            .people
            .iter()
            .map(|person| PersonLine {
                name: person.name.clone(),
                part: text::within(Part::from_stored(&person.part).map_or("", Part::label)),
                came: person
                    .attendance
                    .as_deref()
                    .and_then(Attendance::from_stored)
                    .map_or("", Attendance::label),
                no_contact: person.no_contact,
            })
            .collect(),
        state,
        tone,
        actions: meeting
            .actions
            .iter()
            .map(|action| ActionLine {
                words: action.words.clone(),
                owner: action.owner_name.clone(),
                due: dates::short(action.due_on),
                overdue: action.done_on.is_none() && action.due_on < today,
                done: action.done_on.map(|day| match &action.outcome {
                    Some(outcome) => format!("Done on {}: {outcome}", dates::short(day)),
                    None => format!("Done on {}", dates::short(day)),
                }),
                form: urls::action_done(case.id, action.id),
            })
            .collect(),
    }
}

fn may_hold(case: &CaseOf, actor: &Actor) -> bool {
    case.closed_on.is_none() && actor.may_for(Capability::HoldMeetings, case.school, case.shared)
}

#[derive(Template)]
#[template(path = "meetings/index.html")]
struct MeetingsPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    plan: String,
    may_hold: bool,
    none_yet: bool,
    groups: Vec<(&'static str, Vec<MeetingLine>)>,
    actions: Vec<ActionLine>,
}

/// The list: meetings to come first, then those held, then those called off.
pub async fn index(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let meetings = all(visit.tx.conn(), &case).await?;
    let calendar = school_calendar::of_school(visit.tx.conn(), case.school, today).await?;
    let (mut coming, mut held, mut cancelled, mut open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for meeting in &meetings {
        let mut line = line(&case, meeting, today, &calendar);
        open.extend(line.actions.extract_if(.., |action| action.done.is_none()));
        let row = &meeting.row;
        if row.cancelled_on.is_some() {
            cancelled.push(line);
        } else if row.held_on.is_some() || row.planned_on < today {
            held.push(line);
        } else {
            coming.push(line);
        }
    }
    // The next one first.
    coming.reverse();
    let page = MeetingsPage {
        chrome: visit.chrome(),
        form: Form::empty(),
        identity: Identity::of(&case, visit.actor(), today, "Meetings"),
        plan: format!("{}/new", urls::meetings(id)),
        may_hold: may_hold(&case, visit.actor()),
        none_yet: meetings.is_empty(),
        groups: vec![("Coming", coming), ("Held", held), ("Cancelled", cancelled)],
        actions: open,
    };
    visit.show(case.trace(&[]), &page).await
}

/// Minutes as headed paragraphs, in the order people read them.
pub fn settled(minutes: &Minutes, next_review_on: Option<Date>) -> Vec<(&'static str, String)> {
    let parts = [
        ("What was said", minutes.notes.clone()),
        ("Difficulties made clear", minutes.difficulties.clone()),
        ("Whether support is in place", minutes.support_check.clone()),
        ("Pastoral support programme", minutes.psp.map(|psp: Psp| psp.label().to_owned())),
        ("Earlier plans and how they went", minutes.earlier_plans.clone()),
        ("Further support", minutes.further_support.clone()),
        ("Strategies", minutes.strategies.clone()),
        ("What came of it", minutes.outcome.clone()),
        ("What was decided", minutes.decisions.clone()),
        ("Why no parent was there", minutes.without_parent.clone()),
        ("Why no support service was there", minutes.without_service.clone()),
        ("Why the LA representative was not there", minutes.without_la_representative.clone()),
        ("Next review", next_review_on.map(dates::full)),
    ];
    parts.into_iter().filter_map(|(title, words)| Some((title, words?))).collect()
}

struct Added {
    words: String,
    when: String,
}

#[derive(Template)]
#[template(path = "meetings/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "each stands for one part of the page")]
struct MeetingPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    back: String,
    line: MeetingLine,
    parts: Vec<(&'static str, String)>,
    cancelled_why: Option<String>,
    signed_by: Option<String>,
    addenda: Vec<Added>,
    may_change: bool,
    may_hold: bool,
    held: bool,
    signed: bool,
    may_attend: bool,
}

async fn page(
    tx: &mut ScopedTx,
    chrome: Chrome,
    form: Form,
    case: &CaseOf,
    id: MeetingId,
) -> Result<MeetingPage, Error> {
    let today = tx.today();
    let meeting = one(tx.conn(), case, id).await?;
    let calendar = school_calendar::of_school(tx.conn(), case.school, today).await?;
    let addenda = queries::addenda(tx.conn(), case.school, case.id, id).await?;
    let me: UserId = tx.actor().user;
    let may_hold = may_hold(case, tx.actor());
    let asked = meeting.people.iter().any(|person| person.user == Some(me));
    let open = meeting.open();
    Ok(MeetingPage {
        chrome,
        form,
        identity: Identity::of(case, tx.actor(), today, "Meetings"),
        back: urls::meetings(case.id),
        line: line(case, &meeting, today, &calendar),
        parts: settled(&meeting.row.minutes, meeting.row.next_review_on),
        cancelled_why: meeting.row.cancelled_why.clone(),
        signed_by: meeting.row.final_by.clone(),
        addenda: addenda
            .into_iter()
            .map(|row| {
                let at = london(row.written_at);
                let when =
                    format!("{}, {}, {}", dates::short(at.date()), dates::time_of_day(at.time()), row.by);
                Added { words: row.words, when }
            })
            .collect(),
        may_change: may_hold && open,
        may_hold,
        held: meeting.row.held_on.is_some(),
        signed: meeting.row.final_on.is_some(),
        may_attend: open && case.closed_on.is_none() && asked,
    })
}

/// One meeting.
pub async fn show(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let chrome = visit.chrome();
    let page = page(&mut visit.tx, chrome, Form::empty(), &case, meeting).await?;
    visit.show(case.trace(&[]), &page).await
}

/// Shows a meeting again with what was typed under it, and what is wrong with that.
pub async fn again(mut posted: Posted, case: &CaseOf, meeting: MeetingId) -> Result<Response, Error> {
    let (chrome, form) = (posted.chrome(), posted.form.clone());
    let page = page(&mut posted.tx, chrome, form, case, meeting).await?;
    posted.again(&page).await
}

#[derive(Template)]
#[template(path = "meetings/print.html")]
struct PrintPage {
    page: MeetingPage,
    chrome: Chrome,
    back: String,
}

/// The minutes on one sheet of paper.
pub async fn print(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let chrome = visit.chrome();
    let page = page(&mut visit.tx, chrome, Form::empty(), &case, meeting).await?;
    let page = PrintPage { chrome: visit.chrome(), back: urls::meeting(id, meeting), page };
    visit.show(case.trace(&[]), &page).await
}
