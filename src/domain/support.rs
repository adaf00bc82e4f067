//! Support: the key elements of the programme as a catalogue (R1.02), with what was agreed and delivered
//! (P2.02, S1.07).

use time::Date;

use super::stage::words;

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
