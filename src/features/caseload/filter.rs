//! What a caseload shows: read from the address, and written back the same way, so that an address is a view.

use std::fmt::Write as _;

use crate::domain::{
    ids::{CaseId, SchoolId},
    pupil::SendStatus,
};

/// The views everybody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Every open case within reach.
    #[default]
    All,
    /// Those one looks after or leads.
    Mine,
    /// Something is overdue.
    Overdue,
    /// At Stage 3.
    Stage3,
    /// No marks for three school days or more.
    Unmarked,
    /// Within ten days of the 45 of a school year.
    NearCeiling,
    /// The LA owes the next step, or one of them.
    WaitsForLa,
}

impl View {
    /// All, in the order of their links.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::Mine,
        Self::Overdue,
        Self::Stage3,
        Self::Unmarked,
        Self::NearCeiling,
        Self::WaitsForLa,
    ];

    /// As the address says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Overdue => "overdue",
            Self::Stage3 => "stage-3",
            Self::Unmarked => "no-marks",
            Self::NearCeiling => "near-45-days",
            Self::WaitsForLa => "waiting-for-la",
        }
    }

    /// On its link.
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "All open",
            Self::Mine => "Mine",
            Self::Overdue => "Overdue",
            Self::Stage3 => "Stage 3",
            Self::Unmarked => "No marks for 3 days",
            Self::NearCeiling => "Near 45 days",
            Self::WaitsForLa => "Waiting for the LA",
        }
    }

    /// What is on it, for a list that has nothing.
    pub const fn nothing(self) -> &'static str {
        match self {
            Self::All => "No cases are open.",
            Self::Mine => "No open case is yours.",
            Self::Overdue => "Nothing is overdue.",
            Self::Stage3 => "No case is at Stage 3.",
            Self::Unmarked => "No case has been three school days without the marks that are expected.",
            Self::NearCeiling => "No pupil is within ten days of the 45 days of a school year.",
            Self::WaitsForLa => "Nothing waits for the LA.",
        }
    }
}

/// An order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The highest concern first.
    #[default]
    Concern,
    /// By family name.
    Name,
    /// The highest stage first.
    Stage,
    /// What is due soonest first.
    Due,
    /// The longest without marks first.
    Marks,
}

impl Sort {
    /// All, in the order of the choice.
    pub const ALL: [Self; 5] = [Self::Concern, Self::Name, Self::Stage, Self::Due, Self::Marks];

    /// As the address says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concern => "concern",
            Self::Name => "name",
            Self::Stage => "stage",
            Self::Due => "due",
            Self::Marks => "marks",
        }
    }

    /// In the choice: as it runs, and the other way.
    pub const fn label(self, reverse: bool) -> &'static str {
        match (self, reverse) {
            (Self::Concern, false) => "concern, highest first",
            (Self::Concern, true) => "concern, lowest first",
            (Self::Name, false) => "family name, A to Z",
            (Self::Name, true) => "family name, Z to A",
            (Self::Stage, false) => "stage, 3 to 1",
            (Self::Stage, true) => "stage, 1 to 3",
            (Self::Due, false) => "next action, soonest first",
            (Self::Due, true) => "next action, latest first",
            (Self::Marks, false) => "last marked, longest ago first",
            (Self::Marks, true) => "last marked, latest first",
        }
    }
}

/// Cases on a page.
pub const SIZES: [i64; 3] = [25, 50, 100];

/// What is asked of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub view: View,
    pub schools: Vec<SchoolId>,
    pub stages: Vec<i16>,
    pub years: Vec<i16>,
    pub send: Vec<SendStatus>,
    pub looked_after: bool,
    pub sort: Sort,
    pub reverse: bool,
    /// Cases on a page; none: the least.
    pub size: Option<i64>,
    /// The page begins after this case.
    pub after: Option<CaseId>,
    /// Where that case stood in the order when the page before was shown: it may stand elsewhere by now, and no case
    /// between is to be left out. A name is not said.
    pub stood: Vec<String>,
}

impl Filter {
    /// From the address after the question mark. What it does not know is left out: an old bookmark still opens.
    pub fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.as_ref();
            match name.as_ref() {
                "view" => {
                    filter.view =
                        View::ALL.into_iter().find(|view| view.as_str() == value).unwrap_or_default();
                }
                "school" => push(&mut filter.schools, value.parse().ok()),
                "stage" => {
                    push(&mut filter.stages, value.parse().ok().filter(|stage| (1..=3).contains(stage)));
                }
                "year" => push(&mut filter.years, value.parse().ok().filter(|year| (7..=11).contains(year))),
                "send" => {
                    push(&mut filter.send, SendStatus::ALL.into_iter().find(|send| send.as_str() == value));
                }
                "looked-after" => filter.looked_after = value == "yes",
                "sort" => {
                    let (sort, reverse) = value.strip_prefix('-').map_or((value, false), |sort| (sort, true));
                    let known = Sort::ALL.into_iter().find(|known| known.as_str() == sort);
                    filter.sort = known.unwrap_or_default();
                    filter.reverse = reverse && known.is_some();
                }
                "size" => filter.size = value.parse().ok().filter(|size| SIZES[1..].contains(size)),
                "after" => filter.after = value.parse().ok(),
                "stood" => filter.stood.push(value.to_owned()),
                _ => {}
            }
        }
        filter
    }

    /// Cases on a page.
    pub fn page(&self) -> i64 {
        self.size.unwrap_or(SIZES[0])
    }

    /// As the address says it, from the first page on: only what is not usual.
    pub fn query(&self) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &dyn std::fmt::Display| {
            let and = if query.is_empty() { "" } else { "&" };
            let _ = write!(query, "{and}{name}={value}");
        };
        if self.view != View::All {
            add("view", &self.view.as_str());
        }
        self.schools.iter().for_each(|school| add("school", school));
        self.stages.iter().for_each(|stage| add("stage", stage));
        self.years.iter().for_each(|year| add("year", year));
        self.send.iter().for_each(|send| add("send", &send.as_str()));
        if self.looked_after {
            add("looked-after", &"yes");
        }
        if self.sort != Sort::Concern || self.reverse {
            add("sort", &self.sorted());
        }
        if let Some(size) = self.size {
            add("size", &size);
        }
        query
    }

    /// The order, as the address says it.
    pub fn sorted(&self) -> String {
        format!("{}{}", if self.reverse { "-" } else { "" }, self.sort.as_str())
    }

    /// The next page: after this case, which stands there.
    pub fn after(&self, case: CaseId, stands: &[String]) -> String {
        let query = self.query();
        let mut query = format!("{query}{}after={case}", if query.is_empty() { "" } else { "&" });
        for key in stands {
            let _ = write!(query, "&stood={key}");
        }
        query
    }

    /// The same of another view, with the other filters as they are.
    pub fn of_view(&self, view: View) -> String {
        Self { view, ..self.clone() }.query()
    }

    /// The same in another order.
    pub fn sorted_by(&self, sort: Sort, reverse: bool) -> String {
        Self { sort, reverse, ..self.clone() }.query()
    }

    /// Something about the pupils narrows the list.
    pub fn of_pupils(&self) -> bool {
        self.looked_after || !(self.years.is_empty() && self.send.is_empty())
    }

    /// Something besides the view narrows the list.
    pub fn narrows(&self) -> bool {
        self.of_pupils() || !(self.schools.is_empty() && self.stages.is_empty())
    }
}

/// Once each, in the order they came.
fn push<T: PartialEq>(values: &mut Vec<T>, value: Option<T>) {
    if let Some(value) = value.filter(|value| !values.contains(value)) {
        values.push(value);
    }
}
