//! Password hashing: argon2id away from the async threads, a few at a time.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes worked on at once: 19 MiB and one core each.
const AT_ONCE: usize = 2;
/// Requests that may wait for a turn before the next is told to come back.
const WAITING: usize = 200;

/// Fewest characters of a password somebody chooses.
pub const MIN_CHARS: usize = 12;
/// Most characters; longer ones are refused before any hashing.
pub const MAX_CHARS: usize = 128;

/// The password workers.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// A hash nobody's password has: checked for unknown accounts, so that they take the same work.
    nobody: Arc<str>,
}

/// Too many people are signing in at once; nothing was checked.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct TooBusy;

impl Passwords {
    /// Makes the workers, and one hash for unknown accounts.
    pub fn new() -> Self {
        let nobody = hash_now(&data_encoding::HEXLOWER.encode(&rand::random::<[u8; 16]>()));
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobody: nobody.into(),
        }
    }

    /// Whether `password` belongs to `hash`. Without a hash (an unknown account) it does the same work and
    /// answers no.
    pub async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, TooBusy> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let right = self.work(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(right.await? && known)
    }

    /// The hash to store for a new password.
    pub async fn hash(&self, password: String) -> Result<String, TooBusy> {
        self.work(move || hash_now(&password)).await
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, TooBusy> {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| TooBusy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| TooBusy)?;
        // The permits live in the job: a client that hangs up does not free them early.
        tokio::task::spawn_blocking(move || {
            let answer = job();
            drop((turn, place));
            answer
        })
        .await
        .map_err(|_| TooBusy)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// Hashes on the calling thread: for the command line and the seed.
///
/// # Panics
/// Never: the default parameters are always accepted.
#[expect(clippy::expect_used, reason = "argon2's own default parameters are always accepted")]
pub fn hash_now(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("default argon2 parameters").to_string()
}

/// Why a new password cannot be used, for the person; none when it can. `about` are words that make it easy
/// to guess here: the person's name, address and school.
pub fn problem_with(password: &str, about: &[&str]) -> Option<String> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Some(format!("New password must be {MIN_CHARS} characters or more"));
    }
    if length > MAX_CHARS {
        return Some(format!("New password must be {MAX_CHARS} characters or fewer"));
    }
    let mut words = about.to_vec();
    words.push("waymark");
    let strong = zxcvbn::zxcvbn(password, &words).score() >= zxcvbn::Score::Three;
    (!strong).then(|| {
        "New password must be harder to guess: use three or four words that do not belong together".to_owned()
    })
}
