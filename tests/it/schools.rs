//! Schools on screen: who changes what of them, and periods that leave past days as they were.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::{
    overview::in_sql,
    support::{Answer, Person, Town},
};

const GOAL: &str = "update app.schools set goal_percent = 60 where id = $1 and $2 <> $3 and $3 <> $4";
const NAME: &str = "update app.schools set name = 'Mine' where id = $1 and $2 <> $3 and $3 <> $4";
const ADD: &str =
    "insert into app.school_periods (authority_id, school_id, period, label, starts_at, ends_at, made_by)
                   select $1, $2, 9, 'X', '20:00', '21:00', $3 where $4::uuid is not null";

const FOUND: &str = "insert into app.schools (id, authority_id, name, urn, establishment, phase)
                     select gen_random_uuid(), $1, 'X', '900888', '4888', 'utc' where $2 <> $3 and $3 <> $4";

async fn admin(town: &mut Town) -> Person {
    town.person("la_administrator", None).await
}

const SCHOOL: [(&str, &str); 8] = [
    ("word.0", "Not yet"),
    ("word.1", "Nearly"),
    ("word.2", "Yes"),
    ("goal", "75"),
    ("letterhead", "1 Long Lane\r\nSome Town\r\n01454 000000"),
    ("version", "1"),
    ("name", "Greenfield School"),
    ("urn", "900001"),
];

/// The form of a school as an administrator has it, with some fields typed otherwise.
async fn change(town: &Town, who: &Person, school: Uuid, other: &[(&str, &str)]) -> Answer {
    let all =
        SCHOOL.iter().chain(&[("establishment", "4900"), ("phase", "secondary"), ("takes_part", "yes")]);
    let kept = all.filter(|(name, _)| !other.iter().any(|(typed, _)| typed == name));
    let fields: Vec<_> = kept.chain(other).copied().filter(|(_, value)| *value != "-").collect();
    town.post(who, &format!("/admin/schools/{school}/edit"), &fields).await
}

