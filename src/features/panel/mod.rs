//! Panels that allocate places (S3.08): planning them, their agenda and minutes, referrals with their frozen papers,
//! interests and decisions. What is read here of a pupil is what was submitted, and nothing else.
//! Tables: panels, panel_members, panel_minutes, school_places, panel_interests, allocations; referrals and transfers
//! through `db::referral` and `db::transfer`.

mod cancelling;
mod decision;
mod export;
mod handlers;
mod minutes;
mod places;
mod planning;
mod queries;
mod referral;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::PANELS, handlers::index)
        .on(&urls::PANELS_EXPORT_NEW, export::panels_new)
        .on(&urls::PANELS_EXPORT, export::panels)
        .on(&urls::PANEL_NEW, planning::new)
        .on(&urls::PANEL_CREATE, planning::create)
        .on(&urls::PLACES, places::index)
        .on(&urls::PLACES_EXPORT_NEW, export::places_new)
        .on(&urls::PLACES_EXPORT, export::places)
        .on(&urls::PLACES_SAVE, places::create)
        .on(&urls::PANEL_SHOW, handlers::show)
        .on(&urls::AGENDA_EXPORT_NEW, export::agenda_new)
        .on(&urls::AGENDA_EXPORT, export::agenda)
        .on(&urls::PANEL_EDIT, planning::edit)
        .on(&urls::PANEL_UPDATE, planning::update)
        .on(&urls::PANEL_CANCEL, cancelling::new)
        .on(&urls::PANEL_CANCEL_POST, cancelling::create)
        .on(&urls::PANEL_AGENDA, minutes::agenda)
        .on(&urls::PANEL_MINUTES, minutes::show)
        .on(&urls::PANEL_MINUTES_SAVE, minutes::save)
        .on(&urls::REFERRAL_SHOW, referral::show)
        .on(&urls::REFERRAL_INTEREST, referral::declare)
        .on(&urls::REFERRAL_RECEIPT, referral::receipt)
        .on(&urls::REFERRAL_DECIDE, decision::create)
}
