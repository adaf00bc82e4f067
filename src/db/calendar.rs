//! Reads a school's calendar: the authority's model with the school's own days over it.

use std::collections::BTreeMap;

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

/// The spans of a school's calendar, from a year before `today` as far on as they are loaded.
pub async fn spans_of(conn: &mut PgConnection, school: SchoolId, today: Date) -> Result<Spans, DbError> {
    let mut all = spans_of_schools(conn, &[school], today).await?;
    Ok(all.remove(&school).unwrap_or_default())
}

/// The same of several schools of one authority, in one look.
async fn spans_of_schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    today: Date,
) -> Result<BTreeMap<SchoolId, Spans>, DbError> {
    let rows = sqlx::query!(
        r#"select id as "id: SpanId", school_id as "school: SchoolId", kind as "kind: SpanKind", name, from_on, to_on
           from app.calendar_spans
           where authority_id = (select authority_id from app.schools where id = any ($1) limit 1)
             and (school_id is null or school_id = any ($1))
             and to_on >= $2 and removed_at is null
           order by from_on"#,
        schools as &[SchoolId],
        today - Duration::days(400)
    )
    .fetch_all(conn)
    .await?;
    let (mut model, mut all) = (Vec::new(), BTreeMap::<_, Spans>::new());
    for row in rows {
        let span = (row.id, Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on });
        match row.school {
            None => model.push(span),
            Some(school) => all.entry(school).or_default().own.push(span),
        }
    }
    for school in schools {
        all.entry(*school).or_default().model.clone_from(&model);
    }
    Ok(all)
}

/// The calendar of a school, from a year before `today` as far on as it is loaded.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
) -> Result<SchoolCalendar, DbError> {
    Ok(spans_of(conn, school, today).await?.calendar())
}

/// The calendars of several schools of one authority.
pub async fn of_schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    today: Date,
) -> Result<BTreeMap<SchoolId, SchoolCalendar>, DbError> {
    let all = spans_of_schools(conn, schools, today).await?;
    Ok(all.into_iter().map(|(school, spans)| (school, spans.calendar())).collect())
}
