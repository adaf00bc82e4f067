//! Schools: what each is called and numbered, its words for marks, its goal, its letterhead, the periods of its day.
//! Tables: schools, school_periods.

mod adding;
mod export;
mod handlers;
mod periods;
mod queries;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::SCHOOLS, handlers::index)
        .on(&urls::SCHOOL_SETTINGS_EXPORT_NEW, export::new)
        .on(&urls::SCHOOL_SETTINGS_EXPORT, export::create)
        .on(&urls::SCHOOL_NEW, adding::new)
        .on(&urls::SCHOOL_ADD, adding::create)
        .on(&urls::SCHOOL, handlers::show)
        .on(&urls::SCHOOL_EDIT, handlers::edit)
        .on(&urls::SCHOOL_UPDATE, handlers::update)
        .on(&urls::PERIODS_EDIT, periods::edit)
        .on(&urls::PERIODS_UPDATE, periods::update)
}
