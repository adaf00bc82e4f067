//! Options of form components.

use super::{Attributes, Content, Html, Words, content, options, values};
use crate::domain::text::capital;

options! {
    /// A button, or a link that looks like one.
    ButtonOptions {
        text: Words, html: Html, classes: Words, attributes: Attributes, id: Words, name: Words,
        value: Words, href: Words, disabled: bool, prevent_double_click: Option<bool>,
        is_start_button: bool,
        #[serde(rename = "type")] kind: Words,
    }
    /// The words beside a field.
    LabelOptions {
        text: Words, html: Html, classes: Words, attributes: Attributes, is_page_heading: bool,
        #[serde(rename = "for")] target: Words,
    }
    /// A sentence that helps to answer.
    HintOptions { text: Words, html: Html, classes: Words, attributes: Attributes, id: Words, }
    /// What is wrong with a field.
    ErrorMessageOptions {
        text: Words, html: Html, classes: Words, attributes: Attributes, id: Words,
        visually_hidden_text: Words,
    }
    /// The box around a field.
    FormGroupOptions { classes: Words, attributes: Attributes, }
    /// The heading of a group of fields.
    LegendOptions { text: Words, html: Html, classes: Words, is_page_heading: bool, }
    /// A group of fields with a legend.
    FieldsetOptions {
        legend: Option<LegendOptions>, classes: Words, attributes: Attributes, described_by: Words,
        role: Words, html: Html,
    }
    /// Words before or after an input, such as a unit.
    AffixOptions { text: Words, html: Html, classes: Words, attributes: Attributes, }
    /// The box around an input with an affix.
    WrapperOptions { classes: Words, attributes: Attributes, }
    /// One line of text.
    InputOptions {
        id: Words, name: Words, value: Words, disabled: bool, described_by: Words,
        label: LabelOptions, hint: Option<HintOptions>, error_message: Option<ErrorMessageOptions>,
        form_group: FormGroupOptions, input_wrapper: WrapperOptions, prefix: AffixOptions,
        suffix: AffixOptions, classes: Words, attributes: Attributes, autocomplete: Words,
        autocapitalize: Words, pattern: Words, inputmode: Words, spellcheck: Option<bool>,
        #[serde(rename = "type")] kind: Words,
    }
    /// Lines of text.
    TextareaOptions {
        id: Words, name: Words, value: Words, rows: Words, disabled: bool, described_by: Words,
        label: LabelOptions, hint: Option<HintOptions>, error_message: Option<ErrorMessageOptions>,
        form_group: FormGroupOptions, classes: Words, attributes: Attributes, autocomplete: Words,
        spellcheck: Option<bool>,
    }
    /// A choice of a select.
    SelectItem { text: Words, value: Words, selected: Option<bool>, disabled: bool, attributes: Attributes, }
    /// One of a list that would be too long as radios.
    SelectOptions {
        id: Words, name: Words, value: Words, disabled: bool, described_by: Words,
        #[serde(deserialize_with = "values::gaps")] items: Vec<Option<SelectItem>>,
        label: LabelOptions, hint: Option<HintOptions>, error_message: Option<ErrorMessageOptions>,
        form_group: FormGroupOptions, classes: Words, attributes: Attributes,
    }
    /// What a choice opens.
    ConditionalOptions { html: Html, }
    /// A radio or a checkbox.
    ChoiceItem {
        text: Words, html: Html, id: Words, name: Words, value: Words, label: LabelOptions,
        hint: Option<HintOptions>, divider: Words, checked: Option<bool>, conditional: ConditionalOptions,
        behaviour: Words, disabled: bool, attributes: Attributes,
    }
    /// One of a few.
    RadiosOptions {
        fieldset: Option<FieldsetOptions>, hint: Option<HintOptions>,
        error_message: Option<ErrorMessageOptions>, form_group: FormGroupOptions, id_prefix: Words,
        name: Words, value: Words, classes: Words, attributes: Attributes,
        #[serde(deserialize_with = "values::gaps")] items: Vec<Option<ChoiceItem>>,
    }
    /// Any of a few.
    CheckboxesOptions {
        described_by: Words, fieldset: Option<FieldsetOptions>, hint: Option<HintOptions>,
        error_message: Option<ErrorMessageOptions>, form_group: FormGroupOptions, id_prefix: Words,
        name: Words, values: Option<Vec<Words>>, classes: Words, attributes: Attributes,
        #[serde(deserialize_with = "values::gaps")] items: Vec<Option<ChoiceItem>>,
    }
    /// Day, month or year.
    DateItem {
        id: Words, name: Words, label: Words, value: Words, autocomplete: Words, inputmode: Words,
        pattern: Words, classes: Words, attributes: Attributes, error: Option<bool>,
    }
    /// A date in three fields.
    DateInputOptions {
        id: Words, name_prefix: Words, hint: Option<HintOptions>,
        error_message: Option<ErrorMessageOptions>, form_group: FormGroupOptions,
        fieldset: Option<FieldsetOptions>, classes: Words, attributes: Attributes,
        values: std::collections::BTreeMap<String, Words>,
        #[serde(deserialize_with = "values::maybe")] day: Option<Option<DateItem>>,
        #[serde(deserialize_with = "values::maybe")] month: Option<Option<DateItem>>,
        #[serde(deserialize_with = "values::maybe")] year: Option<Option<DateItem>>,
        items: Vec<DateItem>,
    }
    /// Words for one and for more than one.
    Plurals { zero: Words, one: Words, two: Words, few: Words, many: Words, other: Words, }
    /// The line that counts.
    CountMessageOptions { classes: Words, }
    /// Lines of text with a limit.
    CharacterCountOptions {
        id: Words, name: Words, value: Words, rows: Words, maxlength: Words, maxwords: Words,
        threshold: Words, count_type: Words, label: LabelOptions, hint: Option<HintOptions>,
        error_message: Option<ErrorMessageOptions>, form_group: FormGroupOptions, classes: Words,
        attributes: Attributes, spellcheck: Option<bool>, count_message: CountMessageOptions,
        textarea_description_text: Words, characters_under_limit_text: Plurals,
        characters_at_limit_text: Words, characters_over_limit_text: Plurals,
        words_under_limit_text: Plurals, words_at_limit_text: Words, words_over_limit_text: Plurals,
    }
    /// A password that can be shown.
    PasswordInputOptions {
        id: Words, name: Words, value: Words, disabled: bool, described_by: Words,
        label: LabelOptions, hint: Option<HintOptions>, error_message: Option<ErrorMessageOptions>,
        form_group: FormGroupOptions, classes: Words, attributes: Attributes, autocomplete: Words,
        show_password_text: Words, hide_password_text: Words, show_password_aria_label_text: Words,
        hide_password_aria_label_text: Words, password_shown_announcement_text: Words,
        password_hidden_announcement_text: Words, button: ButtonOptions,
    }
    /// One message of the summary.
    ErrorItem { text: Words, html: Html, href: Words, attributes: Attributes, }
    /// Everything that is wrong with a form, at its top.
    ErrorSummaryOptions {
        title_text: Words, title_html: Html, description_text: Words, description_html: Html,
        error_list: Vec<ErrorItem>, disable_auto_focus: Option<bool>, classes: Words,
        attributes: Attributes,
    }
}

