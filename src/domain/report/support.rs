//! Support that was used (R1.02) and what followed it.

use super::{Grid, Picture, Section, Value, Year};
use crate::domain::{
    monitoring,
    support::SupportKind,
    suppression::{self, HIDDEN, Line, Shown, is_small},
};

/// Helped, a little, nothing, worse, not ended, enough days, points and marks before, points and marks lately.
const WIDTH: usize = 10;

/// A kind of support in a year.
struct Used {
    label: &'static str,
    /// Not ended, nothing changed, helped a little, helped, worse.
    effects: Line,
    points: Points,
}

/// Points of the cases with enough days before and since.
enum Points {
    /// There is no such case.
    TooFewDays,
    /// There are so few that their points would be those of a child.
    Hidden,
    /// Before and lately: points, and points possible.
    Known([(u32, u32); 2]),
}

fn used(year: &Year, kind: SupportKind) -> Used {
    let counts = year.group("support", kind.as_str(), WIDTH);
    let effects = suppression::line(&[counts[4], counts[2], counts[1], counts[0], counts[3]]);
    // How many had enough days is not said, so that those who had not cannot be counted either.
    let points = match (counts[5], effects.total) {
        (0, _) => Points::TooFewDays,
        (enough, Shown::Count(_)) if !is_small(enough) => {
            Points::Known([(counts[6], 2 * counts[7]), (counts[8], 2 * counts[9])])
        }
        _ => Points::Hidden,
    };
    Used { label: kind.label(), effects, points }
}

pub(super) fn sections(year: &Year) -> Vec<Section> {
    let all: Vec<_> = SupportKind::ALL.iter().map(|kind| used(year, *kind)).collect();
    let most = all.iter().filter(|used| matches!(used.effects.total, Shown::Count(1..)));
    let most = most.max_by_key(|used| used.effects.total.count());
    let reading = match most {
        None => format!("Too little support began in the school year {} to say anything of it.", year.name()),
        Some(used) => {
            let total = used.effects.total.count().unwrap_or(0);
            let helped = match (used.effects.columns[2], used.effects.columns[3]) {
                (Shown::Count(little), Shown::Count(helped)) if little + helped > 0 => {
                    format!(
                        "; in {} of them it was recorded at its end that it helped, at least a little",
                        little + helped
                    )
                }
                _ => String::new(),
            };
            format!("The kind used most is “{}”, in {total} cases{helped}.", used.label)
        }
    };
    let row = |used: &Used| {
        let [going_on, nothing, little, helped, worse] = [0, 1, 2, 3, 4].map(|at| used.effects.columns[at]);
        let mut values =
            [used.effects.total, helped, little, nothing, worse, going_on].map(Value::Count).to_vec();
        for side in 0..2 {
            let words = match used.points {
                Points::TooFewDays => "too few days".to_owned(),
                Points::Hidden => HIDDEN.to_owned(),
                Points::Known(points) => monitoring::share(points[side].0, points[side].1),
            };
            values.push(Value::Words(words));
        }
        (used.label.to_owned(), values)
    };
    let some = |used: &&Used| used.effects.total != Shown::Count(0);
    let rows: Vec<_> = all.iter().filter(some).map(row).collect();
    vec![Section {
        id: "support",
        heading: "Support that began in the year".to_owned(),
        reading,
        notes: vec![
            "One for each case and kind. What it did is what was recorded when it ended. Points are those of up to ten \
             recorded days before it began and of the latest ten since, of cases with three recorded days or more on \
             both sides. It never says why points changed."
                .to_owned(),
        ],
        picture: Picture::None,
        grid: (!rows.is_empty()).then_some(Grid {
            first: "Support",
            columns: vec![
                "Cases",
                "It helped",
                "It helped a little",
                "Nothing changed",
                "Things got worse",
                "Not ended",
                "Points before",
                "Points lately",
            ],
            rows,
        }),
    }]
}
