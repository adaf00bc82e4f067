-- Why: Stage 3 ends in a place elsewhere for some pupils (domain 3, rows S3.05 to S3.08): supported transfers with
-- their papers, the panel that allocates places, the receiving school's answer, and off-site directions.
--
-- Nobody outside the home school reads its case. The panel and the receiving school read frozen papers: what was
-- submitted, section by section, each marked for whom it is. The policies only compare arrays that begin_as prepared:
-- the packs and referrals on the agendas the actor sits for, and the transfers allocated to schools the actor leads.

-- ---------------------------------------------------------------------------------------------------
-- Panels (7.2 A13). They are about no child; what is on their agendas is.
create table app.panels (
    id uuid constraint panels_pk primary key,
    authority_id uuid not null constraint panels_authority references app.authorities (id),
    -- How the panel is called, as it was on that day.
    name text not null constraint panels_name check (name <> ''),
    meets_on date not null,
    starts_at time not null,
    place text not null constraint panels_place check (place <> ''),
    -- Papers are taken until the end of this day.
    papers_close_on date not null,
    cancelled_on date,
    cancelled_why text,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint panels_key unique (authority_id, id),
    constraint panels_papers check (papers_close_on <= meets_on),
    constraint panels_cancelled check ((cancelled_on is null) = (cancelled_why is null))
);
create index panels_by_authority on app.panels (authority_id, meets_on);

create table app.panel_members (
    authority_id uuid not null,
    panel_id uuid not null,
    user_id uuid not null,
    attendance text constraint panel_members_attendance check (attendance in ('present', 'apologies', 'absent')),
    named_at timestamptz not null,
    named_by uuid not null,
    removed_at timestamptz,
    constraint panel_members_pk primary key (panel_id, user_id),
    constraint panel_members_panel foreign key (authority_id, panel_id) references app.panels (authority_id, id),
    constraint panel_members_user foreign key (authority_id, user_id) references app.users (authority_id, id)
);
create index panel_members_by_user on app.panel_members (user_id);

-- What the panel said besides its decisions. A later version stands; the earlier ones stay.
create table app.panel_minutes (
    authority_id uuid not null,
    panel_id uuid not null,
    version integer not null,
    words text not null constraint panel_minutes_words check (words <> ''),
    written_at timestamptz not null,
    written_by uuid not null,
    constraint panel_minutes_pk primary key (panel_id, version),
    constraint panel_minutes_panel foreign key (authority_id, panel_id) references app.panels (authority_id, id)
);

-- Places and pupils on roll, as counted on a day. The latest count stands.
create table app.school_places (
    id uuid constraint school_places_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    places integer not null constraint school_places_places check (places between 0 and 9999),
    roll integer not null constraint school_places_roll check (roll between 0 and 9999),
    as_of date not null,
    entered_at timestamptz not null,
    entered_by uuid not null,
    constraint school_places_school foreign key (authority_id, school_id) references app.schools (authority_id, id)
);
create index school_places_by_school on app.school_places (school_id, as_of desc);

-- ---------------------------------------------------------------------------------------------------
-- Supported transfers. The row holds what the events come to; replaying them from the first gives the same.
create table app.transfers (
    id uuid constraint transfers_pk primary key,
    authority_id uuid not null,
    -- The home school.
    school_id uuid not null,
    case_id uuid not null,
    pupil_id uuid not null,
    standing text not null constraint transfers_standing check (standing in ('proposed', 'parent_agreed',
        'papers_submitted', 'panel_allocated', 'receiving_accepted', 'on_roll', 'closed', 'withdrawn')),
    state jsonb not null,
    -- Events so far.
    version integer not null,
    -- The papers as they were submitted last.
    pack_id uuid,
    -- Where a place is allocated now.
    receiving_id uuid,
    on_roll_on date,
    -- From here on the receiving school sees nothing of it any more.
    share_ended_at timestamptz,
    opened_on date not null,
    opened_at timestamptz not null,
    opened_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint transfers_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint transfers_receiving foreign key (authority_id, receiving_id) references app.schools (authority_id, id),
    constraint transfers_key unique (authority_id, school_id, case_id, id),
    constraint transfers_elsewhere check (receiving_id <> school_id),
    constraint transfers_allocated check
        ((receiving_id is not null) = (standing in ('panel_allocated', 'receiving_accepted', 'on_roll', 'closed'))),
    constraint transfers_on_roll check ((on_roll_on is not null) = (standing in ('on_roll', 'closed'))),
    constraint transfers_share check (standing not in ('closed', 'withdrawn') or share_ended_at is not null)
);
create unique index transfers_one_open on app.transfers (case_id) where standing not in ('closed', 'withdrawn');
create index transfers_by_school on app.transfers (school_id, case_id);
create index transfers_by_receiving on app.transfers (receiving_id) where receiving_id is not null;
create index transfers_by_case on app.transfers (case_id);

