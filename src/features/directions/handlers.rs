//! The off-site directions of a case, and the notice to print.

use askama::Template;
use axum::{extract::Path, response::Response};
use sqlx::PgConnection;
use time::Date;

use super::queries::{self, RequestRow, ReviewRow};
use crate::{
    db::{
        Moment, calendar as school_calendar,
        case::CaseOf,
        direction::{self as kept, DirectionRow},
        duties,
        school::letterhead,
    },
    domain::{
        calendar::SchoolCalendar,
        dates,
        direction::{End, ReviewKind, Standing},
        duties::Place,
        ids::{CaseId, DirectionId},
        permission::{Actor, Capability},
        suspension::offsite::REVIEW_REST_DAYS,
    },
    web::{
        case::Identity,
        duty::{About, DutyLine, of_place},
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

/// Who is at a review: what the form sends, and who it is.
pub const PEOPLE: [(&str, &str); 6] = [
    ("head", "Headteacher"),
    ("parents", "Parents or carers"),
    ("pupil", "Pupil"),
    ("nominee", "Nominee of the governing board"),
    ("place", "Somebody from the place"),
    ("la", "Local authority"),
];

/// A direction on the page.
pub struct DirectionView {
    pub href: String,
    pub place: String,
    pub address: String,
    pub days: String,
    pub standing: &'static str,
    pub running: bool,
    pub report_to: String,
    pub times: String,
    pub reasons: String,
    pub objectives: String,
    pub decided: String,
    pub notice: String,
    pub ended: Option<String>,
    pub review_days: Vec<String>,
    pub reviews: Vec<ReviewLine>,
    pub requests: Vec<String>,
    pub version: i32,
}

/// A review on the page.
pub struct ReviewLine {
    pub when: String,
    pub people: String,
    pub words: String,
}

fn view(
    case: CaseId,
    row: &DirectionRow,
    reviews: &[ReviewRow],
    requests: &[RequestRow],
    calendar: &SchoolCalendar,
    today: Date,
) -> DirectionView {
    let fact = row.fact();
    let standing = fact.standing(today);
    let people = |all: &[String]| {
        let label =
            |word: &String| PEOPLE.iter().find(|(value, _)| value == word).map_or("", |(_, label)| *label);
        all.iter().map(label).collect::<Vec<_>>().join(", ")
    };
    DirectionView {
        href: urls::direction(case, row.id),
        place: row.place.clone(),
        address: row.address.clone(),
        days: dates::range(row.starts_on, row.ends_on),
        standing: match standing {
            Standing::Ended(how) => how.label(),
            other => other.label(),
        },
        running: row.ended_on.is_none(),
        report_to: row.report_to.clone(),
        times: row.times.clone(),
        reasons: row.reasons.clone(),
        objectives: row.objectives.clone(),
        decided: format!("{}, on {}", row.decided_for, dates::long(row.decided_on)),
        notice: match (row.notice_on, &row.notice_how) {
            (Some(on), Some(how)) => format!(
                "Given on {}: {how}{}",
                dates::full(on),
                if row.la_told { ". The LA has it too" } else { "" }
            ),
            _ => "Not given yet".to_owned(),
        },
        ended: row.ended_on.map(|on| {
            format!("Ended on {}. {}", dates::long(on), row.ended_why.as_deref().unwrap_or_default())
        }),
        review_days: fact.review_days(calendar).into_iter().map(dates::full).collect(),
        reviews: reviews
            .iter()
            .filter(|review| review.direction == row.id)
            .map(|review| ReviewLine {
                when: format!(
                    "{}, {}, recorded by {}",
                    dates::long(review.held_on),
                    ReviewKind::from_stored(&review.kind).map_or("", ReviewKind::label).to_lowercase(),
                    review.by
                ),
                people: people(&review.people),
                words: review.words.clone(),
            })
            .collect(),
        requests: requests
            .iter()
            .filter(|request| request.direction == row.id)
            .map(|request| {
                let answer = request
                    .refused_why
                    .as_ref()
                    .map_or_else(|| "to be held".to_owned(), |why| format!("refused: {why}"));
                format!("{} asked on {}, {answer}", request.asked_by, dates::long(request.asked_on))
            })
            .collect(),
        version: row.version,
    }
}

#[derive(Template)]
#[template(path = "directions/index.html")]
struct DirectionsPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    directions: Vec<DirectionView>,
    duties: Vec<DutyLine>,
    may_direct: bool,
    prepares: bool,
    people: [(&'static str, &'static str); 6],
    kinds: Vec<(&'static str, &'static str)>,
    ends: Vec<(&'static str, &'static str)>,
}

async fn page(
    conn: &mut PgConnection,
    chrome: Chrome,
    form: Form,
    of: &CaseOf,
    actor: &Actor,
    moment: Moment,
) -> Result<DirectionsPage, Error> {
    let today = moment.today;
    let rows = kept::of_case(conn, of.id, of.school).await?;
    let calendar = school_calendar::of_school(conn, of.school, today).await?;
    let reviews = queries::reviews(conn, of.id, of.school).await?;
    let requests = queries::requests(conn, of.id, of.school).await?;
    let owed = duties::of_case(conn, of, moment).await?;
    let prepares = actor.may_at(Capability::PrepareTransfer, of.school) && of.closed_on.is_none();
    Ok(DirectionsPage {
        chrome,
        form,
        identity: Identity::of(of, actor, today, "Off-site direction"),
        case: of.id,
        may_direct: prepares && rows.iter().all(|row| row.ended_on.is_some()),
        directions: rows.iter().map(|row| view(of.id, row, &reviews, &requests, &calendar, today)).collect(),
        duties: of_place(&owed, Place::Direction, About::case(of, actor), &calendar, today),
        prepares,
        people: PEOPLE,
        kinds: ReviewKind::choices(),
        ends: End::choices(),
    })
}

/// The page's forms start with today.
fn start(mut form: Form, today: Date) -> Form {
    for field in ["held", "asked", "ended"] {
        if form.date_parts(field) == ("", "", "") && form.error(field).is_none() {
            form.set_date(field, today);
        }
    }
    form
}

pub async fn index(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let moment = visit.tx.moment();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let (chrome, actor) = (visit.chrome(), visit.actor().clone());
    let form = start(Form::empty(), moment.today);
    let page = page(visit.tx.conn(), chrome, form, &of, &actor, moment).await?;
    visit.show(of.trace(&[]), &page).await
}

/// The page once more, with what was typed.
pub async fn again(mut posted: Posted, of: &CaseOf) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let (chrome, actor) = (posted.chrome(), posted.actor().clone());
    let form = start(posted.form.clone(), moment.today);
    let page = page(posted.tx.conn(), chrome, form, of, &actor, moment).await?;
    posted.again(&page).await
}

