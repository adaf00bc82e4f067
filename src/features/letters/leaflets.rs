//! The leaflets (S1.05), to read on screen or print: about nobody, so no child's record is shown.

use askama::Template;
use axum::response::Response;

use crate::{
    domain::{
        leaflet::{LEAFLET_VERSION, Language},
        step::Audience,
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "letters/leaflets.html")]
struct LeafletsPage {
    chrome: Chrome,
    version: &'static str,
    groups: Vec<(Audience, Vec<(Language, String)>)>,
}

#[derive(Template)]
#[template(path = "letters/leaflet.html")]
struct LeafletPage {
    chrome: Chrome,
    version: &'static str,
    audience: Audience,
    language: Language,
    languages: Vec<(Language, String)>,
}

fn languages(audience: Audience) -> Vec<(Language, String)> {
    let link = |language: Language| urls::leaflet(audience.as_str(), language.as_str());
    Language::ALL.iter().map(|language| (*language, link(*language))).collect()
}

pub async fn index(visit: Visit) -> Result<Response, Error> {
    let page = LeafletsPage {
        chrome: visit.chrome(),
        version: LEAFLET_VERSION,
        groups: Audience::ALL.iter().map(|audience| (*audience, languages(*audience))).collect(),
    };
    visit.show_nothing_personal(&page).await
}

pub async fn show(Id((audience, language)): Id<(String, String)>, visit: Visit) -> Result<Response, Error> {
    let audience = Audience::from_stored(&audience).ok_or(Error::NotFound)?;
    let language = Language::from_stored(&language).ok_or(Error::NotFound)?;
    let page = LeafletPage {
        chrome: visit.chrome(),
        version: LEAFLET_VERSION,
        audience,
        language,
        languages: languages(audience),
    };
    visit.show_nothing_personal(&page).await
}
