//! People and their roles from the command line, as the owner of the database: how the first administrator gets in.

use sqlx::{Connection, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::domain::people::Role;

/// Somebody to add.
#[derive(Debug)]
pub struct NewPerson {
    /// Sign-in address.
    pub email: String,
    /// Name, as colleagues know them.
    pub name: String,
    /// What they do.
    pub role: Role,
    /// URN of the school the role is at; none for authority roles.
    pub school_urn: Option<String>,
    /// First day.
    pub from_on: Date,
    /// Last day; none: no end.
    pub to_on: Option<Date>,
}

/// Adds a person, or another role for one who is there. The hash is only stored for a new person. Refuses a
/// school nobody knows, a role without its school, and a role already held in that time. Answers whether the
/// person is new.
pub async fn add(
    owner: &mut PgConnection,
    person: &NewPerson,
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<bool, String> {
    let mut tx = owner.begin().await.map_err(|error| error.to_string())?;
    let authority: Uuid = sqlx::query_scalar!("select id from app.authorities order by id limit 1")
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| error.to_string())?
        .ok_or("there is no authority yet: run `waymark authority FILE` first")?;
    let school = match &person.school_urn {
        None => None,
        Some(urn) => Some(
            sqlx::query_scalar!("select id from app.schools where urn = $1", urn)
                .fetch_optional(&mut *tx)
                .await
                .map_err(|error| error.to_string())?
                .ok_or_else(|| format!("no school has URN {urn}"))?,
        ),
    };
    if person.role.is_school_role() && school.is_none() {
        return Err(format!(
            "a {} needs a school: give its URN with --school",
            person.role.label().to_lowercase()
        ));
    }
    // The database lets a role end the day before it begins: taken back. Nobody is added like that.
    if person.to_on.is_some_and(|to| to < person.from_on) {
        return Err("the last day must not be before the first".to_owned());
    }
    let email = person.email.trim().to_lowercase();
    let known = sqlx::query_scalar!("select id from app.users where email = $1", email)
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| error.to_string())?;
    let user = known.unwrap_or_else(Uuid::now_v7);
    if known.is_none() {
        sqlx::query!(
            "insert into app.users (id, authority_id, email, name, password_hash, made_at) values ($1, $2, $3, $4, $5, $6)",
            user,
            authority,
            email,
            person.name,
            password_hash,
            now
        )
        .execute(&mut *tx)
        .await
        .map_err(|_| format!("\"{email}\" is not an email address"))?;
    }
    sqlx::query!(
        "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, to_on, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        authority,
        user,
        person.role.as_str(),
        school,
        person.from_on,
        person.to_on,
        now
    )
    .execute(&mut *tx)
    .await
    .map_err(|error| match error.as_database_error().and_then(|db| db.constraint()) {
        Some("grants_once") => format!("{email} already holds this role in that time"),
        _ => error.to_string(),
    })?;
    tx.commit().await.map_err(|error| error.to_string())?;
    Ok(known.is_none())
}

/// Stops an account from signing in and ends its sessions now. Refuses an unknown address.
pub async fn disable(owner: &mut PgConnection, email: &str, now: OffsetDateTime) -> Result<(), String> {
    let email = email.trim().to_lowercase();
    let changed = sqlx::query!("update app.users set disabled_at = $2 where email = $1", email, now)
        .execute(&mut *owner)
        .await
        .map_err(|error| error.to_string())?;
    if changed.rows_affected() == 0 {
        return Err(format!("nobody signs in as {email}"));
    }
    end_sessions(owner, &email, now).await
}

/// Gives an account a new password, ends its sessions and lets it sign in again. Refuses an unknown address.
pub async fn reset(
    owner: &mut PgConnection,
    email: &str,
    hash: &str,
    now: OffsetDateTime,
) -> Result<(), String> {
    let email = email.trim().to_lowercase();
    let changed = sqlx::query!(
        "update app.users set password_hash = $2, disabled_at = null where email = $1",
        email,
        hash
    )
    .execute(&mut *owner)
    .await
    .map_err(|error| error.to_string())?;
    if changed.rows_affected() == 0 {
        return Err(format!("nobody signs in as {email}"));
    }
    end_sessions(owner, &email, now).await
}

async fn end_sessions(owner: &mut PgConnection, email: &str, now: OffsetDateTime) -> Result<(), String> {
    sqlx::query!(
        "update app.sessions s set ended_at = $2 from app.users u
         where u.id = s.user_id and u.email = $1 and s.ended_at is null",
        email,
        now
    )
    .execute(owner)
    .await
    .map_err(|error| error.to_string())?;
    Ok(())
}
