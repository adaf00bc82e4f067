//! Weekly reviews (S1.13) and the feedback parents get (S1.12). One set of figures for both.
//! Tables: weekly_reviews, feedback.

mod feedback;
mod handlers;
mod queries;
mod run;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::REVIEWS, handlers::index)
        .on(&urls::REVIEW_RUN, run::index)
        .on(&urls::REVIEW_SHOW, handlers::show)
        .on(&urls::REVIEW_SIGN, handlers::sign)
        .on(&urls::FEEDBACK, feedback::index)
        .on(&urls::FEEDBACK_GIVE, feedback::give)
}
