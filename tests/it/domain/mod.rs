//! Tables for the law: no database.

mod calendar;
mod dates;
mod monitoring;
mod permission;
mod pupil;
mod review;
mod rules;
mod upn;
mod week;
