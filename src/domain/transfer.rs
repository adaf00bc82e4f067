//! Supported transfers (S3.05 to S3.08; domain 3.3, 7.2 A12): a managed move from the proposal to the last follow-up,
//! as events that are replayed from empty. A managed move is permanent: there is no state "returned", and nothing
//! here is a trial.
//!
//! [`rules`] holds what each step asks, [`mod@owed`] what is owed by whom and when.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    dates,
    ids::{PanelId, SchoolId},
    stage::words,
    stage_3,
};

pub mod owed;
pub mod rules;

pub use super::stage_3::Answer;
pub use owed::{By, Owed, owed};

words! {
    /// How a supported transfer is made (7.2 A12).
    Route {
        /// Permanent, agreed by everybody.
        ManagedMove = "managed_move", "Managed move";
        /// For a limited time, on the roll of both schools, and then a decision.
        OffSite = "off_site", "Off-site direction, then a decision";
        /// As it was agreed before 26 July 2026; only in imported history.
        LegacyTrial = "legacy_trial", "Trial, as before 26 July 2026";
    }
}

words! {
    /// Who stops a transfer before it starts.
    Stopper {
        /// S3.05: agreement is given freely and can be taken back.
        Parent = "parent", "A parent or carer took their agreement back";
        /// The school, with its reason.
        School = "school", "The school withdrew it";
    }
}

words! {
    /// Records that follow the pupil (3.3).
    File {
        /// From one designated safeguarding lead to the other, separately, with a receipt.
        ChildProtection = "child_protection", "Child protection file";
        /// The common transfer file.
        Ctf = "ctf", "Common transfer file";
    }
}

impl From<stage_3::Route> for Route {
    fn from(route: stage_3::Route) -> Self {
        match route {
            stage_3::Route::ManagedMove => Self::ManagedMove,
            stage_3::Route::OffSite => Self::OffSite,
        }
    }
}

/// Somebody with a claim to be asked, and what they said (S3.05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentAnswer {
    /// Who.
    pub name: String,
    /// Holds parental responsibility.
    pub responsible: bool,
    /// What they answered to the latest question; none: they were not asked.
    pub answer: Option<Answer>,
}

/// What Stage 3 and the parents settled before a transfer begins. Made by one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferGround {
    /// The stage the case is at; none: the case is not open.
    pub stage: Option<super::stage::Stage>,
    /// The route agreed at Stage 3, and when.
    pub agreed: Option<(Route, Date)>,
    /// Why nothing less will do (P2.03b).
    pub last_resort: Option<String>,
    /// Everybody with parental responsibility who is known, and others who were asked.
    pub answers: Vec<ParentAnswer>,
}

/// What happened to a managed move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The school began it.
    Proposed,
    /// S3.05: somebody with parental responsibility has agreed.
    ParentAgreed,
    /// S3.07: the headteacher submitted the papers.
    PapersSubmitted {
        /// The version of the papers.
        version: i32,
        /// To which panel.
        panel: PanelId,
    },
    /// The papers were incomplete and went back.
    PapersReturned,
    /// The panel put it off to another of its meetings.
    PutOff {
        /// To which.
        panel: PanelId,
    },
    /// S3.08: the panel found no place. Stage 3 stays.
    NotPlaced,
    /// S3.08: the panel allocated a place.
    Allocated {
        /// At this school.
        school: SchoolId,
    },
    /// The receiving school agreed: without it nothing moves.
    Accepted {
        /// The first day there.
        starts_on: Date,
    },
    /// The receiving school said no: back to the panel.
    Declined,
    /// The first day was changed.
    StartMoved {
        /// To this day.
        starts_on: Date,
    },
    /// The pupil is on the roll of the receiving school.
    OnRoll {
        /// Since this day.
        on: Date,
    },
    /// How the pupil is doing there.
    FollowedUp,
    /// The home school sent a record on.
    FileSent {
        /// Which.
        file: File,
        /// When.
        on: Date,
    },
    /// There is no such record to send.
    NoFile {
        /// Which.
        file: File,
    },
    /// The receiving school has the record.
    FileReceived {
        /// Which.
        file: File,
        /// Since when.
        on: Date,
    },
    /// It stopped before it started.
    Withdrawn {
        /// By whom.
        by: Stopper,
    },
    /// The last follow-up is done: nothing is shared any more.
    Closed,
}

