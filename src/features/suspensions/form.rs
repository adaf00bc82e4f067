//! The form of a suspension or permanent exclusion: what was typed, weighed against the law as it is read.

use sqlx::PgConnection;
use time::{Date, Duration};

use super::queries::{self, IncidentLine};
use crate::{
    db::{
        calendar,
        exclusions::{self, PupilOf},
    },
    domain::{
        calendar::{NotLoaded, SchoolCalendar},
        dates,
        ids::{EnrolmentId, ExclusionId, IncidentId},
        incident::PupilName,
        pupil::YearGroup,
        suspension::{
            Half, HalfDays, Issuer, Reason, Reasons, Refused, Session, change, guidance,
            history::{History, Issued},
            may_issue,
            notices::About,
            record::{Away, Exclusion, Permanent, Plan},
            run::Leaver,
        },
    },
    web::{error::Error, forms::Form, incident},
};

/// Days back that an exclusion may be recorded late.
const LONGEST_AGO: Duration = Duration::days(366);
/// As much as the letter holds on its one page.
const MAX_WORDS: usize = 1000;
const MAX_REASON: usize = 2000;

/// Everything around the form.
pub struct Setting {
    pub pupil: PupilOf,
    pub history: History,
    pub calendar: SchoolCalendar,
    pub incidents: Vec<IncidentLine>,
    pub today: Date,
}

/// What the headteacher decided, checked.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Draft {
    pub exclusion: Exclusion,
    pub enrolment: EnrolmentId,
    pub issuer: Issuer,
    pub reasons: Reasons,
    pub words: String,
    pub incident: Option<IncidentId>,
    pub exam: Option<(Session, String)>,
    pub exams_left: bool,
    pub further: Option<(ExclusionId, String)>,
    pub new_evidence: Option<String>,
    pub stage_3_considered: bool,
    pub stage_3_why: Option<String>,
    pub guidance: &'static str,
    pub social_worker: bool,
    pub lives_elsewhere: bool,
}

impl Setting {
    /// With the calendar around the day of the decision.
    pub async fn of(
        conn: &mut PgConnection,
        pupil: PupilOf,
        decided_on: Date,
        today: Date,
    ) -> Result<Self, Error> {
        let history = exclusions::of_pupil(conn, pupil.id, pupil.school, pupil.case).await?;
        let calendar = calendar::of_school(conn, pupil.school, decided_on).await?;
        let incidents = queries::incidents(conn, pupil.school, pupil.id).await?;
        Ok(Self { pupil, history, calendar, incidents, today })
    }

    /// The suspensions a further one can follow, newest first.
    pub fn suspensions(&self) -> impl Iterator<Item = &Issued> {
        self.history.issued.iter().rev().filter(|issued| {
            !issued.exclusion.is_permanent()
                && !issued.exclusion.lost().is_empty()
                && issued.exclusion.decided_on() >= self.today - LONGEST_AGO
        })
    }

    /// 7.2 A11: the suspension a permanent exclusion would follow for the same incident, or straight after.
    pub fn suspended_for_it(&self, draft: &Draft) -> Option<&Issued> {
        let Exclusion::Permanent(permanent) = &draft.exclusion else { return None };
        self.suspensions()
            .find(|issued| draft.incident.is_some() && issued.incident == draft.incident)
            .or_else(|| self.history.ends_at(permanent.first(), &self.calendar))
    }
}

impl Draft {
    /// The pupil on the day of the decision, as the notices ask.
    pub fn about(&self, pupil: &PupilOf) -> About {
        let about = About {
            lives_elsewhere: self.lives_elsewhere,
            looked_after: pupil.looked_after,
            social_worker: self.social_worker,
            ..About::default()
        };
        about.born(pupil.born_on, self.exclusion.decided_on())
    }

    /// What decides the exception from the sixth day.
    pub fn leaver(&self, pupil: &PupilOf) -> Leaver {
        Leaver { year: pupil.year(self.exclusion.decided_on()), exams_left: self.exams_left }
    }

    /// The session of the exam that would be missed.
    pub fn exam(&self) -> Option<Session> {
        self.exam.as_ref().map(|(session, _)| *session)
    }
}

