//! SQL of pupils from a file. Tables: pupil_files, and the room's own.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{PupilFileId, PupilId, SchoolId},
        permission::{ManagePupils, Permit},
        pupil::{PupilDetails, SendStatus},
        pupil_file::compare::{Changed, Known},
        upn::Upn,
    },
};

/// A file that somebody sent.
pub struct FileRow {
    pub id: PupilFileId,
    pub school: SchoolId,
    pub school_name: String,
    /// None: it is gone.
    pub contents: Option<String>,
    pub imported_at: Option<OffsetDateTime>,
    pub imported_by: Option<String>,
    pub added: i32,
    pub changed: i32,
    pub unchanged: i32,
    pub left_out: i32,
}

/// One file. What was sent is there for a day.
pub async fn file(
    conn: &mut PgConnection,
    id: PupilFileId,
    now: OffsetDateTime,
) -> Result<Option<FileRow>, DbError> {
    Ok(sqlx::query_as!(
        FileRow,
        r#"select f.id as "id: PupilFileId", f.school_id as "school: SchoolId", s.name as school_name,
                  case when f.made_at > $2::timestamptz - interval '1 day' then f.contents end as contents,
                  f.imported_at, i.name as "imported_by?", f.added, f.changed, f.unchanged, f.left_out
           from app.pupil_files f
           join app.schools s on s.id = f.school_id
           left join app.users i on i.id = f.imported_by
           where f.id = $1"#,
        id as PupilFileId,
        now
    )
    .fetch_optional(conn)
    .await?)
}

/// Keeps what was sent. What others sent and left for a day goes.
pub async fn keep(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    id: PupilFileId,
    contents: &str,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.pupil_files set contents = null
         where school_id = $1 and contents is not null and made_at <= $2::timestamptz - interval '1 day'",
        permit.school().uuid(),
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.pupil_files (id, authority_id, school_id, contents, made_at, made_by)
         values ($1, $2, $3, $4, $5, $6)",
        id as PupilFileId,
        permit.authority().uuid(),
        permit.school().uuid(),
        contents,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Waits until no other file of the school is being brought in, and reads this one anew.
pub async fn hold(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    file: &FileRow,
    now: OffsetDateTime,
) -> Result<Option<FileRow>, DbError> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('app.pupil_files/' || $1::text, 0)) is null as held",
        permit.school().to_string()
    )
    .fetch_one(&mut *conn)
    .await?;
    self::file(conn, file.id, now).await
}

/// Every record of a school but those given up for another.
pub async fn known(conn: &mut PgConnection, school: SchoolId) -> Result<Vec<Known>, DbError> {
    let rows = sqlx::query!(
        r#"select p.id as "id: PupilId", p.version, p.given_name, p.family_name, p.known_as, p.pronouns, p.born_on,
                  p.year_offset, p.year_reason, p.upn, p.no_upn_reason, p.send as "send: SendStatus", p.looked_after, p.eal,
                  e.left_on as "left_on?"
           from app.pupils p
           left join (select pupil_id, case when bool_and(to_on is not null) then max(to_on) end as left_on
                      from app.enrolments where school_id = $1 group by pupil_id) e on e.pupil_id = p.id
           where p.school_id = $1 and p.merged_into is null
           order by p.id"#,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Known {
            id: row.id,
            version: row.version,
            details: PupilDetails {
                given_name: row.given_name,
                family_name: row.family_name,
                known_as: row.known_as,
                pronouns: row.pronouns,
                born_on: row.born_on,
                year_offset: row.year_offset,
                year_reason: row.year_reason,
                upn: row.upn.and_then(|upn| Upn::parse(&upn).ok()),
                no_upn_reason: row.no_upn_reason,
                send: row.send,
                looked_after: row.looked_after,
                eal: row.eal,
            },
            left_on: row.left_on,
        })
        .collect())
}

