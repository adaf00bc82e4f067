//! Tables for the law: no database.

mod calendar;
mod dates;
mod incident;
mod meeting;
mod monitoring;
mod moves;
mod people;
mod permission;
mod policy;
mod pupil;
mod rules;
mod story;
mod support;
mod upn;
