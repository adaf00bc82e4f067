//! Logging a day.

use axum::http::StatusCode;
use time::{Date, Duration};
use uuid::Uuid;

use crate::support::{Answer, Person, Town, day};

async fn save(town: &Town, who: &Person, fields: &[(String, String)]) -> Answer {
    save_from(town, who, fields, false).await
}

async fn save_from(town: &Town, who: &Person, fields: &[(String, String)], script: bool) -> Answer {
    let key = Uuid::new_v4().to_string();
    let mut all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("form_key", &key));
    let headers: &[(&str, &str)] = if script { &[("x-waymark", "1")] } else { &[] };
    town.post_exactly(who, "/today", &all, headers).await
}

fn sheet(town: &Town, date: &str, seen: i32, cells: &[(usize, i16, &str)]) -> Vec<(String, String)> {
    let case = town.greenfield.case;
    let mut fields = vec![
        ("date".to_owned(), date.to_owned()),
        ("school".to_owned(), town.greenfield.id.to_string()),
        (format!("seen.{}", case.case), seen.to_string()),
    ];
    for (target, period, value) in cells {
        fields.push((format!("mark.{}.{period}", case.targets[*target]), (*value).to_owned()));
    }
    fields
}

const TODAY: &str = "2026-11-24";

async fn totals(town: &mut Town) -> (i16, i16, i16, i32) {
    let case = town.greenfield.case.case;
    sqlx::query_as("select points, recorded, expected, version from app.days where case_id = $1 and on_date = '2026-11-24'")
        .bind(case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_tutor_logs_a_day_and_totals_follow() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let page = town.get(&tutor, "/today").await;
    assert!(page.body.contains("Tuesday 24 November 2026"), "{}", page.body);
    assert!(page.body.contains(&town.greenfield.sentinel));
    let sent = sheet(&town, TODAY, 0, &[(0, 1, "2"), (1, 1, "1"), (0, 2, "a"), (1, 3, "0")]);
    let saved = save(&town, &tutor, &sent).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    // 2 targets x 6 periods, less period 2: 10 expected.
    assert_eq!(totals(&mut town).await, (3, 3, 10, 1));
    let case = town.greenfield.case.case;
    let week: (i32, i32) = sqlx::query_as("select week_points, week_possible from app.cases where id = $1")
        .bind(case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(week, (3, 6));
    // A correction keeps the original, with who and when.
    let saved = save(&town, &town.greenfield.head.clone(), &sheet(&town, TODAY, 1, &[(0, 1, "0")])).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(totals(&mut town).await, (1, 3, 10, 2));
    let kept: (String, Uuid) =
        sqlx::query_as("select was, marked_by from app.mark_changes where case_id = $1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(kept, ("2".to_owned(), tutor.id));
    let recount: (i64, i64) =
        sqlx::query_as("select sum(points), count(points) from app.marks where case_id = $1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(recount, (1, 3));
}

/// Reasons are no marks, and a mark that was taken back is none either.
#[tokio::test]
async fn a_case_was_last_marked_on_the_latest_day_with_a_mark() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    for (date, seen, cell, last) in [
        ("2026-11-23", 0, (0, 1, "2"), Some("2026-11-23")),
        (TODAY, 0, (0, 1, "a"), Some("2026-11-23")),
        (TODAY, 1, (1, 3, "1"), Some(TODAY)),
        // Marked late, an earlier day changes nothing.
        ("2026-11-19", 0, (0, 1, "1"), Some(TODAY)),
        (TODAY, 2, (1, 3, ""), Some("2026-11-23")),
        ("2026-11-23", 1, (0, 1, ""), Some("2026-11-19")),
        ("2026-11-19", 1, (0, 1, ""), None),
    ] {
        let saved = save(&town, &tutor, &sheet(&town, date, seen, &[cell])).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{date} {cell:?}: {}", saved.body);
        let kept: (Option<Date>, Option<Date>) = sqlx::query_as(
            "select c.last_marked_on, d.last_marked_on from app.cases c join app.case_duties d on d.case_id = c.id
             where c.id = $1",
        )
        .bind(town.greenfield.case.case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
        assert_eq!(kept, (last.map(day), last.map(day)), "{date} {cell:?}");
    }
}

#[tokio::test]
async fn two_people_marking_one_cell_the_second_chooses() {
    let mut town = Town::new().await;
    let (tutor, lead) = (town.greenfield.tutor.clone(), town.greenfield.lead.clone());
    save(&town, &tutor, &sheet(&town, TODAY, 0, &[(0, 1, "1"), (0, 2, "2")])).await;
    // The lead's page was made before: another cell is saved, the same cell asks.
    let clash =
        save_from(&town, &lead, &sheet(&town, TODAY, 0, &[(0, 1, "2"), (0, 2, ""), (0, 3, "2")]), true).await;
    assert_eq!(clash.status, StatusCode::CONFLICT, "{}", clash.body);
    let told: serde_json::Value = serde_json::from_str(&clash.body).unwrap();
    assert_eq!(told["clashes"].as_array().unwrap().len(), 1);
    assert_eq!(told["clashes"][0]["theirs"], "1");
    assert!(told["clashes"][0]["by"].as_str().unwrap().starts_with("A staff at 11:45am"), "{told}");
    assert_eq!(totals(&mut town).await, (5, 3, 12, 2), "theirs stands, the third cell is saved");
    // Without the script the same is a page with both, and choosing mine saves it.
    let page = save(&town, &lead, &sheet(&town, TODAY, 0, &[(0, 1, "2")])).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("Keep Partly met") && page.body.contains("Use mine: Met"), "{}", page.body);
    let chosen = save(&town, &lead, &sheet(&town, TODAY, 2, &[(0, 1, "2")])).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);
    assert_eq!(totals(&mut town).await, (6, 3, 12, 3));
}

#[tokio::test]
async fn sending_twice_saves_once() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let key = Uuid::new_v4().to_string();
    let fields = sheet(&town, TODAY, 0, &[(0, 1, "2")]);
    let mut all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("form_key", &key));
    let first = town.post_exactly(&tutor, "/today", &all, &[]).await;
    let second = town.post_exactly(&tutor, "/today", &all, &[]).await;
    assert_eq!((first.status, first.location.clone()), (second.status, second.location));
    assert_eq!(totals(&mut town).await.3, 1);
    // The same key with other contents is not acted on, and what was typed is shown back.
    all[3].1 = "0";
    let other = town.post_exactly(&tutor, "/today", &all, &[]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(totals(&mut town).await.0, 2);
}

#[tokio::test]
async fn all_met_fills_blanks_only_and_says_how() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let case = town.greenfield.case.case;
    save(&town, &tutor, &sheet(&town, TODAY, 0, &[(0, 1, "0"), (1, 2, "x")])).await;
    let mut fields = sheet(&town, TODAY, 1, &[]);
    fields.push(("all_met".to_owned(), case.to_string()));
    assert_eq!(save(&town, &tutor, &fields).await.status, StatusCode::SEE_OTHER);
    // 12 cells, 2 excused, one 0 stays.
    assert_eq!(totals(&mut town).await, (18, 10, 10, 2));
    let filled =
        town.count("select count(*) from app.marks where case_id = $1 and source = 'all_met'", case).await;
    assert_eq!(filled, 9);
}

