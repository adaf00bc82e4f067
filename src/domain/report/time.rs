//! How long cases stay at a stage.

use super::{Grid, Picture, Section, Value, Year};

/// Stays below which a middle would be somebody's own time.
const ENOUGH: u32 = 10;

/// The longest stay that is counted in whole weeks; the last place holds this many or more.
const MOST: usize = 52;

pub(super) fn sections(year: &Year) -> Vec<Section> {
    let stages: Vec<_> = ["1", "2", "3"]
        .map(|stage| (format!("Stage {stage}"), year.group("weeks", stage, MOST + 1)))
        .into_iter()
        .map(|(label, stays)| (label, quartiles(&stays), stays.iter().sum::<u32>()))
        .collect();
    let said: Vec<_> = stages
        .iter()
        .filter_map(|(label, quartiles, _)| {
            quartiles.map(|[_, middle, _]| format!("{} at {label}", weeks(middle)))
        })
        .collect();
    let reading = if said.is_empty() {
        format!(
            "Too few stays at a stage have ended, of the cases that began in the school year {}, to say how long they are.",
            year.name()
        )
    } else {
        format!("Half of the stays lasted no longer than {}.", said.join(", "))
    };
    let row = |(label, quartiles, stays): &(String, Option<[u32; 3]>, u32)| {
        let mut values = vec![Value::Words(quartiles.map_or_else(
            || format!("fewer than {ENOUGH}"),
            // Not the number itself: what is left of a number that is known elsewhere could be small.
            |_| format!("{} or more", stays / 5 * 5),
        ))];
        for at in 0..3 {
            let words = quartiles.map_or_else(|| "too few to say".to_owned(), |of| weeks(of[at]));
            values.push(Value::Words(words));
        }
        (label.clone(), values)
    };
    vec![Section {
        id: "time",
        heading: "Weeks at each stage".to_owned(),
        reading,
        notes: vec![
            "Stays that have ended, of cases that began in the year, in whole weeks, holidays included. Long stays that are \
             still going on are not in it."
                .to_owned(),
        ],
        picture: Picture::Weeks(
            "The middle half of the stays at each stage",
            stages.iter().filter_map(|(label, quartiles, _)| Some((label.clone(), (*quartiles)?))).collect(),
        ),
        grid: Some(Grid {
            first: "Stage",
            columns: vec!["Stays that ended", "A quarter within", "Half within", "Three quarters within"],
            rows: stages.iter().map(row).collect(),
        }),
    }]
}

/// The number of weeks within which a quarter, a half and three quarters of the stays ended; none: too few stays.
/// `stays` holds how many lasted each number of weeks, from nought on.
pub fn quartiles(stays: &[u32]) -> Option<[u32; 3]> {
    let all: u32 = stays.iter().sum();
    if all < ENOUGH {
        return None;
    }
    let within = |quarters: u32| {
        let wanted = (all * quarters).div_ceil(4);
        let mut so_far = 0;
        for (weeks, count) in (0..).zip(stays) {
            so_far += count;
            if so_far >= wanted {
                return weeks;
            }
        }
        0
    };
    Some([within(1), within(2), within(3)])
}

fn weeks(count: u32) -> String {
    match count {
        0 => "less than a week".to_owned(),
        1 => "1 week".to_owned(),
        52.. => "a year or more".to_owned(),
        n => format!("{n} weeks"),
    }
}
