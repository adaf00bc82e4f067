//! A pupil's exclusions as they are recorded, with what was done about each: everything the law asks is reckoned
//! anew from them, so that a record added later (a cancellation, another school's days) counts at once.

use std::collections::BTreeSet;

use time::{Date, Time};

use super::{
    Refused, Session, clocks,
    clocks::{Done, Owed, Situation},
    count::{self, Addend, Counted, Ledger, Place, Sum},
    lost::Lost,
    notices::{About, NoticeKind, Recipient},
    record::Exclusion,
    run::{self, Leaver, Provider, SIXTH, SixthDay},
    terms::{Window, Years},
    tiers::{self, BoardDuty, Deadline, Tier},
    words,
};
use crate::domain::{
    calendar::{NotLoaded, SchoolCalendar},
    dates,
    ids::{ExclusionId, IncidentId},
};

words! {
    /// What was done about an exclusion.
    RecordKind {
        /// N1 to N9: somebody was told.
        Told = "told", "Told";
        /// R-WK.
        WorkSet = "work_set", "Work set and being marked";
        ///
        Education = "education", "Education from the sixth day arranged";
        /// 2.5.
        Representations = "representations", "The parents made representations";
        /// 2.5, 2.6: from this time on it cannot be cancelled.
        BoardMet = "board_met", "The governing board met";
        /// 2.5.
        BoardDecided = "board_decided", "The governing board decided";
        /// 2.5.
        DecisionTold = "decision_told", "The governing board’s decision told";
        /// 2.6.
        MeetingOffered = "meeting_offered", "Meeting with the headteacher offered";
        /// 2.5: after a permanent exclusion that the board upheld.
        ReviewApplied = "review_applied", "Independent review applied for";
        /// P2.03a: the reason that was not given when the pupil was excluded.
        Explained = "explained", "Why Stage 3 was not considered first";
    }
}

words! {
    /// What the governing board decided.
    Outcome {
        /// The exclusion stands.
        Upheld = "upheld", "The exclusion stands";
        /// The pupil comes back.
        BroughtBack = "brought_back", "The pupil comes back";
    }
}

/// Something done about an exclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What.
    pub kind: RecordKind,
    /// The day.
    pub on: Date,
    /// The time, of a meeting of the board.
    pub at: Option<Time>,
    /// Which notice, to whom.
    pub notice: Option<(NoticeKind, Recipient)>,
    /// What the board decided.
    pub outcome: Option<Outcome>,
}

/// Whose case an exclusion belongs to, seen from one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// This one's.
    ThisCase,
    /// Another's.
    OtherCase,
    /// None was open.
    NoCase,
}

/// An exclusion as it was issued, with what was done since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its id.
    pub id: ExclusionId,
    /// Whose case it belongs to.
    pub link: Link,
    /// The incident it followed.
    pub incident: Option<IncidentId>,
    /// What was decided.
    pub exclusion: Exclusion,
    /// The pupil on the day of the decision.
    pub about: About,
    /// A public exam or test that is named with it.
    pub exam: Option<Session>,
    /// What decides the exception from the sixth day.
    pub leaver: Leaver,
    /// The day it was cancelled.
    pub cancelled_on: Option<Date>,
    /// P2.03a: it was said why Stage 3 was not considered first, or it was considered.
    pub stage_3_settled: bool,
    /// What was done, in the order of its days.
    pub records: Vec<Record>,
}

impl Issued {
    /// "Suspension of 16 Oct", by the day of its decision.
    pub fn title(&self) -> String {
        let kind = if self.exclusion.is_permanent() { "Permanent exclusion" } else { "Suspension" };
        format!("{kind} of {}", dates::day_month(self.exclusion.decided_on()))
    }

    /// What was done, as the clocks read it: the first of each kind counts.
    pub fn done(&self) -> Done {
        let first = |kind| self.records.iter().find(|record| record.kind == kind).map(|record| record.on);
        Done {
            told: self
                .records
                .iter()
                .filter(|record| record.kind == RecordKind::Told)
                .filter_map(|record| record.notice.map(|(kind, to)| (kind, to, record.on)))
                .collect(),
            work_set_on: first(RecordKind::WorkSet),
            education_on: first(RecordKind::Education),
            representations_on: first(RecordKind::Representations),
            board_decided_on: first(RecordKind::BoardDecided),
            decision_told_on: first(RecordKind::DecisionTold),
            meeting_offered_on: first(RecordKind::MeetingOffered),
        }
    }

    /// When the governing board began to meet about it, on the school's clock.
    pub fn board_met(&self) -> Option<(Date, Time)> {
        self.records
            .iter()
            .filter(|record| record.kind == RecordKind::BoardMet)
            .filter_map(|record| Some((record.on, record.at?)))
            .min()
    }

