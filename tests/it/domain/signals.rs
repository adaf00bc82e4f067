use proptest::prelude::*;
use time::{Date, Duration, macros::date};
use waymark::domain::{
    monitoring::Totals,
    signals::{AROUND, ENOUGH, FEW, Kind, SHIFT, Signal, TREND, around, middle, signals, too_few},
};

fn days(points: &[u32]) -> Vec<Totals> {
    points.iter().map(|points| Totals { points: *points, recorded: 10, expected: 10 }).collect()
}

#[test]
fn below_ten_recorded_days_it_is_too_early_to_tell() {
    assert_eq!(signals(&days(&[1, 2, 3, 4, 5, 6, 7, 8, 9])), None);
    let mut few = days(&[10; 9]);
    few.push(Totals { points: 0, recorded: 0, expected: 10 });
    assert_eq!(signals(&few), None, "a day without a mark is no recorded day");
    assert_eq!(signals(&days(&[10; 10])), Some(vec![]));
}

#[test]
fn six_days_on_one_side_of_the_median_are_a_shift() {
    let signal = |kind, days, from, to| Signal { kind, days, left_out: 0, from, to };
    // The median lies between 8 and 12.
    let both = [8, 6, 8, 6, 8, 6, 12, 14, 12, 14, 12, 14];
    let found = signals(&days(&both)).unwrap();
    assert_eq!(found, [signal(Kind::Below, 6, 0, 5), signal(Kind::Above, 6, 6, 11)]);
    // Five are not enough.
    assert_eq!(signals(&days(&[8, 6, 8, 6, 8, 12, 14, 12, 14, 12])), Some(vec![]));
    // Days on the median count for neither side and break nothing, and the words say that they are left out.
    let over = [12, 14, 10, 12, 14, 12, 10, 14, 8, 6, 8, 6, 8];
    let found = signals(&days(&over)).unwrap();
    assert_eq!(found, [Signal { left_out: 2, ..signal(Kind::Above, 6, 0, 7) }]);
    // A day without a mark breaks nothing either.
    let mut gap = days(&both);
    gap.insert(2, Totals::default());
    assert_eq!(signals(&gap).unwrap()[0], signal(Kind::Below, 6, 0, 6));
}

#[test]
fn a_median_with_one_side_or_with_many_days_on_it_is_no_middle() {
    let shifts = |points: &[u32]| -> Vec<_> {
        let shift = |signal: &Signal| matches!(signal.kind, Kind::Above | Kind::Below);
        signals(&days(points)).unwrap().into_iter().filter(shift).collect()
    };
    // A good pupil: every day that is not perfect lies below a median of everything.
    let good = [18, 20, 20, 20, 19, 20, 20, 20, 17, 20, 19, 20, 20, 18, 20, 20, 18, 20];
    assert!(shifts(&good).is_empty());
    assert!(shifts(&good.map(|points| 20 - points)).is_empty());
    // One better day does not make it a middle.
    let mut one = good.map(|points| points - 1);
    one[2] = 20;
    assert!(shifts(&one).is_empty());
    // Three quarters of the days off the median are enough, fewer are not.
    let on = |days: usize| [&[12, 14, 12, 14, 12, 14][..], &[10; 5][..days], &[8, 6, 8, 6, 8, 6]].concat();
    assert_eq!(shifts(&on(4)).len(), 2);
    assert!(shifts(&on(5)).is_empty());
}

#[test]
fn the_words_of_a_signal_are_true_of_the_days_it_names() {
    let signal = |kind, days, left_out| Signal { kind, days, left_out, from: 0, to: days + left_out - 1 };
    for (signal, says) in [
        (signal(Kind::Above, 6, 0), "6 recorded days in a row above the middle of these days"),
        (
            signal(Kind::Below, 7, 1),
            "7 recorded days below the middle of these days, when 1 day on the middle is left out",
        ),
        (
            signal(Kind::Below, 7, 3),
            "7 recorded days below the middle of these days, when 3 days on the middle are left out",
        ),
        (signal(Kind::Rising, 5, 0), "5 recorded days in a row, each higher than the one before"),
        (
            signal(Kind::Falling, 5, 2),
            "5 recorded days, each lower than the one before, when 2 days equal to the one before are left out",
        ),
    ] {
        assert_eq!(signal.words(), says);
    }
}

