//! A PostgreSQL of our own below the data directory: Unix socket only, run as an unprivileged user even when
//! root started us, recovered after any kind of kill, and never another cluster than this one. Blocking:
//! callers use it before the runtime or on a blocking thread.

use std::{
    fmt::Write as _,
    fs::{self, File, Permissions, TryLockError},
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::postgres::PgConnectOptions;

/// Where Debian keeps the binaries of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Socket paths end at 107 bytes; the socket's own name takes some.
const LONGEST_SOCKET_DIR: usize = 80;
/// How long a crashed database may take to recover.
const PATIENCE: Duration = Duration::from_mins(2);

/// Why the private PostgreSQL is not there. One line for the person who started Waymark.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server binaries.
    #[error(
        "PostgreSQL is not installed. Install it (on Debian: apt-get install postgresql) and start again"
    )]
    NoBinaries,
    /// The data is of another version.
    #[error(
        "the data in {dir} is of PostgreSQL {found}, whose programs are not installed. Install PostgreSQL {found}; nothing was changed"
    )]
    Version {
        /// The data.
        dir: String,
        /// Its version.
        found: String,
    },
    /// Another Waymark has it.
    #[error("another Waymark (process {0}) is using this data directory. Stop it, or set WAYMARK_DATA_DIR")]
    InUse(String),
    /// The unprivileged account cannot get at the directory.
    #[error(
        "the account {user} cannot reach {dir}. Choose another WAYMARK_DATA_DIR, or let others enter its parent folders"
    )]
    Unreachable {
        /// The account.
        user: String,
        /// The directory.
        dir: String,
    },
    /// PostgreSQL said no.
    #[error("{what}: {why}. Nothing was lost; the whole story is in {log}")]
    Failed {
        /// What was being done.
        what: &'static str,
        /// The last thing it said.
        why: String,
        /// The log.
        log: String,
    },
    /// A file could not be made or read.
    #[error("{what} {path}: {error}")]
    File {
        /// What was being done.
        what: &'static str,
        /// With which file.
        path: String,
        /// Why not.
        error: std::io::Error,
    },
}

/// A running PostgreSQL of our own. Stopped by [`Cluster::stop`] or when dropped.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    pgdata: PathBuf,
    sockets: PathBuf,
    account: Option<Account>,
    log: PathBuf,
    running: bool,
    // Held as long as we run: a second Waymark on the same directory is told so.
    lock: File,
}

/// The unprivileged account PostgreSQL runs as when we are root.
#[derive(Clone, Debug)]
struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

/// Whether this process runs as root.
pub fn am_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

