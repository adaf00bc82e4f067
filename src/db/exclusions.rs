//! A pupil's exclusions, from every table that knows of them, as the law reads them. Several rooms need them: the case
//! and its duties, the headteacher's overview, and the suspensions room, which writes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{DbError, Moment, calendar, facts::Day};
use crate::domain::{
    calendar::SchoolCalendar,
    duties::{self, Duty},
    ids::{CaseId, EnrolmentId, ExclusionId, IncidentId, PupilId, SchoolId},
    incident,
    permission::{IssueExclusions, Permit},
    pupil::{SendStatus, YearGroup, display_name},
    suspension::{
        Half, HalfDays, Session,
        count::{self, Addend, Counted, Kind, Place},
        history::{History, Issued, Link, Outcome, Record, RecordKind},
        lost::Lost,
        notices::{About, NoticeKind, Recipient},
        record::{Exclusion, Permanent, Suspension},
        run::Leaver,
        terms::{LegalTerm, Years},
    },
};

/// Whose exclusions: what every page about a pupil's suspensions needs before anything else.
#[derive(Clone, Debug)]
pub struct PupilOf {
    /// The pupil.
    pub id: PupilId,
    /// The school whose roll they are on.
    pub school: SchoolId,
    /// Its name.
    pub school_name: String,
    /// Given name.
    pub given_name: String,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name.
    pub family_name: String,
    /// Date of birth.
    pub born_on: Date,
    /// Actual year less the usual one.
    pub year_offset: i16,
    /// Special educational needs.
    pub send: SendStatus,
    /// Looked after by a local authority.
    pub looked_after: bool,
    /// On the roll today.
    pub enrolment: Option<EnrolmentId>,
    /// The case that is open at this school.
    pub case: Option<CaseId>,
}

impl PupilOf {
    /// The name as people say it.
    pub fn name(&self) -> String {
        display_name(&self.given_name, self.known_as.as_deref(), &self.family_name)
    }

    /// What a letter calls them.
    pub fn first_name(&self) -> &str {
        self.known_as.as_deref().unwrap_or(&self.given_name)
    }

    /// The actual year on a day.
    pub fn year(&self, day: Date) -> YearGroup {
        YearGroup::actual(self.born_on, self.year_offset, day)
    }
}

/// The pupil, when the actor may see that there is one.
pub async fn pupil(conn: &mut PgConnection, id: PupilId, today: Date) -> Result<Option<PupilOf>, DbError> {
    Ok(sqlx::query_as!(
        PupilOf,
        r#"select p.id as "id: PupilId", p.school_id as "school: SchoolId", s.name as school_name, p.given_name,
                  p.known_as, p.family_name, p.born_on, p.year_offset, p.send as "send: SendStatus", p.looked_after,
                  (select e.id from app.enrolments e
                   where e.pupil_id = p.id and e.school_id = p.school_id and e.from_on <= $2
                     and (e.to_on is null or e.to_on >= $2)) as "enrolment: EnrolmentId",
                  (select c.id from app.cases c where c.pupil_id = p.id and c.school_id = p.school_id
                     and c.authority_id = p.authority_id and c.closed_on is null) as "case: CaseId"
           from app.pupils p join app.schools s on s.id = p.school_id where p.id = $1 and p.merged_into is null"#,
        id as PupilId,
        today
    )
    .fetch_optional(conn)
    .await?)
}

#[derive(Debug, Deserialize)]
struct RecordRow {
    kind: RecordKind,
    on: Day,
    at: Option<String>,
    notice: Option<NoticeKind>,
    to: Option<Recipient>,
    outcome: Option<Outcome>,
}

