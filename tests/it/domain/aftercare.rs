//! When the look back after an exit is due.

use time::macros::date;
use waymark::domain::aftercare;

use super::story::calendar;

#[test]
fn a2_four_school_weeks_later_on_the_same_day_of_the_week() {
    let calendar = calendar();
    for (left_on, weeks, due) in [
        (date!(2026 - 11 - 02), 4, date!(2026 - 11 - 30)),
        // Two weeks of holiday do not count.
        (date!(2026 - 11 - 24), 4, date!(2027 - 01 - 05)),
        (date!(2026 - 12 - 18), 4, date!(2027 - 01 - 29)),
        (date!(2026 - 09 - 28), 4, date!(2026 - 11 - 02)),
        // The day is no school day: the next one.
        (date!(2026 - 09 - 26), 4, date!(2026 - 11 - 02)),
        (date!(2026 - 11 - 28), 4, date!(2027 - 01 - 11)),
        // Left in the holidays.
        (date!(2026 - 12 - 25), 1, date!(2027 - 01 - 08)),
        (date!(2026 - 11 - 24), 1, date!(2026 - 12 - 01)),
    ] {
        assert_eq!(aftercare::due_on(left_on, weeks, &calendar), Ok(due), "{left_on} and {weeks} weeks");
    }
    assert!(aftercare::due_on(date!(2027 - 03 - 15), 4, &calendar).is_err(), "beyond the calendar");
}
