//! Planning a panel: when, where, until when papers are taken, who sits.

use askama::Template;
use axum::response::Response;
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    queries::{self, Candidate, PanelRow, Plan},
    views,
};
use crate::{
    db::Trace,
    domain::{
        dates,
        ids::{PanelId, UserId},
        meeting::time_typed,
        permission::PreparePanel,
    },
    state::london,
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "panel/form.html")]
struct PlanPage {
    chrome: Chrome,
    form: Form,
    title: &'static str,
    button: &'static str,
    action: String,
    back: String,
    candidates: Vec<(String, String)>,
}

fn page(chrome: Chrome, form: Form, panel: Option<&PanelRow>, candidates: Vec<Candidate>) -> PlanPage {
    let place = panel.map_or_else(|| "/panel".to_owned(), |panel| urls::panel(panel.id));
    PlanPage {
        chrome,
        form,
        title: if panel.is_some() { "Change a panel" } else { "Plan a panel" },
        button: if panel.is_some() { "Save panel" } else { "Plan panel" },
        action: if panel.is_some() { format!("{place}/edit") } else { "/panel/new".to_owned() },
        back: place,
        candidates: candidates
            .into_iter()
            .map(|c| {
                let words = if c.schools.is_empty() {
                    c.name
                } else {
                    format!("{} ({})", c.name, c.schools.join(", "))
                };
                (c.user.to_string(), words)
            })
            .collect(),
    }
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let candidates = queries::candidates(visit.tx.conn(), today).await?;
    let pairs = candidates.iter().map(|c| ("member".to_owned(), c.user.to_string())).collect();
    let page = page(visit.chrome(), Form::from_pairs(pairs), None, candidates);
    visit.show_nothing_personal(&page).await
}

fn read(
    form: &mut Form,
    candidates: &[Candidate],
    before: Option<&PanelRow>,
    sitting: &[UserId],
    today: Date,
) -> Result<Option<Plan>, Error> {
    let meets_on = form.date("meets_on", "The day of the panel");
    if let Some(day) = meets_on
        && before.is_none_or(|panel| panel.meets_on != day)
    {
        if day < today {
            form.fail("meets_on", "The day of the panel must be today or later");
        } else if day > today + Duration::days(400) {
            form.fail("meets_on", "The day of the panel must be within the next 400 days");
        }
    }
    let starts_at = time_typed(form.value("starts_at"));
    if starts_at.is_none() {
        form.fail("starts_at", "Enter the time it starts, like 1:30pm or 13:30");
    }
    let place = form.line("place", "The place", 200);
    let papers_close_on = form.date("papers_close_on", "The last day for papers");
    if let (Some(close), Some(meets)) = (papers_close_on, meets_on)
        && close > meets
    {
        form.fail("papers_close_on", "The last day for papers must not be after the panel");
    }
    let mut members: Vec<UserId> = Vec::new();
    for typed in form.values_of("member") {
        let id: UserId = typed.parse().map_err(|_| Error::NotFound)?;
        if !candidates.iter().any(|c| c.user == id) && !sitting.contains(&id) {
            return Err(Error::NotFound);
        }
        if !members.contains(&id) {
            members.push(id);
        }
    }
    let all = (meets_on, starts_at, place, papers_close_on);
    let (Some(meets_on), Some(starts_at), Some(place), Some(papers_close_on)) = all else {
        return Ok(None);
    };
    Ok(Some(Plan { meets_on, starts_at, place, papers_close_on, members }))
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PreparePanel>()?;
    let candidates = queries::candidates(posted.tx.conn(), today).await?;
    let plan = read(&mut posted.form, &candidates, None, &[], today)?;
    let (false, Some(plan)) = (posted.needs_another_look(), plan) else {
        let page = page(posted.chrome(), posted.form.clone(), None, candidates);
        return posted.again(&page).await;
    };
    let name = queries::panel_name(posted.tx.conn()).await?;
    let id: PanelId = Uuid::now_v7().into();
    queries::plan(posted.tx.conn(), &permit, id, &name, &plan, now).await?;
    posted.done(trace(id), &urls::panel(id), Some(Flash::PanelPlanned)).await
}

/// What preparing a panel leaves in the audit trail.
pub fn trace(id: PanelId) -> Trace {
    Trace { subject: Some(id.uuid()), changed: &["panel"], ..Trace::default() }
}

/// What has met, or was cancelled, is not changed any more.
pub fn still_ahead(panel: &PanelRow, today: Date) -> Result<(), Error> {
    if panel.meets_on < today {
        return Err(Error::BadRequest("This panel has met. What it was stays as it is."));
    }
    if panel.cancelled_on.is_some() {
        return Err(Error::BadRequest("This panel was cancelled. Plan another one."));
    }
    Ok(())
}

pub async fn edit(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let panel = queries::panel(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let members = queries::members(visit.tx.conn(), id, today).await?;
    still_ahead(&panel, today)?;
    let candidates = queries::candidates(visit.tx.conn(), today).await?;
    let mut form = Form::from_pairs(
        members.iter().map(|member| ("member".to_owned(), member.user.to_string())).collect(),
    );
    form.set_date("meets_on", panel.meets_on);
    form.set_date("papers_close_on", panel.papers_close_on);
    form.set("starts_at", &dates::time_of_day(panel.starts_at));
    form.set("place", &panel.place);
    form.set("version", &panel.version.to_string());
    let page = page(visit.chrome(), form, Some(&panel), candidates);
    visit.show_nothing_personal(&page).await
}

pub async fn update(Id(id): Id<PanelId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PreparePanel>()?;
    let panel = queries::panel(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    still_ahead(&panel, today)?;
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let candidates = queries::candidates(posted.tx.conn(), today).await?;
    let sitting: Vec<UserId> =
        queries::members(posted.tx.conn(), id, today).await?.iter().map(|member| member.user).collect();
    let plan = read(&mut posted.form, &candidates, Some(&panel), &sitting, today)?;
    let (false, Some(plan)) = (posted.needs_another_look(), plan) else {
        let page = page(posted.chrome(), posted.form.clone(), Some(&panel), candidates);
        return posted.again(&page).await;
    };
    if !queries::change(posted.tx.conn(), &permit, id, &plan, version, now).await? {
        let panel = queries::panel(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
        return Err(clash(&panel, &plan));
    }
    posted.done(trace(id), &urls::panel(id), Some(Flash::PanelChanged)).await
}

fn clash(panel: &PanelRow, sent: &Plan) -> Error {
    let at = london(panel.changed_at);
    let day = |day| dates::full(day);
    Error::Conflict(Box::new(Conflict {
        what: "This panel".to_owned(),
        changed: format!(
            "{} changed it on {} at {}",
            panel.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        ),
        fields: vec![
            (
                "When".to_owned(),
                views::when(panel),
                format!("{}, {}", day(sent.meets_on), dates::time_of_day(sent.starts_at)),
            ),
            ("Place".to_owned(), panel.place.clone(), sent.place.clone()),
            ("Last day for papers".to_owned(), day(panel.papers_close_on), day(sent.papers_close_on)),
        ],
        edit: format!("{}/edit", urls::panel(panel.id)),
    }))
}
