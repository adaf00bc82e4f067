//! One referral: the papers as they were submitted, who abstains, and the forms to declare an interest, to look at the
//! papers and to decide.

use askama::Template;
use axum::{extract::Path, response::Response};
use sqlx::PgConnection;
use time::Date;

use super::{
    handlers::prepares,
    queries::{self, MemberRow, PanelRow, PlaceRow, ReferralRow},
    views::{self, DecisionLine},
};
use crate::{
    db::{
        Trace, referral,
        transfer::{self, Appended, Author, TransferRow},
    },
    domain::{
        dates,
        ids::{PanelId, ReferralId, SchoolId},
        pack::Audience,
        panel::{self, Interest, Outcome, Verdict},
        permission::{Actor, Allocate, Capability, PreparePanel},
        transfer::{Event, State},
    },
    web::{
        error::{Conflict, Error},
        extract::{Posted, Visit},
        forms::Form,
        pack::{PackSection, sections, wishes},
        page::{Chrome, Flash},
        requirement::RequirementLine,
        urls,
    },
};

const MAX_WORDS: usize = 2000;

/// A referral this person may read, on a panel they sit for or prepare.
pub struct Found {
    pub panel: PanelRow,
    pub members: Vec<MemberRow>,
    pub row: ReferralRow,
    /// Its transfer, while it is still with this panel.
    pub transfer: Option<TransferRow>,
    /// This person sits on the panel.
    pub sits: bool,
    /// This person sees the whole case anyhow.
    pub whole: bool,
}

impl Found {
    /// The referral, or 404: for a member who sits, while the papers are theirs to read; for the LA representative of
    /// the home school.
    pub async fn of(
        conn: &mut PgConnection,
        actor: &Actor,
        (panel, referral): (PanelId, ReferralId),
        today: Date,
    ) -> Result<Self, Error> {
        let found = queries::panel(conn, panel).await?.ok_or(Error::NotFound)?;
        let members = queries::members(conn, panel, today).await?;
        let sits = views::sits(&members, actor.user) && actor.may(Capability::Allocate);
        let row = queries::referrals(conn, panel, Some(referral))
            .await?
            .into_iter()
            .next()
            .ok_or(Error::NotFound)?;
        let whole = prepares(actor) && actor.may_at(Capability::SeeWholeCase, row.home);
        if row.name.is_none() || !(sits || whole) {
            return Err(Error::NotFound);
        }
        let transfer = transfer::one(conn, row.transfer).await?;
        Ok(Self { panel: found, members, row, transfer, sits, whole })
    }

    /// What it leaves in the audit trail.
    pub fn trace(&self, changed: &'static [&'static str]) -> Trace {
        Trace {
            subject: Some(self.row.id.uuid()),
            school: Some(self.row.home),
            pupils: self.row.pupil.into_iter().collect(),
            changed,
            ..Trace::default()
        }
    }

    /// It waits for this panel's decision.
    pub fn waits(&self) -> bool {
        self.row.outcome.is_none()
            && self
                .transfer
                .as_ref()
                .is_some_and(|of| matches!(of.state.state, State::PapersSubmitted { .. }))
    }
}

#[derive(Template)]
#[template(path = "panel/referral.html")]
pub struct ReferralPage {
    chrome: Chrome,
    form: Form,
    href: String,
    back: String,
    panel: String,
    name: String,
    about: String,
    submitted: String,
    standing: &'static str,
    received: Option<String>,
    preferred: String,
    excluded: String,
    declined: Vec<String>,
    sections: Vec<PackSection>,
    abstaining: Vec<String>,
    declared: Vec<String>,
    decisions: Vec<DecisionLine>,
    version: i32,
    sits: bool,
    /// Why this member does not decide.
    tie: Option<&'static str>,
    decides: bool,
    checks: bool,
    interests: Vec<(&'static str, &'static str)>,
    verdicts: Vec<(&'static str, &'static str)>,
    schools: Vec<(String, String)>,
    other_panels: Vec<(String, String)>,
    requirements: Vec<RequirementLine>,
}

/// What the pages about deciding need besides.
pub struct Choices {
    pub places: Vec<PlaceRow>,
    pub others: Vec<PanelRow>,
}

