//! What options are made of: words, markup, attributes. The design system's own options are loose (a number or
//! `false` where words are meant, `null` in lists); reading them is kept here so that components stay plain.

use std::fmt::{self, Display, Formatter};

use askama::{Template, filters::HtmlSafe};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Plain words: escaped where they are shown. Absent, empty and given are three things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Option<String>);

impl Words {
    /// There is something to show.
    pub fn is_set(&self) -> bool {
        !self.get().is_empty()
    }

    /// Somebody gave it, be it empty.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The words, or nothing.
    pub fn get(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The words, or these when there are none.
    pub fn or<'a>(&'a self, otherwise: &'a str) -> &'a str {
        if self.is_set() { self.get() } else { otherwise }
    }

    /// The words as given, or these when nobody gave any.
    pub fn unless_given<'a>(&'a self, otherwise: &'a str) -> &'a str {
        self.0.as_deref().unwrap_or(otherwise)
    }

    /// As further classes: with a space before, or nothing.
    pub fn more(&self) -> String {
        if self.is_set() { format!(" {}", self.get()) } else { String::new() }
    }
}

impl Display for Words {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl From<&str> for Words {
    fn from(words: &str) -> Self {
        Self(Some(words.to_owned()))
    }
}

impl From<String> for Words {
    fn from(words: String) -> Self {
        Self(Some(words))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(from)? {
            Value::String(words) => Some(words),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(given) => Some(given.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }))
    }
}

/// Markup that is shown as it is. Made from a template, which has escaped what needs it, or from fixed text in
/// the code; never from what a person typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(Option<String>);

impl Html {
    /// Markup written in the code.
    pub fn fixed(markup: &'static str) -> Self {
        Self(Some(markup.to_owned()))
    }

    /// What a template renders.
    pub fn of(template: &impl Template) -> askama::Result<Self> {
        Ok(Self(Some(template.render()?)))
    }

    /// There is something to show.
    pub fn is_set(&self) -> bool {
        self.0.as_deref().is_some_and(|markup| !markup.is_empty())
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or_default())
    }
}

impl HtmlSafe for Html {}

impl<'de> Deserialize<'de> for Html {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(from)? {
            Value::String(markup) => Some(markup),
            _ => None,
        }))
    }
}

/// Markup when there is some, else the words, escaped.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    html: &'a Html,
    text: &'a Words,
}

impl<'a> Content<'a> {
    /// Of the two options every component offers.
    pub fn new(html: &'a Html, text: &'a Words) -> Self {
        Self { html, text }
    }

    /// There is something to show.
    pub fn is_set(&self) -> bool {
        self.html.is_set() || self.text.is_set()
    }
}

impl Display for Content<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.html.is_set() { self.html.fmt(f) } else { escape(self.text.get(), f) }
    }
}

impl HtmlSafe for Content<'_> {}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Attribute {
    /// `hidden`: by its name alone.
    Bare,
    Value(String),
}

/// Further attributes of an element, each written with a space before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, Attribute)>);

impl Attributes {
    /// One more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), Attribute::Value(value.to_owned())));
        self
    }

    /// One more attribute, when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: &Words) -> Self {
        if value.is_given() { self.with(name, value.get()) } else { self }
    }

    /// These and then those.
    #[must_use]
    pub fn and(mut self, more: &Attributes) -> Self {
        self.0.extend(more.0.iter().cloned());
        self
    }
}

impl Display for Attributes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, attribute) in &self.0 {
            f.write_str(" ")?;
            escape(name, f)?;
            if let Attribute::Value(value) = attribute {
                f.write_str("=\"")?;
                escape(value, f)?;
                f.write_str("\"")?;
            }
        }
        Ok(())
    }
}

impl HtmlSafe for Attributes {}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Value::Object(given) = Value::deserialize(from)? else { return Ok(Self::default()) };
        Ok(Self(given.into_iter().filter_map(|(name, value)| Some((name, attribute(value)?))).collect()))
    }
}

/// An attribute is a value, or a value that is left out when there is none.
fn attribute(given: Value) -> Option<Attribute> {
    let (value, optional) = match given {
        Value::Object(mut option) => {
            let optional = option.get("optional") == Some(&Value::Bool(true));
            (option.remove("value").unwrap_or(Value::Null), optional)
        }
        value => (value, false),
    };
    match value {
        Value::Bool(true) if optional => Some(Attribute::Bare),
        Value::Bool(false) | Value::Null if optional => None,
        Value::String(value) => Some(Attribute::Value(value)),
        Value::Null => Some(Attribute::Value(String::new())),
        value => Some(Attribute::Value(value.to_string())),
    }
}

/// A list in which `null`, `false` and "" stand for nothing, but keep their place in the count.
pub fn gaps<'de, D, T>(from: D) -> Result<Vec<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Vec::<Value>::deserialize(from)?.into_iter().map(gap).collect()
}

/// An option that may be said to be nothing, which differs from not saying anything.
#[expect(clippy::option_option, reason = "not given, given as nothing, given")]
pub fn maybe<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    gap(Value::deserialize(from)?).map(Some)
}

fn gap<T: serde::de::DeserializeOwned, E: serde::de::Error>(value: Value) -> Result<Option<T>, E> {
    match value {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::String(words) if words.is_empty() => Ok(None),
        value => serde_json::from_value(value).map(Some).map_err(E::custom),
    }
}

fn escape(words: &str, f: &mut Formatter<'_>) -> fmt::Result {
    let mut rest = words;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        f.write_str(&rest[..at])?;
        f.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    f.write_str(rest)
}
