//! SQL of the schools room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::SchoolId,
        permission::{ManageSchools, Over, PermitInAuthority, PermitOver},
        school::Period,
    },
};

/// A school.
#[derive(Clone, Debug)]
pub struct SchoolRow {
    pub id: SchoolId,
    pub name: String,
    pub urn: String,
    pub establishment: String,
    pub phase: String,
    pub takes_part: bool,
    pub mark_words: Vec<String>,
    pub goal_percent: i16,
    pub letterhead: String,
    pub version: i32,
    pub changed_at: Option<OffsetDateTime>,
    pub changed_by: Option<String>,
}

/// The schools somebody keeps, by name; or one of them.
pub async fn schools(
    conn: &mut PgConnection,
    over: &Over,
    one: Option<SchoolId>,
) -> Result<Vec<SchoolRow>, DbError> {
    Ok(sqlx::query_as!(
        SchoolRow,
        r#"select s.id as "id: SchoolId", s.name, s.urn, s.establishment, s.phase, s.takes_part, s.mark_words,
                  s.goal_percent, s.letterhead, s.version, s.changed_at, u.name as "changed_by?"
           from app.schools s left join app.users u on u.id = s.changed_by
           where s.authority_id = (select app.authority()) and ($1::uuid[] is null or s.id = any ($1))
             and ($2::uuid is null or s.id = $2)
           order by s.name, s.id limit 500"#,
        over.schools() as Option<&[SchoolId]>,
        one as Option<SchoolId>
    )
    .fetch_all(conn)
    .await?)
}

/// A period of a school's day, from one day to another.
#[derive(Debug)]
pub struct PeriodRow {
    pub school: SchoolId,
    pub label: String,
    pub starts_at: Time,
    pub ends_at: Time,
    pub from_on: Date,
}

/// The periods of these schools that hold today or will, in order.
pub async fn periods(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    today: Date,
) -> Result<Vec<PeriodRow>, DbError> {
    Ok(sqlx::query_as!(
        PeriodRow,
        r#"select school_id as "school: SchoolId", label, starts_at, ends_at, from_on
           from app.school_periods
           where school_id = any ($1) and (to_on is null or to_on >= greatest($2, from_on))
           order by school_id, from_on, period"#,
        schools as &[SchoolId],
        today
    )
    .fetch_all(conn)
    .await?)
}

/// The last day a school has marks for.
pub async fn last_marked_on(conn: &mut PgConnection, school: SchoolId) -> Result<Option<Date>, DbError> {
    Ok(sqlx::query_scalar!("select app.last_marked_on($1)", school as SchoolId).fetch_one(conn).await?)
}

/// What a school is, which is the authority's to say.
#[derive(Debug)]
pub struct What {
    pub name: String,
    pub urn: String,
    pub establishment: String,
    pub phase: &'static str,
    pub takes_part: bool,
}

/// A school as it was typed.
#[derive(Debug)]
pub struct NewSchool {
    pub what: What,
    pub mark_words: [String; 3],
    pub goal_percent: i16,
    pub letterhead: String,
}

/// Changes the permit's school. No: it is not as it was read any more.
pub async fn change(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageSchools>,
    new: &NewSchool,
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.schools set name = $3, urn = $4, establishment = $5, phase = $6, takes_part = $7, mark_words = $8,
                                goal_percent = $9, letterhead = $10, version = version + 1, changed_at = $11, changed_by = $12
         where id = $1 and version = $2",
        permit.school() as Option<SchoolId>,
        version,
        new.what.name,
        new.what.urn,
        new.what.establishment,
        new.what.phase,
        new.what.takes_part,
        &new.mark_words,
        new.goal_percent,
        new.letterhead,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds a school.
pub async fn add(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<ManageSchools>,
    id: SchoolId,
    new: &NewSchool,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.schools (id, authority_id, name, urn, establishment, phase, takes_part, mark_words, goal_percent,
                                  letterhead, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id as SchoolId,
        permit.authority().uuid(),
        new.what.name,
        new.what.urn,
        new.what.establishment,
        new.what.phase,
        new.what.takes_part,
        &new.mark_words,
        new.goal_percent,
        new.letterhead,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a school the periods that another one has today.
pub async fn copy_periods(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<ManageSchools>,
    (from, to): (SchoolId, SchoolId),
    today: Date,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.school_periods (id, authority_id, school_id, period, label, starts_at, ends_at, from_on, made_at,
                                         made_by)
         select gen_random_uuid(), $1, $2, period, label, starts_at, ends_at, $4, $5, $6 from app.school_periods
         where school_id = $3 and authority_id = $1 and from_on <= $4 and (to_on is null or to_on >= $4)",
        permit.authority().uuid(),
        to as SchoolId,
        from as SchoolId,
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the permit's school other periods from a day on. Those before end the day before; those that were planned for
/// later never begin. No: the school is not as it was read any more.
pub async fn change_periods(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageSchools>,
    periods: &[Period],
    from_on: Date,
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let Some(school) = permit.school() else { return Ok(false) };
    // Whoever changes the school or its periods at the same time waits here, then finds another version.
    let mine = sqlx::query!(
        "update app.schools set version = version + 1, changed_at = $3, changed_by = $4 where id = $1 and version = $2",
        school as SchoolId,
        version,
        now,
        permit.user().uuid()
    )
    .execute(&mut *conn)
    .await?;
    if mine.rows_affected() != 1 {
        return Ok(false);
    }
    sqlx::query!(
        "update app.school_periods set to_on = greatest(from_on, $2) - 1
         where school_id = $1 and (to_on is null or to_on >= greatest($2, from_on))",
        school as SchoolId,
        from_on
    )
    .execute(&mut *conn)
    .await?;
    for (number, period) in (1_i16..).zip(periods) {
        sqlx::query!(
            "insert into app.school_periods (id, authority_id, school_id, period, label, starts_at, ends_at, from_on, made_at,
                                             made_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            school as SchoolId,
            number,
            period.label,
            period.starts,
            period.ends,
            from_on,
            now,
            permit.user().uuid()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(true)
}
