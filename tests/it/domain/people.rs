use time::{Date, macros::date};
use waymark::domain::people::{DelegationDays, DelegationFault as Fault, delegation_ended_on};

#[test]
fn a8_a_delegation_lasts_at_most_a_year_and_never_begins_in_the_past() {
    let today = date!(2026 - 11 - 24);
    for (from, to, answer) in [
        (today, today, Ok(())),
        (today, date!(2027 - 11 - 24), Ok(())),
        (today, date!(2027 - 11 - 25), Err(Fault::LongerThanAYear)),
        (date!(2026 - 11 - 23), today, Err(Fault::BeginsBeforeToday)),
        (date!(2026 - 11 - 25), today, Err(Fault::EndsBeforeItBegins)),
        (date!(2027 - 11 - 24), date!(2028 - 11 - 24), Ok(())),
        (date!(2027 - 11 - 25), date!(2027 - 11 - 26), Err(Fault::BeginsTooLate)),
        (today, Date::MAX, Err(Fault::LongerThanAYear)),
        (Date::MAX, Date::MAX, Err(Fault::BeginsTooLate)),
        (Date::MIN, Date::MAX, Err(Fault::BeginsBeforeToday)),
    ] {
        let days = DelegationDays::new(from, to, today);
        assert_eq!(
            days.map(|days| (days.from_on(), days.to_on())),
            answer.map(|()| (from, to)),
            "{from} to {to}"
        );
    }
    for fault in [Fault::BeginsBeforeToday, Fault::BeginsTooLate] {
        assert_eq!(fault.field(), "from_on");
    }
    assert!(Fault::LongerThanAYear.message().contains("within a year"));
}

#[test]
fn a8_a_delegation_ends_at_once_and_keeps_the_days_it_had() {
    let today = date!(2026 - 11 - 24);
    for (from, to, last) in [
        (date!(2026 - 11 - 02), date!(2026 - 12 - 18), date!(2026 - 11 - 23)),
        (date!(2026 - 11 - 02), today, date!(2026 - 11 - 23)),
        (today, date!(2026 - 12 - 18), date!(2026 - 11 - 23)),
        (date!(2026 - 11 - 02), date!(2026 - 11 - 20), date!(2026 - 11 - 20)),
        // Never begins.
        (date!(2026 - 11 - 25), date!(2026 - 12 - 18), today),
        (date!(2027 - 01 - 04), date!(2027 - 01 - 04), date!(2027 - 01 - 03)),
    ] {
        assert_eq!(delegation_ended_on(from, to, today), last, "{from} to {to}");
    }
}
