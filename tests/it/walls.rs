//! Row-level security by itself: as the web role with an actor set, what is there? And the controls: with a
//! policy made void, the same question must answer wrongly, or it proves nothing.

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use waymark::{
    db::{self, cluster::Cluster},
    web::session,
};

use crate::support::{NOW, Person, Town, grant, scratch, web_options};

/// Tables about children.
const TABLES: &[&str] = &[
    "pupils",
    "enrolments",
    "contacts",
    "cases",
    "case_stages",
    "case_leads",
    "case_strategies",
    "case_decisions",
    "case_shares",
    "targets",
    "target_versions",
    "days",
    "marks",
    "day_reasons",
    "mark_changes",
    "case_weeks",
    "day_notes",
    "known_absences",
    "incidents",
    "incident_versions",
    "incident_people",
    "case_steps",
    "meetings",
    "meeting_people",
    "meeting_actions",
    "meeting_addenda",
    "supports",
    "support_sessions",
    "weekly_reviews",
    "feedback",
    "proposals",
    "head_notices",
    "reminders",
    "transfers",
    "transfer_events",
    "pack_items",
    "packs",
    "pack_sections",
    "referrals",
    "panel_interests",
    "allocations",
    "directions",
    "direction_reviews",
    "direction_requests",
    "exclusions",
    "exclusion_steps",
    "exclusions_elsewhere",
    "alternatives",
    "agreements",
    "case_representatives",
    "update_requests",
    "case_duties",
];

/// One row in every table for both schools.
async fn fill(town: &mut Town) {
    town.furnish().await;
    for school in [town.greenfield.clone(), town.hillside.clone()] {
        for sql in [
            "insert into app.case_strategies (id, authority_id, school_id, case_id, kind, what, position)
             values (gen_random_uuid(), $1, $2, $3, 'school_support', 'x', 1)",
            "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at, decided_by,
                                             requirements, reasons, seq, event)
             values (gen_random_uuid(), $1, $2, $3, 'x', '2026-11-02', now(), $4, '[]', '{}', 99, '{}')",
            "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at, made_by)
             values (gen_random_uuid(), $1, $2, $3, $5, $4, 'x', '2026-11-02', now(), $4)",
            "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                                   first_saved_at, saved_at, saved_by, entered_late)
             values ($1, $2, $3, '2026-11-23', 1, 2, 2, 1, 12, now(), now(), $4, false)",
            "insert into app.marks (authority_id, school_id, case_id, target_id, on_date, period, points, source, version,
                                    marked_at, marked_by)
             values ($1, $2, $3, $6, '2026-11-23', 1, 2, 'single', 1, now(), $4)",
            "insert into app.day_reasons (authority_id, school_id, case_id, on_date, period, reason, version, marked_at, marked_by)
             values ($1, $2, $3, '2026-11-23', 2, 'exam', 1, now(), $4)",
            "insert into app.mark_changes (authority_id, school_id, case_id, on_date, period, was, version, marked_at, marked_by,
                                           replaced_in, replaced_at, replaced_by)
             values ($1, $2, $3, '2026-11-23', 1, '1', 1, now(), $4, 2, now(), $4)",
            "insert into app.case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded, expected)
             values ($1, $2, $3, '2026-11-23', 1, 2, 2, 1, 12)",
            "insert into app.day_notes (id, authority_id, school_id, case_id, on_date, kind, words, written_at, written_by)
             values (gen_random_uuid(), $1, $2, $3, '2026-11-23', 'praise', 'x', now(), $4)",
            "insert into app.known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, source, made_at, made_by)
             values (gen_random_uuid(), $1, $2, $3, 'exam', '2026-11-23', '2026-11-23', 'x', now(), $4)",
            "insert into app.reminders (id, authority_id, school_id, case_id, duty, words, to_id, school_day, made_on, made_at, made_by)
             values (gen_random_uuid(), $1, $2, $3, 'x', 'x', $4, '2026-11-23', '2026-11-23', now(), $4)",
        ] {
            // Every statement takes the same six; those it does not name are given a type here.
            let sql = format!("with given as (select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid) {sql}");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(town.authority)
                .bind(school.id)
                .bind(school.case.case)
                .bind(school.lead.id)
                .bind(school.case.pupil)
                .bind(school.case.targets[0])
                .execute(&mut town.owner)
                .await
                .unwrap();
        }
    }
}

/// As the web role and this person: rows of each table at a school.
async fn rows_at(web: &PgConnectOptions, who: &Person, school: uuid::Uuid) -> Vec<(&'static str, i64)> {
    let mut conn = db::owner(web).await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    let token = who.cookie.split_once('=').unwrap().1;
    sqlx::query("select * from app.begin_as($1, $2, '2026-11-24')")
        .bind(session::hash_of(token).as_slice())
        .bind(NOW)
        .execute(&mut *tx)
        .await
        .unwrap();
    let mut found = Vec::new();
    for table in TABLES {
        let sql = format!("select count(*) from app.{table} where school_id = $1");
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(school).fetch_one(&mut *tx).await.unwrap();
        found.push((*table, count));
    }
    found
}

