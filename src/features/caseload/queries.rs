//! SQL of the caseload room.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::filter::{Filter, Sort, View};
use crate::{
    db::{DbError, ScopedTx, duties::Kept},
    domain::{
        concern::{Concern, NEAR_CEILING, UNMARKED_DAYS},
        dates,
        ids::{AuthorityId, CaseId, PanelId, PupilId, SavedViewId, SchoolId, UserId},
        permission::{LookAfterCases, Permit, RecordSteps},
    },
};

/// Whose caseload.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    pub authority: AuthorityId,
    pub schools: &'a [SchoolId],
    pub user: UserId,
    pub today: Date,
}

impl<'a> Scope<'a> {
    /// That of whoever asks, over these schools.
    pub fn of(tx: &ScopedTx, schools: &'a [SchoolId]) -> Self {
        Self { authority: tx.actor().authority, schools, user: tx.actor().user, today: tx.today() }
    }
}

/// A day's totals: points, marks made, marks expected.
pub type DayTotals = (u32, u32, u32);

/// One case of the list.
#[derive(Debug, FromRow)]
pub struct Line {
    pub id: CaseId,
    pub number: i64,
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
    pub representative: Option<String>,
    pub last_marked_on: Option<Date>,
    pub concern: i16,
    pub concerns: Json<Vec<Concern>>,
    /// What comes next; none: nothing is owed, or it is not reckoned yet.
    pub next: Option<Json<Kept>>,
    pub overdue_days: i32,
    /// The latest recorded days, the latest first.
    pub days: Json<Vec<DayTotals>>,
    pub reckoned_on: Option<Date>,
}

const LINE: &str = "select d.case_id as id, c.number, c.pupil_id as pupil, d.school_id as school, s.name as school_name,
    p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, d.stage, l.name as lead, r.name as representative,
    d.last_marked_on, d.concern, d.concerns, d.duties->0 as next, d.overdue_days, d.reckoned_on,
    coalesce((select jsonb_agg(jsonb_build_array(t.points, t.recorded, t.expected) order by t.on_date desc)
              from (select points, recorded, expected, on_date from app.days x
                    where x.case_id = d.case_id and x.recorded > 0 order by x.on_date desc limit 20) t), '[]') as days
    from app.case_duties d
    join app.cases c on c.id = d.case_id
    join app.pupils p on p.id = c.pupil_id
    join app.schools s on s.id = d.school_id
    join app.users l on l.id = c.lead_id
    left join app.users r on r.id = d.representative_id ";

/// What an order runs along. Every part runs upwards; each order is an index of `0012_caseload.sql`.
const fn keys(sort: Sort) -> &'static [&'static str] {
    match sort {
        Sort::Concern => &["d.by_concern", "d.by_overdue", "d.sort_name", "d.case_id"],
        Sort::Name => &["d.sort_name", "d.case_id"],
        Sort::Stage => &["d.by_stage", "d.sort_name", "d.case_id"],
        Sort::Due => &["d.by_due", "d.sort_name", "d.case_id"],
        Sort::Marks => &["d.by_marks", "d.sort_name", "d.case_id"],
    }
}

