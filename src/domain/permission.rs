//! Who may do what: the table of the programme's decisions as data. The code asks it, the access matrix
//! reads it. What it does not list is refused.

use std::{fmt, marker::PhantomData};

use time::Date;

use super::{
    ids::{AuthorityId, SchoolId, UserId},
    people::{Grant, Role},
};

/// Something a person may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// See the day sheets of a school: programme pupils' names, years, targets, marks and notes.
    SeeToday,
    /// Enter marks and notes.
    LogMarks,
    /// Print cards and class sheets.
    PrintCards,
    /// See cases: overview, targets, chart.
    SeeCases,
    /// See every section of a case.
    SeeWholeCase,
    /// Open a case.
    OpenCase,
    /// Name the lead of a case.
    NominateLead,
    /// Set, change and end targets.
    SetTargets,
    /// Say beforehand when a pupil will be away.
    PlanAbsences,
    /// See pupils' records.
    SeePupils,
    /// Add and change pupils and their contacts.
    ManagePupils,
    /// Record what was done for a clause of the programme.
    RecordSteps,
    /// Record that the programme was explained to parents and pupil (S1.04).
    RecordExplanation,
    /// Plan, hold and minute meetings.
    HoldMeetings,
    /// Say whether oneself was at a meeting.
    RecordOwnAttendance,
    /// See support: what, by whom, sessions delivered.
    SeeSupport,
    /// Arrange, change and end support.
    ManageSupport,
    /// Answer a request for support; record sessions delivered.
    DeliverSupport,
    /// Review a pupil's week and give parents feedback.
    ReviewWeeks,
    /// Record incidents.
    RecordIncidents,
    /// Propose a move, an exit or an end.
    ProposeMoves,
    /// Decide moves, exits and ends.
    DecideMoves,
    /// See how the school's cases stand, and what waits for a decision.
    SeeOverview,
    /// Name somebody who decides moves in the headteacher's place.
    NameDelegates,
    /// Remind whoever leads a case of what it owes.
    Remind,
    /// See and publish versions of the programme's policy.
    PublishPolicy,
    /// Prepare a supported transfer or an off-site direction: papers, views, notices, reviews.
    PrepareTransfer,
    /// Submit the papers of a transfer to the panel (S3.07).
    SubmitToPanel,
    /// See panels and what is on their agendas.
    SeePanel,
    /// Prepare panels: agenda, papers, attendance, minutes, places.
    PreparePanel,
    /// Decide at a panel which school takes a pupil (S3.08).
    Allocate,
    /// See the transfers a panel allocated to one's school.
    SeeReceived,
    /// Answer as the receiving school: accept or decline, first day, follow-up.
    AnswerPlacement,
    /// Suspend, exclude, cancel: the headteacher's own power, which nobody else is given (domain 2.1).
    IssueExclusions,
    /// Record what was done after an exclusion.
    RecordExclusionSteps,
    /// See the caseload: open cases in the order of concern, with what each owes.
    SeeCaseload,
    /// Look after cases for the LA: say who does, ask schools how a case stands.
    LookAfterCases,
    /// Search for pupils by name, and by number as far as one sees numbers.
    Search,
    /// Take a list of cases out of Waymark as a file. A share shows a case; it does not hand it over.
    ExportCases,
    /// See reports: counts that name nobody.
    SeeReports,
    /// Add people, give and end roles, let somebody in or stop them.
    ManagePeople,
    /// Change what a school is: numbers, marks, periods, letterhead.
    ManageSchools,
    /// Change terms, INSET days and closures.
    ManageCalendars,
    /// Change the example targets there are to start from.
    ManageTargetBank,
    /// One's own account.
    OwnAccount,
}

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The school the role is held at.
    OwnSchool,
    /// The schools the role is assigned to.
    AssignedSchools,
    /// Cases a live share shows.
    LiveShare,
    /// The authority, without any case.
    Authority,
    /// Referrals on the agenda of a panel the person sits for.
    Agenda,
    /// Transfers a panel allocated to the school the role is held at.
    Received,
    /// Oneself.
    Oneself,
}

