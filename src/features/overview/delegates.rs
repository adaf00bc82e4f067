//! Those who decide in the headteacher's place: named by them, with dates, and ended by them (7.2 A8).

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use uuid::Uuid;

use super::queries::{self, Colleague, DelegationRow};
use crate::{
    db::{DbError, Trace},
    domain::{
        dates,
        ids::{SchoolId, UserId},
        people::{DelegationDays, delegation_ended_on},
        permission::{Actor, Capability, NameDelegates},
    },
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
    },
};

/// At which school.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    school: Option<String>,
}

#[derive(Template)]
#[template(path = "overview/delegate.html")]
struct DelegatePage {
    chrome: Chrome,
    form: Form,
    school: SchoolId,
    school_name: String,
    options: Vec<(String, String)>,
}

impl DelegatePage {
    fn of(
        chrome: Chrome,
        form: Form,
        (school, school_name): (SchoolId, String),
        colleagues: &[Colleague],
    ) -> Self {
        let mut options = vec![(String::new(), "Choose somebody".to_owned())];
        options.extend(colleagues.iter().map(|one| (one.id.to_string(), one.name.clone())));
        Self { chrome, form, school, school_name, options }
    }
}

/// The school that was asked for, among those the person is headteacher of; when none was asked for, the first.
fn school_of(actor: &Actor, asked: Option<&str>) -> Result<(SchoolId, String), Error> {
    let schools = actor.schools_with(Capability::NameDelegates).unwrap_or_default();
    schools
        .into_iter()
        .find(|(school, _)| asked.is_none_or(|text| text == school.to_string()))
        .ok_or(Error::NotFound)
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let (today, user) = (visit.tx.today(), visit.actor().user);
    let place = school_of(visit.actor(), asked.school.as_deref())?;
    let colleagues = queries::colleagues(visit.tx.conn(), place.0, user, today).await?;
    let mut form = Form::empty();
    form.set_date("from_on", today);
    let page = DelegatePage::of(visit.chrome(), form, place, &colleagues);
    visit.show_nothing_personal(&page).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now, user) = (posted.tx.today(), posted.tx.now(), posted.actor().user);
    let place = school_of(posted.actor(), Some(posted.form.value("school")))?;
    let permit = posted.actor().permit::<NameDelegates>(place.0)?;
    let colleagues = queries::colleagues(posted.tx.conn(), place.0, user, today).await?;
    let person = person(&mut posted.form, &colleagues, user)?;
    let days = days(&mut posted, today);
    if let (Some(person), Some(days)) = (person, days) {
        let known = queries::delegations(posted.tx.conn(), &[place.0], today).await?;
        if let Some(message) = overlap(&known, person, days) {
            posted.form.fail("from_on", &message);
        }
    }
    let (false, Some(person), Some(days)) = (posted.needs_another_look(), person, days) else {
        let page = DelegatePage::of(posted.chrome(), posted.form.clone(), place, &colleagues);
        return posted.again(&page).await;
    };
    let id = Uuid::now_v7();
    match queries::name_delegate(posted.tx.conn(), &permit, id, person, days, now).await {
        // Two headteachers of one school at once.
        Err(DbError::Constraint { constraint }) if constraint == "grants_once" => {
            posted.form.fail("from_on", "They were named for some of these days a moment ago");
            let page = DelegatePage::of(posted.chrome(), posted.form.clone(), place, &colleagues);
            return posted.again(&page).await;
        }
        other => other?,
    }
    posted.done(trace(id, place.0), "/overview", Some(Flash::DelegateNamed)).await
}

/// The colleague chosen. Somebody of another school does not exist here.
fn person(form: &mut Form, colleagues: &[Colleague], oneself: UserId) -> Result<Option<UserId>, Error> {
    let typed = form.value("person").to_owned();
    if typed.is_empty() {
        form.fail("person", "Select who decides in your place");
        Ok(None)
    } else if typed == oneself.to_string() {
        form.fail("person", "Select somebody else: you decide already");
        Ok(None)
    } else {
        let found = colleagues.iter().find(|one| one.id.to_string() == typed);
        found.map(|one| Some(one.id)).ok_or(Error::NotFound)
    }
}

fn days(posted: &mut Posted, today: time::Date) -> Option<DelegationDays> {
    let from = posted.form.date("from_on", "First day");
    let to = posted.form.date("to_on", "Last day");
    match DelegationDays::new(from?, to?, today) {
        Ok(days) => Some(days),
        Err(fault) => {
            posted.form.fail(fault.field(), fault.message());
            None
        }
    }
}

/// Says so when the person decides on some of these days already.
fn overlap(known: &[DelegationRow], person: UserId, days: DelegationDays) -> Option<String> {
    let row = known.iter().find(|row| {
        row.user == person && row.from_on <= days.to_on() && row.to_on.is_none_or(|to| to >= days.from_on())
    })?;
    let when = match row.to_on {
        Some(to) => dates::range(row.from_on, to),
        None => format!("from {} on", dates::long(row.from_on)),
    };
    Some(format!("{} decides in your place already: {when}. Choose other days, or end that first", row.name))
}

pub async fn end(Id(id): Id<Uuid>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let schools = posted.actor().schools_with(Capability::NameDelegates).unwrap_or_default();
    let schools: Vec<_> = schools.into_iter().map(|(school, _)| school).collect();
    let row = queries::delegation(posted.tx.conn(), &schools, id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<NameDelegates>(row.school)?;
    let last_day = delegation_ended_on(row.from_on, row.to_on.unwrap_or(time::Date::MAX), today);
    queries::end_delegation(posted.tx.conn(), &permit, id, last_day).await?;
    posted.done(trace(id, row.school), "/overview", Some(Flash::DelegationEnded)).await
}

fn trace(delegation: Uuid, school: SchoolId) -> Trace {
    Trace { subject: Some(delegation), school: Some(school), changed: &["delegate"], ..Trace::default() }
}