content! {
    ButtonOptions LabelOptions HintOptions ErrorMessageOptions LegendOptions AffixOptions ChoiceItem ErrorItem
}

/// The ids a field names in aria-describedby: its own, then hint and error.
pub fn described_by(own: &Words, id: &str, hint: bool, error: bool) -> String {
    let mut ids: Vec<String> = Vec::new();
    if own.is_set() {
        ids.push(own.get().to_owned());
    }
    if hint {
        ids.push(format!("{id}-hint"));
    }
    if error {
        ids.push(format!("{id}-error"));
    }
    ids.join(" ")
}

/// Gives fields `id()` and `described_by()`.
macro_rules! field {
    ($($name:ident)*) => {$(
        impl $name {
            /// Its id; without one, its name.
            pub fn id(&self) -> &str {
                self.id.or(self.name.get())
            }

            /// The value of aria-describedby.
            pub fn described_by(&self) -> String {
                described_by(&self.described_by, self.id(), self.hint.is_some(), self.error_message.is_some())
            }
        }
    )*};
}

field! { InputOptions TextareaOptions SelectOptions PasswordInputOptions }

impl InputOptions {
    /// It stands in a box with its affixes.
    pub fn is_wrapped(&self) -> bool {
        self.prefix.content().is_set() || self.suffix.content().is_set()
    }
}

impl SelectOptions {
    /// Whether a choice is the chosen one: it says so, or its value is the select's.
    pub fn is_selected(&self, item: &SelectItem) -> bool {
        let value = if item.value.is_given() { &item.value } else { &item.text };
        match item.selected {
            Some(true) => true,
            Some(false) => false,
            None => self.value.is_set() && *value == self.value,
        }
    }
}

/// Choices with their ids: its own, or the group's with its place; the first is the group's, so that the error
/// summary's link finds it.
fn with_ids<'a>(items: &'a [Option<ChoiceItem>], prefix: &str) -> Vec<(String, &'a ChoiceItem)> {
    let numbered = items.iter().enumerate().filter_map(|(before, item)| Some((before, item.as_ref()?)));
    numbered
        .map(|(before, item)| match before {
            _ if item.id.is_set() => (item.id.get().to_owned(), item),
            0 => (prefix.to_owned(), item),
            before => (format!("{prefix}-{}", before + 1), item),
        })
        .collect()
}

