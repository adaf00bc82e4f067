//! SQL of the accounts room. Sign-in goes through the functions of `0001_foundation.sql`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::throttle::Tries;
use crate::{
    db::DbError,
    domain::ids::{SessionId, UserId},
};

/// What sign-in needs to know about an address.
pub struct SignInFacts {
    /// The account, when there is one.
    pub user: Option<UserId>,
    /// Its password hash, when it has one and may sign in.
    pub hash: Option<String>,
    /// Tries so far.
    pub tries: Tries,
}

/// What is known about `email`, tried from `network` by the browser behind `device`.
pub async fn sign_in_facts(
    conn: &mut PgConnection,
    email: &str,
    network: &str,
    device: Option<[u8; 32]>,
    now: OffsetDateTime,
) -> Result<SignInFacts, DbError> {
    let row = sqlx::query!(
        r#"select user_id as "user_id: UserId", password_hash, usable, known_device as "known_device!",
                  account_failures as "account_failures!", pair_failures as "pair_failures!", last_pair_failure
           from app.sign_in_facts($1, $2, $3, $4)"#,
        email,
        network,
        device.as_ref().map(<[u8; 32]>::as_slice),
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(SignInFacts {
        user: row.user_id,
        hash: row.password_hash.filter(|_| row.usable == Some(true)),
        tries: Tries {
            account: row.account_failures,
            pair: row.pair_failures,
            last_pair: row.last_pair_failure,
            known_device: row.known_device,
        },
    })
}

/// Remembers a try.
pub async fn note_try(
    conn: &mut PgConnection,
    email: &str,
    network: &str,
    now: OffsetDateTime,
    succeeded: bool,
) -> Result<(), DbError> {
    sqlx::query!("select app.note_sign_in_try($1, $2, $3, $4)", email, network, now, succeeded)
        .execute(conn)
        .await?;
    Ok(())
}

/// Opens a session for twelve hours at most and remembers the browser.
pub async fn open_session(
    conn: &mut PgConnection,
    user: UserId,
    token: [u8; 32],
    device: [u8; 32],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "select app.open_session($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        token.as_slice(),
        user as UserId,
        device.as_slice(),
        now,
        Uuid::now_v7()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a session.
pub async fn end_session(
    conn: &mut PgConnection,
    token: [u8; 32],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!("select app.end_session($1, $2)", token.as_slice(), now).execute(conn).await?;
    Ok(())
}

/// The signed-in person's own password hash.
pub async fn own_hash(conn: &mut PgConnection) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar!("select app.own_password_hash()").fetch_one(conn).await?)
}

/// Changes the signed-in person's password and ends their other sessions.
pub async fn change_own_password(
    conn: &mut PgConnection,
    hash: &str,
    session: SessionId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!("select app.change_own_password($1, $2, $3)", hash, session as SessionId, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// A form kept for the signed-in person, for a day: its address and fields.
pub async fn draft(
    conn: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<Option<(String, Vec<(String, String)>)>, DbError> {
    let row = sqlx::query!(
        r#"select path, fields as "fields: sqlx::types::Json<Vec<(String, String)>>" from app.drafts
           where id = $1 and kept_at > $2::timestamptz - interval '1 day'"#,
        id,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.path, row.fields.0)))
}

/// Whose link this is, as long as it works: name and address.
pub async fn person_of_link(
    conn: &mut PgConnection,
    token: [u8; 32],
    now: OffsetDateTime,
) -> Result<Option<(String, String)>, DbError> {
    let row = sqlx::query!(
        r#"select name as "name!", email as "email!" from app.person_of_link($1, $2)"#,
        token.as_slice(),
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.name, row.email)))
}

/// Sets the password with a link and uses it up; every session of the person ends. No: the link does not work (any
/// more).
pub async fn use_link(
    conn: &mut PgConnection,
    token: [u8; 32],
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select app.use_account_link($1, $2, $3, $4) as "used!""#,
        token.as_slice(),
        password_hash,
        now,
        Uuid::now_v7()
    )
    .fetch_one(conn)
    .await?)
}
