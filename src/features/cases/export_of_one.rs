//! What happened in a case, and its recorded days, as files.

use axum::response::Response;
use axum_extra::extract::Query;

use super::{
    chronology::{self, Asked, Narrowed},
    handlers::{remark, totals},
    queries,
};
use crate::{
    db::{ScopedTx, case::CaseOf},
    domain::{export::MAX_ROWS, ids::CaseId, permission::Capability},
    state::london,
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

const HAPPENED: [(&str, Kind); 6] = [
    ("Day", Kind::Date),
    ("Written on", Kind::Date),
    ("What", Kind::Text),
    ("In words", Kind::Text),
    ("By", Kind::Text),
    ("Kind", Kind::Text),
];

const DAYS: [(&str, Kind); 7] = [
    ("Day", Kind::Date),
    ("Points earned", Kind::Number),
    ("Points possible", Kind::Number),
    ("Points of possible", Kind::Percent),
    ("Marks recorded", Kind::Number),
    ("Marks expected", Kind::Number),
    ("Remark", Kind::Text),
];

type Rows = Vec<Vec<Cell>>;

async fn happened(tx: &mut ScopedTx, of: &CaseOf, narrowed: &Narrowed) -> Result<(List, Rows), Error> {
    let entries = chronology::all(tx, of, narrowed, MAX_ROWS + 1).await?;
    let rows = entries.into_iter().map(|entry| {
        vec![
            entry.on_date.into(),
            london(entry.at).date().into(),
            entry.title.into(),
            entry.words.into(),
            entry.by.into(),
            entry.kind.map(super::timeline::Kind::label).into(),
        ]
    });
    let rows: Rows = rows.collect();
    let list = List {
        name: "timeline",
        heading: format!("the timeline of case {}", of.number),
        columns: Column::all(&HAPPENED),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_timeline(of.id),
        back: narrowed.href(of.id, None),
        which: narrowed.fields(),
    };
    Ok((list, rows))
}

pub async fn timeline_new(
    Id(id): Id<CaseId>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let of = visit.case(id, Capability::ExportCases).await?;
    let narrowed = Narrowed::of(&asked.kind, asked.by.as_deref())?;
    happened(&mut visit.tx, &of, &narrowed).await?.0.ask(visit).await
}

pub async fn timeline(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let of = posted.case_with(id, Capability::ExportCases).await?;
    let narrowed = Narrowed::of(&posted.form.values_of("kind"), Some(posted.form.value("by")))?;
    let (list, rows) = happened(&mut posted.tx, &of, &narrowed).await?;
    list.file(posted, of.trace(&[]), rows).await
}

async fn marked(tx: &mut ScopedTx, of: &CaseOf) -> Result<(List, Rows), Error> {
    let days = queries::days(tx.conn(), of.id, None, MAX_ROWS + 1).await?;
    let rows = days.iter().map(|day| {
        let sum = totals(day);
        vec![
            day.on_date.into(),
            Cell::Number(sum.points.into()),
            Cell::Number(sum.possible().into()),
            sum.percent().map_or(Cell::Empty, Cell::Percent),
            Cell::Number(sum.recorded.into()),
            Cell::Number(sum.expected.into()),
            if day.entered_late { format!("{}, entered late", remark(day)) } else { remark(day) }.into(),
        ]
    });
    let list = List {
        name: "daily-marks",
        heading: format!("the recorded days of case {}", of.number),
        columns: Column::all(&DAYS),
        rows: i64::try_from(days.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_monitoring(of.id),
        back: urls::monitoring(of.id),
        which: Vec::new(),
    };
    Ok((list, rows.collect()))
}

pub async fn monitoring_new(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let of = visit.case(id, Capability::ExportCases).await?;
    marked(&mut visit.tx, &of).await?.0.ask(visit).await
}

pub async fn monitoring(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let of = posted.case_with(id, Capability::ExportCases).await?;
    let (list, rows) = marked(&mut posted.tx, &of).await?;
    list.file(posted, of.trace(&[]), rows).await
}
