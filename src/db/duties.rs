//! What cases owe, as it is kept: reckoned from the facts at most once a day and again after anything changed.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use time::Date;

use super::{DbError, Moment, calendar, case, case::CaseOf, facts, notices, week};
use crate::domain::{
    calendar_change::{Change, Moved},
    concern::{self, Concern, Level, Looked},
    duties::{self, Duty, MISSED_TO_FLAG, Owner, What},
    ids::{AuthorityId, CaseId, PupilId, SchoolId, UserId},
    moves::Ground,
    stage::CaseState,
    suspension::{count, terms::Years},
    week::Weeks,
};

/// A duty as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What.
    pub what: What,
    /// By the end of this day.
    pub due_on: Date,
}

/// What one case owes, the next action first, for somebody who sees the whole case.
pub async fn of_case(conn: &mut PgConnection, case: &CaseOf, moment: Moment) -> Result<Vec<Duty>, DbError> {
    let kept = sqlx::query_scalar!(
        r#"select duties as "duties: Json<Vec<Kept>>" from app.case_duties where case_id = $1 and reckoned_on = $2"#,
        case.id as CaseId,
        moment.today
    )
    .fetch_optional(&mut *conn)
    .await?;
    match kept {
        Some(Json(kept)) => Ok(kept.into_iter().map(Duty::from).collect()),
        None => reckon(conn, case, moment).await,
    }
}

impl From<Kept> for Duty {
    fn from(kept: Kept) -> Self {
        Self { what: kept.what, due_on: kept.due_on }
    }
}

async fn reckon(conn: &mut PgConnection, case: &CaseOf, moment: Moment) -> Result<Vec<Duty>, DbError> {
    // Whoever changes the case meanwhile waits, and marks the row again afterwards.
    let keep = sqlx::query_scalar!(
        "select case_id from app.case_duties where case_id = $1 for update skip locked",
        case.id as CaseId
    )
    .fetch_optional(&mut *conn)
    .await?
    .is_some();
    let (state, facts) = facts::of_case(conn, case, false, moment.today).await?;
    let (weeks, calendar, _) = week::weeks(conn, case, moment.today).await?;
    let ground = Ground {
        case: &state,
        facts: &facts,
        policy: &case.policy,
        calendar: &calendar,
        today: moment.today,
    };
    let owed = duties::owed(&ground, &weeks);
    if keep {
        let list: Vec<_> =
            owed.iter().map(|duty| Kept { what: duty.what.clone(), due_on: duty.due_on }).collect();
        let stands = Stands::of(&ground, &owed, &weeks, u32::try_from(case.goal_percent).unwrap_or(80));
        sqlx::query!(
            "update app.case_duties
             set duties = $2, reckoned_on = $3, concern = $4, concerns = $5, overdue_days = $6, next_due_on = $7,
                 unmarked_days = $8, year_half_days = $9, waits_for_la = $10
             where case_id = $1",
            case.id as CaseId,
            Json(list) as _,
            moment.today,
            Level::of(&stands.concerns).rank(),
            Json(&stands.concerns) as _,
            stands.overdue_days,
            owed.iter().map(|duty| duty.due_on).min(),
            stands.unmarked_days,
            stands.year_half_days,
            owed.iter().any(|duty| duty.what.owner() == Owner::LaRepresentative),
        )
        .execute(&mut *conn)
        .await?;
        // A day without marks is counted where it is seen at once: one such day of a class would be as many notices
        // as there are pupils.
        let late =
            owed.iter().filter(|duty| !duty.what.is_marks() && duty.overdue(&calendar, moment.today) > 0);
        let (keys, words): (Vec<_>, Vec<_>) = late.map(|duty| (duty.key(), duty.what.words())).unzip();
        if !keys.is_empty() {
            notices::tell_overdue(conn, case, (&keys, &words), moment).await?;
        }
        let missed = duties::feedback_missed(&ground, &weeks);
        if let Some(week) = missed.get(MISSED_TO_FLAG - 1) {
            notices::flag_missed_feedback(conn, case, *week, moment).await?;
        }
    }
    Ok(owed)
}

/// What lists sort and filter a case by, reckoned with what it owes.
struct Stands {
    concerns: Vec<Concern>,
    overdue_days: i32,
    unmarked_days: i32,
    year_half_days: i32,
}

