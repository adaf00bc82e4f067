//! Adding somebody, and the link with which they choose a password.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    queries::{self, NewRole},
    views::Looked,
};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        dates,
        ids::{SchoolId, UserId},
        managing::{self, Manager},
        people::Role,
        permission::{Capability, ManagePeople, Over, PermitOver},
    },
    state::london,
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::Chrome,
        session, urls,
    },
};

/// Longest name and address.
const MAX_NAME: usize = 100;
const MAX_EMAIL: usize = 254;

/// The roles and schools there are to choose from.
pub struct Choices {
    pub roles: Vec<(String, String)>,
    pub schools: Vec<(String, String)>,
}

impl Choices {
    /// What somebody who reaches this far may give.
    pub async fn of(tx: &mut ScopedTx, over: &Over) -> Result<Self, Error> {
        let (user, today) = (tx.actor().user, tx.today());
        let mut roles = vec![(String::new(), "Choose a role".to_owned())];
        let given = Manager { user, over, today }.gives();
        roles.extend(given.iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())));
        let known = queries::schools(tx.conn(), over).await?;
        let mut schools = Vec::new();
        // Somebody of one school gives roles there and nowhere else.
        match over {
            Over::Authority => schools.push((String::new(), "No school: the whole authority".to_owned())),
            Over::Schools(_) if known.len() != 1 => {
                schools.push((String::new(), "Choose a school".to_owned()));
            }
            Over::Schools(_) => {}
        }
        schools.extend(known.into_iter().map(|(id, name)| (id.to_string(), name)));
        Ok(Self { roles, schools })
    }
}

/// A role that was typed and can be given.
pub struct TypedRole {
    pub role: Role,
    pub school: Option<SchoolId>,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

/// Reads role, school and days, with every message on the form. A role or school that was not offered does not exist.
pub fn read_role(
    form: &mut Form,
    manager: Manager<'_>,
    choices: &Choices,
    person: UserId,
) -> Result<Option<TypedRole>, Error> {
    let role = match form.value("role") {
        "" => {
            form.fail("role", "Select a role");
            None
        }
        typed => {
            let role: Role = typed.parse().map_err(|_| Error::NotFound)?;
            if !manager.gives().contains(&role) {
                return Err(Error::NotFound);
            }
            Some(role)
        }
    };
    let typed = form.value("school").to_owned();
    if !typed.is_empty() && !choices.schools.iter().any(|(id, _)| *id == typed) {
        return Err(Error::NotFound);
    }
    let school = typed.parse::<SchoolId>().ok();
    if let Some(message) = role.and_then(|role| managing::place_fits(role, school).err()) {
        form.fail("school", &message);
    }
    let from = form.date("from_on", "First day");
    let to = form.optional_date("to_on", "Last day");
    if let (Some(from), Some(to)) = (from, to)
        && let Err((field, message)) = managing::new_days(from, to, manager.today)
    {
        form.fail(field, message);
    }
    let (false, Some(role), Some(from_on), Some(to_on)) = (form.has_errors(), role, from, to) else {
        return Ok(None);
    };
    if let Err(hindrance) = manager.give(person, role, school) {
        form.fail("role", &hindrance.message());
        return Ok(None);
    }
    Ok(Some(TypedRole { role, school, from_on, to_on }))
}

#[derive(Template)]
#[template(path = "people/new.html")]
struct NewPage {
    chrome: Chrome,
    form: Form,
    choices: Choices,
}

/// For what the form is filled in.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// A school whose lead is to be added.
    lead_of: Option<String>,
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let over = visit.actor().over(Capability::ManagePeople);
    let choices = Choices::of(&mut visit.tx, &over).await?;
    let mut form = Form::empty();
    form.set_date("from_on", visit.tx.today());
    if let Some(school) = &asked.lead_of {
        form.set("school", school);
        form.set("role", Role::SchoolLead.as_str());
    }
    let page = NewPage { chrome: visit.chrome(), form, choices };
    visit.show_nothing_personal(&page).await
}

