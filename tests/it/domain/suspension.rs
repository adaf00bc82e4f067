//! The law of suspensions: each numbered statement of domain 2.10, on The Castle School's calendar of 2023 to
//! 2024, and what is refused.

use time::{
    Date, OffsetDateTime,
    macros::{date, datetime},
};
use waymark::domain::{
    calendar::{NotLoaded, SchoolCalendar, Span, SpanKind},
    pupil::YearGroup,
    suspension::{
        self, Half, HalfDays, Issuer, Reason, Reasons, Refused, Session,
        change::{self, Cancelling},
        clocks::{self, Done, Owed, Situation, What},
        count::{self, Addend, Ceiling, Counted, Ledger, Place, Sum},
        lost::Lost,
        notices::{self, About, By, NoticeKind, Recipient},
        offsite,
        record::{self, Away, Exclusion, Permanent, Plan, Suspension},
        run::{self, Leaver, Provider, SixthDay},
        steps,
        terms::{self, LegalTerm, SchoolYear, Window, Years},
        tiers::{self, BoardDuty, Deadline, Tier},
    },
};

use super::calendar::castle;

const MORNING: fn(Date) -> Session = Session::morning;
const PUPIL: Leaver = Leaver { year: YearGroup(9), exams_left: true };

fn plan(first: Session, half_days: u32) -> Plan {
    let away = Some(Away { first, half_days: HalfDays(half_days) });
    Plan { decided_on: first.on, away, lunchtimes: Vec::new() }
}

fn out(first: Session, half_days: u32) -> Suspension {
    plan(first, half_days).lay_out(&castle()).unwrap()
}

fn lunch(on: Date) -> Suspension {
    Plan { decided_on: on, away: None, lunchtimes: vec![on] }.lay_out(&castle()).unwrap()
}

fn ledger(before: &[&Suspension]) -> Ledger {
    let counted = |s: &&Suspension| Counted::of(&Exclusion::Suspension((*s).clone()), Place::Here);
    Ledger { exclusions: before.iter().filter_map(counted).collect(), elsewhere: Vec::new() }
}

fn sum(before: &Ledger, proposed: &Suspension) -> Sum {
    count::sum(before, &proposed.lost(), Years::Calendar(&castle())).unwrap()
}

/// The autumn term of 2023 with so many half-days from its first pupil day, and a suspension after them.
fn after(half_days: u32, proposed: &Suspension) -> Sum {
    sum(&ledger(&[&out(MORNING(date!(2023 - 09 - 04)), half_days)]), proposed)
}

fn duty(proposed: &Suspension, sum: &Sum, exams: &[Session]) -> BoardDuty {
    let duties = tiers::board_duties(&Exclusion::Suspension(proposed.clone()), sum, exams);
    *tiers::strictest(&duties).unwrap()
}

fn board_notice(proposed: &Suspension, duty: &BoardDuty) -> (&'static str, By) {
    let exclusion = Exclusion::Suspension(proposed.clone());
    let all = notices::notices(&exclusion, About::default(), duty, SixthDay::NotReached);
    all.into_iter().find(|notice| notice.to == Recipient::Board).map(|n| (n.clause, n.by)).unwrap()
}

fn year_total(sum: &Sum) -> u32 {
    assert_eq!(sum.years.len(), 1);
    sum.years[0].split.total().0
}

fn in_windows(sum: &Sum) -> Vec<(LegalTerm, u32)> {
    sum.windows.iter().map(|total| (total.window.term, total.split.total().0)).collect()
}

#[test]
fn law_t01_a_lunchtime_brings_four_and_a_half_to_five_days() {
    let proposed = lunch(date!(2023 - 11 - 20));
    let sum = after(9, &proposed);
    assert_eq!(in_windows(&sum), [(LegalTerm::Autumn, 10)]);
    assert_eq!(sum.windows[0].split.total().to_string(), "5 days");
    let duty = duty(&proposed, &sum, &[]);
    assert_eq!((duty.tier, duty.by_lunchtimes), (Tier::A, false));
    let (clause, by) = board_notice(&proposed, &duty);
    assert_eq!((clause, by.due_on()), ("N8", date!(2023 - 12 - 31)), "once a term");
    assert_eq!(tiers::consider_by(duty.tier, date!(2023 - 11 - 20), &castle()), None);
}

#[test]
fn law_t02_a_lunchtime_past_five_days_tells_the_board_at_once() {
    let proposed = lunch(date!(2023 - 11 - 20));
    let sum = after(10, &proposed);
    let duty = duty(&proposed, &sum, &[]);
    assert_eq!((duty.tier, duty.total.to_string()), (Tier::B, "5.5 days".to_owned()));
    assert!(duty.by_lunchtimes, "without lunchtimes it would be tier A");
    assert_eq!(board_notice(&proposed, &duty), ("N7", By::SameDay(date!(2023 - 11 - 20))));
    assert!(duty.tier.only_on_representations());
    assert_eq!(duty.tier.school_days(), Some(50));
}

#[test]
fn law_t03_fifteen_days_are_still_tier_b() {
    let proposed = out(MORNING(date!(2023 - 11 - 20)), 1);
    assert_eq!(duty(&proposed, &after(29, &proposed), &[]).tier, Tier::B);
}

#[test]
fn law_t04_fifteen_and_a_half_days_are_tier_c() {
    let proposed = out(MORNING(date!(2023 - 11 - 20)), 1);
    let duty = duty(&proposed, &after(30, &proposed), &[]);
    assert_eq!((duty.tier, duty.tier.school_days(), duty.total), (Tier::C, Some(15), HalfDays(31)));
    assert!(!duty.tier.only_on_representations(), "no representations needed");
}

#[test]
fn law_t05_forty_five_days_are_lawful_and_warned_of() {
    let proposed = out(MORNING(date!(2023 - 11 - 20)), 1);
    let sum = after(89, &proposed);
    assert_eq!((year_total(&sum), sum.lawful(), sum.reaches_ceiling()), (90, Ok(()), true));
    let below = after(88, &proposed);
    assert_eq!((year_total(&below), below.reaches_ceiling()), (89, false));
    assert_eq!(Ceiling::of(HalfDays(89)), Ceiling::Below { left: HalfDays(1) });
    // R-45c: it does not make a permanent exclusion.
    assert!(Ceiling::Reached.words().contains("a decision of its own"));
}

