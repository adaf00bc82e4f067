//! SQL of the pupils room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, ContactId, PupilId, SchoolId},
        permission::{ManagePupils, Permit},
        pupil::{ContactDetails, PupilDetails, SendStatus},
    },
};

/// One line of the list.
pub struct PupilLine {
    pub id: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub open_case: Option<CaseId>,
    pub stage: Option<i16>,
}

/// Pupils per page.
pub const PAGE: i64 = 50;

/// Every school of the authority, by name.
pub async fn all_schools(conn: &mut PgConnection) -> Result<Vec<(SchoolId, String)>, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SchoolId", name from app.schools where authority_id = (select app.authority())
           order by name"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// A page of pupils of a school by family name, on the roll on a day or `left` before it; one more than a page when there
/// is more. Records given up for another are on no list.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    after: Option<PupilId>,
    (today, left): (Date, bool),
) -> Result<Vec<PupilLine>, DbError> {
    Ok(sqlx::query_as!(
        PupilLine,
        r#"select p.id as "id: PupilId", p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset,
                  c.id as "open_case?: CaseId", c.stage as "stage?"
           from app.pupils p
           left join app.cases c on c.pupil_id = p.id and not c.closed
           where p.school_id = $1 and p.merged_into is null
             and $5 = not exists (select from app.enrolments e where e.pupil_id = p.id and e.school_id = $1
                                  and (e.to_on is null or e.to_on >= $4))
             and (lower(p.family_name), lower(p.given_name), p.id) >
                 ((select coalesce(max(lower(x.family_name)), '') from app.pupils x where x.id = $2),
                  (select coalesce(max(lower(x.given_name)), '') from app.pupils x where x.id = $2), $2)
           order by lower(p.family_name), lower(p.given_name), p.id limit $3"#,
        school as SchoolId,
        after.map_or(Uuid::nil(), PupilId::uuid),
        PAGE + 1,
        today,
        left
    )
    .fetch_all(conn)
    .await?)
}

/// One line of a school's list with what is recorded of each pupil.
pub struct FullLine {
    pub id: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub upn: Option<String>,
    pub send: SendStatus,
    pub looked_after: bool,
    pub eal: bool,
    pub enrolled_from: Date,
    pub stage: Option<i16>,
}

