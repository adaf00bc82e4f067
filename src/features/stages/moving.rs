//! A move: what it asks on a day of one's choice, deciding it, proposing it, answering a proposal.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use time::{Date, format_description::well_known::Iso8601};

use super::queries::{self, IncidentLine};
use crate::{
    db::{DbError, calendar as school_calendar, case::CaseOf, facts},
    domain::{
        calendar::SchoolCalendar,
        dates,
        decision::{self, Command, Reasons, Standing, standing},
        facts::Facts,
        ids::{CaseId, IncidentId, ProposalId},
        moves::{self, Ground},
        permission::{Actor, Capability, DecideMoves, Permit, ProposeMoves},
        rules::Requirement,
        stage::{CaseState, Ended, Ending, Stage, UpReason},
    },
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        requirement::{Around, RequirementLine, read_reasons},
        urls,
    },
};

/// A move of a case, as its page is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up(Stage),
    Down(Stage),
    Extend,
    Exit,
    Close(Ending),
    Reopen(Stage),
}

impl Move {
    const ALL: [Self; 13] = [
        Self::Up(Stage::Two),
        Self::Up(Stage::Three),
        Self::Extend,
        Self::Exit,
        Self::Down(Stage::One),
        Self::Down(Stage::Two),
        Self::Close(Ending::Left),
        Self::Close(Ending::MovedOut),
        Self::Close(Ending::Excluded),
        Self::Close(Ending::OpenedInError),
        Self::Reopen(Stage::One),
        Self::Reopen(Stage::Two),
        Self::Reopen(Stage::Three),
    ];

    /// The moves there are from where a case stands (7.3).
    pub fn from(state: &CaseState) -> impl Iterator<Item = Self> {
        let state = *state;
        Self::ALL.into_iter().filter(move |a| match (a, state) {
            (Self::Up(to), CaseState::Open { stage, .. }) => *to > stage,
            (Self::Down(to), CaseState::Open { stage, .. }) => *to < stage,
            (Self::Extend | Self::Exit | Self::Close(_), CaseState::Open { .. }) => true,
            // A20: after a permanent exclusion at Stage 3; otherwise a correction, where it was.
            (Self::Reopen(to), CaseState::Ended { how: Ended::Otherwise(Ending::Excluded), .. }) => {
                *to == Stage::Three
            }
            (Self::Reopen(to), CaseState::Ended { stage, .. }) => *to == stage,
            _ => false,
        })
    }

    /// The move a command makes; opening a case is none.
    pub const fn made_by(command: &Command) -> Option<Self> {
        Some(match command {
            Command::Open { .. } => return None,
            Command::MoveUp { to, .. } => Self::Up(*to),
            Command::StepDown { to } => Self::Down(*to),
            Command::Extend { .. } => Self::Extend,
            Command::Exit { .. } => Self::Exit,
            Command::Close { ending } => Self::Close(*ending),
            Command::Reopen { stage } => Self::Reopen(*stage),
        })
    }

    /// What a command that is not carried out would do: "Move to Stage 2. Behaviour has got worse".
    pub fn asked(command: &Command) -> String {
        let title = Self::made_by(command).map_or("Open a case", Self::title);
        match command {
            Command::MoveUp { reason, .. } => format!("{title}. {}", reason.label()),
            _ => title.to_owned(),
        }
    }

