//! Support: what is arranged for a pupil, by whom, whether it is given, what the marks show beside it (R1.02,
//! S1.07), and the agreement with a support service on priority (P2.02).
//! Tables: supports, support_sessions.

mod arranging;
mod delivery;
mod export;
mod handlers;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::SUPPORT, handlers::index)
        .on(&urls::SUPPORT_NEW, arranging::new)
        .on(&urls::SUPPORT_CREATE, arranging::create)
        .on(&urls::SUPPORT_SHOW, handlers::show)
        .on(&urls::SESSIONS_EXPORT_NEW, export::new)
        .on(&urls::SESSIONS_EXPORT, export::create)
        .on(&urls::SUPPORT_EDIT, arranging::edit)
        .on(&urls::SUPPORT_UPDATE, arranging::update)
        .on(&urls::SUPPORT_END, delivery::end)
        .on(&urls::SUPPORT_PRIORITY, delivery::priority)
        .on(&urls::SUPPORT_ANSWER, delivery::answer)
        .on(&urls::SUPPORT_SESSION, delivery::session)
}
