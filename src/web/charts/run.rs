//! A run of days against a goal.

use std::fmt::Write as _;

use time::Date;

/// Days in a row, a goal, and a sentence that says what they show.
#[derive(Clone, Debug)]
pub struct RunChart {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// The sentence over it.
    pub title: String,
    /// The goal in percent.
    pub goal: Option<u8>,
    /// The middle of the days in percent, when there are enough of them to have one.
    pub middle: Option<u8>,
    /// Oldest first.
    pub points: Vec<RunPoint>,
    /// Days on which something changed.
    pub markers: Vec<Marker>,
}

/// One day.
#[derive(Clone, Debug)]
pub struct RunPoint {
    /// The day.
    pub day: Date,
    /// "2 Nov"
    pub axis: String,
    /// "Monday 2 November 2026"
    pub name: String,
    /// None: nothing recorded, a gap in the line.
    pub percent: Option<u8>,
    /// "37 of 50 points (74%)"
    pub words: String,
    /// At or above the goal: a filled dot; else a hollow one.
    pub reached: bool,
    /// How much was recorded, or why nothing.
    pub remark: String,
}

/// Something that changed on a day.
#[derive(Clone, Debug)]
pub struct Marker {
    /// The day.
    pub day: Date,
    /// "Stage 2"
    pub label: String,
}

/// A drawing: where everything goes, in the units of its own box.
#[derive(Clone, Debug)]
pub struct Svg {
    /// "wide" or "narrow".
    pub size: &'static str,
    /// Width of the box.
    pub width: i32,
    /// Height of the box.
    pub height: i32,
    /// Left edge of the plot.
    pub left: i32,
    /// Right edge of the plot.
    pub right: i32,
    /// Bottom edge of the plot.
    pub bottom: i32,
    /// Grid lines: height, label.
    pub grid: Vec<(i32, &'static str)>,
    /// The goal's height.
    pub goal: Option<i32>,
    /// The height of the middle of the days.
    pub middle: Option<i32>,
    /// Lines between neighbours, one for each run without a gap.
    pub lines: Vec<String>,
    /// Dots: x, y, filled.
    pub dots: Vec<(i32, i32, bool)>,
    /// Labels below: x, text, where it is anchored.
    pub labels: Vec<(i32, String, &'static str)>,
    /// Markers, each with its line and its words.
    pub markers: Vec<Line>,
}

/// A line where something changed.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it stands.
    pub x: i32,
    /// Its words.
    pub text: String,
    /// Where they begin, or end.
    pub text_x: i32,
    /// Their height.
    pub text_y: i32,
    /// "start", or "end" for a line in the right half: words never leave the box.
    pub anchor: &'static str,
}

impl RunChart {
    /// For screens from tablet width up.
    pub fn wide(&self) -> Svg {
        self.draw("wide", 600, 220, 5)
    }

    /// For phones: fewer labels, the same text size.
    pub fn narrow(&self) -> Svg {
        self.draw("narrow", 300, 200, 2)
    }

    /// Both drawings.
    pub fn drawings(&self) -> [Svg; 2] {
        [self.wide(), self.narrow()]
    }

    fn draw(&self, size: &'static str, width: i32, height: i32, labels: usize) -> Svg {
        // The goal's word stands in the margin on the left, the middle's in the one on the right.
        let margin = if self.middle.is_some() { 48 } else { 16 };
        let (left, right, top, bottom) = (40, width - margin, 16, height - 30);
        let last = self.points.len().saturating_sub(1);
        let x = |i: usize| {
            if last == 0 {
                i32::midpoint(left, right)
            } else {
                let i = i32::try_from(i).unwrap_or(0);
                left + 10 + (right - left - 20) * i / i32::try_from(last).unwrap_or(1)
            }
        };
        let y = |percent: u8| bottom - (bottom - top) * i32::from(percent.min(100)) / 100;
        let mut lines = vec![String::new()];
        let mut dots = Vec::new();
        for (i, point) in self.points.iter().enumerate() {
            if let Some(percent) = point.percent {
                if let Some(line) = lines.last_mut() {
                    let _ = write!(line, "{},{} ", x(i), y(percent));
                }
                dots.push((x(i), y(percent), point.reached));
            } else {
                lines.push(String::new());
            }
        }
        lines.retain(|line| line.matches(',').count() > 1);
        let step = last.div_ceil(labels).max(1);
        let labels = self
            .points
            .iter()
            .enumerate()
            .filter(|(i, _)| (last - i).is_multiple_of(step) && (*i == last || last - i >= step))
            .map(|(i, point)| {
                let anchor = if last > 0 && i == last {
                    "end"
                } else if last > 0 && i == 0 {
                    "start"
                } else {
                    "middle"
                };
                (x(i), point.axis.clone(), anchor)
            })
            .collect();
        let markers = self
            .markers
            .iter()
            .enumerate()
            .filter_map(|(n, marker)| {
                let at = self.points.iter().position(|point| point.day >= marker.day)?;
                let right_half = x(at) > i32::midpoint(left, right);
                Some(Line {
                    x: x(at),
                    text: marker.label.clone(),
                    text_x: if right_half { x(at) - 3 } else { x(at) + 3 },
                    text_y: top + 12 + 14 * i32::try_from(n % 3).unwrap_or(0),
                    anchor: if right_half { "end" } else { "start" },
                })
            })
            .collect();
        Svg {
            size,
            width,
            height,
            left,
            right,
            bottom,
            // A label gives way to the goal's, which stands in the same margin.
            grid: [(100, "100%"), (50, "50%"), (0, "0%")]
                .map(|(at, label)| {
                    let hidden = self.goal.is_some_and(|goal| (y(goal) - y(at)).abs() < 13);
                    (y(at), if hidden { "" } else { label })
                })
                .to_vec(),
            goal: self.goal.map(y),
            middle: self.middle.map(y),
            lines,
            dots,
            labels,
            markers,
        }
    }

    /// What the drawing shows, for somebody who does not see it.
    pub fn description(&self) -> String {
        let recorded: Vec<_> = self.points.iter().filter_map(|point| Some((point, point.percent?))).collect();
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return String::new();
        };
        let percents = || recorded.iter().map(|(_, percent)| *percent);
        let (Some(low), Some(high)) = (percents().min(), percents().max()) else {
            return format!("{} to {}, nothing recorded.", first.name, last.name);
        };
        let goal = self.goal.map_or_else(String::new, |goal| {
            let reached = recorded.iter().filter(|(point, _)| point.reached).count();
            format!(" Goal {goal}%, reached on {reached} of {} days.", recorded.len())
        });
        let middle = self.middle.map_or_else(String::new, |middle| format!(", in the middle {middle}%"));
        format!(
            "{} to {}. Between {low}% and {high}%{middle}.{goal} Every day is in the table after the chart.",
            first.name, last.name
        )
    }
}
