//! The turn of the school year. Years move by themselves on 1 September ([`YearGroup::usual`]); what is left to do is to
//! take those who leave off the roll.

use time::{Date, Duration, Month};

use super::{dates, pupil::YearGroup};

/// The last year a school of the programme has (T.01: Years 7 to 11).
pub const LAST_YEAR: i16 = 11;
/// Longest reason for leaving.
pub const MAX_WHY: usize = 200;

/// The end of one school year and the beginning of the next, as it is seen from a day: from May on the one to come,
/// before that the one that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The calendar year in which both happen.
    year: i32,
}

impl Turn {
    /// The turn that is near on a day.
    pub fn near(today: Date) -> Self {
        let ends = dates::first_year(today) + 1;
        Self { year: if (Month::May..=Month::August).contains(&today.month()) { ends } else { ends - 1 } }
    }

    /// 31 August, the last day of the old year.
    pub fn last_day(self) -> Date {
        self.first_day() - Duration::DAY
    }

    /// 1 September, the first day of the new year.
    pub fn first_day(self) -> Date {
        Date::from_calendar_date(self.year, Month::September, 1).unwrap_or(Date::MAX)
    }

    /// "2025 to 2026"
    pub fn old_words(self) -> String {
        dates::school_year(self.last_day())
    }

    /// "2026 to 2027"
    pub fn new_words(self) -> String {
        dates::school_year(self.first_day())
    }

    /// The year a pupil was taught in when the old year ended.
    pub fn old_year(self, born_on: Date, offset: i16) -> YearGroup {
        YearGroup::actual(born_on, offset, self.last_day())
    }

    /// The day to suggest: the last day of the last term of the old year, where the calendar has it.
    pub fn suggested<'a>(self, terms: impl Iterator<Item = &'a super::calendar::Span>) -> Date {
        let old = self.last_day();
        terms
            .map(|term| term.to)
            .filter(|to| *to <= old && *to > old - Duration::days(122))
            .max()
            .unwrap_or(old)
    }

    /// Whether a calendar has terms of the new year.
    pub fn is_loaded<'a>(self, mut terms: impl Iterator<Item = &'a super::calendar::Span>) -> bool {
        let first = self.first_day();
        terms.any(|term| term.to >= first && term.from < first + Duration::days(365))
    }
}

/// Whether somebody whose days on the roll began on `from` can leave it at the end of `last`. The message otherwise.
pub fn may_leave(from: Date, last: Date, today: Date) -> Result<(), String> {
    if last < from {
        Err(format!("Last day on the roll must be on or after the first, {}", dates::long(from)))
    } else if last > today + Duration::days(366) {
        Err("Last day on the roll must be within a year from today".to_owned())
    } else {
        Ok(())
    }
}

/// Whether somebody who left at the end of `left` can be on the roll again from `back`. The message otherwise.
pub fn may_come_back(left: Date, back: Date, today: Date) -> Result<(), String> {
    if back <= left {
        Err(format!("First day back must be after the last day on the roll, {}", dates::long(left)))
    } else if back > today + Duration::days(366) {
        Err("First day back must be within a year from today".to_owned())
    } else {
        Ok(())
    }
}
