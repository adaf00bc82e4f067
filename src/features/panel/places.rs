//! Places and pupils on roll, school by school: what the panel is told about room.

use askama::Template;
use axum::response::Response;
use sqlx::PgConnection;

use super::{
    queries,
    views::{self, PlaceLine},
};
use crate::{
    db::Trace,
    domain::{ids::SchoolId, permission::PreparePanel},
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
    },
};

#[derive(Template)]
#[template(path = "panel/places.html")]
struct PlacesPage {
    chrome: Chrome,
    form: Form,
    strip: Vec<PlaceLine>,
    schools: Vec<(String, String)>,
}

async fn page(
    conn: &mut PgConnection,
    chrome: Chrome,
    form: Form,
    today: time::Date,
) -> Result<PlacesPage, Error> {
    let rows = queries::places(conn, views::year_began(today)).await?;
    let mut schools = vec![(String::new(), "Choose a school".to_owned())];
    schools.extend(rows.iter().map(|row| (row.school.to_string(), row.name.clone())));
    Ok(PlacesPage { chrome, form, strip: views::strip(&rows), schools })
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let mut form = Form::empty();
    form.set_date("as_of", today);
    let chrome = visit.chrome();
    let page = page(visit.tx.conn(), chrome, form, today).await?;
    visit.show_nothing_personal(&page).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PreparePanel>()?;
    let known = queries::places(posted.tx.conn(), views::year_began(today)).await?;
    let form = &mut posted.form;
    let school: Option<SchoolId> = match form.value("school") {
        "" => {
            form.fail("school", "Select a school");
            None
        }
        typed => {
            let id = typed.parse().map_err(|_| Error::NotFound)?;
            Some(known.iter().find(|row| row.school == id).ok_or(Error::NotFound)?.school)
        }
    };
    let number = |text: &str| {
        let text = text.trim();
        let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|c| c.is_ascii_digit());
        plain.then(|| text.parse::<i32>().ok()).flatten()
    };
    let places = form.choice("places", number, "Places must be a whole number from 0 to 9999");
    let roll = form.choice("roll", number, "Pupils on roll must be a whole number from 0 to 9999");
    let as_of = form.date("as_of", "The day of the count");
    if as_of.is_some_and(|day| day > today) {
        form.fail("as_of", "The day of the count must be today or in the past");
    }
    let all = (posted.needs_another_look(), school, places, roll, as_of);
    let (false, Some(school), Some(places), Some(roll), Some(as_of)) = all else {
        let (chrome, form) = (posted.chrome(), posted.form.clone());
        let page = page(posted.tx.conn(), chrome, form, today).await?;
        return posted.again(&page).await;
    };
    queries::count(posted.tx.conn(), &permit, school, (places, roll), as_of, now).await?;
    let trace = Trace { school: Some(school), changed: &["school_places"], ..Trace::default() };
    posted.done(trace, "/panel/places", Some(Flash::PlacesCounted)).await
}
