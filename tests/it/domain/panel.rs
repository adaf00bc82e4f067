//! The panel: who abstains, what an allocation asks.

use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    decision::Reasons,
    ids::{PanelId, SchoolId, UserId},
    panel::{
        Allocating, Interest, Member, Outcome, Place, abstains, s3_08_panel_met, takes_papers, to_allocate,
        to_decide_otherwise, where_it_stands,
    },
    policy::ProgrammePolicy,
    rules::Class,
    transfer::{
        State,
        rules::{Verdict, weigh},
    },
};

const DAY: Date = date!(2026 - 11 - 24);

fn school(n: u128) -> SchoolId {
    Uuid::from_u128(n).into()
}

const HOME: u128 = 1;
const TO: u128 = 2;

fn member(schools: &[u128], interests: Vec<(Interest, Option<SchoolId>)>) -> Member {
    Member {
        user: UserId::from(Uuid::from_u128(9)),
        name: "A member".to_owned(),
        schools: schools.iter().map(|n| school(*n)).collect(),
        interests,
    }
}

fn place() -> Place {
    Place {
        school: school(TO),
        name: "Hillside School".to_owned(),
        takes_part: true,
        capacity: Some((1050, 1049, DAY)),
        taken: 2,
        given: 0,
    }
}

#[test]
fn g21_s3_08_who_belongs_to_either_school_or_has_an_interest_abstains() {
    use Interest::{Family, HomeSchool, School};
    for (schools, interests, receiving, wanted) in [
        (&[][..], vec![], Some(TO), None),
        (&[HOME], vec![], None, Some("belongs to the home school")),
        (&[HOME], vec![], Some(TO), Some("belongs to the home school")),
        (&[TO], vec![], None, None),
        (&[TO], vec![], Some(TO), Some("belongs to the receiving school")),
        (&[3], vec![], Some(TO), None),
        (&[], vec![(HomeSchool, None)], Some(TO), Some("declared an interest in the home school")),
        (&[], vec![(Family, None)], None, Some("declared an interest in the family")),
        (
            &[],
            vec![(School, Some(school(TO)))],
            Some(TO),
            Some("declared an interest in the receiving school"),
        ),
        (&[], vec![(School, Some(school(TO)))], Some(3), None),
        (&[], vec![(School, Some(school(TO)))], None, None),
    ] {
        let who = member(schools, interests.clone());
        let why = abstains(&who, school(HOME), receiving.map(school));
        assert_eq!(why, wanted, "{schools:?} {interests:?} {receiving:?}");
    }
}

/// Clauses that are not met for an allocation changed by `with`, with their class.
fn unmet<'a>(
    with: impl FnOnce(&mut Allocating<'a>),
    place: &'a Place,
    by: &'a Member,
    policy: &'a ProgrammePolicy,
) -> Vec<(&'static str, Class)> {
    let mut on = Allocating {
        home: school(HOME),
        to: place,
        by: Some(by),
        declined_before: false,
        objection: None,
        excluded: None,
        policy,
    };
    with(&mut on);
    to_allocate(&on).into_iter().filter(|r| !r.met).map(|r| (r.clause, r.class)).collect()
}

#[test]
fn s3_08_an_allocation_is_refused_or_asks_for_a_reason() {
    let policy = ProgrammePolicy::first();
    let free = member(&[], vec![]);
    assert_eq!(unmet(|_| {}, &place(), &free, &policy), []);
    assert_eq!(
        unmet(|on| on.by = None, &place(), &free, &policy),
        [("S3.08", Class::Must)],
        "only a member who sits"
    );
    let home = Place { school: school(HOME), ..place() };
    assert_eq!(unmet(|_| {}, &home, &free, &policy), [("S3.08-home", Class::Must)]);
    let outside = Place { takes_part: false, ..place() };
    assert_eq!(unmet(|_| {}, &outside, &free, &policy), [("S3.08-part", Class::Must)]);
    let tied = member(&[TO], vec![]);
    assert_eq!(unmet(|_| {}, &place(), &tied, &policy), [("S3.08-interest", Class::Must)]);
    for capacity in [Some((1050, 1050, DAY)), Some((1050, 1051, DAY)), None] {
        let full = Place { capacity, ..place() };
        assert_eq!(unmet(|_| {}, &full, &free, &policy), [("S3.08-room", Class::Should)], "{capacity:?}");
    }
    for (taken, warned) in [(2, false), (3, true), (9, true)] {
        let busy = Place { taken, ..place() };
        assert_eq!(!unmet(|_| {}, &busy, &free, &policy).is_empty(), warned, "took {taken}");
    }
    let objected = [("S3.08-objected", Class::Should)];
    assert_eq!(unmet(|on| on.declined_before = true, &place(), &free, &policy), objected);
    assert_eq!(unmet(|on| on.objection = Some("No staff"), &place(), &free, &policy), objected);
    assert_eq!(
        unmet(|on| on.excluded = Some("A victim is there"), &place(), &free, &policy),
        [("S3.08-excluded", Class::Should)]
    );
}

#[test]
fn s3_08_deciding_otherwise_asks_for_a_free_member_too() {
    let (free, tied) = (member(&[], vec![]), member(&[HOME], vec![]));
    let goes = |by: Option<&Member>| weigh(&to_decide_otherwise(by, school(HOME)), &Reasons::new());
    assert_eq!(goes(Some(&free)), Verdict::Goes);
    assert_eq!(goes(Some(&tied)), Verdict::Blocked);
    assert_eq!(goes(None), Verdict::Blocked);
}

#[test]
fn s3_08_papers_close_and_decisions_wait_for_the_panel() {
    for (close, cancelled, takes) in
        [(DAY, false, true), (date!(2026 - 11 - 23), false, false), (DAY, true, false)]
    {
        assert_eq!(takes_papers(close, cancelled, DAY), takes);
    }
    assert!(s3_08_panel_met(DAY, DAY).met);
    assert!(!s3_08_panel_met(date!(2026 - 11 - 25), DAY).met);
}

#[test]
fn a_referral_says_where_it_stands() {
    let panel = PanelId::from(Uuid::nil());
    let waiting = State::PapersSubmitted { version: 1, panel };
    assert_eq!(where_it_stands(None, Some(&waiting)), "For decision");
    assert_eq!(where_it_stands(Some(Outcome::PutOff), Some(&waiting)), "Put off to another panel");
    assert_eq!(where_it_stands(None, None), "Not on the agenda any more");
    let accepted = State::ReceivingAccepted { school: school(TO), starts_on: DAY };
    assert_eq!(where_it_stands(None, Some(&accepted)), "Accepted, waiting for the first day");
}
