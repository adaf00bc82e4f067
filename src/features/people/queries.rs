//! SQL of the people room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

pub use crate::db::lead::{change_lead, hand_over_unseen, possible_leads};
use crate::{
    db::{DbError, Moment},
    domain::{
        ids::{CaseId, PupilId, SchoolId, UserId},
        people::{Grant, Role},
        permission::{ManagePeople, Over, PermitOver},
    },
};

/// Somebody with an account.
#[derive(Debug)]
pub struct PersonRow {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub disabled_at: Option<OffsetDateTime>,
}

/// Which people a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Those who may sign in and hold a role, or will.
    Here,
    /// Those who left or were disabled.
    Gone,
    /// Both.
    All,
}

/// What a list is asked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub standing: Standing,
    /// With a role at this school that is not over.
    pub school: Option<SchoolId>,
    /// With this role, not over.
    pub role: Option<Role>,
    /// With these words in name or address.
    pub words: Option<&'a str>,
    /// After this one in the list's order.
    pub after: Option<UserId>,
    /// At most so many.
    pub limit: i64,
}

/// People per page of the list.
pub const PAGE: i64 = 50;

/// People somebody looks after, by name.
pub async fn people(
    conn: &mut PgConnection,
    over: &Over,
    wanted: &Wanted<'_>,
    today: Date,
) -> Result<Vec<PersonRow>, DbError> {
    let here = match wanted.standing {
        Standing::Here => Some(true),
        Standing::Gone => Some(false),
        Standing::All => None,
    };
    // What people type is looked for as it is.
    let words = wanted.words.map(|words| {
        let plain = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{plain}%")
    });
    Ok(sqlx::query_as!(
        PersonRow,
        r#"select u.id as "id: UserId", u.name, u.email, u.disabled_at
           from app.users u
           where u.authority_id = (select app.authority())
             and ($1::uuid[] is null or exists (select from app.grants g where g.user_id = u.id and g.school_id = any ($1)))
             and ($2::boolean is null
                  or $2 = (u.disabled_at is null
                           and exists (select from app.grants g where g.user_id = u.id
                                       and (g.to_on is null or g.to_on >= greatest($3, g.from_on)))))
             and (($4::uuid is null and $5::text is null)
                  or exists (select from app.grants g where g.user_id = u.id and ($4 is null or g.school_id = $4)
                             and ($5 is null or g.role = $5)
                             and ($2 is not true or g.to_on is null or g.to_on >= greatest($3, g.from_on))))
             and ($6::text is null or u.name ilike $6 or u.email ilike $6)
             and ($7::uuid is null or (u.name, u.id) > (select b.name, b.id from app.users b where b.id = $7))
           order by u.name, u.id limit $8"#,
        over.schools() as Option<&[SchoolId]>,
        here,
        today,
        wanted.school as Option<SchoolId>,
        wanted.role.map(Role::as_str),
        words,
        wanted.after as Option<UserId>,
        wanted.limit
    )
    .fetch_all(conn)
    .await?)
}

/// One of the people somebody looks after.
pub async fn person(conn: &mut PgConnection, over: &Over, id: UserId) -> Result<Option<PersonRow>, DbError> {
    Ok(sqlx::query_as!(
        PersonRow,
        r#"select u.id as "id: UserId", u.name, u.email, u.disabled_at
           from app.users u
           where u.id = $2 and u.authority_id = (select app.authority())
             and ($1::uuid[] is null or exists (select from app.grants g where g.user_id = u.id and g.school_id = any ($1)))"#,
        over.schools() as Option<&[SchoolId]>,
        id as UserId
    )
    .fetch_optional(conn)
    .await?)
}

/// A role that somebody holds, held or will hold.
#[derive(Debug)]
pub struct HeldRow {
    pub id: Uuid,
    pub user: UserId,
    pub grant: Grant,
}

/// The roles of these people, those that are not over first, then by their first day.
pub async fn roles(conn: &mut PgConnection, people: &[UserId], today: Date) -> Result<Vec<HeldRow>, DbError> {
    let rows = sqlx::query!(
        r#"select g.id, g.user_id as "user: UserId", g.role, g.school_id as "school: SchoolId", s.name as "school_name?",
                  g.from_on, g.to_on
           from app.grants g left join app.schools s on s.id = g.school_id
           where g.user_id = any ($1)
           order by coalesce(g.to_on < greatest($2, g.from_on), false), g.from_on, g.id"#,
        people as &[UserId],
        today
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let role = row.role.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?;
            let grant = Grant {
                role,
                school: row.school,
                school_name: row.school_name,
                from_on: row.from_on,
                to_on: row.to_on,
            };
            Ok(HeldRow { id: row.id, user: row.user, grant })
        })
        .collect()
}

/// When these people signed in last; those who never did are left out.
pub async fn last_signed_in(
    conn: &mut PgConnection,
    people: &[UserId],
) -> Result<Vec<(UserId, OffsetDateTime)>, DbError> {
    let rows = sqlx::query!(
        r#"select user_id as "user!: UserId", at as "at!" from app.last_signed_in($1)"#,
        people as &[UserId]
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.at)).collect())
}

/// The schools a role can be held at: all of the authority, or one's own.
pub async fn schools(conn: &mut PgConnection, over: &Over) -> Result<Vec<(SchoolId, String)>, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SchoolId", name from app.schools
           where authority_id = (select app.authority()) and ($1::uuid[] is null or id = any ($1)) order by name, id"#,
        over.schools() as Option<&[SchoolId]>
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The latest link that was made for somebody.
#[expect(clippy::struct_field_names, reason = "four instants, called as their columns")]
#[derive(Debug)]
pub struct LinkRow {
    pub made_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
    pub used_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
}

