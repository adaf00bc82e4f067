//! The form of an incident: what was typed, checked, and the page it is typed on.

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{self, Account, Other, PersonRow, PupilRow, Who};
use crate::{
    db::case::CaseOf,
    domain::{
        dates,
        ids::PupilId,
        incident::{Part, PupilName, plain},
        pupil::{YearGroup, display_name},
        text,
    },
    web::{case::Identity, error::Error, forms::Form, incident, page::Chrome},
};

const MAX_DESCRIBED: usize = 140;
/// Most other people in one incident.
const MAX_OTHERS: usize = 20;
/// A school with no more pupils than this has them all in one list.
pub const ONE_LIST: i64 = 60;
/// Most pupils a search shows.
const MOST_FOUND: i64 = 20;

#[derive(Template)]
#[template(path = "incidents/form.html")]
pub struct IncidentPage {
    pub chrome: Chrome,
    pub form: Form,
    pub identity: Identity,
    pub seriousness: Vec<(&'static str, &'static str)>,
    pub rows: Vec<Row>,
    pub pupils: Vec<(String, String)>,
    pub parts: Vec<(&'static str, &'static str)>,
    /// The school has too many pupils for one list.
    pub search: bool,
    /// What the search found, in words.
    pub found: Option<String>,
    /// "Pupil A is Robin Hart", for those in the incident now.
    pub letters: Vec<String>,
    /// Pupils in the incident whom this person cannot see any more.
    pub unseen: usize,
    pub title: &'static str,
    pub action: String,
    pub button: &'static str,
    pub back: String,
}

/// A row for somebody else.
pub struct Row {
    pub n: usize,
    /// Names the row's fields in the page.
    pub id: String,
    pub pupil: String,
    pub words: String,
    pub part: String,
}

/// The rows as typed, and a few empty ones.
pub fn rows(form: &Form) -> Vec<Row> {
    let (pupils, words, parts) =
        (form.values_of("other_pupil"), form.values_of("other_words"), form.values_of("other_part"));
    let typed = pupils.len().max(words.len()).max(parts.len());
    let at = |values: &[&str], n: usize| values.get(n).copied().unwrap_or_default().to_owned();
    let filled = (0..typed)
        .filter(|n| !at(&pupils, *n).is_empty() || !at(&words, *n).trim().is_empty())
        .map(|n| n + 1)
        .max()
        .unwrap_or(0);
    let shown = typed.max(3).max(filled + 1).min(MAX_OTHERS.max(typed));
    (0..shown)
        .map(|n| Row {
            n: n + 1,
            id: format!("other_pupil-{}", n + 1),
            pupil: at(&pupils, n),
            words: at(&words, n),
            part: at(&parts, n),
        })
        .collect()
}

/// The pupils who can be chosen: all of a small school, else those who were searched for and those chosen.
pub struct Choosable {
    pub pupils: Vec<PupilRow>,
    /// There are more pupils than one list holds.
    pub search: bool,
    /// What the search found, in words.
    pub found: Option<String>,
}

/// Loads who can be chosen, for what is typed now.
pub async fn choosable(conn: &mut PgConnection, of: &CaseOf, form: &Form) -> Result<Choosable, Error> {
    let all = queries::first_pupils(conn, of.school, of.pupil, ONE_LIST + 1).await?;
    let most = usize::try_from(ONE_LIST).unwrap_or(usize::MAX);
    if all.len() <= most {
        return Ok(Choosable { pupils: all, search: false, found: None });
    }
    let chosen: Vec<PupilId> = chosen(form);
    let sought = plain(form.value("find"));
    let words: Vec<String> = sought.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let limit = MOST_FOUND + i64::try_from(chosen.len()).unwrap_or(0);
    let pupils = queries::find_pupils(conn, of.school, of.pupil, &words, &chosen, limit + 1).await?;
    let new = pupils.iter().filter(|pupil| !chosen.contains(&pupil.id)).count();
    let found = (!words.is_empty()).then(|| match new {
        0 => "No other pupil has this name. Check how it is written on the pupil’s record".to_owned(),
        1 => "1 pupil found. Choose them in a list below".to_owned(),
        n if i64::try_from(n).unwrap_or(i64::MAX) > MOST_FOUND => {
            format!("More than {MOST_FOUND} pupils have this in their name. Type more of it")
        }
        n => format!("{n} pupils found. Choose from them in a list below"),
    });
    Ok(Choosable { pupils, search: true, found })
}

/// The pupils chosen in the rows, those that are ids at all.
pub fn chosen(form: &Form) -> Vec<PupilId> {
    form.values_of("other_pupil").iter().filter_map(|id| id.parse().ok()).collect()
}

/// The choices of a row.
pub fn options(pupils: &[PupilRow], today: time::Date) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), "No pupil chosen".to_owned())];
    options.extend(pupils.iter().map(|pupil| {
        let year = YearGroup::actual(pupil.born_on, pupil.year_offset, today);
        let name = display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name);
        (pupil.id.to_string(), format!("{name}, {year}"))
    }));
    options
}

/// What was typed, checked. None: the messages are on the form. A pupil of another school does not exist here.
pub async fn read(
    conn: &mut PgConnection,
    form: &mut Form,
    of: &CaseOf,
    now: OffsetDateTime,
) -> Result<Option<(Account, Vec<Other>)>, Error> {
    let account = incident::read(form, now);
    let others = read_others(conn, form, of).await?;
    refuse_names(conn, form, of).await?;
    if form.has_errors() {
        return Ok(None);
    }
    Ok(account.zip(others))
}

