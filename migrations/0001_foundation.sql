-- Why: the ground everything stands on. Who the authority, its schools and its people are, who may do
-- what and when, how a person is recognised on each request, and the two walls behind every query:
-- the role `waymark_web` owns nothing, and every table has row-level security.
--
-- The actor is set once per transaction by app.begin_as(); the policies only compare arrays it prepared.
-- Unset means nobody: every policy then answers no rows.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;

create schema app;
grant usage on schema app to waymark_web;

-- One row: what kind of database this is. A demo world is marked so when it is made (never later).
create table app.installation (
    only_one boolean not null default true constraint installation_pk primary key,
    demo boolean not null,
    made_at timestamptz not null,
    constraint installation_only_one check (only_one)
);
grant select on app.installation to waymark_web;

create table app.authorities (
    id uuid constraint authorities_pk primary key,
    name text not null,
    la_code text not null constraint authorities_la_code check (la_code ~ '^[0-9]{3}$'),
    -- How the panel that allocates places is called here (domain 7.2 A13).
    panel_name text not null default 'PRRP'
);

create table app.schools (
    id uuid constraint schools_pk primary key,
    authority_id uuid not null constraint schools_authority references app.authorities (id),
    name text not null constraint schools_name check (name <> ''),
    urn text not null constraint schools_urn check (urn ~ '^[0-9]{6}$'),
    establishment text not null constraint schools_establishment check (establishment ~ '^[0-9]{4}$'),
    phase text not null constraint schools_phase
        check (phase in ('secondary', 'all_through', 'utc', 'studio', 'alternative')),
    -- T.01: only schools that take part open cases.
    takes_part boolean not null default true,
    -- The school's own words for 0, 1 and 2 points.
    mark_words text[] not null default '{Not met,Partly met,Met}'
        constraint schools_mark_words check (cardinality(mark_words) = 3),
    goal_percent smallint not null default 80 constraint schools_goal check (goal_percent between 1 and 100),
    constraint schools_authority_key unique (authority_id, id),
    constraint schools_urn_key unique (authority_id, urn)
);

create table app.school_periods (
    authority_id uuid not null,
    school_id uuid not null,
    period smallint not null constraint school_periods_period check (period between 1 and 10),
    label text not null,
    starts_at time not null,
    ends_at time not null,
    constraint school_periods_pk primary key (school_id, period),
    constraint school_periods_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint school_periods_order check (starts_at < ends_at)
);

create table app.users (
    id uuid constraint users_pk primary key,
    authority_id uuid not null constraint users_authority references app.authorities (id),
    email text not null constraint users_email check (email = lower(email) and email like '%_@_%'),
    name text not null constraint users_name check (name <> ''),
    password_hash text,
    made_at timestamptz not null,
    disabled_at timestamptz,
    constraint users_email_key unique (email),
    constraint users_authority_key unique (authority_id, id)
);

-- A role somebody holds from one day to another. One person may hold several; ended rows stay.
create table app.grants (
    id uuid constraint grants_pk primary key,
    authority_id uuid not null,
    user_id uuid not null,
    role text not null constraint grants_role check (role in ('school_lead', 'staff', 'headteacher',
        'la_representative', 'support_service', 'panel_member', 'la_administrator')),
    school_id uuid,
    from_on date not null,
    to_on date,
    made_at timestamptz not null,
    made_by uuid,
    constraint grants_user foreign key (authority_id, user_id) references app.users (authority_id, id),
    constraint grants_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint grants_days check (to_on is null or to_on >= from_on),
    -- School roles need a school; an LA representative without one is assigned to every school.
    constraint grants_school_role check (
        case when role in ('school_lead', 'staff', 'headteacher') then school_id is not null
             when role = 'la_representative' then true
             else school_id is null end),
    constraint grants_once exclude using gist (user_id with =, role with =,
        (coalesce(school_id, '00000000-0000-0000-0000-000000000000')) with =, daterange(from_on, to_on, '[]') with &&)
);
create index grants_by_user on app.grants (user_id);
create index grants_by_school on app.grants (school_id, role);

-- Signed-in browsers. Only the hash of the cookie is kept.
create table app.sessions (
    id uuid constraint sessions_pk primary key,
    token_hash bytea not null constraint sessions_token check (octet_length(token_hash) = 32),
    user_id uuid not null constraint sessions_user references app.users (id),
    made_at timestamptz not null,
    seen_at timestamptz not null,
    -- Twelve hours after it was made, whatever happens.
    ends_at timestamptz not null,
    ended_at timestamptz,
    constraint sessions_token_key unique (token_hash)
);
create index sessions_by_user on app.sessions (user_id);

-- Tries to sign in, for the throttle (by account and by account-and-network, never by network alone).
create table app.sign_in_tries (
    id bigint generated always as identity constraint sign_in_tries_pk primary key,
    email text not null,
    network text not null,
    at timestamptz not null,
    succeeded boolean not null
);
create index sign_in_tries_by_email on app.sign_in_tries (email, at);
create index sign_in_tries_by_network on app.sign_in_tries (network, at);

