//! Finding a pupil: what finds them, for whom, and what is kept of it.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use scraper::{Html, Selector};
use time::Duration;
use uuid::Uuid;

use crate::support::{NOW, Person, Town, day, pupil};

/// A pupil of a school, with the names given.
async fn enrol(town: &mut Town, school: Uuid, given: &str, known_as: Option<&str>, family: &str) -> Uuid {
    let by = town.greenfield.lead.id;
    let (id, _) = pupil(&mut town.owner, town.authority, school, by, family).await;
    sqlx::query("update app.pupils set given_name = $2, known_as = $3 where id = $1")
        .bind(id)
        .bind(given)
        .bind(known_as)
        .execute(&mut town.owner)
        .await
        .unwrap();
    id
}

async fn with_upn(town: &mut Town, pupil: Uuid, upn: &str) {
    sqlx::query("update app.pupils set upn = $2, no_upn_reason = null where id = $1")
        .bind(pupil)
        .bind(upn)
        .execute(&mut town.owner)
        .await
        .unwrap();
}

async fn leave(town: &mut Town, pupil: Uuid) {
    sqlx::query("update app.enrolments set to_on = '2026-07-20' where pupil_id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
}

/// A case of the pupil, open since the second of November, or closed since: its number.
async fn case(town: &mut Town, pupil: Uuid, closed: bool) -> i64 {
    sqlx::query_scalar(
        "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                opened_by, rationale, stage, lead_id, sort_name, closed_on, ended_as)
         select $1, e.authority_id, e.school_id, e.pupil_id, e.id, p.id, '2026-11-02', $2, $3, 'x', 2, $3, 'x', $4, $5
         from app.enrolments e join app.policies p on p.authority_id = e.authority_id where e.pupil_id = $6
         returning number",
    )
    .bind(Uuid::now_v7())
    .bind(NOW - Duration::days(22))
    .bind(town.greenfield.lead.id)
    .bind(closed.then(|| day("2026-11-20")))
    .bind(closed.then_some("progress"))
    .bind(pupil)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// Each pupil found, with the rest of the line.
async fn search(town: &Town, who: &Person, sought: &str, closed: bool) -> BTreeMap<String, String> {
    let mut fields = vec![("sought", sought)];
    if closed {
        fields.push(("closed", "yes"));
    }
    let answer = town.post(who, "/search", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{sought}: {}", answer.body);
    let page = Html::parse_document(&answer.body);
    let (row, name, cell) = (
        Selector::parse("tbody tr").unwrap(),
        Selector::parse("th").unwrap(),
        Selector::parse("td").unwrap(),
    );
    page.select(&row)
        .map(|line| {
            let words =
                |of| line.select(of).map(|e| e.text().collect::<String>()).collect::<Vec<_>>().join("; ");
            (words(&name), words(&cell))
        })
        .collect()
}

async fn names(town: &Town, who: &Person, sought: &str) -> Vec<String> {
    search(town, who, sought, false).await.into_keys().collect()
}

#[tokio::test]
async fn a_lead_finds_a_pupil_by_what_they_remember() {
    let mut town = Town::new().await;
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.clone());
    let zoe = enrol(&mut town, school, "Zoë", None, "O’Neill-Smith").await;
    let jordan = enrol(&mut town, school, "Jordan", Some("Jay"), "Campbell").await;
    enrol(&mut town, school, "محمد", None, "الأحمد").await;
    with_upn(&mut town, jordan, "P803000016049").await;
    let number = case(&mut town, jordan, false).await;
    for sought in
        ["zoe", "ZOË", "neill zoe", "oneill", "O'Neill", "smith zo", "Zoe O’Neill-Smith", "zoe  oneill"]
    {
        let found = names(&town, &lead, sought).await;
        assert!(sought == "neill zoe" || found == ["Zoë O’Neill-Smith"], "{sought}: {found:?}");
    }
    for (sought, why) in [
        ("campbell", "name"),
        ("jordan camp", "name"),
        ("campbell jordan", "name"),
        ("jay campbell", "known as"),
        ("cambell", "similar name"),
        ("jrodan", "similar name"),
        ("jordan cambpell", "similar name"),
        ("6049", "UPN ending"),
        ("p803000016049", "UPN"),
        (&number.to_string(), "case number"),
        (&format!("case {number}"), "case number"),
        (&format!("Case #{number}"), "case number"),
    ] {
        let found = search(&town, &lead, sought, false).await;
        assert_eq!(found.keys().collect::<Vec<_>>(), ["Jay Campbell"], "{sought}");
        let line = &found["Jay Campbell"];
        assert!(
            line.starts_with("Year 9; Stage 2; A school_lead") && line.ends_with(why),
            "{sought}: {line}"
        );
    }
    assert_eq!(
        search(&town, &lead, "zoe", false).await["Zoë O’Neill-Smith"],
        "Year 9; not on the programme; none; name"
    );
    assert_eq!(names(&town, &lead, "محمد").await, ["محمد الأحمد"]);
    assert_eq!(names(&town, &lead, "jordan oneill").await, Vec::<String>::new());
    let nobody = town.post(&lead, "/search", &[("sought", "Xanthippe")]).await;
    for help in ["0 pupils", "check the spelling", "family name only", "include closed cases"] {
        assert!(nobody.body.contains(help), "{help}");
    }
    let id = zoe.to_string();
    let found = town.post(&lead, "/search", &[("sought", "zoe")]).await;
    assert!(found.body.contains(&format!("href=\"/pupils/{id}\"")));
}

#[tokio::test]
async fn those_who_left_are_found_when_asked_for() {
    let mut town = Town::new().await;
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.clone());
    let gone = enrol(&mut town, school, "Ayaan", None, "Balogun").await;
    leave(&mut town, gone).await;
    let done = enrol(&mut town, school, "Ayaan", None, "Chowdhury").await;
    let number = case(&mut town, done, true).await;
    assert_eq!(names(&town, &lead, "ayaan").await, ["Ayaan Chowdhury"]);
    let all = search(&town, &lead, "ayaan", true).await;
    assert_eq!(all["Ayaan Balogun"], "Year 9; not on the programme, left the school; none; name");
    assert_eq!(all["Ayaan Chowdhury"], "Year 9; left the programme; none; name");
    assert_eq!(
        names(&town, &lead, &number.to_string()).await,
        ["Ayaan Chowdhury"],
        "who knows the number means it"
    );
}

#[tokio::test]
async fn odd_things_typed_are_answered_in_words() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let long = "a".repeat(10_000);
    let before = town.digest().await;
    for (sought, words) in [
        ("", "Enter a name, the end of a UPN or a case number"),
        ("   ", "Enter a name, the end of a UPN or a case number"),
        ("a", "Enter at least 2 letters or numbers"),
        ("%", "Enter at least 2 letters or numbers"),
        ("🙂🙂", "Enter at least 2 letters or numbers"),
        ("'_'", "Enter at least 2 letters or numbers"),
        (&*long, "Enter 100 characters or fewer"),
    ] {
        let answer = town.post(&lead, "/search", &[("sought", sought)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{sought}");
        assert!(
            answer.body.contains(words) && answer.body.contains("<title>Error: "),
            "{sought}: {}",
            answer.body
        );
    }
    for sought in [
        "__",
        "a%",
        "'; drop table app.pupils; --",
        "\\\\ab",
        "(ab",
        "a|b*+?[",
        "99999999999999999999",
        "ab\u{202e}cd",
    ] {
        let answer = town.post(&lead, "/search", &[("sought", sought)]).await;
        assert!(
            [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status),
            "{sought}: {}",
            answer.status
        );
        assert!(!answer.body.contains(&town.greenfield.sentinel), "{sought} finds everybody");
    }
    let nul = town.post(&lead, "/search", &[("sought", "a\0b")]).await;
    assert_eq!(nul.status, StatusCode::BAD_REQUEST);
    let missing = town.post(&lead, "/search", &[]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(before, town.digest().await, "a search changes nothing");
}

#[tokio::test]
async fn what_was_typed_is_kept_nowhere_and_whom_it_showed_is() {
    let mut town = Town::new().await;
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.clone());
    let pupil = enrol(&mut town, school, "Quentin", None, "Xylander").await;
    let answer = town.post(&lead, "/search", &[("sought", "quentin xyl")]).await;
    assert_eq!(answer.location, "");
    assert!(answer.headers.get("cache-control").unwrap().to_str().unwrap().contains("no-store"));
    let shown: Vec<(String, String)> = sqlx::query_as(
        "select action, a::text from app.audit_events a where actor = $1 and $2 = any (pupils)",
    )
    .bind(lead.id)
    .bind(pupil)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!(shown[0].0, "search");
    assert!(!shown[0].1.to_lowercase().contains("xyl"), "{shown:?}");
    let keys = town.count("select count(*) from app.form_keys where user_id = $1", lead.id).await;
    assert_eq!(keys, 0, "it can be sent again");
}

#[tokio::test]
async fn each_role_searches_among_what_it_sees() {
    let mut town = Town::new().await;
    let (green, hill) = (town.greenfield.id, town.hillside.id);
    let on = enrol(&mut town, green, "Alexandra", Some("Lexi"), "Doyle").await;
    with_upn(&mut town, on, "P803000016049").await;
    let number = case(&mut town, on, false).await;
    enrol(&mut town, green, "Lexi", None, "Dixon").await;
    let ended = enrol(&mut town, green, "Lexi", None, "Dunne").await;
    let ended_number = case(&mut town, ended, true).await;
    let other = enrol(&mut town, hill, "Lexi", None, "Drake").await;
    case(&mut town, other, false).await;

    let tutor = town.greenfield.tutor.clone();
    assert_eq!(names(&town, &tutor, "lexi").await, ["Lexi Doyle"], "pupils on the programme only");
    let line = &search(&town, &tutor, "lexi", true).await;
    assert_eq!(line.keys().collect::<Vec<_>>(), ["Lexi Doyle"], "closed cases are not for staff");
    for unseen in ["alexandra", "6049", &number.to_string()] {
        assert_eq!(
            names(&town, &tutor, unseen).await,
            Vec::<String>::new(),
            "{unseen} is on no page of theirs"
        );
    }
    let page = town.get(&tutor, "/search").await;
    assert!(!page.body.contains("UPN") && !page.body.contains("closed cases"), "{}", page.body);

    let head = town.greenfield.head.clone();
    assert_eq!(names(&town, &head, "lexi").await, ["Lexi Dixon", "Lexi Doyle", "Lexi Dunne"]);
    assert_eq!(names(&town, &head, "alexandra").await, ["Lexi Doyle"]);

    let delegate = town.person("head_delegate", Some(green)).await;
    assert_eq!(names(&town, &delegate, "lexi").await, ["Lexi Doyle"], "a delegate sees cases, not the roll");
    assert_eq!(search(&town, &delegate, "lexi", true).await.len(), 2);
    assert_eq!(names(&town, &delegate, &ended_number.to_string()).await, ["Lexi Dunne"]);

    let here = town.person("la_representative", Some(hill)).await;
    assert_eq!(names(&town, &here, "lexi").await, ["Lexi Drake"]);
    let everywhere = town.person("la_representative", None).await;
    let found = search(&town, &everywhere, "lexi", false).await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found["Lexi Drake"].contains("Hillside School"), "{found:?}");

    let service = town.person("support_service", None).await;
    assert_eq!(names(&town, &service, "lexi").await, Vec::<String>::new());
    share(&mut town, other, &service, None).await;
    assert_eq!(names(&town, &service, "lexi").await, ["Lexi Drake"]);
    // Nobody is told to look for what they cannot find.
    let page = town.get(&service, "/search").await.body;
    assert!(page.contains("or a case number") && !page.contains("UPN"), "{page}");
    assert!(town.get(&town.greenfield.lead, "/search").await.body.contains("characters of a UPN"));
    sqlx::query("update app.case_shares set to_on = '2026-11-23' where with_user = $1")
        .bind(service.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(names(&town, &service, "lexi").await, Vec::<String>::new(), "the share is over");

    for role in ["panel_member", "la_administrator"] {
        let who = town.person(role, None).await;
        assert_eq!(town.get(&who, "/search").await.status, StatusCode::FORBIDDEN);
        assert_eq!(town.post(&who, "/search", &[("sought", "lexi")]).await.status, StatusCode::FORBIDDEN);
        assert!(!town.get(&who, "/account").await.body.contains("href=\"/search\""));
    }
}

async fn share(town: &mut Town, pupil: Uuid, with: &Person, to: Option<&str>) {
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, to_on, made_at,
                                      made_by)
         select $1, authority_id, school_id, id, pupil_id, $2, 'test', '2026-11-01', $3, $4, lead_id from app.cases
         where pupil_id = $5",
    )
    .bind(Uuid::now_v7())
    .bind(with.id)
    .bind(to.map(day))
    .bind(NOW)
    .bind(pupil)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_long_answer_ends_and_says_so() {
    let mut town = Town::new().await;
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.clone());
    for n in 0..52 {
        enrol(&mut town, school, "Robin", None, &format!("Marsh{n:02}")).await;
    }
    let answer = town.post(&lead, "/search", &[("sought", "robin")]).await;
    assert!(
        answer.body.contains("The first 50 pupils") && answer.body.contains("There are more."),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("Marsh49") && !answer.body.contains("Marsh50"));
}

