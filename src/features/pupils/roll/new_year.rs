//! The turn of the school year at a school: what is to be done, and taking those off the roll who leave.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    CASE_OPEN,
    queries::{self, Ending, OnRoll},
};
use crate::{
    db::{DbError, ScopedTx, Trace, calendar},
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{PupilId, SchoolId},
        new_year::{LAST_YEAR, MAX_WHY, Turn, may_leave},
        permission::{Actor, Capability, ManagePupils},
        pupil::display_name,
        text::within,
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Which school, and which year of it.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    school: Option<String>,
    year: Option<i16>,
}

/// A pupil who can be ticked.
struct Line {
    id: PupilId,
    name: String,
    year: String,
    href: String,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "pupils/new_year.html")]
struct NewYearPage {
    chrome: Chrome,
    form: Form,
    school: SchoolId,
    school_name: String,
    old: String,
    new: String,
    year: i16,
    years: Vec<(String, String, bool)>,
    lines: Vec<Line>,
    waiting: Vec<(String, String, String)>,
    calendar: Option<String>,
    loaded: bool,
    first_day: String,
    targets: i64,
    roles: Vec<String>,
}

/// A school at the turn of the year.
struct Opened {
    school: SchoolId,
    school_name: String,
    turn: Turn,
    pupils: Vec<OnRoll>,
    calendar: SchoolCalendar,
    ending: Ending,
    year: i16,
    may_change_calendar: bool,
}

/// The school asked for, among those whose pupils somebody keeps; the first when none is asked for.
fn school(actor: &Actor, asked: Option<&str>) -> Result<(SchoolId, String), Error> {
    let schools = actor.schools_with(Capability::ManagePupils).unwrap_or_default();
    match asked.filter(|asked| !asked.is_empty()) {
        None => schools.into_iter().next(),
        Some(id) => {
            let id: SchoolId = id.parse().map_err(|_| Error::NotFound)?;
            schools.into_iter().find(|(school, _)| *school == id)
        }
    }
    .ok_or(Error::NotFound)
}

impl Opened {
    async fn at(tx: &mut ScopedTx, asked: Option<&str>, year: Option<i16>) -> Result<Self, Error> {
        let today = tx.today();
        let (school, school_name) = school(tx.actor(), asked)?;
        let turn = Turn::near(today);
        Ok(Self {
            may_change_calendar: tx.actor().may_at(Capability::ManageCalendars, school),
            pupils: queries::on_roll(tx.conn(), school, today).await?,
            calendar: calendar::of_school(tx.conn(), school, today).await?,
            ending: queries::ending(tx.conn(), school, today, turn.first_day()).await?,
            school,
            school_name,
            turn,
            year: year.unwrap_or(LAST_YEAR),
        })
    }

    fn year_of(&self, pupil: &OnRoll) -> i16 {
        self.turn.old_year(pupil.born_on, pupil.year_offset).0
    }

    /// The pupils of the year at hand; of the last year also those above it.
    fn at_hand(&self) -> impl Iterator<Item = &OnRoll> {
        self.pupils.iter().filter(|pupil| {
            let year = self.year_of(pupil);
            year == self.year || (self.year == LAST_YEAR && year > LAST_YEAR)
        })
    }

    fn name(pupil: &OnRoll) -> String {
        display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name)
    }

    fn page(&self, chrome: Chrome, form: Form) -> NewYearPage {
        let is_last = self.year == LAST_YEAR;
        // A form that came back keeps its ticks; the last year begins ticked.
        let fresh = form.pairs().iter().all(|(name, _)| name != "why");
        let mut waiting = Vec::new();
        let mut lines = Vec::new();
        for pupil in self.at_hand() {
            let year = self.turn.old_year(pupil.born_on, pupil.year_offset).to_string();
            if let Some(case) = pupil.open_case {
                let number = pupil.number.unwrap_or_default();
                let leaves = pupil
                    .leaves_on
                    .map_or_else(String::new, |day| format!(", leaves after {}", dates::long(day)));
                waiting.push((Self::name(pupil), urls::case(case), format!("Case {number}{leaves}")));
            } else {
                lines.push(Line {
                    id: pupil.id,
                    name: Self::name(pupil),
                    year,
                    href: urls::pupil(pupil.id),
                    ticked: if fresh { is_last } else { form.checked("leave", &pupil.id.to_string()) },
                });
            }
        }
        let mut years: Vec<i16> =
            self.pupils.iter().map(|pupil| self.year_of(pupil).min(LAST_YEAR)).chain([LAST_YEAR]).collect();
        years.sort_unstable();
        years.dedup();
        let href = |year| format!("{}?school={}&year={year}", urls::NEW_YEAR.pattern, self.school);
        NewYearPage {
            chrome,
            form,
            school: self.school,
            school_name: self.school_name.clone(),
            old: self.turn.old_words(),
            new: self.turn.new_words(),
            year: self.year,
            years: years
                .into_iter()
                .map(|year| {
                    let words = if year == LAST_YEAR {
                        format!("Year {year} and above")
                    } else {
                        format!("Year {year}")
                    };
                    (href(year), words, year == self.year)
                })
                .collect(),
            lines,
            waiting,
            calendar: self.may_change_calendar.then(|| urls::calendar(Some(self.school))),
            loaded: self.turn.is_loaded(self.calendar.terms().iter()),
            first_day: dates::long(self.turn.first_day()),
            targets: self.ending.targets,
            roles: self
                .ending
                .roles
                .iter()
                .map(|(name, role, to)| {
                    format!("{name}, {}, until {}", within(role.label()), dates::long(*to))
                })
                .collect(),
        }
    }

    fn trace(&self) -> Trace {
        Trace {
            subject: Some(self.school.uuid()),
            school: Some(self.school),
            pupils: self.at_hand().map(|pupil| pupil.id).collect(),
            ..Trace::default()
        }
    }
}

