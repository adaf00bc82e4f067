//! FLOOR 1, plumbing for SQL: the pool, the scoped transaction every request works in, migrations, the
//! private cluster, and the check that the web role is weak enough. Only this floor sees the pool.

pub mod absence;
pub mod calendar;
pub mod case;
pub mod cluster;
pub mod decision;
pub mod direction;
pub mod duties;
pub mod exclusions;
pub mod facts;
pub mod history;
pub mod incident;
pub mod lead;
mod migrate;
pub mod names;
pub mod notices;
pub mod referral;
pub mod school;
mod scoped;
pub mod sent;
pub mod transfer;
mod wall;
pub mod week;

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use migrate::{MigrateError, migrate};
pub use scoped::{Begun, FormKey, Moment, ScopedTx, Trace};
pub use wall::WallError;

/// Connections the web process may hold at once: two for each core and some to spare. With more, the same
/// cores answer fewer pages: measured on two cores, eight connections gave 1.7 times the pages of twenty.
fn connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(2 * cores + 4).unwrap_or(u32::MAX).min(40)
}
/// How long a request waits for a connection before it is told to come back: nothing was saved.
const WAIT: Duration = Duration::from_secs(2);

/// What can go wrong below a query.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection, lock or time was to be had: nothing was saved, pressing again is safe.
    #[error("the database is busy: {0}")]
    Busy(sqlx::Error),
    /// The same form was sent twice at once and the other one was first.
    #[error("this form was acted on a moment ago")]
    AlreadyDone,
    /// A named constraint of the schema refused the row.
    #[error("refused by {constraint}")]
    Constraint {
        /// The constraint's name, as the migration gives it.
        constraint: String,
    },
    /// Anything else, for the log.
    #[error(transparent)]
    Other(sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => Self::Busy(error),
            sqlx::Error::Database(db) => match (db.code().as_deref(), db.constraint()) {
                (Some("23505"), Some("form_keys_pk")) => Self::AlreadyDone,
                // A unique, exclusion, check or foreign key constraint.
                (Some("23505" | "23P01" | "23514" | "23503"), Some(constraint)) => {
                    Self::Constraint { constraint: constraint.to_owned() }
                }
                // Time or locks ran out, connections ran out, the server is stopping or its disk is full.
                (Some("57014" | "55P03" | "40P01" | "53300" | "53100" | "57P01" | "57P02" | "57P03"), _) => {
                    Self::Busy(error)
                }
                _ => Self::Other(error),
            },
            _ => Self::Other(error),
        }
    }
}

/// The database as the web process sees it. Its pool is private: handlers get a [`ScopedTx`].
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// Connects as the web role. Refuses a role that could step over row-level security.
    pub async fn connect(options: PgConnectOptions) -> Result<Self, WallError> {
        let options = options
            .application_name("waymark")
            .options([
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("timezone", "UTC"),
                ("jit", "off"),
                // Planning a list anew for each school costs more than running it.
                ("plan_cache_mode", "force_generic_plan"),
                // Memory and solid state: a page out of order costs hardly more than the next one.
                ("random_page_cost", "1.1"),
            ])
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(connections())
            .min_connections(2)
            .acquire_timeout(WAIT)
            // A stale connection shows in the first statement, which is then begun again on a fresh one.
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        wall::refuse_strong_role(&pool).await?;
        Ok(Self { pool })
    }

    /// Whether the database answers; for `/ready`.
    pub async fn answers(&self) -> bool {
        sqlx::query("select 1 from app.installation").fetch_one(&self.pool).await.is_ok()
    }

    /// Whether this database was made as a demo world; none: it was never set up.
    pub async fn is_demo(&self) -> Result<Option<bool>, DbError> {
        match sqlx::query_scalar!("select demo from app.installation").fetch_optional(&self.pool).await {
            // No such schema or table: migrations have never run here.
            Err(sqlx::Error::Database(error))
                if matches!(error.code().as_deref(), Some("3F000" | "42P01")) =>
            {
                Ok(None)
            }
            found => Ok(found?),
        }
    }

    /// Closes every connection once it is idle.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection with no actor, for signing in and out. Row-level security shows it nothing; it reaches
    /// accounts only through the functions of `0001_foundation.sql`.
    #[expect(clippy::disallowed_methods, reason = "no transaction is begun on it")]
    pub async fn nobody(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, DbError> {
        Ok(self.pool.acquire().await?)
    }

    pub(in crate::db) fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// One connection as the role that owns the schema: migrations, seeds, accounts from the command line.
pub async fn owner(options: &PgConnectOptions) -> Result<PgConnection, DbError> {
    Ok(options.clone().application_name("waymark-owner").disable_statement_logging().connect().await?)
}

/// Reads a connection setting. The text may hold a password: it is never repeated in the answer.
pub fn parse_url(url: &str) -> Option<PgConnectOptions> {
    let ours = url.starts_with("postgres://") || url.starts_with("postgresql://");
    PgConnectOptions::from_str(url).ok().filter(|_| ours)
}
