//! Choosing a password with a link that works once: for somebody new, and for somebody who forgot theirs. Whoever
//! opens it may be nobody yet, so it works without a session and goes through functions of `0014_people.sql`.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::queries;
use crate::{
    state::{AppState, passwords},
    web::{
        error::Error,
        forms::Form,
        page::{self, Chrome},
        session, urls,
    },
};

#[derive(Template)]
#[template(path = "accounts/welcome.html")]
struct WelcomePage {
    chrome: Chrome,
    form: Form,
    name: String,
    email: String,
    action: String,
}

#[derive(Template)]
#[template(path = "accounts/link_over.html")]
struct OverPage {
    chrome: Chrome,
}

/// A link that does not work: used, too old, ended by a newer one, or never made. Which of them it is, is not said.
fn over() -> Response {
    page::answer(StatusCode::NOT_FOUND, &OverPage { chrome: Chrome::plain() })
}

pub async fn page(State(state): State<AppState>, Path(token): Path<String>) -> Result<Response, Error> {
    let hash = session::hash_of(&token);
    let mut conn = state.db.nobody().await?;
    let now = state.clock.moment().now;
    let Some((name, email)) = queries::person_of_link(&mut conn, hash, now).await? else {
        return Ok(over());
    };
    let page = WelcomePage {
        chrome: Chrome::plain(),
        form: Form::empty(),
        name,
        email,
        action: urls::welcome(&token),
    };
    Ok(page::answer(StatusCode::OK, &page))
}

pub async fn choose(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Error> {
    let bytes = axum::body::to_bytes(request.into_body(), 4096)
        .await
        .map_err(|_| Error::BadRequest("It is larger than this form."))?;
    let mut form = Form::from_pairs(form_urlencoded::parse(&bytes).into_owned().collect());
    let new = form.value("new").to_owned();
    form.set("new", "");
    let hash = session::hash_of(&token);
    let now = state.clock.moment().now;
    let known = {
        let mut conn = state.db.nobody().await?;
        queries::person_of_link(&mut conn, hash, now).await?
    };
    let Some((name, email)) = known else { return Ok(over()) };
    if let Some(problem) = passwords::problem_with(&new, &[&name, &email]) {
        form.fail("new", if new.is_empty() { "Enter a new password" } else { &problem });
        let page = WelcomePage { chrome: Chrome::plain(), form, name, email, action: urls::welcome(&token) };
        return Ok(page::answer(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    // No connection is held while the password is hashed.
    let password = state.passwords.hash(new).await.map_err(|_| Error::Busy)?;
    let mut conn = state.db.nobody().await?;
    if !queries::use_link(&mut conn, hash, &password, now).await? {
        return Ok(over());
    }
    Ok(Redirect::to("/sign-in?chosen=1").into_response())
}
