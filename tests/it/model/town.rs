//! The programme as people meet it: the same stories over the real router and PostgreSQL, as lead and headteacher,
//! with the clock of the town moving.
//!
//! What the forms do not reach is put into the database as it would be found there: a case that begins at Stage 2
//! or 3 or for another reason than a concern, an incident before there is a case, a day that is excused, the
//! review of a week the room has none for, a pupil who goes off the roll.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use sqlx::{Connection, PgConnection};
use time::{Date, Duration};
use uuid::Uuid;
use waymark::domain::{
    calendar::monday,
    stage::{CaseState, Event},
    stage_3::Alternative,
};

use super::{
    actions::{Light, Meeting, Record, Want, Wish},
    reference::{Pupil, TERMS, Verdict},
};
use crate::support::{Answer, NOW, Person, Town, pupil as newcomer};

mod records;

/// Name and value of a form's field.
type Fields = Vec<(String, String)>;

/// A meeting not signed off: kind, path, version, and once it was held the day and whether a service came.
type Unsigned = (Meeting, String, u32, Option<(Date, bool)>);

/// The town with the pupil of one story.
pub struct Place {
    town: Town,
    lead: Person,
    head: Person,
    policy: Uuid,
    enrolment: Uuid,
    pupil: Uuid,
    contact: Uuid,
    incidents: Vec<Uuid>,
    pub cases: Vec<Uuid>,
    /// Cases whose beginning was put into the database.
    found: Vec<Uuid>,
    /// Meetings not signed off.
    meetings: Vec<Unsigned>,
    stories: u32,
    /// Weekly reviews signed with the form, and put into the database.
    pub reviews: (u32, u32),
}

fn put(fields: &mut Fields, name: &str, value: impl Into<String>) {
    fields.push((name.to_owned(), value.into()));
}

fn put_day(fields: &mut Fields, name: &str, day: Date) {
    put(fields, &format!("{name}.day"), day.day().to_string());
    put(fields, &format!("{name}.month"), u8::from(day.month()).to_string());
    put(fields, &format!("{name}.year"), day.year().to_string());
}

fn tick(fields: &mut Fields, name: &str, ticked: bool) {
    if ticked {
        put(fields, name, "yes");
    }
}

/// The move as its page is addressed.
fn code(want: &Want) -> String {
    match want {
        Want::Open { .. } => String::new(),
        Want::Up { to, .. } => format!("up{to}"),
        Want::Down { to } => format!("down{to}"),
        Want::Extend { .. } => "extend".to_owned(),
        Want::Exit { .. } => "exit".to_owned(),
        Want::Close(ending) => ending.as_str().to_owned(),
        Want::Reopen { stage, .. } => format!("reopen{stage}"),
    }
}

/// What a page of requirements says: clauses that are not met, and those with a field for the reason.
fn unmet(body: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut must, mut why) = (BTreeSet::new(), BTreeSet::new());
    for row in body.split("<tr ").filter(|row| row.contains("\"wm-unmet\">Not met.")) {
        let after = row.split("data-clause=\"").nth(1).unwrap_or_default();
        let clause = after.split('"').next().unwrap_or_default().to_owned();
        if row.contains(&format!("name=\"reason.{clause}\"")) { &mut why } else { &mut must }.insert(clause);
    }
    (must, why)
}

/// The answer of the screen is the verdict: saved, or the page that names exactly what is missing.
fn matches(answer: &Answer, expected: &Verdict, wish: &Wish, place: &str) -> Result<(), String> {
    match expected {
        Verdict::Allowed { .. } if answer.status == StatusCode::SEE_OTHER => {
            if answer.location.starts_with(place) {
                Ok(())
            } else {
                Err(format!("it went on at {}", answer.location))
            }
        }
        Verdict::Refused { must, why } if answer.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let (said_must, said_why) = unmet(&answer.body);
            if must.contains("7.3") {
                return if said_must.contains("7.3") { Ok(()) } else { Err("7.3 is not named".to_owned()) };
            }
            let all_must = said_must.iter().all(|clause| must.contains(clause.as_str()));
            let fits = all_must
                && said_must.len() == must.len()
                && why.iter().all(|clause| said_why.contains(*clause))
                && said_why.iter().all(|c| why.contains(c.as_str()) || wish.reasons.explains(c));
            if fits {
                Ok(())
            } else {
                Err(format!("the text says {expected:?}, the page {said_must:?} and {said_why:?}"))
            }
        }
        _ => Err(format!("the text says {expected:?}, the answer is {}", answer.status)),
    }
}