#[test]
fn law_t06_more_than_forty_five_days_are_blocked() {
    for proposed in [lunch(date!(2023 - 11 - 20)), out(MORNING(date!(2023 - 11 - 20)), 1)] {
        let sum = after(90, &proposed);
        assert_eq!(sum.lawful(), Err(Refused::OverCeiling { total: HalfDays(91) }));
        assert!(!sum.reaches_ceiling());
    }
    assert!(Refused::OverCeiling { total: HalfDays(91) }.to_string().contains("45.5 days"));
    assert_eq!(Ceiling::of(HalfDays(93)), Ceiling::Over { by: HalfDays(3) });
}

/// T7, T8: 12 days at school X and 30 at Y, once as a number and once with the dates at X.
fn moved() -> [Ledger; 2] {
    let here = out(MORNING(date!(2023 - 10 - 02)), 60);
    let number = Addend {
        place: Place::Elsewhere,
        year: 2023,
        term: Some(LegalTerm::Autumn),
        half_days: HalfDays(24),
    };
    let at_x = Exclusion::Suspension(out(MORNING(date!(2023 - 09 - 04)), 24));
    let mut dated = ledger(&[&here]);
    dated.exclusions.extend(Counted::of(&at_x, Place::Elsewhere));
    [Ledger { elsewhere: vec![number], ..ledger(&[&here]) }, dated]
}

#[test]
fn law_t07_the_count_follows_the_pupil() {
    let proposed = out(MORNING(date!(2023 - 11 - 27)), 6);
    for before in moved() {
        let sum = sum(&before, &proposed);
        let split = &sum.years[0].split;
        assert_eq!((split.here, split.elsewhere, split.proposed), (HalfDays(60), HalfDays(24), HalfDays(6)));
        assert_eq!((split.total(), sum.lawful()), (HalfDays::CEILING, Ok(())));
        let duty = duty(&proposed, &sum, &[]);
        assert_eq!((duty.tier, duty.by_other_schools), (Tier::C, false), "33 days here alone");
    }
    // Days at the other school that tip the tier are said.
    let elsewhere = vec![Addend {
        place: Place::Elsewhere,
        year: 2023,
        term: Some(LegalTerm::Autumn),
        half_days: HalfDays(10),
    }];
    let tipped = sum(&Ledger { elsewhere, ..Ledger::default() }, &proposed);
    let duty = duty(&proposed, &tipped, &[]);
    assert_eq!((duty.tier, duty.by_other_schools), (Tier::B, true));
}

#[test]
fn law_t08_half_a_day_more_is_blocked_over_both_schools() {
    let proposed = out(MORNING(date!(2023 - 11 - 27)), 7);
    for before in moved() {
        assert_eq!(sum(&before, &proposed).lawful(), Err(Refused::OverCeiling { total: HalfDays(91) }));
    }
    // The year before does not count: the year begins with the first term after July.
    let old = Addend {
        place: Place::Elsewhere,
        year: 2022,
        term: Some(LegalTerm::Summer),
        half_days: HalfDays(80),
    };
    assert_eq!(sum(&Ledger { elsewhere: vec![old], ..Ledger::default() }, &proposed).lawful(), Ok(()));
    // A number without its term counts for the year only, and the term says so.
    let undated = Addend { place: Place::Elsewhere, year: 2023, term: None, half_days: HalfDays(84) };
    let sum = sum(&Ledger { elsewhere: vec![undated], ..Ledger::default() }, &proposed);
    assert_eq!((year_total(&sum), in_windows(&sum)), (91, vec![(LegalTerm::Autumn, 7)]));
    assert_eq!(sum.windows[0].undated, HalfDays(84));
}

#[test]
fn law_t09_a_date_is_at_most_one_day() {
    let day = date!(2023 - 11 - 20);
    let of = |sessions: &[Session]| Lost::of(sessions.iter().copied(), [day]).half_days();
    assert_eq!(of(&[]), HalfDays(1));
    assert_eq!(of(&[Session::morning(day)]), HalfDays(2), "morning and lunchtime");
    assert_eq!(of(&[Session::morning(day), Session::afternoon(day)]), HalfDays(2), "the cap");
    // Also over several suspensions.
    let (morning, lunch) = (out(MORNING(day), 1), lunch(day));
    let sum = sum(&ledger(&[&morning, &lunch]), &out(Session::afternoon(day), 1));
    assert_eq!((year_total(&sum), sum.years[0].split.proposed), (2, HalfDays::NONE));
}

