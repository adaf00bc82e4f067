//! Support: the key elements of the programme as a catalogue (R1.02), with what was agreed and delivered
//! (P2.02, S1.07).

use time::{Date, Duration};

use super::{calendar::SchoolCalendar, monitoring::Totals, pupil::YearGroup, stage::words};

/// Most sessions that can be planned for a school week: five a day.
pub const MAX_SESSIONS: u32 = 25;

/// Support is looked at again at the latest this many school weeks after its first day (7.2 A7).
pub const REVIEW_WEEKS: u32 = 16;

/// Recorded days looked at on each side of the day support began.
pub const DAYS_BESIDE: u32 = 10;

/// Fewer recorded days than this say nothing.
const ENOUGH_DAYS: u32 = 3;

words! {
    /// The key elements of the programme, and everything else.
    SupportKind {
        /// R1.02: a supported transfer. Explained early, agreed only at Stage 3 (P2.03b).
        SupportedTransfer = "supported_transfer", "Supported transfer";
        /// R1.02: a mentor.
        Mentor = "mentor", "Mentor";
        /// R1.02: a learning support unit or similar.
        LearningSupportUnit = "learning_support_unit", "Learning support unit or similar";
        /// R1.02: resources shared between schools.
        CollaborativeResources = "collaborative_resources", "Collaborative resources";
        /// R1.02: restorative approaches.
        Restorative = "restorative", "Restorative approaches";
        /// R1.02: mediation.
        Mediation = "mediation", "Mediation";
        /// R1.02: internal exclusion. Never a suspension, never sent home.
        InternalExclusion = "internal_exclusion", "Internal exclusion";
        /// R1.02: flexible opportunities at Key Stage 4.
        FlexibleKs4 = "flexible_ks4", "Flexible opportunities at Key Stage 4";
        /// R1.02: joint planning and delivery with PRU or BST.
        JointPlanning = "joint_planning", "Joint planning and delivery with PRU or BST";
        /// P2.02: support of the behaviour support team.
        BehaviourSupport = "behaviour_support", "Behaviour support team";
        /// Anything else.
        Other = "other", "Other support";
    }
}

impl SupportKind {
    /// What the lead should know when choosing it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::SupportedTransfer => "A last resort: it can be explained now and agreed only at Stage 3",
            Self::InternalExclusion => "Inside the school. It is not a suspension, and nobody is sent home",
            Self::FlexibleKs4 => "Years 10 and 11",
            Self::BehaviourSupport => "Priority shows once the school and the service have both agreed",
            Self::Mentor
            | Self::LearningSupportUnit
            | Self::CollaborativeResources
            | Self::Restorative
            | Self::Mediation
            | Self::JointPlanning
            | Self::Other => "",
        }
    }

    /// From the school's own inclusion resources (S1.07).
    pub const fn of_school(self) -> bool {
        match self {
            Self::Mentor
            | Self::LearningSupportUnit
            | Self::CollaborativeResources
            | Self::Restorative
            | Self::Mediation
            | Self::InternalExclusion
            | Self::FlexibleKs4
            | Self::Other => true,
            Self::SupportedTransfer | Self::JointPlanning | Self::BehaviourSupport => false,
        }
    }

    /// Given by a support service, which can agree to give it priority (P2.02).
    pub const fn of_service(self) -> bool {
        match self {
            Self::JointPlanning | Self::BehaviourSupport => true,
            Self::SupportedTransfer
            | Self::Mentor
            | Self::LearningSupportUnit
            | Self::CollaborativeResources
            | Self::Restorative
            | Self::Mediation
            | Self::InternalExclusion
            | Self::FlexibleKs4
            | Self::Other => false,
        }
    }

    /// Whether it can be arranged for a pupil who is in `year` on its first day; the refusal names the clause.
    pub fn arranged_in(self, year: YearGroup) -> Result<(), NotArranged> {
        match self {
            Self::SupportedTransfer => Err(NotArranged::OnlyAtStage3),
            Self::FlexibleKs4 if year.key_stage() != Some(4) => Err(NotArranged::OnlyAtKs4(year)),
            Self::FlexibleKs4
            | Self::Mentor
            | Self::LearningSupportUnit
            | Self::CollaborativeResources
            | Self::Restorative
            | Self::Mediation
            | Self::InternalExclusion
            | Self::JointPlanning
            | Self::BehaviourSupport
            | Self::Other => Ok(()),
        }
    }
}

/// Why support cannot be arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotArranged {
    /// P2.03b.
    #[error(
        "A supported transfer cannot be arranged here. It is a last resort: it can be explained now, and is \
         agreed only at Stage 3 (P2.03b)"
    )]
    OnlyAtStage3,
    /// S3.04, 7.1: by the actual year on the first day.
    #[error(
        "Flexible opportunities are for Key Stage 4, Years 10 and 11, and the pupil is in {0} on the first day \
         (S3.04)"
    )]
    OnlyAtKs4(YearGroup),
}