async fn read_others(
    conn: &mut PgConnection,
    form: &mut Form,
    of: &CaseOf,
) -> Result<Option<Vec<Other>>, Error> {
    let rows = rows(form);
    let mut pupils = Vec::new();
    for row in rows.iter().filter(|row| !row.pupil.is_empty()) {
        pupils.push(row.pupil.parse::<PupilId>().map_err(|_| Error::NotFound)?);
    }
    if !pupils.is_empty() {
        let most = i64::try_from(pupils.len()).unwrap_or(i64::MAX);
        let known = queries::find_pupils(conn, of.school, of.pupil, &[], &pupils, most).await?;
        let known = |id: &PupilId| known.iter().any(|pupil| pupil.id == *id);
        if pupils.iter().any(|id| *id != of.pupil && !known(id)) {
            return Err(Error::NotFound);
        }
    }
    let (mut others, mut seen) = (Vec::new(), Vec::new());
    for row in &rows {
        let words = text::optional_line(&row.words, MAX_DESCRIBED);
        let pupil = row.pupil.parse::<PupilId>().ok();
        let part = Part::from_stored(&row.part);
        let who = match (pupil, words) {
            (_, Err(error)) => Err(error.message("Description")),
            (Some(_), Ok(Some(_))) => Err("Choose a pupil or describe somebody, not both".to_owned()),
            (Some(pupil), Ok(None)) if pupil == of.pupil => {
                Err("This is the incident of this pupil. Choose another pupil, or none".to_owned())
            }
            (Some(pupil), Ok(None)) if seen.contains(&pupil) => {
                Err("This pupil is in the list already".to_owned())
            }
            (Some(pupil), Ok(None)) => Ok(Some(Who::Pupil(pupil))),
            (None, Ok(Some(words))) => Ok(Some(Who::Described(words))),
            (None, Ok(None)) => Ok(None),
        };
        seen.extend(pupil);
        match (who, part) {
            (Err(message), _) => form.fail(&row.id, &message),
            (Ok(None), _) => {}
            (Ok(Some(_)), None) => form.fail(&row.id, "Select what they had to do with it"),
            (Ok(Some(who)), Some(part)) => others.push(Other { part, who }),
        }
    }
    if others.len() > MAX_OTHERS {
        form.fail("other_pupil-1", "Name at most 20 other people");
    }
    Ok((!form.has_errors()).then_some(others))
}

/// Other pupils are chosen from the list, and are letters in the words.
async fn refuse_names(conn: &mut PgConnection, form: &mut Form, of: &CaseOf) -> Result<(), Error> {
    let mut fields: Vec<(String, String)> =
        incident::WORDS.iter().map(|id| ((*id).to_owned(), form.value(id).to_owned())).collect();
    fields.extend(rows(form).into_iter().map(|row| (row.id, row.words)));
    let own = PupilName {
        given_name: of.given_name.clone(),
        known_as: of.known_as.clone(),
        family_name: of.family_name.clone(),
    };
    let instead = "Choose them under Other people, and write Pupil A here";
    incident::refuse_names(conn, form, (of.school, of.pupil, &own), fields, instead).await
}

/// Fills the rows from the people in an incident now; answers how many of them this person cannot see.
pub fn fill_rows(form: Form, people: &[PersonRow]) -> (Form, usize) {
    let mut pairs = form.pairs().to_vec();
    let mut unseen = 0;
    for row in people.iter().filter(|row| !row.removed) {
        if row.pupil.is_some() && row.given_name.is_none() {
            unseen += 1;
            continue;
        }
        pairs.push(("other_pupil".to_owned(), row.pupil.map_or_else(String::new, |id| id.to_string())));
        pairs.push(("other_words".to_owned(), row.described.clone().unwrap_or_default()));
        pairs.push(("other_part".to_owned(), row.part.clone()));
    }
    (Form::from_pairs(pairs), unseen)
}

/// Who is taken out of an incident and who is added, when `others` is how the visible ones should be.
pub fn differences(people: &[PersonRow], others: Vec<Other>) -> (Vec<i16>, Vec<Other>) {
    let mut added = others;
    let mut removed = Vec::new();
    for row in people.iter().filter(|row| !row.removed) {
        let who = match (row.pupil, &row.described) {
            // Not to be seen, so not in the form either: they stay.
            (Some(_), _) if row.given_name.is_none() => continue,
            (Some(pupil), _) => Who::Pupil(pupil),
            (None, described) => Who::Described(described.clone().unwrap_or_default()),
        };
        let same = |other: &Other| other.who == who && other.part.as_str() == row.part;
        match added.iter().position(same) {
            Some(at) => {
                added.remove(at);
            }
            None => removed.push(row.position),
        }
    }
    (removed, added)
}

/// The fields of an incident as it stands.
pub fn filled(row: &queries::IncidentRow) -> Form {
    let mut form = Form::empty();
    form.set_date("happened_on", row.happened_on);
    form.set("happened_at", &row.happened_at.map_or_else(String::new, dates::time_of_day));
    form.set("place", &row.place);
    form.set("what", &row.what);
    form.set("seriousness", &row.seriousness);
    form.set("followed", row.followed.as_deref().unwrap_or_default());
    form.set("version", &row.version.to_string());
    form
}
