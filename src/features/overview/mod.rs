//! Pages over many cases of a school. The headteacher's: what waits for their decision, what is overdue and who was
//! reminded, how pupils stand, what they were told (P2.01) and week by week, who decides in their place (7.2 A8); the
//! same for governors without names; and the lead's own week.
//! Tables: grants (only those of delegates), head_notices (only that they were opened), reminders.

mod delegates;
mod digest;
mod export;
mod figures;
mod governors;
mod handlers;
mod inbox;
mod late;
mod lists;
mod my_week;
mod queries;
mod standing;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::OVERVIEW, handlers::index)
        .on(&urls::OVERVIEW_PUPILS, lists::pupils)
        .on(&urls::OVERVIEW_OVERDUE, late::index)
        .on(&urls::OVERVIEW_DAYS, lists::days)
        .on(&urls::OVERVIEW_LEFT, lists::left)
        .on(&urls::OVERVIEW_EXPORT_NEW, export::new)
        .on(&urls::OVERVIEW_EXPORT, export::create)
        .on(&urls::GOVERNORS, governors::index)
        .on(&urls::INBOX, inbox::index)
        .on(&urls::DIGEST, digest::show)
        .on(&urls::REMIND, late::remind)
        .on(&urls::MY_WEEK, my_week::index)
        .on(&urls::DELEGATE_NEW, delegates::new)
        .on(&urls::DELEGATE_CREATE, delegates::create)
        .on(&urls::DELEGATION_END, delegates::end)
}
