//! What the database itself says: every table has its walls, keys and index; the web role owns nothing.

use crate::support::{Town, owner};

/// Tables without rows about children, and why they need no school.
const NOT_ABOUT_CHILDREN: &[&str] = &[
    "installation",
    "authorities",
    "schools",
    "school_periods",
    "users",
    "grants",
    "account_links",
    "sessions",
    "sign_in_tries",
    "known_devices",
    "drafts",
    "form_keys",
    "audit_events",
    "calendar_spans",
    "policies",
    "bank_targets",
    "panels",
    "panel_members",
    "panel_minutes",
    "school_places",
    "saved_views",
    // Counts of a school's cases, which nobody reads but through functions.
    "report_counts",
    "report_runs",
];

async fn holes() -> Vec<String> {
    let mut owner = owner().await;
    let rows: Vec<(String, bool, i64, i64, bool, bool, bool)> = sqlx::query_as(
        "select c.relname::text, c.relrowsecurity,
                (select count(*) from pg_policy p where p.polrelid = c.oid and p.polcmd in ('r', '*')),
                (select count(*) from pg_policy p where p.polrelid = c.oid and p.polcmd in ('a', '*')),
                has_table_privilege('waymark_web', c.oid, 'insert'),
                exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
                        and (select array_agg(a.attname::text order by a.attname) from pg_attribute a
                             where a.attrelid = c.oid and a.attnum = any (k.conkey)) @> array['authority_id', 'school_id']),
                exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                        where i.indrelid = c.oid and a.attname = 'school_id')
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'app' and c.relkind = 'r'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(rows.len() > 30);
    let mut holes: Vec<String> = sqlx::query_scalar(
        "select tablename || ': policy ' || policyname || ' is no CASE, so the planner may lead with it'
         from pg_policies where schemaname = 'app' and qual like '%= ANY (%' and qual not like E'\\nCASE%'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    for (table, rls, reads, adds, may_add, composite, index) in rows {
        if !rls {
            holes.push(format!("{table}: row-level security is off"));
        }
        if NOT_ABOUT_CHILDREN.contains(&table.as_str()) {
            continue;
        }
        // What only triggers add to needs no policy for it.
        if reads == 0 || (adds == 0 && may_add) {
            holes.push(format!("{table}: a policy is missing"));
        }
        if !composite {
            holes.push(format!("{table}: no key that ties it to its school"));
        }
        if !index {
            holes.push(format!("{table}: no index that begins with the school"));
        }
    }
    holes
}

#[tokio::test]
async fn every_table_has_its_walls() {
    let _town = Town::new().await;
    assert_eq!(holes().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_web_role_is_weak() {
    let _town = Town::new().await;
    let mut owner = owner().await;
    let strong: Vec<String> = sqlx::query_scalar(
        "select table_name || ' ' || privilege_type from information_schema.role_table_grants
         where grantee = 'waymark_web' and privilege_type in ('DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
           and table_name not in ('drafts', 'saved_views')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(strong, Vec::<String>::new());
    let audit: Vec<String> = sqlx::query_scalar(
        "select privilege_type::text from information_schema.role_table_grants
         where grantee = 'waymark_web' and table_name in ('audit_events', 'mark_changes', 'target_versions')
           and privilege_type in ('UPDATE', 'DELETE')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(audit, Vec::<String>::new(), "history is only added to");
    let changed = sqlx::query("update app.audit_events set action = 'x'").execute(&mut owner).await;
    assert!(changed.unwrap_err().to_string().contains("only ever added"), "not even the owner changes it");
}

#[tokio::test]
async fn whoever_sees_every_school_is_not_held_against_a_list_of_them() {
    let mut owner = owner().await;
    let slow: Vec<String> = sqlx::query_scalar(
        "select tablename || '.' || policyname from pg_policies
         where schemaname = 'app' and cmd = 'SELECT' and qual ~ 'app\\.(whole|daily)\\(\\)'
           and qual !~ '^\\s*CASE\\s+WHEN \\(authority_id = \\( SELECT app\\.whole_authority\\(\\)'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(slow, Vec::<String>::new(), "begin with the authority, as in 0022_whole_authority.sql");
}

#[tokio::test]
async fn without_an_actor_nothing_is_there() {
    let town = Town::new().await;
    let mut web = town.state.db.nobody().await.unwrap();
    for table in ["pupils", "contacts", "cases", "targets", "days", "marks", "users", "schools", "day_notes"]
    {
        let sql = format!("select count(*) from app.{table}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *web).await.unwrap();
        assert_eq!(count, 0, "{table}");
    }
    let widened = sqlx::query("select set_config('app.whole', '{}', true)").execute(&mut *web).await;
    assert!(
        widened.unwrap_err().to_string().contains("permission denied"),
        "an injected query cannot become somebody"
    );
}

#[tokio::test]
async fn a_row_never_points_into_another_school() {
    let mut town = Town::new().await;
    let (ours, theirs) = (town.greenfield.clone(), town.hillside.clone());
    let crossed = sqlx::query(
        "insert into app.marks (authority_id, school_id, case_id, target_id, on_date, period, points, source, version,
                                marked_at, marked_by)
         values ($1, $2, $3, $4, '2026-11-24', 1, 2, 'single', 1, now(), $5)",
    )
    .bind(town.authority)
    .bind(ours.id)
    .bind(theirs.case.case)
    .bind(theirs.case.targets[0])
    .bind(ours.lead.id)
    .execute(&mut town.owner)
    .await;
    assert!(crossed.unwrap_err().to_string().contains("marks_target"));
}

#[tokio::test]
async fn a_role_that_is_too_strong_is_refused() {
    let town = Town::new().await;
    let strong = crate::support::web_options().username("waymark_owner");
    let refused = waymark::db::Db::connect(strong).await.unwrap_err().to_string();
    assert!(refused.contains("owns tables of Waymark"), "{refused}");
    drop(town);
}
