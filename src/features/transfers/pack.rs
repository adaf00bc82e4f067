//! The papers as they were submitted, to read and to print; before the first submission, as they would be.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::queries::{self, PaperRow};
use crate::{
    db::transfer,
    domain::{
        dates,
        ids::CaseId,
        pack::{self, Audience, Paper},
        permission::Capability,
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        pack::{PackSection, section, sections},
        page::Chrome,
        urls,
    },
};

/// Which version; none: the latest.
#[derive(Debug, Default, Deserialize)]
pub struct Version {
    version: Option<String>,
}

#[derive(Template)]
#[template(path = "transfers/pack.html")]
struct PackPage {
    chrome: Chrome,
    name: String,
    about: String,
    /// "Version 1, submitted on ..."; none: a draft.
    submitted: Option<String>,
    procedure: Option<String>,
    sections: Vec<PackSection>,
    back: String,
}

pub async fn show(
    Id(case): Id<CaseId>,
    Query(asked): Query<Version>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let row = transfer::of_case(visit.tx.conn(), case, of.school).await?.ok_or(Error::NotFound)?;
    let all = queries::submitted(visit.tx.conn(), row.id, of.school).await?;
    let wanted = match asked.version {
        Some(text) => Some(all.iter().find(|pack| pack.version.to_string() == text).ok_or(Error::NotFound)?),
        None => all.first(),
    };
    let page = if let Some(found) = wanted {
        let frozen = transfer::pack(visit.tx.conn(), found.id).await?.ok_or(Error::NotFound)?;
        let rows = transfer::sections(visit.tx.conn(), found.id, of.school).await?;
        PackPage {
            chrome: visit.chrome(),
            name: frozen.name,
            about: frozen.about,
            submitted: Some(format!(
                "Version {}, submitted on {} by {}",
                frozen.version,
                dates::long(frozen.submitted_on),
                frozen.submitted_by
            )),
            procedure: Some(frozen.procedure),
            sections: sections(rows),
            back: urls::transfer(case),
        }
    } else {
        let papers: Vec<Paper> = queries::papers(visit.tx.conn(), row.id, of.school)
            .await?
            .iter()
            .filter_map(PaperRow::paper)
            .collect();
        PackPage {
            chrome: visit.chrome(),
            name: of.name(),
            about: format!("{}, {}", of.year(today), of.school_name),
            submitted: None,
            procedure: None,
            sections: pack::freeze(&papers)
                .into_iter()
                .enumerate()
                .map(|(n, s)| section(n, Some(s.item), s.words, s.audience == Audience::Receiving))
                .collect(),
            back: urls::transfer(case),
        }
    };
    visit.show(of.trace(&[]), &page).await
}
