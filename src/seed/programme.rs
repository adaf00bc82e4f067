//! What the programme recorded for the cases of the demo: steps, meetings, support, incidents, proposals, and what
//! the headteacher was told. Most cases are kept well, some are behind, a few have what the programme names as an
//! edge.

use serde_json::json;
use time::{Date, Duration, Time};
use uuid::Uuid;

use super::{
    copy::Table,
    world::{Maker, Pupil, School, Somebody, afternoon, morning},
};
use crate::domain::{
    ids::{ContactId, IncidentId},
    leaflet::LEAFLET_VERSION,
    meeting::{Minutes, Psp},
    step::{Audience, Contract, EarlyHelp, NotTakingPart, Recognition, Step, Told},
    support::{Priority, SupportKind},
};

/// A case of the demo, as its history is written.
#[derive(Clone)]
pub(super) struct Story<'a> {
    /// Its place among all cases: what is odd about it follows from this.
    pub n: usize,
    pub id: Uuid,
    pub school: &'a School,
    pub pupil: &'a Pupil,
    /// Its school days up to today or its last day, the first one first.
    pub days: Vec<Date>,
    /// Stage and first day, in order.
    pub stages: Vec<(i16, Date)>,
    pub closed_on: Option<Date>,
}

impl Story<'_> {
    /// The `k`th school day of the case, when it has come.
    fn day(&self, k: usize) -> Option<Date> {
        self.days.get(k).copied()
    }

    /// The `k`th school day at a stage, when it has come and the case was still there.
    fn day_of(&self, stage: i16, k: usize) -> Option<Date> {
        let (_, since) = self.stages.iter().find(|(s, _)| *s == stage)?;
        let at = self.days.iter().position(|day| day >= since)?;
        let day = self.day(at + k)?;
        let next = self.stages.iter().find(|(s, _)| *s == stage + 1);
        next.is_none_or(|(_, left)| day < *left).then_some(day)
    }

    fn stage_on(&self, day: Date) -> i16 {
        self.stages.iter().rev().find(|(_, since)| *since <= day).map_or(1, |(stage, _)| *stage)
    }

    /// Nobody has got round to much.
    pub(super) fn neglected(&self) -> bool {
        self.n % 10 == 9
    }

    fn parent(&self) -> Vec<ContactId> {
        if self.pupil.barred { Vec::new() } else { vec![ContactId::from(self.pupil.contact)] }
    }
}

/// Somebody asked to a meeting: part, name, account, contact, whether they came.
type Asked<'a> = (&'a str, &'a str, Option<Uuid>, Option<Uuid>, Option<&'a str>);

/// Something agreed: words, owner, the day it is due, the day it was done.
type Agreed<'a> = (&'a str, &'a Somebody, Date, Option<Date>);

/// A meeting with who was asked and what was agreed.
struct Meeting<'a> {
    kind: &'a str,
    planned_on: Date,
    held_on: Option<Date>,
    final_on: Option<Date>,
    minutes: &'a Minutes,
    people: &'a [Asked<'a>],
    agreed: &'a [Agreed<'a>],
}

impl<'a> Meeting<'a> {
    /// Held on the day it was planned for, its minutes signed off the same day.
    fn held(
        kind: &'a str,
        on: Date,
        minutes: &'a Minutes,
        people: &'a [Asked<'a>],
        agreed: &'a [Agreed<'a>],
    ) -> Self {
        Self { kind, planned_on: on, held_on: Some(on), final_on: Some(on), minutes, people, agreed }
    }
}

