//! What is said about an incident: when it happened, who else was there, and never another pupil by name.

use time::Time;

pub use super::step::incident::{Part, Seriousness};

/// How other pupils are called where they must not be named: "Pupil A" for the first (nought), then "Pupil B",
/// after "Pupil Z" "Pupil AA".
pub fn reference(n: usize) -> String {
    let mut letters = Vec::new();
    let mut left = n + 1;
    while left > 0 {
        left -= 1;
        letters.push(u8::try_from(left % 26).map_or('A', |letter| char::from(b'A' + letter)));
        left /= 26;
    }
    letters.reverse();
    format!("Pupil {}", letters.into_iter().collect::<String>())
}

/// Reads a time of day as people type it: "11:20", "11.20am", "1120", "3pm", "midday". None: it is no time.
pub fn time_of_day(text: &str) -> Option<Time> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    match text.as_str() {
        "midday" | "noon" => return Some(Time::MIDNIGHT + time::Duration::hours(12)),
        "midnight" => return Some(Time::MIDNIGHT),
        _ => {}
    }
    let half = |ending: &str| text.strip_suffix(ending);
    let (digits, afternoon) = match (half("am"), half("pm")) {
        (Some(rest), _) => (rest, Some(false)),
        (_, Some(rest)) => (rest, Some(true)),
        _ => (text.as_str(), None),
    };
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        // "1120" and "0915", but "3" only with am or pm.
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None if afternoon.is_some() => (digits, "00"),
        Some(_) | None => return None,
    };
    let number = |part: &str| {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
        if plain { part.parse::<u8>().ok() } else { None }
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    Time::from_hms(hour, minute, 0).ok()
}

/// A pupil's name, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PupilName {
    /// Given name.
    pub given_name: String,
    /// Known as.
    pub known_as: Option<String>,
    /// Family name.
    pub family_name: String,
}

impl PupilName {
    /// The full names the pupil goes by, as [`plain`] text.
    fn full(&self) -> impl Iterator<Item = String> {
        [Some(self.given_name.as_str()), self.known_as.as_deref()]
            .into_iter()
            .flatten()
            .map(|first| plain(&format!("{first} {}", self.family_name)))
    }
}

/// Text as names are looked for in it: lower case, one kind of apostrophe, single spaces.
pub fn plain(text: &str) -> String {
    let text = text.replace(['\u{2019}', '\u{2018}'], "'").to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text, made [`plain`], has the full name of one of `others`: whole words, in any case. The pupil's
/// `own` names are fine, also when another pupil shares them.
pub fn names_somebody(text: &str, own: &PupilName, others: &[PupilName]) -> bool {
    let own: Vec<_> = own.full().collect();
    others.iter().flat_map(PupilName::full).filter(|name| !own.contains(name)).any(|name| has(text, &name))
}

fn has(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
