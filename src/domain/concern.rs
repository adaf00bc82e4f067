//! Why a case stands high on the list of those who look after many: facts in words, and an order made of them. Never a
//! score, and nothing follows from it by itself: a named person decides (domain 6, no automated decisions).

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    calendar::SchoolCalendar,
    duties::{Duty, What},
    monitoring::Totals,
    stage::Stage,
    suspension::HalfDays,
    week::Weeks,
};

/// School days without marks from which a case is looked at.
pub const UNMARKED_DAYS: u32 = 3;
/// School days without marks from which that alone is urgent.
pub const UNMARKED_URGENT: u32 = 10;
/// School days by which a duty of the programme is late before that alone is urgent.
pub const OVERDUE_URGENT: u32 = 10;
/// Recorded days that are looked at for the goal.
pub const RECENT_DAYS: usize = 5;
/// How many of them below the goal are worth a look.
pub const BELOW_GOAL_DAYS: usize = 4;
/// Suspended half-days of a school year from which the ceiling of 45 days is near: ten days are left (domain 2.2).
pub const NEAR_CEILING: HalfDays = HalfDays(70);
/// So many things at once are urgent together.
pub const TOGETHER: usize = 3;
/// School days looked back for the last marks.
const LOOK_BACK: usize = 31;

/// One thing about a case that somebody should look at. Serialized as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "concern", rename_all = "snake_case")]
pub enum Concern {
    /// S3.02: a step the law asks for is late.
    LawOverdue {
        /// By so many school days.
        days: u32,
    },
    /// 2.2: the pupil has few days left below 45 in this school year.
    NearCeiling {
        /// Half-days out so far.
        half_days: u32,
    },
    /// A duty of the programme is late.
    Overdue {
        /// The latest of them by so many school days.
        days: u32,
    },
    /// S1.11: nobody has recorded marks for days on which they were expected.
    Unmarked {
        /// So many school days in a row, up to yesterday.
        days: u32,
    },
    /// Most of the latest recorded days are below the school's goal.
    BelowGoal {
        /// Days below.
        below: u32,
        /// Days looked at.
        of: u32,
    },
    /// The case is at Stage 3: a permanent exclusion was in view.
    Stage3,
}

impl Concern {
    /// For the list: "2 school days overdue".
    pub fn words(self) -> String {
        let days = |n: u32| if n == 1 { "1 school day".to_owned() } else { format!("{n} school days") };
        match self {
            Self::LawOverdue { days: n } => format!("a step the law asks for is {} overdue", days(n)),
            Self::NearCeiling { half_days } => {
                format!("{} of 45 suspended this school year", HalfDays(half_days))
            }
            Self::Overdue { days: n } => format!("{} overdue", days(n)),
            Self::Unmarked { days: n } => format!("no marks for {}", days(n)),
            Self::BelowGoal { below, of } => {
                format!("below the goal on {below} of the last {of} recorded days")
            }
            Self::Stage3 => "at Stage 3".to_owned(),
        }
    }

    /// Urgent whatever else is known.
    const fn urgent(self) -> bool {
        match self {
            Self::LawOverdue { .. } | Self::NearCeiling { .. } => true,
            Self::Overdue { days } => days >= OVERDUE_URGENT,
            Self::Unmarked { days } => days >= UNMARKED_URGENT,
            Self::BelowGoal { .. } | Self::Stage3 => false,
        }
    }
}

/// Where a case stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing stands out.
    Steady,
    /// Something should be looked at.
    Raised,
    /// Look here first.
    High,
}

impl Level {
    /// All, the lowest first.
    pub const ALL: [Self; 3] = [Self::Steady, Self::Raised, Self::High];

    /// High: one urgent thing, or [`TOGETHER`] things at once.
    pub fn of(concerns: &[Concern]) -> Self {
        if concerns.iter().any(|concern| concern.urgent()) || concerns.len() >= TOGETHER {
            Self::High
        } else if concerns.is_empty() {
            Self::Steady
        } else {
            Self::Raised
        }
    }

    /// As it is kept.
    pub const fn rank(self) -> i16 {
        match self {
            Self::Steady => 0,
            Self::Raised => 1,
            Self::High => 2,
        }
    }

    /// From how it is kept; what is beyond the highest is the highest.
    pub fn from_rank(rank: i16) -> Self {
        match rank {
            ..=0 => Self::Steady,
            1 => Self::Raised,
            2.. => Self::High,
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Steady => "Steady",
            Self::Raised => "Look",
            Self::High => "High",
        }
    }
}

/// What is looked at in an open case on a day.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// Where the case stands.
    pub stage: Stage,
    /// What it owes.
    pub duties: &'a [Duty],
    /// Its weeks, with the totals of every day.
    pub weeks: &'a Weeks,
    /// The school's goal in percent.
    pub goal: u32,
    /// Half-days suspended in the school year; none where the calendar does not say.
    pub suspended: Option<HalfDays>,
    /// The day the case began.
    pub opened_on: Date,
}

/// What stands out, the gravest first.
pub fn concerns(of: Looked<'_>, calendar: &SchoolCalendar, today: Date) -> Vec<Concern> {
    let late = |law: bool| {
        let wanted = of.duties.iter().filter(|duty| matches!(duty.what, What::Exclusion { .. }) == law);
        wanted.map(|duty| duty.overdue(calendar, today)).max().filter(|days| *days > 0)
    };
    let mut all = Vec::new();
    all.extend(late(true).map(|days| Concern::LawOverdue { days }));
    let near = of.suspended.filter(|half_days| *half_days >= NEAR_CEILING);
    all.extend(near.map(|half_days| Concern::NearCeiling { half_days: half_days.0 }));
    all.extend(late(false).map(|days| Concern::Overdue { days }));
    let unmarked = unmarked(of.weeks, of.opened_on, calendar, today);
    if unmarked >= UNMARKED_DAYS {
        all.push(Concern::Unmarked { days: unmarked });
    }
    all.extend(below_goal(of.weeks, of.goal));
    if of.stage == Stage::Three {
        all.push(Concern::Stage3);
    }
    all
}

/// School days in a row, up to the one before `today`, on which marks were expected and nobody made any. Days on which
/// none were expected (an absence, a suspension) neither count nor end the row. At most a month of them.
pub fn unmarked(weeks: &Weeks, opened_on: Date, calendar: &SchoolCalendar, today: Date) -> u32 {
    let days = calendar.latest_school_days(today, LOOK_BACK);
    let mut row = 0;
    for day in days.into_iter().rev().filter(|day| *day < today && *day >= opened_on) {
        if weeks.unrecorded(day) {
            row += 1;
        } else if weeks
            .days
            .binary_search_by_key(&day, |totals| totals.on)
            .is_ok_and(|at| weeks.days[at].recorded > 0)
        {
            break;
        }
    }
    row
}

fn below_goal(weeks: &Weeks, goal: u32) -> Option<Concern> {
    let recent: Vec<_> = weeks.days.iter().rev().filter(|day| day.recorded > 0).take(RECENT_DAYS).collect();
    let below = recent
        .iter()
        .filter(|day| {
            !Totals { points: day.points, recorded: day.recorded, expected: day.expected }.reaches(goal)
        })
        .count();
    (recent.len() == RECENT_DAYS && below >= BELOW_GOAL_DAYS).then(|| Concern::BelowGoal {
        below: u32::try_from(below).unwrap_or(0),
        of: u32::try_from(recent.len()).unwrap_or(0),
    })
}
