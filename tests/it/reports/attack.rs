//! Somebody who reads every page of the reports, with every filter, and reckons: each number shown, each number hidden,
//! and all that is known of how they add up, on one page and from one page to the next. No hidden number that could
//! point at a child comes out, nor a sum of hidden ones that is small.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use uuid::Uuid;
use waymark::domain::{
    ids::SchoolId,
    report::{By, Counted, Report, Value, Year},
};

use super::{Tables, counted, schools, tables, world};
use crate::support::{NOW, Person, Town, day, grant, owner, person};

/// Numbers with their names, and sums that are nought: what was read and what is known of it.
#[derive(Default)]
struct Sums {
    names: BTreeMap<String, usize>,
    /// What each is at least and, when that is known, at most.
    bounds: Vec<(i128, Option<i128>)>,
    shown: Vec<bool>,
    nought: Vec<BTreeMap<usize, i128>>,
}

impl Sums {
    fn of(&mut self, name: &str) -> usize {
        let next = self.bounds.len();
        let at = *self.names.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.bounds.push((0, None));
            self.shown.push(false);
        }
        at
    }

    /// A number as a page shows it; anything but a number says nothing.
    fn read(&mut self, name: &str, cell: Option<&String>) -> usize {
        let at = self.of(name);
        if let Some(n) = cell.and_then(|cell| cell.replace(',', "").parse::<i128>().ok()) {
            assert!(!self.shown[at] || self.bounds[at] == (n, Some(n)), "pages disagree about {name}");
            self.bounds[at] = (n, Some(n));
            self.shown[at] = true;
        }
        at
    }

    /// The parts add up to the whole.
    fn add_up(&mut self, parts: &[usize], whole: usize) {
        let mut sum = BTreeMap::new();
        for part in parts {
            *sum.entry(*part).or_default() += 1;
        }
        *sum.entry(whole).or_default() -= 1;
        self.nought.push(sum);
    }

    /// The sums with what is shown put in and as few unknowns in each as subtracting one from another leaves.
    fn reduced(&self) -> Vec<(BTreeMap<usize, i128>, i128)> {
        let mut rows: Vec<(BTreeMap<usize, i128>, i128)> = self
            .nought
            .iter()
            .map(|sum| {
                let mut open = BTreeMap::new();
                let mut rest = 0;
                for (at, times) in sum.iter().filter(|(_, times)| **times != 0) {
                    match self.bounds[*at] {
                        (low, Some(high)) if low == high => rest -= times * low,
                        _ => {
                            open.insert(*at, *times);
                        }
                    }
                }
                (open, rest)
            })
            .filter(|(open, _)| !open.is_empty())
            .collect();
        let mut done = 0;
        for at in 0..self.bounds.len() {
            let Some(pivot) = (done..rows.len()).find(|row| rows[*row].0.contains_key(&at)) else { continue };
            rows.swap(done, pivot);
            let (pivot, rest) = rows[done].clone();
            for (n, row) in rows.iter_mut().enumerate() {
                if let Some(times) = row.0.get(&at).copied().filter(|_| n != done) {
                    let of = pivot[&at];
                    for (other, more) in &pivot {
                        *row.0.entry(*other).or_default() *= of;
                        *row.0.get_mut(other).unwrap() -= times * more;
                    }
                    for (other, value) in &mut row.0 {
                        if !pivot.contains_key(other) {
                            *value *= of;
                        }
                    }
                    row.1 = row.1 * of - times * rest;
                    row.0.retain(|_, value| *value != 0);
                    lower_terms(row);
                }
            }
            done += 1;
        }
        rows.retain(|(open, _)| !open.is_empty());
        rows
    }

    /// Reckons until nothing new comes out. What is given away.
    fn attacked(&mut self) -> Vec<String> {
        let names: BTreeMap<usize, String> =
            self.names.iter().map(|(name, at)| (*at, name.clone())).collect();
        let mut rows = self.reduced();
        rows.extend(self.nought.iter().map(|sum| (sum.clone(), 0)));
        while rows.iter().any(|(sum, rest)| self.narrow(sum, *rest)) {}
        let mut found: Vec<_> = self
            .bounds
            .iter()
            .enumerate()
            .filter(|(at, (low, high))| !self.shown[*at] && Some(*low) == *high && (1..=4).contains(low))
            .map(|(at, (low, _))| format!("{} is {low}", names[&at]))
            .collect();
        // Hidden numbers of which only the sum is known, and it is small.
        for (open, rest) in self.reduced() {
            let (signs, rest) = if rest < 0 { (-1, -rest) } else { (1, rest) };
            if open.values().all(|times| times * signs == 1) && (1..=4).contains(&rest) {
                let parts: Vec<_> = open.keys().map(|at| names[at].as_str()).collect();
                found.push(format!("{} come to {rest}", parts.join(", ")));
            }
        }
        found
    }

    /// Whether a sum narrows one of its numbers.
    fn narrow(&mut self, sum: &BTreeMap<usize, i128>, rest: i128) -> bool {
        let mut news = false;
        for (at, times) in sum.iter().filter(|(_, times)| **times != 0) {
            // times × this = rest − the others: between what the others are at most and at least.
            let (mut low, mut high) = (Some(rest), Some(rest));
            for (other, by) in sum.iter().filter(|(other, by)| *other != at && **by != 0) {
                let (least, most) = self.bounds[*other];
                let (least, most) = if *by > 0 {
                    (Some(by * least), most.map(|most| by * most))
                } else {
                    (most.map(|most| by * most), Some(by * least))
                };
                low = low.zip(most).map(|(low, most)| low - most);
                high = high.zip(least).map(|(high, least)| high - least);
            }
            let (low, high) = if *times > 0 { (low, high) } else { (high.map(|n| -n), low.map(|n| -n)) };
            let times = times.abs();
            let (is_low, is_high) = self.bounds[*at];
            let new_low = low.map_or(is_low, |low| is_low.max(-((-low).div_euclid(times))));
            let new_high = match (high.map(|high| high.div_euclid(times)), is_high) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            assert!(new_high.is_none_or(|high| high >= new_low), "what is shown cannot be: {sum:?}");
            news |= (new_low, new_high) != (is_low, is_high);
            self.bounds[*at] = (new_low, new_high);
        }
        news
    }
}

