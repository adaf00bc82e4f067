//! The chronology of a case: narrowed by kind and person, page by page, for whom.

use axum::http::StatusCode;
use scraper::{Html, Selector};
use time::Duration;
use uuid::Uuid;

use crate::support::{NOW, Person, Town};

/// A note of praise about the case, written so many minutes ago.
async fn note(town: &mut Town, by: &Person, words: &str, minutes: i64) {
    sqlx::query(
        "insert into app.day_notes (id, authority_id, school_id, case_id, on_date, kind, words, written_at, written_by)
         values ($1, $2, $3, $4, '2026-11-24', 'praise', $5, $6, $7)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(town.greenfield.case.case)
    .bind(words)
    .bind(NOW - Duration::minutes(minutes))
    .bind(by.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

/// The entries of a page, and the address of the next.
async fn read(town: &Town, who: &Person, address: &str) -> (Vec<String>, Option<String>) {
    let page = town.get(who, address).await;
    assert_eq!(page.status, StatusCode::OK, "{address}");
    let page = Html::parse_document(&page.body);
    let (entry, link) = (Selector::parse(".wm-timeline li").unwrap(), Selector::parse("main a").unwrap());
    let entries = page.select(&entry).map(|li| li.text().collect::<Vec<_>>().join(" ")).collect();
    let next = page.select(&link).find(|a| a.text().collect::<String>() == "Earlier");
    (entries, next.map(|a| a.attr("href").unwrap().to_owned()))
}

#[tokio::test]
async fn it_is_narrowed_by_kind_and_by_person_and_each_can_be_taken_off() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (lead, tutor) = (town.greenfield.lead.clone(), town.greenfield.tutor.clone());
    note(&mut town, &tutor, "Helped a friend", 5).await;
    note(&mut town, &lead, "Said sorry", 4).await;
    let timeline = format!("/cases/{}/timeline", town.greenfield.case.case);
    let (all, _) = read(&town, &lead, &timeline).await;
    assert!(all.len() > 10, "{all:?}");
    assert!(all.iter().any(|e| e.contains("Helped a friend") && e.contains("A staff, staff")), "{all:?}");
    assert!(
        all.iter().any(|e| e.contains("Said sorry") && e.contains("A school_lead, school lead")),
        "{all:?}"
    );
    let (notes, _) = read(&town, &lead, &format!("{timeline}?kind=notes")).await;
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("Said sorry"), "newest first");
    let (theirs, _) = read(&town, &lead, &format!("{timeline}?by={}", tutor.id)).await;
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    let (some, _) = read(&town, &lead, &format!("{timeline}?kind=notes&kind=incidents&by={}", lead.id)).await;
    assert!(
        some.len() >= 2 && some.iter().all(|e| e.starts_with("Praise") || e.starts_with("Incident")),
        "{some:?}"
    );
    let page = town.get(&lead, &format!("{timeline}?kind=notes&kind=incidents&by={}", lead.id)).await.body;
    for href in [
        format!("{timeline}?kind=incidents&#38;by={}", lead.id),
        format!("{timeline}?kind=notes&#38;by={}", lead.id),
        format!("{timeline}?kind=notes&#38;kind=incidents\""),
    ] {
        assert!(page.contains(&href), "{href}: {page}");
    }
    assert!(page.contains("by A school_lead") && page.contains("Apply"), "{page}");
    let nothing = town.get(&lead, &format!("{timeline}?kind=notes&by={}", Uuid::now_v7())).await;
    assert!(
        nothing.body.contains("Nothing of this kind happened") && nothing.body.contains("by somebody else")
    );
    let strange = town.get(&lead, &format!("{timeline}?kind=zzz&kind=%00&by=")).await;
    assert_eq!(strange.status, StatusCode::OK);
    for odd in ["before=yesterday", "by=somebody", "by=%F0%9F%99%82"] {
        assert_eq!(
            town.get(&lead, &format!("{timeline}?{odd}")).await.status,
            StatusCode::NOT_FOUND,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn every_entry_is_on_one_page_and_what_came_meanwhile_moves_none() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    for n in 0..121 {
        // Three of them in one instant, over the end of a page.
        note(&mut town, &lead, &format!("Note {n:03}"), if (49..52).contains(&n) { 50 } else { n }).await;
    }
    let timeline = format!("/cases/{}/timeline?kind=notes", town.greenfield.case.case);
    let (mut seen, mut next) = read(&town, &lead, &timeline).await;
    assert!(seen.len() <= 50 && seen[0].contains("Note 000"));
    note(&mut town, &lead, "Written meanwhile", -1).await;
    while let Some(address) = next {
        let (more, after) = read(&town, &lead, &address).await;
        assert!(!more.is_empty());
        seen.extend(more);
        next = after;
    }
    let mut found: Vec<_> =
        seen.iter().filter_map(|entry| entry.split("Note ").nth(1)).map(|e| &e[..3]).collect();
    found.sort_unstable();
    let all: Vec<_> = (0..121).map(|n| format!("{n:03}")).collect();
    assert_eq!(found, all, "each once");
}

#[tokio::test]
async fn what_shares_an_instant_where_a_reading_ends_is_lost_to_no_page() {
    let mut town = Town::new().await;
    let (lead, tutor) = (town.greenfield.lead.clone(), town.greenfield.tutor.clone());
    // Two thousand are read at a time: ten of one instant lie over the end of that.
    sqlx::query(
        "insert into app.day_notes (id, authority_id, school_id, case_id, on_date, kind, words, written_at, written_by)
         select gen_random_uuid(), $1, $2, $3, '2026-11-24'::date, 'praise', 'Note ' || n, $4 - n * interval '1 second', $5
         from generate_series(1, 1995) n
         union all
         select gen_random_uuid(), $1, $2, $3, '2026-11-24'::date, 'praise', 'Shared ' || n, $4 - interval '1 hour', $6
         from generate_series(100, 109) n",
    )
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(town.greenfield.case.case)
    .bind(NOW)
    .bind(lead.id)
    .bind(tutor.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let timeline = format!("/cases/{}/timeline?by={}", town.greenfield.case.case, tutor.id);
    let (mut seen, mut next) = read(&town, &lead, &timeline).await;
    while let Some(address) = next {
        let (more, after) = read(&town, &lead, &address).await;
        seen.extend(more);
        next = after;
    }
    let mut found: Vec<_> = seen.iter().filter_map(|e| e.split("Shared ").nth(1)).map(|e| &e[..3]).collect();
    found.sort_unstable();
    assert_eq!(found, ["100", "101", "102", "103", "104", "105", "106", "107", "108", "109"], "each once");
}

#[tokio::test]
async fn who_is_shown_a_case_by_a_share_has_no_timeline_however_it_is_narrowed() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (tutor, case) = (town.greenfield.tutor.clone(), town.greenfield.case);
    note(&mut town, &tutor, "Helped a friend", 5).await;
    let service = town.person("support_service", None).await;
    let timeline = format!("/cases/{}/timeline", case.case);
    assert_eq!(town.get(&service, &timeline).await.status, StatusCode::FORBIDDEN, "no share at all");
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at, made_by)
         values ($1, $2, $3, $4, $5, $6, 'test', '2026-11-01', $7, $8)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(case.case)
    .bind(case.pupil)
    .bind(service.id)
    .bind(NOW)
    .bind(town.greenfield.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    for narrowed in ["", "?kind=support", "?kind=notes", &format!("?by={}", tutor.id)] {
        let answer = town.get(&service, &format!("{timeline}{narrowed}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{narrowed}");
        assert!(!answer.body.contains("A staff") && !answer.body.contains("Helped"), "{}", answer.body);
    }
    assert_eq!(town.get(&tutor, &timeline).await.status, StatusCode::FORBIDDEN, "staff have Today");
    let other = town.hillside.lead.clone();
    assert_eq!(town.get(&other, &format!("{timeline}?by={}", tutor.id)).await.status, StatusCode::NOT_FOUND);
}
