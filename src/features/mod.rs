//! FLOOR 3, the rooms. Each has `mod.rs` (its routes), `handlers.rs`, `queries.rs` (the only SQL that writes
//! its tables) and `views.rs` (what its pages show). A room reads any table and never imports another room.

pub mod about;
pub mod accounts;
pub mod admin;
pub mod calendars;
pub mod caseload;
pub mod cases;
pub mod directions;
pub mod incidents;
pub mod letters;
pub mod meetings;
pub mod overview;
pub mod panel;
pub mod people;
pub mod pupils;
pub mod received;
pub mod reports;
pub mod reviews;
pub mod schools;
pub mod search;
pub mod stage_3;
pub mod stages;
pub mod support;
pub mod suspensions;
pub mod targets;
pub mod today;
pub mod transfers;
