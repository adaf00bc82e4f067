//! Stage 3: every alternative to a permanent exclusion considered, outcomes agreed, reviewed and ended, and the
//! parents' formal agreement sought (S3.03 to S3.05, P2.03b).
//! Tables: alternatives, agreements.

mod agreeing;
mod considering;
mod parents;
mod queries;
mod standing;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::STAGE_3, standing::show)
        .on(&urls::ALTERNATIVE_FORM, considering::form)
        .on(&urls::ALTERNATIVE_SAVE, considering::save)
        .on(&urls::AGREE_FORM, agreeing::form)
        .on(&urls::AGREE, agreeing::decide)
        .on(&urls::OUTCOME_END, agreeing::end)
        .on(&urls::AGREEMENT_FORM, parents::form)
        .on(&urls::AGREEMENT_SAVE, parents::save)
        .on(&urls::AGREEMENT_PRINT, parents::print)
}