#[test]
fn law_t10_two_periods_make_one_run_of_six_days() {
    let first = out(MORNING(date!(2023 - 09 - 14)), 4);
    let further = out(MORNING(date!(2023 - 09 - 18)), 8);
    assert_eq!(first.ends_on(), date!(2023 - 09 - 15), "a Friday");
    assert_eq!(change::may_follow(&first, &further, "A second witness came forward", &castle()), Ok(()));
    let sixth = run::sixth_day(&further, &first.lost(), PUPIL, &castle());
    let owed = |day| Ok(SixthDay::Owed { on: Deadline::Computed(day), by: Provider::GoverningBoard });
    assert_eq!(sixth, owed(date!(2023 - 09 - 21)));
    assert_eq!(run::sixth_day(&further, &Lost::default(), PUPIL, &castle()), Ok(SixthDay::NotReached));
    // Year 11 with no exam left is the exception, with one left it is none.
    let leaver = Leaver { year: YearGroup(11), exams_left: false };
    assert_eq!(run::sixth_day(&further, &first.lost(), leaver, &castle()), Ok(SixthDay::Exempt));
    let sitting = Leaver { exams_left: true, ..leaver };
    assert_eq!(run::sixth_day(&further, &first.lost(), sitting, &castle()), owed(date!(2023 - 09 - 21)));
    // A lunchtime neither adds to a run nor keeps it alive.
    let mut all = first.lost();
    all.join(&lunch(date!(2023 - 09 - 18)).lost());
    all.join(&out(MORNING(date!(2023 - 09 - 19)), 8).lost());
    let runs = run::runs(&all, &castle()).unwrap();
    assert_eq!(runs.iter().map(|run| run.days.len()).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn law_runs_with_part_days_are_for_a_human_look() {
    let half = out(Session::afternoon(date!(2023 - 09 - 18)), 11);
    let run = run::run_with(&half.lost(), date!(2023 - 09 - 18), &castle()).unwrap().unwrap();
    assert_eq!((run.sixth(), run.is_for_a_human_look()), (Some(date!(2023 - 09 - 25)), true));
    assert_eq!(run.part_days, [date!(2023 - 09 - 18)]);
    let whole = out(MORNING(date!(2023 - 09 - 18)), 12);
    let run = run::run_with(&whole.lost(), date!(2023 - 09 - 20), &castle()).unwrap().unwrap();
    assert_eq!((run.sixth(), run.is_for_a_human_look()), (Some(date!(2023 - 09 - 25)), false));
    assert_eq!(run::run_with(&whole.lost(), date!(2023 - 09 - 29), &castle()), Ok(None));
}

#[test]
fn law_sixth_day_of_a_permanent_exclusion() {
    let first = MORNING(date!(2023 - 09 - 18));
    let on = |before: &Lost, leaver| run::sixth_day_of_permanent(before, first, leaver, &castle());
    let owed = |day| Ok(SixthDay::Owed { on: Deadline::Computed(day), by: Provider::LocalAuthority });
    assert_eq!(on(&Lost::default(), PUPIL), owed(date!(2023 - 09 - 25)));
    assert_eq!(on(&out(MORNING(date!(2023 - 09 - 14)), 4).lost(), PUPIL), owed(date!(2023 - 09 - 21)));
    assert_eq!(on(&out(MORNING(date!(2023 - 09 - 04)), 20).lost(), PUPIL), owed(first.on), "long past it");
    assert_eq!(
        on(&out(MORNING(date!(2023 - 09 - 11)), 8).lost(), PUPIL),
        owed(date!(2023 - 09 - 25)),
        "a gap"
    );
    let leaver = Leaver { year: YearGroup(11), exams_left: false };
    assert_eq!(on(&Lost::default(), leaver), Ok(SixthDay::Exempt));
    let late =
        run::sixth_day_of_permanent(&Lost::default(), MORNING(date!(2024 - 07 - 22)), PUPIL, &castle());
    assert!(matches!(late, Ok(SixthDay::Owed { on: Deadline::CannotCompute(_), .. })));
}

#[test]
fn law_t11_an_exam_brings_the_board_before_it() {
    let paper = Session::morning(date!(2024 - 05 - 15));
    let plan = Plan { decided_on: date!(2024 - 05 - 13), ..plan(MORNING(paper.on), 2) };
    let proposed = plan.lay_out(&castle()).unwrap();
    let sum = sum(&Ledger::default(), &proposed);
    assert_eq!(in_windows(&sum), [(LegalTerm::Summer, 2)]);
    let later = Session::afternoon(date!(2024 - 05 - 20));
    let exam = duty(&proposed, &sum, &[later, paper]);
    assert_eq!((exam.tier, exam.exam), (Tier::E, Some(paper)));
    assert_eq!(duty(&proposed, &sum, &[later]).tier, Tier::A, "that one is not missed");
    assert!(!exam.tier.only_on_representations());
    let before = tiers::before_exam(paper, date!(2024 - 05 - 13), &castle());
    assert_eq!((before.by, before.practicable), (Deadline::Computed(date!(2024 - 05 - 14)), true));
    assert!(!tiers::before_exam(paper, date!(2024 - 05 - 15), &castle()).practicable);
    assert_eq!(board_notice(&proposed, &exam).0, "N7");
    // It is owed before the exam; told too late for that, within 15 school days.
    let situation = Situation {
        exclusion: Exclusion::Suspension(proposed),
        about: About::default(),
        duty: exam,
        sixth: SixthDay::NotReached,
        cancelled_on: None,
    };
    let due = |told: Date| {
        let done = Done { told: vec![(NoticeKind::Board, Recipient::Board, told)], ..Done::default() };
        let what = What::ConsiderReturn { tier: Tier::E, before: Some(paper) };
        let owed = clocks::owed(&situation, &done, &castle());
        owed.into_iter().find(|owed| owed.what == what).and_then(|owed| owed.due)
    };
    assert_eq!(due(date!(2024 - 05 - 13)), Some(Deadline::Computed(date!(2024 - 05 - 14))));
    assert_eq!(due(date!(2024 - 05 - 15)), Some(Deadline::Computed(date!(2024 - 06 - 12))));
}

fn cancel(exclusion: &Exclusion, back: Session, others: &Ledger) -> Result<Exclusion, Refused> {
    let at = datetime!(2023-11-21 10:05 UTC);
    let cancelling = Cancelling { at, back, meeting_began_at: None };
    change::may_cancel(exclusion, &cancelling, others, &castle(), Years::Calendar(&castle()))
}

#[test]
fn law_t12_a_permanent_exclusion_at_the_ceiling_cannot_be_cancelled() {
    let before = ledger(&[&out(MORNING(date!(2023 - 09 - 04)), 90)]);
    let first = MORNING(date!(2023 - 11 - 20));
    let permanent = Exclusion::Permanent(Permanent::new(first.on, first, &castle()).unwrap());
    // It is allowed itself, and while it stands it counts for nothing.
    assert_eq!(Counted::of(&permanent, Place::Here), None);
    let standing = count::standing(&before, date!(2024 - 01 - 10), Years::Calendar(&castle())).unwrap();
    assert_eq!((year_total(&standing), standing.lawful()), (90, Ok(())));
    let refused = cancel(&permanent, MORNING(date!(2023 - 11 - 21)), &before);
    assert_eq!(refused, Err(Refused::CancelOverCeiling { total: HalfDays(92) }));
    assert!(cancel(&permanent, first, &before).is_ok(), "before it began, no day is out");
}

#[test]
fn law_t12b_the_days_out_under_it_count_to_the_day() {
    let before = ledger(&[&out(MORNING(date!(2023 - 09 - 04)), 60)]);
    let first = MORNING(date!(2023 - 11 - 06));
    let permanent = Exclusion::Permanent(Permanent::new(first.on, first, &castle()).unwrap());
    let cancelled = cancel(&permanent, MORNING(date!(2023 - 11 - 27)), &before).unwrap();
    assert_eq!(cancelled.lost().half_days(), HalfDays(30), "15 school days");
    let counted = Counted::of(&cancelled, Place::Here).unwrap();
    let all = Ledger { exclusions: [before.exclusions.clone(), vec![counted]].concat(), ..before.clone() };
    let sum = count::standing(&all, date!(2023 - 12 - 01), Years::Calendar(&castle())).unwrap();
    assert_eq!(year_total(&sum), 90, "R-45e");
    assert_eq!(
        cancel(&permanent, MORNING(date!(2023 - 11 - 28)), &before),
        Err(Refused::CancelOverCeiling { total: HalfDays(92) })
    );
    assert_eq!(
        cancel(&permanent, Session::afternoon(date!(2023 - 11 - 27)), &before),
        Err(Refused::CancelOverCeiling { total: HalfDays(91) })
    );
    assert_eq!(cancel(&cancelled, first, &before), Err(Refused::AlreadyCancelled));
}

#[test]
fn law_t13_nothing_is_cancelled_once_the_board_has_begun() {
    let suspension = Exclusion::Suspension(out(MORNING(date!(2023 - 11 - 20)), 20));
    let try_at = |at: OffsetDateTime, meeting_began_at| {
        let cancelling = Cancelling { at, back: MORNING(date!(2023 - 11 - 22)), meeting_began_at };
        let years = Years::Calendar(&castle()).of(date!(2023 - 11 - 20));
        assert!(years.is_ok());
        change::may_cancel(
            &suspension,
            &cancelling,
            &Ledger::default(),
            &castle(),
            Years::Calendar(&castle()),
        )
    };
    let ten = datetime!(2023-11-21 10:00 UTC);
    assert_eq!(try_at(datetime!(2023-11-21 10:05 UTC), Some(ten)), Err(Refused::BoardMeetingBegan));
    assert_eq!(try_at(ten, Some(ten)), Err(Refused::BoardMeetingBegan));
    assert!(try_at(datetime!(2023-11-21 9:55 UTC), Some(ten)).is_ok());
    let cancelled = try_at(ten, None).unwrap();
    assert_eq!(cancelled.lost().half_days(), HalfDays(4), "R-45d: two days were out");
    let Exclusion::Suspension(suspension) = cancelled else { panic!("it was a suspension") };
    assert_eq!(suspension.back(&castle()), Ok(MORNING(date!(2023 - 11 - 22))));
    assert_eq!(suspension.decided().half_days(), HalfDays(20), "what was decided stays known");
}

#[test]
fn law_t14_one_to_three_different_reasons() {
    use Reason::{Bullying, Damage, Theft, Weapon};
    assert_eq!(Reasons::of(&[]), Err(Refused::NoReason));
    assert_eq!(Reasons::of(&[Theft, Theft]), Err(Refused::RepeatedReason));
    assert_eq!(Reasons::of(&[Theft, Damage, Theft]), Err(Refused::RepeatedReason));
    assert_eq!(Reasons::of(&[Theft, Damage, Weapon, Bullying]), Err(Refused::TooManyReasons));
    let three = Reasons::of(&[Theft, Bullying, Damage]).unwrap();
    assert_eq!((three.main(), three.iter().collect::<Vec<_>>()), (Theft, vec![Theft, Bullying, Damage]));
    let codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let wanted = "PP PA VP VA OW BU RA LG DS SM DA DM TH DB MT PH";
    assert_eq!(codes.join(" "), wanted);
    assert_eq!(Reason::from_stored("OT"), None, "withdrawn in 2020");
}

#[test]
fn law_t15_only_the_head_issues() {
    for by in [Issuer::Headteacher, Issuer::ActingHeadteacher, Issuer::TeacherInCharge] {
        assert_eq!(suspension::may_issue(by), Ok(()));
    }
    assert_eq!(suspension::may_issue(Issuer::SomebodyElse), Err(Refused::NotTheHeadteacher));
}

#[test]
fn law_t16_an_issued_suspension_is_never_made_longer() {
    let issued = out(MORNING(date!(2023 - 11 - 20)), 4);
    let become_ = |wanted: &Suspension| change::may_become(&issued, wanted);
    assert_eq!(become_(&issued.clone()), Ok(()));
    assert_eq!(become_(&out(MORNING(date!(2023 - 11 - 20)), 5)), Err(Refused::Extension));
    assert_eq!(become_(&out(MORNING(date!(2023 - 11 - 21)), 4)), Err(Refused::Extension), "moved later");
    assert_eq!(become_(&out(MORNING(date!(2023 - 11 - 20)), 3)), Err(Refused::Shortening));
    let with_lunch =
        Plan { lunchtimes: vec![date!(2023 - 11 - 22)], ..plan(MORNING(date!(2023 - 11 - 20)), 4) };
    assert_eq!(become_(&with_lunch.lay_out(&castle()).unwrap()), Err(Refused::Extension));
    assert!(Refused::Extension.to_string().contains("record a further suspension"));
    // The further one begins with the first session back, and says why.
    let follow = |first, why: &str| change::may_follow(&issued, &out(first, 2), why, &castle());
    let back = MORNING(date!(2023 - 11 - 22));
    assert_eq!(follow(back, "New evidence"), Ok(()));
    assert_eq!(follow(back, "  "), Err(Refused::FurtherWithoutReason));
    assert_eq!(follow(Session::afternoon(back.on), "New"), Err(Refused::NotStraightAfter { back }));
    assert_eq!(follow(MORNING(date!(2023 - 11 - 21)), "New"), Err(Refused::NotStraightAfter { back }));
    assert_eq!(change::may_follow(&issued, &lunch(back.on), "New", &castle()), Ok(()));
}

#[test]
fn law_c1_six_days_over_half_term() {
    let suspended = out(MORNING(date!(2023 - 10 - 16)), 12);
    let days: Vec<_> = suspended.lost().days().into_iter().collect();
    let october = |day| Date::from_calendar_date(2023, time::Month::October, day).unwrap();
    assert_eq!(days, [16, 17, 18, 19, 30, 31].map(october));
    let sixth = run::sixth_day(&suspended, &Lost::default(), PUPIL, &castle());
    let on = Deadline::Computed(date!(2023 - 10 - 31));
    assert_eq!(sixth, Ok(SixthDay::Owed { on, by: Provider::GoverningBoard }));
    let sum = sum(&Ledger::default(), &suspended);
    assert_eq!(in_windows(&sum), [(LegalTerm::Autumn, 12)]);
    assert_eq!(duty(&suspended, &sum, &[]).tier, Tier::B);
    assert_eq!(suspended.back(&castle()), Ok(MORNING(date!(2023 - 11 - 01))));
}

fn c2() -> Suspension {
    out(MORNING(date!(2024 - 03 - 25)), 14)
}

#[test]
fn law_c2_seven_days_over_easter_lie_in_two_terms() {
    let sum = sum(&Ledger::default(), &c2());
    assert_eq!(in_windows(&sum), [(LegalTerm::Spring, 8), (LegalTerm::Summer, 6)]);
    assert_eq!(year_total(&sum), 14, "one school year");
    let run = run::run_with(&c2().lost(), date!(2024 - 03 - 25), &castle()).unwrap().unwrap();
    assert_eq!(run.sixth(), Some(date!(2024 - 04 - 17)));
    assert_eq!(c2().ends_on(), date!(2024 - 04 - 18));
}

#[test]
fn law_c3_each_term_has_its_own_tier() {
    let earlier = out(MORNING(date!(2024 - 01 - 08)), 3);
    let sum = sum(&ledger(&[&earlier]), &c2());
    assert_eq!(in_windows(&sum), [(LegalTerm::Spring, 11), (LegalTerm::Summer, 6)]);
    let duties = tiers::board_duties(&Exclusion::Suspension(c2()), &sum, &[]);
    assert_eq!(duties.iter().map(|duty| duty.tier).collect::<Vec<_>>(), [Tier::B, Tier::A]);
    assert_eq!(tiers::strictest(&duties).map(|duty| duty.tier), Some(Tier::B));
}

#[test]
fn law_c4_fifteen_and_fifty_school_days() {
    let by = |tier| tiers::consider_by(tier, date!(2023 - 10 - 18), &castle());
    assert_eq!(by(Tier::C), Some(Deadline::Computed(date!(2023 - 11 - 16))));
    assert_eq!(by(Tier::D), by(Tier::C));
    assert_eq!(by(Tier::E), by(Tier::C));
    assert_eq!(by(Tier::B), Some(Deadline::Computed(date!(2024 - 01 - 22))));
    assert_eq!(by(Tier::A), None);
    assert_eq!(tiers::review_by(date!(2023 - 10 - 18), &castle()), Deadline::Computed(date!(2023 - 11 - 16)));
}

#[test]
fn law_c5_fifteen_school_days_over_easter() {
    let by = tiers::consider_by(Tier::C, date!(2024 - 03 - 25), &castle());
    assert_eq!(by, Some(Deadline::Computed(date!(2024 - 05 - 01))));
}

#[test]
fn law_c6_beyond_the_calendar_nobody_guesses() {
    let by = tiers::consider_by(Tier::C, date!(2024 - 07 - 10), &castle());
    assert_eq!(by, Some(Deadline::CannotCompute(NotLoaded(date!(2024 - 07 - 24)))));
    assert_eq!(by.and_then(Deadline::day), None);
    let late = plan(MORNING(date!(2024 - 07 - 22)), 6).lay_out(&castle());
    assert_eq!(late, Err(Refused::NotLoaded(NotLoaded(date!(2024 - 07 - 24)))));
    assert!(late.unwrap_err().to_string().contains("does not cover 24 July 2024"));
    let last = out(MORNING(date!(2024 - 07 - 22)), 4);
    assert_eq!(last.back(&castle()), Err(NotLoaded(date!(2024 - 07 - 24))));
}

#[test]
fn law_c7_two_school_days_of_notice() {
    let start = date!(2023 - 10 - 30);
    assert_eq!(offsite::notice_by(start, &castle()), Ok(date!(2023 - 10 - 18)));
    assert_eq!(offsite::may_start(date!(2023 - 10 - 18), start, &castle()), Ok(()));
    // G14: one school day is too late.
    let refused = offsite::may_start(date!(2023 - 10 - 19), start, &castle());
    assert_eq!(refused, Err(Refused::NoticeTooLate { by: date!(2023 - 10 - 18) }));
    assert!(refused.unwrap_err().to_string().ends_with("on or before Wednesday 18 October 2023"));
    // The parents' review: refused only when one was held in the ten weeks before.
    let asked = date!(2024 - 03 - 11);
    assert!(!offsite::may_refuse_review(asked, None));
    assert!(offsite::may_refuse_review(asked, Some(date!(2024 - 01 - 02))), "69 days");
    assert!(!offsite::may_refuse_review(asked, Some(date!(2024 - 01 - 01))), "ten weeks");
    assert!(!offsite::may_refuse_review(asked, Some(date!(2024 - 03 - 12))), "not held yet");
}

#[test]
fn law_c8_terms_3_and_4_are_one_legal_term() {
    let term_3 = out(MORNING(date!(2024 - 01 - 08)), 6);
    let term_4 = out(MORNING(date!(2024 - 02 - 26)), 6);
    let sum = sum(&ledger(&[&term_3]), &term_4);
    assert_eq!(in_windows(&sum), [(LegalTerm::Spring, 12)]);
    assert_eq!(duty(&term_4, &sum, &[]).tier, Tier::B);
}

#[test]
fn law_windows_of_2023_to_2024_have_69_56_and_64_days() {
    let calendar = castle();
    let mut found: Vec<(Window, u32)> = Vec::new();
    let mut day = date!(2023 - 09 - 01);
    while day <= date!(2024 - 07 - 23) {
        let window = Window::of(day);
        assert!(window.covers(day) && window.first_year() == 2023);
        let school = u32::from(calendar.is_school_day(day));
        match found.last_mut() {
            Some((last, days)) if *last == window => *days += school,
            _ => found.push((window, school)),
        }
        day = day.next_day().unwrap();
    }
    assert_eq!(found.iter().map(|(_, days)| *days).collect::<Vec<_>>(), [69, 56, 64]);
    let edges: Vec<_> = found.iter().map(|(window, _)| window.to_string()).collect();
    let wanted = [
        "Autumn, 1 August to 31 December 2023",
        "Spring, 1 January to 31 March 2024",
        "Summer, 1 April to 31 July 2024",
    ];
    assert_eq!(edges, wanted);
}

#[test]
fn law_easter_is_reckoned() {
    for monday in [
        date!(2024 - 04 - 01),
        date!(2025 - 04 - 21),
        date!(2026 - 04 - 06),
        date!(2027 - 03 - 29),
        date!(2028 - 04 - 17),
        date!(2029 - 04 - 02),
        date!(2030 - 04 - 22),
    ] {
        assert_eq!(terms::easter_monday(monday), monday);
        assert_eq!(Window::of(monday).term, LegalTerm::Summer);
        assert_eq!(Window::of(monday.previous_day().unwrap()).term, LegalTerm::Spring);
    }
    // Another rule, good from 1900 to 2099.
    for year in 1900..2100 {
        let mut moon = 225 - 11 * (year % 19);
        while moon > 50 {
            moon -= 30;
        }
        moon -= i64::from(moon > 48);
        let sunday = moon + 7 - (year + year / 4 + moon + 1) % 7;
        let first = Date::from_calendar_date(i32::try_from(year).unwrap(), time::Month::March, 1).unwrap();
        assert_eq!(terms::easter_monday(first), first + time::Duration::days(sunday), "{year}");
    }
}

#[test]
fn law_the_school_year_is_never_guessed() {
    let castle = castle();
    let year = Years::Calendar(&castle).of(date!(2024 - 03 - 01)).unwrap();
    let wanted = SchoolYear { first: 2023, from: date!(2023 - 09 - 01), until: None, assumed: false };
    assert_eq!((year, year.to_string()), (wanted, "2023 to 2024".to_owned()));
    assert_eq!(year.has(date!(2023 - 08 - 31)), Ok(false));
    assert_eq!(year.has(date!(2024 - 07 - 31)), Ok(true));
    assert_eq!(year.has(date!(2024 - 09 - 02)), Err(NotLoaded(date!(2024 - 09 - 02))));
    assert!(year.has_elsewhere(date!(2023 - 08 - 31)), "another school's term may begin earlier");
    // No first term, no answer: before it, after it, and with a gap.
    for on in [date!(2023 - 08 - 31), date!(2024 - 09 - 02), date!(2022 - 11 - 01)] {
        assert_eq!(Years::Calendar(&castle).of(on), Err(NotLoaded(on)));
    }
    let term = |from, to| Span { kind: SpanKind::Term, name: "Term".to_owned(), from, to };
    let gap = SchoolCalendar::new(vec![term(date!(2023 - 10 - 30), date!(2023 - 12 - 15))]);
    assert!(Years::Calendar(&gap).of(date!(2023 - 11 - 01)).is_err(), "Term 2 is not the first");
    // With both years loaded, the days before the first term are the old year.
    let both = SchoolCalendar::new(vec![
        term(date!(2023 - 09 - 04), date!(2024 - 07 - 19)),
        term(date!(2024 - 09 - 04), date!(2024 - 12 - 13)),
    ]);
    let years = Years::Calendar(&both);
    assert_eq!(years.of(date!(2024 - 09 - 03)).map(|year| year.first), Ok(2023));
    assert_eq!(years.of(date!(2024 - 09 - 04)).map(|year| year.first), Ok(2024));
    assert_eq!(years.of(date!(2024 - 09 - 03)).unwrap().until, Some(date!(2024 - 09 - 04)));
    // A suspension over the summer has a sum for each year.
    let summer = plan(MORNING(date!(2024 - 07 - 18)), 8).lay_out(&both).unwrap();
    let sum = count::sum(&Ledger::default(), &summer.lost(), years).unwrap();
    assert_eq!(sum.years.iter().map(|year| year.split.total().0).collect::<Vec<_>>(), [4, 4]);
    // The fallback is asked for, and says what it is.
    let assumed = Years::FirstOfSeptember.of(date!(2024 - 03 - 01)).unwrap();
    assert_eq!((assumed.from, assumed.assumed), (date!(2023 - 09 - 01), true));
    let late = lunch(date!(2024 - 03 - 01)).lost();
    let sum = count::sum(&Ledger::default(), &late, Years::FirstOfSeptember).unwrap();
    assert!(steps::steps(&sum)[1].heading.contains("assumed to begin on 1 September 2023"));
}

#[test]
fn law_what_cannot_be_laid_out_is_refused() {
    let lay_out = |decided_on, first, half_days, lunchtimes: &[Date]| {
        let away = (half_days > 0).then_some(Away { first, half_days: HalfDays(half_days) });
        Plan { decided_on, away, lunchtimes: lunchtimes.to_vec() }.lay_out(&castle())
    };
    let (thursday, inset) = (date!(2023 - 10 - 19), date!(2023 - 10 - 20));
    assert_eq!(lay_out(thursday, MORNING(thursday), 0, &[]), Err(Refused::NothingLost));
    let nothing = Plan {
        away: Some(Away { first: MORNING(thursday), half_days: HalfDays(0) }),
        ..plan(MORNING(thursday), 0)
    };
    assert_eq!(nothing.lay_out(&castle()), Err(Refused::NothingLost));
    assert_eq!(lay_out(thursday, MORNING(inset), 2, &[]), Err(Refused::NotASchoolDay(inset)));
    assert_eq!(lay_out(thursday, MORNING(thursday), 2, &[inset]), Err(Refused::NotASchoolDay(inset)));
    let saturday = date!(2023 - 10 - 21);
    assert_eq!(lay_out(thursday, MORNING(saturday), 2, &[]), Err(Refused::NotASchoolDay(saturday)));
    let before = date!(2023 - 10 - 18);
    assert_eq!(lay_out(thursday, MORNING(before), 2, &[]), Err(Refused::BeforeDecision(before)));
    assert_eq!(lay_out(thursday, MORNING(thursday), 2, &[before]), Err(Refused::BeforeDecision(before)));
    let unknown = date!(2025 - 10 - 20);
    assert_eq!(lay_out(thursday, MORNING(unknown), 2, &[]), Err(Refused::NotLoaded(NotLoaded(unknown))));
    assert_eq!(Permanent::new(thursday, MORNING(before), &castle()), Err(Refused::BeforeDecision(before)));
    // An afternoon first, an odd number of half-days.
    let odd = lay_out(thursday, Session::afternoon(thursday), 4, &[]).unwrap();
    let sessions: Vec<_> = odd.lost().sessions().iter().copied().collect();
    let monday = date!(2023 - 10 - 30);
    let wanted = [
        Session::afternoon(thursday),
        Session::morning(monday),
        Session::afternoon(monday),
        Session::morning(date!(2023 - 10 - 31)),
    ];
    assert_eq!(sessions, wanted);
    assert_eq!(odd.back(&castle()), Ok(Session::afternoon(date!(2023 - 10 - 31))));
    assert_eq!(lunch(thursday).back(&castle()), Ok(Session::afternoon(thursday)));
}

#[test]
fn law_the_usual_first_session_is_only_a_suggestion() {
    let usual = |on, half| record::usual_first(on, half, &castle());
    let thursday = date!(2023 - 10 - 19);
    assert_eq!(usual(thursday, Half::Morning), Ok(Session::afternoon(thursday)));
    assert_eq!(usual(thursday, Half::Afternoon), Ok(MORNING(date!(2023 - 10 - 30))));
    assert_eq!(
        usual(date!(2023 - 10 - 20), Half::Morning),
        Ok(MORNING(date!(2023 - 10 - 30))),
        "an INSET day"
    );
}

#[test]
fn law_half_days_in_words() {
    for (half_days, words) in
        [(0, "0 days"), (1, "0.5 days"), (2, "1 day"), (3, "1.5 days"), (9, "4.5 days"), (90, "45 days")]
    {
        assert_eq!(HalfDays(half_days).to_string(), words);
    }
    for (text, half_days) in [("4", 8), ("4.5", 9), (" 12.0 ", 24), ("0", 0), ("0.5", 1), ("190", 380)] {
        assert_eq!(HalfDays::parse(text), Some(HalfDays(half_days)), "{text}");
    }
    for text in ["", "4.25", "4.", ".5", "-1", "4,5", "1000", "4.5.0", "four", "+4", "4.05"] {
        assert_eq!(HalfDays::parse(text), None, "{text}");
    }
}

#[test]
fn law_steps_say_what_was_counted() {
    let earlier = out(MORNING(date!(2023 - 09 - 04)), 9);
    let elsewhere = vec![
        Addend { place: Place::Elsewhere, year: 2023, term: Some(LegalTerm::Autumn), half_days: HalfDays(2) },
        Addend { place: Place::Elsewhere, year: 2023, term: None, half_days: HalfDays(4) },
    ];
    let before = Ledger { elsewhere, ..ledger(&[&earlier]) };
    let steps = steps::steps(&sum(&before, &lunch(date!(2023 - 11 - 20))));
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].heading, "Legal term: Autumn, 1 August to 31 December 2023");
    let wanted = [
        ("Suspension decided on 4 Sept 2023: 4 Sept, 5 Sept, 6 Sept, 7 Sept and 8 Sept", 9, 9),
        ("Given by another school, without dates", 2, 11),
        ("This suspension: 20 Nov", 1, 12),
    ];
    let found: Vec<_> =
        steps[0].lines.iter().map(|(words, adds, total)| (words.as_str(), adds.0, total.0)).collect();
    assert_eq!(found, wanted);
    let wanted = [
        "6 days in all: 4.5 days before at this school, 1 day at other schools, 0.5 days by this suspension.",
        "0.5 days of it for lunchtimes, half a day each.",
        "Another school gave 2 days of this school year without saying when. They may lie in this term: ask.",
    ];
    assert_eq!(steps[0].outcome, wanted);
    assert_eq!(steps[1].heading, "School year: 2023 to 2024, from 1 September 2023");
    assert_eq!(steps[1].lines.last().map(|(_, _, total)| total.0), Some(16));
    assert_eq!(steps[1].outcome.last().unwrap(), "37 days left of the 45 days a school year allows.");
}