/// The cases of a view, narrowed as somebody chose: from fixed parts; what was chosen is bound.
fn narrow(sql: &mut QueryBuilder<Postgres>, of: Scope<'_>, filter: &Filter) {
    sql.push("where d.authority_id = ")
        .push_bind(of.authority)
        .push(" and not d.closed and d.school_id = any (");
    // Of several schools the person chose some; those they may not see are not among them.
    let schools: Vec<SchoolId> = match filter.schools.as_slice() {
        [] => of.schools.to_vec(),
        some => some.iter().copied().filter(|school| of.schools.contains(school)).collect(),
    };
    sql.push_bind(schools).push(")");
    match filter.view {
        View::All => {}
        View::Mine => {
            sql.push(" and (d.representative_id = ").push_bind(of.user);
            sql.push(" or d.lead_id = ").push_bind(of.user).push(")");
        }
        View::Overdue => {
            sql.push(" and d.overdue_days > 0");
        }
        View::Stage3 => {
            sql.push(" and d.stage = 3");
        }
        View::Unmarked => {
            sql.push(" and d.unmarked_days >= ").push(UNMARKED_DAYS);
        }
        View::NearCeiling => {
            sql.push(" and d.year_half_days >= ").push(NEAR_CEILING.0);
        }
        View::WaitsForLa => {
            sql.push(" and d.waits_for_la");
        }
    }
    if !filter.stages.is_empty() {
        sql.push(" and d.stage = any (").push_bind(&filter.stages).push(")");
    }
    if !filter.years.is_empty() {
        // As domain::pupil::YearGroup counts: the age on the last 31 August, less 4.
        let first = dates::first_year(of.today);
        sql.push(" and (").push_bind(first);
        sql.push(
            " - extract(year from p.born_on)::int - (to_char(p.born_on, 'MMDD') > '0831')::int - 4 + p.year_offset) = any (",
        );
        sql.push_bind(filter.years.iter().map(|year| i32::from(*year)).collect::<Vec<_>>()).push(")");
    }
    if !filter.send.is_empty() {
        sql.push(" and p.send = any (");
        sql.push_bind(filter.send.iter().map(|send| send.as_str()).collect::<Vec<_>>()).push(")");
    }
    if filter.looked_after {
        sql.push(" and p.looked_after");
    }
}

/// How many cases a list has, up to `most`.
pub async fn count(
    conn: &mut PgConnection,
    of: Scope<'_>,
    filter: &Filter,
    most: i64,
) -> Result<i64, DbError> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select count(*) from (select from app.case_duties d
         join app.cases c on c.id = d.case_id join app.pupils p on p.id = c.pupil_id ",
    );
    narrow(&mut sql, of, filter);
    sql.push(" limit ").push_bind(most).push(") x");
    Ok(sql.build_query_scalar().fetch_one(conn).await?)
}

/// Cases of the list in its order, from where the page begins: at most so many.
pub async fn page(
    conn: &mut PgConnection,
    of: Scope<'_>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Line>, DbError> {
    let mut sql = QueryBuilder::<Postgres>::new(LINE);
    narrow(&mut sql, of, filter);
    let keys = keys(filter.sort);
    if let Some(after) = filter.after {
        sql.push(" and (").push(keys.join(", ")).push(if filter.reverse { ") < (" } else { ") > (" });
        for (n, key) in keys.iter().enumerate() {
            sql.push(if n == 0 { "" } else { ", " });
            sql.push("(select ").push(key).push(" from app.case_duties d where d.case_id = ");
            sql.push_bind(after).push(")");
        }
        sql.push(")");
    }
    sql.push(" order by ");
    for (n, key) in keys.iter().enumerate() {
        sql.push(if n == 0 { "" } else { ", " }).push(key).push(if filter.reverse { " desc" } else { "" });
    }
    sql.push(" limit ").push_bind(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// A count stops here: "1,000 or more".
pub const MOST_COUNTED: i64 = 1_000;

/// How many open cases each view of [`View::ALL`] has, up to [`MOST_COUNTED`], whatever else narrows the list.
pub async fn counts(conn: &mut PgConnection, of: Scope<'_>) -> Result<[i64; 7], DbError> {
    let row = sqlx::query!(
        r#"select
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed limit $3) x) as "all!",
             (select count(*) from (select from app.case_duties d where (d.representative_id = $2 or d.lead_id = $2)
                                      and d.school_id = any ($1) and not d.closed limit $3) x) as "mine!",
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed
                                      and d.overdue_days > 0 limit $3) x) as "overdue!",
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed
                                      and d.stage = 3 limit $3) x) as "stage_3!",
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed
                                      and d.unmarked_days >= 3 limit $3) x) as "unmarked!",
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed
                                      and d.year_half_days >= 70 limit $3) x) as "near!",
             (select count(*) from (select from app.case_duties d where d.school_id = any ($1) and not d.closed
                                      and d.waits_for_la limit $3) x) as "waits!""#,
        of.schools as &[SchoolId],
        of.user as UserId,
        MOST_COUNTED
    )
    .fetch_one(conn)
    .await?;
    Ok([row.all, row.mine, row.overdue, row.stage_3, row.unmarked, row.near, row.waits])
}

