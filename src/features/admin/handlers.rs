//! The administrator's first page, and the policy: its versions, and publishing the next.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use time::Date;
use uuid::Uuid;

use super::{
    queries::{self, NewVersion, VersionRow},
    views::{self, Field, Line, NumberLine},
};
use crate::{
    db::Trace,
    domain::{
        dates,
        new_year::Turn,
        permission::{Capability, Over, PublishPolicy},
        policy::{self, NUMBERS, ProgrammePolicy},
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{self, Chrome, Flash},
        urls,
    },
};

/// Longest source and reason.
const MAX_WORDS: usize = 1000;

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    chrome: Chrome,
    /// For whoever publishes it.
    policy: Option<PolicySummary>,
    /// Schools whose calendar has to be loaded.
    calendars: Option<String>,
}

/// The policy in effect.
struct PolicySummary {
    in_effect: String,
    review_due: bool,
}

pub async fn home(mut visit: Visit) -> Result<Response, Error> {
    let policy =
        if visit.actor().may(Capability::PublishPolicy) { Some(summary(&mut visit).await?) } else { None };
    let calendars = match visit.actor().over(Capability::ManageCalendars) {
        Over::Authority => missing(&mut visit).await?,
        Over::Schools(_) => None,
    };
    let page = HomePage { chrome: visit.chrome(), policy, calendars };
    visit.show_nothing_personal(&page).await
}

/// "3 schools have no terms for 2027 to 2028": of the year at hand, and from May on of the next.
async fn missing(visit: &mut Visit) -> Result<Option<String>, Error> {
    let turn = Turn::near(visit.tx.today());
    let schools = queries::without_terms(visit.tx.conn(), turn.first_day()).await?;
    let words = turn.new_words();
    Ok(match schools {
        0 => None,
        1 => Some(format!("1 school has no terms for {words}")),
        n => Some(format!("{n} schools have no terms for {words}")),
    })
}

async fn summary(visit: &mut Visit) -> Result<PolicySummary, Error> {
    let today = visit.tx.today();
    let versions = versions(visit).await?;
    Ok(PolicySummary {
        in_effect: views::in_effect(&versions, today).map_or_else(
            || "No version is in effect".to_owned(),
            |row| format!("Version {}, in effect since {}", row.version, dates::long(row.effective_on)),
        ),
        review_due: views::review_is_due(&versions, today),
    })
}

async fn versions(visit: &mut Visit) -> Result<Vec<VersionRow>, Error> {
    let permit = visit.actor().permit_in_authority::<PublishPolicy>()?;
    Ok(queries::versions(visit.tx.conn(), permit.authority()).await?)
}

#[derive(Template)]
#[template(path = "admin/policies.html")]
struct PoliciesPage {
    chrome: Chrome,
    lines: Vec<Line>,
    review_due: bool,
    /// Where the version in effect comes from.
    source: Option<String>,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let versions = versions(&mut visit).await?;
    let page = PoliciesPage {
        chrome: visit.chrome(),
        lines: views::lines(&versions, today),
        review_due: views::review_is_due(&versions, today),
        source: views::in_effect(&versions, today).map(|row| row.source.clone()),
    };
    visit.show_nothing_personal(&page).await
}

#[derive(Template)]
#[template(path = "admin/policy.html")]
struct PolicyPage {
    chrome: Chrome,
    version: i32,
    effective: String,
    source: String,
    reason: Option<String>,
    published: String,
    cases: String,
    numbers: Vec<NumberLine>,
    /// The number of the version before; none: this is the first.
    before: Option<i32>,
    changed: usize,
}

