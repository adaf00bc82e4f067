//! People on screen: adding, a link that works once, roles, leaving with cases handed over, and who may not.

use axum::http::StatusCode;
use time::Duration;
use uuid::Uuid;

use crate::{
    overview::in_sql,
    support::{Answer, Person, Town, day, grant},
};

const LINK: &str =
    "select 1 where app.make_account_link($3, $1, decode(repeat('ab', 32), 'hex'), now(), '2026-11-24')
                    and $2 <> $4";
const STOP: &str =
    "select 1 where app.disable_account($1, now(), '2026-11-24') is null and $2 <> $3 and $3 <> $4";
const GIVE: &str =
    "insert into app.grants (id, authority_id, user_id, role, school_id, from_on, made_at, made_by)
                    select gen_random_uuid(), $1, $2, 'headteacher', $3, '2026-11-24', now(), $4";

const PASSWORD: &str = "otter violin cement 9";

async fn admin(town: &mut Town) -> Person {
    town.person("la_administrator", None).await
}

fn stranger() -> Person {
    Person { id: Uuid::nil(), email: String::new(), cookie: "x=y".to_owned(), grant: Uuid::nil() }
}

/// The address of the link on a page that shows one.
fn link_in(answer: &Answer) -> String {
    let at = answer.body.find("/welcome/").unwrap_or_else(|| panic!("no link: {}", answer.body));
    answer.body[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c)).collect()
}

/// A link that works for somebody, made by an administrator of the town.
pub async fn link_of(town: &mut Town, person: Uuid) -> String {
    let admin = admin(town).await;
    link_in(&town.post(&admin, &format!("/admin/people/{person}/link"), &[]).await)
}

/// The form to add somebody, with some fields typed otherwise.
async fn add(town: &Town, who: &Person, other: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("name", "Ada Moss"),
        ("email", "ada.moss@greenfield.example"),
        ("role", "school_lead"),
        ("school", ""),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
        ("to_on.day", ""),
        ("to_on.month", ""),
        ("to_on.year", ""),
    ];
    for (name, value) in other {
        fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = value;
    }
    town.post(who, "/admin/people/new", &fields).await
}

async fn choose(town: &Town, link: &str, password: &str) -> Answer {
    town.post_exactly(&stranger(), link, &[("new", password)], &[]).await
}

async fn sign_in(town: &Town, email: &str, password: &str) -> Answer {
    town.post_exactly(&stranger(), "/sign-in", &[("email", email), ("password", password)], &[]).await
}

/// An address no other town uses.
fn address(town: &Town) -> String {
    format!("ada.moss-{}@greenfield.example", town.authority.simple())
}

const LAST: [(&str, &str); 4] =
    [("last_on.day", "23"), ("last_on.month", "11"), ("last_on.year", "2026"), ("was", "none")];

async fn end_role(town: &Town, who: &Person, of: &Person, other: &[(&str, &str)]) -> Answer {
    let path = format!("/admin/people/{}/roles/{}/end", of.id, of.grant);
    let fields: Vec<_> = LAST
        .iter()
        .filter(|(name, _)| !other.iter().any(|(typed, _)| typed == name))
        .chain(other)
        .copied()
        .collect();
    town.post(who, &path, &fields).await
}

