//! A pupil's exclusions as they are recorded, and what Stage 3 makes of them (S3.01, S3.02).

use time::{Date, Time, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::SchoolCalendar,
    checklist,
    decision::Command,
    duties::{self, Owner, What},
    ids::ExclusionId,
    pupil::YearGroup,
    stage::{Ending, Event, Stage},
    step::Step,
    suspension::{
        Half, HalfDays, Refused, Session,
        count::{Addend, Counted, Kind, Place},
        history::{History, Issued, Link, Outcome, Record, RecordKind},
        lost::Lost,
        notices::{About, NoticeKind, Recipient},
        record::{Away, Exclusion, Permanent, Plan},
        run::{Leaver, Provider, SixthDay},
        tiers::{Deadline, Tier},
    },
    week::Weeks,
};

use super::story::{Known, TODAY, at, calendar};

fn suspension(first: Session, half_days: u32) -> Exclusion {
    let away = Some(Away { first, half_days: HalfDays(half_days) });
    let plan = Plan { decided_on: first.on, away, lunchtimes: Vec::new() };
    Exclusion::Suspension(plan.lay_out(&calendar()).unwrap())
}

fn permanent(first: Session) -> Exclusion {
    Exclusion::Permanent(Permanent::new(first.on, first, &calendar()).unwrap())
}

fn issued(n: u128, exclusion: Exclusion) -> Issued {
    Issued {
        id: ExclusionId::from(Uuid::from_u128(n)),
        link: Link::ThisCase,
        incident: None,
        exclusion,
        about: About { compulsory_age: true, ..About::default() },
        exam: None,
        leaver: Leaver { year: YearGroup(9), exams_left: true },
        cancelled_on: None,
        stage_3_settled: false,
        records: Vec::new(),
    }
}

fn of(issued: &[Issued]) -> History {
    History { issued: issued.to_vec(), ..History::default() }
}

fn record(kind: RecordKind, on: Date) -> Record {
    Record { kind, on, at: None, notice: None, outcome: None }
}

fn told(kind: NoticeKind, to: Recipient, on: Date) -> Record {
    Record { notice: Some((kind, to)), ..record(RecordKind::Told, on) }
}

/// Everything a suspension at tier A asks at once.
fn all_done(on: Date) -> Vec<Record> {
    vec![
        told(NoticeKind::Word, Recipient::Parents, on),
        told(NoticeKind::Letter, Recipient::Parents, on),
        told(NoticeKind::PublicPlace, Recipient::Parents, on),
        told(NoticeKind::Authority, Recipient::Authority, on),
        told(NoticeKind::BoardTermly, Recipient::Board, on),
        record(RecordKind::WorkSet, on),
    ]
}

const MON: Date = date!(2026 - 11 - 09);

#[test]
fn what_counted_before_an_exclusion_is_what_was_decided_before_it() {
    let first = issued(1, suspension(Session::morning(MON), 10));
    let second = issued(2, suspension(Session::morning(date!(2026 - 11 - 24)), 2));
    let earlier = Counted {
        decided_on: date!(2026 - 09 - 10),
        place: Place::Elsewhere,
        kind: Kind::Suspension,
        lost: Lost::of([Session::morning(date!(2026 - 09 - 11))], []),
    };
    let history = History {
        elsewhere: vec![earlier],
        given: vec![Addend { place: Place::Elsewhere, year: 2026, term: None, half_days: HalfDays(4) }],
        ..of(&[first.clone(), second.clone()])
    };
    let weighed = history.weigh(&first, &calendar());
    assert_eq!(
        (weighed.duty.tier, weighed.duty.total),
        (Tier::B, HalfDays(11)),
        "5 days and a half at another school"
    );
    assert!(weighed.duty.by_other_schools);
    let weighed = history.weigh(&second, &calendar());
    assert_eq!((weighed.duty.total, weighed.sum.years[0].split.total()), (HalfDays(13), HalfDays(17)));
    assert_eq!(history.ledger_without(second.id).exclusions.len(), 2);
    assert_eq!(history.ledger().exclusions.len(), 3);
}

