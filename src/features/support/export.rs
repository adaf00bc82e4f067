//! The sessions of one support as a file.

use axum::{extract::Path, response::Response};

use super::{handlers::one, queries};
use crate::{
    db::{ScopedTx, case::CaseOf},
    domain::{
        ids::{CaseId, SupportId},
        permission::Capability,
    },
    state::london,
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 7] = [
    ("Day", Kind::Date),
    ("Given", Kind::Text),
    ("If not, why", Kind::Text),
    ("Note", Kind::Text),
    ("Recorded by", Kind::Text),
    ("Recorded on", Kind::Date),
    ("Corrected since", Kind::Text),
];

async fn read(tx: &mut ScopedTx, of: &CaseOf, id: SupportId) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let today = tx.today();
    let support = one(tx.conn(), of, id, today).await?;
    let sessions = queries::sessions(tx.conn(), of.id, support.id).await?;
    let yes = |is: bool| if is { "yes" } else { "no" };
    let rows = sessions.into_iter().map(|session| {
        vec![
            session.on_date.into(),
            yes(session.delivered).into(),
            session.why_not.into(),
            session.note.into(),
            session.by.into(),
            london(session.recorded_at).date().into(),
            yes(session.replaced).into(),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let list = List {
        name: "sessions",
        heading: format!("the sessions of a support in case {}", of.number),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_sessions(of.id, support.id),
        back: urls::one_support(of.id, support.id),
        which: Vec::new(),
    };
    Ok((list, rows))
}

pub async fn new(Path((case, id)): Path<(CaseId, SupportId)>, mut visit: Visit) -> Result<Response, Error> {
    let of = visit.case(case, Capability::ExportCases).await?;
    read(&mut visit.tx, &of, id).await?.0.ask(visit).await
}

pub async fn create(
    Path((case, id)): Path<(CaseId, SupportId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let of = posted.case_with(case, Capability::ExportCases).await?;
    let (list, rows) = read(&mut posted.tx, &of, id).await?;
    list.file(posted, of.trace(&[]), rows).await
}
