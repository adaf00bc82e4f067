//! One document of the pack: its text, whether it is needed, and who reads it.

use std::fmt::Write as _;

use askama::Template;
use axum::{extract::Path, response::Response};
use sqlx::PgConnection;
use time::{Date, format_description::well_known::Iso8601};

use super::{
    handlers::{needs, transfer_of},
    queries::{self, PaperRow},
};
use crate::{
    db::{
        case::CaseOf,
        transfer::{self, TransferRow, Wish},
    },
    domain::{
        dates,
        ids::{CaseId, SchoolId},
        pack::{Item, Need, Paper, Presence, Share},
        permission::{Capability, PrepareTransfer},
        text,
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Most characters of a document: several pages.
const MAX_DOCUMENT: usize = 20_000;
const MAX_WHY: usize = 300;
/// Rows for schools.
const ROWS: usize = 4;

#[derive(Template)]
#[template(path = "transfers/item.html")]
struct ItemPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    title: &'static str,
    hint: &'static str,
    need: &'static str,
    day: Option<&'static str>,
    /// Rows of schools: values typed in them. Empty: this document names none.
    rows: Vec<(String, String, String)>,
    schools: Vec<(String, String)>,
    presences: Vec<(&'static str, &'static str)>,
    shares: Vec<(&'static str, &'static str)>,
    drafted: bool,
    /// With the panel: it stays as it was submitted.
    frozen: bool,
    action: String,
    back: String,
}

fn item(text: &str) -> Result<Item, Error> {
    Item::from_stored(text).ok_or(Error::NotFound)
}

async fn page(
    conn: &mut PgConnection,
    chrome: Chrome,
    form: Form,
    identity: Identity,
    of: &CaseOf,
    item: Item,
    (drafted, frozen): (bool, bool),
) -> Result<ItemPage, Error> {
    let mut schools = vec![(String::new(), "Choose a school".to_owned())];
    let mut rows = Vec::new();
    if item == Item::Schools {
        let all = transfer::school_names(conn).await?;
        schools.extend(
            all.into_iter().filter(|(id, _)| *id != of.school).map(|(id, name)| (id.to_string(), name)),
        );
        let typed =
            |field: &str, n: usize| form.values_of(field).get(n).copied().unwrap_or_default().to_owned();
        let count = form.values_of("school").len().max(ROWS);
        rows = (0..count).map(|n| (typed("school", n), typed("wish", n), typed("why", n))).collect();
    }
    Ok(ItemPage {
        chrome,
        identity,
        title: item.label(),
        hint: item.hint(),
        need: match item.need(needs(of)) {
            Need::Always => "The panel cannot do without it.",
            Need::UnlessReason => "It is there, or the reason why it is not needed.",
            Need::Optional => "Optional.",
        },
        day: item.asks_day(),
        rows,
        schools,
        presences: Presence::choices(),
        shares: Share::choices(),
        drafted,
        frozen,
        action: urls::pack_item(of.id, item.as_str()),
        back: urls::transfer(of.id),
        form,
    })
}

/// The form as the record has it.
fn filled(row: &PaperRow) -> Form {
    let mut pairs = vec![
        ("presence".to_owned(), row.presence.clone()),
        ("words".to_owned(), row.words.clone().unwrap_or_default()),
        ("reason".to_owned(), row.reason.clone().unwrap_or_default()),
        ("share".to_owned(), row.share.clone()),
        ("version".to_owned(), row.version.to_string()),
    ];
    for wish in &row.schools.0 {
        pairs.push(("school".to_owned(), wish.school.to_string()));
        pairs.push(("wish".to_owned(), wish.wish.clone()));
        pairs.push(("why".to_owned(), wish.why.clone()));
    }
    let mut form = Form::from_pairs(pairs);
    if let Some(day) = row.told_on {
        form.set_date("told_on", day);
    }
    form
}

/// What the record already says about a document, to start from.
async fn draft(conn: &mut PgConnection, of: &CaseOf, item: Item, today: Date) -> Result<String, Error> {
    let mut words = String::new();
    match item {
        Item::Identity => {
            let _ = writeln!(words, "{}", of.name());
            let _ = writeln!(words, "Born {}, {}", dates::long(of.born_on), of.year(today));
            let _ = writeln!(words, "UPN {}", of.upn.as_deref().unwrap_or("not known"));
            let _ = write!(words, "{}, case {}", of.school_name, of.number);
        }
        Item::Parents => {
            // Addresses are left out: some are confidential, and the receiving school asks the family.
            for contact in queries::contacts(conn, of).await? {
                let responsible =
                    if contact.parental_responsibility { "parental responsibility" } else { "contact" };
                let reach = match (contact.no_contact, contact.phone) {
                    (true, _) => "must not be contacted".to_owned(),
                    (false, Some(phone)) => phone,
                    (false, None) => "no telephone known".to_owned(),
                };
                let _ = writeln!(
                    words,
                    "{}, {} ({responsible}): {reach}",
                    contact.name,
                    contact.relationship.to_lowercase()
                );
            }
        }
        Item::StageHistory => {
            let day =
                |text: &str| Date::parse(text, &Iso8601::DATE).map_or_else(|_| text.to_owned(), dates::long);
            for stage in &of.stages.0 {
                let until = stage
                    .left_on
                    .as_deref()
                    .map_or_else(|| "until now".to_owned(), |left| format!("to {}", day(left)));
                let _ = writeln!(words, "Stage {} from {} {until}", stage.stage, day(&stage.entered_on));
            }
            let _ = write!(words, "Why this pupil: {}", of.rationale);
        }
        _ => {}
    }
    Ok(words.trim_end().to_owned())
}

pub async fn edit(Path((case, name)): Path<(CaseId, String)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::PrepareTransfer).await?;
    let item = item(&name)?;
    let row = transfer::of_case(visit.tx.conn(), case, of.school).await?.ok_or(Error::NotFound)?;
    let papers = queries::papers(visit.tx.conn(), row.id, of.school).await?;
    let found = papers.iter().find(|paper| paper.item == item.as_str());
    let mut drafted = false;
    let form = if let Some(paper) = found {
        filled(paper)
    } else {
        let mut form = Form::empty();
        let words = draft(visit.tx.conn(), &of, item, today).await?;
        drafted = !words.is_empty();
        form.set("words", &words);
        form.set("presence", if drafted { Presence::Present.as_str() } else { "" });
        form.set("share", item.usual_share().as_str());
        form.set("version", "0");
        form
    };
    let frozen = of.closed_on.is_some() || !row.state.is_in_preparation();
    let identity = Identity::of(&of, visit.actor(), today, "Transfer");
    let chrome = visit.chrome();
    let page = page(visit.tx.conn(), chrome, form, identity, &of, item, (drafted, frozen)).await?;
    visit.show(of.trace(&[]), &page).await
}