/// Why a review day cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReviewed {
    /// On the first day or before it.
    #[error("Review day must be after the first day")]
    BeforeStart,
    /// More than [`REVIEW_WEEKS`] school weeks later.
    #[error("Review day must be within 16 school weeks of the first day")]
    TooLate,
    /// Too far to be certain without a calendar, and there is none that far.
    #[error(
        "Review day must be within 16 weeks of the first day, because the school’s calendar is not known that far"
    )]
    NotLoaded,
}

/// Whether the review day is after the first day and at most [`REVIEW_WEEKS`] school weeks later. Sixteen weeks
/// hold at most sixteen school weeks, so a day within them needs no calendar.
pub fn reviewed_in_time(
    starts_on: Date,
    review_on: Date,
    calendar: &SchoolCalendar,
) -> Result<(), NotReviewed> {
    if review_on <= starts_on {
        return Err(NotReviewed::BeforeStart);
    }
    if review_on - starts_on <= Duration::weeks(i64::from(REVIEW_WEEKS)) {
        return Ok(());
    }
    match calendar.school_weeks(starts_on, review_on) {
        Ok(weeks) if weeks <= REVIEW_WEEKS => Ok(()),
        Ok(_) => Err(NotReviewed::TooLate),
        Err(_) => Err(NotReviewed::NotLoaded),
    }
}

/// Where the agreement on priority stands (P2.02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The school has not asked.
    NotAsked,
    /// The school has asked, the service has not answered.
    Waiting,
    /// Both have agreed.
    Agreed,
    /// The service said no.
    Declined,
}

impl Priority {
    /// From who has agreed; without the school nothing is agreed.
    pub const fn of(school_agreed: bool, service_agreed: bool, service_declined: bool) -> Self {
        match (school_agreed, service_agreed, service_declined) {
            (false, ..) => Self::NotAsked,
            (true, _, true) => Self::Declined,
            (true, true, false) => Self::Agreed,
            (true, false, false) => Self::Waiting,
        }
    }
}

/// Sessions as they stand: corrected ones are counted once, as corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Sessions given.
    pub given: u32,
    /// Sessions recorded, given or not.
    pub recorded: u32,
}

impl Delivery {
    /// "7 of 10 recorded sessions given"
    pub fn words(self) -> String {
        match self.recorded {
            0 => "No session recorded yet".to_owned(),
            1 => format!("{} of 1 recorded session given", self.given),
            n => format!("{} of {n} recorded sessions given", self.given),
        }
    }

    /// "1 of 2 planned given", for a week in which `planned` sessions were meant to be given.
    pub fn of_planned(self, planned: u32) -> String {
        match planned {
            0 => format!("{} given, none planned", self.given),
            n => format!("{} of {n} planned given", self.given),
        }
    }
}

/// Recorded days on one side of the day support began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Days with marks.
    pub days: u32,
    /// Their totals.
    pub totals: Totals,
}

impl Stretch {
    fn words(self) -> String {
        let percent = self.totals.percent().unwrap_or(0);
        format!(
            "{percent}% ({} of {} points, {} days)",
            self.totals.points,
            self.totals.possible(),
            self.days
        )
    }
}

/// What the marks show beside support, from up to [`DAYS_BESIDE`] recorded days on each side. It never says why.
pub fn before_and_lately(before: Stretch, lately: Stretch) -> String {
    if before.days < ENOUGH_DAYS || lately.days < ENOUGH_DAYS {
        let days = |n: u32| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        return format!(
            "Too few days to tell: {} recorded before it began, {} since",
            days(before.days),
            days(lately.days)
        );
    }
    format!("{} before it began, {} lately", before.words(), lately.words())
}

words! {
    /// What support did, when it ended.
    Effect {
        /// It helped.
        Helped = "helped", "It helped";
        /// It helped a little.
        HelpedSome = "helped_some", "It helped a little";
        /// Nothing changed.
        NoChange = "no_change", "Nothing changed";
        /// Things got worse.
        Worse = "worse", "Things got worse";
    }
}

/// Support, as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportFact {
    /// Which kind.
    pub kind: SupportKind,
    /// Sessions planned a school week.
    pub sessions_a_week: u32,
    /// First day.
    pub starts_on: Date,
    /// When it is looked at again.
    pub review_on: Date,
    /// When it ended.
    pub ended_on: Option<Date>,
    /// School and service have both agreed to priority (P2.02).
    pub prioritised: bool,
    /// A service was asked and has not answered.
    pub unanswered: bool,
    /// The service said no.
    pub declined: bool,
    /// Sessions: day and whether it was delivered.
    pub sessions: Vec<(Date, bool)>,
}

impl SupportFact {
    /// Being given on a day.
    pub fn active_on(&self, day: Date) -> bool {
        self.starts_on <= day && self.ended_on.is_none_or(|ended| ended >= day) && !self.declined
    }
}
