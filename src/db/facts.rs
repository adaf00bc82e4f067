//! Gathers what the rules look at for one case, in one query over every room's tables.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use sqlx::{PgConnection, types::Json};
use time::{Date, format_description::well_known::Iso8601};

use super::{DbError, case::CaseOf, exclusions};
use crate::domain::{
    direction::{Direction, End},
    facts::{
        ActionFact, ContactFact, DayFact, Facts, FeedbackFact, IncidentFact, OpeningFacts, PlacementFacts,
        PupilFacts, ReviewFact, StepFact, TargetFact,
    },
    ids::{ActionId, CaseId, ContactId, IncidentId, MeetingId, SchoolId, SupportId},
    meeting::{Asked, Attendance, MeetingFact, MeetingKind, Minutes, Part},
    review::Rating,
    stage::{CaseState, Event, Stage},
    stage_3::{AgreementFact, Alternative, AlternativeFact, Answer, Plan, Route, Status},
    step::{Step, incident::Seriousness},
    support::{SupportFact, SupportKind},
    target,
    transfer::ManagedMove,
};

/// A day as JSON from the database writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Date::parse(&text, &Iso8601::DATE).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Debug, Deserialize)]
struct EventRow {
    event: Event,
    on: Day,
}

#[derive(Debug, Deserialize)]
struct TargetRow {
    words: String,
    starts_on: Day,
    due_on: Day,
    written_on: Day,
    rating: Option<Rating>,
}

#[derive(Debug, Deserialize)]
struct StepRow {
    step: Step,
    stage: Stage,
    on: Day,
}