/// A work address, made small. Two that differ only in capitals are one.
fn email(form: &mut Form) -> Option<String> {
    let email = form.line("email", "Work email address", MAX_EMAIL)?.to_lowercase();
    let (name, host) = email.split_once('@').unwrap_or_default();
    let plain = email.chars().all(|c| c.is_ascii_graphic()) && !host.contains('@');
    if !plain || name.is_empty() || !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
        form.fail("email", "Work email address must be one like name@school.example");
        return None;
    }
    Some(email)
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now, user) = (posted.tx.today(), posted.tx.now(), posted.actor().user);
    let over = posted.actor().over(Capability::ManagePeople);
    let choices = Choices::of(&mut posted.tx, &over).await?;
    let id = UserId::from(Uuid::now_v7());
    let name = posted.form.line("name", "Full name", MAX_NAME);
    let email = email(&mut posted.form);
    let role = read_role(&mut posted.form, Manager { user, over: &over, today }, &choices, id)?;
    let (false, Some(name), Some(email), Some(role)) = (posted.needs_another_look(), name, email, role)
    else {
        let page = NewPage { chrome: posted.chrome(), form: posted.form.clone(), choices };
        return posted.again(&page).await;
    };
    let permit = posted.actor().permit_over::<ManagePeople>(role.school)?;
    match queries::add_person(posted.tx.conn(), &permit, id, (&name, &email), now).await {
        Err(DbError::Constraint { constraint }) if constraint == "users_email_key" => {
            let message = if over == Over::Authority {
                "Somebody signs in with this address already. Find them in the list and give them a role"
            } else {
                "Somebody signs in with this address already. If they are not in your list, ask an LA administrator \
                 to give them a role at your school"
            };
            posted.form.fail("email", message);
            let page = NewPage { chrome: posted.chrome(), form: posted.form.clone(), choices };
            return posted.again(&page).await;
        }
        other => other?,
    }
    let new =
        NewRole { id: Uuid::now_v7(), person: id, role: role.role, from_on: role.from_on, to_on: role.to_on };
    queries::give_role(posted.tx.conn(), &permit, new, now).await?;
    let trace = Trace {
        subject: Some(id.uuid()),
        school: role.school,
        changed: &["person", "role", "link"],
        ..Trace::default()
    };
    with_link(posted, &permit, id, name, trace).await
}

pub async fn link(Id(id): Id<UserId>, mut posted: Posted) -> Result<Response, Error> {
    let looked = Looked::at(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManagePeople>(looked.school())?;
    if looked.account().is_err() || looked.person.disabled_at.is_some() {
        return Err(Error::BadRequest("This account is not yours to open."));
    }
    let trace =
        Trace { subject: Some(id.uuid()), school: looked.school(), changed: &["link"], ..Trace::default() };
    with_link(posted, &permit, id, looked.person.name, trace).await
}

#[derive(Template)]
#[template(path = "people/link.html")]
struct LinkPage {
    chrome: Chrome,
    name: String,
    link: String,
    until: String,
    href: String,
}

/// Makes the link and shows it, this once: only its hash is kept.
async fn with_link(
    mut posted: Posted,
    permit: &PermitOver<ManagePeople>,
    id: UserId,
    name: String,
    trace: Trace,
) -> Result<Response, Error> {
    let token = session::new_token();
    let moment = posted.tx.moment();
    if !queries::make_link(posted.tx.conn(), permit, id, session::hash_of(&token), moment).await? {
        return Err(Error::BadRequest("This account is not yours to open."));
    }
    let until = london(moment.now + Duration::hours(72));
    let page = LinkPage {
        chrome: posted.chrome(),
        name,
        link: format!("{}{}", posted.state.config.public_url.origin(), urls::welcome(&token)),
        until: format!("{} on {}", dates::time_of_day(until.time()), dates::full(until.date())),
        href: urls::person(id),
    };
    posted.done_here(trace, &urls::person(id), &page).await
}
