//! Makes a world: authority, schools, calendars, people, pupils, cases, targets, a year of monitoring. As the
//! owner, in bulk; cases go through the same rules as real ones.

use indicatif::{ProgressBar, ProgressStyle};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::{Connection, PgConnection};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};
use uuid::Uuid;

use super::{PASSWORD, first_policy, mark, names};
use crate::{
    db::Moment,
    domain::{
        calendar::{SchoolCalendar, Span, SpanKind, monday},
        dates,
        policy::ProgrammePolicy,
        pupil::sort_name,
        upn::Upn,
    },
    state::{from_london, passwords},
};

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    schools: usize,
    pupils_per_school: usize,
    open_cases: usize,
    closed_cases: usize,
    /// School days of totals behind each open case.
    days: usize,
    /// School days with every mark, the latest ones.
    marked_days: usize,
    demo: bool,
}

impl Size {
    /// The demo world of the contract.
    pub fn demo() -> Self {
        Self {
            schools: 17,
            pupils_per_school: 112,
            open_cases: 120,
            closed_cases: 60,
            days: 150,
            marked_days: 40,
            demo: true,
        }
    }

    /// A world to measure with: marks for the latest four weeks, totals for every day.
    pub fn measured(schools: usize, cases: usize, days: usize) -> Self {
        let pupils_per_school = cases.div_ceil(schools.max(1)) + 20;
        Self {
            schools,
            pupils_per_school,
            open_cases: cases,
            closed_cases: 0,
            days,
            marked_days: 20.min(days),
            demo: true,
        }
    }

    /// A small world for tests.
    pub fn small() -> Self {
        Self {
            schools: 3,
            pupils_per_school: 12,
            open_cases: 12,
            closed_cases: 3,
            days: 12,
            marked_days: 12,
            demo: true,
        }
    }
}

struct School {
    id: Uuid,
    name: String,
    lead: Uuid,
    tutor: Uuid,
}

struct Pupil {
    id: Uuid,
    enrolment: Uuid,
    school: usize,
    given: String,
    family: String,
}

struct Maker {
    rng: StdRng,
    authority: Uuid,
    policy: Uuid,
    today: Date,
    now: OffsetDateTime,
}

/// Makes the world in one transaction; a database that has one refuses.
pub async fn world(owner: &mut PgConnection, size: Size, moment: Moment) -> Result<(), String> {
    let problem = |error: sqlx::Error| format!("the world could not be made, and nothing was kept: {error}");
    let mut tx = owner.begin().await.map_err(problem)?;
    sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await.map_err(problem)?;
    mark(&mut tx, size.demo, moment).await.map_err(|_| "this database has a world already".to_owned())?;
    let mut maker = Maker {
        rng: StdRng::seed_from_u64(2009),
        authority: Uuid::nil(),
        policy: Uuid::nil(),
        today: moment.today,
        now: moment.now,
    };
    maker.make(&mut tx, size).await.map_err(problem)?;
    tx.commit().await.map_err(problem)?;
    sqlx::query(
        "do $$ declare t text; begin
             for t in select tablename from pg_tables where schemaname = 'app' loop
                 execute format('analyze app.%I', t);
             end loop;
         end $$",
    )
    .execute(owner)
    .await
    .map_err(problem)?;
    Ok(())
}