    /// As its address says it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Up(Stage::One | Stage::Two) => "up2",
            Self::Up(Stage::Three) => "up3",
            Self::Down(Stage::One) => "down1",
            Self::Down(Stage::Two | Stage::Three) => "down2",
            Self::Extend => "extend",
            Self::Exit => "exit",
            Self::Close(ending) => ending.as_str(),
            Self::Reopen(Stage::One) => "reopen1",
            Self::Reopen(Stage::Two) => "reopen2",
            Self::Reopen(Stage::Three) => "reopen3",
        }
    }

    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.code() == code)
    }

    /// What the page is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Up(Stage::One | Stage::Two) => "Move to Stage 2",
            Self::Up(Stage::Three) => "Move to Stage 3",
            Self::Down(Stage::One) => "Step down to Stage 1",
            Self::Down(Stage::Two | Stage::Three) => "Step down to Stage 2",
            Self::Extend => "Extend the timescale",
            Self::Exit => "Leave the programme with progress",
            Self::Close(Ending::Left) => "Close: the pupil left the school",
            Self::Close(Ending::MovedOut) => "Close: the pupil moved out of the area",
            Self::Close(Ending::Excluded) => "Close: permanent exclusion",
            Self::Close(Ending::OpenedInError) => "Close: opened by mistake",
            Self::Reopen(Stage::One) => "Open again at Stage 1",
            Self::Reopen(Stage::Two) => "Open again at Stage 2",
            Self::Reopen(Stage::Three) => "Open again at Stage 3",
        }
    }

    /// What its button does.
    const fn act(self) -> &'static str {
        match self {
            Self::Close(_) => "Close the case",
            Self::Up(_) | Self::Down(_) | Self::Extend | Self::Exit | Self::Reopen(_) => self.title(),
        }
    }

    /// When it is the right one.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Up(Stage::One | Stage::Two) => "Behaviour fails to improve or gets worse. Never automatic",
            Self::Up(Stage::Three) => "A further or serious incident that may lead to a permanent exclusion",
            Self::Down(_) => "Back to more usual monitoring, with new targets",
            Self::Extend => "Some progress: more time for the same targets",
            Self::Exit => "Progress is made within the agreed timescale",
            Self::Close(Ending::Left) => "Also at the end of Year 11",
            Self::Close(Ending::MovedOut) => "The next school is outside the authority",
            Self::Close(Ending::Excluded) => "Records what the headteacher decided. Nothing here holds it up",
            Self::Close(Ending::OpenedInError) => "There should be no case",
            Self::Reopen(_) => "After an exclusion was taken back, or to correct yesterday’s end",
        }
    }

    /// The command, with what the form says. None: something is missing, and the message is on the form.
    fn command(self, form: &mut Form) -> Option<Command> {
        let incident = form.value("incident").parse::<IncidentId>().ok();
        let exclusion_in_view = form.checked("exclusion_in_view", "yes");
        Some(match self {
            Self::Up(to) => Command::MoveUp {
                to,
                reason: form.choice("why", UpReason::from_stored, "Select why the case moves up")?,
                incident,
                exclusion_in_view,
            },
            Self::Down(to) => Command::StepDown { to },
            Self::Extend => Command::Extend { until: form.date("until", "The new date")? },
            Self::Exit => Command::Exit {
                told_parents: form.checked("told_parents", "yes"),
                told_pupil: form.checked("told_pupil", "yes"),
                recognised: form.checked("recognised", "yes"),
            },
            Self::Close(ending) => Command::Close { ending },
            Self::Reopen(stage) => Command::Reopen { stage },
        })
    }

    /// The command as it would be with everything the form can say said: for a page nobody has filled in yet.
    fn usual(self, today: Date) -> Command {
        match self {
            Self::Up(to) => Command::MoveUp {
                to,
                reason: UpReason::NotImproving,
                incident: None,
                exclusion_in_view: false,
            },
            Self::Down(to) => Command::StepDown { to },
            Self::Extend => Command::Extend { until: today + time::Duration::weeks(3) },
            Self::Exit => Command::Exit { told_parents: false, told_pupil: false, recognised: false },
            Self::Close(ending) => Command::Close { ending },
            Self::Reopen(stage) => Command::Reopen { stage },
        }
    }
}

#[derive(Template)]
#[template(path = "stages/move.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct MovePage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    title: &'static str,
    code: &'static str,
    action: String,
    back: String,
    is_up: bool,
    is_up_3: bool,
    is_extend: bool,
    is_exit: bool,
    is_exclusion: bool,
    reasons: Vec<(&'static str, &'static str)>,
    incidents: Vec<(String, String)>,
    on: String,
    on_words: String,
    what_if: bool,
    requirements: Vec<RequirementLine>,
    verdict: String,
    button: &'static str,
}

