//! How PostgreSQL means to answer: no query that would read a whole table of children's records, none that can only be
//! answered so, and none of those the busiest pages ask, down into the functions they call.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
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

use crate::support::{self, NOW, Person, Town, grant, scratch};

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

/// What PostgreSQL chose for every statement of the web role while `asked` went on, those within functions too: the
/// text and the plan.
async fn chosen(cluster: &Cluster, log: &Path, asked: impl AsyncFnOnce()) -> Vec<(String, Value)> {
    let mut superuser = PgConnection::connect_with(&cluster.web().username("waymark_super")).await.unwrap();
    let explained = "alter role waymark_web set session_preload_libraries = 'auto_explain';
                     alter role waymark_web set auto_explain.log_min_duration = 0;
                     alter role waymark_web set auto_explain.log_nested_statements = on;
                     alter role waymark_web set auto_explain.log_format = 'json'";
    sqlx::raw_sql(explained).execute(&mut superuser).await.unwrap();
    let from = usize::try_from(fs::metadata(log).unwrap().len()).unwrap();
    asked().await;
    sqlx::raw_sql("alter role waymark_web reset all").execute(&mut superuser).await.unwrap();
    superuser.close().await.unwrap();
    let text = String::from_utf8_lossy(&fs::read(log).unwrap()[from..]).into_owned();
    // A line of the log that goes on begins with a tab.
    let text = text.replace("\n\t", " ");
    let plans = text.lines().filter_map(|line| {
        let (_, plan) = line.split_once("  plan: ")?;
        let plan: Value = serde_json::from_str(plan).unwrap_or_else(|error| panic!("{error}: {plan}"));
        Some((plan["Query Text"].as_str()?.to_owned(), plan["Plan"].clone()))
    });
    plans.collect()
}

/// The tables a plan reads whole. The counts of the caseload's views end at a thousand: where many cases fit, reading until
/// there are so many is the shortest way, and where few do there is an index, as is shown below.
fn read_whole<'a>(text: &str, plan: &'a Value, limited: bool, tables: &mut Vec<&'a str>) {
    let counts = text
        .starts_with("select (select count(*) from (select from app.case_duties d where d.authority_id = $1");
    if plan["Node Type"] == "Seq Scan" && !(counts && limited) {
        tables.extend(plan["Relation Name"].as_str());
    }
    for child in plan["Plans"].as_array().into_iter().flatten() {
        read_whole(text, child, plan["Node Type"] == "Limit", tables);
    }
}

/// The pages people look at most, each with somebody who does.
fn busiest(case: Uuid, [tutor, lead, head, la]: [&Person; 4]) -> Vec<(&Person, String)> {
    let of_case = |page: &str| format!("/cases/{case}{page}");
    let mut pages = Vec::new();
    for path in ["/today", "/today?period=2"] {
        pages.push((tutor, path.to_owned()));
    }
    for path in [
        "/cases",
        "/cases?stage=2",
        "/pupils",
        "/caseload",
        "/caseload?view=overdue",
        "/week",
        "/reviews/run",
    ] {
        pages.push((lead, path.to_owned()));
    }
    for path in ["", "/monitoring", "/timeline", "/reviews", "/reviews/2026-11-16", "/targets", "/stage"] {
        pages.push((lead, of_case(path)));
    }
    for path in [
        "/overview",
        "/overview/pupils",
        "/overview/overdue",
        "/overview/suspension-days",
        "/overview/left",
        "/overview/governors",
        "/overview/inbox",
        "/overview/weeks/2026-11-16",
    ] {
        pages.push((head, path.to_owned()));
    }
    for path in
        ["/caseload?stage=2&view=overdue", "/caseload?sort=name", "/caseload?view=no-marks", "/schools"]
    {
        pages.push((la, path.to_owned()));
    }
    for path in ["flow", "time", "outcomes", "suspensions", "support", "recording"] {
        pages.push((la, format!("/reports/{path}")));
    }
    pages
}