-- Browsers an account has signed in from: they keep their own lane when a stranger guesses.
create table app.known_devices (
    user_id uuid not null constraint known_devices_user references app.users (id),
    token_hash bytea not null,
    seen_at timestamptz not null,
    constraint known_devices_pk primary key (user_id, token_hash)
);

-- What was in a form when the session under it had ended: kept for the same person for a day.
create table app.drafts (
    id uuid constraint drafts_pk primary key,
    user_id uuid not null constraint drafts_user references app.users (id),
    path text not null,
    fields jsonb not null,
    kept_at timestamptz not null
);
create index drafts_by_user on app.drafts (user_id);

-- One row per form that was acted on: pressing twice acts once.
create table app.form_keys (
    user_id uuid not null constraint form_keys_user references app.users (id),
    key uuid not null,
    fingerprint bytea not null,
    location text not null,
    used_at timestamptz not null,
    constraint form_keys_pk primary key (user_id, key)
);

-- Who did or saw what, as whom, about which children: one row per page or change, written in the
-- transaction that did it. Rows are only ever added.
create table app.audit_events (
    id bigint generated always as identity constraint audit_events_pk primary key,
    authority_id uuid not null,
    school_id uuid,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    actor uuid,
    acted_as text,
    action text not null,
    outcome text not null constraint audit_events_outcome check (outcome in ('allowed', 'refused')),
    subject uuid,
    pupils uuid[] not null default '{}',
    request uuid not null,
    facts jsonb
);
create index audit_events_by_school on app.audit_events (school_id, id);
create index audit_events_by_pupil on app.audit_events using gin (pupils);

create function app.audit_rows_stay() returns trigger language plpgsql as $$
begin
    raise exception 'audit rows are only ever added';
end $$;
create trigger audit_events_stay before update or delete or truncate on app.audit_events
    for each statement execute function app.audit_rows_stay();

-- ---------------------------------------------------------------------------------------------------
-- Who is asking. Set by begin_as for one transaction; empty or absent means nobody.

create function app.actor() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('app.actor', true), '')::uuid $$;
create function app.authority() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('app.authority', true), '')::uuid $$;
-- Schools whose pupils' whole record the actor may see (lead, headteacher, LA representative).
create function app.whole() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.whole', true), '')::uuid[] $$;
-- Schools whose whole record the actor may change (lead, headteacher).
create function app.whole_write() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.whole_write', true), '')::uuid[] $$;
-- Schools whose day sheets the actor may see (the above and staff).
create function app.daily() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.daily', true), '')::uuid[] $$;
create function app.daily_write() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.daily_write', true), '')::uuid[] $$;
-- Cases, and their pupils, that a live share shows to the actor.
create function app.shared_cases() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.shared_cases', true), '')::uuid[] $$;
create function app.shared_pupils() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.shared_pupils', true), '')::uuid[] $$;

-- Sign-in runs before there is an actor, so it goes through these functions and nothing else.

