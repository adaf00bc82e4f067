//! Saving marks: a whole sheet or one pupil's, from the script or from the plain form. Each cell is met with
//! what is stored now (three-way); where two people differ, the second sees both and chooses.

use std::collections::HashMap;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use time::Date;

use super::{
    handlers::{self, Head},
    queries::{self, Changes, DayChange, Earlier, MarkChange, ReasonChange, SavedDay},
    sheet::{PupilDay, can_record},
};
use crate::{
    db::Trace,
    domain::{
        calendar, dates,
        ids::{CaseId, SchoolId, TargetId},
        monitoring::{Cell, DaySheet, Merged, Reason, entered_late, merge},
        permission::{Capability, LogMarks},
    },
    state::london,
    web::{
        error::Error,
        extract::Posted,
        names,
        page::{self, Chrome, Flash},
        urls,
    },
};

/// Two people marked one cell differently.
struct Clash {
    case: CaseId,
    target: TargetId,
    period: i16,
    name: String,
    words: String,
    label: String,
    theirs: Cell,
    mine: Cell,
    by: String,
}

/// One pupil's part of a save.
struct Saved {
    case: CaseId,
    version: i32,
    line: String,
    gaps: u32,
}

#[derive(Template)]
#[template(path = "today/clashes.html")]
struct ClashPage {
    chrome: Chrome,
    head: Head,
    clashes: Vec<ClashRow>,
    seen: Vec<(CaseId, i32)>,
}

struct ClashRow {
    field: String,
    pupil: String,
    cell: String,
    theirs: String,
    theirs_value: String,
    by: String,
    mine: String,
    mine_value: String,
}

pub async fn save(mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let asked = Some(posted.form.value("school")).filter(|text| !text.is_empty()).map(str::to_owned);
    let (id, schools) = handlers::choose_school(&posted.tx, Capability::LogMarks, asked.as_deref())?;
    let permit = posted.actor().permit::<LogMarks>(id)?;
    let seen = seen_versions(&posted)?;
    let cases: Vec<CaseId> = seen.keys().copied().collect();
    let school = queries::school(posted.tx.conn(), id, today, &cases).await?.ok_or(Error::NotFound)?;
    let date = posted.form.value("date").to_owned();
    let day = handlers::choose_day(Some(&date), today, &school.calendar)?;
    let school = school.on(day);
    let head = handlers::head(&school, &schools, day, today, false);
    if let Err(why) = can_record(day, today, &school, posted.actor()) {
        return refused(posted, head, &[], &school.periods, vec![why.to_string()]).await;
    }
    let rows = queries::sheet(posted.tx.conn(), id, day, Some(&cases)).await?;
    let days: Vec<_> = rows.into_iter().map(|row| PupilDay::of(row, &school.periods, day)).collect();
    // Every case named must be an open case of this school: others do not exist here.
    if days.len() != cases.len() {
        return Err(Error::NotFound);
    }
    check_targets(&posted, &days)?;
    if posted.resumed {
        let problem =
            "You were signed out in between. Nothing is saved yet: save to keep these marks.".to_owned();
        return refused(posted, head, &days, &school.periods, vec![problem]).await;
    }
    let stale: Vec<CaseId> = days.iter().filter(|d| d.version > seen[&d.case]).map(|d| d.case).collect();
    let earlier =
        if stale.is_empty() { Vec::new() } else { queries::earlier(posted.tx.conn(), &stale, day).await? };

    let (mut changes, mut clashes, mut mixed, mut saved) =
        (Changes::default(), Vec::new(), Vec::new(), Vec::new());
    for pupil in &days {
        let sent = match sent_cells(&posted, pupil, &school.periods) {
            Ok(sent) => sent,
            Err(problem) => {
                mixed.push(problem);
                continue;
            }
        };
        merge_pupil(pupil, seen[&pupil.case], &sent, &earlier, &mut changes, &mut clashes);
    }
    if !mixed.is_empty() {
        return refused(posted, head, &days, &school.periods, mixed).await;
    }
    let moment = SavedDay {
        on: day,
        week_on: calendar::monday(day),
        late: entered_late(day, today),
        now: posted.tx.now(),
    };
    for pupil in &days {
        saved.push(total(pupil, &mut changes));
    }
    if !changes.days.is_empty() {
        queries::save(posted.tx.conn(), &permit, moment, &changes).await?;
    }
    if !clashes.is_empty() {
        let stale: Vec<CaseId> = clashes.iter().map(|clash| clash.case).collect();
        let set_by = queries::set_by(posted.tx.conn(), &stale, day).await?;
        for clash in &mut clashes {
            let cell = set_by.iter().find(|set| {
                set.case == clash.case
                    && set.period == clash.period
                    && set.target.is_none_or(|t| t == clash.target)
            });
            clash.by = cell.map_or_else(String::new, |set| {
                format!("{} at {}", set.name, dates::time_of_day(london(set.at).time()))
            });
            clash.label = school
                .periods
                .iter()
                .find(|period| period.number == clash.period)
                .map_or_else(String::new, |period| period.label.clone());
        }
    }
    let trace = Trace {
        school: Some(id),
        subject: (days.len() == 1).then(|| days[0].case.uuid()),
        pupils: days.iter().map(|day| day.pupil).collect(),
        changed: &["marks"],
        ..Trace::default()
    };
    answer(posted, id, day, head, trace, saved, clashes).await
}

