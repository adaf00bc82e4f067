//! SQL of the Today room. Loading and saving read the same sheet, so that what a save merges into is what
//! the page showed.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use crate::{
    db::DbError,
    domain::{
        calendar::{SchoolCalendar, Span, SpanKind, layered},
        ids::{AbsenceId, CaseId, NoteId, PupilId, SchoolId, TargetId, UserId},
        permission::{LogMarks, Permit, PlanAbsences},
    },
};

/// A school as Today needs it.
#[derive(Debug)]
pub struct School {
    pub id: SchoolId,
    pub name: String,
    pub mark_words: Vec<String>,
    /// The periods of one day: today's, or those of the day asked for with [`School::on`].
    pub periods: Vec<Period>,
    /// Every period it has, had or will have.
    ever: Vec<Period>,
    pub calendar: SchoolCalendar,
}

impl School {
    /// The school as it was or will be on a day: with the periods of that day.
    pub fn on(mut self, day: Date) -> Self {
        let of_day = |period: &&Period| period.from_on <= day && period.to_on.is_none_or(|to| day <= to);
        self.periods = self.ever.iter().filter(of_day).cloned().collect();
        self
    }
}

/// A period of the school's day.
#[derive(Clone, Debug)]
pub struct Period {
    pub number: i16,
    pub label: String,
    from_on: Date,
    to_on: Option<Date>,
}

