//! The lead's week: what is owed, reminders of the headteacher, and the run through the weekly reviews; and the inbox
//! and the week in one page, which the headteacher reads of the same (P2.01).

use axum::http::StatusCode;
use time::Duration;
use uuid::Uuid;

use crate::support::{Answer, NOW, Person, Town, day};

/// Of everything overdue of this case, the first that is not the headteacher's: its key on the page.
fn first_key(page: &Answer, case: Uuid) -> String {
    let after =
        page.body.split(&format!("name=\"case\" value=\"{case}\"")).nth(1).expect("a reminder to make");
    let key = after.split("name=\"duty\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    key.replace("&#39;", "'").replace("&#38;", "&")
}

async fn remind(town: &Town, who: &Person, case: Uuid, duty: &str) -> Answer {
    town.post(who, "/overview/reminders", &[("case", &case.to_string()), ("duty", duty)]).await
}

#[tokio::test]
async fn p2_01_a_reminder_reaches_the_lead_once_a_school_day_and_the_head_sees_that_it_was_seen() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let case = own.case.case;
    let page = town.get(&own.head, "/overview").await;
    let key = first_key(&page, case);
    let made = "select count(*) from app.reminders where case_id = $1";
    let seen = "select count(*) from app.reminders where case_id = $1 and seen_at is not null";
    for says in ["Reminded.", "already"] {
        let sent = remind(&town, &own.head, case, &key).await;
        assert_eq!(
            (sent.status, sent.location.as_str()),
            (StatusCode::SEE_OTHER, "/overview/overdue"),
            "{}",
            sent.body
        );
        assert!(sent.cookies.iter().any(|cookie| cookie.contains("reminded")), "{says}: {:?}", sent.cookies);
        assert_eq!(town.count(made, case).await, 1);
    }
    let page = town.get(&own.head, "/overview/overdue").await;
    assert!(page.body.contains("Reminded on 24 Nov 2026, not seen yet"), "{}", page.body);
    // Others of the school see it beside the duty; only whom it is to has seen it.
    let deputy = town.person("school_lead", Some(own.id)).await;
    assert!(town.get(&deputy, "/week").await.body.contains("A headteacher reminded on 24 Nov 2026"));
    assert_eq!(town.count(seen, case).await, 0);
    let week = town.get(&own.lead, "/week").await;
    assert!(week.body.contains("A headteacher reminded on 24 Nov 2026"), "{}", week.body);
    assert_eq!(town.count(seen, case).await, 1);
    let page = town.get(&own.head, "/overview/overdue").await;
    assert!(page.body.contains("Reminded on 24 Nov 2026, seen on 24 Nov 2026 at 11:45am"), "{}", page.body);
    // The next school day it can be said again.
    town.later(Duration::DAY);
    sqlx::query("update app.sessions set seen_at = $1, ends_at = $1 + interval '1 hour' where user_id = $2")
        .bind(town.now())
        .bind(own.head.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(remind(&town, &own.head, case, &key).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.count(made, case).await, 2);
}

#[tokio::test]
async fn p2_01_only_the_headteacher_reminds_and_only_of_what_is_overdue() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let key = first_key(&town.get(&own.head, "/overview").await, own.case.case);
    let delegate = town.person("head_delegate", Some(own.id)).await;
    let la = town.person("la_representative", Some(own.id)).await;
    let before = town.digest().await;
    for who in [&own.lead, &own.tutor, &delegate, &la] {
        let sent = remind(&town, who, own.case.case, &key).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{}", who.email);
    }
    assert_eq!(remind(&town, &other.head, own.case.case, &key).await.status, StatusCode::NOT_FOUND);
    for case in ["", "x", &Uuid::now_v7().to_string()] {
        let sent = town.post(&own.head, "/overview/reminders", &[("case", case), ("duty", &key)]).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND, "{case}");
    }
    for duty in ["", "x", &"9".repeat(5000), "S1.11||2026-12-24"] {
        let sent = remind(&town, &own.head, own.case.case, duty).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{duty}");
        assert!(sent.cookies.iter().any(|cookie| cookie.contains("nothing-to-remind")), "{:?}", sent.cookies);
    }
    assert_eq!(before, town.digest().await);
    assert!(!town.get(&own.lead, "/week").await.body.contains("reminded on"));
}

