//! Changing a calendar: one span, a copy, a file. Each change is checked first, and what it moves is said.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{
    queries::{self, SpanRow},
    views::{self, Opened, Place},
};
use crate::{
    db::{DbError, Trace},
    domain::{
        calendar::{Span, SpanKind},
        calendar_change::{self, Change, MAX_NAME, Moved},
        calendar_file, dates,
        ids::SpanId,
        permission::{ManageCalendars, PermitOver},
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{self, Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "calendars/span.html")]
struct SpanPage {
    chrome: Chrome,
    form: Form,
    name: String,
    back: String,
    action: String,
    /// The span that is changed; none: a new one.
    changing: bool,
    kinds: Vec<(&'static str, &'static str)>,
}

impl SpanPage {
    fn of(chrome: Chrome, form: Form, opened: &Opened, row: Option<&SpanRow>) -> Self {
        Self {
            chrome,
            form,
            name: opened.name.clone(),
            back: opened.href(),
            action: row.map_or_else(
                || format!("{}/spans/new", opened.href()),
                |row| urls::span(opened.place, row.id),
            ),
            changing: row.is_some(),
            kinds: views::kinds(),
        }
    }
}

pub async fn new(Id(place): Id<Place>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, place).await?;
    let page = SpanPage::of(visit.chrome(), Form::empty(), &opened, None);
    visit.show_nothing_personal(&page).await
}

/// Reads a span, with every message on the form. No last day: one day.
fn read(form: &mut Form, today: time::Date) -> Option<Span> {
    let kind = form.choice("kind", SpanKind::from_stored, "Select what it is");
    let name = form.line("name", "Name", MAX_NAME);
    let from = form.date("from", "First day");
    let to = form.optional_date("to", "Last day");
    let (from, to) = (from?, to?.unwrap_or(from?));
    if let Err((field, message)) = calendar_change::days_fit(from, to, today) {
        form.fail(field, &message);
        return None;
    }
    Some(Span { kind: kind?, name: name?, from, to })
}

/// The page on which a change is checked.
#[derive(Template)]
#[template(path = "calendars/check.html")]
struct CheckPage {
    chrome: Chrome,
    name: String,
    action: String,
    back: String,
    fields: Vec<(String, String)>,
    added: Vec<String>,
    removed: Vec<String>,
    known: Vec<String>,
    left_out: Vec<String>,
    effect: String,
    /// Some of the days are over.
    past: bool,
}

/// What is checked besides the change itself.
#[derive(Default)]
struct Beside {
    known: Vec<Span>,
    left_out: Vec<(usize, String)>,
}

/// Shows what a change does, and what it moves; nothing is saved.
async fn check(
    mut posted: Posted,
    opened: &Opened,
    change: &Change,
    beside: Beside,
    action: String,
) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let moved: Moved = queries::moved_by(posted.tx.conn(), change, opened.place, moment).await?;
    let old = |id: SpanId| opened.rows.iter().find(|row| row.id == id).map(|row| &row.span);
    let gone: Vec<&Span> =
        change.remove.into_iter().chain(change.replace.as_ref().map(|(id, _)| *id)).filter_map(old).collect();
    let come: Vec<&Span> = change.add.iter().chain(change.replace.as_ref().map(|(_, span)| span)).collect();
    let page = CheckPage {
        chrome: posted.chrome(),
        name: opened.name.clone(),
        back: opened.href(),
        action,
        fields: posted.form.pairs().iter().filter(|(name, _)| name != "go").cloned().collect(),
        past: gone.iter().chain(&come).any(|span| span.from < opened.today),
        added: come.into_iter().map(views::words).collect(),
        removed: gone.into_iter().map(views::words).collect(),
        known: beside.known.iter().map(views::words).collect(),
        left_out: beside.left_out.into_iter().map(|(line, why)| format!("Line {line}: {why}")).collect(),
        effect: moved.words(),
    };
    posted.tx.roll_back().await;
    Ok(page::answer(StatusCode::OK, &page))
}

/// Says on the form that two terms would overlap.
fn apart(form: &mut Form, field: &str, change: &Change, opened: &Opened) {
    if let Some((one, other)) = change.overlapping_terms(&opened.spans()) {
        let message = format!("Terms must not overlap: {} and {}", views::words(&one), views::words(&other));
        form.fail(field, &message);
    }
}

/// Refuses two terms on one day, also when somebody else adds the other at the same moment.
const TERMS_APART: &str = "calendar_spans_terms_apart";

