//! Charts drawn on the server: SVG with a sentence for a title, a description and an equal table. Shapes say
//! what colours say. Plain numbers and words: nothing here knows the programme. One file for each kind; their
//! markup is in `templates/components/charts.html`.

mod limit;
mod multiples;
mod run;
mod spark;
mod stacked;
mod strip;

pub use limit::{LimitBar, Tick};
pub use multiples::{Multiples, Panel, PanelDay};
pub use run::{Line, Marker, RunChart, RunPoint, Svg};
pub use spark::Sparkline;
pub use stacked::{Column, Row, Segment, Stack, StackedBars};
pub use strip::{Bar, BarStrip};

/// A length in a drawing, to a hundredth: what a reader of the markup can compare with the table.
fn rounded(length: f64) -> f64 {
    (length * 100.0).round() / 100.0
}
