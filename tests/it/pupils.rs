//! Pupils and the people to contact about them.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::support::{Answer, Town};

fn pupil<'a>(family: &'a str, upn: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("given_name", "Aisha"),
        ("family_name", family),
        ("known_as", ""),
        ("pronouns", "she/her"),
        ("born_on.day", "25"),
        ("born_on.month", "December"),
        ("born_on.year", "2012"),
        ("year_group", ""),
        ("year_reason", ""),
        ("upn", upn),
        ("no_upn_reason", if upn.is_empty() { "New to the country" } else { "" }),
        ("send", "ehcp"),
        ("eal", "yes"),
    ]
}

fn enrolled<'a>(mut fields: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    fields.extend([("enrolled_on.day", "2"), ("enrolled_on.month", "9"), ("enrolled_on.year", "2024")]);
    fields
}

/// The same form sent twice at once: neither is told that it was not saved.
fn both_saved(one: &Answer, other: &Answer) {
    assert_eq!(
        (one.status, other.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER),
        "{} {}",
        one.body,
        other.body
    );
}

#[tokio::test]
async fn a_lead_adds_a_pupil() {
    let town = Town::new().await;
    let lead = &town.greenfield.lead;
    let added = town.post(lead, "/pupils", &enrolled(pupil("Khan", ""))).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = town.get(lead, &added.location).await;
    for words in [
        "Aisha Khan",
        "25 December 2012",
        "Year 9",
        "Education, health and care plan",
        "None yet: New to the country",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!added.location.contains("Khan"));
}

#[tokio::test]
async fn a_wrong_check_letter_is_explained() {
    let town = Town::new().await;
    let answer = town.post(&town.greenfield.lead, "/pupils", &enrolled(pupil("Khan", "q207000016049"))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("For 207000016049 it must be P, not Q"), "{}", answer.body);
    assert!(answer.body.contains("value=\"q207000016049\""));
}

#[tokio::test]
async fn another_year_group_asks_why() {
    let town = Town::new().await;
    let mut fields = enrolled(pupil("Khan", ""));
    fields.retain(|(name, _)| *name != "year_group");
    fields.push(("year_group", "8"));
    let answer = town.post(&town.greenfield.lead, "/pupils", &fields).await;
    assert!(answer.body.contains("Say why the pupil is not in Year 9"), "{}", answer.body);
}

#[tokio::test]
async fn a_upn_of_another_school_names_no_school_and_leaves_a_row() {
    let mut town = Town::new().await;
    let (lead, other) = (town.greenfield.lead.clone(), town.hillside.lead.clone());
    assert_eq!(
        town.post(&other, "/pupils", &enrolled(pupil("Khan", "P207000016049"))).await.status,
        StatusCode::SEE_OTHER
    );
    let answer = town.post(&lead, "/pupils", &enrolled(pupil("Khan", "P207000016049"))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("A record with this UPN exists already"), "{}", answer.body);
    assert!(!answer.body.contains("Hillside"));
    let rows = town
        .count("select count(*) from app.audit_events where actor = $1 and action = 'add_pupil' and outcome = 'refused'", lead.id)
        .await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn two_people_changing_a_pupil_see_both_versions() {
    let town = Town::new().await;
    let path = format!("/pupils/{}/edit", town.greenfield.case.pupil);
    let mut mine = pupil("Khan", "");
    mine.push(("version", "1"));
    assert_eq!(town.post(&town.greenfield.lead, &path, &mine).await.status, StatusCode::SEE_OTHER);
    let mut theirs = pupil("Kahn", "");
    theirs.push(("version", "1"));
    let clash = town.post(&town.greenfield.head, &path, &theirs).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.body.contains("Khan") && clash.body.contains("Kahn"));
    assert!(clash.body.contains("A school_lead changed it on 24 Nov 2026 at 11:45am"), "{}", clash.body);
}

#[tokio::test]
async fn contacts_are_added_and_a_confidential_address_stays_in_the_school() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let la = town.person("la_representative", Some(school.id)).await;
    let address = format!("Hidden {} Lane", school.sentinel);
    let page = format!("/pupils/{}", school.case.pupil);
    assert!(town.get(&school.lead, &page).await.body.contains(&address));
    let seen = town.get(&la, &page).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(!seen.body.contains(&address) && seen.body.contains("Address confidential"));
    let path = format!("/pupils/{}/contacts/new", school.case.pupil);
    let sent = [
        ("name", "Joe Khan"),
        ("relationship", "Father"),
        ("parental_responsibility", "yes"),
        ("contact_order", "2"),
        ("phone", "01632 960001"),
        ("email", ""),
        ("address", ""),
        ("no_contact", "yes"),
        ("no_contact_reason", ""),
        ("language", "Urdu"),
    ];
    let refused = town.post(&school.lead, &path, &sent).await;
    assert!(refused.body.contains("Say why there must be no contact"), "{}", refused.body);
    let mut sent = sent.to_vec();
    sent[8].1 = "Court order of May 2026";
    assert_eq!(town.post(&school.lead, &path, &sent).await.status, StatusCode::SEE_OTHER);
    assert!(town.get(&school.lead, &page).await.body.contains("Court order of May 2026"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_twice_at_once_is_saved_once_and_says_so() {
    let mut town = Town::new().await;
    let (lead, school) = (town.greenfield.lead.clone(), town.greenfield.id.to_string());
    let key = Uuid::new_v4().to_string();
    let fields = [
        ("form_key", key.as_str()),
        ("school", school.as_str()),
        ("given_name", "Ada"),
        ("family_name", "Doublepress"),
        ("born_on.day", "1"),
        ("born_on.month", "3"),
        ("born_on.year", "2013"),
        ("upn", "P207000016049"),
        ("send", "none"),
        ("enrolled_on.day", "2"),
        ("enrolled_on.month", "9"),
        ("enrolled_on.year", "2026"),
    ];
    let (one, other) = tokio::join!(
        town.post_exactly(&lead, "/pupils", &fields, &[]),
        town.post_exactly(&lead, "/pupils", &fields, &[])
    );
    both_saved(&one, &other);
    assert_eq!(one.location, other.location, "both lead to the pupil");
    let refused = "select count(*) from app.audit_events where actor = $1 and outcome = 'refused'";
    assert_eq!(town.count(refused, lead.id).await, 0);

    // Changed twice at once: the second is no stranger's change.
    let page = format!("{}/edit", one.location);
    let form = town.get(&lead, &page).await.body;
    let version =
        form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let key = Uuid::new_v4().to_string();
    let mut change: Vec<_> = fields[2..9].to_vec();
    change.extend([("form_key", key.as_str()), ("version", version.as_str()), ("known_as", "Addie")]);
    let (one, other) = tokio::join!(
        town.post_exactly(&lead, &page, &change, &[]),
        town.post_exactly(&lead, &page, &change, &[])
    );
    both_saved(&one, &other);
    // A first day nobody can have begun on.
    let mut early = fields.to_vec();
    early.retain(|(name, _)| !matches!(*name, "form_key" | "upn" | "enrolled_on.year"));
    early.extend([("enrolled_on.year", "2012"), ("no_upn_reason", "Moved here from abroad")]);
    let refused = town.post(&lead, "/pupils", &early).await;
    assert!(
        refused.body.contains("First day on the roll must be after the date of birth"),
        "{}",
        refused.body
    );
}
