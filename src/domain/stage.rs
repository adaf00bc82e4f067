//! Stages, how a case comes to one and leaves it, and the events a case's state is made of (domain 7.3).

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Date;

/// A stage of the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "i16", try_from = "i16")]
pub enum Stage {
    /// Support, targets and daily monitoring.
    One,
    /// Plans reviewed with the support services.
    Two,
    /// Alternatives to a permanent exclusion.
    Three,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// 1, 2 or 3.
    pub const fn number(self) -> i16 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The stage of this number.
    pub fn of(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.number() == number)
    }

    /// This stage and the ones below it, lowest first.
    pub fn and_below(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |stage| *stage <= self)
    }
}

impl From<Stage> for i16 {
    fn from(stage: Stage) -> Self {
        stage.number()
    }
}

impl TryFrom<i16> for Stage {
    type Error = String;

    fn try_from(number: i16) -> Result<Self, String> {
        Self::of(number).ok_or_else(|| format!("there is no stage {number}"))
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stage {}", self.number())
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $stored:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$case_doc])* #[serde(rename = $stored)] $case,)* }

        impl $name {
            /// Every one, in the order people are shown them.
            pub const ALL: &[Self] = &[$(Self::$case,)*];

            /// As it is stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $stored,)* }
            }

            /// As people say it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$case => $label,)* }
            }

            /// From how it is stored.
            pub fn from_stored(text: &str) -> Option<Self> {
                match text { $($stored => Some(Self::$case),)* _ => None }
            }

            /// Pairs for a form: stored word and label.
            pub fn choices() -> Vec<(&'static str, &'static str)> {
                Self::ALL.iter().map(|one| (one.as_str(), one.label())).collect()
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Why a case begins (7.2 A1, A17).
    Entry {
        /// Worry about a pupil at high risk of exclusion.
        Concern = "concern", "Concern about behaviour over time";
        /// A serious incident for which a permanent exclusion could be considered.
        SeriousIncident = "serious_incident", "A serious incident";
        /// The pupil was on the programme at the school they came from.
        Continuation = "continuation", "Continuing from the school before";
    }
}

words! {
    /// Why a case moves up (S1.15, S3.00).
    UpReason {
        /// After a reasonable monitoring period, behaviour has not improved.
        NotImproving = "not_improving", "Behaviour has not improved";
        /// Behaviour got worse.
        Escalation = "escalation", "Behaviour has got worse";
        /// A serious incident.
        SeriousIncident = "serious_incident", "A serious incident";
    }
}

words! {
    /// How a case ends other than by progress.
    Ending {
        /// The pupil goes to a school outside the authority.
        MovedOut = "moved_out", "The pupil moved out of the area";
        /// The pupil left the school, or finished Year 11 (7.2 A17, A19).
        Left = "left", "The pupil left the school";
        /// The headteacher excluded the pupil permanently (7.2 A20).
        Excluded = "excluded", "The pupil was permanently excluded";
        /// There should be no case.
        OpenedInError = "opened_in_error", "The case was opened by mistake";
    }
}

/// What happened to a case: one decision each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It began.
    Opened {
        /// At this stage.
        stage: Stage,
        /// For this reason.
        reason: Entry,
    },
    /// It moved up.
    MovedUp {
        /// To this stage.
        to: Stage,
        /// For this reason.
        reason: UpReason,
    },
    /// It moved down (7.2 A4).
    SteppedDown {
        /// To this stage.
        to: Stage,
    },
    /// The timescale of its targets was moved on (S1.14).
    Extended {
        /// To this day.
        until: Date,
    },
    /// The pupil made progress and left the programme (S1.14, 7.2 A2, A3).
    Exited,
    /// It ended otherwise.
    Closed {
        /// How.
        ending: Ending,
    },
    /// It is open again (7.2 A20), or was ended by mistake.
    Reopened {
        /// At this stage.
        stage: Stage,
    },
}

impl Event {
    /// The kind of notice the headteacher gets (P2.01), and the name of what was decided.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::MovedUp { .. } => "moved",
            Self::SteppedDown { .. } => "stepped_down",
            Self::Extended { .. } => "extended",
            Self::Exited => "exited",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
        }
    }

    /// For the timeline.
    pub fn words(&self) -> String {
        match self {
            Self::Opened { stage, reason } => format!("Case opened at {stage}. {}", reason.label()),
            Self::MovedUp { to, reason } => format!("Moved to {to}. {}", reason.label()),
            Self::SteppedDown { to } => format!("Stepped down to {to}"),
            Self::Extended { until } => {
                format!("Timescale extended to {}", super::dates::long(*until))
            }
            Self::Exited => "Left the programme: progress made".to_owned(),
            Self::Closed { ending } => format!("Case closed. {}", ending.label()),
            Self::Reopened { stage } => format!("Case open again at {stage}"),
        }
    }
}

