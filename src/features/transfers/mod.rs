//! Supported transfers of a case (S3.05, S3.07): its papers, submitting them to the panel, what follows.
//! Tables: pack_items, packs, pack_sections; the transfer itself and its events through `db::transfer`.

mod handlers;
mod pack;
mod papers;
mod queries;
mod submitting;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::TRANSFER, handlers::index)
        .on(&urls::TRANSFER_BEGIN, handlers::begin)
        .on(&urls::TRANSFER_WITHDRAW, handlers::withdraw)
        .on(&urls::TRANSFER_FILES, handlers::files)
        .on(&urls::PACK_ITEM, papers::edit)
        .on(&urls::PACK_ITEM_SAVE, papers::update)
        .on(&urls::TRANSFER_SUBMIT, submitting::new)
        .on(&urls::TRANSFER_SUBMIT_POST, submitting::create)
        .on(&urls::TRANSFER_PACK, pack::show)
}
