//! SQL of the caseload: the list, its counts, the views people keep.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, types::Json};
use time::{Date, OffsetDateTime, format_description::well_known::Iso8601};
use uuid::Uuid;

use super::filter::{Filter, Sort, View};
use crate::{
    db::{DbError, ScopedTx, duties::Kept},
    domain::{
        concern::{Concern, NEAR_CEILING, UNMARKED_DAYS},
        dates,
        ids::{AuthorityId, CaseId, PupilId, SavedViewId, SchoolId, UserId},
    },
};

/// Whose caseload.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    pub authority: AuthorityId,
    /// None: every school of the authority.
    pub schools: Option<&'a [SchoolId]>,
    pub user: UserId,
    pub today: Date,
}

impl<'a> Scope<'a> {
    /// That of whoever asks, over these schools.
    pub fn of(tx: &ScopedTx, schools: Option<&'a [SchoolId]>) -> Self {
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
    /// Where it stands in the order, but for its name.
    pub stands: Vec<String>,
}

const LINE: &str = " d.case_id as id, c.number, c.pupil_id as pupil, d.school_id as school, s.name as school_name,
    p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset, d.stage, l.name as lead, r.name as representative,
    d.last_marked_on, d.concern, d.concerns, d.duties->0 as next, d.overdue_days, d.reckoned_on,
    coalesce((select jsonb_agg(jsonb_build_array(t.points, t.recorded, t.expected) order by t.on_date desc)
              from (select points, recorded, expected, on_date from app.days x
                    where x.case_id = d.case_id and x.recorded > 0 order by x.on_date desc limit 20) t), '[]') as days
    from (select d.* from app.case_duties d ";
/// What is looked up for the lines of a page, and for no other. Who looks after a case does so while they hold the role.
const BESIDES: &str = ") d
    join app.cases c on c.id = d.case_id
    join app.pupils p on p.id = c.pupil_id
    join app.schools s on s.id = d.school_id
    join app.users l on l.id = c.lead_id
    left join app.users r on r.id = d.representative_id and r.disabled_at is null and exists (
        select from app.grants g where g.user_id = r.id and g.role = 'la_representative'
            and (g.school_id is null or g.school_id = d.school_id) and ";

/// What an order runs along before the name and the id: columns and their types. Every part runs upwards; each order is
/// an index of `0012_caseload.sql`.
const fn keys(sort: Sort) -> &'static [(&'static str, Key)] {
    match sort {
        Sort::Concern => &[("d.by_concern", Key::Number), ("d.by_overdue", Key::Number)],
        Sort::Name => &[],
        Sort::Stage => &[("d.by_stage", Key::Number)],
        Sort::Due => &[("d.by_due", Key::Day)],
        Sort::Marks => &[("d.by_marks", Key::Day)],
    }
}

/// What an order runs along.
#[derive(Clone, Copy)]
enum Key {
    Number,
    /// The ends of time included: what has no day.
    Day,
}

impl Key {
    const fn cast(self) -> &'static str {
        match self {
            Self::Number => "::integer",
            Self::Day => "::date",
        }
    }

    /// What an address says of it, as the database reads it.
    fn read(self, text: &str) -> Option<String> {
        match (self, text) {
            (Self::Number, _) => text.parse::<i32>().ok().map(|number| number.to_string()),
            (Self::Day, "infinity" | "-infinity") => Some(text.to_owned()),
            (Self::Day, _) => {
                let day = Date::parse(text, &Iso8601::DATE).ok()?;
                (1..10_000).contains(&day.year()).then(|| day.to_string())
            }
        }
    }
}

/// Open cases of these schools; none: of every school of the authority. From fixed parts; what is asked for is bound.
fn within(sql: &mut QueryBuilder<Postgres>, of: Scope<'_>, schools: Option<&[SchoolId]>) {
    sql.push("where d.authority_id = ").push_bind(of.authority).push(" and not d.closed");
    match schools {
        None => {}
        // One school is asked for as one: a plan made for any number of them would walk along the order of all.
        Some([one]) => {
            sql.push(" and d.school_id = ").push_bind(*one);
        }
        Some(some) => {
            sql.push(" and d.school_id = any (").push_bind(some.to_vec()).push(")");
        }
    }
}

