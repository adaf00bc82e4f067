//! Handlers of the targets room.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde::Deserialize;
use time::Date;
use uuid::Uuid;

use super::queries::{self, BankTarget, CaseOf, TargetRow};
use crate::{
    db::{Trace, calendar as school_calendar},
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{CaseId, SchoolId, TargetId},
        permission::{Capability, SetTargets},
        pupil::display_name,
        rules::{self, Class},
        target::{self, MAX_PUPIL_WORDS, MAX_WORDS, TargetWords},
        text,
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "targets/index.html")]
struct TargetsPage {
    chrome: Chrome,
    identity: Identity,
    case: CaseId,
    live: Vec<Line>,
    ended: Vec<Line>,
    may_set: bool,
    too_many: Option<String>,
}

struct Line {
    id: TargetId,
    words: String,
    criterion: String,
    due: String,
    past: bool,
    pupil_words: Option<String>,
    ended: Option<String>,
    version: i32,
    first: bool,
}

fn line(row: &TargetRow, extended_until: Option<Date>, today: Date, first: bool) -> Line {
    Line {
        id: row.id,
        words: row.words.clone(),
        criterion: row.criterion.clone(),
        due: target::extended_words(row.due_on, extended_until).unwrap_or_else(|| dates::full(row.due_on)),
        past: target::due(row.due_on, extended_until) < today,
        pupil_words: row.pupil_words.clone(),
        ended: row.ended_on.map(dates::long),
        version: row.version,
        first,
    }
}

fn name(of: &CaseOf) -> String {
    display_name(&of.given_name, of.known_as.as_deref(), &of.family_name)
}

fn seen(case: CaseId, of: &CaseOf) -> Trace {
    Trace { subject: Some(case.uuid()), school: Some(of.school), pupils: vec![of.pupil], ..Trace::default() }
}

pub async fn index(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(case, Capability::SeeCases).await?;
    let rows = queries::of_case(visit.tx.conn(), case).await?;
    let (ended, live): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.ended_on.is_some());
    let count = rules::s1_08_targets_set(live.len(), &of.policy);
    let page = TargetsPage {
        chrome: visit.chrome(),
        identity: Identity::of(&of, visit.actor(), today, "Targets"),
        case,
        live: live.iter().enumerate().map(|(i, row)| line(row, of.extended_until, today, i == 0)).collect(),
        ended: ended.iter().map(|row| line(row, None, today, false)).collect(),
        may_set: of.closed_on.is_none() && visit.actor().may_at(Capability::SetTargets, of.school),
        too_many: (!count.met && !live.is_empty()).then_some(count.says),
    };
    visit.show(of.trace(&[]), &page).await
}

/// Which example to start from.
#[derive(Debug, Default, Deserialize)]
pub struct From {
    from: Option<String>,
}

#[derive(Template)]
#[template(path = "targets/form.html")]
struct TargetPage {
    chrome: Chrome,
    form: Form,
    name: String,
    case: CaseId,
    title: &'static str,
    action: String,
    button: &'static str,
    due_hint: String,
    bank: Vec<BankTarget>,
    warnings: Vec<Warning>,
    versions: Vec<Wording>,
    end: Option<String>,
}

/// A should of the programme that asks for a reason.
struct Warning {
    clause: &'static str,
    says: String,
}

struct Wording {
    words: String,
    criterion: String,
    due: String,
    when: String,
}

