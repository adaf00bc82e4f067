-- Why: what Stages 1 and 2 of the programme ask to be done and remembered (domain 7, rows P2, S1, S2, G): how a
-- case came to its stage, what was recorded for each clause, incidents, meetings with their minutes, support,
-- weekly reviews, feedback to parents, moves proposed to the headteacher, and what the headteacher was told.

-- ---------------------------------------------------------------------------------------------------
-- A case: how it entered (7.2 A1, A17), how it ended (S1.14, A17, A19, A20), and the episode before it.
alter table app.cases
    add column entry_stage smallint not null default 1 constraint cases_entry_stage check (entry_stage between 1 and 3),
    add column entry_reason text not null default 'concern' constraint cases_entry_reason
        check (entry_reason in ('concern', 'serious_incident', 'continuation')),
    add column ended_as text constraint cases_ended_as
        check (ended_as in ('progress', 'moved_out', 'left', 'excluded', 'opened_in_error')),
    -- Once the targets' dates were moved on together: how often (S1.14).
    add column extensions smallint not null default 0 constraint cases_extensions check (extensions >= 0),
    -- The day they were moved on to, while the case is at the stage it happened at.
    add column extended_until date,
    -- A17, a continuation: what the school before passed on, and that the parents know.
    add column note_before text,
    add column parents_know boolean not null default false,
    add constraint cases_continuation
        check (entry_reason <> 'continuation' or (note_before is not null and parents_know)),
    -- The latest case of the pupil that ended before this one began: S1.14, re-entry is a new episode.
    add column before_id uuid constraint cases_before references app.cases (id);
grant update (ended_as, extensions, extended_until) on app.cases to waymark_web;
-- Which cases of a school are open, in the order they were made.
create index cases_open on app.cases (school_id, id) where not closed;
create index cases_ended_by_pupil on app.cases (authority_id, pupil_id, closed_on);

alter table app.case_stages
    add column reason text not null default 'concern' constraint case_stages_reason check (reason in ('concern',
        'serious_incident', 'continuation', 'not_improving', 'escalation', 'step_down', 'reopened'));

-- Decisions are the case's history: each holds what happened as data, so that replaying them from the first
-- gives the state the case is in.
alter table app.case_decisions
    add column seq integer not null default 1,
    add column event jsonb not null default '{"event": "opened", "stage": 1, "reason": "concern"}',
    add column words text,
    add constraint case_decisions_seq_key unique (case_id, seq);
alter table app.case_decisions alter column seq drop default, alter column event drop default;

-- ---------------------------------------------------------------------------------------------------
-- Incidents. Other pupils are references, never names in the text.
create table app.incidents (
    id uuid constraint incidents_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    enrolment_id uuid not null,
    -- None: before any case was open.
    case_id uuid,
    happened_on date not null,
    happened_at time,
    place text not null constraint incidents_place check (place <> ''),
    what text not null constraint incidents_what check (what <> ''),
    seriousness text not null constraint incidents_seriousness check (seriousness in ('concern', 'serious', 'very_serious')),
    followed text,
    version integer not null default 1,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint incidents_enrolment foreign key (authority_id, school_id, pupil_id, enrolment_id)
        references app.enrolments (authority_id, school_id, pupil_id, id),
    constraint incidents_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint incidents_key unique (authority_id, school_id, id)
);
create index incidents_by_school on app.incidents (school_id, pupil_id, happened_on);
create index incidents_by_case on app.incidents (case_id);

-- What an incident's account said before it was corrected.
create table app.incident_versions (
    authority_id uuid not null,
    school_id uuid not null,
    incident_id uuid not null,
    version integer not null,
    happened_on date not null,
    happened_at time,
    place text not null,
    what text not null,
    seriousness text not null,
    followed text,
    written_at timestamptz not null,
    written_by uuid not null,
    constraint incident_versions_pk primary key (incident_id, version),
    constraint incident_versions_incident foreign key (authority_id, school_id, incident_id)
        references app.incidents (authority_id, school_id, id)
);
create index incident_versions_by_school on app.incident_versions (school_id, incident_id);