fn told(
    exclusion: &Exclusion,
    about: About,
    duty: &BoardDuty,
    sixth: SixthDay,
) -> Vec<(&'static str, Recipient, Date)> {
    let all = notices::notices(exclusion, about, duty, sixth);
    assert!(all.iter().all(|notice| !notice.contents.is_empty()));
    all.into_iter().map(|notice| (notice.clause, notice.to, notice.by.due_on())).collect()
}

#[test]
fn law_notices_of_a_suspension() {
    let plan = Plan { decided_on: date!(2023 - 10 - 13), ..plan(MORNING(date!(2023 - 10 - 16)), 12) };
    let suspended = plan.lay_out(&castle()).unwrap();
    let sixth = run::sixth_day(&suspended, &Lost::default(), PUPIL, &castle()).unwrap();
    let duty = duty(&suspended, &sum(&Ledger::default(), &suspended), &[]);
    let exclusion = Exclusion::Suspension(suspended);
    let about =
        About { compulsory_age: true, lives_elsewhere: true, social_worker: true, ..About::default() };
    let decided = date!(2023 - 10 - 13);
    let wanted = [
        ("N1", Recipient::Parents, decided),
        ("N2", Recipient::Parents, decided),
        ("N3", Recipient::Parents, date!(2023 - 10 - 16)),
        ("N3", Recipient::Parents, date!(2023 - 10 - 29)),
        ("N4", Recipient::Authority, decided),
        ("N6", Recipient::SocialWorker, decided),
        ("N7", Recipient::Board, decided),
    ];
    assert_eq!(told(&exclusion, about, &duty, sixth), wanted, "N5 is for a permanent exclusion only");
    let letter = |duty: &BoardDuty| {
        let all = notices::notices(&exclusion, about, duty, sixth);
        all.into_iter().find(|notice| notice.kind == NoticeKind::Letter).unwrap().contents
    };
    assert!(letter(&duty).iter().any(|line| line.contains("bring a friend")));
    assert!(!letter(&BoardDuty { tier: Tier::A, ..duty }).iter().any(|line| line.contains("bring a friend")));
    // From 18 the pupil is told; past compulsory age there is no notice about public places.
    let adult = About { adult: true, ..About::default() };
    let clauses: Vec<_> =
        told(&exclusion, adult, &duty, sixth).into_iter().map(|(n, to, _)| (n, to)).collect();
    let wanted = [
        ("N1", Recipient::Pupil),
        ("N2", Recipient::Pupil),
        ("N4", Recipient::Authority),
        ("N7", Recipient::Board),
    ];
    assert_eq!(clauses, wanted);
}

