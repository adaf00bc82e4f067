//! Whole cases, told at random: the programme against a reference of it that was written from its text.
//!
//! Every run tells the same stories: the seed is fixed at 803 (`PROPTEST_RNG_SEED` gives another, `PROPTEST_CASES`
//! tells more of them, for a soak; `PROPTEST_VERBOSE` prints what came about how often). A disagreement is shrunk to the shortest story that still shows it and printed
//! in the programme's words.

use std::{cell::RefCell, collections::BTreeMap};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use time::{Date, macros::date};
use waymark::domain::{
    decision::{Command, Reasons as Given},
    stage::{CaseState, Ended, Ending, Entry, Stage, UpReason},
};

mod actions;
mod exclusions;
mod outcomes;
mod places;
mod programme;
mod reference;
mod town;

use actions::{Action, EXPLAINABLE, Reasons, Record, Want, Wish, everything, stories, told};
use programme::{Answer, Ground, Law, Programme, the_law};
use reference::{Clauses, Pupil, Verdict};
use town::Place;

/// The first day of every story, a Tuesday.
const FIRST: Date = date!(2026 - 11 - 24);

/// Stories told to the rules, unless `PROPTEST_CASES` says otherwise.
const STORIES: u32 = 2_000;

/// Things that happen in one story at most.
const LONGEST: usize = 60;

/// A runner with the fixed seed, telling so many stories; of those asked for, one in `of`.
fn runner(stories: u32, of: u32) -> TestRunner {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    TestRunner::new(Config {
        cases: asked("PROPTEST_CASES")
            .and_then(|n| u32::try_from(n).ok())
            .map_or(stories, |n| n.div_ceil(of).max(stories)),
        rng_seed: RngSeed::Fixed(asked("PROPTEST_RNG_SEED").unwrap_or(803)),
        failure_persistence: None,
        max_shrink_iters: 20_000 / (of * of),
        ..Config::default()
    })
}

/// How often each thing came about: a test that never got anywhere proves nothing.
type Seen = BTreeMap<String, usize>;

macro_rules! hold {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err(TestCaseError::fail(format!($($words)+)));
        }
    };
}

/// Tells one story to the rules and to the reference.
fn tell(law: Law, (year, story): &(i16, Vec<Action>), seen: &mut Seen) -> Result<(), TestCaseError> {
    let (mut pupil, mut programme) = (Pupil::new(FIRST, *year), Programme::new(law, FIRST, *year));
    for (n, action) in story.iter().enumerate() {
        let at = format!("at {}. {}", n + 1, action.words());
        match action {
            Action::Days(days) => {
                pupil.wait(*days);
                programme.wait(*days);
            }
            Action::OnRoll(on_roll) => {
                pupil.on_roll = *on_roll;
                programme.on_roll(*on_roll);
            }
            Action::Incident { grave } => {
                pupil.incidents += 1;
                pupil.latest_grave = *grave;
                programme.incident(*grave);
            }
            Action::Record(one) => record(&mut pupil, &mut programme, one),
            Action::Everything { of_stage, but } => {
                for one in everything(*of_stage, *but) {
                    record(&mut pupil, &mut programme, &one);
                }
            }
            Action::Wish(wish) => grant(&mut pupil, &mut programme, wish, &at, seen)?,
        }
        agree(&pupil, &programme, &at)?;
        stays_possible(&programme, &at)?;
    }
    Ok(())
}

fn record(pupil: &mut Pupil, programme: &mut Programme, one: &Record) {
    let today = pupil.today;
    if pupil.can_hold(one)
        && let Some(case) = pupil.cases.last_mut()
    {
        programme.record(one, case.services);
        case.record(one, today);
    }
}

