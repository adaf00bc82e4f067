//! Where a transfer stands; beginning it, stopping it, the files that follow the pupil.

use askama::Template;
use axum::response::Response;
use uuid::Uuid;

use super::queries::{self, PaperRow};
use crate::{
    db::{
        DbError, Moment, calendar as school_calendar,
        case::CaseOf,
        duties, referral,
        transfer::{self, Appended, Author, TransferRow},
    },
    domain::{
        dates,
        duties::Place,
        ids::CaseId,
        pack::{Item, Need, Needs, Presence, Share},
        panel::{Outcome, Verdict},
        permission::{Actor, Capability, PrepareTransfer},
        rules::Class,
        transfer::{Event, File, Route, State, Stopper, rules},
    },
    web::{
        asks,
        case::Identity,
        duty::{About, DutyLine, of_place},
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        pack::{self as shown, Happened},
        page::{Chrome, Flash},
        requirement::{Around, RequirementLine},
        urls,
    },
};

const MAX_WORDS: usize = 2000;

/// A document on the checklist.
pub struct PaperLine {
    pub title: &'static str,
    pub need: &'static str,
    pub status: &'static str,
    pub colour: &'static str,
    pub share: &'static str,
    pub edit: Option<String>,
}

/// A version of the papers.
struct PackLine {
    words: String,
    href: String,
}

/// A record that follows the pupil.
struct FileLine {
    title: &'static str,
    words: String,
    /// Still to be sent: the form's value.
    open: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "transfers/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct TransferPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    case: CaseId,
    standing: &'static str,
    receiving: Option<String>,
    version: i32,
    begun: bool,
    /// It may be begun, or begun again.
    may_begin: bool,
    prepares: bool,
    submits: bool,
    in_preparation: bool,
    can_stop: bool,
    requirements: Vec<RequirementLine>,
    papers: Vec<PaperLine>,
    duties: Vec<DutyLine>,
    packs: Vec<PackLine>,
    decisions: Vec<String>,
    files: Vec<FileLine>,
    open_files: Vec<(&'static str, &'static str)>,
    stoppers: Vec<(&'static str, &'static str)>,
    history: Vec<Happened>,
}

/// What the pupil's pack needs.
pub fn needs(of: &CaseOf) -> Needs {
    Needs { ehcp: of.send == "ehcp", looked_after: of.looked_after }
}

/// The checklist as it stands.
pub fn checklist(of: &CaseOf, papers: &[PaperRow], may_edit: bool) -> Vec<PaperLine> {
    Item::ALL
        .iter()
        .map(|item| {
            let row = papers.iter().find(|row| row.item == item.as_str());
            let presence = row.and_then(|row| Presence::from_stored(&row.presence));
            let share = row.and_then(|row| Share::from_stored(&row.share)).unwrap_or(item.usual_share());
            PaperLine {
                title: item.label(),
                need: match item.need(needs(of)) {
                    Need::Always => "must be there",
                    Need::UnlessReason => "there, or why not",
                    Need::Optional => "optional",
                },
                status: presence.map_or("Missing", Presence::label),
                colour: match presence {
                    Some(Presence::Present) => "green",
                    Some(Presence::NotNeeded) => "grey",
                    Some(Presence::Missing) | None => "yellow",
                },
                share: share.label(),
                edit: may_edit.then(|| urls::pack_item(of.id, item.as_str())),
            }
        })
        .collect()
}

fn file_lines(row: &TransferRow) -> Vec<FileLine> {
    if !matches!(
        row.state.state,
        State::ReceivingAccepted { .. } | State::OnRoll { .. } | State::Closed { .. }
    ) {
        return Vec::new();
    }
    [(File::ChildProtection, row.state.protection), (File::Ctf, row.state.ctf)]
        .into_iter()
        .map(|(file, sent)| {
            let words = match (sent.none, sent.sent_on, sent.received_on) {
                (true, ..) => "There is none.".to_owned(),
                (_, Some(on), None) => format!("Sent on {}, no receipt yet.", dates::long(on)),
                (_, Some(on), Some(got)) => {
                    format!("Sent on {}, received on {}.", dates::long(on), dates::long(got))
                }
                (_, None, Some(got)) => format!("Received on {}.", dates::long(got)),
                (_, None, None) => "Not sent yet.".to_owned(),
            };
            let open = sent.sent_on.is_none() && !sent.none;
            FileLine { title: file.label(), words, open: open.then(|| file.as_str()) }
        })
        .collect()
}

