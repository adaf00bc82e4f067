//! Cancelling a panel nothing waits for.

use askama::Template;
use axum::response::Response;

use super::{
    planning::{still_ahead, trace},
    queries::{self, PanelRow},
    views,
};
use crate::{
    domain::{ids::PanelId, permission::PreparePanel},
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_WORDS: usize = 500;

#[derive(Template)]
#[template(path = "panel/cancel.html")]
struct CancelPage {
    chrome: Chrome,
    form: Form,
    place: String,
    name: String,
    when: String,
    /// Papers that wait for it, whoever may read them: until there are none it stands.
    waiting: i64,
}

/// A panel that is still to meet and was not cancelled.
async fn ahead(
    conn: &mut sqlx::PgConnection,
    id: PanelId,
    today: time::Date,
) -> Result<(PanelRow, i64), Error> {
    let panel = queries::panel(conn, id).await?.ok_or(Error::NotFound)?;
    if panel.cancelled_on.is_some() {
        return Err(Error::Done(urls::panel(id)));
    }
    still_ahead(&panel, today)?;
    let waiting = queries::papers_waiting(conn, id).await?;
    Ok((panel, waiting))
}

fn page(chrome: Chrome, form: Form, panel: &PanelRow, waiting: i64) -> CancelPage {
    CancelPage {
        chrome,
        form,
        place: urls::panel(panel.id),
        name: panel.name.clone(),
        when: views::when(panel),
        waiting,
    }
}

pub async fn new(Id(id): Id<PanelId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (panel, waiting) = ahead(visit.tx.conn(), id, today).await?;
    let page = page(visit.chrome(), Form::empty(), &panel, waiting);
    visit.show_nothing_personal(&page).await
}

pub async fn create(Id(id): Id<PanelId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let permit = posted.actor().permit_in_authority::<PreparePanel>()?;
    let (panel, waiting) = ahead(posted.tx.conn(), id, today).await?;
    let words = posted.form.paragraph("words", "Why it is cancelled", MAX_WORDS);
    if waiting > 0 {
        posted
            .form
            .fail("words", "Papers wait for this panel, so it cannot be cancelled. Change its day instead");
    }
    let (false, Some(words)) = (posted.needs_another_look(), words) else {
        let page = page(posted.chrome(), posted.form.clone(), &panel, waiting);
        return posted.again(&page).await;
    };
    queries::cancel(posted.tx.conn(), &permit, id, &words, (today, now)).await?;
    // Papers that came in this moment wait for it: it stands, and nothing was changed.
    if queries::papers_waiting(posted.tx.conn(), id).await? > 0 {
        return Err(Error::BadRequest(
            "Papers were submitted to this panel a moment ago, so it was not cancelled.",
        ));
    }
    posted.done(trace(id), &urls::panel(id), Some(Flash::PanelCancelled)).await
}
