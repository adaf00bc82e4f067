//! Recording a step: what was done for a clause, each kind with its own fields.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::Date;

use super::queries::{self, NewStep};
use crate::{
    db::{case::CaseOf, facts},
    domain::{
        checklist,
        facts::Facts,
        ids::{CaseId, ContactId, IncidentId},
        leaflet::{LEAFLET_VERSION, Language},
        people::Role,
        permission::{Capability, RecordExplanation, RecordSteps},
        stage::{Ended, Ending, Stage},
        step::{Audience, Contract, EarlyHelp, NotTakingPart, Recognition, Step, StepKind, Told},
    },
    web::{
        case::Identity,
        duty::numbered,
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// A language there is no leaflet in: an interpreter gave it.
const INTERPRETED: (&str, &str) = ("other", "Another language, by an interpreter");
/// How far back a step may be dated, in days.
const LONG_AGO: i64 = 366;

/// Which kind.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    kind: Option<String>,
}

#[derive(Template)]
#[template(path = "stages/step.html")]
struct StepPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    back: String,
    action: String,
    kind: &'static str,
    title: &'static str,
    parents: Vec<(String, String)>,
    one_parent: Vec<(String, String)>,
    barred: Vec<String>,
    told: Vec<(&'static str, &'static str)>,
    early_help: Vec<(&'static str, &'static str)>,
    audiences: Vec<(&'static str, &'static str)>,
    languages: Vec<(&'static str, &'static str)>,
    contracts: Vec<(&'static str, &'static str)>,
    recognitions: Vec<(&'static str, &'static str)>,
    not_taking_part: Vec<(&'static str, &'static str)>,
    incidents: Vec<(String, String)>,
    clauses: Vec<(String, String)>,
    yes_no: [(&'static str, &'static str); 2],
}

struct Setting {
    case: CaseOf,
    known: Facts,
    stage: Stage,
    incidents: Vec<queries::IncidentLine>,
    clauses: Vec<(String, String)>,
}

impl Setting {
    async fn of(conn: &mut sqlx::PgConnection, case: CaseOf, today: Date) -> Result<Self, Error> {
        let (state, known) = facts::of_case(conn, &case, false, today).await?;
        let incidents = queries::incidents(conn, case.school, case.pupil, today).await?;
        let calendar = crate::db::calendar::of_school(conn, case.school, today).await?;
        let ground = crate::domain::moves::Ground {
            case: &state,
            facts: &known,
            policy: &case.policy,
            calendar: &calendar,
            today,
        };
        let clauses = checklist::items(&ground)
            .into_iter()
            // Statutory clocks are done, never waived.
            .filter(|item| !item.requirement.met && item.requirement.clause != checklist::STATUTORY)
            .map(|item| {
                let words = format!("{}: {}", numbered(item.requirement.clause), item.requirement.asks);
                (item.requirement.clause.to_owned(), words)
            })
            .collect();
        let at = Stage::of(case.stage).unwrap_or(Stage::One);
        Ok(Self { case, known, stage: at, incidents, clauses })
    }

    fn page(&self, chrome: Chrome, form: Form, identity: Identity, kind: StepKind) -> StepPage {
        let may_be_told = || self.known.contacts.iter().filter(|contact| !contact.no_contact);
        // A leaflet may be the pupil's; a contract is a parent's.
        let first = if kind == StepKind::Leaflet { "The pupil" } else { "Choose a parent or carer" };
        let mut one_parent = vec![(String::new(), first.to_owned())];
        one_parent.extend(may_be_told().map(|c| (c.id.to_string(), c.name.clone())));
        let mut incidents = vec![(String::new(), "Choose an incident".to_owned())];
        incidents.extend(self.incidents.iter().map(|i| {
            (i.id.to_string(), format!("{}: {}", crate::domain::dates::short(i.happened_on), i.what))
        }));
        StepPage {
            chrome,
            form,
            identity,
            back: urls::stage(self.case.id),
            action: format!("{}/steps/new", urls::case(self.case.id)),
            kind: kind.as_str(),
            title: kind.label(),
            parents: may_be_told().map(|c| (c.id.to_string(), c.name.clone())).collect(),
            one_parent,
            barred: self.known.contacts.iter().filter(|c| c.no_contact).map(|c| c.name.clone()).collect(),
            told: Told::choices(),
            early_help: EarlyHelp::choices(),
            audiences: Audience::choices(),
            languages: Language::choices().into_iter().chain([INTERPRETED]).collect(),
            contracts: Contract::choices(),
            recognitions: Recognition::choices(),
            not_taking_part: NotTakingPart::choices(),
            incidents,
            clauses: self.clauses.clone(),
            yes_no: [("yes", "Yes"), ("no", "No")],
        }
    }

