//! Stages: opening a case through the rules, its lead, where it stands and why it can or cannot move, what was
//! recorded for each clause, moves proposed and decided.
//! Tables: cases, case_stages, case_leads, case_strategies, case_decisions, case_steps, proposals, head_notices
//! (but for when they were seen).

mod lead;
mod moving;
mod opening;
mod opening_form;
mod opening_page;
mod queries;
mod standing;
mod steps;

use crate::web::{routes::Registry, urls};

/// The room's routes.
pub fn routes() -> Registry {
    Registry::new()
        .on(&urls::CASE_NEW, opening::new)
        .on(&urls::CASE_CREATE, opening::create)
        .on(&urls::LEAD_EDIT, lead::edit_lead)
        .on(&urls::LEAD_UPDATE, lead::update_lead)
        .on(&urls::STAGE_SHOW, standing::show)
        .on(&urls::MOVE_NEW, moving::new)
        .on(&urls::MOVE_CREATE, moving::create)
        .on(&urls::PROPOSAL_ANSWER, moving::answer)
        .on(&urls::STEP_NEW, steps::new)
        .on(&urls::STEP_CREATE, steps::create)
}
