//! Off-site directions of a case (2.9): the board's decision, the notice, reviews, requests for a review, the end.
//! Tables: directions, direction_reviews, direction_requests.

mod after;
mod handlers;
mod making;
mod queries;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::DIRECTION, handlers::index)
        .on(&urls::DIRECTION_NEW, making::new)
        .on(&urls::DIRECTION_CREATE, making::create)
        .on(&urls::DIRECTION_NOTICE, handlers::notice)
        .on(&urls::DIRECTION_REVIEW, after::review)
        .on(&urls::DIRECTION_REQUEST, after::request)
        .on(&urls::DIRECTION_END, after::end)
}
