//! From sign-in to a logged day, with JavaScript and without it.

use thirtyfour::Key;
use waymark::state::passwords::hash_now;

use super::{Browser, serve};
use crate::support::{Town, pupil};

const PASSWORD: &str = "three plain words 17";

/// Signs in, opens a case, sets a target, logs today: as a lead would.
async fn from_sign_in_to_a_logged_day(javascript: bool) {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    sqlx::query("update app.users set password_hash = $2 where id = $1")
        .bind(school.lead.id)
        .bind(hash_now(PASSWORD))
        .execute(&mut town.owner)
        .await
        .unwrap();
    let (newcomer, _) = pupil(&mut town.owner, town.authority, school.id, school.lead.id, "Newcomer").await;
    let browser = Browser::open(&serve(&town).await, javascript).await;

    browser.go("/").await;
    browser.arrives("/sign-in").await;
    browser.fill("email", &school.lead.email).await;
    browser.fill("password", "not this one").await;
    browser.press("Sign in").await;
    browser.wait_for("There is a problem").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.arrives("/today").await;

    browser.go(&format!("/pupils/{newcomer}")).await;
    browser.press("Open a case").await;
    browser.press("Open case").await;
    browser.wait_for("The case cannot be opened yet").await;
    browser.wait_for("Nobody is nominated yet").await;
    browser.fill("rationale", "Two suspensions since September").await;
    browser.click("#lead option:nth-child(4)").await;
    browser.fill("support_what", "Mentor, weekly").await;
    browser.press("Open case").await;
    browser.wait_for("Say why, and the case is opened").await;
    browser
        .find("textarea[name='reason.R1.03']")
        .await
        .send_keys("Advice was asked for last week")
        .await
        .unwrap();
    browser.press("Open case").await;
    browser.wait_for("Case opened at Stage 1").await;
    let case = browser.path().await;

    browser.go(&format!("{case}/targets")).await;
    browser.press("Set a target").await;
    browser.press("Start from an example").await;
    browser.press("Arrive on time").await;
    browser.fill("due_on.day", "11").await;
    browser.fill("due_on.month", "12").await;
    browser.fill("due_on.year", "2026").await;
    browser.press("Set target").await;
    browser.wait_for("Target set.").await;

    browser.go("/today").await;
    let id = case.rsplit('/').next().unwrap().to_owned();
    let boxes = browser
        .driver
        .find_all(thirtyfour::By::Css(&*format!("section[data-case='{id}'] input.wm-mark")))
        .await
        .unwrap();
    assert_eq!(boxes.len(), 6);
    boxes[0].send_keys("2").await.unwrap();
    boxes[1].send_keys("1").await.unwrap();
    browser.press("Save day").await;
    browser.wait_for(if javascript { "Saved at 11:45am." } else { "Marks saved." }).await;
    let stored = town
        .count("select coalesce(sum(points), 0) from app.marks where case_id = $1", id.parse().unwrap())
        .await;
    assert_eq!(stored, 3);
    browser.go(&case).await;
    browser.wait_for("1 day recorded: too early to tell").await;
    browser.press("Sign out").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sign_in_to_a_logged_day_with_javascript() {
    from_sign_in_to_a_logged_day(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sign_in_to_a_logged_day_without_javascript() {
    from_sign_in_to_a_logged_day(false).await;
}

/// Finds the overdue cases at Stage 2 of one school in three presses, keeps the view, says who looks after two of them.
async fn a_caseload_is_looked_through(javascript: bool) {
    let mut town = Town::new().await;
    for case in town.class(4, 1).await {
        sqlx::query("update app.cases set stage = 2 where id = $1")
            .bind(case)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    let la = town.person("la_representative", None).await;
    let browser = Browser::open(&serve(&town).await, javascript).await;
    browser.as_person(&la).await;
    browser.go("/").await;
    browser.arrives("/caseload").await;
    browser.wait_for("All open: 6 cases").await;

    browser.press("Schools").await;
    browser.press("4 at Stage 2").await;
    browser.press("Overdue").await;
    browser.wait_for("Overdue, filtered: 4 cases").await;
    let rows = browser.driver.find_all(thirtyfour::By::Css(".wm-caseload tbody tr")).await.unwrap();
    assert_eq!(rows.len(), 4);

    browser.press("Save this view").await;
    browser.fill("name", "Late at Stage 2").await;
    browser.click("label[for=shared]").await;
    browser.press("Save the view").await;
    browser.wait_for("View saved.").await;
    if javascript {
        browser.click("label[for=select-all]").await;
        let chosen =
            browser.script("return document.querySelectorAll('.wm-caseload tbody :checked').length").await;
        assert_eq!(chosen, 4);
        browser.click("label[for=select-all]").await;
    }
    browser.press("Say who looks after them").await;
    browser.wait_for("Select a case first").await;
    browser.press("Go back to the caseload").await;
    browser.wait_for("Overdue, filtered: 4 cases").await;
    for row in [1, 2] {
        browser.click(&format!(".wm-caseload tbody tr:nth-child({row}) .govuk-checkboxes__label")).await;
    }
    browser.press("Say who looks after them").await;
    browser.wait_for("2 cases").await;
    browser.click("label[for=person]").await;
    browser.press("Save who looks after them").await;
    browser.wait_for("The cases show who looks after them.").await;
    browser.press("Clear all filters").await;
    browser.press("Mine").await;
    browser.wait_for("Mine: 2 cases").await;
    assert_eq!(
        town.count("select count(*) from app.case_representatives where user_id = $1", la.id).await,
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caseload_is_looked_through_with_javascript() {
    a_caseload_is_looked_through(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caseload_is_looked_through_without_javascript() {
    a_caseload_is_looked_through(false).await;
}

/// Signs the reviews of a week, pupil after pupil, with a key and without a pointer. Held down, the key signs nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_13_the_reviews_of_a_week_are_signed_with_one_key() {
    let mut town = Town::new().await;
    town.class(2, 1).await;
    let own = town.greenfield.clone();
    let marked = sqlx::query(
        "insert into app.marks (authority_id, school_id, case_id, target_id, on_date, period, points, source, version,
                                marked_at, marked_by)
         select t.authority_id, t.school_id, t.case_id, t.id, d, p, 2, 'single', 1, now(), $2
         from app.targets t, generate_series(date '2026-11-16', '2026-11-19', '1 day') d, generate_series(1, 5) p
         where t.school_id = $1
         on conflict do nothing",
    )
    .bind(own.id)
    .bind(own.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    assert!(marked.rows_affected() >= 40);
    sqlx::query(
        "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                               first_saved_at, saved_at, saved_by, entered_late)
         select authority_id, school_id, case_id, on_date, 1, sum(points), 2 * count(*), count(*), count(*), now(), now(), $2, false
         from app.marks where school_id = $1 group by authority_id, school_id, case_id, on_date
         on conflict do nothing",
    )
    .bind(own.id)
    .bind(own.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&own.lead).await;
    let key = || Key::Control + Key::Enter;
    // A page is looked at for a second at least.
    let looks = || tokio::time::sleep(std::time::Duration::from_millis(1200));
    let signed = "select count(*) from app.weekly_reviews where school_id = $1";

    browser.go("/reviews/run").await;
    browser.press("Start with the first").await;
    browser.wait_for("1 of 3 in this run").await;
    browser.wait_for("or press Ctrl and Enter").await;
    looks().await;
    browser.find("body").await.send_keys(key()).await.unwrap();
    browser.wait_for("2 of 3 in this run").await;
    // A second tap reaches the next page, and a link keeps what the keys mean to it.
    browser.find("body").await.send_keys(key()).await.unwrap();
    looks().await;
    let on_a_link = "document.querySelector('.wm-run a').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true,
                                                                                      bubbles: true, cancelable: true }))";
    browser.script(on_a_link).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(town.count(signed, own.id).await, 1);
    browser.find("#next_steps").await.send_keys(" A call on Monday.").await.unwrap();
    browser.find("#next_steps").await.send_keys(key()).await.unwrap();
    browser.wait_for("3 of 3 in this run").await;
    assert_eq!(town.count(signed, own.id).await, 2);

    let held = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, repeat: true,
                                                                           bubbles: true, cancelable: true }))";
    looks().await;
    browser.script(held).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    browser.wait_for("3 of 3 in this run").await;
    assert_eq!(town.count(signed, own.id).await, 2);
    browser.find("body").await.send_keys(key()).await.unwrap();
    browser.wait_for("3 of 3 signed").await;
    let typed = "select count(*) from app.weekly_reviews where school_id = $1 and next_steps like '% A call on Monday.'";
    assert_eq!(town.count(typed, own.id).await, 1);
    // Once signed, a review is changed on purpose only.
    browser.go("/reviews/run").await;
    browser.click("main tbody tr:first-child a").await;
    browser.wait_for("Change this review and sign again").await;
    looks().await;
    browser.find("body").await.send_keys(key()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(town.count(signed, own.id).await, 3);
}
