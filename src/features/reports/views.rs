//! What the pages of the reports show.

use crate::{
    domain::report::{By, Picture, Report, Section, Value},
    web::{
        charts_range::{RangeChart, RangeRow, ShareChart, ShareRow},
        urls,
    },
};

/// A finding, ready for the page.
pub struct SectionView {
    pub id: &'static str,
    pub heading: String,
    pub reading: String,
    pub notes: Vec<String>,
    pub shares: Option<ShareChart>,
    pub weeks: Option<RangeChart>,
    pub table: Option<TableView>,
}

/// A table, in words.
pub struct TableView {
    pub first: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<(String, Vec<(&'static str, String)>)>,
    pub export: String,
}

impl SectionView {
    pub fn of(section: Section, report: Report, year: i16, by: By) -> Self {
        let table = section.grid.map(|grid| TableView {
            first: grid.first,
            rows: grid
                .rows
                .iter()
                .map(|(label, values)| {
                    let cells = grid.columns.iter().copied().zip(values.iter().map(Value::words));
                    (label.clone(), cells.collect())
                })
                .collect(),
            columns: grid.columns,
            export: urls::export_report(report, year, by, section.id),
        });
        let (mut shares, mut weeks) = (None, None);
        match section.picture {
            Picture::None => {}
            Picture::Shares(title, rows) => {
                let rows = rows.into_iter().map(|(label, percent, words)| ShareRow { label, percent, words });
                shares = Some(ShareChart {
                    id: format!("{}-shares", section.id),
                    title: title.to_owned(),
                    rows: rows.collect(),
                });
            }
            Picture::Weeks(_, rows) if rows.is_empty() => {}
            Picture::Weeks(title, rows) => {
                let row = |(label, [low, middle, high]): (String, [u32; 3])| RangeRow {
                    words: format!(
                        "a quarter within {low}, half within {middle}, three quarters within {high} weeks"
                    ),
                    label,
                    low,
                    middle,
                    high,
                };
                weeks = Some(RangeChart {
                    id: format!("{}-range", section.id),
                    title: title.to_owned(),
                    unit: "weeks",
                    rows: rows.into_iter().map(row).collect(),
                });
            }
        }
        Self {
            id: section.id,
            heading: section.heading,
            reading: section.reading,
            notes: section.notes,
            shares,
            weeks,
            table,
        }
    }
}
