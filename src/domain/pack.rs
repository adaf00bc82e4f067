//! The papers of a referral to the panel (3.3): a checklist as data, and what is frozen when they are submitted.

use serde::{Deserialize, Serialize};
use time::Date;

use super::stage::words;

words! {
    /// A document of the pack.
    Item {
        /// Who the pupil is.
        Identity = "identity", "Pupil’s details";
        /// Who has parental responsibility.
        Parents = "parents", "Parents and carers";
        /// The pastoral support programme.
        Psp = "psp", "PSP and its reviews";
        /// CAF or EHAP.
        EarlyHelp = "early_help", "Early help assessment (CAF or EHAP)";
        /// From stage to stage.
        StageHistory = "stage_history", "History on the programme";
        /// What happened.
        Behaviour = "behaviour", "Behaviour summary";
        /// Suspensions and their days.
        Exclusions = "exclusions", "Suspensions and exclusions";
        /// Attendance.
        Attendance = "attendance", "Attendance";
        /// What the pupil learns.
        Attainment = "attainment", "Attainment and courses";
        /// SEND.
        Send = "send", "Special educational needs";
        /// Looked after, in need, protected.
        Flags = "flags", "Social care";
        /// Risks.
        Risk = "risk", "Risk assessment";
        /// Who else helps.
        Agencies = "agencies", "Agencies involved";
        /// What the pupil says.
        PupilViews = "pupil_views", "The pupil’s views";
        /// What the parents say.
        ParentViews = "parent_views", "The parents’ and carers’ views";
        /// The signed agreement.
        Agreement = "agreement", "Signed agreement";
        /// Getting there.
        Transport = "transport", "Transport";
        /// Schools wished for, and schools that will not do.
        Schools = "schools", "Preferred and excluded schools";
    }
}

words! {
    /// Whether a document is there.
    Presence {
        /// It is in the pack.
        Present = "present", "Present";
        /// It is not there yet.
        Missing = "missing", "Missing";
        /// The pupil does not need it.
        NotNeeded = "not_needed", "Not needed";
    }
}

words! {
    /// Who reads a document.
    Share {
        /// The panel, and the receiving school from the allocation on.
        Panel = "panel", "The panel, and the receiving school";
        /// Only the receiving school, and only once it has accepted.
        Receiving = "receiving", "Only the receiving school, after it has accepted";
        /// Nobody outside: it stays with the home school.
        Nobody = "nobody", "Nobody outside this school";
    }
}

/// How much a document is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No submission without it.
    Always,
    /// No submission without it, unless it is not needed and the reason is written down.
    UnlessReason,
    /// Without it, a reason is asked.
    Optional,
}

/// What decides which documents a pupil needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Has an education, health and care plan.
    pub ehcp: bool,
    /// Is looked after by a local authority.
    pub looked_after: bool,
}

impl Item {
    /// How much this pupil's pack needs it.
    pub const fn need(self, pupil: Needs) -> Need {
        match self {
            Self::Identity
            | Self::Parents
            | Self::Psp
            | Self::StageHistory
            | Self::Behaviour
            | Self::Exclusions
            | Self::Attendance
            | Self::PupilViews
            | Self::ParentViews
            | Self::Agreement => Need::Always,
            Self::EarlyHelp | Self::Attainment | Self::Risk => Need::UnlessReason,
            Self::Send if pupil.ehcp => Need::Always,
            Self::Flags if pupil.looked_after => Need::Always,
            Self::Send | Self::Flags | Self::Agencies | Self::Transport | Self::Schools => Need::Optional,
        }
    }

    /// Who reads it, unless somebody chooses otherwise.
    pub const fn usual_share(self) -> Share {
        match self {
            Self::Flags | Self::Parents => Share::Receiving,
            _ => Share::Panel,
        }
    }

