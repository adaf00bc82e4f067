//! Who leads a case (S1.01).

use askama::Template;
use axum::response::Response;

use super::queries::{self, PossibleLead};
use crate::{
    db::case::CaseOf,
    domain::{
        dates,
        ids::CaseId,
        permission::{Capability, NominateLead},
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "stages/lead.html")]
struct LeadPage {
    chrome: Chrome,
    form: Form,
    identity: Identity,
    options: Vec<(String, String)>,
    now: String,
    action: String,
    back: String,
}

fn lead_page(
    chrome: Chrome,
    form: Form,
    identity: Identity,
    head: &CaseOf,
    leads: &[PossibleLead],
) -> LeadPage {
    LeadPage {
        chrome,
        form,
        identity,
        options: leads.iter().map(|lead| (lead.id.to_string(), lead.name.clone())).collect(),
        now: head.lead_name.clone(),
        action: format!("{}/lead", urls::case(head.id)),
        back: urls::case(head.id),
    }
}

pub async fn edit_lead(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::NominateLead).await?;
    let leads = queries::possible_leads(visit.tx.conn(), head.school, today).await?;
    let mut form = Form::empty();
    form.set("lead", &head.lead.to_string());
    form.set("version", &head.lead.to_string());
    let identity = Identity::of(&head, visit.actor(), today, "");
    let page = lead_page(visit.chrome(), form, identity, &head, &leads);
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}

pub async fn update_lead(Id(id): Id<CaseId>, mut posted: Posted) -> Result<Response, Error> {
    let moment = posted.tx.moment();
    let (now, today) = (moment.now, moment.today);
    let (head, permit) = posted.open_case::<NominateLead>(id).await?;
    let leads = queries::possible_leads(posted.tx.conn(), head.school, today).await?;
    let typed = posted.form.value("lead").to_owned();
    let lead = leads.iter().find(|lead| lead.id.to_string() == typed);
    if typed.is_empty() {
        posted.form.fail("lead", "Select who leads the case");
    } else if lead.is_none() {
        // Somebody of another school does not exist here.
        return Err(Error::NotFound);
    }
    let was = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let (false, Some(lead)) = (posted.needs_another_look(), lead) else {
        let identity = Identity::of(&head, posted.actor(), today, "");
        let page = lead_page(posted.chrome(), posted.form.clone(), identity, &head, &leads);
        return posted.again(&page).await;
    };
    if lead.id != head.lead || was != head.lead {
        let changed = was == head.lead
            && queries::change_lead(posted.tx.conn(), &permit, id, was, lead.id, moment).await?;
        if !changed {
            return Err(Error::Conflict(Box::new(Conflict {
                what: "The lead of this case".to_owned(),
                changed: format!(
                    "{} was named at {}",
                    head.lead_name,
                    dates::time_of_day(london(now).time())
                ),
                fields: vec![("Lead".to_owned(), head.lead_name.clone(), lead.name.clone())],
                edit: format!("{}/lead", urls::case(id)),
            })));
        }
    }
    let trace = head.trace(&["lead"]);
    posted.done(trace, &urls::case(id), Some(Flash::LeadNamed)).await
}
