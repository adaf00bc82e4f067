//! Off-site direction: the notice, reviews, requests, the planned return.

use axum::http::StatusCode;
use time::Date;

use crate::{
    placement::{Placing, date},
    support::{Answer, day},
};

/// The form of a direction that is complete, with its first and last day.
fn form<'a>(from: (&'a str, &'a str), to: (&'a str, &'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("decided_for", "The chair of governors"),
        ("place", "The Bridge Centre"),
        ("address", "1 River Road"),
        ("report_to", "Ms Okafor"),
        ("times", "9am to 3pm"),
        ("reasons", "Behaviour in lessons"),
        ("objectives", "Calm starts"),
        ("notice_how", "By hand"),
    ];
    fields.extend(date("decided_on", "23", "11", "2026"));
    fields.extend(date("notice_on", "24", "11", "2026"));
    fields.extend(date("starts_on", from.0, from.1, "2026"));
    fields.extend(date("ends_on", to.0, to.1, to.2));
    fields
}

async fn direct(p: &Placing, more: &[(&str, &str)]) -> Answer {
    let mut fields = form(("26", "11"), ("18", "12", "2026"));
    fields.extend(more);
    p.town.post(p.lead(), &format!("{}/direction/new", p.case), &fields).await
}

/// The address of the latest direction.
async fn latest(p: &mut Placing) -> String {
    let id: uuid::Uuid = sqlx::query_scalar(
        "select id from app.directions where case_id = $1 order by made_at desc, id desc limit 1",
    )
    .bind(p.town.greenfield.case.case)
    .fetch_one(&mut p.town.owner)
    .await
    .unwrap();
    format!("{}/direction/{id}", p.case)
}

