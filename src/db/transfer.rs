//! Supported transfers as three rooms need them: where one stands, what it stands on, and one more event of it. The
//! home school, the panel and the receiving school each write events of their own; row-level security holds which.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};

use super::{DbError, case::CaseOf};
use crate::domain::{
    ids::{AuthorityId, CaseId, PackId, PupilId, SchoolId, TransferId, UserId},
    permission::{Permit, PermitInAuthority},
    policy::ProgrammePolicy,
    stage::Stage,
    stage_3,
    transfer::{Answer, Event, ManagedMove, ParentAnswer, Route, State, TransferGround},
};

/// A transfer as it stands.
#[derive(Debug)]
pub struct TransferRow {
    /// Its id.
    pub id: TransferId,
    /// The home school.
    pub home: SchoolId,
    /// Its name.
    pub home_name: String,
    /// The case.
    pub case: CaseId,
    /// The pupil.
    pub pupil: PupilId,
    /// What its events come to.
    pub state: Json<ManagedMove>,
    /// Events so far.
    pub version: i32,
    /// The papers submitted last.
    pub pack: Option<PackId>,
    /// Where a place is allocated now.
    pub receiving: Option<SchoolId>,
    /// Its name.
    pub receiving_name: Option<String>,
    /// When the receiving school stopped seeing it.
    pub share_ended_at: Option<OffsetDateTime>,
}

/// The transfer of a case: the one that is open, or else the latest.
pub async fn of_case(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Option<TransferRow>, DbError> {
    Ok(sqlx::query_as!(
        TransferRow,
        r#"select t.id as "id: TransferId", t.school_id as "home: SchoolId", h.name as home_name,
                  t.case_id as "case: CaseId", t.pupil_id as "pupil: PupilId", t.state as "state: Json<ManagedMove>",
                  t.version, t.pack_id as "pack: PackId", t.receiving_id as "receiving: SchoolId",
                  r.name as "receiving_name?", t.share_ended_at
           from app.transfers t join app.schools h on h.id = t.school_id left join app.schools r on r.id = t.receiving_id
           where t.case_id = $1 and t.school_id = $2
           order by t.standing in ('closed', 'withdrawn'), t.opened_at desc limit 1"#,
        case as CaseId,
        school as SchoolId
    )
    .fetch_optional(conn)
    .await?)
}

/// A transfer the actor may see.
pub async fn one(conn: &mut PgConnection, id: TransferId) -> Result<Option<TransferRow>, DbError> {
    Ok(sqlx::query_as!(
        TransferRow,
        r#"select t.id as "id: TransferId", t.school_id as "home: SchoolId", h.name as home_name,
                  t.case_id as "case: CaseId", t.pupil_id as "pupil: PupilId", t.state as "state: Json<ManagedMove>",
                  t.version, t.pack_id as "pack: PackId", t.receiving_id as "receiving: SchoolId",
                  r.name as "receiving_name?", t.share_ended_at
           from app.transfers t join app.schools h on h.id = t.school_id left join app.schools r on r.id = t.receiving_id
           where t.id = $1"#,
        id as TransferId
    )
    .fetch_optional(conn)
    .await?)
}

/// What Stage 3 and the parents settled, at the case's present entry to Stage 3. People with parental responsibility
/// whom nobody asked are in the list too.
pub async fn ground(conn: &mut PgConnection, case: &CaseOf) -> Result<TransferGround, DbError> {
    let row = sqlx::query!(
        r#"select a.route as "route?", a.decided_on as "decided_on?", a.last_resort as "last_resort?",
                  (select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'responsible', c.parental_responsibility,
                              'answer', (select g.answer from app.agreements g
                                         where g.case_id = $1 and g.alternative_id = a.id and g.contact_id = c.id
                                         order by g.recorded_at desc, g.id desc limit 1))
                              order by c.contact_order, c.name), '[]')
                   from app.contacts c where c.pupil_id = $3 and c.school_id = $2 and c.removed_at is null)
                      as "answers!: Json<Vec<AnswerRow>>"
           from (select 1) one
           left join app.alternatives a on a.case_id = $1 and a.school_id = $2 and a.kind = 'supported_transfer'
               and a.status = 'agreed'
               and a.entered_on = (select max(s.entered_on) from app.case_stages s
                                   where s.school_id = $2 and s.case_id = $1 and s.stage = 3)"#,
        case.id as CaseId,
        case.school as SchoolId,
        case.pupil as PupilId
    )
    .fetch_one(conn)
    .await?;
    let answers = row.answers.0.into_iter().map(|a| ParentAnswer {
        name: a.name,
        responsible: a.responsible,
        answer: a.answer,
    });
    let stage = if case.closed_on.is_none() { Stage::of(case.stage) } else { None };
    let route = row.route.as_deref().and_then(stage_3::Route::from_stored).map(Route::from);
    let agreed = route.zip(row.decided_on);
    Ok(TransferGround { stage, agreed, last_resort: row.last_resort, answers: answers.collect() })
}

