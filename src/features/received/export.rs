//! The pupils one's school has accepted as a file. What is only shared to be answered is read, and does not leave.

use axum::response::Response;

use super::{
    handlers::schools,
    queries::{self, Line},
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{ids::SchoolId, permission::Capability, transfer::State},
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 5] = [
    ("Pupil", Kind::Text),
    ("About", Kind::Text),
    ("From", Kind::Text),
    ("To", Kind::Text),
    ("Status", Kind::Text),
];

/// The list, of the schools whose list this person may take out.
async fn read(tx: &mut ScopedTx) -> Result<(List, Vec<Line>), Error> {
    let mut schools: Vec<SchoolId> = schools(tx.actor());
    schools.retain(|school| tx.actor().may_at(Capability::ExportCases, *school));
    if schools.is_empty() {
        return Err(Error::NotFound);
    }
    let mut lines = queries::list(tx.conn(), &schools).await?;
    lines.retain(|line| matches!(line.state.state, State::ReceivingAccepted { .. } | State::OnRoll { .. }));
    let list = List {
        name: "received",
        heading: "pupils your school has accepted".to_owned(),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::RECEIVED_EXPORT.pattern.to_owned(),
        back: urls::RECEIVED.pattern.to_owned(),
        which: Vec::new(),
    };
    Ok((list, lines))
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    read(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (list, lines) = read(&mut posted.tx).await?;
    let trace = Trace { pupils: lines.iter().map(|line| line.pupil).collect(), ..Trace::default() };
    let row = |line: Line| -> Vec<Cell> {
        let standing = line.state.state.label();
        vec![line.name.into(), line.about.into(), line.home_name.into(), line.to_name.into(), standing.into()]
    };
    list.file(posted, trace, lines.into_iter().map(row).collect()).await
}