#[test]
fn law_notices_of_a_permanent_exclusion_and_a_cancellation() {
    let first = MORNING(date!(2023 - 11 - 20));
    let permanent = Exclusion::Permanent(Permanent::new(first.on, first, &castle()).unwrap());
    let duties = tiers::board_duties(&permanent, &Sum { windows: vec![], years: vec![] }, &[]);
    assert_eq!(duties.iter().map(|duty| (duty.tier, duty.window)).collect::<Vec<_>>(), [(Tier::D, None)]);
    let about = About { lives_elsewhere: true, looked_after: true, ..About::default() };
    let found: Vec<_> = told(&permanent, about, &duties[0], SixthDay::NotReached)
        .into_iter()
        .map(|(clause, to, on)| {
            assert_eq!(on, first.on);
            (clause, to)
        })
        .collect();
    let wanted = [
        ("N1", Recipient::Parents),
        ("N2", Recipient::Parents),
        ("N4", Recipient::Authority),
        ("N5", Recipient::HomeAuthority),
        ("N6", Recipient::VirtualHead),
        ("N7", Recipient::Board),
    ];
    assert_eq!(found, wanted);
    let both = About { social_worker: true, ..about };
    let cancelled: Vec<_> =
        notices::of_cancellation(&permanent, first.on, both).into_iter().map(|n| n.to).collect();
    let wanted = [
        Recipient::Parents,
        Recipient::Board,
        Recipient::Authority,
        Recipient::HomeAuthority,
        Recipient::SocialWorker,
        Recipient::VirtualHead,
    ];
    assert_eq!(cancelled, wanted);
}

