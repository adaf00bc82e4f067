//! A pupil's own details and the people to contact about them.

use std::fmt;

use time::{Date, Duration, Month};

use super::{dates, upn::Upn};

/// A national curriculum year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearGroup(pub i16);

impl YearGroup {
    /// The usual year for a date of birth on a day: age on 31 August before the school year, less 4 (domain
    /// 5.5). The year changes on 1 September.
    pub fn usual(born_on: Date, on: Date) -> Self {
        let first = dates::first_year(on);
        let had_birthday = (born_on.month(), born_on.day()) <= (Month::August, 31);
        let age = first - born_on.year() - i32::from(!had_birthday);
        Self(i16::try_from(age - 4).unwrap_or(i16::MAX))
    }

    /// The actual year: the usual one and the years the pupil is taught above or below it.
    pub fn actual(born_on: Date, offset: i16, on: Date) -> Self {
        Self(Self::usual(born_on, on).0 + offset)
    }

    /// Years 7 to 11: the years of the programme (T.01).
    pub fn on_programme(self) -> bool {
        (7..=11).contains(&self.0)
    }

    /// Key stage 3 is Years 7 to 9, key stage 4 is Years 10 and 11.
    pub fn key_stage(self) -> Option<u8> {
        match self.0 {
            7..=9 => Some(3),
            10 | 11 => Some(4),
            _ => None,
        }
    }
}

/// Whether a pupil's roll may begin on a day: after they were born, and no more than a year ahead.
pub fn may_enrol(born_on: Date, on: Date, today: Date) -> bool {
    born_on < on && on <= today + Duration::days(366)
}

impl fmt::Display for YearGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Year {}", self.0)
    }
}

/// Special educational needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SendStatus {
    /// None known.
    None,
    /// SEN support.
    SenSupport,
    /// An education, health and care plan.
    Ehcp,
}

impl SendStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::None, Self::SenSupport, Self::Ehcp];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SenSupport => "sen_support",
            Self::Ehcp => "ehcp",
        }
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "No special educational needs recorded",
            Self::SenSupport => "SEN support",
            Self::Ehcp => "Education, health and care plan",
        }
    }
}

/// "Sam Price": known as, or given name, and family name.
pub fn display_name(given: &str, known_as: Option<&str>, family: &str) -> String {
    format!("{} {family}", known_as.unwrap_or(given))
}

/// What lists sort by.
pub fn sort_name(given: &str, family: &str) -> String {
    format!("{} {}", family.to_lowercase(), given.to_lowercase())
}

/// A pupil's details, checked.
#[derive(Clone, Debug)]
pub struct PupilDetails {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The name the pupil goes by.
    pub known_as: Option<String>,
    /// "she/her".
    pub pronouns: Option<String>,
    /// Date of birth.
    pub born_on: Date,
    /// Years above or below the usual year.
    pub year_offset: i16,
    /// Why, when there are any.
    pub year_reason: Option<String>,
    /// The UPN, when there is one.
    pub upn: Option<Upn>,
    /// Why there is none.
    pub no_upn_reason: Option<String>,
    /// Special educational needs.
    pub send: SendStatus,
    /// Looked after by the authority.
    pub looked_after: bool,
    /// English as an additional language.
    pub eal: bool,
}

/// Somebody to contact, checked.
#[derive(Clone, Debug)]
pub struct ContactDetails {
    /// Name.
    pub name: String,
    /// "Mother", "Foster carer".
    pub relationship: String,
    /// Holds parental responsibility.
    pub parental_responsibility: bool,
    /// Whom to try first: 1, then 2.
    pub contact_order: u8,
    /// Telephone.
    pub phone: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// The address must not be told to anybody, other contacts included.
    pub address_confidential: bool,
    /// A court order or safeguarding decision forbids contact: nothing is ever sent (S1.12).
    pub no_contact: bool,
    /// Which.
    pub no_contact_reason: Option<String>,
    /// Language to write in; none: English.
    pub language: Option<String>,
}
