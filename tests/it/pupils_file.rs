//! Pupils from a file: looked at first, then done at once or not at all.

use axum::http::StatusCode;
use proptest::test_runner::{Config, TestRunner};
use sqlx::AssertSqlSafe;
use time::Duration;
use uuid::Uuid;

use crate::support::{Answer, Person, Town};

const HEAD: &str = "Given name,Family name,Date of birth,UPN,Reason for no UPN,On roll from";

fn file(lines: &[&str]) -> String {
    format!("{HEAD}\n{}\n", lines.join("\n"))
}

/// Sends a file and answers the address at which it is looked at.
async fn keep(town: &Town, who: &Person, contents: &str) -> String {
    let kept =
        town.post_file(who, "/pupils/import", &[("pasted", "")], ("upload", contents.as_bytes())).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    kept.location
}

fn digest(page: &Answer) -> String {
    page.body.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Says yes to what the page shows.
async fn bring_in(town: &Town, who: &Person, at: &str, more: &[(&str, &str)]) -> Answer {
    let page = town.get(who, at).await;
    let digest = digest(&page);
    let mut fields = vec![("digest", digest.as_str())];
    fields.extend(more);
    town.post(who, at, &fields).await
}

async fn named(town: &mut Town, family: &str) -> i64 {
    sqlx::query_scalar("select count(*) from app.pupils where authority_id = $1 and family_name = $2")
        .bind(town.authority)
        .bind(family)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_file_is_looked_at_then_brought_in_and_the_second_time_is_all_the_same() {
    let mut town = Town::new().await;
    let (lead, school, pupil) =
        (town.greenfield.lead.clone(), town.greenfield.id, town.greenfield.case.pupil);
    let existing = format!("Sam,{},26/12/2012,,,", town.greenfield.sentinel);
    // Somebody else of that name and day of birth is there twice: not the one with the case.
    let contents = file(&[
        "Zoë,Newcome,27/3/2013,P207000016049,,2/9/2024",
        "Ada,Newcome,28/3/2013,,Number asked for,2/9/2024",
        &existing.replace("26/12", "25/12"),
        "Bad,Line,31/2/2013,,x,2/9/2024",
    ]);
    let before = town.digest().await;
    let at = keep(&town, &lead, &contents).await;
    assert!(!at.contains("Newcome"));
    let page = town.get(&lead, &at).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "Zoë Newcome",
        "Ada Newcome",
        "none yet",
        "Line 5: date of birth \"31/2/2013\" is not a day",
        "Recorded already: 1",
    ] {
        let escaped = words.replace('"', "&#34;");
        assert!(page.body.contains(words) || page.body.contains(&escaped), "{words}: {}", page.body);
    }
    let names_pupil =
        "select count(*) from app.audit_events where action = 'pupil_file' and $1 = any (pupils)";
    assert_eq!(town.count(names_pupil, pupil).await, 1, "who was shown is in the trail");

    let refused = bring_in(&town, &lead, &at, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("or tick to leave them out"), "{}", refused.body);
    assert_eq!(named(&mut town, "Newcome").await, 0);
    let done = bring_in(&town, &lead, &at, &[("leave_out", "yes")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(named(&mut town, "Newcome").await, 2);
    assert_ne!(before, town.digest().await);
    let shown = town.get(&lead, &done.location).await;
    assert!(
        shown.body.contains("Pupils saved") && shown.body.contains("The file itself is not kept"),
        "{}",
        shown.body
    );
    let contents_left = "select count(*) from app.pupil_files where school_id = $1 and imported_at is not null and contents is not null";
    assert_eq!(town.count(contents_left, school).await, 0);
    let (pupils, facts): (i32, serde_json::Value) = sqlx::query_as(
        "select cardinality(pupils), facts from app.audit_events where school_id = $1 and action = 'import_pupils' and outcome = 'allowed'",
    )
    .bind(school)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(pupils, 2);
    assert_eq!(
        (&facts["added"], &facts["left_out"], &facts["unchanged"]),
        (&"2".into(), &"1".into(), &"1".into())
    );

    let again = keep(&town, &lead, &contents).await;
    let page = town.get(&lead, &again).await;
    assert!(
        page.body.contains("Recorded already: 3") && page.body.contains("There is nothing to save"),
        "{}",
        page.body
    );
}

/// UPN, reason for none, known as, looked after, version.
type Stored = (Option<String>, Option<String>, Option<String>, bool, i32);

#[tokio::test]
async fn only_what_is_ticked_changes_and_an_empty_cell_erases_nothing() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let (sentinel, pupil) = (town.greenfield.sentinel.clone(), town.greenfield.case.pupil);
    sqlx::query("update app.pupils set known_as = 'Sammy', looked_after = true where id = $1")
        .bind(pupil)
        .execute(&mut town.owner)
        .await
        .unwrap();
    town.class(1, 1).await;
    let contents = format!(
        "Forename,Surname,DOB,UPN,Known as,Looked after\nSam,{sentinel},25/12/2012,P207000016049,,\nRobin,Aaa00,25/12/2012,,Rob,\n"
    );
    let at = keep(&town, &lead, &contents).await;
    let page = town.get(&lead, &at).await;
    assert!(page.body.contains("UPN: none") && page.body.contains("Known as: none"), "{}", page.body);
    let nothing = bring_in(&town, &lead, &at, &[]).await;
    assert!(nothing.body.contains("no change is ticked"), "{}", nothing.body);
    let done = bring_in(&town, &lead, &at, &[("change", "2")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let rows: Vec<Stored> = sqlx::query_as(
        "select upn, no_upn_reason, known_as, looked_after, version from app.pupils where school_id = $1 order by version desc",
    )
    .bind(town.greenfield.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(rows[0], (Some("P207000016049".to_owned()), None, Some("Sammy".to_owned()), true, 2));
    assert!(rows[1..].iter().all(|row| row.4 == 1 && row.2.is_none()), "{rows:?}");
}

#[tokio::test]
async fn a_record_that_changed_meanwhile_is_shown_anew() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let at = keep(&town, &lead, &file(&["Ada,Newcome,28/3/2013,P207000016049,,2/9/2024"])).await;
    let seen = digest(&town.get(&lead, &at).await);
    // Meanwhile another school adds that pupil.
    sqlx::query(
        "insert into app.pupils (id, authority_id, school_id, given_name, family_name, born_on, upn, made_at, made_by, changed_at,
                                 changed_by)
         values ($1, $2, $3, 'Ada', 'Elsewhere', '2013-03-28', 'P207000016049', now(), $4, now(), $4)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(town.hillside.id)
    .bind(town.hillside.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let before = town.digest().await;
    let stale = town.post(&lead, &at, &[("digest", &seen)]).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("Records changed since this page was made"), "{}", stale.body);
    assert!(stale.body.contains("Ask the local authority to move it to you"), "{}", stale.body);
    assert!(
        !stale.body.contains("Hillside") && !stale.body.contains("Elsewhere"),
        "decision 6: {}",
        stale.body
    );
    assert_eq!(before, town.digest().await);
    town.get(&lead, &at).await;
    let told = town
        .count(
            "select count(*) from app.audit_events where actor = $1 and facts ->> 'elsewhere' = '1'
             and facts -> 'changed' ? 'upn_exists'",
            lead.id,
        )
        .await;
    assert_eq!(told, 2, "each attempt is in the trail");
}

#[tokio::test]
async fn pressing_twice_brings_in_once() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let contents = file(&["Ada,Newcome,28/3/2013,,Asked for,2/9/2024"]);
    let at = keep(&town, &lead, &contents).await;
    let other = keep(&town, &head, &contents).await;
    let seen = digest(&town.get(&lead, &at).await);
    // The same page twice, the headteacher's own copy of the file, all at once.
    let one = [("digest", seen.as_str())];
    let answers = tokio::join!(
        town.post(&lead, &at, &one),
        town.post(&lead, &at, &one),
        town.post(&head, &at, &one),
        town.post(&head, &other, &one)
    );
    for answer in [&answers.0, &answers.1, &answers.2, &answers.3] {
        assert!(matches!(answer.status.as_u16(), 303 | 422), "{} {}", answer.status, answer.body);
    }
    assert_eq!(named(&mut town, "Newcome").await, 1);
}

#[tokio::test]
async fn nothing_is_half_brought_in() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let family = format!("Halt{}", Uuid::now_v7().simple());
    let lines: Vec<String> =
        (0..50).map(|n| format!("N{n},{family},28/3/2013,,Asked for,2/9/2024")).collect();
    let at = keep(&town, &lead, &file(&lines.iter().map(String::as_str).collect::<Vec<_>>())).await;
    // The thirtieth is refused by a constraint, after twenty-nine went in.
    let function = format!("app.halt_{}", Uuid::now_v7().simple());
    for sql in [
        format!(
            "create function {function}() returns trigger language plpgsql as $$ begin
             raise exception 'no' using errcode = 'check_violation', constraint = 'halt'; end $$"
        ),
        format!(
            "create trigger halt before insert on app.pupils for each row
             when (new.family_name = '{family}' and new.given_name = 'N29') execute function {function}()"
        ),
    ] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut town.owner).await.unwrap();
    }
    let refused = bring_in(&town, &lead, &at, &[]).await;
    for sql in ["drop trigger halt on app.pupils".to_owned(), format!("drop function {function}")] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut town.owner).await.unwrap();
    }
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("Nothing was saved"), "{}", refused.body);
    assert_eq!(named(&mut town, &family).await, 0);
    let done = bring_in(&town, &lead, &at, &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(named(&mut town, &family).await, 50);
}

