//! The command line: serve, demo, migrate, authority, seed, user, keep, verify. Every failure is one line and exit code 1.

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use sqlx::postgres::PgConnectOptions;
use time::{Date, format_description::well_known::Iso8601};

use crate::{
    app,
    config::{Config, Database},
    db::{self, Db, cluster::Cluster},
    domain::people::Role,
    features::{
        people::command_line::{self as people, NewPerson},
        reports,
    },
    seed,
    state::{AppState, Clock, passwords},
};

#[derive(Parser)]
#[command(name = "waymark", about = "Case management for the Partnership Inclusion Programme", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the application
    Serve,
    /// Serves the demo world, making it first if the database is empty
    Demo,
    /// Brings the database to this program's version
    Migrate,
    /// Records a real authority with its schools and school calendar, from a JSON file
    Authority {
        /// The file; README.md shows one
        file: PathBuf,
    },
    /// Fills an empty database with an invented world of a size, for measuring
    Seed {
        /// Schools
        #[arg(long, default_value_t = 100)]
        schools: usize,
        /// Open cases over all schools
        #[arg(long, default_value_t = 20_000)]
        cases: usize,
        /// School days of monitoring behind each case
        #[arg(long, default_value_t = 150)]
        days: usize,
    },
    /// People and their roles
    #[command(subcommand)]
    User(UserCommand),
    /// Reckons what every case owes today, so that nobody who opens a long list waits for it
    Keep,
    /// Checks that the database is sound: version, roles, walls, and each case against its history
    Verify,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Adds a person with a role, or another role for a person who is there
    Add {
        /// Sign-in address
        email: String,
        /// Name, as colleagues know them
        #[arg(long)]
        name: String,
        /// school_lead, staff, headteacher, la_representative, support_service, panel_member, la_administrator
        #[arg(long)]
        role: Role,
        /// URN of the school, for roles at a school
        #[arg(long)]
        school: Option<String>,
        /// First day, like 2026-09-01; today when left out
        #[arg(long, value_parser = day)]
        from: Option<Date>,
        /// Last day; none when left out
        #[arg(long, value_parser = day)]
        to: Option<Date>,
    },
    /// Stops a person from signing in, at once
    Disable {
        /// Sign-in address
        email: String,
    },
    /// Gives a person a new password
    Reset {
        /// Sign-in address
        email: String,
    },
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text, &Iso8601::DATE).map_err(|_| "a day is written like 2026-09-01".to_owned())
}

/// Runs the command line. Exit code 0 only on success.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(tracing_subscriber::EnvFilter::new("warn,waymark=info"))
        .init();
    match Config::from_environment()
        .map_err(|error| error.to_string())
        .and_then(|config| execute(cli.command, config))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("waymark: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// A database that answers, ours or somebody else's.
struct Ready {
    cluster: Option<Cluster>,
    web: PgConnectOptions,
    owner: Option<PgConnectOptions>,
}

fn prepare(config: &Config) -> Result<Ready, String> {
    match &config.database {
        Database::External { web, owner } => {
            Ok(Ready { cluster: None, web: web.clone(), owner: owner.clone() })
        }
        Database::Private(dir) => {
            let cluster = Cluster::start(dir).map_err(|error| error.to_string())?;
            Ok(Ready { web: cluster.web(), owner: Some(cluster.owner()), cluster: Some(cluster) })
        }
    }
}

fn execute(command: Command, mut config: Config) -> Result<(), String> {
    if matches!(command, Command::Demo) {
        config.demo = true;
    }
    // The address is taken before anything is started, so that a port in use costs nothing.
    let serves = matches!(command, Command::Serve | Command::Demo);
    let listener = serves.then(|| bind(config.listen)).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut ready = prepare(&config)?;
    let result = runtime.block_on(act(command, config, &ready, listener));
    if let Some(cluster) = &mut ready.cluster {
        cluster.stop();
    }
    result
}

fn bind(address: SocketAddr) -> Result<std::net::TcpListener, String> {
    let listener = std::net::TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!(
                "something else is listening on {address}. Stop it, or set WAYMARK_LISTEN to another port"
            )
        }
        _ => format!("WAYMARK_LISTEN: cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(listener)
}

fn clock(config: &Config) -> Result<Clock, String> {
    match config.today {
        None => Ok(Clock::Real),
        Some(day) if config.demo => Ok(Clock::OnDay(day)),
        Some(_) => {
            Err("WAYMARK_TODAY is for the demo world and tests: it would date real records wrongly"
                .to_owned())
        }
    }
}

async fn act(
    command: Command,
    config: Config,
    ready: &Ready,
    listener: Option<std::net::TcpListener>,
) -> Result<(), String> {
    let owner = || async {
        let options = ready.owner.as_ref().ok_or("WAYMARK_OWNER_DATABASE_URL must be set for this")?;
        db::owner(options).await.map_err(|error| match error {
            db::DbError::Busy(why) => format!("the database does not answer: {why}"),
            other => format!("the database does not answer: {other}"),
        })
    };
    let moment = clock(&config)?.moment();
    match command {
        Command::Serve | Command::Demo => {
            if ready.owner.is_some() {
                let mut conn = owner().await?;
                let applied = db::migrate(&mut conn).await.map_err(|error| error.to_string())?;
                if applied > 0 {
                    tracing::info!(applied, "the database is at this program's version");
                }
                seed::install(&mut conn, config.demo, moment).await?;
            }
            let listener = listener.ok_or("no address to listen on")?;
            let clock = clock(&config)?;
            let keeper = ready.owner.clone().map(|owner| tokio::spawn(keep(owner, clock)));
            let served = serve(config, ready, listener).await;
            if let Some(keeper) = keeper {
                keeper.abort();
            }
            served
        }
        Command::Migrate => {
            let applied = db::migrate(&mut owner().await?).await.map_err(|error| error.to_string())?;
            println!("{applied} migrations applied.");
            Ok(())
        }
        Command::Authority { file } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            let mut conn = owner().await?;
            db::migrate(&mut conn).await.map_err(|error| error.to_string())?;
            let added = seed::authority(&mut conn, &text, moment).await?;
            println!("Added: schools {}, terms and days of the calendar {}.", added.schools, added.calendar);
            Ok(())
        }
        Command::Seed { schools, cases, days } => {
            let mut conn = owner().await?;
            db::migrate(&mut conn).await.map_err(|error| error.to_string())?;
            seed::world(&mut conn, seed::Size::measured(schools, cases, days), moment).await
        }
        Command::User(command) => user(command, &mut owner().await?, moment).await,
        Command::Keep => {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
            let mut all = 0;
            let told = |batch| {
                all += batch;
                bar.set_message(format!("{all} cases reckoned"));
            };
            let kept = db::duties::keep(&mut owner().await?, moment, told).await;
            bar.finish_and_clear();
            println!("{} cases reckoned.", kept.map_err(|error| error.to_string())?);
            Ok(())
        }
        Command::Verify => {
            let db = Db::connect(ready.web.clone()).await.map_err(|error| error.to_string())?;
            let demo = db.is_demo().await.map_err(|error| error.to_string())?;
            db.close().await;
            if demo.is_none() {
                return Err("the database is empty: run `waymark authority FILE`".to_owned());
            }
            println!("The database answers and the web role is bound by row-level security.");
            let replayed =
                db::history::replay(&mut owner().await?).await.map_err(|error| error.to_string())?;
            if let Some(first) = replayed.wrong.first() {
                return Err(format!(
                    "{} of {} cases differ from their history: {first}",
                    replayed.wrong.len(),
                    replayed.cases
                ));
            }
            println!("{} cases are what their history says.", replayed.cases);
            Ok(())
        }
    }
}

