//! The pages that are measured, and who asks for them.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use waymark::web::session;

use crate::today;

/// A page under load.
pub struct Kind {
    pub name: &'static str,
    /// Every answer has it.
    pub says: &'static str,
    /// Method, path, cookie and body, parted by tabs.
    pub requests: Vec<String>,
    /// What each case owes is reckoned before.
    pub reckoned: Reckoned,
    /// It is about many cases: measured again in a world ten times as large.
    pub grows: bool,
    /// Its statements look up who is asking, and find nothing for nobody: measured beside PostgreSQL alone, and not beside
    /// the floor, which has no sessions of that kind.
    pub asks_who: bool,
}

/// Whether what cases owe is reckoned before a page is asked for.
pub enum Reckoned {
    /// As the keeper leaves it each morning.
    Kept,
    /// These have not been looked at that day.
    Anew(Vec<Uuid>),
}

impl Kind {
    fn of(name: &'static str, says: &'static str, requests: Vec<String>) -> Self {
        Self { name, says, requests, reckoned: Reckoned::Kept, grows: false, asks_who: false }
    }

    fn asking_who(self) -> Self {
        Self { asks_who: true, ..self }
    }

    fn growing(self) -> Self {
        Self { grows: true, ..self }
    }
}

/// Most cases that are looked at for the first time: more than can be in one run.
const FIRST: usize = 3000;

/// A case: its school, itself, one of its targets.
type Case = (Uuid, Uuid, Uuid);

/// Who is there, signed in, and what there is to ask for.
struct World {
    /// By role and school; of the whole authority by the nil school.
    cookies: HashMap<(String, Uuid), String>,
    schools: Vec<Uuid>,
    /// In no order.
    cases: Vec<Case>,
    /// Schools with few enough cases for one sheet.
    small: Vec<Uuid>,
    /// Where page 100 of the caseload begins, and some pages after it.
    deep: Vec<Uuid>,
    /// Family names, here and there misspelt.
    sought: Vec<(Uuid, String)>,
}