create table app.incident_people (
    authority_id uuid not null,
    school_id uuid not null,
    incident_id uuid not null,
    position smallint not null,
    part text not null constraint incident_people_part check (part in ('involved', 'harmed', 'saw')),
    -- A pupil of the school, or somebody described without a name ("Pupil A", "a teacher").
    pupil_id uuid,
    described text,
    removed_at timestamptz,
    constraint incident_people_pk primary key (incident_id, position),
    constraint incident_people_incident foreign key (authority_id, school_id, incident_id)
        references app.incidents (authority_id, school_id, id),
    constraint incident_people_pupil foreign key (authority_id, pupil_id) references app.pupils (authority_id, id),
    constraint incident_people_one check ((pupil_id is null) <> (described is null))
);
create index incident_people_by_school on app.incident_people (school_id, incident_id);

-- ---------------------------------------------------------------------------------------------------
-- What was recorded for a clause: a step. The kind says which, the details are that kind's own fields. Steps are
-- only added; a correction names the step it stands in for.
create table app.case_steps (
    id uuid constraint case_steps_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null constraint case_steps_kind check (kind in ('early_help', 'explanation', 'leaflet',
        'parenting_contract', 'restorative', 'recognition', 'sanctions_advised', 'outcomes_reminded',
        'stage_3_considered', 'participation', 'services', 'aftercare', 'not_applicable')),
    stage smallint not null constraint case_steps_stage check (stage between 1 and 3),
    on_date date not null,
    details jsonb not null,
    incident_id uuid,
    replaces uuid,
    recorded_on date not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint case_steps_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_steps_incident foreign key (authority_id, school_id, incident_id)
        references app.incidents (authority_id, school_id, id),
    constraint case_steps_key unique (authority_id, school_id, case_id, id),
    constraint case_steps_replaces foreign key (authority_id, school_id, case_id, replaces)
        references app.case_steps (authority_id, school_id, case_id, id),
    constraint case_steps_past check (on_date <= recorded_on)
);
create unique index case_steps_replaced_once on app.case_steps (replaces) where replaces is not null;
create index case_steps_by_school on app.case_steps (school_id, case_id);
create index case_steps_by_case on app.case_steps (case_id);

-- ---------------------------------------------------------------------------------------------------
-- Meetings (S1.02, S1.06, S2.01, S2.05). Minutes are final once signed off; afterwards only addenda.
create table app.meetings (
    id uuid constraint meetings_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null constraint meetings_kind
        check (kind in ('stage_1', 'stage_2', 'stage_3', 'restorative', 'mediation', 'review')),
    stage smallint not null constraint meetings_stage check (stage between 1 and 3),
    planned_on date not null,
    starts_at time not null,
    ends_at time not null,
    place text not null constraint meetings_place check (place <> ''),
    held_on date,
    cancelled_on date,
    cancelled_why text,
    -- What each kind of meeting must settle; see domain::meeting.
    minutes jsonb not null default '{}',
    next_review_on date,
    final_on date,
    final_at timestamptz,
    final_by uuid,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint meetings_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint meetings_key unique (authority_id, school_id, case_id, id),
    constraint meetings_times check (starts_at < ends_at),
    constraint meetings_final check (final_on is null or held_on is not null),
    constraint meetings_cancelled check (cancelled_on is null or (held_on is null and cancelled_why is not null))
);
create index meetings_by_school on app.meetings (school_id, case_id);
create index meetings_by_case on app.meetings (case_id);

create table app.meeting_people (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    meeting_id uuid not null,
    position smallint not null,
    part text not null constraint meeting_people_part check (part in ('pupil', 'parent', 'lead', 'staff', 'headteacher',
        'la_representative', 'support_service', 'interpreter', 'other')),
    name text not null constraint meeting_people_name check (name <> ''),
    user_id uuid,
    contact_id uuid,
    invited_on date,
    attendance text constraint meeting_people_attendance
        check (attendance in ('present', 'video', 'apologies', 'did_not_come')),
    removed_at timestamptz,
    constraint meeting_people_pk primary key (meeting_id, position),
    constraint meeting_people_meeting foreign key (authority_id, school_id, case_id, meeting_id)
        references app.meetings (authority_id, school_id, case_id, id),
    constraint meeting_people_user foreign key (authority_id, user_id) references app.users (authority_id, id)
);
create index meeting_people_by_school on app.meeting_people (school_id, case_id);

