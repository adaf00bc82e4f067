//! Off-site direction (section 29A of the Education Act 2002; domain 2.9, 3.3): the governing board requires a pupil to attend another place for a limited time, to
//! improve behaviour; on the roll of both schools, code D at home. Consent is not required, views are sought.

use time::{Date, Duration};

use super::{
    calendar::SchoolCalendar,
    dates,
    people::Role,
    policy::ProgrammePolicy,
    rules::{Class, Fix, Requirement, SCHOOL},
    stage::words,
    stage_3::of_stage_3,
    suspension::offsite,
    transfer::{Answer, By, Owed, Route, TransferGround, owed::school_weeks_after},
};

/// School weeks after the first day in which the first reviews are held; afterwards one every [`EVERY`] (3.3).
pub const REVIEW_WEEKS: [u32; 3] = [2, 4, 6];

/// School weeks between later reviews.
pub const EVERY: u32 = 2;

/// Days before a review by which everybody is invited (3.2).
pub const INVITE_DAYS: i64 = 6;

words! {
    /// How an off-site direction ends (2.9).
    End {
        /// Back to the home school, as planned or at a review.
        PlannedReturn = "planned_return", "The pupil returns to this school";
        /// The family and both schools agree to a permanent move.
        ManagedMove = "managed_move", "A managed move is agreed";
        /// The pupil goes on to a post-16 destination.
        Post16 = "post_16", "The pupil goes on after Year 11";
    }
}

words! {
    /// Why a review was held.
    ReviewKind {
        /// In the rhythm.
        Planned = "planned", "Planned";
        /// A parent, or the LA for a pupil with a plan, asked in writing.
        Asked = "asked", "Asked for in writing";
    }
}

/// A direction somebody wants to make.
#[derive(Clone, Debug)]
pub struct Directing<'a> {
    /// What Stage 3 and the parents settled.
    pub ground: &'a TransferGround,
    /// The day of the board's decision.
    pub decided_on: Date,
    /// The day the written notice is given.
    pub notice_on: Date,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Date,
    /// The pupil has an education, health and care plan.
    pub ehcp: bool,
    /// The LA was given the notice too.
    pub la_told: bool,
    /// The actor is the headteacher, or decides in their place.
    pub headteacher: bool,
    /// The home school's calendar.
    pub calendar: &'a SchoolCalendar,
    /// The programme's numbers.
    pub policy: &'a ProgrammePolicy,
}

fn on_the_form(
    clause: &'static str,
    asks: &'static str,
    class: Class,
    met: bool,
    says: String,
) -> Requirement {
    Requirement::of_school(clause, asks, class, met, says, Fix::Form)
}

/// Everything a direction asks, musts first.
pub fn to_direct(on: &Directing<'_>) -> Vec<Requirement> {
    vec![
        d_board(on.decided_on, on.notice_on),
        d_notice(on.notice_on, on.starts_on, on.calendar),
        d_la_told(on.ehcp, on.la_told),
        d_length(on),
        s3_04_agreed(on.ground),
        s3_05_views(on.ground),
    ]
}

/// 3.3: the board decides before the notice is given.
pub fn d_board(decided_on: Date, notice_on: Date) -> Requirement {
    let met = decided_on <= notice_on;
    let says = if met {
        format!("Decided on {}.", dates::long(decided_on))
    } else {
        "The notice would be given before the board decided.".to_owned()
    };
    on_the_form("S29A-board", "A decision of the governing board", Class::Must, met, says)
}

/// 2.9: written notice at least two school days before the first day (C7, G14).
pub fn d_notice(notice_on: Date, starts_on: Date, calendar: &SchoolCalendar) -> Requirement {
    let (met, says) = match offsite::may_start(notice_on, starts_on, calendar) {
        Ok(()) => (true, format!("Given on {}.", dates::full(notice_on))),
        Err(refused) => (false, format!("{refused}.")),
    };
    let asks = "Written notice at least 2 school days before the first day";
    on_the_form("S29A-notice", asks, Class::Must, met, says)
}

