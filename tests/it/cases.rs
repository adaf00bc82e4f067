//! Opening a case, its page, its lead.

use axum::http::StatusCode;
use scraper::{Html, Selector};
use time::{Date, Month};
use uuid::Uuid;

use crate::support::{Answer, NOW, Town, pupil};

async fn newcomer(town: &mut Town) -> Uuid {
    let school = town.greenfield.clone();
    pupil(&mut town.owner, town.authority, school.id, school.lead.id, "Newcomer").await.0
}

async fn open(town: &Town, pupil: Uuid, more: &[(&str, &str)]) -> Answer {
    let (pupil, lead) = (pupil.to_string(), town.greenfield.lead.id.to_string());
    let mut fields = vec![("pupil", pupil.as_str())];
    if !more.iter().any(|(name, _)| *name == "lead") {
        fields.push(("lead", &lead));
    }
    fields.extend(more);
    town.post(&town.greenfield.lead, "/cases", &fields).await
}

const COMPLETE: &[(&str, &str)] = &[
    ("rationale", "Two suspensions since September"),
    ("support_what", "Mentor, weekly"),
    ("support_detail", "September"),
    ("support_outcome", "Some change"),
    ("advice_what", "Shorter mornings"),
    ("advice_detail", "Behaviour support"),
    ("advice_outcome", "Done since October"),
];

#[tokio::test]
async fn a_lead_opens_a_case_at_stage_1() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let opened = open(&town, pupil, COMPLETE).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let page = town.get(&town.greenfield.lead, &opened.location).await;
    assert!(page.body.contains("Next: Set behaviour targets"), "{}", page.body);
    assert_eq!(page.body.matches("wm-next").count(), 1, "exactly one next action");
    assert!(page.body.contains("Wednesday 25 November 2026") && page.body.contains("A school_lead"));
    assert!(page.body.contains("No days recorded yet"));
    assert!(
        !page.body.contains("<title>Case overview - Waymark</title>") || !page.body.contains("<title>Sam")
    );
    let case: uuid::Uuid = opened.location.rsplit('/').next().unwrap().parse().unwrap();
    let told =
        "select count(*) from app.head_notices where case_id = $1 and kind = 'opened' and seen_at is null";
    assert_eq!(town.count(told, case).await, 1, "P2.01");
}

#[tokio::test]
async fn what_is_missing_is_explained_and_nothing_typed_is_lost() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let before = town.digest().await;
    let refused = open(&town, pupil, &[("lead", ""), ("rationale", ""), ("support_what", "Mentor <3")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The case cannot be opened yet"), "{}", refused.body);
    for clause in ["T.01", "A16", "S1.01", "R1.04", "R1.03"] {
        assert!(refused.body.contains(clause), "{clause}");
    }
    assert!(refused.body.contains("value=\"Mentor &#60;3\""));
    assert_eq!(before, town.digest().await);
    // Thin support can go on with a reason, and the reason is kept with the decision.
    let thin = open(&town, pupil, &[("rationale", "Serious worry")]).await;
    assert!(thin.body.contains("Say why, and the case is opened"), "{}", thin.body);
    let opened =
        open(&town, pupil, &[("rationale", "Serious worry"), ("reason.R1.03", "Joined us on Monday")]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let id: Uuid = opened.location.rsplit('/').next().unwrap().parse().unwrap();
    let reasons: serde_json::Value =
        sqlx::query_scalar("select reasons from app.case_decisions where case_id = $1")
            .bind(id)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(reasons["R1.03"], "Joined us on Monday");
}

#[tokio::test]
async fn a_pupil_has_one_open_case_however_fast_two_people_are() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let (a, b) = tokio::join!(open(&town, pupil, COMPLETE), open(&town, pupil, COMPLETE));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "{} {}", a.body, b.body);
    let third = open(&town, pupil, COMPLETE).await;
    assert!(third.body.contains("A case is already open"), "{}", third.body);
    assert_eq!(town.count("select count(*) from app.cases where pupil_id = $1", pupil).await, 1);
}

#[tokio::test]
async fn pressing_twice_at_once_opens_one_case_and_both_land_there() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let (id, lead) = (pupil.to_string(), town.greenfield.lead.id.to_string());
    let key = Uuid::new_v4().to_string();
    let mut fields = vec![("pupil", id.as_str()), ("lead", lead.as_str()), ("form_key", key.as_str())];
    fields.extend(COMPLETE);
    let who = town.greenfield.lead.clone();
    let (a, b) = tokio::join!(
        town.post_exactly(&who, "/cases", &fields, &[]),
        town.post_exactly(&who, "/cases", &fields, &[])
    );
    let landed: Vec<_> =
        [a, b].into_iter().filter(|x| x.status == StatusCode::SEE_OTHER).map(|x| x.location).collect();
    assert!(!landed.is_empty() && landed.iter().all(|place| *place == landed[0]));
    let again = town.post_exactly(&who, "/cases", &fields, &[]).await;
    assert_eq!(again.location, landed[0]);
    assert_eq!(town.count("select count(*) from app.cases where pupil_id = $1", pupil).await, 1);
}