/// Periods from a day of November or December 2026 on.
async fn periods(
    town: &Town,
    who: &Person,
    school: Uuid,
    (day, month): (&str, &str),
    lines: &[(&str, &str, &str)],
    version: &str,
) -> Answer {
    let mut fields: Vec<(String, &str)> = vec![
        ("from_on.day".to_owned(), day),
        ("from_on.month".to_owned(), month),
        ("from_on.year".to_owned(), "2026"),
        ("version".to_owned(), version),
    ];
    for (n, (label, starts, ends)) in (1..).zip(lines) {
        for (field, value) in [("label", label), ("starts", starts), ("ends", ends)] {
            fields.push((format!("{field}.{n}"), value));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    town.post(who, &format!("/admin/schools/{school}/periods"), &fields).await
}

const THREE: [(&str, &str, &str); 3] =
    [("Tutor", "8:40", "9:00"), ("Block A", "9:00", "11:00"), ("Block B", "11:20", "1:20pm")];

#[tokio::test]
async fn a_headteacher_changes_words_goal_and_letterhead_and_nothing_else() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let form = town.get(&own.head, &format!("/admin/schools/{}/edit", own.id)).await;
    assert!(form.body.contains("name=\"goal\"") && !form.body.contains("name=\"urn\""), "{}", form.body);
    let done =
        change(&town, &own.head, own.id, &[("name", "Mine"), ("urn", "123456"), ("takes_part", "-")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let row: (String, String, bool, i16, Vec<String>, i32) = sqlx::query_as(
        "select name, urn, takes_part, goal_percent, mark_words, version from app.schools where id = $1",
    )
    .bind(own.id)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    let words = vec!["Not yet".to_owned(), "Nearly".to_owned(), "Yes".to_owned()];
    assert_eq!(row, ("Greenfield School".to_owned(), "900001".to_owned(), true, 75, words, 2));
    assert!(town.get(&own.tutor, "/today").await.body.contains("Nearly"), "on the day’s sheet at once");
    // The letterhead is printed, in one line.
    let line = "1 Long Lane · Some Town · 01454 000000";
    let letter = format!("/cases/{}/letters/2026-11-16?contact={}", own.case.case, own.case.contact);
    for page in [letter, format!("/suspensions/{}/letter", own.case.exclusion)] {
        let answer = town.get(&own.lead, &page).await;
        assert!(answer.body.contains(line), "{page} {} {}", answer.status, answer.body);
    }
    // Somebody else read version 1.
    let stale = change(&town, &own.head, own.id, &[("goal", "70")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("75%") && stale.body.contains("70%"), "{}", stale.body);

    let before = town.digest().await;
    for who in [&own.head, &own.lead, &own.tutor] {
        let crossed = change(&town, who, other.id, &[]).await;
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&crossed.status));
    }
    assert_eq!(before, town.digest().await);
    // What is the authority's, the database keeps from a headteacher too.
    let ids = |school: Uuid| [school, town.authority, own.case.case, own.case.pupil];
    assert_eq!(in_sql(&own.head, GOAL, ids(own.id)).await, Ok(1), "or it proves nothing");
    assert_eq!(in_sql(&own.head, GOAL, ids(other.id)).await, Ok(0));
    assert_eq!(in_sql(&own.lead, GOAL, ids(own.id)).await, Ok(0));
    assert!(in_sql(&own.head, NAME, ids(own.id)).await.unwrap_err().contains("only an LA administrator"));
}

#[tokio::test]
async fn an_administrator_changes_everything_and_mistakes_say_why() {
    let mut town = Town::new().await;
    let (admin, own) = (admin(&mut town).await, town.greenfield.clone());
    let list = town.get(&admin, "/admin/schools").await;
    assert!(list.body.contains("Greenfield School") && list.body.contains("900002 / 4900"), "{}", list.body);
    let alone = town.get(&own.head, "/admin/schools").await;
    assert!(alone.body.contains("Greenfield School") && !alone.body.contains("Hillside School"));
    let before = town.digest().await;
    for (fields, says) in [
        (vec![("name", "")], "Enter name"),
        (vec![("urn", "12345")], "URN must have 6 digits"),
        (vec![("urn", "12345a")], "URN must have 6 digits"),
        (vec![("urn", "900002")], "Another school has this URN"),
        (vec![("establishment", "49")], "Establishment number must have 4 digits"),
        (vec![("phase", "primary")], "Select the phase"),
        (vec![("goal", "0")], "Goal must be a number from 1 to 100"),
        (vec![("goal", "101")], "Goal must be a number from 1 to 100"),
        (vec![("goal", "many")], "Goal must be a number from 1 to 100"),
        (vec![("word.2", "Nearly")], "The three words must differ"),
        (vec![("word.1", "")], "Enter word for 1 point"),
        (vec![("word.1", "Seventeen letters")], "must be 16 characters or fewer"),
        (vec![("letterhead", &*"x".repeat(201))], "Letterhead must be 200 characters or fewer"),
    ] {
        let answer = change(&town, &admin, own.id, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}: {}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    assert_eq!(before, town.digest().await);
    let fields = [
        ("name", "Greenfield Academy"),
        ("urn", "123456"),
        ("phase", "utc"),
        ("takes_part", "-"),
        ("goal", "75%"),
    ];
    let done = change(&town, &admin, own.id, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = town.get(&admin, &format!("/admin/schools/{}", own.id)).await;
    for words in
        ["Greenfield Academy", "123456", "University technical college", "No: no case can be opened", "75%"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let elsewhere = Town::new().await;
    let crossed = change(&town, &admin, elsewhere.greenfield.id, &[]).await;
    assert_eq!(crossed.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_periods_begin_on_a_day_and_past_days_keep_theirs() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let case = own.case;
    // Marks of today, in the sixth of six periods.
    let (seen, mark) = (format!("seen.{}", case.case), format!("mark.{}.6", case.targets[0]));
    let school = own.id.to_string();
    let fields = [("date", "2026-11-24"), ("school", &*school), (&*seen, "0"), (&*mark, "2")];
    assert_eq!(town.post(&own.tutor, "/today", &fields).await.status, StatusCode::SEE_OTHER);
    let day = format!("/cases/{}/day?date=2026-11-24", case.case);
    let was = town.get(&own.lead, &day).await.body;
    assert!(was.contains("P6"), "{was}");

    let form = town.get(&own.head, &format!("/admin/schools/{}/periods", own.id)).await;
    assert!(form.body.contains("Marks have been entered up to 24 November 2026"), "{}", form.body);
    let today = periods(&town, &own.head, own.id, ("24", "11"), &THREE, "1").await;
    assert!(today.body.contains("First day must be after 24 November 2026"), "{}", today.body);
    let past = periods(&town, &own.head, own.id, ("23", "11"), &THREE, "1").await;
    assert!(past.body.contains("First day must be today or later"), "{}", past.body);
    let done = periods(&town, &own.head, own.id, ("25", "11"), &THREE, "1").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    // Today is as it was: six periods, the mark in the sixth.
    let sheet = town.get(&own.tutor, "/today").await.body;
    assert!(sheet.contains("P6") && !sheet.contains("Block A"), "{sheet}");
    assert!(sheet.contains(&mark));
    let school_page = town.get(&own.head, &format!("/admin/schools/{}", own.id)).await.body;
    assert!(school_page.contains("Periods from Wednesday 25 November 2026 on"), "{school_page}");
    // A change of mind before it begins leaves one set.
    let again = periods(&town, &own.head, own.id, ("25", "11"), &THREE[..2], "2").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    let stale = periods(&town, &own.head, own.id, ("25", "11"), &THREE, "2").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);

    town.later(time::Duration::DAY);
    sqlx::query(
        "update app.sessions s set seen_at = $1, ends_at = $1 + interval '1 hour' from app.users u
                 where u.id = s.user_id and u.authority_id = $2",
    )
    .bind(town.now())
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let sheet = town.get(&own.tutor, "/today").await.body;
    assert!(sheet.contains("Tutor") && sheet.contains("Block A"), "{sheet}");
    assert!(!sheet.contains("P6") && !sheet.contains("Block B"), "two of them");
    let sixth = [("date", "2026-11-25"), ("school", &*school), (&*seen, "0"), (&*mark, "2")];
    assert_ne!(
        town.post(&own.tutor, "/today", &sixth).await.status,
        StatusCode::SEE_OTHER,
        "there is no sixth"
    );
    assert_eq!(town.get(&own.lead, &day).await.body.matches("P6").count(), was.matches("P6").count());
    let yesterday = town.get(&own.tutor, "/today?date=2026-11-24").await.body;
    assert!(yesterday.contains("P6") && !yesterday.contains("Block A"), "{yesterday}");
    // The chart of the case keeps what the number meant apart.
    let case_page = town.get(&own.lead, &format!("/cases/{}", case.case)).await.body;
    assert!(case_page.contains("P6"), "{case_page}");
    let ever: i64 = town
        .count("select count(*) from app.school_periods where school_id = $1 and (to_on is null or to_on >= from_on)", own.id)
        .await;
    assert_eq!(ever, 8, "six, then two");
}

#[tokio::test]
async fn periods_that_cannot_be_say_why_at_their_line() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let before = town.digest().await;
    for (lines, says) in [
        (vec![], "Enter at least one period"),
        (vec![("", "8:40", "9:00")], "Enter name of period 1"),
        (vec![("Tutor", "", "9:00")], "Enter when Tutor starts"),
        (vec![("Tutor", "8:40", "nine")], "Enter when Tutor ends"),
        (vec![("Tutor", "9:00", "8:40")], "Tutor must end after it starts"),
        (vec![("A", "8:40", "9:40"), ("B", "9:30", "10:30")], "B must not start before A ends"),
        (vec![("A", "8:40", "9:40"), ("a", "9:40", "10:30")], "Two periods are called a"),
        (vec![("A very long name", "8:40", "9:40")], "must be 12 characters or fewer"),
    ] {
        let answer = periods(&town, &own.head, own.id, ("25", "11"), &lines, "1").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let eleven: Vec<_> = (0..11).map(|_| THREE[0]).collect();
    let answer = periods(&town, &own.head, own.id, ("25", "11"), &eleven, "1").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let other = town.hillside.id;
    assert_eq!(
        periods(&town, &own.head, other, ("25", "11"), &THREE, "1").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        periods(&town, &own.lead, own.id, ("25", "11"), &THREE, "1").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(before, town.digest().await);
    let ids = |school: Uuid| [town.authority, school, own.head.id, own.id];
    assert_eq!(in_sql(&own.head, ADD, ids(own.id)).await, Ok(1), "or it proves nothing");
    assert!(in_sql(&own.head, ADD, ids(other)).await.unwrap_err().contains("row-level security"));
    assert!(in_sql(&own.lead, ADD, ids(own.id)).await.unwrap_err().contains("row-level security"));
}

/// The form of a new school, with some fields typed otherwise.
async fn found(town: &Town, who: &Person, other: &[(&str, &str)]) -> Answer {
    let all = [
        ("name", "Larkfield School"),
        ("urn", "900777"),
        ("establishment", "4777"),
        ("phase", "all_through"),
        ("goal", "70"),
        ("like", ""),
        ("takes_part", "yes"),
    ];
    let kept = all.iter().filter(|(name, _)| !other.iter().any(|(typed, _)| typed == name));
    let fields: Vec<_> = kept.chain(other).copied().collect();
    town.post(who, "/admin/schools/new", &fields).await
}

#[tokio::test]
async fn an_administrator_adds_a_school_and_its_first_lead() {
    let mut town = Town::new().await;
    let (admin, own) = (admin(&mut town).await, town.greenfield.clone());
    sqlx::query("update app.schools set mark_words = '{Not yet,Nearly,Yes}' where id = $1")
        .bind(own.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let before = town.digest().await;
    for (typed, says) in [
        (("urn", "900001"), "Another school has this URN"),
        (("urn", "12"), "URN must have 6 digits"),
        (("establishment", "47"), "Establishment number must have 4 digits"),
        (("phase", "castle"), "Select the phase"),
        (("goal", "0"), "Goal must be a number from 1 to 100"),
        (("name", " "), "Enter name"),
    ] {
        let answer = found(&town, &admin, &[typed]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    assert_eq!(before, town.digest().await);
    let like = own.id.to_string();
    let added = found(&town, &admin, &[("like", &like)]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let page = town.get(&admin, &added.location).await;
    for words in [
        "Larkfield School",
        "900777",
        "All-through",
        "Not yet (0), Nearly (1), Yes (2)",
        "70% of possible points",
        "P6",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    // Its first lead: the form is filled in, the link works once, and the lead is at work.
    let id = added.location.rsplit('/').next().unwrap().to_owned();
    let form = town.get(&admin, &format!("/admin/people/new?lead_of={id}")).await;
    assert!(page.body.contains(&format!("/admin/people/new?lead_of={id}")), "{}", page.body);
    assert!(
        form.body.contains(&format!("value=\"{id}\" selected"))
            && form.body.contains("value=\"school_lead\" selected"),
        "{}",
        form.body
    );
    let lead = town.person("school_lead", Some(id.parse().unwrap())).await;
    assert_eq!(town.get(&lead, "/today").await.status, StatusCode::OK, "the calendar is the model’s");
    assert!(town.get(&lead, "/pupils").await.body.contains("Nobody is on this school’s roll yet"));
}

#[tokio::test]
async fn nobody_else_adds_a_school() {
    let mut town = Town::new().await;
    let (admin, own) = (admin(&mut town).await, town.greenfield.clone());
    for (who, status) in [(&own.head, StatusCode::NOT_FOUND), (&own.lead, StatusCode::FORBIDDEN)] {
        assert_eq!(town.get(who, "/admin/schools/new").await.status, status);
        assert_eq!(found(&town, who, &[]).await.status, status);
    }
    assert!(!town.get(&own.head, "/admin/schools").await.body.contains("/admin/schools/new"));
    assert!(town.get(&admin, "/admin/schools").await.body.contains("/admin/schools/new"));
    // The database says so too.
    let ids = [town.authority, own.id, own.head.id, town.hillside.id];
    assert_eq!(in_sql(&admin, FOUND, ids).await, Ok(1), "or it proves nothing");
    assert!(in_sql(&own.head, FOUND, ids).await.unwrap_err().contains("row-level security"));
}
