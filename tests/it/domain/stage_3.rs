//! Stage 3 by tables: what may be agreed, when, and what the parents answered (S3.03 to S3.06, P2.03b, G1 to G4).

use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    checklist,
    decision::{Reasons, weigh},
    facts::ContactFact,
    ids::{ContactId, MeetingId},
    meeting::{Asked, Attendance, MeetingFact, MeetingKind, Minutes, Part},
    pupil::YearGroup,
    rules::{Class, Requirement},
    stage::Stage,
    stage_3::{
        self, AgreementFact, Alternative, AlternativeFact, Answer, Plan, Route, Status, a3_outcomes_reviewed,
        asks, s3_03_everybody_asked, s3_04_considered, s3_05_sought_for_all,
    },
};

use super::story::{Known, TODAY, at};

type Clauses = &'static [&'static str];

const MOTHER: u128 = 1;
const FATHER: u128 = 2;

fn plan(starts_on: Date) -> Plan {
    Plan {
        words: "Mornings at the centre".to_owned(),
        route: None,
        last_resort: None,
        starts_on,
        review_on: starts_on + time::Duration::days(28),
        ends_on: None,
    }
}

fn transfer(route: Route) -> Plan {
    Plan {
        route: Some(route),
        last_resort: Some("Nothing else keeps the other pupil safe".to_owned()),
        ..plan(date!(2026 - 12 - 07))
    }
}

fn at_3() -> Known {
    at(Stage::Three, Stage::Three, date!(2026 - 11 - 16))
}

fn with(mut known: Known, kind: Alternative, status: Status, plan: Option<Plan>) -> Known {
    known.facts.alternatives.push(AlternativeFact { kind, considered: true, status, plan });
    known
}

/// Everything the programme names is looked at, and nothing chosen.
fn considered() -> Known {
    let named = Alternative::ALL.iter().filter(|kind| kind.named());
    named.fold(at_3(), |known, kind| with(known, *kind, Status::NotChosen, None))
}

fn parent(mut known: Known, who: u128, answer: Option<Answer>) -> Known {
    let contact = ContactId::from(Uuid::from_u128(who));
    known.facts.contacts.push(ContactFact {
        id: contact,
        name: if who == MOTHER { "Ann Roe" } else { "Ben Roe" }.to_owned(),
        parental_responsibility: true,
        no_contact: false,
        reachable: true,
    });
    known.facts.agreements.extend(answer.map(|answer| AgreementFact {
        contact,
        kind: Alternative::SupportedTransfer,
        answer,
        asked_on: TODAY,
        ask_again_on: None,
    }));
    known
}

/// Clauses that are not met and that nobody can get past without a reason, or at all.
fn missing(known: &Known, kind: Alternative, plan: &Plan, year: i16) -> Vec<(&'static str, Class)> {
    asks(kind, plan, YearGroup(year), &known.ground())
        .into_iter()
        .filter(|r| !r.met && r.class != Class::Check)
        .map(|r| (r.clause, r.class))
        .collect()
}

#[test]
fn p2_03b_g1_a_supported_transfer_is_agreed_at_stage_3_and_nowhere_else() {
    let plan = transfer(Route::ManagedMove);
    let kind = Alternative::SupportedTransfer;
    let ready = |known: Known| {
        let mut known = parent(known, MOTHER, Some(Answer::Agreed));
        known.facts.alternatives = considered().facts.alternatives;
        known
    };
    assert_eq!(missing(&ready(at_3()), kind, &plan, 9), []);
    for stage in [Stage::One, Stage::Two] {
        let known = ready(at(stage, stage, date!(2026 - 11 - 16)));
        assert_eq!(missing(&known, kind, &plan, 9), [("P2.03b", Class::Must)], "{stage}");
    }
}

