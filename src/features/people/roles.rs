//! Giving somebody another role, and ending one.

use askama::Template;
use axum::response::Response;
use time::Date;
use uuid::Uuid;

use super::{
    adding::{Choices, read_role},
    leaving::{self, Leaving},
    queries::{self, NewRole},
    views::{self, Looked},
};
use crate::{
    db::{DbError, Trace},
    domain::{dates, ids::UserId, managing, people::Role, permission::ManagePeople},
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "people/role.html")]
struct RolePage {
    chrome: Chrome,
    form: Form,
    name: String,
    href: String,
    choices: Choices,
}

/// Somebody who may be given roles by whoever looks at them: never oneself.
fn not_oneself(looked: &Looked) -> Result<(), Error> {
    if looked.person.id == looked.manager {
        return Err(Error::BadRequest("Nobody changes their own roles."));
    }
    Ok(())
}

pub async fn new(Id(id): Id<UserId>, mut visit: Visit) -> Result<Response, Error> {
    let looked = Looked::at(&mut visit.tx, id).await?;
    not_oneself(&looked)?;
    let choices = Choices::of(&mut visit.tx, &looked.over).await?;
    let mut form = Form::empty();
    form.set_date("from_on", visit.tx.today());
    let page =
        RolePage { chrome: visit.chrome(), form, name: looked.person.name, href: urls::person(id), choices };
    visit.show_nothing_personal(&page).await
}

pub async fn give(Id(id): Id<UserId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let looked = Looked::at(&mut posted.tx, id).await?;
    not_oneself(&looked)?;
    let choices = Choices::of(&mut posted.tx, &looked.over).await?;
    let role = read_role(&mut posted.form, looked.manager(), &choices, id)?;
    let page = |posted: &Posted, choices| RolePage {
        chrome: posted.chrome(),
        form: posted.form.clone(),
        name: looked.person.name.clone(),
        href: urls::person(id),
        choices,
    };
    let (false, Some(role)) = (posted.needs_another_look(), role) else {
        let page = page(&posted, choices);
        return posted.again(&page).await;
    };
    let permit = posted.actor().permit_over::<ManagePeople>(role.school)?;
    let new =
        NewRole { id: Uuid::now_v7(), person: id, role: role.role, from_on: role.from_on, to_on: role.to_on };
    match queries::give_role(posted.tx.conn(), &permit, new, now).await {
        Err(DbError::Constraint { constraint }) if constraint == "grants_once" => {
            posted.form.fail("role", "They have this role there on some of these days already");
            let page = page(&posted, choices);
            return posted.again(&page).await;
        }
        other => other?,
    }
    let trace =
        Trace { subject: Some(id.uuid()), school: role.school, changed: &["role"], ..Trace::default() };
    posted.done(trace, &urls::person(id), Some(Flash::RoleGiven)).await
}

#[derive(Template)]
#[template(path = "people/end.html")]
struct EndPage {
    chrome: Chrome,
    form: Form,
    name: String,
    role: String,
    days: String,
    hint: String,
    action: String,
    back: String,
    leaving: Leaving,
}

impl EndPage {
    fn of(chrome: Chrome, form: Form, looked: &Looked, at: usize, leaving: Leaving) -> Self {
        let held = &looked.held[at];
        Self {
            chrome,
            form,
            name: looked.person.name.clone(),
            role: views::role_words(&held.grant),
            days: views::days_words(&held.grant, looked.today),
            hint: format!(
                "They hold the role on this day too. Enter {} to stop it now",
                dates::long(looked.today.previous_day().unwrap_or(looked.today))
            ),
            action: urls::end_role(looked.person.id, held.id),
            back: urls::person(looked.person.id),
            leaving,
        }
    }
}

pub async fn edit(Id((person, role)): Id<(UserId, Uuid)>, mut visit: Visit) -> Result<Response, Error> {
    let looked = Looked::at(&mut visit.tx, person).await?;
    let (at, held) = views::held(&looked, role)?;
    if looked.manager().end(person, &held.grant).is_err() {
        return Err(Error::NotFound);
    }
    let leaving = Leaving::of_role(&mut visit.tx, &looked, at, None).await?;
    let mut form = Form::empty();
    form.set("was", &was(held.grant.to_on));
    let trace = leaving.trace(&looked, &[]);
    let page = EndPage::of(visit.chrome(), form, &looked, at, leaving);
    visit.show(trace, &page).await
}

/// The last day as the form carries it.
fn was(to_on: Option<Date>) -> String {
    to_on.map_or_else(|| "none".to_owned(), |day| day.to_string())
}

pub async fn end(Id((person, role)): Id<(UserId, Uuid)>, mut posted: Posted) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let looked = Looked::at(&mut posted.tx, person).await?;
    let (at, held) = views::held(&looked, role)?;
    let permit = posted.actor().permit_over::<ManagePeople>(held.grant.school)?;
    if looked.manager().end(person, &held.grant).is_err() {
        return Err(Error::BadRequest("This role is not yours to end, or it is over."));
    }
    let typed = posted.form.date("last_on", "Last day");
    let last_day = typed.and_then(|typed| match managing::last_day(typed, &held.grant, moment.today) {
        Ok(day) => Some(day),
        Err(message) => {
            posted.form.fail("last_on", message);
            None
        }
    });
    let leaving = Leaving::of_role(&mut posted.tx, &looked, at, last_day).await?;
    let handing = leaving.read(&mut posted.form)?;
    let stale = posted.form.value("was") != was(held.grant.to_on);
    if let Some(last_day) = last_day.filter(|_| held.grant.role == Role::LaAdministrator) {
        let on = last_day.next_day().unwrap_or(last_day).max(moment.today);
        if !queries::administrator_stays(posted.tx.conn(), person, on).await? {
            posted.form.fail(
                "last_on",
                "Somebody else must be LA administrator after this day. Give somebody the role first",
            );
        }
    }
    let (false, Some(last_day), Some(handing)) = (posted.needs_another_look(), last_day, handing) else {
        let page = EndPage::of(posted.chrome(), posted.form.clone(), &looked, at, leaving);
        return posted.again(&page).await;
    };
    leaving::hand_over(&mut posted, &looked, &permit, &handing).await?;
    let ended = !stale
        && queries::end_role(posted.tx.conn(), &permit, (person, role), held.grant.to_on, last_day, moment)
            .await?;
    if !ended {
        return Err(Error::Conflict(Box::new(Conflict {
            what: "This role".to_owned(),
            changed: "Somebody changed its last day meanwhile".to_owned(),
            fields: vec![(
                "Last day".to_owned(),
                held.grant.to_on.map_or_else(|| "none".to_owned(), dates::long),
                dates::long(last_day),
            )],
            edit: urls::end_role(person, role),
        })));
    }
    let changed: &[&str] = if handing.is_empty() { &["role"] } else { &["role", "lead"] };
    let trace = Trace { school: held.grant.school, ..leaving.trace(&looked, changed) };
    posted.done(trace, &urls::person(person), Some(Flash::RoleEnded)).await
}