/// The version of each pupil's day the page was made from: the cases this form is about.
fn seen_versions(posted: &Posted) -> Result<HashMap<CaseId, i32>, Error> {
    posted
        .form
        .pairs()
        .iter()
        .filter_map(|(name, value)| name.strip_prefix("seen.").map(|case| (case, value)))
        .map(|(case, version)| {
            let case = case.parse().map_err(|_| Error::NotFound)?;
            let version = version
                .parse()
                .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
            Ok((case, version))
        })
        .collect()
}

/// Every target named in the form belongs to one of its pupils.
fn check_targets(posted: &Posted, days: &[PupilDay]) -> Result<(), Error> {
    let known = |text: &str| {
        text.parse::<TargetId>()
            .is_ok_and(|target| days.iter().any(|day| day.targets.iter().any(|(id, _)| *id == target)))
    };
    let named = posted.form.pairs().iter().filter_map(|(name, _)| name.strip_prefix("mark."));
    for rest in named {
        if !rest.split_once('.').is_some_and(|(target, _)| known(target)) {
            return Err(Error::NotFound);
        }
    }
    Ok(())
}

/// What was sent for one pupil: cells by target and period, and which of them "All met" filled.
struct Sent {
    cells: HashMap<(TargetId, i16), Cell>,
    filled: Vec<(TargetId, i16)>,
}

