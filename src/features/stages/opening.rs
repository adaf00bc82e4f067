//! Opening a case at Stage 1: the form, the rules, the page that explains what is missing.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    queries::{self, NewCase, OpeningFactsRow, PossibleLead, Strategy},
    views::{Around, RequirementLine},
};
use crate::{
    db::{DbError, Trace},
    domain::{
        calendar::SchoolCalendar,
        decision::{self, Command, Reasons, Refusal},
        facts::{Facts, OpeningFacts, PupilFacts},
        ids::PupilId,
        moves::Ground,
        permission::{Capability, OpenCase},
        pupil::{YearGroup, display_name, sort_name},
        rules,
        stage::{CaseState, Entry, Stage},
        text,
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// For whom.
#[derive(Debug, Deserialize)]
pub struct For {
    pupil: Option<String>,
}

#[derive(Template)]
#[template(path = "stages/new.html")]
struct NewPage {
    chrome: Chrome,
    form: Form,
    name: String,
    about: String,
    pupil: PupilId,
    leads: Vec<(String, String)>,
    support: Vec<[String; 3]>,
    advice: Vec<[String; 3]>,
}

impl NewPage {
    fn of(
        chrome: Chrome,
        form: Form,
        pupil: PupilId,
        facts: &OpeningFactsRow,
        leads: &[PossibleLead],
        today: time::Date,
    ) -> Self {
        let mut options = vec![(String::new(), "Choose a member of staff".to_owned())];
        options.extend(leads.iter().map(|lead| (lead.id.to_string(), lead.name.clone())));
        Self {
            name: display_name(&facts.given_name, facts.known_as.as_deref(), &facts.family_name),
            about: format!(
                "{}, {}",
                YearGroup::actual(facts.born_on, facts.year_offset, today),
                facts.school_name
            ),
            support: rows(&form, "support", 3),
            advice: rows(&form, "advice", 2),
            chrome,
            form,
            pupil,
            leads: options,
        }
    }
}

/// What was typed into a repeating group, and empty rows up to `least`.
fn rows(form: &Form, group: &str, least: usize) -> Vec<[String; 3]> {
    let column = |name: &str| form.values_of(&format!("{group}_{name}"));
    let (what, detail, outcome) = (column("what"), column("detail"), column("outcome"));
    let at = |column: &[&str], i: usize| column.get(i).map_or_else(String::new, |text| (*text).to_owned());
    (0..what.len().max(least)).map(|i| [at(&what, i), at(&detail, i), at(&outcome, i)]).collect()
}

#[derive(Template)]
#[template(path = "stages/explain.html")]
struct ExplainPage {
    chrome: Chrome,
    name: String,
    requirements: Vec<RequirementLine>,
    only_reasons: bool,
    fields: Vec<(String, String)>,
}

pub async fn new(Query(asked): Query<For>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let pupil: PupilId = asked.pupil.and_then(|text| text.parse().ok()).ok_or(Error::NotFound)?;
    let facts = queries::opening_facts(visit.tx.conn(), pupil, today).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<OpenCase>(facts.school)?;
    let leads = queries::possible_leads(visit.tx.conn(), facts.school, today).await?;
    let page = NewPage::of(visit.chrome(), Form::empty(), pupil, &facts, &leads, today);
    let trace = Trace {
        subject: Some(pupil.uuid()),
        school: Some(facts.school),
        pupils: vec![pupil],
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let pupil: PupilId = posted.form.value("pupil").parse().map_err(|_| Error::NotFound)?;
    let facts = queries::opening_facts(posted.tx.conn(), pupil, today).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<OpenCase>(facts.school)?;
    let leads = queries::possible_leads(posted.tx.conn(), facts.school, today).await?;
    let chosen = posted.form.value("lead").to_owned();
    let lead = leads.iter().find(|lead| lead.id.to_string() == chosen);
    if !chosen.is_empty() && lead.is_none() {
        // Somebody of another school does not exist here.
        return Err(Error::NotFound);
    }
    let rationale = match text::optional_paragraph(posted.form.value("rationale"), 2000) {
        Ok(rationale) => rationale,
        Err(error) => {
            posted.form.fail("rationale", &error.message("Why this pupil"));
            None
        }
    };
    let mut strategies = read_group(&mut posted.form, "support", "school_support");
    strategies.extend(read_group(&mut posted.form, "advice", "service_advice"));
    let reasons = read_reasons(&mut posted.form);
    if posted.needs_another_look() {
        let page = NewPage::of(posted.chrome(), posted.form.clone(), pupil, &facts, &leads, today);
        return posted.again(&page).await;
    }
    let advice: Vec<_> = strategies.iter().filter(|s| s.kind == "service_advice").collect();
    let command =
        Command::Open { stage: Stage::One, reason: Entry::Concern, incident: None, exclusion_in_view: false };
    let known = Facts {
        opening: OpeningFacts {
            rationale: rationale.is_some(),
            strategies: strategies.len() - advice.len(),
            advice: advice.len(),
            advice_open: advice.iter().filter(|s| s.outcome.is_none()).count(),
        },
        lead: lead.map(|lead| (lead.id, lead.name.clone())),
        ..Facts::of_pupil(pupil_facts(&facts, today))
    };
    let decided = decision::decide(
        &command,
        &reasons,
        &Ground {
            case: &CaseState::None,
            facts: &known,
            policy: &facts.settings,
            // No date is counted when a case opens.
            calendar: &SchoolCalendar::default(),
            today,
        },
    );
    let decision = match decided {
        Ok(decision) => decision,
        Err(refusal) => return explain(posted, &facts, &command, refusal).await,
    };
    let (Some(lead), Some(enrolment), Some(rationale)) = (lead, facts.enrolment, rationale) else {
        return Err(Error::Internal(
            "a case was decided without its lead, enrolment or rationale".to_owned(),
        ));
    };
    let id = Uuid::now_v7().into();
    let case = NewCase {
        id,
        pupil,
        enrolment,
        policy: facts.policy,
        lead: lead.id,
        sort_name: sort_name(&facts.given_name, &facts.family_name),
        rationale: &rationale,
        strategies: &strategies,
    };
    match queries::open(posted.tx.conn(), &permit, &decision, case, now, today).await {
        Ok(()) => {}
        // A16: somebody opened one a moment ago, here or elsewhere.
        Err(DbError::Constraint { constraint }) if constraint == "cases_one_open" => {
            let mut clash = pupil_facts(&facts, today);
            clash.open_case = Some((id, false));
            let refusal = Refusal::of(command.clone(), rules::a16_one_open_case(&Facts::of_pupil(clash)));
            return explain(posted, &facts, &command, refusal).await;
        }
        Err(error) => return Err(error.into()),
    }
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(facts.school),
        pupils: vec![pupil],
        changed: &["case", "stage", "lead"],
        ..Trace::default()
    };
    posted.done(trace, &urls::case(id), Some(Flash::CaseOpened)).await
}

fn pupil_facts(row: &OpeningFactsRow, today: time::Date) -> PupilFacts {
    PupilFacts {
        year: YearGroup::actual(row.born_on, row.year_offset, today),
        enrolled: row.enrolment.is_some(),
        school_takes_part: row.takes_part,
        open_case: row.open_case.map(|case| (case, true)),
    }
}

fn read_group(form: &mut Form, group: &str, kind: &'static str) -> Vec<Strategy> {
    let mut strategies = Vec::new();
    for [what, detail, outcome] in rows(form, group, 0) {
        let read = (
            text::optional_line(&what, 200),
            text::optional_line(&detail, 200),
            text::optional_paragraph(&outcome, 500),
        );
        match read {
            (Ok(None), Ok(None), Ok(None)) => {}
            (Ok(Some(what)), Ok(detail), Ok(outcome)) => {
                strategies.push(Strategy { kind, what, detail, outcome });
            }
            (Ok(None), ..) => form.fail(&format!("{group}_what"), "Say what was tried or advised"),
            _ => form.fail(
                &format!("{group}_what"),
                "What was tried or advised must be 200 characters or fewer, and what came of it 500",
            ),
        }
    }
    strategies
}

pub(super) fn read_reasons(form: &mut Form) -> Reasons {
    let given: Vec<_> = form
        .pairs()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("reason.")?.to_owned(), value.clone())))
        .collect();
    let mut reasons = Reasons::new();
    for (clause, reason) in given {
        match text::optional_paragraph(&reason, 500) {
            Ok(Some(reason)) => {
                reasons.insert(clause, reason);
            }
            Ok(None) => {}
            Err(error) => form.fail(&format!("reason.{clause}"), &error.message("Reason")),
        }
    }
    reasons
}

async fn explain(
    posted: Posted,
    facts: &OpeningFactsRow,
    command: &Command,
    refusal: Refusal,
) -> Result<Response, Error> {
    let only_reasons = refusal.only_needs_reasons() && !refusal.requirements.is_empty();
    let pupil: Option<PupilId> = posted.form.value("pupil").parse().ok();
    let around = Around { case: None, pupil, sees_cases: posted.actor().may(Capability::SeeCases) };
    let page = ExplainPage {
        chrome: posted.chrome(),
        name: display_name(&facts.given_name, facts.known_as.as_deref(), &facts.family_name),
        requirements: refusal
            .requirements
            .into_iter()
            .map(|requirement| RequirementLine::of(requirement, command, &posted.form, around))
            .collect(),
        only_reasons,
        fields: posted
            .form
            .pairs()
            .iter()
            .filter(|(name, _)| !name.starts_with("reason."))
            .cloned()
            .collect(),
    };
    posted.again(&page).await
}
