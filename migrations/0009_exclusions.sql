-- Why: suspensions and permanent exclusions (domain 2; S3.01, S3.02, P2.03a): what a headteacher issued, session by
-- session and never changed afterwards, what was done about each, and the days other schools gave. The count of 45
-- days follows the pupil across the authority's schools, and nothing else of an exclusion does.

-- ---------------------------------------------------------------------------------------------------
-- What was issued. The sessions are kept as they were laid over the school's calendar on that day: a calendar that
-- changes later changes no suspension.
create table app.exclusions (
    id uuid constraint exclusions_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    enrolment_id uuid not null,
    -- The case that was open then; none: no case was.
    case_id uuid,
    incident_id uuid,
    kind text not null constraint exclusions_kind check (kind in ('suspension', 'permanent')),
    decided_on date not null,
    issuer text not null constraint exclusions_issuer
        check (issuer in ('headteacher', 'acting_headteacher', 'teacher_in_charge')),
    issued_by uuid not null,
    -- Of a suspension: every session and lunchtime lost.
    mornings date[] not null default '{}',
    afternoons date[] not null default '{}',
    lunchtimes date[] not null default '{}',
    -- Of a permanent exclusion: the first session lost.
    first_on date,
    first_half text constraint exclusions_first_half check (first_half in ('morning', 'afternoon')),
    -- National codes, the main reason first.
    reasons text[] not null constraint exclusions_reasons check (
        cardinality(reasons) between 1 and 3
        and reasons <@ array['PP', 'PA', 'VP', 'VA', 'OW', 'BU', 'RA', 'LG', 'DS', 'SM', 'DA', 'DM', 'TH', 'DB', 'MT', 'PH']
        and (cardinality(reasons) < 2 or reasons[2] <> reasons[1])
        and (cardinality(reasons) < 3 or reasons[3] not in (reasons[1], reasons[2]))),
    words text not null constraint exclusions_words check (words <> ''),
    -- A public exam or test that would be missed.
    exam_on date,
    exam_half text constraint exclusions_exam_half check (exam_half in ('morning', 'afternoon')),
    exam_words text,
    -- Of a Year 11 pupil: a public exam is still to be sat, so education is owed from the sixth day.
    exams_left boolean not null,
    -- A further suspension, begun when another ended, and what made it necessary.
    further_to uuid,
    further_why text,
    -- A permanent exclusion for an incident the pupil was suspended for: the new evidence (7.2 A11).
    new_evidence text,
    -- P2.03a: Stage 3 was considered first, or why it was not.
    stage_3_considered boolean not null default false,
    stage_3_why text,
    -- The edition of the statutory guidance it was issued under.
    guidance text not null,
    -- The pupil on that day, as the national returns and the notices ask.
    send text not null,
    looked_after boolean not null,
    social_worker boolean not null,
    lives_elsewhere boolean not null,
    recorded_on date not null,
    recorded_at timestamptz not null,
    -- Cancelled: the only change there is, once. Of a permanent exclusion, the sessions out under it, which count.
    cancelled_on date,
    cancelled_at timestamptz,
    cancelled_by uuid,
    cancelled_why text,
    back_on date,
    back_half text constraint exclusions_back_half check (back_half in ('morning', 'afternoon')),
    out_mornings date[],
    out_afternoons date[],
    constraint exclusions_enrolment foreign key (authority_id, school_id, pupil_id, enrolment_id)
        references app.enrolments (authority_id, school_id, pupil_id, id),
    constraint exclusions_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint exclusions_incident foreign key (authority_id, school_id, incident_id)
        references app.incidents (authority_id, school_id, id),
    constraint exclusions_issued_by foreign key (authority_id, issued_by) references app.users (authority_id, id),
    constraint exclusions_key unique (authority_id, school_id, id),
    constraint exclusions_pupil_key unique (authority_id, school_id, pupil_id, id),
    constraint exclusions_further foreign key (authority_id, school_id, pupil_id, further_to)
        references app.exclusions (authority_id, school_id, pupil_id, id),
    constraint exclusions_further_why check (further_to is null or further_why is not null),
    constraint exclusions_sessions check (case kind
        when 'suspension' then first_on is null and first_half is null
             and cardinality(mornings) + cardinality(afternoons) + cardinality(lunchtimes) > 0
        else first_on is not null and first_half is not null
             and cardinality(mornings) + cardinality(afternoons) + cardinality(lunchtimes) = 0 end),
    constraint exclusions_exam check ((exam_on is null) = (exam_half is null) and (exam_on is null) = (exam_words is null)),
    constraint exclusions_past check (decided_on <= recorded_on),
    constraint exclusions_cancelled check (
        (cancelled_on is null) = (cancelled_at is null) and (cancelled_on is null) = (cancelled_by is null)
        and (cancelled_on is null) = (cancelled_why is null) and (cancelled_on is null) = (back_on is null)
        and (cancelled_on is null) = (back_half is null)
        and (cancelled_on is not null and kind = 'permanent') = (out_mornings is not null)
        and (out_mornings is null) = (out_afternoons is null))
);
create index exclusions_by_school on app.exclusions (school_id, decided_on);
create index exclusions_by_pupil on app.exclusions (pupil_id, school_id);
create index exclusions_by_case on app.exclusions (case_id);

