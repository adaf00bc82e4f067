//! SQL of the suspensions room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

use super::form::Draft;
use crate::{
    db::{DbError, exclusions::PupilOf},
    domain::{
        ids::{
            CaseId, ContactId, DaysElsewhereId, ExclusionId, ExclusionStepId, IncidentId, PupilId, SchoolId,
        },
        permission::{IssueExclusions, Permit, RecordExclusionSteps},
        step::Told,
        suspension::{
            Half, HalfDays, Session,
            history::{Outcome, RecordKind},
            lost::Lost,
            notices::{NoticeKind, Recipient},
            record::Exclusion,
            terms::LegalTerm,
        },
    },
};

/// Waits until nobody else issues or cancels for this pupil, so that the sum is the sum when it is written.
pub async fn hold(conn: &mut PgConnection, pupil: PupilId) -> Result<(), DbError> {
    sqlx::query_scalar!("select 1 as one from app.pupils where id = $1 for update", pupil as PupilId)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// An exclusion as it was written.
pub struct Row {
    pub id: ExclusionId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub case: Option<CaseId>,
    pub case_ended_as: Option<String>,
    pub incident_on: Option<Date>,
    pub incident_what: Option<String>,
    pub decided_on: Date,
    pub issuer: String,
    pub by: String,
    pub reasons: Vec<String>,
    pub words: String,
    pub exam_words: Option<String>,
    pub further_to: Option<ExclusionId>,
    pub further_to_on: Option<Date>,
    pub further_why: Option<String>,
    pub new_evidence: Option<String>,
    pub stage_3_considered: bool,
    pub stage_3_why: Option<String>,
    pub guidance: String,
    pub send: String,
    pub recorded_at: OffsetDateTime,
    pub cancelled_why: Option<String>,
    pub cancelled_by: Option<String>,
    /// The one that followed it.
    pub followed_by: Option<ExclusionId>,
    pub followed_on: Option<Date>,
}

/// One exclusion, or all of a pupil at a school, newest first.
pub async fn rows(
    conn: &mut PgConnection,
    one: Option<ExclusionId>,
    of: Option<(PupilId, SchoolId)>,
) -> Result<Vec<Row>, DbError> {
    Ok(sqlx::query_as!(
        Row,
        r#"select e.id as "id: ExclusionId", e.pupil_id as "pupil: PupilId", e.school_id as "school: SchoolId",
                  e.case_id as "case: CaseId", c.ended_as as "case_ended_as?", i.happened_on as "incident_on?",
                  i.what as "incident_what?", e.decided_on, e.issuer, u.name as by, e.reasons, e.words, e.exam_words,
                  e.further_to as "further_to: ExclusionId", f.decided_on as "further_to_on?", e.further_why, e.new_evidence,
                  e.stage_3_considered, e.stage_3_why, e.guidance, e.send, e.recorded_at, e.cancelled_why,
                  x.name as "cancelled_by?", n.id as "followed_by?: ExclusionId", n.decided_on as "followed_on?"
           from app.exclusions e
           join app.users u on u.id = e.issued_by
           left join app.users x on x.id = e.cancelled_by
           left join app.cases c on c.id = e.case_id
           left join app.incidents i on i.id = e.incident_id and i.school_id = e.school_id
           left join app.exclusions f on f.id = e.further_to
           left join lateral (select l.id, l.decided_on from app.exclusions l
                              where l.pupil_id = e.pupil_id and l.further_to = e.id order by l.recorded_at limit 1) n on true
           where e.id = $1 or (e.pupil_id = $2 and e.school_id = $3)
           order by e.decided_on desc, e.recorded_at desc, e.id"#,
        one.map(ExclusionId::uuid),
        of.map(|(pupil, _)| pupil.uuid()),
        of.map(|(_, school)| school.uuid())
    )
    .fetch_all(conn)
    .await?)
}

/// An incident of the pupil at the school.
pub struct IncidentLine {
    pub id: IncidentId,
    pub happened_on: Date,
    pub what: String,
}

/// The pupil's incidents at the school up to a day, newest first.
pub async fn incidents(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
) -> Result<Vec<IncidentLine>, DbError> {
    Ok(sqlx::query_as!(
        IncidentLine,
        r#"select id as "id: IncidentId", happened_on,
                  case when length(what) > 80 then left(what, 80) || '…' else what end as "what!"
           from app.incidents where school_id = $1 and pupil_id = $2
           order by happened_on desc, recorded_at desc limit 50"#,
        school as SchoolId,
        pupil as PupilId
    )
    .fetch_all(conn)
    .await?)
}

/// A day of each session, as the table keeps them.
fn dates_of(lost: &Lost) -> (Vec<Date>, Vec<Date>, Vec<Date>) {
    let of = |half: Half| lost.sessions().iter().filter(|s| s.half == half).map(|s| s.on).collect();
    (of(Half::Morning), of(Half::Afternoon), lost.lunchtimes().iter().copied().collect())
}

/// Keeps what the headteacher issued.
pub async fn issue(
    conn: &mut PgConnection,
    permit: &Permit<IssueExclusions>,
    id: ExclusionId,
    pupil: &PupilOf,
    draft: &Draft,
    (now, today): (OffsetDateTime, Date),
) -> Result<(), DbError> {
    let (mornings, afternoons, lunchtimes) = dates_of(&draft.exclusion.decided());
    let first = match &draft.exclusion {
        Exclusion::Permanent(permanent) => Some(permanent.first()),
        Exclusion::Suspension(_) => None,
    };
    let reasons: Vec<String> = draft.reasons.iter().map(|reason| reason.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, incident_id, kind, decided_on,
                                     issuer, issued_by, mornings, afternoons, lunchtimes, first_on, first_half, reasons, words,
                                     exam_on, exam_half, exam_words, exams_left, further_to, further_why, new_evidence,
                                     stage_3_considered, stage_3_why, guidance, send, looked_after, social_worker,
                                     lives_elsewhere, recorded_on, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                 $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)",
        id as ExclusionId,
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil.id.uuid(),
        draft.enrolment.uuid(),
        pupil.case.map(CaseId::uuid),
        draft.incident.map(IncidentId::uuid),
        if draft.exclusion.is_permanent() { "permanent" } else { "suspension" },
        draft.exclusion.decided_on(),
        draft.issuer.as_str(),
        permit.user().uuid(),
        &mornings,
        &afternoons,
        &lunchtimes,
        first.map(|session| session.on),
        first.map(|session| session.half.as_str()),
        &reasons,
        draft.words,
        draft.exam.as_ref().map(|(session, _)| session.on),
        draft.exam.as_ref().map(|(session, _)| session.half.as_str()),
        draft.exam.as_ref().map(|(_, words)| words.as_str()),
        draft.exams_left,
        draft.further.as_ref().map(|(before, _)| before.uuid()),
        draft.further.as_ref().map(|(_, why)| why.as_str()),
        draft.new_evidence,
        draft.stage_3_considered,
        draft.stage_3_why,
        draft.guidance,
        pupil.send.as_str(),
        pupil.looked_after,
        draft.social_worker,
        draft.lives_elsewhere,
        today,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A cancellation, checked.
pub struct Cancellation<'a> {
    pub id: ExclusionId,
    pub why: &'a str,
    pub back: Session,
    /// Of a permanent exclusion: the sessions out under it.
    pub out: Option<Lost>,
}

/// Keeps a cancellation. No: it was cancelled meanwhile.
pub async fn cancel(
    conn: &mut PgConnection,
    permit: &Permit<IssueExclusions>,
    cancellation: Cancellation<'_>,
    (now, today): (OffsetDateTime, Date),
) -> Result<bool, DbError> {
    let out = cancellation.out.as_ref().map(dates_of);
    let done = sqlx::query!(
        "update app.exclusions
         set cancelled_on = $3, cancelled_at = $4, cancelled_by = $5, cancelled_why = $6, back_on = $7, back_half = $8,
             out_mornings = $9, out_afternoons = $10
         where id = $1 and school_id = $2 and cancelled_on is null",
        cancellation.id as ExclusionId,
        permit.school().uuid(),
        today,
        now,
        permit.user().uuid(),
        cancellation.why,
        cancellation.back.on,
        cancellation.back.half.as_str(),
        out.as_ref().map(|(mornings, ..)| mornings.as_slice()),
        out.as_ref().map(|(_, afternoons, _)| afternoons.as_slice())
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What was recorded about an exclusion.
pub struct StepRow {
    pub id: ExclusionStepId,
    pub kind: String,
    pub on: Date,
    pub at: Option<Time>,
    pub notice: Option<String>,
    pub recipient: Option<String>,
    pub how: Option<String>,
    pub words: Option<String>,
    pub outcome: Option<String>,
    pub provider: Option<String>,
    pub address: Option<String>,
    pub times: Option<String>,
    pub person: Option<String>,
    pub starts_on: Option<Date>,
    pub recorded_at: OffsetDateTime,
    pub by: String,
    /// Recorded by mistake: why.
    pub taken_back: Option<String>,
}

/// Everything recorded about an exclusion, newest first, with what was taken back.
pub async fn steps(
    conn: &mut PgConnection,
    school: SchoolId,
    id: ExclusionId,
) -> Result<Vec<StepRow>, DbError> {
    Ok(sqlx::query_as!(
        StepRow,
        r#"select s.id as "id: ExclusionStepId", s.kind, s.on_date as on, s.at_time as at, s.notice, s.recipient, s.how,
                  s.words, s.outcome, s.provider, s.address, s.times, s.person, s.starts_on, s.recorded_at, u.name as by,
                  b.words as "taken_back?"
           from app.exclusion_steps s
           join app.users u on u.id = s.recorded_by
           left join app.exclusion_steps b on b.replaces = s.id
           where s.exclusion_id = $1 and s.school_id = $2 and s.kind <> 'taken_back'
           order by s.on_date desc, s.recorded_at desc, s.id"#,
        id as ExclusionId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Where and when the pupil is educated from the sixth day.
pub struct Education {
    pub provider: String,
    pub address: String,
    pub times: String,
    pub person: String,
    pub starts_on: Date,
}

/// A step to record, checked.
pub struct NewStep {
    pub kind: RecordKind,
    pub on: Date,
    pub at: Option<Time>,
    pub notice: Option<(NoticeKind, Recipient)>,
    pub how: Option<Told>,
    pub words: Option<String>,
    pub outcome: Option<Outcome>,
    pub education: Option<Education>,
}

/// Records a step.
pub async fn record(
    conn: &mut PgConnection,
    permit: &Permit<RecordExclusionSteps>,
    (pupil, exclusion): (PupilId, ExclusionId),
    step: &NewStep,
    (now, today): (OffsetDateTime, Date),
) -> Result<(), DbError> {
    let education = step.education.as_ref();
    sqlx::query!(
        "insert into app.exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, at_time, notice,
                                          recipient, how, words, outcome, provider, address, times, person, starts_on,
                                          recorded_on, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil as PupilId,
        exclusion as ExclusionId,
        step.kind.as_str(),
        step.on,
        step.at,
        step.notice.map(|(kind, _)| kind.as_str()),
        step.notice.map(|(_, to)| to.as_str()),
        step.how.map(Told::as_str),
        step.words,
        step.outcome.map(Outcome::as_str),
        education.map(|of| of.provider.as_str()),
        education.map(|of| of.address.as_str()),
        education.map(|of| of.times.as_str()),
        education.map(|of| of.person.as_str()),
        education.map(|of| of.starts_on),
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a step back that was recorded by mistake. No: there is no such step of this exclusion, or it was taken back.
pub async fn take_back_step(
    conn: &mut PgConnection,
    permit: &Permit<RecordExclusionSteps>,
    exclusion: ExclusionId,
    step: ExclusionStepId,
    why: &str,
    (now, today): (OffsetDateTime, Date),
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into app.exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, words, replaces,
                                          recorded_on, recorded_at, recorded_by)
         select $1, s.authority_id, s.school_id, s.pupil_id, s.exclusion_id, 'taken_back', $5, $6, s.id, $5, $7, $8
         from app.exclusion_steps s
         where s.id = $2 and s.exclusion_id = $3 and s.school_id = $4 and s.kind <> 'taken_back'
           and not exists (select from app.exclusion_steps b where b.replaces = s.id)",
        Uuid::now_v7(),
        step as ExclusionStepId,
        exclusion as ExclusionId,
        permit.school().uuid(),
        today,
        why,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Days another school gave.
pub struct ElsewhereRow {
    pub id: DaysElsewhereId,
    pub school_year: i16,
    pub term: Option<String>,
    pub half_days: i16,
    pub source: String,
    pub recorded_on: Date,
    pub by: String,
}

/// The numbers that stand for a pupil at this school, newest year first.
pub async fn elsewhere(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
) -> Result<Vec<ElsewhereRow>, DbError> {
    Ok(sqlx::query_as!(
        ElsewhereRow,
        r#"select x.id as "id: DaysElsewhereId", x.school_year, x.term, x.half_days, x.source, x.recorded_on, u.name as by
           from app.exclusions_elsewhere x join app.users u on u.id = x.recorded_by
           where x.school_id = $1 and x.pupil_id = $2 and x.taken_back_at is null
           order by x.school_year desc, x.recorded_at desc, x.id"#,
        school as SchoolId,
        pupil as PupilId
    )
    .fetch_all(conn)
    .await?)
}

/// A number another school gave, checked.
pub struct NewElsewhere {
    pub year: i16,
    pub term: Option<LegalTerm>,
    pub half_days: HalfDays,
    pub source: String,
}

/// Keeps a number another school gave.
pub async fn add_elsewhere(
    conn: &mut PgConnection,
    permit: &Permit<RecordExclusionSteps>,
    pupil: PupilId,
    new: &NewElsewhere,
    (now, today): (OffsetDateTime, Date),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.exclusions_elsewhere (id, authority_id, school_id, pupil_id, school_year, term, half_days, source,
                                               recorded_on, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil as PupilId,
        new.year,
        new.term.map(LegalTerm::as_str),
        i16::try_from(new.half_days.0).unwrap_or(i16::MAX),
        new.source,
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a number back. No: it is not there (any more).
pub async fn take_back_elsewhere(
    conn: &mut PgConnection,
    permit: &Permit<RecordExclusionSteps>,
    pupil: PupilId,
    id: DaysElsewhereId,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.exclusions_elsewhere set taken_back_at = $4, taken_back_by = $5
         where id = $1 and pupil_id = $2 and school_id = $3 and taken_back_at is null",
        id as DaysElsewhereId,
        pupil as PupilId,
        permit.school().uuid(),
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody the letter can be addressed to.
pub struct ContactRow {
    pub id: ContactId,
    pub name: String,
    /// None when it is confidential, or not known.
    pub address: Option<String>,
    pub address_confidential: bool,
    pub language: Option<String>,
}

/// Parents and carers who are told: those with parental responsibility whom nothing bars. A confidential address is not
/// read at all.
pub async fn contacts(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
) -> Result<Vec<ContactRow>, DbError> {
    Ok(sqlx::query_as!(
        ContactRow,
        r#"select id as "id: ContactId", name, case when address_confidential then null else address end as address,
                  address_confidential, language
           from app.contacts
           where pupil_id = $1 and school_id = $2 and removed_at is null and parental_responsibility and not no_contact
           order by contact_order, name, id"#,
        pupil as PupilId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Every school of the authority by name.
pub async fn schools(conn: &mut PgConnection) -> Result<Vec<(SchoolId, String)>, DbError> {
    let rows = sqlx::query!(r#"select id as "id: SchoolId", name from app.schools order by name"#)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
