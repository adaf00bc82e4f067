//! Makes a world: authority, schools, calendars, people and pupils; the cases are made beside it.

use indicatif::{ProgressBar, ProgressStyle};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::{Connection, PgConnection};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};
use uuid::Uuid;

use super::{
    PASSWORD,
    copy::{Copy, SetAside, Table},
    exclusions, first_policy, mark, names, placement,
    terms::school_year,
};
use crate::{
    db::Moment,
    domain::{
        calendar::{SchoolCalendar, SpanKind},
        dates,
        policy::ProgrammePolicy,
        upn::Upn,
    },
    state::{from_london, passwords},
};

/// How large a world is, and how varied.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub(super) schools: usize,
    pub(super) pupils_per_school: usize,
    pub(super) open_cases: usize,
    pub(super) closed_cases: usize,
    /// School days of totals behind each open case.
    pub(super) days: usize,
    /// School days with every mark, the latest ones.
    pub(super) marked_days: usize,
    /// Cases of every age and state, most at the schools with accounts; otherwise all alike.
    pub(super) varied: bool,
}

impl Size {
    /// The demo world: 17 schools, 120 open cases, 60 closed, a school year behind them.
    pub fn demo() -> Self {
        Self {
            schools: 17,
            pupils_per_school: 112,
            open_cases: 120,
            closed_cases: 60,
            days: 150,
            marked_days: 40,
            varied: true,
        }
    }

    /// A world to measure with: marks for the latest four weeks, totals for every day.
    pub fn measured(schools: usize, cases: usize, days: usize) -> Self {
        Self {
            schools,
            pupils_per_school: 2 * cases.div_ceil(schools.max(1)) + 20,
            open_cases: cases,
            closed_cases: 0,
            days,
            marked_days: 20.min(days),
            varied: false,
        }
    }
}

/// Somebody with an account: id and name.
pub(super) type Somebody = (Uuid, String);

pub(super) struct School {
    pub id: Uuid,
    pub name: String,
    pub lead: Somebody,
    pub tutor: Somebody,
    pub head: Somebody,
}

pub(super) struct Pupil {
    pub id: Uuid,
    pub enrolment: Uuid,
    pub given: String,
    pub known_as: Option<String>,
    pub family: String,
    pub born_on: Date,
    pub upn: String,
    pub send: &'static str,
    pub looked_after: bool,
    /// Their one contact: id and name.
    pub contact: Uuid,
    pub parent: String,
    /// A court order keeps the contact away.
    pub barred: bool,
}

/// What a world is made with: chance that falls the same on every machine, and the rows on their way.
pub(super) struct Maker {
    pub rng: StdRng,
    pub copy: Copy,
    pub authority: Uuid,
    pub policy: Uuid,
    pub today: Date,
    pub now: OffsetDateTime,
    /// The LA representative.
    pub la: Somebody,
    /// The LA representative of the schools that have no other.
    pub county: Somebody,
    /// The placement panel's first member.
    pub member: Somebody,
    pub calendar: SchoolCalendar,
    hash: String,
}

/// Makes the world in one transaction; a database that has one refuses.
pub async fn world(owner: &mut PgConnection, size: Size, moment: Moment) -> Result<(), String> {
    let problem = |error: sqlx::Error| format!("the world could not be made, and nothing was kept: {error}");
    let mut tx = owner.begin().await.map_err(problem)?;
    sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await.map_err(problem)?;
    mark(&mut tx, true, moment).await.map_err(|_| "this database has a world already".to_owned())?;
    let mut rng = StdRng::seed_from_u64(2009);
    let mut maker = Maker {
        authority: id(&mut rng),
        policy: id(&mut rng),
        rng,
        copy: Copy::new(),
        today: moment.today,
        now: moment.now,
        la: (Uuid::nil(), String::new()),
        county: (Uuid::nil(), String::new()),
        member: (Uuid::nil(), String::new()),
        calendar: SchoolCalendar::default(),
        hash: passwords::hash_now(PASSWORD),
    };
    maker.make(&mut tx, size).await.map_err(problem)?;
    tx.commit().await.map_err(problem)?;
    learn(owner).await.map_err(problem)
}

/// Has the database look at its tables. While many rows arrive, the checks of their keys would go on as they were planned
/// when the tables were empty, and read all of a table for each row.
pub(super) async fn learn(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "do $$ declare t text; begin
             for t in select tablename from pg_tables where schemaname = 'app' loop
                 execute format('analyze app.%I', t);
             end loop;
         end $$",
    )
    .execute(db)
    .await?;
    Ok(())
}

fn id(rng: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}

impl Maker {
    /// An id, the same on every machine.
    pub fn id(&mut self) -> Uuid {
        id(&mut self.rng)
    }

    /// The `n`th school day before today, or before the latest one; none before: the latest itself.
    pub fn school_day(&self, ago: u32) -> Date {
        let latest = self.calendar.latest_school_day(self.today).unwrap_or(self.today);
        if ago == 0 { latest } else { self.calendar.nth_school_day_before(latest, ago).unwrap_or(latest) }
    }

