//! Supported transfers: the state machine of 3.3, what each step asks, what is owed.

use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    decision::Reasons,
    ids::{PanelId, SchoolId},
    pack::{Item, Needs, Paper, Presence, Share},
    policy::ProgrammePolicy,
    rules::{Class, Requirement},
    stage::Stage,
    transfer::{
        Answer, By, Event, File, ManagedMove, ParentAnswer, Route, State, Stopper, TransferGround,
        home_until,
        owed::{Around, owed, to_stop},
        rules::{self, Submission, Verdict, kept, weigh},
    },
};

const DAY: Date = date!(2026 - 11 - 24);

fn school(n: u128) -> SchoolId {
    Uuid::from_u128(n).into()
}

fn panel(n: u128) -> PanelId {
    Uuid::from_u128(n).into()
}

fn events() -> Vec<Event> {
    vec![
        Event::Proposed,
        Event::ParentAgreed,
        Event::PapersSubmitted { version: 1, panel: panel(1) },
        Event::PapersReturned,
        Event::PutOff { panel: panel(2) },
        Event::NotPlaced,
        Event::Allocated { school: school(2) },
        Event::Accepted { starts_on: DAY },
        Event::Declined,
        Event::StartMoved { starts_on: DAY },
        Event::OnRoll { on: DAY },
        Event::FollowedUp,
        Event::FileSent { file: File::Ctf, on: DAY },
        Event::NoFile { file: File::ChildProtection },
        Event::FileReceived { file: File::Ctf, on: DAY },
        Event::Withdrawn { by: Stopper::Parent },
        Event::Closed,
    ]
}

/// A move after these events.
fn after(names: &[&str]) -> ManagedMove {
    let all = events();
    let told: Vec<_> =
        names.iter().map(|name| (all.iter().find(|event| event.name() == *name).unwrap(), DAY)).collect();
    ManagedMove::replay(told).unwrap_or_else(|error| panic!("{names:?}: {error}"))
}

const TO_ALLOCATED: [&str; 4] = ["proposed", "parent_agreed", "papers_submitted", "allocated"];

fn path(more: &[&'static str]) -> Vec<&'static str> {
    TO_ALLOCATED.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn s3_07_s3_08_a_managed_move_goes_this_way_and_no_other() {
    let on_roll = path(&["accepted", "on_roll"]);
    let table: Vec<(Vec<&str>, &[&str])> = vec![
        (vec![], &["proposed"]),
        (vec!["proposed"], &["parent_agreed", "withdrawn"]),
        (vec!["proposed", "parent_agreed"], &["papers_submitted", "withdrawn"]),
        (
            vec!["proposed", "parent_agreed", "papers_submitted"],
            &["papers_returned", "put_off", "not_placed", "allocated", "withdrawn"],
        ),
        (path(&[]), &["accepted", "declined", "withdrawn"]),
        (
            path(&["accepted"]),
            &["start_moved", "on_roll", "file_sent", "no_file", "file_received", "withdrawn"],
        ),
        (on_roll.clone(), &["followed_up", "file_sent", "no_file", "file_received"]),
        (
            [on_roll.as_slice(), &["followed_up"]].concat(),
            &["followed_up", "file_sent", "no_file", "file_received", "closed"],
        ),
        ([on_roll.as_slice(), &["followed_up", "closed"]].concat(), &["file_sent", "no_file"]),
        (vec!["proposed", "withdrawn"], &[]),
    ];
    for (so_far, allowed) in table {
        let state = after(&so_far);
        for event in events() {
            let possible = state.after(&event, DAY).is_ok();
            assert_eq!(possible, allowed.contains(&event.name()), "{} after {so_far:?}", event.name());
        }
    }
}

#[test]
fn a12_there_is_no_way_back_from_the_new_roll() {
    let on_roll = after(&path(&["accepted", "on_roll"]));
    assert!(!on_roll.can_stop() && !on_roll.is_over());
    assert_eq!(home_until(DAY), date!(2026 - 11 - 23), "the home roll ends the day before");
    for event in events() {
        if let Ok(next) = on_roll.after(&event, DAY) {
            assert!(matches!(next.state, State::OnRoll { .. } | State::Closed { .. }), "{}", event.name());
        }
    }
}

#[test]
fn s3_08_a_school_that_declines_gives_it_back_to_the_panel() {
    let back = after(&path(&["declined"]));
    assert_eq!(back.state, State::PapersSubmitted { version: 1, panel: panel(1) });
    assert_eq!(back.declined, [school(2)]);
    assert_eq!(back.receiving(), None);
    // No place and papers returned: the school submits again, and Stage 3 stays.
    for name in ["not_placed", "papers_returned"] {
        assert_eq!(
            after(&["proposed", "parent_agreed", "papers_submitted", name]).state,
            State::ParentAgreed
        );
    }
    let put_off = after(&["proposed", "parent_agreed", "papers_submitted", "put_off"]);
    assert_eq!(put_off.state, State::PapersSubmitted { version: 1, panel: panel(2) });
}

#[test]
fn a_move_is_stored_as_what_its_events_come_to() {
    for names in
        [path(&[]), path(&["declined"]), path(&["accepted", "on_roll", "followed_up", "file_sent", "closed"])]
    {
        let state = after(&names);
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<ManagedMove>(&text).unwrap(), state, "{text}");
    }
    for event in events() {
        let stored = serde_json::to_value(&event).unwrap();
        assert_eq!(stored["event"], event.name());
        assert!(!event.words(|_| "Hillside".to_owned()).is_empty());
        assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), event);
    }
}

