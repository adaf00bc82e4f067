//! Everything that happened in a case, newest first.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::queries::{self, Happening};
use crate::{
    domain::{
        dates, ids::CaseId, meeting::MeetingKind, permission::Capability, stage::Event, stage_3::Alternative,
        step::StepKind, support::SupportKind, suspension::history::RecordKind, transfer,
    },
    state::london,
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

const PAGE: i64 = 50;

/// One thing that happened.
pub struct Entry {
    pub title: String,
    pub words: String,
    pub when: String,
    pub by: String,
    at: OffsetDateTime,
}

impl Entry {
    /// In words.
    pub fn of(happening: Happening) -> Self {
        let title = match happening.kind.as_str() {
            "stage" => "Stage",
            "decision" => "Decided",
            "step" => "Recorded",
            "lead" => "Lead",
            "target_set" => "Target set",
            "target_changed" => "Target changed",
            "target_ended" => "Target ended",
            "praise" => "Praise",
            "concern" => "Concern",
            "absence" => "Known absence",
            "meeting_planned" => "Meeting planned",
            "meeting_held" => "Meeting held, minutes not signed yet",
            "meeting_cancelled" => "Meeting cancelled",
            "meeting_signed" => "Minutes signed off",
            "action_done" => "Action done",
            "support_begun" => "Support arranged",
            "support_ended" => "Support ended",
            "support_priority" => "Priority agreed",
            "support_declined" => "Priority declined",
            "incident" => "Incident",
            "incident_changed" => "Incident corrected",
            "review" => "Weekly review signed",
            "feedback" => "Feedback given",
            "outcome_considered" => "Alternative considered",
            "outcome_agreed" => "Outcome agreed",
            "outcome_declined" => "Outcome declined by the headteacher",
            "outcome_ended" => "Outcome ended",
            "answer_agreed" => "Parent agrees",
            "answer_declined" => "Parent does not agree",
            "answer_wants_time" => "Parent wants time",
            "answer_no_reply" => "No reply from parent",
            "transfer" => "Transfer",
            "direction" => "Off-site direction",
            "direction_ended" => "Off-site direction ended",
            "direction_review" => "Off-site direction reviewed",
            "feedback_tried" => "Feedback tried, nobody reached",
            "excluded_suspension" => "Suspension issued",
            "excluded_permanent" => "Permanent exclusion issued",
            "excluded_cancelled" => "Exclusion cancelled",
            "after_exclusion" => "After an exclusion",
            _ => "Event",
        };
        let at = london(happening.at);
        let mut when = format!("{}, {}", dates::short(at.date()), dates::time_of_day(at.time()));
        if happening.on_date != at.date() {
            when = format!("for {}, written {when}", dates::short(happening.on_date));
        }
        let (stored, rest) = happening.words.split_once(": ").unwrap_or((&happening.words, ""));
        let of_kind = |kind: &str| if rest.is_empty() { kind.to_owned() } else { format!("{kind}: {rest}") };
        let words = match happening.kind.split('_').next() {
            Some("meeting") => {
                of_kind(MeetingKind::from_stored(stored).map_or("Meeting", MeetingKind::label))
            }
            Some("support") => {
                of_kind(SupportKind::from_stored(stored).unwrap_or(SupportKind::Other).label())
            }
            Some("outcome" | "answer") => {
                of_kind(Alternative::from_stored(stored).map_or("Alternative", Alternative::label))
            }
            Some("after") => of_kind(RecordKind::from_stored(stored).map_or("Step", RecordKind::label)),
            Some("step") => of_kind(StepKind::from_stored(stored).map_or("Step", StepKind::label)),
            Some("decision") => serde_json::from_str::<Event>(&happening.words)
                .map_or_else(|_| "A decision".to_owned(), |event| event.words()),
            Some("transfer") => transferred(&happening.words),
            _ => happening.words,
        };
        Self { title: title.to_owned(), words, when, by: happening.by, at: happening.at }
    }
}

/// "Hillside School|{event}" in words.
fn transferred(stored: &str) -> String {
    let (school, event) = stored.split_once('|').unwrap_or(("", stored));
    serde_json::from_str::<transfer::Event>(event)
        .map_or_else(|_| "A step of the transfer".to_owned(), |event| event.words(|_| school.to_owned()))
}

#[derive(Template)]
#[template(path = "cases/timeline.html")]
struct TimelinePage {
    chrome: Chrome,
    identity: Identity,
    entries: Vec<Entry>,
    more: Option<String>,
}

/// Where the next page begins.
#[derive(Debug, Default, Deserialize)]
pub struct Before {
    before: Option<String>,
}

/// Takes the row beyond the page off, with everything of its instant: the next page begins before the last row's
/// instant, and what shares it would be on neither. A page of one instant stays whole.
fn end_between_instants(rows: &mut Vec<Happening>) {
    let Some(beyond) = rows.pop() else { return };
    if rows.first().is_some_and(|first| first.at > beyond.at) {
        rows.retain(|row| row.at > beyond.at);
    }
}

pub async fn index(
    Id(id): Id<CaseId>,
    Query(asked): Query<Before>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::SeeWholeCase).await?;
    let before = asked
        .before
        .map(|text| OffsetDateTime::parse(&text, &Rfc3339))
        .transpose()
        .map_err(|_| Error::NotFound)?;
    let mut rows = queries::happenings(visit.tx.conn(), id, head.school, before, PAGE + 1).await?;
    let full = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if full {
        end_between_instants(&mut rows);
    }
    let entries: Vec<_> = rows.into_iter().map(Entry::of).collect();
    let more = entries
        .last()
        .filter(|_| full)
        .and_then(|last| last.at.format(&Rfc3339).ok())
        .map(|at| format!("{}/timeline?before={}", urls::case(id), at.replace('+', "%2B")));
    let page = TimelinePage {
        chrome: visit.chrome(),
        identity: Identity::of(&head, visit.actor(), today, "Timeline"),
        entries,
        more,
    };
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}
