//! Handlers of the accounts room.

use std::net::SocketAddr;

use askama::Template;
use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::{queries, throttle};
use crate::{
    db::{Begun, Trace},
    domain::dates,
    state::{AppState, passwords},
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{self, Chrome, Flash},
        session, urls,
    },
};

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    chrome: Chrome,
    form: Form,
    back: String,
    kept: bool,
    /// They have just chosen a password with a link.
    chosen: bool,
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage {
    chrome: Chrome,
    name: String,
    email: String,
    grants: Vec<GrantLine>,
}

struct GrantLine {
    role: &'static str,
    place: String,
    since: String,
    until: String,
}

#[derive(Template)]
#[template(path = "accounts/password.html")]
struct PasswordPage {
    chrome: Chrome,
    form: Form,
    email: String,
}

#[derive(Template)]
#[template(path = "accounts/draft.html")]
struct DraftPage {
    chrome: Chrome,
    path: String,
    fields: Vec<(String, String)>,
}

/// Where sign-in leads back to.
#[derive(Deserialize)]
pub struct Back {
    back: Option<String>,
    chosen: Option<String>,
}

pub async fn home(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Error> {
    let Some(token) = session::token_hash(&headers, &state.config) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    match state.db.begin(&token, state.clock.moment(), Uuid::now_v7(), "home", None).await? {
        Begun::As(tx) => {
            let first = urls::first_page(tx.actor().first_page());
            tx.nothing_shown().await?;
            Ok(Redirect::to(first).into_response())
        }
        _ => Ok(Redirect::to("/sign-in").into_response()),
    }
}

pub async fn sign_in_page(Query(query): Query<Back>) -> Response {
    let back = query.back.unwrap_or_default();
    let form = sign_in_form(Form::empty(), &back);
    page::answer(StatusCode::OK, &SignInPage { chosen: query.chosen.is_some(), ..form })
}

fn sign_in_form(form: Form, back: &str) -> SignInPage {
    let back = if back.is_empty() { String::new() } else { urls::safe_back(back).to_owned() };
    SignInPage {
        chrome: Chrome::plain(),
        kept: back.starts_with("/account/drafts/"),
        form,
        back,
        chosen: false,
    }
}

pub async fn sign_in(State(state): State<AppState>, request: Request) -> Result<Response, Error> {
    let network = network_of(&request);
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 4096)
        .await
        .map_err(|_| Error::BadRequest("It is larger than the sign-in form."))?;
    let mut form = Form::from_pairs(form_urlencoded::parse(&bytes).into_owned().collect());
    let email = form.value("email").trim().to_lowercase();
    let password = form.value("password").to_owned();
    let back = form.value("back").to_owned();
    form.set("password", "");
    if email.is_empty() {
        form.fail("email", "Enter your email address");
    }
    if password.is_empty() {
        form.fail("password", "Enter your password");
    }
    if form.has_errors()
        || email.contains('\0')
        || email.len() > 254
        || password.chars().count() > 4 * passwords::MAX_CHARS
    {
        if !form.has_errors() {
            form.fail("email", WRONG);
        }
        return Ok(page::answer(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_form(form, &back)));
    }
    let now = state.clock.moment().now;
    let device = session::device_hash(&parts.headers, &state.config);
    let facts = {
        let mut conn = state.db.nobody().await?;
        queries::sign_in_facts(&mut conn, &email, &network, device, now).await?
    };
    if let Some(wait) = throttle::wait(facts.tries, now) {
        let seconds = wait.whole_seconds().max(1);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        return Err(Error::TooMany(format!(
            "There were several wrong passwords for this account. Wait {seconds} {unit}, then try again. \
             The account is not locked."
        )));
    }
    // Connections are not held while a password is checked.
    let right = state.passwords.matches(password, facts.hash).await.map_err(|_| Error::Busy)?;
    let mut conn = state.db.nobody().await?;
    queries::note_try(&mut conn, &email, &network, now, right).await?;
    let (true, Some(user)) = (right, facts.user) else {
        form.fail("email", WRONG);
        return Ok(page::answer(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_form(form, &back)));
    };
    let token = session::new_token();
    let new_device = if facts.tries.known_device { None } else { Some(session::new_token()) };
    let device = new_device.as_deref().map(session::hash_of).or(device).unwrap_or_default();
    queries::open_session(&mut conn, user, session::hash_of(&token), device, now).await?;
    let jar: CookieJar = session::signed_in(&state.config, token, new_device);
    Ok((jar, Redirect::to(if back.is_empty() { "/" } else { urls::safe_back(&back) })).into_response())
}

