//! Reports (R1.01, R1.02): what came of the programme, in counts that name nobody. Each report is a few sections: a
//! sentence read from the numbers, a table, and a picture where it helps. Everything goes through
//! [`suppression`](super::suppression) before anybody sees it.
//!
//! One school year at a time, and one breakdown at a time: with free combinations, the difference of two tables would
//! be a child. No sum over several years is offered for the same reason.

mod flow;
mod outcomes;
mod recording;
mod support;
mod suspensions;
mod time;

use std::collections::BTreeMap;

use super::{ids::SchoolId, suppression::Shown, text::thousands};

/// The counts of one part of the reports, for one group of one school's cases.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Whose.
    pub school: SchoolId,
    /// Which part.
    pub part: String,
    /// Which group; empty where the part has none.
    pub group: String,
    /// What stands where is said in `migrations/0017_reports.sql`.
    pub counts: Vec<u32>,
}

/// The middle half of the authority's schools, in whole percent to the nearest five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// A quarter of the schools are below.
    pub low: u8,
    /// A quarter of the schools are above.
    pub high: u8,
}

impl Range {
    /// Where a percent stands, to the nearest five as the range is.
    fn place(self, percent: u8) -> &'static str {
        match (percent + 2) / 5 * 5 {
            p if p < self.low => "below the middle half of schools",
            p if p > self.high => "above the middle half of schools",
            _ => "in the middle half of schools",
        }
    }

    /// "80% to 95%", "about 95%"
    fn words(self) -> String {
        if self.low == self.high {
            format!("about {}%", self.low)
        } else {
            format!("{}% to {}%", self.low, self.high)
        }
    }
}

/// Everything the reports of one school year are made of.
#[derive(Clone, Debug)]
pub struct Year {
    /// The calendar year it begins in.
    pub first_year: i16,
    /// The counts within reach.
    pub counted: Vec<Counted>,
    /// The schools within reach, by name.
    pub schools: Vec<(SchoolId, String)>,
    /// What became of the cases of every school year, oldest first.
    pub years: Vec<(i16, Vec<u32>)>,
    /// Of the cases that ended, those that left with progress.
    pub progress_range: Option<Range>,
    /// Of the marks expected, those made.
    pub recorded_range: Option<Range>,
}

impl Year {
    /// "2026 to 2027"
    pub fn name(&self) -> String {
        school_year(self.first_year)
    }

    /// Sums of a part over the schools, group by group.
    fn groups(&self, part: &str) -> BTreeMap<&str, Vec<u32>> {
        let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for counted in self.counted.iter().filter(|counted| counted.part == part) {
            add(groups.entry(&counted.group).or_default(), &counted.counts);
        }
        groups
    }

    /// Sums of a group of a part over the schools, `width` numbers.
    fn group(&self, part: &str, group: &str, width: usize) -> Vec<u32> {
        let mut sums = vec![0; width];
        for counted in self.counted.iter().filter(|counted| counted.part == part && counted.group == group) {
            add(&mut sums, &counted.counts);
        }
        sums
    }

    /// A part without groups, school by school, in the order of their names.
    fn schools(&self, part: &str, width: usize) -> Vec<(&str, Vec<u32>)> {
        let mut of: BTreeMap<SchoolId, Vec<u32>> = BTreeMap::new();
        for counted in self.counted.iter().filter(|counted| counted.part == part) {
            add(of.entry(counted.school).or_insert_with(|| vec![0; width]), &counted.counts);
        }
        self.schools
            .iter()
            .map(|(school, name)| (name.as_str(), of.remove(school).unwrap_or_else(|| vec![0; width])))
            .collect()
    }
}

fn add(sums: &mut Vec<u32>, counts: &[u32]) {
    sums.resize(sums.len().max(counts.len()), 0);
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// "2026 to 2027"
pub fn school_year(first: i16) -> String {
    format!("{first} to {}", first + 1)
}

/// What the cases of a year are broken down by: one thing at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// School by school.
    #[default]
    School,
    /// Special educational needs.
    Send,
    /// Looked after by the authority.
    LookedAfter,
    /// English as an additional language.
    Eal,
    /// Year group when the case began.
    YearGroup,
}

impl By {
    /// In the order of the form.
    pub const ALL: [Self; 5] = [Self::School, Self::Send, Self::LookedAfter, Self::Eal, Self::YearGroup];

    /// As addresses write it, and as the counts are kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Send => "send",
            Self::LookedAfter => "looked_after",
            Self::Eal => "eal",
            Self::YearGroup => "year_group",
        }
    }

    /// From an address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Send => "special educational needs",
            Self::LookedAfter => "looked after",
            Self::Eal => "English as an additional language",
            Self::YearGroup => "year group when the case began",
        }
    }

    /// The groups in the order of the table: how they are kept, and how people say them.
    fn groups(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::School => &[],
            Self::Send => &[
                ("none", "No special educational needs recorded"),
                ("sen_support", "SEN support"),
                ("ehcp", "Education, health and care plan"),
            ],
            Self::LookedAfter => &[("yes", "Looked after"), ("no", "Not looked after")],
            Self::Eal => &[("yes", "English as an additional language"), ("no", "Others")],
            Self::YearGroup => &[
                ("7", "Year 7"),
                ("8", "Year 8"),
                ("9", "Year 9"),
                ("10", "Year 10"),
                ("11", "Year 11"),
                ("other", "Other years"),
            ],
        }
    }
}

