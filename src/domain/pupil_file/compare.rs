//! What a file would do to the records of a school: each line is new, changed, the same, clashing or wrong.

use std::collections::{BTreeSet, HashMap};

use time::Date;

use super::read::{Read, Row};
use crate::domain::{
    dates,
    ids::PupilId,
    pupil::{PupilDetails, SendStatus, YearGroup, display_name},
};

/// A record of the school, as far as a file can touch it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub id: PupilId,
    /// The version it stands at.
    pub version: i32,
    /// What is recorded.
    pub details: PupilDetails,
    /// The last day on the roll, for a pupil who has left.
    pub left_on: Option<Date>,
}

/// A field that changes: its name, what is recorded, what the file says.
pub type Change = (&'static str, String, String);

/// What would happen to a line.
#[derive(Clone, Debug)]
pub enum Fate {
    /// A pupil is added, on the roll from this day.
    New(Box<PupilDetails>, Date),
    /// A record would be changed, if the person says so.
    Changed(Box<Changed>),
    /// Everything in it is recorded already.
    Same(PupilId),
    /// It cannot be said whose record it is; the records at hand are those of this school it might be.
    Clash(String, Vec<PupilId>),
    /// The UPN is on a record that is not at this school (decision 6): nothing more is said.
    Elsewhere,
    /// It cannot be read, or something is missing.
    Wrong(Vec<String>),
}

/// A record that would be changed.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Which.
    pub id: PupilId,
    /// The version compared with.
    pub version: i32,
    /// What would be recorded.
    pub details: PupilDetails,
    /// Field by field.
    pub changes: Vec<Change>,
}

/// A line and what would happen to it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line of the file.
    pub number: usize,
    /// Whose it is, as far as that can be read.
    pub name: String,
    /// What would happen.
    pub fate: Fate,
}

impl Line {
    /// The records of the school that are named because of this line.
    pub fn pupils(&self) -> Vec<PupilId> {
        match &self.fate {
            Fate::Changed(changed) => vec![changed.id],
            Fate::Same(id) => vec![*id],
            Fate::Clash(_, pupils) => pupils.clone(),
            Fate::New(..) | Fate::Elsewhere | Fate::Wrong(_) => Vec::new(),
        }
    }

    /// It keeps the file from being brought in unless the person leaves it out.
    pub fn stands_in_the_way(&self) -> bool {
        match self.fate {
            Fate::Clash(..) | Fate::Elsewhere | Fate::Wrong(_) => true,
            Fate::New(..) | Fate::Changed(_) | Fate::Same(_) => false,
        }
    }
}

type NameAndBirth = (String, String, Date);

fn whose(given: &str, family: &str, born: Date) -> NameAndBirth {
    (given.to_lowercase(), family.to_lowercase(), born)
}

/// Compares a file with the records of a school. `elsewhere`: UPNs of the file that are on records of the authority that
/// are not this school's. Answers the lines in the order of the file.
pub fn compare(read: Read, known: &[Known], elsewhere: &BTreeSet<String>, today: Date) -> Vec<Line> {
    let mut by_upn: HashMap<String, &Known> = HashMap::new();
    let mut by_name: HashMap<NameAndBirth, Vec<&Known>> = HashMap::new();
    for one in known {
        if let Some(upn) = &one.details.upn {
            by_upn.insert(upn.to_string(), one);
        }
        let name = whose(&one.details.given_name, &one.details.family_name, one.details.born_on);
        by_name.entry(name).or_default().push(one);
    }
    let twice = twice(&read.rows);
    let records = Records { by_upn, by_name, elsewhere };
    let mut lines: Vec<Line> = read
        .rows
        .into_iter()
        .map(|row| {
            let fate = match twice.get(&row.line) {
                Some(other) => Fate::Clash(format!("Line {other} is about the same pupil"), Vec::new()),
                None => records.fate(&row, today),
            };
            Line { number: row.line, name: format!("{} {}", row.given_name, row.family_name), fate }
        })
        .collect();
    lines.extend(read.faults.into_iter().map(|(number, faults)| Line {
        number,
        name: String::new(),
        fate: Fate::Wrong(faults),
    }));
    lines.sort_by_key(|line| line.number);
    one_record_each(&mut lines);
    lines
}

