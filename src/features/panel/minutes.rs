//! The agenda and the minutes, to print; who came, and what was said besides the decisions.

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    handlers::{prepares, seen, trace},
    planning,
    queries::{self, MemberRow, PanelRow, ReferralRow},
    views::{self, AgendaLine, MemberLine, PlaceLine},
};
use crate::{
    domain::{ids::PanelId, panel::Attendance, permission::PreparePanel},
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "panel/agenda.html")]
struct AgendaPage {
    chrome: Chrome,
    href: String,
    name: String,
    when: String,
    place: String,
    members: Vec<MemberLine>,
    agenda: Vec<AgendaLine>,
    nothing: String,
    /// What schools can take; empty once the panel has met.
    strip: Vec<PlaceLine>,
}

pub async fn agenda(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (panel, members, referrals) = seen(&mut visit, id).await?;
    let places = queries::places(visit.tx.conn(), views::year_began(today)).await?;
    let page = AgendaPage {
        chrome: visit.chrome(),
        href: urls::panel(id),
        name: panel.name.clone(),
        when: views::when(&panel),
        place: panel.place.clone(),
        members: views::member_lines(&members),
        agenda: referrals.iter().map(|row| views::line(&panel, row, &members)).collect(),
        nothing: views::nothing(&panel, prepares(visit.actor()), today),
        strip: if panel.meets_on < today { Vec::new() } else { views::strip(&places) },
    };
    visit.show(trace(id, &referrals), &page).await
}

#[derive(Template)]
#[template(path = "panel/minutes.html")]
struct MinutesPage {
    chrome: Chrome,
    form: Form,
    href: String,
    name: String,
    when: String,
    place: String,
    members: Vec<MemberLine>,
    agenda: Vec<AgendaLine>,
    nothing: String,
    words: Option<(String, String)>,
    prepares: bool,
    attendances: Vec<(&'static str, &'static str)>,
}

fn page(
    chrome: Chrome,
    form: Form,
    panel: &PanelRow,
    members: &[MemberRow],
    referrals: &[ReferralRow],
    minutes: Option<(i32, String, String)>,
    (prepares, today): (bool, Date),
) -> MinutesPage {
    let mut lines = views::member_lines(members);
    for line in &mut lines {
        if form.pairs().iter().any(|(name, _)| *name == line.field) {
            form.value(&line.field).clone_into(&mut line.value);
        }
    }
    MinutesPage {
        chrome,
        form,
        href: urls::panel(panel.id),
        name: panel.name.clone(),
        when: views::when(panel),
        place: panel.place.clone(),
        members: lines,
        agenda: referrals.iter().map(|row| views::line(panel, row, members)).collect(),
        nothing: views::nothing(panel, prepares, today),
        words: minutes.map(|(_, words, by)| (words, by)),
        prepares,
        attendances: std::iter::once(("", "Not recorded")).chain(Attendance::choices()).collect(),
    }
}

pub async fn show(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    let (panel, members, referrals) = seen(&mut visit, id).await?;
    let minutes = queries::minutes(visit.tx.conn(), id).await?;
    let mut form = Form::empty();
    form.set("words", minutes.as_ref().map_or("", |(_, words, _)| words));
    form.set("version", &minutes.as_ref().map_or(0, |(version, ..)| *version).to_string());
    let seen_by = (prepares(visit.actor()), visit.tx.today());
    let page = page(visit.chrome(), form, &panel, &members, &referrals, minutes, seen_by);
    visit.show(trace(id, &referrals), &page).await
}

pub async fn save(Id(id): Id<PanelId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PreparePanel>()?;
    let panel = queries::panel(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let members = queries::members(posted.tx.conn(), id, today).await?;
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let known = |field: &str| members.iter().any(|member| format!("came.{}", member.user) == field);
    if posted.form.pairs().iter().any(|(name, _)| name.starts_with("came.") && !known(name)) {
        return Err(Error::NotFound);
    }
    let mut came = Vec::new();
    for member in &members {
        let field = format!("came.{}", member.user);
        let word = match posted.form.value(&field) {
            "" => None,
            typed => {
                let word = Attendance::from_stored(typed);
                if word.is_none() {
                    posted.form.fail(&field, "Select whether they came");
                }
                word
            }
        };
        came.push((member.user, word.map(Attendance::as_str)));
    }
    if panel.meets_on > today && came.iter().any(|(_, word)| *word == Some("present")) {
        posted.form.fail("came", "The panel has not met yet, so nobody was present");
    }
    let words = posted.form.optional_paragraph("words", "What was said", 10_000);
    let minutes = queries::minutes(posted.tx.conn(), id).await?;
    let (false, Some(words)) = (posted.needs_another_look(), words) else {
        let referrals = queries::referrals(posted.tx.conn(), id, None).await?;
        let page =
            page(posted.chrome(), posted.form.clone(), &panel, &members, &referrals, minutes, (true, today));
        return posted.again(&page).await;
    };
    let stands = minutes.as_ref().map_or(0, |(version, ..)| *version);
    let same = minutes.as_ref().map(|(_, words, _)| words.as_str()) == words.as_deref();
    let next = words.as_deref().filter(|_| !same).map(|words| (words, version + 1));
    let saved = (same || version == stands)
        && queries::minute(posted.tx.conn(), &permit, id, &came, next, now).await?;
    if !saved {
        let (words, by) = minutes.map(|(_, words, by)| (words, by)).unwrap_or_default();
        return Err(Error::Conflict(Box::new(Conflict {
            what: "These minutes".to_owned(),
            changed: if by.is_empty() {
                "Somebody wrote them a moment ago".to_owned()
            } else {
                format!("{by} wrote them since you opened the page")
            },
            fields: vec![(
                "What was said".to_owned(),
                words,
                next.map(|(words, _)| words.to_owned()).unwrap_or_default(),
            )],
            edit: format!("{}/minutes", urls::panel(id)),
        })));
    }
    let location = format!("{}/minutes", urls::panel(id));
    posted.done(planning::trace(id), &location, Some(Flash::PanelMinuted)).await
}