/// A pupil of the random town as the test knows them.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what a pupil of the town can be")]
struct InTown {
    shown: String,
    legal: [&'static str; 2],
    known_as: Option<&'static str>,
    school: Uuid,
    open: bool,
    closed: bool,
    left: bool,
    shared: bool,
}

/// Letters only, without accents: written for this test, by hand.
fn plain(text: &str) -> Vec<String> {
    let bare: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ë' | 'é' => 'e',
            'ø' => 'o',
            '-' => ' ',
            c => c,
        })
        .filter(|c| *c != '’')
        .collect();
    bare.split_whitespace().map(str::to_owned).collect()
}

/// Every word typed begins a word of the name.
fn fits(sought: &str, name: &str) -> bool {
    let name = plain(name);
    plain(sought).iter().all(|word| name.iter().any(|of| of.starts_with(word.as_str())))
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "towns, viewers, searches, one in another")]
async fn over_random_towns_nobody_is_shown_outside_the_scope_and_nobody_inside_is_missed() {
    const GIVEN: [&str; 8] = ["Zoë", "Zoe", "Jordan", "Jo", "Anna-Maria", "Maria", "Søren", "Dé"];
    const FAMILY: [&str; 7] = ["Price", "O’Neill", "Pricet", "Smith-Jones", "Jones", "Maria", "Jordan"];
    const SOUGHT: [&str; 12] = [
        "zo",
        "zoe",
        "price",
        "jordan",
        "jo",
        "maria jones",
        "anna",
        "oneill",
        "jones smith",
        "soren p",
        "de",
        "jrodan",
    ];
    let mut state: u64 = 0x5eed_0013;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut asked, mut shown) = (0, 0);
    for _ in 0..4 {
        let (mut town, mut elsewhere) = (Town::new().await, Town::new().await);
        let (green, hill) = (town.greenfield.id, town.hillside.id);
        let service = town.person("support_service", None).await;
        let mut known: Vec<InTown> = Vec::new();
        for _ in 0..36 {
            let legal =
                [GIVEN[usize::try_from(random(8)).unwrap()], FAMILY[usize::try_from(random(7)).unwrap()]];
            let known_as = (random(4) == 0).then(|| GIVEN[usize::try_from(random(8)).unwrap()]);
            let shown = format!("{} {}", known_as.unwrap_or(legal[0]), legal[1]);
            if known.iter().any(|other| other.shown == shown) {
                continue;
            }
            let school = if random(2) == 0 { green } else { hill };
            let id = enrol(&mut town, school, legal[0], known_as, legal[1]).await;
            let (open, closed, left) = match random(5) {
                0 | 1 => (true, false, false),
                2 => (false, true, false),
                3 => (false, false, true),
                _ => (false, false, false),
            };
            if open || closed {
                case(&mut town, id, closed).await;
            }
            if left {
                leave(&mut town, id).await;
            }
            let shared = (open || closed) && random(3) == 0;
            if shared {
                share(&mut town, id, &service, None).await;
            }
            known.push(InTown { shown, legal, known_as, school, open, closed, left, shared });
        }
        // The same names in another authority: never shown here.
        for n in 0..8 {
            let school = elsewhere.greenfield.id;
            enrol(&mut elsewhere, school, GIVEN[n % 8], None, &format!("{}zz", FAMILY[n % 7])).await;
        }
        let viewers = [
            ("lead", town.greenfield.lead.clone()),
            ("staff", town.greenfield.tutor.clone()),
            ("delegate", town.person("head_delegate", Some(green)).await),
            ("representative", town.person("la_representative", Some(hill)).await),
            ("everywhere", town.person("la_representative", None).await),
            ("service", service),
        ];
        for (role, person) in &viewers {
            for sought in SOUGHT {
                for all in [false, true] {
                    let found = search(&town, person, sought, all).await;
                    let within = |one: &InTown| match *role {
                        "lead" => one.school == green && (all || !one.left),
                        "representative" => one.school == hill && (all || !one.left),
                        "everywhere" => all || !one.left,
                        "staff" => one.school == green && one.open,
                        "delegate" => one.school == green && (one.open || (all && one.closed)),
                        _ => one.shared && (one.open || (all && one.closed)),
                    };
                    let whole = ["lead", "representative", "everywhere"].contains(role);
                    let name = |one: &InTown| {
                        let known_as = one.known_as.unwrap_or_default();
                        if whole {
                            format!("{} {known_as} {}", one.legal[0], one.legal[1])
                        } else {
                            one.shown.clone()
                        }
                    };
                    let scope: BTreeSet<_> =
                        known.iter().filter(|k| within(k)).map(|k| k.shown.clone()).collect();
                    let must: BTreeSet<_> = known
                        .iter()
                        .filter(|one| within(one) && fits(sought, &name(one)))
                        .map(|one| one.shown.clone())
                        .collect();
                    let exact: BTreeSet<_> = found
                        .iter()
                        .filter(|(_, line)| !line.ends_with("similar name"))
                        .map(|(n, _)| n.clone())
                        .collect();
                    // The town's own pupils, one at each school, have other names.
                    for one in found.keys() {
                        assert!(scope.contains(one), "{role} seeking {sought} ({all}) was shown {one}");
                    }
                    assert_eq!(exact, must, "{role} seeking {sought} ({all})");
                    asked += 1;
                    shown += found.len();
                }
            }
        }
    }
    assert!(asked > 500 && shown > 1000, "{asked} searches showed {shown}");
}
