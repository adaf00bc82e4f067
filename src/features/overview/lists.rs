//! The lists behind the numbers of the overview: each is exactly what its number counts.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    export,
    figures::{self, Leaver},
    handlers::{ending, year_began},
    standing::Standing,
    views::{self, Place},
};
use crate::{
    db::exclusions::{self, Used},
    domain::{
        dates, ids::CaseId, overview::NEAR_LIMIT_DAYS, permission::Capability, pupil::display_name,
        suspension::HalfDays, text,
    },
    web::{
        charts::{LimitBar, Sparkline},
        error::Error,
        extract::Visit,
        page::Chrome,
        urls,
    },
};

/// Lines on a page.
const PAGE: i64 = 50;

/// Where the next page begins.
#[derive(Debug, Default, Deserialize)]
pub struct After {
    after: Option<String>,
}

impl After {
    fn case(&self) -> Result<Option<CaseId>, Error> {
        self.after.as_deref().map(str::parse).transpose().map_err(|_| Error::NotFound)
    }
}

/// Leaves what does not fit the page, and says after which line the next one begins.
fn page_of<T>(rows: &mut Vec<T>, id: impl Fn(&T) -> CaseId) -> Option<CaseId> {
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    rows.last().filter(|_| more).map(id)
}

#[derive(Template)]
#[template(path = "overview/pupils.html")]
struct PupilsPage {
    chrome: Chrome,
    heading: String,
    lines: Vec<PupilLine>,
    beyond_first: bool,
    more: Option<String>,
    export: Option<String>,
}

struct PupilLine {
    href: String,
    name: String,
    school: Option<String>,
    stage: i16,
    standing: &'static str,
    goal: u32,
    spark: Sparkline,
    recorded: String,
}

pub async fn pupils(Query(asked): Query<After>, mut visit: Visit) -> Result<Response, Error> {
    let after = asked.case()?;
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let counts = super::queries::by_stage(visit.tx.conn(), &ids).await?;
    let mut rows = figures::on_programme(visit.tx.conn(), &ids, after, PAGE + 1).await?;
    let next = page_of(&mut rows, |row| row.case);
    let cases: Vec<_> = rows.iter().map(|row| row.case).collect();
    let days = figures::latest_days(visit.tx.conn(), &cases).await?;
    let place = views::place(&schools);
    let all: i64 = counts.iter().map(|count| count.cases).sum();
    let line = |standing: Standing<'_>| PupilLine {
        href: urls::case(standing.pupil.case),
        name: standing.name(),
        school: place(standing.pupil.school),
        stage: standing.pupil.stage,
        standing: match standing.reached() {
            Some(true) => "At or above goal",
            Some(false) => "Below goal",
            None => "Nothing recorded",
        },
        goal: standing.goal,
        spark: standing.sparkline(days.get(&standing.pupil.case).map_or(&[], Vec::as_slice)),
        recorded: standing.totals.recorded_words(),
    };
    let page = PupilsPage {
        chrome: visit.chrome(),
        heading: views::counted(
            usize::try_from(all).unwrap_or(0),
            "pupil on the programme",
            "pupils on the programme",
        ),
        lines: rows.iter().map(Standing::of).map(line).collect(),
        beyond_first: after.is_some(),
        more: next.map(|case| format!("{}?after={case}", urls::OVERVIEW_PUPILS.pattern)),
        export: export::link(&visit, "pupils"),
    };
    let trace = views::trace(&schools, rows.iter().map(|row| row.pupil));
    visit.show(trace, &page).await
}

/// At most so many days from the 45, reached or passed them.
pub fn near_limit(used: &Used) -> bool {
    used.year.is_some_and(|year| HalfDays::CEILING.minus(year) <= HalfDays::days(NEAR_LIMIT_DAYS))
}

/// How much of the 45 days a pupil was suspended.
pub struct DaysLine {
    pub href: String,
    pub name: String,
    pub school: Option<String>,
    pub on_programme: bool,
    pub near: bool,
    pub bar: Option<LimitBar>,
    pub term: String,
}

impl DaysLine {
    pub fn of(used: &Used, place: Place<'_>) -> Self {
        Self {
            href: urls::suspensions(used.pupil),
            name: used.name.clone(),
            school: place(used.school),
            on_programme: used.on_programme,
            near: near_limit(used),
            bar: used.year.map(|year| LimitBar {
                used: f64::from(year.0) / 2.0,
                limit: HalfDays::CEILING.0 / 2,
                ticks: vec![5, 15, 45],
                words: format!(
                    "{} of 45",
                    year.to_string().trim_end_matches(" days").trim_end_matches(" day")
                ),
            }),
            term: used.term.map_or_else(String::new, |term| format!("{term} this legal term")),
        }
    }
}

/// Only those near the limit.
#[derive(Debug, Default, Deserialize)]
pub struct Which {
    near: Option<String>,
}

#[derive(Template)]
#[template(path = "overview/days.html")]
struct DaysPage {
    chrome: Chrome,
    heading: String,
    near: bool,
    lines: Vec<DaysLine>,
    export: Option<String>,
}

pub async fn days(Query(asked): Query<Which>, mut visit: Visit) -> Result<Response, Error> {
    let moment = visit.tx.moment();
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let mut used = exclusions::used(visit.tx.conn(), &ids, moment).await?;
    let near = asked.near.is_some();
    used.retain(|one| !near || near_limit(one));
    let place = views::place(&schools);
    let page = DaysPage {
        chrome: visit.chrome(),
        heading: if near {
            views::counted(
                used.len(),
                "pupil within 10 days of the 45-day limit",
                "pupils within 10 days of the 45-day limit",
            )
        } else {
            views::counted(
                used.len(),
                "pupil suspended this school year",
                "pupils suspended this school year",
            )
        },
        near,
        export: export::link(&visit, "suspension-days").filter(|_| !near),
        lines: used.iter().map(|one| DaysLine::of(one, &place)).collect(),
    };
    let trace = views::trace(&schools, used.iter().map(|one| one.pupil));
    visit.show(trace, &page).await
}

#[derive(Template)]
#[template(path = "overview/left.html")]
struct LeftPage {
    chrome: Chrome,
    since: String,
    lines: Vec<LeaverLine>,
    beyond_first: bool,
    more: Option<String>,
    export: Option<String>,
}

struct LeaverLine {
    href: String,
    name: String,
    school: Option<String>,
    how: String,
    stage: i16,
    from: String,
    on: String,
}

pub async fn left(Query(asked): Query<After>, mut visit: Visit) -> Result<Response, Error> {
    let before = asked.case()?;
    let since = year_began(visit.tx.today());
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let mut rows = figures::leavers(visit.tx.conn(), &ids, since, before, PAGE + 1).await?;
    let next = page_of(&mut rows, |row| row.case);
    let place = views::place(&schools);
    let line = |row: &Leaver| LeaverLine {
        href: urls::case(row.case),
        name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
        school: place(row.school),
        how: text::capital(ending(row.ended_as.as_deref())),
        stage: row.stage,
        from: dates::short(row.opened_on),
        on: row.closed_on.map_or_else(String::new, dates::short),
    };
    let page = LeftPage {
        chrome: visit.chrome(),
        since: dates::long(since),
        lines: rows.iter().map(line).collect(),
        beyond_first: before.is_some(),
        more: next.map(|case| format!("{}?after={case}", urls::OVERVIEW_LEFT.pattern)),
        export: export::link(&visit, "left"),
    };
    let trace = views::trace(&schools, rows.iter().map(|row| row.pupil));
    visit.show(trace, &page).await
}