impl Choices {
    pub async fn of(conn: &mut PgConnection, panel: PanelId, today: Date) -> Result<Self, Error> {
        let places = queries::places(conn, views::year_began(today)).await?;
        let others = queries::panels(conn, true)
            .await?
            .into_iter()
            .filter(|other| other.id != panel && other.cancelled_on.is_none() && other.meets_on >= today)
            .collect();
        Ok(Self { places, others })
    }
}

/// The page, with the list a decision was weighed against.
pub async fn page(
    conn: &mut PgConnection,
    chrome: Chrome,
    mut form: Form,
    actor: &Actor,
    found: &Found,
    requirements: Vec<RequirementLine>,
    today: Date,
) -> Result<ReferralPage, Error> {
    let row = &found.row;
    let pack = transfer::pack(conn, row.pack).await?.ok_or(Error::NotFound)?;
    let mut shared = transfer::sections(conn, row.pack, row.home).await?;
    if !found.whole {
        shared.retain(|section| section.audience == Audience::Panel.as_str());
    }
    let choices = Choices::of(conn, found.panel.id, today).await?;
    let names = transfer::school_names(conn).await?;
    let school = |id: SchoolId| {
        names.iter().find(|(known, _)| *known == id).map_or_else(String::new, |(_, name)| name.clone())
    };
    let own = found.members.iter().find(|member| member.user == actor.user);
    let tie = own.and_then(|member| panel::abstains(&views::member(member, Some(row)), row.home, None));
    let mut schools = vec![(String::new(), "Choose a school".to_owned())];
    schools.extend(choices.places.iter().filter(|place| place.school != row.home).map(|place| {
        let free = views::place(place).free().map_or_else(
            || "not counted".to_owned(),
            |free| if free > 0 { format!("{free} free") } else { "full".to_owned() },
        );
        (place.school.to_string(), format!("{} ({free}, took {} this year)", place.name, place.taken))
    }));
    let mut other_panels = vec![(String::new(), "Choose a panel".to_owned())];
    other_panels.extend(choices.others.iter().map(|other| (other.id.to_string(), views::when(other))));
    let declined = found
        .transfer
        .as_ref()
        .map_or_else(Vec::new, |of| of.state.declined.iter().map(|id| school(*id)).collect());
    let version = found.transfer.as_ref().map_or(0, |of| of.version);
    if form.value("version").is_empty() {
        form.set("version", &version.to_string());
    }
    Ok(ReferralPage {
        chrome,
        href: urls::referral(found.panel.id, row.id),
        back: urls::panel(found.panel.id),
        panel: format!("{}, {}", found.panel.name, views::when(&found.panel)),
        name: pack.name,
        about: pack.about,
        submitted: format!(
            "Version {}, submitted on {} by {}. {}",
            pack.version,
            dates::long(pack.submitted_on),
            pack.submitted_by,
            pack.procedure
        ),
        standing: views::standing(row),
        received: row.received_on.map(dates::long),
        preferred: wishes(&pack.schools, "preferred"),
        excluded: wishes(&pack.schools, "excluded"),
        declined,
        sections: sections(shared),
        abstaining: views::abstaining(&found.members, row, found.transfer.as_ref().and_then(|t| t.receiving)),
        declared: row
            .interests
            .iter()
            .map(|i| {
                let at = i.school.map_or_else(String::new, |id| format!(", {}", school(id)));
                let why = i.words.as_ref().map_or_else(String::new, |words| format!(": {words}"));
                format!("{}: {}{at}{why}", i.name, i.interest.label().to_lowercase())
            })
            .collect(),
        decisions: row.decisions.iter().map(views::decision).collect(),
        version,
        sits: found.sits,
        tie,
        decides: found.sits && tie.is_none() && found.waits() && found.panel.meets_on <= today,
        checks: found.whole && row.outcome.is_none() && found.waits(),
        interests: Interest::choices(),
        verdicts: Verdict::choices(),
        schools,
        other_panels,
        requirements,
        form,
    })
}

pub async fn show(Path(ids): Path<(PanelId, ReferralId)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let actor = visit.actor().clone();
    let found = Found::of(visit.tx.conn(), &actor, ids, today).await?;
    let chrome = visit.chrome();
    let page = page(visit.tx.conn(), chrome, Form::empty(), &actor, &found, Vec::new(), today).await?;
    visit.show(found.trace(&[]), &page).await
}

/// The page once more, with what was typed.
pub async fn again(
    mut posted: Posted,
    found: &Found,
    requirements: Vec<RequirementLine>,
) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (chrome, form, actor) = (posted.chrome(), posted.form.clone(), posted.actor().clone());
    let page = page(posted.tx.conn(), chrome, form, &actor, found, requirements, today).await?;
    posted.again(&page).await
}

