//! The governing board's duty about an exclusion (2.5) and the days it has.

use time::Date;

use super::{HalfDays, Session, count::Sum, record::Exclusion, terms::Window};
use crate::domain::calendar::{NotLoaded, SchoolCalendar};

/// What the governing board has to do, least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Up to 5 days in the legal term.
    A,
    /// More than 5 and up to 15 days.
    B,
    /// More than 15 days.
    C,
    /// A permanent exclusion.
    D,
    /// A public exam or a national curriculum test would be missed.
    E,
}

impl Tier {
    /// From the legal term's total with this exclusion in it. A permanent exclusion is D whatever it misses; its
    /// exam still has to come first.
    pub const fn of(total: HalfDays, permanent: bool, misses_exam: bool) -> Self {
        if permanent {
            return Self::D;
        }
        if misses_exam {
            return Self::E;
        }
        match total.0 {
            0..=10 => Self::A,
            11..=30 => Self::B,
            _ => Self::C,
        }
    }

    /// What makes it so.
    pub const fn because(self) -> &'static str {
        match self {
            Self::A => "No more than 5 days in the legal term, and no exam missed",
            Self::B => "More than 5 and no more than 15 days in the legal term, and no exam missed",
            Self::C => "More than 15 days in the legal term",
            Self::D => "A permanent exclusion",
            Self::E => "The pupil would miss a public exam or a national curriculum test",
        }
    }

    /// The board's duty.
    pub const fn duty(self) -> &'static str {
        match self {
            Self::A => {
                "The governing board considers what the parents say, if they say anything. It does not have to \
                 meet, and it cannot bring the pupil back."
            }
            Self::B => {
                "If the parents make representations, the governing board considers within 50 school days of \
                 being told whether the pupil comes back. If they make none, it does not have to meet."
            }
            Self::C | Self::D => {
                "The governing board must consider within 15 school days of being told whether the pupil comes \
                 back, whether or not the parents say anything."
            }
            Self::E => {
                "The governing board must consider whether the pupil comes back, whether or not the parents say \
                 anything. It takes reasonable steps to meet before the exam; where that is not practicable, the \
                 chair of a maintained school may decide alone. In any case within 15 school days of being told."
            }
        }
    }

    /// School days from the day the board is told. None: there is no limit.
    pub const fn school_days(self) -> Option<u32> {
        match self {
            Self::A => None,
            Self::B => Some(50),
            Self::C | Self::D | Self::E => Some(15),
        }
    }

    /// The board considers only when parents make representations.
    pub const fn only_on_representations(self) -> bool {
        matches!(self, Self::A | Self::B)
    }

    /// N7: the board is told without delay; otherwise once a term (N8).
    pub const fn board_told_at_once(self) -> bool {
        !matches!(self, Self::A)
    }
}

/// The board's duty about one exclusion, from one legal term it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardDuty {
    /// How much.
    pub tier: Tier,
    /// The legal term. None: a permanent exclusion is not counted by term.
    pub window: Option<Window>,
    /// What the term comes to with this exclusion.
    pub total: HalfDays,
    /// The first exam that would be missed.
    pub exam: Option<Session>,
    /// Without the days at other schools it would be less. Our reading: they count (2.5); the page says so.
    pub by_other_schools: bool,
    /// Without lunchtimes it would be less.
    pub by_lunchtimes: bool,
}

/// The board's duties about an exclusion: one for each legal term it lies in, in order (C2, C3). `sum` is the
/// exclusion's own, `exams` every public exam and test the pupil is entered for.
pub fn board_duties(exclusion: &Exclusion, sum: &Sum, exams: &[Session]) -> Vec<BoardDuty> {
    let exam = exams.iter().copied().filter(|exam| exclusion.takes(*exam)).min();
    let tier = |total| Tier::of(total, exclusion.is_permanent(), exam.is_some());
    if exclusion.is_permanent() {
        let total = HalfDays::NONE;
        let (by_other_schools, by_lunchtimes) = (false, false);
        return vec![BoardDuty { tier: Tier::D, window: None, total, exam, by_other_schools, by_lunchtimes }];
    }
    sum.windows
        .iter()
        .map(|found| {
            let total = found.split.total();
            BoardDuty {
                tier: tier(total),
                window: Some(found.window),
                total,
                exam,
                by_other_schools: tier(total.minus(found.split.elsewhere)) < tier(total),
                by_lunchtimes: tier(total.minus(found.split.lunchtimes)) < tier(total),
            }
        })
        .collect()
}

/// The one that asks most of the board.
pub fn strictest(duties: &[BoardDuty]) -> Option<&BoardDuty> {
    duties.iter().max_by_key(|duty| duty.tier)
}

/// A day that is reckoned in school days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// This day.
    Computed(Date),
    /// It lies beyond the calendar (C6): nobody guesses.
    CannotCompute(NotLoaded),
}

impl Deadline {
    /// So many school days after a day. Our reading: day 1 is the first school day after it (2.5); the clerk
    /// confirms the date.
    pub fn after(day: Date, school_days: u32, calendar: &SchoolCalendar) -> Self {
        calendar.nth_school_day_after(day, school_days).into()
    }

    /// The day, when there is one.
    pub const fn day(self) -> Option<Date> {
        match self {
            Self::Computed(day) => Some(day),
            Self::CannotCompute(_) => None,
        }
    }
}

impl From<Result<Date, NotLoaded>> for Deadline {
    fn from(answer: Result<Date, NotLoaded>) -> Self {
        match answer {
            Ok(day) => Self::Computed(day),
            Err(not_loaded) => Self::CannotCompute(not_loaded),
        }
    }
}

/// By when the board considers, told on a day. None: no limit (tier A). Of tier B: if the parents make
/// representations.
pub fn consider_by(tier: Tier, told_on: Date, calendar: &SchoolCalendar) -> Option<Deadline> {
    tier.school_days().map(|days| Deadline::after(told_on, days, calendar))
}

/// The board should have met before an exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeExam {
    /// The last school day before it.
    pub by: Deadline,
    /// That day is not before the day the board was told. Otherwise the chair of a maintained school may decide
    /// alone.
    pub practicable: bool,
}

/// The last day to meet before an exam (2.5 E).
pub fn before_exam(exam: Session, told_on: Date, calendar: &SchoolCalendar) -> BeforeExam {
    let by = Deadline::from(calendar.nth_school_day_before(exam.on, 1));
    BeforeExam { by, practicable: by.day().is_none_or(|by| by >= told_on) }
}

/// School days the parents have to apply for an independent review of a permanent exclusion, and the panel to
/// sit once they have (2.5).
pub const REVIEW_DAYS: u32 = 15;

/// The last day for the parents to apply for an independent review, from the day of the board's written
/// decision; or for the panel to sit, from the day they applied.
pub fn review_by(from: Date, calendar: &SchoolCalendar) -> Deadline {
    Deadline::after(from, REVIEW_DAYS, calendar)
}
