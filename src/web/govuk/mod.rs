//! Options of the GOV.UK components that `templates/govuk/*.html` render. Names and meaning follow the design
//! system's own macros (camelCase there), so its documentation is ours, and its published examples are our test.
//! Left out because nothing here needs them: content before and after an input inside its form group.
//!
//! Pages seldom fill these in: the helpers in `templates/govuk.html` do it from a [`Form`](super::forms::Form).

pub mod bound;
mod fields;
mod pages;
mod values;

pub use fields::*;
pub use pages::*;
pub use values::{Attributes, Content, Html, Words};

/// Declares option structs: every field optional, read from the design system's names.
macro_rules! options {
    ($($(#[$about:meta])* $name:ident { $($(#[$how:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $(
                #[doc = concat!("Option `", stringify!($field), "` of the component.")]
                $(#[$how])*
                pub $field: $kind,
            )*
        }
    )*};
}

/// Gives option structs `content()`: their markup, or else their words.
macro_rules! content {
    ($($name:ident)*) => {$(
        impl $name {
            /// The markup, or else the words, escaped.
            pub fn content(&self) -> Content<'_> {
                Content::new(&self.html, &self.text)
            }
        }
    )*};
}

pub(crate) use {content, options};
