//! Recording what was done about an exclusion, and taking back what was recorded by mistake.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::{
    form,
    pages::{self, One, offered},
    queries::{self, Education, NewStep},
};
use crate::{
    domain::{
        dates,
        ids::{ExclusionId, ExclusionStepId},
        incident::time_of_day,
        permission::{Capability, RecordExclusionSteps},
        step::Told,
        suspension::{
            history::{Outcome, RecordKind},
            notices::{self, NoticeKind, Recipient},
        },
        text,
    },
    state::from_london,
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

const MAX_WORDS: usize = 2000;
const MAX_LINE: usize = 200;

/// Which step, and of a notice which, to whom.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    step: Option<String>,
    told: Option<String>,
    to: Option<String>,
}

#[derive(Template)]
#[template(path = "suspensions/step.html")]
struct StepPage {
    chrome: Chrome,
    form: Form,
    name: String,
    title: String,
    action: String,
    back: String,
    kind: RecordKind,
    /// What a notice must say.
    contents: Vec<&'static str>,
    how: Vec<(&'static str, &'static str)>,
    outcomes: Vec<(&'static str, &'static str)>,
}

impl StepPage {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_str() == kind
    }

    fn asks_how(&self) -> bool {
        matches!(self.kind, RecordKind::Told | RecordKind::DecisionTold | RecordKind::MeetingOffered)
    }
}

/// A step that has its place with the exclusion as it stands.
#[derive(Clone)]
struct Place {
    kind: RecordKind,
    notice: Option<(NoticeKind, Recipient)>,
    title: String,
    contents: Vec<&'static str>,
}

impl Place {
    /// Anything else does not exist.
    fn of(one: &One, step: &str, told: &str, to: &str) -> Result<Self, Error> {
        let issued = one.issued()?;
        let situation = one.history.situation(issued, &one.calendar);
        let kind = RecordKind::from_stored(step).ok_or(Error::NotFound)?;
        if !offered(kind, issued, &situation.sixth) {
            return Err(Error::NotFound);
        }
        if kind != RecordKind::Told {
            return Ok(Self { kind, notice: None, title: kind.label().to_owned(), contents: Vec::new() });
        }
        let wanted = NoticeKind::from_stored(told).zip(Recipient::from_stored(to)).ok_or(Error::NotFound)?;
        let mut all = notices::notices(&issued.exclusion, issued.about, &situation.duty, situation.sixth);
        if let Some(on) = issued.cancelled_on {
            all.extend(notices::of_cancellation(&issued.exclusion, on, issued.about));
        }
        let notice = all.into_iter().find(|n| (n.kind, n.to) == wanted).ok_or(Error::NotFound)?;
        Ok(Self {
            kind,
            notice: Some(wanted),
            title: format!("{}: {}", notice.to.label(), text::within(notice.kind.label())),
            contents: notice.contents,
        })
    }

    fn page(self, chrome: Chrome, form: Form, one: &One) -> StepPage {
        StepPage {
            chrome,
            form,
            name: one.pupil.name(),
            title: self.title,
            action: format!("{}/steps", urls::exclusion(one.row.id)),
            back: urls::exclusion(one.row.id),
            kind: self.kind,
            contents: self.contents,
            how: Told::choices(),
            outcomes: Outcome::choices(),
        }
    }
}

pub async fn new(
    Id(id): Id<ExclusionId>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let one = pages::one(&mut visit, id, Capability::RecordExclusionSteps).await?;
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    // Without a step asked for: that work is set, which every exclusion begins with.
    let step = asked.step.clone().unwrap_or_else(|| RecordKind::WorkSet.as_str().to_owned());
    let place = Place::of(&one, &step, &said(&asked.told), &said(&asked.to))?;
    let mut form = Form::empty();
    form.set("step", &step);
    form.set("told", &said(&asked.told));
    form.set("to", &said(&asked.to));
    form.set_date("day", today);
    let page = place.page(visit.chrome(), form, &one);
    visit.show(one.trace(&[]), &page).await
}

