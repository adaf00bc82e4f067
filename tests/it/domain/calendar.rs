//! The Castle School's calendar of 2023 to 2024 (domain 2.10).

use proptest::prelude::*;
use time::{Date, Duration, macros::date};
use waymark::domain::calendar::{Day, NotLoaded, SchoolCalendar, Span, SpanKind, layered};

fn span(kind: SpanKind, from: Date, to: Date) -> Span {
    Span { kind, name: format!("{kind:?}"), from, to }
}

pub(super) fn castle() -> SchoolCalendar {
    let mut spans: Vec<Span> = [
        (date!(2023 - 09 - 01), date!(2023 - 10 - 20)),
        (date!(2023 - 10 - 30), date!(2023 - 12 - 15)),
        (date!(2024 - 01 - 02), date!(2024 - 02 - 09)),
        (date!(2024 - 02 - 19), date!(2024 - 03 - 28)),
        (date!(2024 - 04 - 15), date!(2024 - 05 - 24)),
        (date!(2024 - 06 - 03), date!(2024 - 07 - 23)),
    ]
    .map(|(from, to)| span(SpanKind::Term, from, to))
    .into();
    for inset in [
        date!(2023 - 09 - 01),
        date!(2023 - 10 - 20),
        date!(2024 - 01 - 02),
        date!(2024 - 02 - 19),
        date!(2024 - 04 - 15),
        date!(2024 - 06 - 21),
    ] {
        spans.push(span(SpanKind::Inset, inset, inset));
    }
    spans.push(span(SpanKind::BankHoliday, date!(2024 - 05 - 06), date!(2024 - 05 - 06)));
    SchoolCalendar::new(spans)
}

#[test]
fn the_year_has_189_days() {
    let calendar = castle();
    let days = |from, to| calendar.school_days(from, to).unwrap();
    assert_eq!(days(date!(2023 - 09 - 01), date!(2024 - 07 - 23)), 189);
    let by_term = [
        days(date!(2023 - 09 - 01), date!(2023 - 10 - 20)),
        days(date!(2023 - 10 - 30), date!(2023 - 12 - 15)),
        days(date!(2024 - 01 - 02), date!(2024 - 02 - 09)),
        days(date!(2024 - 02 - 19), date!(2024 - 03 - 28)),
        days(date!(2024 - 04 - 15), date!(2024 - 05 - 24)),
        days(date!(2024 - 06 - 03), date!(2024 - 07 - 23)),
    ];
    assert_eq!(by_term, [34, 35, 28, 28, 28, 36]);
    // The legal windows: 69 in autumn, 56 in spring, 64 in summer.
    assert_eq!(days(date!(2023 - 09 - 01), date!(2023 - 12 - 31)), 69);
    assert_eq!(days(date!(2024 - 01 - 01), date!(2024 - 03 - 31)), 56);
    assert_eq!(days(date!(2024 - 04 - 01), date!(2024 - 07 - 23)), 64);
}

#[test]
fn c1_six_days_from_16_october() {
    let calendar = castle();
    let mut days = vec![date!(2023 - 10 - 16)];
    for _ in 0..5 {
        days.push(calendar.nth_school_day_after(*days.last().unwrap(), 1).unwrap());
    }
    let wanted =
        [16, 17, 18, 19, 30, 31].map(|d| Date::from_calendar_date(2023, time::Month::October, d).unwrap());
    assert_eq!(days, wanted);
    assert_eq!(calendar.nth_school_day_after(days[5], 1).unwrap(), date!(2023 - 11 - 01));
}

#[test]
fn c2_seven_days_from_25_march_cross_easter() {
    let calendar = castle();
    assert_eq!(calendar.school_days(date!(2024 - 03 - 25), date!(2024 - 03 - 31)), Ok(4));
    assert_eq!(calendar.nth_school_day_after(date!(2024 - 03 - 25), 5).unwrap(), date!(2024 - 04 - 17));
    assert_eq!(calendar.nth_school_day_after(date!(2024 - 03 - 25), 6).unwrap(), date!(2024 - 04 - 18));
}

#[test]
fn c4_c5_deadlines_in_school_days() {
    let calendar = castle();
    assert_eq!(calendar.nth_school_day_after(date!(2023 - 10 - 18), 15), Ok(date!(2023 - 11 - 16)));
    assert_eq!(calendar.nth_school_day_after(date!(2023 - 10 - 18), 50), Ok(date!(2024 - 01 - 22)));
    assert_eq!(calendar.nth_school_day_after(date!(2024 - 03 - 25), 15), Ok(date!(2024 - 05 - 01)));
}

#[test]
fn c6_beyond_the_calendar_cannot_be_computed() {
    let calendar = castle();
    assert_eq!(calendar.school_days(date!(2024 - 07 - 11), date!(2024 - 07 - 23)), Ok(9));
    let answer = calendar.nth_school_day_after(date!(2024 - 07 - 10), 15);
    assert_eq!(answer, Err(NotLoaded(date!(2024 - 07 - 24))));
    assert!(answer.unwrap_err().to_string().contains("does not cover 24 July 2024"));
}