impl Maker {
    /// An id, the same on every machine.
    fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.random()).into_uuid()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.rng.random_range(0..of.len())]
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    async fn make(&mut self, db: &mut PgConnection, size: Size) -> sqlx::Result<()> {
        let hash = passwords::hash_now(PASSWORD);
        self.authority = self.id();
        self.policy = self.id();
        sqlx::query("insert into app.authorities (id, name, la_code) values ($1, 'South Gloucestershire (demo)', '803')")
            .bind(self.authority)
            .execute(&mut *db)
            .await?;
        sqlx::query(
            "insert into app.policies (id, authority_id, version, effective_on, settings, source)
             values ($1, $2, 1, '2009-03-11', $3, $4)",
        )
        .bind(self.policy)
        .bind(self.authority)
        .bind(first_policy())
        .bind(ProgrammePolicy::FIRST_SOURCE)
        .execute(&mut *db)
        .await?;
        let calendar = self.calendar(db).await?;
        let schools = self.schools(db, size, &hash).await?;
        self.authority_people(db, &schools, &hash).await?;
        self.bank(db).await?;
        let pupils = self.pupils(db, size, &schools).await?;
        self.cases(db, size, &schools, &pupils, &calendar).await
    }

    /// Six terms a school year in the county's manner, three school years around today.
    async fn calendar(&mut self, db: &mut PgConnection) -> sqlx::Result<SchoolCalendar> {
        let first = dates::first_year(self.today);
        let mut spans = Vec::new();
        for year in first - 1..=first + 1 {
            spans.extend(school_year(year));
        }
        for span in &spans {
            let kind = match span.kind {
                SpanKind::Term => "term",
                SpanKind::Inset => "inset",
                SpanKind::Closure => "closure",
                SpanKind::BankHoliday => "bank_holiday",
            };
            sqlx::query(
                "insert into app.calendar_spans (id, authority_id, kind, name, from_on, to_on) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(self.id())
            .bind(self.authority)
            .bind(kind)
            .bind(&span.name)
            .bind(span.from)
            .bind(span.to)
            .execute(&mut *db)
            .await?;
        }
        Ok(SchoolCalendar::new(spans))
    }

    async fn schools(&mut self, db: &mut PgConnection, size: Size, hash: &str) -> sqlx::Result<Vec<School>> {
        let mut schools = Vec::new();
        for n in 0..size.schools {
            let name =
                names::SCHOOLS.get(n).map_or_else(|| format!("School {}", n + 1), |name| (*name).to_owned());
            let id = self.id();
            sqlx::query(
                "insert into app.schools (id, authority_id, name, urn, establishment, phase)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(self.authority)
            .bind(&name)
            .bind((900_000 + n).to_string())
            .bind((4900 + n).to_string())
            .bind(if name.contains("Technical") { "utc" } else { "secondary" })
            .execute(&mut *db)
            .await?;
            for (period, (start, end)) in
                (1_i16..).zip([(9, 10), (10, 11), (11, 12), (12, 13), (14, 15), (15, 16)])
            {
                sqlx::query(
                    "insert into app.school_periods (authority_id, school_id, period, label, starts_at, ends_at)
                     values ($1, $2, $3, $4, $5, $6)",
                )
                .bind(self.authority)
                .bind(id)
                .bind(period)
                .bind(format!("P{period}"))
                .bind(at(start, 0))
                .bind(at(end - 1, 55))
                .execute(&mut *db)
                .await?;
            }
            let domain = name.split(' ').next().unwrap_or("school").to_lowercase();
            let domain = if n < names::SCHOOLS.len() { domain } else { format!("school{}", n + 1) };
            let mut person = Vec::new();
            for (who, role) in [("lead", "school_lead"), ("tutor", "staff"), ("head", "headteacher")] {
                let name = self.adult();
                person.push(
                    self.person(db, &format!("{who}@{domain}.example"), &name, role, Some(id), hash).await?,
                );
            }
            schools.push(School { id, name, lead: person[0], tutor: person[1] });
        }
        Ok(schools)
    }

    fn adult(&mut self) -> String {
        let initial = char::from(b'A' + self.rng.random_range(0..23));
        let family = *self.pick(names::FAMILY);
        format!("{initial} {family}")
    }

    async fn person(
        &mut self,
        db: &mut PgConnection,
        email: &str,
        name: &str,
        role: &str,
        school: Option<Uuid>,
        hash: &str,
    ) -> sqlx::Result<Uuid> {
        let id = self.id();
        let from = self.today - Duration::days(500);
        sqlx::query("insert into app.users (id, authority_id, email, name, password_hash, made_at) values ($1, $2, $3, $4, $5, $6)")
            .bind(id)
            .bind(self.authority)
            .bind(email)
            .bind(name)
            .bind(hash)
            .bind(morning(from))
            .execute(&mut *db)
            .await?;
        self.grant(db, id, role, school).await?;
        Ok(id)
    }

    async fn grant(
        &mut self,
        db: &mut PgConnection,
        user: Uuid,
        role: &str,
        school: Option<Uuid>,
    ) -> sqlx::Result<()> {
        let from = self.today - Duration::days(500);
        sqlx::query(
            "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.id())
        .bind(self.authority)
        .bind(user)
        .bind(role)
        .bind(school)
        .bind(from)
        .bind(morning(from))
        .execute(db)
        .await?;
        Ok(())
    }

    async fn authority_people(
        &mut self,
        db: &mut PgConnection,
        schools: &[School],
        hash: &str,
    ) -> sqlx::Result<()> {
        let name = self.adult();
        let first = schools.first().map(|school| school.id);
        let la = self.person(db, "la@southglos.example", &name, "la_representative", first, hash).await?;
        for school in schools.iter().skip(1).take(5) {
            self.grant(db, la, "la_representative", Some(school.id)).await?;
        }
        for (email, role) in [
            ("panel@southglos.example", "panel_member"),
            ("bst@southglos.example", "support_service"),
            ("admin@southglos.example", "la_administrator"),
            ("county@southglos.example", "la_representative"),
        ] {
            let name = self.adult();
            self.person(db, email, &name, role, None, hash).await?;
        }
        Ok(())
    }

    async fn bank(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        for (position, (theme, words, criterion)) in (1_i16..).zip(names::TARGETS) {
            sqlx::query(
                "insert into app.bank_targets (id, authority_id, theme, words, criterion, position)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(self.id())
            .bind(self.authority)
            .bind(theme)
            .bind(words)
            .bind(criterion)
            .bind(position)
            .execute(&mut *db)
            .await?;
        }
        Ok(())
    }

    async fn pupils(
        &mut self,
        db: &mut PgConnection,
        size: Size,
        schools: &[School],
    ) -> sqlx::Result<Vec<Pupil>> {
        let mut pupils = Vec::new();
        let first = dates::first_year(self.today);
        let mut serial = 0_u32;
        for (index, school) in schools.iter().enumerate() {
            let mut rows = Rows::default();
            for _ in 0..size.pupils_per_school {
                serial += 1;
                let (given, family) =
                    ((*self.pick(names::GIVEN)).to_owned(), (*self.pick(names::FAMILY)).to_owned());
                let year = self.rng.random_range(7..=11);
                let born = self.birthday(first - year - 5);
                let (id, enrolment) = (self.id(), self.id());
                let eal = self.chance(12);
                rows.ids.push(id);
                rows.enrolments.push(enrolment);
                rows.given.push(given.clone());
                rows.family.push(family.clone());
                rows.known_as.push(self.chance(6).then(|| given.chars().take(3).collect::<String>()));
                rows.pronouns.push(
                    self.chance(8).then(|| (*self.pick(&["she/her", "he/him", "they/them"])).to_owned()),
                );
                rows.born.push(born);
                rows.upns.push(upn(serial));
                rows.send.push((*self.pick(&["none", "none", "none", "sen_support", "ehcp"])).to_owned());
                rows.looked_after.push(self.chance(4));
                rows.eal.push(eal);
                rows.mothers.push(format!("{} {family}", self.pick(names::GIVEN)));
                rows.contact_ids.push(self.id());
                rows.languages.push(
                    eal.then(|| (*self.pick(&["Polish", "Romanian", "Urdu", "Arabic", "Somali"])).to_owned()),
                );
                rows.orders.push(self.chance(2));
                rows.confidential.push(self.chance(3));
                pupils.push(Pupil { id, enrolment, school: index, given, family });
            }
            rows.insert(db, self.authority, school, self.today).await?;
        }
        Ok(pupils)
    }

    fn birthday(&mut self, first_of_cohort: i32) -> Date {
        let start = Date::from_calendar_date(first_of_cohort, Month::September, 1).unwrap_or(self.today);
        start + Duration::days(self.rng.random_range(0..364))
    }

    async fn cases(
        &mut self,
        db: &mut PgConnection,
        size: Size,
        schools: &[School],
        pupils: &[Pupil],
        calendar: &SchoolCalendar,
    ) -> sqlx::Result<()> {
        // Most of the demo's cases are at the schools with accounts, as a lead would see them.
        let wanted = size.open_cases + size.closed_cases;
        let mut chosen: Vec<&Pupil> = Vec::new();
        let mut next = vec![0_usize; schools.len()];
        let demo_first = size.open_cases < 1000 && schools.len() > 4;
        for n in 0..wanted {
            let school = if demo_first && n < 34 {
                0
            } else if demo_first && n < 46 {
                1
            } else {
                n % schools.len()
            };
            let of_school: usize = next[school];
            next[school] += 1;
            if let Some(pupil) = pupils.iter().filter(|pupil| pupil.school == school).nth(of_school) {
                chosen.push(pupil);
            }
        }
        let bar = ProgressBar::new(chosen.len() as u64);
        bar.set_style(
            ProgressStyle::with_template("Making cases {bar:40} {pos} of {len}")
                .unwrap_or(ProgressStyle::default_bar()),
        );
        let all_days = calendar.latest_school_days(self.today, size.days.max(1));
        let mut batch = super::world::Monitoring::default();
        for (n, pupil) in chosen.iter().enumerate() {
            let closed = n >= size.open_cases;
            let behind = if size.open_cases >= 1000 {
                all_days.len()
            } else {
                self.rng.random_range(8..=all_days.len().max(9)).min(all_days.len())
            };
            let days = &all_days[all_days.len() - behind..];
            self.case(db, size, &schools[pupil.school], pupil, days, closed, n, &mut batch).await?;
            if batch.len() > 20_000 {
                batch.insert(db, self.authority).await?;
            }
            bar.inc(1);
        }
        batch.insert(db, self.authority).await?;
        bar.finish_and_clear();
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one case needs all of its surroundings")]
    async fn case(
        &mut self,
        db: &mut PgConnection,
        size: Size,
        school: &School,
        pupil: &Pupil,
        days: &[Date],
        closed: bool,
        n: usize,
        batch: &mut Monitoring,
    ) -> sqlx::Result<()> {
        let opened = days.first().copied().unwrap_or(self.today);
        let stage: i16 = match n % 12 {
            0..=6 => 1,
            7..=10 => 2,
            _ => 3,
        };
        let case = self.id();
        let opened_at = morning(opened);
        let closed_on = closed.then(|| days.get(days.len() / 2).copied().unwrap_or(opened));
        let last_day = closed_on.unwrap_or(self.today);
        sqlx::query(
            "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                    opened_by, rationale, closed_on, stage, lead_id, sort_name)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $9, $13)",
        )
        .bind(case)
        .bind(self.authority)
        .bind(school.id)
        .bind(pupil.id)
        .bind(pupil.enrolment)
        .bind(self.policy)
        .bind(opened)
        .bind(opened_at)
        .bind(school.lead)
        .bind("Two suspensions this school year and falling attendance; mentoring alone has not been enough.")
        .bind(closed_on)
        .bind(stage)
        .bind(sort_name(&pupil.given, &pupil.family))
        .execute(&mut *db)
        .await?;
        self.stages(db, school, case, stage, days, closed_on).await?;
        sqlx::query(
            "insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, to_on, named_at, named_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $5)",
        )
        .bind(self.id())
        .bind(self.authority)
        .bind(school.id)
        .bind(case)
        .bind(school.lead)
        .bind(opened)
        .bind(closed_on)
        .bind(opened_at)
        .execute(&mut *db)
        .await?;
        if size.demo && n == 0 {
            self.share(db, school, case, pupil.id).await?;
        }
        // One pupil of the demo has just been opened and has no targets yet.
        if size.open_cases < 1000 && n == 33 {
            return Ok(());
        }
        let targets = self.targets(db, school, case, opened, n).await?;
        let skill = self.rng.random_range(35..95_u32);
        let mut week: Option<(Date, i32, i32)> = None;
        let mut last_marked = None;
        let from_marked = days.len().saturating_sub(size.marked_days);
        for (i, day) in days.iter().enumerate() {
            let is_today = *day == self.today;
            // Today's first two lessons are marked for most pupils; a few past days were forgotten.
            let unmarked_today = is_today && (size.open_cases >= 1000 || self.chance(20));
            if *day > last_day || unmarked_today || self.chance(3) {
                continue;
            }
            let until = if is_today { 2 } else { 6 };
            let skill = (skill + u32::try_from(i * 20 / days.len().max(1)).unwrap_or(0)).min(97);
            let (points, recorded, expected) =
                self.day(batch, school, case, &targets, *day, skill, i >= from_marked, until);
            let monday = monday(*day);
            week = Some(match week {
                Some((w, p, r)) if w == monday => (w, p + points, r + recorded),
                _ => (monday, points, recorded),
            });
            batch.week(school.id, case, monday, points, recorded, expected);
            last_marked = Some(*day);
            if i >= from_marked && self.chance(10) {
                self.note(batch, school, case, *day);
            }
        }
        batch.total(case, last_marked, week);
        Ok(())
    }

    async fn stages(
        &mut self,
        db: &mut PgConnection,
        school: &School,
        case: Uuid,
        stage: i16,
        days: &[Date],
        closed_on: Option<Date>,
    ) -> sqlx::Result<()> {
        let step = days.len() / usize::try_from(stage).unwrap_or(1).max(1);
        let mut entered = days.first().copied().unwrap_or(self.today);
        for s in 1..=stage {
            let next = days.get(step * usize::try_from(s).unwrap_or(1)).copied().unwrap_or(entered);
            let next = closed_on.map_or(next, |closed| next.min(closed));
            let left = if s == stage { closed_on } else { Some(next) };
            sqlx::query(
                "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at,
                                              entered_by, left_on)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(self.id())
            .bind(self.authority)
            .bind(school.id)
            .bind(case)
            .bind(s)
            .bind(entered)
            .bind(morning(entered))
            .bind(school.lead)
            .bind(left)
            .execute(&mut *db)
            .await?;
            entered = next;
        }
        Ok(())
    }

    async fn share(
        &mut self,
        db: &mut PgConnection,
        school: &School,
        case: Uuid,
        pupil: Uuid,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at,
                                          made_by)
             select $1, $2, $3, $4, $5, id, 'Behaviour support sessions', $6, $7, $8
             from app.users where email = 'bst@southglos.example'",
        )
        .bind(self.id())
        .bind(self.authority)
        .bind(school.id)
        .bind(case)
        .bind(pupil)
        .bind(self.today - Duration::days(20))
        .bind(self.now)
        .bind(school.lead)
        .execute(db)
        .await?;
        Ok(())
    }

    async fn targets(
        &mut self,
        db: &mut PgConnection,
        school: &School,
        case: Uuid,
        opened: Date,
        n: usize,
    ) -> sqlx::Result<Vec<Uuid>> {
        let count = if n.is_multiple_of(9) {
            4
        } else if n.is_multiple_of(7) {
            2
        } else {
            3
        };
        let mut ids = Vec::new();
        for k in 0..count {
            let (_, words, criterion) = names::TARGETS[(n + k * 5) % names::TARGETS.len()];
            let id = self.id();
            let due = self.today + Duration::days(self.rng.random_range(-4..35));
            let due = due.max(opened);
            for table in ["targets", "target_versions"] {
                let sql = if table == "targets" {
                    "insert into app.targets (id, authority_id, school_id, case_id, position, words, criterion, due_on,
                                              starts_on)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                } else {
                    "insert into app.target_versions (target_id, authority_id, school_id, case_id, version, position,
                                                      words, criterion, due_on, written_at, written_by)
                     values ($1, $2, $3, $4, 1, $5, $6, $7, $8, $10, $11)"
                };
                let query = sqlx::query(sql)
                    .bind(id)
                    .bind(self.authority)
                    .bind(school.id)
                    .bind(case)
                    .bind(i16::try_from(k + 1).unwrap_or(1))
                    .bind(words)
                    .bind(criterion)
                    .bind(due);
                let query = if table == "targets" {
                    query.bind(opened)
                } else {
                    query.bind(opened).bind(morning(opened)).bind(school.lead)
                };
                query.execute(&mut *db).await?;
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// One day of one pupil: points, marks made, marks expected.
    #[expect(clippy::too_many_arguments, reason = "one day needs all of its surroundings")]
    fn day(
        &mut self,
        batch: &mut Monitoring,
        school: &School,
        case: Uuid,
        targets: &[Uuid],
        day: Date,
        skill: u32,
        with_marks: bool,
        marked_until: i16,
    ) -> (i32, i32, i32) {
        let periods = 6_i16;
        let absent_from = if self.chance(5) {
            1
        } else if self.chance(4) {
            self.rng.random_range(2..=6)
        } else {
            7
        };
        let (mut points, mut recorded, mut expected) = (0, 0, 0);
        let late = marked_until == periods && self.chance(6);
        let at = if late { morning(day + Duration::DAY) } else { afternoon(day) }.min(self.now);
        for period in 1..=periods {
            if period >= absent_from {
                if with_marks {
                    batch.reason(school, case, day, period, "absent", at);
                }
                continue;
            }
            for target in targets {
                expected += 1;
                if period > marked_until || self.chance(2) {
                    continue;
                }
                let mark: i16 = if self.chance(skill) { 2 } else { self.rng.random_range(0..=1) };
                recorded += 1;
                points += i32::from(mark);
                if with_marks {
                    batch.mark(school, case, *target, day, period, mark, at);
                }
            }
        }
        let reason = (absent_from == 1).then_some("absent");
        batch.day(school, case, day, points, recorded, expected, at, late, reason);
        (points, recorded, expected)
    }

    fn note(&mut self, batch: &mut Monitoring, school: &School, case: Uuid, day: Date) {
        let praise = self.chance(65);
        let words = if praise { self.pick(names::PRAISE) } else { self.pick(names::CONCERN) };
        let id = self.id();
        batch.note(id, school, case, day, if praise { "praise" } else { "concern" }, words);
    }
}

/// Monitoring rows on their way to the database, column by column.
#[derive(Default)]
struct Monitoring {
    days: Vec<DayRow>,
    marks: Vec<MarkRow>,
    reasons: Vec<(Uuid, Uuid, Uuid, Date, i16, &'static str, OffsetDateTime)>,
    notes: Vec<(Uuid, Uuid, Uuid, Uuid, Date, &'static str, String)>,
    weeks: std::collections::BTreeMap<(Uuid, Uuid, Date), (i32, i32, i32, i32)>,
    totals: Vec<(Uuid, Option<Date>, Option<(Date, i32, i32)>)>,
}

struct DayRow {
    school: Uuid,
    by: Uuid,
    case: Uuid,
    day: Date,
    points: i32,
    recorded: i32,
    expected: i32,
    at: OffsetDateTime,
    late: bool,
    reason: Option<&'static str>,
}

struct MarkRow {
    school: Uuid,
    by: Uuid,
    case: Uuid,
    target: Uuid,
    day: Date,
    period: i16,
    points: i16,
    at: OffsetDateTime,
}

impl Monitoring {
    fn len(&self) -> usize {
        self.marks.len() + self.days.len()
    }

    #[expect(clippy::too_many_arguments, reason = "a row")]
    fn day(
        &mut self,
        school: &School,
        case: Uuid,
        day: Date,
        points: i32,
        recorded: i32,
        expected: i32,
        at: OffsetDateTime,
        late: bool,
        reason: Option<&'static str>,
    ) {
        self.days.push(DayRow {
            school: school.id,
            by: school.tutor,
            case,
            day,
            points,
            recorded,
            expected,
            at,
            late,
            reason,
        });
    }

    #[expect(clippy::too_many_arguments, reason = "a row")]
    fn mark(
        &mut self,
        school: &School,
        case: Uuid,
        target: Uuid,
        day: Date,
        period: i16,
        points: i16,
        at: OffsetDateTime,
    ) {
        self.marks.push(MarkRow {
            school: school.id,
            by: school.tutor,
            case,
            target,
            day,
            period,
            points,
            at,
        });
    }

    fn reason(
        &mut self,
        school: &School,
        case: Uuid,
        day: Date,
        period: i16,
        reason: &'static str,
        at: OffsetDateTime,
    ) {
        self.reasons.push((school.id, school.tutor, case, day, period, reason, at));
    }

    fn note(&mut self, id: Uuid, school: &School, case: Uuid, day: Date, kind: &'static str, words: &str) {
        self.notes.push((id, school.id, school.tutor, case, day, kind, words.to_owned()));
    }

    fn week(&mut self, school: Uuid, case: Uuid, monday: Date, points: i32, recorded: i32, expected: i32) {
        let week = self.weeks.entry((case, school, monday)).or_default();
        *week = (week.0 + 1, week.1 + points, week.2 + recorded, week.3 + expected);
    }

    fn total(&mut self, case: Uuid, last: Option<Date>, week: Option<(Date, i32, i32)>) {
        self.totals.push((case, last, week));
    }

    async fn insert(&mut self, db: &mut PgConnection, authority: Uuid) -> sqlx::Result<()> {
        let rows = std::mem::take(self);
        let d = &rows.days;
        sqlx::query(
            "insert into app.days (authority_id, school_id, saved_by, case_id, on_date, version, points, possible, recorded,
                                   expected, first_saved_at, saved_at, entered_late, reason)
             select $1, school, by, c, d, 1, p, 2 * r, r, e, t, t, l, w
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::date[], $6::int[], $7::int[], $8::int[],
                         $9::timestamptz[], $10::bool[], $11::text[]) x (school, by, c, d, p, r, e, t, l, w)",
        )
        .bind(authority)
        .bind(d.iter().map(|x| x.school).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.by).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.case).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.day).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.points).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.recorded).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.expected).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.at).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.late).collect::<Vec<_>>())
        .bind(d.iter().map(|x| x.reason.map(str::to_owned)).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
        let m = &rows.marks;
        sqlx::query(
            "insert into app.marks (authority_id, school_id, marked_by, case_id, target_id, on_date, period, points,
                                    source, version, marked_at)
             select $1, school, by, c, t, d, p, v, 'single', 1, a
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::date[], $7::smallint[], $8::smallint[],
                         $9::timestamptz[]) x (school, by, c, t, d, p, v, a)",
        )
        .bind(authority)
        .bind(m.iter().map(|x| x.school).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.by).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.case).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.target).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.day).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.period).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.points).collect::<Vec<_>>())
        .bind(m.iter().map(|x| x.at).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
        let r = &rows.reasons;
        sqlx::query(
            "insert into app.day_reasons (authority_id, school_id, marked_by, case_id, on_date, period, reason, version,
                                          marked_at)
             select $1, school, by, c, d, p, w, 1, a
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::date[], $6::smallint[], $7::text[], $8::timestamptz[])
                  x (school, by, c, d, p, w, a)",
        )
        .bind(authority)
        .bind(r.iter().map(|x| x.0).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.1).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.2).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.3).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.4).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.5.to_owned()).collect::<Vec<_>>())
        .bind(r.iter().map(|x| x.6).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
        for (id, school, by, case, day, kind, words) in &rows.notes {
            sqlx::query(
                "insert into app.day_notes (id, authority_id, school_id, case_id, on_date, kind, words, written_at, written_by)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(id)
            .bind(authority)
            .bind(school)
            .bind(case)
            .bind(day)
            .bind(kind)
            .bind(words)
            .bind(afternoon(*day))
            .bind(by)
            .execute(&mut *db)
            .await?;
        }
        let w: Vec<_> = rows.weeks.iter().collect();
        sqlx::query(
            "insert into app.case_weeks (authority_id, case_id, school_id, week_on, days, points, possible, recorded, expected)
             select $1, c, s, w, d, p, 2 * r, r, e
             from unnest($2::uuid[], $3::uuid[], $4::date[], $5::int[], $6::int[], $7::int[], $8::int[])
                  x (c, s, w, d, p, r, e)",
        )
        .bind(authority)
        .bind(w.iter().map(|x| x.0.0).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.0.1).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.0.2).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.1.0).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.1.1).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.1.2).collect::<Vec<_>>())
        .bind(w.iter().map(|x| x.1.3).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
        let t = &rows.totals;
        sqlx::query(
            "update app.cases c set last_marked_on = x.l, week_on = x.w, week_points = coalesce(x.p, 0),
                    week_possible = coalesce(2 * x.r, 0)
             from unnest($1::uuid[], $2::date[], $3::date[], $4::int[], $5::int[]) x (id, l, w, p, r) where c.id = x.id",
        )
        .bind(t.iter().map(|x| x.0).collect::<Vec<_>>())
        .bind(t.iter().map(|x| x.1).collect::<Vec<_>>())
        .bind(t.iter().map(|x| x.2.map(|week| week.0)).collect::<Vec<_>>())
        .bind(t.iter().map(|x| x.2.map(|week| week.1)).collect::<Vec<_>>())
        .bind(t.iter().map(|x| x.2.map(|week| week.2)).collect::<Vec<_>>())
        .execute(db)
        .await?;
        Ok(())
    }
}

