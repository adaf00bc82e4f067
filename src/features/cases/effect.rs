//! Does what was tried help? Lines in the chart where support, targets or the stage changed, the days around each of
//! them, and what the run of days shows. It is said with care and decides nothing.

use time::Date;

use super::queries::{self, ChangeRow, DayLine};
use crate::{
    db::{DbError, case::CaseOf},
    domain::{
        dates,
        ids::CaseId,
        monitoring::Totals,
        signals::{self, AROUND, around},
        support::SupportKind,
    },
    web::charts::Marker,
};

/// Days the page of a case draws, recorded or not.
const DRAWN: usize = 20;
/// Recorded days looked at: those drawn, and enough before them to compare with.
const MARKED: usize = 60;
/// Changes listed beside the chart; more when more of them are drawn.
const CHANGES: usize = 6;

/// The days the page of a case looks at.
pub struct Days {
    /// The newest first: those drawn, and those with marks before them.
    all: Vec<DayLine>,
    /// How many of them are drawn.
    drawn: usize,
}

impl Days {
    /// Of a case.
    pub async fn of(conn: &mut sqlx::PgConnection, case: CaseId) -> Result<Self, DbError> {
        let rows = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let all = queries::latest_days(conn, case, rows(DRAWN), rows(MARKED)).await?;
        Ok(Self { drawn: all.len().min(DRAWN), all })
    }

    /// Those drawn, the newest first.
    pub fn drawn(&self) -> &[DayLine] {
        &self.all[..self.drawn]
    }

    /// The latest day with marks before those drawn.
    pub fn earlier(&self) -> Option<Date> {
        self.all[self.drawn..].iter().find(|day| day.recorded > 0).map(|day| day.on_date)
    }

    /// Changes after this day have all their days before them among these: the whole record, or as many as are compared.
    fn whole_after(&self) -> Option<Date> {
        let marked: Vec<_> = self.all.iter().filter(|day| day.recorded > 0).collect();
        match marked.len().checked_sub(AROUND) {
            Some(at) if marked.len() >= MARKED => Some(marked[at].on_date),
            _ => self.all.last().map(|day| day.on_date),
        }
    }
}

/// What the page says beside the chart.
pub struct Effect {
    /// What the run of days shows; empty: nothing more than chance.
    pub signals: Vec<String>,
    /// Fewer than ten recorded days: why nothing is said.
    pub too_few: Option<String>,
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

/// Of the days of a case and what changed in them.
pub fn effect(days: &Days, changes: &[ChangeRow]) -> Effect {
    let totals = |days: &[DayLine]| -> Vec<(Date, Totals)> {
        days.iter().rev().map(|day| (day.on_date, super::handlers::totals(day))).collect()
    };
    let (drawn, all) = (totals(days.drawn()), totals(&days.all));
    let first = drawn.first().map(|(day, _)| *day);
    let points: Vec<_> = drawn.iter().map(|(_, totals)| *totals).collect();
    let found = signals::signals(&points);
    let mut newest_first: Vec<&ChangeRow> = changes.iter().collect();
    newest_first.sort_by_key(|row| std::cmp::Reverse(row.on));
    Effect {
        too_few: found.is_none().then(|| signals::too_few(&points, days.earlier())),
        signals: found
            .unwrap_or_default()
            .iter()
            .map(|signal| {
                let (from, to) = (drawn[signal.from].0, drawn[signal.to].0);
                format!("{}, {}", signal.words(), dates::range(from, to))
            })
            .collect(),
        changes: newest_first
            .into_iter()
            .enumerate()
            .take_while(|(at, row)| *at < CHANGES || first.is_some_and(|first| first < row.on))
            .map(|(_, row)| {
                let around = around(&all, row.on);
                Change {
                    what: words(row),
                    on: dates::full(row.on),
                    words: around.words(),
                    comparable: around.comparable(),
                }
            })
            .collect(),
    }
}

/// What changed in the days looked at, up to today.
pub async fn changes(
    conn: &mut sqlx::PgConnection,
    case: &CaseOf,
    days: &Days,
    today: Date,
) -> Result<Vec<ChangeRow>, DbError> {
    // Asked without days too: a page costs the same whatever is recorded.
    let after = days.whole_after().unwrap_or(case.opened_on);
    queries::changes(conn, case.id, case.school, after, today).await
}
