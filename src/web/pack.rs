//! Frozen papers and the history of a transfer, as the home school, the panel and the receiving school read them.

use time::Date;

use super::duty::numbered;
use crate::{
    db::transfer::{EventRow, SectionRow, Wish},
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::SchoolId,
        pack::{Audience, Item},
        transfer::Owed,
    },
    state::london,
};

/// A section as it is read and printed.
#[derive(Debug)]
pub struct PackSection {
    /// "1"
    pub number: usize,
    /// Its anchor.
    pub id: String,
    /// What it is.
    pub title: &'static str,
    /// Exactly what was submitted.
    pub words: String,
    /// It is for the receiving school alone, once it has accepted.
    pub later: bool,
}

/// The sections of a frozen pack.
pub fn sections(rows: Vec<SectionRow>) -> Vec<PackSection> {
    rows.into_iter()
        .enumerate()
        .map(|(n, row)| {
            let item = Item::from_stored(&row.item);
            section(n, item, row.words, row.audience == Audience::Receiving.as_str())
        })
        .collect()
}

/// One section, the `n`th from nought.
pub fn section(n: usize, item: Option<Item>, words: String, later: bool) -> PackSection {
    PackSection {
        number: n + 1,
        id: format!("section-{}", n + 1),
        title: item.map_or("Document", Item::label),
        words,
        later,
    }
}

/// One thing that happened.
#[derive(Debug)]
pub struct Happened {
    /// What.
    pub what: String,
    /// What was said with it.
    pub words: Option<String>,
    /// When and by whom.
    pub when: String,
}

/// What happened, newest first.
pub fn history(events: Vec<EventRow>, schools: &[(SchoolId, String)]) -> Vec<Happened> {
    let name = |id: SchoolId| {
        schools
            .iter()
            .find(|(school, _)| *school == id)
            .map_or_else(|| "another school".to_owned(), |(_, n)| n.clone())
    };
    events
        .into_iter()
        .rev()
        .map(|row| Happened {
            what: row.event.words(name),
            words: row.words,
            when: format!(
                "{}, {} by {}",
                dates::short(row.on_date),
                dates::time_of_day(london(row.at).time()),
                row.by
            ),
        })
        .collect()
}

/// Something owed, as a line.
#[derive(Debug)]
pub struct OwedLine {
    /// What.
    pub words: String,
    /// The clause.
    pub clause: &'static str,
    /// Who owes it.
    pub who: &'static str,
    /// By when.
    pub by: String,
    /// "2 school days overdue"
    pub overdue: Option<String>,
}

/// What is owed, as it stands on a day.
pub fn owed_lines(list: Vec<Owed>, calendar: &SchoolCalendar, today: Date) -> Vec<OwedLine> {
    list.into_iter()
        .map(|owed| {
            let late = owed.due_on < today;
            let next = owed.due_on.next_day().unwrap_or(owed.due_on);
            let days = if late { calendar.school_days(next, today).unwrap_or(0) } else { 0 };
            OwedLine {
                words: owed.words,
                clause: numbered(owed.clause),
                who: owed.owner.label(),
                by: dates::full(owed.due_on),
                overdue: match days {
                    0 => None,
                    1 => Some("1 school day overdue".to_owned()),
                    n => Some(format!("{n} school days overdue")),
                },
            }
        })
        .collect()
}

/// Schools wished for or excluded, in words: "Hillside School (her sister is there)".
pub fn wishes(all: &[Wish], wish: &str) -> String {
    all.iter()
        .filter(|w| w.wish == wish)
        .map(|w| if w.why.is_empty() { w.name.clone() } else { format!("{} ({})", w.name, w.why) })
        .collect::<Vec<_>>()
        .join("; ")
}
