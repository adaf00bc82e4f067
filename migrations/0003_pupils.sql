-- Why: a pupil is held once per authority and seen by the school whose roll they are on; the people to
-- contact about a pupil follow the pupil. Enrolments keep which school when.

create table app.pupils (
    id uuid constraint pupils_pk primary key,
    authority_id uuid not null constraint pupils_authority references app.authorities (id),
    -- The school whose roll the pupil is on now (or was on last); enrolments hold the history.
    school_id uuid not null,
    given_name text not null constraint pupils_given check (given_name <> ''),
    family_name text not null constraint pupils_family check (family_name <> ''),
    known_as text,
    pronouns text,
    born_on date not null,
    -- Actual national curriculum year less the year of the date of birth: survives each September.
    year_offset smallint not null default 0 constraint pupils_year_offset check (year_offset between -3 and 3),
    year_reason text,
    upn text constraint pupils_upn check (upn ~ '^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$'),
    no_upn_reason text,
    send text not null default 'none' constraint pupils_send check (send in ('none', 'sen_support', 'ehcp')),
    looked_after boolean not null default false,
    eal boolean not null default false,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint pupils_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint pupils_authority_key unique (authority_id, id),
    constraint pupils_school_key unique (authority_id, school_id, id),
    constraint pupils_upn_key unique (authority_id, upn),
    constraint pupils_upn_or_reason check (upn is not null or no_upn_reason is not null),
    constraint pupils_year_reason_given check (year_offset = 0 or year_reason is not null)
);
create index pupils_by_school on app.pupils (school_id, lower(family_name), lower(given_name), id);

create table app.enrolments (
    id uuid constraint enrolments_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    from_on date not null,
    to_on date,
    constraint enrolments_days check (to_on is null or to_on >= from_on),
    constraint enrolments_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint enrolments_pupil foreign key (authority_id, pupil_id) references app.pupils (authority_id, id),
    constraint enrolments_key unique (authority_id, school_id, pupil_id, id),
    constraint enrolments_one_at_a_time exclude using gist
        (pupil_id with =, daterange(from_on, to_on, '[]') with &&)
);
create index enrolments_by_school on app.enrolments (school_id, pupil_id);

create table app.contacts (
    id uuid constraint contacts_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    pupil_id uuid not null,
    name text not null constraint contacts_name check (name <> ''),
    relationship text not null,
    parental_responsibility boolean not null,
    contact_order smallint not null constraint contacts_order check (contact_order between 1 and 9),
    phone text,
    email text,
    address text,
    address_confidential boolean not null default false,
    no_contact boolean not null default false,
    no_contact_reason text,
    language text,
    version integer not null default 1,
    changed_at timestamptz not null,
    changed_by uuid not null,
    removed_at timestamptz,
    -- A contact follows the pupil to the next school.
    constraint contacts_pupil foreign key (authority_id, school_id, pupil_id)
        references app.pupils (authority_id, school_id, id) on update cascade,
    constraint contacts_no_contact_reason check (not no_contact or no_contact_reason is not null)
);
create index contacts_by_school on app.contacts (school_id, pupil_id);

alter table app.pupils enable row level security;
create policy see on app.pupils for select
    using (school_id = any ((select app.daily())::uuid[]) or id = any ((select app.shared_pupils())::uuid[]));
create policy add on app.pupils for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.pupils for update using (school_id = any ((select app.whole_write())::uuid[]));
alter table app.enrolments enable row level security;
create policy see on app.enrolments for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.enrolments for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.enrolments for update using (school_id = any ((select app.whole_write())::uuid[]));
alter table app.contacts enable row level security;
create policy see on app.contacts for select using (school_id = any ((select app.whole())::uuid[]));
create policy add on app.contacts for insert with check (school_id = any ((select app.whole_write())::uuid[]));
create policy change on app.contacts for update using (school_id = any ((select app.whole_write())::uuid[]));
grant select, insert, update on app.pupils, app.enrolments, app.contacts to waymark_web;
