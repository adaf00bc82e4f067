//! Every case replayed: the events of its decisions, from empty, must give what its row says.

use sqlx::{PgConnection, types::Json};
use time::{Date, format_description::well_known::Iso8601};

use super::DbError;
use crate::domain::stage::{CaseState, Event};

/// What a replay of all cases came to.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Cases looked at.
    pub cases: usize,
    /// One line for each case whose row says otherwise.
    pub wrong: Vec<String>,
}

/// An event with its day, as the database writes it.
type Told = (Event, String);

/// What a case's row says, as its history should.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    stage: i16,
    closed_on: Option<Date>,
    ended_as: Option<String>,
    entry: (i16, String),
    extensions: i16,
}

/// Replays every case, as the owner.
pub async fn replay(owner: &mut PgConnection) -> Result<Replayed, DbError> {
    let rows = sqlx::query!(
        r#"-- The owner's: it reads every case.
           select c.number, c.stage, c.closed_on, c.ended_as, c.entry_stage, c.entry_reason, c.extensions,
                  (select coalesce(jsonb_agg(jsonb_build_array(d.event, d.decided_on) order by d.seq), '[]')
                   from app.case_decisions d where d.case_id = c.id) as "events!: Json<Vec<Told>>"
           from app.cases c order by c.number"#
    )
    .fetch_all(owner)
    .await?;
    let mut found = Replayed { cases: rows.len(), wrong: Vec::new() };
    for row in rows {
        let says = Row {
            stage: row.stage,
            closed_on: row.closed_on,
            ended_as: row.ended_as,
            entry: (row.entry_stage, row.entry_reason),
            // Of an ended case the row keeps what it had; the history has none.
            extensions: if row.closed_on.is_some() { 0 } else { row.extensions },
        };
        match told(&row.events.0) {
            Ok(history) if history == says => {}
            Ok(history) => found
                .wrong
                .push(format!("case {}: its row says {says:?}, its history {history:?}", row.number)),
            Err(problem) => found.wrong.push(format!("case {}: {problem}", row.number)),
        }
    }
    Ok(found)
}

/// What the events tell.
fn told(events: &[Told]) -> Result<Row, String> {
    let mut history = Vec::new();
    for (event, on) in events {
        history.push((event, Date::parse(on, &Iso8601::DATE).map_err(|error| error.to_string())?));
    }
    let state = CaseState::replay(history).map_err(|error| error.to_string())?;
    match state {
        CaseState::None => Err("it has no history".to_owned()),
        CaseState::Open { stage, entry, extensions, .. } => Ok(Row {
            stage: stage.number(),
            closed_on: None,
            ended_as: None,
            entry: (entry.0.number(), entry.1.as_str().to_owned()),
            extensions: i16::try_from(extensions).unwrap_or(i16::MAX),
        }),
        CaseState::Ended { stage, how, on, entry, .. } => Ok(Row {
            stage: stage.number(),
            closed_on: Some(on),
            ended_as: Some(how.as_str().to_owned()),
            entry: (entry.0.number(), entry.1.as_str().to_owned()),
            extensions: 0,
        }),
    }
}
