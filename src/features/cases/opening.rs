//! Opening a case at Stage 1: the form, the rules, the page that explains what is missing.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use uuid::Uuid;

use super::queries::{self, NewCase, OpeningFactsRow, PossibleLead, Strategy};
use crate::{
    db::{DbError, Trace},
    domain::{
        decision::{self, Command, Reasons, Refusal},
        ids::PupilId,
        permission::{Capability, OpenCase},
        pupil::{YearGroup, display_name, sort_name},
        rules::{Class, Fix, OpeningFacts, Requirement},
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
#[template(path = "cases/new.html")]
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
#[template(path = "cases/explain.html")]
struct ExplainPage {
    chrome: Chrome,
    name: String,
    requirements: Vec<RequirementLine>,
    only_reasons: bool,
    fields: Vec<(String, String)>,
}

struct RequirementLine {
    clause: &'static str,
    asks: &'static str,
    must: bool,
    met: bool,
    says: String,
    who: String,
    fix: Option<(String, &'static str)>,
    reason: String,
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
    let command = Command::OpenAtStage1(OpeningFacts {
        year: YearGroup::actual(facts.born_on, facts.year_offset, today),
        enrolled: facts.enrolment.is_some(),
        school_takes_part: facts.takes_part,
        lead: lead.map(|lead| lead.name.clone()),
        strategies: strategies.len() - advice.len(),
        advice: advice.len(),
        advice_open: advice.iter().filter(|s| s.outcome.is_none()).count(),
        rationale: rationale.is_some(),
        open_case: facts.open_case.map(|case| (case, true)),
    });
    let decided = decision::decide(&command, &reasons, &facts.settings);
    let (Ok(decision), Some(lead), Some(enrolment), Some(rationale)) =
        (&decided, lead, facts.enrolment, rationale)
    else {
        let refusal = decided.err().unwrap_or(Refusal { requirements: Vec::new() });
        return explain(posted, &facts, refusal).await;
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
    match queries::open(posted.tx.conn(), &permit, decision, case, now, today).await {
        Ok(()) => {}
        // A16: somebody opened one a moment ago, here or elsewhere.
        Err(DbError::Constraint { constraint }) if constraint == "cases_one_open" => {
            let refusal = Refusal {
                requirements: vec![crate::domain::rules::a16_one_open_case(&OpeningFacts {
                    open_case: Some((id, false)),
                    ..facts_for_clash()
                })],
            };
            return explain(posted, &facts, refusal).await;
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

/// Facts that say nothing: for the one clause a race can break.
fn facts_for_clash() -> OpeningFacts {
    OpeningFacts {
        year: YearGroup(7),
        enrolled: true,
        school_takes_part: true,
        lead: None,
        strategies: 0,
        advice: 0,
        advice_open: 0,
        rationale: true,
        open_case: None,
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

fn read_reasons(form: &mut Form) -> Reasons {
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

async fn explain(posted: Posted, facts: &OpeningFactsRow, refusal: Refusal) -> Result<Response, Error> {
    let only_reasons = refusal.only_needs_reasons() && !refusal.requirements.is_empty();
    let pupil: Option<PupilId> = posted.form.value("pupil").parse().ok();
    let sees_cases = posted.actor().may(Capability::SeeCases);
    let page = ExplainPage {
        chrome: posted.chrome(),
        name: display_name(&facts.given_name, facts.known_as.as_deref(), &facts.family_name),
        requirements: refusal
            .requirements
            .into_iter()
            .map(|requirement| requirement_line(requirement, &posted.form, pupil, sees_cases))
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

fn requirement_line(
    r: Requirement,
    form: &Form,
    pupil: Option<PupilId>,
    sees_cases: bool,
) -> RequirementLine {
    let fix = match (r.met, r.fix) {
        (true, _) => None,
        (_, Fix::OpenCase(case)) if sees_cases => Some((urls::case(case), "Open that case")),
        (_, Fix::PupilRecord) => pupil.map(|pupil| (urls::pupil(pupil), "Open the pupil’s record")),
        _ => None,
    };
    RequirementLine {
        clause: r.clause,
        asks: r.asks,
        must: r.class == Class::Must,
        met: r.met,
        says: r.says,
        who: r.who.iter().map(|role| role.label()).collect::<Vec<_>>().join(" or "),
        fix,
        reason: form.value(&format!("reason.{}", r.clause)).to_owned(),
    }
}
