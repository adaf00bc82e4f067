//! What is owed, on the pages that show it: the case, Today, the headteacher's overview.

use sqlx::Connection;
use uuid::Uuid;
use waymark::{
    db::{self, Moment, cluster::Cluster},
    seed::{self, Size},
};

use crate::support::{NOW, Town, owner, scratch};

async fn kept(town: &mut Town, case: Uuid) -> (Option<time::Date>, Vec<String>) {
    let (on, list): (Option<time::Date>, serde_json::Value) =
        sqlx::query_as("select reckoned_on, duties from app.case_duties where case_id = $1")
            .bind(case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    let names = list.as_array().unwrap().iter().map(|d| d["what"]["duty"].as_str().unwrap().to_owned());
    (on, names.collect())
}

#[tokio::test]
async fn a_case_shows_its_one_next_action_and_everything_else_it_owes() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let page = format!("/cases/{}", school.case.case);
    let shown = town.get(&school.lead, &page).await;
    assert_eq!(shown.body.matches("id=\"next\"").count(), 1);
    assert!(shown.body.contains("Next: "), "{}", shown.body);
    for words in ["Plan the formal meeting", "Consider early help (CAF)", "Give the leaflet", "S1.05"] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let (on, duties) = kept(&mut town, school.case.case).await;
    assert_eq!(on, Some(NOW.date()));
    // What is done is owed no longer, at once.
    let step = [
        ("kind", "early_help"),
        ("on_date.day", "24"),
        ("on_date.month", "11"),
        ("on_date.year", "2026"),
        ("decision", "start"),
    ];
    let place = format!("{page}/steps/new?kind=early_help");
    let answer = town.post(&school.lead, &place.replace("?kind=early_help", ""), &step).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(kept(&mut town, school.case.case).await.0, None, "to be reckoned anew");
    let shown = town.get(&school.lead, &page).await;
    assert!(!shown.body.contains("Consider early help"), "{}", shown.body);
    assert_eq!(kept(&mut town, school.case.case).await.1.len(), duties.len() - 1);
    // An LA representative sees it all and has a way only to what is theirs: the explanation (S1.04).
    let la = town.person("la_representative", Some(school.id)).await;
    let theirs = town.get(&la, &page).await;
    assert!(theirs.body.contains("Next: ") && !theirs.body.contains("Do it now"), "{}", theirs.body);
    let (explain, leaflet) = ("steps/new?kind=explanation", "steps/new?kind=leaflet");
    assert!(theirs.body.contains(explain) && !theirs.body.contains(leaflet), "{}", theirs.body);
    let theirs = town.get(&la, &format!("{page}/stage")).await;
    assert!(theirs.body.contains(explain) && !theirs.body.contains(leaflet), "{}", theirs.body);
    let ours = town.get(&school.lead, &format!("{page}/stage")).await;
    assert!(ours.body.contains(explain) && ours.body.contains(leaflet), "{}", ours.body);
}

#[tokio::test]
async fn whatever_a_case_is_reckoned_from_marks_it_to_be_reckoned_anew() {
    let mut town = Town::new().await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let page = format!("/cases/{}", school.case.case);
    for change in [
        "update app.targets set due_on = due_on + 1 where case_id = $1",
        "update app.meetings set place = 'Hall' where case_id = $1",
        "update app.meeting_actions set due_on = due_on + 1 where case_id = $1",
        "update app.supports set review_on = review_on + 1 where case_id = $1",
        "update app.weekly_reviews set next_steps = 'Other' where case_id = $1",
        "delete from app.feedback where case_id = $1",
        "update app.proposals set words = 'Other' where case_id = $1",
        "update app.case_decisions set words = 'Other' where case_id = $1",
        "update app.contacts set phone = '0117' where pupil_id = (select pupil_id from app.cases where id = $1)",
        "update app.incidents set place = 'Hall' where pupil_id = (select pupil_id from app.cases where id = $1)",
        "update app.calendar_spans set name = 'Term' where authority_id = (select authority_id from app.cases where id = $1)",
    ] {
        town.get(&school.lead, &page).await;
        assert!(kept(&mut town, school.case.case).await.0.is_some(), "before: {change}");
        let done = sqlx::query(change).bind(school.case.case).execute(&mut town.owner).await.unwrap();
        assert!(done.rows_affected() > 0, "{change}");
        assert!(kept(&mut town, school.case.case).await.0.is_none(), "{change}");
    }
    // The first mark of a day does, another of the same day does not.
    let (tutor, case) = (school.tutor.clone(), school.case);
    let (seen, mark) = (format!("seen.{}", case.case), format!("mark.{}", case.targets[0]));
    for (period, version, anew) in [(1, "0", true), (2, "1", false)] {
        town.get(&school.lead, &page).await;
        let name = format!("{mark}.{period}");
        let school_id = school.id.to_string();
        let fields = [("date", "2026-11-24"), ("school", &school_id), (&*seen, version), (&*name, "2")];
        assert_eq!(town.post(&tutor, "/today", &fields).await.status, 303);
        assert_eq!(kept(&mut town, case.case).await.0.is_none(), anew, "period {period}");
    }
}

