-- Why: what a second tab or a second person can still do to a record that was given up, and what ends later than it looks.

-- Nothing begins on a record that was made one with another: somebody who makes them one at the same moment is waited for.
create function app.record_stands() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    perform from app.pupils where id = new.pupil_id and merged_into is null for key share;
    if not found then
        raise exception 'the record was made one with another' using errcode = '23514', constraint = 'pupil_record_stands';
    end if;
    return new;
end $$;
revoke execute on function app.record_stands() from public;
create trigger record_stands before insert on app.cases for each row execute function app.record_stands();
create trigger record_stands before insert on app.incidents for each row execute function app.record_stands();
create trigger record_stands before insert on app.contacts for each row execute function app.record_stands();

-- Days elsewhere of the same term on both records would count twice.
create or replace function app.merge_hindrance(p_keep uuid, p_gone uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case
        when k.id is null or g.id is null or k.id = g.id or k.merged_into is not null or g.merged_into is not null then 'records'
        when (select count(*) from app.cases c where c.pupil_id in (k.id, g.id) and c.closed_on is null) > 1 then 'cases'
        when exists (select from app.exclusions e where e.pupil_id = g.id) then 'exclusions'
        when exists (select from app.transfers t where t.pupil_id = g.id)
             or exists (select from app.packs p where p.pupil_id = g.id) then 'transfers'
        when exists (select from app.enrolments e where e.pupil_id = g.id and e.school_id <> g.school_id) then 'elsewhere'
        when exists (select from app.exclusions_elsewhere x join app.exclusions_elsewhere o
                         on o.pupil_id = k.id and o.school_year = x.school_year and o.term is not distinct from x.term
                     where x.pupil_id = g.id and x.taken_back_at is null and o.taken_back_at is null) then 'days_elsewhere'
        when exists (select from app.enrolments e join app.enrolments o on o.pupil_id = k.id
                     and daterange(o.from_on, o.to_on, '[]') && daterange(e.from_on, e.to_on, '[]')
                     where e.pupil_id = g.id group by e.id
                     having count(*) > 1 or bool_or(o.school_id <> e.school_id)) then 'enrolments'
        end
    from (select app.authority() as authority) a
    left join app.pupils k on k.id = p_keep and k.authority_id = a.authority and k.school_id = any (app.whole_write())
    left join app.pupils g on g.id = p_gone and g.authority_id = a.authority and g.school_id = k.school_id
$$;

-- Whether somebody else administers the authority on every day from one on on which this person would have: on that
-- day, and on each day after somebody else's role has ended.
create or replace function app.administrator_stays(p_but uuid, p_on date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from app.authorities where id = app.authority() for update;
    return (
        with administers as (
            select g.user_id, g.from_on, g.to_on from app.grants g join app.users u on u.id = g.user_id
            where g.authority_id = app.authority() and g.role = 'la_administrator' and u.disabled_at is null)
        select coalesce(bool_and(exists (select from administers o where o.user_id <> p_but and d.on_date >= o.from_on
                                           and (o.to_on is null or d.on_date <= o.to_on))), true)
        from (select p_on as on_date
              union select greatest(p_on, a.from_on) from administers a where a.user_id = p_but
              union select a.to_on + 1 from administers a where a.user_id <> p_but and a.to_on >= p_on) d
        where exists (select from administers m where m.user_id = p_but and d.on_date >= m.from_on
                        and (m.to_on is null or d.on_date <= m.to_on)));
end $$;

-- A link to choose a password opens what its maker could open: with another role it ends.
create function app.link_ends_with_role() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update app.account_links set ended_at = new.made_at
    where user_id = new.user_id and used_at is null and ended_at is null and made_at < new.made_at;
    return null;
end $$;
revoke execute on function app.link_ends_with_role() from public;
create trigger link_ends after insert on app.grants for each row execute function app.link_ends_with_role();
