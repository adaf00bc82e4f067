//! Days a pupil is known to be off site under a direction: code D at home, so that day sheets do not ask for marks.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::DbError;
use crate::domain::{
    ids::{AbsenceId, CaseId},
    permission::{Permit, PrepareTransfer},
};

/// The longest span one row holds, in days.
pub const LONGEST: i64 = 366;

/// Keeps the days from one to another as off site; which row it is.
pub async fn off_site(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    case: CaseId,
    (from_on, to_on): (Date, Date),
    source: &str,
    now: OffsetDateTime,
) -> Result<AbsenceId, DbError> {
    let id: AbsenceId = Uuid::now_v7().into();
    sqlx::query!(
        "insert into app.known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, source, made_at, made_by)
         values ($1, $2, $3, $4, 'off_site', $5, $6, $7, $8, $9)",
        id as AbsenceId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        from_on,
        to_on,
        source,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// Takes back what was kept.
pub async fn withdraw(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    case: CaseId,
    id: AbsenceId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.known_absences set withdrawn_at = $4
         where id = $1 and case_id = $2 and school_id = $3 and withdrawn_at is null",
        id as AbsenceId,
        case as CaseId,
        permit.school().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
