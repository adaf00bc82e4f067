//! Cancelling an exclusion (2.6): before or after it began, never once the governing board's meeting has begun, and never
//! when the pupil would have been out for more than 45 days.

use askama::Template;
use axum::response::Response;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime};

use super::{
    form,
    pages::{self, One},
    queries::{self, Cancellation},
    views::{self, Line},
};
use crate::{
    db::{exclusions, notices::tell_head},
    domain::{
        dates,
        ids::ExclusionId,
        permission::{Capability, IssueExclusions},
        suspension::{
            Refused, Session,
            change::{self, Cancelling},
            notices,
            record::Exclusion,
            terms::Years,
            tiers::Tier,
        },
    },
    state::from_london,
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_WHY: usize = 2000;
/// Our reading of "without delay" (2.6): an end so far off is no cancellation.
const LONGEST_AHEAD: Duration = Duration::days(14);

#[derive(Template)]
#[template(path = "suspensions/cancel.html")]
struct CancelPage {
    chrome: Chrome,
    form: Form,
    name: String,
    title: String,
    action: String,
    back: String,
    about: Vec<Line>,
    halves: Vec<(&'static str, &'static str)>,
    tells: Vec<&'static str>,
}

fn page(chrome: Chrome, form: Form, one: &One) -> Result<CancelPage, Error> {
    let issued = one.issued()?;
    let mut about = vec![("Length".to_owned(), views::length(&issued.exclusion))];
    about.extend(views::period(&issued.exclusion, &one.calendar));
    let told = notices::of_cancellation(&issued.exclusion, one.row.decided_on, issued.about);
    Ok(CancelPage {
        chrome,
        form,
        name: one.pupil.name(),
        title: issued.title(),
        action: urls::cancel_exclusion(one.row.id),
        back: urls::exclusion(one.row.id),
        about,
        halves: views::halves(),
        tells: told.into_iter().map(|notice| notice.to.named()).collect(),
    })
}

pub async fn new(Id(id): Id<ExclusionId>, mut visit: Visit) -> Result<Response, Error> {
    let one = pages::one(&mut visit, id, Capability::IssueExclusions).await?;
    if one.issued()?.cancelled_on.is_some() {
        return Err(cancelled_before(id));
    }
    let page = page(visit.chrome(), Form::empty(), &one)?;
    visit.show(one.trace(&[]), &page).await
}

fn cancelled_before(id: ExclusionId) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This exclusion".to_owned(),
        changed: Refused::AlreadyCancelled.to_string(),
        fields: Vec::new(),
        edit: urls::exclusion(id),
    }))
}

pub async fn create(Id(id): Id<ExclusionId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let pupil = One::of(posted.tx.conn(), id, today).await?.pupil.id;
    // Weighed with what others issue or cancel for this pupil at the same moment.
    queries::hold(posted.tx.conn(), pupil).await?;
    let one = One::of(posted.tx.conn(), id, today).await?;
    let permit = posted.actor().permit::<IssueExclusions>(one.pupil.school)?;
    if one.issued()?.cancelled_on.is_some() {
        return Err(cancelled_before(id));
    }
    let why = posted.form.paragraph("say", "Why it is cancelled", MAX_WHY);
    let back = form::session(&mut posted.form, "back", "back_session", "First day back");
    let cancelled = match back {
        Some(back) => weigh(&mut posted.form, &one, back, (now, today))?,
        None => None,
    };
    let (false, Some(why), Some(back), Some(cancelled)) = (posted.needs_another_look(), why, back, cancelled)
    else {
        let page = page(posted.chrome(), posted.form.clone(), &one)?;
        return posted.again(&page).await;
    };
    let out = cancelled.is_permanent().then(|| cancelled.lost());
    let cancellation = Cancellation { id, why: &why, back, out };
    if !queries::cancel(posted.tx.conn(), &permit, cancellation, (now, today)).await? {
        return Err(cancelled_before(id));
    }
    exclusions::excuse_no_more(posted.tx.conn(), &permit, id, now).await?;
    if let Some(case) = one.pupil.case {
        tell_head(posted.tx.conn(), &permit, case, "exclusion_cancelled", (today, now)).await?;
    }
    if let (Exclusion::Suspension(_), Some(case)) = (&cancelled, one.pupil.case) {
        // The days out before the pupil is back stay excused.
        let whole = cancelled.lost().whole_days(&one.calendar);
        exclusions::excuse(posted.tx.conn(), &permit, (case, id), &whole, now).await?;
    }
    let trace = one.trace(&["cancellation"]);
    posted.done(trace, &urls::exclusion(id), Some(Flash::ExclusionCancelled)).await
}

/// The exclusion, cancelled. None: a message is on the form.
fn weigh(
    form: &mut Form,
    one: &One,
    back: Session,
    (now, today): (OffsetDateTime, Date),
) -> Result<Option<Exclusion>, Error> {
    let issued = one.issued()?;
    if let Some(message) = too_early_or_late(one, &issued.exclusion, back, today) {
        form.fail("back", &message);
        return Ok(None);
    }
    // Where the board only considers what parents say, its meeting decides no return, and ends no right (2.6).
    let tier = one.history.weigh(issued, &one.calendar).duty.tier;
    let met = issued.board_met().filter(|_| tier != Tier::A);
    let cancelling = Cancelling {
        at: now,
        back,
        meeting_began_at: met.map(|(on, at)| from_london(PrimitiveDateTime::new(on, at))),
    };
    let others = one.history.ledger_without(issued.id);
    let years = Years::Calendar(&one.calendar);
    match change::may_cancel(&issued.exclusion, &cancelling, &others, &one.calendar, years) {
        Ok(cancelled) => Ok(Some(cancelled)),
        Err(refused) => {
            form.fail("back", &refused.to_string());
            Ok(None)
        }
    }
}

/// The first session back lies in a suspension or right at its end, on a school day, and not far off.
fn too_early_or_late(one: &One, exclusion: &Exclusion, back: Session, today: Date) -> Option<String> {
    let calendar = &one.calendar;
    if !calendar.is_school_day(back.on) {
        return Some(Refused::NotASchoolDay(back.on).to_string().replace("lost", "attended"));
    }
    if back.on < exclusion.starts_on() {
        let starts = dates::long(exclusion.starts_on());
        return Some(format!("First day back must not be before the exclusion begins on {starts}"));
    }
    if back.on > today.max(exclusion.starts_on()) + LONGEST_AHEAD {
        return Some("First day back must be without delay: within two weeks".to_owned());
    }
    match exclusion {
        Exclusion::Suspension(suspension) => match suspension.back(calendar) {
            Ok(usual) if back > usual => Some(format!("The pupil is back from {usual} anyway")),
            Ok(_) | Err(_) => None,
        },
        Exclusion::Permanent(permanent) if back < permanent.first() => {
            Some(format!("The exclusion begins with {}", permanent.first()))
        }
        Exclusion::Permanent(_) => None,
    }
}
