//! The sum: how much a pupil has been out in a legal term and in a school year, across schools, and what a
//! suspension about to be made would add. Each step can be shown.

use std::collections::BTreeSet;

use time::Date;

use super::{
    HalfDays, Refused,
    lost::Lost,
    record::Exclusion,
    terms::{LegalTerm, SchoolYear, Window, Years},
};
use crate::domain::calendar::NotLoaded;

/// Where a pupil was excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At this school.
    Here,
    /// At another school; the 45 days follow the pupil (R-45b).
    Elsewhere,
}

/// What kind of exclusion days out come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A suspension.
    Suspension,
    /// A suspension that was cancelled: the days out before that count (R-45d).
    CancelledSuspension,
    /// A permanent exclusion that was cancelled: the days out under it count (R-45e).
    CancelledPermanent,
}

/// An earlier exclusion whose sessions are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The day of the decision.
    pub decided_on: Date,
    /// Where.
    pub place: Place,
    /// What kind.
    pub kind: Kind,
    /// What counts of it.
    pub lost: Lost,
}

impl Counted {
    /// What counts of an exclusion. None: nothing does, as while a permanent exclusion stands (R-45e).
    pub fn of(exclusion: &Exclusion, place: Place) -> Option<Self> {
        let kind = match (exclusion, exclusion.cancelled()) {
            (Exclusion::Permanent(_), _) => Kind::CancelledPermanent,
            (Exclusion::Suspension(_), Some(_)) => Kind::CancelledSuspension,
            (Exclusion::Suspension(_), None) => Kind::Suspension,
        };
        let lost = exclusion.lost();
        if lost.is_empty() {
            return None;
        }
        Some(Self { decided_on: exclusion.decided_on(), place, kind, lost })
    }
}

/// Days that are known as a number, without their dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addend {
    /// Where they were: as a rule another school gave them.
    pub place: Place,
    /// The calendar year in which the school year begins.
    pub year: i32,
    /// The legal term. None: only the year's total is known; it counts towards the 45 days, and the legal terms
    /// may be higher than they look.
    pub term: Option<LegalTerm>,
    /// How much.
    pub half_days: HalfDays,
}

/// All that is known of a pupil's exclusions before the one in question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// With their sessions, in any order.
    pub exclusions: Vec<Counted>,
    /// As numbers.
    pub elsewhere: Vec<Addend>,
}

/// Where a line of the sum comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An earlier exclusion.
    Earlier {
        /// The day of its decision.
        decided_on: Date,
        /// Where.
        place: Place,
        /// What kind.
        kind: Kind,
    },
    /// A number.
    Number {
        /// Where its days were.
        place: Place,
    },
    /// The suspension in question.
    Proposed,
}

/// One step of a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it comes from.
    pub source: Source,
    /// The days counted.
    pub days: Vec<Date>,
    /// What they add. Less than was lost when a part of a day was counted before: a day is at most one day.
    pub adds: HalfDays,
    /// The running total.
    pub total: HalfDays,
}

/// A sum with its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Before, at this school.
    pub here: HalfDays,
    /// Before, at other schools.
    pub elsewhere: HalfDays,
    /// What the suspension in question adds.
    pub proposed: HalfDays,
    /// How much of all that comes from lunchtimes. Our reading: lunchtimes count towards the 45 days too (2.1),
    /// and are shown.
    pub lunchtimes: HalfDays,
    /// Its steps: this school's by decision, other schools', numbers, the suspension in question.
    pub lines: Vec<Line>,
}

impl Split {
    /// Before the suspension in question.
    pub fn before(&self) -> HalfDays {
        self.here + self.elsewhere
    }

    /// With it.
    pub fn total(&self) -> HalfDays {
        self.before() + self.proposed
    }
}

/// What a legal term comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowTotal {
    /// The legal term.
    pub window: Window,
    /// The sum.
    pub split: Split,
    /// Days of this school year whose legal term nobody gave.
    pub undated: HalfDays,
}

/// What a school year comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearTotal {
    /// The school year.
    pub year: SchoolYear,
    /// The sum.
    pub split: Split,
}

/// How a school year stands to the 45 days (R-45a).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ceiling {
    /// Below.
    Below {
        /// What is left.
        left: HalfDays,
    },
    /// Exactly 45 days: lawful, and the last (T5). It does not turn into a permanent exclusion (R-45c).
    Reached,
    /// More: not lawful (T6).
    Over {
        /// By how much.
        by: HalfDays,
    },
}

impl Ceiling {
    /// Of a total.
    pub fn of(total: HalfDays) -> Self {
        match total.cmp(&HalfDays::CEILING) {
            std::cmp::Ordering::Less => Self::Below { left: HalfDays::CEILING.minus(total) },
            std::cmp::Ordering::Equal => Self::Reached,
            std::cmp::Ordering::Greater => Self::Over { by: total.minus(HalfDays::CEILING) },
        }
    }
}

/// The legal terms and school years that a suspension touches, each with its sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Legal terms, in order.
    pub windows: Vec<WindowTotal>,
    /// School years, in order.
    pub years: Vec<YearTotal>,
}