/// The rights table. Staff see the last ten school days only ([`STAFF_DAYS`]).
pub const RIGHTS: &[(Role, Capability, Reach)] = {
    use Capability as C;
    use Reach as Of;
    use Role as R;
    &[
        (R::Staff, C::SeeToday, Of::OwnSchool),
        (R::Staff, C::LogMarks, Of::OwnSchool),
        (R::Staff, C::PrintCards, Of::OwnSchool),
        (R::SchoolLead, C::SeeToday, Of::OwnSchool),
        (R::SchoolLead, C::LogMarks, Of::OwnSchool),
        (R::SchoolLead, C::PrintCards, Of::OwnSchool),
        (R::SchoolLead, C::SeeCases, Of::OwnSchool),
        (R::SchoolLead, C::SeeWholeCase, Of::OwnSchool),
        (R::SchoolLead, C::OpenCase, Of::OwnSchool),
        (R::SchoolLead, C::NominateLead, Of::OwnSchool),
        (R::SchoolLead, C::SetTargets, Of::OwnSchool),
        (R::SchoolLead, C::PlanAbsences, Of::OwnSchool),
        (R::SchoolLead, C::SeePupils, Of::OwnSchool),
        (R::SchoolLead, C::ManagePupils, Of::OwnSchool),
        (R::Headteacher, C::SeeToday, Of::OwnSchool),
        (R::Headteacher, C::LogMarks, Of::OwnSchool),
        (R::Headteacher, C::PrintCards, Of::OwnSchool),
        (R::Headteacher, C::SeeCases, Of::OwnSchool),
        (R::Headteacher, C::SeeWholeCase, Of::OwnSchool),
        (R::Headteacher, C::OpenCase, Of::OwnSchool),
        (R::Headteacher, C::NominateLead, Of::OwnSchool),
        (R::Headteacher, C::SetTargets, Of::OwnSchool),
        (R::Headteacher, C::PlanAbsences, Of::OwnSchool),
        (R::Headteacher, C::SeePupils, Of::OwnSchool),
        (R::Headteacher, C::ManagePupils, Of::OwnSchool),
        (R::SchoolLead, C::RecordSteps, Of::OwnSchool),
        (R::SchoolLead, C::RecordExplanation, Of::OwnSchool),
        (R::SchoolLead, C::HoldMeetings, Of::OwnSchool),
        (R::SchoolLead, C::RecordOwnAttendance, Of::OwnSchool),
        (R::SchoolLead, C::SeeSupport, Of::OwnSchool),
        (R::SchoolLead, C::ManageSupport, Of::OwnSchool),
        (R::SchoolLead, C::DeliverSupport, Of::OwnSchool),
        (R::SchoolLead, C::ReviewWeeks, Of::OwnSchool),
        (R::SchoolLead, C::RecordIncidents, Of::OwnSchool),
        (R::SchoolLead, C::ProposeMoves, Of::OwnSchool),
        (R::Headteacher, C::RecordSteps, Of::OwnSchool),
        (R::Headteacher, C::RecordExplanation, Of::OwnSchool),
        (R::Headteacher, C::HoldMeetings, Of::OwnSchool),
        (R::Headteacher, C::RecordOwnAttendance, Of::OwnSchool),
        (R::Headteacher, C::SeeSupport, Of::OwnSchool),
        (R::Headteacher, C::ManageSupport, Of::OwnSchool),
        (R::Headteacher, C::DeliverSupport, Of::OwnSchool),
        (R::Headteacher, C::ReviewWeeks, Of::OwnSchool),
        (R::Headteacher, C::RecordIncidents, Of::OwnSchool),
        (R::Headteacher, C::ProposeMoves, Of::OwnSchool),
        (R::Headteacher, C::DecideMoves, Of::OwnSchool),
        (R::Headteacher, C::SeeOverview, Of::OwnSchool),
        (R::Headteacher, C::NameDelegates, Of::OwnSchool),
        (R::Headteacher, C::Remind, Of::OwnSchool),
        (R::SchoolLead, C::RecordExclusionSteps, Of::OwnSchool),
        (R::Headteacher, C::RecordExclusionSteps, Of::OwnSchool),
        // Law: a delegate may not, and an acting headteacher holds the role (T15).
        (R::Headteacher, C::IssueExclusions, Of::OwnSchool),
        (R::HeadDelegate, C::SeeCases, Of::OwnSchool),
        (R::HeadDelegate, C::SeeWholeCase, Of::OwnSchool),
        (R::HeadDelegate, C::SeeSupport, Of::OwnSchool),
        (R::HeadDelegate, C::ProposeMoves, Of::OwnSchool),
        (R::HeadDelegate, C::DecideMoves, Of::OwnSchool),
        (R::HeadDelegate, C::SeeOverview, Of::OwnSchool),
        (R::LaRepresentative, C::SeeSupport, Of::AssignedSchools),
        (R::LaRepresentative, C::RecordExplanation, Of::AssignedSchools),
        (R::LaRepresentative, C::RecordOwnAttendance, Of::AssignedSchools),
        (R::LaRepresentative, C::SeeCases, Of::AssignedSchools),
        (R::LaRepresentative, C::SeeWholeCase, Of::AssignedSchools),
        (R::LaRepresentative, C::SeePupils, Of::AssignedSchools),
        (R::SupportService, C::SeeCases, Of::LiveShare),
        (R::SupportService, C::SeeSupport, Of::LiveShare),
        (R::SupportService, C::DeliverSupport, Of::LiveShare),
        (R::LaAdministrator, C::PublishPolicy, Of::Authority),
        (R::LaAdministrator, C::ManagePeople, Of::Authority),
        (R::LaAdministrator, C::ManageSchools, Of::Authority),
        (R::LaAdministrator, C::ManageCalendars, Of::Authority),
        (R::LaAdministrator, C::ManageTargetBank, Of::Authority),
        (R::Headteacher, C::ManagePeople, Of::OwnSchool),
        (R::Headteacher, C::ManageSchools, Of::OwnSchool),
        (R::Headteacher, C::ManageCalendars, Of::OwnSchool),
        (R::Headteacher, C::ManageTargetBank, Of::OwnSchool),
        (R::SchoolLead, C::PrepareTransfer, Of::OwnSchool),
        (R::Headteacher, C::PrepareTransfer, Of::OwnSchool),
        (R::Headteacher, C::SubmitToPanel, Of::OwnSchool),
        (R::HeadDelegate, C::SubmitToPanel, Of::OwnSchool),
        (R::LaRepresentative, C::SeePanel, Of::Authority),
        (R::LaRepresentative, C::PreparePanel, Of::Authority),
        (R::PanelMember, C::SeePanel, Of::Agenda),
        (R::PanelMember, C::Allocate, Of::Agenda),
        (R::SchoolLead, C::SeeReceived, Of::Received),
        (R::SchoolLead, C::AnswerPlacement, Of::Received),
        (R::Headteacher, C::SeeReceived, Of::Received),
        (R::Headteacher, C::AnswerPlacement, Of::Received),
        (R::SchoolLead, C::SeeCaseload, Of::OwnSchool),
        (R::Headteacher, C::SeeCaseload, Of::OwnSchool),
        (R::HeadDelegate, C::SeeCaseload, Of::OwnSchool),
        (R::LaRepresentative, C::SeeCaseload, Of::AssignedSchools),
        (R::LaRepresentative, C::LookAfterCases, Of::AssignedSchools),
        (R::Staff, C::Search, Of::OwnSchool),
        (R::SchoolLead, C::Search, Of::OwnSchool),
        (R::Headteacher, C::Search, Of::OwnSchool),
        (R::HeadDelegate, C::Search, Of::OwnSchool),
        (R::LaRepresentative, C::Search, Of::AssignedSchools),
        (R::SupportService, C::Search, Of::LiveShare),
        (R::SchoolLead, C::ExportCases, Of::OwnSchool),
        (R::Headteacher, C::ExportCases, Of::OwnSchool),
        (R::LaRepresentative, C::ExportCases, Of::AssignedSchools),
        (R::Headteacher, C::SeeReports, Of::OwnSchool),
        (R::LaRepresentative, C::SeeReports, Of::AssignedSchools),
        (R::LaAdministrator, C::SeeReports, Of::Authority),
        (R::SchoolLead, C::OwnAccount, Of::Oneself),
        (R::Staff, C::OwnAccount, Of::Oneself),
        (R::Headteacher, C::OwnAccount, Of::Oneself),
        (R::HeadDelegate, C::OwnAccount, Of::Oneself),
        (R::LaRepresentative, C::OwnAccount, Of::Oneself),
        (R::SupportService, C::OwnAccount, Of::Oneself),
        (R::PanelMember, C::OwnAccount, Of::Oneself),
        (R::LaAdministrator, C::OwnAccount, Of::Oneself),
    ]
};