impl Event {
    /// As it is stored, and as the walls of the database know it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::ParentAgreed => "parent_agreed",
            Self::PapersSubmitted { .. } => "papers_submitted",
            Self::PapersReturned => "papers_returned",
            Self::PutOff { .. } => "put_off",
            Self::NotPlaced => "not_placed",
            Self::Allocated { .. } => "allocated",
            Self::Accepted { .. } => "accepted",
            Self::Declined => "declined",
            Self::StartMoved { .. } => "start_moved",
            Self::OnRoll { .. } => "on_roll",
            Self::FollowedUp => "followed_up",
            Self::FileSent { .. } => "file_sent",
            Self::NoFile { .. } => "no_file",
            Self::FileReceived { .. } => "file_received",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// For the list of what happened. `school` names a school.
    pub fn words(&self, school: impl Fn(SchoolId) -> String) -> String {
        match self {
            Self::Proposed => "Managed move begun".to_owned(),
            Self::ParentAgreed => "Parental agreement in place".to_owned(),
            Self::PapersSubmitted { version, .. } => {
                format!("Papers submitted to the panel (version {version})")
            }
            Self::PapersReturned => "Papers returned as incomplete".to_owned(),
            Self::PutOff { .. } => "Put off to another panel".to_owned(),
            Self::NotPlaced => "The panel found no place".to_owned(),
            Self::Allocated { school: to } => format!("The panel allocated a place at {}", school(*to)),
            Self::Accepted { starts_on } => {
                format!("The receiving school accepted. First day {}", dates::long(*starts_on))
            }
            Self::Declined => "The receiving school declined. Back to the panel".to_owned(),
            Self::StartMoved { starts_on } => format!("First day moved to {}", dates::long(*starts_on)),
            Self::OnRoll { on } => {
                format!("On the roll of the receiving school since {}", dates::long(*on))
            }
            Self::FollowedUp => "Follow-up review".to_owned(),
            Self::FileSent { file, on } => format!("{} sent on {}", file.label(), dates::long(*on)),
            Self::NoFile { file } => format!("{}: there is none to send", file.label()),
            Self::FileReceived { file, on } => {
                format!("{} received on {}", file.label(), dates::long(*on))
            }
            Self::Withdrawn { by } => format!("Stopped. {}", by.label()),
            Self::Closed => "Closed. The papers are no longer shared".to_owned(),
        }
    }
}

/// Where a managed move stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum State {
    /// Not begun.
    #[default]
    None,
    /// Begun, parents not agreed.
    Proposed,
    /// Parents agreed; the papers are the school's to submit.
    ParentAgreed,
    /// The papers are with the panel.
    PapersSubmitted {
        /// The version of the papers.
        version: i32,
        /// Which panel.
        panel: PanelId,
    },
    /// A place is allocated; the receiving school answers.
    PanelAllocated {
        /// The version of the papers.
        version: i32,
        /// Which panel.
        panel: PanelId,
        /// Where.
        school: SchoolId,
    },
    /// The receiving school agreed.
    ReceivingAccepted {
        /// Where.
        school: SchoolId,
        /// The first day there.
        starts_on: Date,
    },
    /// The pupil is there.
    OnRoll {
        /// Where.
        school: SchoolId,
        /// Since when.
        on: Date,
        /// Follow-up reviews held.
        follow_ups: u32,
    },
    /// Over: the move stands.
    Closed {
        /// Where.
        school: SchoolId,
        /// Since when.
        on: Date,
    },
    /// Over before it started.
    Withdrawn,
}

/// A record that follows the pupil: how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When it was sent.
    #[serde(default)]
    pub sent_on: Option<Date>,
    /// When it was received.
    #[serde(default)]
    pub received_on: Option<Date>,
    /// There is none.
    #[serde(default)]
    pub none: bool,
}

/// A managed move: only what its events make it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedMove {
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Option<Date>,
    /// Schools that said no.
    #[serde(default)]
    pub declined: Vec<SchoolId>,
    /// The child protection file.
    #[serde(default)]
    pub protection: Sent,
    /// The common transfer file.
    #[serde(default)]
    pub ctf: Sent,
}

/// An event that cannot follow the events before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{event}\" cannot follow where the transfer stands")]
pub struct Impossible {
    event: &'static str,
}