/// The reports there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// What came of the cases.
    Outcomes,
    /// Cases that began, moved and ended.
    Flow,
    /// Time at each stage.
    Time,
    /// Suspension before and after a case began.
    Suspensions,
    /// Support and what followed it.
    Support,
    /// How completely days are recorded.
    Recording,
}

impl Report {
    /// In the order of the page.
    pub const ALL: [Self; 6] =
        [Self::Outcomes, Self::Flow, Self::Time, Self::Suspensions, Self::Support, Self::Recording];

    /// As addresses write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outcomes => "outcomes",
            Self::Flow => "flow",
            Self::Time => "time",
            Self::Suspensions => "suspensions",
            Self::Support => "support",
            Self::Recording => "recording",
        }
    }

    /// From an address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.as_str() == text)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Outcomes => "What came of the cases",
            Self::Flow => "Flow between stages",
            Self::Time => "Time at each stage",
            Self::Suspensions => "Suspension before and after",
            Self::Support => "Support and what followed it",
            Self::Recording => "Completeness of recording",
        }
    }

    /// Whether it is broken down by groups.
    pub fn has_groups(self) -> bool {
        matches!(self, Self::Outcomes)
    }

    /// The parts of the counts it is made of.
    pub fn parts(self, by: By) -> &'static [&'static str] {
        match (self, by) {
            (Self::Outcomes, By::School) => &["all", "in_view"],
            (Self::Outcomes, By::Send) => &["all", "in_view", "send"],
            (Self::Outcomes, By::LookedAfter) => &["all", "in_view", "looked_after"],
            (Self::Outcomes, By::Eal) => &["all", "in_view", "eal"],
            (Self::Outcomes, By::YearGroup) => &["all", "in_view", "year_group"],
            (Self::Flow, _) => &["entered", "moves"],
            (Self::Time, _) => &["weeks"],
            (Self::Suspensions, _) => &["suspended"],
            (Self::Support, _) => &["support"],
            (Self::Recording, _) => &["recorded"],
        }
    }

    /// The report of a year; the first section's sentence stands for it on the overview.
    pub fn sections(self, year: &Year, by: By) -> Vec<Section> {
        match self {
            Self::Outcomes => outcomes::sections(year, by),
            Self::Flow => flow::sections(year),
            Self::Time => time::sections(year),
            Self::Suspensions => suspensions::sections(year),
            Self::Support => support::sections(year),
            Self::Recording => recording::sections(year),
        }
    }
}

/// One finding: a sentence, a picture, the numbers.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in markup and in the names of files.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// What the numbers say, in plain English.
    pub reading: String,
    /// How it was counted, and what it does not say.
    pub notes: Vec<String>,
    /// A picture of the numbers.
    pub picture: Picture,
    /// The numbers. None: too few cases to show any.
    pub grid: Option<Grid>,
}

/// A picture of what the table holds.
#[derive(Clone, Debug)]
pub enum Picture {
    /// The table is enough.
    None,
    /// What the parts are; for each label the part in percent, and words.
    Shares(&'static str, Vec<(String, u8, String)>),
    /// What the ranges are; weeks for each label: quarter, middle, three quarters.
    Weeks(&'static str, Vec<(String, [u32; 3])>),
}

/// A table.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Over the labels.
    pub first: &'static str,
    /// The other headers.
    pub columns: Vec<&'static str>,
    /// Label and values.
    pub rows: Vec<(String, Vec<Value>)>,
}

/// A value of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A count.
    Count(Shown),
    /// A part of a whole: "27 of 41 (66%)".
    Share(Shown, Shown),
    /// A large number that counts no children: marks, points.
    Number(u32),
    /// Anything else.
    Words(String),
}

impl Value {
    /// As a page shows it.
    pub fn words(&self) -> String {
        match self {
            Self::Count(count) => count.words(),
            Self::Share(part, all) => share(*part, *all),
            Self::Number(number) => thousands((*number).into()),
            Self::Words(words) => words.clone(),
        }
    }
}

/// "27 of 41 (66%)"; a percent never stands alone.
fn share(part: Shown, all: Shown) -> String {
    match (part, all) {
        (Shown::Count(_), Shown::Count(0)) => "none yet".to_owned(),
        (Shown::Count(part), Shown::Count(whole)) => {
            let percent = Shown::Count(part).percent_of(all).unwrap_or(0);
            format!("{part} of {whole} ({percent}%)")
        }
        _ => super::suppression::HIDDEN.to_owned(),
    }
}

/// The difference of two counts, when both may be known.
fn less(all: Shown, part: Shown) -> Shown {
    match (all, part) {
        (Shown::Count(all), Shown::Count(part)) => Shown::Count(all.saturating_sub(part)),
        _ => Shown::Hidden,
    }
}

/// The sum of counts, when all may be known.
fn plus(counts: &[Shown]) -> Shown {
    counts.iter().map(|count| count.count()).sum::<Option<u32>>().map_or(Shown::Hidden, Shown::Count)
}

/// "1 case", "12 cases".
fn cases(count: u32) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}
