//! What the rhythm of monitoring owes: targets, every school day's marks, every week's review and feedback
//! (S1.08 to S1.13).

use time::Date;

use super::{Duty, What, after};
use crate::domain::{
    calendar::Week,
    facts::ContactFact,
    moves::Ground,
    week::{Standing, Weeks},
};

/// School days looked back for a day nobody recorded.
pub const LOOK_BACK: usize = 5;

/// Attempts to reach a parent after which their week counts as tried (S1.12).
pub const ATTEMPTS: usize = 2;

/// Weeks in a row without feedback after which the headteacher is told (S1.12).
pub const MISSED_TO_FLAG: usize = 2;

/// Targets to set or to review, school days without marks, and the next day to record.
pub(super) fn monitoring(on: &Ground<'_>, weeks: &Weeks, opened_on: Date) -> Vec<Duty> {
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

/// Weeks to review and to tell the parents of.
pub(super) fn weekly(on: &Ground<'_>, weeks: &Weeks) -> Vec<Duty> {
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
