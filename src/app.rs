//! Joins the rooms' routes, then the layers, top to bottom.

use axum::{Router, extract::DefaultBodyLimit, middleware, response::IntoResponse};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, predicate::SizeAbove},
    csrf::{CsrfLayer, ProtectionError},
};

use crate::{
    features,
    state::AppState,
    web::{assets, error::Error, extract::MAX_FORM_BYTES, headers, page, routes::Registry},
};

/// Every room's routes.
pub fn registry() -> Registry {
    Registry::new()
        .room(features::accounts::routes())
        .room(features::pupils::routes())
        .room(features::cases::routes())
        .room(features::caseload::routes())
        .room(features::stages::routes())
        .room(features::stage_3::routes())
        .room(features::targets::routes())
        .room(features::meetings::routes())
        .room(features::today::routes())
        .room(features::overview::routes())
        .room(features::admin::routes())
        .room(features::people::routes())
        .room(features::schools::routes())
        .room(features::calendars::routes())
        .room(features::support::routes())
        .room(features::incidents::routes())
        .room(features::reviews::routes())
        .room(features::letters::routes())
        .room(features::transfers::routes())
        .room(features::panel::routes())
        .room(features::received::routes())
        .room(features::directions::routes())
        .room(features::suspensions::routes())
        .room(features::search::routes())
        .room(features::about::routes())
        .room(features::reports::routes())
}

/// The whole application. A request passes the layers from the top down.
pub fn router(state: AppState) -> Router {
    page::serves_demo(state.config.demo);
    let csrf = CsrfLayer::new();
    let origin = state.config.public_url.origin().to_owned();
    let csrf = csrf.add_trusted_origin(origin).unwrap_or_default();
    registry()
        .into_router()
        .merge(assets::router())
        .fallback(|| async { Error::NotFound })
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(state.clone(), headers::secure))
                .layer(CompressionLayer::new().compress_when(SizeAbove::new(860)))
                .layer(middleware::from_fn(headers::to_the_end))
                .layer(CatchPanicLayer::custom(|_| {
                    Error::Internal("a handler panicked".to_owned()).into_response()
                }))
                .layer(middleware::from_fn(headers::say_where_from))
                .layer(csrf.with_rejection_response(|_: ProtectionError| headers::cross_site()))
                .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
                .layer(middleware::from_fn_with_state(state.clone(), headers::record_refusals))
                .layer(middleware::from_fn_with_state(state.clone(), headers::hide_names)),
        )
        .with_state(state)
}