impl From<RecordRow> for Record {
    fn from(row: RecordRow) -> Self {
        Self {
            kind: row.kind,
            on: row.on.0,
            at: row.at.as_deref().and_then(incident::time_of_day),
            notice: row.notice.zip(row.to),
            outcome: row.outcome,
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "a row as the query gives it")]
#[derive(Debug, Deserialize)]
struct IssuedRow {
    id: ExclusionId,
    case: Option<CaseId>,
    incident: Option<IncidentId>,
    decided_on: Day,
    mornings: Vec<Day>,
    afternoons: Vec<Day>,
    lunchtimes: Vec<Day>,
    /// Of a permanent exclusion.
    first: Option<(Day, Half)>,
    exam: Option<(Day, Half)>,
    exams_left: bool,
    looked_after: bool,
    social_worker: bool,
    lives_elsewhere: bool,
    stage_3_settled: bool,
    cancelled_on: Option<Day>,
    back: Option<(Day, Half)>,
    out_mornings: Vec<Day>,
    out_afternoons: Vec<Day>,
    records: Vec<RecordRow>,
}

#[derive(Debug, Deserialize)]
struct ElsewhereRow {
    decided_on: Day,
    kind: String,
    mornings: Vec<Day>,
    afternoons: Vec<Day>,
    lunchtimes: Vec<Day>,
}

#[derive(Debug, Deserialize)]
struct GivenRow {
    year: i32,
    term: Option<LegalTerm>,
    half_days: u32,
}

fn lost(mornings: &[Day], afternoons: &[Day], lunchtimes: &[Day]) -> Lost {
    let mornings = mornings.iter().map(|day| Session::morning(day.0));
    let afternoons = afternoons.iter().map(|day| Session::afternoon(day.0));
    Lost::of(mornings.chain(afternoons), lunchtimes.iter().map(|day| day.0))
}

fn session((day, half): (Day, Half)) -> Session {
    Session { on: day.0, half }
}

/// The pupil a row is about: date of birth, and years above or below the usual.
#[derive(Clone, Copy, Debug)]
struct Born {
    on: Date,
    year_offset: i16,
}

impl IssuedRow {
    fn issued(self, born: Born, case: Option<CaseId>) -> Result<Issued, DbError> {
        let decided_on = self.decided_on.0;
        let back = self.back.map(session);
        let exclusion = if let Some(first) = self.first {
            let out = lost(&self.out_mornings, &self.out_afternoons, &[]);
            Exclusion::Permanent(Permanent::stored(decided_on, session(first), back.map(|b| (b, out))))
        } else {
            let decided = lost(&self.mornings, &self.afternoons, &self.lunchtimes);
            let stored = Suspension::stored(decided_on, decided, back);
            let broken = |error| DbError::Other(sqlx::Error::Decode(format!("{}: {error}", self.id).into()));
            Exclusion::Suspension(stored.map_err(broken)?)
        };
        let about = About {
            lives_elsewhere: self.lives_elsewhere,
            looked_after: self.looked_after,
            social_worker: self.social_worker,
            ..About::default()
        };
        Ok(Issued {
            id: self.id,
            link: match self.case {
                None => Link::NoCase,
                Some(of) if Some(of) == case => Link::ThisCase,
                Some(_) => Link::OtherCase,
            },
            incident: self.incident,
            exclusion,
            about: about.born(born.on, decided_on),
            exam: self.exam.map(session),
            leaver: Leaver {
                year: YearGroup::actual(born.on, born.year_offset, decided_on),
                exams_left: self.exams_left,
            },
            cancelled_on: self.cancelled_on.map(|day| day.0),
            stage_3_settled: self.stage_3_settled,
            records: self.records.into_iter().map(Record::from).collect(),
        })
    }
}

impl From<ElsewhereRow> for Counted {
    fn from(row: ElsewhereRow) -> Self {
        Self {
            decided_on: row.decided_on.0,
            place: Place::Elsewhere,
            kind: match row.kind.as_str() {
                "cancelled_permanent" => Kind::CancelledPermanent,
                "cancelled_suspension" => Kind::CancelledSuspension,
                _ => Kind::Suspension,
            },
            lost: lost(&row.mornings, &row.afternoons, &row.lunchtimes),
        }
    }
}

impl From<GivenRow> for Addend {
    fn from(row: GivenRow) -> Self {
        let half_days = HalfDays(row.half_days);
        Self { place: Place::Elsewhere, year: row.year, term: row.term, half_days }
    }
}

/// All exclusions of a pupil as a school knows them, seen from a case when there is one.
pub async fn of_pupil(
    conn: &mut PgConnection,
    pupil: PupilId,
    school: SchoolId,
    case: Option<CaseId>,
) -> Result<History, DbError> {
    let mut all = of_pupils(conn, &[pupil], school, case).await?;
    Ok(all.remove(&pupil).unwrap_or_default())
}

/// The same for several pupils. The school a pupil is at knows the days of other schools of the authority besides its
/// own; one they have left knows its own, and nothing of what came after (law 5).
pub async fn of_pupils(
    conn: &mut PgConnection,
    pupils: &[PupilId],
    school: SchoolId,
    case: Option<CaseId>,
) -> Result<BTreeMap<PupilId, History>, DbError> {
    let rows = sqlx::query!(
        r#"with elsewhere as materialized (select * from app.exclusions_elsewhere_of($1)),
             given as materialized (select * from app.half_days_elsewhere_of($1))
           select p.id as "id: PupilId", p.born_on, p.year_offset,
             coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'case', e.case_id, 'incident', e.incident_id,
                    'decided_on', e.decided_on, 'mornings', e.mornings, 'afternoons', e.afternoons,
                    'lunchtimes', e.lunchtimes,
                    'first', case when e.first_on is not null then jsonb_build_array(e.first_on, e.first_half) end,
                    'exam', case when e.exam_on is not null then jsonb_build_array(e.exam_on, e.exam_half) end,
                    'exams_left', e.exams_left, 'looked_after', e.looked_after, 'social_worker', e.social_worker,
                    'lives_elsewhere', e.lives_elsewhere,
                    'stage_3_settled', e.stage_3_considered or e.stage_3_why is not null,
                    'cancelled_on', e.cancelled_on,
                    'back', case when e.back_on is not null then jsonb_build_array(e.back_on, e.back_half) end,
                    'out_mornings', coalesce(e.out_mornings, '{}'), 'out_afternoons', coalesce(e.out_afternoons, '{}'),
                    'records', (select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'on', s.on_date,
                                       'at', to_char(s.at_time, 'HH24:MI'), 'notice', s.notice, 'to', s.recipient,
                                       'outcome', s.outcome) order by s.on_date, s.recorded_at, s.id), '[]')
                                from app.exclusion_steps s
                                where s.exclusion_id = e.id and s.kind <> 'taken_back'
                                  and not exists (select from app.exclusion_steps b where b.replaces = s.id)))
                    order by e.decided_on, e.recorded_at, e.id)
                from app.exclusions e where e.pupil_id = p.id and e.school_id = $2), '[]')
                as "issued!: Json<Vec<IssuedRow>>",
             coalesce((select jsonb_agg(jsonb_build_object('decided_on', o.decided_on, 'kind', o.kind,
                    'mornings', o.mornings, 'afternoons', o.afternoons, 'lunchtimes', o.lunchtimes)
                    order by o.decided_on)
                from elsewhere o where o.pupil_id = p.id and p.school_id = $2), '[]') as "elsewhere!: Json<Vec<ElsewhereRow>>",
             coalesce((select jsonb_agg(jsonb_build_object('year', g.school_year, 'term', g.term, 'half_days', g.half_days)
                    order by g.school_year, g.term, g.half_days)
                from (select x.school_year, x.term, x.half_days from app.exclusions_elsewhere x
                      where x.pupil_id = p.id and x.school_id = $2 and x.taken_back_at is null
                      union all
                      select h.school_year, h.term, h.half_days from given h where h.pupil_id = p.id and p.school_id = $2) g), '[]')
                as "given!: Json<Vec<GivenRow>>"
           from app.pupils p where p.id = any ($1)"#,
        pupils as &[PupilId],
        school as SchoolId
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let born = Born { on: row.born_on, year_offset: row.year_offset };
            let issued: Result<_, _> = row.issued.0.into_iter().map(|of| of.issued(born, case)).collect();
            let elsewhere = row.elsewhere.0.into_iter().map(Counted::from);
            let history = History {
                issued: issued?,
                elsewhere: elsewhere.filter(|counted| !counted.lost.is_empty()).collect(),
                given: row.given.0.into_iter().map(Addend::from).collect(),
            };
            Ok((row.id, history))
        })
        .collect()
}

