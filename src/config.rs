//! Every setting, read from the environment in this file only. A wrong value is one line that names it.

use std::{env, net::SocketAddr, path::PathBuf};

use sqlx::postgres::PgConnectOptions;
use time::{Date, format_description::well_known::Iso8601};

use crate::db;

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Config {
    /// `WAYMARK_DATABASE_URL` and `WAYMARK_OWNER_DATABASE_URL`, or the private cluster.
    pub database: Database,
    /// `WAYMARK_LISTEN`: where to accept connections. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `WAYMARK_PUBLIC_URL`: the address people type, without a path. Default `http://localhost:8080`
    /// (with the port of `WAYMARK_LISTEN`). Beginning with https it turns on Secure `__Host-` cookies and HSTS.
    pub public_url: PublicUrl,
    /// `WAYMARK_DEMO=1`: the demo world, with a banner on every page.
    pub demo: bool,
    /// `WAYMARK_TODAY=YYYY-MM-DD`: fixes the school's day. Demo and tests only.
    pub today: Option<Date>,
}

/// Which PostgreSQL.
#[expect(clippy::large_enum_variant, reason = "one of it lives, as long as the process")]
#[derive(Clone, Debug)]
pub enum Database {
    /// A PostgreSQL of our own below this directory (`WAYMARK_DATA_DIR`; default `/var/lib/waymark` as root,
    /// `~/.local/share/waymark` otherwise).
    Private(PathBuf),
    /// One that somebody else runs.
    External {
        /// `WAYMARK_DATABASE_URL`: as the role waymark_web, which owns nothing.
        web: PgConnectOptions,
        /// `WAYMARK_OWNER_DATABASE_URL`: as the owner. Needed to migrate and seed, not to serve.
        owner: Option<PgConnectOptions>,
    },
}

/// An origin: scheme, host, port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
}

impl PublicUrl {
    /// The origin, as a browser sends it: no slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether people reach us over TLS.
    pub fn secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct ConfigError {
    setting: &'static str,
    problem: String,
}

impl Config {
    /// Reads every setting from the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::read(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Reads every setting by name; tests bring their own names and values.
    pub fn read(setting: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let listen: SocketAddr = match setting("WAYMARK_LISTEN") {
            None => SocketAddr::from(([127, 0, 0, 1], 8080)),
            Some(text) => text.parse().map_err(|_| ConfigError {
                setting: "WAYMARK_LISTEN",
                problem: format!("must be an address and a port, like 127.0.0.1:8080, not \"{text}\""),
            })?,
        };
        let demo = match setting("WAYMARK_DEMO").as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(text) => {
                return Err(ConfigError {
                    setting: "WAYMARK_DEMO",
                    problem: format!("must be 1 or 0, not \"{text}\""),
                });
            }
        };
        let today = setting("WAYMARK_TODAY")
            .map(|text| {
                Date::parse(&text, &Iso8601::DATE).map_err(|_| ConfigError {
                    setting: "WAYMARK_TODAY",
                    problem: format!("must be a day like 2026-11-24, not \"{text}\""),
                })
            })
            .transpose()?;
        Ok(Self {
            database: database(&setting)?,
            listen,
            public_url: public_url(setting("WAYMARK_PUBLIC_URL"), listen)?,
            demo,
            today,
        })
    }
}

fn database(setting: &impl Fn(&'static str) -> Option<String>) -> Result<Database, ConfigError> {
    let url = |name: &'static str| {
        setting(name)
            .map(|text| {
                db::parse_url(&text).ok_or_else(|| ConfigError {
                    setting: name,
                    problem: "must be a PostgreSQL address, like postgres://waymark_web@/waymark?host=/run/postgresql"
                        .to_owned(),
                })
            })
            .transpose()
    };
    let (web, owner) = (url("WAYMARK_DATABASE_URL")?, url("WAYMARK_OWNER_DATABASE_URL")?);
    match (web, owner) {
        (Some(web), owner) => Ok(Database::External { web, owner }),
        (None, Some(_)) => Err(ConfigError {
            setting: "WAYMARK_DATABASE_URL",
            problem: "must be set too when WAYMARK_OWNER_DATABASE_URL is".to_owned(),
        }),
        (None, None) => Ok(Database::Private(data_dir(setting)?)),
    }
}

fn data_dir(setting: &impl Fn(&'static str) -> Option<String>) -> Result<PathBuf, ConfigError> {
    let wrong = |problem: String| ConfigError { setting: "WAYMARK_DATA_DIR", problem };
    if let Some(text) = setting("WAYMARK_DATA_DIR") {
        let path = PathBuf::from(&text);
        return if path.is_absolute() {
            Ok(path)
        } else {
            Err(wrong(format!("must be a whole path that begins with /, not \"{text}\"")))
        };
    }
    if db::cluster::am_root() {
        return Ok(PathBuf::from("/var/lib/waymark"));
    }
    setting("HOME")
        .map(|home| PathBuf::from(home).join(".local/share/waymark"))
        .ok_or_else(|| wrong("must be set, because this account has no home directory".to_owned()))
}

fn public_url(text: Option<String>, listen: SocketAddr) -> Result<PublicUrl, ConfigError> {
    let Some(text) = text else {
        return Ok(PublicUrl { origin: format!("http://localhost:{}", listen.port()) });
    };
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host)
            if !host.is_empty()
                && host
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']')) =>
        {
            Ok(PublicUrl { origin: origin.to_owned() })
        }
        _ => Err(ConfigError {
            setting: "WAYMARK_PUBLIC_URL",
            problem: format!(
                "must be an address without a path, like https://waymark.example.org, not \"{text}\""
            ),
        }),
    }
}
