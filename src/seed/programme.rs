//! What the programme recorded for the cases of the demo: steps, meetings, support, incidents, proposals, and what
//! the headteacher was told. Most cases are kept well, some are behind, a few have what the programme names as an
//! edge.

use serde_json::json;
use time::{Date, Duration, Time};
use uuid::Uuid;

use super::{
    copy::Table,
    meetings::Meeting,
    placement,
    world::{Maker, Pupil, School, Somebody, afternoon, morning},
};
use crate::domain::{
    ids::ContactId,
    leaflet::LEAFLET_VERSION,
    meeting::Minutes,
    step::{Audience, EarlyHelp, NotTakingPart, Recognition, Step, Told},
};

/// A case of the demo, as its history is written.
#[derive(Clone)]
pub(super) struct Story<'a> {
    /// Its place among all cases: what is odd about it follows from this.
    pub n: usize,
    /// Its school's place.
    pub place: usize,
    pub id: Uuid,
    pub school: &'a School,
    pub pupil: &'a Pupil,
    /// Its school days up to today or its last day, the first one first.
    pub days: Vec<Date>,
    /// Stage and first day, in order.
    pub stages: Vec<(i16, Date)>,
    pub closed_on: Option<Date>,
}

/// The place of the case that everybody forgot.
const FORGOTTEN: usize = 19;
/// What was left undone longer ago than this was put right since.
const PUT_RIGHT: Duration = Duration::weeks(4);

impl Story<'_> {
    /// What was due on a day is still to be done, where `so` and it is not long ago.
    pub(super) fn behind(&self, on: Date, so: bool) -> bool {
        so && self.days.last().is_some_and(|last| *last - on < PUT_RIGHT)
    }

    /// The `k`th school day of the case, when it has come.
    pub(super) fn day(&self, k: usize) -> Option<Date> {
        self.days.get(k).copied()
    }

    /// The `k`th school day at a stage, when it has come and the case was still there.
    pub(super) fn day_of(&self, stage: i16, k: usize) -> Option<Date> {
        let (_, since) = self.stages.iter().find(|(s, _)| *s == stage)?;
        let at = self.days.iter().position(|day| day >= since)?;
        let day = self.day(at + k)?;
        let next = self.stages.iter().find(|(s, _)| *s == stage + 1);
        next.is_none_or(|(_, left)| day < *left).then_some(day)
    }

    pub(super) fn stage_on(&self, day: Date) -> i16 {
        self.stages.iter().rev().find(|(_, since)| *since <= day).map_or(1, |(stage, _)| *stage)
    }

    /// Nobody has got round to much: in cases that have just begun, and in one that was forgotten.
    pub(super) fn neglected(&self) -> bool {
        self.n == FORGOTTEN || (self.n % 20 == 19 && self.days.len() < 20)
    }

    pub(super) fn parent(&self) -> Vec<ContactId> {
        if self.pupil.barred { Vec::new() } else { vec![ContactId::from(self.pupil.contact)] }
    }
}

impl Maker {
    /// Everything recorded for a case.
    pub fn programme(&mut self, story: &Story<'_>, service: &Somebody) {
        self.tried(story);
        self.stage_1(story);
        self.stage_2(story);
        self.stage_3(story);
        self.supports(story, service);
        self.incidents(story);
        self.told(story);
        if story.closed_on.is_none() {
            self.proposal(story);
        }
    }

    /// R1.03: what the school had tried, and advice it was given; one piece of it is still open with some.
    pub(super) fn tried(&mut self, story: &Story<'_>) {
        let acted_on = (story.n % 6 != 2).then_some("Seats changed in three subjects");
        let tried = [
            (
                "school_support",
                "Report card to the head of year",
                "Six weeks last term",
                Some("Helped at first, then not"),
            ),
            ("service_advice", "Sit near the door, tasks in small steps", "Behaviour Support Team", acted_on),
        ];
        for (position, (kind, what, detail, outcome)) in (1_i16..).zip(tried) {
            let id = self.id();
            self.copy.add(
                Table::Strategies,
                &[
                    &id,
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &kind,
                    &what,
                    &detail,
                    &outcome,
                    &position,
                ],
            );
        }
    }

