-- Why: people are added, given roles, given a way in, and leave, on screen: by an LA administrator for the authority, by a
-- headteacher for their own school. Whoever adds somebody never knows their password: a link that works once lets the
-- person choose it. Whoever leaves hands over the cases they lead first.

-- A role taken back before it began ends the day before its first: held on no day.
alter table app.grants drop constraint grants_days;
alter table app.grants add constraint grants_days check (to_on is null or to_on >= from_on - 1);
-- People by name, a page at a time.
create index users_by_name on app.users (authority_id, name, id);

-- A link that lets a person choose their password. Only its hash is kept; it works once, for three days, and a newer
-- one ends it.
create table app.account_links (
    id uuid constraint account_links_pk primary key,
    authority_id uuid not null,
    user_id uuid not null,
    token_hash bytea not null constraint account_links_token check (octet_length(token_hash) = 32),
    made_at timestamptz not null,
    made_by uuid not null,
    ends_at timestamptz not null,
    used_at timestamptz,
    -- A newer link, or the account being disabled, ended it.
    ended_at timestamptz,
    constraint account_links_user foreign key (authority_id, user_id) references app.users (authority_id, id),
    constraint account_links_by foreign key (authority_id, made_by) references app.users (authority_id, id),
    constraint account_links_token_key unique (token_hash)
);
create unique index account_links_one_open on app.account_links (user_id) where used_at is null and ended_at is null;
create index account_links_by_user on app.account_links (user_id, made_at);

-- ---------------------------------------------------------------------------------------------------
-- Walls.

alter table app.account_links enable row level security;
create policy own_authority on app.account_links for select
    using (authority_id = (select app.authority())
           and ((select app.administers()) or (select app.heads()) is not null));
-- Never the hash.
grant select (id, authority_id, user_id, made_at, made_by, ends_at, used_at, ended_at) on app.account_links to waymark_web;

-- Somebody new has no password and is not disabled: those columns are not to be filled.
create policy add on app.users for insert
    with check (authority_id = (select app.authority())
                and ((select app.administers()) or (select app.heads()) is not null));
grant insert (id, authority_id, email, name, made_at) on app.users to waymark_web;

-- An LA administrator gives and ends roles; a headteacher those of leads and staff of the own school. Nobody their
-- own, and those who decide in a headteacher's place are named by the headteacher (0008).
create policy give on app.grants for insert
    with check (authority_id = (select app.authority()) and made_by = (select app.actor())
                and user_id <> (select app.actor()) and role <> 'head_delegate'
                and ((select app.administers())
                     or (role in ('school_lead', 'staff') and school_id = any ((select app.heads())::uuid[]))));
create policy end_role on app.grants for update
    using (case when authority_id = (select app.authority()) and user_id <> (select app.actor())
                     and ((select app.administers())
                          or (role in ('school_lead', 'staff') and school_id = any ((select app.heads())::uuid[])))
                then true else false end);

-- ---------------------------------------------------------------------------------------------------
-- What the web role does to accounts, it does through these. Each asks again whether the actor may.

-- Whether the actor looks after this person's account: an LA administrator everybody's of the authority; a headteacher
-- that of somebody whose roles, as far as they are not over, are a lead's, staff's or delegate's of the own school.
-- Whoever could get into an account with a role elsewhere would have that role. Nobody their own.
create function app.looks_after(p_user uuid, p_today date) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p_user <> app.actor()
       and exists (select from app.users u where u.id = p_user and u.authority_id = app.authority())
       and (app.administers()
            or (exists (select from app.grants g where g.user_id = p_user and g.school_id = any (app.heads()))
                and not exists (select from app.grants g
                                where g.user_id = p_user and (g.to_on is null or g.to_on >= greatest(p_today, g.from_on))
                                  and not coalesce(g.role in ('school_lead', 'staff', 'head_delegate')
                                                   and g.school_id = any (app.heads()), false))))
$$;

