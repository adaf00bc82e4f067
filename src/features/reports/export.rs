//! A table of a report as a file, with the reason it is wanted.

use axum::{
    extract::{Path, Query},
    response::Response,
};

use super::{
    handlers::{Asked, asked_for},
    loaded::load,
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        report::{By, Grid, Report, Section, Value, school_year},
        text::within,
    },
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

/// A table of a report.
struct Chosen {
    report: Report,
    by: By,
    year: i16,
    scope: String,
    section: Section,
    grid: Grid,
}

async fn chosen(
    tx: &mut ScopedTx,
    report: &str,
    by: Option<&str>,
    year: Option<&str>,
    table: &str,
) -> Result<Chosen, Error> {
    let (report, by) = asked_for(report, by)?;
    let loaded = load(tx, year, report.parts(by)).await?;
    let sections = report.sections(&loaded.year, by);
    let section = match table {
        "" => sections.into_iter().next(),
        table => sections.into_iter().find(|section| section.id == table),
    };
    let mut section = section.ok_or(Error::NotFound)?;
    let grid = section.grid.take().unwrap_or(Grid { first: "", columns: Vec::new(), rows: Vec::new() });
    Ok(Chosen { report, by, year: loaded.year.first_year, scope: loaded.scope, section, grid })
}

fn list(chosen: &Chosen) -> List {
    let Chosen { report, by, year, scope, section, grid } = chosen;
    List {
        name: section.id,
        heading: format!("{}: {scope}, {}", within(&section.heading), school_year(*year)),
        columns: columns(grid),
        rows: i64::try_from(grid.rows.len()).unwrap_or(0),
        holds: Holds::Counts,
        action: format!("/reports/{}/export", report.as_str()),
        back: urls::report(*report, *year, *by),
        which: vec![
            ("year", year.to_string()),
            ("by", by.as_str().to_owned()),
            ("table", section.id.to_owned()),
        ],
    }
}

pub async fn new(
    Id(report): Id<String>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let table = asked.table.unwrap_or_default();
    let chosen = chosen(&mut visit.tx, &report, asked.by.as_deref(), asked.year.as_deref(), &table).await?;
    list(&chosen).ask(visit).await
}

pub async fn create(Path(report): Path<String>, mut posted: Posted) -> Result<Response, Error> {
    let given = |name: &str| Some(posted.form.value(name).to_owned()).filter(|value| !value.is_empty());
    let (by, year, table) = (given("by"), given("year"), given("table").unwrap_or_default());
    let chosen = chosen(&mut posted.tx, &report, by.as_deref(), year.as_deref(), &table).await?;
    let taking = match list(&chosen).answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let which = format!("{} {} {}", chosen.section.id, chosen.year, chosen.by.as_str());
    taking.file(Trace { facts: vec![("table", which)], ..Trace::default() }, rows(&chosen.grid)).await
}

/// A part of a whole takes three columns: a spreadsheet reckons with numbers.
fn columns(grid: &Grid) -> Vec<Column> {
    let is_share =
        |at: usize| grid.rows.iter().any(|(_, values)| matches!(values.get(at), Some(Value::Share(..))));
    let mut columns = vec![Column::new(grid.first, Kind::Text)];
    for (at, header) in grid.columns.iter().enumerate() {
        if is_share(at) {
            columns.push(Column::new(&format!("{header}: number"), Kind::Number));
            columns.push(Column::new(&format!("{header}: of"), Kind::Number));
            columns.push(Column::new(&format!("{header}: percent"), Kind::Percent));
        } else {
            columns.push(Column::new(header, Kind::Number));
        }
    }
    columns
}

fn rows(grid: &Grid) -> Vec<Vec<Cell>> {
    let row = |(label, values): &(String, Vec<Value>)| {
        let mut cells = vec![Cell::from(label.as_str())];
        for value in values {
            match value {
                Value::Count(count) => cells.push((*count).into()),
                Value::Number(number) => cells.push(Cell::Number((*number).into())),
                Value::Words(words) => cells.push(words.as_str().into()),
                Value::Share(part, all) => {
                    cells.push((*part).into());
                    cells.push((*all).into());
                    cells.push(part.percent_of(*all).map_or(Cell::Empty, Cell::Percent));
                }
            }
        }
        cells
    };
    grid.rows.iter().map(row).collect()
}
