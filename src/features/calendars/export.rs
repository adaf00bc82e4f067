//! A calendar as a file, with the headings that bring it in elsewhere; and how far each is loaded.

use axum::response::Response;

use super::{
    handlers,
    views::{Opened, Place},
};
use crate::{
    db::{ScopedTx, Trace},
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
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
    list.file(posted, Trace { school: opened.place, ..Trace::default() }, rows).await
}

const STANDING: [(&str, Kind); 3] =
    [("Calendar", Kind::Text), ("Around today", Kind::Text), ("Loaded", Kind::Text)];

async fn list_of_all(tx: &mut ScopedTx) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let lines = handlers::lines(tx).await?;
    let list = List {
        name: "calendars",
        heading: "how far the calendars are loaded".to_owned(),
        columns: Column::all(&STANDING),
        rows: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: urls::CALENDARS_EXPORT.pattern.to_owned(),
        back: urls::CALENDARS.pattern.to_owned(),
        which: Vec::new(),
    };
    let cells = |line: handlers::PlaceLine| {
        let loaded = line.loaded.unwrap_or_else(str::to_owned);
        vec![line.name.into(), line.own.into(), loaded.into()]
    };
    Ok((list, lines.into_iter().map(cells).collect()))
}

pub async fn all_new(mut visit: Visit) -> Result<Response, Error> {
    list_of_all(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn all(mut posted: Posted) -> Result<Response, Error> {
    let (list, rows) = list_of_all(&mut posted.tx).await?;
    list.file(posted, Trace::default(), rows).await
}
