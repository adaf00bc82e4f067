use proptest::prelude::*;
use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    ids::TargetId,
    monitoring::{
        Cell, DaySheet, Merged, Reason, Totals, merge, percent, progress_sentence, share, with_missing_days,
    },
};

fn sheet(targets: u128, periods: i16) -> DaySheet {
    DaySheet::new(
        (1..=targets).map(|n| TargetId::from(Uuid::from_u128(n))).collect(),
        (1..=periods).collect(),
    )
}

#[test]
fn shares_are_never_bare_percents() {
    assert_eq!(share(37, 50), "37 of 50 points (74%)");
    assert_eq!(share(0, 0), "no points recorded");
}

#[test]
fn what_is_shown_never_says_a_goal_is_reached_that_is_not() {
    for (points, possible, shown) in [
        (35, 44, 79),
        (1, 8, 12),
        (7, 8, 87),
        (199, 200, 99),
        (1, 200, 0),
        (4, 5, 80),
        (44, 44, 100),
        (0, 44, 0),
        (7, 100, 7),
        (29, 100, 29),
    ] {
        assert_eq!(percent(points, possible), Some(shown), "{points} of {possible}");
    }
    assert_eq!(share(35, 44), "35 of 44 points (79%)");
    let day = Totals { points: 35, recorded: 22, expected: 22 };
    assert!(!day.reaches(80) && day.reaches(79));
}

#[test]
fn blanks_are_not_recorded_and_reasons_leave_the_points_possible() {
    let mut day = sheet(3, 6);
    assert_eq!(day.totals(), Totals { points: 0, recorded: 0, expected: 18 });
    let targets = day.targets.clone();
    day.mark(targets[0], 1, Some(2));
    day.mark(targets[1], 1, Some(1));
    day.excuse(2, Some(Reason::Absent));
    let totals = day.totals();
    assert_eq!(totals, Totals { points: 3, recorded: 2, expected: 15 });
    assert_eq!(totals.words(), "3 of 4 points (75%)");
    assert_eq!(totals.recorded_words(), "2 of 15 marks recorded");
    for period in 1..=6 {
        day.excuse(period, Some(Reason::Exam));
    }
    assert_eq!(day.whole_day(), Some(Reason::Exam));
    assert_eq!(day.totals(), Totals::default());
}

#[test]
fn goals_are_reached_exactly() {
    let totals = |points, recorded| Totals { points, recorded, expected: recorded };
    assert!(totals(8, 5).reaches(80) && !totals(7, 5).reaches(80));
    assert!(!totals(0, 0).reaches(80), "a day without marks reaches nothing");
}

#[test]
fn the_sentence_is_honest_about_few_days() {
    let day = |points| Totals { points, recorded: 5, expected: 5 };
    assert_eq!(progress_sentence(&[], 80, None), "No days recorded yet");
    assert_eq!(progress_sentence(&[day(9)], 80, None), "1 day recorded: too early to tell");
    assert_eq!(
        progress_sentence(&[day(9), day(2)], 80, None),
        "At or above the 80% goal on 1 of 2 days: too early to tell"
    );
    assert_eq!(
        progress_sentence(&[day(9); 6], 80, None),
        "At or above the 80% goal on 6 of the last 6 recorded days"
    );
}

#[test]
fn a_gap_in_a_long_record_is_not_called_the_beginning_of_one() {
    let day = |points| Totals { points, recorded: 5, expected: 5 };
    let earlier = Some(date!(2026 - 10 - 02));
    let days = |some: &[Totals]| [some, &[Totals::default(); 3][..]].concat();
    for (some, says) in [
        (vec![], "No marks on any of these 3 days, last recorded on 2 October 2026"),
        (vec![day(9)], "1 of these 4 days recorded: too few to tell"),
        (
            vec![day(9), day(2)],
            "At or above the 80% goal on 1 of 2 recorded days, of 5 days: too few to tell",
        ),
        (vec![day(9); 5], "At or above the 80% goal on 5 of the last 5 recorded days"),
    ] {
        assert_eq!(progress_sentence(&days(&some), 80, earlier), says);
    }
    assert_eq!(progress_sentence(&days(&[]), 80, None), "No days recorded yet");
}

