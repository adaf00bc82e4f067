//! The only way a handler reaches the database: one transaction that knows who is acting.
//!
//! Beginning it is one round trip (BEGIN, the session, the actor, whether this form was acted on before);
//! ending it is one round trip (the form's key, the audit row, COMMIT). Both are sent as several statements
//! at once; every value in them is made here (hashes, ids, instants, names fixed in the program), never
//! typed by a person; the reason of an export is, and goes as hexadecimal digits.
//!
//! Cancellation: a connection is held by a guard from before BEGIN is sent. Dropped anywhere before COMMIT
//! was answered, the guard rolls back before the pool may lend the connection again, or closes it. (sqlx
//! 0.9.0 gives back a connection with an open transaction when `Pool::begin` is cancelled.)

#![expect(
    clippy::disallowed_methods,
    reason = "the one place of a request that sends several statements at once; its own connection guard"
)]

use std::fmt::Write as _;

use serde::Deserialize;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, pool::PoolConnection};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{Db, DbError};
use crate::domain::{
    ids::{AuthorityId, PupilId, SchoolId, SessionId, UserId},
    people::{Grant, Role},
    permission::Actor,
};

/// The instant and the school's day (Europe/London) of one request, taken once.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant.
    pub now: OffsetDateTime,
    /// The day in Europe/London.
    pub today: Date,
}

/// A form's own key and what it held: acted on once per person.
#[derive(Clone, Debug)]
pub struct FormKey {
    /// The key rendered into the form.
    pub key: Uuid,
    /// SHA-256 of address and fields.
    pub fingerprint: [u8; 32],
}

/// What a request showed or changed, for its audit row.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The case, pupil or other record at the centre.
    pub subject: Option<Uuid>,
    /// The school it belongs to; none when it spans several.
    pub school: Option<SchoolId>,
    /// Every pupil whose record was shown or changed.
    pub pupils: Vec<PupilId>,
    /// Names of what changed; never the contents.
    pub changed: &'static [&'static str],
    /// It was refused, and nothing was shown or changed.
    pub refused: bool,
    /// Why a list was taken out, and how much of it: what an export keeps besides whom it names.
    pub facts: Vec<(&'static str, String)>,
}

/// How a request begins.
#[derive(Debug)]
pub enum Begun {
    /// Somebody is signed in.
    As(Box<ScopedTx>),
    /// This form was acted on before; where the person was sent then.
    Before {
        /// The address of the first answer.
        location: String,
        /// Whether the same contents were sent.
        same: bool,
    },
    /// Nobody is signed in.
    Nobody,
}

/// One request's transaction, as one person.
#[derive(Debug)]
pub struct ScopedTx {
    held: Held,
    actor: Actor,
    email: String,
    session: SessionId,
    unopened: i64,
    moment: Moment,
    request: Uuid,
    action: &'static str,
    form: Option<FormKey>,
}

/// A grant as begin_as writes it.
#[derive(Deserialize)]
struct GrantRow {
    role: Role,
    school: Option<SchoolId>,
    school_name: Option<String>,
    from_on: String,
    to_on: Option<String>,
}

impl Db {
    /// Begins a request for the session behind `token_hash`. `action` is the server's own name for what is
    /// asked. Everything the actor may reach is decided here, on this day, for this transaction.
    pub async fn begin(
        &self,
        token_hash: &[u8; 32],
        moment: Moment,
        request: Uuid,
        action: &'static str,
        form: Option<FormKey>,
    ) -> Result<Begun, DbError> {
        let mut sql = format!(
            "BEGIN; SELECT session_id, user_id, user_name, email, authority_id, grants, \
             app.unopened_notices(session_id) FROM app.begin_as('\\x{}', '{}', '{}')",
            data_encoding::HEXLOWER.encode(token_hash),
            instant(moment.now),
            moment.today,
        );
        if let Some(form) = &form {
            let _ = write!(
                sql,
                "; SELECT fingerprint, location FROM app.form_keys WHERE user_id = app.actor() AND key = '{}'",
                form.key
            );
        }
        // The first statement on a connection the server has dropped meanwhile fails before anything was
        // done: begin once more on another.
        let (held, rows) = match Held::begin(self, sql.clone()).await {
            Err(sqlx::Error::Io(_)) => Held::begin(self, sql).await?,
            other => other?,
        };
        let Some((first, rest)) = rows.split_first() else {
            held.roll_back().await;
            return Ok(Begun::Nobody);
        };
        if let (Some(before), Some(form)) = (rest.first(), &form) {
            let (stored, location): (Vec<u8>, String) = (before.try_get(0)?, before.try_get(1)?);
            held.roll_back().await;
            return Ok(Begun::Before { location, same: stored == form.fingerprint });
        }
        let user: UserId = first.try_get(1)?;
        let authority: AuthorityId = first.try_get(4)?;
        let grants: sqlx::types::Json<Vec<GrantRow>> = first.try_get(5)?;
        let grants = grants.0.into_iter().map(TryFrom::try_from).collect::<Result<Vec<Grant>, _>>()?;
        let actor = Actor::new(user, first.try_get(2)?, authority, grants, moment.today);
        Ok(Begun::As(Box::new(ScopedTx {
            held,
            actor,
            email: first.try_get(3)?,
            session: first.try_get(0)?,
            unopened: first.try_get(6)?,
            moment,
            request,
            action,
            form,
        })))
    }
}

impl TryFrom<GrantRow> for Grant {
    type Error = sqlx::Error;

