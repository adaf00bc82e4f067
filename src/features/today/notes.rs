//! Praise and concern notes.

use askama::Template;
use axum::{extract::Query, response::Response};
use time::Date;
use uuid::Uuid;

use super::{
    handlers::{Where, choose_day},
    queries::{self, CaseOf, NewNote, School},
    sheet::can_record,
};
use crate::{
    db::Trace,
    domain::{dates, ids::CaseId, permission::LogMarks, pupil::display_name, text},
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Longest note.
const MAX: usize = 500;
const KINDS: [(&str, &str); 2] =
    [("praise", "Praise: what went well"), ("concern", "Concern: what went wrong")];

#[derive(Template)]
#[template(path = "today/note.html")]
struct NotePage {
    chrome: Chrome,
    form: Form,
    case: CaseId,
    name: String,
    day_words: String,
    kinds: [(&'static str, &'static str); 2],
    periods: Vec<(String, String)>,
    back: String,
}

impl NotePage {
    fn of(chrome: Chrome, form: Form, case: CaseId, of: &CaseOf, school: &School, day: Date) -> Self {
        let mut periods = vec![(String::new(), "The whole day".to_owned())];
        periods.extend(school.periods.iter().map(|period| (period.number.to_string(), period.label.clone())));
        Self {
            chrome,
            form,
            case,
            name: display_name(&of.given_name, of.known_as.as_deref(), &of.family_name),
            day_words: dates::full(day),
            kinds: KINDS,
            periods,
            back: urls::today(of.school, day),
        }
    }
}

pub async fn new(
    Id(case): Id<CaseId>,
    Query(place): Query<Where>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = queries::case(visit.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<LogMarks>(of.school)?;
    let school = queries::school(visit.tx.conn(), of.school, today, &[]).await?.ok_or(Error::NotFound)?;
    let day = choose_day(place.date.as_deref(), today, &school.calendar)?;
    let school = school.on(day);
    can_record(day, today, &school, visit.actor()).map_err(|_| Error::NotFound)?;
    let mut form = Form::empty();
    form.set("date", &day.to_string());
    form.set("kind", "praise");
    if let Some(period) = place.period {
        form.set("period", &period.to_string());
    }
    let page = NotePage::of(visit.chrome(), form, case, &of, &school, day);
    let trace = Trace {
        subject: Some(case.uuid()),
        school: Some(of.school),
        pupils: vec![of.pupil],
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let of = queries::case(posted.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<LogMarks>(of.school)?;
    let school = queries::school(posted.tx.conn(), of.school, today, &[]).await?.ok_or(Error::NotFound)?;
    let day = choose_day(Some(posted.form.value("date")), today, &school.calendar)?;
    let school = school.on(day);
    if let Err(why) = can_record(day, today, &school, posted.actor()) {
        posted.form.fail("words", &why.to_string());
    }
    let kind = KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == posted.form.value("kind"));
    if kind.is_none() {
        posted.form.fail("kind", "Select praise or concern");
    }
    let period = posted.form.value("period").parse::<i16>().ok();
    if period.is_some_and(|number| !school.periods.iter().any(|period| period.number == number)) {
        posted.form.fail("period", "Select a period of the school’s day");
    }
    let words = text::paragraph(posted.form.value("words"), MAX);
    if let Err(error) = words {
        posted.form.fail("words", &error.message("Note"));
    }
    let (false, Some(kind), Ok(words)) = (posted.needs_another_look(), kind, words) else {
        let page = NotePage::of(posted.chrome(), posted.form.clone(), case, &of, &school, day);
        return posted.again(&page).await;
    };
    let note = NewNote { id: Uuid::now_v7().into(), case, on_date: day, period, kind, words };
    let now = posted.tx.now();
    queries::add_note(posted.tx.conn(), &permit, note, now).await?;
    let trace = Trace {
        subject: Some(case.uuid()),
        school: Some(of.school),
        pupils: vec![of.pupil],
        changed: &["note"],
        ..Trace::default()
    };
    posted.done(trace, &urls::today(of.school, day), Some(Flash::NoteAdded)).await
}
