//! SQL of the overview room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        decision::Command,
        ids::{CaseId, NoticeId, PupilId, SchoolId, UserId},
        people::DelegationDays,
        permission::{NameDelegates, OpenNotices, Permit, Remind, SeeReminders},
    },
};

/// A move that waits for the headteacher.
pub struct Waiting {
    pub case: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub stage: i16,
    pub command: Json<Command>,
    pub words: String,
    pub proposed_on: Date,
    pub by: String,
}

/// Moves of these schools that nobody has answered, the oldest first.
pub async fn waiting(conn: &mut PgConnection, schools: &[SchoolId]) -> Result<Vec<Waiting>, DbError> {
    Ok(sqlx::query_as!(
        Waiting,
        r#"select p.case_id as "case: CaseId", c.pupil_id as "pupil: PupilId", p.school_id as "school: SchoolId",
                  k.given_name, k.known_as, k.family_name, c.stage, p.command as "command: Json<Command>",
                  p.words, p.proposed_on, u.name as by
           from app.proposals p
           join app.cases c on c.id = p.case_id
           join app.pupils k on k.id = c.pupil_id
           join app.users u on u.id = p.proposed_by
           where p.school_id = any ($1) and p.answer is null
           order by p.proposed_at, p.id"#,
        schools as &[SchoolId]
    )
    .fetch_all(conn)
    .await?)
}

/// Something the headteacher was told.
pub struct NoticeRow {
    pub id: NoticeId,
    pub case: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub stage: i16,
    pub closed_on: Option<Date>,
    pub kind: String,
    /// What was overdue.
    pub words: Option<String>,
    pub made_on: Date,
    pub seen_at: Option<OffsetDateTime>,
    pub seen_by: Option<String>,
}

/// Notices on a page.
pub const PAGE: i64 = 30;

/// A page of what was told about these schools' pupils, newest first: what came before the notice `before`, or the
/// newest; one more than `page` when there is more.
pub async fn notices(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    before: Option<NoticeId>,
    page: i64,
) -> Result<Vec<NoticeRow>, DbError> {
    Ok(sqlx::query_as!(
        NoticeRow,
        r#"select n.id as "id: NoticeId", n.case_id as "case: CaseId", c.pupil_id as "pupil: PupilId",
                  n.school_id as "school: SchoolId", k.given_name, k.known_as, k.family_name, c.stage, c.closed_on,
                  n.kind, n.words, n.made_on, n.seen_at, u.name as "seen_by?"
           from unnest($1::uuid[]) s (id)
           cross join lateral (
               select n.* from app.head_notices n
               where n.school_id = s.id
                 and ($2::uuid is null or (n.made_at, n.id) < (select x.made_at, x.id from app.head_notices x
                                                               where x.id = $2 and x.school_id = any ($1)))
               order by n.made_at desc, n.id desc limit $3) n
           join app.cases c on c.id = n.case_id
           join app.pupils k on k.id = c.pupil_id
           left join app.users u on u.id = n.seen_by
           order by n.made_at desc, n.id desc limit $3"#,
        schools as &[SchoolId],
        before.map(NoticeId::uuid),
        page + 1
    )
    .fetch_all(conn)
    .await?)
}

/// How many notices about these schools' pupils the headteacher has not opened.
pub async fn unopened(conn: &mut PgConnection, schools: &[SchoolId]) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from app.head_notices where school_id = any ($1) and seen_at is null"#,
        schools as &[SchoolId]
    )
    .fetch_one(conn)
    .await?)
}

