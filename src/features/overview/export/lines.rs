//! The rows of these files, read as their pages read them.

use time::{Date, Duration};

use super::{
    super::{
        digest, figures, governors,
        handlers::{ending, year_began},
        queries::{self, NoticeRow, Waiting},
        standing::Standing,
        views::{self, NoticeLine, WaitingLine},
    },
    Which,
};
use crate::{
    db::{ScopedTx, calendar, duties, exclusions},
    domain::{
        calendar::monday,
        duties::{Duty, What},
        export::MAX_ROWS,
        ids::{PupilId, SchoolId},
        pupil::display_name,
        suspension::HalfDays,
        text,
    },
    state::london,
    web::{duty::who, error::Error, export::Cell},
};

/// Whom a line names, and the line.
pub type Line = (Option<PupilId>, Vec<Cell>);

/// The lines, of the schools whose lists this person may take out.
pub async fn of(tx: &mut ScopedTx, which: Which) -> Result<Vec<Line>, Error> {
    let schools = which.schools(tx.actor())?;
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let named = |school: SchoolId| {
        let name = schools.iter().find(|(id, _)| *id == school).map(|(_, name)| name.as_str());
        Cell::from(name.unwrap_or_default())
    };
    let (moment, today) = (tx.moment(), tx.today());
    Ok(match which {
        Which::Pupils => {
            let rows = figures::on_programme(tx.conn(), &ids, None, MAX_ROWS + 1).await?;
            rows.iter().map(Standing::of).map(|one| on_programme(&one, named(one.pupil.school))).collect()
        }
        Which::Overdue => overdue(tx, &ids, &named).await?,
        Which::Week => {
            let until = monday(today) + Duration::days(6);
            owed(tx, &ids, &named, |duty, _| duty.due_on <= until).await?
        }
        Which::Days => {
            let used = exclusions::used(tx.conn(), &ids, moment).await?;
            used.iter().map(|one| suspended(one, named(one.school))).collect()
        }
        Which::Left => {
            let since = year_began(today);
            let rows = figures::leavers(tx.conn(), &ids, since, None, MAX_ROWS + 1).await?;
            rows.iter().map(|row| left(row, named(row.school))).collect()
        }
        Which::Inbox => {
            duties::reckon_schools(tx.conn(), &ids, moment).await?;
            let rows = queries::notices(tx.conn(), &ids, None, MAX_ROWS).await?;
            rows.iter().map(|row| told(row, named(row.school))).collect()
        }
        Which::Waiting => {
            let rows = queries::waiting(tx.conn(), &ids).await?;
            rows.iter().map(|row| waits(row, named(row.school))).collect()
        }
        Which::Owing => owing(tx, &ids, &named).await?,
        Which::WeekOf(monday) => {
            let days = (monday, monday + Duration::days(6));
            let rows = figures::happened(tx.conn(), &ids, days, MAX_ROWS + 1).await?;
            rows.iter().map(|row| happened(row, named(row.school))).collect()
        }
        Which::Governors => {
            let told = governors::ForGovernors::of(tx, &ids).await?;
            told.rows().into_iter().map(|row| (None, row)).collect()
        }
    })
}

fn on_programme(one: &Standing<'_>, school: Cell) -> Line {
    let (row, totals) = (one.pupil, one.totals);
    let cells = vec![
        one.name().into(),
        school,
        Cell::Number(row.stage.into()),
        Cell::Number(totals.points.into()),
        Cell::Number(totals.possible().into()),
        totals.percent().map_or(Cell::Empty, Cell::Percent),
        u8::try_from(one.goal).map_or(Cell::Empty, Cell::Percent),
        Cell::Number(totals.recorded.into()),
        Cell::Number(totals.expected.into()),
    ];
    (Some(row.pupil), cells)
}

fn suspended(one: &exclusions::Used, school: Cell) -> Line {
    let half_days = |days: Option<HalfDays>| {
        days.map_or_else(|| Cell::from("cannot be worked out: no calendar"), |n| Cell::Number(n.0.into()))
    };
    let cells = vec![
        one.name.as_str().into(),
        school,
        if one.on_programme { "yes" } else { "no" }.into(),
        half_days(one.year),
        half_days(one.term),
    ];
    (Some(one.pupil), cells)
}

fn left(row: &figures::Leaver, school: Cell) -> Line {
    let cells = vec![
        display_name(&row.given_name, row.known_as.as_deref(), &row.family_name).into(),
        school,
        Cell::Number(row.stage.into()),
        row.opened_on.into(),
        row.closed_on.into(),
        text::capital(ending(row.ended_as.as_deref())).into(),
    ];
    (Some(row.pupil), cells)
}

