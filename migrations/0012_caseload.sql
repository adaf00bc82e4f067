-- Why: people who look after many cases over many schools want one list of them: in an order that says why, counted,
-- filtered, paged. What lists sort and filter by stands beside what a case owes, reckoned in the same moment, so that a
-- page of the list is a walk along an index however many cases there are. With it: which LA representative looks after a
-- case, updates they ask schools for, and the views of the list that people keep.

-- ---------------------------------------------------------------------------------------------------
-- Which LA representative looks after a case, from when to when.
create table app.case_representatives (
    id uuid constraint case_representatives_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    user_id uuid not null,
    from_on date not null,
    to_on date,
    named_at timestamptz not null,
    named_by uuid not null,
    constraint case_representatives_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_representatives_user foreign key (authority_id, user_id) references app.users (authority_id, id),
    constraint case_representatives_days check (to_on is null or to_on >= from_on - 1)
);
create unique index case_representatives_one_now on app.case_representatives (case_id) where to_on is null;
create index case_representatives_by_school on app.case_representatives (school_id, case_id);

-- An LA representative asks the school how a case stands; the school answers once.
create table app.update_requests (
    id uuid constraint update_requests_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    words text,
    asked_on date not null,
    asked_at timestamptz not null,
    asked_by uuid not null,
    due_on date not null,
    answer text constraint update_requests_answer check (answer <> ''),
    answered_on date,
    answered_at timestamptz,
    answered_by uuid,
    constraint update_requests_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint update_requests_days check (due_on >= asked_on and answered_on >= asked_on),
    constraint update_requests_answered check ((answer is null) = (answered_on is null)
        and (answer is null) = (answered_at is null) and (answer is null) = (answered_by is null))
);
-- One question at a time: a second person sees that it has been asked.
create unique index update_requests_one_open on app.update_requests (case_id) where answer is null;
create index update_requests_by_school on app.update_requests (school_id, case_id);
create index update_requests_by_case on app.update_requests (case_id, asked_at);

-- Views of the caseload that somebody keeps: what is filtered and how it is sorted, never which cases.
create table app.saved_views (
    id uuid constraint saved_views_pk primary key,
    authority_id uuid not null,
    user_id uuid not null,
    name text not null constraint saved_views_name check (name <> ''),
    -- The address after the question mark, as the page writes it.
    query text not null,
    -- Colleagues who see caseloads see it too.
    shared boolean not null,
    made_at timestamptz not null,
    constraint saved_views_user foreign key (authority_id, user_id) references app.users (authority_id, id),
    constraint saved_views_name_once unique (user_id, name)
);
create index saved_views_by_authority on app.saved_views (authority_id) where shared;

-- ---------------------------------------------------------------------------------------------------
-- What lists read. Copied from the case in the transaction that changes it ...
alter table app.case_duties
    add column sort_name text not null default '',
    add column stage smallint not null default 1,
    add column closed boolean not null default false,
    add column last_marked_on date,
    add column lead_id uuid,
    add column representative_id uuid,
    -- ... and reckoned with what it owes, as of that day: the concern (domain::concern) with its reasons, school days the
    -- latest duty is late, the earliest day something is due, school days in a row without marks, half-days suspended in the
    -- school year, and whether it waits for the LA.
    add column concern smallint not null default 0 constraint case_duties_concern check (concern between 0 and 2),
    add column concerns jsonb not null default '[]',
    add column overdue_days integer not null default 0,
    add column next_due_on date,
    add column unmarked_days integer not null default 0,
    add column year_half_days integer not null default 0,
    add column waits_for_la boolean not null default false;
update app.case_duties d
set sort_name = c.sort_name, stage = c.stage, closed = c.closed, last_marked_on = c.last_marked_on, lead_id = c.lead_id,
    reckoned_on = null
from app.cases c where c.id = d.case_id;
alter table app.case_duties alter column sort_name drop default, alter column stage drop default,
    alter column closed drop default;
grant update (concern, concerns, overdue_days, next_due_on, unmarked_days, year_half_days, waits_for_la)
    on app.case_duties to waymark_web;

-- One walk for each order of the list, open cases and closed ones apart. Each runs upwards in all its parts, so that the
-- next page begins after one row of values; and each part is a plain column: what is computed in a query counts as a look
-- behind the wall, and row-level security would let the walk begin only at the first case.
alter table app.case_duties
    add column by_concern smallint not null generated always as (- concern) stored,
    add column by_overdue integer not null generated always as (- overdue_days) stored,
    add column by_stage smallint not null generated always as (- stage) stored,
    add column by_due date not null generated always as (coalesce(next_due_on, 'infinity')) stored,
    add column by_marks date not null generated always as (coalesce(last_marked_on, '-infinity')) stored;