create table app.transfer_events (
    transfer_id uuid not null,
    seq integer not null,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    kind text not null,
    event jsonb not null,
    words text,
    -- The receiving school it is about: that school sees it too.
    receiving_id uuid,
    on_date date not null,
    at timestamptz not null,
    by_id uuid not null,
    constraint transfer_events_pk primary key (transfer_id, seq),
    constraint transfer_events_transfer foreign key (authority_id, school_id, case_id, transfer_id)
        references app.transfers (authority_id, school_id, case_id, id),
    constraint transfer_events_kind check (kind = event->>'event')
);
create index transfer_events_by_school on app.transfer_events (school_id, case_id);

-- The papers while they are written. They never leave the home school.
create table app.pack_items (
    transfer_id uuid not null,
    item text not null constraint pack_items_item check (item in ('identity', 'parents', 'psp', 'early_help',
        'stage_history', 'behaviour', 'exclusions', 'attendance', 'attainment', 'send', 'flags', 'risk', 'agencies',
        'pupil_views', 'parent_views', 'agreement', 'transport', 'schools')),
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    presence text not null constraint pack_items_presence check (presence in ('present', 'missing', 'not_needed')),
    words text,
    reason text,
    share text not null constraint pack_items_share check (share in ('panel', 'receiving', 'nobody')),
    told_on date,
    -- Schools wished for or excluded: [{"school", "wish", "why"}]
    schools jsonb not null default '[]' constraint pack_items_schools check (jsonb_typeof(schools) = 'array'),
    version integer not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint pack_items_pk primary key (transfer_id, item),
    constraint pack_items_transfer foreign key (authority_id, school_id, case_id, transfer_id)
        references app.transfers (authority_id, school_id, case_id, id),
    constraint pack_items_present check (presence <> 'present' or words is not null),
    constraint pack_items_not_needed check (presence <> 'not_needed' or reason is not null)
);
create index pack_items_by_school on app.pack_items (school_id, case_id);

-- The papers as they were submitted: frozen.
create table app.packs (
    id uuid constraint packs_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    transfer_id uuid not null,
    pupil_id uuid not null,
    version integer not null,
    -- What an agenda says of the pupil.
    name text not null,
    about text not null,
    schools jsonb not null,
    -- Which procedure it followed (S3.07), and the reasons given where something should have been met.
    procedure text not null,
    reasons jsonb not null,
    submitted_on date not null,
    submitted_at timestamptz not null,
    submitted_by uuid not null,
    constraint packs_transfer foreign key (authority_id, school_id, case_id, transfer_id)
        references app.transfers (authority_id, school_id, case_id, id),
    constraint packs_key unique (authority_id, school_id, case_id, transfer_id, id),
    constraint packs_version unique (transfer_id, version)
);
create index packs_by_school on app.packs (school_id, case_id);
alter table app.transfers add constraint transfers_pack foreign key (authority_id, school_id, case_id, id, pack_id)
    references app.packs (authority_id, school_id, case_id, transfer_id, id);

create table app.pack_sections (
    pack_id uuid not null,
    position smallint not null,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    transfer_id uuid not null,
    item text not null,
    -- 'panel': and the receiving school from the allocation on. 'receiving': that school alone, once it has accepted.
    audience text not null constraint pack_sections_audience check (audience in ('panel', 'receiving')),
    words text not null,
    constraint pack_sections_pk primary key (pack_id, position),
    constraint pack_sections_pack foreign key (authority_id, school_id, case_id, transfer_id, pack_id)
        references app.packs (authority_id, school_id, case_id, transfer_id, id)
);
create index pack_sections_by_school on app.pack_sections (school_id, pack_id);

