//! What a page costs the database: how many statements, however many pupils; and no query that would read a
//! whole table of children's records.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;
use waymark::{
    db::{self, Moment, cluster::Cluster},
    seed::{self, Size},
};

use crate::support::{NOW, Person, Town, grant, scratch};

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

/// Every node of a plan.
fn nodes<'a>(plan: &'a Value, found: &mut Vec<&'a Value>) {
    found.push(plan);
    for child in plan["Plans"].as_array().into_iter().flatten() {
        nodes(child, found);
    }
}

/// What is wrong with a plan: a whole table read, or a whole index because its first column is not asked for.
fn wasteful(plan: &Value, first_columns: &HashMap<String, (String, String)>) -> Vec<String> {
    let mut found = Vec::new();
    nodes(plan, &mut found);
    let mut wrong = Vec::new();
    for node in found {
        let kind = node["Node Type"].as_str().unwrap_or_default();
        if let Some(table) = node["Relation Name"].as_str().filter(|_| kind == "Seq Scan")
            && first_columns.values().any(|(large, _)| large == table)
        {
            wrong.push(format!("reads all of {table}"));
        }
        if let Some(index) = node["Index Name"].as_str()
            && let Some((_, column)) = first_columns.get(index)
        {
            let asked = node["Index Cond"].as_str().is_some_and(|condition| condition.contains(column));
            if !asked {
                wrong.push(format!("reads all of {index}, which begins with {column}"));
            }
        }
    }
    wrong
}

/// The indexes of the tables that grow, each with its table and first column. An authority's schools, people and
/// settings stay few, and the plan over an empty table says nothing.
async fn first_columns(owner: &mut PgConnection) -> HashMap<String, (String, String)> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select i.indexrelid::regclass::text, c.relname::text, pg_get_indexdef(i.indexrelid, 1, true)
         from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'app' and c.reltuples > 400",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(index, table, column)| (index.trim_start_matches("app.").to_owned(), (table, column)))
        .collect()
}

/// The plan of a query for any values, as somebody at a school.
async fn plan(web: &mut PgConnection, sql: &str, parameters: usize) -> Result<Value, sqlx::Error> {
    sqlx::raw_sql("deallocate all").execute(&mut *web).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("prepare asked as {sql}"))).execute(&mut *web).await?;
    let values =
        if parameters == 0 { String::new() } else { format!("({})", vec!["null"; parameters].join(", ")) };
    let text: Value =
        sqlx::query_scalar(AssertSqlSafe(format!("explain (format json) execute asked{values}")))
            .persistent(false)
            .fetch_one(web)
            .await?;
    Ok(text[0]["Plan"].clone())
}