/// The latest link of somebody.
pub async fn latest_link(conn: &mut PgConnection, person: UserId) -> Result<Option<LinkRow>, DbError> {
    Ok(sqlx::query_as!(
        LinkRow,
        "select made_at, ends_at, used_at, ended_at from app.account_links where user_id = $1
         order by made_at desc, id desc limit 1",
        person as UserId
    )
    .fetch_optional(conn)
    .await?)
}

/// Open cases somebody leads, how many at which school.
#[derive(Debug)]
pub struct LedRow {
    pub school: SchoolId,
    pub school_name: String,
    pub cases: i64,
}

/// How many open cases somebody leads at each school within reach.
pub async fn led(conn: &mut PgConnection, person: UserId) -> Result<Vec<LedRow>, DbError> {
    Ok(sqlx::query_as!(
        LedRow,
        r#"select l.school_id as "school!: SchoolId", s.name as school_name, l.cases as "cases!"
           from app.cases_led($1) l join app.schools s on s.id = l.school_id order by s.name, s.id"#,
        person as UserId
    )
    .fetch_all(conn)
    .await?)
}

/// An open case somebody leads.
#[derive(Debug)]
pub struct LedCase {
    pub id: CaseId,
    pub pupil: PupilId,
    pub number: i64,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
}

/// Cases of a leaver that a form lists one by one.
pub const MOST_CASES: i64 = 200;

/// The open cases somebody leads at a school, by family name: for somebody who sees the school's cases.
pub async fn cases_led(
    conn: &mut PgConnection,
    person: UserId,
    school: SchoolId,
) -> Result<Vec<LedCase>, DbError> {
    Ok(sqlx::query_as!(
        LedCase,
        r#"select c.id as "id: CaseId", c.pupil_id as "pupil: PupilId", c.number, p.given_name, p.known_as, p.family_name
           from app.cases c join app.pupils p on p.id = c.pupil_id
           where c.school_id = $2 and c.lead_id = $1 and c.closed_on is null
           order by c.sort_name, c.id limit $3"#,
        person as UserId,
        school as SchoolId,
        MOST_CASES
    )
    .fetch_all(conn)
    .await?)
}

/// Adds somebody who has no password yet.
pub async fn add_person(
    conn: &mut PgConnection,
    permit: &PermitOver<ManagePeople>,
    id: UserId,
    (name, email): (&str, &str),
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.users (id, authority_id, email, name, made_at) values ($1, $2, $3, $4, $5)",
        id as UserId,
        permit.authority().uuid(),
        email,
        name,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A role to give, at the permit's school.
#[derive(Clone, Copy, Debug)]
pub struct NewRole {
    pub id: Uuid,
    pub person: UserId,
    pub role: Role,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

/// Gives somebody a role.
pub async fn give_role(
    conn: &mut PgConnection,
    permit: &PermitOver<ManagePeople>,
    new: NewRole,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, to_on, made_at, made_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        permit.authority().uuid(),
        new.person as UserId,
        new.role.as_str(),
        permit.school() as Option<SchoolId>,
        new.from_on,
        new.to_on,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a role its last day; the sessions of somebody who holds none any more end. No: its last day is not `was` any
/// more.
pub async fn end_role(
    conn: &mut PgConnection,
    _: &PermitOver<ManagePeople>,
    (person, role): (UserId, Uuid),
    was: Option<Date>,
    last_day: Date,
    moment: Moment,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.grants set to_on = $3 where id = $1 and user_id = $2 and to_on is not distinct from $4",
        role,
        person as UserId,
        last_day,
        was
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "select app.end_sessions_without_role($1, $2, $3)",
        person as UserId,
        moment.now,
        moment.today
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether somebody else administers the authority on a day.
pub async fn administrator_stays(conn: &mut PgConnection, but: UserId, on: Date) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(r#"select app.administrator_stays($1, $2) as "stays!""#, but as UserId, on)
        .fetch_one(conn)
        .await?)
}

/// Makes a link for somebody; older ones end. No: not theirs to make.
pub async fn make_link(
    conn: &mut PgConnection,
    _: &PermitOver<ManagePeople>,
    person: UserId,
    token: [u8; 32],
    moment: Moment,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select app.make_account_link($1, $2, $3, $4, $5) as "made!""#,
        Uuid::now_v7(),
        person as UserId,
        token.as_slice(),
        moment.now,
        moment.today
    )
    .fetch_one(conn)
    .await?)
}

/// Stops an account; sessions and links end. What stood in the way, as the migration names it.
pub async fn disable(
    conn: &mut PgConnection,
    _: &PermitOver<ManagePeople>,
    person: UserId,
    moment: Moment,
) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar!(
        "select app.disable_account($1, $2, $3)",
        person as UserId,
        moment.now,
        moment.today
    )
    .fetch_one(conn)
    .await?)
}

/// Lets somebody sign in again. No: not theirs to do.
pub async fn enable(
    conn: &mut PgConnection,
    _: &PermitOver<ManagePeople>,
    person: UserId,
    today: Date,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(r#"select app.enable_account($1, $2) as "done!""#, person as UserId, today)
        .fetch_one(conn)
        .await?)
}