#[test]
fn p2_03b_the_last_resort_is_said_and_every_other_way_was_looked_at() {
    let kind = Alternative::SupportedTransfer;
    let agreed = |known| parent(known, MOTHER, Some(Answer::Agreed));
    let silent = Plan { last_resort: None, ..transfer(Route::ManagedMove) };
    assert_eq!(missing(&agreed(considered()), kind, &silent, 9), [("P2.03b-last", Class::Must)]);
    let mut one_open = agreed(considered());
    one_open.facts.alternatives.retain(|fact| fact.kind != Alternative::College);
    let found = asks(kind, &transfer(Route::ManagedMove), YearGroup(9), &one_open.ground());
    let open: Vec<_> = found.iter().filter(|r| !r.met).collect();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].clause, open[0].says.as_str()), ("P2.03b-others", "Not yet: College provision."));
}

#[test]
fn s3_04_g2_g3_g4_the_flexible_programme_is_for_key_stage_4_by_its_first_day() {
    // G2: Year 9 in January. G3: agreed in Year 9 for September, with a reason. G4: joint planning, any year.
    let mut known = at_3();
    known.facts.pupil.year = YearGroup(9);
    for kind in [Alternative::WorkToLearn, Alternative::College, Alternative::PruReferral] {
        let january = plan(date!(2027 - 01 - 11));
        assert_eq!(missing(&known, kind, &january, 9), [("S3.04-KS4", Class::Must)], "{kind:?}");
        let september = plan(date!(2027 - 09 - 06));
        assert_eq!(missing(&known, kind, &september, 10), [("S3.04-start", Class::Should)], "{kind:?}");
        // 7.1: after Year 11 it is no longer Key Stage 4.
        assert_eq!(missing(&known, kind, &september, 12), [("S3.04-KS4", Class::Must)], "{kind:?}");
    }
    known.facts.pupil.year = YearGroup(10);
    assert_eq!(missing(&known, Alternative::PruReferral, &plan(date!(2027 - 01 - 11)), 10), []);
    known.facts.pupil.year = YearGroup(8);
    for kind in [Alternative::JointPlanning, Alternative::ReInduction, Alternative::Other] {
        assert_eq!(missing(&known, kind, &plan(date!(2027 - 01 - 11)), 8), [], "{kind:?}");
    }
}

#[test]
fn s3_04_a_transfer_beside_a_re_induction_asks_why() {
    let mut known = parent(considered(), MOTHER, Some(Answer::Agreed));
    for fact in &mut known.facts.alternatives {
        if fact.kind == Alternative::ReInduction {
            fact.status = Status::Agreed;
        }
    }
    let both = missing(&known, Alternative::SupportedTransfer, &transfer(Route::ManagedMove), 9);
    assert_eq!(both, [("S3.04-both", Class::Should)]);
}

#[test]
fn s3_04_no_alternative_of_the_programme_is_left_blank() {
    let none = s3_04_considered(&at_3().facts);
    assert!(!none.met && none.says == "0 of 6 are.", "{}", none.says);
    let all = s3_04_considered(&considered().facts);
    assert!(all.met && all.says == "6 of 6 are.", "{}", all.says);
    let mut five = considered();
    five.facts.alternatives.remove(2);
    assert!(!s3_04_considered(&five.facts).met);
    // "Something else" stands in for none of them.
    assert!(!s3_04_considered(&with(five, Alternative::Other, Status::NotChosen, None).facts).met);
}

#[test]
fn s3_04_only_the_headteacher_or_whom_they_named_agrees() {
    let mut known = at_3();
    known.facts.decides = false;
    assert_eq!(missing(&known, Alternative::ReInduction, &plan(TODAY), 9), [("A8", Class::Must)]);
}

