//! The names a page could show, for when names are hidden on the screen.

use sqlx::PgConnection;
use uuid::Uuid;

use super::DbError;

/// A pupil's names.
#[derive(Debug)]
pub struct Names {
    /// Given name.
    pub given: String,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name.
    pub family: String,
    /// The name on frozen papers about them.
    pub frozen: Option<String>,
    /// The page is about this pupil alone: the family name by itself is theirs, as it stands with the parents' names.
    pub alone: bool,
}

/// The names behind these ids, whether they are of pupils, cases or exclusions, as far as the actor sees them; and of the
/// pupils of every frozen paper the actor may read.
pub async fn behind(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Names>, DbError> {
    Ok(sqlx::query_as!(
        Names,
        r#"select p.given_name as "given!", p.known_as as "known_as?", p.family_name as "family!",
                  null as "frozen?", count(*) over () = 1 as "alone!"
           from app.pupils p
           where p.id = any (array(
               select of.pupil from unnest($1::uuid[]) asked (id) cross join lateral (
                   select asked.id as pupil
                   union all (select c.pupil_id from app.cases c where c.id = asked.id)
                   union all (select e.pupil_id from app.exclusions e where e.id = asked.id)
                   union all (select t.pupil_id from app.transfers t where t.id = asked.id)) of))
           union all
           select given_name, known_as, family_name, as_frozen, about from app.names_on_papers($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?)
}