/// Somebody added a term on these days meanwhile.
async fn overlapping(posted: Posted, opened: &Opened, sent: &[Span]) -> Result<Response, Error> {
    let sent: Vec<_> = sent.iter().map(views::words).collect();
    let conflict = Conflict {
        what: "This calendar".to_owned(),
        changed: "Somebody added a term on the same days meanwhile; terms must not overlap".to_owned(),
        fields: vec![("Entries".to_owned(), String::new(), sent.join("; "))],
        edit: opened.href(),
    };
    posted.conflict(conflict).await
}

async fn saved(posted: Posted, opened: &Opened, flash: Flash) -> Result<Response, Error> {
    let trace = Trace {
        subject: opened.place.map(crate::domain::ids::SchoolId::uuid),
        school: opened.place,
        changed: &["calendar"],
        ..Trace::default()
    };
    posted.done(trace, &opened.href(), Some(flash)).await
}

async fn save_new(
    mut posted: Posted,
    opened: &Opened,
    permit: &PermitOver<ManageCalendars>,
    spans: &[Span],
) -> Result<Response, Error> {
    let now = posted.tx.now();
    match queries::add(posted.tx.conn(), permit, spans, now).await {
        Err(DbError::Constraint { constraint }) if constraint == TERMS_APART => {
            overlapping(posted, opened, spans).await
        }
        other => {
            other?;
            saved(posted, opened, Flash::CalendarSaved).await
        }
    }
}

pub async fn add(Id(place): Id<Place>, mut posted: Posted) -> Result<Response, Error> {
    let opened = Opened::at(&mut posted.tx, place).await?;
    let permit = posted.actor().permit_over::<ManageCalendars>(opened.place)?;
    let span = read(&mut posted.form, opened.today);
    let change = Change { add: span.into_iter().collect(), ..Change::default() };
    apart(&mut posted.form, "from", &change, &opened);
    if posted.needs_another_look() || change.add.is_empty() || posted.form.value("go") == "change" {
        let page = SpanPage::of(posted.chrome(), posted.form.clone(), &opened, None);
        return posted.again(&page).await;
    }
    if posted.form.value("go") != "save" {
        let action = format!("{}/spans/new", opened.href());
        return check(posted, &opened, &change, Beside::default(), action).await;
    }
    save_new(posted, &opened, &permit, &change.add).await
}

fn row(opened: &Opened, id: SpanId) -> Result<&SpanRow, Error> {
    opened.rows.iter().find(|row| row.id == id).ok_or(Error::NotFound)
}

pub async fn edit(Id((place, id)): Id<(Place, SpanId)>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, place).await?;
    let row = row(&opened, id)?;
    let mut form = Form::empty();
    form.set("kind", row.span.kind.as_str());
    form.set("name", &row.span.name);
    form.set_date("from", row.span.from);
    form.set_date("to", row.span.to);
    form.set("version", &row.version.to_string());
    let page = SpanPage::of(visit.chrome(), form, &opened, Some(row));
    visit.show_nothing_personal(&page).await
}

pub async fn change(Id((place, id)): Id<(Place, SpanId)>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let opened = Opened::at(&mut posted.tx, place).await?;
    let permit = posted.actor().permit_over::<ManageCalendars>(opened.place)?;
    let row = row(&opened, id)?.clone();
    let removing = posted.form.value("what") == "remove";
    let change = if removing {
        Change { remove: Some(id), ..Change::default() }
    } else {
        let span = read(&mut posted.form, opened.today);
        Change { replace: span.map(|span| (id, span)), ..Change::default() }
    };
    apart(&mut posted.form, "from", &change, &opened);
    let unread = !removing && change.replace.is_none();
    if posted.needs_another_look() || unread || posted.form.value("go") == "change" {
        let page = SpanPage::of(posted.chrome(), posted.form.clone(), &opened, Some(&row));
        return posted.again(&page).await;
    }
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    if posted.form.value("go") != "save" {
        let action = urls::span(opened.place, id);
        return check(posted, &opened, &change, Beside::default(), action).await;
    }
    let done = match &change.replace {
        Some((_, span)) => match queries::change(posted.tx.conn(), &permit, (id, version), span, now).await {
            Err(DbError::Constraint { constraint }) if constraint == TERMS_APART => {
                return overlapping(posted, &opened, std::slice::from_ref(span)).await;
            }
            other => other?,
        },
        None => queries::remove(posted.tx.conn(), &permit, (id, version), now).await?,
    };
    if !done {
        let sent =
            change.replace.as_ref().map_or_else(|| "Removed".to_owned(), |(_, span)| views::words(span));
        let conflict = Conflict {
            what: "This entry of the calendar".to_owned(),
            changed: "Somebody changed it".to_owned(),
            fields: vec![("Entry".to_owned(), views::words(&row.span), sent)],
            edit: urls::span(opened.place, id),
        };
        return posted.conflict(conflict).await;
    }
    let flash = if removing { Flash::CalendarRemoved } else { Flash::CalendarSaved };
    saved(posted, &opened, flash).await
}

