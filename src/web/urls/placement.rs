//! A place elsewhere: transfers, off-site directions, panels, the receiving school.

use super::{CASE, REASON, get, post};
use crate::{
    domain::{
        ids::{CaseId, DirectionId, PanelId, ReferralId, TransferId},
        permission::Capability,
    },
    web::routes::{Audit, IdOf, RouteSpec},
};

// Supported transfers.
/// Where a transfer stands, its papers and what is next.
pub static TRANSFER: RouteSpec =
    get("transfer", "/cases/{case}/transfer", Capability::SeeWholeCase, CASE, Audit::Read);
/// Begins a managed move.
pub static TRANSFER_BEGIN: RouteSpec = post(
    "begin_transfer",
    "/cases/{case}/transfer",
    Capability::PrepareTransfer,
    CASE,
    &["route"],
    Audit::Write,
);
/// The form of one document of the pack.
pub static PACK_ITEM: RouteSpec = get(
    "pack_item_form",
    "/cases/{case}/transfer/items/{item}",
    Capability::PrepareTransfer,
    CASE,
    Audit::Read,
);
/// Saves one document of the pack.
pub static PACK_ITEM_SAVE: RouteSpec = post(
    "save_pack_item",
    "/cases/{case}/transfer/items/{item}",
    Capability::PrepareTransfer,
    CASE,
    &["presence", "words", "reason", "share", "told_on.*", "school+", "wish+", "why+", "version"],
    Audit::Write,
);
/// What submitting asks, and what will be shared with whom.
pub static TRANSFER_SUBMIT: RouteSpec =
    get("submit_form", "/cases/{case}/transfer/submit", Capability::SubmitToPanel, CASE, Audit::Read);
/// Freezes the papers and submits them to a panel.
pub static TRANSFER_SUBMIT_POST: RouteSpec = post(
    "submit_to_panel",
    "/cases/{case}/transfer/submit",
    Capability::SubmitToPanel,
    CASE,
    &["panel", "reason.*", "sure", "version"],
    Audit::Write,
);
/// The papers as they were submitted, to read and to print.
pub static TRANSFER_PACK: RouteSpec =
    get("pack", "/cases/{case}/transfer/pack", Capability::SeeWholeCase, CASE, Audit::Read);
/// Stops a transfer before it starts.
pub static TRANSFER_WITHDRAW: RouteSpec = post(
    "withdraw_transfer",
    "/cases/{case}/transfer/withdraw",
    Capability::PrepareTransfer,
    CASE,
    &["by", "words", "version"],
    Audit::Write,
);
/// Records that a file followed the pupil.
pub static TRANSFER_FILES: RouteSpec = post(
    "send_transfer_file",
    "/cases/{case}/transfer/files",
    Capability::PrepareTransfer,
    CASE,
    &["file", "sent_on.*", "none"],
    Audit::Write,
);

// Off-site directions.
const DIRECTION_ID: &[(&str, IdOf)] = &[("case", IdOf::Case), ("direction", IdOf::Direction)];
/// The off-site directions of a case.
pub static DIRECTION: RouteSpec =
    get("direction", "/cases/{case}/direction", Capability::SeeWholeCase, CASE, Audit::Read);
/// The form for a direction.
pub static DIRECTION_NEW: RouteSpec =
    get("direction_form", "/cases/{case}/direction/new", Capability::PrepareTransfer, CASE, Audit::Read);
/// Records a direction.
pub static DIRECTION_CREATE: RouteSpec = post(
    "direct_off_site",
    "/cases/{case}/direction/new",
    Capability::PrepareTransfer,
    CASE,
    &[
        "decided_on.*",
        "decided_for",
        "place",
        "address",
        "report_to",
        "times",
        "reasons",
        "objectives",
        "notice_on.*",
        "notice_how",
        "starts_on.*",
        "ends_on.*",
        "la_told",
        "reason.*",
    ],
    Audit::Write,
);
/// The written notice, to print.
pub static DIRECTION_NOTICE: RouteSpec = get(
    "direction_notice",
    "/cases/{case}/direction/{direction}/notice",
    Capability::SeeWholeCase,
    DIRECTION_ID,
    Audit::Read,
);
/// Records a review.
pub static DIRECTION_REVIEW: RouteSpec = post(
    "review_direction",
    "/cases/{case}/direction/{direction}/reviews",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["held.*", "kind", "people+", "words"],
    Audit::Write,
);
/// Records that a review was asked for in writing, and the answer.
pub static DIRECTION_REQUEST: RouteSpec = post(
    "ask_direction_review",
    "/cases/{case}/direction/{direction}/requests",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["asked.*", "asked_by", "answer", "refused_why"],
    Audit::Write,
);
/// Ends a direction.
pub static DIRECTION_END: RouteSpec = post(
    "end_direction",
    "/cases/{case}/direction/{direction}/end",
    Capability::PrepareTransfer,
    DIRECTION_ID,
    &["ended.*", "how", "why", "version"],
    Audit::Write,
);