#[test]
fn law_compulsory_school_age_ends_on_the_last_friday_in_june() {
    let born = date!(2008 - 03 - 10);
    for (on, compulsory) in [
        (date!(2024 - 03 - 11), true),
        (date!(2024 - 06 - 01), true),
        (date!(2024 - 06 - 28), true),
        (date!(2024 - 06 - 29), false),
        (date!(2024 - 06 - 30), false),
        (date!(2024 - 07 - 01), false),
        (date!(2024 - 10 - 01), false),
    ] {
        assert_eq!(notices::compulsory_age(born, on), compulsory, "{on}");
    }
    assert!(notices::compulsory_age(date!(2008 - 09 - 01), date!(2024 - 07 - 15)), "a year younger");
    assert!(notices::compulsory_age(date!(2008 - 08 - 31), date!(2023 - 12 - 15)));
    let about = About::default().born(date!(2006 - 05 - 02), date!(2024 - 05 - 01));
    assert_eq!((about.adult, about.compulsory_age), (false, false));
    assert!(About::default().born(date!(2006 - 05 - 01), date!(2024 - 05 - 01)).adult);
}

/// C1, decided on the Friday before.
fn situation() -> Situation {
    let plan = Plan { decided_on: date!(2023 - 10 - 13), ..plan(MORNING(date!(2023 - 10 - 16)), 12) };
    let suspended = plan.lay_out(&castle()).unwrap();
    Situation {
        about: About { compulsory_age: true, ..About::default() },
        duty: duty(&suspended, &sum(&Ledger::default(), &suspended), &[]),
        sixth: run::sixth_day(&suspended, &Lost::default(), PUPIL, &castle()).unwrap(),
        exclusion: Exclusion::Suspension(suspended),
        cancelled_on: None,
    }
}

