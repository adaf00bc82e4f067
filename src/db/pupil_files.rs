//! Files of pupils that nobody brought in: what was sent is gone after a day.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::DbError;

/// Forgets what was sent more than a day ago, as the owner. Answers how many files that were.
pub async fn forget(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, DbError> {
    let gone = sqlx::query!(
        "update app.pupil_files set contents = null
         where contents is not null and made_at <= $1::timestamptz - interval '1 day'",
        now
    )
    .execute(conn)
    .await?;
    Ok(gone.rows_affected())
}
