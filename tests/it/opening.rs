//! Opening a case at any stage, coming back to the programme, and what follows after it: over the real router.

use axum::http::StatusCode;
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use crate::support::{Answer, Person, Town, day, grant, pupil};

async fn newcomer(town: &mut Town) -> Uuid {
    let school = town.greenfield.clone();
    pupil(&mut town.owner, town.authority, school.id, school.lead.id, "Newcomer").await.0
}

/// What a case at Stage 1 needs.
const COMPLETE: &[(&str, &str)] = &[
    ("stage", "1"),
    ("why", "concern"),
    ("rationale", "Two suspensions since September"),
    ("support_what", "Mentor, weekly"),
    ("support_detail", "September"),
    ("support_outcome", "Some change"),
    ("advice_what", "Shorter mornings"),
    ("advice_detail", "Behaviour support"),
    ("advice_outcome", "Done since October"),
];

/// An incident told on the form.
const TOLD: &[(&str, &str)] = &[
    ("happened_on.day", "23"),
    ("happened_on.month", "11"),
    ("happened_on.year", "2026"),
    ("happened_at", "11:20am"),
    ("place", "Corridor by the canteen"),
    ("what", "Pupil A was pushed into a door"),
    ("seriousness", "very_serious"),
    ("followed", "Pupil A saw the nurse"),
];

const SERIOUS_AT_2: &[(&str, &str)] = &[("stage", "2"), ("why", "serious_incident")];

/// The complete form with these fields instead: an empty value leaves one out.
fn form(instead: &[&[(&'static str, &'static str)]]) -> Vec<(&'static str, &'static str)> {
    let instead: Vec<_> = instead.concat();
    let kept = COMPLETE.iter().filter(|(name, _)| !instead.iter().any(|(other, _)| other == name));
    kept.chain(&instead).copied().collect()
}

async fn open(town: &Town, who: &Person, pupil: Uuid, fields: &[(&str, &str)]) -> Answer {
    let (pupil, lead) = (pupil.to_string(), town.greenfield.lead.id.to_string());
    let mut all = vec![("pupil", pupil.as_str())];
    if !fields.iter().any(|(name, _)| *name == "lead") {
        all.push(("lead", &lead));
    }
    all.extend(fields);
    town.post(who, "/cases", &all).await
}

fn case_of(answer: &Answer) -> Uuid {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location.rsplit('/').next().unwrap().parse().unwrap()
}

/// The summary of errors leads to this field, and the message stands there.
fn says_at(answer: &Answer, field: &str, anchor: &str, words: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
    assert!(answer.body.contains("<title>Error: Open a case"), "{field}");
    assert!(answer.body.contains(&format!("href=\"#{anchor}\"")), "{field}: {}", answer.body);
    assert!(answer.body.contains(&format!("id=\"{anchor}\"")), "nothing to go to for {field}");
    assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.body);
    assert_eq!(answer.body.matches(words).count(), 2, "{field}, at the field and in the summary: {words}");
}

/// The pupil left with progress on a day, told behind the scenes.
async fn leave(town: &mut Town, case: Uuid, on: &str) {
    for sql in [
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                         requirements, reasons, seq, event)
         select gen_random_uuid(), authority_id, school_id, id, 'exit', $2, opened_at, opened_by, '[]', '{}', 2,
                '{\"event\": \"exited\"}' from app.cases where id = $1",
        "update app.case_stages set left_on = $2 where case_id = $1",
        "update app.cases set closed_on = $2, ended_as = 'progress' where id = $1",
    ] {
        sqlx::query(sql).bind(case).bind(day(on)).execute(&mut town.owner).await.unwrap();
    }
}

