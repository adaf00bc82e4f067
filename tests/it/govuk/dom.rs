//! Documents made comparable: what a browser would make of two pieces of markup, as lists of tokens. The order
//! of attributes and white space that is never shown make no difference; everything else does.

use scraper::{ElementRef, Html};

/// Elements that stand in a line of text. White space beside them is shown; at the edges of all others not.
const INLINE: &[&str] = &["a", "abbr", "b", "code", "em", "i", "small", "span", "strong"];

/// The tokens of a piece of markup.
pub fn tokens(markup: &str) -> Vec<String> {
    let mut writer = Writer::default();
    writer.children(Html::parse_fragment(markup).root_element());
    writer.edge();
    writer.tokens
}

#[derive(Default)]
struct Writer {
    tokens: Vec<String>,
    /// The last text ended in a space, which is written only when more text follows in the same line.
    space: Option<usize>,
    /// Where the last text of this line ended.
    text_end: usize,
    in_line: bool,
    raw: bool,
}

impl Writer {
    fn children(&mut self, parent: ElementRef<'_>) {
        for child in parent.children() {
            if let Some(text) = child.value().as_text() {
                if self.raw {
                    self.tokens.push(format!("{:?}", &**text));
                } else {
                    self.text(text);
                }
            } else if let Some(element) = ElementRef::wrap(child) {
                self.element(element);
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        let inline = INLINE.contains(&name);
        if !inline {
            self.edge();
        }
        self.tokens.push(format!("<{name}"));
        let mut attributes: Vec<String> =
            element.value().attrs().map(|(key, value)| attribute(key, value)).collect();
        attributes.sort();
        self.tokens.append(&mut attributes);
        self.tokens.push(">".to_owned());
        let before = std::mem::replace(&mut self.raw, matches!(name, "textarea" | "pre"));
        self.children(element);
        self.raw = before;
        if !inline {
            self.edge();
        }
        self.tokens.push(format!("</{name}>"));
        if !inline {
            self.edge();
        }
    }

    fn text(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.may_space();
        }
        for (place, word) in text.split_whitespace().enumerate() {
            if place > 0 {
                self.may_space();
            }
            if let Some(at) = self.space.take() {
                self.tokens.insert(at, "_".to_owned());
            }
            self.tokens.push(word.to_owned());
            self.text_end = self.tokens.len();
            self.in_line = true;
        }
        if text.ends_with(char::is_whitespace) {
            self.may_space();
        }
    }

    /// A space counts where the last text ended, whichever inline elements begin or end meanwhile.
    fn may_space(&mut self) {
        if self.in_line && self.space.is_none() {
            self.space = Some(self.text_end);
        }
    }

    fn edge(&mut self) {
        self.space = None;
        self.in_line = false;
    }
}

fn attribute(key: &str, value: &str) -> String {
    if key == "class" {
        return format!("class={:?}", value.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    format!("{key}={value:?}")
}
