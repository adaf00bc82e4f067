//! The pupils of a school as a file.

use axum::{extract::Query, response::Response};

use super::{
    handlers::{Asked, chosen_school},
    queries::{self, FullLine},
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        export::MAX_ROWS,
        ids::{PupilId, SchoolId},
        permission::Capability,
        pupil::YearGroup,
    },
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 11] = [
    ("Family name", Kind::Text),
    ("Given name", Kind::Text),
    ("Known as", Kind::Text),
    ("Date of birth", Kind::Date),
    ("Year group", Kind::Text),
    ("UPN", Kind::Text),
    ("Special educational needs", Kind::Text),
    ("Looked after", Kind::Text),
    ("English as an additional language", Kind::Text),
    ("On roll since", Kind::Date),
    ("Stage of the open case", Kind::Number),
];

/// The list, whom it names and its rows, of a school whose lists this person may take out.
async fn list(
    tx: &mut ScopedTx,
    asked: Option<&str>,
) -> Result<(List, SchoolId, Vec<PupilId>, Vec<Vec<Cell>>), Error> {
    let schools = match tx.actor().schools_with(Capability::ExportCases) {
        Some(schools) => schools,
        None => queries::all_schools(tx.conn()).await?,
    };
    let (school, name) = chosen_school(&schools, asked)?.clone();
    let today = tx.today();
    let lines = queries::in_full(tx.conn(), school, today, MAX_ROWS + 1).await?;
    let list = List {
        name: "pupils",
        heading: format!("the pupils of {name}"),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::PUPILS_EXPORT.pattern.to_owned(),
        back: format!("/pupils?school={school}"),
        which: vec![("school", school.to_string())],
    };
    let rows = lines.iter().map(|line| cells(line, today)).collect();
    Ok((list, school, lines.iter().map(|line| line.id).collect(), rows))
}

fn cells(line: &FullLine, today: time::Date) -> Vec<Cell> {
    let yes = |is: bool| Cell::from(if is { "yes" } else { "no" });
    vec![
        line.family_name.as_str().into(),
        line.given_name.as_str().into(),
        line.known_as.as_deref().into(),
        line.born_on.into(),
        YearGroup::actual(line.born_on, line.year_offset, today).to_string().into(),
        line.upn.as_deref().into(),
        line.send.label().into(),
        yes(line.looked_after),
        yes(line.eal),
        line.enrolled_from.into(),
        line.stage.map(i64::from).into(),
    ]
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    list(&mut visit.tx, asked.school.as_deref()).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let asked = Some(posted.form.value("school").to_owned()).filter(|school| !school.is_empty());
    let (list, school, pupils, rows) = list(&mut posted.tx, asked.as_deref()).await?;
    list.file(posted, Trace { school: Some(school), pupils, ..Trace::default() }, rows).await
}
