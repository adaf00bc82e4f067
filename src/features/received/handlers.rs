//! The transfers allocated to one's school, and one of them with what is shared.

use askama::Template;
use axum::response::Response;
use sqlx::PgConnection;
use time::Date;

use super::queries;
use crate::{
    db::{
        Trace, calendar as school_calendar,
        transfer::{self, TransferRow},
    },
    domain::{
        dates,
        duties::{Place, placed},
        ids::{SchoolId, TransferId},
        pack::Audience,
        permission::{Actor, Capability},
        transfer::{
            File, State, home_until,
            owed::{self, Around, By},
        },
    },
    web::{
        duty::{About, DutyLine},
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        pack::{self as shown, Happened, PackSection, sections},
        page::Chrome,
        urls,
    },
};

struct Line {
    href: String,
    name: String,
    about: String,
    from: String,
    to: String,
    standing: &'static str,
}

#[derive(Template)]
#[template(path = "received/index.html")]
struct ReceivedPage {
    chrome: Chrome,
    lines: Vec<Line>,
    export: Option<&'static str>,
}

/// Schools for which this person sees what was received.
pub fn schools(actor: &Actor) -> Vec<SchoolId> {
    actor
        .schools_with(Capability::SeeReceived)
        .unwrap_or_default()
        .into_iter()
        .map(|(school, _)| school)
        .collect()
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let schools = schools(visit.actor());
    let rows = queries::list(visit.tx.conn(), &schools).await?;
    let trace = Trace { pupils: rows.iter().map(|row| row.pupil).collect(), ..Trace::default() };
    let lines = rows
        .into_iter()
        .map(|row| Line {
            href: urls::received(row.id),
            name: row.name,
            about: row.about,
            from: row.home_name,
            to: row.to_name,
            standing: row.state.state.label(),
        })
        .collect();
    let export = visit.actor().may(Capability::ExportCases).then_some(urls::RECEIVED_EXPORT.pattern);
    let page = ReceivedPage { chrome: visit.chrome(), lines, export };
    visit.show(trace, &page).await
}

/// A transfer allocated to a school of this person's, whose papers are still shared: it and that school. 404
/// otherwise, whatever else this person may see of it.
pub async fn found(
    conn: &mut PgConnection,
    actor: &Actor,
    id: TransferId,
) -> Result<(TransferRow, SchoolId), Error> {
    let row = transfer::one(conn, id).await?.ok_or(Error::NotFound)?;
    let own = schools(actor);
    match row.receiving.filter(|school| own.contains(school)) {
        Some(school) if row.share_ended_at.is_none() => Ok((row, school)),
        _ => Err(Error::NotFound),
    }
}

/// What it leaves in the audit trail.
pub fn trace(row: &TransferRow, changed: &'static [&'static str]) -> Trace {
    Trace {
        subject: Some(row.id.uuid()),
        school: row.receiving,
        pupils: vec![row.pupil],
        changed,
        ..Trace::default()
    }
}

/// A record that comes with the pupil.
struct FileLine {
    title: &'static str,
    words: String,
    open: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "received/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct OnePage {
    chrome: Chrome,
    form: Form,
    href: String,
    name: String,
    about: String,
    standing: &'static str,
    home: String,
    version: i32,
    allocated: Option<String>,
    conditions: Option<String>,
    starts_on: Option<String>,
    home_until: Option<String>,
    answers: bool,
    waits_for_start: bool,
    on_roll: bool,
    accepted: bool,
    follow_ups: u32,
    answer_days: u32,
    duties: Vec<DutyLine>,
    files: Vec<FileLine>,
    open_files: Vec<(&'static str, &'static str)>,
    sections: Vec<PackSection>,
    history: Vec<Happened>,
}

