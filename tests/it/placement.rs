//! A place elsewhere, from the managed move that was agreed to its last follow-up: papers, panel, receiving school; and
//! who sees what of it when.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use waymark::{
    db,
    domain::transfer::{Event, ManagedMove},
    web::session,
};

use crate::{
    support::{Answer, NOW, Person, Town, day, grant, web_options},
    suspensions,
};

/// A town with Greenfield's case at Stage 3, a managed move agreed there, and a panel that meets today.
pub struct Placing {
    pub town: Town,
    pub member: Person,
    pub la: Person,
    pub case: String,
    pub panel: String,
    asked: OffsetDateTime,
}

/// Documents a pack cannot do without, with a text of their own each.
const DOCUMENTS: [&str; 13] = [
    "identity",
    "parents",
    "psp",
    "early_help",
    "stage_history",
    "behaviour",
    "exclusions",
    "attendance",
    "attainment",
    "risk",
    "pupil_views",
    "parent_views",
    "agreement",
];
const OTHERS: [&str; 5] = ["send", "flags", "agencies", "transport", "schools"];

impl Placing {
    pub async fn new() -> Self {
        let mut town = Town::new().await;
        let case = town.greenfield.case.case;
        for sql in [
            "update app.case_stages set left_on = '2026-11-18' where case_id = $1",
            "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by)
             select gen_random_uuid(), authority_id, school_id, id, 3, '2026-11-18', '2026-11-18 10:00Z', opened_by from app.cases
             where id = $1",
            "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                             requirements, reasons, seq, event)
             select gen_random_uuid(), authority_id, school_id, id, 'move_up', '2026-11-18', '2026-11-18 10:00Z', opened_by, '[]',
                    '{}', 2, '{\"event\": \"moved_up\", \"to\": 3, \"reason\": \"escalation\"}' from app.cases where id = $1",
            "update app.cases set stage = 3 where id = $1",
        ] {
            sqlx::query(sql).bind(case).execute(&mut town.owner).await.unwrap();
        }
        let member = town.person("panel_member", None).await;
        let la = town.person("la_representative", None).await;
        let mut placing =
            Self { case: format!("/cases/{case}"), town, member, la, panel: String::new(), asked: NOW };
        placing.ground("managed_move", "agreed").await;
        placing.panel = placing.plan("24", "24").await;
        placing
    }