/// Asks both, compares the answers, and lets happen what is allowed.
fn grant(
    pupil: &mut Pupil,
    programme: &mut Programme,
    wish: &Wish,
    at: &str,
    seen: &mut Seen,
) -> Result<(), TestCaseError> {
    let about = pupil.about(&wish.what);
    let expected = pupil.verdict(wish);
    let answer = programme.answer(wish, about);
    note(seen, &wish.what, &expected);
    if let Verdict::Refused { must, .. } = &expected
        && must.contains("7.3")
    {
        // What else a step asks that is not there is neither here nor there.
        let refused = matches!(&answer.verdict, Verdict::Refused { must, .. } if must.contains("7.3"));
        hold!(refused, "{at}: there is no such step (7.3), and the answer is {:?}", answer.verdict);
        return Ok(());
    }
    hold!(
        answer.verdict == expected,
        "{at}:\n  the programme's text says {expected:?}\n  and the answer is {:?}",
        answer.verdict
    );
    hold!(answer.after.is_some() == expected.allowed(), "{at}: an answer without its state");
    if let Some(after) = answer.after {
        pupil.happens(&wish.what);
        programme.happens(wish, about, after);
    }
    Ok(())
}

fn note(seen: &mut Seen, want: &Want, verdict: &Verdict) {
    let mut count = |what: String| *seen.entry(what).or_default() += 1;
    let name = match want {
        Want::Open { stage, .. } => format!("open at {stage}"),
        Want::Up { to, .. } => format!("up to {to}"),
        Want::Down { to } => format!("down to {to}"),
        Want::Extend { .. } => "extend".to_owned(),
        Want::Exit { .. } => "exit".to_owned(),
        Want::Close(ending) => format!("close {}", ending.as_str()),
        Want::Reopen { stage, .. } => format!("reopen at {stage}"),
    };
    match verdict {
        Verdict::Allowed { explained, owed, open } => {
            count(format!("{name}: allowed"));
            for clause in explained {
                count(format!("{clause} explained"));
            }
            for clause in owed {
                count(format!("{clause} owed"));
            }
            for clause in open {
                count(format!("{clause} goes along"));
            }
        }
        Verdict::Refused { must, why } => {
            count(format!("{name}: refused"));
            for clause in must {
                count(format!("{clause} refuses"));
            }
            for clause in why {
                count(format!("{clause} asks why"));
            }
        }
    }
}

/// Both see the same cases where they stand; there is one open at most, and each is what its history makes of it.
fn agree(pupil: &Pupil, programme: &Programme, at: &str) -> Result<(), TestCaseError> {
    hold!(pupil.today == programme.today, "{at}: the days differ");
    hold!(pupil.cases.len() == programme.cases.len(), "{at}: a case more or less");
    let open = programme.cases.iter().filter(|case| case.state.is_open()).count();
    hold!(open <= 1, "{at}: {open} cases are open (A16)");
    for (expected, case) in pupil.cases.iter().zip(&programme.cases) {
        let number = |stage: Stage| u8::try_from(stage.number()).unwrap_or(0);
        let same = match case.state {
            CaseState::None => false,
            CaseState::Open { stage, since, entry, extensions, .. } => {
                expected.open
                    && expected.stage == number(stage)
                    && expected.since == since
                    && expected.entry == number(entry.0)
                    && expected.extensions == extensions
            }
            CaseState::Ended { stage, how, on, entry, .. } => {
                !expected.open
                    && expected.stage == number(stage)
                    && expected.entry == number(entry.0)
                    && expected.ended == Some((on, how.as_str()))
                    && (how == Ended::Progress) == (how.as_str() == "progress")
            }
        };
        hold!(same, "{at}: the case stands at {:?}, and by the text at {expected:?}", case.state);
        let replayed = CaseState::replay(case.history.iter().map(|(event, on)| (event, *on)));
        hold!(
            replayed == Ok(case.state),
            "{at}: the history gives {replayed:?}, the case is {:?}",
            case.state
        );
    }
    Ok(())
}

