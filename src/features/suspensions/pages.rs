//! The suspensions of a pupil with their totals, and one exclusion with what is owed and done.

use askama::Template;
use axum::response::Response;
use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{
    queries::{self, Row, StepRow},
    views::{self, Follows, Line, Total},
};
use crate::{
    db::{
        Trace, calendar,
        exclusions::{self, PupilOf},
    },
    domain::{
        calendar::SchoolCalendar,
        dates,
        ids::{ExclusionId, PupilId},
        permission::{Action, Actor, Capability, Permit},
        step::Told,
        suspension::{
            HalfDays, Issuer, Reason,
            clocks::{Owed, What},
            count::{self, Ceiling},
            history::{History, Issued, Outcome, RecordKind},
            notices::{NoticeKind, Recipient},
            run::SixthDay,
            terms::Years,
            tiers::{self, Tier},
        },
    },
    state::london,
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        page::Chrome,
        urls,
    },
};

/// The pupil, for somebody who holds `needs` at their school: 404 or 403 otherwise.
pub async fn pupil(visit: &mut Visit, id: PupilId, needs: Capability) -> Result<PupilOf, Error> {
    let today = visit.tx.today();
    let pupil = exclusions::pupil(visit.tx.conn(), id, today).await?.ok_or(Error::NotFound)?;
    visit.actor().require(needs, pupil.school)?;
    Ok(pupil)
}

/// The pupil with the proof that `A` is allowed at their school: 404 or 403 otherwise.
pub async fn pupil_posted<A: Action>(
    posted: &mut Posted,
    id: PupilId,
) -> Result<(PupilOf, Permit<A>), Error> {
    let today = posted.tx.today();
    let pupil = exclusions::pupil(posted.tx.conn(), id, today).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit(pupil.school)?;
    Ok((pupil, permit))
}

/// An exclusion with everything around it.
pub struct One {
    pub row: Row,
    pub pupil: PupilOf,
    pub history: History,
    /// The school's calendar around the day of the decision.
    pub calendar: SchoolCalendar,
}

impl One {
    /// The exclusion, when the pupil is still at the school that issued it.
    pub async fn of(conn: &mut PgConnection, id: ExclusionId, today: Date) -> Result<Self, Error> {
        let row = queries::rows(conn, Some(id), None).await?.pop().ok_or(Error::NotFound)?;
        let pupil = exclusions::pupil(conn, row.pupil, today).await?;
        let pupil = pupil.filter(|pupil| pupil.school == row.school).ok_or(Error::NotFound)?;
        let history = exclusions::of_pupil(conn, pupil.id, row.school, row.case).await?;
        let calendar = calendar::of_school(conn, pupil.school, row.decided_on).await?;
        Ok(Self { row, pupil, history, calendar })
    }

    /// As the law reads it.
    pub fn issued(&self) -> Result<&Issued, Error> {
        self.history.get(self.row.id).ok_or(Error::NotFound)
    }

    /// The reasons with their codes.
    pub fn reasons(&self) -> Vec<String> {
        views::reasons(&self.row.reasons)
    }

    /// For the audit trail.
    pub fn trace(&self, changed: &'static [&'static str]) -> Trace {
        trace(&self.pupil, self.row.id.uuid(), changed)
    }
}

/// The exclusion, for somebody who holds `needs` at its school.
pub async fn one(visit: &mut Visit, id: ExclusionId, needs: Capability) -> Result<One, Error> {
    let today = visit.tx.today();
    let one = One::of(visit.tx.conn(), id, today).await?;
    visit.actor().require(needs, one.pupil.school)?;
    Ok(one)
}

/// What a page about this pupil leaves in the audit trail.
pub fn trace(pupil: &PupilOf, subject: Uuid, changed: &'static [&'static str]) -> Trace {
    Trace {
        subject: Some(subject),
        school: Some(pupil.school),
        pupils: vec![pupil.id],
        changed,
        ..Trace::default()
    }
}