async fn serve(config: Config, ready: &Ready, listener: std::net::TcpListener) -> Result<(), String> {
    let db = Db::connect(ready.web.clone()).await.map_err(|error| error.to_string())?;
    let refused = match db.is_demo().await.map_err(|error| error.to_string())? {
        Some(made_as) if made_as == config.demo => None,
        Some(true) => Some("this database holds the demo world: start it with `waymark demo`"),
        Some(false) => Some("WAYMARK_DEMO: this database holds real records, not a demo world"),
        None => Some("the database is empty: run `waymark authority FILE` as its owner first"),
    };
    if let Some(refused) = refused {
        db.close().await;
        return Err(refused.to_owned());
    }
    let clock = clock(&config)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    println!("Waymark is at {}", config.public_url.origin());
    if config.demo {
        println!("\nDemo accounts, all with password {}:", seed::PASSWORD);
        for (email, what) in seed::ACCOUNTS {
            println!("  {email:<28} {what}");
        }
    }
    println!("Ctrl-C stops it; every change is kept.");
    let state =
        AppState { db: db.clone(), clock, passwords: passwords::Passwords::new(), config: Arc::new(config) };
    let counting = tokio::spawn(reports::keep_counted(state.clone()));
    let service = app::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(asked_to_stop());
    // Requests that are under way are finished, but not for ever.
    let late = async {
        asked_to_stop().await;
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    };
    let result = tokio::select! {
        result = served => result.map_err(|error| error.to_string()),
        () = late => Ok(()),
    };
    counting.abort();
    db.close().await;
    result
}

/// How long the keeper rests between two looks.
const REST: std::time::Duration = std::time::Duration::from_mins(1);

/// Reckons what cases owe today and forgets what was kept long enough, in the background, again and again. What goes
/// wrong is logged and tried again later.
async fn keep(owner: PgConnectOptions, clock: Clock) {
    loop {
        let kept = match db::owner(&owner).await {
            Ok(mut conn) => {
                let moment = clock.moment();
                if let Err(error) = db::sent::forget(&mut conn, moment.now).await {
                    tracing::warn!(%error, "what was kept long enough could not be forgotten");
                }
                db::duties::keep(&mut conn, moment, |_| ()).await
            }
            Err(error) => Err(error),
        };
        match kept {
            Ok(0) => {}
            Ok(cases) => tracing::debug!(cases, "reckoned what cases owe"),
            Err(error) => tracing::warn!(%error, "what cases owe could not be reckoned"),
        }
        tokio::time::sleep(REST).await;
    }
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

async fn user(
    command: UserCommand,
    owner: &mut sqlx::PgConnection,
    moment: db::Moment,
) -> Result<(), String> {
    match command {
        UserCommand::Add { email, name, role, school, from, to } => {
            let person = NewPerson {
                email: email.clone(),
                name,
                role,
                school_urn: school,
                from_on: from.unwrap_or(moment.today),
                to_on: to,
            };
            let password = new_password();
            if people::add(owner, &person, &passwords::hash_now(&password), moment.now).await? {
                println!("{email} can sign in with this password, and should change it: {password}");
            } else {
                println!("{email} now is {} as well.", role.label().to_lowercase());
            }
        }
        UserCommand::Disable { email } => {
            people::disable(owner, &email, moment.now).await?;
            println!("{email} is signed out and can no longer sign in.");
        }
        UserCommand::Reset { email } => {
            let password = new_password();
            people::reset(owner, &email, &passwords::hash_now(&password), moment.now).await?;
            println!("{email} can sign in with this password, and should change it: {password}");
        }
    }
    Ok(())
}

/// A password to hand over once: 80 random bits in letters nobody confuses.
fn new_password() -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&rand::random::<[u8; 10]>()).to_lowercase();
    text.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("-")
}