fn shape(owed: &[Owed]) -> Vec<(&'static str, Option<Date>)> {
    let name = |what: &What| match what {
        What::Tell { clause, .. } => *clause,
        What::SetWork => "work",
        What::Educate { .. } => "sixth day",
        What::ConsiderRepresentations => "representations",
        What::ConsiderReturn { .. } => "board",
        What::TellDecision => "decision",
        What::OfferMeeting => "meeting",
    };
    owed.iter().map(|owed| (name(&owed.what), owed.due.and_then(Deadline::day))).collect()
}

#[test]
fn law_clocks_of_a_suspension() {
    let situation = situation();
    let decided = Some(date!(2023 - 10 - 13));
    let (first, sixth) = (Some(date!(2023 - 10 - 16)), Some(date!(2023 - 10 - 31)));
    let wanted = [
        ("N1", decided),
        ("N2", decided),
        ("N4", decided),
        ("N7", decided),
        ("N3", first),
        ("work", first),
        ("N3", Some(date!(2023 - 10 - 29))),
        ("sixth day", sixth),
    ];
    let owed = |done: &Done| shape(&clocks::owed(&situation, done, &castle()));
    assert_eq!(owed(&Done::default()), wanted, "tier B without representations: the board owes nothing");
    let mut done = Done {
        told: notices::notices(&situation.exclusion, situation.about, &situation.duty, situation.sixth)
            .into_iter()
            .map(|notice| (notice.kind, notice.to, date!(2023 - 10 - 13)))
            .collect(),
        work_set_on: first,
        education_on: first,
        ..Done::default()
    };
    assert_eq!(owed(&done), []);
    // The parents write: 50 school days from the day the board was told. 13 October is a Friday; 4 days
    // to half-term, 35 in Term 2, 11 in January.
    done.representations_on = Some(date!(2023 - 10 - 18));
    assert_eq!(owed(&done), [("board", Some(date!(2024 - 01 - 17)))]);
    done.board_decided_on = Some(date!(2023 - 11 - 10));
    assert_eq!(owed(&done), [("decision", done.board_decided_on)]);
    done.decision_told_on = done.board_decided_on;
    assert_eq!(owed(&done), []);
}