-- ---------------------------------------------------------------------------------------------------
-- A pack on the agenda of a panel.
create table app.referrals (
    id uuid constraint referrals_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    transfer_id uuid not null,
    pack_id uuid not null,
    panel_id uuid not null,
    -- S3.07: the LA has looked whether the papers are complete.
    received_on date,
    received_by uuid,
    -- How this panel was done with it, when no place came of it.
    outcome text constraint referrals_outcome check (outcome in ('not_placed', 'put_off', 'returned', 'withdrawn')),
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint referrals_pack foreign key (authority_id, school_id, case_id, transfer_id, pack_id)
        references app.packs (authority_id, school_id, case_id, transfer_id, id),
    constraint referrals_panel foreign key (authority_id, panel_id) references app.panels (authority_id, id),
    constraint referrals_once unique (panel_id, pack_id),
    constraint referrals_key unique (authority_id, school_id, case_id, transfer_id, id)
);
create unique index referrals_one_open on app.referrals (transfer_id) where outcome is null;
create index referrals_by_school on app.referrals (school_id, case_id);
create index referrals_by_panel on app.referrals (panel_id);

-- G21: a member says what ties them.
create table app.panel_interests (
    id uuid constraint panel_interests_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    transfer_id uuid not null,
    referral_id uuid not null,
    user_id uuid not null,
    interest text not null constraint panel_interests_interest check (interest in ('home_school', 'school', 'family')),
    about_school uuid,
    words text,
    declared_on date not null,
    declared_at timestamptz not null,
    constraint panel_interests_referral foreign key (authority_id, school_id, case_id, transfer_id, referral_id)
        references app.referrals (authority_id, school_id, case_id, transfer_id, id),
    constraint panel_interests_about foreign key (authority_id, about_school) references app.schools (authority_id, id),
    constraint panel_interests_school check ((interest = 'school') = (about_school is not null))
);
create index panel_interests_by_school on app.panel_interests (school_id, referral_id);

-- S3.08: what the panel decided. Only added to.
create table app.allocations (
    id uuid constraint allocations_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    transfer_id uuid not null,
    referral_id uuid not null,
    panel_id uuid not null,
    outcome text not null constraint allocations_outcome check (outcome in ('allocated', 'not_placed', 'put_off')),
    to_school uuid,
    -- The first day the panel proposes.
    starts_on date,
    reasons text not null constraint allocations_reasons check (reasons <> ''),
    conditions text,
    dissent text,
    objection text,
    protocol text not null,
    -- Reasons for going on where something should have been met, by clause.
    given jsonb not null,
    -- Who was there, and who abstained and why, by name.
    present jsonb not null,
    abstained jsonb not null,
    decided_on date not null,
    decided_at timestamptz not null,
    decided_by uuid not null,
    constraint allocations_referral foreign key (authority_id, school_id, case_id, transfer_id, referral_id)
        references app.referrals (authority_id, school_id, case_id, transfer_id, id),
    constraint allocations_to foreign key (authority_id, to_school) references app.schools (authority_id, id),
    constraint allocations_school check ((outcome = 'allocated') = (to_school is not null)),
    constraint allocations_elsewhere check (to_school <> school_id)
);
create index allocations_by_school on app.allocations (school_id, case_id);
create index allocations_by_referral on app.allocations (referral_id);

