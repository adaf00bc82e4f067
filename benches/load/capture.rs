//! What the server really asks its database for a page: read from PostgreSQL's own log, so that the floor runs
//! the same queries and never drifts from them.

use std::{collections::HashMap, fs, path::Path};

/// One statement as it was sent.
#[derive(Clone, Debug)]
pub struct Statement {
    pub sql: String,
    /// The parameters as text; none is null.
    pub values: Vec<Option<String>>,
    /// The types the prepared-query files name for them.
    pub types: Vec<String>,
    /// Several statements in one message.
    pub simple: bool,
}

impl Statement {
    /// Whether it is a query of a page, not of the frame around every request.
    pub fn is_query(&self) -> bool {
        !self.simple
    }

    /// The statement with its parameters written in, for pgbench.
    pub fn literal(&self) -> String {
        let mut sql = self.sql.clone();
        for (n, value) in self.values.iter().enumerate().rev() {
            let text =
                value.as_ref().map_or("null".to_owned(), |value| format!("'{}'", value.replace('\'', "''")));
            sql = sql.replace(&format!("${}", n + 1), &text);
        }
        sql
    }
}

/// The statements of the log from a byte on.
pub fn read(log: &Path, from: u64) -> Result<Vec<Statement>, String> {
    let bytes = fs::read(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let text =
        String::from_utf8_lossy(&bytes[usize::try_from(from).unwrap_or(0).min(bytes.len())..]).into_owned();
    // A line that goes on begins with a tab.
    let text = text.replace("\n\t", "\u{1}");
    let types = types()?;
    let mut found: Vec<Statement> = Vec::new();
    // A statement is logged when it is parsed, bound and executed: only the last counts.
    let mut executed = false;
    for line in text.lines() {
        let line = line.replace('\u{1}', "\n");
        if let Some((_, rest)) = line.split_once(" LOG:  duration: ") {
            executed = false;
            if let Some((_, sql)) = rest.split_once("  statement: ") {
                found.push(Statement {
                    sql: sql.to_owned(),
                    values: Vec::new(),
                    types: Vec::new(),
                    simple: true,
                });
            } else if let Some((_, sql)) =
                rest.split_once("  execute ").and_then(|(_, named)| named.split_once(": "))
            {
                let types = types.get(sql.trim()).cloned().unwrap_or_default();
                executed = true;
                found.push(Statement { sql: sql.to_owned(), values: Vec::new(), types, simple: false });
            }
        } else if let Some((_, list)) = line.split_once(" DETAIL:  parameters: ")
            && let Some(last) = found.last_mut().filter(|_| executed)
        {
            last.values = parameters(list);
        }
    }
    Ok(found)
}

/// `$1 = 'a', $2 = NULL` as values.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = list;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(quoted) = after.strip_prefix('\'') {
            let mut value = String::new();
            let mut letters = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, letter)) = letters.next() {
                if letter == '\'' {
                    if letters.peek().is_some_and(|(_, next)| *next == '\'') {
                        letters.next();
                    } else {
                        end = at + 1;
                        break;
                    }
                }
                value.push(letter);
            }
            values.push(Some(value));
            rest = &quoted[end..];
        } else {
            values.push(None);
            rest = after;
        }
    }
    values
}

/// The parameter types of every prepared query, by its text.
fn types() -> Result<HashMap<String, Vec<String>>, String> {
    let mut types = HashMap::new();
    for entry in fs::read_dir(".sqlx").map_err(|error| format!(".sqlx: {error}"))?.flatten() {
        let text = fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
        let query: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let names = query["describe"]["parameters"]["Left"].as_array().cloned().unwrap_or_default();
        let names = names.iter().map(|name| name.as_str().unwrap_or("Text").to_owned()).collect();
        types.insert(query["query"].as_str().unwrap_or_default().trim().to_owned(), names);
    }
    Ok(types)
}
