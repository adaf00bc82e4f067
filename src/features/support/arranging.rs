//! Arranging support and changing what was agreed.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    handlers::one,
    queries::{self, Agreed, Giver, SupportRow},
    views,
};
use crate::{
    db::{calendar as school_calendar, case::CaseOf},
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{CaseId, SupportId, UserId},
        permission::{Capability, ManageSupport},
        support::{MAX_SESSIONS, SupportKind, reviewed_in_time},
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_PURPOSE: usize = 1000;
const MAX_LINE: usize = 140;
/// Chosen when nobody with an account gives it.
const SOMEBODY_ELSE: &str = "other";
/// Support that began longer ago than this is history, told under what was tried before.
const LONGEST_AGO: Duration = Duration::days(731);
/// Support is not arranged further ahead, and does not last longer.
const LONGEST_AHEAD: Duration = Duration::days(366);

#[derive(Template)]
#[template(path = "support/form.html")]
struct ArrangePage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    /// None: the kind stays what it is.
    kinds: Option<Vec<(&'static str, &'static str, &'static str)>>,
    kind: &'static str,
    givers: Vec<(String, String)>,
    title: &'static str,
    action: String,
    button: &'static str,
    back: String,
}

/// The people to choose from, with whoever gives the support now, should they have left.
fn options(givers: &[Giver], now: Option<&SupportRow>) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), "Choose a person".to_owned())];
    options.extend(givers.iter().map(|giver| {
        let words =
            if giver.of_service { format!("{} (support service)", giver.name) } else { giver.name.clone() };
        (giver.id.to_string(), words)
    }));
    if let Some((id, row)) = now.and_then(|row| Some((row.lead?, row)))
        && !givers.iter().any(|giver| giver.id == id)
    {
        options.push((id.to_string(), row.lead_name.clone()));
    }
    options.push((SOMEBODY_ELSE.to_owned(), "Somebody else".to_owned()));
    options
}

fn new_page(chrome: Chrome, form: Form, identity: Identity, case: CaseId, givers: &[Giver]) -> ArrangePage {
    ArrangePage {
        chrome,
        form,
        identity,
        kinds: Some(kinds()),
        kind: "",
        givers: options(givers, None),
        title: "Arrange support",
        action: format!("{}/new", urls::support(case)),
        button: "Arrange support",
        back: urls::support(case),
    }
}

/// What there is to choose from; the last resort does not come first.
fn kinds() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut kinds = SupportKind::ALL.to_vec();
    kinds.sort_by_key(|kind| *kind == SupportKind::SupportedTransfer);
    kinds.iter().map(|kind| (kind.as_str(), kind.label(), kind.hint())).collect()
}

pub async fn new(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::ManageSupport).await?;
    if of.closed_on.is_some() {
        return Err(Error::BadRequest("The case is closed, and what it holds stays as it was."));
    }
    let givers = queries::givers(visit.tx.conn(), of.school, today).await?;
    let mut form = Form::empty();
    form.set("provider", "The school");
    form.set("sessions_a_week", "1");
    form.set_date("starts_on", today);
    let identity = Identity::of(&of, visit.actor(), today, "Support");
    let page = new_page(visit.chrome(), form, identity, case, &givers);
    visit.show(of.trace(&[]), &page).await
}

