//! Lines on one scale: shares of a whole, and ranges from the lower to the upper quarter with a mark in the middle.
//! Drawn twice, for wide screens and for phones, each with a title and a description; the page has the same numbers in a
//! table beside them.

/// Shares of a whole, one below the other.
#[derive(Clone, Debug)]
pub struct ShareChart {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// What is a part of what.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<ShareRow>,
}

/// One share.
#[derive(Clone, Debug)]
pub struct ShareRow {
    /// What it stands for.
    pub label: String,
    /// Whole percent.
    pub percent: u8,
    /// "27 of 41 (66%)"
    pub words: String,
}

/// A drawing of shares, in the units of its own box.
#[derive(Clone, Debug)]
pub struct ShareSvg {
    /// "wide" or "narrow".
    pub size: &'static str,
    /// Width of the box.
    pub width: u32,
    /// Height of the box.
    pub height: u32,
    /// Width of a whole.
    pub whole: u32,
    /// From top to bottom.
    pub bars: Vec<ShareBar>,
}

/// Where one share goes.
#[derive(Clone, Debug)]
pub struct ShareBar {
    /// What it stands for, and its baseline.
    pub label: (String, u32),
    /// Top of the bar.
    pub y: u32,
    /// Its width.
    pub width: u32,
    /// The share in words, and where they begin.
    pub words: (String, u32, u32),
}

impl ShareChart {
    /// Both drawings.
    pub fn drawings(&self) -> [ShareSvg; 2] {
        [self.draw("wide", 600), self.draw("narrow", 300)]
    }

    fn draw(&self, size: &'static str, width: u32) -> ShareSvg {
        // On a phone the words stand below the bar, not beside it.
        let narrow = width < 400;
        let (whole, row_height) = if narrow { (width - 2, 66) } else { (width - 190, 44) };
        let bar = |(n, row): (u32, &ShareRow)| {
            let y = row_height * n + 20;
            let (words_x, words_y) = if narrow { (0, y + 30) } else { (whole + 10, y + 12) };
            ShareBar {
                label: (row.label.clone(), y - 5),
                y,
                width: whole * u32::from(row.percent.min(100)) / 100,
                words: (row.words.clone(), words_x, words_y),
            }
        };
        ShareSvg {
            size,
            width,
            height: row_height * u32::try_from(self.rows.len()).unwrap_or(0) + 4,
            whole,
            bars: (0..).zip(&self.rows).map(bar).collect(),
        }
    }

    /// What the drawing shows, for somebody who does not see it.
    pub fn description(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|row| format!("{}: {}", row.label, row.words)).collect();
        format!("{}. The numbers are in the table.", rows.join(". "))
    }
}

/// Ranges, one below the other.
#[derive(Clone, Debug)]
pub struct RangeChart {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// The sentence over it.
    pub title: String,
    /// What the numbers count: "weeks".
    pub unit: &'static str,
    /// From top to bottom.
    pub rows: Vec<RangeRow>,
}

/// One line.
#[derive(Clone, Debug)]
pub struct RangeRow {
    /// What it stands for.
    pub label: String,
    /// The lower quarter.
    pub low: u32,
    /// The middle.
    pub middle: u32,
    /// The upper quarter.
    pub high: u32,
    /// The same in words.
    pub words: String,
}

/// A drawing, in the units of its own box.
#[derive(Clone, Debug)]
pub struct RangeSvg {
    /// "wide" or "narrow".
    pub size: &'static str,
    /// Width of the box.
    pub width: u32,
    /// Height of the box.
    pub height: u32,
    /// Bottom edge of the plot.
    pub bottom: u32,
    /// Grid lines: x and label.
    pub grid: Vec<(u32, String)>,
    /// Bars: label, its height, bar's height, from, width, middle.
    pub bars: Vec<RangeBar>,
}

/// Where one bar goes.
#[derive(Clone, Debug)]
pub struct RangeBar {
    /// What it stands for.
    pub label: String,
    /// Baseline of the label.
    pub label_y: u32,
    /// Top of the bar.
    pub y: u32,
    /// Left edge.
    pub x: u32,
    /// Width.
    pub width: u32,
    /// Corners of the mark in the middle.
    pub mark: String,
}

const LEFT: u32 = 12;
const ROW: u32 = 46;

impl RangeChart {
    /// Both drawings.
    pub fn drawings(&self) -> [RangeSvg; 2] {
        [self.draw("wide", 600), self.draw("narrow", 300)]
    }

    fn draw(&self, size: &'static str, width: u32) -> RangeSvg {
        let right = width - 20;
        let most = self.rows.iter().map(|row| row.high).max().unwrap_or(0).max(4);
        // Four steps of a round number.
        let step = [1, 2, 3, 5, 10, 13, 15, 20, 25, 50, 100].into_iter().find(|step| step * 4 >= most);
        let step = step.unwrap_or(most.div_ceil(4));
        let x = |value: u32| LEFT + (right - LEFT) * value.min(step * 4) / (step * 4);
        let rows = u32::try_from(self.rows.len()).unwrap_or(0);
        let bottom = 8 + ROW * rows;
        let bar = |(n, row): (u32, &RangeRow)| {
            let y = 8 + ROW * n + 20;
            let (middle, centre) = (x(row.middle), y + 8);
            RangeBar {
                label: row.label.clone(),
                label_y: y - 6,
                y,
                x: x(row.low),
                width: (x(row.high) - x(row.low)).max(2),
                mark: format!(
                    "{},{centre} {middle},{} {},{centre} {middle},{}",
                    middle - 7,
                    centre - 11,
                    middle + 7,
                    centre + 11
                ),
            }
        };
        RangeSvg {
            size,
            width,
            height: bottom + 40,
            bottom,
            grid: (0..=4).map(|n| (x(n * step), (n * step).to_string())).collect(),
            bars: (0..).zip(&self.rows).map(bar).collect(),
        }
    }

    /// What the drawing shows, for somebody who does not see it.
    pub fn description(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|row| format!("{}: {}", row.label, row.words)).collect();
        format!("{}. The numbers are in the table.", rows.join(". "))
    }
}
