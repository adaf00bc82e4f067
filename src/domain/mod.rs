//! FLOOR 0, the law of the programme: pure functions of facts, policy and a date. No clock, no database, no
//! web. The modules are the programme's words in reading order.
//!
//! - [`ids`], [`text`], [`dates`]: what everything is named, written and dated with
//! - [`people`]: roles and who holds them; [`permission`]: who may do what; [`managing`]: who looks after whom
//! - [`pupil`] with [`upn`]: a pupil, their year, the people to contact
//! - [`school`]: what a school is; [`calendar`]: school days and school weeks, with
//!   [`calendar_change`] and [`calendar_file`]: changing them
//! - [`policy`]: every number the programme leaves open
//! - [`stage`], [`step`], [`meeting`], [`support`], [`review`]: the words of a case; [`facts`]: what is known of it
//! - [`rules`], [`checklist`], [`moves`]: one function per clause; [`decision`]: the only maker of decisions
//! - [`stage_3`]: alternatives to an exclusion, what is agreed of them, and with whom
//! - [`target`], [`monitoring`]: behaviour targets and the daily marks
//! - [`week`] and [`review`]: a week's figures and its review; [`leaflet`]: what families are given
//! - [`suspension`]: the law of suspensions and permanent exclusions
//! - [`transfer`] with [`pack`] and [`panel`]; [`direction`]: supported transfers by both routes
//! - [`duties`]: what is owed, by whom, by when

pub mod calendar;
pub mod calendar_change;
pub mod calendar_file;
pub mod checklist;
pub mod dates;
pub mod decision;
pub mod direction;
pub mod duties;
pub mod facts;
pub mod ids;
pub mod incident;
pub mod invitation;
pub mod leaflet;
pub mod managing;
pub mod meeting;
pub mod monitoring;
pub mod moves;
pub mod outcomes;
pub mod pack;
pub mod panel;
pub mod people;
pub mod permission;
pub mod policy;
pub mod pupil;
pub mod review;
pub mod rules;
pub mod school;
pub mod stage;
pub mod stage_3;
pub mod step;
pub mod support;
pub mod suspension;
pub mod target;
pub mod text;
pub mod transfer;
pub mod upn;
pub mod week;
