//! Tables for the law: no database.

mod calendar;
mod dates;
mod meeting;
mod monitoring;
mod moves;
mod permission;
mod pupil;
mod rules;
mod story;
mod upn;