    /// Parents that were ticked. Somebody who is not of this pupil, or must not be contacted, does not exist
    /// here.
    fn parents(&self, form: &Form, field: &str) -> Result<Vec<ContactId>, Error> {
        form.values_of(field)
            .into_iter()
            .filter(|id| !id.is_empty())
            .map(|id| {
                self.known
                    .contacts
                    .iter()
                    .find(|contact| contact.id.to_string() == id && !contact.no_contact)
                    .map(|contact| contact.id)
                    .ok_or(Error::NotFound)
            })
            .collect()
    }
}

pub async fn new(
    Id(id): Id<CaseId>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let kind = match asked.kind.as_deref() {
        None => StepKind::Explanation,
        Some(kind) => StepKind::from_stored(kind).ok_or(Error::NotFound)?,
    };
    let case = visit.case(id, kind.needs()).await?;
    still_to_record(&case, kind)?;
    let setting = Setting::of(visit.tx.conn(), case, today).await?;
    let mut form = Form::empty();
    form.set("kind", kind.as_str());
    form.set_date("on_date", today);
    form.set("language", "en");
    if kind == StepKind::Explanation {
        let by_la = visit.actor().grants.iter().any(|grant| grant.role == Role::LaRepresentative);
        form.set("by_la", if by_la { "yes" } else { "" });
        let by = if by_la {
            visit.actor().name.clone()
        } else {
            setting.known.la_representative.clone().unwrap_or_default()
        };
        form.set("by", &by);
    }
    let identity = Identity::of(&setting.case, visit.actor(), today, "Stage");
    let page = setting.page(visit.chrome(), form, identity, kind);
    visit.show(setting.case.trace(&[]), &page).await
}

/// What a closed case holds stays as it was, but for what is still owed then.
fn still_to_record(case: &CaseOf, kind: StepKind) -> Result<(), Error> {
    if case.closed_on.is_none() || owed_after(case.ended_as.as_deref()) == Some(kind) {
        return Ok(());
    }
    Err(Error::BadRequest("The case is closed, and what it holds stays as it was."))
}

/// What is still owed after a case ended this way: how it goes after a pupil left with progress (7.2 A2), and that
/// Stage 3 was considered before a permanent exclusion, which is never held up for it (P2.03a).
pub(super) fn owed_after(ended_as: Option<&str>) -> Option<StepKind> {
    match ended_as {
        Some(how) if how == Ended::Progress.as_str() => Some(StepKind::Aftercare),
        Some(how) if how == Ending::Excluded.as_str() => Some(StepKind::Stage3Considered),
        Some(_) | None => None,
    }
}