/// What was typed, checked. None: the messages are on the form. `kind` is none where none was chosen.
fn read(
    form: &mut Form,
    of: &CaseOf,
    kind: Option<SupportKind>,
    givers: &[Giver],
    now: Option<&SupportRow>,
    (today, calendar): (Date, &SchoolCalendar),
) -> Result<Option<Agreed>, Error> {
    let purpose = form.paragraph("purpose", "What it is for", MAX_PURPOSE);
    let provider = form.line("provider", "Who provides it", MAX_LINE);
    let lead = read_lead(form, givers, now)?;
    let sessions = form.choice(
        "sessions_a_week",
        |text| {
            text.trim().parse::<u32>().ok().filter(|n| *n <= MAX_SESSIONS).and_then(|n| i16::try_from(n).ok())
        },
        "Sessions a week must be a whole number from 0 to 25",
    );
    let starts_on = form.date("starts_on", "First day");
    let ends_on = form.optional_date("ends_on", "Last day");
    let review_on = form.date("review_on", "The review day");
    if let Some(starts) = starts_on {
        if starts < today - LONGEST_AGO {
            form.fail("starts_on", "First day must be within the last 2 years");
        } else if starts > today + LONGEST_AHEAD {
            form.fail("starts_on", "First day must be within a year from today");
        }
        if let Some(first) = now.and_then(|row| row.first_session_on)
            && starts > first
        {
            let says =
                format!("First day must be on or before {}, when a session was recorded", dates::long(first));
            form.fail("starts_on", &says);
        }
        // By the actual year on the first day (7.1).
        if let Some(Err(refused)) = kind.map(|kind| kind.arranged_in(of.year(starts))) {
            form.fail(if now.is_some() { "starts_on" } else { "kind" }, &refused.to_string());
        }
        if let Some(Some(ends)) = ends_on {
            if ends < starts {
                form.fail("ends_on", "Last day must be the same as or after the first day");
            } else if ends > starts + LONGEST_AHEAD {
                form.fail("ends_on", "Last day must be within a year of the first day");
            }
        }
        if let Some(Err(refused)) = review_on.map(|review| reviewed_in_time(starts, review, calendar)) {
            form.fail("review_on", &refused.to_string());
        }
    } else if kind == Some(SupportKind::SupportedTransfer)
        && let Err(refused) = SupportKind::SupportedTransfer.arranged_in(of.year(today))
    {
        form.fail("kind", &refused.to_string());
    }
    let all = (purpose, provider, lead, sessions, starts_on, ends_on, review_on);
    let (
        Some(purpose),
        Some(provider),
        Some((lead, lead_name)),
        Some(sessions_a_week),
        Some(starts_on),
        Some(ends_on),
        Some(review_on),
    ) = all
    else {
        return Ok(None);
    };
    Ok(Some(Agreed { purpose, provider, lead, lead_name, sessions_a_week, starts_on, ends_on, review_on }))
}

/// Who gives it: somebody to choose from, or a name. Somebody of another school does not exist here.
fn read_lead(
    form: &mut Form,
    givers: &[Giver],
    now: Option<&SupportRow>,
) -> Result<Option<(Option<UserId>, String)>, Error> {
    match form.value("lead").to_owned().as_str() {
        "" => {
            form.fail("lead", "Select who gives it");
            Ok(None)
        }
        SOMEBODY_ELSE => Ok(form.line("lead_name", "Their name", MAX_LINE).map(|name| (None, name))),
        typed => {
            let id: UserId = typed.parse().map_err(|_| Error::NotFound)?;
            let giver = givers.iter().find(|giver| giver.id == id).map(|giver| giver.name.clone());
            let name =
                giver.or_else(|| now.filter(|row| row.lead == Some(id)).map(|row| row.lead_name.clone()));
            Ok(Some((Some(id), name.ok_or(Error::NotFound)?)))
        }
    }
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<ManageSupport>(case).await?;
    let givers = queries::givers(posted.tx.conn(), of.school, today).await?;
    let calendar = school_calendar::of_school(posted.tx.conn(), of.school, today).await?;
    let kind = posted.form.choice("kind", SupportKind::from_stored, "Select which kind of support it is");
    let agreed = read(&mut posted.form, &of, kind, &givers, None, (today, &calendar))?;
    let (false, Some(kind), Some(agreed)) = (posted.needs_another_look(), kind, agreed) else {
        let identity = Identity::of(&of, posted.actor(), today, "Support");
        let page = new_page(posted.chrome(), posted.form.clone(), identity, case, &givers);
        return posted.again(&page).await;
    };
    let id = Uuid::now_v7().into();
    queries::arrange(posted.tx.conn(), &permit, case, id, kind, &agreed, now).await?;
    posted.done(of.trace(&["support"]), &urls::one_support(case, id), Some(Flash::SupportArranged)).await
}

fn edit_page(
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    row: &SupportRow,
    givers: &[Giver],
) -> ArrangePage {
    let href = urls::one_support(case, row.id);
    ArrangePage {
        chrome,
        form,
        identity,
        kinds: None,
        kind: views::kind(row).label(),
        givers: options(givers, Some(row)),
        title: "Change support",
        action: format!("{href}/edit"),
        button: "Save support",
        back: href,
    }
}