/// Cases within reach that are still to be reckoned today, and how many there are up to [`MOST_COUNTED`].
pub async fn unreckoned(conn: &mut PgConnection, of: Scope<'_>) -> Result<i64, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select (select count(*) from (select from app.case_duties d
                       where d.school_id = any ($1) and not d.closed and d.reckoned_on is null limit $3) x)
                + (select count(*) from (select from app.case_duties d
                       where d.school_id = any ($1) and not d.closed and d.reckoned_on < $2 limit $3) x) as "n!""#,
        of.schools as &[SchoolId],
        of.today,
        MOST_COUNTED
    )
    .fetch_one(conn)
    .await?)
}

/// A school of the authority.
pub struct SchoolName {
    pub id: SchoolId,
    pub name: String,
}

/// The schools of the authority, by name: those of an LA representative for every school.
pub async fn schools_of_authority(
    conn: &mut PgConnection,
    authority: AuthorityId,
) -> Result<Vec<SchoolName>, DbError> {
    Ok(sqlx::query_as!(
        SchoolName,
        r#"select id as "id: SchoolId", name from app.schools where authority_id = $1 order by name, id"#,
        authority as AuthorityId
    )
    .fetch_all(conn)
    .await?)
}

/// A view somebody keeps.
pub struct SavedView {
    pub id: SavedViewId,
    pub name: String,
    pub query: String,
    pub shared: bool,
    /// Kept by oneself.
    pub own: bool,
    pub by: String,
}

/// One's own views, then those colleagues share.
pub async fn saved_views(
    conn: &mut PgConnection,
    authority: AuthorityId,
    user: UserId,
) -> Result<Vec<SavedView>, DbError> {
    Ok(sqlx::query_as!(
        SavedView,
        r#"select v.id as "id: SavedViewId", v.name, v.query, v.shared, v.user_id = $2 as "own!", u.name as by
           from app.saved_views v join app.users u on u.id = v.user_id
           where v.user_id = $2 or (v.authority_id = $1 and v.shared)
           order by v.user_id <> $2, lower(v.name), v.id limit 100"#,
        authority as AuthorityId,
        user as UserId
    )
    .fetch_all(conn)
    .await?)
}

