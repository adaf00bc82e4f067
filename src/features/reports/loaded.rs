//! A school year's counts, as this person may see them; and keeping the counts of every school fresh.

use std::time::Duration;

use time::OffsetDateTime;

use super::queries;
use crate::{
    db::{DbError, ScopedTx},
    domain::{
        dates,
        permission::Capability,
        report::{Counted, Range, Year},
    },
    state::AppState,
    web::error::Error,
};

/// A school year, and what else the pages say of it.
pub struct Loaded {
    pub year: Year,
    pub counted_at: Option<OffsetDateTime>,
    /// Whose cases, in words.
    pub scope: String,
    /// More than one school is within reach.
    pub several_schools: bool,
}

/// Loads these parts of a school year; without a year, of the latest there is. A year there is nothing of is empty.
pub async fn load(tx: &mut ScopedTx, asked: Option<&str>, parts: &[&str]) -> Result<Loaded, Error> {
    let moment = tx.moment();
    // Whoever looks first on a day counts, school by school, if nobody has done it in the night.
    for school in queries::due(tx.conn(), moment).await? {
        queries::refresh(tx.conn(), school, moment).await?;
    }
    let (actor, authority) = (tx.actor(), tx.actor().authority);
    let all = actor.may(Capability::PublishPolicy);
    let mine = if all { None } else { actor.schools_with(Capability::SeeReports) };
    let every = mine.is_none();
    let schools = match mine {
        Some(mine) => mine,
        None => queries::schools(tx.conn(), authority).await?,
    };
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let within = if every { None } else { Some(ids.as_slice()) };
    let totals = queries::totals(tx.conn(), within).await?;
    let this_year = i16::try_from(dates::first_year(moment.today)).unwrap_or(i16::MAX);
    let first_year = match asked {
        Some(text) => text.parse().ok().filter(|year| (2000..2200).contains(year)).ok_or(Error::NotFound)?,
        None => totals.last().map_or(this_year, |total| total.year.min(this_year)),
    };
    let counted = queries::counts(tx.conn(), within, first_year, parts).await?;
    let ranges = queries::ranges(tx.conn(), first_year).await?;
    let counted_at = queries::counted_at(tx.conn(), within).await?;
    let range = |what: &str| {
        let row = ranges.iter().find(|row| row.what == what)?;
        Some(Range { low: u8::try_from(row.low).ok()?, high: u8::try_from(row.high).ok()? })
    };
    let scope = match schools.as_slice() {
        [(_, name)] => name.clone(),
        all if every => format!("All {} schools of the authority", all.len()),
        some => format!("The {} schools you work with", some.len()),
    };
    let small =
        |counts: &[i64]| counts.iter().map(|count| u32::try_from(*count).unwrap_or(u32::MAX)).collect();
    Ok(Loaded {
        counted_at,
        scope,
        several_schools: schools.len() != 1,
        year: Year {
            first_year,
            counted: counted
                .into_iter()
                .map(|row| Counted {
                    school: row.school,
                    counts: small(&row.counts),
                    part: row.part,
                    group: row.grp,
                })
                .collect(),
            years: totals.iter().map(|total| (total.year, small(&total.counts))).collect(),
            progress_range: range("progress"),
            recorded_range: range("recorded"),
            schools,
        },
    })
}

/// How often it is looked whether a day has begun.
const LOOK_EVERY: Duration = Duration::from_mins(10);

/// Left to others between two schools.
const PAUSE: Duration = Duration::from_millis(100);

/// Counts every school soon after a day has begun, so that nobody who looks waits for it. Never ends.
pub async fn keep_counted(state: AppState) {
    loop {
        if let Err(error) = count_all(&state).await {
            tracing::warn!(%error, "schools could not be counted; whoever looks first counts them");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn count_all(state: &AppState) -> Result<(), DbError> {
    let moment = state.clock.moment();
    let due = queries::due(&mut *state.db.nobody().await?, moment).await?;
    for school in due {
        // A connection for each school, and a pause: pages do not wait for this work.
        queries::refresh(&mut *state.db.nobody().await?, school, moment).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
