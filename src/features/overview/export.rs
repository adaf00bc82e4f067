//! The lists behind the numbers of the overview, and what is owed this week, as files.

use axum::response::Response;
use time::Duration;

use super::{
    figures,
    handlers::{ending, year_began},
    queries::{self, NoticeRow},
    standing::Standing,
    views::{self, NoticeLine},
};
use crate::{
    db::{ScopedTx, calendar, duties, exclusions},
    domain::{
        calendar::monday,
        duties::{Duty, What},
        export::MAX_ROWS,
        ids::{PupilId, SchoolId},
        permission::{Actor, Capability},
        pupil::display_name,
        suspension::HalfDays,
        text,
    },
    state::london,
    web::{
        duty::who,
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

/// Which list.
#[derive(Clone, Copy)]
enum Which {
    Pupils,
    Overdue,
    Days,
    Left,
    Inbox,
    Week,
}

const PUPILS: [(&str, Kind); 9] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("Points earned", Kind::Number),
    ("Points possible", Kind::Number),
    ("Points of possible", Kind::Percent),
    ("Goal", Kind::Percent),
    ("Marks recorded", Kind::Number),
    ("Marks expected", Kind::Number),
];
const OWED: [(&str, Kind); 6] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("What is owed", Kind::Text),
    ("Who owes it", Kind::Text),
    ("Due", Kind::Date),
    ("School days overdue", Kind::Number),
];
const DAYS: [(&str, Kind); 5] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("On the programme", Kind::Text),
    ("Half-days suspended this school year", Kind::Number),
    ("Half-days suspended this legal term", Kind::Number),
];
const LEFT: [(&str, Kind); 6] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("On the programme from", Kind::Date),
    ("Left on", Kind::Date),
    ("How", Kind::Text),
];

const TOLD: [(&str, Kind); 7] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("What", Kind::Text),
    ("Day", Kind::Date),
    ("The case now", Kind::Text),
    ("First opened on", Kind::Date),
    ("First opened by", Kind::Text),
];

impl Which {
    fn parse(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "pupils" => Self::Pupils,
            "overdue" => Self::Overdue,
            "suspension-days" => Self::Days,
            "left" => Self::Left,
            "inbox" => Self::Inbox,
            "week" => Self::Week,
            _ => return Err(Error::NotFound),
        })
    }

    /// What the page of the list asks for.
    const fn seen_with(self) -> Capability {
        match self {
            Self::Week => Capability::ReviewWeeks,
            Self::Pupils | Self::Overdue | Self::Days | Self::Left | Self::Inbox => Capability::SeeOverview,
        }
    }

    /// Name of the file, heading, columns, and the page of the list.
    fn about(self) -> (&'static str, &'static str, &'static [(&'static str, Kind)], &'static str) {
        match self {
            Self::Pupils => {
                ("on-the-programme", "pupils on the programme", &PUPILS, urls::OVERVIEW_PUPILS.pattern)
            }
            Self::Overdue => ("overdue", "what is overdue", &OWED, urls::OVERVIEW_OVERDUE.pattern),
            Self::Days => {
                ("suspension-days", "days suspended this school year", &DAYS, urls::OVERVIEW_DAYS.pattern)
            }
            Self::Left => {
                ("left", "who left the programme this school year", &LEFT, urls::OVERVIEW_LEFT.pattern)
            }
            Self::Inbox => ("inbox", "what the headteacher was told", &TOLD, urls::INBOX.pattern),
            Self::Week => ("week", "what is owed this week", &OWED, urls::MY_WEEK.pattern),
        }
    }
}

/// Whom a line names, and the line.
type Line = (PupilId, Vec<Cell>);

/// The schools whose list this person may both see and take out. For whoever sees it nowhere there is no such list.
fn schools(actor: &Actor, which: Which) -> Result<Vec<(SchoolId, String)>, Error> {
    let mut schools = actor.schools_with(which.seen_with()).unwrap_or_default();
    schools.retain(|(school, _)| actor.may_at(Capability::ExportCases, *school));
    if schools.is_empty() { Err(Error::NotFound) } else { Ok(schools) }
}

