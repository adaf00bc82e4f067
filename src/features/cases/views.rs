//! Words of the list of cases.

use time::Date;

use crate::domain::dates;

/// "3 of 5 points (60%)" and so on for a week's rollup; words when nothing is recorded this week.
pub fn week_words(week_on: Option<Date>, points: i32, possible: i32, today: Date) -> String {
    let this_week = crate::domain::calendar::monday(today);
    if week_on == Some(this_week) {
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        crate::domain::monitoring::share(number(points), number(possible))
    } else {
        "no points this week".to_owned()
    }
}

/// "Tues 24 Nov", or that there is none.
pub fn last_marked(day: Option<Date>) -> String {
    day.map_or_else(
        || "not yet".to_owned(),
        |day| format!("{} {}", dates::weekday_short(day), dates::day_month(day)),
    )
}
