//! What the headteacher is told (P2.01), written in the transaction that did it.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{DbError, Moment, case::CaseOf};
use crate::domain::{ids::CaseId, permission::Permit};

/// Tells the headteacher of something done by somebody who was allowed to.
pub async fn tell_head<A>(
    conn: &mut PgConnection,
    permit: &Permit<A>,
    case: CaseId,
    kind: &str,
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        kind,
        today,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// S1.12: the headteacher is told once of each run of weeks without feedback; `week` is the one that made it a
/// matter for them.
pub async fn flag_missed_feedback(
    conn: &mut PgConnection,
    case: &CaseOf,
    week: Date,
    moment: Moment,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at)
         select $1, c.authority_id, c.school_id, c.id, 'feedback_missed', $3, $4 from app.cases c
         where c.id = $2 and not exists (select from app.head_notices n where n.school_id = c.school_id
             and n.case_id = c.id and n.kind = 'feedback_missed' and n.made_on > $5)",
        Uuid::now_v7(),
        case.id as CaseId,
        moment.today,
        moment.now,
        week
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// P2.01: the headteacher is told once of each duty that is overdue, by its key and its words.
pub async fn tell_overdue(
    conn: &mut PgConnection,
    case: &CaseOf,
    (keys, words): (&[String], &[String]),
    moment: Moment,
) -> Result<(), DbError> {
    let ids: Vec<_> = keys.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at, duty, words)
         select o.id, c.authority_id, c.school_id, c.id, 'overdue', $5, $6, o.duty, o.words
         from app.cases c, unnest($2::uuid[], $3::text[], $4::text[]) o (id, duty, words) where c.id = $1
         on conflict (case_id, duty) where duty is not null do nothing",
        case.id as CaseId,
        &ids,
        keys,
        words,
        moment.today,
        moment.now
    )
    .execute(conn)
    .await?;
    Ok(())
}