    fn try_from(row: GrantRow) -> Result<Self, sqlx::Error> {
        let date = |text: &str| {
            Date::parse(text, &time::format_description::well_known::Iso8601::DATE)
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))
        };
        Ok(Self {
            role: row.role,
            school: row.school,
            school_name: row.school_name,
            from_on: date(&row.from_on)?,
            to_on: row.to_on.as_deref().map(date).transpose()?,
        })
    }
}

impl ScopedTx {
    /// Who is acting, with the roles that are live today.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The actor's sign-in address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The session behind the request.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Notices that the actor, as headteacher, has not opened (P2.01).
    pub fn unopened(&self) -> i64 {
        self.unopened
    }

    /// The school's day.
    pub fn today(&self) -> Date {
        self.moment.today
    }

    /// The instant and the day of this request.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The instant of the request.
    pub fn now(&self) -> OffsetDateTime {
        self.moment.now
    }

    /// The request's own id, as its audit rows carry it.
    pub fn request(&self) -> Uuid {
        self.request
    }

    /// For queries.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.held.conn()
    }

    /// Ends a request that showed something: audit row and COMMIT. Nothing may be sent before this succeeds.
    pub async fn shown(mut self, trace: Trace) -> Result<(), DbError> {
        self.form = None;
        self.end(trace, "").await
    }

    /// Ends a request that changed something: the form's key with where the person goes next, the audit
    /// row, COMMIT.
    pub async fn done(self, trace: Trace, location: &str) -> Result<(), DbError> {
        self.end(trace, location).await
    }

    /// Ends a request that touched no child's record.
    pub async fn nothing_shown(self) -> Result<(), DbError> {
        self.held.send("COMMIT".to_owned()).await
    }

    /// Leaves everything as it was.
    pub async fn roll_back(self) {
        self.held.roll_back().await;
    }

    async fn end(self, trace: Trace, location: &str) -> Result<(), DbError> {
        let text = |value: &str| format!("'{}'", value.replace('\'', "''"));
        let or_null = |value: Option<String>| value.map_or_else(|| "NULL".to_owned(), |value| text(&value));
        let pupils = trace.pupils.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let acted_as =
            trace.school.and_then(|school| self.actor.role_at(school)).or_else(|| self.actor.first_role());
        let mut facts = serde_json::Map::new();
        if !trace.changed.is_empty() {
            facts.insert("changed".to_owned(), serde_json::json!(trace.changed));
        }
        facts.extend(trace.facts.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
        // A reason is typed by a person: it goes as hexadecimal digits, so that it is never part of a statement.
        let facts = if facts.is_empty() {
            "NULL".to_owned()
        } else {
            let digits =
                data_encoding::HEXLOWER.encode(serde_json::Value::from(facts).to_string().as_bytes());
            format!("convert_from('\\x{digits}', 'UTF8')::jsonb")
        };
        let form = self.form.as_ref().map_or_else(
            || "NULL, NULL, NULL".to_owned(),
            |form| {
                let fingerprint = data_encoding::HEXLOWER.encode(&form.fingerprint);
                format!("'{}', '\\x{fingerprint}', {}", form.key, text(location))
            },
        );
        let sql = format!(
            "SELECT app.record({form}, {}, '{}', {}, '{}', '{}', {}, '{{{pupils}}}', '{}', {}); COMMIT",
            or_null(trace.school.map(|id| id.to_string())),
            instant(self.moment.now),
            or_null(acted_as.map(|role| role.as_str().to_owned())),
            self.action,
            if trace.refused { "refused" } else { "allowed" },
            or_null(trace.subject.map(|id| id.to_string())),
            self.request,
            facts,
        );
        self.held.send(sql).await
    }
}

fn instant(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// A connection that may have a transaction open.
#[derive(Debug)]
struct Held {
    conn: Option<PoolConnection<Postgres>>,
}

impl Held {
    async fn begin(db: &Db, sql: String) -> Result<(Self, Vec<sqlx::postgres::PgRow>), sqlx::Error> {
        let mut held = Self { conn: Some(db.pool().acquire().await?) };
        match sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(held.conn()).await {
            Ok(rows) => Ok((held, rows)),
            Err(error @ sqlx::Error::Io(_)) => {
                held.close();
                Err(error)
            }
            Err(error) => {
                held.roll_back().await;
                Err(error)
            }
        }
    }

    #[expect(clippy::expect_used, reason = "the connection is only taken by methods that consume the guard")]
    fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("a held connection")
    }

    /// Sends the last statements. The connection goes back to the pool only when all of them were answered.
    async fn send(mut self, sql: String) -> Result<(), DbError> {
        let ended = sqlx::raw_sql(AssertSqlSafe(sql)).execute(self.conn()).await;
        match ended {
            Ok(_) => {
                self.conn = None;
                Ok(())
            }
            Err(error) => {
                self.roll_back().await;
                Err(error.into())
            }
        }
    }

    async fn roll_back(mut self) {
        if sqlx::raw_sql("ROLLBACK").execute(self.conn()).await.is_ok() {
            self.conn = None;
        } else {
            self.close();
        }
    }

    fn close(mut self) {
        if let Some(mut conn) = self.conn.take() {
            conn.close_on_drop();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if sqlx::raw_sql("ROLLBACK").execute(&mut *conn).await.is_err() {
                        conn.close_on_drop();
                    }
                });
            }
            Err(_) => conn.close_on_drop(),
        }
    }
}
