//! What everybody may read.

use super::public;
use crate::web::routes::{Method, RouteSpec};

/// How the programme and its pages work, in short.
pub static HELP: RouteSpec = public("help", Method::Get, "/help", "help, about no child");
/// The cookies there are.
pub static COOKIES: RouteSpec = public("cookies", Method::Get, "/cookies", "a notice, about no child");
/// What is held and who sees it.
pub static PRIVACY: RouteSpec =
    public("privacy", Method::Get, "/privacy", "a notice that families read too, about no child");
/// How far everybody can use it.
pub static ACCESSIBILITY: RouteSpec =
    public("accessibility", Method::Get, "/accessibility", "a statement the law asks for, about no child");