#[tokio::test]
async fn a1_a_serious_incident_leads_straight_to_stage_2_and_is_recorded_with_the_case() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let head = town.greenfield.head.clone();
    let page = town.get(&head, &format!("/cases/new?pupil={pupil}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("name=\"stage\" type=\"radio\" value=\"1\" checked"), "{}", page.body);
    assert!(!page.body.contains("name=\"incident\""), "none is recorded, so none is to be chosen");
    // R1.03: a serious incident is reason enough.
    let bare = [("rationale", "A knife in school"), ("support_what", ""), ("advice_what", "")];
    let bare: Vec<_> = form(&[SERIOUS_AT_2, TOLD, &bare])
        .into_iter()
        .filter(|(name, _)| !name.starts_with("support_") && !name.starts_with("advice_"))
        .collect();
    let opened = open(&town, &head, pupil, &bare).await;
    let case = case_of(&opened);
    let row: (i16, i16, String, Option<Uuid>) =
        sqlx::query_as("select stage, entry_stage, entry_reason, before_id from app.cases where id = $1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(row, (2, 2, "serious_incident".to_owned(), None));
    let stage: (i16, String, bool) =
        sqlx::query_as("select stage, reason, left_on is null from app.case_stages where case_id = $1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(stage, (2, "serious_incident".to_owned(), true));
    let (event, requirements): (Value, Value) =
        sqlx::query_as("select event, requirements from app.case_decisions where case_id = $1 and seq = 1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(event, serde_json::json!({"event": "opened", "stage": 2, "reason": "serious_incident"}));
    let rests = requirements.as_array().unwrap().iter().find(|r| r["clause"] == "S3.00").unwrap();
    assert_eq!(rests["says"], "The incident of 23 November 2026.");
    let incident: (String, String, String, i32, i64) = sqlx::query_as(
        "select i.what, i.seriousness, i.happened_at::text, i.version,
                (select count(*) from app.incident_versions v where v.incident_id = i.id)
         from app.incidents i where i.case_id = $1 and i.pupil_id = $2 and i.recorded_by = $3",
    )
    .bind(case)
    .bind(pupil)
    .bind(head.id)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    let told = ("Pupil A was pushed into a door", "very_serious", "11:20:00");
    assert_eq!((incident.0.as_str(), incident.1.as_str(), incident.2.as_str()), told);
    assert_eq!((incident.3, incident.4), (1, 1));
    // What is on the pages afterwards.
    let lead = town.greenfield.lead.clone();
    let page = town.get(&lead, &opened.location).await;
    assert!(page.body.contains("24 November 2026, at Stage 2. A serious incident"), "{}", page.body);
    assert!(!page.body.contains("Earlier case"));
    let stage = town.get(&lead, &format!("{}/stage", opened.location)).await;
    assert!(stage.body.contains("Case opened at Stage 2. A serious incident"), "{}", stage.body);
    assert!(stage.body.contains("S1.04") && stage.body.contains("S2.02"), "Stage 1 goes along");
    let timeline = town.get(&lead, &format!("{}/timeline", opened.location)).await;
    assert!(timeline.body.contains("Corridor by the canteen"), "{}", timeline.body);
}

#[tokio::test]
async fn a8_stage_2_and_3_are_the_headteachers_to_open() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let lead = town.greenfield.lead.clone();
    let page = town.get(&lead, &format!("/cases/new?pupil={pupil}")).await;
    assert!(page.body.contains("Stage 2 and 3 are opened by A headteacher"), "{}", page.body);
    let before = town.digest().await;
    let refused = open(&town, &lead, pupil, &form(&[SERIOUS_AT_2, TOLD])).await;
    let words =
        "Ask A headteacher to open it at this stage, or open it at Stage 1 and propose the move from there";
    says_at(&refused, "stage", "stage", &format!("{words} (A8)"));
    assert!(refused.body.contains("Who can put it right: headteacher or"), "{}", refused.body);
    for typed in ["value=\"Corridor by the canteen\"", "Pupil A saw the nurse", "value=\"Mentor, weekly\""] {
        assert!(refused.body.contains(typed), "{typed} is kept");
    }
    assert!(refused.body.contains("value=\"very_serious\" checked"));
    assert_eq!(before, town.digest().await);
    // Named by the headteacher, the same person decides, until the last day named.
    let (authority, school) = (town.authority, town.greenfield.id);
    grant(
        &mut town.owner,
        authority,
        lead.id,
        "head_delegate",
        Some(school),
        day("2026-11-20"),
        Some(day("2026-11-24")),
    )
    .await;
    case_of(&open(&town, &lead, pupil, &form(&[SERIOUS_AT_2, TOLD])).await);
}

#[tokio::test]
async fn s3_00_stage_3_rests_on_an_incident_and_the_headteachers_statement() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let head = town.greenfield.head.clone();
    let at_3: &[(&str, &str)] = &[("stage", "3"), ("why", "serious_incident")];
    let dated = [("happened_on.day", ""), ("happened_on.month", ""), ("happened_on.year", "")];
    let before = town.digest().await;
    let refused = open(&town, &head, pupil, &form(&[at_3, &dated])).await;
    says_at(&refused, "happened_on", "happened_on.day", "Tell the incident the case begins with (S3.00)");
    says_at(
        &refused,
        "exclusion_in_view",
        "exclusion_in_view",
        "For Stage 3 the headteacher states that a permanent exclusion may follow (S3.00)",
    );
    let half = open(&town, &head, pupil, &form(&[at_3, TOLD])).await;
    assert!(
        half.body.contains("id=\"exclusion_in_view-error\"")
            && !half.body.contains("id=\"happened_on-error\"")
    );
    assert_eq!(before, town.digest().await);
    let stated = [("exclusion_in_view", "yes")];
    let case = case_of(&open(&town, &head, pupil, &form(&[at_3, TOLD, &stated])).await);
    let entry = town.count("select entry_stage::bigint from app.cases where id = $1", case).await;
    assert_eq!(entry, 3);
}

