//! Stage 3 as people use it: alternatives written down, parents asked, the headteacher decides, outcomes end.

use axum::http::StatusCode;

use crate::support::{Answer, Person, Town};

pub const KINDS: [&str; 6] =
    ["supported_transfer", "re_induction", "joint_planning", "work_to_learn", "college", "pru_referral"];

pub fn place(town: &Town) -> String {
    format!("/cases/{}/stage-3", town.greenfield.case.case)
}

/// A town whose case came to Stage 3 today, and whose meeting looked at everything.
pub async fn at_stage_3() -> Town {
    let mut town = Town::new().await;
    town.furnish().await;
    for sql in [
        "update app.proposals set answer = 'withdrawn', answered_by = proposed_by where answer is null",
        "delete from app.agreements",
        "delete from app.alternatives",
    ] {
        let sql = format!("{sql} {} case_id = $1", if sql.contains("where") { "and" } else { "where" });
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(town.greenfield.case.case)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    let incident = town.greenfield.case.incident.to_string();
    let fields = [
        ("to", "up3"),
        ("why", "serious_incident"),
        ("incident", incident.as_str()),
        ("exclusion_in_view", "yes"),
    ];
    let moved = format!("/cases/{}/stage/move", town.greenfield.case.case);
    let moved = town.post(&town.greenfield.head.clone(), &moved, &fields).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    town
}

pub const NOT_CHOSEN: [(&str, &str); 5] = [
    ("considered", "yes"),
    ("pupil_view", "Does not want it"),
    ("parent_view", "Would not help"),
    ("why", "The school can do this itself"),
    ("chosen", "no"),
];

const CHOSEN: [(&str, &str); 11] = [
    ("considered", "yes"),
    ("pupil_view", "Wants a fresh start"),
    ("parent_view", "Want to hear more"),
    ("why", "Nothing else has helped"),
    ("chosen", "yes"),
    ("plan", "A place in Year 9 elsewhere"),
    ("starts_on.day", "7"),
    ("starts_on.month", "12"),
    ("starts_on.year", "2026"),
    ("review_on.day", "18"),
    ("review_on.month", "1"),
];

pub fn chosen<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&CHOSEN[..], &[("review_on.year", "2027")], more].concat()
}

async fn considers_the_rest(town: &Town, but: &str) {
    for kind in KINDS.into_iter().filter(|kind| *kind != but) {
        let done = town.post(&town.greenfield.lead, &format!("{}/{kind}", place(town)), &NOT_CHOSEN).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{kind}: {}", done.body);
    }
}

async fn parent_answers(town: &Town, answer: &str, more: &[(&str, &str)]) -> Answer {
    let path = format!("/cases/{}/agreements/{}", town.greenfield.case.case, town.greenfield.case.contact);
    let fields = [
        &[
            ("answer.supported_transfer", answer),
            ("asked_on.day", "24"),
            ("asked_on.month", "11"),
            ("asked_on.year", "2026"),
            ("how", "in_person"),
        ][..],
        more,
    ]
    .concat();
    town.post(&town.greenfield.lead, &path, &fields).await
}

pub const HEARD: [(&str, &str); 6] = [
    ("explained", "yes"),
    ("advised", "yes"),
    ("answered_on.day", "24"),
    ("answered_on.month", "11"),
    ("answered_on.year", "2026"),
    ("presence", "The headteacher"),
];

pub async fn version(town: &mut Town, kind: &str) -> String {
    let version: i32 =
        sqlx::query_scalar("select version from app.alternatives where case_id = $1 and kind = $2")
            .bind(town.greenfield.case.case)
            .bind(kind)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    version.to_string()
}

