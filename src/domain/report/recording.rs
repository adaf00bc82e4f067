//! How completely days are recorded: what every other number rests on.

use super::{Grid, Picture, Section, Value, Year};
use crate::domain::{
    suppression::{HIDDEN, SMALL},
    text::thousands,
};

/// Cases, marks made, marks expected.
const WIDTH: usize = 3;

pub(super) fn sections(year: &Year) -> Vec<Section> {
    let all = year.group("recorded", "", WIDTH);
    let schools = year.schools("recorded", WIDTH);
    let shown = shown(&schools.iter().map(|(_, counts)| counts.as_slice()).collect::<Vec<_>>());
    let row = |label: &str, counts: &[u32], shown: bool, a_school: bool| {
        let percent = percent(counts[1], counts[2]).filter(|_| shown);
        let mut values = match percent {
            Some(percent) => {
                vec![Value::Words(marks(counts, percent)), Value::Number(counts[1]), Value::Number(counts[2])]
            }
            None if counts[2] == 0 => {
                vec![Value::Words("nothing expected".to_owned()), Value::Number(0), Value::Number(0)]
            }
            None => vec![Value::Words(HIDDEN.to_owned()); 3],
        };
        if let Some(range) = year.recorded_range {
            let place = percent.filter(|_| a_school).map_or("–", |percent| range.place(percent));
            values.push(Value::Words(place.to_owned()));
        }
        (label.to_owned(), values)
    };
    let enough = all[0] >= SMALL;
    let mut rows: Vec<_> =
        schools.iter().zip(&shown).map(|((name, counts), shown)| row(name, counts, *shown, true)).collect();
    if schools.len() != 1 {
        rows.push(row("All", &all, enough, false));
    }
    let reading = match percent(all[1], all[2]).filter(|_| enough) {
        Some(percent) => format!(
            "Of {} marks expected in the school year {}, {} were made ({percent}%).",
            thousands(all[2].into()),
            year.name(),
            thousands(all[1].into())
        ),
        None => format!("Too few cases were monitored in the school year {} to say.", year.name()),
    };
    let mut notes = vec![
        "Expected: every target in every period of every school day from the first target to the day before the count, \
         less what a reason excused and days known beforehand to be away. Weeks count in the school year they begin in."
            .to_owned(),
        "A school with fewer than five monitored cases is hidden, and the next smallest with it when it would be the only \
         one, or when those hidden have fewer than five together."
            .to_owned(),
    ];
    if let Some(range) = year.recorded_range {
        notes.push(format!(
            "In the middle half of the authority’s schools with five or more monitored cases, {} of the marks were \
             made, to the nearest 5%. Schools are in the order of their names.",
            range.words()
        ));
    }
    let bars: Vec<_> = schools
        .iter()
        .zip(&shown)
        .filter_map(|((name, counts), shown)| {
            let percent = percent(counts[1], counts[2]).filter(|_| *shown)?;
            Some(((*name).to_owned(), percent, marks(counts, percent)))
        })
        .collect();
    vec![Section {
        id: "recording",
        heading: "Marks made of marks expected".to_owned(),
        reading,
        notes,
        picture: if bars.len() > 1 {
            Picture::Shares("Marks made, of marks expected", bars)
        } else {
            Picture::None
        },
        grid: Some(Grid {
            first: "School",
            columns: {
                let mut columns = vec!["Share", "Marks made", "Marks expected"];
                if year.recorded_range.is_some() {
                    columns.push("Against the authority’s schools");
                }
                columns
            },
            rows,
        }),
    }]
}

/// Which schools are shown: those with enough cases, and not all but one. What is left of all marks when the shown are
/// taken away is of enough cases too.
fn shown(schools: &[&[u32]]) -> Vec<bool> {
    let mut shown: Vec<_> = schools.iter().map(|counts| counts[0] == 0 || counts[0] >= SMALL).collect();
    loop {
        let hidden = || schools.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(counts, _)| counts[0]);
        if hidden().count() == 0 || (hidden().count() > 1 && hidden().sum::<u32>() >= SMALL) {
            return shown;
        }
        let next = (0..schools.len())
            .filter(|at| shown[*at] && schools[*at][0] > 0)
            .min_by_key(|at| schools[*at][0]);
        let Some(at) = next else { return shown };
        shown[at] = false;
    }
}

/// "97,881 of 103,219 (95%)"
fn marks(counts: &[u32], percent: u8) -> String {
    format!("{} of {} ({percent}%)", thousands(counts[1].into()), thousands(counts[2].into()))
}

fn percent(made: u32, expected: u32) -> Option<u8> {
    let (made, expected) = (u64::from(made), u64::from(expected));
    (expected > 0).then(|| u8::try_from(made * 100 / expected).unwrap_or(100))
}
