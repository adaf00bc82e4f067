//! The people of a school with one browser between them: they sign in in turn, fill in the forms that are there and
//! read what the page says. Fields are found by name and links by address, so that words may change.

use std::collections::BTreeMap;

use thirtyfour::prelude::*;
use time::{Date, Duration, PrimitiveDateTime, macros::time};
use uuid::Uuid;
use waymark::state::{from_london, passwords::hash_now};

use super::super::{Browser, serve};
use crate::support::{Person, Town, day};

const PASSWORD: &str = "three plain words 17";

/// Terms of the stories: an Easter holiday between them, and the clocks go forward in it.
const TERMS: [(&str, &str, &str, &str); 4] = [
    ("term", "Term 4", "2027-02-22", "2027-03-25"),
    ("term", "Term 5", "2027-04-12", "2027-05-28"),
    ("inset", "Training day", "2027-03-12", "2027-03-12"),
    ("bank_holiday", "Early May bank holiday", "2027-05-03", "2027-05-03"),
];

/// Somebody of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Lead,
    Tutor,
    Head,
    La,
    Service,
    /// A member of the placement panel.
    Member,
    /// The lead of the school that is asked for a place.
    Receiving,
}

/// A story as far as it is told.
pub struct Tale {
    pub town: Town,
    pub browser: Browser,
    pub javascript: bool,
    people: BTreeMap<Who, Person>,
    /// Signed in since the clock was moved.
    here: Vec<Who>,
    /// Signed in with the page before.
    known: Vec<Who>,
    at_browser: Option<Who>,
    /// `/pupils/...` and `/cases/...` of the story.
    pub pupil: String,
    pub contact: Uuid,
    /// The second parent, where there is one.
    pub father: Uuid,
    pub case: String,
    /// The support of the school's own mentor.
    pub mentor: String,
}