#[tokio::test]
async fn what_was_pasted_stays_and_a_file_is_gone_after_a_day() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let refused = town.post(&lead, "/pupils/import", &[("pasted", "who,what\nSam,<b>Price</b>\n")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The first line must name the columns"), "{}", refused.body);
    assert!(refused.body.contains("&#60;b&#62;Price"), "{}", refused.body);
    let none = town.post(&lead, "/pupils/import", &[("pasted", "")]).await;
    assert!(none.body.contains("Choose a file, or paste"), "{}", none.body);
    let kept = town
        .post(&lead, "/pupils/import", &[("pasted", &file(&["Ada,Newcome,28/3/2013,,x,2/9/2024"]))])
        .await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let key = digest(&town.get(&lead, &kept.location).await);
    town.later(Duration::hours(25));
    sqlx::query("update app.sessions set seen_at = seen_at + interval '25 hours', ends_at = ends_at + interval '26 hours' where user_id = $1")
        .bind(lead.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let gone = town.get(&lead, &kept.location).await;
    assert!(gone.body.contains("The file is gone"), "{}", gone.body);
    assert_eq!(town.post(&lead, &kept.location, &[("digest", &key)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(named(&mut town, "Newcome").await, 0);
    // What nobody opens again is forgotten in the background. (Long ago, so that no other test's file is meant.)
    sqlx::query("update app.pupil_files set made_at = '2020-01-01' where school_id = $1")
        .bind(town.greenfield.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let now = time::macros::datetime!(2020-01-03 12:00 UTC);
    waymark::db::sent::forget(&mut town.owner, now).await.unwrap();
    let left = town
        .count(
            "select count(*) from app.pupil_files where school_id = $1 and contents is not null",
            town.greenfield.id,
        )
        .await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn names_that_are_no_records_yet_are_hidden_too() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let at = keep(&town, &lead, &file(&["Ada,Newcome,28/3/2013,,x,2/9/2024"])).await;
    let hiding = Person { cookie: format!("{}; waymark-names=hidden", lead.cookie), ..lead };
    let page = town.get(&hiding, &at).await;
    assert!(page.body.contains("A.N.") && !page.body.contains("Newcome"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_bytes_get_a_page_with_words() {
    let town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let mut runner = TestRunner::new(Config::with_cases(48));
    let handle = tokio::runtime::Handle::current();
    let bytes = proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400);
    let strategy = (bytes, proptest::prelude::any::<bool>());
    tokio::task::block_in_place(|| {
        runner
            .run(&strategy, |(bytes, headed)| {
                let bytes = if headed { [HEAD.as_bytes(), b"\n", &bytes].concat() } else { bytes };
                handle.block_on(async {
                    let answer = town.post_file(&lead, "/pupils/import", &[], ("upload", &bytes)).await;
                    match answer.status {
                        StatusCode::SEE_OTHER => {
                            let page = town.get(&lead, &answer.location).await;
                            assert_eq!(page.status, StatusCode::OK, "{bytes:?}");
                        }
                        status => {
                            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bytes:?} {}", answer.body);
                            assert!(answer.body.contains("There is a problem"), "{bytes:?}");
                        }
                    }
                });
                Ok(())
            })
            .unwrap();
    });
}

#[tokio::test]
async fn who_may_not_add_pupils_sees_no_file() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let admin = town.person("la_administrator", None).await;
    let la = town.person("la_representative", Some(own.id)).await;
    let at = format!("/pupils/import/{}", own.pupil_file);
    for (who, status) in [
        (&own.tutor, StatusCode::FORBIDDEN),
        (&admin, StatusCode::FORBIDDEN),
        (&la, StatusCode::FORBIDDEN),
        (&other.lead, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(town.get(who, &at).await.status, status);
        assert_eq!(town.post(who, &at, &[("digest", "x")]).await.status, status);
    }
    let school = own.id.to_string();
    let elsewhere = town
        .post(
            &other.lead,
            "/pupils/import",
            &[("school", &school), ("pasted", &file(&["A,B,28/3/2013,,x,2/9/2024"]))],
        )
        .await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let empty = town.get(&own.lead, "/pupils/import/pupils.csv").await;
    assert!(
        empty.body.starts_with("Given name,Family name,Known as,Pronouns,Date of birth,UPN"),
        "{}",
        empty.body
    );
}