#[test]
fn education_is_owed_by_the_exclusion_the_sixth_day_lies_in() {
    let calendar = calendar();
    let first = issued(1, suspension(Session::morning(MON), 10));
    // 16 November: straight after Friday 13.
    let second = issued(2, suspension(Session::morning(date!(2026 - 11 - 16)), 4));
    let third = issued(3, suspension(Session::morning(date!(2026 - 11 - 18)), 2));
    let history = of(&[first.clone(), second.clone(), third.clone()]);
    let on = |issued: &Issued| history.situation(issued, &calendar).sixth;
    let owed = |on| SixthDay::Owed { on: Deadline::Computed(on), by: Provider::GoverningBoard };
    assert_eq!(on(&first), SixthDay::NotReached, "what came after it is the next one's");
    assert_eq!(on(&second), owed(date!(2026 - 11 - 16)));
    // The run was past its sixth day: owed from the first day of the third, not before it was decided.
    assert_eq!(on(&third), owed(date!(2026 - 11 - 18)));
    let part = issued(4, suspension(Session::afternoon(date!(2026 - 11 - 23)), 12));
    assert!(
        of(std::slice::from_ref(&part)).weigh(&part, &calendar).part_days,
        "somebody looks at a run from a part of a day"
    );
}

#[test]
fn no_session_is_lost_twice_and_what_follows_straight_is_known() {
    let calendar = calendar();
    let first = issued(1, suspension(Session::morning(MON), 3));
    let history = of(std::slice::from_ref(&first));
    let free = |session, half_days| history.is_free(&suspension(session, half_days).decided());
    assert_eq!(free(Session::afternoon(date!(2026 - 11 - 10)), 2), Ok(()));
    assert_eq!(
        free(Session::morning(date!(2026 - 11 - 10)), 2),
        Err(Refused::OutAlready(Session::morning(date!(2026 - 11 - 10))))
    );
    let ends = |session| history.ends_at(session, &calendar).map(|issued| issued.id);
    assert_eq!(ends(Session::afternoon(date!(2026 - 11 - 10))), Some(first.id));
    assert_eq!(ends(Session::morning(date!(2026 - 11 - 11))), None);
    // Cancelled: what was not lost is free, and nothing follows what never began.
    let Exclusion::Suspension(suspended) = first.exclusion.clone() else { panic!() };
    let mut cancelled = first.clone();
    cancelled.exclusion = Exclusion::Suspension(suspended.cancelled_from(Session::morning(MON)));
    let history = of(&[cancelled]);
    assert_eq!(history.is_free(&first.exclusion.decided()), Ok(()));
    assert_eq!(history.ends_at(Session::morning(MON), &calendar), None);
}

#[test]
fn an_old_exclusion_is_shown_where_the_calendar_does_not_reach() {
    let bare = SchoolCalendar::default();
    let six = issued(1, suspension(Session::morning(MON), 12));
    let weighed = of(std::slice::from_ref(&six)).weigh(&six, &bare);
    assert!(weighed.sum.years[0].year.assumed);
    assert_eq!(weighed.duty.tier, Tier::B);
    assert!(
        matches!(weighed.sixth, SixthDay::Owed { on: Deadline::CannotCompute(_), .. }),
        "{:?}",
        weighed.sixth
    );
    let short = issued(2, suspension(Session::morning(MON), 2));
    assert_eq!(of(std::slice::from_ref(&short)).weigh(&short, &bare).sixth, SixthDay::NotReached);
    let for_good = issued(3, permanent(Session::morning(MON)));
    let weighed = of(std::slice::from_ref(&for_good)).weigh(&for_good, &bare);
    assert_eq!(weighed.duty.tier, Tier::D);
    assert!(matches!(weighed.sixth, SixthDay::Owed { by: Provider::LocalAuthority, .. }));
}

#[test]
fn the_first_record_of_a_kind_counts() {
    let mut one = issued(1, suspension(Session::morning(MON), 2));
    let met = |on, hour| Record {
        at: Some(Time::from_hms(hour, 0, 0).unwrap()),
        ..record(RecordKind::BoardMet, on)
    };
    one.records = vec![
        record(RecordKind::WorkSet, MON),
        record(RecordKind::WorkSet, date!(2026 - 11 - 10)),
        met(date!(2026 - 11 - 12), 14),
        met(date!(2026 - 11 - 12), 10),
        Record { outcome: Some(Outcome::Upheld), ..record(RecordKind::BoardDecided, date!(2026 - 11 - 12)) },
    ];
    assert_eq!(one.done().work_set_on, Some(MON));
    assert_eq!(one.board_met(), Some((date!(2026 - 11 - 12), Time::from_hms(10, 0, 0).unwrap())));
    assert_eq!(one.decided(), Some(Outcome::Upheld));
    assert_eq!(one.title(), "Suspension of 9 Nov");
}

#[test]
fn whole_days_make_stretches_over_weekends() {
    let Exclusion::Suspension(suspended) = suspension(Session::afternoon(date!(2026 - 11 - 12)), 6) else {
        panic!()
    };
    // Thursday afternoon, Friday, Monday, Tuesday morning.
    assert_eq!(suspended.decided().whole_days(&calendar()), [(date!(2026 - 11 - 13), date!(2026 - 11 - 16))]);
    let Exclusion::Suspension(half) = suspension(Session { on: MON, half: Half::Afternoon }, 1) else {
        panic!()
    };
    assert_eq!(half.decided().whole_days(&calendar()), []);
}

