//! The outcomes of Stage 3, told at random over HTTP and the database: alternatives written down, parents asked, the
//! headteacher deciding, outcomes ending, in any order, against the programme's words (P2.03b, S3.04, S3.05).

use std::{cell::RefCell, collections::BTreeMap};

use axum::http::StatusCode;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{TestCaseError, TestError},
};

use super::{Seen, runner};
use crate::{
    stage_3::{HEARD, KINDS, NOT_CHOSEN, at_stage_3, chosen, place, version},
    support::{Person, Town},
};

/// Stories told.
const STORIES: u32 = 24;

/// What is chosen in these stories; the pupil is in Year 9, and a college place begins in Key Stage 4.
const CHOSEN: [&str; 4] = ["supported_transfer", "re_induction", "joint_planning", "college"];

#[derive(Clone, Debug)]
enum Do {
    /// An alternative is considered and not chosen.
    Leave(&'static str),
    /// It is chosen.
    Choose(&'static str),
    /// Every alternative of which nothing is said yet is considered and not chosen.
    LeaveTheRest,
    /// The mother answers about it, on a form that shows what is chosen.
    Answer(&'static str, &'static str),
    /// The lead would agree it.
    LeadAgrees(&'static str),
    /// The headteacher would agree it.
    Agree(&'static str),
    /// The headteacher does not.
    Refuse(&'static str),
    /// It has come to its end: ended, or stopped.
    End(&'static str, &'static str),
}

/// What the programme says: how each alternative stands, and the mother's latest answer about it.
#[derive(Default)]
struct Text {
    stands: BTreeMap<&'static str, &'static str>,
    answers: BTreeMap<&'static str, &'static str>,
}

impl Text {
    fn at(&self, kind: &str) -> &'static str {
        self.stands.get(kind).copied().unwrap_or("nothing")
    }

    /// Whether it goes; what goes is so from then on.
    fn tell(&mut self, what: &Do) -> bool {
        let open = |at: &str| ["nothing", "not_chosen", "proposed"].contains(&at);
        let goes = match what {
            Do::Leave(kind) | Do::Choose(kind) => open(self.at(kind)),
            Do::LeaveTheRest => true,
            // There is nothing to ask about what is not chosen, or over.
            Do::Answer(kind, _) => ["proposed", "agreed"].contains(&self.at(kind)),
            Do::LeadAgrees(_) => false,
            Do::Agree(kind) => {
                self.at(kind) == "proposed"
                    && match *kind {
                        "college" => false,
                        "supported_transfer" => {
                            KINDS.iter().all(|other| self.at(other) != "nothing")
                                && self.answers.get(kind) == Some(&"agreed")
                        }
                        _ => true,
                    }
            }
            Do::Refuse(kind) => self.at(kind) == "proposed",
            Do::End(kind, _) => self.at(kind) == "agreed",
        };
        if goes {
            match *what {
                Do::Leave(kind) => self.stands.insert(kind, "not_chosen"),
                Do::Choose(kind) => self.stands.insert(kind, "proposed"),
                Do::LeaveTheRest => {
                    for kind in KINDS {
                        self.stands.entry(kind).or_insert("not_chosen");
                    }
                    None
                }
                Do::Answer(kind, answer) => self.answers.insert(kind, answer),
                Do::Agree(kind) => self.stands.insert(kind, "agreed"),
                Do::Refuse(kind) => self.stands.insert(kind, "declined"),
                Do::End(kind, how) => self.stands.insert(kind, how),
                Do::LeadAgrees(_) => None,
            };
        }
        goes
    }
}

async fn send(town: &Town, who: &Person, path: &str, fields: &[(&str, &str)]) -> bool {
    town.post(who, path, fields).await.status == StatusCode::SEE_OTHER
}

/// Does it on the screen: whether it went.
async fn does(town: &mut Town, what: &Do, known: &Text) -> bool {
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let all = place(town);
    let case = town.greenfield.case.case;
    let read = match what {
        Do::Leave(kind)
        | Do::Choose(kind)
        | Do::LeadAgrees(kind)
        | Do::Agree(kind)
        | Do::Refuse(kind)
        | Do::End(kind, _)
            if known.at(kind) != "nothing" =>
        {
            version(town, kind).await
        }
        _ => String::new(),
    };
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields: Vec<(&str, String)> =
            more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.push(("version", read.clone()));
        fields
    };
    let post = async |who: &Person, path: String, fields: Vec<(&str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(town, who, &path, &fields).await
    };
    let reasons = [
        ("answer", "agree"),
        ("reason.S3.04-both", "Both help"),
        ("reason.S3.05-all", "The father cannot be reached"),
        ("reason.S3.04-start", "From January of Year 10"),
    ];
    match *what {
        Do::Leave(kind) => post(&lead, format!("{all}/{kind}"), with(&NOT_CHOSEN)).await,
        Do::Choose(kind) => {
            let more = [("route", "managed_move"), ("last_resort", "Nothing less has helped")];
            let more = if kind == "supported_transfer" { &more[..] } else { &[] };
            post(&lead, format!("{all}/{kind}"), with(&chosen(more))).await
        }
        Do::LeaveTheRest => {
            for kind in KINDS.into_iter().filter(|kind| known.at(kind) == "nothing") {
                if !send(town, &lead, &format!("{all}/{kind}"), &NOT_CHOSEN).await {
                    return false;
                }
            }
            true
        }
        Do::Answer(kind, answer) => {
            let path = format!("/cases/{case}/agreements/{}", town.greenfield.case.contact);
            // Every live outcome is asked about on the one form; the others keep their answer.
            let mut fields = Vec::new();
            for other in CHOSEN.into_iter().filter(|other| ["proposed", "agreed"].contains(&known.at(other)))
            {
                let said = if other == kind {
                    answer
                } else {
                    known.answers.get(other).copied().unwrap_or("declined")
                };
                fields.push((format!("answer.{other}"), said));
            }
            if !fields.iter().any(|(name, _)| *name == format!("answer.{kind}")) {
                fields.push((format!("answer.{kind}"), answer));
            }
            let asked = [
                ("asked_on.day", "24"),
                ("asked_on.month", "11"),
                ("asked_on.year", "2026"),
                ("how", "in_person"),
            ];
            let fields: Vec<_> =
                fields.iter().map(|(name, said)| (name.as_str(), *said)).chain(asked).chain(HEARD).collect();
            send(town, &lead, &path, &fields).await
        }
        Do::LeadAgrees(kind) => post(&lead, format!("{all}/{kind}/agree"), with(&reasons)).await,
        Do::Agree(kind) => post(&head, format!("{all}/{kind}/agree"), with(&reasons)).await,
        Do::Refuse(kind) => {
            let refused = [("answer", "decline"), ("words", "The school can do more first")];
            post(&head, format!("{all}/{kind}/agree"), with(&refused)).await
        }
        Do::End(kind, how) => {
            let ended = with(&[("words", "It was looked at together")]);
            let ended = ended.into_iter().chain([("how", how.to_owned())]).collect();
            post(&lead, format!("{all}/{kind}/end"), ended).await
        }
    }
}

async fn tell(story: &[Do], seen: &RefCell<Seen>) -> Result<(), String> {
    let (mut town, mut text) = (at_stage_3().await, Text::default());
    for (n, what) in story.iter().enumerate() {
        // No form asks about what nobody wrote down.
        if matches!(what, Do::Answer(kind, _) if text.at(kind) == "nothing") {
            continue;
        }
        let place = format!("step {} of {story:?}: {what:?}", n + 1);
        let before = town.digest().await;
        let went = does(&mut town, what, &text).await;
        // Whoever answers answers about every outcome on the form.
        if let (Do::Answer(kind, _), true) = (what, went) {
            for other in CHOSEN.into_iter().filter(|other| other != kind) {
                if ["proposed", "agreed"].contains(&text.at(other)) {
                    text.answers.entry(other).or_insert("declined");
                }
            }
        }
        let goes = text.tell(what);
        if went != goes {
            return Err(format!("{place}: the text says {goes}, and it went: {went}"));
        }
        if goes {
            let name = format!("{what:?}");
            *seen.borrow_mut().entry(name.split('(').next().unwrap_or_default().to_owned()).or_default() += 1;
        } else if before != town.digest().await {
            return Err(format!("{place}: refused, and something changed"));
        }
        let rows: Vec<(String, String)> =
            sqlx::query_as("select kind, status from app.alternatives where case_id = $1")
                .bind(town.greenfield.case.case)
                .fetch_all(&mut town.owner)
                .await
                .map_err(|error| error.to_string())?;
        let kept: BTreeMap<&str, &str> = rows.iter().map(|(kind, at)| (kind.as_str(), at.as_str())).collect();
        if kept != text.stands {
            return Err(format!("{place}: the text says {:?}, kept is {kept:?}", text.stands));
        }
        let page = town.get(&town.greenfield.lead, &format!("/cases/{}", town.greenfield.case.case)).await;
        if !page.body.contains("wm-next") {
            return Err(format!("{place}: no next action"));
        }
    }
    Ok(())
}

#[test]
fn s3_04_outcomes_go_as_the_text_says_whatever_is_tried() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let seen = RefCell::new(Seen::new());
    let kind = || select(&CHOSEN[..]);
    let step = prop_oneof![
        1 => kind().prop_map(Do::Leave),
        3 => kind().prop_map(Do::Choose),
        1 => Just(Do::LeaveTheRest),
        3 => (kind(), select(&["agreed", "agreed", "declined"][..])).prop_map(|(kind, said)| Do::Answer(kind, said)),
        1 => kind().prop_map(Do::LeadAgrees),
        4 => kind().prop_map(Do::Agree),
        1 => kind().prop_map(Do::Refuse),
        2 => (kind(), select(&["ended", "stopped"][..])).prop_map(|(kind, how)| Do::End(kind, how)),
    ];
    let wild = proptest::collection::vec(step, 6..20);
    let told = runner(STORIES, 100)
        .run(&wild, |story| runtime.block_on(tell(&story, &seen)).map_err(TestCaseError::fail));
    if let Err(TestError::Fail(why, _)) = told {
        panic!("{why}");
    }
    for what in ["Leave", "Choose", "LeaveTheRest", "Answer", "Agree", "Refuse", "End"] {
        assert!(seen.borrow().contains_key(what), "never: {what}; {:?}", seen.borrow());
    }
}