#[tokio::test]
async fn s3_00_an_incident_that_is_recorded_is_chosen_and_others_do_not_exist() {
    let mut town = Town::new().await;
    town.furnish().await;
    let pupil = newcomer(&mut town).await;
    let head = town.greenfield.head.clone();
    let first = case_of(&open(&town, &head, pupil, &form(&[TOLD])).await);
    let incident: Uuid = sqlx::query_scalar("select id from app.incidents where case_id = $1")
        .bind(first)
        .fetch_one(&mut town.owner)
        .await
        .expect("told with a case at Stage 1, it is recorded too");
    leave(&mut town, first, "2026-11-24").await;
    let page = town.get(&head, &format!("/cases/new?pupil={pupil}")).await;
    assert!(page.body.contains("23 Nov 2026: Pupil A was pushed"), "{}", page.body);
    let before = town.digest().await;
    for stranger in [town.greenfield.case.incident, town.hillside.case.incident, Uuid::now_v7()] {
        let stranger = stranger.to_string();
        let mut fields = form(&[SERIOUS_AT_2]);
        fields.push(("incident", stranger.as_str()));
        assert_eq!(open(&town, &head, pupil, &fields).await.status, StatusCode::NOT_FOUND);
    }
    let incident = incident.to_string();
    let mut both = form(&[SERIOUS_AT_2, TOLD]);
    both.push(("incident", &incident));
    let refused = open(&town, &head, pupil, &both).await;
    says_at(
        &refused,
        "incident",
        "incident",
        "Choose an incident that is recorded or tell another one, not both",
    );
    let neither = open(&town, &head, pupil, &form(&[SERIOUS_AT_2])).await;
    says_at(
        &neither,
        "incident",
        "incident",
        "Select the incident the case begins with, or tell it below (S3.00)",
    );
    assert_eq!(before, town.digest().await);
    let mut fields = form(&[SERIOUS_AT_2]);
    fields.push(("incident", &incident));
    case_of(&open(&town, &head, pupil, &fields).await);
    assert_eq!(town.count("select count(*) from app.incidents where pupil_id = $1", pupil).await, 1);
}

#[tokio::test]
async fn a1_a_higher_stage_for_another_reason_asks_why() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let head = town.greenfield.head.clone();
    let at_2: &[(&str, &str)] = &[("stage", "2"), ("support_what", "")];
    let fields: Vec<_> = form(&[at_2])
        .into_iter()
        .filter(|(name, _)| !name.starts_with("support_") && !name.starts_with("advice_"))
        .collect();
    let asked = open(&town, &head, pupil, &fields).await;
    assert!(asked.body.contains("Say why, and the case is opened"), "{}", asked.body);
    for clause in ["A1", "R1.03"] {
        let field = format!("reason.{clause}");
        says_at(&asked, &field, &field, &format!("Enter why you go on ({clause})"));
    }
    let typed = [("reason.A1", "Weeks of <fights>")];
    let half = open(&town, &head, pupil, &[&fields[..], &typed].concat()).await;
    assert!(half.body.contains("Weeks of &#60;fights&#62;") && half.body.contains("reason.R1.03-error"));
    assert!(!half.body.contains("reason.A1-error"));
    let rest = [("reason.R1.03", "Joined us on Monday")];
    // A mistake elsewhere does not cost the reasons.
    let wrong = [("happened_at", "late")];
    let wrong = open(&town, &head, pupil, &[&fields[..], &typed, &rest, &wrong].concat()).await;
    assert!(wrong.body.contains("id=\"happened_at-error\""), "{}", wrong.body);
    assert!(wrong.body.contains("Weeks of &#60;fights&#62;") && wrong.body.contains("Joined us on Monday"));
    let case = case_of(&open(&town, &head, pupil, &[&fields[..], &typed, &rest].concat()).await);
    let reasons: Value = sqlx::query_scalar("select reasons from app.case_decisions where case_id = $1")
        .bind(case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(reasons["A1"], "Weeks of <fights>");
    assert_eq!(reasons["R1.03"], "Joined us on Monday");
}

#[tokio::test]
async fn a17_a_case_goes_on_at_the_next_school_with_a_note_and_the_parents_knowledge() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let goes_on: &[(&str, &str)] = &[("why", "continuation")];
    let before = town.digest().await;
    let refused = open(&town, &lead, pupil, &form(&[goes_on])).await;
    says_at(
        &refused,
        "parents_know",
        "parents_know",
        "The parents must know before the case goes on here (A17)",
    );
    says_at(&refused, "note_before", "note_before", "Enter a note from the school before (A17)");
    let note: &[(&str, &str)] =
        &[("note_before", "At Stage 2 since May.\nMentoring <worked>"), ("parents_know", "yes")];
    // What was typed for a reason that is not chosen is not lost without a word.
    let astray = open(&town, &lead, pupil, &form(&[note])).await;
    assert!(astray.body.contains("id=\"note_before-error\""), "{}", astray.body);
    let higher = open(&town, &lead, pupil, &form(&[goes_on, note, &[("stage", "2")]])).await;
    assert!(higher.body.contains("A8"), "the stage is the school’s choice, its headteacher’s");
    assert_eq!(before, town.digest().await);
    let opened = open(&town, &head, pupil, &form(&[goes_on, note, &[("stage", "2")]])).await;
    let case = case_of(&opened);
    let row: (i16, String, bool) = sqlx::query_as(
        "select stage, note_before, parents_know from app.cases where id = $1 and entry_reason = 'continuation'",
    )
    .bind(case)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(row, (2, "At Stage 2 since May.\nMentoring <worked>".to_owned(), true));
    let page = town.get(&lead, &opened.location).await;
    assert!(page.body.contains("Mentoring &#60;worked&#62;"), "{}", page.body);
    assert!(page.body.contains("at Stage 2. Continuing from the school before"));
    // At Stage 1 a lead opens it.
    let another = newcomer(&mut town).await;
    case_of(&open(&town, &lead, another, &form(&[goes_on, note])).await);
}

