//! Incidents: recording, correcting, other pupils as references.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::support::{Answer, Person, Town, pupil};

type Fields = Vec<(&'static str, String)>;

fn set(fields: &mut Fields, name: &'static str, value: &str) {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
}

fn incident(what: &str) -> Fields {
    [
        ("happened_on.day", "23"),
        ("happened_on.month", "11"),
        ("happened_on.year", "2026"),
        ("happened_at", "11:20am"),
        ("place", "Corridor by the canteen"),
        ("what", what),
        ("seriousness", "serious"),
        ("followed", "Sent to the inclusion room"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn other(fields: &mut Fields, pupil: Option<Uuid>, words: &str, part: &str) {
    fields.push(("other_pupil", pupil.map_or_else(String::new, |id| id.to_string())));
    fields.push(("other_words", words.to_owned()));
    fields.push(("other_part", part.to_owned()));
}

async fn send(town: &Town, who: &Person, path: &str, fields: &Fields) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    town.post(who, path, &fields).await
}

async fn recorded(town: &Town, fields: &Fields) -> String {
    let path = format!("/cases/{}/incidents/new", town.greenfield.case.case);
    let answer = send(town, &town.greenfield.lead, &path, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location
}

fn id_of(path: &str) -> Uuid {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// Another pupil of Greenfield.
async fn classmate(town: &mut Town, given: &str, family: &str) -> Uuid {
    let (school, lead) = (town.greenfield.id, town.greenfield.lead.id);
    let (id, _) = pupil(&mut town.owner, town.authority, school, lead, family).await;
    sqlx::query("update app.pupils set given_name = $2 where id = $1")
        .bind(id)
        .bind(given)
        .execute(&mut town.owner)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn s3_00_an_incident_is_recorded_with_its_first_version_and_shows_in_the_timeline() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let list = format!("/cases/{case}/incidents");
    assert!(town.get(&lead, &list).await.body.contains("No incident is recorded"));
    assert_eq!(town.get(&lead, &format!("{list}/new")).await.status, StatusCode::OK);
    let robin = classmate(&mut town, "Robin", "Hart").await;
    let mut fields = incident("Pushed Pupil A against the wall.\nA teacher came.");
    other(&mut fields, Some(robin), "", "harmed");
    other(&mut fields, None, "A teacher", "saw");
    other(&mut fields, None, "", "");
    let path = recorded(&town, &fields).await;
    let row: (Option<Uuid>, Uuid, String, Option<time::Time>, String, i32) = sqlx::query_as(
        "select case_id, pupil_id, what, happened_at, seriousness, version from app.incidents where id = $1",
    )
    .bind(id_of(&path))
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!((row.0, row.1), (Some(case), town.greenfield.case.pupil));
    assert_eq!(row.2, "Pushed Pupil A against the wall.\nA teacher came.");
    assert_eq!((row.3, row.4.as_str(), row.5), (Some(time::macros::time!(11:20)), "serious", 1));
    let id = id_of(&path);
    assert_eq!(town.count("select count(*) from app.incident_versions where incident_id = $1", id).await, 1);
    assert_eq!(town.count("select count(*) from app.incident_people where incident_id = $1", id).await, 2);
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Monday 23 November 2026 at 11:20am"), "{}", page.body);
    assert!(
        page.body.contains(&format!(
            "<a class=\"govuk-link\" href=\"/pupils/{robin}\">Robin Hart</a> (was harmed)"
        ))
    );
    assert!(page.body.contains("Pupil A") && page.body.contains("A teacher (saw it)"));
    assert!(!page.body.contains("Earlier versions"));
    let list = town.get(&lead, &list).await;
    assert!(
        list.body.contains("23 Nov 2026, 11:20am")
            && list.body.contains("Pushed Pupil A against the wall. A teacher")
    );
    assert!(list.body.contains("govuk-tag--orange\">Serious"));
    let timeline = town.get(&lead, &format!("/cases/{case}/timeline")).await;
    assert!(
        timeline.body.contains("Incident:</strong> Corridor by the canteen: Pushed Pupil A"),
        "{}",
        timeline.body
    );
    assert!(!timeline.body.contains("Robin Hart"), "other pupils have no name in the timeline");
    // Whoever looked at the incident looked at both pupils.
    let seen = town
        .count("select count(*) from app.audit_events where action = 'incident' and $1 = any (pupils)", robin)
        .await;
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn every_refusal_of_an_incident_is_said_and_saves_nothing() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/incidents/new");
    let (long, huge) = ("x".repeat(141), "x".repeat(4001));
    for (field, value, message) in [
        ("happened_on.day", "25", "must be today or in the past"),
        ("happened_on.year", "2023", "must be within the last 2 years"),
        ("happened_on.year", "0001", "must be within the last 2 years"),
        ("happened_on.day", "32", "must be a real date"),
        ("happened_on.day", "", "must include a day"),
        ("happened_at", "lunch", "Time must be a time of day"),
        ("happened_at", "25:00", "Time must be a time of day"),
        ("place", "", "Enter where it happened"),
        ("place", &long, "must be 140 characters or fewer"),
        ("what", "", "Enter what happened"),
        ("what", &huge, "must be 4000 characters or fewer"),
        ("what", "a\u{202e}b", "must not include control characters"),
        ("seriousness", "", "Select how serious it was"),
        ("seriousness", "awful", "Select how serious it was"),
        ("followed", &huge, "must be 2000 characters or fewer"),
    ] {
        let mut fields = incident("Shouted at a teacher");
        set(&mut fields, field, value);
        let answer = send(&town, &lead, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {message}");
        assert_eq!(answer.body.matches(message).count(), 2, "{field} {message}\n{}", answer.body);
        assert!(answer.body.contains("<title>Error: Record an incident"));
    }
    // Today, but later than now (it is a quarter to twelve).
    let mut later = incident("Shouted at a teacher");
    set(&mut later, "happened_on.day", "24");
    set(&mut later, "happened_at", "11:46");
    assert!(send(&town, &lead, &path, &later).await.body.contains("Time must not be later than now"));
    set(&mut later, "happened_at", "11:45");
    assert_eq!(send(&town, &lead, &path, &later).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.count("select count(*) from app.incidents where case_id = $1", case).await, 1);
}

#[tokio::test]
async fn other_people_are_a_pupil_or_a_description_each_with_a_part() {
    let mut town = Town::new().await;
    let (lead, case, own) =
        (town.greenfield.lead.clone(), town.greenfield.case.case, town.greenfield.case.pupil);
    let path = format!("/cases/{case}/incidents/new");
    let robin = classmate(&mut town, "Robin", "Hart").await;
    let long = "y".repeat(141);
    for (pupil, words, part, message) in [
        (Some(robin), "", "", "Select what they had to do with it"),
        (None, "A teacher", "hero", "Select what they had to do with it"),
        (Some(robin), "A teacher", "saw", "not both"),
        (Some(own), "", "involved", "This is the incident of this pupil"),
        (None, &long, "saw", "must be 140 characters or fewer"),
        (None, "Robin Hart", "saw", "This has another pupil’s name in it"),
    ] {
        let mut fields = incident("Shouted");
        other(&mut fields, pupil, words, part);
        let answer = send(&town, &lead, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert_eq!(answer.body.matches(message).count(), 2, "{message}\n{}", answer.body);
        assert!(
            answer.body.contains("href=\"#other_pupil-1\"") && answer.body.contains("id=\"other_pupil-1\"")
        );
    }
    let mut twice = incident("Shouted");
    for part in ["saw", "harmed"] {
        other(&mut twice, Some(robin), "", part);
    }
    assert!(send(&town, &lead, &path, &twice).await.body.contains("This pupil is in the list already"));
    let mut crowd = incident("Shouted");
    for _ in 0..21 {
        other(&mut crowd, None, "A pupil of another school", "saw");
    }
    assert!(send(&town, &lead, &path, &crowd).await.body.contains("Name at most 20 other people"));
    // A pupil of another school does not exist here, and neither does what is no id.
    for stranger in [town.hillside.case.pupil.to_string(), Uuid::now_v7().to_string(), "x".to_owned()] {
        let mut fields = incident("Shouted");
        other(&mut fields, None, "", "saw");
        set(&mut fields, "other_pupil", &stranger);
        assert_eq!(send(&town, &lead, &path, &fields).await.status, StatusCode::NOT_FOUND, "{stranger}");
    }
    assert_eq!(town.count("select count(*) from app.incidents where case_id = $1", case).await, 0);
}

#[tokio::test]
async fn p2_03_another_pupils_name_stays_out_of_the_text() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/incidents/new");
    let aoife = classmate(&mut town, "Aoife", "O’Neill").await;
    sqlx::query("update app.pupils set known_as = 'Eefa' where id = $1")
        .bind(aoife)
        .execute(&mut town.owner)
        .await
        .unwrap();
    for (field, text) in [
        ("what", "Hit AOIFE O'NEILL in the queue"),
        ("what", "Hit Eefa\nO’Neill’s arm"),
        ("followed", "aoife o'neill went home"),
        ("place", "Behind Aoife O’Neill’s house"),
    ] {
        let mut fields = incident("Shouted");
        set(&mut fields, field, text);
        let answer = send(&town, &lead, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        assert_eq!(answer.body.matches("This has another pupil’s name in it").count(), 2, "{text}");
    }
    assert_eq!(town.count("select count(*) from app.incidents where case_id = $1", case).await, 0);
    // The pupil's own name is fine, first names alone are fine, and so is a pupil of another school's roll.
    let own =
        format!("Sam {} hit Aoife; Sam {} was not there", town.greenfield.sentinel, town.hillside.sentinel);
    recorded(&town, &incident(&own)).await;
}

#[tokio::test]
async fn correcting_keeps_every_version_and_two_people_do_not_overwrite_each_other() {
    let mut town = Town::new().await;
    let (lead, head) = (town.greenfield.lead.clone(), town.greenfield.head.clone());
    let (robin, alex) =
        (classmate(&mut town, "Robin", "Hart").await, classmate(&mut town, "Alex", "Moss").await);
    let mut fields = incident("Pushed Pupil A");
    other(&mut fields, Some(robin), "", "harmed");
    other(&mut fields, None, "A teacher", "saw");
    let path = recorded(&town, &fields).await;
    let edit = format!("{path}/edit");
    let form = town.get(&lead, &edit).await;
    assert!(
        form.body.contains("Now Pupil A is Robin Hart.") && form.body.contains("value=\"1\""),
        "{}",
        form.body
    );
    assert!(form.body.contains("11:20am") && form.body.contains("A teacher"));
    let mut mine = incident("Pushed Pupil B, not Pupil A");
    mine.push(("version", "1".to_owned()));
    other(&mut mine, Some(alex), "", "harmed");
    other(&mut mine, None, "A teacher", "saw");
    let saved = send(&town, &head, &edit, &mine).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let mut theirs = incident("Only shouted");
    theirs.push(("version", "1".to_owned()));
    let clash = send(&town, &lead, &edit, &theirs).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.body.contains("Only shouted") && clash.body.contains("Pushed Pupil B, not Pupil A"));
    assert!(clash.body.contains("A headteacher changed it on 24 Nov 2026"));
    let id = id_of(&path);
    let versions: Vec<(i32, String, Uuid)> = sqlx::query_as(
        "select version, what, written_by from app.incident_versions where incident_id = $1 order by version",
    )
    .bind(id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(
        versions,
        [(1, "Pushed Pupil A".to_owned(), lead.id), (2, "Pushed Pupil B, not Pupil A".to_owned(), head.id)]
    );
    // Robin is out, and still the only Pupil A; the teacher was left as they were.
    let people: Vec<(i16, bool)> = sqlx::query_as(
        "select position, removed_at is not null from app.incident_people where incident_id = $1 order by position",
    )
    .bind(id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(people, [(1, true), (2, false), (3, false)]);
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Pupil B: <a class=\"govuk-link\""), "{}", page.body);
    assert!(!page.body.contains("Robin Hart"));
    assert!(page.body.contains("Earlier versions") && page.body.contains("Pushed Pupil A<"));
    let case = town.greenfield.case.case;
    assert!(town.get(&lead, &format!("/cases/{case}/timeline")).await.body.contains("Incident corrected:"));
    let mut unversioned = incident("x");
    set(&mut unversioned, "version", "");
    assert_eq!(send(&town, &lead, &edit, &unversioned).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_pupil_who_has_left_stays_in_the_incident_without_a_name() {
    let mut town = Town::new().await;
    let lead = town.greenfield.lead.clone();
    let robin = classmate(&mut town, "Robin", "Hart").await;
    let mut fields = incident("Pushed Pupil A");
    other(&mut fields, Some(robin), "", "harmed");
    let path = recorded(&town, &fields).await;
    sqlx::query("update app.pupils set school_id = $2 where id = $1")
        .bind(robin)
        .bind(town.hillside.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let page = town.get(&lead, &path).await;
    assert!(page.body.contains("Pupil A (was harmed)") && !page.body.contains("Robin"), "{}", page.body);
    let form = town.get(&lead, &format!("{path}/edit")).await;
    assert!(form.body.contains("1 pupil no longer at the school stay") && !form.body.contains("Robin"));
    let mut edited = incident("Pushed Pupil A twice");
    edited.push(("version", "1".to_owned()));
    assert_eq!(send(&town, &lead, &format!("{path}/edit"), &edited).await.status, StatusCode::SEE_OTHER);
    let kept = "select count(*) from app.incident_people where incident_id = $1 and removed_at is null";
    assert_eq!(town.count(kept, id_of(&path)).await, 1);
}

#[tokio::test]
async fn a_large_school_is_searched_and_nothing_typed_is_lost() {
    let mut town = Town::new().await;
    let (lead, case) = (town.greenfield.lead.clone(), town.greenfield.case.case);
    let path = format!("/cases/{case}/incidents/new");
    assert!(!town.get(&lead, &path).await.body.contains("Find pupil"), "a small school has one list");
    sqlx::query(
        "insert into app.pupils (id, authority_id, school_id, given_name, family_name, born_on, no_upn_reason, made_at, made_by,
                                 changed_at, changed_by)
         select gen_random_uuid(), $1, $2, 'Kim', 'Crowd' || n, '2012-12-25', 'x', now(), $3, now(), $3 from generate_series(1, 70) n",
    )
    .bind(town.authority)
    .bind(town.greenfield.id)
    .bind(lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let (robin, alex) =
        (classmate(&mut town, "Robin", "Hart").await, classmate(&mut town, "Alex", "Moss").await);
    let form = town.get(&lead, &path).await;
    assert!(form.body.contains("Find pupil") && !form.body.contains("Kim Crowd1"));
    let mut fields = incident("Half a sentence");
    set(&mut fields, "seriousness", "");
    other(&mut fields, Some(alex), "", "saw");
    fields.push(("find", "hart rob".to_owned()));
    fields.push(("look", "yes".to_owned()));
    let found = send(&town, &lead, &path, &fields).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    assert!(found.body.contains("1 pupil found") && found.body.contains("Robin Hart, Year 9"));
    assert!(found.body.contains("Half a sentence") && !found.body.contains("There is a problem"));
    assert!(
        found.body.contains(&format!("<option value=\"{alex}\" selected>Alex Moss, Year 9")),
        "{}",
        found.body
    );
    assert_eq!(town.count("select count(*) from app.incidents where case_id = $1", case).await, 0);
    let seen = town
        .count(
            "select count(*) from app.audit_events where action = 'record_incident' and $1 = any (pupils)",
            robin,
        )
        .await;
    assert_eq!(seen, 1, "a search leaves a row");
    for (find, says) in [
        ("crowd", "More than 20 pupils"),
        ("nobody", "No other pupil has this name"),
        (&town.hillside.sentinel, "No other pupil has this name"),
        ("%", "No other pupil has this name"),
    ] {
        set(&mut fields, "find", find);
        let answer = send(&town, &lead, &path, &fields).await;
        assert!(answer.body.contains(says), "{find}");
        assert!(!answer.body.contains(&town.hillside.case.pupil.to_string()));
    }
    // Saved with the pupil who was found.
    let mut saved = incident("A whole sentence");
    other(&mut saved, Some(robin), "", "involved");
    recorded(&town, &saved).await;
}

#[tokio::test]
async fn others_see_or_are_refused_as_their_role_says() {
    let mut town = Town::new().await;
    let (own, foreign) = (town.greenfield.clone(), town.hillside.clone());
    let robin = classmate(&mut town, "Robin", "Hart").await;
    let mut fields = incident("Pushed Pupil A");
    other(&mut fields, Some(robin), "", "harmed");
    // Sent twice with one key: one incident.
    let key = Uuid::new_v4().to_string();
    let mut keyed: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    keyed.push(("form_key", &key));
    let new = format!("/cases/{}/incidents/new", own.case.case);
    let first = town.post_exactly(&own.lead, &new, &keyed, &[]).await;
    let second = town.post_exactly(&own.lead, &new, &keyed, &[]).await;
    assert_eq!((second.status, &second.location), (StatusCode::SEE_OTHER, &first.location));
    assert_eq!(town.count("select count(*) from app.incidents where case_id = $1", own.case.case).await, 1);
    let path = first.location;
    let la = town.person("la_representative", Some(own.id)).await;
    let delegate = town.person("head_delegate", Some(own.id)).await;
    let service = town.person("support_service", None).await;
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at, made_by)
         values (gen_random_uuid(), $1, $2, $3, $4, $5, 'test', '2026-11-01', now(), $6)",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(own.case.case)
    .bind(own.case.pupil)
    .bind(service.id)
    .bind(own.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    assert!(town.get(&la, &path).await.body.contains("Robin Hart"));
    // Somebody who may not see pupils' records reads the letter, not the name.
    let page = town.get(&delegate, &path).await;
    assert!(page.body.contains("Pupil A (was harmed)") && !page.body.contains("Robin"), "{}", page.body);
    let before = town.digest().await;
    let mut edited = incident("Changed");
    edited.push(("version", "1".to_owned()));
    for (who, reads, writes) in [
        (&own.tutor, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        (&service, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        (&la, StatusCode::OK, StatusCode::FORBIDDEN),
        (&delegate, StatusCode::OK, StatusCode::FORBIDDEN),
        (&foreign.lead, StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(town.get(who, &path).await.status, reads, "{}", who.email);
        assert_eq!(send(&town, who, &new, &fields).await.status, writes, "{}", who.email);
        assert_eq!(send(&town, who, &format!("{path}/edit"), &edited).await.status, writes, "{}", who.email);
    }
    // Under another pupil's case it is not found.
    let second = town.class(1, 1).await[0];
    let crossed = format!("/cases/{second}/incidents/{}", id_of(&path));
    assert_eq!(town.get(&own.lead, &crossed).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        send(&town, &own.lead, &format!("{crossed}/edit"), &edited).await.status,
        StatusCode::NOT_FOUND
    );
    let untouched =
        town.count("select count(*) from app.incidents where school_id = $1 and version = 1", own.id).await;
    assert_eq!(untouched, 1);
    assert_ne!(before, String::new());
    sqlx::query("update app.cases set closed_on = '2026-11-23', ended_as = 'progress' where id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    for answer in [
        send(&town, &own.lead, &new, &fields).await,
        send(&town, &own.lead, &format!("{path}/edit"), &edited).await,
        town.get(&own.lead, &new).await,
    ] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let page = town.get(&own.lead, &path).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("/edit\""));
}