pub async fn show(Id(version): Id<i32>, mut visit: Visit) -> Result<Response, Error> {
    let versions = versions(&mut visit).await?;
    let at = versions.iter().position(|row| row.version == version).ok_or(Error::NotFound)?;
    let (row, before) = (&versions[at], versions.get(at + 1));
    let page = PolicyPage {
        chrome: visit.chrome(),
        version,
        effective: dates::full(row.effective_on),
        source: row.source.clone(),
        reason: row.reason.clone(),
        published: views::published(row),
        cases: views::cases(row.cases),
        numbers: views::numbers(&row.settings, before.map(|before| &before.settings.0)),
        before: before.map(|before| before.version),
        changed: before.map_or(0, |before| row.settings.changes_since(&before.settings).len()),
    };
    visit.show_nothing_personal(&page).await
}

#[derive(Template)]
#[template(path = "admin/form.html")]
struct FormPage {
    chrome: Chrome,
    form: Form,
    latest: i32,
    fields: Vec<Field>,
}

impl FormPage {
    fn of(chrome: Chrome, form: Form, latest: &VersionRow) -> Self {
        Self { chrome, form, latest: latest.version, fields: views::fields(&latest.settings) }
    }
}

pub async fn new(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let versions = versions(&mut visit).await?;
    let latest = versions.first().ok_or(Error::NotFound)?;
    let mut form = views::from_latest(latest);
    form.set_date("effective_on", earliest(latest, today));
    let page = FormPage::of(visit.chrome(), form, latest);
    visit.show_nothing_personal(&page).await
}

/// The first day on which a new version may take effect.
fn earliest(latest: &VersionRow, today: Date) -> Date {
    latest.effective_on.next_day().map_or(today, |day| day.max(today))
}

/// A version that was typed and can be published.
struct Draft {
    settings: ProgrammePolicy,
    effective_on: Date,
    source: String,
    reason: String,
}

/// Reads what was typed, with every message on the form.
fn read(form: &mut Form, latest: &VersionRow, today: Date) -> Option<Draft> {
    let typed = form.clone();
    let settings = latest.settings.with_typed(|name| typed.value(&views::field_of(name)));
    for (name, message) in settings.as_ref().err().into_iter().flatten() {
        form.fail(&views::field_of(name), message);
    }
    let effective_on = form.date("effective_on", "Effective date").filter(|day| {
        let fault = policy::may_take_effect(*day, latest.effective_on, today).err();
        if let Some(fault) = fault {
            form.fail("effective_on", &fault.message());
        }
        fault.is_none()
    });
    let source = form.paragraph("source", "Source", MAX_WORDS);
    let reason = form.paragraph("reason", "Reason", MAX_WORDS);
    let draft =
        Draft { settings: settings.ok()?, effective_on: effective_on?, source: source?, reason: reason? };
    // A review that keeps every number is a version too: then its source says so.
    if draft.settings.changes_since(&latest.settings).is_empty() && draft.source == latest.source {
        form.fail(
            "source",
            &format!(
                "Nothing is different from version {}. Change a number, or say in the source that the programme was \
                 reviewed and kept",
                latest.version
            ),
        );
        return None;
    }
    Some(draft)
}

