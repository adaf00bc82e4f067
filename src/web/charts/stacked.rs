//! Parts of a whole over time.

use super::rounded;

/// At most four series stacked in each column, with their names at the right edge. What a column comes to is also in
/// the table, row by row.
#[derive(Clone, Debug)]
pub struct StackedBars {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// The finding, a sentence.
    pub title: String,
    /// Over the names of the columns in the table.
    pub first_column: String,
    /// What is counted: "pupil", "pupils".
    pub unit: (&'static str, &'static str),
    /// Names of the series, from the bottom up.
    pub series: Vec<&'static str>,
    /// From left to right.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Below it: "2 Nov"
    pub axis: String,
    /// In the table: "Friday 6 November 2026"
    pub name: String,
    /// As many as there are series.
    pub values: Vec<u32>,
}

impl Column {
    /// All its parts.
    pub fn total(&self) -> u32 {
        self.values.iter().sum()
    }
}

/// A part of a column as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Which column.
    pub column: usize,
    /// Which series.
    pub series: usize,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// How many.
    pub value: u32,
    /// Where the number stands; none: no room for it.
    pub number: Option<(f64, f64)>,
}

/// The name of a series at the right edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which series.
    pub series: usize,
    /// Its height.
    pub y: f64,
    /// Its name.
    pub name: &'static str,
}

/// A drawing.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Prefix of its ids.
    pub id: String,
    /// "wide" or "narrow".
    pub size: &'static str,
    /// Width of the box.
    pub width: i32,
    /// Height of the box.
    pub height: i32,
    /// Left edge of the plot.
    pub left: f64,
    /// Right edge of the plot.
    pub right: f64,
    /// Bottom edge of the plot.
    pub bottom: f64,
    /// Grid lines: height, number.
    pub grid: Vec<(f64, u32)>,
    /// Everything but empty parts.
    pub segments: Vec<Segment>,
    /// Names of the series, beside the last column.
    pub names: Vec<Row>,
    /// Names of columns below: x, text.
    pub labels: Vec<(f64, String)>,
}

/// Lines of text stand at least so far apart.
const LINE: f64 = 16.0;

fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// The top of the axis: the least of 4, 8, 12, 20, 40, 80, 120, ... that is not below `most`, so that its quarters are
/// whole.
fn axis_top(most: u32) -> u32 {
    let decades = std::iter::successors(Some(4_u32), |decade| decade.checked_mul(10));
    decades
        .flat_map(|decade| [1, 2, 3, 5].map(|factor| decade.saturating_mul(factor)))
        .find(|top| *top >= most)
        .unwrap_or(u32::MAX)
}

impl StackedBars {
    /// For screens from tablet width up.
    pub fn wide(&self) -> Stack {
        self.draw("wide", (640.0, 240.0), 6)
    }

    /// For phones: fewer names below, the same text size.
    pub fn narrow(&self) -> Stack {
        self.draw("narrow", (300.0, 240.0), 3)
    }

    /// Both drawings.
    pub fn drawings(&self) -> [Stack; 2] {
        [self.wide(), self.narrow()]
    }

    /// The number at the top of the axis.
    pub fn top(&self) -> u32 {
        axis_top(self.columns.iter().map(Column::total).max().unwrap_or(0))
    }

    fn draw(&self, size: &'static str, (width, height): (f64, f64), labels: usize) -> Stack {
        let (left, right, top, bottom) = (28.0, width - 84.0, 14.0, height - 26.0);
        let scale = (bottom - top) / f64::from(self.top());
        let step = (right - left) / number(self.columns.len().max(1));
        let bar = rounded((step * 0.72).min(56.0));
        let mut segments = Vec::new();
        for (column, of) in self.columns.iter().enumerate() {
            let x = rounded(left + step * number(column) + (step - bar) / 2.0);
            let mut below = 0;
            for (series, value) in of.values.iter().enumerate().filter(|(_, value)| **value > 0) {
                below += value;
                let (y, height) =
                    (rounded(bottom - scale * f64::from(below)), rounded(scale * f64::from(*value)));
                let room = height >= 17.0 && bar >= 18.0;
                let middle = room.then(|| (rounded(x + bar / 2.0), rounded(y + height / 2.0)));
                segments.push(Segment {
                    column,
                    series,
                    x,
                    y,
                    width: bar,
                    height,
                    value: *value,
                    number: middle,
                });
            }
        }
        let every = self.columns.len().div_ceil(labels).max(1);
        let last = self.columns.len().saturating_sub(1);
        Stack {
            id: format!("{}-{size}", self.id),
            size,
            width: if size == "wide" { 640 } else { 300 },
            height: 240,
            left,
            right,
            bottom,
            grid: (0..=4)
                .map(|quarter| {
                    let value = self.top() / 4 * quarter;
                    (rounded(bottom - scale * f64::from(value)), value)
                })
                .collect(),
            segments,
            names: self.names(scale, bottom),
            labels: self
                .columns
                .iter()
                .enumerate()
                .filter(|(at, _)| (last - at).is_multiple_of(every))
                .map(|(at, column)| (rounded(left + step * (number(at) + 0.5)), column.axis.clone()))
                .collect(),
        }
    }

    /// Beside the parts of the last column, from the bottom up and never over one another.
    fn names(&self, scale: f64, bottom: f64) -> Vec<Row> {
        let Some(last) = self.columns.last() else { return Vec::new() };
        let (mut below, mut free) = (0, bottom - 4.0);
        self.series
            .iter()
            .enumerate()
            .map(|(series, name)| {
                let value = last.values.get(series).copied().unwrap_or(0);
                let middle = bottom - scale * (f64::from(below) + f64::from(value) / 2.0);
                below += value;
                let y = rounded(middle.min(free));
                free = y - LINE;
                Row { series, y, name }
            })
            .collect()
    }

    /// "3 pupils"
    pub fn count(&self, value: u32) -> String {
        format!("{value} {}", if value == 1 { self.unit.0 } else { self.unit.1 })
    }

    /// What the drawing shows, for somebody who does not see it.
    pub fn description(&self) -> String {
        let (Some(first), Some(last)) = (self.columns.first(), self.columns.last()) else {
            return String::new();
        };
        let parts = |column: &Column| {
            let parts = self.series.iter().zip(&column.values);
            parts.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
        };
        format!(
            "Stacked bars, {} columns. {}: {} ({}). {}: {} ({}). Every column is in the table after the chart.",
            self.columns.len(),
            first.name,
            self.count(first.total()),
            parts(first),
            last.name,
            self.count(last.total()),
            parts(last)
        )
    }
}
