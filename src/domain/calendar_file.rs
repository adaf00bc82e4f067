//! School days from a file: an iCalendar (RFC 5545) as councils and schools publish them, or lines of a table. What
//! cannot be read is said with its line; nothing is guessed.

use time::{Date, Duration, Month};

use super::{
    calendar::{Span, SpanKind},
    calendar_change::{MAX_NAME, days_fit},
    dates, text,
};

/// Most spans of one file.
pub const MAX_SPANS: usize = 300;

/// What was read from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Spans to bring in.
    pub spans: Vec<Span>,
    /// Lines that are no day of a calendar, and why.
    pub left_out: Vec<(usize, String)>,
    /// Lines that cannot be read, and why.
    pub faults: Vec<(usize, String)>,
}

/// Reads a file, whichever of the two it is.
pub fn read(file: &str, today: Date) -> Read {
    let file = &file.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut read =
        if file.to_ascii_uppercase().contains("BEGIN:VCALENDAR") { events(file) } else { lines(file) };
    let mut found = Read::default();
    for (line, name, kind, from, to) in std::mem::take(&mut read.found) {
        let name = match text::line(&name, MAX_NAME) {
            Ok(name) => name,
            Err(error) => {
                found.faults.push((line, error.message("Name")));
                continue;
            }
        };
        match kind.or_else(|| kind_in(&name)) {
            Some(Said::Kind(kind)) => match days_fit(from, to, today) {
                Ok(()) if kind == SpanKind::Term && from == to => {
                    found.faults.push((line, format!("{name}: a term needs its first and its last day")));
                }
                Ok(()) => found.spans.push(Span { kind, name, from, to }),
                Err((_, message)) => found.faults.push((line, format!("{name}: {message}"))),
            },
            Some(Said::Holiday) => {
                found.left_out.push((line, format!("{name}: holidays are the days between terms")));
            }
            None => found.faults.push((
                line,
                format!("{name}: it does not say whether this is a term, INSET day, closure or bank holiday"),
            )),
        }
    }
    found.faults.append(&mut read.faults);
    if found.spans.is_empty() && found.faults.is_empty() {
        found.faults.push((1, "There is no term, INSET day, closure or bank holiday in it".to_owned()));
    }
    if found.spans.len() > MAX_SPANS {
        found.faults.push((1, format!("There are more than {MAX_SPANS} entries in it")));
    }
    found.faults.sort();
    found
}

/// What the words of an entry say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Kind(SpanKind),
    Holiday,
}

/// A line, its name, its kind when that stands by itself, its days.
type Found = (usize, String, Option<Said>, Date, Date);

#[derive(Default)]
struct Raw {
    found: Vec<Found>,
    faults: Vec<(usize, String)>,
}

fn kind_in(words: &str) -> Option<Said> {
    let words = words.to_lowercase();
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if has(&["inset", "training day", "staff day", "non-pupil"]) {
        Some(Said::Kind(SpanKind::Inset))
    } else if has(&["bank holiday", "bank_holiday", "public holiday"]) {
        Some(Said::Kind(SpanKind::BankHoliday))
    } else if has(&["half term", "half-term", "holiday", "break"]) {
        Some(Said::Holiday)
    } else if has(&["closure", "closed", "snow"]) {
        Some(Said::Kind(SpanKind::Closure))
    } else if has(&["term"]) {
        Some(Said::Kind(SpanKind::Term))
    } else {
        None
    }
}

/// A day as files write it: 2026-09-02, 02/09/2026 (the day first), 2 September 2026, 20260902.
fn day(typed: &str) -> Option<Date> {
    let typed = typed.trim();
    let digits = typed.bytes().all(|c| c.is_ascii_digit());
    if digits && typed.len() == 8 {
        return parts(&typed[6..], &typed[4..6], &typed[..4]);
    }
    let split: Vec<_> = typed.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    match split[..] {
        [year, month, day] if year.len() == 4 => parts(day, month, year),
        [day, month, year] => parts(day.trim_end_matches(|c: char| c.is_alphabetic()), month, year),
        [_weekday, day, month, year] => parts(day.trim_end_matches(|c: char| c.is_alphabetic()), month, year),
        _ => None,
    }
}

fn parts(day: &str, month: &str, year: &str) -> Option<Date> {
    dates::parse_parts(day, month, year).ok()
}

