//! Who may do what: the rights as data, somebody acting, and the proof that something was allowed.

mod actor;
mod permits;
mod rights;

pub use self::{
    actor::{Actor, FirstPage, Over},
    permits::*,
    rights::{Capability, Denied, RIGHTS, Reach, STAFF_DAYS},
};
