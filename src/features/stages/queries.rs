//! SQL of the stages room: what a case came from, where it stands, who leads it, what was decided and recorded.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

pub use crate::db::{
    decision::decide,
    lead::{PossibleLead, change_lead, possible_leads},
};
use crate::{
    db::{DbError, Moment, lead, notices},
    domain::{
        decision::{Command, Decision, Reasons},
        ids::{CaseId, EnrolmentId, IncidentId, PolicyId, ProposalId, PupilId, SchoolId, StepId, UserId},
        permission::{OpenCase, Permit, ProposeMoves, RecordExplanation},
        policy::ProgrammePolicy,
        stage::{Event, Stage},
        step::Step,
    },
};

/// What the rules need to know before a case can be opened, and what the page shows.
pub struct OpeningFactsRow {
    pub school: SchoolId,
    pub school_name: String,
    pub takes_part: bool,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub enrolment: Option<EnrolmentId>,
    /// The last day on the roll that is set already.
    pub leaves_on: Option<Date>,
    pub open_case: Option<CaseId>,
    pub policy: PolicyId,
    pub settings: Json<ProgrammePolicy>,
    pub head: Option<String>,
}

/// The facts about a pupil for opening a case on `today`.
pub async fn opening_facts(
    conn: &mut PgConnection,
    pupil: PupilId,
    today: Date,
) -> Result<Option<OpeningFactsRow>, DbError> {
    Ok(sqlx::query_as!(
        OpeningFactsRow,
        r#"select p.school_id as "school: SchoolId", s.name as school_name, s.takes_part, p.given_name, p.known_as,
                  p.family_name, p.born_on, p.year_offset, e.id as "enrolment?: EnrolmentId", e.to_on as "leaves_on?",
                  (select c.id from app.cases c where c.pupil_id = p.id and c.authority_id = p.authority_id
                     and c.closed_on is null) as "open_case: CaseId",
                  po.id as "policy: PolicyId", po.settings as "settings: Json<ProgrammePolicy>",
                  (select u.name from app.grants g join app.users u on u.id = g.user_id
                   where g.school_id = p.school_id and g.role = 'headteacher' and g.from_on <= $2
                     and (g.to_on is null or g.to_on >= $2) and u.disabled_at is null order by g.from_on limit 1) as head
           from app.pupils p
           join app.schools s on s.id = p.school_id
           left join app.enrolments e on e.pupil_id = p.id and e.school_id = p.school_id
                                         and e.from_on <= $2 and (e.to_on is null or e.to_on >= $2)
           join lateral (select id, settings from app.policies where authority_id = p.authority_id
                         and effective_on <= $2 order by effective_on desc, version desc limit 1) po on true
           where p.id = $1 and p.merged_into is null"#,
        pupil as PupilId,
        today
    )
    .fetch_optional(conn)
    .await?)
}

/// A case to open.
pub struct NewCase<'a> {
    pub id: CaseId,
    pub pupil: PupilId,
    pub enrolment: EnrolmentId,
    pub policy: PolicyId,
    pub lead: UserId,
    pub sort_name: String,
    pub rationale: &'a str,
    pub strategies: &'a [Strategy],
    /// What the school before passed on, when the case goes on from there (A17).
    pub note_before: Option<&'a str>,
}

/// Something tried or advised before the case (R1.03).
pub struct Strategy {
    pub kind: &'static str,
    pub what: String,
    pub detail: Option<String>,
    pub outcome: Option<String>,
}

