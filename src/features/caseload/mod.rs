//! Those who look after many cases: the caseload in an order that says why, its counts, filters and views; what is done to
//! several cases at once; the schools with how complete their records are; what the LA asks about a case and the school
//! answers. What the lists sort by is kept in `case_duties` by `db/duties.rs`.
//! Tables: case_representatives, update_requests, saved_views.

mod export;
mod filter;
mod handlers;
mod queries;
mod schools;
mod selected;
mod updates;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CASELOAD, handlers::index)
        .on(&urls::CASELOAD_EXPORT_NEW, export::new)
        .on(&urls::CASELOAD_EXPORT, export::create)
        .on(&urls::SCHOOLS_EXPORT_NEW, export::schools_new)
        .on(&urls::SCHOOLS_EXPORT, export::schools)
        .on(&urls::CASELOAD_SELECTED, selected::show)
        .on(&urls::CASELOAD_REPRESENTATIVE, selected::name_representative)
        .on(&urls::CASELOAD_ASK, selected::ask)
        .on(&urls::VIEW_SAVE, handlers::save_view)
        .on(&urls::VIEW_REMOVE, handlers::remove_view)
        .on(&urls::CASELOAD_SCHOOLS, schools::index)
        .on(&urls::UPDATES, updates::index)
        .on(&urls::UPDATE_ANSWER, updates::answer)
}
