//! The numbers the programme leaves open, as versioned data with their source. A case keeps the version it
//! was opened under (G.01).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

/// One version of the numbers.
///
/// A number that a stored version does not have yet is that of version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgrammePolicy {
    /// Expected monitoring days before "not improving" moves a case without a warning (7.2 A6).
    pub monitoring_days: u32,
    /// Targets beyond which a warning asks for a reason (S1.08).
    pub targets_before_warning: u32,
    /// School weeks to a target's date beyond which a warning asks for a reason (S1.10, 7.2 A7).
    pub target_weeks_before_warning: u32,
    /// The lowest year of the programme (T.01).
    pub lowest_year: i16,
    /// The highest year of the programme (T.01).
    pub highest_year: i16,
    /// Percent of possible points at or above which a week is suggested green (section 4).
    pub green_percent: u8,
    /// Percent of possible points at or above which a week is suggested amber (section 4).
    pub amber_percent: u8,
    /// Green weeks in a row, near the end of the timescale, that suggest an exit (section 4).
    pub green_weeks_to_exit: u8,
    /// Red weeks in a row that suggest the pupil is not responding (section 4).
    pub red_weeks_not_responding: u8,
    /// School days from the beginning of a stage in which its checklist is due.
    pub checklist_days: u32,
    /// School days from the beginning of a case in which the leaflet is due (S1.05).
    pub leaflet_days: u32,
    /// Extensions of the timescale before another asks for a reason (S1.14).
    pub extensions_before_warning: u32,
    /// Expected days in a week below which its review may be merged into the next (S1.13).
    pub days_for_own_review: u32,
    /// Expected monitoring days before an exit without a warning (S1.14): one full week.
    pub exit_monitoring_days: u32,
    /// School weeks from an exit to the aftercare check (7.2 A2).
    pub aftercare_weeks: u32,
    /// School days a meeting's minutes may take (S2.05).
    pub minutes_days: u32,
    /// Calendar days in which a target must have been set or written anew before a step down (7.2 A4).
    pub new_target_days: u32,
    /// School days the receiving school has to answer an allocation (3.3).
    pub receiving_answer_days: u32,
    /// School weeks from the first day at the new school to the first follow-up (3.3).
    pub first_follow_up_weeks: u32,
    /// School weeks from the first day at the new school to the second follow-up (3.3).
    pub second_follow_up_weeks: u32,
    /// Pupils a school took in a school year at which another asks the panel for a reason (S3.08).
    pub recent_intake_before_warning: u32,
    /// School weeks of an off-site direction beyond which a reason is asked (3.3).
    pub offsite_weeks_before_warning: u32,
    /// School weeks of an off-site direction beyond which the reason is the headteacher's (3.3).
    pub offsite_weeks_before_head: u32,
}

impl Default for ProgrammePolicy {
    fn default() -> Self {
        Self::first()
    }
}

/// One number of the policy, for the screen: name, what it is, the least and the most it may be.
pub type Number = (&'static str, &'static str, u32, u32);

/// The numbers an LA administrator may change, in the order of the programme.
pub const NUMBERS: &[Number] = &[
    ("lowest_year", "Lowest year of the programme", 7, 11),
    ("highest_year", "Highest year of the programme", 7, 11),
    ("checklist_days", "School days in which a stage’s checklist is due", 1, 30),
    ("leaflet_days", "School days in which the leaflet is due", 1, 30),
    ("targets_before_warning", "Targets beyond which a reason is asked", 1, 5),
    ("target_weeks_before_warning", "School weeks to a target’s date beyond which a reason is asked", 1, 16),
    ("green_percent", "Percent of points at which a week is suggested green", 50, 100),
    ("amber_percent", "Percent of points at which a week is suggested amber", 1, 99),
    ("green_weeks_to_exit", "Green weeks in a row that suggest an exit", 1, 8),
    ("red_weeks_not_responding", "Red weeks in a row that suggest the pupil is not responding", 1, 8),
    ("days_for_own_review", "Expected days below which a week’s review may be merged", 1, 5),
    ("exit_monitoring_days", "Monitoring days before an exit without a reason", 1, 30),
    ("extensions_before_warning", "Extensions before another asks for a reason", 0, 6),
    ("monitoring_days", "Monitoring days before a move for lack of improvement without a reason", 10, 60),
    ("minutes_days", "School days in which minutes are due", 1, 20),
    ("new_target_days", "Days in which a target must be new before a step down", 1, 60),
    ("aftercare_weeks", "School weeks from an exit to the aftercare check", 1, 12),
    (
        "offsite_weeks_before_warning",
        "School weeks of an off-site direction beyond which a reason is asked",
        1,
        20,
    ),
    (
        "offsite_weeks_before_head",
        "School weeks of an off-site direction beyond which the headteacher gives the reason",
        2,
        39,
    ),
    (
        "recent_intake_before_warning",
        "Pupils taken in a school year at which another asks the panel for a reason",
        1,
        20,
    ),
    ("receiving_answer_days", "School days a receiving school has to answer", 1, 30),
    ("first_follow_up_weeks", "School weeks from a transfer to its first follow-up", 1, 12),
    ("second_follow_up_weeks", "School weeks from a transfer to its second follow-up", 2, 39),
];

