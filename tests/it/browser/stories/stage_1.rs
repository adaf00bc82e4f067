//! What Stage 1 asks, done with the pages by those who do it.

use super::tale::{Tale, Who};

impl Tale {
    /// The lead adds the pupil and the mother, with the forms of the school's records.
    pub async fn adds_pupil(&mut self) {
        self.opens(Who::Lead, "/pupils/new").await;
        let pupil = [
            ("given_name", "Robin"),
            ("family_name", "Quill"),
            ("born_on.*", "2012-12-25"),
            ("no_upn_reason", "Number asked for"),
            ("send", "none"),
            ("enrolled_on.*", "2024-09-02"),
        ];
        self.records("/pupils", &pupil).await;
        self.pupil = self.browser.path().await;
        let contacts = format!("{}/contacts/new", self.pupil);
        self.opens(Who::Lead, &contacts).await;
        let mother = [
            ("name", "Jo Quill"),
            ("relationship", "Mother"),
            ("parental_responsibility", "yes"),
            ("contact_order", "1"),
            ("phone", "01454 000000"),
        ];
        self.records(&contacts, &mother).await;
        let href = self.href("main a[href*='/contacts/']:not([href$='/new'])").await;
        self.contact = href.rsplit('/').next().unwrap().parse().unwrap();
    }

    /// The lead opens the case. Advice of a service was only just asked for: the form asks why, and keeps the answer.
    pub async fn opens_case_with_a_reason(&mut self) {
        let form = format!("/cases/new?pupil={}", self.pupil.rsplit('/').next().unwrap());
        self.opens(Who::Lead, &form).await;
        let lead = self.person(Who::Lead).id.to_string();
        let concern = [
            ("lead", lead.as_str()),
            ("rationale", "Two suspensions since September, and lessons missed most days"),
            ("support_what", "Report card, autumn term"),
        ];
        self.send("/cases", &concern).await;
        self.refused_for("R1.03", true).await;
        self.records("/cases", &[("reason.R1.03", "Advice was asked for last week")]).await;
        self.case = self.browser.path().await;
        let first = self.of_case("/targets/new");
        self.next_is(&first).await;
    }

    /// Two targets, due on this day.
    pub async fn set_targets(&mut self, due: &str) {
        let form = self.of_case("/targets/new");
        for (words, criterion) in [
            ("Arrive on time", "In my seat at the bell in 5 of 6 lessons"),
            ("Follow instructions the first time", "No more than one reminder a lesson"),
        ] {
            self.opens(Who::Lead, &form).await;
            // S1.10: a target has a date.
            self.send(&form, &[("words", words), ("criterion", criterion)]).await;
            assert!(self.has(".govuk-error-summary a[href*='due_on']").await, "a target without a date");
            self.records(&form, &[("due_on.*", due)]).await;
        }
    }

    /// A step of the programme, recorded by somebody today.
    pub async fn records_step(&mut self, who: Who, kind: &str, fields: &[(&str, &str)]) {
        let form = self.of_case(&format!("/steps/new?kind={kind}"));
        self.opens(who, &form).await;
        self.records(&self.of_case("/steps/new"), fields).await;
    }

    /// S1.05: both leaflets. They explain that a transfer is voluntary, and a last resort (P2.03b).
    pub async fn leaflets_are_given(&mut self) {
        for audience in ["parents", "pupil"] {
            self.opens(Who::Lead, &format!("/leaflets/{audience}/en")).await;
            for words in ["last resort", "voluntary", "only at Stage 3"] {
                self.says(words).await;
            }
        }
        let mother = self.contact.to_string();
        let parents = [("audience", "parents"), ("parent", mother.as_str()), ("how", "in_person")];
        self.records_step(Who::Lead, "leaflet", &parents).await;
        self.unmet("S1.05", false).await;
        self.records_step(Who::Lead, "leaflet", &[("audience", "pupil"), ("how", "in_person")]).await;
        self.met("S1.05").await;
    }

    /// S1.04: the LA representative sees why the case was opened as it was, explains, and records it. Nothing else
    /// is theirs to record or to move.
    pub async fn la_explains_the_programme(&mut self) {
        let (case, stage) = (self.case.clone(), self.of_case("/stage"));
        self.is(Who::La).await;
        self.opens(Who::La, "/cases").await;
        self.leads("main", &case).await;
        self.opens(Who::La, &stage).await;
        self.says("Advice was asked for last week").await;
        let explanation = self.of_case("/steps/new?kind=explanation");
        self.leads("tr[data-clause='S1.04']", &explanation).await;
        self.is_kept_from(Who::La, &self.of_case("/steps/new?kind=early_help")).await;
        self.is_kept_from(Who::La, &self.of_case("/stage/move?to=up2")).await;
        let mother = self.contact.to_string();
        let told = [("parents", mother.as_str()), ("pupil", "yes"), ("how", "in_person")];
        self.records_step(Who::La, "explanation", &told).await;
        self.met("S1.04").await;
    }