/// Which of these UPNs are on records that are not this school's.
pub async fn elsewhere(
    conn: &mut PgConnection,
    school: SchoolId,
    upns: &[String],
) -> Result<Vec<String>, DbError> {
    Ok(sqlx::query_scalar!(r#"select app.upns_elsewhere($1, $2) as "upn!""#, school as SchoolId, upns)
        .fetch_all(conn)
        .await?)
}

/// What is to be done.
#[derive(Default)]
pub struct Chosen<'a> {
    pub new: Vec<(&'a PupilDetails, Date)>,
    pub changed: Vec<&'a Changed>,
}

/// How many lines came to what.
pub struct Counts {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub left_out: usize,
}

impl Counts {
    fn all(&self) -> [(&'static str, usize); 4] {
        [
            ("added", self.added),
            ("changed_lines", self.changed),
            ("unchanged", self.unchanged),
            ("left_out", self.left_out),
        ]
    }

    /// For the audit trail.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        self.all().into_iter().map(|(name, number)| (name, number.to_string())).collect()
    }
}

/// The details of many pupils, column by column, as PostgreSQL takes rows in one statement.
struct Columns {
    given: Vec<String>,
    family: Vec<String>,
    known_as: Vec<Option<String>>,
    pronouns: Vec<Option<String>>,
    born: Vec<Date>,
    offset: Vec<i16>,
    year_reason: Vec<Option<String>>,
    upn: Vec<Option<String>>,
    no_upn: Vec<Option<String>>,
    send: Vec<String>,
    looked_after: Vec<bool>,
    eal: Vec<bool>,
}

impl Columns {
    fn of(rows: &[&PupilDetails]) -> Self {
        fn each<T>(rows: &[&PupilDetails], of: impl Fn(&PupilDetails) -> T) -> Vec<T> {
            rows.iter().map(|row| of(row)).collect()
        }
        Self {
            given: each(rows, |row| row.given_name.clone()),
            family: each(rows, |row| row.family_name.clone()),
            known_as: each(rows, |row| row.known_as.clone()),
            pronouns: each(rows, |row| row.pronouns.clone()),
            born: each(rows, |row| row.born_on),
            offset: each(rows, |row| row.year_offset),
            year_reason: each(rows, |row| row.year_reason.clone()),
            upn: each(rows, |row| row.upn.as_ref().map(ToString::to_string)),
            no_upn: each(rows, |row| row.no_upn_reason.clone()),
            send: each(rows, |row| row.send.as_str().to_owned()),
            looked_after: each(rows, |row| row.looked_after),
            eal: each(rows, |row| row.eal),
        }
    }
}

/// Adds the new pupils with their enrolments, changes those chosen that still stand at their version, and marks the file
/// as brought in: four statements, however many pupils. No: somebody was faster, and nothing may be kept of it.
pub async fn bring_in(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    (ids, chosen): (&[PupilId], &Chosen<'_>),
    (file, counts): (PupilFileId, &Counts),
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let new: Vec<&PupilDetails> = chosen.new.iter().map(|(details, _)| *details).collect();
    let c = Columns::of(&new);
    sqlx::query!(
        "insert into app.pupils (id, authority_id, school_id, given_name, family_name, known_as, pronouns, born_on,
                                 year_offset, year_reason, upn, no_upn_reason, send, looked_after, eal, made_at,
                                 made_by, changed_at, changed_by)
         select n.id, $1, $2, n.given, n.family, n.known_as, n.pronouns, n.born, n.year_offset, n.year_reason, n.upn,
                n.no_upn, n.send, n.looked_after, n.eal, $3, $4, $3, $4
         from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::smallint[], $12::text[],
                     $13::text[], $14::text[], $15::text[], $16::boolean[], $17::boolean[])
              as n (id, given, family, known_as, pronouns, born, year_offset, year_reason, upn, no_upn, send, looked_after, eal)",
        permit.authority().uuid(),
        permit.school().uuid(),
        now,
        permit.user().uuid(),
        &ids,
        &c.given,
        &c.family,
        &c.known_as as &[Option<String>],
        &c.pronouns as &[Option<String>],
        &c.born,
        &c.offset,
        &c.year_reason as &[Option<String>],
        &c.upn as &[Option<String>],
        &c.no_upn as &[Option<String>],
        &c.send,
        &c.looked_after,
        &c.eal
    )
    .execute(&mut *conn)
    .await?;
    let from: Vec<Date> = chosen.new.iter().map(|(_, on_roll)| *on_roll).collect();
    sqlx::query!(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on)
         select gen_random_uuid(), $1, $2, n.id, n.from_on from unnest($3::uuid[], $4::date[]) as n (id, from_on)",
        permit.authority().uuid(),
        permit.school().uuid(),
        &ids,
        &from
    )
    .execute(&mut *conn)
    .await?;
    if !change_all(conn, permit, &chosen.changed, now).await? {
        return Ok(false);
    }
    let [added, changed, unchanged, left_out] =
        counts.all().map(|(_, number)| i32::try_from(number).unwrap_or(i32::MAX));
    let done = sqlx::query!(
        "update app.pupil_files set contents = null, imported_at = $2, imported_by = $3, added = $4, changed = $5,
                unchanged = $6, left_out = $7
         where id = $1 and school_id = $8 and imported_at is null",
        file as PupilFileId,
        now,
        permit.user().uuid(),
        added,
        changed,
        unchanged,
        left_out,
        permit.school().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn change_all(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    changed: &[&Changed],
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let ids: Vec<Uuid> = changed.iter().map(|one| one.id.uuid()).collect();
    let versions: Vec<i32> = changed.iter().map(|one| one.version).collect();
    let details: Vec<&PupilDetails> = changed.iter().map(|one| &one.details).collect();
    let c = Columns::of(&details);
    let done = sqlx::query!(
        "update app.pupils p set given_name = n.given, family_name = n.family, known_as = n.known_as,
                pronouns = n.pronouns, born_on = n.born, year_offset = n.year_offset, year_reason = n.year_reason,
                upn = n.upn, no_upn_reason = n.no_upn, send = n.send, looked_after = n.looked_after, eal = n.eal,
                changed_at = $2, changed_by = $3, version = p.version + 1
         from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[], $10::smallint[], $11::text[],
                     $12::text[], $13::text[], $14::text[], $15::boolean[], $16::boolean[], $17::integer[])
              as n (id, given, family, known_as, pronouns, born, year_offset, year_reason, upn, no_upn, send, looked_after, eal,
                    version)
         where p.id = n.id and p.school_id = $1 and p.version = n.version",
        permit.school().uuid(),
        now,
        permit.user().uuid(),
        &ids,
        &c.given,
        &c.family,
        &c.known_as as &[Option<String>],
        &c.pronouns as &[Option<String>],
        &c.born,
        &c.offset,
        &c.year_reason as &[Option<String>],
        &c.upn as &[Option<String>],
        &c.no_upn as &[Option<String>],
        &c.send,
        &c.looked_after,
        &c.eal,
        &versions
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == u64::try_from(changed.len()).unwrap_or(u64::MAX))
}
