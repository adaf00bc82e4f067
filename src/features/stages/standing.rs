//! Where a case stands: its checklist, what waits for an answer, and the moves there are.

use std::fmt::Write as _;

use askama::Template;
use axum::response::Response;

use super::{moving::Move, queries, steps::owed_after};
use crate::{
    db::{calendar as school_calendar, facts},
    domain::{
        checklist, dates,
        ids::CaseId,
        moves::Ground,
        permission::Capability,
        stage::{CaseState, Ending, Stage},
        step::StepKind,
    },
    web::{
        case::{Identity, episodes},
        duty::numbered,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        requirement::{Around, RequirementLine},
        urls,
    },
};

#[derive(Template)]
#[template(path = "stages/show.html")]
struct StagePage {
    chrome: Chrome,
    identity: Identity,
    standing: String,
    episodes: Vec<(&'static str, String)>,
    direct_entry: Option<String>,
    waiting: Option<Waiting>,
    stages: Vec<StageList>,
    moves: Vec<(String, &'static str, &'static str)>,
    steps: Vec<(String, &'static str)>,
    history: Vec<(String, String)>,
}

struct Waiting {
    words: String,
    why: String,
    /// The move with what it asks.
    see: Option<String>,
    when: String,
    action: String,
    may_decide: bool,
}

struct StageList {
    name: String,
    done: String,
    /// Something of it is left: shown unfolded.
    open: bool,
    requirements: Vec<RequirementLine>,
}

pub async fn show(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let decides = visit.actor().may_at(Capability::DecideMoves, case.school);
    let calendar = school_calendar::of_school(visit.tx.conn(), case.school, today).await?;
    let (state, known) = facts::of_case(visit.tx.conn(), &case, decides, today).await?;
    let proposal = queries::proposal(visit.tx.conn(), id).await?;
    let history = queries::history(visit.tx.conn(), case.school, id).await?;
    let not_moved = queries::not_moved(visit.tx.conn(), case.school, id).await?;
    let ground = Ground { case: &state, facts: &known, policy: &case.policy, calendar: &calendar, today };
    let around = Around::case(&case, visit.actor());
    let items = checklist::items(&ground);
    // The stage the case is at comes first: that is what is to be done now.
    let stages = Stage::ALL
        .into_iter()
        .rev()
        .filter_map(|stage| {
            let of: Vec<_> = items.iter().filter(|item| item.stage == stage).collect();
            let done = of.iter().filter(|item| item.requirement.met).count();
            (!of.is_empty()).then(|| StageList {
                name: format!("What {stage} asks"),
                done: format!("{done} of {} done", of.len()),
                open: done < of.len(),
                requirements: of
                    .into_iter()
                    .map(|item| RequirementLine::plain(item.requirement.clone(), around))
                    .collect(),
            })
        })
        .collect();
    let standing = match state {
        CaseState::None => "No stage is recorded.".to_owned(),
        CaseState::Open { stage, since, .. } => format!(
            "At {stage} since {}. {}.",
            dates::long(since),
            checklist::monitoring_days(&ground).map_or_else(
                |_| "The monitoring days cannot be counted: the calendar is not loaded".to_owned(),
                |days| match days {
                    1 => "1 monitoring day so far".to_owned(),
                    n => format!("{n} monitoring days so far"),
                }
            )
        ),
        CaseState::Ended { stage, on, .. } => format!("Ended at {stage} on {}.", dates::long(on)),
    };
    let may_propose = visit.actor().may_at(Capability::ProposeMoves, case.school);
    let may_record = |kind: &StepKind| visit.actor().may_at(kind.needs(), case.school);
    let page = StagePage {
        chrome: visit.chrome(),
        identity: Identity::of(&case, visit.actor(), today, "Stage"),
        standing,
        episodes: episodes(&case, visit.actor()),
        direct_entry: checklist::direct_entry(&state),
        waiting: proposal.map(|proposal| Waiting {
            words: Move::asked(&proposal.command.0),
            see: Move::made_by(&proposal.command.0).map(|a| urls::a_move(id, a.code())),
            why: proposal.words,
            when: format!("{}, {}", proposal.by, dates::long(proposal.proposed_on)),
            action: urls::proposal(id, proposal.id),
            may_decide: decides,
        }),
        stages,
        moves: if may_propose {
            let may_exclude = visit.actor().may_at(Capability::IssueExclusions, case.school);
            let way = |a: Move| match a {
                // The exclusion closes the case, and begins its notices and clocks.
                Move::Close(Ending::Excluded) if may_exclude => urls::suspend(case.pupil),
                _ => urls::a_move(id, a.code()),
            };
            Move::from(&state).map(|a| (way(a), a.title(), a.hint())).collect()
        } else {
            Vec::new()
        },
        steps: StepKind::ALL
            .iter()
            .filter(|kind| match &state {
                CaseState::Open { .. } => may_record(kind),
                CaseState::Ended { .. } => {
                    may_record(kind) && owed_after(case.ended_as.as_deref()) == Some(**kind)
                }
                CaseState::None => false,
            })
            .map(|kind| (urls::step(id, kind.as_str()), kind.label()))
            .collect(),
        history: told(history, not_moved),
    };
    visit.show(case.trace(&[]), &page).await
}

/// What was decided, and what was proposed and did not come about; newest first.
fn told(decided: Vec<queries::Decided>, not_moved: Vec<queries::Answered>) -> Vec<(String, String)> {
    let decided = decided.into_iter().map(|row| {
        let mut words = row.event.0.words();
        if let Some(why) = row.words {
            let _ = write!(words, ". {}", why.trim_end_matches('.'));
        }
        for (clause, reason) in row.reasons.0 {
            let _ = write!(words, ". {}: {reason}", numbered(&clause));
        }
        (row.on, row.by, words)
    });
    let not_moved = not_moved.into_iter().map(|row| {
        let answer = if row.answer == "declined" { "Declined" } else { "Withdrawn" };
        let mut words = format!("{answer}: {}", Move::asked(&row.command.0));
        if let Some(why) = row.words {
            let _ = write!(words, ". {}", why.trim_end_matches('.'));
        }
        (row.on, row.by, words)
    });
    let mut all: Vec<_> = decided.chain(not_moved).collect();
    all.sort_by_key(|(on, ..)| std::cmp::Reverse(*on));
    all.into_iter().map(|(on, by, words)| (format!("{}, {by}", dates::long(on)), words)).collect()
}