/// One direction of the case: 404 without it.
pub async fn one(conn: &mut PgConnection, of: &CaseOf, id: DirectionId) -> Result<DirectionRow, Error> {
    let rows = kept::of_case(conn, of.id, of.school).await?;
    rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
}

#[derive(Template)]
#[template(path = "directions/notice.html")]
struct NoticePage {
    chrome: Chrome,
    back: String,
    school: String,
    letterhead: Option<String>,
    name: String,
    year: String,
    on: String,
    place: String,
    address: String,
    report_to: String,
    times: String,
    days: String,
    /// "34 school days"; none: the calendar does not say.
    count: Option<u32>,
    reasons: String,
    objectives: String,
    decided: String,
    review_days: Vec<String>,
    rest_weeks: i64,
}

pub async fn notice(
    Path((case, id)): Path<(CaseId, DirectionId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let row = one(visit.tx.conn(), &of, id).await?;
    let calendar = school_calendar::of_school(visit.tx.conn(), of.school, today).await?;
    let page = NoticePage {
        chrome: visit.chrome(),
        back: urls::directions(case),
        school: of.school_name.clone(),
        letterhead: letterhead(visit.tx.conn(), of.school).await?,
        name: of.name(),
        year: of.year(row.starts_on).to_string(),
        on: dates::full(row.notice_on.unwrap_or(today)),
        place: row.place.clone(),
        address: row.address.clone(),
        report_to: row.report_to.clone(),
        times: row.times.clone(),
        days: format!("{} to {}", dates::full(row.starts_on), dates::full(row.ends_on)),
        count: calendar.school_days(row.starts_on, row.ends_on).ok(),
        reasons: row.reasons.clone(),
        objectives: row.objectives.clone(),
        decided: format!("{}, on {}", row.decided_for, dates::long(row.decided_on)),
        review_days: row.fact().review_days(&calendar).into_iter().map(dates::full).collect(),
        rest_weeks: REVIEW_REST_DAYS / 7,
    };
    visit.show(of.trace(&[]), &page).await
}
