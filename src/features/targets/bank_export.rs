//! Example targets as a file.

use axum::{extract::Query, response::Response};

use super::{
    bank::{Asked, place, places},
    queries,
};
use crate::{
    db::{ScopedTx, Trace},
    domain::ids::SchoolId,
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 3] =
    [("Target", Kind::Text), ("How you will know", Kind::Text), ("Theme", Kind::Text)];

async fn list(tx: &mut ScopedTx, asked: &str) -> Result<(List, Option<SchoolId>, Vec<Vec<Cell>>), Error> {
    let (_, places) = places(tx).await?;
    let (place, name) = place(&places, asked)?;
    let rows: Vec<Vec<Cell>> = queries::examples(tx.conn(), place)
        .await?
        .into_iter()
        .map(|row| vec![row.words.into(), row.criterion.into(), row.theme.into()])
        .collect();
    let list = List {
        name: "example-targets",
        heading: match place {
            None => "example targets for every school".to_owned(),
            Some(_) => format!("example targets of {name}"),
        },
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: urls::BANK_EXPORT.pattern.to_owned(),
        back: urls::bank(place),
        which: vec![("place", asked.to_owned())],
    };
    Ok((list, place, rows))
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    list(&mut visit.tx, asked.place.as_deref().unwrap_or_default()).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let asked = posted.form.value("place").to_owned();
    let (list, school, rows) = list(&mut posted.tx, &asked).await?;
    list.file(posted, Trace { school, ..Trace::default() }, rows).await
}
