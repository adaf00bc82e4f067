//! SQL of the support room.

use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        calendar::monday,
        ids::{CaseId, SchoolId, SupportId, UserId},
        permission::{DeliverSupport, ManageSupport, Permit},
        support::{Effect, SupportKind},
    },
};

/// Support as it stands, with its sessions counted and the marks beside it.
pub struct SupportRow {
    pub id: SupportId,
    pub kind: String,
    pub purpose: String,
    pub provider: String,
    pub lead: Option<UserId>,
    pub lead_name: String,
    /// Who gives it belongs to a support service.
    pub lead_of_service: bool,
    /// Who gives it sees the case by a live share.
    pub lead_sees: bool,
    pub sessions_a_week: i16,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub review_on: Date,
    pub school_agreed_on: Option<Date>,
    pub school_agreed_by: Option<UserId>,
    pub school_agreed_name: Option<String>,
    pub service_agreed_on: Option<Date>,
    pub service_declined_on: Option<Date>,
    pub service_words: Option<String>,
    pub service_answered_name: Option<String>,
    pub ended_on: Option<Date>,
    pub effect: Option<String>,
    pub ended_why: Option<String>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
    pub first_session_on: Option<Date>,
    pub last_session_on: Option<Date>,
    pub given: i64,
    pub recorded: i64,
    pub week_given: i64,
    pub week_recorded: i64,
    pub before_days: i64,
    pub before_points: i64,
    pub before_marks: i64,
    pub lately_days: i64,
    pub lately_points: i64,
    pub lately_marks: i64,
}

/// Support of a case, or only one of it: in place first, then ended, the latest first.
pub async fn of_case(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
    only: Option<SupportId>,
    today: Date,
) -> Result<Vec<SupportRow>, DbError> {
    let week = monday(today);
    Ok(sqlx::query_as!(
        SupportRow,
        r#"select s.id as "id: SupportId", s.kind, s.purpose, s.provider, s.lead_id as "lead: UserId", s.lead_name,
                  exists (select from app.grants g where g.user_id = s.lead_id and g.role = 'support_service'
                          and g.from_on <= $4 and (g.to_on is null or g.to_on >= $4)) as "lead_of_service!",
                  exists (select from app.case_shares h where h.school_id = $2 and h.case_id = $1
                          and h.with_user = s.lead_id and h.from_on <= $4 and (h.to_on is null or h.to_on >= $4))
                      as "lead_sees!",
                  s.sessions_a_week, s.starts_on, s.ends_on, s.review_on,
                  s.school_agreed_on, s.school_agreed_by as "school_agreed_by: UserId", a.name as "school_agreed_name?",
                  s.service_agreed_on, s.service_declined_on, s.service_words, b.name as "service_answered_name?",
                  s.ended_on, s.effect, s.ended_why, s.version, s.changed_at, u.name as changed_by,
                  x.first_on as first_session_on, x.last_on as last_session_on,
                  x.given as "given!", x.recorded as "recorded!", x.week_given as "week_given!",
                  x.week_recorded as "week_recorded!",
                  d.days as "before_days!", d.points as "before_points!", d.marks as "before_marks!",
                  l.days as "lately_days!", l.points as "lately_points!", l.marks as "lately_marks!"
           from app.supports s
           join app.users u on u.id = s.changed_by
           left join app.users a on a.id = s.school_agreed_by
           left join app.users b on b.id = s.service_answered_by
           join lateral (
               select min(e.on_date) as first_on, max(e.on_date) as last_on,
                      count(*) filter (where e.delivered) as given, count(*) as recorded,
                      count(*) filter (where e.delivered and e.on_date between $5 and $6) as week_given,
                      count(*) filter (where e.on_date between $5 and $6) as week_recorded
               from app.support_sessions e
               where e.support_id = s.id
                 and not exists (select from app.support_sessions r where r.replaces = e.id)) x on true
           join lateral (
               select count(*) as days, coalesce(sum(y.points), 0)::bigint as points,
                      coalesce(sum(y.recorded), 0)::bigint as marks
               from (select points, recorded from app.days
                     where case_id = $1 and on_date < s.starts_on and recorded > 0
                     order by on_date desc limit 10) y) d on true
           join lateral (
               select count(*) as days, coalesce(sum(y.points), 0)::bigint as points,
                      coalesce(sum(y.recorded), 0)::bigint as marks
               from (select points, recorded from app.days
                     where case_id = $1 and on_date between s.starts_on and coalesce(s.ended_on, $4) and recorded > 0
                     order by on_date desc limit 10) y) l on true
           where s.case_id = $1 and s.school_id = $2 and ($3::uuid is null or s.id = $3)
           order by s.ended_on is not null, coalesce(s.ended_on, s.starts_on) desc, s.id"#,
        case as CaseId,
        school as SchoolId,
        only.map(SupportId::uuid),
        today,
        week,
        week + Duration::days(6)
    )
    .fetch_all(conn)
    .await?)
}

