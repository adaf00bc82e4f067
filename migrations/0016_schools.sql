-- Why: schools, their periods, calendars and example targets are kept on screen: by an LA administrator for the authority,
-- by a headteacher for their own school. What a past day meant stays: periods hold from one day to another, and what is
-- taken out is marked so, never deleted.

alter table app.schools
    add column letterhead text not null default ''
        constraint schools_letterhead check (char_length(letterhead) <= 200),
    add column version integer not null default 1,
    add column changed_at timestamptz,
    add column changed_by uuid,
    add constraint schools_changed_by foreign key (authority_id, changed_by) references app.users (authority_id, id);

-- The periods of a school's day, from one day to another. Marks name a period by its number: what the number meant on
-- their day is found by the day. Periods planned for a day that never came end before they begin.
alter table app.school_periods drop constraint school_periods_pk;
alter table app.school_periods
    add column id uuid not null default gen_random_uuid(),
    add column from_on date not null default '2000-01-01',
    add column to_on date,
    add column made_at timestamptz,
    add column made_by uuid,
    add constraint school_periods_pk primary key (id),
    add constraint school_periods_days check (to_on is null or to_on >= from_on - 1),
    add constraint school_periods_once exclude using gist (school_id with =, period with =,
        daterange(from_on, to_on + 1, '[)') with &&),
    add constraint school_periods_by foreign key (authority_id, made_by) references app.users (authority_id, id);
create index school_periods_by_school on app.school_periods (school_id, from_on);

alter table app.calendar_spans
    add column version integer not null default 1,
    add column changed_at timestamptz,
    add column changed_by uuid,
    add column removed_at timestamptz,
    add constraint calendar_spans_changed_by foreign key (authority_id, changed_by) references app.users (authority_id, id);
alter table app.calendar_spans drop constraint calendar_spans_terms_apart;
alter table app.calendar_spans add constraint calendar_spans_terms_apart exclude using gist (authority_id with =,
    (coalesce(school_id, '00000000-0000-0000-0000-000000000000')) with =,
    daterange(from_on, to_on, '[]') with &&) where (kind = 'term' and removed_at is null);

alter table app.bank_targets
    add column version integer not null default 1,
    add column changed_at timestamptz,
    add column changed_by uuid,
    add column removed_at timestamptz,
    add constraint bank_targets_changed_by foreign key (authority_id, changed_by) references app.users (authority_id, id);

-- ---------------------------------------------------------------------------------------------------
-- Walls: an LA administrator everything of the authority, a headteacher what is of the own school.

create policy change on app.schools for update
    using (case when authority_id = (select app.authority())
                     and ((select app.administers()) or id = any ((select app.heads())::uuid[]))
                then true else false end);
grant update (name, urn, establishment, phase, takes_part, mark_words, goal_percent, letterhead, version, changed_at,
              changed_by) on app.schools to waymark_web;

-- What a school is called and numbered, and whether it takes part, is the authority's to say.
create function app.school_is_the_authoritys() returns trigger language plpgsql as $$
begin
    if app.actor() is not null and not app.administers()
       and (new.name, new.urn, new.establishment, new.phase, new.takes_part)
           is distinct from (old.name, old.urn, old.establishment, old.phase, old.takes_part) then
        raise exception 'only an LA administrator changes what a school is';
    end if;
    return new;
end $$;
create trigger schools_of_the_authority before update on app.schools
    for each row execute function app.school_is_the_authoritys();

do $$
declare t text;
    place text := 'authority_id = (select app.authority()) and ((select app.administers()) or school_id = any ((select app.heads())::uuid[]))';
begin
    foreach t in array array['school_periods', 'calendar_spans', 'bank_targets'] loop
        execute format('create policy add on app.%I for insert with check (case when %s then true else false end)', t, place);
        execute format('create policy change on app.%I for update using (case when %s then true else false end)', t, place);
    end loop;
end $$;
grant insert on app.school_periods, app.calendar_spans, app.bank_targets to waymark_web;
grant update (to_on) on app.school_periods to waymark_web;
grant update (kind, name, from_on, to_on, version, changed_at, changed_by, removed_at) on app.calendar_spans to waymark_web;
grant update (theme, words, criterion, position, version, changed_at, changed_by, removed_at) on app.bank_targets
    to waymark_web;

-- The last day a school has marks for: other periods begin after it.
create function app.last_marked_on(p_school uuid) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select max(c.last_marked_on) from app.cases c
    where c.school_id = p_school and c.authority_id = app.authority()
      and (app.administers() or c.school_id = any (app.heads()))
$$;

-- Before a calendar is changed it is reckoned which due dates move. An LA administrator sees no case; for this their
-- transaction reads the cases of the authority, the program lets nothing out but numbers (db/duties.rs), and ends the
-- reading at once.
create function app.read_to_reckon() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare schools text := (select array_agg(id) from app.schools where authority_id = app.authority())::text;
begin
    if app.administers() then
        perform set_config('app.whole', coalesce(schools, ''), true), set_config('app.daily', coalesce(schools, ''), true);
    end if;
end $$;
create function app.read_no_more() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if app.administers() then
        perform set_config('app.whole', '', true), set_config('app.daily', '', true);
    end if;
end $$;
revoke execute on function app.last_marked_on(uuid), app.read_to_reckon(), app.read_no_more(), app.school_is_the_authoritys() from public;
grant execute on function app.last_marked_on(uuid), app.read_to_reckon(), app.read_no_more() to waymark_web;
