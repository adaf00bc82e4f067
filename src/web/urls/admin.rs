//! Administration of the authority.

use super::{REASON, get, post};
use crate::{
    domain::permission::Capability,
    web::routes::{Audit, IdOf, RouteSpec},
};

/// What there is to administer.
pub static ADMIN: RouteSpec = get("admin", "/admin", Capability::ManagePeople, &[], Audit::None);
/// Every version of the policy.
pub static POLICIES: RouteSpec =
    get("policies", "/admin/policy", Capability::PublishPolicy, &[], Audit::None);
/// What a file of the versions would hold, and why it is wanted.
pub static POLICIES_EXPORT_NEW: RouteSpec =
    get("policies_export_form", "/admin/policy/export", Capability::PublishPolicy, &[], Audit::None);
/// Takes every version out with its numbers.
pub static POLICIES_EXPORT: RouteSpec =
    post("export_policies", "/admin/policy/export", Capability::PublishPolicy, &[], REASON, Audit::Read);
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
