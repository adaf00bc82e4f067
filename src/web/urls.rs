//! THE site map: every address, the spec of every route, every link builder, room by room. Nouns and opaque ids;
//! never a name or a UPN.

use uuid::Uuid;

use super::{
    page::NavLink,
    routes::{Audit, Gate, IdOf, Method, RouteSpec},
};
use crate::domain::permission::{Actor, Capability, FirstPage};

mod about;
mod accounts;
mod admin;
mod bank;
mod calendars;
mod caseload;
mod cases;
mod incidents;
mod meetings;
mod overview;
mod people;
mod placement;
mod pupils;
mod reports;
mod reviews;
mod schools;
mod search;
mod stage_3;
mod stages;
mod support;
mod suspensions;
mod targets;
mod today;

pub use about::*;
pub use accounts::*;
pub use admin::*;
pub use bank::*;
pub use calendars::*;
pub use caseload::*;
pub use cases::*;
pub use incidents::*;
pub use meetings::*;
pub use overview::*;
pub use people::*;
pub use placement::*;
pub use pupils::*;
pub use reports::*;
pub use reviews::*;
pub use schools::*;
pub use search::*;
pub use stage_3::*;
pub use stages::*;
pub use support::*;
pub use suspensions::*;
pub use targets::*;
pub use today::*;

/// What taking a list out asks.
const REASON: &[&str] = &["format", "why", "words"];
const CASE: &[(&str, IdOf)] = &[("case", IdOf::Case)];
const PUPIL: &[(&str, IdOf)] = &[("pupil", IdOf::Pupil)];

const fn get(
    name: &'static str,
    pattern: &'static str,
    capability: Capability,
    ids: &'static [(&'static str, IdOf)],
    audit: Audit,
) -> RouteSpec {
    RouteSpec { name, method: Method::Get, pattern, gate: Gate::Holds(capability), ids, fields: &[], audit }
}

const fn post(
    name: &'static str,
    pattern: &'static str,
    capability: Capability,
    ids: &'static [(&'static str, IdOf)],
    fields: &'static [&'static str],
    audit: Audit,
) -> RouteSpec {
    RouteSpec { name, method: Method::Post, pattern, gate: Gate::Holds(capability), ids, fields, audit }
}

const fn public(
    name: &'static str,
    method: Method,
    pattern: &'static str,
    reason: &'static str,
) -> RouteSpec {
    RouteSpec { name, method, pattern, gate: Gate::Public(reason), ids: &[], fields: &[], audit: Audit::None }
}

/// A kept form.
pub fn draft(id: Uuid) -> String {
    format!("/account/drafts/{id}")
}

/// The first page of a person's roles.
pub fn first_page(page: FirstPage) -> &'static str {
    match page {
        FirstPage::Today => "/today",
        FirstPage::Overview => "/overview",
        FirstPage::Caseload => "/caseload",
        FirstPage::Cases => "/cases",
        FirstPage::Admin => "/admin",
        FirstPage::Panels => "/panel",
        FirstPage::Account => "/account",
    }
}

/// The list a person finds their cases in: words and address.
pub fn list_of_cases(actor: &Actor) -> (&'static str, &'static str) {
    if actor.may(Capability::SeeCaseload) { ("Caseload", "/caseload") } else { ("Cases", "/cases") }
}

/// Links in the header, for this person, on this page. A person sees only what they may open, and one list of cases.
pub fn navigation(actor: &Actor, path: &str) -> Vec<NavLink> {
    let (cases, list) = list_of_cases(actor);
    let at = |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    [
        ("Overview", "/overview", Capability::SeeOverview),
        ("Today", "/today", Capability::SeeToday),
        ("My week", "/week", Capability::ReviewWeeks),
        (cases, list, Capability::SeeCases),
        ("Pupils", "/pupils", Capability::SeePupils),
        ("Search", "/search", Capability::Search),
        ("Received", "/received", Capability::SeeReceived),
        ("Panels", "/panel", Capability::SeePanel),
        ("Reports", "/reports", Capability::SeeReports),
        ("Administration", "/admin", Capability::ManagePeople),
    ]
    .into_iter()
    .filter(|(.., capability)| actor.may(*capability))
    .map(|(text, href, _)| NavLink {
        text,
        href,
        // A case stands in the list of cases, whichever that is; so does how a school stands.
        current: at(href) || (href == list && (at("/cases") || at("/schools"))),
        new: None,
    })
    .collect()
}
