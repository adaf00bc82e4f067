//! The headteacher's page.

use askama::Template;
use axum::response::Response;
use time::{Date, Duration};

use super::{
    export,
    figures::{self, LeftAs},
    late::{self, LateLine, Overdue},
    lists::{DaysLine, near_limit},
    queries, standing,
    views::{self, DelegateLine, NoticeLine, OwingLine, WaitingLine, stages},
};
use crate::{
    db::exclusions,
    domain::{
        calendar::monday, dates, ids::SchoolId, permission::Capability, suspension::terms::august_year,
    },
    web::{
        charts::{Multiples, StackedBars},
        error::Error,
        extract::Visit,
        page::Chrome,
        urls,
    },
};

/// Overdue duties, exclusions with something owed, pupils with suspension days: so many of each on the page.
const LINES: usize = 8;
/// Pictures of pupils on the page.
const PICTURES: usize = 12;
/// The newest things the headteacher was told, on the page.
const NEWEST: i64 = 5;
/// Most pupils on the programme of one headteacher that the page reads.
pub const MOST: i64 = 1000;

/// A number that leads to the list it counts.
struct Number {
    count: usize,
    words: &'static str,
    href: &'static str,
}

impl Number {
    fn of(count: usize, (one, many): (&'static str, &'static str), href: &'static str) -> Self {
        Self { count, words: if count == 1 { one } else { many }, href }
    }
}

#[derive(Template)]
#[template(path = "overview/index.html")]
struct OverviewPage {
    chrome: Chrome,
    today: String,
    numbers: Vec<Number>,
    waiting: Vec<WaitingLine>,
    export_waiting: Option<String>,
    owing: Vec<OwingLine>,
    export_owing: Option<String>,
    owing_beyond: usize,
    /// Suspensions that owe nothing but the report for the term.
    reports: Option<String>,
    overdue: Vec<LateLine>,
    overdue_beyond: usize,
    /// How many steps after an exclusion are late too.
    steps_late: Option<String>,
    unopened: String,
    notices: Vec<NoticeLine>,
    week: String,
    by_stage: StackedBars,
    goal: Multiples,
    goal_beyond: usize,
    days: Vec<DaysLine>,
    days_beyond: usize,
    left: Vec<(String, String)>,
    left_words: String,
    schools: Vec<SchoolSection>,
    several_schools: bool,
}

/// What belongs to one school of the person.
struct SchoolSection {
    name: String,
    stages: Vec<(String, String, String)>,
    delegates: Vec<DelegateLine>,
    name_delegate: Option<String>,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let moment = visit.tx.moment();
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    // Before the notices are read: that something is overdue, or feedback was missed, is found out here.
    let overdue = Overdue::at(&mut visit.tx, &ids).await?;
    let owing = exclusions::owing(visit.tx.conn(), &ids, moment).await?;
    let steps = late::late_steps(&owing, today);
    let (reports, owing): (Vec<_>, Vec<_>) =
        owing.into_iter().partition(|owing| views::only_the_report(owing, today));
    let used = exclusions::used(visit.tx.conn(), &ids, moment).await?;
    let waiting = queries::waiting(visit.tx.conn(), &ids).await?;
    let mut notices = queries::notices(visit.tx.conn(), &ids, None, NEWEST).await?;
    notices.truncate(usize::try_from(NEWEST).unwrap_or(0));
    let unopened = queries::unopened(visit.tx.conn(), &ids).await?;
    let counts = queries::by_stage(visit.tx.conn(), &ids).await?;
    let delegations = queries::delegations(visit.tx.conn(), &ids, today).await?;
    let pupils = figures::on_programme(visit.tx.conn(), &ids, None, MOST).await?;
    let ends = standing::ends_of_weeks(overdue.calendars.values(), today);
    let rows = figures::stages_on(visit.tx.conn(), &ids, &ends).await?;
    let left = figures::left_as(visit.tx.conn(), &ids, year_began(today)).await?;

