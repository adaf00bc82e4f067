//! Roles, and who holds them from when to when.

use serde::{Deserialize, Serialize};
use time::Date;

use super::ids::SchoolId;

/// What somebody does on the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Leads the programme at a school, usually behaviour or attendance lead.
    SchoolLead,
    /// A tutor or teacher who enters monitoring.
    Staff,
    /// The head of a school, or the acting head.
    Headteacher,
    /// Decides stage moves in the headteacher's place, named by them (7.2 A8).
    HeadDelegate,
    /// Represents the local authority for the schools they are assigned to.
    LaRepresentative,
    /// A member of a service that supports pupils: BST, PRU or another.
    SupportService,
    /// Sits on the panel that allocates places.
    PanelMember,
    /// Looks after people, schools, calendars and policy; sees no case.
    LaAdministrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::SchoolLead,
        Self::Staff,
        Self::Headteacher,
        Self::HeadDelegate,
        Self::LaRepresentative,
        Self::SupportService,
        Self::PanelMember,
        Self::LaAdministrator,
    ];

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::SchoolLead => "School lead",
            Self::Staff => "Staff",
            Self::Headteacher => "Headteacher",
            Self::HeadDelegate => "Headteacher’s delegate",
            Self::LaRepresentative => "LA representative",
            Self::SupportService => "Support service",
            Self::PanelMember => "Panel member",
            Self::LaAdministrator => "LA administrator",
        }
    }

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SchoolLead => "school_lead",
            Self::Staff => "staff",
            Self::Headteacher => "headteacher",
            Self::HeadDelegate => "head_delegate",
            Self::LaRepresentative => "la_representative",
            Self::SupportService => "support_service",
            Self::PanelMember => "panel_member",
            Self::LaAdministrator => "la_administrator",
        }
    }

    /// Held at a school rather than in the authority.
    pub fn is_school_role(self) -> bool {
        matches!(self, Self::SchoolLead | Self::Staff | Self::Headteacher | Self::HeadDelegate)
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            format!("there is no role \"{text}\"; the roles are {known}")
        })
    }
}

/// A role somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The school it is held at; for an LA representative none means every school.
    pub school: Option<SchoolId>,
    /// Its name.
    pub school_name: Option<String>,
    /// First day.
    pub from_on: Date,
    /// Last day; none: no end.
    pub to_on: Option<Date>,
}

impl Grant {
    /// Held on this day.
    pub fn live_on(&self, day: Date) -> bool {
        self.from_on <= day && self.to_on.is_none_or(|to| day <= to)
    }

    /// Not held on this day or any day after it.
    pub fn over_by(&self, day: Date) -> bool {
        self.to_on.is_some_and(|to| to < day.max(self.from_on))
    }
}

/// The days for which a headteacher names somebody to decide in their place (7.2 A8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelegationDays {
    from_on: Date,
    to_on: Date,
}

impl DelegationDays {
    /// From one day to another, both included. Refuses days that are over, an end before the beginning, more than
    /// a year, and a beginning more than a year away.
    pub fn new(from_on: Date, to_on: Date, today: Date) -> Result<Self, DelegationFault> {
        if from_on < today {
            Err(DelegationFault::BeginsBeforeToday)
        } else if after_a_year(from_on, today) {
            Err(DelegationFault::BeginsTooLate)
        } else if to_on < from_on {
            Err(DelegationFault::EndsBeforeItBegins)
        } else if after_a_year(to_on, from_on) {
            Err(DelegationFault::LongerThanAYear)
        } else {
            Ok(Self { from_on, to_on })
        }
    }

    /// First day.
    pub const fn from_on(self) -> Date {
        self.from_on
    }

    /// Last day.
    pub const fn to_on(self) -> Date {
        self.to_on
    }
}

/// Later than the same date a year on.
fn after_a_year(day: Date, from: Date) -> bool {
    let place = |day: Date| (u8::from(day.month()), day.day());
    let years = day.year() - from.year();
    years > 1 || (years == 1 && place(day) > place(from))
}

/// The last day of a delegation that is ended `today`: yesterday, so that they decide no more from this moment; when it
/// begins today or later, the day before its first. What they decided today carries their name all the same. A
/// delegation that is over stays as it was.
pub fn delegation_ended_on(from_on: Date, to_on: Date, today: Date) -> Date {
    let before = from_on.max(today).previous_day().unwrap_or(from_on);
    to_on.min(before)
}

/// Why a delegation cannot have the days typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelegationFault {
    /// The first day is over.
    BeginsBeforeToday,
    /// The first day is more than a year away.
    BeginsTooLate,
    /// The last day is before the first.
    EndsBeforeItBegins,
    /// It would last more than a year.
    LongerThanAYear,
}

impl DelegationFault {
    /// The day that is wrong: `from_on` or `to_on`.
    pub const fn field(self) -> &'static str {
        match self {
            Self::BeginsBeforeToday | Self::BeginsTooLate => "from_on",
            Self::EndsBeforeItBegins | Self::LongerThanAYear => "to_on",
        }
    }

    /// For the form.
    pub const fn message(self) -> &'static str {
        match self {
            Self::BeginsBeforeToday => "First day must be today or later",
            Self::BeginsTooLate => "First day must be within a year from today",
            Self::EndsBeforeItBegins => "Last day must not be before the first day",
            Self::LongerThanAYear => "Last day must be within a year of the first day",
        }
    }
}
