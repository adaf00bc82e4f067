//! The schools, one school, changing it.

use askama::Template;
use axum::response::Response;

use super::{
    periods::{Day, days},
    queries::{self, NewSchool, SchoolRow, What},
};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        dates,
        ids::SchoolId,
        permission::{Capability, ManageSchools, Over},
        school::{self, MAX_LETTERHEAD, MAX_WORD, Phase},
    },
    state::london,
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// A school within reach, and how far that is; another is not there.
pub async fn load(tx: &mut ScopedTx, id: SchoolId) -> Result<(SchoolRow, Over), Error> {
    let over = tx.actor().over(Capability::ManageSchools);
    let found = queries::schools(tx.conn(), &over, Some(id)).await?;
    Ok((found.into_iter().next().ok_or(Error::NotFound)?, over))
}

#[derive(Template)]
#[template(path = "schools/index.html")]
struct SchoolsPage {
    chrome: Chrome,
    lines: Vec<Line>,
    may_add: bool,
}

struct Line {
    href: String,
    name: String,
    numbers: String,
    phase: &'static str,
    takes_part: bool,
    periods: usize,
    goal: String,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let over = visit.actor().over(Capability::ManageSchools);
    let schools = queries::schools(visit.tx.conn(), &over, None).await?;
    let ids: Vec<_> = schools.iter().map(|school| school.id).collect();
    let periods = queries::periods(visit.tx.conn(), &ids, today).await?;
    let lines = schools
        .iter()
        .map(|row| Line {
            href: urls::school(row.id),
            name: row.name.clone(),
            numbers: format!("{} / {}", row.urn, row.establishment),
            phase: phase(row),
            takes_part: row.takes_part,
            periods: periods.iter().filter(|one| one.school == row.id && one.from_on <= today).count(),
            goal: format!("{}%", row.goal_percent),
        })
        .collect();
    let page = SchoolsPage { chrome: visit.chrome(), lines, may_add: over == Over::Authority };
    visit.show_nothing_personal(&page).await
}

pub fn phase(row: &SchoolRow) -> &'static str {
    Phase::from_stored(&row.phase).map_or("", Phase::label)
}

/// Who changed it last and when.
fn changed(row: &SchoolRow) -> Option<String> {
    let at = london(row.changed_at?);
    let by = row.changed_by.as_deref().unwrap_or("Somebody");
    Some(format!("{by}, {} at {}", dates::long(at.date()), dates::time_of_day(at.time())))
}

#[derive(Template)]
#[template(path = "schools/show.html")]
struct SchoolPage {
    chrome: Chrome,
    school: SchoolRow,
    href: String,
    phase: &'static str,
    letterhead: String,
    changed: Option<String>,
    days: Vec<Day>,
    people: String,
}

pub async fn show(Id(id): Id<SchoolId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (row, _) = load(&mut visit.tx, id).await?;
    let periods = queries::periods(visit.tx.conn(), &[id], today).await?;
    let page = SchoolPage {
        chrome: visit.chrome(),
        href: urls::school(id),
        phase: phase(&row),
        letterhead: school::letterhead_line(&row.letterhead)
            .unwrap_or_else(|| "None. Letters bear the name alone".to_owned()),
        changed: changed(&row),
        days: days(&periods, today),
        people: urls::new_lead(id),
        school: row,
    };
    visit.show_nothing_personal(&page).await
}

#[derive(Template)]
#[template(path = "schools/edit.html")]
struct EditPage {
    chrome: Chrome,
    form: Form,
    name: String,
    href: String,
    /// What a school is, is the authority's to say.
    whole: bool,
    phases: Vec<(&'static str, &'static str)>,
    words: [(&'static str, &'static str); 3],
}

/// The fields for the words of 0, 1 and 2 points.
const WORDS: [(&str, &str); 3] =
    [("word.0", "Word for 0 points"), ("word.1", "Word for 1 point"), ("word.2", "Word for 2 points")];

impl EditPage {
    fn of(chrome: Chrome, form: Form, row: &SchoolRow, over: &Over) -> Self {
        Self {
            chrome,
            form,
            name: row.name.clone(),
            href: urls::school(row.id),
            whole: *over == Over::Authority,
            phases: Phase::ALL.iter().map(|phase| (phase.as_str(), phase.label())).collect(),
            words: WORDS,
        }
    }
}

pub async fn edit(Id(id): Id<SchoolId>, mut visit: Visit) -> Result<Response, Error> {
    let (row, over) = load(&mut visit.tx, id).await?;
    let mut form = Form::empty();
    for (field, value) in [
        ("name", row.name.as_str()),
        ("urn", &row.urn),
        ("establishment", &row.establishment),
        ("phase", &row.phase),
        ("letterhead", &row.letterhead),
    ] {
        form.set(field, value);
    }
    form.tick("takes_part", row.takes_part);
    for ((field, _), word) in WORDS.iter().zip(&row.mark_words) {
        form.set(field, word);
    }
    form.set("goal", &row.goal_percent.to_string());
    form.set("version", &row.version.to_string());
    let page = EditPage::of(visit.chrome(), form, &row, &over);
    visit.show_nothing_personal(&page).await
}

