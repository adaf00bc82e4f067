//! Administration of the authority.

use super::{get, post};
use crate::{
    domain::permission::Capability,
    web::routes::{Audit, IdOf, RouteSpec},
};

/// What there is to administer.
pub static ADMIN: RouteSpec = get("admin", "/admin", Capability::ManagePeople, &[], Audit::None);
/// Every version of the policy.
pub static POLICIES: RouteSpec =
    get("policies", "/admin/policy", Capability::PublishPolicy, &[], Audit::None);
/// The form to publish a version.
pub static POLICY_NEW: RouteSpec =
    get("policy_form", "/admin/policy/new", Capability::PublishPolicy, &[], Audit::None);
/// Checks a version, then publishes it.
pub static POLICY_PUBLISH: RouteSpec = post(
    "publish_policy",
    "/admin/policy/new",
    Capability::PublishPolicy,
    &[],
    &["number.*", "effective_on.*", "source", "reason", "version", "go"],
    Audit::Write,
);
/// One version of the policy.
pub static POLICY_SHOW: RouteSpec = get(
    "policy",
    "/admin/policy/{version}",
    Capability::PublishPolicy,
    &[("version", IdOf::PolicyVersion)],
    Audit::None,
);

/// One version of the policy.
pub fn policy(version: i32) -> String {
    format!("/admin/policy/{version}")
}
