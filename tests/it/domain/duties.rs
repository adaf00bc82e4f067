//! What is owed: each duty by its clause, overdue in school days, and exactly one next action.

use time::{Date, Duration, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::SchoolCalendar,
    direction::Direction,
    duties::{Duty, Place, What, aftercare_on, feedback_missed, owed},
    facts::{ActionFact, ContactFact, Facts, FeedbackFact},
    ids::{ActionId, ContactId, MeetingId, SchoolId, TargetId},
    meeting::{Attendance, MeetingFact, MeetingKind, Minutes, Part},
    review::Rating,
    stage::{Ending, Event, Stage},
    stage_3::{AgreementFact, Alternative, AlternativeFact, Answer, Status},
    step::{Audience, Step, incident::Seriousness},
    transfer::{Event as Transfer, ManagedMove},
    week::{DayTotals, PeriodLabel, Review, TargetDays, Weeks},
};

use super::story::{Known, TODAY, at, calendar, incident, leaflet};

/// The Monday the case begins on: the third week of term 2.
const BEGAN: Date = date!(2026 - 11 - 16);

/// A case with its weeks, all days up to yesterday recorded and last week reviewed and told.
struct Case {
    known: Known,
    weeks: Weeks,
}

fn parent() -> ContactFact {
    ContactFact {
        id: ContactId::from(Uuid::from_u128(7)),
        name: "Mrs Day".to_owned(),
        parental_responsibility: true,
        no_contact: false,
        reachable: true,
    }
}

fn day(on: Date) -> DayTotals {
    DayTotals { on, points: 6, recorded: 6, expected: 6, excused: false }
}

fn told(week_on: Date, reached: bool) -> FeedbackFact {
    FeedbackFact { week_on, contact: parent().id, reached, on: week_on + Duration::days(4) }
}

fn signed(week_on: Date) -> Review {
    Review { from_week_on: week_on, week_on, overall: Rating::Amber }
}

/// Everything of Stage 1 is done but for what each test takes away.
fn in_order() -> Case {
    let known = at(Stage::One, Stage::One, BEGAN).checklist_of_stage_1().with(|facts| {
        facts.contacts = vec![parent()];
        facts.feedback = vec![told(BEGAN, true), told(date!(2026 - 11 - 23), true)];
    });
    let days = calendar().latest_school_days(TODAY - Duration::DAY, 6).into_iter().map(day).collect();
    let weeks = Weeks {
        targets: vec![TargetDays {
            id: TargetId::from(Uuid::from_u128(1)),
            words: "Arrive on time".to_owned(),
            starts_on: BEGAN,
            due_on: date!(2026 - 12 - 11),
            ended_on: None,
        }],
        days,
        reviews: vec![signed(date!(2026 - 11 - 23)), signed(BEGAN)],
        periods: (1..=6)
            .map(|number| PeriodLabel {
                number,
                label: format!("P{number}"),
                from_on: date!(2000 - 01 - 01),
                to_on: None,
            })
            .collect(),
        ..Weeks::default()
    };
    Case { known, weeks }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Case)) -> Self {
        change(&mut self);
        self
    }

    fn owed(&self) -> Vec<Duty> {
        owed(&self.known.ground(), &self.weeks)
    }

    fn next(&self) -> Duty {
        self.owed().remove(0)
    }

    /// Duties by their clause: words, day, school days overdue.
    fn of(&self, clause: &str) -> Vec<(String, Date, u32)> {
        self.owed()
            .iter()
            .filter(|duty| duty.what.clause() == clause)
            .map(|duty| {
                (duty.what.words(), duty.due_on, duty.overdue(&self.known.calendar, self.known.today))
            })
            .collect()
    }
}

#[test]
fn a_case_in_order_owes_today_and_the_look_at_its_support() {
    let all: Vec<_> =
        in_order().owed().iter().map(|duty| (duty.what.clause().to_owned(), duty.due_on)).collect();
    assert_eq!(all, [("S1.11".to_owned(), TODAY), ("R1.02".to_owned(), date!(2026 - 12 - 08))]);
}

#[test]
fn s1_08_without_targets_setting_them_comes_first() {
    let none = in_order().with(|case| {
        case.known.facts.targets.clear();
        case.weeks.targets.clear();
    });
    let next = none.next();
    assert_eq!((next.what, next.due_on), (What::SetTargets, date!(2026 - 11 - 17)));
    assert_eq!(none.of("S1.08")[0].2, 5);
    assert_eq!(none.of("S1.11"), [], "nothing to record, nothing to fill in");
    assert_eq!(none.of("S1.13"), [], "and nothing to review");
}

