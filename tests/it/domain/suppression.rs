//! Small numbers stay hidden from somebody who has every table that is published and reckons with all of them at once.

use std::collections::BTreeMap;

use uuid::Uuid;
use waymark::domain::{
    ids::SchoolId,
    report::{By, Counted, Report, Year},
    suppression::{HIDDEN, Line, Shown, breakdown, is_small, line},
};

/// A die of our own: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % n
    }
}

/// What is published of some cases: the totals, and every breakdown that is shown, each with its truth.
struct Publication {
    totals: Line,
    truth: Vec<u32>,
    tables: Vec<(Vec<Line>, Vec<Vec<u32>>)>,
    /// Every row of totals that agrees with what is shown of them, the true one first.
    possible_totals: Vec<Vec<u32>>,
}

fn sums(rows: &[Vec<u32>]) -> Vec<u32> {
    (0..rows[0].len()).map(|at| rows.iter().map(|row| row[at]).sum()).collect()
}

impl Publication {
    fn of(tables: &[Vec<Vec<u32>>], publish: impl Fn(&[Vec<u32>]) -> Option<Vec<Line>>) -> Self {
        let truth = sums(&tables[0]);
        let shown = tables.iter().filter_map(|rows| Some((publish(rows)?, rows.clone()))).collect();
        let mut publication =
            Self { totals: line(&truth), truth, tables: shown, possible_totals: Vec::new() };
        publication.possible_totals = publication.all_totals();
        publication
    }

    fn all_totals(&self) -> Vec<Vec<u32>> {
        let hidden: Vec<_> =
            (0..self.truth.len()).filter(|at| self.totals.columns[*at] == Shown::Hidden).collect();
        let mut all = vec![self.truth.clone()];
        let Some((last, free)) = hidden.split_last() else { return all };
        let sum: u32 = hidden.iter().map(|at| self.truth[*at]).sum();
        let mut spread = vec![(self.truth.clone(), sum)];
        for at in free {
            spread = spread
                .into_iter()
                .flat_map(|(row, left)| (0..=left).map(move |n| (row.clone(), n, left)))
                .map(|(mut row, n, left)| {
                    row[*at] = n;
                    (row, left - n)
                })
                .collect();
        }
        all.extend(spread.into_iter().map(|(mut row, left)| {
            row[*last] = left;
            row
        }));
        all
    }

    /// Whether a cell of a table (the column after the last is its sum) could be `value`.
    fn possible(&self, table: usize, row: usize, column: usize, value: u32) -> bool {
        self.possible_totals.iter().any(|totals| {
            self.tables
                .iter()
                .enumerate()
                .all(|(t, (lines, _))| feasible(lines, totals, (t == table).then_some((row, column, value))))
        })
    }

    /// Whether a column of the totals could be `value`.
    fn possible_total(&self, column: usize, value: u32) -> bool {
        self.possible_totals.iter().any(|totals| {
            totals[column] == value && self.tables.iter().all(|(lines, _)| feasible(lines, totals, None))
        })
    }

    /// Every small number about which something can be learnt.
    fn given_away(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.totals.total == Shown::Hidden {
            if !self.tables.is_empty() {
                found.push("fewer than five cases are broken down".to_owned());
            }
            return found;
        }
        for (column, value) in self.truth.iter().enumerate().filter(|(_, value)| is_small(**value)) {
            for wanted in 1..=4 {
                if !self.possible_total(column, wanted) {
                    found.push(format!("total {column} is {value} and cannot be {wanted}"));
                }
            }
        }
        for (t, (_, truth)) in self.tables.iter().enumerate() {
            for (r, row) in truth.iter().enumerate() {
                let sum = row.iter().sum();
                for (c, value) in
                    row.iter().copied().chain([sum]).enumerate().filter(|(_, value)| is_small(*value))
                {
                    for wanted in 1..=4 {
                        if !self.possible(t, r, c, wanted) {
                            found.push(format!(
                                "table {t} row {r} column {c} is {value} and cannot be {wanted}"
                            ));
                        }
                    }
                }
            }
        }
        found
    }
}

