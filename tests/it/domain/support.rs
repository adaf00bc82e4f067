//! Support: what can be arranged when, priority, sessions, and what marks show beside it.

use time::{Date, Duration, macros::date};
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    monitoring::Totals,
    pupil::YearGroup,
    support::{
        Delivery, NotArranged, NotReviewed, Priority, Stretch, SupportKind, before_and_lately,
        reviewed_in_time,
    },
};

#[test]
fn r1_02_the_catalogue_has_the_key_elements_and_other_support() {
    let kinds: Vec<_> = SupportKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "supported_transfer",
            "mentor",
            "learning_support_unit",
            "collaborative_resources",
            "restorative",
            "mediation",
            "internal_exclusion",
            "flexible_ks4",
            "joint_planning",
            "behaviour_support",
            "other"
        ]
    );
    assert!(SupportKind::InternalExclusion.hint().contains("not a suspension"));
    for kind in SupportKind::ALL {
        assert!(!(kind.of_school() && kind.of_service()), "{kind:?} is given by one of them");
    }
}

#[test]
fn p2_03b_a_supported_transfer_is_never_arranged_as_support() {
    for year in 7..=11 {
        let refused = SupportKind::SupportedTransfer.arranged_in(YearGroup(year));
        assert_eq!(refused, Err(NotArranged::OnlyAtStage3));
        assert!(refused.unwrap_err().to_string().contains("P2.03b"));
    }
}

#[test]
fn s3_04_flexible_opportunities_are_for_key_stage_4() {
    for (year, allowed) in [(6, false), (7, false), (9, false), (10, true), (11, true), (12, false)] {
        let answer = SupportKind::FlexibleKs4.arranged_in(YearGroup(year));
        assert_eq!(answer.is_ok(), allowed, "Year {year}");
        // A pupil of any year may have joint planning with the PRU, and a mentor.
        assert!(SupportKind::JointPlanning.arranged_in(YearGroup(year)).is_ok());
        assert!(SupportKind::Mentor.arranged_in(YearGroup(year)).is_ok());
    }
    let says = SupportKind::FlexibleKs4.arranged_in(YearGroup(9)).unwrap_err().to_string();
    assert!(says.contains("S3.04") && says.contains("Year 9"), "{says}");
}

fn term(from: Date, to: Date) -> Span {
    Span { kind: SpanKind::Term, name: "Term".to_owned(), from, to }
}

#[test]
fn a_review_is_after_the_first_day_and_within_sixteen_school_weeks() {
    let calendar = SchoolCalendar::new(vec![
        term(date!(2026 - 09 - 02), date!(2026 - 12 - 18)),
        term(date!(2027 - 01 - 04), date!(2027 - 03 - 26)),
    ]);
    let start = date!(2026 - 09 - 07);
    for (review, expected) in [
        (start - Duration::days(1), Err(NotReviewed::BeforeStart)),
        (start, Err(NotReviewed::BeforeStart)),
        (start + Duration::days(1), Ok(())),
        // Sixteen weeks on by the calendar, in the Christmas holiday.
        (start + Duration::weeks(16), Ok(())),
        // The holiday does not count: the sixteenth school week begins on 11 January.
        (date!(2027 - 01 - 15), Ok(())),
        (date!(2027 - 01 - 18), Err(NotReviewed::TooLate)),
        (date!(2028 - 01 - 18), Err(NotReviewed::NotLoaded)),
    ] {
        assert_eq!(reviewed_in_time(start, review, &calendar), expected, "{review}");
    }
    // Without any calendar the next sixteen weeks are certain all the same.
    let none = SchoolCalendar::default();
    assert_eq!(reviewed_in_time(start, start + Duration::weeks(16), &none), Ok(()));
    assert_eq!(reviewed_in_time(start, start + Duration::days(113), &none), Err(NotReviewed::NotLoaded));
}

#[test]
fn p2_02_priority_needs_both() {
    for (school, service, declined, expected) in [
        (false, false, false, Priority::NotAsked),
        (false, true, false, Priority::NotAsked),
        (false, false, true, Priority::NotAsked),
        (true, false, false, Priority::Waiting),
        (true, true, false, Priority::Agreed),
        (true, false, true, Priority::Declined),
        (true, true, true, Priority::Declined),
    ] {
        assert_eq!(Priority::of(school, service, declined), expected);
    }
}

#[test]
fn sessions_in_words() {
    let words = |given, recorded| Delivery { given, recorded }.words();
    assert_eq!(words(0, 0), "No session recorded yet");
    assert_eq!(words(1, 1), "1 of 1 recorded session given");
    assert_eq!(words(7, 10), "7 of 10 recorded sessions given");
    assert_eq!(Delivery { given: 1, recorded: 1 }.of_planned(2), "1 of 2 planned given");
    assert_eq!(Delivery { given: 3, recorded: 3 }.of_planned(0), "3 given, none planned");
}

#[test]
fn what_marks_show_beside_support_and_when_they_are_too_few() {
    let stretch =
        |days, points, recorded| Stretch { days, totals: Totals { points, recorded, expected: recorded } };
    assert_eq!(
        before_and_lately(stretch(10, 82, 100), stretch(5, 58, 50)),
        "41% (82 of 200 points, 10 days) before it began, 58% (58 of 100 points, 5 days) lately"
    );
    for (before, lately) in [(0, 0), (2, 10), (10, 2), (1, 1)] {
        let words = before_and_lately(stretch(before, 10, 10), stretch(lately, 10, 10));
        assert!(words.starts_with("Too few days to tell"), "{before} {lately}: {words}");
        assert!(!words.contains('%'));
    }
    assert!(before_and_lately(stretch(3, 0, 3), stretch(3, 6, 3)).starts_with("0% (0 of 6 points, 3 days)"));
}
