//! What happens every week of a story: marks, the review, what the parent is told, the letter.

use axum::http::StatusCode;
use thirtyfour::prelude::*;
use waymark::domain::calendar::monday;

use super::tale::{Tale, Who};
use crate::support::day;

/// How a day went: a mark for each period, the same for every target.
pub const POOR: &str = "100110";
pub const MIDDLING: &str = "211210";
pub const GOOD: &str = "222212";

/// What the page of a week is filled in with.
pub struct Week<'a> {
    /// Its last school day, when it is reviewed.
    pub last: &'a str,
    /// The light, for every target and for the week.
    pub light: &'a str,
    pub next_steps: &'a str,
}

impl Tale {
    /// The tutor goes through the sheet with the keyboard and saves the day.
    pub async fn marks_by_hand(&mut self, date: &str, marks: &str) {
        self.on(date);
        self.opens(Who::Tutor, "/today").await;
        let sheet = format!("section[data-case='{}']", self.case_id());
        let boxes = format!("{sheet} input.wm-mark");
        let boxes = self.browser.driver.find_all(By::Css(boxes)).await.unwrap();
        assert!(!boxes.is_empty(), "there is something to mark: {}", self.browser.text().await);
        for (place, mark) in boxes.iter().zip(marks.chars().cycle()) {
            place.send_keys(mark.to_string()).await.unwrap();
        }
        self.browser.click("form[data-marks='day'] > button[type=submit]").await;
        let all = format!("{0} of {0} marks recorded", boxes.len());
        self.browser.wait_for(&all).await;
        if self.javascript {
            assert!(self.has("[data-status][data-state='saved']").await, "the script saved it");
        } else {
            self.done("the day").await;
        }
        self.browser.go("/today").await;
        self.says(&all).await;
    }

    /// The tutor's day by the very POST the sheet sends, with the session's cookie: the fields are those of the
    /// page, only nobody presses the keys.
    pub async fn marks(&mut self, date: &str, marks: &str) {
        self.on(date);
        let tutor = self.signed_in(Who::Tutor).await;
        let sheet = self.town.get(&tutor, "/today").await.body;
        let about =
            sheet.split(&format!("data-case=\"{}\"", self.case_id())).nth(1).expect("the pupil’s part");
        let about = about.split("</section>").next().unwrap();
        let named = |text: &str| -> Vec<String> {
            let names = text.split(" name=\"").skip(1);
            names.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
        };
        let mut fields = vec![
            ("date".to_owned(), date.to_owned()),
            ("school".to_owned(), self.town.greenfield.id.to_string()),
            (format!("seen.{}", self.case_id()), "0".to_owned()),
        ];
        let places: Vec<_> = named(about).into_iter().filter(|name| name.starts_with("mark.")).collect();
        assert!(!places.is_empty(), "there is something to mark on {date}");
        for (place, mark) in places.into_iter().zip(marks.chars().cycle()) {
            fields.push((place, mark.to_string()));
        }
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let saved = self.town.post(&tutor, "/today", &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{date}: {}", saved.body);
    }

    /// The marks of some days, one like the other.
    pub async fn marks_of(&mut self, days: &[&str], marks: &str) {
        for date in days {
            self.marks(date, marks).await;
        }
    }

    /// The Monday of the week.
    fn week_on(last: &str) -> String {
        monday(day(last)).to_string()
    }

    /// The lead reviews the week on its last day and signs.
    pub async fn reviews(&mut self, week: &Week<'_>) {
        self.on(week.last);
        let path = self.of_case(&format!("/reviews/{}", Self::week_on(week.last)));
        self.opens(Who::Lead, &path).await;
        let ratings =
            self.browser.driver.find_all(By::Css("input[name^='rating.'][value='red']")).await.unwrap();
        let mut names = Vec::new();
        for rating in ratings {
            names.push(rating.attr("name").await.unwrap().unwrap());
        }
        let mut fields: Vec<_> = names.iter().map(|name| (name.as_str(), week.light)).collect();
        fields.extend([
            ("overall", week.light),
            ("overall_why", "As the teachers say"),
            ("next_steps", week.next_steps),
        ]);
        self.records(&path, &fields).await;
        let light = format!(".wm-next .wm-light--{}", week.light);
        assert!(self.has(&light).await, "the light that was given: {}", self.browser.text().await);
    }

    /// The lead rings the parent about the week, and records it.
    pub async fn tells_parent(&mut self, last: &str, words: &str) {
        let week = self.of_case(&format!("/reviews/{}", Self::week_on(last)));
        let path = format!("{week}/feedback");
        self.opens(Who::Lead, &path).await;
        let contact = self.contact.to_string();
        let said = [("contact", contact.as_str()), ("how", "phone"), ("words", words), ("reached", "yes")];
        self.records(&path, &said).await;
        self.says(words).await;
    }

    /// The letter of a signed week says what the screen says: the whole week, each day, what comes next.
    pub async fn letter_says_what_the_screen_says(&mut self, last: &str, next_steps: &str) {
        let monday = Self::week_on(last);
        let path = self.of_case(&format!("/reviews/{monday}"));
        self.opens(Who::Lead, &path).await;
        let total = self.browser.find("#figures").await.text().await.unwrap();
        assert!(total.contains(" points ("), "{total}");
        let on_screen = self.rows("section[aria-labelledby='figures'] .wm-strip tbody tr").await;
        assert!(on_screen.len() > 3, "{on_screen:?}");
        let choose = self.of_case(&format!("/letters/{monday}"));
        self.opens(Who::Lead, &choose).await;
        let letter = format!("{choose}?contact={}", self.contact);
        self.leads("main", &letter).await;
        self.opens(Who::Lead, &letter).await;
        assert_eq!(self.rows(".wm-letter__bars tbody tr").await, on_screen);
        let text = self.browser.find(".wm-letter").await.text().await.unwrap();
        for words in [total.as_str(), "Jo Quill", next_steps] {
            assert!(text.contains(words), "the letter does not say \"{words}\": {text}");
        }
    }

    /// The words of each row: day and points.
    async fn rows(&self, css: &str) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for row in self.browser.driver.find_all(By::Css(css)).await.unwrap() {
            let day = row.find(By::Css("th")).await.unwrap().text().await.unwrap();
            rows.push((day, row.find(By::Css("td")).await.unwrap().text().await.unwrap()));
        }
        rows
    }

    /// A session of support, given on a day, recorded by whoever gives it.
    pub async fn gives_session(&mut self, who: Who, support: &str, date: &str) {
        self.opens(who, support).await;
        let given = [("held.*", date), ("delivered", "yes"), ("note", "We looked at the week together")];
        self.records(&format!("{support}/sessions"), &given).await;
    }
}
