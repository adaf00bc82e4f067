//! The two kinds of file.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, FormatAlign, Workbook, Worksheet, XlsxError};
use time::Date;
use tokio::sync::Semaphore;

use super::{Cell, Format, Kind, Table};
use crate::web::error::Error;

/// Words that a spreadsheet would take for a formula get an apostrophe, which it hides.
fn unarmed(words: &str) -> String {
    let armed = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if words.starts_with(armed) { format!("'{words}") } else { words.to_owned() }
}

/// Comma-separated: UTF-8 with the mark that spreadsheets look for, lines ended as RFC 4180 says.
pub fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
        writer.write_record(table.columns.iter().map(|column| unarmed(&column.header)))?;
        for row in &table.rows {
            writer.write_record(row.iter().map(|cell| match cell {
                Cell::Empty => String::new(),
                Cell::Text(words) => unarmed(words),
                Cell::Number(number) => number.to_string(),
                Cell::Date(day) => day.to_string(),
                Cell::Percent(percent) => format!("{percent}%"),
            }))?;
        }
        writer.flush()?;
    }
    Ok(bytes)
}

/// Longest text of a workbook's cell.
const LONGEST: usize = 32_000;

/// A workbook of one sheet: the headers, which stay in view, then the rows. Words stay words.
pub fn xlsx(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let (bold, wrapped) = (Look::new().set_bold(), Look::new().set_text_wrap().set_align(FormatAlign::Top));
    let (day, percent) = (Look::new().set_num_format("d mmmm yyyy"), Look::new().set_num_format("0%"));
    for (at, column) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, at, &column.header, &bold)?;
        sheet.set_column_width(at, width(table, usize::from(at)))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (down, row) in (1..).zip(&table.rows) {
        for (across, cell) in (0..).zip(row) {
            write(sheet, (down, across), cell, [&wrapped, &day, &percent])?;
        }
    }
    workbook.save_to_buffer()
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    [wrapped, day, percent]: [&Look; 3],
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(words) if words.encode_utf16().count() > LONGEST => {
            let cut = shortened(words);
            sheet.write_string_with_format(row, column, cut, wrapped)?;
        }
        Cell::Text(words) if words.contains('\n') => {
            sheet.write_string_with_format(row, column, words, wrapped)?;
        }
        Cell::Text(words) => {
            sheet.write_string(row, column, words)?;
        }
        // A cell holds a double: whole numbers below 2^53 stay what they are.
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        Cell::Number(number) => {
            sheet.write_number(row, column, *number as f64)?;
        }
        Cell::Date(on) => {
            let year = u16::try_from(on.year()).unwrap_or(1900);
            let date = ExcelDateTime::from_ymd(year, u8::from(on.month()), on.day())?;
            sheet.write_datetime_with_format(row, column, date, day)?;
        }
        Cell::Percent(value) => {
            sheet.write_number_with_format(row, column, f64::from(*value) / 100.0, percent)?;
        }
    }
    Ok(())
}

/// As much of the words as a cell holds, counted as the format counts, with a mark that there is more.
fn shortened(words: &str) -> String {
    let mut room = LONGEST;
    let fits = |one: &char| {
        let left = room.checked_sub(one.len_utf16());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut cut: String = words.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

/// Wide enough for the header and what stands in the first rows.
fn width(table: &Table, at: usize) -> f64 {
    let Some(column) = table.columns.get(at) else { return 10.0 };
    let least = match column.kind {
        Kind::Text => 12,
        Kind::Date => 18,
        Kind::Number | Kind::Percent => 8,
    };
    let longest = table
        .rows
        .iter()
        .take(200)
        .filter_map(|row| match row.get(at) {
            Some(Cell::Text(words)) => words.lines().map(|line| line.chars().count()).max(),
            _ => None,
        })
        .chain([column.header.chars().count()])
        .max()
        .unwrap_or(0);
    f64::from(u32::try_from(longest.clamp(least, 48)).unwrap_or(48)) + 2.0
}

/// Files written at once: a large list takes memory while it is written, whoever asks.
static WRITING: Semaphore = Semaphore::const_new(2);

/// Writes the file and answers with it. The audit row must be on disk before.
pub async fn answer(table: Table, format: Format, today: Date) -> Result<Response, Error> {
    let broken = |error: String| Error::Internal(format!("a file could not be written: {error}"));
    let _turn = WRITING.acquire().await.map_err(|error| broken(error.to_string()))?;
    let name = format!("attachment; filename=\"{}-{today}.{}\"", table.name, format.ending());
    let bytes = tokio::task::spawn_blocking(move || match format {
        Format::Csv => csv(&table).map_err(|error| error.to_string()),
        Format::Xlsx => xlsx(&table).map_err(|error| error.to_string()),
    })
    .await
    .map_err(|error| broken(error.to_string()))?
    .map_err(broken)?;
    let name = HeaderValue::from_str(&name).map_err(|error| broken(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}
