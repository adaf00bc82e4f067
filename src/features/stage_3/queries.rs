//! SQL of the Stage 3 room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        decision::Reasons,
        ids::{CaseId, ContactId, SchoolId},
        permission::{DecideMoves, Permit, RecordSteps},
        stage_3::{Alternative, Answer, Plan, Route, Status},
        step::Told,
    },
};

/// An alternative as it stands.
pub struct AlternativeRow {
    pub id: Uuid,
    pub kind: String,
    pub considered: bool,
    pub pupil_view: Option<String>,
    pub parent_view: Option<String>,
    pub why: String,
    pub status: String,
    pub plan: Option<String>,
    pub route: Option<String>,
    pub last_resort: Option<String>,
    pub starts_on: Option<Date>,
    pub review_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub reasons: Json<Reasons>,
    pub ended_on: Option<Date>,
    pub ended_words: Option<String>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

impl AlternativeRow {
    /// Where it stands.
    pub fn status(&self) -> Status {
        Status::from_stored(&self.status).unwrap_or(Status::NotChosen)
    }

    /// Which it is.
    pub fn kind(&self) -> Alternative {
        Alternative::from_stored(&self.kind).unwrap_or(Alternative::Other)
    }
}

/// What is said of the alternatives at the case's latest entry to Stage 3, in the order it was written.
pub async fn alternatives(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Vec<AlternativeRow>, DbError> {
    Ok(sqlx::query_as!(
        AlternativeRow,
        r#"select a.id, a.kind, a.considered, a.pupil_view, a.parent_view, a.why, a.status, a.plan, a.route, a.last_resort,
                  a.starts_on, a.review_on, a.ends_on, a.decided_on, d.name as "decided_by?",
                  a.reasons as "reasons: Json<Reasons>", a.ended_on, a.ended_words, a.version, a.changed_at,
                  u.name as changed_by
           from app.alternatives a join app.users u on u.id = a.changed_by left join app.users d on d.id = a.decided_by
           where a.school_id = $2 and a.case_id = $1
             and a.entered_on = coalesce((select max(s.entered_on) from app.case_stages s
                                          where s.school_id = $2 and s.case_id = $1 and s.stage = 3), a.entered_on)
           order by a.made_at, a.id"#,
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// What is said of an alternative.
pub struct Card<'a> {
    pub kind: Alternative,
    pub considered: bool,
    pub pupil_view: Option<&'a str>,
    pub parent_view: Option<&'a str>,
    pub why: &'a str,
    /// What was chosen; none: it was not.
    pub plan: Option<&'a Plan>,
}

impl Card<'_> {
    fn status(&self) -> &'static str {
        if self.plan.is_some() { Status::Proposed.as_str() } else { Status::NotChosen.as_str() }
    }
}

/// Writes down an alternative at this entry to Stage 3, or anew while nothing is decided about it: `read`, the version
/// that was read, nought when there was none. No: it changed meanwhile, or was decided.
pub async fn consider(
    conn: &mut PgConnection,
    permit: &Permit<RecordSteps>,
    (case, entered_on): (CaseId, Date),
    read: i32,
    card: &Card<'_>,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let plan = card.plan;
    let done = sqlx::query!(
        "insert into app.alternatives as a (id, authority_id, school_id, case_id, entered_on, kind, considered, pupil_view,
             parent_view, why, status, plan, route, last_resort, starts_on, review_on, ends_on, made_at, made_by, changed_at,
             changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $18, $19)
         on conflict (case_id, entered_on, kind) do update set considered = excluded.considered,
             pupil_view = excluded.pupil_view, parent_view = excluded.parent_view, why = excluded.why,
             status = excluded.status, plan = excluded.plan, route = excluded.route, last_resort = excluded.last_resort,
             starts_on = excluded.starts_on, review_on = excluded.review_on, ends_on = excluded.ends_on,
             version = a.version + 1, changed_at = excluded.changed_at, changed_by = excluded.changed_by
         where a.version = $20 and a.status in ('not_chosen', 'proposed')",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        case as CaseId,
        entered_on,
        card.kind.as_str(),
        card.considered,
        card.pupil_view,
        card.parent_view,
        card.why,
        card.status(),
        plan.map(|plan| plan.words.as_str()),
        plan.and_then(|plan| plan.route).map(Route::as_str),
        plan.and_then(|plan| plan.last_resort.as_deref()),
        plan.map(|plan| plan.starts_on),
        plan.map(|plan| plan.review_on),
        plan.and_then(|plan| plan.ends_on),
        now,
        permit.user().uuid(),
        read
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The headteacher agrees a proposed outcome, with the reasons for what was not met; or does not (`refused`, why). No:
/// it changed meanwhile.
pub async fn settle(
    conn: &mut PgConnection,
    permit: &Permit<DecideMoves>,
    (case, id, version): (CaseId, Uuid, i32),
    reasons: &Reasons,
    refused: Option<&str>,
    (today, now): (Date, OffsetDateTime),
) -> Result<bool, DbError> {
    let status = if refused.is_some() { Status::Declined } else { Status::Agreed };
    let done = sqlx::query!(
        "update app.alternatives set status = $5, decided_on = $6, decided_at = $7, decided_by = $8, reasons = $9,
             ended_on = case when $10::text is null then null else $6::date end,
             ended_at = case when $10::text is null then null else $7::timestamptz end,
             ended_by = case when $10::text is null then null else $8::uuid end, ended_words = $10, version = version + 1,
             changed_at = $7, changed_by = $8
         where id = $1 and school_id = $2 and case_id = $3 and version = $4 and status = 'proposed'",
        id,
        permit.school().uuid(),
        case as CaseId,
        version,
        status.as_str(),
        today,
        now,
        permit.user().uuid(),
        Json(reasons) as _,
        refused
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an agreed outcome, as reviewed or stopped before. No: it changed meanwhile.
pub async fn end(
    conn: &mut PgConnection,
    permit: &Permit<RecordSteps>,
    (case, id, version): (CaseId, Uuid, i32),
    how: Status,
    words: &str,
    (today, now): (Date, OffsetDateTime),
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.alternatives set status = $5, ended_on = $6, ended_at = $7, ended_by = $8, ended_words = $9,
             version = version + 1, changed_at = $7, changed_by = $8
         where id = $1 and school_id = $2 and case_id = $3 and version = $4 and status = 'agreed'",
        id,
        permit.school().uuid(),
        case as CaseId,
        version,
        how.as_str(),
        today,
        now,
        permit.user().uuid(),
        words
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a parent answered about one alternative.
pub struct Agreement {
    pub alternative: Uuid,
    pub answer: Answer,
}

/// How, when and before whom a parent was asked.
pub struct Asking<'a> {
    pub contact: ContactId,
    pub asked_on: Date,
    pub how: Told,
    pub explained: bool,
    pub advised: bool,
    pub answered_on: Option<Date>,
    pub presence: Option<&'a str>,
    pub words: Option<&'a str>,
    pub ask_again_on: Option<Date>,
    pub copy_given: bool,
}

/// Adds what a parent was asked and answered, one row for each outcome.
pub async fn record_answers(
    conn: &mut PgConnection,
    permit: &Permit<RecordSteps>,
    case: CaseId,
    asking: &Asking<'_>,
    answers: &[Agreement],
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    for one in answers {
        let open = matches!(one.answer, Answer::WantsTime | Answer::NoReply);
        sqlx::query!(
            "insert into app.agreements (id, authority_id, school_id, case_id, alternative_id, contact_id, asked_on, how,
                 explained, advised, answer, answered_on, presence, words, ask_again_on, copy_given, recorded_on, recorded_at,
                 recorded_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            permit.school().uuid(),
            case as CaseId,
            one.alternative,
            asking.contact as ContactId,
            asking.asked_on,
            asking.how.as_str(),
            asking.explained,
            asking.advised,
            one.answer.as_str(),
            asking.answered_on.filter(|_| one.answer != Answer::NoReply),
            asking.presence,
            asking.words,
            asking.ask_again_on.filter(|_| open),
            asking.copy_given,
            today,
            now,
            permit.user().uuid()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// An answer as it was recorded.
pub struct AnswerRow {
    pub contact: ContactId,
    pub kind: String,
    pub answer: String,
    pub asked_on: Date,
    pub how: String,
    pub answered_on: Option<Date>,
    pub presence: Option<String>,
    pub words: Option<String>,
    pub by: String,
}

/// Everything parents answered about these alternatives, the latest first.
pub async fn answers(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
    of: &[Uuid],
) -> Result<Vec<AnswerRow>, DbError> {
    Ok(sqlx::query_as!(
        AnswerRow,
        r#"select g.contact_id as "contact: ContactId", a.kind, g.answer, g.asked_on, g.how, g.answered_on, g.presence,
                  g.words, u.name as by
           from app.agreements g join app.alternatives a on a.id = g.alternative_id join app.users u on u.id = g.recorded_by
           where g.school_id = $2 and g.case_id = $1 and g.alternative_id = any ($3)
           order by g.recorded_at desc, g.id desc"#,
        case as CaseId,
        school as SchoolId,
        of
    )
    .fetch_all(conn)
    .await?)
}

/// Support given on the programme, for the meeting to look back on.
pub struct TriedRow {
    pub kind: String,
    pub provider: String,
    pub starts_on: Date,
    pub ended_on: Option<Date>,
    pub effect: Option<String>,
}

/// What was tried so far, in its order.
pub async fn tried(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Vec<TriedRow>, DbError> {
    Ok(sqlx::query_as!(
        TriedRow,
        "select kind, provider, starts_on, ended_on, effect from app.supports
         where school_id = $2 and case_id = $1 order by starts_on, id",
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}
