//! The floor: the least a server can do for the same page. A session look-up, the same queries as the owner (no
//! roles, no row-level security, no audit), a page of as many bytes. Runs as a process of its own.
#![expect(clippy::disallowed_methods, reason = "the floor has none of the house's walls")]

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, PgPool, Row,
    postgres::{PgArguments, PgPoolOptions},
    query::Query,
};
use time::{Date, format_description::well_known::Iso8601};
use uuid::Uuid;

/// A page the floor shows: its queries, and how many bytes it has.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Page {
    pub queries: Vec<Bound>,
    pub bytes: usize,
}

/// A query with its parameters.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Bound {
    pub sql: String,
    pub values: Vec<(String, Option<String>)>,
}

struct Floor {
    pool: PgPool,
    pages: Vec<Page>,
    filler: String,
}

/// Serves `pages` (JSON) until it is stopped.
pub fn serve(pages: &str, port: u16, sockets: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(pages).map_err(|error| error.to_string())?;
    let pages: Vec<Page> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async move {
        let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
            .socket(sockets)
            .username("waymark_owner")
            .database("waymark")
            .options([("plan_cache_mode", "force_generic_plan")]);
        let pool = PgPoolOptions::new()
            .max_connections(20)
            .connect_with(options)
            .await
            .map_err(|error| error.to_string())?;
        let most = pages.iter().map(|page| page.bytes).max().unwrap_or(0);
        let floor = Floor { pool, pages, filler: "<p class=\"govuk-body\">x</p>\n".repeat(most / 26 + 1) };
        let app = Router::new()
            .route("/live", get(|| async { "ok" }))
            .route("/{page}", get(show))
            .with_state(Arc::new(floor));
        let listener =
            tokio::net::TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
        axum::serve(listener, app).await.map_err(|error| error.to_string())
    })
}

async fn show(State(floor): State<Arc<Floor>>, Path(page): Path<usize>, headers: HeaderMap) -> Response {
    match floor.page(page, &headers).await {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl Floor {
    async fn page(&self, page: usize, headers: &HeaderMap) -> Result<String, sqlx::Error> {
        let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        let token = waymark::web::session::hash_of(cookie.split_once('=').map_or("", |(_, token)| token));
        let mut conn = self.pool.acquire().await?;
        sqlx::query("select s.user_id, u.name from app.sessions s join app.users u on u.id = s.user_id where s.token_hash = $1 and s.ended_at is null")
            .bind(token.as_slice())
            .fetch_one(&mut *conn)
            .await?;
        let page = self.pages.get(page).ok_or(sqlx::Error::RowNotFound)?;
        let mut html = String::with_capacity(page.bytes + 1024);
        for bound in &page.queries {
            for row in bound.query().fetch_all(&mut *conn).await? {
                let _ = write!(html, "<tr><td>{}</td></tr>", row.len());
            }
        }
        let missing = page.bytes.saturating_sub(html.len());
        html.push_str(&self.filler[..missing.min(self.filler.len())]);
        Ok(html)
    }
}

impl Bound {
    fn query(&self) -> Query<'_, sqlx::Postgres, PgArguments> {
        self.values.iter().fold(sqlx::query(AssertSqlSafe(self.sql.clone())), |query, (kind, value)| {
            let value = value.as_deref();
            let list = |text: &str| -> Vec<String> {
                let inner = text.trim_matches(['{', '}']);
                inner.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
            };
            match kind.as_str() {
                "Uuid" => query.bind(value.and_then(|text| Uuid::parse_str(text).ok())),
                "UuidArray" => query.bind(value.map(|text| {
                    list(text).iter().filter_map(|id| Uuid::parse_str(id).ok()).collect::<Vec<_>>()
                })),
                "Int2" => query.bind(value.and_then(|text| text.parse::<i16>().ok())),
                "Int4" => query.bind(value.and_then(|text| text.parse::<i32>().ok())),
                "Int8" => query.bind(value.and_then(|text| text.parse::<i64>().ok())),
                "Bool" => query.bind(value.map(|text| text == "t")),
                "Date" => query.bind(value.and_then(|text| Date::parse(text, &Iso8601::DATE).ok())),
                _ => query.bind(value.map(str::to_owned)),
            }
        })
    }
}
