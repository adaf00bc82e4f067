//! A calendar as a file, with the headings that bring it in elsewhere.

use axum::response::Response;

use super::views::{Opened, Place};
use crate::{
    db::Trace,
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
    },
};

const COLUMNS: [(&str, Kind); 4] =
    [("Name", Kind::Text), ("Kind", Kind::Text), ("From", Kind::Date), ("To", Kind::Date)];

/// The entries of the calendar itself, of every year; not the model's beneath a school's.
fn list(opened: &Opened) -> (List, Vec<Vec<Cell>>) {
    let rows: Vec<Vec<Cell>> = opened
        .rows
        .iter()
        .map(|row| {
            let span = &row.span;
            vec![span.name.as_str().into(), span.kind.label().into(), span.from.into(), span.to.into()]
        })
        .collect();
    let of = if opened.place.is_none() { "the authority’s model".to_owned() } else { opened.name.clone() };
    let list = List {
        name: "calendar",
        heading: format!("the calendar of {of}"),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: format!("{}/export", opened.href()),
        back: opened.href(),
        which: Vec::new(),
    };
    (list, rows)
}

pub async fn new(Id(place): Id<Place>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, place).await?;
    list(&opened).0.ask(visit).await
}

pub async fn create(Id(place): Id<Place>, mut posted: Posted) -> Result<Response, Error> {
    let opened = Opened::at(&mut posted.tx, place).await?;
    let (list, rows) = list(&opened);
    match list.answered(posted).await? {
        Ok(taking) => taking.file(Trace { school: opened.place, ..Trace::default() }, rows).await,
        Err(again) => Ok(again),
    }
}