impl ProgrammePolicy {
    /// Version 1: the programme agreed on 11 March 2009, with the defaults proposed beside it.
    pub fn first() -> Self {
        Self {
            monitoring_days: 20,
            targets_before_warning: 4,
            target_weeks_before_warning: 6,
            lowest_year: 7,
            highest_year: 11,
            green_percent: 80,
            amber_percent: 50,
            green_weeks_to_exit: 2,
            red_weeks_not_responding: 3,
            checklist_days: 10,
            leaflet_days: 5,
            extensions_before_warning: 2,
            days_for_own_review: 2,
            exit_monitoring_days: 5,
            aftercare_weeks: 4,
            minutes_days: 5,
            new_target_days: 14,
            receiving_answer_days: 10,
            first_follow_up_weeks: 4,
            second_follow_up_weeks: 12,
            recent_intake_before_warning: 3,
            offsite_weeks_before_warning: 8,
            offsite_weeks_before_head: 12,
        }
    }

    /// Where version 1 comes from.
    pub const FIRST_SOURCE: &str = "Partnership Inclusion Programme, agreed by South Gloucestershire secondary \
        headteachers on 11 March 2009";
}

/// Years after which a policy is due for a review (G.01).
pub const YEARS_TO_REVIEW: i32 = 6;

/// What differs between two versions in one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The number.
    pub number: &'static Number,
    /// Before.
    pub from: u32,
    /// After.
    pub to: u32,
}

/// What was typed for the numbers cannot be published: name of the number and the message for it.
pub type Fault = (&'static str, String);

impl ProgrammePolicy {
    /// A number by its name; none: the policy has no such number.
    pub fn number(&self, name: &str) -> Option<u32> {
        let all = serde_json::to_value(self).ok()?;
        all.get(name)?.as_u64().and_then(|number| u32::try_from(number).ok())
    }

    /// This policy with the numbers typed in their place (G.01). Refuses, with a message for each: a number that
    /// was left out, that is no whole number or is outside its range in [`NUMBERS`]; years in the wrong order; an
    /// amber that does not stay below green.
    pub fn with_typed<'a>(&self, typed: impl Fn(&str) -> &'a str) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut read = BTreeMap::new();
        for (name, says, least, most) in NUMBERS {
            match whole_number(typed(name)).filter(|number| (*least..=*most).contains(number)) {
                Some(number) => {
                    read.insert(*name, number);
                }
                None => faults.push((*name, format!("{says} must be a whole number from {least} to {most}"))),
            }
        }
        let both = |one: &str, other: &str| Some((*read.get(one)?, *read.get(other)?));
        if both("lowest_year", "highest_year").is_some_and(|(lowest, highest)| lowest > highest) {
            faults.push(("highest_year", "The highest year must not be below the lowest year".to_owned()));
        }
        if both("amber_percent", "green_percent").is_some_and(|(amber, green)| amber >= green) {
            faults.push((
                "amber_percent",
                "The percent for amber must be below the percent for green".to_owned(),
            ));
        }
        if faults.is_empty() { self.with(&read).ok_or(faults) } else { Err(faults) }
    }

    /// None: a number that does not fit its place, which the ranges of [`NUMBERS`] keep from happening.
    fn with(&self, numbers: &BTreeMap<&'static str, u32>) -> Option<Self> {
        let mut all = serde_json::to_value(self).ok()?;
        for (name, number) in numbers {
            *all.get_mut(name)? = (*number).into();
        }
        serde_json::from_value(all).ok()
    }

    /// What this version changes in the one `before`, in the order of [`NUMBERS`].
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let differs = |number: &'static Number| {
            let (from, to) = (before.number(number.0)?, self.number(number.0)?);
            (from != to).then_some(Change { number, from, to })
        };
        NUMBERS.iter().filter_map(differs).collect()
    }
}

/// Digits and nothing else around which white space may stand.
fn whole_number(typed: &str) -> Option<u32> {
    let digits = typed.trim();
    digits.bytes().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Whether a policy that took effect on a day is more than [`YEARS_TO_REVIEW`] years old `today` (G.01).
pub fn review_is_due(effective_on: Date, today: Date) -> bool {
    let place = |day: Date| (u8::from(day.month()), day.day());
    let years = today.year() - effective_on.year();
    years > YEARS_TO_REVIEW || (years == YEARS_TO_REVIEW && place(today) > place(effective_on))
}

/// Years ahead in which a version may take effect: a slip of the pen in the year must not shut the door for ever.
const YEARS_AHEAD: i32 = 2;

/// Whether a version may take effect on a day, or why not: not before today, so that no open case was opened under
/// a policy nobody knew; after the latest version; within two years.
pub fn may_take_effect(on: Date, latest_on: Date, today: Date) -> Result<(), EffectFault> {
    if on < today {
        Err(EffectFault::BeforeToday)
    } else if on <= latest_on {
        Err(EffectFault::NotAfter(latest_on))
    } else if on.year() - today.year() > YEARS_AHEAD {
        Err(EffectFault::TooFarAhead)
    } else {
        Ok(())
    }
}

/// Why a version cannot take effect on the day typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectFault {
    /// The day is over.
    BeforeToday,
    /// The latest version takes effect on this day.
    NotAfter(Date),
    /// So far ahead that it must be a slip.
    TooFarAhead,
}

impl EffectFault {
    /// For the form.
    pub fn message(self) -> String {
        match self {
            Self::BeforeToday => "Effective date must be today or later".to_owned(),
            Self::NotAfter(day) => format!(
                "Effective date must be after {}, when the latest version takes effect",
                super::dates::long(day)
            ),
            Self::TooFarAhead => {
                format!("Effective date must be no later than {YEARS_AHEAD} calendar years from now")
            }
        }
    }
}
