//! The weeks of a case (S1.12, S1.13, 7.2 A15): which there are, which were reviewed, and what one of them came
//! to. Weeks are school weeks; one with too few expected days may be reviewed with the next.

use serde::Deserialize;
use time::{Date, Duration};

use super::{
    calendar::{SchoolCalendar, Week, monday},
    dates,
    ids::TargetId,
    monitoring::{MAX_TARGETS, Totals},
    policy::ProgrammePolicy,
    review::{Named, Rating, Signed, WeekFigures},
};

/// A target with the days it is worked on.
#[derive(Clone, Debug, Deserialize)]
pub struct TargetDays {
    /// Its id.
    pub id: TargetId,
    /// What the pupil will do.
    pub words: String,
    /// The first day it is marked.
    #[serde(deserialize_with = "day")]
    pub starts_on: Date,
    /// The day to meet it by.
    #[serde(deserialize_with = "day")]
    pub due_on: Date,
    /// The last day it is marked, when it was ended.
    #[serde(deserialize_with = "optional_day")]
    pub ended_on: Option<Date>,
}

impl TargetDays {
    fn live_on(&self, on: Date) -> bool {
        self.starts_on <= on && self.ended_on.is_none_or(|ended| ended >= on)
    }
}

/// A day as it was recorded.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct DayTotals {
    /// The day.
    #[serde(deserialize_with = "day")]
    pub on: Date,
    /// Points earned.
    pub points: u32,
    /// Marks made.
    pub recorded: u32,
    /// Marks there could be.
    pub expected: u32,
    /// A reason covers the whole day.
    pub excused: bool,
}

/// Days known beforehand to have no marks, both included.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Away {
    /// First day.
    #[serde(deserialize_with = "day")]
    pub from_on: Date,
    /// Last day.
    #[serde(deserialize_with = "day")]
    pub to_on: Date,
}

/// A review as it stands: the weeks it speaks for and its light.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Review {
    /// The first week.
    #[serde(deserialize_with = "day")]
    pub from_week_on: Date,
    /// The week it was signed for.
    #[serde(deserialize_with = "day")]
    pub week_on: Date,
    /// The light the lead gave.
    pub overall: Rating,
}

/// A period of the school's day.
#[derive(Clone, Debug, Deserialize)]
pub struct PeriodLabel {
    /// Its number.
    pub number: i16,
    /// Its name.
    pub label: String,
    /// First day on which the school's day has it.
    pub from_on: Date,
    /// Last day; none: it has it still.
    pub to_on: Option<Date>,
}

impl PeriodLabel {
    /// Whether the school's day has it on some of these days.
    fn within(&self, from: Date, to: Date) -> bool {
        self.from_on <= to && self.to_on.is_none_or(|last| from <= last)
    }
}

/// Marks of one target in one period over some days; excused periods are left out.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct MarksOf {
    /// The target.
    pub target: TargetId,
    /// The period's number.
    pub period: i16,
    /// Points earned.
    pub points: u32,
    /// Marks made.
    pub recorded: u32,
}

/// Support with its sessions a school week.
#[derive(Clone, Debug, Deserialize)]
pub struct Planned {
    /// First day.
    #[serde(deserialize_with = "day")]
    pub starts_on: Date,
    /// The day it ended.
    #[serde(deserialize_with = "optional_day")]
    pub ended_on: Option<Date>,
    /// Sessions planned a school week.
    pub sessions: u32,
    /// Who gives it.
    pub provider: String,
}

impl Planned {
    /// Given on at least one day of the week that begins on this Monday.
    pub fn active_in(&self, monday: Date) -> bool {
        self.starts_on <= monday + Duration::days(4) && self.ended_on.is_none_or(|ended| ended >= monday)
    }
}

/// What was marked and given over some days.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Marks by target and period.
    pub marks: Vec<MarksOf>,
    /// Support that was not declined.
    pub planned: Vec<Planned>,
    /// Sessions delivered.
    pub delivered: u32,
}

/// What is known of a case's weeks.
#[derive(Clone, Debug, Default)]
pub struct Weeks {
    /// Targets in their order, ended ones too.
    pub targets: Vec<TargetDays>,
    /// Recorded days, oldest first.
    pub days: Vec<DayTotals>,
    /// Whole days known beforehand.
    pub away: Vec<Away>,
    /// Reviews as they stand, newest first.
    pub reviews: Vec<Review>,
    /// The school's periods.
    pub periods: Vec<PeriodLabel>,
    /// The last day of the case, when it is closed.
    pub closed_on: Option<Date>,
}

/// A week to review, with the weeks before it that it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The weeks, oldest first; the last one is the week itself.
    pub weeks: Vec<Week>,
    /// The school week before the first of them.
    pub before: Option<Week>,
    /// Another week's review speaks for this one.
    pub covered_by: Option<Date>,
}

impl Span {
    /// The Monday of the first week.
    pub fn from_on(&self) -> Date {
        self.weeks.first().map_or(Date::MIN, |week| week.monday)
    }

