//! The clauses of the programme as functions: facts in, a requirement out. The page that explains and the
//! form that decides call the same functions.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    calendar::{NotLoaded, SchoolCalendar},
    dates,
    facts::Facts,
    ids::CaseId,
    meeting::MeetingKind,
    monitoring::MAX_TARGETS,
    people::Role,
    policy::ProgrammePolicy,
    step::StepKind,
};

/// How strictly a clause is held (section 7: verbs decide the class).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Refused while it is not met.
    Must,
    /// Allowed with a named person's reason, which shows in the case.
    Should,
    /// A checklist duty: done, or not applicable with a reason, before the stage ends as complete. It never
    /// delays anything urgent.
    Check,
    /// A decision either way is recorded.
    Consider,
}

impl Class {
    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Check => "checklist",
            Self::Consider => "consider",
        }
    }
}

/// Where something can be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// The pupil's record.
    PupilRecord,
    /// The LA administrator's list of schools.
    SchoolRecord,
    /// The lead, on the form itself.
    Lead,
    /// Support tried and advice acted on, on the form itself.
    PriorSupport,
    /// The rationale, on the form itself.
    Rationale,
    /// The case that is already open.
    OpenCase(CaseId),
    /// The targets of the case.
    Targets,
    /// A step of this kind.
    Step(StepKind),
    /// A meeting of this kind.
    Meeting(MeetingKind),
    /// The support of the case.
    Support,
    /// The weekly reviews of the case.
    Reviews,
    /// The incidents of the case.
    Incidents,
    /// The suspensions of the pupil.
    Suspensions,
    /// What the case came to at Stage 3.
    Stage3,
    /// The form the move is asked on.
    Form,
    /// The headteacher.
    Headteacher,
    /// Nothing can be done about it.
    Nowhere,
}

/// One clause, looked at for one case on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// Its id in the requirement matrix.
    pub clause: &'static str,
    /// What it asks, in plain words.
    pub asks: &'static str,
    /// How strictly.
    pub class: Class,
    /// Whether it is met.
    pub met: bool,
    /// What is the case, or what is missing.
    pub says: String,
    /// Who can put it right.
    pub who: Vec<Role>,
    /// Where.
    pub fix: Fix,
}

impl Requirement {
    /// A requirement that people of the school put right, there where `fix` says.
    pub fn of_school(
        clause: &'static str,
        asks: &'static str,
        class: Class,
        met: bool,
        says: impl Into<String>,
        fix: Fix,
    ) -> Self {
        Self { clause, asks, class, met, says: says.into(), who: SCHOOL.to_vec(), fix }
    }
}

pub(super) const SCHOOL: [Role; 2] = [Role::SchoolLead, Role::Headteacher];

/// T.01: a pupil in Years 7 to 11 on the roll of a school that takes part.
pub fn t_01_on_roll_in_years(facts: &Facts, policy: &ProgrammePolicy) -> Requirement {
    let years = policy.lowest_year..=policy.highest_year;
    let pupil = &facts.pupil;
    let in_years = years.contains(&pupil.year.0);
    let (says, who, fix) = if !pupil.school_takes_part {
        (
            "The school does not take part in the programme.".to_owned(),
            vec![Role::LaAdministrator],
            Fix::SchoolRecord,
        )
    } else if !pupil.enrolled {
        ("The pupil is not on the roll of the school today.".to_owned(), SCHOOL.to_vec(), Fix::PupilRecord)
    } else if in_years {
        (format!("{}, on the roll of the school.", pupil.year), SCHOOL.to_vec(), Fix::PupilRecord)
    } else {
        let says = format!(
            "{}. The programme is for Years {} to {}.",
            pupil.year, policy.lowest_year, policy.highest_year
        );
        (says, SCHOOL.to_vec(), Fix::PupilRecord)
    };
    Requirement {
        clause: "T.01",
        asks: "A pupil of a secondary school that takes part, in Years 7 to 11",
        class: Class::Must,
        met: pupil.school_takes_part && pupil.enrolled && in_years,
        says,
        who,
        fix,
    }
}

/// A16: one open case per pupil in the authority.
pub fn a16_one_open_case(facts: &Facts) -> Requirement {
    let (says, fix) = match facts.pupil.open_case {
        None => ("No case is open.".to_owned(), Fix::PupilRecord),
        Some((case, true)) => {
            ("A case is already open. Record what happened there.".to_owned(), Fix::OpenCase(case))
        }
        Some((_, false)) => {
            ("A case is already open elsewhere. Ask the LA representative.".to_owned(), Fix::PupilRecord)
        }
    };
    Requirement {
        clause: "A16",
        asks: "One open case for a pupil at a time",
        class: Class::Must,
        met: facts.pupil.open_case.is_none(),
        says,
        who: SCHOOL.to_vec(),
        fix,
    }
}

