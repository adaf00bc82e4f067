//! What a pupil loses by an exclusion: exact sessions and lunchtimes, laid over the school days of the
//! excluding school's calendar.

use time::Date;

use super::{
    Half, HalfDays, Refused, Session,
    lost::{Lost, session_after},
};
use crate::domain::calendar::{Day, NotLoaded, SchoolCalendar};

/// The first session lost that a form suggests (2.1, our reading): decided in the morning, the same afternoon;
/// decided in the afternoon, the next school day's morning. Only a suggestion: whoever records it says so
/// explicitly, and nothing is taken from the clock.
pub fn usual_first(decided_on: Date, decided: Half, calendar: &SchoolCalendar) -> Result<Session, NotLoaded> {
    match (decided, calendar.is_school_day(decided_on)) {
        (Half::Morning, true) => Ok(Session::afternoon(decided_on)),
        (Half::Morning, false) | (Half::Afternoon, _) => {
            calendar.nth_school_day_after(decided_on, 1).map(Session::morning)
        }
    }
}

/// Sessions away in one stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// The first session lost, as somebody stated it.
    pub first: Session,
    /// How many half-days, laid over school days.
    pub half_days: HalfDays,
}

/// A suspension as it is about to be made. It has a fixed end from the beginning (2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The day the headteacher decided.
    pub decided_on: Date,
    /// The sessions; none: only lunchtimes.
    pub away: Option<Away>,
    /// The lunchtimes.
    pub lunchtimes: Vec<Date>,
}

impl Plan {
    /// The suspension with its exact sessions. Refuses nothing at all, a first day or lunchtime that is no school
    /// day or lies before the decision, and days the calendar does not have.
    pub fn lay_out(&self, calendar: &SchoolCalendar) -> Result<Suspension, Refused> {
        let sessions = match self.away {
            Some(away) => {
                can_lose(away.first.on, self.decided_on, calendar)?;
                sessions(away, calendar)?
            }
            None => Vec::new(),
        };
        for day in &self.lunchtimes {
            can_lose(*day, self.decided_on, calendar)?;
        }
        Suspension::stored(self.decided_on, Lost::of(sessions, self.lunchtimes.iter().copied()), None)
    }
}

fn can_lose(day: Date, decided_on: Date, calendar: &SchoolCalendar) -> Result<(), Refused> {
    match calendar.day(day) {
        Day::NotLoaded => Err(NotLoaded(day).into()),
        Day::School { .. } if day < decided_on => Err(Refused::BeforeDecision(day)),
        Day::School { .. } => Ok(()),
        Day::Weekend | Day::Inset(_) | Day::Closure(_) | Day::BankHoliday(_) | Day::Holiday => {
            Err(Refused::NotASchoolDay(day))
        }
    }
}

fn sessions(away: Away, calendar: &SchoolCalendar) -> Result<Vec<Session>, NotLoaded> {
    let (mut all, mut at) = (Vec::new(), away.first);
    for n in 0..away.half_days.0 {
        if n > 0 {
            at = session_after(at, calendar)?;
        }
        all.push(at);
    }
    Ok(all)
}

/// A suspension that was issued. Its sessions do not change any more (2.1, T16); it can be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    decided_on: Date,
    decided: Lost,
    ends_on: Date,
    starts_on: Date,
    back_early: Option<Session>,
}

impl Suspension {
    /// As it was recorded, with the first session the pupil is back in when it was cancelled. Refuses a
    /// suspension of nothing.
    pub fn stored(decided_on: Date, lost: Lost, back_early: Option<Session>) -> Result<Self, Refused> {
        let days = lost.days();
        let (Some(starts_on), Some(ends_on)) = (days.first().copied(), days.last().copied()) else {
            return Err(Refused::NothingLost);
        };
        Ok(Self { decided_on, decided: lost, ends_on, starts_on, back_early })
    }

    /// The day of the decision.
    pub const fn decided_on(&self) -> Date {
        self.decided_on
    }

    /// What was decided, cancelled or not.
    pub const fn decided(&self) -> &Lost {
        &self.decided
    }

    /// What counts: of a cancelled suspension, the sessions out before the cancellation took effect (R-45d).
    pub fn lost(&self) -> Lost {
        match self.back_early {
            None => self.decided.clone(),
            Some(back) => self.decided.before(back),
        }
    }

    /// The first day with anything lost, as decided.
    pub const fn starts_on(&self) -> Date {
        self.starts_on
    }

    /// The last day with anything lost, as decided.
    pub const fn ends_on(&self) -> Date {
        self.ends_on
    }