#[test]
fn files_are_sent_and_received_once() {
    let here = after(&path(&["accepted", "on_roll"]));
    let sent = here.after(&Event::FileSent { file: File::ChildProtection, on: DAY }, DAY).unwrap();
    assert_eq!(sent.protection.sent_on, Some(DAY));
    assert!(sent.after(&Event::FileSent { file: File::ChildProtection, on: DAY }, DAY).is_err());
    assert!(sent.after(&Event::NoFile { file: File::ChildProtection }, DAY).is_err(), "it was sent");
    let got = sent.after(&Event::FileReceived { file: File::ChildProtection, on: DAY }, DAY).unwrap();
    assert!(got.after(&Event::FileReceived { file: File::ChildProtection, on: DAY }, DAY).is_err());
    let none = here.after(&Event::NoFile { file: File::ChildProtection }, DAY).unwrap();
    assert!(none.after(&Event::FileReceived { file: File::ChildProtection, on: DAY }, DAY).is_err());
    assert_eq!(none.since, here.since, "a file moves no clock");
}

fn answer(name: &str, answer: Option<Answer>) -> ParentAnswer {
    ParentAnswer { name: name.to_owned(), responsible: true, answer }
}

fn ground() -> TransferGround {
    TransferGround {
        stage: Some(Stage::Three),
        agreed: Some((Route::ManagedMove, date!(2026 - 11 - 19))),
        last_resort: Some("Nothing else is left".to_owned()),
        answers: vec![answer("Mother", Some(Answer::Agreed))],
    }
}

fn papers() -> Vec<Paper> {
    Item::ALL
        .iter()
        .map(|item| Paper {
            item: *item,
            presence: Presence::Present,
            words: Some("x".to_owned()),
            reason: None,
            share: Share::Panel,
            told_on: None,
        })
        .collect()
}

fn unmet(list: &[Requirement]) -> Vec<(&'static str, Class)> {
    list.iter().filter(|r| !r.met).map(|r| (r.clause, r.class)).collect()
}

fn submitting(ground: &TransferGround, papers: &[Paper], pupil: Needs) -> Vec<Requirement> {
    rules::to_submit(&Submission {
        ground,
        papers,
        pupil,
        by_headteacher: true,
        papers_close_on: Some(DAY),
        today: DAY,
    })
}

#[test]
fn g1_a_transfer_is_not_begun_before_stage_3() {
    for (stage, met) in
        [(Some(Stage::One), false), (Some(Stage::Two), false), (Some(Stage::Three), true), (None, false)]
    {
        let list = rules::to_begin(&TransferGround { stage, ..ground() }, Route::ManagedMove);
        assert_eq!(unmet(&list).is_empty(), met, "{stage:?}");
        if !met {
            assert_eq!(unmet(&list), [("P2.03b", Class::Must)]);
        }
    }
    let without = TransferGround { last_resort: Some(" ".to_owned()), ..ground() };
    assert_eq!(unmet(&rules::to_begin(&without, Route::ManagedMove)), [("P2.03b-last", Class::Must)]);
}

#[test]
fn g12_s3_05_a_parent_who_declined_stops_a_managed_move() {
    use Answer::{Agreed, Declined, NoReply, WantsTime};
    for (answers, wanted) in [
        (vec![Some(Declined)], vec!["S3.05", "S3.05-others"]),
        (vec![None], vec!["S3.05", "S3.05-others"]),
        (vec![Some(WantsTime)], vec!["S3.05", "S3.05-others"]),
        (vec![], vec!["S3.05"]),
        (vec![Some(Agreed)], vec![]),
        (vec![Some(Agreed), Some(Declined)], vec!["S3.05-others"]),
        (vec![Some(Agreed), Some(NoReply)], vec!["S3.05-others"]),
        (vec![Some(Agreed), None], vec!["S3.05-others"]),
    ] {
        let ground =
            TransferGround { answers: answers.iter().map(|a| answer("A parent", *a)).collect(), ..ground() };
        let list = submitting(&ground, &papers(), Needs::default());
        let clauses: Vec<_> = unmet(&list).iter().map(|(clause, _)| *clause).collect();
        assert_eq!(clauses, wanted, "{answers:?}");
        let blocked = weigh(&list, &Reasons::new()) == Verdict::Blocked;
        assert_eq!(blocked, clauses.contains(&"S3.05"), "{answers:?}");
    }
    // The word of somebody without parental responsibility is not that agreement.
    let uncle = ParentAnswer { responsible: false, ..answer("Uncle", Some(Answer::Agreed)) };
    let list = submitting(&TransferGround { answers: vec![uncle], ..ground() }, &papers(), Needs::default());
    assert_eq!(unmet(&list), [("S3.05", Class::Must)]);
}

