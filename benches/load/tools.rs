//! The load tools and the processes under them: wrk, pgbench, one plain request, resident memory.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// What a run of wrk measured.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Run {
    pub requests: u64,
    pub micros: u64,
    pub bytes: u64,
    /// Microseconds.
    pub p50: u64,
    /// Microseconds.
    pub p99: u64,
    pub failed: u64,
}

impl Run {
    pub fn rate(&self) -> f64 {
        self.requests as f64 * 1e6 / self.micros.max(1) as f64
    }
}

pub fn wrk(port: u16, requests: &Path, connections: u32, seconds: u32) -> Result<Run, String> {
    let output = Command::new("wrk")
        .args(["-t", if connections == 1 { "1" } else { "2" }, "-c", &connections.to_string()])
        .args(["-d", &format!("{seconds}s"), "--timeout", "10s", "-s", "benches/load/requests.lua"])
        .arg(format!("http://127.0.0.1:{port}"))
        .arg("--")
        .arg(requests)
        .output()
        .map_err(|error| format!("wrk: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .and_then(|line| serde_json::from_str(line).ok())
        .ok_or_else(|| format!("wrk said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Transactions a second of these scripts, each as likely as the other.
pub fn pgbench(
    bin: &Path,
    sockets: &Path,
    role: &str,
    scripts: &[std::path::PathBuf],
    clients: u32,
    seconds: u32,
) -> Result<f64, String> {
    let mut command = Command::new(bin.join("pgbench"));
    command.args(["-n", "-M", "prepared", "-U", role, "-h"]).arg(sockets);
    command.args(["-c", &clients.to_string(), "-j", if clients == 1 { "1" } else { "2" }]);
    command.args(["-T", &seconds.to_string()]);
    for script in scripts {
        command.arg("-f").arg(script);
    }
    let output = command.arg("waymark").output().map_err(|error| format!("pgbench: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("tps = "))
        .and_then(|line| line.split(' ').next()?.parse().ok())
        .ok_or_else(|| format!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// One request: status and body.
pub fn ask(port: u16, line: &str) -> Result<(u16, String), String> {
    let problem = |error: std::io::Error| format!("a sampled request: {error}");
    let parts: Vec<&str> = line.split('\t').collect();
    let [method, path, cookie, body] = parts[..] else { return Err(format!("not a request: {line}")) };
    let body = body.replace("{key}", &uuid::Uuid::new_v4().to_string()).replace("{mark}", "2");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(problem)?;
    stream.set_read_timeout(Some(Duration::from_mins(2))).map_err(problem)?;
    let posted = if method == "POST" {
        "Content-Type: application/x-www-form-urlencoded\r\nx-waymark: 1\r\n"
    } else {
        ""
    };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Connection: close\r\n{posted}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .map_err(problem)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(problem)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
    Ok((status, body))
}

/// A server of ours, stopped when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts a command that serves on `port` and waits until it answers.
    pub fn start(command: &mut Command, port: u16) -> Result<Self, String> {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("the server: {error}"))?;
        let mut server = Self { child, port };
        for _ in 0..300 {
            if ask(port, "GET\t/live\t\t").is_ok_and(|(status, _)| status == 200) {
                return Ok(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("the server ended: {status}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("the server does not answer".to_owned())
    }

    /// Resident memory now, in megabytes.
    pub fn resident_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
        let kb: f64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0.0);
        kb / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_or(0, |address| address.port())
}
