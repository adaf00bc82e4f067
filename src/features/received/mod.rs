//! Transfers a panel allocated to one's school (S3.08): the papers that are shared, the answer, the first day, what
//! follows. Its writes go through `db::transfer`.

mod answering;
mod export;
mod handlers;
mod queries;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::RECEIVED, handlers::index)
        .on(&urls::RECEIVED_EXPORT_NEW, export::new)
        .on(&urls::RECEIVED_EXPORT, export::create)
        .on(&urls::RECEIVED_SHOW, handlers::show)
        .on(&urls::RECEIVED_ANSWER, answering::answer)
        .on(&urls::RECEIVED_START, answering::start)
        .on(&urls::RECEIVED_ROLL, answering::roll)
        .on(&urls::RECEIVED_REVIEW, answering::review)
        .on(&urls::RECEIVED_FILES, answering::files)
}
