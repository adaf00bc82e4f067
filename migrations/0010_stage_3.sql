-- Why: what Stage 3 of the programme asks to be considered, agreed and sought (S3.03 to S3.05): each alternative to a
-- permanent exclusion with the views on it, what was chosen and how it went, and what each parent answered.

-- S3.03: somebody who could not come sends their part in writing.
alter table app.meeting_people drop constraint meeting_people_attendance;
alter table app.meeting_people add constraint meeting_people_attendance
    check (attendance in ('present', 'video', 'written', 'apologies', 'did_not_come'));

create table app.alternatives (
    id uuid constraint alternatives_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    -- The entry to Stage 3 it belongs to: a case that comes back to Stage 3 considers them anew.
    entered_on date not null,
    kind text not null constraint alternatives_kind check (kind in ('supported_transfer', 're_induction', 'joint_planning',
        'work_to_learn', 'college', 'pru_referral', 'other')),
    considered boolean not null,
    pupil_view text,
    parent_view text,
    -- Why it is chosen, why it is not, or why it was not considered: never blank.
    why text not null constraint alternatives_why check (why <> ''),
    status text not null constraint alternatives_status
        check (status in ('not_chosen', 'proposed', 'agreed', 'declined', 'stopped', 'ended')),
    -- What was chosen: what exactly and who provides it.
    plan text,
    -- P2.03b, domain 3.3: how a supported transfer is made, and why nothing else will do.
    route text constraint alternatives_route check (route in ('managed_move', 'off_site')),
    last_resort text,
    starts_on date,
    review_on date,
    ends_on date,
    -- The headteacher's decision, with reasons by clause.
    decided_on date,
    decided_at timestamptz,
    decided_by uuid,
    reasons jsonb not null default '{}',
    -- How it came to its end.
    ended_on date,
    ended_at timestamptz,
    ended_by uuid,
    ended_words text,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint alternatives_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint alternatives_key unique (authority_id, school_id, case_id, id),
    constraint alternatives_once unique (case_id, entered_on, kind),
    constraint alternatives_chosen check (status = 'not_chosen'
        or (considered and plan is not null and starts_on is not null and review_on is not null)),
    constraint alternatives_transfer check (route is null or kind = 'supported_transfer'),
    constraint alternatives_days check (review_on > starts_on and (ends_on is null or ends_on >= starts_on)),
    constraint alternatives_decided check ((decided_on is null) = (decided_by is null)
        and (status not in ('agreed', 'stopped', 'ended') or decided_on is not null)),
    constraint alternatives_ended check ((ended_on is null) = (ended_by is null)
        and ((status in ('declined', 'stopped', 'ended')) = (ended_on is not null)))
);
create index alternatives_by_school on app.alternatives (school_id, case_id);
create index alternatives_by_case on app.alternatives (case_id);

-- S3.05: what a parent was asked and answered about one alternative. Only added: the latest says how it stands, and a
-- parent who changes their mind is a row of their own.
create table app.agreements (
    id uuid constraint agreements_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    alternative_id uuid not null,
    contact_id uuid not null,
    asked_on date not null,
    how text not null constraint agreements_how check (how in ('in_person', 'video', 'phone', 'letter', 'email')),
    -- It was explained what it means, that it is their own choice, and where to get advice.
    explained boolean not null,
    advised boolean not null,
    answer text not null constraint agreements_answer check (answer in ('agreed', 'declined', 'wants_time', 'no_reply')),
    -- How, when, by whom and in whose presence it was answered.
    answered_on date,
    presence text,
    words text,
    ask_again_on date,
    copy_given boolean not null,
    recorded_on date not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint agreements_alternative foreign key (authority_id, school_id, case_id, alternative_id)
        references app.alternatives (authority_id, school_id, case_id, id),
    constraint agreements_contact foreign key (contact_id) references app.contacts (id),
    -- Agreement is never assumed: somebody heard or saw it, on a day.
    constraint agreements_agreed check (answer <> 'agreed' or (answered_on is not null and presence is not null and explained)),
    constraint agreements_days check (asked_on <= recorded_on and (answered_on is null or answered_on between asked_on and recorded_on)),
    constraint agreements_again check (ask_again_on is null or answer in ('wants_time', 'no_reply'))
);
create index agreements_by_school on app.agreements (school_id, case_id);
create index agreements_by_case on app.agreements (case_id);

do $$
declare t text; e text;
begin
    foreach t in array array['alternatives', 'agreements'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
        execute format('create policy see on app.%I for select using (case when school_id = any ((select app.whole())::uuid[]) then true else false end)', t);
        execute format('create policy add on app.%I for insert with check (school_id = any ((select app.whole_write())::uuid[]))', t);
        foreach e in array array['insert', 'update', 'delete'] loop
            execute format('create trigger owes_anew_%s after %s on app.%I referencing %s table as changed
                            for each statement execute function app.owes_anew()',
                e, e, t, case e when 'delete' then 'old' else 'new' end);
        end loop;
    end loop;
end $$;
create policy change on app.alternatives for update
    using (case when school_id = any ((select app.whole_write())::uuid[]) then true else false end);
grant update (considered, pupil_view, parent_view, why, status, plan, route, last_resort, starts_on, review_on, ends_on,
    decided_on, decided_at, decided_by, reasons, ended_on, ended_at, ended_by, ended_words, version, changed_at, changed_by)
    on app.alternatives to waymark_web;

-- P2.01: the headteacher is told of an outcome.
alter table app.head_notices drop constraint head_notices_kind;
alter table app.head_notices add constraint head_notices_kind check (kind in ('opened', 'moved', 'stepped_down', 'extended',
    'exited', 'closed', 'reopened', 'proposed', 'feedback_missed', 'outcome'));
