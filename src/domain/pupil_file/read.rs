//! Reading the lines of a file.

use time::Date;

use super::{COLUMNS, Column, MAX_NAME, MAX_PRONOUNS, MAX_REASON, MAX_ROWS};
use crate::domain::{
    dates,
    pupil::{SendStatus, may_enrol},
    text::{self, TextError},
    upn::Upn,
};

/// A line that can be read. None: the cell is empty, or there is no such column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, from 1; the heading is the first.
    pub line: usize,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The name the pupil goes by.
    pub known_as: Option<String>,
    /// Pronouns.
    pub pronouns: Option<String>,
    /// Date of birth.
    pub born_on: Date,
    /// The UPN.
    pub upn: Option<Upn>,
    /// Why there is none.
    pub no_upn_reason: Option<String>,
    /// Special educational needs.
    pub send: Option<SendStatus>,
    /// Looked after by the authority.
    pub looked_after: Option<bool>,
    /// English as an additional language.
    pub eal: Option<bool>,
    /// The year the pupil is taught in.
    pub year: Option<i16>,
    /// Why it is not the usual one.
    pub year_reason: Option<String>,
    /// First day on the roll.
    pub on_roll: Option<Date>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Lines that can be read.
    pub rows: Vec<Row>,
    /// Lines that cannot, and what is wrong with each.
    pub faults: Vec<(usize, Vec<String>)>,
    /// Columns that mean nothing here, as they are called.
    pub unknown: Vec<String>,
}

/// Reads the text of a file. The refusal says in a sentence why it is no list of pupils at all.
pub fn read(file: &str, today: Date) -> Result<Read, String> {
    let file = file.trim_start_matches('\u{feff}');
    if file.trim().is_empty() {
        return Err("The file is empty".to_owned());
    }
    if file.starts_with("PK\u{3}\u{4}") || file.starts_with("%PDF") || file.starts_with('\u{d0}') {
        return Err(
            "The file is a workbook or a document. Save it as CSV (comma separated) and choose that file"
                .to_owned(),
        );
    }
    let file = file.replace("\r\n", "\n").replace('\r', "\n");
    let heading = file.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|delimiter| heading.bytes().filter(|c| c == delimiter).count())
        .unwrap_or(b',');
    let mut lines =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(file.as_bytes());
    let headers = lines.headers().map_err(|_| "The first line cannot be read".to_owned())?.clone();
    let (columns, unknown) = columns(&headers)?;
    let mut read = Read { unknown, ..Read::default() };
    for record in lines.records() {
        let Ok(record) = record else { return Err("The file is no text that can be read".to_owned()) };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        if read.rows.len() + read.faults.len() == MAX_ROWS {
            return Err(format!(
                "The file has more than {} pupils. Bring it in as several files",
                text::thousands(20_000)
            ));
        }
        let mut cells = Cells { record: &record, columns: &columns, faults: Vec::new() };
        let row = cells.row(line, today);
        if record.iter().skip(headers.len()).any(|cell| !cell.trim().is_empty()) {
            cells.faults.push(
                "it has more cells than the heading. Words with a comma in them must be in quotation marks"
                    .to_owned(),
            );
        }
        match row {
            Some(row) if cells.faults.is_empty() => read.rows.push(row),
            _ => read.faults.push((line, cells.faults)),
        }
    }
    if read.rows.is_empty() && read.faults.is_empty() {
        return Err("The file has a heading and no pupils".to_owned());
    }
    Ok(read)
}

/// Which cell holds what, and the columns that mean nothing here, as they are called.
type Heading = (Vec<(Column, usize)>, Vec<String>);

/// Reads the heading.
fn columns(headers: &csv::StringRecord) -> Result<Heading, String> {
    let mut columns: Vec<(Column, usize)> = Vec::new();
    let mut unknown = Vec::new();
    for (place, header) in headers.iter().enumerate() {
        let plain = plain(header);
        let found =
            COLUMNS.iter().find(|(_, name, others)| self::plain(name) == plain || others.contains(&&*plain));
        match found {
            Some((column, name, _)) if columns.iter().any(|(known, _)| known == column) => {
                return Err(format!("Two columns are the {}. Take one of them out", text::within(name)));
            }
            Some((column, ..)) => columns.push((*column, place)),
            None if header.trim().is_empty() => {}
            None => unknown.push(shown(header)),
        }
    }
    let missing: Vec<_> = COLUMNS
        .iter()
        .filter(|(column, ..)| matches!(column, Column::Given | Column::Family | Column::Born))
        .filter(|(column, ..)| !columns.iter().any(|(known, _)| known == column))
        .map(|(_, name, _)| text::within(name))
        .collect();
    if missing.is_empty() {
        Ok((columns, unknown))
    } else {
        Err(format!("The first line must name the columns. There is none for: {}", missing.join(", ")))
    }
}

/// A heading without capitals, spaces and signs.
fn plain(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// As much of a cell as a sentence bears.
fn shown(cell: &str) -> String {
    let cell: Vec<char> = cell.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    if cell.len() > 40 {
        format!("{}…", cell[..40].iter().collect::<String>())
    } else {
        cell.into_iter().collect()
    }
}

/// The cells of a line, and what is wrong with them.
struct Cells<'a> {
    record: &'a csv::StringRecord,
    columns: &'a [(Column, usize)],
    faults: Vec<String>,
}

