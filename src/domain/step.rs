//! Steps: what was recorded for a clause of the programme. Each kind has its own fields, so that nothing the
//! programme asks for ends as a text nobody checks. Steps are only added; a correction stands in for another.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ContactId, IncidentId},
    permission::Capability,
    stage::words,
};

words! {
    /// What was decided about an early help assessment (CAF, now EHAP; S1.03, S2.02).
    EarlyHelp {
        /// One is begun.
        Start = "start", "Start an assessment";
        /// One is open already.
        AlreadyOpen = "already_open", "An assessment is open already";
        /// It is not needed, for a reason.
        NotNeeded = "not_needed", "Not needed now";
        /// A parent does not consent.
        Declined = "declined", "The parent did not consent";
    }
}

words! {
    /// How people were told something.
    Told {
        /// Face to face.
        InPerson = "in_person", "In person";
        /// By video.
        Video = "video", "By video call";
        /// By telephone.
        Phone = "phone", "By telephone";
        /// In a letter.
        Letter = "letter", "By letter";
        /// By email.
        Email = "email", "By email";
    }
}

words! {
    /// For whom a leaflet is written.
    Audience {
        /// Parents and carers.
        Parents = "parents", "Parents’ leaflet";
        /// The pupil.
        Pupil = "pupil", "Pupil’s leaflet";
    }
}

words! {
    /// Where a parenting contract stands (voluntary; S1.02).
    Contract {
        /// Offered, no answer yet.
        Offered = "offered", "Offered, no answer yet";
        /// Signed.
        Signed = "signed", "Signed";
        /// Declined, which is recorded and never held against anybody.
        Declined = "declined", "Declined";
        /// Not the right thing for this family.
        NotAppropriate = "not_appropriate", "Not appropriate";
    }
}

words! {
    /// What the school's rewards and sanctions system recorded (S1.09).
    Recognition {
        /// A reward.
        Reward = "reward", "Reward";
        /// A sanction.
        Sanction = "sanction", "Sanction";
        /// Kept in the school's own system, and looked at.
        SchoolSystem = "school_system", "Looked at in the school’s own system";
    }
}

words! {
    /// Who does not take part (7.2 A23).
    NotTakingPart {
        /// The pupil.
        Pupil = "pupil", "The pupil";
        /// A parent.
        Parent = "parent", "A parent or carer";
        /// Both take part again.
        Nobody = "nobody", "Everybody takes part again";
    }
}

words! {
    /// The kinds of steps, in the order of the programme.
    StepKind {
        /// S1.03, S2.02: early help considered or reviewed.
        EarlyHelp = "early_help", "Early help considered";
        /// S1.04: the programme explained to parents and pupil.
        Explanation = "explanation", "Programme explained";
        /// S1.05: the leaflet given.
        Leaflet = "leaflet", "Leaflet given";
        /// S1.02: the parenting contract.
        ParentingContract = "parenting_contract", "Parenting contract";
        /// S1.06: whether restorative or mediation meetings are appropriate.
        Restorative = "restorative", "Restorative meeting considered";
        /// S1.09: rewards and sanctions.
        Recognition = "recognition", "Rewards and sanctions";
        /// S2.03: what more serious sanctions are possible.
        SanctionsAdvised = "sanctions_advised", "Advice about sanctions";
        /// S2.04: both possible outcomes.
        OutcomesReminded = "outcomes_reminded", "Reminder of outcomes";
        /// P2.03a: whether to move to Stage 3.
        Stage3Considered = "stage_3_considered", "Stage 3 considered";
        /// A23: somebody does not take part.
        Participation = "participation", "Taking part";
        /// S2.01: which support services are active.
        Services = "services", "Services involved";
        /// S1.14: the check four school weeks after an exit.
        Aftercare = "aftercare", "Aftercare check";
        /// A checklist clause that does not apply, with the reason.
        NotApplicable = "not_applicable", "Does not apply";
    }
}

impl StepKind {
    /// The right to record it: the explanation is also the LA representative's (S1.04), the rest the school's.
    pub const fn needs(self) -> Capability {
        match self {
            Self::Explanation => Capability::RecordExplanation,
            Self::EarlyHelp
            | Self::Leaflet
            | Self::ParentingContract
            | Self::Restorative
            | Self::Recognition
            | Self::SanctionsAdvised
            | Self::OutcomesReminded
            | Self::Stage3Considered
            | Self::Participation
            | Self::Services
            | Self::Aftercare
            | Self::NotApplicable => Capability::RecordSteps,
        }
    }
}