/// A session as somebody recorded it.
pub struct SessionRow {
    pub id: Uuid,
    pub on_date: Date,
    pub delivered: bool,
    pub why_not: Option<String>,
    pub note: Option<String>,
    pub recorded_at: OffsetDateTime,
    pub by: String,
    /// The session it corrects.
    pub replaces: Option<Uuid>,
    /// Somebody corrected it.
    pub replaced: bool,
}

/// Every session of one support, the latest first; corrections stand before what they correct.
pub async fn sessions(
    conn: &mut PgConnection,
    case: CaseId,
    support: SupportId,
) -> Result<Vec<SessionRow>, DbError> {
    Ok(sqlx::query_as!(
        SessionRow,
        r#"select e.id, e.on_date, e.delivered, e.why_not, e.note, e.recorded_at, u.name as by, e.replaces,
                  exists (select from app.support_sessions r where r.replaces = e.id) as "replaced!"
           from app.support_sessions e join app.users u on u.id = e.recorded_by
           where e.support_id = $2 and e.case_id = $1
           order by e.on_date desc, e.recorded_at desc, e.id desc"#,
        case as CaseId,
        support as SupportId
    )
    .fetch_all(conn)
    .await?)
}

/// What was tried or advised before the case (R1.03).
pub struct Tried {
    pub kind: String,
    pub what: String,
    pub detail: Option<String>,
    pub outcome: Option<String>,
}

