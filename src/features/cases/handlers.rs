//! The list of cases, the case page, the lead.

use std::fmt::Write as _;

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::Date;

use super::{
    effect::{self, Days, Effect},
    happenings,
    queries::{self, CaseLine, Filter, PAGE, TargetPeriod},
    views::{last_marked, week_words},
};
use crate::{
    db::{ScopedTx, Trace, calendar as school_calendar, case::CaseOf, duties},
    domain::{
        calendar::SchoolCalendar,
        dates,
        duties::What,
        ids::{CaseId, SchoolId},
        monitoring::{self, Reason, Totals},
        permission::Capability,
        pupil::{SendStatus, YearGroup, display_name},
        signals,
        stage::Entry,
        target,
    },
    web::{
        case::{Identity, episodes},
        charts::{Bar, BarStrip, RunChart, RunPoint},
        duty::{About, DutyLine},
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    stage: Option<String>,
    closed: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/index.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct CasesPage {
    chrome: Chrome,
    lines: Vec<Line>,
    more: Option<String>,
    beyond_first: bool,
    closed: bool,
    stage: String,
    may_open: bool,
    several_schools: bool,
    export: Option<String>,
}

struct Line {
    href: String,
    name: String,
    about: String,
    school: String,
    stage: i16,
    lead: String,
    since: String,
    week: String,
    last_marked: String,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let stage =
        asked.stage.as_deref().and_then(|text| text.parse::<i16>().ok()).filter(|n| (1..=3).contains(n));
    let after = asked.after.as_deref().map(str::parse::<CaseId>).transpose().map_err(|_| Error::NotFound)?;
    let filter = Filter { stage, closed: asked.closed.is_some(), after, rows: PAGE + 1 };
    let schools = visit.actor().schools_with(Capability::SeeCases);
    let mut rows = rows(&mut visit.tx, schools.as_deref(), filter).await?;
    let full = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let more = rows.last().filter(|_| full).map(|last| {
        let mut href = format!("/cases?after={}", last.id);
        if let Some(stage) = stage {
            let _ = write!(href, "&stage={stage}");
        }
        if filter.closed {
            href += "&closed=1";
        }
        href
    });
    let trace = Trace {
        school: rows
            .first()
            .map(|row| row.school)
            .filter(|first| rows.iter().all(|row| row.school == *first)),
        pupils: rows.iter().map(|row| row.pupil).collect(),
        ..Trace::default()
    };
    let page = CasesPage {
        chrome: visit.chrome(),
        lines: rows.iter().map(|row| line(row, today)).collect(),
        more,
        beyond_first: after.is_some(),
        closed: filter.closed,
        stage: stage.map_or_else(String::new, |n| n.to_string()),
        may_open: visit.actor().may(Capability::OpenCase),
        several_schools: !matches!(schools.as_deref(), Some([_])),
        export: visit.actor().may(Capability::ExportCases).then(|| urls::export_cases(stage, filter.closed)),
    };
    visit.show(trace, &page).await
}

/// The cases of these schools; none: of the whole authority.
pub async fn rows(
    tx: &mut ScopedTx,
    schools: Option<&[(SchoolId, String)]>,
    filter: Filter,
) -> Result<Vec<CaseLine>, Error> {
    let authority = tx.actor().authority;
    Ok(match schools {
        Some([(school, _)]) => queries::of_school(tx.conn(), *school, filter).await?,
        Some(some) => {
            let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
            queries::of_many(tx.conn(), authority, &ids, filter).await?
        }
        None => queries::of_authority(tx.conn(), authority, filter).await?,
    })
}

fn line(row: &CaseLine, today: Date) -> Line {
    Line {
        href: urls::case(row.id),
        name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
        about: YearGroup::actual(row.born_on, row.year_offset, today).to_string(),
        school: row.school_name.clone(),
        stage: row.stage,
        lead: row.lead.clone(),
        since: match row.closed_on {
            Some(closed) => format!("{} to {}", dates::short(row.opened_on), dates::short(closed)),
            None => dates::short(row.opened_on),
        },
        week: week_words(row.week_on, row.week_points, row.week_possible, today),
        last_marked: last_marked(row.last_marked_on),
    }
}

#[derive(Template)]
#[template(path = "cases/show.html")]
struct CasePage {
    chrome: Chrome,
    identity: Identity,
    stages: Vec<StageStep>,
    next: Option<DutyLine>,
    later: Vec<DutyLine>,
    closed: Option<String>,
    aftercare: Option<String>,
    episodes: Vec<(&'static str, String)>,
    chart: RunChart,
    effect: Effect,
    by_period: BarStrip,
    by_target: BarStrip,
    support: Vec<(&'static str, String)>,
    rationale: Option<String>,
    latest: Vec<super::timeline::Entry>,
    whole: bool,
    may_name_lead: bool,
    case: CaseId,
}

struct StageStep {
    name: String,
    when: String,
    done: bool,
    now: bool,
}

pub async fn show(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::SeeCases).await?;
    let whole = visit.actor().may_at(Capability::SeeWholeCase, head.school);
    let days = Days::of(visit.tx.conn(), id).await?;
    let changes = effect::changes(visit.tx.conn(), &head, &days, today).await?;
    let since = days.drawn().last().map_or(today, |day| day.on_date);
    let targets = queries::by_target_and_period(visit.tx.conn(), id, since).await?;
    let calendar = school_calendar::of_school(visit.tx.conn(), head.school, today).await?;
    let (mut latest, mut owed, mut aftercare) = (Vec::new(), Vec::new(), None);
    if whole {
        latest = happenings::latest(visit.tx.conn(), id, head.school, None, 5).await?;
        let moment = visit.tx.moment();
        let duties = duties::of_case(visit.tx.conn(), &head, moment).await?;
        let about = About::case(&head, visit.actor());
        aftercare = duties.iter().find(|d| d.what == What::Aftercare).map(|d| dates::full(d.due_on));
        owed = duties.iter().map(|duty| DutyLine::of(duty, about, &calendar, today)).collect();
    }
    let later = owed.split_off(owed.len().min(1));
    let goal = u32::try_from(head.goal_percent).unwrap_or(80);
    let page = CasePage {
        chrome: visit.chrome(),
        identity: Identity::of(&head, visit.actor(), today, "Overview"),
        stages: stages(&head),
        next: owed.pop(),
        later,
        closed: head.closed_on.map(dates::full),
        aftercare,
        episodes: episodes(&head, visit.actor()),
        chart: chart(&days, &calendar, goal, &changes),
        effect: effect::effect(&days, &changes),
        by_period: by_period(&targets, since),
        by_target: by_target(&targets, since),
        support: if whole { support(&head, timescale(&head, &targets, today)) } else { Vec::new() },
        rationale: whole.then(|| head.rationale.clone()),
        latest: latest.into_iter().map(super::timeline::Entry::of).collect(),
        whole,
        may_name_lead: visit.actor().may_at(Capability::NominateLead, head.school)
            && head.closed_on.is_none(),
        case: id,
    };
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}

/// A day as JSON from the database writes it.
fn stored_day(text: &str) -> Option<Date> {
    Date::parse(text, &time::format_description::well_known::Iso8601::DATE).ok()
}

fn stages(head: &CaseOf) -> Vec<StageStep> {
    let day = |text: &str| stored_day(text).map_or_else(|| text.to_owned(), dates::long);
    (1..=3)
        .map(|stage| {
            let row = head.stages.0.iter().rev().find(|row| row.stage == stage);
            let now = row.is_some_and(|row| row.left_on.is_none());
            StageStep {
                name: format!("Stage {stage}"),
                when: match row {
                    None => "not entered".to_owned(),
                    Some(row) => match &row.left_on {
                        None => format!("since {}", day(&row.entered_on)),
                        Some(left) => format!("{} to {}", day(&row.entered_on), day(left)),
                    },
                },
                done: row.is_some_and(|row| row.left_on.is_some()),
                now,
            }
        })
        .collect()
}

/// A day's totals as the domain counts them.
pub(super) fn totals(day: &queries::DayLine) -> Totals {
    let number = |n: i16| u32::try_from(n).unwrap_or(0);
    Totals { points: number(day.points), recorded: number(day.recorded), expected: number(day.expected) }
}

/// Why a day has no marks, or how many of them were made.
pub(super) fn remark(day: &queries::DayLine) -> String {
    match day.reason.as_deref().and_then(Reason::from_stored) {
        Some(reason) => format!("{} all day", reason.label()),
        None => totals(day).recorded_words(),
    }
}

/// The days drawn, and a gap for each school day between them that nobody recorded.
fn chart(days: &Days, calendar: &SchoolCalendar, goal: u32, changes: &[queries::ChangeRow]) -> RunChart {
    let drawn: Vec<_> = days.drawn().iter().rev().map(|day| (day.on_date, day)).collect();
    let first = drawn.first().map(|(day, _)| *day);
    let drawn = monitoring::with_missing_days(drawn, calendar);
    let all: Vec<_> = drawn.iter().map(|(_, day)| day.map_or_else(Totals::default, totals)).collect();
    RunChart {
        id: "progress".to_owned(),
        title: monitoring::progress_sentence(&all, goal, days.earlier()),
        goal: u8::try_from(goal).ok(),
        middle: signals::middle(&all),
        points: drawn
            .iter()
            .zip(&all)
            .map(|((on, day), totals)| RunPoint {
                day: *on,
                axis: dates::day_month(*on),
                name: dates::full(*on),
                percent: totals.percent(),
                words: totals.words(),
                reached: totals.reaches(goal),
                remark: day.map_or_else(|| "not recorded".to_owned(), remark),
            })
            .collect(),
        markers: effect::markers(changes, first),
    }
}

fn by_period(targets: &[TargetPeriod], since: Date) -> BarStrip {
    // A number that meant another period on earlier days stays apart.
    let mut periods: std::collections::BTreeMap<(i16, Option<&str>), Totals> =
        std::collections::BTreeMap::new();
    for row in targets {
        if let Some(period) = row.period {
            *periods.entry((period, row.label.as_deref())).or_default() += marks(row);
        }
    }
    let name =
        |period: i16, label: Option<&str>| label.map_or_else(|| format!("Period {period}"), str::to_owned);
    BarStrip {
        id: "by-period".to_owned(),
        title: format!("By period since {}", dates::day_month(since)),
        caption: "Points by period over the days drawn above".to_owned(),
        first_column: "Period".to_owned(),
        bars: periods.into_iter().map(|((period, label), totals)| bar(name(period, label), totals)).collect(),
    }
}

fn by_target(targets: &[TargetPeriod], since: Date) -> BarStrip {
    let mut rows: Vec<(&TargetPeriod, Totals)> = Vec::new();
    for row in targets {
        match rows.last_mut() {
            Some((last, totals)) if last.target == row.target => *totals += marks(row),
            _ => rows.push((row, marks(row))),
        }
    }
    BarStrip {
        id: "by-target".to_owned(),
        title: format!("By target since {}", dates::day_month(since)),
        caption: "Points by target over the days drawn above".to_owned(),
        first_column: "Target".to_owned(),
        bars: rows
            .into_iter()
            .filter(|(row, totals)| row.ended_on.is_none() || totals.recorded > 0)
            .map(|(row, totals)| bar(row.words.clone(), totals))
            .collect(),
    }
}

fn marks(row: &TargetPeriod) -> Totals {
    let number = |n: i64| u32::try_from(n).unwrap_or(0);
    Totals { points: number(row.points), recorded: number(row.recorded), expected: number(row.recorded) }
}

fn bar(label: String, totals: Totals) -> Bar {
    Bar { label, percent: totals.percent(), words: totals.words(), remark: String::new() }
}

/// When and, unless it is the usual beginning, at which stage and why it began (7.2 A1, A17).
fn began(head: &CaseOf) -> String {
    let day = dates::long(head.opened_on);
    match Entry::from_stored(&head.entry_reason) {
        Some(reason) if head.entry_stage > 1 || reason != Entry::Concern => {
            format!("{day}, at Stage {}. {}", head.entry_stage, reason.label())
        }
        Some(_) | None => day,
    }
}

/// When the targets are due, where the timescale was extended (S1.14).
fn timescale(head: &CaseOf, targets: &[TargetPeriod], today: Date) -> Option<String> {
    let live = targets.iter().filter(|t| t.ended_on.is_none_or(|ended| ended >= today));
    let mut days: Vec<_> = live.map(|t| t.due_on).collect();
    days.sort_unstable();
    days.dedup();
    let words: Vec<_> =
        days.into_iter().filter_map(|day| target::extended_words(day, head.extended_until)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn support(head: &CaseOf, timescale: Option<String>) -> Vec<(&'static str, String)> {
    let send =
        SendStatus::ALL.into_iter().find(|send| send.as_str() == head.send).unwrap_or(SendStatus::None);
    let mut rows = vec![
        ("Leads the case", head.lead_name.clone()),
        ("Opened", began(head)),
        ("Special educational needs", send.label().to_owned()),
    ];
    if let Some(words) = timescale {
        rows.push(("Targets due", words));
    }
    if let Some(note) = &head.note_before {
        rows.push(("From the school before", note.clone()));
    }
    if head.looked_after {
        rows.push(("Looked after", "Yes: the virtual school head is to be told of every step".to_owned()));
    }
    if head.eal {
        rows.push(("English as an additional language", "Yes".to_owned()));
    }
    rows
}