/// The day of the decision: not to come, and not longer ago than a year.
pub fn decided_on(form: &mut Form, today: Date) -> Option<Date> {
    let day = form.date("decided", "Day of the decision")?;
    if day > today {
        form.fail("decided", "Day of the decision must be today or in the past");
    } else if day < today - LONGEST_AGO {
        form.fail("decided", "Day of the decision must be within the last year");
    }
    Some(day).filter(|_| form.error("decided").is_none())
}

/// A session: its day and which half. None: a message is on the form.
pub fn session(form: &mut Form, day: &str, half: &str, what: &str) -> Option<Session> {
    let on = form.date(day, what);
    let half = form.choice(half, Half::from_stored, "Select morning or afternoon");
    Some(Session { on: on?, half: half? })
}

/// Whether anything of a date was typed.
pub fn dated(form: &Form, id: &str) -> bool {
    let (day, month, year) = form.date_parts(id);
    [day, month, year].iter().any(|part| !part.trim().is_empty())
}

/// Days as people type them, to the half: more than none.
pub fn length(form: &mut Form, id: &str, what: &str) -> Option<HalfDays> {
    let typed = form.value(id).trim().to_owned();
    if typed.is_empty() {
        form.fail(id, &format!("Enter the {what} in days"));
        return None;
    }
    match HalfDays::parse(&typed) {
        Some(HalfDays::NONE) | None => {
            form.fail(id, "Enter days to the half, like 2 or 4.5");
            None
        }
        Some(days) => Some(days),
    }
}

/// The sessions and lunchtimes of a suspension as typed. None: a message is on the form.
pub fn plan(form: &mut Form, decided_on: Date, calendar: &SchoolCalendar) -> Option<Plan> {
    let away_typed = dated(form, "first") || !form.value("length").trim().is_empty();
    let lunch_typed = dated(form, "lunch") || !form.value("lunch_count").trim().is_empty();
    if !away_typed && !lunch_typed {
        form.fail("first", &Refused::NothingLost.to_string());
        return None;
    }
    let away = if away_typed {
        let first = session(form, "first", "first_session", "First session lost");
        let half_days = length(form, "length", "length of the suspension");
        if let Some(total) = half_days.filter(|length| *length > HalfDays::CEILING) {
            form.fail("length", &Refused::OverCeiling { total }.to_string());
            return None;
        }
        Some(Away { first: first?, half_days: half_days? })
    } else {
        None
    };
    let lunchtimes = if lunch_typed { lunchtimes(form, calendar)? } else { Vec::new() };
    Some(Plan { decided_on, away, lunchtimes })
}

/// Lunchtimes in a row, over school days.
fn lunchtimes(form: &mut Form, calendar: &SchoolCalendar) -> Option<Vec<Date>> {
    let first = form.date("lunch", "First lunchtime");
    let count = form.value("lunch_count").trim().parse::<u32>().ok().filter(|n| (1..=90).contains(n));
    if count.is_none() {
        form.fail("lunch_count", "Enter how many lunchtimes, from 1 to 90");
    }
    let (mut days, count) = (vec![first?], count?);
    while days.len() < usize::try_from(count).unwrap_or(usize::MAX) {
        match calendar.nth_school_day_after(*days.last()?, 1) {
            Ok(day) => days.push(day),
            Err(missing) => {
                form.fail("lunch_count", &Refused::from(missing).to_string());
                return None;
            }
        }
    }
    Some(days)
}

/// Puts what the law refuses beside the field that can put it right.
pub fn refuse(form: &mut Form, refused: &Refused) {
    let of_lunch =
        |day: &Date| !dated(form, "first") || form.date_parts("lunch").0.trim() == day.day().to_string();
    let field = match refused {
        Refused::NoReason | Refused::TooManyReasons | Refused::RepeatedReason => "reason",
        Refused::NotTheHeadteacher => "issuer",
        Refused::OverCeiling { .. } => {
            if form.value("length").is_empty() {
                "lunch_count"
            } else {
                "length"
            }
        }
        Refused::NotASchoolDay(day) | Refused::BeforeDecision(day)
            if of_lunch(day) && dated(form, "lunch") =>
        {
            "lunch"
        }
        Refused::FurtherWithoutReason => "further_reason",
        Refused::NotStraightAfter { .. } => "further",
        _ => "first",
    };
    form.fail(field, &refused.to_string());
}

