//! The programme as `domain` has it: records become facts, wishes become commands, answers become verdicts.

use time::{Date, Duration};
use uuid::Uuid;
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind, monday},
    decision::{Command, Decision, Reasons, Refusal, decide},
    facts::{DayFact, Facts, IncidentFact, OpeningFacts, PupilFacts, ReviewFact, StepFact, TargetFact},
    ids::{CaseId, ContactId, IncidentId, MeetingId, SupportId, UserId},
    meeting::{Asked, Attendance, MeetingFact, MeetingKind, Minutes, Part},
    policy::ProgrammePolicy,
    pupil::YearGroup,
    review::Rating,
    rules::Class,
    stage::{CaseState, Event, Stage},
    stage_3::{Alternative, AlternativeFact, Status},
    step::{Audience, Contract, EarlyHelp, NotTakingPart, Recognition, Step, Told, incident::Seriousness},
    support::{SupportFact, SupportKind},
};

pub use waymark::domain::moves::Ground;

use super::{
    actions::{Light, Meeting, Record, Want, Wish},
    reference::{Clauses, TERMS, TRAINING, Verdict},
};

/// What decides: the programme's own rules, or for a control something that got one wrong.
pub type Law = fn(&Command, &Reasons, &Ground<'_>) -> Answer;

/// An answer: the verdict, and where the case then stands when it is allowed.
#[derive(Clone, Debug)]
pub struct Answer {
    pub verdict: Verdict,
    pub after: Option<CaseState>,
}

/// The rules as they are.
pub fn the_law(command: &Command, reasons: &Reasons, on: &Ground<'_>) -> Answer {
    match decide(command, reasons, on) {
        Ok(decision) => Answer { after: Some(*decision.after()), verdict: allowed(&decision) },
        Err(refusal) => Answer { after: None, verdict: refused(command, reasons, &refusal) },
    }
}

fn allowed(decision: &Decision) -> Verdict {
    let list = decision.requirements();
    let clause = |kept: &String| {
        list.iter()
            .find(|r| r.clause == kept)
            .map(|r| r.clause)
            .expect("a reason is for a clause of the list")
    };
    // What a must is for: nothing gets past it.
    assert!(list.iter().all(|r| r.met || r.class != Class::Must), "a must was let through: {list:?}");
    Verdict::Allowed {
        explained: decision.reasons().keys().map(clause).collect(),
        owed: decision.unexplained().iter().map(clause).collect(),
        open: decision.carried().filter(|r| r.class != Class::Should).map(|r| r.clause).collect(),
    }
}

fn refused(command: &Command, reasons: &Reasons, refusal: &Refusal) -> Verdict {
    let completes = matches!(command, Command::Exit { .. });
    let (mut must, mut why) = (Clauses::new(), Clauses::new());
    for r in refusal.requirements.iter().filter(|r| !r.met) {
        match r.class {
            Class::Must => drop(must.insert(r.clause)),
            Class::Check | Class::Consider if completes => drop(must.insert(r.clause)),
            Class::Check | Class::Consider => {}
            Class::Should => {
                if reasons.get(r.clause).is_none_or(|words| words.trim().is_empty()) {
                    why.insert(r.clause);
                }
            }
        }
    }
    assert_eq!(refusal.only_needs_reasons(), must.is_empty(), "{refusal:?}");
    Verdict::Refused { must, why }
}

/// A case with its records and its history.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: CaseId,
    pub state: CaseState,
    pub history: Vec<(Event, Date)>,
    facts: Facts,
    /// Last days of the targets, in their order.
    last_days: Vec<Option<Date>>,
    /// Entries to Stage 3 at which every alternative was looked at, by their day.
    looked: Vec<Date>,
}

/// A pupil with every case there was.
#[derive(Clone, Debug)]
pub struct Programme {
    law: Law,
    policy: ProgrammePolicy,
    calendar: SchoolCalendar,
    pub today: Date,
    year: YearGroup,
    on_roll: bool,
    incidents: Vec<IncidentFact>,
    pub cases: Vec<Held>,
}

/// The calendar of the stories.
fn calendar() -> SchoolCalendar {
    let span = |kind, from, to| Span { kind, name: "Term".to_owned(), from, to };
    let terms = TERMS.into_iter().map(|(from, to)| span(SpanKind::Term, from, to));
    SchoolCalendar::new(terms.chain([span(SpanKind::Inset, TRAINING, TRAINING)]).collect())
}

fn stage(number: u8) -> Stage {
    Stage::of(i16::from(number)).expect("stories have stages 1 to 3")
}