/// Pupils of a school on their way to the database.
#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    enrolments: Vec<Uuid>,
    given: Vec<String>,
    family: Vec<String>,
    known_as: Vec<Option<String>>,
    pronouns: Vec<Option<String>>,
    born: Vec<Date>,
    upns: Vec<String>,
    send: Vec<String>,
    looked_after: Vec<bool>,
    eal: Vec<bool>,
    contact_ids: Vec<Uuid>,
    mothers: Vec<String>,
    languages: Vec<Option<String>>,
    orders: Vec<bool>,
    confidential: Vec<bool>,
}

impl Rows {
    async fn insert(
        self,
        db: &mut PgConnection,
        authority: Uuid,
        school: &School,
        today: Date,
    ) -> sqlx::Result<()> {
        let since = today - Duration::days(420);
        sqlx::query(
            "insert into app.pupils (id, authority_id, school_id, given_name, family_name, known_as, pronouns, born_on, upn,
                                     send, looked_after, eal, made_at, made_by, changed_at, changed_by)
             select i, $1, $2, g, f, k, n, b, u, s, l, e, $12, $13, $12, $13
             from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::text[], $10::text[],
                         $11::bool[], $14::bool[]) x (i, g, f, k, n, b, u, s, l, e)",
        )
        .bind(authority)
        .bind(school.id)
        .bind(&self.ids)
        .bind(&self.given)
        .bind(&self.family)
        .bind(&self.known_as)
        .bind(&self.pronouns)
        .bind(&self.born)
        .bind(&self.upns)
        .bind(&self.send)
        .bind(&self.looked_after)
        .bind(morning(since))
        .bind(school.lead)
        .bind(&self.eal)
        .execute(&mut *db)
        .await?;
        sqlx::query(
            "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on)
             select e, $1, $2, p, $5 from unnest($3::uuid[], $4::uuid[]) x (e, p)",
        )
        .bind(authority)
        .bind(school.id)
        .bind(&self.enrolments)
        .bind(&self.ids)
        .bind(since)
        .execute(&mut *db)
        .await?;
        sqlx::query(
            "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility,
                                       contact_order, phone, address_confidential, address, no_contact,
                                       no_contact_reason, language, changed_at, changed_by)
             select i, $1, $2, p, n, 'Mother', true, 1, '01632 960000', c, 'An invented address', o,
                    case when o then 'Court order' end, l, $9, $10
             from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bool[], $7::bool[], $8::text[]) x (i, p, n, c, o, l)",
        )
        .bind(authority)
        .bind(school.id)
        .bind(&self.contact_ids)
        .bind(&self.ids)
        .bind(&self.mothers)
        .bind(&self.confidential)
        .bind(&self.orders)
        .bind(&self.languages)
        .bind(morning(since))
        .bind(school.lead)
        .execute(db)
        .await?;
        let _ = &school.name;
        Ok(())
    }
}

