//! What is known beforehand about a pupil's days. Day sheets are prefilled from it, visibly.

use askama::Template;
use axum::{extract::Path, response::Response};
use uuid::Uuid;

use super::queries::{self, NewAbsence, School};
use crate::{
    db::{Trace, case::CaseOf},
    domain::{
        dates,
        ids::{AbsenceId, CaseId},
        monitoring::Reason,
        permission::{Actor, Capability, PlanAbsences},
        text,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const REASONS: [(&str, &str); 3] = [
    ("off_site", "Off site: taught or supported elsewhere"),
    ("exam", "In an exam"),
    ("absent", "Absent: an appointment, an illness, leave"),
];

#[derive(Template)]
#[template(path = "today/absences.html")]
struct AbsencesPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    open: bool,
    rows: Vec<Row>,
    reasons: [(&'static str, &'static str); 3],
    periods: Vec<(String, String)>,
}

struct Row {
    reason: &'static str,
    days: String,
    periods: String,
    source: String,
    by: String,
    withdraw: String,
}

async fn page(
    conn: &mut sqlx::PgConnection,
    chrome: Chrome,
    form: Form,
    of: &CaseOf,
    actor: &Actor,
    school: &School,
    today: time::Date,
) -> Result<AbsencesPage, Error> {
    let label = |number: &i16| {
        school
            .periods
            .iter()
            .find(|period| period.number == *number)
            .map_or_else(String::new, |p| p.label.clone())
    };
    let case = of.id;
    let rows = queries::known_absences(conn, case, today)
        .await?
        .into_iter()
        .map(|row| Row {
            reason: Reason::from_stored(&row.reason).map_or("", Reason::label),
            days: dates::range(row.from_on, row.to_on),
            periods: row.periods.map_or_else(
                || "The whole day".to_owned(),
                |numbers| numbers.iter().map(label).collect::<Vec<_>>().join(", "),
            ),
            source: row.source,
            by: row.by,
            withdraw: urls::withdraw_absence(case, row.id),
        })
        .collect();
    Ok(AbsencesPage {
        chrome,
        form,
        identity: Identity::of(of, actor, today, "Known absences"),
        case,
        open: of.closed_on.is_none(),
        rows,
        reasons: REASONS,
        periods: school.periods.iter().map(|p| (p.number.to_string(), p.label.clone())).collect(),
    })
}

pub async fn index(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::PlanAbsences).await?;
    let school = queries::school(visit.tx.conn(), of.school, today, &[]).await?.ok_or(Error::NotFound)?;
    let (chrome, actor) = (visit.chrome(), visit.actor().clone());
    let page = page(visit.tx.conn(), chrome, Form::empty(), &of, &actor, &school, today).await?;
    visit.show(of.trace(&[]), &page).await
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let (of, permit) = posted.open_case::<PlanAbsences>(case).await?;
    let school = queries::school(posted.tx.conn(), of.school, today, &[]).await?.ok_or(Error::NotFound)?;
    let reason =
        REASONS.iter().map(|(reason, _)| *reason).find(|reason| *reason == posted.form.value("reason"));
    if reason.is_none() {
        posted.form.fail("reason", "Select why the pupil will be away");
    }
    let from = date(&mut posted.form, "from_on", "First day");
    // Only one day: the last day may be left empty.
    let to = if posted.form.date_parts("to_on") == ("", "", "") {
        from
    } else {
        date(&mut posted.form, "to_on", "Last day")
    };
    if let (Some(from), Some(to)) = (from, to) {
        if to < from {
            posted.form.fail("to_on", "Last day must be the same as or after the first day");
        } else if to < today {
            posted.form.fail("to_on", "Last day must be today or later");
        } else if to - from > time::Duration::days(366) {
            posted.form.fail("to_on", "Last day must be within a year of the first day");
        }
    }
    let source = text::line(posted.form.value("source"), 140);
    if let Err(error) = source {
        posted.form.fail("source", &error.message("How this is known"));
    }
    let mut periods = Vec::new();
    for typed in posted.form.values_of("periods") {
        match typed.parse::<i16>() {
            Ok(number) if school.periods.iter().any(|period| period.number == number) => periods.push(number),
            _ => return Err(Error::BadRequest("It names a period the school does not have.")),
        }
    }
    let whole_day = periods.is_empty() || periods.len() == school.periods.len();
    let (false, Some(reason), Some(from_on), Some(to_on), Ok(source)) =
        (posted.needs_another_look(), reason, from, to, source)
    else {
        let (chrome, form, actor) = (posted.chrome(), posted.form.clone(), posted.actor().clone());
        let page = page(posted.tx.conn(), chrome, form, &of, &actor, &school, today).await?;
        return posted.again(&page).await;
    };
    let absence = NewAbsence {
        id: Uuid::now_v7().into(),
        case,
        reason,
        from_on,
        to_on,
        periods: (!whole_day).then_some(periods),
        source,
    };
    let now = posted.tx.now();
    queries::plan_absence(posted.tx.conn(), &permit, absence, now).await?;
    posted.done(of.trace(&["known_absence"]), &urls::absences(case), Some(Flash::AbsencePlanned)).await
}

fn date(form: &mut Form, id: &str, what: &str) -> Option<time::Date> {
    let (day, month, year) = form.date_parts(id);
    match dates::parse_parts(day, month, year) {
        Ok(date) => Some(date),
        Err(error) => {
            form.fail(id, &error.message(what));
            None
        }
    }
}

pub async fn withdraw(
    Path((case, absence)): Path<(CaseId, AbsenceId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let of = queries::case(posted.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<PlanAbsences>(of.school)?;
    let now = posted.tx.now();
    if !queries::withdraw_absence(posted.tx.conn(), &permit, case, absence, now).await? {
        return Err(Error::NotFound);
    }
    let trace = Trace {
        subject: Some(case.uuid()),
        school: Some(of.school),
        pupils: vec![of.pupil],
        changed: &["known_absence"],
        ..Trace::default()
    };
    posted.done(trace, &urls::absences(case), Some(Flash::AbsenceWithdrawn)).await
}
