//! Submitting the papers to a panel (S3.07): what will be shared with whom, and freezing exactly that.

use askama::Template;
use axum::response::Response;
use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{
    handlers::{needs, overtaken, transfer_of},
    queries::{self, Head, OpenPanel, PaperRow},
};
use crate::{
    db::{
        DbError,
        case::CaseOf,
        referral,
        transfer::{self, Appended, Author, TransferRow},
    },
    domain::{
        dates,
        ids::{CaseId, PackId},
        pack::{self, Audience, Paper},
        permission::{Actor, Capability, SubmitToPanel},
        transfer::{
            Event, State, TransferGround,
            rules::{self, Submission},
        },
    },
    web::{
        asks,
        case::Identity,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        requirement::{Around, RequirementLine},
        urls,
    },
};

#[derive(Template)]
#[template(path = "transfers/submit.html")]
struct SubmitPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    name: String,
    /// What the panel reads at once.
    to_panel: Vec<&'static str>,
    /// What the receiving school reads besides, once it has accepted.
    to_receiving: Vec<&'static str>,
    panels: Vec<(String, String)>,
    /// Who reads it, panel by panel.
    readers: Vec<(String, String)>,
    requirements: Vec<RequirementLine>,
    /// It can be submitted from where the transfer stands.
    ready: bool,
    standing: &'static str,
    back: String,
}

/// Everything the page and the decision look at.
struct Ground {
    row: TransferRow,
    papers: Vec<PaperRow>,
    settled: TransferGround,
    panels: Vec<OpenPanel>,
}

impl Ground {
    async fn of(conn: &mut PgConnection, of: &CaseOf, row: TransferRow, today: Date) -> Result<Self, Error> {
        let papers = queries::papers(conn, row.id, of.school).await?;
        let settled = transfer::ground(conn, of).await?;
        let panels = queries::open_panels(conn, today).await?;
        Ok(Self { row, papers, settled, panels })
    }

    fn papers(&self) -> Vec<Paper> {
        self.papers.iter().filter_map(PaperRow::paper).collect()
    }

    /// Changes with the transfer and with every document.
    fn version(&self) -> String {
        let papers: i32 = self.papers.iter().map(|paper| paper.version).sum();
        format!("{}.{papers}", self.row.version)
    }

    fn asks(
        &self,
        of: &CaseOf,
        panel: Option<&OpenPanel>,
        today: Date,
    ) -> Vec<crate::domain::rules::Requirement> {
        rules::to_submit(&Submission {
            ground: &self.settled,
            papers: &self.papers(),
            pupil: needs(of),
            // The route is open to nobody else (G22).
            by_headteacher: true,
            papers_close_on: panel.map(|panel| panel.papers_close_on),
            today,
        })
    }

    fn page(&self, chrome: Chrome, form: Form, of: &CaseOf, actor: &Actor, today: Date) -> SubmitPage {
        let chosen = self.panels.iter().find(|panel| panel.id.to_string() == form.value("panel"));
        let sections = pack::freeze(&self.papers());
        let of_audience = |audience: Audience| {
            sections.iter().filter(|s| s.audience == audience).map(|s| s.item.label()).collect()
        };
        let mut panels = vec![(String::new(), "Choose a panel".to_owned())];
        let words = |panel: &OpenPanel| format!("{} of {}", panel.name, dates::full(panel.meets_on));
        panels.extend(self.panels.iter().map(|panel| {
            (
                panel.id.to_string(),
                format!("{}, papers close on {}", words(panel), dates::full(panel.papers_close_on)),
            )
        }));
        let readers = self.panels.iter().map(|panel| {
            let who = if panel.members.is_empty() {
                "no members are named yet".to_owned()
            } else {
                panel.members.join(", ")
            };
            (words(panel), who)
        });
        SubmitPage {
            chrome,
            identity: Identity::of(of, actor, today, "Transfer"),
            name: of.name(),
            to_panel: of_audience(Audience::Panel),
            to_receiving: of_audience(Audience::Receiving),
            panels,
            readers: readers.collect(),
            requirements: asks::lines(
                &self.asks(of, chosen.or(self.panels.first()), today),
                &form,
                Some(Around::case(of, actor)),
            ),
            ready: self.row.state.is_in_preparation() && of.closed_on.is_none(),
            standing: self.row.state.state.label(),
            back: urls::transfer(of.id),
            form,
        }
    }
}