/// The page of a received transfer.
async fn page(
    conn: &mut PgConnection,
    chrome: Chrome,
    form: Form,
    (row, own): (&TransferRow, SchoolId),
    today: Date,
) -> Result<OnePage, Error> {
    let pack_id = row.pack.ok_or(Error::NotFound)?;
    let pack = transfer::pack(conn, pack_id).await?.ok_or(Error::NotFound)?;
    let accepted = matches!(row.state.state, State::ReceivingAccepted { .. } | State::OnRoll { .. });
    let mut shared = transfer::sections(conn, pack_id, row.home).await?;
    if !accepted {
        shared.retain(|section| section.audience == Audience::Panel.as_str());
    }
    let allocation = queries::allocation(conn, row, own).await?;
    let policy = transfer::policy(conn, today).await?;
    let calendar = school_calendar::of_school(conn, own, today).await?;
    let around = Around { calendar: &calendar, policy: &policy, panel: None, case_open: false };
    let about = About { case: row.case, school: own, pupil: row.pupil, lead: "", actor: None };
    let duties = owed::owed(&row.state, &around)
        .into_iter()
        .filter(|owed| owed.owner == By::ReceivingSchool)
        // It is done here, and not in the case of the home school.
        .map(|owed| DutyLine {
            href: urls::received(row.id),
            ..DutyLine::of(&placed(Place::Transfer, owed), about, &calendar, today)
        })
        .collect();
    let events = transfer::events(conn, row.id, row.home).await?;
    let history = shown::history(events, &transfer::school_names(conn).await?);
    let (starts_on, on_roll, follow_ups) = match row.state.state {
        State::ReceivingAccepted { starts_on, .. } => (Some(starts_on), false, 0),
        State::OnRoll { on, follow_ups, .. } => (Some(on), true, follow_ups),
        _ => (None, false, 0),
    };
    let files = if accepted { files(row) } else { Vec::new() };
    Ok(OnePage {
        chrome,
        href: urls::received(row.id),
        name: pack.name,
        about: pack.about,
        standing: row.state.state.label(),
        home: row.home_name.clone(),
        version: row.version,
        allocated: allocation.as_ref().map(|a| {
            let first = a
                .starts_on
                .map_or_else(String::new, |day| format!(" First day proposed: {}.", dates::long(day)));
            format!("{} of {}: {}{first}", a.panel, dates::long(a.decided_on), a.reasons)
        }),
        conditions: allocation.and_then(|a| a.conditions),
        starts_on: starts_on.map(dates::full),
        home_until: starts_on.map(|day| dates::full(home_until(day))),
        answers: matches!(row.state.state, State::PanelAllocated { .. }),
        waits_for_start: matches!(row.state.state, State::ReceivingAccepted { .. }),
        on_roll,
        accepted,
        follow_ups,
        answer_days: policy.receiving_answer_days,
        duties,
        open_files: files.iter().filter_map(|file| Some((file.open?, file.title))).collect(),
        files,
        sections: sections(shared),
        history,
        form,
    })
}

fn files(row: &TransferRow) -> Vec<FileLine> {
    [(File::ChildProtection, row.state.protection), (File::Ctf, row.state.ctf)]
        .into_iter()
        .map(|(file, sent)| FileLine {
            title: file.label(),
            words: match (sent.none, sent.sent_on, sent.received_on) {
                (true, ..) => "The home school says there is none.".to_owned(),
                (_, _, Some(on)) => format!("Received on {}.", dates::long(on)),
                (_, Some(on), None) => format!("Sent on {}; say when it has come.", dates::long(on)),
                (_, None, None) => "Not sent yet.".to_owned(),
            },
            open: (!sent.none && sent.received_on.is_none()).then(|| file.as_str()),
        })
        .collect()
}

/// The page's other forms start as they do on a first look.
fn start(mut form: Form, today: Date) -> Form {
    for field in ["on", "received_on"] {
        if form.date_parts(field) == ("", "", "") && form.error(field).is_none() {
            form.set_date(field, today);
        }
    }
    form
}

pub async fn show(Id(id): Id<TransferId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let actor = visit.actor().clone();
    let (row, own) = found(visit.tx.conn(), &actor, id).await?;
    let chrome = visit.chrome();
    let page = page(visit.tx.conn(), chrome, start(Form::empty(), today), (&row, own), today).await?;
    visit.show(trace(&row, &[]), &page).await
}

/// The page once more, with what was typed.
pub async fn again(mut posted: Posted, row: &TransferRow, own: SchoolId) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (chrome, form) = (posted.chrome(), start(posted.form.clone(), today));
    let page = page(posted.tx.conn(), chrome, form, (row, own), today).await?;
    posted.again(&page).await
}
