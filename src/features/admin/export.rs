//! The versions of the policy as a file, each with its numbers.

use axum::response::Response;

use super::{
    queries::{self, VersionRow},
    views,
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{permission::PublishPolicy, policy::NUMBERS},
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 6] = [
    ("Version", Kind::Number),
    ("Effective from", Kind::Date),
    ("Source", Kind::Text),
    ("Reason", Kind::Text),
    ("Published", Kind::Text),
    ("Open cases that keep to it", Kind::Number),
];

async fn read(tx: &mut ScopedTx) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let permit = tx.actor().permit_in_authority::<PublishPolicy>()?;
    let versions = queries::versions(tx.conn(), permit.authority()).await?;
    let mut columns = Column::all(&COLUMNS);
    columns.extend(NUMBERS.iter().map(|(_, says, ..)| Column::new(says, Kind::Number)));
    let list = List {
        name: "policy",
        heading: "the versions of the policy".to_owned(),
        columns,
        rows: i64::try_from(versions.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: urls::POLICIES_EXPORT.pattern.to_owned(),
        back: urls::POLICIES.pattern.to_owned(),
        which: Vec::new(),
    };
    Ok((list, versions.iter().map(cells).collect()))
}

fn cells(row: &VersionRow) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Number(row.version.into()),
        row.effective_on.into(),
        row.source.as_str().into(),
        views::reason(row).into(),
        views::published(row).into(),
        Cell::Number(row.cases),
    ];
    let number = |name| row.settings.number(name).map(|number| Cell::Number(number.into()));
    cells.extend(NUMBERS.iter().map(|(name, ..)| number(name).unwrap_or(Cell::Empty)));
    cells
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    read(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (list, rows) = read(&mut posted.tx).await?;
    list.file(posted, Trace::default(), rows).await
}
