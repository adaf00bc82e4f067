//! Options of everything that is not a form field.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Attributes, Content, Html, Words, content, options, values};

options! {
    /// Words that open to show more.
    DetailsOptions {
        summary_text: Words, summary_html: Html, text: Words, html: Html, id: Words, open: bool,
        classes: Words, attributes: Attributes,
    }
    /// Key or value of a row.
    CellOptions { text: Words, html: Html, classes: Words, }
    /// A link beside a row or a card.
    ActionItem {
        text: Words, html: Html, href: Words, visually_hidden_text: Words, classes: Words,
        attributes: Attributes,
    }
    /// The links beside a row or a card.
    ActionsOptions { items: Vec<ActionItem>, classes: Words, attributes: Attributes, }
    /// A key with its value.
    SummaryRow { key: CellOptions, value: CellOptions, actions: Option<ActionsOptions>, classes: Words, }
    /// The title of a card.
    CardTitle { text: Words, html: Html, heading_level: Words, classes: Words, }
    /// The card around a list.
    CardOptions {
        title: Option<CardTitle>, actions: ActionsOptions, classes: Words, attributes: Attributes,
    }
    /// Keys and values.
    SummaryListOptions {
        #[serde(deserialize_with = "values::gaps")] rows: Vec<Option<SummaryRow>>,
        card: Option<CardOptions>, classes: Words, attributes: Attributes,
    }
    /// A cell of a table.
    TableCell {
        text: Words, html: Html, format: Words, classes: Words, colspan: Words, rowspan: Words,
        attributes: Attributes,
    }
    /// A table.
    TableOptions {
        caption: Words, caption_classes: Words, head: Option<Vec<TableCell>>,
        #[serde(deserialize_with = "values::gaps")] rows: Vec<Option<Vec<TableCell>>>,
        first_cell_is_header: bool, classes: Words, attributes: Attributes,
    }
    /// A state in one or two words.
    TagOptions { text: Words, html: Html, classes: Words, attributes: Attributes, }
    /// Text set apart.
    InsetTextOptions { text: Words, html: Html, id: Words, classes: Words, attributes: Attributes, }
    /// A warning.
    WarningTextOptions {
        text: Words, html: Html, icon_fallback_text: Words, classes: Words, attributes: Attributes,
    }
    /// What happened or is happening.
    NotificationBannerOptions {
        text: Words, html: Html, title_text: Words, title_html: Html, title_heading_level: Words,
        title_id: Words, role: Words, disable_auto_focus: Option<bool>, classes: Words,
        attributes: Attributes,
        #[serde(rename = "type")] kind: Words,
    }
    /// A way on from a panel.
    PanelAction {
        text: Words, href: Words, classes: Words, attributes: Attributes,
        #[serde(rename = "type")] kind: Words,
    }
    /// The ways on from a panel.
    PanelActions { items: Vec<PanelAction>, classes: Words, attributes: Attributes, }
    /// A step is done, or stops here.
    PanelOptions {
        title_text: Words, title_html: Html, heading_level: Words, text: Words, html: Html,
        actions: Option<PanelActions>, classes: Words, attributes: Attributes,
    }
    /// A page's number.
    PageItem {
        number: Words, href: Words, visually_hidden_text: Words, current: bool, ellipsis: bool,
        attributes: Attributes,
    }
    /// The page before or after.
    PageLink { text: Words, html: Html, label_text: Words, href: Words, attributes: Attributes, }
    /// Pages of a list.
    PaginationOptions {
        #[serde(deserialize_with = "values::gaps")] items: Vec<Option<PageItem>>,
        previous: Option<PageLink>, next: Option<PageLink>, landmark_label: Words, classes: Words,
        attributes: Attributes,
    }
    /// A step of the way here.
    BreadcrumbItem { text: Words, html: Html, href: Words, attributes: Attributes, }
    /// The way here.
    BreadcrumbsOptions {
        items: Vec<BreadcrumbItem>, classes: Words, attributes: Attributes, collapse_on_mobile: bool,
        label_text: Words,
    }
    /// The way back.
    BackLinkOptions { text: Words, html: Html, href: Words, classes: Words, attributes: Attributes, }
    /// The state of the service.
    PhaseBannerOptions {
        tag: TagOptions, text: Words, html: Html, classes: Words, attributes: Attributes,
    }
    /// Past the header.
    SkipLinkOptions { text: Words, html: Html, href: Words, classes: Words, attributes: Attributes, }
    /// A header without a brand.
    GenericHeaderOptions {
        logo_text: Words, logo_html: Html, url: Words, container_classes: Words, classes: Words,
        attributes: Attributes,
    }
    /// A link of the navigation.
    NavigationItem {
        text: Words, html: Html, href: Words, active: bool, current: bool, attributes: Attributes,
    }
    /// Places for markup of one's own.
    NavigationSlots { start: Html, end: EndSlot, navigation_start: Html, navigation_end: Html, }
    /// Name and navigation of the service.
    ServiceNavigationOptions {
        classes: Words, attributes: Attributes, aria_label: Words, menu_button_text: Words,
        menu_button_label: Words, navigation_label: Words, navigation_id: Words,
        navigation_classes: Words, collapse_navigation_on_mobile: Option<bool>, service_name: Words,
        service_url: Words, slots: NavigationSlots,
        #[serde(deserialize_with = "values::gaps")] navigation: Vec<Option<NavigationItem>>,
    }
    /// The state of a task.
    TaskStatus { tag: Option<TagOptions>, text: Words, html: Html, classes: Words, }
    /// What helps to decide on a task.
    TaskHint { text: Words, html: Html, }
    /// A task.
    TaskItem {
        title: CellOptions, hint: Option<TaskHint>, status: TaskStatus, href: Words, classes: Words,
    }
    /// Tasks in any order.
    TaskListOptions {
        #[serde(deserialize_with = "values::gaps")] items: Vec<Option<TaskItem>>,
        id_prefix: Words, classes: Words, attributes: Attributes,
    }
}

