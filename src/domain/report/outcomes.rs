//! What came of the cases that began in a year (R1.01).

use super::{By, Grid, Picture, Section, Value, Year, cases, less, plus, school_year, share};
use crate::domain::suppression::{self, Line, Shown};

/// On the programme, left or moved away, excluded, with progress: how the counts are kept, and given up for each other.
const WIDTH: usize = 4;

const COLUMNS: [&str; 6] = [
    "Began",
    "On the programme",
    "Left with progress",
    "Left the school or moved away",
    "Permanently excluded",
    "With progress, of those that ended",
];

pub(super) fn sections(year: &Year, by: By) -> Vec<Section> {
    let totals = year.group("all", "", WIDTH);
    let all = suppression::line(&totals);
    let mut sections = vec![by_group(year, by, &all), in_view(year)];
    sections.push(by_year(year));
    sections
}

/// Of a line: how many ended.
fn ended(line: &Line) -> Shown {
    less(line.total, line.columns[0])
}

fn values(line: &Line) -> Vec<Value> {
    let [open, left, excluded, progress] = [0, 1, 2, 3].map(|at| line.columns[at]);
    vec![
        Value::Count(line.total),
        Value::Count(open),
        Value::Count(progress),
        Value::Count(left),
        Value::Count(excluded),
        Value::Share(progress, ended(line)),
    ]
}

fn reading(all: &Line, year: &str) -> String {
    let Shown::Count(began) = all.total else {
        return format!("Fewer than five cases began in the school year {year}: too few to say more.");
    };
    if began == 0 {
        return format!("No case began in the school year {year}.");
    }
    let began = format!("{} began in the school year {year}", cases(began));
    match (ended(all), all.columns[3]) {
        (Shown::Count(0), _) => format!("{began}, and all of them are still on the programme."),
        (Shown::Count(ended), Shown::Count(progress)) => {
            let percent = all.columns[3].percent_of(Shown::Count(ended)).unwrap_or(0);
            format!("{began}. Of the {ended} that have ended, {progress} left with progress ({percent}%).")
        }
        (_, Shown::Count(progress)) => format!("{began}; {progress} of them left with progress."),
        _ => format!("{began}. How many left with progress is hidden, because a number beside it is small."),
    }
}

/// The groups with their labels and counts, in the order of the table.
fn groups(year: &Year, by: By) -> Vec<(String, Vec<u32>)> {
    if by == By::School {
        return year
            .schools("all", WIDTH)
            .into_iter()
            .map(|(name, counts)| (name.to_owned(), counts))
            .collect();
    }
    let kept = year.groups(by.as_str());
    let of = |group: &str| kept.get(group).cloned().unwrap_or_else(|| vec![0; WIDTH]);
    let rows = by.groups().iter().map(|(group, label)| ((*label).to_owned(), of(group)));
    // Pupils outside Years 7 to 11 are hardly ever there.
    rows.filter(|(label, counts)| label != "Other years" || counts.iter().sum::<u32>() > 0).collect()
}

fn by_group(year: &Year, by: By, all: &Line) -> Section {
    let groups = groups(year, by);
    let counts: Vec<_> = groups.iter().map(|(_, counts)| counts.clone()).collect();
    let lines = suppression::breakdown(&counts);
    let alone = by == By::School && groups.len() == 1;
    let mut columns = COLUMNS.to_vec();
    let range = year.progress_range.filter(|_| by == By::School);
    if range.is_some() {
        columns.push("Against the authority’s schools");
    }
    let row = |label: &str, line: &Line, a_school: bool| {
        let mut values = values(line);
        if let Some(range) = range {
            let percent = line.columns[3].percent_of(ended(line)).filter(|_| a_school);
            values.push(Value::Words(percent.map_or_else(|| "–".to_owned(), |p| range.place(p).to_owned())));
        }
        (label.to_owned(), values)
    };
    let mut rows = Vec::new();
    if let Some(lines) = lines.as_ref().filter(|_| !alone) {
        rows.extend(groups.iter().zip(lines).map(|((label, _), line)| row(label, line, true)));
    }
    let last = groups.first().filter(|_| alone).map_or("All", |(name, _)| name);
    rows.push(row(last, all, alone));
    let bars = |(label, values): &(String, Vec<Value>)| match &values[5] {
        Value::Share(part, whole) => (label.clone(), part.percent_of(*whole), share(*part, *whole)),
        _ => (label.clone(), None, String::new()),
    };
    let mut notes = Vec::new();
    if lines.is_none() && all.total != Shown::Hidden {
        notes.push(format!("There are too few cases to show them by {}.", by.label()));
    }
    if let Some(range) = range {
        notes.push(format!(
            "In the middle half of the authority’s schools with five or more cases that ended, {}% to {}% left with \
             progress, to the nearest 5%. Schools are in the order of their names.",
            range.low, range.high
        ));
    }
    if by != By::School {
        notes.push("Groups are as the pupils’ records say now.".to_owned());
    }
    notes.push("Sex and ethnicity are not held in Waymark, so there is no table by them.".to_owned());
    Section {
        id: "outcomes",
        heading: format!("Outcomes by {}", by.label()),
        reading: reading(all, &year.name()),
        notes,
        picture: if rows.len() > 1 {
            Picture::Bars("Left with progress, of the cases that ended", rows.iter().map(bars).collect())
        } else {
            Picture::None
        },
        grid: (all.total != Shown::Hidden).then_some(Grid { first: "Cases", columns, rows }),
    }
}