    pub(super) fn step(&mut self, story: &Story<'_>, on: Date, step: &Step) {
        let id = self.id();
        let incident = match step {
            Step::Stage3Considered { incident, .. } => Some(incident.uuid()),
            _ => None,
        };
        self.copy.add(
            Table::Steps,
            &[
                &id,
                &self.authority,
                &story.school.id,
                &story.id,
                &step.kind().as_str(),
                &story.stage_on(on),
                &on,
                &json!(step).to_string(),
                &incident,
                &on,
                &afternoon(on).min(self.now),
                &story.school.lead.0,
            ],
        );
    }

    pub(super) fn stage_1(&mut self, story: &Story<'_>) {
        let parents = story.parent();
        let leaflet = |audience, parent| Step::Leaflet {
            audience,
            version: LEAFLET_VERSION.to_owned(),
            language: "en".to_owned(),
            parent,
            how: Told::InPerson,
        };
        if let Some(on) = story.day(1) {
            if let [parent, ..] = parents[..] {
                self.step(story, on, &leaflet(Audience::Parents, Some(parent)));
            }
            if !story.behind(on, story.n % 7 == 3) {
                self.step(story, on, &leaflet(Audience::Pupil, None));
            }
        }
        if let Some(on) = story.day(2).filter(|_| !story.neglected()) {
            let by_la = story.n % 6 != 5;
            let by = if by_la { self.la.1.clone() } else { story.school.lead.1.clone() };
            let step = Step::Explanation {
                by_la,
                by,
                why_not_la: (!by_la)
                    .then(|| "The LA representative was ill and asked us to go ahead.".to_owned()),
                attempts: parents.is_empty().then(|| "A court order keeps the only parent away.".to_owned()),
                parents: parents.clone(),
                pupil: true,
                how: Told::InPerson,
            };
            self.step(story, on, &step);
        }
        self.first_meeting(story);
        if let Some(on) = story.day(4).filter(|on| !story.behind(*on, story.n % 13 == 6)) {
            let (decision, why) = match story.n % 4 {
                0 => (EarlyHelp::Start, None),
                1 => (EarlyHelp::AlreadyOpen, Some("Open since last spring.")),
                2 => (EarlyHelp::NotNeeded, Some("A social worker is involved (child in need).")),
                _ => (EarlyHelp::Declined, Some("Mother would rather wait until after Christmas.")),
            };
            let step = Step::EarlyHelp {
                decision,
                why: why.map(str::to_owned),
                reference: (decision == EarlyHelp::Start).then(|| format!("EH-{:05}", 20_100 + story.n)),
                lead_professional: (decision == EarlyHelp::AlreadyOpen).then(|| "School nurse".to_owned()),
            };
            self.step(story, on, &step);
        }
        if let Some(on) = story.day(5).filter(|_| !story.neglected()) {
            let (appropriate, why) = if story.n.is_multiple_of(3) {
                (true, "Both pupils want to talk about what happened in the dining hall.")
            } else {
                (false, "Nobody in particular was harmed.")
            };
            let step =
                Step::Restorative { appropriate, why: why.to_owned(), safeguarding_asked: appropriate };
            self.step(story, on, &step);
            if appropriate && let Some(held) = story.day(9) {
                self.restorative(story, held);
            }
        }
        for k in (7..story.days.len()).step_by(11) {
            let Some(on) = story.day(k) else { continue };
            let (what, words) = match k % 4 {
                0 => (Recognition::Sanction, "Detention for leaving the lesson without asking"),
                1 => (Recognition::SchoolSystem, "Looked at with the pupil: 6 merits, 1 behaviour point"),
                2 => (Recognition::Reward, "Headteacher’s postcard home"),
                _ => (Recognition::Reward, "Three merits for a calm week"),
            };
            self.step(story, on, &Step::Recognition { what, words: words.to_owned(), target: None });
        }
        if story.n == 21
            && let Some(on) = story.day(6)
        {
            let words = "Does not see the point of the daily card. The school’s support goes on as it is.";
            let step = Step::Participation { who: NotTakingPart::Pupil, words: words.to_owned() };
            self.step(story, on, &step);
        }
    }

