//! The programme's policy: who publishes it, what is refused, and what it means for cases (G.01).

use axum::http::StatusCode;
use sqlx::types::Json;
use uuid::Uuid;
use waymark::domain::policy::{NUMBERS, ProgrammePolicy};

use crate::support::{Answer, Person, Town, pupil};

const NEW: &str = "/admin/policy/new";

/// The form as it comes filled in from version 1, effective today, with some fields typed otherwise.
fn fields(other: &[(&str, &str)]) -> Vec<(String, String)> {
    let first = ProgrammePolicy::first();
    let mut fields: Vec<(String, String)> = NUMBERS
        .iter()
        .map(|(name, ..)| (format!("number.{name}"), first.number(name).unwrap().to_string()))
        .collect();
    for (name, value) in [
        ("effective_on.day", "24"),
        ("effective_on.month", "11"),
        ("effective_on.year", "2026"),
        ("source", "test"),
        ("reason", "The heads agreed shorter monitoring on 20 November"),
        ("version", "1"),
        ("go", "publish"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    for (name, value) in other {
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => (*value).clone_into(old),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    fields
}

async fn send(town: &Town, who: &Person, other: &[(&str, &str)]) -> Answer {
    let fields = fields(other);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    town.post(who, NEW, &fields).await
}

/// Whoever administers the town's authority.
async fn admin(town: &mut Town) -> Person {
    town.person("la_administrator", None).await
}

async fn versions(town: &mut Town) -> i64 {
    let authority = town.authority;
    town.count("select count(*) from app.policies where authority_id = $1", authority).await
}

/// Opens a case for a new Year 9 pupil as Greenfield's lead.
async fn open_case(town: &mut Town) -> Answer {
    let school = town.greenfield.clone();
    let (pupil, _) = pupil(&mut town.owner, town.authority, school.id, school.lead.id, "Newcomer").await;
    let (pupil, lead) = (pupil.to_string(), school.lead.id.to_string());
    let fields = [
        ("pupil", pupil.as_str()),
        ("lead", &lead),
        ("rationale", "Two suspensions since September"),
        ("support_what", "Mentor, weekly"),
        ("support_detail", "September"),
        ("support_outcome", "Some change"),
        ("advice_what", "Shorter mornings"),
        ("advice_detail", "Behaviour support"),
        ("advice_outcome", "Done since October"),
    ];
    town.post(&school.lead, "/cases", &fields).await
}

async fn version_of(town: &mut Town, case: Uuid) -> i32 {
    sqlx::query_scalar(
        "select p.version from app.cases c join app.policies p on p.id = c.policy_id where c.id = $1",
    )
    .bind(case)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// A day passes, and everybody of the town signs in anew.
async fn next_day(town: &mut Town) {
    town.later(time::Duration::DAY);
    sqlx::query(
        "update app.sessions s set seen_at = $1, ends_at = $1 + interval '1 hour' from app.users u
         where u.id = s.user_id and u.authority_id = $2",
    )
    .bind(town.now())
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn g_01_a_version_is_checked_then_published_and_keeps_who_when_and_why() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    assert_eq!(town.get(&admin, "/").await.location, "/admin");
    let home = town.get(&admin, "/admin").await;
    assert!(home.body.contains("Version 1, in effect since 11 March 2009"), "{}", home.body);
    assert!(home.body.contains("href=\"/admin\" aria-current"), "in the menu");
    let form = town.get(&admin, NEW).await;
    for (name, says, least, most) in NUMBERS {
        assert!(form.body.contains(&format!("name=\"number.{name}\"")), "{name}");
        assert!(form.body.contains(says) && form.body.contains(&format!("From {least} to {most}. Now ")));
    }
    assert!(form.body.contains("name=\"effective_on.day\" type=\"text\" value=\"24\""), "{}", form.body);

    let before = town.digest().await;
    let changed = [("number.monitoring_days", "15"), ("source", "Heads’ meeting <3>\nminute 4")];
    let mut checked = changed.to_vec();
    checked.push(("go", "check"));
    let check = send(&town, &admin, &checked).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    for words in [
        "Check version 2 before it is published",
        "Monitoring days before a move for lack of improvement",
        ">20</td>",
        "<strong>15</strong>",
        "Tuesday 24 November 2026",
        "2 open cases",
        "value=\"Heads’ meeting &#60;3&#62;\nminute 4\"",
    ] {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    // Nothing else changes.
    assert!(!check.body.contains("School days in which the leaflet is due"));
    assert_eq!(before, town.digest().await, "checking publishes nothing");
    // Back to the form with everything typed.
    let mut back = changed.to_vec();
    back.push(("go", "change"));
    let form = send(&town, &admin, &back).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(
        form.body.contains("Prepare a new version") && form.body.contains("value=\"15\""),
        "{}",
        form.body
    );
    assert_eq!(before, town.digest().await);

    let published = send(&town, &admin, &changed).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.body);
    assert_eq!(published.location, "/admin/policy/2");
    let row: (i32, String, String, Uuid, time::Date, Json<ProgrammePolicy>) = sqlx::query_as(
        "select version, source, reason, published_by, published_on, settings from app.policies
         where authority_id = $1 and version = 2 and effective_on = '2026-11-24' and published_at is not null",
    )
    .bind(town.authority)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!((row.0, row.3, row.4), (2, admin.id, crate::support::day("2026-11-24")));
    assert_eq!(row.1, "Heads’ meeting <3>\nminute 4");
    assert!(row.2.contains("shorter monitoring"));
    assert_eq!(row.5.0, ProgrammePolicy { monitoring_days: 15, ..ProgrammePolicy::first() });
    let page = town.get(&admin, "/admin/policy/2").await;
    assert!(page.body.contains("1 number differs from"), "{}", page.body);
    assert!(page.body.contains("<strong>15</strong> <span class=\"wm-small\">was 20</span>"));
    assert!(page.body.contains("A la_administrator, 24 Nov 2026 at 11:45am"), "{}", page.body);
    assert!(page.body.contains("No open case"));
    let audited: i64 = sqlx::query_scalar(
        "select count(*) from app.audit_events where actor = $1 and action = 'publish_policy' and outcome = 'allowed'
           and facts = '{\"changed\": [\"policy\"]}'",
    )
    .bind(admin.id)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn g_01_new_cases_take_the_version_of_their_day_and_open_cases_keep_theirs() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    // From tomorrow on the programme ends with Year 8.
    let tomorrow = [("number.highest_year", "8"), ("effective_on.day", "25"), ("source", "Heads’ meeting")];
    assert_eq!(send(&town, &admin, &tomorrow).await.status, StatusCode::SEE_OTHER);
    let today = open_case(&mut town).await;
    assert_eq!(today.status, StatusCode::SEE_OTHER, "{}", today.body);
    let case: Uuid = today.location.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(version_of(&mut town, case).await, 1, "not in effect yet");
    let list = town.get(&admin, "/admin/policy").await;
    assert!(list.body.contains("Planned") && list.body.contains("In effect"), "{}", list.body);
    let version_2 = list.body.split("/admin/policy/2").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(version_2.contains("Planned") && version_2.contains("No open case"), "{version_2}");

    next_day(&mut town).await;
    let refused = open_case(&mut town).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("T.01"));
    assert_eq!(version_of(&mut town, case).await, 1, "the open case keeps its version");
    let seen = town.get(&town.greenfield.lead, &format!("/cases/{case}")).await;
    assert_eq!(seen.status, StatusCode::OK);

    // And the year after is Year 9 again: who is opened then keeps to version 3.
    let third = [
        ("number.highest_year", "9"),
        ("effective_on.day", "26"),
        ("source", "Heads’ meeting"),
        ("version", "2"),
    ];
    assert_eq!(send(&town, &admin, &third).await.status, StatusCode::SEE_OTHER);
    next_day(&mut town).await;
    let opened = open_case(&mut town).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let newest: Uuid = opened.location.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(version_of(&mut town, newest).await, 3);
    let list = town.get(&admin, "/admin/policy").await;
    let row = |version: i32| {
        let from = list.body.split(&format!("/admin/policy/{version}\"")).nth(1).unwrap();
        from.split("</tr>").next().unwrap().to_owned()
    };
    assert!(row(3).contains("1 open case") && row(3).contains("In effect"), "{}", row(3));
    assert!(row(2).contains("No open case") && !row(2).contains("In effect"));
    assert!(row(1).contains("3 open cases"), "those of the two schools and the newcomer: {}", row(1));
}

#[tokio::test]
async fn what_cannot_be_published_is_said_at_its_field_and_kept() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let huge = "x".repeat(1001);
    let before = town.digest().await;
    for (field, typed, message) in [
        ("number.monitoring_days", "9", "must be a whole number from 10 to 60"),
        ("number.monitoring_days", "61", "must be a whole number from 10 to 60"),
        ("number.monitoring_days", "", "must be a whole number from 10 to 60"),
        ("number.minutes_days", "five", "must be a whole number from 1 to 20"),
        ("number.minutes_days", "99999999999999999999999", "must be a whole number from 1 to 20"),
        ("number.minutes_days", "1 <b>", "must be a whole number from 1 to 20"),
        ("number.lowest_year", "12", "must be a whole number from 7 to 11"),
        ("number.amber_percent", "80", "must be below the percent for green"),
        ("effective_on.day", "23", "Effective date must be today or later"),
        ("effective_on.day", "31", "Effective date must be a real date"),
        ("effective_on.day", "", "Effective date must include a day"),
        ("effective_on.year", "9999", "Effective date must be no later than 2 calendar years"),
        ("effective_on.year", "26", "must have a year with 4 digits"),
        ("source", "", "Enter source"),
        ("reason", "  ", "Enter reason"),
        ("reason", &huge, "Reason must be 1000 characters or fewer"),
        ("source", "a\u{202e}b", "Source must not include control characters"),
    ] {
        for go in ["check", "publish"] {
            let other = [("number.leaflet_days", "7"), ("go", go), (field, typed)];
            let answer = send(&town, &admin, &other).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {typed}: {}", answer.body);
            assert!(answer.body.contains("<title>Error: Prepare a new version"));
            assert_eq!(answer.body.matches(message).count(), 2, "{field} {typed}: {}", answer.body);
            assert!(answer.body.contains("name=\"number.leaflet_days\" type=\"text\" value=\"7\""));
        }
    }
    let years = [("number.lowest_year", "9"), ("number.highest_year", "8")];
    assert!(send(&town, &admin, &years).await.body.contains("must not be below the lowest year"));
    let same = send(&town, &admin, &[]).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(same.body.contains("Nothing is different from version 1"), "{}", same.body);
    assert_eq!(before, town.digest().await, "nothing of it was published");
    // A number nobody knows, a version nobody said, a key pressed nobody knows.
    for other in [("number.goal", "1"), ("number.", "1")] {
        assert_eq!(send(&town, &admin, &[other]).await.status, StatusCode::BAD_REQUEST, "{other:?}");
    }
    let blind = send(&town, &admin, &[("number.leaflet_days", "7"), ("version", "")]).await;
    assert_eq!(blind.status, StatusCode::BAD_REQUEST, "{}", blind.body);
    let odd = send(&town, &admin, &[("number.leaflet_days", "7"), ("go", "now!")]).await;
    assert!(odd.status == StatusCode::OK && odd.body.contains("Nothing is published yet"));
    assert_eq!(before, town.digest().await);
    for address in [
        "/admin/policy/0",
        "/admin/policy/2",
        "/admin/policy/-1",
        "/admin/policy/99999999999",
        "/admin/policy/x",
    ] {
        assert_eq!(town.get(&admin, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn g_01_a_review_that_keeps_every_number_is_a_version_and_ends_the_reminder() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    for page in ["/admin", "/admin/policy"] {
        let answer = town.get(&admin, page).await;
        assert!(answer.body.contains("This policy is more than six years old"), "{page}");
    }
    let kept = [("source", "Reviewed and kept by the heads, November 2026")];
    let check = send(&town, &admin, &[kept[0], ("go", "check")]).await;
    assert!(check.body.contains("Every number stays as it is"), "{}", check.body);
    assert_eq!(send(&town, &admin, &kept).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&admin, "/admin/policy/2").await;
    assert!(page.body.contains("Every number is that of"), "{}", page.body);
    for page in ["/admin", "/admin/policy"] {
        let answer = town.get(&admin, page).await;
        assert!(!answer.body.contains("more than six years old"), "{page}");
    }
    // The next one comes after it.
    let same_day = send(&town, &admin, &[("number.leaflet_days", "7"), ("version", "2")]).await;
    assert_eq!(same_day.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(same_day.body.contains("must be after 24 November 2026"), "{}", same_day.body);
    assert!(
        town.get(&admin, NEW).await.body.contains("name=\"effective_on.day\" type=\"text\" value=\"25\"")
    );
}

#[tokio::test]
async fn two_administrators_do_not_publish_over_each_other() {
    let mut town = Town::new().await;
    let (one, other) = (admin(&mut town).await, admin(&mut town).await);
    let first = send(&town, &one, &[("number.leaflet_days", "7")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    for go in ["check", "publish"] {
        let second = send(&town, &other, &[("number.minutes_days", "3"), ("go", go)]).await;
        assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.body);
        assert!(second.body.contains("The policy was changed meanwhile"), "{}", second.body);
        assert!(second.body.contains("Version 2 was published: A la_administrator"));
        assert!(second.body.contains(
            "data-label=\"Stored now\">5</td><td class=\"govuk-table__cell\" data-label=\"What you sent\">3</td>"
        ));
        assert!(second.body.contains(
            "data-label=\"Stored now\">7</td><td class=\"govuk-table__cell\" data-label=\"What you sent\">5</td>"
        ));
    }
    assert_eq!(versions(&mut town).await, 2);
    // At the same moment: one is published, the other is told.
    let next = [("version", "2"), ("effective_on.day", "26"), ("number.leaflet_days", "9")];
    let (a, b) = tokio::join!(send(&town, &one, &next), send(&town, &other, &next));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", a.body, b.body);
    assert_eq!(versions(&mut town).await, 3);
}

#[tokio::test]
async fn pressing_publish_twice_publishes_once() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let key = Uuid::new_v4().to_string();
    let mut all = fields(&[("number.leaflet_days", "7")]);
    all.push(("form_key".to_owned(), key));
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (a, b) =
        tokio::join!(town.post_exactly(&admin, NEW, &all, &[]), town.post_exactly(&admin, NEW, &all, &[]));
    assert!([&a, &b].iter().any(|answer| answer.location == "/admin/policy/2"), "{} {}", a.body, b.body);
    let again = town.post_exactly(&admin, NEW, &all, &[]).await;
    assert_eq!((again.status, again.location.as_str()), (StatusCode::SEE_OTHER, "/admin/policy/2"));
    assert_eq!(versions(&mut town).await, 2);
}

#[tokio::test]
async fn only_an_administrator_sees_the_policy_and_no_case() {
    let (mut town, mut elsewhere) = (Town::new().await, Town::new().await);
    let admin = admin(&mut town).await;
    let la = town.person("la_representative", None).await;
    let school = town.greenfield.clone();
    let before = town.digest().await;
    for who in [&school.tutor, &school.lead, &school.head, &la] {
        for page in ["/admin/policy", NEW, "/admin/policy/1"] {
            let answer = town.get(who, page).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {page}", who.email);
            assert!(answer.body.contains("LA administrator, for their own authority"), "{}", answer.body);
        }
        let home = town.get(who, "/admin").await;
        if who.id == school.head.id {
            assert_eq!(home.status, StatusCode::OK, "what there is to administer at the own school");
            assert!(!home.body.contains("policy") && !home.body.contains("What came of the cases"));
            assert!(home.body.contains("href=\"/admin/people\""), "{}", home.body);
        } else {
            assert_eq!(home.status, StatusCode::FORBIDDEN);
            assert!(home.body.contains("Headteacher or LA administrator, for their own school or authority"));
        }
        let sent = send(&town, who, &[("number.leaflet_days", "7")]).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN);
        let menu = town.get(who, "/account").await;
        assert_eq!(menu.body.contains("href=\"/admin\""), who.id == school.head.id);
    }
    assert_eq!(before, town.digest().await);
    // The administrator sees how many, and no case, pupil or school day.
    for page in ["/admin", "/admin/policy", "/admin/policy/1", NEW] {
        let answer = town.get(&admin, page).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.body.contains(&school.sentinel), "{page}");
    }
    assert!(
        town.get(&admin, "/admin/policy").await.body.contains("2 open cases"),
        "those of this authority only"
    );
    let case = format!("/cases/{}", school.case.case);
    for page in ["/cases", "/today", "/pupils", "/overview", case.as_str()] {
        assert_eq!(town.get(&admin, page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    // Another authority's versions are its own.
    let stranger = elsewhere.person("la_administrator", None).await;
    assert_eq!(
        send(&elsewhere, &stranger, &[("number.leaflet_days", "7")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(town.get(&admin, "/admin/policy/2").await.status, StatusCode::NOT_FOUND);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn a_version_typed_under_a_session_that_ended_is_kept_and_not_published() {
    let mut town = Town::new().await;
    let admin = admin(&mut town).await;
    let mut all = fields(&[("number.leaflet_days", "7")]);
    all.push(("resumed".to_owned(), "yes".to_owned()));
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = town.post(&admin, NEW, &all).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("name=\"number.leaflet_days\" type=\"text\" value=\"7\""),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("There is a problem"));
    assert_eq!(versions(&mut town).await, 1);
}