#[test]
fn s3_05_g12_a_managed_move_needs_a_parent_and_an_off_site_direction_asks_why() {
    use Answer::{Agreed, Declined, NoReply, WantsTime};
    let kind = Alternative::SupportedTransfer;
    // Answers of mother and father, what a managed move misses then, what an off-site direction misses.
    let table: [(&[Option<Answer>], Clauses, Clauses); 8] = [
        (&[Some(Agreed)], &[], &[]),
        (&[Some(Agreed), Some(Agreed)], &[], &[]),
        (&[Some(Agreed), Some(Declined)], &["S3.05-all"], &["S3.05-all"]),
        (&[Some(Agreed), None], &["S3.05-all"], &["S3.05-all"]),
        (&[Some(Declined)], &["S3.05", "S3.05-all"], &["S3.05-all"]),
        (&[Some(WantsTime)], &["S3.05", "S3.05-all"], &["S3.05-all"]),
        (&[Some(NoReply), None], &["S3.05", "S3.05-all"], &["S3.05-all"]),
        (&[], &["S3.05", "S3.05-all"], &["S3.05-all"]),
    ];
    for (answers, moved, off_site) in table {
        let known = answers
            .iter()
            .zip([MOTHER, FATHER])
            .fold(considered(), |known, (answer, who)| parent(known, who, *answer));
        for (route, wanted) in [(Route::ManagedMove, moved), (Route::OffSite, off_site)] {
            let found: Vec<_> =
                missing(&known, kind, &transfer(route), 9).into_iter().map(|(clause, _)| clause).collect();
            assert_eq!(found, wanted, "{answers:?} {route:?}");
        }
        // Against the parents an off-site direction goes on with a reason; a managed move never does.
        let reasons = Reasons::from([("S3.05-all".to_owned(), "Their views are recorded".to_owned())]);
        let weighed = |route| weigh(asks(kind, &transfer(route), YearGroup(9), &known.ground()), &reasons);
        assert!(weighed(Route::OffSite).is_ok());
        assert_eq!(weighed(Route::ManagedMove).is_ok(), !moved.contains(&"S3.05"), "{answers:?}");
    }
}

#[test]
fn s3_05_the_latest_answer_counts() {
    let mut known = parent(considered(), MOTHER, Some(Answer::Agreed));
    let withdrawn = AgreementFact { answer: Answer::Declined, ..known.facts.agreements[0].clone() };
    known.facts.agreements.push(withdrawn);
    let found = missing(&known, Alternative::SupportedTransfer, &transfer(Route::ManagedMove), 9);
    assert_eq!(found, [("S3.05", Class::Must), ("S3.05-all", Class::Should)]);
}

#[test]
fn s3_05_agreement_is_sought_of_everybody_entitled_and_no_answer_holds_it_up() {
    let chosen = |known| with(known, Alternative::SupportedTransfer, Status::Proposed, None);
    let sought = |known: &Known| s3_05_sought_for_all(&known.facts);
    assert!(!sought(&at_3()).met, "nothing is chosen yet");
    assert!(!sought(&chosen(at_3())).met, "nobody is there to ask");
    for answer in Answer::ALL {
        let known = chosen(parent(at_3(), MOTHER, Some(*answer)));
        assert!(sought(&known).met, "{answer:?}");
        assert!(!sought(&parent(known, FATHER, None)).met, "the father was not asked");
    }
    let mut barred = chosen(parent(parent(at_3(), MOTHER, Some(Answer::Agreed)), FATHER, None));
    barred.facts.contacts[1].no_contact = true;
    assert!(sought(&barred).met, "whom a court keeps away is not asked");
    assert_eq!(sought(&barred).class, Class::Check);
}

fn review(
    people: &[(Part, Attendance, &str)],
    why: Option<&str>,
    kind: MeetingKind,
) -> (MeetingId, MeetingFact) {
    let minutes = Minutes { without_la_representative: why.map(str::to_owned), ..Minutes::default() };
    let fact = MeetingFact {
        kind,
        stage: Stage::Three,
        planned_on: TODAY,
        held_on: Some(TODAY),
        cancelled: false,
        final_on: Some(TODAY),
        minutes,
        people: people.iter().map(|(part, came, _)| (*part, Some(*came))).collect(),
        asked: people
            .iter()
            .map(|(.., name)| Asked { key: (*name).to_owned(), name: (*name).to_owned() })
            .collect(),
    };
    (MeetingId::from(Uuid::nil()), fact)
}

