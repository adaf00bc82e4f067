//! The start-up check of law 5: row-level security means nothing to a role that may step over it.

use sqlx::PgPool;

use super::DbError;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum WallError {
    /// The role of the web process could bypass row-level security.
    #[error(
        "the database role \"{role}\" {why}. Waymark serves only as a role that row-level security binds: \
         use waymark_web in WAYMARK_DATABASE_URL"
    )]
    TooStrong {
        /// The role in the setting.
        role: String,
        /// What makes it too strong.
        why: &'static str,
    },
    /// The database could not be asked.
    #[error("the database does not answer: {0}")]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for WallError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Refuses a superuser, a role with BYPASSRLS, one that owns or may become the owner of anything in `app`.
pub(super) async fn refuse_strong_role(pool: &PgPool) -> Result<(), WallError> {
    let row: (String, bool, bool, bool, bool) = sqlx::query_as(
        "select current_user::text, r.rolsuper, r.rolbypassrls,
                exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'app' and pg_has_role(current_user, c.relowner, 'member')),
                exists (select from pg_namespace n
                        where n.nspname = 'app' and has_schema_privilege(current_user, n.oid, 'create'))
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    let (role, superuser, bypass, owner, creates) = row;
    let why = match (superuser, bypass, owner, creates) {
        (true, ..) => "is a superuser",
        (_, true, ..) => "may bypass row-level security",
        (_, _, true, _) => "owns tables of Waymark (or may act as their owner)",
        (.., true) => "may create tables in Waymark's schema",
        _ => return Ok(()),
    };
    Err(WallError::TooStrong { role, why })
}
