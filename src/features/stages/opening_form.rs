//! What is typed to open a case, read and checked.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    opening_page::{Setting, rows},
    queries::Strategy,
};
use crate::{
    db::incident::Account,
    domain::{
        decision::Command,
        ids::{IncidentId, UserId},
        incident::PupilName,
        stage::{Entry, Stage},
        text,
    },
    web::{error::Error, forms::Form, incident},
};

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