/// The command a wish becomes.
pub fn command(want: &Want, incident: Option<IncidentId>, today: Date) -> Command {
    let named = |named: bool| incident.filter(|_| named);
    match want {
        Want::Open { stage: at, reason, incident, in_view, .. } => Command::Open {
            stage: stage(*at),
            reason: *reason,
            incident: named(*incident),
            exclusion_in_view: *in_view,
        },
        Want::Up { to, reason, incident, in_view } => Command::MoveUp {
            to: stage(*to),
            reason: *reason,
            incident: named(*incident),
            exclusion_in_view: *in_view,
        },
        Want::Down { to } => Command::StepDown { to: stage(*to) },
        Want::Extend { days } => Command::Extend { until: today + Duration::days(*days) },
        Want::Exit { parents, pupil, recognised } => {
            Command::Exit { told_parents: *parents, told_pupil: *pupil, recognised: *recognised }
        }
        Want::Close(ending) => Command::Close { ending: *ending },
        Want::Reopen { stage: at, .. } => Command::Reopen { stage: stage(*at) },
    }
}

impl Programme {
    pub fn new(law: Law, today: Date, year: i16) -> Self {
        Self {
            law,
            policy: ProgrammePolicy::first(),
            calendar: calendar(),
            today,
            year: YearGroup(year),
            on_roll: true,
            incidents: Vec::new(),
            cases: Vec::new(),
        }
    }

    fn pupil(&self) -> PupilFacts {
        PupilFacts { year: self.year, enrolled: self.on_roll, school_takes_part: true, open_case: None }
    }

    pub fn wait(&mut self, days: i64) {
        let born = time::macros::date!(2013 - 01 - 01);
        let offset = self.year.0 - YearGroup::usual(born, self.today).0;
        self.today += Duration::days(days);
        self.year = YearGroup::actual(born, offset, self.today);
    }

    pub fn on_roll(&mut self, on_roll: bool) {
        self.on_roll = on_roll;
    }

    pub fn incident(&mut self, grave: bool) {
        let seriousness = if grave { Seriousness::Serious } else { Seriousness::Concern };
        self.incidents.push(IncidentFact {
            id: Uuid::from_u128(self.incidents.len() as u128 + 1).into(),
            on: self.today,
            seriousness,
        });
    }

    /// What is known of a case today; without one, of the pupil.
    fn facts(&self, about: Option<usize>, by_head: bool) -> Facts {
        let mut facts = about.map_or_else(
            || Facts::of_pupil(self.pupil()),
            |n| {
                let held = &self.cases[n];
                let mut facts = held.facts.clone();
                let today = self.today;
                let over = |last: Option<Date>| last.filter(|last| *last < today);
                let spans = || held.facts.targets.iter().zip(&held.last_days);
                facts.earlier_targets =
                    spans().filter_map(|(target, last)| Some((target.starts_on, over(*last)?))).collect();
                facts.targets = spans()
                    .filter(|(_, last)| over(**last).is_none())
                    .map(|(target, _)| target.clone())
                    .collect();
                if entered_3(&held.state).is_some_and(|day| held.looked.contains(&day)) {
                    facts.alternatives = none_chosen();
                }
                facts
            },
        );
        facts.pupil = self.pupil();
        facts.pupil.open_case = self
            .cases
            .iter()
            .enumerate()
            .find(|(n, other)| Some(*n) != about && other.state.is_open())
            .map(|(_, other)| (other.id, true));
        facts.decides = by_head;
        facts.incidents.clone_from(&self.incidents);
        facts
    }

    fn weigh(&self, state: &CaseState, facts: &Facts, command: &Command, reasons: &Reasons) -> Answer {
        let ground =
            Ground { case: state, facts, policy: &self.policy, calendar: &self.calendar, today: self.today };
        (self.law)(command, reasons, &ground)
    }

    fn command(&self, want: &Want) -> Command {
        command(want, self.incidents.last().map(|incident| incident.id), self.today)
    }

    /// What the rules answer, about this case of the pupil.
    pub fn answer(&self, wish: &Wish, about: Option<usize>) -> Answer {
        let reasons = wish.reasons.given().into_iter().map(|(c, w)| (c.to_owned(), w.to_owned())).collect();
        let command = self.command(&wish.what);
        if let Want::Open { lead, rationale, tried, .. } = &wish.what {
            // A case that opens is a case of its own.
            let mut facts = self.facts(None, wish.by_head);
            facts.lead = lead.then(|| (UserId::from(Uuid::nil()), "S Patel".to_owned()));
            let n = usize::from(*tried);
            facts.opening = OpeningFacts {
                rationale: *rationale,
                strategies: n,
                advice: n,
                advice_open: 0,
                note_before: true,
                parents_know: true,
            };
            return self.weigh(&CaseState::None, &facts, &command, &reasons);
        }
        let state = about.map_or(CaseState::None, |n| self.cases[n].state);
        self.weigh(&state, &self.facts(about, wish.by_head), &command, &reasons)
    }

