//! The session and device cookies. The database keeps only hashes of them.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{self, CookieJar, SameSite};
use sha2::{Digest, Sha256};

use crate::config::Config;

/// A new secret for a cookie: 256 random bits as text.
pub fn new_token() -> String {
    data_encoding::BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

/// What the database keeps of a token.
pub fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The hash of the session cookie the browser sent, if it sent one.
pub fn token_hash(headers: &HeaderMap, config: &Config) -> Option<[u8; 32]> {
    cookie(headers, &names(config).0)
}

/// The hash of the device cookie the browser sent, if it sent one.
pub fn device_hash(headers: &HeaderMap, config: &Config) -> Option<[u8; 32]> {
    cookie(headers, &names(config).1)
}

/// Seconds without a request after which a session is over; `app.begin_as` holds the same number.
pub const IDLE_SECONDS: u32 = 30 * 60;

/// This browser's screen is seen by others: names are hidden on it, whoever signs in.
pub fn names_hidden(headers: &HeaderMap, config: &Config) -> bool {
    CookieJar::from_headers(headers).get(&names(config).2).is_some_and(|cookie| cookie.value() == "hidden")
}

/// Remembers, until the browser closes, whether names are hidden on this screen.
pub fn hiding_names(config: &Config, hidden: bool) -> CookieJar {
    let mut cookie = bake(config, names(config).2, if hidden { "hidden" } else { "" }.to_owned());
    if !hidden {
        cookie.set_max_age(time::Duration::ZERO);
    }
    CookieJar::new().add(cookie)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<[u8; 32]> {
    CookieJar::from_headers(headers).get(name).map(|cookie| hash_of(cookie.value()))
}

/// Cookies for somebody who has just signed in: the session (until the browser closes) and the device (a year).
pub fn signed_in(config: &Config, session: String, device: Option<String>) -> CookieJar {
    let (session_name, device_name, _) = names(config);
    let mut jar = CookieJar::new().add(bake(config, session_name, session));
    if let Some(device) = device {
        let mut cookie = bake(config, device_name, device);
        cookie.set_max_age(time::Duration::days(365));
        jar = jar.add(cookie);
    }
    jar
}

/// Takes the session cookie back.
pub fn signed_out(config: &Config) -> CookieJar {
    let mut cookie = bake(config, names(config).0, String::new());
    cookie.set_max_age(time::Duration::ZERO);
    CookieJar::new().add(cookie)
}

/// Session, device and screen cookie names; the `__Host-` prefix where TLS makes it possible.
fn names(config: &Config) -> (String, String, String) {
    let prefix = if config.public_url.secure() { "__Host-" } else { "" };
    (format!("{prefix}waymark-session"), format!("{prefix}waymark-device"), format!("{prefix}waymark-names"))
}

/// A cookie as the page about cookies tells of it.
#[derive(Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: &'static str,
    /// How long a browser keeps it.
    pub kept: &'static str,
}

/// Every cookie there is: the three of this module, the one in which a step says what it did, and the one of the script
/// of the day sheet (`static/js/marks.js`).
pub fn cookies(config: &Config) -> [Cookie; 5] {
    let (session, device, names) = names(config);
    [
        Cookie {
            name: session,
            purpose: "Keeps you signed in. It holds a random number; what it stands for stays on the server, and ends after 30 minutes without a request and 12 hours after you signed in.",
            kept: "until you close the browser",
        },
        Cookie {
            name: device,
            purpose: "Recognises a browser you have signed in from before, so that somebody who guesses at your password elsewhere does not slow you down.",
            kept: "a year",
        },
        Cookie {
            name: names,
            purpose: "Remembers that names are hidden on this screen. It is set only when you press “Hide names”.",
            kept: "until you close the browser or show names",
        },
        Cookie {
            name: super::extract::FLASH.to_owned(),
            purpose: "Says once on the next page what the step before did, for example “Marks saved”. It holds the name of a sentence, nothing of a pupil.",
            kept: "until the next page, at most 2 minutes",
        },
        Cookie {
            name: "waymark-advance".to_owned(),
            purpose: "Remembers whether you ticked “Move to the next box after each mark” on the day sheet. It is set only when you use that box, and holds 1 or 0.",
            kept: "a year",
        },
    ]
}

fn bake(config: &Config, name: String, value: String) -> cookie::Cookie<'static> {
    cookie::Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(config.public_url.secure())
        .same_site(SameSite::Lax)
        .build()
}
