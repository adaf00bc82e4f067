use time::macros::{date, time};
use waymark::domain::school::{Period, goal, is_number_of, letterhead_line, periods_may_begin, read_periods};

#[test]
fn periods_are_read_in_the_order_of_the_day() {
    let empty = ("", " ", "");
    let read = read_periods(&[("P1", "8:50", "9:50"), empty, (" P2 ", "9:50", "10.50"), empty]).unwrap();
    let expected = [
        Period { label: "P1".to_owned(), starts: time!(8:50), ends: time!(9:50) },
        Period { label: "P2".to_owned(), starts: time!(9:50), ends: time!(10:50) },
    ];
    assert_eq!(read, expected, "an empty line between is left out");
    // Every fault is said, each at its line.
    let faults = read_periods(&[
        ("P1", "8:50", "8:50"),
        ("P1", "9:00", "9:30"),
        ("", "9:30", "10:00"),
        ("P4", "x", "y"),
    ])
    .unwrap_err();
    let places: Vec<_> = faults.iter().map(|(line, field, _)| (*line, *field)).collect();
    assert_eq!(places, [(1, "ends"), (2, "label"), (3, "label"), (4, "starts"), (4, "ends")]);
}

#[test]
fn periods_begin_after_the_last_day_with_marks() {
    let today = date!(2026 - 11 - 24);
    assert!(periods_may_begin(today, None, today).is_ok());
    assert!(periods_may_begin(today, Some(date!(2026 - 11 - 23)), today).is_ok());
    assert!(periods_may_begin(today, Some(today), today).is_err());
    assert!(periods_may_begin(date!(2026 - 11 - 23), None, today).is_err());
    assert!(periods_may_begin(date!(2027 - 12 - 24), None, today).is_err());
}

#[test]
fn numbers_goals_and_letterheads() {
    assert!(is_number_of("123456", 6) && !is_number_of("12345", 6) && !is_number_of("12345６", 6));
    assert_eq!(
        (goal("80"), goal(" 75 % "), goal("0"), goal("101"), goal("")),
        (Some(80), Some(75), None, None, None)
    );
    assert_eq!(letterhead_line("1 Lane\n\n Town \n").as_deref(), Some("1 Lane · Town"));
    assert_eq!(letterhead_line(" \n"), None);
}
