//! The bank of example targets on screen.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::{
    overview::in_sql,
    support::{Answer, Person, Town},
};

const CHANGE: &str = "update app.bank_targets set words = 'X' where id = $1 and $2 <> $3 and $3 <> $4";

async fn add(town: &Town, who: &Person, place: &str, words: &str) -> Answer {
    let fields = [
        ("place", place),
        ("theme", "Starting well"),
        ("words", words),
        ("criterion", "In at least 5 of 6 lessons"),
    ];
    town.post(who, "/admin/targets/new", &fields).await
}

async fn order(town: &Town, who: &Person, place: &str, words: &[&str]) -> Vec<usize> {
    let page = town.get(who, &format!("/admin/targets?place={place}")).await;
    assert_eq!(page.status, StatusCode::OK);
    words
        .iter()
        .map(|words| {
            page.body.find(&format!(">{words}</a>")).unwrap_or_else(|| panic!("{words}: {}", page.body))
        })
        .collect()
}

#[tokio::test]
async fn examples_are_added_ordered_changed_and_taken_out() {
    let mut town = Town::new().await;
    let admin = town.person("la_administrator", None).await;
    let own = town.greenfield.clone();
    let saved = add(&town, &admin, "authority", "Bring a pen").await;
    assert_eq!((saved.status, &*saved.location), (StatusCode::SEE_OTHER, "/admin/targets?place=authority"));
    let at = order(&town, &admin, "authority", &["Arrive on time", "Bring a pen"]).await;
    assert!(at[0] < at[1], "a new one comes last");
    let pen: Uuid = sqlx::query_scalar(
        "select id from app.bank_targets where authority_id = $1 and words = 'Bring a pen'",
    )
    .bind(town.authority)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    let path = format!("/admin/targets/{pen}");
    assert_eq!(
        town.post(&admin, &format!("{path}/move"), &[("way", "up")]).await.status,
        StatusCode::SEE_OTHER
    );
    let at = order(&town, &admin, "authority", &["Bring a pen", "Arrive on time"]).await;
    assert!(at[0] < at[1]);
    // The first does not move further.
    assert_eq!(
        town.post(&admin, &format!("{path}/move"), &[("way", "up")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        town.post(&admin, &format!("{path}/move"), &[("way", "x")]).await.status,
        StatusCode::BAD_REQUEST
    );

    // Whoever sets a target sees the school’s own first, then the authority’s.
    let form = town.get(&own.lead, &format!("/cases/{}/targets/new", own.case.case)).await.body;
    let at = |words: &str| form.find(words).unwrap_or_else(|| panic!("{words}: {form}"));
    assert!(at("Walk in the corridor") < at("Bring a pen") && at("Bring a pen") < at("Arrive on time"));

    let change = [
        ("theme", "Ready"),
        ("words", "Bring a pen and a book"),
        ("criterion", "Every lesson"),
        ("version", "1"),
    ];
    assert_eq!(town.post(&admin, &path, &change).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.post(&admin, &path, &change).await.status, StatusCode::CONFLICT);
    let stale = town.post(&admin, &format!("{path}/remove"), &[("version", "1")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(
        town.post(&admin, &format!("{path}/remove"), &[("version", "2")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(town.get(&admin, &path).await.status, StatusCode::NOT_FOUND);
    let form = town.get(&own.lead, &format!("/cases/{}/targets/new", own.case.case)).await.body;
    assert!(!form.contains("Bring a pen"));
}

#[tokio::test]
async fn a_headteacher_keeps_the_examples_of_the_own_school() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let place = own.id.to_string();
    assert_eq!(add(&town, &own.head, &place, "Ask for a break").await.status, StatusCode::SEE_OTHER);
    let here = town.get(&own.head, "/admin/targets").await;
    assert!(here.body.contains("Ask for a break") && !here.body.contains("Arrive on time"), "{}", here.body);
    let before = town.digest().await;
    for place in ["authority".to_owned(), other.id.to_string(), Uuid::now_v7().to_string(), "x".to_owned()] {
        assert_eq!(add(&town, &own.head, &place, "X").await.status, StatusCode::NOT_FOUND, "{place}");
    }
    let theirs = format!("/admin/targets/{}", other.example);
    for (way, fields) in [("", vec![]), ("/move", vec![("way", "up")]), ("/remove", vec![("version", "1")])] {
        assert_eq!(
            town.post(&own.head, &format!("{theirs}{way}"), &fields).await.status,
            StatusCode::NOT_FOUND
        );
    }
    for words in ["", &"x".repeat(141)] {
        let refused = add(&town, &own.head, &place, words).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(add(&town, &own.lead, &place, "X").await.status, StatusCode::FORBIDDEN);
    assert_eq!(before, town.digest().await);
    let ids = |example: Uuid| [example, town.authority, own.case.case, own.case.pupil];
    assert_eq!(in_sql(&own.head, CHANGE, ids(own.example)).await, Ok(1), "or it proves nothing");
    assert_eq!(in_sql(&own.head, CHANGE, ids(other.example)).await, Ok(0));
    assert_eq!(in_sql(&own.lead, CHANGE, ids(own.example)).await, Ok(0));
}
