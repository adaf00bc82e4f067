//! What the pages of support show.

use time::Date;

use super::queries::{SessionRow, SupportRow};
use crate::{
    domain::{
        dates,
        ids::CaseId,
        monitoring::Totals,
        support::{Delivery, Effect, Priority, Stretch, SupportKind, before_and_lately},
    },
    state::london,
    web::urls,
};

/// Support, in words.
pub struct Card {
    pub href: String,
    pub edit: String,
    pub kind: &'static str,
    pub purpose: String,
    pub provider: String,
    pub by: String,
    /// Sessions planned and given; only what applies.
    pub planned: String,
    pub this_week: String,
    pub delivered: String,
    pub since: String,
    pub until: Option<String>,
    pub review: String,
    pub overdue: bool,
    pub begins: Option<String>,
    pub priority: Priority,
    /// How the agreement on priority came about, or why there is none.
    pub agreement: Vec<String>,
    pub of_service: bool,
    pub marks: String,
    pub ended: Option<String>,
    pub ended_why: Option<String>,
    pub version: i32,
    pub changed: String,
}

impl Card {
    pub fn waiting(&self) -> bool {
        self.priority == Priority::Waiting
    }

    pub fn agreed(&self) -> bool {
        self.priority == Priority::Agreed
    }

    pub fn declined(&self) -> bool {
        self.priority == Priority::Declined
    }

    pub fn asked(&self) -> bool {
        self.priority != Priority::NotAsked
    }
}

/// How the row's agreement on priority stands.
pub fn priority(row: &SupportRow) -> Priority {
    Priority::of(
        row.school_agreed_on.is_some(),
        row.service_agreed_on.is_some(),
        row.service_declined_on.is_some(),
    )
}

/// Which kind a row is; what this program does not know is shown as other support.
pub fn kind(row: &SupportRow) -> SupportKind {
    SupportKind::from_stored(&row.kind).unwrap_or(SupportKind::Other)
}

fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

/// A row in words.
pub fn card(case: CaseId, row: &SupportRow, today: Date) -> Card {
    let href = urls::one_support(case, row.id);
    let kind = kind(row);
    let a_week = u32::try_from(row.sessions_a_week).unwrap_or(0);
    let all = Delivery { given: number(row.given), recorded: number(row.recorded) };
    let week = Delivery { given: number(row.week_given), recorded: number(row.week_recorded) };
    let stretch = |days: i64, points: i64, marks: i64| Stretch {
        days: number(days),
        totals: Totals { points: number(points), recorded: number(marks), expected: number(marks) },
    };
    let begun = row.starts_on <= today;
    let at = london(row.changed_at);
    let effect = row.effect.as_deref().and_then(Effect::from_stored);
    Card {
        edit: format!("{href}/edit"),
        href,
        kind: kind.label(),
        purpose: row.purpose.clone(),
        provider: row.provider.clone(),
        by: row.lead_name.clone(),
        planned: match a_week {
            0 => "As needed".to_owned(),
            1 => "1 session a week".to_owned(),
            n => format!("{n} sessions a week"),
        },
        this_week: week.of_planned(a_week),
        delivered: all.words(),
        since: dates::long(row.starts_on),
        until: row.ends_on.map(dates::long),
        review: dates::full(row.review_on),
        overdue: row.ended_on.is_none() && row.review_on < today,
        begins: (!begun && row.ended_on.is_none()).then(|| dates::full(row.starts_on)),
        priority: priority(row),
        agreement: agreement(row),
        of_service: kind.of_service(),
        marks: before_and_lately(
            stretch(row.before_days, row.before_points, row.before_marks),
            stretch(row.lately_days, row.lately_points, row.lately_marks),
        ),
        ended: row
            .ended_on
            .map(|day| format!("{} on {}", effect.map_or("It ended", Effect::label), dates::long(day))),
        ended_why: row.ended_why.clone(),
        version: row.version,
        changed: format!(
            "{}, {} by {}",
            dates::short(at.date()),
            dates::time_of_day(at.time()),
            row.changed_by
        ),
    }
}

fn agreement(row: &SupportRow) -> Vec<String> {
    let mut said = Vec::new();
    let by = |name: &Option<String>| name.clone().map_or_else(String::new, |name| format!(" ({name})"));
    if let Some(day) = row.school_agreed_on {
        said.push(format!("The school asked on {}{}", dates::long(day), by(&row.school_agreed_name)));
    }
    let service = by(&row.service_answered_name);
    if let Some(day) = row.service_agreed_on {
        said.push(format!("The service agreed on {}{service}", dates::long(day)));
    }
    if let Some(day) = row.service_declined_on {
        said.push(format!("The service said no on {}{service}", dates::long(day)));
    }
    if let Some(words) = &row.service_words {
        let answered = row.service_agreed_on.is_some() || row.service_declined_on.is_some();
        let whose = if answered { "It said" } else { "It said before" };
        said.push(format!("{whose}: {words}"));
    }
    said
}

/// A session, in words.
pub struct Session {
    pub day: String,
    pub given: String,
    pub note: String,
    pub by: String,
    pub replaced: bool,
    pub corrects: bool,
    /// Where it is corrected; none: it was.
    pub correct: Option<String>,
}

/// A session in words; `href` is the page it is corrected on, when this person may.
pub fn session(row: &SessionRow, href: Option<&str>) -> Session {
    let at = london(row.recorded_at);
    Session {
        day: format!("{} {}", dates::weekday_short(row.on_date), dates::short(row.on_date)),
        given: match (&row.why_not, row.delivered) {
            (_, true) => "Given".to_owned(),
            (Some(why), false) => format!("Not given: {why}"),
            (None, false) => "Not given".to_owned(),
        },
        note: row.note.clone().unwrap_or_default(),
        by: format!("{}, {} {}", row.by, dates::short(at.date()), dates::time_of_day(at.time())),
        replaced: row.replaced,
        corrects: row.replaces.is_some(),
        correct: href.filter(|_| !row.replaced).map(|href| format!("{href}?correct={}#record", row.id)),
    }
}
