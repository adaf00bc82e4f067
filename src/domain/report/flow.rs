//! Cases that began, moved between the stages and ended, term by term.

use super::{Grid, Picture, Section, Value, Year, cases};
use crate::domain::{
    suppression::{self, Line, Shown},
    text::{thousands, within},
};

const TERMS: [&str; 3] = ["Autumn", "Spring", "Summer"];

const NOTE: &str = "Autumn is September to December, spring January to March, summer April to August.";

/// How moves are kept, and how people say it.
const MOVES: [(&str, &str); 3] =
    [("up_2", "Moved up to Stage 2"), ("up_3", "Moved up to Stage 3"), ("down", "Stepped down")];

/// The same of ends.
const ENDS: [(&str, &str); 2] = [("progress", "Left with progress"), ("otherwise", "Ended otherwise")];

pub(super) fn sections(year: &Year) -> Vec<Section> {
    vec![began(year), moved(year)]
}

fn began(year: &Year) -> Section {
    let kept = year.groups("entered");
    let counts: Vec<_> =
        ["1", "2", "3"].map(|term| kept.get(term).cloned().unwrap_or_else(|| vec![0; 3])).to_vec();
    let totals: Vec<u32> = (0..3).map(|at| counts.iter().map(|row| row[at]).sum()).collect();
    let all = suppression::line(&totals);
    let lines = suppression::breakdown(&counts);
    let values = |line: &Line| {
        let stages = line.columns.iter().map(|count| Value::Count(*count));
        stages.chain([Value::Count(line.total)]).collect::<Vec<_>>()
    };
    let mut rows: Vec<(String, Vec<Value>)> = Vec::new();
    if let Some(lines) = &lines {
        rows.extend(TERMS.iter().zip(lines).map(|(term, line)| ((*term).to_owned(), values(line))));
    }
    rows.push(("School year".to_owned(), values(&all)));
    let reading = match (all.total, all.columns[0]) {
        (Shown::Count(0), _) => format!("No case began in the school year {}.", year.name()),
        (Shown::Count(total), Shown::Count(first)) => {
            format!("{} began in the school year {}, {first} of them at Stage 1.", cases(total), year.name())
        }
        (Shown::Count(total), Shown::Hidden) => {
            format!("{} began in the school year {}.", cases(total), year.name())
        }
        (Shown::Hidden, _) => format!("Fewer than five cases began in the school year {}.", year.name()),
    };
    let mut notes = vec![NOTE.to_owned()];
    if lines.is_none() && all.total != Shown::Hidden {
        notes.push("There are too few cases to show them by term.".to_owned());
    }
    Section {
        id: "began",
        heading: "Cases that began".to_owned(),
        reading,
        notes,
        picture: Picture::None,
        grid: (all.total != Shown::Hidden).then_some(Grid {
            first: "Term",
            columns: vec!["At Stage 1", "At Stage 2", "At Stage 3", "All"],
            rows,
        }),
    }
}

/// A number of ends to the nearest five. What came of the cases of a year is known exactly: taken from each other, the
/// exact numbers would single out the cases that ended in another year than they began in.
fn about(count: u32) -> String {
    match count {
        0 => "0".to_owned(),
        1..=7 => "fewer than 8".to_owned(),
        n => format!("about {}", thousands(((n + 2) / 5 * 5).into())),
    }
}

fn moved(year: &Year) -> Section {
    let moves = MOVES.map(|(kept, label)| (label, suppression::line(&year.group("moves", kept, 3))));
    let ends = ENDS.map(|(kept, label)| {
        let terms = year.group("moves", kept, 3);
        (label, [terms[0], terms[1], terms[2], terms.iter().sum()])
    });
    let mut rows: Vec<(String, Vec<Value>)> = Vec::new();
    let mut said = Vec::new();
    for (label, line) in &moves {
        let terms = line.columns.iter().map(|count| Value::Count(*count));
        rows.push(((*label).to_owned(), terms.chain([Value::Count(line.total)]).collect()));
        if let Shown::Count(n @ 1..) = line.total {
            said.push(format!("{n} {}", within(label)));
        }
    }
    for (label, counts) in &ends {
        rows.push(((*label).to_owned(), counts.iter().map(|count| Value::Words(about(*count))).collect()));
        if counts[3] > 7 {
            said.push(format!("{} {}", about(counts[3]), within(label)));
        }
    }
    let reading = if said.is_empty() {
        format!("In the school year {} too few cases moved or ended to show how many.", year.name())
    } else {
        format!("Cases in the school year {}: {}.", year.name(), said.join(", "))
    };
    Section {
        id: "moves",
        heading: "Moves and ends".to_owned(),
        reading,
        notes: vec![
            NOTE.to_owned(),
            "Counted in the term it happened in, whenever the case began; a case that moved twice counts twice. Ends are \
             to the nearest five: beside the exact numbers of what came of a year’s cases, they would single out those \
             that ended later."
                .to_owned(),
        ],
        picture: Picture::None,
        grid: Some(Grid {
            first: "What happened",
            columns: vec!["Autumn", "Spring", "Summer", "School year"],
            rows,
        }),
    }
}
