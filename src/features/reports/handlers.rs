//! The reports of a school year, and each of them.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    loaded::{Loaded, load},
    views::SectionView,
};
use crate::{
    domain::{
        dates,
        report::{By, Report, school_year},
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pub year: Option<String>,
    pub by: Option<String>,
    pub table: Option<String>,
}

/// What every page of the reports says first.
struct Frame {
    scope: String,
    /// "24 November 2026 at 6:05am"
    counted: Option<String>,
    /// Address, words and whether it is the one shown.
    years: Vec<(String, String, bool)>,
    year: String,
}

fn frame(loaded: &Loaded, address: impl Fn(i16) -> String) -> Frame {
    let shown = loaded.year.first_year;
    let mut years: Vec<_> = loaded.year.years.iter().map(|(year, _)| *year).chain([shown]).collect();
    years.sort_unstable();
    years.dedup();
    Frame {
        scope: loaded.scope.clone(),
        counted: loaded.counted_at.map(|at| {
            let at = crate::state::london(at);
            format!("{} at {}", dates::long(at.date()), dates::time_of_day(at.time()))
        }),
        years: years.iter().rev().map(|year| (address(*year), school_year(*year), *year == shown)).collect(),
        year: loaded.year.name(),
    }
}

#[derive(Template)]
#[template(path = "reports/index.html")]
struct ReportsPage {
    chrome: Chrome,
    frame: Frame,
    /// Address, heading and what it says.
    reports: Vec<(String, &'static str, Vec<String>)>,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let parts = Report::ALL.map(|report| report.parts(By::default())).concat();
    let loaded = load(&mut visit.tx, asked.year.as_deref(), &parts).await?;
    let year = loaded.year.first_year;
    let reports = Report::ALL.map(|report| {
        let sections = report.sections(&loaded.year, By::default());
        let said = sections.into_iter().map(|section| section.reading).take(2).collect();
        (urls::report(report, year, By::default()), report.label(), said)
    });
    let page = ReportsPage {
        chrome: visit.chrome(),
        frame: frame(&loaded, urls::reports),
        reports: reports.to_vec(),
    };
    visit.show_nothing_personal(&page).await
}

#[derive(Template)]
#[template(path = "reports/show.html")]
struct ReportPage {
    chrome: Chrome,
    frame: Frame,
    title: &'static str,
    back: String,
    /// What it can be broken down by: address, words, and whether it is now.
    breakdowns: Vec<(String, &'static str, bool)>,
    sections: Vec<SectionView>,
}

/// The report and what it is broken down by, from the address.
pub fn asked_for(report: &str, by: Option<&str>) -> Result<(Report, By), Error> {
    let report = Report::parse(report).ok_or(Error::NotFound)?;
    let by = by.map_or(Some(By::default()), By::parse).ok_or(Error::NotFound)?;
    Ok((report, if report.has_groups() { by } else { By::default() }))
}

pub async fn show(
    Id(report): Id<String>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let (report, by) = asked_for(&report, asked.by.as_deref())?;
    let loaded = load(&mut visit.tx, asked.year.as_deref(), report.parts(by)).await?;
    let year = loaded.year.first_year;
    let breakdowns = By::ALL.into_iter().filter(|_| report.has_groups());
    let page = ReportPage {
        chrome: visit.chrome(),
        frame: frame(&loaded, |year| urls::report(report, year, by)),
        title: report.label(),
        back: urls::reports(year),
        breakdowns: breakdowns
            .filter(|one| *one != By::School || loaded.several_schools || by == By::School)
            .map(|one| (urls::report(report, year, one), one.label(), one == by))
            .collect(),
        sections: report
            .sections(&loaded.year, by)
            .into_iter()
            .map(|section| SectionView::of(section, report, year, by))
            .collect(),
    };
    visit.show_nothing_personal(&page).await
}
