//! Suspension before and after a case began (R1.01), over windows of the same length.

use super::{Grid, Picture, Section, Value, Year, cases};
use crate::domain::suppression::{self, Shown};

/// School days on each side of the day a case began.
pub const WINDOW: u32 = 60;

pub(super) fn sections(year: &Year) -> Vec<Section> {
    let counts = year.group("suspended", "", 7);
    let [both, before, after, fewer, same, more, without] = [0, 1, 2, 3, 4, 5, 6].map(|at| counts[at]);
    // Those without both are what is left of all that began, which is known.
    let covered = suppression::line(&[without, both]);
    let how = suppression::line(&[same, more, fewer]);
    let known = covered.columns[1] != Shown::Hidden && how.total != Shown::Hidden && both > 0;
    // The sums beside a hidden column would say who is in it.
    let summed = known && how.columns.iter().all(|column| *column != Shown::Hidden);
    let reading = if summed {
        let direction = match after.cmp(&before) {
            std::cmp::Ordering::Less => "fewer than before",
            std::cmp::Ordering::Equal => "as many as before",
            std::cmp::Ordering::Greater => "more than before",
        };
        format!(
            "In {} the {WINDOW} school days before and the {WINDOW} after can be compared: {} of suspension before, {} \
             after, {direction}.",
            cases(both),
            days(before),
            days(after)
        )
    } else if known {
        format!(
            "In {} the {WINDOW} school days before and the {WINDOW} after can be compared. Few of them changed one way, so \
             their days are not summed up.",
            cases(both)
        )
    } else {
        format!(
            "Too few cases have {WINDOW} school days on both sides of the day they began to compare them."
        )
    };
    let rows = vec![
        (
            "Cases that can be compared".to_owned(),
            vec![Value::Count(if known { how.total } else { Shown::Hidden })],
        ),
        (
            "Days of suspension before".to_owned(),
            vec![Value::Words(if summed { days(before) } else { hidden() })],
        ),
        (
            "Days of suspension after".to_owned(),
            vec![Value::Words(if summed { days(after) } else { hidden() })],
        ),
        ("Cases with fewer after".to_owned(), vec![Value::Count(how.columns[2])]),
        ("Cases with as many after".to_owned(), vec![Value::Count(how.columns[0])]),
        ("Cases with more after".to_owned(), vec![Value::Count(how.columns[1])]),
        ("Cases that cannot be compared yet".to_owned(), vec![Value::Count(covered.columns[0])]),
    ];
    vec![Section {
        id: "suspensions",
        heading: "Days of suspension before and after".to_owned(),
        reading,
        notes: vec![
            format!(
                "The {WINDOW} school days before the day a case began and the {WINDOW} after it, at any school of the \
                 authority. A case can be compared when the pupil was on the roll for all of them and the calendar of \
                 the school covers them. Cancelled days are not counted."
            ),
            "It does not say why: a case begins when things are at their worst, and some would have got better anyway."
                .to_owned(),
        ],
        picture: Picture::None,
        grid: known.then_some(Grid { first: "What", columns: vec!["Number"], rows }),
    }]
}

fn hidden() -> String {
    suppression::HIDDEN.to_owned()
}

/// Half-days as days: "84.5 days".
fn days(half_days: u32) -> String {
    let half = if half_days.is_multiple_of(2) { "" } else { ".5" };
    if half_days == 2 { "1 day".to_owned() } else { format!("{}{half} days", half_days / 2) }
}
