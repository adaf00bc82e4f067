//! Reads a school's calendar: the authority's model with the school's own days over it.

use sqlx::PgConnection;
use time::{Date, Duration};

use super::DbError;
use crate::domain::{
    calendar::{SchoolCalendar, Span, SpanKind, layered},
    ids::SchoolId,
};

/// The calendar of a school, a year back and a year on from `today`.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
) -> Result<SchoolCalendar, DbError> {
    let rows = sqlx::query!(
        r#"select school_id is null as "model!", kind as "kind: SpanKind", name, from_on, to_on
           from app.calendar_spans
           where authority_id = (select authority_id from app.schools where id = $1)
             and (school_id is null or school_id = $1) and to_on >= $2 and from_on <= $3
           order by from_on"#,
        school as SchoolId,
        today - Duration::days(400),
        today + Duration::days(400)
    )
    .fetch_all(conn)
    .await?;
    let (mut model, mut own) = (Vec::new(), Vec::new());
    for row in rows {
        let span = Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on };
        if row.model { model.push(span) } else { own.push(span) }
    }
    Ok(SchoolCalendar::new(layered(&model, &own)))
}