/// The school with its periods and calendar. With `lock`, first locks these cases, so that two saves of one
/// pupil come one after the other and the second sees the first.
pub async fn school(
    conn: &mut PgConnection,
    id: SchoolId,
    today: Date,
    lock: &[CaseId],
) -> Result<Option<School>, DbError> {
    let row = sqlx::query!(
        r#"with locked as materialized (select id from app.cases where id = any ($3) order by id for no key update),
                spans as (select school_id is null as model, kind, name, from_on, to_on from app.calendar_spans
                          where authority_id = (select app.authority()) and (school_id is null or school_id = $1)
                            and to_on >= $2::date - 400 and from_on <= $2::date + 400 and removed_at is null),
                periods as (select period, label, from_on, to_on from app.school_periods
                            where school_id = $1 and (to_on is null or to_on >= from_on))
           select s.name, s.mark_words, (select count(*) from locked) as locked,
                  (select array_agg(model order by from_on) from spans) as models,
                  (select array_agg(kind order by from_on) from spans) as "kinds: Vec<SpanKind>",
                  (select array_agg(name order by from_on) from spans) as names,
                  (select array_agg(from_on order by from_on) from spans) as froms,
                  (select array_agg(to_on order by from_on) from spans) as tos,
                  (select array_agg(period order by from_on, period) from periods) as numbers,
                  (select array_agg(label order by from_on, period) from periods) as labels,
                  (select array_agg(from_on order by from_on, period) from periods) as begin,
                  (select array_agg(to_on order by from_on, period) from periods) as "end: Vec<Option<Date>>"
           from app.schools s where s.id = $1"#,
        id as SchoolId,
        today,
        lock as &[CaseId]
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let days = row.froms.unwrap_or_default().into_iter().zip(row.tos.unwrap_or_default());
    let kinds = row.kinds.unwrap_or_default().into_iter().zip(row.names.unwrap_or_default());
    let (mut model, mut own) = (Vec::new(), Vec::new());
    for (is_model, ((kind, name), (from, to))) in
        row.models.unwrap_or_default().into_iter().zip(kinds.zip(days))
    {
        let span = Span { kind, name, from, to };
        if is_model { model.push(span) } else { own.push(span) }
    }
    let names = row.numbers.unwrap_or_default().into_iter().zip(row.labels.unwrap_or_default());
    let days = row.begin.unwrap_or_default().into_iter().zip(row.end.unwrap_or_default());
    let ever = names
        .zip(days)
        .map(|((number, label), (from_on, to_on))| Period { number, label, from_on, to_on })
        .collect();
    let school = School {
        id,
        name: row.name,
        mark_words: row.mark_words,
        periods: Vec::new(),
        ever,
        calendar: SchoolCalendar::new(layered(&model, &own)),
    };
    Ok(Some(school.on(today)))
}

/// One pupil's day as stored.
#[derive(Debug)]
pub struct SheetRow {
    pub case: CaseId,
    pub pupil: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    pub stage: i16,
    pub version: Option<i32>,
    pub points: Option<i16>,
    pub recorded: Option<i16>,
    pub expected: Option<i16>,
    pub entered_late: Option<bool>,
    pub targets: Option<Vec<TargetId>>,
    pub target_words: Option<Vec<String>>,
    pub mark_targets: Option<Vec<TargetId>>,
    pub mark_periods: Option<Vec<i16>>,
    /// None inside: taken back.
    pub mark_points: Option<Vec<Option<i16>>>,
    pub mark_versions: Option<Vec<i32>>,
    pub reason_periods: Option<Vec<i16>>,
    /// Empty: taken back.
    pub reasons: Option<Vec<String>>,
    pub reason_versions: Option<Vec<i32>>,
    pub known_reasons: Option<Vec<String>>,
    /// "3 5", or empty for the whole day.
    pub known_periods: Option<Vec<String>>,
    pub known_sources: Option<Vec<String>>,
    pub notes: Option<Vec<String>>,
    pub note_kinds: Option<Vec<String>>,
    pub note_authors: Option<Vec<String>>,
}

/// The sheet of a school's day: every open case, or only `only`, by family name.
pub async fn sheet(
    conn: &mut PgConnection,
    school: SchoolId,
    day: Date,
    only: Option<&[CaseId]>,
) -> Result<Vec<SheetRow>, DbError> {
    Ok(sqlx::query_as!(
        SheetRow,
        r#"with wanted as materialized (
               select array(select id from app.cases where school_id = $1 and not closed and opened_on <= $2
                            and ($3::uuid[] is null or id = any ($3))) as ids)
           select c.id as "case: CaseId", c.pupil_id as "pupil: PupilId", p.given_name, p.known_as, p.family_name,
                  p.born_on, p.year_offset, c.stage, d.version as "version?", d.points as "points?",
                  d.recorded as "recorded?", d.expected as "expected?",
                  d.entered_late as "entered_late?",
                  t.ids as "targets: Vec<TargetId>", t.words as target_words,
                  m.targets as "mark_targets: Vec<TargetId>", m.periods as mark_periods,
                  m.points as "mark_points: Vec<Option<i16>>", m.versions as mark_versions,
                  r.periods as reason_periods, r.reasons, r.versions as reason_versions,
                  k.reasons as known_reasons, k.periods as known_periods, k.sources as known_sources,
                  n.words as notes, n.kinds as note_kinds, n.authors as note_authors
           from app.cases c
           join app.pupils p on p.id = c.pupil_id
           left join app.days d on d.case_id = c.id and d.on_date = $2
           left join (select case_id, array_agg(id order by position, id) as ids,
                             array_agg(words order by position, id) as words
                      from app.targets where case_id = any ((select ids from wanted)::uuid[]) and starts_on <= $2
                        and (ended_on is null or ended_on >= $2) group by case_id) t on t.case_id = c.id
           left join (select case_id, array_agg(target_id) as targets, array_agg(period) as periods,
                             array_agg(points) as points, array_agg(version) as versions
                      from app.marks where case_id = any ((select ids from wanted)::uuid[]) and on_date = $2
                      group by case_id) m on m.case_id = c.id
           left join (select case_id, array_agg(period) as periods, array_agg(coalesce(reason, '')) as reasons,
                             array_agg(version) as versions
                      from app.day_reasons where case_id = any ((select ids from wanted)::uuid[]) and on_date = $2
                      group by case_id) r on r.case_id = c.id
           left join (select case_id, array_agg(reason order by made_at) as reasons,
                             array_agg(coalesce(array_to_string(periods, ' '), '') order by made_at) as periods,
                             array_agg(source order by made_at) as sources
                      from app.known_absences where case_id = any ((select ids from wanted)::uuid[])
                        and withdrawn_at is null and from_on <= $2 and to_on >= $2
                      group by case_id) k on k.case_id = c.id
           left join (select o.case_id, array_agg(o.words order by o.written_at) as words,
                             array_agg(o.kind order by o.written_at) as kinds,
                             array_agg(u.name order by o.written_at) as authors
                      from app.day_notes o join app.users u on u.id = o.written_by
                      where o.case_id = any ((select ids from wanted)::uuid[]) and o.on_date = $2
                      group by o.case_id) n on n.case_id = c.id
           where c.id = any ((select ids from wanted)::uuid[])
           order by c.sort_name, c.id"#,
        school as SchoolId,
        day,
        only as Option<&[CaseId]>
    )
    .fetch_all(conn)
    .await?)
}

