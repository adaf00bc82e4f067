//! Finding a pupil by what one remembers, among those one may see. Writes nothing.

mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new().on(&urls::SEARCH, handlers::new).on(&urls::SEARCH_FOR, handlers::show)
}