/// What was typed, checked. None: the messages are on the form. An incident or suspension of somebody else does not
/// exist here.
pub async fn read(
    conn: &mut PgConnection,
    form: &mut Form,
    setting: &Setting,
    decided_on: Option<Date>,
) -> Result<Option<Draft>, Error> {
    let Setting { pupil, calendar, .. } = setting;
    let permanent = form.choice(
        "kind",
        |kind| match kind {
            "suspension" => Some(false),
            "permanent" => Some(true),
            _ => None,
        },
        "Select a suspension or a permanent exclusion",
    );
    if pupil.enrolment.is_none() {
        form.fail("kind", "The pupil is not on the roll of the school today");
    }
    let issuer = form.choice("issuer", Issuer::from_stored, "Select as whom you decide");
    if let Some(Err(refused)) = issuer.map(may_issue) {
        refuse(form, &refused);
    }
    let exclusion = match (permanent, decided_on) {
        (Some(permanent), Some(decided_on)) => laid_out(form, permanent, decided_on, calendar),
        _ => None,
    };
    if let Some(exclusion) = &exclusion
        && let Err(refused) = setting.history.is_free(&exclusion.decided())
    {
        refuse(form, &refused);
    }
    let reasons = reasons(form);
    let words = form.paragraph("what", "What happened", MAX_WORDS);
    let incident = chosen_incident(form, setting)?;
    let exam = exam(form, exclusion.as_ref());
    let exams_left = !form.checked("no_exams_left", "yes");
    if !exams_left && decided_on.is_some_and(|day| pupil.year(day) < YearGroup(11)) {
        form.fail("no_exams_left", "This is only so for a Year 11 pupil");
    }
    let social_worker = yes_no(form, "has_social_worker", "Select whether the pupil has a social worker");
    let lives_elsewhere = yes_no(form, "lives_away", "Select where the pupil lives");
    let further = further(form, setting, exclusion.as_ref())?;
    let new_evidence = form.optional_paragraph("evidence", "New evidence", MAX_REASON);
    let stage_3_why = form.optional_paragraph("stage_3_reason", "Why Stage 3 was not the way", MAX_REASON);
    refuse_names(conn, form, pupil).await?;
    if form.has_errors() {
        return Ok(None);
    }
    let permanent = permanent == Some(true);
    let kept = |words: Option<Option<String>>| words.flatten().filter(|_| permanent);
    let draft = || {
        Some(Draft {
            exclusion: exclusion?,
            enrolment: pupil.enrolment?,
            issuer: issuer?,
            reasons: reasons?,
            words: words?,
            incident,
            exam,
            exams_left,
            further,
            new_evidence: kept(new_evidence),
            stage_3_considered: false,
            stage_3_why: kept(stage_3_why),
            guidance: guidance(decided_on?).unwrap_or("The statutory guidance of that day"),
            social_worker: social_worker?,
            lives_elsewhere: lives_elsewhere?,
        })
    };
    Ok(draft())
}

fn laid_out(
    form: &mut Form,
    permanent: bool,
    decided_on: Date,
    calendar: &SchoolCalendar,
) -> Option<Exclusion> {
    let laid_out = if permanent {
        let first = session(form, "first", "first_session", "First session lost")?;
        Permanent::new(decided_on, first, calendar).map(Exclusion::Permanent)
    } else {
        plan(form, decided_on, calendar)?.lay_out(calendar).map(Exclusion::Suspension)
    };
    match laid_out {
        Ok(exclusion) => Some(exclusion),
        Err(refused) => {
            refuse(form, &refused);
            None
        }
    }
}

