//! SQL of the panel room.

use serde_json::json;
use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

use crate::{
    db::{
        DbError,
        transfer::{TransferRow, Wish},
    },
    domain::{
        decision::Reasons,
        ids::{CaseId, PackId, PanelId, PupilId, ReferralId, SchoolId, TransferId, UserId},
        panel::{Interest, Verdict},
        permission::{Allocate, Permit, PermitInAuthority, PreparePanel},
        transfer::ManagedMove,
    },
};

/// A panel.
pub struct PanelRow {
    pub id: PanelId,
    pub name: String,
    pub meets_on: Date,
    pub starts_at: Time,
    pub place: String,
    pub papers_close_on: Date,
    pub cancelled_on: Option<Date>,
    pub cancelled_why: Option<String>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

/// Panels the person prepares, or sits for, the latest first.
pub async fn panels(conn: &mut PgConnection, prepares: bool) -> Result<Vec<PanelRow>, DbError> {
    Ok(sqlx::query_as!(
        PanelRow,
        r#"select p.id as "id: PanelId", p.name, p.meets_on, p.starts_at, p.place, p.papers_close_on, p.cancelled_on,
                  p.cancelled_why, p.version,
                  p.changed_at, u.name as changed_by
           from app.panels p join app.users u on u.id = p.changed_by
           where p.authority_id = (select app.authority()) and ($1 or p.id = any ((select app.panels_sat())::uuid[]))
           order by p.meets_on desc, p.id desc limit 60"#,
        prepares
    )
    .fetch_all(conn)
    .await?)
}

/// One panel of the authority.
pub async fn panel(conn: &mut PgConnection, id: PanelId) -> Result<Option<PanelRow>, DbError> {
    Ok(sqlx::query_as!(
        PanelRow,
        r#"select p.id as "id: PanelId", p.name, p.meets_on, p.starts_at, p.place, p.papers_close_on, p.cancelled_on,
                  p.cancelled_why, p.version,
                  p.changed_at, u.name as changed_by
           from app.panels p join app.users u on u.id = p.changed_by
           where p.id = $1 and p.authority_id = (select app.authority())"#,
        id as PanelId
    )
    .fetch_optional(conn)
    .await?)
}

/// How the authority calls its panel (7.2 A13).
pub async fn panel_name(conn: &mut PgConnection) -> Result<String, DbError> {
    Ok(sqlx::query_scalar!("select panel_name from app.authorities where id = (select app.authority())")
        .fetch_one(conn)
        .await?)
}

/// Somebody who sits, with the schools they belong to on a day.
pub struct MemberRow {
    pub user: UserId,
    pub name: String,
    pub attendance: Option<String>,
    pub schools: Vec<Uuid>,
}

/// Who sits on a panel.
pub async fn members(
    conn: &mut PgConnection,
    panel: PanelId,
    today: Date,
) -> Result<Vec<MemberRow>, DbError> {
    Ok(sqlx::query_as!(
        MemberRow,
        r#"select m.user_id as "user: UserId", u.name, m.attendance,
                  (select coalesce(array_agg(distinct g.school_id), '{}') from app.grants g
                   where g.user_id = m.user_id and g.school_id is not null and g.from_on <= $2
                     and (g.to_on is null or g.to_on >= $2)
                     and g.role in ('school_lead', 'headteacher', 'head_delegate', 'staff')) as "schools!"
           from app.panel_members m join app.users u on u.id = m.user_id
           where m.panel_id = $1 and m.removed_at is null order by u.name, m.user_id"#,
        panel as PanelId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// People who hold the role of panel member on a day, with their schools' names.
pub struct Candidate {
    pub user: UserId,
    pub name: String,
    pub schools: Vec<String>,
}

/// Who can be named to a panel.
pub async fn candidates(conn: &mut PgConnection, today: Date) -> Result<Vec<Candidate>, DbError> {
    Ok(sqlx::query_as!(
        Candidate,
        r#"select u.id as "user: UserId", u.name,
                  (select coalesce(array_agg(distinct s.name), '{}') from app.grants o join app.schools s on s.id = o.school_id
                   where o.user_id = u.id and o.from_on <= $1 and (o.to_on is null or o.to_on >= $1)) as "schools!"
           from app.grants g join app.users u on u.id = g.user_id
           where g.authority_id = (select app.authority()) and g.role = 'panel_member' and u.disabled_at is null
             and g.from_on <= $1 and (g.to_on is null or g.to_on >= $1)
           order by u.name, u.id"#,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// When and where a panel meets, checked.
pub struct Plan {
    pub meets_on: Date,
    pub starts_at: Time,
    pub place: String,
    pub papers_close_on: Date,
    pub members: Vec<UserId>,
}

/// Plans a panel.
pub async fn plan(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    id: PanelId,
    name: &str,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.panels (id, authority_id, name, meets_on, starts_at, place, papers_close_on, made_at, made_by, changed_at,
                                 changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9)",
        id as PanelId,
        permit.authority().uuid(),
        name,
        plan.meets_on,
        plan.starts_at,
        plan.place,
        plan.papers_close_on,
        now,
        permit.user().uuid()
    )
    .execute(&mut *conn)
    .await?;
    name_members(conn, permit, id, &plan.members, now).await
}

/// Changes a panel that was read at `version`. False: somebody was faster.
pub async fn change(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    id: PanelId,
    plan: &Plan,
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.panels set meets_on = $3, starts_at = $4, place = $5, papers_close_on = $6, version = version + 1,
                changed_at = $7, changed_by = $8
         where id = $1 and authority_id = $2 and version = $9",
        id as PanelId,
        permit.authority().uuid(),
        plan.meets_on,
        plan.starts_at,
        plan.place,
        plan.papers_close_on,
        now,
        permit.user().uuid(),
        version
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    name_members(conn, permit, id, &plan.members, now).await?;
    Ok(true)
}

/// Papers that wait for a panel, also those of schools the actor does not see. Nought for whoever prepares no panels.
pub async fn papers_waiting(conn: &mut PgConnection, id: PanelId) -> Result<i64, DbError> {
    let waiting = sqlx::query_scalar!("select app.papers_waiting($1)", id as PanelId).fetch_one(conn).await?;
    Ok(waiting.unwrap_or(0))
}

/// Cancels a panel.
pub async fn cancel(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    id: PanelId,
    words: &str,
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.panels set cancelled_on = $3, cancelled_why = $4, version = version + 1, changed_at = $5, changed_by = $6
         where id = $1 and authority_id = $2 and cancelled_on is null",
        id as PanelId,
        permit.authority().uuid(),
        today,
        words,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn name_members(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    panel: PanelId,
    members: &[UserId],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.panel_members set removed_at = $4
         where panel_id = $1 and authority_id = $2 and removed_at is null and user_id <> all ($3)",
        panel as PanelId,
        permit.authority().uuid(),
        members as &[UserId],
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into app.panel_members (authority_id, panel_id, user_id, named_at, named_by)
         select $2, $1, m.id, $4, $5 from unnest($3::uuid[]) as m (id)
         on conflict (panel_id, user_id) do update set removed_at = null, named_at = excluded.named_at, named_by = excluded.named_by
         where app.panel_members.removed_at is not null",
        panel as PanelId,
        permit.authority().uuid(),
        members as &[UserId],
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps who came, and a version of what was said. False: somebody wrote a version meanwhile.
pub async fn minute(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    panel: PanelId,
    came: &[(UserId, Option<&'static str>)],
    words: Option<(&str, i32)>,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let users: Vec<Uuid> = came.iter().map(|(user, _)| user.uuid()).collect();
    let said: Vec<Option<String>> = came.iter().map(|(_, word)| word.map(str::to_owned)).collect();
    sqlx::query!(
        "update app.panel_members m set attendance = c.word
         from unnest($3::uuid[], $4::text[]) as c (user_id, word)
         where m.panel_id = $1 and m.authority_id = $2 and m.user_id = c.user_id and m.removed_at is null",
        panel as PanelId,
        permit.authority().uuid(),
        &users,
        &said as &[Option<String>]
    )
    .execute(&mut *conn)
    .await?;
    let Some((words, version)) = words else { return Ok(true) };
    let done = sqlx::query!(
        "insert into app.panel_minutes (authority_id, panel_id, version, words, written_at, written_by)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        permit.authority().uuid(),
        panel as PanelId,
        version,
        words,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The latest version of what was said: version, words, by whom.
pub async fn minutes(
    conn: &mut PgConnection,
    panel: PanelId,
) -> Result<Option<(i32, String, String)>, DbError> {
    Ok(sqlx::query!(
        "select m.version, m.words, u.name from app.panel_minutes m join app.users u on u.id = m.written_by
         where m.panel_id = $1 order by m.version desc limit 1",
        panel as PanelId
    )
    .fetch_optional(conn)
    .await?
    .map(|row| (row.version, row.words, row.name)))
}

/// A referral on an agenda: what of it may be read.
pub struct ReferralRow {
    pub id: ReferralId,
    pub home: SchoolId,
    pub home_name: String,
    pub case: CaseId,
    pub transfer: TransferId,
    pub pack: PackId,
    pub received_on: Option<Date>,
    pub outcome: Option<String>,
    /// From the frozen pack; none: it is not theirs to read any more.
    pub name: Option<String>,
    pub about: Option<String>,
    pub schools: Option<Json<Vec<Wish>>>,
    pub pupil: Option<PupilId>,
    pub pack_version: Option<i32>,
    pub state: Option<Json<ManagedMove>>,
    pub interests: Json<Vec<InterestRow>>,
    pub decisions: Json<Vec<DecisionRow>>,
}

/// An interest somebody declared.
#[derive(Debug, serde::Deserialize)]
pub struct InterestRow {
    pub user: UserId,
    pub name: String,
    pub interest: Interest,
    pub school: Option<SchoolId>,
    pub words: Option<String>,
}

/// A decision of a panel.
#[derive(Debug, serde::Deserialize)]
pub struct DecisionRow {
    pub outcome: Verdict,
    pub to_name: Option<String>,
    pub starts_on: Option<String>,
    pub reasons: String,
    pub conditions: Option<String>,
    pub dissent: Option<String>,
    pub objection: Option<String>,
    pub given: Reasons,
    pub present: Vec<String>,
    pub abstained: Vec<String>,
    pub by: String,
    pub on: String,
}

/// The referrals on the agenda of a panel that the actor may see, or only one of them, in the order they came.
pub async fn referrals(
    conn: &mut PgConnection,
    panel: PanelId,
    only: Option<ReferralId>,
) -> Result<Vec<ReferralRow>, DbError> {
    Ok(sqlx::query_as!(
        ReferralRow,
        r#"select r.id as "id: ReferralId", r.school_id as "home: SchoolId", h.name as home_name, r.case_id as "case: CaseId",
                  r.transfer_id as "transfer: TransferId", r.pack_id as "pack: PackId", r.received_on, r.outcome,
                  k.name as "name?", k.about as "about?", k.schools as "schools?: Json<Vec<Wish>>",
                  k.pupil_id as "pupil?: PupilId", k.version as "pack_version?", t.state as "state?: Json<ManagedMove>",
                  (select coalesce(jsonb_agg(jsonb_build_object('user', i.user_id, 'name', u.name, 'interest', i.interest,
                              'school', i.about_school, 'words', i.words) order by i.declared_at), '[]')
                   from app.panel_interests i join app.users u on u.id = i.user_id
                   where i.referral_id = r.id and i.school_id = r.school_id) as "interests!: Json<Vec<InterestRow>>",
                  (select coalesce(jsonb_agg(jsonb_build_object('outcome', a.outcome, 'to_name', s.name, 'starts_on', a.starts_on,
                              'reasons', a.reasons, 'conditions', a.conditions, 'dissent', a.dissent, 'objection', a.objection,
                              'given', a.given, 'present', a.present, 'abstained', a.abstained, 'by', u.name,
                              'on', a.decided_on) order by a.decided_at desc), '[]')
                   from app.allocations a join app.users u on u.id = a.decided_by left join app.schools s on s.id = a.to_school
                   where a.referral_id = r.id and a.school_id = r.school_id) as "decisions!: Json<Vec<DecisionRow>>"
           from app.referrals r
           join app.schools h on h.id = r.school_id
           -- What was put off, returned or withdrawn is not read here any more, whoever may read it elsewhere.
           left join app.packs k on k.id = r.pack_id and k.school_id = r.school_id
               and (r.outcome is null or r.outcome = 'not_placed')
           left join app.transfers t on t.id = r.transfer_id and t.school_id = r.school_id
           where r.panel_id = $1 and ($2::uuid is null or r.id = $2)
           order by r.made_at, r.id"#,
        panel as PanelId,
        only.map(ReferralId::uuid)
    )
    .fetch_all(conn)
    .await?)
}

/// Declares an interest.
pub async fn declare(
    conn: &mut PgConnection,
    permit: &Permit<Allocate>,
    of: &ReferralRow,
    (interest, school, words): (Interest, Option<SchoolId>, Option<&str>),
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.panel_interests (id, authority_id, school_id, case_id, transfer_id, referral_id, user_id, interest,
                                          about_school, words, declared_on, declared_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        of.case as CaseId,
        of.transfer as TransferId,
        of.id as ReferralId,
        permit.user().uuid(),
        interest.as_str(),
        school.map(SchoolId::uuid),
        words,
        today,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the panel decided, checked.
pub struct Decided<'a> {
    pub panel: PanelId,
    pub verdict: Verdict,
    pub to: Option<SchoolId>,
    pub starts_on: Option<Date>,
    pub reasons: &'a str,
    pub conditions: Option<&'a str>,
    pub dissent: Option<&'a str>,
    pub objection: Option<&'a str>,
    pub protocol: &'a str,
    pub given: &'a Reasons,
    pub present: Vec<String>,
    pub abstained: Vec<String>,
}

/// Keeps what the panel decided.
pub async fn decide(
    conn: &mut PgConnection,
    permit: &Permit<Allocate>,
    of: &ReferralRow,
    transfer: &TransferRow,
    decided: &Decided<'_>,
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.allocations (id, authority_id, school_id, case_id, transfer_id, referral_id, panel_id, outcome, to_school,
                                      starts_on, reasons, conditions, dissent, objection, protocol, given, present, abstained,
                                      decided_on, decided_at, decided_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        transfer.case as CaseId,
        transfer.id as TransferId,
        of.id as ReferralId,
        decided.panel as PanelId,
        decided.verdict.as_str(),
        decided.to.map(SchoolId::uuid),
        decided.starts_on,
        decided.reasons,
        decided.conditions,
        decided.dissent,
        decided.objection,
        decided.protocol,
        Json(decided.given) as _,
        json!(decided.present),
        json!(decided.abstained),
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A school with its latest count, and how many pupils moved through the panel.
pub struct PlaceRow {
    pub school: SchoolId,
    pub name: String,
    pub takes_part: bool,
    pub places: Option<i32>,
    pub roll: Option<i32>,
    pub as_of: Option<Date>,
    pub taken: i64,
    pub given: i64,
}

/// Every school of the authority, by name; moves are counted from `since` on.
pub async fn places(conn: &mut PgConnection, since: Date) -> Result<Vec<PlaceRow>, DbError> {
    Ok(sqlx::query_as!(
        PlaceRow,
        r#"select s.id as "school: SchoolId", s.name, s.takes_part, c.places as "places?", c.roll as "roll?", c.as_of as "as_of?",
                  coalesce(i.taken, 0) as "taken!", coalesce(i.given, 0) as "given!"
           from app.schools s
           left join lateral (select places, roll, as_of from app.school_places p where p.school_id = s.id
                              order by as_of desc, entered_at desc limit 1) c on true
           left join app.intake($1) i on i.school_id = s.id
           where s.authority_id = (select app.authority()) order by s.name, s.id"#,
        since
    )
    .fetch_all(conn)
    .await?)
}

/// Keeps a count of places.
pub async fn count(
    conn: &mut PgConnection,
    permit: &PermitInAuthority<PreparePanel>,
    school: SchoolId,
    (places, roll): (i32, i32),
    as_of: Date,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.school_places (id, authority_id, school_id, places, roll, as_of, entered_at, entered_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        school as SchoolId,
        places,
        roll,
        as_of,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}
