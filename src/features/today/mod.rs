//! Today: the day's monitoring, by day or by period; saving; notes; cards to print; what is known beforehand.
//! Tables: days, marks, day_reasons, mark_changes, case_weeks, day_notes, known_absences (and the totals
//! beside each case).

mod absences;
mod handlers;
mod notes;
mod queries;
mod saving;
mod sheet;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::TODAY, handlers::index)
        .on(&urls::TODAY_SAVE, saving::save)
        .on(&urls::NOTE_NEW, notes::new)
        .on(&urls::NOTE_CREATE, notes::create)
        .on(&urls::CARD, handlers::card)
        .on(&urls::CLASS_SHEET, handlers::class_sheet)
        .on(&urls::ABSENCES, absences::index)
        .on(&urls::ABSENCE_CREATE, absences::create)
        .on(&urls::ABSENCE_WITHDRAW, absences::withdraw)
}
