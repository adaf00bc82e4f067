//! Two records of one pupil made one: found, laid side by side, and one given up for the other with a trace.

pub mod queries;

use askama::Template;
use axum::{extract::Path, response::Response};
use serde_json::{Value, json};
use uuid::Uuid;

use self::queries::{Hanging, MergeRow, NewMerge};
use super::queries::{PupilRow, change, pupil};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        dates,
        ids::PupilId,
        permission::ManagePupils,
        pupil::{PupilDetails, display_name},
        pupil_merge::{Field, MAX_WHY, differing, hindrance, merged, second_says_more},
        upn::Upn,
    },
    state::london,
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

fn details(row: &PupilRow) -> PupilDetails {
    PupilDetails {
        given_name: row.given_name.clone(),
        family_name: row.family_name.clone(),
        known_as: row.known_as.clone(),
        pronouns: row.pronouns.clone(),
        born_on: row.born_on,
        year_offset: row.year_offset,
        year_reason: row.year_reason.clone(),
        upn: row.upn.as_deref().and_then(|upn| Upn::parse(upn).ok()),
        no_upn_reason: row.no_upn_reason.clone(),
        send: row.send,
        looked_after: row.looked_after,
        eal: row.eal,
    }
}

fn name(row: &PupilRow) -> String {
    display_name(&row.given_name, row.known_as.as_deref(), &row.family_name)
}

#[derive(Template)]
#[template(path = "pupils/merge_choose.html")]
struct ChoosePage {
    chrome: Chrome,
    name: String,
    back: String,
    others: Vec<(String, String, String, String)>,
}

/// The records there are to choose from, with whom the page names.
async fn choosing(tx: &mut ScopedTx, row: &PupilRow, chrome: Chrome) -> Result<(ChoosePage, Trace), Error> {
    let looks = (row.given_name.as_str(), row.family_name.as_str(), row.born_on);
    let others = queries::candidates(tx.conn(), row.school, row.id, looks).await?;
    let trace = Trace {
        subject: Some(row.id.uuid()),
        school: Some(row.school),
        pupils: others.iter().map(|other| other.id).chain([row.id]).collect(),
        ..Trace::default()
    };
    let page = ChoosePage {
        chrome,
        name: name(row),
        back: urls::pupil(row.id),
        others: others
            .into_iter()
            .map(|other| {
                (
                    urls::merge(row.id, other.id),
                    display_name(&other.given_name, other.known_as.as_deref(), &other.family_name),
                    dates::long(other.born_on),
                    other.upn.unwrap_or_else(|| "none yet".to_owned()),
                )
            })
            .collect(),
    };
    Ok((page, trace))
}

