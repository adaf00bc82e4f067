//! The pages. Somebody who is signed in keeps their header on them.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    state::AppState,
    web::{
        error::Error,
        extract::Visit,
        page::{self, Chrome},
        session,
    },
};

#[derive(Template)]
#[template(path = "about/help.html")]
struct HelpPage {
    chrome: Chrome,
}

#[derive(Template)]
#[template(path = "about/cookies.html")]
struct CookiesPage {
    chrome: Chrome,
    cookies: [session::Cookie; 5],
}

#[derive(Template)]
#[template(path = "about/privacy.html")]
struct PrivacyPage {
    chrome: Chrome,
}

#[derive(Template)]
#[template(path = "about/accessibility.html")]
struct AccessibilityPage {
    chrome: Chrome,
}

/// The page for whoever reads it.
async fn read<T: Template>(
    visit: Result<Visit, Error>,
    page: impl FnOnce(Chrome) -> T,
) -> Result<Response, Error> {
    match visit {
        Ok(visit) => {
            let page = page(visit.chrome());
            visit.show_nothing_personal(&page).await
        }
        Err(Error::SignedOut { .. }) => Ok(page::answer(StatusCode::OK, &page(Chrome::plain()))),
        Err(error) => Err(error),
    }
}

pub async fn help(visit: Result<Visit, Error>) -> Result<Response, Error> {
    read(visit, |chrome| HelpPage { chrome }).await
}

pub async fn cookies(State(state): State<AppState>, visit: Result<Visit, Error>) -> Result<Response, Error> {
    let cookies = session::cookies(&state.config);
    read(visit, |chrome| CookiesPage { chrome, cookies }).await
}

pub async fn privacy(visit: Result<Visit, Error>) -> Result<Response, Error> {
    read(visit, |chrome| PrivacyPage { chrome }).await
}

pub async fn accessibility(visit: Result<Visit, Error>) -> Result<Response, Error> {
    read(visit, |chrome| AccessibilityPage { chrome }).await
}
