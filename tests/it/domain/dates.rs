use time::macros::{date, time};
use waymark::domain::dates::{self, DateError};

#[test]
fn dates_read_as_people_write_them() {
    let day = date!(2026 - 11 - 24);
    assert_eq!(dates::full(day), "Tuesday 24 November 2026");
    assert_eq!(dates::short(day), "24 Nov 2026");
    assert_eq!(dates::short(date!(2026 - 06 - 09)), "9 June 2026");
    assert_eq!(dates::short(date!(2026 - 09 - 09)), "9 Sept 2026");
    assert_eq!(dates::range(date!(2026 - 11 - 02), date!(2026 - 11 - 20)), "2 to 20 November 2026");
    assert_eq!(dates::range(date!(2026 - 11 - 30), date!(2026 - 12 - 04)), "30 November to 4 December 2026");
    assert_eq!(dates::range(day, day), "24 November 2026");
    assert_eq!(dates::school_year(date!(2026 - 08 - 31)), "2025 to 2026");
    assert_eq!(dates::school_year(date!(2026 - 09 - 01)), "2026 to 2027");
}

#[test]
fn times_read_as_people_write_them() {
    for (time, words) in [
        (time!(15:04), "3:04pm"),
        (time!(10:00), "10am"),
        (time!(12:00), "midday"),
        (time!(0:00), "midnight"),
        (time!(12:30), "12:30pm"),
        (time!(0:05), "12:05am"),
        (time!(23:59), "11:59pm"),
    ] {
        assert_eq!(dates::time_of_day(time), words);
    }
}

#[test]
fn typed_dates_are_read_or_explained() {
    assert_eq!(dates::parse_parts(" 3", "11 ", "2026"), Ok(date!(2026 - 11 - 03)));
    assert_eq!(dates::parse_parts("3", "nov", "2026"), Ok(date!(2026 - 11 - 03)));
    assert_eq!(dates::parse_parts("3", "Sept", "2026"), Ok(date!(2026 - 09 - 03)));
    assert_eq!(dates::parse_parts("29", "2", "2026"), Err(DateError::NotReal));
    assert_eq!(dates::parse_parts("29", "2", "2028"), Ok(date!(2028 - 02 - 29)));
    assert_eq!(dates::parse_parts("1", "1", "26"), Err(DateError::Year));
    assert_eq!(dates::parse_parts("", "", ""), Err(DateError::Empty));
    let said = dates::parse_parts("1", "2", "").unwrap_err().message("Date of birth");
    assert_eq!(said, "Date of birth must include a year");
    assert_eq!(
        dates::parse_parts("", "", "2026").unwrap_err().message("Due date"),
        "Due date must include a day and a month"
    );
}