impl ChoiceItem {
    /// It has a hint with words in it.
    pub fn has_hint(&self) -> bool {
        self.hint.as_ref().is_some_and(|hint| hint.content().is_set())
    }
}

impl RadiosOptions {
    /// What the ids begin with.
    pub fn prefix(&self) -> &str {
        self.id_prefix.or(self.name.get())
    }

    /// The choices with their ids.
    pub fn choices(&self) -> Vec<(String, &ChoiceItem)> {
        with_ids(&self.items, self.prefix())
    }

    /// Whether a choice is the chosen one.
    pub fn is_checked(&self, item: &ChoiceItem) -> bool {
        item.checked.unwrap_or(self.value.is_set() && item.value == self.value)
    }

    /// The value of the fieldset's aria-describedby.
    pub fn described_by(&self) -> String {
        let own =
            self.fieldset.as_ref().map_or_else(Words::default, |fieldset| fieldset.described_by.clone());
        described_by(&own, self.prefix(), self.hint.is_some(), self.error_message.is_some())
    }
}

impl CheckboxesOptions {
    /// What the ids begin with.
    pub fn prefix(&self) -> &str {
        self.id_prefix.or(self.name.get())
    }

    /// The choices with their ids.
    pub fn choices(&self) -> Vec<(String, &ChoiceItem)> {
        with_ids(&self.items, self.prefix())
    }

    /// Whether a choice is among the chosen ones.
    pub fn is_checked(&self, item: &ChoiceItem) -> bool {
        item.checked.unwrap_or(self.values.as_ref().is_some_and(|values| values.contains(&item.value)))
    }

    /// The value of the fieldset's aria-describedby; without a fieldset each choice carries it.
    pub fn described_by(&self) -> String {
        let own = match &self.fieldset {
            Some(fieldset) if fieldset.described_by.is_set() => &fieldset.described_by,
            _ => &self.described_by,
        };
        described_by(own, self.prefix(), self.hint.is_some(), self.error_message.is_some())
    }

    /// The value of a choice's aria-describedby.
    pub fn item_described_by(&self, item: &ChoiceItem, id: &str) -> String {
        let group = if self.fieldset.is_none() { self.described_by() } else { String::new() };
        let hint = if item.has_hint() { format!("{id}-item-hint") } else { String::new() };
        format!("{group} {hint}").trim().to_owned()
    }
}

const ERROR_CLASS: &str = "govuk-input--error";

impl DateItem {
    fn has_error(&self) -> bool {
        self.error == Some(true) || self.classes.get().contains(ERROR_CLASS)
    }
}

impl DateInputOptions {
    /// The value of the fieldset's aria-describedby.
    pub fn described_by(&self) -> String {
        let own =
            self.fieldset.as_ref().map_or_else(Words::default, |fieldset| fieldset.described_by.clone());
        described_by(&own, self.id.get(), self.hint.is_some(), self.error_message.is_some())
    }

    /// The fields, in order, as inputs.
    pub fn inputs(&self) -> Vec<InputOptions> {
        let day = self.default_item("day", "govuk-input--width-2", self.day.as_ref());
        let month = self.default_item("month", "govuk-input--width-2", self.month.as_ref());
        let year = self.default_item("year", "govuk-input--width-4", self.year.as_ref());
        let defaults = [("day", &day), ("month", &month), ("year", &year)];
        let items: Vec<DateItem> = if self.items.is_empty() {
            defaults.iter().filter_map(|(part, item)| Some(with_name((*item).clone()?, part))).collect()
        } else {
            self.items.clone()
        };
        let any_error = items.iter().any(DateItem::has_error);
        items.iter().map(|item| self.input(item, any_error, &defaults)).collect()
    }

    fn default_item(&self, part: &str, width: &str, given: Option<&Option<DateItem>>) -> Option<DateItem> {
        given.cloned().unwrap_or_else(|| {
            Some(DateItem {
                name: part.into(),
                value: self.values.get(part).cloned().unwrap_or_default(),
                classes: width.into(),
                ..DateItem::default()
            })
        })
    }

