//! What a run of days shows, said carefully: run-chart signals, and the days before and after something changed. They
//! begin a conversation and decide nothing.

use std::cmp::Ordering;

use time::Date;

use super::{
    dates,
    monitoring::{Totals, share},
};

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

/// A signal: so many days one after another, from one of the given days to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which.
    pub kind: Kind,
    /// Days that count.
    pub days: usize,
    /// Recorded days between them that do not: on the median, for a shift; equal to the one before, for a trend.
    pub left_out: usize,
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

    /// In whole percent, rounded down as every percentage of points is.
    fn percent(self) -> u8 {
        u8::try_from(self.points * 100 / self.possible).unwrap_or(100)
    }
}

/// The recorded ones of these days, each with its place among them; none when they are fewer than [`ENOUGH`].
fn enough(days: &[Totals]) -> Option<Vec<(usize, Share)>> {
    let recorded = days.iter().enumerate().filter(|(_, day)| day.recorded > 0);
    let recorded: Vec<_> = recorded.map(|(at, day)| (at, Share::of(day))).collect();
    (recorded.len() >= ENOUGH).then_some(recorded)
}

/// The median: the middle one, or half way between the two in the middle.
fn median(of: &[(usize, Share)]) -> Share {
    let mut sorted: Vec<_> = of.iter().map(|(_, share)| *share).collect();
    sorted.sort_by(|a, b| a.cmp(*b));
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { sorted[half - 1].between(sorted[half]) } else { sorted[half] }
}

/// The middle of these days in whole percent: what "above the middle of these days" is measured from. None: too early
/// to tell.
pub fn middle(days: &[Totals]) -> Option<u8> {
    enough(days).map(|recorded| median(&recorded).percent())
}

/// The signals of these days, oldest first. None: fewer than [`ENOUGH`] of them are recorded, so it is too early to
/// tell. Days without a mark are passed over; so are days on the median, for a shift, and days that equal the one
/// before, for a trend, and [`Signal::words`] says so.
pub fn signals(days: &[Totals]) -> Option<Vec<Signal>> {
    let recorded = enough(days)?;
    let mut found = shifts(&recorded);
    let mut steps = Vec::new();
    for two in recorded.windows(2) {
        match two[1].1.cmp(two[0].1) {
            Ordering::Greater => steps.push((Kind::Rising, two[0].0, two[1].0)),
            Ordering::Less => steps.push((Kind::Falling, two[0].0, two[1].0)),
            Ordering::Equal => {}
        }
    }
    // So many days in a row are one step fewer.
    let trends = runs(steps.into_iter(), TREND - 1);
    found.extend(trends.into_iter().map(|signal| Signal { days: signal.days + 1, ..signal }));
    for signal in &mut found {
        let within = recorded.iter().filter(|(at, _)| (signal.from..=signal.to).contains(at)).count();
        signal.left_out = within - signal.days;
    }
    Some(found)
}

/// Runs on one side of the median. A median that is the best or the worst of the days has only one side, and one that
/// more than a quarter of the days are on is no middle: neither says anything.
fn shifts(recorded: &[(usize, Share)]) -> Vec<Signal> {
    let median = median(recorded);
    let sides: Vec<_> = recorded
        .iter()
        .filter_map(|(at, share)| match share.cmp(median) {
            Ordering::Greater => Some((Kind::Above, *at, *at)),
            Ordering::Less => Some((Kind::Below, *at, *at)),
            Ordering::Equal => None,
        })
        .collect();
    let both = [Kind::Above, Kind::Below].iter().all(|kind| sides.iter().any(|(side, ..)| side == kind));
    if both && sides.len() * 4 >= recorded.len() * 3 { runs(sides.into_iter(), SHIFT) } else { Vec::new() }
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
            _ => all.push(Signal { kind, days: 1, left_out: 0, from, to }),
        }
    }
    all.retain(|run| run.days >= least);
    all
}

impl Signal {
    /// "6 recorded days in a row above the middle of these days", and how many between them are left out.
    pub fn words(&self) -> String {
        let (where_to, left_out) = match self.kind {
            Kind::Above => (" above the middle of these days", "on the middle"),
            Kind::Below => (" below the middle of these days", "on the middle"),
            Kind::Rising => (", each higher than the one before", "equal to the one before"),
            Kind::Falling => (", each lower than the one before", "equal to the one before"),
        };
        let days = self.days;
        match self.left_out {
            0 => format!("{days} recorded days in a row{where_to}"),
            1 => format!("{days} recorded days{where_to}, when 1 day {left_out} is left out"),
            n => format!("{days} recorded days{where_to}, when {n} days {left_out} are left out"),
        }
    }
}

/// Why nothing is said of days of which fewer than [`ENOUGH`] are recorded, when the latest day recorded before them is
/// `earlier`: a young case and a gap in an old one are not the same.
pub fn too_few(days: &[Totals], earlier: Option<Date>) -> String {
    let recorded = days.iter().filter(|day| day.recorded > 0).count();
    match (earlier, recorded) {
        (None, _) => format!("Too early to tell: it takes {ENOUGH} recorded days."),
        (Some(_), 1) => {
            format!(
                "Too few marks to tell: 1 of these {} days is recorded, and it takes {ENOUGH}.",
                days.len()
            )
        }
        (Some(_), 1..) => format!(
            "Too few marks to tell: {recorded} of these {} days are recorded, and it takes {ENOUGH}.",
            days.len()
        ),
        (Some(day), 0) => format!(
            "Nothing to tell: no day since {} has marks, and it takes {ENOUGH} of these days.",
            dates::long(day)
        ),
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
