//! What came of the cases (R1.01), in numbers that name nobody.

/// A number from 1 to 4 could point at a child.
pub const SMALL: i64 = 5;

/// A count as it may be shown: nought, "fewer than 5", or the number.
pub fn shown(count: i64) -> String {
    match count {
        ..=0 => "0".to_owned(),
        1..SMALL => format!("fewer than {SMALL}"),
        count => count.to_string(),
    }
}

/// The lines of the table, in their order: how the database names what is counted, and how people say it.
pub const LINES: &[(&str, &str)] = &[
    ("open", "On the programme now"),
    ("progress", "Left the programme with progress"),
    ("avoided", "A permanent exclusion was in view and was avoided"),
    ("excluded", "Permanently excluded"),
    ("left", "Left the school"),
    ("moved_out", "Moved out of the area"),
];

/// The mean time at a stage in days, when enough cases were there for it to say nothing about one of them.
pub fn mean_days(cases: i64, days: Option<u32>) -> String {
    match days {
        Some(days) if cases >= SMALL => format!("{days} days"),
        _ if cases == 0 => "no case".to_owned(),
        _ => "too few cases to say".to_owned(),
    }
}