    /// What belongs in it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Identity => "Name, date of birth, UPN, year, this school with its number",
            Self::Parents => {
                "Who has parental responsibility and how to reach them. Never a confidential address"
            }
            Self::Psp => "The PSP as it stands, and what each review came to",
            Self::EarlyHelp => "What it found and who is involved, or why there is none",
            Self::StageHistory => "When and why each stage began, what was tried and what it did",
            Self::Behaviour => {
                "What the incidents and the daily marks show. Other pupils as letters, never by name"
            }
            Self::Exclusions => "This school year and last, with the days of the 45 that are used",
            Self::Attendance => "This school year and last, in percent, and what lies behind it",
            Self::Attainment => "Levels; at Key Stage 4 the courses and exam boards",
            Self::Send => "Level of support, plan, reports. With a plan the LA’s SEN team is consulted first",
            Self::Flags => {
                "Through the designated safeguarding lead. For a looked-after pupil the virtual school head is told"
            }
            Self::Risk => "Risks, and how they are managed",
            Self::Agencies => "Who works with the pupil, and how to reach them",
            Self::PupilViews => "In the pupil’s own words",
            Self::ParentViews => "In their own words",
            Self::Agreement => "Who signed, when, and that it was given freely",
            Self::Transport => "How the pupil would get to each school",
            Self::Schools => "Schools the family would like, and schools that will not do, with reasons",
        }
    }

    /// It has a day on which somebody had to be told.
    pub const fn asks_day(self) -> Option<&'static str> {
        match self {
            Self::Send => Some("Day the LA’s SEN team was consulted"),
            Self::Flags => Some("Day the virtual school head was told"),
            _ => None,
        }
    }
}

/// A document as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Which.
    pub item: Item,
    /// Whether it is there.
    pub presence: Presence,
    /// Its text.
    pub words: Option<String>,
    /// Why it is not needed.
    pub reason: Option<String>,
    /// Who reads it.
    pub share: Share,
    /// When somebody was told ([`Item::asks_day`]).
    pub told_on: Option<Date>,
}

fn paper(papers: &[Paper], item: Item) -> Option<&Paper> {
    papers.iter().find(|paper| paper.item == item)
}

/// Whether a document stands as `need` wants it.
fn stands(paper: Option<&Paper>, need: Need) -> bool {
    let (present, waived) = paper.map_or((false, false), |paper| {
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        (
            paper.presence == Presence::Present && filled(&paper.words),
            paper.presence == Presence::NotNeeded && filled(&paper.reason),
        )
    });
    match need {
        // What the panel cannot do without is not kept from everybody.
        Need::Always => present && paper.is_some_and(|paper| paper.share != Share::Nobody),
        Need::UnlessReason | Need::Optional => present || waived,
    }
}

fn missing(papers: &[Paper], pupil: Needs, wanted: impl Fn(Need) -> bool) -> Vec<&'static str> {
    Item::ALL
        .iter()
        .filter(|item| wanted(item.need(pupil)) && !stands(paper(papers, **item), item.need(pupil)))
        .map(|item| item.label())
        .collect()
}

/// Mandatory documents that are not there (S3.07).
pub fn mandatory_missing(papers: &[Paper], pupil: Needs) -> Vec<&'static str> {
    missing(papers, pupil, |need| need != Need::Optional)
}

/// Other documents nobody has looked at (S3.07).
pub fn optional_missing(papers: &[Paper], pupil: Needs) -> Vec<&'static str> {
    missing(papers, pupil, |need| need == Need::Optional)
}

/// The day recorded with a document.
pub fn told_on(papers: &[Paper], item: Item) -> Option<Date> {
    paper(papers, item).and_then(|paper| paper.told_on)
}

/// Whom a frozen section is for. What nobody outside reads is not frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Panel, and the receiving school from the allocation on.
    Panel,
    /// The receiving school once it has accepted.
    Receiving,
}

impl Audience {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Receiving => "receiving",
        }
    }
}

/// A section of a frozen pack: exactly what is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which document.
    pub item: Item,
    /// Whom for.
    pub audience: Audience,
    /// Its text.
    pub words: String,
}

/// What is frozen when the papers are submitted, in the order of the list: documents that are there and shared, and
/// for the panel that a document is not needed, with the reason.
pub fn freeze(papers: &[Paper]) -> Vec<Section> {
    Item::ALL
        .iter()
        .filter_map(|item| {
            let paper = paper(papers, *item)?;
            let audience = match paper.share {
                Share::Panel => Audience::Panel,
                Share::Receiving => Audience::Receiving,
                Share::Nobody => return None,
            };
            let words = match paper.presence {
                Presence::Present => paper.words.clone()?,
                Presence::NotNeeded => format!("Not needed: {}", paper.reason.as_ref()?),
                Presence::Missing => return None,
            };
            Some(Section { item: *item, audience, words })
        })
        .collect()
}
