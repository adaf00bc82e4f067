//! What the pages about people show.

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::queries::{HeldRow, LinkRow, PersonRow};
use crate::{
    db::ScopedTx,
    domain::{
        dates,
        ids::{SchoolId, UserId},
        managing::{Hindrance, Manager},
        people::{Grant, Role},
        permission::{Capability, Over},
    },
    state::london,
    web::{error::Error, urls},
};

/// Somebody as whoever looks after them has them before them.
pub struct Looked {
    pub over: Over,
    pub manager: UserId,
    pub person: PersonRow,
    pub held: Vec<HeldRow>,
    pub today: Date,
}

impl Looked {
    /// Loads somebody within reach; anybody else is not there.
    pub async fn at(tx: &mut ScopedTx, id: UserId) -> Result<Self, Error> {
        let (over, manager, today) = (tx.actor().over(Capability::ManagePeople), tx.actor().user, tx.today());
        let person = super::queries::person(tx.conn(), &over, id).await?.ok_or(Error::NotFound)?;
        let held = super::queries::roles(tx.conn(), &[id], today).await?;
        Ok(Self { over, manager, person, held, today })
    }

    /// Who looks after them.
    pub fn manager(&self) -> Manager<'_> {
        Manager { user: self.manager, over: &self.over, today: self.today }
    }

    /// Their roles.
    pub fn grants(&self) -> Vec<Grant> {
        self.held.iter().map(|held| held.grant.clone()).collect()
    }

    /// Whether their account is to be changed by this manager.
    pub fn account(&self) -> Result<(), Hindrance> {
        self.manager().account(self.person.id, &self.grants())
    }

    /// The school of which to speak in the audit trail: a headteacher's own.
    pub fn school(&self) -> Option<SchoolId> {
        let own = self.over.schools()?;
        own.iter().copied().find(|school| self.held.iter().any(|held| held.grant.school == Some(*school)))
    }
}

/// "School lead, Greenfield School"
pub fn role_words(grant: &Grant) -> String {
    match &grant.school_name {
        Some(school) => format!("{}, {school}", grant.role.label()),
        None if grant.role == Role::LaRepresentative => format!("{}, every school", grant.role.label()),
        None => grant.role.label().to_owned(),
    }
}

/// "since 1 September 2026", "2 to 20 November 2026", "until ...", "never began"
pub fn days_words(grant: &Grant, today: Date) -> String {
    match grant.to_on {
        Some(to) if to < grant.from_on => "taken back before it began".to_owned(),
        Some(to) if to < today => format!("{}, over", dates::range(grant.from_on, to)),
        Some(to) => dates::range(grant.from_on, to),
        None if grant.from_on > today => format!("from {}", dates::long(grant.from_on)),
        None => format!("since {}", dates::long(grant.from_on)),
    }
}

/// "24 November 2026 at 11:45am"
pub fn instant(at: OffsetDateTime) -> String {
    let at = london(at);
    format!("{} at {}", dates::long(at.date()), dates::time_of_day(at.time()))
}

/// When they signed in last.
pub fn last_signed_in(at: Option<OffsetDateTime>) -> String {
    at.map_or_else(|| "Never".to_owned(), |at| dates::long(london(at).date()))
}

/// What became of the latest link.
pub fn link_words(link: &LinkRow, now: OffsetDateTime) -> String {
    let made = format!("Made on {}", instant(link.made_at));
    if let Some(used) = link.used_at {
        format!("{made}. Used on {}", instant(used))
    } else if link.ended_at.is_some() {
        format!("{made}. It was ended unused")
    } else if link.ends_at <= now {
        format!("{made}. Its three days passed unused")
    } else {
        format!("{made}. It works once until {}", instant(link.ends_at))
    }
}

/// A line of the list.
pub struct Line {
    pub href: String,
    pub name: String,
    pub email: String,
    pub roles: Vec<String>,
    pub last: String,
    pub disabled: bool,
}

/// The lines of a list: people with their roles that are not over (all of them for somebody who has no other), and
/// when they signed in last.
pub fn lines(
    people: &[PersonRow],
    roles: &[HeldRow],
    last: &[(UserId, OffsetDateTime)],
    today: Date,
) -> Vec<Line> {
    people
        .iter()
        .map(|person| {
            let words =
                |held: &HeldRow| format!("{}, {}", role_words(&held.grant), days_words(&held.grant, today));
            let theirs = || roles.iter().filter(|held| held.user == person.id);
            let mut shown: Vec<_> = theirs().filter(|held| !held.grant.over_by(today)).map(words).collect();
            if shown.is_empty() {
                shown = theirs().map(words).collect();
            }
            Line {
                href: urls::person(person.id),
                name: person.name.clone(),
                email: person.email.clone(),
                roles: shown,
                last: last_signed_in(last.iter().find(|(id, _)| *id == person.id).map(|(_, at)| *at)),
                disabled: person.disabled_at.is_some(),
            }
        })
        .collect()
}

/// A role on the person's page.
pub struct RoleLine {
    pub words: String,
    pub days: String,
    pub over: bool,
    /// Where it is ended, by somebody who may.
    pub end: Option<String>,
}

/// Their roles, with those that this manager may end.
pub fn role_lines(looked: &Looked) -> Vec<RoleLine> {
    looked
        .held
        .iter()
        .map(|held| RoleLine {
            words: role_words(&held.grant),
            days: days_words(&held.grant, looked.today),
            over: held.grant.over_by(looked.today),
            end: looked
                .manager()
                .end(looked.person.id, &held.grant)
                .is_ok()
                .then(|| urls::end_role(looked.person.id, held.id)),
        })
        .collect()
}

/// Somebody's role by its id.
pub fn held(looked: &Looked, role: Uuid) -> Result<(usize, &HeldRow), Error> {
    looked.held.iter().enumerate().find(|(_, held)| held.id == role).ok_or(Error::NotFound)
}

/// "1 open case", "12 open cases"
pub fn cases(count: i64) -> String {
    if count == 1 { "1 open case".to_owned() } else { format!("{count} open cases") }
}
