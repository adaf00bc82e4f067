//! A list of requirements that a form is weighed against outside a case's moves: each with whether it is met, and room
//! for a reason where one is asked.

use super::{
    duty::numbered,
    forms::Form,
    requirement::{Around, RequirementLine, way},
};
use crate::domain::{
    decision::Reasons,
    rules::{Class, Requirement},
    text::{self, TextError},
    transfer::rules::{Verdict, kept, weigh},
};

const MAX_REASON: usize = 1000;

/// The list as rows, unmet ones first, with the reasons typed so far. `around`: the case the links lead to; none, for
/// pages that see no case.
pub fn lines(list: &[Requirement], form: &Form, around: Option<Around<'_>>) -> Vec<RequirementLine> {
    let mut lines: Vec<_> = list.iter().map(|r| line(r, form, around)).collect();
    lines.sort_by_key(|line| line.met);
    lines
}

fn line(r: &Requirement, form: &Form, around: Option<Around<'_>>) -> RequirementLine {
    let field = format!("reason.{}", r.clause);
    RequirementLine {
        clause: r.clause,
        number: numbered(r.clause),
        asks: r.asks,
        class: r.class.label(),
        met: r.met,
        carried: false,
        asks_why: !r.met && r.class == Class::Should,
        says: r.says.clone(),
        who: r.who.iter().map(|role| text::within(role.label())).collect::<Vec<_>>().join(" or "),
        fix: around.filter(|_| !r.met).and_then(|around| way(r.fix, around)),
        reason: form.value(&field).to_owned(),
        wrong: form.error(&field).map(str::to_owned),
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