#[derive(Template)]
#[template(path = "admin/check.html")]
struct CheckPage {
    chrome: Chrome,
    fields: Vec<(String, String)>,
    version: i32,
    changes: Vec<(&'static str, u32, u32)>,
    effective: String,
    source: String,
    reason: String,
    /// Open cases, which keep the version they were opened under.
    staying: String,
}

pub async fn publish(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PublishPolicy>()?;
    let versions = queries::versions(posted.tx.conn(), permit.authority()).await?;
    let latest = versions.first().ok_or(Error::NotFound)?;
    refuse_unknown_numbers(&posted.form)?;
    let read_at = posted.form.value("version").parse::<i32>().ok();
    if read_at.is_some_and(|version| version != latest.version) {
        return Err(clash(latest, &posted.form));
    }
    let draft = read(&mut posted.form, latest, today);
    let (false, Some(draft)) = (posted.needs_another_look(), draft) else {
        let page = FormPage::of(posted.chrome(), posted.form.clone(), latest);
        return posted.again(&page).await;
    };
    if read_at.is_none() {
        return Err(Error::BadRequest("It does not say which version it follows."));
    }
    match posted.form.value("go") {
        "publish" => {}
        "change" => {
            let page = FormPage::of(posted.chrome(), posted.form.clone(), latest);
            return saved_nothing(posted, &page).await;
        }
        // Whatever else was pressed: nothing is published that nobody checked.
        _ => {
            let page = check(posted.chrome(), &posted.form, &versions, latest, &draft);
            return saved_nothing(posted, &page).await;
        }
    }
    let id = Uuid::now_v7();
    let version = latest.version + 1;
    let new = NewVersion {
        id: id.into(),
        version,
        effective_on: draft.effective_on,
        settings: &draft.settings,
        source: &draft.source,
        reason: &draft.reason,
    };
    if !queries::publish(posted.tx.conn(), &permit, new, now, today).await? {
        let versions = queries::versions(posted.tx.conn(), permit.authority()).await?;
        return Err(clash(versions.first().ok_or(Error::NotFound)?, &posted.form));
    }
    let trace = Trace { subject: Some(id), changed: &["policy"], ..Trace::default() };
    posted.done(trace, &urls::policy(version), Some(Flash::PolicyPublished)).await
}

/// A step of the form that saves nothing and has nothing wrong with it.
async fn saved_nothing(posted: Posted, page: &impl Template) -> Result<Response, Error> {
    posted.tx.roll_back().await;
    Ok(page::answer(StatusCode::OK, page))
}

fn refuse_unknown_numbers(form: &Form) -> Result<(), Error> {
    let unknown = |field: &str| {
        field.strip_prefix("number.").is_some_and(|name| !NUMBERS.iter().any(|(known, ..)| *known == name))
    };
    if form.pairs().iter().any(|(field, _)| unknown(field)) {
        return Err(Error::BadRequest("It has a number that the policy does not have."));
    }
    Ok(())
}

fn check(
    chrome: Chrome,
    form: &Form,
    versions: &[VersionRow],
    latest: &VersionRow,
    draft: &Draft,
) -> CheckPage {
    CheckPage {
        chrome,
        fields: form.pairs().iter().filter(|(name, _)| name != "go").cloned().collect(),
        version: latest.version + 1,
        changes: draft
            .settings
            .changes_since(&latest.settings)
            .into_iter()
            .map(|change| (change.number.1, change.from, change.to))
            .collect(),
        effective: dates::full(draft.effective_on),
        source: draft.source.clone(),
        reason: draft.reason.clone(),
        staying: views::cases(versions.iter().map(|row| row.cases).sum()),
    }
}

/// Somebody published meanwhile: the latest version beside what was typed.
fn clash(latest: &VersionRow, form: &Form) -> Error {
    let (day, month, year) = form.date_parts("effective_on");
    let mut fields: Vec<_> = NUMBERS
        .iter()
        .map(|(name, says, ..)| {
            let now = latest.settings.number(name).map_or_else(String::new, |now| now.to_string());
            ((*says).to_owned(), now, form.value(&views::field_of(name)).trim().to_owned())
        })
        .collect();
    fields.extend([
        (
            "Effective date".to_owned(),
            dates::long(latest.effective_on),
            dates::parse_parts(day, month, year)
                .map_or_else(|_| format!("{day} {month} {year}"), dates::long),
        ),
        ("Source".to_owned(), latest.source.clone(), form.value("source").to_owned()),
        ("Reason".to_owned(), latest.reason.clone().unwrap_or_default(), form.value("reason").to_owned()),
    ]);
    Error::Conflict(Box::new(Conflict {
        what: "The policy".to_owned(),
        changed: format!("Version {} was published: {}", latest.version, views::published(latest)),
        fields,
        edit: "/admin/policy/new".to_owned(),
    }))
}