fn sent_cells(posted: &Posted, pupil: &PupilDay, periods: &[queries::Period]) -> Result<Sent, String> {
    let form = &posted.form;
    let mut sent = Sent { cells: HashMap::new(), filled: Vec::new() };
    let shown = pupil.with_prefilled();
    // A sheet that was open while the periods of the day changed: nothing of it is dropped unsaid.
    for (field, value) in form.pairs().iter().filter(|(_, value)| !value.trim().is_empty()) {
        let of = |(target, _): &(TargetId, String)| field.strip_prefix(&format!("mark.{target}."));
        let unknown = |number: &str| !periods.iter().any(|period| period.number.to_string() == number);
        if pupil.targets.iter().find_map(of).is_some_and(unknown) {
            return Err(format!(
                "{}: the periods of this day are others now, and “{value}” is in none of them. Open the day again.",
                pupil.name
            ));
        }
    }
    for period in periods {
        for (target, words) in &pupil.targets {
            let name = format!("mark.{target}.{}", period.number);
            if let Some((_, value)) = form.pairs().iter().find(|(field, _)| *field == name) {
                let cell = Cell::parse(value).ok_or_else(|| {
                    format!("{}, {words}, {}: a mark is 0, 1, 2 or one of the letters a l x o s n, not “{value}”.", pupil.name, period.label)
                })?;
                sent.cells.insert((*target, period.number), cell);
            }
        }
        // The reason of one period, from the period view.
        let why = form.value(&format!("why.{}.{}", pupil.case, period.number));
        if let Some(reason) = Reason::from_stored(why) {
            for (target, _) in &pupil.targets {
                sent.cells.insert((*target, period.number), Cell::Reason(reason));
            }
        } else if why == "none" && shown.reason(period.number).is_some() {
            for (target, _) in &pupil.targets {
                sent.cells.entry((*target, period.number)).or_insert(Cell::Blank);
            }
        }
    }
    fill(form.value(&format!("whole.{}", pupil.case)), &shown, pupil, &mut sent, Reason::from_stored);
    let all_met = form.checked("all_met", &pupil.case.to_string())
        || !form.value(&format!("all_met.{}", pupil.case)).is_empty();
    if all_met {
        let only = form.value("period").parse::<i16>().ok();
        for period in periods.iter().filter(|period| only.is_none_or(|only| only == period.number)) {
            for (target, _) in &pupil.targets {
                let place = (*target, period.number);
                let now =
                    sent.cells.get(&place).copied().unwrap_or_else(|| shown.cell(*target, period.number));
                if now == Cell::Blank {
                    sent.cells.insert(place, Cell::Points(2));
                    sent.filled.push(place);
                }
            }
        }
    }
    // What was filled in beforehand, and shown so, is kept with the first save of the pupil's day.
    for (period, reason, _) in &pupil.prefilled {
        for (target, _) in &pupil.targets {
            sent.cells.entry((*target, *period)).or_insert(Cell::Reason(*reason));
        }
    }
    one_reason_or_marks(pupil, periods, &shown, &mut sent)?;
    Ok(sent)
}

/// A reason for the whole day goes into every cell that is blank.
fn fill(chosen: &str, shown: &DaySheet, pupil: &PupilDay, sent: &mut Sent, read: fn(&str) -> Option<Reason>) {
    let Some(reason) = read(chosen) else { return };
    for period in &shown.periods {
        let column_is_blank = pupil.targets.iter().all(|(target, _)| {
            sent.cells.get(&(*target, *period)).copied().unwrap_or_else(|| shown.cell(*target, *period))
                == Cell::Blank
        });
        if column_is_blank {
            for (target, _) in &pupil.targets {
                sent.cells.insert((*target, *period), Cell::Reason(reason));
            }
        }
    }
}

/// A period has marks or one reason. A reason typed into one box of an otherwise blank period is meant for
/// all of it.
fn one_reason_or_marks(
    pupil: &PupilDay,
    periods: &[queries::Period],
    shown: &DaySheet,
    sent: &mut Sent,
) -> Result<(), String> {
    for period in periods {
        let column: Vec<Cell> = pupil
            .targets
            .iter()
            .map(|(target, _)| {
                sent.cells
                    .get(&(*target, period.number))
                    .copied()
                    .unwrap_or_else(|| shown.cell(*target, period.number))
            })
            .collect();
        let mut reasons: Vec<_> = column
            .iter()
            .filter_map(|cell| match cell {
                Cell::Reason(reason) => Some(*reason),
                _ => None,
            })
            .collect();
        reasons.sort();
        reasons.dedup();
        let marked = column.iter().any(|cell| matches!(cell, Cell::Points(_)));
        match (reasons.as_slice(), marked) {
            ([], _) => {}
            ([reason], false) => {
                for (target, _) in &pupil.targets {
                    sent.cells.insert((*target, period.number), Cell::Reason(*reason));
                }
            }
            _ => {
                return Err(format!(
                    "{}, {}: a period has either marks or one reason for having none. Clear one of them.",
                    pupil.name, period.label
                ));
            }
        }
    }
    Ok(())
}

