//! Who leads a case (S1.01): named when it is opened, another later, and another when somebody leaves.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{DbError, Moment};
use crate::domain::{
    ids::{AuthorityId, CaseId, SchoolId, UserId},
    permission::{ManagePeople, NominateLead, OpenCase, Permit, PermitOver},
};

/// A member of the school's staff who can lead a case.
#[derive(Debug)]
pub struct PossibleLead {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// Everybody who holds a role at the school today.
pub async fn possible_leads(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
) -> Result<Vec<PossibleLead>, DbError> {
    Ok(sqlx::query_as!(
        PossibleLead,
        r#"select distinct u.id as "id: UserId", u.name from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = $1 and g.role in ('school_lead', 'staff', 'headteacher') and u.disabled_at is null
             and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2)
           order by u.name, 1"#,
        school as SchoolId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// Names the first lead of a case that is being opened.
pub async fn name_first(
    conn: &mut PgConnection,
    permit: &Permit<OpenCase>,
    case: CaseId,
    lead: UserId,
    moment: Moment,
) -> Result<(), DbError> {
    name(conn, (permit.authority(), permit.school(), permit.user()), case, lead, moment).await
}

async fn name(
    conn: &mut PgConnection,
    (authority, school, by): (AuthorityId, SchoolId, UserId),
    case: CaseId,
    lead: UserId,
    moment: Moment,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        authority as AuthorityId,
        school as SchoolId,
        case as CaseId,
        lead as UserId,
        moment.today,
        moment.now,
        by as UserId,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Names another lead from today; the one before led until yesterday (or, named today, not at all beyond
/// today). Answers no when somebody else has changed the lead since `was` was read.
pub async fn change_lead(
    conn: &mut PgConnection,
    permit: &Permit<NominateLead>,
    case: CaseId,
    was: UserId,
    lead: UserId,
    moment: Moment,
) -> Result<bool, DbError> {
    let changed = sqlx::query!(
        "update app.cases set lead_id = $3 where id = $1 and lead_id = $2 and closed_on is null",
        case as CaseId,
        was as UserId,
        lead as UserId
    )
    .execute(&mut *conn)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "update app.case_leads set to_on = greatest(from_on, $2::date - 1) where case_id = $1 and to_on is null",
        case as CaseId,
        moment.today
    )
    .execute(&mut *conn)
    .await?;
    name(conn, (permit.authority(), permit.school(), permit.user()), case, lead, moment).await?;
    Ok(true)
}

/// The same for every open case that `was` leads at a school, for somebody who sees none of them: the database does it
/// and records which pupils' (`0014_people.sql`). Answers how many; none: the new lead holds no role there today.
pub async fn hand_over_unseen(
    conn: &mut PgConnection,
    _: &PermitOver<ManagePeople>,
    school: SchoolId,
    (was, lead): (UserId, UserId),
    moment: Moment,
    request: Uuid,
) -> Result<Option<i64>, DbError> {
    Ok(sqlx::query_scalar!(
        "select app.hand_over_cases($1, $2, $3, $4, $5, $6)",
        school as SchoolId,
        was as UserId,
        lead as UserId,
        moment.now,
        moment.today,
        request
    )
    .fetch_one(conn)
    .await?)
}
