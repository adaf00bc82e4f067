//! Stage 3 at a glance: what is to be done, in any order, and what came of it.

use std::fmt::Write as _;

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    agreeing::{days_of, plan_of},
    queries::{self, AlternativeRow, AnswerRow},
};
use crate::{
    db::{case::CaseOf, facts},
    domain::{
        dates,
        facts::Facts,
        ids::CaseId,
        meeting::MeetingKind,
        permission::{Actor, Capability},
        stage::CaseState,
        stage_3::{self, Alternative, Answer, Route, Status},
        step::Told,
        support::{Effect, SupportKind},
        text,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        forms::Form,
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "stage_3/show.html")]
pub struct Stage3Page {
    chrome: Chrome,
    identity: Identity,
    case: CaseId,
    /// Why nothing can be written down now.
    away: Option<String>,
    meeting: (String, String),
    tried: Vec<String>,
    considered: String,
    cards: Vec<CardLine>,
    parents: Vec<ParentLine>,
    records: bool,
    decides: bool,
    ways: Vec<(&'static str, &'static str)>,
}

/// An alternative on the page.
struct CardLine {
    title: &'static str,
    word: &'static str,
    href: String,
    status: &'static str,
    tone: &'static str,
    /// Why, and what was chosen.
    lines: Vec<(&'static str, String)>,
    /// Where it goes on, when it is agreed: words and address.
    goes_on: Option<(&'static str, String)>,
    may_change: bool,
    may_agree: bool,
    may_end: bool,
    version: i32,
    /// What was typed to end it and is wrong.
    form: Form,
}

/// A parent on the page.
struct ParentLine {
    name: String,
    href: String,
    print: String,
    /// Contact is forbidden.
    barred: bool,
    answers: Vec<String>,
}

/// Everything the page shows, before it is known who reads it.
pub struct Draft {
    of: CaseId,
    school: crate::domain::ids::SchoolId,
    open: bool,
    state: CaseState,
    known: Facts,
    rows: Vec<AlternativeRow>,
    answers: Vec<AnswerRow>,
    tried: Vec<String>,
}

pub async fn show(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let of = visit.case(id, Capability::SeeWholeCase).await?;
    let draft = page(visit.tx.conn(), &of, today).await?;
    let identity = Identity::of(&of, visit.actor(), today, "Stage 3");
    let page = draft.finish(visit.chrome(), identity, None, visit.actor());
    visit.show(of.trace(&[]), &page).await
}

/// Gathers the page of a case.
pub async fn page(conn: &mut sqlx::PgConnection, of: &CaseOf, today: Date) -> Result<Draft, Error> {
    let (state, known) = facts::of_case(conn, of, false, today).await?;
    let rows = queries::alternatives(conn, of.id, of.school).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let answers = queries::answers(conn, of.id, of.school, &ids).await?;
    let tried = queries::tried(conn, of.id, of.school).await?;
    Ok(Draft {
        of: of.id,
        school: of.school,
        open: of.closed_on.is_none(),
        state,
        known,
        rows,
        answers,
        tried: tried
            .into_iter()
            .map(|row| {
                let kind = SupportKind::from_stored(&row.kind).map_or("Support", SupportKind::label);
                let effect = row.effect.as_deref().and_then(Effect::from_stored);
                match (row.ended_on, effect) {
                    (Some(ended), Some(effect)) => format!(
                        "{kind}, {}: {} to {}. {}",
                        row.provider,
                        dates::short(row.starts_on),
                        dates::short(ended),
                        effect.label()
                    ),
                    _ => format!("{kind}, {}: since {}", row.provider, dates::short(row.starts_on)),
                }
            })
            .collect(),
    })
}

impl Draft {
    /// The page for this person, with what they typed to end an outcome, should something be wrong with it.
    pub fn finish(
        self,
        chrome: Chrome,
        identity: Identity,
        typed: Option<(Alternative, Form)>,
        actor: &Actor,
    ) -> Stage3Page {
        let may = |capability| self.open && actor.may_at(capability, self.school);
        let (records, decides) = (may(Capability::RecordSteps), may(Capability::DecideMoves));
        let at_3 = self.state.stage() == Some(crate::domain::stage::Stage::Three);
        let case = self.of;
        // What was chosen comes first.
        let chosen =
            |kind: &Alternative| self.rows.iter().any(|row| row.kind() == *kind && row.plan.is_some());
        let (first, rest): (Vec<&Alternative>, Vec<&Alternative>) =
            Alternative::ALL.iter().partition(|kind| chosen(kind));
        let cards = first
            .into_iter()
            .chain(rest)
            .map(|kind| {
                let row = self.rows.iter().find(|row| row.kind() == *kind);
                let form = typed.as_ref().filter(|(of, _)| of == kind).map(|(_, form)| form.clone());
                card(case, *kind, row, (records && at_3, decides, records), form.unwrap_or_else(Form::empty))
            })
            .collect();
        let parents = self
            .known
            .contacts
            .iter()
            .filter(|contact| contact.parental_responsibility)
            .map(|contact| ParentLine {
                name: contact.name.clone(),
                href: urls::agreement(case, contact.id),
                print: format!("{}/print", urls::agreement(case, contact.id)),
                barred: contact.no_contact,
                answers: self.answers.iter().filter(|a| a.contact == contact.id).map(answer_words).collect(),
            })
            .collect();
        let named = Alternative::ALL.iter().filter(|kind| kind.named()).count();
        Stage3Page {
            chrome,
            identity,
            case,
            away: (!at_3).then(|| {
                let at = self.state.stage().map_or_else(|| "not open".to_owned(), |stage| format!("at {stage}"));
                format!("The case is {at}. What was said and agreed at Stage 3 is kept here; nothing is added until it is at Stage 3 again.")
            }),
            meeting: meeting(case, &self.known),
            tried: self.tried,
            considered: format!("{} of {named} considered", named - stage_3::unconsidered(&self.known).len()),
            cards,
            parents,
            records,
            decides,
            ways: vec![
                (Status::Ended.as_str(), "It ran its course and was reviewed"),
                (Status::Stopped.as_str(), "It is stopped before its end"),
            ],
        }
    }
}

/// Where the review meeting stands, and where it is.
fn meeting(case: CaseId, known: &Facts) -> (String, String) {
    let latest = known.meetings.iter().rfind(|(_, m)| m.kind == MeetingKind::Stage3 && !m.cancelled);
    let Some((id, m)) = latest else {
        let href = format!("{}/new?kind={}", urls::meetings(case), MeetingKind::Stage3.as_str());
        return ("Not planned yet".to_owned(), href);
    };
    let words = match (m.final_on, m.held_on) {
        (Some(day), _) => format!("Minutes signed off on {}", dates::long(day)),
        (None, Some(day)) => format!("Held on {}, minutes not signed off", dates::long(day)),
        (None, None) => format!("Planned for {}", dates::long(m.planned_on)),
    };
    (words, urls::meeting(case, *id))
}

fn answer_words(row: &AnswerRow) -> String {
    let of = Alternative::from_stored(&row.kind).map_or("", Alternative::label);
    let answer = Answer::from_stored(&row.answer).map_or("", Answer::label);
    let how = Told::from_stored(&row.how).map_or("", Told::label);
    let mut words = format!(
        "{of}: {}. Asked {} on {} by {}",
        text::within(answer),
        text::within(how),
        dates::long(row.asked_on),
        row.by
    );
    if let Some(day) = row.answered_on {
        let _ = write!(words, ", answered on {}", dates::long(day));
    }
    if let Some(presence) = &row.presence {
        let _ = write!(words, ", before {presence}");
    }
    if let Some(said) = &row.words {
        let _ = write!(words, ". {said}");
    }
    words
}

fn card(
    case: CaseId,
    kind: Alternative,
    row: Option<&AlternativeRow>,
    (writes, decides, records): (bool, bool, bool),
    form: Form,
) -> CardLine {
    let word = kind.as_str();
    let Some(row) = row else {
        let (status, tone) =
            if kind.named() { ("Not looked at yet", "yellow") } else { ("Not needed", "grey") };
        return CardLine {
            title: kind.label(),
            word,
            href: urls::alternative(case, word),
            status,
            tone,
            lines: Vec::new(),
            goes_on: None,
            may_change: writes,
            may_agree: false,
            may_end: false,
            version: 0,
            form,
        };
    };
    let status = row.status();
    let mut lines = Vec::new();
    let plan = plan_of(row);
    let route = plan.as_ref().and_then(|plan| plan.route).filter(|_| status == Status::Agreed);
    let goes_on = route.map(|route| match route {
        Route::ManagedMove => ("Its papers and the panel", urls::transfer(case)),
        Route::OffSite => ("The off-site direction", urls::directions(case)),
    });
    if let Some(plan) = plan {
        lines.push(("Chosen", plan.words.clone()));
        if let Some(route) = plan.route {
            lines.push(("How", route.label().to_owned()));
        }
        lines.push(("When", days_of(&plan)));
        if let Some(last) = plan.last_resort {
            lines.push(("Why nothing else will do", last));
        }
    }
    lines.push((if row.considered { "Why" } else { "Not considered, because" }, row.why.clone()));
    lines.extend(row.pupil_view.clone().map(|view| ("The pupil says", view)));
    lines.extend(row.parent_view.clone().map(|view| ("The parents say", view)));
    if let (Some(day), Some(by), true) = (row.decided_on, &row.decided_by, status != Status::Declined) {
        let reasons = row.reasons.values().cloned().collect::<Vec<_>>().join(" ");
        lines.push(("Agreed", format!("{by}, {}. {reasons}", dates::long(day)).trim().to_owned()));
    }
    if let (Some(day), Some(words)) = (row.ended_on, &row.ended_words) {
        lines.push((status.label(), format!("{}: {words}", dates::long(day))));
    }
    CardLine {
        title: kind.label(),
        word,
        href: urls::alternative(case, word),
        status: status.label(),
        tone: match status {
            Status::NotChosen => "grey",
            Status::Proposed => "blue",
            Status::Agreed => "green",
            Status::Declined | Status::Stopped => "orange",
            Status::Ended => "turquoise",
        },
        lines,
        goes_on,
        may_change: writes && matches!(status, Status::NotChosen | Status::Proposed),
        may_agree: decides && status == Status::Proposed,
        may_end: records && status == Status::Agreed,
        version: row.version,
        form,
    }
}
