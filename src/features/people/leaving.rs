//! Somebody leaves: the open cases they lead are handed over first, in the same form. A headteacher chooses for each
//! case or for all; an LA administrator sees how many there are, and no pupil.

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    queries::{self, LedRow},
    views::{self, Looked},
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        ids::{CaseId, PupilId, SchoolId, UserId},
        managing,
        people::Role,
        permission::{ManagePeople, NominateLead, Over, PermitOver},
        pupil::display_name,
    },
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// The cases to hand over, school by school; empty when they lead none.
pub struct Leaving {
    pub places: Vec<Place>,
}

/// The cases of one school.
pub struct Place {
    school: SchoolId,
    pub words: String,
    /// The field for all of them.
    pub field: String,
    pub options: Vec<(String, String)>,
    /// One by one, for somebody who sees them.
    pub cases: Vec<CaseLine>,
    /// The choices of one: as for all, or somebody.
    pub each: Vec<(String, String)>,
}

/// A case to hand over.
pub struct CaseLine {
    id: CaseId,
    pupil: PupilId,
    pub field: String,
    pub name: String,
}

/// Who takes over at one school.
pub struct HandOver {
    school: SchoolId,
    /// Every case, unseen.
    all: Option<UserId>,
    /// These, one by one.
    cases: Vec<(CaseId, UserId)>,
}

impl Leaving {
    /// What has to be handed over when a role ends: nothing as long as another role lets them lead there.
    pub async fn of_role(
        tx: &mut ScopedTx,
        looked: &Looked,
        at: usize,
        last_day: Option<Date>,
    ) -> Result<Self, Error> {
        let grant = &looked.held[at].grant;
        let leads = matches!(grant.role, Role::SchoolLead | Role::Staff | Role::Headteacher);
        let Some(school) = grant.school.filter(|_| leads) else { return Ok(Self { places: Vec::new() }) };
        let last_day = last_day.unwrap_or(looked.today);
        if managing::leads_on(&looked.grants(), at, school, last_day, looked.today) {
            return Ok(Self { places: Vec::new() });
        }
        let led = queries::led(tx.conn(), looked.person.id).await?;
        Self::of(tx, looked, led.into_iter().filter(|row| row.school == school).collect()).await
    }

    /// What has to be handed over when an account is stopped.
    pub async fn of_account(tx: &mut ScopedTx, looked: &Looked) -> Result<Self, Error> {
        let led = queries::led(tx.conn(), looked.person.id).await?;
        Self::of(tx, looked, led).await
    }

    async fn of(tx: &mut ScopedTx, looked: &Looked, led: Vec<LedRow>) -> Result<Self, Error> {
        let mut places = Vec::with_capacity(led.len());
        for row in led {
            let leads = queries::possible_leads(tx.conn(), row.school, looked.today).await?;
            let others = leads.into_iter().filter(|lead| lead.id != looked.person.id);
            let others: Vec<_> = others.map(|lead| (lead.id.to_string(), lead.name)).collect();
            let cases = match looked.over {
                Over::Authority => Vec::new(),
                Over::Schools(_) => queries::cases_led(tx.conn(), looked.person.id, row.school).await?,
            };
            let first = |words: &str| {
                let mut options = vec![(String::new(), words.to_owned())];
                options.extend(others.iter().cloned());
                options
            };
            places.push(Place {
                school: row.school,
                words: format!("{} at {}", views::cases(row.cases), row.school_name),
                field: format!("to.{}", row.school),
                options: first("Choose somebody"),
                each: first("As for all of them"),
                cases: cases
                    .into_iter()
                    .map(|case| CaseLine {
                        id: case.id,
                        pupil: case.pupil,
                        field: format!("case.{}", case.id),
                        name: format!(
                            "{}, case {}",
                            display_name(&case.given_name, case.known_as.as_deref(), &case.family_name),
                            case.number
                        ),
                    })
                    .collect(),
            });
        }
        Ok(Self { places })
    }

    /// Who takes over, as typed; none when somebody is missing: the message is on the form. Somebody who was not offered
    /// does not exist.
    pub fn read(&self, form: &mut Form) -> Result<Option<Vec<HandOver>>, Error> {
        let chosen = |typed: &str, options: &[(String, String)]| -> Result<Option<UserId>, Error> {
            if !options.iter().any(|(id, _)| id == typed) && !typed.is_empty() {
                return Err(Error::NotFound);
            }
            Ok(typed.parse().ok())
        };
        let mut read = Vec::with_capacity(self.places.len());
        for place in &self.places {
            let all = chosen(form.value(&place.field), &place.options)?;
            let mut cases = Vec::with_capacity(place.cases.len());
            for case in &place.cases {
                if let Some(to) = chosen(form.value(&case.field), &place.options)?.or(all) {
                    cases.push((case.id, to));
                }
            }
            let enough =
                if place.cases.is_empty() { all.is_some() } else { cases.len() == place.cases.len() };
            if enough {
                let all = all.filter(|_| place.cases.is_empty());
                read.push(HandOver { school: place.school, all, cases });
            } else {
                let message = if place.options.len() > 1 {
                    "Select who leads these cases from today"
                } else {
                    "Nobody else holds a role at this school today. Give somebody one first"
                };
                form.fail(&place.field, message);
            }
        }
        Ok((read.len() == self.places.len()).then_some(read))
    }

