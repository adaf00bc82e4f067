//! `make bench`: the real server under load, beside the floor and beside PostgreSQL alone, turn and turn about.
//! The world has 100 schools, 20,000 cases and 3,000,000 day totals; it is made once and kept in `target/bench`.
//! `WAYMARK_BENCH_SECONDS` (4) is the length of one run, `WAYMARK_BENCH_CASES` (20000) the size. Pages about many cases
//! are asked for again in a world of `WAYMARK_BENCH_GROWTH` (200000; 0: not) cases, schools of the same size and ten
//! times as many of them.
#![expect(clippy::cast_precision_loss, reason = "rates")]

mod capture;
mod floor;
mod pages;
mod tools;

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use pages::{Kind, Reckoned};
use sqlx::Connection;
use time::{Date, Month};
use tools::{Run, Server, ask, free_port, pgbench, wrk};
use waymark::db::{self, cluster::Cluster};

const WAYMARK: &str = env!("CARGO_BIN_EXE_waymark");
const CONNECTIONS: [u32; 3] = [1, 16, 64];
/// Pages of each kind whose statements the floor repeats.
const SAMPLES: usize = 40;

/// What was measured of a page at one number of connections.
struct Measured {
    connections: u32,
    waymark: Run,
    floor: Option<Run>,
    postgres: f64,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().collect();
    let done = match args.get(1).map(String::as_str) {
        Some("floor") => floor::serve(&args[2], args[3].parse().unwrap_or(0), &args[4]),
        _ => bench(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the bench's own settings")]
fn setting(name: &str, default: u32) -> u32 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A Tuesday in term.
fn today() -> Date {
    Date::from_calendar_date(2026, Month::November, 24).unwrap_or(Date::MIN)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn bench() -> Result<(), String> {
    let seconds = setting("WAYMARK_BENCH_SECONDS", 4);
    let cases = setting("WAYMARK_BENCH_CASES", 20_000);
    let bin = postgres_bin()?;
    let World { dir, data: world, cluster, sockets, kinds } = World::open(cases, 150)?;

    // Once with the log on: what is asked of the database for each kind of page.
    let mut pages = Vec::new();
    let mut figures = Vec::new();
    let log = world.join("postgres.log");
    superuser(&bin, &sockets, "alter role waymark_web set log_min_duration_statement = 0")?;
    {
        let server = start(&sockets)?;
        for (n, kind) in kinds.iter().enumerate() {
            settle(kind, &world, &bin, &sockets)?;
            let (asked, bytes) = sample(kind, &server, &log)?;
            let statements = asked.iter().map(Vec::len).sum::<usize>() as f64 / asked.len() as f64;
            let scripts = scripts(&dir, n, kind, &asked)?;
            if kind.name != "save" {
                for one in &asked {
                    let queries = one.iter().filter(|statement| statement.is_query()).map(bound);
                    pages.push(floor::Page { queries: queries.collect(), bytes });
                }
            }
            figures.push((bytes, statements, scripts));
        }
    }
    superuser(&bin, &sockets, "alter role waymark_web reset log_min_duration_statement")?;

    let floor_pages = dir.join("floor.json");
    fs::write(&floor_pages, serde_json::to_string(&pages).map_err(text)?).map_err(text)?;
    let server = start(&sockets)?;
    let port = free_port();
    let mut command = Command::new(env::current_exe().map_err(text)?);
    command.arg("floor").arg(&floor_pages).arg(port.to_string()).arg(&sockets);
    let floor = Server::start(&mut command, port)?;

    println!("{cases} cases, {seconds} s a run, floor, Waymark and PostgreSQL in turn\n");
    let before = server.resident_mb();
    let (mut report, mut alone) = (Vec::new(), Vec::new());
    let mut first_page = 0;
    for (kind, (bytes, statements, scripts)) in kinds.iter().zip(&figures) {
        let requests = dir.join(format!("{}.requests", kind.name));
        fs::write(&requests, kind.requests.join("\n")).map_err(text)?;
        let reads = kind.name != "save";
        let floor_requests = dir.join(format!("{}.floor", kind.name));
        let cookie = kind.requests[0].split('\t').nth(2).unwrap_or_default();
        let paths: Vec<_> =
            (first_page..first_page + SAMPLES).map(|page| format!("GET\t/{page}\t{cookie}\t")).collect();
        fs::write(&floor_requests, paths.join("\n")).map_err(text)?;
        if reads {
            first_page += SAMPLES;
        }
        let role = if reads { "waymark_owner" } else { "waymark_web" };
        let mut rows = Vec::new();
        for connections in CONNECTIONS {
            settle(kind, &world, &bin, &sockets)?;
            let floor = (reads && !kind.asks_who)
                .then(|| wrk(floor.port, &floor_requests, connections, seconds))
                .transpose()?;
            let waymark = wrk(server.port, &requests, connections, seconds)?;
            let clients = connections.min(20);
            let postgres = pgbench(&bin, &sockets, role, scripts, clients, seconds)?;
            rows.push(Measured { connections, waymark, floor, postgres });
        }
        check(kind, &server)?;
        alone.push((kind.name, rows[0].waymark));
        print(kind, *bytes, *statements, &rows);
        report.push(json(kind, *bytes, *statements, &rows));
    }
    let memory = server.resident_mb();
    println!(
        "Resident memory: {before:.0} MB at rest, {memory:.0} MB after the load (floor {:.0} MB)",
        floor.resident_mb()
    );
    drop((server, floor, cluster));
    let grown = growth(setting("WAYMARK_BENCH_GROWTH", 200_000), cases, seconds, &alone)?;
    let all = serde_json::json!({
        "cases": cases, "seconds": seconds, "memory_mb": memory, "pages": report, "growth": grown
    });
    fs::write("target/bench.json", serde_json::to_string_pretty(&all).map_err(text)?).map_err(text)?;
    println!("Written to target/bench.json");
    Ok(())
}

/// A world with its database running, and the pages to ask of it.
struct World {
    dir: PathBuf,
    data: PathBuf,
    cluster: Cluster,
    sockets: PathBuf,
    kinds: Vec<Kind>,
}

impl World {
    /// Made once and kept. Schools have 200 cases each, however many there are.
    fn open(cases: u32, days: u32) -> Result<Self, String> {
        let dir = env::current_dir().map_err(text)?.join(format!("target/bench/{cases}"));
        let data = dir.join("world");
        make_world(&data, cases, days)?;
        let cluster = Cluster::start(&data).map_err(text)?;
        let sockets = cluster.web().get_socket().cloned().ok_or("the cluster has no socket")?;
        keep(&data, &sockets)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
        let kinds = runtime.block_on(async {
            let mut owner = db::owner(&cluster.owner()).await.map_err(text)?;
            let kinds = pages::kinds(&mut owner).await.map_err(text)?;
            owner.close().await.map_err(text)?;
            Ok::<_, String>(kinds)
        })?;
        Ok(Self { dir, data, cluster, sockets, kinds })
    }
}

/// Pages about many cases in a larger world, one person asking, beside what they took in the first world.
fn growth(
    cases: u32,
    before: u32,
    seconds: u32,
    alone: &[(&'static str, Run)],
) -> Result<Vec<serde_json::Value>, String> {
    if cases == 0 {
        return Ok(Vec::new());
    }
    // Forty days behind each case: the caseload shows twenty, and what counts here is how many cases there are.
    let grown = World::open(cases, 40)?;
    let server = start(&grown.sockets)?;
    println!("\nOne person asking, {before} cases and {cases}\n");
    println!("  {:<20} {:>10} {:>10} {:>12}", "page", "p50 ms", "p50 ms", "rate kept");
    let mut rows = Vec::new();
    for kind in grown.kinds.iter().filter(|kind| kind.grows) {
        let requests = grown.dir.join(format!("{}.requests", kind.name));
        fs::write(&requests, kind.requests.join("\n")).map_err(text)?;
        check(kind, &server)?;
        let after = wrk(server.port, &requests, 1, seconds)?;
        let Some((_, first)) = alone.iter().find(|(name, _)| *name == kind.name) else { continue };
        let kept = after.rate() / first.rate();
        let ms = |run: &Run| run.p50 as f64 / 1000.0;
        println!("  {:<20} {:>10.2} {:>10.2} {:>11.0}%", kind.name, ms(first), ms(&after), 100.0 * kept);
        rows.push(serde_json::json!({
            "page": kind.name, "cases": cases, "p50_micros": after.p50, "p99_micros": after.p99,
            "p50_micros_before": first.p50, "rate_kept": kept, "failed": after.failed,
        }));
    }
    Ok(rows)
}

/// A statement as the floor repeats it. One that is put together as it is asked has no prepared form: its values are
/// written into it.
fn bound(statement: &capture::Statement) -> floor::Bound {
    if statement.types.is_empty() {
        return floor::Bound { sql: statement.literal(), values: Vec::new() };
    }
    let values = statement.types.iter().cloned().zip(statement.values.iter().cloned());
    floor::Bound { sql: statement.sql.clone(), values: values.collect() }
}

/// What cases owe is reckoned, or none of it is.
fn settle(kind: &Kind, world: &Path, bin: &Path, sockets: &Path) -> Result<(), String> {
    match &kind.reckoned {
        Reckoned::Anew(cases) => {
            let cases: Vec<_> = cases.iter().map(ToString::to_string).collect();
            let cases = cases.join(",");
            let sql =
                format!("update app.case_duties set reckoned_on = null where case_id = any ('{{{cases}}}')");
            superuser(bin, sockets, &sql)
        }
        Reckoned::Kept => keep(world, sockets),
    }
}

/// What the keeper does each morning: nothing when it is done.
fn keep(world: &Path, sockets: &Path) -> Result<(), String> {
    let url = |role: &str| format!("postgres:///waymark?host={}&user={role}", sockets.display());
    let status = Command::new(WAYMARK)
        .arg("keep")
        .env("WAYMARK_DATA_DIR", world)
        .env("WAYMARK_DATABASE_URL", url("waymark_web"))
        .env("WAYMARK_OWNER_DATABASE_URL", url("waymark_owner"))
        .env("WAYMARK_DEMO", "1")
        .env("WAYMARK_TODAY", today().to_string())
        .stdout(std::process::Stdio::null())
        .status()
        .map_err(text)?;
    if status.success() { Ok(()) } else { Err("what cases owe could not be reckoned".to_owned()) }
}

/// Makes the world once; a world half made is made anew.
fn make_world(world: &Path, cases: u32, days: u32) -> Result<(), String> {
    let made = world.join("made");
    if made.exists() {
        return Ok(());
    }
    let _ = fs::remove_dir_all(world);
    fs::create_dir_all(world).map_err(text)?;
    let status = Command::new(WAYMARK)
        .args(["seed", "--schools", &cases.div_ceil(200).to_string()])
        .args(["--days", &days.to_string(), "--cases", &cases.to_string()])
        .env("WAYMARK_DATA_DIR", world)
        .env("WAYMARK_DEMO", "1")
        .env("WAYMARK_TODAY", today().to_string())
        .status()
        .map_err(text)?;
    if !status.success() {
        return Err("the world could not be made".to_owned());
    }
    fs::write(made, "").map_err(text)
}

fn start(sockets: &Path) -> Result<Server, String> {
    let port = free_port();
    let url = |role: &str| format!("postgres:///waymark?host={}&user={role}", sockets.display());
    let mut command = Command::new(WAYMARK);
    command
        .arg("demo")
        .env("WAYMARK_DATABASE_URL", url("waymark_web"))
        .env("WAYMARK_OWNER_DATABASE_URL", url("waymark_owner"))
        .env("WAYMARK_LISTEN", format!("127.0.0.1:{port}"))
        .env("WAYMARK_TODAY", today().to_string());
    Server::start(&mut command, port)
}

fn postgres_bin() -> Result<PathBuf, String> {
    let versions = fs::read_dir("/usr/lib/postgresql").map_err(text)?;
    versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("pgbench").exists())
        .max()
        .ok_or_else(|| "pgbench is not installed".to_owned())
}

fn superuser(bin: &Path, sockets: &Path, sql: &str) -> Result<(), String> {
    let status = Command::new(bin.join("psql"))
        .args(["-Xq", "-U", "waymark_super", "-d", "waymark", "-c", sql, "-h"])
        .arg(sockets)
        .status()
        .map_err(text)?;
    if status.success() { Ok(()) } else { Err(format!("psql: {sql}")) }
}

/// Some pages of a kind: the statements behind each, and how many bytes a page has.
fn sample(kind: &Kind, server: &Server, log: &Path) -> Result<(Vec<Vec<capture::Statement>>, usize), String> {
    let (mut asked, mut bytes) = (Vec::new(), 0);
    for request in spread(&kind.requests) {
        let from = fs::metadata(log).map_or(0, |meta| meta.len());
        let (status, body) = ask(server.port, request)?;
        if status != 200 || !body.contains(kind.says) {
            return Err(format!(
                "a sampled {} answered {status}: {}",
                kind.name,
                &body[..body.len().min(300)]
            ));
        }
        bytes += body.len();
        asked.push(capture::read(log, from)?);
    }
    Ok((asked, bytes / SAMPLES))
}

fn spread(requests: &[String]) -> impl Iterator<Item = &String> {
    requests.iter().step_by((requests.len() / SAMPLES).max(1)).cycle().take(SAMPLES)
}

/// After the load the pages still say what they should, once those that were asked for last are answered.
fn check(kind: &Kind, server: &Server) -> Result<(), String> {
    for request in spread(&kind.requests) {
        let mut answer = ask(server.port, request)?;
        for _ in 0..10 {
            if answer.0 != 503 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
            answer = ask(server.port, request)?;
        }
        let (status, body) = answer;
        if status != 200 || !body.contains(kind.says) {
            return Err(format!("under load a {} answered {status}", kind.name));
        }
    }
    Ok(())
}

/// The same statements for pgbench: reads alone (where they look up who is asking, after that is said), a save as the whole
/// transaction it is.
fn scripts(
    dir: &Path,
    n: usize,
    kind: &Kind,
    asked: &[Vec<capture::Statement>],
) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for (i, statements) in asked.iter().enumerate() {
        let mut script = String::new();
        for statement in statements {
            let sql = statement.literal();
            if statement.is_query() {
                let _ = writeln!(script, "{};", sql.trim().trim_end_matches(';'));
            } else if kind.asks_who && sql.contains("app.begin_as(") {
                for part in sql.split("; ") {
                    let _ = writeln!(script, "{};", part.trim().trim_end_matches(';'));
                }
            } else if kind.name == "save" {
                // The frame of the request: its messages hold several statements, sent together here too.
                script += "\\startpipeline\n";
                for part in sql.split("; ").filter(|part| !part.trim().is_empty()) {
                    let _ = writeln!(script, "{};", fresh_key(part.trim().trim_end_matches(';')));
                }
                script += "\\endpipeline\n";
            }
        }
        if kind.asks_who {
            script += "rollback;\n";
        }
        let path = dir.join(format!("{n}-{i}.sql"));
        fs::write(&path, without_colons(&script)).map_err(text)?;
        paths.push(path);
    }
    Ok(paths)
}

/// pgbench takes a colon and a word for one of its variables: times of day as 124501, and a space after the colons of
/// JSON. Casts have two colons and stay.
fn without_colons(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let names = letter == ':' && !out.ends_with(':') && (next.is_ascii_alphanumeric() || next == '_');
        let in_time = out.ends_with(|before: char| before.is_ascii_digit()) && next.is_ascii_digit();
        match (names, in_time) {
            (false, _) => out.push(letter),
            (true, true) => {}
            (true, false) => out.push_str(": "),
        }
    }
    out
}

/// A form key is used once: in the script each run gets its own.
fn fresh_key(sql: &str) -> String {
    match sql.split_once("app.record('").and_then(|(head, rest)| Some((head, rest.split_once('\'')?.1))) {
        Some((head, rest)) => format!("{head}app.record(gen_random_uuid(){rest}"),
        None => sql.to_owned(),
    }
}

fn print(kind: &Kind, bytes: usize, statements: f64, rows: &[Measured]) {
    println!("{}: {bytes} bytes, {statements:.1} messages to the database a page", kind.name);
    println!("  conns   req/s  p50 ms  p99 ms   floor  p50 ms  ratio   PostgreSQL  ratio  failed");
    for row in rows {
        let (w, ms) = (row.waymark, |micros: u64| micros as f64 / 1000.0);
        let floor = row.floor.map_or_else(
            || format!("{:>7} {:>7} {:>6}", "-", "-", "-"),
            |floor| {
                format!(
                    "{:>7.0} {:>7.2} {:>5.0}%",
                    floor.rate(),
                    ms(floor.p50),
                    100.0 * w.rate() / floor.rate()
                )
            },
        );
        println!(
            "  {:>5} {:>7.0} {:>7.2} {:>7.2} {floor} {:>12.0} {:>5.0}% {:>7}",
            row.connections,
            w.rate(),
            ms(w.p50),
            ms(w.p99),
            row.postgres,
            100.0 * w.rate() / row.postgres,
            w.failed
        );
    }
    println!();
}

fn json(kind: &Kind, bytes: usize, statements: f64, rows: &[Measured]) -> serde_json::Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "connections": row.connections, "requests_per_second": row.waymark.rate(),
                "p50_micros": row.waymark.p50, "p99_micros": row.waymark.p99, "failed": row.waymark.failed,
                "floor_requests_per_second": row.floor.map(|floor| floor.rate()),
                "floor_p50_micros": row.floor.map(|floor| floor.p50),
                "postgres_per_second": row.postgres,
                "ratio_to_floor": row.floor.map(|floor| row.waymark.rate() / floor.rate()),
                "ratio_to_postgres": row.waymark.rate() / row.postgres,
            })
        })
        .collect();
    serde_json::json!({ "page": kind.name, "bytes": bytes, "messages": statements, "runs": rows })
}