    let place = views::place(&schools);
    let near = used.iter().filter(|one| near_limit(one)).count();
    let open: i64 = counts.iter().map(|count| count.cases).sum();
    let goal = standing::goal_chart(visit.tx.conn(), &pupils, PICTURES).await?;
    let page = OverviewPage {
        chrome: visit.chrome(),
        today: dates::full(today),
        numbers: vec![
            Number::of(
                usize::try_from(open).unwrap_or(0),
                ("pupil on the programme", "pupils on the programme"),
                urls::OVERVIEW_PUPILS.pattern,
            ),
            Number::of(
                overdue.late.len() + steps,
                ("duty overdue", "duties overdue"),
                urls::OVERVIEW_OVERDUE.pattern,
            ),
            Number::of(waiting.len(), ("decision waits for you", "decisions wait for you"), "#waiting"),
            Number::of(
                near,
                ("pupil within 10 days of the 45-day limit", "pupils within 10 days of the 45-day limit"),
                urls::OVERVIEW_NEAR_LIMIT,
            ),
        ],
        waiting: waiting.iter().map(|row| WaitingLine::of(row, &place)).collect(),
        export_waiting: export::link(&visit, "waiting"),
        export_owing: export::link(&visit, "exclusions"),
        reports: views::reports(&reports),
        owing_beyond: owing.len().saturating_sub(LINES),
        owing: owing.iter().take(LINES).map(|owing| OwingLine::of(owing, &place, today)).collect(),
        overdue_beyond: overdue.late.len().saturating_sub(LINES),
        steps_late: views::steps_late(steps),
        overdue: overdue.lines(&visit, &place, LINES),
        unopened: match unopened {
            0 => "Nothing new in your inbox".to_owned(),
            1 => "1 new in your inbox".to_owned(),
            n => format!("{n} new in your inbox"),
        },
        notices: notices.iter().map(|row| NoticeLine::of(row, &place)).collect(),
        week: urls::digest(monday(today)),
        by_stage: standing::stage_chart(&rows, &ends),
        goal_beyond: pupils.len() - goal.panels.len(),
        goal,
        days_beyond: used.len().saturating_sub(LINES),
        days: used.iter().take(LINES).map(|one| DaysLine::of(one, &place)).collect(),
        left_words: left_words(&left, today),
        left: left_lines(&left),
        schools: schools
            .iter()
            .map(|(school, name)| {
                let names = visit.actor().may_at(Capability::NameDelegates, *school);
                SchoolSection {
                    name: name.clone(),
                    stages: stages(&counts, *school, schools.len() > 1),
                    delegates: delegations
                        .iter()
                        .filter(|row| row.school == *school)
                        .map(|row| DelegateLine::of(row, names, today))
                        .collect(),
                    name_delegate: names.then(|| urls::name_delegate(*school)),
                }
            })
            .collect(),
        several_schools: schools.len() > 1,
    };
    let shown = waiting
        .iter()
        .map(|row| row.pupil)
        .chain(notices.iter().map(|row| row.pupil))
        .chain(overdue.pupils(LINES))
        .chain(owing.iter().take(LINES).map(|owing| owing.pupil))
        .chain(used.iter().take(LINES).map(|one| one.pupil))
        // The sentence over the pictures counts all of them.
        .chain(pupils.iter().map(|one| one.pupil));
    let trace = views::trace(&schools, shown);
    visit.show(trace, &page).await
}

/// The first day of the school year as the overview counts it: 1 August.
pub fn year_began(today: Date) -> Date {
    let year = august_year(today);
    Date::from_calendar_date(year, time::Month::August, 1).unwrap_or(today - Duration::days(365))
}

/// How a case ended, in the words of the page.
pub fn ending(stored: Option<&str>) -> &'static str {
    match stored {
        Some("progress") | None => "made progress",
        Some("moved_out") => "moved out of the area",
        Some("left") => "left the school",
        Some("excluded") => "permanently excluded",
        Some(_) => "ended otherwise",
    }
}

fn left_words(left: &[LeftAs], today: Date) -> String {
    let all: i64 = left.iter().map(|row| row.cases).sum();
    let since = dates::long(year_began(today));
    match all {
        0 => format!("Nobody has left the programme since {since}"),
        1 => format!("1 pupil has left the programme since {since}"),
        n => format!("{n} pupils have left the programme since {since}"),
    }
}

fn left_lines(left: &[LeftAs]) -> Vec<(String, String)> {
    left.iter()
        .map(|row| (crate::domain::text::capital(ending(row.ended_as.as_deref())), row.cases.to_string()))
        .collect()
}

/// A school of the person, when the page is about one at a time.
pub fn only(schools: &[(SchoolId, String)]) -> String {
    schools.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}
