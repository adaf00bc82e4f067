//! What is done to several cases at once: the cases are shown again with what will happen to each, and only the second
//! press does it. A case out of reach does not exist here.

mod queries;

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use time::Date;

use self::queries::{PanelRow, Representative, Selected};
use super::filter::Filter;
use crate::{
    db::{DbError, Trace, calendar},
    domain::{
        dates,
        ids::{CaseId, SchoolId, UserId},
        permission::{Capability, LookAfterCases},
        pupil::display_name,
    },
    web::{
        error::Error,
        extract::Posted,
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Cases that can be selected at once: the largest page.
const MOST: usize = 100;
/// School days a school has to say how a case stands.
pub const ANSWER_DAYS: u32 = 5;
/// What the form says when it comes from the page of one case.
const OF_CASE: &str = "case";
/// Longest question.
const MAX_WORDS: usize = 1_000;

/// What can be done to the selected cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Naming,
    Asking,
    /// Ask for the papers of a managed move, for a panel.
    Papers,
}

#[derive(Template)]
#[template(path = "caseload/selected.html")]
struct SelectedPage {
    chrome: Chrome,
    form: Form,
    title: &'static str,
    doing: Doing,
    action: &'static str,
    back: String,
    back_to: &'static str,
    query: String,
    /// It will happen to these: case, name, and what to know.
    cases: Vec<Line>,
    /// To these it will not, and why.
    left_out: Vec<Line>,
    people: Vec<(String, String)>,
    panels: Vec<(String, String, String)>,
    answer_days: u32,
}

struct Line {
    case: String,
    name: String,
    school: String,
    remark: String,
}

/// The cases named in the form, as far as the person looks after them.
async fn chosen(posted: &mut Posted) -> Result<Vec<Selected>, Error> {
    let ids: BTreeSet<CaseId> = posted
        .form
        .values_of("case")
        .into_iter()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| Error::NotFound)?;
    if ids.len() > MOST {
        return Err(Error::BadRequest("It selects more cases than a page has."));
    }
    let (today, wanted) = (posted.tx.today(), ids.len());
    let ids: Vec<_> = ids.into_iter().collect();
    let mut cases = queries::selected(posted.tx.conn(), &ids, today).await?;
    cases.retain(|case| posted.actor().may_at(Capability::LookAfterCases, case.school));
    // One that is out of reach does not exist; one that was closed meanwhile is no longer open to be selected.
    if wanted > 0 && cases.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(cases)
}

fn trace(cases: &[Selected], changed: &'static [&'static str]) -> Trace {
    let schools: BTreeSet<SchoolId> = cases.iter().map(|case| case.school).collect();
    Trace {
        subject: match cases {
            [case] => Some(case.case.uuid()),
            _ => None,
        },
        school: if schools.len() == 1 { schools.first().copied() } else { None },
        pupils: cases.iter().map(|case| case.pupil).collect(),
        changed,
        ..Trace::default()
    }
}

/// Those who can look after every one of these cases.
fn able(people: Vec<Representative>, cases: &[Selected]) -> Vec<(UserId, String)> {
    let all = |person: &Representative| {
        cases.iter().all(|case| person.schools.iter().any(|at| at.is_none_or(|school| school == case.school)))
    };
    people.into_iter().filter(all).map(|person| (person.id, person.name)).collect()
}

/// Whether the school can be asked about the case, or why not.
fn can_ask(case: &Selected) -> Result<(), String> {
    if let Some(day) = case.asked_on {
        return Err(format!("asked already on {}, and not answered yet", dates::short(day)));
    }
    if case.somebody_there { Ok(()) } else { Err("nobody leads or heads the school today".to_owned()) }
}

/// Whether papers of the case can be asked for, or why not. Only the headteacher submits them (S3.07).
fn can_ask_for_papers(case: &Selected) -> Result<(), String> {
    if case.stage != 3 {
        return Err(format!("at Stage {}: a transfer can be agreed only at Stage 3", case.stage));
    }
    match (case.transfer.as_deref(), case.panel_on) {
        (None, _) => Err("no managed move is agreed".to_owned()),
        (Some(_), Some(day)) => Err(format!("its papers are with the panel of {}", dates::short(day))),
        (Some("proposed" | "parent_agreed"), None) => can_ask(case),
        (Some(_), None) => Err("a place is allocated already".to_owned()),
    }
}

/// Whether the school can be asked this about the case, or why not.
fn can(doing: Doing, case: &Selected) -> Result<(), String> {
    match doing {
        Doing::Naming => Ok(()),
        Doing::Asking => can_ask(case),
        Doing::Papers => can_ask_for_papers(case),
    }
}

