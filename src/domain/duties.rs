//! What is owed, by whom, by when, for any case on any day: one engine for the case page, Today and everything
//! that looks over many cases. An open case always owes something, so it has exactly one next action: the first.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    calendar::{SchoolCalendar, Week},
    checklist, dates,
    facts::ContactFact,
    ids::{ActionId, ContactId, ExclusionId, IncidentId, MeetingId, SupportId},
    meeting::{MeetingFact, MeetingKind},
    moves::Ground,
    people::Role,
    permission::Capability,
    rules::Fix,
    stage::{CaseState, Ended, Ending, Stage},
    stage_3::{Alternative, Status},
    step::{Step, StepKind, incident::Seriousness},
    support::SupportKind,
    suspension::{
        history::{History, Issued, Link},
        terms::Window,
        tiers::Deadline,
    },
    week::{Standing, Weeks},
};

/// School days looked back for a day nobody recorded.
pub const LOOK_BACK: usize = 5;

/// School days the headteacher and a support service have to answer (7.2 A8, P2.02).
pub const ANSWER_DAYS: u32 = 5;

/// Attempts to reach a parent after which their week counts as tried (S1.12).
pub const ATTEMPTS: usize = 2;

/// Weeks in a row without feedback after which the headteacher is told (S1.12).
pub const MISSED_TO_FLAG: usize = 2;

/// What is to be done. Serialized as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "duty", rename_all = "snake_case")]
pub enum What {
    /// S1.08: set the targets.
    SetTargets,
    /// S1.11: a past school day has no marks.
    FillIn {
        /// The day.
        day: Date,
    },
    /// S1.10: a target's date has passed.
    ReviewTargets,
    /// S1.13: sign the review of a school week.
    ReviewWeek {
        /// Its Monday.
        week: Date,
    },
    /// S1.12: tell the parents how the week was.
    TellParents {
        /// Its Monday.
        week: Date,
        /// Who has not been told.
        names: Vec<String>,
    },
    /// S1.12: there is nobody to tell, or no way to reach somebody.
    FindContact {
        /// Who cannot be reached; empty: nobody with parental responsibility is known.
        names: Vec<String>,
    },
    /// An item of a stage's checklist.
    Checklist {
        /// Its clause.
        clause: String,
        /// What to do, as a sentence.
        todo: String,
        /// Where.
        fix: Fix,
        /// The LA representative does it.
        by_la: bool,
    },
    /// S1.02, S1.06, S2.01: a meeting is planned, or its day has passed without minutes.
    HoldMeeting {
        /// Which.
        meeting: MeetingId,
        /// Its kind.
        kind: MeetingKind,
    },
    /// S2.05: minutes to sign off.
    SignMinutes {
        /// Of which meeting.
        meeting: MeetingId,
        /// Its kind.
        kind: MeetingKind,
    },
    /// Something agreed at a meeting.
    Act {
        /// Which.
        action: ActionId,
        /// What.
        words: String,
        /// Who owes it.
        owner: String,
    },
    /// R1.02: see whether support helps.
    ReviewSupport {
        /// Which.
        support: SupportId,
        /// Its kind.
        kind: SupportKind,
    },
    /// P2.02: the service answers a request for priority.
    AnswerPriority {
        /// For which support.
        support: SupportId,
        /// Its kind.
        kind: SupportKind,
    },
    /// 7.2 A8: the headteacher answers a proposed move.
    AnswerProposal,
    /// P2.03a: whether to move to Stage 3 is considered after a very serious incident.
    ConsiderStage3 {
        /// The incident.
        incident: IncidentId,
        /// Its day.
        on: Date,
    },
    /// A statutory step went on without a reason the programme asks for; the reason is owed.
    Explain {
        /// For which clause.
        clause: String,
    },
    /// S3.02: a statutory step after an exclusion. It cannot be dismissed, only done.
    Exclusion {
        /// Which exclusion.
        exclusion: ExclusionId,
        /// The row or rule of the law: "N4", "R-6".
        clause: String,
        /// What to do, as a sentence, with the exclusion it is about.
        todo: String,
        /// The headteacher owes it; otherwise the lead sees to it.
        by_head: bool,
    },
    /// S3.04: decide about an outcome that was proposed and whose first day has come near, or was passed.
    AgreeOutcome {
        /// Which.
        alternative: Alternative,
    },
    /// S3.04: see whether an outcome helps.
    ReviewOutcome {
        /// Which.
        alternative: Alternative,
    },
    /// S3.05: ask a parent again, who wanted time or did not reply.
    AskAgain {
        /// Whom.
        contact: ContactId,
        /// Their name.
        name: String,
    },
    /// S1.14, 7.2 A2: look how the pupil is after an exit with progress.
    Aftercare,
    /// S1.11: the next day's monitoring.
    Record {
        /// The day.
        day: Date,
    },
    /// The calendar of the coming days is not loaded.
    LoadCalendar,
}