pub async fn show(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, asked.school.as_deref(), asked.year).await?;
    let mut form = Form::empty();
    form.set_date("last_on", opened.turn.suggested(opened.calendar.terms().iter()));
    let page = opened.page(visit.chrome(), form);
    visit.show(opened.trace(), &page).await
}

#[derive(Template)]
#[template(path = "pupils/new_year_check.html")]
struct CheckPage {
    chrome: Chrome,
    school_name: String,
    back: String,
    last_on: String,
    why: String,
    names: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

const CHANGED: &str =
    "Somebody else changed who is on the roll meanwhile. Nothing was saved: look at it once more";

/// Who was ticked, of those at hand, with every message on the form.
fn ticked<'a>(form: &mut Form, opened: &'a Opened, today: time::Date) -> Result<Vec<&'a OnRoll>, Error> {
    let asked: Vec<PupilId> = form
        .values_of("leave")
        .into_iter()
        .map(|id| id.parse().map_err(|_| Error::NotFound))
        .collect::<Result<_, _>>()?;
    let mut leaving = Vec::with_capacity(asked.len());
    for id in &asked {
        match opened.pupils.iter().find(|pupil| pupil.id == *id) {
            Some(pupil) => leaving.push(pupil),
            None => form.fail("leave", CHANGED),
        }
    }
    if leaving.is_empty() {
        form.fail("leave", "Tick the pupils who leave");
    }
    if leaving.iter().any(|pupil| pupil.open_case.is_some()) {
        form.fail("leave", CASE_OPEN);
    }
    let last_on = form.date("last_on", "Last day on the roll");
    if let (Some(last), Some(from)) = (last_on, leaving.iter().map(|pupil| pupil.from_on).max())
        && let Err(message) = may_leave(from, last, today)
    {
        form.fail("last_on", &message);
    }
    Ok(leaving)
}

pub async fn update(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let asked = posted.form.value("school").to_owned();
    let year = posted.form.value("year").parse().ok();
    let opened = Opened::at(&mut posted.tx, Some(&asked), year).await?;
    let permit = posted.actor().permit::<ManagePupils>(opened.school)?;
    let leaving = ticked(&mut posted.form, &opened, today)?;
    let last_on = posted.form.date("last_on", "Last day on the roll");
    let why = posted.form.line("why", "Why", MAX_WHY);
    let go = posted.form.value("go").to_owned();
    let (false, Some(last_on), Some(why), true) =
        (posted.needs_another_look(), last_on, why, go == "check" || go == "save")
    else {
        let page = opened.page(posted.chrome(), posted.form.clone());
        return posted.again(&page).await;
    };
    let trace = Trace { pupils: leaving.iter().map(|pupil| pupil.id).collect(), ..opened.trace() };
    if go == "check" {
        let page = CheckPage {
            chrome: posted.chrome(),
            school_name: opened.school_name.clone(),
            back: format!("{}?school={}&year={}", urls::NEW_YEAR.pattern, opened.school, opened.year),
            last_on: dates::full(last_on),
            why,
            names: leaving
                .iter()
                .map(|pupil| {
                    let year = opened.turn.old_year(pupil.born_on, pupil.year_offset);
                    (Opened::name(pupil), year.to_string())
                })
                .collect(),
            fields: posted.form.pairs().iter().filter(|(name, _)| name != "go").cloned().collect(),
        };
        return posted.looked_up(trace, &page).await;
    }
    let ids: Vec<PupilId> = leaving.iter().map(|pupil| pupil.id).collect();
    match queries::leave(posted.tx.conn(), &permit, &ids, last_on, &why, now).await {
        Ok(left) if usize::try_from(left) == Ok(ids.len()) => {}
        Err(DbError::Constraint { constraint }) if constraint == "enrolments_case_closed" => {
            posted.form.fail("leave", CASE_OPEN);
            let page = opened.page(posted.chrome(), posted.form.clone());
            return posted.again(&page).await;
        }
        Ok(_) => {
            posted.form.fail("leave", CHANGED);
            let page = opened.page(posted.chrome(), posted.form.clone());
            return posted.again(&page).await;
        }
        Err(error) => return Err(error.into()),
    }
    let trace = Trace { changed: &["enrolment"], facts: vec![("left", ids.len().to_string())], ..trace };
    let location = format!("{}?school={}", urls::NEW_YEAR.pattern, opened.school);
    posted.done(trace, &location, Some(Flash::PupilsLeft)).await
}
