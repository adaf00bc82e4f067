//! Bars side by side with their words.

/// Bars side by side with their words.
#[derive(Clone, Debug)]
pub struct BarStrip {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// The heading.
    pub title: String,
    /// What the table holds.
    pub caption: String,
    /// Over the labels.
    pub first_column: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// None: not recorded, no bar.
    pub percent: Option<u8>,
    /// "37 of 50 points (74%)"
    pub words: String,
    /// Anything to add.
    pub remark: String,
}