/// The busiest pages of everybody who looks, at the size of a large authority, with nothing said to PostgreSQL about
/// how: it reads no large table whole, neither in what a page asks nor within the functions that answer.
async fn as_postgresql_chooses(cluster: &Cluster, log: &Path, owner: &mut PgConnection) {
    let (authority, school): (Uuid, Uuid) =
        sqlx::query_as("select authority_id, id from app.schools order by urn limit 1")
            .fetch_one(&mut *owner)
            .await
            .unwrap();
    let case: Uuid =
        sqlx::query_scalar("select id from app.cases where school_id = $1 order by sort_name limit 1")
            .bind(school)
            .fetch_one(&mut *owner)
            .await
            .unwrap();
    let (target, upn): (Uuid, String) = sqlx::query_as(
        "select t.id, p.upn from app.cases c join app.pupils p on p.id = c.pupil_id join app.targets t on t.case_id = c.id
         where c.id = $1 order by t.position limit 1",
    )
    .bind(case)
    .fetch_one(&mut *owner)
    .await
    .unwrap();
    let large: BTreeMap<String, f32> = sqlx::query_as(
        "select c.relname::text, c.reltuples from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'app' and c.relkind = 'r' and c.reltuples > 5000",
    )
    .fetch_all(&mut *owner)
    .await
    .unwrap()
    .into_iter()
    .collect();
    assert!(large.len() >= 10 && large["cases"] >= 6000.0, "{large:?}");
    let lead = support::person(owner, authority, "school_lead", Some(school)).await;
    let tutor = support::person(owner, authority, "staff", Some(school)).await;
    let head = support::person(owner, authority, "headteacher", Some(school)).await;
    let la = support::person(owner, authority, "la_representative", None).await;
    let pages = busiest(case, [&tutor, &lead, &head, &la]);
    let asked = async || {
        let town = Town::at(cluster.web(), db::owner(&cluster.owner()).await.unwrap()).await;
        for (who, path) in &pages {
            let page = town.get(who, path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
        }
        for (who, sought) in [(&lead, "smith"), (&la, "smith"), (&la, "smtih"), (&la, &upn[9..])] {
            let found = town.post(who, "/search", &[("sought", sought)]).await;
            assert_eq!(found.status, 200, "{}", found.body);
        }
        let (seen, mark) = (format!("seen.{case}"), format!("mark.{target}.1"));
        for points in ["1", "2"] {
            let seen_at: i32 = sqlx::query_scalar(
                "select coalesce(max(version), 0) from app.days where case_id = $1 and on_date = '2026-11-24'",
            )
            .bind(case)
            .fetch_one(&mut *owner)
            .await
            .unwrap();
            let fields = [
                ("date", "2026-11-24"),
                ("school", &*school.to_string()),
                (&*seen, &*seen_at.to_string()),
                (&*mark, points),
            ];
            let saved = town.post(&tutor, "/today", &fields).await;
            assert_eq!(saved.status, 303, "{}", saved.body);
        }
        town.state.db.close().await;
    };
    let plans = chosen(cluster, log, asked).await;
    let texts: BTreeSet<_> = plans.iter().map(|(text, _)| text.as_str()).collect();
    assert!(texts.len() >= 100, "{} statements in {} plans", texts.len(), plans.len());
    // What a function asks stands in no query: search asks so.
    assert!(texts.iter().any(|text| text.contains("near as materialized")), "functions are looked into");
    let mut whole = BTreeSet::new();
    for (text, plan) in &plans {
        let mut tables = Vec::new();
        read_whole(text, plan, false, &mut tables);
        for table in tables.into_iter().filter(|table| large.contains_key(*table)) {
            whole.insert(format!("reads all of {table}\n    {text}\n"));
        }
    }
    println!("{} statements in {} plans, {} large tables", texts.len(), plans.len(), large.len());
    assert!(whole.is_empty(), "{}", whole.into_iter().collect::<Vec<_>>().join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_reads_a_whole_table() {
    let dir = scratch("plans");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    let moment = Moment { now: NOW, today: NOW.date() };
    seed::world(&mut owner, Size::measured(60, 6000, 4), moment).await.unwrap();
    db::duties::keep(&mut owner, moment, |_| ()).await.unwrap();
    let first_columns = first_columns(&mut owner).await;
    as_postgresql_chooses(&cluster, &dir.join("postgres.log"), &mut owner).await;
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
