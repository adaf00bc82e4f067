//! Accounts: signing in and out, one's own password, forms kept when a session ended, the first page.
//! Tables: sign_in_tries, known_devices, drafts, form_keys; sessions and passwords through the functions of
//! `0001_foundation.sql` and `0014_people.sql`.

mod handlers;
mod queries;
mod throttle;
mod welcome;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::HOME, handlers::home)
        .on(&urls::SIGN_IN, handlers::sign_in_page)
        .on(&urls::SIGN_IN_POST, handlers::sign_in)
        .on(&urls::SIGN_OUT, handlers::sign_out)
        .on(&urls::NAMES, handlers::names)
        .on(&urls::LIVE, handlers::live)
        .on(&urls::READY, handlers::ready)
        .on(&urls::ACCOUNT, handlers::account)
        .on(&urls::PASSWORD, handlers::password_page)
        .on(&urls::PASSWORD_POST, handlers::change_password)
        .on(&urls::DRAFT, handlers::draft)
        .on(&urls::WELCOME, welcome::page)
        .on(&urls::WELCOME_POST, welcome::choose)
}