create table app.meeting_actions (
    id uuid constraint meeting_actions_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    meeting_id uuid not null,
    position smallint not null,
    words text not null constraint meeting_actions_words check (words <> ''),
    -- Who owes it: somebody with an account, or a name.
    owner_id uuid,
    owner_name text not null,
    due_on date not null,
    done_on date,
    done_at timestamptz,
    done_by uuid,
    outcome text,
    removed_at timestamptz,
    constraint meeting_actions_meeting foreign key (authority_id, school_id, case_id, meeting_id)
        references app.meetings (authority_id, school_id, case_id, id),
    constraint meeting_actions_owner foreign key (authority_id, owner_id) references app.users (authority_id, id),
    constraint meeting_actions_done check ((done_on is null) = (done_by is null))
);
create index meeting_actions_by_school on app.meeting_actions (school_id, case_id);
create index meeting_actions_by_case on app.meeting_actions (case_id);

create table app.meeting_addenda (
    id uuid constraint meeting_addenda_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    meeting_id uuid not null,
    words text not null constraint meeting_addenda_words check (words <> ''),
    written_at timestamptz not null,
    written_by uuid not null,
    constraint meeting_addenda_meeting foreign key (authority_id, school_id, case_id, meeting_id)
        references app.meetings (authority_id, school_id, case_id, id)
);
create index meeting_addenda_by_school on app.meeting_addenda (school_id, case_id);

-- ---------------------------------------------------------------------------------------------------
-- Support (R1.02, P2.02, S1.07): the key elements of the programme as a catalogue.
create table app.supports (
    id uuid constraint supports_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null constraint supports_kind check (kind in ('supported_transfer', 'mentor', 'learning_support_unit',
        'collaborative_resources', 'restorative', 'mediation', 'internal_exclusion', 'flexible_ks4', 'joint_planning',
        'behaviour_support', 'other')),
    purpose text not null constraint supports_purpose check (purpose <> ''),
    provider text not null constraint supports_provider check (provider <> ''),
    -- Who gives it: somebody with an account, or a name.
    lead_id uuid,
    lead_name text not null,
    sessions_a_week smallint not null constraint supports_sessions check (sessions_a_week between 0 and 25),
    starts_on date not null,
    ends_on date,
    review_on date not null,
    -- P2.02: priority shows once school and service have both agreed to it.
    priority boolean not null default false,
    school_agreed_on date,
    school_agreed_by uuid,
    service_agreed_on date,
    service_agreed_by uuid,
    service_declined_on date,
    service_words text,
    -- When the service answered, and who did.
    service_answered_at timestamptz,
    service_answered_by uuid,
    ended_on date,
    effect text constraint supports_effect check (effect in ('helped', 'helped_some', 'no_change', 'worse')),
    ended_why text,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint supports_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint supports_lead foreign key (authority_id, lead_id) references app.users (authority_id, id),
    constraint supports_key unique (authority_id, school_id, case_id, id),
    constraint supports_days check ((ends_on is null or ends_on >= starts_on) and (ended_on is null or ended_on >= starts_on)),
    constraint supports_ended check ((ended_on is null) = (effect is null)),
    constraint supports_answer check (service_agreed_on is null or service_declined_on is null)
);
create index supports_by_school on app.supports (school_id, case_id);
create index supports_by_case on app.supports (case_id);