/// What holds whatever a story tells. A statutory ending waits for nothing (principle one); an open case does not
/// open; an ended one takes nothing but being opened again, whatever reasons are given.
fn stays_possible(programme: &Programme, at: &str) -> Result<(), TestCaseError> {
    let Some(latest) = programme.cases.len().checked_sub(1) else { return Ok(()) };
    let every: Given = EXPLAINABLE.iter().map(|c| ((*c).to_owned(), "A reason".to_owned())).collect();
    let open =
        Command::Open { stage: Stage::One, reason: Entry::Concern, incident: None, exclusion_in_view: true };
    if programme.cases[latest].state.is_open() {
        for ending in [Ending::Excluded, Ending::Left, Ending::MovedOut] {
            let Answer { verdict, .. } =
                programme.even_so(latest, &Command::Close { ending }, &Given::new(), false);
            hold!(verdict.allowed(), "{at}: {ending:?} was held up: {verdict:?}");
        }
        let again = programme.even_so(latest, &open, &every, true);
        hold!(!again.verdict.allowed(), "{at}: an open case opened");
        return Ok(());
    }
    for command in [
        open,
        Command::MoveUp {
            to: Stage::Three,
            reason: UpReason::SeriousIncident,
            incident: None,
            exclusion_in_view: true,
        },
        Command::StepDown { to: Stage::One },
        Command::Extend { until: programme.today + time::Duration::WEEK },
        Command::Exit { told_parents: true, told_pupil: true, recognised: true },
        Command::Close { ending: Ending::Excluded },
    ] {
        let answer = programme.even_so(latest, &command, &every, true);
        hold!(!answer.verdict.allowed(), "{at}: an ended case took {command:?}");
    }
    Ok(())
}

/// Tells the stories to a law: what was seen, or the shortest story that shows a disagreement.
fn tell_all(law: Law, stories_told: u32, longest: usize) -> Result<Seen, String> {
    let seen = RefCell::new(Seen::new());
    let mut runner = runner(stories_told, 1);
    let told_all = runner.run(&stories(longest), |story| tell(law, &story, &mut seen.borrow_mut()));
    match told_all {
        Ok(()) => Ok(seen.into_inner()),
        Err(TestError::Fail(reason, story)) => Err(format!("{reason}\n{}", told(&story))),
        Err(TestError::Abort(reason)) => Err(format!("no story was told to its end: {reason}")),
    }
}

#[test]
fn whole_cases_go_as_the_text_of_the_programme_says() {
    let seen = tell_all(the_law, STORIES, LONGEST).unwrap_or_else(|story| panic!("{story}"));
    if std::env::var("PROPTEST_VERBOSE").is_ok() {
        println!("{seen:#?}");
    }
    // The stories get everywhere: each way, each class of answer, each clause.
    for stage in 1..=3 {
        for (what, least) in [("open at", 100), ("reopen at", 5)] {
            assert!(seen[&format!("{what} {stage}: allowed")] >= least, "{what} {stage}: {seen:#?}");
        }
    }
    for what in ["up to 2", "up to 3", "down to 1", "down to 2", "extend", "exit"] {
        for answer in ["allowed", "refused"] {
            assert!(seen[&format!("{what}: {answer}")] >= 20, "{what} {answer}: {seen:#?}");
        }
    }
    for ending in Ending::ALL {
        assert!(seen[&format!("close {}: allowed", ending.as_str())] >= 50, "{ending:?}: {seen:#?}");
    }
}

/// Stories told over HTTP and PostgreSQL, unless `PROPTEST_CASES` says otherwise (a tenth of it then).
const STORIES_IN_TOWN: u32 = 200;

/// Things that happen in one of them at most: what the time allows.
const LONGEST_IN_TOWN: usize = 32;

/// Tells one story over HTTP, as lead and headteacher.
async fn tell_in_town(
    place: &mut Place,
    (year, story): &(i16, Vec<Action>),
    seen: &mut Seen,
) -> Result<(), String> {
    let mut pupil = Pupil::new(FIRST, *year);
    place.begin(*year).await;
    for (n, action) in story.iter().enumerate() {
        let went = match action {
            Action::Days(days) => {
                pupil.wait(*days);
                place.wait(*days).await;
                Ok(())
            }
            Action::OnRoll(on_roll) => {
                pupil.on_roll = *on_roll;
                place.on_roll(*on_roll).await;
                Ok(())
            }
            Action::Incident { grave } => {
                let open = pupil.cases.last().is_some_and(|case| case.open);
                place.incident(*grave, open).await;
                pupil.incidents += 1;
                pupil.latest_grave = *grave;
                Ok(())
            }
            Action::Record(one) => record_in_town(&mut pupil, place, one).await,
            Action::Everything { of_stage, but } => {
                let mut went = Ok(());
                for one in everything(*of_stage, *but) {
                    went = went.and(record_in_town(&mut pupil, place, &one).await);
                }
                went
            }
            Action::Wish(wish) => {
                let about = pupil.about(&wish.what);
                let (expected, if_head) = (pupil.verdict(wish), pupil.verdict_for_head(wish));
                note(seen, &wish.what, &expected);
                place.wish(wish, about, &expected, &if_head).await.map(|happened| {
                    if happened {
                        pupil.happens(&wish.what);
                    }
                })
            }
        };
        went.map_err(|differs| format!("at {}. {}: {differs}", n + 1, action.words()))?;
    }
    place.lies_there(&pupil).await
}

