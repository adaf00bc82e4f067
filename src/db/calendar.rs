//! Reads a school's calendar: the authority's model with the school's own days over it.

use std::collections::BTreeMap;

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
    let mut calendars = of_schools(conn, &[school], today).await?;
    Ok(calendars.remove(&school).unwrap_or_else(|| SchoolCalendar::new(Vec::new())))
}

/// The same of several schools of one authority, in one look.
pub async fn of_schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    today: Date,
) -> Result<BTreeMap<SchoolId, SchoolCalendar>, DbError> {
    let rows = sqlx::query!(
        r#"select school_id as "school: SchoolId", kind as "kind: SpanKind", name, from_on, to_on
           from app.calendar_spans
           where authority_id = (select authority_id from app.schools where id = any ($1) limit 1)
             and (school_id is null or school_id = any ($1))
             and to_on >= $2 and from_on <= $3
           order by from_on"#,
        schools as &[SchoolId],
        today - Duration::days(400),
        today + Duration::days(400)
    )
    .fetch_all(conn)
    .await?;
    let (mut model, mut own) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for row in rows {
        let span = Span { kind: row.kind, name: row.name, from: row.from_on, to: row.to_on };
        match row.school {
            None => model.push(span),
            Some(school) => own.entry(school).or_default().push(span),
        }
    }
    let of = |school: &SchoolId| {
        let own = own.get(school).map_or(&[][..], Vec::as_slice);
        (*school, SchoolCalendar::new(layered(&model, own)))
    };
    Ok(schools.iter().map(of).collect())
}
