//! Tables for the law: no database.

mod calendar;
mod dates;
mod meeting;
mod monitoring;
mod moves;
mod people;
mod permission;
mod policy;
mod pupil;
mod rules;
mod story;
mod upn;
