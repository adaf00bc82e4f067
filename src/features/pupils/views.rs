//! Reading the pupil and contact forms, and filling them from a record.

use time::Date;

use super::queries::{ContactRow, PupilRow};
use crate::{
    domain::{
        pupil::{ContactDetails, PupilDetails, SendStatus, YearGroup},
        upn::Upn,
    },
    web::forms::Form,
};

/// Choices of the form.
pub const SEND: [(&str, &str); 3] = [
    ("none", "None recorded"),
    ("sen_support", "SEN support"),
    ("ehcp", "Education, health and care plan (EHCP)"),
];

/// Reads the pupil typed, with every message on the form. Years are worked out on `today`.
pub fn read_pupil(form: &mut Form, today: Date) -> Option<PupilDetails> {
    let given_name = form.line("given_name", "Given name", 80);
    let family_name = form.line("family_name", "Family name", 80);
    let known_as = form.optional_line("known_as", "Known as", 80);
    let pronouns = form.optional_line("pronouns", "Pronouns", 40);
    let born_on = form.date("born_on", "Date of birth");
    if let Some(born) = born_on
        && (born >= today || today.year() - born.year() > 25)
    {
        form.fail("born_on", "Date of birth must be in the past, and the pupil of school age");
    }
    let (year_offset, year_reason) = read_year(form, born_on, today);
    let (upn, no_upn_reason) = read_upn(form);
    let send = SendStatus::ALL.into_iter().find(|send| send.as_str() == form.value("send"));
    if send.is_none() {
        form.fail("send", "Select the pupil’s special educational needs");
    }
    if form.has_errors() {
        return None;
    }
    Some(PupilDetails {
        given_name: given_name?,
        family_name: family_name?,
        known_as: known_as?,
        pronouns: pronouns?,
        born_on: born_on?,
        year_offset: year_offset?,
        year_reason,
        upn,
        no_upn_reason,
        send: send?,
        looked_after: form.checked("looked_after", "yes"),
        eal: form.checked("eal", "yes"),
    })
}

/// The actual year: left empty it is the usual one for the date of birth; another one asks why.
fn read_year(form: &mut Form, born_on: Option<Date>, today: Date) -> (Option<i16>, Option<String>) {
    let typed = form.value("year_group").trim().to_owned();
    let reason = form.optional_line("year_reason", "Why this year group", 200).flatten();
    let Some(born_on) = born_on else { return (Some(0), None) };
    let usual = YearGroup::usual(born_on, today);
    if typed.is_empty() {
        return (Some(0), None);
    }
    let Ok(year) = typed.parse::<i16>() else {
        form.fail("year_group", "Year group must be a number, like 9");
        return (None, None);
    };
    let offset = year - usual.0;
    if !(-3..=3).contains(&offset) {
        form.fail(
            "year_group",
            &format!("Year group must be within 3 years of {usual}, the usual year for this date of birth"),
        );
        return (None, None);
    }
    if offset != 0 && reason.is_none() {
        form.fail(
            "year_reason",
            &format!("Say why the pupil is not in {usual}, the usual year for this date of birth"),
        );
        return (None, None);
    }
    (Some(offset), if offset == 0 { None } else { reason })
}

fn read_upn(form: &mut Form) -> (Option<Upn>, Option<String>) {
    let typed = form.value("upn").trim().to_owned();
    let reason = form.optional_line("no_upn_reason", "Why there is no UPN", 200).flatten();
    if typed.is_empty() {
        if reason.is_none() {
            form.fail("upn", "Enter the UPN, or say below why there is none yet");
        }
        return (None, reason);
    }
    match Upn::parse(&typed) {
        Ok(upn) => (Some(upn), None),
        Err(error) => {
            form.fail("upn", &error.to_string());
            (None, None)
        }
    }
}

/// Fills the form from a record.
pub fn pupil_form(row: &PupilRow, today: Date) -> Form {
    let mut form = Form::empty();
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    form.set("given_name", &row.given_name);
    form.set("family_name", &row.family_name);
    form.set("known_as", &or_empty(&row.known_as));
    form.set("pronouns", &or_empty(&row.pronouns));
    form.set_date("born_on", row.born_on);
    if row.year_offset != 0 {
        form.set("year_group", &YearGroup::actual(row.born_on, row.year_offset, today).0.to_string());
    }
    form.set("year_reason", &or_empty(&row.year_reason));
    form.set("upn", &or_empty(&row.upn));
    form.set("no_upn_reason", &or_empty(&row.no_upn_reason));
    form.set("send", row.send.as_str());
    form.tick("looked_after", row.looked_after);
    form.tick("eal", row.eal);
    form.set("version", &row.version.to_string());
    form
}

/// Reads the contact typed, with every message on the form.
pub fn read_contact(form: &mut Form) -> Option<ContactDetails> {
    let name = form.line("name", "Full name", 120);
    let relationship = form.line("relationship", "Relationship to the pupil", 60);
    let parental_responsibility = match form.value("parental_responsibility") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            form.fail("parental_responsibility", "Select whether this person has parental responsibility");
            None
        }
    };
    let contact_order = form.value("contact_order").trim().parse::<u8>().ok().filter(|n| (1..=9).contains(n));
    if contact_order.is_none() {
        form.fail("contact_order", "Order must be a number from 1 to 9");
    }
    let phone = form.optional_line("phone", "Telephone", 40);
    let email = form.optional_line("email", "Email address", 254);
    if let Some(Some(email)) = &email
        && (!email.contains('@') || email.contains(' '))
    {
        form.fail("email", "Email address must be like name@example.com");
    }
    let address = form.optional_paragraph("address", "Address", 400);
    let no_contact = form.checked("no_contact", "yes");
    let no_contact_reason = form.optional_line("no_contact_reason", "Why there must be no contact", 200);
    if no_contact && no_contact_reason == Some(None) {
        form.fail("no_contact_reason", "Say why there must be no contact, for example which court order");
    }
    let language = form.optional_line("language", "Language", 60);
    if form.has_errors() {
        return None;
    }
    Some(ContactDetails {
        name: name?,
        relationship: relationship?,
        parental_responsibility: parental_responsibility?,
        contact_order: contact_order?,
        phone: phone?,
        email: email?,
        address: address?,
        address_confidential: form.checked("address_confidential", "yes"),
        no_contact,
        no_contact_reason: if no_contact { no_contact_reason? } else { None },
        language: language?,
    })
}

/// Fills the form from a record.
pub fn contact_form(row: &ContactRow) -> Form {
    let mut form = Form::empty();
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    form.set("name", &row.name);
    form.set("relationship", &row.relationship);
    form.set("parental_responsibility", if row.parental_responsibility { "yes" } else { "no" });
    form.set("contact_order", &row.contact_order.to_string());
    form.set("phone", &or_empty(&row.phone));
    form.set("email", &or_empty(&row.email));
    form.set("address", &or_empty(&row.address));
    form.tick("address_confidential", row.address_confidential);
    form.tick("no_contact", row.no_contact);
    form.set("no_contact_reason", &or_empty(&row.no_contact_reason));
    form.set("language", &or_empty(&row.language));
    form.set("version", &row.version.to_string());
    form
}
