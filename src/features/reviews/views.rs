//! What the pages of a week show, and the words a form begins with.

use time::Date;

use super::queries::{ContactRow, FeedbackRow, ReviewRow};
use crate::{
    db::{case::CaseOf, week::WeekOf},
    domain::{
        dates,
        ids::{CaseId, ContactId},
        review::{Rating, Suggestion, WeekFigures, suggested_rating},
        step::Told,
        text::fitting,
    },
    state::london,
    web::{
        charts::{Bar, BarStrip},
        forms::Form,
        urls,
    },
};

/// Longest message to a parent: it must fit a text message or two.
pub const MAX_MESSAGE: usize = 600;

/// How parents are told; the stored words of `feedback.how`.
pub const WAYS: [(&str, &str); 5] = [
    (Told::InPerson.as_str(), "In person"),
    (Told::Phone.as_str(), "By telephone"),
    (Told::Letter.as_str(), "By letter"),
    (Told::Email.as_str(), "By email"),
    ("text", "By text message"),
];

/// A way as people say it.
pub fn way(stored: &str) -> &'static str {
    WAYS.iter().find(|(way, _)| *way == stored).map_or("", |(_, words)| *words)
}

/// The figures of a week in words.
pub struct FiguresView {
    pub total: String,
    pub recorded: String,
    pub trend: String,
    pub best: Option<String>,
    pub hardest: Option<String>,
    pub gaps: String,
    pub support: String,
    pub days: BarStrip,
}

/// In words; a period with its points.
pub fn figures_view(figures: &WeekFigures) -> FiguresView {
    let bar = |label: &str, totals: crate::domain::monitoring::Totals| Bar {
        label: label.to_owned(),
        percent: totals.percent(),
        words: totals.words(),
        remark: String::new(),
    };
    let ends = figures.best_and_hardest();
    FiguresView {
        total: figures.totals().words(),
        recorded: figures.totals().recorded_words(),
        trend: figures.trend(),
        best: ends.map(|(best, _)| format!("{}: {}", best.name, best.totals().words())),
        hardest: ends.map(|(_, hardest)| format!("{}: {}", hardest.name, hardest.totals().words())),
        gaps: figures.gaps(),
        support: figures.support_words(),
        days: BarStrip {
            id: "by-day".to_owned(),
            title: "By day".to_owned(),
            caption: "Points by day of the week".to_owned(),
            first_column: "Day".to_owned(),
            bars: figures.by_day.iter().map(|(_, day)| bar(&day.name, day.totals())).collect(),
        },
    }
}

/// A review as it was signed, in words.
pub struct SignedView {
    pub overall: Rating,
    pub overall_why: Option<String>,
    pub total: String,
    pub suggested: &'static str,
    pub ratings: Vec<(String, Rating)>,
    pub went_well: Option<String>,
    pub next_steps: String,
    pub services: String,
    pub services_words: Option<String>,
    pub when: String,
    pub version: i32,
}

/// In words.
pub fn signed_view(row: &ReviewRow) -> SignedView {
    let at = london(row.signed_at);
    SignedView {
        overall: row.rating(),
        overall_why: row.overall_why.clone(),
        total: row.figures.totals().words(),
        suggested: row.suggested(),
        ratings: row.ratings.iter().map(|rated| (rated.words.clone(), rated.rating)).collect(),
        went_well: row.went_well.clone(),
        next_steps: row.next_steps.clone(),
        services: if row.services.is_empty() { "None this week".to_owned() } else { row.services.join(", ") },
        services_words: row.services_words.clone(),
        when: format!(
            "Signed by {} on {} at {}",
            row.by,
            dates::long(row.signed_on),
            dates::time_of_day(at.time())
        ),
        version: row.version,
    }
}

/// Whether a contact was told about the week, in words.
pub struct ToldRow {
    pub id: ContactId,
    pub name: String,
    pub relationship: String,
    /// Hears about every week: parental responsibility, and nothing forbids it.
    pub entitled: bool,
    /// Why this person must not be contacted.
    pub barred: Option<String>,
    /// Newest first.
    pub told: Vec<Telling>,
    /// The letter to them; none: it must not, or cannot, go there.
    pub letter: Option<String>,
    pub language: Option<String>,
}

/// Once that somebody was told.
pub struct Telling {
    pub when: String,
    pub words: String,
    pub answer: Option<String>,
}

