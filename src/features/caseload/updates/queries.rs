//! SQL of what the LA asks about a case and the school answers.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, SchoolId, UserId},
        permission::{Permit, RecordSteps},
    },
};

/// What was asked about a case, and answered.
pub struct Update {
    pub words: Option<String>,
    pub asked_at: OffsetDateTime,
    pub asked_by: String,
    pub due_on: Date,
    pub answer: Option<String>,
    pub answered_at: Option<OffsetDateTime>,
    pub answered_by: Option<String>,
}

/// The questions about a case, the latest first.
pub async fn updates(conn: &mut PgConnection, case: CaseId) -> Result<Vec<Update>, DbError> {
    Ok(sqlx::query_as!(
        Update,
        r#"select q.words, q.asked_at, a.name as asked_by, q.due_on, q.answer, q.answered_at,
                  b.name as "answered_by?"
           from app.update_requests q
           join app.users a on a.id = q.asked_by
           left join app.users b on b.id = q.answered_by
           where q.case_id = $1 order by q.asked_at desc, q.id desc limit 100"#,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// Answers the open question about a case. No: there is none any more.
pub async fn answer(
    conn: &mut PgConnection,
    permit: &Permit<RecordSteps>,
    case: CaseId,
    words: &str,
    (today, now): (Date, OffsetDateTime),
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.update_requests set answer = $3, answered_on = $4, answered_at = $5, answered_by = $6
         where case_id = $1 and school_id = $2 and answer is null",
        case as CaseId,
        permit.school() as SchoolId,
        words,
        today,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
