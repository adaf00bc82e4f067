-- Why: pupils come from a school's own system as a file, a whole year leaves at once in summer, one pupil is sometimes
-- recorded twice, and schools join the programme. Each is done on screen, at once or not at all, and leaves a trace.

-- A file that somebody is looking at before it is brought in. What was sent goes when it was brought in, and after a day.
create table app.pupil_files (
    id uuid constraint pupil_files_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    contents text,
    made_at timestamptz not null,
    made_by uuid not null,
    imported_at timestamptz,
    imported_by uuid,
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    left_out integer not null default 0,
    constraint pupil_files_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint pupil_files_made_by foreign key (authority_id, made_by) references app.users (authority_id, id),
    constraint pupil_files_imported_by foreign key (authority_id, imported_by) references app.users (authority_id, id),
    constraint pupil_files_imported check ((imported_at is null) = (imported_by is null)),
    constraint pupil_files_gone check (imported_at is null or contents is null)
);
create index pupil_files_by_school on app.pupil_files (school_id, made_at);
create index pupil_files_kept on app.pupil_files (made_at) where contents is not null;

-- UPNs that are on records of the authority, but not of this school (decision 6). Those and nothing more.
create function app.upns_elsewhere(p_school uuid, p_upns text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.upn from app.pupils p
    where p_school = any (app.whole_write()) and p.authority_id = app.authority() and p.upn = any (p_upns)
      and p.school_id <> p_school
$$;

-- Lists of cases go by the pupil's name: a name that is put right puts them right.
create function app.name_sorts_cases() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.cases set sort_name = lower(new.family_name) || ' ' || lower(new.given_name) where pupil_id = new.id;
    return null;
end $$;
create trigger name_sorts_cases after update on app.pupils for each row
    when ((old.family_name, old.given_name) is distinct from (new.family_name, new.given_name))
    execute function app.name_sorts_cases();

-- ---------------------------------------------------------------------------------------------------
-- Leaving the roll, and coming back when that was a mistake.

alter table app.enrolments
    add column left_why text constraint enrolments_left_why check (left_why <> ''),
    add column left_at timestamptz,
    add column left_by uuid,
    add constraint enrolments_left check ((left_why is null) = (left_at is null) and (left_why is null) = (left_by is null)
                                          and (left_why is null or to_on is not null)),
    add constraint enrolments_left_by foreign key (authority_id, left_by) references app.users (authority_id, id);

-- A case is closed first: it never ends because somebody left. Whoever opens one meanwhile holds the enrolment's row.
create function app.leaving_waits_for_case() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from app.cases c where c.enrolment_id = new.id and c.closed_on is null) then
        raise exception 'an open case is closed first' using errcode = 'check_violation', constraint = 'enrolments_case_closed';
    end if;
    return new;
end $$;
create trigger leaving_waits_for_case before update on app.enrolments for each row
    when (new.left_why is not null and old.left_why is null) execute function app.leaving_waits_for_case();

-- ---------------------------------------------------------------------------------------------------
-- Two records of one pupil.

-- The record that stays, for one that was found to be the same pupil's.
alter table app.pupils
    add column merged_into uuid,
    add constraint pupils_merged foreign key (authority_id, merged_into) references app.pupils (authority_id, id),
    add constraint pupils_merged_other check (merged_into <> id);

-- Who made two records one, why, and what was taken from which.
create table app.pupil_merges (
    id uuid constraint pupil_merges_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    -- The record that stays, and the one that was given up.
    pupil_id uuid not null,
    gone_id uuid not null,
    why text not null constraint pupil_merges_why check (why <> ''),
    -- Field by field what stood in each, and which was kept; how much of what moved.
    taken jsonb not null,
    moved jsonb not null,
    made_at timestamptz not null,
    made_by uuid not null,
    constraint pupil_merges_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint pupil_merges_kept foreign key (authority_id, pupil_id) references app.pupils (authority_id, id),
    constraint pupil_merges_gone foreign key (authority_id, gone_id) references app.pupils (authority_id, id),
    constraint pupil_merges_by foreign key (authority_id, made_by) references app.users (authority_id, id),
    constraint pupil_merges_once unique (gone_id)
);
create index pupil_merges_by_school on app.pupil_merges (school_id, pupil_id);

