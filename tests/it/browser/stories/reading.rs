//! What the pages of a story say, and what lies in the database at its end.

use thirtyfour::prelude::*;
use time::Date;
use waymark::domain::stage::{CaseState, Event};

use super::tale::{Tale, Who};

impl Tale {
    /// The page says that what was sent is done.
    pub async fn done(&self, what: &str) {
        let done = self.has(".govuk-notification-banner--success").await;
        assert!(done, "{what} was not done: {}", self.browser.text().await);
    }

    /// The page came back with what is wrong, and this row of requirements is not met.
    pub async fn refused_for(&self, clause: &str, asks_why: bool) {
        assert!(self.has(".govuk-error-summary").await, "it was not refused: {}", self.browser.text().await);
        self.unmet(clause, asks_why).await;
    }

    /// The page shows this clause as not met; with a field for the reason, or without.
    pub async fn unmet(&self, clause: &str, asks_why: bool) {
        let row = format!("tr[data-clause='{clause}']");
        assert!(
            self.has(&format!("{row} .wm-unmet")).await,
            "{clause} is not unmet: {}",
            self.browser.text().await
        );
        let reason = format!("{row} textarea[name='reason.{clause}']");
        assert_eq!(self.has(&reason).await, asks_why, "{clause} asks for a reason");
    }

    /// The page shows this clause as met.
    pub async fn met(&self, clause: &str) {
        let met = format!("tr[data-clause='{clause}'] .wm-met");
        assert!(self.has(&met).await, "{clause} is not met: {}", self.browser.text().await);
    }

    /// Lists of which all is done are folded away: opens them.
    pub async fn unfolds(&self) {
        let folded = By::Css("details.wm-asked:not([open]) > summary");
        for list in self.browser.driver.find_all(folded).await.unwrap() {
            list.click().await.unwrap();
        }
    }

    /// What an element says.
    pub async fn text_of(&self, css: &str) -> String {
        self.browser.find(css).await.text().await.unwrap()
    }

    /// An element is on the page.
    pub async fn has(&self, css: &str) -> bool {
        !self.browser.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    /// The page leads to an address from inside this part of it.
    pub async fn leads(&self, part: &str, href: &str) {
        let link = format!("{part} a[href='{href}']");
        assert!(self.has(&link).await, "{part} does not lead to {href}: {}", self.browser.text().await);
    }

    /// The page says something.
    pub async fn says(&self, words: &str) {
        let text = self.browser.text().await;
        assert!(text.contains(words), "the page does not say \"{words}\": {text}");
    }

    /// The page does not say something.
    pub async fn says_not(&self, words: &str) {
        let text = self.browser.text().await;
        assert!(!text.contains(words), "the page says \"{words}\": {text}");
    }

    /// The address a link of the page leads to.
    pub async fn href(&self, css: &str) -> String {
        path_of(&self.browser.find(css).await.attr("href").await.unwrap().expect("a link"))
    }

    /// The addresses of all such links, in their order.
    pub async fn hrefs(&self, css: &str) -> Vec<String> {
        let mut all = Vec::new();
        for link in self.browser.driver.find_all(By::Css(css)).await.unwrap() {
            all.push(path_of(&link.attr("href").await.unwrap().expect("a link")));
        }
        all
    }

    /// Where a form of the page is sent.
    pub async fn action(&self, css: &str) -> String {
        path_of(&self.browser.find(css).await.attr("action").await.unwrap().expect("a form"))
    }

    /// The lead's Today: this is among what is owed this week.
    pub async fn today_owes(&mut self, href: &str) {
        self.opens(Who::Lead, "/today").await;
        self.leads(".wm-duties", href).await;
    }

    /// The lead opens the case: what is next there is done at this address.
    pub async fn next_is(&mut self, href: &str) {
        let case = self.case.clone();
        self.opens(Who::Lead, &case).await;
        let link = format!(".wm-next > a[href='{href}']");
        assert!(self.has(&link).await, "{href} is not next: {}", self.browser.text().await);
    }

    /// The lead opens the case: this is owed there, now or later.
    pub async fn is_owed(&mut self, href: &str) {
        let case = self.case.clone();
        self.opens(Who::Lead, &case).await;
        self.leads(".wm-next", href).await;
    }

    /// At the end: the decisions, replayed from nothing, say what the case's row and its stages say.
    pub async fn decisions_replay(&mut self) -> CaseState {
        let case = self.case_id();
        let rows: Vec<(serde_json::Value, Date)> = sqlx::query_as(
            "select event, decided_on from app.case_decisions where case_id = $1 order by seq",
        )
        .bind(case)
        .fetch_all(&mut self.town.owner)
        .await
        .unwrap();
        let history: Vec<(Event, Date)> =
            rows.into_iter().map(|(event, on)| (serde_json::from_value(event).unwrap(), on)).collect();
        let state = CaseState::replay(history.iter().map(|(event, on)| (event, *on))).unwrap();
        let row: (i16, Option<Date>, Option<String>) =
            sqlx::query_as("select stage, closed_on, ended_as from app.cases where id = $1")
                .bind(case)
                .fetch_one(&mut self.town.owner)
                .await
                .unwrap();
        let stages: Vec<(i16, Date, Option<Date>)> = sqlx::query_as(
            "select stage, entered_on, left_on from app.case_stages where case_id = $1 order by entered_at",
        )
        .bind(case)
        .fetch_all(&mut self.town.owner)
        .await
        .unwrap();
        let (last, entered, left) = *stages.last().unwrap();
        match state {
            CaseState::None => panic!("nothing was decided"),
            CaseState::Open { stage, since, .. } => {
                assert_eq!(row, (stage.number(), None, None));
                assert_eq!((last, entered, left), (stage.number(), since, None));
            }
            CaseState::Ended { stage, how, on, .. } => {
                assert_eq!(row, (stage.number(), Some(on), Some(how.as_str().to_owned())));
                assert_eq!((last, left), (stage.number(), Some(on)));
            }
        }
        state
    }

    /// The whole timeline tells these things in this order, oldest first.
    pub async fn timeline_tells(&mut self, happenings: &[&str]) {
        let path = self.of_case("/timeline");
        self.opens(Who::Lead, &path).await;
        let mut entries = Vec::new();
        loop {
            for entry in self.browser.driver.find_all(By::Css(".wm-timeline > li")).await.unwrap() {
                entries.push(entry.text().await.unwrap());
            }
            let Ok(more) = self.browser.driver.find(By::Css("a[href*='/timeline?before=']")).await else {
                break;
            };
            let older = more.attr("href").await.unwrap().unwrap();
            self.browser.go(&path_of(&older)).await;
        }
        entries.reverse();
        let mut from = 0;
        for words in happenings {
            let found = entries[from..].iter().position(|entry| entry.contains(words));
            let Some(at) = found else { panic!("\"{words}\" does not follow in {:#?}", &entries[from..]) };
            from += at + 1;
        }
    }
}

/// An address without its origin.
fn path_of(href: &str) -> String {
    match href.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => href.to_owned(),
    }
}
