//! Waymark: case management for the Partnership Inclusion Programme of a local authority's secondary
//! schools. One crate, one binary, server-rendered pages over PostgreSQL.
//!
//! The floors, each of which may use anything to its left and nothing to its right:
//!
//! ```text
//! domain <- db <- state <- web <- features/* <- app <- main
//! (law)    (SQL)  (clock)  (HTTP)  (rooms)      (joins)
//! ```
//!
//! Rooms never import each other. `tests/it/architecture.rs` keeps it so.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod features;
pub mod seed;
pub mod state;
pub mod web;