impl MovePage {
    /// What is not in place.
    fn missing(&self) -> Vec<&RequirementLine> {
        self.requirements.iter().filter(|line| !line.met).collect()
    }

    /// What is.
    fn met(&self) -> Vec<&RequirementLine> {
        self.requirements.iter().filter(|line| line.met).collect()
    }
}

/// Everything around a move.
struct Setting {
    case: CaseOf,
    state: CaseState,
    known: Facts,
    calendar: SchoolCalendar,
    incidents: Vec<IncidentLine>,
}

impl Setting {
    async fn of(
        conn: &mut sqlx::PgConnection,
        case: CaseOf,
        decides: bool,
        today: Date,
    ) -> Result<Self, Error> {
        let calendar = school_calendar::of_school(conn, case.school, today).await?;
        let (state, known) = facts::of_case(conn, &case, decides, today).await?;
        let incidents = queries::incidents(conn, case.school, case.pupil, today).await?;
        Ok(Self { case, state, known, calendar, incidents })
    }

    fn ground(&self, today: Date) -> Ground<'_> {
        Ground {
            case: &self.state,
            facts: &self.known,
            policy: &self.case.policy,
            calendar: &self.calendar,
            today,
        }
    }

    /// The page of a move with its list as it stands, or would stand on another day.
    fn page(
        &self,
        chrome: Chrome,
        form: Form,
        actor: &Actor,
        a: Move,
        command: &Command,
        (today, on): (Date, Date),
    ) -> MovePage {
        let around = Around::case(&self.case, actor);
        let identity = Identity::of(&self.case, actor, today, "Stage");
        let list = moves::asks(command, &self.ground(on));
        // Whoever proposes does not put right that the headteacher decides.
        let counts = |r: &&Requirement| self.known.decides || r.clause != "A8";
        let count =
            |wanted: Standing| list.iter().filter(counts).filter(|r| standing(r, command) == wanted).count();
        let proposes = !self.known.decides && list.iter().any(|r| r.clause == "A8" && !r.met);
        let verdict = match (count(Standing::Blocks), count(Standing::AsksWhy)) {
            (0, 0) if proposes => "You can propose this. The headteacher decides.".to_owned(),
            (0, 0) => "Nothing stands in the way.".to_owned(),
            (0, 1) => "One point asks for a reason.".to_owned(),
            (0, n) => format!("{n} points ask for a reason."),
            (1, _) => "One point must be put right first.".to_owned(),
            (n, _) => format!("{n} points must be put right first."),
        };
        let mut incidents = vec![(String::new(), "None".to_owned())];
        incidents.extend(
            self.incidents
                .iter()
                .map(|i| (i.id.to_string(), format!("{}: {}", dates::short(i.happened_on), i.what))),
        );
        MovePage {
            chrome,
            form,
            identity,
            title: a.title(),
            code: a.code(),
            action: format!("{}/move", urls::stage(self.case.id)),
            back: urls::stage(self.case.id),
            is_up: matches!(a, Move::Up(_)),
            is_up_3: a == Move::Up(Stage::Three),
            is_extend: a == Move::Extend,
            is_exit: a == Move::Exit,
            is_exclusion: a == Move::Close(Ending::Excluded),
            reasons: UpReason::choices(),
            incidents,
            on: on.to_string(),
            on_words: dates::full(on),
            what_if: on != today,
            requirements: list
                .into_iter()
                .map(|r| {
                    let stands = standing(&r, command);
                    RequirementLine::of(r, stands, &Form::empty(), around)
                })
                .collect(),
            verdict,
            button: if self.known.decides || !list_has_a8(command) {
                a.act()
            } else {
                "Propose to the headteacher"
            },
        }
    }
}

/// The headteacher decides this one (A8).
const fn list_has_a8(command: &Command) -> bool {
    match command {
        Command::MoveUp { .. } | Command::StepDown { .. } | Command::Exit { .. } | Command::Reopen { .. } => {
            true
        }
        Command::Open { .. } | Command::Extend { .. } | Command::Close { .. } => false,
    }
}

