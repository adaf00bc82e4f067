//! A duty on a page: what, for which clause, who owes it, by when, and where it is done.

use time::Date;

use super::urls;
use crate::{
    db::{case::CaseOf, duties::Owes},
    domain::{
        calendar::SchoolCalendar,
        dates,
        duties::{Duty, Owner, Place, What},
        ids::{CaseId, PupilId, SchoolId},
        meeting::MeetingKind,
        permission::Actor,
        pupil::display_name,
        rules::Fix,
        step::StepKind,
        transfer::By,
    },
};

/// Whose duty it is.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The case.
    pub case: CaseId,
    /// Its school.
    pub school: SchoolId,
    /// Its pupil.
    pub pupil: PupilId,
    /// The name of its lead.
    pub lead: &'a str,
    /// Who reads; none where only those who may do everything do.
    pub actor: Option<&'a Actor>,
}

impl<'a> About<'a> {
    /// A duty of this case, read by somebody.
    pub fn case(case: &'a CaseOf, actor: &'a Actor) -> Self {
        let CaseOf { id, school, pupil, .. } = *case;
        Self { case: id, school, pupil, lead: &case.lead_name, actor: Some(actor) }
    }
}

/// A duty as it is shown.
#[derive(Clone, Debug)]
pub struct DutyLine {
    /// What is to be done.
    pub words: String,
    /// The clause.
    pub clause: String,
    /// Who owes it.
    pub who: String,
    /// By when.
    pub by: String,
    /// "2 school days overdue"
    pub overdue: Option<String>,
    /// Where it is done.
    pub href: String,
    /// Whoever reads may do it there.
    pub may: bool,
}

impl DutyLine {
    /// A duty of a case as it stands on `today`.
    pub fn of(duty: &Duty, about: About<'_>, calendar: &SchoolCalendar, today: Date) -> Self {
        Self {
            words: duty.what.words(),
            clause: numbered(duty.what.clause()).to_owned(),
            who: who(&duty.what, about.lead),
            by: dates::full(duty.due_on),
            overdue: match duty.overdue(calendar, today) {
                // Past, with no school day since: still not late.
                0 => None,
                1 => Some("1 school day overdue".to_owned()),
                n => Some(format!("{n} school days overdue")),
            },
            href: href(&duty.what, about),
            may: about.actor.is_none_or(|actor| actor.may_at(duty.what.needs(), about.school)),
        }
    }
}

/// Who owes it, for the case this person leads.
pub fn who(what: &What, lead: &str) -> String {
    match what.owner() {
        Owner::Lead => lead,
        Owner::Headteacher => "Headteacher",
        Owner::LaRepresentative => "LA representative",
        Owner::Service => "Support service",
        Owner::LaAdministrator => "LA administrator",
        Owner::Panel => "Panel",
        Owner::ReceivingSchool => "Receiving school",
        Owner::SafeguardingLead => "Designated safeguarding lead",
        Owner::Named(name) => name,
    }
    .to_owned()
}

/// What a case owes for a place elsewhere, as it stands on `today`.
pub fn of_place(
    duties: &[Duty],
    place: Place,
    about: About<'_>,
    calendar: &SchoolCalendar,
    today: Date,
) -> Vec<DutyLine> {
    let wanted = |duty: &&Duty| matches!(&duty.what, What::Placement { of, .. } if *of == place);
    duties.iter().filter(wanted).map(|duty| DutyLine::of(duty, about, calendar, today)).collect()
}

/// A clause as the programme numbers it: without what tells its parts apart here ("S1.02-contract").
pub fn numbered(clause: &str) -> &str {
    clause.split_once('-').map_or(clause, |(number, _)| number)
}

/// A duty on a page about many pupils.
#[derive(Clone, Debug)]
pub struct PupilDuty {
    /// Whose.
    pub pupil: PupilId,
    /// Their name.
    pub name: String,
    /// What.
    pub line: DutyLine,
}

/// The duties that are `wanted` of these cases, the oldest first.
pub fn across(
    owes: &[Owes],
    calendar: &SchoolCalendar,
    today: Date,
    wanted: impl Fn(&Duty) -> bool,
) -> Vec<PupilDuty> {
    let mut all: Vec<_> = owes
        .iter()
        .flat_map(|of| of.duties.iter().filter(|duty| wanted(duty)).map(move |duty| (of, duty)))
        .collect();
    all.sort_by_key(|(_, duty)| duty.due_on);
    all.into_iter()
        .map(|(of, duty)| {
            let about =
                About { case: of.case, school: of.school, pupil: of.pupil, lead: &of.lead_name, actor: None };
            PupilDuty {
                pupil: of.pupil,
                name: display_name(&of.given_name, of.known_as.as_deref(), &of.family_name),
                line: DutyLine::of(duty, about, calendar, today),
            }
        })
        .collect()
}

/// Where it is done.
pub fn href(what: &What, about: About<'_>) -> String {
    let case = about.case;
    let step = |kind: StepKind| urls::step(case, kind.as_str());
    match what {
        What::SetTargets => format!("{}/new", urls::targets(case)),
        What::FillIn { day } | What::Record { day } => urls::today(about.school, *day),
        What::ReviewTargets => urls::targets(case),
        What::ReviewWeek { week } => urls::review(case, *week),
        What::TellParents { week, .. } => urls::feedback(case, *week),
        What::FindContact { .. } => urls::pupil(about.pupil),
        What::Checklist { fix: Fix::Step(kind), .. } => step(*kind),
        What::Checklist { fix: Fix::Meeting(kind), .. } => meetings(case, *kind),
        What::Checklist { fix: Fix::Support, .. } => urls::support(case),
        What::Checklist { fix: Fix::Suspensions, .. } => urls::suspensions(about.pupil),
        What::Checklist { fix: Fix::Stage3, .. } | What::ReviewOutcome { .. } => urls::stage_3(case),
        What::Checklist { .. } | What::AnswerProposal => urls::stage(case),
        What::HoldMeeting { meeting, .. } | What::SignMinutes { meeting, .. } => {
            urls::meeting(case, *meeting)
        }
        What::Act { .. } => urls::meetings(case),
        What::ReviewSupport { support, .. } | What::AnswerPriority { support, .. } => {
            urls::one_support(case, *support)
        }
        What::ConsiderStage3 { .. } | What::Explain { .. } => step(StepKind::Stage3Considered),
        What::Exclusion { exclusion, .. } => urls::exclusion(*exclusion),
        What::AgreeOutcome { alternative } => urls::agree_alternative(case, alternative.as_str()),
        What::AnswerUpdate { .. } => urls::updates(case),
        What::AskAgain { contact, .. } => urls::agreement(case, *contact),
        What::Placement { by: By::LaRepresentative, .. } => urls::PANELS.pattern.to_owned(),
        What::Placement { of: Place::Transfer, .. } => urls::transfer(case),
        What::Placement { of: Place::Direction, .. } => urls::directions(case),
        What::Aftercare => step(StepKind::Aftercare),
        What::LoadCalendar => "/today".to_owned(),
    }
}

/// Where a meeting of a kind is planned.
fn meetings(case: CaseId, kind: MeetingKind) -> String {
    format!("{}/new?kind={}", urls::meetings(case), kind.as_str())
}
