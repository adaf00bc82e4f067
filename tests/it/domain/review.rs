//! S1.13: what a week's figures suggest, and why.

use time::macros::date;
use uuid::Uuid;
use waymark::domain::{
    ids::TargetId,
    monitoring::Totals,
    policy::ProgrammePolicy,
    review::{Named, Rating, Signed, Suggestion, WeekFigures, suggest, suggested_rating},
};

fn named(name: &str, points: u32, recorded: u32) -> Named {
    Named { name: name.to_owned(), points, recorded }
}

/// A week of 25 marks on five days, all recorded, with so many points.
fn week(points: u32) -> WeekFigures {
    WeekFigures {
        points,
        recorded: 25,
        expected: 25,
        days_recorded: 5,
        days_expected: 5,
        ..WeekFigures::default()
    }
}

fn before(lights: &[Rating]) -> Vec<Signed> {
    lights.iter().map(|overall| Signed { week_on: date!(2026 - 11 - 09), overall: *overall }).collect()
}

#[test]
fn s1_13_lights_change_exactly_at_80_and_50_percent() {
    let policy = ProgrammePolicy::first();
    let rating =
        |points, recorded| suggested_rating(Totals { points, recorded, expected: recorded }, &policy);
    assert_eq!(rating(0, 0), None, "no mark, no light");
    for (points, recorded, light) in [
        (40, 25, Rating::Green),
        (39, 25, Rating::Amber),
        (25, 25, Rating::Amber),
        (24, 25, Rating::Red),
        (0, 25, Rating::Red),
        // 79.7% is written 80% and is not green: no rounding.
        (255, 160, Rating::Amber),
        (256, 160, Rating::Green),
        // 49.7% is written 50% and is not amber.
        (159, 160, Rating::Red),
        (160, 160, Rating::Amber),
    ] {
        assert_eq!(rating(points, recorded), Some(light), "{points} of {}", 2 * recorded);
    }
}

#[test]
fn s1_13_suggestions() {
    use Rating::{Amber, Green, Red};
    let policy = ProgrammePolicy::first();
    let end = date!(2026 - 11 - 20);
    let (near, far) = (Some(date!(2026 - 11 - 30)), Some(date!(2026 - 12 - 01)));
    let of = |figures: &WeekFigures, lights: &[Rating], due| {
        suggest(figures, &before(lights), due, end, &policy).0
    };
    for (points, lights, due, expected) in [
        (40, &[][..], near, Suggestion::OnTrack),
        (40, &[Green], near, Suggestion::ReadyToExit),
        (40, &[Green], far, Suggestion::OnTrack),
        (40, &[Green], None, Suggestion::OnTrack),
        (40, &[Amber, Green], near, Suggestion::OnTrack),
        (39, &[Green, Green], near, Suggestion::Watch),
        (24, &[Red], near, Suggestion::Watch),
        (24, &[Red, Red], near, Suggestion::NotResponding),
        (24, &[Red, Amber, Red], near, Suggestion::Watch),
        (25, &[Red, Red], near, Suggestion::Watch),
    ] {
        assert_eq!(of(&week(points), lights, due), expected, "{points} after {lights:?}, due {due:?}");
    }
    // Half of the marks is enough to tell; one less is not, and one day never is.
    assert_eq!(of(&WeekFigures { expected: 50, ..week(40) }, &[], near), Suggestion::OnTrack);
    assert_eq!(of(&WeekFigures { expected: 51, ..week(40) }, &[], near), Suggestion::CannotTell);
    assert_eq!(of(&WeekFigures { days_recorded: 1, ..week(40) }, &[], near), Suggestion::CannotTell);
    assert_eq!(of(&WeekFigures::default(), &[Red, Red], near), Suggestion::CannotTell);
    // Support that was not given comes before a judgement, unless the week is green anyway.
    let support =
        |points, given| WeekFigures { sessions_planned: 3, sessions_delivered: given, ..week(points) };
    assert_eq!(of(&support(24, 1), &[Red, Red], near), Suggestion::SupportNotDelivered);
    assert_eq!(of(&support(24, 2), &[Red, Red], near), Suggestion::NotResponding);
    assert_eq!(of(&support(40, 0), &[], near), Suggestion::OnTrack);
    let (_, why) = suggest(&week(24), &before(&[Red, Red]), near, end, &policy);
    assert_eq!(why, "3 weeks in a row below 50%.");
}

#[test]
fn trends_need_five_points_and_two_weeks() {
    let trend = |points, last_points, last_recorded| {
        WeekFigures { last_points, last_recorded, ..week(points) }.trend()
    };
    assert_eq!(trend(35, 30, 25), "Up from 60% the week before");
    assert_eq!(trend(25, 30, 25), "Down from 60% the week before");
    assert_eq!(trend(32, 30, 25), "About the same as the week before (60%)");
    assert_eq!(trend(28, 30, 25), "About the same as the week before (60%)");
    assert_eq!(trend(35, 0, 0), "Nothing was recorded the week before");
    assert_eq!(WeekFigures::default().trend(), "Nothing was recorded this week");
}

#[test]
fn best_and_hardest_periods_differ_or_are_not_named() {
    let ends = |periods: &[(&str, u32, u32)]| {
        let by_period =
            periods.iter().map(|(name, points, recorded)| named(name, *points, *recorded)).collect();
        let figures = WeekFigures { by_period, ..WeekFigures::default() };
        figures.best_and_hardest().map(|(best, hardest)| (best.name.clone(), hardest.name.clone()))
    };
    let pair = |best: &str, hardest: &str| Some((best.to_owned(), hardest.to_owned()));
    assert_eq!(ends(&[]), None);
    assert_eq!(ends(&[("P1", 5, 5)]), None, "one period is neither");
    assert_eq!(ends(&[("P1", 5, 5), ("P2", 10, 10)]), None, "equal shares");
    assert_eq!(ends(&[("P1", 5, 5), ("P2", 6, 5), ("P3", 0, 0)]), pair("P2", "P1"), "no marks, not hardest");
    assert_eq!(ends(&[("P1", 2, 1), ("P2", 9, 5), ("P3", 0, 4)]), pair("P1", "P3"), "shares, not points");
}

#[test]
fn what_went_well_names_the_best_target_and_fits() {
    let id = || TargetId::from(Uuid::now_v7());
    let figures = WeekFigures {
        by_target: vec![
            (id(), named("Listen", 10, 10)),
            (id(), named("Arrive on time", 9, 5)),
            (id(), named("Equal", 18, 10)),
            (id(), named("Nothing", 0, 0)),
        ],
        by_period: vec![named("P1", 3, 2), named("P2", 1, 2)],
        ..WeekFigures::default()
    };
    let praise = ["Helped a new pupil".to_owned(), "x".repeat(500)];
    assert_eq!(
        figures.went_well("Sam", &praise, 200),
        "Sam did best with “Arrive on time”: 9 of 10 points (90%). The best period was P1. Praise: “Helped a new pupil”"
    );
    assert_eq!(figures.went_well("Sam", &praise, 10), "");
    assert_eq!(WeekFigures::default().went_well("Sam", &[], 200), "");
}

#[test]
fn gaps_and_support_are_said() {
    assert_eq!(week(1).gaps(), "Every mark is recorded");
    assert_eq!(WeekFigures::default().gaps(), "No marks were expected");
    let gaps = WeekFigures { recorded: 20, days_recorded: 4, ..week(1) }.gaps();
    assert_eq!(gaps, "4 of 5 days recorded; 5 of 25 marks missing");
    assert_eq!(week(1).support_words(), "No support sessions were planned");
}