/// One row for each contact, entitled ones first; then who was told and is no contact any more.
pub fn told_rows(
    contacts: &[ContactRow],
    feedback: &[FeedbackRow],
    case: CaseId,
    week_on: Date,
) -> Vec<ToldRow> {
    let told = |id: ContactId| {
        let of = feedback.iter().filter(|row| row.contact == id);
        of.map(|row| Telling {
            when: told_words(row, week_on),
            words: row.words.clone(),
            answer: row.answer.clone(),
        })
        .collect()
    };
    let mut rows: Vec<_> = contacts
        .iter()
        .map(|contact| ToldRow {
            id: contact.id,
            name: contact.name.clone(),
            relationship: contact.relationship.clone(),
            entitled: contact.parental_responsibility && !contact.no_contact,
            barred: contact.no_contact.then(|| contact.no_contact_reason.clone().unwrap_or_default()),
            told: told(contact.id),
            letter: (!contact.no_contact).then(|| urls::letter(case, week_on, contact.id)),
            language: contact.language.clone(),
        })
        .collect();
    for row in feedback {
        if !rows.iter().any(|known| known.id == row.contact) {
            rows.push(ToldRow {
                id: row.contact,
                name: row.name.clone(),
                relationship: "not on the pupil’s list any more".to_owned(),
                entitled: true,
                barred: None,
                told: told(row.contact),
                letter: None,
                language: None,
            });
        }
    }
    rows
}

/// "Told on 20 November 2026, by telephone (A Lead)"; late when the week was over.
pub fn told_words(row: &FeedbackRow, week_on: Date) -> String {
    let how = way(&row.how).to_lowercase();
    let said = if row.reached { "Told" } else { "Tried, not reached," };
    let late =
        if row.given_on > week_on + time::Duration::days(6) { ", after the week was over" } else { "" };
    format!("{said} on {}{late}, {how} ({})", dates::long(row.given_on), row.by)
}

/// Next steps, to begin with, when they are obvious.
pub fn next_steps(suggestion: Suggestion, figures: &WeekFigures) -> String {
    match suggestion {
        Suggestion::OnTrack => "Carry on with the same targets.".to_owned(),
        Suggestion::Watch => figures
            .best_and_hardest()
            .map_or_else(String::new, |(_, hardest)| format!("Agree what would help in {}.", hardest.name)),
        Suggestion::NotResponding => {
            "Look at the plan again with the family and the support services.".to_owned()
        }
        Suggestion::ReadyToExit => "Talk with the family about leaving the programme.".to_owned(),
        Suggestion::CannotTell => "Record every period of the coming week.".to_owned(),
        Suggestion::SupportNotDelivered => "Make sure the planned support sessions take place.".to_owned(),
    }
}

/// The form of a week nobody signed yet, or of the next version of its review.
pub fn review_form(case: &CaseOf, week: &WeekOf, suggestion: Suggestion, signed: Option<&ReviewRow>) -> Form {
    let mut form = Form::empty();
    let name = first_name(case);
    for (id, target) in &week.figures.by_target {
        let light = signed
            .and_then(|row| row.ratings.iter().find(|rated| rated.target == *id).map(|rated| rated.rating))
            .or_else(|| suggested_rating(target.totals(), &case.policy));
        if let Some(light) = light {
            form.set(&format!("rating.{id}"), light.as_str());
        }
    }
    let overall =
        signed.map(ReviewRow::rating).or_else(|| suggested_rating(week.figures.totals(), &case.policy));
    if let Some(overall) = overall {
        form.set("overall", overall.as_str());
    }
    form.set("version", &signed.map_or(0, |row| row.version).to_string());
    if let Some(row) = signed {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        form.set("overall_why", &or_empty(&row.overall_why));
        form.set("went_well", &or_empty(&row.went_well));
        form.set("next_steps", &row.next_steps);
        form.set("services_words", &or_empty(&row.services_words));
        let services: Vec<_> =
            row.services.iter().map(|service| ("services".to_owned(), service.clone())).collect();
        let pairs = form.pairs().iter().cloned().chain(services).collect();
        return Form::from_pairs(pairs);
    }
    form.set("went_well", &week.figures.went_well(name, &week.praise, super::handlers::MAX_WORDS));
    form.set("next_steps", &next_steps(suggestion, &week.figures));
    form
}

/// What the pupil is called.
pub fn first_name(case: &CaseOf) -> &str {
    case.known_as.as_deref().unwrap_or(&case.given_name)
}

/// The message to a parent, to begin with: what was met first, from the same figures as everything else.
pub fn message(case: &CaseOf, days: &str, figures: &WeekFigures, signed: Option<&ReviewRow>) -> String {
    let name = first_name(case);
    let mut sentences = if figures.recorded == 0 {
        vec![format!("{name}’s week, {days}: nothing was recorded.")]
    } else {
        vec![format!("{name}’s week, {days}: {}.", figures.totals().words()), format!("{}.", figures.trend())]
    };
    match signed {
        Some(row) => {
            sentences.extend(row.went_well.clone());
            sentences.push(format!("Next: {}", row.next_steps));
        }
        None => sentences.push(figures.went_well(name, &[], 300)),
    }
    sentences.retain(|sentence| !sentence.is_empty());
    fitting(&sentences, MAX_MESSAGE)
}
