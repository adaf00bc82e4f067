//! SQL of the meetings room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{ActionId, CaseId, MeetingId, PupilId, SchoolId, UserId},
        meeting::{Attendance, Minutes, Part},
        permission::{HoldMeetings, Permit, RecordOwnAttendance},
    },
};

/// A meeting as it is stored.
pub struct MeetingRow {
    pub id: MeetingId,
    pub kind: String,
    pub planned_on: Date,
    pub starts_at: Time,
    pub ends_at: Time,
    pub place: String,
    pub held_on: Option<Date>,
    pub cancelled_on: Option<Date>,
    pub cancelled_why: Option<String>,
    pub minutes: Json<Minutes>,
    pub next_review_on: Option<Date>,
    pub final_on: Option<Date>,
    pub final_by: Option<String>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

/// The meetings of a case, newest day first.
pub async fn of_case(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<Vec<MeetingRow>, DbError> {
    Ok(sqlx::query_as!(
        MeetingRow,
        r#"select m.id as "id: MeetingId", m.kind, m.planned_on, m.starts_at, m.ends_at, m.place, m.held_on, m.cancelled_on,
                  m.cancelled_why, m.minutes as "minutes: Json<Minutes>", m.next_review_on, m.final_on,
                  f.name as "final_by?", m.version, m.changed_at, u.name as changed_by
           from app.meetings m join app.users u on u.id = m.changed_by left join app.users f on f.id = m.final_by
           where m.school_id = $1 and m.case_id = $2
           order by coalesce(m.held_on, m.planned_on) desc, m.starts_at desc, m.id"#,
        school as SchoolId,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody asked to a meeting.
pub struct PersonRow {
    pub meeting: MeetingId,
    pub position: i16,
    pub part: String,
    pub name: String,
    pub user: Option<UserId>,
    pub contact: Option<Uuid>,
    pub attendance: Option<String>,
    /// A court order forbids contact now.
    pub no_contact: bool,
}

/// Everybody asked to the meetings of a case, in order.
pub async fn people(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<Vec<PersonRow>, DbError> {
    Ok(sqlx::query_as!(
        PersonRow,
        r#"select p.meeting_id as "meeting: MeetingId", p.position, p.part, p.name, p.user_id as "user: UserId",
                  p.contact_id as contact, p.attendance, c.no_contact is true as "no_contact!"
           from app.meeting_people p
           left join app.contacts c on c.school_id = p.school_id and c.id = p.contact_id
           where p.school_id = $1 and p.case_id = $2 and p.removed_at is null order by p.meeting_id, p.position"#,
        school as SchoolId,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// Something agreed at a meeting.
pub struct ActionRow {
    pub id: ActionId,
    pub meeting: MeetingId,
    pub words: String,
    pub owner_name: String,
    pub due_on: Date,
    pub done_on: Option<Date>,
    pub outcome: Option<String>,
}

/// The actions of a case, those due first before the others.
pub async fn actions(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<Vec<ActionRow>, DbError> {
    Ok(sqlx::query_as!(
        ActionRow,
        r#"select id as "id: ActionId", meeting_id as "meeting: MeetingId", words, owner_name, due_on, done_on, outcome
           from app.meeting_actions where school_id = $1 and case_id = $2 and removed_at is null
           order by due_on, position, id"#,
        school as SchoolId,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// Words added after the minutes were signed.
pub struct AddendumRow {
    pub words: String,
    pub written_at: OffsetDateTime,
    pub by: String,
}

/// What was added to signed minutes, oldest first.
pub async fn addenda(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
    meeting: MeetingId,
) -> Result<Vec<AddendumRow>, DbError> {
    Ok(sqlx::query_as!(
        AddendumRow,
        "select a.words, a.written_at, u.name as by from app.meeting_addenda a join app.users u on u.id = a.written_by
         where a.school_id = $1 and a.case_id = $2 and a.meeting_id = $3 order by a.written_at, a.id",
        school as SchoolId,
        case as CaseId,
        meeting as MeetingId
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody who can be asked to a meeting.
pub struct InviteeRow {
    pub part: String,
    pub id: Uuid,
    pub name: String,
    pub about: String,
    /// Why they must not be asked: a court order.
    pub forbidden: Option<String>,
}

/// Who is usually asked: the contacts in their order, the headteacher, the LA representative of the school.
pub async fn invitees(
    conn: &mut PgConnection,
    school: SchoolId,
    pupil: PupilId,
    today: Date,
) -> Result<Vec<InviteeRow>, DbError> {
    Ok(sqlx::query_as!(
        InviteeRow,
        r#"select x.part as "part!", x.id as "id!", x.name as "name!", x.about as "about!", x.forbidden
           from (
               (select 1 as place, c.contact_order as n, 'parent' as part, c.id, c.name, c.relationship as about,
                       case when c.no_contact then c.no_contact_reason end as forbidden
                from app.contacts c where c.school_id = $1 and c.pupil_id = $2 and c.removed_at is null)
               union all
               (select distinct case when g.role = 'headteacher' then 2 else 3 end, 0::smallint, g.role, u.id, u.name, '', null
                from app.grants g join app.users u on u.id = g.user_id
                where g.authority_id = (select app.authority())
                  and (g.role = 'headteacher' and g.school_id = $1
                       or g.role = 'la_representative' and (g.school_id = $1 or g.school_id is null))
                  and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3) and u.disabled_at is null)
           ) x order by x.place, x.n, x.name, x.id"#,
        school as SchoolId,
        pupil as PupilId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// The people of a school by name, to find who owes an action.
pub async fn staff(
    conn: &mut PgConnection,
    school: SchoolId,
    today: Date,
) -> Result<Vec<(UserId, String)>, DbError> {
    let rows = sqlx::query!(
        r#"select distinct u.id as "id: UserId", u.name from app.grants g join app.users u on u.id = g.user_id
           where g.authority_id = (select app.authority()) and g.school_id = $1 and g.from_on <= $2
             and (g.to_on is null or g.to_on >= $2) and u.disabled_at is null"#,
        school as SchoolId,
        today
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Whether the latest record of services names any (S2.01).
pub async fn services_active(
    conn: &mut PgConnection,
    school: SchoolId,
    case: CaseId,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar!(
        r#"select jsonb_array_length(coalesce(details -> 'names', '[]')) > 0 as "active!" from app.case_steps
           where school_id = $1 and case_id = $2 and kind = 'services' order by recorded_at desc, id desc limit 1"#,
        school as SchoolId,
        case as CaseId
    )
    .fetch_optional(conn)
    .await?
    .unwrap_or(false))
}

/// When, where and what kind.
pub struct Plan {
    pub kind: &'static str,
    pub planned_on: Date,
    pub starts_at: Time,
    pub ends_at: Time,
    pub place: String,
}

/// Somebody to ask.
pub struct Asked {
    pub part: Part,
    pub name: String,
    pub user: Option<Uuid>,
    pub contact: Option<Uuid>,
}

/// Plans a meeting.
#[expect(clippy::too_many_arguments, reason = "who, where, what and when of one row")]
pub async fn plan(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    stage: i16,
    id: MeetingId,
    plan: &Plan,
    asked: &[Asked],
    today: Date,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.meetings (id, authority_id, school_id, case_id, kind, stage, planned_on, starts_at, ends_at, place,
                                   made_at, made_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, $12)",
        id as MeetingId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        plan.kind,
        stage,
        plan.planned_on,
        plan.starts_at,
        plan.ends_at,
        plan.place,
        now,
        permit.user() as UserId
    )
    .execute(&mut *conn)
    .await?;
    ask(conn, permit, case, id, asked, today).await
}

/// Asks more people to a meeting, after those asked already.
pub async fn ask(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    meeting: MeetingId,
    asked: &[Asked],
    today: Date,
) -> Result<(), DbError> {
    let parts: Vec<String> = asked.iter().map(|one| one.part.as_str().to_owned()).collect();
    let names: Vec<String> = asked.iter().map(|one| one.name.clone()).collect();
    let users: Vec<Option<Uuid>> = asked.iter().map(|one| one.user).collect();
    let contacts: Vec<Option<Uuid>> = asked.iter().map(|one| one.contact).collect();
    sqlx::query!(
        "insert into app.meeting_people (authority_id, school_id, case_id, meeting_id, position, part, name, user_id,
                                         contact_id, invited_on)
         select $1, $2, $3, $4,
                (coalesce((select max(position) from app.meeting_people where meeting_id = $4), 0) + x.n)::smallint,
                x.part, x.name, x.user_id, x.contact_id, $9
         from unnest($5::text[], $6::text[], $7::uuid[], $8::uuid[]) with ordinality
              as x (part, name, user_id, contact_id, n)",
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        meeting as MeetingId,
        &parts,
        &names,
        &users as &[Option<Uuid>],
        &contacts as &[Option<Uuid>],
        today
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes people off the list of a meeting; that they were asked stays stored.
pub async fn unask(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    meeting: MeetingId,
    positions: &[i16],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.meeting_people set removed_at = $5
         where meeting_id = $1 and case_id = $2 and school_id = $3 and position = any ($4) and removed_at is null",
        meeting as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        positions,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes when and where. No: somebody was faster, or it is held, cancelled or signed.
pub async fn change_plan(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    id: MeetingId,
    version: i32,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.meetings set planned_on = $5, starts_at = $6, ends_at = $7, place = $8, version = version + 1,
                                 changed_at = $9, changed_by = $10
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and final_on is null and cancelled_on is null",
        id as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        version,
        plan.planned_on,
        plan.starts_at,
        plan.ends_at,
        plan.place,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Calls a meeting off. No: somebody was faster, or it was held.
#[expect(clippy::too_many_arguments, reason = "who, which, why and when of one change")]
pub async fn cancel(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    id: MeetingId,
    version: i32,
    why: &str,
    today: Date,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.meetings set cancelled_on = $5, cancelled_why = $6, version = version + 1, changed_at = $7,
                                 changed_by = $8
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and final_on is null and held_on is null
           and cancelled_on is null",
        id as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        version,
        today,
        why,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What the form of the minutes settles.
pub struct Settled {
    pub minutes: Minutes,
    pub held_on: Option<Date>,
    pub next_review_on: Option<Date>,
    pub came: Vec<(i16, Attendance)>,
}

/// Saves the minutes, and signs them off on `final_on`. No: somebody was faster, or they are final.
#[expect(clippy::too_many_arguments, reason = "who, which, what and when of one change")]
pub async fn settle(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    id: MeetingId,
    version: i32,
    settled: &Settled,
    final_on: Option<Date>,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.meetings set minutes = $5, held_on = $6, next_review_on = $7, version = version + 1, changed_at = $8,
                                 changed_by = $9, final_on = $10::date,
                                 final_at = case when $10::date is not null then $8::timestamptz end,
                                 final_by = case when $10::date is not null then $9::uuid end
         where id = $1 and case_id = $2 and school_id = $3 and version = $4 and final_on is null and cancelled_on is null",
        id as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        version,
        Json(&settled.minutes) as _,
        settled.held_on,
        settled.next_review_on,
        now,
        permit.user() as UserId,
        final_on
    )
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let positions: Vec<i16> = settled.came.iter().map(|(position, _)| *position).collect();
    let words: Vec<String> = settled.came.iter().map(|(_, came)| came.as_str().to_owned()).collect();
    sqlx::query!(
        "update app.meeting_people p set attendance = x.attendance
         from unnest($4::smallint[], $5::text[]) as x (position, attendance)
         where p.meeting_id = $1 and p.case_id = $2 and p.school_id = $3 and p.position = x.position
           and p.removed_at is null",
        id as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        &positions,
        &words
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// An action to add.
pub struct NewAction {
    pub id: ActionId,
    pub words: String,
    pub owner: Option<UserId>,
    pub owner_name: String,
    pub due_on: Date,
}

/// Adds an action agreed at a meeting, after the others.
pub async fn add_action(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    meeting: MeetingId,
    action: &NewAction,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.meeting_actions (id, authority_id, school_id, case_id, meeting_id, position, words, owner_id,
                                          owner_name, due_on)
         select $1, $2, $3, $4, $5, (coalesce(max(position), 0) + 1)::smallint, $6, $7, $8, $9
         from app.meeting_actions where school_id = $3 and case_id = $4 and meeting_id = $5",
        action.id as ActionId,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        meeting as MeetingId,
        action.words,
        action.owner.map(UserId::uuid),
        action.owner_name,
        action.due_on
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes actions off a draft; what was done stays.
pub async fn drop_actions(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    ids: &[Uuid],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.meeting_actions set removed_at = $4
         where id = any ($1) and case_id = $2 and school_id = $3 and done_on is null and removed_at is null",
        ids,
        case as CaseId,
        permit.school().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks an action as done. No: it is done already.
pub async fn action_done(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    id: ActionId,
    outcome: Option<&str>,
    today: Date,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.meeting_actions set done_on = $4, done_at = $5, done_by = $6, outcome = $7
         where id = $1 and case_id = $2 and school_id = $3 and done_on is null and removed_at is null",
        id as ActionId,
        case as CaseId,
        permit.school().uuid(),
        today,
        now,
        permit.user() as UserId,
        outcome
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds words to signed minutes.
pub async fn add_words(
    conn: &mut PgConnection,
    permit: &Permit<HoldMeetings>,
    case: CaseId,
    meeting: MeetingId,
    id: Uuid,
    words: &str,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.meeting_addenda (id, authority_id, school_id, case_id, meeting_id, words, written_at, written_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        meeting as MeetingId,
        words,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says whether oneself was there. No: one is not on the list, or the minutes are final.
pub async fn attend(
    conn: &mut PgConnection,
    permit: &Permit<RecordOwnAttendance>,
    case: CaseId,
    meeting: MeetingId,
    attended: Attendance,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.meeting_people p set attendance = $5 from app.meetings m
         where p.meeting_id = $1 and p.case_id = $2 and p.school_id = $3 and p.user_id = $4 and p.removed_at is null
           and m.id = p.meeting_id and m.final_on is null and m.cancelled_on is null",
        meeting as MeetingId,
        case as CaseId,
        permit.school().uuid(),
        permit.user() as UserId,
        attended.as_str()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
