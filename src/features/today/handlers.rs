//! Showing the day, and paper to carry it.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::{Date, Duration};

use super::{
    queries::{self, Period, School},
    sheet::{PupilDay, can_record},
};
use crate::{
    db::{ScopedTx, Trace, duties},
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        duties::Duty,
        ids::{CaseId, SchoolId},
        monitoring::{Cell, Reason},
        permission::{Capability, Denied},
    },
    web::{
        duty::{PupilDuty, across},
        error::Error,
        extract::{Id, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

/// What a day's address says.
#[derive(Debug, Default, Deserialize)]
pub struct Where {
    /// Which day; the school's day when none.
    pub date: Option<String>,
    /// One period only.
    pub period: Option<i16>,
    /// Which school, for somebody at several.
    pub school: Option<String>,
    /// Only pupils with gaps.
    pub gaps: Option<String>,
}

#[derive(Template)]
#[template(path = "today/day.html")]
pub(super) struct DayPage {
    chrome: Chrome,
    head: Head,
    pupils: Vec<PupilBlock>,
    problems: Vec<String>,
    owed: Owed,
}

/// What is owed this week beside the marks, for those who lead cases. Empty for everybody else.
#[derive(Default)]
pub(super) struct Owed {
    /// "2 things are overdue, 3 more due this week"
    summary: String,
    /// What is owed, the oldest first.
    lines: Vec<PupilDuty>,
    /// How many more there are than are shown.
    beyond: usize,
}

/// Lines of what is owed that Today shows.
const OWED: usize = 12;

impl Owed {
    /// Everything the school owes up to the end of `today`'s week, marks left out: they are the page itself.
    async fn of(tx: &mut ScopedTx, school: SchoolId, calendar: &SchoolCalendar) -> Result<Self, Error> {
        let moment = tx.moment();
        let owes = duties::of_schools(tx.conn(), &[school], moment).await?;
        let week_ends = monday(moment.today) + Duration::days(6);
        let wanted = |duty: &Duty| {
            duty.due_on <= week_ends && !duty.what.is_marks() && duty.what.owner().is_of_the_school()
        };
        let mut lines = across(&owes, calendar, moment.today, wanted);
        let overdue = lines.iter().filter(|duty| duty.line.overdue.is_some()).count();
        let things = |n: usize| if n == 1 { "1 thing is".to_owned() } else { format!("{n} things are") };
        let summary = match (overdue, lines.len() - overdue) {
            (0, due) => format!("{} due this week", things(due)),
            (late, 0) => format!("{} overdue", things(late)),
            (late, due) => format!("{} overdue, {due} more due this week", things(late)),
        };
        let beyond = lines.len().saturating_sub(OWED);
        lines.truncate(OWED);
        Ok(Self { summary, lines, beyond })
    }
}

#[derive(Template)]
#[template(path = "today/period.html")]
struct PeriodPage {
    chrome: Chrome,
    head: Head,
    period: Period,
    pupils: Vec<PupilBlock>,
    words: [String; 3],
    done: usize,
}

#[derive(Template)]
#[template(path = "today/nothing.html")]
struct NothingPage {
    chrome: Chrome,
    head: Head,
    why: String,
}

/// The top of every view of the day.
pub(super) struct Head {
    pub school: SchoolId,
    pub school_name: String,
    pub schools: Vec<(String, String)>,
    pub day: Date,
    pub day_words: String,
    pub today_words: Option<String>,
    pub past: bool,
    pub before: Option<(String, String)>,
    pub after: Option<(String, String)>,
    pub day_href: String,
    pub periods: Vec<(String, String, bool)>,
    pub period_number: i16,
    pub complete: usize,
    pub total: usize,
    pub gaps: u32,
    pub only_gaps: bool,
    pub mark_words: [String; 3],
}

/// A pupil on the page.
pub(super) struct PupilBlock {
    pub case: CaseId,
    pub name: String,
    pub about: String,
    pub line: String,
    pub late: bool,
    pub version: i32,
    pub gaps: u32,
    pub targets: Vec<TargetLine>,
    pub prefilled: Vec<String>,
    pub notes: Vec<(String, String, String)>,
    pub reason: Option<&'static str>,
}

/// A target with its cells.
pub(super) struct TargetLine {
    pub words: String,
    pub cells: Vec<CellBox>,
}

/// One cell.
pub(super) struct CellBox {
    pub name: String,
    pub value: String,
    pub kind: char,
    pub label: String,
}

/// The school a request is about: the one asked for, or the person's first.
pub(super) fn choose_school(
    tx: &ScopedTx,
    capability: Capability,
    asked: Option<&str>,
) -> Result<(SchoolId, Vec<(SchoolId, String)>), Error> {
    let schools = tx.actor().schools_with(capability).unwrap_or_default();
    let school = match asked {
        Some(asked) => {
            let asked: SchoolId = asked.parse().map_err(|_| Error::NotFound)?;
            schools.iter().map(|(id, _)| *id).find(|id| *id == asked).ok_or(Error::NotFound)?
        }
        None => schools.first().map(|(id, _)| *id).ok_or(Denied { capability })?,
    };
    Ok((school, schools))
}

/// The day asked for. None asked: today, or the latest school day before it.
pub(super) fn choose_day(asked: Option<&str>, today: Date, calendar: &SchoolCalendar) -> Result<Date, Error> {
    match asked {
        Some(text) => Date::parse(text, &time::format_description::well_known::Iso8601::DATE)
            .map_err(|_| Error::NotFound),
        None => Ok(calendar.latest_school_day(today).unwrap_or(today)),
    }
}

pub async fn index(Query(place): Query<Where>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (id, schools) = choose_school(&visit.tx, Capability::SeeToday, place.school.as_deref())?;
    let school = queries::school(visit.tx.conn(), id, today, &[]).await?.ok_or(Error::NotFound)?;
    let day = choose_day(place.date.as_deref(), today, &school.calendar)?;
    let school = school.on(day);
    let mut head = head(&school, &schools, day, today, place.gaps.is_some());
    if let Err(why) = can_record(day, today, &school, visit.actor()) {
        let page = NothingPage { chrome: visit.chrome(), head, why: why.to_string() };
        return visit.show_nothing_personal(&page).await;
    }
    let rows = queries::sheet(visit.tx.conn(), id, day, None).await?;
    let mut days: Vec<_> = rows.into_iter().map(|row| PupilDay::of(row, &school.periods, day)).collect();
    head.total = days.len();
    head.complete = days.iter().filter(|day| day.gaps() == 0 && !day.targets.is_empty()).count();
    head.gaps = days.iter().map(PupilDay::gaps).sum();
    let mut trace =
        Trace { school: Some(id), pupils: days.iter().map(|day| day.pupil).collect(), ..Trace::default() };
    let period = place.period.and_then(|number| school.periods.iter().find(|period| period.number == number));
    if let Some(period) = period {
        head.period_number = period.number;
        for link in &mut head.periods {
            link.2 = link.0 == urls::period(id, day, period.number);
        }
        // Gaps first.
        days.sort_by_key(|day| day.gaps_in(period.number) == 0);
        let done = days.iter().filter(|day| day.gaps_in(period.number) == 0).count();
        let pupils = days.iter().map(|day| block(day, std::slice::from_ref(period))).collect();
        let words = head.mark_words.clone();
        let page = PeriodPage { chrome: visit.chrome(), head, period: period.clone(), pupils, words, done };
        return visit.show(trace, &page).await;
    }
    let pupils = days
        .iter()
        .filter(|day| !head.only_gaps || day.gaps() > 0)
        .map(|day| block(day, &school.periods))
        .collect();
    let mut owed = Owed::default();
    if day == choose_day(None, today, &school.calendar)? && visit.actor().may_at(Capability::NominateLead, id)
    {
        owed = Owed::of(&mut visit.tx, id, &school.calendar).await?;
        trace.pupils.extend(owed.lines.iter().map(|duty| duty.pupil));
        trace.pupils.sort_unstable();
        trace.pupils.dedup();
    }
    let page = DayPage { chrome: visit.chrome(), head, pupils, problems: Vec::new(), owed };
    visit.show(trace, &page).await
}

/// The sheet as it was sent, with what is wrong.
pub(super) fn sheet_again(
    chrome: Chrome,
    head: Head,
    days: &[PupilDay],
    periods: &[Period],
    form: &Form,
    problems: Vec<String>,
) -> DayPage {
    let mut pupils: Vec<_> = days.iter().map(|day| block(day, periods)).collect();
    for pupil in &mut pupils {
        let seen = form.value(&format!("seen.{}", pupil.case));
        pupil.version = seen.parse().unwrap_or(pupil.version);
        for cell in pupil.targets.iter_mut().flat_map(|target| &mut target.cells) {
            if let Some((_, value)) = form.pairs().iter().find(|(name, _)| *name == cell.name) {
                value.clone_into(&mut cell.value);
            }
        }
    }
    DayPage { chrome, head, pupils, problems, owed: Owed::default() }
}

/// The top of the page; counts are filled in by the caller.
pub(super) fn head(
    school: &School,
    schools: &[(SchoolId, String)],
    day: Date,
    today: Date,
    only_gaps: bool,
) -> Head {
    let link = |day: Date| {
        (urls::today(school.id, day), format!("{} {}", dates::weekday_short(day), dates::day_month(day)))
    };
    let before = school.calendar.nth_school_day_before(day, 1).ok();
    let after = school.calendar.nth_school_day_after(day, 1).ok().filter(|day| *day <= today);
    let mut words = school.mark_words.clone().into_iter();
    let mut word = |usual: &str| words.next().unwrap_or_else(|| usual.to_owned());
    Head {
        school: school.id,
        school_name: school.name.clone(),
        schools: if schools.len() > 1 {
            schools.iter().map(|(id, name)| (urls::today(*id, day), name.clone())).collect()
        } else {
            Vec::new()
        },
        day,
        day_words: dates::full(day),
        today_words: (day != today && !school.calendar.is_school_day(today))
            .then(|| format!("{} is not a school day. This is the latest school day.", dates::full(today))),
        past: day < today,
        before: before.map(link),
        after: after.map(link),
        day_href: urls::today(school.id, day),
        periods: school
            .periods
            .iter()
            .map(|period| (urls::period(school.id, day, period.number), period.label.clone(), false))
            .collect(),
        period_number: 0,
        complete: 0,
        total: 0,
        gaps: 0,
        only_gaps,
        mark_words: [word("Not met"), word("Partly met"), word("Met")],
    }
}

/// A pupil's block with these periods.
pub(super) fn block(day: &PupilDay, periods: &[Period]) -> PupilBlock {
    let sheet = day.with_prefilled();
    let targets = day
        .targets
        .iter()
        .map(|(target, words)| TargetLine {
            words: words.clone(),
            cells: periods
                .iter()
                .map(|period| {
                    let cell = sheet.cell(*target, period.number);
                    CellBox {
                        name: format!("mark.{target}.{}", period.number),
                        value: cell.to_string(),
                        kind: match cell {
                            Cell::Blank => '-',
                            Cell::Points(points) => char::from(b'0' + points),
                            Cell::Reason(_) => 'r',
                        },
                        label: period.label.clone(),
                    }
                })
                .collect(),
        })
        .collect();
    let one = periods.len() == 1;
    PupilBlock {
        case: day.case,
        name: day.name.clone(),
        about: format!("{}, Stage {}", day.year, day.stage),
        line: day.line(),
        late: day.entered_late,
        version: day.version,
        gaps: if one { u32::try_from(day.gaps_in(periods[0].number)).unwrap_or(0) } else { day.gaps() },
        targets,
        prefilled: prefilled_words(day, periods),
        notes: day.notes.clone(),
        reason: if one { sheet.reason(periods[0].number).map(Reason::as_str) } else { None },
    }
}

fn prefilled_words(day: &PupilDay, periods: &[Period]) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for (number, reason, source) in &day.prefilled {
        let Some(period) = periods.iter().find(|period| period.number == *number) else { continue };
        let text = format!("{} filled in from: {source}", reason.label());
        match lines.iter_mut().find(|(line, _)| *line == text) {
            Some((_, labels)) => labels.push(&period.label),
            None => lines.push((text, vec![&period.label])),
        }
    }
    lines
        .into_iter()
        .map(
            |(text, labels)| {
                if labels.len() == periods.len() { text } else { format!("{}: {text}", labels.join(", ")) }
            },
        )
        .collect()
}

#[derive(Template)]
#[template(path = "today/card.html")]
struct CardPage {
    chrome: Chrome,
    name: String,
    about: String,
    school_name: String,
    day: String,
    targets: Vec<String>,
    periods: Vec<String>,
    mark_words: Vec<String>,
    back: String,
}

/// A blank card for one pupil, A5.
pub async fn card(
    Id(case): Id<CaseId>,
    Query(place): Query<Where>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = queries::case(visit.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    visit.actor().require(Capability::PrintCards, of.school)?;
    let school = queries::school(visit.tx.conn(), of.school, today, &[]).await?.ok_or(Error::NotFound)?;
    let day = choose_day(place.date.as_deref(), today, &school.calendar)?;
    let school = school.on(day);
    let rows = queries::sheet(visit.tx.conn(), of.school, day, Some(&[case])).await?;
    let row = rows.into_iter().next().ok_or(Error::NotFound)?;
    let day_of = PupilDay::of(row, &school.periods, day);
    let page = CardPage {
        chrome: visit.chrome(),
        name: day_of.name.clone(),
        about: day_of.year.to_string(),
        school_name: school.name.clone(),
        day: dates::full(day),
        targets: day_of.targets.iter().map(|(_, words)| words.clone()).collect(),
        periods: school.periods.iter().map(|period| period.label.clone()).collect(),
        mark_words: school.mark_words.clone(),
        back: urls::today(of.school, day),
    };
    let trace = Trace {
        subject: Some(case.uuid()),
        school: Some(of.school),
        pupils: vec![of.pupil],
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

#[derive(Template)]
#[template(path = "today/class_sheet.html")]
struct ClassSheetPage {
    chrome: Chrome,
    school_name: String,
    day: String,
    periods: Vec<String>,
    pupils: Vec<(String, Vec<String>)>,
    mark_words: Vec<String>,
    back: String,
}

/// Every pupil of the day on one sheet to print.
pub async fn class_sheet(Query(place): Query<Where>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let (id, _) = choose_school(&visit.tx, Capability::PrintCards, place.school.as_deref())?;
    let school = queries::school(visit.tx.conn(), id, today, &[]).await?.ok_or(Error::NotFound)?;
    let day = choose_day(place.date.as_deref(), today, &school.calendar)?;
    let school = school.on(day);
    let rows = queries::sheet(visit.tx.conn(), id, day, None).await?;
    let days: Vec<_> = rows.into_iter().map(|row| PupilDay::of(row, &school.periods, day)).collect();
    let trace =
        Trace { school: Some(id), pupils: days.iter().map(|day| day.pupil).collect(), ..Trace::default() };
    let page = ClassSheetPage {
        chrome: visit.chrome(),
        school_name: school.name.clone(),
        day: dates::full(day),
        periods: school.periods.iter().map(|period| period.label.clone()).collect(),
        pupils: days
            .iter()
            .map(|day| {
                (
                    format!("{}, {}", day.name, day.year),
                    day.targets.iter().map(|(_, words)| words.clone()).collect(),
                )
            })
            .collect(),
        mark_words: school.mark_words.clone(),
        back: urls::today(id, day),
    };
    visit.show(trace, &page).await
}