#[test]
fn s3_05_another_parent_who_disagrees_asks_for_a_reason() {
    let answers = vec![answer("Mother", Some(Answer::Agreed)), answer("Father", Some(Answer::Declined))];
    let list = submitting(&TransferGround { answers, ..ground() }, &papers(), Needs::default());
    assert_eq!(weigh(&list, &Reasons::new()), Verdict::AsksWhy);
    let mut reasons = Reasons::new();
    reasons.insert("S3.05-others".to_owned(), "  ".to_owned());
    assert_eq!(weigh(&list, &reasons), Verdict::AsksWhy, "white space is no reason");
    reasons.insert("S3.05-others".to_owned(), "Lives abroad".to_owned());
    reasons.insert("S3.05".to_owned(), "not asked for".to_owned());
    assert_eq!(weigh(&list, &reasons), Verdict::Goes);
    assert_eq!(
        kept(&list, &reasons).keys().collect::<Vec<_>>(),
        ["S3.05-others"],
        "only what counts is kept"
    );
    let says = &list.iter().find(|r| r.clause == "S3.05-others").unwrap().says;
    assert_eq!(says, "Father: does not agree.");
}

#[test]
fn g15_a12_a_trial_is_refused_whenever_it_was_agreed() {
    for (agreed, words) in [
        (date!(2026 - 09 - 10), "cannot be a trial"),
        (date!(2026 - 07 - 26), "cannot be a trial"),
        (date!(2026 - 07 - 25), "kept as history"),
    ] {
        let ground = TransferGround { agreed: Some((Route::LegacyTrial, agreed)), ..ground() };
        let list = rules::to_begin(&ground, Route::LegacyTrial);
        let trial = list.iter().find(|r| r.clause == "A12").unwrap();
        assert!(!trial.met && trial.class == Class::Must && trial.says.contains(words), "{}", trial.says);
    }
}

#[test]
fn g22_s3_07_only_the_headteacher_or_a_delegate_submits() {
    for by_headteacher in [true, false] {
        let list = rules::to_submit(&Submission {
            ground: &ground(),
            papers: &papers(),
            pupil: Needs::default(),
            by_headteacher,
            papers_close_on: Some(DAY),
            today: DAY,
        });
        assert_eq!(unmet(&list).is_empty(), by_headteacher);
        assert_eq!(weigh(&list, &Reasons::new()) == Verdict::Blocked, !by_headteacher);
    }
}

#[test]
fn s3_07_papers_close_at_the_end_of_their_day() {
    for (close, met) in [
        (Some(date!(2026 - 11 - 23)), false),
        (Some(date!(2026 - 11 - 24)), true),
        (Some(date!(2026 - 11 - 25)), true),
        (None, false),
    ] {
        assert_eq!(rules::s3_07_panel(close, DAY).met, met, "{close:?}");
    }
}

#[test]
fn s3_07_submitting_needs_an_agreed_managed_move() {
    for (agreed, met) in [
        (None, false),
        (Some(Route::OffSite), false),
        (Some(Route::ManagedMove), true),
        (Some(Route::LegacyTrial), false),
    ] {
        let ground = TransferGround { agreed: agreed.map(|route| (route, DAY)), ..ground() };
        assert_eq!(rules::s3_07_agreed(&ground).met, met, "{agreed:?}");
    }
}

#[test]
fn a22_s3_07_the_sen_team_and_the_virtual_school_head_come_first() {
    let mut all = papers();
    for (pupil, item, clause) in [
        (Needs { ehcp: true, looked_after: false }, Item::Send, "S3.07-sen"),
        (Needs { ehcp: false, looked_after: true }, Item::Flags, "S3.07-vsh"),
    ] {
        assert_eq!(unmet(&submitting(&ground(), &all, pupil)), [(clause, Class::Must)]);
        all.iter_mut().find(|paper| paper.item == item).unwrap().told_on = Some(DAY);
        assert!(unmet(&submitting(&ground(), &all, pupil)).is_empty());
    }
}