fn told(row: &NoticeRow, school: Cell) -> Line {
    let told = NoticeLine::of(row, &|_| None);
    let cells = vec![
        told.name.into(),
        school,
        told.what.into(),
        row.made_on.into(),
        told.now.into(),
        row.seen_at.map(|at| london(at).date()).into(),
        row.seen_by.as_deref().into(),
    ];
    (Some(row.pupil), cells)
}

fn waits(row: &Waiting, school: Cell) -> Line {
    let waits = WaitingLine::of(row, &|_| None);
    let cells = vec![
        waits.name.into(),
        school,
        waits.what.into(),
        waits.words.into(),
        waits.by.into(),
        row.proposed_on.into(),
    ];
    (Some(row.pupil), cells)
}

/// A pupil whom the school sees no more is not named.
fn happened(row: &figures::Happened, school: Cell) -> Line {
    let name = digest::name(row);
    let pupil = name.as_ref().map(|_| row.pupil);
    let name = name.unwrap_or_else(|| digest::GONE.to_owned());
    (pupil, vec![name.into(), school, digest::words(row).into(), row.on.into()])
}

/// What is owed about exclusions, step by step.
async fn owing(
    tx: &mut ScopedTx,
    schools: &[SchoolId],
    named: &(impl Fn(SchoolId) -> Cell + Sync),
) -> Result<Vec<Line>, Error> {
    let (moment, today) = (tx.moment(), tx.today());
    let calendars = calendar::of_schools(tx.conn(), schools, today).await?;
    let mut lines = Vec::new();
    for of in exclusions::owing(tx.conn(), schools, moment).await? {
        let mut add = |what: String, who: &str, due: Option<Date>, late: Option<u32>| {
            let late = late.map_or(Cell::Empty, |late| Cell::Number(late.into()));
            let title = of.title.as_str().into();
            let cells = vec![
                of.name.as_str().into(),
                named(of.school),
                title,
                what.into(),
                who.into(),
                due.into(),
                late,
            ];
            lines.push((Some(of.pupil), cells));
        };
        for duty in &of.duties {
            let late = calendars.get(&of.school).map(|calendar| duty.overdue(calendar, today));
            add(views::step(&of, duty), &who(&duty.what, "School lead"), Some(duty.due_on), late);
        }
        if of.explanation {
            add(views::EXPLAIN.to_owned(), "Headteacher", None, None);
        }
    }
    Ok(lines)
}

/// What is overdue at these schools: as on the page, what is owed about exclusions has a list of its own, which cases
/// that ended are on too.
async fn overdue(
    tx: &mut ScopedTx,
    schools: &[SchoolId],
    named: &(impl Fn(SchoolId) -> Cell + Sync),
) -> Result<Vec<Line>, Error> {
    let (moment, today) = (tx.moment(), tx.today());
    let of_programme = |duty: &Duty, late| !matches!(duty.what, What::Exclusion { .. }) && late > 0;
    let mut lines = owed(tx, schools, named, of_programme).await?;
    let calendars = calendar::of_schools(tx.conn(), schools, today).await?;
    for of in exclusions::owing(tx.conn(), schools, moment).await? {
        for duty in of.duties.iter().filter(|duty| duty.due_on < today) {
            let late = calendars.get(&of.school).map(|calendar| duty.overdue(calendar, today));
            let cells = vec![
                of.name.as_str().into(),
                named(of.school),
                duty.what.words().into(),
                who(&duty.what, "School lead").into(),
                duty.due_on.into(),
                late.map_or(Cell::Empty, |late| Cell::Number(late.into())),
            ];
            lines.push((Some(of.pupil), cells));
        }
    }
    Ok(lines)
}

/// What the cases of these schools owe, as far as the duty and its school days overdue are of `interest`.
async fn owed(
    tx: &mut ScopedTx,
    schools: &[SchoolId],
    named: &(impl Fn(SchoolId) -> Cell + Sync),
    interest: impl Fn(&Duty, u32) -> bool + Send,
) -> Result<Vec<Line>, Error> {
    let moment = tx.moment();
    let mut lines = Vec::new();
    for school in schools {
        let calendar = calendar::of_school(tx.conn(), *school, moment.today).await?;
        for of in duties::of_schools(tx.conn(), &[*school], moment).await? {
            for duty in &of.duties {
                let late = duty.overdue(&calendar, moment.today);
                if interest(duty, late) {
                    let cells = vec![
                        display_name(&of.given_name, of.known_as.as_deref(), &of.family_name).into(),
                        named(of.school),
                        duty.what.words().into(),
                        who(&duty.what, &of.lead_name).into(),
                        duty.due_on.into(),
                        Cell::Number(late.into()),
                    ];
                    lines.push((duty.due_on, (Some(of.pupil), cells)));
                }
            }
        }
    }
    lines.sort_by_key(|(due, _)| *due);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}