-- 2.1, T16: whoever asks, what was issued stays; a cancellation is written once.
create function app.exclusions_stay() returns trigger language plpgsql as $$
declare
    free text[] := array['cancelled_on', 'cancelled_at', 'cancelled_by', 'cancelled_why', 'back_on', 'back_half',
        'out_mornings', 'out_afternoons'];
begin
    if tg_op = 'DELETE' then
        raise exception 'what was issued is not taken away';
    end if;
    if old.cancelled_on is not null then
        raise exception 'an exclusion is cancelled once';
    end if;
    if to_jsonb(old) - free <> to_jsonb(new) - free then
        raise exception 'an issued exclusion is not changed';
    end if;
    return new;
end $$;
create trigger exclusions_stay before update or delete on app.exclusions
    for each row execute function app.exclusions_stay();

-- ---------------------------------------------------------------------------------------------------
-- What was done: only added. One that was recorded by mistake is named by another, of kind "taken_back".
create table app.exclusion_steps (
    id uuid constraint exclusion_steps_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    exclusion_id uuid not null,
    kind text not null constraint exclusion_steps_kind check (kind in ('told', 'work_set', 'education', 'representations',
        'board_met', 'board_decided', 'decision_told', 'meeting_offered', 'review_applied', 'explained', 'taken_back')),
    on_date date not null,
    -- Of a meeting of the board: when it began (2.6, T13).
    at_time time,
    notice text constraint exclusion_steps_notice check (notice in ('word', 'letter', 'public_place', 'sixth_day',
        'authority', 'carer', 'board', 'board_termly', 'cancellation')),
    recipient text constraint exclusion_steps_recipient check (recipient in ('parents', 'pupil', 'authority',
        'home_authority', 'social_worker', 'virtual_head', 'board')),
    how text constraint exclusion_steps_how check (how in ('in_person', 'video', 'phone', 'letter', 'email')),
    words text,
    outcome text constraint exclusion_steps_outcome check (outcome in ('upheld', 'brought_back')),
    -- Education from the sixth day (N3).
    provider text,
    address text,
    times text,
    person text,
    starts_on date,
    replaces uuid,
    recorded_on date not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint exclusion_steps_exclusion foreign key (authority_id, school_id, pupil_id, exclusion_id)
        references app.exclusions (authority_id, school_id, pupil_id, id),
    constraint exclusion_steps_key unique (authority_id, school_id, exclusion_id, id),
    constraint exclusion_steps_replaces foreign key (authority_id, school_id, exclusion_id, replaces)
        references app.exclusion_steps (authority_id, school_id, exclusion_id, id),
    constraint exclusion_steps_told check ((kind = 'told') = (notice is not null) and (notice is null) = (recipient is null)),
    constraint exclusion_steps_met check ((kind = 'board_met') = (at_time is not null)),
    constraint exclusion_steps_decided check ((kind = 'board_decided') = (outcome is not null)),
    constraint exclusion_steps_education check (kind <> 'education'
        or (provider is not null and address is not null and times is not null and person is not null and starts_on is not null)),
    constraint exclusion_steps_taken_back check ((kind = 'taken_back') = (replaces is not null)
        and (kind <> 'taken_back' or words is not null)),
    constraint exclusion_steps_past check (on_date <= recorded_on)
);
create unique index exclusion_steps_replaced_once on app.exclusion_steps (replaces) where replaces is not null;
create index exclusion_steps_by_school on app.exclusion_steps (school_id, pupil_id);
create index exclusion_steps_by_exclusion on app.exclusion_steps (exclusion_id);

-- Days of exclusion at schools that do not keep them here (R-45b), as a number somebody gave.
create table app.exclusions_elsewhere (
    id uuid constraint exclusions_elsewhere_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    -- The calendar year in which the school year begins.
    school_year smallint not null constraint exclusions_elsewhere_year check (school_year between 2000 and 2200),
    -- The legal term; none: only the year's total was given.
    term text constraint exclusions_elsewhere_term check (term in ('autumn', 'spring', 'summer')),
    half_days smallint not null constraint exclusions_elsewhere_half_days check (half_days between 1 and 380),
    -- Who said so, and when.
    source text not null constraint exclusions_elsewhere_source check (source <> ''),
    recorded_on date not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    taken_back_at timestamptz,
    taken_back_by uuid,
    constraint exclusions_elsewhere_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint exclusions_elsewhere_pupil foreign key (authority_id, pupil_id) references app.pupils (authority_id, id),
    constraint exclusions_elsewhere_taken_back check ((taken_back_at is null) = (taken_back_by is null))
);
create index exclusions_elsewhere_by_school on app.exclusions_elsewhere (school_id, pupil_id);
create index exclusions_elsewhere_by_pupil on app.exclusions_elsewhere (pupil_id);