/// School days of marks and notes that staff see, the day itself included.
pub const STAFF_DAYS: usize = 10;

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

/// The schools a right reaches that is held for schools of one's own or for the whole authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Every school, and what belongs to none.
    Authority,
    /// These.
    Schools(Vec<SchoolId>),
}

impl Over {
    /// Whether it reaches what belongs to this school, or, with none, to the authority itself.
    pub fn covers(&self, school: Option<SchoolId>) -> bool {
        match self {
            Self::Authority => true,
            Self::Schools(own) => school.is_some_and(|school| own.contains(&school)),
        }
    }

    /// The schools it is limited to; none: it is not.
    pub fn schools(&self) -> Option<&[SchoolId]> {
        match self {
            Self::Authority => None,
            Self::Schools(own) => Some(own),
        }
    }
}

/// Somebody may not do something; says who can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// What was asked.
    pub capability: Capability,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut who: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| RIGHTS.iter().any(|(r, c, _)| r == role && *c == self.capability))
            .map(Role::label)
            .collect();
        let last = who.pop().unwrap_or("Nobody");
        let who = if who.is_empty() { last.to_owned() } else { format!("{} or {last}", who.join(", ")) };
        let what = match self.capability {
            Capability::SeeToday => "see this day's monitoring",
            Capability::LogMarks => "enter marks and notes here",
            Capability::PrintCards => "print these cards",
            Capability::SeeCases => "see cases",
            Capability::SeeWholeCase => "see this part of the case",
            Capability::OpenCase => "open a case here",
            Capability::NominateLead => "name who leads this case",
            Capability::SetTargets => "set targets here",
            Capability::PlanAbsences => "say beforehand when a pupil will be away",
            Capability::SeePupils => "see pupils' records",
            Capability::ManagePupils => "add or change pupils here",
            Capability::RecordSteps => "record this step of the programme",
            Capability::RecordExplanation => "record that the programme was explained",
            Capability::HoldMeetings => "plan or minute meetings here",
            Capability::RecordOwnAttendance => "record your attendance here",
            Capability::SeeSupport => "see the support of this case",
            Capability::ManageSupport => "arrange support here",
            Capability::DeliverSupport => "record support given",
            Capability::ReviewWeeks => "review weeks or give feedback here",
            Capability::RecordIncidents => "record incidents here",
            Capability::ProposeMoves => "propose a move here",
            Capability::DecideMoves => "decide a move here",
            Capability::SeeOverview => "see this overview",
            Capability::NameDelegates => "name a delegate here",
            Capability::Remind => "remind somebody here",
            Capability::PublishPolicy => "see or publish the programme’s policy",
            Capability::PrepareTransfer => "prepare a transfer here",
            Capability::SubmitToPanel => "submit papers to the panel here",
            Capability::SeePanel => "see the panel",
            Capability::PreparePanel => "prepare the panel",
            Capability::Allocate => "decide about places",
            Capability::SeeReceived => "see pupils who were allocated a place",
            Capability::AnswerPlacement => "answer for this school",
            Capability::IssueExclusions => "suspend or exclude a pupil",
            Capability::RecordExclusionSteps => "record steps after an exclusion here",
            Capability::SeeCaseload => "see the caseload",
            Capability::LookAfterCases => "look after cases for the LA here",
            Capability::Search => "search for pupils",
            Capability::ExportCases => "take this list out of Waymark",
            Capability::SeeReports => "see these reports",
            Capability::ManagePeople => "look after people here",
            Capability::ManageSchools => "change this school",
            Capability::ManageCalendars => "change this calendar",
            Capability::ManageTargetBank => "change the example targets",
            Capability::OwnAccount => "use this account",
        };
        let reaches = |wanted: Reach| RIGHTS.iter().any(|(_, c, r)| *c == self.capability && *r == wanted);
        let place = if reaches(Reach::Agenda) {
            "for panels of their own"
        } else if reaches(Reach::Received) {
            "for pupils allocated to their own schools"
        } else if reaches(Reach::Authority) && reaches(Reach::OwnSchool) {
            "for their own school or authority"
        } else if reaches(Reach::Authority) {
            "for their own authority"
        } else {
            "for their own schools"
        };
        write!(f, "This can be done by: {who}, {place}. Your roles today do not let you {what}.")
    }
}

