//! Our component macros against the examples that GOV.UK Frontend publishes in its npm package: the same
//! options must give the same document.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use waymark::web::govuk;

mod dom;

const COMPONENTS: &str = "static/src/node_modules/govuk-frontend/dist/govuk/components";
const EXCEPTIONS: &str = "tests/it/govuk/exceptions.txt";

/// What the ported components publish today. A new release of the package may only add to it.
const AT_LEAST: usize = 598;

#[derive(Deserialize)]
struct Published {
    component: String,
    fixtures: Vec<Fixture>,
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    options: Value,
    html: String,
}

/// One template per component that hands its options to our macro.
macro_rules! ported {
    ($($component:literal $page:ident $options:ident $call:literal;)*) => {
        $(
            #[derive(Template)]
            #[template(source = $call, ext = "html")]
            struct $page { o: govuk::$options }
        )*

        /// Renders a component with options from outside; nothing when it is not ported.
        fn render(component: &str, options: &Value) -> Option<String> {
            match component {
                $($component => {
                    let o = serde_json::from_value(options.clone()).expect($component);
                    Some($page { o }.render().expect($component))
                })*
                _ => None,
            }
        }
    };
}

ported! {
    "back-link" BackLink BackLinkOptions "{% import \"govuk/back_link.html\" as c %}{{ c::back_link(o) }}";
    "breadcrumbs" Breadcrumbs BreadcrumbsOptions "{% import \"govuk/breadcrumbs.html\" as c %}{{ c::breadcrumbs(o) }}";
    "button" Button ButtonOptions "{% import \"govuk/button.html\" as c %}{{ c::button(o) }}";
    "character-count" CharacterCount CharacterCountOptions "{% import \"govuk/character_count.html\" as c %}{{ c::character_count(o) }}";
    "checkboxes" Checkboxes CheckboxesOptions "{% import \"govuk/checkboxes.html\" as c %}{{ c::checkboxes(o) }}";
    "date-input" DateInput DateInputOptions "{% import \"govuk/date_input.html\" as c %}{{ c::date_input(o) }}";
    "details" Details DetailsOptions "{% import \"govuk/details.html\" as c %}{{ c::details(o) }}";
    "error-message" ErrorMessage ErrorMessageOptions "{% import \"govuk/error_message.html\" as c %}{{ c::error_message(o, o.id.get()) }}";
    "error-summary" ErrorSummary ErrorSummaryOptions "{% import \"govuk/error_summary.html\" as c %}{{ c::error_summary(o) }}";
    "fieldset" Fieldset FieldsetOptions "{% import \"govuk/fieldset.html\" as c %}{{ c::fieldset(o) }}";
    "generic-header" GenericHeader GenericHeaderOptions "{% import \"govuk/generic_header.html\" as c %}{{ c::generic_header(o) }}";
    "hint" Hint HintOptions "{% import \"govuk/hint.html\" as c %}{{ c::hint(o, o.id.get(), \"\") }}";
    "input" Input InputOptions "{% import \"govuk/input.html\" as c %}{{ c::input(o) }}";
    "inset-text" InsetText InsetTextOptions "{% import \"govuk/inset_text.html\" as c %}{{ c::inset_text(o) }}";
    "label" Label LabelOptions "{% import \"govuk/label.html\" as c %}{{ c::label(o, o.target.get(), \"\") }}";
    "notification-banner" NotificationBanner NotificationBannerOptions "{% import \"govuk/notification_banner.html\" as c %}{{ c::notification_banner(o) }}";
    "pagination" Pagination PaginationOptions "{% import \"govuk/pagination.html\" as c %}{{ c::pagination(o) }}";
    "panel" Panel PanelOptions "{% import \"govuk/panel.html\" as c %}{{ c::panel(o) }}";
    "password-input" PasswordInput PasswordInputOptions "{% import \"govuk/password_input.html\" as c %}{{ c::password_input(o) }}";
    "phase-banner" PhaseBanner PhaseBannerOptions "{% import \"govuk/phase_banner.html\" as c %}{{ c::phase_banner(o) }}";
    "radios" Radios RadiosOptions "{% import \"govuk/radios.html\" as c %}{{ c::radios(o) }}";
    "select" Select SelectOptions "{% import \"govuk/select.html\" as c %}{{ c::select(o) }}";
    "service-navigation" ServiceNavigation ServiceNavigationOptions "{% import \"govuk/service_navigation.html\" as c %}{{ c::service_navigation(o) }}";
    "skip-link" SkipLink SkipLinkOptions "{% import \"govuk/skip_link.html\" as c %}{{ c::skip_link(o) }}";
    "summary-list" SummaryList SummaryListOptions "{% import \"govuk/summary_list.html\" as c %}{{ c::summary_list(o) }}";
    "table" Table TableOptions "{% import \"govuk/table.html\" as c %}{{ c::table(o) }}";
    "tag" Tag TagOptions "{% import \"govuk/tag.html\" as c %}{{ c::tag(o, \"\") }}";
    "task-list" TaskList TaskListOptions "{% import \"govuk/task_list.html\" as c %}{{ c::task_list(o) }}";
    "textarea" Textarea TextareaOptions "{% import \"govuk/textarea.html\" as c %}{{ c::textarea(o) }}";
    "warning-text" WarningText WarningTextOptions "{% import \"govuk/warning_text.html\" as c %}{{ c::warning_text(o) }}";
}