/// Notes that the headteacher of a school opened these notices. Those opened before stay as they were.
pub async fn open_notices(
    conn: &mut PgConnection,
    permit: &Permit<OpenNotices>,
    notices: &[NoticeId],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.head_notices set seen_at = $3, seen_by = $4
         where school_id = $1 and id = any ($2) and seen_at is null",
        permit.school().uuid(),
        notices as &[NoticeId],
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many pupils of a school are at a stage.
pub struct StageCount {
    pub school: SchoolId,
    pub stage: i16,
    pub cases: i64,
}

/// Open cases of these schools by stage.
pub async fn by_stage(conn: &mut PgConnection, schools: &[SchoolId]) -> Result<Vec<StageCount>, DbError> {
    Ok(sqlx::query_as!(
        StageCount,
        r#"select school_id as "school: SchoolId", stage, count(*) as "cases!" from app.cases
           where school_id = any ($1) and not closed group by school_id, stage"#,
        schools as &[SchoolId]
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody who decides in the headteacher's place.
pub struct DelegationRow {
    pub id: Uuid,
    pub school: SchoolId,
    pub user: UserId,
    pub name: String,
    pub from_on: Date,
    /// None: no end, given from the command line.
    pub to_on: Option<Date>,
}

/// Delegations at these schools that are not over on `today`, by their first day.
pub async fn delegations(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    today: Date,
) -> Result<Vec<DelegationRow>, DbError> {
    Ok(sqlx::query_as!(
        DelegationRow,
        r#"select g.id, g.school_id as "school!: SchoolId", g.user_id as "user: UserId", u.name, g.from_on, g.to_on
           from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = any ($1) and g.role = 'head_delegate'
             and (g.to_on is null or (g.to_on >= $2 and g.to_on >= g.from_on))
           order by g.from_on, u.name, g.id"#,
        schools as &[SchoolId],
        today
    )
    .fetch_all(conn)
    .await?)
}

/// A delegation at one of these schools, over or not: a page that is open still may end it once more.
pub async fn delegation(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    id: Uuid,
) -> Result<Option<DelegationRow>, DbError> {
    Ok(sqlx::query_as!(
        DelegationRow,
        r#"select g.id, g.school_id as "school!: SchoolId", g.user_id as "user: UserId", u.name, g.from_on, g.to_on
           from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = any ($1) and g.role = 'head_delegate' and g.id = $2"#,
        schools as &[SchoolId],
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// Somebody who can be named.
pub struct Colleague {
    pub id: UserId,
    pub name: String,
}

/// Leads and staff of the school on `today`, without `but` and without those who are its headteacher too.
pub async fn colleagues(
    conn: &mut PgConnection,
    school: SchoolId,
    but: UserId,
    today: Date,
) -> Result<Vec<Colleague>, DbError> {
    Ok(sqlx::query_as!(
        Colleague,
        r#"select u.id as "id: UserId", u.name from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = $1 and g.role in ('school_lead', 'staff', 'headteacher') and u.disabled_at is null
             and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) and u.id <> $2
           group by u.id, u.name having bool_and(g.role <> 'headteacher') order by u.name, 1"#,
        school as SchoolId,
        but as UserId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// Names somebody who decides in the headteacher's place. Two delegations of one person at one school never overlap:
/// the constraint `grants_once` refuses the second.
pub async fn name_delegate(
    conn: &mut PgConnection,
    permit: &Permit<NameDelegates>,
    id: Uuid,
    user: UserId,
    days: DelegationDays,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, to_on, made_at, made_by)
         values ($1, $2, $3, 'head_delegate', $4, $5, $6, $7, $8)",
        id,
        permit.authority().uuid(),
        user as UserId,
        permit.school().uuid(),
        days.from_on(),
        days.to_on(),
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a delegation at the permit's school its last day.
pub async fn end_delegation(
    conn: &mut PgConnection,
    permit: &Permit<NameDelegates>,
    id: Uuid,
    last_day: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.grants set to_on = $3 where id = $1 and school_id = $2 and role = 'head_delegate'",
        id,
        permit.school().uuid(),
        last_day
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A reminder to make.
pub struct NewReminder<'a> {
    pub case: CaseId,
    pub duty: &'a str,
    pub words: &'a str,
    pub to: UserId,
    /// The latest school day.
    pub school_day: Date,
}

/// Reminds the lead of a case; false: they were reminded of this duty on that school day already.
pub async fn remind(
    conn: &mut PgConnection,
    permit: &Permit<Remind>,
    new: NewReminder<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into app.reminders (id, authority_id, school_id, case_id, duty, words, to_id, school_day, made_on, made_at,
                                    made_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint reminders_once do nothing",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        new.case as CaseId,
        new.duty,
        new.words,
        new.to as UserId,
        new.school_day,
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the lead saw these reminders that are to them. Those seen before stay as they were.
pub async fn see_reminders(
    conn: &mut PgConnection,
    permit: &Permit<SeeReminders>,
    reminders: &[Uuid],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.reminders set seen_at = $3
         where school_id = $1 and id = any ($2) and to_id = $4 and seen_at is null",
        permit.school().uuid(),
        reminders,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}