#[tokio::test]
async fn each_role_sees_its_own_school_and_nothing_of_another() {
    let mut town = Town::new().await;
    fill(&mut town).await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let la = town.person("la_representative", Some(own.id)).await;
    let panel = town.person("panel_member", None).await;
    let admin = town.person("la_administrator", None).await;
    let web = web_options();
    let day_sheets = [
        "pupils",
        "cases",
        "case_stages",
        "targets",
        "days",
        "marks",
        "day_reasons",
        "mark_changes",
        "case_weeks",
        "day_notes",
        "known_absences",
    ];
    for who in [&own.lead, &own.head, &la] {
        assert!(rows_at(&web, who, own.id).await.iter().all(|(_, count)| *count > 0), "{}", who.email);
    }
    for (table, count) in rows_at(&web, &own.tutor, own.id).await {
        assert_eq!(count > 0, day_sheets.contains(&table), "staff and {table}");
    }
    for who in [&own.lead, &own.head, &own.tutor, &la] {
        let foreign = rows_at(&web, who, other.id).await;
        // The lead of the other school was given a share with themselves: nobody else is in it.
        assert!(foreign.iter().all(|(_, count)| *count == 0), "{}: {foreign:?}", who.email);
    }
    for who in [&panel, &admin] {
        for school in [own.id, other.id] {
            assert!(rows_at(&web, who, school).await.iter().all(|(_, count)| *count == 0), "{}", who.email);
        }
    }
}

#[tokio::test]
async fn a_representative_for_every_school_sees_the_authority_and_no_other() {
    let (mut town, mut elsewhere) = (Town::new().await, Town::new().await);
    fill(&mut town).await;
    fill(&mut elsewhere).await;
    let la = town.person("la_representative", None).await;
    let web = web_options();
    let here = [town.greenfield.id, town.hillside.id];
    for school in here {
        let seen = rows_at(&web, &la, school).await;
        assert!(seen.iter().all(|(_, count)| *count > 0), "{seen:?}");
    }
    for school in [elsewhere.greenfield.id, elsewhere.hillside.id] {
        let foreign = rows_at(&web, &la, school).await;
        assert!(foreign.iter().all(|(_, count)| *count == 0), "{foreign:?}");
    }
    // With the role ended, and with that of one school beside it that goes on.
    sqlx::query("update app.grants set to_on = '2026-11-23' where user_id = $1")
        .bind(la.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    for (granted, sees) in [(None, [false, false]), (Some(here[0]), [true, false])] {
        if granted.is_some() {
            let from = time::macros::date!(2026 - 11 - 24);
            grant(&mut town.owner, town.authority, la.id, "la_representative", granted, from, None).await;
        }
        for (school, sees) in here.into_iter().zip(sees) {
            let found = rows_at(&web, &la, school).await;
            assert!(found.iter().all(|(_, count)| (*count > 0) == sees), "{granted:?}: {found:?}");
        }
    }
}

/// A copy with each wall broken in turn: the question above must see through the hole.
#[test]
fn with_a_policy_made_void_the_question_goes_red() {
    let dir = scratch("walls-broken");
    let cluster = Cluster::start(&dir).unwrap();
    let (web, options) = (cluster.web(), cluster.owner());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut broken: PgConnection = db::owner(&options).await.unwrap();
        db::migrate(&mut broken).await.unwrap();
        let mut town = Town::at(web.clone(), broken).await;
        fill(&mut town).await;
        let (lead, other) = (town.greenfield.lead.clone(), town.hillside.id);
        for table in TABLES {
            let before: String = sqlx::query_scalar(
                "select pg_get_expr(polqual, polrelid) from pg_policy
                 where polrelid = ('app.' || $1)::regclass and polname = 'see'",
            )
            .bind(table)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
            for (expression, leaks) in [("true", true), (before.as_str(), false)] {
                let sql = format!("alter policy see on app.{table} using ({expression})");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut town.owner).await.unwrap();
                let found = rows_at(&web, &lead, other).await;
                let seen = found.iter().find(|(name, _)| name == table).unwrap().1;
                assert_eq!(seen > 0, leaks, "{table} with its policy {expression}");
            }
            // With row-level security off the hole is the same.
            for (state, leaks) in [("disable", true), ("enable", false)] {
                let sql = format!("alter table app.{table} {state} row level security");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut town.owner).await.unwrap();
                let seen =
                    rows_at(&web, &lead, other).await.iter().find(|(name, _)| name == table).unwrap().1;
                assert_eq!(seen > 0, leaks, "{table} with row-level security {state}d");
            }
        }
        town.state.db.close().await;
    });
    drop(runtime);
    drop(cluster);
    std::fs::remove_dir_all(dir).unwrap();
}
