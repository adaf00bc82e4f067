//! A requirement of the programme as a row: what it asks, its clause, whether it is met, who can put it right
//! and where.

use crate::{
    domain::{
        decision::{Command, Standing, standing},
        ids::{CaseId, PupilId},
        rules::{Class, Fix, Requirement},
    },
    web::{duty::numbered, forms::Form, urls},
};

/// One row.
pub struct RequirementLine {
    pub clause: &'static str,
    /// As the programme numbers it.
    pub number: &'static str,
    pub asks: &'static str,
    /// How binding it is; empty for what is simply on the list.
    pub class: &'static str,
    pub met: bool,
    pub carried: bool,
    pub asks_why: bool,
    pub says: String,
    pub who: String,
    pub fix: Option<(String, &'static str)>,
    pub reason: String,
    /// What is wrong with the reason typed.
    pub wrong: Option<String>,
}

/// What the links of a row lead to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    pub case: Option<CaseId>,
    pub pupil: Option<PupilId>,
    pub sees_cases: bool,
}

impl RequirementLine {
    /// The row for a command, with the reason typed so far.
    pub fn of(r: Requirement, command: &Command, form: &Form, around: Around) -> Self {
        let stands = standing(&r, command);
        Self {
            carried: stands == Standing::Carried,
            asks_why: stands == Standing::AsksWhy,
            reason: form.value(&format!("reason.{}", r.clause)).to_owned(),
            wrong: form.error(&format!("reason.{}", r.clause)).map(str::to_owned),
            ..Self::plain(r, around)
        }
    }

    /// The row by itself.
    pub fn plain(r: Requirement, around: Around) -> Self {
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
            who: r.who.iter().map(|role| within(role.label())).collect::<Vec<_>>().join(" or "),
            reason: String::new(),
            wrong: None,
        }
    }
}

/// A role's name in the middle of a sentence: "school lead", but "LA representative".
fn within(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => label.to_owned(),
    }
}

/// Where something can be put right, when this person may go there.
fn way(fix: Fix, around: Around) -> Option<(String, &'static str)> {
    match (fix, around.case) {
        (Fix::OpenCase(case), _) => around.sees_cases.then(|| (urls::case(case), "Open that case")),
        (Fix::PupilRecord, _) => around.pupil.map(|pupil| (urls::pupil(pupil), "Open the pupil’s record")),
        (Fix::Suspensions, _) => around.pupil.map(|pupil| (urls::suspensions(pupil), "Open the suspensions")),
        (Fix::Targets, Some(case)) => Some((urls::targets(case), "Open the targets")),
        (Fix::Step(kind), Some(case)) => Some((urls::step(case, kind.as_str()), "Record it")),
        (Fix::Meeting(_), Some(case)) => Some((urls::meetings(case), "Open the meetings")),
        (Fix::Reviews, Some(case)) => Some((urls::reviews(case), "Open the weekly reviews")),
        (Fix::Support, Some(case)) => Some((urls::support(case), "Open the support")),
        (Fix::Incidents, Some(case)) => Some((urls::incidents(case), "Open the incidents")),
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
            | Fix::Form
            | Fix::Headteacher
            | Fix::Nowhere,
            _,
        ) => None,
    }
}