-- ---------------------------------------------------------------------------------------------------
-- Off-site directions (2.9).
create table app.directions (
    id uuid constraint directions_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    decided_on date not null,
    -- Who decided for the governing board.
    decided_for text not null,
    place text not null constraint directions_place check (place <> ''),
    address text not null constraint directions_address check (address <> ''),
    report_to text not null constraint directions_report check (report_to <> ''),
    times text not null constraint directions_times check (times <> ''),
    reasons text not null constraint directions_reasons check (reasons <> ''),
    objectives text not null constraint directions_objectives check (objectives <> ''),
    starts_on date not null,
    ends_on date not null,
    la_told boolean not null,
    -- Reasons for going on where something should have been met, by clause.
    given jsonb not null,
    notice_on date,
    notice_how text,
    -- The known absence that keeps day sheets from asking for marks.
    absence_id uuid,
    ended_on date,
    ended_as text constraint directions_ended_as check (ended_as in ('planned_return', 'managed_move', 'post_16')),
    ended_why text,
    version integer not null default 1,
    made_at timestamptz not null,
    made_by uuid not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    constraint directions_case foreign key (authority_id, school_id, case_id)
        references app.cases (authority_id, school_id, id),
    constraint directions_key unique (authority_id, school_id, case_id, id),
    constraint directions_days check (ends_on >= starts_on and decided_on <= starts_on),
    constraint directions_notice check (notice_on is null or (notice_on >= decided_on and notice_on < starts_on)),
    constraint directions_ended check ((ended_on is null) = (ended_as is null) and (ended_on is null) = (ended_why is null))
);
create unique index directions_one_open on app.directions (case_id) where ended_on is null;
create index directions_by_school on app.directions (school_id, case_id);
create index directions_by_case on app.directions (case_id);

create table app.direction_reviews (
    id uuid constraint direction_reviews_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    direction_id uuid not null,
    held_on date not null,
    kind text not null constraint direction_reviews_kind check (kind in ('planned', 'asked')),
    -- Who was there: head, parents, nominee, la, pupil, place.
    people text[] not null,
    words text not null constraint direction_reviews_words check (words <> ''),
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint direction_reviews_direction foreign key (authority_id, school_id, case_id, direction_id)
        references app.directions (authority_id, school_id, case_id, id)
);
create index direction_reviews_by_school on app.direction_reviews (school_id, case_id);

-- A parent, or the LA for a pupil with a plan, asks for a review in writing.
create table app.direction_requests (
    id uuid constraint direction_requests_pk primary key,
    authority_id uuid not null,
    school_id uuid not null,
    case_id uuid not null,
    direction_id uuid not null,
    asked_on date not null,
    asked_by text not null constraint direction_requests_by check (asked_by <> ''),
    -- Refused only within ten weeks of the last review.
    refused_why text,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint direction_requests_direction foreign key (authority_id, school_id, case_id, direction_id)
        references app.directions (authority_id, school_id, case_id, id)
);
create index direction_requests_by_school on app.direction_requests (school_id, case_id);

-- ---------------------------------------------------------------------------------------------------
-- Walls.

-- Schools the actor leads or heads.
create function app.leads() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.leads', true), '')::uuid[] $$;
-- Whether the actor prepares panels.
create function app.prepares() returns boolean language sql stable parallel safe as
    $$ select coalesce(current_setting('app.prepares', true), '') = 'yes' $$;
-- Panels the actor sits for, the referrals on their agendas, the packs of those that are still theirs to read, and
-- the transfers of those that are still theirs to decide.
create function app.panels_sat() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.panels_sat', true), '')::uuid[] $$;
create function app.panel_referrals() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.panel_referrals', true), '')::uuid[] $$;
create function app.panel_packs() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.panel_packs', true), '')::uuid[] $$;
create function app.panel_transfers() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.panel_transfers', true), '')::uuid[] $$;
-- Transfers allocated to a school the actor leads or heads, their packs, and the packs of those that were accepted.
create function app.received() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.received', true), '')::uuid[] $$;
create function app.received_packs() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.received_packs', true), '')::uuid[] $$;
create function app.accepted_packs() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.accepted_packs', true), '')::uuid[] $$;
-- Pupils who moved away by a managed move: the case the school keeps still has a name.
create function app.former_pupils() returns uuid[] language sql stable parallel safe as
    $$ select nullif(current_setting('app.former_pupils', true), '')::uuid[] $$;

do $$
declare
    place text := 'school_id = any ((select app.whole())::uuid[])';
    writing text := 'school_id = any ((select app.whole_write())::uuid[])';
    seen text; t text;