#[derive(Template)]
#[template(path = "suspensions/index.html")]
struct IndexPage {
    chrome: Chrome,
    name: String,
    about: String,
    back: String,
    lines: Vec<ListLine>,
    totals: Vec<Total>,
    /// Why there are no totals.
    missing: Option<String>,
    given: Vec<Line>,
    elsewhere: Option<String>,
    suspend: Option<String>,
    case: Option<String>,
    export: Option<String>,
}

struct ListLine {
    href: String,
    title: String,
    length: String,
    reason: &'static str,
    state: Vec<(&'static str, String)>,
    next: Option<String>,
}

pub async fn index(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let pupil = pupil(&mut visit, id, Capability::SeeWholeCase).await?;
    let history = exclusions::of_pupil(visit.tx.conn(), id, pupil.school, pupil.case).await?;
    let calendar = calendar::of_school(visit.tx.conn(), pupil.school, today).await?;
    let rows = queries::rows(visit.tx.conn(), None, Some((id, pupil.school))).await?;
    let given = queries::elsewhere(visit.tx.conn(), pupil.school, id).await?;
    let (totals, missing) = totals(&history, today, &calendar);
    let may = |capability| visit.actor().may_at(capability, pupil.school);
    let page = IndexPage {
        chrome: visit.chrome(),
        name: pupil.name(),
        about: format!("{}, {}", pupil.year(today), pupil.school_name),
        back: urls::pupil(id),
        lines: rows.iter().filter_map(|row| list_line(row, &history, &calendar, today)).collect(),
        totals,
        missing,
        given: given
            .iter()
            .map(|row| {
                let days = HalfDays(u32::from(row.half_days.unsigned_abs()));
                (format!("{days}, {} to {}", row.school_year, row.school_year + 1), row.source.clone())
            })
            .collect(),
        elsewhere: may(Capability::RecordExclusionSteps).then(|| urls::days_elsewhere(id)),
        suspend: may(Capability::IssueExclusions).then(|| urls::suspend(id)),
        case: pupil.case.map(urls::case),
        export: may(Capability::ExportCases).then(|| urls::export_suspensions(id)),
    };
    visit.show(trace(&pupil, id.uuid(), &[]), &page).await
}

/// Where the pupil stands today: this legal term and this school year, split by school; or why that is not known.
fn totals(history: &History, today: Date, calendar: &SchoolCalendar) -> (Vec<Total>, Option<String>) {
    let sum = match count::standing(&history.ledger(), today, Years::Calendar(calendar)) {
        Ok(sum) => sum,
        Err(missing) => {
            let why =
                format!("Cannot compute: {missing}. Ask the LA administrator to add the school’s terms.");
            return (Vec::new(), Some(why));
        }
    };
    let split = |split: &count::Split| {
        vec![format!("{} at this school", split.here), format!("{} at other schools", split.elsewhere)]
    };
    let mut totals = Vec::new();
    for term in &sum.windows {
        let mut parts = split(&term.split);
        if term.undated > HalfDays::NONE {
            parts.push(format!("{} more this school year without their term", term.undated));
        }
        let ticks = [(5, "5: the governing board is told at once"), (15, "15: it must consider")];
        let heading = format!("This legal term: {}", term.window);
        totals.push(Total::new(heading, term.split.total(), parts, HalfDays::days(20), &ticks));
    }
    for year in &sum.years {
        let mut parts = split(&year.split);
        parts.push(Ceiling::of(year.split.total()).words());
        let heading = format!("This school year: {}", year.year);
        let total = year.split.total();
        totals.push(Total::new(
            heading,
            total,
            parts,
            HalfDays::CEILING,
            &[(45, "45: the most the law allows")],
        ));
    }
    (totals, None)
}

fn list_line(row: &Row, history: &History, calendar: &SchoolCalendar, today: Date) -> Option<ListLine> {
    let issued = history.get(row.id)?;
    let owed = history.owed(issued, calendar);
    let overdue = owed.iter().filter(|owed| owed.overdue(today)).count();
    let mut state = Vec::new();
    if issued.cancelled_on.is_some() {
        state.push(("grey", "Cancelled".to_owned()));
    }
    if overdue > 0 {
        state.push(("red", format!("{overdue} overdue")));
    }
    Some(ListLine {
        href: urls::exclusion(row.id),
        title: format!(
            "{}, {}",
            if issued.exclusion.is_permanent() { "Permanent exclusion" } else { "Suspension" },
            dates::short(row.decided_on)
        ),
        length: views::length(&issued.exclusion),
        reason: row.reasons.first().and_then(|code| Reason::from_stored(code)).map_or("", Reason::label),
        state,
        next: owed.first().map(|owed| owed.what.words()),
    })
}

#[derive(Template)]
#[template(path = "suspensions/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct ShowPage {
    chrome: Chrome,
    name: String,
    title: String,
    back: String,
    permanent: bool,
    issued: Vec<Line>,
    /// The suspension before and the one after: address and words.
    around: Vec<(String, String)>,
    words: String,
    cancelled: Vec<Line>,
    reopen: Option<String>,
    owed: Vec<OwedLine>,
    /// P2.03a: the reason is still to be given.
    explanation: bool,
    may_record: bool,
    explain: String,
    records: Vec<(String, &'static str)>,
    done: Vec<DoneLine>,
    take_back: String,
    follows: Follows,
    after: Vec<String>,
    letter: String,
    notices: Vec<(String, String)>,
    cancel: Option<String>,
    /// Too late to cancel: the board has begun to meet.
    begun: bool,
    further: Option<String>,
}

struct OwedLine {
    words: String,
    clause: &'static str,
    who: &'static str,
    by: String,
    overdue: bool,
    record: Option<String>,
}

struct DoneLine {
    id: String,
    words: String,
    detail: Vec<String>,
    when: String,
    taken_back: Option<String>,
}

pub async fn show(Id(id): Id<ExclusionId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let one = one(&mut visit, id, Capability::SeeWholeCase).await?;
    let steps = queries::steps(visit.tx.conn(), one.pupil.school, id).await?;
    let page = ShowPage::of(visit.chrome(), visit.actor(), &one, steps, today)?;
    visit.show(one.trace(&[]), &page).await
}

impl ShowPage {
    fn of(chrome: Chrome, actor: &Actor, one: &One, steps: Vec<StepRow>, today: Date) -> Result<Self, Error> {
        let issued = one.issued()?;
        let (id, school) = (one.row.id, one.pupil.school);
        let weighed = one.history.weigh(issued, &one.calendar);
        let told_on = issued.done().board_told_on().unwrap_or(one.row.decided_on);
        let may_record = actor.may_at(Capability::RecordExclusionSteps, school);
        let may_issue = actor.may_at(Capability::IssueExclusions, school);
        let permanent = issued.exclusion.is_permanent();
        let stands = issued.cancelled_on.is_none();
        // 2.6: where the board decides about a return, nobody cancels once it has begun to meet.
        let begun = weighed.duty.tier != Tier::A && issued.board_met().is_some();
        let owed = one.history.owed(issued, &one.calendar);
        Ok(Self {
            chrome,
            name: one.pupil.name(),
            title: if permanent { "Permanent exclusion" } else { "Suspension" }.to_owned(),
            back: urls::suspensions(one.pupil.id),
            permanent,
            issued: issued_lines(one),
            around: around(&one.row),
            words: one.row.words.clone(),
            cancelled: cancelled_lines(one, issued),
            reopen: one
                .row
                .case
                .filter(|_| {
                    permanent && !issued.stands() && one.row.case_ended_as.as_deref() == Some("excluded")
                })
                .map(|case| urls::a_move(case, "reopen3")),
            owed: owed.iter().map(|owed| OwedLine::of(owed, id, today, may_record)).collect(),
            explanation: issued.owes_explanation(),
            may_record,
            explain: urls::exclusion_step(id, RecordKind::Explained.as_str()),
            records: if may_record { records(issued, &weighed.sixth, id) } else { Vec::new() },
            done: steps.into_iter().map(DoneLine::of).collect(),
            take_back: format!("{}/steps/take-back", urls::exclusion(id)),
            follows: Follows {
                notices: Vec::new(),
                ..Follows::of(&issued.exclusion, &weighed, issued.about, told_on, &one.calendar)
            },
            after: after(issued, weighed.duty.tier, &one.calendar),
            letter: urls::exclusion_letter(id),
            notices: printable(one, issued),
            cancel: (may_issue && stands && !begun).then(|| urls::cancel_exclusion(id)),
            begun: may_issue && stands && begun,
            further: (may_issue && stands && !permanent)
                .then(|| format!("{}?further={id}", urls::suspend(one.pupil.id))),
        })
    }
}

fn issued_lines(one: &One) -> Vec<Line> {
    let row = &one.row;
    let mut lines = vec![
        ("Decided".to_owned(), dates::full(row.decided_on)),
        (
            "By".to_owned(),
            match Issuer::from_stored(&row.issuer) {
                Some(issuer) => format!("{}, {}", row.by, issuer.label()),
                None => row.by.clone(),
            },
        ),
        ("Reasons, the main one first".to_owned(), one.reasons().join("; ")),
    ];
    let mut optional = |key: &str, value: Option<String>| {
        lines.extend(value.map(|value| (key.to_owned(), value)));
    };
    optional(
        "Incident",
        row.incident_on
            .map(|on| format!("{}: {}", dates::long(on), row.incident_what.as_deref().unwrap_or_default())),
    );
    optional("Exam that would be missed", row.exam_words.clone());
    optional("A further one, because", row.further_why.clone());
    optional("New evidence", row.new_evidence.clone());
    optional(
        "Stage 3 of the programme",
        if row.stage_3_considered { Some("Considered first".to_owned()) } else { row.stage_3_why.clone() },
    );
    optional("Guidance", Some(row.guidance.clone()));
    let at = london(row.recorded_at);
    optional("Recorded", Some(format!("{} at {}", dates::long(at.date()), dates::time_of_day(at.time()))));
    lines
}

/// A further suspension and the one it follows lead to each other.
fn around(row: &Row) -> Vec<(String, String)> {
    let link = |words: &str, id: Option<ExclusionId>, on: Option<Date>| {
        Some((urls::exclusion(id?), format!("{words} {}", dates::long(on?))))
    };
    [
        link("It follows the suspension of", row.further_to, row.further_to_on),
        link("Followed by a further one of", row.followed_by, row.followed_on),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn cancelled_lines(one: &One, issued: &Issued) -> Vec<Line> {
    let (Some(on), Some(back)) = (issued.cancelled_on, issued.exclusion.cancelled()) else {
        return Vec::new();
    };
    let row = &one.row;
    vec![
        (
            "Cancelled".to_owned(),
            format!("{}, {}", dates::full(on), row.cancelled_by.as_deref().unwrap_or_default()),
        ),
        ("Because".to_owned(), row.cancelled_why.clone().unwrap_or_default()),
        ("Back from".to_owned(), views::capital(back)),
        ("Days out that still count".to_owned(), issued.exclusion.lost().half_days().to_string()),
    ]
}

impl OwedLine {
    fn of(owed: &Owed, id: ExclusionId, today: Date, may_record: bool) -> Self {
        let record = match &owed.what {
            What::Tell { notice, to, .. } => urls::exclusion_told(id, notice.as_str(), to.as_str()),
            What::SetWork => urls::exclusion_step(id, RecordKind::WorkSet.as_str()),
            What::Educate { .. } => urls::exclusion_step(id, RecordKind::Education.as_str()),
            What::ConsiderRepresentations | What::ConsiderReturn { .. } => {
                urls::exclusion_step(id, RecordKind::BoardDecided.as_str())
            }
            What::TellDecision => urls::exclusion_step(id, RecordKind::DecisionTold.as_str()),
            What::OfferMeeting => urls::exclusion_step(id, RecordKind::MeetingOffered.as_str()),
        };
        Self {
            words: owed.what.words(),
            clause: owed.what.clause(),
            who: if owed.what.by_headteacher() { "Headteacher" } else { "School lead" },
            by: owed.due.map_or_else(|| "The law sets no last day".to_owned(), views::day_or_why),
            overdue: owed.overdue(today),
            record: may_record.then_some(record),
        }
    }
}

/// What can be recorded besides what is owed.
fn records(issued: &Issued, sixth: &SixthDay, id: ExclusionId) -> Vec<(String, &'static str)> {
    use RecordKind as K;
    let kinds = K::ALL.iter().copied().filter(|kind| *kind != K::Told && offered(*kind, issued, sixth));
    kinds.map(|kind| (urls::exclusion_step(id, kind.as_str()), kind.label())).collect()
}

/// Whether a kind of step has its place with an exclusion as it stands.
pub fn offered(kind: RecordKind, issued: &Issued, sixth: &SixthDay) -> bool {
    let stands = issued.cancelled_on.is_none();
    match kind {
        RecordKind::Told | RecordKind::WorkSet => true,
        RecordKind::Education => matches!(sixth, SixthDay::Owed { .. }) || !issued.exclusion.is_permanent(),
        RecordKind::Representations | RecordKind::BoardMet | RecordKind::BoardDecided => stands,
        RecordKind::DecisionTold => issued.decided().is_some(),
        RecordKind::MeetingOffered => !stands,
        RecordKind::ReviewApplied => {
            issued.exclusion.is_permanent() && issued.decided() == Some(Outcome::Upheld)
        }
        RecordKind::Explained => issued.owes_explanation(),
    }
}

/// What the parents can still do, with its day.
fn after(issued: &Issued, tier: Tier, calendar: &SchoolCalendar) -> Vec<String> {
    let mut words = Vec::new();
    let of = |kind| issued.records.iter().find(move |record| record.kind == kind).map(|record| record.on);
    let upheld = issued.decided() == Some(Outcome::Upheld);
    if let (Tier::D, true, Some(told)) = (tier, upheld, of(RecordKind::DecisionTold)) {
        words.push(format!(
            "The parents can apply for an independent review until {}.",
            views::day_or_why(tiers::review_by(told, calendar))
        ));
    }
    if let Some(applied) = of(RecordKind::ReviewApplied) {
        words.push(format!(
            "The independent review panel sits by {}.",
            views::day_or_why(tiers::review_by(applied, calendar))
        ));
    }
    if issued.decided() == Some(Outcome::BroughtBack) && issued.exclusion.is_permanent() {
        words.push("The governing board brings the pupil back. A case that ended with this exclusion can be opened again at Stage 3.".to_owned());
    }
    words
}

/// Notices that can be printed: address and to whom.
fn printable(one: &One, issued: &Issued) -> Vec<(String, String)> {
    super::paper::kinds(issued)
        .into_iter()
        .map(|(kind, words)| (urls::exclusion_notice(one.row.id, kind), words.to_owned()))
        .collect()
}

impl DoneLine {
    fn of(row: StepRow) -> Self {
        let kind = RecordKind::from_stored(&row.kind);
        let notice = row.notice.as_deref().and_then(NoticeKind::from_stored);
        let to = row.recipient.as_deref().and_then(Recipient::from_stored);
        let words = match (kind, notice, to) {
            (Some(RecordKind::Told), Some(notice), Some(to)) => format!("{}: {}", to.label(), notice.label()),
            (Some(kind), ..) => kind.label().to_owned(),
            (None, ..) => "Recorded".to_owned(),
        };
        let mut detail = Vec::new();
        detail.extend(row.outcome.as_deref().and_then(Outcome::from_stored).map(|o| o.label().to_owned()));
        detail.extend(row.at.map(|at| format!("Began at {}", dates::time_of_day(at))));
        detail.extend(row.how.as_deref().and_then(Told::from_stored).map(|how| how.label().to_owned()));
        if let (Some(provider), Some(starts)) = (&row.provider, row.starts_on) {
            detail.push(format!("{provider}, from {}", dates::full(starts)));
        }
        detail.extend(
            [row.address, row.times, row.person.map(|person| format!("Report to {person}"))]
                .into_iter()
                .flatten(),
        );
        detail.extend(row.words);
        let at = london(row.recorded_at);
        Self {
            id: row.id.to_string(),
            words,
            detail,
            when: format!("{}, recorded by {} on {}", dates::full(row.on), row.by, dates::short(at.date())),
            taken_back: row.taken_back,
        }
    }
}
