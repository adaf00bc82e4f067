//! How much of a limit is used.

use super::rounded;

/// A bar to a limit, with ticks where something begins, and the number printed beside it. It stands in a cell or a
/// line whose words say the same, so it is drawn in one size and hidden from readers of the words.
#[derive(Clone, Debug)]
pub struct LimitBar {
    /// What is used, in the limit's unit.
    pub used: f64,
    /// The limit: where the bar is full.
    pub limit: u32,
    /// Where something begins, the limit among them.
    pub ticks: Vec<u32>,
    /// "31.5 of 45 days"
    pub words: String,
}

/// A tick of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Where it stands.
    pub x: f64,
    /// What is printed below it.
    pub number: u32,
}

impl LimitBar {
    /// Width of the drawing.
    pub const WIDTH: i32 = 240;
    /// Where the bar begins.
    pub const LEFT: f64 = 2.0;
    /// Where it is full.
    pub const FULL: f64 = 222.0;

    fn x(&self, value: f64) -> f64 {
        rounded((Self::FULL - Self::LEFT) * value / f64::from(self.limit.max(1)))
    }

    /// How long the bar is, at most as long as the limit.
    pub fn length(&self) -> f64 {
        self.x(self.used.clamp(0.0, f64::from(self.limit)))
    }

    /// How long the part beyond the limit is drawn: its length does not measure, its words do.
    pub fn beyond(&self) -> bool {
        self.used > f64::from(self.limit)
    }

    /// The ticks.
    pub fn drawn_ticks(&self) -> Vec<Tick> {
        self.ticks
            .iter()
            .map(|number| Tick { x: rounded(Self::LEFT + self.x(f64::from(*number))), number: *number })
            .collect()
    }
}