impl Cluster {
    /// Starts the cluster below `data_dir`, making it first if need be.
    pub fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        Self::start_with(data_dir, Path::new(DEBIAN))
    }

    /// The same with binaries from elsewhere than Debian's folder; tests use it.
    pub fn start_with(data_dir: &Path, installed: &Path) -> Result<Self, ClusterError> {
        let account =
            if am_root() { Some(account_of("postgres").ok_or(ClusterError::NoBinaries)?) } else { None };
        make_dir(data_dir, 0o711, None)?;
        let lock = lock(data_dir)?;
        let pgdata = data_dir.join("postgres");
        let bin = binaries(installed, &pgdata)?;
        let sockets = socket_dir(data_dir, account.as_ref())?;
        let log = data_dir.join("postgres.log");
        let mut cluster = Self { bin, pgdata, sockets, account, log, running: false, lock };
        cluster.make_if_missing(data_dir)?;
        cluster.write_access()?;
        if !cluster.adopt() {
            cluster.launch()?;
        }
        cluster.running = true;
        cluster.make_roles()?;
        Ok(cluster)
    }

    /// How the web process connects: as the role that owns nothing.
    pub fn web(&self) -> PgConnectOptions {
        self.options("waymark_web")
    }

    /// How migrations and seeds connect: as the owner of the schema.
    pub fn owner(&self) -> PgConnectOptions {
        self.options("waymark_owner")
    }

    fn options(&self, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.sockets).username(role).database("waymark")
    }

    /// Stops PostgreSQL, every commit on disk. Doing it twice is harmless.
    pub fn stop(&mut self) {
        if std::mem::take(&mut self.running) {
            let _ = self
                .program("pg_ctl")
                .args(["stop", "-m", "fast", "-w", "-t", "60", "-D"])
                .arg(&self.pgdata)
                .output();
        }
    }

    /// A command of PostgreSQL's, as the unprivileged account when we are root.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
            .current_dir("/")
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        command
    }

    /// initdb beside the place, then renamed: a kill in the middle leaves no half cluster.
    fn make_if_missing(&self, data_dir: &Path) -> Result<(), ClusterError> {
        if self.pgdata.join("PG_VERSION").exists() {
            return Ok(());
        }
        let making = data_dir.join("postgres.making");
        let _ = fs::remove_dir_all(&making);
        make_dir(&making, 0o700, self.account.as_ref())?;
        let made = self
            .program("initdb")
            .args(["-U", "waymark_super", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"])
            .args(["--no-instructions", "-D"])
            .arg(&making)
            .output();
        self.check("PostgreSQL could not make its files", made)?;
        fs::rename(&making, &self.pgdata).map_err(file("cannot put in place", &self.pgdata))
    }

    /// Only this account may connect, as the three roles, and only through the socket.
    fn write_access(&self) -> Result<(), ClusterError> {
        let me = user_name(fs::metadata("/proc/self").map_or(0, |me| me.uid()));
        let mut names = vec![me];
        names.extend(self.account.as_ref().map(|account| account.name.clone()));
        let mut idents = String::new();
        for name in names {
            for role in ["waymark_super", "waymark_owner", "waymark_web"] {
                let _ = writeln!(idents, "waymark \"{name}\" {role}");
            }
        }
        self.write("pg_hba.conf", "local all all peer map=waymark\n")?;
        self.write("pg_ident.conf", &idents)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ClusterError> {
        let path = self.pgdata.join(name);
        fs::write(&path, text).map_err(file("cannot write", &path))?;
        own(&path, 0o600, self.account.as_ref())
    }

    /// A postmaster of this very directory that outlived the Waymark that started it is taken over; a lock
    /// file that nobody stands behind is removed.
    fn adopt(&self) -> bool {
        let pid_file = self.pgdata.join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&pid_file) else { return false };
        let pid = text.lines().next().unwrap_or_default().trim().to_owned();
        let ours = fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.split('\0').any(|part| Path::new(part) == self.pgdata));
        if !ours {
            let _ = fs::remove_file(&pid_file);
            return false;
        }
        if self.wait_until_ready(Duration::from_secs(10)) {
            return true;
        }
        let _ =
            self.program("pg_ctl").args(["stop", "-m", "immediate", "-w", "-D"]).arg(&self.pgdata).output();
        let _ = fs::remove_file(&pid_file);
        false
    }

    fn launch(&self) -> Result<(), ClusterError> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(file("cannot write", &self.log))?;
        let said_before = log.metadata().map_or(0, |meta| meta.len());
        let preload = if self.has_module("pg_stat_statements") { "pg_stat_statements" } else { "" };
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.pgdata).arg("-k").arg(&self.sockets);
        for setting in [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=60",
            &format!("shared_buffers={}MB", shared_buffers_mb()),
            "jit=off",
            // Solid state: a page from anywhere costs little more than the next one.
            "random_page_cost=1.1",
            "timezone=UTC",
            "log_timezone=UTC",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            &format!("shared_preload_libraries={preload}"),
        ] {
            command.args(["-c", setting]);
        }
        // Its own process group: Ctrl-C reaches Waymark, which drains its requests first.
        let child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::from(log)).spawn();
        let mut child = child.map_err(file("cannot start", &self.bin))?;
        let begun = Instant::now();
        let mut told = false;
        while begun.elapsed() < PATIENCE {
            if self.is_ready() {
                // Reaped when it ends; it outlives this function.
                thread::spawn(move || child.wait());
                return Ok(());
            }
            if let Ok(Some(_)) = child.try_wait() {
                break;
            }
            if !told && begun.elapsed() > Duration::from_secs(2) {
                told = true;
                eprintln!("waymark: PostgreSQL is recovering what was being written when it was stopped...");
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let said = fs::read(&self.log).unwrap_or_default();
        let said = String::from_utf8_lossy(
            said.get(usize::try_from(said_before).unwrap_or(0)..).unwrap_or_default(),
        )
        .into_owned();
        Err(self.failed("PostgreSQL did not start", &said))
    }

    fn has_module(&self, name: &str) -> bool {
        let lib = self.bin.parent().unwrap_or(Path::new("/")).join("lib").join(format!("{name}.so"));
        lib.exists()
    }

    fn is_ready(&self) -> bool {
        self.program("pg_isready")
            .args(["-q", "-d", "postgres", "-h"])
            .arg(&self.sockets)
            .status()
            .is_ok_and(|status| status.success())
    }

    fn wait_until_ready(&self, patience: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if self.is_ready() {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Roles, database, extensions: made when missing, put right when not.
    fn make_roles(&self) -> Result<(), ClusterError> {
        let there = self.sql("postgres", "select 1 from pg_database where datname = 'waymark'")?;
        if there.trim() != "1" {
            self.sql(
                "postgres",
                "do $$ begin
                     if not exists (select from pg_roles where rolname = 'waymark_owner') then
                         create role waymark_owner login; end if;
                     if not exists (select from pg_roles where rolname = 'waymark_web') then
                         create role waymark_web login noinherit; end if;
                 end $$",
            )?;
            self.sql("postgres", "create database waymark owner waymark_owner")?;
        }
        self.sql(
            "waymark",
            "revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
             grant execute on function pg_catalog.set_config(text, text, boolean) to waymark_owner;
             revoke create on schema public from public;
             grant create, usage on schema public to waymark_owner;
             create extension if not exists btree_gist; create extension if not exists pg_trgm",
        )?;
        if self.has_module("pg_stat_statements") {
            self.sql("waymark", "create extension if not exists pg_stat_statements")?;
        }
        Ok(())
    }

    fn sql(&self, database: &str, sql: &str) -> Result<String, ClusterError> {
        let output = self
            .program("psql")
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "waymark_super",
                "-d",
                database,
                "-h",
            ])
            .arg(&self.sockets)
            .args(["-c", "set client_min_messages = warning", "-c", sql])
            .output();
        let output = self.check("PostgreSQL could not be set up", output)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn check(&self, what: &'static str, output: std::io::Result<Output>) -> Result<Output, ClusterError> {
        let output = output.map_err(file("cannot start", &self.bin))?;
        if output.status.success() {
            return Ok(output);
        }
        Err(self.failed(what, &String::from_utf8_lossy(&output.stderr)))
    }

    fn failed(&self, what: &'static str, said: &str) -> ClusterError {
        let telling =
            |line: &&str| line.contains("FATAL") || line.contains("PANIC") || line.contains("rror:");
        let why = said
            .lines()
            .rfind(telling)
            .or_else(|| said.lines().rfind(|line| !line.trim().is_empty()))
            .unwrap_or("it said nothing");
        let why = why.trim().trim_end_matches('.').to_owned();
        ClusterError::Failed { what, why, log: self.log.display().to_string() }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
        // Said aloud: a child being started at this very moment may still hold a copy of the handle.
        let _ = self.lock.unlock();
    }
}

/// An eighth of the machine's memory, from 128 MB to 1 GB.
fn shared_buffers_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
    (kilobytes.unwrap_or(0) / 8 / 1024).clamp(128, 1024)
}