const WRONG: &str = "The email address or password is not right";

/// The network a try comes from: the address, for IPv6 its first 64 bits.
fn network_of(request: &Request) -> String {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    match address {
        Some(std::net::IpAddr::V4(v4)) => v4.to_string(),
        Some(std::net::IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Ends the session. The browser keeps the dead cookie, so that a form left open in another window is still
/// known to be this person's; what it kept in its cache goes. Locking is the same, and comes back to where it was.
pub async fn sign_out(State(state): State<AppState>, request: Request) -> Result<Response, Error> {
    if let Some(token) = session::token_hash(request.headers(), &state.config) {
        let mut conn = state.db.nobody().await?;
        queries::end_session(&mut conn, token, state.clock.moment().now).await?;
    }
    let form = small_form(request).await?;
    let mut response = Redirect::to(&urls::sign_in(urls::safe_back(form.value("back")))).into_response();
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

/// Hides names on this screen, or shows them, and goes back to the page.
pub async fn names(State(state): State<AppState>, request: Request) -> Result<Response, Error> {
    let form = small_form(request).await?;
    let jar = session::hiding_names(&state.config, form.value("names") == "hide");
    Ok((jar, Redirect::to(urls::safe_back(form.value("back")))).into_response())
}

/// A form of one or two fields, in the header of every page.
async fn small_form(request: Request) -> Result<Form, Error> {
    let bytes = axum::body::to_bytes(request.into_body(), 4096)
        .await
        .map_err(|_| Error::BadRequest("It is larger than any form of the header."))?;
    Ok(Form::from_pairs(form_urlencoded::parse(&bytes).into_owned().collect()))
}

pub async fn live() -> &'static str {
    "ok"
}

pub async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.db.answers().await { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "no") }
}

pub async fn account(visit: Visit) -> Result<Response, Error> {
    let actor = visit.actor();
    let grants = actor
        .grants
        .iter()
        .map(|grant| GrantLine {
            role: grant.role.label(),
            place: grant.school_name.clone().unwrap_or_else(|| "The whole authority".to_owned()),
            since: dates::long(grant.from_on),
            until: grant.to_on.map_or_else(|| "no end date".to_owned(), dates::long),
        })
        .collect();
    let page = AccountPage {
        chrome: visit.chrome(),
        name: actor.name.clone(),
        email: visit.tx.email().to_owned(),
        grants,
    };
    visit.show_nothing_personal(&page).await
}

pub async fn password_page(visit: Visit) -> Result<Response, Error> {
    let page =
        PasswordPage { chrome: visit.chrome(), form: Form::empty(), email: visit.tx.email().to_owned() };
    visit.show_nothing_personal(&page).await
}

pub async fn change_password(mut posted: Posted) -> Result<Response, Error> {
    let (current, new) = (posted.form.value("current").to_owned(), posted.form.value("new").to_owned());
    posted.form.set("current", "");
    posted.form.set("new", "");
    let email = posted.tx.email().to_owned();
    if current.is_empty() {
        posted.form.fail("current", "Enter your current password");
    }
    let name = posted.actor().name.clone();
    if let Some(problem) = passwords::problem_with(&new, &[&name, &email]) {
        posted.form.fail("new", if new.is_empty() { "Enter a new password" } else { &problem });
    }
    if !posted.needs_another_look() {
        let hash = queries::own_hash(posted.tx.conn()).await?;
        if !posted.state.passwords.matches(current, hash).await.map_err(|_| Error::Busy)? {
            posted.form.fail("current", "Your current password is not right");
        }
    }
    if posted.needs_another_look() {
        let page = PasswordPage { chrome: posted.chrome(), form: posted.form.clone(), email };
        return posted.again(&page).await;
    }
    let hash = posted.state.passwords.hash(new).await.map_err(|_| Error::Busy)?;
    let (session, now) = (posted.tx.session(), posted.tx.now());
    queries::change_own_password(posted.tx.conn(), &hash, session, now).await?;
    let trace =
        Trace { subject: Some(posted.actor().user.uuid()), changed: &["password"], ..Trace::default() };
    posted.done(trace, "/account", Some(Flash::PasswordChanged)).await
}

/// What was typed when the session ended: one press leads back to the form, with everything in it.
pub async fn draft(Id(id): Id<Uuid>, mut visit: Visit) -> Result<Response, Error> {
    let now = visit.tx.now();
    let (path, fields) = queries::draft(visit.tx.conn(), id, now).await?.ok_or(Error::NotFound)?;
    let page = DraftPage { chrome: visit.chrome(), path, fields };
    visit.show_nothing_personal(&page).await
}
