//! Every recorded day of a case.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{Date, format_description::well_known::Iso8601};

use super::{
    handlers::{remark, totals},
    queries,
};
use crate::{
    domain::{dates, ids::CaseId, permission::Capability},
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

const PAGE: i64 = 40;

#[derive(Template)]
#[template(path = "cases/monitoring.html")]
struct MonitoringPage {
    chrome: Chrome,
    identity: Identity,
    days: Vec<Line>,
    more: Option<String>,
    export: Option<String>,
}

struct Line {
    day: String,
    href: String,
    words: String,
    remark: String,
    late: bool,
}

/// Where the next page begins.
#[derive(Debug, Default, Deserialize)]
pub struct Before {
    before: Option<String>,
}

pub async fn index(
    Id(id): Id<CaseId>,
    Query(asked): Query<Before>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::SeeCases).await?;
    let before = asked
        .before
        .map(|text| Date::parse(&text, &Iso8601::DATE))
        .transpose()
        .map_err(|_| Error::NotFound)?;
    let rows = queries::days(visit.tx.conn(), id, before, PAGE).await?;
    let full = rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more =
        rows.last().filter(|_| full).map(|last| format!("{}?before={}", urls::monitoring(id), last.on_date));
    let days = rows
        .iter()
        .map(|day| Line {
            day: dates::full(day.on_date),
            href: urls::day(id, day.on_date),
            words: totals(day).words(),
            remark: remark(day),
            late: day.entered_late,
        })
        .collect();
    let page = MonitoringPage {
        chrome: visit.chrome(),
        identity: Identity::of(&head, visit.actor(), today, "Daily marks"),
        days,
        more,
        export: visit
            .actor()
            .may_at(Capability::ExportCases, head.school)
            .then(|| urls::export_monitoring(id)),
    };
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}
