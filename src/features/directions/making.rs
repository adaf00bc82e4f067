//! Recording a direction: the board's decision, the notice and what it must hold.

use askama::Template;
use axum::response::Response;
use sqlx::PgConnection;
use time::{Date, Duration};
use uuid::Uuid;

use super::queries::{self, NewDirection};
use crate::{
    db::{DbError, absence, calendar as school_calendar, case::CaseOf, transfer},
    domain::{
        direction::{self, Directing},
        ids::{CaseId, DirectionId},
        permission::{Actor, Capability, PrepareTransfer},
        rules::Requirement,
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

const MAX_LINE: usize = 200;
const MAX_WORDS: usize = 2000;
/// What the day sheet says: whoever marks needs no more.
const SOURCE: &str = "Off-site direction";

#[derive(Template)]
#[template(path = "directions/form.html")]
struct FormPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    requirements: Vec<RequirementLine>,
    ehcp: bool,
    action: String,
    back: String,
}

fn page(
    chrome: Chrome,
    form: Form,
    of: &CaseOf,
    actor: &Actor,
    list: &[Requirement],
    today: Date,
) -> FormPage {
    FormPage {
        chrome,
        requirements: asks::lines(list, &form, Some(Around::case(of, actor))),
        form,
        identity: Identity::of(of, actor, today, "Off-site direction"),
        ehcp: of.send == "ehcp",
        action: format!("{}/new", urls::directions(of.id)),
        back: urls::directions(of.id),
    }
}

pub async fn new(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::PrepareTransfer).await?;
    let ground = transfer::ground(visit.tx.conn(), &of).await?;
    let mut form = Form::empty();
    form.set_date("notice_on", today);
    let list = [direction::s3_04_agreed(&ground), direction::s3_05_views(&ground)];
    let page = page(visit.chrome(), form, &of, visit.actor(), &list, today);
    visit.show(of.trace(&[]), &page).await
}

fn read(form: &mut Form, today: Date) -> Option<NewDirection> {
    let decided_on = form.date("decided_on", "The day of the board’s decision");
    let decided_for = form.line("decided_for", "Who decided for the board", MAX_LINE);
    let place = form.line("place", "The place", MAX_LINE);
    let address = form.paragraph("address", "The address", MAX_WORDS);
    let report_to = form.line("report_to", "Whom the pupil reports to", MAX_LINE);
    let times = form.paragraph("times", "The session times", MAX_WORDS);
    let reasons = form.paragraph("reasons", "The reasons", MAX_WORDS);
    let objectives = form.paragraph("objectives", "The objectives", MAX_WORDS);
    let notice_on = form.date("notice_on", "The day of the notice");
    let notice_how = form.line("notice_how", "How the notice was given", MAX_LINE);
    let starts_on = form.date("starts_on", "First day");
    let ends_on = form.date("ends_on", "Last day");
    let la_told = form.checked("la_told", "yes");
    if decided_on.is_some_and(|day| day > today) {
        form.fail("decided_on", "The day of the board’s decision must be today or in the past");
    }
    if notice_on.is_some_and(|day| day > today) {
        form.fail("notice_on", "The day of the notice must be today or in the past");
    }
    if let (Some(first), Some(last)) = (starts_on, ends_on) {
        if last < first {
            form.fail("ends_on", "Last day must be the same as or after the first day");
        } else if (last - first).whole_days() > absence::LONGEST {
            form.fail("ends_on", "Last day must be within a year of the first day");
        }
    }
    if starts_on.is_some_and(|day| day > today + Duration::days(366)) {
        form.fail("starts_on", "First day must be within a year from today");
    }
    Some(NewDirection {
        decided_on: decided_on?,
        decided_for: decided_for?,
        place: place?,
        address: address?,
        report_to: report_to?,
        times: times?,
        reasons: reasons?,
        objectives: objectives?,
        notice_on: notice_on?,
        notice_how: notice_how?,
        starts_on: starts_on?,
        ends_on: ends_on?,
        la_told,
    })
}

/// Everything a direction asks, as it was typed.
async fn asked(
    conn: &mut PgConnection,
    of: &CaseOf,
    new: &NewDirection,
    headteacher: bool,
    today: Date,
) -> Result<Vec<Requirement>, Error> {
    let calendar = school_calendar::of_school(conn, of.school, today).await?;
    let ground = transfer::ground(conn, of).await?;
    Ok(direction::to_direct(&Directing {
        ground: &ground,
        decided_on: new.decided_on,
        notice_on: new.notice_on,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        ehcp: of.send == "ehcp",
        la_told: new.la_told,
        headteacher,
        calendar: &calendar,
        policy: &of.policy,
    }))
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let headteacher = posted.actor().may_at(Capability::DecideMoves, of.school);
    let new = read(&mut posted.form, today);
    let mut list = Vec::new();
    let mut given = None;
    if let Some(new) = &new {
        list = asked(posted.tx.conn(), &of, new, headteacher, today).await?;
        given = asks::settle(&mut posted.form, &list);
    }
    let (false, Some(new), Some(given)) = (posted.needs_another_look(), new, given) else {
        if list.is_empty() {
            let ground = transfer::ground(posted.tx.conn(), &of).await?;
            list = vec![direction::s3_04_agreed(&ground), direction::s3_05_views(&ground)];
        }
        let page = page(posted.chrome(), posted.form.clone(), &of, posted.actor(), &list, today);
        return posted.again(&page).await;
    };
    let id: DirectionId = Uuid::now_v7().into();
    let conn = posted.tx.conn();
    let days = (new.starts_on, new.ends_on);
    let absence = absence::off_site(conn, &permit, case, days, SOURCE, now).await?;
    match queries::direct(conn, &permit, (case, id), &new, &given, absence, now).await {
        // One at a time.
        Err(DbError::Constraint { constraint }) if constraint == "directions_one_open" => {
            return Err(Error::BadRequest("An off-site direction is going on. End it before the next."));
        }
        other => other?,
    }
    posted.done(of.trace(&["direction"]), &urls::directions(case), Some(Flash::DirectionMade)).await
}
