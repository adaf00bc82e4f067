//! Writing what was decided about a case: the decision, the stage, the case, the headteacher's notice. Two rooms do
//! it: stages, and suspensions when a permanent exclusion ends a case (7.2 A20).

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{DbError, notices};
use crate::domain::{
    decision::Decision,
    ids::CaseId,
    permission::{Permit, ProposeMoves},
    stage::{CaseState, Event},
};

/// Writes what was decided: the decision with its list and reasons, the stage, the case, the headteacher's notice.
/// Two people at once: the second meets `case_decisions_seq_key`.
pub async fn decide(
    conn: &mut PgConnection,
    permit: &Permit<ProposeMoves>,
    decision: &Decision,
    case: CaseId,
    words: Option<&str>,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    let event = decision.command().event();
    sqlx::query!(
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                         requirements, reasons, seq, event, words)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                 (select coalesce(max(d.seq), 0) + 1 from app.case_decisions d where d.school_id = $3 and d.case_id = $4),
                 $11, $12)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        decision.command().name(),
        today,
        now,
        permit.user().uuid(),
        serde_json::json!(decision.requirements()),
        serde_json::json!(decision.reasons()),
        serde_json::json!(event),
        words,
    )
    .execute(&mut *conn)
    .await?;
    match (decision.after(), &event) {
        (CaseState::Open { extensions, .. }, Event::Extended { until }) => {
            sqlx::query!(
                "update app.cases set extensions = $2, extended_until = $3 where id = $1",
                case as CaseId,
                i16::try_from(*extensions).unwrap_or(i16::MAX),
                until
            )
            .execute(&mut *conn)
            .await?;
        }
        (CaseState::Open { stage, .. }, _) => {
            leave_stage(conn, case, today).await?;
            let reason = match &event {
                Event::MovedUp { reason, .. } => reason.as_str(),
                Event::SteppedDown { .. } => "step_down",
                Event::Opened { reason, .. } => reason.as_str(),
                Event::Reopened { .. } | Event::Extended { .. } | Event::Exited | Event::Closed { .. } => {
                    "reopened"
                }
            };
            sqlx::query!(
                "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by,
                                              reason)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                Uuid::now_v7(),
                permit.authority().uuid(),
                permit.school().uuid(),
                case as CaseId,
                stage.number(),
                today,
                now,
                permit.user().uuid(),
                reason,
            )
            .execute(&mut *conn)
            .await?;
            sqlx::query!(
                "update app.cases set stage = $2, closed_on = null, ended_as = null, extensions = 0, extended_until = null
                 where id = $1",
                case as CaseId,
                stage.number()
            )
            .execute(&mut *conn)
            .await?;
        }
        (CaseState::Ended { how, .. }, _) => {
            leave_stage(conn, case, today).await?;
            sqlx::query!(
                "update app.cases set closed_on = $2, ended_as = $3, extended_until = null where id = $1",
                case as CaseId,
                today,
                how.as_str()
            )
            .execute(&mut *conn)
            .await?;
        }
        (CaseState::None, _) => {}
    }
    if !matches!(event, Event::Extended { .. }) {
        overtake(conn, permit, case, now, today).await?;
    }
    notices::tell_head(conn, permit, case, event.name(), (today, now)).await
}

/// A proposal that still waits was made for a case that stood elsewhere: there is nothing left to answer.
async fn overtake(
    conn: &mut PgConnection,
    permit: &Permit<ProposeMoves>,
    case: CaseId,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.proposals set answer = 'overtaken', answered_on = $3, answered_at = $4, answered_by = $5
         where school_id = $1 and case_id = $2 and answer is null",
        permit.school().uuid(),
        case as CaseId,
        today,
        now,
        permit.user().uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn leave_stage(conn: &mut PgConnection, case: CaseId, today: Date) -> Result<(), DbError> {
    sqlx::query!(
        "update app.case_stages set left_on = $2 where case_id = $1 and left_on is null",
        case as CaseId,
        today
    )
    .execute(conn)
    .await?;
    Ok(())
}
