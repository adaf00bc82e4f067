//! What the panel decides about a referral (S3.08): a place, no place, or later.

use axum::{extract::Path, response::Response};
use time::{Date, Duration};

use super::{
    queries::{self, Decided, PanelRow},
    referral::{Choices, Found, again, overtaken, school_typed},
    views,
};
use crate::{
    db::{
        referral,
        transfer::{self, Appended, Author, Wish},
    },
    domain::{
        ids::{PanelId, ReferralId},
        panel::{self, Allocating, Outcome, Place, Verdict},
        permission::Allocate,
        rules::Requirement,
        transfer::Event,
    },
    web::{asks, error::Error, extract::Posted, forms::Form, page::Flash, urls},
};

const MAX_WORDS: usize = 2000;

/// What was typed, checked.
struct Typed {
    verdict: Verdict,
    to: Option<Place>,
    starts_on: Option<Date>,
    other: Option<PanelId>,
    reasons: String,
    conditions: Option<String>,
    dissent: Option<String>,
    objection: Option<String>,
}

fn read(form: &mut Form, choices: &Choices, today: Date) -> Result<Option<Typed>, Error> {
    let verdict = form.choice("outcome", Verdict::from_stored, "Select what the panel decides");
    let school = school_typed(form, "school", &choices.places)?;
    let to = choices.places.iter().find(|place| Some(place.school) == school).map(views::place);
    if verdict == Some(Verdict::Allocate) && to.is_none() {
        form.fail("school", "Select the school that takes the pupil");
    }
    let starts_on = form.optional_date("starts_on", "First day");
    if let Some(Some(day)) = starts_on
        && (day < today || day > today + Duration::days(366))
    {
        form.fail("starts_on", "First day must be from today on, within a year");
    }
    let other = other_panel(form, verdict, &choices.others)?;
    let reasons = form.paragraph("reasons", "Reasons", MAX_WORDS);
    let conditions = form.optional_paragraph("conditions", "Conditions", MAX_WORDS);
    let dissent = form.optional_paragraph("dissent", "Dissent", MAX_WORDS);
    let objection = form.optional_paragraph("objection", "Objection of the school", MAX_WORDS);
    let all = (verdict, starts_on, reasons, conditions, dissent, objection);
    let (Some(verdict), Some(starts_on), Some(reasons), Some(conditions), Some(dissent), Some(objection)) =
        all
    else {
        return Ok(None);
    };
    let to = to.filter(|_| verdict == Verdict::Allocate);
    let starts_on = starts_on.filter(|_| verdict == Verdict::Allocate);
    Ok(Some(Typed { verdict, to, starts_on, other, reasons, conditions, dissent, objection }))
}

fn other_panel(
    form: &mut Form,
    verdict: Option<Verdict>,
    others: &[PanelRow],
) -> Result<Option<PanelId>, Error> {
    if verdict != Some(Verdict::PutOff) {
        return Ok(None);
    }
    match form.value("other_panel") {
        "" => {
            form.fail("other_panel", "Select the panel it is put off to");
            Ok(None)
        }
        typed => {
            let id: PanelId = typed.parse().map_err(|_| Error::NotFound)?;
            others.iter().find(|other| other.id == id).map(|other| Some(other.id)).ok_or(Error::NotFound)
        }
    }
}

/// Everything the decision asks.
fn asked(
    found: &Found,
    typed: &Typed,
    by: Option<&panel::Member>,
    policy: &crate::domain::policy::ProgrammePolicy,
    today: Date,
) -> Vec<Requirement> {
    let mut list = match &typed.to {
        Some(to) => {
            let schools = found.row.schools.as_ref().map_or(&[][..], |schools| schools.0.as_slice());
            let excluded: Option<&Wish> =
                schools.iter().find(|wish| wish.school == to.school && wish.wish == "excluded");
            panel::to_allocate(&Allocating {
                home: found.row.home,
                to,
                by,
                declined_before: found
                    .transfer
                    .as_ref()
                    .is_some_and(|of| of.state.declined.contains(&to.school)),
                objection: typed.objection.as_deref(),
                excluded: excluded.map(|wish| wish.why.as_str()),
                policy,
            })
        }
        None => panel::to_decide_otherwise(by, found.row.home),
    };
    list.insert(1, panel::s3_08_panel_met(found.panel.meets_on, today));
    list
}

