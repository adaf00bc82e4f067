//! SQL of the directions room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        decision::Reasons,
        direction::{End, ReviewKind},
        ids::{AbsenceId, CaseId, DirectionId, SchoolId},
        permission::{Permit, PrepareTransfer},
    },
};

/// A direction, checked.
pub struct NewDirection {
    pub decided_on: Date,
    pub decided_for: String,
    pub place: String,
    pub address: String,
    pub report_to: String,
    pub times: String,
    pub reasons: String,
    pub objectives: String,
    pub notice_on: Date,
    pub notice_how: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub la_told: bool,
}

/// Records a direction.
pub async fn direct(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    (case, id): (CaseId, DirectionId),
    new: &NewDirection,
    given: &Reasons,
    absence: AbsenceId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.directions (id, authority_id, school_id, case_id, decided_on, decided_for, place, address, report_to, times,
                                     reasons, objectives, starts_on, ends_on, la_told, given, notice_on, notice_how, absence_id,
                                     made_at, made_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $20, $21)",
        id as DirectionId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        new.decided_on,
        new.decided_for,
        new.place,
        new.address,
        new.report_to,
        new.times,
        new.reasons,
        new.objectives,
        new.starts_on,
        new.ends_on,
        new.la_told,
        Json(given) as _,
        new.notice_on,
        new.notice_how,
        absence as AbsenceId,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a direction that was read at `version`. False: somebody was faster.
#[expect(clippy::too_many_arguments, reason = "one row")]
pub async fn end(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    (case, id): (CaseId, DirectionId),
    on: Date,
    how: End,
    why: &str,
    absence: Option<AbsenceId>,
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.directions set ended_on = $5, ended_as = $6, ended_why = $7, absence_id = $8, version = version + 1,
                changed_at = $9, changed_by = $10
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and ended_on is null",
        id as DirectionId,
        case as CaseId,
        permit.school().uuid(),
        version,
        on,
        how.as_str(),
        why,
        absence.map(AbsenceId::uuid),
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A review that was held.
pub struct ReviewRow {
    pub direction: DirectionId,
    pub held_on: Date,
    pub kind: String,
    pub people: Vec<String>,
    pub words: String,
    pub by: String,
}

/// The reviews of a case's directions, the latest first.
pub async fn reviews(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Vec<ReviewRow>, DbError> {
    Ok(sqlx::query_as!(
        ReviewRow,
        r#"select r.direction_id as "direction: DirectionId", r.held_on, r.kind, r.people, r.words, u.name as by
           from app.direction_reviews r join app.users u on u.id = r.recorded_by
           where r.case_id = $1 and r.school_id = $2 order by r.held_on desc, r.recorded_at desc"#,
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// A request for a review.
pub struct RequestRow {
    pub direction: DirectionId,
    pub asked_on: Date,
    pub asked_by: String,
    pub refused_why: Option<String>,
}

/// The requests for reviews of a case's directions, the latest first.
pub async fn requests(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Vec<RequestRow>, DbError> {
    Ok(sqlx::query_as!(
        RequestRow,
        r#"select direction_id as "direction: DirectionId", asked_on, asked_by, refused_why from app.direction_requests
           where case_id = $1 and school_id = $2 order by asked_on desc, recorded_at desc"#,
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Records a review.
pub async fn review(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    (case, id): (CaseId, DirectionId),
    (held_on, kind): (Date, ReviewKind),
    people: &[String],
    words: &str,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.direction_reviews (id, authority_id, school_id, case_id, direction_id, held_on, kind, people, words,
                                            recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        id as DirectionId,
        held_on,
        kind.as_str(),
        people,
        words,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Records that a review was asked for.
pub async fn ask(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    (case, id): (CaseId, DirectionId),
    (asked_on, asked_by): (Date, &str),
    refused_why: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.direction_requests (id, authority_id, school_id, case_id, direction_id, asked_on, asked_by, refused_why,
                                             recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        id as DirectionId,
        asked_on,
        asked_by,
        refused_why,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}