pub async fn create(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let kind = StepKind::from_stored(posted.form.value("kind"));
    let (case, permit) = posted.case::<RecordExplanation>(id).await?;
    let kind = kind.ok_or(Error::BadRequest("It does not say what it records."))?;
    if kind.needs() == Capability::RecordSteps {
        posted.actor().permit::<RecordSteps>(case.school)?;
    }
    still_to_record(&case, kind)?;
    let setting = Setting::of(posted.tx.conn(), case, today).await?;
    let on = posted.form.date("on_date", "The day it happened");
    if let Some(on) = on {
        if on > today {
            posted.form.fail("on_date", "The day must be today or in the past");
        } else if on < today - time::Duration::days(LONG_AGO) {
            posted.form.fail("on_date", "The day must be within the last year");
        } else if kind == StepKind::Aftercare && setting.case.closed_on.is_some_and(|closed| on < closed) {
            posted.form.fail("on_date", "The day must not be before the pupil left the programme");
        }
    }
    let step = read(&mut posted.form, kind, &setting)?;
    let (false, Some(on), Some(step)) = (posted.needs_another_look(), on, step) else {
        let identity = Identity::of(&setting.case, posted.actor(), today, "Stage");
        let page = setting.page(posted.chrome(), posted.form.clone(), identity, kind);
        return posted.again(&page).await;
    };
    let incident = match &step {
        Step::Stage3Considered { incident, .. } => Some(*incident),
        _ => None,
    };
    let new = NewStep { case: id, stage: setting.stage, on, step: &step, incident };
    queries::record(posted.tx.conn(), &permit, new, now, today).await?;
    posted.done(setting.case.trace(&["step"]), &urls::stage(id), Some(Flash::StepRecorded)).await
}