impl Stands {
    fn of(on: &Ground<'_>, owed: &[Duty], weeks: &Weeks, goal: u32) -> Self {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let sum = count::standing(&on.facts.exclusions.ledger(), on.today, Years::Calendar(on.calendar));
        let suspended = sum.ok().and_then(|sum| sum.years.iter().map(|year| year.split.total()).max());
        let overdue_days = owed.iter().map(|duty| duty.overdue(on.calendar, on.today)).max().unwrap_or(0);
        let year_half_days = number(suspended.map_or(0, |half_days| half_days.0));
        let (concerns, unmarked_days) = match on.case {
            CaseState::Open { stage, opened_on, .. } => {
                let looked =
                    Looked { stage: *stage, duties: owed, weeks, goal, suspended, opened_on: *opened_on };
                let unmarked = concern::unmarked(weeks, *opened_on, on.calendar, on.today);
                (concern::concerns(looked, on.calendar, on.today), number(unmarked))
            }
            CaseState::None | CaseState::Ended { .. } => (Vec::new(), 0),
        };
        Self { concerns, overdue_days: number(overdue_days), unmarked_days, year_half_days }
    }
}

/// Reckons what these cases owe where that is not today's, as somebody who sees each of them whole.
pub async fn reckon_anew(conn: &mut PgConnection, cases: &[CaseId], moment: Moment) -> Result<(), DbError> {
    for id in cases {
        if let Some(case) = case::of(conn, *id).await? {
            reckon(conn, &case, moment).await?;
        }
    }
    Ok(())
}

/// Reckons what a case owes, as the owner, in the place of somebody who sees its school whole and no other: the functions
/// this reads through answer for that school's pupils.
async fn reckon_as(
    owner: &mut PgConnection,
    authority: AuthorityId,
    school: SchoolId,
    case: CaseId,
    moment: Moment,
) -> Result<(), DbError> {
    sqlx::query!(
        "select set_config('app.authority', $1::uuid::text, true) as authority,
                set_config('app.whole', array[$2::uuid]::text, true) as whole",
        authority as AuthorityId,
        school as SchoolId
    )
    .fetch_one(&mut *owner)
    .await?;
    reckon_anew(owner, &[case], moment).await
}

/// Cases of one transaction of [`keep`].
const BATCH: i64 = 50;

/// Reckons what every case of every authority owes today, so that nobody who opens a list waits for it. As the owner,
/// in the background; `reckoned` is told of each batch. What somebody else reckons meanwhile is left to them.
pub async fn keep(
    owner: &mut PgConnection,
    moment: Moment,
    mut reckoned: impl FnMut(usize),
) -> Result<usize, DbError> {
    let authorities =
        sqlx::query_scalar!(r#"select id as "id: AuthorityId" from app.authorities order by id"#)
            .fetch_all(&mut *owner)
            .await?;
    let mut all = 0;
    for authority in authorities {
        let mut after = CaseId::from(uuid::Uuid::nil());
        loop {
            let mut tx = sqlx::Connection::begin(&mut *owner).await?;
            let batch = sqlx::query!(
                r#"-- The owner's: once a minute, in the background.
                   select d.case_id as "case: CaseId", d.school_id as "school: SchoolId"
                   from app.case_duties d join app.cases c on c.id = d.case_id
                   where d.authority_id = $1 and d.case_id > $2 and d.reckoned_on is distinct from $3
                     and (c.closed_on is null or c.closed_on > $3::date - 70)
                   order by d.case_id limit $4"#,
                authority as AuthorityId,
                after as CaseId,
                moment.today,
                BATCH
            )
            .fetch_all(&mut *tx)
            .await?;
            let Some(last) = batch.last() else { break };
            after = last.case;
            for row in &batch {
                let mut one = sqlx::Connection::begin(&mut *tx).await?;
                match reckon_as(&mut one, authority, row.school, row.case, moment).await {
                    Ok(()) => one.commit().await?,
                    Err(error @ DbError::Busy(_)) => return Err(error),
                    // The others do not wait for it.
                    Err(error) => {
                        one.rollback().await?;
                        tracing::error!(case = %row.case, %error, "what a case owes cannot be reckoned");
                    }
                }
            }
            tx.commit().await?;
            all += batch.len();
            reckoned(batch.len());
        }
    }
    Ok(all)
}

/// What a case owes, with whose it is.
#[derive(Debug)]
pub struct Owes {
    /// The case.
    pub case: CaseId,
    /// Its school.
    pub school: SchoolId,
    /// Its pupil.
    pub pupil: PupilId,
    /// Given name.
    pub given_name: String,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name.
    pub family_name: String,
    /// Who leads it.
    pub lead: UserId,
    /// Their name.
    pub lead_name: String,
    /// What it owes, the next action first.
    pub duties: Vec<Duty>,
}

/// Reckons what cases of these schools owe where that is not today's. What headteachers are told of it is in their
/// inbox then.
pub async fn reckon_schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    moment: Moment,
) -> Result<(), DbError> {
    let anew = sqlx::query_scalar!(
        r#"select d.case_id as "case: CaseId"
           from app.cases c join app.case_duties d on d.case_id = c.id and d.school_id = c.school_id
           where c.school_id = any ($1) and d.school_id = any ($1) and d.reckoned_on is distinct from $2
             and (c.closed_on is null or c.closed_on > $2::date - 70)"#,
        schools as &[SchoolId],
        moment.today
    )
    .fetch_all(&mut *conn)
    .await?;
    reckon_anew(conn, &anew, moment).await
}