/// Keeps a view under a name; under a name one has used before, in its place.
pub async fn save_view(
    conn: &mut PgConnection,
    (authority, user): (AuthorityId, UserId),
    (name, query, shared): (&str, &str, bool),
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!("delete from app.saved_views where user_id = $1 and name = $2", user as UserId, name)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into app.saved_views (id, authority_id, user_id, name, query, shared, made_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        authority as AuthorityId,
        user as UserId,
        name,
        query,
        shared,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a view of one's own. No: there is none.
pub async fn remove_view(conn: &mut PgConnection, user: UserId, view: SavedViewId) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "delete from app.saved_views where id = $1 and user_id = $2",
        view as SavedViewId,
        user as UserId
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A case that was selected.
pub struct Selected {
    pub case: CaseId,
    pub pupil: PupilId,
    pub school: SchoolId,
    pub school_name: String,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub representative: Option<String>,
    /// The school can answer: somebody who leads or heads it is there today.
    pub somebody_there: bool,
    /// It has been asked already, on this day, and has not answered.
    pub asked_on: Option<Date>,
    pub stage: i16,
    /// How the managed move of the case stands, when one is open.
    pub transfer: Option<String>,
    /// The day of the panel its papers are with.
    pub panel_on: Option<Date>,
}

/// The selected cases that are open and within reach, by name.
pub async fn selected(
    conn: &mut PgConnection,
    cases: &[CaseId],
    today: Date,
) -> Result<Vec<Selected>, DbError> {
    Ok(sqlx::query_as!(
        Selected,
        r#"select c.id as "case: CaseId", c.pupil_id as "pupil: PupilId", c.school_id as "school: SchoolId",
                  s.name as school_name, p.given_name, p.known_as, p.family_name, r.name as "representative?",
                  exists (select from app.grants g join app.users u on u.id = g.user_id
                          where g.school_id = c.school_id and g.role in ('school_lead', 'headteacher')
                            and u.disabled_at is null and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2))
                    as "somebody_there!",
                  (select q.asked_on from app.update_requests q where q.case_id = c.id and q.answer is null) as asked_on,
                  c.stage, t.standing as "transfer?",
                  (select pa.meets_on from app.referrals rf join app.panels pa on pa.id = rf.panel_id
                   where rf.school_id = c.school_id and rf.case_id = c.id and rf.outcome is null) as panel_on
           from app.cases c
           left join app.transfers t on t.case_id = c.id and t.standing not in ('closed', 'withdrawn')
           join app.pupils p on p.id = c.pupil_id
           join app.schools s on s.id = c.school_id
           left join app.case_representatives cr on cr.case_id = c.id and cr.to_on is null
           left join app.users r on r.id = cr.user_id
           where c.id = any ($1) and c.closed_on is null
           order by c.sort_name, c.id"#,
        cases as &[CaseId],
        today
    )
    .fetch_all(conn)
    .await?)
}

/// A panel that still takes papers.
pub struct PanelRow {
    pub id: PanelId,
    pub name: String,
    pub meets_on: Date,
    pub papers_close_on: Date,
}

/// Panels that take papers on this day, the next first.
pub async fn panels(
    conn: &mut PgConnection,
    authority: AuthorityId,
    today: Date,
) -> Result<Vec<PanelRow>, DbError> {
    Ok(sqlx::query_as!(
        PanelRow,
        r#"select id as "id: PanelId", name, meets_on, papers_close_on from app.panels
           where authority_id = $1 and meets_on >= $2 and papers_close_on >= $2 and cancelled_on is null
           order by meets_on, id limit 20"#,
        authority as AuthorityId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// An LA representative with the schools they are assigned to.
pub struct Representative {
    pub id: UserId,
    pub name: String,
    /// None among them: every school.
    pub schools: Vec<Option<SchoolId>>,
}

/// LA representatives of a day, by name.
pub async fn representatives(
    conn: &mut PgConnection,
    authority: AuthorityId,
    today: Date,
) -> Result<Vec<Representative>, DbError> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.name, g.school_id as "school: SchoolId"
           from app.grants g join app.users u on u.id = g.user_id
           where g.authority_id = $1 and g.role = 'la_representative' and u.disabled_at is null
             and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2)
           order by u.name, u.id"#,
        authority as AuthorityId,
        today
    )
    .fetch_all(conn)
    .await?;
    let mut all: Vec<Representative> = Vec::new();
    for row in rows {
        match all.last_mut() {
            Some(last) if last.id == row.id => last.schools.push(row.school),
            _ => all.push(Representative { id: row.id, name: row.name, schools: vec![row.school] }),
        }
    }
    Ok(all)
}

/// From today this person looks after the case for the LA; whoever did before did until yesterday.
pub async fn name_representative(
    conn: &mut PgConnection,
    permit: &Permit<LookAfterCases>,
    (case, person): (CaseId, UserId),
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.case_representatives set to_on = greatest($3::date - 1, from_on - 1)
         where case_id = $1 and school_id = $2 and to_on is null",
        case as CaseId,
        permit.school() as SchoolId,
        today
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.case_representatives (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        permit.authority() as AuthorityId,
        permit.school() as SchoolId,
        case as CaseId,
        person as UserId,
        today,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Asks the school how a case stands.
pub async fn ask(
    conn: &mut PgConnection,
    permit: &Permit<LookAfterCases>,
    case: CaseId,
    (words, due_on): (Option<&str>, Date),
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.update_requests (id, authority_id, school_id, case_id, words, asked_on, asked_at, asked_by, due_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        permit.authority() as AuthorityId,
        permit.school() as SchoolId,
        case as CaseId,
        words,
        today,
        now,
        permit.user() as UserId,
        due_on
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was asked about a case, and answered.
pub struct Update {
    pub words: Option<String>,
    pub asked_at: OffsetDateTime,
    pub asked_by: String,
    pub due_on: Date,
    pub answer: Option<String>,
    pub answered_at: Option<OffsetDateTime>,
    pub answered_by: Option<String>,
}

/// The questions about a case, the latest first.
pub async fn updates(conn: &mut PgConnection, case: CaseId) -> Result<Vec<Update>, DbError> {
    Ok(sqlx::query_as!(
        Update,
        r#"select q.words, q.asked_at, a.name as asked_by, q.due_on, q.answer, q.answered_at,
                  b.name as "answered_by?"
           from app.update_requests q
           join app.users a on a.id = q.asked_by
           left join app.users b on b.id = q.answered_by
           where q.case_id = $1 order by q.asked_at desc, q.id desc limit 100"#,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// Answers the open question about a case. No: there is none any more.
pub async fn answer(
    conn: &mut PgConnection,
    permit: &Permit<RecordSteps>,
    case: CaseId,
    words: &str,
    (today, now): (Date, OffsetDateTime),
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.update_requests set answer = $3, answered_on = $4, answered_at = $5, answered_by = $6
         where case_id = $1 and school_id = $2 and answer is null",
        case as CaseId,
        permit.school() as SchoolId,
        words,
        today,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How a school stands.
pub struct SchoolLine {
    pub id: SchoolId,
    pub name: String,
    pub urn: String,
    pub takes_part: bool,
    /// Open cases at Stages 1 to 3.
    pub stages: [i64; 3],
    /// Open cases with something overdue.
    pub overdue: i64,
    pub last_marked_on: Option<Date>,
    /// Marks made and expected since the day asked for.
    pub recorded: i64,
    pub expected: i64,
    pub leads: Vec<String>,
    pub representatives: Vec<String>,
}

/// How these schools stand, by name. Marks are those of weeks from `since` on.
pub async fn schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    since: Date,
    today: Date,
) -> Result<Vec<SchoolLine>, DbError> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SchoolId", s.name, s.urn, s.takes_part, k.stage_1, k.stage_2, k.stage_3, k.overdue,
                  k.last_marked_on, w.recorded, w.expected,
                  array(select u.name from app.grants g join app.users u on u.id = g.user_id
                        where g.school_id = s.id and g.role = 'school_lead' and u.disabled_at is null
                          and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) order by u.name) as "leads!",
                  array(select distinct u.name from app.grants g join app.users u on u.id = g.user_id
                        where g.authority_id = s.authority_id and (g.school_id = s.id or g.school_id is null)
                          and g.role = 'la_representative' and u.disabled_at is null
                          and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) order by u.name) as "representatives!"
           from app.schools s
           left join (select d.school_id, count(*) filter (where d.stage = 1) as stage_1,
                             count(*) filter (where d.stage = 2) as stage_2, count(*) filter (where d.stage = 3) as stage_3,
                             count(*) filter (where d.overdue_days > 0) as overdue, max(d.last_marked_on) as last_marked_on
                      from app.case_duties d where d.school_id = any ($1) and not d.closed group by d.school_id) k
                on k.school_id = s.id
           left join (select w.school_id, sum(w.recorded) as recorded, sum(w.expected) as expected
                      from app.case_weeks w where w.school_id = any ($1) and w.week_on >= $2 group by w.school_id) w
                on w.school_id = s.id
           where s.id = any ($1) order by s.name, s.id"#,
        schools as &[SchoolId],
        since,
        today
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SchoolLine {
            id: row.id,
            name: row.name,
            urn: row.urn,
            takes_part: row.takes_part,
            stages: [row.stage_1, row.stage_2, row.stage_3].map(|n| n.unwrap_or(0)),
            overdue: row.overdue.unwrap_or(0),
            last_marked_on: row.last_marked_on,
            recorded: row.recorded.unwrap_or(0),
            expected: row.expected.unwrap_or(0),
            leads: row.leads,
            representatives: row.representatives,
        })
        .collect())
}
