//! The list of cases as a file, with the reason it is wanted.

use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::Date;

use super::{
    handlers,
    queries::{self, CaseLine, Filter},
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        export::MAX_ROWS,
        ids::SchoolId,
        monitoring,
        permission::Capability,
        pupil::{YearGroup, display_name},
    },
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

/// Which list: what its address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    stage: Option<String>,
    closed: Option<String>,
}

/// Which list.
#[derive(Clone, Copy)]
struct Which {
    stage: Option<i16>,
    closed: bool,
}

impl Which {
    fn of(stage: &str, closed: &str) -> Self {
        let stage = stage.parse().ok().filter(|stage| (1..=3).contains(stage));
        Self { stage, closed: !closed.is_empty() }
    }

    fn words(self) -> String {
        let which = if self.closed { "closed" } else { "open" };
        match self.stage {
            Some(stage) => format!("{which} cases at Stage {stage}"),
            None => format!("{which} cases"),
        }
    }
}

const COLUMNS: [(&str, Kind); 13] = [
    ("Case", Kind::Number),
    ("Pupil", Kind::Text),
    ("Year group", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("Lead", Kind::Text),
    ("Opened", Kind::Date),
    ("Closed", Kind::Date),
    ("Last marked", Kind::Date),
    ("Week of the points", Kind::Date),
    ("Points earned", Kind::Number),
    ("Points possible", Kind::Number),
    ("Points of possible", Kind::Percent),
];

/// The schools whose cases this person may take out; none: every school. A case that is only shared stays.
fn schools(tx: &ScopedTx) -> Option<Vec<(SchoolId, String)>> {
    tx.actor().schools_with(Capability::ExportCases)
}

async fn count(tx: &mut ScopedTx, of: Which) -> Result<i64, Error> {
    let authority = tx.actor().authority;
    let schools = schools(tx).map(|some| some.into_iter().map(|(id, _)| id).collect::<Vec<_>>());
    Ok(queries::count(tx.conn(), authority, schools.as_deref(), of.stage, of.closed).await?)
}

async fn list(tx: &mut ScopedTx, of: Which) -> Result<List, Error> {
    let mut which = Vec::new();
    if let Some(stage) = of.stage {
        which.push(("stage", stage.to_string()));
    }
    if of.closed {
        which.push(("closed", "1".to_owned()));
    }
    let query = which.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    Ok(List {
        name: if of.closed { "closed-cases" } else { "open-cases" },
        heading: of.words(),
        columns: Column::all(&COLUMNS),
        rows: count(tx, of).await?,
        holds: Holds::Children,
        action: urls::export_cases(None, false),
        back: if query.is_empty() { "/cases".to_owned() } else { format!("/cases?{query}") },
        which,
    })
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let which = Which::of(asked.stage.as_deref().unwrap_or(""), asked.closed.as_deref().unwrap_or(""));
    list(&mut visit.tx, which).await?.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let which = Which::of(posted.form.value("stage"), posted.form.value("closed"));
    let mut taking = match list(&mut posted.tx, which).await?.answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let schools = schools(&taking.posted.tx);
    let filter = Filter { stage: which.stage, closed: which.closed, after: None, rows: MAX_ROWS };
    let mut rows = handlers::rows(&mut taking.posted.tx, schools.as_deref(), filter).await?;
    if let Some(schools) = &schools {
        rows.retain(|row| schools.iter().any(|(school, _)| *school == row.school));
    }
    let trace = Trace {
        school: if let Some([(school, _)]) = schools.as_deref() { Some(*school) } else { None },
        pupils: rows.iter().map(|row| row.pupil).collect(),
        ..Trace::default()
    };
    let rows = rows.iter().map(|row| cells(row, today)).collect();
    taking.file(trace, rows).await
}

fn cells(row: &CaseLine, today: Date) -> Vec<Cell> {
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    let percent = monitoring::percent(number(row.week_points), number(row.week_possible));
    vec![
        Cell::Number(row.number),
        display_name(&row.given_name, row.known_as.as_deref(), &row.family_name).into(),
        YearGroup::actual(row.born_on, row.year_offset, today).to_string().into(),
        row.school_name.as_str().into(),
        Cell::Number(row.stage.into()),
        row.lead.as_str().into(),
        row.opened_on.into(),
        row.closed_on.into(),
        row.last_marked_on.into(),
        row.week_on.into(),
        Cell::Number(row.week_points.into()),
        Cell::Number(row.week_possible.into()),
        percent.map_or(Cell::Empty, Cell::Percent),
    ]
}