/// A value that stood in a cell before.
#[derive(Debug)]
pub struct Earlier {
    pub case: CaseId,
    pub target: Option<TargetId>,
    pub period: i16,
    pub was: String,
    pub version: i32,
    pub replaced_in: i32,
}

/// Every value replaced on this day in these cases; only asked when somebody saved since a page was read.
pub async fn earlier(conn: &mut PgConnection, cases: &[CaseId], day: Date) -> Result<Vec<Earlier>, DbError> {
    Ok(sqlx::query_as!(
        Earlier,
        r#"select case_id as "case: CaseId", target_id as "target: TargetId", period, was, version, replaced_in
           from app.mark_changes where case_id = any ($1) and on_date = $2"#,
        cases as &[CaseId],
        day
    )
    .fetch_all(conn)
    .await?)
}

/// Who last set a cell, and when.
#[derive(Debug)]
pub struct SetBy {
    pub case: CaseId,
    pub target: Option<TargetId>,
    pub period: i16,
    pub name: String,
    pub at: OffsetDateTime,
}

/// Who set the marks and reasons of these cases on this day.
pub async fn set_by(conn: &mut PgConnection, cases: &[CaseId], day: Date) -> Result<Vec<SetBy>, DbError> {
    Ok(sqlx::query_as!(
        SetBy,
        r#"select x.case_id as "case!: CaseId", x.target_id as "target: TargetId", x.period as "period!", u.name,
                  x.marked_at as "at!"
           from (select case_id, target_id, period, marked_by, marked_at from app.marks
                 where case_id = any ($1) and on_date = $2
                 union all
                 select case_id, null, period, marked_by, marked_at from app.day_reasons
                 where case_id = any ($1) and on_date = $2) x
           join app.users u on u.id = x.marked_by"#,
        cases as &[CaseId],
        day
    )
    .fetch_all(conn)
    .await?)
}

/// What a save writes, column by column.
#[derive(Debug, Default)]
pub struct Changes {
    /// Marks to set; points none takes one back.
    pub marks: Vec<MarkChange>,
    /// Reasons to set; none takes one back.
    pub reasons: Vec<ReasonChange>,
    /// The new totals of every day touched.
    pub days: Vec<DayChange>,
}

/// One mark to set.
#[derive(Debug)]
pub struct MarkChange {
    pub case: CaseId,
    pub target: TargetId,
    pub period: i16,
    pub points: Option<i16>,
    pub all_met: bool,
    pub version: i32,
}

/// One reason to set.
#[derive(Debug)]
pub struct ReasonChange {
    pub case: CaseId,
    pub period: i16,
    pub reason: Option<String>,
    pub version: i32,
}

/// New totals of a day, and how they differ from before (for the week's).
#[derive(Debug)]
pub struct DayChange {
    pub case: CaseId,
    pub version: i32,
    pub points: i16,
    pub recorded: i16,
    pub expected: i16,
    pub reason: Option<String>,
    pub new_day: bool,
    pub more_points: i32,
    pub more_recorded: i32,
    pub more_expected: i32,
}

/// The day a save is about.
#[derive(Clone, Copy, Debug)]
pub struct SavedDay {
    pub on: Date,
    pub week_on: Date,
    pub late: bool,
    pub now: OffsetDateTime,
}

