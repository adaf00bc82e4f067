//! Pupils: list, record, add, change.

use askama::Template;
use axum::{
    extract::Query,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    merge,
    queries::{self, ContactRow, PAGE, PupilCase, PupilRow},
    views,
};
use crate::{
    db::{DbError, Trace},
    domain::{
        dates,
        ids::{PupilId, SchoolId},
        permission::{Capability, ManagePupils},
        pupil::{PupilDetails, YearGroup, display_name, may_enrol},
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

/// Where a page of the list begins.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    after: Option<String>,
    pub(super) school: Option<String>,
    left: Option<String>,
}

/// The school that was asked for, or the first; one out of reach is not there.
pub(super) fn chosen_school<'a>(
    schools: &'a [(SchoolId, String)],
    asked: Option<&str>,
) -> Result<&'a (SchoolId, String), Error> {
    let found = match asked {
        Some(id) => {
            let id: SchoolId = id.parse().map_err(|_| Error::NotFound)?;
            schools.iter().find(|(school, _)| *school == id)
        }
        None => schools.first(),
    };
    found.ok_or(Error::NotFound)
}

#[derive(Template)]
#[template(path = "pupils/index.html")]
struct PupilsPage {
    chrome: Chrome,
    lines: Vec<Line>,
    schools: Vec<(String, String, bool)>,
    more: Option<String>,
    beyond_first: bool,
    may_add: bool,
    export: Option<String>,
    /// Those who left are shown.
    left: bool,
    others: String,
    new_year: String,
    first: String,
}

struct Line {
    href: String,
    name: String,
    year: String,
    stage: Option<(String, String)>,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let after = asked.after.as_deref().map(str::parse::<PupilId>).transpose().map_err(|_| Error::NotFound)?;
    let schools = match visit.actor().schools_with(Capability::SeePupils) {
        Some(schools) => schools,
        None => queries::all_schools(visit.tx.conn()).await?,
    };
    let chosen = chosen_school(&schools, asked.school.as_deref())?.0;
    let left = asked.left.is_some();
    let mut rows = queries::of_school(visit.tx.conn(), chosen, after, (today, left)).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = (rows.len() > page).then(|| {
        rows.truncate(page);
        rows.last().map(|last| {
            format!("/pupils?school={chosen}&after={}{}", last.id, if left { "&left=1" } else { "" })
        })
    });
    let trace =
        Trace { school: Some(chosen), pupils: rows.iter().map(|row| row.id).collect(), ..Trace::default() };
    let page = PupilsPage {
        chrome: visit.chrome(),
        lines: rows
            .iter()
            .map(|row| Line {
                href: urls::pupil(row.id),
                name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
                year: YearGroup::actual(row.born_on, row.year_offset, today).to_string(),
                stage: row
                    .open_case
                    .zip(row.stage)
                    .map(|(case, stage)| (urls::case(case), format!("Stage {stage}"))),
            })
            .collect(),
        schools: if schools.len() > 1 {
            schools
                .iter()
                .map(|(id, name)| (format!("/pupils?school={id}"), name.clone(), *id == chosen))
                .collect()
        } else {
            Vec::new()
        },
        more: more.flatten(),
        beyond_first: after.is_some(),
        may_add: visit.actor().may_at(Capability::ManagePupils, chosen),
        left,
        others: format!("/pupils?school={chosen}{}", if left { "" } else { "&left=1" }),
        first: format!("/pupils?school={chosen}{}", if left { "&left=1" } else { "" }),
        new_year: format!("{}?school={chosen}", urls::NEW_YEAR.pattern),
        export: (!left && visit.actor().may_at(Capability::ExportCases, chosen))
            .then(|| urls::export_pupils(chosen)),
    };
    visit.show(trace, &page).await
}

#[derive(Template)]
#[template(path = "pupils/show.html")]
struct PupilPage {
    chrome: Chrome,
    id: PupilId,
    name: String,
    year: String,
    pupil: PupilRow,
    born: String,
    enrolled: String,
    changed: String,
    contacts: Vec<ContactRow>,
    cases: Vec<(String, String, String)>,
    may_manage: bool,
    open_case: Option<String>,
    /// The pupil is on the roll today or later, and no day of leaving is known.
    on_roll: bool,
    merges: Vec<Vec<String>>,
}