/// A school typed into a form: one of the authority, or it does not exist.
pub fn school_typed(form: &Form, field: &str, places: &[PlaceRow]) -> Result<Option<SchoolId>, Error> {
    match form.value(field) {
        "" => Ok(None),
        typed => {
            let id: SchoolId = typed.parse().map_err(|_| Error::NotFound)?;
            places
                .iter()
                .find(|place| place.school == id)
                .map(|place| Some(place.school))
                .ok_or(Error::NotFound)
        }
    }
}

pub async fn declare(Path(ids): Path<(PanelId, ReferralId)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let actor = posted.actor().clone();
    let found = Found::of(posted.tx.conn(), &actor, ids, today).await?;
    let permit = actor.permit_on_agenda::<Allocate>(found.row.home, found.sits)?;
    let places = queries::places(posted.tx.conn(), views::year_began(today)).await?;
    let interest =
        posted.form.choice("interest", Interest::from_stored, "Select what you have an interest in");
    let school = school_typed(&posted.form, "interest_school", &places)?;
    let school = match (interest, school) {
        (Some(Interest::School), None) => {
            posted.form.fail("interest_school", "Select which school");
            None
        }
        (Some(Interest::School), school) => school,
        _ => None,
    };
    let words = posted.form.optional_line("interest_words", "What it is", 300);
    let (false, Some(interest), Some(words)) = (posted.needs_another_look(), interest, words) else {
        return again(posted, &found, Vec::new()).await;
    };
    let what = (interest, school, words.as_deref());
    queries::declare(posted.tx.conn(), &permit, &found.row, what, (today, now)).await?;
    let location = urls::referral(found.panel.id, found.row.id);
    posted.done(found.trace(&["interest"]), &location, Some(Flash::InterestDeclared)).await
}

/// Somebody was faster.
pub fn overtaken(found: &Found, sent: &str) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This referral".to_owned(),
        changed: "Something happened to it since you opened the page".to_owned(),
        fields: vec![("Referral".to_owned(), views::standing(&found.row).to_owned(), sent.to_owned())],
        edit: urls::referral(found.panel.id, found.row.id),
    }))
}

pub async fn receipt(Path(ids): Path<(PanelId, ReferralId)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let actor = posted.actor().clone();
    let permit = actor.permit_in_authority::<PreparePanel>()?;
    let mut found = Found::of(posted.tx.conn(), &actor, ids, today).await?;
    // Only the LA representative of the home school looks at its papers.
    if !found.whole {
        return Err(Error::NotFound);
    }
    if !found.waits() {
        return Err(Error::BadRequest("It does not wait for this panel any more."));
    }
    let complete = posted.form.choice(
        "receipt",
        |text| match text {
            "received" => Some(true),
            "returned" => Some(false),
            _ => None,
        },
        "Select whether the papers are complete",
    );
    let words = posted.form.optional_paragraph("receipt_words", "What is missing", MAX_WORDS);
    if let (Some(false), Some(None)) = (complete, &words) {
        posted.form.fail("receipt_words", "Enter what is missing, so that the school can add it");
    }
    let (false, Some(complete), Some(words)) = (posted.needs_another_look(), complete, words) else {
        return again(posted, &found, Vec::new()).await;
    };
    let author = Author::from(&permit);
    let Some(row) = found.transfer.take() else { return Err(Error::NotFound) };
    if posted.form.value("version") != row.version.to_string() {
        return Err(overtaken(&found, words.as_deref().unwrap_or_default()));
    }
    if complete {
        referral::receive(posted.tx.conn(), author, (found.row.id, found.row.home), (today, now)).await?;
    } else {
        let conn = posted.tx.conn();
        let when = (today, now);
        match transfer::append(conn, author, row, &Event::PapersReturned, words.as_deref(), None, when)
            .await?
        {
            Appended::Done(row) => referral::settle(conn, author, &row, Outcome::Returned, now).await?,
            Appended::Impossible | Appended::Overtaken => {
                return Err(overtaken(&found, words.as_deref().unwrap_or_default()));
            }
        }
    }
    let location = urls::panel(found.panel.id);
    let said = if complete { Flash::PapersReceived } else { Flash::PapersReturned };
    posted.done(found.trace(&["referral"]), &location, Some(said)).await
}