/// Where the person came from, as the form says it on, the way there and its name: one case, or the caseload.
fn way_back(form: &Form, cases: &[Selected]) -> (String, String, &'static str) {
    match cases {
        [case] if form.value("back") == OF_CASE => {
            (OF_CASE.to_owned(), urls::updates(case.case), "Updates for the LA")
        }
        _ => {
            let query = Filter::parse(form.value("back")).query();
            let back = urls::caseload(&query);
            (query, back, "Caseload")
        }
    }
}

async fn page(
    posted: &mut Posted,
    doing: Doing,
    cases: &[Selected],
    form: Form,
) -> Result<SelectedPage, Error> {
    let (today, authority) = (posted.tx.today(), posted.actor().authority);
    let (mut people, mut panels) = (Vec::new(), Vec::new());
    match doing {
        Doing::Naming => {
            people = able(queries::representatives(posted.tx.conn(), authority, today).await?, cases);
        }
        Doing::Asking => {}
        Doing::Papers => panels = queries::panels(posted.tx.conn(), authority, today).await?,
    }
    let line = |case: &Selected, remark: String| Line {
        case: case.case.to_string(),
        name: display_name(&case.given_name, case.known_as.as_deref(), &case.family_name),
        school: case.school_name.clone(),
        remark,
    };
    let (mut will, mut left_out) = (Vec::new(), Vec::new());
    for case in cases {
        match can(doing, case) {
            Ok(()) if doing == Doing::Naming => {
                let now = case.representative.as_ref();
                will.push(line(
                    case,
                    now.map_or_else(|| "nobody yet".to_owned(), |name| format!("now {name}")),
                ));
            }
            Ok(()) => will.push(line(case, String::new())),
            Err(why) => left_out.push(line(case, why)),
        }
    }
    let (query, back, back_to) = way_back(&form, cases);
    Ok(SelectedPage {
        chrome: posted.chrome(),
        form,
        title: match doing {
            Doing::Naming => "Who looks after these cases?",
            Doing::Asking => "Ask how these cases stand",
            Doing::Papers => "Ask for papers for a panel",
        },
        doing,
        action: match doing {
            Doing::Naming => urls::CASELOAD_REPRESENTATIVE.pattern,
            Doing::Asking | Doing::Papers => urls::CASELOAD_ASK.pattern,
        },
        back,
        back_to,
        query,
        cases: will,
        left_out,
        people: people.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        panels: panels
            .into_iter()
            .map(|panel| {
                let hint = format!("Papers close on {}", dates::full(panel.papers_close_on));
                (panel.id.to_string(), format!("{}, {}", panel.name, dates::full(panel.meets_on)), hint)
            })
            .collect(),
        answer_days: ANSWER_DAYS,
    })
}

/// Shows the selected cases with what is about to happen. Nothing is saved yet.
pub async fn show(mut posted: Posted) -> Result<Response, Error> {
    let doing = match posted.form.value("go") {
        "ask" => Doing::Asking,
        "papers" => Doing::Papers,
        _ => Doing::Naming,
    };
    let cases = chosen(&mut posted).await?;
    let mut form = posted.form.clone();
    if cases.is_empty() {
        form.fail("case", "Select a case first: tick the box before a pupil’s name");
    }
    let page = page(&mut posted, doing, &cases, form).await?;
    if cases.is_empty() {
        return posted.again(&page).await;
    }
    posted.looked_up(trace(&cases, &[]), &page).await
}

/// Names who looks after the cases from today.
pub async fn name_representative(mut posted: Posted) -> Result<Response, Error> {
    let (today, now, authority) = (posted.tx.today(), posted.tx.now(), posted.actor().authority);
    let cases = chosen(&mut posted).await?;
    let people = able(queries::representatives(posted.tx.conn(), authority, today).await?, &cases);
    let typed = posted.form.value("person").to_owned();
    let person = people.iter().find(|(id, _)| id.to_string() == typed).map(|(id, _)| *id);
    if cases.is_empty() {
        posted
            .form
            .fail("case", "Select a case first: go back to the caseload and tick the box before a name");
    } else if typed.is_empty() {
        posted.form.fail("person", "Select who looks after these cases");
    } else if person.is_none() {
        return Err(Error::NotFound);
    }
    let (false, Some(person)) = (posted.needs_another_look(), person) else {
        let form = posted.form.clone();
        let page = page(&mut posted, Doing::Naming, &cases, form).await?;
        return posted.again_naming(trace(&cases, &[]), &page).await;
    };
    for case in &cases {
        let permit = posted.actor().permit::<LookAfterCases>(case.school)?;
        match queries::name_representative(posted.tx.conn(), &permit, (case.case, person), (today, now)).await
        {
            // Two people name somebody for the same case at once: the second looks again.
            Err(DbError::Constraint { constraint }) if constraint == "case_representatives_one_now" => {
                return Err(Error::Busy);
            }
            other => other?,
        }
    }
    let back = urls::caseload(&Filter::parse(posted.form.value("back")).query());
    posted.done(trace(&cases, &["representative"]), &back, Some(Flash::RepresentativeNamed)).await
}

