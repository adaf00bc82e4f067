//! Opening at Stage 1 and targets: clauses T.01, R1.03, R1.04, S1.01, A16, S1.08, S1.10.

use time::macros::date;
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    decision::Reasons,
    ids::CaseId,
    policy::ProgrammePolicy,
    pupil::YearGroup,
    rules::{Class, s1_08_targets_set, s1_10_timescale},
};

use super::story::{Known, newcomer, open_at_1};

fn opens(known: Known, reasons: &Reasons) -> Result<(), Vec<&'static str>> {
    known
        .decide_with(&open_at_1(), reasons)
        .map(|_| ())
        .map_err(|refusal| refusal.requirements.iter().filter(|r| !r.met).map(|r| r.clause).collect())
}

#[test]
fn a_complete_case_opens() {
    assert_eq!(opens(newcomer(), &Reasons::new()), Ok(()));
}

#[test]
fn t_01_only_years_7_to_11_of_a_school_that_takes_part() {
    for (year, ok) in [(6, false), (7, true), (11, true), (12, false)] {
        let known = newcomer().with(|facts| facts.pupil.year = YearGroup(year));
        assert_eq!(opens(known, &Reasons::new()).is_ok(), ok, "Year {year}");
    }
    let not_enrolled = newcomer().with(|facts| facts.pupil.enrolled = false);
    assert_eq!(opens(not_enrolled, &Reasons::new()), Err(vec!["T.01"]));
    let elsewhere = newcomer().with(|facts| facts.pupil.school_takes_part = false);
    assert_eq!(opens(elsewhere, &Reasons::new()), Err(vec!["T.01"]));
}

#[test]
fn a16_one_open_case_and_s1_01_a_lead_and_r1_04_a_rationale_are_musts() {
    let all =
        Reasons::from(["A16", "S1.01", "R1.04"].map(|clause| (clause.to_owned(), "because".to_owned())));
    let second = newcomer().with(|facts| facts.pupil.open_case = Some((CaseId::from(Uuid::nil()), true)));
    assert_eq!(opens(second, &all), Err(vec!["A16"]), "a reason does not open it");
    assert_eq!(opens(newcomer().with(|facts| facts.lead = None), &all), Err(vec!["S1.01"]));
    let without = newcomer().with(|facts| facts.opening.rationale = false);
    assert_eq!(opens(without, &all), Err(vec!["R1.04"]));
}

#[test]
fn r1_03_support_first_asks_for_a_reason() {
    let thin: [fn() -> Known; 3] = [
        || newcomer().with(|facts| facts.opening.strategies = 0),
        || newcomer().with(|facts| facts.opening.advice = 0),
        || newcomer().with(|facts| facts.opening.advice_open = 1),
    ];
    for thin in thin {
        assert_eq!(opens(thin(), &Reasons::new()), Err(vec!["R1.03"]));
        let blank = Reasons::from([("R1.03".to_owned(), "  ".to_owned())]);
        assert_eq!(opens(thin(), &blank), Err(vec!["R1.03"]));
        let reason = Reasons::from([("R1.03".to_owned(), "New to the school this week".to_owned())]);
        assert_eq!(opens(thin(), &reason), Ok(()));
    }
}

#[test]
fn every_refusal_lists_everything_and_says_who() {
    let nothing = newcomer().with(|facts| {
        facts.pupil.year = YearGroup(13);
        facts.pupil.enrolled = false;
        facts.pupil.school_takes_part = false;
        facts.pupil.open_case = Some((CaseId::from(Uuid::nil()), false));
        facts.lead = None;
        facts.opening = waymark::domain::facts::OpeningFacts::default();
    });
    let refusal = nothing.decide(&open_at_1()).unwrap_err();
    assert_eq!(refusal.requirements.iter().filter(|r| !r.met).count(), 5);
    assert!(refusal.requirements.iter().all(|r| !r.who.is_empty() && !r.says.is_empty()));
}

#[test]
fn s1_08_one_to_four_targets() {
    let policy = ProgrammePolicy::first();
    let at = |count| {
        let r = s1_08_targets_set(count, &policy);
        (r.class, r.met)
    };
    assert_eq!(
        [at(0), at(1), at(4), at(5), at(6)],
        [
            (Class::Must, false),
            (Class::Must, true),
            (Class::Must, true),
            (Class::Should, false),
            (Class::Must, false)
        ]
    );
}

fn calendar() -> SchoolCalendar {
    let term = |from, to| Span { kind: SpanKind::Term, name: "Term".to_owned(), from, to };
    SchoolCalendar::new(vec![
        term(date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        term(date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
        term(date!(2027 - 01 - 04), date!(2027 - 02 - 12)),
    ])
}

#[test]
fn s1_10_timescales_are_short_and_to_come() {
    let (today, calendar, policy) = (date!(2026 - 10 - 12), calendar(), ProgrammePolicy::first());
    let at = |due| {
        let r = s1_10_timescale(due, today, &calendar, &policy);
        (r.class, r.met)
    };
    assert_eq!(at(date!(2026 - 10 - 11)), (Class::Must, false), "past");
    assert_eq!(at(today), (Class::Should, true));
    // Half-term does not count: 6 school weeks reach the week of 30 November.
    assert_eq!(at(date!(2026 - 12 - 04)), (Class::Should, true));
    assert_eq!(at(date!(2026 - 12 - 07)), (Class::Should, false));
    assert_eq!(at(date!(2027 - 03 - 01)), (Class::Should, false), "cannot be counted: asks, never guesses");
}