fn item(known: &Known, clause: &str) -> Requirement {
    let found = checklist::items(&known.ground()).into_iter().find(|item| item.requirement.clause == clause);
    found.unwrap_or_else(|| panic!("{clause} is not on the list")).requirement
}

#[test]
fn s3_03_g8_the_review_meeting_says_why_the_la_representative_was_not_there() {
    let mut known = at_3();
    assert!(!item(&known, "S3.03").met);
    let came =
        [(Part::Parent, Attendance::Present, "Ann Roe"), (Part::LaRepresentative, Attendance::Video, "La")];
    known.facts.meetings = vec![review(&came, None, MeetingKind::Stage3)];
    assert_eq!(item(&known, "S3.03").says, "Held on 24 November 2026.", "by video is present");
    known.facts.meetings = vec![review(&[], Some("Ill; asked on 2 November"), MeetingKind::Stage3)];
    let without = item(&known, "S3.03");
    assert!(without.met && without.says.ends_with("without the LA representative: Ill; asked on 2 November"));
    known.facts.meetings[0].1.final_on = None;
    assert!(!item(&known, "S3.03").met, "minutes that are not signed off");
}

#[test]
fn s3_03_everybody_of_earlier_meetings_is_asked_and_may_write() {
    let before =
        [(Part::Parent, Attendance::Present, "Ann Roe"), (Part::Staff, Attendance::Apologies, "P Shah")];
    let mut known = at_3();
    assert!(s3_03_everybody_asked(&known.facts).met, "there was no earlier meeting");
    known.facts.meetings = vec![review(&before, None, MeetingKind::Stage2)];
    assert_eq!(s3_03_everybody_asked(&known.facts).says, "Not asked: Ann Roe, P Shah.");
    let written =
        [(Part::Parent, Attendance::Present, "Ann Roe"), (Part::Staff, Attendance::Written, "P Shah")];
    known.facts.meetings.push(review(&written, None, MeetingKind::Stage3));
    assert!(s3_03_everybody_asked(&known.facts).met);
    known.facts.meetings[1].1.asked.pop();
    assert_eq!(s3_03_everybody_asked(&known.facts).says, "Not asked: P Shah.");
    known.facts.meetings[1].1.cancelled = true;
    assert!(!s3_03_everybody_asked(&known.facts).met, "a meeting called off asked nobody");
}

#[test]
fn s3_06_early_help_is_considered_on_entry_at_3_and_reviewed_otherwise() {
    let asks_of = |entry: Stage| {
        let known = at(Stage::Three, entry, date!(2026 - 11 - 16));
        item(&known, "S3.06")
    };
    assert!(asks_of(Stage::Three).asks.contains("because the programme began at this stage"));
    for entry in [Stage::One, Stage::Two] {
        assert_eq!(asks_of(entry).asks, "Early help (CAF) looked at again at this stage");
    }
    assert!(!asks_of(Stage::Three).met);
}

#[test]
fn a3_a_case_leaves_stage_3_once_its_outcomes_are_ended() {
    let reviewed =
        |status| a3_outcomes_reviewed(&with(at_3(), Alternative::ReInduction, status, None).facts).met;
    for status in Status::ALL {
        assert_eq!(reviewed(*status), !status.live(), "{status:?}");
    }
}

#[test]
fn what_was_typed_for_a_plan_must_hold_together() {
    let faults = |kind, plan: &Plan| -> Vec<&str> {
        stage_3::faults(kind, plan, TODAY).into_iter().map(|(field, _)| field).collect()
    };
    let good = plan(TODAY);
    assert_eq!(faults(Alternative::ReInduction, &good), [""; 0]);
    assert_eq!(faults(Alternative::SupportedTransfer, &good), ["route"]);
    let late = plan(TODAY + time::Duration::days(367));
    assert_eq!(faults(Alternative::ReInduction, &late), ["starts_on"]);
    let backwards = Plan { review_on: TODAY, ends_on: TODAY.previous_day(), ..plan(TODAY) };
    assert_eq!(faults(Alternative::ReInduction, &backwards), ["review_on", "ends_on"]);
}
