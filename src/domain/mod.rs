//! FLOOR 0, the law of the programme: pure functions of facts, policy and a date. No clock, no database, no
//! web. The modules are the programme's words in reading order.
//!
//! - [`ids`], [`text`], [`dates`]: what everything is named, written and dated with
//! - [`people`]: roles and who holds them; [`permission`]: who may do what; [`managing`]: who looks after whom
//! - [`pupil`] with [`upn`]: a pupil, their year, the people to contact
//! - [`search`]: what somebody types to find a pupil
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
//! - [`duties`]: what is owed, by whom, by when; [`concern`]: why a case stands high on a long list
//! - [`report`] with [`suppression`]: numbers that name nobody
//! - [`export`]: why a list is taken out of Waymark
//! - [`trend`] and [`signals`]: where days go, in a word, and what they show, with care
//! - [`overview`]: what a school's numbers say

pub mod calendar;
pub mod calendar_change;
pub mod calendar_file;
pub mod checklist;
pub mod concern;
pub mod dates;
pub mod decision;
pub mod direction;
pub mod duties;
pub mod export;
pub mod facts;
pub mod ids;
pub mod incident;
pub mod invitation;
pub mod leaflet;
pub mod managing;
pub mod meeting;
pub mod monitoring;
pub mod moves;
pub mod new_year;
pub mod overview;
pub mod pack;
pub mod panel;
pub mod people;
pub mod permission;
pub mod policy;
pub mod pupil;
pub mod pupil_file;
pub mod pupil_merge;
pub mod report;
pub mod review;
pub mod rules;
pub mod school;
pub mod search;
pub mod signals;
pub mod stage;
pub mod stage_3;
pub mod step;
pub mod support;
pub mod suppression;
pub mod suspension;
pub mod target;
pub mod text;
pub mod transfer;
pub mod trend;
pub mod upn;
pub mod week;
