//! Cases as they are read: the list within reach, the case page, its timeline, its recorded days. Writes nothing;
//! the stages room does.

mod day;
mod effect;
mod handlers;
mod progress;
mod queries;
mod timeline;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CASES, handlers::index)
        .on(&urls::CASE_SHOW, handlers::show)
        .on(&urls::TIMELINE, timeline::index)
        .on(&urls::MONITORING, progress::index)
        .on(&urls::DAY, day::show)
}