pub async fn choose(Id(id): Id<PupilId>, mut visit: Visit) -> Result<Response, Error> {
    let row = pupil(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(row.school)?;
    let chrome = visit.chrome();
    let (page, trace) = choosing(&mut visit.tx, &row, chrome).await?;
    visit.show(trace, &page).await
}

/// Two records of one school, side by side: this one and the other.
struct Pair {
    rows: [PupilRow; 2],
    details: [PupilDetails; 2],
    fields: Vec<Field>,
    hanging: Vec<Hanging>,
    /// What stands in the way of keeping the one, of keeping the other.
    hindrances: [Option<String>; 2],
}

impl Pair {
    async fn of(tx: &mut ScopedTx, row: PupilRow, other: PupilId) -> Result<Self, Error> {
        let second = pupil(tx.conn(), other).await?.filter(|second| second.school == row.school);
        let second = second.ok_or(Error::NotFound)?;
        let details = [details(&row), details(&second)];
        Ok(Self {
            fields: differing(&details[0], &details[1]),
            details,
            hanging: queries::hanging(tx.conn(), row.school, &[row.id, second.id]).await?,
            hindrances: [
                queries::hindrance(tx.conn(), row.id, second.id).await?,
                queries::hindrance(tx.conn(), second.id, row.id).await?,
            ],
            rows: [row, second],
        })
    }

    fn trace(&self) -> Trace {
        Trace {
            subject: Some(self.rows[0].id.uuid()),
            school: Some(self.rows[0].school),
            pupils: self.rows.iter().map(|row| row.id).collect(),
            ..Trace::default()
        }
    }

    /// The form as it begins: what says more is chosen, and the record that can stay.
    fn begun(&self) -> Form {
        let mut form = Form::empty();
        for field in &self.fields {
            let second = second_says_more(*field, &self.details[0], &self.details[1]);
            form.set(&format!("field.{}", field.as_str()), if second { "second" } else { "first" });
        }
        match &self.hindrances {
            [None, Some(_)] => form.set("stays", "first"),
            [Some(_), None] => form.set("stays", "second"),
            // Both can: the one with an open case.
            [None, None] => {
                let open = |at: usize| {
                    self.hanging.iter().any(|one| one.pupil == self.rows[at].id && one.open_cases > 0)
                };
                form.set("stays", if open(1) && !open(0) { "second" } else { "first" });
            }
            [Some(_), Some(_)] => {}
        }
        form
    }

    fn page(&self, chrome: Chrome, form: Form) -> MergePage {
        let [first, second] = &self.rows;
        MergePage {
            chrome,
            form,
            name: name(first),
            back: format!("{}/merge", urls::pupil(first.id)),
            action: urls::merge(first.id, second.id),
            versions: [first.version, second.version],
            records: [("First record", first), ("Second record", second)].map(|(title, row)| Record {
                title,
                href: urls::pupil(row.id),
                name: name(row),
                added: dates::long(london(row.made_at).date()),
                hanging: self.hanging.iter().find(|one| one.pupil == row.id).map(words).unwrap_or_default(),
            }),
            fields: self
                .fields
                .iter()
                .map(|field| {
                    let option = |which: &'static str, at: usize| {
                        (which, format!("{} ({which} record)", field.of(&self.details[at])))
                    };
                    Choice {
                        id: format!("field.{}", field.as_str()),
                        label: field.label(),
                        options: vec![option("first", 0), option("second", 1)],
                    }
                })
                .collect(),
            hindrances: match &self.hindrances {
                // The same whichever stays.
                [Some(first), Some(second)] if first == second => vec![format!("{}.", hindrance(first))],
                [first, second] => {
                    [("Keeping the first record", first), ("Keeping the second record", second)]
                        .into_iter()
                        .filter_map(|(what, word)| Some(format!("{what}: {}.", hindrance(word.as_deref()?))))
                        .collect()
                }
            },
            possible: self.hindrances.iter().any(Option::is_none),
        }
    }
}

