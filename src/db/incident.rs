//! Recording what happened: an incident with its first version. Two rooms do it, one for a case that is open, one
//! together with the case that it begins; everything else about incidents is their own room's.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time};

use super::DbError;
use crate::domain::{
    ids::{CaseId, EnrolmentId, IncidentId, PupilId, SchoolId},
    incident::{PupilName, Seriousness},
    permission::{Permit, RecordIncidents},
};

/// What happened, checked.
pub struct Account {
    /// The day.
    pub happened_on: Date,
    /// The time, when it is known.
    pub happened_at: Option<Time>,
    /// Where.
    pub place: String,
    /// What was seen and heard, other pupils as letters.
    pub what: String,
    /// How serious it was.
    pub seriousness: Seriousness,
    /// What was done about it.
    pub followed: Option<String>,
}

/// To whom it happened: pupil, enrolment and case.
pub type Whose = (PupilId, EnrolmentId, CaseId);

/// Records an incident with its first version.
pub async fn record(
    conn: &mut PgConnection,
    permit: &Permit<RecordIncidents>,
    (pupil, enrolment, case): Whose,
    id: IncidentId,
    account: &Account,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.incidents (id, authority_id, school_id, pupil_id, enrolment_id, case_id, happened_on, happened_at,
                                    place, what, seriousness, followed, recorded_at, recorded_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, $14)",
        id as IncidentId,
        permit.authority().uuid(),
        permit.school().uuid(),
        pupil as PupilId,
        enrolment as EnrolmentId,
        case as CaseId,
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
    keep_version(conn, permit, id).await
}

/// Keeps the incident as it stands as one more version of its account.
pub async fn keep_version(
    conn: &mut PgConnection,
    permit: &Permit<RecordIncidents>,
    id: IncidentId,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.incident_versions (authority_id, school_id, incident_id, version, happened_on, happened_at, place,
                                            what, seriousness, followed, written_at, written_by)
         select authority_id, school_id, id, version, happened_on, happened_at, place, what, seriousness, followed, changed_at,
                changed_by
         from app.incidents where id = $1 and school_id = $2",
        id as IncidentId,
        permit.school().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The names of other pupils of the school whose family name is in `text`, which is lower case with plain
/// apostrophes. Whether a whole name is in it is for the domain to say.
pub async fn perhaps_named(
    conn: &mut PgConnection,
    school: SchoolId,
    own: PupilId,
    text: &str,
) -> Result<Vec<PupilName>, DbError> {
    Ok(sqlx::query_as!(
        PupilName,
        "select given_name, known_as, family_name from app.pupils
         where school_id = $1 and id <> $2 and position(lower(translate(family_name, '’‘', '''''')) in $3) > 0",
        school as SchoolId,
        own as PupilId,
        text
    )
    .fetch_all(conn)
    .await?)
}
