//! Pupils and the people to contact about them. Enrolment at a school with dates; files of pupils;
//! leaving the roll; two records made one.
//! Tables: pupils, enrolments, contacts, pupil_files.

mod contacts;
mod export;
mod handlers;
mod import;
mod merge;
mod queries;
mod roll;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::PUPILS, handlers::index)
        .on(&urls::PUPILS_EXPORT_NEW, export::new)
        .on(&urls::PUPILS_EXPORT, export::create)
        .on(&urls::PUPIL_NEW, handlers::new)
        .on(&urls::PUPIL_CREATE, handlers::create)
        .on(&urls::PUPIL_SHOW, handlers::show)
        .on(&urls::PUPIL_EDIT, handlers::edit)
        .on(&urls::PUPIL_UPDATE, handlers::update)
        .on(&urls::CONTACT_NEW, contacts::new)
        .on(&urls::CONTACT_CREATE, contacts::create)
        .on(&urls::CONTACT_EDIT, contacts::edit)
        .on(&urls::CONTACT_UPDATE, contacts::update)
        .on(&urls::CONTACT_REMOVE, contacts::remove)
        .on(&urls::PUPILS_FILE, import::new)
        .on(&urls::PUPILS_TEMPLATE, import::template)
        .on(&urls::PUPILS_FILE_KEEP, import::create)
        .on(&urls::PUPILS_FILE_SHOW, import::show)
        .on(&urls::PUPILS_FILE_IMPORT, import::import)
        .on(&urls::NEW_YEAR, roll::new_year::show)
        .on(&urls::NEW_YEAR_LEAVE, roll::new_year::update)
        .on(&urls::PUPIL_LEAVE, roll::leave_form)
        .on(&urls::PUPIL_LEFT, roll::leave)
        .on(&urls::PUPIL_BACK, roll::come_back)
        .on(&urls::MERGE_CHOOSE, merge::choose)
        .on(&urls::MERGE_SHOW, merge::show)
        .on(&urls::MERGE, merge::merge)
}
