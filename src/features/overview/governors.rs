//! The overview for governors: the same school without anybody's name, and without numbers so small that somebody
//! could be recognised.

use askama::Template;
use axum::response::Response;

use super::{
    export, figures,
    handlers::{MOST, ending, only, year_began},
    late::{self, Overdue},
    standing::{self, Standing},
};
use crate::{
    db::{
        ScopedTx,
        exclusions::{self, Used},
    },
    domain::{
        dates,
        ids::SchoolId,
        monitoring::Totals,
        permission::Capability,
        suppression::{SMALL, Shown, is_small, line},
        suspension::HalfDays,
        text,
    },
    web::{charts::StackedBars, error::Error, export::Cell, extract::Visit, page::Chrome},
};

/// Parts of a whole, as they may be published.
pub struct Parts {
    pub caption: &'static str,
    pub first_column: &'static str,
    pub rows: Vec<(String, Shown)>,
    pub total: Shown,
}

impl Parts {
    fn of(caption: &'static str, first_column: &'static str, parts: &[(String, u32)]) -> Self {
        let numbers: Vec<_> = parts.iter().map(|(_, number)| *number).collect();
        let shown = line(&numbers);
        let names = parts.iter().map(|(name, _)| name.clone());
        Self { caption, first_column, rows: names.zip(shown.columns).collect(), total: shown.total }
    }
}

/// The columns of stages, week by week.
const STAGES: [&str; 4] = ["Stage 1", "Stage 2", "Stage 3", "All"];

/// What governors are told.
pub struct ForGovernors {
    /// By stage, and by goal.
    standing: [Parts; 2],
    over_time: Vec<(String, Vec<Shown>)>,
    /// Drawn when no number of it is hidden.
    chart: Option<StackedBars>,
    /// What all pupils together came to; none: too few pupils.
    points: Option<String>,
    /// Suspended, and left.
    year: [Parts; 2],
    overdue: Alone,
    waiting: Alone,
}

/// A number with no parts beside it.
#[derive(Clone, Copy)]
struct Alone(u32);

impl Alone {
    fn words(self) -> String {
        if is_small(self.0) { format!("fewer than {SMALL}") } else { self.0.to_string() }
    }

    fn cell(self) -> Cell {
        if is_small(self.0) { Cell::Text(self.words()) } else { Cell::Number(self.0.into()) }
    }
}

impl ForGovernors {
    /// What governors of these schools are told today.
    pub async fn of(tx: &mut ScopedTx, schools: &[SchoolId]) -> Result<Self, Error> {
        let (today, moment) = (tx.today(), tx.moment());
        let overdue = Overdue::at(tx, schools).await?;
        let owing = exclusions::owing(tx.conn(), schools, moment).await?;
        let used = exclusions::used(tx.conn(), schools, moment).await?;
        let waiting = super::queries::waiting(tx.conn(), schools).await?;
        let pupils = figures::on_programme(tx.conn(), schools, None, MOST).await?;
        let ends = standing::ends_of_weeks(overdue.calendars.values(), today);
        let rows = figures::stages_on(tx.conn(), schools, &ends).await?;
        let left = figures::left_as(tx.conn(), schools, year_began(today)).await?;

        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let at = |stage: i16| count(pupils.iter().filter(|one| one.stage == stage).count());
        let now: Vec<_> = (1..=3).map(|stage| (format!("Stage {stage}"), at(stage))).collect();
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
        Ok(Self {
            standing: [Parts::of("Pupils on the programme by stage", "Stage", &now), goal(&pupils)],
            over_time: over_time(&chart),
            chart: (!hides && !chart.columns.is_empty()).then_some(chart),
            points: points(&pupils),
            year: [
                suspended(&used),
                Parts::of("Pupils who left the programme this school year", "How", &left),
            ],
            overdue: Alone(count(late)),
            waiting: Alone(count(waiting.len())),
        })
    }

    /// Number by number: what is counted, which part of it, how many.
    pub fn rows(&self) -> Vec<Vec<Cell>> {
        let row = |what: &str, which: &str, number: Cell| vec![what.into(), which.into(), number];
        let mut rows = Vec::new();
        let mut add = |parts: &[Parts]| {
            for of in parts {
                rows.extend(of.rows.iter().map(|(name, number)| row(of.caption, name, (*number).into())));
                rows.push(row(of.caption, "All", of.total.into()));
            }
        };
        add(&self.standing);
        add(&self.year);
        for (week, numbers) in &self.over_time {
            let what = format!("Pupils by stage at the end of {week}");
            rows.extend(STAGES.iter().zip(numbers).map(|(name, number)| row(&what, name, (*number).into())));
        }
        if let Some(points) = &self.points {
            rows.push(row(
                "All pupils together over their last 20 recorded days",
                "Points",
                points.as_str().into(),
            ));
        }
        rows.push(row("Duties of the programme that are overdue", "All", self.overdue.cell()));
        rows.push(row("Moves that wait for the headteacher’s decision", "All", self.waiting.cell()));
        rows
    }
}

#[derive(Template)]
#[template(path = "overview/governors.html")]
struct GovernorsPage {
    chrome: Chrome,
    school: String,
    today: String,
    told: ForGovernors,
    export: Option<String>,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let page = GovernorsPage {
        told: ForGovernors::of(&mut visit.tx, &ids).await?,
        chrome: visit.chrome(),
        school: only(&schools),
        today: dates::full(visit.tx.today()),
        export: export::link(&visit, "governors"),
    };
    visit.show_nothing_personal(&page).await
}

/// Week by week, each with its small numbers hidden.
fn over_time(chart: &StackedBars) -> Vec<(String, Vec<Shown>)> {
    chart
        .columns
        .iter()
        .map(|column| {
            let shown = line(&column.values);
            (column.name.clone(), shown.columns.into_iter().chain([shown.total]).collect())
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
