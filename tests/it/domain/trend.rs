use proptest::prelude::*;
use waymark::domain::{monitoring::Totals, trend::Trend};

fn days(points: &[u32]) -> Vec<Totals> {
    points.iter().map(|points| Totals { points: *points, recorded: 10, expected: 10 }).collect()
}

#[test]
fn a_trend_compares_the_latest_five_days_with_the_five_before() {
    let even = [10; 5];
    for (latest, says) in [
        ([10; 5], Trend::Steady),
        ([12; 5], Trend::Rising),
        ([8; 5], Trend::Falling),
        // One point short of ten percentage points.
        ([12, 12, 12, 12, 11], Trend::Steady),
        ([8, 8, 8, 8, 9], Trend::Steady),
        ([20, 10, 10, 10, 10], Trend::Rising),
    ] {
        assert_eq!(Trend::of(&days(&[even, latest].concat())), says, "{latest:?}");
    }
    assert_eq!(Trend::of(&[]), Trend::TooEarly);
    assert_eq!(Trend::of(&days(&[0, 0, 0, 0, 20, 20, 20, 20, 20])), Trend::TooEarly);
}

#[test]
fn days_without_a_mark_are_passed_over_and_a_short_day_weighs_less() {
    let mut all = days(&[10; 10]);
    all.insert(3, Totals { points: 0, recorded: 0, expected: 10 });
    all.push(Totals::default());
    assert_eq!(Trend::of(&all), Trend::Steady);
    all.truncate(10);
    assert_eq!(Trend::of(&all), Trend::TooEarly);
    // A day of one mark met in full does not lift a week.
    let mut all = days(&[10; 9]);
    all.push(Totals { points: 2, recorded: 1, expected: 10 });
    assert_eq!(Trend::of(&all), Trend::Steady);
}

proptest! {
    #[test]
    fn upside_down_it_says_the_opposite(points in prop::collection::vec(0_u32..=20, 0..30)) {
        let down: Vec<_> = points.iter().map(|p| 20 - p).collect();
        let opposite = match Trend::of(&days(&down)) {
            Trend::Rising => Trend::Falling,
            Trend::Falling => Trend::Rising,
            other => other,
        };
        prop_assert_eq!(Trend::of(&days(&points)), opposite);
    }

    /// A second way to reckon it, with fractions.
    #[test]
    fn it_is_the_difference_of_two_shares(points in prop::collection::vec((0_u32..=20, 0_u32..=10), 0..30)) {
        let all: Vec<_> = points.iter()
            .map(|(points, recorded)| Totals { points: (*points).min(2 * recorded), recorded: *recorded, expected: 10 })
            .collect();
        let recorded: Vec<_> = all.iter().filter(|day| day.recorded > 0).rev().take(10).collect();
        let share = |days: &[&Totals]| {
            f64::from(days.iter().map(|d| d.points).sum::<u32>()) / f64::from(days.iter().map(|d| d.possible()).sum::<u32>())
        };
        let says = if recorded.len() < 10 { Trend::TooEarly } else {
            let moved = share(&recorded[..5]) - share(&recorded[5..]);
            if moved > 0.1 - 1e-9 { Trend::Rising } else if moved < -0.1 + 1e-9 { Trend::Falling } else { Trend::Steady }
        };
        prop_assert_eq!(Trend::of(&all), says);
    }
}
