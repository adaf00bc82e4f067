//! The bank of example targets, as whoever keeps it sees it: added, changed, ordered, taken out. Targets that were begun
//! from an example stay as they were written.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::queries::{self, ExampleRow, NewExample};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        ids::{BankTargetId, SchoolId},
        permission::{Capability, ManageTargetBank, Over},
        target::MAX_WORDS,
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Longest theme.
const MAX_THEME: usize = 60;

/// Whose examples.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pub place: Option<String>,
}

/// A place whose examples somebody may keep: value, words.
pub type Places = Vec<(String, String)>;

pub async fn places(tx: &mut ScopedTx) -> Result<(Over, Places), Error> {
    let over = tx.actor().over(Capability::ManageTargetBank);
    let mut places = Vec::new();
    if over == Over::Authority {
        places.push(("authority".to_owned(), "For every school".to_owned()));
    }
    let schools = queries::bank_schools(tx.conn(), &over).await?;
    places.extend(schools.into_iter().map(|(id, name)| (id.to_string(), name)));
    Ok((over, places))
}

/// The place asked for, among those offered; without one, the first.
pub fn place(places: &Places, asked: &str) -> Result<(Option<SchoolId>, String), Error> {
    let found = places.iter().find(|(value, _)| asked.is_empty() || value == asked);
    let (value, name) = found.ok_or(Error::NotFound)?;
    Ok((value.parse().ok(), name.clone()))
}

#[derive(Template)]
#[template(path = "targets/bank.html")]
struct BankPage {
    chrome: Chrome,
    form: Form,
    places: Places,
    name: String,
    add: String,
    export: String,
    lines: Vec<Line>,
}

struct Line {
    href: String,
    theme: String,
    words: String,
    criterion: String,
    first: bool,
    last: bool,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let (_, places) = places(&mut visit.tx).await?;
    let (place, name) = place(&places, asked.place.as_deref().unwrap_or_default())?;
    let rows = queries::examples(visit.tx.conn(), place).await?;
    let value = place.map_or_else(|| "authority".to_owned(), |school| school.to_string());
    let mut form = Form::empty();
    form.set("place", &value);
    let last = rows.len();
    let page = BankPage {
        chrome: visit.chrome(),
        form,
        places,
        name,
        add: format!("/admin/targets/new?place={value}"),
        export: urls::export_bank(place),
        lines: (1..)
            .zip(rows)
            .map(|(number, row)| Line {
                href: urls::example(row.id),
                theme: row.theme,
                words: row.words,
                criterion: row.criterion,
                first: number == 1,
                last: number == last,
            })
            .collect(),
    };
    visit.show_nothing_personal(&page).await
}

#[derive(Template)]
#[template(path = "targets/example.html")]
struct ExamplePage {
    chrome: Chrome,
    form: Form,
    name: String,
    action: String,
    back: String,
    changing: bool,
}

impl ExamplePage {
    fn new(chrome: Chrome, form: Form, name: String, place: Option<SchoolId>) -> Self {
        let action = "/admin/targets/new".to_owned();
        Self { chrome, form, name, action, back: urls::bank(place), changing: false }
    }

    fn of(chrome: Chrome, form: Form, row: &ExampleRow) -> Self {
        let name = row.school_name.clone().unwrap_or_else(|| "For every school".to_owned());
        Self {
            chrome,
            form,
            name,
            action: urls::example(row.id),
            back: urls::bank(row.school),
            changing: true,
        }
    }
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let (_, places) = places(&mut visit.tx).await?;
    let asked = asked.place.unwrap_or_default();
    let (place, name) = place(&places, &asked)?;
    let mut form = Form::empty();
    form.set("place", &asked);
    let page = ExamplePage::new(visit.chrome(), form, name, place);
    visit.show_nothing_personal(&page).await
}

fn read(form: &mut Form) -> Option<NewExample> {
    let theme = form.line("theme", "Theme", MAX_THEME);
    let words = form.line("words", "Target", MAX_WORDS);
    let criterion = form.line("criterion", "How you will know", MAX_WORDS);
    Some(NewExample { theme: theme?, words: words?, criterion: criterion? })
}

fn trace(id: BankTargetId, school: Option<SchoolId>) -> Trace {
    Trace { subject: Some(id.uuid()), school, changed: &["example"], ..Trace::default() }
}

