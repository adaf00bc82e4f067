//! Cases that began, moved between the stages and ended, term by term.

use super::{Grid, Picture, Section, Value, Year, cases};
use crate::domain::suppression::{self, Line, Shown};

const TERMS: [&str; 3] = ["Autumn", "Spring", "Summer"];

const NOTE: &str = "Autumn is September to December, spring January to March, summer April to August.";

/// How what happened is kept, and how people say it.
const MOVES: [(&str, &str); 5] = [
    ("up_2", "Moved up to Stage 2"),
    ("up_3", "Moved up to Stage 3"),
    ("down", "Stepped down"),
    ("progress", "Left with progress"),
    ("otherwise", "Ended otherwise"),
];

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

fn moved(year: &Year) -> Section {
    let lines: Vec<_> = MOVES
        .iter()
        .map(|(kept, label)| (*label, suppression::line(&year.group("moves", kept, 3))))
        .collect();
    let row = |(label, line): &(&str, Line)| {
        let terms = line.columns.iter().map(|count| Value::Count(*count));
        ((*label).to_owned(), terms.chain([Value::Count(line.total)]).collect::<Vec<_>>())
    };
    let said = |at: usize, one: &str, many: &str| {
        let (_, line) = lines.get(at)?;
        match line.total {
            Shown::Count(0) | Shown::Hidden => None,
            Shown::Count(1) => Some(format!("1 {one}")),
            Shown::Count(n) => Some(format!("{n} {many}")),
        }
    };
    let parts: Vec<_> = [
        said(0, "case moved up to Stage 2", "cases moved up to Stage 2"),
        said(1, "moved up to Stage 3", "moved up to Stage 3"),
        said(2, "stepped down", "stepped down"),
        said(3, "left with progress", "left with progress"),
        said(4, "ended otherwise", "ended otherwise"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let reading = if parts.is_empty() {
        format!("In the school year {} too few cases moved or ended to show how many.", year.name())
    } else {
        format!("In the school year {}: {}.", year.name(), parts.join(", "))
    };
    Section {
        id: "moves",
        heading: "Moves and ends".to_owned(),
        reading,
        notes: vec![
            NOTE.to_owned(),
            "Counted in the term it happened in, whenever the case began; a case that moved twice counts twice.".to_owned(),
        ],
        picture: Picture::None,
        grid: Some(Grid {
            first: "What happened",
            columns: vec!["Autumn", "Spring", "Summer", "School year"],
            rows: lines.iter().map(row).collect(),
        }),
    }
}