fn reasons(form: &mut Form) -> Option<Reasons> {
    let typed: Vec<_> = form.values_of("reason").into_iter().filter(|code| !code.is_empty()).collect();
    let codes: Option<Vec<_>> = typed.iter().map(|code| Reason::from_stored(code)).collect();
    let Some(codes) = codes else {
        form.fail("reason", "Select the reasons from the list");
        return None;
    };
    match Reasons::of(&codes) {
        Ok(reasons) => Some(reasons),
        Err(refused) => {
            refuse(form, &refused);
            None
        }
    }
}

fn chosen_incident(form: &Form, setting: &Setting) -> Result<Option<IncidentId>, Error> {
    match form.value("incident") {
        "" => Ok(None),
        chosen => {
            let found = setting.incidents.iter().find(|incident| incident.id.to_string() == chosen);
            found.map(|incident| Some(incident.id)).ok_or(Error::NotFound)
        }
    }
}

/// None: there is no exam, or a message is on the form.
fn exam(form: &mut Form, exclusion: Option<&Exclusion>) -> Option<(Session, String)> {
    let words = ["exam_session", "exam_name"];
    if !dated(form, "exam") && words.iter().all(|id| form.value(id).trim().is_empty()) {
        return None;
    }
    let session = session(form, "exam", "exam_session", "Day of the exam");
    let name = form.line("exam_name", "Name of the exam", 140);
    if let (Some(session), Some(exclusion)) = (session, exclusion)
        && !exclusion.takes(session)
    {
        form.fail("exam", &format!("The pupil is not out on {session}, so this exam is not missed"));
    }
    Some((session?, name?))
}

fn yes_no(form: &mut Form, id: &str, message: &str) -> Option<bool> {
    let read = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    form.choice(id, read, message)
}

/// 2.1, T16: what begins when a suspension ends is a further one, and somebody says why. Of a permanent exclusion the
/// same question is a warning, see [`Setting::suspended_for_it`].
fn further(
    form: &mut Form,
    setting: &Setting,
    exclusion: Option<&Exclusion>,
) -> Result<Option<(ExclusionId, String)>, Error> {
    let chosen = match form.value("further") {
        "" => None,
        id => {
            let found = setting.suspensions().find(|issued| issued.id.to_string() == id);
            Some(found.ok_or(Error::NotFound)?)
        }
    };
    let Some(Exclusion::Suspension(suspension)) = exclusion else { return Ok(None) };
    let first = suspension.decided().sessions().first();
    let straight = first.and_then(|first| setting.history.ends_at(*first, &setting.calendar));
    let Some(before) = chosen.or(straight) else { return Ok(None) };
    let Exclusion::Suspension(earlier) = &before.exclusion else { return Ok(None) };
    let Some(why) = form.optional_paragraph("further_reason", "New evidence or event", MAX_REASON) else {
        return Ok(None);
    };
    let why = why.unwrap_or_default();
    match change::may_follow(earlier, suspension, &why, &setting.calendar) {
        Ok(()) => Ok(Some((before.id, why))),
        Err(Refused::FurtherWithoutReason) => {
            let words = format!(
                "This begins when the suspension decided on {} ends. {}",
                dates::long(earlier.decided_on()),
                Refused::FurtherWithoutReason
            );
            form.fail("further_reason", &words);
            Ok(None)
        }
        Err(refused) => {
            refuse(form, &refused);
            Ok(None)
        }
    }
}

/// The words go into letters: other pupils have no names in them.
async fn refuse_names(conn: &mut PgConnection, form: &mut Form, pupil: &PupilOf) -> Result<(), Error> {
    let own = PupilName {
        given_name: pupil.given_name.clone(),
        known_as: pupil.known_as.clone(),
        family_name: pupil.family_name.clone(),
    };
    let fields = ["what", "further_reason", "evidence"].map(|id| (id.to_owned(), form.value(id).to_owned()));
    let instead = "Write another pupil here: parents read this";
    incident::refuse_names(conn, form, (pupil.school, pupil.id, &own), fields, instead).await
}

/// What a calendar that does not reach so far means for the form.
pub fn not_loaded(form: &mut Form, missing: NotLoaded) {
    refuse(form, &Refused::NotLoaded(missing));
}

/// The one line that says why something is taken back.
pub fn reason_in_a_line(form: &mut Form, max: usize) -> Option<String> {
    form.line("say", "Why it is taken back", max)
}
