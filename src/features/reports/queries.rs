//! SQL of the reports room.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    db::{DbError, Moment},
    domain::ids::{AuthorityId, SchoolId},
};

/// Schools that nobody has counted on this day yet: of the actor's authority, or, when there is no actor, of all.
pub async fn due(conn: &mut PgConnection, moment: Moment) -> Result<Vec<SchoolId>, DbError> {
    Ok(sqlx::query_scalar!(r#"select id as "id!: SchoolId" from app.report_due($1) id"#, moment.today)
        .fetch_all(conn)
        .await?)
}

/// Counts a school anew. No: somebody did on this day already.
pub async fn refresh(conn: &mut PgConnection, school: SchoolId, moment: Moment) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select app.report_refresh($1, $2, $3) as "counted!""#,
        school as SchoolId,
        moment.today,
        moment.now
    )
    .fetch_one(conn)
    .await?)
}

/// When the oldest counts of these schools were made; none: of every school whose counts the actor sees.
pub async fn counted_at(
    conn: &mut PgConnection,
    schools: Option<&[SchoolId]>,
) -> Result<Option<OffsetDateTime>, DbError> {
    Ok(sqlx::query_scalar!("select app.report_counted_at($1)", schools as Option<&[SchoolId]>)
        .fetch_one(conn)
        .await?)
}

/// What came of the cases of a school year.
pub struct Total {
    pub year: i16,
    pub counts: Vec<i64>,
}

/// What came of the cases of every school year at these schools, oldest first; none: at every school whose counts the
/// actor sees.
pub async fn totals(conn: &mut PgConnection, schools: Option<&[SchoolId]>) -> Result<Vec<Total>, DbError> {
    Ok(sqlx::query_as!(
        Total,
        r#"select school_year as "year!", counts as "counts!" from app.report_totals($1) order by school_year"#,
        schools as Option<&[SchoolId]>
    )
    .fetch_all(conn)
    .await?)
}

/// Counts of a part, for a group of a school's cases.
pub struct CountRow {
    pub school: SchoolId,
    pub part: String,
    pub grp: String,
    pub counts: Vec<i64>,
}

/// These parts of the counts of a school year at these schools; none: at every school whose counts the actor sees.
pub async fn counts(
    conn: &mut PgConnection,
    schools: Option<&[SchoolId]>,
    year: i16,
    parts: &[&str],
) -> Result<Vec<CountRow>, DbError> {
    Ok(sqlx::query_as!(
        CountRow,
        r#"select school_id as "school!: SchoolId", part as "part!", grp as "grp!", counts as "counts!"
           from app.report_of($1, $2, $3)"#,
        schools as Option<&[SchoolId]>,
        year,
        parts as &[&str]
    )
    .fetch_all(conn)
    .await?)
}

/// The middle half of the authority's schools.
pub struct RangeRow {
    pub what: String,
    pub low: i32,
    pub high: i32,
}

/// The middle half of the authority's schools in a school year, where there are enough of them.
pub async fn ranges(conn: &mut PgConnection, year: i16) -> Result<Vec<RangeRow>, DbError> {
    Ok(sqlx::query_as!(
        RangeRow,
        r#"select what as "what!", low as "low!", high as "high!" from app.report_range($1)"#,
        year
    )
    .fetch_all(conn)
    .await?)
}

/// Schools of the authority, by name.
pub async fn schools(
    conn: &mut PgConnection,
    authority: AuthorityId,
) -> Result<Vec<(SchoolId, String)>, DbError> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SchoolId", s.name from app.schools s where s.authority_id = $1 order by s.name, s.id"#,
        authority as AuthorityId
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