const ENDED: Error = Error::BadRequest("This support has ended, and what it was stays as it is.");

pub async fn edit(Path((case, id)): Path<(CaseId, SupportId)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::ManageSupport).await?;
    let row = one(visit.tx.conn(), &of, id, today).await?;
    if of.closed_on.is_some() || row.ended_on.is_some() {
        return Err(ENDED);
    }
    let givers = queries::givers(visit.tx.conn(), of.school, today).await?;
    let mut form = Form::empty();
    form.set("purpose", &row.purpose);
    form.set("provider", &row.provider);
    form.set("lead", &row.lead.map_or_else(|| SOMEBODY_ELSE.to_owned(), |lead| lead.to_string()));
    if row.lead.is_none() {
        form.set("lead_name", &row.lead_name);
    }
    form.set("sessions_a_week", &row.sessions_a_week.to_string());
    form.set_date("starts_on", row.starts_on);
    if let Some(day) = row.ends_on {
        form.set_date("ends_on", day);
    }
    form.set_date("review_on", row.review_on);
    form.set("version", &row.version.to_string());
    let identity = Identity::of(&of, visit.actor(), today, "Support");
    let page = edit_page(visit.chrome(), form, identity, case, &row, &givers);
    visit.show(of.trace(&[]), &page).await
}

pub async fn update(
    Path((case, id)): Path<(CaseId, SupportId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<ManageSupport>(case).await?;
    let row = one(posted.tx.conn(), &of, id, today).await?;
    if row.ended_on.is_some() {
        return Err(ENDED);
    }
    let version = version(&posted.form)?;
    let givers = queries::givers(posted.tx.conn(), of.school, today).await?;
    let calendar = school_calendar::of_school(posted.tx.conn(), of.school, today).await?;
    let kind = Some(views::kind(&row));
    let agreed = read(&mut posted.form, &of, kind, &givers, Some(&row), (today, &calendar))?;
    let (false, Some(agreed)) = (posted.needs_another_look(), agreed) else {
        let identity = Identity::of(&of, posted.actor(), today, "Support");
        let page = edit_page(posted.chrome(), posted.form.clone(), identity, case, &row, &givers);
        return posted.again(&page).await;
    };
    let changed = version == row.version
        && queries::change(posted.tx.conn(), &permit, case, id, version, &agreed, now).await?;
    if !changed {
        let row = one(posted.tx.conn(), &of, id, today).await?;
        return Err(clash(case, &row, &agreed));
    }
    posted.done(of.trace(&["support"]), &urls::one_support(case, id), Some(Flash::SupportChanged)).await
}

/// The version a form was read at.
pub fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

/// Who changed it last, and when.
pub fn changed(row: &SupportRow) -> String {
    let at = london(row.changed_at);
    format!(
        "{} changed it on {} at {}",
        row.changed_by,
        dates::short(at.date()),
        dates::time_of_day(at.time())
    )
}

fn clash(case: CaseId, row: &SupportRow, sent: &Agreed) -> Error {
    let day = |day: Option<Date>| day.map_or_else(|| "none".to_owned(), dates::long);
    Error::Conflict(Box::new(Conflict {
        what: "This support".to_owned(),
        changed: changed(row),
        fields: vec![
            ("What it is for".to_owned(), row.purpose.clone(), sent.purpose.clone()),
            ("Who provides it".to_owned(), row.provider.clone(), sent.provider.clone()),
            ("Who gives it".to_owned(), row.lead_name.clone(), sent.lead_name.clone()),
            ("Sessions a week".to_owned(), row.sessions_a_week.to_string(), sent.sessions_a_week.to_string()),
            ("First day".to_owned(), dates::long(row.starts_on), dates::long(sent.starts_on)),
            ("Last day".to_owned(), day(row.ends_on), day(sent.ends_on)),
            ("Review day".to_owned(), dates::long(row.review_on), dates::long(sent.review_on)),
            ("Ended".to_owned(), day(row.ended_on), String::new()),
        ],
        edit: urls::one_support(case, row.id),
    }))
}