#[tokio::test]
async fn p2_01_a_reminder_goes_only_to_somebody_else_who_sees_it() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let case = own.case.case;
    let key = first_key(&town.get(&own.head, "/overview").await, case);
    let form = format!("name=\"case\" value=\"{case}\"");
    let speak = "A staff does not see reminders: speak to them";
    let made = "select count(*) from app.reminders where case_id = $1";
    let deputy = town.person("school_lead", Some(own.id)).await;
    for (lead, flash, says) in [
        (own.tutor.id, "reminder-unseen", true),
        (own.head.id, "reminded-oneself", false),
        (deputy.id, "reminded", false),
    ] {
        sqlx::query("update app.cases set lead_id = $2 where id = $1")
            .bind(case)
            .bind(lead)
            .execute(&mut town.owner)
            .await
            .unwrap();
        let page = town.get(&own.head, "/overview/overdue").await;
        assert_eq!(page.body.contains(&form), flash == "reminded", "{flash}: {}", page.body);
        assert_eq!(page.body.contains(speak), says, "{flash}: {}", page.body);
        let sent = remind(&town, &own.head, case, &key).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{flash}: {}", sent.body);
        let cookie = format!("={flash};");
        assert!(sent.cookies.iter().any(|said| said.contains(&cookie)), "{flash}: {:?}", sent.cookies);
        assert_eq!(town.count(made, case).await, i64::from(flash == "reminded"), "{flash}");
    }
}

/// What the week in one page counts under this name.
fn counted(page: &Answer, name: &str) -> String {
    let after = page.body.split(&format!(">{name}</dt>")).nth(1).expect(name);
    after.split("</dd>").next().unwrap().rsplit('>').next().unwrap().to_owned()
}

#[tokio::test]
async fn p2_01_the_week_in_one_page_counts_what_was_recorded_in_it() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let (case, this) = (own.case.case, "/overview/weeks/2026-11-23");
    // Issued long ago and written down now.
    town.suspend(case, day("2026-06-15"), day("2026-11-24")).await;
    let week = town.get(&own.head, this).await;
    assert_eq!(counted(&week, "Suspensions and exclusions"), "1", "{}", week.body);
    // Closed because it was opened by mistake: nobody left the programme.
    for (ending, left) in [("opened_in_error", "0"), ("left", "1")] {
        sqlx::query(
            "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                             requirements, reasons, seq, event)
             select gen_random_uuid(), $1, $2, $3, 'closed', '2026-11-24', $4, $5, '[]', '{}', max(seq) + 1,
                    jsonb_build_object('event', 'closed', 'ending', $6::text)
             from app.case_decisions where case_id = $3",
        )
        .bind(town.authority)
        .bind(own.id)
        .bind(case)
        .bind(NOW)
        .bind(own.head.id)
        .bind(ending)
        .execute(&mut town.owner)
        .await
        .unwrap();
        let week = town.get(&own.head, this).await;
        assert_eq!(counted(&week, "Left the programme"), left, "{ending}: {}", week.body);
    }
    // More than fits: what is counted is not all.
    sqlx::query(
        "insert into app.head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at, duty, words)
         select gen_random_uuid(), $1, $2, $3, 'overdue', '2026-11-24', $4, 'x' || n, 'x' || n from generate_series(1, 320) n",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(case)
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let week = town.get(&own.head, this).await;
    let overdue = counted(&week, "Duties that became overdue");
    let at_least: u32 = overdue.trim_end_matches(" or more").parse().unwrap();
    assert!(overdue.ends_with(" or more") && at_least > 200, "{overdue}");
}

#[tokio::test]
async fn p2_01_a_week_stays_as_it_was_when_the_pupil_moves_to_another_school() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let began = "/overview/weeks/2026-11-02";
    let before = town.get(&own.head, began).await;
    let opened = counted(&before, "Cases opened");
    assert!(before.body.contains(&own.sentinel) && opened != "0", "{}", before.body);
    sqlx::query("update app.pupils set school_id = $2 where id = $1")
        .bind(own.case.pupil)
        .bind(town.hillside.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let after = town.get(&own.head, began).await;
    assert_eq!(counted(&after, "Cases opened"), opened, "{}", after.body);
    assert!(after.body.contains("A pupil who is at another school now"), "{}", after.body);
    assert!(!after.body.contains(&own.sentinel), "whom the school sees no more it does not name");
}