content! {
    DetailsOptions CellOptions ActionItem CardTitle TableCell TagOptions InsetTextOptions WarningTextOptions
    NotificationBannerOptions PanelOptions PageLink BreadcrumbItem BackLinkOptions PhaseBannerOptions
    SkipLinkOptions NavigationItem TaskStatus TaskHint
}

impl SummaryListOptions {
    /// A row has actions, so that the others leave room.
    pub fn any_actions(&self) -> bool {
        self.rows.iter().flatten().any(SummaryRow::has_actions)
    }

    /// What the actions' hidden words end with: the card they stand on.
    pub fn card_title(&self) -> Option<&CardTitle> {
        self.card.as_ref().and_then(|card| card.title.as_ref())
    }
}

impl SummaryRow {
    /// It has links beside it.
    pub fn has_actions(&self) -> bool {
        self.actions.as_ref().is_some_and(|actions| !actions.items.is_empty())
    }
}

impl DetailsOptions {
    /// What opens it.
    pub fn summary(&self) -> Content<'_> {
        Content::new(&self.summary_html, &self.summary_text)
    }
}

impl NotificationBannerOptions {
    /// It says that something worked.
    pub fn is_success(&self) -> bool {
        self.kind.get() == "success"
    }

    /// An alert is read out at once, a region is a landmark.
    pub fn role(&self) -> &str {
        self.role.or(if self.is_success() { "alert" } else { "region" })
    }

    /// The heading's words when no markup is given.
    pub fn title(&self) -> &str {
        self.title_text.or(if self.is_success() { "Success" } else { "Important" })
    }
}

impl PanelOptions {
    /// It stops the person to think, rather than telling that a step is done.
    pub fn is_interruption(&self) -> bool {
        self.classes.get().contains("govuk-panel--interruption")
    }

