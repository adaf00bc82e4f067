//! SQL of the admin room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};

use crate::{
    db::DbError,
    domain::{
        ids::{AuthorityId, PolicyId},
        permission::{PermitInAuthority, PublishPolicy},
        policy::ProgrammePolicy,
    },
};

/// A version of the policy, as it was published.
pub struct VersionRow {
    pub version: i32,
    pub effective_on: Date,
    pub settings: Json<ProgrammePolicy>,
    pub source: String,
    pub reason: Option<String>,
    pub published_at: Option<OffsetDateTime>,
    pub by: Option<String>,
    /// Open cases that keep to it.
    pub cases: i64,
}

/// Every version of the authority's policy, newest first.
pub async fn versions(conn: &mut PgConnection, authority: AuthorityId) -> Result<Vec<VersionRow>, DbError> {
    Ok(sqlx::query_as!(
        VersionRow,
        r#"select po.version, po.effective_on, po.settings as "settings: Json<ProgrammePolicy>", po.source, po.reason,
                  po.published_at, u.name as "by?", coalesce(k.cases, 0) as "cases!"
           from app.policies po
           left join app.users u on u.id = po.published_by
           left join app.cases_by_policy() k on k.policy_id = po.id
           where po.authority_id = $1 order by po.version desc"#,
        authority as AuthorityId
    )
    .fetch_all(conn)
    .await?)
}

/// A version to publish.
pub struct NewVersion<'a> {
    pub id: PolicyId,
    /// Its number: one more than the latest that was read.
    pub version: i32,
    pub effective_on: Date,
    pub settings: &'a ProgrammePolicy,
    pub source: &'a str,
    pub reason: &'a str,
}

/// Publishes a version. No: somebody published that number meanwhile.
pub async fn publish(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PublishPolicy>,
    new: NewVersion<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into app.policies (id, authority_id, version, effective_on, settings, source, reason, published_on,
                                   published_at, published_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (authority_id, version) do nothing",
        new.id as PolicyId,
        permit.authority().uuid(),
        new.version,
        new.effective_on,
        serde_json::json!(new.settings),
        new.source,
        new.reason,
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many schools that take part have no term, of their own or of the model, in the school year from this day on.
pub async fn without_terms(conn: &mut PgConnection, first_day: Date) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from app.schools s
           where s.authority_id = (select app.authority()) and s.takes_part
             and not exists (select from app.calendar_spans x
                             where x.authority_id = s.authority_id and (x.school_id is null or x.school_id = s.id)
                               and x.kind = 'term' and x.removed_at is null and x.to_on >= $1 and x.from_on < $1 + 365)"#,
        first_day
    )
    .fetch_one(conn)
    .await?)
}