/// Who owes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The lead of the case.
    Lead,
    /// The headteacher, or whom they named.
    Headteacher,
    /// The LA representative of the school.
    LaRepresentative,
    /// The support service.
    Service,
    /// The LA administrator.
    LaAdministrator,
    /// Somebody by name.
    Named(&'a str),
}

impl Owner<'_> {
    /// As it is stored and filtered by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Headteacher => "headteacher",
            Self::LaRepresentative => "la_representative",
            Self::Service => "service",
            Self::LaAdministrator => "la_administrator",
            Self::Named(_) => "named",
        }
    }
}

/// The clause a kind of meeting comes from.
const fn of_meeting(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Stage1 => "S1.02",
        MeetingKind::Stage2 | MeetingKind::Review => "S2.01",
        MeetingKind::Stage3 => "S3.03",
        MeetingKind::Restorative | MeetingKind::Mediation => "S1.06",
    }
}

impl What {
    /// The clause it comes from.
    pub fn clause(&self) -> &str {
        match self {
            Self::SetTargets => "S1.08",
            Self::FillIn { .. } | Self::Record { .. } | Self::LoadCalendar => "S1.11",
            Self::ReviewTargets => "S1.10",
            Self::ReviewWeek { .. } => "S1.13",
            Self::TellParents { .. } | Self::FindContact { .. } => "S1.12",
            Self::Checklist { clause, .. } | Self::Explain { clause } | Self::Exclusion { clause, .. } => {
                clause
            }
            Self::HoldMeeting { kind, .. } => of_meeting(*kind),
            Self::SignMinutes { .. } | Self::Act { .. } => "S2.05",
            Self::ReviewSupport { .. } => "R1.02",
            Self::AnswerPriority { .. } => "P2.02",
            Self::AnswerProposal => "A8",
            Self::ConsiderStage3 { .. } => "P2.03a",
            Self::AgreeOutcome { .. } | Self::ReviewOutcome { .. } => "S3.04",
            Self::AskAgain { .. } => "S3.05",
            Self::Aftercare => "S1.14",
        }
    }

