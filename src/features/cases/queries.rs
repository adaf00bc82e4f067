//! SQL of the cases room: the list, the recorded days of a case, what changed in it.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        export::MAX_ROWS,
        ids::{AuthorityId, CaseId, PupilId, SchoolId, TargetId},
    },
};

/// One line of a list of cases.
pub struct CaseLine {
    pub id: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub school_name: String,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub stage: i16,
    pub lead: String,
    pub number: i64,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
    pub last_marked_on: Option<Date>,
    pub week_on: Option<Date>,
    pub week_points: i32,
    pub week_possible: i32,
}

/// Which cases a list shows.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Only this stage.
    pub stage: Option<i16>,
    /// Closed ones instead of open ones.
    pub closed: bool,
    /// After this one in the list's order.
    pub after: Option<CaseId>,
    /// At most so many.
    pub rows: i64,
}

/// Cases per page of a list.
pub const PAGE: i64 = 50;

/// A page of the open (or closed) cases of one school, by family name.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    filter: Filter,
) -> Result<Vec<CaseLine>, DbError> {
    Ok(sqlx::query_as!(
        CaseLine,
        r#"select c.id as "id: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  s.name as school_name, p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, c.stage,
                  u.name as lead, c.number as "number!", c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           join app.users u on u.id = c.lead_id
           where c.school_id = $1 and c.closed = $4 and ($2::smallint is null or c.stage = $2)
             and (c.sort_name, c.id) > ((select coalesce(max(x.sort_name), '') from app.cases x where x.id = $3), $3)
           order by c.sort_name, c.id limit $5"#,
        school as SchoolId,
        filter.stage,
        filter.after.map_or(Uuid::nil(), CaseId::uuid),
        filter.closed,
        filter.rows
    )
    .fetch_all(conn)
    .await?)
}

/// The same over many schools, and the cases shared with the person.
pub async fn of_many(
    conn: &mut PgConnection,
    authority: AuthorityId,
    schools: &[SchoolId],
    filter: Filter,
) -> Result<Vec<CaseLine>, DbError> {
    Ok(sqlx::query_as!(
        CaseLine,
        r#"select c.id as "id: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  s.name as school_name, p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, c.stage,
                  u.name as lead, c.number as "number!", c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           join app.users u on u.id = c.lead_id
           where c.authority_id = $6 and (c.school_id = any ($1) or c.id = any ((select app.shared_cases())::uuid[]))
             and c.closed = $4 and ($2::smallint is null or c.stage = $2)
             and (c.sort_name, c.id) > ((select coalesce(max(x.sort_name), '') from app.cases x where x.id = $3), $3)
           order by c.sort_name, c.id limit $5"#,
        schools as &[SchoolId],
        filter.stage,
        filter.after.map_or(Uuid::nil(), CaseId::uuid),
        filter.closed,
        filter.rows,
        authority as AuthorityId
    )
    .fetch_all(conn)
    .await?)
}

/// The same over the whole authority.
pub async fn of_authority(
    conn: &mut PgConnection,
    authority: AuthorityId,
    filter: Filter,
) -> Result<Vec<CaseLine>, DbError> {
    Ok(sqlx::query_as!(
        CaseLine,
        r#"select c.id as "id: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  s.name as school_name, p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, c.stage,
                  u.name as lead, c.number as "number!", c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           join app.users u on u.id = c.lead_id
           where c.authority_id = $1 and c.closed = $4 and ($2::smallint is null or c.stage = $2)
             and (c.sort_name, c.id) > ((select coalesce(max(x.sort_name), '') from app.cases x where x.id = $3), $3)
           order by c.sort_name, c.id limit $5"#,
        authority as AuthorityId,
        filter.stage,
        filter.after.map_or(Uuid::nil(), CaseId::uuid),
        filter.closed,
        filter.rows
    )
    .fetch_all(conn)
    .await?)
}

