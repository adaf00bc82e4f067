//! SQL of what is done to several cases at once.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{AuthorityId, CaseId, PanelId, PupilId, SchoolId, UserId},
        permission::{LookAfterCases, Permit},
    },
};

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

/// Asks the school how a case stands; false: a colleague asked a moment ago, and nobody has answered yet.
pub async fn ask(
    conn: &mut PgConnection,
    permit: &Permit<LookAfterCases>,
    case: CaseId,
    (words, due_on): (Option<&str>, Date),
    (today, now): (Date, OffsetDateTime),
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into app.update_requests (id, authority_id, school_id, case_id, words, asked_on, asked_at, asked_by, due_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (case_id) where answer is null do nothing",
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
    Ok(done.rows_affected() == 1)
}