    /// The Monday of the week itself.
    pub fn week_on(&self) -> Date {
        self.weeks.last().map_or(Date::MIN, |week| week.monday)
    }

    /// The last school day: the day its review and feedback are due.
    pub fn last_day(&self) -> Date {
        self.weeks.last().and_then(|week| week.days.last().copied()).unwrap_or_else(|| self.week_on())
    }

    /// "16 to 19 November 2026": the first to the last school day.
    pub fn words(&self) -> String {
        let first = self.weeks.first().and_then(|week| week.days.first().copied());
        dates::range(first.unwrap_or_else(|| self.from_on()), self.last_day())
    }
}

/// How a week stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has a review of its own.
    Signed,
    /// The review of a later week, on this Monday, speaks for it.
    Covered(Date),
    /// Too few days were expected: it may be reviewed with the next.
    MayWait,
    /// A review is owed by this day.
    Owed(Date),
}

impl Weeks {
    /// School weeks from the first target's to the one of `today` or of the last day, oldest first. Empty
    /// without a target.
    pub fn school_weeks(&self, calendar: &SchoolCalendar, today: Date) -> Vec<Week> {
        let Some(first) = self.targets.iter().map(|target| target.starts_on).min() else {
            return Vec::new();
        };
        let last = self.closed_on.map_or(today, |closed| closed.min(today));
        let mut weeks = Vec::new();
        let mut at = monday(first);
        while at <= last {
            let week = calendar.week(at);
            if !week.days.is_empty() {
                weeks.push(week);
            }
            at += Duration::WEEK;
        }
        weeks
    }

    fn recorded(&self, on: Date) -> Option<&DayTotals> {
        self.days.binary_search_by_key(&on, |day| day.on).ok().and_then(|at| self.days.get(at))
    }

    /// Marks there could be on a school day; none when nothing is expected: no target, the whole day excused or
    /// known beforehand, the case closed.
    fn expected_on(&self, on: Date) -> Option<u32> {
        if self.closed_on.is_some_and(|closed| closed < on) {
            return None;
        }
        if let Some(day) = self.recorded(on) {
            return (!day.excused && day.expected > 0).then_some(day.expected);
        }
        if self.away.iter().any(|away| away.from_on <= on && on <= away.to_on) {
            return None;
        }
        let live = self.targets.iter().filter(|target| target.live_on(on)).count().min(MAX_TARGETS);
        let periods = self.periods.iter().filter(|period| period.within(on, on)).count();
        let marks = u32::try_from(live * periods).unwrap_or(0);
        (marks > 0).then_some(marks)
    }

    /// Marks are expected on this school day and none was made.
    pub fn unrecorded(&self, on: Date) -> bool {
        self.expected_on(on).is_some() && self.recorded(on).is_none_or(|day| day.recorded == 0)
    }

    /// School days of a whole week on which marks are expected.
    pub fn expected_days(&self, week: &Week) -> u32 {
        let days = week.days.iter().filter(|on| self.expected_on(**on).is_some()).count();
        u32::try_from(days).unwrap_or(0)
    }

    /// How a week stands.
    pub fn standing(&self, week: &Week, policy: &ProgrammePolicy) -> Standing {
        if self.reviews.iter().any(|review| review.week_on == week.monday) {
            return Standing::Signed;
        }
        let covering = self
            .reviews
            .iter()
            .find(|review| review.from_week_on <= week.monday && week.monday < review.week_on);
        if let Some(review) = covering {
            Standing::Covered(review.week_on)
        } else if self.expected_days(week) < policy.days_for_own_review {
            Standing::MayWait
        } else {
            Standing::Owed(week.days.last().copied().unwrap_or(week.monday))
        }
    }

    /// The week that begins on `at` with the weeks its review speaks for (S1.13): as signed, or those right
    /// before it that have too few expected days and no review. None: there is no such week to review.
    pub fn span(&self, weeks: &[Week], at: Date, policy: &ProgrammePolicy) -> Option<Span> {
        let index = weeks.iter().position(|week| week.monday == at)?;
        let standing = self.standing(weeks.get(index)?, policy);
        let covered_by = if let Standing::Covered(by) = standing { Some(by) } else { None };
        let from = match self.reviews.iter().find(|review| review.week_on == at) {
            Some(signed) => {
                weeks.iter().position(|week| week.monday >= signed.from_week_on).unwrap_or(index).min(index)
            }
            None if covered_by.is_some() => index,
            None => weeks[..index]
                .iter()
                .rposition(|week| self.standing(week, policy) != Standing::MayWait)
                .map_or(0, |last| last + 1),
        };
        Some(Span {
            weeks: weeks[from..=index].to_vec(),
            before: from.checked_sub(1).and_then(|before| weeks.get(before)).cloned(),
            covered_by,
        })
    }