    /// What is to be done, in words.
    pub fn words(&self) -> String {
        match self {
            Self::SetTargets => "Set behaviour targets".to_owned(),
            Self::FillIn { day } => format!("Fill in {}, which has no marks", dates::day_month(*day)),
            Self::ReviewTargets => "Review a target whose date has passed".to_owned(),
            Self::ReviewWeek { week } => {
                format!("Sign the review of the week of {}", dates::day_month(*week))
            }
            Self::TellParents { week, names } => {
                format!("Tell {} about the week of {}", names.join(" and "), dates::day_month(*week))
            }
            Self::FindContact { names } if names.is_empty() => {
                "Record who has parental responsibility, so that somebody can be told each week".to_owned()
            }
            Self::FindContact { names } => format!("Find a way to reach {}", names.join(" and ")),
            Self::Checklist { todo, .. } | Self::Exclusion { todo, .. } => todo.clone(),
            Self::HoldMeeting { kind, .. } => format!("{}: hold it and write the minutes", kind.label()),
            Self::SignMinutes { kind, .. } => format!("{}: sign off the minutes", kind.label()),
            Self::Act { words, .. } => format!("Agreed at a meeting: {words}"),
            Self::ReviewSupport { kind, .. } => format!("{}: see whether it helps", kind.label()),
            Self::AnswerPriority { kind, .. } => format!("{}: answer the request for priority", kind.label()),
            Self::AnswerProposal => "Answer the move the lead proposed".to_owned(),
            Self::ConsiderStage3 { on, .. } => {
                format!("Consider a move to Stage 3 after the incident of {}", dates::day_month(*on))
            }
            Self::Explain { clause } => format!("Give the reason that is owed for {clause}"),
            Self::AgreeOutcome { alternative } => {
                format!("{}: decide, its first day comes", alternative.label())
            }
            Self::ReviewOutcome { alternative } => format!("{}: see whether it helps", alternative.label()),
            Self::AskAgain { name, .. } => format!("Ask {name} again whether they agree"),
            Self::Aftercare => "Look how the pupil is since leaving the programme".to_owned(),
            Self::Record { .. } => "Record daily monitoring".to_owned(),
            Self::LoadCalendar => "Ask for the school calendar to be loaded".to_owned(),
        }
    }

    /// Who owes it.
    pub fn owner(&self) -> Owner<'_> {
        match self {
            Self::Checklist { by_la: true, .. } => Owner::LaRepresentative,
            Self::AnswerProposal
            | Self::ConsiderStage3 { .. }
            | Self::Explain { .. }
            | Self::Exclusion { by_head: true, .. }
            | Self::AgreeOutcome { .. } => Owner::Headteacher,
            Self::AnswerPriority { .. } => Owner::Service,
            Self::Act { owner, .. } => Owner::Named(owner),
            Self::LoadCalendar => Owner::LaAdministrator,
            Self::SetTargets
            | Self::FillIn { .. }
            | Self::ReviewTargets
            | Self::ReviewWeek { .. }
            | Self::TellParents { .. }
            | Self::FindContact { .. }
            | Self::Checklist { by_la: false, .. }
            | Self::HoldMeeting { .. }
            | Self::SignMinutes { .. }
            | Self::ReviewSupport { .. }
            | Self::Exclusion { by_head: false, .. }
            | Self::ReviewOutcome { .. }
            | Self::AskAgain { .. }
            | Self::Aftercare
            | Self::Record { .. } => Owner::Lead,
        }
    }

    /// The right to do it: whoever does not hold it reads of it without a way to it.
    pub const fn needs(&self) -> Capability {
        match self {
            Self::SetTargets | Self::ReviewTargets => Capability::SetTargets,
            Self::FillIn { .. } | Self::Record { .. } => Capability::LogMarks,
            Self::ReviewWeek { .. } | Self::TellParents { .. } => Capability::ReviewWeeks,
            Self::FindContact { .. } => Capability::ManagePupils,
            Self::Checklist { fix: Fix::Step(kind), .. } => kind.needs(),
            Self::Checklist { fix: Fix::Meeting(_), .. }
            | Self::HoldMeeting { .. }
            | Self::SignMinutes { .. }
            | Self::Act { .. } => Capability::HoldMeetings,
            Self::Checklist { fix: Fix::Support, .. } | Self::ReviewSupport { .. } => {
                Capability::ManageSupport
            }
            Self::AnswerPriority { .. } => Capability::DeliverSupport,
            Self::AnswerProposal | Self::AgreeOutcome { .. } => Capability::DecideMoves,
            Self::Checklist { fix: Fix::Stage3, .. }
            | Self::ConsiderStage3 { .. }
            | Self::Explain { .. }
            | Self::ReviewOutcome { .. }
            | Self::AskAgain { .. }
            | Self::Aftercare => Capability::RecordSteps,
            Self::Checklist { .. } => Capability::SeeWholeCase,
            Self::Exclusion { .. } => Capability::RecordExclusionSteps,
            Self::LoadCalendar => Capability::SeeToday,
        }
    }

    /// Nothing else of the case can begin before it.
    const fn first(&self) -> bool {
        matches!(self, Self::SetTargets)
    }

    /// It is done on the day sheet.
    pub const fn is_marks(&self) -> bool {
        matches!(self, Self::FillIn { .. } | Self::Record { .. })
    }

    /// It is done every day and never the news.
    const fn daily(&self) -> bool {
        matches!(self, Self::Record { .. } | Self::LoadCalendar)
    }
}

