//! A pack on the agenda of a panel: the home school puts it there, the panel and the LA are done with it.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    DbError,
    transfer::{Author, TransferRow},
};
use crate::domain::{
    ids::{PackId, PanelId, ReferralId, SchoolId, TransferId},
    panel::Outcome,
};

/// Puts a pack on the agenda of a panel.
pub async fn add(
    conn: &mut PgConnection,
    by: Author,
    of: &TransferRow,
    pack: PackId,
    panel: PanelId,
    now: OffsetDateTime,
) -> Result<ReferralId, DbError> {
    let id: ReferralId = Uuid::now_v7().into();
    sqlx::query!(
        "insert into app.referrals (id, authority_id, school_id, case_id, transfer_id, pack_id, panel_id, made_at, made_by,
                                    changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9)",
        id as ReferralId,
        by.authority().uuid(),
        of.home as SchoolId,
        of.case.uuid(),
        of.id as TransferId,
        pack as PackId,
        panel as PanelId,
        now,
        by.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// Takes the open referral of a transfer off its agenda. A transfer without one is left as it is.
pub async fn settle(
    conn: &mut PgConnection,
    by: Author,
    of: &TransferRow,
    outcome: Outcome,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.referrals set outcome = $3, changed_at = $4, changed_by = $5
         where transfer_id = $1 and school_id = $2 and outcome is null",
        of.id as TransferId,
        of.home as SchoolId,
        outcome.as_str(),
        now,
        by.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// S3.07: the LA has looked, and the papers are complete.
pub async fn receive(
    conn: &mut PgConnection,
    by: Author,
    (id, home): (ReferralId, SchoolId),
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.referrals set received_on = $3, received_by = $4, changed_at = $5, changed_by = $4
         where id = $1 and school_id = $2 and received_on is null",
        id as ReferralId,
        home as SchoolId,
        today,
        by.user().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
