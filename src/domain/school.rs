//! What a school is: its phase, its numbers, the words of its marks, the periods of its day.

use time::{Date, Time};

use super::{dates, meeting::time_typed, text};

/// What kind of school it is, as the authority's register has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A secondary school.
    Secondary,
    /// Primary and secondary in one.
    AllThrough,
    /// A university technical college.
    Utc,
    /// A studio school.
    Studio,
    /// Alternative provision.
    Alternative,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 5] =
        [Self::Secondary, Self::AllThrough, Self::Utc, Self::Studio, Self::Alternative];

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Secondary => "Secondary",
            Self::AllThrough => "All-through",
            Self::Utc => "University technical college",
            Self::Studio => "Studio school",
            Self::Alternative => "Alternative provision",
        }
    }

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secondary => "secondary",
            Self::AllThrough => "all_through",
            Self::Utc => "utc",
            Self::Studio => "studio",
            Self::Alternative => "alternative",
        }
    }

    /// From what is stored or sent.
    pub fn from_stored(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == stored)
    }
}

/// Most periods of a day.
pub const MAX_PERIODS: usize = 10;
/// Longest name of a period: it heads a narrow column.
pub const MAX_LABEL: usize = 12;
/// Longest word of a mark: it stands on a small button.
pub const MAX_WORD: usize = 16;
/// Longest text of a letterhead, and the lines it may have: it is printed in one.
pub const MAX_LETTERHEAD: usize = 200;

/// Whether a text is a number of exactly so many digits: a URN has six, an establishment number four.
pub fn is_number_of(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|c| c.is_ascii_digit())
}

/// The goal of a school in percent of possible points.
pub fn goal(text: &str) -> Option<i16> {
    text.trim().trim_end_matches('%').trim().parse().ok().filter(|percent| (1..=100).contains(percent))
}

/// The lines of a letterhead as they are printed beneath the school's name: one line.
pub fn letterhead_line(letterhead: &str) -> Option<String> {
    let lines: Vec<_> = letterhead.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join(" · "))
}

/// A period of the day, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its name: "P1", "Tutor".
    pub label: String,
    /// When it starts.
    pub starts: Time,
    /// When it ends.
    pub ends: Time,
}

/// A line of the form: name, start and end as typed.
pub type TypedPeriod<'a> = (&'a str, &'a str, &'a str);

/// What is wrong with a line of the form: its number from 1, the field (`label`, `starts` or `ends`), the message.
pub type PeriodFault = (usize, &'static str, String);

/// Reads the periods of a day. Lines left empty are left out; the others are the periods in order of the day, each after
/// the one before, each with a name of its own.
pub fn read_periods(typed: &[TypedPeriod<'_>]) -> Result<Vec<Period>, Vec<PeriodFault>> {
    let mut periods: Vec<Period> = Vec::new();
    let mut faults = Vec::new();
    for (number, (label, starts, ends)) in (1..).zip(typed) {
        if [label, starts, ends].iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let label = match text::line(label, MAX_LABEL) {
            Ok(label) if periods.iter().any(|period| period.label.eq_ignore_ascii_case(&label)) => {
                faults.push((number, "label", format!("Two periods are called {label}")));
                continue;
            }
            Ok(label) => label,
            Err(error) => {
                faults.push((number, "label", error.message(&format!("Name of period {number}"))));
                continue;
            }
        };
        let mut clock = |field, typed: &str| {
            let read = time_typed(typed);
            if read.is_none() {
                faults.push((number, field, format!("Enter when {label} {field}, like 8:50 or 13:20")));
            }
            read
        };
        let (Some(starts), Some(ends)) = (clock("starts", starts), clock("ends", ends)) else { continue };
        if ends <= starts {
            faults.push((number, "ends", format!("{label} must end after it starts")));
        } else if let Some(before) = periods.last().filter(|before| before.ends > starts) {
            let message = format!("{label} must not start before {} ends", before.label);
            faults.push((number, "starts", message));
        }
        periods.push(Period { label, starts, ends });
    }
    if periods.is_empty() && faults.is_empty() {
        faults.push((1, "label", "Enter at least one period".to_owned()));
    }
    if faults.is_empty() { Ok(periods) } else { Err(faults) }
}

/// Whether new periods may begin on a day: not before today, not on or before a day that has marks, and within a year.
/// The message otherwise.
pub fn periods_may_begin(from: Date, last_marked: Option<Date>, today: Date) -> Result<(), String> {
    if from < today {
        Err("First day must be today or later: what past days meant stays as it was".to_owned())
    } else if let Some(marked) = last_marked.filter(|marked| *marked >= from) {
        Err(format!("First day must be after {}: marks have been entered for that day", dates::long(marked)))
    } else if from > today + time::Duration::days(366) {
        Err("First day must be within a year from today".to_owned())
    } else {
        Ok(())
    }
}