/// The first page after sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPage {
    /// The day's monitoring.
    Today,
    /// How the school's cases stand, and what waits for a decision.
    Overview,
    /// Open cases in the order of concern.
    Caseload,
    /// The cases within reach.
    Cases,
    /// What is administered for the authority.
    Admin,
    /// The panels.
    Panels,
    /// One's own account.
    Account,
}

/// Somebody acting, with the roles that are live on the day.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their authority.
    pub authority: AuthorityId,
    /// Roles live today; nothing else.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Somebody acting on `today`: roles that are not live are left out.
    pub fn new(user: UserId, name: String, authority: AuthorityId, grants: Vec<Grant>, today: Date) -> Self {
        let grants = grants.into_iter().filter(|grant| grant.live_on(today)).collect();
        Self { user, name, authority, grants }
    }

    /// Holds the capability somewhere. One's own account is everybody's.
    pub fn may(&self, capability: Capability) -> bool {
        capability == Capability::OwnAccount || self.holding(capability).next().is_some()
    }

    fn holding(&self, capability: Capability) -> impl Iterator<Item = (&Grant, Reach)> {
        self.grants.iter().filter_map(move |grant| {
            RIGHTS
                .iter()
                .find(|(role, c, _)| *role == grant.role && *c == capability)
                .map(|(.., reach)| (grant, *reach))
        })
    }

    /// Holds the capability for this school.
    pub fn may_at(&self, capability: Capability, school: SchoolId) -> bool {
        self.holding(capability).any(|(grant, reach)| match reach {
            Reach::OwnSchool => grant.school == Some(school),
            Reach::AssignedSchools => grant.school.is_none_or(|assigned| assigned == school),
            Reach::LiveShare | Reach::Authority | Reach::Agenda | Reach::Received | Reach::Oneself => false,
        })
    }

    /// Holds the capability for a case of this school, or, when the case is shared with them, by the share.
    pub fn may_for(&self, capability: Capability, school: SchoolId, shared: bool) -> bool {
        self.may_at(capability, school)
            || (shared && self.holding(capability).any(|(_, reach)| reach == Reach::LiveShare))
    }

    /// Proof that the action is allowed for a case of this school, or who could do it.
    pub fn permit_for<A: Action>(&self, school: SchoolId, shared: bool) -> Result<Permit<A>, Denied> {
        if self.may_for(A::CAPABILITY, school, shared) {
            Ok(Permit { user: self.user, authority: self.authority, school, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed for a referral of this school's pupil on the agenda of a panel the person sits
    /// for, or who could do it.
    pub fn permit_on_agenda<A: Action>(&self, home: SchoolId, sits: bool) -> Result<Permit<A>, Denied> {
        if sits && self.holding(A::CAPABILITY).any(|(_, reach)| reach == Reach::Agenda) {
            Ok(Permit { user: self.user, authority: self.authority, school: home, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed for a pupil of `home` whom a panel allocated to `receiving`, or who could do
    /// it. The proof names the home school, where the record is kept.
    pub fn permit_received<A: Action>(
        &self,
        home: SchoolId,
        receiving: SchoolId,
    ) -> Result<Permit<A>, Denied> {
        let at =
            |(grant, reach): (&Grant, Reach)| reach == Reach::Received && grant.school == Some(receiving);
        if home != receiving && self.holding(A::CAPABILITY).any(at) {
            Ok(Permit { user: self.user, authority: self.authority, school: home, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Refuses unless the capability is held for a case of this school.
    pub fn require_for(&self, capability: Capability, school: SchoolId, shared: bool) -> Result<(), Denied> {
        if self.may_for(capability, school, shared) { Ok(()) } else { Err(Denied { capability }) }
    }

    /// Proof that the action is allowed for the whole authority, or who could do it.
    pub fn permit_in_authority<A: Action>(&self) -> Result<PermitInAuthority<A>, Denied> {
        if self.holding(A::CAPABILITY).any(|(_, reach)| reach == Reach::Authority) {
            Ok(PermitInAuthority { user: self.user, authority: self.authority, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// How far a right reaches that is held for one's own schools or for the whole authority.
    pub fn over(&self, capability: Capability) -> Over {
        let mut own = Vec::new();
        for (grant, reach) in self.holding(capability) {
            match (reach, grant.school) {
                (Reach::Authority, _) => return Over::Authority,
                (Reach::OwnSchool, Some(school)) if !own.contains(&school) => own.push(school),
                _ => {}
            }
        }
        Over::Schools(own)
    }

    /// Proof that the action is allowed to what belongs to this school, or, with none, to the authority itself, or who
    /// could do it.
    pub fn permit_over<A: Action>(&self, school: Option<SchoolId>) -> Result<PermitOver<A>, Denied> {
        if self.over(A::CAPABILITY).covers(school) {
            Ok(PermitOver { user: self.user, authority: self.authority, school, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed at this school, or who could do it.
    pub fn permit<A: Action>(&self, school: SchoolId) -> Result<Permit<A>, Denied> {
        if self.may_at(A::CAPABILITY, school) {
            Ok(Permit { user: self.user, authority: self.authority, school, action: PhantomData })
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Refuses unless the capability is held for this school.
    pub fn require(&self, capability: Capability, school: SchoolId) -> Result<(), Denied> {
        if self.may_at(capability, school) { Ok(()) } else { Err(Denied { capability }) }
    }

    /// The schools the capability is held for, each once, by name; none: every school of the authority.
    pub fn schools_with(&self, capability: Capability) -> Option<Vec<(SchoolId, String)>> {
        let mut schools = Vec::new();
        for (grant, reach) in self.holding(capability) {
            match (reach, grant.school) {
                (Reach::AssignedSchools, None) => return None,
                (_, Some(school)) => schools.push((grant.school_name.clone().unwrap_or_default(), school)),
                _ => {}
            }
        }
        schools.sort();
        schools.dedup();
        Some(schools.into_iter().map(|(name, school)| (school, name)).collect())
    }

    /// The role under which something was done at this school, for the audit trail.
    pub fn role_at(&self, school: SchoolId) -> Option<Role> {
        let at = |role: Role| {
            self.grants.iter().any(|grant| grant.role == role && grant.school.is_none_or(|s| s == school))
        };
        [
            Role::SchoolLead,
            Role::Headteacher,
            Role::HeadDelegate,
            Role::Staff,
            Role::LaRepresentative,
            Role::SupportService,
            Role::PanelMember,
        ]
        .into_iter()
        .find(|role| at(*role))
    }

    /// Any role, for the audit trail of pages that span schools.
    pub fn first_role(&self) -> Option<Role> {
        self.grants.first().map(|grant| grant.role)
    }

    /// The school's name when all the person's roles are at one school.
    pub fn only_school_name(&self) -> Option<String> {
        let mut names = self.grants.iter().map(|grant| grant.school_name.as_deref());
        let first = names.next()??;
        names.all(|name| name == Some(first)).then(|| first.to_owned())
    }

    /// Staff and nothing more at this school: sees the last [`STAFF_DAYS`] school days.
    pub fn sees_recent_days_only(&self, school: SchoolId) -> bool {
        !self.may_at(Capability::SeeWholeCase, school)
    }

    /// Where the person begins: leads and staff with the day, headteachers (and those who only decide in their
    /// place) with their overview, LA representatives with their caseload, others with cases or what they administer, the rest with their account.
    pub fn first_page(&self) -> FirstPage {
        let marks_days = self.grants.iter().any(|grant| matches!(grant.role, Role::SchoolLead | Role::Staff));
        if marks_days && self.may(Capability::SeeToday) {
            FirstPage::Today
        } else if self.may(Capability::SeeOverview) {
            FirstPage::Overview
        } else if self.may(Capability::SeeCaseload) {
            FirstPage::Caseload
        } else if self.may(Capability::SeeCases) {
            FirstPage::Cases
        } else if self.may(Capability::SeePanel) {
            FirstPage::Panels
        } else if self.may(Capability::PublishPolicy) {
            FirstPage::Admin
        } else {
            FirstPage::Account
        }
    }
}