#[tokio::test]
async fn whose_last_day_is_set_can_get_a_case_and_everybody_is_told_that_it_ends_before() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let pupil = newcomer(&mut town).await;
    let page = format!("/cases/new?pupil={pupil}");
    assert!(!town.get(&lead, &page).await.body.contains("leaves the roll"));
    let last =
        [("last_on.day", "18"), ("last_on.month", "12"), ("last_on.year", "2026"), ("why", "Moves to Wales")];
    let left = town.post(&lead, &format!("/pupils/{pupil}/leave"), &last).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
    let shown = town.get(&lead, &page).await;
    assert!(shown.body.contains("leaves the roll after 18 December 2026"), "{}", shown.body);
    let again = open(&town, &lead, pupil, &form(&[&[("rationale", "")]])).await;
    assert!(again.body.contains("leaves the roll after 18 December 2026"), "{}", again.body);
    let case = case_of(&open(&town, &lead, pupil, &form(&[])).await);
    let all = ["7", "8", "9", "10", "11"].map(|year| format!("/pupils/new-year?year={year}"));
    let mut found = 0;
    for address in &all {
        let page = town.get(&lead, address).await.body;
        found += page.matches(&format!("/cases/{case}")).count();
        assert_eq!(page.contains(&format!("/cases/{case}")), page.contains("leaves after 18 December 2026"));
    }
    assert_eq!(found, 1, "waits to be closed, once");
}

#[tokio::test]
async fn t_01_off_the_roll_in_a_wrong_year_or_at_a_school_outside_is_refused() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let (lead, school) = (town.greenfield.lead.clone(), town.greenfield.id);
    let refused = async |town: &mut Town, says: &str| {
        let early = town.get(&lead, &format!("/cases/new?pupil={pupil}")).await;
        assert_eq!(early.status, StatusCode::OK);
        assert!(early.body.contains("A case cannot be opened for this pupil now"), "{}", early.body);
        assert!(early.body.contains(says) && !early.body.contains("There is a problem"));
        let before = town.digest().await;
        let answer = open(town, &lead, pupil, &form(&[])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(answer.body.contains("The case cannot be opened yet"));
        assert!(answer.body.contains("href=\"#missing\"") && answer.body.contains("id=\"missing\""));
        assert!(answer.body.contains(&format!("{} (T.01)", says.trim_end_matches('.'))), "{}", answer.body);
        assert!(answer.body.contains("value=\"Mentor, weekly\""), "what was typed is kept");
        assert_eq!(before, town.digest().await, "{says}");
    };
    for (born, year) in [("2015-12-25", "Year 6"), ("2008-12-25", "Year 13")] {
        sqlx::query("update app.pupils set born_on = $2 where id = $1")
            .bind(pupil)
            .bind(day(born))
            .execute(&mut town.owner)
            .await
            .unwrap();
        refused(&mut town, &format!("{year}. The programme is for Years 7 to 11.")).await;
    }
    sqlx::query("update app.pupils set born_on = '2012-12-25' where id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    for (from, to) in [("2024-09-02", Some("2026-11-23")), ("2026-11-25", None)] {
        sqlx::query("update app.enrolments set from_on = $2, to_on = $3 where pupil_id = $1")
            .bind(pupil)
            .bind(day(from))
            .bind(to.map(day))
            .execute(&mut town.owner)
            .await
            .unwrap();
        refused(&mut town, "The pupil is not on the roll of the school today.").await;
    }
    sqlx::query("update app.enrolments set from_on = '2024-09-02', to_on = null where pupil_id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query("update app.schools set takes_part = false where id = $1")
        .bind(school)
        .execute(&mut town.owner)
        .await
        .unwrap();
    refused(&mut town, "The school does not take part in the programme.").await;
    sqlx::query("update app.schools set takes_part = true where id = $1")
        .bind(school)
        .execute(&mut town.owner)
        .await
        .unwrap();
    case_of(&open(&town, &lead, pupil, &form(&[])).await);
}

#[tokio::test]
async fn a16_a_second_case_is_refused_before_and_after_typing() {
    let mut town = Town::new().await;
    let (head, pupil) = (town.greenfield.head.clone(), town.greenfield.case.pupil);
    let early = town.get(&head, &format!("/cases/new?pupil={pupil}")).await;
    assert!(early.body.contains("A case is already open") && early.body.contains("Open that case"));
    let refused = open(&town, &head, pupil, &form(&[SERIOUS_AT_2, TOLD])).await;
    assert!(refused.body.contains("Record what happened there (A16)"), "{}", refused.body);
    let pupil = newcomer(&mut town).await;
    let fields = form(&[SERIOUS_AT_2, TOLD]);
    let (a, b) = tokio::join!(open(&town, &head, pupil, &fields), open(&town, &head, pupil, &fields));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "{} {}", a.body, b.body);
    for table in [
        "select count(*) from app.cases where pupil_id = $1",
        "select count(*) from app.incidents where pupil_id = $1",
    ] {
        assert_eq!(town.count(table, pupil).await, 1, "{table}: nothing of the one refused is left");
    }
}

