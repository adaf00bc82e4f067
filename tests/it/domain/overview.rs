use waymark::domain::overview::{goal_finding, stage_finding};

#[test]
fn the_title_says_what_changed_most() {
    for (then, now, says) in [
        ([5, 3, 1], [5, 5, 1], "2 more pupils at Stage 2 than on 16 October 2026"),
        ([5, 3, 1], [4, 3, 1], "1 fewer pupil at Stage 1 than on 16 October 2026"),
        ([5, 3, 1], [5, 3, 2], "1 more pupil at Stage 3 than on 16 October 2026"),
        ([5, 3, 1], [1, 3, 1], "4 fewer pupils at Stage 1 than on 16 October 2026"),
        // As large a change at the higher stage is the news.
        ([5, 3, 1], [4, 3, 2], "1 more pupil at Stage 3 than on 16 October 2026"),
        ([5, 3, 1], [5, 3, 1], "As many pupils at every stage as on 16 October 2026"),
        ([0, 0, 0], [0, 0, 0], "No pupils are on the programme"),
    ] {
        assert_eq!(stage_finding(then, now, "16 October 2026"), says, "{then:?} {now:?}");
    }
}

#[test]
fn the_goal_is_counted_over_everybody() {
    for (reached, of, without, says) in [
        (11, 18, 0, "11 of 18 pupils are at or above goal"),
        (1, 18, 1, "1 of 18 pupils is at or above goal, 1 has nothing recorded"),
        (0, 1, 0, "0 of 1 pupil is at or above goal"),
        (0, 3, 3, "0 of 3 pupils are at or above goal, 3 have nothing recorded"),
        (0, 0, 0, "No pupils are on the programme"),
    ] {
        assert_eq!(goal_finding(reached, of, without), says);
    }
}
