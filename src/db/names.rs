//! The names a page could show, for when names are hidden on the screen.

use sqlx::PgConnection;
use uuid::Uuid;

use super::DbError;

/// A pupil's names.
#[derive(Debug)]
pub struct Names {
    /// Given name; none of frozen papers, which hold one name.
    pub given: Option<String>,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name, or the whole name of frozen papers.
    pub family: String,
}

/// The names behind these ids, whether they are of pupils, cases or exclusions, as far as the actor sees them; and those
/// on every frozen paper the actor may read.
pub async fn behind(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Names>, DbError> {
    Ok(sqlx::query_as!(
        Names,
        r#"select p.given_name as "given?", p.known_as as "known_as?", p.family_name as "family!" from app.pupils p
           where p.id = any (array(
               select of.pupil from unnest($1::uuid[]) asked (id) cross join lateral (
                   select asked.id as pupil
                   union all (select c.pupil_id from app.cases c where c.id = asked.id)
                   union all (select e.pupil_id from app.exclusions e where e.id = asked.id)
                   union all (select t.pupil_id from app.transfers t where t.id = asked.id)) of))
           union all
           select null, null, k.name from app.packs k
           where k.id = any (array(select unnest(app.received_packs()) union select unnest(app.panel_packs())))"#,
        ids
    )
    .fetch_all(conn)
    .await?)
}
