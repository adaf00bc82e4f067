//! Signing in and out, throttling, one's own password, a session that ends under a form.

use axum::http::StatusCode;
use time::{Duration, macros::datetime};
use uuid::Uuid;
use waymark::state::passwords::hash_now;

use crate::support::{Answer, Person, Town, day, grant};

const PASSWORD: &str = "three plain words 17";

async fn with_password(town: &mut Town) -> Person {
    let person = town.greenfield.lead.clone();
    sqlx::query("update app.users set password_hash = $2 where id = $1")
        .bind(person.id)
        .bind(hash_now(PASSWORD))
        .execute(&mut town.owner)
        .await
        .unwrap();
    person
}

fn nobody() -> Person {
    Person { id: Uuid::nil(), email: String::new(), cookie: "x=y".to_owned(), grant: Uuid::nil() }
}

/// The same person in the browser that has just signed in.
fn signed_in(person: &Person, answer: &Answer) -> Person {
    let cookie = answer.cookies.iter().find(|c| c.starts_with("waymark-session=")).expect("a session cookie");
    Person { cookie: cookie.split(';').next().unwrap().to_owned(), ..person.clone() }
}

async fn sign_in(town: &Town, email: &str, password: &str) -> Answer {
    town.post_exactly(&nobody(), "/sign-in", &[("email", email), ("password", password)], &[]).await
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let mut town = Town::new().await;
    let person = with_password(&mut town).await;
    let answer = sign_in(&town, &person.email.to_uppercase(), PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let session = answer.cookies.iter().find(|c| c.starts_with("waymark-session=")).unwrap();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax"), "{session}");
    let cookie = session.split(';').next().unwrap().to_owned();
    let person = Person { cookie, ..person };
    assert_eq!(town.get(&person, "/today").await.status, StatusCode::OK);
    let out = town.post_exactly(&person, "/sign-out", &[], &[]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let after = town.get(&person, "/today").await;
    assert_eq!((after.status, after.location.as_str()), (StatusCode::SEE_OTHER, "/sign-in?back=%2Ftoday"));
}

#[tokio::test]
async fn wrong_passwords_and_unknown_accounts_look_the_same() {
    let mut town = Town::new().await;
    let person = with_password(&mut town).await;
    let wrong = sign_in(&town, &person.email, "not the password").await;
    let unknown = sign_in(&town, "nobody-at-all@test.example", "not the password").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.status, unknown.status);
    let plain = |answer: &Answer, email: &str| answer.body.replace(email, "EMAIL");
    assert_eq!(plain(&wrong, &person.email), plain(&unknown, "nobody-at-all@test.example"));
}

#[tokio::test]
async fn guessing_is_slowed_and_the_owner_keeps_their_lane() {
    let mut town = Town::new().await;
    let person = with_password(&mut town).await;
    // The owner has signed in from this browser before.
    let first = sign_in(&town, &person.email, PASSWORD).await;
    let device = first.cookies.iter().find(|c| c.starts_with("waymark-device=")).unwrap();
    let device = device.split(';').next().unwrap().to_owned();
    let mut refused = 0;
    for _ in 0..14 {
        let answer = sign_in(&town, &person.email, "guess guess guess").await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
        town.later(Duration::seconds(5));
    }
    assert!(refused >= 4, "only {refused} guesses were slowed");
    town.later(Duration::minutes(2));
    let owner = Person { cookie: device, ..nobody() };
    let fields = [("email", person.email.as_str()), ("password", PASSWORD)];
    let answer = town.post_exactly(&owner, "/sign-in", &fields, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_school_behind_one_address_signs_in_at_once() {
    let mut town = Town::new().await;
    let school = town.greenfield.id;
    let mut staff = Vec::new();
    for _ in 0..100 {
        staff.push(town.person("staff", Some(school)).await.email);
    }
    sqlx::query("update app.users set password_hash = $2 where authority_id = $1")
        .bind(town.authority)
        .bind(hash_now(PASSWORD))
        .execute(&mut town.owner)
        .await
        .unwrap();
    let town = std::sync::Arc::new(town);
    let tries: Vec<_> = staff
        .into_iter()
        .enumerate()
        .map(|(n, email)| {
            let town = std::sync::Arc::clone(&town);
            tokio::spawn(async move {
                // One in four mistypes first, as on any Monday.
                if n % 4 == 0 {
                    let wrong = sign_in(&town, &email, "three plain words 71").await;
                    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
                }
                sign_in(&town, &email, PASSWORD).await.status
            })
        })
        .collect();
    for one in tries {
        assert_eq!(one.await.unwrap(), StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn with_every_connection_taken_the_answer_says_so_and_nothing_is_lost() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let path = format!("/today/notes/{}", town.greenfield.case.case);
    let note = [
        ("date", "2026-11-24"),
        ("period", ""),
        ("kind", "praise"),
        ("words", "kept & again"),
        ("form_key", "0b5f2f6e-0a4e-4b0e-9d0a-111111111111"),
    ];
    let before = town.digest().await;
    let mut taken = Vec::new();
    while let Ok(connection) = town.state.db.nobody().await {
        taken.push(connection);
    }
    let page = town.get(&lead, "/today").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.body);
    assert!(page.headers.contains_key("retry-after"));
    let form = town.post_exactly(&lead, &path, &note, &[]).await;
    assert_eq!(form.status, StatusCode::SERVICE_UNAVAILABLE, "{}", form.body);
    assert!(form.body.contains("Nothing was saved"), "{}", form.body);
    assert_eq!(before, town.digest().await);
    drop(taken);
    // The same form again, as the page asks: saved once.
    for _ in 0..2 {
        assert_eq!(town.post_exactly(&lead, &path, &note, &[]).await.status, StatusCode::SEE_OTHER);
    }
    let case = town.greenfield.case.case;
    assert_eq!(
        town.count("select count(*) from app.day_notes where case_id = $1 and words = 'kept & again'", case)
            .await,
        1
    );
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_idle_and_after_twelve_hours() {
    let town = Town::new().await;
    let lead = &town.greenfield.lead;
    for _ in 0..25 {
        assert_eq!(town.get(lead, "/account").await.status, StatusCode::OK);
        town.later(Duration::minutes(28));
    }
    // 25 x 28 minutes: 11 hours 40. Still busy, but twelve hours are over soon.
    assert_eq!(town.get(lead, "/account").await.status, StatusCode::OK);
    town.later(Duration::minutes(28));
    assert_eq!(town.get(lead, "/account").await.status, StatusCode::SEE_OTHER);
    let tutor = &town.hillside.tutor;
    assert_eq!(town.get(tutor, "/account").await.status, StatusCode::SEE_OTHER, "idle for hours");
}

#[tokio::test]
async fn changing_the_password_ends_other_sessions_and_keeps_this_one() {
    let mut town = Town::new().await;
    let person = with_password(&mut town).await;
    let other = sign_in(&town, &person.email, PASSWORD).await;
    let other = signed_in(&person, &other);
    assert_eq!(town.get(&other, "/account").await.status, StatusCode::OK);
    let weak =
        town.post(&person, "/account/password", &[("current", PASSWORD), ("new", "waymark12345")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("There is a problem"));
    let wrong =
        town.post(&person, "/account/password", &[("current", "no"), ("new", "otter violin cement 9")]).await;
    assert!(wrong.body.contains("Your current password is not right"));
    let right = town
        .post(&person, "/account/password", &[("current", PASSWORD), ("new", "otter violin cement 9")])
        .await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    assert_eq!(town.get(&person, "/account").await.status, StatusCode::OK);
    assert_eq!(town.get(&other, "/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&town, &person.email, "otter violin cement 9").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_that_ends_under_a_form_loses_nothing() {
    let mut town = Town::new().await;
    let person = with_password(&mut town).await;
    let path = format!("/cases/{}/targets/new", town.greenfield.case.case);
    town.later(Duration::minutes(31));
    let sent = [
        ("words", "Wait for my turn <b>& listen</b>"),
        ("criterion", "Seen in most lessons"),
        ("due_on.day", "11"),
        ("due_on.month", "12"),
        ("due_on.year", "2026"),
        ("pupil_words", "I will try"),
    ];
    let answer = town.post(&person, &path, &sent).await;
    assert!(answer.location.starts_with("/sign-in?back=%2Faccount%2Fdrafts%2F"), "{answer:?}");
    let back = answer.location.strip_prefix("/sign-in?back=").unwrap().replace("%2F", "/");
    // Somebody else at the same computer does not get it.
    let again = sign_in(&town, &person.email, PASSWORD).await;
    let again = signed_in(&person, &again);
    let stranger = town.person("school_lead", Some(town.greenfield.id)).await;
    town.later(Duration::seconds(1));
    let fresh = Person { ..stranger };
    sqlx::query("update app.sessions set seen_at = $2 where user_id = $1")
        .bind(fresh.id)
        .bind(town.now())
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.get(&fresh, &back).await.status, StatusCode::NOT_FOUND);
    let draft = town.get(&again, &back).await;
    assert_eq!(draft.status, StatusCode::OK);
    assert!(draft.body.contains("name=\"resumed\""));
    let before = town.digest().await;
    let mut resumed = sent.to_vec();
    resumed.push(("resumed", "yes"));
    let form = town.post(&again, &path, &resumed).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(form.body.contains("Wait for my turn &#60;b&#62;&#38; listen&#60;/b&#62;"), "{}", form.body);
    assert_eq!(before, town.digest().await, "nothing is saved before the person says so");
    assert_eq!(town.post(&again, &path, &sent).await.status, StatusCode::SEE_OTHER);
    // It is kept for a day, and then it is gone.
    let id: uuid::Uuid = back.rsplit('/').next().unwrap().parse().unwrap();
    // (Long ago, and before the days of the next test, so that nothing of another test is meant.)
    let kept_at = datetime!(2020-01-01 12:00 UTC);
    sqlx::query("update app.drafts set kept_at = $2 where id = $1")
        .bind(id)
        .bind(kept_at)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.get(&again, &back).await.status, StatusCode::NOT_FOUND);
    waymark::db::sent::forget(&mut town.owner, kept_at + Duration::hours(25)).await.unwrap();
    assert_eq!(town.count("select count(*) from app.drafts where id = $1", id).await, 0);
}

#[tokio::test]
async fn passwords_and_what_was_searched_for_are_kept_nowhere_when_a_session_ends() {
    let mut town = Town::new().await;
    let person = town.greenfield.lead.clone();
    town.later(Duration::minutes(31));
    for (path, sent) in [
        ("/account/password", vec![("current", PASSWORD), ("new", "otter violin cement 9")]),
        ("/search", vec![("sought", "Quillon"), ("closed", "yes")]),
    ] {
        let answer = town.post(&person, path, &sent).await;
        assert_eq!(answer.location, format!("/sign-in?back={}", path.replace('/', "%2F")));
    }
    assert_eq!(town.count("select count(*) from app.drafts where user_id = $1", person.id).await, 0);
}

#[tokio::test]
async fn tries_to_sign_in_and_browsers_are_forgotten_in_time() {
    let mut town = Town::new().await;
    // Long ago, so that nothing of another test is meant but forms and files of 2020, which are gone either way.
    let (person, now) = (town.greenfield.lead.clone(), datetime!(2020-03-01 12:00 UTC));
    for (ago, device) in [(Duration::days(29), 1_u8), (Duration::days(31), 2), (Duration::days(366), 3)] {
        sqlx::query("insert into app.sign_in_tries (email, network, at, succeeded) values ($1, '192.0.2.1', $2, true)")
            .bind(&person.email)
            .bind(now - ago)
            .execute(&mut town.owner)
            .await
            .unwrap();
        sqlx::query("insert into app.known_devices (user_id, token_hash, seen_at) values ($1, $2, $3)")
            .bind(person.id)
            .bind([device; 32].as_slice())
            .bind(now - ago)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    waymark::db::sent::forget(&mut town.owner, now).await.unwrap();
    let tries =
        "select count(*) from app.sign_in_tries t join app.users u on u.email = t.email where u.id = $1";
    assert_eq!(town.count(tries, person.id).await, 1, "30 days");
    let devices = "select count(*) from app.known_devices where user_id = $1";
    assert_eq!(town.count(devices, person.id).await, 2, "a year");
}

#[tokio::test]
async fn a_role_that_ends_is_gone_on_the_very_next_request() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    assert_eq!(town.get(&lead, "/today").await.status, StatusCode::OK);
    sqlx::query("update app.grants set to_on = '2026-11-23' where user_id = $1")
        .bind(lead.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.get(&lead, "/today").await.status, StatusCode::FORBIDDEN);
    let school = town.greenfield.id;
    grant(&mut town.owner, town.authority, lead.id, "staff", Some(school), day("2026-11-24"), None).await;
    assert_eq!(town.get(&lead, "/today").await.status, StatusCode::OK);
    assert_eq!(town.get(&lead, "/cases").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let town = Town::new().await;
    let lead = &town.greenfield.lead;
    let path = format!("/cases/{}/targets/new", town.greenfield.case.case);
    for headers in [
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")],
        vec![("origin", "null"), ("sec-fetch-site", "cross-site")],
    ] {
        let request = headers.iter().fold(
            axum::http::Request::post(&path)
                .header("cookie", &lead.cookie)
                .header("host", "localhost:8080")
                .header("content-type", "application/x-www-form-urlencoded"),
            |request, (name, value)| request.header(*name, *value),
        );
        let answer = town.send(request.body(axum::body::Body::from("words=x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let silent = axum::http::Request::post(&path)
        .header("cookie", &lead.cookie)
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(town.send(silent).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_page_has_the_headers() {
    let town = Town::new().await;
    for path in ["/sign-in", "/today", "/nowhere", "/live"] {
        let answer = town.get(&town.greenfield.lead, path).await;
        let policy = answer.headers.get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers.get("cache-control").unwrap(), "no-store", "{path}");
        assert_eq!(answer.headers.get("referrer-policy").unwrap(), "same-origin", "{path}");
        assert_eq!(answer.headers.get("x-content-type-options").unwrap(), "nosniff", "{path}");
    }
}
