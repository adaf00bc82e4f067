//! The people to contact about a pupil.

use askama::Template;
use axum::{extract::Path, response::Response};
use uuid::Uuid;

use super::{
    queries::{self, ContactRow, PupilRow},
    views,
};
use crate::{
    db::Trace,
    domain::{
        dates,
        ids::{ContactId, PupilId},
        permission::ManagePupils,
        pupil::{ContactDetails, display_name},
    },
    state::london,
    web::{
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

#[derive(Template)]
#[template(path = "pupils/contact.html")]
struct ContactPage {
    chrome: Chrome,
    form: Form,
    name: String,
    title: &'static str,
    action: String,
    back: String,
    remove: Option<String>,
}

fn contact_page(chrome: Chrome, form: Form, pupil: &PupilRow, contact: Option<ContactId>) -> ContactPage {
    let address = contact.map_or_else(
        || format!("{}/contacts/new", urls::pupil(pupil.id)),
        |contact| urls::contact(pupil.id, contact),
    );
    ContactPage {
        chrome,
        form,
        name: display_name(&pupil.given_name, pupil.known_as.as_deref(), &pupil.family_name),
        title: if contact.is_some() { "Change a contact" } else { "Add a contact" },
        remove: contact.map(|_| format!("{address}/remove")),
        action: address,
        back: urls::pupil(pupil.id),
    }
}

fn seen(pupil: &PupilRow) -> Trace {
    Trace {
        subject: Some(pupil.id.uuid()),
        school: Some(pupil.school),
        pupils: vec![pupil.id],
        ..Trace::default()
    }
}

pub async fn new(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let pupil = queries::pupil(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(pupil.school)?;
    let others = queries::contacts(visit.tx.conn(), id).await?.len();
    let mut form = Form::empty();
    form.set("contact_order", &(others + 1).min(9).to_string());
    let page = contact_page(visit.chrome(), form, &pupil, None);
    visit.show(seen(&pupil), &page).await
}

pub async fn create(Id(id): Id<PupilId>, mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let pupil = queries::pupil(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(pupil.school)?;
    let details = views::read_contact(&mut posted.form);
    let (false, Some(details)) = (posted.needs_another_look(), details) else {
        let page = contact_page(posted.chrome(), posted.form.clone(), &pupil, None);
        return posted.again(&page).await;
    };
    queries::add_contact(posted.tx.conn(), &permit, id, Uuid::now_v7().into(), &details, now).await?;
    let trace = Trace { changed: &["contact"], ..seen(&pupil) };
    posted.done(trace, &urls::pupil(id), Some(Flash::ContactAdded)).await
}

async fn find(
    conn: &mut sqlx::PgConnection,
    pupil: PupilId,
    contact: ContactId,
) -> Result<ContactRow, Error> {
    queries::contacts(conn, pupil).await?.into_iter().find(|row| row.id == contact).ok_or(Error::NotFound)
}

pub async fn edit(
    Path((id, contact)): Path<(PupilId, ContactId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let pupil = queries::pupil(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(pupil.school)?;
    let row = find(visit.tx.conn(), id, contact).await?;
    let page = contact_page(visit.chrome(), views::contact_form(&row), &pupil, Some(contact));
    visit.show(seen(&pupil), &page).await
}

fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

pub async fn update(
    Path((id, contact)): Path<(PupilId, ContactId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let now = posted.tx.now();
    let pupil = queries::pupil(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(pupil.school)?;
    let row = find(posted.tx.conn(), id, contact).await?;
    let version = version(&posted.form)?;
    let details = views::read_contact(&mut posted.form);
    let (false, Some(details)) = (posted.needs_another_look(), details) else {
        let page = contact_page(posted.chrome(), posted.form.clone(), &pupil, Some(contact));
        return posted.again(&page).await;
    };
    if !queries::change_contact(posted.tx.conn(), &permit, id, contact, version, &details, now).await? {
        return posted.conflict(clash(&pupil, &row, &details)).await;
    }
    let trace = Trace { changed: &["contact"], ..seen(&pupil) };
    posted.done(trace, &urls::pupil(id), Some(Flash::ContactChanged)).await
}

fn clash(pupil: &PupilRow, now: &ContactRow, sent: &ContactDetails) -> Conflict {
    let at = london(now.changed_at);
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let field = |label: &str, now: String, sent: String| (label.to_owned(), now, sent);
    let yes_no = |yes: bool| if yes { "Yes".to_owned() } else { "No".to_owned() };
    Conflict {
        what: "This contact".to_owned(),
        changed: format!(
            "{} changed it on {} at {}",
            now.changed_by,
            dates::short(at.date()),
            dates::time_of_day(at.time())
        ),
        fields: vec![
            field("Full name", now.name.clone(), sent.name.clone()),
            field("Relationship to the pupil", now.relationship.clone(), sent.relationship.clone()),
            field(
                "Parental responsibility",
                yes_no(now.parental_responsibility),
                yes_no(sent.parental_responsibility),
            ),
            field("Telephone", or_empty(&now.phone), or_empty(&sent.phone)),
            field("Email address", or_empty(&now.email), or_empty(&sent.email)),
            field("Address", or_empty(&now.address), or_empty(&sent.address)),
            field(
                "Address confidential",
                yes_no(now.address_confidential),
                yes_no(sent.address_confidential),
            ),
            field("Order", now.contact_order.to_string(), sent.contact_order.to_string()),
            field("No contact", yes_no(now.no_contact), yes_no(sent.no_contact)),
            field(
                "Why there must be no contact",
                or_empty(&now.no_contact_reason),
                or_empty(&sent.no_contact_reason),
            ),
            field("Language", or_empty(&now.language), or_empty(&sent.language)),
        ],
        edit: urls::contact(pupil.id, now.id),
    }
}

pub async fn remove(
    Path((id, contact)): Path<(PupilId, ContactId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let now = posted.tx.now();
    let pupil = queries::pupil(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(pupil.school)?;
    find(posted.tx.conn(), id, contact).await?;
    let version = version(&posted.form)?;
    if !queries::remove_contact(posted.tx.conn(), &permit, id, contact, version, now).await? {
        return Err(Error::BadRequest(
            "The contact was changed meanwhile. Look at it again before removing it.",
        ));
    }
    let trace = Trace { changed: &["contact"], ..seen(&pupil) };
    posted.done(trace, &urls::pupil(id), Some(Flash::ContactRemoved)).await
}
