//! The suspensions of a pupil at this school as a file.

use axum::response::Response;

use super::{
    pages,
    queries::{self, Row},
    views,
};
use crate::{
    db::{
        ScopedTx, calendar,
        exclusions::{self, PupilOf},
    },
    domain::{
        calendar::SchoolCalendar,
        ids::PupilId,
        permission::Capability,
        suspension::{history::History, tiers::Deadline},
    },
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 10] = [
    ("What", Kind::Text),
    ("Decided on", Kind::Date),
    ("Half-days decided", Kind::Number),
    ("Lunchtimes among them", Kind::Number),
    ("Half-days that count", Kind::Number),
    ("Reasons", Kind::Text),
    ("In words", Kind::Text),
    ("Cancelled on", Kind::Date),
    ("Owed next", Kind::Text),
    ("Due", Kind::Date),
];

/// The list, and the pupil it is about.
async fn read(tx: &mut ScopedTx, id: PupilId) -> Result<(List, PupilOf, Vec<Vec<Cell>>), Error> {
    let today = tx.today();
    let pupil = exclusions::pupil(tx.conn(), id, today).await?.ok_or(Error::NotFound)?;
    tx.actor().require(Capability::ExportCases, pupil.school)?;
    let history = exclusions::of_pupil(tx.conn(), id, pupil.school, pupil.case).await?;
    let calendar = calendar::of_school(tx.conn(), pupil.school, today).await?;
    let rows = queries::rows(tx.conn(), None, Some((id, pupil.school))).await?;
    let rows: Vec<_> = rows.iter().filter_map(|row| cells(row, &history, &calendar)).collect();
    let list = List {
        name: "suspensions",
        heading: "a pupil’s suspensions and exclusions at this school".to_owned(),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_suspensions(id),
        back: urls::suspensions(id),
        which: Vec::new(),
    };
    Ok((list, pupil, rows))
}

fn cells(row: &Row, history: &History, calendar: &SchoolCalendar) -> Option<Vec<Cell>> {
    let issued = history.get(row.id)?;
    let owed = history.owed(issued, calendar);
    let (next, permanent) = (owed.first(), issued.exclusion.is_permanent());
    let decided = issued.exclusion.decided();
    let half_days = (!permanent).then(|| i64::from(decided.half_days().0));
    let lunchtimes = (!permanent).then(|| i64::try_from(decided.lunchtimes().len()).unwrap_or(i64::MAX));
    Some(vec![
        if permanent { "Permanent exclusion" } else { "Suspension" }.into(),
        row.decided_on.into(),
        half_days.into(),
        lunchtimes.into(),
        Cell::Number(issued.exclusion.lost().half_days().0.into()),
        views::reasons(&row.reasons).join("; ").into(),
        row.words.as_str().into(),
        issued.cancelled_on.into(),
        next.map(|owed| owed.what.words()).into(),
        next.and_then(|owed| owed.due).and_then(Deadline::day).into(),
    ])
}

pub async fn new(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    read(&mut visit.tx, id).await?.0.ask(visit).await
}

pub async fn create(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let (list, pupil, rows) = read(&mut posted.tx, id).await?;
    list.file(posted, pages::trace(&pupil, id.uuid(), &[]), rows).await
}
