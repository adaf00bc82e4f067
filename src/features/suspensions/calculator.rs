//! The calculator: what a suspension would come to, about nobody. Its address holds numbers and days, no name.

use askama::Template;
use axum::{extract::Query, response::Response};
use time::{Date, Duration};

use super::{
    form, queries,
    views::{self, Follows},
};
use crate::{
    db::calendar,
    domain::{
        calendar::SchoolCalendar,
        ids::SchoolId,
        permission::Capability,
        pupil::YearGroup,
        suspension::{
            HalfDays, Refused,
            count::{Addend, Place},
            history::History,
            notices::About,
            record::Exclusion,
            run::Leaver,
            terms::{LegalTerm, Window},
        },
    },
    web::{error::Error, extract::Visit, forms::Form, page::Chrome},
};

/// More fields than the form has.
const MOST_FIELDS: usize = 40;
/// How far from today it reckons: no calendar is loaded beyond.
const FARTHEST: Duration = Duration::days(3 * 366);

#[derive(Template)]
#[template(path = "suspensions/calculator.html")]
struct CalculatorPage {
    chrome: Chrome,
    form: Form,
    schools: Vec<(String, String)>,
    halves: Vec<(&'static str, &'static str)>,
    follows: Option<Follows>,
    /// R-45a: it would not be lawful.
    refused: Option<String>,
}

pub async fn show(Query(asked): Query<Vec<(String, String)>>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    if asked.len() > MOST_FIELDS {
        return Err(Error::NotFound);
    }
    let schools = match visit.actor().schools_with(Capability::SeeWholeCase) {
        Some(schools) => schools,
        None => queries::schools(visit.tx.conn()).await?,
    };
    let asked_for_nothing = asked.is_empty();
    let mut form = Form::from_pairs(asked);
    let school = chosen(&schools, form.value("school"))?;
    let mut answer = None;
    if asked_for_nothing {
        form.set_date("decided", today);
    } else {
        let decided_on = form.date("decided", "Day of the decision");
        if decided_on.is_some_and(|day| (day - today).abs() > FARTHEST) {
            form.fail("decided", "Day of the decision must be within 3 years of today");
        }
        let decided_on = decided_on.filter(|_| !form.has_errors());
        let calendar = calendar::of_school(visit.tx.conn(), school, decided_on.unwrap_or(today)).await?;
        answer = decided_on.and_then(|day| reckon(&mut form, day, &calendar));
    }
    let (follows, refused) = answer.map_or((None, None), |(follows, refused)| (Some(follows), refused));
    let page = CalculatorPage {
        chrome: visit.chrome(),
        schools: if schools.len() > 1 {
            schools.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
        } else {
            Vec::new()
        },
        halves: views::halves(),
        form,
        follows,
        refused,
    };
    visit.show_nothing_personal(&page).await
}

fn chosen(schools: &[(SchoolId, String)], typed: &str) -> Result<SchoolId, Error> {
    let found = match typed {
        "" => schools.first(),
        id => schools.iter().find(|(school, _)| school.to_string() == id),
    };
    found.map(|(school, _)| *school).ok_or(Error::NotFound)
}

/// What it comes to. None: a message is on the form.
fn reckon(form: &mut Form, decided_on: Date, calendar: &SchoolCalendar) -> Option<(Follows, Option<String>)> {
    let plan = form::plan(form, decided_on, calendar);
    let before = [
        ("term_before", "Days so far this legal term"),
        ("year_before", "Days so far this school year"),
        ("elsewhere", "Days at other schools"),
    ]
    .map(|(id, what)| optional_days(form, id, what));
    let told_on = form.optional_date("told", "Day the governing board is told");
    let suspension = match plan?.lay_out(calendar) {
        Ok(suspension) => suspension,
        Err(refused) => {
            form::refuse(form, &refused);
            return None;
        }
    };
    let [term, year, elsewhere] = before;
    let (term, year, elsewhere) = (term?, year?, elsewhere?);
    if year < term {
        form.fail("year_before", "Days this school year include the days of this legal term");
        return None;
    }
    let window = Window::of(suspension.starts_on());
    let other = if window.term == LegalTerm::Autumn { LegalTerm::Summer } else { LegalTerm::Autumn };
    let addend = |place, term, half_days| Addend { place, year: window.first_year(), term, half_days };
    let given = [
        addend(Place::Here, Some(window.term), term),
        // Said to be of other terms; which of them does not matter to this one.
        addend(Place::Here, Some(other), year.minus(term)),
        addend(Place::Elsewhere, None, elsewhere),
    ];
    let given = given.into_iter().filter(|addend| addend.half_days > HalfDays::NONE).collect();
    let history = History { given, ..History::default() };
    let leaver = Leaver { year: YearGroup(9), exams_left: true };
    let exclusion = Exclusion::Suspension(suspension);
    let weighed = match history.weigh_new(&exclusion, None, leaver, calendar) {
        Ok(weighed) => weighed,
        Err(missing) => {
            form::refuse(form, &Refused::NotLoaded(missing));
            return None;
        }
    };
    let refused = weighed.sum.lawful().err().map(|refused| refused.to_string());
    let told_on = told_on?.unwrap_or(decided_on);
    let about = About { compulsory_age: true, ..About::default() };
    let follows =
        Follows { notices: Vec::new(), ..Follows::of(&exclusion, &weighed, about, told_on, calendar) };
    Some((follows, refused))
}

/// Days that may be left empty. None: a message is on the form.
fn optional_days(form: &mut Form, id: &str, what: &str) -> Option<HalfDays> {
    let typed = form.value(id).trim().to_owned();
    if typed.is_empty() {
        return Some(HalfDays::NONE);
    }
    let days = HalfDays::parse(&typed);
    if days.is_none() {
        form.fail(id, &format!("{what} must be days to the half, like 2 or 4.5"));
    }
    days
}