/// "component: example | reason", or "component: * | reason" for one that is not ported.
fn exceptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string(EXCEPTIONS).expect("the list of exceptions");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, reason) = line.split_once(" | ").unwrap_or_else(|| panic!("no reason: {line}"));
            assert!(!reason.trim().is_empty(), "no reason: {line}");
            (name.to_owned(), reason.to_owned())
        })
        .collect()
}

fn published() -> Vec<Published> {
    let components = fs::read_dir(Path::new(COMPONENTS)).expect("the package: run `make assets`");
    let mut all: Vec<Published> = components
        .map(|entry| entry.expect("a folder").path().join("fixtures.json"))
        .filter(|path| path.exists())
        .map(|path| serde_json::from_str(&fs::read_to_string(&path).expect("examples")).expect("examples"))
        .collect();
    all.sort_by(|a, b| a.component.cmp(&b.component));
    all
}

#[test]
fn every_published_example_gives_the_same_document() {
    let exceptions = exceptions();
    let mut seen = BTreeSet::new();
    let (mut equal, mut total) = (0, 0);
    let mut wrong = Vec::new();
    for published in published() {
        let component = &published.component;
        let whole = format!("{component}: *");
        for fixture in &published.fixtures {
            let Some(ours) = render(component, &fixture.options) else {
                if !exceptions.contains_key(&whole) {
                    wrong.push(format!("{whole} is not ported and not listed"));
                }
                seen.insert(whole.clone());
                break;
            };
            total += 1;
            let name = format!("{component}: {}", fixture.name);
            let listed = exceptions.contains_key(&name);
            let (ours, theirs) = (dom::tokens(&ours), dom::tokens(&fixture.html));
            match (ours == theirs, listed) {
                (true, false) => equal += 1,
                (true, true) => wrong.push(format!("{name} is equal now: take it off the list")),
                (false, true) => {}
                (false, false) => wrong.push(difference(&name, &ours, &theirs)),
            }
            seen.insert(name);
        }
    }
    for name in exceptions.keys().filter(|name| !seen.contains(*name)) {
        wrong.push(format!("{name} is listed, but there is no such example or the component is ported"));
    }
    println!("{equal} of {total} examples are equal");
    assert!(wrong.is_empty(), "{} wrong, {equal} of {total} equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(total >= AT_LEAST, "only {total} examples were read");
    assert!(equal * 100 >= total * 95, "only {equal} of {total} examples are equal");
}

#[test]
fn a_different_document_is_told_apart() {
    let one = dom::tokens("<p class='a  b' id=x>One <b>two</b></p>");
    assert_eq!(one, dom::tokens("<p id=\"x\" class=\"a b\">\n  One\n  <b>two</b>\n</p>"));
    for other in [
        "<p class='a b'>One <b>two</b></p>",
        "<p class='b a' id=x>One <b>two</b></p>",
        "<p class='a b' id=x>One<b>two</b></p>",
        "<p class='a b' id=x>One <i>two</i></p>",
        "<p class='a b' id=x>One <b>two</b></p><p></p>",
    ] {
        assert_ne!(one, dom::tokens(other), "{other}");
    }
    assert_ne!(dom::tokens("<textarea> a</textarea>"), dom::tokens("<textarea>a</textarea>"));
}

fn difference(name: &str, ours: &[String], theirs: &[String]) -> String {
    let at = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let from = at.saturating_sub(4);
    let part = |tokens: &[String]| tokens[from.min(tokens.len())..(at + 6).min(tokens.len())].join(" ");
    format!("{name}\n   ours   {}\n   theirs {}", part(ours), part(theirs))
}