/// How many open (or closed) cases of these schools there are; none: of the whole authority. One more than a file may
/// hold stands for more.
pub async fn count(
    conn: &mut PgConnection,
    authority: AuthorityId,
    schools: Option<&[SchoolId]>,
    stage: Option<i16>,
    closed: bool,
) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select from app.cases c
               where c.authority_id = $1 and ($2::uuid[] is null or c.school_id = any ($2)) and c.closed = $3
                 and ($4::smallint is null or c.stage = $4)
               limit $5) as some_of_them"#,
        authority as AuthorityId,
        schools as Option<&[SchoolId]>,
        closed,
        stage,
        MAX_ROWS + 1
    )
    .fetch_one(conn)
    .await?)
}

/// A target with its marks of the latest recorded days, period by period.
pub struct TargetPeriod {
    pub target: TargetId,
    pub words: String,
    pub due_on: Date,
    pub ended_on: Option<Date>,
    /// None: no mark in any period.
    pub period: Option<i16>,
    /// As the school called it on those days; none: it had no such period.
    pub label: Option<String>,
    pub points: i64,
    pub recorded: i64,
}

/// Targets of the case, each with points and marks by period since `since`.
pub async fn by_target_and_period(
    conn: &mut PgConnection,
    id: CaseId,
    since: Date,
) -> Result<Vec<TargetPeriod>, DbError> {
    Ok(sqlx::query_as!(
        TargetPeriod,
        r#"select t.id as "target: TargetId", t.words, t.due_on, t.ended_on,
                  m.period as "period?", m.label as "label?", coalesce(m.points, 0) as "points!", coalesce(m.recorded, 0) as "recorded!"
           from app.targets t
           left join (select k.target_id, k.period, p.label, sum(k.points) as points, count(k.points) as recorded
                      from app.marks k
                      left join app.school_periods p on p.school_id = k.school_id and p.period = k.period
                           and p.from_on <= k.on_date and (p.to_on is null or p.to_on >= k.on_date)
                      where k.case_id = $1 and k.on_date >= $2 group by k.target_id, k.period, p.label) m
                  on m.target_id = t.id
           where t.case_id = $1
           order by t.ended_on is not null, t.position, t.id, m.period, m.label"#,
        id as CaseId,
        since
    )
    .fetch_all(conn)
    .await?)
}

/// A recorded day of a case.
#[derive(Clone, Debug)]
pub struct DayLine {
    pub on_date: Date,
    pub points: i16,
    pub recorded: i16,
    pub expected: i16,
    pub entered_late: bool,
    /// The reason for the whole day, when there is one.
    pub reason: Option<String>,
}