/// One thing owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub what: What,
    /// By the end of this day.
    pub due_on: Date,
}

impl Duty {
    /// School days since its day, when that is past; nought on holidays in between.
    pub fn overdue(&self, calendar: &SchoolCalendar, today: Date) -> u32 {
        if self.due_on >= today {
            return 0;
        }
        let counted_to = calendar.latest_school_day(today).unwrap_or(today);
        calendar
            .school_days(self.due_on, counted_to)
            .map_or(0, |n| n.saturating_sub(u32::from(calendar.is_school_day(self.due_on))))
    }
}

/// Everything owed for a case, the next action first: what must come first, then by day, then in the order of
/// the programme. Empty only for a case that is not open and owes nothing more.
pub fn owed(on: &Ground<'_>, weeks: &Weeks) -> Vec<Duty> {
    let mut list = match on.case {
        CaseState::None => Vec::new(),
        CaseState::Open { stage, since, opened_on, .. } => {
            let mut list = monitoring(on, weeks, *opened_on);
            list.extend(weekly(on, weeks));
            list.extend(of_checklist(on, *stage, *since, *opened_on));
            list.extend(of_meetings(on));
            list.extend(of_support(on));
            list.extend(of_headteacher(on, *stage, *opened_on));
            list.extend(of_stage_3(on));
            // The law does not ask which case was open: all of the pupil's at this school.
            list.extend(of_exclusions(on, |_| true));
            list
        }
        CaseState::Ended { how: Ended::Progress, on: ended, .. } => aftercare(on, *ended),
        CaseState::Ended { how: Ended::Otherwise(ending), on: ended, .. } => {
            let mut list = explained(on, *ending, *ended);
            if *ending == Ending::Excluded {
                list.extend(of_exclusions(on, |issued| issued.link == Link::ThisCase));
            }
            list
        }
    };
    // Sorting keeps the order of the programme among equals.
    list.sort_by_key(|duty| (!duty.what.first(), duty.due_on, duty.what.daily()));
    list
}

