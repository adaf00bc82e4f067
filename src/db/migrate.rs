//! Brings the schema to this program's version, as the owner.

use sqlx::{PgConnection, migrate::Migrator};

/// The migrations built into this program.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// Why the schema is not at this program's version.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer Waymark has been here. Nothing was changed.
    #[error(
        "this database was made by a newer Waymark (migration {found}; this program knows up to {known}). \
         Nothing was changed: start the newer program"
    )]
    Newer {
        /// The latest migration in the database.
        found: i64,
        /// The latest migration in the program.
        known: i64,
    },
    /// Any other failure; each migration is one transaction, so nothing is half done.
    #[error("the database could not be brought up to date: {0}")]
    Failed(String),
}

/// Applies what is missing. Answers how many migrations were applied. Refuses a database newer than the
/// program, and one whose applied migrations differ from the program's.
pub async fn migrate(owner: &mut PgConnection) -> Result<usize, MigrateError> {
    let failed = |error: sqlx::Error| MigrateError::Failed(error.to_string());
    let before = applied(owner).await.map_err(failed)?;
    let known = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    if let Some(&found) = before.last()
        && found > known
    {
        return Err(MigrateError::Newer { found, known });
    }
    MIGRATIONS.run(&mut *owner).await.map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(applied(owner).await.map_err(failed)?.len() - before.len())
}

/// Versions applied so far, in order; none when the database is empty.
async fn applied(owner: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    let there: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *owner)
        .await?;
    if !there {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("select version from _sqlx_migrations order by version").fetch_all(owner).await
}