#[tokio::test]
async fn today_shows_a_lead_what_is_due_this_week_and_staff_nothing_of_it() {
    let mut town = Town::new().await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let lead = town.get(&school.lead, "/today").await;
    assert!(lead.body.contains("due this week"), "{}", lead.body);
    assert!(lead.body.contains("Formal meeting, Stage 1: hold it"), "Friday’s meeting: {}", lead.body);
    let staff = town.get(&school.tutor, "/today").await;
    assert!(
        !staff.body.contains("due this week") && !staff.body.contains("Formal meeting"),
        "{}",
        staff.body
    );
    assert!(!lead.body.contains("Hillside"), "another school’s case");
}

#[tokio::test]
async fn p2_01_the_headteacher_sees_what_is_overdue_and_is_told_once_when_parents_hear_nothing() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    // The case began three weeks ago, and nobody has told the parents anything.
    let head = school.head.clone();
    let told = "select count(*) from app.head_notices where case_id = $1 and kind = 'feedback_missed'";
    // Whoever looks first finds it out.
    let la = town.person("la_representative", Some(school.id)).await;
    assert_eq!(town.get(&la, &format!("/cases/{}", school.case.case)).await.status, 200);
    assert_eq!(town.count(told, school.case.case).await, 1);
    for _ in 0..2 {
        let shown = town.get(&head, "/overview").await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains("school days overdue"), "{}", shown.body);
        assert_eq!(town.count(told, school.case.case).await, 1, "once, however often it is looked at");
    }
    let shown = town.get(&head, "/overview").await;
    assert!(shown.body.contains("Parents had no feedback for two weeks"), "{}", shown.body);
}

#[tokio::test]
async fn s1_12_reckoning_and_changing_at_once_leave_no_stale_list() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let page = format!("/cases/{}", school.case.case);
    // Somebody is changing the case: the row is theirs until they are done, and nobody waits for it.
    let mut other = owner().await;
    let mut changing = other.begin().await.unwrap();
    sqlx::query("select 1 from app.case_duties where case_id = $1 for update")
        .bind(school.case.case)
        .execute(&mut *changing)
        .await
        .unwrap();
    let shown = town.get(&school.lead, &page).await;
    assert!(shown.body.contains("Next: "));
    changing.rollback().await.unwrap();
    assert_eq!(kept(&mut town, school.case.case).await.0, None, "what was reckoned beside it is not kept");
}

#[tokio::test]
async fn a_case_that_cannot_be_reckoned_holds_up_no_other() {
    let cluster = Cluster::start(&scratch("keeper")).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    let moment = Moment { now: NOW, today: NOW.date() };
    seed::world(&mut owner, Size::measured(1, 60, 2), moment).await.unwrap();
    let broken: Uuid = sqlx::query_scalar(
        "update app.case_decisions set event = '{\"event\": \"unheard of\"}'
         where case_id = (select case_id from app.case_duties order by case_id offset 5 limit 1) returning case_id",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    db::duties::keep(&mut owner, moment, |_| ()).await.unwrap();
    let left: Vec<Uuid> = sqlx::query_scalar(
        "select d.case_id from app.case_duties d join app.cases c on c.id = d.case_id
         where d.reckoned_on is distinct from $1 and c.closed_on is null",
    )
    .bind(NOW.date())
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(left, [broken]);
}