    /// The heading.
    pub fn title(&self) -> Content<'_> {
        Content::new(&self.title_html, &self.title_text)
    }
}

impl PanelAction {
    /// It is drawn as a button.
    pub fn is_button(&self) -> bool {
        !self.href.is_set() || self.kind.get() == "button"
    }

    /// As a button.
    pub fn button(&self) -> super::ButtonOptions {
        super::ButtonOptions {
            text: self.text.clone(),
            kind: self.kind.or("button").into(),
            classes: format!("govuk-button--inverse{}", self.classes.more()).into(),
            href: self.href.clone(),
            attributes: self.attributes.clone(),
            ..Default::default()
        }
    }
}

impl PaginationOptions {
    /// Only the page before and the page after: drawn one above the other.
    pub fn is_block(&self) -> bool {
        self.items.is_empty() && (self.previous.is_some() || self.next.is_some())
    }

    /// The numbers and gaps to show.
    pub fn pages(&self) -> impl Iterator<Item = &PageItem> {
        self.items.iter().flatten().filter(|item| item.ellipsis || item.number.is_set())
    }
}

impl PageItem {
    /// What a screen reader says.
    pub fn label(&self) -> String {
        let page = format!("Page {}", self.number);
        self.visually_hidden_text.unless_given(&page).to_owned()
    }
}

impl BreadcrumbsOptions {
    /// The landmark's name.
    pub fn label(&self) -> &str {
        self.label_text.unless_given("Breadcrumb")
    }
}

/// The slot at the end of the service navigation: markup, perhaps on the same line.
#[derive(Clone, Debug, Default)]
pub struct EndSlot {
    /// The markup.
    pub html: Html,
    /// On the same line as the navigation.
    pub inline: bool,
}

impl<'de> Deserialize<'de> for EndSlot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let given = Value::deserialize(from)?;
        let inline = given.get("align").and_then(Value::as_str) == Some("inline");
        let markup = given.get("html").cloned().unwrap_or(given);
        let html = Html::deserialize(markup).map_err(serde::de::Error::custom)?;
        Ok(Self { html, inline })
    }
}

impl NavigationItem {
    /// The value of aria-current, when we are there or below it.
    pub fn here(&self) -> Option<&'static str> {
        match (self.current, self.active) {
            (true, _) => Some("page"),
            (false, true) => Some("true"),
            (false, false) => None,
        }
    }
}

impl ServiceNavigationOptions {
    /// There is a list of links.
    pub fn has_navigation(&self) -> bool {
        let slots = &self.slots;
        self.navigation.iter().flatten().next().is_some()
            || slots.navigation_start.is_set()
            || slots.navigation_end.is_set()
    }

    /// A menu button stands for the links on a phone.
    pub fn collapses(&self) -> bool {
        self.collapse_navigation_on_mobile.unwrap_or(self.navigation.iter().flatten().count() > 1)
    }

    /// It holds more than links, so it is a landmark of its own.
    pub fn is_section(&self) -> bool {
        self.service_name.is_set() || self.slots.start.is_set() || self.slots.end.html.is_set()
    }

    /// The menu button's words.
    pub fn menu(&self) -> &str {
        self.menu_button_text.or("Menu")
    }

    /// The menu button's label, when it differs from its words.
    pub fn menu_label(&self) -> Option<&str> {
        let label = self.menu_button_label.get();
        (!label.is_empty() && label != self.menu()).then_some(label)
    }
}

impl TaskListOptions {
    /// The tasks with what their ids begin with.
    pub fn tasks(&self) -> Vec<(String, &TaskItem)> {
        let prefix = self.id_prefix.or("task-list");
        let numbered =
            self.items.iter().enumerate().filter_map(|(before, item)| Some((before, item.as_ref()?)));
        numbered.map(|(before, item)| (format!("{prefix}-{}", before + 1), item)).collect()
    }
}