#[test]
fn s1_11_a_day_nobody_recorded_is_owed_until_it_is_or_something_explains_it() {
    let gap = |on: Date| in_order().with(|case| case.weeks.days.retain(|day| day.on != on));
    let friday = date!(2026 - 11 - 20);
    assert_eq!(gap(friday).next().what, What::FillIn { day: friday });
    assert_eq!(gap(friday).of("S1.11")[0].2, 2, "Monday and today have passed since");
    let emptied =
        gap(friday).with(|case| case.weeks.days.push(DayTotals { recorded: 0, points: 0, ..day(friday) }));
    let emptied = emptied.with(|case| case.weeks.days.sort_by_key(|day| day.on));
    assert_eq!(emptied.next().what, What::FillIn { day: friday }, "a day emptied again");
    let ill = gap(friday).with(|case| {
        case.weeks.days.push(DayTotals { on: friday, points: 0, recorded: 0, expected: 0, excused: true });
        case.weeks.days.sort_by_key(|day| day.on);
    });
    assert_eq!(ill.next().what, What::Record { day: TODAY });
    let done_today = in_order().with(|case| case.weeks.days.push(day(TODAY)));
    assert_eq!(done_today.next().what, What::Record { day: date!(2026 - 11 - 25) });
    let end_of_term = in_order().with(|case| {
        case.known.today = date!(2026 - 12 - 19);
        case.weeks.days = calendar().latest_school_days(case.known.today, 30).into_iter().map(day).collect();
    });
    let record = end_of_term.owed().into_iter().find(|duty| duty.what.is_marks()).unwrap();
    assert_eq!(record.what, What::Record { day: date!(2027 - 01 - 04) }, "the first day of next term");
    let unknown = in_order().with(|case| case.known.calendar = SchoolCalendar::default());
    assert!(unknown.owed().iter().any(|duty| duty.what == What::LoadCalendar));
}

#[test]
fn s1_10_a_target_past_its_day_is_reviewed() {
    let past = in_order().with(|case| case.known.facts.targets[0].due_on = date!(2026 - 11 - 20));
    assert_eq!(past.next().what, What::ReviewTargets);
    assert_eq!(past.of("S1.10")[0].2, 2);
    let today = in_order().with(|case| case.known.facts.targets[0].due_on = TODAY);
    assert_eq!(today.of("S1.10"), [], "its day is not over");
}

#[test]
fn s1_13_each_school_week_owes_a_review_by_its_last_day() {
    let none = in_order().with(|case| case.weeks.reviews.clear());
    let reviews: Vec<_> = none.of("S1.13").into_iter().map(|(_, by, late)| (by, late)).collect();
    assert_eq!(reviews, [(date!(2026 - 11 - 20), 2), (date!(2026 - 11 - 27), 0)]);
}

#[test]
fn g19_half_term_owes_no_review_and_no_feedback() {
    // The week of 26 October is half-term.
    let half_term = in_order().with(|case| {
        case.known.today = date!(2026 - 10 - 28);
        let began = date!(2026 - 10 - 19);
        case.known.case = at(Stage::One, Stage::One, began).case;
        case.weeks.targets[0].starts_on = began;
        case.known.facts.targets[0].starts_on = began;
        case.weeks.days =
            calendar().latest_school_days(date!(2026 - 10 - 23), 5).into_iter().map(day).collect();
        case.weeks.reviews = vec![signed(began)];
        case.known.facts.feedback = vec![told(began, true)];
    });
    assert_eq!((half_term.of("S1.13"), half_term.of("S1.12")), (vec![], vec![]));
    assert!(
        half_term
            .owed()
            .iter()
            .all(|duty| duty.overdue(&half_term.known.calendar, half_term.known.today) == 0)
    );
}

