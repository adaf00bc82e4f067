//! The legal terms, by date and never by a school's term labels, and the school year of the 45 days.

use std::fmt;

use time::{Date, Duration, Month, util};

use super::words;
use crate::domain::{
    calendar::{NotLoaded, SchoolCalendar},
    dates,
};

words! {
    /// A term as the exclusion rules mean it: the span between the regulations' reference dates (2.1). South
    /// Gloucestershire's six terms lie inside these three.
    LegalTerm {
        /// 1 August to 31 December.
        Autumn = "autumn", "Autumn";
        /// 1 January to Easter Sunday.
        Spring = "spring", "Spring";
        /// Easter Monday to 31 July.
        Summer = "summer", "Summer";
    }
}

/// A legal term of a certain year, first and last day included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Which of the three.
    pub term: LegalTerm,
}

impl Window {
    /// The one a day is in.
    pub fn of(on: Date) -> Self {
        let easter_monday = easter_monday(on);
        let (august, end) = (first_of_august(on), last_of_december(on));
        if on >= august {
            Self { from: august, to: end, term: LegalTerm::Autumn }
        } else if on < easter_monday {
            Self { from: first_of_january(on), to: easter_monday - Duration::DAY, term: LegalTerm::Spring }
        } else {
            Self { from: easter_monday, to: august - Duration::DAY, term: LegalTerm::Summer }
        }
    }

    /// Whether a day lies in it.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The calendar year in which its school year begins.
    pub fn first_year(&self) -> i32 {
        august_year(self.from)
    }
}

/// "Autumn, 1 August to 31 December 2023"
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.term.label(), dates::range(self.from, self.to))
    }
}

/// The calendar year in which a year that runs from August to July begins.
pub fn august_year(on: Date) -> i32 {
    if on.month() >= Month::August { on.year() } else { on.year() - 1 }
}

fn first_of_january(on: Date) -> Date {
    on - Duration::days(i64::from(on.ordinal()) - 1)
}

/// Days from 1 January to 1 March of a year.
fn to_march(year: i32) -> i64 {
    59 + i64::from(util::is_leap_year(year))
}

fn first_of_august(on: Date) -> Date {
    first_of_january(on) + Duration::days(to_march(on.year()) + 153)
}

fn last_of_december(on: Date) -> Date {
    first_of_january(on) + Duration::days(to_march(on.year()) + 305)
}

/// Easter Monday of the calendar year a day is in: the anonymous Gregorian reckoning.
pub fn easter_monday(in_year_of: Date) -> Date {
    let year = i64::from(in_year_of.year());
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let moon = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - century.div_euclid(4) - moon + 15).rem_euclid(30);
    let sunday =
        (32 + 2 * century.rem_euclid(4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * sunday).div_euclid(451);
    // Easter Sunday is this many days after 22 March, which is 21 days after the first.
    let after = epact + sunday - 7 * late;
    first_of_january(in_year_of) + Duration::days(to_march(in_year_of.year()) + 21 + after + 1)
}

/// A school year as the 45 days mean it: from the first school term that begins after July to the beginning of
/// the next such term (2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchoolYear {
    /// The calendar year it begins in.
    pub first: i32,
    /// Its first day.
    pub from: Date,
    /// The first day of the next, when that calendar is loaded.
    pub until: Option<Date>,
    /// Nobody loaded the terms, and 1 September was taken on request.
    pub assumed: bool,
}

impl SchoolYear {
    /// Whether a day out of this school lies in it. Unknown when the day is after July and the next year's terms
    /// are not loaded.
    pub fn has(&self, day: Date) -> Result<bool, NotLoaded> {
        match self.until {
            _ if day < self.from => Ok(false),
            Some(until) => Ok(day < until),
            None if august_year(day) == self.first => Ok(true),
            None => Err(NotLoaded(day)),
        }
    }

    /// Whether a day out of another school lies in it. Our reading: that school's calendar is not known here, its
    /// terms may begin some days earlier, and a session in August or September is one of the new year.
    pub fn has_elsewhere(&self, day: Date) -> bool {
        august_year(day) == self.first
    }
}

/// "2023 to 2024"
impl fmt::Display for SchoolYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.first + 1)
    }
}

/// How it is known when a school year begins.
#[derive(Clone, Copy, Debug)]
pub enum Years<'a> {
    /// By the terms of the excluding school. Where they are not loaded, nothing is guessed.
    Calendar(&'a SchoolCalendar),
    /// On 1 September, because somebody asked for it; the answer says that it was assumed.
    FirstOfSeptember,
}

impl Years<'_> {
    /// The school year a day is in.
    pub fn of(&self, on: Date) -> Result<SchoolYear, NotLoaded> {
        match self {
            Self::Calendar(calendar) => by_terms(calendar, on),
            Self::FirstOfSeptember => {
                let first = dates::first_year(on);
                let september =
                    |year| Date::from_calendar_date(year, Month::September, 1).map_err(|_| NotLoaded(on));
                let (from, until) = (september(first)?, Some(september(first + 1)?));
                Ok(SchoolYear { first, from, until, assumed: true })
            }
        }
    }
}

fn by_terms(calendar: &SchoolCalendar, on: Date) -> Result<SchoolYear, NotLoaded> {
    let latest = august_year(on);
    let begins = first_term(calendar, latest).ok_or(NotLoaded(on))?;
    // Before the first term begins, August and the first days of September are still the old year.
    let first = if on < begins { latest - 1 } else { latest };
    let from = first_term(calendar, first).ok_or(NotLoaded(on))?;
    Ok(SchoolYear { first, from, until: first_term(calendar, first + 1), assumed: false })
}

/// The first day of the first term that begins after July of a year. A term that begins later than September is
/// not the first: the calendar has a gap, and that is no answer.
fn first_term(calendar: &SchoolCalendar, year: i32) -> Option<Date> {
    calendar
        .terms()
        .iter()
        .map(|term| term.from)
        .find(|from| from.year() == year && matches!(from.month(), Month::August | Month::September))
}
