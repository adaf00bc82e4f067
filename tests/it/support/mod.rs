//! A town of its own for each story: an authority with two schools, people in every role, sessions, and the
//! real application over the real database.

pub mod placement;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, OnceLock},
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use sqlx::{PgConnection, postgres::PgConnectOptions};
use time::{Date, Duration, OffsetDateTime, macros::datetime};
use tower::ServiceExt;
use uuid::Uuid;
use waymark::{
    app,
    config::Config,
    db::{self, Db, cluster::Cluster},
    domain::policy::ProgrammePolicy,
    state::{AppState, Clock, passwords::Passwords},
    web::session,
};

/// Tuesday 24 November 2026, a quarter to twelve: a school day.
pub const NOW: OffsetDateTime = datetime!(2026-11-24 11:45 UTC);

struct Postgres {
    web: PgConnectOptions,
    owner: PgConnectOptions,
    _cluster: Mutex<Cluster>,
}

static POSTGRES: OnceLock<Postgres> = OnceLock::new();

/// A directory for this run that the unprivileged PostgreSQL account can enter.
pub fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("waymark-test-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// One PostgreSQL for the whole program, migrated. A watcher stops it when the program ends.
fn postgres() -> &'static Postgres {
    POSTGRES.get_or_init(|| {
        let dir = scratch("shared");
        let cluster = Cluster::start(&dir).unwrap();
        let pid = std::fs::read_to_string(dir.join("postgres/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let script = format!(
            "tail --pid={} -f /dev/null; kill -QUIT {pid}; sleep 1; rm -rf '{}'",
            std::process::id(),
            dir.display()
        );
        // It outlives this program, and takes the database with it.
        #[expect(clippy::zombie_processes, reason = "it ends after us")]
        Command::new("sh").args(["-c", &script]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (web, owner) = (cluster.web(), cluster.owner());
        let migrating = owner.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut owner = db::owner(&migrating).await.unwrap();
                db::migrate(&mut owner).await.unwrap();
                sqlx::query("insert into app.installation (demo, made_at) values (false, $1)")
                    .bind(NOW)
                    .execute(&mut owner)
                    .await
                    .unwrap();
            });
        })
        .join()
        .unwrap();
        Postgres { web, owner, _cluster: Mutex::new(cluster) }
    })
}

/// How the web role connects.
pub fn web_options() -> PgConnectOptions {
    postgres().web.clone()
}

/// A connection as the owner, for making facts and looking behind the scenes.
pub async fn owner() -> PgConnection {
    db::owner(&postgres().owner).await.unwrap()
}

/// A colleague who does something at the same moment and is a little faster: what they did becomes visible once
/// somebody waits for it.
pub struct Faster {
    /// Their transaction.
    pub conn: PgConnection,
    pid: i32,
}

impl Faster {
    pub async fn begins() -> Self {
        let mut conn = owner().await;
        let pid = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut conn).await.unwrap();
        sqlx::query("begin").execute(&mut conn).await.unwrap();
        Self { conn, pid }
    }

    pub async fn commits_when_awaited(mut self) {
        let mut watching = owner().await;
        let waits = "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))";
        while !sqlx::query_scalar::<_, bool>(waits).bind(self.pid).fetch_one(&mut watching).await.unwrap() {
            tokio::task::yield_now().await;
        }
        sqlx::query("commit").execute(&mut self.conn).await.unwrap();
    }
}

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: Uuid,
    pub email: String,
    pub cookie: String,
    /// The role they were made with.
    pub grant: Uuid,
}

/// A pupil with an open case and two targets.
#[derive(Clone, Copy, Debug)]
pub struct OpenCase {
    pub pupil: Uuid,
    pub case: Uuid,
    pub targets: [Uuid; 2],
    pub contact: Uuid,
    /// Rows of these are there after [`Town::furnish`].
    pub incident: Uuid,
    pub meeting: Uuid,
    pub action: Uuid,
    pub support: Uuid,
    pub proposal: Uuid,
    pub step: Uuid,
    /// With a panel of its own, on which nobody sits.
    pub transfer: Uuid,
    pub panel: Uuid,
    pub referral: Uuid,
    pub direction: Uuid,
    /// A transfer from a third school that was allocated to this one.
    pub received: Uuid,
    pub exclusion: Uuid,
}