#[test]
fn s1_12_every_parent_entitled_to_it_is_told_each_week() {
    let silent = in_order().with(|case| case.known.facts.feedback.clear());
    let words = silent.of("S1.12");
    assert_eq!(
        words,
        [
            ("Tell Mrs Day about the week of 16 Nov".to_owned(), date!(2026 - 11 - 20), 2),
            ("Tell Mrs Day about the week of 23 Nov".to_owned(), date!(2026 - 11 - 27), 0),
        ]
    );
    // One attempt is not enough, two are.
    let tried = |times| {
        silent_with(times).of("S1.12").iter().filter(|(_, by, _)| *by == date!(2026 - 11 - 20)).count()
    };
    assert_eq!((tried(1), tried(2)), (1, 0));
    // Two parents: both are named until both are told.
    let two = in_order().with(|case| {
        let father =
            ContactFact { id: ContactId::from(Uuid::from_u128(8)), name: "Mr Day".to_owned(), ..parent() };
        case.known.facts.contacts.push(father);
    });
    assert_eq!(two.of("S1.12")[0].0, "Tell Mr Day about the week of 16 Nov");
}

fn silent_with(attempts: usize) -> Case {
    in_order().with(|case| case.known.facts.feedback = vec![told(BEGAN, false); attempts])
}

#[test]
fn g20_nobody_is_owed_feedback_whom_a_court_order_keeps_away() {
    let barred = in_order().with(|case| {
        case.known.facts.feedback.clear();
        case.known.facts.contacts[0].no_contact = true;
    });
    let words: Vec<_> = barred.of("S1.12").into_iter().map(|(words, ..)| words).collect();
    assert_eq!(words, ["Record who has parental responsibility, so that somebody can be told each week"]);
    let unreachable = in_order().with(|case| {
        case.known.facts.feedback.clear();
        case.known.facts.contacts[0].reachable = false;
    });
    assert_eq!(unreachable.of("S1.12")[0].0, "Find a way to reach Mrs Day");
}

#[test]
fn s1_12_weeks_without_feedback_are_counted_without_a_break() {
    let missed = |case: &Case| feedback_missed(&case.known.ground(), &case.weeks);
    let later = |today: Date, told_weeks: &[Date]| {
        in_order().with(|case| {
            case.known.today = today;
            case.known.facts.feedback = told_weeks.iter().map(|week| told(*week, true)).collect();
        })
    };
    let (first, second) = (BEGAN, date!(2026 - 11 - 23));
    assert_eq!(missed(&later(TODAY, &[first])), []);
    assert_eq!(missed(&later(TODAY, &[])), [first], "this week is not over");
    assert_eq!(missed(&later(date!(2026 - 11 - 30), &[])), [first, second]);
    assert_eq!(missed(&later(date!(2026 - 11 - 30), &[first])), [second], "counted from the last one told");
    assert_eq!(missed(&later(date!(2026 - 11 - 30), &[second])), []);
}

#[test]
fn the_checklist_is_owed_by_its_days_until_it_is_done_or_does_not_apply() {
    let bare = |stage, entry| Case { known: at(stage, entry, BEGAN), weeks: in_order().weeks };
    let by_clause = |case: &Case| -> Vec<(String, Date)> {
        let mut all: Vec<_> = case
            .owed()
            .into_iter()
            .filter(|duty| matches!(duty.what, What::Checklist { .. }))
            .map(|duty| (duty.what.clause().to_owned(), duty.due_on))
            .collect();
        all.sort();
        all
    };
    let (leaflet_day, ten, twenty) = (date!(2026 - 11 - 23), date!(2026 - 11 - 30), date!(2026 - 12 - 14));
    let stage_1 = [
        ("S1.02", ten),
        ("S1.02-contract", ten),
        ("S1.03", ten),
        ("S1.04", ten),
        ("S1.05", leaflet_day),
        ("S1.06", ten),
        ("S1.07", ten),
        ("S1.09", twenty),
    ]
    .map(|(clause, by)| (clause.to_owned(), by));
    assert_eq!(by_clause(&bare(Stage::One, Stage::One)), stage_1);
    let stage_2: Vec<_> =
        by_clause(&bare(Stage::Two, Stage::One)).into_iter().map(|(clause, _)| clause).collect();
    assert_eq!(
        stage_2[8..],
        ["S2.01", "S2.02", "S2.03", "S2.04"],
        "and what Stage 1 still owes: {stage_2:?}"
    );
    let mut given = bare(Stage::One, Stage::One);
    given.known = given.known.step(Stage::One, BEGAN, leaflet(Audience::Parents)).step(
        Stage::One,
        BEGAN,
        Step::NotApplicable { clause: "S1.06".to_owned(), reason: "Nobody was harmed".to_owned() },
    );
    let left: Vec<_> = by_clause(&given).into_iter().map(|(clause, _)| clause).collect();
    assert!(left.contains(&"S1.05".to_owned()), "the pupil’s leaflet");
    assert!(!left.contains(&"S1.06".to_owned()));
    let la = bare(Stage::One, Stage::One).owed();
    let explain = la.iter().find(|duty| duty.what.clause() == "S1.04").unwrap();
    assert_eq!(explain.what.owner().as_str(), "la_representative");
}

