//! A week of the school in one page (P2.01): what was recorded in it, as it was recorded. A week that is over stays as
//! it was, whatever is written down later.

use askama::Template;
use axum::response::Response;
use time::{Date, Duration, format_description::well_known::Iso8601};

use super::{
    export,
    figures::{self, Happened},
    handlers::only,
    views,
};
use crate::{
    domain::{
        calendar::monday,
        dates,
        permission::Capability,
        pupil::display_name,
        review::Rating,
        stage::{Ending, Event},
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// Most lines of a week.
const MOST: i64 = 300;

#[derive(Template)]
#[template(path = "overview/digest.html")]
struct DigestPage {
    chrome: Chrome,
    school: String,
    days: String,
    /// The week is not over yet.
    so_far: bool,
    counts: Vec<(&'static str, String)>,
    reviews: String,
    lines: Vec<Line>,
    cut: bool,
    before: String,
    after: Option<String>,
    export: Option<String>,
}

struct Line {
    /// None: a pupil whom the school sees no more.
    href: Option<String>,
    name: String,
    school: Option<String>,
    what: String,
    on: String,
}

/// Who somebody is whom the school sees no more.
pub const GONE: &str = "A pupil who is at another school now";

/// Whose line it is, as far as the school sees them still.
pub fn name(row: &Happened) -> Option<String> {
    let (given, family) = row.given_name.as_deref().zip(row.family_name.as_deref())?;
    Some(display_name(given, row.known_as.as_deref(), family))
}

/// What happened, in words.
pub fn words(row: &Happened) -> String {
    let permanent = row.words.as_deref() == Some("permanent");
    match (row.kind.as_str(), &row.event) {
        ("decision", Some(event)) => event.words(),
        ("outcome", _) => match row.words.as_deref().and_then(|words| words.split_once(':')) {
            Some((kind, status)) => {
                let outcome = crate::domain::stage_3::Alternative::from_stored(kind);
                let label = outcome.map_or("An outcome", crate::domain::stage_3::Alternative::label);
                format!("Stage 3: {label} {status}")
            }
            None => "An outcome of Stage 3 was decided".to_owned(),
        },
        ("excluded", _) if permanent => "Permanently excluded".to_owned(),
        ("excluded", _) => "Suspended".to_owned(),
        ("cancelled", _) if permanent => "Permanent exclusion cancelled".to_owned(),
        ("cancelled", _) => "Suspension cancelled".to_owned(),
        ("feedback_missed", _) => "Parents had no feedback for two weeks".to_owned(),
        ("overdue", _) => format!("Overdue: {}", row.words.as_deref().unwrap_or_default()),
        _ => "Something changed".to_owned(),
    }
}

/// Which of the counts a line belongs to.
fn counted(row: &Happened) -> Option<usize> {
    match (row.kind.as_str(), row.event.as_ref().map(|event| &event.0)) {
        ("decision", Some(Event::Opened { .. } | Event::Reopened { .. })) => Some(0),
        ("decision", Some(Event::MovedUp { .. } | Event::SteppedDown { .. })) => Some(1),
        // Whose case was opened by mistake never was on the programme: the overview counts them neither.
        ("decision", Some(Event::Closed { ending: Ending::OpenedInError })) => None,
        ("decision", Some(Event::Exited | Event::Closed { .. })) => Some(2),
        ("excluded", _) => Some(3),
        ("outcome", _) => Some(4),
        ("overdue", _) => Some(5),
        _ => None,
    }
}

/// The Monday that names a week, which has begun. Far back there is nothing, and weeks to come have not been.
pub fn week(text: &str, today: Date) -> Result<Date, Error> {
    Date::parse(text, &Iso8601::DATE)
        .ok()
        .filter(|from| *from == monday(*from) && *from <= today && *from >= today - Duration::days(3660))
        .ok_or(Error::NotFound)
}

pub async fn show(Id(text): Id<String>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let from = week(&text, today)?;
    let to = from + Duration::days(6);
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let mut rows = figures::happened(visit.tx.conn(), &ids, (from, to), MOST + 1).await?;
    let cut = rows.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let signed = figures::signed(visit.tx.conn(), &ids, (from, to)).await?;
    let place = views::place(&schools);
    let mut counts = [
        ("Cases opened", 0),
        ("Stage moves", 0),
        ("Left the programme", 0),
        ("Suspensions and exclusions", 0),
        ("Outcomes of Stage 3", 0),
        ("Duties that became overdue", 0),
    ];
    for at in rows.iter().filter_map(counted) {
        counts[at].1 += 1;
    }
    let page = DigestPage {
        chrome: visit.chrome(),
        school: only(&schools),
        days: dates::range(from, to - Duration::days(2)),
        so_far: today <= to,
        counts: counts.map(|(name, count)| (name, how_many(count, cut))).to_vec(),
        reviews: reviews(&signed),
        lines: rows
            .iter()
            .map(|row| Line {
                href: name(row).map(|_| row.case.map_or_else(|| urls::suspensions(row.pupil), urls::case)),
                name: name(row).unwrap_or_else(|| GONE.to_owned()),
                school: place(row.school),
                what: words(row),
                on: dates::full(row.on),
            })
            .collect(),
        cut,
        export: export::link(&visit, &format!("{}{from}", export::WEEK_OF)),
        before: urls::digest(from - Duration::WEEK),
        after: (from + Duration::WEEK <= today).then(|| urls::digest(from + Duration::WEEK)),
    };
    let named = rows.iter().filter(|row| name(row).is_some()).map(|row| row.pupil);
    let trace = views::trace(&schools, named);
    visit.show(trace, &page).await
}

/// A number of lines: of a week that was cut off there may be more.
fn how_many(count: u32, cut: bool) -> String {
    if cut { format!("{count} or more") } else { count.to_string() }
}

/// "9 weekly reviews were signed: 4 green, 3 amber, 2 red"
fn reviews(signed: &[figures::Signed]) -> String {
    let all: i64 = signed.iter().map(|row| row.reviews).sum();
    if all == 0 {
        return "No weekly review was signed.".to_owned();
    }
    let lights: Vec<_> = [Rating::Green, Rating::Amber, Rating::Red]
        .into_iter()
        .filter_map(|light| {
            let row = signed.iter().find(|row| row.overall == light.as_str())?;
            Some(format!("{} {}", row.reviews, light.as_str()))
        })
        .collect();
    let (reviews, were) = if all == 1 { ("review", "was") } else { ("reviews", "were") };
    format!("{all} weekly {reviews} {were} signed: {}.", lights.join(", "))
}
