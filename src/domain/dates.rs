//! Dates as people write them in England.

use time::{Date, Month, Time, Weekday};

use super::text;

const MONTHS: [(&str, &str); 12] = [
    ("January", "Jan"),
    ("February", "Feb"),
    ("March", "Mar"),
    ("April", "Apr"),
    ("May", "May"),
    ("June", "June"),
    ("July", "July"),
    ("August", "Aug"),
    ("September", "Sept"),
    ("October", "Oct"),
    ("November", "Nov"),
    ("December", "Dec"),
];

fn month(date: Date) -> (&'static str, &'static str) {
    MONTHS[usize::from(u8::from(date.month())) - 1]
}

/// "Tuesday 24 November 2026"
pub fn full(date: Date) -> String {
    format!("{} {}", weekday(date), long(date))
}

/// "24 November 2026"
pub fn long(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date).0, date.year())
}

/// "24 Nov 2026"
pub fn short(date: Date) -> String {
    format!("{} {}", day_month(date), date.year())
}

/// "24 Nov"
pub fn day_month(date: Date) -> String {
    format!("{} {}", date.day(), month(date).1)
}

/// "Tuesday"
pub fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// "Tues"
pub fn weekday_short(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tues",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thur",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// "2 to 20 November 2026", "30 November to 4 December 2026", "21 December 2026 to 4 January 2027"
pub fn range(from: Date, to: Date) -> String {
    if from == to {
        long(from)
    } else if from.year() != to.year() {
        format!("{} to {}", long(from), long(to))
    } else if from.month() != to.month() {
        format!("{} {} to {}", from.day(), month(from).0, long(to))
    } else {
        format!("{} to {}", from.day(), long(to))
    }
}

/// "3:04pm", "10am", "midday", "midnight"
pub fn time_of_day(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    if minute == 0 && hour == 12 {
        return "midday".to_owned();
    }
    if minute == 0 && hour == 0 {
        return "midnight".to_owned();
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { format!("{hour}{half}") } else { format!("{hour}:{minute:02}{half}") }
}

/// "2026 to 2027": the school year a day is in, from 1 September.
pub fn school_year(date: Date) -> String {
    let first = first_year(date);
    format!("{first} to {}", first + 1)
}

/// The calendar year in which the school year of a day begins.
pub fn first_year(date: Date) -> i32 {
    if date.month() >= Month::September { date.year() } else { date.year() - 1 }
}

/// What is wrong with a date typed in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateError {
    /// Nothing was typed.
    Empty,
    /// These parts are missing: "day", "month", "year".
    Missing(Vec<&'static str>),
    /// There is no such day.
    NotReal,
    /// The year does not have four digits.
    Year,
}

impl DateError {
    /// The message for a field called `what` ("Date of birth"), GOV.UK style.
    pub fn message(&self, what: &str) -> String {
        match self {
            Self::Empty => {
                let what = text::within(what);
                format!("Enter the {}", what.strip_prefix("the ").unwrap_or(&what))
            }
            Self::Missing(parts) => format!("{what} must include a {}", parts.join(" and a ")),
            Self::NotReal => format!("{what} must be a real date"),
            Self::Year => format!("{what} must have a year with 4 digits, like 2026"),
        }
    }
}

/// Reads a date from its three parts. The month may be a number or a name.
pub fn parse_parts(day: &str, month: &str, year: &str) -> Result<Date, DateError> {
    let (day, month, year) = (day.trim(), month.trim(), year.trim());
    let missing: Vec<_> = [(day, "day"), (month, "month"), (year, "year")]
        .into_iter()
        .filter(|(part, _)| part.is_empty())
        .map(|(_, name)| name)
        .collect();
    match missing.len() {
        0 => {}
        3 => return Err(DateError::Empty),
        _ => return Err(DateError::Missing(missing)),
    }
    if year.len() != 4 || !year.bytes().all(|c| c.is_ascii_digit()) {
        return Err(DateError::Year);
    }
    let month = month_number(month).ok_or(DateError::NotReal)?;
    let day = day.parse::<u8>().map_err(|_| DateError::NotReal)?;
    let year = year.parse::<i32>().map_err(|_| DateError::NotReal)?;
    Date::from_calendar_date(year, month, day).map_err(|_| DateError::NotReal)
}

fn month_number(text: &str) -> Option<Month> {
    if let Ok(number) = text.parse::<u8>() {
        return Month::try_from(number).ok();
    }
    let text = text.to_lowercase();
    let at = MONTHS
        .iter()
        .position(|(long, _)| text.len() >= 3 && long.to_lowercase().starts_with(&text))
        .or_else(|| (text == "sept").then_some(8))?;
    Month::try_from(u8::try_from(at + 1).ok()?).ok()
}
