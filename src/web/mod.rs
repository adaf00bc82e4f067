//! FLOOR 2, plumbing for HTTP and HTML. Of the programme it knows only what every page of a case has.

pub mod asks;
pub mod assets;
pub mod case;
pub mod charts;
pub mod charts_range;
pub mod duty;
pub mod error;
pub mod export;
pub mod extract;
pub mod forms;
pub mod govuk;
pub mod headers;
pub mod incident;
pub mod names;
pub mod pack;
pub mod page;
pub mod requirement;
pub mod routes;
pub mod session;
pub mod urls;