fn lower_terms((sum, rest): &mut (BTreeMap<usize, i128>, i128)) {
    fn common(a: i128, b: i128) -> i128 {
        if b == 0 { a.abs() } else { common(b, a % b) }
    }
    let by = sum.values().fold(rest.abs(), |so_far, times| common(so_far, *times)).max(1);
    for times in sum.values_mut() {
        *times /= by;
    }
    *rest /= by;
}

fn table<'a>(found: &'a Tables, caption: &str) -> Option<&'a [(String, Vec<String>)]> {
    found.iter().find(|(of, ..)| of.starts_with(caption)).map(|(.., rows)| rows.as_slice())
}

/// "27 of 41 (66%)"
fn of_ended(cell: Option<&String>) -> Option<String> {
    let (_, rest) = cell?.split_once(" of ")?;
    Some(rest.split(' ').next()?.to_owned())
}

/// Began, on the programme, with progress, otherwise: of a group, or of all.
fn outcome(sums: &mut Sums, name: &str, cells: &[String]) -> [usize; 4] {
    let [began, open, progress, otherwise] = ["began", "open", "progress", "otherwise"];
    let mut read = |column: &str, at: usize| sums.read(&format!("{name}, {column}"), cells.get(at));
    let all = [read(began, 0), read(open, 1), read(progress, 2), read(otherwise, 3)];
    sums.add_up(&all[1..], all[0]);
    if let Some(ended) = of_ended(cells.get(4)) {
        let ended = sums.read(&format!("{name}, ended"), Some(&ended));
        sums.add_up(&all[2..], ended);
    }
    all
}

