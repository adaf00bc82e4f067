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
}
