use time::macros::date;
use waymark::domain::pupil::{YearGroup, display_name};

#[test]
fn the_usual_year_follows_the_date_of_birth() {
    let on = date!(2026 - 11 - 24);
    for (born, year) in [
        (date!(2013 - 09 - 01), 8),
        (date!(2012 - 09 - 01), 9),
        (date!(2012 - 08 - 31), 10),
        (date!(2010 - 09 - 15), 11),
        (date!(2014 - 12 - 25), 7),
    ] {
        assert_eq!(YearGroup::usual(born, on), YearGroup(year), "{born}");
    }
    let born = date!(2011 - 09 - 01);
    assert_eq!(YearGroup::usual(born, date!(2026 - 08 - 31)), YearGroup(9));
    assert_eq!(YearGroup::usual(born, date!(2026 - 09 - 01)), YearGroup(10));
    assert_eq!(YearGroup::actual(born, -1, date!(2026 - 09 - 01)), YearGroup(9), "taught a year below");
}

#[test]
fn key_stages_follow_the_actual_year() {
    assert_eq!(
        [6, 7, 9, 10, 11, 12].map(|y| YearGroup(y).key_stage()),
        [None, Some(3), Some(3), Some(4), Some(4), None]
    );
}

#[test]
fn pupils_are_called_what_they_go_by() {
    assert_eq!(display_name("Samantha", Some("Sam"), "Price"), "Sam Price");
    assert_eq!(display_name("Samantha", None, "Price"), "Samantha Price");
}
