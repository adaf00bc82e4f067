//! One map of truth for a form: what was typed, and what is wrong with it. The error summary, the message at
//! the field and the title all read it, so they cannot disagree.

use time::Date;

use crate::domain::{
    dates,
    text::{self, TextError},
};

/// A form as typed and judged.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
}

impl Form {
    /// Nothing typed yet.
    pub fn empty() -> Self {
        Self::default()
    }

    /// As it came.
    pub fn from_pairs(values: Vec<(String, String)>) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// What was typed into a field; empty when nothing was.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Everything typed into a field that repeats, in order.
    pub fn values_of(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a radio or checkbox with this value is chosen.
    pub fn checked(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(field, typed)| field == name && typed == value)
    }

    /// Every field with its value, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.values
    }

    /// Sets a field, for a form that starts from a record.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.values.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.values.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Sets the three fields of a date.
    pub fn set_date(&mut self, name: &str, date: time::Date) {
        self.set(&format!("{name}.day"), &date.day().to_string());
        self.set(&format!("{name}.month"), &u8::from(date.month()).to_string());
        self.set(&format!("{name}.year"), &date.year().to_string());
    }

    /// The three fields of a date.
    pub fn date_parts(&self, name: &str) -> (&str, &str, &str) {
        (
            self.value(&format!("{name}.day")),
            self.value(&format!("{name}.month")),
            self.value(&format!("{name}.year")),
        )
    }

    /// Says what is wrong with a field. The first message about a field stays.
    pub fn fail(&mut self, id: &str, message: &str) {
        if self.error(id).is_none() {
            self.errors.push((id.to_owned(), message.to_owned()));
        }
    }

    /// What is wrong with a field.
    pub fn error(&self, id: &str) -> Option<&str> {
        self.errors.iter().find(|(field, _)| field == id).map(|(_, message)| message.as_str())
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Everything wrong, in the order it was found: field and message.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }

    /// Where the summary's link leads: for a date its first field.
    pub fn anchor(&self, id: &str) -> String {
        let is_date = self.values.iter().any(|(field, _)| field.strip_prefix(id) == Some(".day"));
        if is_date { format!("{id}.day") } else { id.to_owned() }
    }

    /// "Error: " before the title of a page whose form has errors.
    pub fn title_prefix(&self) -> &'static str {
        if self.has_errors() { "Error: " } else { "" }
    }

    /// Reads one line that must be there. None: the message is on the form.
    pub fn line(&mut self, id: &str, what: &str, max: usize) -> Option<String> {
        let read = text::line(self.value(id), max);
        self.keep(id, what, read)
    }

    /// Reads one line that may be left out.
    pub fn optional_line(&mut self, id: &str, what: &str, max: usize) -> Option<Option<String>> {
        let read = text::optional_line(self.value(id), max);
        self.keep(id, what, read)
    }

    /// Reads several lines that must be there.
    pub fn paragraph(&mut self, id: &str, what: &str, max: usize) -> Option<String> {
        let read = text::paragraph(self.value(id), max);
        self.keep(id, what, read)
    }

    /// Reads several lines that may be left out.
    pub fn optional_paragraph(&mut self, id: &str, what: &str, max: usize) -> Option<Option<String>> {
        let read = text::optional_paragraph(self.value(id), max);
        self.keep(id, what, read)
    }

    /// Reads a date typed in three parts.
    pub fn date(&mut self, id: &str, what: &str) -> Option<Date> {
        let (day, month, year) = self.date_parts(id);
        match dates::parse_parts(day, month, year) {
            Ok(date) => Some(date),
            Err(error) => {
                self.fail(id, &error.message(what));
                None
            }
        }
    }

    /// Reads a date that may be left out.
    pub fn optional_date(&mut self, id: &str, what: &str) -> Option<Option<Date>> {
        let (day, month, year) = self.date_parts(id);
        if [day, month, year].iter().all(|part| part.trim().is_empty()) {
            return Some(None);
        }
        self.date(id, what).map(Some)
    }

    /// Reads a choice: what `of` makes of the value, or the message when it makes nothing of it.
    pub fn choice<T>(&mut self, id: &str, of: impl Fn(&str) -> Option<T>, message: &str) -> Option<T> {
        let chosen = of(self.value(id));
        if chosen.is_none() {
            self.fail(id, message);
        }
        chosen
    }

    /// Ticks a box.
    pub fn tick(&mut self, name: &str, on: bool) {
        if on {
            self.set(name, "yes");
        }
    }

    fn keep<T>(&mut self, id: &str, what: &str, read: Result<T, TextError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(id, &error.message(what));
                None
            }
        }
    }
}
