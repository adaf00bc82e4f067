//! School days and school weeks. A school day is a day on which the school has a session (domain 2.1): a
//! weekday inside a term that is no INSET day, closure or bank holiday. Outside the loaded school years the
//! answer is "cannot compute", never a guess.

use time::{Date, Duration, Weekday};

use super::dates;

/// What a span of days in a calendar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SpanKind {
    /// A term, first to last day, half-terms between.
    Term,
    /// A training day: no pupils.
    Inset,
    /// The school is closed for another reason.
    Closure,
    /// A bank holiday.
    BankHoliday,
}

impl SpanKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Term, Self::Inset, Self::Closure, Self::BankHoliday];

    /// In the middle of a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Inset => "INSET day",
            Self::Closure => "closure",
            Self::BankHoliday => "bank holiday",
        }
    }

    /// As one of the choices of a form.
    pub const fn choice(self) -> &'static str {
        match self {
            Self::Term => "Term: from the first to the last day pupils are in, without half-term",
            Self::Inset => "INSET day",
            Self::Closure => "Closure: the school is closed for another reason",
            Self::BankHoliday => "Bank holiday",
        }
    }

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Inset => "inset",
            Self::Closure => "closure",
            Self::BankHoliday => "bank_holiday",
        }
    }

    /// From what is stored or sent.
    pub fn from_stored(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == stored)
    }
}

