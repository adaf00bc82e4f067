//! What is kept for a while only: files of pupils nobody brought in and forms of sessions that ended, for a day; tries to
//! sign in, for 30 days; browsers somebody signed in from, for a year.

use sqlx::{PgConnection, postgres::PgQueryResult};
use time::OffsetDateTime;

use super::DbError;

/// Forgets what was kept long enough, as the owner. Answers how much that was.
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
    .execute(&mut *conn)
    .await?;
    let tries = sqlx::query!(
        "-- The owner's: once a minute, in the background.
         delete from app.sign_in_tries where at <= $1::timestamptz - interval '30 days'",
        now
    )
    .execute(&mut *conn)
    .await?;
    let devices = sqlx::query!(
        "-- The owner's: once a minute, in the background.
         delete from app.known_devices where seen_at <= $1::timestamptz - interval '1 year'",
        now
    )
    .execute(conn)
    .await?;
    Ok([files, forms, tries, devices].iter().map(PgQueryResult::rows_affected).sum())
}
