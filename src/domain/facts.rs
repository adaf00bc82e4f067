//! Facts: everything the rules look at for one case on one day, gathered once. Opening a case fills the first
//! part from the form; a case on the programme fills the rest from its records.

use time::Date;

use super::{
    direction::Direction,
    ids::{ActionId, CaseId, ContactId, IncidentId, MeetingId, SupportId, UserId},
    meeting::MeetingFact,
    pupil::YearGroup,
    review::Rating,
    stage::Stage,
    stage_3::{AgreementFact, AlternativeFact},
    step::{Step, incident::Seriousness},
    support::SupportFact,
    suspension::history::History,
    transfer::ManagedMove,
};

/// What is known.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The pupil and their school.
    pub pupil: PupilFacts,
    /// What was written down when the case was opened, or is on the form.
    pub opening: OpeningFacts,
    /// Who leads the case.
    pub lead: Option<(UserId, String)>,
    /// The LA representative of the school, by name, when one is assigned.
    pub la_representative: Option<String>,
    /// The headteacher's name, when there is one.
    pub head: Option<String>,
    /// The person asking is the headteacher, or named by them (7.2 A8).
    pub decides: bool,
    /// Targets worked on today.
    pub targets: Vec<TargetFact>,
    /// Targets ended before today: the first and the last day each was worked on.
    pub earlier_targets: Vec<(Date, Date)>,
    /// Steps that stand (corrected ones left out), oldest first.
    pub steps: Vec<StepFact>,
    /// Meetings, oldest first.
    pub meetings: Vec<(MeetingId, MeetingFact)>,
    /// Actions agreed at meetings, not done yet.
    pub actions: Vec<ActionFact>,
    /// Support, oldest first.
    pub support: Vec<(SupportId, SupportFact)>,
    /// Incidents of the pupil, oldest first.
    pub incidents: Vec<IncidentFact>,
    /// Days with a mark or a reason, oldest first.
    pub days: Vec<DayFact>,
    /// Weekly reviews, oldest first, the latest version of each.
    pub reviews: Vec<ReviewFact>,
    /// Feedback given: week, parent, whether they were reached, the day.
    pub feedback: Vec<FeedbackFact>,
    /// People to contact, in their order.
    pub contacts: Vec<ContactFact>,
    /// What is said of each alternative at this entry to Stage 3.
    pub alternatives: Vec<AlternativeFact>,
    /// What parents answered about them, oldest first.
    pub agreements: Vec<AgreementFact>,
    /// A move waits for the headteacher's answer since this day.
    pub proposed_on: Option<Date>,
    /// Clauses that were not met when somebody went on without giving the reason.
    pub unexplained: Vec<String>,
    /// Suspensions and permanent exclusions of the pupil.
    pub exclusions: History,
    /// A managed move and off-site directions.
    pub placement: PlacementFacts,
    /// A question of the LA that the school has not answered: its last day, and who asked.
    pub update_asked: Option<(Date, String)>,
}

/// What is known of a place elsewhere.
#[derive(Clone, Debug, Default)]
pub struct PlacementFacts {
    /// The managed move of the case: the one that is open, or else the latest.
    pub transfer: Option<ManagedMove>,
    /// The panel it is with, or the next one that takes papers: last day for papers, and its meeting.
    pub panel: Option<(Date, Date)>,
    /// Off-site directions.
    pub directions: Vec<Direction>,
}

/// The pupil, on the day.
#[derive(Clone, Debug)]
pub struct PupilFacts {
    /// The actual year.
    pub year: YearGroup,
    /// On the roll of the school.
    pub enrolled: bool,
    /// The school takes part.
    pub school_takes_part: bool,
    /// A case that is open, other than this one, and whether the person asking may see it.
    pub open_case: Option<(CaseId, bool)>,
}

/// What the form to open a case says.
#[derive(Clone, Debug, Default)]
pub struct OpeningFacts {
    /// Why this pupil is among those at highest risk (R1.04).
    pub rationale: bool,
    /// Internal strategies tried before (R1.03).
    pub strategies: usize,
    /// Advice of support services.
    pub advice: usize,
    /// Advice nothing was done about yet.
    pub advice_open: usize,
    /// What the school before passed on is written down (A17).
    pub note_before: bool,
    /// The parents know that the case goes on at this school (A17).
    pub parents_know: bool,
}

