//! The numbers the programme leaves open, as versioned data with their source. A case keeps the version it
//! was opened under (G.01).

use serde::{Deserialize, Serialize};

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
        }
    }

    /// Where version 1 comes from.
    pub const FIRST_SOURCE: &str = "Partnership Inclusion Programme, agreed by South Gloucestershire secondary \
        headteachers on 11 March 2009";
}
