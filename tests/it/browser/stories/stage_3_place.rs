//! A place at another school, done with the pages by those who do it: the papers, the panel, the receiving school.

use super::tale::{Tale, Who};

/// Documents of the pack, each with who reads it.
const PAPERS: [(&str, &str); 17] = [
    ("identity", "panel"),
    ("parents", "receiving"),
    ("psp", "panel"),
    ("early_help", "panel"),
    ("stage_history", "panel"),
    ("behaviour", "panel"),
    ("exclusions", "panel"),
    ("attendance", "panel"),
    ("attainment", "panel"),
    ("send", "panel"),
    ("flags", "receiving"),
    ("risk", "panel"),
    ("agencies", "nobody"),
    ("pupil_views", "panel"),
    ("parent_views", "panel"),
    ("agreement", "panel"),
    ("transport", "panel"),
];

impl Tale {
    /// S3.08: the LA representative plans a panel, seats its member and enters how full the other school is.
    pub async fn panel_is_planned(&mut self, meets: &str, close: &str) -> String {
        self.opens(Who::La, "/panel").await;
        self.says("No panel is planned").await;
        self.opens(Who::La, "/panel/new").await;
        let member = self.person(Who::Member).id.to_string();
        let plan = [
            ("meets_on.*", meets),
            ("starts_at", "1:30pm"),
            ("place", "Council offices, room 2"),
            ("papers_close_on.*", close),
            ("member", member.as_str()),
        ];
        self.records("/panel/new", &plan).await;
        let panel = self.browser.path().await;
        self.opens(Who::La, "/panel/places").await;
        let (school, today) = (self.town.hillside.id.to_string(), self.today().to_string());
        let count =
            [("school", school.as_str()), ("places", "1050"), ("roll", "1010"), ("as_of.*", today.as_str())];
        self.records("/panel/places", &count).await;
        panel
    }

    /// S3.07: the lead goes from document to document; where the record has a text, it is there to start from.
    pub async fn papers_are_written(&mut self) {
        let transfer = self.of_case("/transfer");
        for (item, share) in PAPERS {
            let form = format!("{transfer}/items/{item}");
            self.opens(Who::Lead, &form).await;
            let words = format!("What the panel reads: {item}");
            self.records(&form, &[("presence", "present"), ("words", &words), ("share", share)]).await;
        }
        let form = format!("{transfer}/items/schools");
        self.opens(Who::Lead, &form).await;
        let school = self.town.hillside.id.to_string();
        let wish = [
            ("presence", "present"),
            ("school", school.as_str()),
            ("wish", "preferred"),
            ("why", "A cousin is there"),
            ("share", "panel"),
        ];
        self.records(&form, &wish).await;
    }

    /// S3.07: the headteacher reads what leaves the school and for whom, and submits it.
    pub async fn head_submits(&mut self, panel: &str) {
        let submit = self.of_case("/transfer/submit");
        self.is_kept_from(Who::Lead, &submit).await;
        self.opens(Who::Head, &submit).await;
        assert!(!self.has(".wm-unmet").await, "something is missing: {}", self.browser.text().await);
        let panel = panel.rsplit('/').next().unwrap();
        // Nobody shares papers without having looked.
        self.send(&submit, &[("panel", panel)]).await;
        assert!(self.has(".govuk-error-summary a[href*='sure']").await, "submitted unread");
        self.records(&submit, &[("sure", "yes")]).await;
    }

    /// The LA representative finds the referral on the agenda and says that the papers are complete: its address.
    pub async fn la_receives_the_papers(&mut self, panel: &str) -> String {
        self.opens(Who::La, panel).await;
        self.says("1 referral").await;
        let referral = self.href("main table a[href*='/referrals/']").await;
        self.opens(Who::La, &referral).await;
        self.records(&format!("{referral}/receipt"), &[("receipt", "received")]).await;
        self.says("complete on").await;
        referral
    }

    /// What everybody who decides about a place is kept from: the case behind the papers.
    pub async fn sees_nothing_of_the_case(&mut self, who: Who) {
        for rest in
            ["", "/stage", "/timeline", "/stage-3", "/meetings", "/incidents", "/transfer", "/transfer/pack"]
        {
            let path = self.of_case(rest);
            let person = self.signed_in(who).await;
            let status = self.town.get(&person, &path).await.status.as_u16();
            assert!([403, 404].contains(&status), "{who:?} gets {status} at {path}");
        }
        let (case, pupil) = (self.case.clone(), self.pupil.clone());
        for path in [case, pupil] {
            self.is_kept_from(who, &path).await;
        }
    }

    /// What the papers on the page say of these documents, and that they do not say anything of those.
    pub async fn papers_say(&self, shared: &[&str], kept: &[&str]) {
        for item in shared {
            self.says(&format!("What the panel reads: {item}")).await;
        }
        for item in kept {
            self.says_not(&format!("What the panel reads: {item}")).await;
        }
    }
}
