//! Six terms a school year in the county's manner.

use time::{Date, Duration, Month};

use crate::domain::calendar::{Span, SpanKind, monday};

/// The terms, training days and bank holidays of the school year that begins in `year`.
pub fn school_year(year: i32) -> Vec<Span> {
    let day =
        |year: i32, month: Month, day: u8| Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN);
    let next = year + 1;
    let term =
        |name: &str, from: Date, to: Date| Span { kind: SpanKind::Term, name: name.to_owned(), from, to };
    let one = |kind: SpanKind, name: &str, on: Date| Span { kind, name: name.to_owned(), from: on, to: on };
    let first = monday(day(year, Month::September, 7));
    let autumn_break = monday(day(year, Month::October, 25));
    let christmas = monday(day(year, Month::December, 20));
    let january = monday(day(next, Month::January, 8));
    let february_break = monday(day(next, Month::February, 15));
    let easter = easter_monday(next);
    let spring_end = easter - Duration::days(10);
    let summer_start = easter + Duration::days(7);
    let may_break = monday(day(next, Month::May, 28));
    let july = day(next, Month::July, 22);
    let mut spans = vec![
        term("Term 1", first, autumn_break - Duration::days(3)),
        term("Term 2", autumn_break + Duration::days(7), christmas - Duration::days(3)),
        term("Term 3", january, february_break - Duration::days(3)),
        term("Term 4", february_break + Duration::days(7), spring_end),
        term("Term 5", summer_start, may_break - Duration::days(3)),
        term("Term 6", may_break + Duration::days(7), july),
        one(SpanKind::Inset, "Staff training day", first),
        one(SpanKind::Inset, "Staff training day", january),
        one(SpanKind::Inset, "Staff training day", summer_start),
    ];
    let may_day = monday(day(next, Month::May, 7));
    spans.push(one(SpanKind::BankHoliday, "Early May bank holiday", may_day));
    spans
}

/// Easter Monday, by the Gregorian computus.
#[expect(clippy::many_single_char_names, reason = "the letters the method is written with")]
fn easter_monday(year: i32) -> Date {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    let sunday = u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok())
        .and_then(|month| Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok())
        .unwrap_or(Date::MIN);
    sunday + Duration::DAY
}