    /// What Stage 3 settled, and what the mother answered.
    pub async fn ground(&mut self, route: &str, answer: &str) {
        let school = self.town.greenfield.clone();
        sqlx::query(
            "insert into app.alternatives (id, authority_id, school_id, case_id, entered_on, kind, considered, why, status, plan, route,
                                           last_resort, starts_on, review_on, decided_on, decided_at, decided_by, made_at, made_by,
                                           changed_at, changed_by)
             values (gen_random_uuid(), $1, $2, $3, '2026-11-18', 'supported_transfer', true, 'The meeting agreed', 'agreed',
                     'Another school', $4, 'Nothing less has helped', '2026-12-01', '2027-01-11', '2026-11-19', $5, $6, $5, $6, $5, $6)
             on conflict (case_id, entered_on, kind) do update set route = excluded.route",
        )
        .bind(self.town.authority)
        .bind(school.id)
        .bind(school.case.case)
        .bind(route)
        .bind(NOW)
        .bind(school.head.id)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
        self.asked += time::Duration::SECOND;
        sqlx::query(
            "insert into app.agreements (id, authority_id, school_id, case_id, alternative_id, contact_id, asked_on, how, explained,
                                         advised, answer, answered_on, presence, copy_given, recorded_on, recorded_at, recorded_by)
             select gen_random_uuid(), a.authority_id, a.school_id, a.case_id, a.id, $2, '2026-11-19', 'in_person', true, true, $3,
                    '2026-11-19', 'The lead', true, '2026-11-19', $4, $5
             from app.alternatives a where a.case_id = $1",
        )
        .bind(school.case.case)
        .bind(school.case.contact)
        .bind(answer)
        .bind(self.asked)
        .bind(school.lead.id)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
    }

    /// Plans a panel in November 2026 and seats the member: its address.
    pub async fn plan(&self, meets: &str, close: &str) -> String {
        let answer = self.town.post(&self.la, "/panel/new", &self.panel_form(meets, close)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.location
    }

    pub fn panel_form<'a>(&'a self, meets: &'a str, close: &'a str) -> Vec<(&'a str, &'a str)> {
        // Leaked: the id lives as long as the test.
        let member: &'static str = Box::leak(self.member.id.to_string().into_boxed_str());
        vec![
            ("meets_on.day", meets),
            ("meets_on.month", "11"),
            ("meets_on.year", "2026"),
            ("starts_at", "1:30pm"),
            ("place", "Room 2"),
            ("papers_close_on.day", close),
            ("papers_close_on.month", "11"),
            ("papers_close_on.year", "2026"),
            ("member", member),
        ]
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.case)
    }

    pub fn lead(&self) -> &Person {
        &self.town.greenfield.lead
    }

    pub fn head(&self) -> &Person {
        &self.town.greenfield.head
    }

    pub async fn begin(&self) -> Answer {
        let path = self.path("/transfer");
        self.town.post(self.lead(), &path, &[("route", "managed_move")]).await
    }

    /// Saves a document that was not there before.
    pub async fn paper(&self, item: &str, share: &str) {
        let words = format!("Text of {item}");
        let fields =
            [("presence", "present"), ("words", &*words), ("reason", ""), ("share", share), ("version", "0")];
        let answer =
            self.town.post(self.lead(), &self.path(&format!("/transfer/items/{item}")), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{item}: {}", answer.body);
    }

    /// Every document: parents and social care for the receiving school alone, agencies for nobody.
    pub async fn papers(&self) {
        for item in DOCUMENTS.iter().chain(&OTHERS) {
            let share = match *item {
                "parents" | "flags" => "receiving",
                "agencies" => "nobody",
                _ => "panel",
            };
            if *item == "schools" {
                let hillside = self.town.hillside.id.to_string();
                let fields = [
                    ("presence", "present"),
                    ("words", ""),
                    ("reason", ""),
                    ("share", "panel"),
                    ("version", "0"),
                    ("school", &*hillside),
                    ("wish", "preferred"),
                    ("why", "A cousin is there"),
                ];
                let path = self.path("/transfer/items/schools");
                let answer = self.town.post(self.lead(), &path, &fields).await;
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
            } else {
                self.paper(item, share).await;
            }
        }
    }

    /// The version hidden in the form to submit.
    pub async fn version(&self) -> String {
        let page = self.town.get(self.head(), &self.path("/transfer/submit")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        hidden(&page.body, "version")
    }

    pub async fn submit_to(&self, who: &Person, panel: &str, more: &[(&str, &str)]) -> Answer {
        let version = self.version().await;
        let panel = panel.rsplit('/').next().unwrap();
        let mut fields = vec![("panel", panel), ("sure", "yes"), ("version", &*version)];
        fields.extend(more);
        self.town.post(who, &self.path("/transfer/submit"), &fields).await
    }

    /// Begun, written and submitted to today's panel: the address of the referral.
    pub async fn submitted(&mut self) -> String {
        assert_eq!(self.begin().await.status, StatusCode::SEE_OTHER);
        self.papers().await;
        let answer = self.submit_to(self.head(), &self.panel, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.referral().await
    }

    pub async fn referral(&mut self) -> String {
        let row: (Uuid, Uuid) = sqlx::query_as(
            "select panel_id, id from app.referrals where case_id = $1 order by made_at desc, id desc limit 1",
        )
        .bind(self.town.greenfield.case.case)
        .fetch_one(&mut self.town.owner)
        .await
        .unwrap();
        format!("/panel/{}/referrals/{}", row.0, row.1)
    }

    /// The latest transfer of the case, when there is one.
    pub async fn begun(&mut self) -> Option<Uuid> {
        sqlx::query_scalar(
            "select id from app.transfers where case_id = $1 order by opened_at desc, id desc limit 1",
        )
        .bind(self.town.greenfield.case.case)
        .fetch_optional(&mut self.town.owner)
        .await
        .unwrap()
    }

    /// Its papers have been on an agenda.
    pub async fn was_referred(&mut self) -> bool {
        let case = self.town.greenfield.case.case;
        self.town.count("select count(*) from app.referrals where case_id = $1", case).await > 0
    }

    /// Every document, unless the transfer has them already.
    pub async fn missing_papers(&mut self) {
        let Some(transfer) = self.begun().await else { return };
        let here = "select count(*) from app.pack_items where transfer_id = $1";
        let (_, _, standing) = self.transfer().await;
        if standing == "proposed" && self.town.count(here, transfer).await == 0 {
            self.papers().await;
        }
    }

    pub async fn transfer(&mut self) -> (Uuid, i32, String) {
        sqlx::query_as(
            "select id, version, standing from app.transfers where case_id = $1 order by opened_at desc, id desc limit 1",
        )
        .bind(self.town.greenfield.case.case)
        .fetch_one(&mut self.town.owner)
        .await
        .unwrap()
    }

    /// Records a decision of the panel.
    pub async fn decide(&mut self, who: &Person, more: &[(&str, &str)]) -> Answer {
        let (referral, version) = (self.referral().await, self.transfer().await.1.to_string());
        let mut fields = vec![("reasons", "The panel’s reasons"), ("version", &*version)];
        fields.extend(more);
        self.town.post(who, &format!("{referral}/decision"), &fields).await
    }

    /// Allocates a place at Hillside; how full it is, is not known.
    pub async fn allocate(&mut self, more: &[(&str, &str)]) -> Answer {
        let (member, hillside) = (self.member.clone(), self.town.hillside.id.to_string());
        let mut fields = vec![
            ("outcome", "allocated"),
            ("school", &*hillside),
            ("reason.S3.08-room", "They said by phone"),
        ];
        fields.extend(more);
        self.decide(&member, &fields).await
    }

    /// Answers as Hillside.
    pub async fn receive(&mut self, who: &Person, what: &str, more: &[(&str, &str)]) -> Answer {
        let (id, version, _) = self.transfer().await;
        let version = version.to_string();
        let mut fields = vec![("version", &*version)];
        fields.extend(more);
        self.town.post(who, &format!("/received/{id}/{what}"), &fields).await
    }

    pub async fn accept(&mut self) -> Answer {
        let lead = self.town.hillside.lead.clone();
        let mut fields = vec![("answer", "accept"), ("words", "")];
        fields.extend(date("starts_on", "24", "11", "2026"));
        self.receive(&lead, "answer", &fields).await
    }

    /// What the events of the transfer come to, and what its row says.
    pub async fn replayed(&mut self) -> (ManagedMove, ManagedMove) {
        let (id, ..) = self.transfer().await;
        let row: Json<ManagedMove> = sqlx::query_scalar("select state from app.transfers where id = $1")
            .bind(id)
            .fetch_one(&mut self.town.owner)
            .await
            .unwrap();
        let events: Vec<(Json<Event>, Date)> = sqlx::query_as(
            "select event, on_date from app.transfer_events where transfer_id = $1 order by seq",
        )
        .bind(id)
        .fetch_all(&mut self.town.owner)
        .await
        .unwrap();
        let told = events.iter().map(|(event, on)| (&event.0, *on));
        (ManagedMove::replay(told).unwrap(), row.0)
    }
}

pub fn date<'a>(name: &str, d: &'a str, m: &'a str, y: &'a str) -> [(&'static str, &'a str); 3] {
    let field = |part: &str| -> &'static str { Box::leak(format!("{name}.{part}").into_boxed_str()) };
    [(field("day"), d), (field("month"), m), (field("year"), y)]
}

/// The value of a hidden field.
fn hidden(body: &str, name: &str) -> String {
    let (_, rest) = body
        .split_once(&format!("name=\"{name}\" id=\"{name}\" value=\""))
        .or_else(|| body.split_once(&format!("name=\"{name}\" value=\"")))
        .unwrap_or_else(|| panic!("no field {name}: {body}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The receiving school accepts. What is only shared to be answered does not leave as a file; what was accepted does.
async fn accepted_papers_leave_as_a_file(p: &mut Placing, lead: &Person) {
    let reason = [("why", "meeting"), ("words", "the pupil's first day"), ("format", "csv")];
    let before = p.town.post(lead, "/received/export", &reason).await;
    assert_eq!(before.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", before.body);
    assert!(before.body.contains("nothing to export"), "{}", before.body);
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    let file = p.town.post(lead, "/received/export", &reason).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    assert!(file.body.contains("Greenfield School,Hillside School"), "{}", file.body);
}

#[tokio::test]
async fn s3_07_s3_08_a_managed_move_from_agreed_to_its_last_follow_up() {
    let mut p = Placing::new().await;
    let (hill, panel) = (p.town.hillside.clone(), p.panel.clone());
    let page = p.town.get(p.lead(), &p.path("/transfer")).await;
    assert!(
        page.body.contains("Begin a managed move") && page.body.contains("never a trial"),
        "{}",
        page.body
    );
    let referral = p.submitted().await;
    assert_eq!(p.transfer().await.2, "papers_submitted");
    // The panel reads what was submitted; the LA looks whether it is complete.
    let list = p.town.get(&p.member, "/panel").await;
    assert!(list.body.contains(&panel), "{}", list.body);
    let agenda = p.town.get(&p.member, &panel).await;
    assert!(
        agenda.body.contains("1 referral") && agenda.body.contains("Hillside School (A cousin is there)"),
        "{}",
        agenda.body
    );
    let version = p.transfer().await.1.to_string();
    let receipt = format!("{referral}/receipt");
    let complete = [("receipt", "received"), ("receipt_words", ""), ("version", &*version)];
    assert_eq!(p.town.post(&p.la, &receipt, &complete).await.status, StatusCode::SEE_OTHER);
    assert!(p.town.get(&p.member, &panel).await.body.contains("complete on 24 Nov"));
    let decided = p.allocate(&[("conditions", "A mentor from the first day")]).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    let minutes = p.town.get(&p.member, &format!("{panel}/minutes")).await;
    assert!(
        minutes.body.contains("Place allocated at Hillside School")
            && minutes.body.contains("They said by phone"),
        "{}",
        minutes.body
    );
    // The receiving school.
    let (id, ..) = p.transfer().await;
    let list = p.town.get(&hill.lead, "/received").await;
    assert!(list.body.contains(&format!("/received/{id}")), "{}", list.body);
    let one = p.town.get(&hill.lead, &format!("/received/{id}")).await;
    assert!(
        one.body.contains("A mentor from the first day") && one.body.contains("8 December 2026"),
        "ten school days: {}",
        one.body
    );
    accepted_papers_leave_as_a_file(&mut p, &hill.lead).await;
    assert_eq!(
        p.receive(&hill.lead, "roll", &date("on", "24", "11", "2026")).await.status,
        StatusCode::SEE_OTHER
    );
    // The home roll ends the day before, the record of the pupil moves, and the case keeps its name.
    let pupil = p.town.greenfield.case.pupil;
    let rolls: Vec<(Uuid, Date, Option<Date>)> = sqlx::query_as(
        "select school_id, from_on, to_on from app.enrolments where pupil_id = $1 order by from_on",
    )
    .bind(pupil)
    .fetch_all(&mut p.town.owner)
    .await
    .unwrap();
    assert_eq!(
        rolls,
        [
            (p.town.greenfield.id, day("2024-09-02"), Some(day("2026-11-23"))),
            (hill.id, day("2026-11-24"), None)
        ]
    );
    assert_eq!(p.town.get(&hill.lead, &format!("/pupils/{pupil}")).await.status, StatusCode::OK);
    assert_eq!(p.town.get(p.lead(), &format!("/pupils/{pupil}")).await.status, StatusCode::NOT_FOUND);
    let home = p.town.get(p.lead(), &p.path("/transfer")).await;
    assert!(
        home.body.contains("On the roll of the receiving school") && home.body.contains("Close the case"),
        "{}",
        home.body
    );
    // Files, follow-ups, the end.
    let mut sent = vec![("file", "ctf")];
    sent.extend(date("sent_on", "24", "11", "2026"));
    assert_eq!(p.town.post(p.lead(), &p.path("/transfer/files"), &sent).await.status, StatusCode::SEE_OTHER);
    let none = [("file", "child_protection"), ("none", "yes")];
    assert_eq!(p.town.post(p.lead(), &p.path("/transfer/files"), &none).await.status, StatusCode::SEE_OTHER);
    let mut got = vec![("file", "ctf")];
    got.extend(date("received_on", "24", "11", "2026"));
    let files = format!("/received/{id}/files");
    assert_eq!(p.town.post(&hill.lead, &files, &got).await.status, StatusCode::SEE_OTHER);
    let again = p.town.post(&hill.lead, &files, &got).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "received once");
    assert_eq!(
        p.receive(&hill.head, "reviews", &[("words", "Settling")]).await.status,
        StatusCode::SEE_OTHER
    );
    let final_one = p.receive(&hill.lead, "reviews", &[("words", "Settled"), ("last", "yes")]).await;
    assert_eq!((final_one.status, &*final_one.location), (StatusCode::SEE_OTHER, "/received"));
    assert_eq!(p.transfer().await.2, "closed");
    let (replayed, row) = p.replayed().await;
    assert_eq!(replayed, row);
    let timeline = p.town.get(p.lead(), &p.path("/timeline")).await;
    for words in ["Managed move begun", "The panel allocated a place at Hillside School", "Follow-up review"]
    {
        assert!(timeline.body.contains(words), "{words}: {}", timeline.body);
    }
}

/// What is kept of what a case owes, reckoned for somebody who sees every school.
async fn kept(p: &mut Placing, la: &Person) -> String {
    sqlx::query("update app.case_duties set reckoned_on = null where case_id = $1")
        .bind(p.town.greenfield.case.case)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    assert_eq!(p.town.get(la, "/caseload").await.status, StatusCode::OK);
    sqlx::query_scalar("select duties::text from app.case_duties where case_id = $1")
        .bind(p.town.greenfield.case.case)
        .fetch_one(&mut p.town.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_the_new_school_does_after_the_move_stays_with_it() {
    let mut p = Placing::new().await;
    let (own, hill) = (p.town.greenfield.clone(), p.town.hillside.clone());
    // Suspended before the move: what is owed of it stays with the school that did it.
    let before = suspensions::issued_by(
        &p.town,
        &own.head,
        own.case.pupil,
        &suspensions::suspension("2026-11-24", "morning", "1"),
    )
    .await;
    p.submitted().await;
    p.allocate(&[]).await;
    p.accept().await;
    p.receive(&hill.lead, "roll", &date("on", "24", "11", "2026")).await;
    let la = p.town.person("la_representative", None).await;
    let owed = kept(&mut p, &la).await;
    assert!(owed.contains("exclusion"), "the home school still owes what its suspension asks: {owed}");
    let overview = p.town.get(&own.head, "/overview").await.body;
    assert!(overview.contains(&before), "and its headteacher finds it: {overview}");

    let after = suspensions::issued_by(
        &p.town,
        &hill.head,
        own.case.pupil,
        &suspensions::suspension("2026-11-30", "morning", "2"),
    )
    .await;
    assert_eq!(
        kept(&mut p, &la).await,
        owed,
        "nothing of the new school is written into the case of the old one"
    );
    for page in ["/overview", "/week", "/caseload"] {
        let body = p.town.get(&own.head, page).await.body;
        assert!(!body.contains(&after), "{page}");
    }
    let theirs = p.town.get(&hill.head, "/overview").await.body;
    assert!(theirs.contains(&after) && !theirs.contains(&before), "{theirs}");
}

#[tokio::test]
async fn g1_s3_07_a_managed_move_is_not_begun_before_stage_3() {
    let mut p = Placing::new().await;
    let case = p.town.greenfield.case.case;
    for stage in [1_i16, 2] {
        sqlx::query("update app.cases set stage = $2 where id = $1")
            .bind(case)
            .bind(stage)
            .execute(&mut p.town.owner)
            .await
            .unwrap();
        let refused = p.begin().await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.body.contains(&format!("(P2.03b): The case is at Stage {stage}.")),
            "{}",
            refused.body
        );
    }
    assert_eq!(p.town.count("select count(*) from app.transfers where case_id = $1", case).await, 0);
}

#[tokio::test]
async fn g15_a12_a_trial_is_refused() {
    let p = Placing::new().await;
    for route in ["legacy_trial", "off_site", "", "x"] {
        let path = p.path("/transfer");
        let refused = p.town.post(p.lead(), &path, &[("route", route)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{route}");
        if route == "legacy_trial" {
            assert!(refused.body.contains("a transfer cannot be a trial"), "{}", refused.body);
        }
    }
}

#[tokio::test]
async fn g12_s3_05_without_a_parents_agreement_nothing_is_submitted() {
    let mut p = Placing::new().await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    for answer in ["declined", "no_reply", "wants_time"] {
        p.ground("managed_move", answer).await;
        let refused =
            p.submit_to(p.head(), &p.panel, &[("reason.S3.05", "x"), ("reason.S3.05-others", "x")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert!(refused.body.contains("Nobody with parental responsibility has agreed"), "{}", refused.body);
    }
    assert_eq!(p.transfer().await.2, "proposed");
    let packs =
        p.town.count("select count(*) from app.packs where case_id = $1", p.town.greenfield.case.case).await;
    assert_eq!(packs, 0);
}

#[tokio::test]
async fn s3_05_another_parent_who_was_not_asked_needs_a_reason() {
    let mut p = Placing::new().await;
    let school = p.town.greenfield.clone();
    sqlx::query(
        "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility,
                                   contact_order, changed_at, changed_by)
         values (gen_random_uuid(), $1, $2, $3, 'Father Away', 'Father', true, 2, '2026-11-01 10:00Z', $4)",
    )
    .bind(p.town.authority)
    .bind(school.id)
    .bind(school.case.pupil)
    .bind(school.lead.id)
    .execute(&mut p.town.owner)
    .await
    .unwrap();
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    let refused = p.submit_to(p.head(), &p.panel, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Father Away: not asked"), "{}", refused.body);
    let with = p.submit_to(p.head(), &p.panel, &[("reason.S3.05-others", "Lives abroad, no address")]).await;
    assert_eq!(with.status, StatusCode::SEE_OTHER, "{}", with.body);
    let reasons: Value = sqlx::query_scalar("select reasons from app.packs where case_id = $1")
        .bind(school.case.case)
        .fetch_one(&mut p.town.owner)
        .await
        .unwrap();
    assert_eq!(reasons, json!({"S3.05-others": "Lives abroad, no address"}));
}

#[tokio::test]
async fn g22_s3_07_the_lead_does_not_submit_and_a_named_delegate_does() {
    let mut p = Placing::new().await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    let refused = p.submit_to(p.lead(), &p.panel, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("Headteacher or Headteacher’s delegate"), "{}", refused.body);
    assert!(!p.town.get(p.lead(), &p.path("/transfer")).await.body.contains("/transfer/submit"));
    assert_eq!(p.town.get(p.lead(), &p.path("/transfer/submit")).await.status, StatusCode::FORBIDDEN);
    let (authority, lead, school) = (p.town.authority, p.lead().id, p.town.greenfield.id);
    let (from, to) = (day("2026-11-20"), Some(day("2026-11-30")));
    grant(&mut p.town.owner, authority, lead, "head_delegate", Some(school), from, to).await;
    assert_eq!(p.submit_to(p.lead(), &p.panel, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s3_07_missing_documents_closed_panels_and_changed_papers_are_refused() {
    let mut p = Placing::new().await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    let refused = p.submit_to(p.head(), &p.panel, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Missing: Pupil’s details; Parents and carers"), "{}", refused.body);
    p.papers().await;
    // A panel whose papers are closed, one that is not there, none.
    let closed = p.plan("25", "24").await;
    let id: Uuid = closed.rsplit('/').next().unwrap().parse().unwrap();
    sqlx::query("update app.panels set papers_close_on = '2026-11-23' where id = $1")
        .bind(id)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    for panel in [closed.as_str(), "/panel/x", &Uuid::now_v7().to_string(), "/"] {
        let refused = p.submit_to(p.head(), panel, &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{panel}");
    }
    // The papers changed under the form; nobody has said that they read them.
    let version = p.version().await;
    let panel = p.panel.rsplit('/').next().unwrap().to_owned();
    let fields =
        [("presence", "present"), ("words", "Newer"), ("reason", ""), ("share", "panel"), ("version", "1")];
    let saved = p.town.post(p.lead(), &p.path("/transfer/items/risk"), &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let path = p.path("/transfer/submit");
    let stale =
        p.town.post(p.head(), &path, &[("panel", &panel), ("sure", "yes"), ("version", &version)]).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("The papers were changed since you opened this page"), "{}", stale.body);
    let version = p.version().await;
    let unsure = p.town.post(p.head(), &path, &[("panel", &panel), ("version", &version)]).await;
    assert!(unsure.body.contains("Select that you have read what will be shared"), "{}", unsure.body);
    // Sent twice, submitted once.
    let key = Uuid::new_v4().to_string();
    let form = [("panel", &*panel), ("sure", "yes"), ("version", &version), ("form_key", &key)];
    for _ in 0..2 {
        let answer = p.town.post_exactly(p.head(), &path, &form, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let case = p.town.greenfield.case.case;
    assert_eq!(p.town.count("select count(*) from app.packs where case_id = $1", case).await, 1);
    assert_eq!(p.town.count("select count(*) from app.referrals where case_id = $1", case).await, 1);
    // Frozen: the paper that was changed is what was read, and it changes no more.
    let pack = p.town.get(p.lead(), &p.path("/transfer/pack")).await;
    assert!(pack.body.contains("Newer") && !pack.body.contains("Text of agencies"), "{}", pack.body);
    let late = p.town.post(p.lead(), &p.path("/transfer/items/risk"), &fields).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a22_s3_07_a_pupil_with_a_plan_or_in_care_needs_the_day_somebody_was_told() {
    let mut p = Placing::new().await;
    sqlx::query("update app.pupils set send = 'ehcp', looked_after = true where id = $1")
        .bind(p.town.greenfield.case.pupil)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    let refused = p.submit_to(p.head(), &p.panel, &[]).await;
    for words in [
        "the LA’s SEN team was consulted is not recorded",
        "the virtual school head was told is not recorded",
    ] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    for item in ["send", "flags"] {
        let mut fields = vec![
            ("presence", "present"),
            ("words", "x"),
            ("reason", ""),
            ("share", "receiving"),
            ("version", "1"),
        ];
        let path = p.path(&format!("/transfer/items/{item}"));
        fields.extend(date("told_on", "25", "11", "2026"));
        let future = p.town.post(p.lead(), &path, &fields).await;
        assert!(future.body.contains("The day must be today or in the past"), "{}", future.body);
        fields.truncate(5);
        fields.extend(date("told_on", "23", "11", "2026"));
        assert_eq!(p.town.post(p.lead(), &path, &fields).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(p.submit_to(p.head(), &p.panel, &[]).await.status, StatusCode::SEE_OTHER);
}

/// Which documents a page shows.
fn shown(body: &str) -> Vec<&'static str> {
    ["risk", "parents", "agencies"]
        .into_iter()
        .filter(|item| body.contains(&format!("Text of {item}")))
        .collect()
}

#[tokio::test]
async fn who_sees_what_before_and_after_allocation_acceptance_and_the_end() {
    let mut p = Placing::new().await;
    let (hill, panel) = (p.town.hillside.clone(), p.panel.clone());
    let outsider = p.town.person("panel_member", None).await;
    let other_la = p.town.person("la_representative", Some(hill.id)).await;
    let admin = p.town.person("la_administrator", None).await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    // Before the submission nobody outside sees anything.
    let (id, ..) = p.transfer().await;
    let received = format!("/received/{id}");
    assert_eq!(p.town.get(&hill.lead, &received).await.status, StatusCode::NOT_FOUND);
    assert!(!p.town.get(&p.member, &panel).await.body.contains(&p.town.greenfield.sentinel));
    let answer = p.submit_to(p.head(), &panel, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let referral = p.referral().await;
    // Submitted: the panel, what is for the panel; nobody else outside.
    let by_member = p.town.get(&p.member, &referral).await;
    assert_eq!((by_member.status, shown(&by_member.body)), (StatusCode::OK, vec!["risk"]));
    for (who, status) in [
        (&outsider, StatusCode::NOT_FOUND),
        (&other_la, StatusCode::NOT_FOUND),
        (&admin, StatusCode::FORBIDDEN),
        (&hill.lead, StatusCode::FORBIDDEN),
        (&hill.head, StatusCode::FORBIDDEN),
        (&p.town.greenfield.lead, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(p.town.get(who, &referral).await.status, status, "{}", who.email);
    }
    let agenda = p.town.get(&other_la, &panel).await;
    assert!(agenda.status == StatusCode::OK && !agenda.body.contains(&p.town.greenfield.sentinel));
    assert_eq!(p.town.get(&hill.lead, &received).await.status, StatusCode::NOT_FOUND);
    for page in ["", "/transfer", "/transfer/pack", "/timeline"] {
        assert_eq!(p.town.get(&p.member, &p.path(page)).await.status, StatusCode::FORBIDDEN, "{page}");
        assert_eq!(p.town.get(&hill.head, &p.path(page)).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    // Allocated: the receiving school's lead and head, what was submitted to the panel; its staff nothing.
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    for who in [&hill.lead, &hill.head] {
        let page = p.town.get(who, &received).await;
        assert_eq!((page.status, shown(&page.body)), (StatusCode::OK, vec!["risk"]), "{}", who.email);
    }
    for (who, status) in [
        (&hill.tutor, StatusCode::FORBIDDEN),
        (&p.member, StatusCode::FORBIDDEN),
        (&p.town.greenfield.head, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(p.town.get(who, &received).await.status, status, "{}", who.email);
    }
    assert_eq!(p.town.get(&hill.lead, &p.case).await.status, StatusCode::NOT_FOUND, "never the case");
    // Accepted: what was kept for it besides; agencies for nobody.
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    let page = p.town.get(&hill.lead, &received).await;
    assert_eq!(shown(&page.body), ["risk", "parents"]);
    assert_eq!(
        shown(&p.town.get(&p.member, &referral).await.body),
        ["risk"],
        "the panel no more than before"
    );
    // On the roll, and closed: nothing.
    assert_eq!(
        p.receive(&hill.lead, "roll", &date("on", "24", "11", "2026")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(shown(&p.town.get(&hill.lead, &received).await.body), ["risk", "parents"]);
    // The panel's papers are open for four weeks after it met.
    let id: Uuid = panel.rsplit('/').next().unwrap().parse().unwrap();
    for (met, status) in [("2026-10-26", StatusCode::NOT_FOUND), ("2026-10-27", StatusCode::OK)] {
        sqlx::query("update app.panels set meets_on = $2::date, papers_close_on = $2::date where id = $1")
            .bind(id)
            .bind(day(met))
            .execute(&mut p.town.owner)
            .await
            .unwrap();
        assert_eq!(p.town.get(&p.member, &referral).await.status, status, "met on {met}");
    }
    let last = p.receive(&hill.lead, "reviews", &[("words", "Settled"), ("last", "yes")]).await;
    assert_eq!(last.status, StatusCode::SEE_OTHER);
    assert_eq!(p.town.get(&hill.lead, &received).await.status, StatusCode::NOT_FOUND);
    assert!(!p.town.get(&hill.lead, "/received").await.body.contains(&received));
    assert_eq!(p.town.get(&p.member, &referral).await.status, StatusCode::NOT_FOUND, "nor the panel");
}

/// As the web role and this person, by row-level security alone: rows of each table, sections by audience.
async fn walls(who: &Person) -> Vec<(String, i64)> {
    let mut conn = db::owner(&web_options()).await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let token = who.cookie.split_once('=').unwrap().1;
    sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
        .bind(session::hash_of(token).as_slice())
        .bind(NOW)
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query_as(
        "select * from (
             select 'transfers' as what, count(*) from app.transfers union all
             select 'events', count(*) from app.transfer_events union all
             select 'papers', count(*) from app.pack_items union all
             select 'packs', count(*) from app.packs union all
             select 'sections for the panel', count(*) from app.pack_sections where audience = 'panel' union all
             select 'sections for the school', count(*) from app.pack_sections where audience = 'receiving' union all
             select 'referrals', count(*) from app.referrals union all
             select 'allocations', count(*) from app.allocations union all
             select 'cases', count(*) from app.cases union all
             select 'alternatives', count(*) from app.alternatives union all
             select 'agreements', count(*) from app.agreements) all_of_it
         where count > 0",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_database_alone_shows_outsiders_exactly_what_is_theirs() {
    let mut p = Placing::new().await;
    let outsider = p.town.person("panel_member", None).await;
    let lead = p.town.hillside.lead.clone();
    let seen =
        |rows: &[(&str, i64)]| rows.iter().map(|(what, n)| ((*what).to_owned(), *n)).collect::<Vec<_>>();
    // The school's own case, and nothing of the other one.
    let own = [("cases", 1)];
    let panel_sees = [("transfers", 1), ("packs", 1), ("sections for the panel", 15), ("referrals", 1)];
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    assert_eq!((walls(&p.member).await, walls(&lead).await), (seen(&[]), seen(&own)));
    let answer = p.submit_to(p.head(), &p.panel, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!((walls(&p.member).await, walls(&lead).await), (seen(&panel_sees), seen(&own)));
    assert_eq!(walls(&outsider).await, seen(&[]));
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    let with_decision = [panel_sees.as_slice(), &[("allocations", 1)]].concat();
    assert_eq!(walls(&p.member).await, seen(&with_decision));
    let allocated = [
        ("transfers", 1),
        ("events", 1),
        ("packs", 1),
        ("sections for the panel", 15),
        ("allocations", 1),
        ("cases", 1),
    ];
    assert_eq!(walls(&lead).await, seen(&allocated));
    assert_eq!(walls(&p.town.hillside.tutor.clone()).await, seen(&own));
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    let accepted = [
        ("transfers", 1),
        ("events", 2),
        ("packs", 1),
        ("sections for the panel", 15),
        ("sections for the school", 2),
        ("allocations", 1),
        ("cases", 1),
    ];
    assert_eq!(walls(&lead).await, seen(&accepted));
    assert_eq!(walls(&p.member).await, seen(&with_decision), "the panel no more than before");
    assert_eq!(p.receive(&lead, "roll", &date("on", "24", "11", "2026")).await.status, StatusCode::SEE_OTHER);
    let last = p.receive(&lead, "reviews", &[("words", "Settled"), ("last", "yes")]).await;
    assert_eq!(last.status, StatusCode::SEE_OTHER);
    assert_eq!(walls(&lead).await, seen(&own), "nothing after the end");
}

#[tokio::test]
async fn nobody_makes_happen_what_is_not_theirs_whatever_the_program_asks() {
    let mut p = Placing::new().await;
    p.submitted().await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    let (id, version, _) = p.transfer().await;
    let (authority, home, case) = (p.town.authority, p.town.greenfield.id, p.town.greenfield.case.case);
    let hill = p.town.hillside.clone();
    for (who, kind, may) in [
        (&hill.lead, "accepted", true),
        (&hill.lead, "allocated", false),
        (&hill.lead, "withdrawn", false),
        (&hill.tutor, "accepted", false),
        (&p.member, "allocated", true),
        (&p.member, "accepted", false),
        (&p.member, "papers_returned", false),
        (&p.la, "papers_returned", true),
        (&p.la, "allocated", false),
        (&p.town.greenfield.head, "withdrawn", true),
        (&p.town.greenfield.head, "allocated", false),
        (&p.town.greenfield.head, "accepted", false),
        (&p.town.greenfield.tutor, "withdrawn", false),
    ] {
        let mut conn = db::owner(&web_options()).await.unwrap();
        let mut tx = conn.begin().await.unwrap();
        sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
            .bind(session::hash_of(who.cookie.split_once('=').unwrap().1).as_slice())
            .bind(NOW)
            .execute(&mut *tx)
            .await
            .unwrap();
        let written = sqlx::query(
            "insert into app.transfer_events (transfer_id, seq, authority_id, school_id, case_id, kind, event, receiving_id, on_date, at,
                                              by_id)
             values ($1, $2, $3, $4, $5, $6, jsonb_build_object('event', $6::text), $7, '2026-11-24', $8, $9)",
        )
        .bind(id)
        .bind(version + 1)
        .bind(authority)
        .bind(home)
        .bind(case)
        .bind(kind)
        .bind(hill.id)
        .bind(NOW)
        .bind(who.id)
        .execute(&mut *tx)
        .await;
        assert_eq!(written.is_ok(), may, "{} and {kind}: {written:?}", who.email);
    }
}

#[tokio::test]
async fn a_member_who_loses_the_seat_or_the_role_sees_nothing_any_more() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    assert_eq!(p.town.get(&p.member, &referral).await.status, StatusCode::OK);
    let mut form = p.panel_form("24", "24");
    form.truncate(8);
    form.push(("version", "1"));
    let edit = format!("{}/edit", p.panel);
    assert_eq!(p.town.post(&p.la, &edit, &form).await.status, StatusCode::SEE_OTHER);
    for page in [referral.as_str(), &p.panel] {
        assert_eq!(p.town.get(&p.member, page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    // Seated again, without the role.
    let mut form = p.panel_form("24", "24");
    form.push(("version", "2"));
    assert_eq!(p.town.post(&p.la, &edit, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.town.get(&p.member, &referral).await.status, StatusCode::OK);
    sqlx::query("update app.grants set to_on = '2026-11-23' where user_id = $1")
        .bind(p.member.id)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    assert_eq!(p.town.get(&p.member, &referral).await.status, StatusCode::FORBIDDEN);
}