create table app.support_sessions (
    id uuid constraint support_sessions_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    support_id uuid not null,
    on_date date not null,
    delivered boolean not null,
    why_not text,
    note text,
    -- A correction names the session it stands in for; a session that is replaced no longer counts.
    replaces uuid,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint support_sessions_support foreign key (authority_id, school_id, case_id, support_id)
        references app.supports (authority_id, school_id, case_id, id),
    constraint support_sessions_key unique (authority_id, school_id, case_id, support_id, id),
    constraint support_sessions_replaces foreign key (authority_id, school_id, case_id, support_id, replaces)
        references app.support_sessions (authority_id, school_id, case_id, support_id, id),
    constraint support_sessions_why check (delivered or why_not is not null)
);
create index support_sessions_by_school on app.support_sessions (school_id, case_id);
create index support_sessions_by_support on app.support_sessions (support_id, on_date);
create unique index support_sessions_replaced_once on app.support_sessions (replaces) where replaces is not null;

-- ---------------------------------------------------------------------------------------------------
-- Weekly review (S1.13) and weekly feedback (S1.12). A correction is a new version; the figures are those of the
-- moment it was signed.
create table app.weekly_reviews (
    id uuid constraint weekly_reviews_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    week_on date not null constraint weekly_reviews_monday check (extract(isodow from week_on) = 1),
    -- The first week it speaks for: weeks with fewer than two expected days may be merged into the next.
    from_week_on date not null,
    version integer not null,
    figures jsonb not null,
    ratings jsonb not null,
    overall text not null constraint weekly_reviews_overall check (overall in ('green', 'amber', 'red')),
    overall_why text,
    suggestion text not null constraint weekly_reviews_suggestion check (suggestion in ('on_track', 'watch',
        'not_responding', 'ready_to_exit', 'cannot_tell', 'support_not_delivered')),
    went_well text,
    next_steps text not null constraint weekly_reviews_next check (next_steps <> ''),
    services text[] not null,
    services_words text,
    signed_on date not null,
    signed_at timestamptz not null,
    signed_by uuid not null,
    constraint weekly_reviews_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint weekly_reviews_version unique (case_id, week_on, version),
    constraint weekly_reviews_weeks check (from_week_on <= week_on and extract(isodow from from_week_on) = 1)
);
create index weekly_reviews_by_school on app.weekly_reviews (school_id, case_id);

