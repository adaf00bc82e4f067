//! What the pages of incidents show.

use time::{Date, Time};

use super::queries::{IncidentRow, PersonRow, VersionRow};
use crate::{
    domain::{
        dates,
        ids::{CaseId, PupilId},
        incident::{Part, Seriousness, reference},
        pupil::display_name,
    },
    state::london,
    web::urls,
};

/// Characters of the account that the list shows.
const FIRST_WORDS: usize = 120;

/// How serious, as a tag.
pub struct Tag {
    pub words: &'static str,
    pub colour: &'static str,
}

/// The tag of what is stored.
pub fn tag(seriousness: &str) -> Tag {
    match Seriousness::from_stored(seriousness) {
        None | Some(Seriousness::Concern) => Tag { words: "Concern", colour: "grey" },
        Some(Seriousness::Serious) => Tag { words: "Serious", colour: "orange" },
        Some(Seriousness::VerySerious) => Tag { words: "Very serious", colour: "red" },
    }
}

/// A line of the list.
pub struct Line {
    pub href: String,
    pub when: String,
    pub place: String,
    pub tag: Tag,
    pub first_words: String,
    pub by: String,
    /// It happened before this case was opened.
    pub before: bool,
}

/// "23 Nov 2026, 11:20am"
pub fn when(day: Date, time: Option<Time>) -> String {
    match time {
        Some(time) => format!("{}, {}", dates::short(day), dates::time_of_day(time)),
        None => dates::short(day),
    }
}

/// A row of the list of `case`, opened on a day.
pub fn line(case: CaseId, opened_on: Date, row: &IncidentRow) -> Line {
    Line {
        href: urls::incident(case, row.id),
        when: when(row.happened_on, row.happened_at),
        place: row.place.clone(),
        tag: tag(&row.seriousness),
        first_words: first_words(&row.what),
        by: row.recorded_by.clone(),
        before: row.happened_on < opened_on,
    }
}

/// The beginning of an account, ending with a word.
fn first_words(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= FIRST_WORDS {
        return flat;
    }
    let cut: String = flat.chars().take(FIRST_WORDS).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

/// Somebody else, in words.
pub struct Person {
    /// "Pupil A"; none: somebody described.
    pub letter: Option<String>,
    /// The pupil's name, for those who may see it, or the description.
    pub words: Option<String>,
    /// The pupil's record.
    pub href: Option<String>,
    pub part: &'static str,
}

/// Everybody still in an incident, with the letters pupils go by. Without `named`, no pupil has a name here.
pub fn people(rows: &[PersonRow], named: bool) -> Vec<Person> {
    let mut letters: Vec<PupilId> = Vec::new();
    let mut shown = Vec::new();
    for row in rows {
        let letter = row.pupil.map(|pupil| {
            let at = letters.iter().position(|known| *known == pupil).unwrap_or_else(|| {
                letters.push(pupil);
                letters.len() - 1
            });
            reference(at)
        });
        if row.removed {
            continue;
        }
        let name = name(row).filter(|_| named);
        shown.push(Person {
            href: row.pupil.filter(|_| name.is_some()).map(urls::pupil),
            words: name.or_else(|| row.described.clone()),
            letter,
            part: Part::from_stored(&row.part).map_or("", Part::label),
        });
    }
    shown
}

/// The pupil's name, when this person may see it.
pub fn name(row: &PersonRow) -> Option<String> {
    let (given, family) = (row.given_name.as_deref()?, row.family_name.as_deref()?);
    Some(display_name(given, row.known_as.as_deref(), family))
}

/// An earlier account, in words.
pub struct Earlier {
    pub title: String,
    pub when: String,
    pub place: String,
    pub what: String,
    pub followed: String,
    pub tag: Tag,
}

/// A version in words.
pub fn earlier(row: VersionRow) -> Earlier {
    let at = london(row.written_at);
    Earlier {
        title: format!(
            "Version {}, {} {}, {}",
            row.version,
            dates::short(at.date()),
            dates::time_of_day(at.time()),
            row.by
        ),
        when: when(row.happened_on, row.happened_at),
        place: row.place,
        what: row.what,
        followed: row.followed.unwrap_or_default(),
        tag: tag(&row.seriousness),
    }
}
