//! What was sent and never saved: files of pupils nobody brought in, forms of sessions that ended. Gone after a day.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::DbError;

/// Forgets what was sent more than a day ago, as the owner. Answers how much that was.
pub async fn forget(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, DbError> {
    let files = sqlx::query!(
        "update app.pupil_files set contents = null
         where contents is not null and made_at <= $1::timestamptz - interval '1 day'",
        now
    )
    .execute(&mut *conn)
    .await?;
    let forms = sqlx::query!(
        "-- The owner's: once a minute, in the background.
         delete from app.drafts where kept_at <= $1::timestamptz - interval '1 day'",
        now
    )
    .execute(conn)
    .await?;
    Ok(files.rows_affected() + forms.rows_affected())
}
