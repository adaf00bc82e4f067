//! What is asked before a list becomes a file: the page that says what the file would hold, and the reason.

use askama::Template;
use axum::response::Response;

use super::{Cell, Column, Format, Table};
use crate::{
    db::Trace,
    domain::{
        export::{MAX_ROWS, MAX_WORDS, Reason},
        text::thousands,
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::Chrome,
    },
};

/// A list that may be taken out, before its rows are read.
pub struct List {
    /// Beginning of the file's name: what it holds, never whom.
    pub name: &'static str,
    /// As the heading says it: "open cases at Stage 2".
    pub heading: String,
    /// From left to right.
    pub columns: Vec<Column>,
    /// How many rows; of more than a file may have, one more than it may have.
    pub rows: i64,
    /// Whom it names.
    pub holds: Holds,
    /// Where the form goes.
    pub action: String,
    /// Back to the list.
    pub back: String,
    /// Fields that say which list.
    pub which: Vec<(&'static str, String)>,
}

/// Whom a file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Children.
    Children,
    /// People who work with them, and how schools stand.
    Staff,
    /// Nobody: settings, with the names and numbers of schools.
    Settings,
    /// Nobody: counts.
    Counts,
}

impl List {
    /// Says what a file of it would hold, and asks why it is wanted.
    pub async fn ask(self, visit: Visit) -> Result<Response, Error> {
        let page = self.page(visit.chrome(), Form::empty());
        visit.show_nothing_personal(&page).await
    }

    /// Reads the reason. Without one, and where there is nothing to take or too much, the page again.
    pub async fn answered(self, mut posted: Posted) -> Result<Result<Taking, Response>, Error> {
        let wanted = Wanted::read(&mut posted.form, self.holds == Holds::Children);
        let fits = (1..=MAX_ROWS).contains(&self.rows);
        if let (false, true, Some(wanted)) = (posted.needs_another_look(), fits, wanted) {
            return Ok(Ok(Taking { posted, list: self, wanted }));
        }
        let page = self.page(posted.chrome(), posted.form.clone());
        Ok(Err(posted.again(&page).await?))
    }

    /// Reads the reason and answers with the file of these rows, which were read before; without a reason, the page again.
    pub async fn file(self, posted: Posted, trace: Trace, rows: Vec<Vec<Cell>>) -> Result<Response, Error> {
        match self.answered(posted).await? {
            Ok(taking) => taking.file(trace, rows).await,
            Err(again) => Ok(again),
        }
    }

    fn page(self, chrome: Chrome, form: Form) -> ExportPage {
        ExportPage { chrome, form, list: self }
    }
}

/// A list that somebody gave a reason for: its rows are to be read.
pub struct Taking {
    /// Who asks, and the transaction to read in.
    pub posted: Posted,
    list: List,
    wanted: Wanted,
}

impl Taking {
    /// Answers with the file. Whom it names and why it was taken is on disk before.
    pub async fn file(self, mut trace: Trace, rows: Vec<Vec<Cell>>) -> Result<Response, Error> {
        trace.facts.extend(self.wanted.facts(rows.len()));
        let table = Table { name: self.list.name, columns: self.list.columns, rows };
        self.posted.file(trace, table, self.wanted.format).await
    }
}

/// What somebody answered: which file, and why.
struct Wanted {
    format: Format,
    why: Reason,
    words: String,
}

impl Wanted {
    /// Reads the form. Words are asked for when the file names children, or the reason is none of the list.
    fn read(form: &mut Form, names_children: bool) -> Option<Self> {
        let why = form.choice("why", Reason::parse, "Select why you take this out of Waymark");
        let words = if names_children || why == Some(Reason::Other) {
            form.paragraph("words", "What you need it for", MAX_WORDS)
        } else {
            form.optional_paragraph("words", "What you need it for", MAX_WORDS).map(Option::unwrap_or_default)
        };
        let format = form.choice("format", Format::parse, "Select which kind of file you want");
        Some(Self { format: format?, why: why?, words: words? })
    }

    /// For the audit trail.
    fn facts(&self, rows: usize) -> Vec<(&'static str, String)> {
        vec![
            ("why", self.why.as_str().to_owned()),
            ("words", self.words.clone()),
            ("file", self.format.ending().to_owned()),
            ("rows", rows.to_string()),
        ]
    }
}

#[derive(Template)]
#[template(path = "components/export.html")]
struct ExportPage {
    chrome: Chrome,
    form: Form,
    list: List,
}

impl ExportPage {
    fn too_many(&self) -> bool {
        self.list.rows > MAX_ROWS
    }

    fn count(&self) -> String {
        let most = if self.too_many() { "more than " } else { "" };
        format!("{most}{}", thousands(self.list.rows - i64::from(self.too_many())))
    }

    fn columns(&self) -> String {
        self.list.columns.iter().map(|column| column.header.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn words_label(&self) -> &'static str {
        match self.list.holds {
            Holds::Children => "What do you need it for?",
            Holds::Staff | Holds::Settings | Holds::Counts => "What do you need it for? (optional)",
        }
    }
}
