-- Why: the headteacher is told of suspensions and of what is overdue (P2.01), each once, and reminds whoever owes
-- something; the reminder stays with the case, with the moment its owner saw it. What is new for the headteacher is
-- counted on every page of theirs, so that count has an index of its own.

alter table app.head_notices
    -- Of something overdue: which duty, and in words as it stood.
    add column duty text,
    add column words text,
    drop constraint head_notices_kind;
alter table app.head_notices
    add constraint head_notices_kind check (kind in ('opened', 'moved', 'stepped_down', 'extended', 'exited', 'closed',
        'reopened', 'proposed', 'feedback_missed', 'outcome', 'suspended', 'excluded', 'exclusion_cancelled', 'overdue')),
    add constraint head_notices_duty check ((kind = 'overdue') = (duty is not null) and (duty is null) = (words is null));
create unique index head_notices_once on app.head_notices (case_id, duty) where duty is not null;
create index head_notices_unopened on app.head_notices (school_id) where seen_at is null;
-- Overdue is found out by whoever looks first, as missed feedback is.
drop policy add on app.head_notices;
create policy add on app.head_notices for insert
    with check (school_id = any ((select app.whole_write())::uuid[])
        or (kind in ('feedback_missed', 'overdue') and school_id = any ((select app.whole())::uuid[])));

-- The headteacher reminds the lead of a case of something it owes, at most once a school day.
create table app.reminders (
    id uuid constraint reminders_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    duty text not null constraint reminders_duty check (duty <> ''),
    words text not null,
    to_id uuid not null,
    -- The latest school day when it was made: on a Sunday, Friday's.
    school_day date not null,
    made_on date not null,
    made_at timestamptz not null,
    made_by uuid not null,
    seen_at timestamptz,
    constraint reminders_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint reminders_to foreign key (authority_id, to_id) references app.users (authority_id, id),
    constraint reminders_by foreign key (authority_id, made_by) references app.users (authority_id, id),
    constraint reminders_once unique (case_id, duty, school_day)
);
create index reminders_by_school on app.reminders (school_id, made_on);
alter table app.reminders enable row level security;
create policy see on app.reminders for select
    using (case when school_id = any ((select app.whole())::uuid[]) then true else false end);
create policy add on app.reminders for insert
    with check (school_id = any ((select app.heads())::uuid[]) and made_by = (select app.actor()) and seen_at is null);
-- That they saw it, only whom it is to can say.
create policy change on app.reminders for update
    using (case when school_id = any ((select app.whole())::uuid[]) and to_id = (select app.actor()) then true else false end);
grant select, insert on app.reminders to waymark_web;
grant update (seen_at) on app.reminders to waymark_web;

-- What began, ended and was decided in a week is looked up by school and day.
create index case_decisions_by_day on app.case_decisions (school_id, decided_on);
create index weekly_reviews_by_day on app.weekly_reviews (school_id, signed_on);
create index cases_by_end on app.cases (school_id, closed_on) where closed_on is not null;

-- How many notices the headteacher has not opened; nought for anybody else. Asked with the session, once it is known:
-- the argument makes it wait for that.
create function app.unopened_notices(p_session uuid) returns bigint language plpgsql stable as $$
begin
    return (select count(*) from app.head_notices
            where p_session is not null and seen_at is null and school_id = any ((select app.heads())::uuid[]));
end $$;
revoke execute on function app.unopened_notices(uuid) from public;
grant execute on function app.unopened_notices(uuid) to waymark_web;