/// Lines of a table with a heading: name, first day, last day, kind.
fn lines(file: &str) -> Raw {
    let mut raw = Raw::default();
    let delimiter = [b'\t', b';', b',']
        .into_iter()
        .find(|delimiter| file.lines().next().is_some_and(|line| line.as_bytes().contains(delimiter)))
        .unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(file.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |names: &[&str]| {
        headers.iter().position(|header| names.contains(&header.trim().to_lowercase().as_str()))
    };
    let (name, kind) =
        (column(&["name", "summary", "event", "title", "description"]), column(&["kind", "type"]));
    let from = column(&["from", "start", "starts", "first day", "start date", "date", "day"]);
    let to = column(&["to", "end", "ends", "last day", "end date"]);
    let (Some(name), Some(from)) = (name, from) else {
        let message = "The first line must name the columns: name, from, to and, if you have it, kind";
        raw.faults.push((1, message.to_owned()));
        return raw;
    };
    for record in reader.records() {
        let Ok(record) = record else {
            raw.faults.push((1, "It cannot be read as lines of a table".to_owned()));
            return raw;
        };
        let line = record.position().map_or(1, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let of = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or_default().trim();
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let typed = (of(Some(from)), if of(to).is_empty() { of(Some(from)) } else { of(to) });
        let said = of(kind);
        let read = if said.is_empty() { None } else { kind_in(said) };
        if !said.is_empty() && read.is_none() {
            let message = format!("{said}: the kind must be term, INSET, closure or bank holiday");
            raw.faults.push((line, message));
            continue;
        }
        match (day(typed.0), day(typed.1)) {
            (Some(from), Some(to)) => raw.found.push((line, of(Some(name)).to_owned(), read, from, to)),
            (None, _) => raw.faults.push((line, format!("\"{}\" is no day, like 2/9/2026", typed.0))),
            (_, None) => raw.faults.push((line, format!("\"{}\" is no day, like 2/9/2026", typed.1))),
        }
    }
    raw
}

/// An entry of a calendar file, as far as it was read.
#[derive(Default)]
struct Event {
    line: usize,
    summary: String,
    categories: String,
    from: Option<Date>,
    /// Last day, included.
    to: Option<Date>,
    repeats: bool,
    bad: Option<String>,
}

/// Lines of an iCalendar with those that go on put together, each with the number of its first.
fn unfolded(file: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(file.lines()) {
        let goes_on = line.strip_prefix(' ').or_else(|| line.strip_prefix('\t'));
        match (goes_on, lines.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ => lines.push((number, line.to_owned())),
        }
    }
    lines
}

/// The entries of an iCalendar. An all-day entry ends the day before its DTEND.
fn events(file: &str) -> Raw {
    let mut raw = Raw::default();
    let mut event: Option<Event> = None;
    for (number, line) in unfolded(file) {
        let Some((head, value)) = line.split_once(':') else { continue };
        let name = head.split(';').next().unwrap_or_default().trim().to_ascii_uppercase();
        let value = value.trim();
        match (name.as_str(), &mut event) {
            ("BEGIN", _) if value.eq_ignore_ascii_case("VEVENT") => {
                event = Some(Event { line: number, ..Event::default() });
            }
            ("END", Some(_)) if value.eq_ignore_ascii_case("VEVENT") => {
                if let Some(done) = event.take() {
                    finish(done, &mut raw);
                }
            }
            ("SUMMARY", Some(event)) => event.summary = unescaped(value),
            ("CATEGORIES", Some(event)) => event.categories = unescaped(value),
            ("RRULE" | "RDATE", Some(event)) => event.repeats = true,
            ("DTSTART", Some(event)) => match stamp(value) {
                Some((day, _)) => event.from = Some(day),
                None => event.bad = Some(format!("\"{value}\" is no day")),
            },
            ("DTEND", Some(event)) => match stamp(value) {
                Some((day, true)) => event.to = day.previous_day(),
                Some((day, false)) => event.to = Some(day),
                None => event.bad = Some(format!("\"{value}\" is no day")),
            },
            _ => {}
        }
    }
    if event.is_some() {
        raw.faults.push((file.lines().count(), "The file ends within an entry".to_owned()));
    }
    raw
}

fn finish(event: Event, raw: &mut Raw) {
    let name = if event.summary.is_empty() { "An entry".to_owned() } else { event.summary.clone() };
    if let Some(bad) = event.bad {
        raw.faults.push((event.line, format!("{name}: {bad}")));
    } else if event.repeats {
        raw.faults.push((event.line, format!("{name}: it repeats. Give each time its own entry")));
    } else if let Some(from) = event.from {
        let kind = kind_in(&event.summary).or_else(|| kind_in(&event.categories));
        raw.found.push((event.line, event.summary, kind, from, event.to.unwrap_or(from).max(from)));
    } else {
        raw.faults.push((event.line, format!("{name}: it has no first day")));
    }
}

/// The day of a time stamp, and whether the entry ends before that day: an all-day entry, or one until midnight.
fn stamp(value: &str) -> Option<(Date, bool)> {
    let (day, time) = value.split_once('T').map_or((value, ""), |(day, time)| (day, time));
    if day.len() != 8 || !day.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let month = Month::try_from(day[4..6].parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(day[..4].parse().ok()?, month, day[6..].parse().ok()?).ok()?;
    // Some write summer days as the evening before in universal time.
    let late = time.starts_with("23") && time.ends_with('Z');
    let date = if late { date + Duration::DAY } else { date };
    Some((date, time.is_empty() || time.starts_with("000000") || late))
}

fn unescaped(value: &str) -> String {
    value
        .replace("\\n", " ")
        .replace("\\N", " ")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\")
}
