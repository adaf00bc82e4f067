//! What the headteacher is told (P2.01): the inbox, where who was told what and when they opened it stays.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{
    export,
    queries::{self, NoticeRow, PAGE},
    views::{self, NoticeLine},
};
use crate::{
    db::duties,
    domain::{
        ids::NoticeId,
        permission::{Action, Capability, OpenNotices},
    },
    web::{error::Error, extract::Visit, page::Chrome, urls},
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "overview/inbox.html")]
struct InboxPage {
    chrome: Chrome,
    notices: Vec<NoticeLine>,
    beyond_first: bool,
    older: Option<String>,
    export: Option<String>,
    /// Not opened yet and not on this page.
    unopened_elsewhere: i64,
    /// Opening them is the headteacher's.
    opens: bool,
}

pub async fn index(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    let before = asked.before.as_deref().map(str::parse::<NoticeId>).transpose();
    let before = before.map_err(|_| Error::NotFound)?;
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    if before.is_none() {
        // Before the notices are read: that something is overdue, or feedback was missed, is found out here.
        let moment = visit.tx.moment();
        duties::reckon_schools(visit.tx.conn(), &ids, moment).await?;
    }
    let mut notices = queries::notices(visit.tx.conn(), &ids, before, PAGE).await?;
    let full = notices.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    notices.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let unopened = queries::unopened(visit.tx.conn(), &ids).await?;
    let unopened_here = notices.iter().filter(|row| row.seen_at.is_none()).count();
    note_opened(&mut visit, &notices).await?;
    let place = views::place(&schools);
    let page = InboxPage {
        chrome: visit.chrome(),
        notices: notices.iter().map(|row| NoticeLine::of(row, &place)).collect(),
        beyond_first: before.is_some(),
        export: export::link(&visit, "inbox").filter(|_| !notices.is_empty()),
        older: notices.last().filter(|_| full).map(|last| urls::inbox_before(last.id)),
        unopened_elsewhere: unopened - i64::try_from(unopened_here).unwrap_or(0),
        opens: visit.actor().may(OpenNotices::CAPABILITY),
    };
    let trace = views::trace(&schools, notices.iter().map(|row| row.pupil));
    visit.show(trace, &page).await
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
