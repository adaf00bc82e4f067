//! Reads a school's calendar: the authority's model with the school's own days over it.

use sqlx::PgConnection;
use time::{Date, Duration};

use super::DbError;
use crate::domain::{
    calendar::{SchoolCalendar, Span, SpanKind, layered},
    calendar_change::Change,
    ids::{SchoolId, SpanId},
};

/// The spans a school's calendar is made of.
#[derive(Debug, Default)]
pub struct Spans {
    /// The authority's model.
    pub model: Vec<(SpanId, Span)>,
    /// The school's own days over it.
    pub own: Vec<(SpanId, Span)>,
}

impl Spans {
    /// The calendar they make.
    pub fn calendar(&self) -> SchoolCalendar {
        let bare = |spans: &[(SpanId, Span)]| spans.iter().map(|(_, span)| span.clone()).collect::<Vec<_>>();
        SchoolCalendar::new(layered(&bare(&self.model), &bare(&self.own)))
    }

    /// The calendar they would make after a change of the model (`of_model`) or of the school's own days.
    pub fn changed(&self, change: &Change, of_model: bool) -> SchoolCalendar {
        let bare = |spans: &[(SpanId, Span)]| spans.iter().map(|(_, span)| span.clone()).collect::<Vec<_>>();
        let (model, own) = if of_model {
            (change.applied(&self.model), bare(&self.own))
        } else {
            (bare(&self.model), change.applied(&self.own))
        };
        SchoolCalendar::new(layered(&model, &own))
    }
}

/// The spans of a school's calendar, a year back and a year on from `today`.
pub async fn spans_of(conn: &mut PgConnection, school: SchoolId, today: Date) -> Result<Spans, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SpanId", school_id is null as "model!", kind as "kind: SpanKind", name, from_on, to_on
           from app.calendar_spans
           where authority_id = (select authority_id from app.schools where id = $1)
             and (school_id is null or school_id = $1) and to_on >= $2 and from_on <= $3
             and removed_at is null
           order by from_on"#,
        school as SchoolId,
        today - Duration::days(400),
        today + Duration::days(400)
    )
    .fetch_all(conn)
    .await?;
    let mut spans = Spans::default();
    for row in rows {
        let span = Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on };
        if row.model { spans.model.push((row.id, span)) } else { spans.own.push((row.id, span)) }
    }
    Ok(spans)
}

/// The calendar of a school, a year back and a year on from `today`.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
) -> Result<SchoolCalendar, DbError> {
    Ok(spans_of(conn, school, today).await?.calendar())
}
