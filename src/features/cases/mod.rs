//! Cases: a pupil's time on the programme. Opening at Stage 1 through the rules, the list within reach, the
//! case page, its lead, its timeline, its recorded days.
//! Tables: cases, case_stages, case_leads, case_strategies, case_decisions, case_shares.

mod day;
mod handlers;
mod opening;
mod progress;
mod queries;
mod timeline;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CASES, handlers::index)
        .on(&urls::CASE_NEW, opening::new)
        .on(&urls::CASE_CREATE, opening::create)
        .on(&urls::CASE_SHOW, handlers::show)
        .on(&urls::LEAD_EDIT, handlers::edit_lead)
        .on(&urls::LEAD_UPDATE, handlers::update_lead)
        .on(&urls::TIMELINE, timeline::index)
        .on(&urls::MONITORING, progress::index)
        .on(&urls::DAY, day::show)
}