/// Everything a person can read of a year.
async fn read_everything(town: &Town, who: &Person, year: i16) -> (Sums, Tables) {
    let mut sums = Sums::default();
    let page = async |report: &str| tables(&town.get(who, &format!("/reports/{report}")).await.body);
    let mut known: Option<[usize; 4]> = None;
    for by in ["school", "send", "looked_after", "eal", "year_group"] {
        let found = page(&format!("outcomes?year={year}&by={by}")).await;
        if let Some([parts @ .., (_, all)]) = table(&found, "Outcomes by") {
            let all = outcome(&mut sums, "all", all);
            known = Some(all);
            let mut columns = vec![Vec::new(); 4];
            for (label, cells) in parts {
                let group = outcome(&mut sums, &format!("{by} {label}"), cells);
                columns.iter_mut().zip(group).for_each(|(column, cell)| column.push(cell));
            }
            for (column, whole) in columns.iter().zip(all).filter(|(column, _)| !column.is_empty()) {
                sums.add_up(column, whole);
            }
        }
        if let (Some([avoided, left, excluded]), Some(all)) =
            (table(&found, "Permanent exclusions avoided"), known)
        {
            let avoided = sums.read("avoided", avoided.1.first());
            let [left, excluded] =
                [("left", left), ("excluded", excluded)].map(|(name, row)| sums.read(name, row.1.first()));
            sums.add_up(&[left, excluded], all[3]);
            // Who ended without one and had one in view, and who had not.
            let [without, rest] =
                ["ended without one", "ended and none was in view"].map(|name| sums.of(name));
            sums.add_up(&[left, all[2]], without);
            sums.add_up(&[avoided, rest], without);
        }
        for (label, cells) in table(&found, "School year by school year").unwrap_or_default() {
            let of_this = label.starts_with(&format!("{year} "));
            outcome(&mut sums, if of_this { "all" } else { label.as_str() }, cells);
        }
    }
    let found = page(&format!("flow?year={year}")).await;
    if let Some([terms @ .., (_, all)]) = table(&found, "Cases that began") {
        let row = |sums: &mut Sums, name: &str, cells: &[String]| {
            let stages: Vec<_> =
                (0..3).map(|at| sums.read(&format!("{name} at Stage {}", at + 1), cells.get(at))).collect();
            let whole = if name == "all" { "all, began".to_owned() } else { format!("{name} began") };
            let whole = sums.read(&whole, cells.get(3));
            sums.add_up(&stages, whole);
            [stages[0], stages[1], stages[2], whole]
        };
        let all = row(&mut sums, "all", all);
        let rows: Vec<_> = terms.iter().map(|(term, cells)| row(&mut sums, term, cells)).collect();
        for (at, whole) in all.into_iter().enumerate().filter(|_| !rows.is_empty()) {
            let column: Vec<_> = rows.iter().map(|row| row[at]).collect();
            sums.add_up(&column, whole);
        }
    }
    for (label, cells) in table(&found, "Moves and ends").unwrap_or_default() {
        let terms: Vec<_> =
            (0..3).map(|at| sums.read(&format!("{label} in term {at}"), cells.get(at))).collect();
        let whole = sums.read(label, cells.get(3));
        sums.add_up(&terms, whole);
    }
    let found = page(&format!("suspensions?year={year}")).await;
    if let Some(rows) = table(&found, "Days of suspension before and after") {
        let at = [0, 3, 4, 5, 6].map(|at| sums.read(&rows[at].0, rows[at].1.first()));
        sums.add_up(&at[1..4], at[0]);
        let began = sums.of("all, began");
        sums.add_up(&[at[0], at[4]], began);
    }
    let found = page(&format!("support?year={year}")).await;
    for (label, cells) in table(&found, "Support that began").unwrap_or_default() {
        let of: Vec<_> = (0..6).map(|at| sums.read(&format!("{label} {at}"), cells.get(at))).collect();
        sums.add_up(&of[1..], of[0]);
    }
    (sums, page(&format!("recording?year={year}")).await)
}

/// Those who see reports: of everything, of two schools, of one.
async fn readers(town: &mut Town, authority: Uuid, schools: &[(Uuid, String)]) -> Vec<(Person, Vec<Uuid>)> {
    let mut owner = owner().await;
    let all: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let mut readers = vec![
        (person(&mut owner, authority, "la_administrator", None).await, all.clone()),
        (person(&mut owner, authority, "headteacher", Some(all[0])).await, all[..1].to_vec()),
    ];
    if all.len() > 2 {
        let la = person(&mut owner, authority, "la_representative", Some(all[1])).await;
        grant(&mut town.owner, authority, la.id, "la_representative", Some(all[2]), day("2026-09-01"), None)
            .await;
        readers.push((la, all[1..3].to_vec()));
    }
    readers
}

