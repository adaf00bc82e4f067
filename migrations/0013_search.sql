-- Why: somebody types what they remember of a pupil (part of a name, the end of a UPN, the number of a case) and finds
-- the pupil, among those they may see, in an authority of 340,000.
--
-- Behind row-level security no index helps to compare parts of names: those operators could give away rows that the
-- policy hides, so PostgreSQL filters by the policy first. A function of the owner therefore finds, within the schools
-- it is asked for and the actor may see whole, and gives back ids; what is shown is read behind the policies as always.

-- A name without accents, capitals, hyphens and apostrophes: "Zoë O’Neill-Smith" is "zoe oneill smith".
create function app.folded(p_text text) returns text language sql immutable strict parallel safe as $$
    select btrim(regexp_replace(translate(translate(
        replace(replace(replace(replace(
            lower(regexp_replace(normalize(p_text, NFKD), U&'[\0300-\036F\064B-\0652]', '', 'g')),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øłđðıØŁĐ', 'olddiold'),
        U&'-.,;:!?/\\()[]{}<>@#$%^&*_+=|~"\2010\2011\2012\2013\2014''’‘`´ʼ',
        '                                   '),
        U&'[ \00A0\0009\000A\000D]+', ' ', 'g'))
$$;

-- What a name is found by: every word of it with a space before, so that a word is found by how it begins.
alter table app.pupils add column search_name text not null generated always as
    (' ' || app.folded(given_name || ' ' || coalesce(known_as, '') || ' ' || family_name)) stored;
create index pupils_by_likeness on app.pupils using gin (search_name gin_trgm_ops);
create index pupils_by_upn_ending on app.pupils ((reverse(upn)) collate "C");
create index cases_by_number on app.cases (number);
-- Whether a pupil is on the roll, asked for thousands at a time.
create index enrolments_by_pupil on app.enrolments (pupil_id, school_id, to_on);

-- A word with two letters next to each other the other way round, each way, as a pattern: the commonest slip of all,
-- and in short words too much for trigrams.
create function app.slips(p_word text) returns text language sql immutable strict parallel safe as $$
    select ' (' || string_agg(left(p_word, n - 1) || substr(p_word, n + 1, 1) || substr(p_word, n, 1)
                              || substr(p_word, n + 2), '|') || ')'
    from generate_series(1, length(p_word) - 1) n
$$;

-- How alike a name is to the words asked for: 1 when each word begins one of the name, less for slips; none: it is not alike.
create function app.likeness(p_name text, p_words text[], p_slips text[]) returns real
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    least_alike real := 1;
    alike real;
begin
    for i in 1 .. cardinality(p_words) loop
        if strpos(p_name, ' ' || p_words[i]) > 0 then continue; end if;
        if length(p_words[i]) < 4 then return null; end if;
        if p_name ~ p_slips[i] then
            alike := 0.7;
        else
            alike := public.word_similarity(p_words[i], p_name) * 0.9;
            if alike < 0.45 then return null; end if;
        end if;
        least_alike := least(least_alike, alike);
    end loop;
    return least_alike;
end $$;

-- Pupils who fit what was asked for, of these schools, as far as the actor may see their whole record; the best first.
-- `p_left`: also those who have left the roll, and those who moved on and whose case stays at the school.
create function app.pupils_sought(
    p_schools uuid[], p_name text, p_upn_end text, p_left boolean, p_today date, p_limit integer
) returns table (pupil_id uuid, why text, likeness real) rows 50
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    schools uuid[] := array(select unnest(p_schools) intersect select unnest(app.whole()));
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
    few boolean := cardinality(schools) <= 2;
    found integer;
begin
    if p_upn_end is not null then
        return query
            select p.id, case when length(p_upn_end) = 13 then 'upn' else 'upn_ending' end, 1::real
            from app.pupils p
            where reverse(p.upn) collate "C" >= reverse(p_upn_end) and reverse(p.upn) collate "C" < reverse(p_upn_end) || '~'
              and (p.school_id = any (schools)
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
            from app.pupils p where not few and p.search_name like led
        ), within as materialized (
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
        where p_left or o.school_id <> all (schools)
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
        ), within as (
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
        where p_left or o.school_id <> all (schools)
           or exists (select from app.enrolments e where e.pupil_id = o.id and e.school_id = o.school_id
                        and (e.to_on is null or e.to_on >= p_today))
        order by o.alike desc, o.family, o.given, o.id
        limit p_limit - found;
end $$;

revoke execute on function app.folded(text), app.slips(text), app.likeness(text, text[], text[]),
    app.pupils_sought(uuid[], text, text, boolean, date, integer) from public;
grant execute on function app.folded(text), app.slips(text), app.likeness(text, text[], text[]),
    app.pupils_sought(uuid[], text, text, boolean, date, integer) to waymark_web;
