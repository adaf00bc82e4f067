//! Tables for the law: no database.

mod calendar;
mod dates;
mod differential;
mod duties;
mod exclusions;
mod incident;
mod meeting;
mod monitoring;
mod moves;
mod people;
mod permission;
mod policy;
mod pupil;
mod review;
mod rules;
mod scenarios;
mod stage_3;
mod story;
mod support;
mod suspension;
mod target;
mod upn;
mod week;