    /// The first session the pupil is back in because it was cancelled.
    pub const fn cancelled(&self) -> Option<Session> {
        self.back_early
    }

    /// The first session of school the pupil is back in. After a lunchtime, the afternoon of its day.
    pub fn back(&self, calendar: &SchoolCalendar) -> Result<Session, NotLoaded> {
        let usual = match self.back_early {
            Some(back) => Some(back),
            None => self.decided.back(calendar)?,
        };
        usual.ok_or(NotLoaded(self.ends_on))
    }

    /// The same, cancelled from a session on: see [`super::change::may_cancel`].
    #[must_use]
    pub fn cancelled_from(self, back: Session) -> Self {
        Self { back_early: Some(back), ..self }
    }
}

/// A permanent exclusion. While it stands it uses up none of the 45 days; once cancelled, the days out under it
/// count (R-45e).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permanent {
    decided_on: Date,
    first: Session,
    cancelled: Option<(Session, Lost)>,
}

impl Permanent {
    /// From the first session lost. Refuses a day that is no school day or lies before the decision.
    pub fn new(decided_on: Date, first: Session, calendar: &SchoolCalendar) -> Result<Self, Refused> {
        can_lose(first.on, decided_on, calendar)?;
        Ok(Self { decided_on, first, cancelled: None })
    }

    /// As it was recorded; of one that was cancelled, the first session the pupil is back in and the sessions out.
    pub const fn stored(decided_on: Date, first: Session, cancelled: Option<(Session, Lost)>) -> Self {
        Self { decided_on, first, cancelled }
    }

    /// The day of the decision.
    pub const fn decided_on(&self) -> Date {
        self.decided_on
    }

    /// The first session lost.
    pub const fn first(&self) -> Session {
        self.first
    }

    /// The first session the pupil is back in because it was cancelled.
    pub fn cancelled(&self) -> Option<Session> {
        self.cancelled.as_ref().map(|(back, _)| *back)
    }

    /// The sessions out under it until the pupil is back, whether or not it was cancelled.
    pub fn out_until(&self, back: Session, calendar: &SchoolCalendar) -> Result<Lost, NotLoaded> {
        let (mut out, mut at) = (Vec::new(), self.first);
        while at < back {
            out.push(at);
            at = session_after(at, calendar)?;
        }
        Ok(Lost::of(out, []))
    }

    /// The same, cancelled from a session on: see [`super::change::may_cancel`].
    pub fn cancelled_from(self, back: Session, calendar: &SchoolCalendar) -> Result<Self, NotLoaded> {
        let out = self.out_until(back, calendar)?;
        Ok(Self { cancelled: Some((back, out)), ..self })
    }

    /// What counts: nothing while it stands, the sessions out once cancelled (R-45e).
    pub fn lost(&self) -> Lost {
        self.cancelled.as_ref().map(|(_, out)| out.clone()).unwrap_or_default()
    }
}

/// Either of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// For a fixed period.
    Suspension(Suspension),
    /// For good.
    Permanent(Permanent),
}

impl Exclusion {
    /// The day of the decision.
    pub const fn decided_on(&self) -> Date {
        match self {
            Self::Suspension(suspension) => suspension.decided_on,
            Self::Permanent(permanent) => permanent.decided_on,
        }
    }

    /// The first day with anything lost, as decided.
    pub const fn starts_on(&self) -> Date {
        match self {
            Self::Suspension(suspension) => suspension.starts_on,
            Self::Permanent(permanent) => permanent.first.on,
        }
    }

    /// For good.
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent(_))
    }

    /// What was decided, cancelled or not. Of a permanent exclusion nothing: it has no end.
    pub fn decided(&self) -> Lost {
        match self {
            Self::Suspension(suspension) => suspension.decided.clone(),
            Self::Permanent(_) => Lost::default(),
        }
    }

    /// The first session the pupil is back in because it was cancelled.
    pub fn cancelled(&self) -> Option<Session> {
        match self {
            Self::Suspension(suspension) => suspension.cancelled(),
            Self::Permanent(permanent) => permanent.cancelled(),
        }
    }

    /// What counts towards the 45 days and the legal terms.
    pub fn lost(&self) -> Lost {
        match self {
            Self::Suspension(suspension) => suspension.lost(),
            Self::Permanent(permanent) => permanent.lost(),
        }
    }

    /// Whether a session lies in it as decided: those of an exam that would be missed. A permanent exclusion has
    /// every session from its first.
    pub fn takes(&self, session: Session) -> bool {
        match self {
            Self::Suspension(suspension) => suspension.decided.sessions().contains(&session),
            Self::Permanent(permanent) => permanent.first <= session,
        }
    }
}
