//! What letters and notices print of a school.

use sqlx::PgConnection;

use super::DbError;
use crate::domain::{ids::SchoolId, school::letterhead_line};

/// The line beneath the school's name; none: the name stands alone.
pub async fn letterhead(conn: &mut PgConnection, school: SchoolId) -> Result<Option<String>, DbError> {
    let text = sqlx::query_scalar!("select letterhead from app.schools where id = $1", school as SchoolId)
        .fetch_optional(conn)
        .await?;
    Ok(text.as_deref().and_then(letterhead_line))
}
