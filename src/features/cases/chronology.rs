//! Everything that happened in a case, newest first, by kind and by person.

use std::fmt::Write as _;

use askama::Template;
use axum::response::Response;
use axum_extra::extract::Query;
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    happenings::{self, Happening, Held},
    timeline::{Entry, Kind},
};
use crate::{
    db::{ScopedTx, case::CaseOf},
    domain::{
        ids::{CaseId, SchoolId, UserId},
        people::Role,
        permission::Capability,
        text,
    },
    web::{
        case::Identity,
        error::Error,
        extract::{Id, Visit},
        page::Chrome,
        urls,
    },
};

/// Entries of a page.
const PAGE: usize = 50;
/// Happenings read at a time: more than almost any case comes to, so that one reading answers.
const READ: i64 = 2_000;

#[derive(Template)]
#[template(path = "cases/timeline.html")]
struct TimelinePage {
    chrome: Chrome,
    identity: Identity,
    entries: Vec<Entry>,
    more: Option<String>,
    first: Option<String>,
    action: String,
    export: Option<String>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    people: Vec<(String, String, bool)>,
    /// What the list is narrowed to: words, and the address without it.
    narrowed: Vec<(String, String)>,
}

/// What the address says: where the page begins, and what it is narrowed to.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<String>,
    #[serde(default)]
    pub(super) kind: Vec<String>,
    pub(super) by: Option<String>,
}

/// What the list is narrowed to.
#[derive(Clone)]
pub(super) struct Narrowed {
    kinds: Vec<Kind>,
    by: Option<UserId>,
}

impl Narrowed {
    /// From what an address or a form says.
    pub(super) fn of(kinds: &[impl AsRef<str>], by: Option<&str>) -> Result<Self, Error> {
        let chosen = |kind: &Kind| kinds.iter().any(|code| code.as_ref() == kind.code());
        let by = by.filter(|by| !by.is_empty()).map(str::parse).transpose().map_err(|_| Error::NotFound)?;
        Ok(Self { kinds: Kind::ALL.iter().copied().filter(chosen).collect(), by })
    }

    /// As a form says it.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let kinds = self.kinds.iter().map(|kind| ("kind", kind.code().to_owned()));
        kinds.chain(self.by.map(|by| ("by", by.to_string()))).collect()
    }

    fn lets(&self, entry: &Entry) -> bool {
        let kind = self.kinds.is_empty() || entry.kind.is_some_and(|kind| self.kinds.contains(&kind));
        kind && self.by.is_none_or(|by| by == entry.by_id)
    }

    /// The address of the list so narrowed.
    pub(super) fn href(&self, case: CaseId, before: Option<OffsetDateTime>) -> String {
        self.href_of(&urls::timeline(case), before)
    }

    /// The same at another address.
    fn href_of(&self, path: &str, before: Option<OffsetDateTime>) -> String {
        let mut href = path.to_owned();
        let mut sign = '?';
        let mut add = |name: &str, value: &str| {
            let _ = write!(href, "{sign}{name}={value}");
            sign = '&';
        };
        for kind in &self.kinds {
            add("kind", kind.code());
        }
        if let Some(by) = self.by {
            add("by", &by.to_string());
        }
        if let Some(at) = before.and_then(|at| at.format(&Rfc3339).ok()) {
            add("before", &at.replace('+', "%2B"));
        }
        href
    }

    fn without_kind(&self, kind: Kind) -> Self {
        Self { kinds: self.kinds.iter().copied().filter(|one| *one != kind).collect(), by: self.by }
    }
}

/// For those who see the whole case: nothing of it is kept from them, so nothing is said to be. Whom the case is only
/// shared with has no timeline.
pub async fn index(
    Id(id): Id<CaseId>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let head = visit.case(id, Capability::SeeWholeCase).await?;
    let before = asked
        .before
        .map(|text| OffsetDateTime::parse(&text, &Rfc3339))
        .transpose()
        .map_err(|_| Error::NotFound)?;
    let narrowed = Narrowed::of(&asked.kind, asked.by.as_deref())?;
    let (rows, all_read) = read(&mut visit, id, head.school, before).await?;
    let seen: Vec<Entry> = rows.into_iter().map(Entry::of).collect();
    let mut people: Vec<(String, UserId)> =
        seen.iter().map(|entry| (entry.by.clone(), entry.by_id)).collect();
    people.sort();
    people.dedup();
    let oldest = seen.last().map(|entry| entry.at);
    let mut entries: Vec<Entry> = seen
        .into_iter()
        .filter(|entry| before.is_none_or(|before| entry.at < before) && narrowed.lets(entry))
        .collect();
    let more = end_between_instants(&mut entries).or(if all_read { None } else { oldest });
    let ids: Vec<UserId> = people.iter().map(|(_, id)| *id).collect();
    say_roles(&mut visit.tx, head.school, &ids, &mut entries).await?;
    let page = TimelinePage {
        chrome: visit.chrome(),
        identity: Identity::of(&head, visit.actor(), today, "Timeline"),
        more: more.map(|at| narrowed.href(id, Some(at))),
        first: before.map(|_| narrowed.href(id, None)),
        action: urls::timeline(id),
        export: visit
            .actor()
            .may_at(Capability::ExportCases, head.school)
            .then(|| narrowed.href_of(&urls::export_timeline(id), None)),
        kinds: Kind::ALL
            .iter()
            .map(|kind| (kind.code(), kind.label(), narrowed.kinds.contains(kind)))
            .collect(),
        narrowed: tags(&narrowed, id, &people),
        people: people
            .into_iter()
            .map(|(name, id)| (id.to_string(), name, narrowed.by == Some(id)))
            .collect(),
        entries,
    };
    let trace = head.trace(&[]);
    visit.show(trace, &page).await
}

