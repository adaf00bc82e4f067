//! A week of a case in figures: the one place that reads them. The review, the feedback, the letter and the
//! signed row all come from here, so that they cannot disagree.

use sqlx::{PgConnection, types::Json};
use time::{Date, Duration};

use super::{DbError, calendar, case::CaseOf};
use crate::domain::{
    calendar::{SchoolCalendar, Week},
    review::WeekFigures,
    week::{Away, DayTotals, Given, MarksOf, PeriodLabel, Planned, Review, Span, TargetDays, Weeks},
};

/// A week, looked at.
#[derive(Debug)]
pub struct WeekOf {
    /// The case's weeks.
    pub weeks: Weeks,
    /// The school's calendar.
    pub calendar: SchoolCalendar,
    /// The week, and those it speaks for.
    pub span: Span,
    /// What it came to.
    pub figures: WeekFigures,
    /// Praise of these days, oldest first.
    pub praise: Vec<String>,
    /// Services that work with the pupil: as last recorded, then who gives support now.
    pub services: Vec<String>,
}

/// What is known of a case's weeks, with its school weeks so far, oldest first.
pub async fn weeks(
    conn: &mut PgConnection,
    case: &CaseOf,
    today: Date,
) -> Result<(Weeks, SchoolCalendar, Vec<Week>), DbError> {
    let row = sqlx::query!(
        r#"select
             coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'words', t.words, 'starts_on', t.starts_on,
                                  'due_on', t.due_on, 'ended_on', t.ended_on) order by t.position, t.id)
                       from app.targets t where t.case_id = $1), '[]') as "targets!: Json<Vec<TargetDays>>",
             coalesce((select jsonb_agg(jsonb_build_object('on', d.on_date, 'points', d.points, 'recorded', d.recorded,
                                  'expected', d.expected, 'excused', d.reason is not null) order by d.on_date)
                       from app.days d where d.case_id = $1), '[]') as "days!: Json<Vec<DayTotals>>",
             coalesce((select jsonb_agg(jsonb_build_object('from_on', a.from_on, 'to_on', a.to_on))
                       from app.known_absences a
                       where a.case_id = $1 and a.withdrawn_at is null and a.periods is null), '[]')
                 as "away!: Json<Vec<Away>>",
             coalesce((select jsonb_agg(jsonb_build_object('from_week_on', r.from_week_on, 'week_on', r.week_on,
                                  'overall', r.overall) order by r.week_on desc)
                       from (select distinct on (w.week_on) w.week_on, w.from_week_on, w.overall
                             from app.weekly_reviews w where w.case_id = $1 order by w.week_on, w.version desc) r), '[]')
                 as "reviews!: Json<Vec<Review>>",
             coalesce((select jsonb_agg(jsonb_build_object('number', p.period, 'label', p.label, 'from_on', p.from_on, 'to_on', p.to_on)
                                        order by p.from_on, p.period)
                       from app.school_periods p
                       where p.school_id = $2 and (p.to_on is null or p.to_on >= p.from_on)), '[]')
                 as "periods!: Json<Vec<PeriodLabel>>""#,
        case.id.uuid(),
        case.school.uuid()
    )
    .fetch_one(&mut *conn)
    .await?;
    // A case that ended long ago is counted over the calendar of its own time.
    let until = case.closed_on.unwrap_or(today);
    let calendar = calendar::of_school(conn, case.school, until).await?;
    let weeks = Weeks {
        targets: row.targets.0,
        days: row.days.0,
        away: row.away.0,
        reviews: row.reviews.0,
        periods: row.periods.0,
        closed_on: case.closed_on,
    };
    let school_weeks = weeks.school_weeks(&calendar, today);
    Ok((weeks, calendar, school_weeks))
}

/// What was marked, given and said over some days.
struct Looked {
    given: Given,
    praise: Vec<String>,
    services: Vec<String>,
}

