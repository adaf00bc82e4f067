-- A small world of random cases within one authority, the same for the same $2. Everything is at or before 24 November 2026.
create temporary table dice on commit drop as select $1::uuid as authority, $2::integer as seed;

-- Seed and authority are written into these, so that they are worked out where they are used, without a call.
create or replace function pg_temp.die(salt text, n integer) returns integer language sql stable as
    $$ select (abs(hashtextextended(salt || '/' || $2, 0)) % n)::integer $$;
create or replace function pg_temp.id(salt text) returns uuid language sql stable as
    $$ select md5(salt || '/' || $1)::uuid $$;

insert into app.authorities (id, name, la_code) select authority, 'World', '803' from dice;
insert into app.policies (id, authority_id, version, effective_on, settings, source)
select pg_temp.id('policy'), authority, 1, '2009-03-11', $3::jsonb, 'test' from dice;
insert into app.users (id, authority_id, email, name, made_at)
select pg_temp.id('user'), authority, 'u' || authority || '@test.example', 'A', '2024-09-01' from dice;
insert into app.schools (id, authority_id, name, urn, establishment, phase)
select pg_temp.id('school' || s), authority, 'School ' || chr(64 + s), (900000 + s)::text, '4900', 'secondary'
from dice, generate_series(1, 1 + pg_temp.die('schools', 7)) s;
insert into app.school_periods (authority_id, school_id, period, label, starts_at, ends_at)
select authority_id, id, p, 'P' || p, make_time(8 + p, 0, 0), make_time(8 + p, 50, 0)
from app.schools, generate_series(1, 1 + pg_temp.die('periods' || name, 6)) p where authority_id = (select authority from dice);
-- Two school years and the third begun; the middle one is missing in some worlds. One school has a term of its own.
insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
select pg_temp.id('span' || n), authority, null, kind, name, from_on::date, to_on::date
from dice, (values (1, 'term', 'a', '2024-09-03', '2024-12-20'), (2, 'term', 'b', '2025-01-06', '2025-04-04'),
    (3, 'term', 'c', '2025-04-22', '2025-07-22'), (4, 'term', 'd', '2025-09-02', '2025-12-19'), (5, 'term', 'e', '2026-01-05', '2026-03-27'),
    (6, 'term', 'f', '2026-04-13', '2026-07-21'), (7, 'term', 'g', '2026-09-02', '2026-12-18'), (8, 'inset', 'i', '2025-11-03', '2025-11-04'),
    (9, 'bank_holiday', 'h', '2026-05-04', '2026-05-04'), (10, 'closure', 'k', '2026-02-16', '2026-02-20')) t (n, kind, name, from_on, to_on)
where not (pg_temp.die('gap', 4) = 0 and n between 4 and 6);
insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
select pg_temp.id('own' || n), authority, pg_temp.id('school1'), kind, 'own', from_on::date, to_on::date
from dice, (values (1, 'term', '2026-09-07', '2026-10-16'), (2, 'term', '2026-11-02', '2026-12-16'), (3, 'inset', '2026-09-07', '2026-09-08')) t (n, kind, from_on, to_on)
where pg_temp.die('own', 2) = 0;

create temporary table pupil on commit drop as
select n, pg_temp.id('pupil' || n) as id, pg_temp.id('school' || (1 + pg_temp.die('at' || n, (select count(*)::integer from app.schools where authority_id = (select authority from dice))))) as school
from generate_series(1, 5 + pg_temp.die('pupils', 45)) n;
insert into app.pupils (id, authority_id, school_id, given_name, family_name, born_on, year_offset, year_reason, no_upn_reason, send, looked_after, eal,
                        made_at, made_by, changed_at, changed_by)
select p.id, d.authority, p.school, 'Sam', 'P' || n, date '2008-06-01' + pg_temp.die('born' || n, 2200), case when pg_temp.die('off' || n, 12) = 0 then -1 else 0 end,
       case when pg_temp.die('off' || n, 12) = 0 then 'x' end, 'x', (array['none', 'sen_support', 'ehcp'])[1 + pg_temp.die('send' || n, 3)],
       pg_temp.die('lac' || n, 5) = 0, pg_temp.die('eal' || n, 3) = 0, '2024-09-01', pg_temp.id('user'), '2024-09-01', pg_temp.id('user')
