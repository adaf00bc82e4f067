//! Small pictures on one and the same axis, side by side.

use super::{rounded, spark};

/// Many runs of days, each in a panel of its own, all from 0 to 100 percent against one goal.
#[derive(Clone, Debug)]
pub struct Multiples {
    /// Prefix of the ids in the markup.
    pub id: String,
    /// The sentence over them.
    pub title: String,
    /// Over the names in the table.
    pub first_column: String,
    /// In the order they are to be read.
    pub panels: Vec<Panel>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Whose.
    pub name: String,
    /// Where more is to be seen.
    pub href: Option<String>,
    /// The goal in percent.
    pub goal: u8,
    /// At or above the goal over these days; none without a mark.
    pub reached: Option<bool>,
    /// "37 of 50 points (74%)"
    pub words: String,
    /// "25 of 27 marks recorded"
    pub recorded: String,
    /// "steady", when there is enough to say so.
    pub trend: &'static str,
    /// Oldest first.
    pub days: Vec<PanelDay>,
}

/// One day of one of them.
#[derive(Clone, Debug)]
pub struct PanelDay {
    /// "2 Nov"
    pub name: String,
    /// None: nothing recorded, a gap.
    pub percent: Option<u8>,
    /// At or above the goal: a filled dot; else a hollow one.
    pub reached: bool,
    /// "24 of 30 points (80%)"
    pub words: String,
}

impl Panel {
    /// Width of a drawing.
    pub const WIDTH: i32 = 220;
    /// Height of a drawing.
    pub const HEIGHT: i32 = 72;
    /// Left edge of the plot.
    pub const LEFT: f64 = 36.0;
    /// Right edge of the plot.
    pub const RIGHT: f64 = 214.0;
    /// 100 percent.
    pub const TOP: f64 = 10.0;
    /// 0 percent.
    pub const BOTTOM: f64 = 62.0;

    /// The height of a percentage.
    fn y(percent: u8) -> f64 {
        rounded(Self::BOTTOM - (Self::BOTTOM - Self::TOP) * f64::from(percent.min(100)) / 100.0)
    }

    /// The goal's height.
    pub fn goal_y(&self) -> f64 {
        Self::y(self.goal)
    }

    /// Grid lines with their numbers; one that would touch the goal's word goes without.
    pub fn grid(&self) -> [(f64, &'static str); 2] {
        [(100, "100%"), (0, "0%")].map(|(at, label)| {
            let y = Self::y(at);
            (y, if (y - self.goal_y()).abs() < 12.0 { "" } else { label })
        })
    }

    /// Dots: x, y, at or above the goal.
    pub fn dots(&self) -> Vec<(f64, f64, bool)> {
        let at = self.days.iter().enumerate();
        at.filter_map(|(at, day)| {
            let percent = day.percent?;
            let (x, y) = spark::place(
                (at, self.days.len()),
                percent,
                (Self::LEFT + 4.0, Self::RIGHT - 4.0),
                (Self::TOP, Self::BOTTOM),
            );
            Some((x, y, day.reached))
        })
        .collect()
    }

    /// Lines between neighbours, one for each run without a gap.
    pub fn lines(&self) -> Vec<String> {
        let percents: Vec<_> = self.days.iter().map(|day| day.percent).collect();
        spark::runs(&percents, (Self::LEFT + 4.0, Self::RIGHT - 4.0), (Self::TOP, Self::BOTTOM))
    }

    /// What it shows, for somebody who does not see it.
    pub fn description(&self) -> String {
        let recorded = self.days.iter().filter(|day| day.percent.is_some()).count();
        let reached = self.days.iter().filter(|day| day.reached).count();
        match (self.days.first(), self.days.last()) {
            (Some(first), Some(last)) => format!(
                "{} to {}. At or above the {}% goal on {reached} of {recorded} days. {}, {}. Every day is in the table after the charts.",
                first.name, last.name, self.goal, self.words, self.recorded
            ),
            _ => "No days recorded yet.".to_owned(),
        }
    }

    /// "Below goal", in words beside the picture.
    pub fn standing(&self) -> &'static str {
        match self.reached {
            Some(true) => "At or above goal",
            Some(false) => "Below goal",
            None => "Nothing recorded",
        }
    }
}