/// What schools know of the exclusions of some pupils, with their calendars.
struct Known(BTreeMap<SchoolId, (BTreeMap<PupilId, History>, SchoolCalendar)>);

impl Known {
    async fn at(
        conn: &mut PgConnection,
        pupils: impl Iterator<Item = (SchoolId, PupilId)>,
        moment: Moment,
    ) -> Result<Self, DbError> {
        let mut by_school = BTreeMap::<_, Vec<_>>::new();
        for (school, pupil) in pupils {
            by_school.entry(school).or_default().push(pupil);
        }
        let mut known = BTreeMap::new();
        for (school, pupils) in by_school {
            let histories = of_pupils(conn, &pupils, school, None).await?;
            known.insert(school, (histories, calendar::of_school(conn, school, moment.today).await?));
        }
        Ok(Self(known))
    }

    fn of(&self, school: SchoolId, pupil: PupilId) -> Option<(&History, &SchoolCalendar)> {
        let (histories, calendar) = self.0.get(&school)?;
        Some((histories.get(&pupil)?, calendar))
    }
}

/// An exclusion about which something is owed.
#[derive(Clone, Debug)]
pub struct Owing {
    /// The exclusion.
    pub exclusion: ExclusionId,
    /// Its pupil.
    pub pupil: PupilId,
    /// Its school.
    pub school: SchoolId,
    /// The pupil's name.
    pub name: String,
    /// "Suspension of 16 Oct"
    pub title: String,
    /// What is owed, soonest first.
    pub duties: Vec<Duty>,
    /// P2.03a: why Stage 3 was not considered first is owed too.
    pub explanation: bool,
}

