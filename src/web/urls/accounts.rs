//! Signing in and one's account.

use super::{get, post, public};
use crate::{
    domain::permission::Capability,
    web::routes::{Audit, IdOf, Method, RouteSpec},
};

/// Sends each role to its own first page.
pub static HOME: RouteSpec = public("home", Method::Get, "/", "only redirects, to sign-in or the first page");
/// The sign-in form.
pub static SIGN_IN: RouteSpec = public("sign_in_page", Method::Get, "/sign-in", "the way in");
/// Signs in.
pub static SIGN_IN_POST: RouteSpec = public("sign_in", Method::Post, "/sign-in", "the way in; throttled");
/// Signs out.
pub static SIGN_OUT: RouteSpec =
    public("sign_out", Method::Post, "/sign-out", "must also work when the session has ended");
/// Hides names on this screen, or shows them.
pub static NAMES: RouteSpec =
    public("names", Method::Post, "/screen/names", "sets a cookie of this browser and nothing else");
/// The process is up.
pub static LIVE: RouteSpec =
    public("live", Method::Get, "/live", "for the service manager; says nothing else");
/// The database answers too.
pub static READY: RouteSpec =
    public("ready", Method::Get, "/ready", "for the service manager; says nothing else");
/// The person's own account.
pub static ACCOUNT: RouteSpec = get("account", "/account", Capability::OwnAccount, &[], Audit::None);
/// The form to change one's password.
pub static PASSWORD: RouteSpec =
    get("password_page", "/account/password", Capability::OwnAccount, &[], Audit::None);
/// Changes one's password.
pub static PASSWORD_POST: RouteSpec = post(
    "change_password",
    "/account/password",
    Capability::OwnAccount,
    &[],
    &["current!", "new!"],
    Audit::Write,
);
/// A form that was kept when the session under it ended.
pub static DRAFT: RouteSpec =
    get("draft", "/account/drafts/{draft}", Capability::OwnAccount, &[("draft", IdOf::Draft)], Audit::None);

/// Sign-in, then back to a path of ours.
pub fn sign_in(back: &str) -> String {
    if back == "/" { "/sign-in".to_owned() } else { format!("/sign-in?back={}", encode(back)) }
}

/// A path of ours to come back to; anything that could lead elsewhere is the first page.
pub fn safe_back(back: &str) -> &str {
    let ours = back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && !back.chars().any(char::is_control)
        && !back.starts_with("/sign-");
    if ours { back } else { "/" }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