/// Asks the schools of the cases that can be asked about: how they stand, or for the papers for a panel.
pub async fn ask(mut posted: Posted) -> Result<Response, Error> {
    let (today, now, authority) = (posted.tx.today(), posted.tx.now(), posted.actor().authority);
    let doing = if posted.form.value("go") == "papers" { Doing::Papers } else { Doing::Asking };
    let cases = chosen(&mut posted).await?;
    let typed = posted.form.optional_paragraph("words", "What you would like to know", MAX_WORDS);
    let panel = match doing {
        Doing::Papers => {
            let panels = queries::panels(posted.tx.conn(), authority, today).await?;
            panel_of(&mut posted, panels)?
        }
        Doing::Naming | Doing::Asking => None,
    };
    let (mut will, left_out): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| can(doing, case).is_ok());
    if will.is_empty() && left_out.is_empty() {
        posted
            .form
            .fail("case", "Select a case first: go back to the caseload and tick the box before a name");
    } else if will.is_empty() {
        posted.form.fail("case", "None of these can be asked about now. See why beside each");
    }
    let (false, Some(typed)) = (posted.needs_another_look(), typed) else {
        return ask_again(posted, doing, will.into_iter().chain(left_out).collect()).await;
    };
    let words = match &panel {
        Some(panel) => Some(asks_for_papers(panel, typed.as_deref())),
        None => typed,
    };
    let schools: Vec<_> = will.iter().map(|case| case.school).collect();
    let calendars = calendar::of_schools(posted.tx.conn(), &schools, today).await?;
    let mut asked_meanwhile = false;
    for case in &mut will {
        let permit = posted.actor().permit::<LookAfterCases>(case.school)?;
        let due_on = panel
            .as_ref()
            .map_or_else(|| answer_by(calendars.get(&case.school), today), |panel| panel.papers_close_on);
        let words = (words.as_deref(), due_on);
        if !queries::ask(posted.tx.conn(), &permit, case.case, words, (today, now)).await? {
            case.asked_on = Some(today);
            asked_meanwhile = true;
        }
    }
    if asked_meanwhile {
        posted.form.fail(
            "case",
            "A colleague asked about one of these a moment ago, so nobody was asked. See beside each",
        );
        return ask_again(posted, doing, will.into_iter().chain(left_out).collect()).await;
    }
    let (_, back, _) = way_back(&posted.form, &will);
    posted.done(trace(&will, &["update_request"]), &back, Some(Flash::UpdatesAsked)).await
}

/// Shows what was typed again with why it was not asked.
async fn ask_again(mut posted: Posted, doing: Doing, cases: Vec<Selected>) -> Result<Response, Error> {
    let form = posted.form.clone();
    let page = page(&mut posted, doing, &cases, form).await?;
    if cases.is_empty() {
        return posted.again(&page).await;
    }
    posted.again_naming(trace(&cases, &[]), &page).await
}

/// The panel that was chosen, among those that still take papers.
fn panel_of(posted: &mut Posted, panels: Vec<PanelRow>) -> Result<Option<PanelRow>, Error> {
    let typed = posted.form.value("panel").to_owned();
    if typed.is_empty() {
        posted.form.fail("panel", "Select which panel the papers are for");
        return Ok(None);
    }
    panels.into_iter().find(|panel| panel.id.to_string() == typed).map(Some).ok_or(Error::NotFound)
}

/// What the school reads when papers are asked for.
fn asks_for_papers(panel: &PanelRow, typed: Option<&str>) -> String {
    let asks = format!(
        "Please submit the papers of the managed move to the {} of {}. Papers close on {}; the headteacher, or whom they \
         named, submits them from Transfer.",
        panel.name,
        dates::full(panel.meets_on),
        dates::full(panel.papers_close_on)
    );
    match typed {
        Some(typed) => format!("{asks}\n\n{typed}"),
        None => asks,
    }
}

/// The last day to answer: so many school days on, or a week where the calendar does not reach.
fn answer_by(calendar: Option<&crate::domain::calendar::SchoolCalendar>, today: Date) -> Date {
    calendar
        .and_then(|calendar| calendar.nth_school_day_after(today, ANSWER_DAYS).ok())
        .unwrap_or(today + time::Duration::WEEK)
}