    /// The `n`th school day after today.
    pub fn next_school_day(&self, n: u32) -> Date {
        self.calendar.nth_school_day_after(self.today, n).unwrap_or(self.today)
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.rng.random_range(0..of.len())]
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    async fn make(&mut self, db: &mut PgConnection, size: Size) -> sqlx::Result<()> {
        let style = ProgressStyle::with_template("Making the world {bar:40} {pos} of {len} cases {msg}");
        let bar = ProgressBar::new((size.open_cases + size.closed_cases) as u64)
            .with_style(style.unwrap_or(ProgressStyle::default_bar()));
        self.copy.add(Table::Authorities, &[&self.authority, &"South Gloucestershire (demo)", &"803"]);
        let settings = first_policy().to_string();
        let effective = Date::from_calendar_date(2009, Month::March, 11).unwrap_or(self.today);
        self.copy.add(
            Table::Policies,
            &[&self.policy, &self.authority, &1_i32, &effective, &settings, &ProgrammePolicy::FIRST_SOURCE],
        );
        self.calendar = self.make_calendar();
        let schools = self.schools(size);
        self.authority_people(&schools);
        self.bank();
        let keys = SetAside::new(db).await?;
        let mut pupils = Vec::new();
        for (n, school) in schools.iter().enumerate() {
            pupils.push(self.pupils(size, n, school));
            self.copy.send_some(db).await?;
        }
        self.copy.send(db).await?;
        learn(db).await?;
        let stories = self.cases(db, size, &schools, &pupils, &bar).await?;
        if size.varied {
            self.others_out(&schools, &pupils);
            self.looked_after(&stories);
            self.place(&schools, &stories)
                .map_err(|impossible| sqlx::Error::Protocol(impossible.to_string()))?;
        }
        self.copy.send(db).await?;
        keys.put_back(db, &bar).await?;
        for story in &stories {
            self.weeks(db, story).await.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        }
        self.copy.send(db).await?;
        sqlx::query("select app.backfill_decisions()").execute(&mut *db).await?;
        if size.varied {
            placement::settle(db).await?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Three school years around today.
    fn make_calendar(&mut self) -> SchoolCalendar {
        let first = dates::first_year(self.today);
        let spans: Vec<_> = (first - 1..=first + 1).flat_map(school_year).collect();
        for span in &spans {
            let kind = match span.kind {
                SpanKind::Term => "term",
                SpanKind::Inset => "inset",
                SpanKind::Closure => "closure",
                SpanKind::BankHoliday => "bank_holiday",
            };
            let id = self.id();
            self.copy
                .add(Table::CalendarSpans, &[&id, &self.authority, &kind, &span.name, &span.from, &span.to]);
        }
        SchoolCalendar::new(spans)
    }

    fn schools(&mut self, size: Size) -> Vec<School> {
        let mut schools = Vec::new();
        for n in 0..size.schools {
            let known = names::SCHOOLS.get(n);
            let name = known.map_or_else(|| format!("School {}", n + 1), |name| (*name).to_owned());
            let domain = known.map_or_else(
                || format!("school{}", n + 1),
                |name| name.split(' ').next().unwrap_or(name).to_lowercase(),
            );
            let id = self.id();
            let phase = if name.contains("Technical") { "utc" } else { "secondary" };
            self.copy.add(
                Table::Schools,
                &[&id, &self.authority, &name, &(900_000 + n).to_string(), &(4900 + n).to_string(), &phase],
            );
            for (period, (start, end)) in
                (1_i16..).zip([(9, 10), (10, 11), (11, 12), (12, 13), (14, 15), (15, 16)])
            {
                self.copy.add(
                    Table::Periods,
                    &[&self.authority, &id, &period, &format!("P{period}"), &at(start, 0), &at(end - 1, 55)],
                );
            }
            let [lead, tutor, head] = [("lead", "school_lead"), ("tutor", "staff"), ("head", "headteacher")]
                .map(|(who, role)| self.person(&format!("{who}@{domain}.example"), role, Some(id)));
            schools.push(School { id, name, lead, tutor, head });
        }
        schools
    }

    pub fn person(&mut self, email: &str, role: &str, school: Option<Uuid>) -> Somebody {
        let initial = char::from(b'A' + self.rng.random_range(0..23));
        let name = format!("{initial} {}", self.pick(names::FAMILY));
        let id = self.id();
        let since = morning(self.today - Duration::days(500));
        self.copy.add(Table::Users, &[&id, &self.authority, &email, &name, &self.hash, &since]);
        self.grant(id, role, school);
        (id, name)
    }

    pub fn grant(&mut self, user: Uuid, role: &str, school: Option<Uuid>) {
        let from = self.today - Duration::days(500);
        let id = self.id();
        self.copy.add(Table::Grants, &[&id, &self.authority, &user, &role, &school, &from, &morning(from)]);
    }

    fn authority_people(&mut self, schools: &[School]) {
        let first = schools.first().map(|school| school.id);
        let la = self.person("la@southglos.example", "la_representative", first);
        for school in schools.iter().skip(1).take(5) {
            self.grant(la.0, "la_representative", Some(school.id));
        }
        self.la = la;
        self.member = self.person("panel@southglos.example", "panel_member", None);
        self.person("admin@southglos.example", "la_administrator", None);
        self.county = self.person("county@southglos.example", "la_representative", None);
    }

    fn bank(&mut self) {
        for (position, (theme, words, criterion)) in (1_i16..).zip(names::TARGETS) {
            let id = self.id();
            self.copy.add(Table::Bank, &[&id, &self.authority, theme, words, criterion, &position]);
        }
    }

    fn pupils(&mut self, size: Size, place: usize, school: &School) -> Vec<Pupil> {
        let first = dates::first_year(self.today);
        let since = self.today - Duration::days(420);
        let (at, by) = (morning(since), school.lead.0);
        let mut pupils = Vec::new();
        for n in 0..size.pupils_per_school {
            let given = (*self.pick(names::GIVEN)).to_owned();
            let family = (*self.pick(names::FAMILY)).to_owned();
            let year = self.rng.random_range(7..=11);
            let born = self.birthday(first - year - 5);
            let upn = upn(u32::try_from(place * size.pupils_per_school + n + 1).unwrap_or(0));
            let (id, enrolment, contact) = (self.id(), self.id(), self.id());
            let known_as = self.chance(6).then(|| given.chars().take(3).collect::<String>());
            let pronouns = self.chance(8).then(|| *self.pick(&["she/her", "he/him", "they/them"]));
            let send = *self.pick(&["none", "none", "none", "sen_support", "ehcp"]);
            let (looked_after, eal) = (self.chance(4), self.chance(12));
            let (school, authority) = (school.id, self.authority);
            // One came from a school outside the authority, where there were days of exclusion.
            let newcomer = size.varied && place == 0 && n + exclusions::NEWCOMER == size.pupils_per_school;
            let since = if newcomer { self.school_day(exclusions::NEWCOMER_SINCE) } else { since };
            let at = if newcomer { morning(since) } else { at };
            self.copy.add(
                Table::Pupils,
                &[
                    &id,
                    &authority,
                    &school,
                    &given,
                    &family,
                    &known_as,
                    &pronouns,
                    &born,
                    &upn,
                    &send,
                    &looked_after,
                    &eal,
                    &at,
                    &by,
                    &at,
                    &by,
                ],
            );
            self.copy.add(Table::Enrolments, &[&enrolment, &authority, &school, &id, &since]);
            let mother = format!("{} {family}", self.pick(names::GIVEN));
            let language = eal.then(|| *self.pick(&["Polish", "Romanian", "Urdu", "Arabic", "Somali"]));
            let (barred, confidential) = (self.chance(2) && !newcomer, self.chance(3));
            self.copy.add(
                Table::Contacts,
                &[
                    &contact,
                    &authority,
                    &school,
                    &id,
                    &mother,
                    &"Mother",
                    &true,
                    &1_i16,
                    &"01632 960000",
                    &"An invented address",
                    &confidential,
                    &barred,
                    &barred.then_some("Court order"),
                    &language,
                    &at,
                    &by,
                ],
            );
            pupils.push(Pupil {
                id,
                enrolment,
                given,
                known_as,
                family,
                born_on: born,
                upn,
                send,
                looked_after,
                contact,
                parent: mother,
                barred,
            });
        }
        pupils
    }

    fn birthday(&mut self, first_of_cohort: i32) -> Date {
        let start = Date::from_calendar_date(first_of_cohort, Month::September, 1).unwrap_or(self.today);
        start + Duration::days(self.rng.random_range(0..364))
    }

    /// The behaviour support service's colleague, who sees what is shared with them.
    pub fn support_worker(&mut self) -> Somebody {
        self.person("bst@southglos.example", "support_service", None)
    }
}

fn at(hour: u8, minute: u8) -> Time {
    Time::from_hms(hour, minute, 0).unwrap_or(Time::MIDNIGHT)
}

pub(super) fn morning(day: Date) -> OffsetDateTime {
    from_london(PrimitiveDateTime::new(day, at(9, 12)))
}

/// An instant of a day by the school's clock.
pub(super) fn clock(day: Date, hour: u8, minute: u8) -> OffsetDateTime {
    from_london(PrimitiveDateTime::new(day, at(hour, minute)))
}

pub(super) fn afternoon(day: Date) -> OffsetDateTime {
    from_london(PrimitiveDateTime::new(day, at(15, 24)))
}

/// A UPN with the right check letter: the one of 23 that parses.
fn upn(serial: u32) -> String {
    let rest = format!("8034{:03}{:05}", 900 + serial / 100_000, serial % 100_000);
    "ABCDEFGHJKLMNPQRTUVWXYZ"
        .chars()
        .map(|letter| format!("{letter}{rest}"))
        .find(|upn| Upn::parse(upn).is_ok())
        .unwrap_or_default()
}
