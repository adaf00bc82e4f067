//! Targets: clear behaviour targets with a date (S1.08, S1.10), their versions, the bank of examples.
//! Tables: targets, target_versions, bank_targets.

mod bank;
mod bank_export;
mod handlers;
mod queries;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::TARGETS, handlers::index)
        .on(&urls::TARGET_NEW, handlers::new)
        .on(&urls::TARGET_CREATE, handlers::create)
        .on(&urls::TARGET_EDIT, handlers::edit)
        .on(&urls::TARGET_UPDATE, handlers::update)
        .on(&urls::TARGET_END, handlers::end)
        .on(&urls::TARGET_RAISE, handlers::raise)
        .on(&urls::BANK, bank::index)
        .on(&urls::BANK_EXPORT_NEW, bank_export::new)
        .on(&urls::BANK_EXPORT, bank_export::create)
        .on(&urls::BANK_NEW, bank::new)
        .on(&urls::BANK_ADD, bank::add)
        .on(&urls::BANK_EDIT, bank::edit)
        .on(&urls::BANK_CHANGE, bank::change)
        .on(&urls::BANK_MOVE, bank::shift)
        .on(&urls::BANK_REMOVE, bank::remove)
}
