//! The daily sheet (S1.11): marks of 0, 1 or 2 points, one target in one period; reasons that take a period
//! out of the points possible; totals; and how two people's marks of one cell meet.

use std::{collections::BTreeMap, fmt};

use time::Date;

use super::{calendar::SchoolCalendar, dates, ids::TargetId, text::thousands};

/// Most targets a sheet shows.
pub const MAX_TARGETS: usize = 5;

/// Why a period has no marks. It leaves the points possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not in school.
    Absent,
    /// Came too late to be marked.
    Late,
    /// In an examination.
    Exam,
    /// Taught elsewhere.
    OffSite,
    /// Suspended.
    Suspended,
    /// The school was closed to this pupil's year.
    NotSchoolDay,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Absent, Self::Late, Self::Exam, Self::OffSite, Self::Suspended, Self::NotSchoolDay];

    /// The key that sets it, and what a cell shows.
    pub fn letter(self) -> char {
        match self {
            Self::Absent => 'a',
            Self::Late => 'l',
            Self::Exam => 'x',
            Self::OffSite => 'o',
            Self::Suspended => 's',
            Self::NotSchoolDay => 'n',
        }
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Absent => "Absent",
            Self::Late => "Late",
            Self::Exam => "Exam",
            Self::OffSite => "Off site",
            Self::Suspended => "Suspended",
            Self::NotSchoolDay => "Not a school day",
        }
    }

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Late => "late",
            Self::Exam => "exam",
            Self::OffSite => "off_site",
            Self::Suspended => "suspended",
            Self::NotSchoolDay => "not_school_day",
        }
    }

    /// From how it is stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What stands in one cell: one target in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Not recorded.
    #[default]
    Blank,
    /// 0, 1 or 2 points.
    Points(u8),
    /// The period has no marks, for this reason.
    Reason(Reason),
}

impl Cell {
    /// From what a form holds: "", "0" to "2", or a reason's letter in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (None, _) => Some(Self::Blank),
            (Some(c @ '0'..='2'), None) => Some(Self::Points(u8::try_from(c.to_digit(10)?).ok()?)),
            (Some(c), None) => {
                let c = c.to_ascii_lowercase();
                Reason::ALL.into_iter().find(|reason| reason.letter() == c).map(Self::Reason)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Points(points) => points.fmt(f),
            Self::Reason(reason) => reason.letter().fmt(f),
        }
    }
}

/// How what somebody sent meets what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// What is stored stays.
    Keep,
    /// What was sent is stored.
    Take,
    /// Both were changed since the sender looked, differently: the sender chooses.
    Clash,
}

/// Meets `mine` with `theirs`, both made from `base`: nothing is overwritten unseen.
pub fn merge(base: Cell, theirs: Cell, mine: Cell) -> Merged {
    if mine == theirs || mine == base {
        Merged::Keep
    } else if theirs == base {
        Merged::Take
    } else {
        Merged::Clash
    }
}

/// One pupil's day: targets by periods.
#[derive(Clone, Debug, Default)]
pub struct DaySheet {
    /// Targets, in their order.
    pub targets: Vec<TargetId>,
    /// Period numbers, in their order.
    pub periods: Vec<i16>,
    marks: BTreeMap<(TargetId, i16), u8>,
    reasons: BTreeMap<i16, Reason>,
}

impl DaySheet {
    /// An empty sheet.
    pub fn new(targets: Vec<TargetId>, periods: Vec<i16>) -> Self {
        Self { targets, periods, marks: BTreeMap::new(), reasons: BTreeMap::new() }
    }

    /// What stands in a cell. A period's reason stands in all its cells.
    pub fn cell(&self, target: TargetId, period: i16) -> Cell {
        match (self.reasons.get(&period), self.marks.get(&(target, period))) {
            (Some(reason), _) => Cell::Reason(*reason),
            (None, Some(points)) => Cell::Points(*points),
            (None, None) => Cell::Blank,
        }
    }

    /// Sets or takes back a mark.
    pub fn mark(&mut self, target: TargetId, period: i16, points: Option<u8>) {
        match points {
            Some(points) => self.marks.insert((target, period), points.min(2)),
            None => self.marks.remove(&(target, period)),
        };
    }

    /// Sets or takes back a period's reason. Marks of the period do not count while it has one.
    pub fn excuse(&mut self, period: i16, reason: Option<Reason>) {
        match reason {
            Some(reason) => self.reasons.insert(period, reason),
            None => self.reasons.remove(&period),
        };
    }

    /// The period's reason.
    pub fn reason(&self, period: i16) -> Option<Reason> {
        self.reasons.get(&period).copied()
    }

    /// The mark of a cell, whatever the period's reason.
    pub fn points(&self, target: TargetId, period: i16) -> Option<u8> {
        self.marks.get(&(target, period)).copied()
    }

    /// The reason every period shares, when they do.
    pub fn whole_day(&self) -> Option<Reason> {
        let mut reasons = self.periods.iter().map(|period| self.reason(*period));
        let first = reasons.next()??;
        reasons.all(|reason| reason == Some(first)).then_some(first)
    }