fn file<'a>(what: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> ClusterError + 'a {
    move |error| ClusterError::File { what, path: path.display().to_string(), error }
}

fn make_dir(path: &Path, mode: u32, account: Option<&Account>) -> Result<(), ClusterError> {
    fs::create_dir_all(path).map_err(file("cannot make", path))?;
    own(path, mode, account)
}

fn own(path: &Path, mode: u32, account: Option<&Account>) -> Result<(), ClusterError> {
    if let Some(account) = account {
        chown(path, Some(account.uid), Some(account.gid)).map_err(file("cannot hand over", path))?;
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(file("cannot protect", path))
}

/// Takes the directory for this process. The lock ends with the process, however it ends.
fn lock(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("waymark.lock");
    let mut lock = File::options()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(file("cannot write", &path))?;
    match lock.try_lock() {
        Ok(()) => {
            let _ = lock.set_len(0);
            let _ = write!(lock, "{}", std::process::id());
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            Err(ClusterError::InUse(fs::read_to_string(&path).unwrap_or_default()))
        }
        Err(TryLockError::Error(error)) => Err(file("cannot lock", &path)(error)),
    }
}

/// The newest binaries, or those of the version that made the data.
fn binaries(installed: &Path, pgdata: &Path) -> Result<PathBuf, ClusterError> {
    let bin = |version: &str| installed.join(version).join("bin");
    if let Ok(found) = fs::read_to_string(pgdata.join("PG_VERSION")) {
        let found = found.trim().to_owned();
        return if bin(&found).join("postgres").exists() {
            Ok(bin(&found))
        } else {
            Err(ClusterError::Version { dir: pgdata.display().to_string(), found })
        };
    }
    let versions = fs::read_dir(installed).map_err(|_| ClusterError::NoBinaries)?;
    versions
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| bin(&version.to_string()).join("initdb").exists())
        .max()
        .map(|version| bin(&version.to_string()))
        .ok_or(ClusterError::NoBinaries)
}