/// A permanent exclusion was in view: the case was at Stage 3, or Stage 3 was considered after a serious incident.
fn in_view(year: &Year) -> Section {
    let kept = year.groups("in_view");
    let counts: Vec<_> =
        ["yes", "no"].map(|group| kept.get(group).cloned().unwrap_or_else(|| vec![0; WIDTH])).to_vec();
    let lines = suppression::breakdown(&counts);
    let avoided = |line: &Line| plus(&[line.columns[1], line.columns[3]]);
    let reading = match lines.as_ref().map(|lines| (lines[0].total, avoided(&lines[0]), lines[0].columns[0]))
    {
        Some((Shown::Count(0), ..)) => "In no case was a permanent exclusion in view.".to_owned(),
        Some((Shown::Count(all), Shown::Count(avoided), open)) => {
            let still = match open {
                Shown::Count(open @ 1..) => format!("; {open} are still on the programme"),
                _ => String::new(),
            };
            format!(
                "In {} a permanent exclusion was in view. {avoided} of them ended without one{still}.",
                cases(all)
            )
        }
        _ => "The cases in which a permanent exclusion was in view are too few to show how they ended."
            .to_owned(),
    };
    let row = |(label, line): (&str, &Line)| {
        let excluded = Value::Count(line.columns[2]);
        let cells = vec![
            Value::Count(line.total),
            Value::Count(avoided(line)),
            excluded,
            Value::Count(line.columns[0]),
        ];
        (label.to_owned(), cells)
    };
    Section {
        id: "avoided",
        heading: "Permanent exclusions avoided".to_owned(),
        reading,
        notes: vec![
            "In view: the case was at Stage 3 when it was counted or ended, or Stage 3 was considered after a serious \
             incident. It does not say that the programme was the reason."
                .to_owned(),
        ],
        picture: Picture::None,
        grid: lines.map(|lines| Grid {
            first: "Permanent exclusion",
            columns: vec!["Cases", "Ended without one", "Permanently excluded", "On the programme"],
            rows: ["In view", "Not in view"].into_iter().zip(&lines).map(row).collect(),
        }),
    }
}

/// Year after year; each is its own row of totals, and no sum is made of them.
fn by_year(year: &Year) -> Section {
    let lines: Vec<_> =
        year.years.iter().map(|(first, counts)| (*first, suppression::line(counts))).collect();
    let rows: Vec<_> = lines.iter().map(|(first, line)| (school_year(*first), values(line))).collect();
    let known: Vec<_> = lines
        .iter()
        .filter_map(|(first, line)| Some((*first, line.columns[3].percent_of(ended(line))?)))
        .collect();
    let reading = match (known.first(), known.last()) {
        (Some((first, before)), Some((last, now))) if first != last => format!(
            "Of the cases that ended, {before}% of those of {} left with progress, and {now}% of those of {}.",
            school_year(*first),
            school_year(*last)
        ),
        _ => "There are not yet two school years to compare.".to_owned(),
    };
    let bars = lines.iter().map(|(first, line)| {
        let (part, whole) = (line.columns[3], ended(line));
        (school_year(*first), part.percent_of(whole), share(part, whole))
    });
    Section {
        id: "years",
        heading: "School year by school year".to_owned(),
        reading,
        notes: vec![
            "A case counts in the year it began in. Cases of the latest year have had less time to end."
                .to_owned(),
        ],
        picture: if lines.len() > 1 {
            Picture::Bars("Left with progress, of the cases that ended", bars.collect())
        } else {
            Picture::None
        },
        grid: (!rows.is_empty()).then_some(Grid { first: "School year", columns: COLUMNS.to_vec(), rows }),
    }
}
