//! Suspending and excluding: the form, what would follow, and issuing it. The headteacher sees the whole of what follows
//! before the second press.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{
    form::{self, Draft, Setting},
    pages, queries,
    views::{self, Follows, Line},
};
use crate::{
    db::{
        DbError, calendar,
        case::{self, CaseOf},
        decision as decisions, exclusions, facts,
        notices::tell_head,
    },
    domain::{
        calendar::SchoolCalendar,
        dates,
        decision::{self, Command, Decision, Reasons},
        facts::Facts,
        ids::{ExclusionId, PupilId},
        moves::{self, Ground},
        permission::{Capability, IssueExclusions, ProposeMoves},
        pupil::{SendStatus, YearGroup},
        stage::{CaseState, Ending},
        suspension::{Issuer, Reason, count::Ceiling, history::Weighed, record::Exclusion},
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Which suspension a further one follows, when that is where the form is come from.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    further: Option<String>,
}

#[derive(Template)]
#[template(path = "suspensions/new.html")]
struct NewPage {
    chrome: Chrome,
    form: Form,
    name: String,
    action: String,
    back: String,
    about: Vec<Line>,
    kinds: [(&'static str, &'static str, &'static str); 2],
    issuers: Vec<(&'static str, &'static str)>,
    halves: Vec<(&'static str, &'static str)>,
    /// The three selects of reasons: id, label, what was chosen.
    chosen: [(&'static str, &'static str, String); 3],
    reasons: Vec<(&'static str, String)>,
    incidents: Vec<(String, String)>,
    suspensions: Vec<(String, String)>,
    yes_no: [(&'static str, &'static str); 2],
    lives: [(&'static str, &'static str); 2],
    year_11: bool,
}

impl NewPage {
    fn of(chrome: Chrome, form: Form, setting: &Setting) -> Self {
        let pupil = &setting.pupil;
        let typed = form.values_of("reason");
        let chosen = |n: usize| typed.get(n).copied().unwrap_or_default().to_owned();
        let chosen = [
            ("reason", "Main reason", chosen(0)),
            ("reason-2", "Second reason (optional)", chosen(1)),
            ("reason-3", "Third reason (optional)", chosen(2)),
        ];
        let mut incidents = vec![(String::new(), "None of these".to_owned())];
        incidents.extend(
            setting
                .incidents
                .iter()
                .map(|i| (i.id.to_string(), format!("{}: {}", dates::short(i.happened_on), i.what))),
        );
        let mut suspensions = vec![(String::new(), "It does not follow another".to_owned())];
        suspensions.extend(setting.suspensions().map(|issued| (issued.id.to_string(), issued.title())));
        let looked_after = if pupil.looked_after { "Yes" } else { "No" };
        Self {
            chrome,
            name: pupil.name(),
            action: urls::suspend(pupil.id),
            back: urls::suspensions(pupil.id),
            about: vec![
                ("Year".to_owned(), pupil.year(setting.today).to_string()),
                ("Special educational needs".to_owned(), pupil.send.label().to_owned()),
                ("Looked after".to_owned(), looked_after.to_owned()),
            ],
            kinds: [
                ("suspension", "Suspension", "For a fixed time, also called fixed-period exclusion"),
                ("permanent", "Permanent exclusion", "For good, as a last resort"),
            ],
            issuers: [Issuer::Headteacher, Issuer::ActingHeadteacher, Issuer::TeacherInCharge]
                .map(|issuer| (issuer.as_str(), issuer.label()))
                .to_vec(),
            halves: views::halves(),
            chosen,
            reasons: reasons(),
            incidents,
            suspensions,
            yes_no: [("yes", "Yes"), ("no", "No")],
            lives: [("no", "In this authority"), ("yes", "In another local authority")],
            year_11: pupil.year(setting.today) >= YearGroup(11),
            form,
        }
    }
}

/// The national codes with their words.
fn reasons() -> Vec<(&'static str, String)> {
    Reason::ALL.iter().map(|r| (r.as_str(), format!("{} ({})", r.label(), r.as_str()))).collect()
}

#[derive(Template)]
#[template(path = "suspensions/check.html")]
struct CheckPage {
    chrome: Chrome,
    form: Form,
    name: String,
    action: String,
    kind: &'static str,
    permanent: bool,
    decided: Vec<Line>,
    words: String,
    warnings: Vec<String>,
    /// T5: it has to be said that this was seen.
    ceiling: Option<String>,
    follows: Follows,
    seen: String,
    fields: Vec<(String, String)>,
}

pub async fn new(
    Id(id): Id<PupilId>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let pupil = pages::pupil(&mut visit, id, Capability::IssueExclusions).await?;
    let today = visit.tx.today();
    let setting = Setting::of(visit.tx.conn(), pupil, today, today).await?;
    let mut form = Form::empty();
    form.set_date("decided", today);
    form.set("issuer", Issuer::Headteacher.as_str());
    if let Some(further) = asked.further {
        let before = setting.suspensions().find(|issued| issued.id.to_string() == further);
        let before = before.ok_or(Error::NotFound)?;
        form.set("kind", "suspension");
        form.set("further", &further);
        if let Exclusion::Suspension(suspension) = &before.exclusion
            && let Ok(back) = suspension.back(&setting.calendar)
        {
            form.set_date("first", back.on);
            form.set("first_session", back.half.as_str());
        }
    }
    let page = NewPage::of(visit.chrome(), form, &setting);
    let trace = pages::trace(&setting.pupil, id.uuid(), &[]);
    visit.show(trace, &page).await
}

/// 7.2 A20: the open case that a permanent exclusion ends.
struct Ends {
    case: CaseOf,
    state: CaseState,
    known: Facts,
    calendar: SchoolCalendar,
}

impl Ends {
    async fn of(conn: &mut PgConnection, setting: &Setting) -> Result<Option<Self>, Error> {
        let Some(id) = setting.pupil.case else { return Ok(None) };
        let case = case::of(conn, id).await?.ok_or(Error::NotFound)?;
        let (state, known) = facts::of_case(conn, &case, true, setting.today).await?;
        let calendar = calendar::of_school(conn, case.school, setting.today).await?;
        Ok(Some(Self { case, state, known, calendar }))
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

    /// P2.03a.
    fn stage_3_considered(&self, today: Date) -> bool {
        moves::p2_03a_stage_3_considered(&self.ground(today)).met
    }

    /// The case ends as excluded. Nothing of the programme refuses it.
    fn decide(&self, why: Option<&str>, today: Date) -> Result<Decision, Error> {
        let reasons: Reasons = why.map(|why| ("P2.03a".to_owned(), why.to_owned())).into_iter().collect();
        decision::decide(&Command::Close { ending: Ending::Excluded }, &reasons, &self.ground(today))
            .map_err(|refusal| Error::Internal(format!("a permanent exclusion was held up: {refusal:?}")))
    }
}

pub async fn create(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let (pupil, permit) = pages::pupil_posted::<IssueExclusions>(&mut posted, id).await?;
    // Two headteachers' forms at once: the second is weighed when the first is written.
    queries::hold(posted.tx.conn(), id).await?;
    let decided_on = form::decided_on(&mut posted.form, today);
    let around = decided_on.unwrap_or(today);
    let setting = Setting::of(posted.tx.conn(), pupil, around, today).await?;
    let mut typed = posted.form.clone();
    let draft = form::read(posted.tx.conn(), &mut typed, &setting, decided_on).await?;
    posted.form = typed;
    let (false, Some(mut draft)) = (posted.needs_another_look(), draft) else {
        return form_again(posted, &setting).await;
    };
    let ends =
        if draft.exclusion.is_permanent() { Ends::of(posted.tx.conn(), &setting).await? } else { None };
    draft.stage_3_considered = ends.as_ref().is_some_and(|ends| ends.stage_3_considered(today));
    let weighed = setting.history.weigh_new(
        &draft.exclusion,
        draft.exam(),
        draft.leaver(&setting.pupil),
        &setting.calendar,
    );
    let weighed = match weighed {
        Ok(weighed) => weighed,
        Err(missing) => {
            form::not_loaded(&mut posted.form, missing);
            return form_again(posted, &setting).await;
        }
    };
    if let (Exclusion::Suspension(_), Err(refused)) = (&draft.exclusion, weighed.sum.lawful()) {
        form::refuse(&mut posted.form, &refused);
        return form_again(posted, &setting).await;
    }
    let check = |chrome, form: &Form| CheckPage::of(chrome, form, &setting, &draft, &weighed, ends.as_ref());
    match posted.form.value("go") {
        "issue" => {}
        "change" => {
            let page = NewPage::of(posted.chrome(), posted.form.clone(), &setting);
            return posted.looked_up(pages::trace(&setting.pupil, id.uuid(), &[]), &page).await;
        }
        // Whatever else was pressed: nothing is issued that nobody saw whole.
        _ => {
            let page = check(posted.chrome(), &posted.form);
            return posted.looked_up(pages::trace(&setting.pupil, id.uuid(), &[]), &page).await;
        }
    }
    if posted.form.value("seen") != seen(&weighed) {
        posted.form.fail("seen", "What follows has changed since you looked. Check it again");
    }
    let at_ceiling = !draft.exclusion.is_permanent() && weighed.sum.reaches_ceiling();
    if at_ceiling && !posted.form.checked("ceiling_seen", "yes") {
        posted.form.fail("ceiling_seen", "Tick the box to say that you know the ceiling is reached");
    }
    if posted.form.has_errors() {
        let page = check(posted.chrome(), &posted.form);
        return posted.again(&page).await;
    }
    let new = ExclusionId::from(Uuid::now_v7());
    let conn = posted.tx.conn();
    queries::issue(conn, &permit, new, &setting.pupil, &draft, (now, today)).await?;
    if let Some(case) = setting.pupil.case {
        let kind = if draft.exclusion.is_permanent() { "excluded" } else { "suspended" };
        tell_head(posted.tx.conn(), &permit, case, kind, (today, now)).await?;
    }
    if let Some(ends) = &ends {
        let decided = ends.decide(draft.stage_3_why.as_deref(), today)?;
        let deciding = posted.actor().permit::<ProposeMoves>(setting.pupil.school)?;
        let conn = posted.tx.conn();
        let words = Some("Permanently excluded");
        let done = decisions::decide(conn, &deciding, &decided, ends.case.id, words, now, today).await;
        settle(done, ends)?;
    } else if let (Exclusion::Suspension(suspension), Some(case)) = (&draft.exclusion, setting.pupil.case) {
        let whole = suspension.decided().whole_days(&setting.calendar);
        exclusions::excuse(posted.tx.conn(), &permit, (case, new), &whole, now).await?;
    }
    let trace = pages::trace(&setting.pupil, new.uuid(), &["exclusion"]);
    let flash = if draft.exclusion.is_permanent() { Flash::ExclusionIssued } else { Flash::SuspensionIssued };
    posted.done(trace, &urls::exclusion(new), Some(flash)).await
}

/// Somebody moved the case at the same moment.
fn settle(done: Result<(), DbError>, ends: &Ends) -> Result<(), Error> {
    match done {
        Err(DbError::Constraint { constraint }) if constraint == "case_decisions_seq_key" => {
            Err(Error::Conflict(Box::new(Conflict {
                what: "The stage of this case".to_owned(),
                changed: "Somebody decided a move a moment ago. Nothing was issued".to_owned(),
                fields: Vec::new(),
                edit: urls::stage(ends.case.id),
            })))
        }
        done => Ok(done?),
    }
}

async fn form_again(posted: Posted, setting: &Setting) -> Result<Response, Error> {
    let page = NewPage::of(posted.chrome(), posted.form.clone(), setting);
    posted.again(&page).await
}

/// What the headteacher saw, in short: when it is not the same any more, they look again.
fn seen(weighed: &Weighed) -> String {
    let years = weighed.sum.years.iter().map(|year| year.split.total().0.to_string());
    let terms = weighed.sum.windows.iter().map(|window| window.split.total().0.to_string());
    let tier = format!("{:?}", weighed.duty.tier);
    years.chain(terms).chain([tier]).collect::<Vec<_>>().join("-")
}

impl CheckPage {
    fn of(
        chrome: Chrome,
        form: &Form,
        setting: &Setting,
        draft: &Draft,
        weighed: &Weighed,
        ends: Option<&Ends>,
    ) -> Self {
        let exclusion = &draft.exclusion;
        let decided_on = exclusion.decided_on();
        let calendar = &setting.calendar;
        let permanent = exclusion.is_permanent();
        let ceiling = (!permanent && weighed.sum.reaches_ceiling()).then(|| Ceiling::Reached.words());
        Self {
            chrome,
            name: setting.pupil.name(),
            action: urls::suspend(setting.pupil.id),
            kind: if permanent { "permanent exclusion" } else { "suspension" },
            permanent,
            decided: decided(draft),
            words: draft.words.clone(),
            warnings: warnings(setting, draft, ends),
            ceiling,
            follows: Follows::of(exclusion, weighed, draft.about(&setting.pupil), decided_on, calendar),
            seen: seen(weighed),
            fields: form
                .pairs()
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "go" | "seen" | "ceiling_seen"))
                .cloned()
                .collect(),
            form: form.clone(),
        }
    }
}

fn decided(draft: &Draft) -> Vec<Line> {
    let reasons: Vec<_> = draft.reasons.iter().map(|r| format!("{} ({})", r.label(), r.as_str())).collect();
    let mut lines = vec![
        ("Decided".to_owned(), dates::full(draft.exclusion.decided_on())),
        ("By".to_owned(), draft.issuer.label().to_owned()),
        (
            if reasons.len() == 1 { "Reason" } else { "Reasons, the main one first" }.to_owned(),
            reasons.join("; "),
        ),
    ];
    if let Some((session, name)) = &draft.exam {
        lines.push(("Exam that would be missed".to_owned(), format!("{name}, {session}")));
    }
    if let Some((_, why)) = &draft.further {
        lines.push(("A further suspension, because".to_owned(), why.clone()));
    }
    lines
}

/// What the programme would have asked first. It holds up nothing (principle one of section 7).
fn warnings(setting: &Setting, draft: &Draft, ends: Option<&Ends>) -> Vec<String> {
    let mut list = Vec::new();
    let standing =
        setting.history.issued.iter().find(|issued| issued.exclusion.is_permanent() && issued.stands());
    if let Some(standing) = standing {
        let day = dates::long(standing.exclusion.decided_on());
        list.push(format!("The permanent exclusion decided on {day} stands. Make sure that this is not a second record of it."));
    }
    if draft.exclusion.is_permanent() {
        if !draft.stage_3_considered {
            list.push(match &draft.stage_3_why {
                Some(why) => {
                    format!("It is not recorded that a move to Stage 3 was considered (P2.03a). Your reason: {why}")
                }
                None => "It is not recorded that a move to Stage 3 was considered (P2.03a). You can give the reason \
                         now or later. This does not hold up your decision."
                    .to_owned(),
            });
        }
        if let Some(before) = setting.suspended_for_it(draft) {
            let new = draft.new_evidence.as_deref().map_or_else(
                || "No new evidence is written down.".to_owned(),
                |evidence| format!("New evidence: {evidence}"),
            );
            list.push(format!(
                "{}: the pupil was suspended for this already. One incident is not answered twice without new \
                 evidence (A11). {new}",
                before.title()
            ));
        }
        if let Some(ends) = ends {
            let live = ends.known.alternatives.iter().filter(|alternative| alternative.status.live());
            list.extend(live.map(|alternative| {
                format!(
                    "{} is under way as an alternative to a permanent exclusion.",
                    alternative.kind.label()
                )
            }));
            list.push(format!(
                "Case {} ends as permanently excluded. If this is cancelled later, it can be opened again at Stage 3.",
                ends.case.number
            ));
        }
    }
    if setting.pupil.send == SendStatus::Ehcp {
        list.push("The pupil has an education, health and care plan: tell the SEN team early.".to_owned());
    }
    if setting.pupil.looked_after {
        list.push(
            "The pupil is looked after: speak with the virtual school head about education from the first day."
                .to_owned(),
        );
    }
    list
}
