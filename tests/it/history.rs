//! Every case of a world replayed from its events, and a row that was changed behind its history found.

use std::fs;

use sqlx::Connection;
use waymark::{
    db::{self, Moment, cluster::Cluster, history},
    seed::{self, Size},
};

use crate::support::{NOW, scratch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_is_what_its_history_says_and_a_changed_row_is_found() {
    let dir = scratch("history");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    seed::world(&mut owner, Size::demo(), Moment { now: NOW, today: NOW.date() }).await.unwrap();
    let replayed = history::replay(&mut owner).await.unwrap();
    assert_eq!((replayed.cases, replayed.wrong), (180, vec![]));
    for (change, says) in [
        (
            "update app.cases set stage = 3 where number = (select min(number) from app.cases where stage = 1)",
            "stage: 3",
        ),
        (
            "update app.cases set ended_as = 'excluded' where number = (select max(number) from app.cases where closed)",
            "excluded",
        ),
        (
            "delete from app.case_decisions where case_id = (select id from app.cases order by number offset 9 limit 1)",
            "no history",
        ),
    ] {
        assert!(sqlx::query(change).execute(&mut owner).await.unwrap().rows_affected() > 0, "{change}");
        let wrong = history::replay(&mut owner).await.unwrap().wrong;
        assert!(wrong.iter().any(|line| line.contains(says)), "{change}: {wrong:?}");
    }
    // What the demo is to show is there: every kind of meeting row, step, light and notice, and duties of every owner.
    for (table, least) in [
        ("case_steps", 800),
        ("meetings", 150),
        ("meeting_actions", 150),
        ("supports", 150),
        ("support_sessions", 800),
        ("incidents", 40),
        ("weekly_reviews", 1000),
        ("feedback", 900),
        ("proposals", 4),
        ("head_notices", 150),
        ("case_strategies", 300),
        ("alternatives", 40),
        ("agreements", 5),
    ] {
        let sql = format!("select count(*) from app.{table}");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut owner).await.unwrap();
        assert!(rows >= least, "{table}: {rows}");
    }
    owner.close().await.unwrap();
    drop(cluster);
    fs::remove_dir_all(dir).unwrap();
}