#[tokio::test]
async fn somebody_new_chooses_a_password_with_a_link_that_works_once() {
    let mut town = Town::new().await;
    let (admin, school, email) = (admin(&mut town).await, town.greenfield.id.to_string(), address(&town));
    let form = town.get(&admin, "/admin/people/new").await;
    for words in ["Headteacher</option>", "LA administrator</option>", "Greenfield School", "Hillside School"]
    {
        assert!(form.body.contains(words), "{words}: {}", form.body);
    }
    assert!(!form.body.contains("delegate"), "the headteacher names delegates");
    let capitals = email.to_uppercase();
    let added = add(&town, &admin, &[("email", &capitals), ("school", &school)]).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let link = link_in(&added);
    assert_eq!(link.len(), "/welcome/".len() + 43, "256 bits: {link}");
    assert!(added.body.contains("11:45am on Friday 27 November 2026"), "{}", added.body);
    let token = link.strip_prefix("/welcome/").unwrap();

    // They cannot sign in before, and the link is neither stored nor recorded.
    assert_eq!(sign_in(&town, &email, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept: Vec<String> = sqlx::query_scalar(
        "select l::text from app.account_links l where authority_id = $1
         union all select e::text from app.audit_events e where authority_id = $1
         union all select k::text from app.form_keys k join app.users u on u.id = k.user_id where u.authority_id = $1",
    )
    .bind(town.authority)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert!(kept.len() >= 3 && !kept.iter().any(|row| row.contains(token)), "{kept:?}");

    let page = town.get(&stranger(), &link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Ada Moss") && page.body.contains(&email), "{}", page.body);
    assert_eq!(page.headers.get("referrer-policy").unwrap(), "same-origin");
    assert_eq!(page.headers.get("cache-control").unwrap(), "no-store");
    for weak in ["", "short", "waymark12345", "Ada Moss 1234"] {
        let refused = choose(&town, &link, weak).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        assert!(refused.body.contains("There is a problem"));
    }
    let chosen = choose(&town, &link, PASSWORD).await;
    assert_eq!((chosen.status, &*chosen.location), (StatusCode::SEE_OTHER, "/sign-in?chosen=1"));
    assert!(town.get(&stranger(), "/sign-in?chosen=1").await.body.contains("Your password is saved"));
    let into = sign_in(&town, &email, PASSWORD).await;
    assert_eq!(into.status, StatusCode::SEE_OTHER, "{}", into.body);
    let cookie = into.cookies.iter().find(|c| c.starts_with("waymark-session=")).unwrap();
    let ada = Person { cookie: cookie.split(';').next().unwrap().to_owned(), ..stranger() };
    assert_eq!(town.get(&ada, "/today").await.status, StatusCode::OK);

    // Replay: the link is over, whoever tries.
    for answer in [town.get(&stranger(), &link).await, choose(&town, &link, "another long phrase 55").await] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.body.contains("This link does not work any more") && !answer.body.contains("Ada"));
    }
    assert_eq!(town.get(&ada, "/today").await.status, StatusCode::OK, "a replay ends nobody’s session");
    let audited: Vec<String> = sqlx::query_scalar(
        "select action || ' ' || coalesce(facts::text, '') from app.audit_events where subject =
         (select id from app.users where email = $1) order by id",
    )
    .bind(&email)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(
        audited[..2],
        [
            "add_person {\"changed\": [\"person\", \"role\", \"link\"]}",
            "welcome {\"changed\": [\"password\"]}"
        ]
    );
}

#[tokio::test]
async fn a_link_is_over_after_three_days_and_when_a_newer_one_is_made() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let head = town.greenfield.head.clone();
    let path = format!("/admin/people/{}/link", tutor.id);
    let first = link_in(&town.post(&head, &path, &[]).await);
    let second = link_in(&town.post(&head, &path, &[]).await);
    assert_eq!(town.get(&stranger(), &first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(choose(&town, &first, PASSWORD).await.status, StatusCode::NOT_FOUND);
    town.later(Duration::hours(72) - Duration::seconds(1));
    assert_eq!(town.get(&stranger(), &second).await.status, StatusCode::OK);
    town.later(Duration::seconds(1));
    assert_eq!(town.get(&stranger(), &second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(choose(&town, &second, PASSWORD).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        town.count("select count(*) from app.users where id = $1 and password_hash is null", tutor.id).await,
        1
    );
    for made_up in ["x", &"A".repeat(43), &"A".repeat(5000), "%00", "..%2F"] {
        assert_eq!(town.get(&stranger(), &format!("/welcome/{made_up}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_link_of_somebody_who_forgot_ends_their_sessions_when_it_is_used() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let link = link_of(&mut town, tutor.id).await;
    assert_eq!(town.get(&tutor, "/today").await.status, StatusCode::OK, "not before");
    assert_eq!(choose(&town, &link, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get(&tutor, "/today").await.status, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&town, &tutor.email, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_use_a_link_at_once_one_chooses() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let link = link_of(&mut town, tutor.id).await;
    let town = std::sync::Arc::new(town);
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let (town, link) = (std::sync::Arc::clone(&town), link.clone());
            tokio::spawn(
                async move { choose(&town, &link, &format!("otter violin cement {n}")).await.status },
            )
        })
        .collect();
    let mut chosen = 0;
    for one in tries {
        let status = one.await.unwrap();
        assert!([StatusCode::SEE_OTHER, StatusCode::NOT_FOUND].contains(&status), "{status}");
        chosen += usize::from(status == StatusCode::SEE_OTHER);
    }
    assert_eq!(chosen, 1);
    let mut into = 0;
    for n in 0..8 {
        let answer = sign_in(&town, &tutor.email, &format!("otter violin cement {n}")).await;
        into += usize::from(answer.status == StatusCode::SEE_OTHER);
    }
    assert!(into <= 1, "{into} passwords work");
}

#[tokio::test]
async fn the_page_with_the_link_is_shown_once_and_pressing_twice_adds_once() {
    let mut town = Town::new().await;
    let (admin, email) = (admin(&mut town).await, address(&town));
    let key = Uuid::new_v4().to_string();
    let fields = [
        ("name", "Ada Moss"),
        ("email", &email),
        ("role", "panel_member"),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
        ("form_key", &key),
    ];
    let first = town.post_exactly(&admin, "/admin/people/new", &fields, &[]).await;
    let link = link_in(&first);
    let second = town.post_exactly(&admin, "/admin/people/new", &fields, &[]).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", second.body);
    let page = town.get(&admin, &second.location).await;
    assert!(page.body.contains("It works once until 27 November 2026 at 11:45am"), "{}", page.body);
    assert!(!page.body.contains("/welcome/"), "the link is not there again");
    assert_eq!(town.get(&stranger(), &link).await.status, StatusCode::OK, "and is not ended by looking");
}

#[tokio::test]
async fn what_cannot_be_added_says_why() {
    let mut town = Town::new().await;
    let (admin, school, email) = (admin(&mut town).await, town.greenfield.id.to_string(), address(&town));
    let head = town.greenfield.head.clone();
    let hillside = town.hillside.id.to_string();
    let taken = town.hillside.lead.email.clone();
    let before = town.digest().await;
    for (fields, says) in [
        (vec![("name", "")], "Enter full name"),
        (vec![("email", "")], "Enter work email address"),
        (vec![("email", "ada")], "must be one like name@school.example"),
        (vec![("email", "ada@@x.example")], "must be one like name@school.example"),
        (vec![("email", "ada moss@x.example")], "must be one like name@school.example"),
        (vec![("role", "")], "Select a role"),
        (vec![("school", "")], "Select the school"),
        (
            vec![("role", "panel_member")],
            "Leave the school out: Panel member is a role in the whole authority",
        ),
        (vec![("from_on.day", "23")], "First day must be today or later"),
        (vec![("from_on.year", "2028")], "First day must be within a year from today"),
        (
            vec![("to_on.day", "23"), ("to_on.month", "11"), ("to_on.year", "2026")],
            "Last day must not be before the first day",
        ),
        (vec![("email", &*taken)], "Somebody signs in with this address already"),
    ] {
        let mut typed = vec![("email", &*email), ("school", &*school)];
        typed.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        typed.extend(&fields);
        let answer = add(&town, &admin, &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}: {}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    // What was not offered is not there.
    for (who, fields) in [
        (&admin, vec![("role", "head_delegate"), ("school", &*school)]),
        (&admin, vec![("role", "king"), ("school", &*school)]),
        (&head, vec![("role", "headteacher"), ("school", &*school)]),
        (&head, vec![("role", "la_administrator")]),
        (&head, vec![("school", &*hillside)]),
    ] {
        let mut typed = vec![("email", &*email)];
        typed.extend(&fields);
        assert_eq!(add(&town, who, &typed).await.status, StatusCode::NOT_FOUND, "{fields:?}");
    }
    let elsewhere = Town::new().await;
    let there = elsewhere.greenfield.id.to_string();
    let crossed = add(&town, &admin, &[("email", &email), ("school", &there)]).await;
    assert_eq!(crossed.status, StatusCode::NOT_FOUND);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn the_list_shows_whom_one_looks_after() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let admin = admin(&mut town).await;
    let gone = town.person("staff", Some(own.id)).await;
    sqlx::query("update app.grants set to_on = '2026-10-23' where id = $1")
        .bind(gone.grant)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let list = town.get(&own.head, "/admin/people").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains(&own.tutor.email) && list.body.contains(&own.head.email));
    assert!(!list.body.contains(&other.tutor.email) && !list.body.contains(&admin.email), "{}", list.body);
    assert!(!list.body.contains(&gone.email), "who left is not here now");
    assert!(town.get(&own.head, "/admin/people?standing=gone").await.body.contains(&gone.email));
    let all = town.get(&admin, "/admin/people?standing=all").await;
    assert!([&own.tutor, &other.tutor, &gone, &admin].iter().all(|one| all.body.contains(&one.email)));
    let filtered = town.get(&admin, &format!("/admin/people?school={}&role=staff", other.id)).await;
    assert!(filtered.body.contains(&other.tutor.email) && !filtered.body.contains(&other.lead.email));
    assert!(!filtered.body.contains(&own.tutor.email));
    for nonsense in ["?school=x", "?role=king", "?after=1"] {
        let answer = town.get(&admin, &format!("/admin/people{nonsense}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nonsense}");
    }
    // Looking for somebody: the words stay out of the address, and mean what they say.
    let part = &own.tutor.email[..20];
    let found = town.post(&admin, "/admin/people", &[("q", part)]).await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(found.body.contains(&own.tutor.email) && found.body.contains("1 person with"), "{}", found.body);
    let beyond = town.post(&own.head, "/admin/people", &[("q", &other.tutor.email)]).await;
    assert!(beyond.body.contains("Nobody with"), "{}", beyond.body);
    for literally in ["%", "_", "\\", "' or '1'='1"] {
        let answer = town.post(&admin, "/admin/people", &[("q", literally)]).await;
        let found = answer.body.contains("data-label=\"Roles\"");
        // The addresses of this town have an underscore, and none of the others.
        assert_eq!((answer.status, found), (StatusCode::OK, literally == "_"), "{literally}");
    }
    assert_eq!(
        town.post(&admin, "/admin/people", &[("q", " ")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    for who in [&own.lead, &own.tutor] {
        assert_eq!(town.get(who, "/admin/people").await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_long_list_comes_in_pages_that_lose_nobody() {
    let mut town = Town::new().await;
    let (admin, school) = (admin(&mut town).await, town.greenfield.id);
    for _ in 0..60 {
        town.person("staff", Some(school)).await;
    }
    let (mut path, mut seen) = ("/admin/people?standing=here".to_owned(), 0);
    for _ in 0..3 {
        let page = town.get(&admin, &path).await;
        seen += page.body.matches("data-label=\"Roles\"").count();
        let Some(at) = page.body.find("\">Next page") else { break };
        let start = page.body[..at].rfind("href=\"").unwrap() + 6;
        path = page.body[start..at].replace("&#38;", "&");
        assert!(path.contains("standing=here&after="), "{path}");
    }
    assert_eq!(seen, 67, "six of the schools, the administrator, sixty more");
}

#[tokio::test]
async fn who_leads_cases_leaves_by_handing_them_over() {
    let mut town = Town::new().await;
    town.class(2, 1).await;
    let own = town.greenfield.clone();
    let other_lead = town.person("school_lead", Some(own.id)).await;
    let path = format!("/admin/people/{}/roles/{}/end", own.lead.id, own.lead.grant);
    let form = town.get(&own.head, &path).await;
    assert!(form.body.contains("3 open cases at Greenfield School"), "{}", form.body);
    assert!(form.body.contains(&own.sentinel), "the headteacher sees which");
    let shown = "select count(*) from app.audit_events where $1 = any (pupils) and action = 'role_end_form'";
    assert_eq!(town.count(shown, own.case.pupil).await, 1);

    let before = town.digest().await;
    let refused = end_role(&town, &own.head, &own.lead, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Select who leads these cases from today"), "{}", refused.body);
    let to = format!("to.{}", own.id);
    let one = format!("case.{}", own.case.case);
    // Nobody of another school, and not the leaver.
    for id in [town.hillside.lead.id, own.lead.id, Uuid::now_v7()] {
        let crossed = end_role(&town, &own.head, &own.lead, &[(&to, &id.to_string())]).await;
        assert_eq!(crossed.status, StatusCode::NOT_FOUND);
    }
    let only_one = end_role(&town, &own.head, &own.lead, &[(&one, &own.tutor.id.to_string())]).await;
    assert_eq!(only_one.status, StatusCode::UNPROCESSABLE_ENTITY, "two are left");
    assert_eq!(before, town.digest().await);

    let fields = [(&*to, &*other_lead.id.to_string()), (&*one, &*own.tutor.id.to_string())];
    let ended = end_role(&town, &own.head, &own.lead, &fields).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    assert_eq!(
        town.get(&own.lead, "/today").await.status,
        StatusCode::SEE_OTHER,
        "the session ended with the role"
    );
    let led = "select count(*) from app.cases where lead_id = $1 and closed_on is null";
    assert_eq!(town.count(led, own.lead.id).await, 0);
    assert_eq!(town.count(led, other_lead.id).await, 2);
    assert_eq!(town.count(led, own.tutor.id).await, 1);
    let history: Vec<(Uuid, String, Option<String>)> = sqlx::query_as(
        "select user_id, from_on::text, to_on::text from app.case_leads where case_id = $1 order by from_on",
    )
    .bind(own.case.case)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(
        history,
        [
            (own.lead.id, "2026-11-02".to_owned(), Some("2026-11-23".to_owned())),
            (own.tutor.id, "2026-11-24".to_owned(), None)
        ]
    );
    let named = "select count(*) from app.audit_events where $1 = any (pupils) and action = 'end_role'";
    assert_eq!(town.count(named, own.case.pupil).await, 1);
    assert!(town.get(&own.tutor, &format!("/cases/{}", own.case.case)).await.status == StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_administrator_hands_over_without_seeing_a_pupil() {
    let mut town = Town::new().await;
    town.class(2, 1).await;
    let (admin, own) = (admin(&mut town).await, town.greenfield.clone());
    let path = format!("/admin/people/{}", own.lead.id);
    for page in [path.clone(), format!("{path}/disable"), format!("{path}/roles/{}/end", own.lead.grant)] {
        let answer = town.get(&admin, &page).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("3 open cases at Greenfield School"), "{page}: {}", answer.body);
        for word in [&own.sentinel, "Robin", &own.case.case.to_string(), &own.case.pupil.to_string()] {
            assert!(!answer.body.contains(word), "{page} shows {word}");
        }
    }
    let before = town.digest().await;
    let disable = format!("{path}/disable");
    let bare = town.post(&admin, &disable, &[("sure", "yes")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (to, tutor) = (format!("to.{}", own.id), own.tutor.id.to_string());
    let unsure = town.post(&admin, &disable, &[(&to, &tutor)]).await;
    assert!(unsure.body.contains("Tick the box"), "{}", unsure.body);
    let stranger =
        town.post(&admin, &disable, &[("sure", "yes"), (&to, &town.hillside.lead.id.to_string())]).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(before, town.digest().await);
    let done = town.post(&admin, &disable, &[("sure", "yes"), (&to, &tutor)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let led = "select count(*) from app.cases where lead_id = $1 and closed_on is null";
    assert_eq!(town.count(led, own.tutor.id).await, 3);
    let histories =
        "select count(*) from app.case_leads where user_id = $1 and to_on is null and from_on = '2026-11-24'";
    assert_eq!(town.count(histories, own.tutor.id).await, 3);
    let named = "select count(*) from app.audit_events where $1 = any (pupils) and action = 'hand_over'
                 and acted_as = 'la_administrator'";
    assert_eq!(town.count(named, own.case.pupil).await, 1, "whose cases they were stays known");
    // At once, and not with an old link either.
    assert_eq!(town.get(&own.lead, "/today").await.location, "/sign-in?back=%2Ftoday");
    let again = town.post(&admin, &disable, &[("sure", "yes")]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "disabled already");
    assert_eq!(town.post(&admin, &format!("{path}/link"), &[]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.post(&admin, &format!("{path}/enable"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get(&own.lead, "/today").await.status, StatusCode::SEE_OTHER, "they sign in anew");
}

#[tokio::test]
async fn disabling_ends_a_link_that_was_open() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let link = link_of(&mut town, tutor.id).await;
    let path = format!("/admin/people/{}", tutor.id);
    let head = town.greenfield.head.clone();
    town.post(&head, &format!("{path}/disable"), &[("sure", "yes")]).await;
    assert_eq!(choose(&town, &link, PASSWORD).await.status, StatusCode::NOT_FOUND);
    town.post(&head, &format!("{path}/enable"), &[]).await;
    assert_eq!(choose(&town, &link, PASSWORD).await.status, StatusCode::NOT_FOUND, "for good");
}

#[tokio::test]
async fn another_role_at_the_school_keeps_the_cases() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let (authority, school) = (town.authority, Some(own.id));
    grant(&mut town.owner, authority, own.lead.id, "staff", school, day("2026-09-01"), None).await;
    let ended = end_role(&town, &own.head, &own.lead, &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    let led = "select count(*) from app.cases where lead_id = $1 and closed_on is null";
    assert_eq!(town.count(led, own.lead.id).await, 1);
    assert_eq!(town.get(&own.lead, "/today").await.status, StatusCode::OK, "they still mark days");
    assert_eq!(town.get(&own.lead, "/cases").await.status, StatusCode::FORBIDDEN, "and lead no more");
}

#[tokio::test]
async fn a_role_ends_on_the_day_chosen_and_two_who_change_it_see_each_other() {
    let town = Town::new().await;
    let own = town.greenfield.clone();
    let future = [("last_on.day", "18"), ("last_on.month", "12")];
    let ended = end_role(&town, &own.head, &own.tutor, &future).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    assert_eq!(town.get(&own.tutor, "/today").await.status, StatusCode::OK, "until then");
    let stale = end_role(&town, &own.head, &own.tutor, &[]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.body);
    assert!(stale.body.contains("18 December 2026"), "{}", stale.body);
    let early = [("last_on.day", "22"), ("was", "2026-12-18")];
    let early = end_role(&town, &own.head, &own.tutor, &early).await;
    assert!(early.body.contains("Last day must be yesterday or later"), "{}", early.body);
    let now = end_role(&town, &own.head, &own.tutor, &[("was", "2026-12-18")]).await;
    assert_eq!(now.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get(&own.tutor, "/account").await.status, StatusCode::SEE_OTHER);
    let over = end_role(&town, &own.head, &own.tutor, &[("was", "2026-11-23")]).await;
    assert_eq!(over.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_headteacher_reaches_no_account_that_could_do_more() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let admin = admin(&mut town).await;
    let second_head = town.person("headteacher", Some(own.id)).await;
    let (authority, here) = (town.authority, Some(own.id));
    // Staff here who also administer the authority, and staff of two schools.
    grant(&mut town.owner, authority, admin.id, "staff", here, day("2026-09-01"), None).await;
    grant(&mut town.owner, authority, other.tutor.id, "staff", here, day("2026-09-01"), None).await;
    let before = town.digest().await;
    for of in [&admin, &second_head, &own.head, &other.tutor] {
        let path = format!("/admin/people/{}", of.id);
        let page = town.get(&own.head, &path).await;
        assert_eq!(page.status, StatusCode::OK, "they see who works here");
        assert!(!page.body.contains("Disable the account"), "{}", page.body);
        for (way, fields) in [("link", vec![]), ("disable", vec![("sure", "yes")]), ("enable", vec![])] {
            let answer = town.post(&own.head, &format!("{path}/{way}"), &fields).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{way} {}", answer.body);
        }
        let end = end_role(&town, &own.head, of, &[]).await;
        assert!(
            [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&end.status),
            "{}",
            end.status
        );
    }
    for of in [&other.lead, &other.head] {
        let answer = town.get(&own.head, &format!("/admin/people/{}", of.id)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(before, town.digest().await);
    // The database says the same to whoever gets past the program.
    let ids = |user: Uuid| [user, town.authority, own.id, own.head.id];
    for sql in [LINK, STOP] {
        assert_eq!(in_sql(&own.head, sql, ids(own.tutor.id)).await, Ok(1), "or it proves nothing");
        for user in [admin.id, second_head.id, own.head.id, other.tutor.id, other.lead.id] {
            assert_eq!(in_sql(&own.head, sql, ids(user)).await, Ok(0), "{sql}");
        }
        for who in [&own.lead, &own.tutor] {
            assert_eq!(in_sql(who, sql, ids(own.tutor.id)).await, Ok(0), "{sql}");
        }
    }
}

#[tokio::test]
async fn nobody_changes_their_own_roles() {
    let mut town = Town::new().await;
    let (admin, school) = (admin(&mut town).await, town.greenfield.id.to_string());
    let second = town.person("la_administrator", None).await;
    let path = format!("/admin/people/{}", admin.id);
    assert!(town.get(&admin, &path).await.body.contains("You cannot change your own account or roles here"));
    let role = [
        ("role", "headteacher"),
        ("school", &*school),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
    ];
    let before = town.digest().await;
    assert_eq!(town.post(&admin, &format!("{path}/roles/new"), &role).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(end_role(&town, &admin, &admin, &[]).await.status, StatusCode::BAD_REQUEST);
    let stop = town.post(&admin, &format!("{path}/disable"), &[("sure", "yes")]).await;
    assert_eq!(stop.status, StatusCode::BAD_REQUEST);
    assert_eq!(before, town.digest().await);
    let ids = |user: Uuid| [town.authority, user, town.greenfield.id, admin.id];
    assert_eq!(in_sql(&admin, GIVE, ids(second.id)).await, Ok(1), "or it proves nothing");
    assert!(in_sql(&admin, GIVE, ids(admin.id)).await.unwrap_err().contains("row-level security"));
    let done = town.post(&admin, &format!("/admin/people/{}/roles/new", second.id), &role).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let twice = town.post(&admin, &format!("/admin/people/{}/roles/new", second.id), &role).await;
    assert!(twice.body.contains("They have this role there on some of these days already"), "{}", twice.body);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let mut town = Town::new().await;
    let (first, second) = (admin(&mut town).await, admin(&mut town).await);
    // The first leaves at Christmas: who else would administer in January?
    sqlx::query("update app.grants set to_on = '2026-12-18' where id = $1")
        .bind(first.grant)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let later = [("last_on.day", "18"), ("last_on.month", "12")];
    let refused = end_role(&town, &first, &second, &later).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("Somebody else must be LA administrator after this day"));
    // Sooner is no better: the first would still be gone in January.
    let now = end_role(&town, &first, &second, &[]).await;
    assert_eq!(now.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", now.body);
    sqlx::query("update app.grants set to_on = null where id = $1")
        .bind(first.grant)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let now = end_role(&town, &first, &second, &[]).await;
    assert_eq!(now.status, StatusCode::SEE_OTHER, "{}", now.body);
}

#[tokio::test]
async fn another_role_ends_a_link_that_was_open() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let link = link_of(&mut town, tutor.id).await;
    let authority = town.authority;
    town.later(time::Duration::minutes(1));
    sqlx::query(
        "insert into app.grants (id, authority_id, user_id, role, from_on, made_at)
         values (gen_random_uuid(), $1, $2, 'la_representative', '2026-11-24', $3)",
    )
    .bind(authority)
    .bind(tutor.id)
    .bind(town.now())
    .execute(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(choose(&town, &link, PASSWORD).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_administrators_who_end_each_other_at_once_one_stays() {
    let mut town = Town::new().await;
    let (first, second) = (admin(&mut town).await, admin(&mut town).await);
    let (one, other) =
        tokio::join!(end_role(&town, &first, &second, &[]), end_role(&town, &second, &first, &[]));
    let left = town
        .count(
            "select count(*) from app.grants where authority_id = $1 and role = 'la_administrator' and to_on is null",
            town.authority,
        )
        .await;
    assert!(left >= 1, "{} {}", one.status, other.status);
}

#[tokio::test]
async fn another_authority_is_not_there() {
    let (mut town, elsewhere) = (Town::new().await, Town::new().await);
    let admin = admin(&mut town).await;
    let of = &elsewhere.greenfield.tutor;
    let path = format!("/admin/people/{}", of.id);
    assert_eq!(town.get(&admin, &path).await.status, StatusCode::NOT_FOUND);
    for way in ["link", "enable", "disable", "roles/new"] {
        let answer = town.post(&admin, &format!("{path}/{way}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{way}");
    }
    assert_eq!(end_role(&town, &admin, of, &[]).await.status, StatusCode::NOT_FOUND);
    let found = town.post(&admin, "/admin/people", &[("q", &of.email)]).await;
    assert!(found.body.contains("Nobody with"), "{}", found.body);
}