create table app.feedback (
    id uuid constraint feedback_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    week_on date not null constraint feedback_monday check (extract(isodow from week_on) = 1),
    contact_id uuid not null,
    how text not null constraint feedback_how check (how in ('in_person', 'phone', 'letter', 'email', 'text')),
    language text,
    words text not null,
    figures jsonb not null,
    given_on date not null,
    given_at timestamptz not null,
    given_by uuid not null,
    -- What the parent said back, or that nobody was reached.
    reached boolean not null,
    answer text,
    constraint feedback_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index feedback_by_school on app.feedback (school_id, case_id);
create index feedback_by_case on app.feedback (case_id, week_on);

-- ---------------------------------------------------------------------------------------------------
-- Moves: the lead proposes, the headteacher (or somebody they named) decides (7.2 A8).
create table app.proposals (
    id uuid constraint proposals_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    command jsonb not null,
    reasons jsonb not null,
    words text not null constraint proposals_words check (words <> ''),
    proposed_on date not null,
    proposed_at timestamptz not null,
    proposed_by uuid not null,
    -- Overtaken: another move was decided while it waited, so there is nothing left to answer.
    answer text constraint proposals_answer check (answer in ('confirmed', 'declined', 'withdrawn', 'overtaken')),
    answer_words text,
    answered_on date,
    answered_at timestamptz,
    answered_by uuid,
    constraint proposals_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint proposals_answered check ((answer is null) = (answered_by is null))
);
create unique index proposals_one_open on app.proposals (case_id) where answer is null;
create index proposals_by_school on app.proposals (school_id, case_id);

-- P2.01: what the headteacher was told, and when they opened it.
create table app.head_notices (
    id uuid constraint head_notices_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null constraint head_notices_kind check (kind in ('opened', 'moved', 'stepped_down', 'extended', 'exited',
        'closed', 'reopened', 'proposed', 'feedback_missed')),
    made_on date not null,
    made_at timestamptz not null,
    seen_at timestamptz,
    seen_by uuid,
    constraint head_notices_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint head_notices_seen check ((seen_at is null) = (seen_by is null))
);
create index head_notices_by_school on app.head_notices (school_id, made_at desc);

-- ---------------------------------------------------------------------------------------------------
-- Policy versions are published on screen, with a reason (G.01).
alter table app.policies
    add column reason text,
    add column published_on date,
    add column published_at timestamptz,
    add column published_by uuid,
    add constraint policies_effective check (published_on is null or effective_on >= published_on);

-- A headteacher names somebody who confirms stage moves in their place. One who is taken back before their first
-- day has the day before it for their last.
alter table app.grants drop constraint grants_role, drop constraint grants_school_role, drop constraint grants_days,
    drop constraint grants_once;
alter table app.grants
    add constraint grants_days check (to_on is null or to_on >= from_on
        or (role = 'head_delegate' and to_on = from_on - 1)),
    add constraint grants_once exclude using gist (user_id with =, role with =,
        (coalesce(school_id, '00000000-0000-0000-0000-000000000000')) with =, daterange(from_on, to_on + 1, '[)') with &&),
    add constraint grants_role check (role in ('school_lead', 'staff', 'headteacher', 'head_delegate',
        'la_representative', 'support_service', 'panel_member', 'la_administrator')),
    add constraint grants_school_role check (
        case when role in ('school_lead', 'staff', 'headteacher', 'head_delegate') then school_id is not null
             when role = 'la_representative' then true
             else school_id is null end);

-- ---------------------------------------------------------------------------------------------------
-- Walls.

-- Whether the actor administers the authority; begin_as says so below.
create function app.administers() returns boolean language sql stable parallel safe as
    $$ select coalesce(current_setting('app.administers', true), '') = 'yes' $$;
-- Schools of which the actor is headteacher.
create function app.heads() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.heads', true), '')::uuid[] $$;

do $$
declare
    place text := 'school_id = any ((select app.whole())::uuid[])';
    writing text := 'school_id = any ((select app.whole_write())::uuid[])';
    shared text := 'case_id = any ((select app.shared_cases())::uuid[])';
    t text;
begin
    foreach t in array array['incidents', 'incident_versions', 'incident_people', 'case_steps', 'meetings', 'meeting_people',
        'meeting_actions', 'meeting_addenda', 'supports', 'support_sessions', 'weekly_reviews', 'feedback', 'proposals',
        'head_notices']
    loop
        execute format('alter table app.%I enable row level security', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
        execute format('create policy see on app.%I for select using (case when %s then true else false end)', t,
            case when t in ('supports', 'support_sessions') then place || ' or ' || shared else place end);
        execute format('create policy add on app.%I for insert with check (%s)', t,
            case t when 'support_sessions' then writing || ' or ' || shared
                   -- S1.04: the LA representative records the explanation they gave.
                   when 'case_steps' then writing || ' or (kind = ''explanation'' and ' || place || ')'
                   -- S1.12: that feedback was missed is found out by whoever looks first.
                   when 'head_notices' then writing || ' or (kind = ''feedback_missed'' and ' || place || ')'
                   else writing end);
    end loop;
    foreach t in array array['incidents', 'incident_people', 'meetings', 'meeting_actions', 'proposals', 'head_notices'] loop
        execute format('create policy change on app.%I for update using (case when %s then true else false end)', t, writing);
    end loop;
    -- An LA representative says for themselves whether they were there.
    execute format('create policy change on app.meeting_people for update using (case when %s or (%s and user_id = (select app.actor())) then true else false end)',
        writing, place);
    execute format('create policy change on app.supports for update using (case when %s or %s then true else false end)',
        writing, shared);
end $$;

grant update (happened_on, happened_at, place, what, seriousness, followed, case_id, version, changed_at, changed_by)
    on app.incidents to waymark_web;
grant update (removed_at) on app.incident_people to waymark_web;
grant update (planned_on, starts_at, ends_at, place, held_on, cancelled_on, cancelled_why, minutes, next_review_on, final_on,
    final_at, final_by, version, changed_at, changed_by) on app.meetings to waymark_web;
grant update (attendance, invited_on, removed_at) on app.meeting_people to waymark_web;
grant update (done_on, done_at, done_by, outcome, removed_at) on app.meeting_actions to waymark_web;
grant update (purpose, provider, lead_id, lead_name, sessions_a_week, starts_on, ends_on, review_on, priority,
    school_agreed_on, school_agreed_by, service_agreed_on, service_agreed_by, service_declined_on, service_words,
    service_answered_at, service_answered_by, ended_on,
    effect, ended_why, version, changed_at, changed_by) on app.supports to waymark_web;
grant update (answer, answer_words, answered_on, answered_at, answered_by) on app.proposals to waymark_web;
grant update (seen_at, seen_by) on app.head_notices to waymark_web;

-- Minutes that are signed off are final, whoever asks.
create function app.final_minutes_stay() returns trigger language plpgsql as $$
begin
    if old.final_on is not null then
        raise exception 'signed minutes are corrected by an addendum';
    end if;
    return new;
end $$;
create trigger meetings_final_stay before update or delete on app.meetings
    for each row execute function app.final_minutes_stay();

-- An LA administrator publishes policy; nobody changes a version that was.
create policy publish on app.policies for insert
    with check (authority_id = (select app.authority()) and (select app.administers())
                and published_by = (select app.actor()));
grant insert on app.policies to waymark_web;
-- A headteacher names and ends their delegates, and no other role: never themselves, never without an end.
create policy delegate on app.grants for insert
    with check (authority_id = (select app.authority()) and role = 'head_delegate'
                and school_id = any ((select app.heads())::uuid[]) and made_by = (select app.actor())
                and user_id <> (select app.actor()) and to_on is not null);
create policy end_delegation on app.grants for update
    using (case when role = 'head_delegate' and school_id = any ((select app.heads())::uuid[]) then true else false end);
grant insert on app.grants to waymark_web;
grant update (to_on) on app.grants to waymark_web;
-- P2.01: that the headteacher opened a notice, only they themselves can say.
drop policy change on app.head_notices;
create policy change on app.head_notices for update
    using (case when school_id = any ((select app.heads())::uuid[]) then true else false end)
    with check (school_id = any ((select app.heads())::uuid[]) and seen_by = (select app.actor()));

-- How many open cases keep each version, for those who publish it and see no case: counts and nothing else.
create function app.cases_by_policy() returns table (policy_id uuid, cases bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.policy_id, count(*) from app.cases c
    where app.administers() and c.authority_id = app.authority() and not c.closed group by c.policy_id
$$;
-- R1.01: what came of the cases that began in the last `p_days` days before a day, in counts and days only. `avoided`:
-- a permanent exclusion was in view (Stage 3, or its consideration) and the case ended otherwise.
create function app.outcomes(p_today date, p_days integer) returns table (what text, cases bigint, days numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with c as (
        select c.* from app.cases c
        where app.administers() and c.authority_id = app.authority() and c.opened_on > p_today - p_days
    )
    select 'open', count(*), null::numeric from c where not closed
    union all select ended_as, count(*), null from c where ended_as is not null and ended_as <> 'opened_in_error' group by ended_as
    union all select 'avoided', count(*), null from c
              where ended_as in ('progress', 'left', 'moved_out')
                and (stage = 3 or exists (select from app.case_steps s where s.case_id = c.id and s.kind = 'stage_3_considered'))
    union all select 'stage_' || s.stage, count(distinct s.case_id), round(avg(coalesce(s.left_on, p_today) - s.entered_on))
              from c join app.case_stages s on s.case_id = c.id group by s.stage
$$;
revoke execute on function app.cases_by_policy(), app.outcomes(date, integer) from public;
grant execute on function app.outcomes(date, integer) to waymark_web;
grant execute on function app.cases_by_policy() to waymark_web;

-- What each case owes, reckoned at most once a day and again when anything it was reckoned from has changed. It holds
-- nothing that is not elsewhere. The row is there for as long as the case is, so that whoever reckons and whoever
-- changes wait for each other.
create table app.case_duties (
    case_id uuid constraint case_duties_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    -- None: to be reckoned anew.
    reckoned_on date,
    duties jsonb not null default '[]' constraint case_duties_list check (jsonb_typeof(duties) = 'array'),
    constraint case_duties_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index case_duties_by_school on app.case_duties (school_id);
insert into app.case_duties (case_id, authority_id, school_id) select id, authority_id, school_id from app.cases;
alter table app.case_duties enable row level security;
grant select, update (reckoned_on, duties) on app.case_duties to waymark_web;
create policy see on app.case_duties for select
    using (case when school_id = any ((select app.whole())::uuid[]) then true else false end);
-- Whoever sees the whole case sees everything it is reckoned from, so that what they reckon is right for all.
create policy change on app.case_duties for update
    using (case when school_id = any ((select app.whole())::uuid[]) then true else false end);

create function app.case_owes() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.case_duties (case_id, authority_id, school_id) select id, authority_id, school_id from changed;
    return null;
end $$;
create function app.owes_anew() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d set reckoned_on = null from changed
    where d.case_id = changed.case_id and d.reckoned_on is not null;
    return null;
end $$;
create function app.pupil_owes_anew() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d set reckoned_on = null from changed, app.cases c
    where c.pupil_id = changed.pupil_id and d.case_id = c.id and d.reckoned_on is not null;
    return null;
end $$;
create function app.school_owes_anew() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d set reckoned_on = null from changed
    where d.authority_id = changed.authority_id and (changed.school_id is null or d.school_id = changed.school_id)
      and d.reckoned_on is not null;
    return null;
end $$;
-- Another mark on a day that has some owes nothing new.
create function app.day_owes_anew() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d set reckoned_on = null from changed n, was o
    where o.case_id = n.case_id and o.on_date = n.on_date and d.case_id = n.case_id and d.reckoned_on is not null
      and (n.reason is distinct from o.reason or (n.recorded = 0) <> (o.recorded = 0));
    return null;
end $$;
revoke execute on function app.case_owes(), app.owes_anew(), app.pupil_owes_anew(), app.school_owes_anew(),
    app.day_owes_anew() from public;
create trigger owes after insert on app.cases referencing new table as changed
    for each statement execute function app.case_owes();
create trigger owes_anew_update after update on app.days referencing old table as was new table as changed
    for each statement execute function app.day_owes_anew();
do $$
declare t text; e text;
begin
    foreach t in array array['days', 'targets', 'case_steps', 'meetings', 'meeting_actions', 'supports', 'weekly_reviews',
        'feedback', 'proposals', 'case_decisions', 'known_absences', 'contacts', 'incidents', 'calendar_spans']
    loop
        foreach e in array array['insert', 'update', 'delete'] loop
            continue when t = 'days' and e = 'update';
            execute format('create trigger owes_anew_%s after %s on app.%I referencing %s table as changed
                            for each statement execute function app.%I()',
                e, e, t, case e when 'delete' then 'old' else 'new' end,
                case when t in ('contacts', 'incidents') then 'pupil_owes_anew' when t = 'calendar_spans'
                    then 'school_owes_anew' else 'owes_anew' end);
        end loop;
    end loop;
end $$;

-- As in 0001, and: which schools the actor is headteacher of, and whether they administer the authority.
create or replace function app.begin_as(p_token_hash bytea, p_now timestamptz, p_today date)
returns table (session_id uuid, user_id uuid, user_name text, email text, authority_id uuid, grants jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
    whole uuid[]; whole_write uuid[]; daily uuid[]; daily_write uuid[]; heads uuid[];
    shared_cases uuid[]; shared_pupils uuid[];
begin
    select x.id, x.user_id, x.seen_at, u.name, u.email, u.authority_id into s
    from app.sessions x join app.users u on u.id = x.user_id
    where x.token_hash = p_token_hash and x.ended_at is null and x.ends_at > p_now
      and x.seen_at > p_now - interval '30 minutes' and u.disabled_at is null;
    if not found then return; end if;
    if s.seen_at < p_now - interval '1 minute' then
        update app.sessions set seen_at = p_now where id = s.id and seen_at < p_now - interval '1 minute';
    end if;

    select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'school', g.school_id,
               'school_name', sc.name, 'from_on', g.from_on, 'to_on', g.to_on)), '[]'),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate', 'staff')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate',
                                                           'la_representative')),
           array_agg(g.school_id) filter (where g.role = 'headteacher')
    into grants, whole_write, daily_write, whole, heads
    from app.grants g left join app.schools sc on sc.id = g.school_id
    where g.user_id = s.user_id and g.from_on <= p_today and (g.to_on is null or g.to_on >= p_today);

    if grants @> '[{"role": "la_representative", "school": null}]' then
        whole := whole || array(select id from app.schools sc where sc.authority_id = s.authority_id);
    end if;
    whole := array_remove(whole, null);
    daily := whole || daily_write;

    if grants @> '[{"role": "support_service"}]' then
        select array_agg(case_id), array_agg(pupil_id) into shared_cases, shared_pupils
        from app.case_shares sh
        where sh.with_user = s.user_id and sh.from_on <= p_today and (sh.to_on is null or sh.to_on >= p_today);
    end if;

    perform set_config('app.actor', s.user_id::text, true),
            set_config('app.authority', s.authority_id::text, true),
            set_config('app.whole', coalesce(whole::text, ''), true),
            set_config('app.whole_write', coalesce(whole_write::text, ''), true),
            set_config('app.daily', coalesce(daily::text, ''), true),
            set_config('app.daily_write', coalesce(daily_write::text, ''), true),
            set_config('app.heads', coalesce(heads::text, ''), true),
            set_config('app.administers',
                case when grants @> '[{"role": "la_administrator"}]' then 'yes' else '' end, true),
            set_config('app.shared_cases', coalesce(shared_cases::text, ''), true),
            set_config('app.shared_pupils', coalesce(shared_pupils::text, ''), true);
    return query select s.id, s.user_id, s.name, s.email, s.authority_id, grants;
end $$;
revoke execute on function app.administers(), app.heads(), app.final_minutes_stay() from public;
grant execute on function app.administers(), app.heads() to waymark_web;

-- The history of cases that were made before decisions held events: one event for each stage, and the end.
create function app.backfill_decisions() returns void language sql set search_path = pg_catalog, pg_temp as $$
    insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                    requirements, reasons, seq, event)
    select gen_random_uuid(), h.authority_id, h.school_id, h.case_id, h.event->>'event', h.on_date, h.at, h.by_id, '[]', '{}',
           row_number() over (partition by h.case_id order by h.at, h.rank), h.event
    from (
        select s.authority_id, s.school_id, s.case_id, s.entered_on as on_date, s.entered_at as at, s.entered_by as by_id, 1 as rank,
               case when row_number() over w = 1
                        then jsonb_build_object('event', 'opened', 'stage', s.stage, 'reason', c.entry_reason)
                    when s.stage > lag(s.stage) over w
                        then jsonb_build_object('event', 'moved_up', 'to', s.stage, 'reason', 'escalation')
                    else jsonb_build_object('event', 'stepped_down', 'to', s.stage) end as event
        from app.case_stages s join app.cases c on c.id = s.case_id window w as (partition by s.case_id order by s.entered_at, s.entered_on)
        union all
        select c.authority_id, c.school_id, c.id, c.closed_on,
               greatest((select max(s.entered_at) from app.case_stages s where s.case_id = c.id),
                        c.closed_on::timestamp at time zone 'Europe/London'), c.opened_by, 2,
               case when coalesce(c.ended_as, 'progress') = 'progress' then jsonb_build_object('event', 'exited')
                    else jsonb_build_object('event', 'closed', 'ending', c.ended_as) end
        from app.cases c where c.closed_on is not null
    ) h
    where not exists (select from app.case_decisions d where d.case_id = h.case_id);
    update app.cases set ended_as = 'progress' where closed_on is not null and ended_as is null
$$;
revoke execute on function app.backfill_decisions() from public;
select app.backfill_decisions();
