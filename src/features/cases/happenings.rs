//! SQL of the timeline: everything that happened in a case, and what those who did it were at the time.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, SchoolId, UserId},
        people::Role,
    },
};

/// What happened, newest first.
pub struct Happening {
    pub at: OffsetDateTime,
    pub on_date: Date,
    pub kind: String,
    pub words: String,
    pub by: String,
    pub by_id: UserId,
}

/// The latest `limit` happenings of a case before `before`.
#[expect(clippy::too_many_lines, reason = "one query, with an arm for each kind of happening")]
pub async fn latest(
    conn: &mut PgConnection,
    id: CaseId,
    school: SchoolId,
    before: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Happening>, DbError> {
    Ok(sqlx::query_as!(
        Happening,
        r#"select h.at as "at!", h.on_date as "on_date!", h.kind as "kind!", h.words as "words!", u.name as "by!",
                  u.id as "by_id!: UserId"
           from (
               (select entered_at as at, entered_on as on_date, 'stage' as kind,
                       'Stage ' || stage || ' began' as words, entered_by as by_id
                from app.case_stages where school_id = $4 and case_id = $1)
               union all
               -- Decisions that begin no stage; the page says them in words.
               (select decided_at, decided_on, 'decision', event::text, decided_by from app.case_decisions
                where school_id = $4 and case_id = $1 and command in ('extend', 'exit', 'close'))
               union all
               -- Words of a step begin with its kind, as stored; the page says it in words.
               (select s.recorded_at, s.on_date, 'step',
                       s.kind || coalesce(': ' || coalesce(
                           s.details->>'words', s.details->>'why', s.details->>'reason', s.details->>'policy', s.details->>'by',
                           (select string_agg(n, ', ') from jsonb_array_elements_text(s.details->'names') n)), ''),
                       s.recorded_by
                from app.case_steps s
                where s.school_id = $4 and s.case_id = $1
                  and not exists (select from app.case_steps r where r.replaces = s.id and r.school_id = $4))
               union all
               (select l.named_at, l.from_on, 'lead', lu.name || ' leads the case', l.named_by
                from app.case_leads l join app.users lu on lu.id = l.user_id where l.school_id = $4 and l.case_id = $1)
               union all
               (select r.named_at, r.from_on, 'represented', ru.name || ' looks after the case for the LA', r.named_by
                from app.case_representatives r join app.users ru on ru.id = r.user_id
                where r.school_id = $4 and r.case_id = $1)
               union all
               (select q.asked_at, q.asked_on, 'update_asked', coalesce(q.words, 'How does the case stand?'), q.asked_by
                from app.update_requests q where q.school_id = $4 and q.case_id = $1)
               union all
               (select q.answered_at, q.answered_on, 'update_answered', q.answer, q.answered_by
                from app.update_requests q where q.school_id = $4 and q.case_id = $1 and q.answer is not null)
               union all
               (select written_at, (written_at at time zone 'Europe/London')::date,
                       case when ended_on is not null then 'target_ended'
                            when version = 1 then 'target_set' else 'target_changed' end,
                       words, written_by
                from app.target_versions where school_id = $4 and case_id = $1 and ($2::timestamptz is null or written_at < $2)
                order by written_at desc limit $3)
               union all
               (select written_at, on_date, kind, words, written_by from app.day_notes
                where case_id = $1 and ($2::timestamptz is null or written_at < $2)
                order by written_at desc limit $3)
               union all
               (select made_at, from_on, 'absence', source, made_by from app.known_absences
                where case_id = $1 and withdrawn_at is null and ($2::timestamptz is null or made_at < $2)
                order by made_at desc limit $3)
               union all
               (select m.made_at, m.planned_on, 'meeting_planned', m.kind, m.made_by
                from app.meetings m
                where m.school_id = $4 and m.case_id = $1 and ($2::timestamptz is null or m.made_at < $2))
               union all
               (select coalesce(m.final_at, m.changed_at), coalesce(m.held_on, m.cancelled_on),
                       case when m.final_at is not null then 'meeting_signed'
                            when m.cancelled_on is not null then 'meeting_cancelled' else 'meeting_held' end,
                       m.kind || coalesce(': ' || m.cancelled_why, ''), coalesce(m.final_by, m.changed_by)
                from app.meetings m
                where m.school_id = $4 and m.case_id = $1 and (m.held_on is not null or m.cancelled_on is not null))
               union all
               (select a.done_at, a.done_on, 'action_done', a.words || coalesce(': ' || a.outcome, ''), a.done_by
                from app.meeting_actions a
                where a.school_id = $4 and a.case_id = $1 and a.done_on is not null and a.removed_at is null)
               union all
               -- Words of support begin with its kind, as stored; the page says it in words.
               (select made_at, starts_on, 'support_begun', kind || ': ' || purpose, made_by from app.supports
                where school_id = $4 and case_id = $1 and ($2::timestamptz is null or made_at < $2)
                order by made_at desc limit $3)
               union all
               -- Nothing of support changes after its end.
               (select changed_at, ended_on, 'support_ended', kind || ': ' || coalesce(ended_why, purpose), changed_by
                from app.supports
                where school_id = $4 and case_id = $1 and ended_on is not null
                  and ($2::timestamptz is null or changed_at < $2)
                order by changed_at desc limit $3)
               union all
               (select service_answered_at, coalesce(service_agreed_on, service_declined_on),
                       case when service_agreed_on is not null then 'support_priority' else 'support_declined' end,
                       kind || ': ' || coalesce(service_words, purpose), service_answered_by
                from app.supports
                where school_id = $4 and case_id = $1 and coalesce(service_agreed_on, service_declined_on) is not null
                  and service_answered_at is not null and ($2::timestamptz is null or service_answered_at < $2)
                order by service_answered_at desc limit $3)
               union all
               (select v.written_at, v.happened_on, case when v.version = 1 then 'incident' else 'incident_changed' end,
                       v.place || ': ' || case when length(v.what) > 140 then left(v.what, 140) || '…' else v.what end,
                       v.written_by
                from app.incidents i join app.incident_versions v on v.incident_id = i.id and v.school_id = $4
                where i.school_id = $4 and i.case_id = $1 and ($2::timestamptz is null or v.written_at < $2)
                order by v.written_at desc limit $3)
               union all
               (select signed_at, signed_on, 'review',
                       'Week of ' || to_char(week_on, 'FMDD FMMonth YYYY') || ': ' || overall || '. ' || next_steps, signed_by
                from app.weekly_reviews where case_id = $1 and ($2::timestamptz is null or signed_at < $2)
                order by signed_at desc limit $3)
               union all
               (select f.given_at, f.given_on, case when f.reached then 'feedback' else 'feedback_tried' end,
                       coalesce(c.name || ': ', '') || f.words, f.given_by
                from app.feedback f left join app.contacts c on c.id = f.contact_id and c.school_id = $4
                where f.case_id = $1 and ($2::timestamptz is null or f.given_at < $2)
                order by f.given_at desc limit $3)
               union all
               -- Words of an alternative begin with its kind, as stored; the page says it in words.
               (select made_at, (made_at at time zone 'Europe/London')::date, 'outcome_considered', kind || ': ' || why, made_by
                from app.alternatives where school_id = $4 and case_id = $1)
               union all
               (select decided_at, decided_on, case when status = 'declined' then 'outcome_declined' else 'outcome_agreed' end,
                       kind || coalesce(': ' || case when status = 'declined' then ended_words else plan end, ''), decided_by
                from app.alternatives where school_id = $4 and case_id = $1 and decided_at is not null)
               union all
               (select ended_at, ended_on, 'outcome_ended', kind || coalesce(': ' || ended_words, ''), ended_by
                from app.alternatives
                where school_id = $4 and case_id = $1 and ended_at is not null and status <> 'declined')
               union all
               (select g.recorded_at, coalesce(g.answered_on, g.asked_on), 'answer_' || g.answer,
                       a.kind || ': ' || concat_ws('. ', g.name, g.words), g.recorded_by
                from app.agreements g join app.alternatives a on a.id = g.alternative_id and a.school_id = $4
                where g.school_id = $4 and g.case_id = $1)
               union all
               -- The school a transfer is about, and what happened, as stored; the page says it in words.
               (select e.at, e.on_date, 'transfer', coalesce(s.name, '') || '|' || e.event::text, e.by_id
                from app.transfer_events e left join app.schools s on s.id = e.receiving_id
                where e.school_id = $4 and e.case_id = $1)
               union all
               (select made_at, starts_on, 'direction', place, made_by from app.directions
                where school_id = $4 and case_id = $1)
               union all
               (select changed_at, ended_on, 'direction_ended', place || ': ' || ended_why, changed_by from app.directions
                where school_id = $4 and case_id = $1 and ended_on is not null)
               union all
               (select recorded_at, held_on, 'direction_review', words, recorded_by from app.direction_reviews
                where school_id = $4 and case_id = $1)
               union all
               (select recorded_at, decided_on, 'excluded_' || kind,
                       case when length(words) > 140 then left(words, 140) || '…' else words end, issued_by
                from app.exclusions where school_id = $4 and case_id = $1 and ($2::timestamptz is null or recorded_at < $2)
                order by recorded_at desc limit $3)
               union all
               (select cancelled_at, cancelled_on, 'excluded_cancelled', cancelled_why, cancelled_by
                from app.exclusions
                where school_id = $4 and case_id = $1 and cancelled_on is not null
                  and ($2::timestamptz is null or cancelled_at < $2)
                order by cancelled_at desc limit $3)
               union all
               -- Words of what was done begin with its kind, as stored; the page says it in words.
               (select s.recorded_at, s.on_date, 'after_exclusion',
                       s.kind || coalesce(': ' || nullif(concat_ws('. ', replace(s.recipient, '_', ' '), s.words), ''), ''),
                       s.recorded_by
                from app.exclusions e join app.exclusion_steps s on s.exclusion_id = e.id and s.school_id = $4
                where e.school_id = $4 and e.case_id = $1 and s.kind <> 'taken_back'
                  and not exists (select from app.exclusion_steps b where b.replaces = s.id)
                  and ($2::timestamptz is null or s.recorded_at < $2)
                order by s.recorded_at desc limit $3)
           ) h join app.users u on u.id = h.by_id
           where $2::timestamptz is null or h.at < $2
           order by h.at desc, h.kind, h.words, h.by_id limit $3"#,
        id as CaseId,
        before,
        limit,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// A role somebody held for a school, from one day to another.
pub struct Held {
    pub user: UserId,
    pub role: String,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

impl Held {
    /// In words, when it was held on the day.
    pub fn on(&self, day: Date) -> Option<Role> {
        let live = self.from_on <= day && self.to_on.is_none_or(|to| day <= to);
        live.then(|| self.role.parse().ok()).flatten()
    }
}

/// The roles of these people at the school and in the authority, ended ones too.
pub async fn held(
    conn: &mut PgConnection,
    school: SchoolId,
    people: &[UserId],
) -> Result<Vec<Held>, DbError> {
    Ok(sqlx::query_as!(
        Held,
        r#"select user_id as "user: UserId", role, from_on, to_on from app.grants
           where user_id = any ($2) and (school_id = $1 or school_id is null) order by from_on desc"#,
        school as SchoolId,
        people as &[UserId]
    )
    .fetch_all(conn)
    .await?)
}