/// Whether a table with these column sums exists that agrees with every number shown, and perhaps with one guess: a
/// flow from the columns to the rows along the hidden cells. All of each column must arrive, and each row whose sum is
/// shown must be filled; a row whose sum is hidden takes what is left.
fn feasible(lines: &[Line], totals: &[u32], guess: Option<(usize, usize, u32)>) -> bool {
    let width = totals.len();
    let mut supply: Vec<i64> = totals.iter().map(|total| i64::from(*total)).collect();
    let mut demand: Vec<Option<i64>> = lines.iter().map(|line| line.total.count().map(i64::from)).collect();
    if let Some((r, _, value)) = guess.filter(|guess| guess.1 == width) {
        if demand[r].is_some_and(|shown| shown != i64::from(value)) {
            return false;
        }
        demand[r] = Some(value.into());
    }
    let mut open = vec![vec![false; width]; lines.len()];
    for (r, line) in lines.iter().enumerate() {
        for c in 0..width {
            let fixed = match (line.columns[c], guess) {
                (Shown::Count(n), Some((gr, gc, value))) if (gr, gc) == (r, c) && n != value => return false,
                (Shown::Count(n), _) => Some(n),
                (Shown::Hidden, Some((gr, gc, value))) if (gr, gc) == (r, c) => Some(value),
                (Shown::Hidden, _) => None,
            };
            match fixed {
                Some(n) => {
                    supply[c] -= i64::from(n);
                    if let Some(wanted) = &mut demand[r] {
                        *wanted -= i64::from(n);
                    }
                }
                None => open[r][c] = true,
            }
        }
    }
    if supply.iter().any(|left| *left < 0) || demand.iter().flatten().any(|left| *left < 0) {
        return false;
    }
    let mut flow = vec![vec![0_i64; width]; lines.len()];
    // First the rows that must be filled, then the others: a path never empties a row again.
    for free in [false, true] {
        while let Some(path) = path(&open, &flow, &supply, &demand, free) {
            let amount =
                path.iter().fold(
                    supply[path[0].1],
                    |least, (r, c, forward)| {
                        if *forward { least } else { least.min(flow[*r][*c]) }
                    },
                );
            let end = path[path.len() - 1].0;
            let amount = if free { amount } else { amount.min(demand[end].unwrap()) };
            for (r, c, forward) in &path {
                flow[*r][*c] += if *forward { amount } else { -amount };
            }
            supply[path[0].1] -= amount;
            if let Some(left) = demand[end].as_mut().filter(|_| !free) {
                *left -= amount;
            }
        }
        if !free && demand.iter().flatten().any(|left| *left > 0) {
            return false;
        }
    }
    supply.iter().all(|left| *left == 0)
}

/// A way from a column with something left to a row that takes it, forward along open cells and back along used ones.
fn path(
    open: &[Vec<bool>],
    flow: &[Vec<i64>],
    supply: &[i64],
    demand: &[Option<i64>],
    free: bool,
) -> Option<Vec<(usize, usize, bool)>> {
    let ends = |r: usize| if free { demand[r].is_none() } else { demand[r].is_some_and(|left| left > 0) };
    for start in (0..supply.len()).filter(|c| supply[*c] > 0) {
        let mut seen = vec![false; open.len()];
        let mut waiting = vec![(start, Vec::new())];
        while let Some((c, so_far)) = waiting.pop() {
            for r in (0..open.len()).filter(|r| open[*r][c]) {
                if std::mem::replace(&mut seen[r], true) {
                    continue;
                }
                let mut path = so_far.clone();
                path.push((r, c, true));
                if ends(r) {
                    return Some(path);
                }
                for back in (0..supply.len()).filter(|back| *back != c && flow[r][*back] > 0) {
                    let mut path = path.clone();
                    path.push((r, back, false));
                    waiting.push((back, path));
                }
            }
        }
    }
    None
}

/// Cases with how they ended and the groups they are in, as tables of groups by ends.
fn world(dice: &mut Dice) -> Vec<Vec<Vec<u32>>> {
    let (cases, columns) = ([3, 8, 20, 35, 60][dice.below(5) as usize] + dice.below(10), 2 + dice.below(3));
    let sizes = [2, 2, 3, 6, 1 + dice.below(9)];
    let skew = 1 + dice.below(12);
    let mut tables: Vec<_> =
        sizes.iter().map(|size| vec![vec![0_u32; columns as usize]; *size as usize]).collect();
    for _ in 0..cases {
        let end = dice.below(columns * skew).min(columns - 1) as usize;
        for (table, size) in tables.iter_mut().zip(sizes) {
            let group =
                if dice.below(3) == 0 { dice.below(size) } else { dice.below(size).min(dice.below(size)) };
            table[group as usize][end] += 1;
        }
    }
    tables
}

/// Hides small numbers and nothing else: what the rule is for.
#[expect(clippy::unnecessary_wraps, reason = "it stands in the place of the breakdown")]
fn naive(rows: &[Vec<u32>]) -> Option<Vec<Line>> {
    let hide = |count: u32| if is_small(count) { Shown::Hidden } else { Shown::Count(count) };
    let of = |row: &Vec<u32>| Line {
        columns: row.iter().map(|n| hide(*n)).collect(),
        total: hide(row.iter().sum()),
    };
    Some(rows.iter().map(of).collect())
}

