//! Small numbers (domain 6): a count from 1 to 4 could point at a child, so it is hidden, and so is whatever would give
//! it away. Nought is shown: it says of nobody that they are in the group, and hiding it would make most tables of a
//! small authority unreadable. A hidden cell may be small, nought, or large and hidden for the sake of another.
//!
//! What is published about one set of cases is one row of totals and any number of breakdowns of it, each a table whose
//! rows add up to the totals and whose columns add up to the row. Nobody may learn of a small cell more than that it is
//! one: from all of it together, every value from 1 to 4 stays possible. Two steps see to that:
//!
//! 1. In the row of totals, columns are joined until none of the joined sums is small. The columns of a joined pair stay
//!    hidden in every breakdown, so that one may grow by what the other loses, here and everywhere at once.
//! 2. In a breakdown each small cell gets a rectangle: another row and another column, so that moving the same number
//!    along its four corners changes no sum of a row or a column. The corners are hidden, and large enough for the small
//!    cell to be anything from 1 to 4. Hiding more never undoes that. Where there is no such rectangle, the breakdown is
//!    not shown at all.
//!
//! Last, what nobody can work out of a line must not add up to a small number: the sum less the cells that are known
//! would say that "1 to 4 of the rest" did something.
//!
//! This is the measure against somebody who takes published numbers from each other, knowing that what is hidden may be
//! small. Somebody who also knows these steps by heart and works them backwards, laying beside each other all tables that
//! would be published alike, learns more: of the smallest tables about one small number in two hundred. A test keeps it
//! from becoming more. Hiding the whole table in those cases would be no way out: that it is hidden would say as much.

/// A count from 1 to 4 could point at a child.
pub const SMALL: u32 = 5;

/// A count, as it may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It may be known.
    Count(u32),
    /// It stays hidden.
    Hidden,
}

impl Shown {
    /// The count, when it may be known.
    pub fn count(self) -> Option<u32> {
        match self {
            Self::Count(count) => Some(count),
            Self::Hidden => None,
        }
    }

    /// "12", "0" or "hidden".
    pub fn words(self) -> String {
        self.count().map_or_else(|| HIDDEN.to_owned(), |count| count.to_string())
    }

    /// This count in whole percent of `all`; none: one of them is hidden, or there is nothing to take a part of.
    pub fn percent_of(self, all: Self) -> Option<u8> {
        let (part, all) = (self.count()?, all.count()?);
        (all > 0).then(|| u8::try_from((part * 200 + all) / (all * 2)).unwrap_or(100))
    }
}

/// What stands in the place of a hidden number.
pub const HIDDEN: &str = "hidden";

/// Whether a count could point at a child.
pub fn is_small(count: u32) -> bool {
    count > 0 && count < SMALL
}

/// One row of a published table: its columns, which add up to `total`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The columns, in their order.
    pub columns: Vec<Shown>,
    /// Their sum.
    pub total: Shown,
}

/// Publishes a row of columns together with their sum. Columns come in the order in which they are given up for each
/// other: the first is missed least.
pub fn line(columns: &[u32]) -> Line {
    let total: u32 = columns.iter().sum();
    if is_small(total) {
        return Line { columns: vec![Shown::Hidden; columns.len()], total: Shown::Hidden };
    }
    let mut shown: Vec<_> = columns.iter().map(|count| Shown::Count(*count)).collect();
    for block in joined(columns).iter().filter(|block| block.len() > 1) {
        for at in block {
            shown[*at] = Shown::Hidden;
        }
    }
    Line { columns: shown, total: Shown::Count(total) }
}

/// The columns in blocks none of whose sums is small, as long as the sum of all is not.
fn joined(columns: &[u32]) -> Vec<Vec<usize>> {
    let mut blocks: Vec<Vec<usize>> = (0..columns.len()).map(|at| vec![at]).collect();
    let sum = |block: &[usize]| block.iter().map(|at| columns[*at]).sum::<u32>();
    while let Some(small) =
        (0..blocks.len()).filter(|at| is_small(sum(&blocks[*at]))).min_by_key(|at| sum(&blocks[*at]))
    {
        let with = |other: usize| sum(&blocks[other]) + sum(&blocks[small]);
        let others = || (0..blocks.len()).filter(|at| *at != small && sum(&blocks[*at]) > 0);
        let enough = others().find(|at| !is_small(with(*at)));
        let Some(partner) = enough.or_else(|| others().max_by_key(|at| with(*at))) else { break };
        let taken = blocks[small].clone();
        blocks[partner].extend(taken);
        blocks[partner].sort_unstable();
        blocks.remove(small);
    }
    blocks
}

