//! What the pages over many cases read. Points come from the totals of days; nothing here sums marks.

use std::collections::BTreeMap;

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, PupilId, SchoolId, UserId},
        monitoring::Totals,
        stage::Event,
    },
};

/// A pupil on the programme, and what they came to.
pub struct PupilNow {
    pub case: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub stage: i16,
    pub goal_percent: i16,
    /// Over the latest twenty recorded days.
    pub totals: Totals,
}

/// Pupils of these schools with an open case, by name, after this case: at most so many.
pub async fn on_programme(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<PupilNow>, DbError> {
    let rows = sqlx::query!(
        r#"select c.id as "case: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  p.given_name, p.known_as, p.family_name, c.stage, s.goal_percent,
                  d.points as "points!", d.recorded as "recorded!", d.expected as "expected!"
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           cross join lateral (
               select coalesce(sum(y.points), 0) as points, coalesce(sum(y.recorded), 0) as recorded,
                      coalesce(sum(y.expected), 0) as expected
               from (select x.points, x.recorded, x.expected from app.days x
                     where x.case_id = c.id and x.recorded > 0 order by x.on_date desc limit 20) y) d
           where c.school_id = any ($1) and not c.closed
             and (c.sort_name, c.id) > ((select coalesce(max(x.sort_name), '') from app.cases x
                                         where x.id = $2 and x.school_id = any ($1)), $2)
           order by c.sort_name, c.id limit $3"#,
        schools as &[SchoolId],
        after.map_or(Uuid::nil(), CaseId::uuid),
        limit
    )
    .fetch_all(conn)
    .await?;
    let number = |n: i64| u32::try_from(n).unwrap_or(0);
    Ok(rows
        .into_iter()
        .map(|row| PupilNow {
            case: row.case,
            pupil: row.pupil,
            school: row.school,
            given_name: row.given_name,
            known_as: row.known_as,
            family_name: row.family_name,
            stage: row.stage,
            goal_percent: row.goal_percent,
            totals: Totals {
                points: number(row.points),
                recorded: number(row.recorded),
                expected: number(row.expected),
            },
        })
        .collect())
}

/// The latest twenty recorded days of each of these cases, oldest first.
pub async fn latest_days(
    conn: &mut PgConnection,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, Vec<(Date, Totals)>>, DbError> {
    let rows = sqlx::query!(
        r#"select d.case_id as "case: CaseId", d.on_date, d.points, d.recorded, d.expected
           from unnest($1::uuid[]) c (id)
           cross join lateral (
               select x.* from app.days x where x.case_id = c.id and x.recorded > 0
               order by x.on_date desc limit 20) d
           order by d.case_id, d.on_date"#,
        cases as &[CaseId]
    )
    .fetch_all(conn)
    .await?;
    let mut days = BTreeMap::<_, Vec<_>>::new();
    let number = |n: i16| u32::try_from(n).unwrap_or(0);
    for row in rows {
        let totals = Totals {
            points: number(row.points),
            recorded: number(row.recorded),
            expected: number(row.expected),
        };
        days.entry(row.case).or_default().push((row.on_date, totals));
    }
    Ok(days)
}

/// How many cases were at a stage at the end of a day.
pub struct StageOn {
    pub on: Date,
    pub stage: i16,
    pub cases: i64,
}

/// Cases of these schools by stage at the end of each of these days. A case that was opened by mistake never was.
pub async fn stages_on(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    days: &[Date],
) -> Result<Vec<StageOn>, DbError> {
    Ok(sqlx::query_as!(
        StageOn,
        r#"select d.on_date as "on!", st.stage, count(*) as "cases!"
           from unnest($2::date[]) d (on_date)
           join app.case_stages st on st.school_id = any ($1) and st.entered_on <= d.on_date
                and (st.left_on is null or st.left_on > d.on_date)
           join app.cases c on c.id = st.case_id and c.school_id = any ($1) and c.ended_as is distinct from 'opened_in_error'
                and (c.closed_on is null or c.closed_on > d.on_date)
           group by d.on_date, st.stage"#,
        schools as &[SchoolId],
        days
    )
    .fetch_all(conn)
    .await?)
}

/// How many left the programme in one way.
pub struct LeftAs {
    pub ended_as: Option<String>,
    pub cases: i64,
}

/// Cases of these schools that ended since a day, by how they ended.
pub async fn left_as(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    since: Date,
) -> Result<Vec<LeftAs>, DbError> {
    Ok(sqlx::query_as!(
        LeftAs,
        r#"select ended_as, count(*) as "cases!" from app.cases
           where school_id = any ($1) and closed_on >= $2 and ended_as is distinct from 'opened_in_error'
           group by ended_as order by count(*) desc, ended_as"#,
        schools as &[SchoolId],
        since
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody who left the programme.
pub struct Leaver {
    pub case: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub stage: i16,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
    pub ended_as: Option<String>,
}

/// Who left since a day, the latest first, before this case in that order: at most so many.
pub async fn leavers(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    since: Date,
    before: Option<CaseId>,
    limit: i64,
) -> Result<Vec<Leaver>, DbError> {
    Ok(sqlx::query_as!(
        Leaver,
        r#"select c.id as "case: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  p.given_name, p.known_as, p.family_name, c.stage, c.opened_on, c.closed_on, c.ended_as
           from app.cases c join app.pupils p on p.id = c.pupil_id
           where c.school_id = any ($1) and c.closed_on >= $2 and c.ended_as is distinct from 'opened_in_error'
             and ($3::uuid is null or (c.closed_on, c.id) < (select x.closed_on, x.id from app.cases x
                                                             where x.id = $3 and x.school_id = any ($1)))
           order by c.closed_on desc, c.id desc limit $4"#,
        schools as &[SchoolId],
        since,
        before.map(CaseId::uuid),
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The latest reminder of a duty.
pub struct ReminderRow {
    pub id: Uuid,
    pub case: CaseId,
    pub duty: String,
    pub to: UserId,
    pub school: SchoolId,
    pub school_day: Date,
    pub made_on: Date,
    pub seen_at: Option<OffsetDateTime>,
    pub by: String,
}

/// The latest reminder of each duty of these schools, of those made since a day.
pub async fn reminders(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    since: Date,
) -> Result<Vec<ReminderRow>, DbError> {
    Ok(sqlx::query_as!(
        ReminderRow,
        r#"select distinct on (r.case_id, r.duty) r.id, r.case_id as "case: CaseId", r.duty, r.to_id as "to: UserId",
                  r.school_id as "school: SchoolId", r.school_day, r.made_on, r.seen_at, u.name as by
           from app.reminders r join app.users u on u.id = r.made_by
           where r.school_id = any ($1) and r.made_on >= $2
           order by r.case_id, r.duty, r.made_at desc"#,
        schools as &[SchoolId],
        since
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody with a role at a school.
#[derive(PartialEq, Eq)]
pub struct Holder {
    pub school: SchoolId,
    pub user: UserId,
}

/// Who holds one of these roles at these schools on a day.
pub async fn holders(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    roles: &[String],
    today: Date,
) -> Result<Vec<Holder>, DbError> {
    Ok(sqlx::query_as!(
        Holder,
        r#"select distinct g.school_id as "school!: SchoolId", g.user_id as "user: UserId"
           from app.grants g join app.users u on u.id = g.user_id
           where g.school_id = any ($1) and g.role = any ($2) and u.disabled_at is null
             and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3)"#,
        schools as &[SchoolId],
        roles,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// Something that was recorded in a week.
pub struct Happened {
    pub case: Option<CaseId>,
    pub pupil: PupilId,
    pub school: SchoolId,
    /// None, as the family name is: a pupil of another school now, whom this school sees no more.
    pub given_name: Option<String>,
    pub known_as: Option<String>,
    pub family_name: Option<String>,
    pub on: Date,
    /// "decision", "outcome", "excluded", "cancelled", or the kind of a notice.
    pub kind: String,
    pub event: Option<Json<Event>>,
    /// What is stored of it: the kind of an outcome or exclusion, the words of what was overdue.
    pub words: Option<String>,
}

/// What was recorded about these schools' pupils between two days, both included, in the order it was recorded. It goes
/// by the day of the record, never by the day it is about: what is written down later does not change a week that was. Nor
/// does a pupil who moved to another school since, though the school may no longer see who it was.
pub async fn happened(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    (from, to): (Date, Date),
    limit: i64,
) -> Result<Vec<Happened>, DbError> {
    Ok(sqlx::query_as!(
        Happened,
        r#"select h.case_id as "case: CaseId", h.pupil_id as "pupil!: PupilId", h.school_id as "school!: SchoolId",
                  p.given_name as "given_name?", p.known_as as "known_as?", p.family_name as "family_name?",
                  h.on_date as "on!", h.kind as "kind!", h.event as "event: Json<Event>", h.words
           from (
               (select d.case_id, c.pupil_id, d.school_id, d.decided_on as on_date, d.decided_at as at, 'decision' as kind,
                       d.event, null as words
                from app.case_decisions d join app.cases c on c.id = d.case_id
                where d.school_id = any ($1) and d.decided_on between $2 and $3
                order by d.decided_at limit $4)
               union all
               (select a.case_id, c.pupil_id, a.school_id, a.decided_on, a.decided_at, 'outcome', null,
                       a.kind || ':' || case when a.status = 'declined' then 'declined' else 'agreed' end
                from app.alternatives a join app.cases c on c.id = a.case_id
                where a.school_id = any ($1) and a.decided_on between $2 and $3
                order by a.decided_at limit $4)
               union all
               (select e.case_id, e.pupil_id, e.school_id, e.recorded_on, e.recorded_at, 'excluded', null, e.kind
                from app.exclusions e
                where e.school_id = any ($1) and e.decided_on between $2::date - 400 and $3
                  and e.recorded_on between $2 and $3
                order by e.recorded_at limit $4)
               union all
               (select e.case_id, e.pupil_id, e.school_id, e.cancelled_on, e.cancelled_at, 'cancelled', null, e.kind
                from app.exclusions e
                where e.school_id = any ($1) and e.decided_on between $2::date - 400 and $3
                  and e.cancelled_on between $2 and $3
                order by e.cancelled_at limit $4)
               union all
               (select n.case_id, c.pupil_id, n.school_id, n.made_on, n.made_at, n.kind, null, n.words
                from app.head_notices n join app.cases c on c.id = n.case_id
                where n.school_id = any ($1) and n.made_at >= $2::date - 2 and n.made_at < $3::date + 2
                  and n.made_on between $2 and $3 and n.kind in ('overdue', 'feedback_missed')
                order by n.made_at limit $4)
           ) h
           left join app.pupils p on p.id = h.pupil_id
           order by h.at, h.kind, p.family_name, h.pupil_id limit $4"#,
        schools as &[SchoolId],
        from,
        to,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// How many reviews were signed with each light.
pub struct Signed {
    pub overall: String,
    pub reviews: i64,
}

/// Reviews of these schools that were signed for the first time between two days, by their light.
pub async fn signed(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    (from, to): (Date, Date),
) -> Result<Vec<Signed>, DbError> {
    Ok(sqlx::query_as!(
        Signed,
        r#"select overall, count(*) as "reviews!" from app.weekly_reviews
           where school_id = any ($1) and signed_on between $2 and $3 and version = 1 group by overall"#,
        schools as &[SchoolId],
        from,
        to
    )
    .fetch_all(conn)
    .await?)
}
