//! Why a case stands high on a long list: each sign by itself, the order made of them, and nothing else.

use time::{Date, Duration, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span as Days, SpanKind},
    concern::{Concern, Level, Looked, concerns, unmarked},
    duties::{Duty, What},
    ids::{ExclusionId, TargetId},
    stage::Stage,
    suspension::HalfDays,
    week::{Away, DayTotals, PeriodLabel, TargetDays, Weeks},
};

const TODAY: Date = date!(2026 - 11 - 24);
const OPENED: Date = date!(2026 - 11 - 02);

fn calendar() -> SchoolCalendar {
    let term = |name: &str, from, to| Days { kind: SpanKind::Term, name: name.to_owned(), from, to };
    SchoolCalendar::new(vec![
        term("Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        term("Term 2", OPENED, date!(2026 - 12 - 18)),
    ])
}

/// School days from the second of November up to and including yesterday.
fn past() -> Vec<Date> {
    calendar()
        .latest_school_days(TODAY, 30)
        .into_iter()
        .filter(|day| *day >= OPENED && *day < TODAY)
        .collect()
}

/// A case with a target since it began, and these days.
fn weeks(days: Vec<DayTotals>) -> Weeks {
    let target = TargetDays {
        id: TargetId::from(Uuid::nil()),
        words: "Arrive on time".to_owned(),
        starts_on: OPENED,
        due_on: date!(2026 - 12 - 11),
        ended_on: None,
    };
    Weeks {
        targets: vec![target],
        days,
        periods: (1..=6)
            .map(|number| PeriodLabel { number, label: format!("P{number}"), from_on: OPENED, to_on: None })
            .collect(),
        ..Weeks::default()
    }
}

fn day(on: Date, points: u32) -> DayTotals {
    DayTotals { on, points, recorded: 6, expected: 6, excused: false }
}

/// Every day so far with the same points of 12.
fn all(points: u32) -> Weeks {
    weeks(past().into_iter().map(|on| day(on, points)).collect())
}

fn duty(what: What, due_on: Date) -> Duty {
    Duty { what, due_on }
}

fn statutory(due_on: Date) -> Duty {
    let what = What::Exclusion {
        exclusion: ExclusionId::from(Uuid::nil()),
        clause: "N1".to_owned(),
        todo: "tell the parents".to_owned(),
        by_head: true,
    };
    duty(what, due_on)
}

fn look(stage: Stage, duties: &[Duty], weeks: &Weeks, half_days: Option<u32>) -> Vec<Concern> {
    let looked =
        Looked { stage, duties, weeks, goal: 80, suspended: half_days.map(HalfDays), opened_on: OPENED };
    concerns(looked, &calendar(), TODAY)
}

#[test]
fn nothing_stands_out_when_everything_is_done() {
    let due_today = [duty(What::SetTargets, TODAY), statutory(TODAY)];
    let none = look(Stage::Two, &due_today, &all(12), Some(69));
    assert_eq!(none, [], "due today is not overdue, 34.5 days are not near the ceiling");
    assert_eq!(Level::of(&none), Level::Steady);
}

#[test]
fn each_sign_is_said_in_words_with_its_number() {
    let monday = TODAY - Duration::DAY;
    let friday = TODAY - Duration::days(4);
    for (found, wanted, words, level) in [
        (
            look(Stage::One, &[duty(What::ReviewTargets, monday)], &all(12), None),
            Concern::Overdue { days: 1 },
            "1 school day overdue",
            Level::Raised,
        ),
        (
            look(
                Stage::One,
                &[duty(What::ReviewTargets, OPENED), duty(What::SetTargets, monday)],
                &all(12),
                None,
            ),
            Concern::Overdue { days: 16 },
            "16 school days overdue",
            Level::High,
        ),
        (
            look(Stage::One, &[statutory(friday)], &all(12), None),
            Concern::LawOverdue { days: 2 },
            "a step the law asks for is 2 school days overdue",
            Level::High,
        ),
        (
            look(Stage::One, &[], &all(12), Some(71)),
            Concern::NearCeiling { half_days: 71 },
            "35.5 days of 45 suspended this school year",
            Level::High,
        ),
        (
            look(Stage::One, &[], &all(12), Some(70)),
            Concern::NearCeiling { half_days: 70 },
            "35 days of 45 suspended this school year",
            Level::High,
        ),
        (
            look(Stage::One, &[], &all(9), None),
            Concern::BelowGoal { below: 5, of: 5 },
            "below the goal on 5 of the last 5 recorded days",
            Level::Raised,
        ),
        (look(Stage::Three, &[], &all(12), None), Concern::Stage3, "at Stage 3", Level::Raised),
    ] {
        assert_eq!(found, [wanted]);
        assert_eq!((found[0].words().as_str(), Level::of(&found)), (words, level));
        let kept = serde_json::to_string(&found[0]).unwrap();
        assert_eq!(serde_json::from_str::<Concern>(&kept).unwrap(), found[0], "as it is kept");
    }
}

#[test]
fn the_goal_needs_five_recorded_days_and_four_below() {
    let days = past();
    let last = |points: &[u32]| {
        let from = days.len() - points.len();
        weeks(days[from..].iter().zip(points).map(|(on, points)| day(*on, *points)).collect())
    };
    let below = |points: &[u32]| look(Stage::One, &[], &last(points), None);
    assert_eq!(below(&[9, 9, 9, 9, 12]), [Concern::BelowGoal { below: 4, of: 5 }]);
    assert_eq!(below(&[9, 9, 9, 12, 12]), []);
    assert_eq!(below(&[0, 0, 0, 0]), [], "four days are too few to tell");
    assert_eq!(below(&[0, 0, 0, 0, 0, 10, 10, 10, 10, 10]), [], "only the latest five");
    // 9.6 of 12 would be exactly 80%: 10 reaches it, 9 does not.
    assert_eq!(below(&[9, 9, 9, 9, 10]), [Concern::BelowGoal { below: 4, of: 5 }]);
}

#[test]
fn days_without_marks_are_counted_back_from_yesterday() {
    let days = past();
    let without = |last: usize| weeks(days[..days.len() - last].iter().map(|on| day(*on, 12)).collect());
    let count = |weeks: &Weeks| unmarked(weeks, OPENED, &calendar(), TODAY);
    for missing in [0, 1, 2, 3, 7] {
        assert_eq!(count(&without(missing)), u32::try_from(missing).unwrap());
    }
    assert_eq!(look(Stage::One, &[], &without(2), None), []);
    let three = look(Stage::One, &[], &without(3), None);
    assert_eq!(three, [Concern::Unmarked { days: 3 }]);
    assert_eq!((three[0].words().as_str(), Level::of(&three)), ("no marks for 3 school days", Level::Raised));
    assert_eq!(Level::of(&look(Stage::One, &[], &without(10), None)), Level::High);
    // Today does not count, whether it has marks or not; a case that began yesterday has one day.
    assert_eq!(unmarked(&weeks(Vec::new()), TODAY, &calendar(), TODAY), 0);
    assert_eq!(unmarked(&weeks(Vec::new()), TODAY - Duration::DAY, &calendar(), TODAY), 1);
    // An absence neither counts nor ends the row.
    let away =
        |from: usize, to: usize| Away { from_on: days[days.len() - from], to_on: days[days.len() - to] };
    assert_eq!(count(&Weeks { away: vec![away(2, 1)], ..without(5) }), 3);
    assert_eq!(count(&Weeks { away: vec![away(4, 3)], ..without(5) }), 3);
    // No calendar, no claim.
    assert_eq!(unmarked(&without(5), OPENED, &SchoolCalendar::new(Vec::new()), TODAY), 0);
}

#[test]
fn three_things_at_once_are_high_and_the_gravest_comes_first() {
    let monday = TODAY - Duration::DAY;
    let late = [duty(What::ReviewTargets, monday)];
    let two = look(Stage::Three, &late, &all(12), None);
    assert_eq!(two, [Concern::Overdue { days: 1 }, Concern::Stage3]);
    assert_eq!(Level::of(&two), Level::Raised);
    let three = look(Stage::Three, &late, &all(6), None);
    assert_eq!(
        three,
        [Concern::Overdue { days: 1 }, Concern::BelowGoal { below: 5, of: 5 }, Concern::Stage3]
    );
    assert_eq!(Level::of(&three), Level::High);
    assert!(Level::High > Level::Raised && Level::Raised > Level::Steady);
    for level in Level::ALL {
        assert_eq!(Level::from_rank(level.rank()), level);
    }
}
