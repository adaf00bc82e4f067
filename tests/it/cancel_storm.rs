//! Clients that hang up at any moment: no acknowledged write is lost, no connection is poisoned.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};
use uuid::Uuid;

use crate::support::Town;

/// `make soak` sends more.
fn requests() -> usize {
    std::env::var("WAYMARK_STORM").map_or(20_000, |n| n.parse().unwrap())
}

/// Transactions of this town's web role that nobody finishes.
async fn left_open(owner: &mut sqlx::PgConnection, name: &str) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where application_name = $1 and state like 'idle in transaction%'
         and state_change < now() - interval '1 second'",
    )
    .bind(name)
    .fetch_one(owner)
    .await
    .unwrap()
}

/// Gives something up after some microseconds, whatever it is waiting for.
async fn give_up<T>(work: impl Future<Output = T>, patience: Duration) -> Option<T> {
    let since = std::time::Instant::now();
    let wait = async {
        while since.elapsed() < patience {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! { done = work => Some(done), () = wait => None }
}

/// The control: a transaction begun the plain way and given up while it begins leaves the connection inside
/// it, for whoever borrows it next. Ours, given up at the same moments, does not. Kept while the pinned sqlx
/// behaves so.
#[tokio::test]
async fn the_plain_way_to_begin_poisons_connections_and_ours_does_not() {
    let mut town = Town::new().await;
    let options = crate::support::web_options().application_name("waymark-control");
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let moment = waymark::db::Moment { now: crate::support::NOW, today: crate::support::day("2026-11-24") };
    let (mut given_up, mut poisoned) = (0, 0);
    for n in 0..2000_u64 {
        let patience = Duration::from_micros(n.wrapping_mul(7919) % 500);
        let plain = give_up(pool.begin(), patience).await;
        let ours = town.state.db.begin(&[7; 32], moment, Uuid::now_v7(), "control", None);
        given_up += u32::from(give_up(ours, patience).await.is_none());
        if plain.is_none() {
            let outside: bool =
                sqlx::query_scalar("select now() = statement_timestamp()").fetch_one(&pool).await.unwrap();
            poisoned += u32::from(!outside);
            sqlx::raw_sql("rollback").execute(&pool).await.unwrap();
        }
    }
    assert!(given_up > 100, "only {given_up} were given up while they began");
    assert!(poisoned > 0, "the pinned sqlx no longer needs this care: see whether `Held` can go");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(left_open(&mut town.owner, "waymark").await, 0);
}

async fn sent(address: std::net::SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_the_clients_hang_up_and_nothing_is_lost() {
    let mut town = Town::new().await;
    let requests = requests();
    let tutor = town.greenfield.tutor.clone();
    let case = town.greenfield.case.case;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = town.app.clone();
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let at_once = Arc::new(Semaphore::new(24));
    let mut tasks = Vec::with_capacity(requests);
    for n in 0..requests {
        let turn = Arc::clone(&at_once).acquire_owned().await.unwrap();
        let (cookie, words) = (tutor.cookie.clone(), format!("storm {n}"));
        tasks.push(tokio::spawn(async move {
            let body = form_urlencoded::Serializer::new(String::new())
                .append_pair("date", "2026-11-24")
                .append_pair("period", "")
                .append_pair("kind", "praise")
                .append_pair("words", &words)
                .append_pair("form_key", &Uuid::new_v4().to_string())
                .finish();
            let request = format!(
                "POST /today/notes/{case} HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:8080\r\n\
                 Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut answer = Vec::new();
            if n % 2 == 0 {
                // Hangs up somewhere between nothing and twenty milliseconds.
                let mut stream = sent(address, &request).await;
                let patience = Duration::from_micros((n as u64).wrapping_mul(7919) % 20_000);
                let _ = tokio::time::timeout(patience, stream.read_to_end(&mut answer)).await;
            } else {
                // Told that the database is busy and nothing was saved, presses again.
                while answer.is_empty() || answer.starts_with(b"HTTP/1.1 503") {
                    answer.clear();
                    sent(address, &request).await.read_to_end(&mut answer).await.unwrap();
                }
            }
            drop(turn);
            answer.starts_with(b"HTTP/1.1 303").then_some(words)
        }));
    }
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.extend(task.await.unwrap());
    }
    assert!(
        acknowledged.len() >= requests / 2,
        "only {} of the patient half were answered",
        acknowledged.len()
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(left_open(&mut town.owner, "waymark").await, 0, "connections were left in a transaction");
    let stored: Vec<(String, i64)> =
        sqlx::query_as("select words, count(*) from app.day_notes where case_id = $1 group by words")
            .bind(case)
            .fetch_all(&mut town.owner)
            .await
            .unwrap();
    assert!(stored.iter().all(|(_, times)| *times == 1), "something was saved twice");
    let stored: std::collections::HashSet<_> = stored.into_iter().map(|(words, _)| words).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|words| !stored.contains(*words)).collect();
    assert!(lost.is_empty(), "{} acknowledged notes are not there", lost.len());
    for _ in 0..1000 {
        assert_eq!(town.get(&tutor, "/account").await.status, axum::http::StatusCode::OK);
    }
    server.abort();
}
