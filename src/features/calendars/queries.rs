//! SQL of the calendars room.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub use crate::db::duties::moved_by;
use crate::{
    db::DbError,
    domain::{
        calendar::{Span, SpanKind},
        ids::{SchoolId, SpanId},
        permission::{ManageCalendars, Over, PermitOver},
    },
};

/// A span of a calendar as it is kept.
#[derive(Clone, Debug)]
pub struct SpanRow {
    pub id: SpanId,
    pub version: i32,
    pub span: Span,
}

/// The spans of the model (no `place`) or a school's own, by their first day.
pub async fn spans(conn: &mut PgConnection, place: Option<SchoolId>) -> Result<Vec<SpanRow>, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SpanId", version, kind as "kind: SpanKind", name, from_on, to_on
           from app.calendar_spans
           where authority_id = (select app.authority()) and school_id is not distinct from $1 and removed_at is null
           order by from_on, to_on, id limit 2000"#,
        place as Option<SchoolId>
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SpanRow {
            id: row.id,
            version: row.version,
            span: Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on },
        })
        .collect())
}

/// A school with its own spans; or, with no school, the model's.
#[derive(Debug)]
pub struct OfSchool {
    pub school: Option<SchoolId>,
    pub span: Span,
}

/// The spans of every calendar within reach, from a year before a day on, and the model's.
pub async fn all_spans(
    conn: &mut PgConnection,
    over: &Over,
    day: time::Date,
) -> Result<Vec<OfSchool>, DbError> {
    let rows = sqlx::query!(
        r#"select school_id as "school: SchoolId", kind as "kind: SpanKind", name, from_on, to_on from app.calendar_spans
           where authority_id = (select app.authority()) and removed_at is null
             and (school_id is null or $1::uuid[] is null or school_id = any ($1))
             and to_on >= $2::date - 400
           order by from_on, id limit 20000"#,
        over.schools() as Option<&[SchoolId]>,
        day
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OfSchool {
            school: row.school,
            span: Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on },
        })
        .collect())
}

/// The schools whose calendars somebody keeps.
pub async fn schools(conn: &mut PgConnection, over: &Over) -> Result<Vec<(SchoolId, String)>, DbError> {
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

/// Adds spans to the permit's calendar.
pub async fn add(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageCalendars>,
    spans: &[Span],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    for span in spans {
        sqlx::query!(
            "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            permit.school() as Option<SchoolId>,
            span.kind.as_str(),
            span.name,
            span.from,
            span.to,
            now,
            permit.user().uuid()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Changes a span of the permit's calendar. No: it is not as it was read any more.
pub async fn change(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageCalendars>,
    (id, version): (SpanId, i32),
    span: &Span,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.calendar_spans set kind = $4, name = $5, from_on = $6, to_on = $7, version = version + 1,
                                       changed_at = $8, changed_by = $9
         where id = $1 and version = $2 and school_id is not distinct from $3 and removed_at is null",
        id as SpanId,
        version,
        permit.school() as Option<SchoolId>,
        span.kind.as_str(),
        span.name,
        span.from,
        span.to,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a span out of the permit's calendar. No: it is not as it was read any more.
pub async fn remove(
    conn: &mut PgConnection,
    permit: &PermitOver<ManageCalendars>,
    (id, version): (SpanId, i32),
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.calendar_spans set removed_at = $4, version = version + 1, changed_at = $4, changed_by = $5
         where id = $1 and version = $2 and school_id is not distinct from $3 and removed_at is null",
        id as SpanId,
        version,
        permit.school() as Option<SchoolId>,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
