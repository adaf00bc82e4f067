//! What every request shares: the database, the clock, the password workers, the settings.

pub mod passwords;

use std::sync::Arc;

use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::{
    config::Config,
    db::{Db, Moment},
};
use passwords::Passwords;

/// Shared by every request; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database, as the web role.
    pub db: Db,
    /// The only clock.
    pub clock: Clock,
    /// Password hashing, away from the async threads.
    pub passwords: Passwords,
    /// The settings.
    pub config: Arc<Config>,
}

/// The only clock. Every instant and day of a request comes from here, once.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The real time.
    Real,
    /// The real time of day on a fixed day (`WAYMARK_TODAY`).
    OnDay(Date),
    /// A test's own time, which it moves.
    Test(Arc<std::sync::Mutex<OffsetDateTime>>),
}

impl Clock {
    /// The instant, and the school's day in Europe/London.
    pub fn moment(&self) -> Moment {
        let now = match self {
            Self::Real => real_now(),
            Self::OnDay(day) => {
                let time = london(real_now()).time();
                from_london(PrimitiveDateTime::new(*day, time))
            }
            Self::Test(time) => *time.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        Moment { now, today: london(now).date() }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
fn real_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// The same instant on a London clock.
pub fn london(at: OffsetDateTime) -> OffsetDateTime {
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "its type comes from a crate we do not name"
    )]
    let seconds = tzdb::time_zone::europe::LONDON
        .find_local_time_type(at.unix_timestamp())
        .map_or(0, |kind| kind.ut_offset());
    at.to_offset(UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC))
}

/// The instant a London clock shows this. In the hour that comes twice in October: its first time.
pub fn from_london(local: PrimitiveDateTime) -> OffsetDateTime {
    let as_if_utc = local.assume_utc();
    let an_hour_before = as_if_utc - time::Duration::HOUR;
    if london(an_hour_before).date() == local.date() && london(an_hour_before).time() == local.time() {
        an_hour_before
    } else {
        as_if_utc
    }
}
