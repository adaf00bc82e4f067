//! Styles, script and icons, inside the binary. The address holds a hash, so a browser keeps them for a year.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static/dist"]
struct Built;

#[derive(RustEmbed)]
#[folder = "static/icons"]
struct Icons;

struct Asset {
    bytes: Vec<u8>,
    kind: String,
    /// Its address, with the hash.
    url: String,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let built = Built::iter().filter_map(|name| Some((name.to_string(), Built::get(&name)?)));
    let icons = Icons::iter().filter_map(|name| Some((name.to_string(), Icons::get(&name)?)));
    built
        .chain(icons)
        .map(|(name, file)| {
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&file.data)[..6]);
            let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
            let url = format!("/assets/{stem}.{hash}.{ending}");
            let kind = file.metadata.mimetype().to_owned();
            (name, Asset { bytes: file.data.into_owned(), kind, url })
        })
        .collect()
});

static BY_URL: LazyLock<HashMap<&'static str, &'static Asset>> =
    LazyLock::new(|| ASSETS.values().map(|asset| (asset.url.as_str(), asset)).collect());

/// The address of an asset, with the hash of what it holds.
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/assets/missing", |asset| asset.url.as_str())
}

/// Serves them. Outside the registry: there is nothing to protect in a style sheet.
#[expect(clippy::disallowed_methods, reason = "assets are public and hold no data")]
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*name}", get(show)).route("/favicon.ico", get(|| async { favicon() }))
}

async fn show(Path(name): Path<String>) -> Response {
    match BY_URL.get(format!("/assets/{name}").as_str()) {
        Some(asset) => sent(asset, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn favicon() -> Response {
    match ASSETS.get("favicon.svg") {
        Some(asset) => sent(asset, "public, max-age=86400"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn sent(asset: &'static Asset, keep: &'static str) -> Response {
    let kind =
        HeaderValue::from_str(&asset.kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static(keep))];
    (headers, asset.bytes.as_slice()).into_response()
}