#[derive(Debug, Deserialize)]
struct MeetingRow {
    id: MeetingId,
    kind: MeetingKind,
    stage: Stage,
    planned_on: Day,
    held_on: Option<Day>,
    cancelled: bool,
    final_on: Option<Day>,
    minutes: Minutes,
    people: Vec<(Part, Option<Attendance>)>,
    asked: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
struct ActionRow {
    id: ActionId,
    meeting: MeetingId,
    words: String,
    owner: String,
    due_on: Day,
}

#[derive(Debug, Deserialize)]
struct SupportRow {
    id: SupportId,
    kind: SupportKind,
    sessions_a_week: u32,
    starts_on: Day,
    review_on: Day,
    ended_on: Option<Day>,
    prioritised: bool,
    unanswered: bool,
    declined: bool,
    sessions: Vec<(Day, bool)>,
}

#[derive(Debug, Deserialize)]
struct IncidentRow {
    id: IncidentId,
    on: Day,
    seriousness: Seriousness,
}

#[derive(Debug, Deserialize)]
struct DayRow {
    on: Day,
    recorded: u32,
    excused: bool,
}

#[derive(Debug, Deserialize)]
struct ReviewRow {
    from_week_on: Day,
    week_on: Day,
    overall: Rating,
    rated: usize,
    signed_on: Day,
    services: usize,
}

#[derive(Debug, Deserialize)]
struct FeedbackRow {
    week_on: Day,
    contact: ContactId,
    reached: bool,
    on: Day,
}

#[derive(Debug, Deserialize)]
struct ContactRow {
    id: ContactId,
    name: String,
    parental_responsibility: bool,
    no_contact: bool,
    reachable: bool,
}

#[derive(Debug, Deserialize)]
struct AlternativeRow {
    kind: Alternative,
    considered: bool,
    status: Status,
    words: Option<String>,
    route: Option<Route>,
    last_resort: Option<String>,
    starts_on: Option<Day>,
    review_on: Option<Day>,
    ends_on: Option<Day>,
}

#[derive(Debug, Deserialize)]
struct AgreementRow {
    contact: ContactId,
    kind: Alternative,
    answer: Answer,
    asked_on: Day,
    ask_again_on: Option<Day>,
}

#[derive(Debug, Deserialize)]
struct TransferRow {
    transfer: ManagedMove,
    panel: Option<(Day, Day)>,
}

#[derive(Debug, Deserialize)]
struct DirectionRow {
    decided_on: Day,
    notice_on: Option<Day>,
    starts_on: Day,
    ends_on: Day,
    ended_on: Option<Day>,
    ended_as: Option<End>,
    reviews: Vec<Day>,
    asked: Vec<Day>,
}

/// Where a case stands and everything the rules look at, on `today`. `decides`: the person asking is the
/// headteacher or somebody they named.
#[expect(clippy::too_many_lines, reason = "one query over every room's tables, row by row into facts")]
pub async fn of_case(
    conn: &mut PgConnection,
    case: &CaseOf,
    decides: bool,
    today: Date,
) -> Result<(CaseState, Facts), DbError> {
    let row = sqlx::query!(
        r#"select
            (select coalesce(jsonb_agg(jsonb_build_object('event', d.event, 'on', d.decided_on) order by d.seq), '[]')
             from app.case_decisions d where d.school_id = $2 and d.case_id = $1) as "events!: Json<Vec<EventRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('words', t.words, 'starts_on', t.starts_on, 'due_on', t.due_on,
                    'written_on', coalesce((select max(v.written_at at time zone 'Europe/London')::date
                                            from app.target_versions v where v.target_id = t.id
                                              and v.ended_on is null), t.starts_on),
                    'rating', (select rated->>'rating' from app.weekly_reviews r, jsonb_array_elements(r.ratings) rated
                               where r.school_id = $2 and r.case_id = $1 and rated->>'target' = t.id::text
                               order by r.week_on desc, r.version desc limit 1)) order by t.position), '[]')
             from app.targets t where t.case_id = $1 and (t.ended_on is null or t.ended_on >= $4))
                as "targets!: Json<Vec<TargetRow>>",
            (select coalesce(jsonb_agg(jsonb_build_array(t.starts_on, t.ended_on) order by t.position), '[]')
             from app.targets t where t.case_id = $1 and t.ended_on < $4) as "earlier_targets!: Json<Vec<(Day, Day)>>",
            (select coalesce(jsonb_agg(jsonb_build_object('step', s.details, 'stage', s.stage, 'on', s.on_date)
                    order by s.on_date, s.recorded_at), '[]')
             from app.case_steps s where s.case_id = $1
               and not exists (select from app.case_steps later where later.replaces = s.id))
                as "steps!: Json<Vec<StepRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'stage', m.stage,
                    'planned_on', m.planned_on, 'held_on', m.held_on, 'cancelled', m.cancelled_on is not null,
                    'final_on', m.final_on, 'minutes', m.minutes,
                    'people', (select coalesce(jsonb_agg(jsonb_build_array(w.part, w.attendance) order by w.position), '[]')
                               from app.meeting_people w where w.meeting_id = m.id and w.removed_at is null),
                    'asked', (select coalesce(jsonb_agg(jsonb_build_object('name', w.name,
                                  'key', coalesce(w.user_id::text, w.contact_id::text, lower(w.part || ' ' || w.name)))
                                  order by w.position), '[]')
                              from app.meeting_people w where w.meeting_id = m.id and w.removed_at is null))
                    order by coalesce(m.held_on, m.planned_on), m.made_at), '[]')
             from app.meetings m where m.case_id = $1) as "meetings!: Json<Vec<MeetingRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'meeting', a.meeting_id, 'words', a.words,
                    'owner', a.owner_name, 'due_on', a.due_on) order by a.due_on, a.position), '[]')
             from app.meeting_actions a where a.case_id = $1 and a.done_on is null and a.removed_at is null)
                as "actions!: Json<Vec<ActionRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'kind', s.kind, 'sessions_a_week', s.sessions_a_week,
                    'starts_on', s.starts_on, 'review_on', s.review_on, 'ended_on', s.ended_on,
                    'prioritised', s.school_agreed_on is not null and s.service_agreed_on is not null,
                    'unanswered', s.school_agreed_on is not null and s.service_agreed_on is null
                                  and s.service_declined_on is null,
                    'declined', s.service_declined_on is not null,
                    'sessions', (select coalesce(jsonb_agg(jsonb_build_array(x.on_date, x.delivered) order by x.on_date), '[]')
                                 from app.support_sessions x where x.support_id = s.id
                                   and not exists (select 1 from app.support_sessions y where y.replaces = x.id))) order by s.starts_on, s.made_at), '[]')
             from app.supports s where s.case_id = $1) as "support!: Json<Vec<SupportRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'on', i.happened_on, 'seriousness', i.seriousness)
                    order by i.happened_on, i.recorded_at), '[]')
             from app.incidents i where i.school_id = $2 and i.pupil_id = $3) as "incidents!: Json<Vec<IncidentRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('on', d.on_date, 'recorded', d.recorded,
                    'excused', d.reason is not null) order by d.on_date), '[]')
             from app.days d where d.case_id = $1)
                as "days!: Json<Vec<DayRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('from_week_on', r.from_week_on, 'week_on', r.week_on,
                    'overall', r.overall, 'rated', jsonb_array_length(r.ratings), 'signed_on', r.signed_on,
                    'services', cardinality(r.services)) order by r.week_on), '[]')
             from (select distinct on (week_on) * from app.weekly_reviews where school_id = $2 and case_id = $1
                   order by week_on, version desc) r) as "reviews!: Json<Vec<ReviewRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('week_on', f.week_on, 'contact', f.contact_id,
                    'reached', f.reached, 'on', f.given_on) order by f.given_at), '[]')
             from app.feedback f where f.case_id = $1) as "feedback!: Json<Vec<FeedbackRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name,
                    'parental_responsibility', c.parental_responsibility, 'no_contact', c.no_contact,
                    'reachable', c.phone is not null or c.email is not null or c.address is not null)
                    order by c.contact_order, c.name), '[]')
             from app.contacts c where c.school_id = $2 and c.pupil_id = $3 and c.removed_at is null)
                as "contacts!: Json<Vec<ContactRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'considered', a.considered, 'status', a.status,
                    'words', a.plan, 'route', a.route, 'last_resort', a.last_resort, 'starts_on', a.starts_on,
                    'review_on', a.review_on, 'ends_on', a.ends_on) order by a.made_at), '[]')
             from app.alternatives a where a.case_id = $1
               and a.entered_on = (select max(s.entered_on) from app.case_stages s where s.school_id = $2
                                 and s.case_id = $1 and s.stage = 3))
                as "alternatives!: Json<Vec<AlternativeRow>>",
            (select coalesce(jsonb_agg(jsonb_build_object('contact', g.contact_id, 'kind', a.kind, 'answer', g.answer,
                    'asked_on', g.asked_on, 'ask_again_on', g.ask_again_on) order by g.recorded_at, g.id), '[]')
             from app.agreements g join app.alternatives a on a.id = g.alternative_id where g.case_id = $1
               and a.entered_on = (select max(s.entered_on) from app.case_stages s where s.school_id = $2
                                 and s.case_id = $1 and s.stage = 3))
                as "agreements!: Json<Vec<AgreementRow>>",
            (select jsonb_build_object('transfer', t.state, 'panel',
                    (select jsonb_build_array(p.papers_close_on, p.meets_on) from app.panels p
                     where p.authority_id = (select app.authority()) and p.cancelled_on is null
                       and (p.id = (t.state->'state'->>'panel')::uuid
                            or (t.state->'state'->>'panel' is null and p.papers_close_on >= $4))
                     order by p.papers_close_on, p.id limit 1))
             from app.transfers t where t.case_id = $1 and t.school_id = $2
             order by t.standing in ('closed', 'withdrawn'), t.opened_at desc, t.id desc limit 1) as "transfer: Json<TransferRow>",
            (select coalesce(jsonb_agg(jsonb_build_object('decided_on', d.decided_on, 'notice_on', d.notice_on,
                    'starts_on', d.starts_on, 'ends_on', d.ends_on, 'ended_on', d.ended_on, 'ended_as', d.ended_as,
                    'reviews', (select coalesce(jsonb_agg(r.held_on order by r.held_on), '[]')
                                from app.direction_reviews r where r.direction_id = d.id and r.school_id = $2),
                    'asked', (select coalesce(jsonb_agg(q.asked_on order by q.asked_on), '[]')
                              from app.direction_requests q where q.direction_id = d.id and q.school_id = $2
                                and q.refused_why is null
                                and not exists (select from app.direction_reviews r where r.direction_id = d.id
                                                and r.school_id = $2 and r.held_on >= q.asked_on)))
                    order by d.starts_on), '[]')
             from app.directions d where d.case_id = $1 and d.school_id = $2)
                as "directions!: Json<Vec<DirectionRow>>",
            (select p.proposed_on from app.proposals p where p.case_id = $1 and p.answer is null) as proposed_on,
            (select jsonb_build_array(q.due_on, u.name) from app.update_requests q join app.users u on u.id = q.asked_by
             where q.case_id = $1 and q.answer is null) as "update_asked: Json<(Day, String)>",
            (select coalesce(jsonb_agg(distinct r->>'clause'), '[]')
             from app.case_decisions d, jsonb_array_elements(d.requirements) r
             where d.school_id = $2 and d.case_id = $1 and r->>'class' = 'should' and r->>'met' = 'false'
               and not d.reasons ? (r->>'clause')) as "unexplained!: Json<Vec<String>>",
            exists (select from app.enrolments e where e.school_id = $2 and e.pupil_id = $3 and e.from_on <= $4
                    and (e.to_on is null or e.to_on >= $4)) as "enrolled!",
            (select s.takes_part from app.schools s where s.id = $2) as "takes_part!",
            (select o.id from app.cases o where o.pupil_id = $3 and o.closed_on is null and o.id <> $1)
                as "open_case: CaseId",
            (select count(*) from app.case_strategies s where s.school_id = $2 and s.case_id = $1
               and s.kind = 'school_support') as "strategies!",
            (select count(*) from app.case_strategies s where s.school_id = $2 and s.case_id = $1
               and s.kind = 'service_advice') as "advice!",
            (select count(*) from app.case_strategies s where s.school_id = $2 and s.case_id = $1
               and s.kind = 'service_advice' and s.outcome is null) as "advice_open!",
            (select u.name from app.grants g join app.users u on u.id = g.user_id
             where g.school_id = $2 and g.role = 'headteacher' and g.from_on <= $4
               and (g.to_on is null or g.to_on >= $4) and u.disabled_at is null order by g.from_on limit 1) as head,
            -- Who looks after the case, or else the first who is assigned to the school.
            (select u.name from app.grants g join app.users u on u.id = g.user_id
             left join app.case_representatives r on r.user_id = u.id and r.case_id = $1 and r.to_on is null
             where (g.school_id = $2 or r.case_id is not null) and g.role = 'la_representative' and g.from_on <= $4
               and (g.to_on is null or g.to_on >= $4) and u.disabled_at is null
             order by r.case_id is null, g.from_on limit 1) as la_representative"#,
        case.id as CaseId,
        case.school as SchoolId,
        case.pupil.uuid(),
        today
    )
    .fetch_one(&mut *conn)
    .await?;
    let exclusions = exclusions::of_pupil(conn, case.pupil, case.school, Some(case.id)).await?;
    let history: Vec<_> = row.events.0.into_iter().map(|row| (row.event, row.on.0)).collect();
    let state = CaseState::replay(history.iter().map(|(event, on)| (event, *on)))
        .map_err(|error| DbError::Other(sqlx::Error::Decode(format!("case {}: {error}", case.id).into())))?;
    let extended = match state {
        CaseState::Open { extended_until, .. } => extended_until,
        CaseState::None | CaseState::Ended { .. } => None,
    };
    let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let facts = Facts {
        pupil: PupilFacts {
            year: case.year(today),
            enrolled: row.enrolled,
            school_takes_part: row.takes_part,
            open_case: row.open_case.map(|case| (case, true)),
        },
        opening: OpeningFacts {
            rationale: !case.rationale.is_empty(),
            strategies: count(row.strategies),
            advice: count(row.advice),
            advice_open: count(row.advice_open),
            note_before: case.note_before.is_some(),
            parents_know: case.note_before.is_some(),
        },
        lead: Some((case.lead, case.lead_name.clone())),
        la_representative: row.la_representative,
        head: row.head,
        decides,
        targets: row
            .targets
            .0
            .into_iter()
            .map(|t| TargetFact {
                words: t.words,
                starts_on: t.starts_on.0,
                due_on: target::due(t.due_on.0, extended),
                written_on: t.written_on.0,
                rating: t.rating,
            })
            .collect(),
        earlier_targets: row.earlier_targets.0.into_iter().map(|(from, to)| (from.0, to.0)).collect(),
        steps: row
            .steps
            .0
            .into_iter()
            .map(|s| StepFact { step: s.step, stage: s.stage, on: s.on.0 })
            .collect(),
        meetings: row.meetings.0.into_iter().map(|m| (m.id, meeting(m))).collect(),
        actions: row
            .actions
            .0
            .into_iter()
            .map(|a| ActionFact {
                id: a.id,
                meeting: a.meeting,
                words: a.words,
                owner: a.owner,
                due_on: a.due_on.0,
            })
            .collect(),
        support: row.support.0.into_iter().map(|s| (s.id, support(s))).collect(),
        incidents: row
            .incidents
            .0
            .into_iter()
            .map(|i| IncidentFact { id: i.id, on: i.on.0, seriousness: i.seriousness })
            .collect(),
        days: row
            .days
            .0
            .into_iter()
            .map(|d| DayFact { on: d.on.0, recorded: d.recorded, excused: d.excused })
            .collect(),
        reviews: row
            .reviews
            .0
            .into_iter()
            .map(|r| ReviewFact {
                from_week_on: r.from_week_on.0,
                week_on: r.week_on.0,
                overall: r.overall,
                rated: r.rated,
                signed_on: r.signed_on.0,
                services: r.services,
            })
            .collect(),
        feedback: row
            .feedback
            .0
            .into_iter()
            .map(|f| FeedbackFact {
                week_on: f.week_on.0,
                contact: f.contact,
                reached: f.reached,
                on: f.on.0,
            })
            .collect(),
        contacts: row
            .contacts
            .0
            .into_iter()
            .map(|c| ContactFact {
                id: c.id,
                name: c.name,
                parental_responsibility: c.parental_responsibility,
                no_contact: c.no_contact,
                reachable: c.reachable,
            })
            .collect(),
        alternatives: row.alternatives.0.into_iter().map(alternative).collect(),
        agreements: row.agreements.0.into_iter().map(agreement).collect(),
        proposed_on: row.proposed_on,
        update_asked: row.update_asked.map(|Json((due_on, by))| (due_on.0, by)),
        unexplained: row.unexplained.0,
        exclusions,
        placement: PlacementFacts {
            panel: row.transfer.as_ref().and_then(|row| row.panel).map(|(close, meets)| (close.0, meets.0)),
            transfer: row.transfer.map(|Json(row)| row.transfer),
            directions: row.directions.0.into_iter().map(direction).collect(),
        },
    };
    Ok((state, facts))
}

