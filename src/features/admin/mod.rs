//! Administration: the programme's policy, published version by version and never changed afterwards (G.01). Those
//! who publish it see no case, only how many there are.
//! Tables: policies.

mod export;
mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::ADMIN, handlers::home)
        .on(&urls::POLICIES, handlers::index)
        .on(&urls::POLICIES_EXPORT_NEW, export::new)
        .on(&urls::POLICIES_EXPORT, export::create)
        .on(&urls::POLICY_NEW, handlers::new)
        .on(&urls::POLICY_PUBLISH, handlers::publish)
        .on(&urls::POLICY_SHOW, handlers::show)
}
