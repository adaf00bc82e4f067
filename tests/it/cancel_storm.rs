//! Clients that hang up at any moment: no acknowledged write is lost, no connection is poisoned.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};
use uuid::Uuid;

use crate::support::Town;

const REQUESTS: usize = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_the_clients_hang_up_and_nothing_is_lost() {
    let mut town = Town::new().await;
    let tutor = town.greenfield.tutor.clone();
    let case = town.greenfield.case.case;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = town.app.clone();
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let at_once = Arc::new(Semaphore::new(24));
    let mut tasks = Vec::with_capacity(REQUESTS);
    for n in 0..REQUESTS {
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
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            if n % 2 == 0 {
                // Hangs up somewhere between nothing and twenty milliseconds.
                let patience = Duration::from_micros((n as u64).wrapping_mul(7919) % 20_000);
                let _ = tokio::time::timeout(patience, stream.read_to_end(&mut answer)).await;
            } else {
                stream.read_to_end(&mut answer).await.unwrap();
            }
            drop((stream, turn));
            answer.starts_with(b"HTTP/1.1 303").then_some(words)
        }));
    }
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.extend(task.await.unwrap());
    }
    assert!(
        acknowledged.len() >= REQUESTS / 2,
        "only {} of the patient half were answered",
        acknowledged.len()
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where usename = 'waymark_web' and state like 'idle in transaction%'
         and state_change < now() - interval '1 second'",
    )
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(idle, 0, "connections were left in a transaction");
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
