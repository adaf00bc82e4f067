//! Suspensions and permanent exclusions in England (domain 2): half-days, the ceiling of 45 days, the governing
//! board's duties, the sixth day, who is told and when. Pure arithmetic over the school's calendar.
//!
//! - [`lost`] and [`record`]: what a pupil loses, session by session; [`terms`]: the legal terms and the school year
//! - [`count`]: the sum, and [`steps`] the sum in words; [`tiers`]: the board's duty and its days
//! - [`run`]: consecutive days and the sixth; [`change`]: cancelling, and what may not be changed
//! - [`notices`]: who is told what, by when; [`clocks`]: what is still owed; [`offsite`]: off-site direction
//! - [`history`]: a pupil's exclusions with what was done about each, from which all of it is reckoned
//!
//! Law: Education Act 2002 s.51A; School Discipline (Pupil Exclusions and Reviews) (England) Regulations 2012;
//! Education and Inspections Act 2006 ss.100 to 108. Where the text is open, the decision taken is said with
//! the function, marked "Our reading".

use std::{
    fmt,
    iter::Sum as IterSum,
    ops::{Add, AddAssign},
};

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use super::{calendar::NotLoaded, dates, stage::words};

pub mod change;
pub mod clocks;
pub mod count;
pub mod history;
pub mod lost;
pub mod notices;
pub mod offsite;
pub mod record;
pub mod run;
pub mod steps;
pub mod terms;
pub mod tiers;

/// Time out of school in half-days, as the law counts it: a session is one, a lunchtime is one. Never a
/// fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HalfDays(pub u32);

impl HalfDays {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// The most a pupil may be suspended in a school year: 45 days (R-45a). Exactly 45 is lawful.
    pub const CEILING: Self = Self(90);
    /// The most that one date can count, whatever was lost on it (2.1, our reading): one day.
    pub const A_DAY: Self = Self(2);

    /// So many whole days.
    pub const fn days(days: u32) -> Self {
        Self(days.saturating_mul(2))
    }

    /// What is left after taking `other` away; never less than none.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads days as people type them, to the half: "4", "4.5", "12.0". None: it is no such number, or has more
    /// than three digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let plain = (1..=3).contains(&whole.len()) && whole.bytes().all(|c| c.is_ascii_digit());
        let half = match part {
            "0" => 0,
            "5" => 1,
            _ => return None,
        };
        let whole: u32 = if plain { whole.parse().ok()? } else { return None };
        Some(Self(whole * 2 + half))
    }
}

/// "4.5 days", "1 day"
impl fmt::Display for HalfDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, half) = (self.0 / 2, self.0 % 2);
        match (whole, half) {
            (1, 0) => f.write_str("1 day"),
            (whole, 0) => write!(f, "{whole} days"),
            (whole, _) => write!(f, "{whole}.5 days"),
        }
    }
}

impl Add for HalfDays {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for HalfDays {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl IterSum for HalfDays {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::NONE, Add::add)
    }
}

words! {
    /// One of a school day's two sessions.
    Half {
        /// Before the midday break.
        Morning = "morning", "morning";
        /// After it.
        Afternoon = "afternoon", "afternoon";
    }
}

/// A session of a school day: half a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session {
    /// The day.
    pub on: Date,
    /// Which half.
    pub half: Half,
}

impl Session {
    /// The morning of a day.
    pub const fn morning(on: Date) -> Self {
        Self { on, half: Half::Morning }
    }

    /// The afternoon of a day.
    pub const fn afternoon(on: Date) -> Self {
        Self { on, half: Half::Afternoon }
    }
}

/// "the morning of Monday 16 October 2023"
impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of {}", self.half.label(), dates::full(self.on))
    }
}

words! {
    /// Why a pupil is suspended or excluded (2.7): the national codes since autumn 2020.
    Reason {
        /// PP
        AssaultPupil = "PP", "Physical assault against a pupil";
        /// PA
        AssaultAdult = "PA", "Physical assault against an adult";
        /// VP
        AbusePupil = "VP", "Verbal abuse or threatening behaviour against a pupil";
        /// VA
        AbuseAdult = "VA", "Verbal abuse or threatening behaviour against an adult";
        /// OW
        Weapon = "OW", "Use or threat of use of an offensive weapon or prohibited item";
        /// BU
        Bullying = "BU", "Bullying";
        /// RA
        Racist = "RA", "Racist abuse";
        /// LG
        OrientationOrGender = "LG", "Abuse against sexual orientation and gender identity";
        /// DS
        Disability = "DS", "Abuse relating to disability";
        /// SM
        SexualMisconduct = "SM", "Sexual misconduct";
        /// DA
        DrugsAlcohol = "DA", "Drug and alcohol related";
        /// DM
        Damage = "DM", "Damage to property";
        /// TH
        Theft = "TH", "Theft";
        /// DB
        Disruptive = "DB", "Persistent or general disruptive behaviour";
        /// MT
        Online = "MT", "Inappropriate use of social media or online technology";
        /// PH
        PublicHealth = "PH",
            "Wilful and repeated transgression of protective measures in place to protect public health";
    }
}

/// The reasons of one exclusion, main reason first: one to three, all different (2.7, T14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasons {
    main: Reason,
    others: Vec<Reason>,
}

impl Reasons {
    /// The most reasons one exclusion can have.
    pub const MOST: usize = 3;

