//! SQL of making two records one. Tables: the room's own; what hangs on a record goes over in `app.merge_pupils`.

use serde_json::Value;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{PupilId, SchoolId},
        permission::{ManagePupils, Permit},
    },
};

/// Records of the school that may be the same pupil's.
pub struct Candidate {
    pub id: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub upn: Option<String>,
}

/// Records of a school with the same date of birth or family name, the likest first.
pub async fn candidates(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
    (given, family, born_on): (&str, &str, Date),
) -> Result<Vec<Candidate>, DbError> {
    Ok(sqlx::query_as!(
        Candidate,
        r#"select id as "id: PupilId", given_name, known_as, family_name, born_on, upn from app.pupils
           where school_id = $1 and id <> $2 and merged_into is null
             and (born_on = $5 or lower(family_name) = lower($4))
           order by (born_on = $5)::integer + (lower(family_name) = lower($4))::integer
                    + (lower(given_name) = lower($3))::integer desc, lower(family_name), lower(given_name), id limit 50"#,
        school as SchoolId,
        pupil as PupilId,
        given,
        family,
        born_on
    )
    .fetch_all(conn)
    .await?)
}

/// What hangs on a record, as far as the page shows it.
pub struct Hanging {
    pub pupil: PupilId,
    pub open_cases: i64,
    pub closed_cases: i64,
    pub contacts: i64,
    pub incidents: i64,
    pub exclusions: i64,
}

/// What hangs on these records of a school.
pub async fn hanging(
    conn: &mut PgConnection,
    school: SchoolId,
    pupils: &[PupilId],
) -> Result<Vec<Hanging>, DbError> {
    Ok(sqlx::query_as!(
        Hanging,
        r#"select p.id as "pupil: PupilId",
                  (select count(*) from app.cases c where c.pupil_id = p.id and not c.closed) as "open_cases!",
                  (select count(*) from app.cases c where c.pupil_id = p.id and c.closed) as "closed_cases!",
                  (select count(*) from app.contacts k where k.school_id = $1 and k.pupil_id = p.id
                   and k.removed_at is null) as "contacts!",
                  (select count(*) from app.incidents i where i.school_id = $1 and i.pupil_id = p.id) as "incidents!",
                  (select count(*) from app.exclusions e where e.pupil_id = p.id and e.school_id = $1) as "exclusions!"
           from app.pupils p where p.id = any ($2) and p.school_id = $1"#,
        school as SchoolId,
        pupils as &[PupilId]
    )
    .fetch_all(conn)
    .await?)
}

/// Why one record cannot be given up for another, as a word; none: it can.
pub async fn hindrance(
    conn: &mut PgConnection,
    keep: PupilId,
    gone: PupilId,
) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar!("select app.merge_hindrance($1, $2)", keep as PupilId, gone as PupilId)
        .fetch_one(conn)
        .await?)
}

/// Two records to make one.
pub struct NewMerge<'a> {
    pub id: Uuid,
    pub keep: PupilId,
    pub gone: PupilId,
    pub gone_version: i32,
    pub why: &'a str,
    pub taken: &'a Value,
    pub today: Date,
}

/// Gives one record up for the other. A word: what stood in the way, and nothing may be kept of it.
pub async fn merge(
    conn: &mut PgConnection,
    _permit: &Permit<ManagePupils>,
    new: &NewMerge<'_>,
    now: OffsetDateTime,
) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar!(
        "select app.merge_pupils($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        new.keep as PupilId,
        new.gone as PupilId,
        new.gone_version,
        new.why,
        new.taken,
        now,
        new.today
    )
    .fetch_one(conn)
    .await?)
}

/// The record that stays, for one that was given up.
pub async fn merged_into(conn: &mut PgConnection, id: PupilId) -> Result<Option<PupilId>, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select merged_into as "stays!: PupilId" from app.pupils
           where id = $1 and merged_into is not null and school_id = any ((select app.whole())::uuid[])"#,
        id as PupilId
    )
    .fetch_optional(conn)
    .await?)
}

/// A record that was given up for this one.
pub struct MergeRow {
    pub why: String,
    pub taken: Value,
    pub moved: Value,
    pub made_at: OffsetDateTime,
    pub made_by: String,
}

/// Records given up for this one, the latest first.
pub async fn merges(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
) -> Result<Vec<MergeRow>, DbError> {
    Ok(sqlx::query_as!(
        MergeRow,
        r#"select m.why, m.taken, m.moved, m.made_at, u.name as made_by
           from app.pupil_merges m join app.users u on u.id = m.made_by
           where m.school_id = $1 and m.pupil_id = $2 order by m.made_at desc limit 20"#,
        school as SchoolId,
        pupil as PupilId
    )
    .fetch_all(conn)
    .await?)
}