pub async fn show(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let Some(pupil) = queries::pupil(visit.tx.conn(), id).await? else {
        // The address of a record given up for another leads to the one that stays.
        let stays = merge::queries::merged_into(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
        visit.tx.nothing_shown().await?;
        return Ok((StatusCode::FOUND, [(LOCATION, urls::pupil(stays))]).into_response());
    };
    visit.actor().require(Capability::SeePupils, pupil.school)?;
    let merges = merge::queries::merges(visit.tx.conn(), pupil.school, id).await?;
    let contacts = queries::contacts(visit.tx.conn(), id).await?;
    let cases = queries::cases(visit.tx.conn(), id).await?;
    let may_open = visit.actor().may_at(Capability::OpenCase, pupil.school)
        && cases.iter().all(|case| case.closed_on.is_some())
        && pupil.enrolled_to.is_none_or(|day| day >= today);
    let changed = london(pupil.changed_at);
    let page = PupilPage {
        chrome: visit.chrome(),
        id,
        name: display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name),
        year: YearGroup::actual(pupil.born_on, pupil.year_offset, today).to_string(),
        born: dates::long(pupil.born_on),
        enrolled: enrolled(&pupil),
        changed: format!(
            "{}, {} at {}",
            pupil.changed_by,
            dates::short(changed.date()),
            dates::time_of_day(changed.time())
        ),
        contacts,
        cases: cases.iter().map(case_line).collect(),
        may_manage: visit.actor().may_at(Capability::ManagePupils, pupil.school),
        open_case: may_open.then(|| urls::open_case(id)),
        on_roll: pupil.enrolled_to.is_none(),
        merges: merges.iter().map(merge::told).collect(),
        pupil,
    };
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(page.pupil.school),
        pupils: vec![id],
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

fn enrolled(pupil: &PupilRow) -> String {
    match (pupil.enrolled_from, pupil.enrolled_to) {
        (Some(from), None) => format!("{} since {}", pupil.school_name, dates::long(from)),
        (Some(from), Some(to)) => format!("{}, {}", pupil.school_name, dates::range(from, to)),
        _ => pupil.school_name.clone(),
    }
}

fn case_line(case: &PupilCase) -> (String, String, String) {
    let state = match case.closed_on {
        None => format!("open at Stage {} since {}", case.stage, dates::long(case.opened_on)),
        Some(closed) => dates::range(case.opened_on, closed),
    };
    (urls::case(case.id), format!("Case {}", case.number), state)
}

#[derive(Template)]
#[template(path = "pupils/form.html")]
struct PupilFormPage {
    chrome: Chrome,
    form: Form,
    title: &'static str,
    action: String,
    back: String,
    send: [(&'static str, &'static str); 3],
    schools: Vec<(String, String)>,
    is_new: bool,
}

fn form_page(
    chrome: Chrome,
    form: Form,
    id: Option<PupilId>,
    schools: &[(SchoolId, String)],
) -> PupilFormPage {
    PupilFormPage {
        chrome,
        form,
        title: if id.is_some() { "Change a pupil’s details" } else { "Add a pupil" },
        action: id.map_or_else(|| "/pupils".to_owned(), |id| format!("{}/edit", urls::pupil(id))),
        back: id.map_or_else(|| "/pupils".to_owned(), urls::pupil),
        send: views::SEND,
        schools: schools.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
        is_new: id.is_none(),
    }
}

pub async fn new(visit: Visit) -> Result<Response, Error> {
    let schools = visit.actor().schools_with(Capability::ManagePupils).unwrap_or_default();
    let mut form = Form::empty();
    form.set("send", "none");
    form.set_date("enrolled_on", visit.tx.today());
    let page = form_page(visit.chrome(), form, None, &schools);
    visit.show_nothing_personal(&page).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let schools = posted.actor().schools_with(Capability::ManagePupils).unwrap_or_default();
    let asked = posted.form.value("school").to_owned();
    let school = if asked.is_empty() {
        schools.first().map(|(id, _)| *id).ok_or(Error::NotFound)?
    } else {
        asked.parse().map_err(|_| Error::NotFound)?
    };
    if !schools.iter().any(|(id, _)| *id == school) {
        return Err(Error::NotFound);
    }
    let permit = posted.actor().permit::<ManagePupils>(school)?;
    let enrolled_on = posted.form.date("enrolled_on", "First day on the roll");
    let details = views::read_pupil(&mut posted.form, today);
    if let (Some(details), Some(on)) = (&details, enrolled_on)
        && !may_enrol(details.born_on, on, today)
    {
        posted.form.fail(
            "enrolled_on",
            "First day on the roll must be after the date of birth and within a year from today",
        );
    }
    let (false, Some(details), Some(enrolled_on)) = (posted.needs_another_look(), details, enrolled_on)
    else {
        let page = form_page(posted.chrome(), posted.form.clone(), None, &schools);
        return posted.again(&page).await;
    };
    let id: PupilId = Uuid::now_v7().into();
    match queries::add(posted.tx.conn(), &permit, id, &details, enrolled_on, now).await {
        Ok(()) => {}
        Err(DbError::Constraint { constraint }) if constraint == "pupils_upn_key" => {
            return upn_elsewhere(posted, (school, None), &schools).await;
        }
        Err(error) => return Err(error.into()),
    }
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(school),
        pupils: vec![id],
        changed: &["pupil", "enrolment"],
        ..Trace::default()
    };
    posted.done(trace, &urls::pupil(id), Some(Flash::PupilAdded)).await
}

