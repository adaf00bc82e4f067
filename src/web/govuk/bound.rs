//! Options filled from a form: what was typed and what is wrong with it come from the one map. The helpers in
//! `templates/govuk.html` call these; "" stands for an option not given, because template arguments are text.

use std::fmt::Display;

use super::{
    BackLinkOptions, CheckboxesOptions, ChoiceItem, DateInputOptions, DateItem, ErrorItem,
    ErrorMessageOptions, ErrorSummaryOptions, FieldsetOptions, HintOptions, InputOptions, LabelOptions,
    LegendOptions, PasswordInputOptions, RadiosOptions, SelectItem, SelectOptions, TextareaOptions, Words,
};
use crate::web::forms::Form;

/// A value that can be chosen, its words, and perhaps a hint.
pub trait Choice {
    /// Sent when it is chosen.
    fn value(&self) -> &str;
    /// What the person reads.
    fn text(&self) -> &str;
    /// A sentence that helps to decide.
    fn hint(&self) -> &str;
}

impl<V: AsRef<str>, T: AsRef<str>> Choice for (V, T) {
    fn value(&self) -> &str {
        self.0.as_ref()
    }
    fn text(&self) -> &str {
        self.1.as_ref()
    }
    fn hint(&self) -> &'static str {
        ""
    }
}

impl<V: AsRef<str>, T: AsRef<str>, H: AsRef<str>> Choice for (V, T, H) {
    fn value(&self) -> &str {
        self.0.as_ref()
    }
    fn text(&self) -> &str {
        self.1.as_ref()
    }
    fn hint(&self) -> &str {
        self.2.as_ref()
    }
}

/// A list of choices: any slice, array or `Vec` of them.
pub trait Choices {
    /// Value, words and hint of each.
    fn each(&self) -> Vec<(&str, &str, &str)>;
}

impl<C: Choice> Choices for [C] {
    fn each(&self) -> Vec<(&str, &str, &str)> {
        self.iter().map(|choice| (choice.value(), choice.text(), choice.hint())).collect()
    }
}

impl<C: Choice, const N: usize> Choices for [C; N] {
    fn each(&self) -> Vec<(&str, &str, &str)> {
        self.as_slice().each()
    }
}

impl<C: Choice> Choices for Vec<C> {
    fn each(&self) -> Vec<(&str, &str, &str)> {
        self.as_slice().each()
    }
}

impl<L: Choices + ?Sized> Choices for &L {
    fn each(&self) -> Vec<(&str, &str, &str)> {
        (*self).each()
    }
}

/// One line of text. `width` is a number of characters: 2, 3, 4, 5, 10 or 20.
#[expect(clippy::too_many_arguments, reason = "a template names the few it needs")]
pub fn input(
    form: &Form,
    id: &str,
    label: &str,
    hint: &str,
    width: &str,
    kind: &str,
    autocomplete: &str,
    inputmode: &str,
) -> InputOptions {
    InputOptions {
        id: id.into(),
        name: id.into(),
        value: form.value(id).into(),
        label: label_of(label),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        classes: if width.is_empty() {
            Words::default()
        } else {
            format!("govuk-input--width-{width}").into()
        },
        kind: given(kind),
        autocomplete: given(autocomplete),
        inputmode: given(inputmode),
        ..InputOptions::default()
    }
}

/// Lines of text.
pub fn textarea(form: &Form, id: &str, label: &str, hint: &str, rows: &str) -> TextareaOptions {
    TextareaOptions {
        id: id.into(),
        name: id.into(),
        value: form.value(id).into(),
        label: label_of(label),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        rows: given(rows),
        ..TextareaOptions::default()
    }
}

/// A password; what was typed never comes back.
pub fn password_input(
    form: &Form,
    id: &str,
    label: &str,
    autocomplete: &str,
    hint: &str,
) -> PasswordInputOptions {
    PasswordInputOptions {
        id: id.into(),
        name: id.into(),
        label: label_of(label),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        autocomplete: given(autocomplete),
        ..PasswordInputOptions::default()
    }
}

/// One of a list.
pub fn select(
    form: &Form,
    id: &str,
    label: &str,
    choices: &(impl Choices + ?Sized),
    hint: &str,
) -> SelectOptions {
    let item = |(value, text, _): (&str, &str, &str)| SelectItem {
        text: text.into(),
        value: value.into(),
        selected: Some(form.checked(id, value)),
        ..SelectItem::default()
    };
    SelectOptions {
        id: id.into(),
        name: id.into(),
        items: choices.each().into_iter().map(|choice| Some(item(choice))).collect(),
        label: label_of(label),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        ..SelectOptions::default()
    }
}

