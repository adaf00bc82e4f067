//! Pages for paper: the weekly letter to a parent or carer (S1.12) and the leaflets (S1.05). Nothing is sent
//! and nothing is stored here.

mod handlers;
mod leaflets;
mod queries;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::LETTER, handlers::show)
        .on(&urls::LEAFLETS, leaflets::index)
        .on(&urls::LEAFLET, leaflets::show)
}