async fn record_in_town(pupil: &mut Pupil, place: &mut Place, one: &Record) -> Result<(), String> {
    let (can, today) = (pupil.can_hold(one), pupil.today);
    let Some(case) = pupil.cases.last_mut() else { return Ok(()) };
    place.record(one, can, case.services).await?;
    if can {
        case.record(one, today);
    }
    Ok(())
}

#[test]
fn whole_cases_over_http_and_the_database_go_as_the_text_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let place = RefCell::new(runtime.block_on(Place::new()));
    let seen = RefCell::new(Seen::new());
    let mut runner = runner(STORIES_IN_TOWN, 10);
    let told_all = runner.run(&stories(LONGEST_IN_TOWN), |story| {
        let (mut place, mut seen) = (place.borrow_mut(), seen.borrow_mut());
        runtime.block_on(tell_in_town(&mut place, &story, &mut seen)).map_err(TestCaseError::fail)
    });
    match told_all {
        Ok(()) => {}
        Err(TestError::Fail(reason, story)) => panic!("{reason}\n{}", told(&story)),
        Err(TestError::Abort(reason)) => panic!("no story was told to its end: {reason}"),
    }
    let seen = seen.into_inner();
    if std::env::var("PROPTEST_VERBOSE").is_ok() {
        println!("{seen:#?} {:?}", place.borrow().reviews);
    }
    let (by_form, put_there) = place.borrow().reviews;
    assert!(by_form > put_there, "{by_form} reviews were signed with the form, {put_there} were not");
    for what in ["open at 1", "up to 2", "up to 3", "extend", "exit", "close excluded", "reopen at 3"] {
        for answer in ["allowed", "refused"] {
            assert!(seen[&format!("{what}: {answer}")] >= 3, "{what} {answer}: {seen:#?}");
        }
    }
}

/// Answers wrongly where `clause` alone stands in the way: it lets the command through.
fn forgetting(clause: &str, command: &Command, reasons: &Given, on: &Ground<'_>) -> Answer {
    let answer = the_law(command, reasons, on);
    let Verdict::Refused { must, why } = &answer.verdict else { return answer };
    if must.len() + why.len() != 1 || !must.iter().chain(why).any(|only| *only == clause) {
        return answer;
    }
    let none = Clauses::new;
    Answer {
        verdict: Verdict::Allowed { explained: none(), owed: none(), open: none() },
        after: on.case.after(&command.event(), on.today).ok(),
    }
}

/// Laws with one thing wrong: what, and the law.
const BROKEN: [(&str, Law); 9] = [
    ("a must of the minutes dropped", |c, r, g| forgetting("S2.05", c, r, g)),
    ("a must of the headteacher dropped", |c, r, g| forgetting("A8", c, r, g)),
    ("a second open case let through", |c, r, g| forgetting("A16", c, r, g)),
    ("Stage 3 without the headteacher's statement", |c, r, g| forgetting("S3.00-HT", c, r, g)),
    ("an exit without the final review", |c, r, g| forgetting("S1.14-review", c, r, g)),
    ("an exit with an open checklist", |c, r, g| forgetting("S1.05", c, r, g)),
    ("a should that passes silently", |c, r, g| forgetting("S1.15", c, r, g)),
    ("a statutory ending that waits for a reason", |c, r, g| match c {
        Command::Close { ending: Ending::Excluded } if r.is_empty() => {
            let none = Clauses::new;
            Answer { verdict: Verdict::Refused { must: none(), why: none() }, after: None }
        }
        _ => the_law(c, r, g),
    }),
    ("an open item that is not carried", |c, r, g| {
        let mut answer = the_law(c, r, g);
        if let Verdict::Allowed { open, .. } = &mut answer.verdict {
            open.remove("S1.04");
        }
        answer
    }),
];

