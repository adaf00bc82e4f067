//! What is printed: the written notice to the parents (N1 to N3), one page, and short notices to the others. The wording
//! keeps the decision apart from everything else: it is no means to bring a move about (7.2 A11).

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::Date;

use super::{
    pages::{self, One},
    queries::{self, ContactRow, StepRow},
    views::{self, Line},
};
use crate::{
    db::school,
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{ContactId, ExclusionId},
        permission::Capability,
        pupil::SendStatus,
        suspension::{
            Issuer,
            clocks::Situation,
            history::{Issued, RecordKind},
            notices::Recipient,
            record::Exclusion,
            run::SixthDay,
            tiers::{self, Tier},
        },
    },
    web::{
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// School days the first part of an exclusion has: the parents keep the pupil out of public places (s.104).
const FIRST: usize = 5;

/// To whom.
#[derive(Debug, Default, Deserialize)]
pub struct To {
    contact: Option<String>,
}

#[derive(Template)]
#[template(path = "suspensions/letter.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct LetterPage {
    chrome: Chrome,
    back: String,
    to: String,
    address: Vec<String>,
    confidential: bool,
    language: Option<String>,
    others: Vec<(String, String)>,
    school: String,
    letterhead: Option<String>,
    date: String,
    pupil: String,
    /// Given and family name, once: the letter is kept as a record.
    whom: String,
    permanent: bool,
    lunchtimes_only: bool,
    to_pupil: bool,
    cancelled: Option<String>,
    decided: String,
    period: Vec<String>,
    reasons: Vec<String>,
    words: String,
    exam: Option<String>,
    first_days: Option<String>,
    sixth: Vec<String>,
    board: &'static str,
    meeting: bool,
    by: Option<String>,
    head: String,
    issuer: &'static str,
}

pub async fn letter(
    Id(id): Id<ExclusionId>,
    Query(to): Query<To>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let one = pages::one(&mut visit, id, Capability::SeeWholeCase).await?;
    let steps = queries::steps(visit.tx.conn(), one.pupil.school, id).await?;
    let contacts = queries::contacts(visit.tx.conn(), one.pupil.school, one.pupil.id).await?;
    let wanted = to.contact.map(|id| id.parse::<ContactId>()).transpose().map_err(|_| Error::NotFound)?;
    // Somebody who is not told of it does not exist here: a court order, no parental responsibility.
    let contact = match wanted {
        Some(wanted) => Some(contacts.iter().find(|contact| contact.id == wanted).ok_or(Error::NotFound)?),
        None => None,
    };
    let letterhead = school::letterhead(visit.tx.conn(), one.pupil.school).await?;
    let page =
        LetterPage { letterhead, ..letter_page(visit.chrome(), &one, contact, &contacts, &steps, today)? };
    visit.show(one.trace(&[]), &page).await
}