#[tokio::test]
async fn the_form_sent_twice_records_one_case_and_one_incident() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let (id, lead) = (pupil.to_string(), town.greenfield.lead.id.to_string());
    let key = Uuid::new_v4().to_string();
    let head = town.greenfield.head.clone();
    let mut all: Vec<(&str, &str)> = vec![("pupil", &id), ("lead", &lead), ("form_key", &key)];
    all.extend(form(&[TOLD]));
    let first = town.post_exactly(&head, "/cases", &all, &[]).await;
    let again = town.post_exactly(&head, "/cases", &all, &[]).await;
    assert_eq!(case_of(&first), case_of(&again));
    assert_eq!(town.count("select count(*) from app.incidents where pupil_id = $1", pupil).await, 1);
    assert_eq!(town.count("select count(*) from app.cases where pupil_id = $1", pupil).await, 1);
}

#[tokio::test]
async fn p2_01_the_headteacher_is_told_of_every_case_that_opens() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    for who in [&lead, &head] {
        let pupil = newcomer(&mut town).await;
        let case = case_of(&open(&town, who, pupil, &form(&[])).await);
        let notices: Vec<(String, bool)> =
            sqlx::query_as("select kind, seen_at is null from app.head_notices where case_id = $1")
                .bind(case)
                .fetch_all(&mut town.owner)
                .await
                .unwrap();
        assert_eq!(notices, [("opened".to_owned(), true)]);
    }
    let overview = town.get(&head, "/overview").await;
    assert_eq!(overview.status, StatusCode::OK);
    assert!(overview.body.contains("Newcomer"), "{}", overview.body);
}

#[tokio::test]
async fn s1_14_coming_back_is_a_new_case_linked_to_the_one_before() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let lead = town.greenfield.lead.clone();
    let first = case_of(&open(&town, &lead, pupil, &form(&[])).await);
    let left = town.post(&lead, &format!("/cases/{first}/stage/move"), &[("to", "left")]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
    town.later(Duration::minutes(5));
    let second = case_of(&open(&town, &lead, pupil, &form(&[])).await);
    let gone = town.post(&lead, &format!("/cases/{second}/stage/move"), &[("to", "left")]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    town.later(Duration::minutes(5));
    let third = case_of(&open(&town, &lead, pupil, &form(&[])).await);
    let link = |words: &str, case: Uuid| format!("href=\"/cases/{case}\">{words}</a>");
    for (case, earlier, later) in
        [(first, None, Some(second)), (second, Some(first), Some(third)), (third, Some(second), None)]
    {
        for page in [format!("/cases/{case}"), format!("/cases/{case}/stage")] {
            let page = town.get(&lead, &page).await;
            assert_eq!(page.status, StatusCode::OK);
            for (words, to) in [("Earlier case", earlier), ("Later case", later)] {
                assert_eq!(page.body.contains(words), to.is_some(), "{words}: {}", page.body);
                assert!(to.is_none_or(|to| page.body.contains(&link(words, to))));
            }
        }
    }
    // A service that sees the new case by a share does not learn of the one before.
    let service = town.person("support_service", None).await;
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at, made_by)
         select $1, authority_id, school_id, id, pupil_id, $2, 'test', '2026-11-01', opened_at, opened_by
         from app.cases where id = $3",
    )
    .bind(Uuid::now_v7())
    .bind(service.id)
    .bind(third)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let seen = town.get(&service, &format!("/cases/{third}")).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    assert!(!seen.body.contains("Earlier case") && !seen.body.contains(&second.to_string()));
}

