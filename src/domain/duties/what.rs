//! What can be owed: in words, by whom, for which clause, and with which right it is done.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::domain::{
    dates,
    ids::{ActionId, ContactId, ExclusionId, IncidentId, MeetingId, SupportId},
    meeting::MeetingKind,
    permission::Capability,
    rules::Fix,
    stage_3::Alternative,
    step::StepKind,
    support::SupportKind,
    transfer::By,
};

/// What is to be done. Serialized as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "duty", rename_all = "snake_case")]
pub enum What {
    /// S1.08: set the targets.
    SetTargets,
    /// S1.11: a past school day has no marks.
    FillIn {
        /// The day.
        day: Date,
    },
    /// S1.10: a target's date has passed.
    ReviewTargets,
    /// S1.13: sign the review of a school week.
    ReviewWeek {
        /// Its Monday.
        week: Date,
    },
    /// S1.12: tell the parents how the week was.
    TellParents {
        /// Its Monday.
        week: Date,
        /// Who has not been told.
        names: Vec<String>,
    },
    /// S1.12: there is nobody to tell, or no way to reach somebody.
    FindContact {
        /// Who cannot be reached; empty: nobody with parental responsibility is known.
        names: Vec<String>,
    },
    /// An item of a stage's checklist.
    Checklist {
        /// Its clause.
        clause: String,
        /// What to do, as a sentence.
        todo: String,
        /// Where.
        fix: Fix,
        /// The LA representative does it.
        by_la: bool,
    },
    /// S1.02, S1.06, S2.01: a meeting is planned, or its day has passed without minutes.
    HoldMeeting {
        /// Which.
        meeting: MeetingId,
        /// Its kind.
        kind: MeetingKind,
    },
    /// S2.05: minutes to sign off.
    SignMinutes {
        /// Of which meeting.
        meeting: MeetingId,
        /// Its kind.
        kind: MeetingKind,
    },
    /// Something agreed at a meeting.
    Act {
        /// Which.
        action: ActionId,
        /// What.
        words: String,
        /// Who owes it.
        owner: String,
    },
    /// R1.02: see whether support helps.
    ReviewSupport {
        /// Which.
        support: SupportId,
        /// Its kind.
        kind: SupportKind,
    },
    /// P2.02: the service answers a request for priority.
    AnswerPriority {
        /// For which support.
        support: SupportId,
        /// Its kind.
        kind: SupportKind,
    },
    /// 7.2 A8: the headteacher answers a proposed move.
    AnswerProposal,
    /// R1.04: the LA asked how the case stands.
    AnswerUpdate {
        /// Who asked.
        by: String,
    },
    /// P2.03a: whether to move to Stage 3 is considered after a very serious incident.
    ConsiderStage3 {
        /// The incident.
        incident: IncidentId,
        /// Its day.
        on: Date,
    },
    /// A statutory step went on without a reason the programme asks for; the reason is owed.
    Explain {
        /// For which clause.
        clause: String,
    },
    /// S3.02: a statutory step after an exclusion. It cannot be dismissed, only done.
    Exclusion {
        /// Which exclusion.
        exclusion: ExclusionId,
        /// The row or rule of the law: "N4", "R-6".
        clause: String,
        /// What to do, as a sentence, with the exclusion it is about.
        todo: String,
        /// The headteacher owes it; otherwise the lead sees to it.
        by_head: bool,
    },
    /// S3.04: decide about an outcome that was proposed and whose first day has come near, or was passed.
    AgreeOutcome {
        /// Which.
        alternative: Alternative,
    },
    /// S3.04: see whether an outcome helps.
    ReviewOutcome {
        /// Which.
        alternative: Alternative,
    },
    /// S3.05: ask a parent again, who wanted time or did not reply.
    AskAgain {
        /// Whom.
        contact: ContactId,
        /// Their name.
        name: String,
    },
    /// Something about a place elsewhere (S3.07, S3.08, 2.9).
    Placement {
        /// A managed move, or an off-site direction.
        of: Place,
        /// Its clause.
        clause: String,
        /// What to do, as a sentence.
        todo: String,
        /// Who owes it.
        by: By,
    },
    /// S1.14, 7.2 A2: look how the pupil is after an exit with progress.
    Aftercare,
    /// S1.11: the next day's monitoring.
    Record {
        /// The day.
        day: Date,
    },
    /// The calendar of the coming days is not loaded.
    LoadCalendar,
}

/// Which place elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A managed move.
    Transfer,
    /// An off-site direction.
    Direction,
}

