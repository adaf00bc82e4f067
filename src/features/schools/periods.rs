//! The periods of a school's day: changed from a day on, so that what past days meant stays.

use askama::Template;
use axum::response::Response;
use time::{Date, Time};

use super::{
    handlers::{load, version},
    queries::{self, PeriodRow, SchoolRow},
};
use crate::{
    db::Trace,
    domain::{
        dates,
        ids::SchoolId,
        permission::ManageSchools,
        school::{self, MAX_PERIODS, Period},
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// The periods of a day, from a day on.
pub struct Day {
    pub heading: String,
    pub periods: Vec<(String, String)>,
}

/// The days a school has now and plans, each with its periods.
pub fn days(rows: &[PeriodRow], today: Date) -> Vec<Day> {
    let mut days: Vec<(Date, Day)> = Vec::new();
    for row in rows {
        let begins = row.from_on.max(today);
        let words = format!("{} to {}", dates::time_of_day(row.starts_at), dates::time_of_day(row.ends_at));
        let line = (row.label.clone(), words);
        if let Some((_, day)) = days.iter_mut().find(|(from, _)| *from == begins) {
            day.periods.push(line);
        } else {
            let heading = if begins > today {
                format!("Periods from {} on", dates::full(begins))
            } else {
                "Periods of the day".to_owned()
            };
            days.push((begins, Day { heading, periods: vec![line] }));
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

#[derive(Template)]
#[template(path = "schools/periods.html")]
struct PeriodsPage {
    chrome: Chrome,
    form: Form,
    name: String,
    href: String,
    hint: String,
    lines: Vec<FormLine>,
}

/// A line of the form.
struct FormLine {
    number: usize,
    label: String,
    starts: String,
    ends: String,
}

fn page(chrome: Chrome, form: Form, row: &SchoolRow, last_marked: Option<Date>) -> PeriodsPage {
    PeriodsPage {
        chrome,
        form,
        name: row.name.clone(),
        href: urls::school(row.id),
        hint: match last_marked {
            Some(day) => {
                format!("Marks have been entered up to {}. Choose a day after that", dates::long(day))
            }
            None => "Today or later. Past days keep the periods they had".to_owned(),
        },
        lines: (1..=MAX_PERIODS)
            .map(|number| FormLine {
                number,
                label: format!("label.{number}"),
                starts: format!("starts.{number}"),
                ends: format!("ends.{number}"),
            })
            .collect(),
    }
}

/// "08:50"
fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

pub async fn edit(Id(id): Id<SchoolId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (row, _) = load(&mut visit.tx, id).await?;
    let last_marked = queries::last_marked_on(visit.tx.conn(), id).await?;
    let rows = queries::periods(visit.tx.conn(), &[id], today).await?;
    let mut form = Form::empty();
    // What is planned last is what there is to change.
    let latest = rows.iter().map(|row| row.from_on).max();
    for (number, period) in (1..).zip(rows.iter().filter(|row| Some(row.from_on) == latest)) {
        form.set(&format!("label.{number}"), &period.label);
        form.set(&format!("starts.{number}"), &clock(period.starts_at));
        form.set(&format!("ends.{number}"), &clock(period.ends_at));
    }
    form.set("version", &row.version.to_string());
    let page = page(visit.chrome(), form, &row, last_marked);
    visit.show_nothing_personal(&page).await
}

fn read(form: &mut Form) -> Option<Vec<Period>> {
    let typed = form.clone();
    let of = |field: &str, number: usize| typed.value(&format!("{field}.{number}"));
    let lines: Vec<_> = (1..=MAX_PERIODS).map(|n| (of("label", n), of("starts", n), of("ends", n))).collect();
    match school::read_periods(&lines) {
        Ok(periods) => Some(periods),
        Err(faults) => {
            for (number, field, message) in faults {
                form.fail(&format!("{field}.{number}"), &message);
            }
            None
        }
    }
}

pub async fn update(Id(id): Id<SchoolId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (row, _) = load(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManageSchools>(Some(id))?;
    let last_marked = queries::last_marked_on(posted.tx.conn(), id).await?;
    let known = posted.form.pairs().iter().all(|(field, _)| match field.split_once('.') {
        Some(("label" | "starts" | "ends", number)) => {
            number.parse().is_ok_and(|number: usize| (1..=MAX_PERIODS).contains(&number))
        }
        _ => true,
    });
    if !known {
        return Err(Error::BadRequest("It has more periods than a day may have."));
    }
    let periods = read(&mut posted.form);
    let from = posted.form.date("from_on", "First day");
    if let Some(message) = from.and_then(|from| school::periods_may_begin(from, last_marked, today).err()) {
        posted.form.fail("from_on", &message);
    }
    let (false, Some(periods), Some(from)) = (posted.needs_another_look(), periods, from) else {
        let page = page(posted.chrome(), posted.form.clone(), &row, last_marked);
        return posted.again(&page).await;
    };
    let read_at = version(&posted.form)?;
    if !queries::change_periods(posted.tx.conn(), &permit, &periods, from, read_at, now).await? {
        let words = |label: &str, starts, ends| format!("{label} {} to {}", clock(starts), clock(ends));
        let sent: Vec<_> =
            periods.iter().map(|period| words(&period.label, period.starts, period.ends)).collect();
        let rows = queries::periods(posted.tx.conn(), &[id], today).await?;
        let latest = rows.iter().map(|row| row.from_on).max();
        let kept: Vec<_> = rows
            .iter()
            .filter(|row| Some(row.from_on) == latest)
            .map(|row| words(&row.label, row.starts_at, row.ends_at))
            .collect();
        let conflict = Conflict {
            what: "This school".to_owned(),
            changed: "Somebody changed the school or its periods".to_owned(),
            fields: vec![
                ("First day".to_owned(), latest.map_or_else(String::new, dates::long), dates::long(from)),
                ("Periods".to_owned(), kept.join(", "), sent.join(", ")),
            ],
            edit: format!("{}/periods", urls::school(id)),
        };
        return posted.conflict(conflict).await;
    }
    let trace =
        Trace { subject: Some(id.uuid()), school: Some(id), changed: &["periods"], ..Trace::default() };
    posted.done(trace, &urls::school(id), Some(Flash::SchoolSaved)).await
}
