//! SQL of the targets room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};

use crate::{
    db::DbError,
    domain::{
        ids::{BankTargetId, CaseId, PupilId, SchoolId, TargetId, UserId},
        permission::{ManageTargetBank, Over, Permit, PermitOver, SetTargets},
        policy::ProgrammePolicy,
        target::TargetWords,
    },
};

/// The case a target belongs to.
pub struct CaseOf {
    pub school: SchoolId,
    pub pupil: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub closed_on: Option<Date>,
    /// The day the timescale of all its targets was moved on to (S1.14).
    pub extended_until: Option<Date>,
    pub policy: Json<ProgrammePolicy>,
}

/// Whose case it is, when the actor may see it.
pub async fn case(conn: &mut PgConnection, id: CaseId) -> Result<Option<CaseOf>, DbError> {
    Ok(sqlx::query_as!(
        CaseOf,
        r#"select c.school_id as "school: SchoolId", c.pupil_id as "pupil: PupilId", p.given_name, p.known_as,
                  p.family_name, c.closed_on, c.extended_until, po.settings as "policy: Json<ProgrammePolicy>"
           from app.cases c join app.pupils p on p.id = c.pupil_id join app.policies po on po.id = c.policy_id
           where c.id = $1"#,
        id as CaseId
    )
    .fetch_optional(conn)
    .await?)
}

/// A target as it stands.
pub struct TargetRow {
    pub id: TargetId,
    pub words: String,
    pub criterion: String,
    pub due_on: Date,
    pub pupil_words: Option<String>,
    pub ended_on: Option<Date>,
    pub version: i32,
}