/// Lines of the file that name the same pupil as another line: by UPN, or by name and date of birth where a UPN is
/// missing. Each with the other line.
fn twice(rows: &[Row]) -> HashMap<usize, usize> {
    let mut twice = HashMap::new();
    let mut upns: HashMap<&str, usize> = HashMap::new();
    let mut names: HashMap<NameAndBirth, Vec<(usize, Option<&str>)>> = HashMap::new();
    for row in rows {
        let upn = row.upn.as_ref().map(crate::domain::upn::Upn::as_str);
        if let Some(before) = upn.and_then(|upn| upns.insert(upn, row.line)) {
            twice.insert(row.line, before);
            twice.entry(before).or_insert(row.line);
        }
        let others = names.entry(whose(&row.given_name, &row.family_name, row.born_on)).or_default();
        if let Some((before, _)) = others.iter().find(|(_, other)| upn.is_none() || other.is_none()) {
            twice.entry(row.line).or_insert(*before);
            twice.entry(*before).or_insert(row.line);
        }
        others.push((row.line, upn));
    }
    twice
}

/// Two lines that come to the same record, one by UPN, one by name: neither is done.
fn one_record_each(lines: &mut [Line]) {
    let mut first: HashMap<PupilId, usize> = HashMap::new();
    let mut clashing: Vec<(usize, usize, PupilId)> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if let Fate::Changed(_) | Fate::Same(_) = line.fate
            && let Some(id) = line.pupils().first()
            && let Some(other) = first.insert(*id, place)
        {
            clashing.extend([(place, lines[other].number, *id), (other, line.number, *id)]);
        }
    }
    for (place, other, id) in clashing {
        lines[place].fate = Fate::Clash(format!("Line {other} is about the same pupil"), vec![id]);
    }
}

struct Records<'a> {
    by_upn: HashMap<String, &'a Known>,
    by_name: HashMap<NameAndBirth, Vec<&'a Known>>,
    elsewhere: &'a BTreeSet<String>,
}

/// "Sam Price, born 3 April 2013"
fn told(known: &Known) -> String {
    let d = &known.details;
    let name = display_name(&d.given_name, d.known_as.as_deref(), &d.family_name);
    format!("{name}, born {}", dates::long(d.born_on))
}

impl Records<'_> {
    fn fate(&self, row: &Row, today: Date) -> Fate {
        let named = whose(&row.given_name, &row.family_name, row.born_on);
        let alike = self.by_name.get(&named).map(Vec::as_slice).unwrap_or_default();
        if let Some(upn) = &row.upn {
            if let Some(known) = self.by_upn.get(upn.as_str()) {
                let d = &known.details;
                let (given, family, born) = whose(&d.given_name, &d.family_name, d.born_on);
                if born != named.2 && (given != named.0 || family != named.1) {
                    return Fate::Clash(
                        format!("The UPN is recorded for another pupil: {}", told(known)),
                        vec![known.id],
                    );
                }
                return against(row, known, today);
            }
            if self.elsewhere.contains(upn.as_str()) {
                return Fate::Elsewhere;
            }
        }
        match (alike, &row.upn) {
            ([], _) => new(row, today),
            ([known], _) if known.details.upn.is_none() => against(row, known, today),
            ([known], Some(_)) => Fate::Clash(
                format!("{} is recorded with another UPN. Check which is right", told(known)),
                vec![known.id],
            ),
            ([known], None) => Fate::Clash(
                format!(
                    "{} is recorded with a UPN. Put the UPN into the file if this is the same pupil",
                    told(known)
                ),
                vec![known.id],
            ),
            (several, _) => Fate::Clash(
                format!("{} pupils of this name and date of birth are recorded", several.len()),
                several.iter().map(|known| known.id).collect(),
            ),
        }
    }
}

/// How far the year in the file is from the usual one, and why; what is wrong with it otherwise.
fn offset(row: &Row, before: (i16, Option<&String>), today: Date) -> Result<(i16, Option<String>), String> {
    let Some(year) = row.year else { return Ok((before.0, before.1.cloned())) };
    let usual = YearGroup::usual(row.born_on, today);
    let offset = year - usual.0;
    if !(-3..=3).contains(&offset) {
        return Err(format!("year group {year} is more than 3 years from {usual}, the usual one"));
    }
    let reason = row.year_reason.as_ref().or(before.1.filter(|_| before.0 == offset));
    match reason {
        _ if offset == 0 => Ok((0, None)),
        Some(reason) => Ok((offset, Some(reason.clone()))),
        None => Err(format!("reason is missing: the pupil is not in {usual}, the usual year")),
    }
}

