//! A behaviour target as written: the words, how it is known to be met, by when, and the pupil's own words.

use time::Date;

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
