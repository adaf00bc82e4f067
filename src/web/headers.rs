//! What every answer gets: security headers, hidden names where they were not hidden before, a record of refusals.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    error::Error,
    extract::ids_in,
    names::hide,
    page::{Unhidden, html_answer},
    routes::{Gate, RouteSpec},
    session,
};
use crate::{
    db::{Begun, Trace, names},
    state::AppState,
};

/// No inline style or script but the one line that says scripts run, by its hash.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self' \
    'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='; img-src 'self'; connect-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

const ALWAYS: &[(&str, &str)] = &[
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    ),
];

/// Adds the headers. Pages are not to be stored (shared staff-room computers); assets say so themselves.
pub async fn secure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if state.config.public_url.secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    response
}

/// An unsafe request that says neither where it comes from nor what kind of fetch it is: refused. What says
/// so is checked by the CSRF layer after this.
pub async fn say_where_from(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let says =
        request.headers().contains_key(header::ORIGIN) || request.headers().contains_key("sec-fetch-site");
    if safe || says { next.run(request).await } else { cross_site() }
}

/// The answer to a form that another site sent.
pub fn cross_site() -> Response {
    let mut response = Error::BadRequest("It was not sent from a page of Waymark.").into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// A request runs to its end when the client hangs up: what was begun is finished or rolled back in order.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => Error::Internal(error.to_string()).into_response(),
    }
}

/// Hides the names in an answer that was drawn outside the transaction, on a screen that others can see: of the pupils
/// the request and the answer are about. Without a session nobody knows them, and the answer does not go out.
pub async fn hide_names(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let hidden = session::names_hidden(request.headers(), &state.config);
    let token = session::token_hash(request.headers(), &state.config);
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let Some(Unhidden(html)) = response.extensions_mut().remove().filter(|_| hidden) else { return response };
    let name = response.extensions().get::<&'static RouteSpec>().map_or("refused", |spec| spec.name);
    let ids: Vec<_> = ids_in(&path).chain(ids_in(&html)).collect();
    let begun = match token {
        Some(token) => state.db.begin(&token, state.clock.moment(), uuid::Uuid::now_v7(), name, None).await,
        None => Ok(Begun::Nobody),
    };
    match begun {
        Ok(Begun::As(mut tx)) => {
            let names = names::behind(tx.conn(), &ids).await;
            tx.roll_back().await;
            match names {
                Ok(names) => html_answer(response.status(), hide(&html, &names).html),
                Err(error) => Error::from(error).into_response(),
            }
        }
        Ok(_) => Error::Busy.into_response(),
        Err(error) => Error::from(error).into_response(),
    }
}

/// Records what was refused (403, 404) to somebody who is signed in, under the route's own name.
pub async fn record_refusals(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let token = session::token_hash(request.headers(), &state.config);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let refused = matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    let spec = response.extensions().get::<&'static RouteSpec>().copied();
    if let (true, Some(token), Some(spec)) = (refused, token, spec)
        && matches!(spec.gate, Gate::Holds(_))
    {
        let subject = path.split('/').find_map(|part| part.parse().ok());
        let trace = Trace { subject, refused: true, ..Trace::default() };
        let moment = state.clock.moment();
        match state.db.begin(&token, moment, uuid::Uuid::now_v7(), spec.name, None).await {
            Ok(Begun::As(tx)) => {
                if let Err(error) = tx.shown(trace).await {
                    return Error::from(error).into_response();
                }
            }
            Ok(_) => {}
            Err(error) => return Error::from(error).into_response(),
        }
    }
    response
}
