//! FLOOR 2, plumbing for HTTP and HTML. Nothing here knows the programme.

pub mod assets;
pub mod charts;
pub mod error;
pub mod extract;
pub mod forms;
pub mod govuk;
pub mod headers;
pub mod page;
pub mod routes;
pub mod session;
pub mod urls;
