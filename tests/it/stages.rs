//! Where a case stands, recording steps, moving it: over the real router.

use axum::http::StatusCode;
use time::Duration;
use uuid::Uuid;

use crate::support::{Answer, Person, Town};

fn stage(town: &Town) -> String {
    format!("/cases/{}/stage", town.greenfield.case.case)
}

async fn a_move(town: &Town, who: &Person, fields: &[(&str, &str)]) -> Answer {
    town.post(who, &format!("{}/move", stage(town)), fields).await
}

async fn record(town: &Town, who: &Person, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("on_date.day", "23"), ("on_date.month", "11"), ("on_date.year", "2026")];
    all.extend(fields);
    town.post(who, &format!("/cases/{}/steps/new", town.greenfield.case.case), &all).await
}

async fn state(town: &mut Town) -> (i16, Option<String>, i64) {
    sqlx::query_as(
        "select c.stage, c.ended_as, (select count(*) from app.case_decisions d where d.case_id = c.id)
         from app.cases c where c.id = $1",
    )
    .bind(town.greenfield.case.case)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// Sessions last a working day; the next day people sign in again.
async fn sign_in_again(town: &Town) {
    let mut owner = crate::support::owner().await;
    sqlx::query(
        "update app.sessions set seen_at = $1, ends_at = $1 + interval '12 hours'
                 where user_id in (select id from app.users where authority_id = $2)",
    )
    .bind(town.now())
    .bind(town.authority)
    .execute(&mut owner)
    .await
    .unwrap();
}

const ESCALATION: &[(&str, &str)] = &[
    ("to", "up2"),
    ("why", "escalation"),
    ("words", "Three incidents since Monday"),
    ("reason.S1.04", "The LA representative comes on Friday"),
    ("reason.S1.07", "The mentor starts next week"),
];

#[tokio::test]
async fn a8_what_the_headteacher_declines_stays_with_the_case_and_says_why() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    a_move(&town, &lead, ESCALATION).await;
    let proposal: Uuid = sqlx::query_scalar("select id from app.proposals where case_id = $1")
        .bind(town.greenfield.case.case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let address = format!("/cases/{}/proposals/{proposal}", town.greenfield.case.case);
    let waiting = town.get(&head, &stage(&town)).await;
    assert!(
        waiting.body.contains("/stage/move?to=up2\">See what the programme asks for it"),
        "{}",
        waiting.body
    );
    let long = "ü".repeat(2001);
    let before = town.digest().await;
    let refused = town.post(&head, &address, &[("answer", "decline"), ("words", &long)]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
    assert_eq!(town.digest().await, before, "it still waits");
    let why = "Try the mentor for two more weeks";
    let declined = town.post(&head, &address, &[("answer", "decline"), ("words", why)]).await;
    assert_eq!(declined.status, StatusCode::SEE_OTHER, "{}", declined.body);
    let page = town.get(&lead, &stage(&town)).await;
    let says = format!("Declined: Move to Stage 2. Behaviour has got worse. {why}");
    assert!(page.body.contains(&says) && !page.body.contains("Waiting for the headteacher"), "{}", page.body);
}

#[tokio::test]
async fn a8_the_lead_proposes_and_the_headteacher_confirms() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let page = town.get(&lead, &format!("{}/move?to=up2", stage(&town))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("S1.15") && page.body.contains("Propose to the headteacher"));
    let proposed = a_move(&town, &lead, ESCALATION).await;
    assert_eq!(proposed.status, StatusCode::SEE_OTHER, "{}", proposed.body);
    assert_eq!(state(&mut town).await, (1, None, 1), "nothing moved yet");
    let twice = a_move(&town, &lead, ESCALATION).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "one proposal waits at a time");
    let waiting = town.get(&head, &stage(&town)).await;
    assert!(waiting.body.contains("Waiting for the headteacher: Move to Stage 2"), "{}", waiting.body);
    let proposal: Uuid = sqlx::query_scalar("select id from app.proposals where case_id = $1")
        .bind(town.greenfield.case.case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let address = format!("/cases/{}/proposals/{proposal}", town.greenfield.case.case);
    let by_lead = town.post(&lead, &address, &[("answer", "confirm")]).await;
    assert_eq!(by_lead.status, StatusCode::FORBIDDEN);
    let confirmed = town.post(&head, &address, &[("answer", "confirm")]).await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.body);
    assert_eq!(state(&mut town).await, (2, None, 2));
    let again = town.post(&head, &address, &[("answer", "confirm")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    // The stages' own rows and the reasons are there; the headteacher was told of both.
    let stages: Vec<(i16, bool)> = sqlx::query_as(
        "select stage, left_on is null from app.case_stages where case_id = $1 order by stage",
    )
    .bind(town.greenfield.case.case)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(stages, [(1, false), (2, true)]);
    let page = town.get(&lead, &stage(&town)).await;
    assert!(page.body.contains("The mentor starts next week") && page.body.contains("At Stage 2 since"));
    assert!(page.body.contains("Three incidents since Monday"), "why it was decided");
    let told: Vec<String> = sqlx::query_scalar(
        "select kind from app.head_notices where case_id = $1 and kind <> 'overdue' order by kind",
    )
    .bind(town.greenfield.case.case)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(told, ["moved", "proposed"], "P2.01");
}

#[tokio::test]
async fn a8_a_proposal_is_overtaken_when_the_headteacher_decides_without_answering_it() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let (case, page) = (town.greenfield.case.case, stage(&town));
    assert_eq!(a_move(&town, &lead, ESCALATION).await.status, StatusCode::SEE_OTHER);
    let waiting = "select count(*) from app.proposals where case_id = $1 and answer is null";
    // More time for the targets leaves the question open.
    let longer = [("to", "extend"), ("until.day", "18"), ("until.month", "12"), ("until.year", "2026")];
    let extended = a_move(&town, &lead, &longer).await;
    assert_eq!(extended.status, StatusCode::SEE_OTHER, "{}", extended.body);
    assert_eq!(town.count(waiting, case).await, 1);
    // A move does not: it would wait for ever, on a case that stands elsewhere.
    assert_eq!(a_move(&town, &head, ESCALATION).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.count(waiting, case).await, 0);
    let (proposal, answer): (Uuid, String) =
        sqlx::query_as("select id, answer from app.proposals where case_id = $1 and answered_by is not null")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(answer, "overtaken");
    assert!(!town.get(&head, &page).await.body.contains("Waiting for the headteacher"));
    assert!(town.get(&head, "/overview").await.body.contains("Nothing waits for a decision"));
    let late =
        town.post(&head, &format!("/cases/{case}/proposals/{proposal}"), &[("answer", "decline")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(state(&mut town).await, (2, None, 3));
}

#[tokio::test]
async fn the_timeline_tells_what_was_recorded_and_decided() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    for fields in [
        [("kind", "recognition"), ("what", "reward"), ("words", "A calm <week>")].as_slice(),
        &[("kind", "services"), ("names", "Behaviour support\nSchool nurse")],
        &[("kind", "leaflet"), ("audience", "pupil"), ("language", "en"), ("how", "in_person")],
    ] {
        let recorded = record(&town, &lead, fields).await;
        assert_eq!(recorded.status, StatusCode::SEE_OTHER, "{}", recorded.body);
        town.later(Duration::minutes(1));
    }
    let longer = [("to", "extend"), ("until.day", "18"), ("until.month", "12"), ("until.year", "2026")];
    assert_eq!(a_move(&town, &lead, &longer).await.status, StatusCode::SEE_OTHER);
    town.later(Duration::minutes(1));
    assert_eq!(a_move(&town, &lead, &[("to", "left")]).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &format!("/cases/{case}/timeline")).await.body;
    let newest_first = [
        "Case closed. The pupil left the school",
        "Timescale extended to 18 December 2026",
        "Leaflet given",
        "Services involved: Behaviour support, School nurse",
        "Rewards and sanctions: A calm &#60;week&#62;",
        "Stage 1 began",
    ];
    let mut rest = page.as_str();
    for words in newest_first {
        let at = rest.find(words).unwrap_or_else(|| panic!("\"{words}\" does not follow in {rest}"));
        rest = &rest[at..];
    }
    // A step that another stands in for is not told twice.
    sqlx::query(
        "update app.case_steps set replaces = (select id from app.case_steps where case_id = $1 and kind = 'recognition')
         where case_id = $1 and kind = 'leaflet'",
    )
    .bind(case)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let page = town.get(&lead, &format!("/cases/{case}/timeline")).await.body;
    assert!(!page.contains("A calm") && page.contains("Leaflet given"), "{page}");
}

#[tokio::test]
async fn clauses_are_numbered_as_the_programme_does() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let step = town.get(&lead, &format!("/cases/{case}/steps/new?kind=not_applicable")).await.body;
    assert!(step.contains("S1.02: A parenting contract") && !step.contains("S1.02-contract: "), "{step}");
    sqlx::query(
        "update app.case_decisions set reasons = '{\"S1.14-week\": \"Only four days\"}' where case_id = $1",
    )
    .bind(case)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let history = town.get(&lead, &stage(&town)).await.body;
    assert!(history.contains("S1.14: Only four days"), "{history}");
}

#[tokio::test]
async fn no_page_of_the_timeline_loses_what_happened_at_one_instant() {
    let town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    // Pairs at one instant, then a single one: the 50th and the 51st from the end are a pair.
    for n in 0..55 {
        let words = format!("Reward number {n:02}");
        let reward = [("kind", "recognition"), ("what", "reward"), ("words", words.as_str())];
        assert_eq!(record(&town, &lead, &reward).await.status, StatusCode::SEE_OTHER);
        if n % 2 == 1 {
            town.later(Duration::seconds(20));
        }
    }
    let newest = town.get(&lead, &format!("/cases/{case}/timeline")).await.body;
    let older = newest.split("/timeline?before=").nth(1).expect("a second page").split('"').next().unwrap();
    let older = town.get(&lead, &format!("/cases/{case}/timeline?before={older}")).await.body;
    for n in 0..55 {
        let words = format!("Reward number {n:02}");
        let pages = [&newest, &older].map(|page| page.matches(&words).count());
        assert_eq!(pages.iter().sum::<usize>(), 1, "{words} is on {pages:?}");
    }
    assert!(older.contains("Stage 1 began") && !older.contains(">Earlier<"), "{older}");
}

#[tokio::test]
async fn s1_04_a_move_without_the_explanation_is_refused_until_a_reason_is_given() {
    let mut town = Town::new().await;
    let head = town.greenfield.head.clone();
    let before = town.digest().await;
    let refused =
        a_move(&town, &head, &[("to", "up2"), ("why", "escalation"), ("words", "Worse <every> day")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Say why you go on") && refused.body.contains("reason.S1.04"));
    assert!(refused.body.contains("Worse &#60;every&#62; day"), "nothing typed is lost");
    assert_eq!(before, town.digest().await);
    let decided = a_move(&town, &head, ESCALATION).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    assert_eq!(state(&mut town).await, (2, None, 2));
    // The reason and who gave it show in the case, to the school and to the LA representative.
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    for who in [&town.greenfield.lead, &la] {
        let shown = town.get(who, &stage(&town)).await;
        for words in ["S1.04: The LA representative comes on Friday", "A headteacher"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
    }
}

#[tokio::test]
async fn a_move_there_is_not_and_an_incident_of_another_school_do_not_exist() {
    let mut town = Town::new().await;
    town.furnish().await;
    let head = town.greenfield.head.clone();
    let theirs = town.hillside.case.incident.to_string();
    for fields in
        [vec![("to", "nowhere")], vec![("to", "up3"), ("why", "escalation"), ("incident", theirs.as_str())]]
    {
        assert_eq!(a_move(&town, &head, &fields).await.status, StatusCode::NOT_FOUND, "{fields:?}");
    }
    assert_eq!(state(&mut town).await, (1, None, 1));
    let down = a_move(&town, &head, &[("to", "down1")]).await;
    assert_eq!(down.status, StatusCode::UNPROCESSABLE_ENTITY, "there is no stage below 1");
}

#[tokio::test]
async fn s3_00_a_serious_incident_leads_to_stage_3() {
    let mut town = Town::new().await;
    town.furnish().await;
    sqlx::query(
        "update app.proposals set answer = 'withdrawn', answered_by = proposed_by
         where answer is null and case_id = $1",
    )
    .bind(town.greenfield.case.case)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let head = town.greenfield.head.clone();
    let incident = town.greenfield.case.incident.to_string();
    let fields = [("to", "up3"), ("why", "serious_incident"), ("incident", incident.as_str())];
    let refused = a_move(&town, &head, &fields).await;
    assert!(
        refused.body.contains("The headteacher states that a permanent exclusion may follow"),
        "{}",
        refused.body
    );
    let decided = a_move(&town, &head, &[&fields[..], &[("exclusion_in_view", "yes")]].concat()).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    assert_eq!(state(&mut town).await.0, 3);
}

#[tokio::test]
async fn p2_03a_a_permanent_exclusion_is_recorded_at_once_and_taken_back_at_stage_3() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let closed = a_move(&town, &lead, &[("to", "excluded")]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    assert_eq!(state(&mut town).await, (1, Some("excluded".to_owned()), 2));
    let offered = town.get(&head, &format!("/cases/{}/stage", town.greenfield.case.case)).await.body;
    assert!(offered.contains("Open again at Stage 3") && !offered.contains("Open again at Stage 1"));
    let wrong = a_move(&town, &head, &[("to", "reopen1")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = a_move(&town, &head, &[("to", "reopen3")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(state(&mut town).await, (3, None, 3), "A20");
}

#[tokio::test]
async fn a4_a_step_down_has_a_reason_and_a_target_that_is_new() {
    let mut town = Town::new().await;
    let head = town.greenfield.head.clone();
    assert_eq!(a_move(&town, &head, ESCALATION).await.status, StatusCode::SEE_OTHER);
    let (case, [first, second]) = (town.greenfield.case.case, town.greenfield.case.targets);
    let down = [("to", "down1"), ("words", "Calm weeks at home and here")];
    // Ending a target is not setting one.
    let path = format!("/cases/{case}/targets/{first}/end");
    assert_eq!(town.post(&head, &path, &[("version", "1")]).await.status, StatusCode::SEE_OTHER);
    let old = a_move(&town, &head, &down).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(old.body.contains("No target was set or written anew"), "{}", old.body);
    let anew = [
        ("version", "1"),
        ("words", "Ask for help first"),
        ("criterion", "Seen in lessons"),
        ("due_on.day", "11"),
        ("due_on.month", "12"),
        ("due_on.year", "2026"),
        ("pupil_words", ""),
    ];
    let written = town.post(&head, &format!("/cases/{case}/targets/{second}"), &anew).await;
    assert_eq!(written.status, StatusCode::SEE_OTHER, "{}", written.body);
    let silent = a_move(&town, &head, &down[..1]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("Enter why the pupil steps down"), "{}", silent.body);
    assert_eq!(state(&mut town).await, (2, None, 2));
    let decided = a_move(&town, &head, &down).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    assert_eq!(state(&mut town).await, (1, None, 3));
}

#[tokio::test]
async fn s1_15_a_target_that_was_replaced_counts_for_its_own_days() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let case = town.greenfield.case.case;
    for target in town.greenfield.case.targets {
        let path = format!("/cases/{case}/targets/{target}/end");
        assert_eq!(town.post(&lead, &path, &[("version", "1")]).await.status, StatusCode::SEE_OTHER);
    }
    // 2 to 24 November, the training day left out: sixteen school days, and none since.
    town.later(time::Duration::hours(23));
    sign_in_again(&town).await;
    let page = town.get(&lead, &format!("{}/move?to=up2", stage(&town))).await;
    assert!(page.body.contains("16 monitoring days at this stage"), "{}", page.body);
}

#[tokio::test]
async fn the_form_sent_twice_moves_once() {
    let mut town = Town::new().await;
    let head = town.greenfield.head.clone();
    // Twice at one instant, and ever further apart: the second may find the first done at any point on its way.
    for (apart, case) in (0..24).zip(town.class(24, 1).await) {
        let mut fields = ESCALATION.to_vec();
        let key = Uuid::new_v4().to_string();
        fields.push(("form_key", &key));
        let path = format!("/cases/{case}/stage/move");
        let later = async {
            tokio::time::sleep(std::time::Duration::from_millis(apart)).await;
            town.post_exactly(&head, &path, &fields, &[]).await
        };
        let (first, second) = tokio::join!(town.post_exactly(&head, &path, &fields, &[]), later);
        for answer in [first, second] {
            assert!(
                answer.status == StatusCode::SEE_OTHER || answer.status == StatusCode::CONFLICT,
                "{apart} apart: {}",
                answer.status
            );
        }
        let decided = "select count(*) from app.case_decisions where case_id = $1";
        assert_eq!(town.count(decided, case).await, 2);
    }
}

#[tokio::test]
async fn what_if_shows_the_list_as_it_would_stand() {
    let town = Town::new().await;
    let lead = &town.greenfield.lead;
    let today = town.get(lead, &format!("{}/move?to=up2", stage(&town))).await;
    assert!(today.body.contains("monitoring days at this stage; 20 are usual"), "{}", today.body);
    let later = town.get(lead, &format!("{}/move?to=up2&on=2027-01-15", stage(&town))).await;
    assert!(later.body.contains("As it would stand on Friday 15 January 2027"), "{}", later.body);
    assert!(!later.body.contains("Propose to the headteacher"), "nothing is decided on another day");
    for on in ["2026-11-23", "2028-01-01", "soon"] {
        let page = town.get(lead, &format!("{}/move?to=up2&on={on}", stage(&town))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{on}");
    }
}

/// A kind, fields that complete it, and the one without which it is refused.
type Complete<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

#[tokio::test]
async fn every_kind_of_step_is_recorded_and_checked() {
    let mut town = Town::new().await;
    town.furnish().await;
    let lead = town.greenfield.lead.clone();
    let contact = town.greenfield.case.contact.to_string();
    let incident = town.greenfield.case.incident.to_string();
    let (contact, incident) = (contact.as_str(), incident.as_str());
    let told = [("parents", contact), ("pupil", "yes"), ("how", "in_person")];
    let complete: Vec<Complete> = vec![
        ("early_help", vec![("decision", "not_needed"), ("why", "Social worker")], "decision"),
        ("explanation", [&told[..], &[("by", "R Osei"), ("by_la", "yes")]].concat(), "by"),
        (
            "leaflet",
            vec![("audience", "parents"), ("parent", contact), ("language", "pl"), ("how", "letter")],
            "audience",
        ),
        ("parenting_contract", vec![("state", "declined")], "state"),
        ("restorative", vec![("appropriate", "no"), ("why", "Not wanted")], "appropriate"),
        ("recognition", vec![("what", "reward"), ("words", "A calm week")], "words"),
        ("sanctions_advised", [&told[..], &[("policy", "September 2026")]].concat(), "policy"),
        ("outcomes_reminded", [&told[..], &[("if_improves", "yes"), ("if_not", "yes")]].concat(), "how"),
        (
            "stage_3_considered",
            vec![("incident", incident), ("move_to_3", "no"), ("why", "First time")],
            "incident",
        ),
        ("participation", vec![("who", "pupil"), ("words", "Does not want to")], "who"),
        ("services", vec![("names", "Behaviour support\n\nEWO")], ""),
        ("aftercare", vec![("words", "Doing well"), ("settled", "yes")], "words"),
        ("not_applicable", vec![("clause", "S1.02"), ("why", "Held elsewhere")], "clause"),
    ];
    let address = format!("/cases/{}/steps/new", town.greenfield.case.case);
    for (kind, fields, needed) in &complete {
        let page = town.get(&lead, &format!("{address}?kind={kind}")).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        if !needed.is_empty() {
            let bare: Vec<_> = fields.iter().copied().filter(|(name, _)| name != needed).collect();
            let refused = record(&town, &lead, &[&[("kind", *kind)][..], &bare].concat()).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} without {needed}");
        }
        let recorded = record(&town, &lead, &[&[("kind", *kind)][..], fields].concat()).await;
        assert_eq!(recorded.status, StatusCode::SEE_OTHER, "{kind}: {}", recorded.body);
    }
    let kinds = town
        .count(
            "select count(distinct kind) from app.case_steps where case_id = $1",
            town.greenfield.case.case,
        )
        .await;
    assert_eq!(kinds, 13);
    // What was recorded is read back by the rules.
    let page = town.get(&lead, &stage(&town)).await;
    assert!(page.body.contains("Does not apply: Held elsewhere"), "{}", page.body);
    assert!(page.body.contains("Declined on 23 November 2026"));
    assert!(page.body.contains("The pupil’s leaflet is not given yet"));
}

#[tokio::test]
async fn steps_refuse_days_to_come_strangers_and_those_who_may_not() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let address = format!("/cases/{}/steps/new", town.greenfield.case.case);
    let reward = [("kind", "recognition"), ("what", "reward"), ("words", "x")];
    let future = [("on_date.day", "25"), ("on_date.month", "11"), ("on_date.year", "2026")];
    let refused = town.post(&lead, &address, &[&reward[..], &future].concat()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("today or in the past"));
    let theirs = town.hillside.case.contact.to_string();
    let stranger = [
        ("kind", "explanation"),
        ("by", "R Osei"),
        ("by_la", "yes"),
        ("pupil", "yes"),
        ("how", "phone"),
        ("parents", theirs.as_str()),
    ];
    assert_eq!(record(&town, &lead, &stranger).await.status, StatusCode::NOT_FOUND);
    // G20: a contact the court keeps away is not there to be told.
    let own = town.greenfield.case.contact.to_string();
    sqlx::query("update app.contacts set no_contact = true, no_contact_reason = 'Court order' where id = $1")
        .bind(town.greenfield.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let barred: Vec<_> =
        stranger.iter().map(|(n, v)| if *n == "parents" { (*n, own.as_str()) } else { (*n, *v) }).collect();
    assert_eq!(record(&town, &lead, &barred).await.status, StatusCode::NOT_FOUND);
    // S1.04: the LA representative records the explanation, and nothing else.
    let explained: Vec<_> = stranger.iter().copied().filter(|(n, _)| *n != "parents").collect();
    let saved = record(&town, &la, &explained).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(record(&town, &la, &reward).await.status, StatusCode::FORBIDDEN);
    assert_eq!(record(&town, &town.greenfield.tutor, &reward).await.status, StatusCode::FORBIDDEN);
}