pub async fn new(
    Id(id): Id<CaseId>,
    Query(asked): Query<Vec<(String, String)>>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::ProposeMoves).await?;
    let decides = visit.actor().may_at(Capability::DecideMoves, case.school);
    let setting = Setting::of(visit.tx.conn(), case, decides, today).await?;
    let mut form = Form::from_pairs(asked);
    let a = match form.value("to") {
        "" => Move::from(&setting.state).next().ok_or(Error::NotFound)?,
        code => Move::of(code).ok_or(Error::NotFound)?,
    };
    let on = match form.value("on") {
        "" => today,
        text => Date::parse(text, &Iso8601::DATE).map_err(|_| Error::NotFound)?,
    };
    if on < today || on > today + time::Duration::days(366) {
        return Err(Error::NotFound);
    }
    let asked_for = a.command(&mut form.clone());
    let command = asked_for.unwrap_or_else(|| a.usual(on));
    if form.value("why").is_empty() {
        form.set("why", UpReason::NotImproving.as_str());
    }
    let page = setting.page(visit.chrome(), form, visit.actor(), a, &command, (today, on));
    visit.show(setting.case.trace(&[]), &page).await
}

pub async fn create(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.case::<ProposeMoves>(id).await?;
    let decides = posted.actor().may_at(Capability::DecideMoves, case.school);
    let mut setting = Setting::of(posted.tx.conn(), case, decides, today).await?;
    let a = Move::of(posted.form.value("to")).ok_or(Error::NotFound)?;
    let chosen = posted.form.value("incident").to_owned();
    if !chosen.is_empty() && !setting.incidents.iter().any(|i| i.id.to_string() == chosen) {
        // Another pupil's incident does not exist here.
        return Err(Error::NotFound);
    }
    let command = a.command(&mut posted.form);
    let reasons = read_reasons(&mut posted.form);
    let words = posted.form.optional_paragraph("words", "Why", 2000);
    if matches!(a, Move::Down(_)) && words == Some(None) {
        // A4: with a reason, beside the new targets.
        posted.form.fail("words", "Enter why the pupil steps down");
    }
    let words = words.flatten();
    let (false, Some(command)) = (posted.needs_another_look(), command.clone()) else {
        return again(posted, &setting, a, &command.unwrap_or_else(|| a.usual(today)), today).await;
    };
    match decision::decide(&command, &reasons, &setting.ground(today)) {
        Ok(allowed) => {
            let done =
                queries::decide(posted.tx.conn(), &permit, &allowed, id, words.as_deref(), now, today).await;
            settle(done, id)?;
            posted.done(setting.case.trace(&["stage"]), &urls::stage(id), Some(Flash::MoveDecided)).await
        }
        Err(_) if !decides && list_has_a8(&command) => {
            // What remains is the headteacher's word: is everything else in place?
            setting.known.decides = true;
            let rest = decision::decide(&command, &reasons, &setting.ground(today));
            setting.known.decides = false;
            if rest.is_err() {
                posted.form.fail("to", "It cannot be proposed yet: see what is missing below");
                return again(posted, &setting, a, &command, today).await;
            }
            let Some(words) = words else {
                posted.form.fail("words", "Enter why, for the headteacher");
                return again(posted, &setting, a, &command, today).await;
            };
            let proposed =
                queries::propose(posted.tx.conn(), &permit, id, &command, &reasons, &words, (now, today))
                    .await;
            settle(proposed, id)?;
            posted.done(setting.case.trace(&["proposal"]), &urls::stage(id), Some(Flash::MoveProposed)).await
        }
        Err(refusal) => {
            let message = if refusal.only_needs_reasons() {
                "Say why you go on where the programme asks for something first"
            } else {
                "It cannot be decided yet: see what is missing below"
            };
            posted.form.fail("to", message);
            again(posted, &setting, a, &command, today).await
        }
    }
}