#[tokio::test]
async fn s1_14_a_case_of_another_school_is_not_the_one_before() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let lead = town.greenfield.lead.clone();
    let first = case_of(&open(&town, &lead, pupil, &form(&[])).await);
    leave(&mut town, first, "2026-11-24").await;
    // The pupil moves to Hillside, which goes on with the case. That the lead there also sees Greenfield's cases
    // does not make one of them Hillside's.
    let hillside = town.hillside.clone();
    let (authority, greenfield) = (town.authority, town.greenfield.id);
    let since = day("2026-09-01");
    grant(&mut town.owner, authority, hillside.lead.id, "school_lead", Some(greenfield), since, None).await;
    sqlx::query("update app.enrolments set to_on = '2026-11-23' where pupil_id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query("update app.pupils set school_id = $2 where id = $1")
        .bind(pupil)
        .bind(hillside.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on) values ($1, $2, $3, $4, '2026-11-24')",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(hillside.id)
    .bind(pupil)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let lead = hillside.lead.id.to_string();
    let goes_on: &[(&str, &str)] =
        &[("why", "continuation"), ("note_before", "At Stage 1"), ("parents_know", "yes")];
    let mut fields = form(&[goes_on]);
    fields.push(("lead", &lead));
    let case = case_of(&open(&town, &hillside.lead, pupil, &fields).await);
    assert_eq!(town.count("select count(before_id) from app.cases where id = $1", case).await, 0);
    let la = town.person("la_representative", None).await;
    let page = town.get(&la, &format!("/cases/{case}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Earlier case"));
}

#[tokio::test]
async fn s1_14_an_extended_timescale_shows_wherever_the_targets_day_does() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let targets = format!("/cases/{case}/targets");
    let before = town.get(&lead, &targets).await;
    assert!(before.body.contains("Friday 11 December 2026") && !before.body.contains("extended"));
    let until = [("to", "extend"), ("until.day", "22"), ("until.month", "1"), ("until.year", "2027")];
    let extended = town.post(&lead, &format!("/cases/{case}/stage/move"), &until).await;
    assert_eq!(extended.status, StatusCode::SEE_OTHER, "{}", extended.body);
    let words = "11 December 2026, extended to 22 January 2027";
    for page in [targets.clone(), format!("/cases/{case}")] {
        let page = town.get(&lead, &page).await;
        assert!(page.body.contains(words), "{}", page.body);
    }
    let edit = town.get(&lead, &format!("{targets}/{}", town.greenfield.case.targets[0])).await;
    assert!(edit.body.contains("The timescale of the case is extended to 22 January 2027"), "{}", edit.body);
    // After its own day the target is not past yet; after the day it was extended to it is.
    town.later(Duration::days(30));
    sqlx::query("update app.sessions set ends_at = $2, seen_at = $2 where user_id = $1")
        .bind(lead.id)
        .bind(town.now() + Duration::days(90))
        .execute(&mut town.owner)
        .await
        .unwrap();
    let later = town.get(&lead, &targets).await;
    assert_eq!(later.status, StatusCode::OK);
    assert!(later.body.contains(words) && !later.body.contains(">Past<"), "{}", later.body);
    town.later(Duration::days(31));
    let past = town.get(&lead, &targets).await;
    assert!(past.body.contains(">Past<"), "{}", past.body);
    // At the next stage the extension is over.
    sqlx::query("update app.sessions set ends_at = $2, seen_at = $2 where user_id = $1")
        .bind(town.greenfield.head.id)
        .bind(town.now() + Duration::days(90))
        .execute(&mut town.owner)
        .await
        .unwrap();
    let head = town.greenfield.head.clone();
    let up = [
        ("to", "up2"),
        ("why", "escalation"),
        ("reason.S1.04", "The LA representative comes on Friday"),
        ("reason.S1.07", "The mentor starts next week"),
    ];
    let moved = town.post(&head, &format!("/cases/{case}/stage/move"), &up).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let after = town.get(&head, &targets).await;
    assert!(!after.body.contains("extended") && after.body.contains("Friday 11 December 2026"));
}

