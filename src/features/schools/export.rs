//! The schools and their settings as a file.

use axum::response::Response;

use super::{handlers::phase, queries};
use crate::{
    db::{ScopedTx, Trace},
    domain::{dates, permission::Capability},
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 11] = [
    ("School", Kind::Text),
    ("URN", Kind::Text),
    ("Establishment number", Kind::Text),
    ("Phase", Kind::Text),
    ("Takes part", Kind::Text),
    ("Word for 0 points", Kind::Text),
    ("Word for 1 point", Kind::Text),
    ("Word for 2 points", Kind::Text),
    ("Goal", Kind::Percent),
    ("Letterhead", Kind::Text),
    ("Periods of the day", Kind::Text),
];

async fn list(tx: &mut ScopedTx) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let (over, today) = (tx.actor().over(Capability::ManageSchools), tx.today());
    let schools = queries::schools(tx.conn(), &over, None).await?;
    let ids: Vec<_> = schools.iter().map(|school| school.id).collect();
    let periods = queries::periods(tx.conn(), &ids, today).await?;
    let rows: Vec<Vec<Cell>> = schools
        .iter()
        .map(|school| {
            let day: Vec<_> = periods
                .iter()
                .filter(|period| period.school == school.id && period.from_on <= today)
                .map(|period| {
                    let (from, to) =
                        (dates::time_of_day(period.starts_at), dates::time_of_day(period.ends_at));
                    format!("{} {from} to {to}", period.label)
                })
                .collect();
            let mut cells: Vec<Cell> = vec![
                school.name.as_str().into(),
                school.urn.as_str().into(),
                school.establishment.as_str().into(),
                phase(school).into(),
                if school.takes_part { "yes" } else { "no" }.into(),
            ];
            cells.extend(school.mark_words.iter().map(|word| Cell::from(word.as_str())));
            cells.extend([
                u8::try_from(school.goal_percent).map_or(Cell::Empty, Cell::Percent),
                school.letterhead.as_str().into(),
                day.join("; ").into(),
            ]);
            cells
        })
        .collect();
    let list = List {
        name: "schools-settings",
        heading: "schools and their settings".to_owned(),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Settings,
        action: urls::SCHOOL_SETTINGS_EXPORT.pattern.to_owned(),
        back: urls::SCHOOLS.pattern.to_owned(),
        which: Vec::new(),
    };
    Ok((list, rows))
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    list(&mut visit.tx).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (list, rows) = list(&mut posted.tx).await?;
    list.file(posted, Trace::default(), rows).await
}
