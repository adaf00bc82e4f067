//! Reports: what came of the programme, in counts that name nobody (R1.01, R1.02). Read by those who may see no case as
//! well, so that nothing here reads a table of a child: the counts are made once a day for each school.
//! Tables: none; `app.report_refresh` writes report_counts and report_runs.

mod export;
mod handlers;
mod loaded;
mod queries;
mod views;

pub use loaded::keep_counted;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::REPORTS, handlers::index)
        .on(&urls::REPORT, handlers::show)
        .on(&urls::REPORT_EXPORT_NEW, export::new)
        .on(&urls::REPORT_EXPORT, export::create)
}