impl By {
    /// The same, among all who owe something.
    const fn owner(self) -> Owner<'static> {
        match self {
            Self::Lead => Owner::Lead,
            Self::Headteacher => Owner::Headteacher,
            Self::LaRepresentative => Owner::LaRepresentative,
            Self::Panel => Owner::Panel,
            Self::ReceivingSchool => Owner::ReceivingSchool,
            Self::SafeguardingLead => Owner::SafeguardingLead,
        }
    }

    /// The right to do it. What others do is only read of in the home school’s case.
    const fn needs(self) -> Capability {
        match self {
            Self::Lead | Self::Headteacher | Self::SafeguardingLead => Capability::PrepareTransfer,
            Self::LaRepresentative => Capability::PreparePanel,
            Self::Panel => Capability::Allocate,
            Self::ReceivingSchool => Capability::SeeWholeCase,
        }
    }
}

/// Who owes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The lead of the case.
    Lead,
    /// The headteacher, or whom they named.
    Headteacher,
    /// The LA representative of the school.
    LaRepresentative,
    /// The support service.
    Service,
    /// The LA administrator.
    LaAdministrator,
    /// The panel.
    Panel,
    /// The lead or headteacher of the school a place is allocated at.
    ReceivingSchool,
    /// The designated safeguarding lead of the school.
    SafeguardingLead,
    /// Somebody by name.
    Named(&'a str),
}

impl Owner<'_> {
    /// People of the school itself, or whom it names; others it waits for.
    pub const fn is_of_the_school(&self) -> bool {
        match self {
            Self::Lead | Self::Headteacher | Self::SafeguardingLead | Self::Named(_) => true,
            Self::LaRepresentative
            | Self::Service
            | Self::LaAdministrator
            | Self::Panel
            | Self::ReceivingSchool => false,
        }
    }

    /// As it is stored and filtered by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Headteacher => "headteacher",
            Self::LaRepresentative => "la_representative",
            Self::Service => "service",
            Self::LaAdministrator => "la_administrator",
            Self::Panel => "panel",
            Self::ReceivingSchool => "receiving_school",
            Self::SafeguardingLead => "safeguarding_lead",
            Self::Named(_) => "named",
        }
    }
}

/// The clause a kind of meeting comes from.
const fn of_meeting(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Stage1 => "S1.02",
        MeetingKind::Stage2 | MeetingKind::Review => "S2.01",
        MeetingKind::Stage3 => "S3.03",
        MeetingKind::Restorative | MeetingKind::Mediation => "S1.06",
    }
}

impl What {
    /// The clause it comes from.
    pub fn clause(&self) -> &str {
        match self {
            Self::SetTargets => "S1.08",
            Self::FillIn { .. } | Self::Record { .. } | Self::LoadCalendar => "S1.11",
            Self::ReviewTargets => "S1.10",
            Self::ReviewWeek { .. } => "S1.13",
            Self::TellParents { .. } | Self::FindContact { .. } => "S1.12",
            Self::Checklist { clause, .. }
            | Self::Explain { clause }
            | Self::Exclusion { clause, .. }
            | Self::Placement { clause, .. } => clause,
            Self::HoldMeeting { kind, .. } => of_meeting(*kind),
            Self::SignMinutes { .. } | Self::Act { .. } => "S2.05",
            Self::ReviewSupport { .. } => "R1.02",
            Self::AnswerPriority { .. } => "P2.02",
            Self::AnswerProposal => "A8",
            Self::AnswerUpdate { .. } => "R1.04",
            Self::ConsiderStage3 { .. } => "P2.03a",
            Self::AgreeOutcome { .. } | Self::ReviewOutcome { .. } => "S3.04",
            Self::AskAgain { .. } => "S3.05",
            Self::Aftercare => "S1.14",
        }
    }

    /// What is to be done, in words.
    pub fn words(&self) -> String {
        match self {
            Self::SetTargets => "Set behaviour targets".to_owned(),
            Self::FillIn { day } => format!("Fill in {}, which has no marks", dates::day_month(*day)),
            Self::ReviewTargets => "Review a target whose date has passed".to_owned(),
            Self::ReviewWeek { week } => {
                format!("Sign the review of the week of {}", dates::day_month(*week))
            }
            Self::TellParents { week, names } => {
                format!("Tell {} about the week of {}", names.join(" and "), dates::day_month(*week))
            }
            Self::FindContact { names } if names.is_empty() => {
                "Record who has parental responsibility, so that somebody can be told each week".to_owned()
            }
            Self::FindContact { names } => format!("Find a way to reach {}", names.join(" and ")),
            Self::Checklist { todo, .. } | Self::Exclusion { todo, .. } | Self::Placement { todo, .. } => {
                todo.clone()
            }
            Self::HoldMeeting { kind, .. } => format!("{}: hold it and write the minutes", kind.label()),
            Self::SignMinutes { kind, .. } => format!("{}: sign off the minutes", kind.label()),
            Self::Act { words, .. } => format!("Agreed at a meeting: {words}"),
            Self::ReviewSupport { kind, .. } => format!("{}: see whether it helps", kind.label()),
            Self::AnswerPriority { kind, .. } => format!("{}: answer the request for priority", kind.label()),
            Self::AnswerProposal => "Answer the move the lead proposed".to_owned(),
            Self::AnswerUpdate { by } => format!("Tell {by} how the case stands"),
            Self::ConsiderStage3 { on, .. } => {
                format!("Consider a move to Stage 3 after the incident of {}", dates::day_month(*on))
            }
            Self::Explain { clause } => format!("Give the reason that is owed for {clause}"),
            Self::AgreeOutcome { alternative } => {
                format!("{}: decide, its first day comes", alternative.label())
            }
            Self::ReviewOutcome { alternative } => format!("{}: see whether it helps", alternative.label()),
            Self::AskAgain { name, .. } => format!("Ask {name} again whether they agree"),
            Self::Aftercare => "Look how the pupil is since leaving the programme".to_owned(),
            Self::Record { .. } => "Record daily monitoring".to_owned(),
            Self::LoadCalendar => "Ask for the school calendar to be loaded".to_owned(),
        }
    }

