//! Words of the policy's pages.

use time::Date;

use super::queries::VersionRow;
use crate::{
    domain::{
        dates,
        policy::{self, NUMBERS, ProgrammePolicy},
    },
    state::london,
    web::{forms::Form, urls},
};

/// A version in the list.
pub struct Line {
    pub href: String,
    pub name: String,
    /// When it counts for new cases.
    pub effective: String,
    pub source: String,
    pub reason: String,
    pub published: String,
    pub cases: String,
    /// New cases keep to it today.
    pub in_effect: bool,
    pub planned: bool,
}

/// The versions, newest first, as a list on `today`.
pub fn lines(versions: &[VersionRow], today: Date) -> Vec<Line> {
    let in_effect = in_effect(versions, today).map(|row| row.version);
    let line = |row: &VersionRow| Line {
        href: urls::policy(row.version),
        name: format!("Version {}", row.version),
        effective: dates::long(row.effective_on),
        source: row.source.clone(),
        reason: reason(row),
        published: published(row),
        cases: cases(row.cases),
        in_effect: in_effect == Some(row.version),
        planned: row.effective_on > today,
    };
    versions.iter().map(line).collect()
}

/// Why it was published.
pub fn reason(row: &VersionRow) -> String {
    row.reason.clone().unwrap_or_else(|| "The first version".to_owned())
}

/// The version that a case opened on `today` keeps to.
pub fn in_effect(versions: &[VersionRow], today: Date) -> Option<&VersionRow> {
    versions.iter().filter(|row| row.effective_on <= today).max_by_key(|row| (row.effective_on, row.version))
}

/// Who published it and when.
pub fn published(row: &VersionRow) -> String {
    let Some(at) = row.published_at.map(london) else { return "With the installation".to_owned() };
    let by = row.by.as_deref().unwrap_or("Somebody");
    format!("{by}, {} at {}", dates::short(at.date()), dates::time_of_day(at.time()))
}

/// "1 open case", "12 open cases"
pub fn cases(count: i64) -> String {
    match count {
        0 => "No open case".to_owned(),
        1 => "1 open case".to_owned(),
        n => format!("{n} open cases"),
    }
}

/// The newest version is more than six years old, and nobody looked at it since (G.01).
pub fn review_is_due(versions: &[VersionRow], today: Date) -> bool {
    versions.first().is_some_and(|latest| policy::review_is_due(latest.effective_on, today))
}

/// A number: what it is and its value.
pub struct NumberLine {
    pub says: &'static str,
    pub value: String,
    /// In the version before, when it was another.
    pub before: Option<String>,
}

/// All numbers of a version, each with what it was in the one before.
pub fn numbers(now: &ProgrammePolicy, before: Option<&ProgrammePolicy>) -> Vec<NumberLine> {
    let value = |policy: &ProgrammePolicy, name| policy.number(name).map(|number| number.to_string());
    NUMBERS
        .iter()
        .map(|(name, says, ..)| {
            let now = value(now, name).unwrap_or_default();
            NumberLine {
                says,
                before: before.and_then(|policy| value(policy, name)).filter(|was| *was != now),
                value: now,
            }
        })
        .collect()
}

/// A number to fill in.
pub struct Field {
    pub id: String,
    pub says: &'static str,
    pub hint: String,
}

/// The form's field of a number.
pub fn field_of(name: &str) -> String {
    format!("number.{name}")
}

/// The numbers to fill in, beside what the latest version says.
pub fn fields(latest: &ProgrammePolicy) -> Vec<Field> {
    NUMBERS
        .iter()
        .map(|(name, says, least, most)| {
            let now = latest.number(name).map_or_else(String::new, |now| format!(". Now {now}"));
            Field { id: field_of(name), says, hint: format!("From {least} to {most}{now}") }
        })
        .collect()
}

/// A form that starts from the latest version.
pub fn from_latest(latest: &VersionRow) -> Form {
    let mut form = Form::empty();
    for (name, ..) in NUMBERS {
        let number = latest.settings.number(name).map(|number| number.to_string());
        form.set(&field_of(name), number.as_deref().unwrap_or_default());
    }
    form.set("source", &latest.source);
    form.set("version", &latest.version.to_string());
    form
}
