//! Search. What is typed is sent in the body: it is in no address, no log and no row of the audit trail.

use super::{get, post};
use crate::{
    domain::permission::Capability,
    web::routes::{Audit, RouteSpec},
};

/// The box to search in.
pub static SEARCH: RouteSpec = get("search_form", "/search", Capability::Search, &[], Audit::None);
/// Answers with who was found, in the same page; changes nothing, so it can be sent again.
pub static SEARCH_FOR: RouteSpec =
    post("search", "/search", Capability::Search, &[], &["sought!", "closed"], Audit::Read);