    /// What a command on the case as it stands would be told, with a reason for everything.
    pub fn even_so(&self, about: usize, command: &Command, reasons: &Reasons, by_head: bool) -> Answer {
        self.weigh(&self.cases[about].state, &self.facts(Some(about), by_head), command, reasons)
    }

    /// Keeps what was decided.
    pub fn happens(&mut self, wish: &Wish, about: Option<usize>, after: CaseState) {
        let event = self.command(&wish.what).event();
        if matches!(wish.what, Want::Open { .. }) {
            let mut facts = Facts::of_pupil(self.pupil());
            facts.lead = Some((UserId::from(Uuid::nil()), "S Patel".to_owned()));
            facts.head = Some("J Cole".to_owned());
            self.cases.push(Held {
                id: Uuid::from_u128(self.cases.len() as u128 + 1).into(),
                state: after,
                history: vec![(event, self.today)],
                facts,
                last_days: Vec::new(),
                looked: Vec::new(),
            });
        } else if let Some(held) = about.and_then(|n| self.cases.get_mut(n)) {
            held.state = after;
            held.history.push((event, self.today));
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of record, read top to bottom")]
    /// Keeps a record in the pupil's open case. `services`: support services were said to be involved.
    pub fn record(&mut self, record: &Record, services: bool) {
        let (today, calls) = (self.today, self.incidents.last().map(|incident| incident.id));
        let Some(held) = self.cases.last_mut() else { return };
        let at = held.state.stage().unwrap_or(Stage::One);
        let facts = &mut held.facts;
        let standing = held.last_days.iter().position(Option::is_none);
        match record {
            Record::Target => {
                facts.targets.push(TargetFact {
                    words: "Arrive on time".to_owned(),
                    starts_on: today,
                    due_on: today + Duration::weeks(3),
                    written_on: today,
                    rating: None,
                });
                held.last_days.push(None);
            }
            Record::TargetAnew => {
                if let Some(n) = standing {
                    facts.targets[n].written_on = today;
                }
            }
            Record::TargetEnds => {
                if let Some(n) = standing {
                    held.last_days[n] = Some(today);
                }
            }
            Record::Excused(ago) => {
                let on = today - Duration::days(*ago);
                if !facts.days.iter().any(|day| day.on == on) {
                    facts.days.push(DayFact { on, recorded: 0, excused: true });
                }
            }
            Record::Planned(kind) => facts.meetings.push((
                MeetingId::from(Uuid::from_u128(facts.meetings.len() as u128)),
                MeetingFact {
                    kind: kind_of(*kind),
                    stage: at,
                    planned_on: today,
                    held_on: None,
                    cancelled: false,
                    final_on: None,
                    minutes: Minutes::default(),
                    people: vec![(Part::Parent, None), (Part::SupportService, None)],
                    asked: vec![Asked { key: "lead".to_owned(), name: "S Patel".to_owned() }],
                },
            )),
            Record::Held(kind, service) => {
                if let Some(meeting) = unsigned(facts, *kind) {
                    hold(meeting, *service, today);
                }
            }
            Record::Signed(kind) => {
                if let Some(meeting) = unsigned(facts, *kind) {
                    if meeting.held_on.is_none() {
                        hold(meeting, false, today);
                    }
                    if services && !meeting.had(Part::SupportService) {
                        meeting.minutes.without_service = Some("Ill that day".to_owned());
                    }
                    meeting.final_on = Some(today);
                }
            }
            Record::Support { own } => facts.support.push((
                SupportId::from(Uuid::from_u128(facts.support.len() as u128)),
                SupportFact {
                    kind: if *own { SupportKind::Mentor } else { SupportKind::BehaviourSupport },
                    sessions_a_week: 1,
                    starts_on: today,
                    review_on: today + Duration::weeks(4),
                    ended_on: None,
                    prioritised: false,
                    unanswered: false,
                    declined: false,
                    sessions: Vec::new(),
                },
            )),
            Record::SupportEnds => {
                if let Some((_, support)) = facts.support.iter_mut().find(|(_, s)| s.ended_on.is_none()) {
                    support.ended_on = Some(today);
                }
            }
            Record::Reviewed(light) => {
                let light = match light {
                    Light::Green => Rating::Green,
                    Light::Amber => Rating::Amber,
                };
                for (target, last) in facts.targets.iter_mut().zip(&held.last_days) {
                    if last.is_none_or(|last| last >= today) {
                        target.rating = Some(light);
                    }
                }
                let week_on = monday(today);
                facts.reviews.retain(|review| review.week_on != week_on);
                facts.reviews.push(ReviewFact {
                    from_week_on: week_on,
                    week_on,
                    overall: light,
                    rated: facts.targets.len(),
                    signed_on: today,
                    services: 0,
                });
            }
            Record::Looked => held.looked.extend(entered_3(&held.state)),
            Record::EarlyHelp
            | Record::Explanation { .. }
            | Record::Leaflet { .. }
            | Record::Contract
            | Record::Restorative { .. }
            | Record::Recognition
            | Record::SanctionsAdvised { .. }
            | Record::OutcomesReminded { .. }
            | Record::Stage3Considered
            | Record::Participation
            | Record::Services { .. }
            | Record::NotApplicable(_) => {
                facts.steps.push(StepFact { step: step(record, calls), stage: at, on: today });
            }
        }
    }
}

/// The day a case came to Stage 3, while it is there.
fn entered_3(state: &CaseState) -> Option<Date> {
    match state {
        CaseState::Open { stage: Stage::Three, since, .. } => Some(*since),
        _ => None,
    }
}

fn none_chosen() -> Vec<AlternativeFact> {
    let named = Alternative::ALL.iter().filter(|kind| kind.named());
    named
        .map(|kind| AlternativeFact { kind: *kind, considered: true, status: Status::NotChosen, plan: None })
        .collect()
}

fn kind_of(kind: Meeting) -> MeetingKind {
    match kind {
        Meeting::Stage1 => MeetingKind::Stage1,
        Meeting::Stage2 => MeetingKind::Stage2,
        Meeting::Stage3 => MeetingKind::Stage3,
        Meeting::Restorative => MeetingKind::Restorative,
        Meeting::Review => MeetingKind::Review,
    }
}

fn unsigned(facts: &mut Facts, kind: Meeting) -> Option<&mut MeetingFact> {
    let kind = kind_of(kind);
    facts.meetings.iter_mut().map(|(_, meeting)| meeting).find(|m| m.kind == kind && m.final_on.is_none())
}

fn hold(meeting: &mut MeetingFact, service: bool, today: Date) {
    let came = if service { Attendance::Video } else { Attendance::Apologies };
    meeting.held_on = Some(today);
    meeting.people = vec![(Part::Parent, Some(Attendance::Present)), (Part::SupportService, Some(came))];
}

fn step(record: &Record, incident: Option<IncidentId>) -> Step {
    let some_of = |told: bool| -> Vec<ContactId> { told.then(|| Uuid::nil().into()).into_iter().collect() };
    let words = || "Words".to_owned();
    match record {
        Record::Explanation { by_la, why_not_la, parents, pupil, attempts } => Step::Explanation {
            by_la: *by_la,
            by: words(),
            why_not_la: why_not_la.then(words),
            parents: some_of(*parents),
            pupil: *pupil,
            how: Told::Phone,
            attempts: attempts.then(words),
        },
        Record::Leaflet { to_pupil } => Step::Leaflet {
            audience: if *to_pupil { Audience::Pupil } else { Audience::Parents },
            version: words(),
            language: "en".to_owned(),
            parent: None,
            how: Told::Letter,
        },
        Record::Contract => {
            Step::ParentingContract { state: Contract::Declined, parent: None, words: None, until: None }
        }
        Record::Restorative { appropriate } => {
            Step::Restorative { appropriate: *appropriate, why: words(), safeguarding_asked: true }
        }
        Record::Recognition => Step::Recognition { what: Recognition::Reward, words: words(), target: None },
        Record::SanctionsAdvised { parents, pupil } => Step::SanctionsAdvised {
            parents: some_of(*parents),
            pupil: *pupil,
            how: Told::InPerson,
            policy: words(),
        },
        Record::OutcomesReminded { improves, fails, parents, pupil } => Step::OutcomesReminded {
            if_improves: *improves,
            if_not: *fails,
            parents: some_of(*parents),
            pupil: *pupil,
            how: Told::InPerson,
        },
        Record::Stage3Considered => Step::Stage3Considered {
            incident: incident.unwrap_or_else(|| Uuid::nil().into()),
            move_to_3: false,
            why: words(),
        },
        Record::Participation => Step::Participation { who: NotTakingPart::Pupil, words: words() },
        Record::Services { any } => Step::Services { names: any.then(words).into_iter().collect() },
        Record::NotApplicable(clause) => {
            Step::NotApplicable { clause: (*clause).to_owned(), reason: words() }
        }
        _ => Step::EarlyHelp {
            decision: EarlyHelp::NotNeeded,
            why: Some(words()),
            reference: None,
            lead_professional: None,
        },
    }
}
