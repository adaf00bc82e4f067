//! A place elsewhere, told at random over HTTP and the database: any steps of a managed move in any order, against a
//! table of what may follow what (3.3, S3.05 to S3.08), and who reads what of it after each.

use std::cell::RefCell;

use axum::http::StatusCode;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{TestCaseError, TestError},
};
use uuid::Uuid;

use super::{Seen, runner};
use crate::placement::{Placing, date};

/// Moves told.
const MOVES: u32 = 32;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Do {
    Begin,
    ParentsAgree,
    ParentsDecline,
    Submit,
    Return,
    NoPlace,
    Allocate,
    Accept,
    Decline,
    OnRoll,
    FollowUp,
    LastFollowUp,
    Stop,
}

const ALL: [Do; 13] = [
    Do::Begin,
    Do::ParentsAgree,
    Do::ParentsDecline,
    Do::Submit,
    Do::Return,
    Do::NoPlace,
    Do::Allocate,
    Do::Accept,
    Do::Decline,
    Do::OnRoll,
    Do::FollowUp,
    Do::LastFollowUp,
    Do::Stop,
];

/// What may follow what, and whether it needs the agreement of a parent ("yes").
const TEXT: &str = "
    nothing            Begin         proposed            -
    withdrawn          Begin         proposed            -
    proposed           Submit        papers_submitted    yes
    parent_agreed      Submit        papers_submitted    yes
    papers_submitted   Return        parent_agreed       -
    papers_submitted   NoPlace       parent_agreed       -
    papers_submitted   Allocate      panel_allocated     -
    panel_allocated    Accept        receiving_accepted  -
    panel_allocated    Decline       papers_submitted    -
    receiving_accepted OnRoll        on_roll             yes
    on_roll            FollowUp      on_roll             -
    on_roll            LastFollowUp  closed              -
    proposed           Stop          withdrawn           -
    parent_agreed      Stop          withdrawn           -
    papers_submitted   Stop          withdrawn           -
    panel_allocated    Stop          withdrawn           -
    receiving_accepted Stop          withdrawn           -
";

/// Where it goes from here, when it goes.
fn goes(at: &str, what: Do, agreed: bool) -> Option<&'static str> {
    TEXT.lines().find_map(|line| {
        let [from, does, to, needs] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        (from == at && does == format!("{what:?}") && (needs == "-" || agreed)).then_some(to)
    })
}

/// Whether the panel reads the papers, and what the receiving school reads: nothing, the panel's part, everything.
fn readers(at: &str, last: Option<Do>) -> (bool, u8) {
    let panel = match at {
        "papers_submitted" | "panel_allocated" | "receiving_accepted" | "on_roll" => true,
        // It found no place, and what it decided about stays readable; what was returned does not.
        "parent_agreed" => last == Some(Do::NoPlace),
        _ => false,
    };
    let receiving = match at {
        "panel_allocated" => 1,
        "receiving_accepted" | "on_roll" => 2,
        _ => 0,
    };
    (panel, receiving)
}

/// Does it on the screen: whether it went.
async fn does(p: &mut Placing, what: Do) -> bool {
    let (member, hill) = (p.member.clone(), p.town.hillside.lead.clone());
    let (lead, la, case) = (p.lead().clone(), p.la.clone(), p.case.clone());
    let version = |p: &(Uuid, i32, String)| p.1.to_string();
    let answer = match what {
        Do::ParentsAgree | Do::ParentsDecline => {
            p.ground("managed_move", if what == Do::ParentsAgree { "agreed" } else { "declined" }).await;
            return true;
        }
        Do::Begin => p.begin().await,
        _ if p.begun().await.is_none() => {
            let fields = [("by", "school"), ("words", "Not now"), ("version", "1")];
            p.town.post(&lead, &format!("{case}/transfer/withdraw"), &fields).await
        }
        Do::Submit => {
            p.missing_papers().await;
            p.submit_to(p.head(), &p.panel, &[]).await
        }
        Do::Stop => {
            let version = version(&p.transfer().await);
            let fields = [("by", "parent"), ("words", "They changed their mind"), ("version", &*version)];
            p.town.post(&lead, &format!("{case}/transfer/withdraw"), &fields).await
        }
        Do::Accept => p.accept().await,
        Do::Decline => {
            let why = [("answer", "decline"), ("words", "The year is full")];
            p.receive(&hill, "answer", &why).await
        }
        Do::OnRoll => p.receive(&hill, "roll", &date("on", "24", "11", "2026")).await,
        Do::FollowUp => p.receive(&hill, "reviews", &[("words", "Settling")]).await,
        Do::LastFollowUp => p.receive(&hill, "reviews", &[("words", "Settled"), ("last", "yes")]).await,
        Do::Return | Do::NoPlace | Do::Allocate if !p.was_referred().await => return false,
        Do::Return => {
            let version = version(&p.transfer().await);
            let receipt = format!("{}/receipt", p.referral().await);
            let fields =
                [("receipt", "returned"), ("receipt_words", "A page is missing"), ("version", &*version)];
            p.town.post(&la, &receipt, &fields).await
        }
        Do::NoPlace => p.decide(&member, &[("outcome", "not_placed")]).await,
        Do::Allocate => p.allocate(&[("reason.S3.08-declined", "They have room now")]).await,
    };
    answer.status == StatusCode::SEE_OTHER
}

