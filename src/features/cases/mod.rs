//! Cases as they are read: the list within reach, the case page, its timeline, its recorded days. Writes nothing;
//! the stages room does.

mod chronology;
mod day;
mod effect;
mod export;
mod export_of_one;
mod handlers;
mod happenings;
mod progress;
mod queries;
mod timeline;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CASES, handlers::index)
        .on(&urls::CASES_EXPORT_NEW, export::new)
        .on(&urls::CASES_EXPORT, export::create)
        .on(&urls::CASE_SHOW, handlers::show)
        .on(&urls::TIMELINE, chronology::index)
        .on(&urls::TIMELINE_EXPORT_NEW, export_of_one::timeline_new)
        .on(&urls::TIMELINE_EXPORT, export_of_one::timeline)
        .on(&urls::MONITORING, progress::index)
        .on(&urls::MONITORING_EXPORT_NEW, export_of_one::monitoring_new)
        .on(&urls::MONITORING_EXPORT, export_of_one::monitoring)
        .on(&urls::DAY, day::show)
}
