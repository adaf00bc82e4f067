//! The form that opens a case: what was typed, checked, and the page it is typed on.

use askama::Template;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    queries::{self, IncidentLine, OpeningFactsRow, PossibleLead, Strategy},
    views::{Around, RequirementLine},
};
use crate::{
    db::incident::Account,
    domain::{
        dates,
        decision::{Command, Reasons, Standing, standing},
        facts::{Facts, IncidentFact, PupilFacts},
        ids::{IncidentId, PupilId, UserId},
        incident::{PupilName, Seriousness},
        pupil::{YearGroup, display_name},
        rules::Requirement,
        stage::{Entry, Stage},
        text,
    },
    web::{error::Error, forms::Form, incident, page::Chrome},
};

/// Everything around the form.
pub struct Setting {
    pub pupil: PupilId,
    pub facts: OpeningFactsRow,
    /// The person opening it is the headteacher, or named by them (A8).
    decides: bool,
    leads: Vec<PossibleLead>,
    incidents: Vec<IncidentLine>,
}

impl Setting {
    /// Loads who can lead and what happened.
    pub async fn of(
        conn: &mut PgConnection,
        pupil: PupilId,
        facts: OpeningFactsRow,
        decides: bool,
        today: Date,
    ) -> Result<Self, Error> {
        let leads = queries::possible_leads(conn, facts.school, today).await?;
        let incidents = queries::incidents(conn, facts.school, pupil, today).await?;
        Ok(Self { pupil, facts, decides, leads, incidents })
    }

    /// What is known before anything is typed.
    pub fn known(&self, today: Date) -> Facts {
        let row = &self.facts;
        let fact = |line: &IncidentLine| {
            let seriousness = Seriousness::from_stored(&line.seriousness)?;
            Some(IncidentFact { id: line.id, on: line.happened_on, seriousness })
        };
        Facts {
            head: row.head.clone(),
            decides: self.decides,
            incidents: self.incidents.iter().filter_map(fact).collect(),
            ..Facts::of_pupil(PupilFacts {
                year: YearGroup::actual(row.born_on, row.year_offset, today),
                enrolled: row.enrolment.is_some(),
                school_takes_part: row.takes_part,
                open_case: row.open_case.map(|case| (case, true)),
            })
        }
    }

    fn name(&self) -> String {
        let row = &self.facts;
        display_name(&row.given_name, row.known_as.as_deref(), &row.family_name)
    }
}

#[derive(Template)]
#[template(path = "stages/new.html")]
pub struct NewPage {
    chrome: Chrome,
    form: Form,
    name: String,
    about: String,
    pupil: PupilId,
    stages: Vec<(String, String, &'static str)>,
    stage_hint: String,
    entries: Vec<(&'static str, &'static str)>,
    incidents: Vec<(String, String)>,
    seriousness: Vec<(&'static str, &'static str)>,
    leads: Vec<(String, String)>,
    support: Vec<[String; 3]>,
    advice: Vec<[String; 3]>,
    explains: &'static str,
    requirements: Vec<RequirementLine>,
    /// Reasons typed for what the page does not ask now: field and label.
    reasons: Vec<(String, String)>,
}

impl NewPage {
    /// The page, with what was typed so far.
    pub fn of(chrome: Chrome, form: Form, setting: &Setting, today: Date) -> Self {
        let facts = &setting.facts;
        let mut leads = vec![(String::new(), "Choose a member of staff".to_owned())];
        leads.extend(setting.leads.iter().map(|lead| (lead.id.to_string(), lead.name.clone())));
        let mut incidents = Vec::new();
        if !setting.incidents.is_empty() {
            incidents.push((String::new(), "None of these".to_owned()));
            incidents.extend(
                setting
                    .incidents
                    .iter()
                    .map(|i| (i.id.to_string(), format!("{}: {}", dates::short(i.happened_on), i.what))),
            );
        }
        Self {
            name: setting.name(),
            about: format!(
                "{}, {}",
                YearGroup::actual(facts.born_on, facts.year_offset, today),
                facts.school_name
            ),
            stages: Stage::ALL
                .into_iter()
                .map(|stage| {
                    let hint = match stage {
                        Stage::One => "Support, targets and daily monitoring. The usual beginning",
                        Stage::Two => "Plans reviewed with the support services",
                        Stage::Three => "Alternatives to a permanent exclusion that may follow",
                    };
                    (stage.number().to_string(), stage.to_string(), hint)
                })
                .collect(),
            stage_hint: if setting.decides {
                "Stage 2 or 3 only after a serious incident, or where the school before left off".to_owned()
            } else {
                format!(
                    "Stage 2 and 3 are opened by {}, or somebody they named",
                    facts.head.as_deref().unwrap_or("the headteacher")
                )
            },
            entries: Entry::choices(),
            incidents,
            seriousness: Seriousness::choices(),
            support: rows(&form, "support", 3),
            advice: rows(&form, "advice", 2),
            reasons: reasons_beside(&form, &[]),
            chrome,
            form,
            pupil: setting.pupil,
            leads,
            explains: "",
            requirements: Vec::new(),
        }
    }

