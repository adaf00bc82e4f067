//! Whose case it is: what every page of a case needs before anything else.

use sqlx::{PgConnection, types::Json};
use time::Date;

use super::{DbError, Trace};
use crate::domain::{
    ids::{CaseId, EnrolmentId, PupilId, SchoolId, UserId},
    policy::ProgrammePolicy,
    pupil::{YearGroup, display_name},
};

/// A case with its pupil, school, lead, stages and the policy it is pinned to.
#[derive(Debug)]
pub struct CaseOf {
    /// Its id.
    pub id: CaseId,
    /// What people say on the telephone.
    pub number: i64,
    /// Its school.
    pub school: SchoolId,
    /// The school's name.
    pub school_name: String,
    /// The school's goal in percent of possible points.
    pub goal_percent: i16,
    /// Whose case.
    pub pupil: PupilId,
    /// The enrolment it belongs to.
    pub enrolment: EnrolmentId,
    /// Given name.
    pub given_name: String,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name.
    pub family_name: String,
    /// Pronouns.
    pub pronouns: Option<String>,
    /// Date of birth.
    pub born_on: Date,
    /// Actual year less the usual one.
    pub year_offset: i16,
    /// Unique pupil number.
    pub upn: Option<String>,
    /// Special educational needs, as stored.
    pub send: String,
    /// Looked after by a local authority.
    pub looked_after: bool,
    /// English as an additional language.
    pub eal: bool,
    /// The day it began.
    pub opened_on: Date,
    /// The day it ended.
    pub closed_on: Option<Date>,
    /// How it ended, as stored.
    pub ended_as: Option<String>,
    /// Why this pupil (R1.04).
    pub rationale: String,
    /// The stage it began at (7.2 A1).
    pub entry_stage: i16,
    /// Why it began, as stored.
    pub entry_reason: String,
    /// What the school before passed on (A17).
    pub note_before: Option<String>,
    /// The day the timescale of its targets was moved on to at this stage (S1.14).
    pub extended_until: Option<Date>,
    /// The pupil's case at this school that ended before this one began.
    pub before: Option<CaseId>,
    /// The pupil's case at this school that began after this one ended.
    pub later: Option<CaseId>,
    /// The stage it is or was last at.
    pub stage: i16,
    /// Who leads it.
    pub lead: UserId,
    /// Their name.
    pub lead_name: String,
    /// The policy it is pinned to (G.01).
    pub policy: Json<ProgrammePolicy>,
    /// That policy's version.
    pub policy_version: i32,
    /// Every stage it was at, in order.
    pub stages: Json<Vec<StageRow>>,
    /// A live share shows it to the actor.
    pub shared: bool,
}

/// A stage the case was or is at.
#[derive(Debug, serde::Deserialize)]
pub struct StageRow {
    /// Its number.
    pub stage: i16,
    /// First day.
    pub entered_on: String,
    /// Last day; none: it is there now.
    pub left_on: Option<String>,
}

impl CaseOf {
    /// The pupil's name as people say it.
    pub fn name(&self) -> String {
        display_name(&self.given_name, self.known_as.as_deref(), &self.family_name)
    }

    /// The pupil's actual year on a day.
    pub fn year(&self, day: Date) -> YearGroup {
        YearGroup::actual(self.born_on, self.year_offset, day)
    }

    /// What a page of this case leaves in the audit trail; `changed` names what a form changed.
    pub fn trace(&self, changed: &'static [&'static str]) -> Trace {
        Trace {
            subject: Some(self.id.uuid()),
            school: Some(self.school),
            pupils: vec![self.pupil],
            changed,
            ..Trace::default()
        }
    }
}

/// The case, when the actor may see it.
pub async fn of(conn: &mut PgConnection, id: CaseId) -> Result<Option<CaseOf>, DbError> {
    Ok(sqlx::query_as!(
        CaseOf,
        r#"select c.id as "id: CaseId", c.number, c.school_id as "school: SchoolId", s.name as school_name,
                  s.goal_percent, c.pupil_id as "pupil: PupilId", c.enrolment_id as "enrolment: EnrolmentId",
                  p.given_name, p.known_as, p.family_name, p.pronouns, p.born_on, p.year_offset, p.upn, p.send,
                  p.looked_after, p.eal, c.opened_on, c.closed_on, c.ended_as, c.rationale, c.stage,
                  c.entry_stage, c.entry_reason, c.note_before, c.extended_until,
                  (select e.id from app.cases e where e.id = c.before_id and e.school_id = c.school_id) as "before: CaseId",
                  (select l.id from app.cases l where l.pupil_id = c.pupil_id and l.school_id = c.school_id
                     and l.before_id = c.id order by l.opened_at desc limit 1) as "later: CaseId",
                  c.lead_id as "lead: UserId", u.name as lead_name,
                  po.settings as "policy: Json<ProgrammePolicy>", po.version as policy_version,
                  (select jsonb_agg(jsonb_build_object('stage', st.stage, 'entered_on', st.entered_on,
                              'left_on', st.left_on) order by st.entered_on, st.entered_at)
                   from app.case_stages st where st.school_id = c.school_id and st.case_id = c.id)
                      as "stages!: Json<Vec<StageRow>>",
                  c.id = any ((select app.shared_cases())::uuid[]) is true as "shared!"
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           join app.users u on u.id = c.lead_id
           join app.policies po on po.id = c.policy_id
           where c.id = $1"#,
        id as CaseId
    )
    .fetch_optional(conn)
    .await?)
}