#[test]
fn s1_02_a_planned_meeting_is_held_and_s2_05_its_minutes_signed_off() {
    let meeting = |held_on: Option<Date>, final_on, cancelled| {
        in_order().with(|case| {
            case.known.facts.meetings = vec![(
                MeetingId::from(Uuid::from_u128(3)),
                MeetingFact {
                    kind: MeetingKind::Stage1,
                    stage: Stage::One,
                    planned_on: date!(2026 - 11 - 26),
                    held_on,
                    cancelled,
                    final_on,
                    minutes: Minutes::default(),
                    people: vec![(Part::Parent, Some(Attendance::Present))],
                    asked: Vec::new(),
                },
            )];
        })
    };
    let of = |case: Case| (case.of("S1.02"), case.of("S2.05"));
    let (hold, sign) = of(meeting(None, None, false));
    assert_eq!(
        hold.iter().map(|(_, by, _)| *by).collect::<Vec<_>>(),
        [date!(2026 - 11 - 26)],
        "not asked twice"
    );
    assert_eq!(sign, []);
    let (hold, sign) = of(meeting(Some(date!(2026 - 11 - 16)), None, false));
    assert_eq!(hold, []);
    assert_eq!((sign[0].1, sign[0].2), (date!(2026 - 11 - 23), 1), "five school days");
    assert_eq!(of(meeting(Some(date!(2026 - 11 - 16)), Some(TODAY), false)), (vec![], vec![]));
    let (plan, _) = of(meeting(None, None, true));
    assert_eq!(plan[0].0, "Plan the formal meeting", "called off");
}

#[test]
fn s2_05_what_a_meeting_agreed_is_owed_by_whom_it_names() {
    let agreed = in_order().with(|case| {
        case.known.facts.actions = vec![ActionFact {
            id: ActionId::from(Uuid::from_u128(4)),
            meeting: MeetingId::from(Uuid::from_u128(3)),
            words: "Ring the nurse".to_owned(),
            owner: "K Lowe".to_owned(),
            due_on: date!(2026 - 11 - 19),
        }];
    });
    let next = agreed.next();
    assert_eq!(
        (next.what.words().as_str(), next.what.owner().as_str()),
        ("Agreed at a meeting: Ring the nurse", "named")
    );
    assert_eq!(next.overdue(&agreed.known.calendar, TODAY), 3);
}

#[test]
fn p2_02_a_request_for_priority_is_the_services_to_answer() {
    let asked = in_order().with(|case| case.known.facts.support[0].1.unanswered = true);
    let answer = asked.owed().into_iter().find(|duty| duty.what.clause() == "P2.02").unwrap();
    assert_eq!(answer.what.owner().as_str(), "service");
    let ended = in_order().with(|case| case.known.facts.support[0].1.ended_on = Some(TODAY));
    assert_eq!(ended.of("R1.02"), []);
}

#[test]
fn a8_a_proposal_and_p2_03a_a_very_serious_incident_are_the_headteachers() {
    let proposed = in_order().with(|case| case.known.facts.proposed_on = Some(date!(2026 - 11 - 16)));
    assert_eq!((proposed.of("A8")[0].1, proposed.of("A8")[0].2), (date!(2026 - 11 - 23), 1));
    let serious =
        |seriousness| in_order().with(|case| case.known = case.known.clone().incident(1, seriousness));
    assert_eq!(serious(Seriousness::Serious).of("P2.03a"), []);
    let very = serious(Seriousness::VerySerious);
    assert_eq!(very.of("P2.03a")[0].1, date!(2026 - 11 - 25));
    let considered = very.with(|case| {
        let step =
            Step::Stage3Considered { incident: incident(1), move_to_3: false, why: "First time".to_owned() };
        case.known = case.known.clone().step(Stage::One, TODAY, step);
    });
    assert_eq!(considered.of("P2.03a"), []);
}