impl World {
    async fn read(owner: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let people: Vec<(String, Uuid, Uuid)> = sqlx::query_as(
            "select g.role, coalesce(g.school_id, '00000000-0000-0000-0000-000000000000'), g.user_id from app.grants g
             where g.role in ('school_lead', 'staff', 'headteacher', 'la_representative') order by 1, 2",
        )
        .fetch_all(&mut *owner)
        .await?;
        let now = waymark::state::Clock::OnDay(today()).moment().now;
        let mut cookies = HashMap::new();
        for (role, school, user) in people {
            cookies.insert((role, school), session_of(owner, user, now).await?);
        }
        let mut cases: Vec<Case> = sqlx::query_as(
            "select distinct on (c.id) c.school_id, c.id, t.id from app.cases c join app.targets t on t.case_id = c.id",
        )
        .fetch_all(&mut *owner)
        .await?;
        cases.sort_by_key(|(_, case, _)| case.as_u128().rotate_left(64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let deep = sqlx::query_scalar(
            "select case_id from app.case_duties where not closed
             order by by_concern, by_overdue, sort_name, case_id offset 99 * 25 - 1 limit 40",
        )
        .fetch_all(&mut *owner)
        .await?;
        let small = sqlx::query_scalar(
            "select school_id from app.cases group by 1 having count(*) <= 30 order by 1 limit 100",
        )
        .fetch_all(&mut *owner)
        .await?;
        let sought = sqlx::query_as(
            "select school_id, case when row_number() over (order by id) % 3 = 0
                                    then overlay(family_name placing 'h' from 3 for 1) else family_name end
             from (select id, school_id, family_name from app.pupils order by id desc limit 300) p",
        )
        .fetch_all(&mut *owner)
        .await?;
        let schools = sqlx::query_scalar("select id from app.schools order by id").fetch_all(owner).await?;
        Ok(Self { cookies, schools, cases, small, deep, sought })
    }

    fn get(&self, role: &str, school: Uuid, path: &str) -> String {
        format!("GET\t{path}\t{}\t", self.cookies[&(role.to_owned(), school)])
    }

    fn post(&self, role: &str, school: Uuid, path: &str, body: &str) -> String {
        format!("POST\t{path}\t{}\t{body}", self.cookies[&(role.to_owned(), school)])
    }

    /// The LA representative of every school.
    fn la(&self, path: &str) -> String {
        self.get("la_representative", Uuid::nil(), path)
    }

    /// The same page of each school.
    fn each(&self, role: &str, path: &str) -> Vec<String> {
        self.schools.iter().map(|school| self.get(role, *school, path)).collect()
    }

    fn of_cases(&self, cases: &[Case]) -> Vec<String> {
        let page = |(school, case, _): &Case| self.get("school_lead", *school, &format!("/cases/{case}"));
        cases.iter().map(page).collect()
    }
}

/// The requests that are measured.
pub async fn kinds(owner: &mut PgConnection) -> Result<Vec<Kind>, sqlx::Error> {
    let world = World::read(owner).await?;
    let mut all = over_many(&world);
    all.extend(of_a_school(&world));
    Ok(all)
}

/// Pages about many cases.
fn over_many(world: &World) -> Vec<Kind> {
    let filtered = |school: &Uuid| world.la(&format!("/caseload?view=overdue&school={school}&stage=2"));
    let search = |role: &'static str, of: fn(Uuid) -> Uuid| {
        let ask = move |(school, name): &(Uuid, String)| {
            world.post(role, of(*school), "/search", &format!("form_key={{key}}&sought={name}"))
        };
        world.sought.iter().map(ask).collect()
    };
    vec![
        Kind::of("caseload", "All open: 1,000 or more cases", vec![world.la("/caseload")]).growing(),
        Kind::of("caseload-filtered", "Overdue, filtered", world.schools.iter().map(filtered).collect())
            .growing(),
        Kind::of(
            "caseload-page-100",
            "First page",
            world.deep.iter().map(|case| world.la(&format!("/caseload?after={case}"))).collect(),
        )
        .growing(),
        Kind::of("schools", "Schools</h1>", vec![world.la("/schools")]).asking_who().growing(),
        Kind::of("overview", "Overview</h1>", world.each("headteacher", "/overview")).asking_who().growing(),
        Kind::of("reports", "What came of the cases", vec![world.la("/reports/outcomes")])
            .asking_who()
            .growing(),
        Kind::of("search", "Search</h1>", search("school_lead", |school| school)).asking_who().growing(),
        Kind::of("search-la", "Search</h1>", search("la_representative", |_| Uuid::nil()))
            .asking_who()
            .growing(),
    ]
}

/// Pages of a school at work.
fn of_a_school(world: &World) -> Vec<Kind> {
    let save = |(n, (school, case, target)): (usize, &Case)| {
        // Seen at a version yet to come: as fresh as a page can be.
        let body = format!(
            "form_key={{key}}&school={school}&date={}&seen.{case}=1000000&mark.{target}.{}={{mark}}",
            today(),
            n % 6 + 1
        );
        world.post("staff", *school, "/today", &body)
    };
    let (looked_at, others) = world.cases.split_at(world.cases.len().min(300));
    let first = &others[..others.len().min(FIRST)];
    vec![
        Kind::of("list", "Open cases</h1>", world.each("school_lead", "/cases")),
        Kind::of("case", "About this case", world.of_cases(looked_at)),
        Kind::of(
            "today",
            "all_met",
            world.small.iter().map(|school| world.get("staff", *school, "/today")).collect(),
        ),
        Kind::of("save", "\"clashes\":[]", world.cases.iter().enumerate().map(save).collect()),
        // What each owes is reckoned when the case is looked at for the first time of the day. Last: the keeper has to
        // catch up after it.
        Kind {
            reckoned: Reckoned::Anew(first.iter().map(|(_, case, _)| *case).collect()),
            ..Kind::of("case-first", "About this case", world.of_cases(first))
        },
    ]
}

async fn session_of(
    owner: &mut PgConnection,
    user: Uuid,
    now: OffsetDateTime,
) -> Result<String, sqlx::Error> {
    let token = session::new_token();
    sqlx::query(
        "insert into app.sessions (id, token_hash, user_id, made_at, seen_at, ends_at)
         values ($1, $2, $3, $4, $4, $4 + interval '12 hours')",
    )
    .bind(Uuid::now_v7())
    .bind(session::hash_of(&token).as_slice())
    .bind(user)
    .bind(now)
    .execute(owner)
    .await?;
    Ok(format!("waymark-session={token}"))
}
