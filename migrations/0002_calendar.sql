-- Why: deadlines, missing days and targets are counted in school days, and a school day is data: the
-- authority's model calendar (school_id null) with each school's own terms, INSET days and closures over it.

create table app.calendar_spans (
    id uuid constraint calendar_spans_pk primary key,
    authority_id uuid not null constraint calendar_spans_authority references app.authorities (id),
    school_id uuid,
    kind text not null constraint calendar_spans_kind check (kind in ('term', 'inset', 'closure', 'bank_holiday')),
    name text not null,
    from_on date not null,
    to_on date not null,
    constraint calendar_spans_days check (to_on >= from_on and to_on - from_on < 200),
    constraint calendar_spans_school foreign key (authority_id, school_id) references app.schools (authority_id, id),
    constraint calendar_spans_terms_apart exclude using gist (authority_id with =,
        (coalesce(school_id, '00000000-0000-0000-0000-000000000000')) with =,
        daterange(from_on, to_on, '[]') with &&) where (kind = 'term')
);
create index calendar_spans_by_school on app.calendar_spans (authority_id, school_id, from_on);

alter table app.calendar_spans enable row level security;
create policy own_authority on app.calendar_spans for select using (authority_id = (select app.authority()));
grant select on app.calendar_spans to waymark_web;
