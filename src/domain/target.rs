//! A behaviour target as written: the words, how it is known to be met, by when, and the pupil's own words.

use time::Date;

use super::dates;

/// Longest target and criterion, in characters: they must fit a card and a phone.
pub const MAX_WORDS: usize = 140;
/// Longest text in the pupil's own words.
pub const MAX_PUPIL_WORDS: usize = 300;

/// A target, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetWords {
    /// What the pupil will do.
    pub words: String,
    /// How everybody knows it was met.
    pub criterion: String,
    /// By when.
    pub due_on: Date,
    /// How the pupil puts it.
    pub pupil_words: Option<String>,
}

/// The day a target is to be met by: its own, or the later one the case's timescale was extended to (S1.14).
pub fn due(own: Date, extended_until: Option<Date>) -> Date {
    extended_until.map_or(own, |until| until.max(own))
}

/// That day in words where the timescale was extended beyond the target's own day: "11 December 2026, extended to 22
/// January 2027".
pub fn extended_words(own: Date, extended_until: Option<Date>) -> Option<String> {
    let until = extended_until.filter(|until| *until > own)?;
    Some(format!("{}, extended to {}", dates::long(own), dates::long(until)))
}