#[tokio::test]
async fn future_days_and_days_off_cannot_be_recorded_and_past_days_are_late() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let before = town.digest().await;
    for (day, why) in [
        ("2026-11-25", "has not come yet"),
        ("2026-11-22", "a weekend"),
        ("2026-11-20", "Training day"),
        ("2026-10-28", "school holidays"),
        ("2025-06-03", "does not cover"),
    ] {
        let answer = save(&town, &lead, &sheet(&town, day, 0, &[(0, 1, "2")])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
        assert!(answer.body.contains(why), "{day}: {}", answer.body);
    }
    assert_eq!(before, town.digest().await);
    let past = save(&town, &lead, &sheet(&town, "2026-11-23", 0, &[(0, 1, "2")])).await;
    assert_eq!(past.status, StatusCode::SEE_OTHER);
    let case = town.greenfield.case.case;
    assert_eq!(
        town.count("select count(*) from app.days where case_id = $1 and entered_late", case).await,
        1
    );
    let page = town.get(&lead, "/today?date=2026-11-23").await;
    assert!(page.body.contains("(entered late)"));
    // Staff see ten school days.
    let tutor = town.greenfield.tutor.clone();
    let early = town.get(&tutor, "/today?date=2026-11-05").await;
    assert!(early.body.contains("last ten school days") && !early.body.contains(&town.greenfield.sentinel));
    assert!(town.get(&lead, "/today?date=2026-11-05").await.body.contains(&town.greenfield.sentinel));
}

