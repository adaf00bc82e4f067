//! What is owed after an exclusion, and by when (S3.02): statutory clocks that are never dismissed, only done.

use time::Date;

use super::{
    Session,
    notices::{self, About, By, Notice, NoticeKind, Recipient},
    record::Exclusion,
    run::{Provider, SixthDay},
    tiers::{self, BoardDuty, Deadline, Tier},
};
use crate::domain::{calendar::SchoolCalendar, dates};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A notice of 2.3.
    Tell {
        /// Its row: "N4".
        clause: &'static str,
        /// Which.
        notice: NoticeKind,
        /// To whom.
        to: Recipient,
    },
    /// R-WK: set work for the first five days, and mark it.
    SetWork,
    /// full-time education from the sixth day.
    Educate {
        /// Who arranges it.
        by: Provider,
    },
    /// 2.5 A: the board considers what the parents said.
    ConsiderRepresentations,
    /// 2.5 B to E: the board considers whether the pupil comes back.
    ConsiderReturn {
        /// Why.
        tier: Tier,
        /// The exam it should come before.
        before: Option<Session>,
    },
    /// 2.5: the board's decision is told without delay.
    TellDecision,
    /// 2.6: after a cancellation, the headteacher offers the parents a meeting.
    OfferMeeting,
}

impl What {
    /// The row or rule it comes from: "N4", "R-6", "2.5".
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::Tell { clause, .. } => clause,
            Self::SetWork => "R-WK",
            Self::Educate { .. } => "R-6",
            Self::ConsiderRepresentations | Self::ConsiderReturn { .. } | Self::TellDecision => "2.5",
            Self::OfferMeeting => "2.6",
        }
    }

    /// What is to be done, as a sentence without its full stop.
    pub fn words(&self) -> String {
        match self {
            Self::Tell { notice, to, .. } => {
                let to = to.named();
                match notice {
                    NoticeKind::Word => format!("Tell {to} in person or by telephone"),
                    NoticeKind::Letter => format!("Give {to} the written notice"),
                    NoticeKind::PublicPlace => format!("Give {to} the notice about the first five days"),
                    NoticeKind::SixthDay => {
                        format!("Tell {to} in writing about education from the sixth day")
                    }
                    NoticeKind::Authority | NoticeKind::Carer | NoticeKind::Board => format!("Tell {to}"),
                    NoticeKind::BoardTermly => format!("Report it to {to} for the term"),
                    NoticeKind::Cancellation => format!("Tell {to} in writing that it is cancelled, and why"),
                }
            }
            Self::SetWork => "Set work for the first five days, and have it marked".to_owned(),
            Self::Educate { by: Provider::GoverningBoard } => {
                "Arrange full-time education from the sixth day".to_owned()
            }
            Self::Educate { by: Provider::LocalAuthority } => {
                "Record the full-time education the local authority arranges from the sixth day".to_owned()
            }
            Self::ConsiderRepresentations => "The governing board considers what the parents said".to_owned(),
            Self::ConsiderReturn { before: Some(exam), .. } => format!(
                "The governing board considers whether the pupil comes back, before the exam on {}",
                dates::day_month(exam.on)
            ),
            Self::ConsiderReturn { before: None, .. } => {
                "The governing board considers whether the pupil comes back".to_owned()
            }
            Self::TellDecision => "Tell the parents what the governing board decided".to_owned(),
            Self::OfferMeeting => "Offer the parents a meeting with the headteacher".to_owned(),
        }
    }

    /// The headteacher owes it; otherwise the lead sees to it.
    pub const fn by_headteacher(&self) -> bool {
        match self {
            Self::Tell { .. }
            | Self::ConsiderRepresentations
            | Self::ConsiderReturn { .. }
            | Self::OfferMeeting => true,
            Self::SetWork | Self::Educate { .. } | Self::TellDecision => false,
        }
    }
}

/// Something owed. The same shape as a duty of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// What.
    pub what: What,
    /// The last day. None: the law sets none.
    pub due: Option<Deadline>,
}

impl Owed {
    /// Its last day is past. What has no last day, or one that cannot be worked out, is not.
    pub fn overdue(&self, today: Date) -> bool {
        self.due.and_then(Deadline::day).is_some_and(|day| day < today)
    }
}

/// An exclusion with all that decides what is owed about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The exclusion.
    pub exclusion: Exclusion,
    /// The pupil.
    pub about: About,
    /// The strictest of the board's duties.
    pub duty: BoardDuty,
    /// The sixth day.
    pub sixth: SixthDay,
    /// The day it was cancelled.
    pub cancelled_on: Option<Date>,
}