#[derive(Debug, serde::Deserialize)]
struct AnswerRow {
    name: String,
    responsible: bool,
    answer: Option<Answer>,
}

/// The numbers of the programme that hold in the authority on a day, for pages that see no case.
pub async fn policy(conn: &mut PgConnection, today: Date) -> Result<ProgrammePolicy, DbError> {
    let found = sqlx::query_scalar!(
        r#"select settings as "settings: Json<ProgrammePolicy>" from app.policies
           where authority_id = (select app.authority()) and effective_on <= $1 order by version desc limit 1"#,
        today
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map_or_else(ProgrammePolicy::first, |policy| policy.0))
}

/// Who writes, as a permit proves it.
#[derive(Clone, Copy, Debug)]
pub struct Author {
    user: UserId,
    authority: AuthorityId,
}

impl<A> From<&Permit<A>> for Author {
    fn from(permit: &Permit<A>) -> Self {
        Self { user: permit.user(), authority: permit.authority() }
    }
}

impl<A> From<&PermitInAuthority<A>> for Author {
    fn from(permit: &PermitInAuthority<A>) -> Self {
        Self { user: permit.user(), authority: permit.authority() }
    }
}

impl Author {
    /// Who.
    pub const fn user(self) -> UserId {
        self.user
    }

    /// In which authority.
    pub const fn authority(self) -> AuthorityId {
        self.authority
    }
}

/// Begins a transfer with its first event.
pub async fn begin(
    conn: &mut PgConnection,
    by: Author,
    case: &CaseOf,
    id: TransferId,
    (today, now): (Date, OffsetDateTime),
) -> Result<TransferRow, DbError> {
    let empty = ManagedMove::default();
    let event = Event::Proposed;
    let state = empty.after(&event, today).unwrap_or_default();
    sqlx::query!(
        "insert into app.transfers (id, authority_id, school_id, case_id, pupil_id, standing, state, version, opened_on, opened_at,
                                    opened_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $9, $10)",
        id as TransferId,
        by.authority.uuid(),
        case.school as SchoolId,
        case.id as CaseId,
        case.pupil as PupilId,
        state.state.as_str(),
        Json(&state) as _,
        today,
        now,
        by.user.uuid()
    )
    .execute(&mut *conn)
    .await?;
    let row = TransferRow {
        id,
        home: case.school,
        home_name: case.school_name.clone(),
        case: case.id,
        pupil: case.pupil,
        state: Json(state),
        version: 1,
        pack: None,
        receiving: None,
        receiving_name: None,
        share_ended_at: None,
    };
    add(conn, by, &row, 1, &event, None, None, (today, now)).await?;
    Ok(row)
}

