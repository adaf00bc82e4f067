//! Off-site direction: notice, length, reviews, what is owed.

use time::{Date, macros::date};
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    decision::Reasons,
    direction::{Directing, Direction, End, Standing, owed, to_direct},
    policy::ProgrammePolicy,
    rules::Class,
    stage::Stage,
    transfer::{
        Answer, ParentAnswer, Route, TransferGround,
        rules::{Verdict, weigh},
    },
};

const TODAY: Date = date!(2026 - 11 - 24);

fn calendar() -> SchoolCalendar {
    let span = |kind, name: &str, from, to| Span { kind, name: name.to_owned(), from, to };
    SchoolCalendar::new(vec![
        span(SpanKind::Term, "Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        span(SpanKind::Term, "Term 2", date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
        span(SpanKind::Term, "Term 3", date!(2027 - 01 - 04), date!(2027 - 02 - 12)),
        span(SpanKind::Term, "Term 4", date!(2027 - 02 - 22), date!(2027 - 03 - 25)),
        span(SpanKind::Inset, "Training day", date!(2026 - 11 - 27), date!(2026 - 11 - 27)),
    ])
}

fn ground(answer: Option<Answer>) -> TransferGround {
    TransferGround {
        stage: Some(Stage::Three),
        agreed: Some((Route::OffSite, date!(2026 - 11 - 19))),
        last_resort: None,
        answers: vec![ParentAnswer { name: "Mother".to_owned(), responsible: true, answer }],
    }
}

/// The verdict, and the clauses that are not met.
fn directed(
    answer: Option<Answer>,
    with: impl FnOnce(&mut Directing<'_>),
) -> (Verdict, Vec<(&'static str, Class)>) {
    let (calendar, policy, ground) = (calendar(), ProgrammePolicy::first(), ground(answer));
    let mut on = Directing {
        ground: &ground,
        decided_on: date!(2026 - 11 - 23),
        notice_on: TODAY,
        starts_on: date!(2026 - 11 - 26),
        ends_on: date!(2027 - 01 - 22),
        ehcp: false,
        la_told: false,
        headteacher: false,
        calendar: &calendar,
        policy: &policy,
    };
    with(&mut on);
    let list = to_direct(&on);
    let unmet = list.iter().filter(|r| !r.met).map(|r| (r.clause, r.class)).collect();
    (weigh(&list, &Reasons::new()), unmet)
}

#[test]
fn g13_a_parent_who_declined_does_not_stop_a_direction_and_asks_for_a_reason() {
    assert_eq!(directed(Some(Answer::Agreed), |_| {}), (Verdict::Goes, vec![]));
    for answer in [Some(Answer::Declined), Some(Answer::NoReply), Some(Answer::WantsTime), None] {
        assert_eq!(
            directed(answer, |_| {}),
            (Verdict::AsksWhy, vec![("S3.05", Class::Should)]),
            "{answer:?}"
        );
    }
}

#[test]
fn g14_notice_is_two_school_days_before_the_first_day() {
    for (starts_on, goes) in [
        (date!(2026 - 11 - 24), false),
        (date!(2026 - 11 - 25), false),
        (date!(2026 - 11 - 26), true),
        // Friday is a training day: Monday is two school days from Wednesday, not from Thursday.
        (date!(2026 - 11 - 30), true),
    ] {
        let (verdict, unmet) = directed(Some(Answer::Agreed), |on| on.starts_on = starts_on);
        assert_eq!(verdict == Verdict::Goes, goes, "{starts_on}");
        if !goes {
            assert_eq!(unmet, [("S29A-notice", Class::Must)]);
        }
    }
    for (notice_on, goes) in [(date!(2026 - 11 - 25), true), (date!(2026 - 11 - 26), false)] {
        let (verdict, _) = directed(Some(Answer::Agreed), |on| {
            on.notice_on = notice_on;
            on.starts_on = date!(2026 - 11 - 30);
        });
        assert_eq!(verdict == Verdict::Goes, goes, "notice on {notice_on}");
    }
    let (verdict, _) = directed(Some(Answer::Agreed), |on| {
        on.starts_on = date!(2029 - 01 - 08);
        on.ends_on = date!(2029 - 01 - 19);
    });
    assert_eq!(verdict, Verdict::Blocked, "without a calendar nothing is guessed");
}

#[test]
fn a_direction_needs_the_boards_decision_first_and_the_la_with_a_plan() {
    let (verdict, unmet) = directed(Some(Answer::Agreed), |on| on.decided_on = date!(2026 - 11 - 25));
    assert_eq!((verdict, unmet), (Verdict::Blocked, vec![("S29A-board", Class::Must)]));
    for (ehcp, la_told, goes) in [(true, false, false), (true, true, true), (false, false, true)] {
        let (verdict, _) = directed(Some(Answer::Agreed), |on| (on.ehcp, on.la_told) = (ehcp, la_told));
        assert_eq!(verdict == Verdict::Goes, goes, "plan {ehcp}, LA told {la_told}");
    }
}

#[test]
fn more_than_8_school_weeks_ask_why_and_more_than_12_ask_the_headteacher() {
    // Weeks counted from that of 26 November: 18 December is the 4th, 22 January the 7th, 12 February the 10th.
    for (ends_on, headteacher, wanted) in [
        (date!(2027 - 01 - 29), false, Verdict::Goes),
        (date!(2027 - 02 - 01), false, Verdict::AsksWhy),
        (date!(2027 - 03 - 05), false, Verdict::AsksWhy),
        (date!(2027 - 03 - 08), false, Verdict::Blocked),
        (date!(2027 - 03 - 08), true, Verdict::AsksWhy),
    ] {
        let (verdict, _) = directed(Some(Answer::Agreed), |on| {
            on.ends_on = ends_on;
            on.headteacher = headteacher;
        });
        assert_eq!(verdict, wanted, "until {ends_on}, headteacher {headteacher}");
    }
}

#[test]
fn what_was_not_agreed_at_stage_3_asks_why_and_is_not_stopped() {
    let (calendar, policy) = (calendar(), ProgrammePolicy::first());
    let ground = TransferGround { agreed: None, ..ground(Some(Answer::Agreed)) };
    let list = to_direct(&Directing {
        ground: &ground,
        decided_on: date!(2026 - 11 - 23),
        notice_on: TODAY,
        starts_on: date!(2026 - 11 - 26),
        ends_on: date!(2026 - 12 - 18),
        ehcp: false,
        la_told: false,
        headteacher: false,
        calendar: &calendar,
        policy: &policy,
    });
    assert_eq!(weigh(&list, &Reasons::new()), Verdict::AsksWhy);
}

fn direction() -> Direction {
    Direction {
        decided_on: date!(2026 - 10 - 30),
        notice_on: Some(date!(2026 - 11 - 03)),
        starts_on: date!(2026 - 11 - 09),
        ends_on: date!(2027 - 01 - 29),
        ended: None,
        reviews: vec![],
        asked: vec![],
    }
}

#[test]
fn a_direction_stands_somewhere_on_every_day() {
    let of = direction();
    for (today, standing) in [
        (date!(2026 - 11 - 08), Standing::NoticeServed),
        (date!(2026 - 11 - 09), Standing::Running),
        (date!(2027 - 01 - 29), Standing::Running),
        (date!(2027 - 01 - 30), Standing::PastItsEnd),
    ] {
        assert_eq!(of.standing(today), standing, "{today}");
    }
    assert_eq!(Direction { notice_on: None, ..direction() }.standing(TODAY), Standing::Decided);
    let over = Direction { ended: Some((TODAY, End::PlannedReturn)), ..direction() };
    assert_eq!(over.standing(TODAY), Standing::Ended(End::PlannedReturn));
    assert_eq!(owed(&over, &calendar(), TODAY), []);
}

#[test]
fn reviews_come_after_2_4_6_school_weeks_and_then_every_2() {
    let days = direction().review_days(&calendar());
    assert_eq!(
        days,
        [
            // The training day shortens that week.
            date!(2026 - 11 - 26),
            date!(2026 - 12 - 11),
            // Two school weeks on, the holiday left out.
            date!(2027 - 01 - 08),
            date!(2027 - 01 - 22),
        ]
    );
    let short = Direction { ends_on: date!(2026 - 11 - 13), ..direction() };
    assert_eq!(short.review_days(&calendar()), [date!(2026 - 11 - 13)], "at least one, at the end");
}

#[test]
fn the_next_review_is_the_first_that_nothing_stands_for() {
    for (reviews, next) in [
        (vec![], Some(date!(2026 - 11 - 26))),
        (vec![date!(2026 - 11 - 20)], Some(date!(2026 - 12 - 11))),
        (vec![date!(2026 - 11 - 26), date!(2026 - 12 - 10)], Some(date!(2027 - 01 - 08))),
        // Held late: it stands for what was missed.
        (vec![date!(2026 - 12 - 15)], Some(date!(2027 - 01 - 22))),
        (vec![date!(2027 - 01 - 25)], None),
    ] {
        let of = Direction { reviews: reviews.clone(), ..direction() };
        assert_eq!(of.next_review(&calendar()), next, "{reviews:?}");
    }
    let asked = Direction { asked: vec![date!(2026 - 11 - 23)], ..direction() };
    let dues: Vec<_> = owed(&asked, &calendar(), TODAY).iter().map(|o| (o.what, o.due_on)).collect();
    assert_eq!(
        dues,
        [("direction_review", date!(2026 - 11 - 26)), ("direction_review_asked", date!(2026 - 12 - 11))]
    );
}