/// One of a few.
pub fn radios(
    form: &Form,
    id: &str,
    legend: &str,
    choices: &(impl Choices + ?Sized),
    hint: &str,
    classes: &str,
) -> RadiosOptions {
    RadiosOptions {
        name: id.into(),
        id_prefix: id.into(),
        fieldset: Some(fieldset_of(legend)),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        classes: format!("govuk-radios--small {classes}").trim().into(),
        items: items(form, id, choices),
        ..RadiosOptions::default()
    }
}

/// Any of a few.
pub fn checkboxes(
    form: &Form,
    id: &str,
    legend: &str,
    choices: &(impl Choices + ?Sized),
    hint: &str,
) -> CheckboxesOptions {
    CheckboxesOptions {
        name: id.into(),
        id_prefix: id.into(),
        fieldset: Some(fieldset_of(legend)),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        classes: "govuk-checkboxes--small".into(),
        items: items(form, id, choices),
        ..CheckboxesOptions::default()
    }
}

/// One box to tick, sent as "yes".
pub fn checkbox(form: &Form, id: &str, label: &str, hint: &str) -> CheckboxesOptions {
    CheckboxesOptions {
        name: id.into(),
        id_prefix: id.into(),
        error_message: error_message(form, id),
        classes: "govuk-checkboxes--small".into(),
        items: items(form, id, &[("yes", label, hint)]),
        ..CheckboxesOptions::default()
    }
}

/// A date in three fields, `id.day`, `id.month` and `id.year`.
pub fn date_input(form: &Form, id: &str, legend: &str, hint: &str) -> DateInputOptions {
    let part = |name: &str, label: &str, width: &str| {
        let field = format!("{id}.{name}");
        DateItem {
            value: form.value(&field).into(),
            id: field.clone().into(),
            name: field.into(),
            label: label.into(),
            autocomplete: "off".into(),
            classes: format!("govuk-input--width-{width}").into(),
            error: Some(form.error(id).is_some()),
            ..DateItem::default()
        }
    };
    DateInputOptions {
        id: id.into(),
        fieldset: Some(fieldset_of(legend)),
        hint: hint_of(hint),
        error_message: error_message(form, id),
        items: vec![part("day", "Day", "2"), part("month", "Month", "2"), part("year", "Year", "4")],
        ..DateInputOptions::default()
    }
}

/// Everything that is wrong with a form.
pub fn error_summary(form: &Form) -> ErrorSummaryOptions {
    let item = |(id, message): &(String, String)| ErrorItem {
        href: format!("#{}", form.anchor(id)).into(),
        text: message.as_str().into(),
        ..ErrorItem::default()
    };
    ErrorSummaryOptions {
        title_text: "There is a problem".into(),
        error_list: form.errors().iter().map(item).collect(),
        ..ErrorSummaryOptions::default()
    }
}

/// What is wrong with one field, if anything.
pub fn error_message(form: &Form, id: &str) -> Option<ErrorMessageOptions> {
    form.error(id)
        .map(|message| ErrorMessageOptions { text: message.into(), ..ErrorMessageOptions::default() })
}

/// The way back, above the page's heading.
pub fn back_link(href: impl Display, text: &str) -> BackLinkOptions {
    BackLinkOptions { href: href.to_string().into(), text: text.into(), ..BackLinkOptions::default() }
}

fn items(form: &Form, id: &str, choices: &(impl Choices + ?Sized)) -> Vec<Option<ChoiceItem>> {
    let item = |(value, text, hint): (&str, &str, &str)| ChoiceItem {
        text: text.into(),
        value: value.into(),
        hint: hint_of(hint),
        checked: Some(form.checked(id, value)),
        ..ChoiceItem::default()
    };
    choices.each().into_iter().map(|choice| Some(item(choice))).collect()
}

fn label_of(text: &str) -> LabelOptions {
    LabelOptions { text: text.into(), ..LabelOptions::default() }
}

fn fieldset_of(text: &str) -> FieldsetOptions {
    let legend = LegendOptions { text: text.into(), ..LegendOptions::default() };
    FieldsetOptions { legend: Some(legend), ..FieldsetOptions::default() }
}

fn hint_of(text: &str) -> Option<HintOptions> {
    (!text.is_empty()).then(|| HintOptions { text: text.into(), ..HintOptions::default() })
}

fn given(text: &str) -> Words {
    if text.is_empty() { Words::default() } else { text.into() }
}