    /// From a list in order. Refuses none, more than three, and the same one twice.
    pub fn of(reasons: &[Reason]) -> Result<Self, Refused> {
        let (main, others) = reasons.split_first().ok_or(Refused::NoReason)?;
        if reasons.len() > Self::MOST {
            return Err(Refused::TooManyReasons);
        }
        if reasons.iter().enumerate().any(|(n, reason)| reasons[..n].contains(reason)) {
            return Err(Refused::RepeatedReason);
        }
        Ok(Self { main: *main, others: others.to_vec() })
    }

    /// The main reason.
    pub const fn main(&self) -> Reason {
        self.main
    }

    /// All of them, main reason first.
    pub fn iter(&self) -> impl Iterator<Item = Reason> + '_ {
        std::iter::once(self.main).chain(self.others.iter().copied())
    }
}

words! {
    /// Who decides to suspend or exclude (2.1).
    Issuer {
        /// The headteacher, or the principal of an academy.
        Headteacher = "headteacher", "Headteacher or principal";
        /// Whoever is appointed to carry out the headteacher's functions while the head is away.
        ActingHeadteacher = "acting_headteacher", "Acting headteacher";
        /// The teacher in charge of a pupil referral unit.
        TeacherInCharge = "teacher_in_charge", "Teacher in charge of a pupil referral unit";
        /// Anybody else, a deputy included.
        SomebodyElse = "somebody_else", "Somebody else";
    }
}

/// Only the headteacher may suspend or exclude (2.1, T15): an acting head may, a deputy who is not acting head
/// may not. The power cannot be delegated.
pub const fn may_issue(by: Issuer) -> Result<(), Refused> {
    match by {
        Issuer::Headteacher | Issuer::ActingHeadteacher | Issuer::TeacherInCharge => Ok(()),
        Issuer::SomebodyElse => Err(Refused::NotTheHeadteacher),
    }
}

/// The edition of the statutory guidance in force on the day of a decision, to be kept with it (S3.02). None:
/// the day lies before the editions this arithmetic knows.
pub fn guidance(decided_on: Date) -> Option<&'static str> {
    let day = (decided_on.year(), decided_on.month(), decided_on.day());
    if day >= (2026, Month::July, 26) {
        Some("Suspension and permanent exclusion, Department for Education, 26 July 2026")
    } else if day >= (2024, Month::August, 1) {
        Some("Suspension and permanent exclusion, Department for Education, August 2024")
    } else if day >= (2023, Month::September, 1) {
        Some("Suspension and permanent exclusion, Department for Education, September 2023")
    } else {
        None
    }
}

/// Why something is not done. Each says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The calendar does not reach so far.
    #[error("This cannot be worked out: {0}. Ask the LA administrator to add the school’s terms")]
    NotLoaded(#[from] NotLoaded),
    /// T14.
    #[error("Choose at least one reason")]
    NoReason,
    /// T14.
    #[error("Choose no more than three reasons")]
    TooManyReasons,
    /// T14.
    #[error("Choose each reason only once")]
    RepeatedReason,
    /// T15.
    #[error("Only the headteacher, or an acting headteacher, may suspend or exclude a pupil")]
    NotTheHeadteacher,
    /// No session and no lunchtime.
    #[error("Say which half-days or lunchtimes the pupil is suspended for")]
    NothingLost,
    /// Pupils are not in.
    #[error("{} is not a school day, so no session can be lost on it", dates::full(*.0))]
    NotASchoolDay(Date),
    /// A suspension cannot begin before it is decided.
    #[error("{} is before the day of the decision", dates::full(*.0))]
    BeforeDecision(Date),
    /// R-45a, T6, T8.
    #[error("This would come to {total} in the school year. The law allows no more than 45 days")]
    OverCeiling {
        /// What the school year would come to.
        total: HalfDays,
    },
    /// 2.1, T16.
    #[error(
        "A suspension cannot be made longer once it is issued. If there is new evidence, record a further \
         suspension that begins when this one ends, with its reason"
    )]
    Extension,
    /// 2.1, 2.6: it ends early only by a cancellation.
    #[error("A suspension that has been issued is not changed. To bring the pupil back earlier, cancel it")]
    Shortening,
    /// T16.
    #[error("Say what new evidence or event makes a further suspension necessary")]
    FurtherWithoutReason,
    /// 2.1: a further one begins straight after the first.
    #[error("A further suspension begins when the one before it ends: {back}")]
    NotStraightAfter {
        /// The first session after the one before.
        back: Session,
    },
    /// 2.1: no session is lost twice.
    #[error("The pupil is suspended on {0} already. Begin when that suspension ends")]
    OutAlready(Session),
    /// 2.6.
    #[error("This was cancelled before")]
    AlreadyCancelled,
    /// 2.6, T12.
    #[error(
        "This cannot be cancelled: the pupil would have been out for {total} in the school year when the \
         cancellation takes effect, and that is more than 45 days"
    )]
    CancelOverCeiling {
        /// What the school year comes to when it takes effect.
        total: HalfDays,
    },
    /// 2.6, T13.
    #[error("This cannot be cancelled: the governing board’s meeting about it has begun")]
    BoardMeetingBegan,
    /// 2.9, C7, G14.
    #[error(
        "Written notice must be given at least two school days before the start: on or before {}",
        dates::full(*.by)
    )]
    NoticeTooLate {
        /// The last day for the notice.
        by: Date,
    },
}
