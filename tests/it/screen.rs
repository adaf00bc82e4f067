//! A screen that others can see: names hidden on every page, locking, the end of a session said beforehand; and what
//! everybody may read.

use axum::http::StatusCode;
use time::Duration;
use waymark::{
    app,
    db::names::Names,
    domain::permission::RIGHTS,
    web::{
        names::hide,
        routes::{Gate, Method},
    },
};

use crate::{
    access_matrix::{path, query},
    support::{Person, Town, placement},
};

fn hiding(person: &Person) -> Person {
    Person { cookie: format!("{}; waymark-names=hidden", person.cookie), ..person.clone() }
}

fn names(given: &str, known_as: Option<&str>, family: &str) -> Names {
    Names {
        given: given.to_owned(),
        known_as: known_as.map(str::to_owned),
        family: family.to_owned(),
        frozen: None,
        alone: false,
    }
}

#[test]
fn names_become_initials_wherever_people_read_or_hear_them() {
    let pupils = [
        names("Samuel", Some("Sam"), "O'Neill"),
        names("May", None, "Hill"),
        names("Ana María", None, "Ruiz"),
    ];
    for (written, sent) in [
        ("<h1>Sam O&#39;Neill (he/him)</h1>", "<h1>S. O. (he/him)</h1>"),
        ("<p>Samuel O&#39;Neill’s week. O&#39;Neill, Samuel</p>", "<p>S. O.’s week. O., S.</p>"),
        ("<p>Sam was late; Sams and Samson were not.</p>", "<p>S. was late; Sams and Samson were not.</p>"),
        (
            "<input aria-label=\"Sam O&#39;Neill, period 1\" value=\"2\">",
            "<input aria-label=\"S. O., period 1\" value=\"2\">",
        ),
        ("<td data-label=\"May Hill\">x</td>", "<td data-label=\"M. H.\">x</td>"),
        (
            "<p>On 24 May 2026 May came. In May 2026 she left.</p>",
            "<p>On 24 May 2026 M. came. In May 2026 she left.</p>",
        ),
        (
            "<a href=\"/cases/1?Sam\" class=\"Sam\">Hill May</a>",
            "<a href=\"/cases/1?Sam\" class=\"Sam\">H. M.</a>",
        ),
        ("<title>May Hill</title><p>Ana María Ruiz, Ana</p>", "<title>M. H.</title><p>A. R., A.</p>"),
        ("<script>var Sam = 1 > 0;</script><p>a > b</p>", "<script>var Sam = 1 > 0;</script><p>a > b</p>"),
        ("Sam O'Neill, P1: a mark", "S. O., P1: a mark"),
        ("", ""),
    ] {
        let hidden = hide(written, &pupils);
        assert_eq!(hidden.html, sent);
        assert!(!hidden.in_a_box, "{written}");
    }
    // What would be saved is left, and said.
    for boxed in [
        "<textarea name=\"a\">\nSam came late</textarea>",
        "<input name=\"a\" value=\"Samuel\">",
        "<input type=\"hidden\" name=\"why\" value=\"with May Hill\">",
    ] {
        let hidden = hide(boxed, &pupils);
        assert!(hidden.in_a_box && hidden.html == boxed, "{boxed}: {hidden:?}");
    }
}

#[test]
fn two_pupils_with_the_same_initials_are_told_apart() {
    let pupils = [names("Jordan", None, "Price"), names("Jade", None, "Palmer"), names("Li", None, "Xu")];
    let hidden = hide("<p>Jordan Price and Jade Palmer and Li Xu</p>", &pupils);
    assert_eq!(hidden.html, "<p>J. Pri. and J. Pal. and L. X.</p>");
    let own = Names { alone: true, ..names("Jordan", None, "Price") };
    let alone = hide("<p>Jordan Price and Mrs Price</p>", &[own, names("Li", None, "Xu")]);
    assert_eq!(
        alone.html, "<p>J. P. and Mrs P.</p>",
        "on the pupil’s own page the parents’ name is hidden too"
    );
}

