//! SQL of the reviews room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, ContactId, PupilId, SchoolId, UserId},
        permission::{Permit, ReviewWeeks},
        review::{Rated, Rating, Suggestion, WeekFigures},
    },
};

/// A review as it was signed.
pub struct ReviewRow {
    pub week_on: Date,
    pub from_week_on: Date,
    pub version: i32,
    pub figures: Json<WeekFigures>,
    pub ratings: Json<Vec<Rated>>,
    pub overall: String,
    pub overall_why: Option<String>,
    pub suggestion: String,
    pub went_well: Option<String>,
    pub next_steps: String,
    pub services: Vec<String>,
    pub services_words: Option<String>,
    pub signed_on: Date,
    pub signed_at: OffsetDateTime,
    pub by: String,
}

impl ReviewRow {
    /// The light of the week. The table holds no other word.
    pub fn rating(&self) -> Rating {
        Rating::from_stored(&self.overall).unwrap_or(Rating::Amber)
    }

    /// What the week suggested when it was signed.
    pub fn suggested(&self) -> &'static str {
        Suggestion::from_stored(&self.suggestion).map_or("", Suggestion::label)
    }
}

/// Every version of one week's review, newest first.
pub async fn versions(
    conn: &mut PgConnection,
    case: CaseId,
    week_on: Date,
) -> Result<Vec<ReviewRow>, DbError> {
    Ok(sqlx::query_as!(
        ReviewRow,
        r#"select r.week_on, r.from_week_on, r.version, r.figures as "figures: Json<WeekFigures>",
                  r.ratings as "ratings: Json<Vec<Rated>>", r.overall, r.overall_why, r.suggestion, r.went_well,
                  r.next_steps, r.services, r.services_words, r.signed_on, r.signed_at, u.name as by
           from app.weekly_reviews r join app.users u on u.id = r.signed_by
           where r.case_id = $1 and r.week_on = $2 order by r.version desc"#,
        case as CaseId,
        week_on
    )
    .fetch_all(conn)
    .await?)
}

/// The review that stands for each week that has one, newest first.
pub async fn standing(conn: &mut PgConnection, case: CaseId) -> Result<Vec<ReviewRow>, DbError> {
    Ok(sqlx::query_as!(
        ReviewRow,
        r#"select distinct on (r.week_on) r.week_on, r.from_week_on, r.version,
                  r.figures as "figures: Json<WeekFigures>", r.ratings as "ratings: Json<Vec<Rated>>", r.overall,
                  r.overall_why, r.suggestion, r.went_well, r.next_steps, r.services, r.services_words, r.signed_on,
                  r.signed_at, u.name as by
           from app.weekly_reviews r join app.users u on u.id = r.signed_by
           where r.case_id = $1 order by r.week_on desc, r.version desc"#,
        case as CaseId
    )
    .fetch_all(conn)
    .await?)
}

/// A review to sign.
pub struct NewReview<'a> {
    pub case: CaseId,
    pub week_on: Date,
    pub from_week_on: Date,
    /// The version it was written over; 0: none.
    pub over: i32,
    pub figures: &'a WeekFigures,
    pub ratings: &'a [Rated],
    pub overall: Rating,
    pub overall_why: Option<String>,
    pub suggestion: Suggestion,
    pub went_well: Option<String>,
    pub next_steps: String,
    pub services: &'a [String],
    pub services_words: Option<String>,
}

