//! School days and school weeks. A school day is a day on which the school has a session (domain 2.1): a
//! weekday inside a term that is no INSET day, closure or bank holiday. Outside the loaded school years the
//! answer is "cannot compute", never a guess.

use std::sync::OnceLock;

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

    fn days(&self) -> impl Iterator<Item = Date> {
        let last = self.to;
        std::iter::successors(Some(self.from), |day| next(*day)).take_while(move |day| *day <= last)
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
    /// Made when days are first counted.
    counted: OnceLock<Counted>,
}

/// What days are counted with: looked up, where every day between would be looked at.
#[derive(Clone, Debug, Default)]
struct Counted {
    /// Every school day, first to last.
    days: Vec<Date>,
    /// Terms with no more than a holiday between them: from the first day of the first to the last of the last.
    loaded: Vec<(Date, Date)>,
}

impl Counted {
    fn of(calendar: &SchoolCalendar) -> Self {
        let mut off: Vec<Date> = calendar.others.iter().flat_map(Span::days).collect();
        off.sort_unstable();
        let mut counted = Self::default();
        for term in &calendar.terms {
            match counted.loaded.last_mut() {
                Some((_, to)) if term.from - *to <= LONGEST_HOLIDAY => *to = term.to,
                _ => counted.loaded.push((term.from, term.to)),
            }
            let open = |day: &Date| {
                !weekend(*day) && off.binary_search(day).is_err() && calendar.term(*day).is_some()
            };
            counted.days.extend(term.days().filter(open));
        }
        // Terms that overlap name a day twice.
        counted.days.sort_unstable();
        counted.days.dedup();
        counted
    }

    /// The loaded days around `day`.
    fn around(&self, day: Date) -> Result<(Date, Date), NotLoaded> {
        let after = self.loaded.partition_point(|(from, _)| *from <= day);
        let before = after.checked_sub(1).map(|i| self.loaded[i]);
        before.filter(|(_, to)| day <= *to).ok_or(NotLoaded(day))
    }

    /// How many school days there are before `day`.
    fn before(&self, day: Date) -> usize {
        self.days.partition_point(|one| *one < day)
    }
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
        Self { terms, others, counted: OnceLock::new() }
    }

    fn counted(&self) -> &Counted {
        self.counted.get_or_init(|| Counted::of(self))
    }

    /// The loaded terms, first to last.
    pub fn terms(&self) -> &[Span] {
        &self.terms
    }

    /// How many terms have begun on `day`.
    fn begun(&self, day: Date) -> usize {
        self.terms.partition_point(|term| term.from <= day)
    }

    /// The term `day` is in.
    fn term(&self, day: Date) -> Option<&Span> {
        self.begun(day).checked_sub(1).map(|i| &self.terms[i]).filter(|term| term.covers(day))
    }

    /// What `day` is.
    pub fn day(&self, day: Date) -> Day<'_> {
        let Some(term) = self.term(day) else {
            let after = self.begun(day);
            return match (after.checked_sub(1).map(|i| &self.terms[i]), self.terms.get(after)) {
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
        self.counted().days.binary_search(&day).is_ok()
    }

    /// School days from one day to another, both included. Nought when `to` is before `from`.
    pub fn school_days(&self, from: Date, to: Date) -> Result<u32, NotLoaded> {
        if to < from {
            return Ok(0);
        }
        let counted = self.counted();
        let (_, loaded_to) = counted.around(from)?;
        let after = next(to).ok_or(NotLoaded(to))?;
        if loaded_to < to {
            return Err(NotLoaded(next(loaded_to).unwrap_or(loaded_to)));
        }
        let days = counted.before(after) - counted.before(from);
        Ok(u32::try_from(days).unwrap_or(u32::MAX))
    }

    /// The `n`th school day after `day`; day 1 is the first school day after it.
    pub fn nth_school_day_after(&self, day: Date, n: u32) -> Result<Date, NotLoaded> {
        let Some(n) = place(n) else { return Ok(day) };
        let counted = self.counted();
        let first = next(day).ok_or(NotLoaded(day))?;
        let (_, loaded_to) = counted.around(first)?;
        let found = counted.before(first).checked_add(n).and_then(|at| counted.days.get(at));
        let found = found.filter(|found| **found <= loaded_to);
        found.copied().ok_or_else(|| NotLoaded(next(loaded_to).unwrap_or(loaded_to)))
    }

    /// The `n`th school day before `day`.
    pub fn nth_school_day_before(&self, day: Date, n: u32) -> Result<Date, NotLoaded> {
        let Some(n) = place(n) else { return Ok(day) };
        let counted = self.counted();
        let first = day.previous_day().ok_or(NotLoaded(day))?;
        let (loaded_from, _) = counted.around(first)?;
        let found = counted.before(day).checked_sub(n + 1).and_then(|at| counted.days.get(at));
        let found = found.filter(|found| **found >= loaded_from);
        found.copied().ok_or_else(|| NotLoaded(loaded_from.previous_day().unwrap_or(loaded_from)))
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

/// The `n`th as it is counted from nought.
fn place(n: u32) -> Option<usize> {
    n.checked_sub(1).map(|n| usize::try_from(n).unwrap_or(usize::MAX - 1))
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