pub async fn new(
    Id(case): Id<CaseId>,
    Query(asked): Query<From>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let of = queries::case(visit.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<SetTargets>(of.school)?;
    let bank = queries::bank(visit.tx.conn(), of.school).await?;
    let mut form = Form::empty();
    if let Some(example) = asked.from.and_then(|id| bank.iter().find(|target| target.id.to_string() == id)) {
        form.set("words", &example.words);
        form.set("criterion", &example.criterion);
    }
    let page = new_page(visit.chrome(), form, case, &of, bank, Vec::new());
    visit.show(seen(case, &of), &page).await
}

/// How far away a target's day may be, and how far the timescale of the case already goes.
fn due_hint(of: &CaseOf) -> String {
    let usual = format!("Up to {} school weeks from now", of.policy.target_weeks_before_warning);
    match of.extended_until {
        Some(until) => format!("{usual}. The timescale of the case is extended to {}", dates::long(until)),
        None => usual,
    }
}

fn new_page(
    chrome: Chrome,
    form: Form,
    case: CaseId,
    of: &CaseOf,
    bank: Vec<BankTarget>,
    warnings: Vec<Warning>,
) -> TargetPage {
    TargetPage {
        chrome,
        form,
        name: name(of),
        case,
        title: "Set a target",
        action: format!("{}/new", urls::targets(case)),
        button: "Set target",
        due_hint: due_hint(of),
        bank,
        warnings,
        versions: Vec::new(),
        end: None,
    }
}

/// Reads the target typed, with every message on the form.
fn read(form: &mut Form) -> Option<TargetWords> {
    let words = field(form, "words", "Target", MAX_WORDS);
    let criterion = field(form, "criterion", "How you will know", MAX_WORDS);
    let (day, month, year) = form.date_parts("due_on");
    let due_on = dates::parse_parts(day, month, year);
    if let Err(error) = &due_on {
        form.fail("due_on", &error.message("Date to meet it by"));
    }
    let pupil_words = text::optional_paragraph(form.value("pupil_words"), MAX_PUPIL_WORDS);
    if let Err(error) = pupil_words {
        form.fail("pupil_words", &error.message("In the pupil’s own words"));
    }
    Some(TargetWords {
        words: words?,
        criterion: criterion?,
        due_on: due_on.ok()?,
        pupil_words: pupil_words.ok()?,
    })
}

fn field(form: &mut Form, id: &str, what: &str, max: usize) -> Option<String> {
    match text::line(form.value(id), max) {
        Ok(text) => Some(text),
        Err(error) => {
            form.fail(id, &error.message(what));
            None
        }
    }
}

/// Weighs a target against S1.08 and S1.10: a must is a message at the field, a should asks for a reason.
fn weigh(
    form: &mut Form,
    target: &TargetWords,
    live_after: usize,
    today: Date,
    calendar: &SchoolCalendar,
    of: &CaseOf,
) -> Vec<Warning> {
    let timescale = rules::s1_10_timescale(target.due_on, today, calendar, &of.policy);
    let count = rules::s1_08_targets_set(live_after, &of.policy);
    let mut warnings = Vec::new();
    for requirement in [timescale, count] {
        if requirement.met {
            continue;
        }
        if requirement.class == Class::Must {
            match requirement.clause {
                "S1.08" => form.fail("words", &requirement.says),
                _ => form.fail("due_on", "Date to meet it by must be today or later"),
            }
            continue;
        }
        let id = format!("reason.{}", requirement.clause);
        if text::paragraph(form.value(&id), 500).is_err() {
            form.fail(&id, &format!("Say why ({}): {}", requirement.clause, requirement.says));
        }
        warnings.push(Warning { clause: requirement.clause, says: requirement.says });
    }
    warnings
}

async fn open_case(posted: &mut Posted, case: CaseId) -> Result<(CaseOf, SchoolId), Error> {
    let of = queries::case(posted.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    let school = of.school;
    if of.closed_on.is_some() {
        posted.actor().permit::<SetTargets>(school)?;
        return Err(Error::BadRequest("The case is closed; its targets stay as they were."));
    }
    Ok((of, school))
}

pub async fn create(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, school) = open_case(&mut posted, case).await?;
    let permit = posted.actor().permit::<SetTargets>(school)?;
    let live =
        queries::of_case(posted.tx.conn(), case).await?.iter().filter(|row| row.ended_on.is_none()).count();
    let calendar = school_calendar::of_school(posted.tx.conn(), school, today).await?;
    let target = read(&mut posted.form);
    let warnings = match &target {
        Some(target) => weigh(&mut posted.form, target, live + 1, today, &calendar, &of),
        None => Vec::new(),
    };
    let (false, Some(target)) = (posted.needs_another_look(), target) else {
        let bank = queries::bank(posted.tx.conn(), school).await?;
        let page = new_page(posted.chrome(), posted.form.clone(), case, &of, bank, warnings);
        return posted.again(&page).await;
    };
    queries::add(posted.tx.conn(), &permit, case, Uuid::now_v7().into(), &target, today, now).await?;
    let trace = Trace { changed: &["target"], ..seen(case, &of) };
    posted.done(trace, &urls::targets(case), Some(Flash::TargetSet)).await
}

fn edit_page(
    chrome: Chrome,
    form: Form,
    (case, target): (CaseId, TargetId),
    of: &CaseOf,
    warnings: Vec<Warning>,
    versions: Vec<queries::VersionRow>,
) -> TargetPage {
    TargetPage {
        chrome,
        form,
        name: name(of),
        case,
        title: "Change a target",
        action: urls::target(case, target),
        button: "Save target",
        due_hint: due_hint(of),
        bank: Vec::new(),
        warnings,
        versions: versions
            .into_iter()
            .map(|row| {
                let at = london(row.written_at);
                let ended =
                    row.ended_on.map_or_else(String::new, |day| format!(", ended {}", dates::short(day)));
                Wording {
                    words: row.words,
                    criterion: row.criterion,
                    due: dates::long(row.due_on),
                    when: format!(
                        "{} {}{ended}, {}",
                        dates::short(at.date()),
                        dates::time_of_day(at.time()),
                        row.by
                    ),
                }
            })
            .collect(),
        end: Some(format!("{}/end", urls::target(case, target))),
    }
}

async fn live_target(
    conn: &mut sqlx::PgConnection,
    case: CaseId,
    target: TargetId,
) -> Result<TargetRow, Error> {
    let rows = queries::of_case(conn, case).await?;
    rows.into_iter().find(|row| row.id == target && row.ended_on.is_none()).ok_or(Error::NotFound)
}

pub async fn edit(
    Path((case, target)): Path<(CaseId, TargetId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let of = queries::case(visit.tx.conn(), case).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<SetTargets>(of.school)?;
    let row = live_target(visit.tx.conn(), case, target).await?;
    let versions = queries::versions(visit.tx.conn(), case, target).await?;
    let mut form = Form::empty();
    form.set("words", &row.words);
    form.set("criterion", &row.criterion);
    form.set_date("due_on", row.due_on);
    form.set("pupil_words", row.pupil_words.as_deref().unwrap_or_default());
    form.set("version", &row.version.to_string());
    let page = edit_page(visit.chrome(), form, (case, target), &of, Vec::new(), versions);
    visit.show(seen(case, &of), &page).await
}

fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

pub async fn update(
    Path((case, id)): Path<(CaseId, TargetId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, school) = open_case(&mut posted, case).await?;
    let permit = posted.actor().permit::<SetTargets>(school)?;
    let row = live_target(posted.tx.conn(), case, id).await?;
    let version = version(&posted.form)?;
    let calendar = school_calendar::of_school(posted.tx.conn(), school, today).await?;
    let target = read(&mut posted.form);
    let warnings = match &target {
        // The number of targets does not change here.
        Some(target) => weigh(&mut posted.form, target, 1, today, &calendar, &of),
        None => Vec::new(),
    };
    let (false, Some(target)) = (posted.needs_another_look(), target) else {
        let versions = queries::versions(posted.tx.conn(), case, id).await?;
        let page = edit_page(posted.chrome(), posted.form.clone(), (case, id), &of, warnings, versions);
        return posted.again(&page).await;
    };
    let changed = version == row.version
        && queries::change(posted.tx.conn(), &permit, case, id, version, &target, now).await?;
    if !changed {
        let row = live_target(posted.tx.conn(), case, id).await?;
        let newest = queries::versions(posted.tx.conn(), case, id).await?.into_iter().next();
        return Err(clash(case, id, &row, &target, newest));
    }
    let trace = Trace { changed: &["target"], ..seen(case, &of) };
    posted.done(trace, &urls::targets(case), Some(Flash::TargetChanged)).await
}

fn clash(
    case: CaseId,
    id: TargetId,
    row: &TargetRow,
    sent: &TargetWords,
    newest: Option<queries::VersionRow>,
) -> Error {
    let changed = newest.map_or_else(String::new, |version| {
        let at = london(version.written_at);
        format!(
            "{} changed it on {} at {}",
            version.by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        )
    });
    let own = |words: &Option<String>| words.clone().unwrap_or_default();
    Error::Conflict(Box::new(Conflict {
        what: "This target".to_owned(),
        changed,
        fields: vec![
            ("Target".to_owned(), row.words.clone(), sent.words.clone()),
            ("How you will know".to_owned(), row.criterion.clone(), sent.criterion.clone()),
            ("Date to meet it by".to_owned(), dates::long(row.due_on), dates::long(sent.due_on)),
            ("In the pupil’s own words".to_owned(), own(&row.pupil_words), own(&sent.pupil_words)),
        ],
        edit: urls::target(case, id),
    }))
}

pub async fn end(Path((case, id)): Path<(CaseId, TargetId)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, school) = open_case(&mut posted, case).await?;
    let permit = posted.actor().permit::<SetTargets>(school)?;
    live_target(posted.tx.conn(), case, id).await?;
    let version = version(&posted.form)?;
    if !queries::end(posted.tx.conn(), &permit, case, id, version, today, now).await? {
        return Err(Error::BadRequest(
            "The target was changed meanwhile. Look at it again before ending it.",
        ));
    }
    let trace = Trace { changed: &["target"], ..seen(case, &of) };
    posted.done(trace, &urls::targets(case), Some(Flash::TargetEnded)).await
}

pub async fn raise(
    Path((case, id)): Path<(CaseId, TargetId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (of, school) = open_case(&mut posted, case).await?;
    let permit = posted.actor().permit::<SetTargets>(school)?;
    live_target(posted.tx.conn(), case, id).await?;
    queries::raise(posted.tx.conn(), &permit, case, id).await?;
    let trace = Trace { changed: &["target_order"], ..seen(case, &of) };
    posted.done(trace, &urls::targets(case), None).await
}