/// A short private directory for the socket: below the data directory when its path is short enough.
fn socket_dir(data_dir: &Path, account: Option<&Account>) -> Result<PathBuf, ClusterError> {
    let near = data_dir.join("run");
    let dir = if near.as_os_str().len() <= LONGEST_SOCKET_DIR {
        near
    } else {
        let mut hash = DefaultHasher::new();
        data_dir.hash(&mut hash);
        PathBuf::from(format!("/tmp/waymark-{:016x}", hash.finish()))
    };
    if let Ok(there) = fs::symlink_metadata(&dir) {
        let owner = account
            .map_or_else(|| fs::metadata("/proc/self").map_or(0, |me| me.uid()), |account| account.uid);
        if !there.is_dir() || there.uid() != owner {
            let error = std::io::Error::other("it is somebody else's");
            return Err(file("cannot use", &dir)(error));
        }
    }
    make_dir(&dir, 0o700, account)?;
    if let Some(account) = account {
        let reaches = Command::new("/usr/bin/test")
            .arg("-w")
            .arg(&dir)
            .uid(account.uid)
            .gid(account.gid)
            .current_dir("/")
            .status()
            .is_ok_and(|status| status.success());
        if !reaches {
            return Err(ClusterError::Unreachable {
                user: account.name.clone(),
                dir: dir.display().to_string(),
            });
        }
    }
    Ok(dir)
}

fn account_of(name: &str) -> Option<Account> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        (fields[0] == name).then(|| Account { name: name.to_owned(), uid, gid })
    })
}

fn user_name(uid: u32) -> String {
    fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|passwd| {
            passwd.lines().find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                (fields.get(2)?.parse() == Ok(uid)).then(|| fields[0].to_owned())
            })
        })
        .unwrap_or_else(|| "root".to_owned())
}
