//! SQL of the cases room.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        export::MAX_ROWS,
        ids::{AuthorityId, CaseId, PupilId, SchoolId, TargetId, UserId},
        people::Role,
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

/// What happened, newest first.
pub struct Happening {
    pub at: OffsetDateTime,
    pub on_date: Date,
    pub kind: String,
    pub words: String,
    pub by: String,
    pub by_id: UserId,
}

/// The latest `limit` happenings of a case before `before`.
#[expect(clippy::too_many_lines, reason = "one query, with an arm for each kind of happening")]
pub async fn happenings(
    conn: &mut PgConnection,
    id: CaseId,
    school: SchoolId,
    before: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Happening>, DbError> {
    Ok(sqlx::query_as!(
        Happening,
        r#"select h.at as "at!", h.on_date as "on_date!", h.kind as "kind!", h.words as "words!", u.name as "by!",
                  u.id as "by_id!: UserId"
           from (
               (select entered_at as at, entered_on as on_date, 'stage' as kind,
                       'Stage ' || stage || ' began' as words, entered_by as by_id
                from app.case_stages where school_id = $4 and case_id = $1)
               union all
               -- Decisions that begin no stage; the page says them in words.
               (select decided_at, decided_on, 'decision', event::text, decided_by from app.case_decisions
                where school_id = $4 and case_id = $1 and command in ('extend', 'exit', 'close'))
               union all
               -- Words of a step begin with its kind, as stored; the page says it in words.
               (select s.recorded_at, s.on_date, 'step',
                       s.kind || coalesce(': ' || coalesce(
                           s.details->>'words', s.details->>'why', s.details->>'reason', s.details->>'policy', s.details->>'by',
                           (select string_agg(n, ', ') from jsonb_array_elements_text(s.details->'names') n)), ''),
                       s.recorded_by
                from app.case_steps s
                where s.school_id = $4 and s.case_id = $1
                  and not exists (select from app.case_steps r where r.replaces = s.id and r.school_id = $4))
               union all
               (select l.named_at, l.from_on, 'lead', lu.name || ' leads the case', l.named_by
                from app.case_leads l join app.users lu on lu.id = l.user_id where l.school_id = $4 and l.case_id = $1)
               union all
               (select r.named_at, r.from_on, 'represented', ru.name || ' looks after the case for the LA', r.named_by
                from app.case_representatives r join app.users ru on ru.id = r.user_id
                where r.school_id = $4 and r.case_id = $1)
               union all
               (select q.asked_at, q.asked_on, 'update_asked', coalesce(q.words, 'How does the case stand?'), q.asked_by
                from app.update_requests q where q.school_id = $4 and q.case_id = $1)
               union all
               (select q.answered_at, q.answered_on, 'update_answered', q.answer, q.answered_by
                from app.update_requests q where q.school_id = $4 and q.case_id = $1 and q.answer is not null)
               union all
               (select written_at, (written_at at time zone 'Europe/London')::date,
                       case when ended_on is not null then 'target_ended'
                            when version = 1 then 'target_set' else 'target_changed' end,
                       words, written_by
                from app.target_versions where school_id = $4 and case_id = $1 and ($2::timestamptz is null or written_at < $2)
                order by written_at desc limit $3)
               union all
               (select written_at, on_date, kind, words, written_by from app.day_notes
                where case_id = $1 and ($2::timestamptz is null or written_at < $2)
                order by written_at desc limit $3)
               union all
               (select made_at, from_on, 'absence', source, made_by from app.known_absences
                where case_id = $1 and withdrawn_at is null and ($2::timestamptz is null or made_at < $2)
                order by made_at desc limit $3)
               union all
               (select m.made_at, m.planned_on, 'meeting_planned', m.kind, m.made_by
                from app.meetings m
                where m.school_id = $4 and m.case_id = $1 and ($2::timestamptz is null or m.made_at < $2))
               union all
               (select coalesce(m.final_at, m.changed_at), coalesce(m.held_on, m.cancelled_on),
                       case when m.final_at is not null then 'meeting_signed'
                            when m.cancelled_on is not null then 'meeting_cancelled' else 'meeting_held' end,
                       m.kind || coalesce(': ' || m.cancelled_why, ''), coalesce(m.final_by, m.changed_by)
                from app.meetings m
                where m.school_id = $4 and m.case_id = $1 and (m.held_on is not null or m.cancelled_on is not null))
               union all
               (select a.done_at, a.done_on, 'action_done', a.words || coalesce(': ' || a.outcome, ''), a.done_by
                from app.meeting_actions a
                where a.school_id = $4 and a.case_id = $1 and a.done_on is not null and a.removed_at is null)
               union all
               -- Words of support begin with its kind, as stored; the page says it in words.
               (select made_at, starts_on, 'support_begun', kind || ': ' || purpose, made_by from app.supports
                where school_id = $4 and case_id = $1 and ($2::timestamptz is null or made_at < $2)
                order by made_at desc limit $3)
               union all
               -- Nothing of support changes after its end.
               (select changed_at, ended_on, 'support_ended', kind || ': ' || coalesce(ended_why, purpose), changed_by
                from app.supports
                where school_id = $4 and case_id = $1 and ended_on is not null
                  and ($2::timestamptz is null or changed_at < $2)
                order by changed_at desc limit $3)
               union all
               (select service_answered_at, coalesce(service_agreed_on, service_declined_on),
                       case when service_agreed_on is not null then 'support_priority' else 'support_declined' end,
                       kind || ': ' || coalesce(service_words, purpose), service_answered_by
                from app.supports
                where school_id = $4 and case_id = $1 and coalesce(service_agreed_on, service_declined_on) is not null
                  and service_answered_at is not null and ($2::timestamptz is null or service_answered_at < $2)
                order by service_answered_at desc limit $3)
               union all
               (select v.written_at, v.happened_on, case when v.version = 1 then 'incident' else 'incident_changed' end,
                       v.place || ': ' || case when length(v.what) > 140 then left(v.what, 140) || '…' else v.what end,
                       v.written_by
                from app.incidents i join app.incident_versions v on v.incident_id = i.id and v.school_id = $4
                where i.school_id = $4 and i.case_id = $1 and ($2::timestamptz is null or v.written_at < $2)
                order by v.written_at desc limit $3)
               union all
               (select signed_at, signed_on, 'review',
                       'Week of ' || to_char(week_on, 'FMDD FMMonth YYYY') || ': ' || overall || '. ' || next_steps, signed_by
                from app.weekly_reviews where case_id = $1 and ($2::timestamptz is null or signed_at < $2)
                order by signed_at desc limit $3)
               union all
               (select f.given_at, f.given_on, case when f.reached then 'feedback' else 'feedback_tried' end,
                       coalesce(c.name || ': ', '') || f.words, f.given_by
                from app.feedback f left join app.contacts c on c.id = f.contact_id and c.school_id = $4
                where f.case_id = $1 and ($2::timestamptz is null or f.given_at < $2)
                order by f.given_at desc limit $3)
               union all
               -- Words of an alternative begin with its kind, as stored; the page says it in words.
               (select made_at, (made_at at time zone 'Europe/London')::date, 'outcome_considered', kind || ': ' || why, made_by
                from app.alternatives where school_id = $4 and case_id = $1)
               union all
               (select decided_at, decided_on, case when status = 'declined' then 'outcome_declined' else 'outcome_agreed' end,
                       kind || coalesce(': ' || case when status = 'declined' then ended_words else plan end, ''), decided_by
                from app.alternatives where school_id = $4 and case_id = $1 and decided_at is not null)
               union all
               (select ended_at, ended_on, 'outcome_ended', kind || coalesce(': ' || ended_words, ''), ended_by
                from app.alternatives
                where school_id = $4 and case_id = $1 and ended_at is not null and status <> 'declined')
               union all
               (select g.recorded_at, coalesce(g.answered_on, g.asked_on), 'answer_' || g.answer,
                       a.kind || ': ' || concat_ws('. ', g.name, g.words), g.recorded_by
                from app.agreements g join app.alternatives a on a.id = g.alternative_id and a.school_id = $4
                where g.school_id = $4 and g.case_id = $1)
               union all
               -- The school a transfer is about, and what happened, as stored; the page says it in words.
               (select e.at, e.on_date, 'transfer', coalesce(s.name, '') || '|' || e.event::text, e.by_id
                from app.transfer_events e left join app.schools s on s.id = e.receiving_id
                where e.school_id = $4 and e.case_id = $1)
               union all
               (select made_at, starts_on, 'direction', place, made_by from app.directions
                where school_id = $4 and case_id = $1)
               union all
               (select changed_at, ended_on, 'direction_ended', place || ': ' || ended_why, changed_by from app.directions
                where school_id = $4 and case_id = $1 and ended_on is not null)
               union all
               (select recorded_at, held_on, 'direction_review', words, recorded_by from app.direction_reviews
                where school_id = $4 and case_id = $1)
               union all
               (select recorded_at, decided_on, 'excluded_' || kind,
                       case when length(words) > 140 then left(words, 140) || '…' else words end, issued_by
                from app.exclusions where school_id = $4 and case_id = $1 and ($2::timestamptz is null or recorded_at < $2)
                order by recorded_at desc limit $3)
               union all
               (select cancelled_at, cancelled_on, 'excluded_cancelled', cancelled_why, cancelled_by
                from app.exclusions
                where school_id = $4 and case_id = $1 and cancelled_on is not null
                  and ($2::timestamptz is null or cancelled_at < $2)
                order by cancelled_at desc limit $3)
               union all
               -- Words of what was done begin with its kind, as stored; the page says it in words.
               (select s.recorded_at, s.on_date, 'after_exclusion',
                       s.kind || coalesce(': ' || nullif(concat_ws('. ', replace(s.recipient, '_', ' '), s.words), ''), ''),
                       s.recorded_by
                from app.exclusions e join app.exclusion_steps s on s.exclusion_id = e.id and s.school_id = $4
                where e.school_id = $4 and e.case_id = $1 and s.kind <> 'taken_back'
                  and not exists (select from app.exclusion_steps b where b.replaces = s.id)
                  and ($2::timestamptz is null or s.recorded_at < $2)
                order by s.recorded_at desc limit $3)
           ) h join app.users u on u.id = h.by_id
           where $2::timestamptz is null or h.at < $2
           order by h.at desc, h.kind, h.words, h.by_id limit $3"#,
        id as CaseId,
        before,
        limit,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// A role somebody held for a school, from one day to another.
pub struct Held {
    pub user: UserId,
    pub role: String,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

impl Held {
    /// In words, when it was held on the day.
    pub fn on(&self, day: Date) -> Option<Role> {
        let live = self.from_on <= day && self.to_on.is_none_or(|to| day <= to);
        live.then(|| self.role.parse().ok()).flatten()
    }
}

/// The roles of these people at the school and in the authority, ended ones too.
pub async fn held(
    conn: &mut PgConnection,
    school: SchoolId,
    people: &[UserId],
) -> Result<Vec<Held>, DbError> {
    Ok(sqlx::query_as!(
        Held,
        r#"select user_id as "user: UserId", role, from_on, to_on from app.grants
           where user_id = any ($2) and (school_id = $1 or school_id is null) order by from_on desc"#,
        school as SchoolId,
        people as &[UserId]
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
