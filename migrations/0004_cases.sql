-- Why: a case is one pupil's time on the programme at one school (domain 7, T.01). A stage is a row, so
-- who, when and how long come free; the current stage, last marked day and the week's totals stand beside
-- the case because every list shows them.

-- Every number the programme leaves open, as versioned data (G.01). A case keeps the version it began under.
create table app.policies (
    id uuid constraint policies_pk primary key,
    authority_id uuid not null constraint policies_authority references app.authorities (id),
    version integer not null,
    effective_on date not null,
    settings jsonb not null,
    source text not null,
    constraint policies_version_key unique (authority_id, version),
    constraint policies_authority_key unique (authority_id, id)
);

create table app.cases (
    id uuid constraint cases_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    enrolment_id uuid not null,
    policy_id uuid not null,
    -- What people say on the telephone: "case 10342".
    number bigint generated always as identity (start with 10001),
    opened_on date not null,
    opened_at timestamptz not null,
    opened_by uuid not null,
    -- R1.04: why this pupil is among those at highest risk.
    rationale text not null,
    closed_on date,
    -- Kept by the writing transaction.
    stage smallint not null constraint cases_stage check (stage between 1 and 3),
    lead_id uuid not null,
    sort_name text not null,
    last_marked_on date,
    week_on date,
    week_points integer not null default 0,
    week_possible integer not null default 0,
    constraint cases_enrolment foreign key (authority_id, school_id, pupil_id, enrolment_id)
        references app.enrolments (authority_id, school_id, pupil_id, id),
    constraint cases_policy foreign key (authority_id, policy_id) references app.policies (authority_id, id),
    constraint cases_lead foreign key (authority_id, lead_id) references app.users (authority_id, id),
    constraint cases_key unique (authority_id, school_id, id),
    constraint cases_days check (closed_on is null or closed_on >= opened_on)
);
-- A16: one open case per pupil in the authority.
create unique index cases_one_open on app.cases (authority_id, pupil_id) where closed_on is null;
create index cases_open_by_school on app.cases (school_id, sort_name, id) where closed_on is null;
create index cases_open_by_authority on app.cases (authority_id, sort_name, id) where closed_on is null;
create index cases_closed_by_school on app.cases (school_id, sort_name, id) where closed_on is not null;
create index cases_by_pupil on app.cases (pupil_id);

create table app.case_stages (
    id uuid constraint case_stages_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    stage smallint not null constraint case_stages_stage check (stage between 1 and 3),
    entered_on date not null,
    entered_at timestamptz not null,
    entered_by uuid not null,
    left_on date,
    constraint case_stages_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_stages_days check (left_on is null or left_on >= entered_on)
);
create unique index case_stages_one_now on app.case_stages (case_id) where left_on is null;
create index case_stages_by_school on app.case_stages (school_id, case_id);

-- S1.01: who leads the case, from when to when.
create table app.case_leads (
    id uuid constraint case_leads_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    user_id uuid not null,
    from_on date not null,
    to_on date,
    named_at timestamptz not null,
    named_by uuid not null,
    constraint case_leads_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_leads_user foreign key (authority_id, user_id) references app.users (authority_id, id),
    constraint case_leads_days check (to_on is null or to_on >= from_on)
);
create unique index case_leads_one_now on app.case_leads (case_id) where to_on is null;
create index case_leads_by_school on app.case_leads (school_id, case_id);

-- R1.03: what the school had tried, and what support services had advised, before the case was opened.
create table app.case_strategies (
    id uuid constraint case_strategies_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null constraint case_strategies_kind check (kind in ('school_support', 'service_advice')),
    what text not null,
    -- When it ran, or which service advised.
    detail text,
    -- What came of it, or what was done about the advice; none: still open.
    outcome text,
    position smallint not null,
    constraint case_strategies_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index case_strategies_by_school on app.case_strategies (school_id, case_id);

-- Every decision the rules allowed, with the list as it stood and the reasons people gave.
create table app.case_decisions (
    id uuid constraint case_decisions_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    command text not null,
    decided_on date not null,
    decided_at timestamptz not null,
    decided_by uuid not null,
    requirements jsonb not null,
    reasons jsonb not null,
    constraint case_decisions_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index case_decisions_by_school on app.case_decisions (school_id, case_id);

-- A case shown to somebody outside the school, from one day to another. Nothing else shows it.
create table app.case_shares (
    id uuid constraint case_shares_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    pupil_id uuid not null,
    with_user uuid not null,
    why text not null,
    from_on date not null,
    to_on date,
    made_at timestamptz not null,
    made_by uuid not null,
    constraint case_shares_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_shares_user foreign key (authority_id, with_user) references app.users (authority_id, id),
    constraint case_shares_days check (to_on is null or to_on >= from_on)
);
create index case_shares_by_school on app.case_shares (school_id, case_id);
create index case_shares_by_user on app.case_shares (with_user);

alter table app.policies enable row level security;
create policy own_authority on app.policies for select using (authority_id = (select app.authority()));
grant select on app.policies to waymark_web;

alter table app.cases enable row level security;
create policy see on app.cases for select
    using (school_id = any ((select app.daily())::uuid[]) or id = any ((select app.shared_cases())::uuid[]));
create policy add on app.cases for insert with check (school_id = any ((select app.whole_write())::uuid[]));
-- Recording a day updates the case's own totals.
create policy change on app.cases for update using (school_id = any ((select app.daily_write())::uuid[]));
grant select, insert on app.cases to waymark_web;
grant update (stage, lead_id, sort_name, last_marked_on, week_on, week_points, week_possible, closed_on)
    on app.cases to waymark_web;

alter table app.case_stages enable row level security;
create policy see on app.case_stages for select
    using (school_id = any ((select app.daily())::uuid[]) or case_id = any ((select app.shared_cases())::uuid[]));
create policy add on app.case_stages for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.case_stages for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.case_stages to waymark_web;
grant update (left_on) on app.case_stages to waymark_web;

alter table app.case_leads enable row level security;
create policy see on app.case_leads for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.case_leads for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.case_leads for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.case_leads to waymark_web;
grant update (to_on) on app.case_leads to waymark_web;

alter table app.case_strategies enable row level security;
create policy see on app.case_strategies for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.case_strategies for insert with check (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.case_strategies to waymark_web;

alter table app.case_decisions enable row level security;
create policy see on app.case_decisions for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.case_decisions for insert with check (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.case_decisions to waymark_web;

alter table app.case_shares enable row level security;
create policy see on app.case_shares for select
    using (school_id = any ((select app.whole())::uuid[]) or with_user = (select app.actor()));
create policy add on app.case_shares for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.case_shares for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.case_shares to waymark_web;
grant update (to_on) on app.case_shares to waymark_web;
