//! What is owed for a supported transfer, by whom and by when.

use time::{Date, Duration};

use super::{ManagedMove, Sent, State};
use crate::domain::{calendar::SchoolCalendar, policy::ProgrammePolicy, stage::words};

/// Days in which the child protection file follows the pupil (3.3).
pub const PROTECTION_FILE_DAYS: i64 = 5;

/// School days in which the common transfer file follows (3.3).
pub const CTF_DAYS: u32 = 15;

/// School days in which the LA plans a panel when a transfer waits for one. Our number.
const PLAN_PANEL_DAYS: u32 = 10;

words! {
    /// Who owes it.
    By {
        /// The lead of the case.
        Lead = "lead", "School lead";
        /// The headteacher, or whom they named.
        Headteacher = "headteacher", "Headteacher";
        /// The LA representative of the school.
        LaRepresentative = "la_representative", "LA representative";
        /// The panel.
        Panel = "panel", "Panel";
        /// The receiving school's lead or headteacher.
        ReceivingSchool = "receiving_school", "Receiving school";
        /// The designated safeguarding lead of the home school.
        SafeguardingLead = "safeguarding_lead", "Designated safeguarding lead";
    }
}

/// Something owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Its stored name.
    pub what: &'static str,
    /// For which clause.
    pub clause: &'static str,
    /// What to do.
    pub words: String,
    /// Who.
    pub owner: By,
    /// By when.
    pub due_on: Date,
}

/// What a transfer is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The home school's calendar.
    pub calendar: &'a SchoolCalendar,
    /// The policy.
    pub policy: &'a ProgrammePolicy,
    /// The panel it is with, or the next one that takes papers: last day for papers, and its meeting.
    pub panel: Option<(Date, Date)>,
    /// The home school's case is still open.
    pub case_open: bool,
}

/// Everything owed for a transfer, the earliest first.
pub fn owed(of: &ManagedMove, around: &Around<'_>) -> Vec<Owed> {
    let mut list = Vec::new();
    let since = of.since.unwrap_or(Date::MIN);
    match of.state {
        State::None | State::Withdrawn => {}
        State::Proposed | State::ParentAgreed => list.push(papers(since, around)),
        State::PapersSubmitted { .. } => {
            if let Some((close, meets)) = around.panel {
                list.push(Owed {
                    what: "panel_papers",
                    clause: "S3.07",
                    words: "See that the panel has its papers".to_owned(),
                    owner: By::LaRepresentative,
                    due_on: close,
                });
                list.push(Owed {
                    what: "panel_decision",
                    clause: "S3.08",
                    words: "Decide about a place".to_owned(),
                    owner: By::Panel,
                    due_on: meets,
                });
            }
        }
        State::PanelAllocated { .. } => list.push(Owed {
            what: "receiving_answer",
            clause: "S3.08",
            words: "Accept or decline the pupil the panel allocated".to_owned(),
            owner: By::ReceivingSchool,
            due_on: after(around.calendar, since, around.policy.receiving_answer_days),
        }),
        State::ReceivingAccepted { starts_on, .. } => list.push(Owed {
            what: "start",
            clause: "S3.08",
            words: "Put the pupil on the roll and say so".to_owned(),
            owner: By::ReceivingSchool,
            due_on: starts_on,
        }),
        State::OnRoll { on, follow_ups, .. } => {
            list.push(follow_up(on, follow_ups, around));
            list.extend(files(of, on, around.calendar));
            list.extend(to_close(on, around));
        }
        State::Closed { on, .. } => {
            list.extend(files(of, on, around.calendar));
            list.extend(to_close(on, around));
        }
    }
    list.sort_by_key(|owed| owed.due_on);
    list
}