-- S1.11: a day of which a suspension takes every session needs no marks.
alter table app.known_absences
    add column exclusion_id uuid,
    add constraint known_absences_exclusion foreign key (authority_id, school_id, exclusion_id)
        references app.exclusions (authority_id, school_id, id);
create index known_absences_by_exclusion on app.known_absences (exclusion_id) where exclusion_id is not null;

-- ---------------------------------------------------------------------------------------------------
-- Walls.
do $$
declare t text;
begin
    foreach t in array array['exclusions', 'exclusion_steps', 'exclusions_elsewhere'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
        execute format('create policy see on app.%I for select
            using (case when school_id = any ((select app.whole())::uuid[]) then true else false end)', t);
    end loop;
end $$;
-- T15: only a headteacher issues and cancels, and in their own name. Law: a delegate may not.
create policy add on app.exclusions for insert
    with check (school_id = any ((select app.heads())::uuid[]) and issued_by = (select app.actor()));
create policy change on app.exclusions for update
    using (case when school_id = any ((select app.heads())::uuid[]) then true else false end)
    with check (cancelled_by = (select app.actor()));
create policy add on app.exclusion_steps for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy add on app.exclusions_elsewhere for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.exclusions_elsewhere for update
    using (case when school_id = any ((select app.whole_write())::uuid[]) then true else false end);
grant update (cancelled_on, cancelled_at, cancelled_by, cancelled_why, back_on, back_half, out_mornings, out_afternoons)
    on app.exclusions to waymark_web;
grant update (taken_back_at, taken_back_by) on app.exclusions_elsewhere to waymark_web;

-- R-45b: what counts of the exclusions these pupils had at other schools of the authority, for somebody who may see the
-- pupil's whole record where they are now. Of a cancelled one, the sessions before the pupil was back. No words, no
-- reasons, no school; a permanent exclusion that stands counts for nothing (R-45e) and is not shown.
create function app.exclusions_elsewhere_of(p_pupils uuid[])
returns table (pupil_id uuid, decided_on date, kind text, mornings date[], afternoons date[], lunchtimes date[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select e.pupil_id, e.decided_on,
           case when e.kind = 'permanent' then 'cancelled_permanent'
                when e.cancelled_on is not null then 'cancelled_suspension' else 'suspension' end,
           case when e.kind = 'permanent' then e.out_mornings
                else array(select d from unnest(e.mornings) d
                           where e.back_on is null or d < e.back_on or (d = e.back_on and e.back_half = 'afternoon')) end,
           case when e.kind = 'permanent' then e.out_afternoons
                else array(select d from unnest(e.afternoons) d where e.back_on is null or d < e.back_on) end,
           case when e.kind = 'permanent' then '{}'
                else array(select d from unnest(e.lunchtimes) d
                           where e.back_on is null or d < e.back_on or (d = e.back_on and e.back_half = 'afternoon')) end
    from app.pupils p
    join app.exclusions e on e.pupil_id = p.id and e.authority_id = p.authority_id and e.school_id <> p.school_id
    where p.id = any (p_pupils) and p.school_id = any (app.whole()) and p.authority_id = app.authority()
      and (e.kind = 'suspension' or e.cancelled_on is not null)
$$;
-- The same of the numbers that other schools of the authority were given.
create function app.half_days_elsewhere_of(p_pupils uuid[])
returns table (pupil_id uuid, school_year smallint, term text, half_days smallint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select x.pupil_id, x.school_year, x.term, x.half_days
    from app.pupils p
    join app.exclusions_elsewhere x on x.pupil_id = p.id and x.authority_id = p.authority_id and x.school_id <> p.school_id
    where p.id = any (p_pupils) and p.school_id = any (app.whole()) and p.authority_id = app.authority()
      and x.taken_back_at is null
$$;
revoke execute on function app.exclusions_elsewhere_of(uuid[]), app.half_days_elsewhere_of(uuid[]), app.exclusions_stay()
    from public;
grant execute on function app.exclusions_elsewhere_of(uuid[]), app.half_days_elsewhere_of(uuid[]) to waymark_web;

-- What a case owes is reckoned from them.
do $$
declare t text; e text;
begin
    foreach t in array array['exclusions', 'exclusion_steps', 'exclusions_elsewhere'] loop
        foreach e in array array['insert', 'update', 'delete'] loop
            execute format('create trigger owes_anew_%s after %s on app.%I referencing %s table as changed
                            for each statement execute function app.pupil_owes_anew()',
                e, e, t, case e when 'delete' then 'old' else 'new' end);
        end loop;
    end loop;
end $$;