/// Opens the case, its first stage and its lead, with the decision that allowed it; it names the pupil's latest
/// ended case at the school as the one before it. The headteacher is told (P2.01). A16 is also a unique index: a
/// second open case is refused there if two people are at it at once.
pub async fn open(
    conn: &mut PgConnection,
    permit: &Permit<OpenCase>,
    decision: &Decision,
    case: NewCase<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    let Some((stage, reason)) = decision.after().entry() else {
        return Err(DbError::Other(sqlx::Error::Decode("a case was opened without a stage".into())));
    };
    sqlx::query!(
        "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                opened_by, rationale, stage, lead_id, sort_name, entry_stage, entry_reason, note_before,
                                parents_know, before_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $11, $14, $15, $16,
                 (select b.id from app.cases b where b.pupil_id = $4 and b.school_id = $3 and b.closed_on is not null
                  order by b.closed_on desc, b.opened_at desc limit 1))",
        case.id as CaseId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case.pupil as PupilId,
        case.enrolment as EnrolmentId,
        case.policy as PolicyId,
        today,
        now,
        permit.user().uuid(),
        case.rationale,
        stage.number(),
        case.lead as UserId,
        case.sort_name,
        reason.as_str(),
        case.note_before,
        case.note_before.is_some(),
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by,
                                      reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case.id as CaseId,
        stage.number(),
        today,
        now,
        permit.user().uuid(),
        reason.as_str(),
    )
    .execute(&mut *conn)
    .await?;
    lead::name_first(conn, permit, case.id, case.lead, Moment { now, today }).await?;
    for (position, strategy) in (1_i16..).zip(case.strategies) {
        sqlx::query!(
            "insert into app.case_strategies (id, authority_id, school_id, case_id, kind, what, detail, outcome, position)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            permit.school().uuid(),
            case.id as CaseId,
            strategy.kind,
            strategy.what,
            strategy.detail,
            strategy.outcome,
            position,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at,
                                         decided_by, requirements, reasons, seq, event)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case.id as CaseId,
        decision.command().name(),
        today,
        now,
        permit.user().uuid(),
        serde_json::json!(decision.requirements()),
        serde_json::json!(decision.reasons()),
        serde_json::json!(decision.command().event()),
    )
    .execute(&mut *conn)
    .await?;
    notices::tell_head(conn, permit, case.id, decision.command().event().name(), (today, now)).await
}

/// A move that waits for the headteacher.
pub struct Proposal {
    pub id: ProposalId,
    pub command: Json<Command>,
    pub reasons: Json<Reasons>,
    pub words: String,
    pub proposed_on: Date,
    pub by: String,
}

/// Whether this proposal of the case waits; none: there never was one.
pub async fn waits(
    conn: &mut PgConnection,
    case: CaseId,
    proposal: ProposalId,
) -> Result<Option<bool>, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select answer is null as "waits!" from app.proposals where id = $1 and case_id = $2"#,
        proposal as ProposalId,
        case as CaseId
    )
    .fetch_optional(conn)
    .await?)
}

/// The move that waits, when there is one.
pub async fn proposal(conn: &mut PgConnection, case: CaseId) -> Result<Option<Proposal>, DbError> {
    Ok(sqlx::query_as!(
        Proposal,
        r#"select p.id as "id: ProposalId", p.command as "command: Json<Command>", p.reasons as "reasons: Json<Reasons>",
                  p.words, p.proposed_on, u.name as by
           from app.proposals p join app.users u on u.id = p.proposed_by where p.case_id = $1 and p.answer is null"#,
        case as CaseId
    )
    .fetch_optional(conn)
    .await?)
}

/// A proposed move that did not come about.
pub struct Answered {
    pub command: Json<Command>,
    pub answer: String,
    pub words: Option<String>,
    pub on: Date,
    pub by: String,
}