    /// Who owes it.
    pub fn owner(&self) -> Owner<'_> {
        match self {
            Self::Checklist { by_la: true, .. } => Owner::LaRepresentative,
            Self::AnswerProposal
            | Self::ConsiderStage3 { .. }
            | Self::Explain { .. }
            | Self::Exclusion { by_head: true, .. }
            | Self::AgreeOutcome { .. } => Owner::Headteacher,
            Self::Placement { by, .. } => by.owner(),
            Self::AnswerPriority { .. } => Owner::Service,
            Self::Act { owner, .. } => Owner::Named(owner),
            Self::LoadCalendar => Owner::LaAdministrator,
            Self::SetTargets
            | Self::FillIn { .. }
            | Self::ReviewTargets
            | Self::ReviewWeek { .. }
            | Self::TellParents { .. }
            | Self::FindContact { .. }
            | Self::Checklist { by_la: false, .. }
            | Self::HoldMeeting { .. }
            | Self::SignMinutes { .. }
            | Self::ReviewSupport { .. }
            | Self::Exclusion { by_head: false, .. }
            | Self::ReviewOutcome { .. }
            | Self::AskAgain { .. }
            | Self::AnswerUpdate { .. }
            | Self::Aftercare
            | Self::Record { .. } => Owner::Lead,
        }
    }

    /// The right to do it: whoever does not hold it reads of it without a way to it.
    pub const fn needs(&self) -> Capability {
        match self {
            Self::SetTargets | Self::ReviewTargets => Capability::SetTargets,
            Self::FillIn { .. } | Self::Record { .. } => Capability::LogMarks,
            Self::ReviewWeek { .. } | Self::TellParents { .. } => Capability::ReviewWeeks,
            Self::FindContact { .. } => Capability::ManagePupils,
            Self::Checklist { fix: Fix::Step(kind), .. } => kind.needs(),
            Self::Checklist { fix: Fix::Meeting(_), .. }
            | Self::HoldMeeting { .. }
            | Self::SignMinutes { .. }
            | Self::Act { .. } => Capability::HoldMeetings,
            Self::Checklist { fix: Fix::Support, .. } | Self::ReviewSupport { .. } => {
                Capability::ManageSupport
            }
            Self::AnswerPriority { .. } => Capability::DeliverSupport,
            Self::AnswerProposal | Self::AgreeOutcome { .. } => Capability::DecideMoves,
            Self::Checklist { fix: Fix::Stage3, .. }
            | Self::ConsiderStage3 { .. }
            | Self::Explain { .. }
            | Self::ReviewOutcome { .. }
            | Self::AskAgain { .. }
            | Self::AnswerUpdate { .. }
            | Self::Aftercare => Capability::RecordSteps,
            Self::Placement { by, .. } => by.needs(),
            Self::Checklist { .. } => Capability::SeeWholeCase,
            Self::Exclusion { .. } => Capability::RecordExclusionSteps,
            Self::LoadCalendar => Capability::SeeToday,
        }
    }

    /// Nothing else of the case can begin before it.
    pub(super) const fn first(&self) -> bool {
        matches!(self, Self::SetTargets)
    }

    /// It is done on the day sheet.
    pub const fn is_marks(&self) -> bool {
        matches!(self, Self::FillIn { .. } | Self::Record { .. })
    }

    /// It is done every day and never the news.
    pub(super) const fn daily(&self) -> bool {
        matches!(self, Self::Record { .. } | Self::LoadCalendar)
    }
}

/// The kind of step a duty is done by, when it is one.
pub const fn step_of(what: &What) -> Option<StepKind> {
    match what {
        What::Checklist { fix: Fix::Step(kind), .. } => Some(*kind),
        What::ConsiderStage3 { .. } | What::Explain { .. } => Some(StepKind::Stage3Considered),
        What::Aftercare => Some(StepKind::Aftercare),
        _ => None,
    }
}