/// The pupils on the roll of a school in full, by family name: at most so many.
pub async fn in_full(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
    limit: i64,
) -> Result<Vec<FullLine>, DbError> {
    Ok(sqlx::query_as!(
        FullLine,
        r#"select p.id as "id: PupilId", p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, p.upn,
                  p.send as "send: SendStatus", p.looked_after, p.eal, e.from_on as "enrolled_from!",
                  c.stage as "stage?"
           from app.pupils p
           left join app.cases c on c.pupil_id = p.id and not c.closed
           join lateral (select min(x.from_on) as from_on from app.enrolments x
                         where x.pupil_id = p.id and x.school_id = $1 and x.from_on <= $2
                           and (x.to_on is null or x.to_on >= $2)
                         having count(*) > 0) e on true
           where p.school_id = $1 and p.merged_into is null
           order by lower(p.family_name), lower(p.given_name), p.id limit $3"#,
        school as SchoolId,
        today,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// A pupil with what the page shows.
pub struct PupilRow {
    pub id: PupilId,
    pub school: SchoolId,
    pub school_name: String,
    pub given_name: String,
    pub family_name: String,
    pub known_as: Option<String>,
    pub pronouns: Option<String>,
    pub born_on: Date,
    pub year_offset: i16,
    pub year_reason: Option<String>,
    pub upn: Option<String>,
    pub no_upn_reason: Option<String>,
    pub send: SendStatus,
    pub looked_after: bool,
    pub eal: bool,
    pub version: i32,
    pub made_at: OffsetDateTime,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
    pub left_why: Option<String>,
    pub enrolled_from: Option<Date>,
    pub enrolled_to: Option<Date>,
}

/// One pupil, when the actor may see the whole record. One given up for another is not there any more.
pub async fn pupil(conn: &mut PgConnection, id: PupilId) -> Result<Option<PupilRow>, DbError> {
    Ok(sqlx::query_as!(
        PupilRow,
        r#"select p.id as "id: PupilId", p.school_id as "school: SchoolId", s.name as school_name, p.given_name,
                  p.family_name, p.known_as, p.pronouns, p.born_on, p.year_offset, p.year_reason, p.upn,
                  p.no_upn_reason, p.send as "send: SendStatus", p.looked_after, p.eal, p.version, p.made_at,
                  p.changed_at,
                  u.name as changed_by, e.from_on as "enrolled_from?", e.to_on as "enrolled_to?",
                  e.left_why as "left_why?"
           from app.pupils p
           join app.schools s on s.id = p.school_id
           join app.users u on u.id = p.changed_by
           left join lateral (select from_on, to_on, left_why from app.enrolments e where e.pupil_id = p.id
                              and e.school_id = p.school_id order by from_on desc limit 1) e on true
           where p.id = $1 and p.merged_into is null and p.school_id = any ((select app.whole())::uuid[])"#,
        id as PupilId
    )
    .fetch_optional(conn)
    .await?)
}

/// A case of a pupil.
pub struct PupilCase {
    pub id: CaseId,
    pub number: i64,
    pub stage: i16,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
}

/// Cases of a pupil within the actor's reach, newest first.
pub async fn cases(conn: &mut PgConnection, pupil: PupilId) -> Result<Vec<PupilCase>, DbError> {
    Ok(sqlx::query_as!(
        PupilCase,
        r#"select id as "id: CaseId", number, stage, opened_on, closed_on from app.cases
           where pupil_id = $1 order by opened_on desc, id"#,
        pupil as PupilId
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a pupil and the enrolment. A UPN that is on another record is a constraint error `pupils_upn_key`,
/// wherever that record is.
pub async fn add(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    id: PupilId,
    details: &PupilDetails,
    enrolled_on: Date,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.pupils (id, authority_id, school_id, given_name, family_name, known_as, pronouns, born_on,
                                 year_offset, year_reason, upn, no_upn_reason, send, looked_after, eal, made_at,
                                 made_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16, $17)",
        id as PupilId,
        permit.authority().uuid(),
        permit.school().uuid(),
        details.given_name,
        details.family_name,
        details.known_as,
        details.pronouns,
        details.born_on,
        details.year_offset,
        details.year_reason,
        details.upn.as_ref().map(ToString::to_string),
        details.no_upn_reason,
        details.send.as_str(),
        details.looked_after,
        details.eal,
        now,
        permit.user().uuid()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on) values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        id as PupilId,
        enrolled_on
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes a pupil that still stands at `version`, and the name lists sort by. No: somebody was faster.
pub async fn change(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    id: PupilId,
    version: i32,
    details: &PupilDetails,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.pupils set given_name = $4, family_name = $5, known_as = $6, pronouns = $7, born_on = $8,
                year_offset = $9, year_reason = $10, upn = $11, no_upn_reason = $12, send = $13, looked_after = $14,
                eal = $15, changed_at = $16, changed_by = $17, version = version + 1
         where id = $1 and school_id = $2 and version = $3",
        id as PupilId,
        permit.school().uuid(),
        version,
        details.given_name,
        details.family_name,
        details.known_as,
        details.pronouns,
        details.born_on,
        details.year_offset,
        details.year_reason,
        details.upn.as_ref().map(ToString::to_string),
        details.no_upn_reason,
        details.send.as_str(),
        details.looked_after,
        details.eal,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A contact of a pupil.
pub struct ContactRow {
    pub id: ContactId,
    pub name: String,
    pub relationship: String,
    pub parental_responsibility: bool,
    pub contact_order: i16,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// None when there is none, or when it is confidential and the reader is not of the school.
    pub address: Option<String>,
    pub address_confidential: bool,
    pub no_contact: bool,
    pub no_contact_reason: Option<String>,
    pub language: Option<String>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

/// Contacts of a pupil in their order. A confidential address is only read for the pupil's own school.
pub async fn contacts(conn: &mut PgConnection, pupil: PupilId) -> Result<Vec<ContactRow>, DbError> {
    Ok(sqlx::query_as!(
        ContactRow,
        r#"select k.id as "id: ContactId", k.name, k.relationship, k.parental_responsibility, k.contact_order, k.phone,
                  k.email,
                  case when not k.address_confidential or k.school_id = any ((select app.whole_write())::uuid[])
                       then k.address end as address,
                  k.address_confidential, k.no_contact, k.no_contact_reason, k.language, k.version, k.changed_at,
                  u.name as changed_by
           from app.contacts k join app.users u on u.id = k.changed_by
           where k.school_id = (select school_id from app.pupils where id = $1) and k.pupil_id = $1
             and k.removed_at is null
           order by k.contact_order, k.name, k.id"#,
        pupil as PupilId
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a contact.
pub async fn add_contact(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupil: PupilId,
    id: ContactId,
    details: &ContactDetails,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility,
                                   contact_order, phone, email, address, address_confidential, no_contact,
                                   no_contact_reason, language, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        id as ContactId,
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil as PupilId,
        details.name,
        details.relationship,
        details.parental_responsibility,
        i16::from(details.contact_order),
        details.phone,
        details.email,
        details.address,
        details.address_confidential,
        details.no_contact,
        details.no_contact_reason,
        details.language,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes a contact that still stands at `version`. No: somebody was faster.
pub async fn change_contact(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupil: PupilId,
    id: ContactId,
    version: i32,
    details: &ContactDetails,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.contacts set name = $5, relationship = $6, parental_responsibility = $7, contact_order = $8,
                phone = $9, email = $10, address = $11, address_confidential = $12, no_contact = $13,
                no_contact_reason = $14, language = $15, changed_at = $16, changed_by = $17, version = version + 1
         where id = $1 and pupil_id = $2 and school_id = $3 and version = $4 and removed_at is null",
        id as ContactId,
        pupil as PupilId,
        permit.school().uuid(),
        version,
        details.name,
        details.relationship,
        details.parental_responsibility,
        i16::from(details.contact_order),
        details.phone,
        details.email,
        details.address,
        details.address_confidential,
        details.no_contact,
        details.no_contact_reason,
        details.language,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a contact off the list; the row stays. No: somebody was faster.
pub async fn remove_contact(
    conn: &mut PgConnection,
    permit: &Permit<ManagePupils>,
    pupil: PupilId,
    id: ContactId,
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.contacts set removed_at = $5, changed_at = $5, changed_by = $6, version = version + 1
         where id = $1 and pupil_id = $2 and school_id = $3 and version = $4 and removed_at is null",
        id as ContactId,
        pupil as PupilId,
        permit.school().uuid(),
        version,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
