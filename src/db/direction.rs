//! The off-site directions of a case as the rules see them.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use super::DbError;
use crate::domain::{
    direction::{Direction, End},
    ids::{AbsenceId, CaseId, DirectionId, SchoolId},
};

/// A direction as it is kept.
#[derive(Debug)]
pub struct DirectionRow {
    /// Its id.
    pub id: DirectionId,
    /// The day of the board's decision.
    pub decided_on: Date,
    /// Who decided for the board.
    pub decided_for: String,
    /// Where the pupil goes.
    pub place: String,
    /// Its address.
    pub address: String,
    /// Whom the pupil reports to.
    pub report_to: String,
    /// Session times.
    pub times: String,
    /// Why.
    pub reasons: String,
    /// What it is to reach.
    pub objectives: String,
    /// First day.
    pub starts_on: Date,
    /// Last planned day.
    pub ends_on: Date,
    /// The LA has the notice.
    pub la_told: bool,
    /// When the notice was given.
    pub notice_on: Option<Date>,
    /// How.
    pub notice_how: Option<String>,
    /// The known absence it keeps.
    pub absence: Option<AbsenceId>,
    /// When it ended.
    pub ended_on: Option<Date>,
    /// How.
    pub ended_as: Option<String>,
    /// Why.
    pub ended_why: Option<String>,
    /// Its version.
    pub version: i32,
    /// When it was last changed.
    pub changed_at: OffsetDateTime,
    /// By whom.
    pub changed_by: String,
    /// Days of reviews held, oldest first.
    pub reviews: Vec<Date>,
    /// Days on which a review was asked for, not refused, and after which none was held.
    pub asked: Vec<Date>,
}

impl DirectionRow {
    /// As the rules see it.
    pub fn fact(&self) -> Direction {
        Direction {
            decided_on: self.decided_on,
            notice_on: self.notice_on,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            ended: self.ended_on.zip(self.ended_as.as_deref().and_then(End::from_stored)),
            reviews: self.reviews.clone(),
            asked: self.asked.clone(),
        }
    }
}

/// The directions of a case, the latest first.
pub async fn of_case(
    conn: &mut PgConnection,
    case: CaseId,
    school: SchoolId,
) -> Result<Vec<DirectionRow>, DbError> {
    Ok(sqlx::query_as!(
        DirectionRow,
        r#"select d.id as "id: DirectionId", d.decided_on, d.decided_for, d.place, d.address, d.report_to, d.times, d.reasons,
                  d.objectives, d.starts_on, d.ends_on, d.la_told, d.notice_on, d.notice_how,
                  d.absence_id as "absence: AbsenceId", d.ended_on, d.ended_as, d.ended_why, d.version, d.changed_at,
                  u.name as changed_by,
                  (select coalesce(array_agg(r.held_on order by r.held_on), '{}') from app.direction_reviews r
                   where r.direction_id = d.id and r.school_id = $2) as "reviews!",
                  (select coalesce(array_agg(q.asked_on order by q.asked_on), '{}') from app.direction_requests q
                   where q.direction_id = d.id and q.school_id = $2 and q.refused_why is null
                     and not exists (select from app.direction_reviews r
                                     where r.direction_id = d.id and r.school_id = $2 and r.held_on >= q.asked_on))
                      as "asked!"
           from app.directions d join app.users u on u.id = d.changed_by
           where d.case_id = $1 and d.school_id = $2
           order by d.starts_on desc, d.id desc"#,
        case as CaseId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}
