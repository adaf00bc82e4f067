//! What is owed, by whom, by when. An open case has exactly one next action.

use time::Date;

use super::calendar::SchoolCalendar;

/// School days looked back for a day nobody recorded.
pub const LOOK_BACK: usize = 5;

/// What is known about an open case.
#[derive(Clone, Debug)]
pub struct CaseFacts<'a> {
    /// The day it was opened.
    pub opened_on: Date,
    /// First days and dates of targets worked on today.
    pub targets: &'a [TargetDates],
    /// Days with at least one mark or reason, in any order; at least the last [`LOOK_BACK`] school days.
    pub recorded: &'a [Date],
}

/// The dates of a target that is worked on.
#[derive(Clone, Copy, Debug)]
pub struct TargetDates {
    /// The first day it is marked.
    pub starts_on: Date,
    /// The day it is to be met by.
    pub due_on: Date,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// S1.08: set the targets.
    SetTargets,
    /// S1.11: a past school day has no marks.
    FillIn(Date),
    /// S1.10: a target's date has passed.
    ReviewTargets,
    /// S1.11: the next day's monitoring.
    Record(Date),
    /// The calendar of the coming days is not loaded.
    LoadCalendar,
}

/// One thing to do, by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextAction {
    /// What.
    pub duty: Duty,
    /// By when.
    pub due_on: Date,
    /// School days since then, when it is past.
    pub overdue: u32,
}

impl NextAction {
    /// What is to be done, in words.
    pub fn words(&self) -> &'static str {
        match self.duty {
            Duty::SetTargets => "Set behaviour targets",
            Duty::FillIn(_) => "Fill in a day with no marks",
            Duty::ReviewTargets => "Review a target whose date has passed",
            Duty::Record(_) => "Record daily monitoring",
            Duty::LoadCalendar => "Ask for the school calendar to be loaded",
        }
    }
}

/// The one next action of an open case on `today`: targets, then a missing day, then a target past its date,
/// then the next day's monitoring.
pub fn next_action(facts: &CaseFacts<'_>, calendar: &SchoolCalendar, today: Date) -> NextAction {
    let by = |duty, due_on: Date| {
        let overdue = if due_on < today {
            let counted_to = calendar.latest_school_day(today).unwrap_or(today);
            calendar
                .school_days(due_on, counted_to)
                .map_or(0, |n| n.saturating_sub(u32::from(calendar.is_school_day(due_on))))
        } else {
            0
        };
        NextAction { duty, due_on, overdue }
    };
    let Some(first) = facts.targets.iter().map(|target| target.starts_on).min() else {
        return match calendar.nth_school_day_after(facts.opened_on, 1) {
            Ok(due_on) => by(Duty::SetTargets, due_on),
            Err(_) => by(Duty::SetTargets, facts.opened_on),
        };
    };
    let recorded = |day: Date| facts.recorded.contains(&day);
    let missing = calendar
        .latest_school_days(today, LOOK_BACK + 1)
        .into_iter()
        .find(|day| *day < today && *day >= first && !recorded(*day));
    if let Some(day) = missing {
        // A day is recorded by the end of that day.
        return by(Duty::FillIn(day), day);
    }
    if let Some(due_on) = facts.targets.iter().map(|target| target.due_on).filter(|due| *due < today).min() {
        return by(Duty::ReviewTargets, due_on);
    }
    let today_is_open = calendar.is_school_day(today) && today >= first && !recorded(today);
    let next = if today_is_open {
        Ok(today)
    } else {
        calendar.nth_school_day_after(today.max(first - time::Duration::DAY), 1)
    };
    match next {
        Ok(day) => by(Duty::Record(day), day),
        Err(_) => by(Duty::LoadCalendar, today),
    }
}
