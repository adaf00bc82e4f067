//! The panels, and one panel with its agenda.

use askama::Template;
use axum::response::Response;

use super::{
    planning::still_ahead,
    queries::{self, MemberRow, PanelRow, ReferralRow},
    views::{self, AgendaLine, MemberLine, PlaceLine},
};
use crate::{
    db::Trace,
    domain::{
        ids::PanelId,
        permission::{Actor, Capability},
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

struct PanelLine {
    href: String,
    name: String,
    when: String,
    place: String,
    papers: String,
    cancelled: bool,
}

#[derive(Template)]
#[template(path = "panel/index.html")]
struct PanelsPage {
    chrome: Chrome,
    name: String,
    ahead: Vec<PanelLine>,
    past: Vec<PanelLine>,
    prepares: bool,
}

/// Whether this person prepares panels.
pub fn prepares(actor: &Actor) -> bool {
    actor.may(Capability::PreparePanel)
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let prepares = prepares(visit.actor());
    let rows = queries::panels(visit.tx.conn(), prepares).await?;
    let name = queries::panel_name(visit.tx.conn()).await?;
    let line = |row: &PanelRow| PanelLine {
        href: urls::panel(row.id),
        name: row.name.clone(),
        when: views::when(row),
        place: row.place.clone(),
        papers: views::papers(row, today),
        cancelled: row.cancelled_on.is_some(),
    };
    let (ahead, past): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.meets_on >= today);
    let page = PanelsPage {
        chrome: visit.chrome(),
        name,
        ahead: ahead.into_iter().rev().map(line).collect(),
        past: past.into_iter().map(line).collect(),
        prepares,
    };
    visit.show_nothing_personal(&page).await
}

/// A panel this person may see, with its members and what of its agenda is theirs to read. Somebody who neither
/// prepares panels nor sits on this one does not see it.
pub async fn seen(
    visit: &mut Visit,
    id: PanelId,
) -> Result<(PanelRow, Vec<MemberRow>, Vec<ReferralRow>), Error> {
    let today = visit.tx.today();
    let actor = visit.actor().clone();
    let panel = queries::panel(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let members = queries::members(visit.tx.conn(), id, today).await?;
    if !prepares(&actor) && !views::sits(&members, actor.user) {
        return Err(Error::NotFound);
    }
    let referrals = queries::referrals(visit.tx.conn(), id, None).await?;
    Ok((panel, members, referrals))
}

/// What a page about these referrals leaves in the audit trail.
pub fn trace(id: PanelId, referrals: &[ReferralRow]) -> Trace {
    Trace {
        subject: Some(id.uuid()),
        pupils: referrals.iter().filter_map(|row| row.pupil).collect(),
        ..Trace::default()
    }
}

#[derive(Template)]
#[template(path = "panel/show.html")]
struct PanelPage {
    chrome: Chrome,
    href: String,
    name: String,
    when: String,
    place: String,
    papers: String,
    /// Why it was cancelled.
    cancelled: Option<String>,
    /// It may be changed and cancelled by this person.
    may_change: bool,
    /// Where the agenda is taken out.
    export: Option<String>,
    agenda: Vec<AgendaLine>,
    /// Why there are no lines.
    nothing: String,
    members: Vec<MemberLine>,
    /// What schools can take; empty once the panel has met.
    strip: Vec<PlaceLine>,
    sees_all: bool,
}

pub async fn show(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (panel, members, referrals) = seen(&mut visit, id).await?;
    let places = queries::places(visit.tx.conn(), views::year_began(today)).await?;
    let actor = visit.actor();
    let page = PanelPage {
        chrome: visit.chrome(),
        href: urls::panel(id),
        name: panel.name.clone(),
        when: views::when(&panel),
        place: panel.place.clone(),
        papers: views::papers(&panel, today),
        cancelled: panel.cancelled_why.clone(),
        may_change: prepares(actor) && still_ahead(&panel, today).is_ok(),
        export: (prepares(actor)
            && referrals.iter().any(|row| actor.may_at(Capability::ExportCases, row.home)))
        .then(|| urls::export_agenda(id)),
        agenda: referrals.iter().map(|row| views::line(&panel, row, &members)).collect(),
        members: views::member_lines(&members),
        nothing: views::nothing(&panel, prepares(actor), today),
        strip: if panel.meets_on < today { Vec::new() } else { views::strip(&places) },
        sees_all: views::sits(&members, actor.user) || actor.schools_with(Capability::SeeWholeCase).is_none(),
    };
    visit.show(trace(id, &referrals), &page).await
}
