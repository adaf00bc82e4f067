//! The overview for governors: the same school without anybody's name, and without numbers so small that somebody
//! could be recognised.

use askama::Template;
use axum::response::Response;

use super::{
    figures,
    handlers::{MOST, ending, only, year_began},
    late::{self, Overdue},
    standing::{self, Standing},
};
use crate::{
    db::exclusions::{self, Used},
    domain::{
        dates,
        monitoring::Totals,
        permission::Capability,
        suppression::{SMALL, Shown, is_small, line},
        suspension::HalfDays,
        text,
    },
    web::{charts::StackedBars, error::Error, extract::Visit, page::Chrome},
};

/// Parts of a whole, as printed.
pub struct Parts {
    pub caption: &'static str,
    pub first_column: &'static str,
    pub rows: Vec<(String, String)>,
    pub total: String,
}

impl Parts {
    fn of(caption: &'static str, first_column: &'static str, parts: &[(String, u32)]) -> Self {
        let numbers: Vec<_> = parts.iter().map(|(_, number)| *number).collect();
        let shown = line(&numbers);
        Self {
            caption,
            first_column,
            rows: parts
                .iter()
                .zip(&shown.columns)
                .map(|((name, _), number)| (name.clone(), number.words()))
                .collect(),
            total: shown.total.words(),
        }
    }
}

#[derive(Template)]
#[template(path = "overview/governors.html")]
struct GovernorsPage {
    chrome: Chrome,
    school: String,
    today: String,
    /// By stage, and by goal.
    standing: [Parts; 2],
    over_time: Vec<(String, Vec<String>)>,
    /// Drawn when no number of it is hidden.
    chart: Option<StackedBars>,
    /// What all pupils together came to; none: too few pupils.
    points: Option<String>,
    /// Suspended, and left.
    year: [Parts; 2],
    overdue: String,
    waiting: String,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let (today, moment) = (visit.tx.today(), visit.tx.moment());
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let overdue = Overdue::at(&mut visit.tx, &ids).await?;
    let owing = exclusions::owing(visit.tx.conn(), &ids, moment).await?;
    let used = exclusions::used(visit.tx.conn(), &ids, moment).await?;
    let waiting = super::queries::waiting(visit.tx.conn(), &ids).await?;
    let pupils = figures::on_programme(visit.tx.conn(), &ids, None, MOST).await?;
    let ends = standing::ends_of_weeks(overdue.calendars.values(), today);
    let rows = figures::stages_on(visit.tx.conn(), &ids, &ends).await?;
    let left = figures::left_as(visit.tx.conn(), &ids, year_began(today)).await?;

    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let now: Vec<_> = (1..=3_i16)
        .map(|stage| {
            (format!("Stage {stage}"), count(pupils.iter().filter(|one| one.stage == stage).count()))
        })
        .collect();
    let chart = standing::stage_chart(&rows, &ends);
    let hides = chart.columns.iter().any(|column| line(&column.values).columns.contains(&Shown::Hidden));
    let left: Vec<_> = left
        .iter()
        .map(|row| {
            let how = text::capital(ending(row.ended_as.as_deref()));
            (how, u32::try_from(row.cases).unwrap_or(u32::MAX))
        })
        .collect();
    let late = overdue.late.len() + late::late_steps(&owing, today);
    let page = GovernorsPage {
        chrome: visit.chrome(),
        school: only(&schools),
        today: dates::full(today),
        standing: [Parts::of("Pupils on the programme by stage", "Stage", &now), goal(&pupils)],
        over_time: over_time(&chart),
        chart: (!hides && !chart.columns.is_empty()).then_some(chart),
        points: points(&pupils),
        year: [suspended(&used), Parts::of("Pupils who left the programme this school year", "How", &left)],
        overdue: alone(count(late)),
        waiting: alone(count(waiting.len())),
    };
    visit.show_nothing_personal(&page).await
}

/// A number with no parts beside it.
fn alone(number: u32) -> String {
    if is_small(number) { format!("fewer than {SMALL}") } else { number.to_string() }
}

/// Week by week, each with its small numbers hidden.
fn over_time(chart: &StackedBars) -> Vec<(String, Vec<String>)> {
    chart
        .columns
        .iter()
        .map(|column| {
            let shown = line(&column.values);
            let numbers = shown.columns.into_iter().chain([shown.total]);
            (column.name.clone(), numbers.map(Shown::words).collect())
        })
        .collect()
}

fn goal(pupils: &[figures::PupilNow]) -> Parts {
    let mut counts = [0_u32; 3];
    for pupil in pupils {
        let at = match Standing::of(pupil).reached() {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        counts[at] += 1;
    }
    let names = ["At or above goal", "Below goal", "Nothing recorded"];
    let parts: Vec<_> = names.into_iter().map(str::to_owned).zip(counts).collect();
    Parts::of("Pupils over their last 20 recorded days", "Standing", &parts)
}

/// All pupils' points together: of so few that one could be worked out, nothing is said.
fn points(pupils: &[figures::PupilNow]) -> Option<String> {
    let mut all = Totals::default();
    let mut with_marks = 0;
    for pupil in pupils {
        let totals = Standing::of(pupil).totals;
        all += totals;
        with_marks += u32::from(totals.recorded > 0);
    }
    (with_marks >= SMALL).then(|| format!("{}, {}", all.words(), all.recorded_words()))
}

fn suspended(used: &[Used]) -> Parts {
    let between = |from: HalfDays, to: HalfDays| {
        let counted =
            used.iter().filter(|one| one.year.is_some_and(|year| from < year && year <= to)).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    };
    let days = HalfDays::days;
    let unknown = used.iter().filter(|one| one.year.is_none()).count();
    let mut parts = vec![
        ("Up to 5 days", between(HalfDays::NONE, days(5))),
        ("More than 5, up to 15 days", between(days(5), days(15))),
        ("More than 15 days", between(days(15), HalfDays(u32::MAX))),
    ];
    if unknown > 0 {
        let unknown = u32::try_from(unknown).unwrap_or(u32::MAX);
        parts.push(("Cannot be worked out: the school’s terms are not loaded", unknown));
    }
    let parts: Vec<_> = parts.into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
    Parts::of("Pupils suspended this school year, by days", "Days", &parts)
}
