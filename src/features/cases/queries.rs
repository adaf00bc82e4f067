//! SQL of the cases room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        decision::Decision,
        ids::{AuthorityId, CaseId, EnrolmentId, PolicyId, PupilId, SchoolId, TargetId, UserId},
        permission::{NominateLead, OpenCase, Permit},
        policy::ProgrammePolicy,
        stage::{Entry, Event, Stage},
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
}

/// Cases per page of a list.
pub const PAGE: i64 = 50;

/// A page of the open (or closed) cases of one school, by family name; one more than a page when there is more.
pub async fn of_school(
    conn: &mut PgConnection,
    school: SchoolId,
    filter: Filter,
) -> Result<Vec<CaseLine>, DbError> {
    Ok(sqlx::query_as!(
        CaseLine,
        r#"select c.id as "id: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  s.name as school_name, p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, c.stage,
                  u.name as lead, c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
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
        PAGE + 1
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
                  u.name as lead, c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
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
        PAGE + 1,
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
                  u.name as lead, c.opened_on, c.closed_on, c.last_marked_on, c.week_on, c.week_points, c.week_possible
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
        PAGE + 1
    )
    .fetch_all(conn)
    .await?)
}

/// A target with its marks of the latest recorded days, period by period.
pub struct TargetPeriod {
    pub target: TargetId,
    pub words: String,
    pub starts_on: Date,
    pub due_on: Date,
    pub ended_on: Option<Date>,
    /// None: no mark in any period.
    pub period: Option<i16>,
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
        r#"select t.id as "target: TargetId", t.words, t.starts_on, t.due_on, t.ended_on,
                  m.period as "period?", coalesce(m.points, 0) as "points!", coalesce(m.recorded, 0) as "recorded!"
           from app.targets t
           left join (select target_id, period, sum(points) as points, count(points) as recorded from app.marks
                      where case_id = $1 and on_date >= $2 group by target_id, period) m on m.target_id = t.id
           where t.case_id = $1
           order by t.ended_on is not null, t.position, t.id, m.period"#,
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
           left join app.school_periods p on p.school_id = $2 and p.period = w.period
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
}