#[test]
fn nobody_learns_more_of_a_small_number_than_that_it_is_one() {
    let (mut dice, mut shown, mut all, mut small) = (Dice(803), 0, 0, 0);
    for n in 0..250 {
        let tables = world(&mut dice);
        let publication = Publication::of(&tables, breakdown);
        let found = publication.given_away();
        assert!(found.is_empty(), "world {n}: {}\n{tables:?}", found.join("; "));
        all += tables.len();
        shown += publication.tables.len();
        small += tables.iter().flatten().flatten().filter(|count| is_small(**count)).count();
    }
    println!("{shown} of {all} breakdowns shown, {small} small numbers in them");
    assert!(shown * 2 > all, "the rule that hides everything protects as well: {shown} of {all}");
}

#[test]
fn hiding_only_small_numbers_would_give_them_away() {
    let mut dice = Dice(7);
    let caught =
        (0..100).filter(|_| !Publication::of(&world(&mut dice), naive).given_away().is_empty()).count();
    assert!(caught > 60, "the attack finds only {caught} of 100");
}

/// What the known numbers of a line leave for the others; none: the sum is unknown, or nothing else is.
fn left_over(total: Option<u32>, parts: &[Option<u32>]) -> Option<u32> {
    let known: u32 = parts.iter().flatten().sum();
    parts.contains(&None).then_some(total? - known)
}

/// Takes published numbers from each other for as long as that gives another one; what is left over in the lines.
fn differences(totals: &Line, lines: &[Line]) -> Vec<u32> {
    let width = totals.columns.len();
    let of = |line: &Line| line.columns.iter().chain([&line.total]).map(|n| n.count()).collect::<Vec<_>>();
    let (sums, mut cells) = (of(totals), lines.iter().map(of).collect::<Vec<_>>());
    loop {
        let mut worked_out = false;
        for row in &mut cells {
            let unknown: Vec<_> = (0..width).filter(|c| row[*c].is_none()).collect();
            match (unknown.as_slice(), row[width]) {
                ([c], Some(total)) => row[*c] = Some(total - row[..width].iter().flatten().sum::<u32>()),
                ([], None) => row[width] = Some(row[..width].iter().flatten().sum()),
                _ => continue,
            }
            worked_out = true;
        }
        for (c, sum) in sums.iter().enumerate() {
            let unknown: Vec<_> = (0..cells.len()).filter(|r| cells[*r][c].is_none()).collect();
            if let ([r], Some(sum)) = (unknown.as_slice(), sum) {
                cells[*r][c] = Some(sum - cells.iter().filter_map(|row| row[c]).sum::<u32>());
                worked_out = true;
            }
        }
        if !worked_out {
            break;
        }
    }
    let columns = sums
        .iter()
        .enumerate()
        .filter_map(|(c, sum)| left_over(*sum, &cells.iter().map(|row| row[c]).collect::<Vec<_>>()));
    let rows = cells.iter().filter_map(|row| left_over(row[width], &row[..width]));
    columns.chain(rows).collect()
}

#[test]
fn the_difference_of_published_numbers_is_never_small() {
    let mut dice = Dice(16);
    for n in 0..3000 {
        let tables = world(&mut dice);
        let publication = Publication::of(&tables, breakdown);
        let mut rests: Vec<u32> = publication
            .tables
            .iter()
            .flat_map(|(lines, _)| differences(&publication.totals, lines))
            .collect();
        let totals: Vec<_> = publication.totals.columns.iter().map(|n| n.count()).collect();
        rests.extend(left_over(publication.totals.total.count(), &totals));
        assert!(!rests.into_iter().any(is_small), "world {n}: {tables:?}");
        // What is shown is true, and nothing small is.
        for (lines, truth) in &publication.tables {
            for (line, row) in lines.iter().zip(truth) {
                let sum = row.iter().sum::<u32>();
                for (shown, count) in line.columns.iter().chain([&line.total]).zip(row.iter().chain([&sum])) {
                    assert!(*shown == Shown::Hidden || *shown == Shown::Count(*count));
                    assert!(!shown.count().is_some_and(is_small));
                }
            }
        }
    }
}

