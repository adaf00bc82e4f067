//! One day of a case as it was written: every mark with who and when, and what a correction replaced.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{Date, format_description::well_known::Iso8601};

use super::{
    handlers::{remark, totals},
    queries::{self, DayLine, Written},
};
use crate::{
    domain::{dates, ids::CaseId, monitoring::Reason, permission::Capability},
    state::london,
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "cases/day.html")]
struct DayPage {
    chrome: Chrome,
    identity: Identity,
    back: String,
    day: String,
    summary: String,
    sheet: Option<String>,
    periods: Vec<Period>,
}

/// What stands in one period, and what stood there.
struct Period {
    label: String,
    lines: Vec<Line>,
}

struct Line {
    what: String,
    value: String,
    by: String,
    before: Vec<String>,
}

/// Which day; today when none is said.
#[derive(Debug, Deserialize)]
pub struct On {
    date: Option<String>,
}

pub async fn show(Id(id): Id<CaseId>, Query(on): Query<On>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let date = on.date.map_or(Ok(today), |text| Date::parse(&text, &Iso8601::DATE));
    let date = date.map_err(|_| Error::NotFound)?;
    let head = visit.case(id, Capability::SeeCases).await?;
    let next = date.next_day().ok_or(Error::NotFound)?;
    let day = queries::days(visit.tx.conn(), id, Some(next), 1).await?.pop();
    let day = day.filter(|day| day.on_date == date);
    let rows = queries::written(visit.tx.conn(), id, head.school, date).await?;
    let opens = head.closed_on.is_none() && visit.actor().may_at(Capability::SeeToday, head.school);
    let page = DayPage {
        chrome: visit.chrome(),
        identity: Identity::of(&head, visit.actor(), today, "Daily marks"),
        back: urls::monitoring(id),
        day: dates::full(date),
        summary: day.map_or_else(|| "Nothing is recorded on this day.".to_owned(), |day| summary(&day)),
        sheet: opens.then(|| urls::today(head.school, date)),
        periods: periods(rows),
    };
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}

fn summary(day: &DayLine) -> String {
    let late = if day.entered_late { ", entered late" } else { "" };
    format!("{}. {}{late}.", totals(day).words(), remark(day))
}

/// Rows come period by period, target by target, newest first: the first of each stands, the others stood.
fn periods(rows: Vec<Written>) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut last = None;
    for row in rows {
        let place = (row.period, row.target);
        let (value, by) = (value(&row), by(&row));
        if last.map(|(period, _)| period) != Some(row.period) {
            periods.push(Period { label: row.label, lines: Vec::new() });
        }
        let Some(period) = periods.last_mut() else { continue };
        match period.lines.last_mut() {
            Some(line) if last == Some(place) => line.before.push(format!("Before: {value}, {by}")),
            _ => period.lines.push(Line {
                what: row.words.unwrap_or_else(|| "No marks because".to_owned()),
                value,
                by,
                before: Vec::new(),
            }),
        }
        last = Some(place);
    }
    periods
}

fn value(row: &Written) -> String {
    match (row.value.as_deref(), &row.target) {
        (None | Some(""), _) => "taken back".to_owned(),
        (Some(reason), None) => Reason::from_stored(reason).map_or("", Reason::label).to_owned(),
        (Some(points), Some(_)) => {
            let at: Option<usize> = points.parse().ok();
            at.and_then(|at| row.mark_words.get(at)).cloned().unwrap_or_default()
        }
    }
}

fn by(row: &Written) -> String {
    let at = london(row.marked_at);
    format!("{}, {}, {}", row.by, dates::short(at.date()), dates::time_of_day(at.time()))
}