/// Publishes a breakdown: rows of columns that add up to the row of totals, which is published as [`line()`] of the sums.
/// Where the columns cannot be shown, the sums of the rows alone. None: there are too few cases for those too.
pub fn breakdown(rows: &[Vec<u32>]) -> Option<Vec<Line>> {
    let width = rows.first()?.len();
    let totals: Vec<u32> = (0..width).map(|at| rows.iter().map(|row| row[at]).sum()).collect();
    if is_small(totals.iter().sum()) {
        return None;
    }
    shown_in_blocks(rows, &joined(&totals)).or_else(|| {
        let sums_alone = shown_in_blocks(rows, &[(0..width).collect()])?;
        keeps_sums_apart(rows, &totals, &sums_alone).then_some(sums_alone)
    })
}

fn shown_in_blocks(rows: &[Vec<u32>], blocks: &[Vec<usize>]) -> Option<Vec<Line>> {
    let mut table = Table::new(rows, blocks);
    table.protect()?;
    table.settle()?;
    let publish = |r: usize, row: &[u32]| {
        let mut columns = vec![Shown::Hidden; row.len()];
        for (b, block) in blocks.iter().enumerate() {
            for at in block {
                let alone = block.len() == 1 || table.cells[r][b] == 0;
                if alone && !table.hidden[r][b] {
                    columns[*at] = Shown::Count(row[*at]);
                }
            }
        }
        let last = blocks.len();
        let total = if table.hidden[r][last] { Shown::Hidden } else { Shown::Count(table.cells[r][last]) };
        Line { columns, total }
    };
    Some(rows.iter().enumerate().map(|(r, row)| publish(r, row)).collect())
}

/// The sums of rows and of columns alone: a row that has most of all cases has most of each column. Whether no small
/// cell is known to be more than one in that way.
fn keeps_sums_apart(rows: &[Vec<u32>], totals: &[u32], lines: &[Line]) -> bool {
    let all: u32 = totals.iter().sum();
    rows.iter().zip(lines).filter(|(_, line)| line.total != Shown::Hidden).all(|(row, _)| {
        let sum: u32 = row.iter().sum();
        row.iter().zip(totals).all(|(cell, total)| !is_small(*cell) || sum + total <= all + 1)
    })
}

/// A breakdown over joined columns; the last column of each row is its sum.
struct Table {
    cells: Vec<Vec<u32>>,
    hidden: Vec<Vec<bool>>,
}

/// Row and column of a cell.
type At = (usize, usize);

impl Table {
    fn new(rows: &[Vec<u32>], blocks: &[Vec<usize>]) -> Self {
        let cells: Vec<Vec<u32>> = rows
            .iter()
            .map(|row| {
                let sums = blocks.iter().map(|block| block.iter().map(|at| row[*at]).sum());
                sums.chain([row.iter().sum()]).collect()
            })
            .collect();
        let hidden = cells.iter().map(|row| row.iter().map(|cell| is_small(*cell)).collect()).collect();
        Self { cells, hidden }
    }

    /// The column of the sums.
    fn last(&self) -> usize {
        self.cells[0].len() - 1
    }

    /// Gives each small cell its rectangle. None: one has none.
    fn protect(&mut self) -> Option<()> {
        let all = (0..self.cells.len()).flat_map(|r| (0..=self.last()).map(move |c| (r, c)));
        let mut small: Vec<At> = all.filter(|at| is_small(self.cells[at.0][at.1])).collect();
        // The smallest needs most of its neighbours.
        small.sort_by_key(|(r, c)| self.cells[*r][*c]);
        for at in small {
            let corners = self.rectangle(at)?;
            for (r, c) in corners {
                self.hidden[r][c] = true;
            }
        }
        Some(())
    }

