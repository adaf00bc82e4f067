//! Slows down guessing without locking anybody out. By account and by account-and-network, never by network
//! alone: a whole school sits behind one address, and a pupil must not be able to lock a teacher out.

use time::{Duration, OffsetDateTime};

/// Wrong tries at one account from browsers it does not know, in five minutes, before they must wait.
pub const STRANGERS: i64 = 10;
/// Wrong tries from one network at one account before each further one waits longer.
const FREE: i64 = 3;

/// What is known about tries at an account.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// Wrong ones in the last five minutes, from anywhere.
    pub account: i64,
    /// Wrong ones in the last half hour from this network, since the last right one.
    pub pair: i64,
    /// The last of those.
    pub last_pair: Option<OffsetDateTime>,
    /// The account has signed in from this browser before.
    pub known_device: bool,
}

/// How long to wait before this account may be tried again from here; none: now.
pub fn wait(tries: Tries, now: OffsetDateTime) -> Option<Duration> {
    let since = tries.last_pair.map_or(Duration::MAX, |last| now - last);
    // 1, 2, 4, ... seconds after the third wrong try, at most a minute.
    let doublings = u32::try_from((tries.pair - FREE).clamp(-1, 6)).ok();
    let pair_wait = doublings.map_or(Duration::ZERO, |n| Duration::seconds((1 << n).min(60)));
    let account_wait =
        if !tries.known_device && tries.account >= STRANGERS { Duration::MINUTE } else { Duration::ZERO };
    let wait = pair_wait.max(account_wait);
    let left = if account_wait > pair_wait { wait } else { wait.saturating_sub(since) };
    left.is_positive().then_some(left)
}