#[test]
fn law_clocks_after_a_cancellation() {
    let mut situation = situation();
    let cancelled_on = date!(2023 - 10 - 17);
    situation.exclusion =
        cancel(&situation.exclusion, MORNING(date!(2023 - 10 - 18)), &Ledger::default()).unwrap();
    situation.cancelled_on = Some(cancelled_on);
    let done = Done { representations_on: Some(cancelled_on), ..Done::default() };
    let owed = shape(&clocks::owed(&situation, &done, &castle()));
    let decided = Some(date!(2023 - 10 - 13));
    let wanted = [
        ("N1", decided),
        ("N2", decided),
        ("N4", decided),
        ("N7", decided),
        ("N3", Some(date!(2023 - 10 - 16))),
        ("N9", Some(cancelled_on)),
        ("N9", Some(cancelled_on)),
        ("N9", Some(cancelled_on)),
        ("meeting", Some(cancelled_on)),
    ];
    assert_eq!(owed, wanted, "the board's duty falls away, and so does the sixth day");
}

#[test]
fn law_clocks_that_cannot_be_reckoned_are_still_owed() {
    let first = MORNING(date!(2024 - 07 - 10));
    let permanent = Exclusion::Permanent(Permanent::new(first.on, first, &castle()).unwrap());
    let duties = tiers::board_duties(&permanent, &Sum { windows: vec![], years: vec![] }, &[]);
    let situation = Situation {
        exclusion: permanent,
        about: About::default(),
        duty: duties[0],
        sixth: run::sixth_day_of_permanent(&Lost::default(), first, PUPIL, &castle()).unwrap(),
        cancelled_on: None,
    };
    let owed = clocks::owed(&situation, &Done::default(), &castle());
    let board = owed.last().unwrap();
    assert_eq!(board.what, What::ConsiderReturn { tier: Tier::D, before: None });
    assert_eq!(board.due, Some(Deadline::CannotCompute(NotLoaded(date!(2024 - 07 - 24)))));
    let names = shape(&owed);
    assert!(names.contains(&("sixth day", Some(date!(2024 - 07 - 17)))), "{names:?}");
}

#[test]
fn law_the_guidance_in_force_is_known() {
    let of = |on| suspension::guidance(on).map(|title| title.rsplit(", ").next().unwrap());
    assert_eq!(of(date!(2026 - 07 - 26)), Some("26 July 2026"));
    assert_eq!(of(date!(2026 - 07 - 25)), Some("August 2024"));
    assert_eq!(of(date!(2023 - 09 - 01)), Some("September 2023"));
    assert_eq!(of(date!(2023 - 08 - 31)), None);
}
