//! Pupils and the people to contact about them. Enrolment at a school with dates.
//! Tables: pupils, enrolments, contacts.

mod contacts;
mod export;
mod handlers;
mod queries;
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
}