create index case_duties_by_concern on app.case_duties
    (authority_id, closed, by_concern, by_overdue, sort_name, case_id);
create index case_duties_by_name on app.case_duties (authority_id, closed, sort_name, case_id);
create index case_duties_by_due on app.case_duties (authority_id, closed, by_due, sort_name, case_id);
create index case_duties_by_marks on app.case_duties (authority_id, closed, by_marks, sort_name, case_id);
create index case_duties_by_stage on app.case_duties (authority_id, closed, by_stage, sort_name, case_id);
-- One for each count over the list.
create index case_duties_open on app.case_duties (school_id, reckoned_on) include (stage, overdue_days, last_marked_on)
    where not closed;
create index case_duties_overdue on app.case_duties (school_id) where not closed and overdue_days > 0;
create index case_duties_stage_3 on app.case_duties (school_id) where not closed and stage = 3;
create index case_duties_unmarked on app.case_duties (school_id) where not closed and unmarked_days >= 3;
create index case_duties_near_ceiling on app.case_duties (school_id) where not closed and year_half_days >= 70;
create index case_duties_waits_for_la on app.case_duties (school_id) where not closed and waits_for_la;
create index case_duties_looked_after on app.case_duties (representative_id) where not closed;
create index case_duties_led on app.case_duties (lead_id) where not closed;

create or replace function app.case_owes() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.case_duties (case_id, authority_id, school_id, sort_name, stage, closed, last_marked_on, lead_id)
    select id, authority_id, school_id, sort_name, stage, closed_on is not null, last_marked_on, lead_id
    from changed;
    return null;
end $$;
create function app.case_stands() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties set sort_name = new.sort_name, stage = new.stage, closed = new.closed_on is not null,
        last_marked_on = new.last_marked_on, lead_id = new.lead_id
    where case_id = new.id;
    return null;
end $$;
-- Another mark on a day that has some changes nothing a list sorts by.
create trigger stands after update on app.cases for each row
    when (new.sort_name is distinct from old.sort_name or new.stage is distinct from old.stage
          or new.closed_on is distinct from old.closed_on or new.last_marked_on is distinct from old.last_marked_on
          or new.lead_id is distinct from old.lead_id)
    execute function app.case_stands();
create function app.case_represented() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d
    set representative_id = (select r.user_id from app.case_representatives r where r.case_id = d.case_id and r.to_on is null)
    where d.case_id = new.case_id;
    return null;
end $$;
create trigger represented after insert or update on app.case_representatives for each row
    execute function app.case_represented();
revoke execute on function app.case_stands(), app.case_represented() from public;

-- ---------------------------------------------------------------------------------------------------
-- Walls.
do $$
declare t text; e text;
begin
    foreach t in array array['case_representatives', 'update_requests'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('create policy see on app.%I for select
            using (case when school_id = any ((select app.whole())::uuid[]) then true else false end)', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
        -- What is asked, and who would know, changes what the case owes.
        foreach e in array array['insert', 'update', 'delete'] loop
            execute format('create trigger owes_anew_%s after %s on app.%I referencing %s table as changed
                            for each statement execute function app.owes_anew()',
                e, e, t, case e when 'delete' then 'old' else 'new' end);
        end loop;
    end loop;
end $$;
-- Who looks after a case is the LA's to say.
create policy add on app.case_representatives for insert
    with check (school_id = any ((select app.whole())::uuid[]) and (select app.prepares())
                and named_by = (select app.actor()));
create policy change on app.case_representatives for update
    using (case when school_id = any ((select app.whole())::uuid[]) and (select app.prepares()) then true else false end);
grant update (to_on) on app.case_representatives to waymark_web;
create policy add on app.update_requests for insert
    with check (school_id = any ((select app.whole())::uuid[]) and (select app.prepares())
                and asked_by = (select app.actor()) and answer is null);
create policy change on app.update_requests for update
    using (case when school_id = any ((select app.whole_write())::uuid[]) and answer is null then true else false end)
    with check (answered_by = (select app.actor()));
grant update (answer, answered_on, answered_at, answered_by) on app.update_requests to waymark_web;

alter table app.saved_views enable row level security;
create policy see on app.saved_views for select
    using (authority_id = (select app.authority())
           and (user_id = (select app.actor()) or (shared and (select app.prepares()))));
create policy add on app.saved_views for insert
    with check (authority_id = (select app.authority()) and user_id = (select app.actor()));
create policy remove on app.saved_views for delete using (user_id = (select app.actor()));
grant select, insert, delete on app.saved_views to waymark_web;