-- A new link; older ones end. No: not theirs to make, or the account is disabled.
create function app.make_account_link(p_id uuid, p_user uuid, p_token_hash bytea, p_now timestamptz, p_today date)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not coalesce(app.looks_after(p_user, p_today), false) then return false; end if;
    perform from app.users where id = p_user and disabled_at is null for update;
    if not found then return false; end if;
    update app.account_links set ended_at = p_now where user_id = p_user and used_at is null and ended_at is null;
    insert into app.account_links (id, authority_id, user_id, token_hash, made_at, made_by, ends_at)
    values (p_id, app.authority(), p_user, p_token_hash, p_now, app.actor(), p_now + interval '72 hours');
    return true;
end $$;

-- Whose link this is, as long as it works. There is no actor yet.
create function app.person_of_link(p_token_hash bytea, p_now timestamptz) returns table (name text, email text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select u.name, u.email from app.account_links l join app.users u on u.id = l.user_id
    where l.token_hash = p_token_hash and l.used_at is null and l.ended_at is null and l.ends_at > p_now
      and u.disabled_at is null
$$;

-- Sets the password and uses the link up; every session of the person ends. Of two at once the second finds it used.
create function app.use_account_link(p_token_hash bytea, p_password_hash text, p_now timestamptz, p_request uuid)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare used record;
begin
    update app.account_links l set used_at = p_now from app.users u
    where l.token_hash = p_token_hash and l.used_at is null and l.ended_at is null and l.ends_at > p_now
      and u.id = l.user_id and u.disabled_at is null
    returning l.user_id, l.authority_id into used;
    if not found then return false; end if;
    update app.users set password_hash = p_password_hash where id = used.user_id;
    update app.sessions set ended_at = p_now where user_id = used.user_id and ended_at is null;
    insert into app.audit_events (authority_id, at, actor, action, outcome, subject, request, facts)
    values (used.authority_id, p_now, used.user_id, 'welcome', 'allowed', used.user_id, p_request, '{"changed": ["password"]}');
    return true;
end $$;

-- How many open cases somebody leads at each school. An LA administrator sees how many, and no case.
create function app.cases_led(p_user uuid) returns table (school_id uuid, cases bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_id, count(*) from app.cases c
    where c.lead_id = p_user and c.closed_on is null and c.authority_id = app.authority()
      and (app.administers() or c.school_id = any (app.heads()))
    group by c.school_id
$$;

-- Names another lead for every open case somebody leads at a school, as db/lead.rs does for one: for an LA
-- administrator, who sees none of them. The pupils are in an audit row. Answers how many; none: not theirs to do, or
-- the new lead holds no role there today.
create function app.hand_over_cases(p_school uuid, p_from uuid, p_to uuid, p_now timestamptz, p_today date, p_request uuid)
returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare moved uuid[]; pupils uuid[];
begin
    perform from app.grants g join app.users u on u.id = g.user_id
    where g.user_id = p_to and g.school_id = p_school and g.authority_id = app.authority()
      and g.role in ('school_lead', 'staff', 'headteacher') and u.disabled_at is null
      and g.from_on <= p_today and (g.to_on is null or g.to_on >= p_today);
    if not found or p_from = p_to or not app.administers() then return null; end if;
    with named as (update app.cases set lead_id = p_to
                   where school_id = p_school and lead_id = p_from and closed_on is null returning id, pupil_id)
    select array_agg(id), array_agg(pupil_id) into moved, pupils from named;
    if moved is null then return 0; end if;
    update app.case_leads set to_on = greatest(from_on, p_today - 1) where case_id = any (moved) and to_on is null;
    insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
    select gen_random_uuid(), app.authority(), p_school, one, p_to, p_today, p_now, app.actor() from unnest(moved) one;
    insert into app.audit_events (authority_id, school_id, at, actor, acted_as, action, outcome, subject, pupils, request, facts)
    values (app.authority(), p_school, p_now, app.actor(), 'la_administrator', 'hand_over', 'allowed', p_from, pupils, p_request,
            '{"changed": ["lead"]}');
    return cardinality(moved);
end $$;

-- Whether somebody else administers the authority on a day. One change at a time may ask, so that two who end each
-- other's role at once cannot both be told yes.
create function app.administrator_stays(p_but uuid, p_on date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from app.authorities where id = app.authority() for update;
    return exists (select from app.grants g join app.users u on u.id = g.user_id
                   where g.authority_id = app.authority() and g.role = 'la_administrator' and u.disabled_at is null
                     and g.user_id <> p_but and g.from_on <= p_on and (g.to_on is null or g.to_on >= p_on));
end $$;

-- Stops an account: sessions and links end. Answers what stood in the way: 'not_theirs', 'leads_cases' or
-- 'last_administrator'; none: done.
create function app.disable_account(p_user uuid, p_now timestamptz, p_today date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not coalesce(app.looks_after(p_user, p_today), false) then return 'not_theirs'; end if;
    perform from app.users where id = p_user for update;
    if exists (select from app.cases c where c.lead_id = p_user and c.closed_on is null) then return 'leads_cases'; end if;
    if exists (select from app.grants g where g.user_id = p_user and g.role = 'la_administrator')
       and not app.administrator_stays(p_user, p_today) then return 'last_administrator'; end if;
    update app.users set disabled_at = p_now where id = p_user and disabled_at is null;
    update app.sessions set ended_at = p_now where user_id = p_user and ended_at is null;
    update app.account_links set ended_at = p_now where user_id = p_user and used_at is null and ended_at is null;
    return null;
end $$;

-- Lets somebody sign in again.
create function app.enable_account(p_user uuid, p_today date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not coalesce(app.looks_after(p_user, p_today), false) then return false; end if;
    update app.users set disabled_at = null where id = p_user;
    return true;
end $$;

-- Ends the sessions of somebody who holds no role any more.
create function app.end_sessions_without_role(p_user uuid, p_now timestamptz, p_today date) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    update app.sessions s set ended_at = p_now
    where s.user_id = p_user and s.ended_at is null and (app.administers() or app.heads() is not null)
      and exists (select from app.users u where u.id = p_user and u.authority_id = app.authority())
      and not exists (select from app.grants g where g.user_id = p_user and g.from_on <= p_today
                      and (g.to_on is null or g.to_on >= p_today))
$$;

-- When people signed in last, for those who look after them.
create function app.last_signed_in(p_users uuid[]) returns table (user_id uuid, at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.user_id, max(s.made_at) from app.sessions s join app.users u on u.id = s.user_id
    where s.user_id = any (p_users) and u.authority_id = app.authority()
      and (app.administers()
           or exists (select from app.grants g where g.user_id = s.user_id and g.school_id = any (app.heads())))
    group by s.user_id
$$;

revoke execute on function app.looks_after(uuid, date), app.make_account_link(uuid, uuid, bytea, timestamptz, date),
    app.person_of_link(bytea, timestamptz), app.use_account_link(bytea, text, timestamptz, uuid), app.cases_led(uuid),
    app.hand_over_cases(uuid, uuid, uuid, timestamptz, date, uuid), app.administrator_stays(uuid, date),
    app.disable_account(uuid, timestamptz, date), app.enable_account(uuid, date),
    app.end_sessions_without_role(uuid, timestamptz, date), app.last_signed_in(uuid[]) from public;
grant execute on function app.make_account_link(uuid, uuid, bytea, timestamptz, date),
    app.person_of_link(bytea, timestamptz), app.use_account_link(bytea, text, timestamptz, uuid), app.cases_led(uuid),
    app.hand_over_cases(uuid, uuid, uuid, timestamptz, date, uuid), app.administrator_stays(uuid, date),
    app.disable_account(uuid, timestamptz, date), app.enable_account(uuid, date),
    app.end_sessions_without_role(uuid, timestamptz, date), app.last_signed_in(uuid[]) to waymark_web;
