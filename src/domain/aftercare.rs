//! Aftercare: some school weeks after a pupil left the programme with progress, somebody looks how it goes (7.2 A2).

use time::{Date, Duration};

use super::calendar::{NotLoaded, SchoolCalendar, monday};

/// The day the check is due: `weeks` school weeks after the pupil left, on the same day of the week, or on the
/// next school day when that is none. Weeks without a school day do not count. Refuses when the calendar does
/// not reach that far.
pub fn due_on(left_on: Date, weeks: u32, calendar: &SchoolCalendar) -> Result<Date, NotLoaded> {
    let mut week = monday(left_on);
    let mut left = weeks;
    while left > 0 {
        week += Duration::WEEK;
        if calendar.school_days(week, week + Duration::days(4))? > 0 {
            left -= 1;
        }
    }
    let day = week + Duration::days(i64::from(left_on.weekday().number_days_from_monday()));
    calendar.nth_school_day_after(day - Duration::DAY, 1)
}