pub async fn create(Id(id): Id<ExclusionId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let one = One::of(posted.tx.conn(), id, today).await?;
    let permit = posted.actor().permit::<RecordExclusionSteps>(one.pupil.school)?;
    let form = &posted.form;
    let place = Place::of(&one, form.value("step"), form.value("told"), form.value("to"))?;
    let step = read(&mut posted.form, &place, &one, (now, today));
    let (false, Some(step)) = (posted.needs_another_look(), step) else {
        let page = place.page(posted.chrome(), posted.form.clone(), &one);
        return posted.again(&page).await;
    };
    queries::record(posted.tx.conn(), &permit, (one.pupil.id, id), &step, (now, today)).await?;
    let trace = one.trace(&["exclusion_step"]);
    posted.done(trace, &urls::exclusion(id), Some(Flash::ExclusionStepRecorded)).await
}

fn read(form: &mut Form, place: &Place, one: &One, moment: (OffsetDateTime, Date)) -> Option<NewStep> {
    let (now, today) = moment;
    let on = form.date("day", "Day it was done");
    if let Some(on) = on {
        if on > today {
            form.fail("day", "Day it was done must be today or in the past");
        } else if on < one.row.decided_on {
            let decided = dates::long(one.row.decided_on);
            form.fail("day", &format!("Day it was done must not be before the decision of {decided}"));
        }
    }
    let kind = place.kind;
    let at = (kind == RecordKind::BoardMet).then(|| {
        let at = time_of_day(form.value("time"));
        match (at, on) {
            (None, _) => form.fail("time", "Enter the time it began, like 10am or 14:05"),
            (Some(at), Some(on)) if from_london(PrimitiveDateTime::new(on, at)) > now => {
                form.fail("time", "Time must not be later than now");
            }
            _ => {}
        }
        at
    });
    let asks_how = matches!(kind, RecordKind::Told | RecordKind::DecisionTold | RecordKind::MeetingOffered);
    let how = asks_how.then(|| form.choice("how", Told::from_stored, "Select how"));
    let words_needed = match kind {
        RecordKind::Representations => Some("What they said"),
        RecordKind::Explained => Some("Why Stage 3 was not considered first"),
        _ => None,
    };
    let words = match words_needed {
        Some(what) => form.paragraph("say", what, MAX_WORDS).map(Some),
        None => form.optional_paragraph("say", "Anything to add", MAX_WORDS),
    };
    let outcome = (kind == RecordKind::BoardDecided)
        .then(|| form.choice("result", Outcome::from_stored, "Select what the governing board decided"));
    let education = (kind == RecordKind::Education).then(|| education(form, one));
    if form.has_errors() {
        return None;
    }
    // What a kind asks is there, or a message would be on the form.
    Some(NewStep {
        kind,
        on: on?,
        at: at.flatten(),
        notice: place.notice,
        how: how.flatten(),
        words: words?,
        outcome: outcome.flatten(),
        education: education.flatten(),
    })
}

fn education(form: &mut Form, one: &One) -> Option<Education> {
    let provider = form.line("by_whom", "Who teaches the pupil", MAX_LINE);
    let address = form.line("where", "Address", MAX_LINE);
    let times = form.line("times_of_day", "Times", MAX_LINE);
    let person = form.line("ask_for", "Whom to report to", MAX_LINE);
    let starts_on = form.date("starts", "First day");
    if starts_on.is_some_and(|day| day < one.row.decided_on) {
        form.fail("starts", "First day must not be before the decision");
    }
    Some(Education {
        provider: provider?,
        address: address?,
        times: times?,
        person: person?,
        starts_on: starts_on?,
    })
}

pub async fn take_back(Id(id): Id<ExclusionId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let one = One::of(posted.tx.conn(), id, today).await?;
    let permit = posted.actor().permit::<RecordExclusionSteps>(one.pupil.school)?;
    let step: ExclusionStepId = posted.form.value("entry").parse().map_err(|_| Error::NotFound)?;
    let why = form::reason_in_a_line(&mut posted.form, MAX_LINE);
    let Some(why) = why else {
        return Err(Error::BadRequest("Say in one line why it is taken back."));
    };
    if !queries::take_back_step(posted.tx.conn(), &permit, id, step, &why, (now, today)).await? {
        return Err(Error::NotFound);
    }
    let trace = one.trace(&["exclusion_step"]);
    posted.done(trace, &urls::exclusion(id), Some(Flash::ExclusionStepTakenBack)).await
}
