//! What is owed, by whom, by when, for any case on any day: one engine for the case page, Today and everything
//! that looks over many cases. An open case always owes something, so it has exactly one next action: the first.

use time::Date;

use super::{
    calendar::SchoolCalendar,
    moves::Ground,
    stage::{CaseState, Ended, Ending},
    step::Step,
    suspension::{
        history::{History, Issued, Link},
        terms::Window,
        tiers::Deadline,
    },
    week::Weeks,
};

mod monitoring;
mod programme;
mod what;

pub use monitoring::{ATTEMPTS, LOOK_BACK, MISSED_TO_FLAG, feedback_missed};
pub use programme::{ANSWER_DAYS, placed};
pub use what::{Owner, Place, What, step_of};

use monitoring::{monitoring, weekly};
use programme::{
    has_moved, of_checklist, of_headteacher, of_meetings, of_placement, of_stage_3, of_support, of_update,
};

/// One thing owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub what: What,
    /// By the end of this day.
    pub due_on: Date,
}

impl Duty {
    /// What tells it apart from every other duty of its case, as long as it is owed. Who has not been told yet changes
    /// while it is owed, so names are left out.
    pub fn key(&self) -> String {
        let about = match &self.what {
            What::TellParents { week, .. } => week.to_string(),
            What::FindContact { .. } => String::new(),
            other => other.words(),
        };
        format!("{}|{about}|{}", self.what.clause(), self.due_on)
    }

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
        // Nothing is marked here any more; the case waits to be closed.
        CaseState::Open { .. } if has_moved(on.facts) => {
            let mut list = of_placement(on, true);
            list.extend(of_exclusions(on, |_| true));
            list
        }
        CaseState::Open { stage, since, opened_on, .. } => {
            let mut list = monitoring(on, weeks, *opened_on);
            list.extend(weekly(on, weeks));
            list.extend(of_checklist(on, *stage, *since, *opened_on));
            list.extend(of_meetings(on));
            list.extend(of_support(on));
            list.extend(of_update(on));
            list.extend(of_headteacher(on, *stage, *opened_on));
            list.extend(of_stage_3(on));
            list.extend(of_placement(on, true));
            // The law does not ask which case was open: all of the pupil's at this school.
            list.extend(of_exclusions(on, |_| true));
            list
        }
        CaseState::Ended { how: Ended::Progress, on: ended, .. } => aftercare(on, *ended),
        CaseState::Ended { how: Ended::Otherwise(ending), on: ended, .. } => {
            let mut list = explained(on, *ending, *ended);
            list.extend(of_placement(on, false));
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

/// `n` school days after `day`; `day` itself where the calendar does not say.
fn after(on: &Ground<'_>, day: Date, n: u32) -> Date {
    on.calendar.nth_school_day_after(day, n).unwrap_or(day)
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