/// Days from one to another, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: SpanKind,
    /// "Term 2", "Snow".
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Span {
    fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

/// What a day is at a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'a> {
    /// Pupils are in.
    School {
        /// The term's name.
        term: &'a str,
    },
    /// Saturday or Sunday.
    Weekend,
    /// A training day.
    Inset(&'a str),
    /// The school is closed.
    Closure(&'a str),
    /// A bank holiday.
    BankHoliday(&'a str),
    /// Between terms.
    Holiday,
    /// Outside the school years whose terms are loaded.
    NotLoaded,
}

/// The calendar for this day is not loaded, so nothing can be counted over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the school calendar does not cover {}", dates::long(*.0))]
pub struct NotLoaded(pub Date);

/// A Monday with the school days of its week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// The Monday.
    pub monday: Date,
    /// Its school days.
    pub days: Vec<Date>,
}

/// A school's calendar.
#[derive(Clone, Debug, Default)]
pub struct SchoolCalendar {
    terms: Vec<Span>,
    others: Vec<Span>,
}

/// The longest gap between two loaded terms that is still a holiday: the summer.
const LONGEST_HOLIDAY: Duration = Duration::days(60);

impl SchoolCalendar {
    /// From spans in any order.
    pub fn new(spans: Vec<Span>) -> Self {
        let (mut terms, mut others): (Vec<_>, Vec<_>) =
            spans.into_iter().partition(|s| s.kind == SpanKind::Term);
        terms.sort_by_key(|span| span.from);
        others.sort_by_key(|span| span.from);
        Self { terms, others }
    }

    /// The loaded terms, first to last.
    pub fn terms(&self) -> &[Span] {
        &self.terms
    }

    /// What `day` is.
    pub fn day(&self, day: Date) -> Day<'_> {
        let after = self.terms.partition_point(|term| term.from <= day);
        let before = after.checked_sub(1).map(|i| &self.terms[i]);
        let Some(term) = before.filter(|term| term.covers(day)) else {
            return match (before, self.terms.get(after)) {
                (Some(last), Some(next)) if next.from - last.to <= LONGEST_HOLIDAY => {
                    if weekend(day) {
                        Day::Weekend
                    } else {
                        Day::Holiday
                    }
                }
                _ => Day::NotLoaded,
            };
        };
        if weekend(day) {
            return Day::Weekend;
        }
        let off = self.others.iter().filter(|span| span.covers(day)).min_by_key(|span| match span.kind {
            SpanKind::BankHoliday => 0,
            SpanKind::Closure => 1,
            _ => 2,
        });
        match off {
            None => Day::School { term: &term.name },
            Some(span) => match span.kind {
                SpanKind::BankHoliday => Day::BankHoliday(&span.name),
                SpanKind::Closure => Day::Closure(&span.name),
                SpanKind::Inset | SpanKind::Term => Day::Inset(&span.name),
            },
        }
    }

    /// Whether pupils are in.
    pub fn is_school_day(&self, day: Date) -> bool {
        matches!(self.day(day), Day::School { .. })
    }

    /// School days from one day to another, both included. Nought when `to` is before `from`.
    pub fn school_days(&self, from: Date, to: Date) -> Result<u32, NotLoaded> {
        let mut count = 0;
        let mut day = from;
        while day <= to {
            match self.day(day) {
                Day::School { .. } => count += 1,
                Day::NotLoaded => return Err(NotLoaded(day)),
                _ => {}
            }
            day = next(day).ok_or(NotLoaded(day))?;
        }
        Ok(count)
    }

    /// The `n`th school day after `day`; day 1 is the first school day after it.
    pub fn nth_school_day_after(&self, day: Date, n: u32) -> Result<Date, NotLoaded> {
        self.walk(day, n, Date::next_day)
    }

    /// The `n`th school day before `day`.
    pub fn nth_school_day_before(&self, day: Date, n: u32) -> Result<Date, NotLoaded> {
        self.walk(day, n, Date::previous_day)
    }

    fn walk(&self, from: Date, n: u32, step: fn(Date) -> Option<Date>) -> Result<Date, NotLoaded> {
        let mut day = from;
        let mut left = n;
        while left > 0 {
            day = step(day).ok_or(NotLoaded(day))?;
            match self.day(day) {
                Day::School { .. } => left -= 1,
                Day::NotLoaded => return Err(NotLoaded(day)),
                _ => {}
            }
        }
        Ok(day)
    }

    /// `day` itself when it is a school day, else the latest one before it.
    pub fn latest_school_day(&self, day: Date) -> Option<Date> {
        if self.is_school_day(day) {
            return Some(day);
        }
        // A day after the last loaded term still has a latest school day: the term's own.
        let last = self.terms.iter().rev().find(|term| term.from <= day)?;
        let start = day.min(last.to);
        if self.is_school_day(start) { Some(start) } else { self.nth_school_day_before(start, 1).ok() }
    }

    /// The week `day` is in, Monday to Friday, with its school days.
    pub fn week(&self, day: Date) -> Week {
        let monday = monday(day);
        let days =
            (0..5).map(|n| monday + Duration::days(n)).filter(|day| self.is_school_day(*day)).collect();
        Week { monday, days }
    }

    /// School weeks (weeks with at least one school day) that begin after the week of `from` and not after
    /// the week of `to`: how many school weeks away `to` is.
    pub fn school_weeks(&self, from: Date, to: Date) -> Result<u32, NotLoaded> {
        let (mut week, last) = (monday(from) + Duration::WEEK, monday(to));
        let mut count = 0;
        while week <= last {
            if self.school_days(week, (week + Duration::days(4)).min(to.max(week)))? > 0 {
                count += 1;
            }
            week += Duration::WEEK;
        }
        Ok(count)
    }

    /// The latest `n` school days up to and including `day`, oldest first.
    pub fn latest_school_days(&self, day: Date, n: usize) -> Vec<Date> {
        let mut days = Vec::with_capacity(n);
        let mut at = self.latest_school_day(day);
        while let Some(found) = at {
            days.push(found);
            if days.len() == n {
                break;
            }
            at = self.nth_school_day_before(found, 1).ok();
        }
        days.reverse();
        days
    }
}

/// The Monday of a day's week.
pub fn monday(day: Date) -> Date {
    day - Duration::days(i64::from(day.weekday().number_days_from_monday()))
}

fn weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn next(day: Date) -> Option<Date> {
    day.next_day()
}

/// A school's own days over the authority's model. For a school year in which the school has terms of its
/// own, the model's terms are left out; the same for INSET days. Bank holidays and closures of the model stay.
pub fn layered(model: &[Span], own: &[Span]) -> Vec<Span> {
    let has_own = |kind: SpanKind, year: i32| {
        own.iter().any(|span| span.kind == kind && dates::first_year(span.from) == year)
    };
    model
        .iter()
        .filter(|span| match span.kind {
            SpanKind::Term | SpanKind::Inset => !has_own(span.kind, dates::first_year(span.from)),
            SpanKind::Closure | SpanKind::BankHoliday => true,
        })
        .chain(own)
        .cloned()
        .collect()
}