/// A school of the town.
#[derive(Clone, Debug)]
pub struct School {
    pub id: Uuid,
    pub lead: Person,
    pub tutor: Person,
    pub head: Person,
    pub case: OpenCase,
    /// A closure of its own, on a Saturday.
    pub span: Uuid,
    /// An example target of its own.
    pub example: Uuid,
    /// A file with a line about the pupil of its case.
    pub pupil_file: Uuid,
    /// Appears in every text of this school: to be found nowhere else.
    pub sentinel: String,
}

/// An authority of its own.
pub struct Town {
    pub app: Router,
    pub state: AppState,
    pub authority: Uuid,
    pub greenfield: School,
    pub hillside: School,
    pub clock: Arc<Mutex<OffsetDateTime>>,
    pub owner: PgConnection,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
    pub cookies: Vec<String>,
    pub headers: axum::http::HeaderMap,
}

impl Town {
    pub async fn new() -> Self {
        Self::at(web_options(), owner().await).await
    }

    /// A town on a database of the caller's.
    pub async fn at(web: PgConnectOptions, mut owner: PgConnection) -> Self {
        let authority = Uuid::now_v7();
        let code = authority.simple().to_string();
        run(
            &mut owner,
            "insert into app.authorities (id, name, la_code) values ($1, 'Test', '803')",
            authority,
        )
        .await;
        let policy = Uuid::now_v7();
        sqlx::query(
            "insert into app.policies (id, authority_id, version, effective_on, settings, source)
             values ($1, $2, 1, '2009-03-11', $3, 'test')",
        )
        .bind(policy)
        .bind(authority)
        .bind(serde_json::json!(ProgrammePolicy::first()))
        .execute(&mut owner)
        .await
        .unwrap();
        for (kind, name, from, to) in [
            ("term", "Term 1", "2026-09-02", "2026-10-23"),
            ("term", "Term 2", "2026-11-02", "2026-12-18"),
            ("term", "Term 3", "2027-01-04", "2027-02-12"),
            ("inset", "Training day", "2026-11-20", "2026-11-20"),
        ] {
            sqlx::query(
                "insert into app.calendar_spans (id, authority_id, kind, name, from_on, to_on)
                 values ($1, $2, $3, $4, $5::date, $6::date)",
            )
            .bind(Uuid::now_v7())
            .bind(authority)
            .bind(kind)
            .bind(name)
            .bind(day(from))
            .bind(day(to))
            .execute(&mut owner)
            .await
            .unwrap();
        }
        sqlx::query(
            "insert into app.bank_targets (id, authority_id, theme, words, criterion, position)
             values ($1, $2, 'Starting well', 'Arrive on time', 'In my seat at the bell', 1)",
        )
        .bind(Uuid::now_v7())
        .bind(authority)
        .execute(&mut owner)
        .await
        .unwrap();
        let clock = Arc::new(Mutex::new(NOW));
        let config = Config::read(|name| {
            (name == "WAYMARK_DATABASE_URL").then(|| "postgres://x@localhost/x".to_owned())
        });
        let db = Db::connect(web).await.unwrap();
        let state = AppState {
            db,
            clock: Clock::Test(Arc::clone(&clock)),
            passwords: Passwords::new(),
            config: Arc::new(config.unwrap()),
        };
        let app = app::router(state.clone());
        let greenfield = school(&mut owner, authority, policy, "Greenfield", &code[20..]).await;
        let hillside = school(&mut owner, authority, policy, "Hillside", &code[20..]).await;
        Self { app, state, authority, greenfield, hillside, clock, owner }
    }

    /// Somebody with a role, from the first of September on.
    pub async fn person(&mut self, role: &str, school: Option<Uuid>) -> Person {
        person(&mut self.owner, self.authority, role, school).await
    }

