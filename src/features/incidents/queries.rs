//! SQL of the incidents room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

pub use crate::db::incident::Account;
use crate::{
    db::{DbError, case::CaseOf, incident},
    domain::{
        ids::{IncidentId, PupilId, SchoolId},
        incident::Part,
        permission::{Permit, RecordIncidents},
    },
};

/// An incident as it stands.
pub struct IncidentRow {
    pub id: IncidentId,
    pub happened_on: Date,
    pub happened_at: Option<Time>,
    pub place: String,
    pub what: String,
    pub seriousness: String,
    pub followed: Option<String>,
    pub version: i32,
    pub recorded_at: OffsetDateTime,
    pub recorded_by: String,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

/// The pupil's incidents at this school, newest first, or only one of them. Those of the time before the case
/// are shown with it.
pub async fn of_pupil(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
    only: Option<IncidentId>,
) -> Result<Vec<IncidentRow>, DbError> {
    Ok(sqlx::query_as!(
        IncidentRow,
        r#"select i.id as "id: IncidentId", i.happened_on, i.happened_at, i.place, i.what,
                  i.seriousness, i.followed, i.version, i.recorded_at, r.name as recorded_by, i.changed_at,
                  c.name as changed_by
           from app.incidents i
           join app.users r on r.id = i.recorded_by
           join app.users c on c.id = i.changed_by
           where i.school_id = $1 and i.pupil_id = $2 and ($3::uuid is null or i.id = $3)
           order by i.happened_on desc, i.happened_at desc nulls last, i.recorded_at desc, i.id"#,
        school as SchoolId,
        pupil as PupilId,
        only.map(IncidentId::uuid)
    )
    .fetch_all(conn)
    .await?)
}

/// What an account said before it was corrected.
pub struct VersionRow {
    pub version: i32,
    pub happened_on: Date,
    pub happened_at: Option<Time>,
    pub place: String,
    pub what: String,
    pub seriousness: String,
    pub followed: Option<String>,
    pub written_at: OffsetDateTime,
    pub by: String,
}

/// Every version of an incident, newest first.
pub async fn versions(
    conn: &mut PgConnection,
    school: SchoolId,
    id: IncidentId,
) -> Result<Vec<VersionRow>, DbError> {
    Ok(sqlx::query_as!(
        VersionRow,
        "select v.version, v.happened_on, v.happened_at, v.place, v.what, v.seriousness, v.followed, v.written_at,
                u.name as by
         from app.incident_versions v join app.users u on u.id = v.written_by
         where v.school_id = $1 and v.incident_id = $2 order by v.version desc",
        school as SchoolId,
        id as IncidentId
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody else who was there, or was thought to be.
pub struct PersonRow {
    pub position: i16,
    pub part: String,
    pub pupil: Option<PupilId>,
    /// Of a pupil this person may see.
    pub given_name: Option<String>,
    pub known_as: Option<String>,
    pub family_name: Option<String>,
    pub described: Option<String>,
    pub removed: bool,
}

/// Everybody named in an incident, in the order they were added, with those taken out again: the letter a pupil
/// goes by stays theirs.
pub async fn people(
    conn: &mut PgConnection,
    school: SchoolId,
    id: IncidentId,
) -> Result<Vec<PersonRow>, DbError> {
    Ok(sqlx::query_as!(
        PersonRow,
        r#"select w.position, w.part, w.pupil_id as "pupil: PupilId", p.given_name as "given_name?", p.known_as,
                  p.family_name as "family_name?", w.described, w.removed_at is not null as "removed!"
           from app.incident_people w left join app.pupils p on p.id = w.pupil_id
           where w.school_id = $1 and w.incident_id = $2 order by w.position"#,
        school as SchoolId,
        id as IncidentId
    )
    .fetch_all(conn)
    .await?)
}

/// A pupil who can be chosen.
#[derive(Clone)]
pub struct PupilRow {
    pub id: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
}

/// The first `limit` other pupils of the school, by family name.
pub async fn first_pupils(
    conn: &mut PgConnection,
    school: SchoolId,
    own: PupilId,
    limit: i64,
) -> Result<Vec<PupilRow>, DbError> {
    Ok(sqlx::query_as!(
        PupilRow,
        r#"select id as "id: PupilId", given_name, known_as, family_name, born_on, year_offset from app.pupils
           where school_id = $1 and id <> $2 and merged_into is null order by lower(family_name), lower(given_name), id limit $3"#,
        school as SchoolId,
        own as PupilId,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Other pupils of the school whose name has every one of these words, and those already chosen.
pub async fn find_pupils(
    conn: &mut PgConnection,
    school: SchoolId,
    own: PupilId,
    words: &[String],
    chosen: &[PupilId],
    limit: i64,
) -> Result<Vec<PupilRow>, DbError> {
    Ok(sqlx::query_as!(
        PupilRow,
        r#"select id as "id: PupilId", given_name, known_as, family_name, born_on, year_offset from app.pupils p
           where school_id = $1 and id <> $2 and merged_into is null
             and (id = any ($4)
                  or cardinality($3::text[]) > 0
                     and (select bool_and(position(w in lower(concat_ws(' ', p.given_name, p.known_as, p.family_name))) > 0)
                          from unnest($3::text[]) w))
           order by id = any ($4) desc, lower(family_name), lower(given_name), id limit $5"#,
        school as SchoolId,
        own as PupilId,
        words,
        chosen as &[PupilId],
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody else, checked: a pupil of the school, or a description without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    pub part: Part,
    pub who: Who,
}

/// Who somebody else was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Pupil(PupilId),
    Described(String),
}

/// Records an incident with its first version.
pub async fn record(
    conn: &mut PgConnection,
    permit: &Permit<RecordIncidents>,
    of: &CaseOf,
    id: IncidentId,
    account: &Account,
    others: &[Other],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    incident::record(conn, permit, (of.pupil, of.enrolment, of.id), id, account, now).await?;
    add_people(conn, permit, id, others).await
}

/// Corrects an incident that still stands at `version`; every version is kept. `removed` are the positions of
/// people taken out. No: somebody was faster.
#[expect(clippy::too_many_arguments, reason = "one record, with the proof and the version it was read at")]
pub async fn correct(
    conn: &mut PgConnection,
    permit: &Permit<RecordIncidents>,
    pupil: PupilId,
    id: IncidentId,
    version: i32,
    account: &Account,
    (removed, added): (&[i16], &[Other]),
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.incidents set happened_on = $5, happened_at = $6, place = $7, what = $8, seriousness = $9, followed = $10,
                version = version + 1, changed_at = $11, changed_by = $12
         where id = $1 and school_id = $2 and pupil_id = $3 and version = $4",
        id as IncidentId,
        permit.school().uuid(),
        pupil as PupilId,
        version,
        account.happened_on,
        account.happened_at,
        account.place,
        account.what,
        account.seriousness.as_str(),
        account.followed,
        now,
        permit.user().uuid()
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    incident::keep_version(conn, permit, id).await?;
    if !removed.is_empty() {
        sqlx::query!(
            "update app.incident_people set removed_at = $4
             where incident_id = $1 and school_id = $2 and position = any ($3) and removed_at is null",
            id as IncidentId,
            permit.school().uuid(),
            removed,
            now
        )
        .execute(&mut *conn)
        .await?;
    }
    add_people(conn, permit, id, added).await?;
    Ok(true)
}

async fn add_people(
    conn: &mut PgConnection,
    permit: &Permit<RecordIncidents>,
    id: IncidentId,
    others: &[Other],
) -> Result<(), DbError> {
    if others.is_empty() {
        return Ok(());
    }
    let parts: Vec<String> = others.iter().map(|other| other.part.as_str().to_owned()).collect();
    let (mut pupils, mut described): (Vec<Option<Uuid>>, Vec<Option<String>>) = (Vec::new(), Vec::new());
    for other in others {
        let (pupil, words) = match &other.who {
            Who::Pupil(pupil) => (Some(pupil.uuid()), None),
            Who::Described(words) => (None, Some(words.clone())),
        };
        pupils.push(pupil);
        described.push(words);
    }
    sqlx::query!(
        "insert into app.incident_people (authority_id, school_id, incident_id, position, part, pupil_id, described)
         select $1, $2, $3,
                (select coalesce(max(position), 0) from app.incident_people where incident_id = $3) + t.n, t.part, t.pupil,
                t.words
         from unnest($4::text[], $5::uuid[], $6::text[]) with ordinality as t (part, pupil, words, n)",
        permit.authority().uuid(),
        permit.school().uuid(),
        id as IncidentId,
        &parts,
        &pupils as &[Option<Uuid>],
        &described as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
