//! What the pages of suspensions show: the law's answers in words.

use time::Date;

use crate::domain::{
    calendar::SchoolCalendar,
    dates,
    suspension::{
        Half, HalfDays, Reason, Session,
        history::Weighed,
        lost::Lost,
        notices::{self, About, Notice},
        record::Exclusion,
        run::{Provider, SixthDay},
        steps::{self, Steps},
        tiers::{self, BoardDuty, Deadline},
    },
};

/// A line of a list: what it is, and what is said of it.
pub type Line = (String, String);

/// What follows from an exclusion, before or after it is issued.
pub struct Follows {
    /// "6 days", "Permanent".
    pub length: String,
    /// From and to.
    pub period: Vec<Line>,
    /// Every day with what is lost on it.
    pub days: Vec<Line>,
    pub steps: Vec<Steps>,
    pub board: Vec<BoardLine>,
    pub sixth: String,
    pub remarks: Vec<String>,
    pub notices: Vec<NoticeLine>,
}

/// The governing board's duty from one legal term.
pub struct BoardLine {
    /// "Tier B"
    pub tier: String,
    /// The legal term with its total; empty for a permanent exclusion.
    pub term: String,
    pub because: &'static str,
    pub duty: &'static str,
    /// By when.
    pub by: Vec<String>,
    pub remarks: Vec<&'static str>,
}

/// A notice that is owed.
pub struct NoticeLine {
    pub clause: &'static str,
    pub what: &'static str,
    pub to: &'static str,
    pub by: String,
    pub contents: Vec<&'static str>,
}

impl Follows {
    /// What follows when the board is told on a day.
    pub fn of(
        exclusion: &Exclusion,
        weighed: &Weighed,
        about: About,
        told_on: Date,
        calendar: &SchoolCalendar,
    ) -> Self {
        let lost = exclusion.decided();
        let notices = notices::notices(exclusion, about, &weighed.duty, weighed.sixth);
        let mut remarks = Vec::new();
        if weighed.part_days {
            remarks.push(
                "The sixth day is counted over days with only one session lost. Look at it before you rely on it."
                    .to_owned(),
            );
        }
        if weighed.sum.years.iter().any(|year| year.year.assumed) {
            remarks.push(
                "The school’s terms of that year are not loaded: the school year is taken from 1 September."
                    .to_owned(),
            );
        }
        Self {
            length: length(exclusion),
            period: period(exclusion, calendar),
            days: days(&lost),
            steps: if exclusion.is_permanent() { Vec::new() } else { steps::steps(&weighed.sum) },
            board: weighed.duties.iter().map(|duty| BoardLine::of(duty, told_on, calendar)).collect(),
            sixth: sixth(weighed.sixth),
            remarks,
            notices: notices.into_iter().map(NoticeLine::of).collect(),
        }
    }
}

impl BoardLine {
    fn of(duty: &BoardDuty, told_on: Date, calendar: &SchoolCalendar) -> Self {
        let told = dates::full(told_on);
        let mut by = Vec::new();
        if let Some(deadline) = tiers::consider_by(duty.tier, told_on, calendar) {
            let days = duty.tier.school_days().unwrap_or_default();
            by.push(format!(
                "Told on {told}: by {}, {days} school days later. The clerk confirms the day.",
                day_or_why(deadline)
            ));
        }
        if let Some(exam) = duty.exam {
            let before = tiers::before_exam(exam, told_on, calendar);
            by.push(if before.practicable {
                format!("Before the exam on {exam}: by {}.", day_or_why(before.by))
            } else {
                format!(
                    "The exam is on {exam}. There is no school day left to meet before it: the chair of a maintained \
                     school may decide alone."
                )
            });
        }
        let mut remarks = Vec::new();
        if duty.by_other_schools {
            remarks.push("Days at other schools make the difference. They are counted; say so to the board.");
        }
        if duty.by_lunchtimes {
            remarks.push("Lunchtimes make the difference. Each counts as half a day.");
        }
        let term = duty.window.map_or_else(String::new, |window| format!("{window}: {}", duty.total));
        Self {
            tier: format!("Tier {:?}", duty.tier),
            term,
            because: duty.tier.because(),
            duty: duty.tier.duty(),
            by,
            remarks,
        }
    }
}

impl NoticeLine {
    fn of(notice: Notice) -> Self {
        Self {
            clause: notice.clause,
            what: notice.kind.label(),
            to: notice.to.label(),
            by: notice.by.words(),
            contents: notice.contents,
        }
    }
}

/// Reasons as they are stored, in words with their codes.
pub fn reasons(stored: &[String]) -> Vec<String> {
    let known = stored.iter().filter_map(|code| Reason::from_stored(code));
    known.map(|reason| format!("{} ({})", reason.label(), reason.as_str())).collect()
}

