//! The caseload as it is narrowed, and the schools, as files.

use axum::{extract::RawQuery, response::Response};

use super::{
    filter::Filter,
    handlers::schools_of,
    queries::{self, Line, Scope},
    schools, views,
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        concern::Level,
        export::MAX_ROWS,
        ids::SchoolId,
        permission::{Actor, Capability},
    },
    web::{
        duty::who,
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 18] = [
    ("Case", Kind::Number),
    ("Pupil", Kind::Text),
    ("Year group", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("Lead", Kind::Text),
    ("LA representative", Kind::Text),
    ("Last marked", Kind::Date),
    ("Points of the latest 20 recorded days", Kind::Number),
    ("Points possible", Kind::Number),
    ("Points of possible", Kind::Percent),
    ("Next action", Kind::Text),
    ("Who owes it", Kind::Text),
    ("By", Kind::Date),
    ("School days overdue", Kind::Number),
    ("Where it stands", Kind::Text),
    ("Because", Kind::Text),
    // What is owed, and so where it stands, is as of this day: a file reckons nothing anew.
    ("Reckoned on", Kind::Date),
];

/// The schools whose caseload this person may take out.
async fn schools_within(tx: &mut ScopedTx) -> Result<Vec<(SchoolId, String)>, Error> {
    let schools = schools_of(tx).await?;
    let may = |actor: &Actor, school| actor.may_at(Capability::ExportCases, school);
    Ok(schools.into_iter().filter(|(school, _)| may(tx.actor(), *school)).collect())
}

fn list(filter: &Filter, rows: i64) -> List {
    let query = filter.query();
    let narrowed = if filter.narrows() { ", filtered" } else { "" };
    List {
        name: "caseload",
        heading: format!("the caseload: {}{narrowed}", filter.view.label()),
        columns: Column::all(&COLUMNS),
        rows,
        holds: Holds::Children,
        action: urls::export_caseload(""),
        back: urls::caseload(&query),
        which: vec![("query", query)],
    }
}

async fn counted(tx: &mut ScopedTx, filter: &Filter) -> Result<List, Error> {
    let ids: Vec<_> = schools_within(tx).await?.into_iter().map(|(id, _)| id).collect();
    let of = Scope::of(tx, Some(&ids));
    Ok(list(filter, queries::count(tx.conn(), of, filter, MAX_ROWS + 1).await?))
}

pub async fn new(RawQuery(query): RawQuery, mut visit: Visit) -> Result<Response, Error> {
    let filter = Filter::parse(query.as_deref().unwrap_or_default());
    counted(&mut visit.tx, &filter).await?.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let filter = Filter { after: None, ..Filter::parse(posted.form.value("query")) };
    let mut taking = match counted(&mut posted.tx, &filter).await?.answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let tx = &mut taking.posted.tx;
    let ids: Vec<_> = schools_within(tx).await?.into_iter().map(|(id, _)| id).collect();
    let (of, today) = (Scope::of(tx, Some(&ids)), tx.today());
    let lines = queries::page(tx.conn(), of, &filter, MAX_ROWS).await?;
    let trace = Trace {
        school: if let [school] = ids.as_slice() { Some(*school) } else { None },
        pupils: lines.iter().map(|line| line.pupil).collect(),
        ..Trace::default()
    };
    let rows = lines.iter().map(|line| cells(line, today)).collect();
    taking.file(trace, rows).await
}

fn cells(line: &Line, today: time::Date) -> Vec<Cell> {
    let sum = views::totals(line);
    let next = line.next.as_ref().map(|kept| views::duty(&kept.0));
    vec![
        Cell::Number(line.number),
        views::name(line).into(),
        views::year(line, today).into(),
        line.school_name.as_str().into(),
        Cell::Number(line.stage.into()),
        line.lead.as_str().into(),
        line.representative.as_deref().into(),
        line.last_marked_on.into(),
        Cell::Number(sum.points.into()),
        Cell::Number(sum.possible().into()),
        sum.percent().map_or(Cell::Empty, Cell::Percent),
        next.as_ref().map(|duty| duty.what.words()).into(),
        next.as_ref().map(|duty| who(&duty.what, &line.lead)).into(),
        next.as_ref().map(|duty| duty.due_on).into(),
        Cell::Number(line.overdue_days.into()),
        Level::from_rank(line.concern).label().into(),
        views::because(line).into(),
        line.reckoned_on.into(),
    ]
}

fn list_of_schools(rows: usize) -> List {
    List {
        name: "schools",
        heading: "how the schools stand".to_owned(),
        columns: Column::all(&schools::COLUMNS),
        rows: i64::try_from(rows).unwrap_or(i64::MAX),
        holds: Holds::Staff,
        action: urls::SCHOOLS_EXPORT.pattern.to_owned(),
        back: urls::CASELOAD_SCHOOLS.pattern.to_owned(),
        which: Vec::new(),
    }
}

pub async fn schools_new(mut visit: Visit) -> Result<Response, Error> {
    let schools = schools_within(&mut visit.tx).await?;
    list_of_schools(schools.len()).ask(visit).await
}

pub async fn schools(mut posted: Posted) -> Result<Response, Error> {
    let schools = schools_within(&mut posted.tx).await?;
    let mut taking = match list_of_schools(schools.len()).answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let ids: Vec<_> = schools.into_iter().map(|(id, _)| id).collect();
    let rows = schools::rows(&mut taking.posted.tx, &ids).await?;
    taking.file(Trace::default(), rows).await
}
