//! The list of people, and somebody's page.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    queries::{self, PAGE, Standing, Wanted},
    views::{self, Line, Looked, RoleLine},
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        ids::UserId,
        managing::Hindrance,
        people::Role,
        permission::{Capability, Over},
        text,
    },
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    standing: Option<String>,
    school: Option<String>,
    role: Option<String>,
    after: Option<String>,
}

impl Asked {
    /// The same as a form sends it.
    pub(super) fn from_form(form: &Form) -> Self {
        let given = |name: &str| Some(form.value(name).to_owned());
        Self { standing: given("standing"), school: given("school"), role: given("role"), after: None }
    }

    /// The filter, as far as there is any.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        [("standing", &self.standing), ("school", &self.school), ("role", &self.role)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone().filter(|value| !value.is_empty())?)))
            .collect()
    }
}

/// What the list is asked for.
pub(super) fn wanted(asked: &Asked) -> Result<Wanted<'static>, Error> {
    Ok(Wanted {
        standing: standing(asked.standing.as_deref().unwrap_or_default()),
        school: chosen(asked.school.as_deref())?,
        role: chosen(asked.role.as_deref())?,
        words: None,
        after: chosen(asked.after.as_deref())?,
        limit: PAGE + 1,
    })
}

#[derive(Template)]
#[template(path = "people/index.html")]
struct PeoplePage {
    chrome: Chrome,
    /// The fields of the filter, as chosen.
    form: Form,
    lines: Vec<Line>,
    standings: Vec<(&'static str, &'static str)>,
    schools: Vec<(String, String)>,
    roles: Vec<(&'static str, &'static str)>,
    more: Option<String>,
    beyond_first: bool,
    /// What was looked for.
    searched: Option<String>,
    export: Option<String>,
}

const STANDINGS: [(&str, &str); 3] =
    [("here", "Here now"), ("gone", "Left or disabled"), ("all", "Everybody")];

fn standing(text: &str) -> Standing {
    match text {
        "gone" => Standing::Gone,
        "all" => Standing::All,
        _ => Standing::Here,
    }
}

/// An empty choice is no choice; anything that is none of ours does not exist.
fn chosen<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Error> {
    text.filter(|text| !text.is_empty()).map(str::parse).transpose().map_err(|_| Error::NotFound)
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let over = visit.actor().over(Capability::ManagePeople);
    let wanted = wanted(&asked)?;
    let mut form = Form::empty();
    for (name, value) in &asked.pairs() {
        form.set(name, value);
    }
    let (lines, last) = list(&mut visit.tx, &over, &wanted).await?;
    let next = last.map(|last| {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.pairs().iter().filter(|(_, value)| !value.is_empty()))
            .append_pair("after", &last.to_string())
            .finish();
        format!("/admin/people?{query}")
    });
    let beyond_first = wanted.after.is_some();
    let schools = school_options(&mut visit.tx, &over).await?;
    let page = page(visit.chrome(), form, lines, schools);
    let export: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked.pairs()).finish();
    let page = PeoplePage { export: Some(format!("{}?{export}", urls::PEOPLE_EXPORT.pattern)), ..page };
    let page = PeoplePage { more: next, beyond_first, ..page };
    visit.show_nothing_personal(&page).await
}

/// A page of lines, and the last person on it when more follow.
async fn list(
    tx: &mut ScopedTx,
    over: &Over,
    wanted: &Wanted<'_>,
) -> Result<(Vec<Line>, Option<UserId>), Error> {
    let today = tx.today();
    let mut people = queries::people(tx.conn(), over, wanted, today).await?;
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = people.len() > most;
    people.truncate(most);
    let ids: Vec<_> = people.iter().map(|person| person.id).collect();
    let roles = queries::roles(tx.conn(), &ids, today).await?;
    let last = queries::last_signed_in(tx.conn(), &ids).await?;
    Ok((views::lines(&people, &roles, &last, today), ids.last().copied().filter(|_| more)))
}

async fn school_options(tx: &mut ScopedTx, over: &Over) -> Result<Vec<(String, String)>, Error> {
    let schools = queries::schools(tx.conn(), over).await?;
    Ok(schools.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

fn page(chrome: Chrome, form: Form, lines: Vec<Line>, schools: Vec<(String, String)>) -> PeoplePage {
    PeoplePage {
        chrome,
        form,
        lines,
        standings: STANDINGS.to_vec(),
        schools,
        roles: Role::ALL.iter().map(|role| (role.as_str(), role.label())).collect(),
        more: None,
        beyond_first: false,
        searched: None,
        export: None,
    }
}

/// Names and addresses stay out of addresses of pages: the words come in a form.
pub async fn search(mut posted: Posted) -> Result<Response, Error> {
    let over = posted.actor().over(Capability::ManagePeople);
    let words = text::line(posted.form.value("q"), 100);
    let schools = school_options(&mut posted.tx, &over).await?;
    let Ok(words) = words else {
        posted.form.fail("q", "Enter part of a name or email address");
        let page = page(posted.chrome(), posted.form.clone(), Vec::new(), schools);
        let page = PeoplePage { searched: Some(String::new()), ..page };
        return posted.again(&page).await;
    };
    let wanted = Wanted {
        standing: Standing::All,
        school: None,
        role: None,
        words: Some(&words),
        after: None,
        limit: PAGE + 1,
    };
    let (lines, more) = list(&mut posted.tx, &over, &wanted).await?;
    let found = match (lines.len(), more) {
        (0, _) => "Nobody".to_owned(),
        (1, _) => "1 person".to_owned(),
        (n, None) => format!("{n} people"),
        (n, Some(_)) => format!("The first {n} people"),
    };
    let page = page(posted.chrome(), posted.form.clone(), lines, schools);
    let page = PeoplePage { searched: Some(format!("{found} with “{words}”")), ..page };
    posted.looked_up(Trace::default(), &page).await
}

#[derive(Template)]
#[template(path = "people/show.html")]
struct PersonPage {
    chrome: Chrome,
    name: String,
    email: String,
    href: String,
    disabled: Option<String>,
    last: String,
    link: Option<String>,
    leads: Vec<String>,
    roles: Vec<RoleLine>,
    /// Why the account is not theirs to change.
    hindrance: Option<String>,
    may_give: bool,
}

pub async fn show(Id(id): Id<UserId>, mut visit: Visit) -> Result<Response, Error> {
    let now = visit.tx.now();
    let looked = Looked::at(&mut visit.tx, id).await?;
    let last = queries::last_signed_in(visit.tx.conn(), &[id]).await?;
    let link = queries::latest_link(visit.tx.conn(), id).await?;
    let led = queries::led(visit.tx.conn(), id).await?;
    let page = PersonPage {
        chrome: visit.chrome(),
        name: looked.person.name.clone(),
        email: looked.person.email.clone(),
        href: crate::web::urls::person(id),
        disabled: looked.person.disabled_at.map(views::instant),
        last: views::last_signed_in(last.first().map(|(_, at)| *at)),
        link: link.map(|link| views::link_words(&link, now)),
        leads: led.iter().map(|row| format!("{} at {}", views::cases(row.cases), row.school_name)).collect(),
        roles: views::role_lines(&looked),
        hindrance: looked.account().err().map(Hindrance::message),
        may_give: id != looked.manager && looked.person.disabled_at.is_none(),
    };
    visit.show_nothing_personal(&page).await
}
