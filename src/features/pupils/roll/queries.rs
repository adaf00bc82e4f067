//! SQL of leaving the roll and coming back. Tables: the room's own.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, PupilId, SchoolId},
        people::Role,
        permission::{ManagePupils, Permit},
    },
};

/// Most pupils of one school that are looked at.
const MOST: i64 = 5000;

/// A pupil on the roll of a school.
pub struct OnRoll {
    pub id: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub from_on: Date,
    /// The last day that is set already.
    pub leaves_on: Option<Date>,
    pub open_case: Option<CaseId>,
    pub number: Option<i64>,
}

/// Pupils of a school who are on its roll after a day and of whom no day of leaving is known, and whoever has an open
/// case whether they leave or not, by name.
pub async fn on_roll(conn: &mut PgConnection, school: SchoolId, today: Date) -> Result<Vec<OnRoll>, DbError> {
    Ok(sqlx::query_as!(
        OnRoll,
        r#"select p.id as "id: PupilId", p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, e.from_on,
                  e.to_on as leaves_on, c.id as "open_case?: CaseId", c.number as "number?"
           from app.pupils p
           left join app.cases c on c.school_id = $1 and c.pupil_id = p.id and not c.closed
           join lateral (select x.from_on, x.to_on, x.left_why from app.enrolments x
                         where x.school_id = $1 and x.pupil_id = p.id order by x.from_on desc limit 1) e
                on c.id is not null or (e.left_why is null and (e.to_on is null or e.to_on > $2))
           where p.school_id = $1 and p.merged_into is null
           order by lower(p.family_name), lower(p.given_name), p.id limit $3"#,
        school as SchoolId,
        today,
        MOST
    )
    .fetch_all(conn)
    .await?)
}

/// What else ends with the school year: targets of open cases that are due before the new one, and roles at the school.
pub struct Ending {
    pub targets: i64,
    pub roles: Vec<(String, Role, Date)>,
}

/// What ends at a school from a day until before `first_day`.
pub async fn ending(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
    first_day: Date,
) -> Result<Ending, DbError> {
    let targets = sqlx::query_scalar!(
        r#"select count(*) as "n!" from app.cases c join app.targets t on t.school_id = $1 and t.case_id = c.id
           where c.school_id = $1 and not c.closed and t.ended_on is null and t.due_on < $2"#,
        school as SchoolId,
        first_day
    )
    .fetch_one(&mut *conn)
    .await?;
    let roles = sqlx::query!(
        r#"select u.name, g.role, g.to_on as "to_on!" from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = $1 and g.to_on >= $2 and g.to_on < $3 and u.disabled_at is null
           order by g.to_on, u.name limit 200"#,
        school as SchoolId,
        today,
        first_day.max(today + time::Duration::days(31))
    )
    .fetch_all(conn)
    .await?;
    Ok(Ending {
        targets,
        roles: roles
            .into_iter()
            .filter_map(|row| Some((row.name, row.role.parse().ok()?, row.to_on)))
            .collect(),
    })
}

/// How the latest days of a pupil on the roll of their school stand.
pub struct Standing {
    pub from_on: Date,
    pub to_on: Option<Date>,
    pub left_why: Option<String>,
    pub left_at: Option<OffsetDateTime>,
    pub left_by: Option<String>,
}

/// The latest days of a pupil on the roll of a school.
pub async fn standing(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
) -> Result<Option<Standing>, DbError> {
    Ok(sqlx::query_as!(
        Standing,
        r#"select e.from_on, e.to_on, e.left_why, e.left_at, u.name as "left_by?"
           from app.enrolments e left join app.users u on u.id = e.left_by
           where e.school_id = $1 and e.pupil_id = $2 order by e.from_on desc limit 1"#,
        school as SchoolId,
        pupil as PupilId
    )
    .fetch_optional(conn)
    .await?)
}

/// Takes pupils off the roll at the end of a day. Answers how many that were: fewer than asked when somebody was faster,
/// and then nothing may be kept of it. An open case is a constraint error `enrolments_case_closed`.
pub async fn leave(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupils: &[PupilId],
    last_on: Date,
    why: &str,
    now: OffsetDateTime,
) -> Result<u64, DbError> {
    let pupils: Vec<Uuid> = pupils.iter().map(|id| id.uuid()).collect();
    // Whoever opens a case meanwhile holds the row: the check of the case comes after that.
    sqlx::query!(
        "select id from app.enrolments where school_id = $1 and pupil_id = any ($2) order by id for update",
        permit.school().uuid(),
        &pupils
    )
    .fetch_all(&mut *conn)
    .await?;
    let left = sqlx::query!(
        "update app.enrolments set to_on = $3, left_why = $4, left_at = $5, left_by = $6
         where school_id = $1 and pupil_id = any ($2) and left_why is null and from_on <= $3
           and (to_on is null or to_on > $3)",
        permit.school().uuid(),
        &pupils,
        last_on,
        why,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(left.rows_affected())
}

/// Puts a pupil back who was taken off by mistake: as if they had never left. No: somebody was faster.
pub async fn undo_leaving(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupil: PupilId,
    from_on: Date,
) -> Result<bool, DbError> {
    let back = sqlx::query!(
        "update app.enrolments set to_on = null, left_why = null, left_at = null, left_by = null
         where school_id = $1 and pupil_id = $2 and from_on = $3 and left_why is not null",
        permit.school().uuid(),
        pupil as PupilId,
        from_on
    )
    .execute(conn)
    .await?;
    Ok(back.rows_affected() == 1)
}

/// A pupil who left is on the roll again from a day on.
pub async fn come_back(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupil: PupilId,
    from_on: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on) values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil as PupilId,
        from_on
    )
    .execute(conn)
    .await?;
    Ok(())
}