/// A step as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// S1.03, S2.02.
    EarlyHelp {
        /// What was decided.
        decision: EarlyHelp,
        /// Why; needed unless one is begun.
        why: Option<String>,
        /// The assessment's reference.
        reference: Option<String>,
        /// Its lead professional.
        lead_professional: Option<String>,
    },
    /// S1.04.
    Explanation {
        /// The LA representative explained it.
        by_la: bool,
        /// Who, by name.
        by: String,
        /// Why somebody else did.
        why_not_la: Option<String>,
        /// Parents who were told.
        parents: Vec<ContactId>,
        /// The pupil was told.
        pupil: bool,
        /// How.
        how: Told,
        /// Attempts to reach those who were not told.
        attempts: Option<String>,
    },
    /// S1.05.
    Leaflet {
        /// Which leaflet.
        audience: Audience,
        /// Its version.
        version: String,
        /// Its language.
        language: String,
        /// The parent it was given to; none: the pupil.
        parent: Option<ContactId>,
        /// How.
        how: Told,
    },
    /// S1.02.
    ParentingContract {
        /// Where it stands.
        state: Contract,
        /// With whom.
        parent: Option<ContactId>,
        /// What is agreed, or why it is not appropriate.
        words: Option<String>,
        /// When it ends.
        until: Option<String>,
    },
    /// S1.06.
    Restorative {
        /// A meeting is appropriate.
        appropriate: bool,
        /// Why, or why not.
        why: String,
        /// The designated safeguarding lead was asked first.
        safeguarding_asked: bool,
    },
    /// S1.09.
    Recognition {
        /// Which.
        what: Recognition,
        /// For what.
        words: String,
        /// The target it belongs to, by its words.
        target: Option<String>,
    },
    /// S2.03.
    SanctionsAdvised {
        /// Parents who were told.
        parents: Vec<ContactId>,
        /// The pupil was told.
        pupil: bool,
        /// How.
        how: Told,
        /// The behaviour policy it follows, with its date or version.
        policy: String,
    },
    /// S2.04.
    OutcomesReminded {
        /// What follows if behaviour improves was said.
        if_improves: bool,
        /// What follows if it does not was said.
        if_not: bool,
        /// Parents who were told.
        parents: Vec<ContactId>,
        /// The pupil was told.
        pupil: bool,
        /// How.
        how: Told,
    },
    /// P2.03a.
    #[serde(rename = "stage_3_considered")]
    Stage3Considered {
        /// The incident.
        incident: IncidentId,
        /// The case moves to Stage 3.
        move_to_3: bool,
        /// Why, or why not.
        why: String,
    },
    /// A23.
    Participation {
        /// Who does not take part.
        who: NotTakingPart,
        /// What they said.
        words: String,
    },
    /// S2.01.
    Services {
        /// Services working with the pupil now, by name; empty: none.
        names: Vec<String>,
    },
    /// S1.14.
    Aftercare {
        /// How it goes.
        words: String,
        /// The pupil needs no more.
        settled: bool,
    },
    /// A checklist clause that does not apply.
    NotApplicable {
        /// The clause's id.
        clause: String,
        /// Why.
        reason: String,
    },
}

impl Step {
    /// Which kind it is.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::EarlyHelp { .. } => StepKind::EarlyHelp,
            Self::Explanation { .. } => StepKind::Explanation,
            Self::Leaflet { .. } => StepKind::Leaflet,
            Self::ParentingContract { .. } => StepKind::ParentingContract,
            Self::Restorative { .. } => StepKind::Restorative,
            Self::Recognition { .. } => StepKind::Recognition,
            Self::SanctionsAdvised { .. } => StepKind::SanctionsAdvised,
            Self::OutcomesReminded { .. } => StepKind::OutcomesReminded,
            Self::Stage3Considered { .. } => StepKind::Stage3Considered,
            Self::Participation { .. } => StepKind::Participation,
            Self::Services { .. } => StepKind::Services,
            Self::Aftercare { .. } => StepKind::Aftercare,
            Self::NotApplicable { .. } => StepKind::NotApplicable,
        }
    }
}

/// Seriousness of an incident.
pub mod incident {
    use super::words;

    words! {
        /// How serious an incident is.
        Seriousness {
            /// A concern.
            Concern = "concern", "A concern";
            /// Serious.
            Serious = "serious", "Serious";
            /// So serious that a permanent exclusion could be considered.
            VerySerious = "very_serious", "Very serious: a permanent exclusion could be considered";
        }
    }

    words! {
        /// What somebody had to do with an incident.
        Part {
            /// Took part.
            Involved = "involved", "Took part";
            /// Was harmed.
            Harmed = "harmed", "Was harmed";
            /// Saw it.
            Saw = "saw", "Saw it";
        }
    }
}