#[expect(clippy::too_many_arguments, reason = "one row of history")]
async fn add(
    conn: &mut PgConnection,
    by: Author,
    row: &TransferRow,
    seq: i32,
    event: &Event,
    words: Option<&str>,
    receiving: Option<SchoolId>,
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.transfer_events (transfer_id, seq, authority_id, school_id, case_id, kind, event, words, receiving_id,
                                          on_date, at, by_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row.id as TransferId,
        seq,
        by.authority.uuid(),
        row.home as SchoolId,
        row.case as CaseId,
        event.name(),
        Json(event) as _,
        words,
        receiving.map(SchoolId::uuid),
        today,
        now,
        by.user.uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What came of one more event.
#[derive(Debug)]
pub enum Appended {
    /// It happened; this is where the transfer stands now.
    Done(Box<TransferRow>),
    /// It cannot follow where the transfer stands.
    Impossible,
    /// Somebody was faster.
    Overtaken,
}

/// One more event of a transfer, with the row that holds what they come to. `pack` is given when papers are submitted.
pub async fn append(
    conn: &mut PgConnection,
    by: Author,
    row: TransferRow,
    event: &Event,
    words: Option<&str>,
    pack: Option<PackId>,
    (today, now): (Date, OffsetDateTime),
) -> Result<Appended, DbError> {
    let Ok(state) = row.state.after(event, today) else { return Ok(Appended::Impossible) };
    // The school it is about sees it: the one it was allocated to before a decline, else the one it is now.
    let about = state.receiving().or_else(|| row.state.receiving());
    let on_roll = match state.state {
        State::OnRoll { on, .. } | State::Closed { on, .. } => Some(on),
        _ => None,
    };
    let ended = state.is_over().then_some(now).or(row.share_ended_at);
    let pack = pack.or(row.pack);
    let changed = sqlx::query!(
        "update app.transfers set standing = $4, state = $5, version = version + 1, pack_id = $6, receiving_id = $7,
                on_roll_on = $8, share_ended_at = $9, changed_at = $10, changed_by = $11
         where id = $1 and school_id = $2 and version = $3",
        row.id as TransferId,
        row.home as SchoolId,
        row.version,
        state.state.as_str(),
        Json(&state) as _,
        pack.map(PackId::uuid),
        state.receiving().map(SchoolId::uuid),
        on_roll,
        ended,
        now,
        by.user.uuid()
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(Appended::Overtaken);
    }
    let version = row.version + 1;
    add(conn, by, &row, version, event, words, about, (today, now)).await?;
    let receiving = state.receiving();
    Ok(Appended::Done(Box::new(TransferRow {
        state: Json(state),
        version,
        pack,
        receiving,
        share_ended_at: ended,
        ..row
    })))
}

/// Something that happened, for the list.
#[derive(Debug)]
pub struct EventRow {
    /// What.
    pub event: Json<Event>,
    /// What was said with it.
    pub words: Option<String>,
    /// The day.
    pub on_date: Date,
    /// The instant.
    pub at: OffsetDateTime,
    /// Who.
    pub by: String,
}

/// What happened to a transfer, oldest first: everything for the home school, its own part for the receiving one.
pub async fn events(
    conn: &mut PgConnection,
    id: TransferId,
    home: SchoolId,
) -> Result<Vec<EventRow>, DbError> {
    Ok(sqlx::query_as!(
        EventRow,
        r#"select e.event as "event: Json<Event>", e.words, e.on_date, e.at, u.name as by
           from app.transfer_events e join app.users u on u.id = e.by_id
           where e.transfer_id = $1 and e.school_id = $2 order by e.seq"#,
        id as TransferId,
        home as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// A school's name by its id.
pub async fn school_names(conn: &mut PgConnection) -> Result<Vec<(SchoolId, String)>, DbError> {
    Ok(sqlx::query!(
        r#"select id as "id: SchoolId", name from app.schools where authority_id = (select app.authority()) order by name, id"#
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|row| (row.id, row.name))
    .collect())
}

/// A frozen pack's head.
#[derive(Debug)]
pub struct PackRow {
    /// Its id.
    pub id: PackId,
    /// Its version.
    pub version: i32,
    /// The pupil's name as it was.
    pub name: String,
    /// Year and school as they were.
    pub about: String,
    /// Schools wished for and excluded.
    pub schools: Json<Vec<Wish>>,
    /// Which procedure it followed.
    pub procedure: String,
    /// When it was submitted.
    pub submitted_on: Date,
    /// By whom.
    pub submitted_by: String,
}

/// A school wished for, or excluded.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    /// Which.
    pub school: SchoolId,
    /// Its name.
    pub name: String,
    /// "preferred" or "excluded".
    pub wish: String,
    /// Why.
    pub why: String,
}

/// A frozen pack, when the actor may see it.
pub async fn pack(conn: &mut PgConnection, id: PackId) -> Result<Option<PackRow>, DbError> {
    Ok(sqlx::query_as!(
        PackRow,
        r#"select p.id as "id: PackId", p.version, p.name, p.about, p.schools as "schools: Json<Vec<Wish>>", p.procedure,
                  p.submitted_on, u.name as submitted_by
           from app.packs p join app.users u on u.id = p.submitted_by where p.id = $1"#,
        id as PackId
    )
    .fetch_optional(conn)
    .await?)
}

/// A section of a frozen pack.
#[derive(Debug)]
pub struct SectionRow {
    /// Its place.
    pub position: i16,
    /// Which document.
    pub item: String,
    /// Whom for.
    pub audience: String,
    /// Exactly what was submitted.
    pub words: String,
}

/// The sections of a frozen pack the actor may see, in order.
pub async fn sections(
    conn: &mut PgConnection,
    pack: PackId,
    home: SchoolId,
) -> Result<Vec<SectionRow>, DbError> {
    Ok(sqlx::query_as!(
        SectionRow,
        "select position, item, audience, words from app.pack_sections where pack_id = $1 and school_id = $2 order by position",
        pack as PackId,
        home as SchoolId
    )
    .fetch_all(conn)
    .await?)
}