/// 2.9: with an education, health and care plan the LA has the notice too.
pub fn d_la_told(ehcp: bool, la_told: bool) -> Requirement {
    let says = match (ehcp, la_told) {
        (false, _) => "The pupil has no education, health and care plan.",
        (true, true) => "The LA has it.",
        (true, false) => "The pupil has an education, health and care plan, so the LA is given the notice.",
    };
    let met = !ehcp || la_told;
    on_the_form("S29A-la", "The LA has the notice too", Class::Must, met, says.to_owned())
}

/// 3.3: no longer than it needs to be; very long only with the headteacher's reason.
pub fn d_length(on: &Directing<'_>) -> Requirement {
    let (most, head) = (on.policy.offsite_weeks_before_warning, on.policy.offsite_weeks_before_head);
    let asks = "A limited time";
    match on.calendar.school_weeks(on.starts_on, on.ends_on) {
        // The week it begins in counts too.
        Ok(weeks) => {
            let weeks = weeks + 1;
            let (met, class, says) = if weeks <= most {
                (true, Class::Should, format!("{weeks} school weeks."))
            } else if weeks <= head || on.headteacher {
                (false, Class::Should, format!("{weeks} school weeks. More than {most} ask for a reason."))
            } else {
                (
                    false,
                    Class::Must,
                    format!("{weeks} school weeks. More than {head} need the headteacher’s own reason."),
                )
            };
            let who = if class == Class::Must { vec![Role::Headteacher] } else { SCHOOL.to_vec() };
            Requirement { who, ..on_the_form("S29A-length", asks, class, met, says) }
        }
        Err(error) => {
            on_the_form("S29A-length", asks, Class::Should, false, format!("It cannot be counted: {error}."))
        }
    }
}

/// S3.04: agreed at Stage 3. A direction is a statutory power: the programme asks why, and does not stop it.
pub fn s3_04_agreed(ground: &TransferGround) -> Requirement {
    let (met, says) = match ground.agreed {
        Some((Route::OffSite, on)) => (true, format!("Agreed on {}.", dates::long(on))),
        Some((route @ (Route::ManagedMove | Route::LegacyTrial), _)) => {
            (false, format!("What was agreed is another route: {}.", route.label()))
        }
        None => (false, "No off-site direction is agreed at Stage 3.".to_owned()),
    };
    of_stage_3("S3.04", "Agreed as an alternative at Stage 3", Class::Should, met, says)
}

/// S3.05: consent is not required; views are sought, and going on without agreement has a reason (G13).
pub fn s3_05_views(ground: &TransferGround) -> Requirement {
    let responsible: Vec<_> = ground.answers.iter().filter(|a| a.responsible).collect();
    let met = !responsible.is_empty() && responsible.iter().all(|a| a.answer == Some(Answer::Agreed));
    let says = if met {
        "Everybody with parental responsibility has agreed.".to_owned()
    } else if responsible.is_empty() {
        "Nobody with parental responsibility is known.".to_owned()
    } else {
        let each = responsible.iter().map(|a| {
            let answer = a.answer.map_or("not asked", Answer::label);
            format!("{}: {}", a.name, answer.to_lowercase())
        });
        format!("{}.", each.collect::<Vec<_>>().join("; "))
    };
    of_stage_3("S3.05", "The parents’ views are sought", Class::Should, met, says)
}

/// A direction as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direction {
    /// When the board decided.
    pub decided_on: Date,
    /// When the written notice was given; none: not yet.
    pub notice_on: Option<Date>,
    /// First day.
    pub starts_on: Date,
    /// Last planned day.
    pub ends_on: Date,
    /// When and how it ended.
    pub ended: Option<(Date, End)>,
    /// Days of reviews held, oldest first.
    pub reviews: Vec<Date>,
    /// Days on which a review was asked for in writing and neither refused nor held yet.
    pub asked: Vec<Date>,
}