begin
    foreach t in array array['panels', 'panel_members', 'school_places'] loop
        execute format('alter table app.%I enable row level security', t);
        execute format('create policy see on app.%I for select using (authority_id = (select app.authority()))', t);
        execute format('create policy add on app.%I for insert with check (authority_id = (select app.authority()) and (select app.prepares()))', t);
        execute format('create policy change on app.%I for update using (authority_id = (select app.authority()) and (select app.prepares()))', t);
        execute format('grant select, insert on app.%I to waymark_web', t);
    end loop;
    foreach t in array array['transfers', 'transfer_events', 'pack_items', 'packs', 'pack_sections',
        'referrals', 'panel_interests', 'allocations', 'directions', 'direction_reviews', 'direction_requests']
    loop
        seen := case t
            when 'transfers' then place || ' or id = any ((select app.panel_transfers())::uuid[])
                or id = any ((select app.received())::uuid[])'
            when 'transfer_events' then place || ' or (transfer_id = any ((select app.received())::uuid[])
                and receiving_id = any ((select app.leads())::uuid[]))'
            when 'packs' then place || ' or id = any ((select app.panel_packs())::uuid[])
                or id = any ((select app.received_packs())::uuid[])'
            when 'pack_sections' then place || ' or (audience = ''panel'' and (pack_id = any ((select app.panel_packs())::uuid[])
                or pack_id = any ((select app.received_packs())::uuid[])))
                or pack_id = any ((select app.accepted_packs())::uuid[])'
            when 'referrals' then place || ' or id = any ((select app.panel_referrals())::uuid[])'
            when 'panel_interests' then place || ' or referral_id = any ((select app.panel_referrals())::uuid[])'
            when 'allocations' then place || ' or referral_id = any ((select app.panel_referrals())::uuid[])
                or (transfer_id = any ((select app.received())::uuid[]) and to_school = any ((select app.leads())::uuid[]))'
            else place end;
        execute format('alter table app.%I enable row level security', t);
        execute format('create policy see on app.%I for select using (case when %s then true else false end)', t, seen);
        execute format('grant select, insert on app.%I to waymark_web', t);
        execute format('create policy add on app.%I for insert with check (%s)', t, case t
            -- Who may make what happen.
            when 'transfer_events' then 'by_id = (select app.actor()) and (
                (' || writing || ' and kind in (''proposed'', ''parent_agreed'', ''papers_submitted'', ''withdrawn'',
                    ''file_sent'', ''no_file''))
                or (' || place || ' and (select app.prepares()) and kind = ''papers_returned'')
                or (transfer_id = any ((select app.panel_transfers())::uuid[])
                    and kind in (''allocated'', ''not_placed'', ''put_off''))
                or (transfer_id = any ((select app.received())::uuid[]) and receiving_id = any ((select app.leads())::uuid[])
                    and kind in (''accepted'', ''declined'', ''start_moved'', ''on_roll'', ''followed_up'', ''file_received'',
                                 ''closed'')))'
            when 'referrals' then writing || ' or (transfer_id = any ((select app.panel_transfers())::uuid[])
                and pack_id = any ((select app.panel_packs())::uuid[]))'
            when 'panel_interests' then 'user_id = (select app.actor())
                and referral_id = any ((select app.panel_referrals())::uuid[])'
            when 'allocations' then 'decided_by = (select app.actor())
                and transfer_id = any ((select app.panel_transfers())::uuid[])
                and referral_id = any ((select app.panel_referrals())::uuid[])'
            else writing end);
    end loop;
    foreach t in array array['pack_items', 'directions'] loop
        execute format('create policy change on app.%I for update using (case when %s then true else false end)', t, writing);
    end loop;
    execute format('create policy change on app.referrals for update using (case when %s or (%s and (select app.prepares()))
        or transfer_id = any ((select app.panel_transfers())::uuid[]) then true else false end)', writing, place);
    execute format('create policy change on app.transfers for update using (case when %s or (%s and (select app.prepares()))
        or id = any ((select app.panel_transfers())::uuid[]) or id = any ((select app.received())::uuid[])
        then true else false end)', writing, place);
end $$;

alter table app.panel_minutes enable row level security;
create policy see on app.panel_minutes for select
    using (case when (authority_id = (select app.authority()) and (select app.prepares()))
                     or panel_id = any ((select app.panels_sat())::uuid[]) then true else false end);
create policy add on app.panel_minutes for insert
    with check (authority_id = (select app.authority()) and written_by = (select app.actor())
                and ((select app.prepares()) or panel_id = any ((select app.panels_sat())::uuid[])));
grant select, insert on app.panel_minutes to waymark_web;
grant update (name, meets_on, starts_at, place, papers_close_on, cancelled_on, cancelled_why, version, changed_at, changed_by)
    on app.panels to waymark_web;
