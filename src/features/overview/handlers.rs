//! The headteacher's page.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    queries::{self, NoticeRow, PAGE},
    views::{self, DelegateLine, NoticeLine, OwingLine, WaitingLine, stages},
};
use crate::{
    db::{Trace, calendar, duties, exclusions},
    domain::{
        duties::{Duty, What},
        ids::{NoticeId, SchoolId},
        permission::{Action, Capability, OpenNotices},
    },
    web::{
        duty::{PupilDuty, across},
        error::Error,
        extract::Visit,
        page::Chrome,
        urls,
    },
};

/// Overdue duties, and exclusions with something owed, shown on the page.
const OVERDUE: usize = 20;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "overview/index.html")]
struct OverviewPage {
    chrome: Chrome,
    waiting: Vec<WaitingLine>,
    owing: Vec<OwingLine>,
    owing_beyond: usize,
    /// Suspensions that owe nothing but the report for the term.
    reports: Option<String>,
    overdue: Vec<PupilDuty>,
    overdue_beyond: usize,
    notices: Vec<NoticeLine>,
    beyond_first: bool,
    older: Option<String>,
    /// Not opened yet and not on this page.
    unopened_elsewhere: i64,
    schools: Vec<SchoolSection>,
    several_schools: bool,
}

/// What belongs to one school of the person.
struct SchoolSection {
    name: String,
    stages: Vec<(String, String, String)>,
    delegates: Vec<DelegateLine>,
    name_delegate: Option<String>,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let before = asked.before.as_deref().map(str::parse::<NoticeId>).transpose();
    let before = before.map_err(|_| Error::NotFound)?;
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    // Before the notices are read: that feedback was missed is found out here.
    let overdue = overdue(&mut visit, &ids).await?;
    let moment = visit.tx.moment();
    let owing = exclusions::owing(visit.tx.conn(), &ids, moment).await?;
    let (reports, owing): (Vec<_>, Vec<_>) =
        owing.into_iter().partition(|owing| views::only_the_report(owing, today));
    let waiting = queries::waiting(visit.tx.conn(), &ids).await?;
    let mut notices = queries::notices(visit.tx.conn(), &ids, before).await?;
    let counts = queries::by_stage(visit.tx.conn(), &ids).await?;
    let delegations = queries::delegations(visit.tx.conn(), &ids, today).await?;
    let full = notices.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    notices.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let unopened = queries::unopened(visit.tx.conn(), &ids).await?;
    let unopened_here = notices.iter().filter(|row| row.seen_at.is_none()).count();
    note_opened(&mut visit, &notices).await?;

    let place = |school: SchoolId| {
        (schools.len() > 1)
            .then(|| schools.iter().find(|(id, _)| *id == school).map(|(_, name)| name.clone()))
            .flatten()
    };
    let page = OverviewPage {
        chrome: visit.chrome(),
        waiting: waiting.iter().map(|row| WaitingLine::of(row, &place)).collect(),
        reports: views::reports(&reports),
        owing_beyond: owing.len().saturating_sub(OVERDUE),
        owing: owing.iter().take(OVERDUE).map(|owing| OwingLine::of(owing, &place, today)).collect(),
        overdue_beyond: overdue.len().saturating_sub(OVERDUE),
        overdue: overdue.into_iter().take(OVERDUE).collect(),
        notices: notices.iter().map(|row| NoticeLine::of(row, &place)).collect(),
        beyond_first: before.is_some(),
        older: notices.last().filter(|_| full).map(|last| urls::overview_before(last.id)),
        unopened_elsewhere: unopened - i64::try_from(unopened_here).unwrap_or(0),
        schools: schools
            .iter()
            .map(|(school, name)| {
                let names = visit.actor().may_at(Capability::NameDelegates, *school);
                SchoolSection {
                    name: name.clone(),
                    stages: stages(&counts, *school),
                    delegates: delegations
                        .iter()
                        .filter(|row| row.school == *school)
                        .map(|row| DelegateLine::of(row, names, today))
                        .collect(),
                    name_delegate: names.then(|| urls::name_delegate(*school)),
                }
            })
            .collect(),
        several_schools: schools.len() > 1,
    };
    let trace = Trace {
        school: if let [(school, _)] = schools.as_slice() { Some(*school) } else { None },
        pupils: waiting
            .iter()
            .map(|row| row.pupil)
            .chain(notices.iter().map(|row| row.pupil))
            .chain(page.overdue.iter().map(|duty| duty.pupil))
            .chain(owing.iter().take(OVERDUE).map(|owing| owing.pupil))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect(),
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

/// What is overdue at these schools, the oldest first.
async fn overdue(visit: &mut Visit, schools: &[SchoolId]) -> Result<Vec<PupilDuty>, Error> {
    let moment = visit.tx.moment();
    let mut all = Vec::new();
    for school in schools {
        let calendar = calendar::of_school(visit.tx.conn(), *school, moment.today).await?;
        let owes = duties::of_schools(visit.tx.conn(), &[*school], moment).await?;
        // What is owed about exclusions has a list of its own, which cases that ended are on too.
        let wanted = |duty: &Duty| {
            !matches!(duty.what, What::Exclusion { .. }) && duty.overdue(&calendar, moment.today) > 0
        };
        all.extend(across(&owes, &calendar, moment.today, wanted));
    }
    Ok(all)
}

/// P2.01: showing a notice to the headteacher opens it, in the transaction that ends before the page is sent. To
/// their delegate it is shown and stays unopened.
async fn note_opened(visit: &mut Visit, notices: &[NoticeRow]) -> Result<(), Error> {
    let now = visit.tx.now();
    let headed = visit.actor().schools_with(OpenNotices::CAPABILITY).unwrap_or_default();
    for (school, _) in headed {
        let unopened: Vec<_> = notices
            .iter()
            .filter(|row| row.school == school && row.seen_at.is_none())
            .map(|row| row.id)
            .collect();
        if !unopened.is_empty() {
            let permit = visit.actor().permit::<OpenNotices>(school)?;
            queries::open_notices(visit.tx.conn(), &permit, &unopened, now).await?;
        }
    }
    Ok(())
}