/// Meets what was sent with what is stored, cell by cell.
fn merge_pupil(
    pupil: &PupilDay,
    seen: i32,
    sent: &Sent,
    earlier: &[Earlier],
    changes: &mut Changes,
    clashes: &mut Vec<Clash>,
) {
    let version = pupil.version + 1;
    let mut reasons: HashMap<i16, Option<Reason>> = HashMap::new();
    for (target, words) in &pupil.targets {
        for period in &pupil.sheet.periods {
            let Some(mine) = sent.cells.get(&(*target, *period)).copied() else { continue };
            let theirs = pupil.sheet.cell(*target, *period);
            let base = base_cell(pupil, *target, *period, seen, earlier);
            match merge(base, theirs, mine) {
                Merged::Keep => {}
                Merged::Take => {
                    let stored = pupil.sheet.points(*target, *period);
                    let points = match mine {
                        Cell::Points(points) => Some(points),
                        Cell::Blank | Cell::Reason(_) => None,
                    };
                    if points != stored {
                        changes.marks.push(MarkChange {
                            case: pupil.case,
                            target: *target,
                            period: *period,
                            points: points.map(i16::from),
                            all_met: sent.filled.contains(&(*target, *period)),
                            version,
                        });
                    }
                    let reason = match mine {
                        Cell::Reason(reason) => Some(reason),
                        Cell::Blank | Cell::Points(_) => None,
                    };
                    if reason != pupil.sheet.reason(*period) {
                        reasons.insert(*period, reason);
                    }
                }
                Merged::Clash => clashes.push(Clash {
                    case: pupil.case,
                    target: *target,
                    period: *period,
                    name: pupil.name.clone(),
                    words: words.clone(),
                    label: String::new(),
                    theirs,
                    mine,
                    by: String::new(),
                }),
            }
        }
    }
    changes.reasons.extend(reasons.into_iter().map(|(period, reason)| ReasonChange {
        case: pupil.case,
        period,
        reason: reason.map(|reason| reason.as_str().to_owned()),
        version,
    }));
}

/// What stood in a cell when the sender's page was made.
fn base_cell(pupil: &PupilDay, target: TargetId, period: i16, seen: i32, earlier: &[Earlier]) -> Cell {
    let before = |of: Option<TargetId>, version: Option<i32>, now: Cell| match version {
        None => Cell::Blank,
        Some(version) if version <= seen => now,
        Some(_) => earlier
            .iter()
            .find(|e| {
                e.case == pupil.case
                    && e.target == of
                    && e.period == period
                    && e.version <= seen
                    && e.replaced_in > seen
            })
            .map_or(Cell::Blank, |e| {
                Reason::from_stored(&e.was)
                    .map(Cell::Reason)
                    .or_else(|| Cell::parse(&e.was))
                    .unwrap_or_default()
            }),
    };
    let reason_now = pupil.sheet.reason(period).map_or(Cell::Blank, Cell::Reason);
    let reason = before(None, pupil.reason_versions.get(&period).copied(), reason_now);
    if reason != Cell::Blank {
        return reason;
    }
    let mark_now = pupil.sheet.points(target, period).map_or(Cell::Blank, Cell::Points);
    before(Some(target), pupil.mark_versions.get(&(target, period)).copied(), mark_now)
}

/// The pupil's new totals, when anything changed.
fn total(pupil: &PupilDay, changes: &mut Changes) -> Saved {
    let mut sheet = pupil.sheet.clone();
    let mut touched = false;
    for mark in changes.marks.iter().filter(|mark| mark.case == pupil.case) {
        sheet.mark(mark.target, mark.period, mark.points.and_then(|points| u8::try_from(points).ok()));
        touched = true;
    }
    for reason in changes.reasons.iter().filter(|reason| reason.case == pupil.case) {
        sheet.excuse(reason.period, reason.reason.as_deref().and_then(Reason::from_stored));
        touched = true;
    }
    let after = pupil.with(sheet);
    let totals = after.sheet.totals();
    if touched {
        let more = |new: u32, old: u32| i32::try_from(i64::from(new) - i64::from(old)).unwrap_or(0);
        changes.days.push(DayChange {
            case: pupil.case,
            version: pupil.version + 1,
            points: i16::try_from(totals.points).unwrap_or(i16::MAX),
            recorded: i16::try_from(totals.recorded).unwrap_or(i16::MAX),
            expected: i16::try_from(totals.expected).unwrap_or(i16::MAX),
            reason: after.sheet.whole_day().map(|reason| reason.as_str().to_owned()),
            new_day: pupil.is_new,
            more_points: more(totals.points, pupil.stored.points),
            more_recorded: more(totals.recorded, pupil.stored.recorded),
            more_expected: more(totals.expected, pupil.stored.expected),
        });
    }
    Saved {
        case: pupil.case,
        version: if touched { pupil.version + 1 } else { pupil.version },
        line: after.line(),
        gaps: after.gaps(),
    }
}

