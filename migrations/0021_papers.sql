-- Why: names hidden on a screen that others can see: frozen papers hold the name the pupil goes by, and their words hold the
-- other names too. Whoever may read papers has the names of their pupil hidden; nothing else is learnt here.
create function app.names_on_papers(p_about uuid[])
returns table (given_name text, known_as text, family_name text, as_frozen text, about boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.given_name, p.known_as, p.family_name, k.name,
           k.id = any (p_about) or k.transfer_id = any (p_about)
               or exists (select from app.referrals r where r.pack_id = k.id and r.id = any (p_about))
    from app.packs k join app.pupils p on p.id = k.pupil_id
    where k.id = any (array(select unnest(app.received_packs()) union select unnest(app.panel_packs())))
$$;
revoke execute on function app.names_on_papers(uuid[]) from public;
grant execute on function app.names_on_papers(uuid[]) to waymark_web;

-- Tries to sign in are kept for 30 days: what is older is found and deleted once a minute.
create index sign_in_tries_by_day on app.sign_in_tries (at);