fn letter_page(
    chrome: Chrome,
    one: &One,
    contact: Option<&ContactRow>,
    contacts: &[ContactRow],
    steps: &[StepRow],
    today: Date,
) -> Result<LetterPage, Error> {
    let issued = one.issued()?;
    let situation = one.history.situation(issued, &one.calendar);
    let to_pupil = issued.about.adult;
    let to = match contact {
        Some(contact) => contact.name.clone(),
        None if to_pupil => one.pupil.name(),
        None => "parent or carer".to_owned(),
    };
    let letter = urls::exclusion_letter(one.row.id);
    let told_on = issued.done().board_told_on().unwrap_or(one.row.decided_on);
    Ok(LetterPage {
        chrome,
        back: urls::exclusion(one.row.id),
        to,
        address: contact.and_then(|c| c.address.as_deref()).map(lines).unwrap_or_default(),
        confidential: contact.is_some_and(|contact| contact.address_confidential),
        language: contact.and_then(|contact| contact.language.clone()),
        others: contacts.iter().map(|c| (format!("{letter}?contact={}", c.id), c.name.clone())).collect(),
        school: one.pupil.school_name.clone(),
        letterhead: None,
        date: dates::long(today),
        pupil: one.pupil.first_name().to_owned(),
        whom: one.pupil.name(),
        permanent: issued.exclusion.is_permanent(),
        lunchtimes_only: !issued.exclusion.is_permanent() && issued.exclusion.decided().sessions().is_empty(),
        to_pupil,
        cancelled: issued.cancelled_on.map(dates::long),
        decided: dates::long(one.row.decided_on),
        period: period(&issued.exclusion, one.pupil.first_name(), &one.calendar),
        reasons: one.reasons(),
        words: one.row.words.clone(),
        exam: one.row.exam_words.clone().zip(issued.exam).map(|(name, at)| format!("{name}, {at}")),
        first_days: issued.about.compulsory_age.then(|| first_days(&issued.exclusion, &one.calendar)),
        sixth: sixth(&situation, steps),
        board: board(situation.duty.tier, issued.exclusion.is_permanent()),
        meeting: situation.duty.tier != Tier::A,
        by: tiers::consider_by(situation.duty.tier, told_on, &one.calendar)
            .and_then(tiers::Deadline::day)
            .map(dates::long),
        head: one.row.by.clone(),
        issuer: Issuer::from_stored(&one.row.issuer).map_or("", Issuer::label),
    })
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

/// From when to when, in sentences.
fn period(exclusion: &Exclusion, pupil: &str, calendar: &SchoolCalendar) -> Vec<String> {
    let suspension = match exclusion {
        Exclusion::Permanent(permanent) => {
            return vec![format!("{pupil} does not attend from {} on.", permanent.first())];
        }
        Exclusion::Suspension(suspension) => suspension,
    };
    let decided = suspension.decided();
    let mut sentences = Vec::new();
    if let (Some(first), Some(last)) = (decided.sessions().first(), decided.sessions().last()) {
        sentences.push(format!("{pupil} is out from {first} to {last}: {}.", views::length(exclusion)));
    }
    if let (Some(first), Some(last)) = (decided.lunchtimes().first(), decided.lunchtimes().last()) {
        let days = dates::range(*first, *last);
        sentences.push(format!("{pupil} leaves the school at lunchtime on each school day of {days}."));
    }
    if !decided.sessions().is_empty() {
        sentences.extend(
            decided
                .back(calendar)
                .ok()
                .flatten()
                .map(|back| format!("{pupil} is back in school for {back}.")),
        );
    }
    sentences
}

/// The first five school days out, or all of them when there are fewer (N3).
fn first_days(exclusion: &Exclusion, calendar: &SchoolCalendar) -> String {
    let days: Vec<_> = match exclusion {
        Exclusion::Suspension(suspension) => suspension.decided().days().into_iter().take(FIRST).collect(),
        Exclusion::Permanent(permanent) => {
            let first = permanent.first().on;
            let rest = (1..u32::try_from(FIRST).unwrap_or(0))
                .map_while(|n| calendar.nth_school_day_after(first, n).ok());
            std::iter::once(first).chain(rest).collect()
        }
    };
    let words: Vec<_> = days.into_iter().map(dates::day_month).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Education from the sixth day: as arranged, or what the parents will hear (N3).
fn sixth(situation: &Situation, steps: &[StepRow]) -> Vec<String> {
    let SixthDay::Owed { on, .. } = situation.sixth else { return Vec::new() };
    let arranged =
        steps.iter().find(|step| step.kind == RecordKind::Education.as_str() && step.taken_back.is_none());
    let Some(step) = arranged else {
        return vec![match on.day() {
            Some(day) => format!(
                "From {} there is full-time education. You hear where, when and whom to report to at least 48 hours \
                 before it starts.",
                dates::full(day)
            ),
            None => "From the sixth school day there is full-time education. You hear where, when and whom to report \
                     to at least 48 hours before it starts."
                .to_owned(),
        }];
    };
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        format!("From {}: {}.", step.starts_on.map(dates::full).unwrap_or_default(), said(&step.provider)),
        format!("Address: {}. Times: {}.", said(&step.address), said(&step.times)),
        format!("On the first day, report to {}.", said(&step.person)),
    ]
}

const fn board(tier: Tier, permanent: bool) -> &'static str {
    match tier {
        Tier::A => {
            "The governing board considers what you say. It does not have to meet, and it cannot end the suspension."
        }
        Tier::B => {
            "If you make representations, the governing board must meet to consider whether the suspension should \
             stand. If you make none, it does not have to meet."
        }
        Tier::C | Tier::D | Tier::E if permanent => {
            "The governing board must meet to consider whether the exclusion should stand. If it does, you may ask for \
             an independent review, and for a special educational needs expert to advise it, whether or not the school \
             recognises such needs."
        }
        Tier::C | Tier::D | Tier::E => {
            "The governing board must meet to consider whether the suspension should stand, whether or not you make \
             representations."
        }
    }
}

