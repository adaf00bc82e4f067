//! The support of a case, and one support with its sessions.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde::Deserialize;
use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{
    queries::{self, SessionRow, SupportRow},
    views::{self, Card, Session},
};
use crate::{
    db::case::CaseOf,
    domain::{
        ids::{CaseId, SupportId},
        permission::{Actor, Capability},
        support::Effect,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "support/index.html")]
struct SupportPage {
    chrome: Chrome,
    identity: Identity,
    live: Vec<Card>,
    ended: Vec<Card>,
    tried: Vec<(String, String)>,
    whole: bool,
    arrange: Option<String>,
    /// A direction may be begun, by its address.
    off_site: Option<String>,
}

pub async fn index(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(id, Capability::SeeSupport).await?;
    let whole = visit.actor().may_at(Capability::SeeWholeCase, of.school);
    let rows = queries::of_case(visit.tx.conn(), id, of.school, None, today).await?;
    // What was tried before is no part of a share.
    let tried = if whole { queries::tried(visit.tx.conn(), id, of.school).await? } else { Vec::new() };
    let (ended, live): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.ended_on.is_some());
    let cards = |rows: Vec<&SupportRow>| rows.into_iter().map(|row| views::card(id, row, today)).collect();
    let may_arrange = of.closed_on.is_none() && visit.actor().may_at(Capability::ManageSupport, of.school);
    let page = SupportPage {
        chrome: visit.chrome(),
        identity: Identity::of(&of, visit.actor(), today, "Support"),
        live: cards(live),
        ended: cards(ended),
        tried: tried.into_iter().map(tried_words).collect(),
        whole,
        arrange: may_arrange.then(|| format!("{}/new", urls::support(id))),
        off_site: (of.closed_on.is_none() && visit.actor().may_at(Capability::PrepareTransfer, of.school))
            .then(|| urls::directions(id)),
    };
    visit.show(of.trace(&[]), &page).await
}

/// "Mentoring (September to October)", "Nothing changed".
fn tried_words(row: queries::Tried) -> (String, String) {
    let advised = row.kind == "service_advice";
    let what = match (advised, row.detail) {
        (true, Some(service)) => format!("Advice of {service}: {}", row.what),
        (true, None) => format!("Advice: {}", row.what),
        (false, Some(when)) => format!("{} ({when})", row.what),
        (false, None) => row.what,
    };
    let outcome =
        row.outcome.unwrap_or_else(|| if advised { "still open" } else { "not recorded" }.to_owned());
    (what, outcome)
}

/// What this person may do with one support.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct Rights {
    /// Change and end it, ask for priority.
    pub manage: bool,
    /// Record sessions.
    pub deliver: bool,
    /// Answer for the service.
    pub answer: bool,
    /// Take the sessions out as a file.
    pub export: bool,
}

impl Rights {
    /// Of `actor` over support of this case: none once the case is closed or the support has ended, except
    /// that a session can still be recorded late.
    pub fn of(actor: &Actor, of: &CaseOf, row: &SupportRow) -> Self {
        let open = of.closed_on.is_none();
        let live = open && row.ended_on.is_none();
        Self {
            manage: live && actor.may_at(Capability::ManageSupport, of.school),
            deliver: open && actor.may_for(Capability::DeliverSupport, of.school, of.shared),
            answer: live && answers(actor, of, row).is_ok(),
            export: actor.may_at(Capability::ExportCases, of.school),
        }
    }
}

/// Whether somebody answers for the service that was asked (P2.02): they hold the case by a share, they are
/// not the one who asked, and nobody else of a service is named as giving the support. Says why not.
pub fn answers(actor: &Actor, of: &CaseOf, row: &SupportRow) -> Result<(), &'static str> {
    if !of.shared {
        Err(
            "Only the support service can answer for itself. Ask somebody of the service, with whom the case is \
             shared, to answer here",
        )
    } else if row.school_agreed_by == Some(actor.user) {
        Err("You asked for priority on behalf of the school. Somebody else answers for the service")
    } else if row.lead_of_service && row.lead != Some(actor.user) {
        Err("This support is given by somebody else, and they answer for it")
    } else {
        Ok(())
    }
}

/// Which session is to be corrected.
#[derive(Debug, Default, Deserialize)]
pub struct Correcting {
    correct: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "support/show.html")]
pub struct OnePage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    card: Card,
    sessions: Vec<Session>,
    correcting: Option<String>,
    rights: Rights,
    effects: Vec<(&'static str, &'static str)>,
    given: [(&'static str, &'static str); 2],
    answers: [(&'static str, &'static str); 2],
    /// Who would answer does not see the case.
    not_shared: bool,
    back: String,
    export: Option<String>,
}

/// The choice between given and not given.
pub const DELIVERED: [(&str, &str); 2] = [("yes", "Yes"), ("no", "No")];
/// The choice of a service that is asked for priority.
pub const ANSWERS: [(&str, &str); 2] = [("accept", "Yes, with priority"), ("decline", "No, or not now")];

impl OnePage {
    pub fn of(
        (chrome, form): (Chrome, Form),
        identity: Identity,
        case: CaseId,
        row: &SupportRow,
        sessions: &[SessionRow],
        rights: Rights,
        today: Date,
    ) -> Self {
        let card = views::card(case, row, today);
        let corrected = form.value("corrects").parse::<Uuid>().ok();
        let corrected = corrected.and_then(|id| sessions.iter().find(|session| session.id == id));
        let href = rights.deliver.then(|| card.href.clone());
        Self {
            chrome,
            identity,
            sessions: sessions.iter().map(|session| views::session(session, href.as_deref())).collect(),
            correcting: corrected.map(|session| views::session(session, None).day),
            rights,
            effects: Effect::choices(),
            given: DELIVERED,
            answers: ANSWERS,
            not_shared: card.waiting() && row.lead_of_service && !row.lead_sees,
            back: urls::support(case),
            export: rights.export.then(|| urls::export_sessions(case, row.id)),
            card,
            form,
        }
    }
}

/// One support of this case; anything else does not exist.
pub async fn one(
    conn: &mut PgConnection,
    of: &CaseOf,
    id: SupportId,
    today: Date,
) -> Result<SupportRow, Error> {
    queries::of_case(conn, of.id, of.school, Some(id), today).await?.pop().ok_or(Error::NotFound)
}

pub async fn show(
    Path((case, id)): Path<(CaseId, SupportId)>,
    Query(asked): Query<Correcting>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeSupport).await?;
    let row = one(visit.tx.conn(), &of, id, today).await?;
    let sessions = queries::sessions(visit.tx.conn(), case, id).await?;
    let mut form = Form::empty();
    let corrected =
        asked.correct.map(|wanted| sessions.iter().find(|session| session.id == wanted && !session.replaced));
    match corrected {
        Some(None) => return Err(Error::NotFound),
        Some(Some(session)) => {
            form.set("corrects", &session.id.to_string());
            form.set_date("held", session.on_date);
            form.set("delivered", if session.delivered { "yes" } else { "no" });
            form.set("why_not", session.why_not.as_deref().unwrap_or_default());
            form.set("note", session.note.as_deref().unwrap_or_default());
        }
        None => form.set_date("held", today.min(row.ended_on.unwrap_or(today))),
    }
    form.set_date("ended", today);
    let identity = Identity::of(&of, visit.actor(), today, "Support");
    let rights = Rights::of(visit.actor(), &of, &row);
    let page = OnePage::of((visit.chrome(), form), identity, case, &row, &sessions, rights, today);
    visit.show(of.trace(&[]), &page).await
}
