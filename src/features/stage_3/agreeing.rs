//! The headteacher's decision about a proposed outcome, and how an agreed one came to its end.

use askama::Template;
use axum::{extract::Path, response::Response};
use time::Date;

use super::{
    considering::{changed, of_path, one},
    queries::{self, AlternativeRow},
};
use crate::{
    db::{calendar as school_calendar, case::CaseOf, facts, notices},
    domain::{
        calendar::SchoolCalendar,
        dates,
        decision::{Standing, weigh},
        facts::Facts,
        ids::CaseId,
        moves::Ground,
        permission::{Capability, DecideMoves, RecordSteps},
        rules::Requirement,
        stage::CaseState,
        stage_3::{self, Alternative, Plan, Route, Status},
    },
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        requirement::{Around, RequirementLine, read_reasons},
        urls,
    },
};

const MAX_WORDS: usize = 2000;

#[derive(Template)]
#[template(path = "stage_3/agree.html")]
struct AgreePage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    title: &'static str,
    action: String,
    back: String,
    plan: String,
    days: String,
    is_transfer: bool,
    requirements: Vec<RequirementLine>,
    may_agree: bool,
}

/// What the plan of a row says. None: nothing was chosen.
pub fn plan_of(row: &AlternativeRow) -> Option<Plan> {
    Some(Plan {
        words: row.plan.clone()?,
        route: row.route.as_deref().and_then(Route::from_stored),
        last_resort: row.last_resort.clone(),
        starts_on: row.starts_on?,
        review_on: row.review_on?,
        ends_on: row.ends_on,
    })
}

/// "From 7 December 2026, reviewed on 18 January 2027, until 12 February 2027"
pub fn days_of(plan: &Plan) -> String {
    let until = plan.ends_on.map_or_else(String::new, |day| format!(", until {}", dates::long(day)));
    format!("From {}, reviewed on {}{until}", dates::long(plan.starts_on), dates::long(plan.review_on))
}

struct Setting {
    of: CaseOf,
    state: CaseState,
    known: Facts,
    calendar: SchoolCalendar,
    row: AlternativeRow,
    plan: Plan,
}

impl Setting {
    async fn of(
        conn: &mut sqlx::PgConnection,
        of: CaseOf,
        kind: Alternative,
        today: Date,
    ) -> Result<Self, Error> {
        let (state, known) = facts::of_case(conn, &of, true, today).await?;
        let calendar = school_calendar::of_school(conn, of.school, today).await?;
        let row = one(conn, &of, kind).await?.ok_or(Error::NotFound)?;
        if row.status() != Status::Proposed {
            return Err(Error::BadRequest("It is not proposed, so there is nothing to decide about it."));
        }
        let plan = plan_of(&row).ok_or(Error::NotFound)?;
        Ok(Self { of, state, known, calendar, row, plan })
    }

    fn asks(&self, today: Date) -> Vec<Requirement> {
        let ground = Ground {
            case: &self.state,
            facts: &self.known,
            policy: &self.of.policy,
            calendar: &self.calendar,
            today,
        };
        stage_3::asks(self.row.kind(), &self.plan, self.of.year(self.plan.starts_on), &ground)
    }

    fn page(
        &self,
        chrome: Chrome,
        form: Form,
        identity: Identity,
        around: Around<'_>,
        today: Date,
    ) -> AgreePage {
        let list = self.asks(today);
        let kind = self.row.kind();
        let may_agree = list.iter().all(|r| Standing::of(r) != Standing::Blocks);
        AgreePage {
            chrome,
            title: kind.label(),
            action: urls::agree_alternative(self.of.id, kind.as_str()),
            back: urls::stage_3(self.of.id),
            plan: self.plan.words.clone(),
            days: days_of(&self.plan),
            is_transfer: kind == Alternative::SupportedTransfer,
            may_agree,
            requirements: list
                .into_iter()
                .map(|r| {
                    let stands = Standing::of(&r);
                    let line = RequirementLine::of(r, stands, &form, around);
                    // A reason for going on is asked of nobody who cannot go on.
                    RequirementLine { asks_why: line.asks_why && may_agree, ..line }
                })
                .collect(),
            form,
            identity,
        }
    }
}