/// "6 days", "1 day, of it 1 lunchtime", "Permanent".
pub fn length(exclusion: &Exclusion) -> String {
    if exclusion.is_permanent() {
        return "Permanent".to_owned();
    }
    let decided = exclusion.decided();
    match decided.lunchtimes().len() {
        0 => decided.half_days().to_string(),
        1 => format!("{}, with 1 lunchtime", decided.half_days()),
        n => format!("{}, with {n} lunchtimes", decided.half_days()),
    }
}

/// From when to when the pupil is out, and when they are back.
pub fn period(exclusion: &Exclusion, calendar: &SchoolCalendar) -> Vec<Line> {
    let mut lines = Vec::new();
    match exclusion {
        Exclusion::Suspension(suspension) => {
            let decided = suspension.decided();
            if let (Some(first), Some(last)) = (decided.sessions().first(), decided.sessions().last()) {
                lines.push(("First session lost".to_owned(), capital(*first)));
                lines.push(("Last session lost".to_owned(), capital(*last)));
            }
            if let (Some(first), Some(last)) = (decided.lunchtimes().first(), decided.lunchtimes().last()) {
                lines.push(("Lunchtimes".to_owned(), dates::range(*first, *last)));
            }
            let back = decided.back(calendar);
            lines.push((
                "Back in school".to_owned(),
                match back {
                    Ok(Some(back)) => capital(back),
                    Ok(None) => String::new(),
                    Err(missing) => format!("Cannot compute: {missing}"),
                },
            ));
        }
        Exclusion::Permanent(permanent) => {
            lines.push(("From".to_owned(), capital(permanent.first())));
        }
    }
    lines
}

/// "The morning of Monday 16 October 2023"
pub fn capital(session: Session) -> String {
    format!("The {session}").replacen("The the", "The", 1)
}

/// Every day on which something is lost.
pub fn days(lost: &Lost) -> Vec<Line> {
    lost.days().into_iter().map(|day| (dates::full(day), on_day(lost, day))).collect()
}

fn on_day(lost: &Lost, day: Date) -> String {
    let lunchtime = lost.lunchtimes().contains(&day);
    let sessions = [(Session::morning(day), "Morning"), (Session::afternoon(day), "Afternoon")];
    let mut parts: Vec<_> =
        sessions.iter().filter(|(s, _)| lost.sessions().contains(s)).map(|(_, words)| *words).collect();
    if parts.len() == 2 {
        parts = vec!["Whole day"];
    }
    if lunchtime {
        parts.push("lunchtime");
    }
    let words = parts.join(" and ");
    if words == "lunchtime" { "Lunchtime".to_owned() } else { words }
}

/// The sixth day in words.
pub fn sixth(sixth: SixthDay) -> String {
    match sixth {
        SixthDay::NotReached => {
            "The sixth consecutive school day is not reached: no education has to be arranged. Work is set and marked."
                .to_owned()
        }
        SixthDay::Exempt => {
            "Nothing is owed from the sixth day: a Year 11 pupil with no public exam left to sit.".to_owned()
        }
        SixthDay::Owed { on, by } => {
            let who = match by {
                Provider::GoverningBoard => "the governing board arranges it",
                Provider::LocalAuthority => "the local authority arranges it",
            };
            format!("Suitable full-time education from {}; {who}.", day_or_why(on))
        }
    }
}

/// The day, or why there is none.
pub fn day_or_why(deadline: Deadline) -> String {
    match deadline {
        Deadline::Computed(day) => dates::full(day),
        Deadline::CannotCompute(missing) => {
            format!(
                "a day that cannot be computed: {missing}. Ask the LA administrator to add the school’s terms"
            )
        }
    }
}

/// The two sessions of a day, for a form.
pub fn halves() -> Vec<(&'static str, &'static str)> {
    vec![(Half::Morning.as_str(), "Morning"), (Half::Afternoon.as_str(), "Afternoon")]
}

/// A total against its ceiling: a bar of 200 units, and its ticks.
pub struct Total {
    pub heading: String,
    pub words: String,
    pub parts: Vec<String>,
    /// Width of 200.
    pub width: u32,
    /// Where the ticks stand of 200, and what they mean.
    pub ticks: Vec<(u32, &'static str)>,
}

impl Total {
    /// A total with its parts, on a scale to `most`, with ticks at numbers of days.
    pub fn new(
        heading: String,
        total: HalfDays,
        parts: Vec<String>,
        most: HalfDays,
        ticks: &[(u32, &'static str)],
    ) -> Self {
        let at = |half_days: u32| (half_days * 200 / most.0.max(1)).min(200);
        Self {
            heading,
            words: total.to_string(),
            parts,
            width: at(total.0),
            ticks: ticks.iter().map(|(days, means)| (at(days * 2), *means)).collect(),
        }
    }
}