fn at_3() -> Known {
    at(Stage::Three, Stage::Three, date!(2026 - 11 - 16))
}

fn with(issued: Vec<Issued>) -> Known {
    at_3().with(|facts| facts.exclusions = of(&issued))
}

#[test]
fn s3_01_a_suspension_at_stage_3_or_just_before_it_is_the_alternative() {
    let met = |issued: Vec<Issued>| checklist::s3_01_suspension(&with(issued).ground()).met;
    assert!(!met(Vec::new()));
    let on = |day| issued(1, suspension(Session::morning(day), 2));
    assert!(met(vec![on(date!(2026 - 11 - 23))]));
    // Stage 3 began on 16 November: ten school days before it is 2 November.
    assert!(met(vec![on(date!(2026 - 11 - 02))]));
    assert!(!met(vec![on(date!(2026 - 10 - 23))]));
    let linked = |link| met(vec![Issued { link, ..on(date!(2026 - 11 - 23)) }]);
    assert!(linked(Link::NoCase) && !linked(Link::OtherCase));
    assert!(!met(vec![issued(1, permanent(Session::morning(date!(2026 - 11 - 23))))]));
    let Exclusion::Suspension(never) = suspension(Session::morning(TODAY), 2) else { panic!() };
    let never = Exclusion::Suspension(never.cancelled_from(Session::morning(TODAY)));
    assert!(!met(vec![issued(1, never)]), "cancelled before it began");
}

#[test]
fn s3_01_otherwise_somebody_says_why_none_was_used() {
    let why =
        Step::NotApplicable { clause: "S3.01".to_owned(), reason: "The pupil moves at once".to_owned() };
    let known = at_3().step(Stage::Three, TODAY, why);
    let item = checklist::items(&known.ground())
        .into_iter()
        .find(|item| item.requirement.clause == "S3.01")
        .unwrap();
    assert!(item.requirement.met && item.requirement.says.contains("The pupil moves at once"));
}

#[test]
fn s3_02_nothing_is_overdue_and_it_is_never_waived() {
    let check = |known: &Known| checklist::s3_02_statutory_clocks(&known.ground());
    assert!(check(&at_3()).met);
    let today = issued(1, suspension(Session::afternoon(TODAY), 2));
    let asked = check(&with(vec![today]));
    assert!(asked.met && asked.says == "Nothing is overdue.", "{}", asked.says);
    let mut earlier = issued(1, suspension(Session::morning(date!(2026 - 11 - 23)), 2));
    let asked = check(&with(vec![earlier.clone()]));
    assert!(!asked.met && asked.says == "5 steps are overdue.", "{}", asked.says);
    let waived = Step::NotApplicable { clause: "S3.02".to_owned(), reason: "No".to_owned() };
    let known = with(vec![earlier.clone()]).step(Stage::Three, TODAY, waived);
    let items = checklist::items(&known.ground());
    let item = items.iter().find(|item| item.requirement.clause == "S3.02").unwrap();
    assert!(!item.requirement.met && item.not_applicable.is_none());
    earlier.records = all_done(TODAY);
    let asked = check(&with(vec![earlier.clone()]));
    assert!(asked.met && asked.says == "Everything is done.", "{}", asked.says);
    earlier.records.clear();
    assert!(check(&with(vec![Issued { link: Link::OtherCase, ..earlier }])).met, "another case's");
}