async fn look(conn: &mut PgConnection, case: &CaseOf, from: Date, to: Date) -> Result<Looked, DbError> {
    let row = sqlx::query!(
        r#"select
             coalesce((select jsonb_agg(jsonb_build_object('target', s.target_id, 'period', s.period, 'points', s.points,
                                  'recorded', s.recorded))
                       from (select m.target_id, m.period, sum(m.points) as points, count(*) as recorded
                             from app.marks m
                             left join app.day_reasons r on r.case_id = $1 and r.on_date = m.on_date
                                  and r.period = m.period and r.reason is not null
                             where m.case_id = $1 and m.on_date between $3 and $4 and m.points is not null
                               and r.case_id is null
                             group by m.target_id, m.period) s), '[]') as "marks!: Json<Vec<MarksOf>>",
             coalesce((select jsonb_agg(jsonb_build_object('starts_on', u.starts_on, 'ended_on', u.ended_on,
                                  'sessions', u.sessions_a_week, 'provider', u.provider) order by u.starts_on, u.id)
                       from app.supports u
                       where u.school_id = $2 and u.case_id = $1 and u.service_declined_on is null), '[]')
                 as "planned!: Json<Vec<Planned>>",
             (select count(*) from app.support_sessions e
              where e.school_id = $2 and e.case_id = $1 and e.delivered and e.on_date between $3 and $4
                and not exists (select from app.support_sessions x where x.replaces = e.id)) as "delivered!",
             coalesce((select jsonb_agg(n.words order by n.on_date, n.written_at) from app.day_notes n
                       where n.case_id = $1 and n.on_date between $3 and $4 and n.kind = 'praise'), '[]')
                 as "praise!: Json<Vec<String>>",
             coalesce((select st.details -> 'names' from app.case_steps st
                       where st.case_id = $1 and st.school_id = $2 and st.kind = 'services'
                         and not exists (select from app.case_steps x
                                         where x.case_id = $1 and x.school_id = $2 and x.replaces = st.id)
                       order by st.on_date desc, st.recorded_at desc limit 1), '[]')
                 as "services!: Json<Vec<String>>""#,
        case.id.uuid(),
        case.school.uuid(),
        from,
        to
    )
    .fetch_one(conn)
    .await?;
    let delivered = u32::try_from(row.delivered).unwrap_or(0);
    Ok(Looked {
        given: Given { marks: row.marks.0, planned: row.planned.0, delivered },
        praise: row.praise.0,
        services: row.services.0,
    })
}

/// What a span of a case's weeks came to.
pub async fn figures(
    conn: &mut PgConnection,
    case: &CaseOf,
    weeks: &Weeks,
    span: &Span,
    today: Date,
) -> Result<WeekFigures, DbError> {
    let looked = look(conn, case, span.from_on(), (span.week_on() + Duration::days(6)).min(today)).await?;
    Ok(weeks.figures(span, &looked.given, today))
}

/// The week that begins on `at`; none: there is no such week to review.
pub async fn of(
    conn: &mut PgConnection,
    case: &CaseOf,
    at: Date,
    today: Date,
) -> Result<Option<WeekOf>, DbError> {
    let (weeks, calendar, school_weeks) = weeks(conn, case, today).await?;
    let Some(span) = weeks.span(&school_weeks, at, &case.policy) else { return Ok(None) };
    let looked = look(conn, case, span.from_on(), (at + Duration::days(6)).min(today)).await?;
    let figures = weeks.figures(&span, &looked.given, today);
    let mut services = looked.services;
    let own =
        |name: &str| name.eq_ignore_ascii_case("the school") || name.eq_ignore_ascii_case(&case.school_name);
    for support in looked.given.planned.into_iter().filter(|support| support.active_in(at)) {
        if !own(&support.provider) && !services.contains(&support.provider) {
            services.push(support.provider);
        }
    }
    Ok(Some(WeekOf { weeks, calendar, span, figures, praise: looked.praise, services }))
}