#[tokio::test]
async fn p2_01_what_is_overdue_is_told_once_and_a_suspension_when_it_is_issued() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let told = "select count(*) from app.head_notices where case_id = $1 and kind = 'overdue'";
    let la = town.person("la_representative", Some(own.id)).await;
    // Whoever looks first finds it out; whoever looks again finds nothing new.
    assert_eq!(town.get(&la, &format!("/cases/{}", own.case.case)).await.status, 200);
    let first = town.count(told, own.case.case).await;
    assert!(first > 0);
    for who in [&own.head, &own.lead, &own.head] {
        sqlx::query("update app.case_duties set reckoned_on = null where case_id = $1")
            .bind(own.case.case)
            .execute(&mut town.owner)
            .await
            .unwrap();
        town.get(who, &format!("/cases/{}", own.case.case)).await;
    }
    assert_eq!(town.count(told, own.case.case).await, first);
    let inbox = town.get(&own.head, "/overview/inbox").await;
    assert_eq!(
        inbox.body.matches("data-told=\"overdue\"").count(),
        usize::try_from(first).unwrap(),
        "{}",
        inbox.body
    );
    assert!(!inbox.body.contains(&town.hillside.sentinel));
    // The week in one page holds what was told in it, and nothing of another school.
    let week = town.get(&own.head, "/overview/weeks/2026-11-23").await;
    assert!(week.body.contains("Overdue: ") && week.body.contains(&own.sentinel), "{}", week.body);
    assert!(!week.body.contains(&town.hillside.sentinel));
    let opened = town.get(&own.head, "/overview/weeks/2026-11-02").await;
    assert!(
        opened.body.contains("Case opened at Stage 1. Concern about behaviour over time"),
        "{}",
        opened.body
    );
    let empty = town.get(&own.head, "/overview/weeks/2026-10-05").await;
    assert!(empty.body.contains("Nothing else was recorded in this week"), "{}", empty.body);
    for odd in ["2026-11-24", "2026-11-30", "x", "9999-12-27", "1900-01-01", "2026-02-30"] {
        let answer = town.get(&own.head, &format!("/overview/weeks/{odd}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{odd}");
    }
    // Written down later, it belongs to the week it was written down in.
    sqlx::query("update app.exclusions set recorded_on = '2026-11-24' where case_id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    town.furnish().await;
    let then = town.get(&own.head, "/overview/weeks/2026-11-02").await;
    let lines = |page: &Answer| page.body.split("<table").nth(1).unwrap().to_owned();
    assert_eq!(lines(&then), lines(&opened));
}

#[tokio::test]
async fn my_week_shows_ones_own_cases_first_and_a_sheet_once() {
    let mut town = Town::new().await;
    town.class(5, 2).await;
    let own = town.greenfield.clone();
    let deputy = town.person("school_lead", Some(own.id)).await;
    let page = town.get(&own.lead, "/week").await;
    assert_eq!(page.status, StatusCode::OK);
    let body = &page.body;
    assert!(body.contains("My week, 23 to 27 November 2026") && body.contains("Cases you lead"), "{body}");
    assert!(!body.contains("Other cases of the school"), "{body}");
    assert!(body.contains("Record daily monitoring: 6 pupils"), "one sheet, one line: {body}");
    assert!(body.find(">Overdue<").unwrap() < body.find("Today, Tuesday 24 November 2026").unwrap());
    assert!(!body.contains(&town.hillside.sentinel));
    let page = town.get(&deputy, "/week").await;
    assert!(page.body.contains("Other cases of the school") && !page.body.contains("Cases you lead"));
    assert_eq!(town.get(&own.tutor, "/week").await.status, StatusCode::FORBIDDEN);
    let delegate = town.person("head_delegate", Some(own.id)).await;
    assert_eq!(town.get(&delegate, "/week").await.status, StatusCode::FORBIDDEN);
    // With nothing owed it says so.
    sqlx::query(
        "update app.case_duties set reckoned_on = '2026-11-24', duties = '[]' where authority_id = $1",
    )
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
    assert!(town.get(&own.lead, "/week").await.body.contains("Nothing is owed this week"));
}

/// The fields of a review whose lights are what the figures suggest: none, as nothing is marked.
const REVIEW: [(&str, &str); 4] =
    [("version", "0"), ("overall", "amber"), ("next_steps", "Carry on with the same targets."), ("run", "1")];

#[tokio::test]
async fn s1_13_a_run_goes_from_one_pupil_to_the_next_and_skips_without_script() {
    let mut town = Town::new().await;
    let cases = town.class(2, 1).await;
    let (own, last) = (town.greenfield.clone(), town.greenfield.case.case);
    // The class comes before Greenfield by name; all are of one lead.
    let page = town.get(&own.lead, "/reviews/run").await;
    assert!(page.body.contains("Weekly reviews, 16 to 19 November 2026"), "{}", page.body);
    assert!(
        page.body.contains("0 of 3 signed") && page.body.contains("Start with the first"),
        "{}",
        page.body
    );
    let review = |case: Uuid| format!("/cases/{case}/reviews/2026-11-16");
    let in_run = |case: Uuid| format!("{}?run=1", review(case));
    assert!(
        page.body.contains(&format!("class=\"govuk-button\" href=\"{}\"", in_run(cases[0]))),
        "{}",
        page.body
    );
    let first = town.get(&own.lead, &in_run(cases[0])).await;
    assert!(first.body.contains("<strong>1 of 3</strong>"), "{}", first.body);
    assert!(first.body.contains(&format!("href=\"{}\"", in_run(cases[1]))), "skip: {}", first.body);
    assert!(first.body.contains("Sign the review, and the next"));
    // Sent empty, the form comes back and still knows its run.
    let again = town.post(&own.lead, &review(cases[0]), &[("version", "0"), ("run", "1")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("1 of 3") && again.body.contains("name=\"run\""), "{}", again.body);
    let signed = town.post(&own.lead, &review(cases[0]), &REVIEW).await;
    assert_eq!(
        (signed.status, signed.location),
        (StatusCode::SEE_OTHER, in_run(cases[1])),
        "{}",
        signed.body
    );
    // The second is skipped, the third signed: the run is over, and one is left.
    let third = town.get(&own.lead, &in_run(last)).await;
    assert!(third.body.contains("3 of 3") && third.body.contains("Skip, and end the run"), "{}", third.body);
    let signed = town.post(&own.lead, &review(last), &REVIEW).await;
    assert_eq!(signed.location, "/reviews/run", "{}", signed.body);
    let page = town.get(&own.lead, "/reviews/run").await;
    assert!(page.body.contains("2 of 3 signed") && page.body.contains("Go on"), "{}", page.body);
    let signed = town.post(&own.lead, &review(cases[1]), &REVIEW).await;
    assert_eq!(signed.location, "/reviews/run");
    let page = town.get(&own.lead, "/reviews/run").await;
    assert!(page.body.contains("3 of 3 signed. All of them are done."), "{}", page.body);
    // Outside a run nothing of it shows, and signing stays with the case.
    let alone = town.get(&own.lead, &review(last)).await;
    assert!(!alone.body.contains("3 of 3") && !alone.body.contains("name=\"run\""));
    let over = [("version", "1"), ("overall", "amber"), ("next_steps", "As before, with the tutor.")];
    assert_eq!(town.post(&own.lead, &review(last), &over).await.location, review(last));
    let la = town.person("la_representative", Some(own.id)).await;
    assert_eq!(town.get(&la, "/reviews/run").await.status, StatusCode::FORBIDDEN);
    assert!(!town.get(&la, &in_run(last)).await.body.contains("in this run"));
    let counted: i64 = sqlx::query_scalar(
        "select count(*) from app.weekly_reviews where signed_at = $1 and authority_id = $2",
    )
    .bind(NOW)
    .bind(town.authority)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(counted, 4);
}

#[tokio::test]
async fn what_the_days_show_is_said_with_care() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (own, case) = (town.greenfield.clone(), town.greenfield.case.case);
    let page = format!("/cases/{case}");
    let mark = |town: &mut Town, from: i64, to: i64, points: i16| {
        let (authority, school, lead) = (town.authority, own.id, own.lead.id);
        let sql = "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                                         first_saved_at, saved_at, saved_by, entered_late)
                   select $1, $2, $3, '2026-11-02'::date + n::integer, 1, $6, 20, 10, 12, $7, $7, $8, false
                   from generate_series($4::bigint, $5::bigint) n";
        sqlx::query(sql)
            .bind(authority)
            .bind(school)
            .bind(case)
            .bind(from)
            .bind(to)
            .bind(points)
            .bind(NOW)
            .bind(lead)
    };
    let days = mark(&mut town, 0, 6, 8);
    days.execute(&mut town.owner).await.unwrap();
    let early = town.get(&own.lead, &page).await;
    assert!(early.body.contains("Too early to tell: it takes 10 recorded days"), "{}", early.body);
    // The mentor of the furnished case began on 9 November, the eighth day.
    let days = mark(&mut town, 7, 13, 16);
    days.execute(&mut town.owner).await.unwrap();
    let shown = town.get(&own.lead, &page).await;
    assert!(
        shown.body.contains("7 recorded days in a row below the middle of these days, 2 to 8 November 2026"),
        "{}",
        shown.body
    );
    assert!(
        shown.body.contains(
            "Before: 56 of 140 points (40%) over 7 recorded days. Since: 112 of 140 points (80%) over 7 recorded days"
        ),
        "{}",
        shown.body
    );
    assert_eq!(
        shown.body.matches(">support begins</text>").count(),
        2,
        "a line in both drawings: {}",
        shown.body
    );
    assert!(shown.body.contains("it decides nothing"));
}