/// The latest `limit` happenings of a case before `before`.
pub async fn happenings(
    conn: &mut PgConnection,
    id: CaseId,
    school: SchoolId,
    before: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Happening>, DbError> {
    Ok(sqlx::query_as!(
        Happening,
        r#"select h.at as "at!", h.on_date as "on_date!", h.kind as "kind!", h.words as "words!", u.name as "by!"
           from (
               (select entered_at as at, entered_on as on_date, 'stage' as kind,
                       'Stage ' || stage || ' began' as words, entered_by as by_id
                from app.case_stages where school_id = $4 and case_id = $1)
               union all
               (select l.named_at, l.from_on, 'lead', lu.name || ' leads the case', l.named_by
                from app.case_leads l join app.users lu on lu.id = l.user_id where l.school_id = $4 and l.case_id = $1)
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
           ) h join app.users u on u.id = h.by_id
           where $2::timestamptz is null or h.at < $2
           order by h.at desc, h.kind limit $3"#,
        id as CaseId,
        before,
        limit,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// What the rules need to know before a case can be opened, and what the page shows.
pub struct OpeningFactsRow {
    pub school: SchoolId,
    pub school_name: String,
    pub takes_part: bool,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub enrolment: Option<EnrolmentId>,
    pub open_case: Option<CaseId>,
    pub policy: PolicyId,
    pub settings: Json<ProgrammePolicy>,
}

/// The facts about a pupil for opening a case on `today`.
pub async fn opening_facts(
    conn: &mut PgConnection,
    pupil: PupilId,
    today: Date,
) -> Result<Option<OpeningFactsRow>, DbError> {
    Ok(sqlx::query_as!(
        OpeningFactsRow,
        r#"select p.school_id as "school: SchoolId", s.name as school_name, s.takes_part, p.given_name, p.known_as,
                  p.family_name, p.born_on, p.year_offset,
                  (select e.id from app.enrolments e
                   where e.pupil_id = p.id and e.school_id = p.school_id
                     and e.from_on <= $2 and (e.to_on is null or e.to_on >= $2)) as "enrolment: EnrolmentId",
                  (select c.id from app.cases c where c.pupil_id = p.id and c.authority_id = p.authority_id
                     and c.closed_on is null) as "open_case: CaseId",
                  po.id as "policy: PolicyId", po.settings as "settings: Json<ProgrammePolicy>"
           from app.pupils p
           join app.schools s on s.id = p.school_id
           join lateral (select id, settings from app.policies where authority_id = p.authority_id
                         and effective_on <= $2 order by effective_on desc, version desc limit 1) po on true
           where p.id = $1"#,
        pupil as PupilId,
        today
    )
    .fetch_optional(conn)
    .await?)
}

/// A member of the school's staff who can lead a case.
pub struct PossibleLead {
    pub id: UserId,
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

/// A case to open.
pub struct NewCase<'a> {
    pub id: CaseId,
    pub pupil: PupilId,
    pub enrolment: EnrolmentId,
    pub policy: PolicyId,
    pub lead: UserId,
    pub sort_name: String,
    pub rationale: &'a str,
    pub strategies: &'a [Strategy],
}

/// Something tried or advised before the case (R1.03).
pub struct Strategy {
    pub kind: &'static str,
    pub what: String,
    pub detail: Option<String>,
    pub outcome: Option<String>,
}

/// Opens the case, its first stage and its lead, with the decision that allowed it. A16 is also a unique
/// index: a second open case is refused there if two people are at it at once.
pub async fn open(
    conn: &mut PgConnection,
    permit: &Permit<OpenCase>,
    decision: &Decision,
    case: NewCase<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                opened_by, rationale, stage, lead_id, sort_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)",
        case.id as CaseId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case.pupil as PupilId,
        case.enrolment as EnrolmentId,
        case.policy as PolicyId,
        today,
        now,
        permit.user().uuid(),
        case.rationale,
        case.lead as UserId,
        case.sort_name,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by)
         values ($1, $2, $3, $4, 1, $5, $6, $7)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case.id as CaseId,
        today,
        now,
        permit.user().uuid(),
    )
    .execute(&mut *conn)
    .await?;
    name_lead(
        conn,
        permit.authority().uuid(),
        permit.school(),
        case.id,
        case.lead,
        permit.user(),
        now,
        today,
    )
    .await?;
    for (position, strategy) in (1_i16..).zip(case.strategies) {
        sqlx::query!(
            "insert into app.case_strategies (id, authority_id, school_id, case_id, kind, what, detail, outcome, position)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            permit.school().uuid(),
            case.id as CaseId,
            strategy.kind,
            strategy.what,
            strategy.detail,
            strategy.outcome,
            position,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at,
                                         decided_by, requirements, reasons, seq, event)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case.id as CaseId,
        decision.command(),
        today,
        now,
        permit.user().uuid(),
        serde_json::json!(decision.requirements()),
        serde_json::json!(decision.reasons()),
        serde_json::json!(Event::Opened { stage: Stage::One, reason: Entry::Concern }),
    )
    .execute(conn)
    .await?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one row, written from opening and from a new nomination")]
async fn name_lead(
    conn: &mut PgConnection,
    authority: Uuid,
    school: SchoolId,
    case: CaseId,
    lead: UserId,
    by: UserId,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        authority,
        school as SchoolId,
        case as CaseId,
        lead as UserId,
        today,
        now,
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
    now: OffsetDateTime,
    today: Date,
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
        today
    )
    .execute(&mut *conn)
    .await?;
    name_lead(conn, permit.authority().uuid(), permit.school(), case, lead, permit.user(), now, today)
        .await?;
    Ok(true)
}
