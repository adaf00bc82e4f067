//! Reports: counts that name nobody.

use super::{get, post};
use crate::{
    domain::{
        permission::Capability,
        report::{By, Report},
    },
    web::routes::{Audit, RouteSpec},
};

/// What the reports of a year say.
pub static REPORTS: RouteSpec = get("reports", "/reports", Capability::SeeReports, &[], Audit::None);
/// One report.
pub static REPORT: RouteSpec = get("report", "/reports/{report}", Capability::SeeReports, &[], Audit::None);
/// What a file of a table would hold, and why it is wanted.
pub static REPORT_EXPORT_NEW: RouteSpec =
    get("report_export_form", "/reports/{report}/export", Capability::SeeReports, &[], Audit::None);
/// Takes a table out as a file.
pub static REPORT_EXPORT: RouteSpec = post(
    "export_report",
    "/reports/{report}/export",
    Capability::SeeReports,
    &[],
    &["year", "by", "table", "format", "why", "words"],
    Audit::Read,
);

/// The reports of a school year.
pub fn reports(year: i16) -> String {
    format!("/reports?year={year}")
}

/// A report of a school year, broken down by one thing.
pub fn report(report: Report, year: i16, by: By) -> String {
    format!("/reports/{}?year={year}{}", report.as_str(), by_of(report, by))
}

/// The form to take a table of a report out as a file.
pub fn export_report(report: Report, year: i16, by: By, table: &str) -> String {
    format!("/reports/{}/export?year={year}{}&table={table}", report.as_str(), by_of(report, by))
}

fn by_of(report: Report, by: By) -> String {
    if report.has_groups() { format!("&by={}", by.as_str()) } else { String::new() }
}
