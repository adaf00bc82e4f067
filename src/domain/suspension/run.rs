//! Runs of consecutive excluded school days, and education from the sixth (2.4).

use std::collections::BTreeSet;

use time::Date;

use super::{HalfDays, Session, lost::Lost, record::Suspension, tiers::Deadline};
use crate::domain::{
    calendar::{NotLoaded, SchoolCalendar},
    pupil::YearGroup,
};

/// The day of a run from which there is suitable full-time education.
pub const SIXTH: usize = 6;

/// School days in a row on each of which the pupil is out for a session at least, over one exclusion or several
/// (R-6, T10). Our reading: a day with only its lunchtime lost is none of them and ends a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The days, in order.
    pub days: Vec<Date>,
    /// Those with only one session lost: somebody looks at such a run (2.4).
    pub part_days: Vec<Date>,
}

impl Run {
    /// The sixth day.
    pub fn sixth(&self) -> Option<Date> {
        self.days.get(SIXTH - 1).copied()
    }

    /// Its sixth day depends on a day with only one session lost.
    pub fn is_for_a_human_look(&self) -> bool {
        self.sixth().is_some_and(|sixth| self.part_days.iter().any(|day| *day <= sixth))
    }
}

/// The runs in what a pupil lost at one school, all its exclusions joined. Refuses when the calendar between
/// two of the days is not loaded.
pub fn runs(lost: &Lost, calendar: &SchoolCalendar) -> Result<Vec<Run>, NotLoaded> {
    let days: BTreeSet<Date> = lost.sessions().iter().map(|session| session.on).collect();
    let mut runs: Vec<Run> = Vec::new();
    for day in days {
        let part = lost.sessions_on(day) < HalfDays::A_DAY;
        let goes_on = match runs.last().and_then(|run| run.days.last()) {
            Some(before) => calendar.nth_school_day_after(*before, 1)? == day,
            None => false,
        };
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => {
                run.days.push(day);
                run.part_days.extend(part.then_some(day));
            }
            None => runs.push(Run { days: vec![day], part_days: part.then_some(day).into_iter().collect() }),
        }
    }
    Ok(runs)
}

/// The run that a day is in. Looks no further than there are other days lost, so that years long past need no
/// calendar.
pub fn run_with(lost: &Lost, day: Date, calendar: &SchoolCalendar) -> Result<Option<Run>, NotLoaded> {
    let days: BTreeSet<Date> = lost.sessions().iter().map(|session| session.on).collect();
    if !days.contains(&day) {
        return Ok(None);
    }
    let mut found = vec![day];
    let mut at = day;
    while days.first().is_some_and(|first| *first < at) {
        at = calendar.nth_school_day_before(at, 1)?;
        if !days.contains(&at) {
            break;
        }
        found.push(at);
    }
    found.reverse();
    at = day;
    while days.last().is_some_and(|last| *last > at) {
        at = calendar.nth_school_day_after(at, 1)?;
        if !days.contains(&at) {
            break;
        }
        found.push(at);
    }
    let part_days = found.iter().copied().filter(|day| lost.sessions_on(*day) < HalfDays::A_DAY).collect();
    Ok(Some(Run { days: found, part_days }))
}

/// Who arranges the education from the sixth day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Of a suspension: the governing board or proprietor.
    GoverningBoard,
    /// Of a permanent exclusion.
    LocalAuthority,
}

/// Whether education is owed from a sixth day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SixthDay {
    /// There is no sixth day.
    NotReached,
    /// Year 11 with no public exam left to sit.
    Exempt,
    /// From this day.
    Owed {
        /// The sixth day.
        on: Deadline,
        /// Who arranges it.
        by: Provider,
    },
}

/// The sixth day of the run a suspension is in. `others`: what the pupil's other suspensions at this school
/// took.
pub fn sixth_day(
    suspension: &Suspension,
    others: &Lost,
    leaver: Leaver,
    calendar: &SchoolCalendar,
) -> Result<SixthDay, NotLoaded> {
    let mut lost = suspension.lost();
    let Some(first) = lost.sessions().first().copied() else {
        return Ok(SixthDay::NotReached);
    };
    lost.join(others);
    let sixth = run_with(&lost, first.on, calendar)?.and_then(|run| run.sixth());
    Ok(match sixth {
        None => SixthDay::NotReached,
        Some(_) if leaver.is_exempt() => SixthDay::Exempt,
        Some(on) => SixthDay::Owed { on: Deadline::Computed(on), by: Provider::GoverningBoard },
    })
}

/// The sixth day of a permanent exclusion. Our reading: days of a suspension straight before it are days of the
/// same run, as the regulations count consecutive days and not decisions; that is earlier, never later.
pub fn sixth_day_of_permanent(
    others: &Lost,
    first: Session,
    leaver: Leaver,
    calendar: &SchoolCalendar,
) -> Result<SixthDay, NotLoaded> {
    if leaver.is_exempt() {
        return Ok(SixthDay::Exempt);
    }
    let mut joined = others.clone();
    joined.join(&Lost::of([first], []));
    let before = run_with(&joined, first.on, calendar)?
        .map_or(1, |run| run.days.iter().filter(|day| **day <= first.on).count());
    let on = match SIXTH.checked_sub(before).and_then(|left| u32::try_from(left).ok()) {
        Some(left) => Deadline::after(first.on, left, calendar),
        // The run was past its sixth day before this began: education is owed from the first day.
        None => Deadline::Computed(first.on),
    };
    Ok(SixthDay::Owed { on, by: Provider::LocalAuthority })
}

/// What decides the exception: a Year 11 pupil with no further public exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// The pupil's actual year.
    pub year: YearGroup,
    /// A public exam is still to be sat.
    pub exams_left: bool,
}

impl Leaver {
    /// No education is owed from the sixth day.
    pub fn is_exempt(self) -> bool {
        self.year >= YearGroup(11) && !self.exams_left
    }
}
