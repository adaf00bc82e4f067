//! Opaque ids, one type for each kind of thing, so that a pupil is never taken for a case.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A local authority.
    AuthorityId,
    /// A school of an authority.
    SchoolId,
    /// Somebody with an account.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// A pupil, once per authority.
    PupilId,
    /// A file of pupils that somebody sent.
    PupilFileId,
    /// A pupil's time on the roll of a school.
    EnrolmentId,
    /// Somebody to contact about a pupil.
    ContactId,
    /// A pupil's time on the programme.
    CaseId,
    /// A behaviour target of a case.
    TargetId,
    /// An example target to start from.
    BankTargetId,
    /// A praise or concern note.
    NoteId,
    /// Something known beforehand about a pupil's days.
    AbsenceId,
    /// A version of the programme's policy.
    PolicyId,
    /// What was recorded for a clause of the programme.
    StepId,
    /// Something that happened, with when, where and who was there.
    IncidentId,
    /// A meeting about a case.
    MeetingId,
    /// Something agreed at a meeting, with an owner and a date.
    ActionId,
    /// Support given to a pupil.
    SupportId,
    /// A move proposed to the headteacher.
    ProposalId,
    /// Something the headteacher was told.
    NoticeId,
    /// A supported transfer of a case.
    TransferId,
    /// A frozen version of a transfer's papers.
    PackId,
    /// A meeting of the panel that allocates places.
    PanelId,
    /// A transfer on the agenda of a panel.
    ReferralId,
    /// An off-site direction of a case.
    DirectionId,
    /// A suspension or permanent exclusion.
    ExclusionId,
    /// What was done about an exclusion.
    ExclusionStepId,
    /// Days of exclusion that another school gave as a number.
    DaysElsewhereId,
    /// A view of the caseload that somebody keeps.
    SavedViewId,
    /// A term, INSET day, closure or bank holiday of a calendar.
    SpanId,
}