#[tokio::test]
async fn nobody_reckons_a_hidden_number_from_all_the_pages_together() {
    let mut town = Town::new().await;
    let mut owner = owner().await;
    let (mut unknown, mut shown, mut found) = (0, 0, Vec::new());
    let worlds = if std::env::var("WAYMARK_STORM").is_ok() { 160 } else { 16 };
    for seed in 300..300 + worlds {
        let authority = world(&mut owner, seed).await;
        let schools = schools(&mut owner, authority).await;
        let today: Date = NOW.date();
        let kept = counted(&mut owner, authority, today).await;
        for (who, mine) in readers(&mut town, authority, &schools).await {
            for year in 2024..=2026_i16 {
                let (mut sums, recording) = read_everything(&town, &who, year).await;
                shown += sums.shown.iter().filter(|shown| **shown).count();
                unknown += sums.shown.iter().filter(|shown| !**shown).count();
                let place = format!("world {seed}, {year}, {} schools", mine.len());
                found.extend(sums.attacked().into_iter().map(|what| format!("{place}: {what}")));
                // Marks of hidden schools are all marks less those shown: of five cases or more, or none.
                let rows = table(&recording, "Marks made").unwrap_or_default();
                let names: BTreeSet<_> =
                    rows.iter().filter(|(_, cells)| cells[0] == "hidden").map(|(label, _)| label).collect();
                let all_shown = rows.iter().any(|(label, cells)| label == "All" && cells[0] != "hidden");
                let cases: i64 = schools
                    .iter()
                    .filter(|(_, name)| names.contains(name))
                    .filter_map(|(id, _)| kept.get(&(*id, year, "recorded".to_owned(), String::new())))
                    .map(|counts| counts[0])
                    .sum();
                if all_shown && (1..=4).contains(&cases) {
                    found.push(format!("{place}: the marks of {cases} cases at hidden schools"));
                }
            }
        }
    }
    println!("{shown} numbers shown, {unknown} not, {} given away", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(shown > 3000 && unknown > 1000, "{shown}, {unknown}");
}

#[test]
fn marks_of_hidden_schools_are_of_five_cases_or_more() {
    for (cases, hidden) in [
        (&[1_u32, 1, 9, 12][..], &[0, 1, 2][..]),
        (&[2, 9, 12], &[0, 1]),
        (&[3, 3, 9], &[0, 1]),
        (&[4, 0, 9, 12], &[0, 2]),
        (&[9, 12, 0], &[]),
        (&[2, 2, 1], &[0, 1, 2]),
    ] {
        let schools: Vec<_> =
            (0..cases.len()).map(|n| (SchoolId::from(Uuid::now_v7()), n.to_string())).collect();
        let of = |(school, cases): (&(SchoolId, String), &u32)| Counted {
            school: school.0,
            part: "recorded".to_owned(),
            group: String::new(),
            counts: vec![*cases, 20 * cases, 30 * cases],
        };
        let year = Year {
            first_year: 2026,
            counted: schools.iter().zip(cases).map(of).collect(),
            schools: schools.clone(),
            years: Vec::new(),
            progress_range: None,
            recorded_range: None,
        };
        let section = Report::Recording.sections(&year, By::default()).remove(0);
        let rows = section.grid.unwrap().rows;
        let is_hidden = |at: &usize| rows[*at].1[0] == Value::Words("hidden".to_owned());
        let found: Vec<_> = (0..cases.len()).filter(is_hidden).collect();
        assert_eq!(found, hidden, "{cases:?}");
    }
}

#[test]
fn the_reckoning_finds_what_is_not_hidden_well() {
    // One small number hidden alone; two that are hidden and come to a small sum; across two tables.
    let text = |n: &str| Some(n.to_owned());
    let mut sums = Sums::default();
    let [a, b, all] =
        [("a", "3x"), ("b", "9"), ("all", "12")].map(|(name, cell)| sums.read(name, text(cell).as_ref()));
    sums.add_up(&[a, b], all);
    assert_eq!(sums.attacked(), ["a is 3"]);
    let mut sums = Sums::default();
    let [a, b, c, all] = [("a", "x"), ("b", "x"), ("c", "9"), ("all", "11")]
        .map(|(name, cell)| sums.read(name, text(cell).as_ref()));
    sums.add_up(&[a, b, c], all);
    assert_eq!(sums.attacked(), ["a, b come to 2"]);
    let mut sums = Sums::default();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| sums.of(name));
    let [ab, cd, ac] =
        [("ab", "10"), ("cd", "10"), ("ac", "12")].map(|(name, cell)| sums.read(name, text(cell).as_ref()));
    let abc = sums.read("abc", text("14").as_ref());
    sums.add_up(&[a, b], ab);
    sums.add_up(&[c, d], cd);
    sums.add_up(&[a, c], ac);
    assert!(sums.attacked().is_empty(), "several ways remain");
    sums.add_up(&[a, b, c], abc);
    assert!(sums.attacked().contains(&"b is 2".to_owned()), "from three tables");
}