#[test]
fn s1_14_aftercare_is_owed_four_school_weeks_after_an_exit_and_then_nothing() {
    let exit = |on: Date, today: Date| {
        in_order().with(|case| {
            case.known.case = case.known.case.after(&Event::Exited, on).unwrap();
            case.known.today = today;
        })
    };
    let left = exit(TODAY, TODAY);
    assert_eq!(left.owed().len(), 1);
    assert_eq!(left.of("S1.14")[0].1, date!(2027 - 01 - 08), "Christmas does not count");
    assert_eq!(exit(date!(2026 - 11 - 02), TODAY).of("S1.14")[0].1, date!(2026 - 12 - 04));
    let checked = left.with(|case| {
        let step = Step::Aftercare { words: "Settled".to_owned(), settled: true };
        case.known = case.known.clone().step(Stage::One, date!(2027 - 01 - 08), step);
    });
    assert_eq!(checked.owed(), []);
    let unknown = exit(TODAY, TODAY).with(|case| case.known.calendar = SchoolCalendar::default());
    assert_eq!(
        aftercare_on(&unknown.known.ground(), TODAY),
        date!(2026 - 12 - 22),
        "four weeks, when nobody can count"
    );
}

#[test]
fn p2_03a_after_an_exclusion_the_reason_is_owed_until_it_is_given() {
    let excluded = |ending| {
        in_order().with(|case| {
            case.known.case = case.known.case.after(&Event::Closed { ending }, TODAY).unwrap();
            case.known.facts.unexplained = vec!["P2.03a".to_owned()];
        })
    };
    assert_eq!(excluded(Ending::Excluded).of("P2.03a")[0].1, date!(2026 - 11 - 25));
    assert_eq!(excluded(Ending::Left).owed(), []);
    let given = excluded(Ending::Excluded).with(|case| {
        let step =
            Step::Stage3Considered { incident: incident(1), move_to_3: false, why: "A weapon".to_owned() };
        case.known = case.known.clone().step(Stage::One, TODAY, step);
    });
    assert_eq!(given.owed(), []);
}

/// A managed move after these events, all on one day.
fn moved(on: Date, events: &[Transfer]) -> ManagedMove {
    ManagedMove::replay(events.iter().map(|event| (event, on))).unwrap()
}

fn school() -> SchoolId {
    Uuid::from_u128(2).into()
}

/// From the proposal to the first day in the new school.
fn to_roll(on: Date) -> [Transfer; 6] {
    let panel = Uuid::from_u128(1).into();
    [
        Transfer::Proposed,
        Transfer::ParentAgreed,
        Transfer::PapersSubmitted { version: 1, panel },
        Transfer::Allocated { school: school() },
        Transfer::Accepted { starts_on: on },
        Transfer::OnRoll { on },
    ]
}

fn agreed_at_stage_3(facts: &mut Facts) {
    let kind = Alternative::SupportedTransfer;
    facts.alternatives = vec![AlternativeFact { kind, considered: true, status: Status::Agreed, plan: None }];
    facts.agreements = vec![AgreementFact {
        contact: parent().id,
        kind,
        answer: Answer::Agreed,
        asked_on: BEGAN,
        ask_again_on: None,
    }];
}

#[test]
fn s3_07_and_s3_08_owe_papers_a_panel_an_answer_each_by_its_day_and_owner() {
    let at = |events: usize, panel| {
        in_order().with(|case| {
            agreed_at_stage_3(&mut case.known.facts);
            case.known.facts.placement.transfer = Some(moved(TODAY, &to_roll(TODAY)[..events]));
            case.known.facts.placement.panel = panel;
        })
    };
    let owed = |case: &Case| {
        let all = case.owed().into_iter();
        let mine = all.filter(|duty| matches!(duty.what, What::Placement { of: Place::Transfer, .. }));
        mine.map(|duty| (duty.what.clause().to_owned(), duty.what.owner().as_str(), duty.due_on))
            .collect::<Vec<_>>()
    };
    let days = Some((date!(2026 - 12 - 03), date!(2026 - 12 - 10)));
    let (s3_07, s3_08) = (|| "S3.07".to_owned(), || "S3.08".to_owned());
    assert_eq!(owed(&at(2, days)), [(s3_07(), "headteacher", date!(2026 - 12 - 03))]);
    assert_eq!(owed(&at(2, None)), [(s3_08(), "la_representative", date!(2026 - 12 - 08))], "no panel yet");
    assert_eq!(
        owed(&at(3, days)),
        [(s3_07(), "la_representative", date!(2026 - 12 - 03)), (s3_08(), "panel", date!(2026 - 12 - 10))]
    );
    assert_eq!(owed(&at(4, days)), [(s3_08(), "receiving_school", date!(2026 - 12 - 08))], "ten school days");
    // Where the parents' agreement went, the transfer is stopped today; it is the first thing to do.
    let lost = at(4, days).with(|case| case.known.facts.agreements[0].answer = Answer::Declined);
    assert_eq!(owed(&lost)[0], ("S3.05".to_owned(), "headteacher", TODAY));
}

