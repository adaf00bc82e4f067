//! Adding a school: what it is, and the periods of its day as another school has them.

use askama::Template;
use axum::response::Response;
use uuid::Uuid;

use super::queries::{self, NewSchool, SchoolRow, What};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        ids::SchoolId,
        permission::{Capability, ManageSchools, Over},
        school::{self, Phase},
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "schools/new.html")]
struct NewPage {
    chrome: Chrome,
    form: Form,
    phases: Vec<(&'static str, &'static str)>,
    schools: Vec<(String, String)>,
}

impl NewPage {
    fn of(chrome: Chrome, form: Form, schools: &[SchoolRow]) -> Self {
        let mut options = vec![(String::new(), "None: I enter them next".to_owned())];
        options.extend(schools.iter().map(|school| (school.id.to_string(), school.name.clone())));
        Self {
            chrome,
            form,
            phases: Phase::ALL.iter().map(|phase| (phase.as_str(), phase.label())).collect(),
            schools: options,
        }
    }
}

/// The schools there are. Only whoever keeps all of them adds one; for others there is no such page.
async fn schools(tx: &mut ScopedTx) -> Result<Vec<SchoolRow>, Error> {
    let over = tx.actor().over(Capability::ManageSchools);
    if over != Over::Authority {
        return Err(Error::NotFound);
    }
    Ok(queries::schools(tx.conn(), &over, None).await?)
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    let schools = schools(&mut visit.tx).await?;
    let mut form = Form::empty();
    form.set("phase", Phase::Secondary.as_str());
    form.set("goal", "80");
    form.tick("takes_part", true);
    let page = NewPage::of(visit.chrome(), form, &schools);
    visit.show_nothing_personal(&page).await
}

/// Reads the form, with every message on it.
fn read(form: &mut Form, like: Option<&SchoolRow>) -> Option<NewSchool> {
    let what = What::read(form);
    let goal = form.choice("goal", school::goal, "Goal must be a number from 1 to 100");
    let words = like.and_then(|school| school.mark_words.clone().try_into().ok());
    let new = NewSchool {
        what: what?,
        mark_words: words.unwrap_or_else(|| ["Not met", "Partly met", "Met"].map(str::to_owned)),
        goal_percent: goal?,
        letterhead: String::new(),
    };
    (!form.has_errors()).then_some(new)
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let schools = schools(&mut posted.tx).await?;
    let permit = posted.actor().permit_in_authority::<ManageSchools>()?;
    let like = match posted.form.value("like") {
        "" => None,
        id => {
            let id: SchoolId = id.parse().map_err(|_| Error::NotFound)?;
            Some(schools.iter().find(|school| school.id == id).ok_or(Error::NotFound)?)
        }
    };
    let new = read(&mut posted.form, like);
    if let Some(new) = &new
        && schools.iter().any(|school| school.urn == new.what.urn)
    {
        posted.form.fail("urn", "Another school has this URN");
    }
    let (false, Some(new)) = (posted.needs_another_look(), new) else {
        let page = NewPage::of(posted.chrome(), posted.form.clone(), &schools);
        return posted.again(&page).await;
    };
    let id = SchoolId::from(Uuid::now_v7());
    match queries::add(posted.tx.conn(), &permit, id, &new, now).await {
        Ok(()) => {}
        Err(DbError::Constraint { constraint }) if constraint == "schools_urn_key" => {
            posted.form.fail("urn", "Another school has this URN");
            let page = NewPage::of(posted.chrome(), posted.form.clone(), &schools);
            return posted.again(&page).await;
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(like) = like {
        queries::copy_periods(posted.tx.conn(), &permit, (like.id, id), today, now).await?;
    }
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(id),
        changed: &["school", "periods"],
        ..Trace::default()
    };
    posted.done(trace, &urls::school(id), Some(Flash::SchoolAdded)).await
}
