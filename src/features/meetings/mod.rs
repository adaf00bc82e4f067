//! Meetings: planned, held, minuted and signed off (S1.02, S1.06, S2.01, S2.05, S3.03), and what was agreed.
//! Tables: meetings, meeting_people, meeting_actions, meeting_addenda.

mod after;
mod minutes;
mod plan;
mod queries;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::MEETINGS, views::index)
        .on(&urls::MEETING_NEW, plan::new)
        .on(&urls::MEETING_CREATE, plan::create)
        .on(&urls::MEETING_SHOW, views::show)
        .on(&urls::MEETING_EDIT, plan::edit)
        .on(&urls::MEETING_UPDATE, plan::update)
        .on(&urls::MEETING_CANCEL, after::cancel)
        .on(&urls::MEETING_INVITATION, after::invitation)
        .on(&urls::MINUTES, minutes::form)
        .on(&urls::MINUTES_SAVE, minutes::save)
        .on(&urls::MINUTES_SIGN, minutes::sign)
        .on(&urls::ADDENDUM, after::addendum)
        .on(&urls::ATTENDANCE, after::attendance)
        .on(&urls::MEETING_PRINT, views::print)
        .on(&urls::ACTION_DONE, after::action_done)
}