impl Sum {
    /// R-45a: refuses when a school year would come to more than 45 days. Exactly 45 is lawful (T5 to T8).
    pub fn lawful(&self) -> Result<(), Refused> {
        match self.years.iter().map(|year| year.split.total()).max() {
            Some(total) if total > HalfDays::CEILING => Err(Refused::OverCeiling { total }),
            _ => Ok(()),
        }
    }

    /// T5: a school year comes to exactly 45 days, which is worth a warning.
    pub fn reaches_ceiling(&self) -> bool {
        self.years.iter().any(|year| Ceiling::of(year.split.total()) == Ceiling::Reached)
    }

    /// The sum of the legal term a day is in, when it is one of these.
    pub fn window_of(&self, day: Date) -> Option<&WindowTotal> {
        self.windows.iter().find(|total| total.window.covers(day))
    }
}

/// What a suspension would bring the pupil's legal terms and school years to. Refuses days of a school year
/// whose terms are not loaded.
pub fn sum(ledger: &Ledger, proposed: &Lost, years: Years<'_>) -> Result<Sum, NotLoaded> {
    over(ledger, proposed, &proposed.days(), years)
}

/// What the pupil's legal term and school year come to on a day, with nothing proposed.
pub fn standing(ledger: &Ledger, on: Date, years: Years<'_>) -> Result<Sum, NotLoaded> {
    over(ledger, &Lost::default(), &BTreeSet::from([on]), years)
}

pub(super) fn over(
    ledger: &Ledger,
    proposed: &Lost,
    days: &BTreeSet<Date>,
    years: Years<'_>,
) -> Result<Sum, NotLoaded> {
    let windows: BTreeSet<_> = days.iter().map(|day| Window::of(*day)).collect();
    let touched: BTreeSet<_> = days.iter().map(|day| years.of(*day)).collect::<Result<_, _>>()?;
    let windows = windows.into_iter().map(|window| {
        let year = window.first_year();
        let undated = ledger.elsewhere.iter().filter(|addend| addend.year == year && addend.term.is_none());
        let split = split(
            ledger,
            proposed,
            |day, _| Ok(window.covers(day)),
            |addend| addend.year == year && addend.term == Some(window.term),
        )?;
        Ok(WindowTotal { window, split, undated: undated.map(|addend| addend.half_days).sum() })
    });
    let touched = touched.into_iter().map(|year| {
        let within = |day, place| match place {
            Place::Here => year.has(day),
            Place::Elsewhere => Ok(year.has_elsewhere(day)),
        };
        let split = split(ledger, proposed, within, |addend| addend.year == year.first)?;
        Ok(YearTotal { year, split })
    });
    Ok(Sum { windows: windows.collect::<Result<_, _>>()?, years: touched.collect::<Result<_, _>>()? })
}

/// Adds up what lies in a span. A date counts at most one day in all, also over several exclusions.
fn split(
    ledger: &Ledger,
    proposed: &Lost,
    within: impl Fn(Date, Place) -> Result<bool, NotLoaded>,
    given: impl Fn(&Addend) -> bool,
) -> Result<Split, NotLoaded> {
    let mut earlier: Vec<_> = ledger.exclusions.iter().collect();
    earlier.sort_by_key(|counted| (counted.place, counted.decided_on));
    let mut sum = Split::default();
    let mut seen = Lost::default();
    for counted in earlier {
        let (days, adds) = add(&mut seen, &counted.lost, |day| within(day, counted.place))?;
        match counted.place {
            Place::Here => sum.here += adds,
            Place::Elsewhere => sum.elsewhere += adds,
        }
        let Counted { decided_on, place, kind, .. } = *counted;
        if !days.is_empty() {
            let source = Source::Earlier { decided_on, place, kind };
            sum.lines.push(Line { source, days, adds, total: sum.total() });
        }
    }
    for addend in ledger.elsewhere.iter().filter(|addend| given(addend)) {
        let (adds, place) = (addend.half_days, addend.place);
        match place {
            Place::Here => sum.here += adds,
            Place::Elsewhere => sum.elsewhere += adds,
        }
        sum.lines.push(Line { source: Source::Number { place }, days: Vec::new(), adds, total: sum.total() });
    }
    let (days, adds) = add(&mut seen, proposed, |day| within(day, Place::Here))?;
    sum.proposed = adds;
    if !days.is_empty() {
        sum.lines.push(Line { source: Source::Proposed, days, adds, total: sum.total() });
    }
    sum.lunchtimes = seen.lunchtimes().iter().map(|day| seen.on(*day).minus(seen.sessions_on(*day))).sum();
    Ok(sum)
}

/// Joins the days of `lost` that lie within, and answers them with what they add.
fn add(
    seen: &mut Lost,
    lost: &Lost,
    within: impl Fn(Date) -> Result<bool, NotLoaded>,
) -> Result<(Vec<Date>, HalfDays), NotLoaded> {
    let (mut days, mut adds) = (Vec::new(), HalfDays::NONE);
    for day in lost.days() {
        if within(day)? {
            let before = seen.on(day);
            seen.join_day(lost, day);
            adds += seen.on(day).minus(before);
            days.push(day);
        }
    }
    Ok((days, adds))
}