/// Support as it was arranged.
struct Arranged<'a> {
    kind: SupportKind,
    purpose: &'a str,
    provider: &'a str,
    given_by: &'a Somebody,
    a_week: i16,
    from: Date,
    priority: Priority,
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
    fn tried(&mut self, story: &Story<'_>) {
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

    fn step(&mut self, story: &Story<'_>, on: Date, step: &Step) {
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

    fn stage_1(&mut self, story: &Story<'_>) {
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
            if story.n % 7 != 3 {
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
        if let Some(on) = story.day(4).filter(|_| story.n % 13 != 6) {
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

    fn first_meeting(&mut self, story: &Story<'_>) {
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
                (story.n % 5 != 1).then(|| held + Duration::days(10)),
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

    fn restorative(&mut self, story: &Story<'_>, held: Date) {
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

    fn stage_2(&mut self, story: &Story<'_>) {
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
                if_not: story.n % 6 != 1,
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
        let signed = story.n % 10 != 8;
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

    fn stage_3(&mut self, story: &Story<'_>) {
        let Some(on) = story.day_of(3, 0) else { return };
        let incident = self.incident(
            story,
            on,
            "very_serious",
            "Hit another pupil with a chair; both were seen by the nurse.",
        );
        let step = Step::Stage3Considered {
            incident: IncidentId::from(incident),
            move_to_3: true,
            why:
                "A permanent exclusion was considered. The headteacher would rather try what Stage 3 offers."
                    .to_owned(),
        };
        self.step(story, on, &step);
    }

    fn meeting(&mut self, story: &Story<'_>, meeting: &Meeting<'_>) {
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

    fn supports(&mut self, story: &Story<'_>, service: &Somebody) {
        if story.neglected() {
            return;
        }
        if let Some(from) = story.day(5) {
            let mentor = Arranged {
                kind: SupportKind::Mentor,
                purpose: "Somebody to talk to before the day begins, and a plan for the lessons after break",
                provider: "The school",
                given_by: &story.school.tutor,
                a_week: 1,
                from,
                priority: Priority::NotAsked,
            };
            self.support(story, &mentor);
            if story.n % 4 == 1
                && let Some(from) = story.day(8)
            {
                let unit = Arranged {
                    kind: SupportKind::LearningSupportUnit,
                    purpose: "English and mathematics in the learning support unit until half-term",
                    a_week: 3,
                    from,
                    ..mentor
                };
                self.support(story, &unit);
            }
        }
        if let Some(from) = story.day_of(2, 6).or_else(|| story.day(10).filter(|_| story.n.is_multiple_of(5)))
        {
            let behaviour = Arranged {
                kind: SupportKind::BehaviourSupport,
                purpose: "Managing anger when corrected in front of others",
                provider: "Behaviour Support Team",
                given_by: service,
                a_week: 2,
                from,
                priority: match story.n % 5 {
                    0 | 1 => Priority::Agreed,
                    2 => Priority::Declined,
                    _ => Priority::Waiting,
                },
            };
            self.support(story, &behaviour);
        }
    }

    /// Support with its sessions.
    fn support(&mut self, story: &Story<'_>, arranged: &Arranged<'_>) {
        let Arranged { kind, purpose, provider, given_by, a_week, from, priority } = *arranged;
        let (id, authority, school, lead) = (self.id(), self.authority, story.school.id, story.school.lead.0);
        let ended = story.closed_on;
        let mut review = from + Duration::weeks(6);
        // Looked at every six weeks; with a few it was forgotten.
        while review < self.today && story.n % 9 != 5 {
            review += Duration::weeks(6);
        }
        let (asked, agreed, declined) = (
            (priority != Priority::NotAsked).then_some(from),
            (priority == Priority::Agreed).then_some(from),
            (priority == Priority::Declined).then_some(from),
        );
        let answered_at = agreed.or(declined).map(|_| afternoon(from).min(self.now));
        self.copy.add(
            Table::Supports,
            &[
                &id,
                &authority,
                &school,
                &story.id,
                &kind.as_str(),
                &purpose,
                &provider,
                &given_by.0,
                &given_by.1,
                &a_week,
                &from,
                &review,
                &agreed.is_some(),
                &asked,
                &asked.map(|_| lead),
                &agreed,
                &agreed.map(|_| given_by.0),
                &declined,
                &declined.map(|_| "No place before February."),
                &answered_at,
                &answered_at.map(|_| given_by.0),
                &ended,
                &ended.map(|_| ["helped", "helped_some", "no_change"][story.n % 3]),
                &ended.map(|_| "The case has ended."),
                &morning(from),
                &lead,
                &ended.map_or(morning(from), |day| afternoon(day).min(self.now)),
                &lead,
            ],
        );
        if declined.is_some() {
            return;
        }
        let every = usize::try_from(5 / a_week.max(1)).unwrap_or(5).max(1);
        let days: Vec<_> =
            story.days.iter().copied().filter(|day| *day >= from && *day < self.today).collect();
        for day in days.iter().step_by(every) {
            let delivered = !self.chance(14);
            let why = (!delivered).then(|| {
                *self.pick(&[
                    "The pupil was absent",
                    "The room was needed for an examination",
                    "No member of staff was free",
                ])
            });
            let session = self.id();
            self.copy.add(
                Table::Sessions,
                &[
                    &session,
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    day,
                    &delivered,
                    &why,
                    &afternoon(*day).min(self.now),
                    &given_by.0,
                ],
            );
        }
    }

    fn incidents(&mut self, story: &Story<'_>) {
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

    fn incident(&mut self, story: &Story<'_>, on: Date, seriousness: &str, what: &str) -> Uuid {
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
    fn told(&mut self, story: &Story<'_>) {
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

    fn proposal(&mut self, story: &Story<'_>) {
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
        match self.n % 12 {
            3 => "left",
            7 => "moved_out",
            _ => "progress",
        }
    }
}

fn at(hour: u8, minute: u8) -> Time {
    Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT)
}
