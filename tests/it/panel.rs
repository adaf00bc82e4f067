//! The panel: planning it, who decides and who abstains, what a decision asks, and what becomes of the referral.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::{
    placement::{Placing, date},
    support::{Town, day, grant, placement::seat},
};

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn g21_s3_08_a_member_of_the_home_school_or_with_an_interest_abstains() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    let (authority, green, hill) = (p.town.authority, p.town.greenfield.id, p.town.hillside.clone());
    let panel = id_of(&p.panel);
    // The head of the home school sits too, and so does the lead of the school that is asked for a place.
    for who in [p.town.greenfield.head.id, hill.lead.id] {
        let (from, to) = (day("2026-09-01"), None);
        grant(&mut p.town.owner, authority, who, "panel_member", None, from, to).await;
        seat(&mut p.town.owner, authority, panel, who).await;
    }
    let (home, receiving) = (p.town.greenfield.head.clone(), hill.lead.clone());
    let page = p.town.get(&home, &referral).await;
    assert!(page.body.contains("You abstain") && !page.body.contains("Record the decision"), "{}", page.body);
    let hillside = hill.id.to_string();
    let place = [("outcome", "allocated"), ("school", &*hillside), ("reason.S3.08-room", "x")];
    for (who, fields, says) in [
        (&home, &place[..], "belongs to the home school does not decide"),
        (&home, &[("outcome", "not_placed")][..], "belongs to the home school does not decide"),
        (&receiving, &place[..], "belongs to the receiving school does not decide"),
    ] {
        let refused = p.decide(who, fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", who.email);
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
    }
    // An interest is declared by oneself, and ties from then on.
    let interests = format!("{referral}/interests");
    let unsaid = p.town.post(&p.member, &interests, &[("interest", "school"), ("interest_school", "")]).await;
    assert!(unsaid.body.contains("Select which school"), "{}", unsaid.body);
    let interest =
        [("interest", "school"), ("interest_school", &*hillside), ("interest_words", "Governor there")];
    assert_eq!(p.town.post(&p.member, &interests, &interest).await.status, StatusCode::SEE_OTHER);
    let refused = p.decide(&p.member.clone(), &place).await;
    assert!(
        refused.body.contains("declared an interest in the receiving school does not decide"),
        "{}",
        refused.body
    );
    assert!(p.town.get(&p.member, &referral).await.body.contains("Governor there"));
    // It ties for that school only: no place is found by the same member, and the minutes say who abstained.
    let none = p.decide(&p.member.clone(), &[("outcome", "not_placed")]).await;
    assert_eq!(none.status, StatusCode::SEE_OTHER, "{}", none.body);
    let minutes = p.town.get(&p.member, &format!("{}/minutes", p.panel)).await;
    assert!(
        minutes.body.contains("Abstained: A headteacher (belongs to the home school)"),
        "{}",
        minutes.body
    );
    let _ = green;
}