/// Writes marks, reasons, what they replaced, the days' and weeks' totals and the cases' own, in one statement.
#[expect(clippy::too_many_lines, reason = "one statement: what a save writes is written together")]
pub async fn save(
    conn: &mut PgConnection,
    permit: &Permit<LogMarks>,
    day: SavedDay,
    changes: &Changes,
) -> Result<(), DbError> {
    let marks = &changes.marks;
    let reasons = &changes.reasons;
    let days = &changes.days;
    sqlx::query!(
        r#"with mark as (
               select * from unnest($6::uuid[], $7::uuid[], $8::smallint[], $9::smallint[], $10::text[], $11::int[])
                   as x (case_id, target_id, period, points, source, version)),
           reason as (
               select * from unnest($12::uuid[], $13::smallint[], $14::text[], $15::int[])
                   as x (case_id, period, reason, version)),
           day as (
               select * from unnest($16::uuid[], $17::int[], $18::smallint[], $19::smallint[], $20::smallint[],
                                    $21::text[], $22::int[], $23::int[], $24::int[], $25::int[])
                   as x (case_id, version, points, recorded, expected, reason, new_days, more_points,
                         more_recorded, more_expected)),
           kept as (
               insert into app.mark_changes (authority_id, school_id, case_id, target_id, on_date, period, was, version,
                                             marked_at, marked_by, replaced_in, replaced_at, replaced_by)
               select $1::uuid, $2::uuid, m.case_id, m.target_id, $3::date, m.period, coalesce(m.points::text, ''), m.version,
                      m.marked_at, m.marked_by, n.version, $4::timestamptz, $5::uuid
               from mark n join app.marks m on m.case_id = n.case_id and m.on_date = $3::date
                    and m.target_id = n.target_id and m.period = n.period
               union all
               select $1::uuid, $2::uuid, r.case_id, null, $3::date, r.period, coalesce(r.reason, ''), r.version,
                      r.marked_at, r.marked_by, n.version, $4::timestamptz, $5::uuid
               from reason n join app.day_reasons r on r.case_id = n.case_id and r.on_date = $3::date and r.period = n.period),
           marked as (
               insert into app.marks (authority_id, school_id, case_id, target_id, on_date, period, points, source,
                                      version, marked_at, marked_by)
               select $1::uuid, $2::uuid, case_id, target_id, $3, period, points, source, version, $4, $5 from mark
               on conflict (case_id, on_date, target_id, period) do update
               set points = excluded.points, source = excluded.source, version = excluded.version,
                   marked_at = excluded.marked_at, marked_by = excluded.marked_by),
           reasoned as (
               insert into app.day_reasons (authority_id, school_id, case_id, on_date, period, reason, version,
                                            marked_at, marked_by)
               select $1::uuid, $2::uuid, case_id, $3, period, reason, version, $4, $5 from reason
               on conflict (case_id, on_date, period) do update
               set reason = excluded.reason, version = excluded.version, marked_at = excluded.marked_at,
                   marked_by = excluded.marked_by),
           totalled as (
               insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded,
                                     expected, first_saved_at, saved_at, saved_by, entered_late, reason)
               select $1::uuid, $2::uuid, case_id, $3, version, points, 2 * recorded, recorded, expected, $4, $4, $5, $26, reason
               from day
               on conflict (case_id, on_date) do update
               set version = excluded.version, points = excluded.points, possible = excluded.possible,
                   recorded = excluded.recorded, expected = excluded.expected, saved_at = excluded.saved_at,
                   saved_by = excluded.saved_by, reason = excluded.reason),
           weeks as (
               insert into app.case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded,
                                           expected)
               select $1::uuid, $2::uuid, case_id, $27, new_days, more_points, 2 * more_recorded, more_recorded, more_expected
               from day
               on conflict (case_id, week_on) do update
               set days = case_weeks.days + excluded.days, points = case_weeks.points + excluded.points,
                   possible = case_weeks.possible + excluded.possible,
                   recorded = case_weeks.recorded + excluded.recorded,
                   expected = case_weeks.expected + excluded.expected)
           update app.cases c
           set last_marked_on = case
                   when d.recorded > 0 then greatest(c.last_marked_on, $3)
                   when c.last_marked_on = $3 then (select max(x.on_date) from app.days x
                                                    where x.case_id = c.id and x.recorded > 0 and x.on_date <> $3)
                   else c.last_marked_on end,
               week_points = case when c.week_on = $27 then c.week_points + d.more_points
                                  when c.week_on > $27 then c.week_points else d.more_points end,
               week_possible = case when c.week_on = $27 then c.week_possible + 2 * d.more_recorded
                                    when c.week_on > $27 then c.week_possible else 2 * d.more_recorded end,
               week_on = greatest(c.week_on, $27)
           from day d where c.id = d.case_id"#,
        permit.authority().uuid(),
        permit.school().uuid(),
        day.on,
        day.now,
        permit.user().uuid(),
        &marks.iter().map(|m| m.case).collect::<Vec<_>>() as &[CaseId],
        &marks.iter().map(|m| m.target).collect::<Vec<_>>() as &[TargetId],
        &marks.iter().map(|m| m.period).collect::<Vec<_>>(),
        &marks.iter().map(|m| m.points).collect::<Vec<_>>() as &[Option<i16>],
        &marks
            .iter()
            .map(|m| if m.all_met { "all_met".to_owned() } else { "single".to_owned() })
            .collect::<Vec<_>>(),
        &marks.iter().map(|m| m.version).collect::<Vec<_>>(),
        &reasons.iter().map(|r| r.case).collect::<Vec<_>>() as &[CaseId],
        &reasons.iter().map(|r| r.period).collect::<Vec<_>>(),
        &reasons.iter().map(|r| r.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &reasons.iter().map(|r| r.version).collect::<Vec<_>>(),
        &days.iter().map(|d| d.case).collect::<Vec<_>>() as &[CaseId],
        &days.iter().map(|d| d.version).collect::<Vec<_>>(),
        &days.iter().map(|d| d.points).collect::<Vec<_>>(),
        &days.iter().map(|d| d.recorded).collect::<Vec<_>>(),
        &days.iter().map(|d| d.expected).collect::<Vec<_>>(),
        &days.iter().map(|d| d.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &days.iter().map(|d| i32::from(d.new_day)).collect::<Vec<_>>(),
        &days.iter().map(|d| d.more_points).collect::<Vec<_>>(),
        &days.iter().map(|d| d.more_recorded).collect::<Vec<_>>(),
        &days.iter().map(|d| d.more_expected).collect::<Vec<_>>(),
        day.late,
        day.week_on,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A pupil's name and school behind an open case.
#[derive(Debug)]
pub struct CaseOf {
    pub school: SchoolId,
    pub pupil: PupilId,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
}

/// Whose case it is, when it is open and the actor may see its days.
pub async fn case(conn: &mut PgConnection, id: CaseId) -> Result<Option<CaseOf>, DbError> {
    Ok(sqlx::query_as!(
        CaseOf,
        r#"select c.school_id as "school: SchoolId", c.pupil_id as "pupil: PupilId", p.given_name, p.known_as,
                  p.family_name
           from app.cases c join app.pupils p on p.id = c.pupil_id where c.id = $1 and c.closed_on is null"#,
        id as CaseId
    )
    .fetch_optional(conn)
    .await?)
}

/// A note to keep.
#[derive(Debug)]
pub struct NewNote {
    pub id: NoteId,
    pub case: CaseId,
    pub on_date: Date,
    pub period: Option<i16>,
    pub kind: &'static str,
    pub words: String,
}

/// Keeps a note.
pub async fn add_note(
    conn: &mut PgConnection,
    permit: &Permit<LogMarks>,
    note: NewNote,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.day_notes (id, authority_id, school_id, case_id, on_date, period, kind, words, written_at,
                                    written_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        note.id as NoteId,
        permit.authority().uuid(),
        permit.school().uuid(),
        note.case as CaseId,
        note.on_date,
        note.period,
        note.kind,
        note.words,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Something known beforehand.
#[derive(Debug)]
pub struct KnownAbsence {
    pub id: AbsenceId,
    pub reason: String,
    pub from_on: Date,
    pub to_on: Date,
    pub periods: Option<Vec<i16>>,
    pub source: String,
    pub by: String,
}

/// What is known beforehand about a case and not past or withdrawn.
pub async fn known_absences(
    conn: &mut PgConnection,
    case: CaseId,
    today: Date,
) -> Result<Vec<KnownAbsence>, DbError> {
    Ok(sqlx::query_as!(
        KnownAbsence,
        r#"select k.id as "id: AbsenceId", k.reason, k.from_on, k.to_on, k.periods, k.source, u.name as by
           from app.known_absences k join app.users u on u.id = k.made_by
           where k.case_id = $1 and k.withdrawn_at is null and k.to_on >= $2 order by k.from_on, k.id"#,
        case as CaseId,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// Something to know beforehand.
#[derive(Debug)]
pub struct NewAbsence {
    pub id: AbsenceId,
    pub case: CaseId,
    pub reason: &'static str,
    pub from_on: Date,
    pub to_on: Date,
    pub periods: Option<Vec<i16>>,
    pub source: String,
}

/// Adds something known beforehand.
pub async fn plan_absence(
    conn: &mut PgConnection,
    permit: &Permit<PlanAbsences>,
    absence: NewAbsence,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, periods, source,
                                         made_at, made_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        absence.id as AbsenceId,
        permit.authority().uuid(),
        permit.school().uuid(),
        absence.case as CaseId,
        absence.reason,
        absence.from_on,
        absence.to_on,
        absence.periods.as_deref(),
        absence.source,
        now,
        permit.user() as UserId
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes back something known beforehand. Answers no when it is not there (any more).
pub async fn withdraw_absence(
    conn: &mut PgConnection,
    permit: &Permit<PlanAbsences>,
    case: CaseId,
    absence: AbsenceId,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update app.known_absences set withdrawn_at = $4
         where id = $1 and case_id = $2 and school_id = $3 and withdrawn_at is null",
        absence as AbsenceId,
        case as CaseId,
        permit.school().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
