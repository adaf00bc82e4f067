//! The session and device cookies. The database keeps only hashes of them.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
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

fn cookie(headers: &HeaderMap, name: &str) -> Option<[u8; 32]> {
    CookieJar::from_headers(headers).get(name).map(|cookie| hash_of(cookie.value()))
}

/// Cookies for somebody who has just signed in: the session (until the browser closes) and the device (a year).
pub fn signed_in(config: &Config, session: String, device: Option<String>) -> CookieJar {
    let (session_name, device_name) = names(config);
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

/// Session and device cookie names; the `__Host-` prefix where TLS makes it possible.
fn names(config: &Config) -> (String, String) {
    let prefix = if config.public_url.secure() { "__Host-" } else { "" };
    (format!("{prefix}waymark-session"), format!("{prefix}waymark-device"))
}

fn bake(config: &Config, name: String, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(config.public_url.secure())
        .same_site(SameSite::Lax)
        .build()
}