/// The latest `limit` days before `before` (or of all), newest first.
pub async fn days(
    conn: &mut PgConnection,
    id: CaseId,
    before: Option<Date>,
    limit: i64,
) -> Result<Vec<DayLine>, DbError> {
    Ok(sqlx::query_as!(
        DayLine,
        r#"select d.on_date, d.points, d.recorded, d.expected, d.entered_late, d.reason
           from app.days d
           where d.case_id = $1 and ($2::date is null or d.on_date < $2)
           order by d.on_date desc limit $3"#,
        id as CaseId,
        before,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The latest `drawn` days of a case whatever was recorded of them, and its latest `marked` days with marks; the newest
/// first.
pub async fn latest_days(
    conn: &mut PgConnection,
    id: CaseId,
    drawn: i64,
    marked: i64,
) -> Result<Vec<DayLine>, DbError> {
    Ok(sqlx::query_as!(
        DayLine,
        r#"select d.on_date as "on_date!", d.points as "points!", d.recorded as "recorded!", d.expected as "expected!",
                  d.entered_late as "entered_late!", d.reason
           from ((select on_date, points, recorded, expected, entered_late, reason from app.days
                  where case_id = $1 order by on_date desc limit $2)
                 union
                 (select on_date, points, recorded, expected, entered_late, reason from app.days
                  where case_id = $1 and recorded > 0 order by on_date desc limit $3)) d
           order by d.on_date desc"#,
        id as CaseId,
        drawn,
        marked
    )
    .fetch_all(conn)
    .await?)
}

/// What stands or stood in one place of a day: a target's mark in a period, or why the period has none.
pub struct Written {
    /// None: a reason.
    pub target: Option<TargetId>,
    pub words: Option<String>,
    pub period: i16,
    pub label: String,
    /// Points, a reason, or nothing: taken back.
    pub value: Option<String>,
    pub marked_at: OffsetDateTime,
    pub by: String,
    pub mark_words: Vec<String>,
}

/// Everything written about one day, by period and target, newest first: what stands before what it replaced.
pub async fn written(
    conn: &mut PgConnection,
    id: CaseId,
    school: SchoolId,
    day: Date,
) -> Result<Vec<Written>, DbError> {
    Ok(sqlx::query_as!(
        Written,
        r#"select w.target_id as "target: TargetId", t.words as "words?", w.period as "period!",
                  coalesce(p.label, 'Period ' || w.period) as "label!", w.value, w.marked_at as "marked_at!",
                  u.name as "by!", s.mark_words as "mark_words!"
           from (select target_id, period, points::text as value, version, marked_at, marked_by from app.marks
                 where case_id = $1 and on_date = $3
                 union all
                 select null, period, reason, version, marked_at, marked_by from app.day_reasons
                 where case_id = $1 and on_date = $3
                 union all
                 select target_id, period, was, version, marked_at, marked_by from app.mark_changes
                 where case_id = $1 and on_date = $3) w
           join app.schools s on s.id = $2
           join app.users u on u.id = w.marked_by
           left join app.targets t on t.id = w.target_id
           left join app.school_periods p on p.school_id = $2 and p.period = w.period and p.from_on <= $3
                and (p.to_on is null or p.to_on >= $3)
           order by w.period, w.target_id is not null, t.position, w.target_id, w.version desc"#,
        id as CaseId,
        school as SchoolId,
        day
    )
    .fetch_all(conn)
    .await?)
}

/// Something that changed in a case.
pub struct ChangeRow {
    pub on: Date,
    /// "stage", "support", "support_ended" or "targets".
    pub kind: String,
    /// The stage's number, the kind of support.
    pub words: Option<String>,
}

/// Where support began or ended, targets changed after they were first set, or a stage began, after a day and up to
/// another; the oldest first. Support that a service was asked for has not begun before the service agreed or gave some.
pub async fn changes(
    conn: &mut PgConnection,
    id: CaseId,
    school: SchoolId,
    after: Date,
    to: Date,
) -> Result<Vec<ChangeRow>, DbError> {
    Ok(sqlx::query_as!(
        ChangeRow,
        r#"select x.on_date as "on!", x.kind as "kind!", x.words
           from (
               with begun as (
                   select s.kind, s.starts_on, s.ended_on from app.supports s
                   where s.school_id = $2 and s.case_id = $1 and s.service_declined_on is null
                     and (s.school_agreed_on is null or s.service_agreed_on is not null
                          or exists (select from app.support_sessions g
                                     where g.school_id = $2 and g.case_id = $1 and g.support_id = s.id and g.delivered
                                       and not exists (select from app.support_sessions r
                                                       where r.school_id = $2 and r.replaces = g.id))))
               select entered_on as on_date, 'stage' as kind, stage::text as words from app.case_stages
               where school_id = $2 and case_id = $1
               union
               select starts_on, 'support', kind from begun
               union
               select ended_on, 'support_ended', kind from begun where ended_on is not null
               union
               (select (v.written_at at time zone 'Europe/London')::date, 'targets', null from app.target_versions v
                where v.school_id = $2 and v.case_id = $1
                  and (v.written_at at time zone 'Europe/London')::date
                      > (select min((f.written_at at time zone 'Europe/London')::date) from app.target_versions f
                         where f.school_id = $2 and f.case_id = $1))
           ) x
           where x.on_date > $3 and x.on_date <= $4 order by x.on_date, x.kind, x.words"#,
        id as CaseId,
        school as SchoolId,
        after,
        to
    )
    .fetch_all(conn)
    .await?)
}