/// S3.04, S3.05: outcomes to decide and to review, parents to ask again.
fn of_stage_3(on: &Ground<'_>) -> Vec<Duty> {
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

/// `n` school days after `day`; `day` itself where the calendar does not say.
fn after(on: &Ground<'_>, day: Date, n: u32) -> Date {
    on.calendar.nth_school_day_after(day, n).unwrap_or(day)
}

fn monitoring(on: &Ground<'_>, weeks: &Weeks, opened_on: Date) -> Vec<Duty> {
    let Some(first) = on.facts.targets.iter().map(|target| target.starts_on).min() else {
        return vec![Duty { what: What::SetTargets, due_on: after(on, opened_on, 1) }];
    };
    let mut list = Vec::new();
    let past = on.calendar.latest_school_days(on.today, LOOK_BACK + 1);
    for day in past.into_iter().filter(|day| *day < on.today && *day >= first && *day >= opened_on) {
        // A day is recorded by the end of that day.
        if weeks.unrecorded(day) {
            list.push(Duty { what: What::FillIn { day }, due_on: day });
        }
    }
    if let Some(due_on) = on.facts.targets.iter().map(|target| target.due_on).min()
        && due_on < on.today
    {
        list.push(Duty { what: What::ReviewTargets, due_on });
    }
    let open_today = on.calendar.is_school_day(on.today) && on.today >= first && weeks.unrecorded(on.today);
    let next = if open_today {
        Ok(on.today)
    } else {
        on.calendar.nth_school_day_after(on.today.max(first - time::Duration::DAY), 1)
    };
    list.push(match next {
        Ok(day) => Duty { what: What::Record { day }, due_on: day },
        Err(_) => Duty { what: What::LoadCalendar, due_on: on.today },
    });
    list
}

/// Weeks a review or feedback is owed or was given for, oldest first, each with its last school day.
fn weeks_to_speak_of(on: &Ground<'_>, weeks: &Weeks) -> Vec<(Week, Standing, Date)> {
    weeks
        .school_weeks(on.calendar, on.today)
        .into_iter()
        .filter_map(|week| {
            let last = *week.days.last()?;
            let standing = weeks.standing(&week, on.policy);
            matches!(standing, Standing::Signed | Standing::Owed(_)).then_some((week, standing, last))
        })
        .collect()
}

/// Told, or tried often enough, about the week that begins on this Monday.
fn told(on: &Ground<'_>, contact: &ContactFact, week: Date) -> bool {
    let about: Vec<_> =
        on.facts.feedback.iter().filter(|f| f.contact == contact.id && f.week_on == week).collect();
    about.iter().any(|f| f.reached) || about.len() >= ATTEMPTS
}

fn weekly(on: &Ground<'_>, weeks: &Weeks) -> Vec<Duty> {
    let all = weeks_to_speak_of(on, weeks);
    let mut list: Vec<_> = all
        .iter()
        .filter(|(_, standing, _)| matches!(standing, Standing::Owed(_)))
        .map(|(week, _, last)| Duty { what: What::ReviewWeek { week: week.monday }, due_on: *last })
        .collect();
    let names = |contacts: Vec<&ContactFact>| contacts.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    // Feedback is about the week that is ending or has just ended: what was missed before cannot be given any
    // more, and is counted in `feedback_missed`.
    for (week, _, last) in all.iter().rev().take(2).rev() {
        let waiting: Vec<_> =
            on.facts.entitled().filter(|c| c.reachable && !told(on, c, week.monday)).collect();
        if !waiting.is_empty() {
            let what = What::TellParents { week: week.monday, names: names(waiting) };
            list.push(Duty { what, due_on: *last });
        }
    }
    if let Some((_, _, last)) = all.last() {
        let out_of_reach: Vec<_> = on.facts.entitled().filter(|contact| !contact.reachable).collect();
        if !out_of_reach.is_empty() || on.facts.entitled().next().is_none() {
            list.push(Duty { what: What::FindContact { names: names(out_of_reach) }, due_on: *last });
        }
    }
    list
}

/// S1.12: weeks that ended without feedback to anybody entitled, without a break up to now.
pub fn feedback_missed(on: &Ground<'_>, weeks: &Weeks) -> Vec<Date> {
    let mut missed: Vec<_> = weeks_to_speak_of(on, weeks)
        .into_iter()
        .rev()
        .filter(|(_, _, last)| *last < on.today)
        .map(|(week, ..)| week.monday)
        .take_while(|week| !on.facts.entitled().any(|contact| told(on, contact, *week)))
        .collect();
    missed.reverse();
    missed
}

fn of_checklist(on: &Ground<'_>, stage: Stage, since: Date, opened_on: Date) -> Vec<Duty> {
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

fn of_meetings(on: &Ground<'_>) -> Vec<Duty> {
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

fn of_support(on: &Ground<'_>) -> Vec<Duty> {
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

fn of_headteacher(on: &Ground<'_>, stage: Stage, opened_on: Date) -> Vec<Duty> {
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

fn of_exclusions(on: &Ground<'_>, which: impl Fn(&Issued) -> bool) -> Vec<Duty> {
    let history = &on.facts.exclusions;
    let issued = history.issued.iter().filter(|issued| which(issued));
    issued.flat_map(|issued| of_exclusion(history, issued, on.calendar)).collect()
}

/// S3.02: what is owed about one exclusion. A last day that cannot be worked out lies beyond the calendar: the duty
/// stands at the day the calendar ends, and says so. Where the law sets no last day: the end of the legal term.
pub fn of_exclusion(history: &History, issued: &Issued, calendar: &SchoolCalendar) -> Vec<Duty> {
    let about = issued.title();
    history
        .owed(issued, calendar)
        .into_iter()
        .map(|owed| {
            let words = owed.what.words();
            let words = format!("{}{}", words[..1].to_lowercase(), &words[1..]);
            let (due_on, remark) = match owed.due {
                Some(Deadline::Computed(day)) => (day, ""),
                Some(Deadline::CannotCompute(missing)) => {
                    (missing.0, " (its last day cannot be worked out until the school’s terms are added)")
                }
                None => {
                    let asked_on = issued.done().representations_on;
                    (Window::of(asked_on.unwrap_or(issued.exclusion.decided_on())).to, "")
                }
            };
            let what = What::Exclusion {
                exclusion: issued.id,
                clause: owed.what.clause().to_owned(),
                todo: format!("{about}: {words}{remark}"),
                by_head: owed.what.by_headteacher(),
            };
            Duty { what, due_on }
        })
        .collect()
}

/// S1.14, 7.2 A2: the check some school weeks after an exit, until one is recorded after it.
fn aftercare(on: &Ground<'_>, ended: Date) -> Vec<Duty> {
    let checked = on
        .facts
        .steps_of(|step| matches!(step, Step::Aftercare { .. }).then_some(()))
        .any(|((), _, day)| day >= ended);
    if checked {
        return Vec::new();
    }
    vec![Duty { what: What::Aftercare, due_on: aftercare_on(on, ended) }]
}

/// The day of the aftercare check: the last school day of the week so many school weeks after the exit; where
/// the calendar does not reach, so many weeks after it.
pub fn aftercare_on(on: &Ground<'_>, ended: Date) -> Date {
    let (mut week, mut left) = (ended, on.policy.aftercare_weeks);
    for _ in 0..60 {
        if left == 0 {
            break;
        }
        week += time::Duration::WEEK;
        if !on.calendar.week(week).days.is_empty() {
            left -= 1;
        }
    }
    match on.calendar.week(week).days.last() {
        Some(day) if left == 0 => *day,
        _ => ended + time::Duration::weeks(i64::from(on.policy.aftercare_weeks)),
    }
}

/// P2.03a: the reason owed after a permanent exclusion, until it is recorded that Stage 3 was considered, or, with the
/// exclusion itself, why it was not.
fn explained(on: &Ground<'_>, ending: Ending, ended: Date) -> Vec<Duty> {
    let considered = on
        .facts
        .steps_of(|step| matches!(step, Step::Stage3Considered { .. }).then_some(()))
        .next()
        .is_some();
    let mut exclusions = on.facts.exclusions.issued.iter();
    let considered = considered
        || exclusions.any(|issued| {
            issued.link == Link::ThisCase && issued.exclusion.is_permanent() && !issued.owes_explanation()
        });
    on.facts
        .unexplained
        .iter()
        .filter(|_| ending == Ending::Excluded && !considered)
        .map(|clause| Duty { what: What::Explain { clause: clause.clone() }, due_on: after(on, ended, 1) })
        .collect()
}

/// The kind of step a duty is done by, when it is one.
pub const fn step_of(what: &What) -> Option<StepKind> {
    match what {
        What::Checklist { fix: Fix::Step(kind), .. } => Some(*kind),
        What::ConsiderStage3 { .. } | What::Explain { .. } => Some(StepKind::Stage3Considered),
        What::Aftercare => Some(StepKind::Aftercare),
        _ => None,
    }
}
