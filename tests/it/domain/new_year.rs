use time::macros::date;
use waymark::domain::{
    calendar::{Span, SpanKind},
    new_year::{Turn, may_come_back, may_leave},
    pupil::YearGroup,
};

#[test]
fn the_turn_at_hand_is_the_one_that_is_near() {
    for (today, first) in [
        (date!(2027 - 04 - 30), date!(2026 - 09 - 01)),
        (date!(2027 - 05 - 01), date!(2027 - 09 - 01)),
        (date!(2027 - 08 - 31), date!(2027 - 09 - 01)),
        (date!(2027 - 09 - 01), date!(2027 - 09 - 01)),
        (date!(2028 - 02 - 01), date!(2027 - 09 - 01)),
    ] {
        let turn = Turn::near(today);
        assert_eq!(turn.first_day(), first, "{today}");
        assert_eq!(turn.last_day(), first.previous_day().unwrap());
    }
    let turn = Turn::near(date!(2027 - 07 - 01));
    assert_eq!((&*turn.old_words(), &*turn.new_words()), ("2026 to 2027", "2027 to 2028"));
    assert_eq!(turn.old_year(date!(2011 - 03 - 01), 0), YearGroup(11));
    assert_eq!(turn.old_year(date!(2011 - 03 - 01), -1), YearGroup(10), "taught a year below");
}

#[test]
fn the_last_term_of_the_old_year_suggests_the_day() {
    let term = |from, to| Span { kind: SpanKind::Term, name: "Term".to_owned(), from, to };
    let turn = Turn::near(date!(2027 - 07 - 01));
    let old = [
        term(date!(2027 - 04 - 12), date!(2027 - 05 - 28)),
        term(date!(2027 - 06 - 07), date!(2027 - 07 - 21)),
    ];
    assert_eq!(turn.suggested(old.iter()), date!(2027 - 07 - 21));
    assert_eq!(turn.suggested([].iter()), date!(2027 - 08 - 31), "no calendar: the year's last day");
    assert!(!turn.is_loaded(old.iter()));
    assert!(turn.is_loaded([term(date!(2027 - 09 - 02), date!(2027 - 10 - 22))].iter()));
}

#[test]
fn days_on_the_roll_come_one_after_the_other() {
    let (from, today) = (date!(2024 - 09 - 02), date!(2026 - 11 - 24));
    assert!(may_leave(from, from, today).is_ok());
    assert!(may_leave(from, date!(2024 - 09 - 01), today).is_err());
    assert!(may_leave(from, date!(2027 - 11 - 25), today).is_ok());
    assert!(may_leave(from, date!(2027 - 11 - 26), today).is_err());
    assert!(may_come_back(today, today, today).is_err());
    assert!(may_come_back(today, date!(2026 - 11 - 25), today).is_ok());
}
