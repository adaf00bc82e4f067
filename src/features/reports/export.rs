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
        suppression::Shown,
        text::within,
    },
    web::{
        error::Error,
        export::{Cell, Column, ExportPage, Kind, Table, Wanted},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::Chrome,
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
    let loaded = load(tx, year).await?;
    let sections = report.sections(&loaded.year, by);
    let section = match table {
        "" => sections.into_iter().next(),
        table => sections.into_iter().find(|section| section.id == table),
    };
    let mut section = section.ok_or(Error::NotFound)?;
    let grid = section.grid.take().unwrap_or(Grid { first: "", columns: Vec::new(), rows: Vec::new() });
    Ok(Chosen { report, by, year: loaded.year.first_year, scope: loaded.scope, section, grid })
}

fn page(chrome: Chrome, form: Form, chosen: &Chosen) -> ExportPage {
    let Chosen { report, by, year, scope, section, grid } = chosen;
    ExportPage {
        chrome,
        form,
        action: format!("/reports/{}/export", report.as_str()),
        back: urls::report(*report, *year, *by),
        list: format!("{}: {scope}, {}", within(&section.heading), school_year(*year)),
        columns: std::iter::once(grid.first)
            .chain(grid.columns.iter().copied())
            .filter(|c| !c.is_empty())
            .collect(),
        rows: i64::try_from(grid.rows.len()).unwrap_or(0),
        too_many: false,
        names_children: false,
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
    let page = page(visit.chrome(), Form::empty(), &chosen);
    visit.show_nothing_personal(&page).await
}

pub async fn create(Path(report): Path<String>, mut posted: Posted) -> Result<Response, Error> {
    let given = |name: &str| Some(posted.form.value(name).to_owned()).filter(|value| !value.is_empty());
    let (by, year, table) = (given("by"), given("year"), given("table").unwrap_or_default());
    let chosen = chosen(&mut posted.tx, &report, by.as_deref(), year.as_deref(), &table).await?;
    let wanted = Wanted::read(&mut posted.form, false);
    let (false, Some(wanted), false) = (posted.needs_another_look(), wanted, chosen.grid.rows.is_empty())
    else {
        let page = page(posted.chrome(), posted.form.clone(), &chosen);
        return posted.again(&page).await;
    };
    let mut facts = wanted.facts(chosen.grid.rows.len());
    facts.push(("table", format!("{} {} {}", chosen.section.id, chosen.year, chosen.by.as_str())));
    let trace = Trace { facts, ..Trace::default() };
    posted.file(trace, table_of(chosen), wanted.format).await
}

/// A part of a whole takes three columns: a spreadsheet reckons with numbers.
fn table_of(chosen: Chosen) -> Table {
    let Grid { first, columns: headers, rows } = chosen.grid;
    let is_share =
        |at: usize| rows.iter().any(|(_, values)| matches!(values.get(at), Some(Value::Share(..))));
    let mut columns = vec![Column::new(first, Kind::Text)];
    for (at, header) in headers.iter().enumerate() {
        if is_share(at) {
            columns.push(Column::new(&format!("{header}: number"), Kind::Number));
            columns.push(Column::new(&format!("{header}: of"), Kind::Number));
            columns.push(Column::new(&format!("{header}: percent"), Kind::Percent));
        } else {
            columns.push(Column::new(header, Kind::Number));
        }
    }
    let rows = rows.iter().map(|(label, values)| {
        let mut cells = vec![Cell::from(label.as_str())];
        for value in values {
            match value {
                Value::Count(count) => cells.push(count_cell(*count)),
                Value::Number(number) => cells.push(Cell::Number((*number).into())),
                Value::Words(words) => cells.push(words.as_str().into()),
                Value::Share(part, all) => {
                    cells.push(count_cell(*part));
                    cells.push(count_cell(*all));
                    cells.push(part.percent_of(*all).map_or(Cell::Empty, Cell::Percent));
                }
            }
        }
        cells
    });
    Table { name: chosen.section.id, rows: rows.collect(), columns }
}

fn count_cell(count: Shown) -> Cell {
    count.count().map_or_else(|| Cell::Text(count.words()), |count| Cell::Number(count.into()))
}