/// How an ended case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With progress.
    Progress,
    /// Otherwise.
    Otherwise(Ending),
}

impl Ended {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Otherwise(ending) => ending.as_str(),
        }
    }
}

/// Where a case stands. Made only by replaying its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseState {
    /// No case yet.
    #[default]
    None,
    /// On the programme.
    Open {
        /// At this stage.
        stage: Stage,
        /// Since this day.
        since: Date,
        /// Where and why it began.
        entry: (Stage, Entry),
        /// When it began.
        opened_on: Date,
        /// How often its timescale was moved on at this stage.
        extensions: u32,
        /// The day it was moved on to.
        extended_until: Option<Date>,
    },
    /// Over.
    Ended {
        /// The stage it was at.
        stage: Stage,
        /// How.
        how: Ended,
        /// When.
        on: Date,
        /// Where and why it began.
        entry: (Stage, Entry),
        /// When it began.
        opened_on: Date,
    },
}

/// An event that cannot follow the events before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{event}\" cannot follow where the case stands")]
pub struct Impossible {
    event: &'static str,
}

impl CaseState {
    /// The state after one more event on a day. Refuses what the state machine of 7.3 does not have.
    pub fn after(self, event: &Event, on: Date) -> Result<Self, Impossible> {
        let impossible = Err(Impossible { event: event.name() });
        match (self, event) {
            (Self::None, Event::Opened { stage, reason }) => Ok(Self::Open {
                stage: *stage,
                since: on,
                entry: (*stage, *reason),
                opened_on: on,
                extensions: 0,
                extended_until: None,
            }),
            (Self::Open { stage, entry, opened_on, .. }, Event::MovedUp { to, .. }) if *to > stage => {
                Ok(Self::at(*to, on, entry, opened_on))
            }
            (Self::Open { stage, entry, opened_on, .. }, Event::SteppedDown { to }) if *to < stage => {
                Ok(Self::at(*to, on, entry, opened_on))
            }
            (Self::Open { stage, since, entry, opened_on, extensions, .. }, Event::Extended { until }) => {
                Ok(Self::Open {
                    stage,
                    since,
                    entry,
                    opened_on,
                    extensions: extensions + 1,
                    extended_until: Some(*until),
                })
            }
            (Self::Open { stage, entry, opened_on, .. }, Event::Exited) => {
                Ok(Self::Ended { stage, how: Ended::Progress, on, entry, opened_on })
            }
            (Self::Open { stage, entry, opened_on, .. }, Event::Closed { ending }) => {
                Ok(Self::Ended { stage, how: Ended::Otherwise(*ending), on, entry, opened_on })
            }
            (Self::Ended { entry, opened_on, .. }, Event::Reopened { stage }) => {
                Ok(Self::at(*stage, on, entry, opened_on))
            }
            (
                Self::None | Self::Open { .. } | Self::Ended { .. },
                Event::Opened { .. }
                | Event::MovedUp { .. }
                | Event::SteppedDown { .. }
                | Event::Extended { .. }
                | Event::Exited
                | Event::Closed { .. }
                | Event::Reopened { .. },
            ) => impossible,
        }
    }

    fn at(stage: Stage, since: Date, entry: (Stage, Entry), opened_on: Date) -> Self {
        Self::Open { stage, since, entry, opened_on, extensions: 0, extended_until: None }
    }

    /// The state a history gives: events with their days, first to last.
    pub fn replay<'a>(history: impl IntoIterator<Item = (&'a Event, Date)>) -> Result<Self, Impossible> {
        history.into_iter().try_fold(Self::None, |state, (event, on)| state.after(event, on))
    }

    /// The stage an open case is at.
    pub const fn stage(&self) -> Option<Stage> {
        match self {
            Self::Open { stage, .. } => Some(*stage),
            Self::None | Self::Ended { .. } => None,
        }
    }

    /// On the programme.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// Where and why it began.
    pub const fn entry(&self) -> Option<(Stage, Entry)> {
        match self {
            Self::None => None,
            Self::Open { entry, .. } | Self::Ended { entry, .. } => Some(*entry),
        }
    }
}
