//! What the stages owe: items of the checklist, meetings and what they agreed, support, the headteacher's answers, the
//! outcomes of Stage 3 and places elsewhere.

use time::Date;

use super::{Duty, Place, What, after};
use crate::domain::{
    checklist, direction,
    facts::Facts,
    ids::IncidentId,
    meeting::MeetingFact,
    moves::Ground,
    people::Role,
    rules::Fix,
    stage::Stage,
    stage_3::{Alternative, Answer, Status},
    step::{Step, incident::Seriousness},
    transfer::{Owed, State, owed},
};

/// School days the headteacher and a support service have to answer (7.2 A8, P2.02).
pub const ANSWER_DAYS: u32 = 5;

/// The open items of the checklist up to the stage the case is at.
pub(super) fn of_checklist(on: &Ground<'_>, stage: Stage, since: Date, opened_on: Date) -> Vec<Duty> {
    checklist::items(on)
        .into_iter()
        .filter(|item| !item.requirement.met)
        // What an exclusion owes is owed step by step.
        .filter(|item| item.requirement.clause != checklist::STATUTORY)
        // A meeting that is planned or held is owed as that meeting.
        .filter(|item| match item.requirement.fix {
            Fix::Meeting(kind) => !on.facts.meetings.iter().any(|(_, m)| m.kind == kind && in_hand(m)),
            _ => true,
        })
        .map(|item| {
            let from = if item.stage == stage { since } else { opened_on };
            let by_la = item.requirement.who.first() == Some(&Role::LaRepresentative);
            Duty {
                due_on: after(on, from, item.due_in),
                what: What::Checklist {
                    clause: item.requirement.clause.to_owned(),
                    todo: item.todo.to_owned(),
                    fix: item.requirement.fix,
                    by_la,
                },
            }
        })
        .collect()
}

/// Planned and not called off, minutes not signed off.
const fn in_hand(meeting: &MeetingFact) -> bool {
    !meeting.cancelled && meeting.final_on.is_none()
}

/// Meetings to hold, minutes to sign off, actions agreed.
pub(super) fn of_meetings(on: &Ground<'_>) -> Vec<Duty> {
    let meetings = on.facts.meetings.iter().filter(|(_, m)| in_hand(m)).map(|(id, m)| match m.held_on {
        None => Duty { what: What::HoldMeeting { meeting: *id, kind: m.kind }, due_on: m.planned_on },
        Some(held) => Duty {
            what: What::SignMinutes { meeting: *id, kind: m.kind },
            due_on: after(on, held, on.policy.minutes_days),
        },
    });
    let actions = on.facts.actions.iter().map(|action| Duty {
        what: What::Act { action: action.id, words: action.words.clone(), owner: action.owner.clone() },
        due_on: action.due_on,
    });
    meetings.chain(actions).collect()
}

/// Support to review, and requests for priority to answer.
pub(super) fn of_support(on: &Ground<'_>) -> Vec<Duty> {
    let going_on = on.facts.support.iter().filter(|(_, s)| s.ended_on.is_none() && !s.declined);
    going_on
        .flat_map(|(id, s)| {
            let review =
                Duty { what: What::ReviewSupport { support: *id, kind: s.kind }, due_on: s.review_on };
            let answer = s.unanswered.then(|| Duty {
                what: What::AnswerPriority { support: *id, kind: s.kind },
                due_on: after(on, s.starts_on, ANSWER_DAYS),
            });
            std::iter::once(review).chain(answer)
        })
        .collect()
}

/// What the LA asked and nobody has answered.
pub(super) fn of_update(on: &Ground<'_>) -> Option<Duty> {
    let (due_on, by) = on.facts.update_asked.as_ref()?;
    Some(Duty { what: What::AnswerUpdate { by: by.clone() }, due_on: *due_on })
}

