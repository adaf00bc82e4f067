//! SQL of the room for received transfers.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::{DbError, transfer::TransferRow},
    domain::{
        ids::{PupilId, SchoolId, TransferId},
        permission::{AnswerPlacement, Permit},
        transfer::ManagedMove,
    },
};

/// A transfer on the list.
pub struct Line {
    pub id: TransferId,
    pub pupil: PupilId,
    pub name: String,
    pub about: String,
    pub home_name: String,
    pub to_name: String,
    pub state: Json<ManagedMove>,
}

/// Transfers allocated to these schools whose papers are still shared, the latest first.
pub async fn list(conn: &mut PgConnection, schools: &[SchoolId]) -> Result<Vec<Line>, DbError> {
    Ok(sqlx::query_as!(
        Line,
        r#"select t.id as "id: TransferId", t.pupil_id as "pupil: PupilId", k.name, k.about, h.name as home_name, s.name as to_name,
                  t.state as "state: Json<ManagedMove>"
           from app.transfers t join app.packs k on k.id = t.pack_id and k.school_id = t.school_id
           join app.schools s on s.id = t.receiving_id join app.schools h on h.id = t.school_id
           where t.receiving_id = any ($1) and t.share_ended_at is null and t.id = any ((select app.received())::uuid[])
           order by t.changed_at desc, t.id"#,
        schools as &[SchoolId]
    )
    .fetch_all(conn)
    .await?)
}

/// S3.05: the home school still has the agreement of somebody with parental responsibility, and the outcome stands.
pub async fn still_agreed(conn: &mut PgConnection, id: TransferId) -> Result<bool, DbError> {
    let agreed = sqlx::query_scalar!("select app.still_agreed($1)", id as TransferId).fetch_one(conn).await?;
    Ok(agreed.unwrap_or(false))
}

/// The panel's decision that brought the pupil here.
pub struct Allocation {
    pub panel: String,
    pub decided_on: Date,
    pub starts_on: Option<Date>,
    pub reasons: String,
    pub conditions: Option<String>,
}

/// The latest allocation of a transfer to a school.
pub async fn allocation(
    conn: &mut PgConnection,
    of: &TransferRow,
    to: SchoolId,
) -> Result<Option<Allocation>, DbError> {
    Ok(sqlx::query_as!(
        Allocation,
        "select p.name as panel, a.decided_on, a.starts_on, a.reasons, a.conditions
         from app.allocations a join app.panels p on p.id = a.panel_id
         where a.transfer_id = $1 and a.school_id = $2 and a.to_school = $3 order by a.decided_at desc limit 1",
        of.id as TransferId,
        of.home as SchoolId,
        to as SchoolId
    )
    .fetch_optional(conn)
    .await?)
}

/// Moves the pupil from one roll to the other. False: it was done before.
pub async fn enrol(
    conn: &mut PgConnection,
    _permit: &Permit<AnswerPlacement>,
    of: TransferId,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!("select app.enrol_received($1, $2, $3)", of as TransferId, Uuid::now_v7(), now)
        .fetch_one(conn)
        .await?
        .unwrap_or(false))
}
