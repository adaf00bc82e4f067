//! What somebody types to find a pupil: part of a name, a UPN or its end, the number of a case. Read here; compared
//! with names where they are kept, in the database.

/// The longest a search can be, in characters.
pub const MAX_CHARS: usize = 100;

/// What was asked for. A row of digits can be the end of a UPN and the number of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// To compare with names.
    pub name: Option<String>,
    /// A whole UPN, or at least its last four characters, as UPNs are written.
    pub upn_end: Option<String>,
    /// The number of a case.
    pub case_number: Option<i64>,
}

/// Why nothing can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Nothing was typed.
    Nothing,
    /// Fewer than two letters or numbers.
    TooShort,
    /// More than [`MAX_CHARS`].
    TooLong,
}

impl Unclear {
    /// For the form.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Nothing => "Enter a name, the end of a UPN or a case number",
            Self::TooShort => "Enter at least 2 letters or numbers",
            Self::TooLong => "Enter 100 characters or fewer",
        }
    }
}

impl Sought {
    /// Reads what was typed.
    pub fn read(typed: &str) -> Result<Self, Unclear> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Unclear::Nothing);
        }
        if typed.chars().count() > MAX_CHARS {
            return Err(Unclear::TooLong);
        }
        if typed.chars().filter(|c| c.is_alphanumeric()).take(2).count() < 2 {
            return Err(Unclear::TooShort);
        }
        let close: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let digits = close.strip_prefix("CASE").unwrap_or(&close).trim_start_matches('#');
        let case_number = (digits.len() >= 5 && digits.bytes().all(|c| c.is_ascii_digit()))
            .then(|| digits.parse().ok())
            .flatten();
        let upn_end = ends_a_upn(&close).then(|| close.clone());
        let name = (upn_end.is_none() && case_number.is_none()).then(|| typed.to_owned());
        Ok(Self { name, upn_end, case_number })
    }
}

/// As the last characters of a UPN can be: digits, of which the last may be a letter; a whole one begins with a letter.
fn ends_a_upn(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some((last, rest)), 4..=13) = (bytes.split_last(), bytes.len()) else { return false };
    let (first, middle) = rest.split_first().unwrap_or((last, rest));
    let begins = if bytes.len() == 13 { first.is_ascii_uppercase() } else { first.is_ascii_digit() };
    begins && middle.iter().all(u8::is_ascii_digit) && last.is_ascii_alphanumeric()
}

/// How somebody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// The number of a case.
    CaseNumber,
    /// The whole UPN.
    Upn,
    /// The last characters of the UPN.
    UpnEnd,
    /// The name.
    Name,
    /// The name the pupil goes by.
    KnownAs,
    /// A name that is written nearly like it.
    SimilarName,
}

impl FoundBy {
    /// As the database says it.
    pub fn from_stored(stored: &str) -> Option<Self> {
        Some(match stored {
            "number" => Self::CaseNumber,
            "upn" => Self::Upn,
            "upn_ending" => Self::UpnEnd,
            "name" => Self::Name,
            "known_as" => Self::KnownAs,
            "similar" => Self::SimilarName,
            _ => return None,
        })
    }

    /// For the list.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CaseNumber => "case number",
            Self::Upn => "UPN",
            Self::UpnEnd => "UPN ending",
            Self::Name => "name",
            Self::KnownAs => "known as",
            Self::SimilarName => "similar name",
        }
    }
}
