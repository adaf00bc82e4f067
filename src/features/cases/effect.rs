//! Does what was tried help? Lines in the chart where support, targets or the stage changed, the days around each of
//! them, and what the run of days shows. It is said with care and decides nothing.

use time::Date;

use super::queries::{self, ChangeRow, DayLine};
use crate::{
    domain::{
        dates,
        monitoring::Totals,
        signals::{self, around},
        support::SupportKind,
    },
    web::charts::Marker,
};

/// Changes listed beside the chart.
const CHANGES: usize = 6;

/// What the page says beside the chart.
pub struct Effect {
    /// What the run of days shows; empty: nothing more than chance.
    pub signals: Vec<String>,
    /// Fewer than ten recorded days.
    pub early: bool,
    /// The newest first.
    pub changes: Vec<Change>,
}

/// Something that changed, and the days around it.
pub struct Change {
    pub what: String,
    pub on: String,
    pub words: String,
    pub comparable: bool,
}

/// What changed on a day, in words.
fn words(row: &ChangeRow) -> String {
    let support = || {
        let kind = row.words.as_deref().and_then(SupportKind::from_stored);
        kind.map_or("Support", SupportKind::label).to_owned()
    };
    match row.kind.as_str() {
        "stage" => format!("Stage {}", row.words.as_deref().unwrap_or_default()),
        "support" => format!("{} begins", support()),
        "support_ended" => format!("{} ends", support()),
        _ => "Targets change".to_owned(),
    }
}

/// Short words for the chart.
fn label(row: &ChangeRow) -> String {
    match row.kind.as_str() {
        "stage" => words(row),
        "support" => "support begins".to_owned(),
        "support_ended" => "support ends".to_owned(),
        _ => "targets".to_owned(),
    }
}

/// Lines of the chart: one for each day on which something changed after the first day drawn.
pub fn markers(changes: &[ChangeRow], first: Option<Date>) -> Vec<Marker> {
    let mut markers: Vec<Marker> = Vec::new();
    for row in changes.iter().filter(|row| first.is_some_and(|first| first < row.on)) {
        let words = label(row);
        match markers.last_mut() {
            Some(last) if last.day == row.on => {
                if !last.label.contains(&words) {
                    last.label = format!("{}, {words}", last.label);
                }
            }
            _ => markers.push(Marker { day: row.on, label: words }),
        }
    }
    markers
}

/// Of the days drawn and those before them, both newest first.
pub fn effect(drawn: &[DayLine], all: &[DayLine], changes: &[ChangeRow]) -> Effect {
    let totals = |days: &[DayLine]| -> Vec<(Date, Totals)> {
        days.iter().rev().map(|day| (day.on_date, super::handlers::totals(day))).collect()
    };
    let (drawn, all) = (totals(drawn), totals(all));
    let days: Vec<_> = drawn.iter().map(|(_, totals)| *totals).collect();
    let found = signals::signals(&days);
    let mut said: Vec<(Date, &ChangeRow)> = changes.iter().map(|row| (row.on, row)).collect();
    said.sort_by_key(|(on, _)| std::cmp::Reverse(*on));
    Effect {
        early: found.is_none(),
        signals: found
            .unwrap_or_default()
            .iter()
            .map(|signal| {
                let (from, to) = (drawn[signal.from].0, drawn[signal.to].0);
                format!("{}, {}", signal.words(), dates::range(from, to))
            })
            .collect(),
        changes: said
            .into_iter()
            .take(CHANGES)
            .map(|(on, row)| {
                let around = around(&all, on);
                Change {
                    what: words(row),
                    on: dates::full(on),
                    words: around.words(),
                    comparable: around.comparable(),
                }
            })
            .collect(),
    }
}

/// Recorded days looked at: those drawn, and enough before them to compare with.
pub const LOOKED_AT: i64 = 60;

/// What changed in the days looked at.
pub async fn changes(
    conn: &mut sqlx::PgConnection,
    case: &crate::db::case::CaseOf,
    days: &[DayLine],
) -> Result<Vec<ChangeRow>, crate::db::DbError> {
    // Asked without days too: a page costs the same whatever is recorded.
    let oldest = days.last().map_or(case.opened_on, |day| day.on_date);
    queries::changes(conn, case.id, case.school, oldest).await
}