    /// Totals of the days from one to another, both included.
    fn totals(&self, from: Date, to: Date) -> Totals {
        let mut totals = Totals::default();
        for day in self.days.iter().filter(|day| from <= day.on && day.on <= to) {
            totals += Totals { points: day.points, recorded: day.recorded, expected: day.expected };
        }
        totals
    }

    /// What the span came to, days after `today` left out.
    pub fn figures(&self, span: &Span, given: &Given, today: Date) -> WeekFigures {
        let (from, to) = (span.from_on(), (span.week_on() + Duration::days(6)).min(today));
        let totals = self.totals(from, to);
        let last = span
            .before
            .as_ref()
            .map_or(Totals::default(), |week| self.totals(week.monday, week.monday + Duration::days(6)));
        let (mut days_expected, mut unrecorded) = (0, 0);
        let mut by_day = Vec::new();
        for on in span.weeks.iter().flat_map(|week| &week.days).copied().filter(|on| *on <= to) {
            if let Some(marks) = self.expected_on(on) {
                days_expected += 1;
                if self.recorded(on).is_none() {
                    unrecorded += marks;
                }
            }
            let (points, recorded) = self.recorded(on).map_or((0, 0), |day| (day.points, day.recorded));
            let name = format!("{} {}", dates::weekday_short(on), dates::day_month(on));
            by_day.push((on.to_string(), Named { name, points, recorded }));
        }
        let within = |day: &&DayTotals| from <= day.on && day.on <= to && day.recorded > 0;
        let sessions = |week: &Week| -> u32 {
            given.planned.iter().filter(|p| p.active_in(week.monday)).map(|p| p.sessions).sum()
        };
        WeekFigures {
            points: totals.points,
            recorded: totals.recorded,
            expected: totals.expected + unrecorded,
            last_points: last.points,
            last_recorded: last.recorded,
            days_recorded: u32::try_from(self.days.iter().filter(within).count()).unwrap_or(0),
            days_expected,
            by_target: self.by_target(given, from, to),
            by_period: self.by_period(given, from, to),
            by_day,
            sessions_planned: span.weeks.iter().map(sessions).sum(),
            sessions_delivered: given.delivered,
        }
    }

    fn by_target(&self, given: &Given, from: Date, to: Date) -> Vec<(TargetId, Named)> {
        self.targets
            .iter()
            .filter_map(|target| {
                let (points, recorded) = summed(given, |marks| marks.target == target.id);
                let live = target.starts_on <= to && target.ended_on.is_none_or(|ended| ended >= from);
                (live || recorded > 0)
                    .then(|| (target.id, Named { name: target.words.clone(), points, recorded }))
            })
            .collect()
    }

    fn by_period(&self, given: &Given, from: Date, to: Date) -> Vec<Named> {
        let held = || self.periods.iter().filter(|period| period.within(from, to));
        let mut numbers: Vec<i16> = held().map(|period| period.number).collect();
        // A period the school no longer has keeps its marks.
        numbers.extend(given.marks.iter().map(|marks| marks.period));
        numbers.sort_unstable();
        numbers.dedup();
        numbers
            .into_iter()
            .map(|number| {
                let (points, recorded) = summed(given, |marks| marks.period == number);
                // Periods that changed within these days: as they are called at the end.
                let label =
                    held().filter(|period| period.number == number).max_by_key(|period| period.from_on);
                let name = label.map_or_else(|| format!("Period {number}"), |period| period.label.clone());
                Named { name, points, recorded }
            })
            .collect()
    }

    /// Weeks signed before this one, newest first.
    pub fn signed_before(&self, week_on: Date) -> Vec<Signed> {
        self.reviews
            .iter()
            .filter(|review| review.week_on < week_on)
            .map(|review| Signed { week_on: review.week_on, overall: review.overall })
            .collect()
    }

    /// The nearest date of the targets worked on at the end of a week.
    pub fn due_on(&self, last_day: Date) -> Option<Date> {
        self.targets.iter().filter(|target| target.live_on(last_day)).map(|target| target.due_on).min()
    }
}

fn summed(given: &Given, wanted: impl Fn(&MarksOf) -> bool) -> (u32, u32) {
    given
        .marks
        .iter()
        .filter(|marks| wanted(marks))
        .fold((0, 0), |(points, recorded), marks| (points + marks.points, recorded + marks.recorded))
}

/// The Monday a week is named by: `YYYY-MM-DD` and nothing else. None: no such week.
pub fn named(text: &str) -> Option<Date> {
    let date = Date::parse(text, &time::format_description::well_known::Iso8601::DATE).ok()?;
    (date.to_string() == text && monday(date) == date).then_some(date)
}

fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = String::deserialize(from)?;
    Date::parse(&text, &time::format_description::well_known::Iso8601::DATE).map_err(serde::de::Error::custom)
}

fn optional_day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| Date::parse(&text, &time::format_description::well_known::Iso8601::DATE))
        .transpose()
        .map_err(serde::de::Error::custom)
}