from pupil p, dice d;
insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on, to_on)
select pg_temp.id('enrolment' || n), authority, school, p.id, case when pg_temp.die('since' || n, 3) = 0 then date '2025-11-10' else date '2024-09-02' end,
       case when pg_temp.die('left' || n, 5) = 0 then date '2026-06-30' end
from pupil p, dice;

-- One or two cases each, the second after the first has ended.
create temporary table k on commit drop as
with one as (
    select p.n, 1 as nth, date '2024-10-01' + pg_temp.die('opened' || p.n, 720) as opened_on from pupil p
), ended as (
    select *, case when pg_temp.die('closed' || n, 5) < 3 then least(opened_on + 1 + pg_temp.die('for' || n, 220), date '2026-11-20') end as closed_on from one
), two as (
    select * from ended union all
    select n, 2, closed_on + 5, case when pg_temp.die('again-closed' || n, 2) = 0 then least(closed_on + 60, date '2026-11-20') end
    from ended where closed_on < date '2026-11-01' and pg_temp.die('again' || n, 6) = 0
)
select *, pg_temp.id('case' || n || '-' || nth) as id, n || '-' || nth as salt from two where closed_on is null or closed_on >= opened_on;
-- Stays at stages, one after another; the same stage twice is a case that was reopened.
create temporary table stay on commit drop as
select k.id, k.salt, g, 1 + pg_temp.die('stage' || salt || g, 3) as stage, least(opened_on + g * (3 + pg_temp.die('gap' || salt, 60)), coalesce(closed_on, '2026-11-24')) as entered_on,
       case when g = moves then closed_on else least(opened_on + (g + 1) * (3 + pg_temp.die('gap' || salt, 60)), coalesce(closed_on, '2026-11-24')) end as left_on
from (select k.*, pg_temp.die('moves' || salt, 4) as moves from k) k, generate_series(0, moves) g;
insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at, opened_by, rationale, closed_on, ended_as, stage,
                       entry_stage, lead_id, sort_name)
select k.id, d.authority, p.school, p.id, pg_temp.id('enrolment' || p.n), pg_temp.id('policy'), k.opened_on, k.opened_on + time '09:00', pg_temp.id('user'), 'x', k.closed_on,
       case when k.closed_on is not null then (array['progress', 'progress', 'progress', 'moved_out', 'left', 'excluded', 'opened_in_error'])[1 + pg_temp.die('as' || k.salt, 7)] end,
       (select stage from stay s where s.id = k.id order by g desc limit 1), (select stage from stay s where s.id = k.id order by g limit 1), pg_temp.id('user'), k.salt
from k join pupil p on p.n = k.n, dice d;
insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by, left_on)
select pg_temp.id('stay' || s.salt || s.g), c.authority_id, c.school_id, c.id, s.stage, s.entered_on, s.entered_on + time '09:00' + s.g * interval '1 minute', pg_temp.id('user'), s.left_on
from stay s join app.cases c on c.id = s.id;
insert into app.case_steps (id, authority_id, school_id, case_id, kind, stage, on_date, details, recorded_on, recorded_at, recorded_by)
select pg_temp.id('step' || k.salt), c.authority_id, c.school_id, c.id, 'stage_3_considered', 1, c.opened_on, '{}', c.opened_on, c.opened_at, pg_temp.id('user')
from k join app.cases c on c.id = k.id where pg_temp.die('considered' || k.salt, 5) = 0;
insert into app.targets (id, authority_id, school_id, case_id, position, words, criterion, due_on, starts_on, ended_on)
select pg_temp.id('target' || k.salt || t), c.authority_id, c.school_id, c.id, t, 'x', 'x', c.opened_on + 60, c.opened_on + pg_temp.die('starts' || k.salt || t, 9),
       case when pg_temp.die('done' || k.salt || t, 3) = 0 then c.opened_on + 9 + pg_temp.die('after' || k.salt || t, 60) end
from k join app.cases c on c.id = k.id, generate_series(1, pg_temp.die('targets' || k.salt, 7)) t;
insert into app.known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, periods, source, made_at, made_by, withdrawn_at)
select pg_temp.id('away' || k.salt || a), c.authority_id, c.school_id, c.id, 'absent', c.opened_on + 20 * a, c.opened_on + 20 * a + pg_temp.die('days' || k.salt || a, 9),
       case when pg_temp.die('part' || k.salt || a, 4) = 0 then '{1}'::smallint[] end, 'x', c.opened_at, pg_temp.id('user'),
       case when pg_temp.die('withdrawn' || k.salt || a, 5) = 0 then c.opened_at end