impl Place {
    pub async fn new() -> Self {
        let mut town = Town::new().await;
        let (authority, lead, head) =
            (town.authority, town.greenfield.lead.clone(), town.greenfield.head.clone());
        sqlx::query("delete from app.calendar_spans where authority_id = $1 and kind = 'term'")
            .bind(authority)
            .execute(&mut town.owner)
            .await
            .unwrap();
        for (from, to) in TERMS {
            sqlx::query(
                "insert into app.calendar_spans (id, authority_id, kind, name, from_on, to_on)
                 values ($1, $2, 'term', 'Term', $3, $4)",
            )
            .bind(Uuid::now_v7())
            .bind(authority)
            .bind(from)
            .bind(to)
            .execute(&mut town.owner)
            .await
            .unwrap();
        }
        let policy = sqlx::query_scalar("select id from app.policies where authority_id = $1")
            .bind(authority)
            .fetch_one(&mut town.owner)
            .await
            .unwrap();
        let none = Uuid::nil();
        Self {
            town,
            lead,
            head,
            policy,
            enrolment: none,
            pupil: none,
            contact: none,
            incidents: Vec::new(),
            cases: Vec::new(),
            found: Vec::new(),
            meetings: Vec::new(),
            stories: 0,
            reviews: (0, 0),
        }
    }

