//! Incidents: what happened, when, where, how serious, who else was there. Other pupils are references, never
//! names in the text; every version is kept (S3.00, P2.03a).
//! Tables: incidents, incident_versions, incident_people.

mod form;
mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::INCIDENTS, handlers::index)
        .on(&urls::INCIDENT_NEW, handlers::new)
        .on(&urls::INCIDENT_CREATE, handlers::create)
        .on(&urls::INCIDENT_SHOW, handlers::show)
        .on(&urls::INCIDENT_EDIT, handlers::edit)
        .on(&urls::INCIDENT_UPDATE, handlers::update)
}
