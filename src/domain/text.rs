//! Text that people typed, made fit to keep: trimmed, bounded, printable.

/// Why a text cannot be kept as it is. Callers word the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// Nothing but white space.
    Empty,
    /// More characters than there is room for.
    TooLong {
        /// The most there may be.
        max: usize,
    },
    /// Holds a control character, or one that turns the direction of text around.
    Unprintable,
}

impl TextError {
    /// The message for a field called `what` ("Given name"), GOV.UK style.
    pub fn message(self, what: &str) -> String {
        match self {
            Self::Empty => {
                let mut letters = what.chars();
                let lower = letters.next().map(|c| c.to_lowercase().chain(letters).collect::<String>());
                format!("Enter {}", lower.unwrap_or_default())
            }
            Self::TooLong { max } => format!("{what} must be {max} characters or fewer"),
            Self::Unprintable => format!("{what} must not include control characters"),
        }
    }
}

/// One line: trimmed, inner white space folded to single spaces.
pub fn line(raw: &str, max: usize) -> Result<String, TextError> {
    let folded = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    bounded(folded, max)
}

/// Several lines: trimmed, line ends made `\n`.
pub fn paragraph(raw: &str, max: usize) -> Result<String, TextError> {
    let text = raw.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
    bounded(text, max)
}

/// One line that may be left out.
pub fn optional_line(raw: &str, max: usize) -> Result<Option<String>, TextError> {
    optional(line(raw, max))
}

/// Several lines that may be left out.
pub fn optional_paragraph(raw: &str, max: usize) -> Result<Option<String>, TextError> {
    optional(paragraph(raw, max))
}

fn optional(text: Result<String, TextError>) -> Result<Option<String>, TextError> {
    match text {
        Ok(text) => Ok(Some(text)),
        Err(TextError::Empty) => Ok(None),
        Err(error) => Err(error),
    }
}

fn bounded(text: String, max: usize) -> Result<String, TextError> {
    if text.is_empty() {
        Err(TextError::Empty)
    } else if text.chars().any(|c| (c.is_control() && c != '\n') || turns_direction(c)) {
        Err(TextError::Unprintable)
    } else if text.chars().count() > max {
        Err(TextError::TooLong { max })
    } else {
        Ok(text)
    }
}

/// Embeddings, overrides and isolates can make a name read as another one.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Sentences put together, whole ones only, as long as `max` characters hold them.
pub fn fitting(sentences: &[String], max: usize) -> String {
    let mut text = String::new();
    for sentence in sentences {
        let longer = text.chars().count() + 1 + sentence.chars().count();
        if longer <= max {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(sentence);
        }
    }
    text
}

/// Words at the beginning of a sentence, or of a line of their own.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A label in the middle of a sentence: "school lead", but "LA representative".
pub fn within(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => label.to_owned(),
    }
}

/// A number with commas between its thousands: "103,219".
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let grouped: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|part| String::from_utf8_lossy(part)).collect();
    format!("{}{}", if number < 0 { "-" } else { "" }, grouped.join(","))
}