    /// The pupils shown to somebody who sees them.
    pub fn trace(&self, looked: &Looked, changed: &'static [&'static str]) -> Trace {
        Trace {
            subject: Some(looked.person.id.uuid()),
            school: looked.school(),
            pupils: self.places.iter().flat_map(|place| &place.cases).map(|case| case.pupil).collect(),
            changed,
            ..Trace::default()
        }
    }
}

/// Hands the cases over, from today. Refuses when somebody changed them meanwhile.
pub async fn hand_over(
    posted: &mut Posted,
    looked: &Looked,
    permit: &PermitOver<ManagePeople>,
    handing: &[HandOver],
) -> Result<(), Error> {
    let (moment, request, was) = (posted.tx.moment(), posted.tx.request(), looked.person.id);
    let mut all_done = true;
    for one in handing {
        if let Some(to) = one.all {
            let done =
                queries::hand_over_unseen(posted.tx.conn(), permit, one.school, (was, to), moment, request)
                    .await?;
            all_done &= done.is_some();
            continue;
        }
        let nominate = posted.actor().permit::<NominateLead>(one.school)?;
        for (case, to) in &one.cases {
            all_done &= queries::change_lead(posted.tx.conn(), &nominate, *case, was, *to, moment).await?;
        }
    }
    // Somebody may have named them lead of another case, or there were more than a form can list.
    let left = queries::led(posted.tx.conn(), was).await?;
    all_done &= !left.iter().any(|row| handing.iter().any(|one| one.school == row.school));
    if all_done {
        return Ok(());
    }
    Err(Error::Conflict(Box::new(Conflict {
        what: "The cases this person leads".to_owned(),
        changed: "Somebody changed who leads them, or there are more of them than before. Nothing was saved"
            .to_owned(),
        fields: Vec::new(),
        edit: urls::person(was),
    })))
}

#[derive(Template)]
#[template(path = "people/disable.html")]
struct DisablePage {
    chrome: Chrome,
    form: Form,
    name: String,
    href: String,
    leaving: Leaving,
}

/// Somebody whose account is to be stopped: within reach, and not stopped yet.
fn may_stop(looked: &Looked) -> Result<(), Error> {
    if looked.account().is_err() || looked.person.disabled_at.is_some() {
        return Err(Error::BadRequest("This account is not yours to disable, or it is disabled already."));
    }
    Ok(())
}

fn page_of(posted: &Posted, looked: &Looked, leaving: Leaving) -> DisablePage {
    DisablePage {
        chrome: posted.chrome(),
        form: posted.form.clone(),
        name: looked.person.name.clone(),
        href: urls::person(looked.person.id),
        leaving,
    }
}

pub async fn disable_form(Id(id): Id<UserId>, mut visit: Visit) -> Result<Response, Error> {
    let looked = Looked::at(&mut visit.tx, id).await?;
    may_stop(&looked)?;
    let leaving = Leaving::of_account(&mut visit.tx, &looked).await?;
    let trace = leaving.trace(&looked, &[]);
    let page = DisablePage {
        chrome: visit.chrome(),
        form: Form::empty(),
        name: looked.person.name,
        href: urls::person(id),
        leaving,
    };
    visit.show(trace, &page).await
}

pub async fn disable(Id(id): Id<UserId>, mut posted: Posted) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let looked = Looked::at(&mut posted.tx, id).await?;
    may_stop(&looked)?;
    let permit = posted.actor().permit_over::<ManagePeople>(looked.school())?;
    let leaving = Leaving::of_account(&mut posted.tx, &looked).await?;
    if !posted.form.checked("sure", "yes") {
        posted.form.fail("sure", "Tick the box to say that they are to be signed out now");
    }
    let handing = leaving.read(&mut posted.form)?;
    let (false, Some(handing)) = (posted.needs_another_look(), handing) else {
        let page = page_of(&posted, &looked, leaving);
        return posted.again(&page).await;
    };
    hand_over(&mut posted, &looked, &permit, &handing).await?;
    let hindered = queries::disable(posted.tx.conn(), &permit, id, moment).await?;
    let message = match hindered.as_deref() {
        None => {
            let changed: &[&str] = if handing.is_empty() { &["account"] } else { &["account", "lead"] };
            let trace = leaving.trace(&looked, changed);
            return posted.done(trace, &urls::person(id), Some(Flash::PersonDisabled)).await;
        }
        Some("leads_cases") => {
            "They lead open cases at a school that is not yours. Ask an LA administrator to hand those over"
        }
        Some("last_administrator") => "Nobody else is LA administrator. Give somebody the role first",
        Some(_) => return Err(Error::BadRequest("This account is not yours to disable.")),
    };
    posted.form.fail("sure", message);
    let page = page_of(&posted, &looked, leaving);
    posted.again(&page).await
}

pub async fn enable(Id(id): Id<UserId>, mut posted: Posted) -> Result<Response, Error> {
    let today = posted.tx.today();
    let looked = Looked::at(&mut posted.tx, id).await?;
    let permit = posted.actor().permit_over::<ManagePeople>(looked.school())?;
    if looked.account().is_err() || !queries::enable(posted.tx.conn(), &permit, id, today).await? {
        return Err(Error::BadRequest("This account is not yours to let in again."));
    }
    let trace = Trace {
        subject: Some(id.uuid()),
        school: looked.school(),
        changed: &["account"],
        ..Trace::default()
    };
    posted.done(trace, &urls::person(id), Some(Flash::PersonEnabled)).await
}
