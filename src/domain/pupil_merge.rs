//! Two records of one pupil made one: in what they differ, what the one that stays would hold, what stands in the way.

use super::{dates, pupil::PupilDetails};

/// Longest reason.
pub const MAX_WHY: usize = 400;

/// A field in which two records can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Given name.
    Given,
    /// Family name.
    Family,
    /// Known as.
    KnownAs,
    /// Pronouns.
    Pronouns,
    /// Date of birth.
    Born,
    /// Years above or below the usual year, with the reason.
    Year,
    /// The UPN, or why there is none.
    Upn,
    /// Special educational needs.
    Send,
    /// Looked after.
    LookedAfter,
    /// English as an additional language.
    Eal,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 10] = [
        Self::Given,
        Self::Family,
        Self::KnownAs,
        Self::Pronouns,
        Self::Born,
        Self::Year,
        Self::Upn,
        Self::Send,
        Self::LookedAfter,
        Self::Eal,
    ];

    /// As forms and the trace name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given_name",
            Self::Family => "family_name",
            Self::KnownAs => "known_as",
            Self::Pronouns => "pronouns",
            Self::Born => "born_on",
            Self::Year => "year",
            Self::Upn => "upn",
            Self::Send => "send",
            Self::LookedAfter => "looked_after",
            Self::Eal => "eal",
        }
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Given => "Given name",
            Self::Family => "Family name",
            Self::KnownAs => "Known as",
            Self::Pronouns => "Pronouns",
            Self::Born => "Date of birth",
            Self::Year => "Year group",
            Self::Upn => "UPN",
            Self::Send => "Special educational needs",
            Self::LookedAfter => "Looked after",
            Self::Eal => "English as an additional language",
        }
    }

    /// What a record holds, in words.
    pub fn of(self, details: &PupilDetails) -> String {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        let yes_no = |yes: bool| if yes { "Yes" } else { "No" }.to_owned();
        match self {
            Self::Given => details.given_name.clone(),
            Self::Family => details.family_name.clone(),
            Self::KnownAs => or_none(&details.known_as),
            Self::Pronouns => or_none(&details.pronouns),
            Self::Born => dates::long(details.born_on),
            Self::Year => match (details.year_offset, &details.year_reason) {
                (0, _) => "The usual one".to_owned(),
                (n, reason) => {
                    let years = if n.abs() == 1 { "year" } else { "years" };
                    let way = if n < 0 { "below" } else { "above" };
                    format!("{} {years} {way} the usual one: {}", n.abs(), or_none(reason))
                }
            },
            Self::Upn => match (&details.upn, &details.no_upn_reason) {
                (Some(upn), _) => upn.to_string(),
                (None, reason) => format!("None: {}", or_none(reason)),
            },
            Self::Send => details.send.label().to_owned(),
            Self::LookedAfter => yes_no(details.looked_after),
            Self::Eal => yes_no(details.eal),
        }
    }

    /// Whether a record holds something here.
    fn is_held(self, details: &PupilDetails) -> bool {
        match self {
            Self::KnownAs => details.known_as.is_some(),
            Self::Pronouns => details.pronouns.is_some(),
            Self::Upn => details.upn.is_some(),
            Self::Given
            | Self::Family
            | Self::Born
            | Self::Year
            | Self::Send
            | Self::LookedAfter
            | Self::Eal => true,
        }
    }

    /// Takes the field over from another record.
    fn take(self, into: &mut PupilDetails, from: &PupilDetails) {
        match self {
            Self::Given => into.given_name.clone_from(&from.given_name),
            Self::Family => into.family_name.clone_from(&from.family_name),
            Self::KnownAs => into.known_as.clone_from(&from.known_as),
            Self::Pronouns => into.pronouns.clone_from(&from.pronouns),
            Self::Born => into.born_on = from.born_on,
            Self::Year => {
                into.year_offset = from.year_offset;
                into.year_reason.clone_from(&from.year_reason);
            }
            Self::Upn => {
                into.upn.clone_from(&from.upn);
                into.no_upn_reason.clone_from(&from.no_upn_reason);
            }
            Self::Send => into.send = from.send,
            Self::LookedAfter => into.looked_after = from.looked_after,
            Self::Eal => into.eal = from.eal,
        }
    }
}

/// The fields in which two records differ.
pub fn differing(one: &PupilDetails, other: &PupilDetails) -> Vec<Field> {
    Field::ALL.into_iter().filter(|field| field.of(one) != field.of(other)).collect()
}

/// Of two records that differ in a field, whether the second is the one to suggest: it holds something, the first does not.
pub fn second_says_more(field: Field, first: &PupilDetails, second: &PupilDetails) -> bool {
    !field.is_held(first) && field.is_held(second)
}

/// What the record that stays holds afterwards: its own details, and those fields of the other that were chosen.
pub fn merged(stays: &PupilDetails, other: &PupilDetails, taken: &[Field]) -> PupilDetails {
    let mut merged = stays.clone();
    for field in taken {
        field.take(&mut merged, other);
    }
    merged
}

/// What stands in the way, by the word of `app.merge_hindrance`, in a sentence that says what to do.
pub fn hindrance(word: &str) -> &'static str {
    match word {
        "cases" => "Both records have an open case. Close one of them first",
        "exclusions" => {
            "A suspension or exclusion was issued on the record that would be given up. What was issued is never changed: \
             keep that record and give up the other one"
        }
        "transfers" => {
            "A transfer was prepared on the record that would be given up, and its papers stay as they were sent: keep that \
             record and give up the other one"
        }
        "elsewhere" => {
            "The record that would be given up was at another school before: keep that record, or ask the local authority"
        }
        "enrolments" => {
            "The two records were on the roll of different schools at the same time. Ask the local authority which is right"
        }
        "days_elsewhere" => {
            "Both records hold days of suspension at another school in the same term, which would count twice. Take them \
             back on one of the records first"
        }
        "version" => "One of the records changed meanwhile. Look at them once more",
        _ => "One of the records is not at your school any more, or was made one with another already",
    }
}
