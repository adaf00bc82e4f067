//! People: who may sign in, with which roles, from when to when; a way in for those who are new or forgot their
//! password; handing over the cases of somebody who leaves. Tables: users, grants, account_links, sessions.

mod adding;
pub mod command_line;
mod export;
mod handlers;
mod leaving;
mod queries;
mod roles;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::PEOPLE, handlers::index)
        .on(&urls::PEOPLE_SEARCH, handlers::search)
        .on(&urls::PEOPLE_EXPORT_NEW, export::new)
        .on(&urls::PEOPLE_EXPORT, export::create)
        .on(&urls::PERSON_NEW, adding::new)
        .on(&urls::PERSON_CREATE, adding::create)
        .on(&urls::PERSON, handlers::show)
        .on(&urls::PERSON_LINK, adding::link)
        .on(&urls::ROLE_NEW, roles::new)
        .on(&urls::ROLE_GIVE, roles::give)
        .on(&urls::ROLE_END, roles::edit)
        .on(&urls::ROLE_END_POST, roles::end)
        .on(&urls::PERSON_DISABLE, leaving::disable_form)
        .on(&urls::PERSON_DISABLE_POST, leaving::disable)
        .on(&urls::PERSON_ENABLE, leaving::enable)
}
