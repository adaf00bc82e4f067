//! The headteacher's page: what waits for their decision, what they should know about their pupils (P2.01), how
//! many are at each stage, and who decides in their place (7.2 A8).
//! Tables: grants (only those of delegates), head_notices (only that they were opened).

mod delegates;
mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::OVERVIEW, handlers::index)
        .on(&urls::DELEGATE_NEW, delegates::new)
        .on(&urls::DELEGATE_CREATE, delegates::create)
        .on(&urls::DELEGATION_END, delegates::end)
}
