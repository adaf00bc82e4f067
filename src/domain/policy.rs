//! The numbers the programme leaves open, as versioned data with their source. A case keeps the version it
//! was opened under (G.01).

use serde::{Deserialize, Serialize};

/// One version of the numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

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
        }
    }

    /// Where version 1 comes from.
    pub const FIRST_SOURCE: &str = "Partnership Inclusion Programme, agreed by South Gloucestershire secondary \
        headteachers on 11 March 2009";
}
