-- Why: clear behaviour targets with a date (S1.08, S1.10). Editing keeps every earlier wording; a target
-- that is no longer worked on is ended, never deleted, so that its marks keep their meaning.

create table app.targets (
    id uuid constraint targets_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    position smallint not null constraint targets_position check (position between 1 and 99),
    words text not null constraint targets_words check (words <> ''),
    criterion text not null constraint targets_criterion check (criterion <> ''),
    due_on date not null,
    pupil_words text,
    starts_on date not null,
    -- The last day it was worked on.
    ended_on date,
    version integer not null default 1,
    constraint targets_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint targets_key unique (authority_id, school_id, case_id, id)
);
create index targets_by_school on app.targets (school_id, case_id);
create index targets_by_case on app.targets (case_id);

create table app.target_versions (
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    target_id uuid not null,
    version integer not null,
    words text not null,
    criterion text not null,
    due_on date not null,
    pupil_words text,
    position smallint not null,
    ended_on date,
    written_at timestamptz not null,
    written_by uuid not null,
    constraint target_versions_pk primary key (target_id, version),
    constraint target_versions_target foreign key (authority_id, school_id, case_id, target_id)
        references app.targets (authority_id, school_id, case_id, id)
);
create index target_versions_by_school on app.target_versions (school_id, case_id);

-- Well-written examples to start from: the authority's, and a school's own.
create table app.bank_targets (
    id uuid constraint bank_targets_pk primary key,
    authority_id uuid not null constraint bank_targets_authority references app.authorities (id),
    school_id uuid,
    theme text not null,
    words text not null,
    criterion text not null,
    position smallint not null,
    constraint bank_targets_school foreign key (authority_id, school_id) references app.schools (authority_id, id)
);
create index bank_targets_by_authority on app.bank_targets (authority_id, school_id, position);

alter table app.targets enable row level security;
create policy see on app.targets for select
    using (school_id = any ((select app.daily())::uuid[]) or case_id = any ((select app.shared_cases())::uuid[]));
create policy add on app.targets for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.targets for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert, update on app.targets to waymark_web;

alter table app.target_versions enable row level security;
create policy see on app.target_versions for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.target_versions for insert with check (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert on app.target_versions to waymark_web;

alter table app.bank_targets enable row level security;
create policy own_authority on app.bank_targets for select using (authority_id = (select app.authority()));
grant select on app.bank_targets to waymark_web;
