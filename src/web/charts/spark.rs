//! A line beside a number and a word.

use std::fmt::Write as _;

use super::rounded;
use crate::domain::trend::Trend;

/// The latest days at a glance: decoration beside the number and the word, which say what it shows.
#[derive(Clone, Debug)]
pub struct Sparkline {
    /// Percent of each day, oldest first; none: nothing recorded, a gap.
    pub points: Vec<Option<u8>>,
    /// "37 of 50 points (74%)"
    pub words: String,
    /// Where it goes.
    pub trend: Trend,
}

impl Sparkline {
    /// Width of the drawing.
    pub const WIDTH: i32 = 100;
    /// Height of the drawing.
    pub const HEIGHT: i32 = 20;

    /// The lines, one for each run without a gap; a day alone is a short dash.
    pub fn lines(&self) -> Vec<String> {
        runs(&self.points, (2.0, f64::from(Self::WIDTH) - 2.0), (2.0, f64::from(Self::HEIGHT) - 2.0))
    }
}

/// Points of a polyline for each run of days without a gap, between `left` and `right`, `top` (100%) and `bottom`.
pub(super) fn runs(
    points: &[Option<u8>],
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (at, point) in points.iter().enumerate() {
        match (point, lines.last_mut()) {
            (Some(percent), Some(line)) => {
                let (x, y) = place((at, points.len()), *percent, (left, right), (top, bottom));
                let _ = write!(line, "{x},{y} ");
            }
            _ => lines.push(String::new()),
        }
    }
    lines.retain(|line| !line.is_empty());
    for line in &mut lines {
        // A line of one point is not drawn: it becomes a short dash.
        if line.matches(',').count() == 1
            && let Some((x, y)) = line.trim().split_once(',')
            && let Ok(x) = x.parse::<f64>()
        {
            *line = format!("{},{y} {},{y}", rounded(x - 1.5), rounded(x + 1.5));
        }
    }
    lines
}

/// Where day `at` of `of` stands.
pub(super) fn place(
    (at, of): (usize, usize),
    percent: u8,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> (f64, f64) {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let across = if of > 1 { number(at) / number(of - 1) } else { 0.5 };
    let up = f64::from(percent.min(100)) / 100.0;
    (rounded(left + (right - left) * across), rounded(bottom - (bottom - top) * up))
}