fn calendar() -> SchoolCalendar {
    let span = |kind, name: &str, from, to| Span { kind, name: name.to_owned(), from, to };
    SchoolCalendar::new(vec![
        span(SpanKind::Term, "Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        span(SpanKind::Term, "Term 2", date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
        span(SpanKind::Term, "Term 3", date!(2027 - 01 - 04), date!(2027 - 02 - 12)),
        span(SpanKind::Term, "Term 4", date!(2027 - 02 - 22), date!(2027 - 03 - 25)),
        span(SpanKind::Inset, "Training day", date!(2026 - 11 - 20), date!(2026 - 11 - 20)),
    ])
}

type Due = (&'static str, By, Date);

fn dues(of: &ManagedMove, panel: Option<(Date, Date)>, case_open: bool) -> Vec<Due> {
    let (calendar, policy) = (calendar(), ProgrammePolicy::first());
    let around = Around { calendar: &calendar, policy: &policy, panel, case_open };
    owed(of, &around).into_iter().map(|o| (o.what, o.owner, o.due_on)).collect()
}

#[test]
fn s3_08_what_is_owed_at_each_step() {
    let panel = Some((date!(2026 - 12 - 01), date!(2026 - 12 - 03)));
    for names in [&["proposed"][..], &["proposed", "parent_agreed"]] {
        assert_eq!(dues(&after(names), panel, true), [("papers", By::Headteacher, date!(2026 - 12 - 01))]);
        assert_eq!(
            dues(&after(names), None, true),
            [("plan_panel", By::LaRepresentative, date!(2026 - 12 - 08))],
            "without a panel the LA plans one"
        );
    }
    assert_eq!(
        dues(&after(&["proposed", "parent_agreed", "papers_submitted"]), panel, true),
        [
            ("panel_papers", By::LaRepresentative, date!(2026 - 12 - 01)),
            ("panel_decision", By::Panel, date!(2026 - 12 - 03))
        ]
    );
    // Ten school days from Tuesday 24 November.
    assert_eq!(
        dues(&after(&path(&[])), panel, true),
        [("receiving_answer", By::ReceivingSchool, date!(2026 - 12 - 08))]
    );
    assert_eq!(dues(&after(&path(&["accepted"])), panel, true), [("start", By::ReceivingSchool, DAY)]);
    assert_eq!(dues(&after(&["proposed", "withdrawn"]), panel, true), []);
}

#[test]
fn after_the_move_files_follow_and_follow_ups_come_after_4_and_12_school_weeks() {
    let here = path(&["accepted", "on_roll"]);
    assert_eq!(
        dues(&after(&here), None, true),
        [
            ("close_case", By::Headteacher, date!(2026 - 11 - 25)),
            ("child_protection_file", By::SafeguardingLead, date!(2026 - 11 - 29)),
            // Fifteen school days: none of them in the days before the holiday is an INSET day.
            ("ctf", By::Lead, date!(2026 - 12 - 15)),
            // Four school weeks after that of 24 November, the Christmas holiday left out: that of 4 January.
            ("follow_up", By::ReceivingSchool, date!(2027 - 01 - 08)),
        ]
    );
    let once = [here.as_slice(), &["followed_up", "no_file", "file_sent"]].concat();
    assert_eq!(dues(&after(&once), None, false), [("follow_up", By::ReceivingSchool, date!(2027 - 03 - 12))]);
    let twice = [once.as_slice(), &["followed_up"]].concat();
    assert_eq!(
        dues(&after(&twice), None, false),
        [("close_transfer", By::ReceivingSchool, date!(2027 - 03 - 19))]
    );
    let closed = [once.as_slice(), &["closed"]].concat();
    assert_eq!(dues(&after(&closed), None, false), []);
}

#[test]
fn s3_05_a_transfer_that_stands_on_nothing_any_more_is_to_be_stopped() {
    let clause = |names: &[&str], stands, agreed, open| {
        to_stop(&after(names), stands, agreed, open, DAY).map(|owed| owed.clause)
    };
    let begun: [(&[&str], bool, bool); 6] = [
        // Events, whether it can be stopped, whether the parents' agreement is needed by then.
        (&["proposed"], true, false),
        (&["proposed", "parent_agreed", "papers_submitted"], true, true),
        (&path(&[]), true, true),
        (&path(&["accepted"]), true, true),
        (&path(&["accepted", "on_roll"]), false, false),
        (&["proposed", "withdrawn"], false, false),
    ];
    for (names, can_stop, agreement) in begun {
        assert_eq!(clause(names, true, true, true), None, "{names:?}: it stands");
        assert_eq!(clause(names, true, false, true), agreement.then_some("S3.05"), "{names:?}: no agreement");
        assert_eq!(clause(names, false, true, true), can_stop.then_some("S3.04"), "{names:?}: no outcome");
        assert_eq!(clause(names, true, true, false), can_stop.then_some("7.3"), "{names:?}: case closed");
    }
}
