//! Two records of one pupil made one: what moves, what stands in the way, what is left of the other.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::support::{Answer, Person, Town, owner, pupil};

/// Every column that names a pupil, and what becomes of it when that record is given up. A new one has to be decided.
const DECIDED: [(&str, &str, &str); 14] = [
    ("case_shares", "pupil_id", "moves"),
    ("cases", "pupil_id", "moves, with the enrolment"),
    ("contacts", "pupil_id", "moves"),
    ("enrolments", "pupil_id", "becomes one span with the other record's, or is added to them"),
    ("exclusion_steps", "pupil_id", "stands in the way, by its exclusion"),
    ("exclusions", "pupil_id", "stands in the way: what was issued stays"),
    ("exclusions_elsewhere", "pupil_id", "moves"),
    ("incident_people", "pupil_id", "moves"),
    ("incidents", "pupil_id", "moves, with the enrolment"),
    ("packs", "pupil_id", "stands in the way: papers stay as they were sent"),
    ("pupil_merges", "gone_id", "stays: the trace"),
    ("pupil_merges", "pupil_id", "moves: the trace of earlier ones is the record's that stays"),
    ("pupils", "merged_into", "moves: every address leads to the record that stays"),
    ("transfers", "pupil_id", "stands in the way: what was prepared stays"),
];