/// What waits for the headteacher.
pub(super) fn of_headteacher(on: &Ground<'_>, stage: Stage, opened_on: Date) -> Vec<Duty> {
    let proposal = on
        .facts
        .proposed_on
        .map(|day| Duty { what: What::AnswerProposal, due_on: after(on, day, ANSWER_DAYS) });
    let considered = |id: IncidentId| {
        on.facts
            .steps_of(|step| match step {
                Step::Stage3Considered { incident, .. } => Some(*incident),
                _ => None,
            })
            .any(|(of, ..)| of == id)
    };
    let incidents = on
        .facts
        .incidents
        .iter()
        .filter(|incident| stage < Stage::Three && incident.seriousness == Seriousness::VerySerious)
        .filter(|incident| incident.on >= opened_on && !considered(incident.id))
        .map(|incident| Duty {
            what: What::ConsiderStage3 { incident: incident.id, on: incident.on },
            due_on: after(on, incident.on, 1),
        });
    proposal.into_iter().chain(incidents).collect()
}

/// S3.04, S3.05: outcomes to decide and to review, parents to ask again.
pub(super) fn of_stage_3(on: &Ground<'_>) -> Vec<Duty> {
    let mut list = Vec::new();
    for fact in &on.facts.alternatives {
        let (alternative, plan) = (fact.kind, fact.plan.as_ref());
        list.extend(plan.and_then(|plan| match fact.status {
            Status::Proposed => {
                Some(Duty { what: What::AgreeOutcome { alternative }, due_on: plan.starts_on })
            }
            Status::Agreed => {
                Some(Duty { what: What::ReviewOutcome { alternative }, due_on: plan.review_on })
            }
            Status::NotChosen | Status::Declined | Status::Stopped | Status::Ended => None,
        }));
    }
    for contact in on.facts.contacts.iter().filter(|contact| contact.entitled()) {
        let live = on.facts.alternatives.iter().filter(|fact| fact.status.live());
        let again = live.filter_map(|fact| {
            let latest =
                on.facts.agreements.iter().rfind(|a| a.kind == fact.kind && a.contact == contact.id)?;
            latest.ask_again_on
        });
        if let Some(due_on) = again.min() {
            let what = What::AskAgain { contact: contact.id, name: contact.name.clone() };
            list.push(Duty { what, due_on });
        }
    }
    list
}
/// The pupil is on the roll of another school by a managed move: nothing more is monitored here.
pub(super) fn has_moved(facts: &Facts) -> bool {
    let moved = |state| matches!(state, State::OnRoll { .. } | State::Closed { .. });
    facts.placement.transfer.as_ref().is_some_and(|transfer| moved(transfer.state))
}

/// S3.07, S3.08, 2.9: what is owed for a managed move and for off-site directions.
pub(super) fn of_placement(on: &Ground<'_>, case_open: bool) -> Vec<Duty> {
    let known = &on.facts.placement;
    let transfer = known.transfer.iter().flat_map(|transfer| {
        let around = owed::Around { calendar: on.calendar, policy: on.policy, panel: known.panel, case_open };
        let mut list = owed::owed(transfer, &around);
        list.extend(owed::to_stop(transfer, stands(on.facts), parent_agrees(on.facts), case_open, on.today));
        list
    });
    let directions = known.directions.iter().flat_map(|one| direction::owed(one, on.calendar, on.today));
    let transfer = transfer.map(|owed| placed(Place::Transfer, owed));
    transfer.chain(directions.map(|owed| placed(Place::Direction, owed))).collect()
}

/// Something owed about a place elsewhere, among everything a case owes.
pub fn placed(of: Place, owed: Owed) -> Duty {
    let what = What::Placement { of, clause: owed.clause.to_owned(), todo: owed.words, by: owed.owner };
    Duty { what, due_on: owed.due_on }
}

/// S3.04: the supported transfer is still an outcome that was agreed.
fn stands(facts: &Facts) -> bool {
    let mut outcomes = facts.alternatives.iter();
    outcomes.any(|fact| fact.kind == Alternative::SupportedTransfer && fact.status == Status::Agreed)
}

/// S3.05: somebody with parental responsibility agrees to it, by their latest answer.
fn parent_agrees(facts: &Facts) -> bool {
    let latest = |contact| {
        let about = |a: &&crate::domain::stage_3::AgreementFact| {
            a.kind == Alternative::SupportedTransfer && a.contact == contact
        };
        facts.agreements.iter().rfind(about).map(|a| a.answer)
    };
    let mut responsible = facts.contacts.iter().filter(|contact| contact.parental_responsibility);
    responsible.any(|contact| latest(contact.id) == Some(Answer::Agreed))
}
