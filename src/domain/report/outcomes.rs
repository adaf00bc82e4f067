//! What came of the cases that began in a year (R1.01).

use super::{By, Grid, Picture, Range, Section, Value, Year, cases, less, plus, school_year, share};
use crate::domain::suppression::{self, Line, Shown};

/// How the counts are kept: on the programme, left or moved away, excluded, with progress.
const WIDTH: usize = 4;

const COLUMNS: [&str; 5] = [
    "Began",
    "On the programme",
    "Left with progress",
    "Ended otherwise",
    "With progress, of those that ended",
];

pub(super) fn sections(year: &Year, by: By) -> Vec<Section> {
    let kept = year.group("all", "", WIDTH);
    let all = suppression::line(&columns(&kept));
    vec![by_group(year, by, &all), avoided(year, &kept, &all), by_year(year)]
}

/// On the programme, ended otherwise, with progress: in the order in which they are given up for each other.
fn columns(kept: &[u32]) -> Vec<u32> {
    vec![kept[0], kept[1] + kept[2], kept[3]]
}

/// Of a line: how many ended.
fn ended(line: &Line) -> Shown {
    less(line.total, line.columns[0])
}

fn values(line: &Line) -> Vec<Value> {
    let [open, otherwise, progress] = [0, 1, 2].map(|at| line.columns[at]);
    vec![
        Value::Count(line.total),
        Value::Count(open),
        Value::Count(progress),
        Value::Count(otherwise),
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
    match (ended(all), all.columns[2]) {
        (Shown::Count(0), _) => format!("{began}, and all of them are still on the programme."),
        (Shown::Count(ended), Shown::Count(progress)) => {
            let percent = all.columns[2].percent_of(Shown::Count(ended)).unwrap_or(0);
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
            .map(|(name, counts)| (name.to_owned(), columns(&counts)))
            .collect();
    }
    let kept = year.groups(by.as_str());
    let of = |group: &str| columns(kept.get(group).unwrap_or(&vec![0; WIDTH]));
    let rows = by.groups().iter().map(|(group, label)| ((*label).to_owned(), of(group)));
    // Pupils outside Years 7 to 11 are hardly ever there.
    rows.filter(|(label, counts)| label != "Other years" || counts.iter().sum::<u32>() > 0).collect()
}

fn by_group(year: &Year, by: By, all: &Line) -> Section {
    let groups = groups(year, by);
    let counts: Vec<_> = groups.iter().map(|(_, counts)| counts.clone()).collect();
    let lines = suppression::breakdown(&counts);
    let alone = by == By::School && groups.len() == 1;
    let range = year.progress_range.filter(|_| by == By::School);
    let row = |label: &str, line: &Line, a_school: bool| {
        let mut values = values(line);
        if let Some(range) = range {
            let percent = line.columns[2].percent_of(ended(line)).filter(|_| a_school);
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
    let bars: Vec<_> = rows
        .iter()
        .filter_map(|(label, values)| match &values[4] {
            Value::Share(part, whole) => {
                Some((label.clone(), part.percent_of(*whole)?, share(*part, *whole)))
            }
            _ => None,
        })
        .collect();
    let mut header = COLUMNS.to_vec();
    if range.is_some() {
        header.push("Against the authority’s schools");
    }
    let mut notes = notes(by, all, lines.as_deref(), range);
    let all_hidden =
        |line: &Line| line.columns.iter().all(|count| matches!(count, Shown::Hidden | Shown::Count(0)));
    if !alone && lines.as_ref().is_some_and(|lines| lines.iter().all(all_hidden)) {
        // A table of hidden numbers says nothing.
        header.truncate(1);
        for (_, values) in &mut rows {
            values.truncate(1);
        }
        notes.insert(0, format!("There are too few cases to show by {} how they ended.", by.label()));
    }
    Section {
        id: "outcomes",
        heading: format!("Outcomes by {}", by.label()),
        reading: reading(all, &year.name()),
        notes,
        picture: if bars.len() > 1 {
            Picture::Shares("Left with progress, of the cases that ended", bars)
        } else {
            Picture::None
        },
        grid: (all.total != Shown::Hidden).then_some(Grid { first: "Cases", columns: header, rows }),
    }
}

fn notes(by: By, all: &Line, lines: Option<&[Line]>, range: Option<Range>) -> Vec<String> {
    let mut notes = Vec::new();
    if lines.is_none() && all.total != Shown::Hidden {
        notes.push(format!("There are too few cases to show them by {}.", by.label()));
    }
    if let Some(range) = range {
        notes.push(format!(
            "In the middle half of the authority’s schools with five or more cases that ended, {} left with \
             progress, to the nearest 5%. Schools are in the order of their names.",
            range.words()
        ));
    }
    match by {
        By::School => {}
        By::YearGroup => {
            notes.push("Year groups are those the pupils were in when their cases began.".to_owned());
        }
        By::Send | By::LookedAfter | By::Eal => {
            notes.push("Groups are as the pupils’ records say now.".to_owned());
        }
    }
    notes.push("Sex and ethnicity are not held in Waymark, so there is no table by them.".to_owned());
    notes
}

/// A permanent exclusion was in view (the case was at Stage 3, or Stage 3 was considered after a serious incident) and the
/// case ended without one. How many of all that ended otherwise were excluded is a row of its own below the totals.
fn avoided(year: &Year, kept: &[u32], all: &Line) -> Section {
    let in_view = year.group("in_view", "yes", WIDTH);
    let how = suppression::line(&[kept[1], kept[2]]);
    let [left, excluded] = match all.columns[1] {
        Shown::Count(_) => [how.columns[0], how.columns[1]],
        Shown::Hidden => [Shown::Hidden; 2],
    };
    let avoided = in_view[1] + in_view[3];
    // Those who ended without one and never had one in view must not be what is left of a known number.
    let known = plus(&[left, all.columns[2]]) != Shown::Hidden;
    let rest = (kept[1] + kept[3]).saturating_sub(avoided);
    let open_range = rest.saturating_sub(kept[1]) <= 1 && rest + kept[2] >= 4;
    let safe = !suppression::is_small(rest) || (!known && open_range);
    let avoided = match avoided {
        0 => Shown::Count(0),
        n if !suppression::is_small(n) && safe => Shown::Count(n),
        _ => Shown::Hidden,
    };
    let reading = match avoided {
        Shown::Count(0) => "No case with a permanent exclusion in view has ended without one yet.".to_owned(),
        Shown::Count(n) => {
            format!("{} ended without a permanent exclusion although one was in view.", cases(n))
        }
        Shown::Hidden => {
            "How many cases ended without a permanent exclusion that was in view is hidden.".to_owned()
        }
    };
    let row = |label: &str, count: Shown| (label.to_owned(), vec![Value::Count(count)]);
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
        grid: (all.total != Shown::Hidden).then(|| Grid {
            first: "Cases that began in the year",
            columns: vec!["Cases"],
            rows: vec![
                row("A permanent exclusion was in view, and they ended without one", avoided),
                row("Ended otherwise than with progress: left the school or moved away", left),
                row("Ended otherwise than with progress: permanently excluded", excluded),
            ],
        }),
    }
}

/// Year after year; each is its own row of totals, and no sum is made of them.
fn by_year(year: &Year) -> Section {
    let lines: Vec<_> =
        year.years.iter().map(|(first, counts)| (*first, suppression::line(&columns(counts)))).collect();
    let rows: Vec<_> = lines.iter().map(|(first, line)| (school_year(*first), values(line))).collect();
    let known: Vec<_> = lines
        .iter()
        .filter_map(|(first, line)| Some((*first, line.columns[2].percent_of(ended(line))?)))
        .collect();
    let reading = match (known.first(), known.last()) {
        (Some((first, before)), Some((last, now))) if first != last => format!(
            "Of the cases that ended, {before}% of those of {} left with progress, and {now}% of those of {}.",
            school_year(*first),
            school_year(*last)
        ),
        _ if lines.len() > 1 => "Too few cases have ended to compare school years.".to_owned(),
        _ => "There are not yet two school years to compare.".to_owned(),
    };
    let bars: Vec<_> = lines
        .iter()
        .filter_map(|(first, line)| {
            let (part, whole) = (line.columns[2], ended(line));
            Some((school_year(*first), part.percent_of(whole)?, share(part, whole)))
        })
        .collect();
    Section {
        id: "years",
        heading: "School year by school year".to_owned(),
        reading,
        notes: vec![
            "A case counts in the year it began in. Cases of the latest year have had less time to end."
                .to_owned(),
        ],
        picture: if bars.len() > 1 {
            Picture::Shares("Left with progress, of the cases that ended, year by year", bars)
        } else {
            Picture::None
        },
        grid: (!rows.is_empty()).then_some(Grid { first: "School year", columns: COLUMNS.to_vec(), rows }),
    }
}