from k join app.cases c on c.id = k.id, generate_series(1, pg_temp.die('aways' || k.salt, 3)) a;
-- Sheets of some weekdays up to the day before, with their weeks beside them.
insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected, first_saved_at, saved_at, saved_by, entered_late)
select authority_id, school_id, case_id, on_date, 1, (2 * recorded * pg_temp.die('points' || salt || on_date, 101)) / 100, 2 * recorded, recorded, expected, on_date, on_date, pg_temp.id('user'), false
from (select c.authority_id, c.school_id, c.id as case_id, k.salt, d::date as on_date, e.expected, pg_temp.die('made' || k.salt || d, e.expected + 1) as recorded
      from k join app.cases c on c.id = k.id
      join lateral (select min(starts_on) as first from app.targets t where t.case_id = c.id) f on true
      join lateral generate_series(f.first, least(c.closed_on, f.first + 80, date '2026-11-23'), interval '1 day') d on extract(isodow from d) < 6
      join lateral (select pg_temp.die('expected' || k.salt || d, 13) as expected) e on true
      where pg_temp.die('sheet' || k.salt || d, 3) > 0) x;
insert into app.case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded, expected)
select authority_id, school_id, case_id, on_date - extract(isodow from on_date)::integer + 1, count(*), sum(points), sum(possible), sum(recorded), sum(expected)
from app.days where authority_id = (select authority from dice) group by 1, 2, 3, 4;
-- Suspensions around the day a case began, some of them cancelled.
insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, kind, decided_on, issuer, issued_by, mornings, afternoons, reasons, words, exams_left, guidance, send,
                            looked_after, social_worker, lives_elsewhere, recorded_on, recorded_at, cancelled_on, cancelled_at, cancelled_by, cancelled_why, back_on, back_half)
select pg_temp.id('x' || salt || x), authority_id, school_id, pupil_id, enrolment_id, id, 'suspension', first, 'headteacher', pg_temp.id('user'),
       array(select first + i from generate_series(0, length) i), array(select first + i from generate_series(0, length - half) i), '{PA}', 'x', false, 'x', 'none', false, false, false,
       first, first, case when cancelled then first end, case when cancelled then first::timestamptz end, case when cancelled then pg_temp.id('user') end,
       case when cancelled then 'x' end, case when cancelled then first + 1 end, case when cancelled then (array['morning', 'afternoon'])[1 + half] end
from (select c.*, k.salt, x, c.opened_on - 95 + pg_temp.die('on' || k.salt || x, 190) as first, pg_temp.die('long' || k.salt || x, 4) as length,
             pg_temp.die('half' || k.salt || x, 2) as half, pg_temp.die('cancelled' || k.salt || x, 5) = 0 as cancelled
      from k join app.cases c on c.id = k.id, generate_series(1, pg_temp.die('xs' || k.salt, 4)) x) y
where first < date '2026-11-20';
insert into app.supports (id, authority_id, school_id, case_id, kind, purpose, provider, lead_id, lead_name, sessions_a_week, starts_on, review_on, service_declined_on, ended_on, effect, ended_why,
                          made_at, made_by, changed_at, changed_by)
select pg_temp.id('support' || salt || u), authority_id, school_id, id, (array['mentor', 'mentor', 'restorative', 'behaviour_support'])[1 + pg_temp.die('kind' || salt || u, 4)], 'x', 'x', null, 'x', 1, starts, starts + 30,
       case when declined then starts end, case when ended then starts + 10 end, case when ended then (array['helped', 'helped', 'helped_some', 'no_change', 'worse'])[1 + pg_temp.die('effect' || salt || u, 5)] end,
       case when ended then 'x' end, opened_at, pg_temp.id('user'), opened_at, pg_temp.id('user')
from (select c.*, k.salt, u, c.opened_on + pg_temp.die('from' || k.salt || u, 40) as starts, pg_temp.die('ended' || k.salt || u, 2) = 0 as ended, pg_temp.die('declined' || k.salt || u, 8) = 0 as declined
      from k join app.cases c on c.id = k.id, generate_series(1, pg_temp.die('supports' || k.salt, 4)) u) y