    /// Pupils of Greenfield with open cases and targets, in the order of the sheet: their cases.
    pub async fn class(&mut self, pupils: usize, targets: i16) -> Vec<Uuid> {
        let (school, lead) = (self.greenfield.id, self.greenfield.lead.id);
        let policy: Uuid = sqlx::query_scalar("select id from app.policies where authority_id = $1")
            .bind(self.authority)
            .fetch_one(&mut self.owner)
            .await
            .unwrap();
        let mut cases = Vec::new();
        for n in 0..pupils {
            let (pupil, enrolment) =
                pupil(&mut self.owner, self.authority, school, lead, &format!("Aaa{n:02}")).await;
            sqlx::query("update app.pupils set given_name = 'Robin' where id = $1")
                .bind(pupil)
                .execute(&mut self.owner)
                .await
                .unwrap();
            let case = Uuid::now_v7();
            sqlx::query(
                "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                        opened_by, rationale, stage, lead_id, sort_name)
                 values ($1, $2, $3, $4, $5, $6, '2026-11-02', $7, $8, 'x', 1, $8, $9)",
            )
            .bind(case)
            .bind(self.authority)
            .bind(school)
            .bind(pupil)
            .bind(enrolment)
            .bind(policy)
            .bind(NOW - Duration::days(22))
            .bind(lead)
            .bind(format!("aaa{n:02}"))
            .execute(&mut self.owner)
            .await
            .unwrap();
            begin(&mut self.owner, self.authority, school, case, lead).await;
            for position in 1..=targets {
                sqlx::query(
                    "insert into app.targets (id, authority_id, school_id, case_id, position, words, criterion, due_on, starts_on)
                     values ($1, $2, $3, $4, $5, $6, 'Seen in lessons', '2026-12-11', '2026-11-02')",
                )
                .bind(Uuid::now_v7())
                .bind(self.authority)
                .bind(school)
                .bind(case)
                .bind(position)
                .bind(format!("Follow instructions the first time, number {position}"))
                .execute(&mut self.owner)
                .await
                .unwrap();
            }
            cases.push(case);
        }
        cases
    }

