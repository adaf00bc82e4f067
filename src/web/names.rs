//! Names hidden on a screen that others can see. A page is written as always; before it is sent, every name of the
//! pupils it is about becomes initials, wherever it stands: headings, tables, charts, words people typed, labels read
//! aloud. No page has to think of it, and none can forget it.
//!
//! What stands in a box to type in is never changed, because it would be saved so: a page that would show a name there
//! is not shown until names are ([`Hidden::in_a_box`]).

use std::collections::{HashMap, HashSet};

use askama::filters::{Escaper, Html};

use crate::db::names::Names;

/// A page with its names hidden.
#[derive(Debug)]
pub struct Hidden {
    /// The page.
    pub html: String,
    /// A name stands in a box to type in.
    pub in_a_box: bool,
}

/// What to look for, by its first word: the words as they stand in a page, and the initials for them.
type Index = HashMap<String, Vec<(String, String)>>;

/// The page with the names as initials.
pub fn hide(html: &str, pupils: &[Names]) -> Hidden {
    let index = index(pupils);
    let mut hidden = Hidden { html: String::with_capacity(html.len()), in_a_box: false };
    if index.is_empty() {
        html.clone_into(&mut hidden.html);
        return hidden;
    }
    let mut rest = html;
    // The element whose text comes next: a text box and a script are left as they are.
    let mut element = String::new();
    while let Some(open) = rest.find('<') {
        let (text, tag) = rest.split_at(open);
        put_text(&mut hidden, &index, text, &element);
        let end = end_of_tag(tag);
        let (tag, after) = tag.split_at(end);
        put_tag(&mut hidden, &index, tag);
        element = tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        rest = after;
    }
    put_text(&mut hidden, &index, rest, &element);
    hidden
}

/// Where a tag ends: the first `>` outside quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

fn put_text(hidden: &mut Hidden, index: &Index, text: &str, element: &str) {
    match element {
        "textarea" => {
            hidden.in_a_box |= replaced(index, text).is_some();
            hidden.html.push_str(text);
        }
        "script" | "style" => hidden.html.push_str(text),
        _ => match replaced(index, text) {
            Some(without) => hidden.html.push_str(&without),
            None => hidden.html.push_str(text),
        },
    }
}

/// Attributes people read or hear lose the names; addresses and ids hold none; values are what a form sends.
fn put_tag(hidden: &mut Hidden, index: &Index, tag: &str) {
    let mut rest = tag;
    while let Some(opening) = rest.find("=\"") {
        let name = rest[..opening].rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let (before, value) = rest.split_at(opening + 2);
        let (value, after) = value.split_at(value.find('"').unwrap_or(value.len()));
        hidden.html.push_str(before);
        let read = matches!(name, "title" | "alt" | "placeholder" | "content" | "label" | "data-label")
            || name.starts_with("aria-");
        match replaced(index, value) {
            Some(without) if read => hidden.html.push_str(&without),
            Some(_) if name == "value" => {
                hidden.in_a_box = true;
                hidden.html.push_str(value);
            }
            _ => hidden.html.push_str(value),
        }
        rest = after;
    }
    hidden.html.push_str(rest);
}

/// The text with initials for names; none: it holds no name.
fn replaced(index: &Index, text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let (mut kept, mut at) = (0, 0);
    while let Some(start) = next_word(text, at) {
        let word_end = start + word_at(&text[start..]).len();
        let found = index.get(&text[start..word_end]).and_then(|known| {
            known.iter().find(|(name, _)| {
                text[start..].starts_with(name.as_str())
                    && !text[start + name.len()..].starts_with(char::is_alphanumeric)
            })
        });
        match found {
            // "24 May 2026" is a day, whoever is called May.
            Some((name, _)) if is_in_a_date(text, start, start + name.len()) => at = word_end,
            Some((name, initials)) => {
                let out = out.get_or_insert_with(String::new);
                out.push_str(&text[kept..start]);
                out.push_str(initials);
                at = start + name.len();
                kept = at;
            }
            None => at = word_end,
        }
    }
    if let Some(out) = &mut out {
        out.push_str(&text[kept..]);
    }
    out
}

/// Where the next word begins.
fn next_word(text: &str, from: usize) -> Option<usize> {
    text[from..].find(char::is_alphanumeric).map(|at| from + at)
}

/// The letters and digits a text begins with.
fn word_at(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())]
}

fn is_in_a_date(text: &str, start: usize, end: usize) -> bool {
    let month = ["April", "May", "June", "August"].contains(&&text[start..end]);
    let before = text[..start].trim_end();
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    let year = text[end..].trim_start().starts_with("20");
    month && ((1..=2).contains(&digits) || year)
}

/// Every way a pupil's name can stand in a page, longest first.
fn index(pupils: &[Names]) -> Index {
    // Who has the same initials: a pupil can be named by a record and by papers.
    let mut whole: HashMap<(String, String), HashSet<(&str, &str)>> = HashMap::new();
    let mut index = Index::new();
    let firsts = |names: &Names| -> Vec<String> {
        names.known_as.iter().chain([&names.given]).map(|name| name.trim().to_owned()).collect()
    };
    for names in pupils {
        let (given, family) = (names.given.trim(), names.family.trim());
        for first in firsts(names) {
            whole.entry((short(&first, 1), short(family, 1))).or_default().insert((given, family));
        }
    }
    let mut ways: Vec<(String, String)> = Vec::new();
    for names in pupils {
        let family = names.family.trim();
        for first in firsts(names) {
            let same = whole.get(&(short(&first, 1), short(family, 1))).map_or(1, HashSet::len);
            // Two pupils of a page with the same initials are told apart by more letters of the family name.
            let (a, b) = (short(&first, 1), short(family, if same < 2 { 1 } else { 3 }));
            ways.push((format!("{first} {family}"), format!("{a} {b}")));
            ways.push((format!("{family} {first}"), format!("{b} {a}")));
            ways.push((format!("{family}, {first}"), format!("{b}, {a}")));
            if let Some((before, _)) = first.split_once(' ') {
                ways.push((before.to_owned(), a.clone()));
            }
            ways.push((first, a));
        }
        if let Some(frozen) = names.frozen.as_deref().map(str::trim) {
            let initials: Vec<_> = frozen.split_whitespace().map(|word| short(word, 1)).collect();
            ways.push((frozen.to_owned(), initials.join(" ")));
            if let Some((first, _)) = frozen.split_once(' ') {
                ways.push((first.to_owned(), short(first, 1)));
            }
            if let (true, Some((_, last))) = (names.alone, frozen.rsplit_once(' ')) {
                ways.push((last.to_owned(), short(last, 1)));
            }
        }
        if names.alone {
            ways.push((family.to_owned(), short(family, 1)));
        }
    }
    ways.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    ways.dedup_by(|(a, _), (b, _)| a == b);
    for (name, initials) in ways {
        // As a template writes it; and plainly, for the short answers to the script.
        let mut written = vec![(escaped(&name), escaped(&initials)), (name, initials)];
        written.dedup();
        for (name, initials) in written {
            let first = word_at(&name).to_owned();
            if !first.is_empty() {
                index.entry(first).or_default().push((name, initials));
            }
        }
    }
    index
}

/// The first letters of a name with a full stop, never the whole of it.
fn short(name: &str, letters: usize) -> String {
    let most = name.chars().count().saturating_sub(1).clamp(1, letters);
    let begin: String = name.chars().take(most).collect();
    format!("{begin}.")
}

/// As templates write it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = Html.write_escaped_str(&mut out, text);
    out
}