fn exclusion_duties(known: &Known) -> Vec<(String, Date, bool)> {
    let owed = duties::owed(&known.ground(), &Weeks::default());
    owed.into_iter()
        .filter_map(|duty| match &duty.what {
            What::Exclusion { clause, .. } => {
                Some((clause.clone(), duty.due_on, duty.what.owner() == Owner::Headteacher))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn s3_02_what_the_law_asks_is_owed_by_the_case_with_its_clause_day_and_owner() {
    let monday = date!(2026 - 11 - 23);
    let mut one = issued(1, suspension(Session::afternoon(monday), 3));
    let wanted: Vec<_> = [
        ("N1", monday, true),
        ("N2", monday, true),
        ("N3", monday, true),
        ("N4", monday, true),
        ("R-WK", monday, false),
        ("N8", date!(2026 - 12 - 31), true),
    ]
    .map(|(clause, on, head)| (clause.to_owned(), on, head))
    .to_vec();
    // At any stage, not only at 3.
    let known = at(Stage::One, Stage::One, date!(2026 - 11 - 02))
        .with(|facts| facts.exclusions = of(std::slice::from_ref(&one)));
    assert_eq!(exclusion_duties(&known), wanted);
    let words: Vec<_> =
        duties::owed(&known.ground(), &Weeks::default()).iter().map(|duty| duty.what.words()).collect();
    assert!(
        words.contains(&"Suspension of 23 Nov: tell the parents in person or by telephone".to_owned()),
        "{words:?}"
    );
    one.records = all_done(monday);
    assert_eq!(
        exclusion_duties(&known.clone().with(|facts| facts.exclusions = of(std::slice::from_ref(&one)))),
        []
    );
    // The list of the stage does not say it a second time.
    assert!(!words.iter().any(|words| words == "Do what is owed after the exclusion"));
}

#[test]
fn s3_02_a_day_beyond_the_calendar_is_owed_where_the_calendar_ends() {
    let mut late = issued(1, permanent(Session::morning(date!(2027 - 03 - 22))));
    late.records = vec![told(NoticeKind::Board, Recipient::Board, date!(2027 - 03 - 22))];
    let known = with(vec![late]);
    let owed = duties::owed(&known.ground(), &Weeks::default());
    let board = owed.iter().find(|duty| duty.what.clause() == "2.5").unwrap();
    assert!(
        board.what.words().contains("cannot be worked out until the school’s terms are added"),
        "{board:?}"
    );
    assert!(board.due_on > date!(2027 - 03 - 25));
}

#[test]
fn a20_the_case_opens_again_when_no_permanent_exclusion_stands() {
    let missing = |exclusions: &[Issued]| {
        let mut known = at(Stage::Two, Stage::One, date!(2026 - 10 - 12));
        known.case = known.case.after(&Event::Closed { ending: Ending::Excluded }, TODAY).unwrap();
        let known = known.with(|facts| facts.exclusions = of(exclusions));
        known.missing(&Command::Reopen { stage: Stage::Three })
    };
    let stands = issued(1, permanent(Session::morning(TODAY)));
    let cancelled = Issued { cancelled_on: Some(TODAY), ..stands.clone() };
    let board = |outcome| Issued {
        records: vec![Record { outcome: Some(outcome), ..record(RecordKind::BoardDecided, TODAY) }],
        ..stands.clone()
    };
    assert_eq!(missing(std::slice::from_ref(&stands)), ["A20"]);
    assert_eq!(missing(std::slice::from_ref(&cancelled)), [""; 0]);
    assert_eq!(missing(&[board(Outcome::BroughtBack)]), [""; 0]);
    assert_eq!(missing(&[board(Outcome::Upheld)]), ["A20"]);
    assert_eq!(missing(&[cancelled, stands]), ["A20"], "excluded again");
}

#[test]
fn p2_03a_the_reason_given_with_the_exclusion_is_owed_no_longer() {
    let ended = |issued: Issued| {
        let mut known = at(Stage::One, Stage::One, date!(2026 - 11 - 02));
        let event = Event::Closed { ending: Ending::Excluded };
        known.case = known.case.after(&event, TODAY).unwrap();
        known.with(|facts| {
            facts.unexplained = vec!["P2.03a".to_owned()];
            facts.exclusions = of(&[issued]);
        })
    };
    let owes = |known: &Known| {
        let owed = duties::owed(&known.ground(), &Weeks::default());
        owed.iter().any(|duty| matches!(duty.what, What::Explain { .. }))
    };
    let mut one = issued(1, permanent(Session::morning(TODAY)));
    let known = ended(one.clone());
    assert!(owes(&known) && one.owes_explanation());
    assert!(!exclusion_duties(&known).is_empty(), "the law's clocks run on when the case has ended");
    assert!(exclusion_duties(&ended(Issued { link: Link::OtherCase, ..one.clone() })).is_empty());
    one.records = vec![record(RecordKind::Explained, TODAY)];
    assert!(!owes(&ended(one.clone())) && !one.owes_explanation());
    one.records.clear();
    one.stage_3_settled = true;
    assert!(!owes(&ended(one)));
    assert!(!issued(1, suspension(Session::morning(TODAY), 1)).owes_explanation());
}

#[test]
fn g11_recording_a_permanent_exclusion_is_never_refused() {
    // With a case at Stage 1, nothing considered and no reason given.
    let known = at(Stage::One, Stage::One, date!(2026 - 11 - 02));
    let decided = known.decide(&Command::Close { ending: Ending::Excluded }).unwrap();
    assert_eq!(decided.unexplained(), ["P2.03a"]);
}
