//! Taking a list out of Waymark: why somebody does. Outside, nothing of what the programme promises about who sees
//! what holds any more, so it is asked each time and kept in the audit trail.

/// Longest words beside a reason.
pub const MAX_WORDS: usize = 500;

/// Most rows of one file. More than this is not read by a person.
pub const MAX_ROWS: i64 = 20_000;

/// Why a list is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// For a meeting.
    Meeting,
    /// To work with it in a spreadsheet.
    Analysis,
    /// Asked for by governors, inspectors or auditors.
    Inspection,
    /// A statutory return, or a check of one.
    Return,
    /// A person asked for the data held about them.
    SubjectAccess,
    /// Something else, in words.
    Other,
}

impl Reason {
    /// In the order of the form.
    pub const ALL: [Self; 6] =
        [Self::Meeting, Self::Analysis, Self::Inspection, Self::Return, Self::SubjectAccess, Self::Other];

    /// As forms and the audit trail write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Analysis => "analysis",
            Self::Inspection => "inspection",
            Self::Return => "return",
            Self::SubjectAccess => "subject_access",
            Self::Other => "other",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Meeting => "A meeting",
            Self::Analysis => "Working with the figures in a spreadsheet",
            Self::Inspection => "Governors, inspectors or auditors asked for it",
            Self::Return => "A statutory return, or checking one",
            Self::SubjectAccess => "Somebody asked for the data held about them",
            Self::Other => "Something else",
        }
    }

    /// From a form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    /// Value and words of each, for a form.
    pub fn choices() -> Vec<(&'static str, &'static str)> {
        Self::ALL.map(|reason| (reason.as_str(), reason.label())).to_vec()
    }
}
