-- Why: daily monitoring (S1.11). A mark is one target in one period of one day; the day's totals and the
-- week's stand beside the marks, kept in the same transaction, so that no page ever sums marks. A blank is
-- not recorded. A reason (absent, exam, ...) takes its period out of the points possible. Corrections add:
-- what a mark was before, who set it and when, stays in mark_changes.

create table app.days (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    on_date date not null,
    -- Counts up with every save; marks remember the version that set them.
    version integer not null,
    points smallint not null,
    possible smallint not null,
    -- Marks made, and marks expected (targets x periods less excused periods).
    recorded smallint not null,
    expected smallint not null,
    first_saved_at timestamptz not null,
    saved_at timestamptz not null,
    saved_by uuid not null,
    -- First saved after the day itself.
    entered_late boolean not null,
    -- The reason all its periods share, when they do.
    reason text constraint days_reason
        check (reason in ('absent', 'late', 'exam', 'off_site', 'suspended', 'not_school_day')),
    constraint days_pk primary key (case_id, on_date),
    constraint days_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint days_totals check (points between 0 and possible and possible = 2 * recorded and recorded <= expected)
);
create index days_by_school on app.days (school_id, on_date);

create table app.marks (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    target_id uuid not null,
    on_date date not null,
    period smallint not null constraint marks_period check (period between 1 and 10),
    -- None: a mark that was taken back.
    points smallint constraint marks_points check (points between 0 and 2),
    source text not null constraint marks_source check (source in ('single', 'all_met')),
    version integer not null,
    marked_at timestamptz not null,
    marked_by uuid not null,
    constraint marks_pk primary key (case_id, on_date, target_id, period),
    constraint marks_target foreign key (authority_id, school_id, case_id, target_id)
        references app.targets (authority_id, school_id, case_id, id)
);
create index marks_by_school on app.marks (school_id, on_date);

-- Why a period has no marks.
create table app.day_reasons (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    on_date date not null,
    period smallint not null constraint day_reasons_period check (period between 1 and 10),
    -- None: a reason that was taken back.
    reason text constraint day_reasons_reason
        check (reason in ('absent', 'late', 'exam', 'off_site', 'suspended', 'not_school_day')),
    version integer not null,
    marked_at timestamptz not null,
    marked_by uuid not null,
    constraint day_reasons_pk primary key (case_id, on_date, period),
    constraint day_reasons_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index day_reasons_by_school on app.day_reasons (school_id, on_date);

-- Every value that was replaced. target_id none: a reason.
create table app.mark_changes (
    id bigint generated always as identity constraint mark_changes_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    target_id uuid,
    on_date date not null,
    period smallint not null,
    -- What stood there: '0', '1', '2', a reason, or '' for a mark taken back.
    was text not null,
    version integer not null,
    marked_at timestamptz not null,
    marked_by uuid not null,
    replaced_in integer not null,
    replaced_at timestamptz not null,
    replaced_by uuid not null,
    constraint mark_changes_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index mark_changes_by_school on app.mark_changes (school_id, on_date);
create index mark_changes_by_case on app.mark_changes (case_id, on_date);

-- A case's week, Monday to Sunday, summed from its days.
create table app.case_weeks (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    week_on date not null,
    days smallint not null,
    points integer not null,
    possible integer not null,
    recorded integer not null,
    expected integer not null,
    constraint case_weeks_pk primary key (case_id, week_on),
    constraint case_weeks_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint case_weeks_monday check (extract(isodow from week_on) = 1)
);
create index case_weeks_by_school on app.case_weeks (school_id, week_on);

-- Praise and concern, as said on the day. Period none: about the whole day.
create table app.day_notes (
    id uuid constraint day_notes_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    on_date date not null,
    period smallint constraint day_notes_period check (period between 1 and 10),
    kind text not null constraint day_notes_kind check (kind in ('praise', 'concern')),
    words text not null constraint day_notes_words check (words <> ''),
    written_at timestamptz not null,
    written_by uuid not null,
    constraint day_notes_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id)
);
create index day_notes_by_school on app.day_notes (school_id, on_date);
create index day_notes_by_case on app.day_notes (case_id, on_date);

-- What is known beforehand: an appointment, an exam, a regular afternoon elsewhere. Day sheets are
-- prefilled from it, visibly, and people can change what was prefilled.
create table app.known_absences (
    id uuid constraint known_absences_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    reason text not null constraint known_absences_reason
        check (reason in ('absent', 'late', 'exam', 'off_site', 'suspended')),
    from_on date not null,
    to_on date not null,
    -- Periods it covers; none: the whole day.
    periods smallint[],
    source text not null,
    made_at timestamptz not null,
    made_by uuid not null,
    withdrawn_at timestamptz,
    constraint known_absences_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint known_absences_days check (to_on >= from_on and to_on - from_on <= 366)
);
create index known_absences_by_school on app.known_absences (school_id, from_on);
create index known_absences_by_case on app.known_absences (case_id);

do $$
declare t text;
begin
    -- Day sheets: staff of the school see and write them; a share shows them.
    foreach t in array array['days', 'marks', 'day_reasons', 'case_weeks'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('create policy see on app.%I for select using (school_id = any ((select app.daily())::uuid[])
            or case_id = any ((select app.shared_cases())::uuid[]))', t);
        execute format('create policy add on app.%I for insert
            with check (school_id = any ((select app.daily_write())::uuid[]))', t);
        execute format('create policy change on app.%I for update
            using (school_id = any ((select app.daily_write())::uuid[]))', t);
        execute format('grant select, insert, update on app.%I to waymark_web', t);
    end loop;
    -- Only ever added to, and not part of a share.
    foreach t in array array['mark_changes', 'day_notes'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('create policy see on app.%I for select using (school_id = any ((select app.daily())::uuid[]))', t);
        execute format('create policy add on app.%I for insert
            with check (school_id = any ((select app.daily_write())::uuid[]))', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
    end loop;
end $$;
alter table app.known_absences enable row level security;
create policy see on app.known_absences for select using (school_id = any ((select app.daily())::uuid[]));
create policy add on app.known_absences for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.known_absences for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.known_absences to waymark_web;
grant update (withdrawn_at) on app.known_absences to waymark_web;
