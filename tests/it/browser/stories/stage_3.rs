//! What Stage 3 asks, done with the pages by those who do it: the headteacher's opening and decisions, the suspension
//! beside them, the meeting, the alternatives, and what each parent answers.

use super::tale::{Tale, Who};

/// Every alternative the programme names.
const NAMED: [&str; 6] =
    ["supported_transfer", "re_induction", "joint_planning", "work_to_learn", "college", "pru_referral"];

impl Tale {
    /// The father, who shares parental responsibility.
    pub async fn adds_father(&mut self) {
        let contacts = format!("{}/contacts/new", self.pupil);
        self.opens(Who::Lead, &contacts).await;
        let father = [
            ("name", "Ash Quill"),
            ("relationship", "Father"),
            ("parental_responsibility", "yes"),
            ("contact_order", "2"),
            ("email", "ash.quill@family.example"),
        ];
        self.records(&contacts, &father).await;
        let mother = self.contact.to_string();
        let links = self.hrefs("main a[href*='/contacts/']:not([href$='/new'])").await;
        let href = links.iter().find(|href| !href.ends_with(&mother)).expect("two contacts");
        self.father = href.rsplit('/').next().unwrap().parse().unwrap();
    }

    /// A1, S3.00: after a serious incident of today the headteacher opens the case at Stage 2 or 3.
    pub async fn head_opens_case_at(&mut self, stage: &str) {
        let form = format!("/cases/new?pupil={}", self.pupil.rsplit('/').next().unwrap());
        self.opens(Who::Head, &form).await;
        let (lead, today) = (self.person(Who::Lead).id.to_string(), self.today().to_string());
        let mut fields = vec![
            ("stage", stage),
            ("why", "serious_incident"),
            ("lead", lead.as_str()),
            ("rationale", "A fight with a weapon drawn, after a calm year"),
            ("happened_on.*", today.as_str()),
            ("happened_at", "10:50am"),
            ("place", "Playground"),
            ("what", "A compass was held against the neck of Pupil A"),
            ("seriousness", "very_serious"),
        ];
        if stage == "3" {
            fields.push(("exclusion_in_view", "yes"));
        }
        self.records("/cases", &fields).await;
        self.case = self.browser.path().await;
    }

    /// The headteacher decides about time out of school, reads what follows, and issues it: its address.
    pub async fn head_excludes(&mut self, decided: &[(&str, &str)], follows: &[&str]) -> String {
        let form = format!("{}/suspensions/new", self.pupil);
        self.opens(Who::Head, &form).await;
        let usual = [
            ("first_session", "morning"),
            ("reason", "OW"),
            ("what", "Robin held a compass against the neck of another pupil."),
            ("has_social_worker", "no"),
            ("lives_away", "no"),
        ];
        self.send_with("button[value='check']", &form, &[decided, &usual].concat()).await;
        self.says("Nothing is issued yet").await;
        for words in follows {
            self.says(words).await;
        }
        self.send_with("button[value='issue']", &form, &[]).await;
        self.done("issuing").await;
        self.browser.path().await
    }

    /// The lead records as done by telephone or letter whatever notice is owed about an exclusion.
    pub async fn everybody_is_told(&mut self, exclusion: &str) {
        for n in 0.. {
            self.opens(Who::Lead, exclusion).await;
            let owed = self.hrefs("main table a[href*='step=told']").await;
            let Some(notice) = owed.first() else {
                assert!(n > 1, "nobody was to be told");
                break;
            };
            self.opens(Who::Lead, notice).await;
            let how = if n == 0 { "phone" } else { "letter" };
            self.records(&format!("{exclusion}/steps"), &[("how", how)]).await;
        }
    }

    /// The lead records one step after an exclusion.
    pub async fn after_exclusion(&mut self, exclusion: &str, step: &str, fields: &[(&str, &str)]) {
        self.opens(Who::Lead, &format!("{exclusion}/steps?step={step}")).await;
        self.records(&format!("{exclusion}/steps"), fields).await;
    }

    /// S3.03: the review meeting, planned by the lead.
    pub async fn stage_3_meeting_is_planned(&mut self, date: &str) -> String {
        self.opens(Who::Lead, &self.of_case("/meetings/new?kind=stage_3")).await;
        let plan = [
            ("planned_on.*", date),
            ("starts_at", "1:30pm"),
            ("ends_at", "2:30pm"),
            ("place", "Headteacher’s room"),
        ];
        self.records(&self.of_case("/meetings/new"), &plan).await;
        self.browser.path().await
    }

    /// S3.03: the LA representative joins by video; the lead writes the minutes and signs them off.
    pub async fn stage_3_minutes(&mut self, meeting: &str) {
        self.opens(Who::La, meeting).await;
        self.records(&format!("{meeting}/attendance"), &[("attendance", "video")]).await;
        let minutes = format!("{meeting}/minutes");
        self.opens(Who::Lead, &minutes).await;
        self.everybody_came(&minutes).await;
        let settled = [
            ("notes", "The tutor and the mentor wrote what they see"),
            ("decisions", "All alternatives are looked at; the family sleeps on it"),
        ];
        self.send_with("button[formaction$='/sign']", &minutes, &settled).await;
        self.done("minutes").await;
    }

    /// S3.04: the lead writes down what pupil and parents say of an alternative.
    pub async fn considers(&mut self, kind: &str, more: &[(&str, &str)]) {
        let card = self.of_case(&format!("/stage-3/{kind}"));
        self.opens(Who::Lead, &card).await;
        let said = [
            ("considered", "yes"),
            ("pupil_view", "I want to start again somewhere"),
            ("parent_view", "They want Robin to be safe"),
        ];
        self.records(&card, &[&said[..], more].concat()).await;
    }

    /// S3.04: every alternative but these is looked at and not chosen.
    pub async fn others_are_not_chosen(&mut self, but: &[&str]) {
        for kind in NAMED.into_iter().filter(|kind| !but.contains(kind)) {
            let not = [("why", "It does not answer what happened"), ("chosen", "no")];
            self.considers(kind, &not).await;
        }
    }

    /// A supported transfer is chosen, for the headteacher to decide.
    pub async fn transfer_is_chosen(&mut self, route: &str, days: &[(&str, &str)]) {
        let chosen = [
            ("why", "Nothing else keeps everybody safe"),
            ("chosen", "yes"),
            ("route", route),
            ("last_resort", "The pupil who was hurt is in the same class"),
            ("plan", "Year 9 at another school, with a mentor from the first day"),
        ];
        self.considers("supported_transfer", &[&chosen[..], days].concat()).await;
    }

    /// S3.05: what a parent answers today, on the form for this contact.
    pub async fn parent_answers(&mut self, contact: uuid::Uuid, answers: &[(&str, &str)]) {
        let form = self.of_case(&format!("/agreements/{contact}"));
        self.opens(Who::Lead, &form).await;
        let today = self.today().to_string();
        let heard = [
            ("asked_on.*", today.as_str()),
            ("how", "in_person"),
            ("explained", "yes"),
            ("advised", "yes"),
            ("answered_on.*", today.as_str()),
            ("presence", "The lead"),
            ("copy_given", "yes"),
        ];
        self.records(&form, &[&heard[..], answers].concat()).await;
    }

    /// The headteacher agrees an outcome; nothing stands in the way but what a reason is given for.
    pub async fn head_agrees(&mut self, kind: &str, reasons: &[(&str, &str)]) {
        let decide = self.of_case(&format!("/stage-3/{kind}/agree"));
        self.opens(Who::Head, &decide).await;
        self.send_with("button[value='agree']", &decide, reasons).await;
        self.done("agreeing").await;
    }
}