fn meeting(row: MeetingRow) -> MeetingFact {
    MeetingFact {
        kind: row.kind,
        stage: row.stage,
        planned_on: row.planned_on.0,
        held_on: row.held_on.map(|day| day.0),
        cancelled: row.cancelled,
        final_on: row.final_on.map(|day| day.0),
        minutes: row.minutes,
        people: row.people,
        asked: row.asked,
    }
}

fn alternative(row: AlternativeRow) -> AlternativeFact {
    let plan = match (row.words, row.starts_on, row.review_on) {
        (Some(words), Some(starts_on), Some(review_on)) => Some(Plan {
            words,
            route: row.route,
            last_resort: row.last_resort,
            starts_on: starts_on.0,
            review_on: review_on.0,
            ends_on: row.ends_on.map(|day| day.0),
        }),
        _ => None,
    };
    AlternativeFact { kind: row.kind, considered: row.considered, status: row.status, plan }
}

fn agreement(row: AgreementRow) -> AgreementFact {
    AgreementFact {
        contact: row.contact,
        kind: row.kind,
        answer: row.answer,
        asked_on: row.asked_on.0,
        ask_again_on: row.ask_again_on.map(|day| day.0),
    }
}

fn direction(row: DirectionRow) -> Direction {
    let days = |days: Vec<Day>| days.into_iter().map(|day| day.0).collect();
    Direction {
        decided_on: row.decided_on.0,
        notice_on: row.notice_on.map(|day| day.0),
        starts_on: row.starts_on.0,
        ends_on: row.ends_on.0,
        ended: row.ended_on.map(|day| day.0).zip(row.ended_as),
        reviews: days(row.reviews),
        asked: days(row.asked),
    }
}

fn support(row: SupportRow) -> SupportFact {
    SupportFact {
        kind: row.kind,
        sessions_a_week: row.sessions_a_week,
        starts_on: row.starts_on.0,
        review_on: row.review_on.0,
        ended_on: row.ended_on.map(|day| day.0),
        prioritised: row.prioritised,
        unanswered: row.unanswered,
        declined: row.declined,
        sessions: row.sessions.into_iter().map(|(day, delivered)| (day.0, delivered)).collect(),
    }
}
