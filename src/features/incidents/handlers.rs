//! The incidents of a case: the list, one incident, recording and correcting it.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::Date;
use uuid::Uuid;

use super::{
    form::{self, Choosable, IncidentPage},
    queries::{self, Account, IncidentRow, PersonRow},
    views::{self, Earlier, Line, Person, Tag},
};
use crate::{
    db::{Trace, case::CaseOf},
    domain::{
        dates,
        ids::{CaseId, IncidentId},
        incident::{Part, Seriousness},
        permission::{Capability, RecordIncidents},
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

#[derive(Template)]
#[template(path = "incidents/index.html")]
struct IncidentsPage {
    chrome: Chrome,
    identity: Identity,
    lines: Vec<Line>,
    record: Option<String>,
}

pub async fn index(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(id, Capability::SeeWholeCase).await?;
    let rows = queries::of_pupil(visit.tx.conn(), of.school, of.pupil, None).await?;
    let may_record = of.closed_on.is_none() && visit.actor().may_at(Capability::RecordIncidents, of.school);
    let page = IncidentsPage {
        chrome: visit.chrome(),
        identity: Identity::of(&of, visit.actor(), today, "Incidents"),
        lines: rows.iter().map(|row| views::line(id, of.opened_on, row)).collect(),
        record: may_record.then(|| format!("{}/new", urls::incidents(id))),
    };
    visit.show(of.trace(&[]), &page).await
}

#[derive(Template)]
#[template(path = "incidents/show.html")]
struct ShowPage {
    chrome: Chrome,
    identity: Identity,
    day: String,
    place: String,
    tag: Tag,
    seriousness: &'static str,
    what: String,
    followed: Option<String>,
    people: Vec<Person>,
    recorded: String,
    earlier: Vec<Earlier>,
    edit: Option<String>,
    back: String,
}

/// One incident of this case's pupil at this school; anything else does not exist.
async fn one(conn: &mut sqlx::PgConnection, of: &CaseOf, id: IncidentId) -> Result<IncidentRow, Error> {
    queries::of_pupil(conn, of.school, of.pupil, Some(id)).await?.pop().ok_or(Error::NotFound)
}

pub async fn show(Path((case, id)): Path<(CaseId, IncidentId)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let row = one(visit.tx.conn(), &of, id).await?;
    let people = queries::people(visit.tx.conn(), of.school, id).await?;
    let versions = queries::versions(visit.tx.conn(), of.school, id).await?;
    let named = visit.actor().may_at(Capability::SeePupils, of.school);
    let at = london(row.recorded_at);
    let mut trace = of.trace(&[]);
    if named {
        trace.pupils.extend(people.iter().filter(|person| !person.removed).filter_map(|person| person.pupil));
    }
    let may_edit = of.closed_on.is_none() && visit.actor().may_at(Capability::RecordIncidents, of.school);
    let page = ShowPage {
        chrome: visit.chrome(),
        identity: Identity::of(&of, visit.actor(), today, "Incidents"),
        day: match row.happened_at {
            Some(time) => format!("{} at {}", dates::full(row.happened_on), dates::time_of_day(time)),
            None => dates::full(row.happened_on),
        },
        place: row.place,
        tag: views::tag(&row.seriousness),
        seriousness: Seriousness::from_stored(&row.seriousness).map_or("", Seriousness::label),
        what: row.what,
        followed: row.followed,
        people: views::people(&people, named),
        recorded: format!(
            "{} {}, {}",
            dates::short(at.date()),
            dates::time_of_day(at.time()),
            row.recorded_by
        ),
        earlier: versions.into_iter().filter(|old| old.version < row.version).map(views::earlier).collect(),
        edit: may_edit.then(|| format!("{}/edit", urls::incident(case, id))),
        back: urls::incidents(case),
    };
    visit.show(trace, &page).await
}

/// The form, for a new incident or, with the people in it, for one that stands.
fn page(
    (chrome, form): (Chrome, Form),
    identity: Identity,
    choosable: Choosable,
    case: CaseId,
    stands: Option<(IncidentId, &[PersonRow], usize)>,
    today: Date,
) -> IncidentPage {
    let letters = stands.map_or_else(Vec::new, |(_, people, _)| {
        let named = |person: Person| Some(format!("{} is {}", person.letter?, person.words?));
        views::people(people, true).into_iter().filter_map(named).collect()
    });
    let (title, action, button, back) = match stands {
        None => (
            "Record an incident",
            format!("{}/new", urls::incidents(case)),
            "Record incident",
            urls::incidents(case),
        ),
        Some((id, ..)) => {
            let href = urls::incident(case, id);
            ("Correct an incident", format!("{href}/edit"), "Save incident", href)
        }
    };
    IncidentPage {
        chrome,
        identity,
        seriousness: Seriousness::choices(),
        rows: form::rows(&form),
        pupils: form::options(&choosable.pupils, today),
        parts: Part::choices(),
        search: choosable.search,
        found: choosable.found,
        letters,
        unseen: stands.map_or(0, |(.., unseen)| unseen),
        title,
        action,
        button,
        back,
        form,
    }
}

/// What the form leaves in the audit trail: every pupil whose name is in its lists.
fn seen(of: &CaseOf, choosable: &Choosable) -> Trace {
    let mut trace = of.trace(&[]);
    trace.pupils.extend(choosable.pupils.iter().map(|pupil| pupil.id));
    trace
}

const CLOSED: Error = Error::BadRequest("The case is closed, and what it holds stays as it was.");

pub async fn new(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::RecordIncidents).await?;
    if of.closed_on.is_some() {
        return Err(CLOSED);
    }
    let mut form = Form::empty();
    form.set_date("happened_on", today);
    let choosable = form::choosable(visit.tx.conn(), &of, &form).await?;
    let trace = seen(&of, &choosable);
    let identity = Identity::of(&of, visit.actor(), today, "Incidents");
    let page = page((visit.chrome(), form), identity, choosable, case, None, today);
    visit.show(trace, &page).await
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (of, permit) = posted.open_case::<RecordIncidents>(case).await?;
    if looking(&posted) {
        return again(posted, &of, None).await;
    }
    let read = form::read(posted.tx.conn(), &mut posted.form, &of, now).await?;
    let (false, Some((account, others))) = (posted.needs_another_look(), read) else {
        return again(posted, &of, None).await;
    };
    let id = Uuid::now_v7().into();
    queries::record(posted.tx.conn(), &permit, &of, id, &account, &others, now).await?;
    posted.done(of.trace(&["incident"]), &urls::incident(case, id), Some(Flash::IncidentRecorded)).await
}

/// "Find pupil" was pressed: nothing is saved yet.
fn looking(posted: &Posted) -> bool {
    !posted.form.value("look").is_empty() && !posted.resumed
}

/// The form once more, with what was typed and whoever was searched for.
async fn again(
    mut posted: Posted,
    of: &CaseOf,
    stands: Option<(IncidentId, &[PersonRow], usize)>,
) -> Result<Response, Error> {
    let today = posted.tx.today();
    let choosable = form::choosable(posted.tx.conn(), of, &posted.form).await?;
    let trace = seen(of, &choosable);
    let identity = Identity::of(of, posted.actor(), today, "Incidents");
    let page = page((posted.chrome(), posted.form.clone()), identity, choosable, of.id, stands, today);
    if looking(&posted) { posted.looked_up(trace, &page).await } else { posted.again(&page).await }
}

pub async fn edit(Path((case, id)): Path<(CaseId, IncidentId)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::RecordIncidents).await?;
    let row = one(visit.tx.conn(), &of, id).await?;
    if of.closed_on.is_some() {
        return Err(CLOSED);
    }
    let people = queries::people(visit.tx.conn(), of.school, id).await?;
    let (form, unseen) = form::fill_rows(form::filled(&row), &people);
    let choosable = form::choosable(visit.tx.conn(), &of, &form).await?;
    let trace = seen(&of, &choosable);
    let identity = Identity::of(&of, visit.actor(), today, "Incidents");
    let stands = Some((id, people.as_slice(), unseen));
    let page = page((visit.chrome(), form), identity, choosable, case, stands, today);
    visit.show(trace, &page).await
}

