-- Why: what every request pays. Policies become a CASE: the planner then takes a policy for a filter that half
-- of the rows pass, never for an index condition, so that the query's own scope leads (a list read in order
-- stays a list read in order). What a request leaves behind (the key of its form, its audit row) is written by
-- a function, whose statements stay planned; it runs as its caller, behind the same walls. Plans are made once
-- for all values, so lists of open and of closed cases share an index, with a column that says which it is.

do $$
declare p record;
begin
    for p in select tablename, policyname, qual from pg_policies where schemaname = 'app' and qual like '%= ANY (%' loop
        execute format('alter policy %I on app.%I using (case when %s then true else false end)',
                       p.policyname, p.tablename, p.qual);
    end loop;
end $$;

drop index app.cases_open_by_school, app.cases_open_by_authority, app.cases_closed_by_school;
alter table app.cases add column closed boolean not null generated always as (closed_on is not null) stored;
create index cases_by_school on app.cases (school_id, closed, sort_name, id);
create index cases_by_authority on app.cases (authority_id, closed, sort_name, id);

-- Ends a request of the actor: where a form led, and who did or saw what about which children.
create function app.record(
    p_key uuid, p_fingerprint bytea, p_location text, p_school uuid, p_at timestamptz, p_acted_as text, p_action text,
    p_outcome text, p_subject uuid, p_pupils uuid[], p_request uuid, p_facts jsonb
) returns void language plpgsql as $$
begin
    if p_key is not null then
        insert into app.form_keys (user_id, key, fingerprint, location, used_at)
        values (app.actor(), p_key, p_fingerprint, p_location, p_at);
    end if;
    insert into app.audit_events
        (authority_id, school_id, at, actor, acted_as, action, outcome, subject, pupils, request, facts)
    values (app.authority(), p_school, p_at, app.actor(), p_acted_as, p_action, p_outcome, p_subject, p_pupils, p_request,
            p_facts);
end $$;
revoke execute on function app.record(uuid, bytea, text, uuid, timestamptz, text, text, text, uuid, uuid[], uuid, jsonb)
    from public;
grant execute on function app.record(uuid, bytea, text, uuid, timestamptz, text, text, text, uuid, uuid[], uuid, jsonb)
    to waymark_web;