// Panels.
const PANEL: &[(&str, IdOf)] = &[("panel", IdOf::Panel)];
const REFERRAL: &[(&str, IdOf)] = &[("panel", IdOf::Panel), ("referral", IdOf::Referral)];
const PANEL_FIELDS: &[&str] =
    &["meets_on.*", "starts_at", "place", "papers_close_on.*", "member+", "version"];
/// The panels.
pub static PANELS: RouteSpec = get("panels", "/panel", Capability::SeePanel, &[], Audit::None);
/// The form to plan a panel.
pub static PANEL_NEW: RouteSpec = get("panel_form", "/panel/new", Capability::PreparePanel, &[], Audit::None);
/// Plans a panel.
pub static PANEL_CREATE: RouteSpec =
    post("plan_panel", "/panel/new", Capability::PreparePanel, &[], PANEL_FIELDS, Audit::Write);
/// Places and pupils on roll, school by school.
pub static PLACES: RouteSpec =
    get("school_places", "/panel/places", Capability::PreparePanel, &[], Audit::None);
/// What a file of the panels would hold, and why it is wanted.
pub static PANELS_EXPORT_NEW: RouteSpec =
    get("panels_export_form", "/panel/export", Capability::PreparePanel, &[], Audit::None);
/// Takes the panels out as a file.
pub static PANELS_EXPORT: RouteSpec =
    post("export_panels", "/panel/export", Capability::PreparePanel, &[], REASON, Audit::Read);
/// What a file of places and pupils on roll would hold, and why it is wanted.
pub static PLACES_EXPORT_NEW: RouteSpec =
    get("places_export_form", "/panel/places/export", Capability::PreparePanel, &[], Audit::None);
/// Takes places and pupils on roll out as a file.
pub static PLACES_EXPORT: RouteSpec =
    post("export_places", "/panel/places/export", Capability::PreparePanel, &[], REASON, Audit::Read);
/// Records a count.
pub static PLACES_SAVE: RouteSpec = post(
    "count_places",
    "/panel/places",
    Capability::PreparePanel,
    &[],
    &["school", "places", "roll", "as_of.*"],
    Audit::Write,
);
/// One panel: its agenda, its members, what schools can take.
pub static PANEL_SHOW: RouteSpec = get("panel", "/panel/{panel}", Capability::SeePanel, PANEL, Audit::Read);
/// What a file of an agenda would hold, and why it is wanted.
pub static AGENDA_EXPORT_NEW: RouteSpec =
    get("agenda_export_form", "/panel/{panel}/export", Capability::PreparePanel, PANEL, Audit::None);
/// Takes an agenda out as a file.
pub static AGENDA_EXPORT: RouteSpec =
    post("export_agenda", "/panel/{panel}/export", Capability::PreparePanel, PANEL, REASON, Audit::Read);
/// The form to change a panel.
pub static PANEL_EDIT: RouteSpec =
    get("panel_edit_form", "/panel/{panel}/edit", Capability::PreparePanel, PANEL, Audit::None);
/// Changes a panel.
pub static PANEL_UPDATE: RouteSpec =
    post("change_panel", "/panel/{panel}/edit", Capability::PreparePanel, PANEL, PANEL_FIELDS, Audit::Write);
/// The form to cancel a panel.
pub static PANEL_CANCEL: RouteSpec =
    get("panel_cancel_form", "/panel/{panel}/cancel", Capability::PreparePanel, PANEL, Audit::None);
/// Cancels a panel nothing waits for.
pub static PANEL_CANCEL_POST: RouteSpec =
    post("cancel_panel", "/panel/{panel}/cancel", Capability::PreparePanel, PANEL, &["words"], Audit::Write);
/// The agenda, to print.
pub static PANEL_AGENDA: RouteSpec =
    get("panel_agenda", "/panel/{panel}/agenda", Capability::SeePanel, PANEL, Audit::Read);
/// The minutes, to print.
pub static PANEL_MINUTES: RouteSpec =
    get("panel_minutes", "/panel/{panel}/minutes", Capability::SeePanel, PANEL, Audit::Read);
