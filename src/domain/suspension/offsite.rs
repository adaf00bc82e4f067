//! Off-site direction: notice before it starts, and the parents' review (2.9, C7, G13, G14).

use time::Date;

use super::Refused;
use crate::domain::calendar::{NotLoaded, SchoolCalendar};

/// School days of written notice before an off-site direction starts.
pub const NOTICE_DAYS: u32 = 2;

/// Days since the latest review after which one that parents ask for may not be refused: ten weeks.
pub const REVIEW_REST_DAYS: i64 = 70;

/// The last day for the written notice (C7): two school days before the start.
pub fn notice_by(starts_on: Date, calendar: &SchoolCalendar) -> Result<Date, NotLoaded> {
    calendar.nth_school_day_before(starts_on, NOTICE_DAYS)
}

/// Refuses a notice that is too late (G14).
pub fn may_start(given_on: Date, starts_on: Date, calendar: &SchoolCalendar) -> Result<(), Refused> {
    let by = notice_by(starts_on, calendar)?;
    if given_on <= by { Ok(()) } else { Err(Refused::NoticeTooLate { by }) }
}

/// Whether a review that parents ask for in writing may be refused: only when one was held in the ten weeks
/// before. Our reading: a review exactly ten weeks before is no longer within them.
pub fn may_refuse_review(asked_on: Date, last_review_on: Option<Date>) -> bool {
    last_review_on.is_some_and(|last| {
        let days = (asked_on - last).whole_days();
        (0..REVIEW_REST_DAYS).contains(&days)
    })
}
