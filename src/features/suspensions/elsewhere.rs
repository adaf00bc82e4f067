//! Days of exclusion at other schools, as numbers somebody gave (R-45b): the 45 days follow the pupil.

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    form, pages,
    queries::{self, ElsewhereRow, NewElsewhere},
};
use crate::{
    db::exclusions::PupilOf,
    domain::{
        dates,
        ids::{DaysElsewhereId, PupilId},
        permission::{Capability, RecordExclusionSteps},
        suspension::{
            HalfDays,
            terms::{LegalTerm, august_year},
        },
    },
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// School years back that can be chosen, this one included.
const YEARS: i32 = 5;
/// The most half-days a school year holds.
const MOST: HalfDays = HalfDays(380);

#[derive(Template)]
#[template(path = "suspensions/elsewhere.html")]
struct ElsewherePage {
    chrome: Chrome,
    form: Form,
    name: String,
    action: String,
    take_back: String,
    back: String,
    years: Vec<(String, String)>,
    terms: Vec<(&'static str, &'static str)>,
    given: Vec<Given>,
}

struct Given {
    id: String,
    words: String,
    source: String,
    by: String,
}

fn page(chrome: Chrome, form: Form, pupil: &PupilOf, rows: &[ElsewhereRow], today: Date) -> ElsewherePage {
    let this = august_year(today);
    ElsewherePage {
        chrome,
        form,
        name: pupil.name(),
        action: urls::days_elsewhere(pupil.id),
        take_back: format!("{}/take-back", urls::days_elsewhere(pupil.id)),
        back: urls::suspensions(pupil.id),
        years: (0..YEARS)
            .map(|n| this - n)
            .map(|year| (year.to_string(), format!("{year} to {}", year + 1)))
            .collect(),
        terms: std::iter::once(("unknown", "Not said: only the year’s total"))
            .chain(LegalTerm::ALL.iter().map(|term| (term.as_str(), in_words(*term))))
            .collect(),
        given: rows
            .iter()
            .map(|row| {
                let term = row.term.as_deref().and_then(LegalTerm::from_stored).map(LegalTerm::label);
                let days = HalfDays(u32::from(row.half_days.unsigned_abs()));
                let year = format!("{} to {}", row.school_year, row.school_year + 1);
                Given {
                    id: row.id.to_string(),
                    words: match term {
                        Some(term) => format!("{days}, {term} term of {year}"),
                        None => format!("{days}, {year}, term not said"),
                    },
                    source: row.source.clone(),
                    by: format!("{}, {}", row.by, dates::short(row.recorded_on)),
                }
            })
            .collect(),
    }
}

const fn in_words(term: LegalTerm) -> &'static str {
    match term {
        LegalTerm::Autumn => "Autumn: August to December",
        LegalTerm::Spring => "Spring: January to Easter Sunday",
        LegalTerm::Summer => "Summer: Easter Monday to July",
    }
}

pub async fn index(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let pupil = pages::pupil(&mut visit, id, Capability::RecordExclusionSteps).await?;
    let rows = queries::elsewhere(visit.tx.conn(), pupil.school, id).await?;
    let mut form = Form::empty();
    form.set("year", &august_year(today).to_string());
    let page = page(visit.chrome(), form, &pupil, &rows, today);
    visit.show(pages::trace(&pupil, id.uuid(), &[]), &page).await
}

pub async fn create(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let (pupil, permit) = pages::pupil_posted::<RecordExclusionSteps>(&mut posted, id).await?;
    let this = august_year(today);
    let year = posted.form.choice(
        "year",
        |text| text.parse::<i16>().ok().filter(|year| (0..YEARS).contains(&(this - i32::from(*year)))),
        "Select the school year",
    );
    let term = posted.form.choice(
        "legal_term",
        |text| if text == "unknown" { Some(None) } else { LegalTerm::from_stored(text).map(Some) },
        "Select the legal term, or that it was not said",
    );
    let half_days = form::length(&mut posted.form, "length", "total");
    if half_days.is_some_and(|days| days > MOST) {
        posted.form.fail("length", "A school year has no more than 190 days");
    }
    let source = posted.form.line("who_said", "Who said so", 140);
    let (false, Some(year), Some(term), Some(half_days), Some(source)) =
        (posted.needs_another_look(), year, term, half_days, source)
    else {
        let rows = queries::elsewhere(posted.tx.conn(), pupil.school, id).await?;
        let page = page(posted.chrome(), posted.form.clone(), &pupil, &rows, today);
        return posted.again(&page).await;
    };
    let new = NewElsewhere { year, term, half_days, source };
    queries::add_elsewhere(posted.tx.conn(), &permit, id, &new, (now, today)).await?;
    let trace = pages::trace(&pupil, id.uuid(), &["days_elsewhere"]);
    posted.done(trace, &urls::suspensions(id), Some(Flash::DaysElsewhereAdded)).await
}

pub async fn take_back(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (pupil, permit) = pages::pupil_posted::<RecordExclusionSteps>(&mut posted, id).await?;
    let entry: DaysElsewhereId = posted.form.value("entry").parse().map_err(|_| Error::NotFound)?;
    if !queries::take_back_elsewhere(posted.tx.conn(), &permit, id, entry, now).await? {
        return Err(Error::NotFound);
    }
    let trace = pages::trace(&pupil, id.uuid(), &["days_elsewhere"]);
    posted.done(trace, &urls::days_elsewhere(id), Some(Flash::DaysElsewhereTakenBack)).await
}
