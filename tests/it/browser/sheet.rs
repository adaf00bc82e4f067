//! The sheet under a keyboard, under a thumb, without a network, and under two people at once.

use std::time::Duration;

use serde_json::json;
use thirtyfour::prelude::*;
use uuid::Uuid;

use super::{Browser, serve};
use crate::support::Town;

/// A sequence of its own, the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Counts every key pressed.
struct Keyboard<'a> {
    browser: &'a Browser,
    pressed: usize,
}

impl Keyboard<'_> {
    async fn press(&mut self, key: impl Into<TypingData>) {
        self.browser.driver.active_element().await.unwrap().send_keys(key).await.unwrap();
        self.pressed += 1;
    }

    /// The short way round, as the arrows wrap.
    async fn walk(&mut self, from: usize, to: usize, around: usize, back: Key, on: Key) {
        let ahead = (to + around - from) % around;
        let (key, steps) = if ahead <= around / 2 { (on, ahead) } else { (back, around - ahead) };
        for _ in 0..steps {
            self.press(key.clone()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_thirty_pupils_by_keyboard() {
    let mut town = Town::new().await;
    let cases = town.class(30, 3).await;
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&town.greenfield.tutor).await;
    browser.width(1280).await;
    browser.go("/today").await;
    let mut keyboard = Keyboard { browser: &browser, pressed: 0 };
    // From the top of the page to the first "All met".
    browser.driver.action_chain().send_keys(Key::Tab).perform().await.unwrap();
    keyboard.pressed += 1;
    keyboard.press(Key::Enter).await;
    loop {
        let here = browser.script("return document.activeElement.name || ''").await;
        if here == json!("all_met") {
            break;
        }
        browser.driver.action_chain().send_keys(Key::Tab).perform().await.unwrap();
        keyboard.pressed += 1;
        assert!(keyboard.pressed < 40, "the first pupil is too far away");
    }
    let mut dice = Dice(2009);
    let mut points = 0_i64;
    for _ in &cases {
        keyboard.press(Key::Enter).await;
        let first = (dice.roll(3), dice.roll(6));
        let second = loop {
            let place = (dice.roll(3), dice.roll(6));
            if place != first {
                break place;
            }
        };
        let mut at = (0, 0);
        for place in [first, second] {
            keyboard.walk(at.1, place.1, 6, Key::Left, Key::Right).await;
            keyboard.walk(at.0, place.0, 3, Key::Up, Key::Down).await;
            let mark = dice.roll(2);
            keyboard.press(mark.to_string()).await;
            points += i64::try_from(mark).unwrap();
            at = place;
        }
        points += 16 * 2;
        keyboard.press(Key::Enter).await;
    }
    browser.wait_for("Saved at").await;
    println!("30 pupils x 3 targets x 6 periods, two exceptions each: {} key presses", keyboard.pressed);
    assert!(keyboard.pressed <= 360, "{} key presses", keyboard.pressed);
    let school = town.greenfield.id;
    let stored = town
        .count("select sum(points) from app.marks m join app.pupils p on p.school_id = m.school_id and p.given_name = 'Robin' join app.cases c on c.id = m.case_id and c.pupil_id = p.id where m.school_id = $1", school)
        .await;
    assert_eq!(stored, points);
    let recorded = town.count("select sum(recorded) from app.days where school_id = $1", school).await;
    assert_eq!(recorded, 30 * 18);
    let filled = town
        .count("select count(*) from app.marks where school_id = $1 and source = 'all_met'", school)
        .await;
    assert!(filled >= 30 * 12, "most marks say they were filled: {filled}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_period_of_thirty_pupils_by_thumb() {
    let mut town = Town::new().await;
    let cases = town.class(30, 3).await;
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&town.greenfield.tutor).await;
    browser.width(320).await;
    browser.go("/today?period=3").await;
    let mut taps = 0;
    for (n, case) in cases.iter().enumerate() {
        browser.click(&format!("section[data-case='{case}'] button[name=all_met]")).await;
        taps += 1;
        if n % 5 == 0 {
            browser.click(&format!("section[data-case='{case}'] summary")).await;
            browser
                .click(&format!("section[data-case='{case}'] fieldset:nth-of-type(2) label:nth-of-type(2)"))
                .await;
            taps += 2;
        }
    }
    browser.wait_for("Saved at").await;
    println!("one period of 30 pupils, 6 with an exception: {taps} taps");
    assert!(taps <= 45, "{taps} taps");
    let school = town.greenfield.id;
    let points = town.count("select sum(points) from app.days where school_id = $1", school).await;
    assert_eq!(points, 30 * 6 - 6);
    let wide = browser.script("return document.documentElement.scrollWidth").await;
    assert!(wide.as_i64().unwrap() <= 320, "{wide} wide");
    assert_eq!(browser.find("[data-done]").await.text().await.unwrap(), "30");
}

/// Waits until a count says what it should.
async fn settles(town: &mut Town, count: &'static str, id: Uuid, expected: i64) {
    for _ in 0..100 {
        if town.count(count, id).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(town.count(count, id).await, expected);
}

async fn mark(browser: &Browser, target: Uuid, period: i16, key: &str) {
    browser.find(&format!("input[name='mark.{target}.{period}']")).await.send_keys(key).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn losing_the_network_loses_no_mark() {
    let mut town = Town::new().await;
    let case = town.greenfield.case;
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&town.greenfield.tutor).await;
    browser.go("/today").await;
    browser.devtools("Network.enable", json!({})).await;
    let network = |offline: bool| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.devtools("Network.emulateNetworkConditions", network(true)).await;
    for period in 1..=3 {
        mark(&browser, case.targets[0], period, "2").await;
    }
    browser.wait_for("Not saved. No connection. 3 marks waiting.").await;
    let guarded = browser
        .script("const e = new Event('beforeunload', { cancelable: true }); window.dispatchEvent(e); return e.defaultPrevented")
        .await;
    assert_eq!(guarded, json!(true), "leaving is guarded while marks wait");
    let kept = browser.script("return localStorage.length + sessionStorage.length").await;
    assert_eq!(kept, json!(0), "nothing about a pupil is in the browser's storage");
    browser.devtools("Network.emulateNetworkConditions", network(false)).await;
    // The page tries again by itself.
    browser.wait_for("Saved at 11:45am.").await;
    let stored =
        town.count("select count(*) from app.marks where case_id = $1 and points = 2", case.case).await;
    assert_eq!(stored, 3);
    let guarded = browser
        .script("const e = new Event('beforeunload', { cancelable: true }); window.dispatchEvent(e); return e.defaultPrevented")
        .await;
    assert_eq!(guarded, json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_under_the_sheet_keeps_the_marks_on_the_page() {
    let mut town = Town::new().await;
    let case = town.greenfield.case;
    let tutor = town.greenfield.tutor.clone();
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&tutor).await;
    browser.go("/today").await;
    sqlx::query("update app.sessions set ended_at = now() where user_id = $1")
        .bind(tutor.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    mark(&browser, case.targets[0], 1, "2").await;
    browser.wait_for("You have been signed out; your marks are kept on this page.").await;
    // Signed in again in another window: the same page saves.
    sqlx::query("update app.sessions set ended_at = null where user_id = $1")
        .bind(tutor.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    browser.press("try again").await;
    browser.wait_for("Saved at").await;
    assert_eq!(town.count("select count(*) from app.marks where case_id = $1", case.case).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_at_once_the_second_sees_both_and_chooses() {
    let mut town = Town::new().await;
    let case = town.greenfield.case;
    let origin = serve(&town).await;
    let (first, second) = (Browser::open(&origin, true).await, Browser::open(&origin, true).await);
    first.as_person(&town.greenfield.tutor).await;
    second.as_person(&town.greenfield.lead).await;
    first.go("/today").await;
    second.go("/today").await;
    mark(&first, case.targets[0], 1, "1").await;
    first.wait_for("Saved at").await;
    mark(&second, case.targets[0], 1, "2").await;
    mark(&second, case.targets[0], 2, "2").await;
    second.wait_for("A staff at 11:45am marked this Partly met. You chose Met.").await;
    let points = "select coalesce(sum(points), 0) from app.marks where case_id = $1";
    // The other mark is saved, this one waits for the person.
    settles(&mut town, points, case.case, 3).await;
    second.press("Use mine: Met").await;
    settles(&mut town, points, case.case, 4).await;
    assert_eq!(town.count("select count(*) from app.mark_changes where case_id = $1", case.case).await, 1);
}