pub async fn create(Path(ids): Path<(PanelId, ReferralId)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let actor = posted.actor().clone();
    let mut found = Found::of(posted.tx.conn(), &actor, ids, today).await?;
    let permit = actor.permit_on_agenda::<Allocate>(found.row.home, found.sits)?;
    if !found.waits() {
        return Err(Error::BadRequest("It does not wait for this panel’s decision any more."));
    }
    let choices = Choices::of(posted.tx.conn(), found.panel.id, today).await?;
    let policy = transfer::policy(posted.tx.conn(), today).await?;
    let own = found.members.iter().find(|member| member.user == actor.user);
    let own = own.map(|member| views::member(member, Some(&found.row)));
    let typed = read(&mut posted.form, &choices, today)?;
    let list = typed.as_ref().map(|typed| asked(&found, typed, own.as_ref(), &policy, today));
    let given = list.as_ref().and_then(|list| asks::settle(&mut posted.form, list));
    let (false, Some(typed), Some(given)) = (posted.needs_another_look(), typed, given) else {
        let lines = list.map_or_else(Vec::new, |list| asks::lines(&list, &posted.form, None));
        return again(posted, &found, lines).await;
    };
    let Some(row) = found.transfer.take() else { return Err(Error::NotFound) };
    if posted.form.value("version") != row.version.to_string() {
        return Err(overtaken(&found, &typed.reasons));
    }
    let to = typed.to.as_ref().map(|place| place.school);
    let abstained = views::abstaining(&found.members, &found.row, to);
    // Who recorded it was there, whether or not somebody has ticked them off.
    let present = found
        .members
        .iter()
        .filter(|member| member.attendance.as_deref() == Some("present") || member.user == actor.user)
        .map(|member| member.name.clone())
        .collect();
    let protocol = format!("{} of {}", found.panel.name, found.panel.meets_on);
    let decided = Decided {
        panel: found.panel.id,
        verdict: typed.verdict,
        to,
        starts_on: typed.starts_on,
        reasons: &typed.reasons,
        conditions: typed.conditions.as_deref(),
        dissent: typed.dissent.as_deref(),
        objection: typed.objection.as_deref(),
        protocol: &protocol,
        given: &given,
        present,
        abstained,
    };
    let (author, when) = (Author::from(&permit), (today, now));
    let conn = posted.tx.conn();
    queries::decide(conn, &permit, &found.row, &row, &decided, when).await?;
    let event = match (typed.verdict, to, typed.other) {
        (Verdict::Allocate, Some(school), _) => Event::Allocated { school },
        (Verdict::PutOff, _, Some(panel)) => Event::PutOff { panel },
        _ => Event::NotPlaced,
    };
    let words = Some(typed.reasons.as_str());
    let row = match transfer::append(conn, author, row, &event, words, None, when).await? {
        Appended::Done(row) => row,
        Appended::Impossible | Appended::Overtaken => return Err(overtaken(&found, &typed.reasons)),
    };
    match event {
        Event::PutOff { panel } => {
            referral::settle(conn, author, &row, Outcome::PutOff, now).await?;
            referral::add(conn, author, &row, found.row.pack, panel, now).await?;
        }
        Event::NotPlaced => referral::settle(conn, author, &row, Outcome::NotPlaced, now).await?,
        _ => {}
    }
    let location = urls::panel(found.panel.id);
    posted.done(found.trace(&["allocation"]), &location, Some(Flash::ReferralDecided)).await
}