    pub(super) fn stage_2(&mut self, story: &Story<'_>) {
        let parents = story.parent();
        let Some(on) = story.day_of(2, 1) else { return };
        self.step(story, on, &Step::Services { names: vec!["Behaviour Support Team".to_owned()] });
        if let Some(on) = story.day_of(2, 3).filter(|_| !story.neglected()) {
            let step = Step::SanctionsAdvised {
                parents: parents.clone(),
                pupil: true,
                how: Told::InPerson,
                policy: "Behaviour policy, September 2026, section 6".to_owned(),
            };
            self.step(story, on, &step);
            let step = Step::OutcomesReminded {
                if_improves: true,
                if_not: !story.behind(on, story.n % 6 == 1),
                parents: parents.clone(),
                pupil: true,
                how: Told::InPerson,
            };
            self.step(story, on, &step);
            let step = Step::EarlyHelp {
                decision: EarlyHelp::AlreadyOpen,
                why: Some("Reviewed with the lead professional; goes on.".to_owned()),
                reference: None,
                lead_professional: Some("School nurse".to_owned()),
            };
            self.step(story, on, &step);
        }
        let Some(held) = story.day_of(2, 4) else { return };
        let (lead, la) = (story.school.lead.clone(), self.la.clone());
        let signed = !story.behind(held, story.n % 10 == 8);
        let minutes = Minutes {
            notes: Some("The plan of Stage 1 was gone through target by target.".to_owned()),
            decisions: signed
                .then(|| "Stay at Stage 2, two sessions a week with the behaviour support team.".to_owned()),
            earlier_plans: Some("Mentoring helped in the morning; the afternoon did not change.".to_owned()),
            further_support: Some("Behaviour support team, twice a week.".to_owned()),
            strategies: Some("Seat by the door, a task on the desk before the lesson begins.".to_owned()),
            without_parent: story
                .pupil
                .barred
                .then(|| "A court order keeps the only parent away.".to_owned()),
            ..Minutes::default()
        };
        let people = [
            ("pupil", story.pupil.given.as_str(), None, None, Some("present")),
            ("lead", lead.1.as_str(), Some(lead.0), None, Some("present")),
            ("la_representative", la.1.as_str(), Some(la.0), None, Some("video")),
            ("support_service", "Behaviour Support Team", None, None, Some("present")),
        ];
        let agreed = [(
            "Agree the days with the behaviour support team",
            &lead,
            held + Duration::days(7),
            Some(held + Duration::days(6)),
        )];
        let final_on = signed.then_some(held);
        let meeting = Meeting { final_on, ..Meeting::held("stage_2", held, &minutes, &people, &agreed) };
        self.meeting(story, &meeting);
    }

    pub(super) fn incidents(&mut self, story: &Story<'_>) {
        let what = [
            "Threw a chair across the room after being told to move; nobody was hurt.",
            "Pushed another pupil in the corridor, who fell against a door.",
            "Left the site at lunchtime and was brought back by the police.",
            "Called a teacher names in front of the class and refused to leave.",
        ];
        if story.n.is_multiple_of(3)
            && let Some(on) = story.day(6 + story.n % 17)
        {
            let seriousness = if story.n.is_multiple_of(2) { "serious" } else { "concern" };
            self.incident(story, on, seriousness, what[story.n / 3 % what.len()]);
        }
        // P2.03a: one that asks the headteacher to consider Stage 3.
        if story.n == 5 && story.closed_on.is_none() {
            let on = story.days.last().copied().unwrap_or(self.today);
            self.incident(
                story,
                on,
                "very_serious",
                "Brought a knife to school; it was handed over without a struggle.",
            );
        }
    }

