//! SQL of how schools stand.

use sqlx::PgConnection;
use time::Date;

use crate::{db::DbError, domain::ids::SchoolId};

/// How a school stands.
pub struct SchoolLine {
    pub id: SchoolId,
    pub name: String,
    pub urn: String,
    pub takes_part: bool,
    /// Open cases at Stages 1 to 3.
    pub stages: [i64; 3],
    /// Open cases with something overdue.
    pub overdue: i64,
    pub last_marked_on: Option<Date>,
    /// Marks made and expected since the day asked for.
    pub recorded: i64,
    pub expected: i64,
    pub leads: Vec<String>,
    pub representatives: Vec<String>,
}

/// How these schools stand, by name. Marks are those of weeks from `since` on.
pub async fn schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    since: Date,
    today: Date,
) -> Result<Vec<SchoolLine>, DbError> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SchoolId", s.name, s.urn, s.takes_part, k.stage_1 as "stage_1!", k.stage_2 as "stage_2!",
                  k.stage_3 as "stage_3!", k.overdue as "overdue!", k.last_marked_on as "last_marked_on?",
                  k.recorded as "recorded!", k.expected as "expected!",
                  array(select u.name from app.grants g join app.users u on u.id = g.user_id
                        where g.school_id = s.id and g.role = 'school_lead' and u.disabled_at is null
                          and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) order by u.name) as "leads!",
                  array(select distinct u.name from app.grants g join app.users u on u.id = g.user_id
                        where g.authority_id = s.authority_id and (g.school_id = s.id or g.school_id is null)
                          and g.role = 'la_representative' and u.disabled_at is null
                          and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) order by u.name) as "representatives!"
           from app.schools_stand($1, $2) k join app.schools s on s.id = k.school_id
           order by s.name, s.id"#,
        schools as &[SchoolId],
        since,
        today
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SchoolLine {
            id: row.id,
            name: row.name,
            urn: row.urn,
            takes_part: row.takes_part,
            stages: [row.stage_1, row.stage_2, row.stage_3],
            overdue: row.overdue,
            last_marked_on: row.last_marked_on,
            recorded: row.recorded,
            expected: row.expected,
            leads: row.leads,
            representatives: row.representatives,
        })
        .collect())
}
