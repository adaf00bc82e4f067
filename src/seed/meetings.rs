//! Meetings of the demo's cases: who was asked and came, the minutes, what was agreed.

use serde_json::json;
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    copy::Table,
    programme::{Story, at},
    world::{Maker, Somebody, afternoon, morning},
};
use crate::domain::{
    meeting::{Minutes, Psp},
    step::{Contract, Step},
};

/// Somebody asked to a meeting: part, name, account, contact, whether they came.
pub(super) type Asked<'a> = (&'a str, &'a str, Option<Uuid>, Option<Uuid>, Option<&'a str>);

/// Something agreed: words, owner, the day it is due, the day it was done.
pub(super) type Agreed<'a> = (&'a str, &'a Somebody, Date, Option<Date>);

/// A meeting with who was asked and what was agreed.
pub(super) struct Meeting<'a> {
    pub kind: &'a str,
    pub planned_on: Date,
    pub held_on: Option<Date>,
    pub final_on: Option<Date>,
    pub minutes: &'a Minutes,
    pub people: &'a [Asked<'a>],
    pub agreed: &'a [Agreed<'a>],
}

impl<'a> Meeting<'a> {
    /// Held on the day it was planned for, its minutes signed off the same day.
    pub(super) fn held(
        kind: &'a str,
        on: Date,
        minutes: &'a Minutes,
        people: &'a [Asked<'a>],
        agreed: &'a [Agreed<'a>],
    ) -> Self {
        Self { kind, planned_on: on, held_on: Some(on), final_on: Some(on), minutes, people, agreed }
    }
}

impl Maker {
    pub(super) fn first_meeting(&mut self, story: &Story<'_>) {
        if story.neglected() && story.days.len() < 40 {
            return;
        }
        let (lead, la) = (story.school.lead.clone(), self.la.clone());
        let Some(held) = story.day(3) else {
            // The case has just begun: the meeting is ahead.
            let on = self.next_school_day(3);
            let people = [
                ("pupil", story.pupil.given.as_str(), None, None, None),
                ("lead", lead.1.as_str(), Some(lead.0), None, None),
                ("la_representative", la.1.as_str(), Some(la.0), None, None),
            ];
            let minutes = Minutes::default();
            let ahead = Meeting {
                held_on: None,
                final_on: None,
                ..Meeting::held("stage_1", on, &minutes, &people, &[])
            };
            self.meeting(story, &ahead);
            return;
        };
        let parent_came = if story.n % 8 == 2 || story.pupil.barred { "did_not_come" } else { "present" };
        let minutes = Minutes {
            notes: Some("We went through the last four weeks lesson by lesson.".to_owned()),
            decisions: Some("Targets as set, a mentor once a week, a call home every Friday.".to_owned()),
            difficulties: Some(
                "Getting started after break, and being corrected in front of others.".to_owned(),
            ),
            support_check: Some("The time-out card is in use; the mentor sessions had not begun.".to_owned()),
            psp: Some(if story.n.is_multiple_of(2) { Psp::Reviewed } else { Psp::Created }),
            without_parent: (parent_came != "present").then(|| {
                "Two calls and a letter; the day did not suit. Offered a call in the evening.".to_owned()
            }),
            ..Minutes::default()
        };
        let parent = (!story.pupil.barred).then_some((
            "parent",
            story.pupil.parent.as_str(),
            None,
            Some(story.pupil.contact),
            Some(parent_came),
        ));
        let people: Vec<Asked<'_>> = [
            ("pupil", story.pupil.given.as_str(), None, None, Some("present")),
            ("lead", lead.1.as_str(), Some(lead.0), None, Some("present")),
            (
                "la_representative",
                la.1.as_str(),
                Some(la.0),
                None,
                Some(["present", "video", "apologies"][story.n % 3]),
            ),
        ]
        .into_iter()
        .chain(parent)
        .collect();
        let tutor = story.school.tutor.clone();
        let agreed = [
            (
                "Print the time-out card and show it to every teacher",
                &tutor,
                held + Duration::days(4),
                Some(held + Duration::days(2)),
            ),
            (
                "Ask the school nurse about sleep",
                &lead,
                held + Duration::days(14),
                (!story.behind(held, story.n % 15 == 1)).then(|| held + Duration::days(10)),
            ),
        ];
        self.meeting(story, &Meeting::held("stage_1", held, &minutes, &people, &agreed));
        if let Some(on) = story.day(3).filter(|_| !story.neglected()) {
            let state = match story.n % 5 {
                0 => Contract::Offered,
                1 => Contract::Declined,
                2 => Contract::NotAppropriate,
                _ => Contract::Signed,
            };
            let words = match state {
                Contract::Signed => Some("Phone handed in at the door; the school rings home every Friday."),
                Contract::NotAppropriate => Some("Grandmother cares for the pupil until the summer."),
                Contract::Offered | Contract::Declined => None,
            };
            let step = Step::ParentingContract {
                state,
                parent: story.parent().first().copied(),
                words: words.map(str::to_owned),
                until: None,
            };
            self.step(story, on, &step);
        }
    }

    pub(super) fn restorative(&mut self, story: &Story<'_>, held: Date) {
        let tutor = story.school.tutor.clone();
        let minutes = Minutes {
            decisions: Some("Both will use different entrances for two weeks.".to_owned()),
            outcome: Some(
                "Each said what it was like for them; an apology was made and accepted.".to_owned(),
            ),
            ..Minutes::default()
        };
        let people = [
            ("pupil", story.pupil.given.as_str(), None, None, Some("present")),
            ("staff", tutor.1.as_str(), Some(tutor.0), None, Some("present")),
        ];
        self.meeting(story, &Meeting::held("restorative", held, &minutes, &people, &[]));
    }

    pub(super) fn meeting(&mut self, story: &Story<'_>, meeting: &Meeting<'_>) {
        let Meeting { kind, planned_on, held_on, final_on, minutes, people, agreed } = meeting;
        let (id, authority, school, lead) = (self.id(), self.authority, story.school.id, story.school.lead.0);
        let made = held_on.map_or(self.now - Duration::days(1), |held| morning(held - Duration::days(7)));
        let made = made.max(morning(story.days.first().copied().unwrap_or(self.today))).min(self.now);
        let changed = held_on.map_or(made, |held| afternoon(held).min(self.now));
        self.copy.add(
            Table::Meetings,
            &[
                &id,
                &authority,
                &school,
                &story.id,
                kind,
                &story.stage_on(*planned_on),
                planned_on,
                &at(15, 30),
                &at(16, 15),
                &"Meeting room 2",
                held_on,
                &json!(minutes).to_string(),
                final_on,
                &final_on.map(|_| changed),
                &final_on.map(|_| lead),
                &made,
                &lead,
                &changed,
                &lead,
            ],
        );
        for (position, (part, name, user, contact, came)) in (1_i16..).zip(*people) {
            self.copy.add(
                Table::MeetingPeople,
                &[
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    &position,
                    part,
                    name,
                    user,
                    contact,
                    &made.date(),
                    came,
                ],
            );
        }
        for (position, (words, owner, due_on, done_on)) in (1_i16..).zip(*agreed) {
            let action = self.id();
            let done_on = done_on.filter(|day| *day <= self.today);
            self.copy.add(
                Table::MeetingActions,
                &[
                    &action,
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    &position,
                    words,
                    &owner.0,
                    &owner.1,
                    due_on,
                    &done_on,
                    &done_on.map(|day| afternoon(day).min(self.now)),
                    &done_on.map(|_| owner.0),
                ],
            );
        }
    }
}