    /// A suspension of the pupil of a case for the day after it was decided, about which nothing has been done.
    pub async fn suspend(&mut self, case: Uuid, decided_on: Date, recorded_on: Date) {
        sqlx::query(
            "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, kind, decided_on, issuer,
                                         issued_by, mornings, afternoons, reasons, words, exams_left, guidance, send, looked_after,
                                         social_worker, lives_elsewhere, recorded_on, recorded_at)
             select gen_random_uuid(), authority_id, school_id, pupil_id, enrolment_id, id, 'suspension', $2, 'headteacher', $4,
                    array[$2::date + 1], array[$2::date + 1], '{PA,DB}', 'x', true, 'Test', 'none', false, false, false, $3,
                    $3::date + interval '10 hours'
             from app.cases where id = $1",
        )
        .bind(case)
        .bind(decided_on)
        .bind(recorded_on)
        .bind(self.greenfield.head.id)
        .execute(&mut self.owner)
        .await
        .unwrap();
    }

    /// One row of everything a case can have, in both schools' cases, with the school's sentinel in its words.
    pub async fn furnish(&mut self) {
        for school in [self.greenfield.clone(), self.hillside.clone()] {
            furnish(&mut self.owner, self.authority, &school).await;
            placement::furnish(&mut self.owner, self.authority, &school).await;
        }
    }

    /// Another pupil of a school, with an open case that has one row of everything: the school, with that case as its own.
    pub async fn another(&mut self, school: &School) -> School {
        let policy = sqlx::query_scalar("select id from app.policies where authority_id = $1")
            .bind(self.authority)
            .fetch_one(&mut self.owner)
            .await
            .unwrap();
        let (owner, lead) = (&mut self.owner, school.lead.id);
        let case = open_case(owner, self.authority, policy, school.id, lead, &school.sentinel).await;
        let mut of = school.clone();
        of.case = OpenCase { panel: school.case.panel, ..case };
        furnish(owner, self.authority, &of).await;
        placement::refer(owner, self.authority, &of).await;
        of
    }

    /// The town's time.
    pub fn now(&self) -> OffsetDateTime {
        *self.clock.lock().unwrap()
    }

    /// Moves the clock.
    pub fn later(&self, by: Duration) {
        *self.clock.lock().unwrap() += by;
    }

    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &who.cookie).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Posts a form as a browser does, with a fresh key.
    pub async fn post(&self, who: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
        let key = Uuid::new_v4().to_string();
        let mut fields = fields.to_vec();
        fields.push(("form_key", &key));
        self.post_exactly(who, path, &fields, &[]).await
    }

    pub async fn post_exactly(
        &self,
        who: &Person,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = fields
            .iter()
            .fold(form_urlencoded::Serializer::new(String::new()), |mut body, (name, value)| {
                body.append_pair(name, value);
                body
            })
            .finish();
        let mut request = Request::post(path)
            .header(header::COOKIE, &who.cookie)
            .header(header::HOST, "localhost:8080")
            .header(header::ORIGIN, "http://localhost:8080")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Posts a form with a file as a browser does.
    pub async fn post_file(
        &self,
        who: &Person,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Answer {
        let key = Uuid::new_v4().to_string();
        let mut body = Vec::new();
        for (name, value) in fields.iter().chain([&("form_key", key.as_str())]) {
            body.extend(
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let (name, bytes) = file;
        body.extend(
            format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"list.csv\"\r\n\
                 Content-Type: text/csv\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let request = Request::post(path)
            .header(header::COOKIE, &who.cookie)
            .header(header::HOST, "localhost:8080")
            .header(header::ORIGIN, "http://localhost:8080")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = |value: &header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Answer {
            status: parts.status,
            location: parts.headers.get(header::LOCATION).map(text).unwrap_or_default(),
            cookies: parts.headers.get_all(header::SET_COOKIE).iter().map(text).collect(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            headers: parts.headers,
        }
    }

    /// One number from the database, as the owner.
    pub async fn count(&mut self, sql: &'static str, id: Uuid) -> i64 {
        sqlx::query_scalar(sql).bind(id).fetch_one(&mut self.owner).await.unwrap()
    }

    /// A digest of everything stored for this authority's children, its roles and its policy: equal when nothing
    /// was changed.
    pub async fn digest(&mut self) -> String {
        let mut all = String::new();
        for table in [
            "pupils",
            "contacts",
            "enrolments",
            "cases",
            "case_stages",
            "case_leads",
            "case_strategies",
            "case_decisions",
            "case_shares",
            "targets",
            "target_versions",
            "days",
            "marks",
            "day_reasons",
            "mark_changes",
            "case_weeks",
            "day_notes",
            "known_absences",
            "incidents",
            "incident_versions",
            "incident_people",
            "case_steps",
            "meetings",
            "meeting_people",
            "meeting_actions",
            "meeting_addenda",
            "supports",
            "support_sessions",
            "weekly_reviews",
            "feedback",
            "proposals",
            "head_notices",
            "reminders",
            "transfers",
            "transfer_events",
            "pack_items",
            "packs",
            "pack_sections",
            "referrals",
            "panel_interests",
            "allocations",
            "directions",
            "direction_reviews",
            "direction_requests",
            "panels",
            "panel_members",
            "panel_minutes",
            "school_places",
            "exclusions",
            "exclusion_steps",
            "exclusions_elsewhere",
            "case_representatives",
            "update_requests",
            "saved_views",
            "users",
            "grants",
            "account_links",
            "pupil_files",
            "pupil_merges",
            "schools",
            "school_periods",
            "calendar_spans",
            "bank_targets",
            "policies",
        ] {
            let sql = format!(
                "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from app.{table} t where authority_id = $1"
            );
            let part: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(self.authority)
                .fetch_one(&mut self.owner)
                .await
                .unwrap();
            all += &part;
        }
        all
    }
}

pub fn day(text: &str) -> Date {
    Date::parse(text, &time::format_description::well_known::Iso8601::DATE).unwrap()
}

async fn run(owner: &mut PgConnection, sql: &'static str, id: Uuid) {
    sqlx::query(sql).bind(id).execute(owner).await.unwrap();
}

pub async fn person(owner: &mut PgConnection, authority: Uuid, role: &str, school: Option<Uuid>) -> Person {
    let id = Uuid::now_v7();
    let email = format!("{role}-{}@test.example", id.simple());
    sqlx::query("insert into app.users (id, authority_id, email, name, made_at) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(authority)
        .bind(&email)
        .bind(format!("A {role}"))
        .bind(NOW)
        .execute(&mut *owner)
        .await
        .unwrap();
    let grant = grant(owner, authority, id, role, school, day("2026-09-01"), None).await;
    let token = session::new_token();
    sqlx::query(
        "insert into app.sessions (id, token_hash, user_id, made_at, seen_at, ends_at) values ($1, $2, $3, $4, $4, $5)",
    )
    .bind(Uuid::now_v7())
    .bind(session::hash_of(&token).as_slice())
    .bind(id)
    .bind(NOW)
    .bind(NOW + Duration::hours(12))
    .execute(owner)
    .await
    .unwrap();
    Person { id, email, cookie: format!("waymark-session={token}"), grant }
}

pub async fn grant(
    owner: &mut PgConnection,
    authority: Uuid,
    user: Uuid,
    role: &str,
    school: Option<Uuid>,
    from: Date,
    to: Option<Date>,
) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, to_on, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(authority)
    .bind(user)
    .bind(role)
    .bind(school)
    .bind(from)
    .bind(to)
    .bind(NOW)
    .execute(owner)
    .await
    .unwrap();
    id
}

async fn school(owner: &mut PgConnection, authority: Uuid, policy: Uuid, name: &str, code: &str) -> School {
    let id = Uuid::now_v7();
    let sentinel = format!("{name}{code}");
    let urn = if name == "Greenfield" { "900001" } else { "900002" };
    sqlx::query(
        "insert into app.schools (id, authority_id, name, urn, establishment, phase)
         values ($1, $2, $3, $4, '4900', 'secondary')",
    )
    .bind(id)
    .bind(authority)
    .bind(format!("{name} School"))
    .bind(urn)
    .execute(&mut *owner)
    .await
    .unwrap();
    for period in 1..=6_i16 {
        sqlx::query(
            "insert into app.school_periods (authority_id, school_id, period, label, starts_at, ends_at)
             values ($1, $2, $3, $4, make_time(8 + $3, 0, 0), make_time(8 + $3, 50, 0))",
        )
        .bind(authority)
        .bind(id)
        .bind(period)
        .bind(format!("P{period}"))
        .execute(&mut *owner)
        .await
        .unwrap();
    }
    let lead = person(owner, authority, "school_lead", Some(id)).await;
    let tutor = person(owner, authority, "staff", Some(id)).await;
    let head = person(owner, authority, "headteacher", Some(id)).await;
    let case = open_case(owner, authority, policy, id, lead.id, &sentinel).await;
    let (span, example) = (Uuid::now_v7(), Uuid::now_v7());
    for (row, sql) in [
        (
            span,
            "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on)
             values ($1, $2, $3, 'closure', 'Fair', '2026-12-05', '2026-12-05')",
        ),
        (
            example,
            "insert into app.bank_targets (id, authority_id, school_id, theme, words, criterion, position)
             values ($1, $2, $3, 'Moving on', 'Walk in the corridor', 'Seen at each change of lesson', 1)",
        ),
    ] {
        sqlx::query(sql).bind(row).bind(authority).bind(id).execute(&mut *owner).await.unwrap();
    }
    let pupil_file = Uuid::now_v7();
    sqlx::query(
        "insert into app.pupil_files (id, authority_id, school_id, contents, made_at, made_by) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(pupil_file)
    .bind(authority)
    .bind(id)
    .bind(format!("Given name,Family name,Date of birth,Known as\nSam,{sentinel},25/12/2012,Sammy\nAlex,,3/4/2013,\n"))
    .bind(NOW)
    .bind(lead.id)
    .execute(owner)
    .await
    .unwrap();
    School { id, lead, tutor, head, case, span, example, pupil_file, sentinel }
}

async fn open_case(
    owner: &mut PgConnection,
    authority: Uuid,
    policy: Uuid,
    school: Uuid,
    lead: Uuid,
    sentinel: &str,
) -> OpenCase {
    let (pupil, enrolment) = pupil(owner, authority, school, lead, sentinel).await;
    let (case, contact) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                opened_by, rationale, stage, lead_id, sort_name)
         values ($1, $2, $3, $4, $5, $6, '2026-11-02', $7, $8, $9, 1, $8, lower($9))",
    )
    .bind(case)
    .bind(authority)
    .bind(school)
    .bind(pupil)
    .bind(enrolment)
    .bind(policy)
    .bind(NOW - Duration::days(22))
    .bind(lead)
    .bind(sentinel)
    .execute(&mut *owner)
    .await
    .unwrap();
    begin(owner, authority, school, case, lead).await;
    sqlx::query(
        "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility,
                                   contact_order, address, address_confidential, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, 'Mother', true, 1, $6, true, $7, $8)",
    )
    .bind(contact)
    .bind(authority)
    .bind(school)
    .bind(pupil)
    .bind(format!("Mother {sentinel}"))
    .bind(format!("Hidden {sentinel} Lane"))
    .bind(NOW)
    .bind(lead)
    .execute(&mut *owner)
    .await
    .unwrap();
    let targets = [Uuid::now_v7(), Uuid::now_v7()];
    for (n, target) in (1_i16..).zip(targets) {
        sqlx::query(
            "insert into app.targets (id, authority_id, school_id, case_id, position, words, criterion, due_on, starts_on)
             values ($1, $2, $3, $4, $5, $6, 'Seen in lessons', '2026-12-11', '2026-11-02')",
        )
        .bind(target)
        .bind(authority)
        .bind(school)
        .bind(case)
        .bind(n)
        .bind(format!("Target {n} {sentinel}"))
        .execute(&mut *owner)
        .await
        .unwrap();
        sqlx::query(
            "insert into app.target_versions (authority_id, school_id, case_id, target_id, version, words, criterion, due_on,
                                              position, written_at, written_by)
             values ($1, $2, $3, $4, 1, $5, 'Seen in lessons', '2026-12-11', $6, $7, $8)",
        )
        .bind(authority)
        .bind(school)
        .bind(case)
        .bind(target)
        .bind(format!("Target {n} {sentinel}"))
        .bind(n)
        .bind(NOW - Duration::days(22))
        .bind(lead)
        .execute(&mut *owner)
        .await
        .unwrap();
    }
    let [incident, meeting, action, support, proposal, step, exclusion] = [(); 7].map(|()| Uuid::now_v7());
    let [transfer, panel, referral, direction, received] = [(); 5].map(|()| Uuid::now_v7());
    OpenCase {
        pupil,
        case,
        targets,
        contact,
        incident,
        meeting,
        action,
        support,
        proposal,
        step,
        transfer,
        panel,
        referral,
        direction,
        received,
        exclusion,
    }
}

/// What every case begins with besides its own row: the decision, the first stage, who leads.
async fn begin(owner: &mut PgConnection, authority: Uuid, school: Uuid, case: Uuid, lead: Uuid) {
    for sql in [
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                         requirements, reasons, seq, event)
         values ($1, $2, $3, $4, 'open', '2026-11-02', $6, $5, '[]', '{}', 1,
                 '{\"event\": \"opened\", \"stage\": 1, \"reason\": \"concern\"}')",
        "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by)
         values ($1, $2, $3, $4, 1, '2026-11-02', $6, $5)",
        "insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
         values ($1, $2, $3, $4, $5, '2026-11-02', $6, $5)",
    ] {
        sqlx::query(sql)
            .bind(Uuid::now_v7())
            .bind(authority)
            .bind(school)
            .bind(case)
            .bind(lead)
            .bind(NOW - Duration::days(22))
            .execute(&mut *owner)
            .await
            .unwrap();
    }
}

/// A Year 9 pupil on the roll: pupil and enrolment.
pub async fn pupil(
    owner: &mut PgConnection,
    authority: Uuid,
    school: Uuid,
    by: Uuid,
    family: &str,
) -> (Uuid, Uuid) {
    let (pupil, enrolment) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "insert into app.pupils (id, authority_id, school_id, given_name, family_name, born_on, no_upn_reason, made_at, made_by,
                                 changed_at, changed_by)
         values ($1, $2, $3, 'Sam', $4, '2012-12-25', 'New to the country', $5, $6, $5, $6)",
    )
    .bind(pupil)
    .bind(authority)
    .bind(school)
    .bind(family)
    .bind(NOW)
    .bind(by)
    .execute(&mut *owner)
    .await
    .unwrap();
    sqlx::query("insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on) values ($1, $2, $3, $4, '2024-09-02')")
        .bind(enrolment)
        .bind(authority)
        .bind(school)
        .bind(pupil)
        .execute(owner)
        .await
        .unwrap();
    (pupil, enrolment)
}