#[derive(Template)]
#[template(path = "calendars/nothing.html")]
struct NothingPage {
    chrome: Chrome,
    name: String,
    back: String,
    why: String,
}

pub async fn copy(Id(place): Id<Place>, mut posted: Posted) -> Result<Response, Error> {
    let opened = Opened::at(&mut posted.tx, place).await?;
    let permit = posted.actor().permit_over::<ManageCalendars>(opened.place)?;
    let year: i32 = posted.form.value("year").parse().map_err(|_| Error::BadRequest("It names no year."))?;
    let this = dates::first_year(opened.today);
    if !(this - 2..=this + 2).contains(&year) {
        return Err(Error::BadRequest("It names a year that is too far away."));
    }
    let wanted = match (posted.form.value("source"), opened.place) {
        ("model", Some(_)) => calendar_change::from_model(&views::spans(&opened.model), year),
        ("last", _) => calendar_change::from_last_year(&opened.spans(), year),
        _ => return Err(Error::BadRequest("It does not say what to copy.")),
    };
    let (new, known) = calendar_change::new_ones(wanted, &opened.spans());
    let change = Change { add: new, ..Change::default() };
    let overlap = change.overlapping_terms(&opened.spans());
    let why = match overlap {
        Some((one, other)) => Some(format!(
            "Terms must not overlap: {} and {}. Remove or change those of the year first.",
            views::words(&one),
            views::words(&other)
        )),
        None if change.add.is_empty() => {
            Some(format!("There is nothing to copy for {year} to {} that is not there already.", year + 1))
        }
        None => None,
    };
    if let Some(why) = why {
        let page = NothingPage {
            chrome: posted.chrome(),
            name: opened.name.clone(),
            back: format!("{}?year={year}", opened.href()),
            why,
        };
        return posted.again(&page).await;
    }
    if posted.resumed || posted.form.value("go") != "save" {
        let action = format!("{}/copy", opened.href());
        return check(posted, &opened, &change, Beside { known, left_out: Vec::new() }, action).await;
    }
    save_new(posted, &opened, &permit, &change.add).await
}

#[derive(Template)]
#[template(path = "calendars/import.html")]
struct FilePage {
    chrome: Chrome,
    form: Form,
    name: String,
    back: String,
    faults: Vec<String>,
}

pub async fn file_form(Id(place): Id<Place>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, place).await?;
    let page = FilePage {
        chrome: visit.chrome(),
        form: Form::empty(),
        back: opened.href(),
        name: opened.name,
        faults: Vec::new(),
    };
    visit.show_nothing_personal(&page).await
}

pub async fn import(Id(place): Id<Place>, mut posted: Posted) -> Result<Response, Error> {
    let opened = Opened::at(&mut posted.tx, place).await?;
    let permit = posted.actor().permit_over::<ManageCalendars>(opened.place)?;
    let mut read = calendar_file::Read::default();
    if posted.form.value("file").trim().is_empty() {
        posted.form.fail("file", "Paste the contents of the file");
    } else {
        read = calendar_file::read(posted.form.value("file"), opened.today);
    }
    if !read.faults.is_empty() {
        let many = if read.faults.len() == 1 { "1 line" } else { &format!("{} lines", read.faults.len()) };
        posted.form.fail("file", &format!("{many} cannot be read. Nothing was saved"));
    }
    let (new, known) = calendar_change::new_ones(read.spans, &opened.spans());
    let change = Change { add: new, ..Change::default() };
    apart(&mut posted.form, "file", &change, &opened);
    if !posted.form.has_errors() && change.add.is_empty() {
        posted.form.fail("file", "Everything in it is in the calendar already");
    }
    if posted.needs_another_look() || posted.form.value("go") == "change" {
        let page = FilePage {
            chrome: posted.chrome(),
            form: posted.form.clone(),
            name: opened.name.clone(),
            back: opened.href(),
            faults: read.faults.into_iter().map(|(line, why)| format!("Line {line}: {why}")).collect(),
        };
        return posted.again(&page).await;
    }
    if posted.form.value("go") != "save" {
        let action = format!("{}/import", opened.href());
        let beside = Beside { known, left_out: read.left_out };
        return check(posted, &opened, &change, beside, action).await;
    }
    save_new(posted, &opened, &permit, &change.add).await
}