/// Targets of a case: those worked on first, in their order.
pub async fn of_case(conn: &mut PgConnection, case: CaseId) -> Result<Vec<TargetRow>, DbError> {
    Ok(sqlx::query_as!(
        TargetRow,
        r#"select id as "id: TargetId", words, criterion, due_on, pupil_words, ended_on, version
           from app.targets where case_id = $1 order by ended_on is not null, position, id"#,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// A wording of a target.
pub struct VersionRow {
    pub words: String,
    pub criterion: String,
    pub due_on: Date,
    pub ended_on: Option<Date>,
    pub written_at: OffsetDateTime,
    pub by: String,
}

/// Every wording of a target, newest first.
pub async fn versions(
    conn: &mut PgConnection,
    case: CaseId,
    target: TargetId,
) -> Result<Vec<VersionRow>, DbError> {
    Ok(sqlx::query_as!(
        VersionRow,
        "select v.words, v.criterion, v.due_on, v.ended_on, v.written_at, u.name as by
         from app.target_versions v join app.users u on u.id = v.written_by
         where v.case_id = $1 and v.target_id = $2 order by v.version desc",
        case as CaseId,
        target as TargetId
    )
    .fetch_all(conn)
    .await?)
}

/// An example to start from.
pub struct BankTarget {
    pub id: BankTargetId,
    pub theme: String,
    pub words: String,
    pub criterion: String,
}

/// The bank: the authority's examples and the school's own.
pub async fn bank(conn: &mut PgConnection, school: SchoolId) -> Result<Vec<BankTarget>, DbError> {
    Ok(sqlx::query_as!(
        BankTarget,
        r#"select id as "id: BankTargetId", theme, words, criterion from app.bank_targets
           where authority_id = (select app.authority()) and (school_id is null or school_id = $1)
             and removed_at is null
           order by school_id is null, position, id"#,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a target at the end of the list, worked on from `starts_on`.
pub async fn add(
    conn: &mut PgConnection,
    permit: &Permit<SetTargets>,
    case: CaseId,
    id: TargetId,
    words: &TargetWords,
    starts_on: Date,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.targets (id, authority_id, school_id, case_id, position, words, criterion, due_on, pupil_words,
                                  starts_on)
         select $1, $2, $3, $4, coalesce(max(position), 0) + 1, $5, $6, $7, $8, $9 from app.targets where case_id = $4",
        id as TargetId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        words.words,
        words.criterion,
        words.due_on,
        words.pupil_words,
        starts_on
    )
    .execute(&mut *conn)
    .await?;
    keep_version(conn, permit.user(), id, now).await
}

/// Changes a target that still stands at `version`; the earlier wording stays. No: somebody was faster.
pub async fn change(
    conn: &mut PgConnection,
    permit: &Permit<SetTargets>,
    case: CaseId,
    id: TargetId,
    version: i32,
    words: &TargetWords,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.targets set words = $5, criterion = $6, due_on = $7, pupil_words = $8, version = version + 1
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and ended_on is null",
        id as TargetId,
        case as CaseId,
        permit.school().uuid(),
        version,
        words.words,
        words.criterion,
        words.due_on,
        words.pupil_words
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    keep_version(conn, permit.user(), id, now).await?;
    Ok(true)
}

/// Ends work on a target after `last_day`. No: somebody was faster.
pub async fn end(
    conn: &mut PgConnection,
    permit: &Permit<SetTargets>,
    case: CaseId,
    id: TargetId,
    version: i32,
    last_day: Date,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.targets set ended_on = greatest($5, starts_on), version = version + 1
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and ended_on is null",
        id as TargetId,
        case as CaseId,
        permit.school().uuid(),
        version,
        last_day
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    keep_version(conn, permit.user(), id, now).await?;
    Ok(true)
}

/// Moves a target one place up among those worked on.
pub async fn raise(
    conn: &mut PgConnection,
    permit: &Permit<SetTargets>,
    case: CaseId,
    id: TargetId,
) -> Result<(), DbError> {
    sqlx::query!(
        "with live as (select id, position, lag(id) over w as above_id, lag(position) over w as above_position
                       from app.targets where case_id = $2 and school_id = $3 and ended_on is null
                       window w as (order by position, id)),
              pair as (select * from live where id = $1 and above_id is not null)
         update app.targets t
         set position = case when t.id = pair.id then pair.above_position else
                        case when pair.above_position = pair.position then pair.position + 1 else pair.position end end
         from pair where t.id in (pair.id, pair.above_id)",
        id as TargetId,
        case as CaseId,
        permit.school().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn keep_version(
    conn: &mut PgConnection,
    by: UserId,
    id: TargetId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.target_versions (authority_id, school_id, case_id, target_id, version, words, criterion, due_on,
                                          pupil_words, position, ended_on, written_at, written_by)
         select authority_id, school_id, case_id, id, version, words, criterion, due_on, pupil_words, position, ended_on,
                $2, $3
         from app.targets where id = $1",
        id as TargetId,
        now,
        by as UserId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An example as whoever keeps the bank sees it.
pub struct ExampleRow {
    pub id: BankTargetId,
    pub school: Option<SchoolId>,
    pub school_name: Option<String>,
    pub theme: String,
    pub words: String,
    pub criterion: String,
    pub version: i32,
}

/// The examples of a school, or, with none, of the authority, in their order.
pub async fn examples(conn: &mut PgConnection, place: Option<SchoolId>) -> Result<Vec<ExampleRow>, DbError> {
    Ok(sqlx::query_as!(
        ExampleRow,
        r#"select b.id as "id: BankTargetId", b.school_id as "school: SchoolId", s.name as "school_name?", b.theme, b.words,
                  b.criterion, b.version
           from app.bank_targets b left join app.schools s on s.id = b.school_id
           where b.authority_id = (select app.authority()) and b.school_id is not distinct from $1 and b.removed_at is null
           order by b.position, b.id limit 500"#,
        place as Option<SchoolId>
    )
    .fetch_all(conn)
    .await?)
}

/// One example.
pub async fn example(conn: &mut PgConnection, id: BankTargetId) -> Result<Option<ExampleRow>, DbError> {
    Ok(sqlx::query_as!(
        ExampleRow,
        r#"select b.id as "id: BankTargetId", b.school_id as "school: SchoolId", s.name as "school_name?", b.theme, b.words,
                  b.criterion, b.version
           from app.bank_targets b left join app.schools s on s.id = b.school_id
           where b.id = $1 and b.authority_id = (select app.authority()) and b.removed_at is null"#,
        id as BankTargetId
    )
    .fetch_optional(conn)
    .await?)
}

/// The schools whose examples somebody keeps.
pub async fn bank_schools(conn: &mut PgConnection, over: &Over) -> Result<Vec<(SchoolId, String)>, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SchoolId", name from app.schools
           where authority_id = (select app.authority()) and ($1::uuid[] is null or id = any ($1))
           order by name, id limit 500"#,
        over.schools() as Option<&[SchoolId]>
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// An example as it was typed.
pub struct NewExample {
    pub theme: String,
    pub words: String,
    pub criterion: String,
}

/// Adds an example at the end of the permit's place.
pub async fn add_example(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageTargetBank>,
    id: BankTargetId,
    new: &NewExample,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.bank_targets (id, authority_id, school_id, theme, words, criterion, position, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6,
                 (select coalesce(max(b.position), 0) + 1 from app.bank_targets b
                  where b.authority_id = $2 and b.school_id is not distinct from $3), $7, $8)",
        id as BankTargetId,
        permit.authority().uuid(),
        permit.school() as Option<SchoolId>,
        new.theme,
        new.words,
        new.criterion,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes an example of the permit's place. No: it is not as it was read any more.
pub async fn change_example(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageTargetBank>,
    (id, version): (BankTargetId, i32),
    new: &NewExample,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.bank_targets set theme = $4, words = $5, criterion = $6, version = version + 1, changed_at = $7,
                                     changed_by = $8
         where id = $1 and version = $2 and school_id is not distinct from $3 and removed_at is null",
        id as BankTargetId,
        version,
        permit.school() as Option<SchoolId>,
        new.theme,
        new.words,
        new.criterion,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts the examples of the permit's place in this order.
pub async fn order_examples(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageTargetBank>,
    order: &[BankTargetId],
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.bank_targets b set position = o.position
         from unnest($1::uuid[]) with ordinality o (id, position)
         where b.id = o.id and b.school_id is not distinct from $2",
        order as &[BankTargetId],
        permit.school() as Option<SchoolId>
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an example out of the permit's place. No: it is not as it was read any more.
pub async fn remove_example(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageTargetBank>,
    (id, version): (BankTargetId, i32),
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.bank_targets set removed_at = $4, version = version + 1, changed_at = $4, changed_by = $5
         where id = $1 and version = $2 and school_id is not distinct from $3 and removed_at is null",
        id as BankTargetId,
        version,
        permit.school() as Option<SchoolId>,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
