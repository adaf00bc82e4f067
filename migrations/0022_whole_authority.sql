-- Why: an LA representative for every school was held against a list of all of them, row by row: with a thousand schools
-- the counts of the caseload took six times as long as reading them. Whoever sees every school of an authority is asked
-- for the authority; the list stays for everybody else.

-- The authority whose schools the actor sees whole, every one; null for whoever sees some schools or none.
create function app.whole_authority() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('app.whole_authority', true), '')::uuid $$;
revoke execute on function app.whole_authority() from public;
grant execute on function app.whole_authority() to waymark_web;

-- As in 0011_placement.sql, with that authority.
create or replace function app.begin_as(p_token_hash bytea, p_now timestamptz, p_today date)
returns table (session_id uuid, user_id uuid, user_name text, email text, authority_id uuid, grants jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
    whole uuid[]; whole_write uuid[]; daily uuid[]; daily_write uuid[]; heads uuid[]; leads uuid[];
    shared_cases uuid[]; shared_pupils uuid[];
    panels_sat uuid[]; panel_referrals uuid[]; panel_packs uuid[]; panel_transfers uuid[];
    received uuid[]; received_packs uuid[]; accepted_packs uuid[]; former_pupils uuid[];
    everywhere boolean;
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
           array_agg(g.school_id) filter (where g.role = 'headteacher'),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher'))
    into grants, whole_write, daily_write, whole, heads, leads
    from app.grants g left join app.schools sc on sc.id = g.school_id
    where g.user_id = s.user_id and g.from_on <= p_today and (g.to_on is null or g.to_on >= p_today);

    everywhere := grants @> '[{"role": "la_representative", "school": null}]';
    if everywhere then
        whole := whole || array(select id from app.schools sc where sc.authority_id = s.authority_id);
    end if;
    whole := array_remove(whole, null);
    daily := whole || daily_write;

    if grants @> '[{"role": "support_service"}]' then
        select array_agg(case_id), array_agg(pupil_id) into shared_cases, shared_pupils
        from app.case_shares sh
        where sh.with_user = s.user_id and sh.from_on <= p_today and (sh.to_on is null or sh.to_on >= p_today);
    end if;
    if grants @> '[{"role": "panel_member"}]' then
        select array_agg(m.panel_id) into panels_sat
        from app.panel_members m where m.user_id = s.user_id and m.removed_at is null;
        -- Papers stay open for 28 days after the panel met (domain::panel::PAPERS_DAYS), and not at all once they
        -- were returned or put off to others, or the transfer is over.
        select array_agg(r.id),
               array_agg(r.pack_id) filter (where (r.outcome is null or r.outcome = 'not_placed')
                                              and t.share_ended_at is null),
               array_agg(r.transfer_id) filter (where r.outcome is null)
        into panel_referrals, panel_packs, panel_transfers
        from app.referrals r join app.panels p on p.id = r.panel_id join app.transfers t on t.id = r.transfer_id
        where r.panel_id = any (panels_sat) and p.cancelled_on is null and p.meets_on + 28 >= p_today;
    end if;
    if leads is not null then
        select array_agg(t.id), array_agg(t.pack_id),
               array_agg(t.pack_id) filter (where t.standing in ('receiving_accepted', 'on_roll'))
        into received, received_packs, accepted_packs
        from app.transfers t where t.receiving_id = any (leads) and t.share_ended_at is null;
    end if;
    -- Whoever sees every school sees those who moved on without a list of them.
    if whole is not null and not everywhere then
        select array_agg(t.pupil_id) into former_pupils
        from app.transfers t where t.school_id = any (whole) and t.on_roll_on is not null;
    end if;

    perform set_config('app.actor', s.user_id::text, true),
            set_config('app.authority', s.authority_id::text, true),
            set_config('app.whole_authority', case when everywhere then s.authority_id::text else '' end, true),
            set_config('app.whole', coalesce(whole::text, ''), true),
            set_config('app.whole_write', coalesce(whole_write::text, ''), true),
            set_config('app.daily', coalesce(daily::text, ''), true),
            set_config('app.daily_write', coalesce(daily_write::text, ''), true),
            set_config('app.heads', coalesce(heads::text, ''), true),
            set_config('app.leads', coalesce(leads::text, ''), true),
            set_config('app.administers',
                case when grants @> '[{"role": "la_administrator"}]' then 'yes' else '' end, true),
            set_config('app.prepares',
                case when grants @> '[{"role": "la_representative"}]' then 'yes' else '' end, true),
            set_config('app.shared_cases', coalesce(shared_cases::text, ''), true),
            set_config('app.shared_pupils', coalesce(shared_pupils::text, ''), true),
            set_config('app.panels_sat', coalesce(panels_sat::text, ''), true),
            set_config('app.panel_referrals', coalesce(panel_referrals::text, ''), true),
            set_config('app.panel_packs', coalesce(panel_packs::text, ''), true),
            set_config('app.panel_transfers', coalesce(panel_transfers::text, ''), true),
            set_config('app.received', coalesce(received::text, ''), true),
            set_config('app.received_packs', coalesce(received_packs::text, ''), true),
            set_config('app.accepted_packs', coalesce(accepted_packs::text, ''), true),
            set_config('app.former_pupils', coalesce(former_pupils::text, ''), true);
    return query select s.id, s.user_id, s.name, s.email, s.authority_id, grants;
end $$;

-- As in 0016_schools.sql: nothing is read any more, whatever else the administrator is.
create or replace function app.read_no_more() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if app.administers() then
        perform set_config('app.whole_authority', '', true), set_config('app.whole', '', true),
                set_config('app.daily', '', true);
    end if;
end $$;

-- What is seen of schools that are seen whole, or by day, is seen of every school of that authority.
do $$
declare p record;
begin
    for p in select tablename, policyname, qual from pg_policies
             where schemaname = 'app' and cmd = 'SELECT' and (qual like '%app.whole()%' or qual like '%app.daily()%') loop
        execute format('alter policy %I on app.%I using
                            (case when authority_id = (select app.whole_authority()) then true else (%s) end)',
                       p.policyname, p.tablename, p.qual);
    end loop;
end $$;

-- The policies ask for the authority: where a count is read from an index alone, it stands there.
drop index app.head_notices_unopened, app.enrolments_by_pupil, app.cases_open;
create index head_notices_unopened on app.head_notices (school_id) include (authority_id) where seen_at is null;
create index enrolments_by_pupil on app.enrolments (pupil_id, school_id, to_on) include (authority_id);
create index cases_open on app.cases (school_id, id) include (authority_id) where not closed;

-- The counts over the caseload of an authority, or of a school of it.
drop index app.case_duties_overdue, app.case_duties_stage_3, app.case_duties_unmarked, app.case_duties_near_ceiling,
    app.case_duties_waits_for_la;
create index case_duties_overdue on app.case_duties (authority_id, school_id) where not closed and overdue_days > 0;
create index case_duties_stage_3 on app.case_duties (authority_id, school_id) where not closed and stage = 3;
create index case_duties_unmarked on app.case_duties (authority_id, school_id) where not closed and unmarked_days >= 3;
create index case_duties_near_ceiling on app.case_duties (authority_id, school_id) where not closed and year_half_days >= 70;
create index case_duties_waits_for_la on app.case_duties (authority_id, school_id) where not closed and waits_for_la;
create index case_duties_to_reckon on app.case_duties (authority_id, reckoned_on) include (school_id) where not closed;

-- As in 0013_search.sql, and without schools asked for, of every school of the authority. Whoever sees every school asks
-- so: they hold no list of those who moved on.
create or replace function app.pupils_sought(
    p_schools uuid[], p_name text, p_upn_end text, p_left boolean, p_today date, p_limit integer
) returns table (pupil_id uuid, why text, likeness real) rows 50
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    -- The authority, where every school of it is asked for and seen.
    everywhere uuid := case when p_schools is null then app.whole_authority() end;
    schools uuid[] := case when everywhere is null
                           then array(select unnest(p_schools) intersect select unnest(app.whole()))
                           else '{}' end;
    moved_on uuid[] := case when p_left then coalesce(app.former_pupils(), '{}') else '{}' end;
    words text[] := string_to_array(nullif(app.folded(p_name), ''), ' ');
    starts text[] := array(select '% ' || w || '%' from unnest(words) w);
    slips text[] := array(select app.slips(w) from unnest(words) w);
    -- The longest word leads: it leaves the fewest names.
    longest text := (select w from unnest(words) w order by length(w) desc limit 1);
    led text := '% ' || longest || '%';
    slipped text[] := array(select '% ' || left(longest, n - 1) || substr(longest, n + 1, 1) || substr(longest, n, 1)
                                   || substr(longest, n + 2) || '%'
                            from generate_series(1, length(longest) - 1) n);
    -- With few schools, their pupils are read; with many, the index of name parts.
    few boolean := everywhere is null and cardinality(schools) <= 2;
    found integer;
begin
    if p_upn_end is not null then
        return query
            select p.id, case when length(p_upn_end) = 13 then 'upn' else 'upn_ending' end, 1::real
            from app.pupils p
            where reverse(p.upn) collate "C" >= reverse(p_upn_end) and reverse(p.upn) collate "C" < reverse(p_upn_end) || '~'
              and ((p.authority_id = everywhere or p.school_id = any (schools))
                   and (p_left or length(p_upn_end) = 13
                        or exists (select from app.enrolments e where e.school_id = p.school_id and e.pupil_id = p.id
                                     and (e.to_on is null or e.to_on >= p_today)))
                   or p.id = any (moved_on))
            order by lower(p.family_name), lower(p.given_name), p.id
            limit p_limit;
    end if;
    if words is null then return; end if;
    return query
        with near as materialized (
            select p.id, p.school_id, p.search_name, p.family_name, p.given_name
            from app.pupils p
            where not few and p.search_name like led and p.authority_id = coalesce(everywhere, p.authority_id)
        ), within as materialized (
            select n.* from near n where everywhere is not null and n.search_name like all (starts)
            union all
            select n.* from near n join unnest(schools) s (id) on s.id = n.school_id where n.search_name like all (starts)
            union all
            select p.* from unnest(schools) s (id) cross join lateral (
                select x.id, x.school_id, x.search_name, x.family_name, x.given_name from app.pupils x
                where x.school_id = s.id offset 0) p
            where few and p.search_name like all (starts)
            union all
            select p.id, p.school_id, p.search_name, p.family_name, p.given_name from app.pupils p
            where p.id = any (moved_on) and p.school_id <> all (schools) and p.search_name like all (starts)
        )
        -- In order first: whether somebody is on the roll is then asked for as many as are shown.
        select o.id, 'name', 1::real from (
            select w.id, w.school_id, lower(w.family_name) as family, lower(w.given_name) as given from within w
            order by family, given, w.id offset 0) o
        where p_left or (everywhere is null and o.school_id <> all (schools))
           or exists (select from app.enrolments e where e.pupil_id = o.id and e.school_id = o.school_id
                        and (e.to_on is null or e.to_on >= p_today))
        order by o.family, o.given, o.id
        limit p_limit;
    get diagnostics found = row_count;
    -- Nearly the same is looked for when hardly anybody fits.
    if found >= least(p_limit, 10) or length(longest) < 4 then return; end if;
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
    return query
        with near as materialized (
            select p.id, p.school_id, p.search_name, p.family_name, p.given_name
            from app.pupils p
            where not few and (p.search_name operator(public.%>) longest or p.search_name like any (slipped))
              and p.authority_id = coalesce(everywhere, p.authority_id)
        ), within as (
            select n.* from near n where everywhere is not null
            union all
            select n.* from near n join unnest(schools) s (id) on s.id = n.school_id
            union all
            select p.* from unnest(schools) s (id) cross join lateral (
                select x.id, x.school_id, x.search_name, x.family_name, x.given_name from app.pupils x
                where x.school_id = s.id offset 0) p
            where few and (p.search_name operator(public.%>) longest or p.search_name like any (slipped))
            union all
            select p.id, p.school_id, p.search_name, p.family_name, p.given_name from app.pupils p
            where p.id = any (moved_on) and p.school_id <> all (schools)
        )
        select o.id, 'similar', o.alike from (
            select w.id, w.school_id, lower(w.family_name) as family, lower(w.given_name) as given, w.alike from (
                select n.*, app.likeness(n.search_name, words, slips) as alike from within n
                where not n.search_name like all (starts) offset 0) w
            where w.alike is not null
            order by w.alike desc, family, given, w.id offset 0) o
        where p_left or (everywhere is null and o.school_id <> all (schools))
           or exists (select from app.enrolments e where e.pupil_id = o.id and e.school_id = o.school_id
                        and (e.to_on is null or e.to_on >= p_today))
        order by o.alike desc, o.family, o.given, o.id
        limit p_limit - found;
end $$;

-- Reports read the parts they are made of, of the schools asked for: without any, of every school whose counts the actor
-- sees. As in 0019_full_size.sql otherwise.
drop index app.report_counts_by_authority;
create index report_counts_by_part on app.report_counts (authority_id, part, school_year);

-- The counts of every school of the authority are the actor's to see.
create function app.reports_everywhere() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as
    $$ select app.administers() or coalesce(app.whole_authority() = app.authority(), false) $$;

create or replace function app.report_schools() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id from app.schools s
    where s.authority_id = (select app.authority())
      and ((select app.reports_everywhere()) or s.id = any ((select app.whole())::uuid[]))
$$;

-- Either the authority is walked, or some of its schools, one by one.
drop function app.report_of(smallint);
create function app.report_of(p_schools uuid[], p_year smallint, p_parts text[])
returns table (school_id uuid, part text, grp text, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_id, c.part, c.grp, c.counts from app.report_counts c
    where (select p_schools is null and app.reports_everywhere())
      and c.authority_id = (select app.authority()) and c.school_year = p_year and c.part = any (p_parts)
    union all
    select c.school_id, c.part, c.grp, c.counts
    from app.report_schools() s join app.report_counts c on c.school_id = s
    where not (select p_schools is null and app.reports_everywhere())
      and (p_schools is null or s = any (p_schools)) and c.school_year = p_year and c.part = any (p_parts)
$$;

create or replace function app.report_totals(p_schools uuid[]) returns table (school_year smallint, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_year, array[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4])]::bigint[]
    from (select x.school_year, x.counts from app.report_counts x
          where (select p_schools is null and app.reports_everywhere())
            and x.authority_id = (select app.authority()) and x.part = 'all'
          union all
          select x.school_year, x.counts from app.report_schools() s join app.report_counts x on x.school_id = s
          where not (select p_schools is null and app.reports_everywhere())
            and (p_schools is null or s = any (p_schools)) and x.part = 'all') c
    group by c.school_year
$$;

create or replace function app.report_counted_at(p_schools uuid[]) returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select min(r.counted_at) from app.report_runs r
    where r.authority_id = (select app.authority())
      and ((select p_schools is null and app.reports_everywhere())
           or r.school_id in (select s from app.report_schools() s where p_schools is null or s = any (p_schools)))
$$;

revoke execute on function app.reports_everywhere(), app.report_of(uuid[], smallint, text[]) from public;
grant execute on function app.report_of(uuid[], smallint, text[]) to waymark_web;