/// Days kept as off site.
async fn off_site(p: &mut Placing) -> Vec<(Date, Date)> {
    sqlx::query_as(
        "select from_on, to_on from app.known_absences where case_id = $1 and reason = 'off_site' and withdrawn_at is null
         order by from_on",
    )
    .bind(p.town.greenfield.case.case)
    .fetch_all(&mut p.town.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn g13_an_off_site_direction_goes_on_without_consent_and_ends_with_a_planned_return() {
    let mut p = Placing::new().await;
    p.ground("off_site", "declined").await;
    let asked = direct(&p, &[]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.body.contains("does not agree") && asked.body.contains("reason.S3.05"), "{}", asked.body);
    assert!(asked.body.contains("The Bridge Centre"), "nothing typed is lost");
    let made = direct(&p, &[("reason.S3.05", "Both were heard on 20 November")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert_eq!(off_site(&mut p).await, [(day("2026-11-26"), day("2026-12-18"))], "code D at home");
    let one = latest(&mut p).await;
    let notice = p.town.get(p.lead(), &format!("{one}/notice")).await;
    for words in [
        "1 River Road",
        "Ms Okafor",
        "17 school days",
        "Behaviour in lessons",
        "Calm starts",
        "9am to 3pm",
        "10 weeks",
    ] {
        assert!(notice.body.contains(words), "{words}: {}", notice.body);
    }
    // One at a time.
    let second = direct(&p, &[("reason.S3.05", "x")]).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert_eq!(off_site(&mut p).await.len(), 1, "nothing of the second is kept");
    // It has begun: reviews, a request, the return.
    sqlx::query("update app.directions set starts_on = '2026-11-09', notice_on = '2026-11-04', decided_on = '2026-11-02' where case_id = $1")
        .bind(p.town.greenfield.case.case)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    let page = p.town.get(p.lead(), &format!("{}/direction", p.case)).await;
    assert!(
        page.body.contains("Running") && page.body.contains("by Friday 27 November 2026"),
        "{}",
        page.body
    );
    let ask = |answer: &'static str| {
        let mut fields = vec![("asked_by", "The mother"), ("answer", answer), ("refused_why", "Just held")];
        fields.extend(date("asked", "24", "11", "2026"));
        fields
    };
    let requests = format!("{one}/requests");
    let refused = p.town.post(p.lead(), &requests, &ask("refuse")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("only when one was held in the ten weeks before"), "{}", refused.body);
    assert_eq!(p.town.post(p.lead(), &requests, &ask("hold")).await.status, StatusCode::SEE_OTHER);
    let page = p.town.get(p.lead(), &format!("{}/direction", p.case)).await;
    assert!(page.body.contains("Hold the review that was asked for"), "{}", page.body);
    let mut review =
        vec![("kind", "asked"), ("people", "head"), ("people", "parents"), ("words", "Going well")];
    review.extend(date("held", "24", "11", "2026"));
    assert_eq!(p.town.post(p.lead(), &format!("{one}/reviews"), &review).await.status, StatusCode::SEE_OTHER);
    let page = p.town.get(p.lead(), &format!("{}/direction", p.case)).await;
    assert!(
        page.body.contains("Going well") && page.body.contains("Headteacher, Parents or carers"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Hold the review that was asked for"), "{}", page.body);
    assert_eq!(
        p.town.post(p.lead(), &requests, &ask("refuse")).await.status,
        StatusCode::SEE_OTHER,
        "within ten weeks of one"
    );
    let mut end = vec![("how", "planned_return"), ("why", "The objectives are reached"), ("version", "1")];
    end.extend(date("ended", "24", "11", "2026"));
    assert_eq!(p.town.post(p.lead(), &format!("{one}/end"), &end).await.status, StatusCode::SEE_OTHER);
    assert_eq!(off_site(&mut p).await, [(day("2026-11-09"), day("2026-11-24"))]);
    let clash = p.town.post(p.lead(), &format!("{one}/end"), &end).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert_eq!(off_site(&mut p).await, [(day("2026-11-09"), day("2026-11-24"))], "and nothing changed");
    let late = p.town.post(p.lead(), &format!("{one}/reviews"), &review).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    let timeline = p.town.get(p.lead(), &format!("{}/timeline", p.case)).await;
    for words in ["Off-site direction ended", "Off-site direction reviewed", "The Bridge Centre"] {
        assert!(timeline.body.contains(words), "{words}: {}", timeline.body);
    }
}

#[tokio::test]
async fn g14_notice_one_school_day_ahead_is_refused() {
    let mut p = Placing::new().await;
    p.ground("off_site", "agreed").await;
    let path = format!("{}/direction/new", p.case);
    for (d, status) in [
        ("24", StatusCode::UNPROCESSABLE_ENTITY),
        ("25", StatusCode::UNPROCESSABLE_ENTITY),
        ("26", StatusCode::SEE_OTHER),
    ] {
        let fields = form((d, "11"), ("18", "12", "2026"));
        let answer = p.town.post(p.lead(), &path, &fields).await;
        assert_eq!(answer.status, status, "first day {d}: {}", answer.body);
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            assert!(
                answer.body.contains("Written notice at least 2 school days before the first day (S29A)"),
                "{}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_direction_says_what_is_missing_and_long_ones_ask_the_headteacher() {
    let mut p = Placing::new().await;
    p.ground("off_site", "agreed").await;
    let path = format!("{}/direction/new", p.case);
    let empty = p.town.post(p.lead(), &path, &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for says in [
        "Enter the place",
        "Enter the address",
        "Enter whom the pupil reports to",
        "Enter the objectives",
        "Enter the first day",
    ] {
        assert!(empty.body.contains(says), "{says}: {}", empty.body);
    }
    // The calendar ends on 12 February: seven school weeks from 26 November are loaded and no more.
    let beyond = p.town.post(p.lead(), &path, &form(("26", "11"), ("30", "4", "2027"))).await;
    assert!(beyond.body.contains("It cannot be counted"), "{}", beyond.body);
    let ten = form(("26", "11"), ("12", "2", "2027"));
    let asked = p.town.post(p.lead(), &path, &ten).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.body.contains("10 school weeks. More than 8 ask for a reason"), "{}", asked.body);
    // Under a policy that asks the headteacher sooner.
    sqlx::query("update app.policies set settings = settings || '{\"offsite_weeks_before_head\": 9}' where authority_id = $1")
        .bind(p.town.authority)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    let mut with = ten.clone();
    with.push(("reason.S29A-length", "Exams"));
    let refused = p.town.post(p.lead(), &path, &with).await;
    assert!(refused.body.contains("More than 9 need the headteacher’s own reason"), "{}", refused.body);
    assert_eq!(p.town.post(p.head(), &path, &with).await.status, StatusCode::SEE_OTHER);
    // An end before the beginning, a decision in the future.
    let mut wrong = form(("26", "11"), ("25", "11", "2026"));
    for (name, value) in &mut wrong {
        if *name == "decided_on.day" {
            *value = "25";
        }
    }
    let answer = p.town.post(p.lead(), &path, &wrong).await;
    for says in [
        "Last day must be the same as or after the first day",
        "board’s decision must be today or in the past",
    ] {
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_plan_asks_for_the_la_and_others_only_look() {
    let mut p = Placing::new().await;
    p.ground("off_site", "agreed").await;
    sqlx::query("update app.pupils set send = 'ehcp' where id = $1")
        .bind(p.town.greenfield.case.pupil)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    let refused = direct(&p, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("so the LA is given the notice"), "{}", refused.body);
    assert_eq!(direct(&p, &[("la_told", "yes")]).await.status, StatusCode::SEE_OTHER);
    let one = latest(&mut p).await;
    let la = p.la.clone();
    assert_eq!(p.town.get(&la, &format!("{}/direction", p.case)).await.status, StatusCode::OK);
    for (path, who, status) in [
        (format!("{one}/reviews"), &la, StatusCode::FORBIDDEN),
        (format!("{one}/end"), &p.town.hillside.lead, StatusCode::NOT_FOUND),
        (format!("{}/direction/new", p.case), &p.town.greenfield.tutor, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(p.town.post(who, &path, &[]).await.status, status, "{path}");
    }
    // A closed case stays as it was.
    sqlx::query("update app.cases set closed_on = '2026-11-24', ended_as = 'left' where id = $1")
        .bind(p.town.greenfield.case.case)
        .execute(&mut p.town.owner)
        .await
        .unwrap();
    for path in [
        format!("{one}/reviews"),
        format!("{one}/end"),
        format!("{}/direction/new", p.case),
        format!("{}/transfer", p.case),
    ] {
        let answer = p.town.post(p.lead(), &path, &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.body.contains("The case is closed"), "{}", answer.body);
    }
    assert_eq!(p.town.get(p.lead(), &format!("{}/direction", p.case)).await.status, StatusCode::OK);
}
