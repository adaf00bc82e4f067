//! Calendars: terms, INSET days, closures and bank holidays of the authority's model and of each school. Before anything
//! is saved it is said which due dates move. Tables: calendar_spans.

mod changing;
mod export;
mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CALENDARS, handlers::index)
        .on(&urls::CALENDARS_EXPORT_NEW, export::all_new)
        .on(&urls::CALENDARS_EXPORT, export::all)
        .on(&urls::CALENDAR, handlers::show)
        .on(&urls::SPAN_NEW, changing::new)
        .on(&urls::SPAN_ADD, changing::add)
        .on(&urls::SPAN_EDIT, changing::edit)
        .on(&urls::SPAN_CHANGE, changing::change)
        .on(&urls::CALENDAR_COPY, changing::copy)
        .on(&urls::CALENDAR_EXPORT_NEW, export::new)
        .on(&urls::CALENDAR_EXPORT, export::create)
        .on(&urls::CALENDAR_FILE, changing::file_form)
        .on(&urls::CALENDAR_IMPORT, changing::import)
}
