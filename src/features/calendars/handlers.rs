//! The calendars, and one of them.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    queries,
    views::{self, Line, Opened, Place},
};
use crate::{
    db::ScopedTx,
    domain::{
        calendar::{SchoolCalendar, Span, layered},
        dates,
        permission::{Capability, Over},
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "calendars/index.html")]
struct CalendarsPage {
    chrome: Chrome,
    lines: Vec<PlaceLine>,
}

/// A calendar of the list.
pub struct PlaceLine {
    href: String,
    pub name: String,
    pub own: String,
    pub loaded: Result<String, &'static str>,
}

/// The calendars this person looks after, the model first.
pub async fn lines(tx: &mut ScopedTx) -> Result<Vec<PlaceLine>, Error> {
    let today = tx.today();
    let over = tx.actor().over(Capability::ManageCalendars);
    let schools = queries::schools(tx.conn(), &over).await?;
    let all = queries::all_spans(tx.conn(), &over, today).await?;
    let of =
        |place| all.iter().filter(|row| row.school == place).map(|row| row.span.clone()).collect::<Vec<_>>();
    let model: Vec<Span> = of(None);
    let mut lines = Vec::with_capacity(schools.len() + 1);
    if over == Over::Authority {
        lines.push(PlaceLine {
            href: urls::calendar(None),
            name: "The authority’s model".to_owned(),
            own: entries(model.len()),
            loaded: views::loaded(&SchoolCalendar::new(model.clone()), today),
        });
    }
    for (school, name) in schools {
        let own = of(Some(school));
        let calendar = SchoolCalendar::new(layered(&model, &own));
        lines.push(PlaceLine {
            href: urls::calendar(Some(school)),
            name,
            own: if own.is_empty() { "As the model".to_owned() } else { entries(own.len()) },
            loaded: views::loaded(&calendar, today),
        });
    }
    Ok(lines)
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let page = CalendarsPage { lines: lines(&mut visit.tx).await?, chrome: visit.chrome() };
    visit.show_nothing_personal(&page).await
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry of its own".to_owned() } else { format!("{n} entries of its own") }
}

/// Which school year.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    year: Option<i32>,
}

#[derive(Template)]
#[template(path = "calendars/show.html")]
struct CalendarPage {
    chrome: Chrome,
    name: String,
    href: String,
    is_model: bool,
    /// There is something to take out, of this year or another.
    exports: bool,
    year: i32,
    year_words: String,
    /// None: there is no page of it.
    before: Option<i32>,
    after: Option<i32>,
    own: Vec<Line>,
    model: Vec<Line>,
    loaded: Result<String, &'static str>,
}

pub async fn show(
    Id(place): Id<Place>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, place).await?;
    let year = asked.year.unwrap_or_else(|| dates::first_year(opened.today));
    let there_is = |year: i32| (2000..2200).contains(&year).then_some(year);
    let year = there_is(year).ok_or(Error::NotFound)?;
    let bare = |rows: &[queries::SpanRow]| rows.iter().map(|row| row.span.clone()).collect::<Vec<_>>();
    let calendar = SchoolCalendar::new(layered(&bare(&opened.model), &bare(&opened.rows)));
    let page = CalendarPage {
        chrome: visit.chrome(),
        href: opened.href(),
        is_model: opened.place.is_none(),
        exports: !opened.rows.is_empty(),
        year,
        year_words: format!("{year} to {}", year + 1),
        before: there_is(year - 1),
        after: there_is(year + 1),
        own: views::lines(&opened.rows, year, opened.place, true),
        model: views::lines(&opened.model, year, None, false),
        loaded: views::loaded(&calendar, opened.today),
        name: opened.name,
    };
    visit.show_nothing_personal(&page).await
}
