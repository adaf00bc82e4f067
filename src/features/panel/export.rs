//! The panels, an agenda, and what schools can take, as files.

use axum::response::Response;

use super::{handlers, queries, views};
use crate::{
    db::{ScopedTx, Trace},
    domain::{dates, ids::PanelId, permission::Capability},
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

const PANELS: [(&str, Kind); 6] = [
    ("Panel", Kind::Text),
    ("Meets on", Kind::Date),
    ("At", Kind::Text),
    ("Place", Kind::Text),
    ("Papers close on", Kind::Date),
    ("Cancelled on", Kind::Date),
];
const PLACES: [(&str, Kind); 7] = [
    ("School", Kind::Text),
    ("Places", Kind::Number),
    ("Pupils on roll", Kind::Number),
    ("Counted on", Kind::Date),
    ("Free places", Kind::Number),
    ("Took this school year", Kind::Number),
    ("Gave this school year", Kind::Number),
];
const AGENDA: [(&str, Kind); 9] = [
    ("Pupil", Kind::Text),
    ("About", Kind::Text),
    ("From", Kind::Text),
    ("Preferred", Kind::Text),
    ("Excluded", Kind::Text),
    ("Abstain", Kind::Text),
    ("Papers", Kind::Text),
    ("Status", Kind::Text),
    ("Schools that declined", Kind::Number),
];

/// A list that names no child, read whole.
fn of_no_child(
    (name, heading): (&'static str, &str),
    columns: &[(&str, Kind)],
    [action, back]: [&str; 2],
    rows: Vec<Vec<Cell>>,
) -> (List, Vec<Vec<Cell>>) {
    let list = List {
        name,
        heading: heading.to_owned(),
        columns: Column::all(columns),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: action.to_owned(),
        back: back.to_owned(),
        which: Vec::new(),
    };
    (list, rows)
}

async fn list_of_panels(tx: &mut ScopedTx) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let today = tx.today();
    let panels = queries::panels(tx.conn(), true).await?;
    // As on the page: those to come, the next one first, then those that were.
    let (ahead, past): (Vec<_>, Vec<_>) = panels.iter().partition(|row| row.meets_on >= today);
    let rows = ahead.into_iter().rev().chain(past).map(|row| {
        vec![
            row.name.as_str().into(),
            row.meets_on.into(),
            dates::time_of_day(row.starts_at).into(),
            row.place.as_str().into(),
            row.papers_close_on.into(),
            row.cancelled_on.into(),
        ]
    });
    let addresses = [urls::PANELS_EXPORT.pattern, urls::PANELS.pattern];
    Ok(of_no_child(("panels", "the panels"), &PANELS, addresses, rows.collect()))
}

pub async fn panels_new(mut visit: Visit) -> Result<Response, Error> {
    list_of_panels(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn panels(mut posted: Posted) -> Result<Response, Error> {
    let (list, rows) = list_of_panels(&mut posted.tx).await?;
    list.file(posted, Trace::default(), rows).await
}

async fn list_of_places(tx: &mut ScopedTx) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let since = views::year_began(tx.today());
    let schools = queries::places(tx.conn(), since).await?;
    let rows = schools.iter().map(|row| {
        let place = views::place(row);
        let (places, roll, on) = match place.capacity {
            Some((places, roll, on)) => (Some(i64::from(places)), Some(i64::from(roll)), Some(on)),
            None => (None, None, None),
        };
        vec![
            row.name.as_str().into(),
            places.into(),
            roll.into(),
            on.into(),
            place.free().map(i64::from).into(),
            Cell::Number(place.taken.into()),
            Cell::Number(place.given.into()),
        ]
    });
    let addresses = [urls::PLACES_EXPORT.pattern, urls::PLACES.pattern];
    Ok(of_no_child(("places", "places and pupils on roll"), &PLACES, addresses, rows.collect()))
}

pub async fn places_new(mut visit: Visit) -> Result<Response, Error> {
    list_of_places(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn places(mut posted: Posted) -> Result<Response, Error> {
    let (list, rows) = list_of_places(&mut posted.tx).await?;
    list.file(posted, Trace::default(), rows).await
}

/// The agenda, as far as the papers are of schools whose lists this person may take out. Who only sits takes none out:
/// they read the papers here, as long as those are open to them.
async fn agenda_of(tx: &mut ScopedTx, id: PanelId) -> Result<((List, Vec<Vec<Cell>>), Trace), Error> {
    let today = tx.today();
    let panel = queries::panel(tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let members = queries::members(tx.conn(), id, today).await?;
    let mut referrals = queries::referrals(tx.conn(), id, None).await?;
    let actor = tx.actor().clone();
    referrals.retain(|row| actor.may_at(Capability::ExportCases, row.home));
    let rows: Vec<_> = referrals
        .iter()
        .map(|row| {
            let line = views::line(&panel, row, &members);
            vec![
                line.name.into(),
                line.about.into(),
                line.from.into(),
                line.preferred.into(),
                line.excluded.into(),
                line.conflicts.into(),
                line.pack.into(),
                line.standing.into(),
                Cell::Number(i64::try_from(line.tried).unwrap_or(i64::MAX)),
            ]
        })
        .collect();
    let list = List {
        name: "agenda",
        heading: format!("the agenda of {}: {}", panel.name, views::when(&panel)),
        columns: Column::all(&AGENDA),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_agenda(id),
        back: urls::panel(id),
        which: Vec::new(),
    };
    Ok(((list, rows), handlers::trace(id, &referrals)))
}

pub async fn agenda_new(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    agenda_of(&mut visit.tx, id).await?.0.0.ask(visit).await
}

pub async fn agenda(Id(id): Id<PanelId>, mut posted: Posted) -> Result<Response, Error> {
    let ((list, rows), trace) = agenda_of(&mut posted.tx, id).await?;
    list.file(posted, trace, rows).await
}