#[tokio::test]
async fn another_schools_people_do_not_exist_as_leads() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let foreign = town.hillside.lead.id.to_string();
    let mut fields = vec![("lead", foreign.as_str())];
    fields.extend(COMPLETE);
    assert_eq!(open(&town, pupil, &fields).await.status, StatusCode::NOT_FOUND);
    let path = format!("/cases/{}/lead", town.greenfield.case.case);
    let was = town.greenfield.lead.id.to_string();
    let answer = town.post(&town.greenfield.head, &path, &[("lead", &foreign), ("version", &was)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_lead_changes_hands_and_two_heads_do_not_overwrite_each_other() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let path = format!("/cases/{}/lead", school.case.case);
    let (was, tutor, head) =
        (school.lead.id.to_string(), school.tutor.id.to_string(), school.head.id.to_string());
    let first = town.post(&school.head, &path, &[("lead", &tutor), ("version", &was)]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = town.post(&school.lead, &path, &[("lead", &head), ("version", &was)]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("A staff") && second.body.contains("A headteacher"), "both are shown");
    let leads = town.count("select count(*) from app.case_leads where case_id = $1", school.case.case).await;
    assert_eq!(leads, 2);
}

#[tokio::test]
async fn lists_page_by_key_and_show_only_what_is_within_reach() {
    let mut town = Town::new().await;
    let la = town.person("la_representative", None).await;
    let page = town.get(&la, "/cases").await;
    assert!(page.body.contains(&town.greenfield.sentinel) && page.body.contains(&town.hillside.sentinel));
    let own = town.get(&town.greenfield.lead, "/cases").await;
    assert!(own.body.contains(&town.greenfield.sentinel) && !own.body.contains(&town.hillside.sentinel));
    assert_eq!(town.get(&town.greenfield.lead, "/cases?after=nonsense").await.status, StatusCode::NOT_FOUND);
    let foreign = format!("/cases?after={}", town.hillside.case.case);
    assert!(!town.get(&town.greenfield.lead, &foreign).await.body.contains(&town.hillside.sentinel));
}

#[tokio::test]
async fn the_page_of_a_case_calls_periods_as_the_school_does() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    sqlx::query("update app.school_periods set label = 'Tutor time' where school_id = $1 and period = 1")
        .bind(school.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let (id, [target, _]) = (school.id.to_string(), school.case.targets);
    let (seen, first, second) =
        (format!("seen.{}", school.case.case), format!("mark.{target}.1"), format!("mark.{target}.2"));
    let marks = [("date", "2026-11-24"), ("school", &id), (&seen, "0"), (&first, "2"), (&second, "1")];
    assert_eq!(town.post(&school.tutor, "/today", &marks).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&school.lead, &format!("/cases/{}", school.case.case)).await.body;
    assert!(page.contains(">Tutor time</th>") && page.contains(">P2</th>"), "{page}");
    assert!(!page.contains("Period 1"));
}

fn on(month: Month, day: u8) -> Date {
    Date::from_calendar_date(2026, month, day).unwrap()
}

/// Every weekday of Greenfield's case from one day to another: so many points of 20, or off site.
async fn weekdays(town: &mut Town, from: Date, to: Date, points: Option<i16>) {
    sqlx::query(
        "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                               first_saved_at, saved_at, saved_by, entered_late, reason)
         select $1, $2, $3, d::date, 1, coalesce($6, 0), case when $6 is null then 0 else 20 end,
                case when $6 is null then 0 else 10 end, case when $6 is null then 0 else 12 end, $7, $7, $8, false,
                case when $6 is null then 'off_site' end
         from generate_series($4::date, $5::date, '1 day') d where extract(isodow from d) < 6",
    )
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(town.greenfield.case.case)
    .bind(from)
    .bind(to)
    .bind(points)
    .bind(NOW)
    .bind(town.greenfield.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

/// Support of the case that starts on a day; the service was asked for it or not.
async fn support(town: &mut Town, kind: &str, starts_on: Date, asked: bool) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into app.supports (id, authority_id, school_id, case_id, kind, purpose, provider, lead_id, lead_name,
                                   sessions_a_week, starts_on, review_on, made_at, made_by, changed_at, changed_by,
                                   school_agreed_on, school_agreed_by)
         values ($1, $2, $3, $4, $5, 'Calmer lessons', 'Somebody', $6, 'A school_lead', 1, $7, '2026-12-11', $8, $6, $8, $6,
                 case when $9 then '2026-11-02'::date end, case when $9 then $6 end)",
    )
    .bind(id)
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(town.greenfield.case.case)
    .bind(kind)
    .bind(town.greenfield.lead.id)
    .bind(starts_on)
    .bind(NOW)
    .bind(asked)
    .execute(&mut town.owner)
    .await
    .unwrap();
    id
}

/// What the page of Greenfield's case says, and what changed with the words beside it.
async fn effect(town: &Town) -> (String, Vec<(String, String, String)>) {
    let page = town.get(&town.greenfield.lead, &format!("/cases/{}", town.greenfield.case.case)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let html = Html::parse_document(&page.body);
    let sel = |css: &str| Selector::parse(css).unwrap();
    let text = |row: scraper::ElementRef<'_>, css: &str| -> String {
        row.select(&sel(css)).next().unwrap().text().collect()
    };
    let rows = html
        .select(&sel("section[aria-labelledby=effect] tbody tr"))
        .map(|row| (text(row, "th"), text(row, "[data-label=Day]"), text(row, "[data-label=Points]")))
        .collect();
    (page.body, rows)
}

#[tokio::test]
async fn a_change_is_listed_with_all_the_days_before_it_that_are_compared() {
    let mut town = Town::new().await;
    // Sixty recorded days are looked at: the oldest of them is 31 August.
    weekdays(&mut town, on(Month::June, 1), on(Month::November, 20), Some(12)).await;
    support(&mut town, "mediation", on(Month::September, 2), false).await;
    support(&mut town, "restorative", on(Month::September, 14), false).await;
    let (_, changes) = effect(&town).await;
    assert!(changes.iter().all(|(.., words)| words.starts_with("Before: 120 of 200 points")), "{changes:?}");
    assert!(changes.iter().any(|(what, ..)| what == "Restorative approaches begins"), "{changes:?}");
}

#[tokio::test]
async fn every_change_that_is_drawn_is_listed_and_none_that_has_not_happened() {
    let mut town = Town::new().await;
    weekdays(&mut town, on(Month::November, 2), on(Month::November, 19), Some(12)).await;
    for day in 10..=18 {
        support(&mut town, "mediation", on(Month::November, day), false).await;
    }
    support(&mut town, "restorative", on(Month::November, 25), false).await;
    let asked = support(&mut town, "behaviour_support", on(Month::November, 12), true).await;
    let (body, changes) = effect(&town).await;
    assert_eq!(changes.len(), 9, "{changes:?}");
    assert!(changes.iter().all(|(what, ..)| what == "Mediation begins"), "{changes:?}");
    assert_eq!(body.matches(">support begins</text>").count(), 2 * 9, "each in both drawings");
    sqlx::query(
        "update app.supports set service_agreed_on = '2026-11-11', service_agreed_by = $2 where id = $1",
    )
    .bind(asked)
    .bind(town.greenfield.head.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let (_, changes) = effect(&town).await;
    assert!(changes.iter().any(|(what, ..)| what == "Behaviour support team begins"), "{changes:?}");
}

#[tokio::test]
async fn a_month_off_site_is_not_the_beginning_of_a_record() {
    let mut town = Town::new().await;
    weekdays(&mut town, on(Month::September, 7), on(Month::October, 16), Some(12)).await;
    weekdays(&mut town, on(Month::October, 19), on(Month::November, 20), None).await;
    let (body, _) = effect(&town).await;
    for words in [
        "No marks on any of these 20 days, last recorded on 16 October 2026",
        "Nothing to tell: no day since 16 October 2026 has marks",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(!body.contains("No days recorded yet") && !body.contains("Too early to tell"), "{body}");
}

#[tokio::test]
async fn a_school_day_nobody_recorded_is_a_gap() {
    let mut town = Town::new().await;
    weekdays(&mut town, on(Month::November, 9), on(Month::November, 10), Some(12)).await;
    weekdays(&mut town, on(Month::November, 13), on(Month::November, 16), Some(16)).await;
    let (body, _) = effect(&town).await;
    assert_eq!(body.matches(">not recorded</td>").count(), 2, "{body}");
    assert!(
        body.contains("Wednesday 11 November 2026") && !body.contains("Saturday 14 November 2026"),
        "{body}"
    );
    let html = Html::parse_document(&body);
    assert_eq!(
        html.select(&Selector::parse(".wm-chart polyline").unwrap()).count(),
        4,
        "two runs, twice drawn"
    );
    assert!(body.contains("on 2 of 4 days"), "{body}");
}
