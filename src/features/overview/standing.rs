//! How pupils stand to the goal, and how many were at each stage: the pictures of the overview and their titles.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use time::Date;

use super::figures::{self, PupilNow, StageOn};
use crate::{
    db::DbError,
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        monitoring::Totals,
        overview,
        pupil::display_name,
        trend::Trend,
    },
    web::{
        charts::{Column, Multiples, Panel, PanelDay, Sparkline, StackedBars},
        urls,
    },
};

/// School weeks drawn.
const WEEKS: usize = 12;

/// How a pupil stands over their latest recorded days.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    pub pupil: &'a PupilNow,
    pub totals: Totals,
    pub goal: u32,
}

impl<'a> Standing<'a> {
    pub fn of(pupil: &'a PupilNow) -> Self {
        Self { pupil, totals: pupil.totals, goal: u32::try_from(pupil.goal_percent).unwrap_or(80) }
    }

    /// At or above the goal; none without a mark.
    pub fn reached(&self) -> Option<bool> {
        (self.totals.recorded > 0).then(|| self.totals.reaches(self.goal))
    }

    /// How far from the goal, in millionths: what the worst-first order goes by. Nothing recorded comes last.
    fn distance(&self) -> i64 {
        let possible = i64::from(self.totals.possible());
        if possible == 0 {
            return i64::MAX;
        }
        i64::from(self.totals.points) * 1_000_000 / possible - i64::from(self.goal) * 10_000
    }

    pub fn name(&self) -> String {
        let PupilNow { given_name, known_as, family_name, .. } = self.pupil;
        display_name(given_name, known_as.as_deref(), family_name)
    }

    /// Their latest recorded days, oldest first, as a line.
    pub fn sparkline(&self, days: &[(Date, Totals)]) -> Sparkline {
        Sparkline {
            points: days.iter().map(|(_, day)| day.percent()).collect(),
            words: self.totals.words(),
            trend: trend(days),
        }
    }

    fn panel(&self, days: &[(Date, Totals)]) -> Panel {
        Panel {
            name: self.name(),
            href: Some(urls::case(self.pupil.case)),
            goal: u8::try_from(self.goal).unwrap_or(80),
            reached: self.reached(),
            words: self.totals.words(),
            recorded: self.totals.recorded_words(),
            trend: trend(days).label(),
            days: days
                .iter()
                .map(|(on, day)| PanelDay {
                    name: dates::day_month(*on),
                    percent: day.percent(),
                    reached: day.reaches(self.goal),
                    words: day.words(),
                })
                .collect(),
        }
    }
}

fn trend(days: &[(Date, Totals)]) -> Trend {
    Trend::of(&days.iter().map(|(_, day)| *day).collect::<Vec<_>>())
}

/// Who is at or above goal, the worst first, at most so many pictures; the sentence counts all.
pub async fn goal_chart(
    conn: &mut PgConnection,
    pupils: &[PupilNow],
    most: usize,
) -> Result<Multiples, DbError> {
    let mut all: Vec<_> = pupils.iter().map(Standing::of).collect();
    all.sort_by_key(Standing::distance);
    let reached = all.iter().filter(|one| one.reached() == Some(true)).count();
    let unrecorded = all.iter().filter(|one| one.reached().is_none()).count();
    let title = overview::goal_finding(reached, all.len(), unrecorded);
    all.truncate(most);
    let cases: Vec<_> = all.iter().map(|one| one.pupil.case).collect();
    let days = figures::latest_days(conn, &cases).await?;
    let panel = |one: &Standing<'_>| one.panel(days.get(&one.pupil.case).map_or(&[], Vec::as_slice));
    Ok(Multiples {
        id: "goal".to_owned(),
        title,
        first_column: "Pupil".to_owned(),
        panels: all.iter().map(panel).collect(),
    })
}

/// The last day of each of the latest school weeks, oldest first; the last one is today when its week is not over.
fn week_ends(calendar: &SchoolCalendar, today: Date) -> Vec<Date> {
    let mut ends = Vec::new();
    let mut at = monday(today);
    // Holidays are passed over; where no terms are loaded, so many weeks back is far enough.
    for _ in 0..3 * WEEKS {
        if ends.len() == WEEKS {
            break;
        }
        if let Some(last) = calendar.week(at).days.last() {
            ends.push((*last).min(today));
        } else if ends.is_empty() {
            // In a holiday the last column is today.
            ends.push(today);
        }
        at -= time::Duration::WEEK;
    }
    ends.reverse();
    ends
}

/// The same of several schools: the latest weeks in which one of them has school, each to its last day at any of them.
pub fn ends_of_weeks<'a>(calendars: impl Iterator<Item = &'a SchoolCalendar>, today: Date) -> Vec<Date> {
    let mut weeks = BTreeMap::new();
    for end in calendars.flat_map(|calendar| week_ends(calendar, today)) {
        weeks.entry(monday(end)).and_modify(|last: &mut Date| *last = end.max(*last)).or_insert(end);
    }
    let beyond = weeks.len().saturating_sub(WEEKS);
    weeks.into_values().skip(beyond).collect()
}

/// How many were at each stage on a day.
pub fn at_stages(rows: &[StageOn], on: Date) -> [u32; 3] {
    [1, 2, 3].map(|stage| {
        let row = rows.iter().find(|row| row.on == on && row.stage == stage);
        row.map_or(0, |row| u32::try_from(row.cases).unwrap_or(0))
    })
}

/// Pupils by stage at the end of these weeks.
pub fn stage_chart(rows: &[StageOn], ends: &[Date]) -> StackedBars {
    let (first, last) = (ends.first().copied(), ends.last().copied());
    let title = first.zip(last).map_or_else(String::new, |(first, last)| {
        overview::stage_finding(at_stages(rows, first), at_stages(rows, last), &dates::long(first))
    });
    StackedBars {
        id: "stages".to_owned(),
        title,
        first_column: "At the end of".to_owned(),
        unit: ("pupil", "pupils"),
        series: vec!["Stage 1", "Stage 2", "Stage 3"],
        columns: ends
            .iter()
            .map(|on| Column {
                axis: dates::day_month(*on),
                name: dates::full(*on),
                values: at_stages(rows, *on).to_vec(),
            })
            .collect(),
    }
}
