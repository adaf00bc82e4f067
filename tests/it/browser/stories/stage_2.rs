//! What Stage 2 asks, done with the pages by those who do it.

use uuid::Uuid;

use super::tale::{Tale, Who};
use crate::support::day;

impl Tale {
    /// R1.02, P2.02: support by the behaviour support service, with priority asked for.
    pub async fn behaviour_support_is_asked(&mut self, date: &str) -> String {
        let form = self.of_case("/support/new");
        self.opens(Who::Lead, &form).await;
        let person = self.person(Who::Service).id.to_string();
        let asked = [
            ("kind", "behaviour_support"),
            ("purpose", "A calm start of the day"),
            ("provider", "Behaviour support team"),
            ("lead", person.as_str()),
            ("sessions_a_week", "1"),
            ("starts_on.*", date),
            ("review_on.*", "2027-05-21"),
        ];
        self.records(&form, &asked).await;
        let support = self.browser.path().await;
        self.send_with("button[value='ask']", &format!("{support}/priority"), &[]).await;
        self.done("asking for priority").await;
        support
    }

    /// A case is shared with a service by a row of its own; no page makes one yet.
    pub async fn is_shared_with_the_service(&mut self, from: &str) {
        let (lead, service) = (self.person(Who::Lead).id, self.person(Who::Service).id);
        let (case, pupil) = (self.case_id(), self.pupil.rsplit('/').next().unwrap().parse::<Uuid>().unwrap());
        sqlx::query(
            "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at,
                                          made_by)
             values ($1, $2, $3, $4, $5, $6, 'Behaviour support', $7, $8, $9)",
        )
        .bind(Uuid::now_v7())
        .bind(self.town.authority)
        .bind(self.town.greenfield.id)
        .bind(case)
        .bind(pupil)
        .bind(service)
        .bind(day(from))
        .bind(self.town.now())
        .bind(lead)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
    }

    /// P2.02: the service says yes.
    pub async fn service_agrees(&mut self, support: &str) {
        let case = self.case.clone();
        self.opens(Who::Service, "/cases").await;
        self.leads("main", &case).await;
        self.opens(Who::Service, support).await;
        let answer = [("answer", "accept"), ("words", "Mondays before school")];
        self.records(&format!("{support}/answer"), &answer).await;
        self.opens(Who::Lead, support).await;
        self.says("Mondays before school").await;
    }

    /// A service sees the overview, the targets and its support, and no more.
    pub async fn service_sees_support_only(&mut self, support: &str) {
        for rest in ["", "/targets", "/support"] {
            let path = self.of_case(rest);
            self.opens(Who::Service, &path).await;
            self.says("Quill").await;
        }
        self.opens(Who::Service, support).await;
        for rest in ["/stage", "/timeline", "/reviews", "/meetings", "/incidents", "/stage/move?to=up3"] {
            let path = self.of_case(rest);
            self.is_kept_from(Who::Service, &path).await;
        }
        let pupil = self.pupil.clone();
        self.is_kept_from(Who::Service, &pupil).await;
    }

    /// S2.01: the lead asks everybody on the lists, and the service by name.
    pub async fn stage_2_meeting_is_planned(&mut self, date: &str) -> String {
        self.opens(Who::Lead, &self.of_case("/meetings/new?kind=stage_2")).await;
        let plan = [
            ("planned_on.*", date),
            ("starts_at", "15:00"),
            ("ends_at", "15:30"),
            ("place", "Library"),
            ("other.1.part", "support_service"),
            ("other.1.name", "Behaviour support"),
        ];
        self.records(&self.of_case("/meetings/new"), &plan).await;
        self.browser.path().await
    }

    /// S2.01, S2.05: minutes in two goes, a draft and the rest.
    pub async fn stage_2_minutes(&mut self, meeting: &str) {
        let minutes = format!("{meeting}/minutes");
        self.opens(Who::Lead, &minutes).await;
        self.everybody_came(&minutes).await;
        let begun = [("earlier_plans", "The mentor helped until they left")];
        self.send_with("button:not([formaction])", &minutes, &begun).await;
        self.done("a draft").await;
        self.is_owed(meeting).await;
        self.opens(Who::Lead, &minutes).await;
        let rest = [
            ("further_support", "Mornings with the service"),
            ("strategies", "A card to leave the room"),
            ("decisions", "The service begins on Monday"),
        ];
        self.send_with("button[formaction$='/sign']", &minutes, &rest).await;
        self.done("minutes").await;
        // Signed minutes stay as they are.
        self.opens(Who::La, meeting).await;
        self.says("A card to leave the room").await;
        assert!(!self.has("form[action$='/minutes']").await);
    }

    /// S2.02, S2.03, S2.04: early help looked at again, sanctions advised, both outcomes said.
    pub async fn what_stage_2_says(&mut self) {
        let mother = self.contact.to_string();
        let again = [("decision", "start"), ("why", "The mother asked for help at home")];
        self.records_step(Who::Lead, "early_help", &again).await;
        let row = |clause: &str| format!("tr[data-clause='{clause}']");
        self.unfolds().await;
        let (at_1, at_2) = (self.text_of(&row("S1.03")).await, self.text_of(&row("S2.02")).await);
        assert!(at_1.contains("26 February") && at_2.contains("16 April"), "{at_1} {at_2}");
        let told = [("parents", mother.as_str()), ("pupil", "yes"), ("how", "in_person")];
        let policy = [("policy", "Behaviour policy, September 2026")];
        self.records_step(Who::Lead, "sanctions_advised", &[&policy[..], &told[..]].concat()).await;
        // S2.04: one half of the reminder is not enough.
        let better = [("if_improves", "yes")];
        self.records_step(Who::Lead, "outcomes_reminded", &[&better[..], &told[..]].concat()).await;
        self.unmet("S2.04", false).await;
        let worse = [("if_not", "yes")];
        self.records_step(Who::Lead, "outcomes_reminded", &[&worse[..], &told[..]].concat()).await;
        self.met("S2.04").await;
    }

    /// S1.10: each target gets a later date.
    pub async fn targets_get_more_time(&mut self, due: &str) {
        let targets = self.of_case("/targets");
        self.opens(Who::Lead, &targets).await;
        let links = self.hrefs(&format!("main .wm-actions a[href^='{targets}/']")).await;
        assert_eq!(links.len(), 2, "{links:?}");
        for target in links {
            self.opens(Who::Lead, &target).await;
            self.records(&target, &[("due_on.*", due)]).await;
        }
    }

    /// The lead records an incident for which an exclusion could be considered: its id.
    pub async fn incident(&mut self, date: &str) -> String {
        let form = self.of_case("/incidents/new");
        self.opens(Who::Lead, &form).await;
        let account = [
            ("happened_on.*", date),
            ("happened_at", "11:20am"),
            ("place", "Science corridor"),
            ("what", "A fire extinguisher was set off and thrown"),
            ("seriousness", "very_serious"),
            ("followed", "Parents were called, the room was closed"),
        ];
        self.records(&form, &account).await;
        self.browser.path().await.rsplit('/').next().unwrap().to_owned()
    }
}
