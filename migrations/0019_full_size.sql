-- Why: measured with 20,000 cases at 100 schools. An LA representative of every school waited for how the schools stand
-- while 100,000 rows were held against a list of 100 schools one by one, and for the reports while that list was read
-- from text again for each row; a headteacher waited while every notice of the school was sorted for the latest six.

-- How schools stand: open cases by stage and with something overdue, the latest day with marks, and the marks made and
-- expected in weeks from a day on. Only of schools whose cases the actor sees whole.
create function app.schools_stand(p_schools uuid[], p_since date)
returns table (school_id uuid, stage_1 bigint, stage_2 bigint, stage_3 bigint, overdue bigint, last_marked_on date,
               recorded bigint, expected bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id, k.stage_1, k.stage_2, k.stage_3, k.overdue, k.last_marked_on, w.recorded, w.expected
    from (select unnest(p_schools) intersect select unnest(app.whole())) s (id)
    cross join lateral (
        select count(*) filter (where d.stage = 1) as stage_1, count(*) filter (where d.stage = 2) as stage_2,
               count(*) filter (where d.stage = 3) as stage_3, count(*) filter (where d.overdue_days > 0) as overdue,
               max(d.last_marked_on) as last_marked_on
        from app.case_duties d where d.school_id = s.id and not d.closed) k
    cross join lateral (
        select coalesce(sum(x.recorded), 0) as recorded, coalesce(sum(x.expected), 0) as expected
        from app.case_weeks x where x.school_id = s.id and x.week_on >= p_since) w
$$;
create index case_weeks_sums on app.case_weeks (school_id, week_on) include (recorded, expected, case_id);
drop index app.case_weeks_by_school;

-- The latest notices of a school stand in the order they are shown in.
create index head_notices_latest on app.head_notices (school_id, made_at desc, id desc);
drop index app.head_notices_by_school;

-- Every page of a headteacher says how many are new: up to a hundred, and no page waits for more to be counted.
create or replace function app.unopened_notices(p_session uuid) returns bigint language plpgsql stable as $$
begin
    return (select count(*) from (select from app.head_notices
            where p_session is not null and seen_at is null and school_id = any ((select app.heads())::uuid[])
            limit 100) x);
end $$;

-- Who asks is looked up once for a statement.
create or replace function app.report_schools() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id from app.schools s
    where s.authority_id = (select app.authority())
      and ((select app.administers()) or s.id = any ((select app.whole())::uuid[]))
$$;
create or replace function app.report_of(p_year smallint)
returns table (school_id uuid, part text, grp text, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_id, c.part, c.grp, c.counts from app.report_counts c
    where c.authority_id = (select app.authority()) and c.school_year = p_year
      and c.school_id in (select app.report_schools())
$$;
-- Over these schools, as far as the actor sees their counts: somebody who reads the reports of one school may lead
-- cases at another.
drop function app.report_totals();
create function app.report_totals(p_schools uuid[]) returns table (school_year smallint, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_year, array[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4])]::bigint[]
    from app.report_counts c
    where c.authority_id = (select app.authority()) and c.part = 'all'
      and c.school_id in (select unnest(p_schools) intersect select app.report_schools())
    group by c.school_year
$$;
drop function app.report_counted_at();
create function app.report_counted_at(p_schools uuid[]) returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select min(r.counted_at) from app.report_runs r
    where r.authority_id = (select app.authority())
      and r.school_id in (select unnest(p_schools) intersect select app.report_schools())
$$;

revoke execute on function app.schools_stand(uuid[], date), app.report_totals(uuid[]), app.report_counted_at(uuid[])
    from public;
grant execute on function app.schools_stand(uuid[], date), app.report_totals(uuid[]), app.report_counted_at(uuid[])
    to waymark_web;

-- What cases owe that was reckoned with exclusions of a school the pupil has moved to is reckoned anew.
update app.case_duties d set reckoned_on = null
from app.cases c join app.pupils p on p.id = c.pupil_id
where c.id = d.case_id and p.school_id <> c.school_id;