/// Saves who came and what was said besides the decisions.
pub static PANEL_MINUTES_SAVE: RouteSpec = post(
    "minute_panel",
    "/panel/{panel}/minutes",
    Capability::PreparePanel,
    PANEL,
    &["came.*", "words", "version"],
    Audit::Write,
);
/// One referral with its pack.
pub static REFERRAL_SHOW: RouteSpec =
    get("referral", "/panel/{panel}/referrals/{referral}", Capability::SeePanel, REFERRAL, Audit::Read);
/// Declares an interest.
pub static REFERRAL_INTEREST: RouteSpec = post(
    "declare_interest",
    "/panel/{panel}/referrals/{referral}/interests",
    Capability::Allocate,
    REFERRAL,
    &["interest", "interest_school", "interest_words"],
    Audit::Write,
);
/// Records the panel's decision.
pub static REFERRAL_DECIDE: RouteSpec = post(
    "decide_referral",
    "/panel/{panel}/referrals/{referral}/decision",
    Capability::Allocate,
    REFERRAL,
    &[
        "outcome",
        "school",
        "starts_on.*",
        "other_panel",
        "reasons",
        "conditions",
        "dissent",
        "objection",
        "reason.*",
        "version",
    ],
    Audit::Write,
);
/// Says that the papers are complete, or returns them.
pub static REFERRAL_RECEIPT: RouteSpec = post(
    "receive_papers",
    "/panel/{panel}/referrals/{referral}/receipt",
    Capability::PreparePanel,
    REFERRAL,
    &["receipt", "receipt_words", "version"],
    Audit::Write,
);

// Transfers allocated
const RECEIVED_ID: &[(&str, IdOf)] = &[("transfer", IdOf::Received)];
/// The transfers allocated to one's school.
pub static RECEIVED: RouteSpec = get("received", "/received", Capability::SeeReceived, &[], Audit::Read);
/// What a file of them would hold, and why it is wanted.
pub static RECEIVED_EXPORT_NEW: RouteSpec =
    get("received_export_form", "/received/export", Capability::ExportCases, &[], Audit::None);
/// Takes them out as a file.
pub static RECEIVED_EXPORT: RouteSpec =
    post("export_received", "/received/export", Capability::ExportCases, &[], REASON, Audit::Read);
/// One of them with what is shared.
pub static RECEIVED_SHOW: RouteSpec =
    get("received_one", "/received/{transfer}", Capability::SeeReceived, RECEIVED_ID, Audit::Read);
/// Accepts or declines.
pub static RECEIVED_ANSWER: RouteSpec = post(
    "answer_allocation",
    "/received/{transfer}/answer",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["answer", "starts_on.*", "words", "version"],
    Audit::Write,
);
/// Moves the first day.
pub static RECEIVED_START: RouteSpec = post(
    "move_start",
    "/received/{transfer}/start",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["starts_on.*", "words", "version"],
    Audit::Write,
);
/// Says that the pupil is on the roll.
pub static RECEIVED_ROLL: RouteSpec = post(
    "on_roll",
    "/received/{transfer}/roll",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["on.*", "version"],
    Audit::Write,
);
/// Records a follow-up review, or the last one.
pub static RECEIVED_REVIEW: RouteSpec = post(
    "follow_up_transfer",
    "/received/{transfer}/reviews",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["words", "last", "version"],
    Audit::Write,
);
/// Records that a file came.
pub static RECEIVED_FILES: RouteSpec = post(
    "receive_transfer_file",
    "/received/{transfer}/files",
    Capability::AnswerPlacement,
    RECEIVED_ID,
    &["file", "received_on.*"],
    Audit::Write,
);

/// The transfer of a case.
pub fn transfer(case: CaseId) -> String {
    format!("/cases/{case}/transfer")
}

/// One document of the pack of a case's transfer.
pub fn pack_item(case: CaseId, item: &str) -> String {
    format!("/cases/{case}/transfer/items/{item}")
}

/// The off-site directions of a case.
pub fn directions(case: CaseId) -> String {
    format!("/cases/{case}/direction")
}

/// One off-site direction of a case.
pub fn direction(case: CaseId, direction: DirectionId) -> String {
    format!("/cases/{case}/direction/{direction}")
}

/// One panel.
pub fn panel(panel: PanelId) -> String {
    format!("/panel/{panel}")
}

/// The form to take the agenda of a panel out as a file.
pub fn export_agenda(panel: PanelId) -> String {
    format!("/panel/{panel}/export")
}

/// One referral on the agenda of a panel.
pub fn referral(panel: PanelId, referral: ReferralId) -> String {
    format!("/panel/{panel}/referrals/{referral}")
}

/// One transfer that was allocated to one's school.
pub fn received(transfer: TransferId) -> String {
    format!("/received/{transfer}")
}