/// The proposals of a case that were declined or withdrawn, newest first.
pub async fn not_moved(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<Vec<Answered>, DbError> {
    Ok(sqlx::query_as!(
        Answered,
        r#"select p.command as "command: Json<Command>", p.answer as "answer!", p.answer_words as words,
                  p.answered_on as "on!", u.name as by
           from app.proposals p join app.users u on u.id = p.answered_by
           where p.case_id = $1 and p.school_id = $2 and p.answer in ('declined', 'withdrawn')
           order by p.answered_at desc"#,
        case as CaseId,
        school as SchoolId,
    )
    .fetch_all(conn)
    .await?)
}

/// Proposes a move. One waits at a time: a second meets `proposals_one_open`.
pub async fn propose(
    conn: &mut PgConnection,
    permit: &Permit<ProposeMoves>,
    case: CaseId,
    command: &Command,
    reasons: &Reasons,
    words: &str,
    (now, today): (OffsetDateTime, Date),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.proposals (id, authority_id, school_id, case_id, command, reasons, words, proposed_on, proposed_at,
                                    proposed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        serde_json::json!(command),
        serde_json::json!(reasons),
        words,
        today,
        now,
        permit.user().uuid(),
    )
    .execute(&mut *conn)
    .await?;
    notices::tell_head(conn, permit, case, "proposed", (today, now)).await
}

/// Answers a proposal. Answers no when it was answered meanwhile.
pub async fn answer(
    conn: &mut PgConnection,
    permit: &Permit<ProposeMoves>,
    proposal: ProposalId,
    answer: &str,
    words: Option<&str>,
    (now, today): (OffsetDateTime, Date),
) -> Result<bool, DbError> {
    let answered = sqlx::query!(
        "update app.proposals set answer = $2, answer_words = $3, answered_on = $4, answered_at = $5, answered_by = $6
         where id = $1 and answer is null",
        proposal as ProposalId,
        answer,
        words,
        today,
        now,
        permit.user().uuid(),
    )
    .execute(conn)
    .await?;
    Ok(answered.rows_affected() == 1)
}

/// An incident of the pupil, to rest a move on.
pub struct IncidentLine {
    pub id: IncidentId,
    pub happened_on: Date,
    pub what: String,
    pub seriousness: String,
}

/// The pupil's incidents of the last year, newest first.
pub async fn incidents(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
    today: Date,
) -> Result<Vec<IncidentLine>, DbError> {
    Ok(sqlx::query_as!(
        IncidentLine,
        r#"select id as "id: IncidentId", happened_on, left(what, 80) as "what!", seriousness from app.incidents
           where school_id = $1 and pupil_id = $2 and happened_on > $3::date - 366
           order by happened_on desc, recorded_at desc limit 50"#,
        school as SchoolId,
        pupil as PupilId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// A step to keep.
pub struct NewStep<'a> {
    pub case: CaseId,
    pub stage: Stage,
    pub on: Date,
    pub step: &'a Step,
    pub incident: Option<IncidentId>,
}

/// Records a step.
pub async fn record(
    conn: &mut PgConnection,
    permit: &Permit<RecordExplanation>,
    new: NewStep<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<StepId, DbError> {
    let id = StepId::from(Uuid::now_v7());
    sqlx::query!(
        "insert into app.case_steps (id, authority_id, school_id, case_id, kind, stage, on_date, details, incident_id,
                                     recorded_on, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id as StepId,
        permit.authority().uuid(),
        permit.school().uuid(),
        new.case as CaseId,
        new.step.kind().as_str(),
        new.stage.number(),
        new.on,
        serde_json::json!(new.step),
        new.incident as Option<IncidentId>,
        today,
        now,
        permit.user().uuid(),
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// A decision of the case.
pub struct Decided {
    pub event: Json<Event>,
    pub reasons: Json<Reasons>,
    /// Why, in the words of whoever decided or proposed it.
    pub words: Option<String>,
    pub on: Date,
    pub by: String,
}

/// Every decision, newest first.
pub async fn history(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<Vec<Decided>, DbError> {
    Ok(sqlx::query_as!(
        Decided,
        r#"select d.event as "event: Json<Event>", d.reasons as "reasons: Json<Reasons>", d.words,
                  d.decided_on as "on", u.name as by
           from app.case_decisions d join app.users u on u.id = d.decided_by
           where d.school_id = $1 and d.case_id = $2 order by d.seq desc"#,
        school as SchoolId,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}