impl Tale {
    /// A town with people who can sign in, the terms of the story and no open case at the school.
    pub async fn begin(javascript: bool) -> Self {
        let mut town = Town::new().await;
        let school = town.greenfield.clone();
        let mistake = [("to", "opened_in_error"), ("reason.A17", "Not this story’s")];
        let path = format!("/cases/{}/stage/move", school.case.case);
        let closed = town.post(&school.lead, &path, &mistake).await;
        assert_eq!(closed.status, axum::http::StatusCode::SEE_OTHER, "{}", closed.body);
        for (kind, name, from, to) in TERMS {
            sqlx::query(
                "insert into app.calendar_spans (id, authority_id, kind, name, from_on, to_on) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(Uuid::now_v7())
            .bind(town.authority)
            .bind(kind)
            .bind(name)
            .bind(day(from))
            .bind(day(to))
            .execute(&mut town.owner)
            .await
            .unwrap();
        }
        let la = town.person("la_representative", Some(school.id)).await;
        let service = town.person("support_service", None).await;
        let member = town.person("panel_member", None).await;
        let receiving = town.hillside.lead.clone();
        sqlx::query("update app.users set password_hash = $2 where authority_id = $1")
            .bind(town.authority)
            .bind(hash_now(PASSWORD))
            .execute(&mut town.owner)
            .await
            .unwrap();
        let browser = Browser::open(&serve(&town).await, javascript).await;
        browser.go("/live").await;
        let people = [
            (Who::Lead, school.lead),
            (Who::Tutor, school.tutor),
            (Who::Head, school.head),
            (Who::La, la),
            (Who::Service, service),
            (Who::Member, member),
            (Who::Receiving, receiving),
        ];
        Self {
            town,
            browser,
            javascript,
            people: people.into(),
            here: Vec::new(),
            known: Vec::new(),
            at_browser: None,
            pupil: String::new(),
            contact: Uuid::nil(),
            father: Uuid::nil(),
            case: String::new(),
            mentor: String::new(),
        }
    }

    /// The clock goes on to the afternoon of this day, when it is not there yet. Nobody is signed in any more.
    pub fn on(&mut self, date: &str) {
        if self.today() == day(date) {
            return;
        }
        let moment = from_london(PrimitiveDateTime::new(day(date), time!(15:40)));
        assert!(moment > self.town.now(), "a story goes forward");
        *self.town.clock.lock().unwrap() = moment;
        (self.here, self.at_browser) = (Vec::new(), None);
    }

    pub fn today(&self) -> Date {
        self.town.state.clock.moment().today
    }

    pub fn person(&self, who: Who) -> &Person {
        &self.people[&who]
    }

    /// The id at the end of the case's address.
    pub fn case_id(&self) -> Uuid {
        self.case.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// An address below the case's.
    pub fn of_case(&self, rest: &str) -> String {
        format!("{}{rest}", self.case)
    }

    /// Somebody has a session today: with the page the first time, afterwards by the POST the page sends.
    pub async fn signed_in(&mut self, who: Who) -> Person {
        if !self.here.contains(&who) {
            let email = self.people[&who].email.clone();
            let cookie = if self.known.contains(&who) {
                let fields = [("email", email.as_str()), ("password", PASSWORD)];
                let answer = self.town.post_exactly(&self.people[&who], "/sign-in", &fields, &[]).await;
                let mut cookies = answer.cookies.iter().filter_map(|cookie| cookie.split(';').next());
                cookies.rfind(|cookie| cookie.starts_with("waymark-session=")).expect("a session").to_owned()
            } else {
                self.sign_in_with_the_page(who, &email).await
            };
            self.people.get_mut(&who).unwrap().cookie = cookie;
            self.here.push(who);
        }
        self.people[&who].clone()
    }

    async fn sign_in_with_the_page(&mut self, who: Who, email: &str) -> String {
        let browser = &self.browser;
        browser.driver.delete_all_cookies().await.unwrap();
        browser.go("/").await;
        browser.fill("email", email).await;
        browser.fill("password", PASSWORD).await;
        browser.click("form[action='/sign-in'] button[type=submit]").await;
        let first = match who {
            Who::Lead | Who::Tutor | Who::Receiving => "/today",
            Who::Head => "/overview",
            Who::La => "/caseload",
            Who::Service => "/cases",
            Who::Member => "/panel",
        };
        browser.arrives(first).await;
        assert_eq!(self.has("body.js-enabled").await, self.javascript, "scripts run, or they do not");
        let cookie = browser.driver.get_named_cookie("waymark-session").await.unwrap();
        self.known.push(who);
        self.at_browser = Some(who);
        format!("waymark-session={}", cookie.value)
    }

    /// This person sits down at the browser.
    pub async fn is(&mut self, who: Who) {
        let person = self.signed_in(who).await;
        if self.at_browser != Some(who) {
            self.browser.driver.delete_all_cookies().await.unwrap();
            let (name, value) = person.cookie.split_once('=').unwrap();
            let mut cookie = Cookie::new(name.to_owned(), value.to_owned());
            cookie.set_path("/");
            self.browser.driver.add_cookie(cookie).await.unwrap();
            self.at_browser = Some(who);
        }
    }

    /// They open a page, and it is there.
    pub async fn opens(&mut self, who: Who, path: &str) {
        self.is(who).await;
        self.browser.go(path).await;
        let here = self.browser.driver.current_url().await.unwrap();
        assert!(here.as_str().ends_with(path), "{who:?} asked for {path} and is at {here}");
    }

    /// They do not come to see a page, and it tells them nothing of the pupil.
    pub async fn is_kept_from(&mut self, who: Who, path: &str) {
        let person = self.signed_in(who).await;
        let status = self.town.get(&person, path).await.status;
        assert!([403, 404].contains(&status.as_u16()), "{who:?} gets {status} at {path}");
        self.is(who).await;
        self.browser.go(path).await;
        self.says_not("Quill").await;
    }

    /// Fills in the form that is sent to `action` and sends it with its button.
    pub async fn send(&self, action: &str, fields: &[(&str, &str)]) {
        self.send_with("button:not([name]):not([formaction]):not([type='button'])", action, fields).await;
    }

    /// The same with the button of this selector; afterwards the next page is there.
    pub async fn send_with(&self, button: &str, action: &str, fields: &[(&str, &str)]) {
        let form = format!("form[method='post'][action='{action}']");
        self.unfold(&format!("details:not([open]):has({form}) > summary")).await;
        let of_this_page = self.browser.find(&format!("{form} input[name='form_key']")).await;
        for (name, value) in fields {
            match name.strip_suffix(".*") {
                None => self.fill(&form, name, value).await,
                Some(stem) => {
                    let (year, rest) = value.split_once('-').unwrap();
                    let (month, date) = rest.split_once('-').unwrap();
                    for (part, value) in [("day", date), ("month", month), ("year", year)] {
                        self.fill(&form, &format!("{stem}.{part}"), value).await;
                    }
                }
            }
        }
        self.browser.click(&format!("{form} {button}")).await;
        self.leaves(&of_this_page).await;
        // Nobody does two things at one instant.
        self.town.later(Duration::seconds(20));
    }

    /// Waits until the page of this element has given way to the next.
    async fn leaves(&self, element: &WebElement) {
        for _ in 0..400 {
            if element.tag_name().await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the form was never sent: {}", self.browser.text().await);
    }

    /// Opens what is folded around something.
    async fn unfold(&self, summaries: &str) {
        for summary in self.browser.driver.find_all(By::Css(summaries)).await.unwrap() {
            summary.click().await.unwrap();
        }
    }

    async fn fill(&self, form: &str, name: &str, value: &str) {
        self.unfold(&format!("{form} details:not([open]):has([name='{name}']) > summary")).await;
        let field = self.browser.find(&format!("{form} [name='{name}']")).await;
        let tag = field.tag_name().await.unwrap();
        let kind = field.attr("type").await.unwrap().unwrap_or_default();
        match (tag.as_str(), kind.as_str()) {
            ("select", _) => {
                self.browser.click(&format!("{form} [name='{name}'] option[value='{value}']")).await;
            }
            ("input", "radio" | "checkbox") => {
                let choice = format!("{form} input[name='{name}'][value='{value}']");
                if !self.browser.find(&choice).await.is_selected().await.unwrap() {
                    self.browser.click(&format!("{choice} + label")).await;
                }
            }
            _ => {
                field.clear().await.unwrap();
                field.send_keys(value).await.unwrap();
            }
        }
    }

    /// Sends a form, and the page that follows says that it is done.
    pub async fn records(&self, action: &str, fields: &[(&str, &str)]) {
        self.send(action, fields).await;
        self.done(action).await;
    }
}
