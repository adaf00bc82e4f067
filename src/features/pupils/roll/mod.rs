//! Leaving the roll and coming back: one pupil, or all who leave at the end of a school year.

pub mod new_year;
mod queries;

use askama::Template;
use axum::response::Response;

use self::queries::Standing;
use super::queries::{PupilRow, cases, pupil};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        dates,
        ids::PupilId,
        new_year::{MAX_WHY, may_come_back, may_leave},
        permission::ManagePupils,
        pupil::display_name,
    },
    state::london,
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Said when somebody tries to take a pupil with an open case off the roll.
const CASE_OPEN: &str = "Close the open case first: it never ends because a pupil leaves";

#[derive(Template)]
#[template(path = "pupils/leave.html")]
struct LeavePage {
    chrome: Chrome,
    form: Form,
    name: String,
    back: String,
    href: String,
    /// On the roll since when; none: they left.
    since: Option<String>,
    /// When they leave or left, why, and who said so.
    left: Option<(String, String, String)>,
    open_case: Option<(String, String)>,
}

/// A pupil whose days on the roll somebody looks at.
struct Opened {
    pupil: PupilRow,
    standing: Standing,
    open_case: Option<(String, String)>,
}

impl Opened {
    async fn at(tx: &mut ScopedTx, id: PupilId) -> Result<Self, Error> {
        let pupil = pupil(tx.conn(), id).await?.ok_or(Error::NotFound)?;
        tx.actor().permit::<ManagePupils>(pupil.school)?;
        let standing = queries::standing(tx.conn(), pupil.school, id).await?.ok_or(Error::NotFound)?;
        let cases = cases(tx.conn(), id).await?;
        let open_case = cases
            .iter()
            .find(|case| case.closed_on.is_none())
            .map(|case| (urls::case(case.id), format!("Case {}", case.number)));
        Ok(Self { pupil, standing, open_case })
    }

    fn page(&self, chrome: Chrome, form: Form) -> LeavePage {
        let row = &self.pupil;
        let left = self.standing.to_on.map(|day| {
            let why = self.standing.left_why.clone().unwrap_or_else(|| "Went to another school".to_owned());
            let who = self.standing.left_at.map(london).map(|at| {
                let by = self.standing.left_by.as_deref().unwrap_or("Somebody");
                format!("{by}, {} at {}", dates::long(at.date()), dates::time_of_day(at.time()))
            });
            (dates::long(day), why, who.unwrap_or_default())
        });
        LeavePage {
            chrome,
            form,
            name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
            back: urls::pupil(row.id),
            href: urls::pupil(row.id),
            since: left.is_none().then(|| dates::long(self.standing.from_on)),
            left,
            open_case: self.open_case.clone(),
        }
    }

    fn trace(&self) -> Trace {
        Trace {
            subject: Some(self.pupil.id.uuid()),
            school: Some(self.pupil.school),
            pupils: vec![self.pupil.id],
            ..Trace::default()
        }
    }
}

pub async fn leave_form(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let opened = Opened::at(&mut visit.tx, id).await?;
    let mut form = Form::empty();
    if opened.standing.to_on.is_none() {
        form.set_date("last_on", visit.tx.today());
    }
    let page = opened.page(visit.chrome(), form);
    visit.show(opened.trace(), &page).await
}

pub async fn leave(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let opened = Opened::at(&mut posted.tx, id).await?;
    let permit = posted.actor().permit::<ManagePupils>(opened.pupil.school)?;
    let last_on = posted.form.date("last_on", "Last day on the roll");
    if let Some(message) = last_on.and_then(|last| may_leave(opened.standing.from_on, last, today).err()) {
        posted.form.fail("last_on", &message);
    }
    let why = posted.form.line("why", "Why", MAX_WHY);
    if opened.open_case.is_some() {
        posted.form.fail("last_on", CASE_OPEN);
    }
    if opened.standing.to_on.is_some() {
        posted.form.fail("last_on", "The pupil is not on the roll any more, or a last day is set already");
    }
    let (false, Some(last_on), Some(why)) = (posted.needs_another_look(), last_on, why) else {
        let page = opened.page(posted.chrome(), posted.form.clone());
        return posted.again(&page).await;
    };
    match queries::leave(posted.tx.conn(), &permit, &[id], last_on, &why, now).await {
        Ok(1) => {}
        Err(DbError::Constraint { constraint }) if constraint == "enrolments_case_closed" => {
            posted.form.fail("last_on", CASE_OPEN);
            let page = opened.page(posted.chrome(), posted.form.clone());
            return posted.again(&page).await;
        }
        Ok(_) => {
            return Err(Error::BadRequest("Somebody else changed this pupil’s days on the roll meanwhile."));
        }
        Err(error) => return Err(error.into()),
    }
    let trace = Trace { changed: &["enrolment"], ..opened.trace() };
    posted.done(trace, &urls::pupil(id), Some(Flash::PupilLeft)).await
}

pub async fn come_back(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let opened = Opened::at(&mut posted.tx, id).await?;
    let permit = posted.actor().permit::<ManagePupils>(opened.pupil.school)?;
    let Some(left_on) = opened.standing.to_on else {
        return Err(Error::BadRequest("The pupil is on the roll."));
    };
    let mistaken = posted.form.checked("how", "mistake");
    if !mistaken && !posted.form.checked("how", "again") {
        posted.form.fail("how", "Select whether leaving was a mistake or the pupil came back");
    }
    if mistaken && opened.standing.left_why.is_none() {
        posted.form.fail("how", "The pupil went to another school and came back: say since when");
    }
    let mut back_on = None;
    if !mistaken && !posted.form.has_errors() {
        back_on = posted.form.date("back_on", "First day back");
        if let Some(message) = back_on.and_then(|back| may_come_back(left_on, back, today).err()) {
            posted.form.fail("back_on", &message);
        }
    }
    if posted.needs_another_look() {
        let page = opened.page(posted.chrome(), posted.form.clone());
        return posted.again(&page).await;
    }
    let done = match back_on {
        Some(back) => queries::come_back(posted.tx.conn(), &permit, id, back).await.map(|()| true),
        None => queries::undo_leaving(posted.tx.conn(), &permit, id, opened.standing.from_on).await,
    };
    match done {
        Ok(true) => {}
        Ok(false) | Err(DbError::Constraint { .. }) => {
            return Err(Error::BadRequest("Somebody else changed this pupil’s days on the roll meanwhile."));
        }
        Err(error) => return Err(error.into()),
    }
    let trace = Trace { changed: &["enrolment_back"], ..opened.trace() };
    posted.done(trace, &urls::pupil(id), Some(Flash::PupilBack)).await
}