/// The schools typed, with every message on the form. A school of another authority does not exist.
fn read_schools(form: &mut Form, all: &[(SchoolId, String)], home: SchoolId) -> Result<Vec<Wish>, Error> {
    let typed: Vec<(String, String, String)> = {
        let of = |field: &str| form.values_of(field).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (schools, wishes, whys) = (of("school"), of("wish"), of("why"));
        if schools.len() != wishes.len() || schools.len() != whys.len() || schools.len() > 40 {
            return Err(Error::BadRequest("Its rows of schools do not belong together."));
        }
        schools.into_iter().zip(wishes).zip(whys).map(|((s, w), y)| (s, w, y)).collect()
    };
    let mut found: Vec<Wish> = Vec::new();
    for (school, wish, why) in typed {
        if school.is_empty() {
            if !why.trim().is_empty() || !wish.is_empty() {
                form.fail("school", "Choose a school in each row you filled in");
            }
            continue;
        }
        let id: SchoolId = school.parse().map_err(|_| Error::NotFound)?;
        let (_, name) =
            all.iter().find(|(known, _)| *known == id && *known != home).ok_or(Error::NotFound)?;
        let why = text::optional_line(&why, MAX_WHY);
        match (wish.as_str(), why) {
            (_, Err(error)) => form.fail("school", &error.message("Why")),
            ("preferred" | "excluded", Ok(why)) => {
                if wish == "excluded" && why.is_none() {
                    form.fail("school", &format!("Enter why {name} will not do"));
                }
                if found.iter().any(|known| known.school == id) {
                    form.fail("school", &format!("{name} is there twice"));
                }
                let why = why.unwrap_or_default();
                found.push(Wish { school: id, name: name.clone(), wish, why });
            }
            (_, Ok(_)) => form.fail("school", &format!("Select whether {name} is preferred or excluded")),
        }
    }
    Ok(found)
}

