//! Time out of school, session by session and lunchtime by lunchtime.

use std::collections::BTreeSet;

use time::Date;

use super::{Half, HalfDays, Session};
use crate::domain::calendar::{NotLoaded, SchoolCalendar};

/// Sessions and lunchtimes out of school.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    sessions: BTreeSet<Session>,
    lunchtimes: BTreeSet<Date>,
}

impl Lost {
    /// These sessions and lunchtimes; the same one twice is one.
    pub fn of(
        sessions: impl IntoIterator<Item = Session>,
        lunchtimes: impl IntoIterator<Item = Date>,
    ) -> Self {
        Self { sessions: sessions.into_iter().collect(), lunchtimes: lunchtimes.into_iter().collect() }
    }

    /// The sessions, in order.
    pub const fn sessions(&self) -> &BTreeSet<Session> {
        &self.sessions
    }

    /// The lunchtimes, in order.
    pub const fn lunchtimes(&self) -> &BTreeSet<Date> {
        &self.lunchtimes
    }

    /// Nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.lunchtimes.is_empty()
    }

    /// The days on which anything was lost, in order.
    pub fn days(&self) -> BTreeSet<Date> {
        self.sessions.iter().map(|session| session.on).chain(self.lunchtimes.iter().copied()).collect()
    }

    /// Half-days of sessions lost on a day: none, one or two.
    pub fn sessions_on(&self, day: Date) -> HalfDays {
        let lost = |session| u32::from(self.sessions.contains(&session));
        HalfDays(lost(Session::morning(day)) + lost(Session::afternoon(day)))
    }

    /// Half-days that count for a day: its sessions, and its lunchtime as one, at most one day (2.1, T9).
    pub fn on(&self, day: Date) -> HalfDays {
        let lunchtime = HalfDays(u32::from(self.lunchtimes.contains(&day)));
        (self.sessions_on(day) + lunchtime).min(HalfDays::A_DAY)
    }

    /// Stretches of whole days, both sessions lost, with nothing but days off between: first and last day.
    pub fn whole_days(&self, calendar: &SchoolCalendar) -> Vec<(Date, Date)> {
        let mut stretches: Vec<(Date, Date)> = Vec::new();
        for day in self.days().into_iter().filter(|day| self.sessions_on(*day) == HalfDays::A_DAY) {
            match stretches.last_mut() {
                Some((_, last)) if calendar.nth_school_day_after(*last, 1) == Ok(day) => *last = day,
                Some(_) | None => stretches.push((day, day)),
            }
        }
        stretches
    }

    /// Half-days that count in all.
    pub fn half_days(&self) -> HalfDays {
        self.days().into_iter().map(|day| self.on(day)).sum()
    }

    /// Adds what another took away.
    pub fn join(&mut self, other: &Self) {
        self.sessions.extend(&other.sessions);
        self.lunchtimes.extend(&other.lunchtimes);
    }

    /// Adds what another took away on a day.
    pub fn join_day(&mut self, other: &Self, day: Date) {
        let both = [Session::morning(day), Session::afternoon(day)];
        self.sessions.extend(both.into_iter().filter(|session| other.sessions.contains(session)));
        self.lunchtimes.extend(other.lunchtimes.get(&day));
    }

    /// What was lost before a pupil is back in a session. A lunchtime lies between the two sessions of its day.
    #[must_use]
    pub fn before(&self, back: Session) -> Self {
        Self {
            sessions: self.sessions.iter().copied().filter(|session| *session < back).collect(),
            lunchtimes: self
                .lunchtimes
                .iter()
                .copied()
                .filter(|day| *day < back.on || (*day == back.on && back.half == Half::Afternoon))
                .collect(),
        }
    }

    /// The session of school that follows the last thing lost: after a morning or a lunchtime the same
    /// afternoon, after an afternoon the next school day's morning. None: nothing was lost.
    pub fn back(&self, calendar: &SchoolCalendar) -> Result<Option<Session>, NotLoaded> {
        let (session, lunchtime) = (self.sessions.last().copied(), self.lunchtimes.last().copied());
        Ok(match (session, lunchtime) {
            (None, None) => None,
            (None, Some(day)) => Some(Session::afternoon(day)),
            (Some(last), lunchtime) => Some(match lunchtime {
                Some(day) if day > last.on => Session::afternoon(day),
                Some(_) | None => session_after(last, calendar)?,
            }),
        })
    }
}

/// The session of school after this one.
pub fn session_after(session: Session, calendar: &SchoolCalendar) -> Result<Session, NotLoaded> {
    match session.half {
        Half::Morning => Ok(Session::afternoon(session.on)),
        Half::Afternoon => calendar.nth_school_day_after(session.on, 1).map(Session::morning),
    }
}
