//! The schools within reach: who leads there, how complete the records are, what is overdue.

mod queries;

use askama::Template;
use axum::response::Response;
use time::{Date, Duration};

use self::queries::SchoolLine;
use super::{
    filter::{Filter, View},
    handlers::schools_of,
};
use crate::{
    db::{ScopedTx, calendar},
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        ids::SchoolId,
        permission::Capability,
        text::thousands,
    },
    web::{
        error::Error,
        export::{Cell, Kind},
        extract::Visit,
        page::Chrome,
        urls,
    },
};

/// Weeks over which completeness is counted, this one among them.
const WEEKS: i64 = 4;
/// A calendar that ends within so many days is soon to be loaded.
const AHEAD: Duration = Duration::days(42);

#[derive(Template)]
#[template(path = "caseload/schools.html")]
struct SchoolsPage {
    chrome: Chrome,
    since: String,
    lines: Vec<Line>,
    may_export: bool,
}

struct Line {
    name: String,
    about: String,
    /// Open cases, those at each stage, those with something overdue.
    counts: Vec<Count>,
    recorded: String,
    last_marked: String,
    /// Open cases and no marks for three school days.
    silent: bool,
    calendar: String,
    calendar_missing: bool,
    leads: String,
    representatives: String,
}

/// How many cases, and the list of them.
struct Count {
    /// Over the column, where it is one.
    label: String,
    cases: i64,
    words: String,
    href: String,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let schools = schools_of(&mut visit.tx).await?;
    let ids: Vec<_> = schools.into_iter().map(|(id, _)| id).collect();
    let rows = queries::schools(visit.tx.conn(), &ids, since(today), today).await?;
    let calendars = calendar::of_schools(visit.tx.conn(), &ids, today).await?;
    let empty = SchoolCalendar::new(Vec::new());
    let page = SchoolsPage {
        chrome: visit.chrome(),
        since: dates::long(since(today)),
        may_export: visit.actor().may(Capability::ExportCases),
        lines: rows.iter().map(|row| line(row, calendars.get(&row.id).unwrap_or(&empty), today)).collect(),
    };
    visit.show_nothing_personal(&page).await
}

/// From when on marks are counted.
fn since(today: Date) -> Date {
    monday(today) - Duration::weeks(WEEKS - 1)
}

/// Of a file of the schools.
pub(super) const COLUMNS: [(&str, Kind); 14] = [
    ("School", Kind::Text),
    ("URN", Kind::Text),
    ("Takes part", Kind::Text),
    ("Open at Stage 1", Kind::Number),
    ("Open at Stage 2", Kind::Number),
    ("Open at Stage 3", Kind::Number),
    ("Cases with something overdue", Kind::Number),
    ("Marks recorded in four weeks", Kind::Number),
    ("Marks expected", Kind::Number),
    ("Recorded of expected", Kind::Percent),
    ("Last marked", Kind::Date),
    ("Calendar until", Kind::Date),
    ("Leads", Kind::Text),
    ("LA representatives", Kind::Text),
];

/// Rows of a file of these schools.
pub(super) async fn rows(tx: &mut ScopedTx, schools: &[SchoolId]) -> Result<Vec<Vec<Cell>>, Error> {
    let today = tx.today();
    let rows = queries::schools(tx.conn(), schools, since(today), today).await?;
    let calendars = calendar::of_schools(tx.conn(), schools, today).await?;
    let row = |row: &SchoolLine| {
        let ends =
            calendars.get(&row.id).and_then(|calendar| calendar.terms().iter().map(|term| term.to).max());
        let [one, two, three] = row.stages;
        vec![
            row.name.as_str().into(),
            row.urn.as_str().into(),
            if row.takes_part { "yes" } else { "no" }.into(),
            one.into(),
            two.into(),
            three.into(),
            row.overdue.into(),
            row.recorded.into(),
            row.expected.into(),
            percent(row.recorded, row.expected).map_or(Cell::Empty, Cell::Percent),
            row.last_marked_on.into(),
            ends.into(),
            row.leads.join(", ").into(),
            row.representatives.join(", ").into(),
        ]
    };
    Ok(rows.iter().map(row).collect())
}

fn line(row: &SchoolLine, calendar: &SchoolCalendar, today: Date) -> Line {
    let open: i64 = row.stages.iter().sum();
    let ends = calendar.terms().iter().map(|term| term.to).max();
    let silent = row.last_marked_on.map(|day| silent_for(day, calendar, today));
    let count = |label: String, cases: i64, words: String, list: Filter| Count {
        label,
        cases,
        words,
        href: urls::caseload(&Filter { schools: vec![row.id], ..list }.query()),
    };
    let at_stages = row.stages.iter().zip(1_i16..).map(|(cases, stage)| {
        let list = Filter { stages: vec![stage], ..Filter::default() };
        count(format!("Stage {stage}"), *cases, format!("at Stage {stage}"), list)
    });
    let overdue = Filter { view: View::Overdue, ..Filter::default() };
    let counts = std::iter::once(count("Open".to_owned(), open, "open".to_owned(), Filter::default()))
        .chain(at_stages)
        .chain([count(
            "With something overdue".to_owned(),
            row.overdue,
            "with something overdue".to_owned(),
            overdue,
        )])
        .collect();
    let named = |names: &[String], nobody: &str| {
        if names.is_empty() { nobody.to_owned() } else { names.join(", ") }
    };
    Line {
        name: row.name.clone(),
        about: if row.takes_part {
            format!("URN {}", row.urn)
        } else {
            format!("URN {}, does not take part", row.urn)
        },
        counts,
        recorded: completeness(row.recorded, row.expected),
        last_marked: match (row.last_marked_on, silent) {
            (None, _) => "not yet".to_owned(),
            (Some(day), Some(days @ 1..)) => {
                let days = if days == 1 { "1 school day".to_owned() } else { format!("{days} school days") };
                format!("{}, {days} since without marks", dates::short(day))
            }
            (Some(day), _) => dates::short(day),
        },
        silent: open > 0 && silent.is_none_or(|days| days >= 3),
        calendar: match ends {
            None => "not loaded".to_owned(),
            Some(day) if day < today => format!("ended {}", dates::short(day)),
            Some(day) => format!("until {}", dates::short(day)),
        },
        calendar_missing: ends.is_none_or(|day| day < today + AHEAD),
        leads: named(&row.leads, "nobody"),
        representatives: named(&row.representatives, "nobody"),
    }
}

/// Whole school days after `day` and before today.
fn silent_for(day: Date, calendar: &SchoolCalendar, today: Date) -> u32 {
    match (day.next_day(), today.previous_day()) {
        (Some(from), Some(to)) if from <= to => calendar.school_days(from, to).unwrap_or(0),
        _ => 0,
    }
}

/// "4,210 of 5,000 (84%)"
fn completeness(recorded: i64, expected: i64) -> String {
    match percent(recorded, expected) {
        None => "no marks expected".to_owned(),
        Some(percent) => format!("{} of {} ({percent}%)", thousands(recorded), thousands(expected)),
    }
}

/// Whole percent; none where nothing is expected.
fn percent(part: i64, of: i64) -> Option<u8> {
    (of > 0).then(|| u8::try_from((part * 200 + of) / (of * 2)).unwrap_or(u8::MAX))
}