/// S1.01: a member of the school's staff leads the case.
pub fn s1_01_lead_nominated(facts: &Facts) -> Requirement {
    Requirement {
        clause: "S1.01",
        asks: "A member of the school's staff nominated to lead",
        class: Class::Must,
        met: facts.lead.is_some(),
        says: facts
            .lead
            .as_ref()
            .map_or_else(|| "Nobody is nominated yet.".to_owned(), |(_, name)| format!("{name} leads.")),
        who: SCHOOL.to_vec(),
        fix: Fix::Lead,
    }
}

/// R1.03: the school has tried support of its own and acted on advice of support services.
pub fn r1_03_support_first(facts: &Facts) -> Requirement {
    let opening = &facts.opening;
    let tried = match opening.strategies {
        0 => "No support of the school's own is recorded".to_owned(),
        1 => "1 kind of support tried".to_owned(),
        n => format!("{n} kinds of support tried"),
    };
    let advice = match (opening.advice, opening.advice_open) {
        (0, _) => "no advice of support services is recorded".to_owned(),
        (n, 0) => format!("advice acted on ({n})"),
        (n, open) => format!("{open} of {n} pieces of advice not acted on yet"),
    };
    Requirement {
        clause: "R1.03",
        asks: "The school has tried support of its own and acted on advice of support services",
        class: Class::Should,
        met: opening.strategies > 0 && opening.advice > 0 && opening.advice_open == 0,
        says: format!("{tried}; {advice}."),
        who: SCHOOL.to_vec(),
        fix: Fix::PriorSupport,
    }
}

/// R1.04: the programme is for pupils at highest risk of exclusion; why this one is among them.
pub fn r1_04_rationale(facts: &Facts) -> Requirement {
    Requirement {
        clause: "R1.04",
        asks: "Why this pupil is among those at highest risk of exclusion",
        class: Class::Must,
        met: facts.opening.rationale,
        says: if facts.opening.rationale {
            "The reason is written down.".into()
        } else {
            "No reason is written down yet.".into()
        },
        who: SCHOOL.to_vec(),
        fix: Fix::Rationale,
    }
}

/// S1.08: monitoring begins with at least one clear target; more than four ask for a reason, and more than the day
/// sheet holds are refused.
pub fn s1_08_targets_set(count: usize, policy: &ProgrammePolicy) -> Requirement {
    let most = policy.targets_before_warning as usize;
    let (too_many, no_room) = (count > most, count > MAX_TARGETS);
    Requirement {
        clause: "S1.08",
        asks: "One to four clear behaviour targets",
        class: if too_many && !no_room { Class::Should } else { Class::Must },
        met: count > 0 && !too_many,
        says: match count {
            0 => "There is no target yet, so monitoring cannot begin.".to_owned(),
            1 => "1 target.".to_owned(),
            _ if no_room => {
                format!("The day sheet holds {MAX_TARGETS} targets. End one before you set another")
            }
            n if too_many => format!("{n} targets. More than {most} are hard to keep in mind."),
            n => format!("{n} targets."),
        },
        who: SCHOOL.to_vec(),
        fix: Fix::Targets,
    }
}

/// S1.10: each target has a date to come; more than six school weeks away asks for a reason.
pub fn s1_10_timescale(
    due_on: Date,
    today: Date,
    calendar: &SchoolCalendar,
    policy: &ProgrammePolicy,
) -> Requirement {
    let most = policy.target_weeks_before_warning;
    let (class, met, says) = if due_on < today {
        (Class::Must, false, format!("{} is past.", dates::long(due_on)))
    } else {
        match calendar.school_weeks(today, due_on) {
            Ok(weeks) if weeks > most => (
                Class::Should,
                false,
                format!(
                    "{} is {weeks} school weeks away. Short timescales are up to {most}.",
                    dates::long(due_on)
                ),
            ),
            Ok(weeks) => (Class::Should, true, format!("{weeks} school weeks away.")),
            Err(NotLoaded(day)) => (
                Class::Should,
                false,
                format!(
                    "The school weeks cannot be counted: the calendar does not cover {}.",
                    dates::long(day)
                ),
            ),
        }
    };
    Requirement {
        clause: "S1.10",
        asks: "A short timescale for each target",
        class,
        met,
        says,
        who: SCHOOL.to_vec(),
        fix: Fix::Targets,
    }
}
