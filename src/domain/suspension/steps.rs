//! The sum in words: each step of it, for the page that shows how it was reckoned.

use super::{
    HalfDays,
    count::{Ceiling, Kind, Line, Place, Source, Split, Sum},
};
use crate::domain::dates;

/// A sum as the page shows it, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// What is added up: the legal term or the school year, with its days.
    pub heading: String,
    /// Each line with what it adds and the running total.
    pub lines: Vec<(String, HalfDays, HalfDays)>,
    /// What it comes to, and what of it.
    pub outcome: Vec<String>,
}

/// The sum in words: each legal term, then each school year.
pub fn steps(sum: &Sum) -> Vec<Steps> {
    let windows = sum.windows.iter().map(|total| {
        let mut outcome = in_all(&total.split);
        if total.undated > HalfDays::NONE {
            outcome.push(format!(
                "Another school gave {} of this school year without saying when. They may lie in this term: ask.",
                total.undated
            ));
        }
        let heading = format!("Legal term: {}", total.window);
        Steps { heading, lines: lines(&total.split), outcome }
    });
    let years = sum.years.iter().map(|total| {
        let mut outcome = in_all(&total.split);
        outcome.push(Ceiling::of(total.split.total()).words());
        let from = dates::long(total.year.from);
        let heading = if total.year.assumed {
            format!("School year: {}, assumed to begin on {from}", total.year)
        } else {
            format!("School year: {}, from {from}", total.year)
        };
        Steps { heading, lines: lines(&total.split), outcome }
    });
    windows.chain(years).collect()
}

fn lines(split: &Split) -> Vec<(String, HalfDays, HalfDays)> {
    split.lines.iter().map(|line| (line.words(), line.adds, line.total)).collect()
}

fn in_all(split: &Split) -> Vec<String> {
    let mut words = vec![format!(
        "{} in all: {} before at this school, {} at other schools, {} by this suspension.",
        split.total(),
        split.here,
        split.elsewhere,
        split.proposed
    )];
    if split.lunchtimes > HalfDays::NONE {
        words.push(format!("{} of it for lunchtimes, half a day each.", split.lunchtimes));
    }
    words
}

impl Line {
    /// "Suspension decided on 12 Oct 2023: 16 Oct, 17 Oct and 18 Oct"
    pub fn words(&self) -> String {
        let days: Vec<_> = self.days.iter().map(|day| dates::day_month(*day)).collect();
        let days = match days.split_last() {
            None => "no days in it".to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        };
        match self.source {
            Source::Earlier { decided_on, place, kind } => {
                let place = match place {
                    Place::Here => "",
                    Place::Elsewhere => " at another school",
                };
                format!("{} decided on {}{place}: {days}", kind.words(), dates::short(decided_on))
            }
            Source::Number { place: Place::Elsewhere } => "Given by another school, without dates".to_owned(),
            Source::Number { place: Place::Here } => "At this school, given as a number".to_owned(),
            Source::Proposed => format!("This suspension: {days}"),
        }
    }
}

impl Kind {
    const fn words(self) -> &'static str {
        match self {
            Self::Suspension => "Suspension",
            Self::CancelledSuspension => "Suspension, cancelled,",
            Self::CancelledPermanent => "Permanent exclusion, cancelled,",
        }
    }
}

impl Ceiling {
    /// For the page.
    pub fn words(self) -> String {
        match self {
            Self::Below { left } => format!("{left} left of the 45 days a school year allows."),
            Self::Reached => "The ceiling of 45 days is reached. The pupil cannot be suspended again this school \
                              year. This does not make the exclusion permanent: that is a decision of its own."
                .to_owned(),
            Self::Over { by } => format!("{by} more than the 45 days a school year allows. This is not lawful."),
        }
    }
}
