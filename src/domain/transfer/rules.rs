//! What each step of a supported transfer asks: one function per clause.

use time::{Date, macros::date};

use super::{Answer, Route, TransferGround};
use crate::domain::{
    dates,
    decision::Reasons,
    pack::{self, Paper},
    people::Role,
    rules::{Class, Fix, Requirement},
    stage::Stage,
    stage_3::of_stage_3,
};

/// The day from which a supported transfer cannot be a trial (2.9).
pub const NO_TRIALS_FROM: Date = date!(2026 - 07 - 26);

/// What is to be said about a list that was weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is in the way.
    Goes,
    /// It goes once reasons are given.
    AsksWhy,
    /// It does not go.
    Blocked,
}

/// Weighs a list: a must that is not met blocks; a should that is not met asks for a reason.
pub fn weigh(list: &[Requirement], reasons: &Reasons) -> Verdict {
    let unmet = |class: Class| list.iter().filter(move |r| !r.met && r.class == class);
    let given = |r: &Requirement| reasons.get(r.clause).is_some_and(|reason| !reason.trim().is_empty());
    if unmet(Class::Must).next().is_some() {
        Verdict::Blocked
    } else if unmet(Class::Should).all(given) {
        Verdict::Goes
    } else {
        Verdict::AsksWhy
    }
}

/// Reasons that count: those for clauses that are not met.
pub fn kept(list: &[Requirement], reasons: &Reasons) -> Reasons {
    list.iter()
        .filter(|r| !r.met && r.class == Class::Should)
        .filter_map(|r| {
            let reason = reasons.get(r.clause)?.trim();
            (!reason.is_empty()).then(|| (r.clause.to_owned(), reason.to_owned()))
        })
        .collect()
}

/// What beginning a transfer by `route` asks.
pub fn to_begin(ground: &TransferGround, route: Route) -> Vec<Requirement> {
    vec![
        p2_03b_stage_3(ground),
        a12_no_trial(ground, route),
        s3_07_agreed(ground),
        p2_03b_last_resort(ground),
    ]
}

/// What submitting the papers asks.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// What Stage 3 and the parents settled.
    pub ground: &'a TransferGround,
    /// The papers.
    pub papers: &'a [Paper],
    /// About the pupil.
    pub pupil: pack::Needs,
    /// The actor is the headteacher, or a delegate the headteacher named (G22).
    pub by_headteacher: bool,
    /// The panel chosen: the last day for papers; none: no panel is chosen or there is none.
    pub papers_close_on: Option<Date>,
    /// The day.
    pub today: Date,
}

/// S3.05, S3.07: everything submitting asks, musts first.
pub fn to_submit(on: &Submission<'_>) -> Vec<Requirement> {
    vec![
        p2_03b_stage_3(on.ground),
        s3_07_agreed(on.ground),
        s3_05_one_agrees(on.ground),
        s3_07_by_headteacher(on.by_headteacher),
        s3_07_documents(on.papers, on.pupil),
        a22_sen_consulted(on.papers, on.pupil),
        a22_vsh_told(on.papers, on.pupil),
        s3_07_panel(on.papers_close_on, on.today),
        s3_05_others(on.ground),
        s3_07_optional(on.papers, on.pupil),
    ]
}

fn on_the_form(
    clause: &'static str,
    asks: &'static str,
    class: Class,
    met: bool,
    says: String,
) -> Requirement {
    Requirement::of_school(clause, asks, class, met, says, Fix::Form)
}

/// P2.03b: a supported transfer is agreed only at Stage 3 (G1).
pub fn p2_03b_stage_3(ground: &TransferGround) -> Requirement {
    let says = match ground.stage {
        Some(stage) => format!("The case is at {stage}."),
        None => "The case is not open.".to_owned(),
    };
    let met = ground.stage == Some(Stage::Three);
    on_the_form("P2.03b", "A supported transfer only at Stage 3", Class::Must, met, says)
}

/// P2.03b: it is the last resort, and why is written down.
pub fn p2_03b_last_resort(ground: &TransferGround) -> Requirement {
    let met = ground.last_resort.as_ref().is_some_and(|words| !words.trim().is_empty());
    let says = match (met, ground.agreed) {
        (true, _) => "It is written down.",
        (false, None) => "It is written down with the outcome that is agreed.",
        (false, Some(_)) => "Why nothing less will do is not written down.",
    };
    of_stage_3("P2.03b-last", "Why it is the last resort", Class::Must, met, says.to_owned())
}

/// 7.2 A12, 2.9: no trials since 26 July 2026 (G15); an earlier one is history, not a new transfer.
pub fn a12_no_trial(ground: &TransferGround, route: Route) -> Requirement {
    let says = match (route, ground.agreed) {
        (Route::LegacyTrial, Some((_, on))) if on < NO_TRIALS_FROM => {
            "A trial agreed before 26 July 2026 is kept as history and not begun again.".to_owned()
        }
        (Route::LegacyTrial, _) => format!(
            "Since {} a transfer cannot be a trial: choose a managed move or an off-site direction.",
            dates::long(NO_TRIALS_FROM)
        ),
        (Route::ManagedMove | Route::OffSite, _) => format!("{}.", route.label()),
    };
    on_the_form("A12", "No trial", Class::Must, route != Route::LegacyTrial, says)
}