pub async fn add(mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (_, places) = places(&mut posted.tx).await?;
    let (place, name) = place(&places, posted.form.value("place"))?;
    let permit = posted.actor().permit_over::<ManageTargetBank>(place)?;
    let new = read(&mut posted.form);
    let (false, Some(new)) = (posted.needs_another_look(), new) else {
        let page = ExamplePage::new(posted.chrome(), posted.form.clone(), name, place);
        return posted.again(&page).await;
    };
    let id = BankTargetId::from(uuid::Uuid::now_v7());
    queries::add_example(posted.tx.conn(), &permit, id, &new, now).await?;
    posted.done(trace(id, place), &urls::bank(place), Some(Flash::ExampleSaved)).await
}

/// An example that somebody may keep; another is not there.
async fn one(tx: &mut ScopedTx, id: BankTargetId) -> Result<ExampleRow, Error> {
    let row = queries::example(tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let over = tx.actor().over(Capability::ManageTargetBank);
    if over.covers(row.school) { Ok(row) } else { Err(Error::NotFound) }
}

pub async fn edit(Id(id): Id<BankTargetId>, mut visit: Visit) -> Result<Response, Error> {
    let row = one(&mut visit.tx, id).await?;
    let mut form = Form::empty();
    form.set("theme", &row.theme);
    form.set("words", &row.words);
    form.set("criterion", &row.criterion);
    form.set("version", &row.version.to_string());
    let page = ExamplePage::of(visit.chrome(), form, &row);
    visit.show_nothing_personal(&page).await
}

fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

/// What is stored now, beside what was sent; without it, that it was to be taken out.
fn clash(row: &ExampleRow, sent: Option<&NewExample>) -> Conflict {
    let field = |label: &str, now: &str, sent: Option<&str>| {
        (label.to_owned(), now.to_owned(), sent.unwrap_or("Taken out").to_owned())
    };
    Conflict {
        what: "This example".to_owned(),
        changed: "Somebody changed it".to_owned(),
        fields: vec![
            field("Theme", &row.theme, sent.map(|sent| &*sent.theme)),
            field("Target", &row.words, sent.map(|sent| &*sent.words)),
            field("How you will know", &row.criterion, sent.map(|sent| &*sent.criterion)),
        ],
        edit: urls::example(row.id),
    }
}

pub async fn change(Id(id): Id<BankTargetId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let row = one(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManageTargetBank>(row.school)?;
    let new = read(&mut posted.form);
    let (false, Some(new)) = (posted.needs_another_look(), new) else {
        let page = ExamplePage::of(posted.chrome(), posted.form.clone(), &row);
        return posted.again(&page).await;
    };
    let read_at = version(&posted.form)?;
    if !queries::change_example(posted.tx.conn(), &permit, (id, read_at), &new, now).await? {
        let now = one(&mut posted.tx, id).await?;
        return posted.conflict(clash(&now, Some(&new))).await;
    }
    posted.done(trace(id, row.school), &urls::bank(row.school), Some(Flash::ExampleSaved)).await
}

pub async fn shift(Id(id): Id<BankTargetId>, mut posted: Posted) -> Result<Response, Error> {
    let row = one(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManageTargetBank>(row.school)?;
    let up = match posted.form.value("way") {
        "up" => true,
        "down" => false,
        _ => return Err(Error::BadRequest("It does not say which way.")),
    };
    let mut order: Vec<_> =
        queries::examples(posted.tx.conn(), row.school).await?.into_iter().map(|one| one.id).collect();
    if let Some(at) = order.iter().position(|one| *one == id) {
        let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next < order.len()) };
        if let Some(other) = other {
            order.swap(at, other);
            queries::order_examples(posted.tx.conn(), &permit, &order).await?;
        }
    }
    posted.done(trace(id, row.school), &urls::bank(row.school), None).await
}

pub async fn remove(Id(id): Id<BankTargetId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let row = one(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManageTargetBank>(row.school)?;
    let read_at = version(&posted.form)?;
    if !queries::remove_example(posted.tx.conn(), &permit, (id, read_at), now).await? {
        return posted.conflict(clash(&row, None)).await;
    }
    posted.done(trace(id, row.school), &urls::bank(row.school), Some(Flash::ExampleRemoved)).await
}