/// The lines, of the schools whose lists this person may take out.
async fn lines(tx: &mut ScopedTx, which: Which) -> Result<Vec<Line>, Error> {
    let schools = schools(tx.actor(), which)?;
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let named = |school: SchoolId| {
        let name = schools.iter().find(|(id, _)| *id == school).map(|(_, name)| name.as_str());
        Cell::from(name.unwrap_or_default())
    };
    let (moment, today) = (tx.moment(), tx.today());
    Ok(match which {
        Which::Pupils => {
            let rows = figures::on_programme(tx.conn(), &ids, None, MAX_ROWS + 1).await?;
            let line = |one: Standing<'_>| {
                let (row, totals) = (one.pupil, one.totals);
                let cells = vec![
                    one.name().into(),
                    named(row.school),
                    Cell::Number(row.stage.into()),
                    Cell::Number(totals.points.into()),
                    Cell::Number(totals.possible().into()),
                    totals.percent().map_or(Cell::Empty, Cell::Percent),
                    u8::try_from(one.goal).map_or(Cell::Empty, Cell::Percent),
                    Cell::Number(totals.recorded.into()),
                    Cell::Number(totals.expected.into()),
                ];
                (row.pupil, cells)
            };
            rows.iter().map(Standing::of).map(line).collect()
        }
        Which::Overdue => overdue(tx, &ids, &named).await?,
        Which::Week => {
            let until = monday(today) + Duration::days(6);
            owed(tx, &ids, &named, |duty, _| duty.due_on <= until).await?
        }
        Which::Days => {
            let used = exclusions::used(tx.conn(), &ids, moment).await?;
            let half_days = |days: Option<HalfDays>| {
                days.map_or_else(
                    || Cell::from("cannot be worked out: no calendar"),
                    |n| Cell::Number(n.0.into()),
                )
            };
            let line = |one: &exclusions::Used| {
                let cells = vec![
                    one.name.as_str().into(),
                    named(one.school),
                    if one.on_programme { "yes" } else { "no" }.into(),
                    half_days(one.year),
                    half_days(one.term),
                ];
                (one.pupil, cells)
            };
            used.iter().map(line).collect()
        }
        Which::Left => {
            let since = year_began(today);
            let rows = figures::leavers(tx.conn(), &ids, since, None, MAX_ROWS + 1).await?;
            let line = |row: &figures::Leaver| {
                let cells = vec![
                    display_name(&row.given_name, row.known_as.as_deref(), &row.family_name).into(),
                    named(row.school),
                    Cell::Number(row.stage.into()),
                    row.opened_on.into(),
                    row.closed_on.into(),
                    text::capital(ending(row.ended_as.as_deref())).into(),
                ];
                (row.pupil, cells)
            };
            rows.iter().map(line).collect()
        }
        Which::Inbox => {
            duties::reckon_schools(tx.conn(), &ids, moment).await?;
            let rows = queries::notices(tx.conn(), &ids, None, MAX_ROWS).await?;
            let line = |row: &NoticeRow| {
                let told = NoticeLine::of(row, &|_| None);
                let cells = vec![
                    told.name.into(),
                    named(row.school),
                    told.what.into(),
                    row.made_on.into(),
                    told.now.into(),
                    row.seen_at.map(|at| london(at).date()).into(),
                    row.seen_by.as_deref().into(),
                ];
                (row.pupil, cells)
            };
            rows.iter().map(line).collect()
        }
    })
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
            lines.push((of.pupil, cells));
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
                    lines.push((duty.due_on, (of.pupil, cells)));
                }
            }
        }
    }
    lines.sort_by_key(|(due, _)| *due);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn list(asked: &str, which: Which, rows: usize) -> List {
    let (name, heading, columns, back) = which.about();
    List {
        name,
        heading: heading.to_owned(),
        columns: Column::all(columns),
        rows: i64::try_from(rows).unwrap_or(i64::MAX),
        holds: Holds::Children,
        action: urls::export_overview(asked),
        back: back.to_owned(),
        which: Vec::new(),
    }
}

pub async fn new(Id(asked): Id<String>, mut visit: Visit) -> Result<Response, Error> {
    let which = Which::parse(&asked)?;
    let lines = lines(&mut visit.tx, which).await?;
    list(&asked, which, lines.len()).ask(visit).await
}

pub async fn create(Id(asked): Id<String>, mut posted: Posted) -> Result<Response, Error> {
    let which = Which::parse(&asked)?;
    let lines = lines(&mut posted.tx, which).await?;
    let taking = match list(&asked, which, lines.len()).answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let schools = schools(taking.posted.actor(), which)?;
    let (pupils, rows): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    taking.file(views::trace(&schools, pupils.into_iter()), rows).await
}
