//! Changing a calendar, the authority's model or a school's own days: what may be added, what is there already, and
//! what the spans are afterwards. Which due dates move is reckoned over both calendars before anything is saved.

use time::{Date, Duration};

use super::{
    calendar::{Span, SpanKind},
    dates,
    ids::SpanId,
};

/// Longest name of a span.
pub const MAX_NAME: usize = 60;
/// Most days a span may have: a term is shorter than half a year.
pub const MAX_DAYS: i64 = 200;

/// A change of one calendar.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Spans that come in.
    pub add: Vec<Span>,
    /// A span that becomes another.
    pub replace: Option<(SpanId, Span)>,
    /// A span that goes out.
    pub remove: Option<SpanId>,
}

impl Change {
    /// The spans of the calendar after the change.
    pub fn applied(&self, spans: &[(SpanId, Span)]) -> Vec<Span> {
        let replaced = |id: SpanId| self.replace.as_ref().filter(|(of, _)| *of == id).map(|(_, span)| span);
        spans
            .iter()
            .filter(|(id, _)| self.remove != Some(*id))
            .map(|(id, span)| replaced(*id).unwrap_or(span).clone())
            .chain(self.add.iter().cloned())
            .collect()
    }

    /// Two terms of the calendar that overlap after the change, if any do.
    pub fn overlapping_terms(&self, spans: &[(SpanId, Span)]) -> Option<(Span, Span)> {
        let mut terms: Vec<_> =
            self.applied(spans).into_iter().filter(|span| span.kind == SpanKind::Term).collect();
        terms.sort_by_key(|term| term.from);
        terms
            .windows(2)
            .find(|pair| pair[1].from <= pair[0].to)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
    }
}

/// Whether the days of a span can be kept: a first day not after the last, not too many days, not more than three years
/// from today. The field and the message otherwise.
pub fn days_fit(from: Date, to: Date, today: Date) -> Result<(), (&'static str, String)> {
    let far = Duration::days(3 * 366);
    if to < from {
        Err(("to", "Last day must not be before the first day".to_owned()))
    } else if (to - from).whole_days() >= MAX_DAYS {
        Err(("to", format!("From first to last day there must be fewer than {MAX_DAYS} days")))
    } else if from < today - far || from > today + far {
        Err(("from", "First day must be within three years of today".to_owned()))
    } else {
        Ok(())
    }
}

/// Spans to bring in, without those that are there already (the same kind on the same days) or come twice: those that
/// are new, and those that are not.
pub fn new_ones(wanted: Vec<Span>, there: &[(SpanId, Span)]) -> (Vec<Span>, Vec<Span>) {
    let same = |a: &Span, b: &Span| (a.kind, a.from, a.to) == (b.kind, b.from, b.to);
    let (mut new, mut known): (Vec<Span>, Vec<Span>) = (Vec::new(), Vec::new());
    for span in wanted {
        let twice = new.iter().any(|other| same(other, &span));
        if twice || there.iter().any(|(_, other)| same(other, &span)) {
            known.push(span);
        } else {
            new.push(span);
        }
    }
    (new, known)
}

/// The model's terms and INSET days of a school year, for a school that goes on from them with days of its own. Its bank
/// holidays and closures hold for every school as they are.
pub fn from_model(model: &[(SpanId, Span)], year: i32) -> Vec<Span> {
    of_year(model, year).filter(|span| matches!(span.kind, SpanKind::Term | SpanKind::Inset)).collect()
}

/// The spans of the school year before, 52 weeks later: the same days of the week. Bank holidays are left out, they do
/// not keep to weeks. What would begin in the last days of August, which are the old school year, begins on the first
/// weekday from 1 September.
pub fn from_last_year(spans: &[(SpanId, Span)], year: i32) -> Vec<Span> {
    of_year(spans, year - 1)
        .filter(|span| span.kind != SpanKind::BankHoliday)
        .map(|span| {
            let from = in_year(span.from + Duration::weeks(52), year);
            let to = (span.to + Duration::weeks(52)).max(from);
            Span { name: next_year(&span.name), from, to, kind: span.kind }
        })
        .collect()
}

/// The day, or the first weekday of the school year when it is before that.
fn in_year(day: Date, year: i32) -> Date {
    let weekday = |day: &Date| day.weekday().number_days_from_monday() < 5;
    let before = |day: &Date| dates::first_year(*day) < year;
    let mut days = std::iter::successors(Some(day), |day| day.next_day());
    if before(&day) { days.find(|day| !before(day) && weekday(day)).unwrap_or(day) } else { day }
}

/// A name that holds a year, a year later: "Autumn 2025" becomes "Autumn 2026".
fn next_year(name: &str) -> String {
    name.split(' ')
        .map(|word| match word.parse::<i32>() {
            Ok(year) if (2000..2100).contains(&year) => (year + 1).to_string(),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn of_year(spans: &[(SpanId, Span)], year: i32) -> impl Iterator<Item = Span> {
    spans.iter().map(|(_, span)| span).filter(move |span| dates::first_year(span.from) == year).cloned()
}

/// What a change of calendars moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Due dates that change, come or go.
    pub dates: usize,
    /// Of so many cases.
    pub cases: usize,
    /// The first of them, before or after.
    pub first: Option<Date>,
    /// Open cases that were reckoned.
    pub reckoned: usize,
    /// Open cases there are.
    pub open: usize,
}

impl Moved {
    /// "This changes 14 due dates of 9 open cases, from Friday 4 December 2026 on."
    pub fn words(&self) -> String {
        let count = |n: usize, one: &str, many: &str| {
            if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
        };
        let words = match self.first {
            Some(first) if self.dates > 0 => format!(
                "This changes {} of {}, from {} on.",
                count(self.dates, "due date", "due dates"),
                count(self.cases, "open case", "open cases"),
                dates::full(first)
            ),
            _ => "This changes no due date.".to_owned(),
        };
        if self.reckoned < self.open {
            return format!(
                "{words} Reckoned for {} of {} open cases: there may be more.",
                self.reckoned, self.open
            );
        }
        words
    }
}