/// Notices to others than the parents, as their addresses name them, with their words.
pub fn kinds(issued: &Issued) -> Vec<(&'static str, &'static str)> {
    let about = issued.about;
    [
        (true, Recipient::Authority, "notice to the local authority"),
        (true, Recipient::Board, "notice to the governing board"),
        (
            about.lives_elsewhere && issued.exclusion.is_permanent(),
            Recipient::HomeAuthority,
            "notice to the authority where the pupil lives",
        ),
        (about.social_worker, Recipient::SocialWorker, "notice to the social worker"),
        (about.looked_after, Recipient::VirtualHead, "notice to the virtual school head"),
    ]
    .into_iter()
    .filter(|(needed, ..)| *needed)
    .map(|(_, to, words)| (to.as_str(), words))
    .collect()
}

#[derive(Template)]
#[template(path = "suspensions/notice.html")]
struct NoticePage {
    chrome: Chrome,
    back: String,
    school: String,
    letterhead: Option<String>,
    date: String,
    to: &'static str,
    title: String,
    lines: Vec<Line>,
    words: Option<String>,
    board: Vec<String>,
    cancelled: Vec<Line>,
    head: String,
    issuer: &'static str,
}

pub async fn notice(Id((id, kind)): Id<(ExclusionId, String)>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let one = pages::one(&mut visit, id, Capability::SeeWholeCase).await?;
    let issued = one.issued()?;
    let known = kinds(issued).into_iter().any(|(known, _)| known == kind);
    let to = Recipient::from_stored(&kind).filter(|_| known).ok_or(Error::NotFound)?;
    let letterhead = school::letterhead(visit.tx.conn(), one.pupil.school).await?;
    let page = NoticePage { letterhead, ..notice_page(visit.chrome(), &one, issued, to, today) };
    visit.show(one.trace(&[]), &page).await
}

fn notice_page(chrome: Chrome, one: &One, issued: &Issued, to: Recipient, today: Date) -> NoticePage {
    let situation = one.history.situation(issued, &one.calendar);
    let pupil = &one.pupil;
    let send = [SendStatus::None, SendStatus::SenSupport, SendStatus::Ehcp]
        .into_iter()
        .find(|status| status.as_str() == one.row.send);
    let yes = |yes| if yes { "Yes" } else { "No" }.to_owned();
    let mut lines = vec![
        ("Pupil".to_owned(), format!("{}, {}", pupil.name(), pupil.year(one.row.decided_on))),
        ("Date of birth".to_owned(), dates::long(pupil.born_on)),
        ("Decided".to_owned(), dates::full(one.row.decided_on)),
        ("Length".to_owned(), views::length(&issued.exclusion)),
    ];
    lines.extend(views::period(&issued.exclusion, &one.calendar));
    lines.push(("Reasons, the main one first".to_owned(), one.reasons().join("; ")));
    lines.push(("Special educational needs".to_owned(), send.map_or("", SendStatus::label).to_owned()));
    lines.push(("Looked after".to_owned(), yes(issued.about.looked_after)));
    lines.push(("Has a social worker".to_owned(), yes(issued.about.social_worker)));
    lines.extend(
        one.row
            .exam_words
            .clone()
            .zip(issued.exam)
            .map(|(name, at)| ("Exam that would be missed".to_owned(), format!("{name}, {at}"))),
    );
    lines.push(("From the sixth day".to_owned(), views::sixth(situation.sixth)));
    let for_board = to == Recipient::Board;
    let board = if for_board {
        let duty = situation.duty;
        let mut words =
            vec![format!("Tier {:?}. {}.", duty.tier, duty.tier.because()), duty.tier.duty().to_owned()];
        if let Some(window) = duty.window {
            words.insert(1, format!("{window}: {} in all.", duty.total));
        }
        words.extend(
            tiers::consider_by(duty.tier, today, &one.calendar)
                .map(|by| format!("Told on {}: by {}.", dates::full(today), views::day_or_why(by))),
        );
        words
    } else {
        Vec::new()
    };
    let cancelled = match (issued.cancelled_on, issued.exclusion.cancelled()) {
        (Some(on), Some(back)) => vec![
            ("Cancelled".to_owned(), dates::full(on)),
            ("Because".to_owned(), one.row.cancelled_why.clone().unwrap_or_default()),
            ("Back from".to_owned(), views::capital(back)),
        ],
        _ => Vec::new(),
    };
    NoticePage {
        chrome,
        back: urls::exclusion(one.row.id),
        school: pupil.school_name.clone(),
        letterhead: None,
        date: dates::long(today),
        to: to.label(),
        title: if issued.exclusion.is_permanent() { "Permanent exclusion" } else { "Suspension" }.to_owned(),
        lines,
        words: for_board.then(|| one.row.words.clone()),
        board,
        cancelled,
        head: one.row.by.clone(),
        issuer: Issuer::from_stored(&one.row.issuer).map_or("", Issuer::label),
    }
}