async fn page(
    conn: &mut sqlx::PgConnection,
    chrome: Chrome,
    form: Form,
    of: &CaseOf,
    actor: &Actor,
    moment: Moment,
) -> Result<TransferPage, Error> {
    let today = moment.today;
    let row = transfer::of_case(conn, of.id, of.school).await?;
    let ground = transfer::ground(conn, of).await?;
    let calendar = school_calendar::of_school(conn, of.school, today).await?;
    let owed = duties::of_case(conn, of, moment).await?;
    let prepares = actor.may_at(Capability::PrepareTransfer, of.school);
    let over = row.as_ref().is_none_or(|row| row.state.is_over());
    let in_preparation = row.as_ref().is_some_and(|row| row.state.is_in_preparation());
    let open = of.closed_on.is_none();
    let asked = if over { rules::to_begin(&ground, Route::ManagedMove) } else { Vec::new() };
    let blocked = asked.iter().any(|r| r.class == Class::Must && !r.met);
    let files = row.as_ref().map_or_else(Vec::new, file_lines);
    let (mut papers, mut packs, mut decisions, mut history) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if let Some(row) = &row {
        papers = queries::papers(conn, row.id, of.school).await?;
        packs = queries::submitted(conn, row.id, of.school).await?;
        decisions = queries::decisions(conn, row.id, of.school).await?;
        let events = transfer::events(conn, row.id, of.school).await?;
        history = shown::history(events, &transfer::school_names(conn).await?);
    }
    Ok(TransferPage {
        chrome,
        identity: Identity::of(of, actor, today, "Transfer"),
        case: of.id,
        standing: row.as_ref().map_or(State::None.label(), |row| row.state.state.label()),
        receiving: row.as_ref().and_then(|row| row.receiving_name.clone()),
        version: row.as_ref().map_or(0, |row| row.version),
        begun: row.is_some(),
        may_begin: over
            && open
            && prepares
            && !blocked
            && row.as_ref().is_none_or(|row| row.receiving.is_none()),
        prepares,
        submits: actor.may_at(Capability::SubmitToPanel, of.school) && open,
        in_preparation,
        can_stop: prepares && row.as_ref().is_some_and(|row| row.state.can_stop()),
        requirements: asks::lines(&asked, &form, Some(Around::case(of, actor))),
        papers: if row.is_some() {
            checklist(of, &papers, prepares && in_preparation && open)
        } else {
            Vec::new()
        },
        duties: of_place(&owed, Place::Transfer, About::case(of, actor), &calendar, today),
        packs: packs
            .into_iter()
            .map(|pack| PackLine {
                words: format!(
                    "Version {}, submitted on {} by {}{}",
                    pack.version,
                    dates::long(pack.on_date),
                    pack.by,
                    match (pack.panel, pack.meets_on) {
                        (Some(panel), Some(day)) => format!(" to {panel} of {}", dates::long(day)),
                        _ => String::new(),
                    }
                ),
                href: format!("{}/pack?version={}", urls::transfer(of.id), pack.version),
            })
            .collect(),
        decisions: decisions.into_iter().map(decided).collect(),
        open_files: files.iter().filter_map(|file| Some((file.open?, file.title))).collect(),
        files,
        stoppers: Stopper::choices(),
        history,
        form,
    })
}

fn decided(d: queries::Decided) -> String {
    let what = match (Verdict::from_stored(&d.outcome), d.to_school) {
        (Some(Verdict::Allocate), Some(school)) => format!("a place at {school}"),
        (Some(verdict), _) => verdict.label().to_lowercase(),
        (None, _) => d.outcome,
    };
    let day = |day| format!(" First day proposed: {}.", dates::long(day));
    format!(
        "{} of {}: {what}. {}{}{}",
        d.panel,
        dates::long(d.on_date),
        d.reasons,
        d.conditions.map_or_else(String::new, |c| format!(" Conditions: {c}")),
        d.starts_on.map_or_else(String::new, day)
    )
}

pub async fn index(Id(case): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let moment = visit.tx.moment();
    let of = visit.case(case, Capability::SeeWholeCase).await?;
    let (chrome, actor) = (visit.chrome(), visit.actor().clone());
    let page = page(visit.tx.conn(), chrome, start(moment.today), &of, &actor, moment).await?;
    visit.show(of.trace(&[]), &page).await
}

fn start(today: time::Date) -> Form {
    let mut form = Form::empty();
    form.set_date("sent_on", today);
    form
}

/// The page once more, with what was typed.
async fn again(mut posted: Posted, of: &CaseOf) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let (chrome, actor, form) = (posted.chrome(), posted.actor().clone(), posted.form.clone());
    let page = page(posted.tx.conn(), chrome, form, of, &actor, moment).await?;
    posted.again(&page).await
}