impl What {
    /// Reads it, with every message on the form.
    pub fn read(form: &mut Form) -> Option<Self> {
        let name = form.line("name", "Name", 100);
        let mut number = |field: &str, label: &str, digits: usize| {
            let number = form.value(field).trim().to_owned();
            if !school::is_number_of(&number, digits) {
                form.fail(field, &format!("{label} must have {digits} digits"));
            }
            number
        };
        let (urn, establishment) =
            (number("urn", "URN", 6), number("establishment", "Establishment number", 4));
        let phase = form.choice("phase", Phase::from_stored, "Select the phase");
        let takes_part = form.checked("takes_part", "yes");
        Some(Self { name: name?, urn, establishment, phase: phase?.as_str(), takes_part })
    }

    fn of(row: &SchoolRow) -> Option<Self> {
        Some(Self {
            name: row.name.clone(),
            urn: row.urn.clone(),
            establishment: row.establishment.clone(),
            phase: Phase::from_stored(&row.phase)?.as_str(),
            takes_part: row.takes_part,
        })
    }
}

/// Reads the form, with every message on it. What is not this person's to change stays as it is.
fn read(form: &mut Form, row: &SchoolRow, over: &Over) -> Option<NewSchool> {
    let what = if *over == Over::Authority { What::read(form) } else { What::of(row) };
    let words = [0, 1, 2].map(|n| form.line(WORDS[n].0, WORDS[n].1, MAX_WORD));
    if let [Some(one), Some(two), Some(three)] = &words
        && (one == two || two == three || one == three)
    {
        form.fail(WORDS[2].0, "The three words must differ");
    }
    let goal = form.choice("goal", school::goal, "Goal must be a number from 1 to 100");
    let letterhead = form.optional_paragraph("letterhead", "Letterhead", MAX_LETTERHEAD);
    let [one, two, three] = words;
    let new = NewSchool {
        what: what?,
        mark_words: [one?, two?, three?],
        goal_percent: goal?,
        letterhead: letterhead?.unwrap_or_default(),
    };
    (!form.has_errors()).then_some(new)
}

pub async fn update(Id(id): Id<SchoolId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (row, over) = load(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManageSchools>(Some(id))?;
    let new = read(&mut posted.form, &row, &over);
    let (false, Some(new)) = (posted.needs_another_look(), new) else {
        let page = EditPage::of(posted.chrome(), posted.form.clone(), &row, &over);
        return posted.again(&page).await;
    };
    let version = version(&posted.form)?;
    match queries::change(posted.tx.conn(), &permit, &new, version, now).await {
        Ok(true) => {}
        Ok(false) => return posted.conflict(clash(&row, &new)).await,
        Err(DbError::Constraint { constraint }) if constraint == "schools_urn_key" => {
            posted.form.fail("urn", "Another school has this URN");
            let page = EditPage::of(posted.chrome(), posted.form.clone(), &row, &over);
            return posted.again(&page).await;
        }
        Err(error) => return Err(error.into()),
    }
    let trace =
        Trace { subject: Some(id.uuid()), school: Some(id), changed: &["school"], ..Trace::default() };
    posted.done(trace, &urls::school(id), Some(Flash::SchoolSaved)).await
}

/// The version that was read.
pub fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

fn clash(row: &SchoolRow, new: &NewSchool) -> Conflict {
    let percent = |goal: i16| format!("{goal}%");
    let takes_part = |takes_part| if takes_part { "Yes" } else { "No" }.to_owned();
    Conflict {
        what: "This school".to_owned(),
        changed: changed(row)
            .map_or_else(|| "Somebody changed it".to_owned(), |by| format!("Changed by {by}")),
        fields: vec![
            ("Name".to_owned(), row.name.clone(), new.what.name.clone()),
            ("URN".to_owned(), row.urn.clone(), new.what.urn.clone()),
            ("Establishment number".to_owned(), row.establishment.clone(), new.what.establishment.clone()),
            (
                "Phase".to_owned(),
                phase(row).to_owned(),
                Phase::from_stored(new.what.phase).map_or("", Phase::label).to_owned(),
            ),
            ("Takes part".to_owned(), takes_part(row.takes_part), takes_part(new.what.takes_part)),
            ("Words for marks".to_owned(), row.mark_words.join(", "), new.mark_words.join(", ")),
            ("Goal".to_owned(), percent(row.goal_percent), percent(new.goal_percent)),
            ("Letterhead".to_owned(), row.letterhead.clone(), new.letterhead.clone()),
        ],
        edit: format!("{}/edit", urls::school(row.id)),
    }
}