/// What the cases of these schools owe, open ones and those that ended in the last ten weeks. What has to be
/// reckoned anew is, as in [`of_case`].
pub async fn of_schools(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    moment: Moment,
) -> Result<Vec<Owes>, DbError> {
    reckon_schools(conn, schools, moment).await?;
    let rows = sqlx::query!(
        r#"select c.id as "case: CaseId", c.school_id as "school: SchoolId", c.pupil_id as "pupil: PupilId",
                  p.given_name, p.known_as, p.family_name, c.lead_id as "lead: UserId", u.name as lead_name,
                  d.duties as "duties: Json<Vec<Kept>>"
           from app.cases c
           join app.case_duties d on d.case_id = c.id and d.school_id = c.school_id
           join app.pupils p on p.id = c.pupil_id
           join app.users u on u.id = c.lead_id
           where c.school_id = any ($1) and d.school_id = any ($1) and d.duties <> '[]' and (c.closed_on is null or c.closed_on > $2::date - 70)
           order by p.family_name, p.given_name, c.id"#,
        schools as &[SchoolId],
        moment.today
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Owes {
            case: row.case,
            school: row.school,
            pupil: row.pupil,
            given_name: row.given_name,
            known_as: row.known_as,
            family_name: row.family_name,
            lead: row.lead,
            lead_name: row.lead_name,
            duties: row.duties.0.into_iter().map(Duty::from).collect(),
        })
        .collect())
}

/// Open cases that are reckoned before a calendar is changed; more would keep the person waiting.
const RECKONED: i64 = 400;

/// What a change of the model (no `place`) or of a school's own days moves: what each open case it can touch owes, over
/// the calendar as it is and as it would be. Numbers only leave here: an LA administrator sees no case, and for as long
/// as this takes the database lets their transaction read them (`0016_schools.sql`).
pub async fn moved_by(
    conn: &mut PgConnection,
    change: &Change,
    place: Option<SchoolId>,
    moment: Moment,
) -> Result<Moved, DbError> {
    sqlx::query!("select app.read_to_reckon()").execute(&mut *conn).await?;
    let moved = reckon_both(conn, change, place, moment).await;
    sqlx::query!("select app.read_no_more()").execute(conn).await?;
    moved
}

async fn reckon_both(
    conn: &mut PgConnection,
    change: &Change,
    place: Option<SchoolId>,
    moment: Moment,
) -> Result<Moved, DbError> {
    let cases = sqlx::query!(
        r#"select c.id as "id: CaseId", c.school_id as "school: SchoolId", count(*) over () as "open!"
           from app.cases c
           where c.school_id = any (array(select s.id from app.schools s
                                          where s.authority_id = (select app.authority()) and ($1::uuid is null or s.id = $1)))
             and c.closed_on is null
           order by c.school_id, c.id limit $2"#,
        place as Option<SchoolId>,
        RECKONED
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut moved = Moved {
        open: cases.first().map_or(0, |row| usize::try_from(row.open).unwrap_or(usize::MAX)),
        ..Moved::default()
    };
    let mut of: Option<(SchoolId, calendar::Spans)> = None;
    for row in cases {
        if of.as_ref().is_none_or(|(school, _)| *school != row.school) {
            of = Some((row.school, calendar::spans_of(conn, row.school, moment.today).await?));
        }
        let (Some((_, spans)), Some(case)) = (&of, case::of(conn, row.id).await?) else { continue };
        let (state, facts) = facts::of_case(conn, &case, false, moment.today).await?;
        let (weeks, calendar, _) = week::weeks(conn, &case, moment.today).await?;
        let after = spans.changed(change, place.is_none());
        let owed = |calendar| {
            let ground =
                Ground { case: &state, facts: &facts, policy: &case.policy, calendar, today: moment.today };
            duties::owed(&ground, &weeks)
        };
        let (before, after) = (owed(&calendar), owed(&after));
        moved.reckoned += 1;
        let (dates, first) = differing(&before, &after);
        if dates > 0 {
            moved.dates += dates;
            moved.cases += 1;
            moved.first = moved.first.into_iter().chain(first).min();
        }
    }
    Ok(moved)
}

/// How many due dates differ between two lists, and the first of them: the same duty on another day counts once, and so
/// does one that goes with another that comes.
fn differing(before: &[Duty], after: &[Duty]) -> (usize, Option<Date>) {
    let gone: Vec<_> = before.iter().filter(|duty| !after.contains(duty)).collect();
    let come: Vec<_> = after.iter().filter(|duty| !before.contains(duty)).collect();
    let first = gone.iter().chain(&come).map(|duty| duty.due_on).min();
    (gone.len().max(come.len()), first)
}
