//! What everybody may read about Waymark, signed in or not: help, cookies, privacy, accessibility. The footer of every
//! page leads here.

mod handlers;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::HELP, handlers::help)
        .on(&urls::COOKIES, handlers::cookies)
        .on(&urls::PRIVACY, handlers::privacy)
        .on(&urls::ACCESSIBILITY, handlers::accessibility)
}