#[test]
fn the_middle_is_half_way_between_two_and_shown_when_it_is_used() {
    assert_eq!(middle(&days(&[10; 9])), None);
    assert_eq!(middle(&days(&[8, 6, 8, 6, 8, 6, 12, 14, 12, 14, 12, 14])), Some(50), "between 40% and 60%");
    assert_eq!(middle(&days(&[8, 6, 8, 6, 8, 10, 12, 14, 12, 14, 12])), Some(50), "the one in the middle");
    assert_eq!(middle(&days(&[8, 6, 8, 6, 8, 9, 10, 12, 14, 12, 14, 12])), Some(47), "47.5%, rounded down");
}

#[test]
fn too_few_days_are_told_from_a_young_case() {
    let earlier = Some(date!(2026 - 10 - 02));
    let of = |recorded: usize| {
        [days(&[10; 9])[..recorded].to_vec(), vec![Totals::default(); 20 - recorded]].concat()
    };
    for (days, earlier, says) in [
        (of(3), None, "Too early to tell: it takes 10 recorded days."),
        (
            of(0),
            earlier,
            "Nothing to tell: no day since 2 October 2026 has marks, and it takes 10 of these days.",
        ),
        (of(1), earlier, "Too few marks to tell: 1 of these 20 days is recorded, and it takes 10."),
        (of(3), earlier, "Too few marks to tell: 3 of these 20 days are recorded, and it takes 10."),
    ] {
        assert_eq!(too_few(&days, earlier), says);
    }
}

#[test]
fn five_days_that_rise_or_fall_are_a_trend() {
    let kinds = |points: &[u32]| -> Vec<_> {
        let trend = |signal: &Signal| matches!(signal.kind, Kind::Rising | Kind::Falling);
        signals(&days(points)).unwrap().into_iter().filter(trend).collect()
    };
    let rising = kinds(&[9, 5, 6, 7, 8, 9, 4, 9, 4, 9]);
    assert_eq!(rising, [Signal { kind: Kind::Rising, days: 5, left_out: 0, from: 1, to: 5 }]);
    let falling = kinds(&[4, 9, 8, 7, 6, 5, 9, 4, 9, 4]);
    assert_eq!(falling, [Signal { kind: Kind::Falling, days: 5, left_out: 0, from: 1, to: 5 }]);
    assert!(kinds(&[9, 5, 6, 7, 8, 4, 9, 4, 9, 4]).is_empty(), "four do not");
    // A day that equals the one before is passed over, and counted as left out.
    let level = kinds(&[9, 5, 6, 6, 7, 8, 8, 9, 4, 9]);
    assert_eq!(level, [Signal { kind: Kind::Rising, days: 5, left_out: 2, from: 1, to: 7 }]);
    // A trend begins on the last of equal days.
    let late = kinds(&[5, 5, 5, 6, 7, 8, 9, 4, 9, 4]);
    assert_eq!(late, [Signal { kind: Kind::Rising, days: 5, left_out: 0, from: 2, to: 6 }]);
}

#[test]
fn the_days_around_a_change_are_compared_when_there_are_enough() {
    let first = date!(2026 - 11 - 02);
    let all = |points: &[u32]| -> Vec<(Date, Totals)> {
        (0..).zip(days(points)).map(|(n, totals)| (first + Duration::days(n), totals)).collect()
    };
    let change = first + Duration::days(5);
    let found = around(&all(&[10, 10, 10, 10, 10, 15, 15, 15, 15, 15]), change);
    assert!(found.comparable());
    assert_eq!(
        found.words(),
        "Before: 50 of 100 points (50%) over 5 recorded days. Since: 75 of 100 points (75%) over 5 recorded days"
    );
    let short = around(&all(&[10, 10, 10, 10, 10, 15]), change);
    assert_eq!(
        short.words(),
        "Too few days to compare: 5 recorded days before and 1 recorded day since; it takes 5 on each side"
    );
    // Ten on each side are the most: those nearest to it.
    let long: Vec<_> = (0..30).map(|n| if (5..=24).contains(&n) { 20 } else { 0 }).collect();
    let found = around(&all(&long), first + Duration::days(15));
    assert_eq!((found.before.totals.points, found.after.totals.points), (200, 200));
}

