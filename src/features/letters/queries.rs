//! SQL of the letters room: it only reads.

use sqlx::{PgConnection, types::Json};
use time::Date;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, ContactId, PupilId, SchoolId},
        review::WeekFigures,
    },
};

/// Somebody a letter can go to.
pub struct ContactRow {
    pub id: ContactId,
    pub name: String,
    pub relationship: String,
    pub parental_responsibility: bool,
    /// None when it is confidential, or not known.
    pub address: Option<String>,
    pub address_confidential: bool,
    pub no_contact: bool,
    pub no_contact_reason: Option<String>,
    pub language: Option<String>,
}

/// The people to contact, those entitled to hear first. A confidential address is not read at all.
pub async fn contacts(
    conn: &mut PgConnection,
    pupil: PupilId,
    school: SchoolId,
) -> Result<Vec<ContactRow>, DbError> {
    Ok(sqlx::query_as!(
        ContactRow,
        r#"select id as "id: ContactId", name, relationship, parental_responsibility,
                  case when address_confidential or no_contact then null else address end as address,
                  address_confidential, no_contact, no_contact_reason, language
           from app.contacts where pupil_id = $1 and school_id = $2 and removed_at is null
           order by (parental_responsibility and not no_contact) desc, contact_order, name, id"#,
        pupil as PupilId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// The words and figures of a signed review that a letter repeats.
pub struct SignedRow {
    pub figures: Json<WeekFigures>,
    pub went_well: Option<String>,
    pub next_steps: String,
}

/// The review that stands for a week.
pub async fn signed(
    conn: &mut PgConnection,
    case: CaseId,
    week_on: Date,
) -> Result<Option<SignedRow>, DbError> {
    Ok(sqlx::query_as!(
        SignedRow,
        r#"select figures as "figures: Json<WeekFigures>", went_well, next_steps from app.weekly_reviews
           where case_id = $1 and week_on = $2 order by version desc limit 1"#,
        case as CaseId,
        week_on
    )
    .fetch_optional(conn)
    .await?)
}

/// The next meeting of a case from a day on.
pub async fn next_meeting(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
    from: Date,
) -> Result<Option<(Date, time::Time)>, DbError> {
    let row = sqlx::query!(
        "select planned_on, starts_at from app.meetings
         where case_id = $1 and school_id = $2 and planned_on >= $3 and held_on is null and cancelled_on is null
           and kind not in ('restorative', 'mediation')
         order by planned_on, starts_at limit 1",
        case as CaseId,
        school as SchoolId,
        from
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.planned_on, row.starts_at)))
}
