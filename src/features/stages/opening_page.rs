//! The page that opens a case: what it offers, what the programme misses, and at which field.

use askama::Template;
use sqlx::PgConnection;
use time::Date;

use super::queries::{self, IncidentLine, OpeningFactsRow, PossibleLead};
use crate::{
    domain::{
        dates,
        decision::{Command, Standing, standing},
        facts::{Facts, IncidentFact, PupilFacts},
        ids::PupilId,
        incident::Seriousness,
        pupil::{YearGroup, display_name},
        rules::Requirement,
        stage::{Entry, Stage},
    },
    web::{
        duty::numbered,
        error::Error,
        forms::Form,
        page::Chrome,
        requirement::{Around, RequirementLine},
    },
};

/// Everything around the form.
pub struct Setting {
    pub pupil: PupilId,
    pub facts: OpeningFactsRow,
    /// The person opening it is the headteacher, or named by them (A8).
    decides: bool,
    pub leads: Vec<PossibleLead>,
    pub incidents: Vec<IncidentLine>,
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
    /// The last day on the roll that is set already.
    leaves: Option<String>,
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
            leaves: facts.leaves_on.map(dates::long),
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
        around: Around<'_>,
    ) -> Self {
        if !list.is_empty() {
            self.explains = heading;
        }
        self.requirements = list
            .into_iter()
            .map(|r| {
                let stands = standing(&r, command);
                RequirementLine::of(r, stands, &self.form, around)
            })
            .collect();
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
        .map(|(field, clause)| (field.clone(), format!("Why you go on ({})", numbered(clause))))
        .collect()
}

/// What was typed into a repeating group, and empty rows up to `least`.
pub fn rows(form: &Form, group: &str, least: usize) -> Vec<[String; 3]> {
    let column = |name: &str| form.values_of(&format!("{group}_{name}"));
    let (what, detail, outcome) = (column("what"), column("detail"), column("outcome"));
    let at = |column: &[&str], i: usize| column.get(i).map_or_else(String::new, |text| (*text).to_owned());
    (0..what.len().max(least)).map(|i| [at(&what, i), at(&detail, i), at(&outcome, i)]).collect()
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
                    form.fail(&field, &format!("Enter why you go on ({})", numbered(clause)));
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
        missing.push((field, format!("{words} ({})", numbered(r.clause))));
    }
    missing.sort_by_key(|(field, _)| FIELDS.iter().position(|of| of == field));
    for (field, words) in missing {
        form.fail(field, &words);
    }
}