/// Reads the fields of a kind. None: something is missing, and the message is on the form.
#[expect(clippy::too_many_lines, reason = "one arm for each kind, read top to bottom")]
fn read(form: &mut Form, kind: StepKind, setting: &Setting) -> Result<Option<Step>, Error> {
    let parents = setting.parents(form, "parents")?;
    let parent = setting.parents(form, "parent")?.first().copied();
    let pupil = form.checked("pupil", "yes");
    let told = |form: &mut Form| form.choice("how", Told::from_stored, "Select how");
    Ok(match kind {
        StepKind::EarlyHelp => {
            let decision = form.choice("decision", EarlyHelp::from_stored, "Select what was decided");
            let why = form.optional_paragraph("why", "Why", 1000);
            if decision.is_some_and(|d| matches!(d, EarlyHelp::NotNeeded | EarlyHelp::Declined))
                && why == Some(None)
            {
                form.fail("why", "Say why, for example that a social worker is involved");
            }
            let reference = form.optional_line("reference", "Reference", 80);
            let lead_professional = form.optional_line("lead_professional", "Lead professional", 120);
            all(form, || {
                Some(Step::EarlyHelp {
                    decision: decision?,
                    why: why?,
                    reference: reference?,
                    lead_professional: lead_professional?,
                })
            })
        }
        StepKind::Explanation => {
            let by = form.line("by", "Who explained it", 120);
            let by_la = form.checked("by_la", "yes");
            let why = form.optional_paragraph("why", "Why somebody else explained it", 500);
            let attempts = form.optional_paragraph("attempts", "What was tried", 500);
            let how = told(form);
            if !by_la && why == Some(None) {
                form.fail("why", "Say why the LA representative did not explain it");
            }
            if parents.is_empty() && !pupil && attempts == Some(None) {
                form.fail("parents", "Select who was told, or say below what was tried");
            }
            all(form, || {
                Some(Step::Explanation {
                    by_la,
                    by: by?,
                    why_not_la: if by_la { None } else { why? },
                    parents,
                    pupil,
                    how: how?,
                    attempts: attempts?,
                })
            })
        }
        StepKind::Leaflet => {
            let audience = form.choice("audience", Audience::from_stored, "Select which leaflet");
            let language = form.choice(
                "language",
                |l| {
                    let stored = Language::from_stored(l).map(Language::as_str);
                    stored.or((l == INTERPRETED.0).then_some(INTERPRETED.0)).map(str::to_owned)
                },
                "Select the language",
            );
            let how = told(form);
            if audience == Some(Audience::Parents) && parent.is_none() {
                form.fail("parent", "Select the parent it was given to");
            }
            all(form, || {
                Some(Step::Leaflet {
                    audience: audience?,
                    version: LEAFLET_VERSION.to_owned(),
                    language: language?,
                    parent,
                    how: how?,
                })
            })
        }
        StepKind::ParentingContract => {
            let state = form.choice("state", Contract::from_stored, "Select where the contract stands");
            let words = form.optional_paragraph("words", "What is agreed", 2000);
            if state == Some(Contract::Signed) && words == Some(None) {
                form.fail("words", "Enter what is agreed");
            }
            if state == Some(Contract::NotAppropriate) && words == Some(None) {
                form.fail("words", "Say why it is not appropriate");
            }
            let until = form.optional_line("until", "Until", 40);
            all(form, || {
                Some(Step::ParentingContract { state: state?, parent, words: words?, until: until? })
            })
        }
        StepKind::Restorative => {
            let appropriate = yes_or_no(form, "appropriate", "Select whether a meeting is appropriate");
            let why = form.paragraph("why", "Why", 1000);
            let safeguarding_asked = form.checked("safeguarding_asked", "yes");
            all(form, || Some(Step::Restorative { appropriate: appropriate?, why: why?, safeguarding_asked }))
        }
        StepKind::Recognition => {
            let what = form.choice("what", Recognition::from_stored, "Select a reward or a sanction");
            let words = form.line("words", "What it was for", 200);
            all(form, || Some(Step::Recognition { what: what?, words: words?, target: None }))
        }
        StepKind::SanctionsAdvised => {
            let policy = form.line("policy", "The behaviour policy", 120);
            let how = told(form);
            somebody(form, &parents, pupil);
            all(form, || Some(Step::SanctionsAdvised { parents, pupil, how: how?, policy: policy? }))
        }
        StepKind::OutcomesReminded => {
            let (if_improves, if_not) = (form.checked("if_improves", "yes"), form.checked("if_not", "yes"));
            if !if_improves && !if_not {
                form.fail("if_improves", "Select what was said");
            }
            let how = told(form);
            somebody(form, &parents, pupil);
            all(form, || Some(Step::OutcomesReminded { if_improves, if_not, parents, pupil, how: how? }))
        }
        StepKind::Stage3Considered => {
            let chosen = form.value("incident").to_owned();
            let incident: Option<IncidentId> =
                setting.incidents.iter().find(|i| i.id.to_string() == chosen).map(|i| i.id);
            if incident.is_none() && !chosen.is_empty() {
                return Err(Error::NotFound);
            }
            if incident.is_none() {
                form.fail("incident", "Select the incident. Record it first when it is not in the list");
            }
            let move_to_3 = yes_or_no(form, "move_to_3", "Select whether the case moves to Stage 3");
            let why = form.paragraph("why", "Why", 2000);
            all(form, || {
                Some(Step::Stage3Considered { incident: incident?, move_to_3: move_to_3?, why: why? })
            })
        }
        StepKind::Participation => {
            let who = form.choice("who", NotTakingPart::from_stored, "Select who does not take part");
            let words = form.paragraph("words", "What they said", 1000);
            all(form, || Some(Step::Participation { who: who?, words: words? }))
        }
        StepKind::Services => {
            let names = form.optional_paragraph("names", "Services", 1000);
            all(form, || {
                let names = names?.unwrap_or_default();
                let names = names.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
                Some(Step::Services { names: names.collect() })
            })
        }
        StepKind::Aftercare => {
            let words = form.paragraph("words", "How it goes", 2000);
            let settled = form.checked("settled", "yes");
            all(form, || Some(Step::Aftercare { words: words?, settled }))
        }
        StepKind::NotApplicable => {
            let clause = form.choice(
                "clause",
                |c| setting.clauses.iter().find(|(id, _)| id == c).map(|(id, _)| id.clone()),
                "Select what does not apply",
            );
            let reason = form.paragraph("why", "Why it does not apply", 1000);
            all(form, || Some(Step::NotApplicable { clause: clause?, reason: reason? }))
        }
    })
}

fn all(form: &Form, step: impl FnOnce() -> Option<Step>) -> Option<Step> {
    if form.has_errors() { None } else { step() }
}

fn yes_or_no(form: &mut Form, id: &str, message: &str) -> Option<bool> {
    let of = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    form.choice(id, of, message)
}

fn somebody(form: &mut Form, parents: &[ContactId], pupil: bool) {
    if parents.is_empty() && !pupil {
        form.fail("parents", "Select who was told");
    }
}