async fn answer(
    mut posted: Posted,
    school: SchoolId,
    day: Date,
    head: Head,
    trace: Trace,
    saved: Vec<Saved>,
    clashes: Vec<Clash>,
) -> Result<Response, Error> {
    let period = posted.form.value("period").parse::<i16>().ok();
    let location = match period {
        Some(period) => urls::period(school, day, period),
        None => urls::today(school, day),
    };
    let (by_script, chrome) = (posted.by_script, posted.chrome());
    let at = dates::time_of_day(london(posted.tx.now()).time());
    let names = posted.names_to_hide(&trace.pupils).await?;
    if by_script || !clashes.is_empty() {
        // Committed first: what is said to be saved is saved.
        posted.done(trace, &location, None).await?;
    } else {
        return posted.done(trace, &location, Some(Flash::MarksSaved)).await;
    }
    let status = if clashes.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    if by_script {
        let body = serde_json::json!({
            "at": at,
            "pupils": saved.iter().map(|pupil| serde_json::json!({
                "case": pupil.case, "version": pupil.version, "line": pupil.line, "gaps": pupil.gaps,
            })).collect::<Vec<_>>(),
            "clashes": clashes.iter().map(|clash| serde_json::json!({
                "case": clash.case, "field": format!("mark.{}.{}", clash.target, clash.period),
                "what": format!("{}, {}", clash.words, clash.label), "by": clash.by,
                "theirs": clash.theirs.to_string(), "theirs_words": in_words(clash.theirs, &head.mark_words),
                "mine": clash.mine.to_string(), "mine_words": in_words(clash.mine, &head.mark_words),
            })).collect::<Vec<_>>(),
        });
        return Ok((status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response());
    }
    let seen = saved
        .iter()
        .filter(|pupil| clashes.iter().any(|clash| clash.case == pupil.case))
        .map(|pupil| (pupil.case, pupil.version))
        .collect();
    let clashes = clashes
        .into_iter()
        .map(|clash| ClashRow {
            field: format!("mark.{}.{}", clash.target, clash.period),
            pupil: clash.name,
            cell: format!("{}, {}", clash.words, clash.label),
            theirs: in_words(clash.theirs, &head.mark_words),
            theirs_value: clash.theirs.to_string(),
            by: clash.by,
            mine: in_words(clash.mine, &head.mark_words),
            mine_value: clash.mine.to_string(),
        })
        .collect();
    let page = ClashPage { chrome, head, clashes, seen };
    Ok(match names {
        None => page::answer(status, &page),
        Some(names) => page::answer_hiding(status, &page, &names, None),
    })
}

fn in_words(cell: Cell, words: &[String; 3]) -> String {
    match cell {
        Cell::Blank => "not recorded".to_owned(),
        Cell::Points(points) => words.get(usize::from(points)).cloned().unwrap_or_default(),
        Cell::Reason(reason) => reason.label().to_owned(),
    }
}

/// Nothing was saved; the sheet is shown with everything that was sent and what is wrong.
async fn refused(
    mut posted: Posted,
    head: Head,
    days: &[PupilDay],
    periods: &[queries::Period],
    problems: Vec<String>,
) -> Result<Response, Error> {
    if posted.by_script {
        let pupils: Vec<_> = days.iter().map(|day| day.pupil).collect();
        let names = posted.names_to_hide(&pupils).await?.unwrap_or_default();
        let problems: Vec<_> = problems.iter().map(|problem| names::hide(problem, &names).html).collect();
        let body = serde_json::json!({ "problems": problems });
        posted.tx.roll_back().await;
        let kind = [(header::CONTENT_TYPE, "application/json")];
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, kind, body.to_string()).into_response());
    }
    let page = handlers::sheet_again(posted.chrome(), head, days, periods, &posted.form, problems);
    posted.again(&page).await
}
