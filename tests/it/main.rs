//! The one test program. `domain` needs no database; everything else works on a real PostgreSQL that the
//! program starts for itself. Each story has an authority of its own.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

mod access_matrix;
mod accounts;
mod admin;
mod architecture;
mod bank;
mod browser;
mod calendars;
mod cancel_storm;
mod cases;
mod catalogue;
mod clauses;
mod cluster;
mod demo;
mod directions;
mod domain;
mod duties;
mod frugal;
mod govuk;
mod history;
mod incidents;
mod letters;
mod meetings;
mod model;
mod opening;
mod overview;
mod panel;
mod people;
mod placement;
mod pupils;
mod reviews;
mod schools;
mod stage_3;
mod stages;
mod startup;
mod support;
mod support_room;
mod suspensions;
mod targets;
mod today;
mod walls;
