//! The private PostgreSQL, started, killed and started again.

use std::{fs, path::Path, process::Command};

use sqlx::Connection;
use waymark::db::{
    self,
    cluster::{Cluster, ClusterError},
};

use crate::support::scratch;

fn ask(cluster: &Cluster, sql: &'static str) -> String {
    let options = cluster.owner();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = db::owner(&options).await.unwrap();
        let answer: Option<String> = sqlx::query_scalar(sql).fetch_optional(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        answer.unwrap_or_default()
    })
}

fn postmaster(dir: &Path) -> String {
    fs::read_to_string(dir.join("postgres/postmaster.pid")).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn it_keeps_what_it_was_told_over_stops_and_kills() {
    let dir = scratch("cluster-keeps");
    let mut cluster = Cluster::start(&dir).unwrap();
    ask(&cluster, "create table public.kept (what text)");
    ask(&cluster, "insert into public.kept values ('something')");
    assert!(matches!(Cluster::start(&dir), Err(ClusterError::InUse(_))), "a second one is told");
    cluster.stop();
    drop(cluster);
    // Started again, then the postmaster is killed: the next start recovers, with a stale lock in the way.
    let cluster = Cluster::start(&dir).unwrap();
    assert_eq!(ask(&cluster, "select what from public.kept"), "something");
    let pid = postmaster(&dir);
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    std::thread::sleep(std::time::Duration::from_millis(600));
    drop(cluster);
    let cluster = Cluster::start(&dir).unwrap();
    assert_eq!(ask(&cluster, "select what from public.kept"), "something");
    drop(cluster);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_server_that_outlived_its_waymark_is_taken_over() {
    let dir = scratch("cluster-adopts");
    let cluster = Cluster::start(&dir).unwrap();
    let pid = postmaster(&dir);
    // What kill -9 leaves: the lock is free, PostgreSQL still runs.
    fs::rename(dir.join("waymark.lock"), dir.join("old.lock")).unwrap();
    let adopted = Cluster::start(&dir).unwrap();
    assert_eq!(postmaster(&dir), pid);
    assert_eq!(ask(&adopted, "select 'here'"), "here");
    drop(adopted);
    drop(cluster);
    assert!(
        !Path::new(&format!("/proc/{pid}")).exists()
            || fs::read(format!("/proc/{pid}/cmdline")).unwrap().is_empty()
    );
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_half_made_cluster_and_a_long_path_are_no_trouble() {
    let dir = scratch("cluster-long").join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(dir.join("postgres.making")).unwrap();
    fs::write(dir.join("postgres.making/PG_VERSION"), "15").unwrap();
    let cluster = Cluster::start(&dir).unwrap();
    assert_eq!(
        ask(
            &cluster,
            "select rolname from pg_roles where rolname = 'waymark_web' and not rolsuper and not rolbypassrls"
        ),
        "waymark_web"
    );
    drop(cluster);
    fs::remove_dir_all(scratch("cluster-long")).unwrap();
}

#[test]
fn missing_and_other_versions_are_one_line() {
    let dir = scratch("cluster-version");
    let none = Cluster::start_with(&dir, Path::new("/nonexistent")).unwrap_err();
    assert!(none.to_string().contains("apt-get install postgresql"), "{none}");
    fs::create_dir_all(dir.join("postgres")).unwrap();
    fs::write(dir.join("postgres/PG_VERSION"), "9\n").unwrap();
    let other = Cluster::start(&dir).unwrap_err().to_string();
    assert!(other.contains("PostgreSQL 9") && !other.contains('\n'), "{other}");
    fs::remove_dir_all(dir).unwrap();
}
