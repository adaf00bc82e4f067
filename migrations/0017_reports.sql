-- Why: reports (R1.01, R1.02): flow between stages, time in a stage, what came of the cases, suspensions before and
-- after, support and what followed it, how completely days were recorded. They are read by people who may see no case,
-- and over every case there is, so they are counted once a day for each school and kept as counts. Nobody reads the
-- counts but through the functions below, and those give each person their own schools, or an LA administrator all.

-- Counts over the last three years, beside counts year by year, would give small numbers away.
drop function app.outcomes(date, integer);

-- One row: the counts of one part of a report, for one group of a school's cases of one school year.
create table app.report_counts (
    authority_id uuid not null,
    school_id uuid not null,
    -- The calendar year in which the school year begins.
    school_year smallint not null constraint report_counts_year check (school_year between 1990 and 2200),
    part text not null,
    -- '' where the part has no groups.
    grp text not null,
    -- What stands where is said at each part in app.report_refresh.
    counts bigint[] not null,
    constraint report_counts_pk primary key (school_id, school_year, part, grp),
    constraint report_counts_school foreign key (authority_id, school_id) references app.schools (authority_id, id)
);
create index report_counts_by_authority on app.report_counts (authority_id, school_year);

-- When each school was counted last.
create table app.report_runs (
    authority_id uuid not null,
    school_id uuid constraint report_runs_pk primary key,
    counted_on date not null,
    counted_at timestamptz not null,
    constraint report_runs_school foreign key (authority_id, school_id) references app.schools (authority_id, id)
);
alter table app.report_counts enable row level security;
alter table app.report_runs enable row level security;

-- The calendar year in which the school year of a day begins: from 1 September.
create function app.first_year(p_on date) returns smallint language sql immutable parallel safe as
    $$ select (extract(year from p_on) - case when extract(month from p_on) < 9 then 1 else 0 end)::smallint $$;