    /// What the governing board decided.
    pub fn decided(&self) -> Option<Outcome> {
        self.records.iter().find_map(|record| record.outcome)
    }

    /// Neither cancelled nor ended by the governing board.
    pub fn stands(&self) -> bool {
        self.cancelled_on.is_none() && self.decided() != Some(Outcome::BroughtBack)
    }

    /// P2.03a: the reason is owed for a permanent exclusion before which Stage 3 was not considered.
    pub fn owes_explanation(&self) -> bool {
        let explained = || self.records.iter().any(|record| record.kind == RecordKind::Explained);
        self.exclusion.is_permanent() && self.cancelled_on.is_none() && !self.stage_3_settled && !explained()
    }
}

/// What an exclusion comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The sum with it. Of a permanent exclusion: where the pupil stands on its first day.
    pub sum: Sum,
    /// The board's duties, by legal term.
    pub duties: Vec<BoardDuty>,
    /// The one that asks most.
    pub duty: BoardDuty,
    /// From when education is owed.
    pub sixth: SixthDay,
    /// The run it lies in depends on a day with only one session lost: somebody looks (2.4).
    pub part_days: bool,
}

/// All exclusions of a pupil at a school, oldest decision first, and what is known of other schools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// At this school.
    pub issued: Vec<Issued>,
    /// At other schools of the authority (R-45b).
    pub elsewhere: Vec<Counted>,
    /// Numbers.
    pub given: Vec<Addend>,
}

impl History {
    /// One of them.
    pub fn get(&self, id: ExclusionId) -> Option<&Issued> {
        self.issued.iter().find(|issued| issued.id == id)
    }

    /// Everything that counts.
    pub fn ledger(&self) -> Ledger {
        self.ledger_of(|_| true, |_| true)
    }

    /// Everything that counts, but for one: what a cancellation is weighed with.
    pub fn ledger_without(&self, id: ExclusionId) -> Ledger {
        self.ledger_of(|issued| issued.id != id, |_| true)
    }

    /// What counted before one was decided.
    pub fn ledger_before(&self, id: ExclusionId) -> Ledger {
        let at = self.issued.iter().position(|issued| issued.id == id).unwrap_or(self.issued.len());
        let decided_on = self.issued.get(at).map(|issued| issued.exclusion.decided_on());
        let earlier: BTreeSet<_> = self.issued[..at].iter().map(|issued| issued.id).collect();
        self.ledger_of(
            |issued| earlier.contains(&issued.id),
            |counted| decided_on.is_none_or(|day| counted.decided_on <= day),
        )
    }

    fn ledger_of(&self, here: impl Fn(&Issued) -> bool, there: impl Fn(&Counted) -> bool) -> Ledger {
        let ours = self.issued.iter().filter(|issued| here(issued));
        let ours = ours.filter_map(|issued| Counted::of(&issued.exclusion, Place::Here));
        let theirs = self.elsewhere.iter().filter(|counted| there(counted)).cloned();
        Ledger { exclusions: ours.chain(theirs).collect(), elsewhere: self.given.clone() }
    }

    /// What a new exclusion would come to. Refuses where the calendar does not reach.
    pub fn weigh_new(
        &self,
        exclusion: &Exclusion,
        exam: Option<Session>,
        leaver: Leaver,
        calendar: &SchoolCalendar,
    ) -> Result<Weighed, NotLoaded> {
        weigh(&self.ledger(), exclusion, exam, leaver, calendar)
    }

    /// What one that was issued comes to, with what counted before it. Where the calendar does not reach, the school
    /// year is taken from 1 September and the sixth day cannot be worked out: what was issued is always shown.
    pub fn weigh(&self, issued: &Issued, calendar: &SchoolCalendar) -> Weighed {
        let ledger = self.ledger_before(issued.id);
        let Issued { exclusion, exam, leaver, .. } = issued;
        weigh(&ledger, exclusion, *exam, *leaver, calendar)
            .unwrap_or_else(|missing| assumed(&ledger, issued, missing))
    }

    /// Everything about one that decides what is owed.
    pub fn situation(&self, issued: &Issued, calendar: &SchoolCalendar) -> Situation {
        let Weighed { duty, sixth, .. } = self.weigh(issued, calendar);
        Situation {
            exclusion: issued.exclusion.clone(),
            about: issued.about,
            duty,
            sixth,
            cancelled_on: issued.cancelled_on,
        }
    }

    /// What is still owed about one, soonest first.
    pub fn owed(&self, issued: &Issued, calendar: &SchoolCalendar) -> Vec<Owed> {
        clocks::owed(&self.situation(issued, calendar), &issued.done(), calendar)
    }