#[test]
fn papers_hide_the_name_they_hold_and_the_pupil_s_other_names() {
    let papers =
        Names { frozen: Some("Evi Marsh".to_owned()), alone: true, ..names("Evie", Some("Evi"), "Marsh") };
    let record = Names { alone: false, ..names("Evie", Some("Evi"), "Marsh") };
    for pupils in [
        vec![papers],
        vec![record, Names { frozen: Some("Evi Marsh".to_owned()), ..names("Evie", Some("Evi"), "Marsh") }],
    ] {
        let hidden = hide("<h1>Evi Marsh</h1><p>Evie Marsh. Born 16 October 2011. Evie</p>", &pupils);
        assert_eq!(hidden.html, "<h1>E. M.</h1><p>E. M.. Born 16 October 2011. E.</p>");
    }
    let papers = Names { frozen: Some("Evi Marsh".to_owned()), alone: true, ..names("Evie", None, "Marsh") };
    assert_eq!(hide("<p>Mr Marsh agreed</p>", &[papers]).html, "<p>Mr M. agreed</p>");
}

/// The pupil's names as the walk looks for them: nothing else in the town is called so.
const FIRST: [&str; 2] = ["Quillon", "Quibble"];

#[tokio::test]
async fn on_every_page_no_name_of_a_pupil_is_there_while_names_are_hidden() {
    let mut town = Town::new().await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let member = town.person("panel_member", None).await;
    placement::seat(&mut town.owner, town.authority, school.case.panel, member.id).await;
    let la = town.person("la_representative", Some(school.id)).await;
    let admin = town.person("la_administrator", None).await;
    for sql in [
        "update app.pupils set given_name = 'Quillon', known_as = 'Quibble'
         where authority_id = (select authority_id from app.schools where id = $1)",
        "update app.cases set rationale = 'Quibble ran off. ' || rationale where school_id = $1",
        "update app.packs set name = 'Quibble ' || split_part(name, ' ', 2)
         where authority_id = (select authority_id from app.schools where id = $1)",
        "update app.meeting_people set name = 'Quillon ' || name where school_id = $1 and part = 'pupil'",
    ] {
        sqlx::query(sql).bind(school.id).execute(&mut town.owner).await.unwrap();
    }
    let people = [
        ("school_lead", school.lead.clone()),
        ("headteacher", school.head.clone()),
        ("la_representative", la),
        ("panel_member", member),
        ("la_administrator", admin),
    ];
    let (mut walked, mut named, mut closed, mut wrong) = (0, 0, 0, Vec::new());
    for spec in app::registry().specs().iter().filter(|spec| spec.method == Method::Get) {
        let may = |role: &str| match spec.gate {
            Gate::Public(_) => role == "school_lead",
            Gate::Holds(needed) => RIGHTS.iter().any(|(r, c, _)| r.as_str() == role && *c == needed),
        };
        let address = format!("{}{}", path(spec, &school, true), query(spec, &school, true));
        for (role, person) in people.iter().filter(|(role, _)| may(role)) {
            let shown = town.get(person, &address).await;
            named += usize::from(FIRST.iter().any(|name| shown.body.contains(name)));
            let hidden = town.get(&hiding(person), &address).await;
            walked += 1;
            assert_eq!(shown.status, hidden.status, "{address}");
            closed +=
                usize::from(hidden.body.contains("<h1 class=\"govuk-heading-l\">Names are hidden</h1>"));
            if let Some(name) = FIRST.iter().find(|name| hidden.body.contains(**name)) {
                let at = hidden.body.find(name).unwrap();
                let around: String =
                    hidden.body[..at].chars().rev().take(120).collect::<Vec<_>>().into_iter().rev().collect();
                wrong.push(format!("{role} {address}: …{around}{name}"));
            }
        }
    }
    println!("names hidden: {walked} pages, {named} show a name otherwise, {closed} do not open meanwhile");
    assert!(wrong.is_empty(), "{} of {walked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(walked > 90 && named > 40 && (1..30).contains(&closed), "{walked} {named} {closed}");
}

/// Greenfield's lead with names hidden; the pupil of its case is called Quillon.
async fn hiding_quillon(town: &mut Town) -> Person {
    sqlx::query("update app.pupils set given_name = 'Quillon' where id = $1")
        .bind(town.greenfield.case.pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    hiding(&town.greenfield.lead)
}

#[tokio::test]
async fn a_form_that_comes_back_hides_names_and_keeps_what_was_typed() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let hidden = hiding_quillon(&mut town).await;
    let full = format!("Quillon {}", school.sentinel);
    let address = format!("/cases/{}/targets/new", school.case.case);
    let shown = town.post(&school.lead, &address, &[("words", "For Quillon")]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.body.contains(&full), "{}", shown.body);
    let again = town.post(&hidden, &address, &[("words", "For Quillon")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!again.body.contains(&full), "{}", again.body);
    assert!(again.body.contains("For Quillon"), "what they typed is theirs");
    let found = town.post(&hidden, "/search", &[("sought", "quillon")]).await;
    assert!(found.body.contains("1 pupil") && !found.body.contains("Quillon"), "{}", found.body);
    assert!(!found.body.contains("quillon"), "nor is what was searched for");
    // Clashing marks and messages to the script, without the page.
    let mark = format!("mark.{}.1", school.case.targets[0]);
    let seen = format!("seen.{}", school.case.case);
    let id = school.id.to_string();
    let fields = [
        ("date", "2026-11-24"),
        ("school", &*id),
        (&*seen, "0"),
        (&*mark, "9"),
        ("form_key", &uuid::Uuid::new_v4().to_string()),
    ];
    let answer = town.post_exactly(&hidden, "/today", &fields, &[("x-waymark", "1")]).await;
    assert!(answer.body.contains("problems") && !answer.body.contains("Quillon"), "{}", answer.body);
}

#[tokio::test]
async fn two_versions_of_one_thing_hide_names_too() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let hidden = hiding_quillon(&mut town).await;
    let key = uuid::Uuid::new_v4().to_string();
    let address = format!("/pupils/{}/contacts/new", school.case.pupil);
    let contact = |name| {
        vec![
            ("name", name),
            ("relationship", "Aunt of Quillon"),
            ("parental_responsibility", "no"),
            ("contact_order", "2"),
            ("form_key", &*key),
        ]
    };
    let first = town.post_exactly(&hidden, &address, &contact("Ada Byron"), &[]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = town.post_exactly(&hidden, &address, &contact("Ada Lovelace"), &[]).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.body);
    assert!(second.body.contains("You sent this form before"), "{}", second.body);
    assert!(second.body.contains("Ada Lovelace") && second.body.contains("Aunt of Q."), "{}", second.body);
    assert!(!second.body.contains("Quillon") && !second.body.contains("Stored now"), "{}", second.body);
    let shown = town.post_exactly(&school.lead, &address, &contact("Ada Lovelace"), &[]).await;
    assert!(shown.body.contains("Aunt of Quillon"), "{}", shown.body);
    // A file holds names in full, and its page says so where they are hidden.
    let says = "stand in full in the file";
    assert!(town.get(&hidden, "/cases/export").await.body.contains(says));
    assert!(!town.get(&school.lead, "/cases/export").await.body.contains(says));
}

#[tokio::test]
async fn names_are_hidden_on_this_screen_until_they_are_shown() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let page = town.get(&lead, "/today?period=2").await;
    assert!(page.body.contains("Hide names") && !page.body.contains("does not lock"), "{}", page.body);
    assert!(page.body.contains("name=\"back\" value=\"/today?period=2\""));
    let hide = town
        .post_exactly(&lead, "/screen/names", &[("names", "hide"), ("back", "/today?period=2")], &[])
        .await;
    assert_eq!((hide.status, hide.location.as_str()), (StatusCode::SEE_OTHER, "/today?period=2"));
    let cookie = &hide.cookies[0];
    assert!(
        cookie.starts_with("waymark-names=hidden;")
            && cookie.contains("HttpOnly")
            && !cookie.contains("Max-Age"),
        "{cookie}"
    );
    let page = town.get(&hiding(&lead), "/today").await;
    assert!(page.body.contains("Show names") && page.body.contains("This does not lock your screen"));
    // Somebody else who signs in on this screen finds them hidden; a cookie that says something else hides nothing.
    let page = town.get(&hiding(&town.greenfield.head), "/cases").await;
    assert!(page.body.contains("Names of pupils are hidden"));
    let show = town
        .post_exactly(&lead, "/screen/names", &[("names", "show"), ("back", "//elsewhere.example")], &[])
        .await;
    assert_eq!(show.location, "/", "back to a page of ours only");
    assert!(show.cookies[0].contains("Max-Age=0"), "{:?}", show.cookies);
    let edit = town.get(&hiding(&lead), &format!("/pupils/{}/edit", town.greenfield.case.pupil)).await;
    assert!(
        edit.body.contains("Show names and open the page") && !edit.body.contains("value=\"Sam\""),
        "{}",
        edit.body
    );
}

