//! Meetings about a case: what each kind must settle before its minutes are signed off (S1.02, S1.06, S2.01,
//! S2.05). Signed minutes are final; afterwards there are only addenda.

use serde::{Deserialize, Serialize};
use time::{Date, Time};

use super::stage::{Stage, words};

words! {
    /// Kinds of meetings.
    MeetingKind {
        /// S1.02: the formal meeting that begins Stage 1, with the review of the PSP.
        Stage1 = "stage_1", "Formal meeting, Stage 1";
        /// S2.01: the meeting of Stage 2.
        Stage2 = "stage_2", "Stage 2 meeting";
        /// S3.03: the review meeting of Stage 3.
        Stage3 = "stage_3", "Stage 3 review meeting";
        /// S1.06: a restorative meeting.
        Restorative = "restorative", "Restorative meeting";
        /// S1.06: a mediation.
        Mediation = "mediation", "Mediation";
        /// A review of plans at any stage.
        Review = "review", "Review meeting";
    }
}

words! {
    /// Whether somebody came.
    Attendance {
        /// In the room.
        Present = "present", "Present";
        /// By video, which counts as present.
        Video = "video", "By video call";
        /// Not there, and sent their part in writing (S3.03).
        Written = "written", "Sent it in writing";
        /// Sent apologies.
        Apologies = "apologies", "Sent apologies";
        /// Did not come and said nothing.
        DidNotCome = "did_not_come", "Did not come";
    }
}

impl Attendance {
    /// There in person or by video.
    pub const fn there(self) -> bool {
        matches!(self, Self::Present | Self::Video)
    }
}

words! {
    /// Why somebody is asked to a meeting.
    Part {
        /// The pupil.
        Pupil = "pupil", "Pupil";
        /// A parent or carer.
        Parent = "parent", "Parent or carer";
        /// The lead of the case.
        Lead = "lead", "Lead of the case";
        /// Another member of staff.
        Staff = "staff", "Member of staff";
        /// The headteacher.
        Headteacher = "headteacher", "Headteacher";
        /// The LA representative.
        LaRepresentative = "la_representative", "LA representative";
        /// Somebody of a support service.
        SupportService = "support_service", "Support service";
        /// An interpreter.
        Interpreter = "interpreter", "Interpreter";
        /// Somebody else.
        Other = "other", "Somebody else";
    }
}

words! {
    /// What became of the pastoral support programme at the formal meeting (S1.02).
    Psp {
        /// There was one, and it was reviewed.
        Reviewed = "reviewed", "Reviewed";
        /// There was none, and one was made.
        Created = "created", "Made at this meeting";
    }
}

/// What a meeting settled. Which parts are needed depends on its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Minutes {
    /// What was said.
    pub notes: Option<String>,
    /// What was decided.
    pub decisions: Option<String>,
    /// S1.02: difficulties made clear.
    pub difficulties: Option<String>,
    /// S1.02: whether the support agreed before is in place, and what is missing.
    pub support_check: Option<String>,
    /// S1.02: the PSP.
    pub psp: Option<Psp>,
    /// S2.01: each earlier plan or agreement, and how it went.
    pub earlier_plans: Option<String>,
    /// S2.01: support needed beyond that.
    pub further_support: Option<String>,
    /// S2.01: strategies to help progress.
    pub strategies: Option<String>,
    /// S1.06: what came of a restorative or mediation meeting.
    pub outcome: Option<String>,
    /// Why no parent was there: what was tried (S1.02).
    pub without_parent: Option<String>,
    /// Why no support service was there although services are active (S2.01).
    pub without_service: Option<String>,
    /// Why the LA representative was not there, and how they were asked (S3.03, 7.2 A9).
    pub without_la_representative: Option<String>,
}

/// A meeting, as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingFact {
    /// Which kind.
    pub kind: MeetingKind,
    /// The stage the case was at when it was planned.
    pub stage: Stage,
    /// When it is or was to be.
    pub planned_on: Date,
    /// When it was held.
    pub held_on: Option<Date>,
    /// It was called off.
    pub cancelled: bool,
    /// When its minutes were signed off.
    pub final_on: Option<Date>,
    /// What it settled.
    pub minutes: Minutes,
    /// Who was asked, and whether they came.
    pub people: Vec<(Part, Option<Attendance>)>,
    /// The same people by what tells them apart.
    pub asked: Vec<Asked>,
}

/// Somebody asked to a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Asked {
    /// The same at every meeting: their account, their place among the contacts, or their name.
    pub key: String,
    /// Their name.
    pub name: String,
}