grant update (attendance, removed_at, named_at, named_by) on app.panel_members to waymark_web;
grant update (standing, state, version, pack_id, receiving_id, on_roll_on, share_ended_at, changed_at, changed_by)
    on app.transfers to waymark_web;
grant update (presence, words, reason, share, told_on, schools, version, changed_at, changed_by)
    on app.pack_items to waymark_web;
grant update (received_on, received_by, outcome, changed_at, changed_by) on app.referrals to waymark_web;
grant update (notice_on, notice_how, absence_id, ended_on, ended_as, ended_why, version, changed_at, changed_by)
    on app.directions to waymark_web;

-- The case of a pupil who moved on still has a name for the school it happened in.
alter policy see on app.pupils
    using (case when school_id = any ((select app.daily())::uuid[]) or id = any ((select app.shared_pupils())::uuid[])
                     or id = any ((select app.former_pupils())::uuid[]) then true else false end);

-- A step of the transfer changes what its case owes.
do $$
declare t text; e text;
begin
    foreach t in array array['transfers', 'directions', 'direction_reviews', 'direction_requests'] loop
        foreach e in array array['insert', 'update', 'delete'] loop
            execute format('create trigger owes_anew_%s after %s on app.%I referencing %s table as changed
                            for each statement execute function app.owes_anew()',
                e, e, t, case e when 'delete' then 'old' else 'new' end);
        end loop;
    end loop;
end $$;

-- And so does the panel it waits for: planned, moved or called off.
create function app.panel_owes_anew() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update app.case_duties d set reckoned_on = null from changed, app.transfers t
    where t.authority_id = changed.authority_id and t.standing in ('proposed', 'parent_agreed', 'papers_submitted')
      and d.case_id = t.case_id and d.reckoned_on is not null;
    return null;
end $$;
revoke execute on function app.panel_owes_anew() from public;
create trigger owes_anew_insert after insert on app.panels referencing new table as changed
    for each statement execute function app.panel_owes_anew();
create trigger owes_anew_update after update on app.panels referencing new table as changed
    for each statement execute function app.panel_owes_anew();

-- Papers for a panel and its cancelling meet at the panel's row: whichever comes second sees the other.
create function app.referral_meets_panel() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from app.panels p where p.id = new.panel_id and p.cancelled_on is null for share;
    if not found then
        raise exception 'the panel was cancelled' using errcode = 'check_violation', constraint = 'referrals_panel_open';
    end if;
    return new;
end $$;
create trigger meets_panel before insert on app.referrals for each row execute function app.referral_meets_panel();
-- How many papers wait for a panel, also of schools the actor does not see: a number and nothing else.
create function app.papers_waiting(p_panel uuid) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    select count(*) from app.referrals r
    where r.panel_id = p_panel and r.outcome is null and r.authority_id = app.authority() and app.prepares()
$$;
revoke execute on function app.referral_meets_panel(), app.papers_waiting(uuid) from public;
grant execute on function app.papers_waiting(uuid) to waymark_web;

-- Contacts follow a pupil to the next school; whose answer it was stays with the answer.
alter table app.agreements add column name text not null default '';
update app.agreements g set name = c.name from app.contacts c where c.id = g.contact_id;
create function app.agreement_names_contact() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    new.name := coalesce((select c.name from app.contacts c where c.id = new.contact_id and c.school_id = new.school_id), '');
    return new;
end $$;
revoke execute on function app.agreement_names_contact() from public;
create trigger names_contact before insert on app.agreements for each row execute function app.agreement_names_contact();

-- The pupil changes rolls: the home school's ends the day before, the new one's begins. The record of the pupil and
-- the people to contact follow. Only for a transfer to a school the actor leads, and only once.
create function app.enrol_received(p_transfer uuid, p_enrolment uuid, p_now timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t record;
begin
    select x.authority_id, x.school_id, x.receiving_id, x.on_roll_on, x.pupil_id, c.enrolment_id into t
    from app.transfers x join app.cases c on c.id = x.case_id
    where x.id = p_transfer and x.id = any (app.received()) and x.receiving_id = any (app.leads())
      and x.standing = 'on_roll' and x.share_ended_at is null
    for update of x;
    if not found then return false; end if;
    update app.pupils set school_id = t.receiving_id, version = version + 1, changed_at = p_now, changed_by = app.actor()
    where id = t.pupil_id and school_id = t.school_id;
    if not found then return false; end if;
    update app.enrolments set to_on = t.on_roll_on - 1
    where id = t.enrolment_id and (to_on is null or to_on >= t.on_roll_on);
    insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on)
    values (p_enrolment, t.authority_id, t.receiving_id, t.pupil_id, t.on_roll_on);
    return true;
