//! The table of the programme's decisions as data. The code asks it, the access matrix reads it. What it does not list
//! is refused.

use std::fmt;

use crate::domain::people::Role;

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