    pub(super) fn incident(&mut self, story: &Story<'_>, on: Date, seriousness: &str, what: &str) -> Uuid {
        let (id, authority, school, by) = (self.id(), self.authority, story.school.id, story.school.lead.0);
        let (place, written) = (
            *self.pick(&["Corridor", "Dining hall", "Science block", "Classroom 14"]),
            afternoon(on).min(self.now),
        );
        let followed = (seriousness != "concern").then_some("Parents rung the same day; statements taken.");
        self.copy.add(
            Table::Incidents,
            &[
                &id,
                &authority,
                &school,
                &story.pupil.id,
                &story.pupil.enrolment,
                &story.id,
                &on,
                &at(11, 40),
                &place,
                &what,
                &seriousness,
                &followed,
                &written,
                &by,
                &written,
                &by,
            ],
        );
        self.copy.add(
            Table::IncidentVersions,
            &[
                &authority,
                &school,
                &id,
                &1_i32,
                &on,
                &at(11, 40),
                &place,
                &what,
                &seriousness,
                &followed,
                &written,
                &by,
            ],
        );
        for (position, (part, who)) in
            (1_i16..).zip([("harmed", "Another pupil of the year"), ("saw", "The class teacher")])
        {
            self.copy.add(Table::IncidentPeople, &[&authority, &school, &id, &position, &part, &who]);
        }
        id
    }

    /// P2.01: what the headteacher was told; older things have been opened.
    pub(super) fn told(&mut self, story: &Story<'_>) {
        let mut told: Vec<_> = story
            .stages
            .iter()
            .enumerate()
            .map(|(n, (_, on))| (if n == 0 { "opened" } else { "moved" }, *on))
            .collect();
        if let Some(closed) = story.closed_on {
            told.push((if story.ended_as() == "progress" { "exited" } else { "closed" }, closed));
        }
        for (kind, on) in told {
            let id = self.id();
            let seen = (on < self.today - Duration::days(10)).then(|| morning(on + Duration::DAY));
            self.copy.add(
                Table::Notices,
                &[
                    &id,
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &kind,
                    &on,
                    &afternoon(on).min(self.now),
                    &seen,
                    &seen.map(|_| story.school.head.0),
                ],
            );
        }
    }

    pub(super) fn proposal(&mut self, story: &Story<'_>) {
        let stage = story.stages.last().map_or(1, |(stage, _)| *stage);
        let (command, words) = match (story.n % 16, stage) {
            (4, 1) => (
                json!({"command": "move_up", "to": 2, "reason": "not_improving", "incident": null, "exclusion_in_view": false}),
                "Five weeks of targets and mentoring have not changed the afternoons.",
            ),
            (2, 1 | 2) => (
                json!({"command": "exit", "told_parents": true, "told_pupil": true, "recognised": true}),
                "Four green weeks. The tutor will keep an eye on Mondays.",
            ),
            _ => return,
        };
        let on = story.days.get(story.days.len().saturating_sub(3)).copied().unwrap_or(self.today);
        let (id, notice) = (self.id(), self.id());
        let (authority, school, at) = (self.authority, story.school.id, afternoon(on).min(self.now));
        self.copy.add(
            Table::Proposals,
            &[
                &id,
                &authority,
                &school,
                &story.id,
                &command.to_string(),
                &"{}",
                &words,
                &on,
                &at,
                &story.school.lead.0,
            ],
        );
        let nobody: Option<Uuid> = None;
        let never: Option<Date> = None;
        self.copy.add(
            Table::Notices,
            &[&notice, &authority, &school, &story.id, &"proposed", &on, &at, &never, &nobody],
        );
    }
}

impl Story<'_> {
    /// How a closed case ended.
    pub(super) fn ended_as(&self) -> &'static str {
        if let Some(course) = placement::course(self.n) {
            return course.ended_as();
        }
        match self.n % 12 {
            3 => "left",
            7 => "moved_out",
            _ => "progress",
        }
    }
}

pub(super) fn at(hour: u8, minute: u8) -> Time {
    Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT)
}