end $$;

-- S3.05: the outcome still stands at the home school, and somebody with parental responsibility agrees to it by their
-- latest answer. A yes or a no, for the school the pupil is to come to.
create function app.still_agreed(p_transfer uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from app.transfers t
        join app.alternatives a on a.case_id = t.case_id and a.school_id = t.school_id and a.kind = 'supported_transfer'
            and a.status = 'agreed' and a.entered_on = (select max(s.entered_on) from app.case_stages s
                                                        where s.case_id = t.case_id and s.stage = 3)
        join app.contacts c on c.pupil_id = t.pupil_id and c.school_id = t.school_id and c.parental_responsibility
            and c.removed_at is null
        where t.id = p_transfer and t.id = any (app.received()) and t.receiving_id = any (app.leads())
          and (select g.answer from app.agreements g where g.alternative_id = a.id and g.contact_id = c.id
               order by g.recorded_at desc, g.id desc limit 1) = 'agreed')
$$;

-- How many pupils came to and left each school through the panel since a day: counts and nothing else.
create function app.intake(p_since date) returns table (school_id uuid, taken bigint, given bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.id,
           (select count(*) from app.transfers t where t.receiving_id = s.id
              and exists (select from app.allocations a where a.transfer_id = t.id and a.to_school = s.id
                            and a.decided_on >= p_since)),
           (select count(*) from app.transfers t where t.school_id = s.id and t.receiving_id is not null
              and exists (select from app.allocations a where a.transfer_id = t.id and a.to_school = t.receiving_id
                            and a.decided_on >= p_since))
    from app.schools s
    where s.authority_id = app.authority() and (app.prepares() or app.panels_sat() is not null)
$$;

-- As in 0008, and: the schools the actor leads or heads, the panels they sit for with what is on the agendas, and the
-- transfers that were allocated to them.
create or replace function app.begin_as(p_token_hash bytea, p_now timestamptz, p_today date)
returns table (session_id uuid, user_id uuid, user_name text, email text, authority_id uuid, grants jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
    whole uuid[]; whole_write uuid[]; daily uuid[]; daily_write uuid[]; heads uuid[]; leads uuid[];
    shared_cases uuid[]; shared_pupils uuid[];
    panels_sat uuid[]; panel_referrals uuid[]; panel_packs uuid[]; panel_transfers uuid[];
    received uuid[]; received_packs uuid[]; accepted_packs uuid[]; former_pupils uuid[];
begin
    select x.id, x.user_id, x.seen_at, u.name, u.email, u.authority_id into s
    from app.sessions x join app.users u on u.id = x.user_id
    where x.token_hash = p_token_hash and x.ended_at is null and x.ends_at > p_now
      and x.seen_at > p_now - interval '30 minutes' and u.disabled_at is null;
    if not found then return; end if;
    if s.seen_at < p_now - interval '1 minute' then
        update app.sessions set seen_at = p_now where id = s.id and seen_at < p_now - interval '1 minute';
    end if;

    select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'school', g.school_id,
               'school_name', sc.name, 'from_on', g.from_on, 'to_on', g.to_on)), '[]'),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate', 'staff')),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher', 'head_delegate',
                                                           'la_representative')),
           array_agg(g.school_id) filter (where g.role = 'headteacher'),
           array_agg(g.school_id) filter (where g.role in ('school_lead', 'headteacher'))
    into grants, whole_write, daily_write, whole, heads, leads
    from app.grants g left join app.schools sc on sc.id = g.school_id
    where g.user_id = s.user_id and g.from_on <= p_today and (g.to_on is null or g.to_on >= p_today);

    if grants @> '[{"role": "la_representative", "school": null}]' then
        whole := whole || array(select id from app.schools sc where sc.authority_id = s.authority_id);
    end if;
    whole := array_remove(whole, null);
    daily := whole || daily_write;

    if grants @> '[{"role": "support_service"}]' then
        select array_agg(case_id), array_agg(pupil_id) into shared_cases, shared_pupils
        from app.case_shares sh
        where sh.with_user = s.user_id and sh.from_on <= p_today and (sh.to_on is null or sh.to_on >= p_today);
    end if;
    if grants @> '[{"role": "panel_member"}]' then
        select array_agg(m.panel_id) into panels_sat
        from app.panel_members m where m.user_id = s.user_id and m.removed_at is null;
        -- Papers stay open for 28 days after the panel met (domain::panel::PAPERS_DAYS), and not at all once they
        -- were returned or put off to others, or the transfer is over.
        select array_agg(r.id),
               array_agg(r.pack_id) filter (where (r.outcome is null or r.outcome = 'not_placed')
                                              and t.share_ended_at is null),
               array_agg(r.transfer_id) filter (where r.outcome is null)
        into panel_referrals, panel_packs, panel_transfers
        from app.referrals r join app.panels p on p.id = r.panel_id join app.transfers t on t.id = r.transfer_id
        where r.panel_id = any (panels_sat) and p.cancelled_on is null and p.meets_on + 28 >= p_today;
    end if;
    if leads is not null then
        select array_agg(t.id), array_agg(t.pack_id),
               array_agg(t.pack_id) filter (where t.standing in ('receiving_accepted', 'on_roll'))
        into received, received_packs, accepted_packs
        from app.transfers t where t.receiving_id = any (leads) and t.share_ended_at is null;
    end if;
    if whole is not null then
        select array_agg(t.pupil_id) into former_pupils
        from app.transfers t where t.school_id = any (whole) and t.on_roll_on is not null;
    end if;

    perform set_config('app.actor', s.user_id::text, true),
            set_config('app.authority', s.authority_id::text, true),
            set_config('app.whole', coalesce(whole::text, ''), true),
            set_config('app.whole_write', coalesce(whole_write::text, ''), true),
            set_config('app.daily', coalesce(daily::text, ''), true),
            set_config('app.daily_write', coalesce(daily_write::text, ''), true),
            set_config('app.heads', coalesce(heads::text, ''), true),
            set_config('app.leads', coalesce(leads::text, ''), true),
            set_config('app.administers',
                case when grants @> '[{"role": "la_administrator"}]' then 'yes' else '' end, true),
            set_config('app.prepares',
                case when grants @> '[{"role": "la_representative"}]' then 'yes' else '' end, true),
            set_config('app.shared_cases', coalesce(shared_cases::text, ''), true),
            set_config('app.shared_pupils', coalesce(shared_pupils::text, ''), true),
            set_config('app.panels_sat', coalesce(panels_sat::text, ''), true),
            set_config('app.panel_referrals', coalesce(panel_referrals::text, ''), true),
            set_config('app.panel_packs', coalesce(panel_packs::text, ''), true),
            set_config('app.panel_transfers', coalesce(panel_transfers::text, ''), true),
            set_config('app.received', coalesce(received::text, ''), true),
            set_config('app.received_packs', coalesce(received_packs::text, ''), true),
            set_config('app.accepted_packs', coalesce(accepted_packs::text, ''), true),
            set_config('app.former_pupils', coalesce(former_pupils::text, ''), true);
    return query select s.id, s.user_id, s.name, s.email, s.authority_id, grants;
end $$;

revoke execute on function app.leads(), app.prepares(), app.panels_sat(), app.panel_referrals(), app.panel_packs(),
    app.panel_transfers(), app.received(), app.received_packs(), app.accepted_packs(), app.former_pupils(),
    app.enrol_received(uuid, uuid, timestamptz), app.still_agreed(uuid), app.intake(date) from public;
grant execute on function app.leads(), app.prepares(), app.panels_sat(), app.panel_referrals(), app.panel_packs(),
    app.panel_transfers(), app.received(), app.received_packs(), app.accepted_packs(), app.former_pupils(),
    app.enrol_received(uuid, uuid, timestamptz), app.still_agreed(uuid), app.intake(date) to waymark_web;