/// A target worked on.
#[derive(Clone, Debug)]
pub struct TargetFact {
    /// What the pupil will do.
    pub words: String,
    /// The first day it is marked.
    pub starts_on: Date,
    /// The day to meet it by, moved on when the timescale was.
    pub due_on: Date,
    /// The day its words were last written.
    pub written_on: Date,
    /// The light of the latest weekly review.
    pub rating: Option<Rating>,
}

/// A step that was recorded.
#[derive(Clone, Debug)]
pub struct StepFact {
    /// What.
    pub step: Step,
    /// The stage the case was at.
    pub stage: Stage,
    /// The day it happened.
    pub on: Date,
}

/// Something agreed at a meeting.
#[derive(Clone, Debug)]
pub struct ActionFact {
    /// Its id.
    pub id: ActionId,
    /// The meeting it was agreed at.
    pub meeting: MeetingId,
    /// What.
    pub words: String,
    /// Who owes it.
    pub owner: String,
    /// By when.
    pub due_on: Date,
}

/// An incident.
#[derive(Clone, Debug)]
pub struct IncidentFact {
    /// Its id.
    pub id: IncidentId,
    /// The day.
    pub on: Date,
    /// How serious.
    pub seriousness: Seriousness,
}

/// A recorded day.
#[derive(Clone, Copy, Debug)]
pub struct DayFact {
    /// The day.
    pub on: Date,
    /// Marks made.
    pub recorded: u32,
    /// A reason covers the whole day.
    pub excused: bool,
}

/// A signed weekly review.
#[derive(Clone, Debug)]
pub struct ReviewFact {
    /// The first week it speaks for.
    pub from_week_on: Date,
    /// The week.
    pub week_on: Date,
    /// The light the lead gave it.
    pub overall: Rating,
    /// Targets it rated, by their words.
    pub rated: usize,
    /// The day it was signed.
    pub signed_on: Date,
    /// Services the lead spoke with.
    pub services: usize,
}

/// Feedback to a parent.
#[derive(Clone, Copy, Debug)]
pub struct FeedbackFact {
    /// About this week.
    pub week_on: Date,
    /// To whom.
    pub contact: ContactId,
    /// They were reached.
    pub reached: bool,
    /// The day.
    pub on: Date,
}

/// Somebody to contact.
#[derive(Clone, Debug)]
pub struct ContactFact {
    /// Their id.
    pub id: ContactId,
    /// Their name.
    pub name: String,
    /// Has parental responsibility.
    pub parental_responsibility: bool,
    /// A court order or safeguarding decision forbids contact.
    pub no_contact: bool,
    /// A telephone number, email or address is known.
    pub reachable: bool,
}

impl ContactFact {
    /// Is to hear how the pupil does each week (S1.12): parental responsibility, and nothing forbids it.
    pub const fn entitled(&self) -> bool {
        self.parental_responsibility && !self.no_contact
    }
}

impl Facts {
    /// Nothing recorded yet about a pupil.
    pub fn of_pupil(pupil: PupilFacts) -> Self {
        Self {
            pupil,
            opening: OpeningFacts::default(),
            lead: None,
            la_representative: None,
            head: None,
            decides: false,
            targets: Vec::new(),
            earlier_targets: Vec::new(),
            steps: Vec::new(),
            meetings: Vec::new(),
            actions: Vec::new(),
            support: Vec::new(),
            incidents: Vec::new(),
            days: Vec::new(),
            reviews: Vec::new(),
            feedback: Vec::new(),
            contacts: Vec::new(),
            alternatives: Vec::new(),
            agreements: Vec::new(),
            proposed_on: None,
            update_asked: None,
            unexplained: Vec::new(),
            exclusions: History::default(),
            placement: PlacementFacts::default(),
        }
    }

    /// Steps that stand and that `pick` makes something of, newest first, with their stage and day.
    pub fn steps_of<'a, T>(
        &'a self,
        pick: impl Fn(&'a Step) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (T, Stage, Date)> + 'a {
        self.steps.iter().rev().filter_map(move |fact| Some((pick(&fact.step)?, fact.stage, fact.on)))
    }

    /// Why a checklist clause does not apply, when somebody said so.
    pub fn not_applicable(&self, clause: &str) -> Option<&str> {
        self.steps.iter().rev().find_map(|fact| match &fact.step {
            Step::NotApplicable { clause: of, reason } if of == clause => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Parents and carers to be told each week.
    pub fn entitled(&self) -> impl Iterator<Item = &ContactFact> {
        self.contacts.iter().filter(|contact| contact.entitled())
    }
}