    /// Refuses sessions that are lost already (2.1): a suspension does not run beside another.
    pub fn is_free(&self, lost: &Lost) -> Result<(), Refused> {
        let taken = self.issued.iter().filter(|issued| !issued.exclusion.is_permanent());
        let taken: BTreeSet<_> =
            taken.flat_map(|issued| issued.exclusion.lost().sessions().clone()).collect();
        match lost.sessions().intersection(&taken).next() {
            Some(session) => Err(Refused::OutAlready(*session)),
            None => Ok(()),
        }
    }

    /// The suspension that ends where a session begins: what begins there is a further one (2.1, T16).
    pub fn ends_at(&self, first: Session, calendar: &SchoolCalendar) -> Option<&Issued> {
        self.issued.iter().rev().find(|issued| match &issued.exclusion {
            Exclusion::Suspension(suspension) => {
                !suspension.lost().sessions().is_empty()
                    && suspension.back(calendar).is_ok_and(|back| back == first)
            }
            Exclusion::Permanent(_) => false,
        })
    }
}

fn weigh(
    ledger: &Ledger,
    exclusion: &Exclusion,
    exam: Option<Session>,
    leaver: Leaver,
    calendar: &SchoolCalendar,
) -> Result<Weighed, NotLoaded> {
    let years = Years::Calendar(calendar);
    let others = ledger.exclusions.iter().filter(|counted| counted.place == Place::Here).fold(
        Lost::default(),
        |mut all, counted| {
            all.join(&counted.lost);
            all
        },
    );
    let (sum, sixth, part_days) = match exclusion {
        Exclusion::Suspension(suspension) => {
            let sum = count::sum(ledger, suspension.decided(), years)?;
            let sixth = run::sixth_day(suspension, &others, leaver, calendar)?;
            let mut joined = others;
            joined.join(&suspension.lost());
            let first = suspension.lost().sessions().first().copied();
            let found = match first {
                Some(first) => run::run_with(&joined, first.on, calendar)?,
                None => None,
            };
            // A run that was past its sixth day before: education is owed from this one's first day.
            let sixth = match (sixth, first) {
                (SixthDay::Owed { on: Deadline::Computed(day), by }, Some(first)) => {
                    SixthDay::Owed { on: Deadline::Computed(day.max(first.on)), by }
                }
                (sixth, _) => sixth,
            };
            (sum, sixth, found.is_some_and(|run| run.is_for_a_human_look()))
        }
        Exclusion::Permanent(permanent) => {
            let first = permanent.first();
            let sum = count::standing(ledger, first.on, years)?;
            (sum, run::sixth_day_of_permanent(&others, first, leaver, calendar)?, false)
        }
    };
    let (duties, duty) = duties(exclusion, &sum, exam);
    Ok(Weighed { sum, duties, duty, sixth, part_days })
}

fn duties(exclusion: &Exclusion, sum: &Sum, exam: Option<Session>) -> (Vec<BoardDuty>, BoardDuty) {
    let exams: Vec<_> = exam.into_iter().collect();
    let duties = tiers::board_duties(exclusion, sum, &exams);
    let total = exclusion.decided().half_days();
    let exam = exam.filter(|exam| exclusion.takes(*exam));
    let duty = tiers::strictest(&duties).copied().unwrap_or(BoardDuty {
        tier: Tier::of(total, exclusion.is_permanent(), exam.is_some()),
        window: Some(Window::of(exclusion.starts_on())),
        total,
        exam,
        by_other_schools: false,
        by_lunchtimes: false,
    });
    (duties, duty)
}

fn assumed(ledger: &Ledger, issued: &Issued, missing: NotLoaded) -> Weighed {
    let (exclusion, years) = (&issued.exclusion, Years::FirstOfSeptember);
    let sum = match exclusion {
        Exclusion::Suspension(suspension) => count::sum(ledger, suspension.decided(), years),
        Exclusion::Permanent(permanent) => count::standing(ledger, permanent.first().on, years),
    };
    let sum = sum.unwrap_or(Sum { windows: Vec::new(), years: Vec::new() });
    let (duties, duty) = duties(exclusion, &sum, issued.exam);
    let on = Deadline::CannotCompute(missing);
    let sixth = match exclusion {
        _ if issued.leaver.is_exempt() => SixthDay::Exempt,
        Exclusion::Permanent(_) => SixthDay::Owed { on, by: Provider::LocalAuthority },
        Exclusion::Suspension(suspension) if suspension.lost().days().len() >= SIXTH => {
            SixthDay::Owed { on, by: Provider::GoverningBoard }
        }
        Exclusion::Suspension(_) => SixthDay::NotReached,
    };
    Weighed { sum, duties, duty, sixth, part_days: false }
}