create function app.sign_in_facts(p_email text, p_network text, p_device bytea, p_now timestamptz)
returns table (user_id uuid, password_hash text, usable boolean, known_device boolean,
               account_failures bigint, pair_failures bigint, last_pair_failure timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select u.id, u.password_hash, u.disabled_at is null,
           exists (select from app.known_devices d where d.user_id = u.id and d.token_hash = p_device),
           t.account_failures, t.pair_failures, t.last_pair_failure
    from (select count(*) filter (where at > p_now - interval '5 minutes') account_failures,
                 count(*) filter (where network = p_network) pair_failures,
                 max(at) filter (where network = p_network) last_pair_failure
          from app.sign_in_tries t
          where t.email = p_email and not t.succeeded and t.at > p_now - interval '30 minutes'
            and t.at > coalesce((select max(s.at) from app.sign_in_tries s
                                 where s.email = p_email and s.succeeded and s.network = p_network), '-infinity')) t
    left join app.users u on u.email = p_email
$$;

create function app.note_sign_in_try(p_email text, p_network text, p_now timestamptz, p_succeeded boolean)
returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into app.sign_in_tries (email, network, at, succeeded) values (p_email, p_network, p_now, p_succeeded)
$$;

create function app.open_session(p_id uuid, p_token_hash bytea, p_user uuid, p_device bytea, p_now timestamptz,
                                 p_request uuid)
returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
    insert into app.sessions (id, token_hash, user_id, made_at, seen_at, ends_at)
    values (p_id, p_token_hash, p_user, p_now, p_now, p_now + interval '12 hours');
    insert into app.known_devices (user_id, token_hash, seen_at) values (p_user, p_device, p_now)
    on conflict (user_id, token_hash) do update set seen_at = excluded.seen_at;
    insert into app.audit_events (authority_id, at, actor, action, outcome, subject, request)
    select authority_id, p_now, id, 'sign_in', 'allowed', id, p_request from app.users where id = p_user
$$;

create function app.end_session(p_token_hash bytea, p_now timestamptz)
returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
    update app.sessions set ended_at = p_now where token_hash = p_token_hash and ended_at is null
$$;

-- A form came in on a session that has ended: keep what was typed for the person whose session it was.
create function app.keep_draft(p_id uuid, p_token_hash bytea, p_path text, p_fields jsonb, p_now timestamptz)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare owner uuid;
begin
    select user_id into owner from app.sessions
    where token_hash = p_token_hash and made_at > p_now - interval '2 days';
    if owner is null then return false; end if;
    delete from app.drafts where user_id = owner and kept_at < p_now - interval '1 day';
    insert into app.drafts (id, user_id, path, fields, kept_at) values (p_id, owner, p_path, p_fields, p_now);
    return true;
end $$;

-- Begins a request: finds the live session behind the cookie and says, for this transaction only, who is
-- acting and which schools and cases they may reach today. No row: nobody is signed in.
-- Idle for 30 minutes or older than 12 hours: not live.
create function app.begin_as(p_token_hash bytea, p_now timestamptz, p_today date)
returns table (session_id uuid, user_id uuid, user_name text, email text, authority_id uuid, grants jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
    whole uuid[]; whole_write uuid[]; daily uuid[]; daily_write uuid[];
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
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'staff')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'la_representative'))
    into grants, whole_write, daily_write, whole
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
            set_config('app.shared_cases', coalesce(shared_cases::text, ''), true),
            set_config('app.shared_pupils', coalesce(shared_pupils::text, ''), true);
    return query select s.id, s.user_id, s.name, s.email, s.authority_id, grants;
end $$;

-- The signed-in person's own password and drafts.
create function app.own_password_hash() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select password_hash from app.users where id = nullif(current_setting('app.actor', true), '')::uuid
$$;
-- Changing the password ends every other session of the person.
create function app.change_own_password(p_hash text, p_session uuid, p_now timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    update app.users set password_hash = p_hash where id = nullif(current_setting('app.actor', true), '')::uuid;
    update app.sessions set ended_at = p_now
    where user_id = nullif(current_setting('app.actor', true), '')::uuid and id <> p_session and ended_at is null
$$;

-- ---------------------------------------------------------------------------------------------------
-- Walls.

alter table app.authorities enable row level security;
create policy own_authority on app.authorities for select using (id = (select app.authority()));
alter table app.schools enable row level security;
create policy own_authority on app.schools for select using (authority_id = (select app.authority()));
alter table app.school_periods enable row level security;
create policy own_authority on app.school_periods for select using (authority_id = (select app.authority()));
alter table app.users enable row level security;
create policy own_authority on app.users for select using (authority_id = (select app.authority()));
alter table app.grants enable row level security;
create policy own_authority on app.grants for select using (authority_id = (select app.authority()));
alter table app.form_keys enable row level security;
create policy own on app.form_keys for select using (user_id = (select app.actor()));
create policy own_insert on app.form_keys for insert with check (user_id = (select app.actor()));
alter table app.drafts enable row level security;
create policy own on app.drafts for select using (user_id = (select app.actor()));
create policy own_delete on app.drafts for delete using (user_id = (select app.actor()));
alter table app.audit_events enable row level security;
create policy as_oneself on app.audit_events for insert
    with check (authority_id = (select app.authority()) and actor = (select app.actor()));
-- Reached only through the functions above.
alter table app.sessions enable row level security;
alter table app.sign_in_tries enable row level security;
alter table app.known_devices enable row level security;
alter table app.installation enable row level security;
create policy everybody on app.installation for select using (true);

grant select on app.authorities, app.schools, app.school_periods, app.grants to waymark_web;
grant select (id, authority_id, email, name, disabled_at) on app.users to waymark_web;
grant select, insert on app.form_keys to waymark_web;
grant select, delete on app.drafts to waymark_web;
grant insert on app.audit_events to waymark_web;

revoke execute on all functions in schema app from public;
grant execute on function
    app.actor(), app.authority(), app.whole(), app.whole_write(), app.daily(), app.daily_write(),
    app.shared_cases(), app.shared_pupils(), app.begin_as(bytea, timestamptz, date),
    app.sign_in_facts(text, text, bytea, timestamptz), app.note_sign_in_try(text, text, timestamptz, boolean),
    app.open_session(uuid, bytea, uuid, bytea, timestamptz, uuid), app.end_session(bytea, timestamptz),
    app.keep_draft(uuid, bytea, text, jsonb, timestamptz), app.own_password_hash(),
    app.change_own_password(text, uuid, timestamptz) to waymark_web;
