//! S1.13, A15: which weeks there are to review, which may wait, and what a week comes to.

use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span as Days, SpanKind, Week},
    ids::TargetId,
    policy::ProgrammePolicy,
    review::Rating,
    week::{
        Away, DayTotals, Given, MarksOf, PeriodLabel, Planned, Review, Span, Standing, TargetDays, Weeks,
        named,
    },
};

fn calendar() -> SchoolCalendar {
    let term = |name: &str, from, to| Days { kind: SpanKind::Term, name: name.to_owned(), from, to };
    SchoolCalendar::new(vec![
        term("Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        term("Term 2", date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
    ])
}

fn target(n: u128, starts_on: Date) -> TargetDays {
    let id = TargetId::from(Uuid::from_u128(n));
    TargetDays { id, words: format!("Target {n}"), starts_on, due_on: date!(2026 - 12 - 11), ended_on: None }
}

fn case() -> Weeks {
    Weeks {
        targets: vec![target(1, date!(2026 - 10 - 14)), target(2, date!(2026 - 10 - 14))],
        periods: (1..=6)
            .map(|number| PeriodLabel {
                number,
                label: format!("P{number}"),
                from_on: date!(2000 - 01 - 01),
                to_on: None,
            })
            .collect(),
        ..Weeks::default()
    }
}

fn day(on: Date, points: u32, recorded: u32, expected: u32) -> DayTotals {
    DayTotals { on, points, recorded, expected, excused: expected == 0 }
}

fn mondays(weeks: &[Week]) -> Vec<Date> {
    weeks.iter().map(|week| week.monday).collect()
}

fn span(case: &Weeks, at: Date) -> Option<Span> {
    let weeks = case.school_weeks(&calendar(), date!(2026 - 11 - 24));
    case.span(&weeks, at, &ProgrammePolicy::first())
}

#[test]
fn g19_half_term_owes_no_review() {
    let weeks = case().school_weeks(&calendar(), date!(2026 - 11 - 10));
    let expected =
        [date!(2026 - 10 - 12), date!(2026 - 10 - 19), date!(2026 - 11 - 02), date!(2026 - 11 - 09)];
    assert_eq!(mondays(&weeks), expected, "the week of 26 October is no school week");
    assert_eq!(span(&case(), date!(2026 - 10 - 26)), None);
    assert_eq!(span(&case(), date!(2026 - 10 - 05)), None, "before the first target");
    assert_eq!(span(&case(), date!(2026 - 11 - 30)), None, "has not come yet");
    assert_eq!(Weeks::default().school_weeks(&calendar(), date!(2026 - 11 - 10)), []);
    let closed = Weeks { closed_on: Some(date!(2026 - 10 - 20)), ..case() };
    assert_eq!(closed.school_weeks(&calendar(), date!(2026 - 11 - 10)).len(), 2);
}

#[test]
fn s1_13_a_week_with_fewer_than_two_expected_days_may_wait() {
    let policy = ProgrammePolicy::first();
    let week = calendar().week(date!(2026 - 11 - 09));
    let standing =
        |days: Vec<DayTotals>, away: Vec<Away>| Weeks { days, away, ..case() }.standing(&week, &policy);
    let excused =
        |n: i64| (0..n).map(|n| day(date!(2026 - 11 - 09) + time::Duration::days(n), 0, 0, 0)).collect();
    assert_eq!(standing(excused(3), vec![]), Standing::Owed(date!(2026 - 11 - 13)), "two days are left");
    assert_eq!(standing(excused(4), vec![]), Standing::MayWait);
    assert_eq!(standing(excused(5), vec![]), Standing::MayWait);
    let away = Away { from_on: date!(2026 - 11 - 10), to_on: date!(2026 - 11 - 13) };
    assert_eq!(standing(vec![], vec![away]), Standing::MayWait, "known beforehand counts too");
    // What was recorded on such a day counts more than what was known beforehand.
    assert_eq!(
        standing(vec![day(date!(2026 - 11 - 10), 4, 2, 12)], vec![away]),
        Standing::Owed(date!(2026 - 11 - 13))
    );
    // The first week begins with the target, on a Wednesday: three days.
    let first = calendar().week(date!(2026 - 10 - 12));
    assert_eq!(case().expected_days(&first), 3);
    assert_eq!(Weeks { closed_on: Some(date!(2026 - 10 - 14)), ..case() }.expected_days(&first), 1);
}

#[test]
fn s1_13_short_weeks_are_reviewed_with_the_next_and_only_right_before_it() {
    let excuse = |mondays: &[Date]| -> Vec<DayTotals> {
        mondays.iter().flat_map(|m| (0..4).map(|n| day(*m + time::Duration::days(n), 0, 0, 0))).collect()
    };
    let short = Weeks { days: excuse(&[date!(2026 - 11 - 02), date!(2026 - 11 - 09)]), ..case() };
    let found = span(&short, date!(2026 - 11 - 16)).unwrap();
    assert_eq!(mondays(&found.weeks), [date!(2026 - 11 - 02), date!(2026 - 11 - 09), date!(2026 - 11 - 16)]);
    assert_eq!(found.before.as_ref().map(|week| week.monday), Some(date!(2026 - 10 - 19)), "over half-term");
    assert_eq!(found.words(), "2 to 20 November 2026");
    assert_eq!(found.last_day(), date!(2026 - 11 - 20));
    // Reviewed on its own, a short week is not merged again; and what lies before it stays where it was.
    let review = |from_week_on, week_on| Review { from_week_on, week_on, overall: Rating::Green };
    let reviewed =
        Weeks { reviews: vec![review(date!(2026 - 11 - 09), date!(2026 - 11 - 09))], ..short.clone() };
    assert_eq!(mondays(&span(&reviewed, date!(2026 - 11 - 16)).unwrap().weeks), [date!(2026 - 11 - 16)]);
    // Signed with the next, it is covered; signing again speaks for the same weeks.
    let merged = Weeks { reviews: vec![review(date!(2026 - 11 - 02), date!(2026 - 11 - 16))], ..short };
    assert_eq!(span(&merged, date!(2026 - 11 - 09)).unwrap().covered_by, Some(date!(2026 - 11 - 16)));
    assert_eq!(span(&merged, date!(2026 - 11 - 16)).unwrap().weeks.len(), 3);
    assert_eq!(span(&merged, date!(2026 - 11 - 23)).unwrap().weeks.len(), 1);
}

#[test]
fn figures_count_what_was_expected_and_not_what_has_not_come() {
    let monday = date!(2026 - 11 - 16);
    let ids: Vec<_> = case().targets.iter().map(|target| target.id).collect();
    let weeks = Weeks {
        days: vec![
            day(date!(2026 - 11 - 10), 6, 4, 12),
            day(monday, 15, 10, 12),
            day(date!(2026 - 11 - 17), 0, 0, 0),
        ],
        ..case()
    };
    let mark =
        |target: usize, period, points, recorded| MarksOf { target: ids[target], period, points, recorded };
    let support =
        |starts_on, ended_on, sessions| Planned { starts_on, ended_on, sessions, provider: String::new() };
    let given = Given {
        marks: vec![mark(0, 1, 8, 5), mark(1, 1, 2, 2), mark(1, 7, 5, 3)],
        planned: vec![
            support(date!(2026 - 11 - 20), None, 2),
            support(date!(2026 - 11 - 21), None, 4),
            support(date!(2026 - 11 - 02), Some(date!(2026 - 11 - 16)), 1),
            support(date!(2026 - 11 - 02), Some(date!(2026 - 11 - 15)), 8),
        ],
        delivered: 1,
    };
    let span = span(&weeks, monday).unwrap();
    let figures = weeks.figures(&span, &given, date!(2026 - 11 - 18));
    assert_eq!((figures.points, figures.recorded), (15, 10));
    assert_eq!(figures.expected, 24, "Monday's 12 and Wednesday's 12; Tuesday is excused");
    assert_eq!((figures.days_recorded, figures.days_expected), (1, 2));
    assert_eq!((figures.last_points, figures.last_recorded), (6, 4));
    assert_eq!(figures.by_day.len(), 3);
    assert_eq!(figures.by_day[0].1.name, "Mon 16 Nov");
    assert_eq!((figures.sessions_planned, figures.sessions_delivered), (3, 1));
    assert_eq!((figures.by_target[0].1.points, figures.by_target[1].1.points), (8, 7));
    let last = figures.by_period.last().unwrap();
    assert_eq!((last.name.as_str(), last.points), ("Period 7", 5), "a period the school no longer has");
    let over = weeks.figures(&span, &given, date!(2026 - 11 - 24));
    assert_eq!((over.expected, over.days_expected), (12 + 3 * 12, 4));
}

#[test]
fn a_week_is_named_by_its_monday_and_nothing_else() {
    assert_eq!(named("2026-11-16"), Some(date!(2026 - 11 - 16)));
    for text in
        ["", "2026-11-17", "2026-11-22", "20261116", "2026-W47-1", "2026-321", "16.11.2026", "2026-11-16 "]
    {
        assert_eq!(named(text), None, "{text}");
    }
}
