//! Weekly reviews and the feedback parents get.

use axum::http::StatusCode;
use time::Duration;
use uuid::Uuid;
use waymark::domain::{ids::TargetId, review::WeekFigures};

use crate::support::{Answer, Person, Town};

/// Marks of a day, as the day sheet sends them: both targets, periods from 1 on.
async fn mark(town: &Town, date: &str, marks: [&str; 2]) {
    let school = &town.greenfield;
    let id = school.id.to_string();
    let mut fields = vec![
        ("date".to_owned(), date.to_owned()),
        ("school".to_owned(), id),
        (format!("seen.{}", school.case.case), "0".to_owned()),
    ];
    for (target, marks) in school.case.targets.iter().zip(marks) {
        for (period, mark) in (1..).zip(marks.chars()) {
            fields.push((format!("mark.{target}.{period}"), mark.to_string()));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = town.post(&school.lead, "/today", &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
}

/// The week of 16 November, with a training day on Friday: 68 of 92 points on four days.
async fn marked_week(town: &Town) {
    mark(town, "2026-11-16", ["222222", "111111"]).await;
    mark(town, "2026-11-17", ["222222", "111111"]).await;
    mark(town, "2026-11-18", ["222222", "111112"]).await;
    mark(town, "2026-11-19", ["22222", "11111"]).await;
}

const TOTAL: &str = "70 of 92 points (76%)";

fn week(town: &Town, rest: &str) -> String {
    format!("/cases/{}/reviews/2026-11-16{rest}", town.greenfield.case.case)
}

struct Typed(Vec<(String, String)>);

impl Typed {
    /// A review that can be signed.
    fn good(town: &Town) -> Self {
        let [first, second] = town.greenfield.case.targets;
        let mut typed = Self(Vec::new());
        for (field, value) in [
            (format!("rating.{first}"), "green"),
            (format!("rating.{second}"), "amber"),
            ("overall".to_owned(), "amber"),
            ("overall_why".to_owned(), ""),
            ("went_well".to_owned(), "Sam was calm in lessons."),
            ("next_steps".to_owned(), "Carry on as agreed."),
            ("services_words".to_owned(), ""),
            ("version".to_owned(), "0"),
        ] {
            typed.0.push((field, value.to_owned()));
        }
        typed
    }

    fn with(mut self, field: &str, value: &str) -> Self {
        self.0.retain(|(name, _)| name != field);
        self.0.push((field.to_owned(), value.to_owned()));
        self
    }

    async fn send(&self, town: &Town, who: &Person) -> Answer {
        let fields: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        town.post(who, &week(town, ""), &fields).await
    }
}

async fn figures(town: &mut Town, table: &'static str) -> WeekFigures {
    let sql =
        format!("select figures from app.{table} where case_id = $1 and week_on = '2026-11-16' limit 1");
    let figures: serde_json::Value = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(town.greenfield.case.case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    serde_json::from_value(figures).unwrap()
}

#[tokio::test]
async fn s1_13_a_lead_signs_a_week_that_was_written_for_them() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let lead = town.greenfield.lead.clone();
    let note = [("date", "2026-11-18"), ("period", ""), ("kind", "praise"), ("words", "Helped a new pupil")];
    let case = town.greenfield.case.case;
    assert_eq!(town.post(&lead, &format!("/today/notes/{case}"), &note).await.status, StatusCode::SEE_OTHER);

    let page = town.get(&lead, &week(&town, "")).await;
    assert_eq!(page.status, StatusCode::OK);
    let sentinel = town.greenfield.sentinel.clone();
    for words in [
        TOTAL,
        "Week of 16 to 19 November 2026",
        "46 of 46 points (100%)",
        "24 of 46 points (52%)",
        "Suggested: Watch.",
        "The figures suggest Amber",
        "Sam did best with",
        "Praise: “Helped a new pupil”",
        "46 of 48 marks recorded",
        "4 of 4 days recorded; 2 of 48 marks missing",
        "No support sessions were planned",
        "Sign the review",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(page.body.contains(&format!("Mother {sentinel}")) && page.body.contains("Not told yet"));
    assert!(!page.body.contains("style="));

    let signed = Typed::good(&town).send(&town, &lead).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    assert_eq!(signed.location, week(&town, ""));
    let stored = figures(&mut town, "weekly_reviews").await;
    assert_eq!((stored.points, stored.recorded, stored.expected), (70, 46, 48));
    assert_eq!(stored.by_target[0].0, TargetId::from(town.greenfield.case.targets[0]));
    assert_eq!(
        stored.by_target.iter().map(|(_, target)| target.points).sum::<u32>(),
        70,
        "the targets add up to the week"
    );
    assert_eq!(stored.by_period.iter().map(|period| period.points).sum::<u32>(), 70);
    assert_eq!(stored.by_day.iter().map(|(_, day)| day.points).sum::<u32>(), 70);
    let rows = town
        .count(
            "select count(*) from app.weekly_reviews where case_id = $1 and version = 1 and overall = 'amber'
               and suggestion = 'watch' and signed_on = '2026-11-24' and from_week_on = week_on
               and jsonb_array_length(ratings) = 2 and services = '{}'",
            case,
        )
        .await;
    assert_eq!(rows, 1);
    let page = town.get(&lead, &week(&town, "")).await;
    assert!(page.body.contains("Signed by A school_lead on 24 November 2026 at 11:45am"), "{}", page.body);
    assert!(
        page.body.contains("Sam was calm in lessons.") && !page.body.contains("Marks were changed since")
    );
    let list = town.get(&lead, &format!("/cases/{case}/reviews")).await;
    for words in ["Amber: some progress", TOTAL, "Watch", "24 Nov 2026"] {
        assert!(list.body.contains(words), "{words}: {}", list.body);
    }
    let timeline = town.get(&lead, &format!("/cases/{case}/timeline")).await;
    assert!(
        timeline.body.contains("Weekly review signed")
            && timeline.body.contains("Week of 16 November 2026: amber. Carry on as agreed."),
        "{}",
        timeline.body
    );
}

#[tokio::test]
async fn s1_13_every_mistake_is_said_and_nothing_typed_is_lost() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let lead = town.greenfield.lead.clone();
    let first = format!("rating.{}", town.greenfield.case.targets[0]);
    let long = "ü".repeat(1001);
    let sentinel = town.greenfield.sentinel.clone();
    for (field, value, message) in [
        (first.as_str(), "", format!("Select a light for “Target 1 {sentinel}”")),
        (&first, "blue", format!("Select a light for “Target 1 {sentinel}”")),
        ("overall", "", "Select a light for the week".to_owned()),
        ("overall", "green", "Say why you give another light than the figures suggest".to_owned()),
        ("next_steps", " \n ", "Enter the next steps".to_owned()),
        ("next_steps", &long, "The next steps must be 1000 characters or fewer".to_owned()),
        ("went_well", &long, "What went well must be 1000 characters or fewer".to_owned()),
        ("services_words", "\u{202E}x", "What they said must not include control characters".to_owned()),
        ("services", "Somebody else", "Select the services from the list".to_owned()),
    ] {
        let refused = Typed::good(&town).with(field, value).send(&town, &lead).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
        assert!(refused.body.matches(&message).count() >= 1, "{message}: {}", refused.body);
        assert!(refused.body.contains("<title>Error: Weekly review"));
        if field != "went_well" {
            assert!(refused.body.contains("Sam was calm in lessons."), "what was typed is kept");
        }
    }
    let rows = town
        .count("select count(*) from app.weekly_reviews where case_id = $1", town.greenfield.case.case)
        .await;
    assert_eq!(rows, 0);
    let other_light =
        Typed::good(&town).with("overall", "green").with("overall_why", "Two hard days at home");
    assert_eq!(other_light.send(&town, &lead).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s1_13_a_second_signature_is_a_new_version_and_two_people_do_not_overwrite_each_other() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    assert_eq!(Typed::good(&town).send(&town, &lead).await.status, StatusCode::SEE_OTHER);
    let clash = Typed::good(&town).with("next_steps", "Meet on Monday").send(&town, &head).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    for words in ["This weekly review was changed meanwhile", "Carry on as agreed.", "Meet on Monday"] {
        assert!(clash.body.contains(words), "{words}: {}", clash.body);
    }
    // Marks change after signing: the page shows both figures until somebody signs again.
    let [first, _] = town.greenfield.case.targets;
    let changed = [
        ("date", "2026-11-19"),
        ("school", &town.greenfield.id.to_string()),
        (&*format!("seen.{}", town.greenfield.case.case), "9"),
        (&*format!("mark.{first}.6"), "0"),
    ];
    assert_eq!(town.post(&lead, "/today", &changed).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &week(&town, "")).await;
    assert!(page.body.contains("Marks were changed since"), "{}", page.body);
    assert!(page.body.contains("70 of 92 points (76%)") && page.body.contains("70 of 94 points (74%)"));
    let again = Typed::good(&town).with("version", "1").with("next_steps", "Meet on Monday");
    assert_eq!(again.send(&town, &head).await.status, StatusCode::SEE_OTHER);
    let case = town.greenfield.case.case;
    let sql = "select count(*) from app.weekly_reviews where case_id = $1";
    assert_eq!(town.count(sql, case).await, 2);
    let page = town.get(&lead, &week(&town, "")).await;
    assert!(page.body.contains("Earlier versions") && page.body.contains("Signed by A headteacher"));
    assert!(!page.body.contains("Marks were changed since"));
    assert_eq!(
        Typed::good(&town).with("version", "x").send(&town, &lead).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(town.count(sql, case).await, 2);
}

#[tokio::test]
async fn s1_13_the_same_form_twice_signs_once() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let key = Uuid::new_v4().to_string();
    let typed = Typed::good(&town).with("form_key", &key);
    let fields: Vec<_> = typed.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let lead = town.greenfield.lead.clone();
    let path = week(&town, "");
    for answer in [
        town.post_exactly(&lead, &path, &fields, &[]).await,
        town.post_exactly(&lead, &path, &fields, &[]).await,
    ] {
        assert_eq!((answer.status, answer.location), (StatusCode::SEE_OTHER, path.clone()));
    }
    let sql = "select count(*) from app.weekly_reviews where case_id = $1";
    assert_eq!(town.count(sql, town.greenfield.case.case).await, 1);
}

#[tokio::test]
async fn s1_13_only_leads_and_heads_sign_and_only_weeks_of_the_case() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let school = town.greenfield.clone();
    let la = town.person("la_representative", Some(school.id)).await;
    let before = town.digest().await;
    assert_eq!(town.get(&school.tutor, &week(&town, "")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(Typed::good(&town).send(&town, &school.tutor).await.status, StatusCode::FORBIDDEN);
    let seen = town.get(&la, &week(&town, "")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.body.contains(TOTAL) && !seen.body.contains("Sign the review"), "{}", seen.body);
    assert_eq!(Typed::good(&town).send(&town, &la).await.status, StatusCode::FORBIDDEN);
    let other = town.hillside.lead.clone();
    assert_eq!(town.get(&other, &week(&town, "")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(Typed::good(&town).send(&town, &other).await.status, StatusCode::NOT_FOUND);
    // Another school's target does not exist here.
    let foreign = format!("rating.{}", town.hillside.case.targets[0]);
    let answer = Typed::good(&town).with(&foreign, "green").send(&town, &school.lead).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    for day in ["2026-11-17", "2026-10-26", "2026-11-30", "2026-W47-1", "next", "9999-12-27"] {
        let path = format!("/cases/{}/reviews/{day}", school.case.case);
        assert_eq!(town.get(&school.lead, &path).await.status, StatusCode::NOT_FOUND, "{day}");
        assert_eq!(town.post(&school.lead, &path, &[("version", "0")]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(before, town.digest().await);
    sqlx::query("update app.cases set closed_on = '2026-11-20', ended_as = 'progress' where id = $1")
        .bind(school.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let closed = town.get(&school.lead, &week(&town, "")).await;
    assert!(closed.body.contains(TOTAL) && !closed.body.contains("Sign the review"), "{}", closed.body);
    assert_eq!(Typed::good(&town).send(&town, &school.lead).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn g19_the_list_owes_school_weeks_and_says_which_may_wait() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let case = town.greenfield.case.case;
    // The target began before half-term; the week of 9 November was all but one day off site.
    sqlx::query("update app.targets set starts_on = '2026-10-14' where case_id = $1")
        .bind(case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let away = [
        ("reason", "off_site"),
        ("from_on.day", "24"),
        ("from_on.month", "11"),
        ("from_on.year", "2026"),
        ("to_on.day", "27"),
        ("to_on.month", "11"),
        ("to_on.year", "2026"),
        ("source", "Work experience"),
    ];
    let path = format!("/cases/{case}/absences");
    assert_eq!(town.post(&lead, &path, &away).await.status, StatusCode::SEE_OTHER);
    let list = town.get(&lead, &format!("/cases/{case}/reviews")).await;
    assert_eq!(list.body.matches("Not reviewed yet").count(), 5, "{}", list.body);
    assert!(!list.body.contains("2026-10-26"), "half-term is no week");
    assert!(
        list.body.contains("Not reviewed yet: due Thursday 19 November 2026"),
        "Friday is a training day"
    );
    assert_eq!(list.body.matches("Few days: may be reviewed with the next week").count(), 1);
    // A week later the short week is part of the next one's review.
    town.later(Duration::days(7));
    let fresh = town.person("school_lead", Some(town.greenfield.id)).await;
    sqlx::query("update app.sessions set seen_at = $2, ends_at = $2::timestamptz + interval '1 day' where user_id = $1")
        .bind(fresh.id)
        .bind(town.now())
        .execute(&mut town.owner)
        .await
        .unwrap();
    let merged = format!("/cases/{case}/reviews/2026-11-30");
    let page = town.get(&fresh, &merged).await;
    assert!(page.body.contains("speaks for 23 November to 4 December 2026"), "{}", page.body);
    assert!(page.body.contains("This week is not over"));
    let sign = [
        ("overall", "green"),
        ("overall_why", ""),
        ("went_well", ""),
        ("next_steps", "Welcome back"),
        ("services_words", ""),
        ("version", "0"),
    ];
    let signed = town.post(&fresh, &merged, &sign).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let rows = town
        .count(
            "select count(*) from app.weekly_reviews where case_id = $1 and week_on = '2026-11-30' and from_week_on = '2026-11-23'",
            case,
        )
        .await;
    assert_eq!(rows, 1);
    let list = town.get(&fresh, &format!("/cases/{case}/reviews")).await;
    assert!(list.body.contains("Reviewed with the week of 30 November 2026"), "{}", list.body);
    let covered = format!("/cases/{case}/reviews/2026-11-23");
    assert!(town.get(&fresh, &covered).await.body.contains("This week was reviewed with"));
    assert_eq!(town.post(&fresh, &covered, &sign).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn s1_13_services_are_offered_from_what_is_known_and_kept_when_chosen() {
    let mut town = Town::new().await;
    town.furnish().await;
    marked_week(&town).await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    for (kind, details) in [
        ("services", serde_json::json!({"kind": "services", "names": ["Youth service"]})),
        ("services", serde_json::json!({"kind": "services", "names": ["Youth service", "School nurse"]})),
    ] {
        sqlx::query(
            "insert into app.case_steps (id, authority_id, school_id, case_id, kind, stage, on_date, details, recorded_on,
                                         recorded_at, recorded_by)
             values ($1, $2, $3, $4, $5, 1, '2026-11-18', $6, '2026-11-24', clock_timestamp(), $7)",
        )
        .bind(Uuid::now_v7())
        .bind(town.authority)
        .bind(town.greenfield.id)
        .bind(case)
        .bind(kind)
        .bind(details)
        .bind(lead.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
    sqlx::query("update app.supports set provider = 'Behaviour support team' where case_id = $1")
        .bind(case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&lead, &week(&town, "")).await;
    for words in ["Youth service", "School nurse", "Behaviour support team", "1 of 1 support sessions given"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let signed = Typed::good(&town).with("services", "School nurse").send(&town, &lead).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let rows = town
        .count(
            "select count(*) from app.weekly_reviews where case_id = $1 and services = '{School nurse}'",
            case,
        )
        .await;
    assert_eq!(rows, 1);
}

async fn reachable(town: &mut Town) {
    sqlx::query("update app.contacts set phone = '01454 000000', language = 'Polish' where id = $1")
        .bind(town.greenfield.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
}

fn told<'a>(contact: &'a str, how: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("contact", contact),
        ("how", how),
        ("words", "A good week"),
        ("reached", "yes"),
        ("answer", "Thank you"),
    ]
}

#[tokio::test]
async fn s1_12_parents_hear_the_same_figures_as_everybody_else() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    reachable(&mut town).await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let contact = town.greenfield.case.contact.to_string();
    let path = week(&town, "/feedback");
    let page = town.get(&lead, &path).await;
    assert!(
        page.body.contains("Sam’s week, 16 to 19 November 2026: 70 of 92 points (76%)."),
        "{}",
        page.body
    );
    assert!(page.body.contains("Feedback was due on Thursday 19 November 2026"));
    assert_eq!(Typed::good(&town).send(&town, &lead).await.status, StatusCode::SEE_OTHER);
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Sam was calm in lessons. Next: Carry on as agreed."), "{}", page.body);
    let given = town.post(&lead, &path, &told(&contact, "phone")).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    let signed = figures(&mut town, "weekly_reviews").await;
    assert_eq!(signed, figures(&mut town, "feedback").await, "one set of figures");
    let rows = town
        .count(
            "select count(*) from app.feedback where case_id = $1 and how = 'phone' and language = 'Polish' and reached
               and given_on = '2026-11-24' and answer = 'Thank you' and words = 'A good week'",
            case,
        )
        .await;
    assert_eq!(rows, 1);
    let page = town.get(&lead, &path).await;
    let when = "Told on 24 November 2026, after the week was over, by telephone (A school_lead)";
    assert!(page.body.contains(when) && page.body.contains("They said: Thank you"), "{}", page.body);
    let letter = format!("/cases/{case}/letters/2026-11-16?contact={contact}");
    for path in [letter, week(&town, ""), format!("/cases/{case}/reviews")] {
        assert!(town.get(&lead, &path).await.body.contains(TOTAL), "{path}");
    }
    let timeline = town.get(&lead, &format!("/cases/{case}/timeline")).await;
    assert!(timeline.body.contains("Feedback given") && timeline.body.contains("A good week"));
    // Nobody reached: recorded as tried.
    let tried =
        [("contact", &*contact), ("how", "text"), ("words", "Call us"), ("reached", "no"), ("answer", "")];
    assert_eq!(town.post(&lead, &path, &tried).await.status, StatusCode::SEE_OTHER);
    assert!(town.get(&lead, &path).await.body.contains("Tried, not reached, on 24 November 2026"));
}

#[tokio::test]
async fn g20_s1_12_a_contact_under_a_court_order_is_never_told() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    reachable(&mut town).await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case);
    sqlx::query(
        "update app.contacts set no_contact = true, no_contact_reason = 'Court order of May' where id = $1",
    )
    .bind(case.contact)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let path = week(&town, "/feedback");
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Must not be contacted") && page.body.contains("Court order of May"));
    assert!(!page.body.contains(&format!("<option value=\"{}\"", case.contact)));
    let before = town.digest().await;
    let refused = town.post(&lead, &path, &told(&case.contact.to_string(), "phone")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["S1.12", "must not be contacted", "Court order of May", "Nothing was sent or saved"] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    assert_eq!(before, town.digest().await);
    let audited = town
        .count(
            "select count(*) from app.audit_events where subject = $1 and action = 'give_feedback' and outcome = 'refused'",
            case.case,
        )
        .await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn s1_12_every_refusal_of_feedback() {
    let mut town = Town::new().await;
    marked_week(&town).await;
    let school = town.greenfield.clone();
    let (lead, path) = (school.lead.clone(), week(&town, "/feedback"));
    let contact = school.case.contact.to_string();
    let la = town.person("la_representative", Some(school.id)).await;
    let before = town.digest().await;
    // The contact has an address and nothing else.
    for (how, what) in
        [("phone", "telephone number"), ("text", "telephone number"), ("email", "email address")]
    {
        let refused = town.post(&lead, &path, &told(&contact, how)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(&format!("has no {what} on record")), "{how}: {}", refused.body);
        assert!(refused.body.contains("A good week") && refused.body.contains("Thank you"), "kept");
    }
    let long = "x".repeat(601);
    for (field, value, message) in [
        ("contact", "", "Select who was told"),
        ("how", "", "Select how they were told"),
        ("how", "video", "Select how they were told"),
        ("words", "", "Enter what was said"),
        ("words", &long, "What was said must be 600 characters or fewer"),
        ("reached", "perhaps", "Select yes if they were reached"),
    ] {
        let mut fields = told(&contact, "letter");
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let refused = town.post(&lead, &path, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(refused.body.contains(message), "{message}: {}", refused.body);
    }
    // Contacts of other pupils, those who were removed, and what is no id at all are not there.
    let other = town.hillside.case.contact.to_string();
    for who in [&*other, "x", &Uuid::now_v7().to_string()] {
        assert_eq!(
            town.post(&lead, &path, &told(who, "letter")).await.status,
            StatusCode::NOT_FOUND,
            "{who}"
        );
    }
    for (who, status) in [
        (&school.tutor, StatusCode::FORBIDDEN),
        (&la, StatusCode::FORBIDDEN),
        (&town.hillside.lead, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(town.post(who, &path, &told(&contact, "letter")).await.status, status);
    }
    assert_eq!(town.get(&la, &path).await.status, StatusCode::OK);
    assert_eq!(before, town.digest().await);
    sqlx::query("update app.contacts set removed_at = now() where id = $1")
        .bind(school.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.post(&lead, &path, &told(&contact, "letter")).await.status, StatusCode::NOT_FOUND);
    assert!(town.get(&lead, &path).await.body.contains("There is nobody to tell"));
    sqlx::query("update app.cases set closed_on = '2026-11-20', ended_as = 'progress' where id = $1")
        .bind(school.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(town.post(&lead, &path, &told(&contact, "letter")).await.status, StatusCode::BAD_REQUEST);
}