#[tokio::test]
async fn a2_aftercare_is_due_four_school_weeks_after_an_exit_until_it_is_recorded() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    leave(&mut town, case, "2026-11-24").await;
    let due = "Aftercare check due on Friday 8 January 2027";
    let page = town.get(&lead, &format!("/cases/{case}")).await;
    assert!(page.body.contains(due), "24 Nov, 1, 8 and 15 Dec, then after the holiday: {}", page.body);
    assert!(page.body.contains(&format!("/cases/{case}/steps/new?kind=aftercare")), "{}", page.body);
    let stage = town.get(&lead, &format!("/cases/{case}/stage")).await;
    assert_eq!(stage.body.matches("/steps/new?kind=").count(), 1, "{}", stage.body);
    // Everything else of a closed case stays as it was.
    let address = format!("/cases/{case}/steps/new");
    let on = [("on_date.day", "24"), ("on_date.month", "11"), ("on_date.year", "2026")];
    let aftercare = [("kind", "aftercare"), ("words", "Doing well"), ("settled", "yes")];
    let reward = [("kind", "recognition"), ("what", "reward"), ("words", "A calm week")];
    let tutor = town.greenfield.tutor.clone();
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let before = town.digest().await;
    assert_eq!(
        town.post(&lead, &address, &[&on[..], &reward].concat()).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(town.get(&lead, &format!("{address}?kind=recognition")).await.status, StatusCode::BAD_REQUEST);
    for who in [&tutor, &la] {
        let refused = town.post(who, &address, &[&on[..], &aftercare].concat()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(before, town.digest().await);
    let earlier = [("on_date.day", "23"), ("on_date.month", "11"), ("on_date.year", "2026")];
    let refused = town.post(&lead, &address, &[&earlier[..], &aftercare].concat()).await;
    assert!(refused.body.contains("must not be before the pupil left"), "{}", refused.body);
    assert_eq!(
        town.post(&town.hillside.lead, &address, &[&on[..], &aftercare].concat()).await.status,
        StatusCode::NOT_FOUND
    );
    let seen = town.get(&la, &format!("/cases/{case}")).await;
    assert!(seen.body.contains(due) && !seen.body.contains("Do it now"));
    let recorded = town.post(&lead, &address, &[&on[..], &aftercare].concat()).await;
    assert_eq!(recorded.status, StatusCode::SEE_OTHER, "{}", recorded.body);
    assert_eq!(
        town.count("select count(*) from app.case_steps where case_id = $1 and kind = 'aftercare'", case)
            .await,
        1
    );
    let page = town.get(&lead, &format!("/cases/{case}")).await;
    assert!(!page.body.contains("Aftercare check due"), "{}", page.body);
}

#[tokio::test]
async fn a2_aftercare_is_owed_after_progress_and_after_nothing_else() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let left = town.post(&lead, &format!("/cases/{case}/stage/move"), &[("to", "left")]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &format!("/cases/{case}")).await;
    assert!(page.body.contains("This case was closed") && !page.body.contains("Aftercare"), "{}", page.body);
    let fields = [
        ("kind", "aftercare"),
        ("words", "Doing well"),
        ("on_date.day", "24"),
        ("on_date.month", "11"),
        ("on_date.year", "2026"),
    ];
    let before = town.digest().await;
    let refused = town.post(&lead, &format!("/cases/{case}/steps/new"), &fields).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn p2_03a_after_an_exclusion_the_consideration_that_is_owed_can_still_be_recorded() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let excluded = town.post(&lead, &format!("/cases/{case}/stage/move"), &[("to", "excluded")]).await;
    assert_eq!(excluded.status, StatusCode::SEE_OTHER, "{}", excluded.body);
    let owed = format!("/cases/{case}/steps/new?kind=stage_3_considered");
    let page = town.get(&lead, &format!("/cases/{case}")).await;
    assert!(page.body.contains(&owed), "{}", page.body);
    assert_eq!(town.get(&lead, &owed).await.status, StatusCode::OK);
    let incident = town.greenfield.case.incident.to_string();
    let fields = [
        ("kind", "stage_3_considered"),
        ("incident", incident.as_str()),
        ("move_to_3", "no"),
        ("why", "It could not wait"),
        ("on_date.day", "24"),
        ("on_date.month", "11"),
        ("on_date.year", "2026"),
    ];
    let recorded = town.post(&lead, &format!("/cases/{case}/steps/new"), &fields).await;
    assert_eq!(recorded.status, StatusCode::SEE_OTHER, "{}", recorded.body);
    let page = town.get(&lead, &format!("/cases/{case}")).await;
    assert!(!page.body.contains(&owed), "{}", page.body);
    let other = [&[("kind", "aftercare"), ("words", "x")][..], &fields[4..]].concat();
    let refused = town.post(&lead, &format!("/cases/{case}/steps/new"), &other).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

/// A field, where the summary leads for it, what is typed instead, and what is said.
type Wrong<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a str);

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row for each thing that can be wrong")]
async fn every_field_of_the_form_says_what_is_wrong_with_it_and_keeps_what_was_typed() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let head = town.greenfield.head.clone();
    let name = format!("Sam {}", town.greenfield.sentinel);
    let long: String = "x".repeat(4001);
    let (long, name) = (long.as_str(), name.as_str());
    let before = town.digest().await;
    let past: &[(&str, &str)] = &[("happened_on.year", "2019")];
    let cases: Vec<Wrong> = vec![
        ("stage", "stage", vec![("stage", "4")], "Select the stage the case begins at"),
        ("stage", "stage", vec![("stage", "１")], "Select the stage the case begins at"),
        ("why", "why", vec![("why", "because")], "Select why the case begins"),
        ("lead", "lead", vec![("lead", "")], "Select who leads the case (S1.01)"),
        (
            "rationale",
            "rationale",
            vec![("rationale", " \n ")],
            "Enter why this pupil is among those at highest risk of exclusion (R1.04)",
        ),
        (
            "rationale",
            "rationale",
            vec![("rationale", &long[..2001])],
            "Why this pupil must be 2000 characters or fewer",
        ),
        (
            "exclusion_in_view",
            "exclusion_in_view",
            vec![("exclusion_in_view", "yes")],
            "This statement is for Stage 3. Select Stage 3, or take it out",
        ),
        (
            "note_before",
            "note_before",
            vec![("note_before", "A note")],
            "This note is for a case that continues from the school before",
        ),
        (
            "note_before",
            "note_before",
            vec![("why", "continuation"), ("note_before", &long[..2001])],
            "Note from the school before must be 2000 characters or fewer",
        ),
        (
            "happened_on",
            "happened_on.day",
            [TOLD, past].concat(),
            "Date of the incident must be within the last 2 years",
        ),
        (
            "happened_on",
            "happened_on.day",
            [TOLD, &[("happened_on.day", "25")]].concat(),
            "Date of the incident must be today or in the past",
        ),
        (
            "happened_at",
            "happened_at",
            [TOLD, &[("happened_at", "late")]].concat(),
            "Time must be a time of day, like 11:20am or 14:05",
        ),
        ("place", "place", [TOLD, &[("place", "")]].concat(), "Enter where it happened"),
        (
            "what",
            "what",
            [TOLD, &[("what", long)]].concat(),
            "What happened must be 4000 characters or fewer",
        ),
        (
            "what",
            "what",
            [TOLD, &[("what", name)]].concat(),
            "This has another pupil’s name in it. Write Pupil A here",
        ),
        ("seriousness", "seriousness", [TOLD, &[("seriousness", "")]].concat(), "Select how serious it was"),
        (
            "followed",
            "followed",
            [TOLD, &[("followed", &long[..2001])]].concat(),
            "What followed must be 2000 characters or fewer",
        ),
        ("support_what", "support_what", vec![("support_what", "")], "Say what was tried or advised"),
        ("advice_what", "advice_what", vec![("advice_what", "")], "Say what was tried or advised"),
        (
            "reason.R1.03",
            "reason.R1.03",
            vec![("advice_outcome", ""), ("reason.R1.03", "")],
            "Enter why you go on (R1.03)",
        ),
        (
            "reason.R1.03",
            "reason.R1.03",
            vec![("advice_outcome", ""), ("reason.R1.03", &long[..501])],
            "Reason must be 500 characters or fewer",
        ),
    ];
    for (field, anchor, instead, words) in cases {
        // The last of a field counts.
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for (name, value) in COMPLETE.iter().chain(&instead) {
            fields.retain(|(other, _)| other != name);
            fields.push((name, value));
        }
        let answer = open(&town, &head, pupil, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {words}");
        assert!(answer.body.contains("<title>Error: Open a case"), "{field}");
        assert!(answer.body.contains(&format!("href=\"#{anchor}\"")), "{field}: {}", answer.body);
        assert!(answer.body.contains(&format!("id=\"{anchor}\"")), "nothing to go to for {field}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.body);
        assert!(answer.body.contains(words), "{field}: {words}");
        assert!(
            answer.body.contains("value=\"September\"")
                && answer.body.contains("value=\"Behaviour support\"")
        );
        assert!(
            field == "lead"
                || answer.body.contains(&format!("value=\"{}\" selected", town.greenfield.lead.id))
        );
    }
    assert_eq!(before, town.digest().await);
}

#[tokio::test]
async fn what_is_missing_is_said_in_the_order_of_the_page() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let lead = town.greenfield.lead.clone();
    let fields = [("stage", "3"), ("why", "continuation"), ("lead", ""), ("happened_on.day", "")];
    let refused = open(&town, &lead, pupil, &fields).await;
    let summary =
        refused.body.split("govuk-error-summary__list").nth(1).unwrap().split("</ul>").next().unwrap();
    let said: Vec<_> =
        summary.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(
        said,
        [
            "reason.R1.03",
            "stage",
            "lead",
            "rationale",
            "happened_on.day",
            "exclusion_in_view",
            "note_before",
            "parents_know"
        ]
    );
    for field in said {
        assert_eq!(refused.body.matches(&format!("id=\"{field}\"")).count(), 1, "{field}");
    }
}

#[tokio::test]
async fn who_may_not_open_a_case_does_not_open_one_at_any_stage() {
    let mut town = Town::new().await;
    let pupil = newcomer(&mut town).await;
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let delegate = town.person("head_delegate", Some(town.greenfield.id)).await;
    let service = town.person("support_service", None).await;
    let (tutor, other) = (town.greenfield.tutor.clone(), town.hillside.head.clone());
    let before = town.digest().await;
    for (who, status) in [
        (&tutor, StatusCode::FORBIDDEN),
        (&la, StatusCode::FORBIDDEN),
        (&delegate, StatusCode::FORBIDDEN),
        (&service, StatusCode::FORBIDDEN),
        (&other, StatusCode::NOT_FOUND),
    ] {
        let answer = open(&town, who, pupil, &form(&[SERIOUS_AT_2, TOLD])).await;
        assert_eq!(answer.status, status, "{}", who.email);
        assert_eq!(town.get(who, &format!("/cases/new?pupil={pupil}")).await.status, status, "{}", who.email);
    }
    assert_eq!(before, town.digest().await);
}
