//! The body of a form: its fields in order, only those the form has, each once where one is meant.

use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::request::Parts,
};
use sha2::{Digest, Sha256};

use crate::{
    domain::{pupil_file, text::capital},
    web::{
        error::{Error, SentBefore},
        routes::RouteSpec,
    },
};

/// Largest form body: a whole school's day sheet without JavaScript, several times over.
pub const MAX_FORM_BYTES: usize = 512 * 1024;
/// Largest body of a form with a file: the file, and its letters written out when it was pasted.
const MAX_FILE_FORM_BYTES: usize = pupil_file::MAX_BYTES * 3;

/// The fields of a form body, in order.
pub(super) async fn read_fields(
    parts: &Parts,
    body: axum::body::Body,
    spec: &RouteSpec,
) -> Result<Vec<(String, String)>, Error> {
    let kind = parts
        .headers
        .get(axum::http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes_file = spec.fields.iter().any(|field| field.ends_with('@'));
    if takes_file && kind.starts_with("multipart/form-data") {
        return read_parts(Request::from_parts(parts.clone(), body), spec).await;
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Error::BadRequest("It is not a form of this page."));
    }
    let most = if takes_file { MAX_FILE_FORM_BYTES } else { MAX_FORM_BYTES };
    let bytes = axum::body::to_bytes(body, most)
        .await
        .map_err(|_| Error::BadRequest("It is larger than any form of Waymark."))?;
    Ok(form_urlencoded::parse(&bytes).into_owned().collect())
}

/// The fields of a form with a file. The file becomes text here, whichever way it was written, so that everything after
/// holds for it as for any field: the check of its name, the key, the draft of a session that ended.
async fn read_parts(mut request: Request, spec: &RouteSpec) -> Result<Vec<(String, String)>, Error> {
    const UNREAD: Error =
        Error::BadRequest("It came in pieces that do not fit together, or is larger than 10 MB.");
    DefaultBodyLimit::max(MAX_FILE_FORM_BYTES).apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| UNREAD)?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| UNREAD)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| UNREAD)?;
        let is_file = spec.fields.iter().any(|field| field.strip_suffix('@') == Some(&*name));
        let text = if is_file {
            pupil_file::decode(&bytes)
        } else {
            String::from_utf8(bytes.into())
                .map_err(|_| Error::BadRequest("It holds letters that cannot be read."))?
        };
        fields.push((name, text));
    }
    Ok(fields)
}

/// Takes a field of ours out of the form.
pub(super) fn take(fields: &mut Vec<(String, String)>, name: &str) -> Result<Option<String>, Error> {
    let mut found = fields.extract_if(.., |(field, _)| field == name);
    let value = found.next().map(|(_, value)| value);
    if found.next().is_some() {
        return Err(Error::BadRequest("A field came twice."));
    }
    Ok(value)
}

/// Refuses fields the form does not have, and fields that came twice where one is meant. In a spec,
/// `name` is one field, `name+` may repeat, `name.*` is a family of fields, `name@` is a file, `name!` is kept nowhere.
pub(super) fn allow(fields: &[(String, String)], spec: &RouteSpec) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::with_capacity(fields.len());
    for (name, value) in fields {
        let kind = spec.fields.iter().find_map(|known| match known.strip_suffix('+') {
            Some(repeats) => (repeats == name).then_some(true),
            None => match known.strip_suffix('*') {
                Some(family) => name.starts_with(family).then_some(false),
                None => (known.trim_end_matches(['@', '!']) == name).then_some(false),
            },
        });
        let Some(repeats) = kind else {
            return Err(Error::BadRequest("It has a field that this form does not have."));
        };
        if !seen.insert(name) && !repeats {
            return Err(Error::BadRequest("A field came twice."));
        }
        if value.contains('\0') {
            return Err(Error::BadRequest("It holds a character that cannot be stored."));
        }
    }
    Ok(())
}

pub(super) fn fingerprint(path: &str, fields: &[(String, String)]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    for (name, value) in fields {
        for part in [name, value] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().into()
}

/// The same form, sent again with other contents: the first one counts; what was typed now is shown back.
pub(super) fn sent_before(location: String, fields: &[(String, String)], spec: &RouteSpec) -> Error {
    let is_id = |text: &str| text.parse::<uuid::Uuid>().is_ok();
    let typed = |(name, value): &&(String, String)| {
        name != "version" && !value.trim().is_empty() && !is_id(value) && !spec.is_secret(name)
    };
    // Names of fields are ours: their words, without the ids in them.
    let label = |name: &str| {
        let words = name.split(['_', '.', ' ']).filter(|word| !is_id(word));
        capital(&words.collect::<Vec<_>>().join(" "))
    };
    let typed = fields.iter().filter(typed).map(|(name, value)| (label(name), value.clone())).collect();
    Error::SentBefore(Box::new(SentBefore { typed, location }))
}