#[test]
fn c7_two_school_days_before() {
    assert_eq!(castle().nth_school_day_before(date!(2023 - 10 - 30), 2), Ok(date!(2023 - 10 - 18)));
}

#[test]
fn days_have_names() {
    let calendar = castle();
    assert!(matches!(calendar.day(date!(2023 - 10 - 20)), Day::Inset(_)));
    assert!(matches!(calendar.day(date!(2024 - 05 - 06)), Day::BankHoliday(_)));
    assert_eq!(calendar.day(date!(2023 - 10 - 25)), Day::Holiday);
    assert_eq!(calendar.day(date!(2023 - 10 - 21)), Day::Weekend);
    assert_eq!(calendar.day(date!(2023 - 08 - 31)), Day::NotLoaded);
    assert_eq!(calendar.latest_school_day(date!(2023 - 10 - 29)), Some(date!(2023 - 10 - 19)));
    assert_eq!(calendar.week(date!(2023 - 10 - 18)).days.len(), 4);
    assert_eq!(
        calendar.school_weeks(date!(2023 - 10 - 16), date!(2023 - 10 - 31)),
        Ok(1),
        "half-term is skipped"
    );
}

#[test]
fn a_school_has_its_own_days_over_the_model() {
    let model = [
        span(SpanKind::Term, date!(2023 - 09 - 04), date!(2023 - 12 - 15)),
        span(SpanKind::Inset, date!(2023 - 09 - 04), date!(2023 - 09 - 04)),
        span(SpanKind::BankHoliday, date!(2023 - 12 - 13), date!(2023 - 12 - 13)),
    ];
    let own = [span(SpanKind::Inset, date!(2023 - 10 - 02), date!(2023 - 10 - 02))];
    let calendar = SchoolCalendar::new(layered(&model, &own));
    assert!(
        calendar.is_school_day(date!(2023 - 09 - 04)),
        "the school's own training days replace the model's"
    );
    assert!(!calendar.is_school_day(date!(2023 - 10 - 02)));
    assert!(!calendar.is_school_day(date!(2023 - 12 - 13)), "bank holidays stay");
}

proptest! {
    /// Day by day, in another style.
    #[test]
    fn counting_agrees_with_brute_force(start in 0_i64..300, length in 0_i64..200, n in 1_u32..60) {
        let calendar = castle();
        let from = date!(2023 - 09 - 01) + Duration::days(start);
        let to = from + Duration::days(length);
        let last = date!(2024 - 07 - 23);
        let every = || (0..).map(|i| from + Duration::days(i));
        let by_hand = every().take_while(|day| *day <= to).filter(|day| calendar.is_school_day(*day)).count();
        match calendar.school_days(from, to) {
            Ok(count) => { prop_assert!(to <= last); prop_assert_eq!(count as usize, by_hand) }
            Err(_) => prop_assert!(to > last),
        }
        let nth = every().skip(1).take_while(|day| *day <= last).filter(|day| calendar.is_school_day(*day)).nth(n as usize - 1);
        prop_assert_eq!(calendar.nth_school_day_after(from, n).ok(), nth);
    }

    /// What is counted is what a walk from day to day finds, whatever is in a calendar: years far apart, terms that
    /// overlap, days off outside terms, and the day on which it stops being loaded.
    #[test]
    fn counting_agrees_with_walking(
        terms in prop::collection::vec((0_i64..900, 1_i64..90), 0..8),
        off in prop::collection::vec((0_u8..3, 0_i64..1000, 0_i64..12), 0..10),
        start in -10_i64..1000,
        length in -5_i64..300,
        n in 0_u32..90,
    ) {
        let day = |n| date!(2023 - 09 - 01) + Duration::days(n);
        let mut spans: Vec<_> =
            terms.iter().map(|(at, days)| span(SpanKind::Term, day(*at), day(at + days))).collect();
        let kinds = [SpanKind::Inset, SpanKind::Closure, SpanKind::BankHoliday];
        spans.extend(off.iter().map(|(kind, at, days)| span(kinds[usize::from(*kind)], day(*at), day(at + days))));
        let calendar = SchoolCalendar::new(spans);
        let is_school = |day| matches!(calendar.day(day), Day::School { .. });
        let loaded = |day| calendar.day(day) != Day::NotLoaded;
        let (from, to) = (day(start), day(start + length));
        prop_assert_eq!(calendar.is_school_day(from), is_school(from));

        let mut count = Ok(0);
        let mut at = from;
        while at <= to {
            count = match count {
                Ok(_) if !loaded(at) => Err(NotLoaded(at)),
                Ok(count) => Ok(count + u32::from(is_school(at))),
                err => err,
            };
            at += Duration::DAY;
        }
        prop_assert_eq!(calendar.school_days(from, to), count);

        for (found, step) in [
            (calendar.nth_school_day_after(from, n), Duration::DAY),
            (calendar.nth_school_day_before(from, n), -Duration::DAY),
        ] {
            let (mut at, mut left, mut lost) = (from, n, None);
            while left > 0 && lost.is_none() {
                at += step;
                left -= u32::from(is_school(at));
                lost = (!loaded(at)).then_some(at);
            }
            prop_assert_eq!(found, lost.map_or(Ok(at), |at| Err(NotLoaded(at))));
        }
    }
}