/// The terms, training days and bank holidays of the school year that begins in `year`.
fn school_year(year: i32) -> Vec<Span> {
    let day =
        |year: i32, month: Month, day: u8| Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN);
    let next = year + 1;
    let term =
        |name: &str, from: Date, to: Date| Span { kind: SpanKind::Term, name: name.to_owned(), from, to };
    let one = |kind: SpanKind, name: &str, on: Date| Span { kind, name: name.to_owned(), from: on, to: on };
    let first = monday(day(year, Month::September, 7));
    let autumn_break = monday(day(year, Month::October, 25));
    let christmas = monday(day(year, Month::December, 20));
    let january = monday(day(next, Month::January, 8));
    let february_break = monday(day(next, Month::February, 15));
    let easter = easter_monday(next);
    let spring_end = easter - Duration::days(10);
    let summer_start = easter + Duration::days(7);
    let may_break = monday(day(next, Month::May, 28));
    let july = day(next, Month::July, 22);
    let mut spans = vec![
        term("Term 1", first, autumn_break - Duration::days(3)),
        term("Term 2", autumn_break + Duration::days(7), christmas - Duration::days(3)),
        term("Term 3", january, february_break - Duration::days(3)),
        term("Term 4", february_break + Duration::days(7), spring_end),
        term("Term 5", summer_start, may_break - Duration::days(3)),
        term("Term 6", may_break + Duration::days(7), july),
        one(SpanKind::Inset, "Staff training day", first),
        one(SpanKind::Inset, "Staff training day", january),
        one(SpanKind::Inset, "Staff training day", summer_start),
    ];
    let may_day = monday(day(next, Month::May, 7));
    spans.push(one(SpanKind::BankHoliday, "Early May bank holiday", may_day));
    spans
}

/// Easter Monday, by the Gregorian computus.
fn easter_monday(year: i32) -> Date {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    let sunday = u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok())
        .and_then(|month| Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok())
        .unwrap_or(Date::MIN);
    sunday + Duration::DAY
}

fn at(hour: u8, minute: u8) -> Time {
    Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT)
}

fn morning(day: Date) -> OffsetDateTime {
    from_london(PrimitiveDateTime::new(day, at(9, 12)))
}

fn afternoon(day: Date) -> OffsetDateTime {
    from_london(PrimitiveDateTime::new(day, at(15, 24)))
}

/// A UPN with the right check letter: the one of 23 that parses.
fn upn(serial: u32) -> String {
    let rest =
        format!("8034{:03}{:02}{:03}", 900 + serial / 100_000, 20 + (serial / 1000) % 100 % 7, serial % 1000);
    let rest = format!("{}{}", &rest[..7], {
        let tail = format!("{serial:05}");
        tail[tail.len() - 5..].to_owned()
    });
    "ABCDEFGHJKLMNPQRTUVWXYZ"
        .chars()
        .map(|letter| format!("{letter}{rest}"))
        .find(|upn| Upn::parse(upn).is_ok())
        .unwrap_or_default()
}