async fn status(town: &mut Town, kind: &str) -> String {
    sqlx::query_scalar("select status from app.alternatives where case_id = $1 and kind = $2")
        .bind(town.greenfield.case.case)
        .bind(kind)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

async fn decides(town: &mut Town, who: &Person, kind: &str, more: &[(&str, &str)]) -> Answer {
    let version = version(town, kind).await;
    let fields = [&[("answer", "agree"), ("version", version.as_str())][..], more].concat();
    town.post(who, &format!("{}/{kind}/agree", place(town)), &fields).await
}

#[tokio::test]
async fn s3_04_a_managed_move_is_considered_asked_about_agreed_and_stopped() {
    let mut town = at_stage_3().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let card = format!("{}/supported_transfer", place(&town));
    let fields = chosen(&[("route", "managed_move"), ("last_resort", "The harm to the other pupil")]);
    let saved = town.post(&lead, &card, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    // P2.03b: the others first, and a parent who agrees (S3.05).
    let early = decides(&mut town, &head, "supported_transfer", &[]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    for clause in ["data-clause=\"P2.03b-others\"", "data-clause=\"S3.05\""] {
        assert!(early.body.contains(clause), "{clause}: {}", early.body);
    }
    considers_the_rest(&town, "supported_transfer").await;
    let asked = parent_answers(&town, "agreed", &HEARD).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    // The lead may not decide it.
    let refused = decides(&mut town, &lead, "supported_transfer", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let agreed = decides(&mut town, &head, "supported_transfer", &[]).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.body);
    assert_eq!(status(&mut town, "supported_transfer").await, "agreed");
    let page = town.get(&lead, &place(&town)).await;
    for words in
        ["6 of 6 considered", "Agreed</strong>", "before The headteacher", "The harm to the other pupil"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    // What is agreed is not written anew; it ends with what came of it.
    let again = town.post(&lead, &card, &[&fields[..], &[("version", "2")]].concat()).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let version = version(&mut town, "supported_transfer").await;
    let empty = town.post(&lead, &format!("{card}/end"), &[("version", &version)]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("There is a problem"));
    let ended = [("version", version.as_str()), ("how", "stopped"), ("words", "The mother changed her mind")];
    let ended = town.post(&lead, &format!("{card}/end"), &ended).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.body);
    assert_eq!(status(&mut town, "supported_transfer").await, "stopped");
    let told = town
        .count(
            "select count(*) from app.head_notices where case_id = $1 and kind = 'outcome'",
            town.greenfield.case.case,
        )
        .await;
    assert_eq!(told, 1, "P2.01");
    let case = town.greenfield.case.case;
    let timeline = town.get(&lead, &format!("/cases/{case}/timeline")).await.body;
    for words in [
        "Alternative considered:</strong> Supported transfer",
        "Parent agrees:</strong> Supported transfer: Mother",
        "Outcome agreed:</strong> Supported transfer",
        "Outcome ended:</strong> Supported transfer: The mother changed her mind",
    ] {
        assert!(timeline.contains(words), "{words}: {timeline}");
    }
}

#[tokio::test]
async fn p2_03b_g1_stepped_down_before_it_is_agreed_a_transfer_is_refused() {
    let mut town = at_stage_3().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let fields = chosen(&[("route", "managed_move"), ("last_resort", "The harm")]);
    town.post(&lead, &format!("{}/supported_transfer", place(&town)), &fields).await;
    considers_the_rest(&town, "supported_transfer").await;
    parent_answers(&town, "agreed", &HEARD).await;
    sqlx::query("update app.target_versions set written_at = '2026-11-23' where case_id = $1")
        .bind(town.greenfield.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let down = format!("/cases/{}/stage/move", town.greenfield.case.case);
    let down = town.post(&head, &down, &[("to", "down1"), ("words", "Calmer since")]).await;
    assert_eq!(down.status, StatusCode::SEE_OTHER, "{}", down.body);
    let refused = decides(&mut town, &head, "supported_transfer", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("A supported transfer is only agreed at Stage 3"), "{}", refused.body);
    assert_eq!(status(&mut town, "supported_transfer").await, "proposed");
    let late = town.post(&lead, &format!("{}/other", place(&town)), &NOT_CHOSEN).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is written down away from Stage 3");
    assert!(late.body.contains("Does not want it"), "what was typed is kept");
}

#[tokio::test]
async fn s3_05_an_answer_is_recorded_as_given_and_never_assumed() {
    let mut town = at_stage_3().await;
    let lead = town.greenfield.lead.clone();
    let nothing = parent_answers(&town, "agreed", &HEARD).await;
    assert!(nothing.body.contains("There is no outcome to ask about yet"), "{}", nothing.body);
    let fields = chosen(&[("route", "managed_move")]);
    town.post(&lead, &format!("{}/supported_transfer", place(&town)), &fields).await;
    for (answer, more, says) in [
        ("", &HEARD[..], "Choose an answer about supported transfer"),
        ("agreed", &HEARD[1..], "Agreement counts once it was explained"),
        ("agreed", &HEARD[..5], "Enter who heard or saw it"),
        ("declined", &[], "Enter the day they answered"),
        ("wants_time", &HEARD[..5], "Enter when to ask again"),
        ("no_reply", &[], "Enter when to ask again"),
    ] {
        let refused = parent_answers(&town, answer, more).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
    }
    let again = [("ask_again_on.day", "1"), ("ask_again_on.month", "12"), ("ask_again_on.year", "2026")];
    let time = parent_answers(&town, "wants_time", &[&HEARD[..], &again].concat()).await;
    assert_eq!(time.status, StatusCode::SEE_OTHER, "{}", time.body);
    let page = town.get(&lead, &format!("/cases/{}", town.greenfield.case.case)).await;
    assert!(page.body.contains("again whether they agree"), "{}", page.body);
    let declined = parent_answers(&town, "declined", &HEARD).await;
    assert_eq!(declined.status, StatusCode::SEE_OTHER, "{}", declined.body);
    let case = town.greenfield.case.case;
    assert_eq!(town.count("select count(*) from app.agreements where case_id = $1", case).await, 2);
    let form = format!("/cases/{case}/agreements/{}/print", town.greenfield.case.contact);
    let form = town.get(&lead, &form).await;
    assert!(form.body.contains("A place in Year 9 elsewhere") && form.body.contains("I do not agree"));
    // Whom a court keeps away is not asked.
    sqlx::query("update app.contacts set no_contact = true, no_contact_reason = 'Order' where id = $1")
        .bind(town.greenfield.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(parent_answers(&town, "agreed", &HEARD).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn s3_04_what_is_left_out_is_said_and_what_was_typed_stays() {
    let town = at_stage_3().await;
    let lead = town.greenfield.lead.clone();
    let card = format!("{}/college", place(&town));
    let long = "x".repeat(2001);
    for (fields, says) in [
        (vec![], "Say whether it was considered"),
        (vec![("considered", "yes")], "Enter why"),
        (vec![("considered", "yes"), ("why", "Because")], "Enter what the pupil says"),
        (vec![("considered", "yes"), ("why", "Because")], "Say whether it is chosen"),
        (vec![("considered", "no"), ("why", long.as_str())], "2000 characters"),
        (vec![("considered", "yes"), ("chosen", "yes"), ("why", "Because")], "Enter the first day"),
    ] {
        let refused = town.post(&lead, &card, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
    }
    // "Not considered, because" is an answer.
    let not = [("considered", "no"), ("why", "Too young for it")];
    assert_eq!(town.post(&lead, &card, &not).await.status, StatusCode::SEE_OTHER);
    // Two tabs: the second was read before the first was sent.
    let other = town.post(&lead, &card, &NOT_CHOSEN).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.body.contains("Too young for it") && other.body.contains("The school can do this itself"));
    let nowhere = town.get(&lead, &format!("{}/trial", place(&town))).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "there are no trials");
}

#[tokio::test]
async fn s3_04_a_college_place_before_key_stage_4_is_refused_by_its_first_day() {
    let mut town = at_stage_3().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let saved = town.post(&lead, &format!("{}/college", place(&town)), &chosen(&[])).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let refused = decides(&mut town, &head, "college", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("on the first day."), "{}", refused.body);
    let version = version(&mut town, "college").await;
    let unsaid = [("answer", "decline"), ("version", version.as_str())];
    let path = format!("{}/college/agree", place(&town));
    assert_eq!(town.post(&head, &path, &unsaid).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let declined = [&unsaid[..], &[("words", "Not before Year 10")]].concat();
    assert_eq!(town.post(&head, &path, &declined).await.status, StatusCode::SEE_OTHER);
    assert_eq!(status(&mut town, "college").await, "declined");
    // Pressing twice, or from another tab: nothing is left to decide.
    assert_eq!(town.post(&head, &path, &declined).await.status, StatusCode::BAD_REQUEST);
}
