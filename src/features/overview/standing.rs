//! How pupils stand to the goal, and how many were at each stage: the pictures of the overview and their titles.

use std::collections::BTreeMap;

use time::Date;

use super::figures::{PupilNow, StageOn};
use crate::{
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        monitoring::Totals,
        overview,
        pupil::display_name,
        trend::Trend,
        week::DayTotals,
    },
    web::{
        charts::{Column, Multiples, Panel, PanelDay, Sparkline, StackedBars},
        urls,
    },
};

/// School weeks drawn.
const WEEKS: usize = 12;

/// How a pupil stands over their latest recorded days.
pub struct Standing<'a> {
    pub pupil: &'a PupilNow,
    pub totals: Totals,
    pub goal: u32,
    days: Vec<Totals>,
}

fn totals(day: &DayTotals) -> Totals {
    Totals { points: day.points, recorded: day.recorded, expected: day.expected }
}

impl<'a> Standing<'a> {
    pub fn of(pupil: &'a PupilNow) -> Self {
        let days: Vec<_> = pupil.days.iter().map(totals).collect();
        let mut all = Totals::default();
        for day in &days {
            all += *day;
        }
        Self { pupil, totals: all, goal: u32::try_from(pupil.goal_percent).unwrap_or(80), days }
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

    pub fn trend(&self) -> Trend {
        Trend::of(&self.days)
    }

    pub fn sparkline(&self) -> Sparkline {
        Sparkline {
            points: self.days.iter().map(|day| day.percent()).collect(),
            words: self.totals.words(),
            trend: self.trend(),
        }
    }

    fn panel(&self) -> Panel {
        let days = self.pupil.days.iter().zip(&self.days);
        Panel {
            name: self.name(),
            href: Some(urls::case(self.pupil.case)),
            goal: u8::try_from(self.goal).unwrap_or(80),
            reached: self.reached(),
            words: self.totals.words(),
            recorded: self.totals.recorded_words(),
            trend: self.trend().label(),
            days: days
                .map(|(day, totals)| PanelDay {
                    name: dates::day_month(day.on),
                    percent: totals.percent(),
                    reached: totals.reaches(self.goal),
                    words: totals.words(),
                })
                .collect(),
        }
    }
}

/// Who is at or above goal, the worst first, at most so many pictures; the sentence counts all.
pub fn goal_chart(mut all: Vec<Standing<'_>>, most: usize) -> Multiples {
    all.sort_by_key(Standing::distance);
    let reached = all.iter().filter(|one| one.reached() == Some(true)).count();
    let unrecorded = all.iter().filter(|one| one.reached().is_none()).count();
    Multiples {
        id: "goal".to_owned(),
        title: overview::goal_finding(reached, all.len(), unrecorded),
        first_column: "Pupil".to_owned(),
        panels: all.iter().take(most).map(Standing::panel).collect(),
    }
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