    /// The same with what the programme asks under this heading; nothing when it asks nothing.
    pub fn explaining(
        mut self,
        heading: &'static str,
        list: Vec<Requirement>,
        command: &Command,
        around: Around,
    ) -> Self {
        if !list.is_empty() {
            self.explains = heading;
        }
        self.requirements =
            list.into_iter().map(|r| RequirementLine::of(r, command, &self.form, around)).collect();
        self.reasons = reasons_beside(&self.form, &self.requirements);
        self
    }
}

/// Reasons typed that no row of the list asks for: they stay on the page, with what is wrong with them.
fn reasons_beside(form: &Form, list: &[RequirementLine]) -> Vec<(String, String)> {
    let asked = |clause: &str| list.iter().any(|line| line.asks_why && line.clause == clause);
    form.pairs()
        .iter()
        .filter(|(_, typed)| !typed.trim().is_empty())
        .filter_map(|(field, _)| Some((field, field.strip_prefix("reason.")?)))
        .filter(|(_, clause)| !asked(clause))
        .map(|(field, clause)| (field.clone(), format!("Why you go on ({clause})")))
        .collect()
}

/// What was typed into a repeating group, and empty rows up to `least`.
fn rows(form: &Form, group: &str, least: usize) -> Vec<[String; 3]> {
    let column = |name: &str| form.values_of(&format!("{group}_{name}"));
    let (what, detail, outcome) = (column("what"), column("detail"), column("outcome"));
    let at = |column: &[&str], i: usize| column.get(i).map_or_else(String::new, |text| (*text).to_owned());
    (0..what.len().max(least)).map(|i| [at(&what, i), at(&detail, i), at(&outcome, i)]).collect()
}

/// What a case is opened with, checked.
pub struct Open {
    pub stage: Stage,
    why: Entry,
    pub incident: Incident,
    exclusion_in_view: bool,
    pub note_before: Option<String>,
    pub parents_know: bool,
    pub lead: Option<(UserId, String)>,
    pub rationale: Option<String>,
    pub strategies: Vec<Strategy>,
}

/// The incident a case begins with.
pub enum Incident {
    None,
    /// One that is recorded.
    Recorded(IncidentId),
    /// One told on the form, with the id it will have.
    Told(IncidentId, Account),
}

impl Open {
    /// The command it makes.
    pub fn command(&self) -> Command {
        let incident = match &self.incident {
            Incident::None => None,
            Incident::Recorded(id) | Incident::Told(id, _) => Some(*id),
        };
        command(self.stage, self.why, incident, self.exclusion_in_view)
    }
}

/// The command to open a case.
pub const fn command(
    stage: Stage,
    reason: Entry,
    incident: Option<IncidentId>,
    exclusion_in_view: bool,
) -> Command {
    Command::Open { stage, reason, incident, exclusion_in_view }
}

/// What was typed, checked. None: the messages are on the form. A lead of another school or an incident of another
/// pupil does not exist here.
pub async fn read(
    conn: &mut PgConnection,
    form: &mut Form,
    setting: &Setting,
    now: OffsetDateTime,
) -> Result<Option<Open>, Error> {
    let chosen = form.value("lead");
    let lead = setting.leads.iter().find(|lead| lead.id.to_string() == chosen);
    if !chosen.is_empty() && lead.is_none() {
        return Err(Error::NotFound);
    }
    let lead = lead.map(|lead| (lead.id, lead.name.clone()));
    // The form begins with these; who sends neither means Stage 1 after a concern.
    let stage = match form.value("stage") {
        "" => Some(Stage::One),
        _ => form.choice("stage", |n| Stage::of(n.parse().ok()?), "Select the stage the case begins at"),
    };
    let why = match form.value("why") {
        "" => Some(Entry::Concern),
        _ => form.choice("why", Entry::from_stored, "Select why the case begins"),
    };
    let incident = read_incident(conn, form, setting, now).await?;
    let exclusion_in_view = form.checked("exclusion_in_view", "yes");
    if exclusion_in_view && stage.is_some_and(|stage| stage != Stage::Three) {
        form.fail("exclusion_in_view", "This statement is for Stage 3. Select Stage 3, or take it out");
    }
    let note_before = form.optional_paragraph("note_before", "Note from the school before", 2000);
    if matches!(note_before, Some(Some(_))) && why.is_some_and(|why| why != Entry::Continuation) {
        form.fail(
            "note_before",
            "This note is for a case that continues from the school before. Select that as the reason, or take the note out",
        );
    }
    let rationale = form.optional_paragraph("rationale", "Why this pupil", 2000);
    let mut strategies = read_group(form, "support", "school_support");
    strategies.extend(read_group(form, "advice", "service_advice"));
    let all = (stage, why, incident, note_before, rationale);
    let (Some(stage), Some(why), Some(incident), Some(note_before), Some(rationale)) = all else {
        return Ok(None);
    };
    let parents_know = form.checked("parents_know", "yes");
    Ok(Some(Open {
        stage,
        why,
        incident,
        exclusion_in_view,
        note_before,
        parents_know,
        lead,
        rationale,
        strategies,
    }))
}

/// The incident chosen, or told with the same fields as in the incidents of a case. None: a message is on the form.
async fn read_incident(
    conn: &mut PgConnection,
    form: &mut Form,
    setting: &Setting,
    now: OffsetDateTime,
) -> Result<Option<Incident>, Error> {
    let chosen = form.value("incident");
    let recorded = setting.incidents.iter().find(|i| i.id.to_string() == chosen).map(|i| i.id);
    if recorded.is_none() && !chosen.is_empty() {
        return Err(Error::NotFound);
    }
    match (recorded, incident::told(form)) {
        (None, false) => Ok(Some(Incident::None)),
        (Some(id), false) => Ok(Some(Incident::Recorded(id))),
        (Some(_), true) => {
            form.fail("incident", "Choose an incident that is recorded or tell another one, not both");
            Ok(None)
        }
        (None, true) => {
            let account = incident::read(form, now);
            let row = &setting.facts;
            let own = PupilName {
                given_name: row.given_name.clone(),
                known_as: row.known_as.clone(),
                family_name: row.family_name.clone(),
            };
            let fields: Vec<_> =
                incident::WORDS.iter().map(|id| ((*id).to_owned(), form.value(id).to_owned())).collect();
            let instead = "Write Pupil A here. You can say who that is in the incidents of the case";
            incident::refuse_names(conn, form, (row.school, setting.pupil, &own), fields, instead).await?;
            Ok(account.map(|account| Incident::Told(Uuid::now_v7().into(), account)))
        }
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

/// The reasons given for going on, by clause.
pub fn read_reasons(form: &mut Form) -> Reasons {
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

/// It is about the pupil's record, not about what can be typed here.
pub fn is_of_pupil(requirement: &Requirement) -> bool {
    matches!(requirement.clause, "7.3" | "T.01" | "A16")
}

/// The fields of the page that what is missing leads to, in their order.
const FIELDS: [&str; 8] = [
    "stage",
    "lead",
    "rationale",
    "incident",
    "happened_on",
    "exclusion_in_view",
    "note_before",
    "parents_know",
];

/// Puts what is missing at the field where it can be put right, in the order of the page.
pub fn point_out(form: &mut Form, list: &[Requirement], command: &Command, setting: &Setting) {
    let mut missing = Vec::new();
    for r in list {
        let says = r.says.trim_end_matches('.');
        let (field, words) = match (standing(r, command), r.clause) {
            (Standing::Met | Standing::Carried, _) => continue,
            (Standing::AsksWhy, clause) => {
                let field = format!("reason.{clause}");
                if form.value(&field).trim().is_empty() {
                    form.fail(&field, &format!("Enter why you go on ({clause})"));
                }
                continue;
            }
            (Standing::Blocks, "A8") => ("stage", says),
            (Standing::Blocks, "S1.01") => ("lead", "Select who leads the case"),
            (Standing::Blocks, "R1.04") => {
                ("rationale", "Enter why this pupil is among those at highest risk of exclusion")
            }
            (Standing::Blocks, "S3.00") if setting.incidents.is_empty() => {
                ("happened_on", "Tell the incident the case begins with")
            }
            (Standing::Blocks, "S3.00") => {
                ("incident", "Select the incident the case begins with, or tell it below")
            }
            (Standing::Blocks, "S3.00-HT") => (
                "exclusion_in_view",
                "For Stage 3 the headteacher states that a permanent exclusion may follow",
            ),
            (Standing::Blocks, "A17-note") => ("note_before", "Enter a note from the school before"),
            (Standing::Blocks, "A17") => {
                ("parents_know", "The parents must know before the case goes on here")
            }
            (Standing::Blocks, _) => ("missing", says),
        };
        missing.push((field, format!("{words} ({})", r.clause)));
    }
    missing.sort_by_key(|(field, _)| FIELDS.iter().position(|of| of == field));
    for (field, words) in missing {
        form.fail(field, &words);
    }
}