/// `listed`: its rows of schools say something already.
fn read(form: &mut Form, item: Item, listed: bool, today: Date) -> Option<Paper> {
    let presence = form.choice("presence", Presence::from_stored, "Select whether it is there");
    let share = form.choice("share", Share::from_stored, "Select who reads it");
    let words = form.optional_paragraph("words", "The document", MAX_DOCUMENT);
    let reason = form.optional_paragraph("reason", "Why it is not needed", MAX_WHY);
    let told_on = if item.asks_day().is_some() {
        form.optional_date("told_on", item.asks_day().unwrap_or_default())
    } else {
        Some(None)
    };
    if let Some(Some(day)) = told_on
        && day > today
    {
        form.fail("told_on", "The day must be today or in the past");
    }
    match (presence, &words, &reason) {
        (Some(Presence::Present), Some(None), _) if !listed => {
            form.fail("words", "Enter the document, or select that it is missing");
        }
        (Some(Presence::NotNeeded), _, Some(None)) => {
            form.fail("reason", "Enter why it is not needed");
        }
        _ => {}
    }
    Some(Paper {
        item,
        presence: presence?,
        words: words?,
        reason: reason?,
        share: share?,
        told_on: told_on?,
    })
}

pub async fn update(
    Path((case, name)): Path<(CaseId, String)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let item = item(&name)?;
    let row = transfer_of(&mut posted, &of).await?;
    if !row.state.is_in_preparation() {
        return Err(Error::BadRequest("The papers are with the panel and stay as they were submitted."));
    }
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let all = transfer::school_names(posted.tx.conn()).await?;
    let schools =
        if item == Item::Schools { read_schools(&mut posted.form, &all, of.school)? } else { Vec::new() };
    let mut paper = read(&mut posted.form, item, !schools.is_empty(), today);
    // The list of schools is the document, where nothing else is said.
    if let (Item::Schools, Some(paper)) = (item, &mut paper) {
        add_schools(paper, &schools);
    }
    let (false, Some(paper)) = (posted.needs_another_look(), paper) else {
        let identity = Identity::of(&of, posted.actor(), today, "Transfer");
        let (chrome, form) = (posted.chrome(), posted.form.clone());
        let page = page(posted.tx.conn(), chrome, form, identity, &of, item, (false, false)).await?;
        return posted.again(&page).await;
    };
    let saved = queries::save_paper(posted.tx.conn(), &permit, &row, &paper, &schools, version, now).await?;
    if !saved {
        let papers = queries::papers(posted.tx.conn(), row.id, of.school).await?;
        return Err(clash(&row, papers.iter().find(|kept| kept.item == item.as_str()), &paper));
    }
    posted.done(of.trace(&["pack_item"]), &urls::transfer(case), Some(Flash::PaperSaved)).await
}

/// Keeps the text of the list of schools in step with its rows.
fn add_schools(paper: &mut Paper, schools: &[Wish]) {
    const MARK: &str = "Schools named: ";
    let typed = paper.words.take().unwrap_or_default();
    let own = typed.lines().filter(|line| !line.starts_with(MARK)).collect::<Vec<_>>().join("\n");
    let list = schools
        .iter()
        .map(|w| {
            let why = if w.why.is_empty() { String::new() } else { format!(": {}", w.why) };
            format!("{} ({}){why}", w.name, w.wish)
        })
        .collect::<Vec<_>>()
        .join("; ");
    let mut words = own.trim().to_owned();
    if !list.is_empty() {
        if !words.is_empty() {
            words.push('\n');
        }
        words.push_str(MARK);
        words.push_str(&list);
    }
    paper.words = (!words.is_empty()).then_some(words);
}

fn clash(row: &TransferRow, stands: Option<&PaperRow>, sent: &Paper) -> Error {
    let text = |words: Option<&String>| words.cloned().unwrap_or_default();
    let changed = stands.map_or_else(String::new, |kept| {
        let at = london(kept.changed_at);
        format!(
            "{} changed it on {} at {}",
            kept.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        )
    });
    let label = |presence: Option<Presence>| presence.map_or("", Presence::label).to_owned();
    Error::Conflict(Box::new(Conflict {
        what: "This document".to_owned(),
        changed,
        fields: vec![
            (
                "Is it there".to_owned(),
                label(stands.and_then(|kept| Presence::from_stored(&kept.presence))),
                label(Some(sent.presence)),
            ),
            (
                "Document".to_owned(),
                text(stands.and_then(|kept| kept.words.as_ref())),
                text(sent.words.as_ref()),
            ),
            (
                "Why it is not needed".to_owned(),
                text(stands.and_then(|kept| kept.reason.as_ref())),
                text(sent.reason.as_ref()),
            ),
        ],
        edit: urls::pack_item(row.case, sent.item.as_str()),
    }))
}