/// S3.07: a managed move was agreed at Stage 3.
pub fn s3_07_agreed(ground: &TransferGround) -> Requirement {
    let (met, says) = match ground.agreed {
        Some((Route::ManagedMove, on)) => (true, format!("Agreed on {}.", dates::long(on))),
        Some((route @ (Route::OffSite | Route::LegacyTrial), _)) => {
            (false, format!("What was agreed is another route: {}.", route.label()))
        }
        None => (false, "No supported transfer is agreed at Stage 3.".to_owned()),
    };
    of_stage_3("S3.07", "A managed move agreed at Stage 3", Class::Must, met, says)
}

fn names(answers: &[&super::ParentAnswer]) -> String {
    answers.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// S3.05, 7.2 A10: at least one person with parental responsibility has agreed (G12).
pub fn s3_05_one_agrees(ground: &TransferGround) -> Requirement {
    let agreed: Vec<_> =
        ground.answers.iter().filter(|a| a.responsible && a.answer == Some(Answer::Agreed)).collect();
    let says = if agreed.is_empty() {
        "Nobody with parental responsibility has agreed. A managed move is voluntary.".to_owned()
    } else {
        format!("Agreed: {}.", names(&agreed))
    };
    let asks = "Agreement of a person with parental responsibility";
    of_stage_3("S3.05", asks, Class::Must, !agreed.is_empty(), says)
}

/// S3.05: another person with parental responsibility disagrees, or is not known to agree.
pub fn s3_05_others(ground: &TransferGround) -> Requirement {
    let others: Vec<_> =
        ground.answers.iter().filter(|a| a.responsible && a.answer != Some(Answer::Agreed)).collect();
    let says = if others.is_empty() {
        "Everybody known with parental responsibility has agreed.".to_owned()
    } else {
        let each = others.iter().map(|a| {
            let answer = a.answer.map_or("not asked", Answer::label);
            format!("{}: {}", a.name, answer.to_lowercase())
        });
        format!("{}.", each.collect::<Vec<_>>().join("; "))
    };
    let asks = "Agreement of everybody with parental responsibility";
    of_stage_3("S3.05-others", asks, Class::Should, others.is_empty(), says)
}

/// S3.07, G22: the headteacher submits, or somebody they named.
pub fn s3_07_by_headteacher(by_headteacher: bool) -> Requirement {
    let says = if by_headteacher {
        "You may submit."
    } else {
        "The headteacher submits, or somebody they named for these days."
    };
    Requirement {
        who: vec![Role::Headteacher, Role::HeadDelegate],
        fix: Fix::Headteacher,
        ..on_the_form(
            "S3.07-head",
            "Submitted by the headteacher",
            Class::Must,
            by_headteacher,
            says.to_owned(),
        )
    }
}

/// S3.07: every mandatory document is in the pack.
pub fn s3_07_documents(papers: &[Paper], pupil: pack::Needs) -> Requirement {
    let missing = pack::mandatory_missing(papers, pupil);
    let says = if missing.is_empty() {
        "All mandatory documents are there.".to_owned()
    } else {
        format!("Missing: {}.", missing.join("; "))
    };
    on_the_form("S3.07-documents", "The mandatory documents", Class::Must, missing.is_empty(), says)
}

/// S3.07: other documents are looked at too.
pub fn s3_07_optional(papers: &[Paper], pupil: pack::Needs) -> Requirement {
    let missing = pack::optional_missing(papers, pupil);
    let says = if missing.is_empty() {
        "Nothing was left unlooked at.".to_owned()
    } else {
        format!("Missing: {}.", missing.join("; "))
    };
    on_the_form("S3.07-optional", "The other documents", Class::Should, missing.is_empty(), says)
}

/// S3.07, 7.2 A22: with an education, health and care plan the LA's SEN team is consulted first.
pub fn a22_sen_consulted(papers: &[Paper], pupil: pack::Needs) -> Requirement {
    let day = pack::told_on(papers, pack::Item::Send);
    let (met, says) = match (pupil.ehcp, day) {
        (false, _) => (true, "The pupil has no education, health and care plan.".to_owned()),
        (true, Some(day)) => (true, format!("Consulted on {}.", dates::long(day))),
        (true, None) => (false, "The day the LA’s SEN team was consulted is not recorded.".to_owned()),
    };
    on_the_form("S3.07-sen", "The LA’s SEN team consulted", Class::Must, met, says)
}

/// S3.07, 7.2 A22: for a looked-after pupil the virtual school head knows.
pub fn a22_vsh_told(papers: &[Paper], pupil: pack::Needs) -> Requirement {
    let day = pack::told_on(papers, pack::Item::Flags);
    let (met, says) = match (pupil.looked_after, day) {
        (false, _) => (true, "The pupil is not looked after.".to_owned()),
        (true, Some(day)) => (true, format!("Told on {}.", dates::long(day))),
        (true, None) => (false, "The day the virtual school head was told is not recorded.".to_owned()),
    };
    on_the_form("S3.07-vsh", "The virtual school head told", Class::Must, met, says)
}

/// S3.07: a panel whose papers are not closed.
pub fn s3_07_panel(papers_close_on: Option<Date>, today: Date) -> Requirement {
    let (met, says) = match papers_close_on {
        Some(day) if day >= today => (true, format!("Papers close at 11:59pm on {}.", dates::full(day))),
        Some(day) => (false, format!("Its papers closed on {}. Choose the next panel.", dates::full(day))),
        None => (false, "No panel is chosen.".to_owned()),
    };
    Requirement {
        who: vec![Role::LaRepresentative],
        ..on_the_form("S3.07-panel", "A panel that still takes papers", Class::Must, met, says)
    }
}