pub async fn begin(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.open_case::<PrepareTransfer>(case).await?;
    let before = transfer::of_case(posted.tx.conn(), case, of.school).await?;
    if before.as_ref().is_some_and(|row| !row.state.is_over()) {
        return Err(Error::Done(urls::transfer(case)));
    }
    if before.is_some_and(|row| row.state.receiving().is_some()) {
        return Err(Error::BadRequest("The pupil has moved to another school, where a new case can begin."));
    }
    let ground = transfer::ground(posted.tx.conn(), &of).await?;
    let route = posted.form.choice("route", Route::from_stored, "Select how the transfer is made");
    if let Some(route) = route {
        asks::settle(&mut posted.form, &rules::to_begin(&ground, route));
        if route == Route::OffSite {
            posted.form.fail("route", "An off-site direction has a page of its own");
        }
    }
    if posted.needs_another_look() {
        return again(posted, &of).await;
    }
    let id = Uuid::now_v7().into();
    match transfer::begin(posted.tx.conn(), Author::from(&permit), &of, id, (today, now)).await {
        // Somebody else began it at this moment.
        Err(DbError::Constraint { constraint }) if constraint == "transfers_one_open" => {
            return Err(Error::Done(urls::transfer(case)));
        }
        other => other?,
    };
    posted.done(of.trace(&["transfer"]), &urls::transfer(case), Some(Flash::TransferBegun)).await
}

/// The transfer of a case somebody posts about: 404 without one.
pub async fn transfer_of(posted: &mut Posted, of: &CaseOf) -> Result<TransferRow, Error> {
    transfer::of_case(posted.tx.conn(), of.id, of.school).await?.ok_or(Error::NotFound)
}

/// Somebody was faster: where it stands now and what was sent.
pub fn overtaken(case: CaseId, standing: &str, sent: &str) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This transfer".to_owned(),
        changed: "Somebody changed it since you opened the page".to_owned(),
        fields: vec![("Transfer".to_owned(), standing.to_owned(), sent.to_owned())],
        edit: urls::transfer(case),
    }))
}

/// What happened between somebody's reading and writing is a conflict, what the transfer cannot do a bad request.
fn happened(appended: Appended, case: CaseId, standing: &str, sent: &str) -> Result<TransferRow, Error> {
    match appended {
        Appended::Done(row) => Ok(*row),
        Appended::Impossible => Err(Error::BadRequest("That cannot follow where the transfer stands.")),
        Appended::Overtaken => Err(overtaken(case, standing, sent)),
    }
}

pub async fn withdraw(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (of, permit) = posted.case::<PrepareTransfer>(case).await?;
    let row = transfer_of(&mut posted, &of).await?;
    if !row.state.can_stop() {
        return Err(Error::BadRequest("The pupil has moved, or the transfer is over: there is no way back."));
    }
    let by = posted.form.choice("by", Stopper::from_stored, "Select who stops it");
    let words = posted.form.paragraph("words", "Why it stops", MAX_WORDS);
    let (false, Some(by), Some(words)) = (posted.needs_another_look(), by, words) else {
        return again(posted, &of).await;
    };
    let standing = row.state.state.label();
    if posted.form.value("version") != row.version.to_string() {
        return Err(overtaken(case, standing, &words));
    }
    let author = Author::from(&permit);
    let conn = posted.tx.conn();
    let appended =
        transfer::append(conn, author, row, &Event::Withdrawn { by }, Some(&words), None, (today, now))
            .await?;
    let row = happened(appended, case, standing, &words)?;
    referral::settle(posted.tx.conn(), author, &row, Outcome::Withdrawn, now).await?;
    posted.done(of.trace(&["transfer"]), &urls::transfer(case), Some(Flash::TransferStopped)).await
}

pub async fn files(Id(case): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    // The case may be closed by then: the pupil has left.
    let (of, permit) = posted.case::<PrepareTransfer>(case).await?;
    let row = transfer_of(&mut posted, &of).await?;
    let file = posted.form.choice("file", File::from_stored, "Select which file");
    let none = posted.form.checked("none", "yes");
    let on = if none { Some(today) } else { posted.form.date("sent_on", "The day it was sent") };
    if on.is_some_and(|on| on > today) {
        posted.form.fail("sent_on", "The day it was sent must be today or in the past");
    }
    if none && file == Some(File::Ctf) {
        posted.form.fail("file", "There is a common transfer file for every pupil");
    }
    let (false, Some(file), Some(on)) = (posted.needs_another_look(), file, on) else {
        return again(posted, &of).await;
    };
    let event = if none { Event::NoFile { file } } else { Event::FileSent { file, on } };
    let standing = row.state.state.label();
    let author = Author::from(&permit);
    let appended = transfer::append(posted.tx.conn(), author, row, &event, None, None, (today, now)).await?;
    happened(appended, case, standing, file.label())?;
    posted.done(of.trace(&["transfer_file"]), &urls::transfer(case), Some(Flash::FileNoted)).await
}
