//! What a run of days shows, said carefully: run-chart signals, and the days before and after something changed. They
//! begin a conversation and decide nothing.

use std::cmp::Ordering;

use time::Date;

use super::monitoring::{Totals, share};

/// Recorded days below which nothing is said.
pub const ENOUGH: usize = 10;
/// Days in a row on one side of the median that are more than chance.
pub const SHIFT: usize = 6;
/// Days in a row that rise, or fall.
pub const TREND: usize = 5;
/// Most recorded days looked at on each side of a change.
pub const AROUND: usize = 10;
/// Recorded days on each side below which the two sides are not compared.
pub const FEW: usize = 5;

/// What the days show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All above the median of the days.
    Above,
    /// All below it.
    Below,
    /// Each above the one before.
    Rising,
    /// Each below the one before.
    Falling,
}

/// A signal: so many days in a row, from one of the given days to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub kind: Kind,
    /// Days that count.
    pub days: usize,
    /// The place of the first of them among the days given.
    pub from: usize,
    /// The place of the last.
    pub to: usize,
}

/// A share of points, exactly.
#[derive(Clone, Copy, Debug)]
struct Share {
    points: u64,
    possible: u64,
}

impl Share {
    fn of(day: &Totals) -> Self {
        Self { points: u64::from(day.points), possible: u64::from(day.possible()) }
    }

    fn cmp(self, other: Self) -> Ordering {
        (self.points * other.possible).cmp(&(other.points * self.possible))
    }

    /// Half way between two.
    fn between(self, other: Self) -> Self {
        Self {
            points: self.points * other.possible + other.points * self.possible,
            possible: 2 * self.possible * other.possible,
        }
    }
}

/// The signals of these days, oldest first. None: fewer than [`ENOUGH`] of them are recorded, so it is too early to
/// tell. Days without a mark are passed over; so are days on the median, for a shift, and days that equal the one
/// before, for a trend.
pub fn signals(days: &[Totals]) -> Option<Vec<Signal>> {
    let recorded: Vec<(usize, Share)> = days
        .iter()
        .enumerate()
        .filter(|(_, day)| day.recorded > 0)
        .map(|(at, day)| (at, Share::of(day)))
        .collect();
    if recorded.len() < ENOUGH {
        return None;
    }
    let median = {
        let mut sorted: Vec<_> = recorded.iter().map(|(_, share)| *share).collect();
        sorted.sort_by(|a, b| a.cmp(*b));
        let half = sorted.len() / 2;
        if sorted.len().is_multiple_of(2) { sorted[half - 1].between(sorted[half]) } else { sorted[half] }
    };
    let sides = recorded.iter().filter_map(|(at, share)| match share.cmp(median) {
        Ordering::Greater => Some((Kind::Above, *at, *at)),
        Ordering::Less => Some((Kind::Below, *at, *at)),
        Ordering::Equal => None,
    });
    let mut found = runs(sides, SHIFT);
    let mut steps = Vec::new();
    let mut last = recorded[0];
    for next in &recorded[1..] {
        match next.1.cmp(last.1) {
            Ordering::Greater => steps.push((Kind::Rising, last.0, next.0)),
            Ordering::Less => steps.push((Kind::Falling, last.0, next.0)),
            Ordering::Equal => continue,
        }
        last = *next;
    }
    // So many days in a row are one step fewer.
    let trends = runs(steps.into_iter(), TREND - 1);
    found.extend(trends.into_iter().map(|signal| Signal { days: signal.days + 1, ..signal }));
    Some(found)
}

/// Runs of one kind, at least so long.
fn runs(of: impl Iterator<Item = (Kind, usize, usize)>, least: usize) -> Vec<Signal> {
    let mut all: Vec<Signal> = Vec::new();
    for (kind, from, to) in of {
        match all.last_mut() {
            Some(run) if run.kind == kind => {
                run.days += 1;
                run.to = to;
            }
            _ => all.push(Signal { kind, days: 1, from, to }),
        }
    }
    all.retain(|run| run.days >= least);
    all
}

impl Signal {
    /// "6 recorded days in a row above the middle of these days"
    pub fn words(&self) -> String {
        match self.kind {
            Kind::Above => format!("{} recorded days in a row above the middle of these days", self.days),
            Kind::Below => format!("{} recorded days in a row below the middle of these days", self.days),
            Kind::Rising => format!("{} recorded days in a row, each higher than the one before", self.days),
            Kind::Falling => format!("{} recorded days in a row, each lower than the one before", self.days),
        }
    }
}

/// One side of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Recorded days.
    pub days: usize,
    /// What they came to.
    pub totals: Totals,
}

/// The recorded days before and from a day on, at most [`AROUND`] on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Before it.
    pub before: Side,
    /// That day and after.
    pub after: Side,
}

/// The days around `on`, of days oldest first.
pub fn around(days: &[(Date, Totals)], on: Date) -> Around {
    let recorded = || days.iter().filter(|(_, totals)| totals.recorded > 0);
    let side = |days: Vec<&(Date, Totals)>| {
        let mut side = Side { days: days.len(), ..Side::default() };
        for (_, totals) in days {
            side.totals += *totals;
        }
        side
    };
    Around {
        before: side(recorded().rev().filter(|(day, _)| *day < on).take(AROUND).collect()),
        after: side(recorded().filter(|(day, _)| *day >= on).take(AROUND).collect()),
    }
}

impl Around {
    /// Both sides have enough recorded days to stand beside each other.
    pub fn comparable(&self) -> bool {
        self.before.days >= FEW && self.after.days >= FEW
    }

    /// Both sides with their points, or which one has too few days.
    pub fn words(&self) -> String {
        let days = |n: usize| if n == 1 { "1 recorded day".to_owned() } else { format!("{n} recorded days") };
        if !self.comparable() {
            return format!(
                "Too few days to compare: {} before and {} since; it takes {FEW} on each side",
                days(self.before.days),
                days(self.after.days)
            );
        }
        let side = |side: &Side| {
            format!("{} over {}", share(side.totals.points, side.totals.possible()), days(side.days))
        };
        format!("Before: {}. Since: {}", side(&self.before), side(&self.after))
    }
}