/// Where a direction stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The board has decided; the notice is still to be given.
    Decided,
    /// The notice is given.
    NoticeServed,
    /// The pupil is there.
    Running,
    /// Its last planned day has passed and how it ended is not recorded.
    PastItsEnd,
    /// Over.
    Ended(End),
}

impl Standing {
    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Decided => "Decided; the notice is still to be given",
            Self::NoticeServed => "Notice given",
            Self::Running => "Running",
            Self::PastItsEnd => "Past its last day",
            Self::Ended(_) => "Ended",
        }
    }
}

impl Direction {
    /// Where it stands.
    pub fn standing(&self, today: Date) -> Standing {
        match (self.ended, self.notice_on) {
            (Some((_, how)), _) => Standing::Ended(how),
            (None, None) => Standing::Decided,
            (None, Some(_)) if today < self.starts_on => Standing::NoticeServed,
            (None, Some(_)) if today > self.ends_on => Standing::PastItsEnd,
            (None, Some(_)) => Standing::Running,
        }
    }

    /// Days by which reviews are held: after two, four and six school weeks, then every two, up to the last day.
    pub fn review_days(&self, calendar: &SchoolCalendar) -> Vec<Date> {
        let weeks = REVIEW_WEEKS.into_iter().chain((1..).map(|n| REVIEW_WEEKS[2] + n * EVERY));
        let mut days = Vec::new();
        for week in weeks.take(40) {
            let day = school_weeks_after(calendar, self.starts_on, week);
            if day > self.ends_on {
                break;
            }
            days.push(day);
        }
        if days.is_empty() {
            days.push(self.ends_on);
        }
        days
    }

    /// The next review day: the first that no review held since the one before stands for.
    pub fn next_review(&self, calendar: &SchoolCalendar) -> Option<Date> {
        let mut from = self.starts_on;
        for day in self.review_days(calendar) {
            let held = self.reviews.iter().any(|held| *held >= from && *held <= day)
                || self.reviews.iter().any(|held| *held > day);
            if !held {
                return Some(day);
            }
            from = day + Duration::DAY;
        }
        None
    }
}

/// What is owed for a direction, the earliest first.
pub fn owed(of: &Direction, calendar: &SchoolCalendar, today: Date) -> Vec<Owed> {
    let mut list = Vec::new();
    match of.standing(today) {
        Standing::Decided => list.push(Owed {
            what: "direction_notice",
            clause: "S29A",
            words: "Give the parents the written notice of the off-site direction".to_owned(),
            owner: By::Headteacher,
            due_on: offsite::notice_by(of.starts_on, calendar).unwrap_or(of.decided_on),
        }),
        Standing::NoticeServed | Standing::Running => {
            if let Some(day) = of.next_review(calendar) {
                list.push(Owed {
                    what: "direction_review",
                    clause: "S29A",
                    words: format!(
                        "Review the off-site direction: headteacher, parents and a nominee of the board, invited by {}",
                        dates::long(day - Duration::days(INVITE_DAYS))
                    ),
                    owner: By::Headteacher,
                    due_on: day,
                });
            }
        }
        Standing::PastItsEnd => list.push(Owed {
            what: "direction_end",
            clause: "S29A",
            words: "Record how the off-site direction ended".to_owned(),
            owner: By::Headteacher,
            due_on: of.ends_on,
        }),
        Standing::Ended(_) => {}
    }
    if of.ended.is_none() {
        list.extend(of.asked.iter().map(|asked| Owed {
            what: "direction_review_asked",
            clause: "S29A",
            words: "Hold the review that was asked for in writing".to_owned(),
            owner: By::Headteacher,
            due_on: school_weeks_after(calendar, *asked, EVERY),
        }));
    }
    list.sort_by_key(|owed| owed.due_on);
    list
}