    /// A new pupil for a new story, on its first day.
    pub async fn begin(&mut self, year: i16) {
        self.stories += 1;
        (self.incidents, self.cases, self.meetings) = (Vec::new(), Vec::new(), Vec::new());
        *self.town.clock.lock().unwrap() = NOW;
        let (school, by) = (self.town.greenfield.id, self.lead.id);
        let name = format!("Model{}", self.stories);
        (self.pupil, self.enrolment) =
            newcomer(&mut self.town.owner, self.town.authority, school, by, &name).await;
        self.contact = Uuid::now_v7();
        let born = time::macros::date!(2012 - 12 - 25).replace_year(2012 - (i32::from(year) - 9)).unwrap();
        sqlx::query("update app.pupils set born_on = $2 where id = $1")
            .bind(self.pupil)
            .bind(born)
            .execute(&mut self.town.owner)
            .await
            .unwrap();
        sqlx::query(
            "insert into app.contacts (id, authority_id, school_id, pupil_id, name, relationship,
                                       parental_responsibility, contact_order, address_confidential, changed_at, changed_by)
             values ($1, $2, $3, $4, 'A mother', 'Mother', true, 1, false, $5, $6)",
        )
        .bind(self.contact)
        .bind(self.town.authority)
        .bind(school)
        .bind(self.pupil)
        .bind(NOW)
        .bind(by)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
        self.stay_signed_in().await;
    }

    fn today(&self) -> Date {
        self.town.now().date()
    }

    pub async fn wait(&mut self, days: i64) {
        self.town.later(Duration::days(days));
        self.stay_signed_in().await;
    }

    /// People signed in again this morning.
    async fn stay_signed_in(&mut self) {
        let now = self.town.now();
        sqlx::query(
            "update app.sessions set made_at = $1, seen_at = $1, ends_at = $2 where user_id = any ($3)",
        )
        .bind(now)
        .bind(now + Duration::hours(12))
        .bind([self.lead.id, self.head.id])
        .execute(&mut self.town.owner)
        .await
        .unwrap();
    }

    pub async fn on_roll(&mut self, on_roll: bool) {
        let last = (!on_roll).then(|| self.today() - Duration::DAY);
        sqlx::query("update app.enrolments set to_on = $2 where id = $1")
            .bind(self.enrolment)
            .bind(last)
            .execute(&mut self.town.owner)
            .await
            .unwrap();
    }

    async fn send(&self, by_head: bool, path: &str, fields: &Fields) -> Answer {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.town.post(if by_head { &self.head } else { &self.lead }, path, &fields).await
    }

    pub async fn incident(&mut self, grave: bool, in_open_case: bool) {
        let seriousness = if grave { "serious" } else { "concern" };
        if let (true, Some(case)) = (in_open_case, self.cases.last()) {
            let mut fields = Fields::new();
            put_day(&mut fields, "happened_on", self.today());
            for (name, value) in
                [("happened_at", "8:10am"), ("place", "Corridor"), ("what", "A push"), ("followed", "")]
            {
                put(&mut fields, name, value);
            }
            put(&mut fields, "seriousness", seriousness);
            let path = format!("/cases/{case}/incidents/new");
            let answer = self.send(false, &path, &fields).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
            self.incidents.push(answer.location.rsplit('/').next().unwrap().parse().unwrap());
            return;
        }
        let id = Uuid::now_v7();
        sqlx::query(
            "insert into app.incidents (id, authority_id, school_id, pupil_id, enrolment_id, happened_on, place, what,
                                        seriousness, recorded_at, recorded_by, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, 'Corridor', 'A push', $7, $8, $9, $8, $9)",
        )
        .bind(id)
        .bind(self.town.authority)
        .bind(self.town.greenfield.id)
        .bind(self.pupil)
        .bind(self.enrolment)
        .bind(self.today())
        .bind(seriousness)
        .bind(self.town.now())
        .bind(self.lead.id)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
        self.incidents.push(id);
    }

    /// Sends a wish, and says how the answer differs from the verdict expected. `if_head`: the verdict if the
    /// headteacher asked. Answers whether it happened.
    pub async fn wish(
        &mut self,
        wish: &Wish,
        about: Option<usize>,
        expected: &Verdict,
        if_head: &Verdict,
    ) -> Result<bool, String> {
        if let Want::Open { stage, reason, .. } = &wish.what {
            let by_form = *stage == 1 && *reason == waymark::domain::stage::Entry::Concern;
            return if by_form {
                self.open(wish, expected).await
            } else {
                if expected.allowed() {
                    self.found_at(wish).await;
                }
                Ok(expected.allowed())
            };
        }
        let Some(case) = about.map(|n| self.cases[n]) else { return Ok(false) };
        let path = format!("/cases/{case}/stage/move");
        let fields = self.move_fields(&wish.what, wish);
        let answer = self.send(wish.by_head, &path, &fields).await;
        if expected.allowed() || wish.by_head || !if_head.allowed() {
            matches(&answer, expected, wish, &format!("/cases/{case}/stage"))?;
            if expected.allowed() {
                self.kept_reasons(case, expected).await?;
            }
            return Ok(expected.allowed());
        }
        // The lead proposes; the headteacher answers.
        if answer.status != StatusCode::SEE_OTHER {
            return Err(format!("the lead could not propose it: {}", answer.status));
        }
        let proposal: Uuid =
            sqlx::query_scalar("select id from app.proposals where case_id = $1 and answer is null")
                .bind(case)
                .fetch_one(&mut self.town.owner)
                .await
                .map_err(|error| format!("no proposal waits: {error}"))?;
        let said = if wish.confirms { "confirm" } else { "decline" };
        let address = format!("/cases/{case}/proposals/{proposal}");
        let mut fields = Fields::new();
        put(&mut fields, "answer", said);
        let answer = self.send(true, &address, &fields).await;
        if answer.status != StatusCode::SEE_OTHER {
            return Err(format!("the headteacher could not {said} it: {}", answer.status));
        }
        if wish.confirms {
            self.kept_reasons(case, if_head).await?;
        }
        Ok(wish.confirms)
    }

    fn move_fields(&self, want: &Want, wish: &Wish) -> Fields {
        let mut fields = Fields::new();
        put(&mut fields, "to", code(want));
        put(&mut fields, "words", "So that it goes better");
        match want {
            Want::Up { reason, incident, in_view, .. } => {
                put(&mut fields, "why", reason.as_str());
                let latest = self.incidents.last().filter(|_| *incident);
                put(&mut fields, "incident", latest.map(Uuid::to_string).unwrap_or_default());
                tick(&mut fields, "exclusion_in_view", *in_view);
            }
            Want::Extend { days } => put_day(&mut fields, "until", self.today() + Duration::days(*days)),
            Want::Exit { parents, pupil, recognised } => {
                tick(&mut fields, "told_parents", *parents);
                tick(&mut fields, "told_pupil", *pupil);
                tick(&mut fields, "recognised", *recognised);
            }
            Want::Open { .. } | Want::Down { .. } | Want::Close(_) | Want::Reopen { .. } => {}
        }
        for (clause, words) in wish.reasons.given() {
            put(&mut fields, &format!("reason.{clause}"), words);
        }
        fields
    }

    /// The latest decision keeps the reasons that count, and its list what goes along.
    async fn kept_reasons(&mut self, case: Uuid, expected: &Verdict) -> Result<(), String> {
        let Verdict::Allowed { explained, open, .. } = expected else { return Ok(()) };
        let (kept, along): (Vec<String>, Vec<String>) = sqlx::query_as(
            "select array(select jsonb_object_keys(reasons)),
                    array(select r->>'clause' from jsonb_array_elements(requirements) r
                          where not (r->>'met')::boolean and r->>'class' in ('check', 'consider'))
             from app.case_decisions where case_id = $1 order by seq desc limit 1",
        )
        .bind(case)
        .fetch_one(&mut self.town.owner)
        .await
        .map_err(|error| error.to_string())?;
        let same = |stored: &[String], expected: &BTreeSet<&str>| {
            stored.len() == expected.len() && stored.iter().all(|clause| expected.contains(clause.as_str()))
        };
        if !same(&kept, explained) || !same(&along, open) {
            return Err(format!("the text says {expected:?}, kept were {kept:?} and {along:?}"));
        }
        Ok(())
    }

    async fn open(&mut self, wish: &Wish, expected: &Verdict) -> Result<bool, String> {
        let Want::Open { lead, rationale, tried, .. } = &wish.what else { return Ok(false) };
        let mut fields = Fields::new();
        put(&mut fields, "pupil", self.pupil.to_string());
        put(&mut fields, "lead", if *lead { self.lead.id.to_string() } else { String::new() });
        put(&mut fields, "rationale", if *rationale { "Three suspensions this year" } else { "" });
        for group in ["support", "advice"].iter().filter(|_| *tried) {
            for part in ["what", "detail", "outcome"] {
                put(&mut fields, &format!("{group}_{part}"), "Mentoring in autumn");
            }
        }
        for (clause, words) in wish.reasons.given() {
            put(&mut fields, &format!("reason.{clause}"), words);
        }
        let answer = self.send(wish.by_head, "/cases", &fields).await;
        matches(&answer, expected, wish, "/cases/")?;
        if expected.allowed() {
            let id: Uuid = answer.location.rsplit('/').next().unwrap().parse().unwrap();
            self.cases.push(id);
            self.meetings.clear();
            self.kept_reasons(id, expected).await?;
        }
        Ok(expected.allowed())
    }

    /// A case as it is found when it began where the form does not reach yet.
    async fn found_at(&mut self, wish: &Wish) {
        let Want::Open { stage, reason, .. } = &wish.what else { return };
        let (id, today, now) = (Uuid::now_v7(), self.today(), self.town.now());
        let (authority, school, lead) = (self.town.authority, self.town.greenfield.id, self.lead.id);
        let owner: &mut PgConnection = &mut self.town.owner;
        let mut tx = owner.begin().await.unwrap();
        sqlx::query(
            "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at,
                                    opened_by, rationale, stage, lead_id, sort_name, entry_stage, entry_reason,
                                    note_before, parents_know)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'x', $10, $9, 'model', $10, $11,
                     case when $11 = 'continuation' then 'x' end, $11 = 'continuation')",
        )
        .bind(id)
        .bind(authority)
        .bind(school)
        .bind(self.pupil)
        .bind(self.enrolment)
        .bind(self.policy)
        .bind(today)
        .bind(now)
        .bind(lead)
        .bind(i16::from(*stage))
        .bind(reason.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
        let event = serde_json::json!({"event": "opened", "stage": stage, "reason": reason.as_str()});
        sqlx::query(
            "insert into app.case_decisions (id, authority_id, school_id, case_id, command, decided_on, decided_at,
                                             decided_by, requirements, reasons, seq, event)
             values ($1, $2, $3, $4, 'open', $5, $6, $7, '[]', '{}', 1, $8)",
        )
        .bind(Uuid::now_v7())
        .bind(authority)
        .bind(school)
        .bind(id)
        .bind(today)
        .bind(now)
        .bind(lead)
        .bind(event)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by,
                                          reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(Uuid::now_v7())
        .bind(authority)
        .bind(school)
        .bind(id)
        .bind(i16::from(*stage))
        .bind(today)
        .bind(now)
        .bind(lead)
        .bind(reason.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into app.case_leads (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
             values ($1, $2, $3, $4, $5, $6, $7, $5)",
        )
        .bind(Uuid::now_v7())
        .bind(authority)
        .bind(school)
        .bind(id)
        .bind(lead)
        .bind(today)
        .bind(now)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.found.push(id);
        self.cases.push(id);
        self.meetings.clear();
    }
}