/// Tells one move; says what came about.
async fn tell(story: &[Do], seen: &RefCell<Seen>) -> Result<(), String> {
    let mut p = Placing::new().await;
    let (mut at, mut agreed, mut last) = ("nothing", true, None);
    for (n, what) in story.iter().enumerate() {
        let place = format!("step {} of {story:?}: {what:?} at {at}", n + 1);
        let before = p.town.digest().await;
        let went = does(&mut p, *what).await;
        match what {
            Do::ParentsAgree => agreed = true,
            Do::ParentsDecline => agreed = false,
            _ => {
                let to = goes(at, *what, agreed);
                // A second press of what is done already leads there and changes nothing.
                let again = *what == Do::Begin && !matches!(at, "nothing" | "withdrawn" | "closed");
                if went != to.is_some() && !again {
                    return Err(format!("{place}: the text says {to:?}, and it went: {went}"));
                }
                if let Some(to) = to {
                    *seen.borrow_mut().entry(format!("{what:?}")).or_default() += 1;
                    (at, last) = (to, Some(*what));
                } else if before != p.town.digest().await && *what != Do::Submit {
                    return Err(format!("{place}: refused, and something changed"));
                }
            }
        }
        if at == "nothing" {
            continue;
        }
        let (id, _, standing) = p.transfer().await;
        if standing != at {
            return Err(format!("{place}: the text says {at}, the row {standing}"));
        }
        let (replayed, row) = p.replayed().await;
        if replayed != row {
            return Err(format!("{place}: the events give {replayed:?}, the row is {row:?}"));
        }
        let (panel, receiving) = readers(at, last);
        if p.was_referred().await {
            let referral = p.referral().await;
            let page = p.town.get(&p.member, &referral).await;
            let reads = page.status == StatusCode::OK && page.body.contains("Text of risk");
            if reads != panel || page.body.contains("Text of parents") {
                return Err(format!("{place}: the panel reads {reads}, and not {panel}"));
            }
        }
        let page = p.town.get(&p.town.hillside.lead, &format!("/received/{id}")).await;
        let reads = match (page.body.contains("Text of risk"), page.body.contains("Text of parents")) {
            (true, true) => 2,
            (true, false) => 1,
            (false, _) => 0,
        };
        if reads != receiving || page.body.contains("Text of agencies") {
            return Err(format!("{place}: the receiving school reads {reads}, and not {receiving}"));
        }
        let open = p.town.get(&p.town.hillside.lead, &p.case).await.status;
        if open != StatusCode::NOT_FOUND {
            return Err(format!("{place}: another school reads the case"));
        }
    }
    Ok(())
}

#[test]
fn s3_08_a_managed_move_goes_as_the_text_says_whatever_is_tried() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let seen = RefCell::new(Seen::new());
    // Mostly what comes next, so that stories get somewhere; now and then anything.
    let forward = select(
        &[
            Do::Submit,
            Do::Allocate,
            Do::Accept,
            Do::Decline,
            Do::OnRoll,
            Do::LastFollowUp,
            Do::NoPlace,
            Do::Return,
        ][..],
    );
    let step = prop_oneof![3 => forward, 2 => select(&ALL[..])];
    let usual = Just(vec![Do::Begin, Do::Submit, Do::Allocate, Do::Accept, Do::OnRoll, Do::LastFollowUp]);
    let wild = proptest::collection::vec(step, 4..16).prop_map(|mut story| {
        story.insert(0, Do::Begin);
        story
    });
    let inserted = (usual, proptest::collection::vec((select(&ALL[..]), any::<prop::sample::Index>()), 1..4))
        .prop_map(|(mut story, extra)| {
            for (what, place) in extra {
                story.insert(place.index(story.len() + 1), what);
            }
            story
        });
    let told = runner(MOVES, 100).run(&prop_oneof![inserted, wild], |story: Vec<Do>| {
        runtime.block_on(tell(&story, &seen)).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, _)) = told {
        panic!("{why}");
    }
    for what in [
        "Begin",
        "Submit",
        "Return",
        "NoPlace",
        "Allocate",
        "Accept",
        "Decline",
        "OnRoll",
        "LastFollowUp",
        "Stop",
    ] {
        assert!(seen.borrow().contains_key(what), "never: {what}; {:?}", seen.borrow());
    }
}
