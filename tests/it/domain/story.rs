//! A case told in a few words, for the tables of the rules: who, where it stands, what is known, on which day.

use time::{Date, Duration, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    decision::{Command, Decision, Reasons, Refusal, decide},
    facts::{DayFact, Facts, IncidentFact, OpeningFacts, PupilFacts, ReviewFact, StepFact, TargetFact},
    ids::{IncidentId, MeetingId, SupportId, UserId},
    meeting::{Attendance, MeetingFact, MeetingKind, Minutes, Part},
    moves::Ground,
    policy::ProgrammePolicy,
    pupil::YearGroup,
    review::Rating,
    stage::{CaseState, Entry, Event, Stage},
    step::{Audience, Contract, EarlyHelp, Recognition, Step, Told, incident::Seriousness},
    support::{SupportFact, SupportKind},
};

/// Tuesday.
pub const TODAY: Date = date!(2026 - 11 - 24);

/// Everything a decision looks at.
#[derive(Clone, Debug)]
pub struct Known {
    pub case: CaseState,
    pub facts: Facts,
    pub policy: ProgrammePolicy,
    pub calendar: SchoolCalendar,
    pub today: Date,
}

pub fn calendar() -> SchoolCalendar {
    let term = |name: &str, from, to| Span { kind: SpanKind::Term, name: name.to_owned(), from, to };
    SchoolCalendar::new(vec![
        term("Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        term("Term 2", date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
        term("Term 3", date!(2027 - 01 - 04), date!(2027 - 02 - 12)),
        term("Term 4", date!(2027 - 02 - 22), date!(2027 - 03 - 25)),
    ])
}

/// A Year 9 pupil for whom everything a case at Stage 1 asks is there.
pub fn newcomer() -> Known {
    let facts = Facts {
        opening: OpeningFacts {
            rationale: true,
            strategies: 1,
            advice: 1,
            advice_open: 0,
            note_before: true,
            parents_know: true,
        },
        lead: Some((UserId::from(Uuid::nil()), "S Patel".to_owned())),
        head: Some("J Cole".to_owned()),
        decides: true,
        ..Facts::of_pupil(PupilFacts {
            year: YearGroup(9),
            enrolled: true,
            school_takes_part: true,
            open_case: None,
        })
    };
    Known {
        case: CaseState::None,
        facts,
        policy: ProgrammePolicy::first(),
        calendar: calendar(),
        today: TODAY,
    }
}

pub fn open_at_1() -> Command {
    Command::Open { stage: Stage::One, reason: Entry::Concern, incident: None, exclusion_in_view: false }
}

/// A case at a stage since a day, entered at `entry`, with one target and nothing else recorded.
pub fn at(stage: Stage, entry: Stage, since: Date) -> Known {
    let reason = if entry == Stage::One { Entry::Concern } else { Entry::SeriousIncident };
    let mut known = newcomer();
    known.case = CaseState::None.after(&Event::Opened { stage: entry, reason }, since).unwrap();
    if stage > entry {
        let up = Event::MovedUp { to: stage, reason: waymark::domain::stage::UpReason::Escalation };
        known.case = known.case.after(&up, since).unwrap();
    }
    known.facts.targets = vec![TargetFact {
        words: "Arrive on time".to_owned(),
        starts_on: since,
        due_on: date!(2026 - 12 - 11),
        written_on: since,
        rating: None,
    }];
    known
}

pub fn incident(n: u128) -> IncidentId {
    IncidentId::from(Uuid::from_u128(n))
}

impl Known {
    pub fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.facts);
        self
    }

    pub fn ground(&self) -> Ground<'_> {
        Ground {
            case: &self.case,
            facts: &self.facts,
            policy: &self.policy,
            calendar: &self.calendar,
            today: self.today,
        }
    }

    pub fn decide(&self, command: &Command) -> Result<Decision, Refusal> {
        self.decide_with(command, &Reasons::new())
    }

    pub fn decide_with(&self, command: &Command, reasons: &Reasons) -> Result<Decision, Refusal> {
        decide(command, reasons, &self.ground())
    }

    /// Clauses that keep a command from being decided: not met, and neither carried nor explained.
    pub fn missing(&self, command: &Command) -> Vec<&'static str> {
        use waymark::domain::decision::{Standing, standing};
        match self.decide(command) {
            Ok(_) => Vec::new(),
            Err(refusal) => refusal
                .requirements
                .iter()
                .filter(|r| matches!(standing(r, command), Standing::Blocks | Standing::AsksWhy))
                .map(|r| r.clause)
                .collect(),
        }
    }

    pub fn step(mut self, stage: Stage, on: Date, step: Step) -> Self {
        self.facts.steps.push(StepFact { step, stage, on });
        self
    }

    pub fn incident(mut self, n: u128, seriousness: Seriousness) -> Self {
        self.facts.incidents.push(IncidentFact { id: incident(n), on: self.today, seriousness });
        self
    }

    pub fn meeting(
        mut self,
        kind: MeetingKind,
        people: &[(Part, Attendance)],
        minutes: Minutes,
        signed: bool,
    ) -> Self {
        let held = self.today - Duration::days(7);
        self.facts.meetings.push((
            MeetingId::from(Uuid::now_v7()),
            MeetingFact {
                kind,
                stage: self.case.stage().unwrap_or(Stage::One),
                planned_on: held,
                held_on: Some(held),
                cancelled: false,
                final_on: signed.then_some(held),
                minutes,
                people: people.iter().map(|(part, came)| (*part, Some(*came))).collect(),
                asked: Vec::new(),
            },
        ));
        self
    }

    pub fn mentor(mut self) -> Self {
        self.facts.support.push((
            SupportId::from(Uuid::now_v7()),
            SupportFact {
                kind: SupportKind::Mentor,
                sessions_a_week: 1,
                starts_on: self.today - Duration::days(14),
                review_on: self.today + Duration::days(14),
                ended_on: None,
                prioritised: false,
                unanswered: false,
                declined: false,
                sessions: Vec::new(),
            },
        ));
        self
    }

    pub fn excused(mut self, on: Date) -> Self {
        self.facts.days.push(DayFact { on, recorded: 0, excused: true });
        self
    }

    /// The latest week reviewed with this light, every target rated with it.
    pub fn reviewed(mut self, light: Rating) -> Self {
        let week_on = waymark::domain::calendar::monday(self.today) - Duration::WEEK;
        for target in &mut self.facts.targets {
            target.rating = Some(light);
        }
        self.facts.reviews.push(ReviewFact {
            from_week_on: week_on,
            week_on,
            overall: light,
            rated: self.facts.targets.len(),
            signed_on: week_on + Duration::days(4),
            services: 1,
        });
        self
    }

    /// Everything the checklist of Stage 1 asks.
    pub fn checklist_of_stage_1(self) -> Self {
        let on = self.today - Duration::days(7);
        let parent = vec![waymark::domain::ids::ContactId::from(Uuid::nil())];
        self.meeting(MeetingKind::Stage1, &[(Part::Parent, Attendance::Present)], Minutes::default(), true)
            .mentor()
            .step(
                Stage::One,
                on,
                Step::ParentingContract { state: Contract::Declined, parent: None, words: None, until: None },
            )
            .step(
                Stage::One,
                on,
                Step::EarlyHelp {
                    decision: EarlyHelp::NotNeeded,
                    why: Some("A social worker is involved".to_owned()),
                    reference: None,
                    lead_professional: None,
                },
            )
            .step(
                Stage::One,
                on,
                Step::Explanation {
                    by_la: true,
                    by: "R Osei".to_owned(),
                    why_not_la: None,
                    parents: parent.clone(),
                    pupil: true,
                    how: Told::InPerson,
                    attempts: None,
                },
            )
            .step(Stage::One, on, leaflet(Audience::Parents))
            .step(Stage::One, on, leaflet(Audience::Pupil))
            .step(
                Stage::One,
                on,
                Step::Restorative {
                    appropriate: false,
                    why: "The pupil harmed does not want it".to_owned(),
                    safeguarding_asked: false,
                },
            )
            .step(
                Stage::One,
                on,
                Step::Recognition { what: Recognition::Reward, words: "Merit".to_owned(), target: None },
            )
    }
}

pub fn leaflet(audience: Audience) -> Step {
    Step::Leaflet {
        audience,
        version: "2026-11".to_owned(),
        language: "en".to_owned(),
        parent: None,
        how: Told::InPerson,
    }
}