#[test]
fn school_days_nobody_recorded_are_gaps_between_those_that_are() {
    let span = |kind, from, to| Span { kind, name: String::new(), from, to };
    let calendar = SchoolCalendar::new(vec![
        span(SpanKind::Term, date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        span(SpanKind::Term, date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
        span(SpanKind::Inset, date!(2026 - 11 - 02), date!(2026 - 11 - 02)),
    ]);
    let days = [date!(2026 - 10 - 21), date!(2026 - 10 - 22), date!(2026 - 11 - 04), date!(2026 - 11 - 07)];
    let all = with_missing_days(days.iter().map(|day| (*day, ())).collect(), &calendar);
    let found: Vec<(Date, bool)> = all.into_iter().map(|(day, of)| (day, of.is_some())).collect();
    assert_eq!(
        found,
        [
            (date!(2026 - 10 - 21), true),
            (date!(2026 - 10 - 22), true),
            (date!(2026 - 10 - 23), false),
            // Half term and the staff's day are no gaps.
            (date!(2026 - 11 - 03), false),
            (date!(2026 - 11 - 04), true),
            (date!(2026 - 11 - 05), false),
            (date!(2026 - 11 - 06), false),
            // A Saturday that was recorded stays.
            (date!(2026 - 11 - 07), true),
        ]
    );
    assert!(with_missing_days(Vec::<(Date, ())>::new(), &calendar).is_empty());
}

#[test]
fn cells_read_what_people_type() {
    assert_eq!(Cell::parse(" "), Some(Cell::Blank));
    assert_eq!(Cell::parse("2"), Some(Cell::Points(2)));
    assert_eq!(Cell::parse("A"), Some(Cell::Reason(Reason::Absent)));
    for wrong in ["3", "-1", "22", "z", "½"] {
        assert_eq!(Cell::parse(wrong), None, "{wrong}");
    }
    for reason in Reason::ALL {
        assert_eq!(Cell::parse(&reason.letter().to_string()), Some(Cell::Reason(reason)));
        assert_eq!(Reason::from_stored(reason.as_str()), Some(reason));
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Blank),
        (0_u8..=2).prop_map(Cell::Points),
        prop::sample::select(Reason::ALL.to_vec()).prop_map(Cell::Reason),
    ]
}

proptest! {
    /// Nothing is overwritten unseen: what somebody else changed stays, unless it is what I sent.
    #[test]
    fn merging_never_overwrites_unseen(base in cell(), theirs in cell(), mine in cell()) {
        match merge(base, theirs, mine) {
            Merged::Take => prop_assert_eq!(theirs, base),
            Merged::Keep => prop_assert!(mine == base || mine == theirs),
            Merged::Clash => prop_assert!(theirs != base && mine != base && theirs != mine),
        }
    }

    /// The percentage beside a goal and the word for it are of one mind, whatever the goal.
    #[test]
    fn a_percentage_and_its_goal_agree(points in 0_u32..=400, recorded in 1_u32..=200) {
        let totals = Totals { points: points.min(2 * recorded), recorded, expected: recorded };
        for goal in 1..=100 {
            prop_assert_eq!(u32::from(totals.percent().unwrap()) >= goal, totals.reaches(goal), "{}", goal);
        }
    }

    /// Excusing periods never changes the percentage of the others.
    #[test]
    fn absence_never_counts(marks in prop::collection::vec(0_u8..=2, 18), away in prop::collection::btree_set(1_i16..=6, 0..5)) {
        let mut present = sheet(3, 6);
        let mut alone = sheet(3, 6);
        for (n, points) in marks.iter().enumerate() {
            let (target, period) = (present.targets[n % 3], i16::try_from(n / 3 + 1).unwrap());
            present.mark(target, period, Some(*points));
            if !away.contains(&period) {
                alone.mark(target, period, Some(*points));
            }
        }
        for period in &away {
            present.excuse(*period, Some(Reason::Absent));
        }
        let (a, b) = (present.totals(), alone.totals());
        prop_assert_eq!((a.points, a.recorded, a.percent()), (b.points, b.recorded, b.percent()));
        prop_assert!(a.points <= a.possible() && a.recorded <= a.expected);
    }
}
