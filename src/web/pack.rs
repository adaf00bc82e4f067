//! Frozen papers and the history of a transfer, as the home school, the panel and the receiving school read them.

use crate::{
    db::transfer::{EventRow, SectionRow, Wish},
    domain::{
        dates,
        ids::SchoolId,
        pack::{Audience, Item},
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

/// Schools wished for or excluded, in words: "Hillside School (her sister is there)".
pub fn wishes(all: &[Wish], wish: &str) -> String {
    all.iter()
        .filter(|w| w.wish == wish)
        .map(|w| if w.why.is_empty() { w.name.clone() } else { format!("{} ({})", w.name, w.why) })
        .collect::<Vec<_>>()
        .join("; ")
}
