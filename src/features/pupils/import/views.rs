//! What the pages of a file show.

use askama::Template;
use sha2::{Digest, Sha256};
use time::Date;

use super::queries::FileRow;
use crate::{
    domain::{
        dates,
        ids::SchoolId,
        pupil::YearGroup,
        pupil_file::compare::{Change, Fate, Line},
        text::thousands,
    },
    state::london,
    web::{forms::Form, page::Chrome, urls},
};

/// Lines of a kind that a page shows; what is beyond is counted.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "pupils/import.html")]
pub struct FilePage {
    chrome: Chrome,
    form: Form,
    schools: Vec<(String, String)>,
}

impl FilePage {
    pub fn of(chrome: Chrome, form: Form, schools: &[(SchoolId, String)]) -> Self {
        let schools = schools.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
        Self { chrome, form, schools }
    }
}

/// What a page was made from: equal as long as the same file does the same to the same records.
pub fn digest(lines: &[Line]) -> String {
    let hash = Sha256::digest(format!("{lines:?}").as_bytes());
    data_encoding::HEXLOWER.encode(&hash)
}

/// Lines of one kind, with how many there are beyond those shown.
pub struct Group<T> {
    pub count: String,
    pub shown: Vec<T>,
    pub beyond: Option<String>,
}

impl<T> Group<T> {
    fn of(mut all: Vec<T>) -> Self {
        let count = all.len();
        all.truncate(SHOWN);
        let counted = |n: usize| thousands(i64::try_from(n).unwrap_or(i64::MAX));
        let beyond = (count > all.len()).then(|| counted(count - all.len()));
        Self { count: counted(count), shown: all, beyond }
    }
}

/// A line that stands in the way, and why.
pub struct Obstacle {
    pub line: usize,
    pub name: String,
    pub words: Vec<String>,
}

/// A record that would be changed.
pub struct Altered {
    pub line: usize,
    pub name: String,
    pub href: String,
    pub changes: Vec<Change>,
    pub ticked: bool,
}

/// A pupil who would be added.
pub struct New {
    pub line: usize,
    pub name: String,
    pub born: String,
    pub year: String,
    pub upn: String,
    pub on_roll: String,
}

#[derive(Template)]
#[template(path = "pupils/preview.html")]
pub struct PreviewPage {
    chrome: Chrome,
    form: Form,
    school: String,
    action: String,
    digest: String,
    unknown: String,
    wrong: Group<Obstacle>,
    clashing: Group<Obstacle>,
    changed: Group<Altered>,
    change_all: String,
    new: Group<New>,
    same: Group<(usize, String, String)>,
    /// "3 lines"; none: nothing stands in the way.
    leave_out: Option<String>,
    /// Something can be brought in.
    any: bool,
}

/// "3 lines", "1 line".
fn lines_of(count: usize) -> String {
    if count == 1 {
        "1 line".to_owned()
    } else {
        format!("{} lines", thousands(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

/// Initials, for names that are no record's yet: on a screen that others can see they are hidden here.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|part| part.chars().next()).flat_map(|c| [c, '.']).collect()
}

impl PreviewPage {
    pub fn of(
        chrome: Chrome,
        form: Form,
        file: &FileRow,
        lines: &[Line],
        unknown: &[String],
        today: Date,
    ) -> Self {
        let hidden = chrome.names_hidden;
        let name = |line: &Line| if hidden { initials(&line.name) } else { line.name.clone() };
        let (mut wrong, mut clashing, mut changed, mut new, mut same) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for line in lines {
            let obstacle = |words| Obstacle { line: line.number, name: name(line), words };
            match &line.fate {
                Fate::Wrong(faults) => wrong.push(obstacle(faults.clone())),
                Fate::Clash(words, _) => clashing.push(obstacle(vec![words.clone()])),
                Fate::Elsewhere => clashing.push(obstacle(vec![
                    "A record with this UPN exists already, and not at your school. Ask the local authority to move it to you"
                        .to_owned(),
                ])),
                Fate::Changed(one) => changed.push(Altered {
                    line: line.number,
                    name: name(line),
                    href: urls::pupil(one.id),
                    changes: one.changes.clone(),
                    ticked: form.checked("change", &line.number.to_string()),
                }),
                Fate::New(details, on_roll) => new.push(New {
                    line: line.number,
                    name: name(line),
                    born: dates::long(details.born_on),
                    year: YearGroup::actual(details.born_on, details.year_offset, today).to_string(),
                    upn: details.upn.as_ref().map_or_else(|| "none yet".to_owned(), ToString::to_string),
                    on_roll: dates::long(*on_roll),
                }),
                Fate::Same(id) => same.push((line.number, name(line), urls::pupil(*id))),
            }
        }
        let in_the_way = wrong.len() + clashing.len();
        Self {
            chrome,
            form,
            school: file.school_name.clone(),
            action: urls::pupil_file(file.id),
            digest: digest(lines),
            unknown: unknown.join(", "),
            any: !new.is_empty() || !changed.is_empty(),
            leave_out: (in_the_way > 0).then(|| lines_of(in_the_way)),
            change_all: format!(
                "Change all {} records",
                thousands(i64::try_from(changed.len()).unwrap_or(i64::MAX))
            ),
            wrong: Group::of(wrong),
            clashing: Group::of(clashing),
            changed: Group::of(changed),
            new: Group::of(new),
            same: Group::of(same),
        }
    }
}

#[derive(Template)]
#[template(path = "pupils/imported.html")]
pub struct DonePage {
    chrome: Chrome,
    school: String,
    /// Who brought it in and when; none: nobody did, and what was sent is gone.
    done: Option<String>,
    counts: Vec<(&'static str, i32)>,
}

impl DonePage {
    pub fn of(chrome: Chrome, file: &FileRow) -> Self {
        let done = file.imported_at.map(|at| {
            let at = london(at);
            let by = file.imported_by.as_deref().unwrap_or("Somebody");
            format!("{by}, {} at {}", dates::long(at.date()), dates::time_of_day(at.time()))
        });
        Self {
            chrome,
            school: file.school_name.clone(),
            done,
            counts: vec![
                ("Pupils added", file.added),
                ("Records changed", file.changed),
                ("Recorded already", file.unchanged),
                ("Left out", file.left_out),
            ],
        }
    }
}