/// What was done, with its day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Notices given.
    pub told: Vec<(NoticeKind, Recipient, Date)>,
    /// Work was set and is being marked.
    pub work_set_on: Option<Date>,
    /// Education from the sixth day is arranged.
    pub education_on: Option<Date>,
    /// The parents made representations.
    pub representations_on: Option<Date>,
    /// The board decided.
    pub board_decided_on: Option<Date>,
    /// Its decision was told.
    pub decision_told_on: Option<Date>,
    /// After a cancellation, the parents were offered a meeting.
    pub meeting_offered_on: Option<Date>,
}

impl Done {
    fn told(&self, kind: NoticeKind, to: Recipient) -> Option<Date> {
        self.told.iter().find(|(of, whom, _)| (*of, *whom) == (kind, to)).map(|(.., on)| *on)
    }

    /// The day the board was told, whether at once or with the term's report.
    pub fn board_told_on(&self) -> Option<Date> {
        [NoticeKind::Board, NoticeKind::BoardTermly]
            .into_iter()
            .filter_map(|kind| self.told(kind, Recipient::Board))
            .min()
    }
}

/// What is still owed, soonest first; what has no day, last. After a cancellation: its notices and the offer of a
/// meeting, and nothing of the board's any more (2.6); notices of the exclusion that were not given stay owed.
///
/// Our reading: until the board was told, its days run from the day of the decision, when it should have been.
pub fn owed(on: &Situation, done: &Done, calendar: &SchoolCalendar) -> Vec<Owed> {
    let mut list: Vec<_> = notices::notices(&on.exclusion, on.about, &on.duty, on.sixth)
        .into_iter()
        .filter(|notice| done.told(notice.kind, notice.to).is_none())
        .filter(|notice| on.cancelled_on.is_none() || still_due(notice))
        .map(tell)
        .collect();
    if let Some(cancelled_on) = on.cancelled_on {
        let notices = notices::of_cancellation(&on.exclusion, cancelled_on, on.about).into_iter();
        list.extend(notices.filter(|notice| done.told(notice.kind, notice.to).is_none()).map(tell));
        if done.meeting_offered_on.is_none() {
            let due = Some(Deadline::Computed(cancelled_on));
            list.push(Owed { what: What::OfferMeeting, due });
        }
    } else {
        list.extend(education(on, done));
        list.extend(board(on, done, calendar));
    }
    list.sort_by_key(|owed| match owed.due {
        Some(Deadline::Computed(day)) => (0, Some(day)),
        Some(Deadline::CannotCompute(not_loaded)) => (1, Some(not_loaded.0)),
        None => (2, None),
    });
    list
}

/// Notices about days that do not come any more fall away with a cancellation.
fn still_due(notice: &Notice) -> bool {
    !matches!(notice.by, By::TwoDaysBefore(_))
}

fn tell(notice: Notice) -> Owed {
    let due = Some(Deadline::Computed(notice.by.due_on()));
    let Notice { clause, kind, to, .. } = notice;
    Owed { what: What::Tell { clause, notice: kind, to }, due }
}

fn education(on: &Situation, done: &Done) -> Vec<Owed> {
    let mut list = Vec::new();
    let out = on.exclusion.is_permanent() || !on.exclusion.lost().sessions().is_empty();
    if out && done.work_set_on.is_none() {
        let due = Some(Deadline::Computed(on.exclusion.starts_on()));
        list.push(Owed { what: What::SetWork, due });
    }
    if let (SixthDay::Owed { on: sixth, by }, None) = (on.sixth, done.education_on) {
        list.push(Owed { what: What::Educate { by }, due: Some(sixth) });
    }
    list
}

fn board(on: &Situation, done: &Done, calendar: &SchoolCalendar) -> Option<Owed> {
    let tier = on.duty.tier;
    if let Some(decided_on) = done.board_decided_on {
        let due = Some(Deadline::Computed(decided_on));
        return done.decision_told_on.is_none().then_some(Owed { what: What::TellDecision, due });
    }
    if tier.only_on_representations() && done.representations_on.is_none() {
        return None;
    }
    let told_on = done.board_told_on().unwrap_or(on.exclusion.decided_on());
    let due = match on.duty.exam {
        Some(exam) => {
            let before = tiers::before_exam(exam, told_on, calendar);
            let latest = tiers::consider_by(tier, told_on, calendar);
            Some(before.by).filter(|_| before.practicable).into_iter().chain(latest).min_by_key(|due| {
                // A day that is known comes before one that is not.
                (due.day().is_none(), due.day())
            })
        }
        None => tiers::consider_by(tier, told_on, calendar),
    };
    let what = match tier {
        Tier::A => What::ConsiderRepresentations,
        Tier::B | Tier::C | Tier::D | Tier::E => What::ConsiderReturn { tier, before: on.duty.exam },
    };
    Some(Owed { what, due })
}
