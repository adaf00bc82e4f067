//! Tables for the law: no database.

mod calendar;
mod dates;
mod incident;
mod monitoring;
mod permission;
mod pupil;
mod rules;
mod support;
mod upn;