-- Every day pupils of a school are in, as its calendar says, in order: the authority's model with the school's own days
-- over it, as domain::calendar::layered.
create function app.school_days_of(p_school uuid) returns date[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    with spans as (
        select x.kind, x.from_on, x.to_on, x.school_id is null as model, app.first_year(x.from_on) as year
        from app.schools s join app.calendar_spans x on x.authority_id = s.authority_id
        where s.id = p_school and (x.school_id is null or x.school_id = p_school) and x.removed_at is null
    ), layered as (
        select * from spans x
        where not x.model or x.kind in ('closure', 'bank_holiday')
           or not exists (select from spans o where not o.model and o.kind = x.kind and o.year = x.year)
    )
    select coalesce(array_agg(distinct d.on_date order by d.on_date), '{}')
    from layered t, lateral (select g::date as on_date from generate_series(t.from_on, t.to_on, interval '1 day') g) d
    where t.kind = 'term' and extract(isodow from d.on_date) < 6
      and not exists (select from layered o where o.kind <> 'term' and d.on_date between o.from_on and o.to_on)
$$;

-- Counts a school anew, at most once a day. No: it was counted on this day already.
create function app.report_refresh(p_school uuid, p_today date, p_now timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set work_mem = '32MB' as $$
declare
    place uuid;
    days date[];
    periods integer;
begin
    -- Somebody is counting it: a page goes on with the count before, and waits only when there is none.
    if not exists (select from app.report_runs r where r.school_id = p_school) then
        perform pg_advisory_xact_lock(hashtextextended('app.report_refresh/' || p_school, 0));
    elsif not pg_try_advisory_xact_lock(hashtextextended('app.report_refresh/' || p_school, 0)) then
        return false;
    end if;
    insert into app.report_runs as r (authority_id, school_id, counted_on, counted_at)
    select s.authority_id, s.id, p_today, p_now from app.schools s where s.id = p_school
    on conflict (school_id) do update set counted_on = p_today, counted_at = p_now where r.counted_on <> p_today
    returning r.authority_id into place;
    if place is null then return false; end if;
    days := app.school_days_of(p_school);
    select count(*) into periods from app.school_periods s
    where s.school_id = p_school and s.from_on <= p_today and (s.to_on is null or s.to_on >= p_today);
    delete from app.report_counts where school_id = p_school;

    -- A case that was opened in error never was one.
    create temporary table report_cases on commit drop as
    select c.id, c.pupil_id, c.opened_on, c.closed_on, c.entry_stage, c.enrolment_id, c.ended_as,
           app.first_year(c.opened_on) as year,
           -- 1 on the programme, 2 left the school or moved away, 3 permanently excluded, 4 left with progress.
           case when not c.closed then 1 when c.ended_as = 'excluded' then 3 when c.ended_as = 'progress' then 4 else 2 end as ended,
           p.send, p.looked_after, p.eal,
           app.first_year(c.opened_on) - app.first_year(p.born_on) - 5 + p.year_offset as nc_year,
           -- A permanent exclusion was in view: Stage 3, or its consideration.
           c.stage = 3 or exists (select from app.case_steps s where s.school_id = p_school and s.case_id = c.id
                                  and s.kind = 'stage_3_considered') as in_view
    from app.cases c join app.pupils p on p.id = c.pupil_id
    where c.school_id = p_school and c.ended_as is distinct from 'opened_in_error';

    insert into app.report_counts (authority_id, school_id, school_year, part, grp, counts)
    -- What came of the cases that began in the year: by how they ended.
    select place, p_school, c.year, b.part, b.grp,
           array[count(*) filter (where ended = 1), count(*) filter (where ended = 2), count(*) filter (where ended = 3),
                 count(*) filter (where ended = 4)]::bigint[]
    from report_cases c, lateral (values ('all', ''), ('send', c.send), ('looked_after', case when c.looked_after then 'yes' else 'no' end),
        ('eal', case when c.eal then 'yes' else 'no' end), ('in_view', case when c.in_view then 'yes' else 'no' end),
        ('year_group', case when c.nc_year between 7 and 11 then c.nc_year::text else 'other' end)) b (part, grp)
    group by c.year, b.part, b.grp
    -- The stage they began at, by the term they began in.
    union all
    select place, p_school, c.year, 'entered', app.term_of(c.opened_on)::text,
           array[count(*) filter (where entry_stage = 1), count(*) filter (where entry_stage = 2), count(*) filter (where entry_stage = 3)]::bigint[]
    from report_cases c group by c.year, app.term_of(c.opened_on)
    -- What happened in the year, by term.
    union all
    select place, p_school, app.first_year(m.on_date), 'moves', m.what,
           array[count(*) filter (where app.term_of(m.on_date) = 1), count(*) filter (where app.term_of(m.on_date) = 2),
                 count(*) filter (where app.term_of(m.on_date) = 3)]::bigint[]
    from (select s.entered_on as on_date,
                 case when s.stage > s.before then 'up_' || s.stage when s.stage < s.before then 'down' end as what
          from (select x.entered_on, x.stage, lag(x.stage) over (partition by x.case_id order by x.entered_on, x.entered_at) as before
                from app.case_stages x join report_cases c on c.id = x.case_id where x.school_id = p_school) s
          where s.before <> s.stage
          union all
          select c.closed_on, case c.ended when 4 then 'progress' else 'otherwise' end from report_cases c where c.closed_on is not null) m
    group by app.first_year(m.on_date), m.what
    -- Stays at a stage that have ended, of the cases that began in the year: how many lasted so many whole weeks, from
    -- none to 51, and 52 or more.
    union all
    select place, p_school, h.year, 'weeks', h.stage::text, array_agg(coalesce(k.stays, 0)::bigint order by w)
    from (select distinct c.year, x.stage from app.case_stages x join report_cases c on c.id = x.case_id
          where x.school_id = p_school and x.left_on is not null) h
    cross join generate_series(0, 52) w
    left join (select c.year, x.stage, least((x.left_on - x.entered_on) / 7, 52) as weeks, count(*) as stays
               from app.case_stages x join report_cases c on c.id = x.case_id
               where x.school_id = p_school and x.left_on is not null group by 1, 2, 3) k
      on k.year = h.year and k.stage = h.stage and k.weeks = w
    group by h.year, h.stage
    -- Suspensions in the 60 school days before and the 60 after the day a case began, of cases for which both are known:
    -- how many cases, half-days before, half-days after; in how many fewer, as many, more; and cases without both.
    union all
    select place, p_school, s.year, 'suspended', '',
           array[count(*) filter (where both_known), coalesce(sum(before) filter (where both_known), 0),
                 coalesce(sum(after) filter (where both_known), 0), count(*) filter (where both_known and after < before),
                 count(*) filter (where both_known and after = before), count(*) filter (where both_known and after > before),
                 count(*) filter (where not both_known)]::bigint[]
    from (select w.year, w.both_known, h.before, h.after
          from (select c.id, c.pupil_id, c.year, c.opened_on, v.first, v.last,
                       coalesce(v.first >= greatest(e.from_on, c.opened_on - 150)
                                and v.last <= least(e.to_on, c.opened_on + 150, p_today - 1)
                                and not (c.ended = 3 and c.closed_on <= v.last), false) as both_known
                from report_cases c
                join app.enrolments e on e.school_id = p_school and e.pupil_id = c.pupil_id and e.id = c.enrolment_id,
                lateral (select case when width_bucket(c.opened_on - 1, days) >= 60
                                     then days[width_bucket(c.opened_on - 1, days) - 59] end as first,
                                days[width_bucket(c.opened_on, days) + 60] as last) v) w
          left join lateral (
              select count(*) filter (where l.on_date between w.first and w.opened_on - 1) as before,
                     count(*) filter (where l.on_date between w.opened_on + 1 and w.last) as after
              from app.exclusions x, lateral (
                  select d as on_date from unnest(x.mornings) d
                  where x.back_on is null or d < x.back_on or (d = x.back_on and x.back_half = 'afternoon')
                  union all
                  select d from unnest(x.afternoons) d where x.back_on is null or d < x.back_on) l
              where x.pupil_id = w.pupil_id and x.kind = 'suspension') h on w.both_known) s
    group by s.year
    -- How completely the days of the year's weeks were recorded: cases with any expected mark, marks made, marks expected. On a school
    -- day without a sheet as many are expected as there are targets and periods, unless the pupil was known to be away.
    union all
    select place, p_school, r.year, 'recorded', '', array[count(distinct r.id), sum(r.recorded), sum(r.expected)]::bigint[]
    from (select c.id, app.first_year(w.week_on) as year, w.recorded, w.expected
          from app.case_weeks w join report_cases c on c.id = w.case_id where w.school_id = p_school and w.expected > 0
          union all
          select c.id, app.first_year(d.on_date - extract(isodow from d.on_date)::integer + 1), 0, periods * least(t.targets, 5)
          from report_cases c
          join lateral (select min(starts_on) as first, array_agg(starts_on) as starts, array_agg(coalesce(ended_on, 'infinity')) as ends
                        from app.targets where school_id = p_school and case_id = c.id) f on f.first is not null
          join lateral unnest(days[width_bucket(f.first - 1, days) + 1 : width_bucket(least(c.closed_on, p_today - 1), days)]) d (on_date)
            on not exists (select from app.days x where x.case_id = c.id and x.on_date = d.on_date)
          join lateral (select count(*) as targets from unnest(f.starts, f.ends) g (starts_on, ends_on)
                        where d.on_date between g.starts_on and g.ends_on) t on t.targets > 0 and periods > 0
          where not exists (select from app.known_absences a
                            where a.school_id = p_school and a.case_id = c.id and a.withdrawn_at is null and a.periods is null
                              and d.on_date between a.from_on and a.to_on)) r
    group by r.year
    -- Support that began in the year, one for each case and kind, the one that ended last: what it did (helped, a little,
    -- nothing, worse, not ended), cases with three recorded days on each side of its first day, their points and marks
    -- before and lately.
    union all
    select place, p_school, u.year, 'support', u.kind,
           array[count(*) filter (where effect = 'helped'), count(*) filter (where effect = 'helped_some'),
                 count(*) filter (where effect = 'no_change'), count(*) filter (where effect = 'worse'),
                 count(*) filter (where effect is null), count(*) filter (where enough),
                 coalesce(sum(before_points) filter (where enough), 0), coalesce(sum(before_marks) filter (where enough), 0),
                 coalesce(sum(lately_points) filter (where enough), 0), coalesce(sum(lately_marks) filter (where enough), 0)]::bigint[]
    from (select s.year, s.kind, s.effect, b.days >= 3 and l.days >= 3 as enough, b.points as before_points, b.marks as before_marks,
                 l.points as lately_points, l.marks as lately_marks
          from (select distinct on (x.case_id, x.kind) x.case_id, x.kind, x.effect, x.starts_on, x.ended_on,
                       app.first_year(x.starts_on) as year
                from app.supports x join report_cases c on c.id = x.case_id
                where x.school_id = p_school and x.service_declined_on is null and x.starts_on <= p_today
                order by x.case_id, x.kind, x.effect is null, x.ended_on desc, x.starts_on desc, x.id) s
          join lateral (select count(*) as days, sum(y.points) as points, sum(y.recorded) as marks
                        from (select points, recorded from app.days
                              where case_id = s.case_id and on_date < s.starts_on and recorded > 0
                              order by on_date desc limit 10) y) b on true
          join lateral (select count(*) as days, sum(y.points) as points, sum(y.recorded) as marks
                        from (select points, recorded from app.days
                              where case_id = s.case_id and on_date between s.starts_on and coalesce(s.ended_on, p_today) and recorded > 0
                              order by on_date desc limit 10) y) l on true) u
    group by u.year, u.kind;

    drop table report_cases;
    return true;
end $$;

-- Autumn is September to December, spring January to March, summer April to August.
create function app.term_of(p_on date) returns integer language sql immutable parallel safe as
    $$ select case when extract(month from p_on) >= 9 then 1 when extract(month from p_on) <= 3 then 2 else 3 end $$;

-- The schools whose counts the actor sees: an LA administrator those of the authority, others their own.
create function app.report_schools() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id from app.schools s
    where s.authority_id = app.authority() and (app.administers() or s.id = any (app.whole()))
$$;

-- Schools that are not counted on a day yet; of every authority, for whoever keeps the counts.
create function app.report_due(p_today date) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id from app.schools s left join app.report_runs r on r.school_id = s.id
    where r.counted_on is distinct from p_today and (app.authority() is null or s.authority_id = app.authority())
    order by s.id
$$;

-- What came of the cases of each school year, over the actor's schools: as part 'all'.
create function app.report_totals() returns table (school_year smallint, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_year, array[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4])]::bigint[]
    from app.report_counts c
    where c.authority_id = app.authority() and c.part = 'all' and c.school_id in (select app.report_schools())
    group by c.school_year
$$;

-- The counts of a school year, for the actor.
create function app.report_of(p_year smallint) returns table (school_id uuid, part text, grp text, counts bigint[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.school_id, c.part, c.grp, c.counts from app.report_counts c
    where c.authority_id = app.authority() and c.school_year = p_year and c.school_id in (select app.report_schools())
$$;

-- When the oldest of the actor's counts were made.
create function app.report_counted_at() returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select min(r.counted_at) from app.report_runs r
    where r.authority_id = app.authority() and r.school_id in (select app.report_schools())
$$;

-- The middle half of the authority's schools, to the nearest five percent: so much and no more of what other schools
-- count. Schools with fewer than five cases do not count in it, and of fewer than five schools nothing is said.
create function app.report_range(p_year smallint) returns table (what text, schools bigint, low integer, high integer)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select v.what, count(*), round(percentile_cont(0.25) within group (order by v.rate) / 5)::integer * 5,
           round(percentile_cont(0.75) within group (order by v.rate) / 5)::integer * 5
    from (select 'progress' as what, 100.0 * counts[4] / (counts[2] + counts[3] + counts[4]) as rate
          from app.report_counts where authority_id = app.authority() and school_year = p_year and part = 'all'
            and counts[2] + counts[3] + counts[4] >= 5
          union all
          select 'recorded', 100.0 * counts[2] / counts[3]
          from app.report_counts where authority_id = app.authority() and school_year = p_year and part = 'recorded'
            and counts[1] >= 5) v
    where app.actor() is not null
    group by v.what having count(*) >= 5
$$;

revoke execute on function app.first_year(date), app.school_days_of(uuid), app.report_refresh(uuid, date, timestamptz),
    app.term_of(date), app.report_schools(), app.report_due(date), app.report_totals(), app.report_of(smallint),
    app.report_counted_at(), app.report_range(smallint) from public;
grant execute on function app.report_refresh(uuid, date, timestamptz), app.report_due(date), app.report_totals(),
    app.report_of(smallint), app.report_counted_at(), app.report_range(smallint) to waymark_web;