/// Somebody decided or proposed at the same moment.
fn settle(done: Result<(), DbError>, case: CaseId) -> Result<(), Error> {
    match done {
        Ok(()) => Ok(()),
        Err(DbError::Constraint { constraint })
            if matches!(
                constraint.as_str(),
                "case_decisions_seq_key" | "case_stages_one_now" | "proposals_one_open" | "cases_one_open"
            ) =>
        {
            Err(Error::Conflict(Box::new(Conflict {
                what: "The stage of this case".to_owned(),
                changed: "Somebody decided or proposed a move a moment ago".to_owned(),
                fields: Vec::new(),
                edit: urls::stage(case),
            })))
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    posted: Posted,
    setting: &Setting,
    a: Move,
    command: &Command,
    today: Date,
) -> Result<Response, Error> {
    let mut page =
        setting.page(posted.chrome(), posted.form.clone(), posted.actor(), a, command, (today, today));
    for line in &mut page.requirements {
        let field = format!("reason.{}", line.clause);
        posted.form.value(&field).clone_into(&mut line.reason);
        line.wrong = posted.form.error(&field).map(str::to_owned);
    }
    posted.again(&page).await
}

pub async fn answer(
    Path((id, proposal)): Path<(CaseId, ProposalId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.case::<ProposeMoves>(id).await?;
    queries::waits(posted.tx.conn(), id, proposal).await?.ok_or(Error::NotFound)?;
    let waiting = queries::proposal(posted.tx.conn(), id).await?.filter(|p| p.id == proposal);
    let Some(waiting) = waiting else { return Err(answered_meanwhile(id)) };
    let Some(words) = posted.form.optional_paragraph("words", "Why", 2000) else {
        return Err(Error::BadRequest("Why must be 2000 characters or fewer."));
    };
    let (answer, flash) = match posted.form.value("answer") {
        "confirm" => ("confirmed", Flash::MoveDecided),
        "decline" => ("declined", Flash::ProposalDeclined),
        "withdraw" => ("withdrawn", Flash::ProposalWithdrawn),
        _ => return Err(Error::BadRequest("It does not say what the answer is.")),
    };
    if answer != "withdrawn" {
        posted.actor().permit::<DecideMoves>(case.school)?;
    }
    let trace = case.trace(&["proposal"]);
    if answer == "confirmed" {
        let setting = Setting::of(posted.tx.conn(), case, true, today).await?;
        let reasons: &Reasons = &waiting.reasons;
        let Ok(decided) = decision::decide(&waiting.command, reasons, &setting.ground(today)) else {
            // What was in place when it was proposed is not any more: the move's own page says what.
            return Err(Error::Conflict(Box::new(Conflict {
                what: "What this move rests on".to_owned(),
                changed: "It changed since the move was proposed. Open the move to see what is missing now"
                    .to_owned(),
                fields: Vec::new(),
                edit: urls::stage(id),
            })));
        };
        // Answered before it is decided: a decision overtakes what still waits.
        mark_answered(&mut posted, &permit, id, proposal, answer, words).await?;
        let done =
            queries::decide(posted.tx.conn(), &permit, &decided, id, Some(&waiting.words), now, today).await;
        settle(done, id)?;
    } else {
        mark_answered(&mut posted, &permit, id, proposal, answer, words).await?;
    }
    posted.done(trace, &urls::stage(id), Some(flash)).await
}

fn answered_meanwhile(case: CaseId) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: "This proposal".to_owned(),
        changed: "It was answered meanwhile".to_owned(),
        fields: Vec::new(),
        edit: urls::stage(case),
    }))
}

async fn mark_answered(
    posted: &mut Posted,
    permit: &Permit<ProposeMoves>,
    case: CaseId,
    proposal: ProposalId,
    answer: &str,
    words: Option<String>,
) -> Result<(), Error> {
    let moment = (posted.tx.now(), posted.tx.today());
    let answered =
        queries::answer(posted.tx.conn(), permit, proposal, answer, words.as_deref(), moment).await?;
    if answered { Ok(()) } else { Err(answered_meanwhile(case)) }
}
