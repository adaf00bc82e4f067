//! Suspensions and permanent exclusions: what one would come to, issuing it, what is owed and done about it, cancelling
//! it, the letter and the notices (domain 2; S3.01, S3.02, P2.03a). The law is in `domain/suspension`.
//! Tables: exclusions, exclusion_steps, exclusions_elsewhere.

mod calculator;
mod cancelling;
mod elsewhere;
mod export;
mod form;
mod issuing;
mod pages;
mod paper;
mod queries;
mod steps;
mod views;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CALCULATOR, calculator::show)
        .on(&urls::SUSPENSIONS, pages::index)
        .on(&urls::SUSPENSIONS_EXPORT_NEW, export::new)
        .on(&urls::SUSPENSIONS_EXPORT, export::create)
        .on(&urls::EXCLUSION_NEW, issuing::new)
        .on(&urls::EXCLUSION_ISSUE, issuing::create)
        .on(&urls::DAYS_ELSEWHERE, elsewhere::index)
        .on(&urls::DAYS_ELSEWHERE_ADD, elsewhere::create)
        .on(&urls::DAYS_ELSEWHERE_TAKE_BACK, elsewhere::take_back)
        .on(&urls::EXCLUSION, pages::show)
        .on(&urls::EXCLUSION_STEP_NEW, steps::new)
        .on(&urls::EXCLUSION_STEP_CREATE, steps::create)
        .on(&urls::EXCLUSION_STEP_TAKE_BACK, steps::take_back)
        .on(&urls::EXCLUSION_CANCEL_FORM, cancelling::new)
        .on(&urls::EXCLUSION_CANCEL, cancelling::create)
        .on(&urls::EXCLUSION_LETTER, paper::letter)
        .on(&urls::EXCLUSION_NOTICE, paper::notice)
}
