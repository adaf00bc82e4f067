//! The box, and who was found.

use std::collections::HashSet;

use askama::Template;
use axum::response::Response;

use super::{
    queries::{self, Found, MOST},
    views::{Line, count_words},
};
use crate::{
    db::Trace,
    domain::{
        ids::SchoolId,
        permission::{Actor, Capability},
        search::Sought,
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::Chrome,
    },
};

#[derive(Template)]
#[template(path = "search/index.html")]
struct SearchPage {
    chrome: Chrome,
    form: Form,
    within: String,
    /// Finds by the end of a UPN too.
    by_upn: bool,
    /// Finds by the number of a case too.
    by_number: bool,
    may_include_closed: bool,
    found: Option<Answer>,
}

/// Who was found.
struct Answer {
    count: String,
    lines: Vec<Line>,
    more: bool,
    several_schools: bool,
    included_closed: bool,
}

fn page(chrome: Chrome, actor: &Actor, form: Form, found: Option<Answer>) -> SearchPage {
    let schools = actor.schools_with(Capability::Search);
    let within = match schools.as_deref() {
        None => "every school of the authority".to_owned(),
        Some([]) => "the cases shared with you".to_owned(),
        Some([(_, name)]) => name.clone(),
        Some(several) => format!("your {} schools", several.len()),
    };
    SearchPage {
        chrome,
        form,
        within,
        by_upn: actor.may(Capability::SeePupils),
        by_number: actor.may(Capability::SeeCases),
        may_include_closed: actor.may(Capability::SeeCases),
        found,
    }
}

pub async fn new(visit: Visit) -> Result<Response, Error> {
    let page = page(visit.chrome(), visit.actor(), Form::empty(), None);
    visit.show_nothing_personal(&page).await
}

pub async fn show(mut posted: Posted) -> Result<Response, Error> {
    let sought = match Sought::read(posted.form.value("sought")) {
        Ok(sought) => sought,
        Err(unclear) => {
            posted.form.fail("sought", unclear.message());
            let page = page(posted.chrome(), posted.actor(), posted.form.clone(), None);
            return posted.again(&page).await;
        }
    };
    let included_closed = posted.form.checked("closed", "yes");
    let mut rows = found(&mut posted, &sought, included_closed).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let trace = Trace {
        school: rows.first().map(|row| row.school).filter(|one| rows.iter().all(|row| row.school == *one)),
        pupils: rows.iter().map(|row| row.pupil).collect(),
        ..Trace::default()
    };
    let today = posted.tx.today();
    let answer = Answer {
        count: count_words(rows.len(), more),
        lines: rows.iter().map(|row| Line::of(row, today)).collect(),
        more,
        several_schools: posted.actor().schools_with(Capability::Search).is_none_or(|some| some.len() != 1),
        included_closed,
    };
    let chrome = posted.chrome();
    if chrome.names_hidden {
        // The box does not say who was looked for.
        posted.form.set("sought", "");
    }
    let page = page(chrome, posted.actor(), posted.form.clone(), Some(answer));
    posted.looked_up(trace, &page).await
}

/// Everybody the person may see who fits, the best first; one more than a page when there are more.
async fn found(posted: &mut Posted, sought: &Sought, all: bool) -> Result<Vec<Found>, Error> {
    let today = posted.tx.today();
    let actor = posted.actor().clone();
    let mut rows = Vec::new();
    let ids =
        |capability| actor.schools_with(capability).map(|some| some.into_iter().map(|(id, _)| id).collect());
    let records: Option<Vec<SchoolId>> = ids(Capability::SeePupils);
    if records.as_ref().is_none_or(|some| !some.is_empty()) {
        rows = queries::among_records(posted.tx.conn(), records.as_deref(), sought, all, today).await?;
    }
    if let Some(records) = records {
        // What is seen by a record needs no second look.
        let besides = |capability| {
            let some: Vec<SchoolId> = ids(capability).unwrap_or_default();
            some.into_iter().filter(|id| !records.contains(id)).collect::<Vec<_>>()
        };
        let (cases, days) = (besides(Capability::SeeCases), besides(Capability::SeeToday));
        let shares = actor.may_for(Capability::SeeCases, SchoolId::from(uuid::Uuid::nil()), true);
        if !cases.is_empty() || !days.is_empty() || shares {
            let seen: HashSet<_> = rows.iter().map(|row| row.pupil).collect();
            let others = queries::among_cases(posted.tx.conn(), &cases, &days, sought, all).await?;
            rows.extend(others.into_iter().filter(|row| !seen.contains(&row.pupil)));
            rows.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        }
    }
    Ok(rows)
}