#[tokio::test]
async fn locking_signs_out_and_comes_back() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let locked = town.post_exactly(&lead, "/sign-out", &[("back", "/today?period=2")], &[]).await;
    assert_eq!(locked.location, "/sign-in?back=%2Ftoday%3Fperiod%3D2");
    assert_eq!(locked.headers.get("clear-site-data").unwrap(), "\"cache\", \"storage\"");
    assert_eq!(town.get(&lead, "/today").await.status, StatusCode::SEE_OTHER, "at once");
    let elsewhere = town
        .post_exactly(&town.greenfield.head, "/sign-out", &[("back", "https://elsewhere.example")], &[])
        .await;
    assert_eq!(elsewhere.location, "/sign-in");
}

#[tokio::test]
async fn the_page_knows_when_the_session_ends_and_asking_keeps_it() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let page = town.get(&lead, "/today").await;
    assert!(
        page.body.contains("data-idle=\"1740\""),
        "a minute less than thirty: it may not have been noted"
    );
    assert!(
        !town
            .get(&Person { cookie: "a=b".to_owned(), ..lead.clone() }, "/sign-in")
            .await
            .body
            .contains("data-idle")
    );
    for _ in 0..3 {
        town.later(Duration::minutes(28));
        assert_eq!(town.get(&lead, "/account").await.status, StatusCode::OK, "what “Stay signed in” asks");
    }
    town.later(Duration::minutes(31));
    assert_eq!(town.get(&lead, "/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn everybody_can_read_what_the_footer_leads_to() {
    let town = Town::new().await;
    let nobody = Person { cookie: "a=b".to_owned(), ..town.greenfield.lead.clone() };
    for (page, says) in [
        ("/help", "The three stages"),
        ("/cookies", "Every cookie Waymark sets"),
        ("/privacy", "Who is responsible"),
        ("/accessibility", "Web Content Accessibility Guidelines"),
    ] {
        let read = town.get(&nobody, page).await;
        assert_eq!(read.status, StatusCode::OK, "{page}");
        assert!(read.body.contains(says) && !read.body.contains("Sign out"), "{page}");
        for link in ["/help", "/cookies", "/privacy", "/accessibility"] {
            assert!(read.body.contains(&format!("href=\"{link}\"")), "{page} has no {link}");
        }
        let read = town.get(&town.greenfield.lead, page).await;
        assert!(read.body.contains(says) && read.body.contains("Sign out"), "{page}");
    }
    // The page tells of the cookies there are: those the code names, and no other is ever set.
    let told = town.get(&nobody, "/cookies").await.body;
    for cookie in ["waymark-session", "waymark-device", "waymark-names", "waymark-flash"] {
        assert!(told.contains(cookie), "{cookie}");
    }
    // And of those a script sets; no script keeps anything elsewhere.
    for file in std::fs::read_dir("static/js").unwrap() {
        let script = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for set in script.split("document.cookie = `").skip(1) {
            let name = set.split('=').next().unwrap();
            assert!(told.contains(name), "{name}");
        }
        for elsewhere in ["localStorage", "sessionStorage", "indexedDB", "caches."] {
            assert!(!script.contains(elsewhere), "{elsewhere}");
        }
    }
}