#[tokio::test]
async fn every_column_that_names_a_pupil_is_decided() {
    let _town = Town::new().await;
    let mut owner = owner().await;
    let found: Vec<(String, String)> = sqlx::query_as(
        "select t.table_name::text, t.column_name::text from information_schema.columns t
         join information_schema.tables b using (table_schema, table_name)
         where t.table_schema = 'app' and b.table_type = 'BASE TABLE' and t.data_type = 'uuid'
           and (t.column_name like '%pupil%'
                or (t.table_name, t.column_name) in (
                    select k.table_name, k.column_name from information_schema.key_column_usage k
                    join information_schema.referential_constraints r using (constraint_schema, constraint_name)
                    join information_schema.table_constraints p on p.constraint_name = r.unique_constraint_name
                    where p.table_name = 'pupils' and k.column_name not in ('authority_id', 'school_id')))
         order by 1, 2",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let undecided: Vec<_> = found
        .iter()
        .filter(|(table, column)| !DECIDED.iter().any(|(t, c, _)| t == table && c == column))
        .collect();
    assert!(found.len() >= 12 && undecided.is_empty(), "{undecided:?} of {found:?}");
}

/// A second record of the pupil with the case, without a case of its own.
async fn double(town: &mut Town) -> Uuid {
    let school = town.greenfield.clone();
    let family = school.sentinel.clone();
    let (id, _) = pupil(&mut town.owner, town.authority, school.id, school.lead.id, &family).await;
    sqlx::query(
        "update app.pupils set upn = 'P207000016049', no_upn_reason = null, known_as = 'Sammy' where id = $1",
    )
    .bind(id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query("update app.enrolments set from_on = '2024-01-08' where pupil_id = $1")
        .bind(id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    id
}

async fn send(
    town: &Town,
    who: &Person,
    one: Uuid,
    other: Uuid,
    stays: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let address = format!("/pupils/{one}/merge/{other}");
    let page = town.get(who, &address).await;
    let version = |name: &str| {
        let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or("0\"");
        rest.split('"').next().unwrap().to_owned()
    };
    let (first, second) = (version("version_first"), version("version_second"));
    let mut all = vec![("stays", stays), ("version_first", &first), ("version_second", &second)];
    all.extend(fields);
    town.post(who, &address, &all).await
}

const FROM_SECOND: [(&str, &str); 3] =
    [("field.known_as", "second"), ("field.upn", "second"), ("why", "Added twice in September")];

#[tokio::test]
async fn the_record_with_the_case_stays_and_takes_what_the_other_knew() {
    let mut town = Town::new().await;
    let (lead, own) = (town.greenfield.lead.clone(), town.greenfield.clone());
    let (keep, gone) = (own.case.pupil, double(&mut town).await);
    sqlx::query(
        "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility,
                                   contact_order, no_contact, no_contact_reason, changed_at, changed_by)
         values (gen_random_uuid(), $1, $2, $3, 'Father Twice', 'Father', true, 2, true, 'Court order', now(), $4)",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(gone)
    .bind(lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let choices = town.get(&lead, &format!("/pupils/{keep}/merge")).await;
    assert!(choices.body.contains(&format!("/pupils/{keep}/merge/{gone}")), "{}", choices.body);
    let page = town.get(&lead, &format!("/pupils/{keep}/merge/{gone}")).await;
    for words in [
        "1 open case",
        "Sammy (second record)",
        "P207000016049 (second record)",
        "None: New to the country (first record)",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let before = town.digest().await;
    let empty = send(&town, &lead, keep, gone, "", &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in
        ["Select which record stays", "Select the UPN that is right", "Enter why these are one pupil"]
    {
        assert!(empty.body.contains(words), "{words}: {}", empty.body);
    }
    assert_eq!(before, town.digest().await);
    let done = send(&town, &lead, keep, gone, "first", &FROM_SECOND).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (StatusCode::SEE_OTHER, format!("/pupils/{keep}").as_str()),
        "{}",
        done.body
    );

    let shown = town.get(&lead, &done.location).await;
    for words in [
        "Sammy",
        "P207000016049",
        "Father Twice",
        "Court order",
        "Made from two records",
        "Added twice in September",
        "8 January 2024",
    ] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let old = town.get(&lead, &format!("/pupils/{gone}")).await;
    assert_eq!((old.status, old.location), (StatusCode::FOUND, format!("/pupils/{keep}")));
    for address in ["edit", "leave", "merge"] {
        assert_eq!(town.get(&lead, &format!("/pupils/{gone}/{address}")).await.status, StatusCode::NOT_FOUND);
    }
    for list in ["/pupils", "/pupils?left=1"] {
        assert!(!town.get(&lead, list).await.body.contains(&gone.to_string()), "{list}");
    }
    let found = town.post(&lead, "/search", &[("sought", &own.sentinel), ("left", "yes")]).await;
    assert!(!found.body.contains(&gone.to_string()), "{}", found.body);
    let trail = "select count(*) from app.audit_events where action = 'merge_pupils' and outcome = 'allowed' and $1 = any (pupils)";
    assert_eq!((town.count(trail, keep).await, town.count(trail, gone).await), (1, 1));
    // Another school's lead does not learn that there was one.
    let other = town.hillside.lead.clone();
    assert_eq!(town.get(&other, &format!("/pupils/{gone}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_case_goes_over_with_everything_that_hangs_on_it() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (lead, own) = (town.greenfield.lead.clone(), town.greenfield.clone());
    let (gone, keep) = (own.case.pupil, double(&mut town).await);
    // What was issued stands in the way.
    let refused = send(
        &town,
        &lead,
        keep,
        gone,
        "first",
        &[("field.known_as", "first"), ("field.upn", "first"), ("why", "x")],
    )
    .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("What was issued is never changed"), "{}", refused.body);

    // A class has cases on which nothing was issued.
    let case = town.class(1, 2).await[0];
    let gone: Uuid = sqlx::query_scalar("select pupil_id from app.cases where id = $1")
        .bind(case)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let fields = [
        ("field.given_name", "first"),
        ("field.family_name", "first"),
        ("field.known_as", "first"),
        ("field.upn", "first"),
        ("why", "Added twice"),
    ];
    let two = send(&town, &lead, own.case.pupil, gone, "first", &fields).await;
    assert!(two.body.contains("Both records have an open case"), "{}", two.body);
    let done = send(&town, &lead, keep, gone, "first", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let (pupil, enrolled, sorted): (Uuid, bool, String) = sqlx::query_as(
        "select c.pupil_id, e.pupil_id = c.pupil_id and e.to_on is null, c.sort_name
         from app.cases c join app.enrolments e on e.id = c.enrolment_id where c.id = $1",
    )
    .bind(case)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!((pupil, enrolled), (keep, true));
    assert_eq!(sorted, format!("{} sam", own.sentinel.to_lowercase()));
    assert_eq!(town.get(&lead, &format!("/cases/{case}")).await.status, StatusCode::OK);
    assert!(town.get(&lead, "/today").await.body.contains(&case.to_string()));
    let again = send(&town, &lead, keep, gone, "first", &fields).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "there is nothing to make one any more");
}

#[tokio::test]
async fn what_stands_in_the_way_says_what_to_do() {
    let mut town = Town::new().await;
    let (lead, own) = (town.greenfield.lead.clone(), town.greenfield.clone());
    let (keep, gone) = (own.case.pupil, double(&mut town).await);
    let other_school = town.hillside.id;
    let fields = [("field.known_as", "first"), ("field.upn", "first"), ("why", "Twice")];
    // The other record was at another school before.
    sqlx::query(
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on, to_on)
         values (gen_random_uuid(), $1, $2, $3, '2023-09-04', '2023-12-20')",
    )
    .bind(town.authority)
    .bind(other_school)
    .bind(gone)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let refused = send(&town, &lead, keep, gone, "first", &fields).await;
    assert!(
        refused.body.contains("was at another school before") && !refused.body.contains("Hillside"),
        "{}",
        refused.body
    );
    // The other way round it goes.
    let before = town.digest().await;
    let stale = [("stays", "second"), ("version_first", "9"), ("version_second", "1")];
    let stale: Vec<_> = stale.into_iter().chain(fields).collect();
    let changed = town.post(&lead, &format!("/pupils/{keep}/merge/{gone}"), &stale).await;
    assert!(changed.body.contains("changed meanwhile"), "{}", changed.body);
    assert_eq!(before, town.digest().await);
    // Days elsewhere in the same term stand on both records, and would count twice.
    let elsewhere = [
        ("year", "2026"),
        ("legal_term", "autumn"),
        ("length", "3"),
        ("who_said", "The office of the school before, by telephone"),
    ];
    for one in [keep, gone] {
        let added = town.post(&lead, &format!("/pupils/{one}/suspensions/elsewhere"), &elsewhere).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    }
    let twice = send(&town, &lead, keep, gone, "second", &fields).await;
    assert!(twice.body.contains("would count twice"), "{}", twice.body);
    sqlx::query(
        "update app.exclusions_elsewhere set taken_back_at = $2, taken_back_by = $3 where pupil_id = $1",
    )
    .bind(keep)
    .bind(town.now())
    .bind(lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let done = send(&town, &lead, keep, gone, "second", &fields).await;
    assert_eq!(done.location, format!("/pupils/{gone}"), "{}", done.body);
    // In another tab a page of the record that was given up was still open: nothing begins on it.
    let case = [("rationale", "Concerns have grown"), ("stage", "1")];
    let opened = town.post(&lead, &format!("/pupils/{keep}/cases/new"), &case).await;
    assert_eq!(opened.status, StatusCode::NOT_FOUND, "{}", opened.body);
    for table in ["incidents", "contacts"] {
        let sql = format!(
            "insert into app.{table} select (jsonb_populate_record(null::app.{table},
                 jsonb_build_object('id', gen_random_uuid(), 'pupil_id', '{keep}'))).*"
        );
        let refused = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut town.owner).await.unwrap_err();
        assert!(refused.to_string().contains("was made one with another"), "{table}: {refused}");
    }
    // A record of another school is not there.
    let foreign = town.hillside.case.pupil;
    assert_eq!(
        town.get(&lead, &format!("/pupils/{gone}/merge/{foreign}")).await.status,
        StatusCode::NOT_FOUND
    );
    let same = town.get(&lead, &format!("/pupils/{gone}/merge/{gone}")).await;
    assert_eq!(same.status, StatusCode::OK, "choose another");
}

#[tokio::test]
async fn two_who_do_it_at_once_do_it_once() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let (keep, gone) = (town.greenfield.case.pupil, double(&mut town).await);
    let (one, other) = tokio::join!(
        send(&town, &lead, keep, gone, "first", &FROM_SECOND),
        send(
            &town,
            &head,
            gone,
            keep,
            "first",
            &[("field.known_as", "first"), ("field.upn", "first"), ("why", "Twice")]
        )
    );
    let done = [&one, &other].into_iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
    assert_eq!(done, 1, "{} {}\n{} {}", one.status, one.body, other.status, other.body);
    let merges =
        town.count("select count(*) from app.pupil_merges where authority_id = $1", town.authority).await;
    assert_eq!(merges, 1);
}