/// Signs a review over the version it was written over. No: somebody signed another one meanwhile.
pub async fn sign(
    conn: &mut PgConnection,
    permit: &Permit<ReviewWeeks>,
    review: NewReview<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into app.weekly_reviews (id, authority_id, school_id, case_id, week_on, from_week_on, version, figures,
                                         ratings, overall, overall_why, suggestion, went_well, next_steps, services,
                                         services_words, signed_on, signed_at, signed_by)
         select $1, $2, $3, $4, $5, $6, $7 + 1, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
         where (select coalesce(max(version), 0) from app.weekly_reviews where case_id = $4 and week_on = $5) = $7
         on conflict on constraint weekly_reviews_version do nothing",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        review.case as CaseId,
        review.week_on,
        review.from_week_on,
        review.over,
        Json(review.figures) as Json<&WeekFigures>,
        Json(review.ratings) as Json<&[Rated]>,
        review.overall.as_str(),
        review.overall_why,
        review.suggestion.as_str(),
        review.went_well,
        review.next_steps,
        review.services,
        review.services_words,
        today,
        now,
        permit.user().uuid()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An open case whose review of a week is signed.
pub struct SignedCase {
    pub case: CaseId,
    pub pupil: PupilId,
    pub lead: UserId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
}

/// Open cases of these schools whose review of the week that begins on `week_on` is signed.
pub async fn signed_cases(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    week_on: Date,
) -> Result<Vec<SignedCase>, DbError> {
    Ok(sqlx::query_as!(
        SignedCase,
        r#"select c.id as "case: CaseId", c.pupil_id as "pupil: PupilId", c.lead_id as "lead: UserId", p.given_name, p.known_as,
                  p.family_name
           from app.weekly_reviews r
           join app.cases c on c.id = r.case_id
           join app.pupils p on p.id = c.pupil_id
           where r.school_id = any ($1) and r.signed_on >= $2 and r.week_on = $2 and r.version = 1 and not c.closed"#,
        schools as &[SchoolId],
        week_on
    )
    .fetch_all(conn)
    .await?)
}

/// Somebody to contact about the pupil.
pub struct ContactRow {
    pub id: ContactId,
    pub name: String,
    pub relationship: String,
    pub parental_responsibility: bool,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub no_contact: bool,
    pub no_contact_reason: Option<String>,
    pub language: Option<String>,
}

/// The people to contact: those entitled to hear about the week first (S1.12), then in their order.
pub async fn contacts(
    conn: &mut PgConnection,
    pupil: PupilId,
    school: SchoolId,
) -> Result<Vec<ContactRow>, DbError> {
    Ok(sqlx::query_as!(
        ContactRow,
        r#"select id as "id: ContactId", name, relationship, parental_responsibility, phone, email, address, no_contact,
                  no_contact_reason, language
           from app.contacts where pupil_id = $1 and school_id = $2 and removed_at is null
           order by (parental_responsibility and not no_contact) desc, contact_order, name, id"#,
        pupil as PupilId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Feedback as it was given.
pub struct FeedbackRow {
    pub contact: ContactId,
    pub name: String,
    pub how: String,
    pub words: String,
    pub given_on: Date,
    pub by: String,
    pub reached: bool,
    pub answer: Option<String>,
}

/// Feedback about one week, newest first.
pub async fn feedback(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
    week_on: Date,
) -> Result<Vec<FeedbackRow>, DbError> {
    Ok(sqlx::query_as!(
        FeedbackRow,
        r#"select f.contact_id as "contact: ContactId", coalesce(c.name, 'A contact') as "name!", f.how, f.words,
                  f.given_on, u.name as by, f.reached, f.answer
           from app.feedback f
           join app.users u on u.id = f.given_by
           left join app.contacts c on c.id = f.contact_id and c.school_id = $2
           where f.case_id = $1 and f.week_on = $3 order by f.given_at desc, f.id"#,
        case as CaseId,
        school as SchoolId,
        week_on
    )
    .fetch_all(conn)
    .await?)
}

/// Feedback to record.
pub struct NewFeedback<'a> {
    pub case: CaseId,
    pub week_on: Date,
    pub contact: ContactId,
    pub how: &'static str,
    pub language: Option<&'a str>,
    pub words: String,
    pub figures: &'a WeekFigures,
    pub reached: bool,
    pub answer: Option<String>,
}

/// Records that somebody was told about a week.
pub async fn give(
    conn: &mut PgConnection,
    permit: &Permit<ReviewWeeks>,
    feedback: NewFeedback<'_>,
    now: OffsetDateTime,
    today: Date,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.feedback (id, authority_id, school_id, case_id, week_on, contact_id, how, language, words, figures,
                                   given_on, given_at, given_by, reached, answer)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        Uuid::now_v7(),
        permit.authority().uuid(),
        permit.school().uuid(),
        feedback.case as CaseId,
        feedback.week_on,
        feedback.contact as ContactId,
        feedback.how,
        feedback.language,
        feedback.words,
        Json(feedback.figures) as Json<&WeekFigures>,
        today,
        now,
        permit.user().uuid(),
        feedback.reached,
        feedback.answer
    )
    .execute(conn)
    .await?;
    Ok(())
}
