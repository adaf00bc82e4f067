//! A list as a file: one description of a table, written as CSV or as a workbook. Nothing in either is ever taken for
//! a formula. Each file is an event of its own, with who took it out, why, and whom it names.

mod files;
mod taking;

use time::Date;

use crate::domain::suppression::Shown;

pub use self::{
    files::{answer, csv, xlsx},
    taking::{Holds, List, Taking},
};

/// A list, whatever file it becomes.
#[derive(Clone, Debug)]
pub struct Table {
    /// Beginning of the file's name: what it holds, never whom.
    pub name: &'static str,
    /// From left to right.
    pub columns: Vec<Column>,
    /// As many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column: what it is called and what kind of thing stands in it.
#[derive(Clone, Debug)]
pub struct Column {
    /// The header.
    pub header: String,
    /// What stands in it.
    pub kind: Kind,
}

impl Column {
    /// A column.
    pub fn new(header: &str, kind: Kind) -> Self {
        Self { header: header.to_owned(), kind }
    }

    /// The columns of a list that always has the same.
    pub fn all(columns: &[(&str, Kind)]) -> Vec<Self> {
        columns.iter().map(|(header, kind)| Self::new(header, *kind)).collect()
    }
}

/// What stands in a column; a workbook's widths follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// Whole percent.
    Percent,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words, also in a column of numbers: "fewer than 5".
    Text(String),
    /// A whole number.
    Number(i64),
    /// A day.
    Date(Date),
    /// Whole percent.
    Percent(u8),
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}

impl From<Shown> for Cell {
    fn from(count: Shown) -> Self {
        count.count().map_or_else(|| Self::Text(count.words()), |count| Self::Number(count.into()))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self::Date(day)
    }
}

/// The two kinds of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Format {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}
