//! The weekly letter to a parent or carer (S1.12): one page of paper, from the figures of the review.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use time::Date;

use super::queries::{self, ContactRow, SignedRow};
use crate::{
    db::{
        Trace,
        case::CaseOf,
        school,
        week::{self, WeekOf},
    },
    domain::{
        dates,
        ids::{CaseId, ContactId},
        leaflet::Language,
        monitoring::Totals,
        permission::Capability,
        week::named,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// To whom.
#[derive(Debug, Default, Deserialize)]
pub struct To {
    contact: Option<String>,
}

#[derive(Template)]
#[template(path = "letters/index.html")]
struct ChoosePage {
    chrome: Chrome,
    identity: Identity,
    days: String,
    back: String,
    draft: bool,
    contacts: Vec<Choice>,
    pupil: String,
}

struct Choice {
    href: Option<String>,
    name: String,
    relationship: String,
    /// What to know before printing.
    remarks: Vec<String>,
}

#[derive(Template)]
#[template(path = "letters/barred.html")]
struct BarredPage {
    chrome: Chrome,
    name: String,
    reason: String,
    back: String,
    pupil: String,
}

#[derive(Template)]
#[template(path = "letters/letter.html")]
struct LetterPage {
    chrome: Chrome,
    back: String,
    school: String,
    letterhead: Option<String>,
    date: String,
    address: Vec<String>,
    confidential: bool,
    language: Option<String>,
    to: String,
    pupil: String,
    draft: bool,
    days: String,
    total: String,
    nothing: bool,
    trend: String,
    bars: Vec<DayBar>,
    went_well: Vec<String>,
    next_steps: Vec<String>,
    targets: Vec<TargetLine>,
    stage: i16,
    next: String,
    lead: String,
    languages: Vec<Language>,
}

struct TargetLine {
    words: String,
    points: Option<String>,
}

struct DayBar {
    day: String,
    /// Width of the bar of 200; none: nothing recorded.
    width: Option<u32>,
    words: String,
}

pub async fn show(
    Id((id, at)): Id<(CaseId, String)>,
    Query(to): Query<To>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let at = named(&at).ok_or(Error::NotFound)?;
    let week = week::of(visit.tx.conn(), &case, at, today).await?.ok_or(Error::NotFound)?;
    let signed = queries::signed(visit.tx.conn(), id, at).await?;
    let contacts = queries::contacts(visit.tx.conn(), case.pupil, case.school).await?;
    let Some(wanted) = to.contact else {
        let page = choose_page(&visit, &case, &week, signed.is_none(), contacts, today);
        let trace = case.trace(&[]);
        return visit.show(trace, &page).await;
    };
    let wanted: ContactId = wanted.parse().map_err(|_| Error::NotFound)?;
    let contact = contacts.into_iter().find(|contact| contact.id == wanted).ok_or(Error::NotFound)?;
    if contact.no_contact {
        return refuse(visit, &case, at, contact).await;
    }
    let meeting = queries::next_meeting(visit.tx.conn(), id, case.school, today).await?;
    let letterhead = school::letterhead(visit.tx.conn(), case.school).await?;
    let page = LetterPage {
        letterhead,
        ..letter_page(visit.chrome(), &case, &week, signed, contact, meeting, today)
    };
    let trace = case.trace(&[]);
    visit.show(trace, &page).await
}

fn choose_page(
    visit: &Visit,
    case: &CaseOf,
    week: &WeekOf,
    draft: bool,
    contacts: Vec<ContactRow>,
    today: Date,
) -> ChoosePage {
    let on = week.span.week_on();
    ChoosePage {
        chrome: visit.chrome(),
        identity: Identity::of(case, visit.actor(), today, "Weekly reviews"),
        days: week.span.words(),
        back: urls::review(case.id, on),
        draft,
        pupil: urls::pupil(case.pupil),
        contacts: contacts
            .into_iter()
            .map(|contact| {
                let mut remarks = Vec::new();
                if contact.no_contact {
                    remarks.push("Must not be contacted".to_owned());
                } else if !contact.parental_responsibility {
                    remarks.push("No parental responsibility: check first that they may be told".to_owned());
                }
                if contact.address_confidential {
                    remarks.push("The address is confidential and is not printed".to_owned());
                }
                if let Some(language) = &contact.language {
                    remarks.push(format!("Speaks {language}"));
                }
                Choice {
                    href: (!contact.no_contact).then(|| urls::letter(case.id, on, contact.id)),
                    name: contact.name,
                    relationship: contact.relationship,
                    remarks,
                }
            })
            .collect(),
    }
}

/// S1.12: somebody who must not be contacted gets no letter. 403, and the page says why.
async fn refuse(visit: Visit, case: &CaseOf, at: Date, contact: ContactRow) -> Result<Response, Error> {
    let page = BarredPage {
        chrome: visit.chrome(),
        name: contact.name,
        reason: contact.no_contact_reason.unwrap_or_default(),
        back: urls::letters(case.id, at),
        pupil: urls::pupil(case.pupil),
    };
    let trace = Trace { refused: true, ..case.trace(&[]) };
    let answer = visit.show(trace, &page).await?;
    Ok((StatusCode::FORBIDDEN, answer).into_response())
}

fn letter_page(
    chrome: Chrome,
    case: &CaseOf,
    week: &WeekOf,
    signed: Option<SignedRow>,
    contact: ContactRow,
    meeting: Option<(Date, time::Time)>,
    today: Date,
) -> LetterPage {
    let name = case.known_as.as_deref().unwrap_or(&case.given_name);
    let figures = signed.as_ref().map_or(&week.figures, |row| &row.figures.0);
    let on = week.span.week_on();
    let lines = |text: &str| text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect();
    let draft = signed.is_none();
    let (went_well, next_steps) = match &signed {
        Some(row) => (row.went_well.clone().unwrap_or_default(), row.next_steps.clone()),
        None => (figures.went_well(name, &[], 300), String::new()),
    };
    let live = week.weeks.targets.iter().filter(|target| {
        target.starts_on <= week.span.last_day()
            && target.ended_on.is_none_or(|ended| ended >= week.span.last_day())
    });
    LetterPage {
        chrome,
        back: urls::letters(case.id, on),
        school: case.school_name.clone(),
        letterhead: None,
        date: dates::long(today),
        address: contact.address.as_deref().map(lines).unwrap_or_default(),
        confidential: contact.address_confidential,
        language: contact.language,
        to: contact.name,
        pupil: name.to_owned(),
        draft,
        days: week.span.words(),
        total: figures.totals().words(),
        nothing: figures.recorded == 0,
        trend: figures.trend(),
        bars: figures.by_day.iter().map(|(_, day)| bar(&day.name, day.totals())).collect(),
        went_well: lines(&went_well),
        next_steps: lines(&next_steps),
        targets: live
            .map(|target| TargetLine {
                words: target.words.clone(),
                points: figures
                    .by_target
                    .iter()
                    .find(|(id, of)| *id == target.id && of.recorded > 0)
                    .map(|(_, of)| of.totals().words()),
            })
            .collect(),
        stage: case.stage,
        next: next_words(week, meeting, today),
        lead: case.lead_name.clone(),
        languages: Language::ALL.to_vec(),
    }
}

fn bar(day: &str, totals: Totals) -> DayBar {
    DayBar {
        day: day.to_owned(),
        width: totals.percent().map(|percent| u32::from(percent) * 2),
        words: if totals.recorded == 0 { "nothing recorded".to_owned() } else { totals.words() },
    }
}

/// The next meeting, or else the last day of the next school week, when the next letter is due.
fn next_words(week: &WeekOf, meeting: Option<(Date, time::Time)>, today: Date) -> String {
    if let Some((on, at)) = meeting {
        return format!("We next meet on {} at {}.", dates::full(on), dates::time_of_day(at));
    }
    let following = (1..=10)
        .map(|n| week.calendar.week(week.span.week_on().max(today) + time::Duration::weeks(n)))
        .find_map(|week| week.days.last().copied());
    match following {
        Some(day) => format!("You hear from us again by {}.", dates::full(day)),
        None => "You hear from us again after the holiday.".to_owned(),
    }
}
