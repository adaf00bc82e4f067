//! A requirement of the programme as a row: what it asks, its clause, whether it is met, who can put it right
//! and where.

use super::{duty::numbered, forms::Form, urls};
use crate::{
    db::case::CaseOf,
    domain::{
        decision::{Reasons, Standing},
        ids::{CaseId, PupilId, SchoolId},
        permission::{Actor, Capability},
        rules::{Class, Fix, Requirement},
        text,
    },
};

/// One row.
#[derive(Debug)]
pub struct RequirementLine {
    /// Its id in the requirement matrix.
    pub clause: &'static str,
    /// As the programme numbers it.
    pub number: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// How binding it is; empty for what is simply on the list.
    pub class: &'static str,
    /// It is met.
    pub met: bool,
    /// Not met, and it goes along open.
    pub carried: bool,
    /// Not met, and it asks for a reason.
    pub asks_why: bool,
    /// How it stands.
    pub says: String,
    /// Who can put it right.
    pub who: String,
    /// Where, and the words of the link.
    pub fix: Option<(String, &'static str)>,
    /// The reason typed so far.
    pub reason: String,
    /// What is wrong with the reason typed.
    pub wrong: Option<String>,
}

/// What the links of a row lead to.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    case: Option<CaseId>,
    pupil: PupilId,
    school: SchoolId,
    actor: &'a Actor,
}

impl<'a> Around<'a> {
    /// A case.
    pub fn case(case: &CaseOf, actor: &'a Actor) -> Self {
        Self { case: Some(case.id), pupil: case.pupil, school: case.school, actor }
    }

    /// A pupil without one.
    pub fn pupil(pupil: PupilId, school: SchoolId, actor: &'a Actor) -> Self {
        Self { case: None, pupil, school, actor }
    }

    fn may(&self, capability: Capability) -> bool {
        self.actor.may_at(capability, self.school)
    }
}

impl RequirementLine {
    /// The row as it stands to what is asked, with the reason typed so far.
    pub fn of(r: Requirement, stands: Standing, form: &Form, around: Around<'_>) -> Self {
        Self {
            carried: stands == Standing::Carried,
            asks_why: stands == Standing::AsksWhy,
            reason: form.value(&format!("reason.{}", r.clause)).to_owned(),
            wrong: form.error(&format!("reason.{}", r.clause)).map(str::to_owned),
            ..Self::plain(r, around)
        }
    }

    /// The row by itself.
    pub fn plain(r: Requirement, around: Around<'_>) -> Self {
        Self {
            clause: r.clause,
            number: numbered(r.clause),
            asks: r.asks,
            class: if r.class == Class::Check { "" } else { r.class.label() },
            met: r.met,
            carried: false,
            asks_why: false,
            fix: if r.met { None } else { way(r.fix, around) },
            says: r.says,
            who: r.who.iter().map(|role| text::within(role.label())).collect::<Vec<_>>().join(" or "),
            reason: String::new(),
            wrong: None,
        }
    }
}

/// Where something can be put right, when this person may go there.
pub fn way(fix: Fix, around: Around<'_>) -> Option<(String, &'static str)> {
    match (fix, around.case) {
        (Fix::OpenCase(case), _) => {
            around.actor.may(Capability::SeeCases).then(|| (urls::case(case), "Open that case"))
        }
        (Fix::PupilRecord, _) => Some((urls::pupil(around.pupil), "Open the pupil’s record")),
        (Fix::Suspensions, _) => Some((urls::suspensions(around.pupil), "Open the suspensions")),
        (Fix::Targets, Some(case)) => Some((urls::targets(case), "Open the targets")),
        (Fix::Step(kind), Some(case)) => {
            around.may(kind.needs()).then(|| (urls::step(case, kind.as_str()), "Record it"))
        }
        (Fix::Meeting(_), Some(case)) => Some((urls::meetings(case), "Open the meetings")),
        (Fix::Reviews, Some(case)) => Some((urls::reviews(case), "Open the weekly reviews")),
        (Fix::Support, Some(case)) => Some((urls::support(case), "Open the support")),
        (Fix::Incidents, Some(case)) => Some((urls::incidents(case), "Open the incidents")),
        (Fix::Stage3, Some(case)) => Some((urls::stage_3(case), "Open Stage 3")),
        (Fix::Lead, Some(case)) => Some((format!("{}/lead", urls::case(case)), "Name the lead")),
        (
            Fix::SchoolRecord
            | Fix::Lead
            | Fix::PriorSupport
            | Fix::Rationale
            | Fix::Targets
            | Fix::Step(_)
            | Fix::Meeting(_)
            | Fix::Support
            | Fix::Reviews
            | Fix::Incidents
            | Fix::Stage3
            | Fix::Form
            | Fix::Headteacher
            | Fix::Nowhere,
            _,
        ) => None,
    }
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
