//! The program as an operator meets it: settings, ports, disks, kills, the first administrator.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use crate::support::scratch;

const WAYMARK: &str = env!("CARGO_BIN_EXE_waymark");

fn waymark(args: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(WAYMARK);
    command.args(args).env_clear().env("PATH", "/usr/bin:/bin").envs(settings.iter().copied());
    command
}

/// A start that must fail: one line that names `what`, and nothing else.
fn refused(output: &Output, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "one line: {said}");
    assert!(said.contains(what), "{said} does not say {what}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A running server; killed without mercy when dropped.
struct Running {
    child: Child,
    port: u16,
}

impl Running {
    fn start(args: &[&str], dir: &Path) -> Self {
        Self::start_into(args, dir, Stdio::inherit())
    }

    /// Starts it with its log going somewhere.
    fn start_into(args: &[&str], dir: &Path, log: Stdio) -> Self {
        let port = free_port();
        let (listen, dir) = (format!("127.0.0.1:{port}"), dir.display().to_string());
        let mut child = waymark(args, &[("WAYMARK_DATA_DIR", &dir), ("WAYMARK_LISTEN", &listen)])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        for _ in 0..600 {
            if get(port, "/ready").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
                return Self { child, port };
            }
            assert!(child.try_wait().unwrap().is_none(), "it ended");
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("it does not answer");
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        assert!(
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_wrong_setting_is_named_in_one_line() {
    for (name, value) in [
        ("WAYMARK_LISTEN", "everywhere"),
        ("WAYMARK_LISTEN", "203.0.113.7:80"),
        ("WAYMARK_PUBLIC_URL", "waymark.example"),
        ("WAYMARK_PUBLIC_URL", "https://waymark.example/with/a/path"),
        ("WAYMARK_DEMO", "perhaps"),
        ("WAYMARK_TODAY", "tomorrow"),
        ("WAYMARK_DATABASE_URL", "mysql://somewhere"),
        ("WAYMARK_DATA_DIR", "relative/path"),
    ] {
        refused(&waymark(&["serve"], &[(name, value)]).output().unwrap(), name);
    }
    let fixed = waymark(
        &["serve"],
        &[("WAYMARK_TODAY", "2026-11-24"), ("WAYMARK_DATABASE_URL", "postgres://x@localhost/x")],
    );
    refused(&{ fixed }.output().unwrap(), "WAYMARK_TODAY");
}

#[test]
fn a_port_in_use_is_said_before_anything_starts() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = scratch("startup-port");
    let output =
        waymark(&["demo"], &[("WAYMARK_LISTEN", &address), ("WAYMARK_DATA_DIR", dir.to_str().unwrap())])
            .output();
    refused(&output.unwrap(), "something else is listening");
    assert!(fs::read_dir(&dir).unwrap().next().is_none(), "no database was made");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_full_disk_is_one_line_and_the_next_start_is_well() {
    let dir = scratch("startup-full");
    let port = format!("127.0.0.1:{}", free_port());
    // No file may grow beyond a megabyte: what a full disk is to PostgreSQL.
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 1024; exec \"$0\" demo", WAYMARK])
        .env_clear()
        .envs([
            ("PATH", "/usr/bin:/bin"),
            ("WAYMARK_LISTEN", &port),
            ("WAYMARK_DATA_DIR", dir.to_str().unwrap()),
        ])
        .output()
        .unwrap();
    refused(&output, "PostgreSQL could not");
    let running = Running::start(&["serve"], &dir);
    drop(running);
    stop_database(&dir);
    fs::remove_dir_all(dir).unwrap();
}

/// What outlived a killed server.
fn stop_database(dir: &Path) {
    let pid = fs::read_to_string(dir.join("postgres/postmaster.pid")).unwrap_or_default();
    if let Some(pid) = pid.lines().next() {
        let _ = Command::new("kill").args(["-QUIT", pid]).status();
        while Path::new(&format!("/proc/{pid}/stat")).exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn killed_it_starts_again_and_stopped_it_ends_well() {
    let dir = scratch("startup-kill");
    let mut running = Running::start(&["demo"], &dir);
    let port = running.port;
    assert!(get(port, "/sign-in").unwrap().contains("Demo world."));
    running.signal("-KILL");
    // PostgreSQL still runs, with nobody to look after it: the next start takes it over.
    let mut running = Running::start(&["demo"], &dir);
    assert_eq!(running.signal("-TERM"), Some(0), "a polite stop is success");
    assert!(!dir.join("postgres/postmaster.pid").exists(), "the database is stopped too");
    // A demo world is never served as real records, nor a newer database by this program.
    let listen = format!("127.0.0.1:{}", free_port());
    let settings = [("WAYMARK_DATA_DIR", dir.to_str().unwrap()), ("WAYMARK_LISTEN", &*listen)];
    refused(&waymark(&["serve"], &settings).output().unwrap(), "demo world");
    let cluster = waymark::db::cluster::Cluster::start(&dir).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut owner = waymark::db::owner(&cluster.owner()).await.unwrap();
        sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'later', true, '', 0)")
            .execute(&mut owner)
            .await
            .unwrap();
    });
    drop(cluster);
    refused(&waymark(&["demo"], &settings).output().unwrap(), "newer");
    fs::remove_dir_all(dir).unwrap();
}

/// The file the README shows.
fn example() -> String {
    let readme = include_str!("../../README.md");
    let after = readme.split_once("```json").expect("the README shows an authority's file").1;
    after.split_once("```").unwrap().0.to_owned()
}

#[test]
fn an_empty_database_becomes_an_authority_with_its_first_administrator() {
    let dir = scratch("startup-first");
    let settings = [("WAYMARK_DATA_DIR", dir.to_str().unwrap())];
    let run = |args: &[&str]| waymark(args, &settings).output().unwrap();
    let said = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let admin = ["user", "add", "admin@la.example", "--name", "S Patel", "--role", "la_administrator"];
    refused(&run(&["verify"]), "the database is empty");
    said(run(&["migrate"]));
    refused(&run(&admin), "waymark authority FILE");
    let (file, example) = (dir.join("authority.json"), example());
    let path = file.to_str().unwrap();
    for (wrong, what) in [
        (example.replace("la_code", "la_cod"), "la_cod"),
        (example.replace("123456", "12345"), "six digits"),
        (example.replace("2026-10-23", "2026-10-32"), "2026-10-32"),
        (example.replace("08:50", "ten to nine"), "ten to nine"),
    ] {
        fs::write(&file, wrong).unwrap();
        refused(&run(&["authority", path]), what);
    }
    fs::write(&file, &example).unwrap();
    assert!(
        said(run(&["authority", path])).starts_with("Added: schools 1, terms and days of the calendar 2.")
    );
    assert!(
        said(run(&["authority", path])).starts_with("Added: schools 0, terms and days of the calendar 0.")
    );
    let password = said(run(&admin));
    assert!(password.contains("admin@la.example can sign in with this password"), "{password}");
    let lead = ["user", "add", "lead@first.example", "--name", "A Lead", "--role", "school_lead", "--school"];
    refused(&run(&[&lead[..], &["999999"]].concat()), "no school has URN 999999");
    said(run(&[&lead[..], &["123456"]].concat()));
    let delegate = [
        "user",
        "add",
        "lead@first.example",
        "--name",
        "A Lead",
        "--role",
        "head_delegate",
        "--school",
        "123456",
    ];
    assert!(said(run(&delegate)).contains("now is headteacher’s delegate as well"));
    refused(&run(&delegate), "already holds this role in that time");
    refused(&run(&["user", "disable", "nobody@la.example"]), "nobody signs in as");
    said(run(&["user", "disable", "admin@la.example"]));
    said(run(&["user", "reset", "admin@la.example"]));
    said(run(&["verify"]));
    fs::remove_dir_all(dir).unwrap();
}

/// Sends a form as a browser of ours would.
fn post(port: u16, path: &str, cookie: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get_as(port: u16, path: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_log_names_no_child() {
    let dir = scratch("startup-log");
    let log = dir.join("log");
    let running = Running::start_into(&["demo"], &dir, fs::File::create(&log).unwrap().into());
    let port = running.port;
    let signed_in = post(port, "/sign-in", "", "email=lead%40greenfield.example&password=waymark-demo-2026");
    let cookie = signed_in.split("waymark-session=").nth(1).expect(&signed_in).split(';').next().unwrap();
    let cookie = format!("waymark-session={cookie}");
    let list = get_as(port, "/cases", &cookie);
    let page = scraper::Html::parse_document(&list);
    let links = scraper::Selector::parse("tbody th a").unwrap();
    let (mut names, mut cases) = (Vec::new(), Vec::new());
    for link in page.select(&links) {
        names.push(link.text().collect::<String>().trim().to_owned());
        cases.push(link.attr("href").unwrap().to_owned());
    }
    assert!(names.len() > 20, "{list}");
    let case = &cases[0];
    // Pages, a form that is wrong, one that breaks a rule of the database, an id of nobody, a text too big.
    for path in [
        "/today",
        "/pupils",
        case,
        &format!("{case}/timeline"),
        "/cases/0b5f2f6e-0a4e-4b0e-9d0a-111111111111",
    ] {
        get_as(port, path, &cookie);
    }
    for body in [
        format!("given_name={}&family_name=Logged-Nowhere", names[0]),
        "given_name=Logged-Nowhere%00&family_name=x&born_on.day=1&born_on.month=1&born_on.year=2013"
            .to_owned(),
        format!("given_name={}", "Logged-Nowhere".repeat(20_000)),
        "unknown_field=Logged-Nowhere".to_owned(),
    ] {
        post(port, "/pupils", &cookie, &body);
    }
    drop(running);
    stop_database(&dir);
    let mut said = fs::read_to_string(&log).unwrap();
    said.push_str(&fs::read_to_string(dir.join("postgres.log")).unwrap());
    assert!(!said.is_empty(), "nothing was logged at all");
    for name in names.iter().flat_map(|name| [name.as_str(), name.rsplit(' ').next().unwrap()]) {
        let whole = said.split(|c: char| !c.is_alphabetic() && c != '-').any(|word| word == name);
        assert!(!whole && !said.contains(&format!("{name} ")), "{name} is in the log");
    }
    assert!(!said.contains("Logged-Nowhere"), "what was typed is in the log");
    fs::remove_dir_all(dir).unwrap();
}