fn new(row: &Row, today: Date) -> Fate {
    let mut wrong = Vec::new();
    if row.upn.is_none() && row.no_upn_reason.is_none() {
        wrong.push("UPN is missing, and the reason for no UPN".to_owned());
    }
    if row.on_roll.is_none() {
        wrong.push("on roll from is missing, which a new pupil needs".to_owned());
    }
    let year = offset(row, (0, None), today).map_err(|fault| wrong.push(fault));
    let (true, Some(on_roll), Ok((year_offset, year_reason))) = (wrong.is_empty(), row.on_roll, year) else {
        return Fate::Wrong(wrong);
    };
    let details = PupilDetails {
        given_name: row.given_name.clone(),
        family_name: row.family_name.clone(),
        known_as: row.known_as.clone(),
        pronouns: row.pronouns.clone(),
        born_on: row.born_on,
        year_offset,
        year_reason,
        upn: row.upn.clone(),
        no_upn_reason: row.no_upn_reason.clone().filter(|_| row.upn.is_none()),
        send: row.send.unwrap_or(SendStatus::None),
        looked_after: row.looked_after.unwrap_or(false),
        eal: row.eal.unwrap_or(false),
    };
    Fate::New(Box::new(details), on_roll)
}

/// A line against the record it is about. What the file leaves empty stays.
fn against(row: &Row, known: &Known, today: Date) -> Fate {
    if let Some(left_on) = known.left_on.filter(|day| *day < today) {
        let words = format!(
            "{} left the roll on {}. A file does not put a pupil back: do it on the pupil’s own page",
            told(known),
            dates::long(left_on)
        );
        return Fate::Clash(words, vec![known.id]);
    }
    let old = &known.details;
    let (year_offset, year_reason) = match offset(row, (old.year_offset, old.year_reason.as_ref()), today) {
        Ok(year) => year,
        Err(fault) => return Fate::Wrong(vec![fault]),
    };
    let upn = row.upn.clone().or_else(|| old.upn.clone());
    let details = PupilDetails {
        given_name: row.given_name.clone(),
        family_name: row.family_name.clone(),
        known_as: row.known_as.clone().or_else(|| old.known_as.clone()),
        pronouns: row.pronouns.clone().or_else(|| old.pronouns.clone()),
        born_on: row.born_on,
        year_offset,
        year_reason,
        no_upn_reason: match upn {
            Some(_) => None,
            None => row.no_upn_reason.clone().or_else(|| old.no_upn_reason.clone()),
        },
        upn,
        send: row.send.unwrap_or(old.send),
        looked_after: row.looked_after.unwrap_or(old.looked_after),
        eal: row.eal.unwrap_or(old.eal),
    };
    let changes: Vec<Change> =
        told_apart(old, &details, today).into_iter().filter(|(_, was, is)| was != is).collect();
    if changes.is_empty() {
        return Fate::Same(known.id);
    }
    Fate::Changed(Box::new(Changed { id: known.id, version: known.version, details, changes }))
}

/// Two sets of details field by field, in words: the name of the field, the one, the other.
pub fn told_apart(one: &PupilDetails, other: &PupilDetails, today: Date) -> Vec<Change> {
    let both = |field, of: fn(&PupilDetails) -> String| (field, of(one), of(other));
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let yes_no = |yes: bool| if yes { "Yes" } else { "No" }.to_owned();
    let year = |of: &PupilDetails| YearGroup::actual(of.born_on, of.year_offset, today).to_string();
    let upn = |of: &PupilDetails| of.upn.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    vec![
        both("Given name", |of| of.given_name.clone()),
        both("Family name", |of| of.family_name.clone()),
        ("Known as", or_none(&one.known_as), or_none(&other.known_as)),
        ("Pronouns", or_none(&one.pronouns), or_none(&other.pronouns)),
        both("Date of birth", |of| dates::long(of.born_on)),
        ("Year group", year(one), year(other)),
        ("Reason for the year group", or_none(&one.year_reason), or_none(&other.year_reason)),
        ("UPN", upn(one), upn(other)),
        ("Reason for no UPN", or_none(&one.no_upn_reason), or_none(&other.no_upn_reason)),
        both("Special educational needs", |of| of.send.label().to_owned()),
        ("Looked after", yes_no(one.looked_after), yes_no(other.looked_after)),
        ("English as an additional language", yes_no(one.eal), yes_no(other.eal)),
    ]
}