    /// The three other corners that cost least to hide.
    fn rectangle(&self, at: At) -> Option<[At; 3]> {
        let mut best: Option<((usize, u32), [At; 3])> = None;
        for r in (0..self.cells.len()).filter(|r| *r != at.0) {
            for c in (0..=self.last()).filter(|c| *c != at.1) {
                let corners = [(at.0, c), (r, at.1), (r, c)];
                if !self.holds(at, (r, c)) {
                    continue;
                }
                let new = corners.iter().filter(|(r, c)| !self.hidden[*r][*c] && self.cells[*r][*c] > 0);
                let cost = (new.clone().count(), new.map(|(r, c)| self.cells[*r][*c]).sum());
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, corners));
                }
            }
        }
        best.map(|(_, corners)| corners)
    }

    /// Whether the cell can be anything from 1 to 4 while numbers move along the corners. A sum moves with the cells
    /// of its row, other columns against each other.
    fn holds(&self, at: At, opposite: At) -> bool {
        let value = self.cells[at.0][at.1];
        let (up, down) = (4_u32.saturating_sub(value), value.saturating_sub(1));
        let cell = |r: usize, c: usize| self.cells[r][c];
        let below = cell(opposite.0, at.1);
        if at.1 == self.last() {
            // The sum grows with the other column of its row, which the other row loses.
            cell(opposite.0, opposite.1) >= up && cell(at.0, opposite.1) >= down
        } else if opposite.1 == self.last() {
            below >= up
        } else {
            below >= up && cell(at.0, opposite.1) >= up && cell(opposite.0, opposite.1) >= down
        }
    }

    /// What anybody can work out: the cells shown, and the only hidden one of a line whose others are known, over and
    /// over.
    fn worked_out(&self) -> Vec<Vec<bool>> {
        let mut known: Vec<Vec<bool>> =
            self.hidden.iter().map(|row| row.iter().map(|hidden| !hidden).collect()).collect();
        loop {
            let alone = self.rows().chain(self.columns()).find_map(|line| {
                let mut unknown = line.into_iter().filter(|(r, c)| !known[*r][*c]);
                unknown.next().filter(|_| unknown.next().is_none())
            });
            let Some((r, c)) = alone else { return known };
            known[r][c] = true;
        }
    }

    /// The rows, each with its sum last.
    fn rows(&self) -> impl Iterator<Item = Vec<At>> + use<> {
        let last = self.last();
        (0..self.cells.len()).map(move |r| (0..=last).map(|c| (r, c)).collect())
    }

    /// The columns, that of the sums last. What a column comes to is known from the row of totals.
    fn columns(&self) -> impl Iterator<Item = Vec<At>> + use<> {
        let rows = self.cells.len();
        (0..=self.last()).map(move |c| (0..rows).map(|r| (r, c)).collect())
    }

    /// Hides more until what nobody knows of a line does not add up to a small number. None: there is nothing left to
    /// hide. A row whose sum is unknown says nothing.
    fn settle(&mut self) -> Option<()> {
        let last = self.last();
        loop {
            let known = self.worked_out();
            let rows = self.rows().filter(|line| known[line[last].0][last]);
            let rows = rows.map(|mut line| {
                line.pop();
                line
            });
            let given_away = rows.chain(self.columns()).find(|line| {
                is_small(line.iter().filter(|(r, c)| !known[*r][*c]).map(|(r, c)| self.cells[*r][*c]).sum())
            });
            let Some(line) = given_away else { return Some(()) };
            let (r, c) = self.more_of(&line).or_else(|| self.more_beside(&line, &known))?;
            self.hidden[r][c] = true;
        }
    }

    /// The largest cell of a line that is shown.
    fn more_of(&self, line: &[At]) -> Option<At> {
        let shown = line.iter().copied().filter(|(r, c)| !self.hidden[*r][*c] && self.cells[*r][*c] > 0);
        shown.max_by_key(|(r, c)| self.cells[*r][*c])
    }

    /// The smallest cell that lets a hidden one of the line be worked out, across the line.
    fn more_beside(&self, line: &[At], known: &[Vec<bool>]) -> Option<At> {
        let is_row = line.first()?.0 == line.last()?.0;
        let across = |(r, c): At| if is_row { self.columns().nth(c) } else { self.rows().nth(r) };
        let worked_out = line.iter().copied().filter(|(r, c)| self.hidden[*r][*c] && known[*r][*c]);
        let beside = worked_out.filter_map(across).flatten();
        let shown = beside.filter(|(r, c)| !self.hidden[*r][*c] && self.cells[*r][*c] > 0);
        shown.min_by_key(|(r, c)| self.cells[*r][*c])
    }
}