impl MeetingFact {
    /// Somebody of this part was there.
    pub fn had(&self, part: Part) -> bool {
        self.people.iter().any(|(p, came)| *p == part && came.is_some_and(Attendance::there))
    }

    /// Held, with minutes signed off.
    pub fn complete(&self) -> bool {
        self.held_on.is_some() && self.final_on.is_some()
    }
}

/// What is missing before the minutes can be signed off: field and message. Sign-off needs the meeting held,
/// everybody's attendance, decisions, and what its kind must settle.
pub fn missing(
    kind: MeetingKind,
    minutes: &Minutes,
    held: bool,
    unsaid: usize,
) -> Vec<(&'static str, String)> {
    let mut missing = Vec::new();
    let mut need = |field: &'static str, there: bool, message: &str| {
        if !there {
            missing.push((field, message.to_owned()));
        }
    };
    need("held_on", held, "Enter the day it was held");
    need("attendance", unsaid == 0, "Say for everybody who was asked whether they came");
    need("decisions", minutes.decisions.is_some(), "Enter what was decided");
    match kind {
        MeetingKind::Stage1 => {
            need(
                "difficulties",
                minutes.difficulties.is_some(),
                "Enter the difficulties that were made clear",
            );
            need("support_check", minutes.support_check.is_some(), "Say whether support is in place");
            need("psp", minutes.psp.is_some(), "Say whether the PSP was reviewed or made");
        }
        MeetingKind::Stage2 => {
            need(
                "earlier_plans",
                minutes.earlier_plans.is_some(),
                "Say how each earlier plan went, or that there was none",
            );
            need(
                "further_support",
                minutes.further_support.is_some(),
                "Enter the further support needed, or none",
            );
            need("strategies", minutes.strategies.is_some(), "Enter strategies to help progress");
        }
        MeetingKind::Restorative | MeetingKind::Mediation => {
            need("outcome", minutes.outcome.is_some(), "Enter what came of it");
        }
        MeetingKind::Stage3 | MeetingKind::Review => {}
    }
    missing
}

/// Reasons that are still to be given because somebody who should have been there was not: field and message.
/// No parent at a meeting of a stage (S1.02), no support service at a Stage 2 meeting although `services` are
/// active (S2.01), no LA representative at a Stage 3 meeting (S3.03).
pub fn reasons_missing(
    kind: MeetingKind,
    minutes: &Minutes,
    people: &[(Part, Option<Attendance>)],
    services: bool,
) -> Vec<(&'static str, &'static str)> {
    let there = |part: Part| people.iter().any(|(p, came)| *p == part && came.is_some_and(Attendance::there));
    let of_stage = matches!(kind, MeetingKind::Stage1 | MeetingKind::Stage2 | MeetingKind::Stage3);
    let mut missing = Vec::new();
    if of_stage && !there(Part::Parent) && minutes.without_parent.is_none() {
        missing.push(("without_parent", "Say why no parent was there and what was tried (S1.02)"));
    }
    if kind == MeetingKind::Stage2
        && services
        && !there(Part::SupportService)
        && minutes.without_service.is_none()
    {
        missing.push((
            "without_service",
            "Say why no support service was there although services are active (S2.01)",
        ));
    }
    if kind == MeetingKind::Stage3
        && !there(Part::LaRepresentative)
        && minutes.without_la_representative.is_none()
    {
        missing.push((
            "without_la_representative",
            "Say why the LA representative was not there and how they were asked (S3.03)",
        ));
    }
    missing
}

/// A time of day as people type it: "3:30pm", "3.30 pm", "15:30", "1530", "9am", "midday". None: it is no time,
/// or it leaves open which half of the day is meant.
pub fn time_typed(typed: &str) -> Option<Time> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    if text == "midday" || text == "noon" {
        return Some(Time::MIDNIGHT.replace_hour(12).unwrap_or(Time::MIDNIGHT));
    }
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(rest), _) => (rest, Some(0)),
        (_, Some(rest)) => (rest, Some(12)),
        _ => (text.as_str(), None),
    };
    let number = |part: &str| -> Option<u8> {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (number(hour)?, number(minute)?),
        None if digits.len() == 4 && digits.is_ascii() => (number(&digits[..2])?, number(&digits[2..])?),
        None if half.is_some() => (number(digits)?, 0),
        _ => return None,
    };
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(add) => hour % 12 + add,
        None => hour,
    };
    Time::from_hms(hour, minute, 0).ok()
}
