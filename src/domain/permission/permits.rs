//! Proof that something was allowed, which every write asks for: one type for each kind of it.

use std::marker::PhantomData;

#[cfg(doc)]
use super::Actor;
use super::Capability;
use crate::domain::ids::{AuthorityId, SchoolId, UserId};

/// Something that changes what is stored; its permit is the proof that it was allowed.
pub trait Action {
    /// The right it needs.
    const CAPABILITY: Capability;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $capability:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Action for $name {
            const CAPABILITY: Capability = Capability::$capability;
        }
    )*};
}

actions! {
    /// Entering marks and notes.
    LogMarks => LogMarks,
    /// Opening a case.
    OpenCase => OpenCase,
    /// Naming the lead of a case.
    NominateLead => NominateLead,
    /// Setting, changing and ending targets.
    SetTargets => SetTargets,
    /// Saying beforehand when a pupil will be away.
    PlanAbsences => PlanAbsences,
    /// Adding and changing pupils and contacts.
    ManagePupils => ManagePupils,
    /// Recording what was done for a clause.
    RecordSteps => RecordSteps,
    /// Recording that the programme was explained.
    RecordExplanation => RecordExplanation,
    /// Planning, holding and minuting meetings.
    HoldMeetings => HoldMeetings,
    /// Saying whether oneself was at a meeting.
    RecordOwnAttendance => RecordOwnAttendance,
    /// Arranging support.
    ManageSupport => ManageSupport,
    /// Answering requests for support, recording sessions.
    DeliverSupport => DeliverSupport,
    /// Reviewing weeks, giving feedback.
    ReviewWeeks => ReviewWeeks,
    /// Recording incidents.
    RecordIncidents => RecordIncidents,
    /// Proposing moves.
    ProposeMoves => ProposeMoves,
    /// Deciding moves.
    DecideMoves => DecideMoves,
    /// Naming delegates.
    NameDelegates => NameDelegates,
    /// Noting that the headteacher opened what they were told (P2.01). Of those who see it, only the headteacher
    /// also names delegates; nobody else opens it in their place.
    OpenNotices => NameDelegates,
    /// Reminding a lead.
    Remind => Remind,
    /// Noting that a reminder was seen by the lead it is to.
    SeeReminders => ReviewWeeks,
    /// Publishing policy.
    PublishPolicy => PublishPolicy,
    /// Preparing a transfer or a direction.
    PrepareTransfer => PrepareTransfer,
    /// Submitting papers to the panel.
    SubmitToPanel => SubmitToPanel,
    /// Preparing panels.
    PreparePanel => PreparePanel,
    /// Deciding at a panel.
    Allocate => Allocate,
    /// Answering as the receiving school.
    AnswerPlacement => AnswerPlacement,
    /// Suspending, excluding, cancelling.
    IssueExclusions => IssueExclusions,
    /// Recording what was done after an exclusion.
    RecordExclusionSteps => RecordExclusionSteps,
    /// Saying who looks after a case, asking how it stands.
    LookAfterCases => LookAfterCases,
    /// Adding people, giving and ending roles.
    ManagePeople => ManagePeople,
    /// Changing schools.
    ManageSchools => ManageSchools,
    /// Changing calendars.
    ManageCalendars => ManageCalendars,
    /// Changing the example targets.
    ManageTargetBank => ManageTargetBank,
}

/// Proof that somebody may do `A` at a school. Only [`Actor::permit`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Permit<A> {
    user: UserId,
    authority: AuthorityId,
    school: SchoolId,
    action: PhantomData<A>,
}

impl<A> Permit<A> {
    pub(super) const fn new((user, authority): (UserId, AuthorityId), school: SchoolId) -> Self {
        Self { user, authority, school, action: PhantomData }
    }

    /// Who.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// In which authority.
    pub fn authority(&self) -> AuthorityId {
        self.authority
    }

    /// At which school.
    pub fn school(&self) -> SchoolId {
        self.school
    }
}

/// Proof that somebody may do `A` for the whole authority. Only [`Actor::permit_in_authority`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct PermitInAuthority<A> {
    user: UserId,
    authority: AuthorityId,
    action: PhantomData<A>,
}

impl<A> PermitInAuthority<A> {
    pub(super) const fn new((user, authority): (UserId, AuthorityId)) -> Self {
        Self { user, authority, action: PhantomData }
    }

    /// Who.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// In which authority.
    pub fn authority(&self) -> AuthorityId {
        self.authority
    }
}

/// Proof that somebody may do `A` to what belongs to a school (of their own, or any of their authority), or to what
/// belongs to the authority itself. Only [`Actor::permit_over`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct PermitOver<A> {
    user: UserId,
    authority: AuthorityId,
    school: Option<SchoolId>,
    action: PhantomData<A>,
}

impl<A> PermitOver<A> {
    pub(super) const fn new((user, authority): (UserId, AuthorityId), school: Option<SchoolId>) -> Self {
        Self { user, authority, school, action: PhantomData }
    }

    /// Who.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// In which authority.
    pub fn authority(&self) -> AuthorityId {
        self.authority
    }

    /// At which school; none: what belongs to no school.
    pub fn school(&self) -> Option<SchoolId> {
        self.school
    }
}