/// A transfer that has not started and stands on nothing any more is stopped at once: its case is closed, the outcome
/// does not stand at Stage 3 (S3.04), or nobody with parental responsibility agrees any more (S3.05).
pub fn to_stop(of: &ManagedMove, stands: bool, agreed: bool, case_open: bool, today: Date) -> Option<Owed> {
    let (clause, why) = if !of.can_stop() {
        return None;
    } else if !case_open {
        ("7.3", "the case is closed")
    } else if !stands {
        ("S3.04", "it is no longer agreed as an outcome of Stage 3")
    } else if !agreed && !of.is_in_preparation() {
        ("S3.05", "nobody with parental responsibility agrees any more")
    } else {
        return None;
    };
    Some(Owed {
        what: "stop_transfer",
        clause,
        words: format!("Stop the transfer: {why}"),
        owner: By::Headteacher,
        due_on: today,
    })
}

/// 7.3: the pupil has left, so the case closes.
fn to_close(on: Date, around: &Around<'_>) -> Option<Owed> {
    around.case_open.then(|| Owed {
        what: "close_case",
        clause: "7.3",
        words: "Close the case: the pupil is on another school’s roll".to_owned(),
        owner: By::Headteacher,
        due_on: after(around.calendar, on, 1),
    })
}

fn papers(since: Date, around: &Around<'_>) -> Owed {
    match around.panel {
        Some((close, _)) => Owed {
            what: "papers",
            clause: "S3.07",
            words: "Submit the papers to the panel".to_owned(),
            owner: By::Headteacher,
            due_on: close,
        },
        None => Owed {
            what: "plan_panel",
            clause: "S3.08",
            words: "Plan the next panel: a transfer waits for one".to_owned(),
            owner: By::LaRepresentative,
            due_on: after(around.calendar, since, PLAN_PANEL_DAYS),
        },
    }
}

fn follow_up(on: Date, held: u32, around: &Around<'_>) -> Owed {
    let weeks = match held {
        0 => around.policy.first_follow_up_weeks,
        1 => around.policy.second_follow_up_weeks,
        _ => {
            return Owed {
                what: "close_transfer",
                clause: "S3.08",
                words: "Close the transfer: its follow-ups are done".to_owned(),
                owner: By::ReceivingSchool,
                due_on: school_weeks_after(
                    around.calendar,
                    on,
                    around.policy.second_follow_up_weeks.saturating_add(1),
                ),
            };
        }
    };
    Owed {
        what: "follow_up",
        clause: "S3.08",
        words: format!("Hold the follow-up review due {weeks} school weeks after the first day"),
        owner: By::ReceivingSchool,
        due_on: school_weeks_after(around.calendar, on, weeks),
    }
}

fn files(of: &ManagedMove, on: Date, calendar: &SchoolCalendar) -> Vec<Owed> {
    let open = |sent: &Sent| sent.sent_on.is_none() && sent.received_on.is_none() && !sent.none;
    let mut list = Vec::new();
    if open(&of.protection) {
        list.push(Owed {
            what: "child_protection_file",
            clause: "3.3",
            words: "Send the child protection file to the new school’s safeguarding lead, or say that there is none"
                .to_owned(),
            owner: By::SafeguardingLead,
            due_on: on + Duration::days(PROTECTION_FILE_DAYS),
        });
    }
    if open(&of.ctf) {
        list.push(Owed {
            what: "ctf",
            clause: "3.3",
            words: "Send the common transfer file".to_owned(),
            owner: By::Lead,
            due_on: after(calendar, on, CTF_DAYS),
        });
    }
    list
}

/// `n` school days after a day; where the calendar does not reach, so many days.
fn after(calendar: &SchoolCalendar, day: Date, n: u32) -> Date {
    calendar
        .nth_school_day_after(day, n)
        .unwrap_or_else(|_| day.checked_add(Duration::days(i64::from(n))).unwrap_or(day))
}

/// The last school day of the week so many school weeks after a day's; where the calendar does not reach, so many
/// weeks after the day.
pub fn school_weeks_after(calendar: &SchoolCalendar, day: Date, weeks: u32) -> Date {
    let (mut week, mut left) = (day, weeks);
    for _ in 0..80 {
        if left == 0 {
            break;
        }
        week += Duration::WEEK;
        if !calendar.week(week).days.is_empty() {
            left -= 1;
        }
    }
    match calendar.week(week).days.last() {
        Some(last) if left == 0 => *last,
        _ => day + Duration::weeks(i64::from(weeks)),
    }
}
