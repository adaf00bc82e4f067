//! A screen that others see, in a browser: names hidden and shown, a search, the warning before a session ends.

use super::{Browser, pages, serve};
use crate::support::Town;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_hidden_and_a_pupil_is_found_without_javascript() {
    let town = Town::new().await;
    let school = town.greenfield.clone();
    let browser = Browser::open(&serve(&town).await, false).await;
    browser.as_person(&school.lead).await;
    browser.go("/cases").await;
    let name = format!("Sam {}", school.sentinel);
    browser.wait_for(&name).await;
    browser.press("Hide names").await;
    browser.wait_for("This does not lock your screen").await;
    assert!(!browser.text().await.contains(&name));
    browser.arrives("/cases").await;
    browser.go("/search").await;
    browser.fill("sought", &school.sentinel[..12]).await;
    browser.press_exactly("Search").await;
    browser.wait_for("1 pupil").await;
    assert!(!browser.text().await.contains(&school.sentinel));
    assert_eq!(browser.path().await, "/search");
    browser.press("Show names").await;
    browser.go("/cases").await;
    browser.wait_for(&name).await;
    browser.press("Lock now").await;
    browser.arrives("/sign-in").await;
    browser.go("/cases").await;
    browser.arrives("/sign-in").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_session_ends_the_page_says_so_and_it_can_be_kept() {
    let town = Town::new().await;
    let school = town.greenfield.clone();
    let browser = Browser::open(&serve(&town).await, true).await;
    let axe = std::fs::read_to_string(pages::AXE).expect("axe-core is fetched by make assets");
    browser.as_person(&school.lead).await;
    browser.go("/today").await;
    let open = "return document.querySelector('dialog[data-idle]').open";
    let on = |minutes: f64| {
        format!(
            "const now = Date.now.bind(Date); Date.now = () => now() + {} * 1000; \
             document.dispatchEvent(new Event('visibilitychange'))",
            minutes * 60.0
        )
    };
    browser.script(&on(26.5)).await;
    assert_eq!(browser.script(open).await, false, "not yet");
    browser.script(&on(1.0)).await;
    browser.wait_for("In 2 minutes you will be signed out").await;
    let mut wrong = Vec::new();
    for width in [1280, 320] {
        browser.width(width).await;
        let names = [school.sentinel.clone()];
        pages::check(&browser, &axe, &format!("the warning at {width}"), &names, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let focused = browser.script("return document.activeElement.textContent").await;
    assert_eq!(focused, "Stay signed in", "the keyboard is in the warning");
    // A server that is busy says nothing of the session: the warning comes again.
    browser
        .script("window.real = window.fetch; window.fetch = async () => new Response(null, { status: 503 })")
        .await;
    browser.press("Stay signed in").await;
    assert_eq!(browser.script(open).await, false);
    browser.script("window.fetch = window.real; document.dispatchEvent(new Event('visibilitychange'))").await;
    assert_eq!(browser.script(open).await, true, "nobody has heard of the person");
    browser.wait_for("In 2 minutes you will be signed out").await;
    browser.press("Stay signed in").await;
    let asked = "return performance.getEntriesByType('resource').some(e => e.name.endsWith('/account'))";
    for _ in 0..100 {
        if browser.script(asked).await == true {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(browser.script(open).await, false);
    browser.script(&on(26.5)).await;
    assert_eq!(browser.script(open).await, false, "the time began anew");
    browser.script(&on(3.0)).await;
    browser.wait_for("You have been signed out").await;
    let again = browser.find("[data-again]").await;
    assert!(again.attr("href").await.unwrap().unwrap().ends_with("/sign-in?back=%2Ftoday"));
}