impl ManagedMove {
    /// The move after one more event on a day. Refuses what 3.3 does not have: there is no way back from the new
    /// roll, and no start without the receiving school's agreement.
    pub fn after(&self, event: &Event, on: Date) -> Result<Self, Impossible> {
        let mut next = Self { since: Some(on), ..self.clone() };
        let impossible = Impossible { event: event.name() };
        next.state = match (self.state, event) {
            (State::None, Event::Proposed) => State::Proposed,
            // What comes back from the panel is the school's to submit again.
            (State::Proposed, Event::ParentAgreed)
            | (State::PapersSubmitted { .. }, Event::PapersReturned | Event::NotPlaced) => {
                State::ParentAgreed
            }
            (State::ParentAgreed, Event::PapersSubmitted { version, panel }) => {
                State::PapersSubmitted { version: *version, panel: *panel }
            }
            (State::PapersSubmitted { version, .. }, Event::PutOff { panel }) => {
                State::PapersSubmitted { version, panel: *panel }
            }
            (State::PapersSubmitted { version, panel }, Event::Allocated { school }) => {
                State::PanelAllocated { version, panel, school: *school }
            }
            (State::PanelAllocated { school, .. }, Event::Accepted { starts_on }) => {
                State::ReceivingAccepted { school, starts_on: *starts_on }
            }
            (State::PanelAllocated { version, panel, school }, Event::Declined) => {
                next.declined.push(school);
                State::PapersSubmitted { version, panel }
            }
            (State::ReceivingAccepted { school, .. }, Event::StartMoved { starts_on }) => {
                next.since = self.since;
                State::ReceivingAccepted { school, starts_on: *starts_on }
            }
            (State::ReceivingAccepted { school, .. }, Event::OnRoll { on }) => {
                State::OnRoll { school, on: *on, follow_ups: 0 }
            }
            (State::OnRoll { school, on, follow_ups }, Event::FollowedUp) => {
                next.since = self.since;
                State::OnRoll { school, on, follow_ups: follow_ups + 1 }
            }
            (State::OnRoll { school, on, follow_ups: 1.. }, Event::Closed) => State::Closed { school, on },
            (
                State::ReceivingAccepted { .. } | State::OnRoll { .. } | State::Closed { .. },
                Event::FileSent { .. } | Event::NoFile { .. },
            )
            | (State::ReceivingAccepted { .. } | State::OnRoll { .. }, Event::FileReceived { .. }) => {
                next.since = self.since;
                next.note_file(event).ok_or(impossible)?;
                self.state
            }
            (
                State::Proposed
                | State::ParentAgreed
                | State::PapersSubmitted { .. }
                | State::PanelAllocated { .. }
                | State::ReceivingAccepted { .. },
                Event::Withdrawn { .. },
            ) => State::Withdrawn,
            _ => return Err(impossible),
        };
        Ok(next)
    }

    /// Sent once, received once.
    fn note_file(&mut self, event: &Event) -> Option<()> {
        let (Event::FileSent { file, .. } | Event::NoFile { file } | Event::FileReceived { file, .. }) =
            event
        else {
            return None;
        };
        let kept = match file {
            File::ChildProtection => &mut self.protection,
            File::Ctf => &mut self.ctf,
        };
        match event {
            Event::FileSent { on, .. } if kept.sent_on.is_none() && !kept.none => kept.sent_on = Some(*on),
            Event::NoFile { .. } if kept.sent_on.is_none() && kept.received_on.is_none() && !kept.none => {
                kept.none = true;
            }
            Event::FileReceived { on, .. } if kept.received_on.is_none() && !kept.none => {
                kept.received_on = Some(*on);
            }
            _ => return None,
        }
        Some(())
    }

    /// The move a history gives: events with their days, first to last.
    pub fn replay<'a>(history: impl IntoIterator<Item = (&'a Event, Date)>) -> Result<Self, Impossible> {
        history.into_iter().try_fold(Self::default(), |state, (event, on)| state.after(event, on))
    }

    /// The school a place is allocated at now.
    pub const fn receiving(&self) -> Option<SchoolId> {
        match self.state {
            State::PanelAllocated { school, .. }
            | State::ReceivingAccepted { school, .. }
            | State::OnRoll { school, .. }
            | State::Closed { school, .. } => Some(school),
            State::None
            | State::Proposed
            | State::ParentAgreed
            | State::PapersSubmitted { .. }
            | State::Withdrawn => None,
        }
    }

    /// Nothing more happens to it.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Closed { .. } | State::Withdrawn)
    }

    /// The school may still write its papers.
    pub const fn is_in_preparation(&self) -> bool {
        matches!(self.state, State::Proposed | State::ParentAgreed)
    }

    /// It has not started: it can still be stopped.
    pub const fn can_stop(&self) -> bool {
        matches!(
            self.state,
            State::Proposed
                | State::ParentAgreed
                | State::PapersSubmitted { .. }
                | State::PanelAllocated { .. }
                | State::ReceivingAccepted { .. }
        )
    }
}

impl State {
    /// As it is stored beside the move.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Proposed => "proposed",
            Self::ParentAgreed => "parent_agreed",
            Self::PapersSubmitted { .. } => "papers_submitted",
            Self::PanelAllocated { .. } => "panel_allocated",
            Self::ReceivingAccepted { .. } => "receiving_accepted",
            Self::OnRoll { .. } => "on_roll",
            Self::Closed { .. } => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// As people say it.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::None => "Not begun",
            Self::Proposed => "Begun; the papers are being written",
            Self::ParentAgreed => "Papers in preparation",
            Self::PapersSubmitted { .. } => "With the panel",
            Self::PanelAllocated { .. } => "Place allocated; the receiving school answers",
            Self::ReceivingAccepted { .. } => "Accepted; waiting for the first day",
            Self::OnRoll { .. } => "On the roll of the receiving school",
            Self::Closed { .. } => "Closed",
            Self::Withdrawn => "Stopped before it started",
        }
    }
}

/// The last day on the home school's roll: the day before the first on the new one.
pub fn home_until(on_roll: Date) -> Date {
    on_roll.previous_day().unwrap_or(on_roll)
}