/// One row of everything a case can have.
#[expect(clippy::too_many_lines, reason = "one row after another")]
async fn furnish(owner: &mut PgConnection, authority: Uuid, school: &School) {
    let case = &school.case;
    for (id, sql) in [
        (
            case.incident,
            "insert into app.incidents (id, authority_id, school_id, pupil_id, enrolment_id, case_id, happened_on, place, what,
                                        seriousness, recorded_at, recorded_by, changed_at, changed_by)
             select $1, $2, $3, pupil_id, enrolment_id, $4, '2026-11-23', 'Corridor', $6, 'serious', $7, $5, $7, $5
             from app.cases where id = $4",
        ),
        (
            case.incident,
            "insert into app.incident_versions (authority_id, school_id, incident_id, version, happened_on, place, what, seriousness,
                                                written_at, written_by)
             select $2, $3, $1, 1, '2026-11-23', 'Corridor', $6, 'serious', $7, $5 from app.cases where id = $4",
        ),
        (
            case.incident,
            "insert into app.incident_people (authority_id, school_id, incident_id, position, part, described)
             select $2, $3, $1, 1, 'saw', $6 from app.users where id = $5 and $4::uuid is not null and $7::timestamptz is not null",
        ),
        (
            case.step,
            "insert into app.case_steps (id, authority_id, school_id, case_id, kind, stage, on_date, details, recorded_on, recorded_at,
                                         recorded_by)
             values ($1, $2, $3, $4, 'recognition', 1, '2026-11-23',
                     jsonb_build_object('kind', 'recognition', 'what', 'reward', 'words', $6::text), '2026-11-23', $7, $5)",
        ),
        (
            case.meeting,
            "insert into app.meetings (id, authority_id, school_id, case_id, kind, stage, planned_on, starts_at, ends_at, place,
                                       made_at, made_by, changed_at, changed_by)
             values ($1, $2, $3, $4, 'stage_1', 1, '2026-11-27', '15:30', '16:15', $6, $7, $5, $7, $5)",
        ),
        (
            case.meeting,
            "insert into app.meeting_people (authority_id, school_id, case_id, meeting_id, position, part, name, user_id, invited_on)
             select $2, $3, $4, $1, 1, 'lead', $6, $5, '2026-11-20' where $7::timestamptz is not null",
        ),
        (
            case.action,
            "insert into app.meeting_actions (id, authority_id, school_id, case_id, meeting_id, position, words, owner_id, owner_name,
                                              due_on)
             select $1, $2, $3, $4, m.id, 1, $6, $5, 'A school_lead', '2026-12-04' from app.meetings m
             where m.case_id = $4 and $7::timestamptz is not null",
        ),
        (
            Uuid::now_v7(),
            "insert into app.meeting_addenda (id, authority_id, school_id, case_id, meeting_id, words, written_at, written_by)
             select $1, $2, $3, $4, m.id, $6, $7, $5 from app.meetings m where m.case_id = $4",
        ),
        (
            Uuid::now_v7(),
            "insert into app.case_representatives (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
             select $1, $2, $3, $4, $5, '2026-11-02', $7, $5 where $6::text is not null",
        ),
        (
            Uuid::now_v7(),
            "insert into app.update_requests (id, authority_id, school_id, case_id, words, asked_on, asked_at, asked_by, due_on)
             values ($1, $2, $3, $4, $6, '2026-11-23', $7, $5, '2026-11-30')",
        ),
        (
            case.support,
            "insert into app.supports (id, authority_id, school_id, case_id, kind, purpose, provider, lead_id, lead_name,
                                       sessions_a_week, starts_on, review_on, made_at, made_by, changed_at, changed_by)
             values ($1, $2, $3, $4, 'mentor', $6, 'The school', $5, 'A school_lead', 1, '2026-11-09', '2026-12-07', $7, $5, $7, $5)",
        ),
        (
            Uuid::now_v7(),
            "insert into app.support_sessions (id, authority_id, school_id, case_id, support_id, on_date, delivered, note,
                                               recorded_at, recorded_by)
             select $1, $2, $3, $4, s.id, '2026-11-16', true, $6, $7, $5 from app.supports s where s.case_id = $4",
        ),
        (
            Uuid::now_v7(),
            "insert into app.weekly_reviews (id, authority_id, school_id, case_id, week_on, from_week_on, version, figures, ratings,
                                             overall, suggestion, next_steps, services, signed_on, signed_at, signed_by)
             values ($1, $2, $3, $4, '2026-11-09', '2026-11-09', 1, '{}', '[]', 'amber', 'watch', $6, '{}', '2026-11-13', $7, $5)",
        ),
        (
            Uuid::now_v7(),
            "insert into app.feedback (id, authority_id, school_id, case_id, week_on, contact_id, how, words, figures, given_on,
                                       given_at, given_by, reached)
             select $1, $2, $3, $4, '2026-11-09', c.id, 'phone', $6, '{}', '2026-11-13', $7, $5, true
             from app.contacts c join app.cases k on k.pupil_id = c.pupil_id where k.id = $4",
        ),
        (
            case.proposal,
            "insert into app.proposals (id, authority_id, school_id, case_id, command, reasons, words, proposed_on, proposed_at,
                                        proposed_by)
             values ($1, $2, $3, $4, '{\"command\": \"exit\", \"told_parents\": true, \"told_pupil\": true,
                     \"recognised\": true}', '{}', $6, '2026-11-24', $7, $5)",
        ),
        (
            case.exclusion,
            "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, kind, decided_on, issuer,
                                         issued_by, mornings, afternoons, reasons, words, exams_left, guidance, send, looked_after,
                                         social_worker, lives_elsewhere, recorded_on, recorded_at)
             select $1, $2, $3, pupil_id, enrolment_id, $4, 'suspension', '2026-11-23', 'headteacher', $5, '{2026-11-24}',
                    '{2026-11-24}', '{PA,DB}', $6, true, 'Test', 'none', false, false, false, '2026-11-23', $7
             from app.cases where id = $4",
        ),
        (
            Uuid::now_v7(),
            "insert into app.exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, notice, recipient,
                                              how, words, recorded_on, recorded_at, recorded_by)
             select $1, $2, $3, pupil_id, id, 'told', '2026-11-23', 'word', 'parents', 'phone', $6, '2026-11-23', $7, $5
             from app.exclusions where case_id = $4",
        ),
        // The rest of what it owes at once is done: other duties are what these tests are about.
        (
            Uuid::now_v7(),
            "insert into app.exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, notice, recipient,
                                              words, recorded_on, recorded_at, recorded_by)
             select gen_random_uuid(), $2, $3, e.pupil_id, e.id, t.kind, '2026-11-23', t.notice, t.recipient, $6, '2026-11-23', $7, $5
             from app.exclusions e, (values ('told', 'letter', 'parents'), ('told', 'public_place', 'parents'),
                  ('told', 'authority', 'authority'), ('work_set', null, null)) t (kind, notice, recipient)
             where e.case_id = $4 and $1::uuid is not null",
        ),
        (
            Uuid::now_v7(),
            "insert into app.exclusions_elsewhere (id, authority_id, school_id, pupil_id, school_year, term, half_days, source,
                                                   recorded_on, recorded_at, recorded_by)
             select $1, $2, $3, pupil_id, 2026, 'autumn', 1, $6, '2026-11-23', $7, $5 from app.cases where id = $4",
        ),
        (
            Uuid::now_v7(),
            "insert into app.alternatives (id, authority_id, school_id, case_id, entered_on, kind, considered, pupil_view,
                                           parent_view, why, status, plan, starts_on, review_on, made_at, made_by, changed_at,
                                           changed_by)
             values ($1, $2, $3, $4, '2026-11-23', 're_induction', true, $6, $6, $6, 'proposed', $6, '2026-12-07', '2027-01-18',
                     $7, $5, $7, $5)",
        ),
        (
            Uuid::now_v7(),
            "insert into app.agreements (id, authority_id, school_id, case_id, alternative_id, contact_id, asked_on, how,
                                         explained, advised, answer, words, ask_again_on, copy_given, recorded_on, recorded_at,
                                         recorded_by)
             select $1, $2, $3, $4, a.id, c.id, '2026-11-23', 'phone', true, true, 'wants_time', $6, '2026-12-01', true,
                    '2026-11-23', $7, $5
             from app.alternatives a, app.contacts c join app.cases k on k.pupil_id = c.pupil_id
             where k.id = $4 and a.case_id = $4",
        ),
        (
            Uuid::now_v7(),
            "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at)
             select $1, $2, $3, $4, 'opened', '2026-11-02', $7 where $5::uuid is not null and $6::text is not null",
        ),
    ] {
        sqlx::query(sql)
            .bind(id)
            .bind(authority)
            .bind(school.id)
            .bind(case.case)
            .bind(school.lead.id)
            .bind(format!("Words {}", school.sentinel))
            .bind(NOW - Duration::days(1))
            .execute(&mut *owner)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}
