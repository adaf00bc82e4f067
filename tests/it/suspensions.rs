//! Suspensions and permanent exclusions on screen: each numbered statement of domain 2.10 that a screen enforces, what
//! is written, who may, what follows.

use axum::http::StatusCode;
use sqlx::Connection;
use time::{Date, Duration};
use uuid::Uuid;
use waymark::{db, web::session};

use crate::support::{Answer, NOW, Person, Town, day, grant, pupil, web_options};

pub type Fields = Vec<(&'static str, String)>;
/// What makes a good form a bad one.
type Change = fn(&mut Fields);
/// Sessions, reasons, case, kind, who and guidance of an exclusion.
type Stored = (Vec<Date>, Vec<Date>, Vec<String>, Option<Uuid>, String, Uuid, String);

fn set(fields: &mut Fields, name: &'static str, value: &str) {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
}

/// Today is Tuesday 24 November 2026; the training day was Friday 20 November.
fn date(fields: &mut Fields, names: [&'static str; 3], on: &str) {
    let on = day(on);
    for (name, value) in
        names.into_iter().zip([i32::from(on.day()), i32::from(u8::from(on.month())), on.year()])
    {
        set(fields, name, &value.to_string());
    }
}

const DECIDED: [&str; 3] = ["decided.day", "decided.month", "decided.year"];
const FIRST: [&str; 3] = ["first.day", "first.month", "first.year"];
const LUNCH: [&str; 3] = ["lunch.day", "lunch.month", "lunch.year"];
const EXAM: [&str; 3] = ["exam.day", "exam.month", "exam.year"];
const BACK: [&str; 3] = ["back.day", "back.month", "back.year"];
const DAY: [&str; 3] = ["day.day", "day.month", "day.year"];

/// A suspension decided today, from a session on, of so many days.
pub fn suspension(first: &str, half: &str, length: &str) -> Fields {
    let mut fields = vec![
        ("kind", "suspension".to_owned()),
        ("issuer", "headteacher".to_owned()),
        ("first_session", half.to_owned()),
        ("length", length.to_owned()),
        ("reason", "PA".to_owned()),
        ("what", "Pushed Pupil A on the stairs.".to_owned()),
        ("has_social_worker", "no".to_owned()),
        ("lives_away", "no".to_owned()),
    ];
    date(&mut fields, DECIDED, "2026-11-24");
    date(&mut fields, FIRST, first);
    fields
}

fn permanent(first: &str, half: &str) -> Fields {
    let mut fields = suspension(first, half, "");
    set(&mut fields, "kind", "permanent");
    fields
}

fn lunchtimes(first: &str, count: &str) -> Fields {
    let mut fields = suspension("2026-11-24", "", "");
    fields.retain(|(name, _)| !name.starts_with("first"));
    date(&mut fields, LUNCH, first);
    set(&mut fields, "lunch_count", count);
    fields
}

fn page_of(pupil: Uuid) -> String {
    format!("/pupils/{pupil}/suspensions")
}

async fn send(town: &Town, who: &Person, path: &str, fields: &Fields) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    town.post(who, path, &fields).await
}

/// Checked, then issued by this headteacher: its address.
pub async fn issued_by(town: &Town, head: &Person, pupil: Uuid, fields: &Fields) -> String {
    let path = format!("{}/new", page_of(pupil));
    let checked = send(town, head, &path, fields).await;
    let mut fields = fields.clone();
    set(&mut fields, "seen", &seen(&checked));
    set(&mut fields, "go", "issue");
    let answer = send(town, head, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

async fn check(town: &Town, fields: &Fields) -> Answer {
    let school = &town.greenfield;
    send(town, &school.head, &format!("{}/new", page_of(school.case.pupil)), fields).await
}

/// What the check page says was seen.
fn seen(checked: &Answer) -> String {
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    let (_, rest) = checked.body.split_once("name=\"seen\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn press_issue(town: &Town, fields: &Fields, seen: &str) -> Answer {
    let mut fields = fields.clone();
    set(&mut fields, "seen", seen);
    set(&mut fields, "go", "issue");
    check(town, &fields).await
}

/// Checked, then issued: its address.
async fn issued(town: &Town, fields: &Fields) -> String {
    let seen = seen(&check(town, fields).await);
    let answer = press_issue(town, fields, &seen).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
}

/// Days another school gave, recorded on screen by the lead.
async fn elsewhere(town: &Town, days: &str) {
    let school = &town.greenfield;
    let fields = [
        ("year", "2026"),
        ("legal_term", "autumn"),
        ("length", days),
        ("who_said", "The office of the school before, by telephone"),
    ];
    let path = format!("{}/elsewhere", page_of(school.case.pupil));
    let answer = town.post(&school.lead, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

async fn rows(town: &mut Town) -> i64 {
    let id = town.greenfield.case.pupil;
    town.count("select count(*) from app.exclusions where pupil_id = $1", id).await
}

/// Moves the clock by days, with sessions that live on.
async fn days_later(town: &mut Town, days: i64) {
    town.later(Duration::days(days));
    let now = town.now();
    sqlx::query(
        "update app.sessions set seen_at = $1, ends_at = $1 + interval '12 hours'
         where user_id in (select id from app.users where authority_id = $2)",
    )
    .bind(now)
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

fn step(kind: &'static str, on: &str) -> Fields {
    let mut fields = vec![("step", kind.to_owned())];
    date(&mut fields, DAY, on);
    fields
}

fn told(notice: &str, to: &str, on: &str) -> Fields {
    let mut fields = step("told", on);
    fields.extend([("told", notice.to_owned()), ("to", to.to_owned()), ("how", "phone".to_owned())]);
    fields
}

async fn record(town: &Town, path: &str, fields: &Fields) -> Answer {
    send(town, &town.greenfield.lead, &format!("{path}/steps"), fields).await
}

async fn recorded(town: &Town, path: &str, fields: &Fields) {
    let answer = record(town, path, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn s3_02_a_suspension_is_checked_whole_and_then_issued_with_its_exact_sessions() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let (head, pupil, case) = (school.head.clone(), school.case.pupil, school.case.case);
    let page = town.get(&head, &page_of(pupil)).await;
    assert!(page.body.contains("No suspension is recorded") && page.body.contains("Suspend or exclude"));
    assert_eq!(town.get(&head, &format!("{}/new", page_of(pupil))).await.status, StatusCode::OK);
    let mut fields = suspension("2026-11-24", "afternoon", "2.5");
    fields.push(("reason", "DB".to_owned()));
    let checked = check(&town, &fields).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    for words in [
        "Nothing is issued yet",
        "The afternoon of Tuesday 24 November 2026",
        "The afternoon of Thursday 26 November 2026",
        "The morning of Friday 27 November 2026",
        "Legal term: Autumn, 1 August to 31 December 2026",
        "This suspension: 24 Nov, 25 Nov and 26 Nov",
        "42.5 days left of the 45 days",
        "<strong>Tier A</strong>",
        "The sixth consecutive school day is not reached",
        "Physical assault against an adult (PA); Persistent or general disruptive behaviour (DB)",
        "By the end of the afternoon session on Tuesday 24 November 2026",
        "Once in the legal term, by 31 December 2026",
    ] {
        assert!(checked.body.contains(words), "{words}: {}", checked.body);
    }
    assert_eq!(rows(&mut town).await, 0, "only looked at");
    let path = issued(&town, &fields).await;
    let row: Stored = sqlx::query_as(
        "select mornings, afternoons, reasons, case_id, kind, issued_by, guidance from app.exclusions where id = $1",
    )
    .bind(id_of(&path))
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(row.0, [day("2026-11-25"), day("2026-11-26")]);
    assert_eq!(row.1, [day("2026-11-24"), day("2026-11-25"), day("2026-11-26")]);
    assert_eq!((row.2, row.3), (vec!["PA".to_owned(), "DB".to_owned()], Some(case)));
    assert_eq!((row.4.as_str(), row.5), ("suspension", head.id));
    assert!(row.6.contains("26 July 2026"), "the edition of that day is kept: {}", row.6);
    let shown = town.get(&head, &path).await;
    for words in [
        "Tell the parents in person or by telephone",
        "N1",
        "R-WK",
        "Headteacher",
        "cancel it",
        "A headteacher",
    ] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    // The list, the case, the timeline, the day sheet.
    let list = town.get(&school.lead, &page_of(pupil)).await;
    assert!(list.body.contains("2.5 days") && !list.body.contains("Suspend or exclude"), "{}", list.body);
    let case_page = town.get(&school.lead, &format!("/cases/{case}")).await;
    assert!(case_page.body.contains("Suspension of 24 Nov: tell the local authority"), "{}", case_page.body);
    assert!(case_page.body.contains(&format!("href=\"/pupils/{pupil}/suspensions\"")));
    let timeline = town.get(&school.lead, &format!("/cases/{case}/timeline")).await;
    assert!(timeline.body.contains("Suspension issued:</strong> Pushed Pupil A"), "{}", timeline.body);
    let away: Vec<(Date, Date, String)> =
        sqlx::query_as("select from_on, to_on, reason from app.known_absences where case_id = $1")
            .bind(case)
            .fetch_all(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(away, [(day("2026-11-25"), day("2026-11-26"), "suspended".to_owned())], "whole days only");
    days_later(&mut town, 2).await;
    let sheet = town.get(&school.tutor, "/today?date=2026-11-25").await;
    assert!(sheet.body.contains("Suspension"), "prefilled, and says from what: {}", sheet.body);
    let case_page = town.get(&school.lead, &format!("/cases/{case}")).await;
    assert!(!case_page.body.contains("Fill in 25 Nov"), "no marks are asked for: {}", case_page.body);
    let audited = town
        .count("select count(*) from app.audit_events where action = 'issue_exclusion' and outcome = 'allowed' and $1 = any (pupils)", pupil)
        .await;
    assert!(audited >= 2, "looked at, then issued");
}

#[tokio::test]
async fn what_is_missing_or_odd_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let mut town = Town::new().await;
    let pupil = town.greenfield.case.pupil;
    let empty = check(&town, &Vec::new()).await;
    refused(&empty, "Select a suspension or a permanent exclusion");
    assert!(empty.body.contains("<title>Error: Suspend or exclude"));
    let good = suspension("2026-11-25", "morning", "2");
    let odd: [(Change, &str); 22] = [
        (|f| set(f, "length", "0"), "Enter days to the half"),
        (|f| set(f, "length", "2.25"), "Enter days to the half"),
        (|f| set(f, "length", "two"), "Enter days to the half"),
        (|f| set(f, "length", "999"), "The law allows no more than 45 days"),
        (|f| set(f, "first_session", "noon"), "Select morning or afternoon"),
        (|f| date(f, FIRST, "2026-11-19"), "is before the day of the decision"),
        (|f| date(f, FIRST, "2026-11-28"), "Saturday 28 November 2026 is not a school day"),
        (|f| date(f, FIRST, "2026-12-21"), "is not a school day"),
        (|f| date(f, FIRST, "2027-06-01"), "cannot be worked out"),
        (|f| date(f, DECIDED, "2026-11-25"), "must be today or in the past"),
        (|f| date(f, DECIDED, "2024-11-25"), "must be within the last year"),
        (|f| set(f, "decided.day", "31"), "Day of the decision"),
        (|f| set(f, "reason", ""), "Choose at least one reason"),
        (|f| set(f, "reason", "OT"), "Select the reasons from the list"),
        (|f| set(f, "what", "  "), "what happened"),
        (|f| set(f, "what", &"x".repeat(1001)), "1000"),
        (|f| set(f, "has_social_worker", ""), "Select whether the pupil has a social worker"),
        (|f| set(f, "lives_away", ""), "Select where the pupil lives"),
        (|f| f.push(("no_exams_left", "yes".to_owned())), "only so for a Year 11 pupil"),
        (|f| f.push(("lunch_count", "3".to_owned())), "first lunchtime"),
        (|f| f.push(("exam_name", "Maths".to_owned())), "day of the exam"),
        (
            |f| {
                f.retain(|(name, _)| !name.starts_with("first") && *name != "length");
            },
            "Say which half-days or lunchtimes",
        ),
    ];
    for (change, words) in odd {
        let mut fields = good.clone();
        change(&mut fields);
        set(&mut fields, "go", "issue");
        let answer = check(&town, &fields).await;
        refused(&answer, words);
        if fields.iter().any(|(name, value)| *name == "what" && value.starts_with("Pushed")) {
            assert!(answer.body.contains("Pushed Pupil A on the stairs."), "typed words stay");
        }
    }
    // Another pupil of the school has no name in what parents read.
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.id);
    crate::support::pupil(&mut town.owner, town.authority, school, lead, "Quillfeather").await;
    let mut named = good.clone();
    set(&mut named, "what", "Pushed Sam Quillfeather on the stairs.");
    refused(&check(&town, &named).await, "another pupil’s name");
    // An exam the pupil is not out for is not missed.
    let mut exam = good.clone();
    date(&mut exam, EXAM, "2026-12-01");
    exam.extend([("exam_session", "morning".to_owned()), ("exam_name", "GCSE Maths".to_owned())]);
    refused(&check(&town, &exam).await, "so this exam is not missed");
    // Ids of somebody else do not exist here.
    for name in ["incident", "further"] {
        let mut fields = good.clone();
        fields.push((name, Uuid::now_v7().to_string()));
        assert_eq!(check(&town, &fields).await.status, StatusCode::NOT_FOUND, "{name}");
    }
    let unknown =
        town.post(&town.greenfield.head, &format!("{}/new", page_of(pupil)), &[("mornings", "x")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    // Back to the form with everything typed.
    let mut change = good.clone();
    change.push(("go", "change".to_owned()));
    let again = check(&town, &change).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.body.contains("name=\"length\" type=\"text\"") || again.body.contains("value=\"2\""));
    assert!(again.body.contains("Pushed Pupil A on the stairs."));
    assert_eq!(rows(&mut town).await, 0);
}

#[tokio::test]
async fn law_t05_forty_five_days_are_warned_of_and_must_be_acknowledged() {
    let mut town = Town::new().await;
    elsewhere(&town, "44.5").await;
    let half = suspension("2026-11-25", "morning", "0.5");
    let checked = check(&town, &half).await;
    assert!(checked.body.contains("The ceiling of 45 days is reached"), "{}", checked.body);
    let seen = seen(&checked);
    refused(&press_issue(&town, &half, &seen).await, "Tick the box to say that you know");
    assert_eq!(rows(&mut town).await, 0);
    let mut known = half.clone();
    known.push(("ceiling_seen", "yes".to_owned()));
    let answer = press_issue(&town, &known, &seen).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    // R-45c: it makes no permanent exclusion.
    let list = town.get(&town.greenfield.lead, &page_of(town.greenfield.case.pupil)).await;
    assert!(list.body.contains("<strong>45 days</strong>") && list.body.contains("a decision of its own"));
}

#[tokio::test]
async fn law_t06_more_than_forty_five_days_are_refused() {
    let mut town = Town::new().await;
    elsewhere(&town, "45").await;
    refused(&check(&town, &lunchtimes("2026-11-25", "1")).await, "This would come to 45.5 days");
    let mut straight = suspension("2026-11-25", "morning", "0.5");
    straight.push(("go", "issue".to_owned()));
    refused(&check(&town, &straight).await, "no more than 45 days");
    // A permanent exclusion is not refused: it uses up none of the 45 (R-45e).
    let checked = check(&town, &permanent("2026-11-25", "morning")).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    assert_eq!(rows(&mut town).await, 0);
    // Days taken back count no more.
    let entry: Uuid = sqlx::query_scalar("select id from app.exclusions_elsewhere where pupil_id = $1")
        .bind(town.greenfield.case.pupil)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let path = format!("{}/elsewhere/take-back", page_of(town.greenfield.case.pupil));
    let foreign = format!("{}/elsewhere/take-back", page_of(town.hillside.case.pupil));
    let fields = [("entry", entry.to_string())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(town.post(&town.hillside.lead, &foreign, &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.post(&town.greenfield.lead, &path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.post(&town.greenfield.lead, &path, &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(check(&town, &lunchtimes("2026-11-25", "1")).await.status, StatusCode::OK);
}

/// The pupil of Greenfield was at Hillside until October and suspended there for 12 days.
async fn moved(town: &mut Town) {
    let (pupil, enrolment) = (town.greenfield.case.pupil, Uuid::now_v7());
    sqlx::query("update app.enrolments set from_on = '2026-11-02' where pupil_id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on, to_on)
         values ($1, $2, $3, $4, '2024-09-02', '2026-10-31')",
    )
    .bind(enrolment)
    .bind(town.authority)
    .bind(town.hillside.id)
    .bind(pupil)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, kind, decided_on, issuer, issued_by,
                                     mornings, afternoons, reasons, words, exams_left, guidance, send, looked_after,
                                     social_worker, lives_elsewhere, recorded_on, recorded_at)
         select $1, $2, $3, $4, $5, 'suspension', '2026-09-02', 'headteacher', $6, d, d, '{BU}', $7, true, 'Test', 'none',
                false, false, false, '2026-09-02', $8
         from (select array_agg(d::date) d from generate_series('2026-09-02'::date, '2026-09-17', '1 day') d
               where extract(isodow from d) < 6) days",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(town.hillside.id)
    .bind(pupil)
    .bind(enrolment)
    .bind(town.hillside.head.id)
    .bind(format!("Words {}", town.hillside.sentinel))
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn law_t07_the_count_follows_the_pupil_between_schools_and_nothing_else_does() {
    let mut town = Town::new().await;
    moved(&mut town).await;
    elsewhere(&town, "30").await;
    let checked = check(&town, &suspension("2026-11-25", "morning", "3")).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.body);
    assert!(
        checked.body.contains("Suspension decided on 2 Sept 2026 at another school: 2 Sept"),
        "{}",
        checked.body
    );
    assert!(checked.body.contains("The ceiling of 45 days is reached"));
    // No words, no reasons, no school.
    let list = town.get(&town.greenfield.lead, &page_of(town.greenfield.case.pupil)).await;
    for page in [&checked.body, &list.body] {
        assert!(
            !page.contains(&town.hillside.sentinel)
                && !page.contains("Hillside")
                && !page.contains("Bullying")
        );
    }
    assert!(list.body.contains("42 days at other schools"), "{}", list.body);
}

#[tokio::test]
async fn law_t08_half_a_day_more_is_refused_over_both_schools() {
    let mut town = Town::new().await;
    moved(&mut town).await;
    elsewhere(&town, "30").await;
    refused(&check(&town, &suspension("2026-11-25", "morning", "3.5")).await, "45.5 days");
}

/// As the web role and this person: how many exclusions other schools had.
async fn known_elsewhere(who: &Person, pupil: Uuid) -> i64 {
    let mut conn = db::owner(&web_options()).await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let token = who.cookie.split_once('=').unwrap().1;
    sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
        .bind(session::hash_of(token).as_slice())
        .bind(NOW)
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query_scalar("select count(*) from app.exclusions_elsewhere_of(array[$1])")
        .bind(pupil)
        .fetch_one(&mut *tx)
        .await
        .unwrap()
}

#[tokio::test]
async fn only_the_school_the_pupil_is_at_now_learns_of_days_elsewhere() {
    let mut town = Town::new().await;
    moved(&mut town).await;
    let pupil = town.greenfield.case.pupil;
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let other_la = town.person("la_representative", Some(town.hillside.id)).await;
    for who in [&town.greenfield.lead, &town.greenfield.head, &la] {
        assert_eq!(known_elsewhere(who, pupil).await, 1, "{}", who.email);
    }
    for who in [&town.greenfield.tutor, &town.hillside.lead, &town.hillside.head, &other_la] {
        assert_eq!(known_elsewhere(who, pupil).await, 0, "{}", who.email);
    }
    // The school before has lost sight of the pupil, and of the exclusion's page with them.
    let exclusion: Uuid = sqlx::query_scalar("select id from app.exclusions where pupil_id = $1")
        .bind(pupil)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    for who in [&town.hillside.head, &town.greenfield.head] {
        let answer = town.get(who, &format!("/suspensions/{exclusion}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn law_t10_two_periods_make_one_run_with_education_on_its_sixth_day() {
    let town = Town::new().await;
    let five = suspension("2026-11-25", "morning", "5");
    let first = issued(&town, &five).await;
    assert!(
        town.get(&town.greenfield.head, &first)
            .await
            .body
            .contains("The sixth consecutive school day is not reached")
    );
    // 25, 26, 27, 30 November, 1 December: what begins on 2 December follows straight.
    let mut further = suspension("2026-12-02", "morning", "2");
    refused(
        &check(&town, &further).await,
        "This begins when the suspension decided on 24 November 2026 ends",
    );
    further.push(("further_reason", "A second witness came forward.".to_owned()));
    let path = issued(&town, &further).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(
        shown.body.contains("Suitable full-time education from Wednesday 2 December 2026"),
        "{}",
        shown.body
    );
    assert!(
        shown.body.contains("Arrange full-time education from the sixth day") && shown.body.contains("R-6")
    );
    assert!(shown.body.contains("A second witness came forward."));
    // It is the second's to arrange, not owed twice.
    let shown = town.get(&town.greenfield.head, &first).await;
    assert!(!shown.body.contains("Arrange full-time education"));
    assert!(shown.body.contains("Followed by a further one of"));
}

#[tokio::test]
async fn law_t11_an_exam_makes_the_board_consider() {
    let town = Town::new().await;
    let mut fields = suspension("2026-11-26", "morning", "1");
    date(&mut fields, EXAM, "2026-11-26");
    fields.extend([
        ("exam_session", "afternoon".to_owned()),
        ("exam_name", "GCSE Mathematics, paper 1".to_owned()),
    ]);
    let checked = check(&town, &fields).await;
    for words in [
        "<strong>Tier E</strong>",
        "Before the exam on the afternoon of",
        "by Wednesday 25 November 2026",
        "N7",
    ] {
        assert!(checked.body.contains(words), "{words}: {}", checked.body);
    }
    let path = issued(&town, &fields).await;
    let letter = town.get(&town.greenfield.lead, &format!("{path}/letter")).await;
    assert!(letter.body.contains("A public exam or test would be missed: GCSE Mathematics, paper 1"));
    let shown = town.get(&town.greenfield.lead, &path).await;
    assert!(
        shown.body.contains("considers whether the pupil comes back, before the exam on 26 Nov"),
        "{}",
        shown.body
    );
}

fn cancellation(back: &str, half: &str) -> Fields {
    let mut fields =
        vec![("back_session", half.to_owned()), ("say", "The evidence does not bear it out.".to_owned())];
    date(&mut fields, BACK, back);
    fields
}

async fn cancel(town: &Town, path: &str, fields: &Fields) -> Answer {
    send(town, &town.greenfield.head, &format!("{path}/cancel"), fields).await
}

#[tokio::test]
async fn law_t12_a_permanent_exclusion_at_the_ceiling_cannot_be_cancelled() {
    let mut town = Town::new().await;
    elsewhere(&town, "45").await;
    let path = issued(&town, &permanent("2026-11-25", "morning")).await;
    days_later(&mut town, 2).await;
    refused(
        &cancel(&town, &path, &cancellation("2026-11-26", "morning")).await,
        "would have been out for 46 days",
    );
    let none = town
        .count("select count(*) from app.exclusions where id = $1 and cancelled_on is not null", id_of(&path))
        .await;
    assert_eq!(none, 0);
}

#[tokio::test]
async fn law_t12b_the_days_out_under_it_count_to_the_day() {
    let mut town = Town::new().await;
    elsewhere(&town, "30").await;
    let path = issued(&town, &permanent("2026-11-25", "morning")).await;
    // 15 school days from 25 November: to 15 December.
    days_later(&mut town, 22).await;
    refused(&cancel(&town, &path, &cancellation("2026-12-17", "morning")).await, "46 days");
    let answer = cancel(&town, &path, &cancellation("2026-12-16", "morning")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let out: (Vec<Date>, Vec<Date>) =
        sqlx::query_as("select out_mornings, out_afternoons from app.exclusions where id = $1")
            .bind(id_of(&path))
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!((out.0.len(), out.1.len()), (15, 15));
    let list = town.get(&town.greenfield.lead, &page_of(town.greenfield.case.pupil)).await;
    assert!(list.body.contains("<strong>45 days</strong>"), "R-45e: {}", list.body);
    // N9, 2.6.
    let shown = town.get(&town.greenfield.head, &path).await;
    for words in [
        "N9",
        "Offer the parents a meeting",
        "The evidence does not bear it out.",
        "Days out that still count",
    ] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    assert!(!shown.body.contains("considers whether the pupil comes back</th>"));
    let again = cancel(&town, &path, &cancellation("2026-12-16", "morning")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let form = town.get(&town.greenfield.head, &format!("{path}/cancel")).await;
    assert_eq!(form.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn law_t13_nothing_is_cancelled_once_the_board_has_begun_to_meet() {
    let town = Town::new().await;
    let path = issued(&town, &permanent("2026-11-24", "afternoon")).await;
    let mut met = step("board_met", "2026-11-24");
    met.push(("time", "11:50am".to_owned()));
    refused(&record(&town, &path, &met).await, "Time must not be later than now");
    set(&mut met, "time", "lunch");
    refused(&record(&town, &path, &met).await, "Enter the time it began");
    set(&mut met, "time", "11:40am");
    recorded(&town, &path, &met).await;
    refused(
        &cancel(&town, &path, &cancellation("2026-11-24", "afternoon")).await,
        "meeting about it has begun",
    );
    // Recorded by mistake: then it can be.
    let shown = town.get(&town.greenfield.lead, &path).await;
    let (_, rest) = shown.body.split_once("name=\"entry\" value=\"").unwrap();
    let entry = rest.split('"').next().unwrap().to_owned();
    let take_back = format!("{path}/steps/take-back");
    let nothing = town.post(&town.greenfield.lead, &take_back, &[("entry", &entry), ("say", "")]).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    let fields = [("entry", entry.as_str()), ("say", "It was another pupil’s meeting")];
    assert_eq!(town.post(&town.greenfield.lead, &take_back, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.post(&town.greenfield.lead, &take_back, &fields).await.status, StatusCode::NOT_FOUND);
    let shown = town.get(&town.greenfield.lead, &path).await;
    assert!(
        shown.body.contains("Recorded by mistake: It was another pupil’s meeting"),
        "it stays to be read"
    );
    let answer = cancel(&town, &path, &cancellation("2026-11-24", "afternoon")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    // Where the board only considers what the parents say, its meeting decides no return and ends no right (2.6).
    let path = issued(&town, &suspension("2026-11-26", "morning", "1")).await;
    recorded(&town, &path, &met).await;
    let answer = cancel(&town, &path, &cancellation("2026-11-26", "morning")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn law_t14_one_to_three_different_reasons() {
    let mut town = Town::new().await;
    for (codes, words) in [
        (&["PA", "PA"][..], "Choose each reason only once"),
        (&["PA", "DB", "VP", "TH"][..], "Choose no more than three reasons"),
    ] {
        let mut fields = suspension("2026-11-25", "morning", "1");
        fields.retain(|(name, _)| *name != "reason");
        fields.extend(codes.iter().map(|code| ("reason", (*code).to_owned())));
        refused(&check(&town, &fields).await, words);
    }
    // And in the database.
    town.furnish().await;
    for reasons in ["{}", "{PA,PA}", "{PA,DB,PA}", "{PA,DB,VP,TH}", "{OT}"] {
        let copied = sqlx::query(
            "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, kind, decided_on, issuer, issued_by,
                                         mornings, reasons, words, exams_left, guidance, send, looked_after, social_worker,
                                         lives_elsewhere, recorded_on, recorded_at)
             select gen_random_uuid(), authority_id, school_id, pupil_id, enrolment_id, kind, decided_on, issuer, issued_by,
                    mornings, $2::text[], words, exams_left, guidance, send, looked_after, social_worker, lives_elsewhere,
                    recorded_on, recorded_at from app.exclusions where id = $1",
        )
        .bind(town.greenfield.case.exclusion)
        .bind(reasons.trim_matches(['{', '}']).split(',').filter(|c| !c.is_empty()).collect::<Vec<_>>())
        .execute(&mut town.owner)
        .await;
        assert!(copied.unwrap_err().to_string().contains("exclusions_reasons"), "{reasons}");
    }
}

#[tokio::test]
async fn law_t15_only_the_headteacher_issues_and_nobody_is_given_that_power() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let path = format!("{}/new", page_of(school.case.pupil));
    let delegate = town.person("head_delegate", Some(school.id)).await;
    let la = town.person("la_representative", Some(school.id)).await;
    let mut fields = suspension("2026-11-25", "morning", "1");
    let of_check = seen(&check(&town, &fields).await);
    set(&mut fields, "seen", &of_check);
    set(&mut fields, "go", "issue");
    for who in [&school.lead, &school.tutor, &delegate, &la] {
        assert_eq!(town.get(who, &path).await.status, StatusCode::FORBIDDEN, "{}", who.email);
        let answer = send(&town, who, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", who.email);
        assert!(answer.body.contains("This can be done by: Headteacher"), "{}", answer.body);
    }
    let other = send(&town, &town.hillside.head, &path, &fields).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    // Somebody else is not offered, and not taken.
    let mut somebody = fields.clone();
    set(&mut somebody, "issuer", "somebody_else");
    refused(&check(&town, &somebody).await, "Only the headteacher, or an acting headteacher");
    assert_eq!(rows(&mut town).await, 0);
    // The wall behind it: as the web role, a lead's row is refused.
    let mut conn = db::owner(&web_options()).await.unwrap();
    for (who, allowed) in [(&school.lead, false), (&delegate, false), (&school.head, true)] {
        let mut tx = conn.begin().await.unwrap();
        let token = who.cookie.split_once('=').unwrap().1;
        sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
            .bind(session::hash_of(token).as_slice())
            .bind(NOW)
            .execute(&mut *tx)
            .await
            .unwrap();
        let written = sqlx::query(
            "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, kind, decided_on, issuer, issued_by,
                                         mornings, reasons, words, exams_left, guidance, send, looked_after, social_worker,
                                         lives_elsewhere, recorded_on, recorded_at)
             select gen_random_uuid(), authority_id, school_id, pupil_id, id, 'suspension', '2026-11-24', 'headteacher', $2,
                    '{2026-11-25}', '{PA}', 'x', true, 'Test', 'none', false, false, false, '2026-11-24', $3
             from app.enrolments where pupil_id = $1",
        )
        .bind(school.case.pupil)
        .bind(who.id)
        .bind(NOW)
        .execute(&mut *tx)
        .await;
        assert_eq!(written.is_ok(), allowed, "{}: {written:?}", who.email);
    }
    // Whoever holds the role that day is the acting head.
    let acting = town.person("school_lead", Some(school.id)).await;
    grant(
        &mut town.owner,
        town.authority,
        acting.id,
        "headteacher",
        Some(school.id),
        day("2026-11-24"),
        Some(day("2026-11-24")),
    )
    .await;
    set(&mut fields, "issuer", "acting_headteacher");
    let answer = send(&town, &acting, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn law_t16_an_issued_suspension_is_never_made_longer() {
    let mut town = Town::new().await;
    let path = issued(&town, &suspension("2026-11-25", "morning", "2")).await;
    let head = town.greenfield.head.clone();
    // There is no form to change it; a further one is offered, filled with when this one ends.
    let shown = town.get(&head, &path).await;
    let id = id_of(&path);
    let further = format!("{}/new?further={id}", page_of(town.greenfield.case.pupil));
    assert!(shown.body.contains("never made longer") && shown.body.contains(&further), "{}", shown.body);
    let form = town.get(&head, &further).await;
    assert!(
        form.body.contains("name=\"first.day\" type=\"text\" value=\"27\"")
            || form.body.contains("value=\"27\""),
        "{}",
        form.body
    );
    let foreign = format!("{}/new?further={}", page_of(town.greenfield.case.pupil), Uuid::now_v7());
    assert_eq!(town.get(&head, &foreign).await.status, StatusCode::NOT_FOUND);
    // One chosen to follow that does not begin when it ends is no further one.
    let mut later = suspension("2026-12-01", "morning", "1");
    later.extend([("further", id.to_string()), ("further_reason", "New evidence".to_owned())]);
    refused(
        &check(&town, &later).await,
        "A further suspension begins when the one before it ends: the morning of Friday 27",
    );
    // No session is lost twice.
    refused(
        &check(&town, &suspension("2026-11-26", "morning", "2")).await,
        "The pupil is suspended on the morning of Thursday 26",
    );
    // Whoever asks: the row stays.
    for sql in [
        "update app.exclusions set afternoons = afternoons || '2026-11-27'::date where id = $1",
        "update app.exclusions set words = 'x' where id = $1",
        "update app.exclusions set cancelled_on = '2026-11-24', decided_on = '2026-11-23' where id = $1",
        "delete from app.exclusions where id = $1",
    ] {
        let changed = sqlx::query(sql).bind(id).execute(&mut town.owner).await;
        let why = changed.unwrap_err().to_string();
        assert!(why.contains("not changed") || why.contains("not taken away"), "{sql}: {why}");
    }
    // Cancelled once, and only once.
    let answer = cancel(&town, &path, &cancellation("2026-11-26", "morning")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let changed = sqlx::query("update app.exclusions set cancelled_why = 'x' where id = $1")
        .bind(id)
        .execute(&mut town.owner)
        .await;
    assert!(changed.unwrap_err().to_string().contains("cancelled once"));
    // The day out stays excused, the other does not; the days before the return count.
    let away: Vec<(Date, Date)> = sqlx::query_as(
        "select from_on, to_on from app.known_absences where exclusion_id = $1 and withdrawn_at is null",
    )
    .bind(id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(away, [(day("2026-11-25"), day("2026-11-25"))]);
    let list = town.get(&head, &page_of(town.greenfield.case.pupil)).await;
    assert!(list.body.contains("<strong>1 day</strong>") && list.body.contains("Cancelled"), "{}", list.body);
}

#[tokio::test]
async fn a_cancellation_says_what_is_wrong_with_it() {
    let town = Town::new().await;
    let path = issued(&town, &suspension("2026-11-25", "afternoon", "2")).await;
    let nothing = cancel(&town, &path, &Vec::new()).await;
    refused(&nothing, "why it is cancelled");
    for (back, half, words) in [
        ("2026-11-28", "morning", "is not a school day"),
        ("2026-11-24", "morning", "must not be before the exclusion begins"),
        ("2026-11-30", "morning", "The pupil is back from the afternoon of Friday 27 November 2026 anyway"),
        ("2026-12-15", "morning", "without delay"),
    ] {
        refused(&cancel(&town, &path, &cancellation(back, half)).await, words);
    }
    // Before it began: nothing of it counts, and everybody who was told is told.
    let answer = cancel(&town, &path, &cancellation("2026-11-25", "afternoon")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let list = town.get(&town.greenfield.lead, &page_of(town.greenfield.case.pupil)).await;
    assert!(list.body.contains("<strong>0 days</strong>"), "{}", list.body);
    // It can be issued anew.
    issued(&town, &suspension("2026-11-25", "afternoon", "1")).await;
}

async fn case_row(town: &mut Town) -> (Option<Date>, Option<String>) {
    sqlx::query_as("select closed_on, ended_as from app.cases where id = $1")
        .bind(town.greenfield.case.case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn p2_03a_a_permanent_exclusion_ends_the_case_and_is_never_held_up() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let case = format!("/cases/{}", school.case.case);
    let fields = permanent("2026-11-25", "morning");
    let checked = check(&town, &fields).await;
    for words in [
        "It is not recorded that a move to Stage 3 was considered (P2.03a). You can give the reason now or later.",
        "ends as permanently excluded",
        "<strong>Tier D</strong>",
        "Suitable full-time education from Wednesday 2 December 2026; the local authority arranges it",
        "Issue this permanent exclusion",
    ] {
        assert!(checked.body.contains(words), "{words}: {}", checked.body);
    }
    let path = issued(&town, &fields).await;
    assert_eq!(case_row(&mut town).await, (Some(day("2026-11-24")), Some("excluded".to_owned())));
    let event: serde_json::Value =
        sqlx::query_scalar("select event from app.case_decisions where case_id = $1 and command = 'close'")
            .bind(school.case.case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(event["ending"], "excluded");
    // The reason is owed, with the case and with the exclusion; given with the exclusion it is owed nowhere.
    let shown = town.get(&school.head, &case).await;
    assert!(shown.body.contains("Give the reason that is owed for P2.03a"), "{}", shown.body);
    assert!(shown.body.contains("Permanent exclusion of 24 Nov: tell the local authority"), "{}", shown.body);
    let shown = town.get(&school.head, &path).await;
    assert!(shown.body.contains("Say why Stage 3 was not considered first"));
    let mut why = step("explained", "2026-11-24");
    refused(&record(&town, &path, &why).await, "why Stage 3 was not considered first");
    why.push(("say", "The danger to others was immediate.".to_owned()));
    recorded(&town, &path, &why).await;
    assert_eq!(record(&town, &path, &why).await.status, StatusCode::NOT_FOUND, "owed no longer");
    let shown = town.get(&school.head, &path).await;
    assert!(!shown.body.contains("Say why Stage 3 was not considered first</th>"));
    assert!(shown.body.contains("The danger to others was immediate."));
    let shown = town.get(&school.head, &case).await;
    assert!(!shown.body.contains("Give the reason that is owed"), "{}", shown.body);
    // A20: cancelled, and the case can be opened again at Stage 3.
    let answer = cancel(&town, &path, &cancellation("2026-11-25", "morning")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let shown = town.get(&school.head, &path).await;
    let reopen = format!("{case}/stage/move?to=reopen3");
    assert!(shown.body.contains(&reopen), "{}", shown.body);
    assert_eq!(town.get(&school.head, &reopen).await.status, StatusCode::OK);
    let done = town.post(&school.head, &format!("{case}/stage/move"), &[("to", "reopen3")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let shown = town.get(&school.head, &path).await;
    assert!(!shown.body.contains("reopen3"), "it is open again");
}

#[tokio::test]
async fn p2_03a_the_reason_can_be_given_with_the_exclusion() {
    let mut town = Town::new().await;
    let mut fields = permanent("2026-11-25", "morning");
    fields.push(("stage_3_reason", "The danger to others was immediate.".to_owned()));
    let checked = check(&town, &fields).await;
    assert!(checked.body.contains("Your reason: The danger to others was immediate."), "{}", checked.body);
    let path = issued(&town, &fields).await;
    let reasons: serde_json::Value =
        sqlx::query_scalar("select reasons from app.case_decisions where case_id = $1 and command = 'close'")
            .bind(town.greenfield.case.case)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
    assert_eq!(reasons["P2.03a"], "The danger to others was immediate.");
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(!shown.body.contains("Say why Stage 3 was not considered first"), "{}", shown.body);
}

#[tokio::test]
async fn g11_a_permanent_exclusion_without_a_case_is_accepted_with_the_warning() {
    let mut town = Town::new().await;
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.id);
    let (child, _) = pupil(&mut town.owner, town.authority, school, lead, "Nocase").await;
    let head = town.greenfield.head.clone();
    let path = format!("{}/new", page_of(child));
    let mut fields = permanent("2026-11-25", "morning");
    let checked = send(&town, &head, &path, &fields).await;
    assert!(checked.body.contains("P2.03a") && !checked.body.contains("ends as permanently excluded"));
    let seen = seen(&checked);
    set(&mut fields, "seen", &seen);
    set(&mut fields, "go", "issue");
    let answer = send(&town, &head, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let shown = town.get(&head, &answer.location).await;
    assert!(
        shown.body.contains("Say why Stage 3 was not considered first")
            && shown.body.contains("Tell the local authority")
    );
    // Without a case it is the headteacher's overview that says what is owed.
    let overview = town.get(&head, "/overview").await;
    assert!(overview.body.contains("Exclusions with something owed"), "{}", overview.body);
    assert!(overview.body.contains(&answer.location) && overview.body.contains("Sam Nocase"));
    assert!(
        !town.get(&town.hillside.head, "/overview").await.body.contains("Exclusions with something owed")
    );
    days_later(&mut town, 1).await;
    let overview = town.get(&head, "/overview").await;
    assert!(overview.body.contains("overdue</strong>"), "{}", overview.body);
}

#[tokio::test]
async fn a11_a_permanent_exclusion_for_the_same_incident_asks_for_new_evidence() {
    let mut town = Town::new().await;
    town.furnish().await;
    let incident = town.greenfield.case.incident.to_string();
    let mut first = suspension("2026-11-26", "morning", "2");
    first.push(("incident", incident.clone()));
    issued(&town, &first).await;
    let mut then = permanent("2026-12-01", "morning");
    assert!(!check(&town, &then).await.body.contains("A11"));
    then.push(("incident", incident.clone()));
    let checked = check(&town, &then).await;
    assert!(
        checked.body.contains("the pupil was suspended for this already")
            && checked.body.contains("No new evidence is written down.")
    );
    then.push(("evidence", "The film of the bus shows a knife.".to_owned()));
    let path = issued(&town, &then).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(shown.body.contains("The film of the bus shows a knife."));
    // A second record of what stands is noticed, and holds nothing up.
    let again = check(&town, &permanent("2026-12-02", "morning")).await;
    assert!(
        again.body.contains("The permanent exclusion decided on 24 November 2026 stands."),
        "{}",
        again.body
    );
    // Straight after a suspension is the same question.
    let mut town = Town::new().await;
    issued(&town, &suspension("2026-11-25", "morning", "2")).await;
    let checked = check(&town, &permanent("2026-11-27", "morning")).await;
    assert!(checked.body.contains("A11"), "{}", checked.body);
    assert_eq!(rows(&mut town).await, 1);
}

#[tokio::test]
async fn s3_02_what_is_owed_is_done_step_by_step_and_cannot_be_dismissed() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let path = issued(&town, &suspension("2026-11-24", "afternoon", "2")).await;
    let owed = |body: &str| body.matches("<td class=\"govuk-table__cell\" data-label=\"Who\">").count();
    let shown = town.get(&school.lead, &path).await;
    assert_eq!(owed(&shown.body), 6, "N1, N2, N3, N4, N8, R-WK: {}", shown.body);
    days_later(&mut town, 1).await;
    let shown = town.get(&school.lead, &path).await;
    assert_eq!(shown.body.matches("govuk-tag--red\">Overdue").count(), 5, "all but the report of the term");
    let case = town.get(&school.lead, &format!("/cases/{}", school.case.case)).await;
    assert!(case.body.contains("1 school day overdue"), "{}", case.body);
    assert_eq!(
        town.get(&school.lead, &format!("{path}/steps?step=told&told=word&to=parents")).await.status,
        StatusCode::OK
    );
    // What is not of this exclusion does not exist here.
    for (notice, to) in [
        ("carer", "social_worker"),
        ("cancellation", "parents"),
        ("sixth_day", "parents"),
        ("word", "board"),
        ("x", "y"),
    ] {
        assert_eq!(
            record(&town, &path, &told(notice, to, "2026-11-24")).await.status,
            StatusCode::NOT_FOUND,
            "{notice} {to}"
        );
    }
    for kind in ["review_applied", "meeting_offered", "decision_told", "explained", "taken_back", "x"] {
        assert_eq!(
            record(&town, &path, &step(kind, "2026-11-24")).await.status,
            StatusCode::NOT_FOUND,
            "{kind}"
        );
    }
    let mut nothing = told("word", "parents", "2026-11-24");
    nothing.retain(|(name, _)| *name != "how");
    refused(&record(&town, &path, &nothing).await, "Select how");
    refused(
        &record(&town, &path, &told("word", "parents", "2026-11-23")).await,
        "must not be before the decision",
    );
    refused(
        &record(&town, &path, &told("word", "parents", "2026-11-26")).await,
        "must be today or in the past",
    );
    for (notice, to) in [
        ("word", "parents"),
        ("letter", "parents"),
        ("public_place", "parents"),
        ("authority", "authority"),
        ("board_termly", "board"),
    ] {
        recorded(&town, &path, &told(notice, to, "2026-11-24")).await;
    }
    let mut work = step("work_set", "2026-11-24");
    work.push(("say", "English, maths and science, by the school’s own platform".to_owned()));
    recorded(&town, &path, &work).await;
    let shown = town.get(&school.lead, &path).await;
    assert!(shown.body.contains("Nothing is owed."), "{}", shown.body);
    // Representations bring the board in, without a last day at tier A.
    refused(&record(&town, &path, &step("representations", "2026-11-25")).await, "what they said");
    let mut said = step("representations", "2026-11-25");
    said.push(("say", "It was not Sam.".to_owned()));
    recorded(&town, &path, &said).await;
    let shown = town.get(&school.lead, &path).await;
    assert!(
        shown.body.contains("The governing board considers what the parents said")
            && shown.body.contains("The law sets no last day")
    );
    refused(
        &record(&town, &path, &step("board_decided", "2026-11-25")).await,
        "Select what the governing board decided",
    );
    let mut decided = step("board_decided", "2026-11-25");
    decided.push(("result", "upheld".to_owned()));
    recorded(&town, &path, &decided).await;
    let shown = town.get(&school.lead, &path).await;
    assert!(
        shown.body.contains("Tell the parents what the governing board decided")
            && shown.body.contains("The exclusion stands")
    );
    let timeline = town.get(&school.lead, &format!("/cases/{}/timeline", school.case.case)).await;
    assert!(timeline.body.contains("After an exclusion"), "{}", timeline.body);
    assert!(timeline.body.contains("The parents made representations: It was not Sam."), "{}", timeline.body);
}

#[tokio::test]
async fn education_and_the_review_have_their_own_details() {
    let town = Town::new().await;
    let path = issued(&town, &permanent("2026-11-24", "afternoon")).await;
    let mut education = step("education", "2026-11-24");
    refused(&record(&town, &path, &education).await, "who teaches the pupil");
    education.extend([
        ("by_whom", "Pathways Learning Centre".to_owned()),
        ("where", "1 High Road".to_owned()),
        ("times_of_day", "9:15am to 2:45pm".to_owned()),
        ("ask_for", "Mr Bell".to_owned()),
    ]);
    date(&mut education, ["starts.day", "starts.month", "starts.year"], "2026-11-23");
    refused(&record(&town, &path, &education).await, "must not be before the decision");
    date(&mut education, ["starts.day", "starts.month", "starts.year"], "2026-12-01");
    recorded(&town, &path, &education).await;
    let letter = town.get(&town.greenfield.head, &format!("{path}/letter")).await;
    for words in [
        "From Tuesday 1 December 2026: Pathways Learning Centre.",
        "1 High Road",
        "9:15am to 2:45pm",
        "report to Mr Bell",
    ] {
        assert!(letter.body.contains(words), "{words}: {}", letter.body);
    }
    let mut decided = step("board_decided", "2026-11-24");
    decided.push(("result", "upheld".to_owned()));
    recorded(&town, &path, &decided).await;
    let mut told = step("decision_told", "2026-11-24");
    told.push(("how", "letter".to_owned()));
    recorded(&town, &path, &told).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(
        shown.body.contains("can apply for an independent review until Tuesday 15 December 2026"),
        "{}",
        shown.body
    );
    recorded(&town, &path, &step("review_applied", "2026-11-24")).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(shown.body.contains("The independent review panel sits by Tuesday 15 December 2026"));
}

/// Greenfield's case moved to Stage 3 yesterday.
async fn to_stage_3(town: &mut Town) {
    for sql in [
        "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                         requirements, reasons, seq, event)
         select gen_random_uuid(), authority_id, school_id, case_id, 'move_up', '2026-11-23', decided_at, decided_by, '[]', '{}', 2,
                '{\"event\": \"moved_up\", \"to\": 3, \"reason\": \"serious_incident\"}' from app.case_decisions where case_id = $1",
        "update app.cases set stage = 3 where id = $1",
        "update app.case_stages set left_on = '2026-11-23' where case_id = $1",
        "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by)
         select gen_random_uuid(), authority_id, school_id, case_id, 3, '2026-11-23', entered_at, entered_by
         from app.case_stages where case_id = $1",
    ] {
        sqlx::query(sql).bind(town.greenfield.case.case).execute(&mut town.owner).await.unwrap();
    }
}

#[tokio::test]
async fn p2_03a_at_stage_3_it_was_considered_and_what_is_under_way_is_named() {
    let mut town = Town::new().await;
    town.furnish().await;
    to_stage_3(&mut town).await;
    let fields = permanent("2026-11-26", "morning");
    let checked = check(&town, &fields).await;
    assert!(!checked.body.contains("P2.03a"), "{}", checked.body);
    let named = "is under way as an alternative to a permanent exclusion";
    assert!(checked.body.contains(named), "{}", checked.body);
    let path = issued(&town, &fields).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(
        shown.body.contains("Considered first") && !shown.body.contains("Say why Stage 3"),
        "{}",
        shown.body
    );
}

#[tokio::test]
async fn s3_01_a_suspension_at_stage_3_is_the_alternative_the_checklist_asks_for() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    to_stage_3(&mut town).await;
    let stage = format!("/cases/{}/stage", school.case.case);
    let before = town.get(&school.lead, &stage).await;
    assert!(before.body.contains("No suspension is recorded at this stage."), "{}", before.body);
    assert!(before.body.contains("No exclusion is recorded."), "S3.02");
    let path = issued(&town, &suspension("2026-11-24", "afternoon", "2")).await;
    let after = town.get(&school.lead, &stage).await;
    assert!(
        after.body.contains("Suspension of 24 Nov.") && after.body.contains("Nothing is overdue."),
        "{}",
        after.body
    );
    days_later(&mut town, 1).await;
    let overdue = town.get(&school.lead, &stage).await;
    assert!(overdue.body.contains("5 steps are overdue."), "{}", overdue.body);
    // The statutory clocks are not among what can be said not to apply.
    let form =
        town.get(&school.lead, &format!("/cases/{}/steps/new?kind=not_applicable", school.case.case)).await;
    assert!(!form.body.contains("S3.02:"), "{}", form.body);
    let fields = [
        ("kind", "not_applicable"),
        ("on_date.day", "25"),
        ("on_date.month", "11"),
        ("on_date.year", "2026"),
        ("clause", "S3.02"),
        ("reason", "We did it"),
    ];
    let waived = town.post(&school.lead, &format!("/cases/{}/steps/new", school.case.case), &fields).await;
    assert_ne!(waived.status, StatusCode::SEE_OTHER);
    // Cancelled before it began it is no alternative.
    let answer = cancel(&town, &path, &cancellation("2026-11-24", "afternoon")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let after = town.get(&school.lead, &stage).await;
    assert!(after.body.contains("No suspension is recorded at this stage."), "{}", after.body);
}

#[tokio::test]
async fn a_form_sent_twice_issues_once_and_what_changed_meanwhile_is_looked_at_again() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let path = format!("{}/new", page_of(school.case.pupil));
    let fields = suspension("2026-11-25", "morning", "1");
    let of_check = seen(&check(&town, &fields).await);
    // Another headteacher of the school issues between the check and the press.
    let other = town.person("headteacher", Some(school.id)).await;
    let mut theirs = suspension("2026-11-30", "morning", "1");
    let their_check = seen(&send(&town, &other, &path, &theirs).await);
    set(&mut theirs, "seen", &their_check);
    set(&mut theirs, "go", "issue");
    assert_eq!(send(&town, &other, &path, &theirs).await.status, StatusCode::SEE_OTHER);
    let stale = press_issue(&town, &fields, &of_check).await;
    refused(&stale, "What follows has changed since you looked");
    assert!(stale.body.contains("2 days in all"), "{}", stale.body);
    assert_eq!(rows(&mut town).await, 1);
    // Looked at again and pressed twice: once.
    let mut sent = fields.clone();
    let again = seen(&check(&town, &fields).await);
    let key = Uuid::new_v4().to_string();
    sent.extend([("seen", again), ("go", "issue".to_owned()), ("form_key", key)]);
    let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let first = town.post_exactly(&school.head, &path, &sent, &[]).await;
    let second = town.post_exactly(&school.head, &path, &sent, &[]).await;
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(first.location, second.location);
    assert_eq!(rows(&mut town).await, 2);
}

#[tokio::test]
async fn who_may_read_reads_and_who_may_not_record_does_not() {
    let mut town = Town::new().await;
    let path = issued(&town, &suspension("2026-11-25", "morning", "1")).await;
    let list = page_of(town.greenfield.case.pupil);
    let la = town.person("la_representative", Some(town.greenfield.id)).await;
    let delegate = town.person("head_delegate", Some(town.greenfield.id)).await;
    for who in [&la, &delegate] {
        for page in
            [path.clone(), list.clone(), format!("{path}/letter"), format!("{path}/notices/authority")]
        {
            assert_eq!(town.get(who, &page).await.status, StatusCode::OK, "{} {page}", who.email);
        }
        let shown = town.get(who, &path).await;
        assert!(
            !shown.body.contains("/steps?step=") && !shown.body.contains("cancel it"),
            "nothing to do: {}",
            shown.body
        );
        let recording =
            send(&town, who, &format!("{path}/steps"), &told("word", "parents", "2026-11-24")).await;
        assert_eq!(recording.status, StatusCode::FORBIDDEN);
        assert_eq!(
            send(&town, who, &format!("{path}/cancel"), &cancellation("2026-11-25", "morning")).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(town.post(who, &format!("{list}/elsewhere"), &[]).await.status, StatusCode::FORBIDDEN);
    }
    let lead = town.greenfield.lead.clone();
    assert_eq!(
        send(&town, &lead, &format!("{path}/cancel"), &cancellation("2026-11-25", "morning")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(town.get(&town.greenfield.tutor, &path).await.status, StatusCode::FORBIDDEN);
    for page in [path.clone(), list.clone(), format!("{path}/letter"), format!("{path}/notices/board")] {
        assert_eq!(town.get(&town.hillside.head, &page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    let foreign =
        send(&town, &town.hillside.lead, &format!("{path}/steps"), &told("word", "parents", "2026-11-24"))
            .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_letter_says_what_the_law_asks_and_keeps_addresses_and_others_out() {
    let mut town = Town::new().await;
    let mut fields = suspension("2026-11-25", "morning", "3");
    set(&mut fields, "has_social_worker", "yes");
    let path = issued(&town, &fields).await;
    let school = town.greenfield.clone();
    let letter = town.get(&school.lead, &format!("{path}/letter")).await;
    for words in [
        "Dear parent or carer",
        "Suspension of Sam",
        "On 24 November 2026 I decided to suspend Sam for a fixed time.",
        "Sam is out from the morning of Wednesday 25 November 2026 to the afternoon of Friday 27 November 2026",
        "Sam is back in school for the morning of Monday 30 November 2026.",
        "Physical assault against an adult (PA).",
        "The first days: 25 Nov, 26 Nov and 27 Nov",
        "not in a public place in school hours without good reason",
        "We set work, and mark it.",
        "You may make representations about this decision to the governing board",
        "Sam may take part",
        "complaints procedure",
        "First-tier Tribunal",
        "It is not made to bring about a move to another school",
        "A headteacher",
    ] {
        assert!(letter.body.contains(words), "{words}: {}", letter.body);
    }
    assert!(!letter.body.contains("From the sixth school day"), "it is not reached");
    assert!(!letter.body.contains("bring a friend"), "tier A: there is no meeting");
    // To a parent: by name, a confidential address never.
    let to = format!("{path}/letter?contact={}", school.case.contact);
    let addressed = town.get(&school.lead, &to).await;
    assert!(addressed.body.contains(&format!("Dear Mother {}", school.sentinel)));
    assert!(addressed.body.contains("The address is confidential and is not printed"));
    assert!(!addressed.body.contains("Hidden"), "{}", addressed.body);
    sqlx::query("update app.contacts set no_contact = true, no_contact_reason = 'Court order' where id = $1")
        .bind(school.case.contact)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert_eq!(
        town.get(&school.lead, &to).await.status,
        StatusCode::NOT_FOUND,
        "nothing goes to somebody barred"
    );
    // Notices: to those this exclusion needs, and to nobody else. Only the board reads what happened.
    let board = town.get(&school.lead, &format!("{path}/notices/board")).await;
    assert!(board.body.contains("Pushed Pupil A") && board.body.contains("Tier A"), "{}", board.body);
    let authority = town.get(&school.lead, &format!("{path}/notices/authority")).await;
    assert!(authority.body.contains("Local authority") && !authority.body.contains("Pushed Pupil A"));
    assert_eq!(town.get(&school.lead, &format!("{path}/notices/social_worker")).await.status, StatusCode::OK);
    for kind in ["virtual_head", "home_authority", "parents", "x"] {
        let answer = town.get(&school.lead, &format!("{path}/notices/{kind}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{kind}");
    }
}

#[tokio::test]
async fn lunchtimes_run_over_school_days_and_count_half_a_day_each() {
    let town = Town::new().await;
    let fields = lunchtimes("2026-11-26", "5");
    let checked = check(&town, &fields).await;
    for words in [
        "2.5 days, with 5 lunchtimes",
        "26 November to 2 December 2026",
        "of it for lunchtimes, half a day each",
    ] {
        assert!(checked.body.contains(words), "{words}: {}", checked.body);
    }
    let path = issued(&town, &fields).await;
    let shown = town.get(&town.greenfield.head, &path).await;
    assert!(!shown.body.contains("R-WK"), "no session is lost: {}", shown.body);
    let letter = town.get(&town.greenfield.head, &format!("{path}/letter")).await;
    assert!(letter.body.contains("Suspension at lunchtimes of Sam"));
    refused(&check(&town, &lunchtimes("2026-11-28", "2")).await, "is not a school day");
    refused(&check(&town, &lunchtimes("2026-11-26", "91")).await, "from 1 to 90");
}

#[tokio::test]
async fn days_elsewhere_ask_for_what_is_needed() {
    let town = Town::new().await;
    let school = town.greenfield.clone();
    let path = format!("{}/elsewhere", page_of(school.case.pupil));
    assert_eq!(town.get(&school.lead, &path).await.status, StatusCode::OK);
    let good =
        [("year", "2026"), ("legal_term", "unknown"), ("length", "4"), ("who_said", "The school before")];
    for (name, value, words) in [
        ("year", "2019", "Select the school year"),
        ("year", "2027", "Select the school year"),
        ("legal_term", "", "Select the legal term"),
        ("length", "", "Enter the total in days"),
        ("length", "191", "no more than 190 days"),
        ("length", "-1", "Enter days to the half"),
        ("who_said", "", "who said so"),
    ] {
        let fields: Vec<_> = good.iter().map(|(n, v)| (*n, if *n == name { value } else { *v })).collect();
        refused(&town.post(&school.lead, &path, &fields).await, words);
    }
    assert_eq!(town.post(&school.lead, &path, &good).await.status, StatusCode::SEE_OTHER);
    let list = town.get(&school.lead, &page_of(school.case.pupil)).await;
    assert!(
        list.body.contains("4 days, 2026 to 2027")
            && list.body.contains("4 days more this school year without their term"),
        "{}",
        list.body
    );
}

#[tokio::test]
async fn the_calculator_shows_each_step_and_says_when_it_cannot() {
    let mut town = Town::new().await;
    let la = town.person("la_representative", None).await;
    let staff = town.greenfield.tutor.clone();
    let path = "/suspensions/calculator";
    let full = format!(
        "{path}?decided.day=24&decided.month=11&decided.year=2026&first.day=24&first.month=11&first.year=2026\
         &first_session=afternoon&length=6&term_before=5&year_before=7&elsewhere=2&told.day=25&told.month=11&told.year=2026"
    );
    for who in [town.greenfield.lead.clone(), town.greenfield.head.clone(), la.clone()] {
        let empty = town.get(&who, path).await;
        assert!(empty.body.contains("It is about nobody"), "{}", empty.body);
        let answer = town.get(&who, &full).await;
        for words in [
            "The afternoon of Tuesday 24 November 2026",
            "Back in school",
            "The afternoon of Wednesday 2 December 2026",
            "11 days in all: 5 days before at this school, 0 days at other schools, 6 days by this suspension.",
            "Another school gave 2 days of this school year without saying when.",
            "15 days in all: 7 days before at this school, 2 days at other schools, 6 days by this suspension.",
            "<strong>Tier B</strong>",
            "Told on Wednesday 25 November 2026:",
            "Suitable full-time education from Tuesday 1 December 2026",
        ] {
            assert!(answer.body.contains(words), "{words}: {}", answer.body);
        }
        // Fifty school days after 25 November lie beyond the calendar: nobody guesses.
        assert!(answer.body.contains("a day that cannot be computed"), "{}", answer.body);
        assert!(answer.body.contains("value=\"6\""), "what was typed stays");
    }
    let over = town.get(&la, &full.replace("year_before=7", "year_before=40")).await;
    assert!(over.body.contains("The law allows no more than 45 days"), "{}", over.body);
    let beyond = full.replace("first.month=11&first.year=2026", "first.month=6&first.year=2027");
    let beyond = town.get(&la, &beyond).await;
    assert!(beyond.body.contains("This cannot be worked out"), "{}", beyond.body);
    for (from, to, words) in [
        ("length=6", "length=6.3", "Enter days to the half"),
        ("term_before=5", "term_before=9", "include the days of this legal term"),
        ("elsewhere=2", "elsewhere=x", "must be days to the half"),
        ("decided.day=24", "decided.day=", "day of the decision"),
        ("told.day=25", "told.day=99", "governing board is told"),
        ("decided.year=2026", "decided.year=9999", "within 3 years"),
        ("decided.year=2026", "decided.year=0001", "within 3 years"),
        ("first.year=2026", "first.year=9999", "This cannot be worked out"),
    ] {
        let answer = town.get(&la, &full.replace(from, to)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.body.contains("There is a problem") && answer.body.contains(words),
            "{words}: {}",
            answer.body
        );
    }
    let own = town.get(&town.greenfield.lead, &format!("{full}&school={}", town.hillside.id)).await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "the calendar of one's own school");
    assert_eq!(town.get(&la, &format!("{full}&school={}", town.hillside.id)).await.status, StatusCode::OK);
    assert_eq!(town.get(&staff, path).await.status, StatusCode::FORBIDDEN);
}
