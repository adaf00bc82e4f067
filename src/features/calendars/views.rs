//! What the pages about calendars show.

use serde::Deserialize;
use time::Date;

use super::queries::{self, SpanRow};
use crate::{
    db::ScopedTx,
    domain::{
        calendar::{Day, SchoolCalendar, Span, SpanKind},
        dates,
        ids::{SchoolId, SpanId},
        permission::{Capability, Over},
        text,
    },
    web::{error::Error, urls},
};

/// Which calendar an address names: a school's, or the authority's model.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Place(pub Option<SchoolId>);

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text == "model" {
            return Ok(Self(None));
        }
        text.parse().map(|school| Self(Some(school))).map_err(|_| "no calendar")
    }
}

/// A calendar that somebody may change, opened.
pub struct Opened {
    pub place: Option<SchoolId>,
    pub name: String,
    pub rows: Vec<SpanRow>,
    /// The model's, beneath a school's own.
    pub model: Vec<SpanRow>,
    pub today: Date,
}

impl Opened {
    /// Loads it; one that is not theirs is not there.
    pub async fn at(tx: &mut ScopedTx, Place(place): Place) -> Result<Self, Error> {
        let (over, today) = (tx.actor().over(Capability::ManageCalendars), tx.today());
        if !over.covers(place) {
            return Err(Error::NotFound);
        }
        let name = match place {
            None => "The authority’s model calendar".to_owned(),
            Some(school) => {
                let known = queries::schools(tx.conn(), &Over::Schools(vec![school])).await?;
                known.into_iter().next().map(|(_, name)| name).ok_or(Error::NotFound)?
            }
        };
        let rows = queries::spans(tx.conn(), place).await?;
        let model = if place.is_some() { queries::spans(tx.conn(), None).await? } else { Vec::new() };
        Ok(Self { place, name, rows, model, today })
    }

    /// Its spans with their ids.
    pub fn spans(&self) -> Vec<(SpanId, Span)> {
        spans(&self.rows)
    }

    /// Its address.
    pub fn href(&self) -> String {
        urls::calendar(self.place)
    }
}

/// Spans with their ids.
pub fn spans(rows: &[SpanRow]) -> Vec<(SpanId, Span)> {
    rows.iter().map(|row| (row.id, row.span.clone())).collect()
}

/// "Term 2: 2 November to 18 December 2026 (term)"
pub fn words(span: &Span) -> String {
    format!("{}: {} ({})", span.name, dates::range(span.from, span.to), span.kind.label())
}

/// A line of a year.
pub struct Line {
    pub name: String,
    pub kind: String,
    pub days: String,
    pub href: Option<String>,
}

/// The spans that begin in a school year.
pub fn lines(rows: &[SpanRow], year: i32, place: Option<SchoolId>, mine: bool) -> Vec<Line> {
    rows.iter()
        .filter(|row| dates::first_year(row.span.from) == year)
        .map(|row| Line {
            name: row.span.name.clone(),
            kind: text::capital(row.span.kind.label()),
            days: dates::range(row.span.from, row.span.to),
            href: mine.then(|| urls::span(place, row.id)),
        })
        .collect()
}

/// How far a calendar is loaded: up to its last term, or not for today.
pub fn loaded(calendar: &SchoolCalendar, today: Date) -> Result<String, &'static str> {
    let last = calendar.terms().last().map(|term| term.to);
    match last {
        Some(last) if calendar.day(today) != Day::NotLoaded => {
            Ok(format!("Loaded up to {}", dates::long(last)))
        }
        _ => Err("Calendar not loaded"),
    }
}

/// The kinds there are to choose from.
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    SpanKind::ALL.iter().map(|kind| (kind.as_str(), kind.choice())).collect()
}
