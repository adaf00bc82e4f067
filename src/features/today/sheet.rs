//! From stored rows to a sheet, and from a sheet to what a page shows.

use time::Date;

use super::queries::{Period, School, SheetRow};
use crate::domain::{
    calendar::Day,
    dates,
    ids::{CaseId, PupilId, TargetId},
    monitoring::{CannotRecord, Cell, DaySheet, MAX_TARGETS, Reason, Totals},
    permission::{Actor, Capability, STAFF_DAYS},
    pupil::{YearGroup, display_name},
};

/// A pupil's day with everything a save or a page needs.
#[derive(Clone)]
pub struct PupilDay {
    pub case: CaseId,
    pub pupil: PupilId,
    pub name: String,
    pub year: YearGroup,
    pub stage: i16,
    /// Counts up with every save; 0 before the first.
    pub version: i32,
    pub targets: Vec<(TargetId, String)>,
    pub sheet: DaySheet,
    /// The version that set each cell and each reason.
    pub mark_versions: std::collections::HashMap<(TargetId, i16), i32>,
    pub reason_versions: std::collections::HashMap<i16, i32>,
    /// The day's totals as stored.
    pub stored: Totals,
    pub is_new: bool,
    pub entered_late: bool,
    /// Reasons known beforehand for periods nobody has recorded: period, reason, where it is known from.
    pub prefilled: Vec<(i16, Reason, String)>,
    pub notes: Vec<(String, String, String)>,
}

impl PupilDay {
    /// Reads a stored row.
    pub fn of(row: SheetRow, periods: &[Period], day: Date) -> Self {
        let numbers: Vec<i16> = periods.iter().map(|period| period.number).collect();
        let ids: Vec<TargetId> = row.targets.unwrap_or_default().into_iter().take(MAX_TARGETS).collect();
        let words = row.target_words.unwrap_or_default();
        let mut sheet = DaySheet::new(ids.clone(), numbers);
        let mut mark_versions = std::collections::HashMap::new();
        let mut reason_versions = std::collections::HashMap::new();
        let places =
            row.mark_targets.unwrap_or_default().into_iter().zip(row.mark_periods.unwrap_or_default());
        let values =
            row.mark_points.unwrap_or_default().into_iter().zip(row.mark_versions.unwrap_or_default());
        for ((target, period), (points, version)) in places.zip(values) {
            sheet.mark(target, period, points.and_then(|points| u8::try_from(points).ok()));
            mark_versions.insert((target, period), version);
        }
        let reasons =
            row.reasons.unwrap_or_default().into_iter().zip(row.reason_versions.unwrap_or_default());
        for (period, (reason, version)) in row.reason_periods.unwrap_or_default().into_iter().zip(reasons) {
            sheet.excuse(period, Reason::from_stored(&reason));
            reason_versions.insert(period, version);
        }
        let known =
            row.known_periods.unwrap_or_default().into_iter().zip(row.known_sources.unwrap_or_default());
        let mut prefilled: Vec<(i16, Reason, String)> = Vec::new();
        for (reason, (covers, source)) in row.known_reasons.unwrap_or_default().into_iter().zip(known) {
            let Some(reason) = Reason::from_stored(&reason) else { continue };
            for period in &sheet.periods {
                let covered = covers.is_empty() || covers.split(' ').any(|p| p.parse() == Ok(*period));
                let untouched = !reason_versions.contains_key(period)
                    && sheet.targets.iter().all(|target| !mark_versions.contains_key(&(*target, *period)));
                if covered && untouched && !prefilled.iter().any(|(p, ..)| p == period) {
                    prefilled.push((*period, reason, source.clone()));
                }
            }
        }
        let stored = Totals {
            points: count(row.points),
            recorded: count(row.recorded),
            expected: count(row.expected),
        };
        let authors = row.note_authors.unwrap_or_default();
        let notes =
            row.note_kinds.unwrap_or_default().into_iter().zip(row.notes.unwrap_or_default()).zip(authors);
        Self {
            case: row.case,
            pupil: row.pupil,
            name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
            year: YearGroup::actual(row.born_on, row.year_offset, day),
            stage: row.stage,
            version: row.version.unwrap_or(0),
            targets: ids.into_iter().zip(words).collect(),
            sheet,
            mark_versions,
            reason_versions,
            stored,
            is_new: row.version.is_none(),
            entered_late: row.entered_late.unwrap_or(false),
            prefilled,
            notes: notes.map(|((kind, words), by)| (kind, words, by)).collect(),
        }
    }

    /// The same day with another sheet, as after a save: what was recorded is no longer prefilled.
    pub fn with(&self, sheet: DaySheet) -> Self {
        let mut day = self.clone();
        day.sheet = sheet;
        let sheet = &day.sheet;
        day.prefilled.retain(|(period, ..)| {
            sheet.targets.iter().all(|target| sheet.cell(*target, *period) == Cell::Blank)
        });
        day
    }

    /// The sheet with what is known beforehand filled in.
    pub fn with_prefilled(&self) -> DaySheet {
        let mut sheet = self.sheet.clone();
        for (period, reason, _) in &self.prefilled {
            sheet.excuse(*period, Some(*reason));
        }
        sheet
    }

    /// Blanks that somebody still has to fill.
    pub fn gaps(&self) -> u32 {
        let totals = self.with_prefilled().totals();
        totals.expected - totals.recorded
    }

    /// Blanks of one period.
    pub fn gaps_in(&self, period: i16) -> usize {
        let sheet = self.with_prefilled();
        sheet.targets.iter().filter(|target| sheet.cell(**target, period) == Cell::Blank).count()
    }

    /// "12 of 18 marks recorded, 37 of 50 points (74%)"
    pub fn line(&self) -> String {
        let totals = self.with_prefilled().totals();
        let reason = self.with_prefilled().whole_day();
        match reason {
            Some(reason) => format!("{} all day", reason.label()),
            None if totals.recorded == 0 => totals.recorded_words(),
            None => format!("{}, {}", totals.recorded_words(), totals.words()),
        }
    }
}

fn count(stored: Option<i16>) -> u32 {
    stored.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

/// Whether this person can record this day.
pub fn can_record(day: Date, today: Date, school: &School, actor: &Actor) -> Result<(), CannotRecord> {
    if day > today {
        return Err(CannotRecord::Future);
    }
    let why = match school.calendar.day(day) {
        Day::School { .. } => None,
        Day::Weekend => Some("a weekend".to_owned()),
        Day::Inset(name) => Some(if name.is_empty() { "a training day".to_owned() } else { name.to_owned() }),
        Day::Closure(name) | Day::BankHoliday(name) => Some(name.to_owned()),
        Day::Holiday => Some("school holidays".to_owned()),
        Day::NotLoaded => Some("the calendar does not cover it".to_owned()),
    };
    if let Some(why) = why {
        return Err(CannotRecord::NotSchoolDay(dates::full(day), why));
    }
    let recent = !actor.sees_recent_days_only(school.id)
        || school.calendar.latest_school_days(today, STAFF_DAYS).contains(&day);
    if recent && actor.may_at(Capability::LogMarks, school.id) {
        Ok(())
    } else {
        Err(CannotRecord::TooFarBack)
    }
}