pub async fn update(
    Path((case, id)): Path<(CaseId, IncidentId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (of, permit) = posted.open_case::<RecordIncidents>(case).await?;
    let row = one(posted.tx.conn(), &of, id).await?;
    let people = queries::people(posted.tx.conn(), of.school, id).await?;
    let (_, unseen) = form::fill_rows(Form::empty(), &people);
    let version = posted
        .form
        .value("version")
        .parse::<i32>()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let stands = Some((id, people.as_slice(), unseen));
    if looking(&posted) {
        return again(posted, &of, stands).await;
    }
    let read = form::read(posted.tx.conn(), &mut posted.form, &of, now).await?;
    let (false, Some((account, others))) = (posted.needs_another_look(), read) else {
        return again(posted, &of, stands).await;
    };
    let (removed, added) = form::differences(&people, others);
    let corrected = version == row.version
        && queries::correct(
            posted.tx.conn(),
            &permit,
            of.pupil,
            id,
            version,
            &account,
            (&removed, &added),
            now,
        )
        .await?;
    if !corrected {
        let row = one(posted.tx.conn(), &of, id).await?;
        return Err(clash(case, &row, &account));
    }
    posted.done(of.trace(&["incident"]), &urls::incident(case, id), Some(Flash::IncidentCorrected)).await
}

fn clash(case: CaseId, row: &IncidentRow, sent: &Account) -> Error {
    let at = london(row.changed_at);
    let label = |stored: &str| Seriousness::from_stored(stored).map_or("", Seriousness::label).to_owned();
    Error::Conflict(Box::new(Conflict {
        what: "This incident".to_owned(),
        changed: format!(
            "{} changed it on {} at {}",
            row.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        ),
        fields: vec![
            (
                "When".to_owned(),
                views::when(row.happened_on, row.happened_at),
                views::when(sent.happened_on, sent.happened_at),
            ),
            ("Where".to_owned(), row.place.clone(), sent.place.clone()),
            ("What happened".to_owned(), row.what.clone(), sent.what.clone()),
            ("How serious".to_owned(), label(&row.seriousness), sent.seriousness.label().to_owned()),
            (
                "What followed".to_owned(),
                row.followed.clone().unwrap_or_default(),
                sent.followed.clone().unwrap_or_default(),
            ),
        ],
        edit: format!("{}/edit", urls::incident(case, row.id)),
    }))
}
