//! What happened in a case, in words.

use time::{Date, OffsetDateTime};

use super::happenings::Happening;
use crate::{
    domain::{
        dates, ids::UserId, meeting::MeetingKind, stage::Event, stage_3::Alternative, step::StepKind,
        support::SupportKind, suspension::history::RecordKind, transfer,
    },
    state::london,
};

/// One thing that happened.
pub struct Entry {
    pub title: String,
    pub words: String,
    pub when: String,
    pub by: String,
    pub by_id: UserId,
    pub on_date: Date,
    pub kind: Option<Kind>,
    pub at: OffsetDateTime,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $stored:pat,)*) => {
        /// What somebody can choose to see of a timeline.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As an address carries it.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// For the person.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// The kind of a happening.
            fn of(stored: &str) -> Option<Self> {
                match stored { $($stored => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Stages and who leads.
    Stages = "stages", "Stages, decisions and leads", "stage" | "decision" | "lead" | "represented",
    /// Steps recorded for a clause.
    Steps = "steps", "Steps of the programme", "step",
    /// Targets.
    Targets = "targets", "Targets", "target_set" | "target_changed" | "target_ended",
    /// Praise and concern.
    Notes = "notes", "Praise and concern", "praise" | "concern",
    /// Known absences.
    Absences = "absences", "Known absences", "absence",
    /// Meetings.
    Meetings = "meetings", "Meetings and actions",
        "meeting_planned" | "meeting_held" | "meeting_cancelled" | "meeting_signed" | "action_done",
    /// Support.
    Support = "support", "Support", "support_begun" | "support_ended" | "support_priority" | "support_declined",
    /// Incidents.
    Incidents = "incidents", "Incidents", "incident" | "incident_changed",
    /// Weekly reviews.
    Reviews = "reviews", "Weekly reviews and feedback", "review" | "feedback" | "feedback_tried",
    /// Alternatives at Stage 3.
    Outcomes = "outcomes", "Alternatives at Stage 3 and parents’ answers",
        "outcome_considered" | "outcome_agreed" | "outcome_declined" | "outcome_ended" | "answer_agreed"
        | "answer_declined" | "answer_wants_time" | "answer_no_reply",
    /// Places elsewhere.
    Places = "places", "Transfers and off-site directions",
        "transfer" | "direction" | "direction_ended" | "direction_review",
    /// What the LA asked and the school answered.
    Updates = "updates", "Updates for the LA", "update_asked" | "update_answered",
    /// Exclusions.
    Exclusions = "exclusions", "Suspensions and exclusions",
        "excluded_suspension" | "excluded_permanent" | "excluded_cancelled" | "after_exclusion",
}

impl Entry {
    /// In words.
    pub fn of(happening: Happening) -> Self {
        let title = match happening.kind.as_str() {
            "stage" => "Stage",
            "decision" => "Decided",
            "step" => "Recorded",
            "lead" => "Lead",
            "represented" => "LA representative",
            "update_asked" => "The LA asked",
            "update_answered" => "Update for the LA",
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
        Self {
            title: title.to_owned(),
            words,
            when,
            by: happening.by,
            by_id: happening.by_id,
            on_date: happening.on_date,
            kind: Kind::of(&happening.kind),
            at: happening.at,
        }
    }
}

/// "Hillside School|{event}" in words.
fn transferred(stored: &str) -> String {
    let (school, event) = stored.split_once('|').unwrap_or(("", stored));
    serde_json::from_str::<transfer::Event>(event)
        .map_or_else(|_| "A step of the transfer".to_owned(), |event| event.words(|_| school.to_owned()))
}