/// "1 open case, 2 contacts"
fn words(of: &Hanging) -> String {
    let counted = |n: i64, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let all: Vec<_> = [
        counted(of.open_cases, "open case", "open cases"),
        counted(of.closed_cases, "closed case", "closed cases"),
        counted(of.exclusions, "suspension or exclusion", "suspensions and exclusions"),
        counted(of.incidents, "incident", "incidents"),
        counted(of.contacts, "person to contact", "people to contact"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if all.is_empty() { "nothing else".to_owned() } else { all.join(", ") }
}

/// A field in which the two differ.
struct Choice {
    id: String,
    label: &'static str,
    options: Vec<(&'static str, String)>,
}

struct Record {
    title: &'static str,
    href: String,
    name: String,
    added: String,
    hanging: String,
}

#[derive(Template)]
#[template(path = "pupils/merge.html")]
struct MergePage {
    chrome: Chrome,
    form: Form,
    name: String,
    back: String,
    action: String,
    versions: [i32; 2],
    records: [Record; 2],
    fields: Vec<Choice>,
    hindrances: Vec<String>,
    possible: bool,
}

pub async fn show(Path((id, other)): Path<(PupilId, PupilId)>, mut visit: Visit) -> Result<Response, Error> {
    let row = pupil(visit.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(row.school)?;
    let chrome = visit.chrome();
    // A record and itself: choose another.
    if id == other {
        let (page, trace) = choosing(&mut visit.tx, &row, chrome).await?;
        return visit.show(trace, &page).await;
    }
    let pair = Pair::of(&mut visit.tx, row, other).await?;
    let page = pair.page(chrome, pair.begun());
    visit.show(pair.trace(), &page).await
}

pub async fn merge(
    Path((id, other)): Path<(PupilId, PupilId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let row = pupil(posted.tx.conn(), id).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(row.school)?;
    if id == other {
        return Err(Error::BadRequest("It names one record twice."));
    }
    let pair = Pair::of(&mut posted.tx, row, other).await?;
    let stays = posted.form.choice(
        "stays",
        |typed| ["first", "second"].iter().position(|one| *one == typed),
        "Select which record stays",
    );
    if let Some(word) = stays.and_then(|stays| pair.hindrances[stays].as_deref()) {
        posted.form.fail("stays", hindrance(word));
    }
    let stays = stays.unwrap_or(0);
    let taken = taken(&mut posted.form, &pair, stays);
    let why = posted.form.paragraph("why", "Why these are one pupil", MAX_WHY);
    let versions =
        ["version_first", "version_second"].map(|field| posted.form.value(field).parse::<i32>().ok());
    let read = [Some(pair.rows[0].version), Some(pair.rows[1].version)];
    if versions != read {
        posted.form.fail("stays", hindrance("version"));
    }
    let (false, Some(why)) = (posted.needs_another_look(), why) else {
        let page = pair.page(posted.chrome(), posted.form.clone());
        return posted.again(&page).await;
    };
    let (keep, gone) = (&pair.rows[stays], &pair.rows[1 - stays]);
    let (kept, given_up) = (&pair.details[stays], &pair.details[1 - stays]);
    let trail: Vec<Value> = pair
        .fields
        .iter()
        .map(|field| {
            json!({ "field": field.as_str(), "kept": field.of(kept), "given_up": field.of(given_up),
                    "from": if taken.contains(field) { "given_up" } else { "kept" } })
        })
        .collect();
    let new = NewMerge {
        id: Uuid::now_v7(),
        keep: keep.id,
        gone: gone.id,
        gone_version: gone.version,
        why: &why,
        taken: &Value::from(trail),
        today,
    };
    let mut refused = queries::merge(posted.tx.conn(), &permit, &new, now).await?;
    if refused.is_none() {
        let after = merged(kept, given_up, &taken);
        match change(posted.tx.conn(), &permit, keep.id, keep.version, &after, now).await {
            Ok(true) => {}
            Ok(false) | Err(DbError::Constraint { .. }) => refused = Some("version".to_owned()),
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(word) = refused {
        posted.form.fail("stays", hindrance(&word));
        let page = pair.page(posted.chrome(), posted.form.clone());
        return posted.again(&page).await;
    }
    let trace = Trace { subject: Some(keep.id.uuid()), changed: &["merge", "pupil"], ..pair.trace() };
    let location = urls::pupil(keep.id);
    posted.done(trace, &location, Some(Flash::PupilsMerged)).await
}

/// The fields to take over from the record that is given up.
fn taken(form: &mut Form, pair: &Pair, stays: usize) -> Vec<Field> {
    let mut taken = Vec::new();
    for field in &pair.fields {
        let name = format!("field.{}", field.as_str());
        let chosen = form.choice(
            &name,
            |typed| ["first", "second"].iter().position(|one| *one == typed),
            &format!("Select the {} that is right", field.label()),
        );
        if chosen.is_some_and(|chosen| chosen != stays) {
            taken.push(*field);
        }
    }
    taken
}

/// What the pupil's page says of a record given up for this one.
pub fn told(row: &MergeRow) -> Vec<String> {
    let at = london(row.made_at);
    let mut lines = vec![format!(
        "{} made it one with another record on {} at {}, because: {}",
        row.made_by,
        dates::long(at.date()),
        dates::time_of_day(at.time()),
        row.why
    )];
    for one in row.taken.as_array().into_iter().flatten() {
        let words = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let label =
            Field::ALL.into_iter().find(|field| field.as_str() == one["field"]).map_or("", Field::label);
        let (right, wrong) = if one["from"] == "given_up" {
            (words("given_up"), words("kept"))
        } else {
            (words("kept"), words("given_up"))
        };
        let whose = if one["from"] == "given_up" { "of the other record" } else { "of this record" };
        lines.push(format!("{label}: “{right}” {whose} was kept, “{wrong}” was not"));
    }
    let moved: Vec<_> = [
        ("cases", "case", "cases"),
        ("incidents", "incident", "incidents"),
        ("contacts", "person to contact", "people to contact"),
    ]
    .into_iter()
    .filter_map(|(key, one, many)| match row.moved[key].as_i64() {
        None | Some(0) => None,
        Some(1) => Some(format!("1 {one}")),
        Some(n) => Some(format!("{n} {many}")),
    })
    .collect();
    if !moved.is_empty() {
        lines.push(format!("Came over from the other record: {}", moved.join(", ")));
    }
    lines
}