#[tokio::test]
async fn s3_08_only_a_member_who_sits_decides_when_the_panel_has_met() {
    let mut p = Placing::new().await;
    let tomorrow = p.plan("25", "24").await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    let answer = p.submit_to(p.head(), &tomorrow, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let member = p.member.clone();
    let early = p.decide(&member, &[("outcome", "not_placed")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.body.contains("The panel meets on Wednesday 25 November 2026"), "{}", early.body);
    let others = [
        (p.la.clone(), StatusCode::FORBIDDEN),
        (p.lead().clone(), StatusCode::FORBIDDEN),
        (p.town.hillside.head.clone(), StatusCode::FORBIDDEN),
        (p.town.person("panel_member", None).await, StatusCode::NOT_FOUND),
    ];
    for (who, status) in others {
        assert_eq!(p.decide(&who, &[("outcome", "not_placed")]).await.status, status, "{}", who.email);
    }
    // An address that puts the referral on another panel leads nowhere.
    let id = id_of(&p.referral().await);
    let wrong = p.town.get(&member, &format!("{}/referrals/{id}", p.panel)).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let case = p.town.greenfield.case.case;
    assert_eq!(p.town.count("select count(*) from app.allocations where case_id = $1", case).await, 0);
}

#[tokio::test]
async fn s3_08_a_full_or_unwilling_school_needs_a_reason_and_the_home_school_is_refused() {
    let mut p = Placing::new().await;
    p.submitted().await;
    let (member, hillside) = (p.member.clone(), p.town.hillside.id.to_string());
    let home = p.town.greenfield.id.to_string();
    let to = |school: &'static str| vec![("outcome", "allocated"), ("school", school)];
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let refused = p.decide(&member, &to(leak(&home))).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The pupil comes from Greenfield School"), "{}", refused.body);
    let elsewhere = Town::new().await;
    for strange in [elsewhere.hillside.id.to_string(), Uuid::now_v7().to_string(), "x".to_owned()] {
        assert_eq!(p.decide(&member, &to(leak(&strange))).await.status, StatusCode::NOT_FOUND);
    }
    // The LA enters the count; full is full.
    let mut count = vec![("school", &*hillside), ("places", "1050"), ("roll", "1050")];
    count.extend(date("as_of", "23", "11", "2026"));
    assert_eq!(p.town.post(&p.la, "/panel/places", &count).await.status, StatusCode::SEE_OTHER);
    let full = p.decide(&member, &to(leak(&hillside))).await;
    assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        full.body.contains("1050 pupils on roll, 1050 places, counted on 23 November 2026"),
        "{}",
        full.body
    );
    assert!(
        full.body.contains("reason.S3.08-room") && full.body.contains("The panel’s reasons"),
        "nothing typed is lost"
    );
    let mut objected = to(leak(&hillside));
    objected.extend([("objection", "No staff"), ("reason.S3.08-room", "One leaves at Christmas")]);
    let refused = p.decide(&member, &objected).await;
    assert!(refused.body.contains("The school objects: No staff"), "{}", refused.body);
    objected.push(("reason.S3.08-objected", "Staff is found"));
    assert_eq!(p.decide(&member, &objected).await.status, StatusCode::SEE_OTHER);
    let given: serde_json::Value = sqlx::query_scalar("select given from app.allocations where case_id = $1")
        .bind(p.town.greenfield.case.case)
        .fetch_one(&mut p.town.owner)
        .await
        .unwrap();
    assert_eq!(
        given,
        serde_json::json!({"S3.08-objected": "Staff is found", "S3.08-room": "One leaves at Christmas"})
    );
    // It counts from now on.
    let strip = p.town.get(&p.la, "/panel/places").await;
    assert!(strip.body.contains("Took 1, gave 0") && strip.body.contains("Took 0, gave 1"), "{}", strip.body);
    assert!(strip.body.contains("Full"), "{}", strip.body);
}

#[tokio::test]
async fn s3_08_a_school_the_papers_exclude_needs_a_reason() {
    let mut p = Placing::new().await;
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    p.papers().await;
    let hillside = p.town.hillside.id.to_string();
    let fields = [
        ("presence", "present"),
        ("words", ""),
        ("reason", ""),
        ("share", "panel"),
        ("version", "1"),
        ("school", &*hillside),
        ("wish", "excluded"),
        ("why", "Pupil A is there"),
    ];
    let path = format!("{}/transfer/items/schools", p.case);
    assert_eq!(p.town.post(p.lead(), &path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.submit_to(p.head(), &p.panel, &[]).await.status, StatusCode::SEE_OTHER);
    let refused = p.allocate(&[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("this school will not do: Pupil A is there"), "{}", refused.body);
    let decided = p.allocate(&[("reason.S3.08-excluded", "Pupil A has left")]).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s3_08_a_declined_pupil_is_back_with_the_panel_and_gone_from_the_school() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    let lead = p.town.hillside.lead.clone();
    let silent = p.receive(&lead, "answer", &[("answer", "decline"), ("words", " ")]).await;
    assert!(silent.body.contains("Enter why this school does not take the pupil"), "{}", silent.body);
    let declined = p.receive(&lead, "answer", &[("answer", "decline"), ("words", "No room in Year 9")]).await;
    assert_eq!((declined.status, &*declined.location), (StatusCode::SEE_OTHER, "/received"));
    let (id, _, standing) = p.transfer().await;
    assert_eq!(standing, "papers_submitted");
    assert_eq!(p.town.get(&lead, &format!("/received/{id}")).await.status, StatusCode::NOT_FOUND);
    let home = p.town.get(p.lead(), &format!("{}/transfer", p.case)).await;
    assert!(home.body.contains("No room in Year 9"), "the home school reads why: {}", home.body);
    let page = p.town.get(&p.member, &referral).await;
    assert!(
        page.body.contains("Declined so far") && page.body.contains("Record the decision"),
        "{}",
        page.body
    );
    // The same school again needs a reason.
    let again = p.allocate(&[]).await;
    assert!(again.body.contains("The school declined this pupil before"), "{}", again.body);
    let again = p.allocate(&[("reason.S3.08-objected", "They agree now")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(p.town.get(&lead, &format!("/received/{id}")).await.status, StatusCode::OK);
    let (replayed, row) = p.replayed().await;
    assert_eq!(replayed, row);
}

#[tokio::test]
async fn s3_08_no_place_and_papers_returned_leave_stage_3_and_the_next_panel_open() {
    let mut p = Placing::new().await;
    p.submitted().await;
    let member = p.member.clone();
    assert_eq!(p.decide(&member, &[("outcome", "not_placed")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.transfer().await.2, "parent_agreed");
    let case = p.town.greenfield.case.case;
    assert_eq!(p.town.count("select stage::bigint from app.cases where id = $1", case).await, 3);
    // Another document, another version, another panel.
    let next = p.plan("26", "26").await;
    let answer = p.submit_to(p.head(), &next, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let referral = p.referral().await;
    let version = p.transfer().await.1.to_string();
    let receipt = format!("{referral}/receipt");
    // Only the LA representative of that school looks at its papers.
    let other = p.town.person("la_representative", Some(p.town.hillside.id)).await;
    let complete = [("receipt", "received"), ("receipt_words", ""), ("version", &*version)];
    assert_eq!(p.town.post(&other, &receipt, &complete).await.status, StatusCode::NOT_FOUND);
    let returned = [("receipt", "returned"), ("receipt_words", ""), ("version", &*version)];
    let silent = p.town.post(&p.la, &receipt, &returned).await;
    assert!(silent.body.contains("Enter what is missing"), "{}", silent.body);
    let returned =
        [("receipt", "returned"), ("receipt_words", "The risk assessment is old"), ("version", &*version)];
    assert_eq!(p.town.post(&p.la, &receipt, &returned).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        p.town.get(&member, &referral).await.status,
        StatusCode::NOT_FOUND,
        "no longer theirs to read"
    );
    let page = p.town.get(p.lead(), &format!("{}/transfer", p.case)).await;
    assert!(
        page.body.contains("The risk assessment is old") && page.body.contains("Version 2"),
        "{}",
        page.body
    );
    let agenda = p.town.get(&member, &next).await;
    assert!(agenda.body.contains("Papers returned as incomplete"), "{}", agenda.body);
    assert!(!agenda.body.contains(&p.town.greenfield.sentinel), "{}", agenda.body);
    let again = p.submit_to(p.head(), &next, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    let (replayed, row) = p.replayed().await;
    assert_eq!(replayed, row);
}

#[tokio::test]
async fn s3_08_what_is_put_off_is_read_by_the_other_panel_and_by_this_one_no_more() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    let next = p.plan("26", "25").await;
    let (member, other) = (p.member.clone(), id_of(&next).to_string());
    let unsaid = p.decide(&member, &[("outcome", "put_off"), ("other_panel", "")]).await;
    assert!(unsaid.body.contains("Select the panel it is put off to"), "{}", unsaid.body);
    let same = id_of(&p.panel).to_string();
    let strange = p.decide(&member, &[("outcome", "put_off"), ("other_panel", &*same)]).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    let put_off = p.decide(&member, &[("outcome", "put_off"), ("other_panel", &*other)]).await;
    assert_eq!(put_off.status, StatusCode::SEE_OTHER, "{}", put_off.body);
    assert_eq!(p.town.get(&member, &referral).await.status, StatusCode::NOT_FOUND);
    let there = p.referral().await;
    assert!(there.starts_with(&next), "{there}");
    assert_eq!(p.town.get(&member, &there).await.status, StatusCode::OK);
    assert_eq!(p.transfer().await.2, "papers_submitted");
}

#[tokio::test]
async fn s3_05_a_parent_who_takes_the_agreement_back_stops_everything_before_the_start() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    let (id, version, _) = p.transfer().await;
    let path = format!("{}/transfer/withdraw", p.case);
    let home = format!("{}/transfer", p.case);
    let says = "Stop the transfer: nobody with parental responsibility agrees any more";
    assert!(!p.town.get(p.lead(), &home).await.body.contains(says));
    p.ground("managed_move", "declined").await;
    assert!(p.town.get(p.lead(), &home).await.body.contains(says), "the duty comes with the answer");
    let version = version.to_string();
    let stale = [("by", "parent"), ("words", "They changed their mind"), ("version", "1")];
    assert_eq!(p.town.post(p.lead(), &path, &stale).await.status, StatusCode::CONFLICT);
    let stop = [("by", "parent"), ("words", "They changed their mind"), ("version", &*version)];
    assert_eq!(p.town.post(p.lead(), &path, &stop).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.transfer().await.2, "withdrawn");
    let lead = p.town.hillside.lead.clone();
    assert_eq!(p.town.get(&lead, &format!("/received/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(p.town.get(&p.member, &referral).await.status, StatusCode::NOT_FOUND);
    let roll = p.receive(&lead, "roll", &date("on", "24", "11", "2026")).await;
    assert_eq!(roll.status, StatusCode::NOT_FOUND, "there is nothing to put on the roll");
    // A new one can be begun.
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    // After the start there is no way back.
    let mut p = Placing::new().await;
    p.submitted().await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    let lead = p.town.hillside.lead.clone();
    assert_eq!(p.receive(&lead, "roll", &date("on", "24", "11", "2026")).await.status, StatusCode::SEE_OTHER);
    let version = p.transfer().await.1.to_string();
    let stop = [("by", "parent"), ("words", "Too late"), ("version", &*version)];
    let path = format!("{}/transfer/withdraw", p.case);
    let late = p.town.post(p.lead(), &path, &stop).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(late.body.contains("there is no way back"), "{}", late.body);
}

#[tokio::test]
async fn two_who_decide_or_answer_at_once_do_not_overwrite_each_other() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    let (member, version) = (p.member.clone(), p.transfer().await.1.to_string());
    let key = Uuid::new_v4().to_string();
    let hillside = p.town.hillside.id.to_string();
    let form = [
        ("outcome", "allocated"),
        ("school", &*hillside),
        ("reasons", "Nearest"),
        ("reason.S3.08-room", "They said so"),
        ("version", &*version),
        ("form_key", &*key),
    ];
    let path = format!("{referral}/decision");
    for _ in 0..2 {
        let answer = p.town.post_exactly(&member, &path, &form, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let case = p.town.greenfield.case.case;
    assert_eq!(p.town.count("select count(*) from app.allocations where case_id = $1", case).await, 1);
    // The receiving school's head declines while its lead still has the form open.
    let (lead, head) = (p.town.hillside.lead.clone(), p.town.hillside.head.clone());
    let (id, version, _) = p.transfer().await;
    let stale = (version - 1).to_string();
    let mut accept = vec![("answer", "accept"), ("words", ""), ("version", &*stale)];
    accept.extend(date("starts_on", "24", "11", "2026"));
    let path = format!("/received/{id}/answer");
    assert_eq!(p.town.post(&lead, &path, &accept).await.status, StatusCode::CONFLICT);
    assert_eq!(
        p.receive(&head, "answer", &[("answer", "decline"), ("words", "Full")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        p.receive(&lead, "answer", &[("answer", "decline"), ("words", "Full")]).await.status,
        StatusCode::NOT_FOUND
    );
    // And a decision on what was read before the decline.
    let late = [("outcome", "not_placed"), ("reasons", "x"), ("version", &*stale)];
    let answer = p.town.post(&member, &format!("{referral}/decision"), &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
}

#[tokio::test]
async fn the_receiving_school_answers_with_days_that_can_be() {
    let mut p = Placing::new().await;
    p.submitted().await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    let lead = p.town.hillside.lead.clone();
    for (d, y, says) in [
        ("23", "2026", "First day must be from today on"),
        ("26", "2027", "First day must be from today on"),
        ("", "2026", "must include a day"),
        ("31", "2026", "First day must be a real date"),
    ] {
        let mut fields = vec![("answer", "accept"), ("words", "")];
        fields.extend(date("starts_on", d, "11", y));
        let answer = p.receive(&lead, "answer", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{d}");
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let nothing = p.receive(&lead, "answer", &[("words", "")]).await;
    assert!(nothing.body.contains("Select whether this school takes the pupil"), "{}", nothing.body);
    // Not on the roll before it accepted.
    let early = p.receive(&lead, "roll", &date("on", "24", "11", "2026")).await;
    assert_eq!(early.status, StatusCode::BAD_REQUEST);
    assert_eq!(p.accept().await.status, StatusCode::SEE_OTHER);
    assert_eq!(p.accept().await.status, StatusCode::BAD_REQUEST, "answered once");
    let mut moved = vec![("words", "A free day")];
    moved.extend(date("starts_on", "30", "11", "2026"));
    assert_eq!(p.receive(&lead, "start", &moved).await.status, StatusCode::SEE_OTHER);
    assert!(
        p.town
            .get(p.lead(), &format!("{}/transfer", p.case))
            .await
            .body
            .contains("First day moved to 30 November 2026")
    );
    for (d, says) in
        [("23", "must not be before this school accepted"), ("25", "must be today or in the past")]
    {
        let answer = p.receive(&lead, "roll", &date("on", d, "11", "2026")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let empty = p.receive(&lead, "reviews", &[("words", "x")]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST, "no follow-up before the first day");
}

#[tokio::test]
async fn planning_a_panel_says_what_is_wrong_and_keeps_what_was_typed() {
    let p = Placing::new().await;
    let bad = [
        ("meets_on.day", "23"),
        ("meets_on.month", "11"),
        ("meets_on.year", "2026"),
        ("starts_at", "half past"),
        ("place", ""),
        ("papers_close_on.day", "24"),
        ("papers_close_on.month", "11"),
        ("papers_close_on.year", "2026"),
    ];
    let answer = p.town.post(&p.la, "/panel/new", &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for says in [
        "The day of the panel must be today or later",
        "Enter the time it starts",
        "Enter the place",
        "The last day for papers must not be after the panel",
    ] {
        assert_eq!(answer.body.matches(says).count(), 2, "{says}: {}", answer.body);
    }
    assert!(answer.body.contains("half past"));
    // Somebody who is no panel member does not exist here.
    let mut form = p.panel_form("26", "25");
    let lead = p.lead().id.to_string();
    form.push(("member", &lead));
    assert_eq!(p.town.post(&p.la, "/panel/new", &form).await.status, StatusCode::NOT_FOUND);
    // Two change it: the second is told.
    let edit = format!("{}/edit", p.panel);
    let mut first = p.panel_form("25", "24");
    first.push(("version", "1"));
    assert_eq!(p.town.post(&p.la, &edit, &first).await.status, StatusCode::SEE_OTHER);
    let mut second = p.panel_form("26", "25");
    second.push(("version", "1"));
    let clash = p.town.post(&p.la, &edit, &second).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(
        clash.body.contains("Wednesday 25 November 2026") && clash.body.contains("Thursday 26 November 2026"),
        "{}",
        clash.body
    );
    // A member sees the panel and prepares nothing.
    assert_eq!(p.town.get(&p.member, &p.panel).await.status, StatusCode::OK);
    assert_eq!(p.town.get(&p.member, &edit).await.status, StatusCode::FORBIDDEN);
    let home = p.town.get(&p.member, "/").await;
    assert_eq!(home.location, "/panel", "the first page of a panel member");
}

#[tokio::test]
async fn minutes_say_who_came_and_keep_every_version() {
    let mut p = Placing::new().await;
    let path = format!("{}/minutes", p.panel);
    let came = format!("came.{}", p.member.id);
    let first = [(&*came, "present"), ("words", "The next panel is in January"), ("version", "0")];
    assert_eq!(p.town.post(&p.la, &path, &first).await.status, StatusCode::SEE_OTHER);
    let page = p.town.get(&p.member, &path).await;
    assert!(
        page.body.contains("A panel_member: present") && page.body.contains("in January"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Write the minutes"), "a member reads them");
    let stale = [(&*came, "present"), ("words", "Other words"), ("version", "0")];
    let clash = p.town.post(&p.la, &path, &stale).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.body.contains("in January") && clash.body.contains("Other words"), "{}", clash.body);
    let second = [(&*came, "apologies"), ("words", "The next panel is in February"), ("version", "1")];
    assert_eq!(p.town.post(&p.la, &path, &second).await.status, StatusCode::SEE_OTHER);
    let panel = id_of(&p.panel);
    assert_eq!(p.town.count("select count(*) from app.panel_minutes where panel_id = $1", panel).await, 2);
    let strange = format!("came.{}", p.la.id);
    let unknown = [(&*strange, "present"), ("words", ""), ("version", "2")];
    assert_eq!(p.town.post(&p.la, &path, &unknown).await.status, StatusCode::NOT_FOUND);
    let odd = [(&*came, "late"), ("words", ""), ("version", "2")];
    assert_eq!(p.town.post(&p.la, &path, &odd).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let agenda = p.town.get(&p.member, &format!("{}/agenda", p.panel)).await;
    assert!(
        agenda.body.contains("data-print") && agenda.body.contains("Nothing is on the agenda"),
        "{}",
        agenda.body
    );
}

#[tokio::test]
async fn a_count_of_places_is_a_number_of_a_school_on_a_day() {
    let p = Placing::new().await;
    let school = p.town.hillside.id.to_string();
    for (field, value, says) in [
        ("school", "", "Select a school"),
        ("places", "10000", "Places must be a whole number"),
        ("roll", "-1", "Pupils on roll must be a whole number"),
        ("as_of.day", "25", "The day of the count must be today or in the past"),
    ] {
        let mut fields = vec![("school", &*school), ("places", "1050"), ("roll", "1000")];
        fields.extend(date("as_of", "24", "11", "2026"));
        for (name, old) in &mut fields {
            if *name == field {
                *old = value;
            }
        }
        let answer = p.town.post(&p.la, "/panel/places", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let elsewhere = Town::new().await.hillside.id.to_string();
    let fields = [("school", &*elsewhere), ("places", "1"), ("roll", "1")];
    assert_eq!(p.town.post(&p.la, "/panel/places", &fields).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_document_takes_only_what_it_should_and_two_do_not_overwrite_each_other() {
    let p = Placing::new().await;
    let risk = format!("{}/transfer/items/risk", p.case);
    assert_eq!(p.town.get(p.lead(), &risk).await.status, StatusCode::NOT_FOUND, "no transfer yet");
    assert_eq!(p.begin().await.status, StatusCode::SEE_OTHER);
    let huge = "x".repeat(20_001);
    for (presence, words, reason, share, says) in [
        ("", "x", "", "panel", "Select whether it is there"),
        ("present", " ", "", "panel", "Enter the document, or select that it is missing"),
        ("not_needed", "", "", "panel", "Enter why it is not needed"),
        ("present", "x", "", "everybody", "Select who reads it"),
        ("present", &huge, "", "panel", "The document must be 20000 characters or fewer"),
        ("present", "\u{202e}x", "", "panel", "must not include control characters"),
    ] {
        let fields = [
            ("presence", presence),
            ("words", words),
            ("reason", reason),
            ("share", share),
            ("version", "0"),
        ];
        let answer = p.town.post(p.lead(), &risk, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    p.paper("risk", "panel").await;
    for version in ["0", "7"] {
        let fields = [
            ("presence", "present"),
            ("words", "Mine"),
            ("reason", ""),
            ("share", "panel"),
            ("version", version),
        ];
        let clash = p.town.post(p.lead(), &risk, &fields).await;
        assert_eq!(clash.status, StatusCode::CONFLICT);
        assert!(clash.body.contains("Text of risk") && clash.body.contains("Mine"), "{}", clash.body);
    }
    for strange in ["nothing", "RISK", "%20"] {
        let path = format!("{}/transfer/items/{strange}", p.case);
        assert_eq!(p.town.get(p.lead(), &path).await.status, StatusCode::NOT_FOUND, "{strange}");
    }
    // What the record says already is offered, without any address.
    let parents = p.town.get(p.lead(), &format!("{}/transfer/items/parents", p.case)).await;
    assert!(
        parents.body.contains("Mother, mother")
            || parents.body.contains(", mother (parental responsibility)"),
        "{}",
        parents.body
    );
    assert!(!parents.body.contains("Hidden"), "a confidential address");
    // Schools are those of the authority, once each, and an excluded one has its reason.
    let schools = format!("{}/transfer/items/schools", p.case);
    let hillside = p.town.hillside.id.to_string();
    let own = p.town.greenfield.id.to_string();
    let elsewhere = Town::new().await.hillside.id.to_string();
    let base = [("presence", "present"), ("words", ""), ("reason", ""), ("share", "panel"), ("version", "0")];
    for (rows, status, says) in [
        (vec![(&*own, "preferred", "")], StatusCode::NOT_FOUND, ""),
        (vec![(&*elsewhere, "preferred", "")], StatusCode::NOT_FOUND, ""),
        (vec![("x", "preferred", "")], StatusCode::NOT_FOUND, ""),
        (
            vec![(&*hillside, "excluded", " ")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Enter why Hillside School will not do",
        ),
        (
            vec![(&*hillside, "", "x")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Select whether Hillside School is preferred",
        ),
        (vec![("", "preferred", "x")], StatusCode::UNPROCESSABLE_ENTITY, "Choose a school in each row"),
        (
            vec![(&*hillside, "preferred", ""), (&*hillside, "excluded", "x")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Hillside School is there twice",
        ),
    ] {
        let mut fields = base.to_vec();
        for (school, wish, why) in rows {
            fields.extend([("school", school), ("wish", wish), ("why", why)]);
        }
        let answer = p.town.post(p.lead(), &schools, &fields).await;
        assert_eq!(answer.status, status, "{says}");
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    // The LA representative reads and changes nothing.
    assert_eq!(p.town.get(&p.la, &format!("{}/transfer", p.case)).await.status, StatusCode::OK);
    assert_eq!(p.town.post(&p.la, &risk, &base).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_shared_and_read_outside_is_in_the_audit_trail_of_the_home_pupil() {
    let mut p = Placing::new().await;
    let referral = p.submitted().await;
    p.town.get(&p.member, &referral).await;
    assert_eq!(p.allocate(&[]).await.status, StatusCode::SEE_OTHER);
    let (id, ..) = p.transfer().await;
    let lead = p.town.hillside.lead.clone();
    p.town.get(&lead, &format!("/received/{id}")).await;
    let pupil = p.town.greenfield.case.pupil;
    for (who, action, role) in [
        (p.member.id, "referral", "panel_member"),
        (p.member.id, "decide_referral", "panel_member"),
        (lead.id, "received_one", "school_lead"),
    ] {
        let found: Option<String> = sqlx::query_scalar(
            "select acted_as from app.audit_events where actor = $1 and action = $2 and outcome = 'allowed' and $3 = any (pupils)",
        )
        .bind(who)
        .bind(action)
        .bind(pupil)
        .fetch_optional(&mut p.town.owner)
        .await
        .unwrap();
        assert_eq!(found.as_deref(), Some(role), "{action}");
    }
}

#[tokio::test]
async fn a_panel_is_cancelled_while_nothing_waits_for_it_and_takes_no_papers_afterwards() {
    let mut p = Placing::new().await;
    let cancel = format!("{}/cancel", p.panel);
    let words = [("words", "Nothing to decide")];
    assert_eq!(p.town.post(p.head(), &cancel, &words).await.status, StatusCode::FORBIDDEN);
    let empty = p.town.post(&p.la, &cancel, &[("words", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.body);
    // Papers wait: it stands, also for a representative who sees none of them.
    p.submitted().await;
    let elsewhere = p.town.person("la_representative", Some(p.town.hillside.id)).await;
    for la in [&p.la, &elsewhere] {
        assert!(p.town.get(la, &cancel).await.body.contains("One pupil’s papers wait"));
        let refused = p.town.post(la, &cancel, &words).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    }
    let other = p.plan("25", "24").await;
    let gone = p.town.post(&p.la, &format!("{other}/cancel"), &words).await;
    assert_eq!((gone.status, &*gone.location), (StatusCode::SEE_OTHER, &*other), "{}", gone.body);
    let page = p.town.get(&p.la, &other).await.body;
    assert!(page.contains("Cancelled: Nothing to decide") && !page.contains("Change the panel"), "{page}");
    let mut again = p.panel_form("26", "25");
    again.push(("version", "2"));
    assert_eq!(p.town.post(&p.la, &format!("{other}/edit"), &again).await.status, StatusCode::BAD_REQUEST);
    // Neither the page nor the database takes papers for it.
    let id: Uuid = other.rsplit('/').next().unwrap().parse().unwrap();
    let moved = "insert into app.referrals (id, authority_id, school_id, case_id, transfer_id, pack_id, panel_id, made_at, made_by,
                                           changed_at, changed_by)
                 select gen_random_uuid(), authority_id, school_id, case_id, transfer_id, pack_id, $1, made_at, made_by, made_at, made_by
                 from app.referrals where case_id = $2";
    let refused =
        sqlx::query(moved).bind(id).bind(p.town.greenfield.case.case).execute(&mut p.town.owner).await;
    assert!(refused.unwrap_err().to_string().contains("the panel was cancelled"));
}