    fn input(
        &self,
        item: &DateItem,
        any_error: bool,
        defaults: &[(&str, &Option<DateItem>)],
    ) -> InputOptions {
        let name = item.name.get();
        let known = defaults.iter().find(|(part, default)| {
            name == *part
                || default.as_ref().is_some_and(|default| default.name.is_set() && default.name == item.name)
        });
        let mut value = item.value.clone();
        if let (Some((_, Some(default))), false) = (known, value.is_given()) {
            value = default.value.clone();
        }
        let prefix = if self.name_prefix.is_set() { format!("{}-", self.name_prefix) } else { String::new() };
        let full_name = format!("{prefix}{name}");
        if !value.is_given() {
            value = self.values.get(&full_name).cloned().unwrap_or_default();
        }
        let own = item.classes.get();
        let wrong =
            item.has_error() || (item.error != Some(false) && self.error_message.is_some() && !any_error);
        let mut classes = vec!["govuk-date-input__input"];
        if wrong && !own.contains(ERROR_CLASS) {
            classes.push(ERROR_CLASS);
        }
        if !own.contains("govuk-input--width-") {
            let is_year = known.is_some_and(|(part, _)| *part == "year");
            classes.push(if is_year { "govuk-input--width-4" } else { "govuk-input--width-2" });
        }
        if !own.is_empty() {
            classes.push(own);
        }
        InputOptions {
            label: LabelOptions {
                text: item.label.or(&capital(name)).into(),
                classes: "govuk-date-input__label".into(),
                ..LabelOptions::default()
            },
            id: if item.id.is_set() { item.id.clone() } else { format!("{}-{name}", self.id).into() },
            classes: classes.join(" ").into(),
            name: full_name.into(),
            value,
            inputmode: item.inputmode.or("numeric").into(),
            autocomplete: item.autocomplete.clone(),
            pattern: item.pattern.clone(),
            attributes: item.attributes.clone(),
            ..InputOptions::default()
        }
    }
}

fn with_name(mut item: DateItem, part: &str) -> DateItem {
    if !item.name.is_given() {
        item.name = part.into();
    }
    item
}

impl Plurals {
    fn attributes(&self, key: &str) -> Attributes {
        let forms = [
            ("zero", &self.zero),
            ("one", &self.one),
            ("two", &self.two),
            ("few", &self.few),
            ("many", &self.many),
            ("other", &self.other),
        ];
        forms.into_iter().fold(Attributes::default(), |all, (form, words)| {
            all.with_some(&format!("data-i18n.{key}.{form}"), words)
        })
    }
}

impl CharacterCountOptions {
    /// Its id; without one, its name.
    pub fn id(&self) -> &str {
        self.id.or(self.name.get())
    }

    /// The value of aria-describedby: the count first.
    pub fn described_by(&self) -> String {
        let info = format!("{}-info", self.id()).into();
        described_by(&info, self.id(), self.hint.is_some(), self.error_message.is_some())
    }

    fn counts(&self) -> &str {
        self.count_type.or(if self.maxwords.is_set() { "words" } else { "" })
    }

    fn limit(&self) -> &Words {
        if self.maxwords.is_set() { &self.maxwords } else { &self.maxlength }
    }

    /// What the limit is, in words; nothing when the script sets it.
    pub fn limit_words(&self) -> String {
        if !self.limit().is_set() {
            return String::new();
        }
        let unit = if self.counts() == "words" { "words" } else { "characters" };
        let otherwise = format!("You can enter up to %{{count}} {unit}");
        self.textarea_description_text.or(&otherwise).replace("%{count}", self.limit().get())
    }

    /// What the script needs to know.
    pub fn script_attributes(&self) -> Attributes {
        let mut all = Attributes::default()
            .with("data-module", "govuk-character-count")
            .with_some("data-maxlength", &self.maxlength)
            .with_some("data-maxwords", &self.maxwords)
            .with_some("data-threshold", &self.threshold);
        if !self.counts().is_empty() {
            all = all.with("data-count-type", self.counts());
        }
        if !self.limit().is_set() && self.textarea_description_text.is_set() {
            all = all.with("data-i18n.textarea-description.other", self.textarea_description_text.get());
        }
        all.and(&self.characters_under_limit_text.attributes("characters-under-limit"))
            .with_some("data-i18n.characters-at-limit", &self.characters_at_limit_text)
            .and(&self.characters_over_limit_text.attributes("characters-over-limit"))
            .and(&self.words_under_limit_text.attributes("words-under-limit"))
            .with_some("data-i18n.words-at-limit", &self.words_at_limit_text)
            .and(&self.words_over_limit_text.attributes("words-over-limit"))
            .and(&self.form_group.attributes)
    }
}

impl PasswordInputOptions {
    /// What the script needs to know.
    pub fn script_attributes(&self) -> Attributes {
        Attributes::default()
            .with("data-module", "govuk-password-input")
            .with_some("data-i18n.show-password", &self.show_password_text)
            .with_some("data-i18n.hide-password", &self.hide_password_text)
            .with_some("data-i18n.show-password-aria-label", &self.show_password_aria_label_text)
            .with_some("data-i18n.hide-password-aria-label", &self.hide_password_aria_label_text)
            .with_some("data-i18n.password-shown-announcement", &self.password_shown_announcement_text)
            .with_some("data-i18n.password-hidden-announcement", &self.password_hidden_announcement_text)
            .and(&self.form_group.attributes)
    }
}