-- Why one record cannot be given up for another, as a word; none: it can. Asked again when it is done.
create function app.merge_hindrance(p_keep uuid, p_gone uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case
        when k.id is null or g.id is null or k.id = g.id or k.merged_into is not null or g.merged_into is not null then 'records'
        when (select count(*) from app.cases c where c.pupil_id in (k.id, g.id) and c.closed_on is null) > 1 then 'cases'
        when exists (select from app.exclusions e where e.pupil_id = g.id) then 'exclusions'
        when exists (select from app.transfers t where t.pupil_id = g.id)
             or exists (select from app.packs p where p.pupil_id = g.id) then 'transfers'
        when exists (select from app.enrolments e where e.pupil_id = g.id and e.school_id <> g.school_id) then 'elsewhere'
        when exists (select from app.enrolments e join app.enrolments o on o.pupil_id = k.id
                     and daterange(o.from_on, o.to_on, '[]') && daterange(e.from_on, e.to_on, '[]')
                     where e.pupil_id = g.id group by e.id
                     having count(*) > 1 or bool_or(o.school_id <> e.school_id)) then 'enrolments'
        end
    from (select app.authority() as authority) a
    left join app.pupils k on k.id = p_keep and k.authority_id = a.authority and k.school_id = any (app.whole_write())
    left join app.pupils g on g.id = p_gone and g.authority_id = a.authority and g.school_id = k.school_id
$$;

-- Gives one record up for another of the same school: everything that hangs on it goes over, but what was issued, which
-- stands in the way. The record itself stays as a row. Answers a word that says why not; none: it is done.
create function app.merge_pupils(p_id uuid, p_keep uuid, p_gone uuid, p_gone_version integer, p_why text, p_taken jsonb,
                                 p_now timestamptz, p_today date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare hindrance text; at_school uuid; e record; into_enrolment uuid; moved jsonb := '{}'; n integer;
begin
    -- Both rows, always in the same order, so that two people at once wait for each other.
    perform from app.pupils where id in (p_keep, p_gone) and authority_id = app.authority() order by id for update;
    perform from app.enrolments where pupil_id in (p_keep, p_gone) order by id for update;
    hindrance := app.merge_hindrance(p_keep, p_gone);
    if hindrance is not null then return hindrance; end if;
    select school_id into at_school from app.pupils where id = p_gone and version = p_gone_version;
    if not found then return 'version'; end if;

    -- Days on the roll: those that meet become one span of both; others are added.
    for e in select * from app.enrolments where pupil_id = p_gone order by from_on loop
        select id into into_enrolment from app.enrolments o
        where o.pupil_id = p_keep and daterange(o.from_on, o.to_on, '[]') && daterange(e.from_on, e.to_on, '[]');
        if found then
            update app.enrolments o set from_on = least(o.from_on, e.from_on),
                to_on = case when o.to_on is null or e.to_on is null then null else greatest(o.to_on, e.to_on) end,
                left_why = case when o.to_on is null or e.to_on is null then null else o.left_why end,
                left_at = case when o.to_on is null or e.to_on is null then null else o.left_at end,
                left_by = case when o.to_on is null or e.to_on is null then null else o.left_by end
            where o.id = into_enrolment;
        else
            into_enrolment := gen_random_uuid();
            insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on, to_on, left_why, left_at, left_by)
            values (into_enrolment, e.authority_id, e.school_id, p_keep, e.from_on, e.to_on, e.left_why, e.left_at, e.left_by);
        end if;
        update app.cases set pupil_id = p_keep, enrolment_id = into_enrolment where enrolment_id = e.id;
        get diagnostics n = row_count;
        moved := moved || jsonb_build_object('cases', coalesce((moved ->> 'cases')::integer, 0) + n);
        update app.incidents set pupil_id = p_keep, enrolment_id = into_enrolment where enrolment_id = e.id;
        get diagnostics n = row_count;
        moved := moved || jsonb_build_object('incidents', coalesce((moved ->> 'incidents')::integer, 0) + n);
        update app.enrolments set to_on = coalesce(to_on, greatest(from_on, p_today)) where id = e.id;
    end loop;
    update app.case_shares set pupil_id = p_keep where pupil_id = p_gone;
    update app.incident_people set pupil_id = p_keep where pupil_id = p_gone;
    get diagnostics n = row_count;
    moved := moved || jsonb_build_object('mentions', n);
    update app.exclusions_elsewhere set pupil_id = p_keep where pupil_id = p_gone;
    get diagnostics n = row_count;
    moved := moved || jsonb_build_object('days_elsewhere', n);
    update app.contacts set pupil_id = p_keep where pupil_id = p_gone;
    get diagnostics n = row_count;
    moved := moved || jsonb_build_object('contacts', n);
    update app.pupil_merges set pupil_id = p_keep where pupil_id = p_gone;
    update app.pupils set merged_into = p_keep where school_id = at_school and merged_into = p_gone;
    -- The number is free for the record that stays.
    update app.pupils set merged_into = p_keep, upn = null, no_upn_reason = 'Made one with another record', version = version + 1,
        changed_at = p_now, changed_by = app.actor() where id = p_gone;
    update app.cases c set sort_name = lower(k.family_name) || ' ' || lower(k.given_name)
    from app.pupils k where k.id = p_keep and c.pupil_id = p_keep;
    update app.case_duties d set reckoned_on = null from app.cases c where c.pupil_id = p_keep and d.case_id = c.id;
    insert into app.pupil_merges (id, authority_id, school_id, pupil_id, gone_id, why, taken, moved, made_at, made_by)
    values (p_id, app.authority(), at_school, p_keep, p_gone, p_why, p_taken, moved, p_now, app.actor());
    return null;
end $$;

-- ---------------------------------------------------------------------------------------------------
-- Walls.

do $$
declare t text;
begin
    foreach t in array array['pupil_files', 'pupil_merges'] loop
        execute format('alter table app.%I enable row level security', t);
    end loop;
end $$;
create policy see on app.pupil_files for select
    using (case when school_id = any ((select app.whole_write())::uuid[]) then true else false end);
create policy add on app.pupil_files for insert
    with check (case when school_id = any ((select app.whole_write())::uuid[]) and made_by = (select app.actor())
                then true else false end);
create policy change on app.pupil_files for update
    using (case when school_id = any ((select app.whole_write())::uuid[]) then true else false end);
create policy see on app.pupil_merges for select
    using (case when school_id = any ((select app.whole())::uuid[]) then true else false end);
grant select, insert on app.pupil_files to waymark_web;
grant update (contents, imported_at, imported_by, added, changed, unchanged, left_out) on app.pupil_files to waymark_web;
grant select on app.pupil_merges to waymark_web;

-- An LA administrator adds schools.
create policy add on app.schools for insert
    with check (authority_id = (select app.authority()) and (select app.administers()));
grant insert (id, authority_id, name, urn, establishment, phase, takes_part, mark_words, goal_percent, letterhead, changed_at,
              changed_by) on app.schools to waymark_web;

revoke execute on function app.upns_elsewhere(uuid, text[]), app.name_sorts_cases(), app.leaving_waits_for_case(),
    app.merge_hindrance(uuid, uuid), app.merge_pupils(uuid, uuid, uuid, integer, text, jsonb, timestamptz, date) from public;
grant execute on function app.upns_elsewhere(uuid, text[]), app.merge_hindrance(uuid, uuid),
    app.merge_pupils(uuid, uuid, uuid, integer, text, jsonb, timestamptz, date) to waymark_web;