/// Days looked back for exclusions about which something may still be owed.
const LOOK_BACK: i64 = 400;

/// Every exclusion of these schools about which something is owed, the soonest first.
pub async fn owing(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    moment: Moment,
) -> Result<Vec<Owing>, DbError> {
    let pupils = sqlx::query!(
        r#"select distinct p.id as "id: PupilId", e.school_id as "school: SchoolId", p.given_name, p.known_as, p.family_name
           from app.exclusions e join app.pupils p on p.id = e.pupil_id
           where e.school_id = any ($1) and e.decided_on > $2"#,
        schools as &[SchoolId],
        moment.today - time::Duration::days(LOOK_BACK)
    )
    .fetch_all(&mut *conn)
    .await?;
    if pupils.is_empty() {
        return Ok(Vec::new());
    }
    let known = Known::at(conn, pupils.iter().map(|pupil| (pupil.school, pupil.id)), moment).await?;
    let mut all = Vec::new();
    for pupil in pupils {
        let Some((history, calendar)) = known.of(pupil.school, pupil.id) else { continue };
        for issued in &history.issued {
            let duties = duties::of_exclusion(history, issued, calendar);
            let explanation = issued.owes_explanation();
            if duties.is_empty() && !explanation {
                continue;
            }
            all.push(Owing {
                exclusion: issued.id,
                pupil: pupil.id,
                school: pupil.school,
                name: display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name),
                title: issued.title(),
                duties,
                explanation,
            });
        }
    }
    all.sort_by_key(|owing| (owing.duties.first().map(|duty| duty.due_on), owing.exclusion));
    Ok(all)
}