/// The statements the caseload puts together, each text once, read from the server's log.
async fn composed(cluster: &Cluster, log: &Path) -> BTreeSet<String> {
    let mut superuser = PgConnection::connect_with(&cluster.web().username("waymark_super")).await.unwrap();
    let log_all = "alter role waymark_web set log_min_duration_statement = 0";
    sqlx::raw_sql(log_all).execute(&mut superuser).await.unwrap();
    let from = fs::metadata(log).unwrap().len();
    let mut town = Town::at(cluster.web(), db::owner(&cluster.owner()).await.unwrap()).await;
    town.class(60, 1).await;
    let la = town.person("la_representative", None).await;
    let schools = [town.greenfield.id, town.hillside.id];
    let of_one = town.person("la_representative", Some(schools[0])).await;
    let of_two = town.person("la_representative", Some(schools[0])).await;
    grant(
        &mut town.owner,
        town.authority,
        of_two.id,
        "la_representative",
        Some(schools[1]),
        NOW.date(),
        None,
    )
    .await;
    for who in [&of_one, &of_two] {
        for query in ["", "?stage=2", "?sort=name"] {
            assert_eq!(town.get(who, &format!("/caseload{query}")).await.status, 200, "{query}");
        }
    }
    for view in ["all", "mine", "overdue", "stage-3", "no-marks", "near-45-days", "waiting-for-la"] {
        for filter in ["", "&stage=2&year=9", "&send=ehcp&looked-after=yes"] {
            let page = town.get(&la, &format!("/caseload?view={view}{filter}")).await;
            assert_eq!(page.status, 200, "{view} {filter}");
        }
        town.get(&la, &format!("/caseload/export?view={view}")).await;
    }
    for sort in ["concern", "name", "stage", "due", "marks"] {
        for way in ["", "-"] {
            let first = town.get(&la, &format!("/caseload?sort={way}{sort}")).await;
            let after = first.body.split("after=").nth(1).and_then(|rest| rest.get(..36)).unwrap().to_owned();
            assert_eq!(town.get(&la, &format!("/caseload?sort={way}{sort}&after={after}")).await.status, 200);
        }
    }
    town.state.db.close().await;
    superuser.close().await.unwrap();
    let text =
        String::from_utf8_lossy(&fs::read(log).unwrap()[usize::try_from(from).unwrap()..]).into_owned();
    // A line of the log that goes on begins with a tab.
    let text = text.replace("\n\t", "\u{1}");
    let executed = text.lines().filter_map(|line| {
        let (_, sql) = line.split_once("  execute ")?.1.split_once(": ")?;
        Some(sql.replace('\u{1}', "\n"))
    });
    executed.filter(|sql| sql.contains("from app.case_duties d where d.authority_id")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_reads_a_whole_table() {
    let dir = scratch("plans");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    let moment = Moment { now: NOW, today: NOW.date() };
    seed::world(&mut owner, Size::measured(10, 800, 12), moment).await.unwrap();
    db::duties::keep(&mut owner, moment, |_| ()).await.unwrap();
    let first_columns = first_columns(&mut owner).await;
    owner.close().await.unwrap();
    let mut web = PgConnection::connect_with(&cluster.web()).await.unwrap();
    sqlx::raw_sql(
        "set plan_cache_mode = force_generic_plan; set random_page_cost = 1.1; set enable_seqscan = off;
         set statement_timeout = '5s'",
    )
    .execute(&mut web)
    .await
    .unwrap();
    let (mut looked, mut wrong) = (0, Vec::new());
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let query: Value = serde_json::from_str(&text).unwrap();
        let sql = query["query"].as_str().unwrap();
        // What the owner does from the command line is no page.
        if sql.contains("-- The owner's") {
            continue;
        }
        let parameters = query["describe"]["parameters"]["Left"].as_array().unwrap().len();
        match plan(&mut web, sql, parameters).await {
            Ok(plan) => {
                looked += 1;
                let found = wasteful(&plan, &first_columns);
                if !found.is_empty() {
                    wrong.push(format!("{}\n    {sql}\n", found.join("; ")));
                }
            }
            // Asked as the owner, from the command line.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {}
            Err(error) => panic!("{error}: {sql}"),
        }
    }
    assert!(looked > 40, "{looked}");
    // The caseload puts its statements together: those of every view, order and filter, as the server was asked.
    let composed = composed(&cluster, &dir.join("postgres.log")).await;
    assert!(composed.len() > 20, "{}", composed.len());
    for sql in &composed {
        let parameters = (1..100).take_while(|n| sql.contains(&format!("${n}"))).count();
        let plan = plan(&mut web, sql, parameters).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
        let found = wasteful(&plan, &first_columns);
        if !found.is_empty() {
            wrong.push(format!("{}\n    {sql}\n", found.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And a query without its scope is seen.
    let id = Uuid::nil();
    let bare =
        plan(&mut web, &format!("select 1 from app.case_leads where case_id = '{id}'"), 0).await.unwrap();
    assert!(!wasteful(&bare, &first_columns).is_empty());
    web.close().await.unwrap();
    drop(cluster);
    fs::remove_dir_all(dir).unwrap();
}