#[test]
fn a_law_with_one_thing_wrong_is_caught_by_a_short_story() {
    for (what, law) in BROKEN {
        // The rarest takes more stories than the law itself; each ends with the first that shows it.
        let caught = tell_all(law, 8 * STORIES, LONGEST);
        assert!(caught.is_err(), "{what}: no story shows it");
        let story = caught.unwrap_err();
        let lines = story.lines().filter(|line| line.starts_with("  ") && line.contains(". ")).count();
        assert!(lines <= 12, "{what}: the story is not short:\n{story}");
    }
}

/// A short story that goes well: a case opens at Stage 1 and moves to Stage 2.
fn two_wishes() -> [Wish; 2] {
    let open = Want::Open {
        stage: 1,
        reason: Entry::Concern,
        incident: false,
        in_view: false,
        lead: true,
        rationale: true,
        tried: true,
    };
    let up = Want::Up { to: 2, reason: UpReason::Escalation, incident: false, in_view: false };
    [open, up].map(|what| Wish { what, by_head: true, reasons: Reasons::All, confirms: true })
}

#[test]
fn a_town_that_answers_otherwise_is_caught() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut place = Place::new().await;
        let [open, up] = two_wishes();
        let clauses = |list: &[&'static str]| list.iter().copied().collect::<Clauses>();
        let wrong = Verdict::Refused { must: clauses(&["S1.01"]), why: Clauses::new() };
        // A refusal was expected, and the case opens.
        place.begin(9).await;
        let differs = place.wish(&open, None, &wrong, &wrong).await.unwrap_err();
        assert!(differs.contains("303"), "{differs}");
        // The wrong clause is expected, then one too few.
        place.begin(9).await;
        let mut pupil = Pupil::new(FIRST, 9);
        let expected = pupil.verdict(&open);
        assert_eq!(place.wish(&open, None, &expected, &expected).await, Ok(true));
        pupil.happens(&open.what);
        let silent = Wish { reasons: Reasons::None, ..up.clone() };
        for why in [&["S1.04", "S1.15"][..], &["S1.04"]] {
            let wrong = Verdict::Refused { must: Clauses::new(), why: clauses(why) };
            assert!(place.wish(&silent, Some(0), &wrong, &wrong).await.is_err(), "{why:?}");
        }
        // Other reasons are expected to be kept.
        let mut wrong = pupil.verdict(&up);
        if let Verdict::Allowed { explained, .. } = &mut wrong {
            assert!(explained.remove("S1.04"));
        }
        let differs = place.wish(&up, Some(0), &wrong, &wrong).await.unwrap_err();
        assert!(differs.contains("S1.04"), "{differs}");
        pupil.happens(&up.what);
        assert_eq!(place.lies_there(&pupil).await, Ok(()));
        // A row that does not follow from its decisions, and a decision nobody was told of.
        for (tampering, back) in [
            ("update app.cases set stage = 1 where id = $1", "update app.cases set stage = 2 where id = $1"),
            (
                "update app.cases set extensions = 1 where id = $1",
                "update app.cases set extensions = 0 where id = $1",
            ),
            (
                "update app.case_stages set left_on = entered_on where case_id = $1 and stage = 2",
                "update app.case_stages set left_on = null where case_id = $1 and stage = 2",
            ),
            (
                "update app.head_notices set kind = 'extended' where case_id = $1 and kind = 'moved'",
                "update app.head_notices set kind = 'moved' where case_id = $1 and kind = 'extended'",
            ),
        ] {
            place.tamper(tampering).await;
            assert!(place.lies_there(&pupil).await.is_err(), "{tampering}");
            place.tamper(back).await;
            assert_eq!(place.lies_there(&pupil).await, Ok(()), "{back}");
        }
    });
}