#[tokio::test]
async fn a_mistyped_mark_saves_nothing_and_keeps_everything() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let before = town.digest().await;
    for cells in [[(0, 1, "7"), (1, 1, "2")], [(0, 4, "a"), (1, 4, "2")]] {
        let answer = save(&town, &tutor, &sheet(&town, TODAY, 0, &cells)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("There is a problem"));
        assert!(answer.body.contains(&format!("value=\"{}\"", cells[0].2)), "what was typed is still there");
    }
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn foreign_ids_in_the_body_do_not_exist() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let other = town.hillside.case;
    let before = town.digest().await;
    let mut foreign_case = sheet(&town, TODAY, 0, &[]);
    foreign_case.push((format!("seen.{}", other.case), "0".to_owned()));
    let mut foreign_target = sheet(&town, TODAY, 0, &[]);
    foreign_target.push((format!("mark.{}.1", other.targets[0]), "2".to_owned()));
    let mut foreign_school = sheet(&town, TODAY, 0, &[(0, 1, "2")]);
    foreign_school[1].1 = town.hillside.id.to_string();
    for fields in [foreign_case, foreign_target, foreign_school] {
        assert_eq!(save(&town, &tutor, &fields).await.status, StatusCode::NOT_FOUND, "{fields:?}");
    }
    let mut unknown = sheet(&town, TODAY, 0, &[(0, 1, "2")]);
    unknown.push(("saved_by".to_owned(), tutor.id.to_string()));
    assert_eq!(save(&town, &tutor, &unknown).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn g18_s1_08_without_a_target_nothing_can_be_marked() {
    let mut town = Town::new().await;
    let (tutor, case) = (town.greenfield.tutor.clone(), town.greenfield.case);
    sqlx::query("update app.targets set ended_on = '2026-11-20' where case_id = $1")
        .bind(case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&tutor, "/today").await;
    assert!(
        page.body.contains("No targets are set for this day, so there is nothing to mark"),
        "{}",
        page.body
    );
    let before = town.digest().await;
    let refused = save(&town, &tutor, &sheet(&town, TODAY, 0, &[(0, 1, "2")])).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "a target that is not worked on is not there");
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn what_is_known_beforehand_is_filled_in_visibly() {
    let mut town = Town::new().await;
    let (lead, tutor) = (town.greenfield.lead.clone(), town.greenfield.tutor.clone());
    let case = town.greenfield.case.case;
    let path = format!("/cases/{case}/absences");
    let sent = [
        ("reason", "exam"),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
        ("to_on.day", ""),
        ("to_on.month", ""),
        ("to_on.year", ""),
        ("periods", "2"),
        ("periods", "3"),
        ("source", "Mock exam timetable"),
    ];
    let added = town.post(&lead, &path, &sent).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = town.get(&tutor, "/today").await;
    assert!(page.body.contains("P2, P3: Exam filled in from: Mock exam timetable"), "{}", page.body);
    assert_eq!(page.body.matches("value=\"x\"").count(), 4, "two targets in two periods");
    // Saving the sheet as shown keeps it; the periods leave the points possible.
    let cells = [(0, 1, "2"), (1, 1, "2"), (0, 2, "x"), (1, 2, "x"), (0, 3, "x"), (1, 3, "x")];
    assert_eq!(save(&town, &tutor, &sheet(&town, TODAY, 0, &cells)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(totals(&mut town).await, (4, 2, 8, 1));
}

#[tokio::test]
async fn every_mark_says_who_and_when_and_corrections_keep_the_original() {
    let town = Town::new().await;
    let (lead, tutor, case) =
        (town.greenfield.lead.clone(), town.greenfield.tutor.clone(), town.greenfield.case);
    let first = sheet(&town, TODAY, 0, &[(0, 1, "2"), (1, 1, "0"), (0, 2, "a"), (1, 2, "a")]);
    assert_eq!(save(&town, &tutor, &first).await.status, StatusCode::SEE_OTHER);
    town.later(Duration::minutes(20));
    let second = sheet(&town, TODAY, 1, &[(0, 1, "2"), (1, 1, "1"), (0, 2, "a"), (1, 2, "a")]);
    assert_eq!(save(&town, &lead, &second).await.status, StatusCode::SEE_OTHER);
    let path = format!("/cases/{}/day?date={TODAY}", case.case);
    let page = town.get(&lead, &path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in [
        "A staff, 24 Nov 2026, 11:45am",
        "A school_lead, 24 Nov 2026, 12:05pm",
        "Before: Not met, A staff, 24 Nov 2026, 11:45am",
        "No marks because",
        "Absent",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(page.body.matches("Before:").count(), 1, "only what was replaced");
    let empty = town.get(&lead, &format!("/cases/{}/day?date=2026-11-23", case.case)).await;
    assert!(empty.body.contains("Nothing is recorded on this day."));
    assert_eq!(
        town.get(&lead, &format!("/cases/{}/day?date=soon", case.case)).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(town.get(&town.hillside.lead, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn notes_and_cards() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let case = town.greenfield.case.case;
    let path = format!("/today/notes/{case}");
    let empty =
        town.post(&tutor, &path, &[("date", TODAY), ("kind", ""), ("period", ""), ("words", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("Enter note") && empty.body.contains("Select praise or concern"));
    let sent =
        [("date", TODAY), ("kind", "praise"), ("period", "3"), ("words", "Helped <script>alert(1)</script>")];
    assert_eq!(town.post(&tutor, &path, &sent).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&tutor, "/today").await;
    assert!(page.body.contains("Helped &#60;script&#62;") && !page.body.contains("<script>alert"));
    let card = town.get(&tutor, &format!("/today/cards/{case}")).await;
    assert!(card.body.contains("wm-card") && card.body.contains(&town.greenfield.sentinel));
    assert_eq!(town.get(&tutor, "/today/sheet").await.status, StatusCode::OK);
    assert_eq!(town.count("select count(*) from app.day_notes where case_id = $1", case).await, 1);
}

#[tokio::test]
async fn on_a_day_off_the_latest_school_day_opens_and_says_so() {
    let town = Town::new().await;
    town.later(Duration::days(5));
    let tutor = &town.greenfield.tutor;
    sqlx::query("update app.sessions set seen_at = $2, ends_at = $2 + interval '1 hour' where user_id = $1")
        .bind(tutor.id)
        .bind(town.now())
        .execute(&mut crate::support::owner().await)
        .await
        .unwrap();
    let page = town.get(tutor, "/today").await;
    assert!(page.body.contains("Friday 27 November 2026"), "{}", page.body);
    assert!(page.body.contains("Sunday 29 November 2026 is not a school day"));
}