    /// The day's totals.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for period in &self.periods {
            for target in &self.targets {
                match self.cell(*target, *period) {
                    Cell::Reason(_) => {}
                    Cell::Blank => totals.expected += 1,
                    Cell::Points(points) => {
                        totals.expected += 1;
                        totals.recorded += 1;
                        totals.points += u32::from(points);
                    }
                }
            }
        }
        totals
    }
}

/// Points and marks of a day, a week, a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Points earned.
    pub points: u32,
    /// Marks made. Each is worth up to 2 points.
    pub recorded: u32,
    /// Marks there could be: excused periods left out, blanks counted.
    pub expected: u32,
}

impl Totals {
    /// Points possible: two for each mark made. A blank is not recorded and a reason is not possible.
    pub fn possible(self) -> u32 {
        2 * self.recorded
    }

    /// Percent earned, rounded down as [`percent`] says; none without a mark.
    pub fn percent(self) -> Option<u8> {
        percent(self.points, self.possible())
    }

    /// At or above a goal in percent, exactly (no rounding). No without a mark.
    pub fn reaches(self, goal: u32) -> bool {
        self.recorded > 0 && self.points * 100 >= goal * self.possible()
    }

    /// "37 of 50 points (74%)"
    pub fn words(self) -> String {
        share(self.points, self.possible())
    }

    /// "25 of 27 marks recorded"
    pub fn recorded_words(self) -> String {
        if self.expected == 0 {
            "no marks expected".to_owned()
        } else {
            format!(
                "{} of {} marks recorded",
                thousands(self.recorded.into()),
                thousands(self.expected.into())
            )
        }
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.recorded += other.recorded;
        self.expected += other.expected;
    }
}

/// "37 of 50 points (74%)"; never a bare percent.
pub fn share(points: u32, possible: u32) -> String {
    match percent(points, possible) {
        Some(percent) => {
            format!("{} of {} points ({percent}%)", thousands(points.into()), thousands(possible.into()))
        }
        None => "no points recorded".to_owned(),
    }
}

/// Points in whole percent of those possible, rounded down; none: none were possible. A goal is a whole percent, so what
/// is shown is at or above it exactly when [`Totals::reaches`] says so: 35 of 44 points are 79%, and below a goal of 80%.
pub fn percent(points: u32, possible: u32) -> Option<u8> {
    (possible > 0).then(|| u8::try_from(u64::from(points) * 100 / u64::from(possible)).unwrap_or(100))
}

/// The sentence over a chart of days (oldest first): what the days show, and honestly when they are too few. `earlier`
/// is the latest day that was recorded before them, when there is one.
pub fn progress_sentence(days: &[Totals], goal: u32, earlier: Option<Date>) -> String {
    let recorded: Vec<_> = days.iter().filter(|day| day.recorded > 0).collect();
    let reached = recorded.iter().filter(|day| day.reaches(goal)).count();
    match (recorded.len(), earlier) {
        (0, None) => "No days recorded yet".to_owned(),
        (0, Some(day)) => {
            format!("No marks on any of these {} days, last recorded on {}", days.len(), dates::long(day))
        }
        (1, None) => "1 day recorded: too early to tell".to_owned(),
        (n @ 2..=4, None) => {
            format!("At or above the {goal}% goal on {reached} of {n} days: too early to tell")
        }
        (1, Some(_)) => format!("1 of these {} days recorded: too few to tell", days.len()),
        (n @ 2..=4, Some(_)) => format!(
            "At or above the {goal}% goal on {reached} of {n} recorded days, of {} days: too few to tell",
            days.len()
        ),
        (n, _) => format!("At or above the {goal}% goal on {reached} of the last {n} recorded days"),
    }
}

/// These days, oldest first, and between the first and the last of them the school days that are missing: nobody
/// recorded anything about them, and a chart that leaves them out draws a line across.
pub fn with_missing_days<T>(days: Vec<(Date, T)>, calendar: &SchoolCalendar) -> Vec<(Date, Option<T>)> {
    let mut all: Vec<(Date, Option<T>)> = Vec::with_capacity(days.len());
    for (day, of) in days {
        let mut at = all.last().and_then(|(last, _)| last.next_day());
        while let Some(missing) = at.filter(|at| *at < day) {
            if calendar.is_school_day(missing) {
                all.push((missing, None));
            }
            at = missing.next_day();
        }
        all.push((day, Some(of)));
    }
    all
}

/// Why a day cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRecord {
    /// It has not come yet.
    #[error("This day has not come yet. Marks can be entered on the day itself and afterwards.")]
    Future,
    /// Pupils are not in.
    #[error("{0} is not a school day ({1}), so there is nothing to record.")]
    NotSchoolDay(String, String),
    /// Further back than this person sees.
    #[error("Staff record the last ten school days. Ask the school lead to fill in an earlier day.")]
    TooFarBack,
}

/// Entered after its own day.
pub fn entered_late(day: Date, today: Date) -> bool {
    day < today
}
