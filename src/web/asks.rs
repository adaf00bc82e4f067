//! A list of requirements on a form: each with whether it is met, and room for a reason where one is asked.

use super::{duty::numbered, forms::Form};
use crate::domain::{
    rules::{Class, Requirement},
    text::{self, TextError},
    transfer::rules::{Reasons, Verdict, kept, weigh},
};

const MAX_REASON: usize = 1000;

/// One requirement; drawn by `stages/requirements.html`.
#[derive(Clone, Debug)]
pub struct AskLine {
    /// Its clause, with what tells its parts apart here.
    pub clause: &'static str,
    /// As the programme numbers it.
    pub number: &'static str,
    /// What it asks.
    pub asks: &'static str,
    /// How binding it is.
    pub class: &'static str,
    /// Whether it is met.
    pub met: bool,
    /// It goes along, open. Never, here.
    pub carried: bool,
    /// A reason lets it pass.
    pub asks_why: bool,
    /// What is the case.
    pub says: String,
    /// Who can put it right.
    pub who: String,
    /// Where, with the words of the link.
    pub fix: Option<(String, &'static str)>,
    /// The reason typed.
    pub reason: String,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

/// The list as rows, unmet ones first, with the reasons typed so far.
pub fn lines(list: &[Requirement], form: &Form) -> Vec<AskLine> {
    let mut lines: Vec<_> = list.iter().map(|r| line(r, form)).collect();
    lines.sort_by_key(|line| line.met);
    lines
}

fn line(r: &Requirement, form: &Form) -> AskLine {
    let field = format!("reason.{}", r.clause);
    AskLine {
        clause: r.clause,
        number: numbered(r.clause),
        asks: r.asks,
        class: r.class.label(),
        met: r.met,
        carried: false,
        asks_why: !r.met && r.class == Class::Should,
        says: r.says.clone(),
        who: r.who.iter().map(|role| within(role.label())).collect::<Vec<_>>().join(" or "),
        fix: None,
        reason: form.value(&field).to_owned(),
        wrong: form.error(&field).map(str::to_owned),
    }
}

/// "school lead", but "LA representative".
fn within(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => label.to_owned(),
    }
}

/// Weighs the list with the reasons on the form. None: it does not go, and the form says why; the reasons that count
/// otherwise.
pub fn settle(form: &mut Form, list: &[Requirement]) -> Option<Reasons> {
    let mut reasons = Reasons::new();
    for r in list.iter().filter(|r| !r.met && r.class == Class::Should) {
        let field = format!("reason.{}", r.clause);
        match text::paragraph(form.value(&field), MAX_REASON) {
            Ok(reason) => {
                reasons.insert(r.clause.to_owned(), reason);
            }
            Err(TextError::Empty) => form.fail(&field, &format!("Say why you go on. {}", r.says)),
            Err(error) => form.fail(&field, &error.message("Why you go on")),
        }
    }
    for r in list.iter().filter(|r| !r.met && r.class == Class::Must) {
        form.fail("asks", &format!("{} ({}): {}", r.asks, numbered(r.clause), r.says));
    }
    (weigh(list, &reasons) == Verdict::Goes).then(|| kept(list, &reasons))
}
