//! A real authority, from a file: its name, its schools, their day and its school calendar. How an installation
//! begins, before there is anybody to sign in; screens for all of it come with the administration room.

use std::collections::HashSet;

use serde::Deserialize;
use sqlx::{Connection, PgConnection};
use time::{Date, Month, Time, macros::format_description};
use uuid::Uuid;

use super::{
    copy::{Copy, Table},
    first_policy, mark, names,
};
use crate::{db::Moment, domain::policy::ProgrammePolicy};

/// The file. A field nobody knows is an error, so that a typing slip is not silently left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    name: String,
    la_code: String,
    schools: Vec<School>,
    /// The lessons of a day, for schools that name none of their own.
    periods: Vec<Period>,
    #[serde(default)]
    terms: Vec<Span>,
    #[serde(default)]
    inset_days: Vec<Span>,
    #[serde(default)]
    closures: Vec<Span>,
    #[serde(default)]
    bank_holidays: Vec<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct School {
    name: String,
    urn: String,
    establishment: String,
    #[serde(default = "secondary")]
    phase: String,
    periods: Option<Vec<Period>>,
}

fn secondary() -> String {
    "secondary".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    label: String,
    starts: String,
    ends: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    name: String,
    from: String,
    to: String,
}

/// What a file added to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Schools that were not there by their URN.
    pub schools: usize,
    /// Terms, INSET days, closures and bank holidays that were not there by kind and first day.
    pub calendar: usize,
}

/// Adds what the file says and the database does not know yet. Nothing is taken away or changed, so a longer
/// file can be read again next year. Refuses a file that does not say all it should, another authority's, and
/// a database that holds a demo world; then nothing is added.
pub async fn authority(owner: &mut PgConnection, text: &str, moment: Moment) -> Result<Added, String> {
    let file: Description =
        serde_json::from_str(text).map_err(|error| format!("the file cannot be read: {error}"))?;
    let mut tx = owner.begin().await.map_err(|error| error.to_string())?;
    match sqlx::query_scalar("select demo from app.installation")
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| error.to_string())?
    {
        Some(true) => return Err("this database holds a demo world".to_owned()),
        Some(false) => {}
        None => mark(&mut tx, false, moment).await?,
    }
    let mut copy = Copy::new();
    let known: Option<(Uuid, String)> = sqlx::query_as("select id, la_code from app.authorities")
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| error.to_string())?;
    let authority = match known {
        Some((id, code)) if code == file.la_code => id,
        Some((_, code)) => {
            return Err(format!(
                "this database belongs to the authority {code}, the file to {}",
                file.la_code
            ));
        }
        None => begin(&mut copy, &file)?,
    };
    let urns = there(&mut tx, "select urn from app.schools").await?;
    let spans =
        there(&mut tx, "select kind || ' ' || from_on from app.calendar_spans where school_id is null")
            .await?;
    let mut added = Added { schools: 0, calendar: 0 };
    for school in file.schools.iter().filter(|school| !urns.contains(&school.urn)) {
        let id = Uuid::now_v7();
        copy.add(
            Table::Schools,
            &[&id, &authority, &school.name, &school.urn, &school.establishment, &school.phase],
        );
        for (number, period) in (1_i16..).zip(school.periods.as_ref().unwrap_or(&file.periods)) {
            let (starts, ends) = (clock(&period.starts)?, clock(&period.ends)?);
            copy.add(Table::Periods, &[&authority, &id, &number, &period.label, &starts, &ends]);
        }
        added.schools += 1;
    }
    for (kind, list) in [
        ("term", &file.terms),
        ("inset", &file.inset_days),
        ("closure", &file.closures),
        ("bank_holiday", &file.bank_holidays),
    ] {
        for span in list {
            let (from, to) = (day(&span.from)?, day(&span.to)?);
            if !spans.contains(&format!("{kind} {from}")) {
                copy.add(Table::CalendarSpans, &[&Uuid::now_v7(), &authority, &kind, &span.name, &from, &to]);
                added.calendar += 1;
            }
        }
    }
    copy.send(&mut tx).await.map_err(|error| match &error {
        sqlx::Error::Database(db) => explained(db.constraint().unwrap_or_default(), db.message()),
        _ => error.to_string(),
    })?;
    tx.commit().await.map_err(|error| error.to_string())?;
    Ok(added)
}

/// The authority itself: the programme's policy and the example targets with it.
fn begin(copy: &mut Copy, file: &Description) -> Result<Uuid, String> {
    let id = Uuid::now_v7();
    copy.add(Table::Authorities, &[&id, &file.name, &file.la_code]);
    let effective = Date::from_calendar_date(2009, Month::March, 11).map_err(|error| error.to_string())?;
    copy.add(
        Table::Policies,
        &[
            &Uuid::now_v7(),
            &id,
            &1_i32,
            &effective,
            &first_policy().to_string(),
            &ProgrammePolicy::FIRST_SOURCE,
        ],
    );
    for (position, (theme, words, criterion)) in (1_i16..).zip(names::TARGETS) {
        copy.add(Table::Bank, &[&Uuid::now_v7(), &id, theme, words, criterion, &position]);
    }
    Ok(id)
}

async fn there(tx: &mut PgConnection, sql: &'static str) -> Result<HashSet<String>, String> {
    let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(tx).await.map_err(|error| error.to_string())?;
    Ok(rows.into_iter().collect())
}

fn explained(constraint: &str, message: &str) -> String {
    match constraint {
        "authorities_la_code" => "\"la_code\" has three digits".to_owned(),
        "schools_urn" => "\"urn\" has six digits".to_owned(),
        "schools_establishment" => "\"establishment\" has four digits".to_owned(),
        "schools_phase" => "\"phase\" is secondary, all_through, utc, studio or alternative".to_owned(),
        "school_periods_period" => "a school day has at most ten periods".to_owned(),
        "school_periods_order" => "a period ends after it starts".to_owned(),
        "calendar_spans_terms_apart" => "two terms overlap".to_owned(),
        "calendar_spans_days" => {
            "a span of the calendar ends before it begins, or is over half a year long".to_owned()
        }
        _ => message.to_owned(),
    }
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| format!("\"{text}\" is no day: a day is written like 2026-09-01"))
}

fn clock(text: &str) -> Result<Time, String> {
    Time::parse(text, format_description!("[hour]:[minute]"))
        .map_err(|_| format!("\"{text}\" is no time of day: a time is written like 08:50"))
}