#[test]
fn a_pupil_on_another_roll_is_not_monitored_here_and_the_case_waits_to_be_closed() {
    let moved_on = in_order().with(|case| {
        agreed_at_stage_3(&mut case.known.facts);
        case.known.facts.feedback.clear();
        case.known.facts.placement.transfer = Some(moved(TODAY, &to_roll(TODAY)));
    });
    assert!(moved_on.owed().iter().all(|duty| matches!(duty.what, What::Placement { .. })));
    assert_eq!(moved_on.next().what.words(), "Close the case: the pupil is on another school’s roll");
    let left = moved_on.with(|case| {
        case.known.case = case.known.case.after(&Event::Closed { ending: Ending::Left }, TODAY).unwrap();
    });
    let words: Vec<_> = left.owed().iter().map(|duty| duty.what.owner().as_str().to_owned()).collect();
    assert_eq!(
        words,
        ["safeguarding_lead", "lead", "receiving_school"],
        "files follow, and the new school looks"
    );
    // A case that closes while its transfer waits leaves nothing with the panel.
    let excluded = in_order().with(|case| {
        let ending = Ending::Excluded;
        case.known.case = case.known.case.after(&Event::Closed { ending }, TODAY).unwrap();
        case.known.facts.placement.transfer = Some(moved(TODAY, &to_roll(TODAY)[..3]));
    });
    assert_eq!(excluded.next().what.words(), "Stop the transfer: the case is closed");
}

#[test]
fn an_off_site_direction_owes_its_reviews_and_how_it_ended() {
    let on = |today| {
        in_order().with(|case| {
            case.known.today = today;
            case.known.facts.placement.directions = vec![Direction {
                decided_on: date!(2026 - 11 - 02),
                notice_on: Some(date!(2026 - 11 - 03)),
                starts_on: date!(2026 - 11 - 09),
                ends_on: date!(2026 - 12 - 11),
                ended: None,
                reviews: vec![date!(2026 - 11 - 20)],
                asked: Vec::new(),
            }];
        })
    };
    let first = |case: &Case| {
        let duty = case.owed().into_iter().find(|duty| duty.what.clause() == "S29A").unwrap();
        (duty.what.words(), duty.due_on)
    };
    let review = "Review the off-site direction: headteacher, parents and a nominee of the board, invited by 5 December 2026";
    assert_eq!(first(&on(TODAY)), (review.to_owned(), date!(2026 - 12 - 11)), "the first was held early");
    let past = on(date!(2026 - 12 - 14));
    assert_eq!(first(&past), ("Record how the off-site direction ended".to_owned(), date!(2026 - 12 - 11)));
}

#[test]
fn every_open_case_has_a_next_action_on_every_day_of_two_years() {
    let mut today = date!(2026 - 08 - 01);
    while today < date!(2028 - 08 - 01) {
        for stage in [Stage::One, Stage::Two, Stage::Three] {
            for targets in [true, false] {
                let case = in_order().with(|case| {
                    case.known = at(stage, Stage::One, BEGAN);
                    case.known.today = today;
                    if !targets {
                        case.known.facts.targets.clear();
                        case.weeks.targets.clear();
                    }
                });
                let owed = case.owed();
                assert!(!owed.is_empty(), "{stage} on {today}");
                // The first is the most urgent: nothing else is due before it, but for the targets themselves.
                let first = &owed[0];
                assert!(
                    first.what == What::SetTargets || owed.iter().all(|duty| duty.due_on >= first.due_on)
                );
            }
        }
        today += Duration::days(3);
    }
}