    /// S1.02: planned by the lead, attended by video by the LA representative, minuted and signed off on its day.
    pub async fn formal_meeting(&mut self, date: &str) {
        let form = self.of_case("/meetings/new?kind=stage_1");
        self.opens(Who::Lead, &form).await;
        let plan = [("planned_on.*", date), ("starts_at", "2pm"), ("ends_at", "2:45pm"), ("place", "Room 4")];
        self.records(&self.of_case("/meetings/new"), &plan).await;
        let meeting = self.browser.path().await;
        self.is_owed(&meeting).await;
        self.on(date);
        self.opens(Who::La, &meeting).await;
        self.records(&format!("{meeting}/attendance"), &[("attendance", "video")]).await;
        let minutes = format!("{meeting}/minutes");
        self.opens(Who::Lead, &minutes).await;
        self.everybody_came(&minutes).await;
        let settled = [
            ("psp", "created"),
            ("difficulties", "Late to lessons after break"),
            ("support_check", "A mentor is missing"),
        ];
        // S2.05 holds for all minutes: what was decided is missing.
        self.send_with("button[formaction$='/sign']", &minutes, &settled).await;
        assert!(self.has(".govuk-error-summary a[href*='decisions']").await, "signed without a decision");
        let decided = [
            ("decisions", "A mentor begins on Monday"),
            ("agreed.1.words", "Greet Robin at the gate"),
            ("agreed.1.owner", "A staff"),
            ("agreed.1.due.*", date),
        ];
        self.send_with("button[formaction$='/sign']", &minutes, &decided).await;
        self.done("minutes").await;
    }

    /// The lead says what came of what the meeting agreed.
    pub async fn what_was_agreed_is_done(&mut self) {
        let meetings = self.of_case("/meetings");
        self.is_owed(&meetings).await;
        self.opens(Who::Lead, &meetings).await;
        let action = self.action("main form[action*='/actions/']").await;
        self.records(&action, &[("result", "Every morning")]).await;
    }

    /// Ticks everybody on the form of the minutes as present, but who said themselves that they came.
    pub async fn everybody_came(&self, minutes: &str) {
        let form = format!("form[action='{minutes}']");
        for n in 1.. {
            let name = format!("{form} input[name='came.{n}']");
            if !self.has(&name).await {
                assert!(n > 3, "too few were asked");
                break;
            }
            if !self.has(&format!("{name}:checked")).await {
                self.browser.click(&format!("{name}[value='present'] + label")).await;
            }
        }
    }

    /// S1.02, S1.03, S1.06, S1.07, S1.09: contract, early help, restorative meetings, a mentor, a reward.
    pub async fn rest_of_stage_1(&mut self) {
        let mother = self.contact.to_string();
        let contract = [("state", "signed"), ("parent", mother.as_str()), ("words", "Phone off at ten")];
        self.records_step(Who::Lead, "parenting_contract", &contract).await;
        let help = [("decision", "not_needed"), ("why", "The family has what it needs")];
        self.records_step(Who::Lead, "early_help", &help).await;
        let restorative = [("appropriate", "no"), ("why", "Nobody was harmed")];
        self.records_step(Who::Lead, "restorative", &restorative).await;
        let reward = [("what", "reward"), ("words", "A calm start on Tuesday")];
        self.records_step(Who::Lead, "recognition", &reward).await;
        self.mentor_begins().await;
        let today = self.today().to_string();
        self.gives_session(Who::Lead, &self.mentor.clone(), &today).await;
        // Everything of Stage 1 is done.
        self.opens(Who::Lead, &self.of_case("/stage")).await;
        assert!(!self.has(".wm-unmet").await, "something is open: {}", self.browser.text().await);
    }

    /// S1.07: a mentor of the school, once a week from today.
    pub async fn mentor_begins(&mut self) {
        let form = self.of_case("/support/new");
        self.opens(Who::Lead, &form).await;
        let (lead, today) = (self.person(Who::Lead).id.to_string(), self.today());
        let review = (today + time::Duration::weeks(12)).to_string();
        let today = today.to_string();
        let mentor = [
            ("kind", "mentor"),
            ("purpose", "Somebody to talk to before lessons"),
            ("provider", "The school"),
            ("lead", lead.as_str()),
            ("sessions_a_week", "1"),
            ("starts_on.*", today.as_str()),
            ("review_on.*", review.as_str()),
        ];
        self.records(&form, &mentor).await;
        self.mentor = self.browser.path().await;
    }

    /// P2.03b: a supported transfer is no support to arrange; the form says why.
    pub async fn transfer_is_for_stage_3_only(&mut self) {
        let form = self.of_case("/support/new");
        self.opens(Who::Lead, &form).await;
        let (lead, today) = (self.person(Who::Lead).id.to_string(), self.today());
        let (today, review) = (today.to_string(), (today + time::Duration::weeks(4)).to_string());
        let transfer = [
            ("kind", "supported_transfer"),
            ("purpose", "A new start"),
            ("lead", lead.as_str()),
            ("starts_on.*", today.as_str()),
            ("review_on.*", review.as_str()),
        ];
        self.send(&form, &transfer).await;
        assert!(self.has(".govuk-error-summary").await, "it was taken: {}", self.browser.text().await);
        for words in ["P2.03b", "last resort", "only at Stage 3"] {
            self.says(words).await;
        }
    }
}
