//! Pupils from a file: lines of a table with a heading, as a school's information system writes them or a person types
//! them. What cannot be read is said with its line; nothing is guessed, and an empty cell says nothing.

pub mod compare;
mod read;

pub use read::{Read, Row, read};

/// Largest file.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most pupils of one file.
pub const MAX_ROWS: usize = 20_000;
/// Longest name, and longest other words, as the form has them.
pub const MAX_NAME: usize = 80;
/// Longest pronouns.
pub const MAX_PRONOUNS: usize = 40;
/// Longest reason.
pub const MAX_REASON: usize = 200;

/// A column: what it is called here, and what else other systems call it.
pub const COLUMNS: [(Column, &str, &[&str]); 13] = [
    (Column::Given, "Given name", &["forename", "firstname", "legalforename", "legalgivenname"]),
    (Column::Family, "Family name", &["surname", "lastname", "legalsurname", "legalfamilyname"]),
    (Column::KnownAs, "Known as", &["preferredforename", "preferredname", "chosenname"]),
    (Column::Pronouns, "Pronouns", &[]),
    (Column::Born, "Date of birth", &["dob", "birthdate", "born"]),
    (Column::Upn, "UPN", &["uniquepupilnumber"]),
    (Column::NoUpn, "Reason for no UPN", &["whynoupn", "noupnreason"]),
    (Column::Sen, "SEN", &["send", "senstatus", "senprovision", "specialeducationalneeds"]),
    (Column::LookedAfter, "Looked after", &["lookedafterchild", "incare", "cla", "lac"]),
    (Column::Eal, "EAL", &["englishasanadditionallanguage"]),
    (Column::Year, "Year group", &["year", "ncyear", "yeargroupifnottheusual", "nationalcurriculumyear"]),
    (Column::YearReason, "Reason", &["reasonforyeargroup", "yeargroupreason"]),
    (Column::OnRoll, "On roll from", &["admissiondate", "dateofadmission", "onrollsince"]),
];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Given name.
    Given,
    /// Family name.
    Family,
    /// The name the pupil goes by.
    KnownAs,
    /// Pronouns.
    Pronouns,
    /// Date of birth.
    Born,
    /// The UPN.
    Upn,
    /// Why there is none.
    NoUpn,
    /// Special educational needs.
    Sen,
    /// Looked after by the authority.
    LookedAfter,
    /// English as an additional language.
    Eal,
    /// The year the pupil is taught in, when it is not the usual one.
    Year,
    /// Why.
    YearReason,
    /// First day on the roll.
    OnRoll,
}

/// A file to fill in: the heading alone.
pub fn template() -> String {
    let names: Vec<_> = COLUMNS.iter().map(|(_, name, _)| *name).collect();
    format!("{}\r\n", names.join(","))
}

/// The text of a file, whichever of the usual ways it was written: UTF-8, UTF-16 with its mark, or the way of old
/// spreadsheets (Windows-1252). What no text has is replaced, and refused as a name later.
pub fn decode(bytes: &[u8]) -> String {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    };
    text.replace('\0', "\u{fffd}")
}