pub async fn form(Path((case, word)): Path<(CaseId, String)>, mut visit: Visit) -> Result<Response, Error> {
    let (today, kind) = (visit.tx.today(), of_path(&word)?);
    let of = visit.case(case, Capability::DecideMoves).await?;
    let setting = Setting::of(visit.tx.conn(), of, kind, today).await?;
    let mut form = Form::empty();
    form.set("version", &setting.row.version.to_string());
    let identity = Identity::of(&setting.of, visit.actor(), today, "Stage 3");
    let around = Around::case(&setting.of, visit.actor());
    let page = setting.page(visit.chrome(), form, identity, around, today);
    visit.show(setting.of.trace(&[]), &page).await
}

pub async fn decide(
    Path((case, word)): Path<(CaseId, String)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now, kind) = (posted.tx.today(), posted.tx.now(), of_path(&word)?);
    let (of, permit) = posted.open_case::<DecideMoves>(case).await?;
    let setting = Setting::of(posted.tx.conn(), of, kind, today).await?;
    let version = version(&posted.form)?;
    let agreed = posted.form.choice(
        "answer",
        |text| match text {
            "agree" => Some(true),
            "decline" => Some(false),
            _ => None,
        },
        "Say whether you agree it",
    );
    let reasons = read_reasons(&mut posted.form);
    let why_not = match agreed {
        Some(false) => posted.form.paragraph("words", "Why it is not agreed", MAX_WORDS),
        Some(true) | None => None,
    };
    let weighed = match agreed {
        Some(true) => weigh(setting.asks(today), &reasons).ok(),
        Some(false) | None => Some(crate::domain::decision::Reasons::new()),
    };
    if weighed.is_none() {
        posted.form.fail("answer", "It cannot be agreed yet: see what is missing below");
    }
    let (false, Some(kept)) = (posted.needs_another_look(), weighed) else {
        let identity = Identity::of(&setting.of, posted.actor(), today, "Stage 3");
        let around = Around::case(&setting.of, posted.actor());
        let page = setting.page(posted.chrome(), posted.form.clone(), identity, around, today);
        return posted.again(&page).await;
    };
    let at = (case, setting.row.id, version);
    let done =
        queries::settle(posted.tx.conn(), &permit, at, &kept, why_not.as_deref(), (today, now)).await?;
    if !done {
        return Err(clash(case, &setting.row));
    }
    notices::tell_head(posted.tx.conn(), &permit, case, "outcome", (today, now)).await?;
    posted.done(setting.of.trace(&["alternative"]), &urls::stage_3(case), Some(Flash::OutcomeDecided)).await
}

/// The version a form was read at.
fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

fn clash(case: CaseId, row: &AlternativeRow) -> Error {
    Error::Conflict(Box::new(Conflict {
        what: row.kind().label().to_owned(),
        changed: changed(row),
        fields: Vec::new(),
        edit: urls::stage_3(case),
    }))
}

pub async fn end(Path((case, word)): Path<(CaseId, String)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now, kind) = (posted.tx.today(), posted.tx.now(), of_path(&word)?);
    let (of, permit) = posted.open_case::<RecordSteps>(case).await?;
    let row = one(posted.tx.conn(), &of, kind).await?.ok_or(Error::NotFound)?;
    let version = version(&posted.form)?;
    let ended =
        |text: &str| Status::from_stored(text).filter(|how| matches!(how, Status::Ended | Status::Stopped));
    let how = posted.form.choice("how", ended, "Say whether it ran its course or is stopped");
    let words = posted.form.paragraph("words", "What came of it", MAX_WORDS);
    let (false, Some(how), Some(words)) = (posted.needs_another_look(), how, words) else {
        let form = Some((kind, posted.form.clone()));
        let page = super::standing::page(posted.tx.conn(), &of, today).await?;
        let page = page.finish(
            posted.chrome(),
            Identity::of(&of, posted.actor(), today, "Stage 3"),
            form,
            posted.actor(),
        );
        return posted.again(&page).await;
    };
    let at = (case, row.id, version);
    if !queries::end(posted.tx.conn(), &permit, at, how, &words, (today, now)).await? {
        return Err(clash(case, &row));
    }
    posted.done(of.trace(&["alternative"]), &urls::stage_3(case), Some(Flash::OutcomeEnded)).await
}