/// Decision 6: the form says a record exists and names no school; the attempt is in the audit trail.
async fn upn_elsewhere(
    mut posted: Posted,
    (school, id): (SchoolId, Option<PupilId>),
    schools: &[(SchoolId, String)],
) -> Result<Response, Error> {
    posted.form.fail(
        "upn",
        "A record with this UPN exists already. If it is not at your school, ask the local authority to move it to you",
    );
    let page = form_page(posted.chrome(), posted.form.clone(), id, schools);
    let trace = Trace {
        refused: true,
        subject: id.map(PupilId::uuid),
        school: Some(school),
        pupils: id.into_iter().collect(),
        changed: &["upn_exists"],
        ..Trace::default()
    };
    posted.refused(trace, &page).await
}

pub async fn edit(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let pupil = queries::pupil(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(pupil.school)?;
    let form = views::pupil_form(&pupil, visit.tx.today());
    let page = form_page(visit.chrome(), form, Some(id), &[]);
    let trace =
        Trace { subject: Some(id.uuid()), school: Some(pupil.school), pupils: vec![id], ..Trace::default() };
    visit.show(trace, &page).await
}

pub async fn update(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let pupil = queries::pupil(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(pupil.school)?;
    let version: i32 = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let details = views::read_pupil(&mut posted.form, today);
    let (false, Some(details)) = (posted.needs_another_look(), details) else {
        let page = form_page(posted.chrome(), posted.form.clone(), Some(id), &[]);
        return posted.again(&page).await;
    };
    let changed = match queries::change(posted.tx.conn(), &permit, id, version, &details, now).await {
        Ok(changed) => changed,
        Err(DbError::Constraint { constraint }) if constraint == "pupils_upn_key" => {
            return upn_elsewhere(posted, (pupil.school, Some(id)), &[]).await;
        }
        Err(error) => return Err(error.into()),
    };
    if !changed {
        return posted.conflict(clash(id, &pupil, &details)).await;
    }
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(pupil.school),
        pupils: vec![id],
        changed: &["pupil"],
        ..Trace::default()
    };
    posted.done(trace, &urls::pupil(id), Some(Flash::PupilChanged)).await
}

fn clash(id: PupilId, now: &PupilRow, sent: &PupilDetails) -> Conflict {
    let at = london(now.changed_at);
    let field = |label: &str, now: &str, sent: &str| (label.to_owned(), now.to_owned(), sent.to_owned());
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let year = |offset: i16| match offset {
        0 => "The usual year".to_owned(),
        n => format!("{n:+} from the usual year"),
    };
    Conflict {
        what: "This pupil’s record".to_owned(),
        changed: format!(
            "{} changed it on {} at {}",
            now.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        ),
        fields: vec![
            field("Given name", &now.given_name, &sent.given_name),
            field("Family name", &now.family_name, &sent.family_name),
            field("Known as", &or_empty(&now.known_as), &or_empty(&sent.known_as)),
            field("Pronouns", &or_empty(&now.pronouns), &or_empty(&sent.pronouns)),
            field("Date of birth", &dates::long(now.born_on), &dates::long(sent.born_on)),
            field("Year group", &year(now.year_offset), &year(sent.year_offset)),
            field("Why another year", &or_empty(&now.year_reason), &or_empty(&sent.year_reason)),
            field(
                "UPN",
                &or_empty(&now.upn),
                &sent.upn.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
            field("Why there is no UPN", &or_empty(&now.no_upn_reason), &or_empty(&sent.no_upn_reason)),
            field("Special educational needs", now.send.label(), sent.send.label()),
            field("Looked after", yes_no(now.looked_after), yes_no(sent.looked_after)),
            field("English as an additional language", yes_no(now.eal), yes_no(sent.eal)),
        ],
        edit: format!("{}/edit", urls::pupil(id)),
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}