/// Everything of a case that fits, the newest first, each with who wrote it and as what.
pub(super) async fn all(
    tx: &mut ScopedTx,
    of: &CaseOf,
    narrowed: &Narrowed,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = happenings::latest(tx.conn(), of.id, of.school, None, limit).await?;
    let mut entries: Vec<_> = rows.into_iter().map(Entry::of).filter(|entry| narrowed.lets(entry)).collect();
    let mut people: Vec<UserId> = entries.iter().map(|entry| entry.by_id).collect();
    people.sort_unstable();
    people.dedup();
    say_roles(tx, of.school, &people, &mut entries).await?;
    Ok(entries)
}

/// Beside each name, what they were on that day.
async fn say_roles(
    tx: &mut ScopedTx,
    school: SchoolId,
    people: &[UserId],
    entries: &mut [Entry],
) -> Result<(), Error> {
    let roles = happenings::held(tx.conn(), school, people).await?;
    for entry in entries {
        if let Some(role) = role(&roles, entry) {
            entry.by = format!("{}, {}", entry.by, text::within(role.label()));
        }
    }
    Ok(())
}

/// The newest happenings, and whether they are all there are; for a page that begins among older ones than these, those
/// before it.
async fn read(
    visit: &mut Visit,
    id: CaseId,
    school: SchoolId,
    before: Option<OffsetDateTime>,
) -> Result<(Vec<Happening>, bool), Error> {
    let rows = happenings::latest(visit.tx.conn(), id, school, None, READ).await?;
    let (rows, all) = between_instants(rows);
    match (before, rows.last()) {
        (Some(before), Some(oldest)) if !all && before <= oldest.at => {
            Ok(between_instants(happenings::latest(visit.tx.conn(), id, school, Some(before), READ).await?))
        }
        _ => Ok((rows, all)),
    }
}

/// What was read, without the last instant when there may be more of it, and whether it is all: the next page asks for
/// what is before the last instant here, and has that one whole. A reading of one instant stays as it is.
fn between_instants(mut rows: Vec<Happening>) -> (Vec<Happening>, bool) {
    let all = rows.len() < usize::try_from(READ).unwrap_or(usize::MAX);
    if let Some(last) = rows.last().filter(|_| !all).map(|row| row.at) {
        let whole = rows.partition_point(|row| row.at > last);
        rows.truncate(if whole > 0 { whole } else { rows.len() });
    }
    (rows, all)
}

/// Ends the page, when there is more, where the next begins: before the last entry's instant. What shares an instant
/// stays together; a page of one instant stays whole.
fn end_between_instants(entries: &mut Vec<Entry>) -> Option<OffsetDateTime> {
    let beyond = entries.get(PAGE)?.at;
    let keep = match entries.iter().position(|entry| entry.at == beyond) {
        Some(first) if first > 0 => first,
        _ => entries.iter().take_while(|entry| entry.at == beyond).count(),
    };
    let more = entries.len() > keep;
    entries.truncate(keep);
    entries.last().filter(|_| more).map(|last| last.at)
}

/// What somebody was for the school on the day of an entry.
fn role(held: &[Held], entry: &Entry) -> Option<Role> {
    [
        Role::Headteacher,
        Role::HeadDelegate,
        Role::SchoolLead,
        Role::Staff,
        Role::LaRepresentative,
        Role::SupportService,
        Role::PanelMember,
        Role::LaAdministrator,
    ]
    .into_iter()
    .find(|role| held.iter().any(|of| of.user == entry.by_id && of.on(entry.on_date) == Some(*role)))
}

fn tags(narrowed: &Narrowed, case: CaseId, people: &[(String, UserId)]) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = narrowed
        .kinds
        .iter()
        .map(|kind| (kind.label().to_owned(), narrowed.without_kind(*kind).href(case, None)))
        .collect();
    if let Some(by) = narrowed.by {
        let name = people.iter().find(|(_, id)| *id == by).map_or("somebody else", |(name, _)| name);
        tags.push((format!("by {name}"), Narrowed { by: None, ..narrowed.clone() }.href(case, None)));
    }
    tags
}