proptest! {
    /// Every signal, looked at day by day in fractions, is what it says; and no longer run was overlooked.
    #[test]
    fn a_signal_is_what_it_says(points in prop::collection::vec((0_u32..=20, 0_u32..=10), 0..30)) {
        let all: Vec<_> = points.iter()
            .map(|(p, recorded)| Totals { points: (*p).min(2 * recorded), recorded: *recorded, expected: 10 })
            .collect();
        let share = |day: &Totals| f64::from(day.points) / f64::from(day.possible());
        let recorded: Vec<_> = all.iter().filter(|day| day.recorded > 0).map(share).collect();
        let found = signals(&all);
        prop_assert_eq!(found.is_some(), recorded.len() >= ENOUGH);
        let Some(found) = found else { return Ok(()) };
        let mut sorted = recorded.clone();
        sorted.sort_by(f64::total_cmp);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 0 { f64::midpoint(sorted[half - 1], sorted[half]) } else { sorted[half] };
        for signal in &found {
            let within: Vec<_> = all[signal.from..=signal.to].iter().filter(|day| day.recorded > 0).map(share).collect();
            prop_assert_eq!(within.len(), signal.days + signal.left_out);
            match signal.kind {
                Kind::Above | Kind::Below => {
                    let off: Vec<_> = within.iter().filter(|share| (**share - median).abs() > 1e-9).collect();
                    prop_assert!(off.len() == signal.days && signal.days >= SHIFT);
                    prop_assert!(off.iter().all(|share| (**share > median) == (signal.kind == Kind::Above)));
                }
                Kind::Rising | Kind::Falling => {
                    let mut steps = within.clone();
                    steps.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
                    prop_assert!(steps.len() == signal.days && signal.days >= TREND);
                    prop_assert!(steps.windows(2).all(|two| (two[1] > two[0]) == (signal.kind == Kind::Rising)));
                }
            }
        }
        let longest = recorded.iter().filter(|share| (**share - median).abs() > 1e-9)
            .fold((0_usize, 0_usize, None), |(run, most, side), share| {
                let now = *share > median;
                let run = if side == Some(now) { run + 1 } else { 1 };
                (run, most.max(run), Some(now))
            }).1;
        let said = found.iter().filter(|s| matches!(s.kind, Kind::Above | Kind::Below)).map(|s| s.days).max().unwrap_or(0);
        let off = recorded.iter().filter(|share| (**share - median).abs() > 1e-9);
        let (above, below): (Vec<&f64>, Vec<&f64>) = off.partition(|share| **share > median);
        let a_middle = !above.is_empty() && !below.is_empty() && (above.len() + below.len()) * 4 >= recorded.len() * 3;
        prop_assert_eq!(said, if longest >= SHIFT && a_middle { longest } else { 0 });
    }

    #[test]
    fn the_sides_of_a_change_never_share_a_day(points in prop::collection::vec(0_u32..=20, 0..30), at in 0_i64..30) {
        let first = date!(2026 - 11 - 02);
        let all: Vec<_> = (0..).zip(days(&points)).map(|(n, t)| (first + Duration::days(n), t)).collect();
        let found = around(&all, first + Duration::days(at));
        let before = usize::try_from(at).unwrap().min(points.len());
        prop_assert_eq!(found.before.days, before.min(AROUND));
        prop_assert_eq!(found.after.days, (points.len() - before).min(AROUND));
        prop_assert_eq!(found.comparable(), found.before.days >= FEW && found.after.days >= FEW);
    }
}