pub async fn new(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SubmitToPanel).await?;
    let row = transfer::of_case(visit.tx.conn(), case, of.school).await?.ok_or(Error::NotFound)?;
    let ground = Ground::of(visit.tx.conn(), &of, row, today).await?;
    let mut form = Form::empty();
    form.set("version", &ground.version());
    if let [only] = ground.panels.as_slice() {
        form.set("panel", &only.id.to_string());
    }
    let page = ground.page(visit.chrome(), form, &of, visit.actor(), today);
    visit.show(of.trace(&[]), &page).await
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<SubmitToPanel>(case).await?;
    let row = transfer_of(&mut posted, &of).await?;
    if !row.state.is_in_preparation() {
        return Err(Error::BadRequest("The papers were submitted already, or the transfer is over."));
    }
    let ground = Ground::of(posted.tx.conn(), &of, row, today).await?;
    let form = &mut posted.form;
    let panel = match form.value("panel") {
        "" => {
            form.fail("panel", "Select a panel");
            None
        }
        typed => {
            let found = ground.panels.iter().find(|panel| panel.id.to_string() == typed);
            if found.is_none() {
                form.fail("panel", "That panel takes no more papers. Select one whose papers are not closed");
            }
            found
        }
    };
    let list = ground.asks(&of, panel, today);
    let reasons = asks::settle(form, &list);
    if !form.checked("sure", "yes") {
        form.fail("sure", "Select that you have read what will be shared, and with whom");
    }
    let version = ground.version();
    if form.value("version") != version {
        form.fail(
            "sure",
            "The papers were changed since you opened this page. Read again what will be shared",
        );
        form.set("version", &version);
        form.set("sure", "");
    }
    let (false, Some(panel), Some(reasons)) = (posted.needs_another_look(), panel, reasons) else {
        let page = ground.page(posted.chrome(), posted.form.clone(), &of, posted.actor(), today);
        return posted.again(&page).await;
    };
    let panel = panel.id;
    let author = Author::from(&permit);
    let earlier = queries::submitted(posted.tx.conn(), ground.row.id, of.school).await?;
    let version = earlier.first().map_or(1, |pack| pack.version + 1);
    let id: PackId = Uuid::now_v7().into();
    let schools = ground
        .papers
        .iter()
        .find(|paper| paper.item == pack::Item::Schools.as_str())
        .filter(|paper| paper.presence == "present" && paper.share == "panel")
        .map_or(&[][..], |paper| paper.schools.0.as_slice());
    let head = Head {
        id,
        version,
        name: of.name(),
        about: format!("{}, {}", of.year(today), of.school_name),
        schools,
        procedure: format!("Programme policy version {}", of.policy_version),
        reasons: &reasons,
    };
    let sections = pack::freeze(&ground.papers());
    let conn = posted.tx.conn();
    queries::freeze(conn, &permit, &ground.row, &head, &sections, (today, now)).await?;
    let mut row = ground.row;
    let standing = row.state.state.label();
    let mut events = vec![Event::PapersSubmitted { version, panel }];
    if row.state.state == State::Proposed {
        events.insert(0, Event::ParentAgreed);
    }
    for event in events {
        let frozen = matches!(event, Event::PapersSubmitted { .. }).then_some(id);
        row = match transfer::append(conn, author, row, &event, None, frozen, (today, now)).await? {
            Appended::Done(row) => *row,
            Appended::Impossible | Appended::Overtaken => {
                return Err(overtaken(case, standing, "Submitted to the panel"));
            }
        };
    }
    match referral::add(conn, author, &row, id, panel, now).await {
        // The panel was cancelled at this moment.
        Err(DbError::Constraint { constraint }) if constraint == "referrals_panel_open" => {
            return Err(overtaken(case, standing, "Submitted to a panel that was cancelled"));
        }
        other => other?,
    };
    posted.done(of.trace(&["pack", "transfer"]), &urls::transfer(case), Some(Flash::PapersSubmitted)).await
}