/// What was tried or advised before the case, in its order.
pub async fn tried(conn: &mut PgConnection, case: CaseId, school: SchoolId) -> Result<Vec<Tried>, DbError> {
    Ok(sqlx::query_as!(
        Tried,
        "select kind, what, detail, outcome from app.case_strategies where school_id = $2 and case_id = $1
         order by kind, position",
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody who can give support.
pub struct Giver {
    pub id: UserId,
    pub name: String,
    /// Of a support service, not of the school.
    pub of_service: bool,
}

/// Staff of the school, then people of support services, each once, by name.
pub async fn givers(conn: &mut PgConnection, school: SchoolId, today: Date) -> Result<Vec<Giver>, DbError> {
    Ok(sqlx::query_as!(
        Giver,
        r#"select distinct u.id as "id: UserId", u.name, g.role = 'support_service' as "of_service!"
           from app.grants g join app.users u on u.id = g.user_id
           where g.authority_id = (select app.authority())
             and (g.school_id = $1 and g.role in ('school_lead', 'staff', 'headteacher')
                  or g.school_id is null and g.role = 'support_service')
             and u.disabled_at is null and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2)
           order by 3, u.name, 1"#,
        school as SchoolId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// What was agreed about support.
pub struct Agreed {
    pub purpose: String,
    pub provider: String,
    pub lead: Option<UserId>,
    pub lead_name: String,
    pub sessions_a_week: i16,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub review_on: Date,
}

/// Arranges support.
pub async fn arrange(
    conn: &mut PgConnection,
    permit: &Permit<ManageSupport>,
    case: CaseId,
    id: SupportId,
    kind: SupportKind,
    agreed: &Agreed,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.supports (id, authority_id, school_id, case_id, kind, purpose, provider, lead_id, lead_name,
                                   sessions_a_week, starts_on, ends_on, review_on, made_at, made_by, changed_at,
                                   changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14, $15)",
        id as SupportId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        kind.as_str(),
        agreed.purpose,
        agreed.provider,
        agreed.lead.map(UserId::uuid),
        agreed.lead_name,
        agreed.sessions_a_week,
        agreed.starts_on,
        agreed.ends_on,
        agreed.review_on,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes support that still stands at `version`. A service's answer was that of whoever gave it: with somebody
/// else the request waits again (P2.02). No: somebody was faster, or it has ended.
pub async fn change(
    conn: &mut PgConnection,
    permit: &Permit<ManageSupport>,
    case: CaseId,
    id: SupportId,
    version: i32,
    agreed: &Agreed,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.supports set purpose = $5, provider = $6, lead_id = $7, lead_name = $8, sessions_a_week = $9,
                starts_on = $10, ends_on = $11, review_on = $12, version = version + 1, changed_at = $13,
                changed_by = $14, priority = priority and same,
                service_agreed_on = case when same then service_agreed_on end,
                service_agreed_by = case when same then service_agreed_by end,
                service_declined_on = case when same then service_declined_on end
         from (select id as same_id, lead_id is not distinct from $7 and (lead_id is not null or lead_name = $8) as same
               from app.supports where id = $1) now
         where same_id = id and id = $1 and case_id = $2 and school_id = $3 and version = $4 and ended_on is null",
        id as SupportId,
        case as CaseId,
        permit.school().uuid(),
        version,
        agreed.purpose,
        agreed.provider,
        agreed.lead.map(UserId::uuid),
        agreed.lead_name,
        agreed.sessions_a_week,
        agreed.starts_on,
        agreed.ends_on,
        agreed.review_on,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How support ended.
pub struct Ending {
    pub on: Date,
    pub effect: Effect,
    pub why: String,
}

/// Ends support that still stands at `version`. No: somebody was faster.
pub async fn end(
    conn: &mut PgConnection,
    permit: &Permit<ManageSupport>,
    case: CaseId,
    id: SupportId,
    version: i32,
    ending: &Ending,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.supports set ended_on = $5, effect = $6, ended_why = $7, version = version + 1, changed_at = $8,
                changed_by = $9
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and ended_on is null",
        id as SupportId,
        case as CaseId,
        permit.school().uuid(),
        version,
        ending.on,
        ending.effect.as_str(),
        ending.why,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The school asks for priority (P2.02). What the service said before stays until it answers anew. No: it was
/// asked already, or the support has ended.
pub async fn ask_priority(
    conn: &mut PgConnection,
    permit: &Permit<ManageSupport>,
    case: CaseId,
    id: SupportId,
    today: Date,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.supports set school_agreed_on = $4, school_agreed_by = $5, service_declined_on = null
         where id = $1 and case_id = $2 and school_id = $3 and ended_on is null
           and (school_agreed_on is null or service_declined_on is not null)",
        id as SupportId,
        case as CaseId,
        permit.school().uuid(),
        today,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The school withdraws what it asked; an agreement ends with it. No: nothing was asked.
pub async fn withdraw_priority(
    conn: &mut PgConnection,
    permit: &Permit<ManageSupport>,
    case: CaseId,
    id: SupportId,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.supports set priority = false, school_agreed_on = null, school_agreed_by = null,
                service_agreed_on = null, service_agreed_by = null, service_declined_on = null
         where id = $1 and case_id = $2 and school_id = $3 and ended_on is null and school_agreed_on is not null",
        id as SupportId,
        case as CaseId,
        permit.school().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The service answers a request that stands; one that declined may still accept. Whoever asked for the school
/// cannot answer for the service. No: nothing stands to be answered.
#[expect(clippy::too_many_arguments, reason = "one answer, with the proof and the day")]
pub async fn answer_priority(
    conn: &mut PgConnection,
    permit: &Permit<DeliverSupport>,
    case: CaseId,
    id: SupportId,
    accepted: bool,
    words: Option<&str>,
    today: Date,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.supports
         set priority = $4, service_agreed_on = case when $4 then $6::date end,
             service_agreed_by = case when $4 then $7::uuid end, service_declined_on = case when not $4 then $6::date end,
             service_words = $5, service_answered_at = $8, service_answered_by = $7
         where id = $1 and case_id = $2 and school_id = $3 and ended_on is null and school_agreed_on is not null
           and school_agreed_by <> $7 and service_agreed_on is null and (service_declined_on is null or $4)",
        id as SupportId,
        case as CaseId,
        permit.school().uuid(),
        accepted,
        words,
        today,
        permit.user().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A session to record.
pub struct NewSession {
    pub on: Date,
    pub delivered: bool,
    pub why_not: Option<String>,
    pub note: Option<String>,
    /// The session it corrects.
    pub replaces: Option<Uuid>,
}

/// Records a session. Refused by `support_sessions_replaced_once` when somebody has corrected the same one.
pub async fn record_session(
    conn: &mut PgConnection,
    permit: &Permit<DeliverSupport>,
    case: CaseId,
    support: SupportId,
    session: &NewSession,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.support_sessions (id, authority_id, school_id, case_id, support_id, on_date, delivered, why_not,
                                           note, replaces, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        support as SupportId,
        session.on,
        session.delivered,
        session.why_not,
        session.note,
        session.replaces,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}
