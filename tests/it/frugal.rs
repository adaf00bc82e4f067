//! What a page costs the database: how many statements, however many pupils.

use std::fs;

use waymark::db::{self, cluster::Cluster};

use crate::support::{Person, Town, scratch};

/// Statements of the web role so far, as the server counted them.
async fn statements(town: &mut Town) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(calls), 0)::bigint from pg_stat_statements
         where userid = 'waymark_web'::regrole and toplevel",
    )
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// The statements of one more page like those before, without BEGIN and COMMIT.
async fn cost_of_page(town: &mut Town, who: &Person, path: &str) -> i64 {
    town.get(who, path).await;
    let before = statements(town).await;
    assert_eq!(town.get(who, path).await.status, 200, "{path}");
    statements(town).await - before - 2
}

async fn cost_of_search(town: &mut Town, who: &Person) -> i64 {
    let before = statements(town).await;
    let answer = town.post(who, "/search", &[("sought", "robin")]).await;
    assert!(answer.status == 200 && answer.body.contains("Robin Aaa00"), "{}", answer.body);
    statements(town).await - before - 2
}

async fn cost_of_mark(town: &mut Town, points: &str) -> i64 {
    let (tutor, case, school) = (town.greenfield.tutor.clone(), town.greenfield.case, town.greenfield.id);
    let (seen, mark) = (format!("seen.{}", case.case), format!("mark.{}.1", case.targets[0]));
    let before = statements(town).await;
    let fields = [("date", "2026-11-24"), ("school", &school.to_string()), (&*seen, "9"), (&*mark, points)];
    assert_eq!(town.post(&tutor, "/today", &fields).await.status, 303);
    statements(town).await - before - 2
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_costs_the_same_for_few_pupils_and_for_many() {
    let dir = scratch("frugal");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    let mut town = Town::at(cluster.web(), owner).await;
    let (lead, tutor) = (town.greenfield.lead.clone(), town.greenfield.tutor.clone());
    let case = format!("/cases/{}", town.greenfield.case.case);
    let timeline = format!("{case}/timeline");
    let file = format!("/pupils/import/{}", town.greenfield.pupil_file);
    let hiding = Person { cookie: format!("{}; waymark-names=hidden", lead.cookie), ..lead.clone() };
    let mut costs = Vec::new();
    for pupils in [4, 26] {
        town.class(pupils, 3).await;
        costs.push([
            cost_of_page(&mut town, &lead, "/cases").await,
            cost_of_page(&mut town, &lead, &case).await,
            cost_of_page(&mut town, &tutor, "/today").await,
            cost_of_page(&mut town, &tutor, "/today?period=2").await,
            {
                cost_of_mark(&mut town, "1").await;
                cost_of_mark(&mut town, "2").await
            },
            {
                cost_of_search(&mut town, &lead).await;
                cost_of_search(&mut town, &lead).await
            },
            cost_of_page(&mut town, &hiding, "/cases").await,
            cost_of_page(&mut town, &lead, &timeline).await,
            cost_of_page(&mut town, &lead, &file).await,
            cost_of_page(&mut town, &lead, "/pupils/new-year?year=8").await,
        ]);
    }
    assert_eq!(
        costs[0], costs[1],
        "list, case, day, period, save, search, list with names hidden, timeline, file, year"
    );
    let [list, case, day, period, save, search, hidden, timeline, file, year] = costs[1];
    println!(
        "statements: list {list}, case {case}, day {day}, period {period}, save {save}, search {search}, timeline {timeline}"
    );
    assert!(search <= 4 && hidden == list + 1 && timeline <= 5 && file <= 5 && year <= 6, "{costs:?}");
    assert!(list > 1 && list <= 4 && case <= 9 && day <= 4 && period <= 4 && save <= 6, "{costs:?}");
    town.state.db.close().await;
    drop(town);
    drop(cluster);
    fs::remove_dir_all(dir).unwrap();
}