/// How much a pupil was suspended this school year, across schools.
#[derive(Clone, Debug)]
pub struct Used {
    /// The pupil.
    pub pupil: PupilId,
    /// Their school.
    pub school: SchoolId,
    /// Their name.
    pub name: String,
    /// They have an open case.
    pub on_programme: bool,
    /// The school year so far; none: it cannot be worked out until the school's terms are added.
    pub year: Option<HalfDays>,
    /// The legal term so far.
    pub term: Option<HalfDays>,
}

/// Pupils of these schools who were suspended in this school year, the most first. Looked at are those on the programme
/// (whose days at other schools follow them), and those who were excluded here or for whom days elsewhere were added.
pub async fn used(
    conn: &mut PgConnection,
    schools: &[SchoolId],
    moment: Moment,
) -> Result<Vec<Used>, DbError> {
    let pupils = sqlx::query!(
        r#"select p.id as "id: PupilId", p.school_id as "school: SchoolId", p.given_name, p.known_as, p.family_name,
                  x.open as "open!"
           from (select pupil_id, bool_or(open) as open
                 from (select c.pupil_id, true as open from app.cases c where c.school_id = any ($1) and not c.closed
                       union all
                       select e.pupil_id, false from app.exclusions e
                       where e.school_id = any ($1) and e.decided_on > $2
                       union all
                       select o.pupil_id, false from app.exclusions_elsewhere o
                       where o.school_id = any ($1) and o.taken_back_at is null) y
                 group by pupil_id) x
           join app.pupils p on p.id = x.pupil_id and p.school_id = any ($1)"#,
        schools as &[SchoolId],
        moment.today - time::Duration::days(LOOK_BACK)
    )
    .fetch_all(&mut *conn)
    .await?;
    let known = Known::at(conn, pupils.iter().map(|pupil| (pupil.school, pupil.id)), moment).await?;
    let mut all = Vec::new();
    for pupil in pupils {
        let Some((history, calendar)) = known.of(pupil.school, pupil.id) else { continue };
        let ledger = history.ledger();
        if ledger.exclusions.is_empty() && ledger.elsewhere.is_empty() {
            continue;
        }
        let sum = count::standing(&ledger, moment.today, Years::Calendar(calendar)).ok();
        let year =
            sum.as_ref().map(|sum| sum.years.iter().map(|year| year.split.total()).max().unwrap_or_default());
        if year == Some(HalfDays::NONE) {
            continue;
        }
        all.push(Used {
            pupil: pupil.id,
            school: pupil.school,
            name: display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name),
            on_programme: pupil.open,
            year,
            term: sum.as_ref().and_then(|sum| Some(sum.window_of(moment.today)?.split.total())),
        });
    }
    all.sort_by(|a, b| (b.year, &a.name, a.pupil).cmp(&(a.year, &b.name, b.pupil)));
    Ok(all)
}

/// Days on which a suspension takes every session, from the first to the last of a stretch.
pub type Stretches = [(Date, Date)];

/// S1.11: the day sheet of a case is prefilled for the days a suspension takes, and asks for no marks.
pub async fn excuse(
    conn: &mut PgConnection,
    permit: &Permit<IssueExclusions>,
    (case, exclusion): (CaseId, ExclusionId),
    stretches: &Stretches,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    for (from, to) in stretches {
        sqlx::query!(
            "insert into app.known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, source, made_at,
                                             made_by, exclusion_id)
             values ($1, $2, $3, $4, 'suspended', $5, $6, 'Suspension', $7, $8, $9)",
            Uuid::now_v7(),
            permit.authority().uuid(),
            permit.school().uuid(),
            case as CaseId,
            from,
            to,
            now,
            permit.user().uuid(),
            exclusion as ExclusionId
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Takes back what was prefilled for an exclusion.
pub async fn excuse_no_more(
    conn: &mut PgConnection,
    permit: &Permit<IssueExclusions>,
    exclusion: ExclusionId,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    sqlx::query!(
        "update app.known_absences set withdrawn_at = $3
         where exclusion_id = $1 and school_id = $2 and withdrawn_at is null",
        exclusion as ExclusionId,
        permit.school().uuid(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