/// Of those, the cases of a view.
fn viewed(sql: &mut QueryBuilder<Postgres>, of: Scope<'_>, view: View) {
    match view {
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
}

/// The cases of a view, narrowed as somebody chose.
fn narrow(sql: &mut QueryBuilder<Postgres>, of: Scope<'_>, filter: &Filter) {
    // Of several schools the person chose some; those they may not see are not among them.
    let may_see = |school: &SchoolId| of.schools.is_none_or(|schools| schools.contains(school));
    let chosen: Vec<_> = filter.schools.iter().copied().filter(may_see).collect();
    within(sql, of, if filter.schools.is_empty() { of.schools } else { Some(&chosen) });
    viewed(sql, of, filter.view);
    if !filter.stages.is_empty() {
        sql.push(" and d.stage = any (").push_bind(&filter.stages).push(")");
    }
    if filter.of_pupils() {
        // Looked up case by case along the order: a join would be free to begin with every pupil there is.
        sql.push(" and (select true");
        if !filter.years.is_empty() {
            // As domain::pupil::YearGroup counts: the age on the last 31 August, less 4.
            let first = dates::first_year(of.today);
            sql.push(" and (").push_bind(first).push(
                " - extract(year from p.born_on)::int - (to_char(p.born_on, 'MMDD') > '0831')::int - 4
                  + p.year_offset) = any (",
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
        sql.push(" from app.cases c join app.pupils p on p.id = c.pupil_id where c.id = d.case_id)");
    }
}

/// How many cases a list has, up to `most`.
pub async fn count(
    conn: &mut PgConnection,
    of: Scope<'_>,
    filter: &Filter,
    most: i64,
) -> Result<i64, DbError> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    counted(&mut sql, most, |sql| narrow(sql, of, filter));
    Ok(sql.build_query_scalar().fetch_one(conn).await?)
}

/// Cases of the list in its order, from where the page begins: at most so many.
pub async fn page(
    conn: &mut PgConnection,
    of: Scope<'_>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Line>, DbError> {
    let keys = keys(filter.sort);
    let stands: Vec<_> = keys.iter().map(|(column, _)| format!("{column}::text")).collect();
    let mut sql = QueryBuilder::<Postgres>::new("select array[");
    sql.push(stands.join(", ")).push("]::text[] as stands, ").push(LINE);
    narrow(&mut sql, of, filter);
    let columns: Vec<_> =
        keys.iter().map(|(column, _)| *column).chain(["d.sort_name", "d.case_id"]).collect();
    if let Some(after) = filter.after {
        let stood: Option<Vec<_>> =
            keys.iter().enumerate().map(|(n, (_, key))| key.read(filter.stood.get(n)?)).collect();
        let stood = stood.unwrap_or_default();
        sql.push(" and (").push(columns.join(", ")).push(if filter.reverse { ") < (" } else { ") > (" });
        for (n, column) in columns.iter().enumerate() {
            sql.push(if n == 0 { "" } else { ", " });
            if let (Some(text), Some((_, key))) = (stood.get(n), keys.get(n)) {
                sql.push_bind(text.clone()).push(key.cast());
            } else {
                sql.push("(select ").push(column).push(" from app.case_duties d where d.case_id = ");
                sql.push_bind(after).push(")");
            }
        }
        sql.push(")");
    }
    let order: Vec<_> = columns
        .iter()
        .map(|column| format!("{column}{}", if filter.reverse { " desc" } else { "" }))
        .collect();
    let order = format!(" order by {}", order.join(", "));
    // The number itself, so that no plan has to guess at it.
    sql.push(&order).push(" limit ").push(limit).push(BESIDES).push_bind(of.today);
    sql.push(" between g.from_on and coalesce(g.to_on, 'infinity')) ").push(&order);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// A count stops here: "1,000 or more".
pub const MOST_COUNTED: i64 = 1_000;

// The indexes that answer the counts say these numbers themselves.
const _: () = assert!(UNMARKED_DAYS == 3 && NEAR_CEILING.0 == 70);

/// A part of a statement: how many cases fit, up to `most`.
fn counted(sql: &mut QueryBuilder<Postgres>, most: i64, fit: impl FnOnce(&mut QueryBuilder<Postgres>)) {
    sql.push("(select count(*) from (select from app.case_duties d ");
    fit(sql);
    sql.push(" limit ").push(most).push(") x)");
}

/// How many open cases each view of [`View::ALL`] has, up to [`MOST_COUNTED`], whatever else narrows the list.
pub async fn counts(conn: &mut PgConnection, of: Scope<'_>) -> Result<[i64; 7], DbError> {
    let mut sql = QueryBuilder::<Postgres>::new("select array[");
    for (n, view) in View::ALL.into_iter().enumerate() {
        sql.push(if n == 0 { "" } else { ", " });
        counted(&mut sql, MOST_COUNTED, |sql| {
            within(sql, of, of.schools);
            viewed(sql, of, view);
        });
    }
    sql.push("]");
    Ok(sql.build_query_scalar().fetch_one(conn).await?)
}

/// Cases within reach that are still to be reckoned today, and how many there are up to [`MOST_COUNTED`].
pub async fn unreckoned(conn: &mut PgConnection, of: Scope<'_>) -> Result<i64, DbError> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    counted(&mut sql, MOST_COUNTED, |sql| {
        within(sql, of, of.schools);
        sql.push(" and d.reckoned_on is null");
    });
    sql.push(" + ");
    counted(&mut sql, MOST_COUNTED, |sql| {
        within(sql, of, of.schools);
        sql.push(" and d.reckoned_on < ").push_bind(of.today);
    });
    Ok(sql.build_query_scalar().fetch_one(conn).await?)
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