impl Cells<'_> {
    fn row(&mut self, line: usize, today: Date) -> Option<Row> {
        let given_name = self.name(Column::Given, "given name");
        let family_name = self.name(Column::Family, "family name");
        let known_as = self.words(Column::KnownAs, "known as", MAX_NAME);
        let pronouns = self.words(Column::Pronouns, "pronouns", MAX_PRONOUNS);
        let born_on = self.born(today);
        let upn = self.upn();
        let no_upn_reason = self.words(Column::NoUpn, "reason for no UPN", MAX_REASON);
        let send = self.one_of(Column::Sen, "SEN", "none, SEN support (K) or EHCP (E)", sen);
        let looked_after = self.one_of(Column::LookedAfter, "looked after", "yes or no", yes_no);
        let eal = self.one_of(Column::Eal, "EAL", "yes or no", yes_no);
        let year = self.one_of(Column::Year, "year group", "a number, like 9", year);
        let year_reason = self.words(Column::YearReason, "reason", MAX_REASON);
        let on_roll = self.day(Column::OnRoll, "on roll from");
        if let (Some(on_roll), Some(born_on)) = (on_roll, born_on)
            && !may_enrol(born_on, on_roll, today)
        {
            self.faults.push(format!("on roll from {} cannot be", dates::long(on_roll)));
        }
        Some(Row {
            line,
            given_name: given_name?,
            family_name: family_name?,
            known_as,
            pronouns,
            born_on: born_on?,
            upn,
            no_upn_reason,
            send,
            looked_after,
            eal,
            year,
            year_reason,
            on_roll,
        })
    }

    /// What a cell holds; none: nothing.
    fn cell(&self, column: Column) -> Option<&str> {
        let (_, place) = self.columns.iter().find(|(known, _)| *known == column)?;
        self.record.get(*place).map(str::trim).filter(|cell| !cell.is_empty())
    }

    fn words(&mut self, column: Column, what: &str, max: usize) -> Option<String> {
        let fault = match text::line(self.cell(column)?, max) {
            Ok(words) if !words.contains('\u{fffd}') => return Some(words),
            Err(TextError::TooLong { max }) => format!("{what} has more than {max} characters"),
            Ok(_) | Err(_) => format!("{what} holds characters that no name has"),
        };
        self.faults.push(fault);
        None
    }

    fn name(&mut self, column: Column, what: &str) -> Option<String> {
        if self.cell(column).is_none() {
            self.faults.push(format!("{what} is missing"));
        }
        self.words(column, what, MAX_NAME)
    }

    fn day(&mut self, column: Column, what: &str) -> Option<Date> {
        let cell = self.cell(column)?;
        let day = day(cell);
        if day.is_none() {
            self.faults.push(format!("{what} \"{}\" is not a day, like 27/3/2013", shown(cell)));
        }
        day
    }

    fn born(&mut self, today: Date) -> Option<Date> {
        if self.cell(Column::Born).is_none() {
            self.faults.push("date of birth is missing".to_owned());
        }
        let born = self.day(Column::Born, "date of birth")?;
        if born >= today || today.year() - born.year() > 25 {
            self.faults.push(format!("date of birth {} is not that of a pupil", dates::long(born)));
            return None;
        }
        Some(born)
    }

    fn upn(&mut self) -> Option<Upn> {
        match Upn::parse(self.cell(Column::Upn)?) {
            Ok(upn) => Some(upn),
            Err(error) => {
                self.faults.push(error.to_string());
                None
            }
        }
    }

    fn one_of<T>(
        &mut self,
        column: Column,
        what: &str,
        choices: &str,
        of: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let cell = self.cell(column)?;
        let found = of(&cell.to_lowercase());
        if found.is_none() {
            self.faults.push(format!("{what} \"{}\" must be {choices}", shown(cell)));
        }
        found
    }
}

/// A day as files write it: 27/3/2013 (the day first), 27-03-2013, 27 March 2013, 2013-03-27. A time after it is left out.
fn day(cell: &str) -> Option<Date> {
    let cell = cell.split_once('T').map_or(cell, |(day, time)| if time.contains(':') { day } else { cell });
    let mut parts: Vec<_> =
        cell.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    // "27/03/2013 00:00" as spreadsheets add it.
    if parts.len() > 3 && cell.contains(':') {
        parts.truncate(3);
    }
    match parts[..] {
        [year, month, day] if year.len() == 4 => dates::parse_parts(day, month, year).ok(),
        [day, month, year] => dates::parse_parts(day, month, year).ok(),
        _ => None,
    }
}

fn sen(cell: &str) -> Option<SendStatus> {
    match plain(cell).as_str() {
        "none" | "n" | "no" | "nosen" | "0" => Some(SendStatus::None),
        "k" | "support" | "sensupport" => Some(SendStatus::SenSupport),
        "e" | "ehcp" | "ehcplan" | "educationhealthandcareplan" => Some(SendStatus::Ehcp),
        _ => None,
    }
}

fn yes_no(cell: &str) -> Option<bool> {
    match cell {
        "yes" | "y" | "true" | "t" | "1" => Some(true),
        "no" | "n" | "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

fn year(cell: &str) -> Option<i16> {
    let number = cell.strip_prefix("year").or_else(|| cell.strip_prefix("yr")).unwrap_or(cell);
    number.trim().parse().ok().filter(|year| (0..=14).contains(year))
}
