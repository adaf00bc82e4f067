//! Opening a case: at Stage 1 after a concern, at a higher stage after a serious incident, at any stage where the
//! school before left off. The rules decide; the page says what is missing, beside what was typed.

use axum::{extract::Query, response::Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    opening_form::{self, Incident, Open},
    opening_page::{self, NewPage, Setting},
    queries::{self, NewCase},
};
use crate::{
    db::{DbError, Trace, incident},
    domain::{
        calendar::SchoolCalendar,
        decision::{self, Command, Decision, Reasons, Refusal},
        facts::{Facts, IncidentFact, OpeningFacts},
        ids::PupilId,
        moves::{self, Ground},
        permission::{Capability, OpenCase, RecordIncidents},
        pupil::sort_name,
        rules::{self, Requirement},
        stage::{CaseState, Entry, Stage},
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::Flash,
        requirement::{Around, read_reasons},
        urls,
    },
};

/// For whom.
#[derive(Debug, Deserialize)]
pub struct For {
    pupil: Option<String>,
}

pub async fn new(Query(asked): Query<For>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let pupil: PupilId = asked.pupil.and_then(|text| text.parse().ok()).ok_or(Error::NotFound)?;
    let facts = queries::opening_facts(visit.tx.conn(), pupil, today).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<OpenCase>(facts.school)?;
    let decides = visit.actor().may_at(Capability::DecideMoves, facts.school);
    let setting = Setting::of(visit.tx.conn(), pupil, facts, decides, today).await?;
    let mut form = Form::empty();
    form.set("stage", "1");
    form.set("why", Entry::Concern.as_str());
    let page = NewPage::of(visit.chrome(), form, &setting, today);
    // Said before anybody types: what no form can put right.
    let command = opening_form::command(Stage::One, Entry::Concern, None, false);
    let barred = asks(&command, &setting, setting.known(today), today)
        .into_iter()
        .filter(|r| !r.met && opening_page::is_of_pupil(r))
        .collect();
    let around = Around::pupil(pupil, setting.facts.school, visit.actor());
    let page = page.explaining("A case cannot be opened for this pupil now", barred, &command, around);
    visit.show(trace(&setting, None, &[]), &page).await
}

/// What opening asks of what is known.
fn asks(command: &Command, setting: &Setting, known: Facts, today: time::Date) -> Vec<Requirement> {
    moves::asks(command, &ground(&known, setting, &SchoolCalendar::default(), today))
}

fn ground<'a>(
    known: &'a Facts,
    setting: &'a Setting,
    // No date is counted when a case opens.
    calendar: &'a SchoolCalendar,
    today: time::Date,
) -> Ground<'a> {
    Ground { case: &CaseState::None, facts: known, policy: &setting.facts.settings, calendar, today }
}

fn trace(setting: &Setting, case: Option<Uuid>, changed: &'static [&'static str]) -> Trace {
    Trace {
        subject: Some(case.unwrap_or(setting.pupil.uuid())),
        school: Some(setting.facts.school),
        pupils: vec![setting.pupil],
        changed,
        ..Trace::default()
    }
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let pupil: PupilId = posted.form.value("pupil").parse().map_err(|_| Error::NotFound)?;
    let facts = queries::opening_facts(posted.tx.conn(), pupil, today).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<OpenCase>(facts.school)?;
    let decides = posted.actor().may_at(Capability::DecideMoves, facts.school);
    let setting = Setting::of(posted.tx.conn(), pupil, facts, decides, today).await?;
    let read = opening_form::read(posted.tx.conn(), &mut posted.form, &setting, now).await?;
    let reasons = read_reasons(&mut posted.form);
    let (false, Some(typed)) = (posted.needs_another_look(), read) else {
        let page = NewPage::of(posted.chrome(), posted.form.clone(), &setting, today);
        return posted.again(&page).await;
    };
    let command = typed.command();
    let decision = match decide(&command, &reasons, &setting, &typed, today) {
        Ok(decision) => decision,
        Err(refusal) => return refuse(posted, &setting, &command, refusal).await,
    };
    let (Some(lead), Some(enrolment), Some(rationale)) =
        (typed.lead.as_ref(), setting.facts.enrolment, typed.rationale.as_deref())
    else {
        return Err(Error::Internal(
            "a case was decided without its lead, enrolment or rationale".to_owned(),
        ));
    };
    let id = Uuid::now_v7().into();
    let case = NewCase {
        id,
        pupil,
        enrolment,
        policy: setting.facts.policy,
        lead: lead.0,
        sort_name: sort_name(&setting.facts.given_name, &setting.facts.family_name),
        rationale,
        strategies: &typed.strategies,
        note_before: typed.note_before.as_deref(),
    };
    match queries::open(posted.tx.conn(), &permit, &decision, case, now, today).await {
        Ok(()) => {}
        // A16: somebody opened one a moment ago, here or elsewhere.
        Err(DbError::Constraint { constraint }) if constraint == "cases_one_open" => {
            let mut clash = setting.known(today);
            clash.pupil.open_case = Some((id, false));
            let refusal = Refusal::of(command.clone(), rules::a16_one_open_case(&clash));
            return refuse(posted, &setting, &command, refusal).await;
        }
        Err(error) => return Err(error.into()),
    }
    let mut changed: &[&str] = &["case", "stage", "lead"];
    if let Incident::Told(incident, account) = &typed.incident {
        let permit = posted.actor().permit::<RecordIncidents>(setting.facts.school)?;
        let whose = (pupil, enrolment, id);
        incident::record(posted.tx.conn(), &permit, whose, *incident, account, now).await?;
        changed = &["case", "stage", "lead", "incident"];
    }
    let flash = if typed.stage == Stage::One { Flash::CaseOpened } else { Flash::CaseOpenedHigher };
    posted.done(trace(&setting, Some(id.uuid()), changed), &urls::case(id), Some(flash)).await
}

/// Weighs what was typed.
fn decide(
    command: &Command,
    reasons: &Reasons,
    setting: &Setting,
    typed: &Open,
    today: time::Date,
) -> Result<Decision, Refusal> {
    let advice: Vec<_> = typed.strategies.iter().filter(|s| s.kind == "service_advice").collect();
    let mut known = setting.known(today);
    known.opening = OpeningFacts {
        rationale: typed.rationale.is_some(),
        strategies: typed.strategies.len() - advice.len(),
        advice: advice.len(),
        advice_open: advice.iter().filter(|s| s.outcome.is_none()).count(),
        note_before: typed.note_before.is_some(),
        parents_know: typed.parents_know,
    };
    known.lead.clone_from(&typed.lead);
    if let Incident::Told(id, account) = &typed.incident {
        known.incidents.push(IncidentFact {
            id: *id,
            on: account.happened_on,
            seriousness: account.seriousness,
        });
    }
    decision::decide(command, reasons, &ground(&known, setting, &SchoolCalendar::default(), today))
}

/// Shows the form again with the whole list, and at each field what the programme misses there.
async fn refuse(
    mut posted: Posted,
    setting: &Setting,
    command: &Command,
    refusal: Refusal,
) -> Result<Response, Error> {
    let title = if refusal.only_needs_reasons() {
        "Say why, and the case is opened"
    } else {
        "The case cannot be opened yet"
    };
    opening_page::point_out(&mut posted.form, &refusal.requirements, command, setting);
    let around = Around::pupil(setting.pupil, setting.facts.school, posted.actor());
    let page = NewPage::of(posted.chrome(), posted.form.clone(), setting, posted.tx.today()).explaining(
        title,
        refusal.requirements,
        command,
        around,
    );
    posted.again(&page).await
}
