//! The weekly letter and the leaflets.

use axum::http::StatusCode;
use uuid::Uuid;
use waymark::domain::leaflet::{LEAFLET_VERSION, Language};

use crate::support::Town;

fn letter(town: &Town, contact: Uuid) -> String {
    format!("/cases/{}/letters/2026-11-16?contact={contact}", town.greenfield.case.case)
}

#[tokio::test]
async fn s1_12_the_letter_has_all_its_parts_and_is_a_draft_until_somebody_signs() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case);
    sqlx::query(
        "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                               first_saved_at, saved_at, saved_by, entered_late)
         values ($1, $2, $3, '2026-11-17', 1, 15, 20, 10, 12, $4, $4, $5, false)",
    )
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(case.case)
    .bind(crate::support::NOW)
    .bind(lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let choose = town.get(&lead, &format!("/cases/{}/letters/2026-11-16", case.case)).await;
    assert!(choose.body.contains(&format!("?contact={}", case.contact)), "{}", choose.body);
    assert!(choose.body.contains("The address is confidential and is not printed"));
    let draft = town.get(&lead, &letter(&town, case.contact)).await;
    assert_eq!(draft.status, StatusCode::OK);
    let sentinel = town.greenfield.sentinel.clone();
    for words in [
        "Greenfield School",
        "24 November 2026",
        &format!("Dear Mother {sentinel}"),
        "Sam’s week, 16 to 19 November 2026",
        "Sam earned 15 of 20 points (75%).",
        "Mon 16 Nov",
        "nothing recorded",
        "What went well",
        "What we are working on",
        &format!("Target 1 {sentinel}"),
        "What you can do",
        "We next meet on Friday 27 November 2026 at 3:30pm.",
        "Stage 1 of 3 of the Partnership Inclusion Programme",
        "Who to call",
        "A school_lead, who leads Sam’s programme",
        "<strong>Draft</strong>",
        "lang=\"ar\" dir=\"rtl\"",
    ] {
        // Without a mark of a target there is nothing to name as going well.
        if words != "What went well" {
            assert!(draft.body.contains(words), "{words}: {}", draft.body);
        }
    }
    assert!(!draft.body.contains("Hidden"), "a confidential address is not printed");
    assert!(draft.body.contains("<title>Weekly letter - Waymark</title>"), "no name in the title");
    // Signed, it has the review's words.
    sqlx::query("update app.weekly_reviews set week_on = '2026-11-16', from_week_on = '2026-11-16', went_well = 'Calm lessons',
                        next_steps = 'A seat at the front', figures = '{\"points\": 16, \"recorded\": 10, \"expected\": 12}'
                 where case_id = $1")
        .bind(case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query("update app.contacts set address_confidential = false, address = E'1 High Street\\nBristol' where id = $1")
        .bind(case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let signed = town.get(&lead, &letter(&town, case.contact)).await;
    for words in [
        "What went well",
        "Calm lessons",
        "A seat at the front",
        "16 of 20 points (80%)",
        "1 High Street<br>Bristol",
    ] {
        assert!(signed.body.contains(words), "{words}: {}", signed.body);
    }
    assert!(!signed.body.contains("Draft"));
}

#[tokio::test]
async fn g20_s1_12_no_letter_to_somebody_who_must_not_be_contacted() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case);
    sqlx::query(
        "update app.contacts set no_contact = true, no_contact_reason = 'Court order of May', address_confidential = false
         where id = $1",
    )
    .bind(case.contact)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let refused = town.get(&lead, &letter(&town, case.contact)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.body.contains("S1.12") && refused.body.contains("Court order of May"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains("Dear") && !refused.body.contains("Hidden"));
    let choose = town.get(&lead, &format!("/cases/{}/letters/2026-11-16", case.case)).await;
    assert!(!choose.body.contains("?contact=") && choose.body.contains("Must not be contacted"));
    let rows = town
        .count(
            "select count(*) from app.audit_events where subject = $1 and action = 'letter' and outcome = 'refused'
               and cardinality(pupils) = 1",
            case.case,
        )
        .await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn letters_are_for_the_contacts_of_this_pupil_and_people_who_see_the_whole_case() {
    let mut town = Town::new().await;
    let (ours, theirs) = (town.greenfield.clone(), town.hillside.clone());
    let la = town.person("la_representative", Some(ours.id)).await;
    assert_eq!(town.get(&la, &letter(&town, ours.case.contact)).await.status, StatusCode::OK);
    assert_eq!(town.get(&ours.tutor, &letter(&town, ours.case.contact)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.get(&theirs.lead, &letter(&town, ours.case.contact)).await.status, StatusCode::NOT_FOUND);
    for contact in [theirs.case.contact, Uuid::now_v7()] {
        assert_eq!(town.get(&ours.lead, &letter(&town, contact)).await.status, StatusCode::NOT_FOUND);
    }
    for rest in ["2026-11-16?contact=x", "2026-11-17", "2026-10-26", "2026-11-30", "x"] {
        let path = format!("/cases/{}/letters/{rest}", ours.case.case);
        assert_eq!(town.get(&ours.lead, &path).await.status, StatusCode::NOT_FOUND, "{rest}");
    }
    sqlx::query("update app.contacts set removed_at = now() where id = $1")
        .bind(ours.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.get(&ours.lead, &letter(&town, ours.case.contact)).await.status, StatusCode::NOT_FOUND);
}

/// The words of a page's article, without its tags.
fn article(body: &str) -> (String, String) {
    let start = body.find("<article").unwrap();
    let end = body.find("</article>").unwrap();
    let html = &body[start..end];
    let open = html[..html.find('>').unwrap()].to_owned();
    (open, html.to_owned())
}

/// Sentences: what ends in a full stop, and each heading and item by itself.
fn sentences(html: &str) -> Vec<String> {
    let mut text = String::new();
    let mut tag = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                let name: String =
                    tag.chars().filter(|c| *c != '/').take_while(char::is_ascii_alphanumeric).collect();
                if ["h1", "h2", "p", "li", "ul", "section"].contains(&name.as_str()) {
                    text.push('\n');
                }
                tag.clear();
            }
            c if inside => tag.push(c),
            c => text.push(c),
        }
    }
    text.lines()
        .flat_map(|line| line.split_inclusive(['.', '؟', '?', '!']))
        .map(|sentence| sentence.trim().to_owned())
        .filter(|sentence| sentence.split_whitespace().count() > 0)
        .collect()
}

#[tokio::test]
async fn s1_05_every_leaflet_has_its_three_parts_in_every_language() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let list = town.get(&lead, "/leaflets").await;
    assert!(list.body.contains(LEAFLET_VERSION));
    let mut headings = std::collections::HashSet::new();
    for audience in ["parents", "pupil"] {
        for language in Language::ALL {
            let path = format!("/leaflets/{audience}/{}", language.as_str());
            assert!(list.body.contains(&format!("href=\"{path}\"")), "{path}");
            let page = town.get(&lead, &path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            let (open, html) = article(&page.body);
            let direction = if *language == Language::Arabic { "rtl" } else { "ltr" };
            assert!(
                open.contains(&format!("lang=\"{}\" dir=\"{direction}\"", language.as_str())),
                "{path}: {open}"
            );
            for part in ["programme", "exclusion", "progress", "how-long", "rights"] {
                let section = html.split(&format!("<section id=\"{part}\"><h2>")).nth(1).unwrap_or_default();
                let section = section.split("</section>").next().unwrap_or_default();
                assert!(section.len() > 80, "{path} lacks {part}");
                headings.insert(format!("{path} {}", section.split("</h2>").next().unwrap()));
            }
            // All three stages; and the transfer only at the third.
            assert!(html.matches("<li><strong>").count() == 3 && html.contains('3'), "{path}");
            let warned = page.body.contains("to be checked by a qualified person before use");
            assert_eq!(warned, *language != Language::English, "{path}");
            assert!(page.body.contains(language.draft_words()) && page.body.contains(LEAFLET_VERSION));
            // One page of paper: some 2,600 characters at this size.
            let letters: usize = sentences(&html).iter().map(|sentence| sentence.chars().count()).sum();
            assert!(letters < 2800, "{path} has {letters} characters");
        }
    }
    assert_eq!(headings.len(), 2 * 5 * 5, "each leaflet speaks for itself");
}

#[tokio::test]
async fn s1_05_english_leaflets_are_plain() {
    let town = Town::new().await;
    for audience in ["parents", "pupil"] {
        let page = town.get(&town.greenfield.lead, &format!("/leaflets/{audience}/en")).await;
        let (_, html) = article(&page.body);
        let lengths: Vec<_> = sentences(&html)
            .iter()
            .map(|sentence| (sentence.split_whitespace().count(), sentence.clone()))
            .collect();
        assert!(lengths.len() > 20, "{lengths:?}");
        for (words, sentence) in &lengths {
            assert!(*words <= 22, "{words} words: {sentence}");
        }
        let average = lengths.iter().map(|(words, _)| words).sum::<usize>() / lengths.len();
        assert!(average <= 15, "{average}");
        for words in ["voluntary", "last resort", "only at Stage 3", "say no"] {
            assert!(html.contains(words), "{audience}: {words}");
        }
        assert!(!html.contains("PRRP") && !html.contains("PSP"));
    }
}

#[tokio::test]
async fn s1_05_only_leaflets_that_exist_and_only_for_people_with_cases() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    for path in ["/leaflets/parents/xx", "/leaflets/teachers/en", "/leaflets/parents/EN"] {
        assert_eq!(town.get(&lead, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let tutor = town.greenfield.tutor.clone();
    assert_eq!(town.get(&tutor, "/leaflets").await.status, StatusCode::FORBIDDEN);
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    assert_eq!(town.get(&la, "/leaflets/pupil/so").await.status, StatusCode::OK);
}