#[test]
fn a_row_of_parts_and_their_sum() {
    let counts = |counts: &[u32]| line(counts).columns.iter().map(|count| count.count()).collect::<Vec<_>>();
    // Nothing small: all of it. Nought is shown.
    assert_eq!(counts(&[7, 0, 12]), [Some(7), Some(0), Some(12)]);
    // A small part takes the first that is large enough with it.
    assert_eq!(counts(&[30, 9, 2, 27]), [None, Some(9), None, Some(27)]);
    assert_eq!(counts(&[0, 9, 2, 27]), [Some(0), None, None, Some(27)]);
    // Small together: others are needed too.
    assert_eq!(counts(&[1, 1, 2, 27]), [None, None, None, None]);
    assert_eq!(counts(&[3, 2, 0, 27]), [None, None, Some(0), Some(27)]);
    // A small sum: nothing.
    assert_eq!(line(&[1, 2, 0]).total, Shown::Hidden);
    assert_eq!(counts(&[1, 2, 0]), [None, None, None]);
    assert_eq!(line(&[0, 0]).total, Shown::Count(0));
    assert_eq!(line(&[5]).columns, [Shown::Count(5)]);
}

#[test]
fn a_hidden_count_has_no_percent() {
    let (part, all) = (Shown::Count(27), Shown::Count(41));
    assert_eq!(part.percent_of(all), Some(66));
    assert_eq!(Shown::Hidden.percent_of(all), None);
    assert_eq!(part.percent_of(Shown::Hidden), None);
    assert_eq!(Shown::Count(0).percent_of(Shown::Count(0)), None);
    assert_eq!(Shown::Hidden.words(), "hidden");
}

#[test]
fn five_ones_are_not_broken_down() {
    assert_eq!(breakdown(&vec![vec![1, 0]; 5]), None);
    assert_eq!(breakdown(&[vec![1, 2], vec![1, 0]]), None, "fewer than five in all");
    assert_eq!(breakdown(&[]), None);
}

/// Every way to share out `n` over so many cells.
fn shared_out(n: u32, cells: usize) -> Vec<Vec<u32>> {
    if cells == 1 {
        return vec![vec![n]];
    }
    (0..=n)
        .flat_map(|first| {
            shared_out(n - first, cells - 1).into_iter().map(move |mut rest| {
                rest.insert(0, first);
                rest
            })
        })
        .collect()
}

/// What somebody who knows every step of the rule can tell from a publication: all truths that would be published alike
/// are laid beside each other. How many small cells and sums of rows there are, and how many of them are the same in all.
fn worked_backwards(n: u32, rows: usize, width: usize) -> (usize, usize) {
    let mut published: BTreeMap<String, Vec<Vec<u32>>> = BTreeMap::new();
    for truth in shared_out(n, rows * width) {
        let table: Vec<Vec<u32>> = truth.chunks(width).map(<[u32]>::to_vec).collect();
        let shown = (line(&sums(&table)), breakdown(&table));
        let with_sums = table.iter().flat_map(|row| row.iter().copied().chain([row.iter().sum()]));
        published.entry(format!("{shown:?}")).or_default().push(with_sums.collect());
    }
    let (mut small, mut exact) = (0, 0);
    for truths in published.values() {
        for at in 0..truths[0].len() {
            let alike = truths.iter().all(|truth| truth[at] == truths[0][at]);
            let of = truths.iter().filter(|truth| is_small(truth[at])).count();
            small += of;
            exact += if alike { of } else { 0 };
        }
    }
    (small, exact)
}

#[test]
fn working_the_rule_backwards_finds_hardly_a_small_number() {
    for (rows, width, most) in [(1, 3, 24), (2, 2, 20), (3, 1, 24), (3, 2, 12), (2, 3, 12), (4, 1, 18)] {
        let found = (5..=most).map(|n| worked_backwards(n, rows, width));
        let (small, exact) = found.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        println!("{rows} rows of {width}, up to {most} cases: {exact} of {small} small numbers");
        assert!(exact * 100 < small, "{rows} rows of {width}: {exact} of {small}");
    }
}

#[test]
fn days_are_not_summed_up_beside_a_hidden_change() {
    let school = SchoolId::from(Uuid::nil());
    let page = |counts: [u32; 7]| {
        let counted =
            Counted { school, part: "suspended".to_owned(), group: String::new(), counts: counts.to_vec() };
        let year = Year {
            first_year: 2026,
            schools: vec![(school, "Greenfield".to_owned())],
            counted: vec![counted],
            years: Vec::new(),
            progress_range: None,
            recorded_range: None,
        };
        format!("{:?}", Report::Suspensions.sections(&year, By::School))
    };
    // Both windows, half-days before, after, fewer, as many, more, without both.
    // Eight cases, one child with a half-day before: its half-day and that it had fewer would be read off.
    let one = page([8, 1, 0, 1, 7, 0, 0]);
    assert!(!one.contains("0.5 days") && !one.contains("fewer than before"), "{one}");
    assert!(one.contains("8 cases") && one.contains("not summed up") && one.contains(HIDDEN), "{one}");
    let many = page([30, 84, 20, 12, 12, 6, 0]);
    assert!(many.contains("42 days of suspension before, 10 days after, fewer than before"), "{many}");
}
